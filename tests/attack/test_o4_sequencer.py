"""T-O4: trade through an L2's inbox at the price of before an outage.

While the sequencer is down feeds stand still, and whoever forces a transaction in is the first to
trade when it is back. Here an oracle behind a sequencer answers only once that has been up for
longer than a grace period, in which the feeds catch up. The outage is shorter than the feed's
heartbeat: age alone would let it pass.
"""

from dataclasses import replace

import pytest
from ape import project
from ape.utils import ZERO_ADDRESS

from scripts._devnet import (
    ENDLESS,
    ETH_BOUNDS,
    ETH_HEARTBEAT,
    USDC_BOUNDS,
    USDC_HEARTBEAT,
    WAD,
    next_0002,
    now,
    set_price,
    warp_to,
)
from tests.attack.fills import best_gain
from tests.attack.purse import fault, report, true_price

GRACE = 3_600
OPEN = 45 * 60
UP, DOWN = 0, 1


@pytest.fixture
def sequencer(attacker):
    return attacker.deploy(project.Feed, 0, "L2 sequencer uptime status", UP)


@pytest.fixture
def behind(devnet, long_market, ballast, create, minter, attacker, weth):
    """`behind(sequencer)`: a token of ETHBULL's rules, in the open lane at 3.4x."""

    def _behind(feed):
        legs = (
            (devnet.eth_feed, ETH_HEARTBEAT, *ETH_BOUNDS),
            (
                devnet.usdc_feed,
                USDC_HEARTBEAT,
                *USDC_BOUNDS,
            ),
        )
        pair = devnet.weth, devnet.usdc
        grace = 0 if feed == ZERO_ADDRESS else GRACE
        oracle = minter.deploy(project.ChainlinkOracle, *pair, *legs, feed, grace)
        weth.approve(ballast.factory, ENDLESS, sender=minter)
        if feed != ZERO_ADDRESS:
            feed.set_started_at(now() - GRACE - 1, sender=minter)
        market = replace(long_market, fill_oracle=oracle)
        token = create(market, seed=10 * WAD)
        warp_to(next_0002(now()) + OPEN)
        set_price(devnet, "1900")
        return token, market

    return _behind


@pytest.mark.parametrize("started", ["never", "future", "now", "grace", "after"])
@pytest.mark.parametrize("status", [UP, DOWN])
def test_o4_first_trade_after_an_outage_finds_nothing_open(
    devnet, behind, sequencer, attacker, status, started
):
    """The feeds say 1,900 from before it; ETH is at 2,000 by now."""
    token, market = behind(sequencer)
    truth = true_price(market) * 2_000 / 1_900
    since = {"never": 0, "future": now() + 1, "now": now(), "grace": now() - GRACE}
    sequencer.post(status, sender=attacker)
    sequencer.set_started_at(since.get(started, now() - GRACE - 1), sender=attacker)

    gain = best_gain(devnet, market, token, attacker, truth)
    refused = fault(lambda: token.fill_delever.call(ENDLESS, 0, sender=attacker, skip_trace=True))

    if status == UP and started == "after":
        assert refused == "" and gain > 0  # its time to catch up is over
    else:
        assert refused.startswith("oracle: sequencer")
        report("o4", market, gain, 0)


def test_o4_without_a_sequencer_the_same_trade_pays(devnet, behind, attacker):
    """What the guard is for: on an L1 nobody is first by force, and the answer is still young."""
    token, market = behind(ZERO_ADDRESS)

    assert best_gain(devnet, market, token, attacker, true_price(market) * 2_000 / 1_900) > 0


def test_o4_holders_leave_while_the_sequencer_is_down(behind, sequencer, minter):
    token, _ = behind(sequencer)
    token.mint(1_000 * WAD, ENDLESS, 0, sender=minter)
    sequencer.post(DOWN, sender=minter)

    token.redeem(token.balanceOf(minter), ENDLESS, 0, sender=minter)

    assert token.balanceOf(minter) == 0
