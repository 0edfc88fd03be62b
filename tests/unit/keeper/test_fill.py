"""A fill with the pool's money: what it earns goes out, and it never costs anything."""

import ape
import pytest
from ape import compilers, networks, project

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD, next_0002, now, set_price, warp_to
from tests.unit.leveraged_token.logs import emitted
from tests.unit.router.zaps import list_coin, open_pool, price_of, refusing_coin

SCHEDULED, EMERGENCY = 1, 2
PAYS = 45 * 60  # seconds into the scheduled lane: the premium is highest

# Stands in the pool's place and tells whether the price may move as far as there are prices.
LIMIT_POOL = """
# pragma version 0.4.3
LOWEST: constant(uint160) = 4295128739
HIGHEST: constant(uint160) = 1461446703485210103287273052203988822378723970342

@external
def swap(
    recipient: address, zero_for_one: bool, amount: int256, limit: uint160, data: Bytes[512]
) -> (int256, int256):
    assert limit == (LOWEST + 1 if zero_for_one else HIGHEST - 1), "pool: a limit"
    raise "pool: no limit"
"""

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


@pytest.fixture
def fill(keeper, token, keeper_account, stranger):
    """Fill by the keeper's account, with any of the terms changed; the stranger earns."""

    def _fill(fee=POOL_FEE, max_in=ENDLESS, min_profit=0, receiver=stranger, of=token):
        return keeper.fill(of, fee, max_in, min_profit, receiver, sender=keeper_account)

    return _fill


@pytest.fixture
def simulate(keeper, token, keeper_account, stranger):
    """What `fill` would earn, or why it would not."""

    def _simulate(fee=POOL_FEE, max_in=ENDLESS, min_profit=0, receiver=stranger, of=token):
        terms = (of, fee, max_in, min_profit, receiver)
        return keeper.fill.call(*terms, sender=keeper_account, skip_trace=True)

    return _simulate


def expect(devnet, token, sold, bought, brought: int, taken: int, fee: int = POOL_FEE) -> int:
    """The profit of a fill: what it takes, less what the pool wants for what it brings."""
    return taken - price_of(devnet, sold.address, bought.address, brought, fee)


@pytest.mark.usefixtures("below")
def test_fill_below_target_earns_the_premium_less_the_swap(
    devnet, keeper, token, fill, collateral, debt, stranger
):
    open_now = token.auction()
    brought, taken = token.preview_fill_lever(open_now.brings)
    profit = expect(devnet, token, debt, collateral, brought, taken)
    purse = debt.balanceOf(stranger), collateral.balanceOf(stranger)

    receipt = fill(min_profit=profit)

    assert receipt.return_value == profit > 0
    assert debt.balanceOf(stranger) == purse[0] + profit
    assert collateral.balanceOf(stranger) == purse[1]
    assert emitted(receipt, token) == [
        (
            "Filled",
            {
                "taker": keeper,
                "receiver": keeper,
                "lane": SCHEDULED,
                "levering": True,
                "premium": open_now.premium,
                "collateral": brought,
                "debt": taken,
            },
        )
    ]
    assert token.auction().lane == 0


@pytest.mark.usefixtures("above")
def test_fill_above_target_earns_the_premium_less_the_swap(
    devnet, keeper, token, fill, collateral, debt, stranger
):
    open_now = token.auction()
    brought, taken = token.preview_fill_delever(open_now.brings)
    profit = expect(devnet, token, collateral, debt, brought, taken)
    purse = debt.balanceOf(stranger), collateral.balanceOf(stranger)

    receipt = fill(min_profit=profit)

    assert receipt.return_value == profit > 0
    assert collateral.balanceOf(stranger) == purse[1] + profit
    assert debt.balanceOf(stranger) == purse[0]
    (filled,) = emitted(receipt, token)
    assert (filled[1]["taker"], filled[1]["lane"]) == (keeper, SCHEDULED)
    assert (filled[1]["levering"], filled[1]["debt"]) == (False, brought)
    assert filled[1]["collateral"] == taken
    assert token.auction().lane == 0


