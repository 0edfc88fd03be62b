"""T-A5: fill while the oracle lags behind the market, at the best of all moments.

A feed is written when the market has left its last answer by sigma, here half a percent: until then
a taker who sees the market knows better. It fills at the oracle's price P and counts at the true
one, so that with a lag in its favour it gains

    (1 + premium) * (1 + lag) - 1   of what it brings, at most premium + sigma + premium * sigma.

When to fill is a problem of optimal stopping: the premium rises and the lag comes and goes. Three
takers live through the same days: one that takes the first moment that pays, one that stops by the
best rule there is, and a prophet. No offer is fixed beforehand, so that none is an option on the
price: all three stay within the bound, and waiting is worth less the more takers there are.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from random import Random

import pytest

from scripts._devnet import ENDLESS, WAD, next_0002, now, set_price, undone, warp_to
from scripts._model.fixed_point import SCALE
from tests.attack.fills import gain_is, gain_of
from tests.attack.purse import report, true_price
from tests.record import record

HOLDING = 10_000 * WAD
STEP = 60  # seconds
RAMP = 45 * 60
STEPS = 120  # to the end of the window
TICKS = 5  # of lag, after which the feed is written
TICK = Fraction(1, 1_000)
SIGMA = TICKS * TICK
NEEDED = Fraction(12, 10_000)  # what a taker has to earn, in gas and risk
DAYS = 10
TAKERS = ("first", "stopper", "prophet")


def premium(step: int) -> Fraction:
    """From -0.5 % to 0.4 % in 45 minutes."""
    return Fraction(-5, 1_000) + Fraction(9, 1_000) * Fraction(min(step * STEP, RAMP), RAMP)


@cache
def worth_of_waiting(step: int, lag: int) -> float:
    """What the best rule earns from here on, of what is brought, if it does not fill now.

    W(t, lag) = mean over the next lag' of max(premium(t + 1) + lag', W(t + 1, lag'))
    """
    if step == STEPS - 1:
        return 0.0
    following = [0 if abs(lag + way) == TICKS else lag + way for way in (-1, 1)]
    return sum(max(paid(step + 1, to), worth_of_waiting(step + 1, to)) for to in following) / 2


def paid(step: int, lag: int) -> float:
    return float(premium(step) + lag * TICK)


def walk(random: Random) -> Iterator[tuple[Fraction, int]]:
    """A day of a market: the feed's answer, and how many ticks the market is off it, at each step.

    A step sees the feed before it is written, which is when it is at its oldest.
    """
    answer, lag = Fraction(1), 0
    for _ in range(STEPS):
        lag += random.choice((-1, 1))
        yield answer, lag
        if abs(lag) == TICKS:
            answer, lag = answer * (1 + lag * TICK), 0


def live(
    devnet, market, token, taker, start: int, sign: int, random: Random
) -> dict[str, Fraction]:
    """What each of the three gains in a day, of what it brings."""
    parts: dict[str, Fraction] = {}
    opened = now()
    for step, (answer, lag) in enumerate(walk(random)):
        here = paid(step, sign * lag)
        who = {
            "first": "first" not in parts and here >= NEEDED,
            "stopper": "stopper" not in parts and here >= worth_of_waiting(step, sign * lag),
            "prophet": here > parts.get("prophet", 0),
        }
        if not any(who.values()):
            continue
        warp_to(opened + step * STEP)
        set_price(devnet, str(float(start * answer)))
        offer = token.auction()
        if not offer.takes:
            continue
        price = Fraction(market.fill_oracle.price(), SCALE)
        ahead = 1 + lag * TICK
        truth = price * (ahead if token.rules().long else 1 / ahead)
        gain = gain_of(devnet, market, token, taker, truth, offer.levering)
        assert gain_is(gain)
        part = gain / (offer.brings * price if offer.levering else offer.brings)
        parts |= {each: part for each, fills in who.items() if fills}
    return parts


@pytest.fixture
def far_above(token, danger):
    """Prices of ETH from the emergency trigger to near liquidation."""
    first, last = danger
    return range(first, last, -30) if token.rules().long else range(first, last, 40)


@pytest.mark.parametrize("levering", [True, False], ids=["lever", "delever"])
def test_a5_stale_oracle_pays_premium_and_lag_at_most(
    devnet, token, market, attacker, victim, levering
):
    token.mint(HOLDING, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()))
    up = token.rules().long == levering
    start = 2_150 if up else 1_850
    # lever: what is brought is worth less than the oracle says; delever: what is taken, more
    sign = -1 if up else 1
    most = (1 + premium(STEPS)) / (1 - SIGMA) - 1
    random = Random(token.symbol())
    days = []

    for _ in range(DAYS):
        with undone():
            days.append(live(devnet, market, token, attacker, start, sign, random))

    mean = {who: sum(day.get(who, 0) for day in days) / DAYS for who in TAKERS}
    best = max(max(day.values(), default=Fraction(0)) for day in days)
    assert best <= most
    assert 0 < mean["first"] < mean["stopper"] < mean["prophet"]
    record(
        "figure",
        f"a5_{token.symbol().lower()}_{'lever' if levering else 'delever'}",
        threat="T-A5",
        gain=float(best),
        unit="of what is brought",
        bound=float(most),
        mean={who: float(part) for who, part in mean.items()},
    )


@pytest.mark.parametrize("lag", [TICK, SIGMA])
def test_a5_stale_oracle_pays_no_more_in_an_emergency(
    devnet, token, market, attacker, victim, far_above, lag
):
    """Where the market has come back already, and the feed has not: at any leverage beyond it."""
    token.mint(HOLDING, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + 12 * 3_600)

    for price in far_above:
        set_price(devnet, str(price))
        offer = token.auction()
        told = true_price(market)
        gain = gain_of(devnet, market, token, attacker, told * (1 + lag), False)

        assert not offer.levering and gain_is(gain)
        most = (1 + Fraction(offer.premium, WAD)) * (1 + lag) - 1
        report("a5", market, gain, most * offer.brings + 1)
