"""What a bar is, and that nobody needs Ape for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts._prices.bars import POINTS, USD, Bar, path_of

BARS = [
    Bar(1_583_971_200, 194 * USD, 196 * USD, 193 * USD, 195 * USD),
    Bar(1_583_971_500, 195 * USD, 195 * USD, 190 * USD, 191 * USD),
]


@pytest.mark.parametrize(("long", "order"), [(True, (1, 2, 3, 4)), (False, (1, 3, 2, 4))])
def test_path_takes_each_bar_in_the_adverse_order(long, order):
    points = path_of(BARS, 300, long)

    assert [price for _, price in points] == [bar[place] for bar in BARS for place in order]


def test_path_spreads_the_points_over_the_bar():
    points = path_of(BARS, 300, long=True)

    assert [time - BARS[0].time for time, _ in points] == [75 * n for n in range(2 * POINTS)]


@pytest.mark.parametrize("module", ["bars", "table", "read", "make"])
def test_prices_need_no_ape(module):
    code = (
        f"import sys, scripts._prices.{module};"
        "print({name.split('.')[0] for name in sys.modules} & {'ape', 'web3', 'pandas'})"
    )
    root = Path(__file__).parents[3]

    told = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )

    assert told.stdout == "set()\n"
