"""T-A6: keep a position that is in danger from being delevered, or have it noticed too late.

At Index every repayment above a threshold was refused, and a trigger by the price's move alone
would be inert at four times leverage. Here the trigger is leverage itself, with the interest to
this very second, and no pause, cap, drained market or gift closes the lane: from the trigger to the
last unit of price before liquidation a fill goes through, of all of it and of a part.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import DAY, ENDLESS, WAD, next_0002, now, set_price, undone, warp_to
from scripts._model import rule_book
from tests.attack.purse import FREE, fault, owed, report
from tests.model.worlds import KINDS

PRICE = 2_000 * 10**24  # of 18 decimals in 6
SHARES = 10_000 * WAD


@pytest.fixture(params=KINDS, ids=["3x", "-3x", "-1x", "1.5x", "5x"])
def stand(request, open_token, minter):
    """A token of each kind at its target, at noon, and its market."""
    long, target, lltv = request.param
    places, price = ((18, 6), PRICE) if long else ((6, 18), 10**72 // PRICE)
    emergency = rule_book.usual_emergency(target, long)
    kind = {"long": long, "target": target, "emergency": emergency, "lltv": lltv}
    token, market = open_token(*places, price, **FREE, **kind)
    token.mint(SHARES, ENDLESS, 0, sender=minter)
    warp_to(next_0002(now()) + DAY // 2)
    return token, market


@pytest.fixture
def span(venue, stand):
    """The highest price at which the lane is open, and the lowest that the venue bears."""
    token, market = stand
    held, debt = venue.books(market, token.position())
    rules = token.rules()
    gearing = rules.emergency if rules.long else rules.emergency + WAD
    # V / (V - D) = g   at   V = D * g / (g - 1)
    highest = debt * gearing * 10**36 // ((gearing - WAD) * held)
    # floor(floor(C * P / 1e36) * lltv) >= D, at a price that the venue can say
    value = -(-debt * WAD // market.lltv)
    lowest = -(-value * 10**36 // held)
    return highest, lowest + -lowest % venue.tick(market)


def drain(venue, market, borrower) -> None:
    """Borrow all that is left, against ten times as much."""
    left = venue.liquidity(market)
    pledge = 10 * left * 10**36 // market.venue_oracle.price()
    market.collateral.mint(borrower, pledge, sender=borrower)
    venue.donate(market, borrower, borrower, pledge)
    venue.borrow(market, borrower, left)


@given(
    depth=st.one_of(st.sampled_from([Fraction(0), Fraction(1)]), st.fractions(0, 1)),
    part=st.fractions(Fraction(1, 1_000), 1),
    hindrances=st.sets(st.sampled_from(["pause", "cap", "drain", "donate", "renounce"])),
)
def test_a6_emergency_fill_goes_through_up_to_the_last_unit_of_price(
    devnet, venue, stand, span, worth, post, owner, minter, stranger, depth, part, hindrances
):
    token, market = stand
    highest, lowest = span
    with undone():
        if "pause" in hindrances:
            token.set_paused(True, sender=owner)
        if "cap" in hindrances:
            token.set_cap(0, sender=owner)
        if "renounce" in hindrances:
            token.renounce_ownership(sender=owner)
        if "drain" in hindrances:
            drain(venue, market, stranger)
        post(market, lowest + int((highest - lowest) * (1 - depth)))
        if "donate" in hindrances and depth > Fraction(1, 10):
            venue.donate(market, token.position(), stranger, 1)
        venue.accrue(market)
        wealth, leverage = worth(market, token, stranger), token.leverage()
        debt = owed(devnet, market, token)
        offer = token.auction()

        brought, taken = token.fill_delever(
            int(offer.brings * part), 0, sender=stranger
        ).return_value
        gain = worth(market, token, stranger) - wealth

        assert leverage >= token.rules().emergency
        assert brought > 0 and taken > 0
        assert token.leverage() < leverage and owed(devnet, market, token) < debt
    report("a6", market, gain, Fraction(offer.premium, WAD) * brought + 1)


def test_a6_liquidation_begins_where_the_lane_was_open_all_the_way(
    venue, stand, span, post, stranger
):
    """Control: a millionth below it the venue liquidates; as little above the trigger, no lane."""
    token, market = stand
    highest, lowest = span
    part = venue.books(market, token.position())[0] // 100

    def seize() -> None:
        with undone():
            venue.liquidate(market, token.position(), stranger, part)

    post(market, highest + highest // 10**6)
    assert token.auction().takes == 0
    post(market, lowest)
    venue.accrue(market)
    refused = fault(seize)
    post(market, lowest - lowest // 10**6)

    assert refused == venue.healthy
    assert fault(seize) == ""


def test_a6_emergency_by_interest_alone_is_noticed(devnet, token, attacker, victim):
    """The price stands still, nobody comes for months, and nothing is written."""
    token.mint(SHARES, ENDLESS, 0, sender=victim)
    while token.auction().takes == 0:
        warp_to(next_0002(now()) + DAY // 2)
        set_price(devnet, "2000")
    offer = token.auction()

    token.fill_delever(ENDLESS, 0, sender=attacker)

    assert offer.premium < 3 * token.rules().emergency_premium  # at once
    assert token.leverage() == pytest.approx(token.rules().target, rel=1e-6)
