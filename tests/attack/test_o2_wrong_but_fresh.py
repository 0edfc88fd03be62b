"""T-O2: a price that is fresh, within its bounds, and wrong: fill at it before it is put right.

On 4 November 2025 a feed said that a token of restaked ether was worth 1.7 million times as much as
it was; Moonwell lost a million dollars within a block. This is the one attack here that pays, and
how much is measured rather than hidden: nothing compares the fill price with any other.

What bounds it, as far as anything does: the feed's own bounds; the lane (a price wrong in the
token's favour can only be used in the two hours of the scheduled lane, one against it at any time);
a price that makes the position look insolvent fills nothing; and the venue, which lets nobody past
its LLTV by its own oracle. Where that reads another feed, holders keep what the LLTV leaves them.
Where it reads the same one, they can lose all, and lenders with them, to whoever is first.
"""

from fractions import Fraction

import pytest

from scripts._devnet import (
    ENDLESS,
    LONG_LLTV,
    SHORT_LLTV,
    WAD,
    next_0002,
    now,
    set_price,
    warp_to,
)
from scripts._model.fixed_point import SCALE
from tests.attack.fills import best_gain
from tests.attack.purse import nav, true_price
from tests.record import record

SHARES = 9_000 * WAD
NOON, OPEN = 12 * 3_600, 45 * 60  # seconds after the opening
TRUTH = 2_000
PRICE = TRUTH * 10**24  # of 18 decimals in 6
# The price as a multiple of the truth; beyond a factor of 500 it is out of ETH's bounds.
SPIKES = ["1/10", "7/10", "9/10", "5/4", "10", "400"]

taken: dict[str, dict[str, float]] = {}


def opening(seconds: int) -> int:
    return next_0002(now()) + seconds


def in_favour(spike: Fraction, long: bool) -> bool:
    """Whether it makes the token look richer than it is: it then offers to lever."""
    return (spike > 1) == long


def tell(case: str, gains: dict[Fraction, Fraction], held: Fraction) -> None:
    """Gains as parts of the NAV, and the largest of all cases as what there is to gain."""
    taken[case] = {str(spike): round(float(gain / held), 4) for spike, gain in gains.items()}
    most = max(part for parts in taken.values() for part in parts.values())
    record("attack", "o2", threat="T-O2", gain=most, unit="NAV", bound=None, by_spike=taken)


@pytest.mark.parametrize("seconds", [OPEN, NOON], ids=["open", "noon"])
def test_o2_spike_of_a_feed_that_the_venue_shares(devnet, token, market, attacker, victim, seconds):
    """The worst case, that of the devnet: token and market ask the same feeds."""
    long = token.rules().long
    token.mint(SHARES, ENDLESS, 0, sender=victim)
    warp_to(opening(seconds))
    set_price(devnet, str(TRUTH))
    truth = true_price(market)
    held = nav(devnet, market, token, truth)
    gains = {}

    for spike in map(Fraction, SPIKES):
        set_price(devnet, str(float(TRUTH * spike)))
        gains[spike] = best_gain(devnet, market, token, attacker, truth)

    assert gains[Fraction("1/10") if long else Fraction(10)] == 0  # it looks insolvent
    if seconds == NOON:
        assert not any(gain for spike, gain in gains.items() if in_favour(spike, long))
    # what one fill takes: up to all, and of the lenders' too
    assert max(gains.values()) > held * token.rules().target / (6 * WAD)
    when = "open" if seconds == OPEN else "noon"
    tell(f"shared, {token.symbol()}, {when}", gains, held)


@pytest.mark.parametrize("seconds", [OPEN, NOON], ids=["open", "noon"])
@pytest.mark.parametrize("long", [True, False], ids=["long", "short"])
def test_o2_spike_of_a_feed_of_its_own_leaves_what_the_venue_asks(
    devnet, open_token, attacker, victim, long, seconds
):
    """The venue's oracle is right: whoever takes more debt than its LLTV allows is refused.

    A spike in the token's favour makes it lever: the worth V of the collateral only grows, and
    NAV' >= (1 - LLTV) * V' >= (1 - LLTV) * G * NAV. One against it makes it sell collateral below
    its worth; what is left has to be healthy, and so is worth something.
    """
    price = PRICE if long else SCALE**2 // PRICE
    places, lltv = ((18, 6), LONG_LLTV) if long else ((6, 18), SHORT_LLTV)
    emergency = 27 * WAD // 7 if long else 4 * WAD
    seed = WAD if long else 2_000 * 10**6
    made, market = open_token(
        *places, price, lltv=lltv, seed=seed, long=long, target=3 * WAD, emergency=emergency
    )
    gearing = 3 if long else 4
    made.mint(SHARES, ENDLESS, 0, sender=victim)
    warp_to(opening(seconds))
    truth = Fraction(price, SCALE)
    held = nav(devnet, market, made, truth)
    least = 1 - (1 - Fraction(lltv, WAD)) * gearing
    gains = {}

    for spike in map(Fraction, SPIKES):
        told = spike if long else 1 / spike
        market.fill_oracle.set_price(int(price * told), sender=attacker)
        gains[spike] = best_gain(devnet, market, made, attacker, truth)

    for spike, gain in gains.items():
        assert gain <= held * (least + Fraction(1, 50) if in_favour(spike, long) else 1)
    if seconds == NOON:
        assert not any(gain for spike, gain in gains.items() if in_favour(spike, long))
    side, when = ("long" if long else "short"), ("open" if seconds == OPEN else "noon")
    tell(f"own, {side}, {when}", gains, held)
