"""T-M6: leave before the interest is written, and let those who stay pay for it.

Reviewers of Morpho found it in a connector: a balance that "does not take into account the interest
generated". Here interest is accrued in the transaction before anything is computed, and views add
what has grown since: who redeems first and who redeems after an accrual pay the same, to the unit.
"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scripts._devnet import DAY, ENDLESS, WAD, now, undone, warp_to
from tests.attack.purse import fault, report

YEAR = 365 * DAY


@pytest.fixture
def holding(token, attacker):
    token.mint(1_000 * WAD, ENDLESS, 0, sender=attacker)
    return attacker


@given(elapsed=st.lists(st.integers(0, 10 * YEAR), min_size=1, max_size=4))
@example(elapsed=[0, 1, 10 * YEAR])
def test_m6_stale_debt_is_never_read(venue, token, market, holding, elapsed):
    """What is said to be owed is what the venue writes in the same second."""
    position = token.position()
    with undone():
        for seconds in elapsed:
            warp_to(now() + 1 + seconds)
            held, debt = venue.books(market, position)

            shares = token.balanceOf(holding)
            net = shares - -(-shares * token.rules().redeem_fee // WAD)
            whole, said = token.totalSupply(), token.preview_redeem(shares)
            token.settle(sender=holding)
            whole = token.totalSupply()
            grain = venue.grain(position)
            brought, taken = -(-debt * net // whole), held * net // whole
            assert said == (brought + grain, taken - grain)
            venue.accrue(market)


@given(elapsed=st.integers(0, 90 * DAY))
def test_m6_redeem_before_an_accrual_gains_nothing_over_one_after_it(
    venue, token, market, worth, holding, elapsed
):
    outcomes = []
    shares = token.balanceOf(holding)
    with undone():
        warp_to(now() + 1 + elapsed)
        for accrued in (False, True):
            with undone():
                if accrued:
                    venue.accrue(market)
                    token.settle(sender=holding)
                redeem = lambda: token.redeem.call(  # noqa: E731
                    shares, ENDLESS, 0, sender=holding, skip_trace=True
                )
                assert fault(redeem) == ""
                debt, collateral = redeem()
                outcomes.append(collateral * market.venue_oracle.price() // 10**36 - debt)

    report("m6", market, outcomes[0] - outcomes[1], 0)
