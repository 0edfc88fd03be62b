"""What stands once on a network: blueprints and oracles, and for each venue a factory and more."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from eth_utils import to_checksum_address

from scripts._deploy.run import Run
from scripts._deploy.sender import NOBODY
from scripts._files import FileError, Network, TokenFile
from scripts._files.network import Feed
from scripts._files.venue import POSITIONS, VENUES, VenueName, called

ENDLESS = 2**256 - 1

# The venue's oracle answers however old a feed is, and whatever it says up to ten million dollars:
# where it does not, nobody can redeem.
PATIENT = 10_000_000  # dollars

FeedRules: TypeAlias = tuple[str, int, int, int]


def deploy(run: Run, network: Network, tokens: Iterable[TokenFile]) -> None:
    """All for the venues of `tokens`, and the oracles of those that the network has all for."""
    tokens = list(tokens)
    exchange = network.exchange()
    for field, address in {
        "uniswap.factory": exchange.factory,
        "uniswap.quoter": exchange.quoter,
        "coins.WETH": network.coin("WETH"),
    }.items():
        require_code(run, network, field, address)
    for venue in venues_of(network, tokens):
        serve(run, network, venue)
    for token in tokens:
        if is_possible(network, token):
            fill_oracle(run, network, token)
            if token.venue == "morpho":
                venue_oracle(run, network, token)


def venues_of(network: Network, tokens: Iterable[TokenFile]) -> list[VenueName]:
    """Those of `tokens` that the network has. Raises FileError if it has none of them."""
    needed = {token.venue for token in tokens} or {VENUES[0]}
    found = [venue for venue in VENUES if venue in needed and network.has(venue)]
    return found or [venue for venue in VENUES if venue in needed and network.lender(venue)]


def serve(run: Run, network: Network, venue: VenueName) -> None:
    """All that tokens of a venue need: a factory knows one venue, and the rest one factory."""
    lender, exchange = network.lender(venue), network.exchange()
    require_code(run, network, venue, lender)
    token, position = run.declare("LeveragedToken"), run.declare(POSITIONS[venue])

    def deploy(what: str, *arguments: str) -> str:
        return run.deploy(called(what, venue), what, *arguments)

    factory = deploy("Factory", token, position, lender)
    deploy("Router", factory, exchange.factory, exchange.quoter, network.coin("WETH"))
    deploy("Keeper", factory, exchange.factory)
    deploy("Lens", factory)


def is_possible(network: Network, token: TokenFile) -> bool:
    """Whether the network has the venue, the coins and the feeds of a token."""
    has_pair = {*token.pair} <= {*network.coins} and {*token.feeds} <= {*network.feeds}
    return has_pair and network.has(token.venue)


def fill_oracle(run: Run, network: Network, token: TokenFile) -> str:
    """The oracle that fills ask, which refuses what is stale.

    Raises FileError if the network lacks a coin or a feed.
    """
    fresh = arguments(run, network, token)
    return run.deploy(_named(run, token, "Oracle", fresh), "ChainlinkOracle", *fresh)


def venue_oracle(run: Run, network: Network, token: TokenFile) -> str:
    """The one that Morpho Blue asks: every market there has its own. Raises as `fill_oracle`."""
    joined = network.venue_oracle(token.collateral, token.debt, token.market.lltv)
    if joined:
        return joined
    patient = arguments(run, network, token, patient=True)
    return run.deploy(_named(run, token, "Venue oracle", patient), "ChainlinkOracle", *patient)


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
