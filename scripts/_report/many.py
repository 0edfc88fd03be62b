"""Many paths: quantiles of what became of 1,000 dollars, and the chance of losing much of it."""

from collections.abc import Sequence

import numpy as np

from scripts._paper.closed import YEAR, beta_slippage
from scripts._paper.figures import QUANTILES, lost
from scripts._paper.told import Outcomes
from scripts._report import histogram, scatter
from scripts._report.amounts import by_token, ours
from scripts._report.section import CENT, Chart, Figure, Section, Table, dollars, log, percent
from scripts._report.style import levered, named

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
    "nothing. Dots below it also paid costs, or were rebalanced late; dots above it were paid, or "
    "were rebalanced late in a trend. What became less than a dollar is drawn at one. The mean is "
    "made by a few paths that became much; half of all became no more than the median."
)


def charts(many: Outcomes) -> list[Chart]:
    """All of one token."""
    return [histogram.chart(many), scatter.by_volatility(many), scatter.by_trend(many)]


def section(outcomes: Sequence[Outcomes]) -> Section:
    """Our tokens in charts, all of them in tables."""
    columns = [charts(many) for many in ours(outcomes)]
    figures = [
        Figure(str(chart.description), chart) for row in zip(*columns, strict=True) for chart in row
    ]
    tables = [_table(token, group) for token, group in by_token(outcomes).items()]
    sentences = [*(_told(many) for many in ours(outcomes)), EXPLAINED]
    return Section("paths", "On many paths", sentences, figures, tables)


def _table(token: str, group: list[Outcomes]) -> Table:
    caption = (
        f"{token}, {levered(group[0].target)}, held for {time(group[0].years)}: in so many of 100 "
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
    liquidated = "none was liquidated"
    if gone:
        left = max(CENT / 1000, float(many.nav[many.liquidations > 0].max()))
        liquidated = (
            f"{percent(gone, 2, sign=False)} were liquidated, none of which had more than "
            f"{dollars(left)} left at the end"
        )
    median = dollars(float(np.median(many.nav)))
    return (
        f"{named(many.issuer)} {many.token}, held for {time(many.years)}: on half of "
        f"{len(many.nav):,} made-up paths 1,000 dollars became {median} or "
        f"less; {percent(_half(many), sign=False)} of all lost more than half, and {liquidated}. "
        f"{_beside(many)}"
    )


def _beside(many: Outcomes) -> str:
    """What was lost beside the trend, and what volatility alone would have taken."""
    drag = float(np.median(lost(many)))
    alone = float(np.median(beta_slippage(many.target, many.volatility, many.years)))
    return (
        f"Beside its trend, half of the paths took {log(drag, 2)} or more, in logs; volatility "
        f"alone would have taken {log(alone, 2)} by the closed form."
    )


def _half(many: Outcomes) -> float:
    return float((many.nav < 0.5).mean())


def _liquidated(many: Outcomes) -> float:
    return float((many.liquidations > 0).mean())


def time(years: float) -> str:
    """`a year` or `134 days`."""
    return "a year" if abs(years - 1) < 0.01 else f"{years * YEAR:.0f} days"
