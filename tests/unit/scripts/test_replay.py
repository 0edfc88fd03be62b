"""A replay: BULL and BEAR on the chain, the model beside them, and the figures that come of it."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from math import log

import pytest
from ape import networks
from click import ClickException
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts._devnet import build_devnet, deploy_ballast, undone
from scripts._life.books import Books
from scripts._life.on_chain import begin, twin_of
from scripts._model.daily_schedule import DAY, opened
from scripts._model.fixed_point import WAD
from scripts._model.token import Lane
from scripts._prices.bars import USD, Bar, Gap, Prices
from scripts._replay.live import POOLED, live
from scripts._replay.report import lines, report
from scripts._replay.rows import COLUMNS, write_rows

BEGIN = int(datetime(2020, 3, 11, tzinfo=UTC).timestamp())
HOUR = 3_600
STEP = 3 * HOUR
GAS = WAD // 2_000

# A calm day, a crash and what came after it, and a day that ends with bars that are missing.
CLOSES = (
    *(200, 202, 199, 201, 203, 200, 196, 194, 190, 182, 168, 150, 131, 140, 135, 133),
    *(136, 138, 135, 130, 128),
)


def lives_of(town, prices):
    """BULL and BEAR, and models that are like them."""
    lives = []
    for place in begin(town, deploy_ballast(town), prices.bars):
        model = twin_of(place)
        lives.append(live(place, Books(model.token, model.shift), prices, GAS, lambda: None))
    return lives


@pytest.fixture(scope="module")
def prices():
    bars = []
    for number, (start, end) in enumerate(zip((200, *CLOSES), CLOSES, strict=False)):
        time = BEGIN + (number + 2 * (number > 18)) * STEP
        extremes = max(start, end) + 1, min(start, end) - 1
        bars.append(Bar(time, *(price * USD for price in (start, *extremes, end))))
    return Prices(bars, STEP, [Gap(BEGIN + 18 * STEP, 2)], "a story")


@pytest.fixture(scope="module")
def town(still_for_the_file):
    """A devnet with a deep pool."""
    return build_devnet("200", None, POOLED)


@pytest.fixture(scope="module")
def replay(prices, town):
    """Live it, with a model that may be another than the token on the chain."""
    places = begin(town, deploy_ballast(town), prices.bars)

    def _replay(**others):
        lives = []
        for place in places:
            model = twin_of(place)
            model.token.rules = replace(model.token.rules, **others)
            books = Books(model.token, model.shift)
            lives.append(live(place, books, prices, GAS, lambda: None))
        return lives

    return _replay


@pytest.fixture(scope="module")
def still_for_the_file(file_put_back):
    """A view and a transaction see the same second."""
    networks.provider.make_request("anvil_setBlockTimestampInterval", [0])


@pytest.fixture(scope="module")
def lives(replay):
    return replay()


def test_replay_is_what_the_model_says_in_every_bar(lives, prices):
    for lived in lives:
        assert [pair.mismatch for pair in lived.bars] == [0] * len(prices.bars)
        assert [pair.chain for pair in lived.bars] == [pair.model for pair in lived.bars]
        assert [pair.chain.bar for pair in lived.bars] == prices.bars


@settings(max_examples=12)
@given(
    st.lists(st.integers(-160, 190), min_size=2, max_size=12),
    st.sampled_from([HOUR, 3 * HOUR, 6 * HOUR, DAY]),
    st.integers(0, DAY),
)
def test_replay_of_any_prices_is_what_the_model_says(town, moves, step, begins):
    """Fills of either lane, in either direction, and liquidations whole and in part."""
    bars, price = [], 200 * USD
    for number, move in enumerate(moves):
        end = price * (1_000 + move) // 1_000
        extremes = max(price, end) * 101 // 100, min(price, end) * 99 // 100
        bars.append(Bar(BEGIN + begins + number * step, price, *extremes, end))
        price = end

    with undone():
        lives = lives_of(town, Prices(bars, step, [], "any"))

    for lived in lives:
        assert [pair.mismatch for pair in lived.bars] == [0] * len(lived.bars)
        assert lived.life.fills == [fill for pair in lived.bars for fill in pair.model.fills]


def test_replay_with_a_model_of_other_rules_says_so(replay, prices):
    bull, bear = replay(management_fee=2 * WAD // 10_000)

    assert all(pair.mismatch > 0 for lived in (bull, bear) for pair in lived.bars)
    assert report(prices, [bull, bear], 1)["model_mismatch_wei"] > 10**6


def test_replay_with_a_model_that_fills_at_another_time_says_so(replay):
    bull, _ = replay(ramp=40 * 60)

    first = next(fill.time for fill in bull.life.fills if fill.time - opened(fill.time) < 40 * 60)
    for pair in bull.bars[:16]:
        assert bool(pair.mismatch) == (pair.chain.bar.time + STEP > first)


def test_replay_fills_each_day_in_the_window_and_in_an_emergency_at_once(lives):
    bull, bear = lives

    daily = [fill for fill in bull.life.fills if fill.lane == Lane.SCHEDULED]
    assert len({opened(fill.time) for fill in daily}) == len(daily) == 3
    elapsed = [fill.time - opened(fill.time) for fill in daily]
    assert elapsed == [88 * 60, 32 * 60, 32 * 60]  # at a point, and between two
    urgent = [fill for fill in bull.life.fills if fill.lane == Lane.EMERGENCY]
    assert len(urgent) >= 2
    assert all(fill.before >= 27 / 7 and fill.after == pytest.approx(3) for fill in urgent)
    assert bear.life.liquidations == bull.life.liquidations == []


def test_replay_leaves_the_keeper_what_it_wants(lives):
    for lived in lives:
        assert len(lived.earned) == len(lived.life.fills)
        assert min(lived.earned) >= GAS / WAD * 130


def test_replay_with_a_pool_that_asks_for_more_than_a_fill_pays_stops(prices, still_for_the_file):
    devnet = build_devnet("200", None, pooled=1_000_000)
    bull, _ = begin(devnet, deploy_ballast(devnet), prices.bars)
    model = twin_of(bull)

    with pytest.raises(ClickException, match="ETHBULL: the pool is too shallow"):
        live(bull, Books(model.token, model.shift), prices, GAS, lambda: None)


def test_replay_costs_are_what_is_missing(lives):
    for lived in lives:
        track = lived.track
        whole = log(track.nav[-1]) - track.target * log(track.price[-1] / track.price[0])
        assert whole == pytest.approx(-sum(cost.total for cost in track.costs), abs=1e-10)


def test_replay_is_told_as_promised(lives, prices, tmp_path):
    told = json.loads(json.dumps(report(prices, lives, 1.25)))

    assert told["rebalances"] == {"daily": 6, "emergency": 3}
    assert (told["days"], told["bars"], told["gaps"]) == (2.88, len(prices.bars), 1)
    assert (told["liquidations"], told["model_mismatch_wei"], told["seconds"]) == (0, 0, 1.2)
    bull = told["tokens"]["BULL"]
    assert set(told["tokens"]) == {"BULL", "BEAR"}
    parts = [bull["costs"][name] for name in ("funding", "management", "premium", "beta_slippage")]
    assert bull["costs"]["total"] == pytest.approx(sum(parts), abs=1e-12)
    assert 27 / 7 < bull["max_leverage"] < 6
    assert -1 < bull["ideal"] < -0.5
    assert len(lines(told)) == 6


def test_replay_of_a_token_that_is_gone_ends_where_the_other_lives_on(town, tmp_path):
    bars = [
        Bar(BEGIN + number * STEP, *[price * USD] * 4)
        for number, price in enumerate((200, 100, 100))
    ]
    fall = Prices(bars, STEP, [], "a fall")
    lives = lives_of(town, fall)

    told = report(fall, lives, 1)

    assert [len(lived.bars) for lived in lives] == [2, 3]
    assert (told["liquidations"], told["model_mismatch_wei"]) == (1, 0)
    bull, bear = told["tokens"].values()
    assert (bull["return"], bull["max_leverage"], bull["costs"]["total"]) == (-1, None, None)
    assert 1.4 < bear["return"] < 1.6
    _, one, other, _, costs, _ = lines(told)
    assert "no NAV" in one and "no NAV" not in other
    assert costs.endswith(" all")
    write_rows(tmp_path / "replay.csv", lives)
    gone = (tmp_path / "replay.csv").read_text(encoding="utf8").splitlines()[2]
    assert gone == "BULL,2020-03-11T03:00:00Z,100,0,0,0,0,,,,1.0,0,0"


def test_replay_writes_a_row_a_bar(lives, prices, tmp_path):
    path = tmp_path / "out" / "replay.csv"

    write_rows(path, lives)

    with path.open(encoding="utf8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["token"] for row in rows] == [
        name for name in ("BULL", "BEAR") for _ in prices.bars
    ]
    first, last = rows[0], rows[len(prices.bars) - 1]
    assert (first["time"], first["price"]) == ("2020-03-11T00:00:00Z", "200")
    assert float(last["nav"]) == pytest.approx(lives[0].track.nav[-1], rel=1e-5)
    assert last["nav"] == last["model_nav"]
    assert {row["lane"] for row in rows} >= {"", "scheduled"}
    assert float(rows[-1]["leverage"]) < -2
