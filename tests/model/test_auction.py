"""A fill moves leverage toward target, never across it, and costs no more than its premium."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._model import daily_schedule, leverage_math, premium_curve, rule_book
from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import MAX, SCALE, WAD
from scripts._model.revert import Revert
from scripts._model.rule_book import Rules, usual_emergency
from scripts._model.token import Lane, create
from scripts._model.venue import used_market

from .worlds import (
    OPENING,
    drifted,
    fill,
    fill_part,
    gearing,
    many,
    nav,
    target_gearing,
    worlds,
)

parts = st.lists(st.integers(1, 10_000), min_size=1, max_size=5)


@many
@given(drifted(), parts)
def test_fill_any_amount_moves_toward_target_and_not_past_it(token, requests):
    """I-A2, I-A3, I-A5, up to a unit of collateral and two of debt."""
    target = target_gearing(token)
    for request in requests:
        auction = token.auction()
        if auction.lane == Lane.CLOSED:
            return
        before, distance = nav(token), abs(gearing(token) - target)
        dust = (2 + 2 * Fraction(token.price, SCALE)) / before * (target + 1) ** 2

        filled = fill_part(token, request)

        assert filled.collateral > 0
        assert filled.debt > 0
        assert abs(gearing(token) - target) < distance + dust
        if filled.levering:
            assert gearing(token) <= target + dust / 2
        else:
            assert gearing(token) >= target


@st.composite
def dusty(draw):
    """Position, gearing and premium with amounts so small that every unit shows."""
    collateral = draw(st.integers(50, 5_000))
    price = SCALE * draw(st.integers(300, 3_000)) // 1_000
    debt = collateral * price // SCALE * draw(st.integers(1_000, 9_500)) // 10_000
    gearing = draw(st.integers(101 * WAD // 100, 4 * WAD))
    return collateral, debt, price, gearing, draw(st.integers(-WAD // 20, WAD // 20))


@many
@given(dusty())
def test_fill_all_of_dust_never_passes_the_gearing(case):
    """I-A2, I-A5, exactly: no venue rounds here."""
    collateral, debt, price, gearing, premium = case
    goal = Fraction(gearing, WAD)

    most = leverage_math.most_delever(*case)
    deal = leverage_math.delever_price(price, premium)
    brings, takes = leverage_math.delever_legs(MAX, most, deal)
    value = Fraction((collateral - takes) * price, SCALE)
    if takes:
        assert value >= goal * (value - debt + brings)
        assert brings * SCALE * (WAD + premium) >= takes * price * WAD

    most = leverage_math.most_lever(*case)
    deal = leverage_math.lever_price(price, premium)
    brings, takes = leverage_math.lever_legs(MAX, most, deal)
    value = Fraction((collateral + brings) * price, SCALE)
    assert value <= goal * (value - debt - takes) or takes == 0
    assert takes * SCALE * WAD <= brings * price * (WAD + premium)


@many
@given(st.integers(1, 10**6) | st.integers(1, 10**50), st.integers(-WAD // 20, WAD // 7))
def test_deal_prices_round_against_the_taker(price, premium):
    """I-A5: what is got for a unit rounds down, what is paid for a unit rounds up."""
    gets = leverage_math.lever_price(price, premium)
    pays = leverage_math.delever_price(price, premium)

    assert gets * WAD <= price * (WAD + premium) < (gets + 1) * WAD
    assert (pays - 1) * (WAD + premium) < price * WAD <= pays * (WAD + premium)


@many
@given(drifted())
def test_fill_all_reaches_the_edge_or_target(token):
    """What is open is enough: one fill ends where the lane says, and closes it."""
    auction = token.auction()
    if auction.lane == Lane.CLOSED:
        return
    rules = token.rules
    goal = rules.target
    if auction.lane == Lane.SCHEDULED:
        goal = rules.lowest if auction.levering else rules.highest
    goal_gearing = Fraction(leverage_math.gearing(goal, rules.long), WAD)
    before = nav(token)

    fill(token, MAX)

    dust = (5 + 2 * Fraction(token.price, SCALE)) / before * (goal_gearing + 1) ** 2
    assert abs(gearing(token) - goal_gearing) <= 3 * dust
    assert token.auction().lane in (Lane.CLOSED, Lane.SCHEDULED)
    if auction.lane == Lane.SCHEDULED:
        assert token.auction().lane == Lane.CLOSED


@many
@given(drifted(), parts)
def test_fill_any_amount_costs_holders_at_most_the_premium(token, requests):
    """I-A4, I-A7; the venue's rounding adds a unit of debt."""
    for request in requests:
        auction = token.auction()
        if auction.lane == Lane.CLOSED:
            return
        before, supply, balances = nav(token), token.supply, dict(token.balances)

        filled = fill_part(token, request)

        value = Fraction(filled.collateral * token.price, SCALE)
        brought = value if filled.levering else filled.debt
        lost = before - nav(token)
        assert lost <= max(0, Fraction(filled.premium, WAD)) * brought + 1
        if filled.premium <= 0:
            assert lost <= 1
        assert (token.supply, token.balances) == (supply, balances)


