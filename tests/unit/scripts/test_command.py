"""Which network and which account, or what to do instead."""

import click
import pytest
from click.testing import CliRunner

from scripts._command import Session, network_option, network_options
from scripts._files import load_network, network_names
from scripts._files.network import LOCAL_RPC


@click.command()
@network_options
def told(session):
    click.echo(f"{session.network.name} {session.who} {session.broadcast}")


@click.command()
@network_option
def read(session):
    click.echo(f"{session.network.name} {session.broadcast}")


def answer(command, *arguments):
    return CliRunner().invoke(command, arguments).output


def test_nothing_is_sent_unless_told_to():
    assert answer(told) == "local 0 False\n"
    assert answer(told, "--network", "base", "--account", "me", "--broadcast") == "base me True\n"
    assert answer(read, "--network", "sepolia") == "sepolia False\n"


def test_network_that_there_is_not_is_answered_with_those_that_are():
    assert ", ".join(network_names()) in answer(told, "--network", "mars")
    assert ", ".join(network_names()) in " ".join(
        answer(told, "--help").replace("-\n", "-").split()
    )


def test_url_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("LOCAL_RPC", raising=False)
    monkeypatch.delenv("BASE_RPC", raising=False)

    assert Session(load_network("local"), "0", False).url == LOCAL_RPC
    base = Session(load_network("base"), "0", False)
    with pytest.raises(click.ClickException, match="no BASE_RPC: set it .* chain 8453"):
        _ = base.url
    monkeypatch.setenv("BASE_RPC", "http://there")
    assert base.url == "http://there"


def test_address_is_enough_for_what_does_not_sign():
    address = "0x" + "ab" * 20

    assert Session(load_network("base"), address, False).address.lower() == address


@pytest.mark.anvil
@pytest.mark.parametrize(
    ("who", "fault"), [("", "is not given: who pays?"), ("nobody", "nobody: there is no such")]
)
def test_account_that_there_is_not_is_named(who, fault):
    with pytest.raises(click.ClickException, match=fault):
        Session(load_network("base"), who, True).account()


@pytest.mark.anvil
def test_node_that_does_not_answer_is_named_and_its_url_is_not(monkeypatch):
    monkeypatch.setenv("BASE_RPC", "http://127.0.0.1:1/secret")

    session = Session(load_network("base"), "0", False)

    refused = pytest.raises(click.ClickException, match="no node answers at BASE_RPC")
    with refused as error, session.connect():
        pass

    assert "secret" not in error.value.message
