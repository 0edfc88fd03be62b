import ape
import pytest

from scripts._devnet import DAY, now, warp_to
from tests.unit.leveraged_token.logs import emitted


@pytest.mark.parametrize("paused", [True, False])
def test_set_paused_by_the_owner_is_kept(bull, owner, paused):
    bull.set_paused(not paused, sender=owner)

    receipt = bull.set_paused(paused, sender=owner)

    assert bull.paused() is paused
    assert emitted(receipt, bull) == [("Paused", {"paused": paused})]


def test_set_paused_by_another_reverts(bull, stranger):
    with ape.reverts("owner: caller is not the owner"):
        bull.set_paused.call(True, sender=stranger, skip_trace=True)


def test_set_paused_leaves_cap_and_clock_alone(bull, owner):
    settled, cap = bull.settled_at(), bull.cap()
    warp_to(now() + DAY)

    bull.set_paused(True, sender=owner)

    assert (bull.settled_at(), bull.cap()) == (settled, cap)
