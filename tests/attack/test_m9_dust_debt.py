"""T-M9: leave a crumb of debt behind, so that the collateral cannot leave.

On Morpho one share of debt is enough for a health check, and with it for an oracle: repaid by
assets, a debt is rounded so that a share stays. Here a redemption's part of the debt is rounded up,
and where that is all there is it is repaid by shares, or on Aave by its grain more. So a griefer
who repays all but a crumb has the next holder repay a unit, and from then on no redemption needs an
oracle at all. Collateral never leaves before its debt: with debt there is collateral, and LTV does
not rise.
"""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scripts._devnet import ENDLESS, WAD, undone
from tests.attack.purse import FREE, fault, report

PRICE = 2_000
SHARES = 10**6 * WAD

crumbs = st.one_of(st.integers(0, 100), st.integers(0, 10**9))  # shares of debt
parts = st.lists(st.fractions(Fraction(1, 10**6), 1), min_size=1, max_size=6)


@pytest.fixture(params=[(18, 6), (8, 18), (18, 8)])
def stand(request, open_token, minter, stranger):
    """A token without fees; minter and stranger have shares of it."""
    collateral, debt = request.param
    token, market = open_token(collateral, debt, PRICE * 10 ** (36 + debt - collateral), **FREE)
    for account in (minter, stranger):
        token.mint(SHARES, ENDLESS, 0, sender=account)
    return token, market


@given(crumb=crumbs, parts=parts)
@example(crumb=1, parts=[Fraction(1, 10**6), Fraction(1)])
def test_m9_crumb_of_debt_never_keeps_collateral_back(
    venue, stand, worth, minter, stranger, crumb, parts
):
    token, market = stand
    position = token.position()
    with undone():
        wealth = worth(market, token, stranger)
        shares = venue.units(market, position)
        venue.repay(market, position, stranger, units=shares - crumb)

        for part in [*parts, 1]:
            held, owed = venue.books(market, position)
            amount = int(token.balanceOf(minter) * part)
            if amount:
                token.redeem(amount, ENDLESS, 0, sender=minter)
            held_after, owed_after = venue.books(market, position)
            assert held_after > 0
            # the venue's rounding of its shares is less than one unit
            assert (owed_after - 1) * held <= owed * held_after

        token.redeem(token.balanceOf(stranger), ENDLESS, 0, sender=stranger)
        gain = worth(market, token, stranger) - wealth
    report("m9", market, gain, 0)


@pytest.mark.parametrize("crumb", ["nothing", "the least", "a coin's least"])
def test_m9_crumb_of_debt_needs_no_oracle(venue, stand, minter, stranger, crumb):
    """The venue's oracle is dead, and a crumb does not make it needed."""
    token, market = stand
    position = token.position()
    shares = venue.units(market, position)
    market.venue_oracle.set_price(0, sender=stranger)
    left = {"nothing": 0, "the least": 1, "a coin's least": venue.whole}[crumb]
    redeem = lambda: token.redeem.call(WAD, ENDLESS, 0, sender=minter, skip_trace=True)  # noqa: E731
    assert fault(market.venue_oracle.price) == fault(redeem) == venue.priceless

    venue.repay(market, position, stranger, units=shares - left)
    for account in (minter, stranger):
        token.redeem(token.balanceOf(account), ENDLESS, 0, sender=account)

    assert venue.units(market, position) == 0
    assert token.balanceOf(minter) == token.balanceOf(stranger) == 0
