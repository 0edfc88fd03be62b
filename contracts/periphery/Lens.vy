# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Lens
@license MIT
@notice  All that a screen, a bot or a report wants to know of many tokens, in one call.
@dev     It never reverts for a token of the factory: what cannot be read is a fault of that token,
         and what depends on it is zero. A token's oracle, market and coins are its creator's
         choice: whatever reaches one of them is a static call with a bound on its gas, and on how
         much of the answer is read. A hostile one costs a page three times `GAS` at the most, and
         may tell others something else. Where too little gas is left, everything reverts: the gas
         that is given decides about no fault.
         Do not lend against what is told here: a donation raises NAV, at once. In the middle of a
         call of the token, nothing is told.
@custom:invariants
    1. What is told of a token is what the token, its position and its oracle say in this block.
    2. No token, whatever it was made of, keeps the others of a page from being read.
    3. It has no state, holds no tokens and is asked by nothing of ours.
@custom:kill  none: there is nothing to stop
"""
from ..interfaces import IFactory
from ..interfaces import ILeveragedToken
from ..interfaces import IPosition
from ..modules import daily_schedule
from ..modules import fixed_point as fp
from ..modules import leverage_math
from ..modules import streaming_fee


# What could not be read. What depends on it is zero.
flag Fault:
    UNKNOWN  # not a token of this factory
    PRICE  # the oracle that fills are priced at refuses, or says what nobody can reckon with
    VENUE_PRICE  # the venue's oracle refuses
    POSITION  # the position cannot be read
    AUCTION  # the auction cannot be read: nothing is left of the position, mostly
    COIN  # a coin of the pair does not tell its symbol or decimals


# In the middle of a call of the token: all faults but UNKNOWN, and nothing else.
struct State:
    token: address
    faults: Fault
    supply: uint256  # the management fee to now included
    collateral: uint256
    debt: uint256
    price: uint256  # at which fills are made, scaled by 1e36
    venue_price: uint256  # at which the venue liquidates, scaled by 1e36
    assets: uint256  # NAV in units of the quote asset, at `price`
    leverage: uint256  # without sign, in WAD, at `price`; all ones when nothing is left
    lane: uint256  # 0 closed, 1 scheduled, 2 emergency
    levering: bool
    premium: int256
    brings: uint256
    takes: uint256
    next_rebalance: uint256
    liquidity: uint256  # debt that is left to borrow
    max_mint: uint256
    paused: bool
    cap: uint256
    settled_at: uint256


# What never changes, but for owner and treasury. Names are whatever their makers wrote.
struct Facts:
    token: address
    faults: Fault
    name: String[64]
    symbol: String[32]
    position: address
    oracle: address
    collateral: address
    collateral_symbol: String[32]
    collateral_decimals: uint256
    debt: address
    debt_symbol: String[32]
    debt_decimals: uint256
    lltv: uint256
    bonus: uint256
    rules: ILeveragedToken.Rules
    owner: address
    treasury: address


PAGE: constant(uint256) = 256  # tokens in one call
# Of one question: several times what three Chainlink feeds take.
GAS: constant(uint256) = 400_000
# With so much left a call is given all of `GAS`: the EVM keeps back a 64th.
ENOUGH: constant(uint256) = GAS + GAS // 32
LARGEST: constant(uint256) = 2**128 - 1  # of what the arithmetic is made for

FACTORY: public(immutable(IFactory))


@deploy
def __init__(factory: IFactory):
    """
    @param factory Whose tokens are looked at.
    """
    FACTORY = factory


@view
@external
def states(tokens: DynArray[address, 256]) -> DynArray[State, 256]:
    """
    @return How each of `tokens` stands in this block, in the same order.
    """
    found: DynArray[State, 256] = []
    for token: address in tokens:
        found.append(self._state(ILeveragedToken(token)))
    return found


@view
@external
def page(start: uint256, count: uint256) -> DynArray[State, 256]:
    """
    @notice A page of the factory's registry, in order of creation.
    @param start Number of the first token.
    @param count The most tokens to tell of; no more than 256, or than there are, are.
    @return How each of them stands in this block.
    """
    found: DynArray[State, 256] = []
    created: uint256 = staticcall FACTORY.count()
    first: uint256 = min(start, created)
    for i: uint256 in range(min(min(count, created - first), PAGE), bound=256):
        found.append(self._state(ILeveragedToken(staticcall FACTORY.tokens(first + i))))
    return found


@view
@external
def facts(tokens: DynArray[address, 256]) -> DynArray[Facts, 256]:
    """
    @return What is fixed of each of `tokens`, in the same order.
    """
    found: DynArray[Facts, 256] = []
    for token: address in tokens:
        found.append(self._facts(ILeveragedToken(token)))
    return found


@view
@external
def look(tokens: DynArray[address, 256]) -> (DynArray[State, 256], DynArray[Facts, 256]):
    """
    @return What `states` and `facts` tell of `tokens`, both from this block.
    """
    moving: DynArray[State, 256] = []
    fixed: DynArray[Facts, 256] = []
    for token: address in tokens:
        moving.append(self._state(ILeveragedToken(token)))
        fixed.append(self._facts(ILeveragedToken(token)))
    return moving, fixed


@view
@internal
def _state(token: ILeveragedToken) -> State:
    state: State = empty(State)
    state.token = token.address
    state.faults = self._closed(token)
    if state.faults != empty(Fault):
        return state

    rules: ILeveragedToken.Rules = staticcall token.rules()
    supply: uint256 = staticcall token.totalSupply()
    state.settled_at = staticcall token.settled_at()
    elapsed: uint256 = block.timestamp - state.settled_at
    state.supply = supply + streaming_fee._shares(supply, rules.management_fee, elapsed)
    state.paused = staticcall token.paused()
    state.cap = staticcall token.cap()
    state.next_rebalance = daily_schedule._opened(block.timestamp) + daily_schedule.DAY

    ok: bool = False
    answer: Bytes[160] = b""
    position: address = staticcall token.position()
    ok, answer = self._ask(position, method_id("price()"))
    if ok:
        state.venue_price = self._word(answer, 0)
    else:
        state.faults |= Fault.VENUE_PRICE

    ok, answer = self._ask(position, method_id("balances()"))
    if ok and max(self._word(answer, 0), self._word(answer, 32)) <= LARGEST:
        state.collateral = self._word(answer, 0)
        state.debt = self._word(answer, 32)
        # both are no more than market and position, which have just answered
        state.liquidity = staticcall IPosition(position).liquidity()
        state.max_mint = staticcall token.maxMint(empty(address))
    else:
        state.faults |= Fault.POSITION

    ok, answer = self._ask(staticcall token.oracle(), method_id("price()"))
    if ok and self._is_price(answer, state.collateral):
        state.price = self._word(answer, 0)
    else:
        state.faults |= Fault.PRICE
    if state.faults & (Fault.POSITION | Fault.PRICE) != empty(Fault):
        return state

    state.assets = leverage_math._assets(state.collateral, state.debt, state.price, rules.long)
    state.leverage = leverage_math._leverage(state.collateral, state.debt, state.price, rules.long)
    ok, answer = self._ask(token.address, method_id("auction()"))
    if ok:
        auction: ILeveragedToken.Auction = abi_decode(answer, ILeveragedToken.Auction)
        state.lane = convert(auction.lane, uint256)
        state.levering = auction.levering
        state.premium = auction.premium
        state.brings = auction.brings
        state.takes = auction.takes
    else:
        state.faults |= Fault.AUCTION
    return state


@view
@internal
def _facts(token: ILeveragedToken) -> Facts:
    facts: Facts = empty(Facts)
    facts.token = token.address
    facts.faults = self._closed(token)
    if facts.faults != empty(Fault):
        return facts

    facts.name = staticcall token.name()
    facts.symbol = staticcall token.symbol()
    facts.rules = staticcall token.rules()
    facts.oracle = staticcall token.oracle()
    facts.owner = staticcall token.owner()
    facts.treasury = staticcall token.treasury()
    facts.position, facts.collateral, facts.debt = staticcall token.parts()

    ok: bool = False
    answer: Bytes[160] = b""
    ok, answer = self._ask(facts.position, method_id("liquidation()"))
    if ok:
        facts.lltv = self._word(answer, 0)
        facts.bonus = self._word(answer, 32)
    else:
        facts.faults |= Fault.POSITION
    ok, facts.collateral_symbol, facts.collateral_decimals = self._coin(facts.collateral)
    if not ok:
        facts.faults |= Fault.COIN
    ok, facts.debt_symbol, facts.debt_decimals = self._coin(facts.debt)
    if not ok:
        facts.faults |= Fault.COIN
    return facts


@view
@internal
def _closed(token: ILeveragedToken) -> Fault:
    """
    @return Why nothing can be told of `token`; no fault if it answers. Its code is our own, so
            that its lock alone can keep it from doing so.
    """
    if not staticcall FACTORY.is_token(token.address):
        return Fault.UNKNOWN
    ok: bool = False
    answer: Bytes[160] = b""
    ok, answer = self._ask(token.address, method_id("totalSupply()"))
    if ok:
        return empty(Fault)
    return Fault.PRICE | Fault.VENUE_PRICE | Fault.POSITION | Fault.AUCTION | Fault.COIN


@view
@internal
def _coin(coin: address) -> (bool, String[32], uint256):
    """
    @return Whether it tells both, its symbol of up to 32 bytes and its decimals.
    """
    ok: bool = False
    answer: Bytes[160] = b""
    ok, answer = self._ask(coin, method_id("decimals()"))
    if not ok or len(answer) < 32 or self._word(answer, 0) > convert(max_value(uint8), uint256):
        return False, "", 0
    decimals: uint256 = self._word(answer, 0)
    # where the string begins, its length, and its bytes: anything else is none that can be decoded
    ok, answer = self._ask(coin, method_id("symbol()"))
    if not ok or len(answer) != 96 or self._word(answer, 0) != 32 or self._word(answer, 32) > 32:
        return False, "", 0
    return True, abi_decode(answer, String[32]), decimals


@view
@internal
def _ask(target: address, question: Bytes[4]) -> (bool, Bytes[160]):
    """
    @notice Ask what may be hostile, or reach it.
    @return Whether it answers, and the answer's first 160 bytes: of our own code that is all of it,
            of another it may be less than was asked for.
    """
    assert msg.gas >= ENOUGH, "lens: too little gas"
    ok: bool = False
    answer: Bytes[160] = b""
    ok, answer = raw_call(
        target, question, max_outsize=160, gas=GAS, is_static_call=True, revert_on_failure=False
    )
    return ok, answer


@pure
@internal
def _word(answer: Bytes[160], at: uint256) -> uint256:
    return extract32(answer, at, output_type=uint256)


@pure
@internal
def _is_price(answer: Bytes[160], collateral: uint256) -> bool:
    if len(answer) < 32:
        return False
    # the collateral's worth must be a number
    price: uint256 = self._word(answer, 0)
    return price > 0 and price <= max_value(uint256) // max(collateral, 1)
