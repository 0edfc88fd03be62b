"""How far the engine in floats is from the exact model, in integers, on the same bars."""

from concurrent.futures import Executor
from datetime import UTC, datetime
from math import log
from typing import NamedTuple

import numpy as np

from scripts._files.issuer import load_issuer
from scripts._life.in_model import made
from scripts._life.walk import EDGE, FILL_WEI, STAKE, Life, steps
from scripts._market import FUNDING, LONG_LLTV, POOL_FEE, SHORT_LLTV
from scripts._model.fixed_point import WAD
from scripts._model.rule_book import Rules, usual_emergency
from scripts._paper.book import Book
from scripts._paper.issuer import DAY, Charges
from scripts._paper.pool import spread
from scripts._prices.bars import POINTS, USD, path_of
from scripts._prices.make import Market, make_bars

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
DAYS, STEP, PRICE = 365, 3_600, 2_000.0
PATHS = 3

# What the walk in the model takes for granted, in the engine's words.
CHARGES = Charges(
    funding=FUNDING / WAD,
    fee=POOL_FEE / 10**6,
    profit=EDGE / WAD - POOL_FEE / 10**6,
    gas=FILL_WEI / WAD,
    stake=STAKE,
)


class Job(NamedTuple):
    """A year of bars that a seed makes."""

    market: Market
    seed: int
    long: bool


class Twice(NamedTuple):
    """What a share became, in either, and how often it was rebalanced."""

    exact: float
    floats: float
    fills: tuple[int, int]

    @property
    def error(self) -> float:
        """Basis points of NAV a year."""
        return abs(log(self.floats / self.exact)) * 1e4 / (DAYS * DAY / (365 * DAY))


def worst_error(pool: Executor, market: Market, seed: int) -> float:
    """Basis points of NAV a year, at the most, of BULL and BEAR on some years of a market."""
    jobs = [Job(market, seed + n, long) for n in range(PATHS) for long in (True, False)]
    return max(found.error for found in spread(pool, live_twice, jobs))


def live_twice(job: Job) -> Twice:
    """Ballast's usual token, in the model and in floats."""
    prices = make_bars(job.market, job.seed, BEGIN, DAYS, STEP, PRICE)
    target = 3 * WAD
    rules = Rules(long=job.long, target=target, emergency=usual_emergency(target, job.long))
    lltv = LONG_LLTV if job.long else SHORT_LLTV
    life = Life(0, rules, lltv)
    place = made(rules, lltv, prices.bars[0])
    for _ in steps(life, place, prices.bars, STEP, by_minute=True):
        pass
    exact = place.worth() / life.start

    points = path_of(prices.bars, STEP, job.long)
    begun, first = points[0][0], np.array([points[0][1] / USD])
    book = Book(load_issuer("ballast"), job.long, CHARGES, begun, first, STEP // POINTS)
    for time, answer in points:
        book.point(time, np.array([answer / USD]))
    return Twice(exact, float(book.share()[0]), (len(life.fills), int(book.rebalances[0])))
