"""The closed form, and that the page's calculator agrees with it."""

import json
import subprocess
from itertools import product
from math import exp
from pathlib import Path

import numpy as np
import pytest

from scripts._paper.closed import a_year, after, beta_slippage

SCRIPT = Path("scripts/_report/calculator.js").read_text()
CASES = list(
    product((-3, -1, 0, 0.5, 1, 3, 5), (-0.6, 0, 0.2, 1.5), (0, 7, 134), (0, 0.8), (0, 0.0005))
)


def test_token_that_is_always_at_target_becomes_the_closed_form():
    """What is left of rebalancing a thousand times a day."""
    rng = np.random.default_rng(3)
    steps = rng.standard_normal(30_000)
    steps = (steps - steps.mean()) / steps.std() * 0.8 * np.sqrt(30 / 365 / len(steps))
    steps += np.log(1.2) / len(steps)

    for leverage in (3, -3):
        lived = np.prod(1 + leverage * np.expm1(steps))

        assert after(leverage, 0.2, 30, 0.8, 0).worth == pytest.approx(lived, rel=2e-3)


def test_parts_sum_up():
    told = after(3, 0.2, 134, a_year(0.04), 0.0005)

    assert told.without_volatility == pytest.approx(1.2**3)
    assert told.worth == pytest.approx(told.without_volatility - told.slippage - told.costs)
    assert told.worth == pytest.approx(1.2**3 * exp(-3 * 0.04**2 * 134 - 0.0005 * 134))


@pytest.mark.parametrize(("leverage", "factor"), [(3, 3), (-3, 6), (1, 0), (0, 0), (-1, 1)])
def test_slippage_grows_with_leverage(leverage, factor):
    assert beta_slippage(leverage, 0.9, 2.0) == pytest.approx(factor * 0.81 * 2)


def test_below_one_volatility_gives():
    assert after(0.5, 0, 365, 0.8, 0).worth > 1


@pytest.mark.parametrize("move", [-1, -1.5])
def test_price_cannot_fall_by_all_of_itself(move):
    with pytest.raises(ValueError, match="move: expected more than -1"):
        after(3, move, 1, 0.8, 0)


def test_calculator_of_the_page_agrees():
    code = f"{SCRIPT}; console.log(JSON.stringify({json.dumps(CASES)}.map((c) => after(...c))))"

    answer = subprocess.run(["node", "-e", code], check=True, capture_output=True, text=True)

    for case, told in zip(CASES, json.loads(answer.stdout), strict=True):
        assert told == pytest.approx(list(after(*case)), rel=1e-12, abs=1e-12)


def test_calculator_tells_it_in_words():
    code = f"{SCRIPT}; console.log(told(3, 0.2, 134, 0.04 * Math.sqrt(365), 0.0005).join('\\n'))"

    answer = subprocess.run(["node", "-e", code], check=True, capture_output=True, text=True)

    assert answer.stdout.splitlines() == [
        "You get −15.1 %: 1,000 dollars become 849.",
        "Without volatility it would be +72.8 % (1,728 dollars); beta slippage takes 820, "
        "what is charged takes 59.",
    ]
