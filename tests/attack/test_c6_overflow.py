"""T-C6: push a number so high that a product overflows, and everybody is locked in.

Checked arithmetic reverts: safe from wrong answers, and a way to stop a contract for good. Whoever
may mint the collateral without end gives the position as much as the venue can count, on Morpho
2**128 - 1. Then every holder still gets out, and the fee of the largest supply, left alone for a
century, can still be settled. He walks away without what he gave, and nobody is locked in. A price
is the venue's matter too: where the worth of the collateral passes 2**256, it refuses by itself.
"""

import pytest
from ape import project
from hypothesis import example, given
from hypothesis import strategies as st

from scripts._devnet import DAY, ENDLESS, WAD, next_0002, now, warp_to
from tests.attack.made import make_coins, make_market, make_token
from tests.record import record

MAX_CAP = 2**112
PRICE = 2_000 * 10**24  # of 18 decimals in 6


@pytest.fixture
def largest(devnet, ballast, minter):
    """A token with the largest cap and nearly as much supply, and its market."""
    market = make_market(devnet, make_coins(minter, 18, 6), PRICE, lent=10**32)
    token = make_token(devnet, ballast, minter, market, WAD, purse=2**112, cap=MAX_CAP)
    token.mint(token.maxMint(minter), ENDLESS, 0, sender=minter)
    return token, market


def fill_up(venue, token, market, giver, room: int) -> None:
    market.collateral.mint(giver, room, sender=giver)
    venue.donate(market, token.position(), giver, room)


def test_c6_position_filled_to_the_brim_locks_nobody_in(venue, largest, minter, stranger):
    token, market = largest
    room = venue.most(market) - venue.books(market, token.position())[0]
    fill_up(venue, token, market, stranger, room)
    shares = token.balanceOf(minter)

    owed, got = token.redeem(shares, ENDLESS, 0, sender=minter).return_value

    assert token.balanceOf(minter) == 0
    assert got > room // 2 and owed > 0
    assert market.collateral.balanceOf(stranger) == 0
    record("attack", "c6", threat="T-C6", gain=-room / WAD, unit="collateral", bound=0)


def test_c6_position_half_full_still_trades(venue, largest, stranger, minter):
    token, market = largest
    room = venue.most(market) // 2
    fill_up(venue, token, market, stranger, room)
    warp_to(next_0002(now()))
    leverage = token.leverage()

    brought, taken = token.fill_lever(2**110, 0, sender=minter).return_value

    assert brought == pytest.approx(2**110, rel=1e-9) and taken > 0
    assert WAD < leverage < token.leverage() < 3 * WAD
    assert token.totalAssets() == pytest.approx(room * PRICE // 10**36, rel=1e-3)


@given(
    supply=st.integers(1, MAX_CAP), rate=st.integers(1, WAD // 1_000), years=st.integers(0, 10**6)
)
@example(supply=2**121 - 1, rate=WAD // 1_000, years=10**6)
def test_c6_fee_of_any_time_can_be_settled(fees, supply, rate, years):
    minted = fees.shares(supply, rate, years * 365 * DAY)

    assert 0 <= minted < 2**256 // 10**36


@pytest.fixture(scope="module")
def fees(tokens, accounts):
    return accounts[9].deploy(project.StreamingFeeHarness)


def test_c6_token_left_alone_for_a_century_lets_everybody_out(largest, minter):
    token, _ = largest
    shares = token.balanceOf(minter)
    warp_to(now() + 100 * 365 * DAY)

    token.settle(sender=minter)

    assert token.totalSupply() < 2**128
    # interest has made the position insolvent by then: there is nothing to redeem, and no overflow
    assert token.balanceOf(minter) == shares
    assert token.preview_redeem(shares)[0] > 0
