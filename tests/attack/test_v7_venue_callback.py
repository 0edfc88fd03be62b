"""T-V7: be called back by the venue half way through, and deal with the token in there.

Whoever repays, adds collateral, liquidates or borrows flash gets control when Morpho's books have
changed and before it has been paid; on Aave whoever borrows flash. Impermax lost by such a state.
Here an attacker gives to the position with a callback, or borrows, and in there mints, redeems and
fills, at books that already hold the gift. It has to pay in the end: it gains nothing, and what it
gave is the others'. The position itself passes the venue no data, so it is never called back.
"""

import re

import pytest
from ape import compilers, project

from scripts._devnet import ENDLESS, WAD, next_0002, now, set_price, warp_to
from tests.attack.actor import call, send_actor
from tests.attack.lens import LENS
from tests.attack.purse import report, rounding
from tests.attack.sources import SOURCES

SHARES = 1_000 * WAD
DOORS = ["repay", "supply", "own supply", "flash loan", "flash loan of collateral"]
NOT_HERE = "this venue does not call back for it"
DEALS = ["mint", "redeem", "mint and redeem", "redeem and mint", "fills", "all"]


# Remembers what it is told.
READER = (
    LENS
    + """
interface Feed:
    def latestRoundData() -> (uint80, int256, uint256, uint256, uint80): view

assets: public(uint256)
answer: public(int256)

@external
def read(lens: Lens, feed: Feed, token: address):
    state: State = (staticcall lens.states([token]))[0]
    assert state.faults == 0
    self.assets = state.numbers[5]
    self.answer = (staticcall feed.latestRoundData())[1]
"""
)


@pytest.fixture
def actor(attacker, venue, token, market):
    """A contract as rich as the attacker, with shares."""
    made = send_actor(attacker)
    for coin in (market.collateral, market.debt):
        coin.transfer(made, coin.balanceOf(attacker) // 2, sender=attacker)
        approvals = [call(coin.approve, to, ENDLESS) for to in (venue.address, token)]
        made.run(approvals, sender=attacker)
    made.run([call(token.mint, SHARES, ENDLESS, 0)], sender=attacker)
    return made


def deals(token):
    """What is done in there."""
    mint, redeem = call(token.mint, SHARES, ENDLESS, 0), call(token.redeem, SHARES, ENDLESS, 0)
    return {
        "mint": [mint],
        "redeem": [redeem],
        "mint and redeem": [mint, redeem],
        "redeem and mint": [redeem, mint],
        "fills": [call(token.fill_lever, ENDLESS, 0), call(token.fill_delever, ENDLESS, 0)],
        "all": [mint, call(token.fill_lever, ENDLESS, 0), redeem, call(token.settle)],
    }


@pytest.mark.parametrize("deal", DEALS)
@pytest.mark.parametrize("door", DOORS)
def test_v7_callback_into_the_token_gains_nothing(
    devnet, venue, token, market, worth, attacker, victim, actor, door, deal
):
    """As the lane opens; the token is below target, and the gift would put it further."""
    if door not in venue.callbacks(market, token.position(), actor):
        pytest.skip(NOT_HERE)
    token.mint(SHARES, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()))
    set_price(devnet, "2100" if token.rules().long else "1900")
    venue.accrue(market)
    wealth, held = worth(market, token, actor), worth(market, token, victim)
    actor.plan(deals(token)[deal], sender=attacker)

    actor.run([venue.callbacks(market, token.position(), actor)[door]], sender=attacker)
    actor.plan([], sender=attacker)
    if venue.held(market, actor):
        actor.run([venue.take_back(market, actor)], sender=attacker)
    shares = token.balanceOf(actor)
    actor.run([call(token.redeem, shares, ENDLESS, 0)] if shares else [], sender=attacker)

    assert actor.back() == 1
    assert worth(market, token, victim) >= held - 1 - rounding(devnet, market, token)
    report("v7", market, worth(market, token, actor) - wealth, 0)


def test_v7_position_is_never_called_back():
    """No data goes to the venue, and there is nothing in the position that it could call."""
    morpho, aave = SOURCES["venues/MorphoPosition.vy"], SOURCES["venues/AavePosition.vy"]

    for source in (morpho, aave):
        assert not re.search("onMorpho|executeOperation|__default__", source)
    assert morpho.count('self, b"")') == 3
    assert "flash" not in aave.lower()


@pytest.mark.parametrize("door", DOORS)
def test_v7_callback_reads_what_is_so_after_it(
    venue, ballast, token, market, attacker, actor, door
):
    """By Lens and by NavFeed: what is given is there, and a loan changes nothing."""
    doors = venue.callbacks(market, token.position(), actor)
    if door not in doors:
        pytest.skip(NOT_HERE)
    feed = attacker.deploy(project.NavFeed, token)
    reader = attacker.deploy(compilers.compile_source("vyper", READER, contractName="Reader"))
    actor.plan([call(reader.read, ballast.lens, feed, token)], sender=attacker)
    venue.accrue(market)
    before = feed.latestRoundData()[1]

    actor.run([doors[door]], sender=attacker)

    answer = feed.latestRoundData()[1]
    (state,) = ballast.lens.states([token])
    assert (actor.back(), actor.refused()) == (1, 0)
    assert (answer > before) == (door in ("repay", "supply"))
    assert (reader.assets(), reader.answer()) == (state.assets, answer)
