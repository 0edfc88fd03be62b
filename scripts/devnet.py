"""`ape run devnet`: the devnet for a wallet or a dapp, until Ctrl-C."""

import json
import signal
import socket
import time
from pathlib import Path
from typing import Any

import click
from ape import networks
from ape.contracts import ContractInstance
from ape.logging import LogLevel, logger

from scripts._command import venue_option
from scripts._devnet import (
    ETH_BOUNDS,
    USDC_BOUNDS,
    Ballast,
    Devnet,
    Market,
    arbitrage,
    build_devnet,
    create_tokens,
    deploy_ballast,
    refresh,
)

PORT = 8545
REFRESH = 30 * 60  # seconds between two rounds of the feeds, well inside every heartbeat
BLOCK = 12  # seconds without a transaction after which a block is mined: views live in the last one
FILE = Path("out") / "devnet.json"


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), help="RPC port.  [default: 8545 if free]")
@click.option("--price", default="2000", show_default=True, help="Dollars for one ETH.")
@venue_option("Lending market that the tokens live on.", "morpho")
def cli(port: int | None, price: str, venue: str) -> None:
    """Run a chain with Ballast, a lending market and Uniswap v3 on it.

    Starts anvil on 127.0.0.1, puts WETH, USDC, Morpho Blue or Aave v3, Uniswap v3, price feeds,
    Ballast and the tokens ETHBULL, ETHBEAR and ETHHEDGE on it, prints what a wallet or a dapp must
    know, writes the same to out/devnet.json, and stays until Ctrl-C. On Aave, ETHBEAR is -2x.

    The feeds are kept fresh. Anyone can move a price with `post(answer)` on a feed (8 decimals):
    the arbitrageur then trades the pool there.
    """
    logger.set_level(LogLevel.WARNING)
    host = f"http://127.0.0.1:{_free_port(port)}"
    settings = {"host": host}
    with networks.parse_network_choice(
        "ethereum:local:foundry", provider_settings=settings, disconnect_after=True
    ) as provider:
        signal.signal(signal.SIGINT, _stop)
        signal.signal(signal.SIGTERM, _stop)
        try:
            started = time.monotonic()
            devnet = build_devnet(price, start=None, venue=venue)
            ballast = deploy_ballast(devnet)
            tokens = create_tokens(devnet, ballast)
            known = facts(host, provider.chain_id, devnet, ballast, tokens)
            FILE.parent.mkdir(exist_ok=True)
            FILE.write_text(json.dumps(known, indent=2) + "\n", encoding="utf8")
            _show(known, time.monotonic() - started)
            _stay(devnet)
        except KeyboardInterrupt:
            click.echo("\nStopped.")


def _stop(signal_number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _free_port(port: int | None) -> int:
    """`port` itself or an error; without a wish 8545, or any other if that is taken."""
    for wish in (port,) if port else (PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wish))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise click.ClickException(f"port {port} is taken")


def facts(
    host: str, chain_id: int, devnet: Devnet, ballast: Ballast, tokens: dict[str, ContractInstance]
) -> dict[str, Any]:
    """What one must know to use the chain, as it goes into the file.

    Addresses are under `contracts` by name, what can be called under `abi`: that of `Token` also
    does for its coins. Under `markets` are ids of Morpho Blue, where tokens live there.
    """
    contracts = {
        **tokens,
        "Factory": ballast.factory,
        "Router": ballast.router,
        "Keeper": ballast.keeper,
        "Lens": ballast.lens,
        "WETH": devnet.weth,
        "USDC": devnet.usdc,
        "ETH/USD feed": devnet.eth_feed,
        "USDC/USD feed": devnet.usdc_feed,
        "Fill oracle, long": devnet.long.fill_oracle,
        "Fill oracle, short": devnet.short.fill_oracle,
        **_lenders(devnet),
        "Uniswap v3 factory": devnet.uniswap_factory,
        "Uniswap v3 pool": devnet.pool,
        "Uniswap v3 router": devnet.swap_router,
        "Uniswap v3 quoter": devnet.quoter,
        "Uniswap v3 positions": devnet.position_manager,
    }
    kinds = {
        "Token": next(iter(tokens.values())),
        "Factory": ballast.factory,
        "Router": ballast.router,
        "Keeper": ballast.keeper,
        "Lens": ballast.lens,
    }
    trader = devnet.roles.trader
    return {
        "rpc": host,
        "chain_id": chain_id,
        "account": trader.address,
        "private_key": trader.private_key,
        "contracts": {name: contract.address for name, contract in contracts.items()},
        "venue": "aave" if devnet.aave else "morpho",
        "markets": {} if devnet.aave else {"long": _id(devnet.long), "short": _id(devnet.short)},
        "abi": {name: _abi(contract) for name, contract in kinds.items()},
    }


def _lenders(devnet: Devnet) -> dict[str, ContractInstance]:
    """The venues that are there."""
    if devnet.aave is None:
        return {"Morpho Blue": devnet.morpho}
    return {
        "Morpho Blue": devnet.morpho,
        "Aave v3 pool": devnet.aave.pool,
        "Aave v3 addresses": devnet.aave.provider,
        "Aave v3 oracle": devnet.aave.oracle,
    }


def _id(market: Market) -> str:
    return "0x" + market.id.hex()


def _abi(contract: ContractInstance) -> list[dict[str, Any]]:
    kind = contract.contract_type
    return kind.model_dump(mode="json", by_alias=True, exclude_none=True)["abi"]


def _show(facts: dict[str, Any], seconds: float) -> None:
    click.echo(f"RPC          {facts['rpc']}")
    click.echo(f"Chain id     {facts['chain_id']}")
    click.echo(f"Account      {facts['account']}   holds ETH, WETH and USDC")
    click.echo(f"Private key  {facts['private_key']}   known to all: never use it elsewhere\n")
    for name, address in facts["contracts"].items():
        click.echo(f"{name:<22}{address}")
    for name, identity in facts["markets"].items():
        click.echo(f"{f'Market id, {name}':<22}{identity}")
    click.echo(f"\nBuilt in {seconds:.1f} s, also written to {FILE}. Ctrl-C stops it.")


def _stay(devnet: Devnet) -> None:
    """Until interrupted keep the feeds fresh, the pool at their price and the time moving."""
    refreshed = mined = time.monotonic()
    while True:
        time.sleep(1)
        if time.monotonic() - refreshed > REFRESH:
            refreshed = time.monotonic()
            refresh(devnet)
        if time.monotonic() - mined > BLOCK:
            mined = time.monotonic()
            networks.provider.mine()
        if _sane(devnet.eth_feed, ETH_BOUNDS) and _sane(devnet.usdc_feed, USDC_BOUNDS):
            arbitrage(devnet)


def _sane(feed: ContractInstance, bounds: tuple[int, int]) -> bool:
    """Whether a pool can follow `feed`: anyone may break it, to see what happens."""
    floor, ceiling = bounds
    return not feed.failing() and floor <= feed.latestRoundData()[1] <= ceiling
