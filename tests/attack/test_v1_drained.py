"""T-V1: borrow all that the venue has, in front of each call, and give it back behind.

Found in Morpho's own review and acknowledged there: whoever needs to borrow can be kept from it, at
a second's interest. So minting and levering can be delayed, and are refused in the venue's words
with nothing changed. Whatever makes the position smaller repays first and needs no liquidity:
nobody is kept in, and no delevering fill is kept out. The griefer pays interest and gains nothing.
"""

import pytest

from scripts._devnet import (
    ENDLESS,
    POOL_FEE,
    WAD,
    arbitrage,
    next_0002,
    now,
    set_price,
    undone,
    warp_to,
)
from tests.attack.purse import fault, report

SHARES = 1_000 * WAD
# What a victim calls, and what it hears of a venue that has nothing to lend: None is its own words.
CALLS = {
    "mint": None,
    "router mint": None,
    "fill lever": "fill: not open for levering",
    "keeper lever": "keeper: nothing to fill",
    "redeem": "",
    "router redeem": "",
    "fill delever": "",
    "keeper delever": "",
}


@pytest.fixture
def order(token, ballast, market, victim):
    """`order("mint")`: a function and its arguments."""
    way = token, market.debt, POOL_FEE, WAD
    orders = {
        "mint": (token.mint, WAD, ENDLESS, 0),
        "redeem": (token.redeem, WAD, ENDLESS, 0),
        "router mint": (ballast.router.mint, *way, 2**128, victim, ENDLESS),
        "router redeem": (ballast.router.redeem, *way, 0, victim, ENDLESS),
        "fill lever": (token.fill_lever, ENDLESS, 0),
        "fill delever": (token.fill_delever, ENDLESS, 0),
        "keeper lever": (ballast.keeper.fill, token, POOL_FEE, ENDLESS, 0, victim),
        "keeper delever": (ballast.keeper.fill, token, POOL_FEE, ENDLESS, 0, victim),
    }
    return orders.get


@pytest.fixture
def griefer(venue, market, attacker):
    """Has pledged more than enough."""
    pledge = market.collateral.balanceOf(attacker) // 2
    venue.donate(market, attacker, attacker, pledge)
    return attacker


def drain(venue, market, griefer) -> None:
    venue.accrue(market)
    venue.borrow(market, griefer, venue.liquidity(market))
    assert venue.liquidity(market) == 0


def give_back(venue, market, griefer) -> None:
    shares = venue.units(market, griefer)
    venue.repay(market, griefer, griefer, units=shares)


@pytest.mark.parametrize("name", CALLS)
def test_v1_liquidity_taken_around_a_call_delays_what_borrows_and_nothing_else(
    devnet, venue, token, market, worth, victim, griefer, order, name
):
    long, levers = token.rules().long, "lever" in name and "delever" not in name
    token.mint(SHARES, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + 45 * 60)
    set_price(devnet, "2100" if long == levers else "1900")
    arbitrage(devnet)
    wealth = worth(market, token, griefer)
    method, *terms = order(name)
    with undone():
        told = method.call(*terms, sender=victim)

    drain(venue, market, griefer)
    refused = fault(lambda: method.call(*terms, sender=victim, skip_trace=True))
    if not refused:
        assert method(*terms, sender=victim).return_value == told
    warp_to(now() + 12)  # the victim's next block
    give_back(venue, market, griefer)
    if refused:
        method(*terms, sender=victim)

    assert refused == (venue.empty if CALLS[name] is None else CALLS[name])
    report("v1", market, worth(market, token, griefer) - wealth, 0)


def test_v1_mint_of_more_than_is_left_tells_how_much_is(venue, token, market, victim, griefer):
    drain(venue, market, griefer)
    assert token.maxMint(victim) == 0
    left = venue.units(market, griefer) // venue.whole // 1_000
    venue.repay(market, griefer, griefer, assets=left)

    most = token.maxMint(victim)
    token.mint(most, ENDLESS, 0, sender=victim)

    assert token.balanceOf(victim) == most > 0
    assert fault(lambda: token.mint.call(WAD, ENDLESS, 0, sender=victim)) == venue.empty
