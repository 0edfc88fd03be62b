"""T-V7: be called back by Morpho half way through, and deal with the token in there.

Whoever repays, adds collateral, liquidates or borrows flash gets control when Morpho's books have
changed and before it has been paid. Impermax lost by such a state. Here an attacker gives to the
position with a callback, and in there mints, redeems and fills, at books that already hold the
gift. It has to pay the gift in the end: it gains nothing, and what it gave is the others'. The
position itself passes Morpho no data, so it is never called back.
"""

import pytest

from scripts._devnet import ENDLESS, WAD, next_0002, now, set_price, warp_to
from tests.attack.actor import call, send_actor
from tests.attack.purse import report
from tests.attack.sources import SOURCES
from tests.unit.morpho_position.markets import books

SHARES = 1_000 * WAD
DATA = b"\x01"
DOORS = ["repay", "supply", "own supply", "flash loan"]
DEALS = ["mint", "redeem", "mint and redeem", "redeem and mint", "fills", "all"]


@pytest.fixture
def actor(attacker, devnet, token, market):
    """A contract as rich as the attacker, with shares."""
    made = send_actor(attacker)
    for coin in (market.collateral, market.debt):
        coin.transfer(made, coin.balanceOf(attacker) // 2, sender=attacker)
        approvals = [call(coin.approve, to, ENDLESS) for to in (devnet.morpho, token)]
        made.run(approvals, sender=attacker)
    made.run([call(token.mint, SHARES, ENDLESS, 0)], sender=attacker)
    return made


def doors(devnet, market, token, actor):
    """Ways to be called back: by what it gives to the position, and by a loan."""
    held, owed = books(devnet, market, token.position())
    position, morpho = token.position(), devnet.morpho
    supply, repay = morpho.supplyCollateral, morpho.repay
    return {
        "repay": call(repay, market.params, owed // 2, 0, position, DATA),
        "supply": call(supply, market.params, held, position, DATA),
        "own supply": call(supply, market.params, held, actor, DATA),
        "flash loan": call(morpho.flashLoan, market.debt, owed, DATA),
    }


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
    devnet, token, market, worth, attacker, victim, actor, door, deal
):
    """As the lane opens; the token is below target, and the gift would put it further."""
    token.mint(SHARES, ENDLESS, 0, sender=victim)
    warp_to(next_0002(now()))
    set_price(devnet, "2100" if token.rules().long else "1900")
    devnet.morpho.accrueInterest(market.params, sender=attacker)
    wealth, held = worth(market, token, actor), worth(market, token, victim)
    own = devnet.morpho.position(market.id, actor).collateral
    actor.plan(deals(token)[deal], sender=attacker)

    actor.run([doors(devnet, market, token, actor)[door]], sender=attacker)
    pledged = devnet.morpho.position(market.id, actor).collateral - own
    actor.plan([], sender=attacker)
    if pledged:
        back = (market.params, pledged, actor, actor)
        actor.run([call(devnet.morpho.withdrawCollateral, *back)], sender=attacker)
    shares = token.balanceOf(actor)
    actor.run([call(token.redeem, shares, ENDLESS, 0)] if shares else [], sender=attacker)

    assert actor.back() == 1
    assert worth(market, token, victim) >= held - 2
    report("v7", market, worth(market, token, actor) - wealth, 0)


def test_v7_position_is_never_called_back():
    """No data goes to Morpho, and there is nothing in the position that it could call."""
    source = SOURCES["venues/MorphoPosition.vy"]

    assert "onMorpho" not in source and "__default__" not in source
    assert source.count('self, b"")') == 3
