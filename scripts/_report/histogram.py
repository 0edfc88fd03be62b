"""How outcomes of many paths are spread: bars of equal parts, the median and the start marked."""

from collections.abc import Callable
from math import ceil, floor, log10

import altair as alt
import numpy as np

from scripts._paper.told import Outcomes
from scripts._report.layers import of, over
from scripts._report.lines import CEILING, FLOOR, log_money
from scripts._report.style import INK, colour_of, named
from scripts._report.thin import rows

BARS = 48


def chart(many: Outcomes) -> alt.LayerChart:
    """What 1,000 dollars became: the part of all paths in each bar."""
    worth = np.clip(1000 * many.nav, FLOOR, CEILING)
    low, high = _rounded(float(worth.min()), floor), _rounded(float(worth.max()), ceil)
    edges = np.geomspace(low, max(high, 1.1 * low), BARS + 1)
    scale, axis = log_money(edges)
    counts, _ = np.histogram(worth, edges)
    data = {"from": edges[:-1], "to": edges[1:], "part": counts / len(worth)}
    data |= {"none": np.zeros(BARS), "paths": counts.astype(float)}
    bars = (
        of(rows(data))
        .mark_rect(color=colour_of(many.token), opacity=0.75)
        .encode(
            alt.X("from:Q", scale=scale, axis=axis),
            alt.X2("to:Q"),
            alt.Y("none:Q", axis=alt.Axis(title="part of all paths", format=".2~%")),
            alt.Y2("part:Q"),
            tooltip=[
                alt.Tooltip("from:Q", title="from", format=",.0f"),
                alt.Tooltip("to:Q", title="to", format=",.0f"),
                alt.Tooltip("paths:Q", title="paths", format=",.0f"),
                alt.Tooltip("part:Q", title="of all", format=".2%"),
            ],
        )
    )
    names = ["what was paid in", "median"]
    marked = {"at": [1000.0, float(np.median(worth))], "what": names}
    rules = (
        of(rows(marked))
        .mark_rule(color=INK, strokeWidth=1.5, clip=True)
        .encode(
            alt.X("at:Q", scale=scale),
            alt.StrokeDash(
                "what:N",
                scale=alt.Scale(domain=names, range=[[1, 0], [4, 3]]),
                legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=300),
            ),
            tooltip=[
                alt.Tooltip("what:N", title="what"),
                alt.Tooltip("at:Q", title="dollars", format=",.0f"),
            ],
        )
    )
    return over(bars, rules, told=caption(many))


def caption(many: Outcomes) -> str:
    """What the chart is of."""
    return (
        f"{named(many.issuer)} {many.token}: what 1,000 dollars became on {len(many.nav):,} paths"
    )


def _rounded(worth: float, rounded: Callable[[float], int]) -> float:
    """To one digit, up or down."""
    unit = 10.0 ** floor(log10(worth))
    return float(rounded(worth / unit) * unit)
