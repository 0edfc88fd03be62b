"""T-A8: do not fill, and wait until the venue lets the position be liquidated.

A liquidator earns the venue's bonus on all of the debt (on Aave at first on half), a taker the
premium on a part of it: 0.05 % where the emergency lane opens, 0.9 of the bonus where liquidation
begins. So whoever is sure to be alone waits: nothing in here can make it fill. But it cannot keep
the lane shut. That is open to everybody all the way, pays more at every step, and needs no capital:
what the liquidator waits for is there only while nobody else looks. How seldom that has to be is
measured: with a rival who comes by in every fourth of twenty steps, filling at once is the better
choice. Below one in five or so it is not, and a liquidator waits: a deployer should run a keeper.
"""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from scripts._devnet import (
    ENDLESS,
    POOL_FEE,
    WAD,
    arbitrage,
    next_0002,
    now,
    set_price,
    undone,
    warp_to,
)
from tests.attack.fills import gain_is, gain_of
from tests.attack.purse import fault, owed, report, true_price
from tests.record import record

HOLDING = 1_000_000 * WAD
STEPS = 20  # of the price, from the trigger to liquidation
RIVAL = Fraction(1, 4)  # of all steps are those in which another comes by


@pytest.fixture
def prices(token, victim, danger):
    """Prices of ETH from just past the emergency trigger to the first that liquidates, at noon."""
    token.mint(HOLDING, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + 12 * 3_600)
    first, last = danger
    return [first + Fraction((last - first) * step, STEPS - 1) for step in range(STEPS)]


@pytest.fixture
def liquidation(venue, market, token, worth, attacker):
    """`liquidation()`: what seizing all that the debt buys gains now, or why it is refused."""

    def _liquidation() -> Fraction | str:
        with undone():
            wealth = worth(market, token, attacker)
            refused = fault(lambda: venue.liquidate(market, token.position(), attacker))
            return refused or worth(market, token, attacker) - wealth

    return _liquidation


@pytest.fixture
def gains(devnet, venue, market, token, attacker, prices, liquidation):
    """Of a fill at each price, and of liquidation at the last."""
    venue.accrue(market)
    fills = []
    for price in prices:
        set_price(devnet, str(float(price)))
        found = gain_of(devnet, market, token, attacker, true_price(market), False)
        assert gain_is(found)
        fills.append(found)
        assert (liquidation() == venue.healthy) == (price != prices[-1])
    return fills, liquidation()


def fills_from(fills: Sequence[Fraction], prize: Fraction, rival: Fraction) -> int:
    """The step from which on filling is the better choice, for one who knows all but the way.

    The price goes one step up or down, as likely the one as the other. Before the first step there
    is nothing to fill, and at the last whoever is there liquidates. A rival takes what is left.

        W(i) = max(fill(i), (1 - rival) * (W(i - 1) + W(i + 1)) / 2)
    """
    kept = float(1 - rival)
    filled = [float(fill / prize) for fill in fills[:-1]]
    worths = [0.0, *filled, 1.0]
    for _ in range(200):
        sides = zip(filled, worths, worths[2:], strict=False)
        best = [max(fill, kept * (low + high) / 2) for fill, low, high in sides]
        worths = [kept * worths[1], *best, 1.0]
    waiting = [best > fill for best, fill in zip(worths[1:-1], filled, strict=True)]
    return max((step + 1 for step, waits in enumerate(waiting) if waits), default=0)


def test_a8_waiting_pays_only_while_hardly_anybody_else_comes(venue, token, gains):
    """Alone it waits to the end; with a rival in every fourth step, it fills at once.

    Where a liquidator may repay no more than half of the debt, the last fill may pay more.
    """
    fills, prize = gains
    tried = [Fraction(percent, 100) for percent in range(0, 100, 3)]
    seldom = next(rival for rival in tried if fills_from(fills, prize, rival) < STEPS - 1)

    assert list(fills) == sorted(fills) and fills[0] > 0
    assert prize / 2 < fills[-1]
    dearer = fills[-1] > prize
    assert venue.close_factor < 1 or not dearer
    assert fills_from(fills, prize, Fraction(0)) == STEPS - 1 or dearer
    assert fills_from(fills, prize, RIVAL) <= 1
    record(
        "figure",
        f"a8_{token.symbol().lower()}",
        threat="T-A8",
        break_even=[round(float(fill / prize), 4) for fill in fills],  # odds of being first
        rival=float(seldom),
    )


def test_a8_waiting_gains_the_bonus_at_most_and_only_past_the_limit(
    devnet, venue, token, market, gains
):
    """I-N5: `gains` has seen it refused at every price before."""
    _, prize = gains

    repaid = venue.close_factor * owed(devnet, market, token)
    report("a8", market, prize, venue.bonus(market) * repaid + 1)


def test_a8_waiting_leaves_the_lane_open_to_those_without_capital(
    devnet, venue, ballast, token, prices, liquidation, keeper_account
):
    """Their keeper earns from the third step on, and what was waited for is gone."""
    profits = []
    for price in prices[2:-1]:
        set_price(devnet, str(float(price)))
        arbitrage(devnet)
        order = (token, POOL_FEE, ENDLESS, 0, keeper_account)
        profits.append(ballast.keeper.fill.call(*order, sender=keeper_account))
    ballast.keeper.fill(*order, sender=keeper_account)
    set_price(devnet, str(float(prices[-1])))

    assert min(profits) > 0 and profits == sorted(profits)
    assert liquidation() == venue.healthy
