"""At the distance that is shown the position is just at the venue's limit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model.fixed_point import SCALE, WAD
from scripts._wallet.distance import to_liquidation

LLTV = 86 * WAD // 100


def test_long_three_times_at_86_percent_is_22_percent_away():
    # 3 ETH at 2,000 held, 4,000 dollars owed: the design's 1 - 2 / (3 * 0.86)
    move = to_liquidation(3 * WAD, 4_000 * 10**6, 2_000 * 10**6 * SCALE // WAD, LLTV, True)

    assert move == pytest.approx(Decimal("-0.224806201550387"))


def test_short_three_times_at_91_percent_is_22_percent_away():
    # 8,000 dollars held, 3 ETH at 2,000 owed: the design's 0.915 * 4 / 3 - 1
    price = WAD * SCALE // (2_000 * 10**6)
    move = to_liquidation(8_000 * 10**6, 3 * WAD, price, 915 * WAD // 1000, False)

    assert move == pytest.approx(Decimal("0.22"))


def test_past_the_limit_the_sign_turns():
    price = 2_000 * 10**6 * SCALE // WAD

    assert to_liquidation(WAD, 1_900 * 10**6, price, LLTV, True) > 0


def test_without_debt_nothing_can_liquidate():
    assert to_liquidation(WAD, 0, SCALE, LLTV, True) is None


def test_without_collateral_there_is_no_distance():
    with pytest.raises(ValueError, match="no collateral"):
        to_liquidation(0, 1, SCALE, LLTV, True)


@given(
    st.integers(10**9, 10**30),
    st.integers(10**9, 10**30),
    st.integers(10**30, 10**42),
    st.booleans(),
)
def test_moved_by_the_distance_debt_is_all_that_the_collateral_carries(
    collateral, debt, price, long
):
    move = to_liquidation(collateral, debt, price, LLTV, long)
    # a short token's price is what its debt costs: the collateral's moves the other way
    moved = Decimal(price) * (1 + move if long else 1 / (1 + move))
    carried = collateral * moved / SCALE * LLTV / WAD

    assert carried == pytest.approx(Decimal(debt), rel=Decimal("1e-20"))
