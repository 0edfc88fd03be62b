"""What it costs to owe: a constant part of NAV, or what a file says that long pays to short."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest

from scripts._paper.issuer import Issuer
from tests.unit.paper.lived import (
    BALLAST,
    DAY,
    EITHER,
    EVERY,
    FEES,
    FREE,
    HOUR,
    ISSUERS,
    MIDNIGHT,
    book_of,
    live,
)

IDLE = Issuer("idle", every=0, management=0.0)
RATE = 0.001


@EITHER
@pytest.mark.parametrize("target", [1.5, 3.0, 5.0])
def test_constant_funding_is_a_part_of_nav_a_day_at_target(long, target):
    charges = replace(FREE, funding=RATE)
    book = live(book_of(replace(IDLE, target=target), long, charges), (HOUR, 100))

    assert 1 - book.share()[0] == pytest.approx(RATE / 24, rel=1e-3)
    assert book.funding[0] == pytest.approx(-log(book.share()[0]), rel=1e-3)


@EITHER
def test_constant_funding_does_not_depend_on_how_often_it_is_looked_at(long):
    charges = replace(FREE, funding=RATE)
    once = live(book_of(IDLE, long, charges), (DAY, 100))
    often = live(book_of(IDLE, long, charges), *((60 * n, 100) for n in range(1, 1_441)))

    assert often.share()[0] == pytest.approx(once.share()[0], rel=1e-12)
    assert often.funding[0] == pytest.approx(once.funding[0], rel=2e-3)


def test_interest_is_on_debt():
    """$200,000 are owed, at half of the rate a day."""
    book = live(book_of(IDLE, True, replace(FREE, funding=RATE)), (10 * DAY, 100))

    assert book.nav()[0] == pytest.approx(300_000 - 200_000 * exp(10 * RATE / 2), rel=1e-12)


def test_rates_are_paid_by_long_and_received_by_short():
    charges = replace(FREE, rates=((MIDNIGHT + HOUR, RATE),))
    bull, bear = (live(book_of(IDLE, long, charges), (2 * HOUR, 100)) for long in (True, False))

    assert bull.nav()[0] == pytest.approx(100_000 - RATE * 300_000, rel=1e-12)
    assert bear.nav()[0] == pytest.approx(100_000 + RATE * 300_000, rel=1e-12)
    for book in (bull, bear):
        assert book.funding[0] == pytest.approx(-log(book.share()[0]), rel=1e-12)


@EITHER
def test_negative_rates_go_the_other_way(long):
    charges = replace(FREE, rates=((MIDNIGHT + HOUR, -RATE),))
    book = live(book_of(IDLE, long, charges), (2 * HOUR, 100))

    assert (book.share()[0] > 1) == long


def test_rates_take_the_place_of_the_constant():
    charges = replace(FREE, funding=0.5, rates=((MIDNIGHT - 1, RATE),))

    assert live(book_of(IDLE, True, charges), (DAY, 100)).share()[0] == 1


@pytest.mark.parametrize(("at", "paid"), [(-HOUR, 0), (0, 0), (1, 1), (HOUR, 1), (HOUR + 1, 0)])
def test_rate_is_paid_once_where_its_time_has_come(at, paid):
    charges = replace(FREE, rates=((MIDNIGHT + at, RATE),))
    book = live(book_of(IDLE, True, charges), (HOUR // 2, 100), (HOUR, 100))

    assert 1 - book.share()[0] == pytest.approx(paid * 3 * RATE, rel=1e-9)


def test_rate_is_paid_on_what_was_held_before_the_price_moved():
    charges = replace(FREE, rates=((MIDNIGHT + HOUR, RATE),))
    book = live(book_of(IDLE, True, charges), (HOUR, 110))

    assert book.nav()[0] == pytest.approx(130_000 - RATE * 300_000, rel=1e-12)


@EITHER
@EVERY
def test_hourly_rates_of_nothing_change_nothing(issuer, long):
    """Nobody looks more or less often because funding is paid at the same times."""
    rates = tuple((MIDNIGHT + n * HOUR, 0.0) for n in range(100))
    points = [(n * HOUR, 100 + 3 * (n % 5)) for n in range(1, 72)]

    free = live(book_of(issuer, long, FEES), *points)
    paid = live(book_of(issuer, long, replace(FEES, rates=rates)), *points)

    assert [it.time for it in paid.log] == [it.time for it in free.log]
    assert paid.share()[0] == pytest.approx(free.share()[0], rel=1e-12)


def test_minutes_are_not_lost_to_a_payment_among_them():
    rates = ((MIDNIGHT + 33 * 60, 0.0), (MIDNIGHT + HOUR, 0.0))
    book = live(book_of(BALLAST, True, replace(FEES, rates=rates)), (0, 102), (2 * HOUR, 102))

    assert [it.time - MIDNIGHT for it in book.log] == [33 * 60]


def test_payment_of_more_than_is_left_ruins():
    charges = replace(FREE, rates=((MIDNIGHT + HOUR, 0.5),))
    prices = np.array([100.0, 100.0])
    with np.errstate(all="raise"):
        bull = live(book_of(IDLE, True, charges, prices), (HOUR, 100), (2 * HOUR, 200))
        bear = live(book_of(IDLE, False, charges, prices), (HOUR, 100), (2 * HOUR, 100))

    assert list(bull.share()) == [0, 0]
    assert list(bull.liquidations) == [1, 1]
    assert list(bull.funding) == [0, 0]
    assert bear.share() == pytest.approx([2.5, 2.5])


@EITHER
def test_rescue_is_of_what_interest_has_grown(long):
    """Leverage rises by interest alone, and reaches what the band allows."""
    charges = replace(FREE, funding=0.02)
    book = book_of(ISSUERS["band"], long, charges)

    live(book, *((n * HOUR, 100) for n in range(1, 24 * 30)))

    assert len(book.log) > 1
    assert all(fill.after == pytest.approx(3.3, rel=1e-9) for fill in book.log)
