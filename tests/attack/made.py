"""A token of any two coins, however they behave, on a market of its own with settable oracles."""

from typing import Any

from ape import project
from ape.api import AccountAPI
from ape.contracts import ContractInstance

from scripts._devnet import CAP, ENDLESS, LONG_LLTV, RULES, TOKENS, Ballast, Devnet
from tests.attack.venues import Traded, venue_of

Coins = tuple[ContractInstance, ContractInstance]


def make_coins(maker: AccountAPI, *decimals: int) -> Coins:
    """Two that anyone may mint, of these decimals."""
    first, second = (maker.deploy(project.TestToken, "Coin", "COIN", each) for each in decimals)
    return first, second


def make_market(
    devnet: Devnet,
    coins: Coins,
    price: int,
    lltv: int = LONG_LLTV,
    lent: int = 10**24,
    borrowed: int = 10**22,
) -> Traded:
    """Lent to and borrowed from, at a raw `price` scaled by 1e36."""
    venue = venue_of(devnet)
    market = venue.open(coins, price, lltv)
    venue.use(market, lent, borrowed)
    return market


def make_token(
    devnet: Devnet,
    ballast: Ballast,
    maker: AccountAPI,
    market: Traded,
    seed: int,
    purse: int = 10**30,
    cap: int = CAP,
    oracle: Any = None,
    **rules: Any,
) -> ContractInstance:
    """3x long unless `rules` say otherwise; `maker`, with `purse` of each coin, seeds it."""
    for coin in (market.collateral, market.debt):
        coin.mint(maker, purse, sender=maker)
        coin.approve(ballast.factory, ENDLESS, sender=maker)
    rules = RULES | TOKENS["ETHBULL"][1] | rules
    people = devnet.roles.treasury, devnet.roles.deployer
    where = market.arguments, seed
    terms = ("Made", "MADE", rules, oracle or market.fill_oracle, *people, cap, *where)
    ballast.factory.create(*terms, sender=maker)
    token = project.LeveragedToken.at(ballast.factory.tokens(ballast.factory.count() - 1))
    for coin in (market.collateral, market.debt):
        coin.approve(token, ENDLESS, sender=maker)
    return token
