"""A fill of what is open, as it would be now, and the transaction that does it.

A taker brings collateral below target and debt above it, and takes the other of the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import click

from scripts._calldata import calldata
from scripts._lens import Facts, Fault, Lane, State
from scripts._model import leverage_math
from scripts._wallet.bounds import at_least
from scripts._wallet.clock import date_of, in_words
from scripts._wallet.coins import Coin
from scripts._wallet.node import Call, Node, Reverted
from scripts._wallet.place import Place
from scripts._wallet.prices import worth
from scripts._wallet.screen import describe

FILL = "fill(address,uint24,uint256,uint256,address)"
# What the keeper says where a size earns nothing, or is more than the pool holds.
LOSES = {"keeper: profit below minimum", "keeper: nothing to fill", "swap: pool is too shallow"}


@dataclass(frozen=True)
class Offer:
    """What is open of a token now: `brings` and `takes` are the coins, and the most of each."""

    place: Place
    state: State
    facts: Facts
    brings: Coin
    takes: Coin

    @property
    def token(self) -> str:
        """Its address."""
        return self.state.token

    def profit_by(self, node: Node, sender: str) -> Callable[[int], int | None]:
        """What a flash fill of a size earns in the coin that is taken; None where it loses."""

        def profit(size: int) -> int | None:
            call = self.flash(size, 0, sender)
            try:
                return int.from_bytes(node.call(call.to, call.data, sender), "big")
            except Reverted as reverted:
                if reverted.reason in LOSES:
                    return None
                raise

        return profit

    def legs(self, node: Node, size: int) -> tuple[int, int]:
        """What a fill of at most `size` brings and takes."""
        way = "lever" if self.state.levering else "delever"
        view = f"preview_fill_{way}(uint256)"
        brings, takes = node.ask(self.token, view, (size,), "uint256 uint256")
        return brings, takes

    def flash(self, size: int, min_profit: int, receiver: str) -> Call:
        """The keeper's fill, without capital."""
        order = (self.token, self.place.pool_fee(self.facts), size, min_profit, receiver)
        return Call(self.place.keeper, calldata(FILL, *order))

    def own(self, brings: int, least: int, receiver: str) -> Call:
        """The token's fill, with what the account has."""
        method = "fill_lever" if self.state.levering else "fill_delever"
        signature = f"{method}(uint256,uint256,address)"
        return Call(self.token, calldata(signature, brings, least, receiver))

    def gain(self, brings: int, takes: int) -> Decimal:
        """What is taken less what is brought, in raw units of the quote asset, at the oracle's."""
        levering, price, long = self.state.levering, self.state.price, self.facts.rules.long
        return worth(takes, levering, price, long) - worth(brings, not levering, price, long)

    def gas_in_quote(self, node: Node, wei: int) -> Decimal | None:
        """Raw units of the quote asset that gas costs: at the oracle's price where WETH is of the
        pair, else at a pool's, and None where there is none.
        """
        facts, long = self.facts, self.facts.rules.long
        weth = self.place.network.coins.get("WETH")
        if weth in (facts.collateral, facts.debt):
            return worth(wei, weth == facts.debt, self.state.price, long)
        return self.place.ether_in(node, facts.debt if long else facts.collateral, wei)

    def profit_in_quote(self, profit: int) -> Decimal:
        """Raw units of the quote asset that `profit` is worth, at the oracle's price."""
        return worth(profit, self.state.levering, self.state.price, self.facts.rules.long)

    def leverage_after(self, brings: int, takes: int) -> int:
        """The token's leverage after it, in WAD and without sign."""
        state = self.state
        if state.levering:
            collateral, debt = state.collateral + brings, state.debt + takes
        else:
            collateral, debt = state.collateral - takes, state.debt - brings
        return leverage_math.leverage(collateral, debt, state.price, self.facts.rules.long)


def offer_of(place: Place, node: Node, looked: tuple[State, Facts]) -> Offer:
    """What is open of a token. Raises click.ClickException that says when, if nothing is."""
    state, facts = looked
    if state.faults & (Fault.PRICE | Fault.AUCTION):
        troubles = "; ".join(describe(state, facts)["faults"])
        raise click.ClickException(f"{facts.symbol} cannot be filled: {troubles}")
    if state.lane == Lane.CLOSED:
        soon = state.next_rebalance
        raise click.ClickException(
            f"no lane of {facts.symbol} is open: the next may be at {date_of(soon)}, in "
            f"{in_words(soon - node.time)}, or at once when leverage passes its emergency; "
            "ape run status tells"
        )
    coins = place.coins(facts)
    by_address = {coin.address: coin for coin in coins.values()}
    pair = (by_address[facts.collateral], by_address[facts.debt])
    brings, takes = pair if state.levering else (pair[1], pair[0])
    return Offer(place, state, facts, brings, takes)


def least_profit(profit: int, slippage: int) -> int:
    """The profit below which a flash fill reverts: at least one unit."""
    return max(1, at_least(profit, slippage))
