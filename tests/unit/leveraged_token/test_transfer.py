import ape
import pytest
from ape.utils import ZERO_ADDRESS

from scripts._devnet import ENDLESS, WAD
from tests.unit.leveraged_token.logs import emitted, transferred


@pytest.fixture
def holder(bull, minter):
    bull.mint(1_000 * WAD, ENDLESS, 0, sender=minter)
    return minter


@pytest.mark.parametrize("amount", [0, 1, 1_000 * WAD])
def test_transfer_moves_shares(bull, holder, stranger, amount):
    supply = bull.totalSupply()

    receipt = bull.transfer(stranger, amount, sender=holder)

    assert receipt.return_value is True
    assert bull.balanceOf(holder) == 1_000 * WAD - amount
    assert bull.balanceOf(stranger) == amount
    assert bull.totalSupply() == supply
    assert emitted(receipt, bull) == [transferred(holder, stranger, amount)]


def test_transfer_to_oneself_changes_nothing(bull, holder):
    receipt = bull.transfer(holder, 600 * WAD, sender=holder)

    assert bull.balanceOf(holder) == 1_000 * WAD
    assert emitted(receipt, bull) == [transferred(holder, holder, 600 * WAD)]


def test_transfer_to_the_token_itself_passes(bull, holder):
    bull.transfer(bull, WAD, sender=holder)

    assert bull.balanceOf(bull) == WAD


def test_transfer_of_more_than_the_balance_reverts(bull, holder, stranger):
    with ape.reverts("transfer: balance too low"):
        bull.transfer.call(stranger, 1_000 * WAD + 1, sender=holder, skip_trace=True)


def test_transfer_to_oneself_of_more_than_the_balance_reverts(bull, holder):
    with ape.reverts("transfer: balance too low"):
        bull.transfer.call(holder, 1_000 * WAD + 1, sender=holder, skip_trace=True)


def test_transfer_to_nobody_reverts(bull, holder):
    with ape.reverts("transfer: receiver is zero"):
        bull.transfer.call(ZERO_ADDRESS, 1, sender=holder, skip_trace=True)


def test_transfer_from_uses_up_the_allowance(bull, holder, taker, stranger):
    bull.approve(taker, 10, sender=holder)

    receipt = bull.transferFrom(holder, stranger, 7, sender=taker)

    assert receipt.return_value is True
    assert bull.allowance(holder, taker) == 3
    assert bull.balanceOf(stranger) == 7
    assert emitted(receipt, bull) == [transferred(holder, stranger, 7)]


def test_transfer_from_leaves_an_endless_allowance(bull, holder, taker, stranger):
    bull.approve(taker, ENDLESS, sender=holder)

    bull.transferFrom(holder, stranger, 7, sender=taker)

    assert bull.allowance(holder, taker) == ENDLESS


def test_transfer_from_above_the_allowance_reverts(bull, holder, taker, stranger):
    bull.approve(taker, 6, sender=holder)

    with ape.reverts("transfer: allowance too low"):
        bull.transferFrom.call(holder, stranger, 7, sender=taker, skip_trace=True)


def test_transfer_from_oneself_needs_an_allowance(bull, holder, stranger):
    with ape.reverts("transfer: allowance too low"):
        bull.transferFrom.call(holder, stranger, 1, sender=holder, skip_trace=True)


def test_transfer_from_above_the_balance_reverts(bull, holder, taker, stranger):
    bull.approve(taker, ENDLESS, sender=holder)

    with ape.reverts("transfer: balance too low"):
        bull.transferFrom.call(holder, stranger, 1_000 * WAD + 1, sender=taker, skip_trace=True)


def test_transfer_from_to_nobody_reverts(bull, holder, taker):
    bull.approve(taker, ENDLESS, sender=holder)

    with ape.reverts("transfer: receiver is zero"):
        bull.transferFrom.call(holder, ZERO_ADDRESS, 1, sender=taker, skip_trace=True)
