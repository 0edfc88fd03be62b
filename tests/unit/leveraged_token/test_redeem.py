"""Debt in, collateral out, both by the share of the whole; no price is read, no switch stops it."""

import ape
import pytest
from ape.utils import ZERO_ADDRESS

from scripts._devnet import DAY, ENDLESS, WAD, now, set_price, warp_to
from tests.unit.leveraged_token.logs import emitted, transferred
from tests.unit.morpho_position.markets import (
    books,
    ceil_div,
    donate,
    drain,
    liquidate,
    repay,
)

FEE = WAD // 1_000
SHARES = 300 * WAD + 1


def net(shares: int) -> int:
    """What is left of `shares` after the fee."""
    return shares - ceil_div(shares * FEE, WAD)


def test_redeem_with_interest_and_fee_pending_pays_the_exact_share(
    devnet, token, market, collateral, debt, position, holder, treasury
):
    warp_to(now() + DAY + 1)
    had, owed = books(devnet, market, position)
    supply = token.totalSupply()
    purse = collateral.balanceOf(holder), debt.balanceOf(holder)
    shares, treasure = token.balanceOf(holder), token.balanceOf(treasury)

    receipt = token.redeem(SHARES, ENDLESS, 0, sender=holder)

    (_, minted_fee), (name, accrued) = emitted(receipt, token)[:2]
    supply += accrued["shares"]
    fee = SHARES - net(SHARES)
    brought = ceil_div(owed * net(SHARES), supply)
    taken = had * net(SHARES) // supply
    assert minted_fee["value"] == accrued["shares"] > 0
    assert (name, accrued["treasury"]) == ("FeeAccrued", treasury)
    assert emitted(receipt, token)[2:] == [
        transferred(holder, ZERO_ADDRESS, net(SHARES)),
        transferred(holder, treasury, fee),
        (
            "Redeemed",
            {
                "caller": holder,
                "owner": holder,
                "receiver": holder,
                "shares": SHARES,
                "fee": fee,
                "debt": brought,
                "collateral": taken,
            },
        ),
    ]
    assert tuple(receipt.return_value) == (brought, taken)
    assert token.balanceOf(holder) == shares - SHARES
    assert token.balanceOf(treasury) == treasure + accrued["shares"] + fee
    assert token.totalSupply() == supply - net(SHARES)
    assert collateral.balanceOf(holder) == purse[0] + taken
    assert debt.balanceOf(holder) == purse[1] - brought
    # Morpho rounds what is repaid down by less than one of its shares
    assert books(devnet, market, position)[0] == had - taken
    assert 0 <= books(devnet, market, position)[1] - (owed - brought) <= 1


def test_redeem_to_another_pays_the_receiver(token, collateral, debt, holder, stranger):
    purse = collateral.balanceOf(holder), debt.balanceOf(holder)

    receipt = token.redeem(SHARES, ENDLESS, 0, stranger, sender=holder)

    brought, taken = receipt.return_value
    (redeemed,) = (fields for name, fields in emitted(receipt, token) if name == "Redeemed")
    assert (redeemed["caller"], redeemed["owner"], redeemed["receiver"]) == (
        holder,
        holder,
        stranger,
    )
    assert collateral.balanceOf(stranger) == taken > 0
    assert collateral.balanceOf(holder) == purse[0]
    assert debt.balanceOf(holder) == purse[1] - brought


def test_redeem_for_another_uses_up_the_allowance(token, collateral, debt, holder, taker):
    token.approve(taker, SHARES + 5, sender=holder)
    purses = debt.balanceOf(holder), debt.balanceOf(taker), collateral.balanceOf(taker)
    shares = token.balanceOf(holder)

    receipt = token.redeem(SHARES, ENDLESS, 0, taker, holder, sender=taker)

    brought, taken = receipt.return_value
    (redeemed,) = (fields for name, fields in emitted(receipt, token) if name == "Redeemed")
    assert (redeemed["caller"], redeemed["owner"], redeemed["receiver"]) == (taker, holder, taker)
    assert token.allowance(holder, taker) == 5
    assert token.balanceOf(holder) == shares - SHARES
    assert debt.balanceOf(holder) == purses[0]
    assert debt.balanceOf(taker) == purses[1] - brought
    assert collateral.balanceOf(taker) == purses[2] + taken


