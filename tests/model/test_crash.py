"""A crash in the model: what is read, the order of prices, and when the keeper comes."""

from datetime import UTC, datetime, timedelta
from math import inf

import pytest
from click import BadParameter

from scripts._crash.choices import MOST_LATE, Choice, choose, liquidated, tails, verdict
from scripts._life.in_model import made
from scripts._life.walk import walk
from scripts._market import LONG_LLTV, SHORT_LLTV
from scripts._model.fixed_point import WAD
from scripts._model.rule_book import Rules, usual_emergency
from scripts._model.token import Lane
from scripts._prices.bars import POINTS, USD, Bar
from scripts.crash import read_bars

START = datetime(2020, 3, 12, tzinfo=UTC)
END = START + timedelta(hours=1)
NOON = int(START.timestamp()) + 43_200  # the scheduled lane is closed
STEP = 300

TEXT = """volume,timestamp_utc,open,high,low,close
7,2020-03-11T23:55:00Z,200,200,200,200
7,2020-03-12T00:00:00Z,194,195.5,193,194.25
7,2020-03-12T00:05:00,194.25,194.25,190,191
7,2020-03-12T01:00:00Z,200,200,200,200
"""
BARS = [
    Bar(int(START.timestamp()), 194 * USD, 195_50000000, 193 * USD, 194_25000000),
    Bar(int(START.timestamp()) + STEP, 194_25000000, 194_25000000, 190 * USD, 191 * USD),
]


def rules(long, **others):
    target = others.pop("target", 3 * WAD)
    return Rules(long=long, target=target, emergency=usual_emergency(target, long), **others)


def bars_of(*dollars):
    """From noon on, each from the close of the one before to its own close, and no further."""
    bars = []
    for number, (start, end) in enumerate(zip((100, *dollars), dollars, strict=False)):
        extremes = max(start, end), min(start, end)
        prices = (int(price * USD) for price in (start, *extremes, end))
        bars.append(Bar(NOON + number * STEP, *prices))
    return bars


def place(long, bars):
    return made(rules(long), LONG_LLTV if long else SHORT_LLTV, bars[0])


# Bars


@pytest.fixture
def file(tmp_path):
    def _file(text):
        path = tmp_path / "bars.csv"
        path.write_text(text)
        return path

    return _file


def test_bars_are_those_of_the_dates(file):
    assert read_bars(file(TEXT), START, END) == BARS


@pytest.mark.parametrize(
    ("text", "end", "fault"),
    [
        (TEXT.replace("194.25\n", "dear\n"), END, "line 3, column close"),
        (TEXT, END + timedelta(minutes=1), "10 are missing after 2020-03-12 00:05"),
        (TEXT, START + timedelta(minutes=1), "expected two bars or more"),
    ],
)
def test_bars_of_another_file_say_what_is_wrong(file, text, end, fault):
    with pytest.raises(BadParameter, match=fault):
        read_bars(file(text), START, end)


# The walk


@pytest.mark.parametrize("long", [True, False])
def test_walk_in_a_still_market_does_nothing(long):
    bars = bars_of(100, 100, 100)

    life = walk(place(long, bars), bars, 0)

    assert (life.fills, life.liquidations) == ([], [])
    assert life.max_leverage == pytest.approx(3, rel=1e-4)
    assert life.nav == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("long", "adverse"), [(True, 88), (False, 108)])
@pytest.mark.parametrize("delay", [0, 1, 2.25])
def test_walk_has_a_keeper_who_is_as_late_as_told(long, adverse, delay):
    bars = bars_of(adverse, *[adverse] * 4)
    seen = NOON + 2 * STEP // POINTS  # in both orders the third point

    life = walk(place(long, bars), bars, delay)

    assert [(fill.time, fill.lane) for fill in life.fills] == [
        (seen + int(delay * STEP), Lane.EMERGENCY)
    ]
    assert 0 < life.fills[0].paid < 0.02
    assert life.trail[-1][1] == pytest.approx(3, abs=0.01)
    assert life.liquidations == []


def test_walk_with_a_late_keeper_that_no_longer_finds_a_lane_does_not_fill():
    bars = bars_of(88, 100, 100, 100)

    assert len(walk(place(True, bars), bars, 0).fills) == 1
    assert walk(place(True, bars), bars, 2).fills == []


