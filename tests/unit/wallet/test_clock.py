"""Moments and spans read as people say them."""

import pytest

from scripts._wallet.clock import date_of, in_words


def test_date_is_utc():
    assert date_of(1_893_499_200) == "2030-01-01 12:00:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (43_320, "12 h 2 min"),
        (86_400, "1 d"),
        (3 * 86_400 + 7_230, "3 d 2 h"),
    ],
)
def test_span_is_in_its_two_largest_units(seconds, words):
    assert in_words(seconds) == words
