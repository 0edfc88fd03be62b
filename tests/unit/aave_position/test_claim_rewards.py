"""What Aave rewards the position with goes to the token's treasury, whoever claims it."""

import ape
import pytest
from ape import project
from ape.utils import ZERO_ADDRESS

from scripts._aave import Aave
from scripts._devnet import DAY, ENDLESS, WAD, now, warp_to
from scripts._thirdparty import container
from tests.aave_now import CONTROLLER
from tests.unit.aave_position.stub import Stub, send_stub

RATE = 10**15  # of rewards, a second, to all holders of one token


@pytest.fixture
def controller(aave, version, governor, market):
    """Of the rewards of aTokens and debt tokens of the pair."""
    if version.name == "3.6":
        at = aave.provider.getAddress(CONTROLLER)
        return container("aave-3.6/RewardsController").at(at)
    made = governor.deploy(container("aave-3.6/RewardsController"), governor)
    for kept in (aave.atoken(market.collateral), aave.debt_token(market.debt)):
        kept.setIncentivesController(made, sender=governor)
    return made


@pytest.fixture
def reward(controller, governor, lender):
    """A coin that rewards are paid in, out of the lender's purse."""
    coin = governor.deploy(project.TestToken, "Reward", "RWD", 18)
    coin.mint(lender, 10**9 * WAD, sender=lender)
    return coin


@pytest.fixture
def rewarded(aave, controller, reward, market, world, governor, lender, stubbed, treasury):
    """A position that has earned rewards for a day, on both of its legs."""
    terms = (controller, governor, lender)
    strategy = governor.deploy(container("aave-3.6/PullRewardsTransferStrategy"), *terms)
    reward.approve(strategy, ENDLESS, sender=lender)
    config = [
        (RATE, 0, now() + 365 * DAY, each, reward, strategy, world.eth_feed)
        for each in (aave.atoken(market.collateral), aave.debt_token(market.debt))
    ]
    controller.configureAssets(config, sender=governor)
    stubbed.contract.set_treasury(treasury, sender=governor)
    warp_to(now() + DAY)
    return stubbed.position


def earned(aave: Aave, controller, reward, market, position) -> int:
    kept = [aave.atoken(market.collateral), aave.debt_token(market.debt)]
    return controller.getUserRewards(kept, position, reward)


def test_claim_sends_all_to_the_treasury(
    aave, controller, reward, market, rewarded, treasury, someone
):
    owed = earned(aave, controller, reward, market, rewarded)

    rewarded.claim_rewards(sender=someone)

    assert owed > 0
    assert reward.balanceOf(treasury) == owed
    assert earned(aave, controller, reward, market, rewarded) == 0
    assert reward.balanceOf(rewarded) == reward.balanceOf(someone) == 0


def test_claim_is_of_both_legs(aave, controller, reward, market, rewarded, treasury, someone):
    legs = [
        controller.getUserRewards([kept], rewarded, reward)
        for kept in (aave.atoken(market.collateral), aave.debt_token(market.debt))
    ]

    rewarded.claim_rewards(sender=someone)

    assert min(legs) > 0
    assert reward.balanceOf(treasury) == sum(legs)


def test_claim_follows_the_treasury(reward, rewarded, stubbed, governor, taker, someone):
    stubbed.contract.set_treasury(taker, sender=governor)

    rewarded.claim_rewards(sender=someone)

    assert reward.balanceOf(taker) > 0


def test_claim_again_pays_nothing(reward, rewarded, treasury, someone):
    rewarded.claim_rewards(sender=someone)
    paid = reward.balanceOf(treasury)
    rewarded.claim_rewards(sender=someone)

    assert reward.balanceOf(treasury) == paid


def test_claim_moves_neither_collateral_nor_debt(rewarded, someone):
    before = tuple(rewarded.balances())

    rewarded.claim_rewards(sender=someone)

    assert tuple(rewarded.balances()) == before


def test_claim_where_there_are_no_rewards_reverts(
    aave, governor, blueprint, list_coin, usdc, someone
):
    aave.provider.setAddress(CONTROLLER, ZERO_ADDRESS, sender=governor)
    made = Stub(send_stub(governor), governor)
    made.make(blueprint, aave.pool, list_coin().coin, usdc, 0)

    with ape.reverts("claim: no rewards here"):
        made.position.claim_rewards.call(sender=someone, skip_trace=True)
