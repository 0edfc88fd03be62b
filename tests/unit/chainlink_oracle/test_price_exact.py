"""`price` is the exact quotient rounded down, for all decimals and all answers within bounds."""

from fractions import Fraction
from itertools import product

import pytest
from ape.exceptions import ProviderError
from hypothesis import given, settings
from hypothesis import strategies as st

MAX = 2**256 - 1
MAX_ANSWER = 2**255 - 1
MIN_PRICE = 10**9
DECIMALS = st.integers(0, 18)

# An example is one or two calls and no transaction: room for more of them.
cheap = settings(max_examples=6 * settings().max_examples)


def ceil_div(a, b):
    return -(-a // b)


@st.composite
def configs(draw):
    """
    What `bench.build` takes, all that the constructor accepts: the tokens' decimals, then one leg
    or both as (decimals, floor, ceiling).
    """
    collateral, debt = draw(DECIMALS), draw(DECIMALS)
    has_base, has_quote = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    base_decimals = draw(DECIMALS) if has_base else 0
    quote_decimals = draw(DECIMALS) if has_quote else 0
    scale = 10 ** (36 + debt + quote_decimals - collateral - base_decimals)

    base = quote = None
    floor = 1
    if has_base:
        lowest = ceil_div(MIN_PRICE, scale)
        ceiling = draw(st.integers(lowest, min(MAX // scale, MAX_ANSWER)))
        floor = draw(st.integers(lowest, ceiling))
        base = (base_decimals, floor, ceiling)
    if has_quote:
        ceiling = draw(st.integers(1, min(floor * scale // MIN_PRICE, MAX_ANSWER)))
        quote = (quote_decimals, draw(st.integers(1, ceiling)), ceiling)
    return collateral, debt, base, quote


@st.composite
def mirrored_configs(draw):
    """Such a configuration with each floor at its ceiling, accepted either way round."""
    collateral, debt, base, quote = (draw(DECIMALS) for _ in range(4))
    scale = 10 ** (36 + debt + quote - collateral - base)
    inverse = 10**72 // scale
    most_b, most_q = min(MAX // scale, MAX_ANSWER), min(MAX // inverse, MAX_ANSWER)

    q = draw(st.integers(ceil_div(MIN_PRICE, inverse), min(most_q, most_b * scale // MIN_PRICE)))
    b = draw(st.integers(ceil_div(MIN_PRICE * q, scale), min(most_b, q * inverse // MIN_PRICE)))
    return collateral, debt, (base, b, b), (quote, q, q)


def answers(leg):
    return st.integers(*leg[1:]) if leg else st.just(1)


def exact(collateral, debt, base, quote, b, q):
    """What one whole unit is worth, in raw units at 1e36, with no rounding but the last."""
    worth = Fraction(b, 10 ** base[0]) if base else Fraction(1)
    paid = Fraction(q, 10 ** quote[0]) if quote else Fraction(1)
    return int(worth / paid * 10**debt / 10**collateral * 10**36)


def test_price_with_any_token_decimals_is_exact(bench):
    base, quote = (8, 1, 10**14), (8, 1, 10**9)
    b, q = 271_828_182_845, 99_999_999

    for collateral, debt in product(range(19), repeat=2):
        oracle = bench.build(collateral, debt, base, quote)

        assert bench.price(oracle, b, q) == exact(collateral, debt, base, quote, b, q)


@cheap
@given(data=st.data(), config=configs())
def test_price_with_any_configuration_is_exact(bench, data, config):
    b, q = data.draw(answers(config[2])), data.draw(answers(config[3]))

    price = bench.price(bench.build(*config), b, q)

    assert price == exact(*config, b, q)
    assert price >= MIN_PRICE


@cheap
@given(answer=st.integers(-(2**255), MAX_ANSWER) | st.integers(-1, 1_001), on_base=st.booleans())
def test_price_with_any_answer_is_refused_out_of_band(bench, answer, on_base):
    oracle = bench.build(18, 6, (8, 10, 1_000), (8, 10, 1_000))
    b, q = (answer, 100) if on_base else (100, answer)

    if 10 <= answer <= 1_000:
        assert bench.price(oracle, b, q) == b * 10**24 // q
    else:
        with pytest.raises(ProviderError, match="oracle: answer"):
            bench.price(oracle, b, q)


@cheap
@given(data=st.data(), config=configs())
def test_price_rises_with_base_and_falls_with_quote(bench, data, config):
    base, quote = answers(config[2]), answers(config[3])
    low_b, high_b = sorted(data.draw(st.tuples(base, base)))
    low_q, high_q = sorted(data.draw(st.tuples(quote, quote)))
    oracle = bench.build(*config)

    lowest = bench.price(oracle, low_b, high_q)

    assert lowest <= bench.price(oracle, high_b, high_q)
    assert lowest <= bench.price(oracle, low_b, low_q)


@cheap
@given(config=mirrored_configs())
def test_price_times_its_inverse_is_one_less_rounding(bench, config):
    """
    Prices of x and 1/x, each short by less than 1: the product is short by less than the sum of
    what they would be unrounded.
    """
    collateral, debt, base, quote = config
    b, q = base[1], quote[1]

    price = bench.price(bench.build(collateral, debt, base, quote), b, q)
    inverse = bench.price(bench.build(debt, collateral, quote, base), q, b)

    assert 10**72 - (price + 1) - (inverse + 1) < price * inverse <= 10**72
