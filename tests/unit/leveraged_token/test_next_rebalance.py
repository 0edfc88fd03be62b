"""The scheduled lane opens at 00:02:00 UTC, whatever happened before."""

import pytest

from scripts._devnet import DAY, now, warp_to

TWO_PAST_MIDNIGHT = 120


def midnight() -> int:
    """The next one."""
    return now() - now() % DAY + DAY


@pytest.mark.parametrize(
    ("second", "days"),
    [(0, 0), (TWO_PAST_MIDNIGHT - 1, 0), (TWO_PAST_MIDNIGHT, 1), (TWO_PAST_MIDNIGHT + 1, 1)],
)
def test_next_rebalance_at_the_boundary_turns_to_the_next_day(bull, second, days):
    day = midnight()
    warp_to(day + second)

    assert bull.next_rebalance() == day + TWO_PAST_MIDNIGHT + days * DAY


def test_next_rebalance_at_noon_is_the_coming_night(bull):
    day = midnight()
    warp_to(day + DAY // 2)

    assert bull.next_rebalance() == day + DAY + TWO_PAST_MIDNIGHT
