"""The node that Ape started, asked directly: many times as fast as through Ape.

A survey is one request, however much it asks; a transaction comes back with its receipt; and no
time passes between blocks unless it is told to, so that the model knows the time of each.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from http.client import HTTPConnection
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from ape_ethereum.multicall.constants import MULTICALL3_ADDRESS, MULTICALL3_CODE
from eth_abi import decode
from eth_utils import function_signature_to_4byte_selector, keccak, to_hex

from scripts._calldata import calldata

# What a view says: the words that it returns, or the reason of its revert.
Answer: TypeAlias = tuple[int, ...] | str

WORD = 32
ERROR = function_signature_to_4byte_selector("Error(string)")
REVERTED = 3  # JSON-RPC's code for it
GAS = hex(30_000_000)


class Call(NamedTuple):
    """Calldata for a contract."""

    target: str
    data: bytes


class Log(NamedTuple):
    """An event: the hash of its signature, and its words in the order of topics, then data."""

    event: str
    words: tuple[int, ...]


def call(target: str, signature: str, *args: Any) -> Call:
    """A call of the function with this signature: `transfer(address,uint256)`."""
    return Call(target, calldata(signature, *args))


def time() -> Call:
    """A call that returns the time of the block."""
    return call(MULTICALL3_ADDRESS, "getCurrentBlockTimestamp()")


def ether(holder: str) -> Call:
    """A call that returns the ether of an address."""
    return call(MULTICALL3_ADDRESS, "getEthBalance(address)", holder)


def survey(calls: Sequence[Call]) -> Call:
    """A call that makes all `calls`, for `Node.read`."""
    return call(MULTICALL3_ADDRESS, "tryAggregate(bool,(address,bytes)[])", False, calls)


@cache
def topic(signature: str) -> str:
    """The hash by which logs name the event with this signature."""
    return to_hex(keccak(text=signature))


class Node:
    """A JSON-RPC connection to anvil, whose accounts are unlocked."""

    def __init__(self, uri: str) -> None:
        self.connection = HTTPConnection(urlsplit(uri).netloc)
        self.reads = 0
        self.transactions = 0
        self.ask("anvil_setCode", MULTICALL3_ADDRESS, to_hex(MULTICALL3_CODE))

    def ask(self, method: str, *params: Any) -> Any:
        """The result of a request, which is a valid one."""
        answer = self._post(method, params)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def read(self, survey: Call) -> list[Answer]:
        """The answers to a `survey` in the newest block."""
        result = self.ask("eth_call", _transaction(survey), "latest")
        answers = answers_of(bytes.fromhex(result[2:]))
        self.reads += len(answers)
        return answers

    def fault(self, call: Call, sender: str, value: int = 0) -> str:
        """The reason of the revert of a transaction, if it were sent now."""
        answer = self._post("eth_call", (_transaction(call, sender, value), "latest"))
        assert answer.get("error", {}).get("code") == REVERTED, answer
        return _reason(bytes.fromhex(answer["error"].get("data", "0x")[2:]))

    def send(self, call: Call, sender: str, value: int = 0) -> list[Log]:
        """The logs of a transaction that succeeds."""
        self.transactions += 1
        receipt = self.ask("eth_sendTransactionSync", _transaction(call, sender, value))
        assert receipt["status"] == "0x1", f"reverted: {self.fault(call, sender, value)}"
        return [Log(log["topics"][0], _log_words(log)) for log in receipt["logs"]]

    def set_time(self, timestamp: int) -> None:
        """The next block, and those after it, are of `timestamp`."""
        self.ask("evm_setNextBlockTimestamp", timestamp)

    def mine(self) -> None:
        """An empty block."""
        self.ask("evm_mine")

    def snapshot(self) -> str:
        """A mark to `revert` to, once."""
        return self.ask("evm_snapshot")

    def revert(self, mark: str) -> None:
        """Put the chain back to `mark`."""
        assert self.ask("evm_revert", mark)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """No time passes from one block to the next, but for `set_time`."""
        self.ask("anvil_setBlockTimestampInterval", 0)
        yield
        self.ask("anvil_removeBlockTimestampInterval")

    def _post(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
        header = {"Content-Type": "application/json"}
        self.connection.request("POST", "/", json.dumps(body).encode(), header)
        return json.loads(self.connection.getresponse().read())


def connect(provider: Any) -> Any:
    """The node behind Ape's provider; where the chain is in this process, what stands for it."""
    return provider.node() if hasattr(provider, "node") else Node(provider.uri)


def _transaction(call: Call, sender: str | None = None, value: int = 0) -> dict[str, Any]:
    fields = {"to": call.target, "data": to_hex(call.data), "gas": GAS, "gasPrice": "0x0"}
    fields |= {"value": hex(value)} if value else {}
    return fields | ({"from": sender} if sender else {})


def answers_of(data: bytes) -> list[Answer]:
    """Of `tryAggregate`. By hand, since a decoder would take longer than the chain."""
    start = 2 * WORD  # of the answers, whose offsets count from there
    count = int.from_bytes(data[WORD:start])
    answers: list[Answer] = []
    for offset in words_of(data[start : start + count * WORD]):
        # success, offset of the answer, its size, and the answer
        at = start + offset + 3 * WORD
        size = int.from_bytes(data[at - WORD : at])
        answer = data[at : at + size]
        success = data[at - 2 * WORD - 1]
        answers.append(words_of(answer) if success else _reason(answer))
    return answers


@lru_cache(maxsize=2**14)
def words_of(data: bytes) -> tuple[int, ...]:
    """The words that `data` consists of. Most answers are the same from one survey to the next."""
    return tuple(int.from_bytes(data[i : i + WORD]) for i in range(0, len(data), WORD))


def _log_words(log: dict[str, Any]) -> tuple[int, ...]:
    parts = [*log["topics"][1:], log["data"]]
    return words_of(bytes.fromhex("".join(part[2:] for part in parts)))


@lru_cache(maxsize=2**10)
def _reason(data: bytes) -> str:
    """Why a call reverted; empty for what has no words, such as an overflow."""
    if not data.startswith(ERROR):
        return ""
    (reason,) = decode(["string"], data[len(ERROR) :])
    return reason