def test_redeem_for_another_leaves_an_endless_allowance(token, holder, taker):
    token.approve(taker, ENDLESS, sender=holder)

    token.redeem(SHARES, ENDLESS, 0, taker, holder, sender=taker)

    assert token.allowance(holder, taker) == ENDLESS


def test_redeem_for_another_without_an_allowance_reverts_whoever_the_two_are(
    token, holder, taker, stranger, owner
):
    """Whichever of the two addresses is the larger."""
    for someone in (taker, stranger, owner):
        token.transfer(someone, WAD, sender=holder)
        assert token.balanceOf(someone) >= WAD
        for caller, victim in ((holder, someone), (someone, holder)):
            with ape.reverts("transfer: allowance too low"):
                token.redeem.call(WAD, ENDLESS, 0, caller, victim, sender=caller, skip_trace=True)


def test_redeem_for_another_above_the_allowance_reverts(token, holder, taker):
    token.approve(taker, SHARES - 1, sender=holder)

    with ape.reverts("transfer: allowance too low"):
        token.redeem.call(SHARES, ENDLESS, 0, taker, holder, sender=taker, skip_trace=True)


def test_redeem_of_all_leaves_no_shares(token, holder):
    token.redeem(token.maxRedeem(holder), ENDLESS, 0, sender=holder)

    assert token.balanceOf(holder) == 0


