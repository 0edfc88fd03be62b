"""T-R1: have the router call what an attacker likes, and spend what others have approved to it.

Seamless was found with it, Dough lost 1.8 million dollars: a target or calldata from outside, and
`transferFrom(victim, attacker, all)` in it. Here a victim has approved router and keeper for all it
has, and everything that can be called is, with whatever can be put in: random bytes, and arguments
that make sense in all the wrong places. Some of it goes through; the victim never pays.
"""

from random import Random

import pytest

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD
from tests.attack.purse import fault, report
from tests.unit.router.zaps import NATIVE

CALLS = 600
NUMBERS = [0, 1, USDC, 100 * USDC, WAD, 10**9 * WAD, ENDLESS]
CHOICE = {
    "uint24": [POOL_FEE, POOL_FEE, 3_000, 0],
    "uint8": [0, 27, 28],
    "int256": [-1, 0, 1, 100 * USDC, -(2**255)],
    "uint256": NUMBERS,
}


@pytest.fixture
def rich(ballast, tokens, victim, weth, usdc):
    """The victim holds all and has approved keeper and router for all of it."""
    for token in tokens.values():
        token.mint(1_000 * WAD, ENDLESS, 0, sender=victim)
    for coin in (weth, usdc, *tokens.values()):
        for spender in (ballast.router, ballast.keeper):
            coin.approve(spender, ENDLESS, sender=victim)
    return victim


@pytest.fixture
def people(devnet, venue, ballast, tokens, attacker, rich):
    """Addresses that mean something somewhere."""
    contracts = [*ballast.__dict__.values(), devnet.pool, venue.address]
    coins = [devnet.weth, devnet.usdc, *tokens.values()]
    positions = [token.position() for token in tokens.values()]
    return [str(one) for one in (attacker, rich, *contracts, *coins, *positions, NATIVE)]


def argument(draw: Random, kind: str, people: list[str]):
    """Anything of this type, and mostly something that means something."""
    if kind == "address":
        return draw.choice(people)
    if kind.startswith("("):
        return tuple(argument(draw, part, people) for part in kind[1:-1].split(","))
    if kind == "bytes32":
        return draw.randbytes(32)
    if kind == "bytes":
        return draw.randbytes(draw.randrange(512))
    return draw.choice(CHOICE[kind])


@pytest.mark.parametrize("seed", range(2))
def test_r1_arbitrary_arguments_never_spend_a_victims_approval(
    long_market, ballast, tokens, bull, weth, usdc, worth, attacker, rich, people, seed
):
    draw = Random(seed)
    coins = [weth, usdc, *tokens.values()]
    doors = [
        (contract, abi)
        for contract in (ballast.router, ballast.keeper)
        for abi in contract.contract_type.methods
        if abi.stateMutability in ("nonpayable", "payable")
    ]
    wealth = worth(long_market, bull, attacker)
    before = [coin.balanceOf(rich) for coin in coins]
    refused = {abi.name: set() for _, abi in doors}

    for _ in range(CALLS):
        contract, abi = draw.choice(doors)
        args = [argument(draw, part.canonical_type, people) for part in abi.inputs]
        if draw.random() < 0.8 and len(args) > 4:  # a token that is known, and what it is made of
            args[0] = str(draw.choice([*tokens.values()]))
            args[1] = str(draw.choice([weth, usdc])) if len(args) > 5 else args[1]
        value = WAD if abi.stateMutability == "payable" and draw.random() < 0.1 else 0
        send = getattr(contract, abi.name)
        refused[abi.name].add(fault(lambda: send(*args, sender=attacker, value=value)))  # noqa: B023

    # it may have been given something
    assert all(coin.balanceOf(rich) >= had for coin, had in zip(coins, before, strict=True))
    passed = {name for name, faults in refused.items() if "" in faults}
    assert passed >= {"mint", "mint_exact_in"}
    assert len(set().union(*refused.values())) > 8  # reasons: it went deep
    report("r1", long_market, worth(long_market, bull, attacker) - wealth, 0)
