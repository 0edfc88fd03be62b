"""What Aave says of itself: price, what is left to borrow, and when it liquidates."""

import pytest
from ape import compilers, networks

from scripts._deploy.aave import is_in
from scripts._devnet import DAY, USDC, WAD, now, set_price, warp_to
from tests.aave_now import VERSIONS, refusal
from tests.unit.aave_position.reserves import alone, drain, set_terms, supply

OWN = 83 * WAD // 100, 5 * WAD // 100  # threshold and bonus of WETH
CATEGORY = 7
CATEGORY_TERMS = (9_000, 9_300, 10_100)
CATEGORYS = 93 * WAD // 100, WAD // 100

# An oracle to which all is worth the same.
ONE = """
# pragma version 0.4.3

@view
@external
def getAssetPrice(asset: address) -> uint256:
    return 1
"""


def average(aave, position) -> int:
    """The account's liquidation threshold as Aave reckons it, in WAD."""
    return aave.pool.getUserAccountData(position)[3] * WAD // 10**4


# Price


def test_price_is_of_the_venues_oracle(world, position):
    set_price(world, "1234.5")

    assert position.price() == 12345 * 10**23


def test_price_of_the_other_way_is_rounded_down(world, deploy, weth, usdc):
    short = deploy(collateral=usdc, debt=weth)
    set_price(world, "1234.5")

    assert short.price() == 10**48 * 10 // 12345


def test_price_counts_both_legs(world, position, token):
    world.usdc_feed.post(98 * 10**6, sender=token)

    assert position.price() == 2_000 * 10**24 * 100 // 98


@pytest.mark.parametrize(("held", "owed"), [(8, 18), (18, 8), (6, 6)])
def test_price_is_of_raw_units_whatever_the_decimals(list_coin, deploy, token, held, owed):
    collateral, debt = list_coin(decimals=held), list_coin(decimals=owed)
    collateral.feed.post(3 * 10**8, sender=token)
    debt.feed.post(7 * 10**8, sender=token)

    price = deploy(collateral=collateral.coin, debt=debt.coin).price()

    assert price == 3 * 10 ** (36 + owed - held) // 7


def test_price_is_there_when_the_feeds_are_stale(position):
    warp_to(now() + 30 * DAY)

    assert position.price() == 2_000 * 10**24


def test_price_reverts_with_the_venues_oracle(world, position, token):
    world.eth_feed.set_failing(True, sender=token)

    assert refusal(position.price, sender=token) == "feed: told to fail"


def test_price_follows_the_registry_to_another_oracle(aave, governor, position):
    other = governor.deploy(compilers.compile_source("vyper", ONE, contractName="One"))
    aave.provider.setPriceOracle(other, sender=governor)

    assert position.price() == 10**24


# Liquidity


@pytest.mark.parametrize("left", [1, 12_345 * USDC])
def test_liquidity_is_what_is_left_to_borrow(aave, position, weth, usdc, lender, token, left):
    drain(aave, usdc, weth, lender, left)
    weth.transfer(position, 10 * WAD, sender=token)

    assert position.liquidity() == left
    assert refusal(position.lever, 10 * WAD, left, token, sender=token) == ""
    assert refusal(position.lever, 10 * WAD, left + 1, token, sender=token)


def test_liquidity_of_a_reserve_that_is_lent_out_is_nothing(aave, position, weth, usdc, lender):
    drain(aave, usdc, weth, lender, 0)

    assert position.liquidity() == 0


def test_liquidity_is_not_changed_by_interest(position):
    before = position.liquidity()
    warp_to(now() + 365 * DAY)

    assert position.liquidity() == before


def test_liquidity_is_up_to_the_borrow_cap(aave, governor, position, weth, usdc, token):
    warp_to(now() + DAY)
    owed = aave.debt_token(usdc).totalSupply()
    cap = owed // USDC + 5
    aave.configurator.setBorrowCap(usdc, cap, sender=governor)
    weth.transfer(position, WAD, sender=token)
    left, grain = position.liquidity(), position.grain()

    assert left == cap * USDC - owed
    assert refusal(position.lever, WAD, left - grain, token, sender=token) == ""
    assert refusal(position.lever, WAD, left + 2, token, sender=token) == "BorrowCapExceeded"


def test_liquidity_above_the_borrow_cap_is_nothing(aave, governor, position, usdc):
    """Whatever the supply cap is, which stands in the bits next to it."""
    aave.configurator.setBorrowCap(usdc, 1, sender=governor)
    aave.configurator.setSupplyCap(usdc, 2**36 - 1, sender=governor)

    assert position.liquidity() == 0


@pytest.mark.parametrize("cap", [2**35 + 1, 2**36 - 1])
def test_liquidity_below_an_ample_borrow_cap_is_what_is_there(aave, governor, position, usdc, cap):
    before = position.liquidity()

    aave.configurator.setBorrowCap(usdc, cap, sender=governor)

    assert position.liquidity() == before > 0


