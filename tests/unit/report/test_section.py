"""Figures in words: what is not quite all never reads as all."""

from math import inf, nan

import pytest

from scripts._report.section import dollars, log, percent, times


@pytest.mark.parametrize(
    ("part", "written"),
    [
        (0.123, "+12.3 %"),
        (-0.5, "−50.0 %"),
        (-0.9994, "−99.9 %"),
        (-0.9996, "−99.96 %"),
        (-0.99999, "−99.999 %"),
        (-1, "−100.0 %"),
        (1.0004, "+100.0 %"),
        (12.5, "+1,250.0 %"),
        (inf, "—"),
        (nan, "—"),
    ],
)
def test_percentage_of_nearly_all_has_more_digits(part, written):
    assert percent(part) == written


def test_percentage_may_have_no_sign_and_other_digits():
    assert percent(0.00051, 2, sign=False) == "0.05 %"


@pytest.mark.parametrize(
    ("worth", "written"),
    [
        (1.2345, "1,234"),
        (0.01, "10"),
        (0.0051, "5.10"),
        (0.00005, "0.05"),
        (1e-9, "<0.01"),
        (0, "0"),
    ],
)
def test_few_dollars_have_cents_and_none_are_zero(worth, written):
    assert dollars(worth) == written


def test_logarithms_without_end_are_told():
    assert [log(each) for each in (1.23456, -0.5, -0.0001, inf, -inf)] == [
        "1.235",
        "−0.500",
        "0.000",
        "∞",
        "−∞",
    ]
    assert [log(each, 1, sign=True) for each in (1.23456, inf)] == ["+1.2", "+∞"]


def test_how_often_is_a_word_where_there_is_one():
    assert [times(count) for count in (0, 1, 2, 3, 1234)] == [
        "never",
        "once",
        "twice",
        "3 times",
        "1,234 times",
    ]
