"""T-W7: reach the position's aTokens by way of its rewards.

What is paid to suppliers and borrowers is paid to the position, which must claim it; where that is
a call of the claimer's choice, it is a call to the aToken too. Here it is one function of the
controller that Aave itself names, with the pair's two tokens and the treasury: nothing in it is
anybody's to choose. Were that controller itself the attacker, called by the position, it could move
nothing.
"""

import pytest
from ape import compilers, project
from eth_abi import encode

from scripts._devnet import DAY, ENDLESS, RULES, TOKENS, WAD, now, warp_to
from scripts._thirdparty import container
from tests.aave_now import CONTROLLER, refusal
from tests.attack.actor import call
from tests.attack.home import list_third
from tests.attack.purse import report

RATE = 10**15  # of rewards, a second, to all holders of a token

# A controller that tries what it was told to, each time that it is asked for rewards.
HOSTILE = """
# pragma version 0.4.3

struct Call:
    to: address
    data: Bytes[1024]

plan: DynArray[Call, 16]
asked: public(uint256)
passed: public(uint256)
assets: public(DynArray[address, 2])
receiver: public(address)


@external
def prepare(plan: DynArray[Call, 16]):
    self.plan = plan


@external
def handleAction(user: address, supply: uint256, balance: uint256):
    pass


@external
def claimAllRewards(
    assets: DynArray[address, 2], receiver: address
) -> (DynArray[address, 1], DynArray[uint256, 1]):
    self.asked += 1
    self.assets = assets
    self.receiver = receiver
    for each: Call in self.plan:
        if raw_call(each.to, each.data, revert_on_failure=False):
            self.passed += 1
    return [], []
"""


def legs(home) -> list:
    """The pair's aToken and debt token."""
    return [home.aave.atoken(home.market.collateral), home.aave.debt_token(home.market.debt)]


@pytest.fixture
def controller(home):
    """Of Aave's own make, on both legs."""
    code = container("aave-3.6/RewardsController")
    if home.version.name == "3.6":
        return code.at(home.aave.provider.getAddress(CONTROLLER))
    made = home.governor.deploy(code, home.governor)
    for each in legs(home):
        each.setIncentivesController(made, sender=home.governor)
    return made


@pytest.fixture
def rewarded(home, controller, lender):
    """The position has earned a reward for a day: that coin."""
    coin = home.governor.deploy(project.TestToken, "Reward", "RWD", 18)
    coin.mint(lender, 10**9 * WAD, sender=lender)
    code = container("aave-3.6/PullRewardsTransferStrategy")
    strategy = home.governor.deploy(code, controller, home.governor, lender)
    coin.approve(strategy, ENDLESS, sender=lender)
    terms = (coin, strategy, home.devnet.eth_feed)
    config = [(RATE, 0, now() + 365 * DAY, each, *terms) for each in legs(home)]
    controller.configureAssets(config, sender=home.governor)
    warp_to(now() + DAY)
    return coin


def test_w7_rewards_go_to_the_treasury_whoever_claims(home, rewarded, raider, treasury):
    before, wealth = home.state(), home.worth(raider)

    home.position.claim_rewards(sender=raider)

    assert rewarded.balanceOf(treasury) > 0
    assert rewarded.balanceOf(raider) == rewarded.balanceOf(home.position) == 0
    assert home.state() == before
    report("w7", home.market, home.worth(raider) - wealth, 0)


def test_w7_rewards_cannot_be_claimed_behind_its_back(home, controller, rewarded, raider):
    position = home.position

    why = refusal(controller.claimAllRewardsOnBehalf, legs(home), position, raider, sender=raider)
    controller.claimAllRewards(legs(home), raider, sender=raider)

    assert why == "CLAIMER_UNAUTHORIZED"
    assert rewarded.balanceOf(raider) == 0
    assert controller.getUserRewards(legs(home), position, rewarded) > 0


@pytest.fixture
def hostile(home, raider):
    """A controller of the attacker's, which Aave's governance takes for a coin that it lists."""
    made = raider.deploy(compilers.compile_source("vyper", HOSTILE, contractName="Hostile"))
    if home.version.name == "3.6":
        home.aave.provider.setAddress(CONTROLLER, made, sender=home.governor)
    return made


@pytest.fixture
def prey(home, hostile, minter):
    """A token that holds such a coin against dollars."""
    coin = list_third(home.version, home.devnet)
    if home.version.name == "3.0":
        home.aave.atoken(coin).setIncentivesController(hostile, sender=home.governor)
    coin.mint(minter, 10**6 * WAD, sender=minter)
    oracle = home.governor.deploy(project.SettableOracle, 10**24)
    market = encode(["address", "address", "uint8"], [coin.address, home.devnet.usdc.address, 0])
    coin.approve(home.ballast.factory, ENDLESS, sender=minter)
    rules = RULES | TOKENS["ETHBULL"][1] | {"target": 3 * WAD // 2, "emergency": 2 * WAD}
    roles = home.devnet.roles
    terms = (rules, oracle, roles.treasury, roles.deployer, 10**30, market, 10**3 * WAD)
    receipt = home.ballast.factory.create("Prey", "PREY", *terms, sender=minter)
    return project.LeveragedToken.at(receipt.return_value)


def test_w7_controller_that_is_hostile_moves_nothing(home, hostile, prey, raider):
    """Called by the position, in the middle of the claim."""
    position = project.AavePosition.at(prey.position())
    coin = project.TestToken.at(prey.collateral())
    atoken, pool, usdc = home.aave.atoken(coin), home.aave.pool, home.devnet.usdc
    plan = [
        call(position.delever, 0, WAD, hostile),
        call(position.lever, 0, 10**6, hostile),
        call(position.take_atokens, True),
        call(position.purge, coin),
        call(position.claim_rewards),
        call(atoken.transferFrom, position, hostile, WAD),
        call(pool.withdraw, coin, WAD, hostile),
        call(pool.borrow, usdc, 10**6, 2, 0, position),
        call(pool.repayWithATokens, usdc, 10**6, 2),
        call(prey.mint, WAD, ENDLESS, 0),
        call(prey.redeem, 1, ENDLESS, 0),
        call(prey.fill_delever, 10**6, 0),
    ]
    hostile.prepare(plan, sender=raider)
    before = tuple(position.balances())

    position.claim_rewards(sender=raider)

    assert (hostile.asked(), hostile.passed()) == (1, 0)
    assert tuple(position.balances()) == before
    assert atoken.balanceOf(hostile) == coin.balanceOf(hostile) == usdc.balanceOf(hostile) == 0


def test_w7_claim_says_nothing_of_the_claimers(home, hostile, prey, raider, treasury):
    """Which tokens, and who is paid, are the position's own."""
    position = project.AavePosition.at(prey.position())

    position.claim_rewards(sender=raider)

    assert [hostile.assets(i) for i in (0, 1)] == [position.ATOKEN(), position.DEBT_TOKEN()]
    assert hostile.receiver() == treasury


def test_w7_nobody_else_has_credit_or_leave(home, raider, weth, usdc):
    """The ways to use another's account that Aave has are open to who was let in: nobody is."""
    aave, position = home.aave, home.position
    atoken = aave.atoken(weth)

    borrow = refusal(aave.pool.borrow, usdc, 10**6, 2, 0, position, sender=raider)
    take = refusal(atoken.transferFrom, position, raider, 1, sender=raider)

    assert borrow
    assert take
    assert aave.debt_token(usdc).borrowAllowance(position, raider) == 0
    assert atoken.allowance(position, raider) == 0
