"""T-A3: take for nothing, where what is taken rounds to more than what is paid.

At Seamless a repayment of one unit left something that the next caller took for free. Here a taker
brings rounded up and gets rounded down in every fill, and a fill that would bring or take nothing
is refused: many dust fills pay the holders no less than one fill of their sum. Tried on coins whose
units are worth little and much, one of a hundred-millionth of a dear coin against millions.
"""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import WAD, next_0002, now, undone, warp_to
from tests.attack.purse import FREE, fault, report, true_price

PRICE = 2_000  # whole debt coins for a whole coin of collateral
TAKES = 500
OPEN = 45 * 60
EMPTY = {"fill: nothing to take", "fill: no collateral to take"}


@pytest.fixture(params=[(18, 6), (8, 18), (18, 8), (6, 6)])
def stand(request, open_token):
    """A token without fees whose scheduled lane is at its highest premium, and its market."""
    collateral, debt = request.param
    made = open_token(collateral, debt, PRICE * 10 ** (36 + debt - collateral), **FREE)
    warp_to(next_0002(now()) + OPEN)
    return made


@pytest.fixture(params=[True, False], ids=["lever", "delever"])
def opened(venue, stand, post, request):
    """It, off target either way; and which fill that opens."""
    token, market = stand
    post(market, market.venue_oracle.price() * (106 if request.param else 94) // 100)
    venue.accrue(market)
    assert token.auction().levering == request.param
    return token, market, token.fill_lever if request.param else token.fill_delever


def test_a3_dust_takes_pay_no_less_than_one_take_of_their_sum(venue, opened, worth, stranger):
    """I-A6: of up to a hundred of the least fills that take anything, at random."""
    token, market, fill = opened
    levering = token.auction().levering
    price = true_price(market)
    grain = venue.grain(token.position())
    # of what is brought: enough for a unit of what is taken, besides what the venue may round away
    least = int((1 + 2 * grain) * (1 / price if levering else price)) + grain + 1
    random = Random(str(least))
    wealth, brought, taken = worth(market, token, stranger), 0, 0
    with undone():
        for _ in range(TAKES):
            paid, got = fill(least * random.randint(1, 100), 0, sender=stranger).return_value
            assert paid > 0 and got > 0
            brought, taken = brought + paid, taken + got
        gain = worth(market, token, stranger) - wealth
    with undone():
        once = fill(brought, 0, sender=stranger).return_value
        whole = worth(market, token, stranger) - wealth

    assert taken <= once[1]
    report("a3", market, gain - whole, 0)


@given(amount=st.one_of(st.integers(0, 1_000), st.integers(0, 10**20)))
def test_a3_dust_take_pays_the_exact_price_or_more(venue, opened, worth, stranger, amount):
    """I-A5: brought * (1 + premium) >= taken, both at the oracle's price, and never for nothing."""
    token, market, fill = opened
    offer, price = token.auction(), true_price(market)
    with undone():
        refused = fault(lambda: fill(amount, 0, sender=stranger))
        if refused:
            assert refused in EMPTY
            # even at this price there is not a unit in it that the venue may not round away
            grain = venue.grain(token.position())
            brought = max(0, amount - grain)
            worth_ = brought * price if offer.levering else brought / price
            assert worth_ * (1 + Fraction(offer.premium, WAD)) < 2 + grain
            return
    paid, got = fill.call(amount, 0, sender=stranger)

    assert 0 < paid <= amount and got > 0
    values = (paid * price, got) if offer.levering else (paid, got * price)
    assert values[0] * (1 + Fraction(offer.premium, WAD)) >= values[1]
    report("a3", market, values[1] - values[0] * (1 + Fraction(offer.premium, WAD)), 0)
