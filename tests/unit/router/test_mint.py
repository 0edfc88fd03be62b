"""Shares for one asset: the pool is paid by the venue and the caller, and nobody pays more."""

import ape
import pytest
from ape import networks, project
from ape.utils import ZERO_ADDRESS

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD, now, set_price, warp_to
from tests.unit.leveraged_token.logs import emitted
from tests.unit.morpho_position.markets import repay
from tests.unit.router.zaps import NATIVE, Zap

SHARES = 1_000 * WAD + 1
PLENTY = 1_000 * WAD  # of any asset, for up to a million shares

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


def test_mint_from_one_asset_takes_what_pool_and_venue_say(
    router, zap, cost, payer, stranger, weth, usdc
):
    expected = cost(zap, SHARES)
    collateral, debt = zap.token.preview_mint(SHARES)
    ether, purse = payer.balance, (weth.balanceOf(payer), usdc.balanceOf(payer))
    value = expected if zap.native else 0

    receipt = router.mint(*zap.way, SHARES, expected, stranger, now(), sender=payer, value=value)

    assert receipt.return_value == expected > 0
    assert zap.token.balanceOf(stranger) == SHARES
    assert zap.token.balanceOf(payer) == 0
    assert ether - payer.balance == value + receipt.total_fees_paid
    spent = {weth: 0, usdc: 0} | ({} if zap.native else {zap.coin: expected})
    assert weth.balanceOf(payer) == purse[0] - spent[weth]
    assert usdc.balanceOf(payer) == purse[1] - spent[usdc]
    name, minted = emitted(receipt, zap.token)[-1]
    assert name == "Minted"
    assert (minted["caller"], minted["receiver"]) == (router, stranger)
    assert (minted["shares"], minted["collateral"], minted["debt"]) == (SHARES, collateral, debt)


def test_mint_after_a_while_pays_the_interest_of_this_second(router, zap, cost, payer):
    warp_to(now() + 86_400)
    expected = cost(zap, SHARES)
    value = PLENTY if zap.native else 0

    receipt = router.mint(*zap.way, SHARES, PLENTY, payer, now(), sender=payer, value=value)

    assert receipt.return_value == expected


@pytest.mark.parametrize("shares", [1, 10**6, 1_000_000 * WAD])
def test_mint_of_dust_and_of_much_is_exact(router, zap, cost, payer, shares):
    expected = cost(zap, shares)
    value = PLENTY if zap.native else 0

    paid = router.mint(
        *zap.way, shares, PLENTY, payer, now(), sender=payer, value=value
    ).return_value

    assert paid == expected
    assert zap.token.balanceOf(payer) == shares


def test_mint_gives_back_the_ether_that_it_does_not_need(router, hedge, payer, stranger):
    ether = payer.balance

    receipt = router.mint(
        hedge, NATIVE, POOL_FEE, SHARES, WAD, stranger, now(), sender=payer, value=3 * WAD
    )

    assert 0 < receipt.return_value < WAD
    assert payer.balance == ether - receipt.return_value - receipt.total_fees_paid


def test_mint_leaves_alone_what_lies_in_the_router(
    router, zap, cost, payer, weth, usdc, keeps_nothing
):
    weth.transfer(router, 5 * WAD, sender=payer)
    usdc.transfer(router, 5_000 * USDC, sender=payer)
    networks.provider.set_balance(router.address, 5 * WAD)
    keeps_nothing()
    expected = cost(zap, SHARES)
    value = PLENTY if zap.native else 0

    receipt = router.mint(*zap.way, SHARES, PLENTY, payer, now(), sender=payer, value=value)

    assert receipt.return_value == expected


def test_mint_leaves_alone_what_lies_in_the_position(
    router, bull, payer, weth, usdc, keeps_nothing
):
    weth.transfer(bull.position(), WAD, sender=payer)
    usdc.transfer(bull.position(), USDC, sender=payer)
    keeps_nothing()

    router.mint(bull, usdc, POOL_FEE, SHARES, PLENTY, payer, now(), sender=payer)

    assert bull.balanceOf(payer) == SHARES


@pytest.mark.parametrize("in_debt", [False, True])
def test_mint_into_a_position_without_debt_needs_no_debt(
    router, devnet, bull, cost, payer, lender, weth, usdc, in_debt
):
    shares = devnet.morpho.position(devnet.long.id, bull.position()).borrowShares
    repay(devnet, devnet.long, bull.position(), lender, shares=shares)
    zap = Zap(bull, weth, usdc, (usdc if in_debt else weth).address, in_debt, False)
    expected = cost(zap, SHARES)

    receipt = router.mint(*zap.way, SHARES, expected, payer, now(), sender=payer)

    assert receipt.return_value == expected
    assert bull.preview_mint(SHARES)[1] == 0


def test_mint_from_a_token_that_answers_nothing_passes(router, minter, list_coin):
    coin = minter.deploy(project.SilentToken, 18)
    token = list_coin(coin)
    purse = coin.balanceOf(minter)

    paid = router.mint(
        token, coin, POOL_FEE, SHARES, PLENTY, minter, now(), sender=minter
    ).return_value

    assert coin.balanceOf(minter) == purse - paid
    assert token.balanceOf(minter) == SHARES
    assert coin.balanceOf(router) == coin.balanceOf(token.position()) == 0


