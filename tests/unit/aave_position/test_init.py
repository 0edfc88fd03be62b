"""A position is created on two reserves that are listed, and in an e-mode or none."""

import pytest
from ape import networks, project
from web3.exceptions import ContractLogicError

from scripts._devnet import ENDLESS, USDC, WAD
from tests.aave_now import VERSIONS, refusal
from tests.first_child import first_child
from tests.unit.aave_position.reserves import is_used, supply
from tests.unit.aave_position.stub import Stub, send_stub

CATEGORY = 1
CATEGORY_TERMS = (9_000, 9_300, 10_100)


@pytest.fixture
def fault(aave):
    """Why the constructor refuses a pair."""

    def _fault(collateral, debt, category=0) -> str:
        made = project.AavePosition.constructor
        creation = made.serialize_transaction(aave.pool, collateral, debt, category)
        with pytest.raises(ContractLogicError) as caught:
            networks.provider.web3.eth.call({"data": creation.data})
        return str(caught.value.message).removeprefix("execution reverted: ")

    return _fault


def test_init_keeps_what_it_is_given(aave, position, token, weth, usdc):
    assert position.TOKEN() == token
    assert position.POOL() == aave.pool
    assert position.CATEGORY() == 0
    assert position.ATOKEN() == aave.atoken(weth)
    assert position.DEBT_TOKEN() == aave.debt_token(usdc)
    assert position.collateral() == weth
    assert position.debt() == usdc


def test_init_lets_the_pool_take_both_tokens(aave, position, weth, usdc):
    for coin in (weth, usdc):
        assert coin.allowance(position, aave.pool) == ENDLESS


def test_init_gives_nobody_credit_and_no_leave_to_move_atokens(
    aave, position, token, someone, weth, usdc
):
    for coin in (weth, usdc):
        for other in (token, someone, aave.pool, position):
            assert aave.debt_token(coin).borrowAllowance(position, other) == 0
            assert aave.atoken(coin).allowance(position, other) == 0


@pytest.mark.parametrize("version", VERSIONS[1:], ids=lambda version: version.name, indirect=True)
def test_init_lets_nobody_manage_it(aave, position, token, someone):
    """Since 3.4 an account can let others set its e-mode and what it uses as collateral."""
    for other in (token, someone, aave.pool, position):
        assert not aave.pool.isApprovedPositionManager(position, other)


def test_init_is_empty(aave, position):
    assert tuple(position.balances()) == (0, 0)
    assert aave.pool.getUserEMode(position) == 0


def test_init_with_a_collateral_that_is_not_listed_reverts(governor, fault, usdc):
    coin = governor.deploy(project.TestToken, "Odd", "ODD", 18)

    assert fault(coin, usdc) == "position: collateral unlisted"


def test_init_with_a_debt_that_is_not_listed_reverts(governor, fault, weth):
    coin = governor.deploy(project.TestToken, "Odd", "ODD", 18)

    assert fault(weth, coin) == "position: debt unlisted"


def test_init_with_what_is_no_collateral_reverts(list_coin, fault, usdc):
    coin = list_coin(terms=(0, 0, 0)).coin

    assert fault(coin, usdc) == "position: not a collateral"


def test_init_with_a_collateral_of_next_to_nothing_passes(list_coin, deploy, usdc):
    coin = list_coin(terms=(1, 1, 11_000)).coin

    assert deploy(coin, usdc).liquidation()[0] == 10**14


def test_init_in_a_category_enters_it(aave, version, governor, deploy, weth, usdc):
    version.categorize(governor, aave, CATEGORY, CATEGORY_TERMS, (weth, usdc))

    position = deploy(category=CATEGORY)

    assert position.CATEGORY() == CATEGORY
    assert aave.pool.getUserEMode(position) == CATEGORY


def test_init_in_a_category_that_is_not_there_reverts_on_the_venue(
    aave, stub, blueprint, token, weth, usdc
):
    given = Stub.arguments(aave.pool, weth, usdc, CATEGORY)

    assert refusal(stub.make, blueprint, given, sender=token) == "InconsistentEModeCategory"


@pytest.mark.parametrize("version", VERSIONS[:1], ids=lambda version: version.name, indirect=True)
def test_init_in_a_category_with_a_price_of_its_own_reverts(aave, governor, fault, weth, usdc):
    """Aave would liquidate by that price, and `price` tells the assets' own. Gone since 3.2."""
    terms = (*CATEGORY_TERMS, usdc, "Dollars")
    aave.configurator.setEModeCategory(CATEGORY, *terms, sender=governor)

    assert fault(weth, usdc, CATEGORY) == "position: e-mode has a price"


def test_init_after_a_gift_of_atokens_uses_them_all_the_same(
    aave, market, blueprint, governor, lender, token, weth
):
    """Aave puts to use what is supplied first; since 3.6 not what comes as aTokens before."""
    made = Stub(send_stub(governor), governor)
    supply(aave, weth, lender.address, lender, WAD)
    aave.atoken(weth).transfer(first_child(made.contract), 1, sender=lender)

    made.make(blueprint, aave.pool, market.collateral, market.debt, 0)
    weth.transfer(made.position, 10 * WAD, sender=token)
    made.act(made.position.lever, 10 * WAD, 10_000 * USDC, token)

    assert is_used(aave, made.position.address, weth)
    assert made.position.balances()[1] == pytest.approx(10_000 * USDC, abs=2)


def test_init_after_a_gift_of_another_collateral_is_not_changed(
    aave, market, blueprint, governor, lender, third, token, weth
):
    made = Stub(send_stub(governor), governor)
    supply(aave, third.coin, first_child(made.contract), lender, 1_000 * WAD)

    made.make(blueprint, aave.pool, market.collateral, market.debt, 0)
    weth.transfer(made.position, 10 * WAD, sender=token)
    made.act(made.position.lever, 10 * WAD, 10_000 * USDC, token)

    assert is_used(aave, made.position.address, weth)
    assert tuple(made.position.liquidation()) == (83 * WAD // 100, 5 * WAD // 100)
