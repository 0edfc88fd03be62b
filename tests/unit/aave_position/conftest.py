"""A position whose token is one of us, on the Aave of either version: who deploys may move it."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from ape import project
from ape.api import AccountAPI
from ape.contracts import ContractInstance

from scripts._aave import Aave, AaveMarket
from scripts._devnet import ENDLESS, USDC, WAD
from tests.aave_now import VERSIONS, on_version
from tests.unit.aave_position.stub import Stub, send_stub

THIRD_TERMS = (5_000, 6_000, 11_000)  # LTV, liquidation threshold and bonus, in basis points


class Third(NamedTuple):
    """A coin that is neither leg, worth a dollar, and its price feed."""

    coin: ContractInstance
    feed: ContractInstance


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda version: version.name)
def version(request):
    return request.param


@pytest.fixture(scope="module")
def world(devnet, version):
    """The devnet with that Aave on it."""
    return on_version(devnet, version)


@pytest.fixture(scope="module")
def aave(world) -> Aave:
    return world.aave


@pytest.fixture(scope="module")
def token(devnet):
    """Stands in the token's place."""
    return devnet.roles.trader


@pytest.fixture(scope="module")
def market(world) -> AaveMarket:
    """WETH against USDC."""
    return world.market(True)


@pytest.fixture(scope="module")
def governor(devnet):
    """Governs Aave."""
    return devnet.roles.deployer


@pytest.fixture(scope="module")
def lender(devnet):
    """Lends every coin, and may do anything with its endless ones."""
    return devnet.roles.lender


@pytest.fixture(scope="module")
def deploy(aave, market, token) -> Callable[..., ContractInstance]:
    """`deploy()`: a position on WETH against USDC, or on other coins or in an e-mode."""

    def _deploy(collateral=market.collateral, debt=market.debt, category=0):
        return token.deploy(project.AavePosition, aave.pool, collateral, debt, category)

    return _deploy


@pytest.fixture(scope="module")
def position(deploy):
    """Empty."""
    return deploy()


@pytest.fixture(scope="module")
def levered(deploy, token, weth):
    """Another, with 10 WETH against 10,000 USDC."""
    position = deploy()
    weth.transfer(position, 10 * WAD, sender=token)
    position.lever(10 * WAD, 10_000 * USDC, token, sender=token)
    return position


@pytest.fixture(scope="module")
def list_coin(aave, version, governor, stranger, lender) -> Callable[..., Third]:
    """`list_coin()`: a new coin that the lender is rich in, as a reserve of its own."""

    def _list(terms: tuple[int, int, int] = THIRD_TERMS, decimals: int = 18) -> Third:
        coin = governor.deploy(project.TestToken, "Third", "THIRD", decimals)
        feed = governor.deploy(project.Feed, 8, "THIRD / USD", 10**8)
        aave.oracle.setAssetSources([coin], [feed], sender=governor)
        version.list_reserve(governor, aave, coin, 10**9, terms, stranger)
        coin.mint(lender, 10**9 * 10**decimals, sender=lender)
        coin.approve(aave.pool, ENDLESS, sender=lender)
        return Third(coin, feed)

    return _list


@pytest.fixture(scope="module")
def third(list_coin) -> Third:
    return list_coin()


@pytest.fixture(scope="module")
def stub(version, governor) -> ContractInstance:
    """A contract in the token's place, with a treasury; one for each version."""
    return send_stub(governor)


@pytest.fixture(scope="module")
def blueprint(governor) -> str:
    return project.AavePosition.declare(sender=governor).contract_address


@pytest.fixture(scope="module")
def stubbed(aave, market, stub, blueprint, governor, weth, token) -> Stub:
    """A position of the stub's, with 10 WETH against 10,000 USDC."""
    made = Stub(stub, governor)
    made.make(blueprint, aave.pool, market.collateral, market.debt, 0)
    weth.transfer(made.position, 10 * WAD, sender=token)
    made.act(made.position.lever, 10 * WAD, 10_000 * USDC, token)
    return made


@pytest.fixture(scope="module", autouse=True)
def built(position, levered, third, stubbed, taker, stranger, treasury, usdc):
    """All at once: for one that came later Ape would build the others again."""


@pytest.fixture
def someone(stranger) -> AccountAPI:
    """Has nothing to do with the position."""
    return stranger
