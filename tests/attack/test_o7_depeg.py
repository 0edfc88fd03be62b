"""T-O7: a coin that should be worth one dollar is worth less, and a feed does not know.

A price of ether in dollars is no price in USDC: when that was at 0.88 in March 2023, whoever could
repay debt in it at par had twelve percent for nothing. Here each of the pair's two coins has a feed
of its own, and a token of the devnet asks both. The same trade is tried on a token whose creator
took the dollar for granted, and pays there.
"""

from dataclasses import replace
from fractions import Fraction

import pytest
from ape import project
from ape.utils import ZERO_ADDRESS

from scripts._devnet import ENDLESS, ETH_BOUNDS, ETH_HEARTBEAT, USD, WAD, next_0002, now, warp_to
from tests.attack.fills import best_gain
from tests.attack.purse import report, true_price

PEGS = [50, 88, 150]  # cents; the devnet's bounds are 50 cents and 2 dollars
OPEN = 0  # seconds into the lane: the premium is lowest, all gain comes of the price


@pytest.fixture
def granted(devnet, long_market, ballast, create, minter, weth):
    """A token of ETHBULL's rules, priced by ether's feed alone."""
    leg, none = (devnet.eth_feed, ETH_HEARTBEAT, *ETH_BOUNDS), (ZERO_ADDRESS, 0, 0, 0)
    oracle = minter.deploy(
        project.ChainlinkOracle, devnet.weth, devnet.usdc, leg, none, ZERO_ADDRESS, 0
    )
    weth.approve(ballast.factory, ENDLESS, sender=minter)
    market = replace(long_market, fill_oracle=oracle)
    return create(market, seed=10 * WAD), market


def depeg(devnet, sender, cents: int, dollars: int) -> None:
    """USDC and ether are worth so much, and the feeds say so."""
    warp_to(next_0002(now()) + OPEN)
    devnet.eth_feed.post(dollars * USD, sender=sender)
    devnet.usdc_feed.post(cents * USD // 100, sender=sender)


@pytest.mark.parametrize("dollars", [1_900, 2_000, 2_150])
@pytest.mark.parametrize("cents", PEGS)
def test_o7_depeg_leaves_a_taker_the_premium_alone(
    devnet, token, market, attacker, victim, cents, dollars
):
    """As the lane opens the premium is negative; in an emergency it is bounded by the bonus."""
    token.mint(1_000 * WAD, ENDLESS, 0, sender=victim)
    depeg(devnet, attacker, cents, dollars)
    truth = true_price(market)
    # of a token that looks insolvent it says why, instead of an offer
    offer = token.auction() if token.totalAssets() > 0 else None

    gain = best_gain(devnet, market, token, attacker, truth)

    brought = 0 if offer is None or offer.levering else offer.brings
    premium = Fraction(max(offer.premium, 0), WAD) if offer else 0
    assert gain <= brought * premium
    report("o7", market, gain - brought * premium, 0)


def test_o7_depeg_that_the_oracle_does_not_know_pays_the_taker(devnet, granted, attacker):
    """Ether at 1,900 dollars and USDC at 95 cents: nothing has happened, and it would delever."""
    token, market = granted
    devnet.weth.approve(token, ENDLESS, sender=attacker)
    devnet.usdc.approve(token, ENDLESS, sender=attacker)
    depeg(devnet, attacker, 95, 1_900)

    gain = best_gain(devnet, market, token, attacker, true_price(market))

    assert gain > 0
