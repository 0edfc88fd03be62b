"""A network: how it is reached, and what Ballast finds on it."""

import json
import os
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from scripts._files.reading import (
    SCRIPTS,
    Address,
    FileError,
    Fraction,
    Model,
    Wrong,
    choices,
    find,
    parse,
    read_yaml,
    record_path,
    short,
)
from scripts._files.venue import VenueName

NETWORKS = SCRIPTS / "networks"
LOCAL_RPC = "http://127.0.0.1:8545"

# Where money is worth nothing: here alone `--sandbox` may bring what is missing.
TESTNETS = {31337: "anvil", 11155111: "Sepolia", 84532: "Base Sepolia", 421614: "Arbitrum Sepolia"}

Pair = tuple[str, str]


class Uniswap(Model):
    """Uniswap v3."""

    factory: Address
    quoter: Address  # QuoterV2


class Pool(Model):
    """One of its pools that the router and the keeper may use."""

    pair: Pair
    fee: Annotated[int, Field(gt=0, lt=1_000_000)]  # in millionths: 500 is 0.05 %


class Feed(Model):
    """A Chainlink feed in dollars, and what its answers are held to."""

    address: Address
    heartbeat: Annotated[int, Field(gt=0)]  # seconds: the oldest that an answer may be
    floor: Annotated[Fraction, Field(gt=0)]  # dollars: the lowest and the highest sane answer
    ceiling: Annotated[Fraction, Field(gt=0)]

    @model_validator(mode="after")
    def _check(self) -> "Feed":
        if self.floor > self.ceiling:
            raise Wrong(f"is {self.floor}", f"above 0, to the ceiling, {self.ceiling}", "floor")
        return self


class Sequencer(Model):
    """The uptime feed of an L2's sequencer."""

    feed: Address
    grace: Annotated[int, Field(gt=0)]  # seconds that it must be up before prices count


class KnownMarket(Model):
    """A market of Morpho Blue that tokens join instead of opening their own.

    Its oracle must answer however old a feed is: where it does not, nobody can redeem.
    """

    collateral: str
    debt: str
    lltv: Annotated[Fraction, Field(gt=0, lt=1)]
    oracle: Address


class Network(Model):
    """A network file. What is None or empty has to come with `--sandbox`, or is not needed."""

    name: str
    chain_id: Annotated[int, Field(gt=0)]
    rpc: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]  # environment variable with the URL
    explorer: Annotated[str, Field(pattern=r"^https://.*[^/]$")] | None = None
    confirmations: Annotated[int, Field(ge=1, le=100)]
    morpho: Address | None = None
    irm: Address | None = None
    aave: Address | None = None  # the Pool of Aave v3
    uniswap: Uniswap | None = None
    coins: dict[str, Address] = {}
    pools: tuple[Pool, ...] = ()
    feeds: dict[str, Feed] = {}
    sequencer: Sequencer | None = None
    markets: tuple[KnownMarket, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "Network":
        named = [("pools", coin) for pool in self.pools for coin in pool.pair]
        named += [
            ("markets", coin)
            for market in self.markets
            for coin in (market.collateral, market.debt)
        ]
        for field, coin in named:
            if coin not in self.coins:
                listed = ", ".join(self.coins) or "no coin"
                raise Wrong(f"{coin} is none of the coins", listed, field)
        return self

    @property
    def file(self) -> str:
        """Where it is written down."""
        return short(NETWORKS / f"{self.name}.yaml")

    @property
    def url(self) -> str:
        """Of its node, from the environment; empty where that has none."""
        return os.environ.get(self.rpc) or (LOCAL_RPC if self.name == "local" else "")

    @property
    def is_testnet(self) -> bool:
        """Whether its money is worth nothing."""
        return self.chain_id in TESTNETS

    def coin(self, name: str) -> str:
        """The address of a coin. Raises FileError if it is not listed."""
        if name not in self.coins:
            raise self._lacks(f"coins.{name}", ", ".join(self.coins))
        return self.coins[name]

    def feed(self, name: str) -> Feed:
        """A feed. Raises FileError if it is not listed."""
        if name not in self.feeds:
            raise self._lacks(f"feeds.{name}", ", ".join(self.feeds))
        return self.feeds[name]

    def venue(self) -> tuple[str, str]:
        """Morpho Blue and its interest rate model. Raises FileError if one is not given."""
        if not self.morpho or not self.irm:
            raise self._lacks("irm" if self.morpho else "morpho", "an address")
        return self.morpho, self.irm

    def lender(self, venue: VenueName) -> str:
        """The contract that stands for a venue: Morpho Blue, or the Pool of Aave v3.

        Raises FileError if it is not given.
        """
        if venue == "morpho":
            return self.venue()[0]
        if not self.aave:
            raise self._lacks("aave", "the address of its Pool")
        return self.aave

    def has(self, venue: VenueName) -> bool:
        """Whether it is there."""
        return bool(self.aave if venue == "aave" else self.morpho)

    def exchange(self) -> Uniswap:
        """Uniswap v3. Raises FileError if it is not given."""
        if not self.uniswap:
            raise self._lacks("uniswap", "factory and quoter")
        return self.uniswap

    def fee(self, one: str, other: str) -> int:
        """The fee of the pool of two coins, in millionths. Raises FileError if there is none."""
        for pool in self.pools:
            if {*pool.pair} == {one, other}:
                return pool.fee
        raise self._lacks("pools", ", ".join("/".join(pool.pair) for pool in self.pools))

    def venue_oracle(self, collateral: str, debt: str, lltv: Decimal) -> str | None:
        """The oracle of the market that tokens join, None where they open their own."""
        for market in self.markets:
            if (market.collateral, market.debt, market.lltv) == (collateral, debt, lltv):
                return market.oracle
        return None

    def _lacks(self, field: str, there: str) -> FileError:
        fix = "list it"
        if self.is_testnet:
            fix += f", or `ape run deploy --network {self.name} --sandbox` brings its own"
        return FileError(self.file, field, "is not given", f"{there or 'nothing yet'} ({fix})")


def network_names() -> list[str]:
    """All that have a file."""
    return choices(NETWORKS)


def load_network(name: str, sandbox: bool = True) -> Network:
    """The network of this name. Raises FileError.

    Where a sandbox was deployed, what it brought takes the place of what the file says, unless
    `sandbox` is False.
    """
    path = find(NETWORKS, name, "network")
    network = parse(Network, path, read_yaml(path), name=name)
    record = record_path(name)
    if not sandbox or not network.is_testnet or not record.is_file():
        return network
    try:
        brought = json.loads(record.read_text(encoding="utf8")).get("sandbox") or {}
    except (ValueError, AttributeError):
        allowed = "the file as `ape run deploy` wrote it, or none"
        raise FileError(short(record), "", "is not a record of a deployment", allowed) from None
    if not brought:
        return network
    return parse(Network, record, {**network.model_dump(mode="json"), **brought})
