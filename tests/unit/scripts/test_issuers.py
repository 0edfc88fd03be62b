"""Issuers' files: each is what it says, and what one may not say is answered with what it may."""

import json
from dataclasses import replace

import pytest
import yaml

from scripts._files import FileError, issuer, load_token
from scripts._files.issuer import issuer_names, load_issuer
from scripts._files.reading import to_wad
from scripts._model import rule_book
from scripts._model.fixed_point import WAD
from scripts._model.venue import Market
from scripts._paper.error import rules_of
from scripts._paper.issuer import DAY, Issuer

FILE = {
    "name": "Test",
    "about": "for tests",
    "target": "3",
    "schedule": {"at": "00:02", "every": "24", "band": "0.01", "to": "edge"},
    "trigger": {"above": {"long": "3.8", "short": "4"}, "to": "target"},
    "auction": {
        "start": "-0.005",
        "end": "0.004",
        "emergency": "0.0005",
        "window": "7200",
        "ramp": "2700",
    },
    "fees": {"mint": "0.001", "redeem": "0.002", "management": "0.0003"},
    "lltv": {"long": "0.86", "short": "0.915"},
}
NO_AUCTION = {"auction": None}


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes a file, with fields changed by their dotted path, and loads it."""
    monkeypatch.setattr(issuer, "ISSUERS", tmp_path)

    def write(changes=(), text=None):
        fields = json.loads(json.dumps(FILE))
        for path, value in dict(changes).items():
            *outer, last = path.split(".")
            inner = fields
            for part in outer:
                inner = inner[part]
            if value is None:
                del inner[last]
            else:
                inner[last] = value
        (tmp_path / "test.yaml").write_text(text or yaml.safe_dump(fields))
        return load_issuer("test")

    return write


@pytest.mark.parametrize("name", issuer_names())
def test_issuer_is_one_of_three_times_leverage_with_a_name_of_its_own(name):
    found = load_issuer(name)

    assert found.target == 3
    assert found.about
    assert [load_issuer(other).name for other in issuer_names()].count(found.name) == 1
    assert max(found.lltv) <= 1
    assert all(above == 0 or above > 3 for above in found.above)


def test_ballast_is_first_and_the_margin_position_last():
    assert issuer_names() == [
        *("ballast", "band", "continuous", "exchange", "fixed_hour", "threshold"),
        "margin",
    ]


@pytest.mark.parametrize("symbol", ["ETHBULL", "ETHBEAR"])
def test_ballast_has_the_rules_of_the_tokens(symbol):
    token, ours = load_token(symbol), load_issuer("ballast")
    rules = rules_of(ours, token.long)

    # 27 / 7 is no number of floats
    assert abs(rules.emergency - token.rules.emergency) < 1_000
    assert replace(rules, emergency=token.rules.emergency) == token.rules
    assert round(ours.lltv[not token.long] * WAD) == to_wad(token.market.lltv)


@pytest.mark.parametrize("long", [True, False])
def test_ballast_passes_the_rule_book(long):
    ours = load_issuer("ballast")
    lltv = round(ours.lltv[not long] * WAD)
    bonus = Market(lltv, price=0, now=0).liquidation_bonus()

    rule_book.check(rules_of(ours, long), lltv, bonus)

    assert ours.bonus[not long] == bonus / WAD
    assert ours.auction.share == rule_book.premium_curve.BONUS_SHARE / WAD


def test_exchange_and_its_neighbours_are_what_they_say():
    exchange, fixed = load_issuer("exchange"), load_issuer("fixed_hour")
    band, threshold, margin = (load_issuer(name) for name in ("band", "threshold", "margin"))

    assert (exchange.at, exchange.every, exchange.band, exchange.above) == (120, DAY, 0, (4, 4))
    assert (fixed.at, fixed.every, fixed.move, fixed.above) == (16 * 3_600, DAY, 0.15, (0, 0))
    assert (band.every, band.below, band.above, band.then) == (0, 2.7, (3.3, 3.3), "edge")
    assert (threshold.every, threshold.below, threshold.above) == (0, 1.25, (4, 4))
    assert threshold.then == "target"
    assert load_issuer("continuous").every == 3_600
    assert (margin.every, margin.above, margin.below, margin.move) == (0, (0, 0), 0, 0)
    assert margin.lltv[0] * (1 + margin.bonus[0]) > 1  # nothing is left
    assert (margin.mint, margin.redeem, margin.management) == (0, 0, 0)


def test_file_is_read_exactly(written):
    found = written()

    assert (found.name, found.about, found.target) == ("Test", "for tests", 3)
    assert (found.at, found.every, found.band, found.to) == (120, DAY, 0.01, "edge")
    assert (found.above, found.below, found.move, found.then) == ((3.8, 4.0), 0, 0, "target")
    assert (found.mint, found.redeem, found.management) == (0.001, 0.002, 0.0003)
    assert (found.auction.start, found.auction.end) == (-0.005, 0.004)
    assert (found.auction.window, found.auction.ramp) == (7_200, 2_700)
    assert found.auction.emergency == 0.0005
    assert found.lltv == (0.86, 0.915)


def test_issuer_without_schedule_and_trigger_never_trades(written):
    found = written({"schedule": None, "trigger": None, "auction": None, "lltv": None})

    assert found == Issuer(
        name="Test", about="for tests", at=0, every=0, redeem=0.002, lltv=(1.0, 1.0)
    )


def test_bonus_and_every_trigger_are_read(written):
    trigger = {"below": "2", "move": "0.1", "to": "edge"}
    found = written(NO_AUCTION | {"trigger": trigger, "bonus": {"long": "0.05", "short": "0.06"}})

    assert (found.above, found.below, found.move, found.then) == ((0, 0), 2, 0.1, "edge")
    assert found.bonus == (0.05, 0.06)


@pytest.mark.parametrize(
    ("changes", "field", "fault", "allowed"),
    [
        ({"name": None}, "name", "is missing", "to be given"),
        ({"name": ""}, "name", "is ", "at least 1"),
        ({"colour": "red"}, "colour", "is not a field", "name, about, target"),
        ({"target": "0"}, "target", "is 0", "greater than 0"),
        ({"target": "101"}, "target", "is 101", "less than or equal to 100"),
        ({"target": "three"}, "target", "is three", "decimal"),
        ({"schedule.at": "24:00"}, "schedule.at", "24:00 is not a time", '"00:00" to "23:59"'),
        ({"schedule.at": "2"}, "schedule.at", "2 is not a time", '"00:00" to "23:59"'),
        ({"schedule.at": "00:60"}, "schedule.at", "00:60 is not a time", '"00:00" to "23:59"'),
        ({"schedule.every": "0"}, "schedule.every", "is 0", "greater than 0"),
        ({"schedule.band": "1"}, "schedule.band", "is 1", "less than 1"),
        ({"schedule.to": "middle"}, "schedule.to", "is middle", "'edge' or 'target'"),
        ({"schedule.when": "now"}, "schedule.when", "is not a field", "at, every, band, to"),
        ({"trigger.above.short": None}, "trigger.above.short", "is missing", "to be given"),
        ({"trigger.above.long": "3"}, "trigger.above.long", "is 3", "above the target, 3"),
        ({"trigger.above.short": "2"}, "trigger.above.short", "is 2", "above the target, 3"),
        (NO_AUCTION | {"trigger.below": "3"}, "trigger.below", "is 3", "below the target, 3"),
        (NO_AUCTION | {"trigger.move": "1"}, "trigger.move", "is 1", "less than 1"),
        (NO_AUCTION | {"trigger": {"to": "edge"}}, "trigger", "waits for", "above, below or move"),
        ({"trigger.below": "2"}, "trigger", "more than an auction has", "above a leverage"),
        ({"trigger.move": "0.1"}, "trigger", "more than an auction has", "above a leverage"),
        ({"trigger.to": "edge"}, "trigger", "more than an auction has", "to target"),
        ({"auction.start": "-1"}, "auction.start", "is -1", "greater than -1"),
        ({"auction.end": "-0.006"}, "auction.end", "is -0.006", "greater than or equal to 0"),
        ({"auction.start": "0.005"}, "auction.end", "is 0.004", "0.005 or more"),
        ({"auction.window": "86401"}, "auction.window", "is 86401", "less than or equal to 86400"),
        ({"auction.ramp": "7201"}, "auction.ramp", "is 7201", "1 to 7200 seconds, the window"),
        ({"schedule": None}, "auction", "stands alone", "with a schedule"),
        ({"trigger": None}, "auction", "stands alone", "a trigger above"),
        ({"lltv": None}, "auction", "stands alone", "an lltv"),
        ({"fees.mint": "1"}, "fees.mint", "is 1", "less than 1"),
        ({"fees.management": "-1"}, "fees.management", "is -1", "greater than or equal to 0"),
        ({"fees": None}, "fees", "is missing", "to be given"),
        ({"lltv.short": "1.01"}, "lltv.short", "is 1.01", "above 0, to 1"),
        ({"lltv.long": "0"}, "lltv.long", "is 0", "greater than 0"),
        ({"bonus": {"long": "0.1", "short": "0.1"}}, "bonus", "is the venue's", "none beside"),
    ],
)
def test_wrong_value_is_answered_with_what_is_allowed(written, changes, field, fault, allowed):
    with pytest.raises(FileError) as error:
        written(changes)

    assert error.value.file.endswith("test.yaml")
    assert error.value.field == field
    assert fault in error.value.fault
    assert allowed in error.value.allowed


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name: [", "is not YAML"),
        ("- name", "has no fields"),
        ("name: A\nname: B", "name is there twice"),
    ],
)
def test_file_that_is_no_list_of_fields_is_refused(written, text, fault):
    with pytest.raises(FileError, match=fault):
        written(text=text)


def test_issuer_that_is_not_there_is_answered_with_those_that_are(written):
    written()

    with pytest.raises(FileError, match="no such issuer; allowed: test"):
        load_issuer("other")
