# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Harness of the premium curves
@notice  Each internal of `premium_curve` under its own name, for tests.
@custom:invariants
    1. It has no state.
@custom:kill  none
"""
from ..modules import premium_curve


@pure
@external
def scheduled(elapsed: uint256, start: int256, end: int256, ramp: uint256) -> int256:
    return premium_curve._scheduled(elapsed, start, end, ramp)


@pure
@external
def emergency(
    leverage: uint256, trigger: uint256, liquidation: uint256, lowest: uint256, highest: uint256
) -> int256:
    return premium_curve._emergency(leverage, trigger, liquidation, lowest, highest)


@pure
@external
def highest(lowest: uint256, bonus: uint256) -> uint256:
    return premium_curve._highest(lowest, bonus)


@pure
@external
def liquidation_leverage(lltv: uint256, long: bool) -> uint256:
    return premium_curve._liquidation_leverage(lltv, long)


@pure
@external
def near_liquidation(lltv: uint256, long: bool) -> uint256:
    return premium_curve._near_liquidation(lltv, long)
