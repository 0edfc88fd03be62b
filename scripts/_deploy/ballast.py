"""What stands once on a network: blueprints, factory, oracles, periphery."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from eth_utils import to_checksum_address

from scripts._deploy.run import Run
from scripts._deploy.sender import NOBODY
from scripts._files import FileError, Network, TokenFile
from scripts._files.network import Feed

ENDLESS = 2**256 - 1

# The venue's oracle answers however old a feed is, and whatever it says up to ten million dollars:
# where it does not, nobody can redeem.
PATIENT = 10_000_000  # dollars

FeedRules: TypeAlias = tuple[str, int, int, int]


def deploy(run: Run, network: Network, tokens: Iterable[TokenFile]) -> None:
    """Everything, and the oracles of all `tokens` that the network has coins and feeds for."""
    morpho, _ = network.venue()
    exchange = network.exchange()
    weth = network.coin("WETH")
    for field, address in {
        "morpho": morpho,
        "uniswap.factory": exchange.factory,
        "uniswap.quoter": exchange.quoter,
        "coins.WETH": weth,
    }.items():
        require_code(run, network, field, address)
    token, position = run.declare("LeveragedToken"), run.declare("MorphoPosition")
    factory = run.deploy("Factory", "Factory", token, position, morpho)
    run.deploy("Router", "Router", factory, exchange.factory, exchange.quoter, weth)
    run.deploy("Keeper", "Keeper", factory, exchange.factory)
    run.deploy("Lens", "Lens", factory)
    for token_file in tokens:
        if is_possible(network, token_file):
            oracles(run, network, token_file)


def is_possible(network: Network, token: TokenFile) -> bool:
    """Whether the network has the coins and the feeds of a token."""
    return {*token.pair} <= {*network.coins} and {*token.feeds} <= {*network.feeds}


def oracles(run: Run, network: Network, token: TokenFile) -> tuple[str, str]:
    """The oracle that fills ask, which refuses what is stale, and the one that the venue asks.

    Raises FileError if the network lacks a coin or a feed.
    """
    fresh = arguments(run, network, token)
    held = run.deploy(_named(run, token, "Oracle", fresh), "ChainlinkOracle", *fresh)
    joined = network.venue_oracle(token.collateral, token.debt, token.market.lltv)
    if joined:
        return held, joined
    patient = arguments(run, network, token, patient=True)
    name = _named(run, token, "Venue oracle", patient)
    return held, run.deploy(name, "ChainlinkOracle", *patient)


def arguments(
    run: Run, network: Network, token: TokenFile, patient: bool = False
) -> tuple[Any, ...]:
    """Of ChainlinkOracle's constructor, for one of a token's two oracles."""
    coins = network.coin(token.collateral), network.coin(token.debt)
    feeds = [network.feed(name) for name in token.feeds]
    if not token.long:
        feeds.reverse()
    rules = [feed_rules(run, network, feed, patient) for feed in feeds]
    sequencer = network.sequencer
    if patient or not sequencer:
        return (*coins, *rules, NOBODY, 0)
    return (*coins, *rules, sequencer.feed, sequencer.grace)


def feed_rules(run: Run, network: Network, feed: Feed, patient: bool = False) -> FeedRules:
    """What ChainlinkOracle holds a feed to, in the feed's own decimals."""
    address = to_checksum_address(feed.address)
    require_code(run, network, "feeds", address)
    unit = 10 ** run.at("Feed", address).functions.decimals().call()
    if patient:
        return address, ENDLESS, 1, PATIENT * unit
    return address, feed.heartbeat, int(feed.floor * unit), int(feed.ceiling * unit)


def require_code(run: Run, network: Network, field: str, address: str) -> None:
    """Raise FileError where a network file names an address without a contract."""
    if not run.code_at(address):
        fix = "that of a contract"
        if network.is_testnet:
            fix += f", or what `ape run deploy --network {network.name} --sandbox` brings"
        raise FileError(network.file, field, f"at {address} there is no contract", fix)


def _named(run: Run, token: TokenFile, kind: str, given: tuple[Any, ...]) -> str:
    """An oracle's name in the record: what it prices by what, and by which feeds if others came."""
    name = f"{kind} {token.collateral}/{token.debt}"
    known = run.record.contracts.get(name)
    if known is None or _feeds(known.arguments) == _feeds(given):
        return name
    return f"{name} by {', '.join(token.feeds)}"


def _feeds(given: Sequence[Any]) -> list[str]:
    """The feeds of an oracle, from the arguments of its constructor."""
    return [rules[0].lower() for rules in given[2:4]]
