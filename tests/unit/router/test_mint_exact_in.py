"""As many shares as an amount buys: never for more of it, and for hardly less."""

import ape
import pytest
from ape import project

from scripts._devnet import POOL_FEE, USDC, WAD, now, set_price, warp_to
from tests.unit.leveraged_token.logs import emitted
from tests.unit.router.zaps import NATIVE, move_pool

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


def amount_of(zap, dollars: float) -> int:
    """The asset's units that are worth so much."""
    return int(dollars * (WAD // 2_000 if zap.native or zap.coin.decimals() == 18 else USDC))


@pytest.mark.parametrize("dollars", [0.01, 1, 1_234.5, 500_000])
def test_mint_exact_in_spends_the_amount_and_no_more(router, zap, cost, payer, stranger, dollars):
    amount = amount_of(zap, dollars)
    expected = router.quote_mint_exact_in.call(*zap.way, amount)
    price = cost(zap, expected)
    ether, purse = payer.balance, zap.coin.balanceOf(payer)
    value = amount if zap.native else 0

    receipt = router.mint_exact_in(
        *zap.way, amount, expected, stranger, now(), sender=payer, value=value
    )

    shares, spent = receipt.return_value
    assert (shares, spent) == (expected, price)
    # what is left: rounding for little money, the square of the price impact for much
    assert amount - amount // 2_000 - 20 <= spent <= amount
    assert zap.token.balanceOf(stranger) == shares
    if zap.native:
        assert payer.balance == ether - spent - receipt.total_fees_paid
    else:
        assert zap.coin.balanceOf(payer) == purse - spent
    _, minted = emitted(receipt, zap.token)[-1]
    assert (minted["caller"], minted["receiver"], minted["shares"]) == (router, stranger, shares)


def test_mint_exact_in_of_a_few_units_never_takes_more(router, bull, payer, usdc):
    for amount in range(5, 60, 7):
        _, spent = router.mint_exact_in(
            bull, usdc, POOL_FEE, amount, 0, payer, now(), sender=payer
        ).return_value

        assert 0 < spent <= amount


@pytest.mark.parametrize("decimals", [4, 8])
def test_mint_exact_in_where_a_unit_is_dear_never_takes_more(
    router, payer, usdc, list_coin, decimals
):
    coin = payer.deploy(project.TestToken, "Coarse", "COARSE", decimals)
    token = list_coin(coin)
    for dollars in (77, 1_001, 123_456):
        for asset, unit in ((coin, 10**decimals), (usdc, 2_000 * USDC)):
            amount = dollars * unit // 2_000

            shares, spent = router.mint_exact_in(
                token, asset, POOL_FEE, amount, 0, payer, now(), sender=payer
            ).return_value

            assert amount * 7 // 10 <= spent <= amount
            assert shares > 0


@pytest.mark.parametrize("moved", ["weth", "usdc"])
def test_mint_exact_in_on_a_pool_off_the_venue_spends_the_amount(
    router, devnet, zap, payer, moved, weth, usdc
):
    trader = devnet.roles.arbitrageur
    coin, amount = (weth, 10_000 * WAD) if moved == "weth" else (usdc, 20_000_000 * USDC)
    move_pool(devnet, trader, coin, amount)
    amount = amount_of(zap, 1_000)
    value = amount if zap.native else 0

    _, spent = router.mint_exact_in(
        *zap.way, amount, 0, payer, now(), sender=payer, value=value
    ).return_value

    assert amount - amount // 10_000 <= spent <= amount


def test_mint_exact_in_of_a_token_that_has_lost_nearly_all_spends_the_amount(
    router, devnet, bull, minter, payer, taker, usdc
):
    for eth_usd in ("1700", "1445", "1230"):
        set_price(devnet, eth_usd)
        bull.fill_delever(2**128, 0, sender=taker)
    set_price(devnet, "2000")
    amount = 1_000 * USDC

    shares, spent = router.mint_exact_in(
        bull, usdc, POOL_FEE, amount, 0, payer, now(), sender=payer
    ).return_value

    assert amount - amount // 10_000 <= spent <= amount
    assert shares > 1_500 * WAD


def test_mint_exact_in_gives_back_all_ether_that_it_does_not_need(router, bear, payer, stranger):
    ether = payer.balance

    receipt = router.mint_exact_in(
        bear, NATIVE, POOL_FEE, WAD, 0, stranger, now(), sender=payer, value=5 * WAD
    )

    assert payer.balance == ether - receipt.return_value[1] - receipt.total_fees_paid


def test_mint_exact_in_below_min_shares_reverts(router, zap, payer):
    amount = amount_of(zap, 1_000)
    least = router.quote_mint_exact_in.call(*zap.way, amount) + 1
    value = amount if zap.native else 0
    order = (*zap.way, amount, least, payer, now())

    with ape.reverts("router: shares below min"):
        router.mint_exact_in.call(*order, sender=payer, value=value, skip_trace=True)


def test_mint_exact_in_of_nothing_reverts(router, zap, payer):
    with ape.reverts("mint: zero shares"):
        router.mint_exact_in.call(*zap.way, 0, 0, payer, now(), sender=payer, skip_trace=True)


def test_mint_exact_in_after_its_deadline_reverts(router, bull, payer, usdc):
    order = (bull, usdc, POOL_FEE, USDC, 0, payer, now())
    warp_to(now() + 1)

    with ape.reverts("router: deadline has passed"):
        router.mint_exact_in.call(*order, sender=payer, skip_trace=True)


def test_mint_exact_in_with_less_ether_than_the_amount_reverts(router, bull, payer):
    order = (bull, NATIVE, POOL_FEE, WAD, 0, payer, now())

    with ape.reverts("router: value below max"):
        router.mint_exact_in.call(*order, sender=payer, value=WAD - 1, skip_trace=True)


def test_mint_exact_in_of_an_erc20_with_ether_reverts(router, bull, payer, usdc):
    order = (bull, usdc, POOL_FEE, USDC, 0, payer, now())

    with ape.reverts("router: unexpected ether"):
        router.mint_exact_in.call(*order, sender=payer, value=1, skip_trace=True)


def test_mint_exact_in_of_an_unregistered_token_reverts(router, payer, usdc):
    with ape.reverts("router: unknown token"):
        router.mint_exact_in.call(
            usdc, usdc, POOL_FEE, USDC, 0, payer, now(), sender=payer, skip_trace=True
        )


def test_mint_exact_in_on_a_pool_that_is_not_there_reverts(router, bull, payer, usdc):
    with ape.reverts("swap: unknown pool"):
        router.mint_exact_in.call(
            bull, usdc, 100, USDC, 0, payer, now(), sender=payer, skip_trace=True
        )


def test_mint_exact_in_on_a_pool_far_from_the_venue_reverts(
    router, bull, payer, weth, usdc, far_pool
):
    for asset in (weth, usdc):
        with ape.reverts("router: shares are worth nothing"):
            router.mint_exact_in.call(
                bull, asset, far_pool, USDC, 0, payer, now(), sender=payer, skip_trace=True
            )
