"""A life in the model: when the keeper looks, and where every part of NAV has gone."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from math import inf, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts._life.books import Books
from scripts._life.compare import Beside, beside
from scripts._life.in_model import made
from scripts._life.track import track
from scripts._life.walk import Fill, Life, steps
from scripts._market import LONG_LLTV, SHORT_LLTV
from scripts._model.daily_schedule import DAY, OFFSET, opened
from scripts._model.fixed_point import WAD
from scripts._model.rule_book import Rules, usual_emergency
from scripts._model.token import Lane
from scripts._prices.bars import POINTS, USD, Bar, Prices
from scripts._prices.make import MARKETS, Gbm, make_bars

MIDNIGHT = int(datetime(2021, 3, 1, tzinfo=UTC).timestamp())
GAS = WAD // 2_000
HOUR = 3_600
EITHER = pytest.mark.parametrize("long", [True, False])


def rules(long, **others):
    usual = Rules(long=long, target=3 * WAD, emergency=usual_emergency(3 * WAD, long))
    return replace(usual, **others)


def books_of(long, prices, **others):
    place = made(rules(long, **others), LONG_LLTV if long else SHORT_LLTV, prices.bars[0])
    return Books(place.token)


def lived(place, prices, gas=GAS):
    life = Life(0, place.rules, place.lltv, gas)
    return life, list(steps(life, place, prices.bars, prices.step, by_minute=True))


def flat(*dollars, step=HOUR, begin=MIDNIGHT):
    """Bars in which the price stands still."""
    bars = [
        Bar(begin + number * step, *[int(price * USD)] * 4) for number, price in enumerate(dollars)
    ]
    return Prices(bars, step, [], "flat")


def exact_nav(place):
    """NAV of a share, in raw units of the quote asset."""
    collateral, debt = place.balances()
    price = Fraction(place.token.price, 10**36)
    worth = collateral * price - debt if place.rules.long else collateral - debt / price
    return worth / place.token.true_supply()


def wild(draw_moves, step, begin=MIDNIGHT):
    """Bars whose opens are the closes before; each move is of the close, the high and the low."""
    bars, price = [], 2_000 * USD
    for number, (close, up, down) in enumerate(draw_moves):
        end = price * (1_000 + close) // 1_000
        high, low = max(price, end), min(price, end)
        extremes = high * (1_000 + up) // 1_000, low * (1_000 - down) // 1_000
        bars.append(Bar(begin + number * step, price, *extremes, end))
        price = end
    return Prices(bars, step, [], "wild")


MOVES = st.lists(
    st.tuples(st.integers(-90, 90), st.integers(0, 30), st.integers(0, 30)),
    min_size=2,
    max_size=60,
)
STEPS = st.sampled_from([300, 1_800, HOUR, 6 * HOUR, DAY])
BEGINS = st.integers(MIDNIGHT, MIDNIGHT + DAY)


# When the keeper looks


@EITHER
@pytest.mark.parametrize("step", [300, 900, HOUR, 6 * HOUR, DAY])
def test_keeper_comes_at_the_same_minute_however_long_the_bars_are(long, step):
    """The price moves before the window opens, and stands still."""
    price = 104 if long else 96
    before = flat(100, price, step=60, begin=MIDNIGHT - 120).bars
    prices = flat(*[price] * max(2, 3 * HOUR // step), step=step)
    place = books_of(long, prices._replace(bars=before))
    place.move(*before[0][:2])

    life, _ = lived(place, prices)

    (fill,) = life.fills
    assert fill.lane == Lane.SCHEDULED
    assert 31 * 60 < fill.time - MIDNIGHT - OFFSET <= 32 * 60


@EITHER
def test_keeper_who_does_not_look_by_the_minute_comes_at_a_point(long):
    prices = flat(*[100] * 3)
    place = books_of(long, prices._replace(bars=flat(95).bars))
    life = Life(0, place.rules, place.lltv, GAS)

    list(steps(life, place, prices.bars, prices.step))

    assert [fill.time for fill in life.fills] == [MIDNIGHT + HOUR * 3 // POINTS]


def test_keeper_fills_a_day_once():
    prices = flat(*[100] * 3, *[104] * 60)

    _, found = lived(books_of(True, prices), prices)

    assert [len(step.fills) for step in found] == [0] * 24 + [1] + [0] * 38


def test_nobody_looks_where_bars_are_missing():
    """The window of the second day opens in a gap, and is shut when the bars go on."""
    whole = flat(*[100] * 3, *[104] * 28)
    gap = whole._replace(bars=[bar for bar in whole.bars if not 20 <= _hour(bar) < 28])

    assert len(lived(books_of(True, whole), whole)[0].fills) == 1
    assert lived(books_of(True, gap), gap)[0].fills == []


def _hour(bar):
    return (bar.time - MIDNIGHT) // HOUR


@settings(max_examples=20)
@given(
    st.booleans(),
    st.lists(st.integers(-80, 80), min_size=2, max_size=80),
    st.sampled_from([60, 300, 900, 4 * HOUR]),
)
def test_life_depends_little_on_how_long_the_bars_are(long, moves, step):
    """The same path, whose price stands still for four hours at a time, in longer bars and shorter.

    A fill may come some seconds earlier, where a point lies between two minutes.
    """
    each = 4 * HOUR
    dollars = [2_000.0]
    for move in moves:
        dollars.append(dollars[-1] * (1 + move / 1_000))
    whole = flat(*dollars, step=each)
    split = flat(*(price for price in dollars for _ in range(each // step)), step=step)

    one, other = (lived(books_of(long, prices), prices)[0] for prices in (whole, split))

    assert [fill.lane for fill in one.fills] == [fill.lane for fill in other.fills]
    assert one.nav == pytest.approx(other.nav, rel=2e-4 * (1 + len(one.fills)))


# Steps


@settings(max_examples=20)
@given(st.booleans(), MOVES, STEPS, BEGINS)
def test_steps_are_the_bars_and_hold_all_that_happened(long, moves, step, begin):
    prices = wild(moves, step, begin)
    place = books_of(long, prices)

    life, found = lived(place, prices)

    assert [it.bar for it in found] == prices.bars[: len(found)]
    assert [fill for it in found for fill in it.fills] == life.fills
    assert [one for it in found for one in it.liquidations] == life.liquidations
    last = found[-1]
    if last.nav:
        assert (last.nav, len(found)) == (place.worth(), len(prices.bars))
        assert last.leverage == place.token.leverage()
        assert life.nav == pytest.approx(last.nav / life.start, rel=1e-5, abs=1e-6)
    else:
        assert (last.collateral, last.debt, last.leverage, life.nav) == (0, 0, 0, 0)


# Books


@settings(max_examples=60)
@given(st.booleans(), MOVES, STEPS, BEGINS)
def test_costs_sum_to_what_is_missing(long, moves, step, begin):
    prices = wild(moves, step, begin)
    place, other = books_of(long, prices), books_of(long, prices)
    other.move(prices.bars[0].time, prices.bars[0].open)
    start = exact_nav(other)

    lived(place, prices)

    total = sum(sum(page.costs(place.target)) for page in place.pages)
    end = exact_nav(place)
    if end > 0:
        price = log(place.pages[-1].end / prices.bars[0].open)
        assert total == pytest.approx(place.target * price - log(end / start), abs=1e-10)
    else:
        assert total == inf


@settings(max_examples=20)
@given(st.booleans(), MOVES, STEPS, BEGINS)
def test_pages_are_days_that_follow_each_other(long, moves, step, begin):
    prices = wild(moves, step, begin)
    place = books_of(long, prices)

    lived(place, prices)

    days = [page.day for page in place.pages]
    assert days == sorted(set(days)) and all(opened(day) == day for day in days)
    assert place.pages[0].start == prices.bars[0].open
    assert all(
        after.start == before.end
        for before, after in zip(place.pages, place.pages[1:], strict=False)
    )
    for page in place.pages:
        assert page.funding >= 0 and page.management >= 0


@EITHER
def test_costs_where_nothing_is_charged_are_beta_slippage_alone(long):
    prices = make_bars(Gbm(0, 0.3), 1, datetime(2021, 3, 1), 10, HOUR, 2_000.0)
    free = {"management_fee": 0, "premium_start": 0, "premium_end": 0, "emergency_premium": 0}
    place = books_of(long, prices, **free)
    place.token.position.market.rate = 0

    life, _ = lived(place, prices)

    costs = [page.costs(place.target) for page in place.pages]
    assert life.fills == []  # for nothing nobody comes
    assert {cost[:3] for cost in costs} == {(0, 0, 0)}


def test_costs_of_a_day_at_rest_are_interest_and_fee():
    prices = flat(*[100] * 25)
    place = books_of(True, prices)

    lived(place, prices)

    first = place.pages[0]
    assert (first.day, len(place.pages)) == (MIDNIGHT + 120, 2)
    assert list(first.costs(3)) == pytest.approx([0.000567, 0.0003, 0, 0], rel=1e-3)


@EITHER
def test_costs_of_a_token_that_is_gone_are_all_of_it(long):
    prices = flat(100, 50 if long else 160)
    place = books_of(long, prices)

    life, found = lived(place, prices)

    assert place.pages[-1].costs(place.target).total == inf
    told = track(prices, life, found, place)
    assert (told.nav[-1], told.leverage[-1], told.max_leverage) == (0, 0, inf)
    assert told.margin[-1] == told.ideal[-1] == 0
    assert told.liquidations == [prices.bars[1].time]


# The track


@EITHER
def test_track_is_what_was_lived(long):
    prices = make_bars(MARKETS["jumps"], 2, datetime(2021, 3, 1, 12), 12, HOUR, 2_000.0)
    place = books_of(long, prices)

    life, found = lived(place, prices)

    told = track(prices, life, found, place)
    assert len(told.times) == len(told.nav) == len(told.ideal) == len(prices.bars) + 1
    assert (told.times[0], told.price[0]) == (prices.bars[0].time, prices.bars[0].open / USD)
    assert told.nav[-1] == found[-1].nav / life.start
    assert told.leverage[0] == pytest.approx(3 if long else -3, rel=1e-4)
    assert told.leverage[-1] == (1 if long else -1) * found[-1].leverage / WAD
    assert told.max_leverage == life.max_leverage
    assert len(told.rebalances) == len(life.fills) > 5
    for it in told.rebalances:
        assert abs(abs(it.after) - 3) <= abs(abs(it.before) - 3)
        assert (it.before > 0) == (it.after > 0) == long
    assert told.band == pytest.approx((2.97, 3.03) if long else (-2.97, -3.03))
    assert (len(told.days), len(told.costs)) == (13, 13)


def test_track_has_an_ideal_that_is_reset_when_the_window_opens():
    prices = flat(100, *[110] * 12, *[121] * 24)
    place = books_of(True, prices)

    life, found = lived(place, prices)

    told = track(prices, life, found, place)
    assert list(told.ideal[[0, 1, 2]]) == pytest.approx([1, 1, 1.3])
    assert told.ideal[20] == pytest.approx(1.63)
    assert told.ideal[-1] == pytest.approx(1.63)
    assert told.margin[-1] == pytest.approx(1.63)


def test_track_of_a_margin_position_that_is_gone_stays_gone():
    bars = flat(100, 100, 100, 100).bars
    bars[1] = bars[1]._replace(low=60 * USD)
    prices = Prices(bars, HOUR, [], "")
    place = books_of(True, prices, band=WAD // 5)

    life, found = lived(place, prices)

    assert list(track(prices, life, found, place).margin) == [1, 1, 0, 0, 0]


# Beside


def pairs_of(prices, other):
    one = books_of(True, prices)
    first, second = (Life(0, it.rules, it.lltv, GAS) for it in (one, other))
    return list(beside(first, one, second, other, prices))


def test_beside_its_like_nothing_differs():
    prices = make_bars(MARKETS["regimes"], 1, datetime(2021, 3, 1), 5, HOUR, 2_000.0)

    pairs = pairs_of(prices, books_of(True, prices))

    assert [pair.mismatch for pair in pairs] == [0] * len(prices.bars)


def test_beside_another_token_each_bar_differs():
    prices = flat(100, 101, 102)
    other = books_of(True, prices)
    other.token.supply += 10**7

    assert all(pair.mismatch == 0 for pair in pairs_of(prices, books_of(True, prices)))
    assert all(pair.mismatch > 0 for pair in pairs_of(prices, other))


def test_beside_one_that_is_gone_all_that_is_left_differs():
    prices = flat(100, 100, 100, 89, 69, 69)
    other = books_of(True, prices, emergency=5 * WAD)

    *_, last = pairs_of(prices, other)

    assert last.model.nav == 0 < last.chain.nav
    assert last.mismatch >= last.chain.nav


def test_mismatch_counts_another_deed_that_changes_no_figure():
    prices = flat(100, 100)
    _, (*_, step) = lived(books_of(True, prices), prices)
    fill = Fill(step.bar.time, Lane.SCHEDULED, 0.0, 3.0, 3.0)

    assert Beside(step, step).mismatch == 0
    assert Beside(step, step._replace(fills=[fill])).mismatch == 1


def test_life_in_the_model_needs_no_ape():
    """Processes of a pool must start fast."""
    names = ("walk", "in_model", "books", "compare", "track")
    code = "; ".join(f"import scripts._life.{name}" for name in names)
    left = f"{code}; import sys; assert not {{'ape', 'web3', 'click'}} & set(sys.modules)"

    subprocess.run([sys.executable, "-c", left], check=True)
