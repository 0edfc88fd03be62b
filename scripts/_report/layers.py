"""A chart of rows, and charts one over another on the same axes."""

import altair as alt

from scripts._report.style import HEIGHT
from scripts._report.thin import Row


def of(values: list[Row]) -> alt.Chart:
    """A chart that carries these rows, whoever draws it."""
    return alt.Chart(alt.InlineData(values=values))


def over(*charts: alt.Chart | alt.LayerChart, told: str, height: int = HEIGHT) -> alt.LayerChart:
    """The first lies lowest. `told` says what is seen, to those who do not see it too."""
    return alt.LayerChart(layer=list(charts)).properties(height=height, description=told)
