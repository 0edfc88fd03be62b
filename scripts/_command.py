"""What all commands share that talk to a network: which one, who pays, and whether it is meant.

@click.command()
@network_options
def cli(session: Session) -> None:
    with session.connect() as provider:
        ...session.address, or session.account() to sign with
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click
from ape import accounts, networks
from ape.api import AccountAPI, ProviderAPI
from ape.exceptions import ProviderError
from ape.logging import LogLevel, logger
from eth_utils import is_address, to_checksum_address
from web3 import Web3

from scripts._files import VENUES, Network, load_network, network_names


@dataclass(frozen=True)
class Session:
    """A network, an account on it, and whether to send."""

    network: Network
    who: str  # as given: an alias, an address, an index
    broadcast: bool

    @property
    def url(self) -> str:
        """Of the node, from the environment."""
        if not self.network.url:
            raise click.ClickException(
                f"the environment has no {self.network.rpc}: set it to the URL of a node of chain "
                f"{self.network.chain_id} ({self.network.file}, rpc)"
            )
        return self.network.url

    @contextmanager
    def connect(self, url: str | None = None) -> Iterator[ProviderAPI]:
        """Ape's provider of the node, or of another of the same chain at `url`.

        Raises click.ClickException if it does not answer, or is on another chain.
        """
        logger.set_level(LogLevel.ERROR)
        where = url or self.url
        with ExitStack() as stack:
            try:
                choice = networks.parse_network_choice(where, disconnect_after=True)
                provider = stack.enter_context(choice)
            except ProviderError:
                raise click.ClickException(
                    f"no node answers at {self.network.rpc}: start one, or set another URL"
                ) from None
            # Nothing is looked up at an explorer: what we call we have compiled.
            provider.network.__dict__["explorer"] = None
            found = provider.web3.eth.chain_id
            if found != self.network.chain_id:
                raise click.ClickException(
                    f"the node at {self.network.rpc} is on chain {found}, not on "
                    f"{self.network.chain_id} ({self.network.file}, chain_id)"
                )
            yield provider

    @property
    def address(self) -> str:
        """Of the account; known without its key. While connected."""
        if is_address(self.who):
            return to_checksum_address(self.who)
        return self.account().address

    def account(self) -> AccountAPI:
        """The account, to sign with. While connected. Raises click.ClickException."""
        if self.who.isdecimal():
            if not is_anvil(networks.provider.web3):
                raise click.ClickException(
                    f"--account {self.who} is one of anvil's test accounts, whose keys all know, "
                    "and the node is not anvil; allowed: one of `ape accounts list`"
                )
            return accounts.test_accounts[int(self.who)]
        known = sorted(accounts.aliases)
        if self.who not in known:
            fault = (
                f"{self.who}: there is no such account" if self.who else "is not given: who pays?"
            )
            raise click.ClickException(
                f"--account {fault}; allowed: "
                f"{', '.join(known) or 'none yet, see `ape accounts generate`'}"
                + (", or the index of a test account" if self.network.is_testnet else "")
            )
        return accounts.load(self.who)


def is_anvil(web3: Web3) -> bool:
    """Whether the node is one for tests, where nothing is at stake and no chain is reorganised."""
    return web3.client_version.startswith("anvil")


def network_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--network`, for commands that only read: it reaches them as `session`."""

    @_network
    @wraps(command)
    def wrapped(*args: Any, network: str, **kwargs: Any) -> Any:
        return command(*args, session=Session(load_network(network), "", False), **kwargs)

    return wrapped


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--network`, `--account` and `--broadcast`, which reach the command as one `session`."""

    @_network
    @click.option(
        "--account",
        default="",
        metavar="WHO",
        help="An alias of `ape accounts list`, or on anvil the index of a test account. An "
        "address is enough for what does not sign.  [on local: 0]",
    )
    @click.option("--broadcast", is_flag=True, help="Send. Otherwise only say what would be sent.")
    @wraps(command)
    def wrapped(*args: Any, network: str, account: str, broadcast: bool, **kwargs: Any) -> Any:
        described = load_network(network)
        who = account or ("0" if network == "local" else "")
        return command(*args, session=Session(described, who, broadcast), **kwargs)

    return wrapped


def venue_option(
    help: str, default: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--venue`; where there is no `default`, `help` says what is meant unless it is given."""
    shown = default is not None
    kind = click.Choice(VENUES)
    return click.option("--venue", type=kind, help=help, default=default, show_default=shown)


def _network(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--network",
        default="local",
        show_default=True,
        metavar="NAME",
        help=f"One of scripts/networks: {', '.join(network_names())}.",
    )(command)
