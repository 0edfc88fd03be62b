# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Harness of the streaming fee
@notice  Each internal of `streaming_fee` under its own name, for tests.
@custom:invariants
    1. It has no state.
@custom:kill  none
"""
from ..modules import streaming_fee


@pure
@external
def shares(supply: uint256, rate: uint256, elapsed: uint256) -> uint256:
    return streaming_fee._shares(supply, rate, elapsed)


@pure
@external
def exp(x: uint256) -> uint256:
    return streaming_fee._exp(x)
