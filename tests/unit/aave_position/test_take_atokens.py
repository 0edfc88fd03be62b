"""Who wants is paid in aTokens, which can be had when all of the collateral is lent out."""

import pytest

from scripts._devnet import DAY, USDC, WAD, now, warp_to
from tests.aave_now import refusal
from tests.unit.aave_position.reserves import books, drain


@pytest.fixture
def atoken(aave, weth):
    return aave.atoken(weth)


def test_take_atokens_pays_the_receiver_in_them(
    aave, market, levered, atoken, weth, token, someone
):
    levered.take_atokens(True, sender=someone)
    before, grain = books(aave, market, levered.address), levered.grain()

    levered.delever(0, WAD, someone, sender=token)

    assert weth.balanceOf(someone) == 0
    assert atoken.balanceOf(someone) == pytest.approx(WAD, abs=grain)
    assert before.collateral - books(aave, market, levered.address).collateral <= WAD + grain


def test_take_atokens_after_interest_is_off_by_no_more_than_the_grain(
    aave, market, levered, weth, usdc, lender, token, someone
):
    """T-W2: they are counted in scaled units too."""
    levered.take_atokens(True, sender=someone)
    drain(aave, weth, usdc, lender, WAD)
    warp_to(now() + 1_000 * DAY)
    before, grain = levered.balances()[0], levered.grain()

    levered.delever(0, 123_456_789, someone, sender=token)

    assert grain > 1
    assert levered.balances()[0] >= before - 123_456_789 - grain


def test_take_atokens_pays_no_other_receiver_in_them(levered, weth, token, someone, taker):
    levered.take_atokens(True, sender=someone)
    purse = weth.balanceOf(taker)

    levered.delever(0, WAD, taker, sender=token)

    assert weth.balanceOf(taker) == purse + WAD


def test_take_atokens_ends(levered, atoken, weth, token, someone):
    levered.take_atokens(True, sender=someone)
    levered.take_atokens(False, sender=someone)

    levered.delever(0, WAD, someone, sender=token)

    assert weth.balanceOf(someone) == WAD
    assert atoken.balanceOf(someone) == 0


def test_take_atokens_tells_of_it(levered, someone):
    for taken in (True, False):
        receipt = levered.take_atokens(taken, sender=someone)

        (told,) = levered.AtokensTaken.from_receipt(receipt)
        assert (told.receiver, told.taken) == (someone, taken)
        assert levered.takes_atokens(someone) == taken


def test_take_atokens_is_asked_for_by_the_caller_not_by_who_signed(stubbed, governor):
    position = stubbed.position

    receipt = stubbed.act(position.take_atokens, True)

    (told,) = position.AtokensTaken.from_receipt(receipt)
    assert told.receiver == stubbed.contract
    assert position.takes_atokens(stubbed.contract)
    assert not position.takes_atokens(governor)


def test_take_atokens_without_collateral_pays_nothing(levered, atoken, usdc, token, someone):
    levered.take_atokens(True, sender=someone)
    usdc.transfer(levered, USDC, sender=token)

    levered.delever(USDC, 0, someone, sender=token)

    assert atoken.balanceOf(someone) == 0


def test_take_atokens_works_where_all_collateral_is_lent_out(
    aave, levered, atoken, weth, usdc, lender, token, someone
):
    drain(aave, weth, usdc, lender, 0)
    assert refusal(levered.delever, 0, WAD, someone, sender=token)

    levered.take_atokens(True, sender=someone)
    levered.delever(0, WAD, someone, sender=token)

    assert atoken.balanceOf(someone) == pytest.approx(WAD, abs=levered.grain())


def test_take_atokens_leaves_the_position_healthy(levered, token, someone):
    levered.take_atokens(True, sender=someone)

    why = refusal(levered.delever, 0, 4 * WAD, someone, sender=token)

    assert why == "HealthFactorLowerThanLiquidationThreshold"
