"""T-A9: mint in front of a fill and redeem behind it, or the other way round.

A flash mint doubles the position, and with it what can be filled at a premium; a holder who leaves
before the fill and comes back after it does not pay for it. Both are in kind and pro rata, at the
same leverage: a larger position has a larger gap, of which the minter pays its own part, and a
smaller one a smaller gap. Others have after it what they have after the fill alone.

What must not change is how often it is filled. The day's parcel is counted in debt, and a first
fill in a position blown up by a flash mint sets one that is as large. It does not outlive a fill of
the position as it is: no fill leaves more of the parcel than reaches the band's edge after it.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import ENDLESS, WAD, next_0002, now, set_price, undone, warp_to
from tests.attack.fills import fill_all, fill_part
from tests.attack.purse import FREE, report, true_price

PRICE = 2_000 * 10**24  # of 18 decimals in 6
HOLDING = 10_000 * WAD  # of the attacker, besides a hundredth of it that is locked
RAMP = 45 * 60

moves = st.integers(-1_500, 1_500)  # of the price, in hundredths of a percent
seconds = st.integers(0, 2 * 3_600 - 1)


@pytest.fixture(params=[True, False], ids=["long", "short"])
def stand(request, open_token, minter, stranger):
    """A token without fees, half of it the attacker's."""
    long = request.param
    places, price = ((18, 6), PRICE) if long else ((6, 18), 10**72 // PRICE)
    kind = {} if long else {"long": False, "emergency": 4 * WAD, "lltv": 915 * WAD // 1_000}
    token, market = open_token(*places, price, **FREE, **kind)
    for account in (minter, stranger):
        token.mint(HOLDING, ENDLESS, 0, sender=account)
    return token, market


@given(move=moves, elapsed=seconds, part=st.fractions(Fraction(1, 1_000), 100))
def test_a9_mint_or_redeem_around_a_fill_changes_nothing(
    venue, stand, worth, post, minter, stranger, move, elapsed, part
):
    """I-N4: against the fill alone, neither the attacker has more nor the others less."""
    token, market = stand
    with undone():
        warp_to(next_0002(now()) + elapsed)
        post(market, market.venue_oracle.price() * (10_000 + move) // 10_000)
        venue.accrue(market)
        gains, left = [], []
        for in_front, behind in (
            (None, None),
            (token.mint, token.redeem),
            (token.redeem, token.mint),
        ):
            shares = int(HOLDING * (min(part, 1) if in_front == token.redeem else part))
            with undone():
                wealth = worth(market, token, stranger)
                if in_front:
                    in_front(shares, ENDLESS, 0, sender=stranger)
                fill_all(token, stranger)
                if behind:
                    behind(shares, ENDLESS, 0, sender=stranger)
                gains.append(worth(market, token, stranger) - wealth)
                left.append(worth(market, token, minter))

    unit = 2 * (1 + true_price(market))
    # whoever leaves for the fill skips its cost, and fills less by as much
    assert min(left[1:]) >= left[0] - unit
    report("a9", market, max(gains[1:]) - gains[0], unit)


@pytest.mark.parametrize("times", [1, 10, 100])
def test_a9_mint_around_a_fill_costs_its_fees(
    devnet, venue, token, market, worth, attacker, victim, times
):
    """The tokens as they are: the larger the flash mint, the less is left of the premium."""
    token.mint(HOLDING, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + RAMP)
    set_price(devnet, "2100" if token.rules().long else "1900")
    token.settle(sender=attacker)
    venue.accrue(market)
    gains = []
    for shares in (0, times * HOLDING // 100):
        with undone():
            wealth = worth(market, token, attacker)
            if shares:
                token.mint(shares, ENDLESS, 0, sender=attacker)
            fill_all(token, attacker)
            if shares:
                token.redeem(shares, ENDLESS, 0, sender=attacker)
            gains.append(worth(market, token, attacker) - wealth)

    assert gains[1] < gains[0]
    report("a9", market, gains[1] - gains[0], 0)


def rough_day(
    devnet, venue, market, token, worth, attacker, price, shares: int
) -> tuple[Fraction, int]:
    """What the attacker gains at the prices of each moment, and what it fills, in debt.

    `shares` are minted around the first fill alone, which takes a thousandth. All others leave a
    hundredth, so that the day is never complete. The price goes up and down by 2 %, every ten
    minutes until the window closes.
    """
    gain, filled = Fraction(0), 0
    for step in range(8):
        set_price(devnet, str(price * 102 // 100 if step % 2 else price))
        token.settle(sender=attacker)
        venue.accrue(market)
        wealth = worth(market, token, attacker)
        if shares and step == 0:
            token.mint(shares, ENDLESS, 0, sender=attacker)
            filled += fill_part(token, attacker, Fraction(1, 1_000))
            token.redeem(shares, ENDLESS, 0, sender=attacker)
        filled += fill_part(token, attacker, Fraction(99, 100))
        gain += worth(market, token, attacker) - wealth
        warp_to(now() + 600)
    return gain, filled


def test_a9_mint_around_a_first_fill_buys_no_second_one(
    devnet, venue, token, market, worth, attacker, victim
):
    """On a day of 10 % whose price then goes to and fro, with the highest premium.

    A parcel kept at the size of the flash mint let each swing be filled at 0.4 %: for ETHBEAR 1.77
    of NAV instead of 0.88, holders paid half as much again, and with fees paid the attacker still
    gained 0.50 % of NAV instead of 0.35 %. With a parcel that no fill leaves larger than the gap, a
    fill of part x leaves (1 - x) of the gap at the most, whatever was minted before it. What does
    hold a large parcel is a position that is large at every fill: its owner then pays its own part
    of every premium, and the others pay for their gap once.
    """
    token.mint(HOLDING, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + RAMP)
    price = 2_200 if token.rules().long else 1_800
    found = []
    for times in (0, 1, 3):
        with undone():
            shares = times * token.totalSupply()
            found.append(rough_day(devnet, venue, market, token, worth, attacker, price, shares))

    gains, filled = zip(*found, strict=True)
    assert 0 < max(filled) <= filled[0] * 103 // 100
    assert gains[0] > 0 and list(gains) == sorted(gains, reverse=True)
    report("a9", market, max(gains[1:]) - gains[0], 0)
