"""An attacker with capital without end, its victims, and tokens of any pair to try it on."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from ape import accounts, project
from ape.contracts import ContractInstance

from scripts._devnet import ENDLESS, GAS, LONG_LLTV, RULES, TOKENS, USDC, WAD
from scripts._model.fixed_point import SCALE
from tests.attack import purse
from tests.attack.home import home, raider
from tests.attack.venues import Traded, Venue, venue_of
from tests.unit.router import zaps
from tests.unit.router.conftest import router, sign

__all__ = ["home", "raider", "router", "sign"]  # fixtures

LENT, BORROWED = 10**9, 10**6  # whole coins in a market of its own
PURSE = 10**10  # whole coins of whoever acts there
SEED = 100  # whole coins of collateral
CAP = 10**30


@pytest.fixture(params=["ETHBULL", "ETHBEAR"])
def token(request, tokens):
    """A long token, then a short one."""
    return tokens[request.param]


@pytest.fixture(scope="session")
def venue(devnet) -> Venue:
    """Where tokens live: see `venues`."""
    return venue_of(devnet)


@pytest.fixture
def market(venue, token) -> Traded:
    """Where that token borrows."""
    return venue.market(token.rules().long)


@pytest.fixture
def long_market(venue) -> Traded:
    """Where ETHBULL borrows."""
    return venue.market(True)


@pytest.fixture
def danger(token, market) -> tuple[int, int]:
    """Dollars for ETH: the first price past the emergency trigger, and the first that liquidates.

    From 2,000, at target; whole ones. LTV = D / V = (G - 1) / G, where G = V / (V - D) is leverage,
    and one more for a short.
    """
    rules, least = token.rules(), 0 if token.rules().long else WAD
    at_target, trigger = (
        Fraction(each + least - WAD, each + least) for each in (rules.target, rules.emergency)
    )
    limits = trigger, Fraction(market.lltv, WAD)
    if rules.long:
        first, last = (-(-2_000 * at_target // limit) - 1 for limit in limits)
    else:
        first, last = (2_000 * limit // at_target + 1 for limit in limits)
    return int(first), int(last)


@pytest.fixture
def lender(devnet):
    """Lends to every market, and lends its endless coins to attackers."""
    return devnet.roles.lender


@pytest.fixture
def attacker(devnet, venue, ballast, tokens, stranger, lender, weth, usdc):
    """Nobody in particular, with a flash loan for which it need not even pay."""
    weth.transfer(stranger, 10**9 * WAD, sender=lender)
    usdc.transfer(stranger, 10**13 * USDC, sender=lender)
    spenders = (venue.address, devnet.swap_router, ballast.router, *tokens.values())
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
def open_pair(devnet, venue, ballast, minter, stranger, taker) -> Callable[..., Traded]:
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
        market = venue.open((collateral, debt), price, lltv)
        venue.use(market, LENT * 10**debt_decimals, BORROWED * 10**debt_decimals)
        for coin in (collateral, debt):
            for account in (minter, taker, stranger):
                coin.mint(account, PURSE * 10 ** coin.decimals(), sender=account)
                coin.approve(venue.address, ENDLESS, sender=account)
        collateral.approve(ballast.factory, ENDLESS, sender=minter)
        return market

    return _open


@pytest.fixture
def creation(owner, treasury) -> Callable[..., tuple]:
    """`creation(market, **rules)`: what `create` takes for a 3x long token, but for some `rules`.

    `seed` is its collateral, in raw units.
    """

    def _creation(market: Traded, seed: int | None = None, **rules: Any) -> tuple:
        own = RULES | TOKENS["ETHBULL"][1] | rules
        terms = (own, market.fill_oracle, treasury, owner, CAP, market.arguments)
        amount = SEED * 10 ** market.collateral.decimals() if seed is None else seed
        return "Coin bull", "BULL", *terms, amount

    return _creation


@pytest.fixture
def create(ballast, creation, minter, stranger, taker) -> Callable[..., ContractInstance]:
    """`create(market, **rules)`: that token; minter, taker and stranger have approved it."""

    def _create(market: Traded, **rules: Any) -> ContractInstance:
        receipt = ballast.factory.create(*creation(market, **rules), sender=minter)
        made = project.LeveragedToken.at(receipt.return_value)
        for coin in (market.collateral, market.debt):
            for account in (minter, taker, stranger):
                coin.approve(made, ENDLESS, sender=account)
        return made

    return _create


@pytest.fixture
def open_token(open_pair, create) -> Callable[..., tuple[ContractInstance, Traded]]:
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
def list_coin(devnet, venue, ballast, minter) -> Callable[[ContractInstance], ContractInstance]:
    """`list_coin(coin)`: a 3x long token of a test token that is worth 2,000 USDC."""

    def _list(coin: ContractInstance) -> ContractInstance:
        one = 10 ** coin.decimals()
        market = venue.open((coin, devnet.usdc), 2_000 * USDC * SCALE // one)
        venue.use(market, LENT * USDC, BORROWED * USDC)
        return zaps.list_coin(devnet, ballast, minter, coin, market)

    return _list


@pytest.fixture
def post() -> Callable[[Traded, int], None]:
    """`post(market, price)`: what both oracles of a market of its own say from now on."""

    def _post(market: Traded, price: int) -> None:
        sender = accounts.test_accounts[0]
        market.venue_oracle.set_price(price, sender=sender)
        # as fine as the venue can say it
        market.fill_oracle.set_price(market.venue_oracle.price(), sender=sender)

    return _post
