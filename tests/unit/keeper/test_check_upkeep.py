"""Whether an order is worth it: a pure read that never says no to what would earn."""

import ape
import pytest
from ape.contracts import ContractInstance

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD, next_0002, now, set_price, warp_to
from tests.unit.keeper.test_perform_upkeep import order
from tests.unit.router.zaps import open_pool

__all__ = ["order"]  # a fixture
PAYS = 45 * 60  # seconds into the scheduled lane: the premium is highest
DEEP = 10**6  # ether in a pool whose price hardly moves

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


@pytest.fixture
def needed(keeper, order):
    """Whether to perform an order of these terms; what comes back is the order."""

    def _needed(**terms) -> bool:
        data = order(**terms)
        told, back = keeper.checkUpkeep(data)
        assert bytes(back) == data
        return told

    return _needed


@pytest.fixture
def earns(keeper, token, keeper_account, stranger):
    """What a fill would earn."""

    def _earns(fee: int = POOL_FEE, max_in: int = ENDLESS) -> int:
        return keeper.fill.call(token, fee, max_in, 0, stranger, sender=keeper_account)

    return _earns


def pool_at(devnet, pair: tuple[ContractInstance, ContractInstance], dollars: int, fee: int):
    """One so deep that what is filled here does not move it."""
    return open_pool(devnet, pair, (DEEP * WAD, DEEP * dollars * USDC), fee)


@pytest.mark.parametrize("side", ["below", "above", "far_above"])
def test_check_says_yes_to_all_that_a_fill_earns(request, needed, earns, side):
    """Rather a little too early than too late."""
    request.getfixturevalue(side)
    profit = earns()

    assert profit > 0
    assert needed()
    assert needed(min_profit=profit)
    assert not needed(min_profit=2 * profit)


@pytest.mark.parametrize("side", ["below", "above"])
@pytest.mark.parametrize("fee", [3_000, 10_000])
def test_check_expects_the_profit_of_a_pool_that_does_not_move(
    request, devnet, token, needed, earns, weth, usdc, side, fee
):
    """To a part in a million: with the pool's price and its fee, whichever coin comes first."""
    request.getfixturevalue(side)
    cheap = (side == "below") == token.rules().long
    dollars = 1_000 if cheap else 4_000
    pool_at(devnet, (weth, usdc), dollars, fee)
    profit = earns(fee=fee)

    assert profit > 0
    assert needed(fee=fee, min_profit=profit)
    assert not needed(fee=fee, min_profit=profit + profit // 10**5)


@pytest.mark.parametrize("side", ["below", "above", "far_above"])
@pytest.mark.parametrize("divisor", [1, 3])
def test_check_counts_the_pools_price_and_fee_to_the_unit(
    request, devnet, token, needed, side, divisor
):
    request.getfixturevalue(side)
    max_in = token.auction().brings // divisor
    levering = token.auction().levering
    preview = token.preview_fill_lever if levering else token.preview_fill_delever
    brings, takes = preview(max_in)
    sold, bought = token.debt(), token.collateral()
    if not levering:
        sold, bought = bought, sold
    root = devnet.pool.slot0()[0]
    up, down = (root, 2**96) if bought.lower() < sold.lower() else (2**96, root)
    spot = brings * up // down * up // down
    least = takes - -(-spot * 10**6 // (10**6 - POOL_FEE))

    assert least > 0
    assert needed(max_in=max_in, min_profit=least)
    assert not needed(max_in=max_in, min_profit=least + 1)


@pytest.mark.parametrize("side", ["below", "above"])
@pytest.mark.parametrize("divisor", [2, 1_000])
def test_check_of_a_part_expects_the_profit_of_the_part(
    request, devnet, token, needed, earns, weth, usdc, side, divisor
):
    request.getfixturevalue(side)
    cheap = (side == "below") == token.rules().long
    pool_at(devnet, (weth, usdc), 1_000 if cheap else 4_000, 3_000)
    most = token.auction().brings // divisor
    profit = earns(fee=3_000, max_in=most)

    assert needed(fee=3_000, max_in=most, min_profit=profit)
    assert not needed(fee=3_000, max_in=most, min_profit=profit + profit // 1_000)


@pytest.mark.parametrize("side", ["below", "above"])
def test_check_when_the_pool_wants_more_than_the_fill_pays_says_no(
    request, devnet, token, needed, weth, usdc, side
):
    request.getfixturevalue(side)
    dear = (side == "below") == token.rules().long
    pool_at(devnet, (weth, usdc), 4_000 if dear else 1_000, 3_000)

    assert not needed(fee=3_000)


def test_check_while_the_premium_is_too_low_says_no(token, needed, market_at):
    warp_to(next_0002(now()))
    market_at("2100" if token.rules().long else "1900")

    assert token.auction().premium < 0
    assert not needed()


def test_check_when_closed_says_no(needed, market_at):
    warp_to(next_0002(now()) + 8 * 3_600)
    market_at("2050")

    assert not needed()


@pytest.mark.parametrize("side", ["below", "above"])
def test_check_of_the_other_direction_says_no(request, needed, side):
    request.getfixturevalue(side)

    assert needed(levering=side == "below")
    assert not needed(levering=side == "above")


@pytest.mark.usefixtures("below")
def test_check_of_nothing_says_no(needed):
    assert not needed(max_in=0)


@pytest.mark.usefixtures("below")
def test_check_says_no_after_the_upkeep(keeper, needed, order, keeper_account):
    assert needed()

    keeper.performUpkeep(order(), sender=keeper_account)

    assert not needed()


@pytest.mark.usefixtures("above")
def test_check_of_an_unregistered_token_reverts(keeper, order, usdc):
    with ape.reverts("keeper: unknown token"):
        keeper.checkUpkeep(order(of=usdc), skip_trace=True)


@pytest.mark.usefixtures("above")
def test_check_of_a_pool_that_is_not_there_reverts(keeper, order):
    with ape.reverts("swap: unknown pool"):
        keeper.checkUpkeep(order(fee=100), skip_trace=True)


def test_check_at_a_stale_price_reverts(devnet, keeper, order):
    warp_to(next_0002(now()) + PAYS)
    set_price(devnet, "2100")
    warp_to(now() + 3_601)

    with ape.reverts("oracle: price is stale"):
        keeper.checkUpkeep(order(levering=True), skip_trace=True)


@pytest.mark.parametrize("length", [0, 191])
def test_check_of_data_that_is_no_order_reverts(keeper, order, length):
    with ape.reverts():
        keeper.checkUpkeep(order()[:length], skip_trace=True)
