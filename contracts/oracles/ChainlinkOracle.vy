# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Chainlink oracle
@license MIT
@notice  The collateral's price in debt units from one or two feeds, or a revert that says why not.
@dev     The base feed prices the collateral and the quote feed the debt, in one unit of account. A
         leg without a feed is a price of 1: a feed of collateral in debt is a base on its own, and
         one of debt in collateral a quote on its own.
         Inside its bounds a feed is trusted. There is no fallback: when a feed reverts, so does
         `price`. `answeredInRound` is not read, since Chainlink has deprecated it.
@custom:invariants
    1. `price` answers if and only if the sequencer and each feed pass every guard.
    2. The answer is the exact quotient of the feeds rounded down, at most a billionth below it.
    3. Nothing changes after deployment: there is no owner, no setter and no storage.
@custom:kill  none; a feed or a sequencer that fails a guard stops `price` for as long as it does
"""

from ethereum.ercs import IERC20Detailed

from ..interfaces import IOracle
from ..interfaces.external import IAggregatorV3

implements: IOracle


# What an answer is held to. All empty for a leg without a feed.
struct FeedRules:
    feed: address
    heartbeat: uint256  # the oldest an answer may be, in seconds
    floor: uint256  # lowest and highest sane answer, in the feed's decimals, both allowed
    ceiling: uint256


PRICE_DECIMALS: constant(uint256) = 36
MAX_DECIMALS: constant(uint256) = 18
MIN_PRICE: constant(uint256) = 10**9  # so rounding takes at most a billionth

COLLATERAL: public(immutable(address))
DEBT: public(immutable(address))
BASE: public(immutable(FeedRules))
QUOTE: public(immutable(FeedRules))
SEQUENCER: public(immutable(address))  # uptime feed of an L2, empty on an L1
GRACE: public(immutable(uint256))  # seconds
SCALE: public(immutable(uint256))


@deploy
def __init__(
    collateral: address,
    debt: address,
    base: FeedRules,
    quote: FeedRules,
    sequencer: address,
    grace: uint256,
):
    """
    @notice Fix the feeds, what they are held to, and the one factor from their quotient to a price.

                       36 + debt decimals + quote feed decimals
                          - collateral decimals - base feed decimals
            SCALE = 10

    @dev    No decimals exceed 18, so the exponent lies in 0 .. 72.
    @param collateral Token that is priced.
    @param debt       Token it is priced in.
    @param base       The feed of the collateral.
    @param quote      The feed of the debt.
    @param sequencer  Uptime feed of an L2's sequencer (answer 0: up), empty on an L1.
    @param grace      Seconds that a sequencer must be up for before prices are used, 0 on an L1.
    """
    assert base.feed != empty(address) or quote.feed != empty(address), "oracle: no feed"
    assert (sequencer == empty(address)) == (grace == 0), "oracle: sequencer grace mismatch"

    exponent: uint256 = (
        PRICE_DECIMALS
        + self._token_decimals(debt)
        + self._feed_decimals(quote)
        - self._token_decimals(collateral)
        - self._feed_decimals(base)
    )
    scale: uint256 = 10**exponent
    # A bound of 0 is that of a leg without a feed, whose price is 1.
    highest: uint256 = max(base.ceiling, 1)
    lowest: uint256 = max(base.floor, 1)
    assert highest <= max_value(uint256) // scale, "oracle: price may overflow"
    assert lowest * scale // max(quote.ceiling, 1) >= MIN_PRICE, "oracle: price loses precision"

    COLLATERAL = collateral
    DEBT = debt
    BASE = base
    QUOTE = quote
    SEQUENCER = sequencer
    GRACE = grace
    SCALE = scale


@view
@reentrant
@external
def price() -> uint256:
    """
    @notice Debt units per collateral unit, raw for raw, scaled by 1e36 and rounded down.

                    base answer * SCALE
            price = -------------------
                       quote answer

    @dev    Not locked: there is no state to protect, and every fill pays for this.
    """
    self._check_sequencer()
    base: uint256 = self._answer(BASE)
    quote: uint256 = self._answer(QUOTE)
    # base <= its ceiling <= max_value(uint256) // SCALE, and quote >= 1
    return unsafe_div(unsafe_mul(base, SCALE), quote)


@view
@internal
def _check_sequencer():
    """
    @dev While an L2's sequencer is down the feeds stand still, and its queue lets some trade before
         they catch up: so prices count only once it has been up for longer than the grace period.
    """
    if SEQUENCER == empty(address):
        return
    round_id: uint80 = 0
    status: int256 = 0
    started_at: uint256 = 0
    updated_at: uint256 = 0
    answered_in: uint80 = 0
    round_id, status, started_at, updated_at, answered_in = (
        staticcall IAggregatorV3(SEQUENCER).latestRoundData()
    )
    assert status == 0, "oracle: sequencer is down"
    assert started_at != 0, "oracle: sequencer not started"
    # one that is to start in the future has been up for 0 seconds
    up: uint256 = block.timestamp - min(started_at, block.timestamp)
    assert up > GRACE, "oracle: sequencer in grace"


@view
@internal
def _answer(rules: FeedRules) -> uint256:
    """
    @return The newest answer of a feed, if it may be used; 1 without a feed.
    """
    if rules.feed == empty(address):
        return 1
    round_id: uint80 = 0
    answer: int256 = 0
    started_at: uint256 = 0
    updated_at: uint256 = 0
    answered_in: uint80 = 0
    round_id, answer, started_at, updated_at, answered_in = (
        staticcall IAggregatorV3(rules.feed).latestRoundData()
    )
    assert answer > 0, "oracle: answer is not positive"
    value: uint256 = convert(answer, uint256)
    assert value >= rules.floor, "oracle: answer below floor"
    assert value <= rules.ceiling, "oracle: answer above ceiling"
    assert updated_at != 0, "oracle: round is incomplete"
    assert updated_at <= block.timestamp, "oracle: answer from the future"
    assert block.timestamp - updated_at <= rules.heartbeat, "oracle: price is stale"
    return value


@view
@internal
def _token_decimals(token: address) -> uint256:
    decimals: uint256 = convert(staticcall IERC20Detailed(token).decimals(), uint256)
    assert decimals <= MAX_DECIMALS, "oracle: token decimals above 18"
    return decimals


@view
@internal
def _feed_decimals(rules: FeedRules) -> uint256:
    """
    @return Decimals of a feed whose rules hold together; 0 without a feed.
    """
    if rules.feed == empty(address):
        # a price of 1 for want of an address would be a mistake
        assert rules.heartbeat | rules.floor | rules.ceiling == 0, "oracle: rules without a feed"
        return 0
    assert rules.heartbeat != 0, "oracle: heartbeat is zero"
    assert rules.floor != 0, "oracle: floor is zero"
    assert rules.floor <= rules.ceiling, "oracle: floor above ceiling"
    decimals: uint256 = convert(staticcall IAggregatorV3(rules.feed).decimals(), uint256)
    assert decimals <= MAX_DECIMALS, "oracle: feed decimals above 18"
    return decimals
