"""T-A10: force a rebalance that pays by a donation, and fill it.

Whoever adds collateral worth d to the position, or repays d of its debt, moves its leverage down
and may open the lever lane; a fill of the gap then earns the premium. With G the gearing at the
band's edge, it can fill at most

    (G - 1) * d / (1 + G * premium)    after a gift of collateral
          G * d / (1 + G * premium)    after a repayment

so that premium * fill < d whatever the premium is. Tried at the highest that can be created, with
every kind of token, in and out of its band, by those who own most of the shares too: their gift is
mostly their own again, and so is the premium that they pay.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import ENDLESS, WAD, next_0002, now, undone, warp_to
from scripts._model import rule_book
from tests.attack.fills import fill_all
from tests.attack.purse import FREE, report, supply, true_price
from tests.model.worlds import KINDS

PRICE = 2_000 * 10**24  # of 18 decimals in 6
WINDOW = 2 * 3_600
STEEPEST = FREE | {
    "premium_start": rule_book.MAX_PREMIUM,
    "premium_end": rule_book.MAX_PREMIUM,
    "window": WINDOW,
}

# How much of collateral or of debt is given: from a unit to half of it.
gifts = st.one_of(st.integers(1, 100), st.fractions(0, Fraction(1, 2)))


@pytest.fixture(params=KINDS, ids=["3x", "-3x", "-1x", "1.5x", "5x"])
def kind(request, open_pair):
    """Rules but for the band, and a market of its own."""
    long, target, lltv = request.param
    places, price = ((18, 6), PRICE) if long else ((6, 18), 10**72 // PRICE)
    emergency = rule_book.usual_emergency(target, long)
    rules = STEEPEST | {"long": long, "target": target, "emergency": emergency}
    return rules, open_pair(*places, price, lltv)


@given(
    width=st.integers(1, 999),
    move=st.integers(-600, 600),
    gift=gifts,
    repaid=st.booleans(),
    owned=st.sampled_from([0, 1, 100]),
    filled_before=st.booleans(),
)
def test_a10_donation_costs_more_than_the_fill_that_it_opens(
    venue, kind, create, worth, post, stranger, width, move, gift, repaid, owned, filled_before
):
    """Against the same without the gift.

    `move` is of the price, in hundredths of a percent, `width` of the band, in thousandths of the
    widest.
    """
    rules, market = kind
    room = min(rule_book.MAX_BAND, rules["emergency"] * WAD // rules["target"] - WAD)
    with undone():
        token = create(market, **rules, band=room * width // 1_000)
        position = token.position()
        warp_to(next_0002(now()) + WINDOW - 1)
        price = market.venue_oracle.price() * (10_000 + move) // 10_000
        post(market, price)
        venue.accrue(market)
        gains = []
        for given_ in (0, gift):
            with undone():
                wealth = worth(market, token, stranger)
                if owned:
                    token.mint(owned * supply(token), ENDLESS, 0, sender=stranger)
                if filled_before:
                    fill_all(token, stranger)
                whole = venue.books(market, position)[repaid]
                amount = given_ if isinstance(given_, int) else int(given_ * whole)
                if amount:  # what the venue may round to nothing is none
                    amount += venue.grain(position)
                if amount and repaid:
                    venue.repay(market, position, stranger, assets=min(amount, whole))
                elif amount:
                    venue.donate(market, position, stranger, amount)
                fill_all(token, stranger)
                if owned:
                    token.redeem(token.balanceOf(stranger), ENDLESS, 0, sender=stranger)
                gains.append(worth(market, token, stranger) - wealth)

    # a unit of each coin: the comparison's own calls are rounded too
    report("a10", market, gains[1] - gains[0], 1 + true_price(market))


@pytest.mark.parametrize("repaid", [False, True])
def test_a10_donation_within_the_window_opens_what_it_pays_for(
    devnet, venue, token, market, worth, attacker, repaid
):
    """The tokens as they are: a gift of a twentieth, and the fill at the best premium."""
    warp_to(next_0002(now()) + WINDOW - 1)
    devnet.eth_feed.refresh(sender=devnet.roles.deployer)
    venue.accrue(market)
    wealth = worth(market, token, attacker)
    whole = venue.books(market, token.position())[repaid]

    if repaid:
        venue.repay(market, token.position(), attacker, assets=whole // 20)
    else:
        venue.donate(market, token.position(), attacker, whole // 20)
    lost = wealth - worth(market, token, attacker)
    gained = fill_all(token, attacker)
    gain = worth(market, token, attacker) - wealth

    assert gained and token.auction().takes == 0
    assert -lost < gain < -lost * 9 / 10
    report("a10", market, gain, 0)
