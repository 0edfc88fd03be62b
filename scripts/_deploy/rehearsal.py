"""Say what would happen by letting it happen on a copy of the network; then for real, if meant."""

from collections.abc import Callable

import click
from eth_utils import to_checksum_address
from requests import RequestException
from web3 import Web3
from web3.exceptions import BadFunctionCallOutput, ContractLogicError

from scripts._command import Session, is_anvil
from scripts._deploy.fork import copy_of
from scripts._deploy.record import Record
from scripts._deploy.run import Run, Sent, reason
from scripts._deploy.sender import Actor, Nobody, Signer

GWEI = 10**9
ETHER = 10**18


def perform(session: Session, work: Callable[[Run], None], yes: bool) -> None:
    """Rehearse `work`, say what it came to, and with --broadcast do it after a yes.

    Raises click.ClickException where the work does, with the chain's reason where that refuses.
    """
    try:
        _perform(session, work, yes)
    except (ContractLogicError, BadFunctionCallOutput) as error:
        raise click.ClickException(f"{session.network.name} refuses: {reason(error)}") from None
    except RequestException as error:
        raise click.ClickException(
            f"the node at {session.network.rpc} stopped answering ({type(error).__name__}): run "
            "the same again, what was sent is noted"
        ) from None


def _perform(session: Session, work: Callable[[Run], None], yes: bool) -> None:
    with session.connect() as provider:
        who = session.account().address if session.broadcast else session.address
        balance = provider.web3.eth.get_balance(to_checksum_address(who))
        gas_price = provider.web3.eth.gas_price
        record = Record.load(session.network.name)
        Run(provider.web3, Nobody(), record, _depth(session, provider.web3)).begin()

    with copy_of(session.url) as copy, session.connect(copy) as provider:
        web3 = provider.web3
        rehearsal = Run(web3, Actor(web3, who), record.rehearsed())
        rehearsal.begin()
        work(rehearsal)
    _show(session, rehearsal, gas_price, balance)
    if not rehearsal.sent and not _is_news(rehearsal.record, record):
        return
    if not session.broadcast:
        click.echo("Nothing was sent: this was a rehearsal on a copy. --broadcast sends.")
        return
    if not yes:
        click.confirm(f"Send {_count(rehearsal)} to {session.network.name}?", abort=True)

    with session.connect() as provider:
        account = session.account()
        if hasattr(account, "set_autosign"):  # the yes above was for all of them
            account.set_autosign(True)
        sender = Signer(account)
        depth = _depth(session, provider.web3)
        run = Run(provider.web3, sender, record, depth, told=_tell)
        run.begin()
        work(run)
    click.echo(f"Done: {_count(run)}, noted in {record.where}.")


def _depth(session: Session, web3: Web3) -> int:
    """Blocks that a transaction must be deep. Anvil may mine none until it is sent another."""
    return 1 if is_anvil(web3) else session.network.confirmations


def _is_news(after: Record, before: Record) -> bool:
    """Whether anything is to be noted, though nothing is to be sent."""
    return after.contracts != before.contracts or after.tokens != before.tokens


def _show(session: Session, run: Run, gas_price: int, balance: int) -> None:
    """What was done on the copy, and what it would cost."""
    network = session.network
    click.secho(f"{network.name} (chain {network.chain_id}), from {run.sender.address}", bold=True)
    for name, address in run.stood.items():
        click.secho(f"  stands    {name:34} {address}", dim=True)
    for sent in run.sent:
        place = sent.created or sent.to
        kind = "deploy" if sent.created else "call"
        click.echo(f"  {kind:9} {_label(sent):34} {place} {sent.gas:>10,} gas")
    if not run.sent:
        click.echo("Everything stands: nothing to send.")
        return
    for terms in run.terms:
        click.secho(f"  {terms}", fg="yellow")
    gas = sum(sent.gas for sent in run.sent)
    cost = gas * gas_price
    rollup = ", without the rollup's fee for data" if network.sequencer else ""
    click.echo(
        f"{_count(run)}, {gas:,} gas, about {cost / ETHER:.6f} ether at "
        f"{gas_price / GWEI:.3f} gwei{rollup}; the account has {balance / ETHER:.6f}"
    )
    if cost > balance and session.broadcast:
        raise click.ClickException("that is more than the account has: nothing was sent")


def _count(run: Run) -> str:
    return f"{len(run.sent)} transaction{'s' * (len(run.sent) != 1)}"


def _label(sent: Sent) -> str:
    return sent.name.removeprefix("deploy ")


def _tell(sent: Sent) -> None:
    click.echo(f"  mined     {_label(sent):34} {sent.hash} in block {sent.block}")
