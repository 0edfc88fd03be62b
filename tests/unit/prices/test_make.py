"""Markets that are made have the moments that their docstrings give, within five deviations."""

import tracemalloc
from datetime import UTC, datetime
from itertools import pairwise
from math import exp, log, sqrt

import numpy as np
import pytest

from scripts._prices.bars import BOUNDS, USD
from scripts._prices.make import (
    DAY,
    MARKETS,
    YEAR,
    Chop,
    Gbm,
    Jumps,
    Regime,
    Regimes,
    make_bars,
)

PATHS = 20_000
FAR = 5  # standard deviations
START = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = 3_600


def steps(market, count, seconds, paths=PATHS, seed=1):
    return list(market.steps(np.random.default_rng(seed), paths, count, seconds))


def logs(market, count, seconds, paths=PATHS, seed=1):
    """Log returns, a row a step."""
    path = np.log(steps(market, count, seconds, paths, seed))
    return np.diff(path, axis=0, prepend=0)


def near(found, expected, deviation):
    """Whether what was found of all paths is where chance puts it."""
    return abs(found - expected) < FAR * deviation


def has_mean(sample, expected):
    return near(sample.mean(), expected, sample.std() / sqrt(sample.size))


def has_variance(sample, expected):
    squares = (sample - sample.mean()) ** 2
    return near(squares.mean(), expected, squares.std() / sqrt(sample.size))


# All markets


any_market = pytest.mark.parametrize("market", MARKETS.values(), ids=MARKETS)


