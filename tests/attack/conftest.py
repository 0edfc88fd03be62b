"""An attacker with capital without end, its victims, and tokens of any pair to try it on."""

from collections.abc import Callable

import pytest
from ape import networks, project
from ape.contracts import ContractInstance

from scripts._devnet import ENDLESS, GAS, LONG_LLTV, RULES, TOKENS, USDC, WAD, Market
from tests.attack import purse
from tests.unit.morpho_position.markets import open_market, use_market

LENT, BORROWED = 10**9, 10**6  # whole coins in a market of its own
PURSE = 10**10  # whole coins of whoever acts there
SEED = 100  # whole coins of collateral
CAP = 10**30


@pytest.fixture(autouse=True)
def still():
    """Time moves only when a test moves it: a view and a transaction see the same second."""
    networks.provider.make_request("anvil_setBlockTimestampInterval", [0])
    yield
    networks.provider.make_request("anvil_removeBlockTimestampInterval", [])


@pytest.fixture(params=["ETHBULL", "ETHBEAR"])
def token(request, tokens):
    """A long token, then a short one."""
    return tokens[request.param]


@pytest.fixture
def market(devnet, token) -> Market:
    return devnet.long if token.rules().long else devnet.short


@pytest.fixture
def lender(devnet):
    """Lends to every market, and lends its endless coins to attackers."""
    return devnet.roles.lender


@pytest.fixture
def attacker(devnet, ballast, tokens, stranger, lender, weth, usdc):
    """Nobody in particular, with a flash loan for which it need not even pay."""
    weth.transfer(stranger, 10**9 * WAD, sender=lender)
    usdc.transfer(stranger, 10**13 * USDC, sender=lender)
    spenders = (devnet.morpho, devnet.swap_router, ballast.router, *tokens.values())
    for spender in spenders:
        for coin in (weth, usdc):
            coin.approve(spender, ENDLESS, sender=stranger, gas_limit=GAS)
    for each in tokens.values():
        each.approve(ballast.router, ENDLESS, sender=stranger)
    return stranger


@pytest.fixture
def victim(ballast, tokens, minter, weth, usdc):
    """The minter, who has approved the router for everything too."""
    for coin in (weth, usdc, *tokens.values()):
        coin.approve(ballast.router, ENDLESS, sender=minter)
    return minter


@pytest.fixture
def worth(devnet):
    """`worth(market, token, account)`: in debt units, see `purse`."""

    def _worth(market, token, account, price=None):
        return purse.worth(devnet, market, token, account, price)

    return _worth


@pytest.fixture
def open_token(
    devnet, ballast, owner, treasury, minter, stranger, taker
) -> Callable[..., tuple[ContractInstance, Market]]:
    """`open_token(18, 6, price, **rules)`: a token of two new coins of so many decimals.

    It stands on a market of its own with settable oracles, at 1e36 times raw debt for raw
    collateral. Minter, taker and stranger are rich in both coins and have approved the token and
    the venue. A 3x long token but for what `rules` say; `seed` raw units of collateral.
    """

    def _open(
        collateral_decimals: int,
        debt_decimals: int,
        price: int,
        lltv: int = LONG_LLTV,
        seed: int | None = None,
        **rules,
    ):
        deployer = devnet.roles.deployer
        decimals = collateral_decimals, debt_decimals
        coins = [
            deployer.deploy(project.TestToken, f"Coin {number}", f"COIN{number}", places)
            for number, places in enumerate(decimals)
        ]
        market = open_market(devnet, *coins, price, lltv)
        use_market(devnet, market, LENT * 10**debt_decimals, BORROWED * 10**debt_decimals)
        one = 10**collateral_decimals
        for coin, places in zip(coins, decimals, strict=True):
            for account in (minter, taker, stranger):
                coin.mint(account, PURSE * 10**places, sender=account)
                coin.approve(devnet.morpho, ENDLESS, sender=account)
            coin.approve(ballast.factory, ENDLESS, sender=minter)

        own = RULES | TOKENS["ETHBULL"][1] | rules
        terms = (own, market.fill_oracle, treasury, owner, CAP, market.id)
        amount = SEED * one if seed is None else seed
        receipt = ballast.factory.create("Coin 0 bull", "BULL", *terms, amount, sender=minter)
        made = project.LeveragedToken.at(receipt.return_value)
        for coin in coins:
            for account in (minter, taker, stranger):
                coin.approve(made, ENDLESS, sender=account)
        return made, market

    return _open
