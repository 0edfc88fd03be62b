# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Price feed of the devnet
@notice  A Chainlink feed that says what it is told: price, age and failure are anyone's to set.
@dev     A mock. Also stands in for an L2 sequencer's uptime feed (answer 0 up, 1 down).
@custom:invariants
    1. `latestRoundData` is the last round posted, with what was set on it since.
@custom:kill  none; `set_failing` makes every round revert
"""

from ..interfaces.external import IAggregatorV3

implements: IAggregatorV3


struct Round:
    answer: int256
    started_at: uint256
    updated_at: uint256


version: public(constant(uint256)) = 4

decimals: public(immutable(uint8))

description: public(String[64])
failing: public(bool)
round_id: public(uint80)
_rounds: HashMap[uint80, Round]


@deploy
def __init__(decimals_: uint8, description_: String[64], answer: int256):
    decimals = decimals_
    self.description = description_
    self._post(answer)


@external
def post(answer: int256):
    """
    @notice A new round with `answer`, as fresh as this block.
    """
    self._post(answer)


@external
def refresh():
    """
    @notice A new round with the answer of the last one, as fresh as this block.
    """
    self._post(self._rounds[self.round_id].answer)


@external
def set_answer(answer: int256):
    """
    @notice Another answer for the newest round, whose times stay.
    """
    self._rounds[self.round_id].answer = answer


@external
def set_started_at(timestamp: uint256):
    """
    @notice When the newest round began; 0 is a round that never did.
    """
    self._rounds[self.round_id].started_at = timestamp


@external
def set_updated_at(timestamp: uint256):
    """
    @notice When the newest round was answered: the past makes it stale.
    """
    self._rounds[self.round_id].updated_at = timestamp


@external
def set_failing(failing: bool):
    """
    @notice Whether reading a round reverts.
    """
    self.failing = failing


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    """
    @notice The newest round.
    @return round id, answer, started at, updated at, the round in which it was answered
    """
    return self._read(self.round_id)


@view
@external
def latestAnswer() -> int256:
    """
    @notice The newest answer, as Aave's oracle asks for it: feeds have this from before.
    """
    return self._read(self.round_id)[1]


@view
@external
def getRoundData(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    """
    @notice An older round.
    @return round id, answer, started at, updated at, the round in which it was answered
    """
    return self._read(round_id)


@internal
def _post(answer: int256):
    self.round_id += 1
    self._rounds[self.round_id] = Round(
        answer=answer, started_at=block.timestamp, updated_at=block.timestamp
    )


@view
@internal
def _read(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    assert not self.failing, "feed: told to fail"
    assert 0 < round_id and round_id <= self.round_id, "feed: no such round"
    round: Round = self._rounds[round_id]
    return round_id, round.answer, round.started_at, round.updated_at, round_id
