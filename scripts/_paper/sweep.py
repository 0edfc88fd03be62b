"""Band × schedule × cost: what each combination would have lost on the same prices."""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from math import inf, log
from typing import NamedTuple

import numpy as np

from scripts._paper.book import Book
from scripts._paper.issuer import DAY, Charges, Issuer
from scripts._paper.pool import spread
from scripts._paper.told import Cell
from scripts._paper.track import reach_of
from scripts._prices.bars import USD, Prices, path_of

BANDS = (0.01, 0.02, 0.05, 0.1, 0.2)
SCHEDULES = {"every 8 hours": DAY // 3, "daily": DAY, "weekly": 7 * DAY}
FEES = (0.0005, 0.001, 0.003)  # of the pool that a keeper trades with
YEAR = 365 * DAY


class Job(NamedTuple):
    """A combination, to be lived on these prices."""

    issuer: Issuer
    long: bool
    charges: Charges
    schedule: str
    prices: Prices


def sweep(pool: Executor, issuer: Issuer, charges: Charges, prices: Prices) -> Iterator[Cell]:
    """All combinations for a token that stops at its band's edge, BULL and BEAR."""
    yield from spread(pool, live, jobs(issuer, charges, prices))


def jobs(issuer: Issuer, charges: Charges, prices: Prices) -> list[Job]:
    """One for each combination."""
    return [
        Job(
            replace(issuer, band=band, every=every, to="edge"),
            long,
            replace(charges, fee=fee),
            schedule,
            prices,
        )
        for long in (True, False)
        for fee in FEES
        for schedule, every in SCHEDULES.items()
        for band in BANDS
    ]


def live(job: Job) -> Cell:
    """One combination."""
    prices = job.prices
    points = path_of(prices.bars, prices.step, job.long)
    begun, first = points[0][0], points[0][1] / USD
    book = Book(job.issuer, job.long, job.charges, begun, np.array([first]), reach_of(prices.step))
    price = np.empty(1)
    for time, answer in points:
        price[0] = answer / USD
        book.point(time, price)
    years = (points[-1][0] - begun) / YEAR
    share = float(book.share()[0])
    multiple = job.issuer.target if job.long else -job.issuer.target
    gain = multiple * log(float(price[0]) / first)
    return Cell(
        token="BULL" if job.long else "BEAR",
        band=job.issuer.band,
        schedule=job.schedule,
        cost=job.charges.fee,
        drag=(gain - log(share)) / years if share > 0 else inf,
        rebalances=float(book.rebalances[0]) / years,
        max_leverage=float(book.leverage(book.highest)[0]),
    )
