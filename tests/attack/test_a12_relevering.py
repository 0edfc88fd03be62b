"""T-A12: have the token buy at the top, by a rebalance within the day.

In 2019 holders of exchange tokens saw them lever up within the day and fall with the market in the
evening; after that their issuer only ever lowered leverage between the daily rebalances. Here an
emergency fill can do nothing else, and below target nothing is open but for the two hours after
00:02:00 UTC: whoever wants to sell to the token at the day's high finds nobody who buys.
"""

from fractions import Fraction

import ape
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import DAY, ENDLESS, WAD, next_0002, now, set_price, undone, warp_to
from tests.attack.purse import owed, report

HOLDING = 10_000 * WAD
WINDOW = 2 * 3_600
EMERGENCY = 2  # of ILeveragedToken.Lane


@pytest.fixture
def held(token, victim):
    token.mint(HOLDING, ENDLESS, 0, sender=victim)
    return token


@given(seconds=st.integers(WINDOW, DAY - 1), move=st.integers(0, 900))
def test_a12_relevering_within_the_day_is_refused_at_any_leverage(
    devnet, held, market, worth, attacker, seconds, move
):
    """`move` is of the price in the token's favour, in tenths of a percent: leverage only falls."""
    token = held
    with undone():
        warp_to(next_0002(now()) + seconds)
        set_price(devnet, str(2_000 * (1 + (move if token.rules().long else -move) / 1_000)))
        wealth = worth(market, token, attacker)

        assert token.auction().takes == 0
        with ape.reverts("fill: not open for levering"):
            token.fill_lever.call(ENDLESS, 0, sender=attacker, skip_trace=True)
        if token.leverage() < token.rules().emergency:
            with ape.reverts("fill: not open for delevering"):
                token.fill_delever.call(ENDLESS, 0, sender=attacker, skip_trace=True)
        report("a12", market, worth(market, token, attacker) - wealth, 0)


@given(
    seconds=st.integers(0, DAY - 1),
    depth=st.fractions(0, 1),
    part=st.fractions(Fraction(1, 10**6), 1),
)
def test_a12_emergency_fill_lowers_debt_and_leverage_and_stops_at_target(
    devnet, venue, held, market, worth, attacker, danger, seconds, depth, part
):
    """At any hour, from its trigger to liquidation, of any size."""
    token = held
    first, last = danger
    last += 2 if token.rules().long else -2
    with undone():
        warp_to(next_0002(now()) + seconds)
        set_price(devnet, str(float(first + (last - first) * depth)))
        venue.accrue(market)
        offer, debt, leverage = token.auction(), owed(devnet, market, token), token.leverage()
        wealth = worth(market, token, attacker)
        # both lanes are open: the taker has the better
        lane = {EMERGENCY} if seconds >= WINDOW else {EMERGENCY, 1}

        token.fill_delever(max(1, int(offer.brings * part)), 0, sender=attacker)
        gain = worth(market, token, attacker) - wealth

        assert not offer.levering and offer.lane in lane
        assert owed(devnet, market, token) < debt
        assert token.rules().target <= token.leverage() < leverage
        with ape.reverts("fill: not open for levering"):
            token.fill_lever.call(ENDLESS, 0, sender=attacker, skip_trace=True)
    report("a12", market, gain - Fraction(max(0, offer.premium), WAD) * offer.brings * part, 1)
