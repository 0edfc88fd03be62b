"""One Uniswap v3 pool with liquidity over its whole range, as exact integers.

A swap goes tick word by tick word, as the real one does, since each rounds by itself. One that
comes to the end of the range runs the pool dry, and gets what there was.

Source: Uniswap v3 core 1.0.1, `UniswapV3Pool.swap` and its libraries.
"""

from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from functools import lru_cache
from math import log

from scripts._model.fixed_point import mul_div_up

Q96 = 2**96
MILLION = 10**6
SPACING = 10  # ticks, at a fee of 0.05 %
WORD = 256  # such spacings in a word of the bitmap
OUTERMOST = 887_270  # the last tick of the range
DRY = (-OUTERMOST - 1, OUTERMOST)  # ticks of a pool that has nothing left of one of its tokens


@dataclass
class Pool:
    """`root` is the square root of the price of token0 in token1, times 2**96."""

    root: int
    tick: int
    liquidity: int
    fee: int  # millionths

    def copy(self) -> "Pool":
        """Another pool just like this one."""
        return replace(self)

    def swap(self, first_in: bool, amount: int, limit: int | None = None) -> tuple[int, int]:
        """What goes in and what comes out, in raw units; `first_in`: token0 is sold.

        Exactly `amount` goes in, or minus `amount` out, unless the price comes to `limit` first.
        """
        left, paid, got = amount, 0, 0
        while left != 0 and self.root != limit and self.tick not in DRY:
            border = next_border(self.tick, first_in)
            end = root_at(border)
            if limit is not None:
                end = max(end, limit) if first_in else min(end, limit)
            began = self.root
            self.root, taken, given, fee = self._step(end, left, first_in)
            paid, got = paid + taken + fee, got + given
            left = left - taken - fee if amount > 0 else left + given
            if self.root == root_at(border):
                self.tick = border - 1 if first_in else border
            elif self.root != began:
                self.tick = tick_at(self.root)
        return paid, got

    def _step(self, end: int, left: int, first_in: bool) -> tuple[int, int, int, int]:
        """Within one word, to `end` at most: the new root, what is taken, given, and the fee."""
        if left > 0:
            bare = left * (MILLION - self.fee) // MILLION
            reached = bare >= self._taken(end, first_in)
            root = end if reached else self._root_after_input(bare, first_in)
        else:
            reached = -left >= self._given(end, first_in)
            root = end if reached else self._root_after_output(-left, first_in)
        taken, given = self._taken(root, first_in), self._given(root, first_in)
        if left < 0:
            given = min(given, -left)
        if left > 0 and root != end:
            return root, taken, given, left - taken
        return root, taken, given, mul_div_up(taken, self.fee, MILLION - self.fee)

    def _taken(self, root: int, first_in: bool) -> int:
        if first_in:
            part = mul_div_up(self.liquidity << 96, self.root - root, self.root)
            return -(-part // root)
        return mul_div_up(self.liquidity, root - self.root, Q96)

    def _given(self, root: int, first_in: bool) -> int:
        if first_in:
            return self.liquidity * (self.root - root) // Q96
        return (self.liquidity << 96) * (root - self.root) // root // self.root

    def _root_after_input(self, amount: int, first_in: bool) -> int:
        if not first_in:
            return self.root + (amount << 96) // self.liquidity
        return self._root_after_first(amount)

    def _root_after_output(self, amount: int, first_in: bool) -> int:
        if first_in:
            return self.root - mul_div_up(amount, Q96, self.liquidity)
        return self._root_after_first(-amount)

    def _root_after_first(self, change: int) -> int:
        """After a change of what the pool has of token0."""
        assert abs(change) * self.root < 2**256
        depth = self.liquidity << 96
        return -(-depth * self.root // (depth + change * self.root))


def next_border(tick: int, first_in: bool) -> int:
    """Where the word of the bitmap ends, or the range."""
    spot = tick // SPACING
    if first_in:
        return max(spot // WORD * WORD * SPACING, -OUTERMOST)
    return min(((spot + 1) // WORD * WORD + WORD - 1) * SPACING, OUTERMOST)


def _factors() -> list[int]:
    """1.0001 ** -(2 ** i / 2) for the bits i of a tick, times 2**128, as Uniswap rounds it."""
    with localcontext() as context:
        context.prec = 80
        base = Decimal("1.0001").sqrt()
        return [round(Decimal(2**128) / base ** (2**bit)) for bit in range(20)]


FACTORS = _factors()


@lru_cache(maxsize=2**16)
def root_at(tick: int) -> int:
    """The square root of the price at a tick, times 2**96, rounded up."""
    ratio = 2**128
    for bit, factor in enumerate(FACTORS):
        if abs(tick) >> bit & 1:
            ratio = ratio * factor >> 128
    if tick > 0:
        ratio = (2**256 - 1) // ratio
    return -(-ratio >> 32)


def tick_at(root: int) -> int:
    """The last tick whose price is not above."""
    tick = int(log(root / Q96) * 2 / log(1.0001))
    while root_at(tick) > root:
        tick -= 1
    while root_at(tick + 1) <= root:
        tick += 1
    return tick
