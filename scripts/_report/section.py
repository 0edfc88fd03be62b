"""A part of the report: plain sentences, charts and tables, before anything is rendered."""

from dataclasses import dataclass, field
from math import isfinite, isinf

import altair as alt

from scripts._paper.figures import places

Chart = alt.Chart | alt.LayerChart
TIMES = ("never", "once", "twice")
ENDLESS = "∞"
CENT = 0.01


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
    """`+12.3 %`, and `−99.97 %` of what is not quite all; what has no end is `—`."""
    if not isfinite(part):
        return "—"
    return _minus(f"{100 * part:{'+' if sign else ''},.{places(part, digits)}f} %")


def dollars(worth: float) -> str:
    """What 1,000 dollars became, where 1 became `worth`; with cents where few are left."""
    left = 1000 * worth
    if 0 < left < CENT / 2:
        return f"<{CENT}"
    return f"{left:,.0f}" if left >= 10 or not left else f"{left:.2f}"


def log(amount: float, digits: int = 3, sign: bool = False) -> str:
    """A logarithm; `∞` of what has no end."""
    plus = "+" if sign else ""
    if isinf(amount):
        return ("−" if amount < 0 else plus) + ENDLESS
    amount = round(amount, digits) + 0.0  # not -0.000
    return _minus(f"{amount:{plus},.{digits}f}")


def times(count: int) -> str:
    """`never`, `once`, `twice`, `12 times`."""
    return TIMES[count] if count < len(TIMES) else f"{count:,} times"


def _minus(text: str) -> str:
    return text.replace("-", "−")
