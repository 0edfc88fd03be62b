"""T-G4: receive the fees, and refuse them, so that nothing goes through any more.

Where a fee is sent, whoever receives it can stop everybody. Here fees are shares: a number in the
token's own ledger goes up, and nobody is called or sent a coin. Tried with a treasury that reverts
at whatever it is told, with the token, the position and the locked seed's address as treasury.
"""

import pytest
from ape import compilers

from scripts._devnet import (
    ENDLESS,
    POOL_FEE,
    WAD,
    arbitrage,
    next_0002,
    now,
    set_price,
    warp_to,
)
from tests.attack.purse import fault, report, true_price

REFUSES = """
# pragma version 0.4.3
@external
@payable
def __default__():
    raise "treasury: no"
"""
LOCKED = "0x000000000000000000000000000000000000dEaD"
SHARES = 1_000 * WAD


@pytest.fixture(params=["refuses", "token", "position", "locked"])
def treasurer(request, devnet, token, attacker):
    if request.param == "refuses":
        return attacker.deploy(compilers.compile_source("vyper", REFUSES, contractName="Refuses"))
    return {"token": token, "position": token.position(), "locked": LOCKED}[request.param]


def test_g4_fee_receiver_that_refuses_stops_nothing(
    devnet, token, market, ballast, worth, owner, attacker, victim, taker, treasurer
):
    token.set_treasury(treasurer, sender=owner)
    truth = true_price(market)
    wealth = worth(market, token, attacker, truth)
    before, long = token.balanceOf(treasurer), token.rules().long
    way = (token, market.debt, POOL_FEE, SHARES)

    token.mint(SHARES, ENDLESS, 0, sender=victim)
    ballast.router.mint(*way, 2**128, victim, now(), sender=victim)
    for up, fill in ((long, token.fill_lever), (not long, token.fill_delever)):
        warp_to(next_0002(now()))
        set_price(devnet, "2100" if up else "1900")
        arbitrage(devnet)
        fill(ENDLESS, 0, sender=taker)
    token.settle(sender=victim)
    ballast.router.redeem(*way, 0, victim, now(), sender=victim)
    token.redeem(SHARES, ENDLESS, 0, sender=victim)

    assert token.balanceOf(victim) == 0
    assert token.balanceOf(treasurer) > before
    report("g4", market, worth(market, token, attacker, truth) - wealth, 0)


def test_g4_fee_receiver_can_be_replaced_whatever_it_does(token, owner, treasury, treasurer):
    token.set_treasury(treasurer, sender=owner)
    warp_to(now() + 86_400)

    assert fault(lambda: token.set_treasury(treasury, sender=owner)) == ""
    assert token.treasury() == treasury
