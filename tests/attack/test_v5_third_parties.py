"""T-V5: change a position from outside, so that the token's own books are wrong.

On a venue anybody may add collateral to a position, repay its debt and, when it is beyond the LLTV,
liquidate it. Here the token keeps no books: it reads collateral and debt from the venue in each
call. So what strangers do is a change of what all shares are worth and of nothing else; who comes
and goes around it gains nothing, and pays for what it gives.
"""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scripts._devnet import ENDLESS, WAD, now, undone, warp_to
from tests.attack.purse import FREE, report, supply

PRICE = 2_000 * 10**24  # of 18 decimals in 6

parts = st.fractions(Fraction(1, 10**6), 1)
deeds = st.tuples(st.sampled_from(["donate", "repay", "mint", "redeem", "settle", "wait"]), parts)


@pytest.fixture
def made(open_token, minter):
    token, market = open_token(18, 6, PRICE, **FREE)
    token.mint(1_000 * WAD, ENDLESS, 0, sender=minter)
    return token, market


def act(venue, market, token, who, deed: str, part: Fraction) -> None:
    """A stranger's deed, of a size that is a part of what there is."""
    held, owed = venue.books(market, token.position())
    borrowed = venue.units(market, token.position())
    if deed == "donate":
        venue.donate(market, token.position(), who, max(1, int(held * part)))
    elif deed == "repay" and borrowed:
        venue.repay(market, token.position(), who, units=max(1, int(borrowed * part)))
    elif deed == "mint":
        token.mint(max(1, int(token.totalSupply() * part)), ENDLESS, 0, sender=who)
    elif deed == "redeem" and token.balanceOf(who):
        token.redeem(max(1, int(token.balanceOf(who) * part)), ENDLESS, 0, sender=who)
    elif deed == "settle":
        token.settle(sender=who)
    elif deed == "wait":
        warp_to(now() + int(86_400 * part))


@given(story=st.lists(deeds, min_size=1, max_size=8))
@example(story=[("mint", Fraction(1)), ("repay", Fraction(1)), ("redeem", Fraction(1))])
@example(story=[("donate", Fraction(1)), ("mint", Fraction(1, 10**6)), ("redeem", Fraction(1))])
def test_v5_strangers_deeds_are_read_and_pay_nobody(venue, made, worth, stranger, minter, story):
    token, market = made
    with undone():
        wealth, held = worth(market, token, stranger), worth(market, token, minter)
        others = [deed for deed, _ in story if deed == "wait"]
        for deed, part in story:
            act(venue, market, token, stranger, deed, part)
            collateral, debt = venue.books(market, token.position())
            told, grain = token.preview_redeem(WAD), venue.grain(token.position())
            brings, takes = -(-debt * WAD // supply(token)), collateral * WAD // supply(token)
            assert told[0] == min(brings + grain, max(brings, debt))
            assert told[1] == takes - grain
        if token.balanceOf(stranger):
            token.redeem(token.balanceOf(stranger), ENDLESS, 0, sender=stranger)

        gain = worth(market, token, stranger) - wealth
        if not others:  # interest goes to lenders
            assert worth(market, token, minter) >= held - 1
    report("v5", market, gain, 0)


@pytest.mark.parametrize("part", [Fraction(1, 3), Fraction(1, 2), Fraction(9, 10)])
def test_v5_liquidation_is_read_and_pays_no_more_than_the_bonus(
    venue, made, post, worth, stranger, minter, part
):
    """By somebody who holds shares too: what it takes as liquidator, all holders lose."""
    token, market = made
    token.mint(500 * WAD, ENDLESS, 0, sender=stranger)
    bonus = venue.bonus(market)
    post(market, PRICE * 76 // 100)  # the LTV is 87.7 %
    wealth = worth(market, token, stranger)
    held, owed = venue.books(market, token.position())

    venue.liquidate(market, token.position(), stranger, int(held * part))
    repaid = owed - venue.books(market, token.position())[1]
    gain = worth(market, token, stranger) - wealth

    assert 0 < gain <= repaid * bonus + 2
    brought, taken = token.redeem(token.balanceOf(minter), ENDLESS, 0, sender=minter).return_value
    assert taken > 0
