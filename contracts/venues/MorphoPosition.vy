# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Position on Morpho Blue
@notice  The collateral and debt of one leveraged token on one market of Morpho Blue.
@dev     Borrow shares are the venue's unit of debt: 1e6 of them are about one unit of debt, and
         Morpho rounds them against the borrower, by less than one share a call.
         Faults of the venue come through in its own words: "insufficient liquidity" when a borrower
         asks for more than is there, "insufficient collateral" when the position would end up
         beyond the liquidation LTV.
@custom:invariants
    1. Only the token that created this position moves it.
    2. It never authorizes anyone on Morpho and passes Morpho no callback data.
    3. It holds no tokens between calls, but for what strangers leave.
    4. Debt is never left without collateral by a call from here.
@custom:kill  none; the market's oracle alone can stop it: Morpho asks it before collateral leaves
"""
from ethereum.ercs import IERC20
from ..interfaces import IOracle
from ..interfaces import IPosition
from ..interfaces.external import IIrm
from ..interfaces.external import IMorpho
from ..modules import fixed_point as fp

implements: IPosition

VIRTUAL_SHARES: constant(uint256) = 10**6
VIRTUAL_ASSETS: constant(uint256) = 1
# A first borrower can blow up the share count of an empty market until nobody else can borrow.
MIN_BORROWED: constant(uint256) = 10**4
MAX_SHARES_PER_ASSET: constant(uint256) = 2 * VIRTUAL_SHARES
LIQUIDATION_CURSOR: constant(uint256) = 3 * 10**17
MAX_LIQUIDATION_FACTOR: constant(uint256) = 115 * 10**16
GRAIN: constant(uint256) = 0

TOKEN: public(immutable(address))
MORPHO: public(immutable(IMorpho))
ID: public(immutable(bytes32))
PARAMS: immutable(IMorpho.MarketParams)

# Debt as `accrue` found it in this transaction, so that `delever` need not ask again.
owed: transient (uint256)


@deploy
def __init__(morpho: IMorpho, id: bytes32):
    """
    @param morpho Morpho Blue.
    @param id     The market: its loan token is the debt.
    """
    TOKEN = msg.sender
    MORPHO = morpho
    ID = id
    PARAMS = staticcall morpho.idToMarketParams(id)
    assert PARAMS.loan_token != empty(address), "position: market is unknown"

    market: IMorpho.Market = staticcall morpho.market(id)
    borrowed: uint256 = convert(market.total_borrow_assets, uint256)
    assert borrowed >= MIN_BORROWED, "position: market is empty"
    shares: uint256 = convert(market.total_borrow_shares, uint256)
    assert shares <= borrowed * MAX_SHARES_PER_ASSET, "position: market is spoiled"

    for token: address in [PARAMS.collateral_token, PARAMS.loan_token]:
        extcall IERC20(token).approve(morpho.address, max_value(uint256), default_return_value=True)


@external
def accrue() -> (uint256, uint256, uint256):
    """
    @notice Write the interest to this block into the market. Anyone may call.
    @return Collateral held, debt owed, grain.
    """
    extcall MORPHO.accrueInterest(PARAMS)
    collateral: uint256 = 0
    debt: uint256 = 0
    collateral, debt = self._balances()
    self.owed = debt
    return collateral, debt, GRAIN


@external
def lever(collateral: uint256, debt: uint256, receiver: address):
    """
    @notice Add collateral that lies here and send newly borrowed debt to `receiver`.
    """
    assert msg.sender == TOKEN, "lever: caller is not the token"
    extcall MORPHO.supplyCollateral(PARAMS, collateral, self, b"")
    if debt > 0:
        extcall MORPHO.borrow(PARAMS, debt, 0, self, receiver)


@external
def delever(debt: uint256, collateral: uint256, receiver: address):
    """
    @notice Repay debt with tokens that lie here and send collateral to `receiver`.
    @dev    Repaid first: the venue lets collateral go only while the position is healthy.
    """
    assert msg.sender == TOKEN, "delever: caller is not the token"
    if debt > 0:
        owed: uint256 = self.owed
        if owed == 0:
            owed = self._balances()[1]
        # The last of the debt is repaid by shares: by assets, Morpho would round to more than all.
        if debt < owed:
            extcall MORPHO.repay(PARAMS, debt, 0, self, b"")
        else:
            shares: uint256 = convert((staticcall MORPHO.position(ID, self)).borrow_shares, uint256)
            extcall MORPHO.repay(PARAMS, 0, shares, self, b"")
    if collateral > 0:
        extcall MORPHO.withdrawCollateral(PARAMS, collateral, self, receiver)


@view
@external
def balances() -> (uint256, uint256):
    """
    @return Collateral held (rounded down) and debt owed (rounded up), with interest to this block.
    """
    return self._balances()


@view
@external
def grain() -> uint256:
    """
    @return None: collateral is exact, and shares of debt are finer than its units.
    """
    return GRAIN


@view
@external
def books() -> (uint256, uint256, uint256):
    """
    @return Collateral, debt and grain.
    """
    collateral: uint256 = 0
    debt: uint256 = 0
    collateral, debt = self._balances()
    return collateral, debt, GRAIN


@view
@external
def price() -> uint256:
    """
    @return Debt units per collateral unit at the market's oracle, scaled by 1e36.
    """
    return staticcall IOracle(PARAMS.oracle).price()


@view
@external
def liquidity() -> uint256:
    """
    @return Debt tokens that the market has left to lend. Interest changes both sides alike.
    """
    market: IMorpho.Market = staticcall MORPHO.market(ID)
    return convert(market.total_supply_assets - market.total_borrow_assets, uint256)


@view
@external
def liquidation() -> (uint256, uint256):
    """
    @notice The liquidation LTV and the liquidator's bonus, in WAD.

                                     1
        bonus  =  min( 1.15 , ---------------------- )  -  1
                               1 - 0.3 * (1 - lltv)
    """
    factor: uint256 = fp.WAD * fp.WAD // (
        fp.WAD - fp._mul_div_down(LIQUIDATION_CURSOR, fp.WAD - PARAMS.lltv, fp.WAD)
    )
    return PARAMS.lltv, min(factor, MAX_LIQUIDATION_FACTOR) - fp.WAD


@view
@external
def collateral() -> address:
    """
    @return The token that is held.
    """
    return PARAMS.collateral_token


@view
@external
def debt() -> address:
    """
    @return The token that is owed.
    """
    return PARAMS.loan_token


@view
@internal
def _balances() -> (uint256, uint256):
    position: IMorpho.Position = staticcall MORPHO.position(ID, self)
    collateral: uint256 = convert(position.collateral, uint256)
    if position.borrow_shares == 0:
        return collateral, 0
    market: IMorpho.Market = staticcall MORPHO.market(ID)
    return collateral, self._owed(convert(position.borrow_shares, uint256), market)


@view
@internal
def _owed(shares: uint256, market: IMorpho.Market) -> uint256:
    """
    @notice Debt behind `shares` borrow shares, rounded up, with interest to this block.

        growth  =  x + x**2 / 2 + x**3 / 6,   x = rate * elapsed         (about e**x - 1)
    """
    assets: uint256 = convert(market.total_borrow_assets, uint256)
    elapsed: uint256 = block.timestamp - convert(market.last_update, uint256)
    if elapsed > 0 and PARAMS.irm != empty(address):
        rate: uint256 = staticcall IIrm(PARAMS.irm).borrowRateView(PARAMS, market)
        first: uint256 = rate * elapsed
        second: uint256 = fp._mul_div_down(first, first, 2 * fp.WAD)
        third: uint256 = fp._mul_div_down(second, first, 3 * fp.WAD)
        assets += fp._mul_div_down(assets, first + second + third, fp.WAD)
    return fp._mul_div_up(
        shares,
        assets + VIRTUAL_ASSETS,
        convert(market.total_borrow_shares, uint256) + VIRTUAL_SHARES,
    )
