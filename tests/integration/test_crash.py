"""A crash on the real Morpho Blue and Uniswap v3: the worst hours of March 2020, and made-up ones.

The real prices are a file that is not part of this project. The model must live through all of it
as the chain does, to the last unit.
"""

from datetime import datetime
from pathlib import Path

import pytest
from ape import networks

from scripts._devnet import deploy_ballast, undone
from scripts._life.on_chain import begin, survive, twin_of
from scripts._life.walk import walk
from scripts._model.token import Lane
from scripts._prices.bars import USD, Bar
from scripts.crash import read_bars
from tests.record import record

PRICES = Path(__file__).parents[3] / "shared/data/ethusdt_spot_5m_2020-02_2020-03.csv.gz"
NOON = 1_583_971_200 + 43_200
STEP = 300

# The fall of 13.3 % in five minutes comes at 10:45 on the 12th, the rise of 15.9 % at 02:35 on the
# 13th. A token that has been there since midnight, or for hours, is not at its target by then.
CALM = {
    "BULL": ("2020-03-12T00:00", "2020-03-12T11:30"),
    "BEAR": ("2020-03-12T23:00", "2020-03-13T04:00"),
}
AT_ONCE = {
    "BULL": ("2020-03-12T10:00", "2020-03-12T11:00"),
    "BEAR": ("2020-03-13T02:00", "2020-03-13T03:00"),
}


@pytest.fixture(autouse=True)
def time_back():
    """The clock runs by itself again."""
    yield
    networks.provider.make_request("anvil_removeBlockTimestampInterval", [])


@pytest.fixture(scope="module")
def untouched(devnet):
    """A factory that has not made these tokens yet."""
    return deploy_ballast(devnet)


@pytest.fixture
def lives(devnet, untouched):
    """What becomes of BULL and BEAR, on the chain and, to the same figures, in the model."""

    def _lives(bars, delay, tokens=("BULL", "BEAR")):
        found = {}
        with undone():
            for place in begin(devnet, untouched, bars):
                token = "BULL" if place.rules.long else "BEAR"
                if token in tokens:
                    found[token] = survive(place, bars, delay)
                    assert found[token] == walk(twin_of(place), bars, delay)
        return found

    return _lives


def real_bars(span):
    if not PRICES.is_file():
        pytest.skip(f"no prices of March 2020: {PRICES.name} is not there")
    return read_bars(PRICES, *(datetime.fromisoformat(f"{text}+00:00") for text in span))


def bars_of(*prices):
    return [
        Bar(NOON + number * STEP, *(price * USD for price in (close, close, close, close)))
        for number, close in enumerate(prices)
    ]


@pytest.mark.parametrize("token", CALM)
def test_worst_bars_are_survived_with_a_keeper_one_bar_late(lives, token):
    life = lives(real_bars(CALM[token]), 1, [token])[token]

    record("crash", f"worst bars, {token}", **life.report())
    assert life.liquidations == []
    assert life.max_ltv < life.report()["lltv"]
    assert Lane.EMERGENCY in {fill.lane for fill in life.fills}


@pytest.mark.parametrize("token", AT_ONCE)
def test_worst_bars_from_target_are_survived_only_in_time(lives, token):
    """One bar late is too late for a token that is at its target just before the worst bars.

    From the trigger to liquidation the price has 13.9 % to fall, or 14.4 % to rise, and did within
    ten minutes. A keeper sees the lane in the first of two bars and comes in the second.
    """
    bars = real_bars(AT_ONCE[token])

    prompt, late = (lives(bars, delay, [token])[token] for delay in (0, 1))

    assert prompt.liquidations == []
    assert len(late.liquidations) == 1


def test_fall_is_filled_in_time_and_lived_through(lives):
    both = lives(bars_of(100, 89, 79, 70, 70), 0)

    assert [fill.lane for fill in both["BULL"].fills] == [Lane.EMERGENCY] * 3
    assert both["BEAR"].fills == []
    assert both["BULL"].liquidations == both["BEAR"].liquidations == []
    assert both["BULL"].nav < 0.5 < 1.5 < both["BEAR"].nav


def test_rise_past_the_venues_limit_is_liquidated(lives):
    both = lives(bars_of(100, 124, 124), 0)

    (liquidation,) = both["BEAR"].liquidations
    assert 0.8 < liquidation.seized < 1
    assert 0 < both["BEAR"].nav < 0.4
    assert both["BULL"].nav > 1.6


def test_fall_past_insolvency_leaves_nothing(lives):
    both = lives(bars_of(100, 60, 60), 0)

    assert both["BULL"].nav == 0
    assert both["BULL"].liquidations[0].seized == 1
    assert both["BEAR"].nav > 2
