"""The record is whole at any moment, and says so when it is not one."""

import os
from dataclasses import replace

import click
import pytest

from scripts._deploy.record import Deployed, Pending, Record
from scripts._files.reading import ROOT, record_path

FACTORY = Deployed(
    address="0x" + "11" * 20,
    source="Factory",
    arguments=["0x" + "12" * 20, 7, [True, "x"]],
    encoded="0x12",
    commit="abc",
    compiler="vyper 0.4.3, cancun",
    transaction="0x13",
    block=5,
)


@pytest.fixture
def record(tmp_path, monkeypatch):
    """One that is written."""
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path))
    made = Record.load("test")
    made.contracts["Factory"] = FACTORY
    made.tokens["ETHBULL"] = "0x" + "14" * 20
    made.sandbox = {"coins": {"WETH": "0x" + "15" * 20}}
    made.pending = Pending("deploy Router", "0x16")
    made.chain_id, made.genesis, made.deployer = 1, "0x17", "0x18"
    made.save()
    return made


def test_record_comes_back_as_it_was(record):
    assert Record.load("test") == record


def test_record_of_nothing_is_empty(record):
    assert Record.load("other").contracts == {}


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_crash_while_writing_leaves_the_old_record(record, monkeypatch, call):
    before = record.path.read_text()
    record.tokens["ETHBEAR"] = "0x" + "19" * 20

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if call == "fsync":
            patch.setattr(os, call, die)
        else:
            patch.setattr(type(record.path), call, die)
        with pytest.raises(KeyboardInterrupt):
            record.save()

    assert record.path.read_text() == before
    record.save()
    assert Record.load("test") == record


def test_rehearsal_leaves_no_trace(record):
    before = record.path.read_text()
    rehearsed = record.rehearsed()
    rehearsed.tokens["ETHBEAR"] = "0x" + "19" * 20
    rehearsed.contracts.clear()
    rehearsed.sandbox.clear()
    rehearsed.save()

    assert record.path.read_text() == before
    assert Record.load("test") == record


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"contracts": {"Factory": {}}}'])
def test_what_is_no_record_is_refused(record, text):
    record.path.write_text(text)

    with pytest.raises(click.ClickException, match="is not a record"):
        Record.load("test")


def test_what_is_not_deployed_is_answered_with_the_command(record):
    assert record.address("Factory") == FACTORY.address
    with pytest.raises(click.ClickException, match="ape run deploy --network test"):
        record.address("Lens")
    with pytest.raises(click.ClickException, match="ape run create ETHBEAR --network test"):
        record.token("ETHBEAR")


def test_venue_of_a_token_is_that_of_its_position(record):
    """A record that was written before there were two has the same names, and is Morpho's."""
    for symbol, source in (("ETHBULL", "MorphoPosition"), ("OTHER", "AavePosition")):
        record.contracts[f"{symbol} position"] = replace(FACTORY, source=source)

    assert (record.venue("ETHBULL"), record.venue("OTHER")) == ("morpho", "aave")
    assert record.venue("NONE") == "morpho"


def test_each_venue_has_contracts_of_its_own(record):
    other = replace(FACTORY, address="0x" + "20" * 20)
    assert record.venues() == ["morpho"]
    with pytest.raises(click.ClickException, match="Aave Factory is not deployed on test"):
        record.ours("Factory", "aave")

    record.contracts["Aave Factory"] = other

    assert record.venues() == ["morpho", "aave"]
    assert record.ours("Factory", "morpho") == FACTORY.address
    assert record.ours("Factory", "aave") == other.address


def test_record_without_a_venue_is_answered_with_the_command(record):
    with pytest.raises(click.ClickException, match="ape run deploy --network other"):
        Record.load("other").venues()


def test_record_of_a_local_chain_is_not_kept_in_the_sources(monkeypatch):
    monkeypatch.delenv("BALLAST_DEPLOYMENTS", raising=False)

    assert record_path("local") == ROOT / "out" / "deployments" / "local.json"
    assert record_path("base") == ROOT / "scripts" / "deployments" / "base.json"
