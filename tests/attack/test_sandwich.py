"""A sandwich around the daily rebalance, with capital without end: here, and as one swap elsewhere.

Most tokens rebalance by a swap on an exchange, at a time that everybody knows. Whoever buys just
before it and sells just after it takes what the swap's limit leaves him. Here nothing of the kind
is sent: a taker fills at the oracle's price. Both are tried on the same real pool, for the same
rebalance, and the attacker picks the size that pays him best.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from ape.exceptions import ContractLogicError

from scripts._devnet import (
    ENDLESS,
    GAS,
    POOL_FEE,
    USDC,
    WAD,
    arbitrage,
    next_0002,
    now,
    price,
    set_price,
    undone,
    warp_to,
)
from tests.record import record

SHARES = 9_000_000 * WAD  # about as many dollars
TOLERANCE = 100  # one in so many: how far from the oracle's price the swap elsewhere may be
RAMP = 45 * 60
LARGEST = 2**40  # dollars; more than the pool has


@dataclass(frozen=True)
class Outcome:
    """What the attacker gained and what the holders lost, in raw USDC at the oracle's price."""

    gain: int
    loss: int


@pytest.fixture
def grown(devnet, bull):
    """ETHBULL with nine million dollars in it, a minute before the day's opening."""
    lender = devnet.roles.lender
    devnet.weth.approve(bull, ENDLESS, sender=lender, gas_limit=GAS)
    bull.mint(SHARES, ENDLESS, 0, sender=lender)
    warp_to(next_0002(now()) - 60)
    return bull


@pytest.fixture
def risen(devnet, grown):
    """ETH is up by 5 % when the day opens, in the pool too: the token has to buy."""
    warp_to(next_0002(now()))
    set_price(devnet, "2100")
    arbitrage(devnet)
    return grown


@pytest.fixture
def swap(devnet):
    """`swap(who, sold, bought, amount, least)`: on the real pool; what it brought."""

    def _swap(who, sold, bought, amount, least=0):
        order = (sold, bought, POOL_FEE, who, ENDLESS, amount, least, 0)
        return devnet.swap_router.exactInputSingle(order, sender=who).return_value

    return _swap


@pytest.fixture
def attacker(devnet):
    """Can pay for anything, and has approved the pool's router."""
    return devnet.roles.arbitrageur


@pytest.fixture
def sandwich(devnet, attacker, swap, weth, usdc):
    """`sandwich(size, victim)`: buy for `size` USDC, let the victim trade, sell it all again."""

    def _sandwich(size: int, victim: Callable[[], int]) -> Outcome | None:
        with undone():
            bought = swap(attacker, usdc, weth, size) if size else 0
            try:
                loss = victim()
            except ContractLogicError:
                return None  # the victim does not trade at such a price
            back = swap(attacker, weth, usdc, bought) if bought else 0
            return Outcome(back - size, loss)

    return _sandwich


def best(outcome: Callable[[int], Outcome | None]) -> Outcome:
    """The attacker's best, over all sizes: by powers of two, then between its neighbours."""
    tried: dict[int, Outcome] = {}

    def gain(size: int) -> int:
        found = outcome(size)
        if found is not None:
            tried[size] = found
        return found.gain if found else -1

    sizes = [0, *(USDC << power for power in range(LARGEST.bit_length() - 1))]
    top = max(sizes, key=gain)
    low, high = top // 2, top * 2
    while high - low > USDC:
        left, right = low + (high - low) // 3, high - (high - low) // 3
        if gain(left) < gain(right):
            low = left
        else:
            high = right
    return max(tried.values(), key=lambda found: found.gain)


def opens_paying(token, keeper) -> int:
    """The first second of the lane in which a fill from a flash swap pays."""
    low, high = now(), now() + RAMP
    while high - low > 1:
        middle = (low + high) // 2
        with undone():
            warp_to(middle)
            try:
                keeper.fill.call(token, POOL_FEE, ENDLESS, 0, token, skip_trace=True)
                high = middle
            except ContractLogicError:
                low = middle
    return high


def holders_loss(token, fill: Callable[[], object]) -> int:
    """What a fill takes from the holders, at the oracle's price."""
    before = token.totalAssets()
    fill()
    return before - token.totalAssets()


def test_sandwich_of_a_rebalance_as_one_swap_pays_the_attacker(
    devnet, risen, swap, sandwich, stranger, weth, usdc
):
    """The same purchase by a token that swaps: with a limit of 1 %, and with none."""
    debt = risen.auction().brings * int(price(devnet)) * USDC // WAD
    usdc.mint(stranger, debt, sender=stranger)
    usdc.approve(devnet.swap_router, debt, sender=stranger)
    fair = debt * WAD // (int(price(devnet)) * USDC)

    def rebalance(least: int) -> int:
        bought = swap(stranger, usdc, weth, debt, least)
        return debt - bought * int(price(devnet)) * USDC // WAD

    alone = sandwich(0, lambda: rebalance(0))
    limited = best(lambda size: sandwich(size, lambda: rebalance(fair - fair // TOLERANCE)))
    unlimited = best(lambda size: sandwich(size, lambda: rebalance(0)))

    assert alone is not None
    assert limited.gain > 0 and limited.loss > alone.loss
    assert limited.loss <= debt // TOLERANCE + USDC
    assert unlimited.gain > 10 * limited.gain
    record(
        "sandwich",
        "single_swap",
        rebalanced=debt / USDC,
        gain=limited.gain / USDC,
        holders_lose=limited.loss / USDC,
        holders_lose_alone=alone.loss / USDC,
        gain_without_limit=unlimited.gain / USDC,
        holders_lose_without_limit=unlimited.loss / USDC,
    )


@pytest.mark.parametrize("late", [False, True])
def test_sandwich_of_a_fill_takes_nothing_from_the_holders(
    risen, ballast, sandwich, keeper_account, late
):
    """Around the keeper's fill, which asks for no profit at all: when it first pays, or too late.

    Holders get the auction's price, wherever the pool is: the same to the unit at every size. All
    that the attacker can take is the careless keeper's own profit.
    """
    keeper = ballast.keeper
    warp_to(now() + RAMP if late else opens_paying(risen, keeper))
    order = (risen, POOL_FEE, ENDLESS, 0, keeper_account)
    profit = keeper.fill.call(*order, sender=keeper_account)
    losses = set()

    def fill() -> int:
        loss = holders_loss(risen, lambda: keeper.fill(*order, sender=keeper_account))
        losses.add(loss)
        return loss

    found = best(lambda size: sandwich(size, fill))

    assert len(losses) == 1
    assert found.gain <= profit
    if not late:
        assert found.gain < 100 * USDC  # within a second of the premium's rise
    record(
        "sandwich",
        "ballast_late" if late else "ballast",
        rebalanced=risen.auction().takes / USDC,
        gain=found.gain / USDC,
        holders_lose=found.loss / USDC,
        keeper_profit=profit / USDC,
    )


def test_sandwich_of_a_fill_with_a_least_profit_takes_no_more_than_the_rest(
    risen, ballast, sandwich, keeper_account
):
    """A keeper that asks for all but a dollar of what it was told leaves a dollar."""
    warp_to(now() + RAMP)
    keeper = ballast.keeper
    profit = keeper.fill.call(risen, POOL_FEE, ENDLESS, 0, keeper_account, sender=keeper_account)
    order = (risen, POOL_FEE, ENDLESS, profit - USDC, keeper_account)

    def fill() -> int:
        return holders_loss(risen, lambda: keeper.fill(*order, sender=keeper_account))

    found = best(lambda size: sandwich(size, fill))

    assert 0 <= found.gain <= USDC
