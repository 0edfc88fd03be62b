"""What a screen or a keeper reads: the lane, the premium, the largest fill and what it pays."""

import ape
import pytest

from scripts._devnet import DAY, ENDLESS, WAD, next_0002, now, set_price, warp_to
from tests.unit.morpho_position.markets import drain

NOTHING = (0, False, 0, 0, 0)
SCHEDULED = 1
EMERGENCY = 2
RIPE = 600


def test_auction_inside_the_band_is_closed(token, fill_time):
    fill_time(RIPE, "2000")

    assert tuple(token.auction()) == NOTHING


def test_auction_below_target_is_levering(token, fill_time, below):
    fill_time(RIPE, below)

    auction = token.auction()

    assert (auction.lane, auction.levering, auction.premium) == (SCHEDULED, True, -3 * WAD // 1000)
    assert (auction.brings, auction.takes) == tuple(token.preview_fill_lever(ENDLESS))
    assert tuple(token.preview_fill_lever(auction.brings)) == (auction.brings, auction.takes)


def test_auction_above_target_is_delevering(token, fill_time, above):
    fill_time(RIPE, above)

    auction = token.auction()

    assert (auction.lane, auction.levering, auction.premium) == (SCHEDULED, False, -3 * WAD // 1000)
    assert (auction.brings, auction.takes) == tuple(token.preview_fill_delever(ENDLESS))
    assert tuple(token.preview_fill_delever(auction.brings)) == (auction.brings, auction.takes)


@pytest.mark.parametrize("elapsed", [-1, 7_200, DAY - 1])
def test_auction_outside_the_window_is_closed(token, fill_time, above, elapsed):
    fill_time(elapsed, above)

    assert tuple(token.auction()) == NOTHING


@pytest.mark.parametrize(
    ("elapsed", "premium"),
    [(0, -5 * WAD // 1000), (2_700, 4 * WAD // 1000), (7_199, 4 * WAD // 1000)],
)
def test_auction_inside_the_window_has_the_premium_of_the_clock(bull, fill_time, elapsed, premium):
    fill_time(elapsed, "2100")

    assert bull.auction().premium == premium


def test_auction_rises_with_every_second_of_the_ramp(bull, fill_time):
    fill_time(0, "2100")
    premiums = []
    for _ in range(5):
        premiums.append(bull.auction().premium)
        warp_to(now() + 1)

    rises = [second * 9 * WAD // 1000 // 2_700 for second in range(5)]
    assert premiums == [-5 * WAD // 1000 + rise for rise in rises]


def test_auction_past_the_emergency_leverage_is_open_at_any_hour(token, fill_time, far_above):
    fill_time(5 * 3_600, far_above)

    auction = token.auction()

    assert (auction.lane, auction.levering) == (EMERGENCY, False)
    assert auction.premium > 5 * WAD // 10_000
    assert (auction.brings, auction.takes) == tuple(token.preview_fill_delever(ENDLESS))


def test_auction_in_both_lanes_shows_the_better_premium(token, fill_time, far_above):
    fill_time(0, far_above)
    early = token.auction()
    fill_time(2_700, "1775" if token.rules().long else "2135")  # barely past the emergency
    late = token.auction()

    assert (early.lane, late.lane) == (EMERGENCY, SCHEDULED)
    assert late.premium == 4 * WAD // 1000


def test_auction_while_paused_is_closed_for_levering(token, fill_time, below, owner):
    fill_time(RIPE, below)
    token.set_paused(True, sender=owner)

    assert tuple(token.auction()) == NOTHING


def test_auction_while_paused_is_open_for_delevering(token, fill_time, above, owner):
    fill_time(RIPE, above)
    before = token.auction()
    token.set_paused(True, sender=owner)

    assert before.lane == SCHEDULED
    assert tuple(token.auction()) == tuple(before)


def test_auction_of_an_illiquid_venue_is_closed_for_levering(
    devnet, token, market, fill_time, below
):
    fill_time(RIPE, below)
    drain(devnet, market, 0)

    assert tuple(token.auction()) == NOTHING


def test_auction_after_a_complete_day_is_closed_until_the_next(
    devnet, token, fill_time, above, taker
):
    fill_time(RIPE, above)
    token.fill_delever(ENDLESS, 0, sender=taker)
    set_price(devnet, "1800" if token.rules().long else "2200")
    today = token.auction()
    opening = next_0002(now())

    warp_to(opening - 1)
    set_price(devnet, "1800" if token.rules().long else "2200")
    night = token.auction()
    warp_to(opening)

    assert tuple(today) == tuple(night) == NOTHING
    assert token.auction().lane == SCHEDULED


def test_auction_at_a_stale_price_reverts(token):
    warp_to(now() + 3_601)

    with ape.reverts("oracle: price is stale"):
        token.auction(skip_trace=True)


def test_auction_of_an_insolvent_position_reverts(devnet, bull):
    set_price(devnet, "1300")

    with ape.reverts("token: position is insolvent"):
        bull.auction(skip_trace=True)
