"""`ape run replay` on a node: days of bars from a file, with a crash and a gap in them."""

import csv
import json
from datetime import UTC, datetime, timedelta

import click
import pytest

from scripts import replay
from scripts._paper.options import find_prices

BEGIN = datetime(2020, 3, 11, 18, tzinfo=UTC)
HOURS = (200, 199, 201, 200, 202, 201, 198, 196, 195, 196, 193, 190, 176, 171, 155, 150, 149, 152)
MISSING = range(9, 11)
ASKED = {"begin": None, "days": None, "market": "gbm", "seed": 1, "step": 3_600}
KEYS = {
    *("prices", "days", "bars", "gaps", "rebalances", "liquidations", "tokens"),
    *("model_mismatch_wei", "seconds"),
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "bars.csv"
    lines = ["time,open,high,low,close"]
    for number, close in enumerate(HOURS):
        opens = HOURS[max(0, number - 1)]
        high, low = max(opens, close) + 1, min(opens, close) - 1
        if number not in MISSING:
            time = BEGIN + timedelta(hours=number)
            lines.append(f"{time:%Y-%m-%dT%H:%M:%SZ},{opens},{high},{low},{close}")
    path.write_text("\n".join(lines) + "\n", encoding="utf8")
    return path


def run(monkeypatch, tmp_path, tokens, **asked):
    """What the command does once it is connected; its exit code."""
    assert replay.cli.callback
    monkeypatch.setattr(replay, "OUT", tmp_path / "out")
    with pytest.raises(SystemExit) as done:
        replay.cli.callback(tokens=tokens, gas=0.0005, **{**ASKED, **asked})
    return done.value.code


def test_replay_lives_a_file_and_tells_of_it(monkeypatch, tmp_path, file, capsys):
    assert run(monkeypatch, tmp_path, ("BULL", "BEAR"), prices=file) == 0

    told = json.loads((tmp_path / "out/replay.json").read_text(encoding="utf8"))
    assert set(told) >= KEYS
    assert (told["bars"], told["gaps"], told["days"]) == (16, 1, 0.75)
    assert told["rebalances"]["daily"] == 2
    assert told["rebalances"]["emergency"] >= 2
    assert (told["liquidations"], told["model_mismatch_wei"]) == (0, 0)
    bull, bear = (told["tokens"][name] for name in ("BULL", "BEAR"))
    assert bull["return"] < -0.5 < 0.5 < bear["return"]
    assert bull["max_leverage"] > 27 / 7
    for token in (bull, bear):
        *parts, total = token["costs"].values()
        assert sum(parts) == pytest.approx(total)
    with (tmp_path / "out/replay.csv").open(encoding="utf8") as rows:
        assert {row["mismatch_wei"] for row in csv.DictReader(rows)} == {"0"}
    assert (tmp_path / "out/replay.png").stat().st_size > 10_000
    said = capsys.readouterr().out
    assert "2 bars are missing, after 2020-03-1" in said
    assert "The model says the same, to the last unit, in 32 bars." in said


def test_replay_without_a_file_makes_prices(monkeypatch, tmp_path):
    assert run(monkeypatch, tmp_path, ("BEAR",), prices=None, days=2) == 0

    told = json.loads((tmp_path / "out/replay.json").read_text(encoding="utf8"))
    assert (told["days"], told["bars"], list(told["tokens"])) == (2, 48, ["BEAR"])
    assert told["model_mismatch_wei"] == 0


def test_replay_that_differs_from_the_model_fails(monkeypatch, tmp_path, file, capsys):
    def spoiled(place):
        model = twin_of(place)
        model.token.position.market.rate *= 2
        return model

    twin_of = replay.twin_of
    monkeypatch.setattr(replay, "twin_of", spoiled)

    assert run(monkeypatch, tmp_path, ("BULL",), prices=file) == 1

    told = json.loads((tmp_path / "out/replay.json").read_text(encoding="utf8"))
    assert told["model_mismatch_wei"] > 0
    assert f"differs by up to {told['model_mismatch_wei']:,} units" in capsys.readouterr().out


def test_replay_of_another_file_says_what_is_wrong(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("time,open,high,low,close\n2020-03-11,1,dear,1,1\n", encoding="utf8")

    with pytest.raises(click.BadParameter, match="line 2, column high: expected a price"):
        find_prices(path, usual_days=30, **ASKED)


@pytest.mark.parametrize("value", ["HEDGE", "BULL,", "BULL BEAR"])
def test_replay_of_unknown_tokens_says_which_there_are(value):
    (option,) = [it for it in replay.cli.params if it.name == "tokens"]

    with pytest.raises(click.BadParameter, match="expected some of BULL, BEAR"):
        option.type.convert(value, option, None)
    assert option.type.convert("bear,Bull", option, None) == ("BEAR", "BULL")
