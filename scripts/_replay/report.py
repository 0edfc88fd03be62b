"""What came of it, in figures: as JSON, and as a table.

Returns are fractions. Costs are logs of NAV: the log return of NAV is the target times that of the
price, less the total.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from scripts._model.token import Lane
from scripts._paper.figures import add
from scripts._prices.bars import Prices
from scripts._replay.live import Lived

DAY = 86_400
NAMES = {"funding": "funding", "management": "management", "premium": "premium"} | {
    "beta_slippage": "beta slippage",
    "total": "total",
}
HEADER = (
    f"  {'token':5}  {'return':>9}  {'ideal':>9}  {'margin':>9}  {'daily':>5}  {'emergency':>9}"
    f"  {'liquidated':>10}  {'max leverage':>12}"
)
COSTS = f"  {'':5}" + "".join(f"  {name:>13}" for name in NAMES.values())


def report(prices: Prices, lives: Sequence[Lived], seconds: float) -> dict[str, Any]:
    """The figures of all tokens, ready for JSON; None where nothing is left to count."""
    bars = prices.bars
    length = bars[-1].time + prices.step - bars[0].time
    fills = [fill.lane for lived in lives for fill in lived.life.fills]
    return {
        "prices": prices.source,
        "days": round(length / DAY, 2) if length % DAY else length // DAY,
        "bars": len(bars),
        "gaps": len(prices.gaps),
        "rebalances": {
            "daily": fills.count(Lane.SCHEDULED),
            "emergency": fills.count(Lane.EMERGENCY),
        },
        "liquidations": sum(len(lived.life.liquidations) for lived in lives),
        "tokens": {lived.track.token: _token(lived) for lived in lives},
        "model_mismatch_wei": max(lived.mismatch for lived in lives),
        "seconds": round(seconds, 1),
    }


def _token(lived: Lived) -> dict[str, Any]:
    track = lived.track
    costs = add(track.costs)
    lanes = [fill.lane for fill in lived.life.fills]
    return {
        "return": float(track.nav[-1]) - 1,
        "ideal": float(track.ideal[-1]) - 1,
        "margin": float(track.margin[-1]) - 1,
        "costs": {
            name: _finite(cost) for name, cost in {**costs._asdict(), "total": costs.total}.items()
        },
        "max_leverage": _finite(track.max_leverage),
        "rebalances": {
            "daily": lanes.count(Lane.SCHEDULED),
            "emergency": lanes.count(Lane.EMERGENCY),
        },
        "liquidations": len(track.liquidations),
        "keeper_usd": round(sum(lived.earned), 2),
    }


def _finite(number: float) -> float | None:
    return float(number) if isfinite(number) else None


def lines(told: dict[str, Any]) -> list[str]:
    """The table: a line for each token, and one for its costs."""
    tokens = told["tokens"].items()
    return [
        HEADER,
        *(_line(name, token) for name, token in tokens),
        COSTS,
        *(_costs(name, token["costs"]) for name, token in tokens),
    ]


def _line(name: str, token: dict[str, Any]) -> str:
    returns = "".join(f"  {100 * token[key]:>+8.2f}%" for key in ("return", "ideal", "margin"))
    most = "no NAV" if token["max_leverage"] is None else f"{token['max_leverage']:.2f}x"
    done = token["rebalances"]
    return (
        f"  {name:5}{returns}  {done['daily']:>5}  {done['emergency']:>9}"
        f"  {token['liquidations']:>10}  {most:>12}"
    )


def _costs(name: str, costs: dict[str, float | None]) -> str:
    found = (costs[key] for key in NAMES)
    return f"  {name:5}" + "".join(
        f"  {'all':>13}" if cost is None else f"  {cost:>+13.4f}" for cost in found
    )
