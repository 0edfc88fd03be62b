import ape
import pytest

from scripts._devnet import DAY, now, warp_to
from tests.unit.leveraged_token.logs import emitted

MOST = 2**112


@pytest.mark.parametrize("cap", [0, 1, MOST])
def test_set_cap_by_the_owner_is_kept(bull, owner, cap):
    receipt = bull.set_cap(cap, sender=owner)

    assert bull.cap() == cap
    assert emitted(receipt, bull) == [("CapSet", {"cap": cap})]


def test_set_cap_that_could_overflow_reverts(bull, owner):
    with ape.reverts("token: cap out of bounds"):
        bull.set_cap.call(MOST + 1, sender=owner, skip_trace=True)


def test_set_cap_by_another_reverts(bull, stranger):
    with ape.reverts("owner: caller is not the owner"):
        bull.set_cap.call(1, sender=stranger, skip_trace=True)


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("later", [DAY, DAY + 1])
def test_set_cap_leaves_pause_and_clock_alone(bull, owner, paused, later):
    """All three are in one word: whatever the second is, none runs into another."""
    bull.set_paused(paused, sender=owner)
    warp_to(now() + later)
    bull.settle(sender=owner)
    settled = now()

    bull.set_cap(MOST - 1, sender=owner)

    assert (bull.settled_at(), bull.cap(), bull.paused()) == (settled, MOST - 1, paused)


def test_settle_leaves_cap_and_pause_alone(bull, owner):
    bull.set_cap(12_345, sender=owner)
    bull.set_paused(True, sender=owner)
    warp_to(now() + DAY)

    bull.settle(sender=owner)

    assert (bull.settled_at(), bull.cap(), bull.paused()) == (now(), 12_345, True)
