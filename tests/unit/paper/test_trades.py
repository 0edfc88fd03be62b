"""What trades do to a position: numbers worked by hand, and laws that hold of every trade."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._paper.issuer import Charges, Issuer
from scripts._paper.track import follow
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
    MINUTE,
    book_of,
    live,
    lived,
    walks,
)

OPENING = 2 * MINUTE
BONUS = 1 / (1 - 0.3 * (1 - 0.86)) - 1  # of a market that liquidates a long token
SURE = {"rel": 1e-12}


def in_the_lane(long, price, charges=FEES):
    """The one fill of a day on which the price moves at midnight and then stands still."""
    book = live(book_of(BALLAST, long, charges), (0, price), (3 * HOUR, price))
    (fill,) = book.log
    return book, fill


# The stake is $100,000: a long token holds $300,000 and owes $200,000, a short one holds $400,000
# and owes $300,000.


def test_scheduled_lever_of_a_long_token():
    book, fill = in_the_lane(True, 102)

    premium = -0.005 + 31 * 0.0002  # the first minute that pays 0.115 %
    size = (2.97 * 106_000 - 306_000) / (1 + 2.97 * premium)
    assert fill.time == MIDNIGHT + OPENING + 31 * MINUTE
    assert (fill.before, fill.after) == pytest.approx((306 / 106, 2.97), **SURE)
    assert fill.paid == pytest.approx(premium * size / 106_000, **SURE)
    assert book.nav()[0] == pytest.approx(106_000 - premium * size, **SURE)
    assert not fill.emergency


def test_scheduled_delever_of_a_long_token():
    book, fill = in_the_lane(True, 98)

    premium = 0.0012
    size = (294_000 - 3.03 * 94_000) / (1 + premium - 3.03 * premium)
    assert (fill.before, fill.after) == pytest.approx((294 / 94, 3.03), **SURE)
    assert book.nav()[0] == pytest.approx(94_000 - premium * size, rel=1e-9)


def test_scheduled_lever_of_a_short_token():
    book, fill = in_the_lane(False, 98)

    premium = 0.0012
    size = (3.97 * 106_000 - 400_000) / (1 + 3.97 * premium)
    assert (fill.before, fill.after) == pytest.approx((294 / 106, 2.97), **SURE)
    assert book.nav()[0] == pytest.approx(106_000 - premium * size, rel=1e-9)


def test_scheduled_delever_of_a_short_token():
    book, fill = in_the_lane(False, 102)

    premium = 0.0012
    size = (400_000 - 4.03 * 94_000) / (1 + premium - 4.03 * premium)
    assert (fill.before, fill.after) == pytest.approx((306 / 94, 3.03), **SURE)
    assert book.nav()[0] == pytest.approx(94_000 - premium * size, rel=1e-9)


def test_emergency_pays_by_leverage():
    book = live(book_of(BALLAST, True, FREE), (12 * HOUR, 88))

    (fill,) = book.log
    risen = (264 / 64 - 27 / 7) / (1 / 0.14 - 27 / 7)
    premium = 0.0005 + risen * (0.9 * BONUS - 0.0005)
    size = (264_000 - 3 * 64_000) / (1 + premium - 3 * premium)
    assert fill.emergency
    assert (fill.before, fill.after) == pytest.approx((264 / 64, 3), **SURE)
    assert book.nav()[0] == pytest.approx(64_000 - premium * size, rel=1e-9)
    assert fill.paid == pytest.approx(premium * size / 64_000, rel=1e-9)


@EITHER
def test_emergency_waits_until_leverage_is_above_its_trigger(long):
    edge = 0.9 if long else 1.0666667
    just = 1e-5 if long else -1e-5

    assert live(book_of(BALLAST, long, FREE), (12 * HOUR, edge + just)).log == []
    assert live(book_of(BALLAST, long, FREE, 1.0), (12 * HOUR, edge + just)).log == []
    assert len(live(book_of(BALLAST, long, FREE, 1.0), (12 * HOUR, edge - just)).log) == 1


def test_takers_do_not_come_for_less_than_their_gas():
    """$8,820 are traded. Four in a thousand of them, less the edge, are $25."""
    assert live(book_of(BALLAST, True, replace(FEES, gas=0.23)), (0, 102), (2 * HOUR, 102)).log
    assert not live(book_of(BALLAST, True, replace(FEES, gas=0.26)), (0, 102), (2 * HOUR, 102)).log


def test_depth_costs_half_of_what_a_trade_moves():
    exchange, charges = ISSUERS["exchange"], replace(FEES, depth=1e6)

    book = live(book_of(exchange, True, charges), (0, 102), (HOUR, 102))

    cost = 0.0005 + 12_000 / 1e6 * 0.01 / 2
    size = (3 * 106_000 - 306_000) / (1 + 3 * cost)
    (fill,) = book.log
    assert fill.time == MIDNIGHT + OPENING
    assert fill.after == pytest.approx(3, **SURE)
    assert book.nav()[0] == pytest.approx(106_000 - cost * size, **SURE)


def test_depth_is_what_a_keeper_pays_too():
    _, deep = in_the_lane(True, 102, replace(FEES, depth=1e9))
    _, shallow = in_the_lane(True, 102, replace(FEES, depth=1e5))

    # 8,820 dollars move the price by 0.0882 %: half of it is two more minutes
    assert shallow.time - deep.time == 2 * MINUTE


def test_order_that_would_cost_everything_leaves_nothing():
    charges = replace(FEES, depth=1_000.0)

    book = live(book_of(ISSUERS["exchange"], True, charges), (0, 80), (HOUR, 80))

    assert (book.nav()[0], book.share()[0], book.liquidations[0]) == (0, 0, 1)
    assert book.log == []
    assert book.premium[0] == 0


def test_venue_leaves_what_its_liquidator_does_not_take():
    book = live(book_of(BALLAST, True, FREE), (12 * HOUR, 77))

    left = 231_000 - 200_000 * (1 + BONUS)
    assert book.nav()[0] == pytest.approx(left, **SURE)
    assert book.premium[0] == pytest.approx(log(31_000 / left), **SURE)
    assert (book.liquidations[0], book.leverage()[0]) == (1, 1)


def test_liquidated_token_is_levered_again_on_schedule():
    book = live(book_of(BALLAST, True, FREE), (12 * HOUR, 77), (DAY, 77), (DAY + HOUR, 77))

    (fill,) = book.log
    assert (fill.before, fill.after) == pytest.approx((1, 2.97), **SURE)


# Laws


LAWS = [FREE, FEES, Charges(depth=3e5), Charges(funding=0.003, stake=1_000.0)]


@pytest.mark.parametrize("charges", LAWS)
@EITHER
@EVERY
def test_trade_goes_towards_target_and_not_across(issuer, long, charges):
    prices = walks(1, 24 * 60, seed=4)[:, 0]
    points = [(MIDNIGHT, 100.0), *((MIDNIGHT + HOUR * h, p) for h, p in enumerate(prices, 1))]

    found = follow(points, [], issuer, long, charges)

    for it in found.rebalances:
        before, after = abs(it.before), abs(it.after)
        assert min(before, issuer.target) - 1e-9 <= after <= max(before, issuer.target) + 1e-9
        assert it.paid >= 0 if issuer.auction is None else it.paid > -1e-15
    assert len(found.rebalances) > 3 or issuer.every == 0


@EITHER
@EVERY
def test_many_paths_are_many_books_of_one(issuer, long):
    prices = walks(6, 24 * 20, seed=3, volatility=0.03, jump=0.3)
    together = lived(issuer, long, prices, Charges())
    alone = [lived(issuer, long, prices[:, [path]], Charges()) for path in range(6)]

    for name in ("share", "nav"):
        ones = np.concatenate([getattr(book, name)() for book in alone])
        assert getattr(together, name)() == pytest.approx(ones, rel=1e-9, abs=1e-9)
    for name in ("rebalances", "emergencies", "liquidations"):
        assert list(getattr(together, name)) == [getattr(book, name)[0] for book in alone]
    for name in ("funding", "premium", "highest"):
        ones = np.concatenate([getattr(book, name) for book in alone])
        assert getattr(together, name) == pytest.approx(ones, rel=1e-9, abs=1e-12)


@EITHER
@EVERY
def test_what_is_gone_stays_gone_and_nothing_is_not_a_number(issuer, long):
    prices = walks(40, 24 * 20, seed=5, volatility=0.04, jump=0.5)
    book = book_of(issuer, long, Charges(gas=0.0), np.full(40, 100.0))
    gone = np.zeros(40, dtype=bool)
    count = book.rebalances.copy()
    with np.errstate(all="raise"):
        for hour, row in enumerate(prices, 1):
            book.point(MIDNIGHT + HOUR * hour, row)
            assert np.all(book.nav()[gone] == 0)
            assert np.all(book.rebalances[gone] == count[gone])
            gone |= book.nav() == 0
            count = book.rebalances.copy()

    assert 0 < gone.sum() < 40
    assert np.all(book.liquidations[gone] > 0)
    assert np.all(book.leverage()[gone] == 0)
    for numbers in (book.share(), book.funding, book.premium, book.leverage()):
        assert np.isfinite(numbers).all()


@EITHER
def test_margin_is_liquidated_once_and_stays_at_nothing(long):
    against, for_it = (76, 1_000) if long else (126, 1)
    book = book_of(ISSUERS["margin"], long, FREE)

    live(book, (HOUR, 100), (2 * HOUR, 70 if long else 135), (3 * HOUR, for_it))

    assert (book.share()[0], book.liquidations[0], book.rebalances[0]) == (0, 1, 0)
    assert live(book_of(ISSUERS["margin"], long, FREE), (HOUR, against)).share()[0] > 0


@EITHER
@pytest.mark.parametrize("days", [1, 10.5, 400])
@EVERY
def test_management_fee_is_exact(issuer, long, days):
    book = live(book_of(issuer, long, FREE), (HOUR, 100), (int(days * DAY), 100))

    assert book.share()[0] == pytest.approx(exp(-issuer.management * days), rel=1e-12)


@given(level=st.floats(1.01, 20), long=st.booleans(), price=st.floats(5, 500))
def test_issuer_begins_at_its_target(level, long, price):
    book = book_of(Issuer("any", target=level), long, FREE, price)

    assert book.leverage()[0] == pytest.approx(level, rel=1e-9)
    assert book.nav()[0] == pytest.approx(100_000, rel=1e-9)


@given(
    move=st.floats(0.8, 1.2),
    cost=st.floats(0, 0.02),
    long=st.booleans(),
    target=st.floats(1.1, 4),
)
def test_order_ends_at_target_and_costs_what_it_says(move, cost, long, target):
    issuer = Issuer("any", target=target, at=0, every=HOUR)
    book = book_of(issuer, long, replace(FREE, fee=cost))
    before = live(book_of(Issuer("idle", target=target, every=0), long, FREE), (HOUR, 100 * move))

    live(book, (HOUR, 100 * move))

    for fill in book.log:
        assert book.leverage()[0] == pytest.approx(target, rel=1e-9)
        assert book.nav()[0] == pytest.approx(before.nav()[0] * (1 - fill.paid), rel=1e-9)
        assert book.premium[0] == pytest.approx(-log(1 - fill.paid), rel=1e-9, abs=1e-15)
    assert len(book.log) == (abs(before.leverage()[0] - target) > 1e-7 * target)
