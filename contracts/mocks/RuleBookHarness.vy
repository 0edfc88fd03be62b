# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Harness of the rule book
@notice  Each internal of `rule_book` under its own name, for tests.
@custom:invariants
    1. It has no state.
@custom:kill  none
"""
from ..interfaces import ILeveragedToken
from ..modules import rule_book


@pure
@external
def check(rules: ILeveragedToken.Rules, lltv: uint256, bonus: uint256):
    rule_book._check(rules, lltv, bonus)


@pure
@external
def distance(target: uint256, emergency: uint256, lltv: uint256, long: bool) -> int256:
    return rule_book._distance(target, emergency, lltv, long)
