"""T-O1: trade at the lowest price that a feed can say, when the market is far below it.

LUNA fell below 0.10 dollars and its feed stood still there: Venus lent 11 million dollars against
it. Here each feed has bounds of the token's own, fixed at creation. Outside of them fills stop, and
only fills: what the attacker buys at the stuck price is nothing, and holders leave as always. Where
a feed stops short of our bound, above the market, nobody has reason to delever and no lane levers,
since the token looks overlevered; there the venue's own oracle decides.
"""

import pytest
from ape.exceptions import ContractLogicError
from hypothesis import example, given
from hypothesis import strategies as st

from scripts._devnet import (
    ENDLESS,
    ETH_BOUNDS,
    USD,
    USDC_BOUNDS,
    WAD,
    next_0002,
    now,
    price,
    set_price,
    undone,
    warp_to,
)
from tests.attack.fills import best_gain
from tests.attack.purse import report, true_price

LOW, HIGH = ETH_BOUNDS
ORACLE_FAULT = "oracle: answer (is not positive|below floor|above ceiling)"


@pytest.fixture
def open_lane(token, victim):
    """Ten minutes into the scheduled lane; the victim has shares."""
    token.mint(1_000 * WAD, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + 600)


@given(answer=st.integers(-(2**255), 2**255 - 1) | st.integers(LOW - 2, LOW + 2))
@example(answer=LOW - 1)
@example(answer=HIGH + 1)
@example(answer=USD // 10)  # LUNA's last
@example(answer=-(2**255))
def test_o1_answer_out_of_bounds_sells_nothing(
    devnet, token, market, attacker, victim, open_lane, answer
):
    with undone():
        devnet.eth_feed.post(answer, sender=attacker)
        devnet.usdc_feed.refresh(sender=attacker)

        if LOW <= answer <= HIGH:
            assert market.fill_oracle.price() > 0
        else:
            for fill in (token.fill_lever, token.fill_delever):
                with pytest.raises(ContractLogicError, match=ORACLE_FAULT):
                    fill.call(ENDLESS, 0, sender=attacker, skip_trace=True)


def test_o1_holders_leave_while_the_feed_is_out_of_bounds(
    devnet, token, market, attacker, victim, open_lane
):
    """The venue asks an oracle of its own, with wider bounds, whose answer need not be fresh."""
    lowest, highest = USDC_BOUNDS
    devnet.eth_feed.refresh(sender=attacker)
    devnet.usdc_feed.post(lowest - 1 if token.rules().long else highest + 1, sender=attacker)

    token.redeem(1_000 * WAD, ENDLESS, 0, sender=victim)

    with pytest.raises(ContractLogicError, match=ORACLE_FAULT):
        token.leverage()
    assert token.balanceOf(victim) == 0


@pytest.mark.parametrize("points", [10, 20, 30, 40, 60])
def test_o1_feed_that_stops_short_of_the_market_fills_nobody(
    devnet, token, market, attacker, victim, open_lane, points
):
    """Against the token the market moves on while the feed stands still: nothing to gain by it."""
    against = -1 if token.rules().long else 1
    set_price(devnet, price(devnet) * (100 + against * points // 2) / 100)
    stuck = true_price(market)
    truth = stuck * (100 - points) / 100  # collateral in debt: it falls for a short token too

    gain = best_gain(devnet, market, token, attacker, truth)

    report("o1", market, gain, 0)
