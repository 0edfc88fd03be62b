# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Position on Aave v3
@notice  The collateral and the variable debt of one leveraged token on one Aave market.
@dev     Aave counts in scaled units, worth `index / RAY` each, and rounds an amount to whole ones:
         to the nearest until its version 3.4, against the user since. Balances are taken from the
         scaled ones here, rounded against us, and `grain` bounds what a move may lose in either
         version.
         Aave lends collateral out. Where all of it is lent, it cannot be withdrawn, but aTokens
         move: a receiver who asked for that with `take_atokens` is paid in them.
         Where strangers can reach our account, they add to it: what they supply in our name lowers
         no threshold here, and what they send before we begin takes nothing out of use.
         Faults of the venue come through in its own words, which are numbers until version 3.4.
@custom:invariants
    1. Only the token that created this position moves it, but for `purge` and `claim_rewards`,
       which move neither its collateral nor its debt.
    2. It delegates no credit, approves the pool alone, and calls rewards by one fixed selector.
    3. It holds no coins between calls, but for what strangers leave, and a unit of debt that all
       of it was rounded up to.
    4. Rewards go to the token's treasury and nowhere else.
@custom:kill  Aave's governance can freeze or pause the reserves; we have no switch
"""
from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from ..interfaces import ILeveragedToken
from ..interfaces import IPosition
from ..interfaces.external import IAaveOracle
from ..interfaces.external import IAavePool
from ..interfaces.external import IAaveToken
from ..modules import fixed_point as fp

implements: IPosition


event AtokensTaken:
    receiver: indexed(address)
    taken: bool


event Purged:
    asset: indexed(address)


RAY: constant(uint256) = 10**27
BASIS: constant(uint256) = 10**4  # basis points in one
VARIABLE: constant(uint256) = 2  # the interest rate mode
NO_REFERRAL: constant(uint16) = 0

# Bits of a reserve's configuration.
THRESHOLD: constant(uint256) = 16
BONUS: constant(uint256) = 32
CATEGORY_BITS: constant(uint256) = 168  # its one e-mode category, until Aave's version 3.1
ACTIVE: constant(uint256) = 1 << 56
FROZEN: constant(uint256) = 1 << 57
BORROWABLE: constant(uint256) = 1 << 58
PAUSED: constant(uint256) = 1 << 60
BORROW_CAP: constant(uint256) = 80  # in whole tokens; zero: none
MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_36: constant(uint256) = 2**36 - 1

TOKEN: public(immutable(address))
POOL: public(immutable(IAavePool))
CATEGORY: public(immutable(uint8))
ATOKEN: public(immutable(address))
DEBT_TOKEN: public(immutable(address))
COLLATERAL: immutable(address)
DEBT: immutable(address)
PROVIDER: immutable(IAaveOracle)
DEBT_UNIT: immutable(uint256)
PRICE_UNIT: immutable(uint256)

takes_atokens: public(HashMap[address, bool])


@deploy
def __init__(pool: IAavePool, collateral: address, debt: address, category: uint8):
    """
    @param pool       Aave v3's Pool.
    @param collateral Reserve that is supplied.
    @param debt       Reserve that is borrowed.
    @param category   E-mode category of both; zero for none.
    """
    TOKEN = msg.sender
    POOL = pool
    COLLATERAL = collateral
    DEBT = debt
    CATEGORY = category
    PROVIDER = IAaveOracle(staticcall pool.ADDRESSES_PROVIDER())
    ATOKEN = (staticcall pool.getReserveData(collateral)).a_token
    DEBT_TOKEN = (staticcall pool.getReserveData(debt)).variable_debt_token
    assert ATOKEN != empty(address), "position: collateral unlisted"
    assert DEBT_TOKEN != empty(address), "position: debt unlisted"
    assert self._terms()[0] > 0, "position: not a collateral"
    DEBT_UNIT = 10**convert(staticcall IERC20Detailed(debt).decimals(), uint256)
    PRICE_UNIT = (
        fp.SCALE
        * DEBT_UNIT // 10**convert(staticcall IERC20Detailed(collateral).decimals(), uint256)
    )
    if category != 0:
        source: address = (staticcall pool.getEModeCategoryData(category)).price_source
        assert source == empty(address), "position: e-mode has a price"
        extcall pool.setUserEMode(category)
    # Of a first supply only: not of what a stranger who knew our address sent us as aTokens.
    if staticcall IAaveToken(ATOKEN).scaledBalanceOf(self) > 0:
        extcall pool.setUserUseReserveAsCollateral(collateral, True)
    for token: address in [collateral, debt]:
        extcall IERC20(token).approve(pool.address, max_value(uint256), default_return_value=True)


@external
def accrue() -> (uint256, uint256, uint256):
    """
    @notice Nothing is written: Aave's views know the interest to this block.
    @return Collateral held, debt owed, grain.
    """
    return self._books()


@external
def lever(collateral: uint256, debt: uint256, receiver: address):
    """
    @notice Add collateral that lies here and send newly borrowed debt to `receiver`.
    """
    assert msg.sender == TOKEN, "lever: caller is not the token"
    extcall POOL.supply(COLLATERAL, collateral, self, NO_REFERRAL)
    if debt > 0:
        extcall POOL.borrow(DEBT, debt, VARIABLE, NO_REFERRAL, self)
        extcall IERC20(DEBT).transfer(receiver, debt, default_return_value=True)


@external
def delever(debt: uint256, collateral: uint256, receiver: address):
    """
    @notice Repay debt with tokens that lie here and send collateral to `receiver`.
    @dev    Repaid first: the venue lets collateral go only while the position is healthy.
    """
    assert msg.sender == TOKEN, "delever: caller is not the token"
    if debt > 0:
        extcall POOL.repay(DEBT, debt, VARIABLE, self)
    if collateral > 0:
        if self.takes_atokens[receiver]:
            extcall IERC20(ATOKEN).transfer(receiver, collateral)
        else:
            extcall POOL.withdraw(COLLATERAL, collateral, receiver)


@external
def take_atokens(taken: bool):
    """
    @notice From now on the caller, wherever it is the receiver of collateral, is paid in aTokens,
            which can be had when all of the collateral is lent out; or no longer.
    """
    self.takes_atokens[msg.sender] = taken
    log AtokensTaken(receiver=msg.sender, taken=taken)


@external
def purge(asset: address):
    """
    @notice Stop using as collateral what a stranger supplied in our name. Anyone may call.
    @dev    While any collateral in use has an LTV of zero, Aave lets no other be withdrawn. The
            aTokens stay: were none left, the next supply would be put to use again.
    @param asset Any but our collateral.
    """
    assert asset != COLLATERAL, "purge: asset is the collateral"
    extcall POOL.setUserUseReserveAsCollateral(asset, False)
    log Purged(asset=asset)


@external
def claim_rewards():
    """
    @notice Send what the venue rewards this position with to the token's treasury. Anyone may call.
    """
    controller: address = staticcall IAaveToken(ATOKEN).getIncentivesController()
    assert controller != empty(address), "claim: no rewards here"
    treasury: address = staticcall ILeveragedToken(TOKEN).treasury()
    extcall IAaveToken(controller).claimAllRewards([ATOKEN, DEBT_TOKEN], treasury)


@view
@external
def balances() -> (uint256, uint256):
    """
    @return Collateral held (rounded down) and debt owed (rounded up), with interest to this block.
    """
    collateral: uint256 = 0
    debt: uint256 = 0
    grain: uint256 = 0
    collateral, debt, grain = self._books()
    return collateral, debt


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
    @return The most that one move may lose by rounding, in units of either token.
    """
    return self._books()[2]


