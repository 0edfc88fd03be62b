"""A position whose token is one of us: who deploys it may move it."""

import pytest
from ape import networks, project
from web3.exceptions import ContractLogicError

from scripts._devnet import USDC, WAD


@pytest.fixture(scope="module")
def token(devnet):
    """Stands in the token's place."""
    return devnet.roles.trader


@pytest.fixture(scope="module")
def market(devnet):
    """WETH against USDC."""
    return devnet.long


@pytest.fixture(scope="module")
def deploy(devnet, token):
    return lambda market: token.deploy(project.MorphoPosition, devnet.morpho, market.id)


@pytest.fixture(scope="module")
def position(deploy, market):
    """Empty, on the long market."""
    return deploy(market)


@pytest.fixture(scope="module")
def levered(deploy, market, token, weth):
    """Another, with 10 WETH against 10,000 USDC."""
    position = deploy(market)
    weth.transfer(position, 10 * WAD, sender=token)
    position.lever(10 * WAD, 10_000 * USDC, token, sender=token)
    return position


@pytest.fixture(scope="module")
def lender(devnet):
    """Lends to every market, and may do anything with its endless tokens."""
    return devnet.roles.lender


@pytest.fixture(scope="module")
def coins(lender):
    """Two test tokens of 18 and 6 decimals, for a market of one's own."""
    return [lender.deploy(project.TestToken, "Test", "TEST", decimals) for decimals in (18, 6)]


@pytest.fixture(scope="module", autouse=True)
def built(position, levered, coins, lender, taker, stranger, weth, usdc):
    """All at once: for one that came later Ape would build the others again."""


@pytest.fixture
def fault():
    """Why the constructor refuses a market."""

    def _fault(morpho, identity: bytes) -> str:
        creation = project.MorphoPosition.constructor.serialize_transaction(morpho, identity)
        with pytest.raises(ContractLogicError) as caught:
            networks.provider.web3.eth.call({"data": creation.data})
        return str(caught.value.message).removeprefix("execution reverted: ")

    return _fault
