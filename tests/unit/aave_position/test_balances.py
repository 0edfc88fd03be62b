"""What is held and owed, with interest to this block, and how coarse Aave's books are."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._aave import RAY
from scripts._devnet import DAY, USDC, WAD, now, undone, warp_to
from tests.aave_now import BASIS
from tests.unit.aave_position.reserves import books, drain, repay, supply

YEAR = 365 * DAY
TIMES = [0, 1, 3_600, DAY, YEAR, 100 * YEAR]

# Whether levering, and collateral and debt in grains beyond the first.
moves = st.tuples(st.booleans(), st.integers(0, 10**12), st.integers(0, 10**6))


def ceiling(exact: Fraction) -> int:
    return -(-exact.numerator // exact.denominator)


def indices(aave, market) -> tuple[int, int]:
    """What a scaled unit is worth, of the collateral and of the debt, in ray."""
    pool = aave.pool
    return (
        pool.getReserveNormalizedIncome(market.collateral),
        pool.getReserveNormalizedVariableDebt(market.debt),
    )


@pytest.mark.parametrize("seconds", TIMES)
def test_balances_after_any_time_are_the_venues_rounded_against_us(aave, market, levered, seconds):
    warp_to(now() + 1 + seconds)
    exact = books(aave, market, levered.address)

    assert tuple(levered.balances()) == (int(exact.collateral), ceiling(exact.debt))


@pytest.mark.parametrize("seconds", TIMES)
def test_balances_are_within_a_unit_of_what_the_venues_tokens_say(
    aave, version, levered, weth, usdc, seconds
):
    warp_to(now() + 1 + seconds)
    held, owed = levered.balances()
    told = aave.atoken(weth).balanceOf(levered), aave.debt_token(usdc).balanceOf(levered)

    if version.name == "3.6":
        assert told == (held, owed)
    assert 0 <= told[0] - held <= 1
    assert 0 <= owed - told[1] <= 1


@pytest.mark.parametrize("seconds", TIMES)
def test_grain_is_a_scaled_unit_of_the_dearer(aave, market, levered, seconds):
    warp_to(now() + 1 + seconds)

    assert levered.grain() == -(-max(indices(aave, market)) // RAY)


def test_grain_counts_the_collateral_where_that_is_dearer(aave, market, deploy, lender, weth, usdc):
    """WETH is borrowed to the last and USDC by nobody else: its lenders earn more than ours owe."""
    short = deploy(collateral=weth, debt=usdc)
    drain(aave, weth, usdc, lender, 0)
    warp_to(now() + 20 * YEAR)
    income, owing = indices(aave, market)

    assert income > owing
    assert short.grain() == -(-income // RAY)


@pytest.mark.parametrize("seconds", [1, YEAR])
def test_books_are_balances_and_grain(levered, seconds):
    warp_to(now() + seconds)

    assert tuple(levered.books()) == (*levered.balances(), levered.grain())


@pytest.mark.parametrize("seconds", [1, YEAR])
def test_accrue_says_what_balances_and_grain_say(levered, someone, seconds):
    warp_to(now() + seconds)

    receipt = levered.accrue(sender=someone)

    assert tuple(receipt.return_value) == (*levered.balances(), levered.grain())


def test_balances_of_an_empty_position_are_nothing(position):
    warp_to(now() + YEAR)

    assert tuple(position.balances()) == (0, 0)


def test_balances_count_what_strangers_give(aave, market, levered, weth, usdc, lender):
    held, owed = levered.balances()

    supply(aave, weth, levered.address, lender, WAD)
    repay(aave, usdc, levered.address, lender, 1_000 * USDC)

    assert levered.balances()[0] == pytest.approx(held + WAD, abs=levered.grain())
    assert levered.balances()[1] == pytest.approx(owed - 1_000 * USDC, abs=levered.grain())


def test_balances_count_atokens_that_strangers_give(aave, levered, weth, lender):
    held = levered.balances()[0]

    aave.atoken(weth).transfer(levered, WAD, sender=lender)

    assert levered.balances()[0] == pytest.approx(held + WAD, abs=levered.grain())


def test_balances_do_not_count_loose_tokens_nor_other_collateral(
    aave, levered, third, weth, usdc, lender
):
    before = tuple(levered.balances())

    weth.transfer(levered, WAD, sender=lender)
    usdc.transfer(levered, USDC, sender=lender)
    supply(aave, third.coin, levered.address, lender, WAD)
    supply(aave, usdc, levered.address, lender, USDC)

    assert tuple(levered.balances()) == before


def test_balances_after_a_liquidation_are_what_is_left(aave, world, market, levered, taker, usdc):
    world.eth_feed.post(1_150 * 10**8, sender=taker)  # 10,000 owed against 11,500
    before = levered.balances()
    usdc.approve(aave.pool, 10_000 * USDC, sender=taker)
    pair = market.collateral, market.debt

    aave.pool.liquidationCall(*pair, levered, 1_000 * USDC, False, sender=taker)

    exact = books(aave, market, levered.address)
    assert tuple(levered.balances()) == (int(exact.collateral), ceiling(exact.debt))
    seized = 1_000 * WAD * 10_500 // BASIS // 1_150
    assert before[0] - levered.balances()[0] == pytest.approx(seized, abs=10)
    assert before[1] - levered.balances()[1] == pytest.approx(1_000 * USDC, abs=2)


@pytest.fixture(scope="module")
def huge(deploy, lender, token, weth):
    """Another, with a million WETH against a dollar."""
    position = deploy()
    weth.transfer(position, 10**6 * WAD, sender=lender)
    position.lever(10**6 * WAD, USDC, token, sender=token)
    return position


@given(
    years=st.lists(st.integers(0, 10), min_size=1, max_size=3),
    story=st.lists(moves, min_size=1, max_size=6),
)
def test_move_is_off_by_no_more_than_the_grain(
    aave, market, huge, token, lender, weth, usdc, years, story
):
    """T-W2: whichever way Aave rounds, at any index, for any amount: measured on exact books."""
    with undone():
        drain(aave, usdc, weth, lender, 2 * 10**7 * USDC)  # so that indices grow
        for each in years:
            warp_to(now() + each * YEAR + 12_345)
            aave.pool.supply(weth, WAD, lender, 0, sender=lender)  # and are written
        for levering, collateral, debt in story:
            grain = huge.grain()
            collateral, debt = (grain * (1 + each) for each in (collateral, debt))
            held, owed = huge.balances()
            if levering:
                weth.transfer(huge, collateral, sender=lender)
                huge.lever(collateral, debt, token, sender=token)
                assert huge.balances()[0] >= held + collateral - grain
                assert huge.balances()[1] <= owed + debt + grain
            else:
                debt = min(debt, owed)
                usdc.transfer(huge, debt, sender=lender)
                huge.delever(debt, collateral, token, sender=token)
                assert huge.balances()[0] >= held - collateral - grain
                assert huge.balances()[1] <= owed - debt + grain
            exact = books(aave, market, huge.address)
            assert tuple(huge.balances()) == (int(exact.collateral), ceiling(exact.debt))