@view
@external
def price() -> uint256:
    """
    @return Debt units per collateral unit at Aave's oracle, scaled by 1e36.
    """
    oracle: IAaveOracle = IAaveOracle(staticcall PROVIDER.getPriceOracle())
    return fp._mul_div_down(
        staticcall oracle.getAssetPrice(COLLATERAL),
        PRICE_UNIT,
        staticcall oracle.getAssetPrice(DEBT),
    )


@view
@external
def liquidity() -> uint256:
    """
    @return Debt tokens that may still be borrowed: by what is there, the borrow cap and the
            reserve's switches.
    """
    bits: uint256 = (staticcall POOL.getConfiguration(DEBT)).data
    if bits & (ACTIVE | FROZEN | BORROWABLE | PAUSED) != ACTIVE | BORROWABLE:
        return 0
    there: uint256 = staticcall IERC20(DEBT).balanceOf(
        (staticcall POOL.getReserveData(DEBT)).a_token
    )
    cap: uint256 = ((bits >> BORROW_CAP) & MASK_36) * DEBT_UNIT
    if cap == 0:
        return there
    return min(there, cap - min(cap, staticcall IERC20(DEBT_TOKEN).totalSupply()))


@view
@external
def liquidation() -> (uint256, uint256):
    """
    @notice The loan-to-value at which Aave liquidates, and the liquidator's bonus, in WAD.
    @dev    What strangers supplied in our name makes Aave wait for longer; until it is purged.
    """
    threshold: uint256 = 0
    bonus: uint256 = 0
    threshold, bonus = self._terms()
    return threshold * fp.WAD // BASIS, (max(bonus, BASIS) - BASIS) * fp.WAD // BASIS


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
def _terms() -> (uint256, uint256):
    """
    @return Liquidation threshold, and one and the bonus, of our collateral: basis points.
    """
    reserve: IAavePool.ReserveData = staticcall POOL.getReserveData(COLLATERAL)
    if self._in_category(reserve):
        category: IAavePool.Category = staticcall POOL.getEModeCategoryData(CATEGORY)
        return (
            convert(category.liquidation_threshold, uint256),
            convert(category.liquidation_bonus, uint256),
        )
    bits: uint256 = reserve.configuration.data
    return (bits >> THRESHOLD) & MASK_16, (bits >> BONUS) & MASK_16


