"""Show what is deployed: sources on the explorer, tokens in wallets."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from scripts._command import Session
from scripts._deploy.record import Record
from scripts._files import load_network, network_names
from scripts._files.reading import ROOT
from scripts._publish.token_list import update
from scripts._publish.verify import verify, wanted


@click.command()
@click.option(
    "--network",
    "name",
    default="local",
    show_default=True,
    metavar="NAME",
    help=f"One of scripts/networks: {', '.join(network_names())}.",
)
@click.option("--only", multiple=True, metavar="NAME", help="Verify this one alone; repeatable.")
@click.option(
    "--list",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The token list.  [default: out/tokenlist.json; local: out/tokenlist.local.json]",
)
@click.option("--broadcast", is_flag=True, help="Send. Otherwise only say what would be sent.")
def cli(name: str, only: tuple[str, ...], path: Path | None, broadcast: bool) -> None:
    """Verify the sources on the explorer, and list the tokens for wallets.

    For every contract of ours that `ape run deploy` and `ape run create` have noted down, the
    compiler's input goes to out/sources/NETWORK, and with --broadcast to Etherscan, which serves
    all chains with one key: in the environment, as ETHERSCAN_API_KEY. First it is proved that these
    sources make what stands there. What is verified already stays so: run it again at any time.

    The tokens go into a token list in Uniswap's schema, beside those of other networks that are in
    it. Exits with 1 if a contract was not verified.
    """
    network = load_network(name)
    record = Record.load(name)
    record.venues()  # or it says how it gets there
    with Session(network, "", broadcast).connect() as provider:
        verified = verify(network, wanted(record, only), broadcast)
        listed = "tokenlist.local.json" if name == "local" else "tokenlist.json"
        update(provider.web3, record, path or ROOT / "out" / listed, datetime.now(UTC))
    if not verified:
        sys.exit(1)
