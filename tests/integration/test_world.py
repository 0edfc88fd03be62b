"""Tokens on paper against the world: what the exchange's tokens of 2020 really did.

Those were brought to target daily at 00:02, and at once when a third over it, and held a perpetual.
Here they live on spot prices, by the rules of scripts/issuers/exchange.yaml, and pay the funding
of another exchange. They are compared with prices at which the real ones were traded, which are not
their NAV. All of these prices are files that are not part of this project.
"""

import csv
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from math import log, sqrt
from pathlib import Path
from statistics import correlation, fmean, linear_regression, median, stdev

import pytest

from scripts._files.issuer import issuer_names, load_issuer
from scripts._paper.figures import judge_track
from scripts._paper.issuer import DAY, Charges
from scripts._paper.track import follow, track
from scripts._prices.bars import POINTS, USD, path_of
from scripts._prices.read import read_funding, read_prices
from tests.record import record

DATA = Path(__file__).parents[3] / "shared/data"
HALF_HOURS = DATA / "ethusdt_spot_30m_2019-08_2021-11.csv.gz"
FIVE_MINUTES = DATA / "ethusdt_spot_5m_2020-02_2020-03.csv.gz"
PERPETUAL = DATA / "ethperp_daily_2019-07_2022-08.csv"
FUNDING = DATA / "ethusdt_perp_funding_8h.csv"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no prices of 2020: no ../shared/data")

HALF_HOUR = 1_800
YEAR = 365
FEE = 0.0007  # of an order on the exchange


def day(month, number):
    return int(datetime(2020, month, number, tzinfo=UTC).timestamp())


BEGIN = {"BULL": day(2, 11), "BEAR": day(2, 11), "HEDGE": day(6, 26)}
END = day(12, 17)
END_OF_MARCH = day(3, 31)  # of bars of five minutes, the last day is not whole
CRASH = {day(3, number) for number in range(12, 17)}
# Quotes of BULL and BEAR do not move by more than 1 % from one of these days to the next, while
# the price of ETH does by up to 20 %.
STILL = {day(4, number) for number in range(1, 10)}


@dataclass(frozen=True)
class Fit:
    """Daily log returns of a real token against those on paper.

    The tracking difference is the real return less that on paper. `difference` is its mean, with
    the `error` of that, and `deviation` its standard deviation, a year; `typical` is the median of
    its size, a day. `real` and `paper` are the returns of all days together.
    """

    days: int
    correlation: float
    slope: float
    difference: float
    error: float
    deviation: float
    typical: float
    worst: str
    real: float
    paper: float


def quotes(path):
    """Each day's close and volume."""
    with path.open() as file:
        return {
            int(datetime.fromisoformat(row["timestamp_utc"]).timestamp()): (
                float(row["close"]),
                float(row["volume"]),
            )
            for row in csv.DictReader(file)
        }


def traded(token, still=STILL):
    """What a real token was traded at when a day ended, but for days on which it stood still."""
    found = quotes(DATA / f"eth{token.lower()}_daily.csv")
    return {time: close for time, (close, _) in found.items() if time not in still}


def compare(real, paper, without=CRASH, shift=0):
    """From each day of `real` to the next, without those that end on one of `without`.

    `paper` has what 1 was at times; a day ends `shift` seconds after midnight.
    """
    ends = {time: time + DAY + shift for time in sorted(real) if time + DAY + shift in paper}
    returns = {
        now: (log(real[now] / real[before]), log(paper[ends[now]] / paper[ends[before]]))
        for before, now in pairwise(ends)
        if now not in without
    }
    xs, ys = [it[1] for it in returns.values()], [it[0] for it in returns.values()]
    apart = {time: a - b for time, (a, b) in returns.items()}
    deviation = stdev(apart.values()) * sqrt(YEAR)
    worst = max(apart, key=lambda time: abs(apart[time]))
    return Fit(
        days=len(returns),
        correlation=correlation(xs, ys),
        slope=linear_regression(xs, ys).slope,
        difference=fmean(apart.values()) * YEAR,
        error=deviation / sqrt(len(apart) / YEAR),
        deviation=deviation,
        typical=median(abs(it) for it in apart.values()),
        worst=f"{datetime.fromtimestamp(worst, UTC):%Y-%m-%d}",
        real=sum(ys),
        paper=sum(xs),
    )


def read(path, begin, end):
    return read_prices(path, *(datetime.fromtimestamp(time, UTC) for time in (begin, end)))


@pytest.fixture(scope="module")
def rates():
    return tuple(read_funding(FUNDING))


@pytest.fixture(scope="module")
def live(rates):
    """`live("BULL")` is what 1 in the token became on paper, at the end of each bar.

    HEDGE is short once, and has the exchange's rules for that.
    """

    def _live(token, path=HALF_HOURS, end=END, rates=rates):
        prices = read(path, BEGIN[token], end)
        issuer = load_issuer("exchange")
        if token == "HEDGE":
            issuer = replace(issuer, target=1.0, above=(4 / 3, 4 / 3))
        lived = track(prices, issuer, token == "BULL", Charges(0.0, rates, FEE))
        return {
            bar.time + prices.step: nav for bar, nav in zip(prices.bars, lived.nav[1:], strict=True)
        }

    return _live


