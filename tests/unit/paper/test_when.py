"""When somebody looks: in the lane's minutes, at an issuer's times, and once a limit is passed."""

from dataclasses import replace

import numpy as np
import pytest

from scripts._paper.issuer import Issuer
from tests.unit.paper.lived import (
    AUCTION,
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
)

QUARTER = HOUR // 4
DAILY = Issuer("daily", at=2 * MINUTE)
ALWAYS = Issuer("always", at=0, every=HOUR)


def at_least(book, count):
    return len(book.log) >= count


def times(book):
    return [fill.time - MIDNIGHT for fill in book.log]


@pytest.mark.parametrize("step", [60, 300, QUARTER, HOUR, 6 * HOUR])
@EITHER
def test_takers_come_at_the_same_minute_however_far_apart_points_are(long, step):
    points = [(time, 102) for time in range(0, DAY // 2, step)]

    book = live(book_of(BALLAST, long, FEES), *points)

    assert times(book) == [33 * MINUTE]


def test_takers_come_once_a_day():
    """The price moves in the window, after the fill; the next fill is tomorrow's."""
    points = [(0, 102), (HOUR, 102), (HOUR + 60, 104), (DAY, 104), (DAY + HOUR, 104)]

    book = live(book_of(BALLAST, True, FEES), *points)

    assert times(book) == [33 * MINUTE, DAY + 33 * MINUTE]


def test_takers_come_at_a_point_of_the_window_after_the_ramp():
    book = live(book_of(BALLAST, True, FEES), (0, 100), (HOUR, 102), (HOUR + QUARTER, 102))

    assert times(book) == [HOUR]


def test_window_ends():
    after = 2 * HOUR + 2 * MINUTE

    assert times(live(book_of(BALLAST, True, FEES), (after - 1, 102))) == [after - 1]
    assert times(live(book_of(BALLAST, True, FEES), (after, 102))) == []


def test_nobody_fills_after_the_window_though_the_ramp_would_go_on():
    short = replace(BALLAST, auction=replace(AUCTION, window=33 * MINUTE))
    lane = replace(BALLAST, auction=replace(AUCTION, window=31 * MINUTE))

    assert at_least(live(book_of(short, True, FEES), (0, 102), (HOUR, 102)), 1)
    assert not at_least(live(book_of(lane, True, FEES), (0, 102), (HOUR, 102)), 1)


def test_premium_that_pays_is_taken_at_the_opening():
    generous = replace(BALLAST, auction=replace(AUCTION, start=0.003))
    constant = replace(BALLAST, auction=replace(AUCTION, start=0.003, end=0.003))

    for issuer in (generous, constant):
        assert times(live(book_of(issuer, True, FEES), (0, 102), (HOUR, 102))) == [2 * MINUTE]


def test_nobody_comes_for_a_premium_that_never_pays():
    stingy = replace(BALLAST, auction=replace(AUCTION, start=0.001, end=0.001))

    assert times(live(book_of(stingy, True, FEES), (0, 102), (HOUR, 102))) == []


def test_ramp_in_progress_is_waited_for():
    """The price moves between two minutes of the ramp; what pays then is taken at once."""
    book = live(book_of(BALLAST, True, FEES), (0, 100), (35 * MINUTE + 30, 102))
    assert times(book) == [35 * MINUTE + 30]

    book = live(book_of(BALLAST, True, FEES), (0, 100), (20 * MINUTE, 102), (HOUR, 102))
    assert times(book) == [33 * MINUTE]


@EITHER
@pytest.mark.parametrize("name", ["ballast", "exchange", "fixed_hour", "continuous"])
def test_nobody_looks_where_prices_are_missing(name, long):
    def book(reach):
        lives = book_of(ISSUERS[name], long, FEES, reach=reach)
        return live(lives, (0, 102), (DAY - 1, 102))

    assert at_least(book(DAY), 1)
    assert [time for time in times(book(MINUTE)) if time > 0] == []


def test_gap_does_not_shift_the_day():
    """After three days without a price the lane of the fourth day is open as ever."""
    points = [(0, 100), (3 * DAY, 102), (3 * DAY + HOUR, 102)]

    book = live(book_of(BALLAST, True, FEES, reach=HOUR), *points)

    assert times(book) == [3 * DAY + 33 * MINUTE]


def test_emergency_lane_is_chosen_where_takers_earn_more():
    """Both are open. An emergency's fill is larger, but at first its premium is small."""
    early, late = (live(book_of(BALLAST, True, FREE), (at, 89)) for at in (3 * MINUTE, HOUR))

    assert [fill.emergency for fill in early.log] == [True]
    assert [fill.emergency for fill in late.log] == [False]


def test_lane_that_is_not_offered_is_not_taken():
    """An emergency whose premium does not pay keeps the scheduled lane closed for a while."""
    issuer = replace(BALLAST, above=(3.4, 3.4), band=0.1)
    dear = replace(FEES, profit=0.0095)  # a keeper comes for 1 %
    lane = replace(issuer, auction=replace(AUCTION, end=0.03))
    steep = replace(lane, auction=replace(lane.auction, emergency=0.009, share=0.0))

    (free,) = live(book_of(lane, True, dear), (0, 93), (HOUR, 93)).log
    (held,) = live(book_of(steep, True, dear), (0, 93), (HOUR, 93)).log

    # 0.9 % on what leads to 3x is more than 1 % on what leads to 3.3x
    size, other = 279 - 3 * 79, 279 - 3.3 * 79
    assert free.time < held.time
    assert -0.005 + 0.035 * (held.time - MIDNIGHT - 120) / 2_700 == pytest.approx(
        0.009 * size / other, rel=0.06
    )


# Issuers that trade on the market


@EITHER
def test_schedule_is_kept_between_points(long):
    book = live(book_of(DAILY, long, FEES), (0, 102), (HOUR, 95), (DAY, 95), (DAY + HOUR, 95))

    assert times(book) == [2 * MINUTE, DAY + 2 * MINUTE]
    assert [fill.emergency for fill in book.log] == [False, False]
    assert book.leverage()[0] == pytest.approx(3, rel=1e-9)


def test_schedule_trades_at_the_price_of_its_time():
    """At the point itself the new price is there; between two points the old one is."""
    at_point = live(book_of(ALWAYS, True, FREE), (HOUR, 110))
    between = live(book_of(ALWAYS, True, FREE), (HOUR + 1, 110))

    assert times(at_point) == [HOUR]
    assert times(between) == []


@pytest.mark.parametrize(("every", "count"), [(HOUR, 48), (8 * HOUR, 6), (DAY, 2), (7 * DAY, 1)])
def test_schedule_looks_every_so_often(every, count):
    issuer = Issuer("often", at=0, every=every)
    book = book_of(issuer, True, FREE)
    week = -MIDNIGHT % (7 * DAY)

    for hour in range(1, 49):
        live(book, (week - DAY + hour * HOUR, 100 + hour % 5))

    assert len(book.log) == count


@EITHER
@pytest.mark.parametrize(("to", "expected"), [("edge", (2.7, 3.3)), ("target", (3, 3))])
def test_schedule_leaves_the_band_alone_and_goes_where_it_says(long, to, expected):
    issuer = replace(DAILY, band=0.1, to=to)
    prices = np.array([90.0, 98.0, 102.0, 110.0])
    book = book_of(issuer, long, FREE, np.full(4, 100.0))

    before = live(book_of(Issuer("idle", every=0), long, FREE, np.full(4, 100.0)), (60, prices))
    live(book, (60, prices), (HOUR, prices))

    outside = [1, 0, 0, 1]
    low, high = expected
    wanted = [low if level < 2.7 else high for level in before.leverage()]
    assert list(book.rebalances) == outside
    assert list(book.emergencies) == [0, 0, 0, 0]
    goals = np.where(outside, wanted, before.leverage())
    assert book.leverage() == pytest.approx(goals, rel=1e-9)


@EITHER
@pytest.mark.parametrize(("to", "goals"), [("edge", (2.7, 3.3)), ("target", (3, 3))])
def test_trigger_acts_at_once_above_and_below(long, to, goals):
    issuer = Issuer("band", every=0, above=(3.3, 3.3), below=2.7, then=to)
    prices = np.array([90.0, 99.0, 101.0, 115.0])

    book = live(book_of(issuer, long, FREE, np.full(4, 100.0)), (5 * HOUR, prices))

    low, high = goals if not long else goals[::-1]
    assert list(book.emergencies) == [1, 0, 0, 1]
    assert book.leverage()[[0, 3]] == pytest.approx([low, high], rel=1e-9)
    assert list(live(book, (6 * HOUR, prices)).rebalances) == [1, 0, 0, 1]


@EITHER
def test_each_direction_has_its_own_trigger(long):
    issuer = Issuer("sides", every=0, above=(3.5, 5.0))
    moved = 93 if long else 105  # to about 3.5, and 3.7

    book = live(book_of(issuer, long, FREE), (HOUR, moved))

    assert len(book.log) == long


@EITHER
def test_move_against_the_token_since_it_last_traded_triggers(long):
    issuer = Issuer("mover", every=0, move=0.15)
    prices = [84.9, 72.2, 72.1] if long else [115.1, 132.3, 132.4]

    book = live(book_of(issuer, long, FREE), (HOUR, prices[0]), (2 * HOUR, prices[1]))
    assert times(book) == [HOUR]
    assert book.leverage()[0] != pytest.approx(3, rel=1e-3)

    live(book, (3 * HOUR, prices[2]))
    assert times(book) == [HOUR, 3 * HOUR]
    assert [fill.emergency for fill in book.log] == [True, True]
    assert book.leverage()[0] == pytest.approx(3, rel=1e-9)


@EITHER
def test_move_in_favour_of_the_token_triggers_nothing(long):
    issuer = Issuer("mover", every=0, move=0.15)

    assert live(book_of(issuer, long, FREE), (HOUR, 150 if long else 60)).log == []


@EITHER
def test_liquidation_comes_before_any_trade(long):
    """At an opening: whoever would rebalance finds nothing left."""
    book = live(book_of(ALWAYS, long, FREE), (HOUR, 60 if long else 140))

    assert (book.liquidations[0], book.rebalances[0], book.share()[0]) == (1, 0, 0)


@EITHER
@EVERY
def test_nobody_trades_crumbs(long, issuer):
    """Once at its goal a token is left alone while the price stands still."""
    prices = np.linspace(85, 115, 301)
    book = book_of(replace(issuer, lltv=(1.0, 1.0)), long, FREE, np.full(301, 100.0))

    live(book, *((n * HOUR, prices) for n in range(1, 60)))

    assert max(book.rebalances) <= 1
