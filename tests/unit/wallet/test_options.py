"""Options are read exactly, and the command that is printed is the one that was given."""

import shlex

import click
import pytest
from click.testing import CliRunner

from scripts._wallet.options import ADDRESS, AMOUNT, again, bounds, timing

WHO = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


@click.command()
@click.argument("token")
@click.argument("others", nargs=-1)
@click.option("--pay", type=AMOUNT)
@click.option("--to", type=ADDRESS)
@bounds
@timing
@click.option("--broadcast", is_flag=True)
def command(**values):
    click.echo(again())


def run(line: str):
    return CliRunner().invoke(command, shlex.split(line), prog_name="mint")


@pytest.mark.parametrize(
    "line",
    [
        "ETHBULL",
        "ETHBULL ETHBEAR",
        "ETHBULL --pay '1000 USDC'",
        "ETHBULL --pay 'all USDC' --slippage 10 --yes",
        f"ETHBULL --receiver {WHO} --deadline 5 --permit",
    ],
)
def test_again_is_what_was_given_and_sends(line):
    said = run(line)

    words = shlex.split(said.output)
    assert words[:3] == ["ape", "run", "mint"]
    assert sorted(words[3:]) == sorted([*shlex.split(line), "--broadcast"])


def test_again_does_not_repeat_broadcast():
    assert run("ETHBULL --broadcast").output == "ape run mint ETHBULL --broadcast\n"


@pytest.mark.parametrize("address", [WHO, WHO.lower(), "0x" + WHO[2:].upper()])
def test_address_gets_its_checksum(address):
    assert f"--to {WHO}" in run(f"ETHBULL --to {address}").output


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("--to 0x7099", "0x7099 is no address"),
        (f"--to {WHO.replace('C8', 'c8')}", "wrong checksum: is a digit mistyped?"),
        ("--pay '5 $'", '"$" is no symbol'),
        ("--slippage 5001", "0<=x<=5000"),
        ("--deadline 0", "1<=x<=1440"),
    ],
)
def test_option_that_is_wrong_says_what_is_right(line, fault):
    said = run(f"ETHBULL {line}")

    assert said.exit_code == 2
    assert fault in said.output
