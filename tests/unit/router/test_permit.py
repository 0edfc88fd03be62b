"""A signature instead of an approval, which nobody can spoil by using it first."""

import ape
import pytest

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD, now, warp_to
from tests.unit.router.zaps import NATIVE

SHARES = 100 * WAD
NO_PERMIT = (0, 0, 0, bytes(32), bytes(32))

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


@pytest.fixture
def holder(bull, minter):
    """Has shares, and has approved nothing."""
    bull.mint(SHARES, ENDLESS, 0, sender=minter)
    return minter


@pytest.fixture
def order(bull, usdc, minter):
    """Pay up to 200 USDC for the shares."""
    return bull, usdc, POOL_FEE, SHARES, 200 * USDC, minter, now() + 600


@pytest.fixture
def usdc_permit(sign, usdc):
    return sign(usdc, "USD Coin", 200 * USDC, now() + 600)


@pytest.fixture
def share_permit(sign, bull):
    return sign(bull, "3x Long Ether", SHARES, now() + 600)


def test_mint_with_a_permit_needs_no_approval(router, bull, usdc, minter, order, usdc_permit):
    paid = router.mint(*order, usdc_permit, sender=minter).return_value

    assert bull.balanceOf(minter) == SHARES
    assert usdc.allowance(minter, router) == 200 * USDC - paid


def test_mint_exact_in_with_a_permit_needs_no_approval(router, bull, usdc, minter, usdc_permit):
    order = (bull, usdc, POOL_FEE, 200 * USDC, 0, minter, now())

    shares, paid = router.mint_exact_in(*order, usdc_permit, sender=minter).return_value

    assert bull.balanceOf(minter) == shares
    assert usdc.allowance(minter, router) == 200 * USDC - paid


def test_redeem_with_a_permit_needs_no_approval(router, bull, usdc, holder, share_permit):
    order = (bull, usdc, POOL_FEE, SHARES, 0, holder, now())

    router.redeem(*order, share_permit, sender=holder)

    assert bull.balanceOf(holder) == bull.allowance(holder, router) == 0


def test_mint_with_a_permit_that_someone_used_first_passes(
    router, bull, usdc, minter, stranger, order, usdc_permit
):
    usdc.permit(minter, router, *usdc_permit, sender=stranger)

    router.mint(*order, usdc_permit, sender=minter)

    assert bull.balanceOf(minter) == SHARES


def test_redeem_with_a_permit_that_someone_used_first_passes(
    router, bull, usdc, holder, stranger, share_permit
):
    bull.permit(holder, router, *share_permit, sender=stranger)
    order = (bull, usdc, POOL_FEE, SHARES, 0, holder, now())

    router.redeem(*order, share_permit, sender=holder)

    assert bull.balanceOf(holder) == 0


def test_mint_with_a_dead_permit_and_an_approval_passes(
    router, bull, usdc, minter, order, usdc_permit
):
    usdc.approve(router, 200 * USDC, sender=minter)
    dead = (usdc_permit[0], 1, *usdc_permit[2:])

    router.mint(*order, dead, sender=minter)

    assert bull.balanceOf(minter) == SHARES
    assert usdc.nonces(minter) == 0


def test_mint_with_no_permit_asks_for_none(router, bull, usdc, minter, order):
    usdc.approve(router, 200 * USDC, sender=minter)

    router.mint(*order, NO_PERMIT, sender=minter)

    assert bull.balanceOf(minter) == SHARES


def test_mint_from_ether_needs_no_permit(router, bull, usdc_permit, minter):
    order = (bull, NATIVE, POOL_FEE, SHARES, WAD, minter, now())

    router.mint(*order, usdc_permit, sender=minter, value=WAD)

    assert bull.balanceOf(minter) == SHARES


def test_mint_with_the_permit_of_another_reverts(router, usdc, sign, minter, stranger, order):
    forged = sign(usdc, "USD Coin", 200 * USDC, now() + 600, signer=stranger)

    with ape.reverts("permit: signer is not the owner"):
        router.mint.call(*order, forged, sender=minter, skip_trace=True)


def test_mint_with_the_permit_of_a_victim_reverts(router, bull, usdc, usdc_permit, stranger):
    order = (bull, usdc, POOL_FEE, SHARES, 200 * USDC, stranger, now())

    with ape.reverts("permit: signer is not the owner"):
        router.mint.call(*order, usdc_permit, sender=stranger, skip_trace=True)


def test_mint_with_a_permit_that_is_late_reverts(router, minter, order, usdc, sign):
    late = sign(usdc, "USD Coin", 200 * USDC, now() + 10)
    warp_to(now() + 11)

    with ape.reverts("permit: deadline has passed"):
        router.mint.call(*order, late, sender=minter, skip_trace=True)


def test_mint_with_a_permit_for_too_little_reverts(router, minter, order, usdc, sign):
    little = sign(usdc, "USD Coin", USDC, now() + 600)

    with ape.reverts("transfer: allowance too low"):
        router.mint.call(*order, little, sender=minter, skip_trace=True)
