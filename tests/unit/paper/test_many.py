"""Many paths: the closed form, and that chunks, workers and companions change nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from math import sqrt

import numpy as np
import pytest

from scripts._paper import many
from scripts._paper.figures import judge
from scripts._paper.issuer import Charges
from scripts._paper.many import YEAR, Entry, Plan, jobs, join, live
from scripts._paper.pool import spread
from scripts._paper.study import both, on_paths
from scripts._paper.told import Costs, Outcomes
from scripts._prices.make import MARKETS, Gbm
from tests.unit.paper.lived import DAY, EITHER, FREE, HOUR, ISSUERS

ALL = both(list(ISSUERS.values()))
PLAN = Plan(MARKETS["jumps"], 1, 25, 24 * 4)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(many, "CHUNK", 10)


def outcomes(plan=PLAN, entries=ALL, charges=None):
    return join([live(job) for job in jobs(plan, entries, charges or Charges())])


def same(some, others):
    return len(some) == len(others) and all(
        np.array_equal(getattr(one, it.name), getattr(other, it.name))
        for one, other in zip(some, others, strict=True)
        for it in fields(Outcomes)
    )


def test_paths_are_as_many_as_asked_for():
    assert [paths for paths, _ in PLAN.chunks()] == [10, 10, 5]
    assert [paths for paths, _ in PLAN._replace(paths=20).chunks()] == [10, 10]
    assert [paths for paths, _ in PLAN._replace(paths=3).chunks()] == [3]
    assert [len(found.nav) for found in outcomes()] == [25] * len(ALL)
    assert [len(found.costs) for found in outcomes()] == [25] * len(ALL)


def test_chunks_are_of_different_paths():
    (found, *_) = outcomes()

    assert len({*found.trend}) == 25


def test_same_seed_is_the_same_outcome_and_another_is_another():
    assert same(outcomes(), outcomes())
    assert not same(outcomes(), outcomes(PLAN._replace(seed=2)))


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_workers_changes_nothing(count):
    with ThreadPoolExecutor(count) as pool:
        measured = on_paths(pool, PLAN, ALL, Charges(), "")

    assert same(measured.outcomes, outcomes())
    assert measured.steps == PLAN.steps
    assert measured.seconds > 0
    assert 10 < measured.peak_mb < 10_000


def test_token_does_not_depend_on_who_lives_beside_it():
    assert same(outcomes(entries=ALL[:1]), outcomes()[:1])


@pytest.mark.parametrize("market", MARKETS)
def test_costs_add_up_to_what_is_missing(market):
    for found in outcomes(PLAN._replace(market=MARKETS[market])):
        kept = found.nav > 0
        missing = found.target * found.trend[kept] - np.log(found.nav[kept])
        totals = np.array([cost.total for cost in found.costs])[kept]
        assert totals == pytest.approx(missing, abs=1e-9)


def test_what_is_gone_has_lost_more_than_a_number():
    crash = Gbm(drift=-400.0, volatility=0.0)
    (found,) = outcomes(PLAN._replace(market=crash), [Entry(ISSUERS["margin"], True)])

    assert list(found.nav) == list(found.ideal * 0) == [0] * 25
    assert {cost.beta_slippage for cost in found.costs} == {np.inf}
    assert judge(found)["drag"] is None
    assert judge(found)["liquidated"] == judge(found)["lost_half"] == 1


@EITHER
@pytest.mark.parametrize("volatility", [0.4, 0.8])
def test_token_that_is_always_at_target_is_what_the_closed_form_says(long, volatility, monkeypatch):
    monkeypatch.setattr(many, "CHUNK", 2_500)
    issuer = replace(ISSUERS["continuous"], management=0.0)
    plan = Plan(Gbm(drift=0.3, volatility=volatility), 3, 1_500, 24 * 20)

    (found,) = outcomes(plan, [Entry(issuer, long)], FREE)

    lost = np.log(found.nav) - found.target * found.trend
    years = 20 * DAY / YEAR
    expected = -found.target * (found.target - 1) * volatility**2 * years / 2
    assert lost.mean() == pytest.approx(expected, abs=5 * lost.std() / sqrt(lost.size))
    assert lost.mean() == pytest.approx(expected, rel=0.03)
    assert judge(found)["closed_form"] == pytest.approx(-expected / years, rel=0.03)
    assert judge(found)["drag"] == pytest.approx(-expected / years, rel=0.03)


@pytest.mark.parametrize("steps", [24 * 4, 24 * 4 + 11, 5])
def test_volatility_is_of_the_time_that_was_lived(steps, monkeypatch):
    """Also where the last day is not whole."""
    monkeypatch.setattr(many, "CHUNK", 2_500)
    plan = Plan(Gbm(drift=0.0, volatility=0.8), 1, 3_000, steps)

    (found,) = outcomes(plan, ALL[:1])

    assert np.mean(found.volatility**2) == pytest.approx(0.64, rel=0.1)


def test_price_that_stands_still_has_no_volatility():
    plan = Plan(Gbm(drift=0.0, volatility=0.0), 1, 2, 5)

    (found,) = outcomes(plan, ALL[:1])

    assert list(found.volatility) == [0, 0]


def test_ideal_and_drawdown_are_of_days():
    class Told:
        def steps(self, rng, paths, count, seconds):
            for relative in (1.0, 1.1, 0.9, 0.99):
                yield np.full(paths, relative)

    plan = Plan(Told(), 1, 1, 4, DAY)
    (found,) = outcomes(plan, [Entry(replace(ISSUERS["margin"], lltv=(1.0, 1.0)), True)], FREE)

    assert found.nav == pytest.approx([0.97])
    assert found.ideal == pytest.approx([1.3 * (1 + 3 * (0.9 / 1.1 - 1)) * 1.3])
    assert found.drawdown == pytest.approx([1 - 0.7 / 1.3])
    assert found.trend == pytest.approx([np.log(0.99)])


def test_figures_are_of_a_year():
    n = 5
    ones = np.ones(n)
    found = Outcomes(
        issuer="any",
        token="BULL",
        target=3.0,
        years=0.5,
        nav=np.array([0.0, 0.4, 0.8, 1.2, 1.6]),
        ideal=ones * 1.1,
        volatility=ones * 0.5,
        trend=ones * 0.1,
        drawdown=np.array([1.0, 0.6, 0.3, 0.2, 0.1]),
        rebalances=ones * 50,
        emergencies=ones * 2,
        liquidations=np.array([1.0, 2, 0, 0, 0]),
        costs=[Costs(0, 0, 0, 0)] * n,
    )

    told = judge(found)

    assert told["return"] == pytest.approx(-0.2)
    assert told["median"] == pytest.approx(-0.2)
    assert told["ideal"] == pytest.approx(0.1)
    assert told["quantiles"]["25"] == pytest.approx(-0.6)
    assert told["drag"] == pytest.approx((0.3 - np.log(0.8)) / 0.5)
    assert told["closed_form"] == pytest.approx(0.75)
    assert told["drawdown"] == pytest.approx(0.3)
    assert (told["rebalances"], told["emergencies"]) == (100, 4)
    assert (told["liquidated"], told["lost_half"]) == (0.4, 0.4)


def test_plan_is_of_hours_that_follow_each_other():
    plan = PLAN._replace(paths=2)
    ((paths, seed),) = plan.chunks()
    made = list(plan.prices(paths, seed))

    assert [time - many.BEGIN for time, _ in made] == [HOUR * n for n in range(1, 97)]
    assert all(1_000 < price.min() < 4_000 for _, price in made)


def test_work_that_fails_says_so():
    with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        list(spread(pool, lambda number: 1 // number, [1, 0, 2]))
