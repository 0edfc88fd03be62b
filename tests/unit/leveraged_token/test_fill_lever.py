"""Below target: collateral in, debt out, at the auction's price, to the band and not into it."""

from fractions import Fraction

import ape
import pytest

from scripts._devnet import DAY, ENDLESS, WAD, next_0002, now, set_price, warp_to
from scripts._model import leverage_math
from tests.unit.leveraged_token.logs import emitted
from tests.unit.morpho_position.markets import books, ceil_div, donate, drain, repay

SCHEDULED = 1
LOWEST = 3 * WAD * 99 // 100  # the band's lower edge
PREMIUM = -3 * WAD // 1000  # ten minutes after the opening: -0.5 % + 10 / 45 * 0.9 %
RIPE = 600


def leverage(books: tuple[int, int], price: int, long: bool) -> Fraction:
    value = Fraction(books[0] * price, 10**36)
    gearing = value / (value - books[1])
    return gearing if long else gearing - 1


def test_fill_lever_of_all_that_is_open_pays_the_exact_legs(
    devnet, token, market, collateral, debt, position, fill_time, below, taker
):
    fill_time(RIPE, below)
    had, owed = books(devnet, market, position)
    long, price = token.rules().long, market.fill_oracle.price()
    edge = leverage_math.gearing(LOWEST, long)
    most = leverage_math.most_lever(had, owed, price, edge, PREMIUM)
    deal = price * (WAD + PREMIUM) // WAD
    purse = collateral.balanceOf(taker), debt.balanceOf(taker)
    shares = token.totalSupply()

    receipt = token.fill_lever(ENDLESS, 0, sender=taker)

    brought = ceil_div(most * 10**36, deal)
    assert tuple(receipt.return_value) == (brought, most)
    assert emitted(receipt, token) == [
        (
            "Filled",
            {
                "taker": taker,
                "receiver": taker,
                "lane": SCHEDULED,
                "levering": True,
                "premium": PREMIUM,
                "collateral": brought,
                "debt": most,
            },
        )
    ]
    assert collateral.balanceOf(taker) == purse[0] - brought
    assert debt.balanceOf(taker) == purse[1] + most
    has, owes = books(devnet, market, position)
    assert has == had + brought
    assert 0 <= owes - (owed + most) <= 1  # Morpho rounds debt up by less than one of its shares
    assert token.totalSupply() == shares


def test_fill_lever_never_crosses_the_edge_of_the_band(
    devnet, token, market, position, fill_time, below, taker
):
    fill_time(RIPE, below)

    had, owed = books(devnet, market, position)

    brought, taken = token.fill_lever(ENDLESS, 0, sender=taker).return_value

    after = had + brought, owed + taken
    reached = leverage(after, market.fill_oracle.price(), token.rules().long)
    edge = Fraction(297, 100)
    assert edge * Fraction(999_999, 1_000_000) < reached <= edge


