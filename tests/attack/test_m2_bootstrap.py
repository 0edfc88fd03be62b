"""T-M2: bring the supply back to zero, and mint as the first again, at a price of one's choice.

yETH lost 9 million dollars when its initial branch could be entered a second time. Here there is no
such branch: minting divides by the supply, whatever it is, and the seed shares belong to an address
without a key. `seed` is the factory's, and works once.
"""

import ape
import pytest
from ape import networks

from scripts._devnet import ENDLESS, WAD
from tests.attack.purse import report, supply

LOCKED = "0x000000000000000000000000000000000000dEaD"


@pytest.fixture
def left(token, market, minter, attacker, treasury):
    """All who can have left: minter, attacker, and the treasury with its fees; some shares at last
    go by dust."""
    market.debt.transfer(treasury, market.debt.balanceOf(attacker) // 10, sender=attacker)
    market.debt.approve(token, ENDLESS, sender=treasury)
    for account in (minter, attacker):
        token.mint(1_000 * WAD, ENDLESS, 0, sender=account)
    for account in (minter, attacker):
        token.redeem(token.balanceOf(account), ENDLESS, 0, sender=account)
    while token.balanceOf(treasury) > 1:  # of its redemptions it gets the fee
        token.redeem(token.balanceOf(treasury), ENDLESS, 0, sender=treasury)
    return token


def test_m2_bootstrap_after_all_have_left_finds_the_seed_in_place(
    venue, left, market, worth, attacker, ballast
):
    token = left
    held = venue.held(market, token.position())
    wealth = worth(market, token, attacker)

    assert supply(token) >= token.balanceOf(LOCKED) >= 99 * WAD
    assert held > 0
    for shares in (1, 10**6, WAD):
        collateral, debt = token.preview_mint(shares)
        assert collateral * supply(token) >= held * shares
        token.mint(shares, ENDLESS, 0, sender=attacker)
        token.redeem(token.balanceOf(attacker), ENDLESS, 0, sender=attacker)
        assert debt <= collateral * market.venue_oracle.price() // 10**36
    report("m2", market, worth(market, token, attacker) - wealth, 0)


def test_m2_bootstrap_by_a_second_seed_is_refused(ballast, left, attacker):
    token = left

    with ape.reverts("seed: caller is not the factory"):
        token.seed.call(WAD, 1, 1, attacker, sender=attacker, skip_trace=True)
    with ape.reverts("seed: already seeded"):
        token.seed.call(WAD, 1, 1, attacker, sender=ballast.factory.address, skip_trace=True)


def test_m2_bootstrap_by_burning_the_seed_has_no_door(left, attacker):
    """No function burns but `redeem`, which needs the holder or its approval."""
    token = left
    names = {method.name for method in token.contract_type.methods}

    assert not {name for name in names if "burn" in name or "init" in name}
    assert networks.provider.get_code(LOCKED) == b""
    with ape.reverts("redeem: shares above balance"):
        token.redeem.call(1, ENDLESS, 0, sender=attacker, skip_trace=True)
    with ape.reverts():
        token.redeem.call(
            token.balanceOf(LOCKED), ENDLESS, 0, attacker, LOCKED, sender=attacker, skip_trace=True
        )
