"""T-V2: borrow everything, so that the rate rises until the position is liquidated at a flat price.

Morpho's adaptive curve goes up to eight times a year at full use of a market, Aave's here to two
thirds. Here leverage is that
of the debt with all its interest: it passes the emergency trigger days before the venue's LLTV, and
one fill sets it back. The attacker owes what it has borrowed at the same rate: for each dollar that
it costs the token, it pays for the whole market.
"""

from fractions import Fraction

import pytest

from scripts._devnet import DAY, ENDLESS, WAD, now, refresh, set_price, undone, warp_to
from tests.attack.purse import fault, report, true_price

EMERGENCY = 2  # the lane
HOUR = 3_600
HOURS = 120 * 24
LEAST_TIME = 24  # hours from the trigger to liquidation


@pytest.fixture
def spiked(venue, token, market, victim, attacker):
    """The attacker has borrowed all there is, and the rate is at its highest."""
    token.mint(9_000 * WAD, ENDLESS, 0, sender=victim)
    pledge = market.collateral.balanceOf(attacker) // 2
    venue.donate(market, attacker, attacker, pledge)
    venue.accrue(market)
    venue.borrow(market, attacker, venue.liquidity(market))
    venue.raise_rate(market)
    return token


def ltv(venue, market, token) -> Fraction:
    held, owed = venue.books(market, token.position())
    return Fraction(owed) / (held * true_price(market))


def trigger_ltv(token) -> Fraction:
    """At the emergency leverage: D / V = (g - 1) / g."""
    rules = token.rules()
    gearing = Fraction(rules.emergency, WAD) + (not rules.long)
    return (gearing - 1) / gearing


def hours_until(holds) -> int:
    """The first hour from now at which `holds` is true, by halving; it stays true from there on."""
    low, high, start = 0, HOURS, now()
    while high - low > 1:
        middle = (low + high) // 2
        with undone():
            warp_to(start + middle * HOUR)
            low, high = (low, middle) if holds() else (middle, high)
    return high


def test_v2_rate_spike_opens_the_emergency_lane_days_before_liquidation(
    devnet, venue, spiked, market, attacker
):
    token = spiked

    trigger, ruin = (
        hours_until(lambda: ltv(venue, market, token) > limit)  # noqa: B023
        for limit in (trigger_ltv(token), Fraction(market.lltv, WAD))
    )

    assert trigger + LEAST_TIME <= ruin < HOURS
    warp_to(now() + trigger * HOUR)
    refresh(devnet)
    assert token.auction().lane == EMERGENCY


def test_v2_rate_spike_costs_the_attacker_more_than_it_can_fill_for(
    devnet, venue, spiked, market, worth, attacker
):
    """It waits until the lane is open, fills at once, gives all back and counts."""
    token = spiked
    before = worth(market, token, attacker)
    limit = trigger_ltv(token)
    warp_to(now() + hours_until(lambda: ltv(venue, market, token) > limit) * HOUR)
    refresh(devnet)

    token.fill_delever(ENDLESS, 0, sender=attacker)
    after = token.leverage()
    shares = venue.units(market, attacker)
    venue.repay(market, attacker, attacker, units=shares)

    assert after == pytest.approx(token.rules().target, rel=1e-5)
    report("v2", market, worth(market, token, attacker) - before, 0)


def test_v2_rate_spike_leaves_every_door_out_open(devnet, spiked, victim):
    warp_to(now() + 7 * DAY)
    set_price(devnet, "2000")

    refused = fault(lambda: spiked.redeem(spiked.balanceOf(victim), ENDLESS, 0, sender=victim))

    assert refused == ""
    assert spiked.balanceOf(victim) == 0
