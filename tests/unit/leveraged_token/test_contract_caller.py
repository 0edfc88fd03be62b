"""A contract that calls acts for itself, and never for whoever signed the transaction.

The signer is the minter or the owner, who has approved everything: what were done to `tx.origin`
would succeed, and is seen in who has what afterwards.
"""

import ape
import pytest

from scripts._devnet import ENDLESS, WAD
from tests.unit.agent import send_agent, through, try_through
from tests.unit.leveraged_token.logs import emitted


@pytest.fixture
def agent(token, holder, lender, collateral, debt):
    """Rich, with 10 shares, and trusted by nobody; the token may take its coins."""
    made = send_agent(holder)
    for coin in (collateral, debt):
        coin.transfer(made, 10**6 * 10 ** coin.decimals(), sender=lender)
        through(made, holder, coin.approve, token, ENDLESS)
    token.transfer(made, 10 * WAD, sender=holder)
    return made


@pytest.fixture
def belongings(token, collateral, debt):
    """What an account has of the three."""

    def _belongings(account):
        return [coin.balanceOf(account) for coin in (token, collateral, debt)]

    return _belongings


def test_mint_by_a_contract_is_for_the_contract(agent, token, holder, belongings):
    before, own = belongings(holder), belongings(agent)
    brings, takes = token.preview_mint(WAD)

    receipt = through(agent, holder, token.mint, WAD, ENDLESS, 0)

    assert belongings(agent) == [own[0] + WAD, own[1] - brings, own[2] + takes]
    assert belongings(holder) == before
    (_, fields) = emitted(receipt, token)[-1]
    assert (fields["caller"], fields["receiver"]) == (agent.address, agent.address)


def test_redeem_by_a_contract_is_of_its_own(agent, token, holder, belongings):
    before, own = belongings(holder), belongings(agent)
    brings, takes = token.preview_redeem(WAD)

    receipt = through(agent, holder, token.redeem, WAD, ENDLESS, 0)

    assert belongings(agent) == [own[0] - WAD, own[1] + takes, own[2] - brings]
    assert belongings(holder) == before
    (_, fields) = emitted(receipt, token)[-1]
    assert [fields[who] for who in ("caller", "owner", "receiver")] == [agent.address] * 3


def test_redeem_by_a_contract_of_the_signers_shares_uses_an_allowance(agent, token, holder):
    with ape.reverts("transfer: allowance too low"):
        try_through(agent, holder, token.redeem, WAD, ENDLESS, 0, agent.address, holder)
    token.approve(agent, WAD, sender=holder)

    through(agent, holder, token.redeem, WAD, ENDLESS, 0, agent.address, holder)

    assert token.allowance(holder, agent) == 0


def test_fill_lever_by_a_contract_is_for_the_contract(
    agent, token, holder, belongings, fill_time, below
):
    fill_time(600, below)
    before, own = belongings(holder), belongings(agent)
    brings, takes = token.preview_fill_lever(ENDLESS)

    receipt = through(agent, holder, token.fill_lever, ENDLESS, 0)

    assert belongings(agent) == [own[0], own[1] - brings, own[2] + takes]
    assert belongings(holder) == before
    (_, fields) = emitted(receipt, token)[-1]
    assert (fields["taker"], fields["receiver"]) == (agent.address, agent.address)


def test_fill_delever_by_a_contract_is_for_the_contract(
    agent, token, holder, belongings, fill_time, above
):
    fill_time(600, above)
    before, own = belongings(holder), belongings(agent)
    brings, takes = token.preview_fill_delever(ENDLESS)

    receipt = through(agent, holder, token.fill_delever, ENDLESS, 0)

    assert belongings(agent) == [own[0], own[1] + takes, own[2] - brings]
    assert belongings(holder) == before
    (_, fields) = emitted(receipt, token)[-1]
    assert (fields["taker"], fields["receiver"]) == (agent.address, agent.address)


def test_transfer_by_a_contract_is_of_its_own_shares(agent, token, holder, stranger):
    before = token.balanceOf(holder)

    through(agent, holder, token.transfer, stranger, WAD)

    assert [token.balanceOf(who) for who in (agent, stranger, holder)] == [9 * WAD, WAD, before]


def test_transfer_from_by_a_contract_uses_its_allowance(agent, token, holder, stranger):
    token.approve(agent, WAD, sender=holder)

    through(agent, holder, token.transferFrom, holder, stranger, WAD)

    assert token.balanceOf(stranger) == WAD
    assert token.allowance(holder, agent) == 0


def test_approve_by_a_contract_is_of_its_own_shares(agent, token, holder, stranger):
    through(agent, holder, token.approve, stranger, WAD)

    assert token.allowance(agent, stranger) == WAD
    assert token.allowance(holder, stranger) == 0


def test_owner_who_signs_for_a_contract_does_not_lend_it_his_rights(token, owner):
    agent = send_agent(owner)

    for method, args in (
        (token.set_paused, (True,)),
        (token.set_cap, (0,)),
        (token.set_treasury, (owner,)),
        (token.transfer_ownership, (owner,)),
        (token.renounce_ownership, ()),
    ):
        with ape.reverts("owner: caller is not the owner"):
            try_through(agent, owner, method, *args)


def test_ownership_that_is_offered_to_a_signer_is_not_for_his_contract(token, owner, stranger):
    agent = send_agent(stranger)
    token.transfer_ownership(stranger, sender=owner)

    with ape.reverts("owner: caller was not offered"):
        try_through(agent, stranger, token.accept_ownership)


def test_ownership_that_is_offered_to_a_contract_is_its(token, owner, stranger):
    agent = send_agent(stranger)
    token.transfer_ownership(agent, sender=owner)

    through(agent, stranger, token.accept_ownership)

    assert token.owner() == agent.address
