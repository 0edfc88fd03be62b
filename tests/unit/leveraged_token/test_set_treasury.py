import ape
from ape.utils import ZERO_ADDRESS

from scripts._devnet import DAY, ENDLESS, WAD, now, warp_to
from tests.unit.leveraged_token.logs import emitted, transferred


def test_set_treasury_pays_the_old_one_first(bull, owner, treasury, stranger):
    warp_to(now() + DAY)
    supply, treasure = bull.totalSupply(), bull.balanceOf(treasury)

    receipt = bull.set_treasury(stranger, sender=owner)

    fee = bull.totalSupply() - supply
    assert fee > 0
    assert bull.treasury() == stranger
    assert bull.balanceOf(treasury) == treasure + fee
    assert bull.balanceOf(stranger) == 0
    assert emitted(receipt, bull) == [
        transferred(ZERO_ADDRESS, treasury, fee),
        ("FeeAccrued", {"treasury": treasury, "shares": fee}),
        ("TreasurySet", {"treasury": stranger}),
    ]


def test_set_treasury_pays_the_new_one_from_then_on(bull, owner, minter, treasury, stranger):
    bull.set_treasury(stranger, sender=owner)
    treasure = bull.balanceOf(treasury)

    bull.mint(WAD, ENDLESS, 0, sender=minter)
    bull.redeem(WAD, ENDLESS, 0, sender=minter)

    assert bull.balanceOf(treasury) == treasure
    assert bull.balanceOf(stranger) == 1_001_001_001_001_002 + WAD // 1_000


def test_set_treasury_to_nobody_reverts(bull, owner):
    with ape.reverts("token: treasury is zero"):
        bull.set_treasury.call(ZERO_ADDRESS, sender=owner, skip_trace=True)


def test_set_treasury_by_another_reverts(bull, stranger):
    with ape.reverts("owner: caller is not the owner"):
        bull.set_treasury.call(stranger, sender=stranger, skip_trace=True)
