"""`ape run backtest` and `montecarlo`: what they write, and how they answer a wrong wish."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from scripts import backtest, montecarlo
from scripts._files.issuer import issuer_names
from scripts._paper import pool, sweep
from scripts._prices.bars import USD, Bar
from tests.unit.prices.files import in_seconds

MIDNIGHT = 1_577_836_800
HOUR = 3_600
PROMISED = {"paths", "steps_per_path", "seconds", "peak_mb", "error_bp_per_year", "rules"}
FIGURES = {"return", "drag", "rebalances"}
SMALL = ("--paths", "12", "--issuers", "ballast,margin")
PNG = b"\x89PNG"


@contextmanager
def threads(scheduler=None):
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """Three days instead of a year, in threads, no life in the exact model, no pictures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep, "BANDS", (0.05,))
    monkeypatch.setattr(backtest, "_draw", lambda *_drawn: None)
    for command in (backtest, montecarlo):
        monkeypatch.setattr(command, "workers", threads)
    monkeypatch.setattr(backtest, "DAYS", 3)
    monkeypatch.setattr(backtest, "worst_error", lambda _pool, _market, _seed: 0.25)


def run(command, *args):
    return CliRunner().invoke(command.cli, args, catch_exceptions=False)


def prices(tmp_path, hours=72, missing=()):
    """A file of hourly bars, but for those that are missing."""
    bars = [
        Bar(MIDNIGHT + HOUR * n, *(price * USD for price in (100, 104, 97, 102)))
        for n in range(hours)
        if n not in missing
    ]
    path = tmp_path / "prices.csv"
    path.write_text(in_seconds(bars))
    return str(path)


@pytest.fixture(scope="module")
def everyone(tmp_path_factory):
    """All issuers, once: what was printed, and the folder that was written to."""
    folder = tmp_path_factory.mktemp("everyone")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(backtest, "workers", threads)
        patch.setattr(backtest, "DAYS", 3)
        patch.setattr(backtest, "worst_error", lambda _pool, _market, _seed: 0.25)
        result = run(backtest, "--paths", "20")
    assert result.exit_code == 0, result.output
    return result, folder / "out"


def test_backtest_writes_what_is_promised(everyone):
    _, out = everyone
    told = json.loads((out / "backtest.json").read_text())

    assert set(told) == PROMISED
    assert (told["paths"], told["steps_per_path"], told["error_bp_per_year"]) == (20, 72, 0.25)
    assert told["seconds"] >= 0
    assert told["peak_mb"] > 10
    assert list(told["rules"]) == issuer_names()
    for figures in told["rules"].values():
        assert figures.keys() >= FIGURES
        assert figures["bear"].keys() >= FIGURES
        assert set(figures["paths"]) == {"BULL", "BEAR"}
    returns = [figures["return"] for figures in told["rules"].values()]
    assert len({*returns}) == len(returns)


def test_backtest_draws_a_page_and_a_picture(everyone):
    _, out = everyone

    assert "<svg" in (html := (out / "report.html").read_text(encoding="utf8")) or "vega" in html
    assert "within 0.250 bp of NAV a year" in html
    assert (out / "report.png").read_bytes().startswith(PNG)


def test_backtest_shows_every_issuer_on_the_path_and_on_many(everyone):
    result, _ = everyone
    lines = [line for line in result.output.splitlines() if " BULL " in line]

    assert len(lines) == 2 * len(issuer_names())
    assert "2020-01-01 00:00 to 2020-01-04 00:00 UTC" in result.output
    assert "at most 0.250 bp of NAV a year" in result.output


def test_prices_of_a_file_are_lived_and_gaps_are_told(tmp_path):
    path = prices(tmp_path, missing=(30, 31, 40))

    result = run(backtest, *SMALL, "--prices", path)

    assert result.exit_code == 0
    assert "69 bars of 60 minutes, prices.csv" in result.output
    assert "3 bars are missing, after 2020-01-02 05:00, 2020-01-02 15:00" in result.output


@pytest.mark.parametrize(
    ("args", "bars", "first"),
    [
        (["--days", "1"], 24, "2020-01-01 00:00"),
        (["--from", "2020-01-02"], 48, "2020-01-02 00:00"),
        (["--from", "2020-01-02T12:00", "--days", "1"], 24, "2020-01-02 12:00"),
    ],
)
def test_part_of_a_file_is_lived(tmp_path, args, bars, first):
    result = run(backtest, *SMALL, "--prices", prices(tmp_path), *args)

    assert f"{first} to " in result.output
    assert f"{bars} bars of 60 minutes" in result.output


def test_seed_and_market_decide_what_is_made_up():
    def told(*args):
        assert run(backtest, *SMALL, *args).exit_code == 0
        return json.loads(backtest.OUT.joinpath("backtest.json").read_text())["rules"]

    usual = told()
    assert told() == usual
    assert told("--seed", "2") != usual
    assert told("--market", "chop") != usual
    assert told("--funding", "0.01")["margin"]["return"] < usual["margin"]["return"]


def test_funding_of_a_file_is_paid(tmp_path):
    rates = tmp_path / "rates.csv"
    rates.write_text(f"time,rate\n{MIDNIGHT + HOUR},0.01\n{MIDNIGHT + 9 * HOUR},0.01\n")

    run(backtest, *SMALL, "--funding", str(rates))

    told = json.loads(backtest.OUT.joinpath("backtest.json").read_text())["rules"]
    assert told["ballast"]["costs"]["funding"] == pytest.approx(0.06, rel=0.2)
    assert told["ballast"]["bear"]["costs"]["funding"] == pytest.approx(-0.06, rel=0.2)


