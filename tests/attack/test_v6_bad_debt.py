"""T-V6: use a position whose debt the venue has written off: shares without anything behind them.

When a liquidation takes the last collateral, Morpho strikes the rest of the debt out, as Aave does
since 3.3, and lenders lose it; before that the debt stays. Then there are shares, and no
collateral. Here each door is tried on the real venue, by somebody who holds most of the shares:
none gives anything, and none that takes is open. What comes later, as somebody's gift, is again
everyone's by share.
"""

import pytest

from scripts._devnet import ENDLESS, POOL_FEE, WAD, next_0002, now, set_price, warp_to
from tests.attack.purse import fault, report

SHARES = 1_000 * WAD
GIFT = 10**12


@pytest.fixture
def wiped(devnet, venue, token, market, victim, attacker, taker, worth):
    """What the attacker has then, besides shares."""
    token.mint(2 * SHARES, ENDLESS, 0, sender=victim)
    token.transfer(attacker, SHARES, sender=victim)
    warp_to(next_0002(now()) + 600)
    set_price(devnet, "1000" if token.rules().long else "4000")
    venue.wipe(market, token.position(), taker)
    return worth(market, token, attacker)


def test_v6_bad_debt_leaves_shares_and_nothing_else(venue, token, market, wiped):
    held, debt = venue.books(market, token.position())

    assert held == 0 and (debt == 0) == venue.writes_off
    assert token.totalSupply() > 2 * SHARES
    assert token.totalAssets() == 0
    assert token.convertToAssets(SHARES) == token.convertToShares(10**6) == 0
    assert token.maxMint(token) == 0


def test_v6_bad_debt_opens_no_door_to_an_attacker(
    venue, token, market, ballast, worth, attacker, wiped
):
    way = (token, market.debt, POOL_FEE)
    mint, mint_exact_in = ballast.router.mint, ballast.router.mint_exact_in
    doors = {
        "mint": lambda: token.mint.call(1, ENDLESS, 0, sender=attacker),
        "lever": lambda: token.fill_lever.call(ENDLESS, 0, sender=attacker),
        "delever": lambda: token.fill_delever.call(ENDLESS, 0, sender=attacker),
        "zap": lambda: mint.call(*way, WAD, 2**128, attacker, now(), sender=attacker),
        "all": lambda: mint_exact_in.call(*way, 10**6, 0, attacker, now(), sender=attacker),
    }
    faults = {name: fault(door) for name, door in doors.items()}

    legs = token.redeem(SHARES, ENDLESS, 0, sender=attacker).return_value

    assert faults["mint"] == faults["zap"] == faults["all"] == "mint: position is empty"
    assert faults["lever"] == faults["delever"] == "token: position is insolvent"
    assert legs[1] == 0 and (legs[0] == 0) == venue.writes_off
    report("v6", market, worth(market, token, attacker) - wiped, 0)


def test_v6_gift_to_what_is_left_is_everyones(venue, token, market, worth, attacker, victim, wiped):
    """Nobody can be quicker with shares that cost nothing: these cost their part of it.

    Where the venue leaves a debt, the gift begins with that.
    """
    has = market.collateral.balanceOf(victim)
    if left := venue.units(market, token.position()):
        venue.repay(market, token.position(), attacker, units=left)
    venue.donate(market, token.position(), attacker, GIFT)
    brought, _ = token.mint(10 * SHARES, ENDLESS, 0, sender=attacker).return_value

    token.redeem(token.balanceOf(attacker), ENDLESS, 0, sender=attacker)
    token.redeem(SHARES, 0, 0, sender=victim)

    assert brought > GIFT
    assert market.collateral.balanceOf(victim) - has > GIFT // 3
    report("v6", market, worth(market, token, attacker) - wiped, 0)
