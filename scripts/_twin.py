"""The model of a token, in the state that the chain is in now."""

from collections.abc import Mapping
from dataclasses import fields

from ape import chain
from ape.contracts import ContractInstance

from scripts._aave import Aave, AaveMarket
from scripts._devnet import Devnet, Market
from scripts._model import aave, port, venue
from scripts._model.rule_book import Rules
from scripts._model.token import Token
from scripts._thirdparty import container

NAME = "token"  # what the model calls the position's account
OTHERS = "others"  # holds all shares that exist, and what no one else has on Aave

# Bits of a reserve's configuration on Aave: where they begin, and how many.
BITS = {
    "ltv": (0, 16),
    "threshold": (16, 16),
    "bonus": (32, 16),
    "factor": (64, 16),
    "borrow_cap": (80, 36),
}


def twin(devnet: Devnet, token: ContractInstance, people: Mapping[str, str] | None = None) -> Token:
    """A model that answers as `token` would, and can be lived on without the chain.

    All shares are those of OTHERS; whoever mints in the model gets new ones. `people` are addresses
    of users of Aave whom the model tells apart, by what it calls them.
    """
    told = token.rules()
    rules = Rules(**{field.name: getattr(told, field.name) for field in fields(Rules)})
    market = devnet.market(rules.long)
    position: port.Position
    if isinstance(market, Market):
        position = _on_morpho(devnet, market, token.position())
    else:
        users = {NAME: token.position(), **(people or {})}
        position = _on_aave(devnet, market, rules.long, users)
    supply = token.totalSupply()
    return Token(
        rules,
        position,
        price=market.fill_oracle.price(),
        cap=token.cap(),
        paused=token.paused(),
        settled_at=token.settled_at(),
        supply=supply,
        balances={OTHERS: supply},
    )


def _on_morpho(devnet: Devnet, market: Market, position: str) -> venue.Position:
    supply_assets, supply_shares, borrow_assets, borrow_shares, last_update, fee = (
        devnet.morpho.market(market.id)
    )
    _, owed, held = devnet.morpho.position(market.id, position)
    made = venue.Market(
        lltv=market.lltv,
        price=market.venue_oracle.price(),
        now=chain.blocks.head.timestamp,
        rate=market.irm.rate(),
        fee=fee,
        total_supply_assets=supply_assets,
        total_supply_shares=supply_shares,
        total_borrow_assets=borrow_assets,
        total_borrow_shares=borrow_shares,
        last_update=last_update,
        accounts={NAME: venue.Account(borrow_shares=owed, collateral=held)},
    )
    return venue.Position(made, NAME)


def _on_aave(
    devnet: Devnet, market: AaveMarket, long: bool, users: Mapping[str, str]
) -> aave.Position:
    place = devnet.aave
    assert place is not None
    collateral, debt = (reserve(place, coin, users) for coin in (market.collateral, market.debt))
    made = aave.Market(collateral, debt, chain.blocks.head.timestamp, collateral_moves=long)
    return aave.Position(made, NAME)


def reserve(place: Aave, coin: ContractInstance, users: Mapping[str, str]) -> aave.Reserve:
    """A reserve of Aave as the model has it. What is not of `users` is that of OTHERS."""
    data = place.pool.getReserveData(coin)
    strategy = container("aave/DefaultReserveInterestRateStrategy").at(
        data.interestRateStrategyAddress
    )
    atoken = container("aave/AToken").at(data.aTokenAddress)
    debt_token = container("aave/VariableDebtToken").at(data.variableDebtTokenAddress)
    (bits,) = data.configuration
    marks = {name: place.pool.getUserConfiguration(user)[0] for name, user in users.items()}
    return aave.Reserve(
        aave.Terms(
            unit=10 ** coin.decimals(),
            **{name: (bits >> start) % 2**size for name, (start, size) in BITS.items()},
            kink=strategy.OPTIMAL_USAGE_RATIO(),
            base=strategy.getBaseVariableBorrowRate(),
            slope=strategy.getVariableRateSlope1(),
            steep=strategy.getVariableRateSlope2(),
        ),
        answer=place.oracle.getAssetPrice(coin),
        last_update=data.lastUpdateTimestamp,
        there=coin.balanceOf(atoken),
        income=data.liquidityIndex,
        owing=data.variableBorrowIndex,
        income_rate=data.currentLiquidityRate,
        owing_rate=data.currentVariableBorrowRate,
        treasury=data.accruedToTreasury,
        supplied=_balances(atoken, users),
        owed=_balances(debt_token, users),
        used={name for name, mark in marks.items() if mark >> (2 * data.id + 1) & 1},
    )


def _balances(token: ContractInstance, users: Mapping[str, str]) -> dict[str, int]:
    """Scaled balances of an aToken or a debt token."""
    found = {name: token.scaledBalanceOf(user) for name, user in users.items()}
    return found | {OTHERS: token.scaledTotalSupply() - sum(found.values())}
