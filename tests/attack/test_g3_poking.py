"""T-G3: settle the fee every block, so that it compounds; or so that it rounds away.

A rate that is charged by the day and settled by the second is a game for whoever gains by it:
0.03 % a day is 10.95 % of a year or 11.57 %, as often as somebody pokes. Here it is exponential, so
that no partition of a time makes a difference of more than two units of a share a poke.
"""

from random import Random

import pytest

from scripts._devnet import DAY, ENDLESS, WAD, now, undone, warp_to
from scripts._model import streaming_fee
from tests.attack.purse import nav, report, supply

YEAR = 365 * DAY
RATE = 3 * WAD // 10_000
POKES = [1, 12, 400]


@pytest.fixture
def held(bull, victim):
    bull.mint(100_000 * WAD, ENDLESS, 0, sender=victim)
    return bull


def after_a_year(token, treasury, stranger, times: list[int]) -> int:
    """Shares of the treasury, settled at each of these seconds and at the end."""
    with undone():
        begin = now()
        for second in times:
            warp_to(begin + second)
            token.settle(sender=stranger)
        warp_to(begin + YEAR)
        token.settle(sender=stranger)
        return token.balanceOf(treasury)


@pytest.mark.parametrize("even", [True, False], ids=["even", "random"])
@pytest.mark.parametrize("pokes", POKES)
def test_g3_poking_moves_units_of_a_share_either_way(
    devnet, long_market, held, attacker, treasury, pokes, even
):
    once = after_a_year(held, treasury, attacker, [])
    draw = Random(pokes)
    times = [YEAR * n // (pokes + 1) for n in range(1, pokes + 1)]
    if not even:
        times = sorted(draw.randrange(YEAR) for _ in range(pokes))

    often = after_a_year(held, treasury, attacker, times)

    assert abs(often - once) <= 2 * (pokes + 1)
    share = nav(devnet, long_market, held) / supply(held)
    # a holder of everything would keep what the treasury lost
    report("g3", long_market, max(once - often, 0) * share, 1)


def test_g3_poking_is_no_way_to_the_daily_rate_compounded(held, treasury, attacker):
    """e**0.1095 - 1 = 11.57 %: that is what a year costs, by whatever many steps."""
    before = held.totalSupply()

    fee = after_a_year(held, treasury, attacker, []) - held.balanceOf(treasury)

    assert fee / before == pytest.approx(0.1157, abs=1e-4)
    assert fee == streaming_fee.shares(before, RATE, now() + YEAR - held.settled_at())
