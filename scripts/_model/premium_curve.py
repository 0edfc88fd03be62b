"""Twin of modules/premium_curve.vy: the taker's edge over the oracle price, in signed WAD."""

from scripts._model.fixed_point import WAD, mul_div_down

BONUS_SHARE = 9 * 10**17  # of the venue's bonus, that filling pays at the most
NEAR = 95 * 10**16  # of the liquidation LTV


def scheduled(elapsed: int, start: int, end: int, ramp: int) -> int:
    """A line in time: `start` at the opening, `end` from `ramp` seconds after it."""
    return start + min(elapsed, ramp) * (end - start) // ramp


def emergency(leverage: int, trigger: int, liquidation: int, lowest: int, highest: int) -> int:
    """A line in leverage: `lowest` at `trigger`, `highest` from `liquidation`. All are WAD."""
    if leverage >= liquidation:
        return highest
    return lowest + (leverage - trigger) * (highest - lowest) // (liquidation - trigger)


def highest(lowest: int, bonus: int) -> int:
    """The emergency premium where the venue, which pays liquidators `bonus`, would liquidate."""
    return max(lowest, mul_div_down(bonus, BONUS_SHARE, WAD))


def liquidation_leverage(lltv: int, long: bool) -> int:
    """The leverage at which the loan-to-value is `lltv`, rounded down."""
    geared = WAD * WAD // (WAD - lltv)
    return geared if long else geared - WAD


def near_liquidation(lltv: int, long: bool) -> int:
    """The leverage at which collateral that loses five percent of its worth is liquidated."""
    return liquidation_leverage(mul_div_down(lltv, NEAR, WAD), long)