def test_mint_from_a_token_that_charges_a_fee_reverts(router, minter, list_coin):
    coin = minter.deploy(project.HostileToken)
    token = list_coin(coin)
    coin.set_fee(WAD // 100, sender=minter)

    with ape.reverts():
        router.mint.call(
            token, coin, POOL_FEE, SHARES, PLENTY, minter, now(), sender=minter, skip_trace=True
        )


def test_mint_at_the_price_of_a_stale_oracle_passes(router, bull, payer, usdc):
    warp_to(now() + 30 * 86_400)

    router.mint(bull, usdc, POOL_FEE, SHARES, PLENTY, payer, now(), sender=payer)

    assert bull.balanceOf(payer) == SHARES


def test_mint_in_its_last_second_passes_and_then_reverts(router, bull, payer, usdc):
    deadline = now() + 60
    order = (bull, usdc, POOL_FEE, SHARES, PLENTY, payer, deadline)
    warp_to(deadline)

    router.mint(*order, sender=payer)

    warp_to(deadline + 1)
    with ape.reverts("router: deadline has passed"):
        router.mint.call(*order, sender=payer, skip_trace=True)


def test_mint_above_max_in_reverts(router, zap, cost, payer):
    most = cost(zap, SHARES) - 1
    value = PLENTY if zap.native else 0
    order = (*zap.way, SHARES, most, payer, now())

    with ape.reverts("router: amount above max"):
        router.mint.call(*order, sender=payer, value=value, skip_trace=True)


def test_mint_with_less_ether_than_max_in_reverts(router, bull, payer):
    order = (bull, NATIVE, POOL_FEE, SHARES, WAD, payer, now())

    with ape.reverts("router: value below max"):
        router.mint.call(*order, sender=payer, value=WAD - 1, skip_trace=True)


def test_mint_from_an_erc20_with_ether_reverts(router, bull, payer, usdc):
    order = (bull, usdc, POOL_FEE, SHARES, PLENTY, payer, now())

    with ape.reverts("router: unexpected ether"):
        router.mint.call(*order, sender=payer, value=1, skip_trace=True)


def test_mint_of_an_unregistered_token_reverts(router, payer, usdc, stranger):
    for token in (usdc, stranger):
        with ape.reverts("router: unknown token"):
            router.mint.call(
                token, usdc, POOL_FEE, SHARES, PLENTY, payer, now(), sender=payer, skip_trace=True
            )


def test_mint_from_an_asset_of_neither_side_reverts(router, bull, bear, payer):
    for asset in (bear, bull, ZERO_ADDRESS):
        with ape.reverts("router: unknown asset"):
            router.mint.call(
                bull, asset, POOL_FEE, SHARES, PLENTY, payer, now(), sender=payer, skip_trace=True
            )


@pytest.mark.parametrize("fee", [0, 499, 3_000, 2**24 - 1])
def test_mint_on_a_pool_that_is_not_there_reverts(router, bull, payer, usdc, fee):
    with ape.reverts("swap: unknown pool"):
        router.mint.call(
            bull, usdc, fee, SHARES, PLENTY, payer, now(), sender=payer, skip_trace=True
        )


def test_mint_on_a_pool_that_runs_dry_reverts(router, zap, payer, shallow_pool):
    value = PLENTY if zap.native else 0
    order = (zap.token, zap.asset, shallow_pool, SHARES, PLENTY, payer, now())

    with ape.reverts("swap: pool is too shallow"):
        router.mint.call(*order, sender=payer, value=value, skip_trace=True)


def test_mint_on_a_pool_far_from_the_venue_reverts(
    router, bull, payer, weth, usdc, far_pool, keeps_nothing
):
    usdc.transfer(router, 10_000 * USDC, sender=payer)
    keeps_nothing()
    for asset in (weth, usdc):
        with ape.reverts("router: shares are worth nothing"):
            router.mint.call(
                bull, asset, far_pool, SHARES, PLENTY, payer, now(), sender=payer, skip_trace=True
            )


def test_mint_without_approval_reverts(router, bull, taker, usdc):
    with ape.reverts("transfer: allowance too low"):
        router.mint.call(
            bull, usdc, POOL_FEE, SHARES, PLENTY, taker, now(), sender=taker, skip_trace=True
        )


def test_mint_never_spends_what_others_have_approved(router, bull, payer, stranger, usdc):
    purse = usdc.balanceOf(payer)

    with ape.reverts("transfer: allowance too low"):
        router.mint.call(
            bull, usdc, POOL_FEE, SHARES, PLENTY, payer, now(), sender=stranger, skip_trace=True
        )
    assert usdc.balanceOf(payer) == purse


def test_mint_of_a_paused_token_reverts(router, bull, payer, owner, usdc):
    bull.set_paused(True, sender=owner)

    with ape.reverts("mint: paused"):
        router.mint.call(
            bull, usdc, POOL_FEE, SHARES, PLENTY, payer, now(), sender=payer, skip_trace=True
        )


def test_mint_of_no_shares_reverts(router, bull, payer, usdc):
    with ape.reverts("mint: zero shares"):
        router.mint.call(
            bull, usdc, POOL_FEE, 0, PLENTY, payer, now(), sender=payer, skip_trace=True
        )


def test_mint_for_nobody_reverts(router, bull, payer, usdc):
    with ape.reverts("mint: receiver is zero"):
        router.mint.call(
            bull, usdc, POOL_FEE, SHARES, PLENTY, ZERO_ADDRESS, now(), sender=payer, skip_trace=True
        )


def test_mint_beyond_the_cap_reverts(router, bull, payer, owner, usdc):
    bull.set_cap(bull.totalSupply(), sender=owner)

    with ape.reverts("mint: cap exceeded"):
        router.mint.call(
            bull, usdc, POOL_FEE, SHARES, ENDLESS, payer, now(), sender=payer, skip_trace=True
        )


def test_mint_moves_leverage_by_nothing(router, devnet, bull, payer, usdc):
    set_price(devnet, "2100")
    before = bull.leverage()

    router.mint(bull, usdc, POOL_FEE, SHARES, PLENTY, payer, now(), sender=payer)

    assert abs(bull.leverage() - before) < before // 10**6
