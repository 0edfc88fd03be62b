"""Tokens as they stand, for a machine and for a person, from what the Lens says.

`describe` is the one source: numbers of coins as exact decimal strings, leverage with its sign,
times in seconds since 1970, and None for what could not be read; the table shows what it says.
"""

from decimal import Decimal
from typing import Any

from scripts._lens import Facts, Fault, Lane, State
from scripts._model.fixed_point import WAD
from scripts._model.leverage_math import NOTHING_LEFT
from scripts._wallet.amounts import EXACT, from_raw, show_number
from scripts._wallet.clock import date_of, in_words
from scripts._wallet.distance import to_liquidation

SHARE_DECIMALS = 18
UNKNOWN = "?"  # in the table: could not be read

FAULTS = {
    Fault.UNKNOWN: "not a token of this factory",
    Fault.PRICE: (
        "the fill oracle gives no price (stale, out of bounds or no sequencer): no fills; "
        "minting and redeeming go on"
    ),
    Fault.VENUE_PRICE: "the venue's oracle gives no price: nothing can be minted or redeemed",
    Fault.POSITION: "the position cannot be read",
    Fault.AUCTION: "the auction cannot be read",
    Fault.COIN: "a coin of the pair does not tell its symbol or decimals",
}
LIQUIDATED = "the venue has liquidated the position: nothing is left"
INSOLVENT = "the position owes more than it holds: nothing can be minted or filled"

Description = dict[str, Any]


def describe(state: State, facts: Facts) -> Description:
    """One token, for a machine."""
    faults, rules = state.faults | facts.faults, facts.rules
    readable = not faults & (Fault.UNKNOWN | Fault.POSITION | Fault.COIN)
    priced = readable and not faults & Fault.PRICE
    told = priced and not faults & Fault.AUCTION
    solvent = priced and state.leverage != NOTHING_LEFT
    is_open = told and state.lane != Lane.CLOSED
    long = rules.long
    quote_decimals = facts.debt_decimals if long else facts.collateral_decimals

    def leverage(raw: int) -> str:
        return _plain(_of_wad(raw if long else -raw))

    def coins(raw: int, debt: bool) -> str:
        return _plain(from_raw(raw, facts.debt_decimals if debt else facts.collateral_decimals))

    return {
        "token": state.token,
        "symbol": facts.symbol,
        "name": facts.name,
        "faults": _faults(faults, state, readable, solvent or not priced),
        "quote": facts.debt_symbol if long else facts.collateral_symbol,
        "collateral": facts.collateral_symbol,
        "debt": facts.debt_symbol,
        "nav": _plain(_per_share(state, quote_decimals)) if priced and state.supply else None,
        "assets": _plain(from_raw(state.assets, quote_decimals)) if priced else None,
        "supply": _plain(_of_wad(state.supply)),
        "leverage": leverage(state.leverage) if solvent else None,
        "target": leverage(rules.target),
        "band": [
            leverage(rules.target * (WAD - rules.band) // WAD),
            leverage(-(-rules.target * (WAD + rules.band) // WAD)),
        ],
        "emergency": leverage(rules.emergency),
        "lane": state.lane.name.lower() if told else None,
        "side": ("lever" if state.levering else "delever") if is_open else None,
        "premium": _plain(_of_wad(state.premium)) if is_open else None,
        "brings": coins(state.brings, not state.levering) if is_open else None,
        "takes": coins(state.takes, state.levering) if is_open else None,
        "next_rebalance": state.next_rebalance or None,
        "liquidity": coins(state.liquidity, True) if readable else None,
        "max_mint": _plain(_of_wad(state.max_mint)) if readable else None,
        "cap": _plain(_of_wad(state.cap)),
        "paused": state.paused,
        "holds": coins(state.collateral, False) if readable else None,
        "owes": coins(state.debt, True) if readable else None,
        "to_liquidation": _liquidation(state, facts) if readable else None,
    }


def table(descriptions: list[Description], network: str, block: int, now: int) -> str:
    """All tokens on one screen."""
    lines = [f"{network}, block {block:,}, {date_of(now)}"]
    moments = [told["next_rebalance"] for told in descriptions if told["next_rebalance"]]
    if moments:
        soon = min(moments)
        lines.append(f"next rebalance {date_of(soon)}, in {in_words(soon - now)}")
    rows = [
        ("token", "NAV a share", "leverage", "band", "lane", "premium", "to fill", "liquidity")
        + ("to liquidation",),
        *(_row(told) for told in descriptions),
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines.append("")
    for row in rows:
        first, *rest = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join((first, *rest)).rstrip())
    troubles = [
        f"{told['symbol'] or told['token']}: {words}"
        for told in descriptions
        for words in [*told["faults"], *(["minting and levering are paused"] * told["paused"])]
    ]
    return "\n".join([*lines, *([""] if troubles else []), *troubles])


def signed(leverage: str) -> str:
    """Leverage as people say it: +3.000x."""
    return f"{Decimal(leverage):+.3f}x"


def percent(part: Decimal | str, sign: bool = True) -> str:
    """A part of one as per cent, with its sign."""
    value = EXACT.multiply(Decimal(part), Decimal(100)).quantize(Decimal("0.01"))
    if not value:
        return "0.00 %"
    return f"{value:+} %" if sign else f"{value} %"


def _row(told: Description) -> tuple[str, ...]:
    lane, side = told["lane"], told["side"]
    bringing = told["collateral"] if side == "lever" else told["debt"]
    return (
        told["symbol"] or told["token"],
        f"{show_number(Decimal(told['nav']))} {told['quote']}" if told["nav"] else UNKNOWN,
        signed(told["leverage"]) if told["leverage"] else UNKNOWN,
        " to ".join(f"{Decimal(edge):+.2f}" for edge in told["band"]),
        UNKNOWN if lane is None else f"{lane}, {side}" if side else lane,
        percent(told["premium"]) if told["premium"] else "",
        f"{show_number(Decimal(told['brings']))} {bringing}" if told["brings"] else "",
        f"{show_number(Decimal(told['liquidity']))} {told['debt']}"
        if told["liquidity"]
        else UNKNOWN,
        _liquidation_cell(told),
    )


def _liquidation_cell(told: Description) -> str:
    if told["to_liquidation"]:
        return percent(told["to_liquidation"])
    return "never" if told["owes"] == "0" and told["holds"] != "0" else UNKNOWN


def _faults(faults: Fault, state: State, readable: bool, solvent: bool) -> list[str]:
    words = [text for fault, text in FAULTS.items() if faults & fault]
    if readable and state.supply and not state.collateral:
        words.append(LIQUIDATED)
    elif not solvent:
        words.append(INSOLVENT)
    return words


def _liquidation(state: State, facts: Facts) -> str | None:
    if state.faults & Fault.VENUE_PRICE or not state.collateral:
        return None
    legs = (state.collateral, state.debt)
    move = to_liquidation(*legs, state.venue_price, facts.lltv, facts.rules.long)
    return None if move is None else _plain(move)


def _per_share(state: State, decimals: int) -> Decimal:
    return EXACT.divide(from_raw(state.assets, decimals), _of_wad(state.supply))


def _of_wad(raw: int) -> Decimal:
    return from_raw(raw, SHARE_DECIMALS)


def _plain(value: Decimal) -> str:
    """Without an exponent, without trailing zeros, 18 digits after the point at most."""
    rounded = value.quantize(Decimal(1).scaleb(-18), context=EXACT) if value else Decimal(0)
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
