"""The swap inside of a mint or redemption, from what a person pays in all."""

from decimal import Decimal

import pytest

from scripts._model.fixed_point import SCALE, WAD
from scripts._wallet.swap import Swap, mid_price, swap_of

USDC = 10**6
PRICE = 2_000 * USDC * SCALE // WAD  # of ETH in USDC
FEE = 500


# Three ETH held for 4,000 USDC owed; ETH costs 2,001 USDC to buy and brings 1,999.
@pytest.mark.parametrize(
    ("minting", "in_debt", "total", "collateral", "debt"),
    [
        (True, True, 6_003 * USDC - 4_000 * USDC, 3 * WAD, 6_003 * USDC),
        (True, False, 3 * WAD - 4_000 * WAD // 2_001, 4_000 * WAD // 2_001, 4_000 * USDC),
        (False, True, 5_997 * USDC - 4_000 * USDC, 3 * WAD, 5_997 * USDC),
        (False, False, 3 * WAD - 4_000 * WAD // 1_999, 4_000 * WAD // 1_999, 4_000 * USDC),
    ],
)
def test_swap_is_what_the_legs_leave(minting, in_debt, total, collateral, debt):
    swap = swap_of(minting, in_debt, 3 * WAD, 4_000 * USDC, total, FEE)

    assert swap == Swap(minting, collateral, debt, FEE)
    assert swap.loss(PRICE) == pytest.approx(Decimal("0.0005"), rel=Decimal("0.001"))


def test_without_debt_nothing_is_swapped_in_the_collateral_asset():
    assert swap_of(True, False, 3 * WAD, 0, 3 * WAD, FEE) is None


@pytest.mark.parametrize("minting", [True, False])
def test_impact_is_what_is_lost_beside_the_fee(minting):
    # of what is sold the fee takes 0.05 % and the pool's move 1 %
    kept = Decimal("0.9995") * Decimal("0.99")
    worth = 1_000_000 * USDC
    swap = (
        Swap(True, int(kept * worth * SCALE / PRICE), worth, FEE)
        if minting
        else Swap(False, worth * SCALE // PRICE, int(kept * worth), FEE)
    )

    assert swap.impact(PRICE) == pytest.approx(Decimal("0.01"))
    assert swap.loss(PRICE) == pytest.approx(1 - kept)


def test_fee_is_taken_of_what_is_sold():
    assert Swap(True, WAD, 2_000 * USDC, FEE).fee_paid == USDC
    assert Swap(False, WAD, 2_000 * USDC, FEE).fee_paid == WAD * 5 // 10_000


def test_price_is_debt_for_a_collateral():
    assert Swap(True, WAD, 2_000 * USDC, FEE).price == Decimal(2_000 * USDC) / WAD


@pytest.mark.parametrize("collateral_first", [True, False])
def test_mid_price_is_debt_for_collateral_whichever_is_first(collateral_first):
    ratio = Decimal(2_000 * USDC) / WAD  # debt for a collateral
    root = int((ratio if collateral_first else 1 / ratio).sqrt() * 2**96)

    assert mid_price(root, collateral_first) == pytest.approx(PRICE, rel=1e-15)
