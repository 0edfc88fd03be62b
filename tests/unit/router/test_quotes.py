"""What the router says before, by `eth_call`: the same as what then happens."""

import ape
import pytest
from ape.contracts import ContractInstance

from scripts._devnet import POOL_FEE, USDC, WAD, now, warp_to
from tests.unit.morpho_position.markets import donate, repay
from tests.unit.router.zaps import Zap, price_of, proceeds_of

SHARES = 500 * WAD
MANY = 10**24  # of which the router takes the price
ODD = 12_345_678_912_345  # of collateral, so that a share is worth no round number of it

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


def test_quote_mint_of_so_few_shares_that_their_debt_is_a_unit_sells_it_for_nothing(
    router, bear, usdc
):
    shares = 1_000
    assert tuple(bear.preview_mint(shares)) == (1, 1)

    assert router.quote_mint.call(bear, usdc, POOL_FEE, shares) == 1


def at_spot(devnet, zap, amount: int) -> int:
    """`amount` of the other token in the asset, at the pool's price of this moment."""
    root = devnet.pool.slot0().sqrtPriceX96
    asset, other = (zap.debt, zap.collateral) if zap.in_debt else (zap.collateral, zap.debt)
    if int(other.address, 16) < int(asset.address, 16):
        return (amount * root >> 96) * root >> 96
    return ((amount << 96) // root << 96) // root


def affordable(devnet, zap, amount: int) -> int:
    """The router's own formula for the shares that an amount buys, to the last of them."""
    pair = zap.debt.address, zap.collateral.address
    collateral, debt = zap.token.preview_mint(MANY)
    if zap.in_debt:
        shares = amount * MANY // (at_spot(devnet, zap, collateral) - debt)
    else:
        shares = amount * MANY // (collateral - at_spot(devnet, zap, debt))
    collateral, debt = zap.token.preview_mint(shares)
    price = 0
    if zap.in_debt:
        owed = price_of(devnet, *pair, collateral, POOL_FEE)
        cost, price = owed - debt, owed // collateral
    elif debt:
        received = proceeds_of(devnet, *pair, debt, POOL_FEE)
        cost, price = collateral - received, received // debt
    else:
        cost = collateral
    if cost <= amount:
        return shares
    slack = 2 * price + cost // shares + amount // 10**9 + 4
    return shares * (amount - min(slack, amount)) // cost


@pytest.mark.parametrize("amount", [10**7, 3 * 10**8, 10**12 + 1, 10**19])
def test_quote_of_an_amount_is_by_the_formula_to_the_last_share(router, devnet, zap, amount):
    if amount > 10**12 and zap.coin.decimals() == 6:
        amount //= 10**9

    assert router.quote_mint_exact_in.call(*zap.way, amount) == affordable(devnet, zap, amount)


def test_quote_where_a_share_is_worth_many_units_is_by_the_formula(
    router, devnet, bull, lender, weth, usdc
):
    donate(devnet, devnet.long, bull.position(), lender, 1_000 * WAD)
    zap = Zap(bull, weth, usdc, weth.address, False, False)

    assert router.quote_mint_exact_in.call(*zap.way, WAD) == affordable(devnet, zap, WAD)


@pytest.mark.parametrize("donated", [0, ODD])
def test_quote_without_debt_is_by_the_formula(router, devnet, bull, lender, weth, usdc, donated):
    shares = devnet.morpho.position(devnet.long.id, bull.position()).borrowShares
    repay(devnet, devnet.long, bull.position(), lender, shares=shares)
    donate(devnet, devnet.long, bull.position(), lender, donated + 1)
    zap = Zap(bull, weth, usdc, weth.address, False, False)

    for amount in (1, 2, 3, 10, 999, 1_000, 1_001, 10**9 + 7, WAD, 10**24, 10**26):
        quoted = router.quote_mint_exact_in.call(*zap.way, amount)
        assert quoted == affordable(devnet, zap, amount)


def in_proportion(token: ContractInstance, amount: int) -> int:
    """Shares for `amount` of collateral at what many shares take, if debt is worth nothing."""
    return amount * MANY // token.preview_mint(MANY)[0]


def test_quote_of_an_amount_without_debt_leaves_room_for_what_is_rounded_up(
    router, devnet, bull, lender, weth
):
    shares = devnet.morpho.position(devnet.long.id, bull.position()).borrowShares
    repay(devnet, devnet.long, bull.position(), lender, shares=shares)
    donate(devnet, devnet.long, bull.position(), lender, ODD)
    amount = 1_000
    assert bull.preview_mint(in_proportion(bull, amount)) == (amount + 1, 0)

    shares = router.quote_mint_exact_in.call(bull, weth, POOL_FEE, amount)

    assert amount - 4 <= router.quote_mint.call(bull, weth, POOL_FEE, shares) <= amount


def test_quote_of_an_amount_whose_debt_sells_for_nothing_leaves_room_likewise(
    router, devnet, bear, lender, usdc
):
    shares = devnet.morpho.position(devnet.short.id, bear.position()).borrowShares
    repay(devnet, devnet.short, bear.position(), lender, shares=shares - shares // 10**7)
    donate(devnet, devnet.short, bear.position(), lender, ODD // 10**6)
    amount = 7
    collateral, debt = bear.preview_mint(in_proportion(bear, amount))
    assert collateral == amount + 1 and 0 < debt < WAD // (2_000 * USDC)

    shares = router.quote_mint_exact_in.call(bear, usdc, POOL_FEE, amount)

    assert amount - 4 <= router.quote_mint.call(bear, usdc, POOL_FEE, shares) <= amount


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
