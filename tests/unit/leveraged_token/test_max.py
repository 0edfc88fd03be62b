"""How many shares could be minted or redeemed now."""

import ape
import pytest

from scripts._devnet import CAP, DAY, ENDLESS, WAD, now, set_price, warp_to
from tests.unit.morpho_position.markets import books, drain, liquidate, repay


def test_max_mint_is_what_the_cap_leaves(token, minter):
    token.settle(sender=minter)

    assert token.maxMint(minter) == CAP - token.totalSupply()


def test_max_mint_counts_the_pending_fee(token, minter):
    warp_to(now() + DAY)
    room = token.maxMint(minter)

    token.settle(sender=minter)

    assert room == CAP - token.totalSupply()


def test_max_mint_at_the_cap_is_nothing(token, minter, owner):
    token.set_cap(50 * WAD, sender=owner)  # less than there is

    assert token.maxMint(minter) == 0


def test_max_mint_while_paused_is_nothing(token, minter, owner):
    token.set_paused(True, sender=owner)

    assert token.maxMint(minter) == 0


def test_max_mint_of_an_illiquid_venue_is_nothing(devnet, token, market, minter):
    drain(devnet, market, 0)

    assert token.maxMint(minter) == 0


@pytest.mark.parametrize("dollars", [1, 10_000])
def test_max_mint_by_liquidity_is_the_most_that_passes(
    devnet, token, market, debt, minter, dollars
):
    warp_to(now() + DAY)
    left = dollars * (10**6 if token.rules().long else WAD // 2_000)
    drain(devnet, market, left)

    most = token.maxMint(minter)

    _, drawn = token.mint(most, ENDLESS, 0, sender=minter).return_value
    assert left - left // 10**5 - 1 <= drawn <= left
    assert 0 < most < CAP - token.totalSupply()


def test_max_mint_without_debt_is_what_the_cap_leaves(
    devnet, token, market, position, minter, lender
):
    token.settle(sender=minter)
    shares = devnet.morpho.position(market.id, position).borrowShares
    repay(devnet, market, position, lender, shares=shares)
    drain(devnet, market, 0)

    assert token.maxMint(minter) == CAP - token.totalSupply()


def test_max_mint_of_a_wiped_position_is_nothing(devnet, bull, minter, taker):
    position = bull.position()
    set_price(devnet, "1000")
    liquidate(devnet, devnet.long, position, taker, books(devnet, devnet.long, position)[0])

    assert bull.maxMint(minter) == 0


def test_max_mint_of_all_the_cap_leaves_passes(token, minter, owner):
    token.set_cap(1_000 * WAD, sender=owner)

    token.mint(token.maxMint(minter), ENDLESS, 0, sender=minter)

    assert token.maxMint(minter) == 0


def test_max_mint_plus_one_reverts(token, minter, owner):
    token.set_cap(1_000 * WAD, sender=owner)

    with ape.reverts("mint: cap exceeded"):
        token.mint.call(token.maxMint(minter) + 1, ENDLESS, 0, sender=minter, skip_trace=True)


def test_max_redeem_is_the_balance(token, holder, stranger, owner):
    token.set_paused(True, sender=owner)

    assert token.maxRedeem(holder) == 1_000 * WAD
    assert token.maxRedeem(stranger) == 0
