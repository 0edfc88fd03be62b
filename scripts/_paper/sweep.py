"""Band × schedule × cost: what each combination would have lost on the same prices.

Those are of a file, or many paths of a made-up market, where one path alone would say little: on
it, luck decides which rules are best.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from scripts._paper.book import Book
from scripts._paper.issuer import DAY, YEAR, Charges, Issuer
from scripts._paper.many import Plan
from scripts._paper.told import Cell, Numbers
from scripts._paper.track import reach_of
from scripts._prices.bars import USD, Prices, path_of

BANDS = (0.01, 0.02, 0.05, 0.1, 0.2)
SCHEDULES = {"every 8 hours": DAY // 3, "daily": DAY, "weekly": 7 * DAY}
FEES = (0.0005, 0.001, 0.003)  # of the pool that a keeper trades with

World = Prices | Plan


class Job(NamedTuple):
    """A combination, to be lived on these prices, or on all paths of a plan."""

    issuer: Issuer
    long: bool
    charges: Charges
    schedule: str
    world: World


class _Way(NamedTuple):
    """Where paths begin, for how long takers look after a point, and how all go on."""

    begun: int
    start: Numbers
    reach: int
    points: Iterator[tuple[int, Numbers]]


class _Lived(NamedTuple):
    """Of each path: drag a year, rebalances a year, and the highest leverage."""

    drag: Numbers
    rebalances: Numbers
    highest: Numbers


def jobs(issuer: Issuer, charges: Charges, world: World) -> list[Job]:
    """One for each combination, of a token that stops at its band's edge: BULL and BEAR."""
    return [
        Job(
            replace(issuer, band=band, every=every, to="edge"),
            long,
            replace(charges, fee=fee),
            schedule,
            world,
        )
        for long in (True, False)
        for fee in FEES
        for schedule, every in SCHEDULES.items()
        for band in BANDS
    ]


def live(job: Job) -> Cell:
    """One combination: medians of all paths."""
    parts = [_live(job, way) for way in _ways(job)]
    lived = _Lived(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    drag, rebalances, highest = (float(np.median(column)) for column in lived)
    return Cell(
        token="BULL" if job.long else "BEAR",
        band=job.issuer.band,
        schedule=job.schedule,
        cost=job.charges.fee,
        drag=drag,
        rebalances=rebalances,
        max_leverage=highest,
        paths=len(lived.drag),
    )


def _ways(job: Job) -> Iterator[_Way]:
    """One through a file's bars; or those of a plan, so many paths at once as its chunks have."""
    world = job.world
    if isinstance(world, Plan):
        for paths, seed in world.chunks():
            yield _Way(world.begin, np.full(paths, world.price), DAY, world.prices(paths, seed))
        return
    points = [(time, answer / USD) for time, answer in path_of(world.bars, world.step, job.long)]
    begun, first = points[0]
    alone = ((time, np.array([price])) for time, price in points)
    yield _Way(begun, np.array([first]), reach_of(world.step), alone)


def _live(job: Job, way: _Way) -> _Lived:
    book = Book(job.issuer, job.long, job.charges, way.begun, way.start, way.reach)
    for time, price in way.points:
        book.point(time, price)
    years = (book.time - way.begun) / YEAR
    with np.errstate(divide="ignore"):  # nothing left: lost without bound
        lost = book.multiple * np.log(book.price / way.start) - np.log(book.share())
    return _Lived(lost / years, book.rebalances / years, book.leverage(book.highest))
