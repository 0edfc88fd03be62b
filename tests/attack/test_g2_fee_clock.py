"""T-G2: have the management fee charged from 1970, twice, on shares that are not there, or never.

Seamless had each of these found. Here the clock starts when the seed is minted, in the transaction
of creation. It moves only when a fee is minted, so that one too small to be minted is not lost.
Every mint, redemption and preview counts the shares that have accrued; so whoever leaves before the
fee is minted pays it as whoever leaves after.
"""

from fractions import Fraction

import pytest
from ape.utils import ZERO_ADDRESS

from scripts._devnet import DAY, ENDLESS, WAD, now, undone, warp_to
from scripts._model import streaming_fee
from tests.attack.purse import fault, report, supply

PRICE = 2_000 * 10**24  # of 18 decimals in 6
RATE = 3 * WAD // 10_000
LEAST_SEED = 15 * 10**11  # of collateral: a thousandth of a share


def test_g2_fee_does_not_begin_before_the_token_did(open_token, treasury, minter):
    token, _ = open_token(18, 6, PRICE)
    born, seed = now(), token.totalSupply()

    token.settle(sender=minter)
    assert (token.settled_at(), token.balanceOf(treasury)) == (born, 0)
    warp_to(born + DAY)
    token.settle(sender=minter)

    assert token.balanceOf(treasury) == streaming_fee.shares(seed, RATE, DAY)
    assert token.balanceOf(treasury) < seed * 4 // 10_000


@pytest.mark.parametrize("days", [Fraction(1, DAY), 1, 30, 365])
def test_g2_fee_is_not_dodged_by_leaving_before_it_is_minted(
    open_token, worth, minter, stranger, days
):
    token, market = open_token(18, 6, PRICE, mint_fee=0, redeem_fee=0)
    token.mint(10**5 * WAD, ENDLESS, 0, sender=stranger)
    warp_to(now() + int(days * DAY))
    told = token.preview_redeem(10**5 * WAD)
    with undone():
        token.settle(sender=minter)
        token.redeem(10**5 * WAD, ENDLESS, 0, sender=stranger)
        settled = worth(market, token, stranger)

    legs = token.redeem(10**5 * WAD, ENDLESS, 0, sender=stranger).return_value

    assert tuple(legs) == tuple(told)
    report("g2", market, worth(market, token, stranger) - settled, 0)


@pytest.mark.parametrize("days", [1, 30, 365])
def test_g2_fee_of_the_past_is_not_taken_from_who_comes_now(
    open_token, worth, minter, stranger, days
):
    """Coming after a year and going at once costs a unit, whatever has accrued; and gains none."""
    token, market = open_token(18, 6, PRICE, mint_fee=0, redeem_fee=0)
    warp_to(now() + days * DAY)
    wealth = worth(market, token, stranger)
    before = supply(token)

    token.mint(10**5 * WAD, ENDLESS, 0, sender=stranger)
    assert supply(token) == before + 10**5 * WAD
    token.redeem(10**5 * WAD, ENDLESS, 0, sender=stranger)

    gain = worth(market, token, stranger) - wealth
    assert gain >= -2 * PRICE // 10**24
    report("g2", market, gain, 0)


def test_g2_fee_too_small_to_mint_is_not_lost_by_poking(open_token, treasury, stranger):
    """A holder pokes a tiny token each second, so that no second's fee makes a whole share unit."""
    token, _ = open_token(18, 6, PRICE, seed=LEAST_SEED, management_fee=1)  # 1e-18 a day
    born, seed = now(), token.totalSupply()

    for second in range(1, 200):
        warp_to(born + second * 60)
        token.settle(sender=stranger)
    assert token.balanceOf(treasury) == 0 and token.settled_at() == born
    warp_to(born + 3_000 * DAY)
    token.settle(sender=stranger)

    assert token.balanceOf(treasury) == streaming_fee.shares(seed, 1, 3_000 * DAY) > 0


def test_g2_fee_goes_to_somebody(bull, ballast, creation, open_pair, owner, minter):
    refused = fault(lambda: bull.set_treasury.call(ZERO_ADDRESS, sender=owner))
    assert refused == "token: treasury is zero"

    order = list(creation(open_pair(18, 6, PRICE)))
    order[4] = ZERO_ADDRESS
    assert fault(lambda: ballast.factory.create.call(*order, sender=minter)) == refused


def test_g2_fee_of_the_past_is_the_old_treasurys(bull, owner, treasury, attacker, victim):
    """An owner who names itself gets what comes, and nothing of what was."""
    bull.mint(1_000 * WAD, ENDLESS, 0, sender=victim)
    warp_to(now() + 30 * DAY)
    had, accrued = bull.balanceOf(treasury), supply(bull) - bull.totalSupply()

    bull.set_treasury(attacker, sender=owner)
    bull.settle(sender=attacker)

    assert bull.balanceOf(treasury) - had == accrued > 0
    assert bull.balanceOf(attacker) == 0
