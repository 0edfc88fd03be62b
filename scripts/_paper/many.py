"""Many paths of a generated market, and several issuers' tokens on all of them at once.

Paths come in chunks, each with a seed of its own, so that the outcome depends on the seed and the
number of paths alone, and not on how many processes share the work.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import NamedTuple

import numpy as np

from scripts._paper.book import Book
from scripts._paper.issuer import DAY, YEAR, Charges, Issuer
from scripts._paper.told import Costs, Numbers, Outcomes
from scripts._prices.make import Market

CHUNK = 2_500  # paths: what fits into a core's cache
BEGIN = 1_577_836_800  # 2020-01-01 00:00:00 UTC


class Entry(NamedTuple):
    """A token that is to live: whose, and in which direction."""

    issuer: Issuer
    long: bool


class Plan(NamedTuple):
    """Paths of a market: as many `steps` of `seconds` each, from a time and a price on."""

    market: Market
    seed: int
    paths: int
    steps: int
    seconds: int = 3_600
    price: float = 2_000.0  # dollars
    begin: int = BEGIN

    def chunks(self) -> list[tuple[int, np.random.SeedSequence]]:
        """Paths and seed of each chunk."""
        sizes = [CHUNK] * (self.paths // CHUNK)
        if self.paths % CHUNK:
            sizes.append(self.paths % CHUNK)
        seeds = np.random.SeedSequence(self.seed).spawn(len(sizes))
        return list(zip(sizes, seeds, strict=True))

    def prices(self, paths: int, seed: np.random.SeedSequence) -> Iterator[tuple[int, Numbers]]:
        """Time and prices after each step."""
        rng = np.random.default_rng(seed)
        made = self.market.steps(rng, paths, self.steps, self.seconds)
        for number, relative in enumerate(made, 1):
            yield self.begin + number * self.seconds, relative * self.price


class Job(NamedTuple):
    """A chunk of a plan, for a pool."""

    plan: Plan
    entries: tuple[Entry, ...]
    charges: Charges
    chunk: tuple[int, np.random.SeedSequence]


def jobs(plan: Plan, entries: Sequence[Entry], charges: Charges) -> list[Job]:
    """One for each chunk."""
    return [Job(plan, tuple(entries), charges, chunk) for chunk in plan.chunks()]


def live(job: Job) -> list[Outcomes]:
    """Live through the paths of one chunk: the outcomes of each entry."""
    plan, entries, charges, (paths, seed) = job
    start = np.full(paths, plan.price)
    books = [Book(issuer, long, charges, plan.begin, start) for issuer, long in entries]
    watch = _Watch(plan, books)
    today = plan.begin // DAY
    for time, price in plan.prices(paths, seed):
        for book in books:
            book.point(time, price)
        if time // DAY != today:
            today = time // DAY
            watch.close_day(price)
    return watch.outcomes(plan, entries)


def join(parts: Sequence[Sequence[Outcomes]]) -> list[Outcomes]:
    """The outcomes of all chunks as those of one."""
    return [_join(tokens) for tokens in zip(*parts, strict=True)]


def _join(parts: Sequence[Outcomes]) -> Outcomes:
    first = parts[0]
    joined = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Outcomes)
        if isinstance(getattr(first, field.name), np.ndarray)
    }
    costs = [cost for part in parts for cost in part.costs]
    return Outcomes(first.issuer, first.token, first.target, first.years, costs=costs, **joined)


class _Watch:
    """What is looked at once a day: volatility, the ideal token, and how deep NAV has fallen."""

    def __init__(self, plan: Plan, books: list[Book]) -> None:
        self.books = books
        self.start = np.full(len(books[0].price), plan.price)
        self.price = self.start.copy()
        self.variance = np.zeros_like(self.price)
        self.ideal = [np.ones_like(self.price) for _ in books]
        self.top = [np.ones_like(self.price) for _ in books]
        self.depth = [np.zeros_like(self.price) for _ in books]

    def close_day(self, price: Numbers) -> None:
        """Midnight has passed."""
        change = price / self.price
        self.variance += np.log(change) ** 2
        self.price[:] = price
        for number, book in enumerate(self.books):
            self.ideal[number] *= np.maximum(0, 1 + book.multiple * (change - 1))
            share = book.share()
            top = np.maximum(self.top[number], share, out=self.top[number])
            np.maximum(self.depth[number], 1 - share / top, out=self.depth[number])

    def outcomes(self, plan: Plan, entries: Sequence[Entry]) -> list[Outcomes]:
        """Of each entry, at the end."""
        last = self.books[0].price
        if np.any(last != self.price):
            self.close_day(last)
        years = plan.steps * plan.seconds / YEAR
        volatility = np.sqrt(self.variance / years)
        trend = np.log(self.price / self.start)
        return [
            Outcomes(
                issuer=entry.issuer.name,
                token="BULL" if entry.long else "BEAR",
                target=book.multiple,
                years=years,
                nav=book.share(),
                ideal=self.ideal[number],
                volatility=volatility,
                trend=trend,
                drawdown=self.depth[number],
                rebalances=book.rebalances.astype(float),
                emergencies=book.emergencies.astype(float),
                liquidations=book.liquidations.astype(float),
                costs=_costs(book, trend),
            )
            for number, (entry, book) in enumerate(zip(entries, self.books, strict=True))
        ]


def _costs(book: Book, trend: Numbers) -> list[Costs]:
    """Of each path. Where nothing is left, beta slippage is infinite."""
    fee = book.issuer.management * (book.time - book.begun) / DAY
    with np.errstate(divide="ignore"):
        lost = book.multiple * trend - np.log(book.share())
    slippage = lost - book.funding - book.premium - fee
    return [
        Costs(float(funding), fee, float(premium), float(rest))
        for funding, premium, rest in zip(book.funding, book.premium, slippage, strict=True)
    ]
