import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model import fixed_point
from scripts._model.fixed_point import MAX


@pytest.fixture(scope="module")
def harness(harness_of):
    return harness_of("fixed_point")


numbers = st.integers(0, 2**128) | st.integers(0, MAX)
cases = st.lists(st.tuples(numbers, numbers, numbers.filter(bool)), min_size=30)


@pytest.mark.parametrize("name", ["mul_div_down", "mul_div_up"])
@given(cases=cases)
def test_mul_div_any_numbers_equals_the_twin(harness, agree, name, cases):
    """Overflow included, which reverts without a reason."""
    agree(getattr(harness, name), getattr(fixed_point, name), cases)


@pytest.mark.parametrize("name", ["mul_div_down", "mul_div_up"])
def test_mul_div_at_the_last_number_that_fits_goes(harness, agree, name):
    cases = [(2**128 - 1, 2**128 + 1, 1), (2**128, 2**128, 1), (MAX, 1, MAX), (MAX, 1, 1)]
    agree(getattr(harness, name), getattr(fixed_point, name), cases)
