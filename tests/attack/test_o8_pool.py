"""T-O8: move the pool with a flash loan, deal with the token at that price, and move it back.

All in one transaction, with a pool where ether costs a hundredth of what it did, or a hundred times
as much. Nothing that the token says or does has changed by a unit: it has never heard of a pool. So
the attacker is left with what moving it there and back costs.
"""

from fractions import Fraction

import pytest

from scripts._devnet import ENDLESS, POOL_FEE, WAD, next_0002, now, set_price, undone, warp_to
from tests.attack.actor import call, send_actor
from tests.attack.purse import report

FACTOR = 10  # of the square root: the price by a hundred


@pytest.fixture
def actor(attacker, devnet, token, weth, usdc):
    """A contract as rich as the attacker, who approves the same."""
    made = send_actor(attacker)
    for coin in (weth, usdc):
        coin.transfer(made, coin.balanceOf(attacker) // 2, sender=attacker)
        approvals = [call(coin.approve, to, ENDLESS) for to in (devnet.swap_router, token)]
        made.run(approvals, sender=attacker)
    return made


@pytest.fixture
def lane(devnet, token, victim):
    """The scheduled lane is open for levering."""
    token.mint(1_000 * WAD, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + 600)
    set_price(devnet, "2100" if token.rules().long else "1900")


@pytest.fixture
def moved(devnet, actor, weth, usdc):
    """`moved(True)`: the calls that take ether's price down by 99 %, and back up."""

    def _moved(down: bool):
        root = devnet.pool.slot0().sqrtPriceX96
        pair = (weth, usdc) if down else (usdc, weth)
        falls = pair[0].address.lower() == devnet.pool.token0().lower()
        there = root // FACTOR if falls else root * FACTOR
        swap = devnet.swap_router.exactInputSingle
        order = (POOL_FEE, actor, ENDLESS, 2**120, 0)
        return (
            call(swap, (*pair, *order, there)),
            call(swap, (*pair[::-1], *order, root)),
        )

    return _moved


def views(token, account):
    return [
        call(token.leverage),
        call(token.totalAssets),
        call(token.auction),
        call(token.convertToAssets, WAD),
        call(token.convertToShares, WAD),
        call(token.maxMint, account),
        call(token.preview_mint, WAD),
        call(token.preview_redeem, WAD),
        call(token.preview_fill_lever, ENDLESS),
        call(token.preview_fill_delever, ENDLESS),
    ]


@pytest.mark.parametrize("down", [True, False], ids=["-99 %", "+9900 %"])
def test_o8_pool_moved_in_the_same_transaction_changes_no_answer(
    devnet, token, actor, attacker, lane, moved, down
):
    there, back = moved(down)
    asked = views(token, attacker)
    still = actor.run.call(asked, sender=attacker)
    price = call(devnet.pool.slot0)

    answers = actor.run.call([price, there, price, *asked, back], sender=attacker)

    before, after = (int.from_bytes(answers[at][:32], "big") for at in (0, 2))
    assert max(before, after) // min(before, after) >= FACTOR - 1
    assert answers[3:-1] == still


@pytest.mark.parametrize("down", [True, False], ids=["-99 %", "+9900 %"])
def test_o8_pool_moved_around_all_that_a_token_does_pays_nothing(
    venue, token, market, actor, attacker, lane, worth, moved, down
):
    """Mint, fill and redeem between the two swaps, against the same without them."""
    there, back = moved(down)
    deal = [
        call(token.mint, 1_000 * WAD, ENDLESS, 0),
        call(token.fill_lever, ENDLESS, 0),
        call(token.redeem, 1_000 * WAD, ENDLESS, 0),
    ]
    venue.accrue(market)
    wealth = worth(market, token, actor)

    def gain_of(calls: list) -> Fraction:
        with undone():
            actor.run(calls, sender=attacker)
            return worth(market, token, actor) - wealth

    moving, dealing, both = map(gain_of, ([there, back], deal, [there, *deal, back]))

    assert moving < 0 and dealing != 0
    assert both == moving + dealing  # to the unit
    report("o8", market, both - dealing, 0)
