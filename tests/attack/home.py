"""A token at home on Aave, of either version, and what whoever attacks it there needs."""

from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from ape import project
from ape.api import AccountAPI
from ape.contracts import ContractInstance
from eth_abi import encode

from scripts._aave import Aave, AaveMarket
from scripts._chain import paid_by
from scripts._devnet import (
    ENDLESS,
    RULES,
    USDC,
    WAD,
    Ballast,
    Devnet,
    create_token,
    deploy_ballast,
    next_0002,
    now,
    price,
    set_price,
    warp_to,
)
from tests.aave_now import VERSIONS, Version, on_version
from tests.attack.purse import supply
from tests.unit.aave_position.reserves import books

SHARES = 1_000 * WAD  # that the minter has
THIRD_TERMS = (5_000, 6_000, 11_000)  # LTV, liquidation threshold and bonus: basis points


class Home(NamedTuple):
    """Where it lives. `third` is a reserve that it has nothing to do with, worth a dollar."""

    version: Version
    devnet: Devnet
    ballast: Ballast
    token: ContractInstance  # three times long
    position: ContractInstance
    third: ContractInstance

    @property
    def aave(self) -> Aave:
        assert self.devnet.aave
        return self.devnet.aave

    @property
    def market(self) -> AaveMarket:
        market = self.devnet.market(True)
        assert isinstance(market, AaveMarket)
        return market

    @property
    def governor(self) -> AccountAPI:
        """Governs Aave."""
        return self.devnet.roles.deployer

    def state(self) -> tuple[int, int, int]:
        """Collateral, debt and supply, as the token reads them: what I-M2 is about."""
        return *self.position.balances(), supply(self.token)

    def worth(self, account: AccountAPI) -> Fraction:
        """Coins, aTokens and shares at NAV, in dollars' raw units, at the feeds' price."""
        rate = Fraction(price(self.devnet)) * USDC / WAD
        held, owed = books(self.aave, self.market, self.position.address)
        shares = (held * rate - owed) * self.token.balanceOf(account) / supply(self.token)
        weth = self.devnet.weth.balanceOf(account)
        weth += self.aave.atoken(self.devnet.weth).balanceOf(account)
        return weth * rate + self.devnet.usdc.balanceOf(account) + shares

    def go_to_fills(self, eth_usd: str) -> None:
        """It is 00:47 UTC, and ETH costs `eth_usd`."""
        warp_to(next_0002(now()) + 45 * 60)
        set_price(self.devnet, eth_usd)


def per_share_is_kept(before: tuple[int, int, int], after: tuple[int, int, int]) -> bool:
    """I-M2: C' * S >= C * S' and D' * S <= D * S'."""
    (held, owed, shares), (holds, owes, makes) = before, after
    return holds * shares >= held * makes and owes * shares <= owed * makes


def list_third(version: Version, world: Devnet) -> ContractInstance:
    """A coin of 18 decimals; lender and stranger are rich in it."""
    roles, aave = world.roles, world.aave
    governor = roles.deployer
    assert aave
    coin = governor.deploy(project.TestToken, "Third", "THIRD", 18)
    feed = governor.deploy(project.Feed, 8, "THIRD / USD", 10**8)
    aave.oracle.setAssetSources([coin], [feed], sender=governor)
    version.list_reserve(governor, aave, coin, 10**9, THIRD_TERMS, roles.stranger)
    for person in (roles.lender, roles.stranger):
        coin.mint(person, 10**9 * WAD, sender=person)
        coin.approve(aave.pool, ENDLESS, sender=person)
    return coin


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda version: version.name)
def home(request, devnet, ready) -> Home:
    """With a token that has a holder, the minter; minter and taker have approved it."""
    version = request.param
    world = on_version(devnet, version)
    ballast = deploy_ballast(world)
    token = create_token(world, ballast, "ETHBULL")
    roles = world.roles
    for coin in (world.weth, world.usdc):
        for person in (roles.trader, roles.liquidator):
            coin.approve(token, ENDLESS, sender=person)
    token.mint(SHARES, ENDLESS, 0, sender=roles.trader)
    position = project.AavePosition.at(token.position())
    return Home(version, world, ballast, token, position, list_third(version, world))


@pytest.fixture
def raider(home, lender, stranger, weth, usdc):
    """Nobody in particular, with a flash loan of both coins, who has approved all there is."""
    weth.transfer(stranger, 10**6 * WAD, sender=lender)
    usdc.transfer(stranger, 10**10 * USDC, sender=lender)
    for spender in (home.aave.pool, home.token):
        for coin in (weth, usdc):
            coin.approve(spender, ENDLESS, sender=stranger)
    return stranger


def creation(home: Home, category: int = 0, **rules: Any) -> tuple:
    """What `create` takes for another token like this one, but for some `rules` or an e-mode."""
    name, own = home.devnet.tokens["ETHBULL"]
    market, roles = home.market, home.devnet.roles
    told = encode(
        ["address", "address", "uint8"],
        [market.collateral.address, market.debt.address, category],
    )
    people = roles.treasury, roles.deployer
    terms = (RULES | own | rules, market.fill_oracle, *people, 10**30, told)
    return name, "OTHER", *terms, WAD


def create(home: Home, category: int = 0, **rules: Any) -> ContractInstance:
    """That token; the minter, who has approved it, seeds it with a coin."""
    maker = home.devnet.roles.trader
    home.devnet.weth.approve(home.ballast.factory, ENDLESS, sender=maker)
    made = home.ballast.factory.create(*creation(home, category, **rules), **paid_by(maker))
    token = project.LeveragedToken.at(made.return_value)
    for coin in (home.devnet.weth, home.devnet.usdc):
        coin.approve(token, ENDLESS, sender=maker)
    return token
