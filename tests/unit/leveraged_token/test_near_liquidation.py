"""A venue that comes to liquidate sooner opens the emergency lane at once: before it would."""

import pytest

from scripts._model.fixed_point import SCALE, WAD, mul_div_down
from scripts._model.leverage_math import gearing
from scripts._model.premium_curve import highest, liquidation_leverage, near_liquidation
from scripts._model.rule_book import usual_emergency
from tests.stateful.lab import Lab
from tests.stateful.mock_venue import (
    ACTORS,
    BONUS,
    ENDLESS,
    MODES,
    OWNER,
    PAIRS,
    open_token,
)

TAKER = ACTORS[0]
TARGET = 3 * WAD
EMERGENCY = 2
CLOSED = (0, 0, 0, 0, 0)
FILL = "fill_delever(uint256,uint256,address)"


class Stand:
    """A token at noon, outside of the scheduled lane's window, on a venue of its own."""

    def __init__(self, lab: Lab, pair: str) -> None:
        self.lab = lab
        self.world = open_token(lab, MODES["exact"], PAIRS[pair])
        self.rules = self.world.model.rules

    def price_for(self, leverage: int) -> None:
        """Let the price bring leverage to `leverage`, or a hair above."""
        collateral, debt = self.lab.words(self.world.position, "balances()")
        geared = gearing(leverage, self.rules.long)
        price = debt * geared // (geared - WAD) * SCALE // collateral
        for target in (self.world.oracle, self.world.venue):
            self.lab.send(OWNER, target, "set_price(uint256)", price)

    def set_lltv(self, lltv: int) -> None:
        self.lab.send(OWNER, self.world.venue, "set_terms(uint256,uint256)", lltv, BONUS)

    @property
    def leverage(self) -> int:
        return self.lab.word(self.world.token, "leverage()")

    @property
    def auction(self) -> tuple[int, ...]:
        return self.lab.words(self.world.token, "auction()")

    @property
    def edge(self) -> int:
        """The highest LTV for liquidation that leverage is near to."""
        low, high = 0, WAD - 1
        while low < high:
            middle = (low + high + 1) // 2
            if near_liquidation(middle, self.rules.long) <= self.leverage:
                low = middle
            else:
                high = middle - 1
        return low


@pytest.fixture(scope="module", params=["18/6", "6/18"], ids=["long", "short"])
def ground(request):
    return Stand(Lab(), request.param)


@pytest.fixture
def stand(ground):
    """Put back as it was after each test."""
    mark = ground.lab.chain.snapshot()
    yield ground
    ground.lab.chain.revert(mark)


def test_auction_where_the_venue_liquidates_sooner_is_open_at_once(stand):
    """T-W5: nothing else has changed: at 3.4x the rules themselves are far from an emergency."""
    stand.price_for(34 * WAD // 10)
    before = stand.auction

    stand.set_lltv(stand.edge)

    assert before == CLOSED
    assert stand.leverage < usual_emergency(TARGET, stand.rules.long)
    lane, levering, premium, brings, takes = stand.auction
    assert (lane, levering) == (EMERGENCY, 0)
    assert premium >= stand.rules.emergency_premium
    assert brings > 0 and takes > 0


def test_auction_a_hair_further_from_liquidation_is_closed(stand):
    stand.price_for(34 * WAD // 10)

    stand.set_lltv(stand.edge + 1)
    off = stand.auction
    refused = stand.lab.fault(TAKER, stand.world.token, FILL, ENDLESS, 0, TAKER)
    stand.set_lltv(stand.edge)

    assert off == CLOSED
    assert refused == "fill: not open for delevering"
    assert stand.auction != CLOSED


def test_auction_near_liquidation_pays_from_the_least_to_a_part_of_the_bonus(stand):
    stand.price_for(34 * WAD // 10)
    least = stand.rules.emergency_premium
    most = highest(least, BONUS)

    stand.set_lltv(stand.edge)
    first = stand.auction[2]
    # liquidation itself: the highest LTV whose leverage is no more than this one
    geared = gearing(stand.leverage, stand.rules.long)
    lltv = WAD - -(-WAD * WAD // geared)
    stand.set_lltv(lltv + 1_000)
    nearly = stand.auction[2]
    stand.set_lltv(lltv - 1_000)
    there = stand.auction[2]

    assert least <= first <= least + 1_000
    assert first < nearly < there
    assert liquidation_leverage(lltv - 1_000, stand.rules.long) <= stand.leverage
    assert there == most == mul_div_down(BONUS, 9 * WAD // 10, WAD)
    assert there - nearly < 10**6


def test_fill_near_liquidation_brings_leverage_to_target_and_closes_the_lane(stand):
    stand.price_for(34 * WAD // 10)
    stand.set_lltv(stand.edge)
    _, _, _, brings, takes = stand.auction

    done = stand.lab.do(TAKER, stand.world.token, FILL, ENDLESS, 0, TAKER)

    assert done == (brings, takes)
    assert stand.leverage == pytest.approx(TARGET, rel=1e-6)
    assert stand.auction == CLOSED


def test_auction_below_target_is_closed_however_near_liquidation_is(stand):
    """There is nothing to delever to: a target that the venue no longer bears is not ours."""
    stand.price_for(TARGET - WAD // 10**6)

    stand.set_lltv(WAD // 2)
    below = stand.auction
    stand.price_for(TARGET + WAD // 10**3)

    assert near_liquidation(WAD // 2, stand.rules.long) < TARGET
    assert below == CLOSED
    assert TARGET < stand.leverage < stand.rules.highest
    assert stand.auction[0] == EMERGENCY


def test_auction_where_the_venue_liquidates_later_opens_by_the_rules(stand):
    """No higher limit puts an emergency off."""
    trigger = stand.rules.emergency
    stand.set_lltv(97 * WAD // 100)

    stand.price_for(trigger + WAD // 10**6)
    past = stand.auction
    stand.price_for(trigger - WAD // 10**6)

    assert past[0] == EMERGENCY
    assert past[2] == pytest.approx(stand.rules.emergency_premium, rel=1e-3)
    assert stand.auction == CLOSED