def test_liquidity_of_a_reserve_with_a_supply_cap_is_what_is_there(aave, governor, position, usdc):
    """The supply cap stands in the bits next to the borrow cap."""
    before = position.liquidity()

    aave.configurator.setSupplyCap(usdc, 2**36 - 1, sender=governor)

    assert position.liquidity() == before > 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [("setReserveFreeze", True), ("setReservePause", True), ("setReserveBorrowing", False)],
)
def test_liquidity_of_a_reserve_that_lends_nothing_is_nothing(
    aave, governor, position, usdc, setting, value
):
    getattr(aave.configurator, setting)(usdc, value, sender=governor)

    assert position.liquidity() == 0


def test_liquidity_of_a_reserve_that_is_not_active_is_nothing(
    aave, governor, deploy, list_coin, lender, weth
):
    third = list_coin()
    position = deploy(collateral=weth, debt=third.coin)
    third.coin.transfer(aave.atoken(third.coin), 5, sender=lender)
    before = position.liquidity()

    aave.configurator.setReserveActive(third.coin, False, sender=governor)

    assert (before, position.liquidity()) == (5, 0)


def test_liquidity_does_not_mind_what_becomes_of_the_collateral(aave, governor, position, weth):
    before = position.liquidity()

    aave.configurator.setReserveFreeze(weth, True, sender=governor)

    assert position.liquidity() == before


# Liquidation


def test_liquidation_of_an_empty_account_is_of_the_collateral(position):
    assert tuple(position.liquidation()) == OWN


def test_liquidation_is_what_the_account_has_by_the_venue(aave, levered):
    assert tuple(levered.liquidation()) == OWN
    assert levered.liquidation()[0] == average(aave, levered)


