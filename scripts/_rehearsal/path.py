"""What ETH costs in a week with two crashes: made up, and the same every time."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, sqrt
from random import Random

from scripts._model.daily_schedule import DAY

DAYS = 7
CALM = 300  # seconds between two points on a quiet day
FAST = 60  # and in a crash
VOLATILITY = 0.05  # of a quiet day

SEED = 20  # with which the price has moved every night: there is something to rebalance


@dataclass(frozen=True)
class Crash:
    """The price moves by a factor, then by another, within so many seconds each."""

    at: int  # seconds since the beginning
    falls: float
    within: int
    recovers: float
    over: int


CRASHES = (
    Crash(at=DAY + 5 * 3_600, falls=0.72, within=2 * 3_600, recovers=1.15, over=3 * 3_600),
    Crash(at=4 * DAY + 9 * 3_600, falls=0.78, within=40 * 60, recovers=1.12, over=2 * 3_600),
)


def path(start: float) -> Iterator[tuple[int, float]]:
    """Seconds since the beginning and dollars, one after the other, to the end of the week."""
    random, price, at = Random(SEED), start, 0
    while at <= DAYS * DAY:
        yield at, price
        crash = next((c for c in CRASHES if c.at <= at < c.at + c.within + c.over), None)
        step = FAST if crash else CALM
        noise = random.gauss(0, VOLATILITY * sqrt(step / DAY))
        drift = 0.0
        if crash:
            falling = at < crash.at + crash.within
            move, seconds = (crash.falls, crash.within) if falling else (crash.recovers, crash.over)
            drift = (move - 1) * step / seconds / (1 + (move - 1) / 2)
        price *= exp(drift + noise)
        at += step
