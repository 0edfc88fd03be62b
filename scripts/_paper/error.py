"""How far the engine in floats is from the exact model, in integers, on the same bars."""

from concurrent.futures import Executor
from datetime import UTC, datetime
from math import inf, log
from typing import NamedTuple

import numpy as np

from scripts._files.issuer import load_issuer
from scripts._life.in_model import made
from scripts._life.walk import EDGE, FILL_WEI, STAKE, Life, steps
from scripts._market import LONG_RATE, POOL_FEE, SHORT_RATE
from scripts._model.daily_schedule import OFFSET
from scripts._model.fixed_point import WAD
from scripts._model.rule_book import Rules
from scripts._paper.book import Book
from scripts._paper.issuer import DAY, YEAR, Charges, Issuer
from scripts._paper.pool import spread
from scripts._paper.track import reach_of
from scripts._prices.bars import USD, path_of
from scripts._prices.make import Market, make_bars

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
DAYS, STEP, PRICE = 365, 3_600, 2_000.0
PATHS = 3


class Job(NamedTuple):
    """A token that is kept by auction, and bars that a seed makes."""

    market: Market
    seed: int
    issuer: Issuer
    long: bool
    days: int = DAYS
    step: int = STEP


class Twice(NamedTuple):
    """What a share became in the model and in floats; how often it was rebalanced, liquidated."""

    years: float
    exact: float
    floats: float
    fills: tuple[int, int]
    liquidations: tuple[int, int]

    @property
    def error(self) -> float:
        """Basis points of NAV a year; infinite where something is left in only one of them."""
        if not (self.exact and self.floats):
            return 0.0 if self.exact == self.floats else inf
        return abs(log(self.floats / self.exact)) * 1e4 / self.years


def worst_error(pool: Executor, market: Market, seed: int) -> float:
    """Basis points of NAV a year, at the most, of BULL and BEAR on some years of a market."""
    ours = load_issuer("ballast")
    jobs = [Job(market, seed + n, ours, long) for n in range(PATHS) for long in (True, False)]
    return max(found.error for found in spread(pool, live_twice, jobs))


def live_twice(job: Job) -> Twice:
    """The same token in the model and in floats."""
    prices = make_bars(job.market, job.seed, BEGIN, job.days, job.step, PRICE)
    rules, lltv = rules_of(job.issuer, job.long), round(job.issuer.lltv[not job.long] * WAD)
    life = Life(0, rules, lltv)
    place = made(rules, lltv, prices.bars[0])
    for _ in steps(life, place, prices.bars, job.step, by_minute=True):
        pass
    exact = place.worth() / life.start

    points = path_of(prices.bars, job.step, job.long)
    begun, first = points[0][0], np.array([points[0][1] / USD])
    charges = charges_of(job.issuer, job.long)
    book = Book(job.issuer, job.long, charges, begun, first, reach_of(job.step))
    for time, answer in points:
        book.point(time, np.array([answer / USD]))
    return Twice(
        years=job.days * DAY / YEAR,
        exact=exact,
        floats=float(book.share()[0]),
        fills=(len(life.fills), int(book.rebalances[0])),
        liquidations=(len(life.liquidations), int(book.liquidations[0])),
    )


def charges_of(issuer: Issuer, long: bool) -> Charges:
    """What the walk in the model takes for granted, and its market charges on debt."""
    rate, owed = (LONG_RATE, issuer.target - 1) if long else (SHORT_RATE, issuer.target)
    return Charges(
        funding=rate * DAY / WAD * owed,
        fee=POOL_FEE / 10**6,
        profit=EDGE / WAD - POOL_FEE / 10**6,
        gas=FILL_WEI / WAD,
        stake=STAKE,
    )


def rules_of(issuer: Issuer, long: bool) -> Rules:
    """What the contract is told. Raises ValueError for what it cannot do."""
    auction = issuer.auction
    daily = (issuer.at, issuer.every, issuer.to, issuer.then) == (OFFSET, DAY, "edge", "target")
    if not (auction and daily):
        raise ValueError(f"{issuer.name}: expected an auction, daily at 00:02, to the band's edge")
    return Rules(
        long=long,
        target=round(issuer.target * WAD),
        band=round(issuer.band * WAD),
        emergency=round(issuer.above[not long] * WAD),
        window=auction.window,
        ramp=auction.ramp,
        premium_start=round(auction.start * WAD),
        premium_end=round(auction.end * WAD),
        emergency_premium=round(auction.emergency * WAD),
        mint_fee=round(issuer.mint * WAD),
        redeem_fee=round(issuer.redeem * WAD),
        management_fee=round(issuer.management * WAD),
    )
