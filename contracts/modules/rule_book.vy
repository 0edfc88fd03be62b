# pragma version 0.4.3
"""
@title   Rule book
@notice  Which rules make a safe token: one that is refused here cannot be created.
@dev     With L target, E emergency leverage, lambda the liquidation LTV:

                 long                                short
        ruin     1 - (L - 1) / (L * lambda)          lambda * (L + 1) / L - 1
        trigger  (E - L) / (L * (E - 1))             (E - L) / (L * (E + 1))

         are the moves of the price against the token, from target, at which the venue liquidates
         and at which the emergency lane opens. The first must be the larger by `MIN_DISTANCE`.
"""
from . import daily_schedule
from . import fixed_point as fp
from . import leverage_math
from . import premium_curve
from ..interfaces import ILeveragedToken

MAX_FEE: constant(uint256) = 10**16  # 1 % in, 1 % out
MAX_MANAGEMENT_FEE: constant(uint256) = 10**15  # 0.1 % a day
MAX_EMERGENCY: constant(uint256) = 100 * 10**18
MAX_BAND: constant(uint256) = 25 * 10**16
MAX_PREMIUM: constant(int256) = 5 * 10**16
MIN_DISTANCE: constant(uint256) = 5 * 10**16  # five points of price


@pure
@internal
def _check(rules: ILeveragedToken.Rules, lltv: uint256, bonus: uint256):
    """
    @notice Revert with the rule that is broken.
    """
    assert rules.mint_fee <= MAX_FEE, "rules: mint fee too high"
    assert rules.redeem_fee <= MAX_FEE, "rules: redeem fee too high"
    assert rules.management_fee <= MAX_MANAGEMENT_FEE, "rules: management fee too high"
    assert 0 < rules.window and rules.window <= daily_schedule.DAY, "rules: window out of bounds"
    assert 0 < rules.ramp and rules.ramp <= rules.window, "rules: ramp out of bounds"
    assert rules.premium_start >= -MAX_PREMIUM, "rules: premium start too low"
    assert rules.premium_end <= MAX_PREMIUM, "rules: premium end too high"
    assert rules.premium_start <= rules.premium_end, "rules: premium falls"
    assert 0 < rules.band and rules.band <= MAX_BAND, "rules: band out of bounds"

    assert rules.target <= MAX_EMERGENCY, "rules: target too high"
    lowest: uint256 = rules.target * (fp.WAD - rules.band) // fp.WAD
    assert lowest > (fp.WAD if rules.long else 0), "rules: target too low"
    highest: uint256 = fp._mul_div_up(rules.target, fp.WAD + rules.band, fp.WAD)
    assert rules.emergency <= MAX_EMERGENCY, "rules: emergency out of bounds"
    assert rules.emergency > highest, "rules: emergency inside the band"
    distance: int256 = self._distance(rules.target, rules.emergency, lltv, rules.long)
    assert distance >= convert(MIN_DISTANCE, int256), "rules: emergency too near ruin"

    # 1 - G * premium > 0: otherwise a fill could not reach target, and a donor could gain by one
    assert convert(rules.emergency_premium, int256) <= MAX_PREMIUM, "rules: emergency premium"
    steepest: uint256 = max(
        premium_curve._highest(rules.emergency_premium, bonus),
        convert(max(rules.premium_end, -rules.premium_start), uint256),
    )
    gearing: uint256 = leverage_math._gearing(highest, rules.long)
    assert gearing * steepest < fp.WAD * fp.WAD, "rules: premium eats the gearing"


@pure
@internal
def _distance(target: uint256, emergency: uint256, lltv: uint256, long: bool) -> int256:
    """
    @notice Points of price from the emergency trigger to liquidation, in signed WAD.
    @dev    Rounded down.
    """
    wad: int256 = convert(fp.WAD, int256)
    if long:
        owed: uint256 = fp._mul_div_up(target - fp.WAD, fp.WAD * fp.WAD, target * lltv)
        trigger: uint256 = fp._mul_div_up(
            emergency - target, fp.WAD * fp.WAD, target * (emergency - fp.WAD)
        )
        return wad - convert(owed, int256) - convert(trigger, int256)
    ruin: uint256 = fp._mul_div_down(lltv, target + fp.WAD, target)
    trigger: uint256 = fp._mul_div_up(
        emergency - target, fp.WAD * fp.WAD, target * (emergency + fp.WAD)
    )
    return convert(ruin, int256) - wad - convert(trigger, int256)
