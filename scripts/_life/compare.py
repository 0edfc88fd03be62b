"""A life on the chain, and beside it the same in the model, bar by bar.

In both a keeper decides by itself, by what it is told there. So the two are alike as long as every
figure is: one unit of difference in one bar shows in all that follow.
"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from scripts._life.in_model import InModel
from scripts._life.walk import Life, Place, Step, steps
from scripts._prices.bars import Prices


class Beside(NamedTuple):
    """One bar: what the chain says, and what the model says."""

    chain: Step
    model: Step

    @property
    def mismatch(self) -> int:
        """The largest difference of collateral, debt, NAV and leverage, in their own units.

        At least one where somebody has done another thing, or at another time.
        """
        pairs = zip(_figures(self.chain), _figures(self.model), strict=True)
        largest = max(abs(one - other) for one, other in pairs)
        same = _happened(self.chain) == _happened(self.model)
        return largest or int(not same)


def beside(
    life: Life, place: Place, model_life: Life, model: InModel, prices: Prices
) -> Iterator[Beside]:
    """Live through all bars in both places, by the minute. Ends where nothing is left in either."""
    bars, step = prices.bars, prices.step
    both = (
        steps(life, place, bars, step, by_minute=True),
        steps(model_life, model, bars, step, by_minute=True),
    )
    for bar, (chain, told) in zip(bars, zip_longest(*both), strict=False):
        nothing = Step(bar, 0, 0, 0, 0, [], [])
        yield Beside(chain or nothing, told or nothing)


def _figures(step: Step) -> tuple[int, int, int, int]:
    return step.collateral, step.debt, step.nav, step.leverage


def _happened(step: Step) -> tuple[list[object], list[object]]:
    return list(step.fills), list(step.liquidations)
