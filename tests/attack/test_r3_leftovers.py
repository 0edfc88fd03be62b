"""T-R3: take what someone before has left in a contract that is not meant to hold anything.

A router that pays out its balance pays the last caller's change to the next one. Here everything is
computed from what a swap and a position say, and no balance is read: what lies in router, keeper or
position changes no amount that they pay. Only coins in a position can be used, by whoever mints
or redeems next, which is how a flash swap pays; nothing of ours leaves any there.
"""

import pytest
from ape import networks

from scripts._devnet import (
    POOL_FEE,
    USDC,
    WAD,
    arbitrage,
    next_0002,
    now,
    set_price,
    undone,
    warp_to,
)
from tests.attack.purse import report
from tests.unit.router.zaps import NATIVE

LEFT_WETH, LEFT_USDC, LEFT_SHARES = 5 * WAD, 10_000 * USDC, 100 * WAD
SHARES = 100 * WAD
PATHS = ["mint", "mint exact in", "redeem", "keeper"]
ASSETS = ["weth", "usdc", "ether"]


@pytest.fixture
def holders(ballast):
    return ballast.router, ballast.keeper


@pytest.fixture
def leave(devnet, token, holders, victim, weth, usdc):
    """Somebody sends some of everything to where it does not belong."""

    def _leave() -> None:
        for holder in holders:
            weth.transfer(holder, LEFT_WETH, sender=victim)
            usdc.transfer(holder, LEFT_USDC, sender=victim)
            token.transfer(holder, LEFT_SHARES, sender=victim)
            networks.provider.set_balance(holder.address, WAD)

    return _leave


@pytest.fixture
def take(ballast, token, attacker, weth, usdc):
    """`take("mint", "usdc")`: one way through router or keeper, at the attacker's cost."""

    def _take(path: str, asset: str) -> None:
        coin = {"weth": weth, "usdc": usdc, "ether": NATIVE}[asset]
        way = (token, coin, POOL_FEE)
        value = 10 * WAD if asset == "ether" else 0
        most = value or 2**100
        if path == "mint":
            order = (*way, SHARES, most, attacker, now())
            ballast.router.mint(*order, sender=attacker, value=value)
        elif path == "mint exact in":
            amount = value or (WAD if asset == "weth" else 1_000 * USDC)
            order = (*way, amount, 0, attacker, now())
            ballast.router.mint_exact_in(*order, sender=attacker, value=value)
        elif path == "redeem":
            order = (*way, SHARES, 0, attacker, now())
            ballast.router.redeem(*order, sender=attacker)
        else:
            ballast.keeper.fill(token, POOL_FEE, 2**200, 0, attacker, sender=attacker)

    return _take


def holdings(holders, coins) -> list[int]:
    found = [coin.balanceOf(holder) for holder in holders for coin in coins]
    return found + [holder.balance for holder in holders]


@pytest.mark.parametrize("asset", ASSETS)
@pytest.mark.parametrize("path", PATHS)
def test_r3_leftovers_stay_and_nothing_is_left(
    devnet, token, market, worth, attacker, victim, weth, usdc, leave, holders, take, path, asset
):
    """What the attacker gets is what it gets where nothing lies about."""
    token.mint(10_000 * WAD, 2**200, 0, sender=victim)
    token.mint(SHARES, 2**200, 0, sender=attacker)
    warp_to(next_0002(now()) + 45 * 60)
    set_price(devnet, "2100" if token.rules().long else "1900")
    arbitrage(devnet)
    coins = (weth, usdc, token)
    with undone():
        empty = holdings(holders, coins)
        take(path, asset)
        assert holdings(holders, coins) == empty
        assert all(coin.balanceOf(token.position()) == 0 for coin in (weth, usdc))
        alone = worth(market, token, attacker), attacker.balance

    leave()
    full = holdings(holders, coins)
    take(path, asset)

    assert holdings(holders, coins) == full
    assert attacker.balance == alone[1]
    report("r3", market, worth(market, token, attacker) - alone[0], 0)


def test_r3_leftovers_of_allowances_there_are_none(
    ballast, tokens, devnet, venue, weth, usdc, take
):
    """Neither router nor keeper approves anybody, before or after."""
    spenders = [devnet.pool, venue.address, devnet.swap_router, *tokens.values()]
    take("mint", "usdc")

    for holder in (ballast.router, ballast.keeper):
        for coin in (weth, usdc):
            assert not any(coin.allowance(holder, spender) for spender in spenders)