@pytest.mark.usefixtures("far_above")
def test_fill_in_an_emergency_earns_at_any_hour(token, fill):
    receipt = fill()

    (filled,) = emitted(receipt, token)
    assert receipt.return_value > 0
    assert (filled[1]["lane"], filled[1]["levering"]) == (EMERGENCY, False)
    assert abs(token.leverage() - 3 * WAD) < 3 * WAD // 10**6


@pytest.mark.parametrize("side", ["below", "above"])
@pytest.mark.parametrize("divisor", [3, 7, 1_000])
def test_fill_of_a_part_brings_no_more_than_told(
    request, devnet, token, fill, collateral, debt, side, divisor
):
    request.getfixturevalue(side)
    most = token.auction().brings // divisor
    levering = token.auction().levering
    preview = token.preview_fill_lever if levering else token.preview_fill_delever
    brought, _ = preview(most)
    # the rest of what is asked for may be too little for a unit of the other side
    brought, taken = preview(brought)
    pair = (debt, collateral) if levering else (collateral, debt)
    profit = expect(devnet, token, *pair, brought, taken)

    receipt = fill(max_in=most)

    (filled,) = emitted(receipt, token)
    assert receipt.return_value == profit
    assert filled[1]["collateral" if levering else "debt"] == brought <= most
    assert token.auction().brings > 0


