"""Amounts as people write them, "12.5 ETHBULL", and as contracts count them, raw.

A raw amount is an integer number of a coin's smallest units; `decimals` says how many of them make
one. Parsing is exact: what a coin cannot count is refused, never rounded.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

ALL = "all"
NUMBER = re.compile(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\.\d+")
SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,31}")

EXACT = Context(prec=120)  # more digits than 256 bits have: nothing is rounded before it is shown


@dataclass(frozen=True)
class Amount:
    """What a person wrote. No `value`: all there is. No `symbol`: what of is clear without."""

    value: Decimal | None
    symbol: str | None = None

    @property
    def is_bare(self) -> bool:
        """Whether it is a symbol alone."""
        return self.value == 0

    def __str__(self) -> str:
        if self.is_bare:
            return self.symbol or ""
        number = ALL if self.value is None else f"{self.value:f}"
        return f"{number} {self.symbol}" if self.symbol else number


def parse(text: str) -> Amount:
    """Read "1000 USDC", "1,000.50 USDC", "all USDC", "12.5", "all" or "USDC".

    A symbol alone is bare: its value is zero. Raises ValueError.
    """
    words = text.split()
    if not 1 <= len(words) <= 2:
        raise ValueError(f'"{text}" is no amount: write it like "1000 USDC" or "all USDC"')
    number, symbol = words[0], words[1] if len(words) == 2 else None
    if symbol is None and number.lower() != ALL and SYMBOL.fullmatch(number):
        return Amount(Decimal(0), number.upper())
    if symbol is not None and not SYMBOL.fullmatch(symbol):
        raise ValueError(f'"{symbol}" is no symbol: write the amount like "1000 USDC"')
    unit = symbol.upper() if symbol else None
    if number.lower() == ALL:
        return Amount(None, unit)
    if not NUMBER.fullmatch(number):
        raise ValueError(f'"{number}" is no number: write it like 1000, 1,000 or 0.5')
    value = Decimal(number.replace(",", ""))
    if not value:
        raise ValueError("the amount is zero: it must be more")
    return Amount(value, unit)


def to_raw(value: Decimal, decimals: int, symbol: str) -> int:
    """`value` of a coin as raw units. Raises ValueError for more decimals than the coin has."""
    raw = EXACT.scaleb(value, decimals)
    if raw != raw.to_integral_value():
        smallest = f"{EXACT.scaleb(Decimal(1), -decimals):f}"
        raise ValueError(f"{value:f} {symbol} cannot be paid: the smallest unit is {smallest}")
    return int(raw)


def from_raw(raw: int, decimals: int) -> Decimal:
    """Raw units as a number of coins, exactly."""
    return EXACT.scaleb(Decimal(raw), -decimals)


def show(raw: int, decimals: int, symbol: str = "", rounding: str = ROUND_HALF_EVEN) -> str:
    """Raw units for the eye: two digits after the point of what is large, six that count else."""
    number = show_number(from_raw(raw, decimals), decimals, rounding)
    return f"{number} {symbol}" if symbol else number


def show_most(raw: int, decimals: int, symbol: str) -> str:
    """An upper bound: rounded up, so that what is shown is never passed."""
    return show(raw, decimals, symbol, ROUND_CEILING)


def show_least(raw: int, decimals: int, symbol: str) -> str:
    """A lower bound: rounded down."""
    return show(raw, decimals, symbol, ROUND_FLOOR)


def show_number(value: Decimal, most_digits: int = 18, rounding: str = ROUND_HALF_EVEN) -> str:
    """1,234.57, 12.3457, 0.00123457: what is small keeps six digits that count."""
    digits = min(_digits(value), most_digits)
    shown = value.quantize(Decimal(1).scaleb(-digits), rounding, EXACT)
    if _digits(shown) < digits:  # 999.99999 is 1,000.00
        shown = shown.quantize(Decimal(1).scaleb(-_digits(shown)), rounding, EXACT)
    text = f"{shown:,f}"
    if shown and abs(shown) < 1:  # 0.5000 and 0.0125, not 0.500000 and 0.01250000
        whole, _, part = text.partition(".")
        text = f"{whole}.{part.rstrip('0'):0<{min(4, most_digits)}}" if part else whole
    return text


def _digits(value: Decimal) -> int:
    """After the point."""
    size = abs(value)
    if not size:
        return 0
    return 2 if size >= 1000 else 4 if size >= 1 else 5 - size.adjusted()
