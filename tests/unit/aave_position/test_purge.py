"""What a stranger supplied in our name can be put out of use by anybody; ours cannot."""

import ape
import pytest

from scripts._devnet import USDC, WAD, set_price
from tests.aave_now import refusal
from tests.unit.aave_position.reserves import is_used, set_terms, supply


@pytest.fixture
def poisoned(aave, levered, third, lender):
    """A dollar of another collateral is in it."""
    supply(aave, third.coin, levered.address, lender, WAD)
    return levered


def test_purge_puts_a_strangers_collateral_out_of_use(aave, poisoned, third, weth, someone):
    assert is_used(aave, poisoned.address, third.coin)

    poisoned.purge(third.coin, sender=someone)

    assert not is_used(aave, poisoned.address, third.coin)
    assert is_used(aave, poisoned.address, weth)


def test_purge_moves_no_coin(aave, poisoned, third, someone):
    before = tuple(poisoned.balances()), aave.atoken(third.coin).balanceOf(poisoned)

    poisoned.purge(third.coin, sender=someone)

    assert (tuple(poisoned.balances()), aave.atoken(third.coin).balanceOf(poisoned)) == before


def test_purge_tells_of_it(poisoned, third, someone):
    receipt = poisoned.purge(third.coin, sender=someone)

    (told,) = poisoned.Purged.from_receipt(receipt)
    assert told.asset == third.coin


def test_purge_lasts_whatever_is_supplied_again(aave, poisoned, third, lender, someone):
    poisoned.purge(third.coin, sender=someone)

    supply(aave, third.coin, poisoned.address, lender, WAD)
    aave.atoken(third.coin)
    supply(aave, third.coin, lender.address, lender, WAD)
    aave.atoken(third.coin).transfer(poisoned, WAD, sender=lender)

    assert not is_used(aave, poisoned.address, third.coin)


def test_purge_again_changes_nothing(aave, poisoned, third, someone):
    poisoned.purge(third.coin, sender=someone)
    poisoned.purge(third.coin, sender=someone)

    assert not is_used(aave, poisoned.address, third.coin)


def test_purge_lets_collateral_out_again(aave, governor, poisoned, third, token, someone):
    set_terms(aave, governor, third.coin, (0, 6_000, 11_000))
    assert refusal(poisoned.delever, 0, WAD, token, sender=token) == "LtvValidationFailed"

    poisoned.purge(third.coin, sender=someone)

    assert refusal(poisoned.delever, 0, WAD, token, sender=token) == ""


def test_purge_of_the_debt_coin_passes(aave, levered, usdc, lender, someone):
    """What is lent to the reserve that we borrow from is a collateral like any other."""
    supply(aave, usdc, levered.address, lender, USDC)

    levered.purge(usdc, sender=someone)

    assert not is_used(aave, levered.address, usdc)


def test_purge_of_what_was_not_supplied_does_nothing(version, levered, third, someone):
    nothing = {"3.0": "UnderlyingBalanceZero", "3.6": ""}

    assert refusal(levered.purge, third.coin, sender=someone) == nothing[version.name]


def test_purge_of_what_is_paused_reverts_on_the_venue(aave, governor, poisoned, third, someone):
    aave.configurator.setReservePause(third.coin, True, sender=governor)

    assert refusal(poisoned.purge, third.coin, sender=someone) == "ReservePaused"


def test_purge_of_what_keeps_the_position_healthy_reverts_on_the_venue(
    aave, world, levered, third, lender, someone
):
    supply(aave, third.coin, levered.address, lender, 10_000 * WAD)
    set_price(world, "1150")  # 10,000 owed against 11,500, and the gift

    why = refusal(levered.purge, third.coin, sender=someone)

    assert why == "HealthFactorLowerThanLiquidationThreshold"


def test_purge_of_the_collateral_reverts(levered, weth, token, someone):
    for who in (someone, token):
        with ape.reverts("purge: asset is the collateral"):
            levered.purge.call(weth, sender=who, skip_trace=True)
