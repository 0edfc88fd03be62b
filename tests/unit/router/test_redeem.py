"""Shares into one asset: the debt is repaid from what the position lets go."""

import ape
import pytest
from ape import networks, project
from ape.utils import ZERO_ADDRESS

from scripts._devnet import POOL_FEE, USDC, WAD, now, set_price, warp_to
from tests.unit.leveraged_token.logs import emitted
from tests.unit.morpho_position.markets import books, liquidate, repay
from tests.unit.router.zaps import NATIVE, Zap, refusing_coin

SHARES = 600 * WAD + 1

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


def test_redeem_to_one_asset_pays_what_pool_and_venue_say(
    router, zap, worth, holder, stranger, weth, usdc
):
    expected = worth(zap, SHARES)
    debt, collateral = zap.token.preview_redeem(SHARES)
    purses = [
        (account, coin, coin.balanceOf(account))
        for account in (holder, stranger)
        for coin in (weth, usdc)
    ]
    ether = stranger.balance

    receipt = router.redeem(*zap.way, SHARES, expected, stranger, now(), sender=holder)

    assert receipt.return_value == expected > 0
    assert zap.token.balanceOf(holder) == 1_000 * WAD - SHARES
    assert stranger.balance - ether == (expected if zap.native else 0)
    for account, coin, before in purses:
        gained = expected if (account, coin) == (stranger, zap.coin) and not zap.native else 0
        assert coin.balanceOf(account) == before + gained
    name, redeemed = emitted(receipt, zap.token)[-1]
    assert name == "Redeemed"
    assert (redeemed["caller"], redeemed["owner"]) == (router, holder)
    assert redeemed["shares"] == SHARES
    assert (redeemed["debt"], redeemed["collateral"]) == (debt, collateral)


def test_redeem_after_a_while_repays_the_interest_of_this_second(router, zap, worth, holder):
    warp_to(now() + 86_400)
    expected = worth(zap, SHARES)

    paid = router.redeem(*zap.way, SHARES, 0, holder, now(), sender=holder).return_value

    assert paid == expected


def test_redeem_of_all_shares_leaves_none(router, zap, worth, holder):
    expected = worth(zap, 1_000 * WAD)

    paid = router.redeem(*zap.way, 1_000 * WAD, 0, holder, now(), sender=holder).return_value

    assert paid == expected
    assert zap.token.balanceOf(holder) == 0


def test_redeem_of_what_was_minted_loses_fees_and_no_more(router, zap, payer):
    value = 1_000 * WAD if zap.native else 0
    order = (*zap.way, 1_000 * WAD, 1_000 * WAD, payer, now())
    cost = router.mint(*order, sender=payer, value=value).return_value

    back = router.redeem(*zap.way, 1_000 * WAD, 0, payer, now(), sender=payer).return_value

    # a tenth of a percent each way; the pool's 0.05 % on two or three times as much, each way
    assert cost * 9_940 // 10_000 < back < cost * 9_961 // 10_000


def test_redeem_leaves_alone_what_lies_in_the_router(
    router, zap, worth, holder, weth, usdc, keeps_nothing
):
    weth.transfer(router, 5 * WAD, sender=holder)
    usdc.transfer(router, 5_000 * USDC, sender=holder)
    zap.token.transfer(router, WAD, sender=holder)
    networks.provider.set_balance(router.address, 5 * WAD)
    keeps_nothing()
    expected = worth(zap, SHARES)

    paid = router.redeem(*zap.way, SHARES, 0, holder, now(), sender=holder).return_value

    assert paid == expected


@pytest.mark.parametrize("in_debt", [False, True])
def test_redeem_from_a_position_without_debt_repays_nothing(
    router, devnet, bull, worth, payer, lender, weth, usdc, in_debt
):
    router.mint(bull, usdc, POOL_FEE, SHARES, 2**128, payer, now(), sender=payer)
    shares = devnet.morpho.position(devnet.long.id, bull.position()).borrowShares
    repay(devnet, devnet.long, bull.position(), lender, shares=shares)
    zap = Zap(bull, weth, usdc, (usdc if in_debt else weth).address, in_debt, False)
    expected = worth(zap, SHARES)
    purse = zap.coin.balanceOf(payer)

    paid = router.redeem(*zap.way, SHARES, expected, payer, now(), sender=payer).return_value

    assert paid == expected > 0
    assert zap.coin.balanceOf(payer) == purse + paid


@pytest.mark.parametrize("asset", ["weth", "usdc", "ether"])
def test_redeem_from_a_wiped_position_pays_nothing(
    router, devnet, bull, payer, taker, weth, usdc, asset
):
    router.mint(bull, usdc, POOL_FEE, SHARES, 2**128, payer, now(), sender=payer)
    set_price(devnet, "1000")
    held, _ = books(devnet, devnet.long, bull.position())
    liquidate(devnet, devnet.long, bull.position(), taker, held)
    coin = {"weth": weth, "usdc": usdc, "ether": NATIVE}[asset]

    paid = router.redeem(bull, coin, POOL_FEE, SHARES, 0, payer, now(), sender=payer).return_value

    assert paid == 0
    assert bull.balanceOf(payer) == 0


