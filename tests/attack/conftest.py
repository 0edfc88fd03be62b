"""An attacker with capital without end, its victims, and tokens of any pair to try it on."""

from collections.abc import Callable
from typing import Any

import pytest
from ape import accounts, project
from ape.contracts import ContractInstance

from scripts._devnet import ENDLESS, GAS, LONG_LLTV, RULES, TOKENS, USDC, WAD, Market
from tests.attack import purse
from tests.attack.home import home, raider
from tests.unit.morpho_position.markets import open_market, use_market
from tests.unit.router.conftest import list_coin, router, sign

__all__ = ["home", "list_coin", "raider", "router", "sign"]  # fixtures

LENT, BORROWED = 10**9, 10**6  # whole coins in a market of its own
PURSE = 10**10  # whole coins of whoever acts there
SEED = 100  # whole coins of collateral
CAP = 10**30


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
def open_pair(devnet, ballast, minter, stranger, taker) -> Callable[..., Market]:
    """`open_pair(18, 6, price)`: a market of two new coins of so many decimals, in use.

    Its oracles are settable, at 1e36 times raw debt for raw collateral. Minter, taker and stranger
    are rich in both coins and have approved the venue; the minter may create tokens.
    """

    def _open(collateral_decimals: int, debt_decimals: int, price: int, lltv: int = LONG_LLTV):
        deployer = devnet.roles.deployer
        collateral, debt = (
            deployer.deploy(project.TestToken, f"Coin {places}", f"COIN{places}", places)
            for places in (collateral_decimals, debt_decimals)
        )
        market = open_market(devnet, collateral, debt, price, lltv)
        use_market(devnet, market, LENT * 10**debt_decimals, BORROWED * 10**debt_decimals)
        for coin in (collateral, debt):
            for account in (minter, taker, stranger):
                coin.mint(account, PURSE * 10 ** coin.decimals(), sender=account)
                coin.approve(devnet.morpho, ENDLESS, sender=account)
        collateral.approve(ballast.factory, ENDLESS, sender=minter)
        return market

    return _open


@pytest.fixture
def creation(owner, treasury) -> Callable[..., tuple]:
    """`creation(market, **rules)`: what `create` takes for a 3x long token, but for some `rules`.

    `seed` is its collateral, in raw units.
    """

    def _creation(market: Market, seed: int | None = None, **rules: Any) -> tuple:
        own = RULES | TOKENS["ETHBULL"][1] | rules
        terms = (own, market.fill_oracle, treasury, owner, CAP, market.id)
        amount = SEED * 10 ** market.collateral.decimals() if seed is None else seed
        return "Coin bull", "BULL", *terms, amount

    return _creation


@pytest.fixture
def create(ballast, creation, minter, stranger, taker) -> Callable[..., ContractInstance]:
    """`create(market, **rules)`: that token; minter, taker and stranger have approved it."""

    def _create(market: Market, **rules: Any) -> ContractInstance:
        receipt = ballast.factory.create(*creation(market, **rules), sender=minter)
        made = project.LeveragedToken.at(receipt.return_value)
        for coin in (market.collateral, market.debt):
            for account in (minter, taker, stranger):
                coin.approve(made, ENDLESS, sender=account)
        return made

    return _create


@pytest.fixture
def open_token(open_pair, create) -> Callable[..., tuple[ContractInstance, Market]]:
    """`open_token(18, 6, price, **rules)`: a market of its own, and a token on it."""

    def _open(
        collateral_decimals: int,
        debt_decimals: int,
        price: int,
        lltv: int = LONG_LLTV,
        **rules: Any,
    ):
        market = open_pair(collateral_decimals, debt_decimals, price, lltv)
        return create(market, **rules), market

    return _open


@pytest.fixture
def post() -> Callable[[Market, int], None]:
    """`post(market, price)`: what both oracles of a market of its own say from now on."""

    def _post(market: Market, price: int) -> None:
        for oracle in (market.venue_oracle, market.fill_oracle):
            oracle.set_price(price, sender=accounts.test_accounts[0])

    return _post
