"""The contract's arithmetic is the model's, bit for bit, for all that a position can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model import leverage_math
from scripts._model.fixed_point import MAX, SCALE, WAD

MAX_GEARING = 101 * WAD


@pytest.fixture(scope="module")
def harness(harness_of):
    return harness_of("leverage_math")


amounts = st.integers(0, 10**6) | st.integers(0, 2**112)
premiums = st.integers(-5 * WAD // 100, 135 * WAD // 1000)
prices = st.integers(1, 10**20) | st.integers(10**20, 10**54)
requests = amounts | st.just(MAX)


@st.composite
def positions(draw):
    """Collateral, debt and price: dust and plenty, solvent or not, at a value below 2**120."""
    collateral = draw(st.integers(1, 10**6) | st.integers(1, 2**112))
    value = draw(st.integers(1, 10**6) | st.integers(1, 2**120))
    debt = value * draw(st.integers(0, 11_000)) // 10_000 + draw(st.integers(0, 2))
    return collateral, debt, value * SCALE // collateral + 1


@st.composite
def goals(draw):
    """A position, a gearing and a premium that does not eat it."""
    gearing = draw(st.integers(WAD + 1, 10 * WAD) | st.integers(WAD + 1, MAX_GEARING))
    limit = WAD * WAD // gearing
    return *draw(positions()), gearing, max(1 - limit, min(limit - 1, draw(premiums)))


def many(cases):
    return st.lists(cases, min_size=20, max_size=60)


@given(cases=many(st.tuples(amounts, st.booleans())))
def test_gearing_equals_the_twin(harness, agree, cases):
    agree(harness.gearing, leverage_math.gearing, cases)


@given(cases=many(st.tuples(positions(), st.booleans())))
def test_leverage_and_assets_equal_the_twin(harness, agree, cases):
    cases = [(*position, long) for position, long in cases]

    agree(harness.leverage, leverage_math.leverage, cases)
    agree(harness.assets, leverage_math.assets, cases)


@given(cases=many(goals()))
def test_most_to_fill_equals_the_twin(harness, agree, cases):
    agree(harness.most_lever, leverage_math.most_lever, cases)
    agree(harness.most_delever, leverage_math.most_delever, cases)


@given(cases=many(st.tuples(prices, premiums)))
def test_deal_prices_equal_the_twin(harness, agree, cases):
    agree(harness.lever_price, leverage_math.lever_price, cases)
    agree(harness.delever_price, leverage_math.delever_price, cases)


@given(cases=many(st.tuples(requests, amounts, st.integers(10**18, 10**54))))
def test_legs_equal_the_twin(harness, agree, cases):
    """Overflow included: then both revert."""
    agree(harness.lever_legs, leverage_math.lever_legs, cases)
    agree(harness.delever_legs, leverage_math.delever_legs, cases)


@given(cases=many(st.tuples(st.integers(1, 2**112), st.integers(10**18, 10**54))))
def test_lever_legs_of_an_offer_that_just_buys_all_equal_the_twin(harness, agree, cases):
    """Or of a unit more or less: what is taken is never more than the most."""
    just = [leverage_math.lever_legs(MAX, most, price)[0] for most, price in cases]
    offers = [
        (max(collateral + more, 0), *case)
        for collateral, case in zip(just, cases, strict=True)
        for more in (-1, 0, 1)
    ]

    agree(harness.lever_legs, leverage_math.lever_legs, offers)


def test_most_delever_where_the_premium_would_take_just_all_is_nothing(harness):
    """NAV' = 0: the NAV of 1,000 and a tenth are a tenth of a value of 11,000."""
    assert harness.most_delever(11_000, 10_000, SCALE, 5 * WAD, WAD // 10) == 0
    assert harness.most_delever(11_000, 9_999, SCALE, 5 * WAD, WAD // 10) > 0


def test_leverage_of_nothing_left_is_all_ones(harness):
    assert harness.leverage(10, 10, SCALE, True) == leverage_math.NOTHING_LEFT
    assert harness.leverage(10, 9, SCALE, True) == 10 * WAD
    assert harness.leverage(10, 9, SCALE, False) == 9 * WAD


@pytest.mark.parametrize("premium", [-5 * WAD // 100, WAD // 102])
def test_most_to_fill_at_the_bounds_does_not_overflow(harness, agree, premium):
    """Amounts and value of 128 bits, the highest gearing, the longest premium: all products fit."""
    most = 2**128 - 1
    gearing = MAX_GEARING if premium > 0 else 20 * WAD - 1
    cases = [(most, debt, SCALE, gearing, premium) for debt in (0, most // 2, most - 1, most)]

    agree(harness.most_lever, leverage_math.most_lever, cases)
    agree(harness.most_delever, leverage_math.most_delever, cases)
    assert harness.most_lever(*cases[0]) > 0
    assert harness.most_delever(most, most - 2**125, SCALE, 2 * WAD, 0) > 0
