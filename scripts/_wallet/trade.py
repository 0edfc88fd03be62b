"""A mint or a redemption through the router: what it would be now, and the transaction."""

from dataclasses import dataclass
from typing import NamedTuple

import click

from scripts._calldata import calldata
from scripts._lens import Facts, State
from scripts._model.token import mint_legs, redeem_legs
from scripts._wallet.amounts import show_least, show_most
from scripts._wallet.bounds import at_least, at_most
from scripts._wallet.coins import Coin
from scripts._wallet.node import Call, Node
from scripts._wallet.place import Place
from scripts._wallet.swap import Swap, swap_of

SHARE_DECIMALS = 18

PERMIT = "(uint256,uint256,uint8,bytes32,bytes32)"
ORDER = f"(address,address,uint24,uint256,uint256,address,uint256,{PERMIT})"
QUOTE = "(address,address,uint24,uint256)"


class Permit(NamedTuple):
    """A signed approval as the router takes it; the amount zero: there is none."""

    amount: int = 0
    deadline: int = 0
    v: int = 0
    r: bytes = bytes(32)
    s: bytes = bytes(32)


class Terms(NamedTuple):
    """What a person sets: slippage in basis points, and whom and until when it is for."""

    slippage: int
    receiver: str
    deadline: int


@dataclass(frozen=True)
class Trade:
    """What would happen, in raw units.

    `total` is what would be paid or received of `coin`, and `most` or `least` the bounds: a mint
    pays `most` and receives `least` shares at worst, a redemption gives `shares` for `least`.
    """

    minting: bool
    router: str
    state: State
    facts: Facts
    coin: Coin
    shares: int
    fee_shares: int
    total: int
    most: int  # that is given: of the coin in a mint, of shares in a redemption
    least: int  # that is received: of shares in a mint, of the coin in a redemption
    swap: Swap | None
    mid: int  # the pool's price before, debt for one collateral, scaled by 1e36
    method: str
    pool_fee: int
    terms: Terms

    @property
    def given(self) -> Coin:
        """What the router takes: the coin, or the shares."""
        return self.coin if self.minting else shares_of(self.facts)

    @property
    def words(self) -> str:
        """What it does, with its bounds."""
        shares, coin = shares_of(self.facts), self.coin
        to = f"to {self.terms.receiver}"
        if not self.minting:
            least = show_least(self.least, coin.decimals, coin.symbol)
            return f"redeem {shares.show(self.shares)} for at least {least}, {to}"
        most = show_most(self.most, coin.decimals, coin.symbol)
        if self.method == "mint":
            return f"mint {shares.show(self.shares)} for at most {most}, {to}"
        least = show_least(self.least, shares.decimals, shares.symbol)
        return f"mint at least {least} for {most}, {to}"

    def call(self, permit: Permit | None = None) -> Call:
        """The transaction."""
        first, second = {
            "mint": (self.shares, self.most),
            "mint_exact_in": (self.most, self.least),
            "redeem": (self.shares, self.least),
        }[self.method]
        order = (self.facts.token, self.coin.address, self.pool_fee, first, second)
        arguments = (*order, self.terms.receiver, self.terms.deadline, tuple(permit or Permit()))
        value = self.most if self.minting and self.coin.native else 0
        return Call(self.router, calldata(self.method + ORDER, *arguments), value)


def shares_of(facts: Facts) -> Coin:
    """Shares as a coin."""
    return Coin(facts.symbol, SHARE_DECIMALS, facts.token, facts.token)


def mint_for(
    place: Place, node: Node, looked: tuple[State, Facts], coin: Coin, paid: int, terms: Terms
) -> Trade:
    """As many shares as `paid` buys."""
    shares = _quote(place, node, looked[1], coin, "quote_mint_exact_in", paid)
    if not shares:
        raise click.ClickException(f"{coin.show(paid)} buys no share: pay more")
    total = _quote(place, node, looked[1], coin, "quote_mint", shares)
    bounds = (paid, at_least(shares, terms.slippage))
    return _trade(place, node, looked, coin, "mint_exact_in", shares, total, bounds, terms)


def mint_exactly(
    place: Place, node: Node, looked: tuple[State, Facts], coin: Coin, shares: int, terms: Terms
) -> Trade:
    """Exactly `shares`, for whatever they cost."""
    total = _quote(place, node, looked[1], coin, "quote_mint", shares)
    bounds = (at_most(total, terms.slippage), shares)
    return _trade(place, node, looked, coin, "mint", shares, total, bounds, terms)


def redeem(
    place: Place, node: Node, looked: tuple[State, Facts], coin: Coin, shares: int, terms: Terms
) -> Trade:
    """What exactly `shares` bring."""
    total = _quote(place, node, looked[1], coin, "quote_redeem", shares)
    bounds = (shares, at_least(total, terms.slippage))
    return _trade(place, node, looked, coin, "redeem", shares, total, bounds, terms)


def _quote(place: Place, node: Node, facts: Facts, coin: Coin, method: str, amount: int) -> int:
    order = (facts.token, coin.address, place.pool_fee(facts), amount)
    return node.ask(place.router, method + QUOTE, order, "uint256")


def _trade(
    place: Place,
    node: Node,
    looked: tuple[State, Facts],
    coin: Coin,
    method: str,
    shares: int,
    total: int,
    bounds: tuple[int, int],
    terms: Terms,
) -> Trade:
    state, facts = looked
    minting = method != "redeem"
    grain = node.ask(facts.position, "grain()", (), "uint256")
    books = (state.collateral, state.debt, state.supply, grain)
    if minting:
        fee_shares, collateral, debt = mint_legs(shares, facts.rules.mint_fee, *books)
    else:
        fee_shares, debt, collateral = redeem_legs(shares, facts.rules.redeem_fee, *books)
    pool_fee = place.pool_fee(facts)
    in_debt = coin.erc20 == facts.debt
    return Trade(
        minting=minting,
        router=place.router,
        state=state,
        facts=facts,
        coin=coin,
        shares=shares,
        fee_shares=fee_shares,
        total=total,
        most=bounds[0],
        least=bounds[1],
        swap=swap_of(minting, in_debt, collateral, debt, total, pool_fee),
        mid=place.mid(node, facts),
        method=method,
        pool_fee=pool_fee,
        terms=terms,
    )