@pytest.fixture(scope="module")
def lived(live):
    """All of them, by the half hour."""
    return {token: live(token) for token in BEGIN}


# Daily returns


@pytest.mark.parametrize(
    ("token", "bound", "deviation"),
    [("BULL", 0.95, 0.3), ("BEAR", 0.9, 0.26), ("HEDGE", 0.94, 0.26)],
)
def test_token_does_what_the_real_one_did(lived, token, bound, deviation):
    """As far as days had a price: over those that stood still, one return in place of ten."""
    fit = compare(traded(token), lived[token])

    record("world", token, **asdict(fit))
    assert fit.correlation >= bound
    assert fit.slope == pytest.approx(1, abs=0.05)
    assert fit.typical < 0.006
    assert fit.deviation < deviation
    assert abs(fit.difference) < 2 * fit.error


@pytest.mark.parametrize(("token", "found"), [("BULL", 0.9322), ("BEAR", 0.8785)])
def test_quotes_that_stand_still_are_not_followed(lived, token, found):
    """With each day's close as it is in the file, correlation is lower, on paper and off it."""
    asked = compare(traded(token, still=()), lived[token])
    target = 3 if token == "BULL" else -3
    perpetual = {time + DAY: close**target for time, (close, _) in quotes(PERPETUAL).items()}
    held = compare(traded(token, still=()), perpetual)

    record("world", f"{token}, every quote", **asdict(asked))
    assert asked.correlation == pytest.approx(found, abs=0.001)
    assert held.correlation == pytest.approx(found, abs=0.01)


@pytest.mark.parametrize(("token", "bound"), [("BULL", 0.95), ("BEAR", 0.9)])
def test_leaving_out_only_days_without_a_trade_is_enough(lived, token, bound):
    found = quotes(DATA / f"eth{token.lower()}_daily.csv")
    silent = {time for time, (_, volume) in found.items() if volume == 0}

    fit = compare(traded(token, silent), lived[token])

    record("world", f"{token}, days with trades", **asdict(fit))
    assert silent < STILL
    assert fit.correlation >= bound


@pytest.mark.parametrize("token", BEGIN)
@pytest.mark.parametrize("halves", [-4, -2, -1, 1, 2, 4])
def test_no_other_hour_fits_better(lived, token, halves):
    real = traded(token)

    other = compare(real, lived[token], shift=halves * HALF_HOUR)

    assert other.correlation < compare(real, lived[token]).correlation


@pytest.mark.parametrize("token", ["BULL", "BEAR"])
def test_funding_of_the_other_exchange_is_too_much_and_none_too_little(live, lived, token):
    real, sign = traded(token), 1 if token == "BULL" else -1

    paid = compare(real, lived[token])
    free = compare(real, live(token, rates=()))

    record("world", f"{token}, no funding", **asdict(free))
    assert sign * free.difference < 0 < sign * paid.difference


def test_spot_moves_as_the_perpetual_did():
    prices = read(HALF_HOURS, BEGIN["BULL"], END)
    spot = {bar.time + prices.step: bar.close for bar in prices.bars}
    perpetual = {time: close for time, (close, _) in quotes(PERPETUAL).items()}

    fit = compare(perpetual, spot, without=())

    record("world", "perpetual", **asdict(fit))
    assert fit.correlation > 0.999
    assert fit.slope == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("token", ["BULL", "BEAR"])
def test_crash_is_met_by_bars_of_five_minutes(live, token):
    """In a bar of half an hour the exchange traded again before the low; on paper nobody does."""
    real = traded(token)
    short = compare(real, live(token, FIVE_MINUTES, END_OF_MARCH), without=())
    long = compare(real, live(token, HALF_HOURS, END_OF_MARCH), without=())

    record("world", f"{token}, five minutes", **asdict(short))
    record("world", f"{token}, half hours", **asdict(long))
    assert short.days == long.days == 48
    assert short.correlation > max(0.995, long.correlation)
    assert short.slope == pytest.approx(1, abs=0.02)
    assert abs(short.real - short.paper) < abs(long.real - long.paper) / 4


@pytest.mark.parametrize(
    ("path", "found"), [(FIVE_MINUTES, -0.897), (HALF_HOURS, -0.939)], ids=["5m", "30m"]
)
def test_day_of_the_crash(live, path, found):
    """The real BULL lost 90.1 %."""
    lived, real = live("BULL", path, END_OF_MARCH), traded("BULL")
    begin, end = day(3, 12), day(3, 13)

    assert real[begin] / real[begin - DAY] - 1 == pytest.approx(-0.901, abs=0.0005)
    assert lived[end] / lived[begin] - 1 == pytest.approx(found, abs=0.0005)


