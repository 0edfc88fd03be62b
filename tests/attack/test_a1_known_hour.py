"""T-A1: be at the exchange before a rebalance whose hour, size and direction everybody knows.

On 5 February 2018 a note on volatility lost 97 % in one evening, much of it to the flow of its own
rebalance. The hour is known here too, and long and short tokens buy at the same time. But no order
is sent to an exchange: holders pay the oracle's price and a premium that is bounded, whatever the
pool says. Keepers who hedge there may be run ahead of; then they fill later, or not at all.
"""

from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import (
    ENDLESS,
    POOL_FEE,
    USDC,
    WAD,
    arbitrage,
    next_0002,
    now,
    set_price,
    undone,
    warp_to,
)
from tests.attack.fills import fill_part
from tests.attack.purse import fault, nav, report, true_price

HOLDING = 3_000_000 * WAD
SCHEDULED = 1  # of ILeveragedToken.Lane
WINDOW, RAMP = 2 * 3_600, 45 * 60
SIZES = [0, 10**4, 10**5, 10**6, 10**7, 10**8]  # dollars

fills = st.lists(
    st.tuples(st.integers(0, WINDOW // 8), st.fractions(Fraction(1, 1_000), 1)),
    min_size=1,
    max_size=8,
)


@pytest.fixture
def swap(devnet, attacker):
    def _swap(sold, bought, amount: int) -> int:
        order = (sold, bought, POOL_FEE, attacker, ENDLESS, amount, 0, 0)
        return devnet.swap_router.exactInputSingle(order, sender=attacker).return_value

    return _swap


@given(seconds=fills, move=st.integers(-1_200, 1_200))
def test_a1_known_hour_costs_holders_the_premium_at_most(
    devnet, venue, token, market, attacker, victim, seconds, move
):
    """I-A4: of any pattern of fills in a day, with pauses in between, at one price.

    E - E' <= sum of max(0, premium) * filled,   in all at most for the gap: the day's parcel
    """
    end = Fraction(token.rules().premium_end, WAD)
    with undone():
        token.mint(100_000 * WAD, ENDLESS, 0, sender=victim)
        warp_to(next_0002(now()))
        set_price(devnet, str(2_000 * (1 + move / 10_000)))
        venue.accrue(market)
        lost, paid, rounding = Fraction(0), Fraction(0), 0
        parcel, scheduled = 0, 0
        for pause, part in seconds:
            warp_to(now() + pause)
            devnet.eth_feed.refresh(sender=devnet.roles.deployer)
            venue.accrue(market)
            offer, before = token.auction(), nav(devnet, market, token)
            filled = fill_part(token, attacker, part)
            lost += before - nav(devnet, market, token)
            paid += max(0, Fraction(offer.premium, WAD)) * filled
            rounding += 2
            if offer.lane == SCHEDULED:
                parcel = parcel or (offer.takes if offer.levering else offer.brings)
                scheduled += filled

    assert scheduled <= parcel + 1
    assert move < -900 or move > 650 or paid <= end * (parcel + 1)  # no emergency
    report("a1", market, lost, paid + rounding)


def test_a1_known_hour_lets_nobody_run_ahead_of_the_holders(
    devnet, venue, ballast, tokens, swap, attacker, victim, keeper_account, weth, usdc
):
    """ETH is up by 5 %: long and short both buy, from one keeper who buys on one pool."""
    pair = tokens["ETHBULL"], tokens["ETHBEAR"]
    markets = venue.market(True), venue.market(False)
    for token in pair:
        for coin in (weth, usdc):
            coin.approve(token, ENDLESS, sender=devnet.roles.lender)
        token.mint(HOLDING, ENDLESS, 0, sender=devnet.roles.lender)
    warp_to(next_0002(now()) + RAMP)
    set_price(devnet, "2100")
    arbitrage(devnet)
    gains, losses = [], []
    for dollars in SIZES:
        with undone():
            bought = swap(usdc, weth, dollars * USDC) if dollars else 0
            lost = []
            for token, market in zip(pair, markets, strict=True):
                before = nav(devnet, market, token)
                fill = partial(ballast.keeper.fill, token, POOL_FEE, ENDLESS, 0, keeper_account)
                refused = fault(lambda: fill(sender=keeper_account))  # noqa: B023
                assert refused in ("", "keeper: profit below minimum")
                lost.append(before - nav(devnet, market, token))
            back = swap(weth, usdc, bought) if bought else 0
            gains.append(back - dollars * USDC)
            losses.append(lost)

    for lost in zip(*losses, strict=True):
        assert set(lost) <= {lost[0], 0}
    assert [all(lost) for lost in losses[:3]] == [True] * 3
    # what it gains are the keeper's own premiums
    premiums = losses[0][0] + losses[0][1] * true_price(markets[0])
    report("a1", markets[0], max(gains), premiums)
