"""The management fee: continuous, in shares, and the same however often it is settled."""

from decimal import Decimal, localcontext

import pytest

from scripts._devnet import DAY, ENDLESS, WAD, create_token, now, warp_to
from tests.unit.leveraged_token.logs import emitted, transferred

ZERO = "0x" + "00" * 20
RATE = Decimal("0.0003")  # a day


def growth(seconds: int, rate: Decimal = RATE) -> Decimal:
    """e**(rate * days) - 1, to 60 digits."""
    with localcontext() as context:
        context.prec = 60
        return (rate * seconds / DAY).exp() - 1


@pytest.fixture
def settled(bull, stranger):
    """The bull with nothing pending."""
    bull.settle(sender=stranger)
    return bull


@pytest.mark.parametrize("seconds", [1, 59, DAY, 365 * DAY, 20 * 365 * DAY])
def test_settle_mints_the_exponential(settled, treasury, stranger, seconds):
    supply, treasure = settled.totalSupply(), settled.balanceOf(treasury)
    warp_to(settled.settled_at() + seconds)

    receipt = settled.settle(sender=stranger)

    fee = settled.totalSupply() - supply
    exact = supply * growth(seconds)
    assert exact - 2 < fee <= exact
    assert settled.balanceOf(treasury) - treasure == fee
    assert settled.settled_at() == receipt.timestamp
    assert emitted(receipt, settled) == [
        transferred(ZERO, treasury, fee),
        ("FeeAccrued", {"treasury": treasury, "shares": fee}),
    ]


def test_settle_a_day_costs_three_basis_points(settled, stranger):
    supply = settled.totalSupply()
    warp_to(settled.settled_at() + DAY)

    settled.settle(sender=stranger)

    assert settled.totalSupply() / supply - 1 == pytest.approx(0.00030004, abs=1e-8)


def test_settle_twice_in_a_block_mints_once(settled, stranger):
    warp_to(now() + DAY)
    settled.settle(sender=stranger)
    supply = settled.totalSupply()

    receipt = settled.settle(sender=stranger)

    assert emitted(receipt, settled) == []
    assert settled.totalSupply() == supply


@pytest.mark.parametrize("steps", [[DAY] * 8, [1, 2, 3, 5 * DAY - 6, 3 * DAY]])
def test_settle_by_any_path_mints_the_same(settled, stranger, steps):
    start, supply = settled.settled_at(), settled.totalSupply()

    for step in steps:
        warp_to(now() + step)
        settled.settle(sender=stranger)

    exact = supply * (1 + growth(8 * DAY))
    assert settled.settled_at() == start + 8 * DAY
    assert exact - 2 * len(steps) < settled.totalSupply() <= exact


def test_settle_after_a_mint_charges_the_new_shares_from_then_on(settled, minter, stranger):
    warp_to(now() + DAY)
    settled.mint(900 * WAD, ENDLESS, 0, sender=minter)
    supply = settled.totalSupply()
    warp_to(now() + DAY)

    settled.settle(sender=stranger)

    exact = supply * growth(DAY)
    assert exact - 2 < settled.totalSupply() - supply <= exact


def test_settle_of_a_fee_that_rounds_to_nothing_keeps_the_clock(devnet, ballast, stranger):
    bull = create_token(devnet, ballast, "ETHBULL", management_fee=1)  # 1e-18 a day
    born = bull.settled_at()

    warp_to(born + 60)
    receipt = bull.settle(sender=stranger)
    clock = bull.settled_at()
    warp_to(born + DAY)
    bull.settle(sender=stranger)

    assert emitted(receipt, bull) == []
    assert clock == born
    assert bull.totalSupply() == 100 * WAD + 100
    assert bull.settled_at() == born + DAY


def test_settle_of_a_fee_of_one_share_unit_mints_it(devnet, ballast, stranger):
    bull = create_token(devnet, ballast, "ETHBULL", management_fee=1)  # 100 units a day

    warp_to(bull.settled_at() + DAY // 100 + 1)
    bull.settle(sender=stranger)

    assert bull.totalSupply() == 100 * WAD + 1
    assert bull.settled_at() == now()


def test_settle_without_a_fee_mints_nothing(devnet, ballast, minter, treasury):
    bull = create_token(devnet, ballast, "ETHBULL", management_fee=0)
    warp_to(now() + 365 * DAY)

    receipt = bull.settle(sender=minter)

    assert emitted(receipt, bull) == []
    assert bull.balanceOf(treasury) == 0


def test_settle_after_a_century_is_cut_off_and_locks_nobody_in(settled, stranger):
    supply = settled.totalSupply()
    warp_to(now() + 200 * 365 * DAY)

    settled.settle(sender=stranger)

    most = supply * Decimal(10).exp()
    assert settled.totalSupply() == pytest.approx(most, rel=Decimal("1e-20"))


def test_settle_while_paused_passes(settled, owner, stranger):
    settled.set_paused(True, sender=owner)
    warp_to(now() + DAY)

    settled.settle(sender=stranger)

    assert settled.settled_at() == now()
