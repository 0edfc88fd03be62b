"""`ape run create TOKEN`: a token from its file."""

import click

from scripts._command import Session, network_options
from scripts._deploy import token as tokens
from scripts._deploy.rehearsal import perform
from scripts._deploy.run import Run
from scripts._devnet import compile_contracts
from scripts._files import load_token


@click.command()
@click.argument("symbols", nargs=-1, required=True, metavar="TOKEN...")
@network_options
@click.option("--market", is_flag=True, help="Open and seed the Morpho market where it is missing.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
def cli(session: Session, symbols: tuple[str, ...], market: bool, yes: bool) -> None:
    """Create each TOKEN from its file in scripts/tokens, with its locked seed shares.

    The seed's collateral comes from the account, and the debt taken against it goes there. Its
    market on Morpho Blue must be in use: with --market one that is missing is opened, one in which
    less than twice the seed's debt is left is lent to, and one in which nothing is borrowed is
    borrowed from. Aave must list both coins, and by no worse terms than a file with `venue: aave`
    says. Where a file says "deployer", it is the account. Runs on a copy of the network
    first, as `deploy` does, and says before the yes what it takes and who owns the token.
    """
    files = [load_token(symbol) for symbol in symbols]
    compile_contracts()

    def work(run: Run) -> None:
        for file in files:
            tokens.create(run, session.network, file, market)

    perform(session, work, yes)
