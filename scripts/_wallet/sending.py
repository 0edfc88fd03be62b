"""Dry unless it is meant: simulated as the account would send it, or sent and waited for.

What needs an approval first is simulated after it. With `--broadcast` all is simulated once more
before anything is signed, so that what cannot succeed costs no gas.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from ape.api import ProviderAPI, ReceiptAPI
from ape.exceptions import ContractLogicError, SignatureError, TransactionNotFoundError
from eth_utils import to_checksum_address

from scripts._command import Session, is_anvil
from scripts._lens import Facts, State
from scripts._wallet.amounts import show, show_most
from scripts._wallet.coins import Coin
from scripts._wallet.happened import Event, events_of
from scripts._wallet.node import Call, Node, Reverted
from scripts._wallet.options import again
from scripts._wallet.permit import domain_of, sign
from scripts._wallet.place import Place, Places, find
from scripts._wallet.trade import Permit

SPARE_GAS = 120  # per cent of the estimate that is sent along: what is left comes back


@dataclass(frozen=True)
class Allowance:
    """`spender`, called `name`, must be allowed to take `amount` of `coin`."""

    coin: Coin
    spender: str
    name: str
    amount: int

    def missing(self, node: Node, owner: str) -> bool:
        """Whether it is not there."""
        return self.coin.allowance(node, owner, self.spender) < self.amount

    @property
    def call(self) -> Call:
        """The transaction that gives it."""
        return self.coin.approval(self.spender, self.amount)

    def __str__(self) -> str:
        unit = (self.coin.decimals, self.coin.symbol)
        return f"{self.name} {self.spender} to take {show_most(self.amount, *unit)}"


@dataclass(frozen=True)
class Deal:
    """What is to be done, in words and as a transaction, and the allowance that it needs.

    `permitted` is the same with a signed allowance instead, where there is such a thing; its
    signature is good until `deadline`.
    """

    words: str
    call: Call
    allowance: Allowance | None = None
    permitted: Callable[[Permit], Call] | None = None
    deadline: int = 0


@dataclass(frozen=True)
class Wallet:
    """An account on a network, as far as its key is not needed."""

    session: Session
    provider: ProviderAPI
    node: Node
    owner: str
    places: Places

    def look(self, name: str) -> tuple[Place, tuple[State, Facts]]:
        """The place of a token, and how it stands. Raises click.ClickException."""
        token = self.places.token(name)
        place = self.places.of(self.node, token)
        return place, place.one(self.node, token)


@contextmanager
def wallet_of(session: Session) -> Iterator[Wallet]:
    """The account that `session` is about, connected. Raises click.ClickException.

    Where it is to send, its key must be there.
    """
    with session.connect() as provider:
        node = Node(provider)
        places = find(session.network, node)
        owner = session.account().address if session.broadcast else session.address
        yield Wallet(session, provider, node, owner, places)


def carry_out(
    wallet: Wallet, deal: Deal, *, yes: bool, signing: bool = False
) -> list[Event] | None:
    """Simulate `deal`, and send it if it is meant; its events, None if it was a dry run.

    Unless `yes` it asks before. `signing`: an allowance that is missing is signed, not sent. Raises
    click.ClickException, and click.Abort for a no.
    """
    node, owner, session = wallet.node, wallet.owner, wallet.session
    lacking = deal.allowance
    if lacking is not None and not lacking.missing(node, owner):
        lacking = None
    domain = None
    if lacking is not None and signing:
        domain = domain_of(lacking.coin, node, session.network.chain_id)
    gas = _simulate(node, [*([lacking.call] if lacking else []), deal.call], owner)
    _require_gas(node, owner, deal.call.value, gas)

    steps = [f"{'sign a permit for' if domain else 'approve'} {lacking}"] if lacking else []
    if not session.broadcast:
        _tell_dry(node, owner, [*steps, deal.words], gas)
        return None
    if not yes:
        click.confirm(f"\nSend it to {session.network.name}?", abort=True)
    call = deal.call
    for words in steps:
        click.echo(f"\n{words}")
    if lacking is not None and domain and deal.permitted:
        permit = sign(
            lacking.coin,
            domain,
            node,
            session.account(),
            lacking.spender,
            lacking.amount,
            deal.deadline,
        )
        call = deal.permitted(permit)
    elif lacking is not None:
        _send(wallet, lacking.call)
    click.echo(f"\n{deal.words}")
    return events_of(_send(wallet, call).logs)


def _simulate(node: Node, calls: list[Call], owner: str) -> int | None:
    """The gas of all, None where a node cannot simulate one after another."""
    if len(calls) == 1:
        return node.estimate(calls[0], owner)
    outcomes = node.simulate(calls, owner)
    if outcomes is None:
        node.estimate(calls[0], owner)
        return None
    return sum(outcome.gas for outcome in outcomes)


def _require_gas(node: Node, owner: str, value: int, gas: int | None) -> None:
    """Raises click.ClickException that says how much ether is missing, if any is."""
    lacks = value + (gas or 0) * node.gas_price() - node.ether(owner)
    if lacks > 0:
        has = show(node.ether(owner), 18, "ETH")
        use = "for what it pays and gas" if value else "for gas"
        raise click.ClickException(f"{owner} has {has}: {show(lacks, 18, 'ETH')} are missing {use}")


def _tell_dry(node: Node, owner: str, steps: list[str], gas: int | None) -> None:
    click.echo(f"\nDry run from {owner}, nothing was sent. It would")
    for number, words in enumerate(steps, 1):
        click.echo(f"  {number}. {words}")
    if gas is None:
        click.echo(
            "Of that the first was simulated and succeeds; for the last the node cannot tell until "
            "the approval is there (it does not know eth_simulateV1)."
        )
    else:
        cost = show(gas * node.gas_price(), 18, "ETH")
        click.echo(f"Simulated: succeeds, with about {gas:,} gas, {cost}.")
    click.echo(f"To send it:\n  {again()}")


def _send(wallet: Wallet, call: Call) -> ReceiptAPI:
    """Sign, send, wait, and say where it is. Raises click.ClickException."""
    provider, network = wallet.provider, wallet.session.network
    account = wallet.session.account()
    _require_none_waiting(provider, wallet.owner)
    transaction = provider.network.ecosystem.create_transaction(
        chain_id=network.chain_id,
        sender=wallet.owner,
        receiver=call.to,
        data=call.data,
        value=call.value,
        gas_limit=Node(provider).estimate(call, wallet.owner) * SPARE_GAS // 100,
        # the block that it is in is the first; anvil may mine no other
        required_confirmations=0 if is_anvil(provider.web3) else network.confirmations - 1,
    )
    try:
        receipt = account.call(transaction)
    except ContractLogicError as error:
        raise Reverted(error.revert_message, "it reverted") from None
    except SignatureError:
        raise click.ClickException("not signed: nothing more was sent") from None
    except TransactionNotFoundError as error:
        sent = re.search("0x[0-9a-fA-F]{64}", str(error))
        raise click.ClickException(
            f"sent as {sent[0] if sent else 'an unknown hash'} and not mined yet: it may still be; "
            "look before you run it again"
        ) from None
    where = f"{network.explorer}/tx/{receipt.txn_hash}" if network.explorer else receipt.txn_hash
    cost = show(receipt.gas_used * receipt.gas_price, 18, "ETH")
    click.echo(f"  {where}\n  block {receipt.block_number}, {receipt.gas_used:,} gas, {cost}")
    return receipt


def _require_none_waiting(provider: ProviderAPI, owner: str) -> None:
    """Raises click.ClickException where a transaction of `owner` is on its way."""
    count = provider.web3.eth.get_transaction_count
    sender = to_checksum_address(owner)
    waiting = count(sender, "pending") - count(sender, "latest")
    if waiting > 0:
        raise click.ClickException(
            f"{owner} has {waiting} sent and not mined yet: wait, or replace what waits"
        )
