from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model import streaming_fee
from scripts._model.daily_schedule import DAY
from scripts._model.rule_book import MAX_MANAGEMENT_FEE
from scripts._model.streaming_fee import MOST, ONE


@pytest.fixture(scope="module")
def harness(harness_of):
    return harness_of("streaming_fee")


exponents = st.integers(0, 10**6) | st.integers(0, ONE) | st.integers(0, MOST)
edges = st.sampled_from([0, ONE, ONE + 1, 2 * ONE, 2 * ONE + 2, 8 * ONE, 8 * ONE + 8, MOST])
supplies = st.integers(0, 10**6) | st.integers(0, 2**112)
rates = st.integers(0, MAX_MANAGEMENT_FEE)
pauses = st.integers(0, 30 * DAY) | st.integers(0, 10**12)


@given(cases=st.lists(st.tuples(exponents | edges), min_size=30))
def test_exp_of_any_exponent_equals_the_twin(harness, agree, cases):
    agree(harness.exp, streaming_fee.exp, cases)


@given(cases=st.lists(st.tuples(exponents | edges), min_size=30))
def test_exp_of_any_exponent_is_exact_to_33_digits(harness, ask, cases):
    answers = ask(harness.exp, cases)

    with localcontext() as context:
        context.prec = 60
        for (x,), answer in zip(cases, answers, strict=True):
            truth = (Decimal(x) / ONE).exp() * ONE
            assert 0 <= truth - answer <= truth * Decimal("1e-33")


@given(cases=st.lists(st.tuples(supplies, rates, pauses), min_size=30))
def test_shares_for_any_time_equal_the_twin(harness, agree, cases):
    agree(harness.shares, streaming_fee.shares, cases)


@given(
    supply=st.integers(10**15, 2**112),
    rate=rates,
    parts=st.lists(st.integers(0, 180 * DAY), min_size=2, max_size=6),
)
def test_shares_settled_in_parts_are_those_settled_at_once(harness, ask, supply, rate, parts):
    """I-F3 on the contract itself: up to a share wei a settlement, and its growth."""
    grown = supply
    for elapsed in parts:
        grown += ask(harness.shares, [(grown, rate, elapsed)])[0]

    at_once = supply + ask(harness.shares, [(supply, rate, sum(parts))])[0]

    assert -1 <= at_once - grown <= (at_once // supply + 2) * len(parts)


def test_shares_of_a_day_by_the_usual_rate_are_3_of_10000(harness):
    assert harness.shares(10**24, 3 * 10**14, DAY) == 300_045_004_500_337_520_251


def test_shares_of_the_largest_supply_for_ever_do_not_overflow(harness):
    """Nobody is locked in: an exponent above ten counts as ten."""
    assert harness.shares(2**112, MAX_MANAGEMENT_FEE, 2**64) < 22_027 * 2**112
    assert harness.shares(2**121, MAX_MANAGEMENT_FEE, 2**64) > 0
