"""`ape run own TOKEN ACTION`: what a token's owner may do."""

import json

import click
from eth_utils import keccak

from scripts._command import Session, network_options
from scripts._deploy.owner import ACTIONS, action, for_safe, for_timelock
from scripts._deploy.record import Record
from scripts._deploy.rehearsal import perform
from scripts._deploy.run import Run
from scripts._deploy.sender import Nobody
from scripts._devnet import compile_contracts


@click.command()
@click.argument("symbol", metavar="TOKEN")
@click.argument("verb", metavar="ACTION", type=click.Choice(list(ACTIONS)))
@click.argument("value", required=False)
@network_options
@click.option(
    "--print",
    "printed",
    type=click.Choice(["safe", "timelock"]),
    help="Send nothing, print it for a Safe's Transaction Builder or a TimelockController.",
)
@click.option("--salt", default="", help="Of a timelock's operation, to schedule the same again.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
def cli(
    session: Session,
    symbol: str,
    verb: str,
    value: str | None,
    printed: str | None,
    salt: str,
    yes: bool,
) -> None:
    """Act as the owner of TOKEN.

    \b
    pause, unpause      minting and levering; redeeming goes on
    cap SHARES          the supply that minting may reach
    treasury ADDRESS    who receives fees to come
    transfer ADDRESS    offer ownership
    accept              take what was offered
    renounce            no owner, for good

    Where the owner is a Safe or a timelock, --print writes the transaction as JSON for it.
    """
    compile_contracts()
    address = Record.load(session.network.name).token(symbol)
    with session.connect() as provider:
        reader = Run(provider.web3, Nobody(), Record(session.network.name))
        wanted = action(symbol, reader.at("LeveragedToken", address), verb, value)
        if printed == "safe":
            click.echo(json.dumps(for_safe(wanted, session.network.chain_id), indent=2))
            return
        if printed == "timelock":
            mark = keccak(text=salt) if salt else bytes(32)
            click.echo(json.dumps(for_timelock(wanted, provider.web3, mark), indent=2))
            return
        who = session.address
    if who != wanted.caller:
        raise click.ClickException(
            f"{wanted.caller} must {wanted.means}, not {who}: --account, or --print safe|timelock"
        )

    def work(run: Run) -> None:
        token = run.at("LeveragedToken", wanted.token)
        run.call(wanted.means, token, wanted.function, *wanted.arguments)

    perform(session, work, yes)