def test_liquidation_of_the_other_way_is_of_the_dollar(deploy, weth, usdc):
    short = deploy(collateral=usdc, debt=weth)

    assert tuple(short.liquidation()) == (78 * WAD // 100, 45 * WAD // 1_000)


def test_liquidation_follows_governance(aave, governor, levered, weth):
    set_terms(aave, governor, weth, (7_000, 7_500, 10_700))

    assert tuple(levered.liquidation()) == (75 * WAD // 100, 7 * WAD // 100)
    assert levered.liquidation()[0] == average(aave, levered)


def test_liquidation_is_of_all_bits_of_threshold_and_bonus_and_no_others(
    aave, governor, position, weth
):
    """The largest bonus that Aave takes for such a threshold, less a basis point."""
    set_terms(aave, governor, weth, (900, 1_530, 65_345))

    assert tuple(position.liquidation()) == (153 * WAD // 1_000, 55_345 * WAD // 10_000)


def test_liquidation_of_what_is_a_collateral_no_more_is_nothing(
    aave, governor, deploy, list_coin, usdc
):
    third = list_coin()
    position = deploy(collateral=third.coin, debt=usdc)
    set_terms(aave, governor, third.coin, (0, 0, 0))

    assert tuple(position.liquidation()) == (0, 0)


@pytest.mark.parametrize("amount", [1, WAD, 10**6 * WAD])
def test_liquidation_is_not_moved_by_what_strangers_supply(aave, levered, third, lender, amount):
    """It makes Aave liquidate later, by the average of thresholds over more collateral."""
    supply(aave, third.coin, levered.address, lender, amount)

    assert tuple(levered.liquidation()) == OWN


def test_liquidation_needs_no_price(aave, world, levered, third, lender, token):
    supply(aave, third.coin, levered.address, lender, WAD)
    for feed in (third.feed, world.eth_feed, world.usdc_feed):
        feed.set_failing(True, sender=token)

    assert tuple(levered.liquidation()) == OWN


@pytest.fixture
def correlated(aave, version, governor, deploy, weth, usdc, token):
    """A position in a category of both its assets, with 10 WETH against 10,000 USDC."""
    version.categorize(governor, aave, CATEGORY, CATEGORY_TERMS, (weth, usdc))
    position = deploy(category=CATEGORY)
    weth.transfer(position, 10 * WAD, sender=token)
    position.lever(10 * WAD, 10_000 * USDC, token, sender=token)
    return position


def test_liquidation_in_a_category_is_of_that(aave, correlated):
    assert tuple(correlated.liquidation()) == CATEGORYS
    assert correlated.liquidation()[0] == average(aave, correlated)


def test_liquidation_of_an_empty_account_in_a_category_is_of_that(
    aave, version, governor, deploy, weth, usdc
):
    version.categorize(governor, aave, CATEGORY, CATEGORY_TERMS, (weth, usdc))

    assert tuple(deploy(category=CATEGORY).liquidation()) == CATEGORYS


def test_liquidation_in_a_category_is_by_the_collaterals_own_place(
    aave, version, governor, deploy, weth, usdc
):
    """The dollar is the second reserve, and WETH the first."""
    version.categorize(governor, aave, CATEGORY, CATEGORY_TERMS, (usdc,))

    assert tuple(deploy(usdc, weth, category=CATEGORY).liquidation()) == CATEGORYS
    assert tuple(deploy(weth, usdc, category=CATEGORY).liquidation()) == OWN


def test_liquidation_in_a_category_of_others_is_of_the_collateral(
    aave, version, governor, deploy, list_coin, usdc
):
    """An e-mode does nothing for a collateral that is not in it."""
    third = list_coin()
    version.categorize(governor, aave, CATEGORY, CATEGORY_TERMS, (usdc,))

    position = deploy(collateral=third.coin, category=CATEGORY)

    assert tuple(position.liquidation()) == (60 * WAD // 100, 10 * WAD // 100)


def test_category_that_a_deployment_reads_is_that_of_the_position(
    aave, version, governor, deploy, weth, usdc
):
    """Of whether a collateral is in it, which each version says in its own way."""
    version.categorize(governor, aave, CATEGORY, CATEGORY_TERMS, (usdc,))

    for coin, other in ((weth, usdc), (usdc, weth)):
        data = aave.pool.getReserveData(coin)
        (bits,) = alone(data.configuration)
        found = is_in(networks.provider.web3, str(aave.pool), CATEGORY, bits, data.id)
        own = (
            deploy(coin, other, category=CATEGORY).liquidation()
            != deploy(coin, other).liquidation()
        )
        assert found == own == (coin == usdc)


@pytest.mark.parametrize("other", [CATEGORY - 1, CATEGORY + 1])
def test_liquidation_in_another_category_than_the_collaterals_is_of_the_collateral(
    aave, version, governor, deploy, weth, usdc, other
):
    version.categorize(governor, aave, other, CATEGORY_TERMS, (weth,))
    version.categorize(governor, aave, CATEGORY, CATEGORY_TERMS, (usdc,))

    assert tuple(deploy(category=CATEGORY).liquidation()) == OWN


def test_liquidation_without_a_category_is_of_the_collateral_whatever_its_category(
    aave, version, governor, levered, weth
):
    version.categorize(governor, aave, CATEGORY, CATEGORY_TERMS, (weth,))

    assert tuple(levered.liquidation()) == OWN
    assert levered.liquidation()[0] == average(aave, levered)


@pytest.mark.parametrize("version", VERSIONS[:1], ids=lambda version: version.name, indirect=True)
def test_liquidation_in_a_category_is_by_all_bits_of_its_number_and_no_others(
    aave, version, governor, deploy, weth, usdc
):
    """Until 3.1 it stands in the configuration of the reserve, with a cap in the bits behind it."""
    version.categorize(governor, aave, 255, CATEGORY_TERMS, (weth, usdc))
    aave.configurator.setUnbackedMintCap(weth, 1, sender=governor)

    assert tuple(deploy(category=255).liquidation()) == CATEGORYS


@pytest.mark.parametrize("version", VERSIONS[1:], ids=lambda version: version.name, indirect=True)
def test_liquidation_once_the_category_drops_the_collateral_is_of_that(
    aave, governor, correlated, weth
):
    aave.configurator.setAssetCollateralInEMode(weth, CATEGORY, False, sender=governor)

    assert tuple(correlated.liquidation()) == OWN
    assert correlated.liquidation()[0] == average(aave, correlated)


@pytest.mark.parametrize("version", VERSIONS[:1], ids=lambda version: version.name, indirect=True)
def test_liquidation_once_the_collateral_leaves_its_category_is_of_that(
    aave, governor, correlated, weth
):
    aave.configurator.setAssetEModeCategory(weth, 0, sender=governor)

    assert tuple(correlated.liquidation()) == OWN
    assert correlated.liquidation()[0] == average(aave, correlated)


def test_liquidation_pays_the_bonus_that_it_says(aave, world, market, levered, weth, usdc, taker):
    _, bonus = levered.liquidation()
    world.eth_feed.post(1_150 * 10**8, sender=taker)
    usdc.approve(aave.pool, 10_000 * USDC, sender=taker)
    purse = weth.balanceOf(taker), usdc.balanceOf(taker)
    pair = market.collateral, market.debt

    aave.pool.liquidationCall(*pair, levered, 1_000 * USDC, False, sender=taker)

    seized = (weth.balanceOf(taker) - purse[0]) * 1_150 * USDC // WAD
    paid = purse[1] - usdc.balanceOf(taker)
    assert seized / paid - 1 == pytest.approx(bonus / WAD, rel=1e-6)
