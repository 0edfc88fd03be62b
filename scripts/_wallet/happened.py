"""What a transaction has really done, from its events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi import decode
from eth_utils import keccak, to_checksum_address

ZERO = "0x" + "00" * 20
TRANSFER = keccak(text="Transfer(address,address,uint256)")
DEPOSIT = keccak(text="Deposit(address,uint256)")  # of WETH: ether that was wrapped
WITHDRAWAL = keccak(text="Withdrawal(address,uint256)")
MINTED = keccak(text="Minted(address,address,uint256,uint256,uint256,uint256)")
REDEEMED = keccak(text="Redeemed(address,address,address,uint256,uint256,uint256,uint256)")
FILLED = keccak(text="Filled(address,address,uint256,bool,int256,uint256,uint256)")


@dataclass(frozen=True)
class Event:
    """One event of a receipt: who says it, what it is, and what it is about."""

    address: str
    kind: bytes
    indexed: tuple[str, ...]  # addresses
    data: bytes

    def uints(self) -> tuple[int, ...]:
        """What is not indexed, as unsigned words."""
        return decode(["uint256"] * (len(self.data) // 32), self.data)


def events_of(logs: Iterable[Mapping[str, Any]]) -> list[Event]:
    """The events of a receipt whose indexed values are addresses."""
    return [
        Event(
            to_checksum_address(log["address"]),
            bytes(log["topics"][0]),
            tuple(to_checksum_address(bytes(topic)[-20:]) for topic in log["topics"][1:]),
            bytes(log["data"]),
        )
        for log in logs
        if log["topics"]
    ]


def moved(
    events: list[Event], coin: str, sender: str | None = None, receiver: str | None = None
) -> int:
    """Raw units of an ERC-20 that went from `sender`, or to `receiver`, or both."""
    return sum(
        event.uints()[0]
        for event in events
        if (event.address, event.kind) == (coin, TRANSFER)
        and sender in (None, event.indexed[0])
        and receiver in (None, event.indexed[1])
    )


def wrapped(events: list[Event], weth: str, by: str) -> int:
    """Wei that `by` has made WETH: by its own event, or on some L2s as a mint to `by`."""
    return _by(events, weth, DEPOSIT, by) or moved(events, weth, ZERO, by)


def unwrapped(events: list[Event], weth: str, by: str) -> int:
    """Wei that `by` has made of WETH: by its own event, or on some L2s as a burn."""
    return _by(events, weth, WITHDRAWAL, by) or moved(events, weth, by, ZERO)


def the(events: list[Event], address: str, kind: bytes) -> tuple[int, ...]:
    """The values of the one event of this kind that a contract has logged."""
    (event,) = (event for event in events if (event.address, event.kind) == (address, kind))
    return event.uints()


def _by(events: list[Event], weth: str, kind: bytes, by: str) -> int:
    return sum(
        event.uints()[0]
        for event in events
        if (event.address, event.kind, event.indexed) == (weth, kind, (by,))
    )
