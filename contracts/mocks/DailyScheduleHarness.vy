# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Harness of the daily schedule
@notice  Each internal of `daily_schedule` under its own name, for tests.
@custom:invariants
    1. It has no state.
@custom:kill  none
"""
from ..modules import daily_schedule


@pure
@external
def opened(now: uint256) -> uint256:
    return daily_schedule._opened(now)


@pure
@external
def left(parcel: uint256, opened: uint256, most: uint256) -> uint256:
    return daily_schedule._left(parcel, opened, most)


@pure
@external
def take(parcel: uint256, opened: uint256, most: uint256, amount: uint256) -> uint256:
    return daily_schedule._take(parcel, opened, most, amount)
