# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Fixed interest rate of the devnet
@notice  An interest rate model for Morpho Blue whose rate is the same at any utilisation.
@dev     A mock: anyone may set the rate.
@custom:invariants
    1. Every market that uses it pays `rate`.
@custom:kill  none
"""

from ..interfaces.external import IIrm
from ..interfaces.external import IMorpho

implements: IIrm

rate: public(uint256)  # a second, in WAD


@deploy
def __init__(rate_: uint256):
    self.rate = rate_


@external
def set_rate(rate_: uint256):
    """
    @notice The rate from now on. Accrue the market first: Morpho applies it to all time unaccrued.
    """
    self.rate = rate_


@external
def borrowRate(params: IMorpho.MarketParams, market: IMorpho.Market) -> uint256:
    """
    @notice The rate a second, in WAD.
    """
    return self.rate


@view
@external
def borrowRateView(params: IMorpho.MarketParams, market: IMorpho.Market) -> uint256:
    """
    @notice The rate a second, in WAD.
    """
    return self.rate
