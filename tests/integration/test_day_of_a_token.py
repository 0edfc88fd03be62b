"""The day of a token, told in order, on the real Morpho Blue and Uniswap v3.

A person puts in 10,000 USDC at noon. The price moves their way by 5 %. At 00:02:00 UTC the auction
opens, and a keeper without capital fills it once it pays. A day later the person takes all out.
"""

import ape
import pytest

from scripts._devnet import (
    DAY,
    ENDLESS,
    POOL_FEE,
    USDC,
    WAD,
    next_0002,
    now,
    refresh,
    warp_to,
)

STAKE = 10_000 * USDC
SCHEDULED, EMERGENCY = 1, 2
LOWER_EDGE, UPPER_EDGE = 297 * WAD // 100, 303 * WAD // 100


@pytest.fixture(params=["ETHBULL", "ETHBEAR"])
def token(request, tokens):
    return tokens[request.param]


@pytest.fixture
def long(token):
    return token.rules().long


@pytest.fixture
def person(minter):
    return minter


@pytest.fixture
def order(token, keeper_account):
    """The keeper's: fill all there is, for a profit of at least nothing."""
    return (token, POOL_FEE, ENDLESS, 0, keeper_account)


@pytest.fixture
def fill(ballast, token, order, keeper_account):
    """The keeper fills; its profit and the event."""

    def _fill():
        receipt = ballast.keeper.fill(*order, sender=keeper_account)
        (filled,) = receipt.decode_logs(token.Filled)
        return receipt.return_value, filled

    return _fill


@pytest.fixture
def invest(ballast, token, usdc, person):
    """The person puts in the stake; what was paid and the shares it bought."""

    def _invest() -> tuple[int, int]:
        usdc.approve(ballast.router, STAKE, sender=person)
        order = (token, usdc, POOL_FEE, STAKE, 0, person, now() + 600)
        shares, paid = ballast.router.mint_exact_in(*order, sender=person).return_value
        return paid, shares

    return _invest


@pytest.fixture
def divest(ballast, token, usdc, person):
    """The person takes all out; what came of it."""

    def _divest() -> int:
        shares = token.balanceOf(person)
        token.approve(ballast.router, shares, sender=person)
        order = (token, usdc, POOL_FEE, shares, 0, person, now() + 600)
        return ballast.router.redeem(*order, sender=person).return_value

    return _divest


@pytest.fixture
def residue(ballast, token, weth, usdc):
    """What lies in contracts that should hold nothing."""

    def _residue() -> int:
        holders = (ballast.router, ballast.keeper, ballast.factory, token, token.position())
        return sum(coin.balanceOf(holder) for coin in (weth, usdc) for holder in holders)

    return _residue


