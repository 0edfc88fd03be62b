"""Collateral in, debt out, both by the share of the whole; no price is read."""

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
SHARES = 1_000 * WAD + 1


def gross(shares: int) -> int:
    """Shares that are paid for, so that `shares` are left after the fee."""
    return ceil_div(shares * WAD, WAD - FEE)


def test_mint_with_interest_and_fee_pending_takes_the_exact_share(
    devnet, token, market, collateral, debt, position, minter, treasury
):
    warp_to(now() + DAY + 1)
    had, owed = books(devnet, market, position)
    supply = token.totalSupply()
    purse = collateral.balanceOf(minter), debt.balanceOf(minter)

    receipt = token.mint(SHARES, ENDLESS, 0, sender=minter)

    (_, minted_fee), (name, accrued) = emitted(receipt, token)[:2]
    supply += accrued["shares"]
    fee = gross(SHARES) - SHARES
    brought = ceil_div(had * gross(SHARES), supply)
    taken = owed * gross(SHARES) // supply
    assert minted_fee["value"] == accrued["shares"] > 0
    assert (name, accrued["treasury"]) == ("FeeAccrued", treasury)
    assert emitted(receipt, token)[2:] == [
        transferred(ZERO_ADDRESS, minter, SHARES),
        transferred(ZERO_ADDRESS, treasury, fee),
        (
            "Minted",
            {
                "caller": minter,
                "receiver": minter,
                "shares": SHARES,
                "fee": fee,
                "collateral": brought,
                "debt": taken,
            },
        ),
    ]
    assert tuple(receipt.return_value) == (brought, taken)
    assert token.balanceOf(minter) == SHARES
    assert token.balanceOf(treasury) == accrued["shares"] + fee
    assert token.totalSupply() == supply + gross(SHARES)
    assert collateral.balanceOf(minter) == purse[0] - brought
    assert debt.balanceOf(minter) == purse[1] + taken
    # Morpho rounds the debt that is drawn up by less than one of its shares
    assert books(devnet, market, position)[0] == had + brought
    assert 0 <= books(devnet, market, position)[1] - owed - taken <= 1


def test_mint_at_once_after_another_settles_no_fee(token, minter):
    token.settle(sender=minter)

    receipt = token.mint(SHARES, ENDLESS, 0, sender=minter)

    assert [name for name, _ in emitted(receipt, token)] == ["Transfer", "Transfer", "Minted"]


def test_mint_for_others_pays_each_receiver(token, collateral, debt, minter, stranger, taker):
    purse = collateral.balanceOf(minter), debt.balanceOf(minter)

    receipt = token.mint(SHARES, ENDLESS, 0, taker, stranger, sender=minter)

    brought, taken = receipt.return_value
    (minted,) = (fields for name, fields in emitted(receipt, token) if name == "Minted")
    assert (minted["caller"], minted["receiver"]) == (minter, taker)
    assert token.balanceOf(taker) == SHARES
    assert debt.balanceOf(stranger) == taken > 0
    assert token.balanceOf(minter) == token.balanceOf(stranger) == 0
    assert collateral.balanceOf(minter) == purse[0] - brought
    assert debt.balanceOf(minter) == purse[1]


def test_mint_never_thins_what_stands_behind_a_share(devnet, token, market, position, minter):
    warp_to(now() + DAY)
    set_price(devnet, "2100")
    token.settle(sender=minter)
    had, owed = books(devnet, market, position)
    supply = token.totalSupply()
    leverage = token.leverage()

    token.mint(SHARES, ENDLESS, 0, sender=minter)

    after, owes = books(devnet, market, position)
    assert after * supply >= had * token.totalSupply()
    assert owes * supply <= owed * token.totalSupply() + supply  # Morpho's own rounding
    assert abs(token.leverage() - leverage) < leverage // 10**6


