# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   NAV feed
@license MIT
@notice  The NAV of one share in the quote asset, in the shape of a Chainlink feed, for screens,
         trackers and books.
@dev     DO NOT LEND AGAINST IT, and do not settle anything by it that somebody gains from: a
         donation to the position raises NAV at once and by any amount, and a fill by any taker
         moves it within its premium. It is what a share is worth, not what one can be sold for.
         An answer is as old as the older of the feeds that it is made from. Between two of theirs
         it changes too: with interest, fees and fills. So a reader's heartbeat must be the longer
         of theirs, and a round is the time of the older answer.
@custom:invariants
    1. It answers if and only if the token's oracle does and no call of the token is under way.
    2. The answer is the exact NAV of a share with the management fee to now, rounded down.
    3. Nothing changes after deployment: there is no owner, no setter and no storage.
@custom:kill  none; what stops the token's oracle stops it
"""
from ..interfaces import ILeveragedToken
from ..interfaces.external import IAggregatorV3
from ..modules import fixed_point as fp
from . import ChainlinkOracle

implements: IAggregatorV3


interface Coin:
    def symbol() -> String[29]: view
    def decimals() -> uint8: view


DECIMALS: constant(uint8) = 18

TOKEN: public(immutable(ILeveragedToken))
BASE: public(immutable(IAggregatorV3))  # the feeds below; one of them may be nobody
QUOTE: public(immutable(IAggregatorV3))
SHARES: immutable(uint256)  # whose worth in raw units is that of one share with 18 decimals
DESCRIPTION: immutable(String[64])


@deploy
def __init__(token: ILeveragedToken):
    """
    @notice Fix the token and the feeds below.
    @param token Leveraged token whose oracle is a `ChainlinkOracle`.
    """
    oracle: address = staticcall token.oracle()
    base: ChainlinkOracle.FeedRules = staticcall ChainlinkOracle.__interface__(oracle).BASE()
    quote: ChainlinkOracle.FeedRules = staticcall ChainlinkOracle.__interface__(oracle).QUOTE()
    coin: Coin = Coin(staticcall token.asset())
    TOKEN = token
    BASE = IAggregatorV3(base.feed)
    QUOTE = IAggregatorV3(quote.feed)
    SHARES = fp.WAD * 10**convert(DECIMALS - staticcall coin.decimals(), uint256)
    DESCRIPTION = concat(staticcall token.symbol(), " / ", staticcall coin.symbol())


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    """
    @notice NAV of a share now; zero when nothing is left.
    @return round id, answer, started at, updated at, the round in which it was answered
    """
    return self._round()


@view
@external
def getRoundData(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    """
    @notice The same for the newest round: nothing is kept of older ones.
    @return round id, answer, started at, updated at, the round in which it was answered
    """
    assert round_id == self._round()[0], "nav_feed: only the newest round"
    return self._round()


@view
@external
def decimals() -> uint8:
    """
    @return Decimals of the answer.
    """
    return DECIMALS


@view
@external
def description() -> String[64]:
    """
    @return Symbol of the token, and of the coin it is counted in.
    """
    return DESCRIPTION


@view
@external
def version() -> uint256:
    """
    @return The first, and there is no other.
    """
    return 1


@view
@internal
def _round() -> (uint80, int256, uint256, uint256, uint80):
    nav: uint256 = staticcall TOKEN.convertToAssets(SHARES)
    updated_at: uint256 = min(self._updated_at(BASE), self._updated_at(QUOTE))
    round_id: uint80 = convert(updated_at, uint80)
    return round_id, convert(nav, int256), updated_at, updated_at, round_id


@view
@internal
def _updated_at(feed: IAggregatorV3) -> uint256:
    """
    @return When a feed was updated; never, in the far future, where there is none.
    """
    if feed.address == empty(address):
        return max_value(uint256)
    round_id: uint80 = 0
    answer: int256 = 0
    started_at: uint256 = 0
    updated_at: uint256 = 0
    answered_in: uint80 = 0
    round_id, answer, started_at, updated_at, answered_in = staticcall feed.latestRoundData()
    return updated_at