@pytest.mark.parametrize("side", ["below", "above"])
def test_fill_after_another_takes_what_is_left(request, token, fill, side):
    request.getfixturevalue(side)
    fill(max_in=token.auction().brings // 2)
    left = token.auction()

    receipt = fill()

    (filled,) = emitted(receipt, token)
    assert filled[1]["collateral" if left.levering else "debt"] == left.brings
    assert token.auction().lane == 0


@pytest.mark.usefixtures("below")
def test_fill_leaves_alone_what_lies_here_and_in_the_position(
    keeper, token, fill, collateral, debt, minter, keeps_nothing
):
    for coin in (collateral, debt):
        for holder in (keeper, token.position()):
            coin.transfer(holder, 10**6, sender=minter)
    networks.provider.set_balance(keeper.address, WAD)
    keeps_nothing()

    fill()


@pytest.fixture
def dear(devnet, ballast, minter):
    """`dear(coin)`: a token of it, above target, whose oracle says less than the pool."""

    def _dear(coin):
        token = list_coin(devnet, ballast, minter, coin)
        oracle = project.SettableOracle.at(token.oracle())
        oracle.set_price(oracle.price() * 95 // 100, sender=minter)
        warp_to(next_0002(now()) + PAYS)
        return token

    return _dear


def test_fill_paid_in_a_coin_that_answers_nothing_passes(
    keeper, keeper_account, minter, stranger, dear
):
    coin = minter.deploy(project.SilentToken, 18)
    token = dear(coin)

    receipt = keeper.fill(token, POOL_FEE, ENDLESS, 1, stranger, sender=keeper_account)

    assert coin.balanceOf(stranger) == receipt.return_value > 0
    assert coin.balanceOf(keeper) == 0


def test_fill_for_whom_the_coin_refuses_reverts(keeper, keeper_account, minter, stranger, dear):
    """A coin may answer False instead of reverting: what it did not move must not stay here."""
    coin = refusing_coin(minter, stranger)
    token = dear(coin)

    with ape.reverts("keeper: transfer failed"):
        keeper.fill.call(
            token, POOL_FEE, ENDLESS, 1, stranger, sender=keeper_account, skip_trace=True
        )


@pytest.mark.usefixtures("below")
def test_fill_below_min_profit_reverts(simulate):
    profit = simulate()

    with ape.reverts("keeper: profit below minimum"):
        simulate(min_profit=profit + 1)


def test_fill_that_loses_reverts_however_much_lies_here(
    keeper, token, market_at, simulate, weth, usdc, minter, keeps_nothing
):
    weth.transfer(keeper, 100 * WAD, sender=minter)
    usdc.transfer(keeper, 100_000 * USDC, sender=minter)
    keeps_nothing()
    for eth_usd in ("1900", "2100"):
        warp_to(next_0002(now()))  # the premium is below zero
        market_at(eth_usd)

        with ape.reverts("keeper: profit below minimum"):
            simulate()


@pytest.mark.parametrize("eth_usd", ["1900", "2100"])
def test_fill_where_the_pool_lags_the_oracle_earns_at_any_premium(devnet, simulate, eth_usd):
    warp_to(next_0002(now()))  # the premium is lowest
    set_price(devnet, eth_usd)

    assert simulate() > 0


@pytest.mark.usefixtures("below")
def test_fill_where_the_pool_asks_for_less_than_half_earns_the_rest(
    devnet, token, fill, collateral, debt, weth, usdc
):
    eth_usd, fee = 600 if token.rules().long else 6_000, 3_000
    open_pool(devnet, (weth, usdc), (10**6 * WAD, 10**6 * eth_usd * USDC), fee)
    brought, taken = token.preview_fill_lever(token.auction().brings)
    profit = expect(devnet, token, debt, collateral, brought, taken, fee)

    receipt = fill(fee=fee)

    assert receipt.return_value == profit > taken // 2


@pytest.mark.parametrize(("eth_usd", "ahead"), [("1900", "1800"), ("2100", "2200")])
def test_fill_where_the_pool_leads_the_oracle_reverts(devnet, market_at, simulate, eth_usd, ahead):
    warp_to(next_0002(now()) + PAYS)
    market_at(ahead)
    set_price(devnet, eth_usd)

    with ape.reverts("keeper: profit below minimum"):
        simulate()


def test_fill_when_closed_reverts(simulate, market_at):
    warp_to(next_0002(now()) + 8 * 3_600)
    market_at("2050")

    with ape.reverts("keeper: nothing to fill"):
        simulate()


@pytest.mark.usefixtures("below")
def test_fill_after_all_is_filled_reverts(fill, simulate):
    fill()

    with ape.reverts("keeper: nothing to fill"):
        simulate()


@pytest.mark.parametrize("side", ["below", "above"])
def test_fill_of_nothing_reverts(request, simulate, side):
    request.getfixturevalue(side)

    with ape.reverts("keeper: nothing to fill"):
        simulate(max_in=0)


@pytest.mark.usefixtures("below")
def test_fill_below_target_while_paused_reverts(token, simulate, owner):
    token.set_paused(True, sender=owner)

    with ape.reverts("keeper: nothing to fill"):
        simulate()


@pytest.mark.usefixtures("above")
def test_fill_above_target_while_paused_passes(token, fill, owner):
    token.set_paused(True, sender=owner)

    assert fill().return_value > 0


@pytest.mark.usefixtures("above")
def test_fill_at_a_stale_price_reverts(simulate):
    warp_to(now() + 3_601)

    with ape.reverts("oracle: price is stale"):
        simulate()


@pytest.mark.usefixtures("above")
def test_fill_of_an_unregistered_token_reverts(simulate, usdc):
    with ape.reverts("keeper: unknown token"):
        simulate(of=usdc)


@pytest.mark.usefixtures("above")
def test_fill_on_a_pool_that_is_not_there_reverts(simulate):
    with ape.reverts("swap: unknown pool"):
        simulate(fee=100)


@pytest.mark.usefixtures("above")
def test_fill_on_a_pool_that_runs_dry_reverts(devnet, simulate, weth, usdc):
    open_pool(devnet, (weth, usdc), (WAD // 10, 200 * USDC), 10_000, spacings=1)

    with ape.reverts("swap: pool is too shallow"):
        simulate(fee=10_000)


@pytest.mark.parametrize("side", ["below", "above"])
def test_fill_lets_the_pools_price_move_to_its_end(request, devnet, simulate, side):
    """One inside of Uniswap's lowest and highest root, which it does not allow."""
    request.getfixturevalue(side)
    pool = compilers.compile_source("vyper", LIMIT_POOL, contractName="LimitPool")
    code = pool.contract_type.runtime_bytecode.bytecode
    networks.provider.set_code(devnet.pool.address, code)

    with ape.reverts("pool: no limit"):
        simulate()


def test_fill_of_one_unit_earns(request, token, simulate):
    """A millionth of a dollar, which pays for a swap of itself."""
    request.getfixturevalue("above" if token.rules().long else "below")

    assert simulate(max_in=1) > 0
