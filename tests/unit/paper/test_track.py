"""One path, bar by bar: what a track says, and that its costs are all there are."""

from dataclasses import replace
from datetime import UTC, datetime
from math import exp, log

import numpy as np
import pytest

from scripts._paper.figures import add, judge_track
from scripts._paper.issuer import Charges, Issuer
from scripts._paper.track import follow, track
from scripts._prices.bars import POINTS, USD, Bar, Prices, path_of
from scripts._prices.make import MARKETS, make_bars
from tests.unit.paper.lived import BALLAST, DAY, EITHER, EVERY, FREE, HOUR, ISSUERS, MIDNIGHT

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
PRICES = make_bars(MARKETS["jumps"], 5, BEGIN, 12, 3 * HOUR, 2_000.0)
RATES = tuple((MIDNIGHT + 8 * HOUR * n, 0.0001 * (n % 5 - 1)) for n in range(60))


@pytest.mark.parametrize("charges", [FREE, Charges(depth=1e6), Charges(0.0, RATES)])
@EITHER
@EVERY
def test_costs_add_up_to_what_is_missing(issuer, long, charges):
    found = track(PRICES, issuer, long, charges)

    multiple = 3 if long else -3
    total = multiple * log(found.price[-1] / found.price[0]) - log(found.nav[-1])
    assert sum(cost.total for cost in found.costs) == pytest.approx(total, abs=1e-9)
    assert len(found.days) == len(found.costs) == 12


@EITHER
@EVERY
def test_management_and_funding_of_all_days_are_what_was_charged(issuer, long):
    found = track(PRICES, issuer, long, replace(FREE, funding=0.001))
    still = track(
        _flat(12 * 8), replace(issuer, management=0.0), long, replace(FREE, funding=0.001)
    )

    length = float(found.times[-1] - found.times[0]) / DAY
    assert add(found.costs).management == pytest.approx(issuer.management * length, rel=1e-12)
    assert add(still.costs).funding == pytest.approx(0.001 * length, rel=0.05)
    assert add(still.costs).beta_slippage == pytest.approx(0, abs=1e-5)


@EITHER
def test_premium_of_all_days_is_what_rebalances_paid(long):
    found = track(PRICES, BALLAST, long, Charges())

    paid = sum(-log(1 - it.paid) for it in found.rebalances)
    assert paid > 0
    assert add(found.costs).premium == pytest.approx(paid, rel=1e-9)


@EITHER
def test_rows_are_the_beginning_and_every_close(long):
    found = track(PRICES, BALLAST, long, Charges())
    closes = path_of(PRICES.bars, PRICES.step, long)[POINTS - 1 :: POINTS]

    assert list(found.times) == [MIDNIGHT, *(time for time, _ in closes)]
    assert list(found.price) == [2_000.0, *(bar.close / USD for bar in PRICES.bars)]
    assert (found.nav[0], found.ideal[0], found.margin[0]) == (1, 1, 1)
    assert found.leverage[0] == found.target == (3 if long else -3)
    assert (found.issuer, found.token) == ("Ballast", "BULL" if long else "BEAR")


@EITHER
def test_day_begins_with_the_last_point_before_two_past_midnight(long):
    found = track(PRICES, BALLAST, long, Charges())

    # bars of three hours: their points are 45 minutes apart, and one is at midnight
    assert found.days == [MIDNIGHT + DAY * n for n in range(12)]


@EITHER
def test_ideal_is_at_target_when_a_day_begins_and_margin_only_once(long):
    prices = [100, 104, 101, 97, 103, 99]
    points = [(MIDNIGHT + 12 * HOUR * n, float(price)) for n, price in enumerate(prices)]

    found = follow(points, range(len(points)), BALLAST, long, FREE)

    multiple = 3 if long else -3
    bases = [100, 100, 100, 101, 101, 103]  # at midnight and noon; a day begins at 00:02
    worth = [1.0]
    for before, after in ((100, 101), (101, 103)):
        worth.append(worth[-1] * (1 + multiple * (after / before - 1)))
    days = [worth[(0, 0, 0, 1, 1, 2)[n]] for n in range(6)]
    ideal = [
        day * (1 + multiple * (price / base - 1))
        for day, price, base in zip(days, prices, bases, strict=True)
    ]
    margin = [1 + multiple * (price / 100 - 1) for price in prices]
    assert list(found.ideal[1:]) == pytest.approx(ideal, rel=1e-12)
    assert list(found.margin[1:]) == pytest.approx(margin, rel=1e-12)


@EITHER
def test_what_is_lost_does_not_come_back(long):
    points = [
        (MIDNIGHT + HOUR * n, p) for n, p in enumerate([100.0, 60.0 if long else 140.0, 100.0])
    ]

    found = follow(points, range(3), ISSUERS["margin"], long, FREE)

    assert list(found.nav) == [1, 1, 0, 0]
    assert list(found.margin) == [1, 1, 0, 0]
    assert list(found.leverage[2:]) == [0, 0]
    assert found.liquidations == [MIDNIGHT + HOUR]
    assert found.max_leverage == np.inf
    assert judge_track(found)["drag"] is None
    assert judge_track(found)["max_leverage"] is None


@pytest.mark.parametrize(
    ("issuer", "band"),
    [
        (BALLAST, (2.97, 3.03)),
        (ISSUERS["exchange"], (3, 3)),
        (ISSUERS["band"], (2.7, 3.3)),
        (ISSUERS["threshold"], (1.25, 4)),
        (ISSUERS["margin"], (3, 3)),
    ],
)
def test_band_is_where_nothing_is_done(issuer, band):
    for long, sign in ((True, 1), (False, -1)):
        found = track(_flat(2), issuer, long, FREE)
        assert found.band == pytest.approx((sign * band[0], sign * band[1]), rel=1e-12)


@EITHER
def test_highest_leverage_is_of_all_points(long):
    """In the bar it was higher than at any close, on the side that hurts."""
    bar = Bar(MIDNIGHT, *(price * USD for price in (100, 108, 92, 100)))
    found = track(Prices([bar], 4 * HOUR, [], ""), Issuer("idle", every=0), long, FREE)

    expected = 276 / 76 if long else 324 / 76
    assert found.max_leverage == pytest.approx(expected, rel=1e-9)
    assert abs(found.leverage).max() == pytest.approx(3, rel=1e-9)


def test_figures_are_of_the_track():
    found = track(PRICES, BALLAST, True, Charges())
    told = judge_track(found)

    assert told["return"] == found.nav[-1] - 1
    assert told["spot"] == pytest.approx(found.price[-1] / 2_000 - 1)
    assert told["costs"]["total"] == pytest.approx(add(found.costs).total)
    length = (found.times[-1] - found.times[0]) / DAY
    assert told["drag"] == pytest.approx(told["costs"]["total"] * 365 / length)
    assert told["rebalances"] == len(found.rebalances) > told["emergencies"]
    falls = [1 - found.nav[n] / found.nav[: n + 1].max() for n in range(len(found.nav))]
    assert told["drawdown"] == pytest.approx(max(falls))


def test_nothing_is_lost_where_nothing_happens():
    found = track(_flat(16), replace(BALLAST, management=0.0), True, FREE)

    assert list(found.nav) == pytest.approx([1] * 17, rel=1e-12)
    assert found.rebalances == []
    assert exp(-add(found.costs).total) == pytest.approx(1, rel=1e-12)


def _flat(count):
    bars = [Bar(MIDNIGHT + 3 * HOUR * n, *[100 * USD] * 4) for n in range(count)]
    return Prices(bars, 3 * HOUR, [], "flat")
