"""T-R4: buy in front of a zap and sell behind it, as much as its bound allows.

Whoever comes through the router trades on a pool, and a trade on a pool can be sandwiched: that is
what `max_in` and `min_out` are for. The attacker, with capital without end, picks the size that
pays best. The victim gets what it asked for or nothing happens, and its loss is at most what it
allowed. Minting and redeeming in kind swap nothing: there the same attacker pays for the pool and
gains nothing.
"""

import pytest

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD, now, undone
from tests.attack.purse import fault, report

SHARES = 1_000_000 * WAD  # about as many dollars: three times that on the pool
TOLERANCE = 200  # one in so many
SIZES = [USDC << power for power in range(10, 34, 2)]


@pytest.fixture
def swap(devnet, attacker):
    """`swap(sold, bought, amount)`: what the attacker gets for it on the pool."""

    def _swap(sold, bought, amount: int) -> int:
        order = (sold, bought, POOL_FEE, attacker, ENDLESS, amount, 0, 0)
        return devnet.swap_router.exactInputSingle(order, sender=attacker).return_value

    return _swap


@pytest.fixture
def rich(devnet, bull, victim, weth, usdc):
    """The victim, with a million shares and the coins for another million."""
    weth.transfer(victim, 10_000 * WAD, sender=devnet.roles.lender)
    usdc.transfer(victim, 10_000_000 * USDC, sender=devnet.roles.lender)
    bull.mint(SHARES, ENDLESS, 0, sender=victim)
    return victim


@pytest.fixture
def orders(router, bull, rich, usdc):
    """What the victim sends, and what it would have paid or got in peace."""
    way = (bull, usdc, POOL_FEE, SHARES)
    cost, worth = router.quote_mint.call(*way), router.quote_redeem.call(*way)
    return {
        "mint": (router.mint, (*way, cost + cost // TOLERANCE, rich, ENDLESS), cost),
        "redeem": (router.redeem, (*way, worth - worth // TOLERANCE, rich, ENDLESS), worth),
    }


@pytest.mark.parametrize("name", ["mint", "redeem"])
def test_r4_zap_sandwich_takes_no_more_than_the_victim_allows(
    long_market, bull, worth, attacker, rich, weth, usdc, swap, orders, name
):
    method, order, peace = orders[name]
    wealth = worth(long_market, bull, attacker)
    # a mint buys ether: so does the attacker first; a redemption sells it
    pair = (usdc, weth) if name == "mint" else (weth, usdc)
    outcomes = []

    for dollars in SIZES:
        with undone():
            size = dollars if pair[0] is usdc else dollars * WAD // (2_000 * USDC)
            bought = swap(*pair, size)
            purse = usdc.balanceOf(rich)
            refused = fault(lambda: method(*order, sender=rich))  # noqa: B023
            loss = 0 if refused else abs(usdc.balanceOf(rich) - purse) - peace
            swap(*pair[::-1], bought)
            outcomes.append((worth(long_market, bull, attacker) - wealth, loss, refused))

    allowed = peace // TOLERANCE
    assert {refused for *_, refused in outcomes} - {""} <= {
        "router: amount above max",
        "router: amount below min",
        "router: shares are worth nothing",
    }
    assert "" in {refused for *_, refused in outcomes} and any(refused for *_, refused in outcomes)
    assert all(abs(loss) <= allowed for _, loss, _ in outcomes)
    report("r4", long_market, max(gain for gain, *_ in outcomes), allowed)


@pytest.mark.parametrize("dollars", SIZES[::3])
def test_r4_sandwich_of_a_mint_in_kind_only_costs(
    long_market, bull, worth, attacker, rich, weth, usdc, swap, dollars
):
    told = bull.preview_mint(SHARES)
    wealth = worth(long_market, bull, attacker)

    bought = swap(usdc, weth, dollars)
    legs = bull.mint(SHARES, *told, sender=rich).return_value
    swap(weth, usdc, bought)

    assert tuple(legs) == tuple(told)
    assert worth(long_market, bull, attacker) < wealth


def test_r4_zap_that_comes_too_late_is_refused(router, bull, rich, usdc):
    """What a miner holds back cannot be filled at tomorrow's price."""
    order = (bull, usdc, POOL_FEE, SHARES)

    for late in (
        lambda: router.mint.call(*order, 2**128, rich, now() - 1, sender=rich),
        lambda: router.mint_exact_in.call(*order[:3], USDC, 0, rich, now() - 1, sender=rich),
        lambda: router.redeem.call(*order, 0, rich, now() - 1, sender=rich),
    ):
        assert fault(late) == "router: deadline has passed"
