"""T-R5: use a victim's permit before the victim does, so that its transaction fails.

A permit in the mempool is anybody's to send: more than a hundred projects reverted on the second
use. Here the router asks for the allowance first and uses a permit only where that is too small.
Who used it first has paid the victim's gas; it cannot turn the signature to its own account.
"""

import pytest

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD, now, undone
from tests.attack.purse import fault, report

SHARES = 100 * WAD
PAYS = 200 * USDC
BAD = "permit: signer is not the owner"


@pytest.fixture
def holder(bull, minter):
    """Has shares and has approved the router for nothing."""
    bull.mint(SHARES, ENDLESS, 0, sender=minter)
    return minter


@pytest.fixture
def zaps(router, bull, holder, usdc, sign):
    """By name: a function, its arguments with the permit as the last one, and whose that is."""
    way = (bull, usdc, POOL_FEE)
    pay, shares = (
        (coin, sign(coin, name, amount, now() + 600))
        for coin, name, amount in (
            (usdc, "USD Coin", PAYS),
            (bull, "3x Long Ether", SHARES),
        )
    )
    rest = holder, now() + 600
    return {
        "mint": (router.mint, (*way, SHARES, PAYS, *rest), *pay),
        "mint exact in": (router.mint_exact_in, (*way, PAYS, 0, *rest), *pay),
        "redeem": (router.redeem, (*way, SHARES, 0, *rest), *shares),
    }


@pytest.mark.parametrize("name", ["mint", "mint exact in", "redeem"])
def test_r5_permit_used_first_by_an_attacker_changes_nothing(
    long_market, router, bull, worth, attacker, holder, zaps, name
):
    method, order, coin, permit = zaps[name]
    wealth = worth(long_market, bull, attacker)
    with undone():
        alone = method(*order, permit, sender=holder).return_value
        held = worth(long_market, bull, holder)

    coin.permit(holder, router, *permit, sender=attacker)
    after = method(*order, permit, sender=holder).return_value

    assert after == alone
    assert worth(long_market, bull, holder) == held
    assert coin.nonces(holder) == 1
    report("r5", long_market, worth(long_market, bull, attacker) - wealth, 0)


@pytest.mark.parametrize("name", ["mint", "mint exact in", "redeem"])
def test_r5_permit_of_a_victim_is_worth_nothing_to_another(
    long_market, router, bull, worth, attacker, holder, zaps, name
):
    """In the attacker's own zap, for the attacker as spender, and after the victim has used it."""
    method, order, coin, permit = zaps[name]
    wealth = worth(long_market, bull, attacker)
    coin.approve(router, 0, sender=attacker)

    own = fault(lambda: method(*order, permit, sender=attacker))
    spent = fault(lambda: coin.permit(holder, attacker, *permit, sender=attacker))
    method(*order, permit, sender=holder)
    again = fault(lambda: coin.permit(holder, router, *permit, sender=attacker))

    assert own == spent == again == BAD
    assert coin.allowance(holder, attacker) == 0
    report("r5", long_market, worth(long_market, bull, attacker) - wealth, 0)


@pytest.mark.parametrize("name", ["mint", "mint exact in", "redeem"])
def test_r5_wrong_signature_without_an_allowance_is_refused(holder, zaps, name):
    method, order, _, (amount, deadline, v, r, s) = zaps[name]
    forged = (amount, deadline, v, r, bytes([*s[:-1], s[-1] ^ 1]))

    refused = fault(lambda: method.call(*order, forged, sender=holder, skip_trace=True))

    assert refused in (BAD, "permit: signature is invalid")
