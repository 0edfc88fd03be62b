"""Above target: debt in, collateral out, by the clock or in an emergency; nothing can stop it."""

from bisect import bisect_left
from fractions import Fraction

import ape
import pytest

from scripts._devnet import DAY, ENDLESS, USD, WAD, create_token, now, set_price, undone, warp_to
from scripts._model import leverage_math
from tests.unit.leveraged_token.logs import emitted
from tests.unit.morpho_position.markets import books, ceil_div, drain, repay

SCHEDULED = 1
EMERGENCY = 2
TARGET = 3 * WAD
HIGHEST = TARGET * 101 // 100  # the band's upper edge
PREMIUM = -3 * WAD // 1000  # ten minutes after the opening: -0.5 % + 10 / 45 * 0.9 %
LOWEST_PREMIUM = 5 * WAD // 10_000  # of the emergency lane
RIPE = 600
CLOSED = 10 * 3_600  # after the opening: only an emergency is open


def leverage(books: tuple[int, int], price: int, long: bool) -> Fraction:
    value = Fraction(books[0] * price, 10**36)
    gearing = value / (value - books[1])
    return gearing if long else gearing - 1


def bonus(lltv: int) -> int:
    """What Morpho gives a liquidator: 1 / (1 - 0.3 * (1 - lltv)) - 1."""
    return WAD * WAD // (WAD - 3 * (WAD - lltv) // 10) - WAD


def trigger(token, books: tuple[int, int]) -> int:
    """The mildest answer of the ETH feed at which leverage is at the emergency, in its decimals."""
    rules = token.rules()

    def price(answer: int) -> int:
        return answer * 10**16 if rules.long else 10**56 // answer

    def is_emergency(answer: int) -> bool:
        return leverage_math.leverage(*books, price(answer), rules.long) >= rules.emergency

    if rules.long:  # falls to it: the last answer that is one
        calm = bisect_left(range(1_600 * USD, 2_000 * USD), 1, key=lambda a: not is_emergency(a))
        return 1_600 * USD + calm - 1
    return 2_000 * USD + bisect_left(range(2_000 * USD, 2_400 * USD), 1, key=is_emergency)


def test_fill_delever_of_all_that_is_open_pays_the_exact_legs(
    devnet, token, market, collateral, debt, position, fill_time, above, taker
):
    fill_time(RIPE, above)
    had, owed = books(devnet, market, position)
    long, price = token.rules().long, market.fill_oracle.price()
    edge = leverage_math.gearing(HIGHEST, long)
    most = leverage_math.most_delever(had, owed, price, edge, PREMIUM)
    deal = ceil_div(price * WAD, WAD + PREMIUM)
    purse = collateral.balanceOf(taker), debt.balanceOf(taker)
    shares = token.totalSupply()

    receipt = token.fill_delever(ENDLESS, 0, sender=taker)

    taken = most * 10**36 // deal
    brought = ceil_div(taken * deal, 10**36)
    assert tuple(receipt.return_value) == (brought, taken)
    assert emitted(receipt, token) == [
        (
            "Filled",
            {
                "taker": taker,
                "receiver": taker,
                "lane": SCHEDULED,
                "levering": False,
                "premium": PREMIUM,
                "collateral": taken,
                "debt": brought,
            },
        )
    ]
    assert collateral.balanceOf(taker) == purse[0] + taken
    assert debt.balanceOf(taker) == purse[1] - brought
    assert books(devnet, market, position)[0] == had - taken
    assert 0 <= books(devnet, market, position)[1] - (owed - brought) <= 1
    assert token.totalSupply() == shares


def test_fill_delever_never_crosses_the_edge_of_the_band(
    devnet, token, market, position, fill_time, above, taker
):
    fill_time(RIPE, above)

    had, owed = books(devnet, market, position)

    brought, taken = token.fill_delever(ENDLESS, 0, sender=taker).return_value

    after = had - taken, owed - brought
    reached = leverage(after, market.fill_oracle.price(), token.rules().long)
    edge = Fraction(303, 100)
    assert edge <= reached < edge * Fraction(1_000_001, 1_000_000)


