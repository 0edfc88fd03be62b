"""`ape run deploy`: Ballast on a network."""

import click

from scripts._command import Session, network_options, venue_option
from scripts._deploy import ballast
from scripts._deploy import sandbox as testing
from scripts._deploy.rehearsal import perform
from scripts._deploy.run import Run
from scripts._devnet import compile_contracts
from scripts._files import VenueName, load_network, load_token, token_names


@click.command()
@network_options
@click.option(
    "--sandbox",
    is_flag=True,
    help="On a testnet: bring test coins, feeds, pools and markets, and the venues that it lacks.",
)
@venue_option("Only for tokens that live there.  [default: on any that the network has]")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
def cli(session: Session, sandbox: bool, venue: VenueName | None, yes: bool) -> None:
    """Put Ballast on a network: blueprints, factory, router, keeper, lens, and oracles.

    Which network is a file in scripts/networks, and the oracles are those of the tokens in
    scripts/tokens. Each venue that tokens live on, Morpho Blue or Aave v3, has a factory, a router,
    a keeper and a lens of its own. All addresses are known beforehand and are the same from every
    account, but with --sandbox, where what it brings depends on who brings it. What stands already
    is left alone, so that the same again goes on after an interruption.

    First everything is done on a copy of the network on this machine: that says what would be sent,
    where it ends up and what it costs. With --broadcast it is then sent, after a yes. What is
    deployed is noted in scripts/deployments, for a local chain in out/deployments.
    """
    if sandbox:
        testing.require_testnet(session.network)
    compile_contracts()
    files = [load_token(symbol) for symbol in token_names()]
    tokens = [file for file in files if venue in (None, file.venue)]
    plain = load_network(session.network.name, sandbox=False)

    def work(run: Run) -> None:
        network = testing.bring(run, plain, tokens) if sandbox else session.network
        ballast.deploy(run, network, tokens)
        if sandbox:
            testing.markets(run, network, tokens)

    perform(session, work, yes)
