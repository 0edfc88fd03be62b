"""T-G1: have a token created that the venue liquidates before it may rebalance.

Index and TLX were told of leverages above which every repayment reverts or comes too late. Here a
token is made if and only if the price has to move five points further from the emergency trigger to
the venue's liquidation. Tried for every target of the table, with every LLTV that Morpho has in
use; a token that is made is then walked to its trigger and nearly five points beyond: a taker can
fill and a liquidator cannot do anything.
"""

from fractions import Fraction

import pytest

from scripts._devnet import ENDLESS, WAD
from scripts._model.fixed_point import SCALE
from tests.attack.purse import fault, report

PRICE = 2_000 * 10**24  # of 18 decimals in 6
EMERGENCY = 2  # the lane
POINTS = Fraction(5, 100)
# LLTV in thousandths: leverages for which the emergency, a third over target, is far enough away.
SAFE = {
    (True, 770): {"1.5", "2"},
    (True, 860): {"1.5", "2", "3", "4"},
    (True, 915): {"1.5", "2", "3", "4", "5"},
    (True, 945): {"1.5", "2", "3", "4", "5", "6"},
    (False, 770): {"1", "2"},
    (False, 860): {"1", "2", "3"},
    (False, 915): {"1", "2", "3"},
    (False, 945): {"1", "2", "3"},
}
TARGETS = {True: ["1.5", "2", "3", "4", "5", "6"], False: ["1", "2", "3"]}


def moves(target: Fraction, lltv: Fraction, long: bool) -> tuple[Fraction, Fraction]:
    """Of the price against the token, from target: to the trigger, and to ruin."""
    emergency = target * 4 / 3
    if long:
        return (emergency - target) / (target * (emergency - 1)), 1 - (target - 1) / (target * lltv)
    return (emergency - target) / (target * (emergency + 1)), lltv * (target + 1) / target - 1


@pytest.mark.parametrize(("long", "lltv"), SAFE)
def test_g1_rules_that_are_ruined_before_they_trigger_make_no_token(
    ballast, open_pair, creation, minter, long, lltv
):
    places, price = ((18, 6), PRICE) if long else ((6, 18), SCALE**2 // PRICE)
    market = open_pair(*places, price, lltv * WAD // 1_000)
    made = set()

    for text in TARGETS[long]:
        target = Fraction(text)
        trigger, ruin = moves(target, Fraction(lltv, 1_000), long)
        rules = {"long": long, "target": int(target * WAD), "emergency": int(target * WAD * 4 / 3)}
        order = creation(market, **rules)
        refused = fault(lambda: ballast.factory.create.call(*order, sender=minter))  # noqa: B023

        assert (refused == "") == (ruin - trigger >= POINTS), text
        assert refused in ("", "rules: emergency too near ruin")
        made |= {text} if not refused else set()
    assert made == SAFE[long, lltv]


@pytest.mark.parametrize(
    ("long", "lltv", "text"),
    [(long, lltv, text) for (long, lltv), texts in SAFE.items() for text in sorted(texts)],
)
def test_g1_safe_rules_trigger_long_before_a_liquidator_can_act(
    open_token, post, worth, taker, stranger, venue, long, lltv, text
):
    places, price = ((18, 6), PRICE) if long else ((6, 18), SCALE**2 // PRICE)
    target = Fraction(text)
    rules = {"long": long, "target": int(target * WAD), "emergency": int(target * WAD * 4 / 3)}
    token, market = open_token(*places, price, lltv * WAD // 1_000, **rules)
    trigger, _ = moves(target, Fraction(lltv, 1_000), long)
    truth = Fraction(price, SCALE)
    wealth = worth(market, token, stranger, truth)

    for further in (Fraction(1, 10_000), POINTS - Fraction(1, 1_000)):
        move = trigger + further
        post(market, int(price * (1 - move) if long else price / (1 + move)))
        position = token.position()
        refused = fault(lambda: venue.liquidate(market, position, stranger, 1))  # noqa: B023

        assert token.auction().lane == EMERGENCY
        assert refused == venue.healthy
    report("g1", market, worth(market, token, stranger, truth) - wealth, 0)
    token.fill_delever(ENDLESS, 0, sender=taker)
    assert token.leverage() == pytest.approx(rules["target"], rel=1e-5)