def test_mint_uses_loose_collateral_first(token, collateral, position, minter, taker):
    needed, _ = token.preview_mint(SHARES)
    collateral.transfer(position, needed // 3, sender=taker)
    purse = collateral.balanceOf(minter)

    token.mint(SHARES, ENDLESS, 0, sender=minter)

    assert collateral.balanceOf(minter) == purse - (needed - needed // 3)
    assert collateral.balanceOf(position) == 0


def test_mint_with_enough_loose_collateral_pulls_nothing(
    token, collateral, position, stranger, taker
):
    needed, _ = token.preview_mint(SHARES)
    collateral.transfer(position, needed + 7, sender=taker)

    token.mint(SHARES, needed, 0, sender=stranger)  # who has neither tokens nor approved

    assert token.balanceOf(stranger) == SHARES
    assert collateral.balanceOf(position) == 7


@pytest.mark.parametrize("shares", [1, 999])
def test_mint_of_dust_costs_collateral(token, minter, treasury, shares):
    token.settle(sender=minter)
    before = token.balanceOf(treasury)

    brought, taken = token.mint(shares, ENDLESS, 0, sender=minter).return_value

    assert brought >= 1
    assert token.balanceOf(minter) == shares
    assert token.balanceOf(treasury) - before == gross(shares) - shares >= 1


def test_mint_in_parts_is_never_cheaper(token, minter):
    whole = token.preview_mint(2_000_003)

    first = token.mint(1_000_001, ENDLESS, 0, sender=minter).return_value
    second = token.mint(1_000_002, ENDLESS, 0, sender=minter).return_value

    assert first[0] + second[0] >= whole[0]
    assert first[1] + second[1] <= whole[1]


def test_mint_and_redeem_in_one_block_gains_nothing(token, collateral, debt, minter):
    purse = collateral.balanceOf(minter), debt.balanceOf(minter)

    token.mint(SHARES, ENDLESS, 0, sender=minter)
    token.redeem(SHARES, ENDLESS, 0, sender=minter)

    assert token.balanceOf(minter) == 0
    assert collateral.balanceOf(minter) <= purse[0]
    assert debt.balanceOf(minter) >= purse[1]
    # what stays behind is the two fees: 0.2 % of each leg
    paid, _ = token.preview_mint(SHARES)
    assert purse[0] - collateral.balanceOf(minter) == pytest.approx(paid * 0.002, rel=2e-3)


def test_mint_after_a_donation_shares_it(devnet, token, market, position, minter, taker):
    had, _ = books(devnet, market, position)
    donate(devnet, market, position, taker, had)

    brought, taken = token.mint(token.totalSupply(), ENDLESS, 0, sender=minter).return_value

    assert brought == pytest.approx(2 * had, rel=2e-3)
    assert taken == pytest.approx(books(devnet, market, position)[1] // 2, rel=2e-3)


def test_mint_without_any_debt_takes_none(devnet, token, market, position, minter, lender):
    shares = devnet.morpho.position(market.id, position).borrowShares
    repay(devnet, market, position, lender, shares=shares)

    brought, taken = token.mint(SHARES, ENDLESS, 0, sender=minter).return_value

    assert (brought > 0, taken) == (True, 0)
    assert devnet.morpho.position(market.id, position).borrowShares == 0


def test_mint_reads_no_fill_oracle(devnet, token, market, minter):
    warp_to(now() + DAY)
    with ape.reverts("oracle: price is stale"):
        market.fill_oracle.price(skip_trace=True)

    token.mint(SHARES, ENDLESS, 0, sender=minter)

    assert token.balanceOf(minter) == SHARES


def test_mint_up_to_the_cap_passes(token, minter, owner):
    token.settle(sender=minter)
    token.set_cap(token.totalSupply() + SHARES, sender=owner)

    token.mint(SHARES, ENDLESS, 0, sender=minter)

    assert token.totalSupply() > token.cap()  # the fee came on top
    assert token.maxMint(minter) == 0


def test_mint_above_the_cap_reverts(token, minter, owner):
    token.settle(sender=minter)
    token.set_cap(token.totalSupply() + SHARES, sender=owner)

    with ape.reverts("mint: cap exceeded"):
        token.mint.call(SHARES + 1, ENDLESS, 0, sender=minter, skip_trace=True)


def test_mint_counts_the_pending_fee_against_the_cap(token, minter, owner):
    token.set_cap(token.totalSupply() + SHARES, sender=owner)
    warp_to(now() + DAY)

    with ape.reverts("mint: cap exceeded"):
        token.mint.call(SHARES, ENDLESS, 0, sender=minter, skip_trace=True)


def test_mint_at_the_bounds_passes(token, minter):
    collateral, debt = token.preview_mint(SHARES)

    token.mint(SHARES, collateral, debt, sender=minter)

    assert token.balanceOf(minter) == SHARES


def test_mint_for_more_collateral_than_allowed_reverts(token, minter):
    collateral, debt = token.preview_mint(SHARES)

    with ape.reverts("mint: collateral above max"):
        token.mint.call(SHARES, collateral - 1, debt, sender=minter, skip_trace=True)


def test_mint_for_less_debt_than_wanted_reverts(token, minter):
    collateral, debt = token.preview_mint(SHARES)

    with ape.reverts("mint: debt below min"):
        token.mint.call(SHARES, collateral, debt + 1, sender=minter, skip_trace=True)


def test_mint_of_nothing_reverts(bull, minter):
    with ape.reverts("mint: zero shares"):
        bull.mint.call(0, ENDLESS, 0, sender=minter, skip_trace=True)


def test_mint_while_paused_reverts(bull, minter, owner):
    bull.set_paused(True, sender=owner)

    with ape.reverts("mint: paused"):
        bull.mint.call(SHARES, ENDLESS, 0, sender=minter, skip_trace=True)


def test_mint_to_nobody_reverts(bull, minter):
    with ape.reverts("mint: receiver is zero"):
        bull.mint.call(SHARES, ENDLESS, 0, ZERO_ADDRESS, sender=minter, skip_trace=True)


def test_mint_with_debt_to_nobody_reverts_on_the_venue(bull, minter):
    with ape.reverts("zero address"):
        bull.mint.call(SHARES, ENDLESS, 0, minter, ZERO_ADDRESS, sender=minter, skip_trace=True)


def test_mint_without_approval_reverts(bear, usdc, minter):
    usdc.approve(bear, 0, sender=minter)

    with ape.reverts("transfer: allowance too low"):
        bear.mint.call(SHARES, ENDLESS, 0, sender=minter, skip_trace=True)


def test_mint_without_the_collateral_reverts(bear, usdc, stranger):
    usdc.approve(bear, ENDLESS, sender=stranger)

    with ape.reverts("transfer: balance too low"):
        bear.mint.call(SHARES, ENDLESS, 0, sender=stranger, skip_trace=True)


def test_mint_from_an_illiquid_venue_reverts(devnet, token, market, minter):
    _, wanted = token.preview_mint(SHARES)
    drain(devnet, market, wanted - 1)

    with ape.reverts("insufficient liquidity"):
        token.mint.call(SHARES, ENDLESS, 0, sender=minter, skip_trace=True)


def test_mint_of_the_last_liquidity_passes(devnet, token, market, minter):
    _, wanted = token.preview_mint(SHARES)
    drain(devnet, market, wanted)

    token.mint(SHARES, ENDLESS, 0, sender=minter)

    total = devnet.morpho.market(market.id)
    assert total.totalSupplyAssets == total.totalBorrowAssets


@pytest.mark.parametrize(
    ("symbol", "eth_usd"),
    # LTV from target: long 2/3 * 2000 / P, short 3/4 * P / 2000; bound at 86 % and 91.5 %
    [("ETHBULL", "1550"), ("ETHBEAR", "2441")],
)
def test_mint_beyond_the_liquidation_ltv_reverts(devnet, tokens, minter, symbol, eth_usd):
    set_price(devnet, eth_usd)

    with ape.reverts("insufficient collateral"):
        tokens[symbol].mint.call(SHARES, ENDLESS, 0, sender=minter, skip_trace=True)


@pytest.mark.parametrize(("symbol", "eth_usd"), [("ETHBULL", "1552"), ("ETHBEAR", "2439")])
def test_mint_just_inside_the_liquidation_ltv_passes(devnet, tokens, minter, symbol, eth_usd):
    set_price(devnet, eth_usd)

    tokens[symbol].mint(SHARES, ENDLESS, 0, sender=minter)

    assert tokens[symbol].balanceOf(minter) == SHARES


def test_mint_into_a_position_of_one_unit_brings_a_share_of_it(devnet, bull, taker):
    position = bull.position()
    set_price(devnet, "1000")
    liquidate(devnet, devnet.long, position, taker, books(devnet, devnet.long, position)[0] - 1)
    held, owed = books(devnet, devnet.long, position)

    assert held == 1
    assert tuple(bull.preview_mint(WAD)) == (1, owed * gross(WAD) // bull.totalSupply())


def test_mint_into_a_wiped_position_reverts(devnet, bull, minter, taker):
    position = bull.position()
    set_price(devnet, "1000")
    liquidate(devnet, devnet.long, position, taker, books(devnet, devnet.long, position)[0])
    assert books(devnet, devnet.long, position) == (0, 0)

    for shares in (1, SHARES):
        with ape.reverts("mint: position is empty"):
            bull.mint.call(shares, ENDLESS, 0, sender=minter, skip_trace=True)


def test_mint_after_a_partial_liquidation_shares_what_is_left(devnet, bull, minter, taker):
    position = bull.position()
    set_price(devnet, "1500")
    liquidate(devnet, devnet.long, position, taker, books(devnet, devnet.long, position)[0] // 2)
    set_price(devnet, "2000")
    had, owed = books(devnet, devnet.long, position)

    brought, taken = bull.mint(SHARES, ENDLESS, 0, sender=minter).return_value

    supply = bull.totalSupply() - gross(SHARES)
    assert brought == ceil_div(had * gross(SHARES), supply)
    assert taken == owed * gross(SHARES) // supply


def test_mint_without_a_fee_gives_the_treasury_nothing(devnet, free, minter, treasury):
    had, owed = books(devnet, devnet.long, free.position())
    supply = free.totalSupply()

    receipt = free.mint(SHARES, ENDLESS, 0, sender=minter)

    transfer, (name, minted) = emitted(receipt, free)
    assert transfer == transferred(ZERO_ADDRESS, minter, SHARES)
    assert (name, minted["fee"]) == ("Minted", 0)
    assert minted["collateral"] == ceil_div(had * SHARES, supply)
    assert minted["debt"] == owed * SHARES // supply
    assert free.totalSupply() == supply + SHARES
    assert free.balanceOf(treasury) == 0


def test_mint_for_just_what_lies_in_the_position_pulls_nothing(bear, usdc, minter):
    """Not even none of it: there are coins that do not move nothing."""
    collateral, _ = bear.preview_mint(SHARES)
    usdc.transfer(bear.position(), collateral, sender=minter)

    receipt = bear.mint(SHARES, ENDLESS, 0, sender=minter)

    assert [fields["sender"] for _, fields in emitted(receipt, usdc)] == [bear.position()]
