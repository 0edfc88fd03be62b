"""Slippage bounds are rounded against the market, never against the person by more than a unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._wallet.bounds import at_least, at_most


def test_bounds_of_half_a_percent():
    assert at_most(1_000_000, 50) == 1_005_000
    assert at_least(1_000_000, 50) == 995_000


@pytest.mark.parametrize("bound", [at_most, at_least])
def test_bound_without_slippage_is_the_quote(bound):
    assert bound(123_456_789, 0) == 123_456_789


@given(st.integers(0, 2**200), st.integers(0, 9_999))
def test_bounds_round_to_the_unit_that_keeps_their_meaning(amount, slippage):
    assert 0 <= at_most(amount, slippage) * 10_000 - amount * (10_000 + slippage) < 10_000
    assert 0 <= amount * (10_000 - slippage) - at_least(amount, slippage) * 10_000 < 10_000
