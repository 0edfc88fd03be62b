# pragma version 0.4.3
"""
@title   Premium curves
@notice  The taker's edge over the oracle price, in signed WAD, for each of the two lanes.
@dev     Nothing is stored: one is a line in time, the other a line in leverage.
"""
from . import fixed_point as fp

BONUS_SHARE: constant(uint256) = 9 * 10**17  # of the venue's bonus, that filling pays at the most
NEAR: constant(uint256) = 95 * 10**16  # of the liquidation LTV


@pure
@internal
def _scheduled(elapsed: uint256, start: int256, end: int256, ramp: uint256) -> int256:
    """
                           min(elapsed, ramp)
    premium  =  start  +  -------------------- * (end - start)
                                  ramp
    """
    rise: uint256 = min(elapsed, ramp) * convert(end - start, uint256) // ramp
    return start + convert(rise, int256)


@pure
@internal
def _emergency(
    leverage: uint256, trigger: uint256, liquidation: uint256, lowest: uint256, highest: uint256
) -> int256:
    """
    @dev `trigger` < `liquidation` and `lowest` <= `highest`; `leverage` is at least `trigger`.

                               leverage - trigger
        premium  =  lowest  +  ----------------------- * (highest - lowest),   at most highest
                               liquidation - trigger
    """
    if leverage >= liquidation:
        return convert(highest, int256)
    rise: uint256 = (leverage - trigger) * (highest - lowest) // (liquidation - trigger)
    return convert(lowest + rise, int256)


@pure
@internal
def _highest(lowest: uint256, bonus: uint256) -> uint256:
    # filling always beats waiting to liquidate, yet costs holders less than a liquidation
    return max(lowest, fp._mul_div_down(bonus, BONUS_SHARE, fp.WAD))


@pure
@internal
def _liquidation_leverage(lltv: uint256, long: bool) -> uint256:
    """
               1
    g   =  ----------      leverage = g (long), g - 1 (short)
            1 - lltv
    """
    gearing: uint256 = fp.WAD * fp.WAD // (fp.WAD - lltv)
    return gearing if long else gearing - fp.WAD


@pure
@internal
def _near_liquidation(lltv: uint256, long: bool) -> uint256:
    # the leverage at which collateral that loses five percent of its worth is liquidated
    return self._liquidation_leverage(fp._mul_div_down(lltv, NEAR, fp.WAD), long)
