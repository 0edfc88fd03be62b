import ape
import pytest

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
