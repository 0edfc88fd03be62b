"""T-O3: fill at a price that nobody has confirmed for too long, or that was never finished.

Index and Tokemak were found with heartbeats of the wrong feed, or of none. Here each of the two
feeds is held to its own, to the second; a round without a time, or of a time to come, is none. What
a taker can gain at an answer that is just young enough is the market's move within a heartbeat, on
what the lane has open; one second later it is nothing, on either side.
"""

import pytest

from scripts._devnet import (
    ENDLESS,
    ETH_HEARTBEAT,
    USDC_HEARTBEAT,
    WAD,
    next_0002,
    now,
    set_price,
    warp_to,
)
from tests.attack.fills import best_gain
from tests.attack.purse import fault, report, true_price

OPEN = 45 * 60  # the premium is highest: the best that a taker can ask for
HEARTBEATS = {"eth": ETH_HEARTBEAT, "usdc": USDC_HEARTBEAT}


@pytest.fixture
def truth(devnet, token, market, victim):
    """Open for delevering, 6 % against the token; what collateral is truly worth in debt.

    Since the feeds spoke, the market has moved by 3 % in the taker's favour.
    """
    token.mint(1_000 * WAD, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()) + OPEN)
    set_price(devnet, "1880" if token.rules().long else "2120")
    return true_price(market) * 103 / 100


@pytest.fixture
def refusal(token, attacker):
    """Why a fill would be refused; nothing where it would not."""
    return lambda: fault(
        lambda: token.fill_delever.call(ENDLESS, 0, sender=attacker, skip_trace=True)
    )


@pytest.mark.parametrize("seconds", [-1, 0, 1])
@pytest.mark.parametrize("leg", HEARTBEATS)
def test_o3_answer_one_second_too_old_sells_nothing(
    devnet, token, market, attacker, truth, refusal, leg, seconds
):
    feed = devnet.eth_feed if leg == "eth" else devnet.usdc_feed
    feed.set_updated_at(now() - HEARTBEATS[leg] - seconds, sender=attacker)

    gain = best_gain(devnet, market, token, attacker, truth)
    refused = refusal()

    if seconds > 0:
        assert refused == "oracle: price is stale"
        report("o3", market, gain, 0)
    else:
        assert refused == ""
        assert gain > 0


@pytest.mark.parametrize("leg", HEARTBEATS)
@pytest.mark.parametrize("seconds", [1, 3_600, 2**200])
def test_o3_answer_from_the_future_sells_nothing(
    devnet, token, market, attacker, truth, refusal, leg, seconds
):
    feed = devnet.eth_feed if leg == "eth" else devnet.usdc_feed
    feed.set_updated_at(now() + seconds, sender=attacker)

    assert (
        fault(lambda: token.fill_delever.call(ENDLESS, 0, sender=attacker))
        == "oracle: answer from the future"
    )
    report("o3", market, best_gain(devnet, market, token, attacker, truth), 0)


@pytest.mark.parametrize("leg", HEARTBEATS)
def test_o3_round_without_a_time_sells_nothing(
    devnet, token, market, attacker, truth, refusal, leg
):
    feed = devnet.eth_feed if leg == "eth" else devnet.usdc_feed
    feed.set_updated_at(0, sender=attacker)

    assert (
        fault(lambda: token.fill_delever.call(ENDLESS, 0, sender=attacker))
        == "oracle: round is incomplete"
    )
    report("o3", market, best_gain(devnet, market, token, attacker, truth), 0)


def test_o3_holders_come_and_go_at_any_age(token, attacker, victim, truth):
    """Neither asks our oracle, and the venue's takes an answer of any age."""
    warp_to(now() + 40 * 86_400)

    token.mint(WAD, ENDLESS, 0, sender=victim)
    token.redeem(token.balanceOf(victim), ENDLESS, 0, sender=victim)

    assert token.balanceOf(victim) == 0
