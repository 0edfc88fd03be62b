"""T-O6: deal with a token that is wrong about its decimals by a power of ten.

Tracer priced its pools without scaling, and on 17 November 2024 a market for PAXG whose oracle was
off by 1e12 lost 230,000 dollars. Here one factor is fixed when the oracle is made, from decimals
that it reads itself, and no token is created where that is not what the venue says. Of every mix of
decimals the token is then at its target, and a taker gets the premium and no unit more.
"""

from dataclasses import replace
from fractions import Fraction

import pytest
from ape import project
from ape.utils import ZERO_ADDRESS

from scripts._devnet import ENDLESS, WAD, next_0002, now, warp_to
from tests.attack.fills import best_gain
from tests.attack.purse import fault, report, true_price

COINS = [(18, 6), (6, 18), (18, 18), (8, 6), (18, 8), (2, 18), (0, 6)]
FEEDS = [(8, 8), (18, 8), (0, 18)]
WORTH = 2_000  # whole debt coins for a whole coin of collateral
NO_FEED = (ZERO_ADDRESS, 0, 0, 0)
ENOUGH = 10**5  # whole coins of collateral: of few decimals, many


@pytest.fixture
def oracle(minter):
    """`oracle(market, (8, 18))`: by two feeds of so many decimals, for 2,000 dollars and one."""

    def _oracle(market, decimals):
        legs = []
        for places, dollars in zip(decimals, (WORTH, 1), strict=True):
            answer = dollars * 10**places
            feed = minter.deploy(project.Feed, places, "coin / USD", answer)
            legs.append((feed, 10**6, -(-answer // 10), 10 * answer))
        pair = market.collateral, market.debt
        return minter.deploy(project.ChainlinkOracle, *pair, *legs, ZERO_ADDRESS, 0)

    return _oracle


@pytest.mark.parametrize("feeds", FEEDS)
@pytest.mark.parametrize("coins", COINS)
def test_o6_any_decimals_leave_a_taker_the_premium_alone(
    devnet, venue, open_pair, oracle, create, stranger, coins, feeds
):
    if min(coins) < venue.decimals:
        pytest.skip("the venue lists no such coin")
    collateral, debt = coins
    market = open_pair(*coins, WORTH * 10 ** (36 + debt - collateral))
    market = replace(market, fill_oracle=oracle(market, feeds))
    assert market.fill_oracle.price() == market.venue_oracle.price()

    token = create(market, seed=ENOUGH * 10**collateral)

    grain = venue.grain(token.position())
    assert token.leverage() == pytest.approx(3 * WAD, rel=1e-5 * (1 + grain))
    warp_to(next_0002(now()) + 45 * 60)
    feed = project.Feed.at(market.fill_oracle.BASE().feed)
    feed.post(feed.latestRoundData()[1] * 95 // 100, sender=stranger)
    market.venue_oracle.set_price(market.fill_oracle.price(), sender=stranger)
    offer = token.auction()
    gain = best_gain(devnet, market, token, stranger, true_price(market))

    assert offer.takes > 0 and not offer.levering
    report("o6", market, gain, offer.brings * Fraction(offer.premium, WAD))


@pytest.mark.parametrize("places", [-18, -12, -10, -6, -2, -1, 1, 2, 6, 10, 12, 18])
@pytest.mark.parametrize("coins", [(18, 6), (6, 18)])
def test_o6_oracle_off_by_a_power_of_ten_makes_no_token(
    ballast, open_pair, creation, minter, coins, places
):
    collateral, debt = coins
    price = WORTH * 10 ** (36 + debt - collateral)
    market = open_pair(*coins, price)
    wrong = int(price * 10**places) if places > 0 else price // 10**-places
    off = replace(market, fill_oracle=minter.deploy(project.SettableOracle, wrong))

    order = creation(off)
    refused = fault(lambda: ballast.factory.create.call(*order, sender=minter, skip_trace=True))

    # where the distance does not fit a word, the product that measures it reverts
    assert refused in ("factory: oracles disagree", "Transaction failed.")


def test_o6_venue_off_by_a_power_of_ten_makes_no_token(
    ballast, open_pair, creation, oracle, minter
):
    """PAXG's case: the market's own oracle is the wrong one."""
    market = open_pair(18, 6, WORTH * 10 ** (36 + 6 - 18 + 12))
    right = oracle(market, (8, 8))

    order = creation(replace(market, fill_oracle=right))
    refused = fault(lambda: ballast.factory.create.call(*order, sender=minter, skip_trace=True))

    assert refused == "factory: oracles disagree"


def test_o6_more_decimals_than_fit_make_no_oracle(minter):
    """Nineteen and more are refused, of tokens as of feeds, before a product can overflow."""
    coins = [minter.deploy(project.TestToken, "Coin", "COIN", places) for places in (18, 19)]
    feed = minter.deploy(project.Feed, 8, "coin / USD", 10**8)
    leg = (feed, 3_600, 1, ENDLESS >> 200)

    for pair in (coins, coins[::-1]):
        making = (*pair, leg, NO_FEED, ZERO_ADDRESS, 0)
        refused = fault(lambda: minter.deploy(project.ChainlinkOracle, *making))  # noqa: B023
        assert refused == "oracle: token decimals above 18"
