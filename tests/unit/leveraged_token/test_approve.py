import pytest

from scripts._devnet import ENDLESS
from tests.unit.leveraged_token.logs import emitted


@pytest.mark.parametrize("amount", [0, 1, ENDLESS])
def test_approve_overwrites_what_was_allowed(bull, minter, taker, amount):
    bull.approve(taker, 5, sender=minter)

    receipt = bull.approve(taker, amount, sender=minter)

    assert receipt.return_value is True
    assert bull.allowance(minter, taker) == amount
    assert bull.allowance(taker, minter) == 0
    assert emitted(receipt, bull) == [
        ("Approval", {"owner": minter, "spender": taker, "value": amount})
    ]
