"""`ape run status`: every token of a network on one screen."""

import json

import click

from scripts._command import Session, network_option
from scripts._wallet.node import Node
from scripts._wallet.place import find
from scripts._wallet.screen import describe, table


@click.command()
@click.argument("tokens", nargs=-1)
@click.option("--json", "for_machines", is_flag=True, help="For a machine.")
@network_option
def cli(session: Session, tokens: tuple[str, ...], for_machines: bool) -> None:
    """How tokens stand: all of a network, or TOKENS, by symbol or address.

    One call of the Lens tells NAV, leverage, the open lane and what a taker can bring, what is left
    to borrow, and how far the price may move until the venue liquidates. What cannot be read is a
    question mark, and below it stands why. It sends nothing.
    """
    with session.connect() as provider:
        node = Node(provider)
        places = find(session.network, node)
        wanted = [places.token(name) for name in tokens] or list(places.tokens.values())
        if not wanted:
            raise click.ClickException(
                f"there is no token on {session.network.name} yet: ape run create"
            )
        told = [describe(state, facts) for state, facts in places.look(node, wanted)]
    if for_machines:
        facts = {"network": session.network.name, "block": node.block, "time": node.time}
        click.echo(json.dumps(facts | {"tokens": told}, indent=2))
    else:
        click.echo(table(told, session.network.name, node.block, node.time))
