"""The facts about daily leverage that hold before any cost, to nine digits."""

from fractions import Fraction

import pytest

from scripts._model import leverage_math, token, venue
from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import MAX, SCALE, WAD
from scripts._model.rule_book import Rules
from scripts._model.token import Token

from .worlds import OPENING, Pair, fill, gearing, nav_per_share

UP_10 = [100 * Fraction(11, 10) ** n for n in range(5)]
DOWN_10 = [100 * Fraction(9, 10) ** n for n in range(5)]
CHOP = [100, 110, 99, Fraction(1089, 10), Fraction(9801, 100)]
FIVE_DAYS = [100, 105, 110, 115, 120, 125]

# path, return of 1x, +3x and -3x
VECTORS = [
    (FIVE_DAYS, "0.250000000", "0.899350649", "-0.521245059"),
    ([200, 210, 220], "0.100000000", "0.314285714", "-0.271428571"),
    ([200, 210, 200], "0", "-0.014285714", "-0.028571429"),
    ([200, 190, 180], "-0.100000000", "-0.284210526", "0.331578947"),
    (UP_10, "0.464100000", "1.856100000", "-0.759900000"),
    (DOWN_10, "-0.343900000", "-0.759900000", "1.856100000"),
    (CHOP, "-0.019900000", "-0.171900000", "-0.171900000"),
    ([100, 105, Fraction(9975, 100)], "-0.002500000", "-0.022500000", "-0.022500000"),
]
NINE_DIGITS = Fraction(6, 10**10)

ETH = Pair(18, 6, Fraction(1))  # ETH against USDC, long
DOLLAR = Pair(6, 18, Fraction(1))  # and short


