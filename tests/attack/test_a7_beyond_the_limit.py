"""T-A7: hold a position beyond the venue's limit, where it can only move in one large step.

Past its LLTV a venue lets no collateral go from a position that would still be past it: a small
fill is refused, and so is a redemption, which leaves leverage as it is. That is the venue's, and it
is measured rather than hidden. What has to hold is the way back: the fill that is open restores
health in one transaction, whoever brings it, up to an LTV where the bonus has eaten what is left;
after it everything works again, and so it does after a liquidation, for what remains.
"""

from fractions import Fraction

import pytest

from scripts._devnet import ENDLESS, WAD, next_0002, now, set_price, undone, warp_to
from tests.attack.fills import fill_part
from tests.attack.purse import fault, owed, report
from tests.record import record

HOLDING = 10_000 * WAD


@pytest.fixture
def held(token, victim):
    token.mint(HOLDING, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + 12 * 3_600)
    return token


@pytest.fixture
def at_ltv(devnet, venue, held, market):
    """`at_ltv(Fraction(9, 10))`: ETH costs what makes the position's LTV that, to a millionth."""

    def _at_ltv(ltv: Fraction) -> None:
        venue.accrue(market)
        held_, debt = venue.books(market, held.position())
        price = debt / (held_ * ltv)
        eth = 10**12 * (price if held.rules().long else 1 / price)
        set_price(devnet, f"{float(eth):.8f}")

    return _at_ltv


@pytest.fixture
def beyond(market, at_ltv):
    """A point past the limit."""
    at_ltv(Fraction(market.lltv, WAD) + Fraction(1, 100))


def test_a7_beyond_the_limit_small_moves_are_refused_and_the_large_one_is_not(
    devnet, venue, held, market, beyond, worth, attacker, victim
):
    token = held
    wealth, debt = worth(market, token, attacker), owed(devnet, market, token)
    redeem = lambda: token.redeem.call(WAD, ENDLESS, 0, sender=victim, skip_trace=True)  # noqa: E731
    small = token.auction().brings // 100
    assert fault(redeem) == venue.ill
    part = lambda: token.fill_delever.call(small, 0, sender=attacker, skip_trace=True)  # noqa: E731
    assert fault(part) == venue.ill
    offer = token.auction()

    token.fill_delever(ENDLESS, 0, sender=attacker)
    gain = worth(market, token, attacker) - wealth

    assert owed(devnet, market, token) < debt
    assert token.leverage() == pytest.approx(token.rules().target, rel=1e-6)
    assert fault(redeem) == ""
    report("a7", market, gain, Fraction(offer.premium, WAD) * offer.brings + 1)


def test_a7_beyond_the_limit_there_is_a_way_back_until_the_bonus_has_eaten_it(
    venue, held, market, at_ltv, attacker
):
    """The least part of the open fill that the venue lets through, by how far it has gone."""
    token, lltv = held, Fraction(market.lltv, WAD)
    bonus = venue.bonus(market)
    end = 1 / (1 + bonus * 9 / 10)  # LTV at which the premium takes all that is left
    parts = {}
    for step in range(1, 10):
        ltv = lltv + (end - lltv) * step / 10
        at_ltv(ltv)
        for percent in range(1, 101):
            with undone():
                if fault(lambda: fill_part(token, attacker, Fraction(percent, 100))) == "":  # noqa: B023
                    parts[round(float(ltv), 4)] = percent / 100
                    break
    at_ltv(end + Fraction(1, 1_000))
    assert token.auction().takes == 0

    assert len(parts) == 9
    assert list(parts.values()) == sorted(parts.values())
    record("figure", f"a7_{token.symbol().lower()}", threat="T-A7", least_part_by_ltv=parts)


def test_a7_beyond_the_limit_a_liquidation_leaves_the_rest_to_holders(
    devnet, venue, held, market, beyond, worth, attacker, taker, victim
):
    """I-N5: a liquidator seizes a part; then fills and redemptions go on with what is left."""
    token = held
    wealth, debt = worth(market, token, taker), owed(devnet, market, token)
    seized = venue.books(market, token.position())[0] // 2

    venue.liquidate(market, token.position(), taker, seized)
    gain = worth(market, token, taker) - wealth
    fill_part(token, attacker, Fraction(1))
    balance = token.balanceOf(victim)
    token.redeem(balance, ENDLESS, 0, sender=victim)

    assert token.balanceOf(victim) == 0
    report("a7", market, gain, venue.bonus(market) * debt)
