"""T-M1: make a share so dear by a donation that the next minter's are rounded away.

Resupply lost 9.56 million dollars and Sonne 20 to it: in an empty vault the first share is cheap,
and a gift to the vault makes it worth more than a victim brings. Here the position's address can be
known and filled before there is a token, and anybody may add collateral at any time. But the seed
is minted and locked in the transaction that creates the token, users name the shares that they
want, and what these cost is rounded by a unit: a donor gives to the seed, and can take nothing.
"""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scripts._devnet import ENDLESS, POOL_FEE, WAD, now, undone
from tests.attack.purse import FREE, fault, report, rounding, true_price
from tests.first_child import first_child

PAIRS = [(18, 6), (8, 18), (18, 8)]
PRICE = 2_000  # whole debt coins for a whole coin of collateral
MOST = 10**12  # whole coins: beyond that Morpho's own products do not fit a word
TOLERANCE = 200  # one in so many: how much less than told the victim takes

# Raw units, or a part of the most that there is.
amounts = st.one_of(st.integers(0, 100), st.fractions(0, 1))


@pytest.fixture(params=PAIRS)
def pair(request, open_pair):
    """Coins of odd decimals, of which everybody has more than there is."""
    collateral, debt = request.param
    market = open_pair(collateral, debt, PRICE * 10 ** (36 + debt - collateral))
    return market


@given(
    gifts=st.tuples(amounts, amounts, amounts),
    dust=st.integers(1, 100),
    wanted=st.integers(1, 10**6 * WAD),
)
@example(gifts=(1, 0, Fraction(1)), dust=1, wanted=1)
@example(gifts=(Fraction(1), Fraction(1), Fraction(1)), dust=1, wanted=WAD)
def test_m1_donation_around_a_first_mint_costs_the_minter_units(
    devnet, venue, ballast, pair, creation, create, worth, stranger, taker, gifts, dust, wanted
):
    """Before creation, to the venue and to the bare address; and after the attacker's own mint."""
    collateral = pair.collateral
    most = MOST * 10 ** collateral.decimals()
    before, loose, after = (int(gift if isinstance(gift, int) else gift * most) for gift in gifts)
    with undone():
        for account in (stranger, taker):
            collateral.mint(account, 10**9 * most, sender=account)
        told = ballast.factory.create.call(*creation(pair, **FREE), sender=devnet.roles.trader)
        position = first_child(told)
        purse = collateral.balanceOf(stranger) * true_price(pair)
        if before:
            venue.donate(pair, position, stranger, before)
        collateral.transfer(position, loose, sender=stranger)
        token = create(pair, **FREE)
        assert (token.address, token.position()) == (told, position)

        purse += pair.debt.balanceOf(stranger)
        token.mint(dust, ENDLESS, 0, sender=stranger)
        if after:
            venue.donate(pair, position, stranger, after)
        wealth = worth(pair, token, taker)
        found = min(collateral.balanceOf(position), token.preview_mint(wanted)[0])
        token.mint(wanted, ENDLESS, 0, sender=taker)
        lost = wealth - worth(pair, token, taker)
        token.redeem(dust, ENDLESS, 0, sender=stranger)
        gain = worth(pair, token, stranger) - purse

        units = rounding(devnet, pair, token)

    assert lost + found * true_price(pair) <= units
    report("m1", pair, gain, 0)


@pytest.mark.parametrize("part", [Fraction(1, 10**6), Fraction(1, 100), 1, 1_000])
def test_m1_donation_in_front_of_a_zap_takes_nothing_from_it(
    venue, ballast, market, token, worth, attacker, victim, usdc, part
):
    """The victim comes by the router, and takes half a percent less than it was told."""
    order = (token, usdc, POOL_FEE, 1_000 * 10**6)
    expected = ballast.router.quote_mint_exact_in.call(*order)
    least = expected - expected // TOLERANCE
    with undone():
        wealth = worth(market, token, victim)
        ballast.router.mint_exact_in(*order, least, victim, now(), sender=victim)
        alone = wealth - worth(market, token, victim)
    purse, wealth = worth(market, token, attacker), worth(market, token, victim)
    token.mint(WAD, ENDLESS, 0, sender=attacker)

    given_ = int(venue.held(market, token.position()) * part)
    where = token.position()
    venue.donate(market, where, attacker, given_)
    zap = (*order, least, victim, now())
    refused = fault(lambda: ballast.router.mint_exact_in.call(*zap, sender=victim, skip_trace=True))
    if not refused:
        ballast.router.mint_exact_in(*zap, sender=victim)
    lost = wealth - worth(market, token, victim)
    token.redeem(token.balanceOf(attacker), ENDLESS, 0, sender=attacker)

    assert refused in ("", "router: shares below min")
    assert refused or lost <= alone + alone / TOLERANCE + 2 * true_price(market)
    report("m1", market, worth(market, token, attacker) - purse, 0)