def test_redeem_by_everyone_leaves_the_seed(devnet, token, market, position, holder, treasury):
    token.redeem(token.balanceOf(holder), ENDLESS, 0, sender=holder)
    market.debt.transfer(treasury, market.debt.balanceOf(holder) // 2, sender=holder)
    market.debt.approve(token, ENDLESS, sender=treasury)

    token.redeem(token.balanceOf(treasury), ENDLESS, 0, sender=treasury)

    seed = token.balanceOf("0x000000000000000000000000000000000000dEaD")
    had, owed = books(devnet, market, position)
    assert token.totalSupply() - token.balanceOf(treasury) == seed == 100 * WAD
    assert owed > 0
    assert had > 0


def test_redeem_never_thins_what_stands_behind_a_share(devnet, token, market, position, holder):
    warp_to(now() + DAY)
    set_price(devnet, "2100")
    token.settle(sender=holder)
    had, owed = books(devnet, market, position)
    supply = token.totalSupply()
    leverage = token.leverage()

    token.redeem(SHARES, ENDLESS, 0, sender=holder)

    has, owes = books(devnet, market, position)
    assert has * supply >= had * token.totalSupply()
    assert owes * supply <= owed * token.totalSupply() + supply  # Morpho's own rounding
    assert abs(token.leverage() - leverage) < leverage // 10**6


def test_redeem_uses_loose_debt_tokens_first(token, debt, position, holder, taker):
    needed, _ = token.preview_redeem(SHARES)
    debt.transfer(position, needed // 3, sender=taker)
    purse = debt.balanceOf(holder)

    token.redeem(SHARES, ENDLESS, 0, sender=holder)

    assert debt.balanceOf(holder) == purse - (needed - needed // 3)
    assert debt.balanceOf(position) == 0


def test_redeem_with_enough_loose_debt_tokens_pulls_nothing(token, debt, position, holder, taker):
    needed, _ = token.preview_redeem(SHARES)
    debt.transfer(position, needed + 7, sender=taker)
    debt.approve(token, 0, sender=holder)

    token.redeem(SHARES, needed, 0, sender=holder)

    assert debt.balanceOf(position) == 7


def test_redeem_of_one_wei_is_all_fee(token, holder, treasury):
    token.settle(sender=holder)
    supply, treasure = token.totalSupply(), token.balanceOf(treasury)

    brought, taken = token.redeem(1, ENDLESS, 0, sender=holder).return_value

    assert (brought, taken) == (0, 0)
    assert token.totalSupply() == supply
    assert token.balanceOf(treasury) == treasure + 1


@pytest.mark.parametrize("shares", [2, 999])
def test_redeem_of_dust_costs_debt(token, holder, shares):
    token.settle(sender=holder)
    supply = token.totalSupply()

    brought, _ = token.redeem(shares, ENDLESS, 0, sender=holder).return_value

    assert brought >= 1
    assert token.totalSupply() == supply - net(shares)


def test_redeem_in_parts_is_never_cheaper(token, holder):
    whole = token.preview_redeem(2_000_003)

    first = token.redeem(1_000_001, ENDLESS, 0, sender=holder).return_value
    second = token.redeem(1_000_002, ENDLESS, 0, sender=holder).return_value

    assert first[0] + second[0] >= whole[0]
    assert first[1] + second[1] <= whole[1]


def test_redeem_while_paused_passes(token, holder, owner):
    token.set_paused(True, sender=owner)

    token.redeem(SHARES, ENDLESS, 0, sender=holder)

    assert token.balanceOf(holder) == 1_000 * WAD - SHARES


def test_redeem_reads_no_fill_oracle(token, market, holder):
    warp_to(now() + DAY)
    with ape.reverts("oracle: price is stale"):
        market.fill_oracle.price(skip_trace=True)

    token.redeem(SHARES, ENDLESS, 0, sender=holder)

    assert token.balanceOf(holder) == 1_000 * WAD - SHARES


def test_redeem_from_an_illiquid_venue_passes(devnet, token, market, holder):
    drain(devnet, market, 0)

    token.redeem(SHARES, ENDLESS, 0, sender=holder)

    assert token.balanceOf(holder) == 1_000 * WAD - SHARES


def test_redeem_with_the_market_oracle_dead_reverts_on_the_venue(devnet, token, holder, owner):
    devnet.eth_feed.set_failing(True, sender=owner)

    with ape.reverts("feed: told to fail"):
        token.redeem.call(SHARES, ENDLESS, 0, sender=holder, skip_trace=True)


def test_redeem_with_the_market_oracle_dead_and_no_debt_passes(
    devnet, token, market, position, holder, owner, lender
):
    repay(devnet, market, position, lender, shares=borrow_shares(devnet, market, position))
    devnet.eth_feed.set_failing(True, sender=owner)

    brought, taken = token.redeem(SHARES, ENDLESS, 0, sender=holder).return_value

    assert brought == 0
    assert taken > 0


def borrow_shares(devnet, market, position) -> int:
    return devnet.morpho.position(market.id, position).borrowShares


def test_redeem_after_a_stranger_repaid_one_wei_passes(
    devnet, token, market, position, holder, lender
):
    brought, _ = token.preview_redeem(SHARES)
    repay(devnet, market, position, lender, assets=1)

    paid, _ = token.redeem(SHARES, brought, 0, sender=holder).return_value

    assert brought - 1 <= paid <= brought


def test_redeem_after_a_stranger_repaid_all_but_one_wei_passes(
    devnet, token, market, position, holder, lender
):
    _, owed = books(devnet, market, position)
    repay(devnet, market, position, lender, assets=owed - 1)

    paid, taken = token.redeem(SHARES, 1, 0, sender=holder).return_value

    assert paid == 1
    assert taken > 0
    # Morpho's shares of a debt round to one unit at the most
    assert books(devnet, market, position)[1] <= 1


def test_redeem_after_a_stranger_repaid_all_but_one_share_passes(
    devnet, token, market, position, holder, lender
):
    shares = borrow_shares(devnet, market, position) - 1
    repay(devnet, market, position, lender, shares=shares)

    paid, taken = token.redeem(SHARES, 1, 0, sender=holder).return_value

    assert paid == 1
    assert taken > 0
    assert borrow_shares(devnet, market, position) == 0


def test_redeem_after_a_stranger_repaid_all_needs_no_debt(
    devnet, token, market, position, holder, lender
):
    repay(devnet, market, position, lender, shares=borrow_shares(devnet, market, position))
    had, _ = books(devnet, market, position)
    supply = token.totalSupply()

    paid, taken = token.redeem(SHARES, 0, 0, sender=holder).return_value

    assert paid == 0
    assert taken == pytest.approx(had * net(SHARES) / supply, rel=1e-6)


def test_redeem_after_a_donation_pays_more(devnet, token, market, position, holder, taker):
    before = token.preview_redeem(SHARES)
    donate(devnet, market, position, taker, books(devnet, market, position)[0])

    paid, taken = token.redeem(SHARES, ENDLESS, 0, sender=holder).return_value

    assert paid == before[0]
    assert 2 * before[1] <= taken <= 2 * before[1] + 1


def test_redeem_after_a_partial_liquidation_shares_what_is_left(devnet, bull, minter, taker):
    bull.mint(1_000 * WAD, ENDLESS, 0, sender=minter)
    position = bull.position()
    set_price(devnet, "1500")
    liquidate(devnet, devnet.long, position, taker, books(devnet, devnet.long, position)[0] // 2)
    set_price(devnet, "2000")
    had, owed = books(devnet, devnet.long, position)
    supply = bull.totalSupply()

    paid, taken = bull.redeem(SHARES, ENDLESS, 0, sender=minter).return_value

    assert paid == ceil_div(owed * net(SHARES), supply)
    assert taken == had * net(SHARES) // supply


def test_redeem_from_a_wiped_position_pays_nothing(devnet, bull, minter, taker):
    bull.mint(1_000 * WAD, ENDLESS, 0, sender=minter)
    position = bull.position()
    set_price(devnet, "1000")
    liquidate(devnet, devnet.long, position, taker, books(devnet, devnet.long, position)[0])

    paid, taken = bull.redeem(1_000 * WAD, 0, 0, sender=minter).return_value

    assert (paid, taken) == (0, 0)
    assert bull.balanceOf(minter) == 0


def test_redeem_beyond_the_liquidation_ltv_reverts_on_the_venue(devnet, token, ruinous, holder):
    set_price(devnet, ruinous)

    for shares in (WAD, 1_000 * WAD):
        with ape.reverts("insufficient collateral"):
            token.redeem.call(shares, ENDLESS, 0, sender=holder, skip_trace=True)


def test_redeem_beyond_the_liquidation_ltv_passes_after_a_restoring_fill(
    devnet, token, ruinous, holder, taker
):
    set_price(devnet, ruinous)

    token.fill_delever(ENDLESS, 0, sender=taker)
    token.redeem(1_000 * WAD, ENDLESS, 0, sender=holder)

    assert token.balanceOf(holder) == 0


def test_redeem_at_the_bounds_passes(token, holder):
    debt, collateral = token.preview_redeem(SHARES)

    token.redeem(SHARES, debt, collateral, sender=holder)

    assert token.balanceOf(holder) == 1_000 * WAD - SHARES


def test_redeem_for_more_debt_than_allowed_reverts(token, holder):
    debt, collateral = token.preview_redeem(SHARES)

    with ape.reverts("redeem: debt above max"):
        token.redeem.call(SHARES, debt - 1, collateral, sender=holder, skip_trace=True)


def test_redeem_for_less_collateral_than_wanted_reverts(token, holder):
    debt, collateral = token.preview_redeem(SHARES)

    with ape.reverts("redeem: collateral below min"):
        token.redeem.call(SHARES, debt, collateral + 1, sender=holder, skip_trace=True)


def test_redeem_of_nothing_reverts(bull, minter):
    with ape.reverts("redeem: zero shares"):
        bull.redeem.call(0, ENDLESS, 0, sender=minter, skip_trace=True)


def test_redeem_of_more_than_the_balance_reverts(token, holder):
    with ape.reverts("redeem: shares above balance"):
        token.redeem.call(1_000 * WAD + 1, ENDLESS, 0, sender=holder, skip_trace=True)


def test_redeem_to_nobody_reverts_on_the_venue(token, holder):
    with ape.reverts("zero address"):
        token.redeem.call(SHARES, ENDLESS, 0, ZERO_ADDRESS, sender=holder, skip_trace=True)


def test_redeem_without_the_debt_reverts(bull, usdc, minter, stranger):
    bull.mint(WAD, ENDLESS, 0, stranger, sender=minter)
    usdc.approve(bull, ENDLESS, sender=stranger)

    with ape.reverts("transfer: balance too low"):
        bull.redeem.call(WAD, ENDLESS, 0, sender=stranger, skip_trace=True)


def test_redeem_without_a_fee_gives_the_treasury_nothing(devnet, free, minter, treasury):
    free.mint(2 * SHARES, ENDLESS, 0, sender=minter)
    had, owed = books(devnet, devnet.long, free.position())
    supply = free.totalSupply()

    receipt = free.redeem(SHARES, ENDLESS, 0, sender=minter)

    transfer, (name, redeemed) = emitted(receipt, free)
    assert transfer == transferred(minter, ZERO_ADDRESS, SHARES)
    assert (name, redeemed["fee"]) == ("Redeemed", 0)
    assert redeemed["debt"] == ceil_div(owed * SHARES, supply)
    assert redeemed["collateral"] == had * SHARES // supply
    assert free.totalSupply() == supply - SHARES
    assert free.balanceOf(treasury) == 0
