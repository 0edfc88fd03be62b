"""T-V3: spoil a market's share count while nobody borrows, so that nobody can any more.

Morpho says it of itself: the first borrower of a market can borrow shares worth less than a unit,
again and again, doubling their number until the next borrower's do not fit 128 bits. Here no token
is made on such a market, at whatever stage. On one that is in use somebody would first have to
repay all that everyone owes, which is a gift; even then every holder gets out with it.
"""

from fractions import Fraction

import pytest

from scripts._devnet import ENDLESS, WAD
from tests.attack.purse import FREE, fault, report, supply
from tests.unit.morpho_position.markets import books, donate, open_market, repay

PRICE = 2_000 * 10**24  # of 18 decimals in 6
VIRTUAL_SHARES = 10**6
ROUNDS = 110  # 2**110 * 1e6 is more than 128 bits hold


def spoil(devnet, market, attacker, rounds: int) -> None:
    """Each time as many shares as there are, for less than a unit of debt."""
    shares = devnet.morpho.market(market.id).totalBorrowShares
    for _ in range(rounds):
        more = shares + VIRTUAL_SHARES - 1
        if shares + more >= 2**128:
            return
        devnet.morpho.borrow(market.params, 0, more, attacker, attacker, sender=attacker)
        shares += more


@pytest.fixture
def fresh(devnet, weth, usdc):
    """Lent to, and not borrowed from."""
    market = open_market(devnet, weth, usdc, PRICE)
    lender = devnet.roles.lender
    devnet.morpho.supply(market.params, 10**12, 0, lender, b"", sender=lender)
    return market


@pytest.mark.parametrize("rounds", [0, 1, 2, 10, 60, ROUNDS])
def test_v3_market_at_any_stage_of_spoiling_makes_no_token(
    devnet, ballast, fresh, creation, attacker, minter, weth, rounds
):
    donate(devnet, fresh, attacker.address, attacker, 10**6 * WAD)
    weth.approve(ballast.factory, ENDLESS, sender=minter)
    spoil(devnet, fresh, attacker, rounds)
    order = creation(fresh, seed=WAD)

    # with as little debt as there is, and with as much as the attacker can make it
    faults = {fault(lambda: ballast.factory.create.call(*order, sender=minter, skip_trace=True))}
    more = fault(
        lambda: devnet.morpho.borrow(fresh.params, 10**4, 0, attacker, attacker, sender=attacker)
    )
    if not more and rounds:
        faults |= {fault(lambda: ballast.factory.create.call(*order, sender=minter))}

    assert faults <= {"position: market is empty", "position: market is spoiled"}
    assert rounds < ROUNDS or more == "max uint128 exceeded"


def test_v3_market_in_use_is_spoiled_by_a_gift_alone_and_lets_everybody_out(
    devnet, open_token, worth, minter, stranger
):
    """All other borrowers have left by themselves; the token's debt is repaid by the attacker."""
    token, market = open_token(18, 6, PRICE, **FREE)
    token.mint(1_000 * WAD, ENDLESS, 0, sender=minter)
    borrower, position = devnet.roles.borrower, token.position()
    wealth, held = worth(market, token, stranger), worth(market, token, minter)
    part = Fraction(token.balanceOf(minter), supply(token))
    others = devnet.morpho.position(market.id, borrower).borrowShares
    repay(devnet, market, borrower, borrower, shares=others)
    debt = books(devnet, market, position)[1]
    own = devnet.morpho.position(market.id, position).borrowShares

    repay(devnet, market, position, stranger, shares=own)
    donate(devnet, market, stranger.address, stranger, WAD)
    spoil(devnet, market, stranger, ROUNDS)
    pledged = devnet.morpho.position(market.id, stranger).collateral
    pledged -= WAD // 10**6  # shares that are worth nothing keep a little of it there
    devnet.morpho.withdrawCollateral(market.params, pledged, stranger, stranger, sender=stranger)
    token.redeem(token.balanceOf(minter), 0, 0, sender=minter)

    assert token.balanceOf(minter) == 0
    assert worth(market, token, minter) >= held + debt * part - 2
    report("v3", market, worth(market, token, stranger) - wealth, -debt)


def test_v3_spoiled_market_of_a_token_stops_levering_alone(
    devnet, open_token, post, minter, stranger
):
    """What is left of it then: minting without debt, delevering nothing, redeeming."""
    token, market = open_token(18, 6, PRICE, **FREE)
    borrower, position = devnet.roles.borrower, token.position()
    for account in (borrower, position):
        shares = devnet.morpho.position(market.id, account).borrowShares
        market.debt.mint(stranger, 10**12, sender=stranger)
        repay(devnet, market, account, stranger, shares=shares)
    donate(devnet, market, stranger.address, stranger, WAD)
    spoil(devnet, market, stranger, ROUNDS)

    assert tuple(token.mint(WAD, ENDLESS, 0, sender=minter).return_value)[1] == 0
    token.redeem(WAD, 0, 0, sender=minter)
    assert token.balanceOf(minter) == 0
