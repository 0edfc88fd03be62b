"""Tokens of several issuers, on one path or on many, by a pool of processes, with progress."""

import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import NamedTuple, TypeVar

import click

from scripts._paper import many, sweep
from scripts._paper.issuer import Charges, Issuer
from scripts._paper.many import Entry, Plan
from scripts._paper.pool import spread
from scripts._paper.told import Cell, Outcomes, Track
from scripts._paper.track import track
from scripts._prices.bars import Prices

J = TypeVar("J")
R = TypeVar("R")


class Measured(NamedTuple):
    """Outcomes, and what they took: seconds, and the memory of all processes at its highest."""

    outcomes: list[Outcomes]
    steps: int  # of a path
    seconds: float
    peak_mb: float


class Line(NamedTuple):
    """A token to live through these prices."""

    prices: Prices
    issuer: Issuer
    long: bool
    charges: Charges


def both(issuers: Sequence[Issuer]) -> list[Entry]:
    """BULL and BEAR of each."""
    return [Entry(issuer, long) for issuer in issuers for long in (True, False)]


def on_paths(
    pool: Executor, plan: Plan, entries: Sequence[Entry], charges: Charges, label: str
) -> Measured:
    """Live through all paths of a plan."""
    begun = time.monotonic()
    jobs = many.jobs(plan, entries, charges)
    parts, peaks = [], {os.getpid(): _peak_mb()}
    for part, process, peak in _show(spread(pool, _live, jobs), len(jobs), label):
        parts.append(part)
        peaks[process] = max(peak, peaks.get(process, 0.0))
    return Measured(many.join(parts), plan.steps, time.monotonic() - begun, sum(peaks.values()))


def on_prices(
    pool: Executor, prices: Prices, issuers: Sequence[Issuer], charges: Charges, label: str
) -> list[Track]:
    """Live through bars, BULL and BEAR of each issuer."""
    lines = [Line(prices, issuer, long, charges) for issuer, long in both(issuers)]
    return list(_show(spread(pool, _follow, lines), len(lines), label))


def swept(
    pool: Executor, issuer: Issuer, charges: Charges, world: sweep.World, label: str
) -> list[Cell]:
    """All combinations of band, schedule and cost, on these prices or on all paths of a plan."""
    jobs = sweep.jobs(issuer, charges, world)
    return list(_show(spread(pool, sweep.live, jobs), len(jobs), label))


def _live(job: many.Job) -> tuple[list[Outcomes], int, float]:
    return many.live(job), os.getpid(), _peak_mb()


def _follow(line: Line) -> Track:
    return track(*line)


def _show(results: Iterator[R], length: int, label: str) -> Iterator[R]:
    with click.progressbar(results, length=length, label=f"  {label}", file=sys.stderr) as shown:
        yield from shown


def _peak_mb() -> float:
    """The most memory that this process has held so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
