"""What to say about tokens, in few numbers: for tables, and for machines."""

from collections.abc import Sequence
from math import inf
from typing import Any

import numpy as np

from scripts._paper.closed import beta_slippage
from scripts._paper.issuer import YEAR
from scripts._paper.told import Costs, Numbers, Outcomes, Track

QUANTILES = (5, 25, 50, 75, 95)
MOST = 6  # digits of a percentage


def judge_track(track: Track) -> dict[str, Any]:
    """A token's figures on one path. Costs are logs; `drag` is all of them a year."""
    years = float(track.times[-1] - track.times[0]) / YEAR
    total = add(track.costs)
    return {
        "return": float(track.nav[-1]) - 1,
        "ideal": float(track.ideal[-1]) - 1,
        "margin": float(track.margin[-1]) - 1,
        "spot": float(track.price[-1] / track.price[0]) - 1,
        "drag": total.total / years if track.nav[-1] > 0 else None,
        "costs": total._asdict() | {"total": total.total},
        "drawdown": float(drawdown(track.nav).max()),
        "rebalances": len(track.rebalances),
        "emergencies": sum(it.emergency for it in track.rebalances),
        "liquidations": len(track.liquidations),
        "max_leverage": None if track.max_leverage == inf else track.max_leverage,
    }


def judge(found: Outcomes) -> dict[str, Any]:
    """A token's figures on many paths: means of returns, medians of what has no mean.

    `drag` is the median path's log of NAV a year that costs and beta slippage took; numbers of
    rebalances are a year's.
    """
    drag = float(np.median(lost(found) / found.years))
    return {
        "return": float(found.nav.mean()) - 1,
        "median": float(np.median(found.nav)) - 1,
        "ideal": float(found.ideal.mean()) - 1,
        "quantiles": {str(q): float(np.percentile(found.nav, q)) - 1 for q in QUANTILES},
        "drag": drag if np.isfinite(drag) else None,
        "closed_form": float(np.mean(beta_slippage(found.target, found.volatility, 1))),
        "drawdown": float(np.median(found.drawdown)),
        "rebalances": float(found.rebalances.mean()) / found.years,
        "emergencies": float(found.emergencies.mean()) / found.years,
        "liquidated": float((found.liquidations > 0).mean()),
        "lost_half": float((found.nav < 0.5).mean()),
    }


def lost(found: Outcomes) -> Numbers:
    """Log of NAV that costs and beta slippage took on each path; infinite where nothing is left."""
    with np.errstate(divide="ignore"):
        return found.target * found.trend - np.log(found.nav)


def drawdown(nav: Numbers) -> Numbers:
    """How far below its highest so far each row is, as a positive fraction."""
    return 1 - nav / np.maximum.accumulate(nav)


def add(costs: Sequence[Costs]) -> Costs:
    """Of several days, together."""
    return (
        Costs(*(sum(parts) for parts in zip(*costs, strict=True))) if costs else Costs(0, 0, 0, 0)
    )


def places(part: float, usual: int) -> int:
    """After the point of a percentage: more where what is not quite all would else read as all."""
    digits = usual
    while 0 < 1 - abs(part) < 0.005 * 10.0**-digits and digits < MOST:
        digits += 1
    return digits
