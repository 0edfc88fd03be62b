"""T-M5: mint where there is nothing left, or where the venue does not yet know that there is not.

At Seamless shares could be minted after a complete liquidation. Here a position without collateral
takes no mint, and redeeming from it pays what there is: nothing. With a unit of collateral given to
it, shares are as cheap as they are worthless. And while the venue's oracle is late, minting borrows
no more against a collateral than the venue lends to anybody: holders stand as they stood.
"""

import ape
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import ENDLESS, WAD, set_price, undone
from tests.attack.purse import FREE, backing, fault, report, supply, true_price

PRICE = 2_000 * 10**24  # raw USDC-like units for a raw unit of an ether-like coin, times 1e36


@pytest.fixture
def holder(token, minter):
    """With most of the shares."""
    token.mint(1_000 * WAD, ENDLESS, 0, sender=minter)
    return minter


@pytest.fixture
def wiped(devnet, venue, token, market, holder, taker):
    """Liquidated to the last unit of collateral, with bad debt, which the venue may write off."""
    set_price(devnet, "1000" if token.rules().long else "4000")
    venue.wipe(market, token.position(), taker)
    held, debt = venue.books(market, token.position())
    assert held == 0 and (debt == 0) == venue.writes_off
    return token


@pytest.mark.parametrize("shares", [1, 10**6, WAD, 10**6 * WAD, 2**112])
def test_m5_mint_into_a_wiped_position_is_refused(wiped, attacker, shares):
    with ape.reverts("mint: position is empty" if shares <= wiped.cap() else "mint: cap exceeded"):
        wiped.mint.call(shares, ENDLESS, 0, sender=attacker, skip_trace=True)


def test_m5_redeem_from_a_wiped_position_pays_nothing(venue, wiped, holder):
    """Nor does it cost more than the holder allows, where the venue leaves a debt."""
    balance = wiped.balanceOf(holder)
    refused = fault(lambda: wiped.redeem.call(balance, 0, 0, sender=holder, skip_trace=True))

    brought, taken = wiped.redeem(balance, ENDLESS, 0, sender=holder).return_value

    assert refused == ("" if venue.writes_off else "redeem: debt above max")
    assert taken == 0 and (brought == 0) == venue.writes_off
    assert wiped.balanceOf(holder) == 0


@pytest.mark.parametrize("gift", [1, 10**6, 10**12])
def test_m5_mint_into_a_revived_position_takes_nothing(
    venue, wiped, market, worth, attacker, holder, gift
):
    """The attacker gives it some collateral, so that it mints: shares at a unit the thousand.

    Where the venue leaves a debt that is worth more than the gift, it lends nothing on it.
    """
    wealth = worth(market, wiped, attacker)
    before = worth(market, wiped, holder)

    venue.donate(market, wiped.position(), attacker, gift + venue.grain(wiped.position()))
    kept = worth(market, wiped, holder) - before
    shares = supply(wiped) * 1_000
    refused = fault(lambda: wiped.mint(shares, ENDLESS, 0, sender=attacker))
    if not refused:
        wiped.redeem(wiped.balanceOf(attacker), ENDLESS, 0, sender=attacker)

    assert kept > 0 or not venue.writes_off
    assert refused == "" if kept else refused in (venue.ill, venue.nothing)
    assert worth(market, wiped, holder) - before >= kept
    report("m5", market, worth(market, wiped, attacker) - wealth, 0)


@given(fall=st.integers(34, 90))
def test_m5_mint_at_a_late_venue_price_takes_no_more_than_the_venue_lends(
    devnet, open_token, stranger, fall
):
    """The price is down by `fall` percent: more is owed than held, and the venue does not know."""
    with undone():
        token, market = open_token(18, 6, PRICE, **FREE)
        true = true_price(market) * (100 - fall) / 100
        before = backing(devnet, market, token)

        collateral, debt = token.mint(10**6 * WAD, ENDLESS, 0, sender=stranger).return_value
        gain = debt - collateral * true
        alone = collateral * true_price(market) * market.lltv / WAD - collateral * true

        after = backing(devnet, market, token)
        assert after[0] >= before[0] and after[1] <= before[1]
    # what anybody gets from the lenders for the same collateral, without us
    assert gain <= alone
