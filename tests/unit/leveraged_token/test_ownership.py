"""Two steps to another owner, one to none."""

import ape
from ape.utils import ZERO_ADDRESS

from tests.unit.leveraged_token.logs import emitted


def test_transfer_ownership_only_offers(bull, owner, stranger):
    receipt = bull.transfer_ownership(stranger, sender=owner)

    assert bull.owner() == owner
    assert bull.pending_owner() == stranger
    assert emitted(receipt, bull) == [
        ("OwnershipTransferStarted", {"previous_owner": owner, "new_owner": stranger})
    ]


def test_transfer_ownership_to_nobody_withdraws_the_offer(bull, owner, stranger):
    bull.transfer_ownership(stranger, sender=owner)

    bull.transfer_ownership(ZERO_ADDRESS, sender=owner)

    assert bull.pending_owner() == ZERO_ADDRESS
    with ape.reverts("owner: caller was not offered"):
        bull.accept_ownership.call(sender=stranger, skip_trace=True)


def test_transfer_ownership_by_another_reverts(bull, stranger):
    with ape.reverts("owner: caller is not the owner"):
        bull.transfer_ownership.call(stranger, sender=stranger, skip_trace=True)


def test_accept_ownership_hands_over(bull, owner, stranger):
    bull.transfer_ownership(stranger, sender=owner)

    receipt = bull.accept_ownership(sender=stranger)

    assert bull.owner() == stranger
    assert bull.pending_owner() == ZERO_ADDRESS
    assert emitted(receipt, bull) == [
        ("OwnershipTransferred", {"previous_owner": owner, "new_owner": stranger})
    ]
    bull.set_cap(1, sender=stranger)
    with ape.reverts("owner: caller is not the owner"):
        bull.set_cap.call(1, sender=owner, skip_trace=True)


def test_accept_ownership_twice_reverts(bull, owner, stranger):
    bull.transfer_ownership(stranger, sender=owner)
    bull.accept_ownership(sender=stranger)

    with ape.reverts("owner: caller was not offered"):
        bull.accept_ownership.call(sender=stranger, skip_trace=True)


def test_accept_ownership_by_another_reverts(bull, owner, stranger, taker):
    bull.transfer_ownership(stranger, sender=owner)

    with ape.reverts("owner: caller was not offered"):
        bull.accept_ownership.call(sender=taker, skip_trace=True)


def test_renounce_ownership_is_for_good(bull, owner, stranger):
    bull.transfer_ownership(stranger, sender=owner)

    receipt = bull.renounce_ownership(sender=owner)

    assert bull.owner() == bull.pending_owner() == ZERO_ADDRESS
    assert emitted(receipt, bull) == [
        ("OwnershipTransferred", {"previous_owner": owner, "new_owner": ZERO_ADDRESS})
    ]
    with ape.reverts("owner: caller was not offered"):
        bull.accept_ownership.call(sender=stranger, skip_trace=True)
    with ape.reverts("owner: caller is not the owner"):
        bull.set_paused.call(True, sender=owner, skip_trace=True)


def test_renounce_ownership_by_another_reverts(bull, stranger):
    with ape.reverts("owner: caller is not the owner"):
        bull.renounce_ownership.call(sender=stranger, skip_trace=True)
