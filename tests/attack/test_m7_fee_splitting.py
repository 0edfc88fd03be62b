"""T-M7: come in and go out in many small parts, each of them too small for a fee.

A fee of 0.1 % on less than a thousand units is nothing where it is rounded down. Here it is rounded
up in every part, and the management fee does not depend on how often it is settled: nobody saves by
splitting, and nobody costs another by it.
"""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scripts._devnet import DAY, ENDLESS, WAD, now, undone, warp_to
from tests.attack.purse import nav, report, supply, true_price

parts_ = st.lists(
    st.one_of(st.integers(1, 999), st.integers(1, 1_000 * WAD)), min_size=2, max_size=8
)


@given(parts=parts_)
def test_m7_split_into_parts_saves_no_fee(
    devnet, venue, token, market, worth, attacker, treasury, parts
):
    """Against the fee that is due, in fractions of a share: f of what is paid for or given up."""
    rules = token.rules()
    with undone():
        token.mint(10_000 * WAD, ENDLESS, 0, sender=attacker)
        share = nav(devnet, market, token) / supply(token)
        wealth = worth(market, token, attacker)
        # of a unit of each coin, where the venue's books count whole ones
        left_out = (1 + true_price(market)) if venue.grain(token.position()) else 0
        for act, rate in (
            (token.mint, Fraction(rules.mint_fee, WAD - rules.mint_fee)),
            (token.redeem, Fraction(rules.redeem_fee, WAD)),
        ):
            fees, gains = [], []
            for plan in ([sum(parts)], parts):
                with undone():
                    before = token.balanceOf(treasury)
                    for part in plan:
                        act(part, ENDLESS, 0, sender=attacker)
                    fees.append(token.balanceOf(treasury) - before)
                    gains.append(worth(market, token, attacker) - wealth)
            due = rate * sum(parts)
            assert fees[1] >= fees[0] >= due
            report("m7", market, gains[1] + due * share, left_out)


def test_m7_split_to_the_last_unit_pays_a_unit_each(token, attacker, treasury):
    before = token.balanceOf(treasury)

    for _ in range(100):
        token.mint(1, ENDLESS, 0, sender=attacker)
    for _ in range(100):
        token.redeem(1, ENDLESS, 0, sender=attacker)

    assert token.balanceOf(treasury) == before + 200
    assert token.balanceOf(attacker) == 0


@given(pauses=st.lists(st.integers(0, 3 * DAY), min_size=2, max_size=30))
def test_m7_settle_at_any_times_changes_the_management_fee_by_units(
    token, attacker, treasury, pauses
):
    """A fee that rounds to nothing is not lost; compounding is continuous anyway."""
    supplies = []
    end = now() + 1 + sum(pauses)
    for plan in ([sum(pauses)], pauses):
        with undone():
            begin = end - sum(pauses)
            warp_to(begin)
            token.settle(sender=attacker)
            for pause in plan:
                warp_to(now() + pause)
                token.settle(sender=attacker)
            supplies.append(token.totalSupply())

    assert abs(supplies[0] - supplies[1]) <= len(pauses) + 1
