"""A chain of a machine's own, asked in raw calldata: no devnet, no codec, no node.

Words are integers; an address is one too wherever it is an argument. What a call answers are its
words, or the reason of its revert.
"""

from functools import cache
from typing import Any

from eth_utils import function_signature_to_4byte_selector

from tests.evm import build
from tests.evm.engine import Chain, Log, Reverted
from tests.evm.stand_in import Container

from .node import Answer, words_of

ACCOUNTS = tuple(f"0x{role:02x}" + "00" * 18 + "01" for role in range(0xA1, 0xA9))


@cache
def selector(signature: str) -> bytes:
    """Of the function with this signature: `transfer(address,uint256)`."""
    return function_signature_to_4byte_selector(signature)


def data_of(signature: str, *args: int | str) -> bytes:
    """Calldata with static arguments: numbers of either sign, addresses as hex."""
    given = (int(arg, 16) if isinstance(arg, str) else arg % 2**256 for arg in args)
    return selector(signature) + b"".join(arg.to_bytes(32) for arg in given)


class Lab:
    """A chain with contracts of ours on it. `calls` counts the transactions that succeeded."""

    def __init__(self) -> None:
        self.chain = Chain()
        self.deployer = ACCOUNTS[0]

    @property
    def calls(self) -> int:
        return self.chain.transactions

    @property
    def now(self) -> int:
        return self.chain.timestamp

    def warp(self, timestamp: int) -> None:
        """It is `timestamp`, and stays so."""
        self.chain.next_timestamp = timestamp
        self.chain.mine()

    def deploy(self, name: str, *args: Any) -> str:
        """A contract of ours, by the name of its file."""
        return self.chain.create(self.deployer, kind(name).creation(*args))[0]

    def declare(self, name: str) -> str:
        """The same as a blueprint (ERC-5202)."""
        body = b"\xfe\x71\x00" + kind(name).code
        #   PUSH2 size DUP1 PUSH1 10 RETURNDATASIZE CODECOPY RETURNDATASIZE RETURN
        prefix = b"\x61" + len(body).to_bytes(2) + bytes.fromhex("3d81600a3d39f3")
        return self.chain.create(self.deployer, prefix + body)[0]

    def send(self, sender: str, to: str, signature: str, *args: int | str) -> list[Log]:
        """A transaction that succeeds, and its logs."""
        return self.chain.send(sender, to, data_of(signature, *args)).logs

    def do(self, sender: str, to: str, signature: str, *args: int | str) -> tuple[int, ...]:
        """A transaction that succeeds, and the words that it returned."""
        return words_of(self.chain.send(sender, to, data_of(signature, *args)).output)

    def ask(self, to: str, signature: str, *args: int | str) -> Answer:
        """What a view says, or why it does not."""
        try:
            return words_of(self.chain.call(to, data_of(signature, *args)))
        except Reverted as fault:
            return fault.reason

    def word(self, to: str, signature: str, *args: int | str) -> int:
        """The one word that a view answers."""
        return self.words(to, signature, *args)[0]

    def words(self, to: str, signature: str, *args: int | str) -> tuple[int, ...]:
        """All words that a view answers."""
        return words_of(self.chain.call(to, data_of(signature, *args)))

    def fault(self, sender: str, to: str, signature: str, *args: int | str) -> str:
        """Why a transaction would revert. One that would not is a failure."""
        try:
            self.chain.call(to, data_of(signature, *args), sender)
        except Reverted as fault:
            return fault.reason
        raise AssertionError(f"no revert: {signature} {args}")


@cache
def kind(name: str) -> Container:
    """A contract of ours, as compiled."""
    made = build.compiled(name)
    return Container(made.name, made.abi, made.bytecode, made.runtime)