def test_funding_of_another_time_is_refused(tmp_path):
    rates = tmp_path / "rates.csv"
    rates.write_text(f"time,rate\n{MIDNIGHT - 9 * HOUR},0.01\n{MIDNIGHT - HOUR},0.01\n")

    result = run(backtest, *SMALL, "--funding", str(rates))

    assert result.exit_code == 2
    told = " ".join(result.output.split())
    assert "--funding: expected rates for the prices, 2020-01-01 to 2020-01-03" in told
    assert "not for 2019-12-31 to 2019-12-31" in told


def test_made_up_paths_begin_where_a_file_of_funding_does(tmp_path):
    """Else its rates would be of another time, and nobody would pay them."""
    rates = tmp_path / "rates.csv"
    begin = MIDNIGHT + 400 * 24 * HOUR
    rates.write_text(f"time,rate\n{begin + HOUR},0.2\n{begin + 9 * HOUR},0.2\n")
    args = ("--paths", "12", "--issuers", "ballast", "--days", "3")

    returns = []
    for funding in ("0", str(rates)):
        run(montecarlo, *args, "--funding", funding)
        told = json.loads(montecarlo.OUT.joinpath("montecarlo.json").read_text())["rules"]
        returns.append(told["ballast"]["BULL"]["median"])

    assert returns[1] < returns[0] - 0.5


@pytest.mark.parametrize("command", [backtest, montecarlo])
@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--issuers", "nobody"], "there is no such issuer; allowed: ballast, band"),
        (["--issuers", ""], "there is no such issuer"),
        (["--funding", "much"], "--funding"),
        (["--funding", "2"], "2 is not a part of NAV"),
        (["--funding", "nan"], "nan is not a part of NAV"),
        (["--market", "up"], "'up' is not one of 'gbm'"),
        (["--paths", "0"], "--paths"),
        (["--seed", "-1"], "--seed"),
        (["--days", "0"], "--days"),
        (["--step", "0"], "--step"),
        (["--fee", "0.2"], "--fee"),
        (["--profit", "-1"], "--profit"),
        (["--depth", "-1"], "--depth"),
        (["--gas", "-1"], "--gas"),
        (["--stake", "0"], "--stake"),
    ],
)
def test_wrong_wish_is_answered_in_a_sentence(command, args, message):
    result = run(command, *args)

    assert result.exit_code in (1, 2)
    assert message in " ".join(result.output.split())
    assert not backtest.OUT.exists()


def test_price_file_that_is_none_is_told_of(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("time,open,high,low,close\n1577836800,100,101,99,x\n")

    result = run(backtest, "--prices", str(path))

    assert result.exit_code == 2
    assert "line 2, column close: expected a price, not 'x'" in " ".join(result.output.split())
    assert "--prices" in result.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--prices", "none.csv"], "'none.csv' does not exist"),
        (["--from", "yesterday"], "yesterday"),
    ],
)
def test_prices_that_are_not_there_are_told_of(args, message):
    result = run(backtest, *args)

    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_times_that_a_file_has_not_are_told_of(tmp_path):
    result = run(backtest, "--prices", prices(tmp_path), "--from", "2021-01-01")

    assert result.exit_code == 2
    assert "expected bars from 2021-01-01" in " ".join(result.output.split())


def test_same_issuer_twice_is_one():
    result = run(montecarlo, "--paths", "3", "--days", "1", "--issuers", "band,band,margin")

    told = json.loads((montecarlo.OUT / "montecarlo.json").read_text())
    assert result.exit_code == 0
    assert list(told["rules"]) == ["band", "margin"]


def test_montecarlo_writes_figures_and_a_page():
    result = run(montecarlo, "--paths", "20", "--days", "3", "--market", "regimes")

    told = json.loads((montecarlo.OUT / "montecarlo.json").read_text())
    assert result.exit_code == 0
    assert (told["paths"], told["steps_per_path"], told["market"]) == (20, 72, "regimes")
    assert told.keys() >= {"seconds", "peak_mb", "rules"}
    assert list(told["rules"]) == issuer_names()
    for figures in told["rules"].values():
        assert set(figures) == {"BULL", "BEAR"}
        assert figures["BULL"].keys() >= FIGURES | {"median", "quantiles", "closed_form"}
    assert "20 of 3 days, regimes, seed 1" in (montecarlo.OUT / "montecarlo.html").read_text()


def test_montecarlo_takes_other_steps():
    run(montecarlo, "--paths", "3", "--days", "2", "--step", "900", "--issuers", "ballast")

    told = json.loads((montecarlo.OUT / "montecarlo.json").read_text())
    assert told["steps_per_path"] == 192


def test_montecarlo_is_the_same_in_processes(monkeypatch):
    def told():
        args = ("--paths", "4", "--days", "1", "--issuers", "ballast")
        assert run(montecarlo, *args).exit_code == 0
        return json.loads((montecarlo.OUT / "montecarlo.json").read_text())["rules"]

    in_threads = told()
    monkeypatch.setattr(montecarlo, "workers", pool.workers)

    assert told() == in_threads


@pytest.mark.parametrize("command", [backtest, montecarlo])
def test_scheduler_that_does_not_answer_is_told_of(command, monkeypatch):
    monkeypatch.setattr(command, "workers", pool.workers)
    monkeypatch.setattr(pool, "PATIENCE", 1)

    result = run(command, "--paths", "3", "--scheduler", "tcp://127.0.0.1:9")

    assert result.exit_code == 2
    assert "Invalid value for --scheduler: Timed out" in " ".join(result.output.split())
