# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Venue of one borrower
@notice  A lending market as one ledger: how it rounds, what it charges, its price and its limits
         are anyone's to set.
@dev     A mock. Collateral and debt are counted in units, and what those are worth grows:

             amount  =  units * index / ONE           ONE  =  1e27 * fineness

             rounding    amount to units              units to amount
             against     in: down, out: up            collateral: down, debt: up
             half-up     to the nearest               to the nearest

         With indices that stay at 1e27 nothing is ever rounded. Fineness 1 is Aave's: half-up until
         its version 3.4, against the user since. Fineness 1e6 is close to Morpho's.
@custom:invariants
    1. Only the position that has joined borrows and withdraws, and only while it is healthy.
    2. Debt in full is repaid to the last unit.
@custom:kill  none; without debt tokens left it lends nothing
"""
from ethereum.ercs import IERC20
from ..modules import fixed_point as fp

RAY: constant(uint256) = 10**27

COLLATERAL: public(immutable(IERC20))
DEBT: public(immutable(IERC20))
HALF_UP: public(immutable(bool))
ONE: public(immutable(uint256))

position: public(address)
price: public(uint256)
lltv: public(uint256)
bonus: public(uint256)
collateral_units: public(uint256)
debt_units: public(uint256)
collateral_index: uint256
debt_index: uint256
collateral_rate: uint256  # a second, in WAD
debt_rate: uint256
updated_at: uint256


@deploy
def __init__(
    collateral: IERC20,
    debt: IERC20,
    half_up: bool,
    fineness: uint256,
    lltv_: uint256,
    bonus_: uint256,
):
    COLLATERAL = collateral
    DEBT = debt
    HALF_UP = half_up
    ONE = RAY * fineness
    self.lltv = lltv_
    self.bonus = bonus_
    self.collateral_index = RAY
    self.debt_index = RAY
    self.updated_at = block.timestamp


@external
def join():
    """
    @notice The caller is the borrower from now on.
    """
    self.position = msg.sender


@external
def set_price(price_: uint256):
    """
    @notice Debt units per collateral unit, scaled by 1e36.
    """
    self.price = price_


@external
def set_terms(lltv_: uint256, bonus_: uint256):
    """
    @notice Liquidation LTV and bonus, in WAD.
    """
    self.lltv = lltv_
    self.bonus = bonus_


@external
def set_rates(collateral_rate: uint256, debt_rate: uint256):
    """
    @notice What a second adds to the indices from now on, in WAD.
    """
    self._accrue()
    self.collateral_rate = collateral_rate
    self.debt_rate = debt_rate


@external
def set_indices(collateral_index: uint256, debt_index: uint256):
    """
    @notice What a unit is worth from now on.
    """
    self._accrue()
    self.collateral_index = collateral_index
    self.debt_index = debt_index


@external
def accrue():
    """
    @notice Write the indices to this block.
    """
    self._accrue()


@external
def supply(amount: uint256):
    """
    @notice Add collateral of the caller to the position.
    """
    self._accrue()
    self.collateral_units += self._units(amount, self.collateral_index, False)
    assert extcall COLLATERAL.transferFrom(msg.sender, self, amount), "venue: transfer"


@external
def repay(amount: uint256):
    """
    @notice Repay debt of the position with the caller's tokens; no more than all of it.
    """
    self._accrue()
    owed: uint256 = self._amount(self.debt_units, self.debt_index, True)
    paid: uint256 = min(amount, owed)
    units: uint256 = self.debt_units
    if amount < owed:
        units = min(units, self._units(amount, self.debt_index, False))
    self.debt_units -= units
    assert extcall DEBT.transferFrom(msg.sender, self, paid), "venue: transfer"


@external
def borrow(amount: uint256, receiver: address):
    """
    @notice Lend to the position.
    """
    assert msg.sender == self.position, "venue: caller is no borrower"
    self._accrue()
    self.debt_units += self._units(amount, self.debt_index, True)
    assert self._healthy(), "venue: too little collateral"
    assert amount <= staticcall DEBT.balanceOf(self), "venue: too little to lend"
    assert extcall DEBT.transfer(receiver, amount), "venue: transfer"


@external
def withdraw(amount: uint256, receiver: address):
    """
    @notice Let collateral of the position go.
    """
    assert msg.sender == self.position, "venue: caller is no borrower"
    self._accrue()
    held: uint256 = self._amount(self.collateral_units, self.collateral_index, False)
    assert amount <= held, "venue: too little collateral"
    units: uint256 = min(self.collateral_units, self._units(amount, self.collateral_index, True))
    self.collateral_units -= units
    assert self._healthy(), "venue: too little collateral"
    assert extcall COLLATERAL.transfer(receiver, amount), "venue: transfer"


@external
def liquidate(repaid: uint256):
    """
    @notice Repay debt of a position beyond the liquidation LTV for collateral at a bonus. Debt that
            is left without collateral is written off.
    """
    self._accrue()
    assert not self._healthy(), "venue: position is healthy"
    owed: uint256 = self._amount(self.debt_units, self.debt_index, True)
    held: uint256 = self._amount(self.collateral_units, self.collateral_index, False)
    worth: uint256 = fp._mul_div_down(min(repaid, owed), fp.SCALE, self.price)
    seized: uint256 = min(held, fp._mul_div_down(worth, fp.WAD + self.bonus, fp.WAD))
    units: uint256 = self.debt_units
    if repaid < owed:
        units = min(units, self._units(repaid, self.debt_index, False))
    self.debt_units -= units
    if seized == held:
        self.collateral_units = 0
        self.debt_units = 0
    else:
        self.collateral_units -= min(
            self.collateral_units, self._units(seized, self.collateral_index, True)
        )
    assert extcall DEBT.transferFrom(msg.sender, self, min(repaid, owed)), "venue: transfer"
    assert extcall COLLATERAL.transfer(msg.sender, seized), "venue: transfer"


@external
def pay_out(token: IERC20, amount: uint256):
    """
    @notice Tokens of the venue for the asking: so that there is nothing left to lend.
    """
    assert extcall token.transfer(msg.sender, amount), "venue: transfer"


@view
@external
def indices() -> (uint256, uint256):
    """
    @return What a unit of collateral and of debt is worth, to this block.
    """
    return self._indices()


@view
@external
def grain() -> uint256:
    """
    @return The most that one call may lose by rounding: what a unit is worth, rounded up; nothing
            where that is no more than one, since at one nothing is rounded.
    """
    collateral_index: uint256 = 0
    debt_index: uint256 = 0
    collateral_index, debt_index = self._indices()
    coarsest: uint256 = max(collateral_index, debt_index)
    return 0 if coarsest <= ONE else fp._mul_div_up(coarsest, 1, ONE)


@view
@external
def balances() -> (uint256, uint256):
    """
    @return Collateral and debt of the position, to this block.
    """
    collateral_index: uint256 = 0
    debt_index: uint256 = 0
    collateral_index, debt_index = self._indices()
    return (
        self._amount(self.collateral_units, collateral_index, False),
        self._amount(self.debt_units, debt_index, True),
    )


@view
@internal
def _indices() -> (uint256, uint256):
    elapsed: uint256 = block.timestamp - self.updated_at
    return (
        self.collateral_index
        + fp._mul_div_down(self.collateral_index, self.collateral_rate * elapsed, fp.WAD),
        self.debt_index + fp._mul_div_down(self.debt_index, self.debt_rate * elapsed, fp.WAD),
    )


@internal
def _accrue():
    self.collateral_index, self.debt_index = self._indices()
    self.updated_at = block.timestamp


@view
@internal
def _healthy() -> bool:
    value: uint256 = fp._mul_div_down(
        self._amount(self.collateral_units, self.collateral_index, False), self.price, fp.SCALE
    )
    owed: uint256 = self._amount(self.debt_units, self.debt_index, True)
    return owed <= fp._mul_div_down(value, self.lltv, fp.WAD)


@view
@internal
def _units(amount: uint256, index: uint256, up: bool) -> uint256:
    return self._round(amount, ONE, index, up)


@view
@internal
def _amount(units: uint256, index: uint256, up: bool) -> uint256:
    return self._round(units, index, ONE, up)


@view
@internal
def _round(x: uint256, y: uint256, denominator: uint256, up: bool) -> uint256:
    if HALF_UP:
        return (x * y + denominator // 2) // denominator
    if up:
        return fp._mul_div_up(x, y, denominator)
    return fp._mul_div_down(x, y, denominator)
