"""One token at a time with the pair and the market it stands on, and what its tests need."""

import pytest
from ape import networks, project
from web3.exceptions import ContractLogicError

from scripts._devnet import ENDLESS, WAD, create_token, next_0002, now, set_price, warp_to


@pytest.fixture(params=["ETHBULL", "ETHBEAR"])
def token(request, tokens):
    """A long token, then a short one."""
    return tokens[request.param]


@pytest.fixture
def market(devnet, token):
    return devnet.long if token.rules().long else devnet.short


@pytest.fixture
def collateral(market):
    return market.collateral


@pytest.fixture
def debt(market):
    return market.debt


@pytest.fixture
def position(token):
    """Its address."""
    return token.position()


@pytest.fixture(scope="session")
def lender(devnet):
    """Lends to every market, and may do anything with its endless tokens."""
    return devnet.roles.lender


@pytest.fixture(scope="session")
def fill_time(devnet):
    """Go to `elapsed` seconds after the next 00:02:00 UTC; ETH then costs `eth_usd`."""

    def go(elapsed: int, eth_usd: str) -> None:
        warp_to(next_0002(now()) + elapsed)
        set_price(devnet, eth_usd)

    return go


@pytest.fixture
def below(token):
    """A price of ETH that takes the token from 3x to 2.7x."""
    return "2100" if token.rules().long else "1900"


@pytest.fixture
def above(token):
    """A price of ETH that takes the token from 3x to 3.4x."""
    return "1900" if token.rules().long else "2100"


@pytest.fixture
def far_above(token):
    """A price of ETH that takes the token past its emergency leverage: to 4.3x and 4.2x."""
    return "1740" if token.rules().long else "2150"


@pytest.fixture
def ruinous(token):
    """A price of ETH a little beyond the venue's liquidation LTV."""
    return "1550" if token.rules().long else "2441"


@pytest.fixture
def holder(token, minter):
    """The minter, with 1,000 shares."""
    token.mint(1_000 * WAD, ENDLESS, 0, sender=minter)
    return minter


@pytest.fixture
def free(devnet, ballast, minter):
    """A token whose rules ask for no fee, approved by the minter."""
    fees = {"mint_fee": 0, "redeem_fee": 0, "management_fee": 0}
    made = create_token(devnet, ballast, "ETHBULL", **fees)
    for coin in (devnet.weth, devnet.usdc):
        coin.approve(made, ENDLESS, sender=minter)
    return made


@pytest.fixture
def fault():
    """Why the constructor refuses its arguments."""

    def _fault(*arguments) -> str:
        creation = project.LeveragedToken.constructor.serialize_transaction(*arguments).data
        with pytest.raises(ContractLogicError) as caught:
            networks.provider.web3.eth.call({"data": creation})
        return str(caught.value.message).removeprefix("execution reverted: ")

    return _fault
