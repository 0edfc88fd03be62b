# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Harness of the fixed point module
@notice  Each internal of `fixed_point` under its own name, for tests.
@custom:invariants
    1. It has no state.
@custom:kill  none
"""
from ..modules import fixed_point


@pure
@external
def mul_div_down(x: uint256, y: uint256, denominator: uint256) -> uint256:
    return fixed_point._mul_div_down(x, y, denominator)


@pure
@external
def mul_div_up(x: uint256, y: uint256, denominator: uint256) -> uint256:
    return fixed_point._mul_div_up(x, y, denominator)
