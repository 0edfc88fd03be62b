import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model import premium_curve
from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import MAX, WAD


@pytest.fixture(scope="module")
def harness(harness_of):
    return harness_of("premium_curve")


seconds = st.integers(0, 2 * DAY)
ramps = st.integers(1, DAY)
fractions = st.integers(0, WAD // 20)
leverages = st.integers(0, 100 * WAD)


@st.composite
def emergencies(draw):
    """Leverage at or above a trigger that lies below liquidation, and a span of premiums."""
    trigger = draw(st.integers(1, 100 * WAD))
    leverage = trigger + draw(leverages | st.just(MAX - trigger))
    lowest = draw(fractions)
    span = draw(st.integers(1, 10**6) | st.integers(1, 100 * WAD))
    return leverage, trigger, trigger + span, lowest, lowest + draw(fractions)


@given(cases=st.lists(st.tuples(seconds, fractions, fractions, ramps), min_size=30))
def test_scheduled_at_any_second_equals_the_twin(harness, agree, cases):
    cases = [(elapsed, -start, end, ramp) for elapsed, start, end, ramp in cases]
    agree(harness.scheduled, premium_curve.scheduled, cases)


@given(cases=st.lists(emergencies(), min_size=20))
def test_emergency_at_any_leverage_equals_the_twin(harness, agree, cases):
    agree(harness.emergency, premium_curve.emergency, cases)


@given(cases=st.lists(st.tuples(fractions, st.integers(0, WAD)), min_size=30))
def test_highest_of_any_bonus_equals_the_twin(harness, agree, cases):
    agree(harness.highest, premium_curve.highest, cases)


@given(cases=st.lists(st.tuples(st.integers(0, WAD - 1), st.booleans()), min_size=30))
def test_liquidation_leverage_of_any_lltv_equals_the_twin(harness, agree, cases):
    agree(harness.liquidation_leverage, premium_curve.liquidation_leverage, cases)


@given(cases=st.lists(st.tuples(st.integers(0, WAD), st.booleans()), min_size=30))
def test_near_liquidation_of_any_lltv_equals_the_twin(harness, agree, cases):
    agree(harness.near_liquidation, premium_curve.near_liquidation, cases)


@pytest.mark.parametrize(
    ("elapsed", "premium"),
    [(0, -50), (1350, -5), (2699, None), (2700, 40), (7199, 40)],
)
def test_scheduled_by_the_usual_rules_ramps_in_45_minutes(harness, elapsed, premium):
    """From -0.50 % to +0.40 %, then flat; basis points."""
    answer = harness.scheduled(elapsed, -50 * WAD // 10_000, 40 * WAD // 10_000, 2700)

    if premium is None:
        assert 39 * WAD // 10_000 < answer < 40 * WAD // 10_000
    else:
        assert answer == premium * WAD // 10_000


def test_emergency_past_liquidation_stays_at_the_highest(harness):
    limits = 4 * WAD, 7 * WAD, WAD // 2000, WAD // 25

    assert harness.emergency(4 * WAD, *limits) == WAD // 2000
    assert harness.emergency(7 * WAD, *limits) == WAD // 25
    assert harness.emergency(MAX, *limits) == WAD // 25


@pytest.mark.parametrize(
    ("lltv", "long", "leverage"),
    [(80, True, 5 * WAD), (80, False, 4 * WAD), (0, True, WAD), (0, False, 0)],
)
def test_liquidation_leverage_of_a_round_lltv_is_round(harness, lltv, long, leverage):
    assert harness.liquidation_leverage(lltv * WAD // 100, long) == leverage


@pytest.mark.parametrize(
    ("lltv", "long", "leverage"),
    [
        (80, True, WAD * 100 // 24),
        (80, False, WAD * 76 // 24),
        (100, True, 20 * WAD),
        (0, True, WAD),
    ],
)
def test_near_liquidation_is_five_percent_of_collateral_away(harness, lltv, long, leverage):
    """At 76 % of a limit of 80 %, collateral that loses a twentieth is at the limit."""
    assert harness.near_liquidation(lltv * WAD // 100, long) == leverage
