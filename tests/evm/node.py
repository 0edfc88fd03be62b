"""What the state machines ask a node for (tests/stateful/node.py), over the engine."""

from collections.abc import Iterator
from contextlib import contextmanager

from ape_ethereum.multicall.constants import MULTICALL3_ADDRESS, MULTICALL3_CODE
from eth_utils import to_hex

from tests.evm.engine import Chain, Reverted
from tests.stateful.node import Answer, Call, Log, answers_of, words_of


class ProcessNode:
    """The same questions and answers as `Node`, with no node behind them."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.reads = 0
        self.transactions = 0
        chain.set_code(MULTICALL3_ADDRESS, bytes(MULTICALL3_CODE))

    def read(self, survey: Call) -> list[Answer]:
        """The answers to a `survey` in the newest block."""
        answers = answers_of(self.chain.call(survey.target, survey.data))
        self.reads += len(answers)
        return answers

    def fault(self, call: Call, sender: str, value: int = 0) -> str:
        """The reason of the revert of a transaction, if it were sent now."""
        try:
            self.chain.call(call.target, call.data, sender, value)
        except Reverted as fault:
            return fault.reason
        raise AssertionError("no revert")

    def send(self, call: Call, sender: str, value: int = 0) -> list[Log]:
        """The logs of a transaction that succeeds."""
        self.transactions += 1
        done = self.chain.send(sender, call.target, call.data, value)
        return [
            Log(to_hex(log.topics[0]), words_of(b"".join(log.topics[1:]) + log.data))
            for log in done.logs
        ]

    def set_time(self, timestamp: int) -> None:
        """The next block, and those after it, are of `timestamp`."""
        self.chain.next_timestamp = timestamp

    def mine(self) -> None:
        """An empty block."""
        self.chain.mine()

    def snapshot(self) -> tuple:
        """A mark to `revert` to, once."""
        return self.chain.snapshot()

    def revert(self, mark: tuple) -> None:
        """Put the chain back to `mark`."""
        self.chain.revert(mark)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """No time passes from one block to the next, but for `set_time`: here it never does."""
        yield
