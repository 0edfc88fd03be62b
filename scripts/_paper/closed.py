"""What a leveraged token becomes, in closed form: kept at target all the time, on a path of a given
volatility.

    NAV = (S_T / S_0)^L * exp(-L (L - 1) sigma^2 T / 2) * exp(-costs)

L has its sign. Where the price ends decides the first factor, how it went there the second: beta
slippage. It takes from all above 1x and below 0, and gives to what lies in between.
"""

from math import exp, sqrt
from typing import NamedTuple, TypeVar

import numpy as np

from scripts._paper.told import Numbers

YEAR = 365  # days: this market does not close

Number = TypeVar("Number", float, Numbers)


class After(NamedTuple):
    """What 1 became, and why not more."""

    worth: float
    without_volatility: float  # had the price gone straight, and nothing been charged
    slippage: float  # what volatility took of that; negative: gave
    costs: float  # what costs took of the rest


def beta_slippage(leverage: float, volatility: Number, years: float) -> Number:
    """Log of NAV that volatility, a year, takes in that time."""
    return leverage * (leverage - 1) / 2 * years * volatility * volatility


def margin(prices: Numbers, leverage: float) -> Numbers:
    """What 1 becomes at each price, in a position opened at the first, and gone at nothing."""
    alone = np.maximum(0, 1 + leverage * (prices / prices[0] - 1))
    return np.where(np.minimum.accumulate(alone) > 0, alone, 0.0)


def a_year(volatility_a_day: float) -> float:
    """Volatility a year of that a day."""
    return volatility_a_day * sqrt(YEAR)


def after(
    leverage: float, move: float, days: float, volatility: float, costs_a_day: float
) -> After:
    """What 1 becomes while the price moves by the fraction `move` over that many days.

    Volatility is a year's, costs are the fraction of NAV that a day takes. The report's calculator
    does the same in JavaScript. Raises ValueError where the price would fall by all or more.
    """
    if move <= -1:
        raise ValueError(f"move: expected more than -1, not {move}")
    straight = (1 + move) ** leverage
    bent = straight * exp(-beta_slippage(leverage, volatility, days / YEAR))
    worth = bent * exp(-costs_a_day * days)
    return After(worth, straight, straight - bent, bent - worth)
