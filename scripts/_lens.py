"""Calls of Lens and what they return, as bytes: for any library that can make an `eth_call`.

Amounts are raw units; leverage, premiums, fees and LTVs are WAD (1e18 = 1); prices are debt units
for a collateral unit, raw for raw, scaled by 1e36. What a fault makes unreadable is zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import IntEnum, IntFlag
from typing import Any

from eth_abi.codec import ABIDecoder
from eth_abi.decoding import StringDecoder
from eth_abi.registry import registry
from eth_utils import to_checksum_address

from scripts._calldata import calldata

MOST = 256  # tokens in one call


class Fault(IntFlag):
    """What Lens could not read of a token. None of them: 0."""

    UNKNOWN = 1  # not a token of this factory
    PRICE = 2  # the fill oracle refuses: nothing can be filled
    VENUE_PRICE = 4  # the venue's oracle refuses: while debt is left, nothing can be redeemed
    POSITION = 8  # the position cannot be read
    AUCTION = 16  # the auction cannot be read: mostly, nothing is left of the position
    COIN = 32  # a coin of the pair does not tell its symbol or decimals


class Lane(IntEnum):
    """Which auction is open."""

    CLOSED = 0
    SCHEDULED = 1
    EMERGENCY = 2


@dataclass(frozen=True)
class State:
    """How a token stands in a block."""

    token: str
    faults: Fault
    supply: int  # the management fee to now included
    collateral: int
    debt: int
    price: int  # at which fills are made
    venue_price: int  # at which the venue liquidates
    assets: int  # NAV in units of the quote asset, at `price`
    leverage: int  # without sign, at `price`; 2**256 - 1 when nothing is left
    lane: Lane
    levering: bool  # a taker brings collateral and takes debt; otherwise the reverse
    premium: int
    brings: int  # the most that a taker can bring
    takes: int  # what that pays
    next_rebalance: int  # seconds since 1970
    liquidity: int  # debt that is left to borrow
    max_mint: int  # shares
    paused: bool
    cap: int  # shares
    settled_at: int  # seconds since 1970


@dataclass(frozen=True)
class Rules:
    """All that was fixed at a token's creation: see ILeveragedToken."""

    long: bool
    target: int
    band: int
    emergency: int
    window: int
    ramp: int
    premium_start: int
    premium_end: int
    emergency_premium: int
    mint_fee: int
    redeem_fee: int
    management_fee: int


@dataclass(frozen=True)
class Facts:
    """What never changes of a token, but for owner and treasury, and on Aave lltv and bonus.

    Names and symbols are whatever their makers wrote; bytes that are no text are shown as U+FFFD.
    """

    token: str
    faults: Fault
    name: str
    symbol: str
    position: str
    oracle: str
    collateral: str
    collateral_symbol: str
    collateral_decimals: int
    debt: str
    debt_symbol: str
    debt_decimals: int
    lltv: int
    bonus: int  # of the venue's liquidators
    rules: Rules
    owner: str
    treasury: str


RULES = (
    "(bool,uint256,uint256,uint256,uint256,uint256,int256,int256,uint256,uint256,uint256,uint256)"
)
STATE = (
    "(address,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,bool,int256,"
    "uint256,uint256,uint256,uint256,uint256,bool,uint256,uint256)"
)
FACTS = (
    "(address,uint256,string,string,address,address,address,string,uint256,address,string,uint256,"
    f"uint256,uint256,{RULES},address,address)"
)


def states_call(tokens: Iterable[str]) -> bytes:
    """Calldata that asks for the states of `tokens`, at most 256 of them."""
    return calldata("states(address[])", list(tokens))


def page_call(start: int, count: int) -> bytes:
    """Calldata that asks for the states of the factory's tokens from number `start` on.

    At most `count` are returned, and at most 256.
    """
    return calldata("page(uint256,uint256)", start, count)


def facts_call(tokens: Iterable[str]) -> bytes:
    """Calldata that asks for the facts of `tokens`, at most 256 of them."""
    return calldata("facts(address[])", list(tokens))


def look_call(tokens: Iterable[str]) -> bytes:
    """Calldata that asks for both, of `tokens`, at most 256 of them."""
    return calldata("look(address[])", list(tokens))


def decode_states(data: bytes) -> list[State]:
    """What `states` or `page` has returned. Raises eth_abi's DecodingError for anything else."""
    (rows,) = _DECODER.decode([f"{STATE}[]"], data)
    return [_state(values) for values in rows]


def decode_facts(data: bytes) -> list[Facts]:
    """What `facts` has returned. Raises eth_abi's DecodingError for anything else."""
    (rows,) = _DECODER.decode([f"{FACTS}[]"], data)
    return [_facts(values) for values in rows]


def decode_look(data: bytes) -> list[tuple[State, Facts]]:
    """What `look` has returned. Raises eth_abi's DecodingError for anything else."""
    states, facts = _DECODER.decode([f"{STATE}[]", f"{FACTS}[]"], data)
    return list(zip(map(_state, states), map(_facts, facts), strict=True))


def _state(values: tuple[Any, ...]) -> State:
    named = dict(zip((field.name for field in fields(State)), values, strict=True))
    named["token"] = to_checksum_address(named["token"])
    return State(**named | {"faults": Fault(named["faults"]), "lane": Lane(named["lane"])})


def _facts(values: tuple[Any, ...]) -> Facts:
    named = dict(zip((field.name for field in fields(Facts)), values, strict=True))
    for name in ("token", "position", "oracle", "collateral", "debt", "owner", "treasury"):
        named[name] = to_checksum_address(named[name])
    return Facts(**named | {"faults": Fault(named["faults"]), "rules": Rules(*named["rules"])})


def _lenient() -> ABIDecoder:
    """A decoder that a name which is no text does not stop: anyone may create a token of any."""
    known = registry.copy()
    known.unregister_decoder("string")
    known.register_decoder("string", StringDecoder(handle_string_errors="replace"))
    return ABIDecoder(known)


_DECODER = _lenient()
