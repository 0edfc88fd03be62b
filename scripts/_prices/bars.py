"""Bars: open, high, low and close, and the walk through them that hurts a token most."""

from collections.abc import Iterable
from typing import NamedTuple

USD = 10**8  # one dollar in the feed's decimals
BOUNDS = (USD, 10**6 * USD)  # lowest and highest sane price
POINTS = 4  # of a bar


class Bar(NamedTuple):
    """Prices in the feed's decimals, from `time`, in seconds since 1970, on."""

    time: int
    open: int
    high: int
    low: int
    close: int


class Gap(NamedTuple):
    """So many bars are missing after the one that begins at the time `after`, or would begin."""

    after: int
    missing: int


class Prices(NamedTuple):
    """Bars in order, each `step` seconds long, but for gaps. `source` tells where they are from."""

    bars: list[Bar]
    step: int
    gaps: list[Gap]
    source: str


def path_of(bars: Iterable[Bar], step: int, long: bool) -> list[tuple[int, int]]:
    """Times and prices of all points, each bar's in the order that is adverse to the token.

    long     open, high, low, close
    short    open, low, high, close
    """
    quarter = step // POINTS
    points = []
    for bar in bars:
        extremes = (bar.high, bar.low) if long else (bar.low, bar.high)
        for number, price in enumerate((bar.open, *extremes, bar.close)):
            points.append((bar.time + number * quarter, price))
    return points
