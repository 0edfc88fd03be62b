"""Where Ballast is, and what a token can be paid in, by the names that a network file gives."""

from dataclasses import replace

import click
import pytest

from scripts._deploy.record import Deployed, Record
from scripts._files import load_network
from scripts._files.network import Pool
from scripts._wallet import place as module
from scripts._wallet.coins import NATIVE
from scripts._wallet.place import Place, find

from .test_screen import BEAR, BULL

WETH, DOLLAR, OTHER, LENS = (f"0x{digit * 40}" for digit in "1234")
LOCAL = load_network("local").model_copy(
    update={
        "coins": {"WETH": WETH, "USDC": DOLLAR},
        "pools": (Pool(pair=("WETH", "USDC"), fee=500),),
    }
)
LONG = replace(BULL, collateral=WETH, debt=DOLLAR, debt_symbol="USD Coin")
SHORT = replace(BEAR, collateral=DOLLAR, debt=WETH)


class Chain:
    """A node that knows which addresses have code."""

    def __init__(self, *contracts):
        self.contracts = contracts

    def has_code(self, address):
        return address in self.contracts


@pytest.fixture
def place():
    return Place(LOCAL, OTHER, OTHER, LENS, {"ETHBULL": OTHER, "wstBULL": LENS})


@pytest.fixture
def record(tmp_path, monkeypatch):
    """`record("sepolia")`: Ballast is recorded there."""
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path))
    monkeypatch.setattr(module, "DEVNET", tmp_path / "none.json")

    def write(network):
        names = ("Router", "Keeper", "Lens")
        contracts = {name: Deployed(LENS, name, [], "0x", "", "") for name in names}
        Record(network, tmp_path / f"{network}.json", contracts=contracts).save()

    return write


def test_coins_are_called_as_the_network_file_calls_them(place):
    coins = place.coins(LONG)

    assert [*coins] == ["USDC", "WETH", "ETH"]  # first what the token is counted in
    assert coins["ETH"].address == NATIVE
    assert coins["ETH"].erc20 == WETH


def test_short_token_is_counted_in_its_collateral(place):
    assert [*place.coins(SHORT)] == ["USDC", "WETH", "ETH"]


def test_coin_that_the_file_does_not_name_has_its_own_symbol(place):
    coins = place.coins(replace(LONG, collateral=OTHER, collateral_symbol="wstETH"))

    assert [*coins] == ["USDC", "WSTETH"]  # and no ether without WETH
    assert coins["WSTETH"].symbol == "wstETH"


def test_pool_is_the_one_that_the_file_names(place):
    assert place.pool_fee(LONG) == place.pool_fee(SHORT) == 500


def test_pair_without_a_pool_is_told(place):
    with pytest.raises(click.ClickException, match="pools: is not given; allowed: WETH/USDC"):
        place.pool_fee(replace(LONG, collateral=OTHER))


@pytest.mark.parametrize("name", ["ETHBULL", "ethbull", OTHER])
def test_token_is_found_by_symbol_or_address(place, name):
    assert place.token(name) == OTHER


def test_token_of_any_case_is_found(place):
    assert place.token("WSTBULL") == LENS


def test_record_is_used_where_it_is_of_this_chain(record):
    record("sepolia")

    assert find(load_network("sepolia"), Chain(LENS)).router == LENS


@pytest.mark.parametrize(
    ("network", "recorded", "fault"),
    [
        ("sepolia", False, "Ballast is not on sepolia: ape run deploy --network sepolia"),
        ("sepolia", True, "the record is of another chain than SEPOLIA_RPC leads to"),
        ("local", False, "Ballast is not on local: make devnet, or ape run deploy --sandbox"),
        ("local", True, "Ballast is not on local: make devnet, or ape run deploy --sandbox"),
    ],
)
def test_chain_without_ballast_is_told(record, network, recorded, fault):
    if recorded:
        record(network)

    with pytest.raises(click.ClickException) as caught:
        find(load_network(network), Chain())
    assert fault in caught.value.message