@view
@internal
def _in_category(reserve: IAavePool.ReserveData) -> bool:
    """
    @return Whether Aave takes the terms of our e-mode category for our collateral.
    @dev    Since version 3.2 a category lists its collaterals. A pool that knows no such list, and
            so fails, is older: there a reserve names its one category.
    """
    if CATEGORY == 0:
        return False
    listed: bool = False
    answer: Bytes[32] = b""
    listed, answer = raw_call(
        POOL.address,
        abi_encode(CATEGORY, method_id=method_id("getEModeCategoryCollateralBitmap(uint8)")),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    if listed:
        return (convert(answer, uint256) >> convert(reserve.id, uint256)) & 1 == 1
    named: uint256 = (reserve.configuration.data >> CATEGORY_BITS) & MASK_8
    return named == convert(CATEGORY, uint256)


@view
@internal
def _books() -> (uint256, uint256, uint256):
    """
    @return Collateral, debt and grain.

        collateral  =  scaled * income / RAY            rounded down
        debt        =  scaled * owing / RAY             rounded up
        grain       =  max(income, owing) / RAY         rounded up

        A move is off by less than one scaled unit, of `index / RAY`, and a balance by less than
        one: together by less than `index / RAY + 1`, so by no more than the whole above the first.
    """
    income: uint256 = staticcall POOL.getReserveNormalizedIncome(COLLATERAL)
    owing: uint256 = staticcall POOL.getReserveNormalizedVariableDebt(DEBT)
    held: uint256 = staticcall IAaveToken(ATOKEN).scaledBalanceOf(self)
    owed: uint256 = staticcall IAaveToken(DEBT_TOKEN).scaledBalanceOf(self)
    return (
        fp._mul_div_down(held, income, RAY),
        fp._mul_div_up(owed, owing, RAY),
        fp._mul_div_up(max(income, owing), 1, RAY),
    )
