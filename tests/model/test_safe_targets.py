"""The largest targets that the rule book lets a venue have, as the README tells them."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from scripts._aave import USDC_TERMS, WETH_TERMS
from scripts._devnet import RULES
from scripts._market import LONG_LLTV, SHORT_LLTV
from scripts._model import rule_book
from scripts._model.fixed_point import WAD
from scripts._model.leverage_math import gearing
from scripts._model.revert import Revert
from scripts._model.rule_book import Rules
from scripts._model.venue import Market

README = (Path(__file__).parents[2] / "README.md").read_text()
BASIS = 10**4
CENT = WAD // 100


def emergency(target: int, long: bool) -> int:
    """A third above target, or 10 % of price from it: whichever is nearer."""
    leverage = Fraction(target, WAD)
    moved = leverage * Fraction(9 if long else 11, 10) / (1 - leverage / 10)
    return int(min(leverage * 4 / 3, moved) * WAD)


def is_safe(target: int, long: bool, lltv: int, bonus: int) -> bool:
    own = {"long": long, "target": target, "emergency": emergency(target, long)}
    try:
        rule_book.check(Rules(**(RULES | own)), lltv, bonus)
    except Revert:
        return False
    return True


def largest(long: bool, lltv: int, bonus: int) -> int:
    """In hundredths."""
    return max(t for t in range(110, 900) if is_safe(t * CENT, long, lltv, bonus))


def morpho(lltv: int) -> tuple[int, int]:
    return lltv, Market(lltv, price=0, now=0).liquidation_bonus()


def aave(terms: tuple[int, int, int]) -> tuple[int, int]:
    return terms[1] * WAD // BASIS, (terms[2] - BASIS) * WAD // BASIS


TOLD = re.search(r"\| largest safe target.*\| \+(.*)x, −(.*)x \(.*\| \+(.*)x, −(.*)x \(", README)
VENUES = {
    "long on Morpho": (True, *morpho(LONG_LLTV)),
    "short on Morpho": (False, *morpho(SHORT_LLTV)),
    "long on Aave": (True, *aave(WETH_TERMS)),
    "short on Aave": (False, *aave(USDC_TERMS)),
}


@pytest.mark.parametrize("number", range(4), ids=VENUES)
def test_largest_safe_target_is_as_told(number):
    assert TOLD
    assert f"{largest(*list(VENUES.values())[number]) / 100:.2f}" == TOLD[number + 1]


@pytest.mark.parametrize(("long", "terms"), [(True, WETH_TERMS), (False, USDC_TERMS)])
def test_largest_safe_target_on_aave_can_be_borrowed(long, terms):
    target = largest(long, *aave(terms)) * CENT
    owed = Fraction(gearing(target, long) - WAD, gearing(target, long))

    assert owed < Fraction(terms[0], BASIS)


def test_three_times_short_on_aave_has_no_room():
    """It owes all that the LTV allows, and is liquidated before its emergency lane opens."""
    ltv, threshold, _ = USDC_TERMS
    rules = Rules(**(RULES | {"long": False, "target": 3 * WAD, "emergency": 4 * WAD}))
    ruin = Fraction(threshold, BASIS) * Fraction(4, 3) - 1  # of price

    assert Fraction(3, 4) == Fraction(ltv, BASIS)
    assert ruin == Fraction(4, 100)
    assert Fraction(1, 15) > ruin  # 4x: the trigger
    with pytest.raises(Revert, match="rules: emergency too near ruin"):
        rule_book.check(rules, *aave(USDC_TERMS))
    assert rule_book.distance(rules.target, rules.emergency, *aave(USDC_TERMS)[:1], False) < 0
