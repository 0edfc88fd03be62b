"""What is held and owed, with interest to this block, whether or not the venue has written it."""

import pytest

from scripts._devnet import DAY, USDC, WAD, now, warp_to
from tests.unit.morpho_position.markets import (
    books,
    donate,
    open_market,
    repay,
    use_market,
)

YEAR = 365 * DAY
PRICE = 2_000 * 10**24


@pytest.mark.parametrize("seconds", [0, 1, 3_600, DAY, YEAR, 10 * YEAR, 100 * YEAR])
def test_balances_after_any_time_are_what_accruing_makes_them(devnet, market, levered, seconds):
    warp_to(now() + 1 + seconds)

    assert tuple(levered.balances()) == books(devnet, market, levered.address)


@pytest.mark.parametrize("rate", [0, 10**9, 10**12])  # 0, 3 % and 3,000 % a year
def test_balances_at_any_rate_are_what_accruing_makes_them(devnet, market, levered, token, rate):
    levered.accrue(sender=token)
    market.irm.set_rate(rate, sender=token)
    warp_to(now() + 37 * DAY + 11)

    assert tuple(levered.balances()) == books(devnet, market, levered.address)


@pytest.mark.parametrize("seconds", [1, YEAR])
def test_accrue_writes_what_balances_say(devnet, market, levered, stranger, seconds):
    warp_to(now() + seconds)
    balances = tuple(levered.balances())

    receipt = levered.accrue(sender=stranger)

    assert receipt.return_value == (*balances, 0)
    assert devnet.morpho.market(market.id).lastUpdate == now()
    assert tuple(levered.balances()) == balances


def test_accrue_twice_in_a_block_changes_nothing(levered, stranger):
    warp_to(now() + DAY)
    first = levered.accrue(sender=stranger).return_value

    assert levered.accrue(sender=stranger).return_value == first


def test_balances_with_a_fee_on_interest_are_what_accruing_makes_them(devnet, market, levered):
    morpho, deployer = devnet.morpho, devnet.roles.deployer
    morpho.setFeeRecipient(deployer, sender=deployer)
    morpho.setFee(market.params, WAD // 4, sender=deployer)
    warp_to(now() + YEAR)

    assert tuple(levered.balances()) == books(devnet, market, levered.address)


def test_balances_on_a_market_without_interest_stay(devnet, coins, deploy, token):
    market = open_market(devnet, *coins, PRICE, interest=False)
    use_market(devnet, market, lent=10**12, borrowed=10**9)
    position = deploy(market)
    market.collateral.mint(position, WAD, sender=token)
    position.lever(WAD, 1_000 * USDC, token, sender=token)
    warp_to(now() + YEAR)

    assert tuple(position.balances()) == (WAD, 1_000 * USDC)
    assert position.accrue(sender=token).return_value == (WAD, 1_000 * USDC, 0)


def test_balances_without_debt_owe_nothing(devnet, market, position, taker):
    donate(devnet, market, position.address, taker, WAD)
    warp_to(now() + YEAR)

    assert tuple(position.balances()) == (WAD, 0)


def test_balances_without_debt_need_no_interest_rate(devnet, market, position, taker, token):
    donate(devnet, market, position.address, taker, WAD)
    market.irm.set_rate(2**256 - 1, sender=token)  # which overflows
    warp_to(now() + 2)

    assert tuple(position.balances()) == (WAD, 0)


def test_balances_count_what_strangers_give(devnet, market, levered, taker, lender):
    owed = levered.balances()[1]

    donate(devnet, market, levered.address, taker, WAD)
    repay(devnet, market, levered.address, lender, assets=1_000 * USDC)

    assert levered.balances()[0] == 11 * WAD
    assert levered.balances()[1] - (owed - 1_000 * USDC) in (0, 1)


def test_balances_do_not_count_loose_tokens(levered, weth, usdc, taker):
    before = tuple(levered.balances())

    weth.transfer(levered, WAD, sender=taker)
    usdc.transfer(levered, USDC, sender=taker)

    assert tuple(levered.balances()) == before


def test_balances_of_nearly_all_of_a_markets_debt_are_what_accruing_makes_them(
    devnet, coins, deploy, token
):
    """There a virtual unit of the market's debt counts as a unit."""
    market = open_market(devnet, *coins, PRICE)
    use_market(devnet, market, lent=10**12, borrowed=10_000)
    position = deploy(market)
    market.collateral.mint(position, WAD, sender=token)
    position.lever(WAD, 1_000 * USDC, token, sender=token)
    warp_to(now() + YEAR)

    assert tuple(position.balances()) == books(devnet, market, position.address)
