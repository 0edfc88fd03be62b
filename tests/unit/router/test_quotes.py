"""What the router says before, by `eth_call`: the same as what then happens."""

import ape
import pytest

from scripts._devnet import POOL_FEE, USDC, WAD, now, warp_to
from tests.unit.morpho_position.markets import repay
from tests.unit.router.zaps import Zap

SHARES = 500 * WAD

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


def test_quote_mint_is_what_mint_takes(router, zap, payer):
    warp_to(now() + 86_400)
    quoted = router.quote_mint.call(*zap.way, SHARES)
    value = quoted if zap.native else 0

    paid = router.mint(
        *zap.way, SHARES, quoted, payer, now(), sender=payer, value=value
    ).return_value

    assert quoted == paid


def test_quote_redeem_is_what_redeem_pays(router, zap, holder):
    warp_to(now() + 86_400)
    quoted = router.quote_redeem.call(*zap.way, SHARES)

    paid = router.redeem(*zap.way, SHARES, quoted, holder, now(), sender=holder).return_value

    assert quoted == paid


def test_quote_mint_exact_in_costs_no_more_than_the_amount(router, zap):
    amount = 10**7 if zap.asset == zap.coin and zap.coin.decimals() == 6 else WAD // 200

    shares = router.quote_mint_exact_in.call(*zap.way, amount)

    assert amount * 9_999 // 10_000 <= router.quote_mint.call(*zap.way, shares) <= amount


def test_quote_needs_no_swap_where_there_is_no_debt(router, devnet, bull, lender, weth):
    shares = devnet.morpho.position(devnet.long.id, bull.position()).borrowShares
    repay(devnet, devnet.long, bull.position(), lender, shares=shares)

    cost = router.quote_mint.call(bull, weth, POOL_FEE, SHARES)
    worth = router.quote_redeem.call(bull, weth, POOL_FEE, SHARES)
    enough = router.quote_mint_exact_in.call(bull, weth, POOL_FEE, cost)

    assert cost == bull.preview_mint(SHARES)[0]
    assert worth == bull.preview_redeem(SHARES)[1]
    assert enough >= SHARES * 9_999 // 10_000
    assert router.quote_mint.call(bull, weth, POOL_FEE, enough) <= cost


@pytest.mark.parametrize("quote", ["quote_mint", "quote_mint_exact_in", "quote_redeem"])
def test_quote_of_an_unregistered_token_reverts(router, usdc, quote):
    with ape.reverts("router: unknown token"):
        getattr(router, quote).call(usdc, usdc, POOL_FEE, USDC, skip_trace=True)


@pytest.mark.parametrize("quote", ["quote_mint", "quote_mint_exact_in", "quote_redeem"])
def test_quote_in_an_asset_of_neither_side_reverts(router, bull, bear, quote):
    with ape.reverts("router: unknown asset"):
        getattr(router, quote).call(bull, bear, POOL_FEE, USDC, skip_trace=True)


@pytest.mark.parametrize("quote", ["quote_mint", "quote_redeem"])
@pytest.mark.parametrize("in_debt", [False, True])
def test_quote_on_a_pool_far_from_the_venue_reverts(
    router, bull, weth, usdc, far_pool, quote, in_debt
):
    zap = Zap(bull, weth, usdc, (usdc if in_debt else weth).address, in_debt, False)

    with ape.reverts("router: shares are worth nothing"):
        getattr(router, quote).call(bull, zap.asset, far_pool, SHARES, skip_trace=True)