# 134 days from 2020-01-01


# Of each issuer's token: return in percent; funding, management, premium (and what liquidators took
# on top) and beta slippage, in hundredths of a log of NAV; liquidations; and the return where the
# crash comes by five minutes.
BULL = {
    "ballast": (-84.6, 32.8, 4.0, 76.1, 205.0, 1, -71.6),
    "band": (-91.9, 31.6, 4.0, 2.2, 343.9, 0, -76.5),
    "continuous": (-54.8, 32.7, 4.0, 7.1, 166.2, 0, -54.8),
    "exchange": (-86.2, 32.8, 4.0, 2.5, 289.2, 0, -73.0),
    "fixed_hour": (-86.9, 32.7, 4.0, 2.5, 294.6, 0, -69.9),
    "threshold": (-52.1, 19.2, 4.0, 0.4, 180.6, 0, -44.3),
    "margin": (-100.0, 16.3, 0.0, 0.0, 34.7, 1, -100.0),
}
BEAR = {
    "ballast": (-99.1, -32.6, 4.0, 15.5, 355.4, 0, -99.0),
    "band": (-100.0, -32.7, 4.0, 9.2, 884.4, 0, -99.9),
    "continuous": (-98.3, -32.4, 4.0, 14.0, 294.4, 0, -98.3),
    "exchange": (-99.0, -32.2, 4.0, 4.1, 349.9, 0, -98.8),
    "fixed_hour": (-96.3, -34.7, 4.0, 3.1, 226.9, 0, -96.3),
    "threshold": (-99.9, -29.0, 4.0, 5.1, 641.2, 0, -98.2),
    "margin": (-100.0, -1.5, 0.0, 0.0, 8.8, 1, -100.0),
}
START, STOP = day(1, 1), day(5, 14)


@pytest.fixture(scope="module")
def spring(rates):
    """`spring(issuer, long)` are the figures of a token that began with the year."""
    prices = read(HALF_HOURS, START, STOP)

    def _spring(name, long):
        return judge_track(track(prices, load_issuer(name), long, Charges(0.0, rates)))

    return _spring


@pytest.fixture(scope="module")
def fine_spring(rates):
    """The same, on bars of five minutes from February 11 to March 30."""
    parts = [
        read(HALF_HOURS, START, BEGIN["BULL"]),
        read(FIVE_MINUTES, BEGIN["BULL"], END_OF_MARCH),
        read(HALF_HOURS, END_OF_MARCH, STOP),
    ]

    def _fine_spring(name, long):
        points = [
            (time, price / USD)
            for part in parts
            for time, price in path_of(part.bars, part.step, long)
        ]
        rows, charges = range(len(points)), Charges(0.0, rates)
        reach = HALF_HOUR // POINTS
        return judge_track(follow(points, rows, load_issuer(name), long, charges, reach))

    return _fine_spring


def test_every_issuer_is_told_of():
    assert list(BULL) == list(BEAR) == issuer_names()


@pytest.mark.parametrize(("long", "table"), [(True, BULL), (False, BEAR)], ids=["BULL", "BEAR"])
@pytest.mark.parametrize("name", BULL)
def test_134_days_cost(spring, name, long, table):
    found = spring(name, long)

    record("world", f"134 days, {name} {'BULL' if long else 'BEAR'}", **found)
    *percent, liquidations, _ = table[name]
    costs = [found["costs"][kind] for kind in ("funding", "management", "premium", "beta_slippage")]
    assert [100 * it for it in (found["return"], *costs)] == pytest.approx(percent, abs=0.1)
    assert found["liquidations"] == liquidations


@pytest.mark.parametrize(("long", "table"), [(True, BULL), (False, BEAR)], ids=["BULL", "BEAR"])
@pytest.mark.parametrize("name", BULL)
def test_134_days_cost_less_where_the_crash_is_met_in_time(fine_spring, name, long, table):
    """From 10:30 to 11:00 on March 12 the price fell by 23 % from the bar's high to its low.

    On paper nobody acts between the points of a bar: then Ballast's BULL is liquidated. Where
    takers had five minutes it is not, and no other token but those on margin.
    """
    found = fine_spring(name, long)

    record("world", f"134 days, finer, {name} {'BULL' if long else 'BEAR'}", **found)
    assert 100 * found["return"] == pytest.approx(table[name][-1], abs=0.1)
    assert found["liquidations"] == (name == "margin")


def test_134_days_moved_the_price(spring):
    """What became of the price, and of tokens that cost nothing."""
    bull, bear = spring("ballast", True), spring("ballast", False)

    assert 100 * bull["spot"] == pytest.approx(54.5, abs=0.05)
    assert bull["ideal"] == bull["margin"] == bear["margin"] == -1
    assert 100 * bear["ideal"] == pytest.approx(-99.5, abs=0.05)
