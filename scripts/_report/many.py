"""Many paths: quantiles of what became of 1,000 dollars, and the chance of losing much of it."""

from collections.abc import Sequence

import numpy as np

from scripts._paper.closed import YEAR
from scripts._paper.told import Outcomes
from scripts._report import histogram, scatter
from scripts._report.amounts import by_token, ours
from scripts._report.section import Chart, Figure, Section, Table, dollars, percent
from scripts._report.style import levered, named

QUANTILES = (5, 25, 50, 75, 95)
HEADS = (
    "issuer",
    *(f"{quantile} %" for quantile in QUANTILES),
    "mean",
    "lost more than half",
    "liquidated",
    "paths",
)
EXPLAINED = (
    "Each dot is a path. The dashed line is the closed form exp(−L(L−1)σ²T/2): what volatility σ "
    "alone leaves, after the time T, of a token that is at its leverage L all the time and costs "
    "nothing. Dots below it also paid costs, or were rebalanced late. What became less than a "
    "dollar is drawn at one dollar."
)


def charts(many: Outcomes) -> list[Chart]:
    """All of one token."""
    return [histogram.chart(many), scatter.by_volatility(many), scatter.by_trend(many)]


def section(outcomes: Sequence[Outcomes]) -> Section:
    """Our tokens in charts, all of them in tables."""
    figures = [
        Figure(str(chart.description), chart) for many in ours(outcomes) for chart in charts(many)
    ]
    tables = [_table(token, group) for token, group in by_token(outcomes).items()]
    sentences = [*(_told(many) for many in ours(outcomes)), EXPLAINED]
    return Section("paths", "On many paths", sentences, figures, tables)


def _table(token: str, group: list[Outcomes]) -> Table:
    caption = (
        f"{token}, {levered(group[0].target)}, held for {_time(group[0].years)}: in so many of 100 "
        "paths 1,000 dollars became this or less"
    )
    return Table(caption, HEADS, [_figures(many) for many in group])


def _figures(many: Outcomes) -> tuple[str, ...]:
    return (
        named(many.issuer),
        *(dollars(float(worth)) for worth in np.percentile(many.nav, QUANTILES)),
        dollars(float(many.nav.mean())),
        percent(_half(many), sign=False),
        percent(_liquidated(many), 2, sign=False),
        f"{len(many.nav):,}",
    )


def _told(many: Outcomes) -> str:
    gone = _liquidated(many)
    liquidated = (
        f"{percent(gone, 2, sign=False)} were liquidated" if gone else "none was liquidated"
    )
    return (
        f"{named(many.issuer)} {many.token}, held for {_time(many.years)}: on half of "
        f"{len(many.nav):,} paths 1,000 dollars became {dollars(float(np.median(many.nav)))} or "
        f"less; {percent(_half(many), sign=False)} of all lost more than half, and {liquidated}."
    )


def _half(many: Outcomes) -> float:
    return float((many.nav < 0.5).mean())


def _liquidated(many: Outcomes) -> float:
    return float((many.liquidations > 0).mean())


def _time(years: float) -> str:
    return "a year" if abs(years - 1) < 0.01 else f"{years * YEAR:.0f} days"
