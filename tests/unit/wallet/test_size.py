"""The search finds the size that earns the most, and asks little."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._wallet.size import QUESTIONS, best_size

MOST = 10**20


def pool(premium: float, depth: int, asked: list[int]):
    """A pool of `depth` on each side: the premium earns, the impact costs."""

    def profit(size: int) -> int | None:
        asked.append(size)
        earned = size * (1 + premium) - size * depth / (depth - size) if size < depth else -1
        return int(earned) if size and earned >= 0 else None

    return profit


def test_all_that_is_open_where_the_pool_is_deep():
    asked: list[int] = []

    size, earned = best_size(pool(0.004, 10**26, asked), MOST)

    assert size == MOST
    assert earned == pytest.approx(0.004 * MOST, rel=1e-3)
    assert len(asked) == 2


@given(st.floats(1e-4, 0.5), st.integers(10**18, 10**22))
def test_earns_nearly_the_best_there_is(premium, depth):
    asked: list[int] = []

    size, earned = best_size(pool(premium, depth, asked), MOST)

    # the top of size * (1 + premium) - size * depth / (depth - size)
    top = min(MOST, depth * (1 - (1 + premium) ** -0.5))
    best = top * (1 + premium) - top * depth / (depth - top)
    assert earned >= 0.98 * best
    assert 0 < size <= MOST
    assert len(asked) <= QUESTIONS


def test_none_where_every_size_loses():
    asked: list[int] = []

    assert best_size(pool(-0.001, 10**22, asked), MOST) is None
    assert len(asked) <= QUESTIONS


@pytest.mark.parametrize("most", [0, 1, 2, 5])
def test_of_next_to_nothing_there_is_nothing_to_find(most):
    assert best_size(lambda size: None, most) is None


@pytest.mark.parametrize("most", [1, 2, 5])
def test_smallest_sizes_are_found_too(most):
    assert best_size(lambda size: 7 * size or None, most) == (most, 7 * most)
