"""T-V4: gain by a venue's oracle that is dead, or says too much.

A venue asks it before it lends and before it lets collateral go, and trusts it. Here a token is
made only where it agrees with the token's own within 2 %. What it does later is the market's: dead,
it keeps holders in for as long as there is debt, and nobody can take anything meanwhile; whoever
repays the debt opens the door. Too high, it lets others borrow too much; us it does not move, since
the size of a fill is by the token's own oracle. Lens tells of both oracles, so that whoever watches
sees it happen.
"""

from fractions import Fraction

import pytest

from scripts._devnet import ENDLESS, WAD, next_0002, now, warp_to
from scripts._lens import Fault
from tests.attack.fills import best_gain
from tests.attack.purse import FREE, fault, report

PRICE = 2_000 * 10**24  # of 18 decimals in 6
TRUTH = Fraction(PRICE, 10**36)
SHARES = 1_000 * WAD


@pytest.fixture
def made(open_token, minter):
    """A token without fees, and its market; the minter holds nearly all of it."""
    token, market = open_token(18, 6, PRICE, **FREE)
    token.mint(SHARES, ENDLESS, 0, sender=minter)
    return token, market


@pytest.mark.parametrize("move", [-8, 0, 8], ids=["above", "at target", "below"])
@pytest.mark.parametrize("says", [0, 2 * PRICE, 10**12 * PRICE], ids=["dead", "twice", "1e12"])
def test_v4_oracle_of_the_venue_alone_gives_a_taker_nothing(
    devnet, made, worth, stranger, says, move
):
    """When the lane opens: its premium is below zero. Besides he can mint, and redeem."""
    token, market = made
    warp_to(next_0002(now()))
    market.fill_oracle.set_price(PRICE * (100 + move) // 100, sender=stranger)
    market.venue_oracle.set_price(says, sender=stranger)
    truth = TRUTH * (100 + move) / 100
    wealth = worth(market, token, stranger, truth)

    gain = best_gain(devnet, market, token, stranger, truth)
    if not fault(lambda: token.mint(WAD, ENDLESS, 0, sender=stranger)):
        token.redeem(WAD, ENDLESS, 0, sender=stranger)

    report("v4", market, gain, 0)
    report("v4", market, worth(market, token, stranger, truth) - wealth, 0)


def test_v4_dead_oracle_keeps_all_in_until_the_debt_is_repaid(venue, made, minter):
    """The holder's own way out: one repayment, which the others' shares take a part of."""
    token, market = made
    market.venue_oracle.set_price(0, sender=minter)
    assert fault(market.venue_oracle.price) == venue.priceless
    leave = (SHARES, ENDLESS, 0)
    shut = fault(lambda: token.redeem.call(*leave, sender=minter, skip_trace=True))
    position = token.position()
    held = venue.held(market, position) * SHARES // token.totalSupply()

    shares = venue.units(market, position)
    venue.repay(market, position, minter, units=shares)
    brought, taken = token.redeem(*leave, sender=minter).return_value

    assert shut == venue.priceless
    assert (brought, taken) == (0, held - venue.grain(position))
    assert token.balanceOf(minter) == 0


@pytest.mark.parametrize("says", [10**12 * PRICE, PRICE // 10**12, 0])
@pytest.mark.parametrize("points", [-3, 3])
def test_v4_venue_that_disagrees_makes_no_token(
    venue, ballast, open_pair, creation, minter, says, points
):
    market = open_pair(18, 6, PRICE)
    for price in (says, PRICE * (100 + points) // 100):
        market.venue_oracle.set_price(price, sender=minter)
        order = creation(market)
        refused = fault(lambda: ballast.factory.create.call(*order, sender=minter))  # noqa: B023
        assert refused == (venue.priceless if price == 0 else "factory: oracles disagree")


@pytest.mark.parametrize("says", [0, PRICE * 103 // 100, 10**12 * PRICE])
def test_v4_oracle_that_dies_or_lies_is_seen_by_lens(ballast, made, minter, says):
    """Everything else of the token, and of others, is told as before."""
    token, market = made
    (before,) = ballast.lens.states([token])

    market.venue_oracle.set_price(says, sender=minter)

    (state,) = ballast.lens.states([token])
    assert state.faults == (0 if says else Fault.VENUE_PRICE)
    assert (state.venue_price, state.price) == (says, PRICE)
    assert state[2:6] == before[2:6]
    assert state[7:] == before[7:]