def test_day_that_goes_the_holders_way(
    devnet,
    ballast,
    order,
    token,
    long,
    usdc,
    weth,
    person,
    keeper_account,
    treasury,
    market_at,
    invest,
    fill,
    divest,
    residue,
):
    # Noon: 10,000 USDC in. The fees are 0.1 % to mint and 0.05 % of the swaps.
    purse = usdc.balanceOf(person)
    paid, shares = invest()
    worth = token.convertToAssets(shares)
    assert STAKE - USDC <= paid <= STAKE
    assert usdc.balanceOf(person) == purse - paid
    assert token.balanceOf(person) == shares
    assert worth == pytest.approx(paid, rel=0.004)
    assert token.leverage() == pytest.approx(3 * WAD, rel=1e-4)
    assert token.balanceOf(treasury) >= shares // 1_000

    # Afternoon: the price moves by 5 %, the shares by three times as much.
    market_at("2100" if long else "1900")
    assert token.convertToAssets(shares) == pytest.approx(worth * 1.15, rel=1e-3)
    assert token.leverage() < 28 * WAD // 10

    # 00:01:59: nothing yet. 00:02:00: open, but at a price at which nobody fills.
    opening = next_0002(now())
    assert token.next_rebalance() == opening
    warp_to(opening - 1)
    refresh(devnet)
    assert token.auction().lane == 0
    warp_to(opening)
    auction = token.auction()
    assert (auction.lane, auction.levering) == (SCHEDULED, True)
    assert auction.premium == pytest.approx(-WAD // 200, rel=0.01)
    with ape.reverts("keeper: profit below minimum"):
        ballast.keeper.fill.call(*order, sender=keeper_account, skip_trace=True)

    # Half an hour on it pays more than the pool's fee of 0.05 %, and the keeper fills all of it.
    warp_to(opening + 30 * 60)
    worth = token.convertToAssets(shares)
    profit, filled = fill()
    coin = usdc if long else weth  # what a levering fill pays in
    assert (filled.lane, filled.levering) == (SCHEDULED, True)
    assert filled.premium == pytest.approx(WAD // 1_000, rel=0.02)
    assert coin.balanceOf(keeper_account) == profit > 0
    assert profit < filled.debt // 1_000
    assert token.leverage() == pytest.approx(LOWER_EDGE, rel=1e-5)
    # It cost the holders the premium on what was traded, and they are short of nothing else.
    assert token.convertToAssets(shares) == pytest.approx(worth * 0.9997, rel=2e-4)

    # The day is complete, whatever the price does now.
    market_at("2200" if long else "1850")
    assert token.leverage() < LOWER_EDGE
    assert token.auction().lane == 0
    market_at("2100" if long else "1900")

    # Noon again: the management fee is 0.03 % a day, in shares.
    warp_to(opening + DAY // 2)
    refresh(devnet)
    supply, treasure = token.totalSupply(), token.balanceOf(treasury)
    token.settle(sender=keeper_account)
    assert token.balanceOf(treasury) - treasure == token.totalSupply() - supply
    assert token.totalSupply() / supply - 1 == pytest.approx(0.0003, rel=0.1)

    # All out: 15 % less 0.1 % to leave, the swaps, the fee, the interest and the premium.
    received = divest()
    assert usdc.balanceOf(person) == purse - paid + received
    assert token.balanceOf(person) == 0
    assert 1.135 < received / paid < 1.15
    assert residue() == 0


def test_day_of_a_crash_opens_the_emergency_lane_at_once(
    token, long, usdc, weth, keeper_account, market_at, invest, fill, divest, residue
):
    # Noon, and within minutes 11.2 % down, or 7 % up for the short: no waiting for the night.
    paid, shares = invest()
    market_at("1776" if long else "2140")
    assert token.leverage() > 4 * WAD
    auction = token.auction()
    assert (auction.lane, auction.levering) == (EMERGENCY, False)
    # Just past its trigger the lane pays little, but more than the pool takes.
    assert WAD // 2_000 < auction.premium < WAD // 200

    profit, filled = fill()
    coin = weth if long else usdc  # what a delevering fill pays in
    assert filled.lane == EMERGENCY
    assert coin.balanceOf(keeper_account) == profit > 0
    assert token.leverage() == pytest.approx(3 * WAD, rel=1e-5)
    assert token.auction().lane == 0

    # A fall of another 5 % costs three times as much, and not four.
    before = token.convertToAssets(shares)
    market_at("1687.2" if long else "2247")
    assert token.convertToAssets(shares) == pytest.approx(before * 0.85, rel=1e-3)
    assert divest() / paid == pytest.approx(0.66 * 0.85 if long else 0.79 * 0.85, rel=0.03)
    assert residue() == 0


def test_day_that_nobody_filled_is_not_made_up_for(devnet, token, long, market_at, invest):
    invest()
    opening = next_0002(now())
    warp_to(opening - 60)
    market_at("2100" if long else "1900")

    warp_to(opening + 2 * 3_600)
    refresh(devnet)
    assert token.auction().lane == 0
    assert token.leverage() < LOWER_EDGE

    warp_to(opening + DAY)
    refresh(devnet)
    assert token.auction().lane == SCHEDULED


def test_day_without_oracle_and_owner_lets_everyone_out(
    devnet, token, usdc, person, owner, invest, divest, residue
):
    # The owner pauses and leaves; the feeds fall silent for good.
    paid, _ = invest()
    token.set_paused(True, sender=owner)
    token.renounce_ownership(sender=owner)
    warp_to(now() + 7 * DAY)
    with ape.reverts("oracle: price is stale"):
        token.leverage(skip_trace=True)

    received = divest()

    assert received == pytest.approx(paid, rel=0.015)
    assert token.balanceOf(person) == 0
    assert residue() == 0
