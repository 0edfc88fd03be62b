"""Which tokens can be created: every refusal, and the table of which are safe where."""

from dataclasses import astuple, replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model import rule_book
from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import WAD
from scripts._model.rule_book import Rules, usual_emergency
from scripts._model.venue import Market


@pytest.fixture(scope="module")
def harness(harness_of):
    return harness_of("rule_book")


def percent(number):
    return round(number * WAD) // 100


def bonus(lltv):
    """Morpho's bonus for liquidators."""
    return Market(lltv=lltv, price=1, now=0).liquidation_bonus()


def usual(long, target):
    return Rules(long=long, target=target, emergency=usual_emergency(target, long))


BULL = usual(True, 3 * WAD)
BEAR = usual(False, 3 * WAD)
LLTV = percent(86)
GOOD = "accepted"

REFUSALS = [
    ("rules: mint fee too high", {"mint_fee": percent(1) + 1}),
    ("rules: redeem fee too high", {"redeem_fee": percent(1) + 1}),
    ("rules: management fee too high", {"management_fee": percent(0.1) + 1}),
    ("rules: window out of bounds", {"window": 0}),
    ("rules: window out of bounds", {"window": DAY + 1}),
    ("rules: ramp out of bounds", {"ramp": 0}),
    ("rules: ramp out of bounds", {"ramp": 7201}),
    ("rules: premium start too low", {"premium_start": -percent(5) - 1}),
    ("rules: premium end too high", {"premium_end": percent(5) + 1}),
    ("rules: premium falls", {"premium_start": 1, "premium_end": 0}),
    ("rules: band out of bounds", {"band": 0}),
    ("rules: band out of bounds", {"band": percent(25) + 1}),
    ("rules: target too high", {"target": 100 * WAD + 1}),
    ("rules: target too low", {"target": WAD}),
    ("rules: target too low", {"target": WAD * 100 // 99 + 1}),
    ("rules: target too low", {"target": 0, "long": False}),
    ("rules: emergency out of bounds", {"emergency": 100 * WAD + 1}),
    ("rules: emergency inside the band", {"emergency": 303 * WAD // 100}),
    ("rules: emergency inside the band", {"target": 100 * WAD}),
    ("rules: emergency too near ruin", {"emergency": 100 * WAD}),
    ("rules: emergency too near ruin", {"emergency": 53 * WAD // 10}),
    ("rules: emergency premium", {"emergency_premium": percent(5) + 1}),
]

# The furthest that is still accepted, of what is refused above.
LIMITS = [
    {"mint_fee": percent(1)},
    {"redeem_fee": percent(1)},
    {"management_fee": percent(0.1)},
    {"window": DAY},
    {"ramp": 7200},
    {"ramp": 1, "window": 1},
    {"premium_start": -percent(5)},
    {"premium_end": percent(5)},
    {"premium_start": 0, "premium_end": 0},
    {"premium_start": 1, "premium_end": 1},
    {"band": 1},
    {"band": percent(25)},
    {"target": WAD * 100 // 99 + 2, "emergency": 11 * WAD // 10},
    {"emergency": 303 * WAD // 100 + 1},
    {"emergency_premium": percent(5)},
]


def verdict(ask, harness, rules, lltv):
    """The reason for which these rules are refused on Morpho, or GOOD."""
    answers = ask(harness.check, [(astuple(rules), lltv, bonus(lltv))])
    return GOOD if answers == [None] else answers[0]


@pytest.mark.parametrize(("reason", "changes"), REFUSALS)
def test_check_one_bad_rule_reverts_with_its_reason(harness, ask, agree, reason, changes):
    rules = replace(BULL, **changes)

    assert verdict(ask, harness, rules, LLTV) == reason
    agree(harness.check, lambda *case: rule_book.check(rules, *case[1:]), [_case(rules, LLTV)])


@pytest.mark.parametrize("changes", LIMITS)
def test_check_a_rule_at_its_limit_is_accepted(harness, ask, changes):
    assert verdict(ask, harness, replace(BULL, **changes), LLTV) == GOOD


def test_check_a_premium_that_eats_the_gearing_reverts(harness, ask):
    """T-A10, I-N3: G * premium reaches one only where a venue's bonus is out of all proportion.

    3 * 1.01 * 0.9 * bonus is one at a bonus of 36.67 %.
    """
    cases = [(astuple(BULL), LLTV, percent(bonus)) for bonus in (36.66, 36.68)]

    assert ask(harness.check, cases) == [None, "rules: premium eats the gearing"]


@pytest.mark.parametrize(("short_by", "answer"), [(0, GOOD), (1, "rules: emergency too near ruin")])
def test_check_of_just_five_points_of_distance_is_accepted(harness, ask, short_by, answer):
    """A hedge to 1.5x at 62.5 %: ruined by 25 %, in an emergency at 20 %."""
    rules = Rules(long=False, target=WAD, emergency=3 * WAD // 2)

    assert verdict(ask, harness, rules, 625 * WAD // 1_000 - short_by) == answer


def test_check_of_the_smallest_target_is_accepted(harness, ask):
    """Safe, if of no use: the lower edge of its band is one unit of 1e-18."""
    rules = Rules(long=False, target=2, band=1, emergency=4)

    assert verdict(ask, harness, rules, LLTV) == GOOD


def test_check_a_premium_of_just_the_gearings_inverse_reverts(harness, ask):
    """Twice geared at the band's edge, and nine tenths of the bonus are a half, or a wei less."""
    rules = Rules(long=True, target=8 * WAD // 5, band=WAD // 4, emergency=11 * WAD // 5)
    cases = [(astuple(rules), LLTV, 5 * WAD // 9 + more) for more in (-1, 1)]

    assert ask(harness.check, cases) == [None, "rules: premium eats the gearing"]


def _case(rules, lltv):
    return astuple(rules), lltv, bonus(lltv)


# Move of the price against the token, from target, at which the emergency lane opens and at which
# the venue liquidates, in percent, for an emergency a third above target.
TRIGGERS: dict[bool, dict[float, float]] = {
    True: {1.5: 33.3, 2: 20.0, 3: 11.1, 4: 7.7, 5: 5.9, 6: 4.8},
    False: {1: 14.3, 2: 9.1, 3: 6.7},
}
RUINS: list[tuple[bool, float, dict[float, float]]] = [
    (True, 77, {1.5: 56.7, 2: 35.1, 3: 13.4, 4: 2.6, 5: -3.9, 6: -8.2}),
    (True, 86, {1.5: 61.2, 2: 41.9, 3: 22.5, 4: 12.8, 5: 7.0, 6: 3.1}),
    (True, 91.5, {1.5: 63.6, 2: 45.4, 3: 27.1, 4: 18.0, 5: 12.6, 6: 8.9}),
    (True, 94.5, {1.5: 64.7, 2: 47.1, 3: 29.5, 4: 20.6, 5: 15.3, 6: 11.8}),
    (False, 77, {1: 54, 2: 15.5, 3: 2.7}),
    (False, 86, {1: 72, 2: 29, 3: 14.7}),
    (False, 91.5, {3: 22.0}),
]
TABLE = [(long, target, lltv, ruin) for long, lltv, row in RUINS for target, ruin in row.items()]
# What liquidates before, or less than two points after, the emergency lane opens.
HOPELESS = {
    (True, 4, 77),
    (True, 5, 77),
    (True, 6, 77),
    (True, 5, 86),
    (True, 6, 86),
    (False, 3, 77),
}


@pytest.mark.parametrize(("long", "target", "lltv", "ruin"), TABLE)
def test_check_a_target_on_a_venue_accepts_five_points_of_distance(
    harness, ask, long, target, lltv, ruin
):
    """T-G1: refused unless liquidation is five points of price beyond the emergency."""
    goal = round(target * WAD)
    rules = Rules(long=long, target=goal, emergency=goal * 4 // 3)
    trigger = TRIGGERS[long][target]

    points = Fraction(harness.distance(goal, rules.emergency, percent(lltv), long), WAD) * 100
    answer = verdict(ask, harness, rules, percent(lltv))

    assert abs(points - Fraction(ruin - trigger)) < Fraction(11, 20)  # the table is rounded
    assert answer == (GOOD if points >= 5 else "rules: emergency too near ruin")
    if (long, target, lltv) in HOPELESS:
        assert answer != GOOD


@pytest.mark.parametrize(
    ("rules", "lltv", "expected"),
    [
        (BULL, 86, GOOD),
        (BEAR, 91.5, GOOD),
        (usual(False, WAD), 91.5, GOOD),
        (usual(True, 5 * WAD), 77, "rules: emergency too near ruin"),
    ],
)
def test_check_the_tokens_of_the_design_gives_its_verdict(harness, ask, rules, lltv, expected):
    """ETHBULL, ETHBEAR and ETHHEDGE are safe; 5x on 77 % is not."""
    assert verdict(ask, harness, rules, percent(lltv)) == expected


def test_usual_emergency_is_ten_percent_or_a_third():
    """27/7 long, 4 short, 11/9 for a hedge; never beyond a third over target."""
    assert usual_emergency(3 * WAD, True) == 27 * WAD // 7
    assert usual_emergency(3 * WAD, False) == 4 * WAD
    assert usual_emergency(WAD, False) == 11 * WAD // 9
    assert usual_emergency(12 * WAD, True) == 16 * WAD


def near(limit):
    """Numbers around a limit: most of them just inside or just outside of it."""
    around = st.integers(max(0, limit - 2), limit + 2)
    return around | st.integers(0, 2 * limit + 2)


def signed(limit):
    return st.one_of(near(limit), near(limit).map(lambda number: -number), st.just(0))


RULES = st.builds(
    Rules,
    long=st.booleans(),
    target=near(WAD * 100 // 99) | st.integers(WAD, 6 * WAD) | near(100 * WAD),
    band=near(percent(1)) | near(percent(25)),
    emergency=st.integers(WAD, 8 * WAD) | near(303 * WAD // 100) | near(100 * WAD),
    window=near(DAY) | near(2700),
    ramp=near(2700),
    premium_start=signed(percent(5)),
    premium_end=signed(percent(5)),
    emergency_premium=near(percent(5)),
    mint_fee=near(percent(1)),
    redeem_fee=near(percent(1)),
    management_fee=near(percent(0.1)),
)
# Rules that are the usual ones in all but two fields go deeper into the book.
CHANGED = st.tuples(RULES, st.sets(st.sampled_from(list(vars(BULL))), max_size=3)).map(
    lambda drawn: replace(BULL, **{name: vars(drawn[0])[name] for name in sorted(drawn[1])})
)
LLTVS = st.sampled_from([percent(n) for n in (38.5, 62.5, 77, 86, 91.5, 94.5, 96.5, 98)])


@given(cases=st.lists(st.tuples(RULES | CHANGED, LLTVS), min_size=20, max_size=60))
def test_check_any_rules_equals_the_twin(harness, agree, cases):
    by_tuple = {astuple(rules): rules for rules, _ in cases}

    agree(
        harness.check,
        lambda rules, *venue: rule_book.check(by_tuple[rules], *venue),
        [_case(*case) for case in cases],
    )


@st.composite
def distances(draw):
    """Target, emergency above it, LLTV and direction."""
    long = draw(st.booleans())
    target = draw(st.integers(WAD + 1 if long else 1, 100 * WAD))
    emergency = target + draw(st.integers(1, 50 * WAD))
    return target, emergency, draw(st.integers(1, WAD - 1)), long


@given(cases=st.lists(distances(), min_size=20))
def test_distance_of_any_rules_equals_the_twin(harness, agree, cases):
    agree(harness.distance, rule_book.distance, cases)