@pytest.mark.parametrize(
    ("elapsed", "premium"),
    [
        (0, -50 * WAD // 10_000),
        (1_350, -5 * WAD // 10_000),
        (2_700, 40 * WAD // 10_000),
        (7_199, 40 * WAD // 10_000),
    ],
)
def test_fill_delever_by_the_clock_pays_its_premium(
    token, market, fill_time, above, taker, elapsed, premium
):
    fill_time(elapsed, above)

    receipt = token.fill_delever(ENDLESS, 0, sender=taker)

    brought, taken = receipt.return_value
    ((_, filled),) = emitted(receipt, token)
    fair = Fraction(taken * market.fill_oracle.price(), 10**36)
    assert filled["premium"] == premium
    assert brought * Fraction(WAD + premium, WAD) >= fair
    assert brought == pytest.approx(float(fair / Fraction(WAD + premium, WAD)), rel=1e-6)


@pytest.mark.parametrize("elapsed", [-1, 7_200, DAY - 1])
def test_fill_delever_outside_the_window_reverts(token, fill_time, above, taker, elapsed):
    fill_time(elapsed, above)

    with ape.reverts("fill: not open for delevering"):
        token.fill_delever.call(ENDLESS, 0, sender=taker, skip_trace=True)


@pytest.mark.parametrize("long_price", ["2000", "2100"])
def test_fill_delever_inside_the_band_or_below_target_reverts(bull, fill_time, taker, long_price):
    fill_time(RIPE, long_price)

    with ape.reverts("fill: not open for delevering"):
        bull.fill_delever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_delever_in_parts_uses_up_the_parcel(token, fill_time, above, taker):
    fill_time(RIPE, above)
    whole = token.auction()

    half = token.fill_delever(whole.brings // 2, 0, sender=taker).return_value
    rest = token.fill_delever(ENDLESS, 0, sender=taker).return_value

    assert half[0] <= whole.brings // 2
    assert half[0] + rest[0] <= whole.brings
    assert half[0] + rest[0] == pytest.approx(whole.brings, rel=1e-6)
    assert half[1] + rest[1] <= whole.takes
    with ape.reverts("fill: not open for delevering"):
        token.fill_delever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_delever_but_for_a_crumb_leaves_only_the_crumb(devnet, token, fill_time, taker):
    long = token.rules().long
    fill_time(RIPE, "1950" if long else "2050")
    whole = token.auction().brings

    token.fill_delever(whole * 99 // 100, 0, sender=taker)
    set_price(devnet, "1850" if long else "2100")  # which would open much more

    crumb = token.auction().brings
    assert crumb == pytest.approx(whole / 100, rel=1e-3)
    assert token.fill_delever(ENDLESS, 0, sender=taker).return_value[0] == crumb


def test_fill_delever_of_all_completes_the_day(devnet, token, fill_time, above, taker):
    fill_time(RIPE, above)
    token.fill_delever(ENDLESS, 0, sender=taker)
    set_price(devnet, "1800" if token.rules().long else "2200")

    assert token.leverage() > HIGHEST
    with ape.reverts("fill: not open for delevering"):
        token.fill_delever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_delever_on_the_next_day_is_open_again(token, fill_time, above, taker):
    fill_time(RIPE, above)
    token.fill_delever(ENDLESS, 0, sender=taker)

    fill_time(RIPE, "1800" if token.rules().long else "2200")
    token.fill_delever(ENDLESS, 0, sender=taker)

    assert token.leverage() == pytest.approx(HIGHEST, rel=1e-6)


def test_fill_delever_after_a_levering_fill_shares_the_parcel(
    devnet, token, fill_time, below, taker
):
    fill_time(RIPE, below)
    whole = token.auction()
    _, taken = token.fill_lever(whole.brings * 9 // 10, 0, sender=taker).return_value
    set_price(devnet, "2000")

    brought, _ = token.fill_delever(ENDLESS, 0, sender=taker).return_value

    assert brought == pytest.approx(whole.takes - taken, rel=1e-3)


def test_fill_delever_to_another_pays_the_receiver(
    token, collateral, debt, fill_time, above, taker, stranger
):
    fill_time(RIPE, above)
    purse = collateral.balanceOf(taker), debt.balanceOf(taker)

    receipt = token.fill_delever(ENDLESS, 0, stranger, sender=taker)

    brought, taken = receipt.return_value
    ((_, filled),) = emitted(receipt, token)
    assert (filled["taker"], filled["receiver"]) == (taker, stranger)
    assert collateral.balanceOf(stranger) == taken
    assert collateral.balanceOf(taker) == purse[0]
    assert debt.balanceOf(taker) == purse[1] - brought


def test_fill_delever_uses_loose_debt_tokens_first(
    token, debt, position, fill_time, above, taker, minter
):
    fill_time(RIPE, above)
    needed, _ = token.preview_fill_delever(ENDLESS)
    debt.transfer(position, needed // 4, sender=minter)
    purse = debt.balanceOf(taker)

    token.fill_delever(ENDLESS, 0, sender=taker)

    assert debt.balanceOf(taker) == purse - (needed - needed // 4)
    assert debt.balanceOf(position) == 0


def test_fill_delever_without_the_debt_reverts(bull, usdc, fill_time, stranger):
    usdc.approve(bull, ENDLESS, sender=stranger)
    fill_time(RIPE, "1900")

    with ape.reverts("transfer: balance too low"):
        bull.fill_delever.call(ENDLESS, 0, sender=stranger, skip_trace=True)


@pytest.mark.parametrize("times", [1, 10])
def test_fill_delever_at_its_limit_passes_however_much_is_filled(
    token, fill_time, above, taker, times
):
    fill_time(RIPE, above)
    debt, collateral = token.preview_fill_delever(ENDLESS)

    token.fill_delever(debt * times, collateral * times, sender=taker)

    assert token.leverage() == pytest.approx(HIGHEST, rel=1e-6)


@pytest.mark.parametrize("times", [1, 10])
def test_fill_delever_below_its_limit_reverts(token, fill_time, above, taker, times):
    fill_time(RIPE, above)
    debt, collateral = token.preview_fill_delever(ENDLESS)

    with ape.reverts("fill: collateral below limit"):
        token.fill_delever.call(debt * times, collateral * times + 1, sender=taker, skip_trace=True)


def test_fill_delever_of_a_part_is_held_to_the_same_price(token, fill_time, above, taker):
    fill_time(RIPE, above)
    debt, collateral = token.preview_fill_delever(token.auction().brings // 3)

    with ape.reverts("fill: collateral below limit"):
        token.fill_delever.call(debt, collateral + 1, sender=taker, skip_trace=True)
    assert token.fill_delever.call(debt, collateral, sender=taker) == (debt, collateral)


@pytest.mark.parametrize("offered", [0, 1])
def test_fill_delever_for_less_than_a_unit_of_collateral_reverts(bear, fill_time, taker, offered):
    fill_time(RIPE, "2100")

    with ape.reverts("fill: no collateral to take"):  # a wei of ETH is no unit of USDC
        bear.fill_delever.call(offered, 0, sender=taker, skip_trace=True)


def test_fill_delever_of_the_last_unit_of_the_parcel_passes(devnet, bull, fill_time, taker):
    fill_time(RIPE, "1900")
    bull.fill_delever(bull.auction().brings - 1, 0, sender=taker)
    set_price(devnet, "1850")  # which would open much more

    offered = bull.auction().brings
    brought, taken = bull.fill_delever(ENDLESS, 0, sender=taker).return_value

    assert offered == brought == 1
    assert taken > 0
    with ape.reverts("fill: not open for delevering"):
        bull.fill_delever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_delever_for_one_unit_of_collateral_passes(bear, fill_time, taker):
    fill_time(RIPE, "2100")

    _, taken = bear.fill_delever(6 * 10**8, 0, sender=taker).return_value

    assert taken == 1


@pytest.mark.parametrize("least", [2**128 - 1, 2**128])
def test_fill_delever_with_a_bound_of_128_bits_is_judged(token, fill_time, above, taker, least):
    """For endless debt that is next to nothing a unit; beyond 128 bits it is refused."""
    fill_time(RIPE, above)

    if least < 2**128:
        assert token.fill_delever.call(ENDLESS, least, sender=taker)[1] > 0
    else:
        with ape.reverts("fill: collateral below limit"):
            token.fill_delever.call(ENDLESS, least, sender=taker, skip_trace=True)


def test_fill_delever_while_paused_passes(token, fill_time, above, taker, owner):
    fill_time(RIPE, above)
    token.set_paused(True, sender=owner)

    token.fill_delever(ENDLESS, 0, sender=taker)

    assert token.leverage() == pytest.approx(HIGHEST, rel=1e-6)


def test_fill_delever_from_an_illiquid_venue_passes(devnet, token, market, fill_time, above, taker):
    fill_time(RIPE, above)
    drain(devnet, market, 0)

    token.fill_delever(ENDLESS, 0, sender=taker)

    assert token.leverage() == pytest.approx(HIGHEST, rel=1e-6)


def test_fill_delever_at_a_stale_price_reverts(token, fill_time, above, taker):
    fill_time(RIPE, above)
    warp_to(now() + 3_601)

    with ape.reverts("oracle: price is stale"):
        token.fill_delever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_delever_of_an_insolvent_position_reverts(token, fill_time, taker):
    fill_time(RIPE, "1300" if token.rules().long else "2700")

    with ape.reverts("token: position is insolvent"):
        token.fill_delever.call(ENDLESS, 0, sender=taker, skip_trace=True)


# Emergency


def test_fill_delever_at_the_emergency_leverage_is_open_at_once(
    devnet, token, market, position, fill_time, taker
):
    fill_time(CLOSED, "2000")
    answer = trigger(token, books(devnet, market, position))
    devnet.eth_feed.post(answer, sender=taker)

    receipt = token.fill_delever(ENDLESS, 0, sender=taker)

    ((_, filled),) = emitted(receipt, token)
    assert (filled["lane"], filled["levering"]) == (EMERGENCY, False)
    assert filled["premium"] == pytest.approx(LOWEST_PREMIUM, rel=1e-3)
    assert filled["premium"] >= LOWEST_PREMIUM


@pytest.mark.parametrize("above_leverage", [0, 1])
def test_fill_delever_with_leverage_just_the_emergency_is_open_to_the_last_digit(
    devnet, ballast, above_leverage
):
    with undone():
        leverage = fallen_bull(devnet, ballast).leverage()

    bull = fallen_bull(devnet, ballast, emergency=leverage + above_leverage)

    assert bull.leverage() == leverage
    assert bull.auction().lane == (0 if above_leverage else EMERGENCY)


def fallen_bull(devnet, ballast, **rules):
    """A new one, after 11 % down, at an hour at which only an emergency is open."""
    bull = create_token(devnet, ballast, "ETHBULL", cap=1, **rules)
    set_price(devnet, "1780")
    return bull


def test_fill_delever_a_tick_before_the_emergency_reverts(
    devnet, token, market, position, fill_time, taker
):
    fill_time(CLOSED, "2000")
    answer = trigger(token, books(devnet, market, position))
    devnet.eth_feed.post(answer + (1 if token.rules().long else -1), sender=taker)

    with ape.reverts("fill: not open for delevering"):
        token.fill_delever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_delever_in_an_emergency_goes_to_target_and_not_past_it(
    devnet, token, market, position, fill_time, far_above, taker
):
    fill_time(CLOSED, far_above)

    had, owed = books(devnet, market, position)

    brought, taken = token.fill_delever(ENDLESS, 0, sender=taker).return_value

    after = had - taken, owed - brought
    reached = leverage(after, market.fill_oracle.price(), token.rules().long)
    assert 3 <= reached < 3 * Fraction(1_000_001, 1_000_000)


def test_fill_delever_in_an_emergency_pays_by_the_leverage(
    devnet, token, market, position, fill_time, far_above, taker
):
    fill_time(CLOSED, far_above)
    had, owed = books(devnet, market, position)
    rules, price = token.rules(), market.fill_oracle.price()
    levered = leverage_math.leverage(had, owed, price, rules.long)
    # liquidated at gearing 1 / (1 - LTV), paid 0.9 of the bonus there
    ruin = WAD * WAD // (WAD - market.lltv) - (0 if rules.long else WAD)
    highest = bonus(market.lltv) * 9 // 10
    premium = LOWEST_PREMIUM + (levered - rules.emergency) * (highest - LOWEST_PREMIUM) // (
        ruin - rules.emergency
    )
    most = leverage_math.most_delever(
        had, owed, price, leverage_math.gearing(TARGET, rules.long), premium
    )
    deal = ceil_div(price * WAD, WAD + premium)

    receipt = token.fill_delever(ENDLESS, 0, sender=taker)

    taken = most * 10**36 // deal
    ((_, filled),) = emitted(receipt, token)
    assert filled["premium"] == premium
    assert tuple(receipt.return_value) == (ceil_div(taken * deal, 10**36), taken)


def test_fill_delever_beyond_the_liquidation_ltv_pays_the_highest_premium(
    token, market, fill_time, ruinous, taker
):
    fill_time(CLOSED, ruinous)

    receipt = token.fill_delever(ENDLESS, 0, sender=taker)

    ((_, filled),) = emitted(receipt, token)
    assert filled["premium"] == bonus(market.lltv) * 9 // 10
    assert token.leverage() == pytest.approx(TARGET, rel=1e-6)


def test_fill_delever_beyond_the_liquidation_ltv_must_restore_it(token, fill_time, ruinous, taker):
    fill_time(CLOSED, ruinous)
    small = token.auction().brings // 1_000

    with ape.reverts("insufficient collateral"):
        token.fill_delever.call(small, 0, sender=taker, skip_trace=True)


def test_fill_delever_with_less_left_than_the_premium_reverts(token, fill_time, taker):
    # NAV is 1.5 % of V for both, the premium 3.9 % and 2.3 %
    fill_time(CLOSED, "1353.6" if token.rules().long else "2628")

    assert tuple(token.auction()) == (0, False, 0, 0, 0)
    with ape.reverts("fill: not open for delevering"):
        token.fill_delever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_delever_in_an_emergency_while_paused_passes(
    token, fill_time, far_above, taker, owner
):
    token.set_paused(True, sender=owner)
    fill_time(CLOSED, far_above)

    token.fill_delever(ENDLESS, 0, sender=taker)

    assert token.leverage() == pytest.approx(TARGET, rel=1e-6)


def test_fill_delever_in_an_emergency_is_open_after_the_day_is_complete(
    devnet, token, fill_time, above, taker
):
    fill_time(RIPE, above)
    token.fill_delever(ENDLESS, 0, sender=taker)
    set_price(devnet, "1650" if token.rules().long else "2300")

    receipt = token.fill_delever(ENDLESS, 0, sender=taker)

    ((_, filled),) = emitted(receipt, token)
    assert filled["lane"] == EMERGENCY


def test_fill_delever_in_an_emergency_takes_nothing_from_the_parcel(
    devnet, token, fill_time, far_above, taker
):
    fill_time(RIPE, far_above)
    receipt = token.fill_delever(ENDLESS, 0, sender=taker)
    ((_, filled),) = emitted(receipt, token)
    set_price(devnet, "1650" if token.rules().long else "2270")

    scheduled = token.auction()

    assert filled["lane"] == EMERGENCY
    assert scheduled.lane == SCHEDULED
    token.fill_delever(ENDLESS, 0, sender=taker)
    assert token.leverage() == pytest.approx(HIGHEST, rel=1e-6)


def test_fill_delever_in_both_lanes_early_pays_the_emergency_premium(
    token, fill_time, far_above, taker
):
    fill_time(0, far_above)  # scheduled: -0.5 %

    receipt = token.fill_delever(ENDLESS, 0, sender=taker)

    ((_, filled),) = emitted(receipt, token)
    assert filled["lane"] == EMERGENCY
    assert token.leverage() == pytest.approx(TARGET, rel=1e-6)


def test_fill_delever_in_both_lanes_late_pays_the_scheduled_premium(
    devnet, token, market, position, fill_time, taker
):
    fill_time(2_700, "2000")  # scheduled: +0.4 %, and the emergency begins with 0.05 %
    answer = trigger(token, books(devnet, market, position))
    devnet.eth_feed.post(answer, sender=taker)

    receipt = token.fill_delever(ENDLESS, 0, sender=taker)

    ((_, filled),) = emitted(receipt, token)
    assert (filled["lane"], filled["premium"]) == (SCHEDULED, 4 * WAD // 1000)
    assert token.leverage() == pytest.approx(HIGHEST, rel=1e-6)


@pytest.mark.parametrize("crumb", [1, 10**6])
def test_fill_delever_but_for_a_crumb_hides_no_emergency(
    devnet, token, market, position, fill_time, above, taker, crumb
):
    """Nobody can fill a crumb that is worth less than a unit of collateral. If the lane with the
    better premium won, such a crumb, left in the scheduled lane late in its ramp, would keep the
    emergency closed until its own premium is the better one, or the window ends."""
    fill_time(2_700, above)
    token.fill_delever(token.auction().brings - crumb, 0, sender=taker)
    answer = trigger(token, books(devnet, market, position))
    devnet.eth_feed.post(answer, sender=taker)

    receipt = token.fill_delever(ENDLESS, 0, sender=taker)

    ((_, filled),) = emitted(receipt, token)
    assert filled["lane"] == EMERGENCY
    assert token.leverage() == pytest.approx(TARGET, rel=1e-6)


def test_fill_delever_of_a_position_without_debt_reverts(
    devnet, token, market, position, fill_time, far_above, taker, lender
):
    fill_time(CLOSED, far_above)
    shares = devnet.morpho.position(market.id, position).borrowShares
    repay(devnet, market, position, lender, shares=shares)

    with ape.reverts("fill: not open for delevering"):
        token.fill_delever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_delever_of_an_endless_offer_with_a_limit_passes(token, fill_time, above, taker):
    fill_time(RIPE, above)

    assert all(token.fill_delever.call(ENDLESS, 1, sender=taker))


def test_fill_delever_with_an_endless_limit_reverts(token, fill_time, above, taker):
    fill_time(RIPE, above)

    for least in (2**128 - 1, 2**128, ENDLESS):
        with ape.reverts("fill: collateral below limit"):
            token.fill_delever.call(10**18, least, sender=taker, skip_trace=True)


def test_fill_delever_with_nothing_open_in_the_emergency_lane_uses_the_scheduled_one(
    token, fill_time, taker
):
    # NAV is 1.5 % of V: less than the emergency premium would take, more than the clock's 0.4 %
    fill_time(2_700, "1353.6" if token.rules().long else "2628")

    receipt = token.fill_delever(ENDLESS, 0, sender=taker)

    ((_, filled),) = emitted(receipt, token)
    assert (filled["lane"], filled["premium"]) == (SCHEDULED, 4 * WAD // 1000)
    assert token.leverage() == pytest.approx(HIGHEST, rel=1e-4)
