"""What a taker should know before the yes, line by line."""

from decimal import Decimal

from scripts._model.leverage_math import NOTHING_LEFT
from scripts._wallet.amounts import EXACT, from_raw, show_least, show_number
from scripts._wallet.preview import Line
from scripts._wallet.prices import quote_of
from scripts._wallet.screen import percent
from scripts._wallet.taking import Offer


def flash_lines(
    offer: Offer, legs: tuple[int, int], profit: int, least: int, wei: int, spent: Decimal | None
) -> list[Line]:
    """A fill without capital that earns `profit`, for gas of `wei`, worth `spent`."""
    brings, takes = legs
    coin = offer.takes
    bound = show_least(least, coin.decimals, coin.symbol)
    return [
        *_open_lines(offer),
        ("it brings", f"{offer.brings.show(brings)}, bought on Uniswap v3"),
        ("it takes", f"{coin.show(takes)}, of which the pool is paid"),
        ("profit", f"{bound} at least, {coin.show(profit)} expected"),
        ("gas", _gas(offer, profit, wei, spent)),
        _after(offer, brings, takes),
    ]


def own_lines(offer: Offer, legs: tuple[int, int], least: int) -> list[Line]:
    """A fill with own capital."""
    brings, takes = legs
    bound = show_least(least, offer.takes.decimals, offer.takes.symbol)
    gain = _quote(offer, offer.gain(brings, takes))
    return [
        *_open_lines(offer),
        ("you pay", offer.brings.show(brings)),
        ("you receive", f"{bound} at least, {offer.takes.show(takes)} expected"),
        ("gain", f"{gain}, at the oracle's price"),
        _after(offer, brings, takes),
    ]


def _open_lines(offer: Offer) -> list[Line]:
    state = offer.state
    way = "lever" if state.levering else "delever"
    premium = percent(from_raw(state.premium, 18))
    return [
        ("lane", f"{state.lane.name.lower()}, {way}, premium {premium}"),
        ("open", f"{offer.brings.show(state.brings)} for {offer.takes.show(state.takes)}"),
    ]


def _gas(offer: Offer, profit: int, wei: int, spent: Decimal | None) -> str:
    """What it costs, and what is left of the profit where that can be told."""
    cost = f"{show_number(from_raw(wei, 18))} ETH"
    if spent is None:
        quote, _ = quote_of(offer.facts)
        return f"{cost}; no pool tells what that is in {quote}: compare it with the profit yourself"
    left = offer.profit_in_quote(profit) - spent
    if left <= 0:
        return f"{cost}, which is more than the profit"
    return f"{cost}; after it {_quote(offer, left)} are left"


def _after(offer: Offer, brings: int, takes: int) -> Line:
    sides = (offer.state.leverage, offer.leverage_after(brings, takes))
    before, after = (_signed(leverage, offer.facts.rules.long) for leverage in sides)
    return ("leverage", f"{before} now, {after} after it")


def _signed(leverage: int, long: bool) -> str:
    if leverage == NOTHING_LEFT:
        return "none"
    return f"{from_raw(leverage if long else -leverage, 18):+.3f}x"


def _quote(offer: Offer, raw: Decimal) -> str:
    """Raw units of the quote asset."""
    symbol, decimals = quote_of(offer.facts)
    return f"{show_number(EXACT.scaleb(raw, -decimals), decimals)} {symbol}"
