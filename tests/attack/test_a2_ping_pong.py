"""T-A2: trade back and forth around the target, and take the premium each time.

A fill that is sized without its premium goes past the target, and the next one may go back. Here
the size allows for what the premium takes, and no fill leaves anything open on the other side:
whatever is called in whatever order, a taker gets the premium of the gap once. When the price
itself goes back and forth, each way is a gap of its own: then the day's parcel is the bound,
whichever way it is filled.
"""

from fractions import Fraction

import ape
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import ENDLESS, WAD, next_0002, now, set_price, undone, warp_to
from tests.attack.fills import fill_part
from tests.attack.purse import report, true_price

HOLDING = 10_000 * WAD
RAMP = 45 * 60
EMERGENCY = 2  # of ILeveragedToken.Lane
SHUT = {True: "fill: not open for levering", False: "fill: not open for delevering"}

moves = st.one_of(st.integers(-900, 900), st.integers(-2_200, 2_200))  # hundredths of a percent
parts = st.lists(st.tuples(st.booleans(), st.integers(1, 10_000)), min_size=2, max_size=8)


def premium_of(token) -> Fraction:
    """The premium of what is open, or nothing where the token earns by it."""
    return Fraction(max(0, token.auction().premium), WAD)


def premium_end(token) -> Fraction:
    return Fraction(token.rules().premium_end, WAD)


def value(market, offer) -> Fraction:
    """What an offer asks for, in debt."""
    return offer.brings * true_price(market) if offer.levering else Fraction(offer.brings)


@pytest.fixture
def held(token, victim):
    token.mint(HOLDING, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()))
    return token


@given(move=moves, elapsed=st.integers(0, 2 * 3_600 - 1), parts=parts)
def test_a2_ping_pong_at_one_price_earns_one_premium(
    devnet, venue, held, market, worth, attacker, move, elapsed, parts
):
    """Parts of what is open, in ten-thousandths, each way as often as it is tried."""
    token = held
    with undone():
        warp_to(now() + elapsed)
        set_price(devnet, str(2_000 * (1 + move / 10_000)))
        venue.accrue(market)
        first = token.auction()
        bound = premium_of(token) * value(market, first)
        wealth = worth(market, token, attacker)
        for levering, part in parts:
            offer = token.auction()
            if offer.takes and offer.levering == levering:
                assert levering == first.levering
                fill_part(token, attacker, Fraction(part, 10_000))
            else:
                fill = token.fill_lever if levering else token.fill_delever
                with ape.reverts(SHUT[levering]):
                    fill.call(ENDLESS, 0, sender=attacker, skip_trace=True)
        gain = worth(market, token, attacker) - wealth

    report("a2", market, gain, bound + 1)


@pytest.mark.parametrize("swing", [3, 6, 12])
@pytest.mark.parametrize("part", [Fraction(1), Fraction(999, 1_000), Fraction(1, 2)])
def test_a2_ping_pong_of_the_price_fills_one_parcel(
    devnet, venue, held, market, worth, attacker, swing, part
):
    """Every five minutes it is up or down by `swing` percent, and the taker fills `part`.

    An emergency is no part of the day, and pays its own premium for what it needs.
    """
    token = held
    warp_to(now() + RAMP)
    parcel, scheduled, emergencies = 0, 0, Fraction(0)
    gain, ways = Fraction(0), set[bool]()
    for step in range(15):
        set_price(devnet, str(2_000 + (20 if step % 2 else -20) * swing))
        venue.accrue(market)
        offer, bound = token.auction(), premium_of(token)
        wealth = worth(market, token, attacker)
        if offer.lane != EMERGENCY:
            parcel = parcel or (offer.takes if offer.levering else offer.brings)
        filled = fill_part(token, attacker, part)
        gain += worth(market, token, attacker) - wealth
        ways |= {offer.levering} if filled else set()
        if offer.lane == EMERGENCY:
            emergencies += bound * filled
        else:
            scheduled += filled
        warp_to(now() + 300)

    assert 0 < scheduled <= parcel + 1
    assert part == 1 or ways == {True, False}
    report("a2", market, gain, premium_end(token) * parcel + emergencies + 15)
