"""Collateral that lies in the position goes to the venue, debt comes out to whom the token says."""

import ape
import pytest

from scripts._devnet import DAY, USDC, WAD, now, warp_to
from tests.unit.morpho_position.markets import books, drain


def test_lever_moves_both_legs(devnet, market, position, weth, usdc, token, stranger):
    weth.transfer(position, 10 * WAD, sender=token)

    position.lever(10 * WAD, 10_000 * USDC, stranger, sender=token)

    assert books(devnet, market, position.address)[0] == 10 * WAD
    assert books(devnet, market, position.address)[1] - 10_000 * USDC in (0, 1)
    assert usdc.balanceOf(stranger) == 10_000 * USDC
    assert weth.balanceOf(position) == usdc.balanceOf(position) == 0


def test_lever_of_a_part_leaves_the_rest(position, weth, token):
    weth.transfer(position, 3 * WAD, sender=token)

    position.lever(WAD, 0, token, sender=token)

    assert weth.balanceOf(position) == 2 * WAD
    assert tuple(position.balances()) == (WAD, 0)


def test_lever_of_nothing_reverts_on_the_venue(position, token):
    with ape.reverts("zero assets"):
        position.lever.call(0, 0, token, sender=token, skip_trace=True)


def test_lever_of_more_than_lies_there_reverts_on_the_venue(position, weth, token):
    weth.transfer(position, WAD, sender=token)

    with ape.reverts("transferFrom reverted"):
        position.lever.call(WAD + 1, 0, token, sender=token, skip_trace=True)


def test_lever_beyond_the_liquidation_ltv_reverts_on_the_venue(position, weth, token):
    weth.transfer(position, WAD, sender=token)
    most = 1_720 * USDC  # 86 % of 2,000

    with ape.reverts("insufficient collateral"):
        position.lever.call(WAD, most + 1, token, sender=token, skip_trace=True)
    position.lever(WAD, most - 1, token, sender=token)


def test_lever_of_more_than_can_be_borrowed_reverts_on_the_venue(
    devnet, market, position, weth, token
):
    drain(devnet, market, 100 * USDC)
    weth.transfer(position, WAD, sender=token)

    with ape.reverts("insufficient liquidity"):
        position.lever.call(WAD, 100 * USDC + 1, token, sender=token, skip_trace=True)
    position.lever(WAD, 100 * USDC, token, sender=token)


def test_lever_again_after_interest_adds_to_both(levered, weth, token):
    warp_to(now() + 90 * DAY)
    had, owed = levered.balances()
    weth.transfer(levered, WAD, sender=token)

    levered.lever(WAD, 500 * USDC, token, sender=token)

    assert levered.balances()[0] == had + WAD
    assert levered.balances()[1] - owed - 500 * USDC in (0, 1)


@pytest.mark.parametrize("debt", [0, 1])
def test_lever_by_another_reverts(levered, stranger, debt):
    with ape.reverts("lever: caller is not the token"):
        levered.lever.call(1, debt, stranger, sender=stranger, skip_trace=True)


def test_lever_for_one_unit_of_debt_borrows_it(levered, weth, usdc, token):
    weth.transfer(levered, 1, sender=token)
    purse = usdc.balanceOf(token)

    levered.lever(1, 1, token, sender=token)

    assert usdc.balanceOf(token) == purse + 1