@many
@given(drifted(), parts)
def test_fill_in_parts_costs_at_most_the_premium_of_the_whole_gap(token, requests):
    """I-A4 over a window, whatever the cuts and the clock."""
    rules = token.rules
    start, target = nav(token), target_gearing(token)
    gap = abs(Fraction(token.position.balances()[0] * token.price, SCALE) - target * start)
    fills, premium = 0, Fraction(0)
    while token.auction().lane != Lane.CLOSED and fills < 12:
        auction = token.auction()
        premium = max(premium, Fraction(auction.premium, WAD))
        fill_part(token, requests[fills % len(requests)])
        token.at(now=min(token.now + 60, OPENING + rules.window - 1))
        token.position.market.rate = 0  # funding is another cost
        fills += 1

    assert start - nav(token) <= premium * gap / (1 - target * premium) + 4 * fills + 4


@many
@given(st.integers(1, 2**100), st.integers(1, 2**90), st.integers(1, 2**90))
def test_fill_in_two_parts_pays_the_token_no_less(price, first, second):
    """I-A6: two fills bring at least what one of both brings for the same."""
    both, _ = leverage_math.lever_legs(MAX, first + second, price * 10**18)
    one, _ = leverage_math.lever_legs(MAX, first, price * 10**18)
    two, _ = leverage_math.lever_legs(MAX, second, price * 10**18)
    assert one + two >= both

    paid_1, taken_1 = leverage_math.delever_legs(first, MAX, price * 10**18)
    paid_2, taken_2 = leverage_math.delever_legs(second, MAX, price * 10**18)
    together = -(-(taken_1 + taken_2) * price * 10**18 // SCALE)
    assert paid_1 + paid_2 >= together


@many
@given(st.integers(1, 2**130), st.integers(1, 2**90), st.integers(1, 2**90))
def test_fill_any_amount_respects_both_limits(price, most, request):
    """I-A5: never more than offered, never more than open, and the price holds for both legs."""
    brings, takes = leverage_math.lever_legs(request, most, price)
    assert brings <= request
    assert takes <= most
    assert takes * SCALE <= brings * price

    brings, takes = leverage_math.delever_legs(request, most, price)
    assert brings <= min(request, most)
    assert brings * SCALE >= takes * price


@many
@given(
    st.integers(-(WAD // 20), 0),
    st.integers(0, WAD // 20),
    st.integers(1, DAY),
    st.integers(0, 2 * DAY),
)
def test_premium_over_time_rises_from_start_to_end_and_stays(start, end, ramp, elapsed):
    """I-A1."""
    premium = premium_curve.scheduled(elapsed, start, end, ramp)
    later = premium_curve.scheduled(elapsed + 1, start, end, ramp)

    assert premium_curve.scheduled(0, start, end, ramp) == start <= premium <= later <= end
    assert later - premium <= (end - start) // ramp + 1
    assert premium_curve.scheduled(ramp, start, end, ramp) == end


@many
@given(worlds(), st.integers(0, 3 * WAD) | st.integers(3 * WAD, 20 * WAD))
def test_premium_over_leverage_rises_to_the_bonus_share(token, excess):
    """The worse it is, the better it pays; never as much as a liquidation would."""
    lltv, bonus = token.position.liquidation()
    trigger = token.rules.emergency
    limits = (
        trigger,
        premium_curve.liquidation_leverage(lltv, token.rules.long),
        token.rules.emergency_premium,
        premium_curve.highest(token.rules.emergency_premium, bonus),
    )

    premium = premium_curve.emergency(trigger + excess, *limits)
    worse = premium_curve.emergency(trigger + excess + WAD, *limits)
    worst = premium_curve.emergency(limits[1] + WAD // 2, *limits)

    assert worst == limits[3]
    assert premium_curve.emergency(trigger, *limits) == limits[2] <= premium <= worse <= limits[3]
    assert limits[3] < max(bonus, limits[2] + 1)


@many
@given(
    st.integers(70, 98),
    st.booleans(),
    st.integers(WAD + WAD // 2, 8 * WAD),
    st.integers(1, 4 * WAD),
)
def test_emergency_of_rules_that_pass_is_hardly_later_than_near_liquidation(
    percents, long, target, more
):
    """T-G1, T-W5: a venue that stays as it is opens no long token's lane before its rules do.

    A short one's opens by a hair sooner where the distance from liquidation is the least that
    passes: five points of price are a little less of what it was when the lane opens.
    """
    lltv, emergency = percents * WAD // 100, target + more
    if rule_book.distance(target, emergency, lltv, long) < rule_book.MIN_DISTANCE:
        return
    near = premium_curve.near_liquidation(lltv, long)

    ltv = Fraction(emergency - WAD, emergency) if long else Fraction(emergency, emergency + WAD)
    assert near >= emergency or not long
    assert ltv * WAD <= lltv * Fraction(96, 100)


@pytest.mark.parametrize(
    ("seconds", "lane"),
    [(-1, Lane.CLOSED), (0, Lane.SCHEDULED), (7199, Lane.SCHEDULED), (7200, Lane.CLOSED)],
)
@given(token=worlds())
def test_lane_below_target_opens_at_0002_for_the_window(token, seconds, lane):
    """I-A8: 00:01:59 no, 00:02:00 yes; collateral that is worth 15 % more leaves any band."""
    token.at(now=OPENING + DAY + seconds, price=token.price * 115 // 100)

    assert token.leverage() < token.rules.lowest
    assert token.auction().lane == lane
    assert token.next_rebalance() == OPENING + DAY * (1 if seconds < 0 else 2)


@many
@given(drifted(), parts)
def test_fill_in_parts_takes_no_more_than_the_day_s_parcel(token, requests):
    """I-A8: at a standing price the day is done after what would have reached the edge at first."""
    if token.auction().lane != Lane.SCHEDULED:
        return
    token.position.market.rate = 0
    reach, total = token.offer().reach, 0
    for request in [*requests, 10_000, 10_000, 10_000]:
        auction = token.auction()
        if auction.lane != Lane.SCHEDULED:
            break
        total += fill_part(token, request).debt
        token.at(now=min(token.now + 300, OPENING + token.rules.window - 1))

    assert total <= reach
    token.at(now=OPENING + DAY, price=token.price * 93 // 100)
    assert daily_schedule.left(token.parcel, OPENING + DAY, 5) == 5


@many
@given(
    worlds(),
    st.integers(8_000, 12_000),
    st.integers(2 * 60 * 60, DAY - 1),
    st.just(100) | st.integers(70, 110),
)
def test_lane_at_any_hour_is_an_emergency_from_its_leverage_on(token, move, seconds, percents):
    """I-A9: opens at the emergency leverage, only delevers, and closes when it is over.

    Up to where the venue liquidates there is always a fill, and it reaches target. Where the venue
    has come to liquidate sooner the lane opens sooner, above target; later changes nothing.
    """
    market = token.position.market
    market.lltv = min(market.lltv * percents // 100, 98 * WAD // 100)
    token.at(now=OPENING + seconds, price=token.price * move // 10_000)
    long, leverage = token.rules.long, token.leverage() if nav(token) >= 1 else MAX
    if leverage >= premium_curve.liquidation_leverage(market.lltv, long):
        return
    trigger = min(token.rules.emergency, premium_curve.near_liquidation(market.lltv, long))
    auction = token.auction()

    opens = leverage >= trigger and leverage > token.rules.target
    assert (auction.lane == Lane.EMERGENCY) == opens
    assert not auction.levering
    if auction.lane == Lane.EMERGENCY:
        token.fill_delever(MAX)
        assert token.auction().lane == Lane.CLOSED
        assert token.leverage() < token.rules.highest
        assert token.parcel == 0


@many
@given(worlds(), st.integers(8_000, 12_000))
def test_fill_in_a_healthy_market_leaves_it_healthy(token, move):
    """I-A10, I-S3: levering stays far from the venue's limit, delevering goes away from it."""
    market, name = token.position.market, token.position.name
    token.at(now=OPENING, price=token.price * move // 10_000)
    if nav(token) < 1 or token.auction().lane == Lane.CLOSED:
        return
    market.accrue()
    healthy = market.is_healthy(name)

    if healthy or not token.auction().levering:
        fill(token, MAX)

    assert market.is_healthy(name)


@pytest.mark.parametrize("call", ["fill_lever", "fill_delever", "auction", "leverage"])
@given(token=worlds())
def test_fill_without_a_price_reverts(call, token):
    """I-A11."""
    token.fault = "oracle: price is stale"

    with pytest.raises(Revert, match="oracle: price is stale"):
        getattr(token, call)(*[1] * call.startswith("fill"))


@given(worlds())
def test_fill_of_an_insolvent_position_reverts(token):
    token.at(now=OPENING, price=token.price // 4 if token.rules.long else token.price // 3)

    with pytest.raises(Revert, match="token: position is insolvent"):
        token.fill_delever(1)


@given(drifted())
def test_fill_lever_while_paused_reverts_and_delever_goes_on(token):
    token.paused = True

    with pytest.raises(Revert, match="fill: levering is paused"):
        token.fill_lever(1)
    assert not token.auction().levering
    if token.leverage() > token.rules.highest:
        token.fill_delever(MAX)


@many
@given(drifted(), st.integers(1, 2**60))
def test_preview_fill_any_amount_equals_the_call(token, request):
    """I-M7 for fills; the largest one is what the auction promises."""
    auction = token.auction()
    lever, delever = token.preview_fill_lever(request), token.preview_fill_delever(request)
    if auction.lane == Lane.CLOSED:
        assert lever == delever == (0, 0)
        return
    assert (delever if auction.levering else lever) == (0, 0)
    expected = lever if auction.levering else delever
    if expected[1] > 0:
        filled = fill(token.copy(), request)
        legs = filled.collateral, filled.debt
        assert expected == (legs if auction.levering else legs[::-1])

    filled = fill(token, MAX)
    assert auction.premium == filled.premium
    brought = filled.collateral if filled.levering else filled.debt
    assert auction.brings == brought


USUAL = Rules(long=True, target=3 * WAD, emergency=usual_emergency(3 * WAD, long=True))
EMERGENCY_PRICE = 1_800 * 10**24  # ten percent below the seed's


@pytest.fixture
def bull():
    """ETHBULL of the design at exactly 3x, without interest."""
    market = used_market(lltv=86 * WAD // 100, price=2_000 * 10**24, now=OPENING - DAY)
    return create(market, USUAL, 3 * 10**20, 6)


def test_both_lanes_open_give_the_better_premium(bull):
    """Just past its trigger the emergency pays less than a ramp that is through."""
    for elapsed, lane in [(0, Lane.EMERGENCY), (USUAL.ramp, Lane.SCHEDULED)]:
        bull.at(now=OPENING + elapsed, price=EMERGENCY_PRICE * 999 // 1000)

        assert bull.leverage() > USUAL.emergency
        assert bull.auction().lane == lane


def test_emergency_opens_at_its_very_leverage(bull):
    """27/7 after a fall of 10 %, at the premium it starts from; not a hair earlier."""
    bull.at(now=OPENING - 1, price=EMERGENCY_PRICE)
    assert bull.leverage() == USUAL.emergency
    assert bull.auction().lane == Lane.EMERGENCY
    assert bull.auction().premium == USUAL.emergency_premium

    bull.at(price=EMERGENCY_PRICE * 10_001 // 10_000)
    assert bull.auction().lane == Lane.CLOSED


def test_emergency_opens_as_soon_as_the_venue_would_liquidate_sooner(bull):
    """T-W5: without a price, a clock or a call of ours; from the premium it starts at."""
    bull.at(now=OPENING - 1, price=EMERGENCY_PRICE * 10_300 // 10_000)
    assert USUAL.highest < bull.leverage() < USUAL.emergency
    assert bull.auction().lane == Lane.CLOSED

    bull.position.market.lltv = 75 * WAD // 100  # near at 3.48x
    auction = bull.auction()

    assert premium_curve.near_liquidation(75 * WAD // 100, True) < bull.leverage()
    assert auction.lane == Lane.EMERGENCY
    assert auction.premium > USUAL.emergency_premium
    bull.fill_delever(MAX)
    assert bull.leverage() == pytest.approx(USUAL.target, rel=1e-6)
    assert bull.auction().lane == Lane.CLOSED


def test_emergency_that_would_eat_all_leaves_the_schedule_open(bull):
    """Beyond (1 + premium) / premium nothing is left to pay the emergency's taker with."""
    bull.at(now=OPENING, price=EMERGENCY_PRICE * 765 // 1000)
    assert bull.leverage() > 29 * WAD
    assert bull.auction().lane == Lane.SCHEDULED

    filled = bull.fill_delever(MAX)

    assert filled.premium == USUAL.premium_start
    assert USUAL.target < bull.leverage() < USUAL.highest * 1_000_001 // 1_000_000
    assert bull.position.market.is_healthy("token")


def test_emergency_that_would_eat_all_is_closed_outside_of_the_window(bull):
    bull.at(now=OPENING - 1, price=EMERGENCY_PRICE * 765 // 1000)

    assert bull.auction().lane == Lane.CLOSED
    with pytest.raises(Revert, match="fill: not open for delevering"):
        bull.fill_delever(MAX)


def test_fill_of_any_size_at_any_limit_never_overflows(bull):
    """An endless request with a limit is one for nearly nothing; an absurd limit is just missed."""
    bull.at(now=OPENING, price=2_200 * 10**24)
    with pytest.raises(Revert, match="fill: debt below limit"):
        bull.copy().fill_lever(MAX, MAX)
    bull.fill_lever(MAX, 1)

    bull.at(now=OPENING + DAY, price=2_100 * 10**24)
    with pytest.raises(Revert, match="fill: collateral below limit"):
        bull.copy().fill_delever(MAX, MAX)
    bull.fill_delever(MAX, 1)


def test_fill_lever_on_a_drained_venue_is_clamped_to_what_is_there(bull):
    """And goes on, out of the same parcel, when lenders come back."""
    market = bull.position.market
    bull.at(now=OPENING, price=2_200 * 10**24)
    reach = bull.offer().reach
    market.withdraw("lender", assets=market.liquidity() - reach // 3)

    assert bull.auction().takes == bull.fill_lever(MAX).debt == reach // 3
    assert bull.auction().lane == Lane.CLOSED
    with pytest.raises(Revert, match="fill: not open for levering"):
        bull.fill_lever(MAX)
    market.supply("lender", assets=10**18)
    assert 0 <= reach - reach // 3 - bull.fill_lever(MAX).debt <= 2
