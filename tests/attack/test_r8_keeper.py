"""T-R8: make a keeper pay: fill in front of it, move the pool, leave it a crumb.

A keeper without capital of its own loses what it sends with a transaction, and no more. Here the
attacker fills nearly all in front of it, sandwiches it, or both; the keeper earns at least what it
asked for, or nothing happens. The contract holds nothing, so that there is nothing to drain, and
what lies there by mistake stays. What the attacker gets is what a fill pays anybody.
"""

from fractions import Fraction

import pytest
from eth_abi import encode

from scripts._devnet import (
    ENDLESS,
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
from tests.attack.purse import fault, report

PARTS = [Fraction(1, 2), Fraction(999, 1_000), Fraction(1)]
SIZES = [0, 10**5 * USDC, 10**7 * USDC, 10**9 * USDC]
FAULTS = {"", "keeper: profit below minimum", "keeper: nothing to fill"}


@pytest.fixture
def lane(devnet, bull, victim):
    """Open for levering, at its best premium, with pool and feed at one price."""
    bull.mint(100_000 * WAD, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + 45 * 60)
    set_price(devnet, "2100")
    arbitrage(devnet)


@pytest.fixture
def swap(devnet, attacker):
    def _swap(sold, bought, amount: int) -> int:
        order = (sold, bought, POOL_FEE, attacker, ENDLESS, amount, 0, 0)
        return devnet.swap_router.exactInputSingle(order, sender=attacker).return_value

    return _swap


@pytest.mark.parametrize("share", [0, Fraction(1, 2), Fraction(9, 10)], ids=str)
@pytest.mark.parametrize("part", PARTS, ids=str)
def test_r8_keeper_behind_another_taker_and_a_moved_pool_never_pays(
    long_market, ballast, bull, worth, attacker, keeper_account, weth, usdc, lane, swap, part, share
):
    """It asks for a part of what it was told, and has nothing that could be taken."""
    keeper = ballast.keeper
    order = (bull, POOL_FEE, ENDLESS)
    told = keeper.fill.call(*order, 0, keeper_account, sender=keeper_account)
    least = int(told * share)
    purse = usdc.balanceOf(keeper_account), weth.balanceOf(keeper_account)
    best = []

    for size in SIZES:
        with undone():
            wealth = worth(long_market, bull, attacker)
            brought = int(bull.auction().brings * part)
            _, taken = bull.fill_lever(brought, 0, sender=attacker).return_value
            pays = taken - brought * Fraction(2_100 * USDC, WAD)
            bought = swap(usdc, weth, size) if size else 0
            fill = (*order, least, keeper_account)
            refused = fault(lambda: keeper.fill(*fill, sender=keeper_account))  # noqa: B023
            if bought:
                swap(weth, usdc, bought)
            earned = usdc.balanceOf(keeper_account) - purse[0]

            assert refused in FAULTS
            assert earned >= (0 if refused else least)
            assert weth.balanceOf(keeper_account) == purse[1]
            assert not any(coin.balanceOf(keeper) for coin in (weth, usdc))
            best.append(worth(long_market, bull, attacker) - wealth - pays)

    # around what its own fill pays: no more than what the keeper let go
    report("r8", long_market, max(best), told - least)


def test_r8_keeper_told_by_an_attacker_sends_nobodys_coins(
    long_market, ballast, bull, worth, attacker, victim, weth, usdc, lane
):
    """With coins lying in it, for a receiver of the attacker's choice: only the fill's profit."""
    keeper = ballast.keeper
    for coin, amount in ((weth, 10 * WAD), (usdc, 20_000 * USDC)):
        coin.transfer(keeper, amount, sender=victim)
    wealth = worth(long_market, bull, attacker)

    earned = keeper.fill(bull, POOL_FEE, ENDLESS, 0, attacker, sender=attacker).return_value
    more = fault(lambda: keeper.fill.call(bull, POOL_FEE, ENDLESS, 0, attacker, sender=attacker))

    assert more == "keeper: nothing to fill"
    assert (weth.balanceOf(keeper), usdc.balanceOf(keeper)) == (10 * WAD, 20_000 * USDC)
    report("r8", long_market, worth(long_market, bull, attacker) - wealth - earned, 0)


def test_r8_upkeep_with_an_attackers_order_is_a_fill_of_his_own(
    long_market, ballast, bull, worth, attacker, victim, keeper_account, weth, usdc, lane
):
    """Whoever performs chooses the receiver, and gets what `fill` would have given him.

    The upkeep that comes after it finds nothing to do, and pays nothing.
    """
    keeper = ballast.keeper
    for coin, amount in ((weth, 10 * WAD), (usdc, 20_000 * USDC)):
        coin.transfer(keeper, amount, sender=victim)
    kinds = ["address", "bool", "uint24", "uint256", "uint256", "address"]
    levering = bull.auction().levering
    registered, forged = (
        encode(kinds, [bull.address, levering, POOL_FEE, ENDLESS, 0, account.address])
        for account in (keeper_account, attacker)
    )
    wealth = worth(long_market, bull, attacker)
    earns = keeper.fill.call(bull, POOL_FEE, ENDLESS, 0, attacker, sender=attacker)
    assert keeper.checkUpkeep(registered)[0]

    keeper.performUpkeep(forged, sender=attacker)

    late = fault(lambda: keeper.performUpkeep.call(registered, sender=keeper_account))
    assert late == "keeper: nothing to fill"
    assert not keeper.checkUpkeep(registered)[0]
    assert (weth.balanceOf(keeper), usdc.balanceOf(keeper)) == (10 * WAD, 20_000 * USDC)
    report("r8", long_market, worth(long_market, bull, attacker) - wealth - earns, 0)
