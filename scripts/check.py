"""`ape run check`: whether a network is what the files say."""

import sys

import click

from scripts._command import Session, network_option
from scripts._deploy.proof import Proof, prove
from scripts._deploy.record import Record
from scripts._deploy.sender import Nobody
from scripts._devnet import compile_contracts
from scripts._files import load_token, token_names


@click.command()
@network_option
def cli(session: Session) -> None:
    """Read a network back and compare it with the files and the record.

    Every immutable, role and feed, and the code of every contract, blueprints included, against
    what these sources compile to. Prints what differs and exits with 1 if anything does. Contracts
    of an older commit differ: the record names it, and `git checkout` brings its sources.
    """
    record = Record.load(session.network.name)
    record.venues()  # or it says how it gets there
    compile_contracts()
    files = [load_token(symbol) for symbol in token_names()]
    with session.connect() as provider:
        proof = Proof(provider.web3, Nobody(), record)
        prove(proof, session.network, files)
    for found in proof.differences:
        click.secho(found.what, fg="red")
        click.echo(f"  - {found.wanted}\n  + {found.found}")
    differ = len(proof.differences)
    click.echo(
        f"{session.network.name}: {len(proof.seen)} contracts, {proof.facts} facts, {differ} differ"
        + (f" (- the files, + the chain or {record.where})" if differ else "")
    )
    sys.exit(bool(differ))
