"""Debt tokens that lie in the position repay, collateral goes out to whom the token says."""

import ape
import pytest

from scripts._devnet import DAY, USDC, WAD, now, set_price, warp_to
from tests.aave_now import refusal
from tests.unit.aave_position.reserves import books, repay, set_terms, supply

UNHEALTHY = "HealthFactorLowerThanLiquidationThreshold"


def owed_units(aave, usdc, position) -> int:
    """Scaled units of the debt."""
    return aave.debt_token(usdc).scaledBalanceOf(position)


def test_delever_moves_both_legs(aave, market, levered, weth, usdc, token, someone):
    before, grain = books(aave, market, levered.address), levered.grain()
    usdc.transfer(levered, 4_000 * USDC, sender=token)

    levered.delever(4_000 * USDC, 3 * WAD, someone, sender=token)

    after = books(aave, market, levered.address)
    assert abs(before.collateral - after.collateral - 3 * WAD) <= grain
    assert abs(before.debt - after.debt - 4_000 * USDC) <= grain
    assert weth.balanceOf(someone) == 3 * WAD
    assert weth.balanceOf(levered) == usdc.balanceOf(levered) == 0


def test_delever_is_of_the_token_whoever_signed(stubbed, weth, someone):
    stubbed.act(stubbed.position.delever, 0, WAD, someone)

    assert weth.balanceOf(someone) == WAD


def test_delever_of_debt_only_leaves_the_collateral(levered, usdc, token):
    held = levered.balances()[0]
    usdc.transfer(levered, USDC, sender=token)

    levered.delever(USDC, 0, token, sender=token)

    assert levered.balances()[0] == held


def test_delever_of_collateral_only_leaves_the_debt(levered, token):
    owed = levered.balances()[1]

    levered.delever(0, WAD, token, sender=token)

    assert levered.balances()[1] == owed


def test_delever_of_nothing_changes_nothing(levered, token):
    before = tuple(levered.balances())

    levered.delever(0, 0, token, sender=token)

    assert tuple(levered.balances()) == before


@pytest.mark.parametrize("days", [0, 1, 1_000])
def test_delever_of_all_debt_leaves_no_unit_of_it(aave, levered, weth, usdc, token, someone, days):
    warp_to(now() + days * DAY + 1)
    had, owed = levered.balances()
    usdc.transfer(levered, owed, sender=token)

    levered.delever(owed, had, someone, sender=token)

    assert owed_units(aave, usdc, levered) == 0
    assert levered.balances()[0] <= levered.grain()
    assert usdc.balanceOf(levered) <= 1  # until 3.4 half a unit may be let off
    assert weth.balanceOf(someone) == had


def test_delever_of_more_than_all_debt_repays_all_and_leaves_the_rest(aave, levered, usdc, token):
    owed = levered.balances()[1]
    usdc.transfer(levered, owed + 2, sender=token)

    levered.delever(owed + 2, 0, token, sender=token)

    assert owed_units(aave, usdc, levered) == 0
    assert usdc.balanceOf(levered) in (2, 3)


def test_delever_of_the_last_unit_repays_it(aave, levered, usdc, token, lender):
    owed = levered.balances()[1]
    repay(aave, usdc, levered.address, lender, owed - levered.grain())
    left = levered.balances()[1]
    usdc.transfer(levered, left, sender=token)

    levered.delever(left, 0, token, sender=token)

    assert 0 < left <= 2 * levered.grain()
    assert owed_units(aave, usdc, levered) == 0


def test_delever_of_debt_that_is_not_there_reverts_on_the_venue(levered, usdc, token):
    owed = levered.balances()[1]
    usdc.transfer(levered, owed + USDC, sender=token)
    levered.delever(owed, 0, token, sender=token)

    assert refusal(levered.delever, 1, 0, token, sender=token) == "NoDebtOfSelectedType"


def test_delever_repays_before_it_withdraws(levered, usdc, token):
    usdc.transfer(levered, 9_000 * USDC, sender=token)

    # what stays is healthy only once the debt is paid
    levered.delever(9_000 * USDC, 9 * WAD, token, sender=token)

    assert levered.balances()[0] == pytest.approx(WAD, rel=1e-6)


def test_delever_beyond_the_threshold_reverts_on_the_venue(levered, token):
    """Ten thousand dollars may be owed against 6.03 WETH and no less."""
    assert refusal(levered.delever, 0, 4 * WAD, token, sender=token) == UNHEALTHY
    assert refusal(levered.delever, 0, 39 * WAD // 10, token, sender=token) == ""


def test_delever_of_more_collateral_than_there_is_reverts_on_the_venue(levered, usdc, token):
    had, owed = levered.balances()
    usdc.transfer(levered, owed, sender=token)

    why = refusal(levered.delever, owed, had + 2, token, sender=token)

    assert why == "NotEnoughAvailableUserBalance"


def test_delever_of_more_debt_than_lies_there_reverts(levered, usdc, token):
    usdc.transfer(levered, USDC, sender=token)

    assert refusal(levered.delever, USDC + 1, 0, token, sender=token)
    assert refusal(levered.delever, USDC, 0, token, sender=token) == ""


def test_delever_with_the_oracle_dead_frees_collateral_only_without_debt(
    world, levered, usdc, token
):
    had, owed = levered.balances()
    usdc.transfer(levered, owed, sender=token)
    world.eth_feed.set_failing(True, sender=token)

    why = refusal(levered.delever, owed - USDC, WAD, token, sender=token)
    levered.delever(owed, had, token, sender=token)

    assert why == "feed: told to fail"
    assert levered.balances()[1] == 0


def test_delever_with_the_oracle_dead_repays(world, levered, usdc, token):
    usdc.transfer(levered, USDC, sender=token)
    world.eth_feed.set_failing(True, sender=token)

    assert refusal(levered.delever, USDC, 0, token, sender=token) == ""


def test_delever_of_an_unhealthy_position_must_restore_it(world, levered, usdc, token):
    usdc.transfer(levered, 5_000 * USDC, sender=token)
    set_price(world, "1150")  # 10,000 owed against 11,500

    assert refusal(levered.delever, 10 * USDC, 1, token, sender=token) == UNHEALTHY
    assert refusal(levered.delever, 5_000 * USDC, WAD, token, sender=token) == ""


def test_delever_where_our_own_collateral_counts_no_more_passes(
    aave, governor, levered, usdc, token, weth
):
    usdc.transfer(levered, 1_000 * USDC, sender=token)
    set_terms(aave, governor, weth, (0, 8_300, 10_500))

    assert refusal(levered.delever, 1_000 * USDC, WAD, token, sender=token) == ""


def test_delever_where_a_strangers_collateral_counts_no_more_reverts_on_the_venue(
    aave, governor, levered, usdc, token, third, lender
):
    supply(aave, third.coin, levered.address, lender, WAD)
    usdc.transfer(levered, 10 * USDC, sender=token)
    set_terms(aave, governor, third.coin, (0, 6_000, 11_000))

    assert refusal(levered.delever, USDC, 1_000, token, sender=token) == "LtvValidationFailed"
    assert refusal(levered.delever, USDC, 0, token, sender=token) == ""


def test_delever_by_another_reverts(levered, someone):
    with ape.reverts("delever: caller is not the token"):
        levered.delever.call(0, 1, someone, sender=someone, skip_trace=True)
