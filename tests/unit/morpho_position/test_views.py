"""What the venue says of itself: price, what is left to borrow, and when it liquidates."""

from fractions import Fraction

import ape
import pytest

from scripts._devnet import DAY, USDC, WAD, now, set_price, warp_to
from tests.unit.morpho_position.markets import drain, liquidate, open_market, use_market

PRICE = 2_000 * 10**24


def test_price_is_the_markets_own(devnet, position):
    set_price(devnet, "1234.5")

    assert position.price() == devnet.long.venue_oracle.price() == 12345 * 10**23


def test_price_is_there_when_the_feeds_are_stale(position):
    warp_to(now() + 30 * DAY)

    assert position.price() == PRICE


def test_price_reverts_with_the_markets_oracle(devnet, position, token):
    devnet.eth_feed.set_failing(True, sender=token)

    with ape.reverts("feed: told to fail"):
        position.price(skip_trace=True)


@pytest.mark.parametrize("left", [0, 1, 12_345 * USDC])
def test_liquidity_is_what_is_left_to_borrow(devnet, market, position, left):
    drain(devnet, market, left)

    assert position.liquidity() == left


def test_liquidity_is_not_changed_by_interest(position, token):
    before = position.liquidity()
    warp_to(now() + 365 * DAY)

    assert position.liquidity() == before
    position.accrue(sender=token)
    assert position.liquidity() == before


def test_grain_is_none(position, token):
    """A move loses less than a unit: collateral is exact, and debt is counted in finer shares."""
    assert position.grain() == 0
    assert position.accrue.call(sender=token) == (*position.balances(), 0)


def exact_bonus(lltv: int) -> int:
    """min(1.15, 1 / (1 - 0.3 * (1 - lltv))) - 1"""
    factor = 1 / (1 - Fraction(3, 10) * (1 - Fraction(lltv, WAD)))
    return (min(Fraction(115, 100), factor) - 1) * WAD // 1


def test_liquidation_of_the_devnets_markets_is_by_morphos_formula(devnet, deploy):
    for market, lltv in ((devnet.long, 860), (devnet.short, 915)):
        limit = lltv * WAD // 1_000

        assert tuple(deploy(market).liquidation()) == (limit, exact_bonus(limit))


@pytest.mark.parametrize("points", [385, 980])  # the bonus is cut off at 15 % below 56.5 %
def test_liquidation_of_any_market_is_by_morphos_formula(devnet, coins, deploy, points):
    lltv = points * WAD // 1_000
    market = open_market(devnet, *coins, PRICE, lltv)
    use_market(devnet, market, lent=10**12, borrowed=10_000)

    assert tuple(deploy(market).liquidation()) == (lltv, exact_bonus(lltv))


def test_liquidation_pays_the_bonus_that_it_says(devnet, market, levered, weth, usdc, taker):
    _, bonus = levered.liquidation()
    set_price(devnet, "1100")
    purse = weth.balanceOf(taker), usdc.balanceOf(taker)

    liquidate(devnet, market, levered.address, taker, WAD)

    seized = (weth.balanceOf(taker) - purse[0]) * 1_100 * USDC // WAD
    paid = purse[1] - usdc.balanceOf(taker)
    assert seized / paid - 1 == pytest.approx(bonus / WAD, rel=1e-6)
