"""Prices that are made with a seed, for when there is no file, and for many paths at once.

A market makes one array a step, so that what is held does not grow with the number of steps.
Which prices a seed makes depends on the number of paths. So that results do not depend on the
number of workers, split paths into chunks of a fixed size, and give each its own generator, of
`np.random.SeedSequence(seed).spawn(chunks)`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp, expm1, log, sqrt
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from scripts._prices.bars import BOUNDS, USD, Bar, Prices

DAY = 86_400
YEAR = 365 * DAY
BLOCK = 2**17  # normal numbers that are drawn at once

Numbers = NDArray[np.float64]


class Market(Protocol):
    """Something that moves a price at random."""

    def steps(
        self, rng: np.random.Generator, paths: int, count: int, seconds: float
    ) -> Iterator[Numbers]:
        """Prices of all paths, relative to the start, after each of `count` steps of `seconds`."""


@dataclass(frozen=True)
class Gbm:
    """Geometric Brownian motion: trends and noise, the same at all times.

    drift         log of the mean's growth a year: E[S(T)] = exp(drift T)
    volatility    standard deviation of the log return, a year

    log S(T) = (drift - volatility^2 / 2) T + volatility W(T), as in Black and Scholes, "The Pricing
    of Options and Corporate Liabilities", 1973.
    """

    drift: float
    volatility: float

    def __post_init__(self) -> None:
        _check(self, volatility=self.volatility >= 0)

    def steps(
        self, rng: np.random.Generator, paths: int, count: int, seconds: float
    ) -> Iterator[Numbers]:
        """Of exact distribution, however long a step."""
        years = seconds / YEAR
        mean = (self.drift - self.volatility**2 / 2) * years
        deviation = self.volatility * sqrt(years)
        logs = np.zeros(paths)
        for moves in _normals(rng, paths, count):
            moves *= deviation
            moves += mean
            logs += moves
            yield np.exp(logs)


@dataclass(frozen=True)
class Jumps:
    """Jump diffusion: geometric Brownian motion, and jumps that come out of nowhere.

    drift         log of the mean's growth a year, jumps included: E[S(T)] = exp(drift T)
    volatility    of what is not a jump, a year
    jumps         a year, on average
    jump          mean of a jump's log return
    spread        standard deviation of a jump's log return

    With jumps as often as a Poisson process of that rate has them, independent of all else: Merton,
    "Option Pricing when Underlying Stock Returns Are Discontinuous", 1976. Log returns have the
    variance volatility^2 + jumps (jump^2 + spread^2) a year.
    """

    drift: float
    volatility: float
    jumps: float
    jump: float
    spread: float

    def __post_init__(self) -> None:
        _check(
            self,
            volatility=self.volatility >= 0,
            jumps=self.jumps >= 0,
            spread=self.spread >= 0,
        )

    def steps(
        self, rng: np.random.Generator, paths: int, count: int, seconds: float
    ) -> Iterator[Numbers]:
        """Of exact distribution, however long a step."""
        years = seconds / YEAR
        # What jumps add to the mean, the drift gives back.
        growth = self.jumps * expm1(self.jump + self.spread**2 / 2)
        mean = (self.drift - self.volatility**2 / 2 - growth) * years
        deviation = self.volatility * sqrt(years)
        logs = np.zeros(paths)
        for moves in _normals(rng, paths, count):
            moves *= deviation
            moves += mean
            logs += moves
            # Jumps of all paths are one Poisson process, whose every jump is of a path at random.
            if number := rng.poisson(self.jumps * years * paths):
                sizes = rng.normal(self.jump, self.spread, number)
                np.add.at(logs, rng.integers(paths, size=number), sizes)
            yield np.exp(logs)


class Regime(NamedTuple):
    """A time with its own drift and volatility, a year, which lasts so many days on average."""

    drift: float
    volatility: float
    days: float


@dataclass(frozen=True)
class Regimes:
    """Regime switching: geometric Brownian motion whose drift and volatility change by chance.

    regimes    two or more; each is followed by any of the others, all equally likely

    The chance that a regime ends is the same at all times: a Markov chain, as in Hamilton, "A New
    Approach to the Economic Analysis of Nonstationary Time Series and the Business Cycle", 1989.
    Paths begin in a regime at random, as often as it is met in the long run: regime i a part
    days_i / (days_1 + … + days_n) of the time.
    """

    regimes: tuple[Regime, ...]

    def __post_init__(self) -> None:
        _check(
            self,
            regimes=len(self.regimes) >= 2,
            volatility=all(regime.volatility >= 0 for regime in self.regimes),
            days=all(regime.days > 0 for regime in self.regimes),
        )

    def steps(
        self, rng: np.random.Generator, paths: int, count: int, seconds: float
    ) -> Iterator[Numbers]:
        """Regimes change between steps only, so these should be short beside `days`."""
        drifts, volatilities, days = np.array(self.regimes, dtype=np.float64).T
        years = seconds / YEAR
        means = (drifts - volatilities**2 / 2) * years
        deviations = volatilities * sqrt(years)
        # A regime lasts 1 / ending steps on average.
        ending = -np.expm1(-seconds / (days * DAY))

        regime = rng.choice(len(ending), size=paths, p=(1 / ending) / (1 / ending).sum())
        until = rng.geometric(ending[regime])  # before this step it changes
        mean, deviation = means[regime], deviations[regime]
        logs = np.zeros(paths)
        for step, moves in enumerate(_normals(rng, paths, count)):
            changed = np.flatnonzero(until == step)
            if changed.size:
                further = rng.integers(1, len(ending), size=changed.size)
                now = regime[changed] = (regime[changed] + further) % len(ending)
                until[changed] = step + rng.geometric(ending[now])
                mean[changed], deviation[changed] = means[now], deviations[now]
            moves *= deviation
            moves += mean
            logs += moves
            yield np.exp(logs)


@dataclass(frozen=True)
class Chop:
    """Mean reversion: the price leaves where it started, and is drawn back, without a trend.

    volatility    of the noise, a year: what log returns show over times short beside 1 / speed
    speed         of the way back, a year: half of it is gone after log(2) / speed years

    The log price is an Ornstein-Uhlenbeck process around 0: dx = -speed x dt + volatility dW. Over
    T it keeps exp(-speed T) of x, and gains noise of the variance volatility^2 (1 - exp(-2 speed
    T)) / (2 speed), exactly: Uhlenbeck and Ornstein, "On the Theory of the Brownian Motion", 1930.
    """

    volatility: float
    speed: float

    def __post_init__(self) -> None:
        _check(self, volatility=self.volatility >= 0, speed=self.speed > 0)

    def steps(
        self, rng: np.random.Generator, paths: int, count: int, seconds: float
    ) -> Iterator[Numbers]:
        """Of exact distribution, however long a step."""
        years = seconds / YEAR
        kept = exp(-self.speed * years)
        deviation = self.volatility * sqrt(-expm1(-2 * self.speed * years) / (2 * self.speed))
        logs = np.zeros(paths)
        for moves in _normals(rng, paths, count):
            moves *= deviation
            logs *= kept
            logs += moves
            yield np.exp(logs)


def make_bars(
    market: Market,
    seed: int,
    start: datetime,
    days: int,
    step: int,
    price: float,
    inner: int = 12,
) -> Prices:
    """Bars of `step` seconds for `days`, from `start` (naive times are UTC) and `price` dollars on.

    A bar opens where the one before closed, and has the extremes of `inner` steps. Prices are held
    inside of what a feed may answer, BOUNDS. One seed makes the same bars each time.
    """
    count = days * DAY // step
    steps = market.steps(np.random.default_rng(seed), 1, count * inner, step / inner)
    path = np.fromiter((price * prices[0] for prices in steps), np.float64, count * inner)
    ends = np.rint(np.clip(path * USD, *BOUNDS)).astype(np.int64).reshape(count, inner)
    closes = ends[:, -1]
    opens = np.concatenate(([round(price * USD)], closes[:-1]))
    highs, lows = np.maximum(opens, ends.max(1)), np.minimum(opens, ends.min(1))
    begin = int((start if start.tzinfo else start.replace(tzinfo=UTC)).timestamp())
    times = range(begin, begin + count * step, step)
    columns = (column.tolist() for column in (opens, highs, lows, closes))
    bars = [Bar(*fields) for fields in zip(times, *columns, strict=True)]
    return Prices(bars, step, [], f"{market}, seed {seed}")


def _normals(rng: np.random.Generator, paths: int, count: int) -> Iterator[Numbers]:
    """Normal numbers for each of `count` steps, which the receiver may overwrite."""
    block = np.empty((min(count, max(1, BLOCK // paths)), paths))
    for begin in range(0, count, max(1, len(block))):
        rows = block[: count - begin]
        rng.standard_normal(out=rows)
        yield from rows


def _check(market: object, **fine: bool) -> None:
    for name, holds in fine.items():
        if not holds:
            raise ValueError(f"{market}: {name} is out of range")


# As volatile as ETH has been: about 0.8 a year.
MARKETS: dict[str, Market] = {
    "gbm": Gbm(drift=0.0, volatility=0.8),
    "jumps": Jumps(drift=0.0, volatility=0.65, jumps=12, jump=-0.03, spread=0.12),
    "regimes": Regimes((Regime(1.5, 0.75, 40), Regime(-1.8, 1.05, 25), Regime(0.0, 0.55, 30))),
    "chop": Chop(volatility=0.8, speed=26 * log(2)),  # half of the way back in two weeks
}
