"""What calls answered on a chain, in words that no build changes.

That is: what a call was asked, what it returned or why it reverted, and its events. Left out are
gas and code. A token's address, and its position's, depend on the token's code: in their place
stands their number, in the order of creation.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from typing import Any

from eth_utils import keccak
from pytest import MonkeyPatch

from tests.evm import build
from tests.evm.engine import Chain, Done, Log, Reverted
from tests.evm.stand_in import Form
from tests.first_child import first_child

CREATED = keccak(text="Created(address,address,address)")
POSITION = keccak(text="position()")[:4]
WORD = 32
QUOTES = {  # of Uniswap; the last word that they return is gas
    keccak(text=f"{name}((address,address,uint256,uint24,uint160))")[:4]
    for name in ("quoteExactInputSingle", "quoteExactOutputSingle")
}
HALT = re.compile(r"Halt \{ reason: (\w+)")


class Transcript:
    """Lines, each of one call; `hash` is of all of them."""

    def __init__(self) -> None:
        self.names: dict[bytes, bytes] = {}  # of tokens and positions, by address
        self.clear()

    def forget(self, known: dict[bytes, bytes]) -> None:
        """All names but these."""
        self.names = dict(known)

    def clear(self) -> None:
        """Begin again, on the same chain."""
        self.calls = 0
        self.hash = sha256()

    def write(self, kind: str, *parts: bytes) -> None:
        self.keep(repr((kind, *map(self.plain, parts))))

    def keep(self, line: str) -> None:
        self.calls += 1
        self.hash.update(line.encode())

    def plain(self, data: bytes) -> bytes:
        """`data`, with names for addresses."""
        for address, name in self.names.items():
            data = data.replace(address, name)
        return data

    def learn(self, *words: bytes) -> None:
        """Name the addresses of a new token and of its position."""
        for word in words:
            name = b"#%d" % len(self.names)
            self.names.setdefault(word[-20:], name.rjust(20, b"#"))


def events(transcript: Transcript, logs: list[Log]) -> Iterator[bytes]:
    """Those of a transaction; names for what it created are learned from them."""
    for log in logs:
        if log.topics and log.topics[0] == CREATED:
            transcript.learn(*log.topics[1:3])
        yield b"".join((bytes.fromhex(log.address[2:]), *log.topics, log.data))


@cache
def _creating() -> bytes:
    """The selector of the factory's `create`."""
    (abi,) = (part for part in build.compiled("Factory").abi if part.get("name") == "create")
    return Form(abi).selector


def _fault(fault: Reverted) -> bytes:
    halt = HALT.match(str(fault))
    return halt[1].encode() if halt else fault.data


@contextmanager
def recorded(transcript: Transcript) -> Iterator[None]:
    """Every call within, on any chain, is written down."""
    create, send, call, try_create = Chain.create, Chain.send, Chain.call, Chain.try_create

    def written(kind: str, asked: bytes, act: Callable[[], Any], told: Callable[[Any], Any]) -> Any:
        try:
            answer = act()
        except Reverted as fault:
            transcript.write(f"{kind} reverts", asked, _fault(fault))
            raise
        transcript.write(kind, asked, *told(answer))
        return answer

    def asked(to: str, data: bytes) -> bytes:
        return bytes.fromhex(to[2:]) + data

    def created(chain: Chain, answer: tuple[str, Done]) -> tuple[bytes, ...]:
        address, done = answer
        with suppress(Reverted):  # a token that its factory did not make has a position too
            position = call(chain, address, POSITION)
            if any(position) and len(position) == WORD:
                transcript.learn(position)
        return bytes.fromhex(address[2:]), *events(transcript, done.logs)

    def on_create(self: Chain, sender: str, code: bytes, value: int = 0) -> tuple[str, Done]:
        return written(
            "create",
            b"",
            lambda: create(self, sender, code, value),
            lambda answer: created(self, answer),
        )

    def on_send(self: Chain, sender: str, to: str, data: bytes = b"", *more: Any) -> Done:
        return written(
            "send",
            asked(to, data),
            lambda: send(self, sender, to, data, *more),
            lambda done: (*events(transcript, done.logs), done.output),
        )

    def on_call(self: Chain, to: str, data: bytes = b"", *more: Any, **named: Any) -> bytes:
        def told(answer: bytes) -> tuple[bytes]:
            if data[:4] == _creating():  # what would be created, and its position
                position = first_child("0x" + answer[-20:].hex())
                transcript.learn(answer, bytes.fromhex(position[2:]))
            return (answer[:-WORD] if data[:4] in QUOTES else answer,)

        return written("call", asked(to, data), lambda: call(self, to, data, *more, **named), told)

    def on_try_create(self: Chain, code: bytes, *more: Any) -> bytes:
        return written("try", b"", lambda: try_create(self, code, *more), lambda code: ())

    with MonkeyPatch.context() as patch:
        patch.setattr(Chain, "create", on_create)
        patch.setattr(Chain, "send", on_send)
        patch.setattr(Chain, "call", on_call)
        patch.setattr(Chain, "try_create", on_try_create)
        yield
