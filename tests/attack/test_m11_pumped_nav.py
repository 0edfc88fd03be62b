"""T-M11: pump the NAV of a share within one transaction, and deceive whoever lends against it.

Cream and Resupply valued a vault's share by what lies in the vault, and a gift to it was enough.
Here a gift raises NAV per share as well, at once, by all of it: that is documented and shown, not
prevented. It is not free, since the gift belongs to all shares and stays redeemable: whoever pumps
in order to borrow gives more than it can borrow. What a lender has to fear is the other way round,
shares as a debt. In the middle of a call nothing is told at all, and nobody can lower it.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import ENDLESS, WAD, undone
from tests.attack.purse import nav, report, rounding, supply, true_price

HOLDING = 10_000 * WAD
LENT = Fraction(95, 100)  # of a share's NAV, by somebody careless


@pytest.fixture
def share(devnet, market, token):
    """`share()`: the exact NAV of one, in debt units."""
    return lambda: nav(devnet, market, token) / supply(token)


@given(
    owned=st.fractions(0, 100),
    gift=st.fractions(Fraction(1, 10**6), 10),
    repaid=st.booleans(),
)
def test_m11_pumped_nav_costs_more_than_it_borrows(
    venue, token, market, worth, share, attacker, victim, owned, gift, repaid
):
    """Buy shares, pump, borrow against them from whoever asks the token, and never come back."""
    position = token.position()
    with undone():
        token.mint(HOLDING, ENDLESS, 0, sender=victim)
        wealth = worth(market, token, attacker)
        if shares := int(HOLDING * owned):
            token.mint(shares, ENDLESS, 0, sender=attacker)
        held, owed = venue.books(market, position)
        before = share()
        if repaid:
            venue.repay(market, position, attacker, assets=int(owed * min(gift, 1)))
        else:
            venue.donate(market, position, attacker, int(held * gift))
        pumped = share()
        told = Fraction(token.convertToAssets(shares))
        borrowed = LENT * told * (1 if token.rules().long else true_price(market))
        kept = worth(market, token, attacker) - shares * pumped

    assert pumped > before
    report("m11", market, kept + borrowed - wealth, 0)


def test_m11_pumped_nav_is_all_there(devnet, venue, token, market, worth, share, attacker, victim):
    """Nothing of what is told is air: a share is redeemed for it, but for the fee."""
    token.mint(HOLDING, ENDLESS, 0, sender=victim)
    wealth = worth(market, token, victim)
    gift = venue.books(market, token.position())[0]
    before, supply_before = share(), supply(token)

    venue.donate(market, token.position(), attacker, gift)
    pumped = share()
    told = token.convertToAssets(HOLDING) * (1 if token.rules().long else true_price(market))
    token.redeem(HOLDING, ENDLESS, 0, sender=victim)
    gained = worth(market, token, victim) - wealth

    units = rounding(devnet, market, token)
    arrived = (pumped - before) * supply_before / true_price(market)
    assert abs(arrived - gift) <= venue.grain(token.position())
    said = HOLDING * pumped - 1 - true_price(market) - units
    assert said <= told <= HOLDING * pumped
    least = HOLDING * (pumped * Fraction(999, 1_000) - before)
    assert gained >= least - units


@pytest.mark.parametrize("round_", ["mint", "redeem", "settle"])
def test_m11_pumped_nav_is_never_deflated(devnet, token, market, share, attacker, victim, round_):
    """Whoever is liquidated elsewhere by a share's NAV cannot be so by a caller of ours."""
    token.mint(HOLDING, ENDLESS, 0, sender=victim)
    token.mint(HOLDING, ENDLESS, 0, sender=attacker)
    before = share()

    for part in (1, 10**9, WAD):
        if round_ == "settle":
            token.settle(sender=attacker)
        else:
            getattr(token, round_)(part, ENDLESS, 0, sender=attacker)
        assert share() >= before
