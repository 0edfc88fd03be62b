# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Harness of the leverage arithmetic
@notice  Each internal of `leverage_math` under its own name, for tests.
@custom:invariants
    1. It has no state.
@custom:kill  none
"""
from ..modules import leverage_math


@pure
@external
def gearing(leverage: uint256, long: bool) -> uint256:
    return leverage_math._gearing(leverage, long)


@pure
@external
def leverage(collateral: uint256, debt: uint256, price: uint256, long: bool) -> uint256:
    return leverage_math._leverage(collateral, debt, price, long)


@pure
@external
def assets(collateral: uint256, debt: uint256, price: uint256, long: bool) -> uint256:
    return leverage_math._assets(collateral, debt, price, long)


@pure
@external
def most_lever(
    collateral: uint256, debt: uint256, price: uint256, gearing: uint256, premium: int256
) -> uint256:
    return leverage_math._most_lever(collateral, debt, price, gearing, premium)


@pure
@external
def most_delever(
    collateral: uint256, debt: uint256, price: uint256, gearing: uint256, premium: int256
) -> uint256:
    return leverage_math._most_delever(collateral, debt, price, gearing, premium)


@pure
@external
def lever_price(price: uint256, premium: int256) -> uint256:
    return leverage_math._lever_price(price, premium)


@pure
@external
def delever_price(price: uint256, premium: int256) -> uint256:
    return leverage_math._delever_price(price, premium)


@pure
@external
def lever_legs(
    max_collateral: uint256, most_debt: uint256, deal_price: uint256
) -> (uint256, uint256):
    return leverage_math._lever_legs(max_collateral, most_debt, deal_price)


@pure
@external
def delever_legs(max_debt: uint256, most_debt: uint256, deal_price: uint256) -> (uint256, uint256):
    return leverage_math._delever_legs(max_debt, most_debt, deal_price)
