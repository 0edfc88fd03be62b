"""Band × schedule × cost: every combination, each with its own rules."""

from dataclasses import replace
from datetime import UTC, datetime
from math import inf, log

import numpy as np
import pytest

from scripts._paper import many
from scripts._paper.issuer import Charges
from scripts._paper.many import Entry, Plan
from scripts._paper.sweep import BANDS, FEES, SCHEDULES, jobs, live
from scripts._paper.track import track
from scripts._prices.bars import USD, Bar, Prices
from scripts._prices.make import MARKETS, make_bars
from tests.unit.paper.lived import BALLAST, DAY, EITHER, MIDNIGHT

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
PRICES = make_bars(MARKETS["gbm"], 2, BEGIN, 24, DAY, 2_000.0)


@pytest.fixture(scope="module")
def cells():
    return [live(job) for job in jobs(BALLAST, Charges(), PRICES)]


def test_every_combination_is_there_once(cells):
    combinations = {(it.token, it.band, it.schedule, it.cost) for it in cells}

    assert len(cells) == len(combinations) == 2 * len(BANDS) * len(SCHEDULES) * len(FEES)
    assert {it.band for it in cells} == {*BANDS}
    assert {it.schedule for it in cells} == {*SCHEDULES}
    assert {it.cost for it in cells} == {*FEES}


@EITHER
def test_cell_is_what_a_track_of_these_rules_is(cells, long):
    (cell,) = (
        it
        for it in cells
        if it[1:4] == (0.05, "weekly", 0.001) and it.token == ("BULL" if long else "BEAR")
    )
    issuer = replace(BALLAST, band=0.05, every=7 * DAY)
    lived = track(PRICES, issuer, long, Charges(fee=0.001))

    years = float(lived.times[-1] - lived.times[0]) / (365 * DAY)
    missing = lived.target * log(lived.price[-1] / lived.price[0]) - log(lived.nav[-1])
    assert cell.drag == pytest.approx(missing / years, rel=1e-9)
    assert cell.rebalances == pytest.approx(len(lived.rebalances) / years)
    assert cell.max_leverage == pytest.approx(lived.max_leverage)


def test_wider_bands_and_rarer_schedules_trade_less(cells):
    count = {(it.token, it.schedule, it.band): it.rebalances for it in cells if it.cost == FEES[0]}

    for token in ("BULL", "BEAR"):
        assert count[token, "daily", 0.2] < count[token, "daily", 0.01]
        assert count[token, "weekly", 0.01] < count[token, "daily", 0.01]
        assert count[token, "daily", 0.01] < count[token, "every 8 hours", 0.01]


def test_token_that_is_gone_has_lost_without_bound():
    bars = [
        Bar(MIDNIGHT + n * DAY, *[price * USD] * 4) for n, price in enumerate((100, 100, 40, 40))
    ]
    job = jobs(BALLAST, Charges(), Prices(bars, DAY, [], ""))[0]

    assert (live(job).drag, live(job).max_leverage) == (inf, inf)


@EITHER
def test_cell_of_a_plan_is_the_median_of_its_paths(monkeypatch, long):
    """However many chunks it has."""
    monkeypatch.setattr(many, "CHUNK", 3)
    plan = Plan(MARKETS["gbm"], 5, 7, 24 * 40)
    (job,) = (
        it
        for it in jobs(BALLAST, Charges(), plan)
        if (it.issuer.band, it.schedule, it.charges.fee, it.long) == (0.1, "daily", FEES[1], long)
    )
    entries = [Entry(replace(BALLAST, band=0.1), long)]
    chunks = many.jobs(plan, entries, Charges(fee=FEES[1]))
    (lived,) = many.join([many.live(chunk) for chunk in chunks])

    cell = live(job)

    lost = (lived.target * lived.trend - np.log(lived.nav)) / lived.years
    assert cell.paths == len(lost) == 7
    assert cell.drag == pytest.approx(np.median(lost), rel=1e-9)
    assert cell.rebalances == pytest.approx(np.median(lived.rebalances) / lived.years)
    assert 3 < cell.max_leverage < inf


def test_cell_of_prices_is_of_one_path(cells):
    assert {cell.paths for cell in cells} == {1}
