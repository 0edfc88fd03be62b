"""A part of the report: plain sentences, charts and tables, before anything is rendered."""

from dataclasses import dataclass, field

import altair as alt

Chart = alt.Chart | alt.LayerChart


@dataclass(frozen=True)
class Figure:
    """A chart and what it is of. Its title stands outside, so that it can wrap."""

    caption: str
    chart: Chart


@dataclass(frozen=True)
class Table:
    """Figures in rows, already written; the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class Section:
    """Its sentences come first, then charts, then tables."""

    anchor: str
    heading: str
    sentences: list[str]
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def percent(part: float, digits: int = 1, sign: bool = True) -> str:
    """`+12.3 %`; what has no end is `—`."""
    if abs(part) == float("inf") or part != part:
        return "—"
    text = f"{100 * part:{'+' if sign else ''},.{digits}f} %"
    return text.replace("-", "−")


def dollars(worth: float) -> str:
    """What 1,000 dollars became, where 1 became `worth`."""
    return f"{1000 * worth:,.0f}"
