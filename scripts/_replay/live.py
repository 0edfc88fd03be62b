"""One token lives through all prices on the chain, and the model beside it.

The chain decides: a keeper asks the contracts what is open, fills through Keeper.vy and the pool,
and the venue liquidates or not. The model has its own keeper, who asks the model. They must agree
on collateral, debt, NAV and leverage, to the last unit, in every bar.

What the pool is involved in is the keeper's own: it buys what a fill brings in the pool, and what
is left of what the fill takes is its profit. The model has no pool. In both, the walk takes the
pool's fee and what a trade moves its price to be less than EDGE; on the chain Keeper.vy then holds
the keeper to its gas as the least profit, so a pool that is dearer stops the replay. That the pool
is as deep as POOLED says keeps this from happening to a token that grows.
"""

from collections.abc import Callable
from typing import NamedTuple

import click
from ape.exceptions import ContractLogicError

from scripts._devnet import undone
from scripts._life.books import Books
from scripts._life.compare import Beside, beside
from scripts._life.on_chain import OnChain
from scripts._life.track import track
from scripts._life.walk import Life
from scripts._paper.told import Track
from scripts._prices.bars import Prices

POOLED = 100_000_000_000  # dollars on each side: a trade of ten millions moves the price by 0.02 %


class Lived(NamedTuple):
    """A token's bars; `earned` is what the keeper got for each fill, in dollars."""

    life: Life
    bars: list[Beside]
    earned: list[float]
    track: Track

    @property
    def mismatch(self) -> int:
        """The largest of all bars, in the smallest units."""
        return max(pair.mismatch for pair in self.bars)


def live(place: OnChain, books: Books, prices: Prices, gas: int, show: Callable[[], None]) -> Lived:
    """Live through all bars, calling `show` after each, then undo it; a fill costs `gas` wei.

    `books` are of the same token as the one at `place`. Raises click.ClickException where the pool
    asks for more than a fill pays.
    """
    life, model_life = (Life(0, place.rules, place.lltv, gas) for _ in range(2))
    pairs = []
    try:
        with undone():
            for pair in beside(life, place, model_life, books, prices):
                pairs.append(pair)
                show()
    except ContractLogicError as fault:
        if "profit below minimum" not in str(fault):
            raise
        raise click.ClickException(
            f"{life.symbol}: the pool is too shallow for a token that has grown so much"
        ) from None
    told = track(prices, life, [pair.chain for pair in pairs], books)
    return Lived(life, pairs, place.earned, told)