@pytest.mark.parametrize(("long", "prices"), [(True, (89, 80, 71)), (False, (107, 116, 128))])
def test_walk_in_a_steady_move_is_survived_only_in_time(long, prices):
    bars = bars_of(*prices, prices[-1])

    prompt, late = (walk(place(long, bars), bars, delay) for delay in (0, 3))

    assert (prompt.liquidations, len(late.liquidations)) == ([], 1)
    assert prompt.max_ltv < prompt.lltv / WAD < late.max_ltv
    assert prompt.max_leverage < prompt.liquidation_leverage < late.max_leverage
    assert prompt.nav > late.nav > 0


@pytest.mark.parametrize(("long", "ruin"), [(True, 77), (False, 123)])
def test_walk_has_the_liquidator_before_the_keeper(long, ruin):
    bars = bars_of(ruin, ruin)

    life = walk(place(long, bars), bars, 0)

    (liquidation,) = life.liquidations
    assert 0.8 < liquidation.seized < 1
    assert life.trail[-1][1] == (1 if long else 0)  # all of the debt was repaid
    assert life.fills == []


@pytest.mark.parametrize(("long", "ruin"), [(True, 60), (False, 140)])
def test_walk_past_insolvency_leaves_nothing(long, ruin):
    bars = bars_of(ruin, ruin)

    life = walk(place(long, bars), bars, 0)

    told = life.report()
    assert life.max_leverage == inf
    assert (told["max_leverage"], told["liquidations"], told["seized"]) == (None, 1, 1)
    assert life.nav == 0


# Choices


def test_tails_are_evenly_spread_and_have_two_bars_or_more():
    bars = bars_of(*range(90, 100))

    starts = tails(bars, 4)

    assert [len(some) for some in starts] == [10, 7, 4]
    assert all(some == bars[-len(some) :] for some in starts)
    assert tails(bars, 1) == [bars]
    assert len(tails(bars, 10)[-1]) == 2


def test_choose_finds_the_latest_keeper_that_prevents_liquidation():
    bars = bars_of(89, 80, 71, 71)

    choice = choose([bars], rules(True), LONG_LLTV)

    assert choice.late is not None and 0 < choice.late < 3 * POINTS
    for quarters in range(choice.late + 2):
        life = walk(place(True, bars), bars, quarters / POINTS)
        assert bool(life.liquidations) == (quarters > choice.late)


def test_choose_from_many_starts_counts_the_worst():
    bars = bars_of(99, 98, 97, 96, 89, 80, 71, 71)
    starts = tails(bars, 8)

    alone = [choose([some], rules(True), LONG_LLTV).late for some in starts]

    assert choose(starts, rules(True), LONG_LLTV).late == min(alone) < max(alone)
    delay = (min(alone) + 1) / POINTS
    assert 0 < liquidated(starts, rules(True), LONG_LLTV, delay) < len(starts)


def test_choose_where_nothing_helps():
    choice = choose([bars_of(70, 70)], rules(True), LONG_LLTV)

    assert choice.late is None
    assert choice.report()["bars_late"] is None


def test_choose_where_nothing_happens_asks_no_further():
    assert choose([bars_of(100, 100)], rules(True), LONG_LLTV).late == MOST_LATE


def test_choose_what_the_rule_book_refuses_gives_its_reason():
    choice = choose([bars_of(100, 100)], rules(True), 77 * WAD // 100)

    assert choice.report()["refused"] == "rules: emergency too near ruin"


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (None, "the venue liquidates even with a keeper who is in time"),
        (
            0,
            "no liquidation with a keeper who is in time; "
            "with one 0.25 bars late (1.25 minutes) the venue liquidates",
        ),
        (
            4,
            "no liquidation with a keeper 1 bar late (5 minutes); "
            "with one 1.25 bars late (6.25 minutes) the venue liquidates",
        ),
        (
            MOST_LATE,
            "no liquidation with a keeper 3 bars late (15 minutes), and nobody asked beyond",
        ),
    ],
)
def test_verdict_is_plain(late, words):
    assert verdict(Choice(rules(True), LONG_LLTV, late=late), STEP) == words
