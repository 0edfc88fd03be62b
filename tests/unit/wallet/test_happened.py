"""What a receipt says is told as it is, and nothing of others is counted."""

import pytest
from eth_abi import encode
from hexbytes import HexBytes

from scripts._wallet.happened import (
    DEPOSIT,
    FILLED,
    TRANSFER,
    WITHDRAWAL,
    ZERO,
    events_of,
    moved,
    the,
    unwrapped,
    wrapped,
)

COIN, OTHER, ALICE, BOB, ROUTER = ("0x" + digit * 40 for digit in "12345")


def log(address: str, kind: bytes, who: list[str], *words: int) -> dict:
    topics = [HexBytes(kind), *(HexBytes(bytes(12) + bytes.fromhex(one[2:])) for one in who)]
    data = encode(["int256"] * len(words), words)
    return {"address": address, "topics": topics, "data": HexBytes(data)}


EVENTS = events_of(
    [
        log(COIN, TRANSFER, [ALICE, BOB], 5),
        log(COIN, TRANSFER, [ALICE, ROUTER], 7),
        log(COIN, TRANSFER, [BOB, ALICE], 11),
        log(OTHER, TRANSFER, [ALICE, BOB], 13),
        log(COIN, DEPOSIT, [ROUTER], 17),
        log(COIN, DEPOSIT, [ALICE], 19),
        log(COIN, WITHDRAWAL, [ROUTER], 23),
        log(OTHER, FILLED, [ALICE, BOB], 1, 0, -5, 29, 31),
        {"address": COIN, "topics": [], "data": HexBytes("0x")},
    ]
)


@pytest.mark.parametrize(
    ("sender", "receiver", "amount"),
    [(ALICE, None, 12), (None, ALICE, 11), (ALICE, BOB, 5), (None, None, 23), (ROUTER, None, 0)],
)
def test_moved_counts_one_coin_between_those_asked_for(sender, receiver, amount):
    assert moved(EVENTS, COIN, sender, receiver) == amount


def test_ether_is_what_the_router_wrapped_or_unwrapped():
    assert wrapped(EVENTS, COIN, ROUTER) == 17
    assert unwrapped(EVENTS, COIN, ROUTER) == 23


def test_ether_of_an_l2_is_what_was_minted_to_the_router_or_burned_from_it():
    events = events_of(
        [
            log(COIN, TRANSFER, [ZERO, ROUTER], 17),
            log(COIN, TRANSFER, [ZERO, ALICE], 19),
            log(COIN, TRANSFER, [ROUTER, ZERO], 23),
            log(COIN, TRANSFER, [ROUTER, ALICE], 29),
        ]
    )

    assert wrapped(events, COIN, ROUTER) == 17
    assert unwrapped(events, COIN, ROUTER) == 23


def test_ether_that_is_told_of_twice_counts_once():
    events = events_of(
        [
            log(COIN, DEPOSIT, [ROUTER], 17),
            log(COIN, TRANSFER, [ZERO, ROUTER], 17),
            log(COIN, WITHDRAWAL, [ROUTER], 23),
            log(COIN, TRANSFER, [ROUTER, ZERO], 23),
        ]
    )

    assert wrapped(events, COIN, ROUTER) == 17
    assert unwrapped(events, COIN, ROUTER) == 23


def test_the_one_event_gives_its_values():
    *_, collateral, debt = the(EVENTS, OTHER, FILLED)

    assert (collateral, debt) == (29, 31)


def test_no_such_event_is_an_error():
    with pytest.raises(ValueError):
        the(EVENTS, COIN, FILLED)
