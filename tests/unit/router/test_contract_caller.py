"""A contract that uses the router spends its own, and never what whoever signed has approved."""

import ape
import pytest

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD, now
from tests.unit.agent import send_agent, through, try_through
from tests.unit.router.zaps import NATIVE

SHARES = 10 * WAD
DEAD_PERMIT = (20 * USDC, 1, 27, bytes(32), bytes(32))


@pytest.fixture
def agent(router, bull, usdc, minter, lender):
    """With 1,000 USDC and the shares; the router may take both, but nothing of the minter's."""
    made = send_agent(minter)
    usdc.transfer(made, 1_000 * USDC, sender=lender)
    bull.mint(SHARES, ENDLESS, 0, made, sender=minter)
    for coin in (usdc, bull):
        through(made, minter, coin.approve, router, ENDLESS)
    return made


@pytest.fixture
def order(bull, usdc, agent):
    """Pay up to 20 USDC for the shares."""
    return bull, usdc, POOL_FEE, SHARES, 20 * USDC, agent, now()


def test_mint_by_a_contract_is_paid_by_the_contract(router, bull, usdc, agent, minter, order):
    before = usdc.balanceOf(minter)
    price = router.quote_mint.call(*order[:4])

    through(agent, minter, router.mint, *order)

    assert usdc.balanceOf(agent) == 1_000 * USDC - price
    assert bull.balanceOf(agent) == 2 * SHARES
    assert usdc.balanceOf(minter) == before


def test_redeem_by_a_contract_is_of_its_own_shares(router, bull, usdc, agent, minter):
    own = bull.balanceOf(minter)

    through(agent, minter, router.redeem, bull, usdc, POOL_FEE, SHARES, 0, agent, now())

    assert bull.balanceOf(agent) == 0
    assert bull.balanceOf(minter) == own
    assert usdc.balanceOf(agent) > 1_000 * USDC


def test_ether_that_a_contract_did_not_need_goes_back_to_it(router, bull, agent, minter):
    order = bull, NATIVE, POOL_FEE, SHARES, WAD, agent, now()
    price = router.quote_mint.call(*order[:4])

    through(agent, minter, router.mint, *order, value=WAD)

    assert agent.balance == WAD - price


def test_a_contract_that_takes_no_ether_may_pay_with_just_enough(router, bull, minter):
    agent = send_agent(minter, takes_ether=False)
    order = bull, NATIVE, POOL_FEE, SHARES
    price = router.quote_mint.call(*order)

    through(agent, minter, router.mint, *order, price, minter, now(), value=price)

    assert bull.balanceOf(minter) == SHARES


def test_a_contract_that_has_approved_needs_no_permit(router, bull, agent, minter, order):
    through(agent, minter, router.mint, *order, DEAD_PERMIT)

    assert bull.balanceOf(agent) == 2 * SHARES


def test_a_permit_of_the_signer_is_not_the_contracts(router, usdc, sign, agent, minter, order):
    through(agent, minter, usdc.approve, router, 0)
    permit = sign(usdc, "USD Coin", 20 * USDC, now())

    with ape.reverts("permit: signer is not the owner"):
        try_through(agent, minter, router.mint, *order, permit)
