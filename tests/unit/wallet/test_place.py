"""Where Ballast is, and what a token can be paid in, by the names that a network file gives."""

from dataclasses import replace

import click
import pytest

from scripts._deploy.record import Deployed, Record
from scripts._files import load_network
from scripts._files.network import Pool
from scripts._lens import Fault
from scripts._wallet import place as module
from scripts._wallet.coins import NATIVE
from scripts._wallet.place import Place, Places, find

from .test_screen import AT_TARGET, BEAR, BULL

WETH, DOLLAR, OTHER, LENS, STRANGE = (f"0x{digit * 40}" for digit in "12345")
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
def places(place):
    """With tokens of another venue: its lens is at WETH."""
    return Places(LOCAL, (place, Place(LOCAL, WETH, WETH, WETH, {"ONAAVE": DOLLAR})))


@pytest.fixture
def told(monkeypatch):
    """The tokens that each lens knows, by its address."""
    known: dict[str, set[str]] = {}

    def look(place, _, tokens):
        there = known.get(place.lens, ())
        faults = [Fault(0) if token in there else Fault.UNKNOWN for token in tokens]
        return [
            (replace(AT_TARGET, token=token, faults=fault), BULL)
            for token, fault in zip(tokens, faults, strict=True)
        ]

    monkeypatch.setattr(Place, "look", look)
    return known


@pytest.fixture
def record(tmp_path, monkeypatch):
    """`record("sepolia", "", "Aave ")`: Ballast is recorded there, for two venues."""
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path))
    monkeypatch.setattr(module, "DEVNET", tmp_path / "none.json")

    def write(network, *kinds):
        contracts = {
            f"{kind}{name}": Deployed(DOLLAR if kind else LENS, name, [], "0x", "", "")
            for kind in kinds or [""]
            for name in ("Router", "Keeper", "Lens")
        }
        tokens = {"ETHBULL": OTHER, "ONAAVE": STRANGE}
        for symbol, kind in zip(tokens, ("Morpho", "Aave"), strict=True):
            position = Deployed(LENS, f"{kind}Position", [], "0x", "", "")
            contracts[f"{symbol} position"] = position
        path = tmp_path / f"{network}.json"
        Record(network, path, contracts=contracts, tokens=tokens).save()

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
def test_token_is_found_by_symbol_or_address(places, name):
    assert places.token(name) == OTHER


def test_token_of_any_case_is_found(places):
    assert places.token("WSTBULL") == LENS


def test_token_on_another_venue_is_found_as_well(places):
    assert places.token("onaave") == DOLLAR
    assert list(places.tokens) == ["ETHBULL", "wstBULL", "ONAAVE"]


def test_place_is_that_of_the_tokens_venue(places):
    assert places.of(Chain(), OTHER).lens == LENS
    assert places.of(Chain(), DOLLAR).lens == WETH


def test_token_that_no_record_has_is_asked_for_at_each_venue(places, told):
    told[WETH] = {STRANGE}

    assert places.of(Chain(), STRANGE).lens == WETH
    assert places.of(Chain(), "0x" + "7" * 40).lens == LENS  # which says that it knows it not


def test_tokens_of_all_venues_are_told_of_in_the_order_asked(places, told):
    told[LENS], told[WETH] = {OTHER, LENS}, {DOLLAR}

    found = places.look(Chain(), [DOLLAR, OTHER, DOLLAR, LENS])

    assert [state.token for state, _ in found] == [DOLLAR, OTHER, DOLLAR, LENS]
    assert not any(state.faults for state, _ in found)


def test_record_is_used_where_it_is_of_this_chain(record):
    record("sepolia")

    (place,) = find(load_network("sepolia"), Chain(LENS)).each
    assert place.router == LENS


def test_each_venue_in_the_record_is_a_place(record):
    record("sepolia", "", "Aave ")

    morpho, aave = find(load_network("sepolia"), Chain(LENS, DOLLAR)).each
    assert (morpho.lens, aave.lens) == (LENS, DOLLAR)
    assert (morpho.tokens, aave.tokens) == ({"ETHBULL": OTHER}, {"ONAAVE": STRANGE})


def test_venue_that_stands_alone_is_found(record):
    record("sepolia", "Aave ")

    (place,) = find(load_network("sepolia"), Chain(DOLLAR)).each
    assert place.keeper == DOLLAR


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
