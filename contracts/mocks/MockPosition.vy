# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Position on the venue of one borrower
@notice  The port to `MockVenue`, which does everything.
@dev     A mock.
@custom:invariants
    1. Only the token that created this position moves it.
    2. It holds no tokens between calls, but for what strangers leave.
@custom:kill  none
"""
from ethereum.ercs import IERC20
from ..interfaces import IPosition

implements: IPosition


interface IMockVenue:
    def COLLATERAL() -> address: view
    def DEBT() -> address: view
    def price() -> uint256: view
    def lltv() -> uint256: view
    def bonus() -> uint256: view
    def balances() -> (uint256, uint256): view
    def grain() -> uint256: view
    def join(): nonpayable
    def accrue(): nonpayable
    def supply(amount: uint256): nonpayable
    def borrow(amount: uint256, receiver: address): nonpayable
    def repay(amount: uint256): nonpayable
    def withdraw(amount: uint256, receiver: address): nonpayable


TOKEN: immutable(address)
VENUE: immutable(IMockVenue)
COLLATERAL: immutable(address)
DEBT: immutable(address)


@deploy
def __init__(venue: IMockVenue):
    TOKEN = msg.sender
    VENUE = venue
    COLLATERAL = staticcall venue.COLLATERAL()
    DEBT = staticcall venue.DEBT()
    extcall venue.join()
    for token: address in [COLLATERAL, DEBT]:
        extcall IERC20(token).approve(venue.address, max_value(uint256), default_return_value=True)


@external
def accrue() -> (uint256, uint256, uint256):
    """
    @notice Write the interest to this block into the venue.
    """
    extcall VENUE.accrue()
    return self._books()


@external
def lever(collateral: uint256, debt: uint256, receiver: address):
    """
    @notice Add collateral that lies here and send newly borrowed debt to `receiver`.
    """
    assert msg.sender == TOKEN, "lever: caller is not the token"
    extcall VENUE.supply(collateral)
    if debt > 0:
        extcall VENUE.borrow(debt, receiver)


@external
def delever(debt: uint256, collateral: uint256, receiver: address):
    """
    @notice Repay debt with tokens that lie here and send collateral to `receiver`.
    """
    assert msg.sender == TOKEN, "delever: caller is not the token"
    if debt > 0:
        extcall VENUE.repay(debt)
    if collateral > 0:
        extcall VENUE.withdraw(collateral, receiver)


@view
@external
def balances() -> (uint256, uint256):
    """
    @return Collateral held and debt owed, as the venue says.
    """
    return staticcall VENUE.balances()


@view
@external
def books() -> (uint256, uint256, uint256):
    """
    @return Collateral, debt and grain.
    """
    return self._books()


@view
@external
def grain() -> uint256:
    """
    @return The most that a move may lose by rounding.
    """
    return staticcall VENUE.grain()


@view
@external
def price() -> uint256:
    """
    @return Debt units per collateral unit, scaled by 1e36.
    """
    return staticcall VENUE.price()


@view
@external
def liquidity() -> uint256:
    """
    @return Debt tokens that the venue has left to lend.
    """
    return staticcall IERC20(DEBT).balanceOf(VENUE.address)


@view
@external
def liquidation() -> (uint256, uint256):
    """
    @return The liquidation LTV and the liquidator's bonus, in WAD.
    """
    return staticcall VENUE.lltv(), staticcall VENUE.bonus()


@view
@external
def collateral() -> address:
    """
    @return The token that is held.
    """
    return COLLATERAL


@view
@external
def debt() -> address:
    """
    @return The token that is owed.
    """
    return DEBT


@view
@internal
def _books() -> (uint256, uint256, uint256):
    collateral: uint256 = 0
    debt: uint256 = 0
    collateral, debt = staticcall VENUE.balances()
    return collateral, debt, staticcall VENUE.grain()