@any_market
def test_one_seed_makes_the_same_prices(market):
    first, again, other = (steps(market, 20, HOUR, 30, seed) for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.isclose(first, other).any()


@any_market
def test_paths_are_different(market):
    last = steps(market, 20, HOUR, 30)[-1]

    assert len(set(last)) == 30


@any_market
@pytest.mark.parametrize(("paths", "count"), [(1, 7), (3, 1), (7, 0), (2**17 + 1, 2)])
def test_there_is_one_array_a_step(market, paths, count):
    made = steps(market, count, HOUR, paths)

    assert [prices.shape for prices in made] == [(paths,)] * count
    assert all(prices.dtype == np.float64 for prices in made)
    assert all(np.isfinite(prices).all() and (prices > 0).all() for prices in made)


@any_market
def test_an_array_is_the_receivers(market):
    running = market.steps(np.random.default_rng(1), 10, 3, HOUR)
    kept = next(running)
    was = kept.copy()
    next(running)
    assert np.array_equal(kept, was)

    kept[:] = 0

    assert np.array_equal(next(running), steps(market, 3, HOUR, 10)[-1])


@any_market
def test_more_steps_hold_no_more(market):
    tracemalloc.start()
    for _ in market.steps(np.random.default_rng(1), 1_000, 3_000, HOUR):
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 2 * 10**6  # all steps would be 24 MB


@any_market
def test_it_is_about_as_volatile_as_eth(market):
    returns = logs(market, 24 * 60, HOUR, 2_000)

    assert sqrt(returns.var() * YEAR / HOUR) == pytest.approx(0.8, abs=0.05)


@any_market
def test_chunks_may_be_made_in_any_order(market):
    def chunks():
        return [np.random.default_rng(seed) for seed in np.random.SeedSequence(7).spawn(3)]

    def last(rng):
        *_, prices = market.steps(rng, 10, 5, HOUR)
        return prices

    in_order = [last(rng) for rng in chunks()]
    backwards = [last(rng) for rng in reversed(chunks())]

    assert np.array_equal(in_order, backwards[::-1])


# Each market


@pytest.mark.parametrize(("count", "seconds"), [(1, YEAR), (12, YEAR / 12)])
def test_gbm_has_its_moments(count, seconds):
    drift, volatility = 0.3, 0.8
    returns = logs(Gbm(drift, volatility), count, seconds)
    total = returns.sum(0)

    assert has_mean(np.exp(total), exp(drift))
    assert has_mean(total, drift - volatility**2 / 2)
    assert has_variance(total, volatility**2)
    assert near(((total - total.mean()) ** 3).mean(), 0, volatility**3 * sqrt(15 / PATHS))


def test_gbm_forgets():
    returns = logs(Gbm(0.0, 0.8), 2, DAY)

    assert near(np.corrcoef(returns)[0, 1], 0, 1 / sqrt(PATHS))
    assert near(np.corrcoef(abs(returns))[0, 1], 0, 1 / sqrt(PATHS))


@pytest.mark.parametrize(("count", "seconds"), [(1, YEAR), (50, YEAR / 50)])
def test_jumps_have_their_moments(count, seconds):
    drift, volatility, jumps, jump, spread = 0.3, 0.5, 3, -0.2, 0.3
    total = logs(Jumps(drift, volatility, jumps, jump, spread), count, seconds).sum(0)
    # Cumulants of a compound Poisson process are its rate times the moments of a jump.
    mean = drift - volatility**2 / 2 - jumps * (exp(jump + spread**2 / 2) - 1) + jumps * jump
    variance = volatility**2 + jumps * (jump**2 + spread**2)
    third = jumps * (jump**3 + 3 * jump * spread**2)
    cubes = (total - mean) ** 3

    assert has_mean(np.exp(total), exp(drift))
    assert has_mean(total, mean)
    assert has_variance(total, variance)
    assert has_mean(cubes, third)


def test_jumps_come_as_often_as_they_should():
    years, rate = 0.25, 12
    calm = -rate * (exp(0.1) - 1) * years  # what a path without a jump does
    total = logs(Jumps(0.0, 0.0, rate, 0.1, 0.0), 30, years * YEAR / 30).sum(0)

    number = (total - calm) / 0.1

    assert np.allclose(number, number.round())
    assert has_mean((number.round() == 0).astype(float), exp(-rate * years))
    assert has_mean(number, rate * years)
    assert has_variance(number, rate * years)


def test_no_jumps_are_gbm():
    assert np.array_equal(
        logs(Jumps(0.3, 0.8, 0, -0.2, 0.1), 10, DAY, 100), logs(Gbm(0.3, 0.8), 10, DAY, 100)
    )


def test_regimes_that_are_alike_are_gbm():
    market = Regimes((Regime(0.3, 0.8, 10), Regime(0.3, 0.8, 3)))
    total = logs(market, 52, YEAR / 52).sum(0)

    assert has_mean(np.exp(total), exp(0.3))
    assert has_mean(total, 0.3 - 0.8**2 / 2)
    assert has_variance(total, 0.8**2)


# Regimes of 2, 5 and 10 hours: the chance that one ends in an hour, and its part of the time.
HOURS = np.array([2, 5, 10])
ENDS = 1 - np.exp(-1 / HOURS)
PARTS = 1 / ENDS / (1 / ENDS).sum()


@pytest.fixture(scope="module")
def visited():
    """Regimes of all paths, hour by hour."""
    market = Regimes(tuple(Regime(drift, 0, HOURS[drift] / 24) for drift in range(3)))
    drifts = logs(market, 24 * 5, HOUR) * YEAR / HOUR
    assert np.allclose(drifts, drifts.round())
    return drifts.round().astype(int)


@pytest.mark.parametrize("at", [0, 24 * 5 - 1])
def test_regimes_are_met_as_often_as_they_last(visited, at):
    for regime, part in enumerate(PARTS):
        found = (visited[at] == regime).mean()

        assert near(found, part, sqrt(part * (1 - part) / PATHS))


def test_regimes_last_as_long_as_they_should(visited):
    before, after = visited[:-1], visited[1:]
    for regime, ends in enumerate(ENDS):
        left = after[before == regime] != regime

        assert near(left.mean(), ends, sqrt(ends * (1 - ends) / left.size))


def test_regimes_are_followed_by_any_other(visited):
    before, after = visited[:-1], visited[1:]
    for regime in range(3):
        following = after[(before == regime) & (after != regime)]
        next_one = (following == (regime + 1) % 3).mean()

        assert near(next_one, 1 / 2, 1 / 2 / sqrt(following.size))


def test_regimes_have_their_own_volatility():
    market = Regimes((Regime(1, 0.2, 5_000), Regime(1, 1.0, 5_000)))
    returns = logs(market, 24, HOUR)
    spread = returns.std(0) * sqrt(YEAR / HOUR)

    assert near((spread < 0.5).mean(), 1 / 2, 1 / 2 / sqrt(PATHS))
    assert has_variance(returns[0], (0.2**2 + 1.0**2) / 2 * HOUR / YEAR)


def test_regimes_change_their_volatility():
    market = Regimes((Regime(1, 0.2, 0.5), Regime(1, 1.0, 0.5)))
    spread = logs(market, 24 * 60, HOUR, 500).std(0) * sqrt(YEAR / HOUR)

    assert has_mean(spread**2, (0.2**2 + 1.0**2) / 2)
    assert (abs(spread - sqrt(0.52)) < 0.2).all()


@pytest.mark.parametrize(("count", "days"), [(1, 20), (40, 20), (40, 2_000)])
def test_chop_has_its_moments(count, days):
    volatility, speed = 0.8, 18
    x = logs(Chop(volatility, speed), count, days * DAY / count).sum(0)
    years = days * DAY / YEAR

    assert has_mean(x, 0)
    assert has_variance(x, volatility**2 * (1 - exp(-2 * speed * years)) / (2 * speed))


def test_chop_comes_back():
    path = np.log(steps(Chop(0.8, 26 * log(2)), 2, 14 * DAY))
    kept = (path[0] * path[1]).mean() / (path[0] ** 2).mean()
    noise = (path[1] - path[0] / 2).std() / path[0].std()

    assert near(kept, 1 / 2, noise / sqrt(PATHS))


@pytest.mark.parametrize(
    ("market", "field"),
    [
        (lambda: Gbm(0, -0.1), "volatility"),
        (lambda: Gbm(0, float("nan")), "volatility"),
        (lambda: Jumps(0, -0.1, 1, 0, 0), "volatility"),
        (lambda: Jumps(0, 0.1, -1, 0, 0), "jumps"),
        (lambda: Jumps(0, 0.1, 1, 0, -1), "spread"),
        (lambda: Regimes((Regime(0, 0.1, 1),)), "regimes"),
        (lambda: Regimes((Regime(0, 0.1, 1), Regime(0, -0.1, 1))), "volatility"),
        (lambda: Regimes((Regime(0, 0.1, 1), Regime(0, 0.1, 0))), "days"),
        (lambda: Chop(-0.1, 1), "volatility"),
        (lambda: Chop(0.1, 0), "speed"),
    ],
)
def test_market_that_cannot_be_is_refused(market, field):
    with pytest.raises(ValueError, match=f"{field} is out of range"):
        market()


# Bars


@any_market
@pytest.mark.parametrize("step", [300, HOUR, DAY])
def test_bars_follow_and_hold_their_prices(market, step):
    made = make_bars(market, 1, START, 3, step, 150.25)

    assert [bar.time for bar in made.bars] == list(
        range(int(START.timestamp()), int(START.timestamp()) + 3 * DAY, step)
    )
    assert (made.step, made.gaps) == (step, [])
    assert made.bars[0].open == 150_25000000
    assert all(before.close == bar.open for before, bar in pairwise(made.bars))
    assert all(
        bar.low <= min(bar.open, bar.close) and max(bar.open, bar.close) <= bar.high
        for bar in made.bars
    )
    assert all(type(field) is int for bar in made.bars for field in bar)


def test_bars_have_the_extremes_of_their_inner_steps():
    market = MARKETS["gbm"]
    inner = [price for (price,) in steps(market, 24 * 4, HOUR / 4, 1)]

    made = make_bars(market, 1, START, 1, HOUR, 100.0, inner=4)

    for number, bar in enumerate(made.bars):
        prices = [round(100 * price * USD) for price in inner[4 * number : 4 * number + 4]]
        assert bar.close == prices[-1]
        assert bar.high == max(bar.open, *prices)
        assert bar.low == min(bar.open, *prices)


def test_bars_are_as_volatile_as_their_market():
    bars = make_bars(Gbm(0.0, 0.8), 1, START, 2_000, DAY // 4, 1_000.0, inner=2).bars
    returns = np.array([log(bar.close / bar.open) for bar in bars])

    assert has_variance(returns, 0.8**2 / 365 / 4)


def test_bars_of_one_seed_are_the_same():
    first, again, other = (
        make_bars(MARKETS["jumps"], seed, START, 2, HOUR, 150) for seed in (1, 1, 2)
    )

    assert first == again
    assert first.bars != other.bars
    assert first.source != other.source


def test_bars_begin_in_utc():
    naive = make_bars(MARKETS["gbm"], 1, START.replace(tzinfo=None), 1, HOUR, 150)

    assert naive == make_bars(MARKETS["gbm"], 1, START, 1, HOUR, 150)


def test_bars_tell_where_they_are_from():
    assert make_bars(Gbm(0.0, 0.8), 7, START, 1, HOUR, 150).source == (
        "Gbm(drift=0.0, volatility=0.8), seed 7"
    )


@pytest.mark.parametrize("drift", [-20_000, 20_000])
def test_bars_stay_inside_of_what_a_feed_may_answer(drift):
    made = make_bars(Gbm(drift, 0.1), 1, START, 1, HOUR, 150)

    assert {bar.close for bar in made.bars[12:]} == {BOUNDS[drift > 0]}
