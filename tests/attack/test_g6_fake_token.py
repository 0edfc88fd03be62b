"""T-G6: a token that looks like ours, offered to those who trust router and keeper.

Anybody may create a token, and anybody may deploy something that answers like one. Router and
keeper deal in what the factory has made and refuse the rest: a forgery that says what it likes, the
real code deployed by somebody else, and the blueprint itself. Lens asks it nothing, and says so.
What the factory makes has safe rules; its oracle is the creator's choice, and what a wrong one
costs is measured in T-O2.
"""

import pytest
from ape import compilers, project
from eth_abi import encode

from scripts._devnet import CAP, ENDLESS, POOL_FEE, RULES, TOKENS, WAD, now
from scripts._lens import Fault
from tests.attack.purse import fault, report

# Says that it is worth everything, and keeps what it is given.
FORGERY = """
# pragma version 0.4.3
position: address
collateral: address
debt: address

@deploy
def __init__(position: address, collateral: address, debt: address):
    self.position = position
    self.collateral = collateral
    self.debt = debt

@view
@external
def parts() -> (address, address, address):
    return self.position, self.collateral, self.debt

@view
@external
def preview_mint(shares: uint256) -> (uint256, uint256):
    return shares, 0

@view
@external
def preview_redeem(shares: uint256) -> (uint256, uint256):
    return shares, 0

@external
def mint(
    shares: uint256, most: uint256, least: uint256, receiver: address, debt_receiver: address
) -> (uint256, uint256):
    return shares, 0
"""


@pytest.fixture
def copy(long_market, venue, ballast, attacker):
    """The real code, deployed by the attacker."""
    terms = (RULES | TOKENS["ETHBULL"][1], long_market.fill_oracle, attacker, attacker, CAP)
    where = encode(["address"], [str(venue.address)]) + long_market.arguments
    names = ("3x Long Ether", "ETHBULL")
    blueprint = ballast.factory.POSITION_BLUEPRINT()
    return attacker.deploy(project.LeveragedToken, *names, *terms, blueprint, where)


@pytest.fixture(params=["forgery", "own copy", "blueprint", "coin", "position"])
def fake(request, ballast, bull, copy, attacker, weth, usdc):
    """Something that is no token of ours."""
    if request.param == "forgery":
        kind = compilers.compile_source("vyper", FORGERY, contractName="Forgery")
        return attacker.deploy(kind, attacker, weth, usdc)
    return {
        "own copy": copy,
        "blueprint": ballast.factory.TOKEN_BLUEPRINT(),
        "coin": usdc.address,
        "position": bull.position(),
    }[request.param]


def test_g6_fake_token_is_refused_and_takes_nothing(
    devnet, long_market, ballast, bull, worth, attacker, victim, fake
):
    router, keeper = ballast.router, ballast.keeper
    wealth = worth(long_market, bull, attacker)
    for asset in (devnet.usdc, devnet.weth):
        way = (fake, asset, POOL_FEE)
        rest = (victim, now())
        zaps = [
            lambda: router.mint(*way, WAD, ENDLESS, *rest, sender=victim),  # noqa: B023
            lambda: router.mint_exact_in(*way, 10**6, 0, *rest, sender=victim),  # noqa: B023
            lambda: router.redeem(*way, WAD, 0, *rest, sender=victim),  # noqa: B023
            lambda: router.quote_mint.call(*way, WAD),  # noqa: B023
            lambda: router.quote_mint_exact_in.call(*way, 10**6),  # noqa: B023
            lambda: router.quote_redeem.call(*way, WAD),  # noqa: B023
        ]
        assert {fault(zap) for zap in zaps} == {"router: unknown token"}
    fill = (fake, POOL_FEE, ENDLESS, 0, victim)

    assert fault(lambda: keeper.fill(*fill, sender=victim)) == "keeper: unknown token"
    assert not ballast.factory.is_token(fake)
    (seen,) = ballast.lens.states([fake])
    assert seen[:2] == (fake, Fault.UNKNOWN)
    assert not any(seen[2:])
    assert ballast.lens.facts([fake])[0][1:4] == (Fault.UNKNOWN, "", "")
    report("g6", long_market, worth(long_market, bull, attacker) - wealth, 0)


def test_g6_registry_is_written_by_creation_alone(ballast):
    """One function of the factory changes anything, and it checks what it makes."""
    methods = ballast.factory.contract_type.methods

    assert [each.name for each in methods if each.stateMutability != "view"] == ["create"]


def test_g6_own_copy_of_a_token_is_seeded_by_nobody_and_sells_nothing(
    ballast, copy, attacker, victim, weth
):
    """Whoever deploys the code alone is its factory: there is nothing in it before it pays."""
    weth.approve(copy, ENDLESS, sender=victim)

    refused = fault(lambda: copy.mint.call(WAD, ENDLESS, 0, sender=victim))

    assert refused == "mint: position is empty"
    assert copy.factory() == attacker != ballast.factory
