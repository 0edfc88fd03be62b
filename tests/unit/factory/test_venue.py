"""A venue tells the truth of an account only once it is used: so the factory asks twice."""

import ape
import pytest
from ape import compilers, project
from eth_abi import encode

from scripts._devnet import CAP, ENDLESS, RULES, TOKENS, WAD

PRICE = 2_000 * 10**24
SEED = 15 * WAD // 100
LLTV = 86 * WAD // 100

POSITION = """
# pragma version 0.4.3
COLLATERAL: immutable(address)
DEBT: immutable(address)
PRICE: immutable(uint256)
AT_FIRST: immutable(uint256)
THEN: immutable(uint256)
used: bool

@deploy
def __init__(
    venue: address,
    collateral: address,
    debt: address,
    price: uint256,
    at_first: uint256,
    then: uint256,
):
    COLLATERAL = collateral
    DEBT = debt
    PRICE = price
    AT_FIRST = at_first
    THEN = then

@external
def lever(collateral: uint256, debt: uint256, receiver: address):
    self.used = True

@view
@external
def liquidation() -> (uint256, uint256):
    return THEN if self.used else AT_FIRST, 44 * 10**15

@view
@external
def price() -> uint256:
    return PRICE

@view
@external
def collateral() -> address:
    return COLLATERAL

@view
@external
def debt() -> address:
    return DEBT
"""


@pytest.fixture
def create_on(creator, weth, usdc):
    """`create_on(at_first, then)`: where the venue says the one LTV of an account not yet used."""
    kinds = project.LeveragedToken, compilers.compile_source("vyper", POSITION, contractName="P")
    blueprints = [kind.declare(sender=creator).contract_address for kind in kinds]
    factory = creator.deploy(project.Factory, *blueprints, weth)
    oracle = creator.deploy(project.SettableOracle, PRICE)
    weth.approve(factory, ENDLESS, sender=creator)

    def _create_on(at_first: int, then: int) -> str:
        kinds = ["address", "address", "uint256", "uint256", "uint256"]
        market = encode(kinds, [weth.address, usdc.address, PRICE, at_first, then])
        terms = (RULES | TOKENS["ETHBULL"][1], oracle, creator, creator, CAP, market, SEED)
        return factory.create.call("3x", "T", *terms, sender=creator, skip_trace=True)

    return _create_on


@pytest.mark.parametrize("then", [LLTV, LLTV + 1, WAD - 1])
def test_create_where_the_venue_liquidates_no_sooner_than_it_said_passes(create_on, then):
    assert int(create_on(LLTV, then), 16) > 0


@pytest.mark.parametrize("then", [LLTV - 1, 0])
def test_create_where_the_venue_liquidates_sooner_than_it_said_reverts(create_on, then):
    """T-G1, T-W5: an e-mode that the collateral is not in is found out before anybody comes."""
    with ape.reverts("factory: venue liquidates sooner"):
        create_on(LLTV, then)


def test_create_looks_at_the_rules_of_an_empty_account_too(create_on):
    """What the rules are checked with is what it said at first."""
    with ape.reverts("rules: emergency too near ruin"):
        create_on(77 * WAD // 100, LLTV)