def frictionless(target: int, price: Fraction) -> Token:
    """+3x is a target of 3: no fee, no premium, no interest, no band, no emergency."""
    long = target > 0
    rules = Rules(
        long=long,
        target=abs(target) * WAD,
        band=1,
        emergency=100 * WAD,
        premium_start=0,
        premium_end=0,
        emergency_premium=0,
        mint_fee=0,
        redeem_fee=0,
        management_fee=0,
    )
    scaled = scale(price, long)
    market = venue.used_market(lltv=98 * WAD // 100, price=scaled, now=OPENING)
    shares, debt = token.seed_legs(rules, scaled, seeds(price, long), 6)
    made = Token(rules, venue.Position(market, "token"), scaled)
    made.seed(shares, seeds(price, long), debt)
    return made


def scale(price: Fraction, long: bool) -> int:
    """`price` dollars for an ETH, as the token's oracle has it."""
    return ETH.scaled(Fraction(price)) if long else DOLLAR.scaled(1 / Fraction(price))


def seeds(price: Fraction, long: bool) -> int:
    """Collateral worth about a billion dollars."""
    return int(10**27 / Fraction(price)) if long else 10**15


def live(made: Token, path: list[Fraction], rebalance: bool = True) -> Fraction:
    """Return of a share that lives through `path`, a price a day."""
    before = nav_per_share(made)
    for price in path[1:]:
        made.at(now=made.now + DAY, price=scale(price, made.rules.long))
        if rebalance and made.auction().brings:
            fill(made, MAX)
    return nav_per_share(made) / before - 1


@pytest.mark.parametrize(("path", "one", "long", "short"), VECTORS)
def test_rebalance_at_each_point_gives_the_golden_vector(path, one, long, short):
    assert abs(Fraction(path[-1]) / Fraction(path[0]) - 1 - Fraction(one)) < NINE_DIGITS
    assert abs(live(frictionless(3, path[0]), path) - Fraction(long)) < NINE_DIGITS
    assert abs(live(frictionless(-3, path[0]), path) - Fraction(short)) < NINE_DIGITS


@pytest.mark.parametrize(("path", "one", "long", "short"), VECTORS)
def test_rebalance_at_each_point_multiplies_the_days(path, one, long, short):
    """Each day is worth 1 + L * r, and days multiply: where the vectors come from."""
    for target in (3, -3, 2, -1):
        ideal = Fraction(1)
        for before, after in zip(path, path[1:], strict=False):
            ideal *= 1 + target * (Fraction(after) / Fraction(before) - 1)

        assert abs(live(frictionless(target, path[0]), path) - (ideal - 1)) < NINE_DIGITS


@pytest.mark.parametrize(("target", "expected"), [(3, Fraction(3, 4)), (-3, Fraction(-3, 4))])
def test_never_rebalance_in_a_trend_is_a_margin_position(target, expected):
    assert abs(live(frictionless(target, 100), FIVE_DAYS, rebalance=False) - expected) < NINE_DIGITS


@pytest.mark.parametrize(
    ("target", "move", "expected"),
    [
        (3, Fraction(-1, 10), Fraction(27, 7)),
        (3, Fraction(1, 10), Fraction(33, 13)),
        (3, Fraction(-1, 9), Fraction(4)),
        (-3, Fraction(1, 15), Fraction(4)),
    ],
)
def test_drift_from_target_by_a_price_move_gives_the_golden_leverage(target, move, expected):
    made = frictionless(target, 100)

    made.at(price=scale(100 * (1 + move), target > 0))

    assert abs(Fraction(made.leverage(), WAD) - expected) < NINE_DIGITS


def test_lever_after_a_rise_buys_the_golden_amount():
    """-20,000 dollars and 150 ETH at 210: NAV 11,500, 2.7391x, 14.285714 ETH to buy for 3x."""
    state = 150 * 10**18, 20_000 * 10**6, ETH.scaled(Fraction(210))

    debt = leverage_math.most_lever(*state, 3 * WAD, 0)
    collateral, _ = leverage_math.lever_legs(MAX, debt, state[2])

    assert leverage_math.assets(*state, True) == 11_500 * 10**6
    assert leverage_math.leverage(*state, True) // 10**14 == 27391
    assert debt == 3_000 * 10**6
    assert collateral // 10**12 == 14_285714


def test_lever_after_five_percent_buys_a_fifth_of_the_nav_at_unchanged_nav():
    """NAV 200, position 600, ETH +5 %: NAV 230, 2.7391x, target position 690, buy 60."""
    state = 600 * 10**18, 400 * 10**6, ETH.scaled(Fraction(105, 100))

    debt = leverage_math.most_lever(*state, 3 * WAD, 0)
    collateral, _ = leverage_math.lever_legs(MAX, debt, state[2])

    assert leverage_math.assets(*state, True) == 230 * 10**6
    assert leverage_math.leverage(*state, True) // 10**14 == 27391
    assert debt == 60 * 10**6
    after = state[0] + collateral, state[1] + debt, state[2]
    assert leverage_math.assets(*after, True) == 230 * 10**6
    assert after[0] * after[2] // SCALE == 690 * 10**6


@pytest.mark.parametrize("long", [True, False])
def test_delever_from_four_to_three_trades_the_nav(long):
    """4x to 3x trades exactly 1.0 x NAV, long or short, so a premium of 1 % costs 1 % of NAV."""
    nav = 10**24
    value = leverage_math.gearing(4 * WAD, long) * nav // WAD
    gearing = leverage_math.gearing(3 * WAD, long)

    fair = leverage_math.most_delever(value, value - nav, SCALE, gearing, 0)
    dear = leverage_math.most_delever(value, value - nav, SCALE, gearing, WAD // 100)

    assert nav - 10 <= fair <= nav  # less the two units of rounding, times G
    assert Fraction(1, 100) < Fraction(dear, nav) / 100 < Fraction(104, 10_000)


@pytest.mark.parametrize("long", [True, False])
def test_hold_for_a_day_of_2020_costs_what_was_published(long):
    """0.03 % management and 0.0567 % funding: 0.0867 % of NAV a day."""
    made = frictionless(3 if long else -3, 100)
    made.rules = Rules(long=long, target=3 * WAD, emergency=100 * WAD)
    made.position.market.rate = 567 * WAD // 1_000_000 // (2 if long else 3) // DAY
    before = nav_per_share(made)

    made.at(now=made.now + DAY)

    cost = 1 - nav_per_share(made) / before
    assert abs(cost - Fraction(867, 10**6)) < Fraction(1, 10**6)


def test_seed_at_target_has_target_gearing():
    assert abs(gearing(frictionless(3, 100)) - 3) < NINE_DIGITS
    assert abs(gearing(frictionless(-3, 100)) - 4) < NINE_DIGITS