@pytest.mark.parametrize(
    ("elapsed", "premium"),
    [
        (0, -50 * WAD // 10_000),
        (1, -50 * WAD // 10_000 + 90 * WAD // 10_000 // 2_700),
        (1_350, -5 * WAD // 10_000),
        (2_699, 40 * WAD // 10_000 - ceil_div(90 * WAD // 10_000, 2_700)),
        (2_700, 40 * WAD // 10_000),
        (7_199, 40 * WAD // 10_000),
    ],
)
def test_fill_lever_by_the_clock_pays_its_premium(
    token, market, fill_time, below, taker, elapsed, premium
):
    fill_time(elapsed, below)

    receipt = token.fill_lever(ENDLESS, 0, sender=taker)

    brought, taken = receipt.return_value
    ((_, filled),) = emitted(receipt, token)
    fair = Fraction(brought * market.fill_oracle.price(), 10**36)
    assert filled["premium"] == premium
    assert Fraction(taken) <= fair * Fraction(WAD + premium, WAD)
    assert taken == pytest.approx(float(fair * Fraction(WAD + premium, WAD)), rel=1e-6)


@pytest.mark.parametrize("elapsed", [-1, 7_200, DAY - 1])
def test_fill_lever_outside_the_window_reverts(token, fill_time, below, taker, elapsed):
    fill_time(elapsed, below)

    with ape.reverts("fill: not open for levering"):
        token.fill_lever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_lever_inside_the_band_reverts(token, fill_time, taker):
    fill_time(RIPE, "2000")

    with ape.reverts("fill: not open for levering"):
        token.fill_lever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_lever_above_target_reverts(token, fill_time, above, taker):
    fill_time(RIPE, above)

    with ape.reverts("fill: not open for levering"):
        token.fill_lever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_lever_after_a_donation_is_open(devnet, token, market, position, fill_time, taker):
    donate(devnet, market, position, taker, books(devnet, market, position)[0] // 10)
    fill_time(RIPE, "2000")

    brought, taken = token.fill_lever(ENDLESS, 0, sender=taker).return_value

    assert brought > 0
    assert taken > 0


def test_fill_lever_after_a_stranger_repaid_all_is_open(
    devnet, token, market, position, fill_time, taker, lender
):
    shares = devnet.morpho.position(market.id, position).borrowShares
    repay(devnet, market, position, lender, shares=shares)
    fill_time(RIPE, "2000")

    token.fill_lever(ENDLESS, 0, sender=taker)

    assert token.leverage() == pytest.approx(LOWEST, rel=1e-6)


def test_fill_lever_in_parts_uses_up_the_parcel(token, fill_time, below, taker):
    fill_time(RIPE, below)
    whole = token.auction()

    half = token.fill_lever(whole.brings // 2, 0, sender=taker).return_value
    rest = token.fill_lever(ENDLESS, 0, sender=taker).return_value

    assert half[0] <= whole.brings // 2
    # to the wei: the second half is clamped by what is left of the parcel or by the edge
    assert whole.takes - 2 <= half[1] + rest[1] <= whole.takes
    assert whole.brings <= half[0] + rest[0] + 10**12
    assert tuple(token.auction()) == (0, False, 0, 0, 0)


def test_fill_lever_but_for_a_crumb_leaves_only_the_crumb(devnet, token, fill_time, taker):
    long = token.rules().long
    fill_time(RIPE, "2060" if long else "1950")
    whole = token.auction()

    _, taken = token.fill_lever(whole.brings * 99 // 100, 0, sender=taker).return_value
    set_price(devnet, "2300" if long else "1700")  # which would open much more

    assert token.auction().takes == whole.takes - taken
    assert token.fill_lever(ENDLESS, 0, sender=taker).return_value[1] == whole.takes - taken


def test_fill_lever_of_all_completes_the_day(devnet, token, fill_time, below, taker):
    fill_time(RIPE, below)
    token.fill_lever(ENDLESS, 0, sender=taker)
    set_price(devnet, "2400" if token.rules().long else "1700")

    assert token.leverage() < LOWEST * 9 // 10
    with ape.reverts("fill: not open for levering"):
        token.fill_lever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_lever_on_the_next_day_is_open_again(token, fill_time, below, taker):
    fill_time(RIPE, below)
    token.fill_lever(ENDLESS, 0, sender=taker)

    fill_time(RIPE, "2300" if token.rules().long else "1800")
    token.fill_lever(ENDLESS, 0, sender=taker)

    assert token.leverage() == pytest.approx(LOWEST, rel=1e-6)


def test_fill_lever_takes_no_more_than_the_venue_has_left(
    devnet, token, market, fill_time, below, taker
):
    fill_time(RIPE, below)
    wanted = token.auction().takes
    drain(devnet, market, wanted // 3)

    _, taken = token.fill_lever(ENDLESS, 0, sender=taker).return_value

    assert taken == wanted // 3
    with ape.reverts("fill: not open for levering"):
        token.fill_lever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_lever_resumes_when_the_venue_has_more(
    devnet, token, market, fill_time, below, taker, lender
):
    fill_time(RIPE, below)
    wanted = token.auction().takes
    drain(devnet, market, wanted // 3)
    token.fill_lever(ENDLESS, 0, sender=taker)
    amount = 10 * wanted
    devnet.morpho.supply(market.params, amount, 0, lender, b"", sender=lender)

    _, taken = token.fill_lever(ENDLESS, 0, sender=taker).return_value

    assert wanted - wanted // 3 - 2 <= taken <= wanted - wanted // 3


def test_fill_lever_to_another_pays_the_receiver(
    token, collateral, debt, fill_time, below, taker, stranger
):
    fill_time(RIPE, below)
    purse = collateral.balanceOf(taker), debt.balanceOf(taker)

    receipt = token.fill_lever(ENDLESS, 0, stranger, sender=taker)

    brought, taken = receipt.return_value
    ((_, filled),) = emitted(receipt, token)
    assert (filled["taker"], filled["receiver"]) == (taker, stranger)
    assert debt.balanceOf(stranger) == taken
    assert collateral.balanceOf(taker) == purse[0] - brought
    assert debt.balanceOf(taker) == purse[1]


def test_fill_lever_uses_loose_collateral_first(
    token, collateral, position, fill_time, below, taker, minter
):
    fill_time(RIPE, below)
    needed, _ = token.preview_fill_lever(ENDLESS)
    collateral.transfer(position, needed // 4, sender=minter)
    purse = collateral.balanceOf(taker)

    token.fill_lever(ENDLESS, 0, sender=taker)

    assert collateral.balanceOf(taker) == purse - (needed - needed // 4)
    assert collateral.balanceOf(position) == 0


def test_fill_lever_without_the_collateral_reverts(bear, usdc, fill_time, stranger):
    usdc.approve(bear, ENDLESS, sender=stranger)
    fill_time(RIPE, "1900")

    with ape.reverts("transfer: balance too low"):
        bear.fill_lever.call(ENDLESS, 0, sender=stranger, skip_trace=True)


@pytest.mark.parametrize("times", [1, 10])
def test_fill_lever_at_its_limit_passes_however_much_is_filled(
    token, fill_time, below, taker, times
):
    fill_time(RIPE, below)
    collateral, debt = token.preview_fill_lever(ENDLESS)

    token.fill_lever(collateral * times, debt * times, sender=taker)

    assert token.leverage() == pytest.approx(LOWEST, rel=1e-6)


@pytest.mark.parametrize("times", [1, 10])
def test_fill_lever_below_its_limit_reverts(token, fill_time, below, taker, times):
    fill_time(RIPE, below)
    collateral, debt = token.preview_fill_lever(ENDLESS)

    with ape.reverts("fill: debt below limit"):
        token.fill_lever.call(collateral * times, debt * times + 1, sender=taker, skip_trace=True)


def test_fill_lever_of_a_part_is_held_to_the_same_price(token, fill_time, below, taker):
    fill_time(RIPE, below)
    part = token.auction().brings // 3
    collateral, debt = token.preview_fill_lever(part)

    with ape.reverts("fill: debt below limit"):
        token.fill_lever.call(collateral, debt + 1, sender=taker, skip_trace=True)
    assert token.fill_lever.call(collateral, debt, sender=taker) == (collateral, debt)


@pytest.mark.parametrize("offered", [0, 1])
def test_fill_lever_for_less_than_a_unit_of_debt_reverts(bull, fill_time, taker, offered):
    fill_time(RIPE, "2100")

    with ape.reverts("fill: nothing to take"):  # a wei of ETH is no unit of USDC
        bull.fill_lever.call(offered, 0, sender=taker, skip_trace=True)


def test_fill_lever_while_paused_reverts(token, fill_time, below, taker, owner):
    fill_time(RIPE, below)
    token.set_paused(True, sender=owner)

    with ape.reverts("fill: levering is paused"):
        token.fill_lever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_lever_at_a_stale_price_reverts(token, fill_time, below, taker):
    fill_time(RIPE, below)
    warp_to(now() + 3_601)

    with ape.reverts("oracle: price is stale"):
        token.fill_lever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_lever_of_an_insolvent_position_reverts(token, fill_time, taker):
    fill_time(RIPE, "1300" if token.rules().long else "2700")

    with ape.reverts("token: position is insolvent"):
        token.fill_lever.call(ENDLESS, 0, sender=taker, skip_trace=True)


def test_fill_lever_accrues_no_fee(token, fill_time, below, taker):
    fill_time(RIPE, below)
    clock = token.settled_at()

    token.fill_lever(ENDLESS, 0, sender=taker)

    assert token.settled_at() == clock


def test_fill_lever_at_the_opening_second_is_open(token, fill_time, below, taker):
    opening = next_0002(now())
    fill_time(0, below)

    receipt = token.fill_lever(ENDLESS, 0, sender=taker)

    assert receipt.timestamp == opening
    assert opening % DAY == 120


def test_fill_lever_of_an_endless_offer_with_a_limit_passes(token, fill_time, below, taker):
    fill_time(RIPE, below)

    assert all(token.fill_lever.call(ENDLESS, 1, sender=taker))


def test_fill_lever_with_an_endless_limit_reverts(token, fill_time, below, taker):
    fill_time(RIPE, below)

    for least in (2**128 - 1, 2**128, ENDLESS):
        with ape.reverts("fill: debt below limit"):
            token.fill_lever.call(10**18, least, sender=taker, skip_trace=True)


def test_fill_lever_of_the_last_unit_of_the_parcel_passes(devnet, bull, fill_time, taker):
    fill_time(RIPE, "2100")
    whole = bull.auction()
    part = -(-whole.brings * (whole.takes - 1) // whole.takes)
    _, taken = bull.fill_lever(part, 0, sender=taker).return_value
    set_price(devnet, "2150")  # which would open much more

    offered = bull.auction().takes
    brought, last = bull.fill_lever(ENDLESS, 0, sender=taker).return_value

    assert taken == whole.takes - 1
    assert offered == last == 1
    assert brought > 0
