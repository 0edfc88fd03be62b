"""Collateral that lies in the position goes to Aave, debt comes out to whom the token says."""

import ape
import pytest

from scripts._devnet import DAY, USDC, WAD, now, warp_to
from tests.aave_now import refusal
from tests.unit.aave_position.reserves import books, drain, set_terms


def test_lever_moves_both_legs(aave, market, position, weth, usdc, token, someone):
    weth.transfer(position, 10 * WAD, sender=token)
    grain = position.grain()

    position.lever(10 * WAD, 10_000 * USDC, someone, sender=token)

    assert abs(books(aave, market, position.address).collateral - 10 * WAD) <= grain
    assert abs(books(aave, market, position.address).debt - 10_000 * USDC) <= grain
    assert usdc.balanceOf(someone) == 10_000 * USDC
    assert weth.balanceOf(position) == usdc.balanceOf(position) == 0


def test_lever_names_no_referrer(aave, position, weth, token):
    weth.transfer(position, 10 * WAD, sender=token)

    receipt = position.lever(10 * WAD, 10_000 * USDC, token, sender=token)

    (supplied,) = aave.pool.Supply.from_receipt(receipt)
    (borrowed,) = aave.pool.Borrow.from_receipt(receipt)
    assert supplied.referralCode == borrowed.referralCode == 0
    assert supplied.onBehalfOf == borrowed.onBehalfOf == position


def test_lever_of_a_part_leaves_the_rest(position, weth, token):
    weth.transfer(position, 3 * WAD, sender=token)

    position.lever(WAD, 0, token, sender=token)

    assert weth.balanceOf(position) == 2 * WAD
    assert position.balances()[0] == pytest.approx(WAD, abs=position.grain())
    assert position.balances()[1] == 0


def test_lever_of_nothing_reverts_on_the_venue(position, token):
    assert refusal(position.lever, 0, 0, token, sender=token) == "InvalidAmount"


def test_lever_of_more_than_lies_there_reverts(position, weth, token):
    weth.transfer(position, WAD, sender=token)

    assert refusal(position.lever, WAD + 1, 0, token, sender=token)
    assert refusal(position.lever, WAD, 0, token, sender=token) == ""


def test_lever_beyond_the_ltv_reverts_on_the_venue(position, weth, token):
    """To borrow less is worth than to be liquidated: 80.5 % of 2,000 dollars, not 83 %."""
    weth.transfer(position, WAD, sender=token)
    most = 1_610 * USDC

    why = refusal(position.lever, WAD, most + USDC, token, sender=token)

    assert why == "CollateralCannotCoverNewBorrow"
    assert refusal(position.lever, WAD, most - USDC, token, sender=token) == ""


def test_lever_of_more_than_can_be_borrowed_reverts(aave, position, weth, usdc, lender, token):
    drain(aave, usdc, weth, lender, 100 * USDC)
    weth.transfer(position, WAD, sender=token)

    assert refusal(position.lever, WAD, 100 * USDC + 1, token, sender=token)
    assert refusal(position.lever, WAD, 100 * USDC, token, sender=token) == ""


def test_lever_again_after_interest_adds_to_both(aave, market, levered, weth, token):
    warp_to(now() + 90 * DAY)
    before, grain = books(aave, market, levered.address), levered.grain()
    weth.transfer(levered, WAD, sender=token)

    levered.lever(WAD, 500 * USDC, token, sender=token)

    after = books(aave, market, levered.address)
    assert abs(after.collateral - before.collateral - WAD) <= grain
    assert abs(after.debt - before.debt - 500 * USDC) <= grain


def test_lever_where_the_collateral_counts_no_more_reverts_on_the_venue(
    aave, governor, levered, weth, token
):
    set_terms(aave, governor, weth, (0, 8_300, 10_500))
    weth.transfer(levered, WAD, sender=token)

    assert refusal(levered.lever, WAD, 1, token, sender=token) == "LtvValidationFailed"
    assert refusal(levered.lever, WAD, 0, token, sender=token) == ""


@pytest.mark.parametrize("debt", [0, 1])
def test_lever_by_another_reverts(levered, someone, debt):
    with ape.reverts("lever: caller is not the token"):
        levered.lever.call(1, debt, someone, sender=someone, skip_trace=True)
