"""A life on the chain as a track, beside an ideal token and a margin position."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from scripts._life.books import Books
from scripts._life.walk import Life, Step
from scripts._model.daily_schedule import opened
from scripts._model.fixed_point import WAD
from scripts._model.token import Lane
from scripts._paper.closed import margin
from scripts._paper.told import Rebalance, Track
from scripts._prices.bars import POINTS, USD, Prices, path_of


def track(prices: Prices, life: Life, steps: Sequence[Step], books: Books) -> Track:
    """What was lived in `steps`, which end early where nothing is left; costs are in `books`."""
    long = life.rules.long
    sign = 1 if long else -1
    points = path_of(prices.bars, prices.step, long)
    closes = points[POINTS - 1 :: POINTS]
    gone = [0.0] * (len(closes) - len(steps))
    edges = (sign * life.rules.lowest / WAD, sign * life.rules.highest / WAD)
    left = margin(np.array([answer / USD for _, answer in points]), books.target)
    return Track(
        issuer="Ballast",
        token=life.symbol.removeprefix("ETH"),
        target=books.target,
        band=edges,
        times=np.array([points[0][0], *(time for time, _ in closes)], dtype=np.int64),
        price=np.array([points[0][1], *(answer for _, answer in closes)]) / USD,
        nav=np.array([1.0, *(step.nav / life.start for step in steps), *gone]),
        leverage=np.array(
            [sign * level for level in (life.trail[0][1], *_levels(steps), *gone)], dtype=np.float64
        ),
        ideal=np.array([1.0, *_ideal(closes, books)]),
        margin=np.array([1.0, *left[POINTS - 1 :: POINTS]]),
        rebalances=[
            Rebalance(
                time=fill.time,
                before=sign * fill.before,
                after=sign * fill.after,
                emergency=fill.lane == Lane.EMERGENCY,
                paid=fill.paid,
            )
            for fill in life.fills
        ],
        liquidations=[liquidation.time for liquidation in life.liquidations],
        days=[page.day for page in books.pages],
        costs=[page.costs(books.target) for page in books.pages],
        max_leverage=life.max_leverage,
    )


def _levels(steps: Sequence[Step]) -> list[float]:
    return [step.leverage / WAD for step in steps]


def _ideal(closes: Sequence[tuple[int, int]], books: Books) -> list[float]:
    """What 1 has become at each close, of a token that is at its target whenever a day begins.

    The price at which a day begins is the last one before.
    """
    worth = [1.0, *accumulate((page.ideal(books.target) for page in books.pages), float.__mul__)]
    begun = {page.day: (page, before) for page, before in zip(books.pages, worth, strict=False)}
    found = []
    for time, answer in closes:
        page, before = begun[opened(time)]
        found.append(before * page.ideal(books.target, answer))
    return found
