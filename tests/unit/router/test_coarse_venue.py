"""A venue that counts in coarse units: the router pays its grain and leaves nothing anywhere."""

import pytest
from ape import project
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import CAP, ENDLESS, RULES, TOKENS, USDC, WAD, now, undone
from tests.unit.router.zaps import NATIVE, Zap

RAY = 10**27
ETHER_PRICE = 2_000 * 10**24  # of 18 decimals in 6
BONUS = 44 * WAD // 1_000
INDEX = st.one_of(st.integers(RAY, 2 * RAY), st.integers(RAY, 10**30), st.just(10**30 - 1))
CENTS = st.one_of(st.integers(1, 1_000), st.integers(1, 10**8))


@pytest.fixture(scope="module")
def market(devnet, minter, weth, usdc):
    """By kind: a router, a token at its target, and the venue."""
    roles = devnet.roles
    kinds = project.LeveragedToken, project.MockPosition
    blueprints = [kind.declare(sender=minter).contract_address for kind in kinds]

    def _market(long: bool, half_up: bool):
        collateral, debt = (weth, usdc) if long else (usdc, weth)
        price = ETHER_PRICE if long else 10**72 // ETHER_PRICE
        lltv = (86 if long else 92) * WAD // 100
        terms = (collateral, debt, half_up, 1, lltv, BONUS)
        venue = minter.deploy(project.MockVenue, *terms)
        oracle = minter.deploy(project.SettableOracle, price)
        venue.set_price(price, sender=minter)
        weth.transfer(venue, 10**6 * WAD, sender=roles.lender)
        usdc.mint(venue, 10**10 * USDC, sender=minter)
        factory = minter.deploy(project.Factory, *blueprints, venue)
        router = minter.deploy(
            project.Router, factory, devnet.uniswap_factory, devnet.quoter, devnet.weth
        )
        seed = 15 * WAD // 100 if long else 400 * USDC
        collateral.approve(factory, ENDLESS, sender=minter)
        rules = RULES | TOKENS["ETHBULL" if long else "ETHBEAR"][1]
        factory.create(
            "3x", "T", rules, oracle, roles.treasury, minter, CAP, b"", seed, sender=minter
        )
        token = project.LeveragedToken.at(factory.tokens(0))
        for coin in (weth, usdc, token):
            coin.approve(router, ENDLESS, sender=minter)
        return router, token, venue

    return {
        f"{'long' if long else 'short'} {'half-up' if half_up else 'directional'}": _market(
            long, half_up
        )
        for long in (True, False)
        for half_up in (True, False)
    }


@pytest.fixture(params=["collateral", "debt", "ether"])
def asset(request):
    return request.param


@pytest.fixture(params=["long half-up", "long directional", "short half-up", "short directional"])
def stand(request, market, weth, usdc, asset):
    """The router, the venue, and a way in."""
    router, token, venue = market[request.param]
    collateral, debt = (weth, usdc) if request.param.startswith("long") else (usdc, weth)
    coin = {"collateral": collateral, "debt": debt, "ether": weth}[asset]
    native = asset == "ether"
    way = NATIVE if native else coin.address
    return router, venue, Zap(token, collateral, debt, way, coin == debt, native)


def amount_of(zap: Zap, cents: int) -> int:
    """So much of what is paid."""
    return cents * (WAD // 200_000 if zap.coin.decimals() == 18 else USDC // 100)


def loose(router, zap: Zap) -> list[int]:
    """What lies in the router, the token and the position."""
    holders = router, zap.token, zap.token.position()
    coins = zap.collateral, zap.debt, zap.token
    return [router.balance, *(coin.balanceOf(holder) for coin in coins for holder in holders)]


@given(income=INDEX, cents=CENTS)
def test_mint_exact_in_on_a_coarse_venue_mints_and_leaves_nothing(stand, minter, income, cents):
    """T-W2, T-R3: for a cent as for millions, of no more than the amount, and of nearly all."""
    router, venue, zap = stand
    with undone():
        venue.set_indices(income, income, sender=minter)
        amount = amount_of(zap, cents)
        value = amount if zap.native else 0
        order = (*zap.way, amount, 0, minter, now())
        before = loose(router, zap)
        held = zap.token.balanceOf(minter)

        shares, spent = router.mint_exact_in(*order, sender=minter, value=value).return_value

        assert loose(router, zap) == before
        assert zap.token.balanceOf(minter) == held + shares
        assert shares > 0
        grain = venue.grain()
        # of the grain, in the asset: both tokens' units, at a price of up to 5e8 for one
        dust = 20 + (4 + 2 * grain) * (5 * 10**8 if zap.coin.decimals() == 18 else 1)
        assert amount - amount // 1_000 - dust <= spent <= amount


@given(income=INDEX, cents=CENTS)
def test_mint_and_redeem_on_a_coarse_venue_are_as_quoted(stand, minter, income, cents):
    """I-M7: the grain is in the quotes."""
    router, venue, zap = stand
    with undone():
        venue.set_indices(income, income, sender=minter)
        shares = cents * WAD // 100 * RAY // income
        before = loose(router, zap)
        quoted = router.quote_mint.call(*zap.way, shares)
        value = quoted if zap.native else 0

        paid = router.mint(
            *zap.way, shares, quoted, minter, now(), sender=minter, value=value
        ).return_value
        worth = router.quote_redeem.call(*zap.way, shares)
        got = router.redeem(*zap.way, shares, worth, minter, now(), sender=minter).return_value

        assert paid == quoted
        assert got == worth
        assert loose(router, zap) == before
