"""What a token can be paid in, redeemed to and filled with, and what an account has of it."""

from dataclasses import dataclass

import click

from scripts._calldata import calldata
from scripts._wallet.amounts import Amount, show, to_raw
from scripts._wallet.node import Call, Node

NATIVE = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"  # ether, as the router calls it
NATIVE_SYMBOL = "ETH"
NATIVE_DECIMALS = 18
GAS_KEPT = 1_000_000  # gas for which "all ETH" leaves ether, at twice its price of now


@dataclass(frozen=True)
class Coin:
    """`address` is the router's name for it, `erc20` the token that moves: WETH for ether."""

    symbol: str
    decimals: int
    address: str
    erc20: str

    @property
    def native(self) -> bool:
        """Whether it is ether."""
        return self.address == NATIVE

    def show(self, raw: int) -> str:
        """An amount of it for the eye."""
        return show(raw, self.decimals, self.symbol)

    def balance(self, node: Node, owner: str) -> int:
        """What `owner` has of it."""
        if self.native:
            return node.ether(owner)
        return node.ask(self.erc20, "balanceOf(address)", [owner], "uint256")

    def allowance(self, node: Node, owner: str, spender: str) -> int:
        """What `spender` may take of it: of ether whatever comes along."""
        if self.native:
            return 2**256 - 1
        return node.ask(self.erc20, "allowance(address,address)", [owner, spender], "uint256")

    def approval(self, spender: str, amount: int) -> Call:
        """The transaction that lets `spender` take `amount`."""
        return Call(self.erc20, calldata("approve(address,uint256)", spender, amount))


def choose(coins: dict[str, Coin], symbol: str | None, token: str) -> Coin:
    """The coin of this symbol, the first without one. Raises click.ClickException."""
    if symbol is None:
        return next(iter(coins.values()))
    if symbol not in coins:
        raise click.ClickException(f"{token} deals in {' or '.join(coins)}, not in {symbol}")
    return coins[symbol]


def amount_of(amount: Amount, coin: Coin, node: Node, owner: str) -> int:
    """Raw units of what a person wrote: of "all" the balance, of ether less what gas may cost.

    Raises click.ClickException where it is more than `owner` has, or finer than `coin` counts.
    """
    if amount.symbol not in (None, coin.symbol.upper()):
        raise click.ClickException(f"it is counted in {coin.symbol}, not in {amount.symbol}")
    if amount.value is None:
        kept = 2 * GAS_KEPT * node.gas_price() if coin.native else 0
        raw = max(0, coin.balance(node, owner) - kept)
        if not raw:
            raise click.ClickException(f"{owner} has no {coin.symbol}")
        return raw
    try:
        return to_raw(amount.value, coin.decimals, coin.symbol)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def require(coin: Coin, needed: int, node: Node, owner: str) -> None:
    """Raises click.ClickException that says how much is missing, if any is."""
    has = coin.balance(node, owner)
    if has < needed:
        raise click.ClickException(
            f"{owner} has {coin.show(has)}: {coin.show(needed - has)} are missing"
        )
