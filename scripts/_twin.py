"""The model of a token, in the state that the chain is in now."""

from dataclasses import fields

from ape import chain
from ape.contracts import ContractInstance

from scripts._devnet import Devnet
from scripts._model.rule_book import Rules
from scripts._model.token import Token
from scripts._model.venue import Account, Market, Position

NAME = "token"  # what the model calls the position's account
OTHERS = "others"  # holds all shares that exist


def twin(devnet: Devnet, token: ContractInstance) -> Token:
    """A model that answers as `token` would, and can be lived on without the chain.

    All shares are those of OTHERS; whoever mints in the model gets new ones.
    """
    told = token.rules()
    rules = Rules(**{field.name: getattr(told, field.name) for field in fields(Rules)})
    market = devnet.long if rules.long else devnet.short
    supply_assets, supply_shares, borrow_assets, borrow_shares, last_update, fee = (
        devnet.morpho.market(market.id)
    )
    _, owed, held = devnet.morpho.position(market.id, token.position())
    supply = token.totalSupply()
    venue = Market(
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
        accounts={NAME: Account(borrow_shares=owed, collateral=held)},
    )
    return Token(
        rules,
        Position(venue, NAME),
        price=market.fill_oracle.price(),
        cap=token.cap(),
        paused=token.paused(),
        settled_at=token.settled_at(),
        supply=supply,
        balances={OTHERS: supply},
    )