def test_redeem_to_a_token_that_answers_nothing_passes(router, minter, list_coin):
    coin = minter.deploy(project.SilentToken, 18)
    token = list_coin(coin)
    router.mint(token, coin, POOL_FEE, SHARES, 2**128, minter, now(), sender=minter)
    purse = coin.balanceOf(minter)

    paid = router.redeem(
        token, coin, POOL_FEE, SHARES, 0, minter, now(), sender=minter
    ).return_value

    assert coin.balanceOf(minter) == purse + paid
    assert coin.balanceOf(router) == coin.balanceOf(token.position()) == 0


def test_redeem_to_whom_the_coin_refuses_reverts(router, minter, stranger, list_coin):
    """A coin may answer False instead of reverting: what it did not move must not stay here."""
    coin = refusing_coin(minter, stranger)
    token = list_coin(coin)
    router.mint(token, coin, POOL_FEE, SHARES, 2**128, minter, now(), sender=minter)

    with ape.reverts("router: transfer failed"):
        router.redeem.call(
            token, coin, POOL_FEE, SHARES, 0, stranger, now(), sender=minter, skip_trace=True
        )


def test_redeem_from_a_paused_token_with_stale_feeds_passes(router, bull, payer, owner, usdc):
    router.mint(bull, usdc, POOL_FEE, SHARES, 2**128, payer, now(), sender=payer)
    bull.set_paused(True, sender=owner)
    warp_to(now() + 30 * 86_400)

    router.redeem(bull, usdc, POOL_FEE, SHARES, 0, payer, now(), sender=payer)

    assert bull.balanceOf(payer) == 0


def test_redeem_in_its_last_second_passes_and_then_reverts(router, bull, payer, usdc):
    router.mint(bull, usdc, POOL_FEE, SHARES, 2**128, payer, now(), sender=payer)
    deadline = now() + 60
    order = (bull, usdc, POOL_FEE, SHARES // 2, 0, payer, deadline)
    warp_to(deadline)

    router.redeem(*order, sender=payer)

    warp_to(deadline + 1)
    with ape.reverts("router: deadline has passed"):
        router.redeem.call(*order, sender=payer, skip_trace=True)


def test_redeem_below_min_out_reverts(router, zap, worth, holder):
    order = (*zap.way, SHARES, worth(zap, SHARES) + 1, holder, now())

    with ape.reverts("router: amount below min"):
        router.redeem.call(*order, sender=holder, skip_trace=True)


def test_redeem_for_nobody_reverts(router, zap, holder):
    order = (*zap.way, SHARES, 0, ZERO_ADDRESS, now())

    with ape.reverts("router: receiver is zero"):
        router.redeem.call(*order, sender=holder, skip_trace=True)


def test_redeem_of_an_unregistered_token_reverts(router, payer, usdc):
    order = (usdc, usdc, POOL_FEE, SHARES, 0, payer, now())

    with ape.reverts("router: unknown token"):
        router.redeem.call(*order, sender=payer, skip_trace=True)


def test_redeem_to_an_asset_of_neither_side_reverts(router, bull, bear, payer):
    order = (bull, bear, POOL_FEE, SHARES, 0, payer, now())

    with ape.reverts("router: unknown asset"):
        router.redeem.call(*order, sender=payer, skip_trace=True)


def test_redeem_on_a_pool_that_is_not_there_reverts(router, zap, holder):
    order = (zap.token, zap.asset, 100, SHARES, 0, holder, now())

    with ape.reverts("swap: unknown pool"):
        router.redeem.call(*order, sender=holder, skip_trace=True)


def test_redeem_on_a_pool_that_runs_dry_reverts(router, zap, holder, shallow_pool):
    order = (zap.token, zap.asset, shallow_pool, SHARES, 0, holder, now())

    with ape.reverts("swap: pool is too shallow"):
        router.redeem.call(*order, sender=holder, skip_trace=True)


@pytest.mark.parametrize("left_here", [0, 10])
def test_redeem_on_a_pool_far_from_the_venue_reverts(
    router, bull, payer, weth, usdc, far_pool, keeps_nothing, left_here
):
    router.mint(bull, usdc, POOL_FEE, SHARES, 2**128, payer, now(), sender=payer)
    weth.transfer(router, left_here * WAD, sender=payer)
    usdc.transfer(router, left_here * 1_000 * USDC, sender=payer)
    keeps_nothing()
    for asset in (weth, usdc):
        order = (bull, asset, far_pool, SHARES, 0, payer, now())
        with ape.reverts("router: shares are worth nothing"):
            router.redeem.call(*order, sender=payer, skip_trace=True)


def test_redeem_without_approval_reverts(router, zap, holder):
    zap.token.approve(router, SHARES - 1, sender=holder)
    order = (*zap.way, SHARES, 0, holder, now())

    with ape.reverts("transfer: allowance too low"):
        router.redeem.call(*order, sender=holder, skip_trace=True)


def test_redeem_never_spends_what_others_have_approved(router, zap, holder, stranger):
    order = (*zap.way, SHARES, 0, stranger, now())

    with ape.reverts("redeem: shares above balance"):
        router.redeem.call(*order, sender=stranger, skip_trace=True)
    assert zap.token.balanceOf(holder) == 1_000 * WAD


def test_redeem_of_no_shares_reverts(router, zap, holder):
    order = (*zap.way, 0, 0, holder, now())

    with ape.reverts("redeem: zero shares"):
        router.redeem.call(*order, sender=holder, skip_trace=True)


def test_redeem_with_ether_reverts(router, zap, holder):
    order = (*zap.way, SHARES, 0, holder, now())

    with ape.reverts():
        router.redeem.call(*order, sender=holder, value=1, skip_trace=True)
