"""What became of tokens on paper, ready to be shown: plain numbers, no behaviour.

Returns are fractions, logs are natural, times are seconds since 1970. Leverage has its sign:
negative for a token that gains when the price falls.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Rebalance(NamedTuple):
    """Leverage before and after; `emergency` where it did not wait for the schedule.

    `paid` is the premium, or what trading cost, in parts of NAV.
    """

    time: int
    before: float
    after: float
    emergency: bool
    paid: float


class Costs(NamedTuple):
    """Logs of NAV that were lost; negative ones were gained.

    The log return of NAV is the target times that of the price, less all of these. Beta slippage
    is what is left of it when nothing is charged: what the path itself takes.
    """

    funding: float
    management: float
    premium: float
    beta_slippage: float

    @property
    def total(self) -> float:
        """All of them."""
        return sum(self)


@dataclass
class Track:
    """One token on one path. Arrays have a number a row; the first row is the beginning.

    `nav`, `ideal` and `margin` are what 1 became: of the token before fees in and out, of a token
    that is at target at each day's rebalance and costs nothing, and of a position opened once.
    `costs` are those of each day, which begins at `days`.
    """

    issuer: str  # "Ballast"
    token: str  # "BULL" or "BEAR"
    target: float
    band: tuple[float, float]  # leverage inside of which nothing is done, low first in size
    times: NDArray[np.int64]
    price: Numbers
    nav: Numbers
    leverage: Numbers
    ideal: Numbers
    margin: Numbers
    rebalances: list[Rebalance] = field(default_factory=list)
    liquidations: list[int] = field(default_factory=list)  # times
    days: list[int] = field(default_factory=list)
    costs: list[Costs] = field(default_factory=list)
    max_leverage: float = 0.0  # the highest of all points, without sign; infinite: nothing left


@dataclass
class Outcomes:
    """One token on many paths: arrays have a number a path."""

    issuer: str
    token: str
    target: float
    years: float  # that a path is long
    nav: Numbers  # what 1 became
    ideal: Numbers
    volatility: Numbers  # realised, a year
    trend: Numbers  # log return of the price
    drawdown: Numbers  # the deepest, as a positive fraction
    rebalances: Numbers
    emergencies: Numbers
    liquidations: Numbers
    costs: list[Costs] = field(default_factory=list)  # of each path; empty where not asked for


class Cell(NamedTuple):
    """One combination of rules and costs in a sweep, and what it lost a year.

    Of many paths the numbers are medians.
    """

    token: str
    band: float
    schedule: str  # "daily"
    cost: float  # of what is traded
    drag: float  # log of NAV a year that all costs together took, beta slippage too
    rebalances: float  # a year
    max_leverage: float
    paths: int = 1
