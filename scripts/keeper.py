"""A keeper that fills every auction that pays: `ape run keeper`."""

import signal
from threading import Event
from typing import Any

import click

from scripts._files.venue import VENUES
from scripts._keeper import settings as keeper_settings
from scripts._keeper.chain import NoNode, WrongChain
from scripts._keeper.report import logger, serve
from scripts._keeper.settings import Settings, SettingsError
from scripts._keeper.wallet import unlock
from scripts._keeper.watch import build

NO_NODE, NOT_SENT = 3, 4  # exit codes; 1 is a setting, 2 the command line


@click.command()
@click.option("--network", metavar="NAME", help="A file in scripts/networks.  [KEEPER_NETWORK]")
@click.option(
    "--venue",
    type=click.Choice(VENUES),
    help="Whose tokens it watches, where there are two.  [KEEPER_VENUE]",
)
@click.option("--account", metavar="ALIAS", help="An account of Ape's.  [KEEPER_ACCOUNT]")
@click.option("--test-account", type=click.IntRange(0, 9), help="One of anvil's, on chain 31337.")
@click.option("--once", is_flag=True, help="Only the newest block, then exit.")
@click.option(
    "--broadcast/--dry-run",
    default=None,
    help="Send fills, or only say which.  [KEEPER_BROADCAST; default: --dry-run]",
)
def cli(
    network: str | None,
    venue: str | None,
    account: str | None,
    test_account: int | None,
    once: bool,
    broadcast: bool | None,
) -> None:
    """Watch tokens block by block and fill what pays for its gas.

    Settings are environment variables that begin with KEEPER_: `scripts/_keeper/settings.py` lists
    them. It needs KEEPER_NETWORK on which Ballast is deployed, or else KEEPER_CHAIN_ID, _RPC,
    _KEEPER, _LENS, _NATIVE and _TOKENS; to send also KEEPER_ACCOUNT with KEEPER_PASSPHRASE, or
    KEEPER_PRIVATE_KEY, and --broadcast. Logs are JSON, one line an event.

    Exit codes: 0 stopped, or with --once done; 1 a setting is wrong; 2 the command line is; 3 no
    node is of use; 4 with --once, a fill was due that could not be sent.
    """
    settings = keeper_settings.load(
        network=network or ("local" if test_account is not None else None),
        venue=venue,
        account=account,
        broadcast=broadcast,
    )
    if test_account is not None and (settings.private_key or settings.account):
        raise SettingsError(
            "--test-account besides KEEPER_PRIVATE_KEY or KEEPER_ACCOUNT: allowed is one"
        )
    signer = unlock(settings) or _test_account(test_account, settings)
    if settings.broadcast and not signer:
        raise SettingsError(
            "--broadcast needs an account: KEEPER_ACCOUNT with KEEPER_PASSPHRASE, or "
            "KEEPER_PRIVATE_KEY"
        )
    keeper = build(settings, signer, logger(settings.log_level))
    keeper.log.info(
        "start",
        extra={
            "chain_id": settings.chain_id,
            "venue": settings.venue,
            "account": signer.address if signer else None,
            "broadcast": settings.broadcast,
            "nodes": [node.name for node in keeper.chain.nodes],
        },
    )
    if settings.port:
        try:
            serve(keeper.metrics, settings.host, settings.port, settings.health)
        except OSError as error:
            raise SettingsError(f"KEEPER_PORT: {settings.port}: {error.strerror}") from None
    context = click.get_current_context()
    try:
        if once:
            step = keeper.step()
            assert step, "the first block is new"
            keeper.foretell(step.view)
            keeper.log.info("done", extra={"block": step.view.number, "sent": len(step.sent)})
            context.exit(NOT_SENT if step.unsent else 0)
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        keeper.run(stop)
    except NoNode as error:
        keeper.log.error("no node", extra={"fault": str(error)})
        context.exit(1 if isinstance(error, WrongChain) else NO_NODE)
    keeper.log.info("stop")


def _test_account(index: int | None, settings: Settings) -> Any:
    """One of anvil's test accounts, whose keys all know."""
    if index is None:
        return None
    if settings.chain_id != 31_337:
        raise SettingsError(f"--test-account is for chain 31337, not for {settings.chain_id}")
    from ape import accounts
    from eth_account import Account

    return Account.from_key(accounts.test_accounts[index].private_key)
