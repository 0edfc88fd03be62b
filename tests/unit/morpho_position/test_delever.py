"""Debt tokens that lie in the position repay, collateral goes out to whom the token says."""

import ape
import pytest

from scripts._devnet import DAY, USDC, WAD, now, set_price, warp_to
from tests.unit.morpho_position.markets import books, repay


def borrow_shares(devnet, market, position) -> int:
    return devnet.morpho.position(market.id, position).borrowShares


def test_delever_moves_both_legs(devnet, market, levered, weth, usdc, token, stranger):
    had, owed = books(devnet, market, levered.address)
    usdc.transfer(levered, 4_000 * USDC, sender=token)

    levered.delever(4_000 * USDC, 3 * WAD, stranger, sender=token)

    assert books(devnet, market, levered.address)[0] == had - 3 * WAD
    assert books(devnet, market, levered.address)[1] - (owed - 4_000 * USDC) in (0, 1)
    assert weth.balanceOf(stranger) == 3 * WAD
    assert weth.balanceOf(levered) == usdc.balanceOf(levered) == 0


def test_delever_of_debt_only_leaves_the_collateral(levered, usdc, token):
    usdc.transfer(levered, USDC, sender=token)

    levered.delever(USDC, 0, token, sender=token)

    assert levered.balances()[0] == 10 * WAD


def test_delever_of_collateral_only_leaves_the_debt(levered, token):
    owed = levered.balances()[1]

    levered.delever(0, WAD, token, sender=token)

    assert tuple(levered.balances()) == (9 * WAD, owed)


def test_delever_of_nothing_changes_nothing(levered, token):
    before = tuple(levered.balances())

    levered.delever(0, 0, token, sender=token)

    assert tuple(levered.balances()) == before


@pytest.mark.parametrize("days", [0, 1, 1_000])
def test_delever_of_all_debt_leaves_no_share_of_it(
    devnet, market, levered, weth, usdc, token, stranger, days
):
    warp_to(now() + days * DAY + 1)
    had, owed = books(devnet, market, levered.address)
    usdc.transfer(levered, owed, sender=token)

    levered.delever(owed, had, stranger, sender=token)

    assert borrow_shares(devnet, market, levered) == 0
    assert tuple(levered.balances()) == (0, 0)
    assert usdc.balanceOf(levered) == 0
    assert weth.balanceOf(stranger) == had


def test_delever_of_more_than_all_debt_repays_all_and_leaves_the_rest(
    devnet, market, levered, usdc, token
):
    owed = levered.balances()[1]
    usdc.transfer(levered, owed + 2, sender=token)

    levered.delever(owed + 2, 0, token, sender=token)

    assert borrow_shares(devnet, market, levered) == 0
    assert usdc.balanceOf(levered) == 2


def test_delever_of_all_debt_but_a_unit_leaves_a_unit(devnet, market, levered, usdc, token):
    owed = levered.balances()[1]
    usdc.transfer(levered, owed, sender=token)

    levered.delever(owed - 1, 0, token, sender=token)

    assert borrow_shares(devnet, market, levered) > 0
    assert levered.balances()[1] in (1, 2)


def test_delever_of_the_last_share_repays_it(devnet, market, levered, usdc, token, lender):
    shares = borrow_shares(devnet, market, levered)
    repay(devnet, market, levered.address, lender, shares=shares - 1)
    owed = levered.balances()[1]
    usdc.transfer(levered, owed, sender=token)

    levered.delever(owed, 10 * WAD, token, sender=token)

    assert owed == 1
    assert tuple(levered.balances()) == (0, 0)


def test_delever_repays_before_it_withdraws(levered, usdc, token):
    usdc.transfer(levered, 9_000 * USDC, sender=token)

    # what stays is healthy only once the debt is paid
    levered.delever(9_000 * USDC, 9 * WAD, token, sender=token)

    assert levered.balances()[0] == WAD


def test_delever_beyond_the_liquidation_ltv_reverts_on_the_venue(levered, token):
    with ape.reverts("insufficient collateral"):
        levered.delever.call(0, 5 * WAD, token, sender=token, skip_trace=True)


def test_delever_of_more_than_lies_there_reverts_on_the_venue(levered, usdc, token):
    usdc.transfer(levered, USDC, sender=token)

    with ape.reverts("transferFrom reverted"):
        levered.delever.call(USDC + 1, 0, token, sender=token, skip_trace=True)


def test_delever_with_the_oracle_dead_frees_collateral_only_without_debt(
    devnet, levered, usdc, token
):
    owed = levered.balances()[1]
    usdc.transfer(levered, owed, sender=token)
    devnet.eth_feed.set_failing(True, sender=token)

    with ape.reverts("feed: told to fail"):
        levered.delever.call(owed - 1, 1, token, sender=token, skip_trace=True)
    levered.delever(owed, 10 * WAD, token, sender=token)

    assert tuple(levered.balances()) == (0, 0)


def test_delever_of_an_unhealthy_position_must_restore_it(devnet, levered, usdc, token):
    usdc.transfer(levered, 5_000 * USDC, sender=token)
    set_price(devnet, "1100")  # 10,000 owed against 11,000

    with ape.reverts("insufficient collateral"):
        levered.delever.call(10 * USDC, 1, token, sender=token, skip_trace=True)
    levered.delever(5_000 * USDC, WAD, token, sender=token)

    assert levered.balances()[0] == 9 * WAD


def test_delever_by_another_reverts(levered, stranger):
    with ape.reverts("delever: caller is not the token"):
        levered.delever.call(0, 1, stranger, sender=stranger, skip_trace=True)
