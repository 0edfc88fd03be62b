# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Oracle that says what it is told
@notice  A price in one storage slot, for measuring gas and for tests that need no feed.
@dev     A mock: anyone may set the price, in debt units per collateral unit, scaled by 1e36.
@custom:invariants
    1. `price` is the last one set.
@custom:kill  none; a price of zero makes it revert
"""

_price: uint256


@deploy
def __init__(price_: uint256):
    self._price = price_


@external
def set_price(price_: uint256):
    """
    @notice The price from now on.
    """
    self._price = price_


@view
@reentrant
@external
def price() -> uint256:
    """
    @notice The price. Not locked: it costs what one read of storage costs.
    """
    price_: uint256 = self._price
    assert price_ > 0, "settable oracle: no price"
    return price_
