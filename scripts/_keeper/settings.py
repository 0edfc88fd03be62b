"""What the keeper is told, by environment variables that begin with KEEPER_.

With KEEPER_NETWORK the rest comes from that network's file and the record of what is deployed;
whatever is set besides goes first. Every error names the variable, its value and what is allowed.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import click
from eth_utils import is_address, to_checksum_address
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from scripts._files.venue import VENUES, VenueName

if TYPE_CHECKING:
    from scripts._deploy.record import Record

PREFIX = "KEEPER_"
SECRETS = (f"{PREFIX}RPC", f"{PREFIX}PRIVATE_RPC")
GWEI = 10**9
ETHER = 10**18
# What is set in every container for a service whose name begins with keeper.
KUBERNETES = re.compile(r"_SERVICE_|_PORT_\d+_")
TIERS = (500, 3_000)  # fee tiers of Uniswap v3 with most of the liquidity, in millionths


class SettingsError(click.ClickException):
    """Settings that are not allowed: which, and what would be."""


def _list(value: Any) -> Any:
    """Comma-separated text as a list."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _address(value: Any) -> str:
    if not is_address(value):
        raise ValueError("an address is 0x and 40 hex digits, with its checksum if mixed")
    return to_checksum_address(value)


def _port(value: Any) -> Any:
    """Kubernetes sets KEEPER_PORT=tcp://… by itself where a service is called keeper."""
    return 0 if isinstance(value, str) and "://" in value else value


def _url(value: Any) -> str:
    if not str(value).startswith(("http://", "https://")):
        raise ValueError("a URL begins with http:// or https://")
    return str(value)


Url = Annotated[str, BeforeValidator(_url)]
Address = Annotated[str, BeforeValidator(_address)]
Tier = Annotated[int, Field(gt=0, lt=1_000_000)]


class Settings(BaseSettings):
    """All settings, validated; amounts of the chain's coin in whole coins, fees per gas in gwei."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    network: str = ""  # a file in scripts/networks: what is not set below comes from there
    venue: VenueName | None = None  # there, whose tokens it watches; needed if there are two
    chain_id: int = Field(0, ge=0)
    rpc: Annotated[tuple[Url, ...], NoDecode, BeforeValidator(_list)] = ()  # to read from
    private_rpc: Url | None = None  # to send to, instead of those
    keeper: Address | None = None  # contracts of ours
    lens: Address | None = None
    native: Address | None = None  # the wrapped coin of the chain: WETH
    tokens: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_list)
    ] = ()  # symbols, addresses; with `all` among them those that are trusted with prices
    coins: Annotated[
        tuple[Address, ...], NoDecode, BeforeValidator(_list)
    ] = ()  # that pairs may be of
    tiers: Annotated[tuple[Tier, ...], NoDecode, BeforeValidator(_list)] = Field(
        TIERS, min_length=1
    )

    account: str = ""  # alias of an account of Ape
    passphrase: SecretStr | None = None  # of it
    private_key: SecretStr | None = None  # instead of an account
    broadcast: bool = False

    max_gas_price: Decimal = Field(Decimal(500), gt=0)  # gwei
    loss_budget: Decimal = Field(Decimal(0), ge=0, le=10)  # coins, for emergencies of a token a day
    patience: int = Field(3, ge=1, le=100)  # blocks until a transaction is replaced
    confirmations: int = Field(0, ge=0, le=100)  # 0: the network's, or 2
    block_seconds: float = Field(12, gt=0, le=60)
    timeout: float = Field(4, gt=0, le=60)  # seconds for one request
    max_lag: int = Field(3, ge=1, le=100)  # blocks that a node may be behind the others
    batch: int = Field(100, ge=20, le=1_000)  # calls in one request, at most
    page: int = Field(250, ge=1, le=256)  # tokens in one call of Lens, at most

    port: Annotated[int, BeforeValidator(_port)] = Field(
        0, ge=0, le=65_535
    )  # of /health and /metrics; 0: none
    host: str = "127.0.0.1"
    health: float = Field(60, gt=0)  # seconds without a block after which /health says so
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _check(self) -> "Settings":
        if "all" in self.tokens:
            if len(self.tokens) == 1:
                raise ValueError(
                    "KEEPER_TOKENS: all: name besides it the tokens whose oracles may tell what "
                    "coins are worth, since anyone can create a token with any oracle: all,0x…"
                )
            if not self.coins:
                raise ValueError(
                    "KEEPER_COINS is not set: with KEEPER_TOKENS=all it must list the coins that "
                    "you want to touch, since anyone can create a token of any coin"
                )
        for name in ("chain_id", "rpc", "keeper", "lens", "native", "tokens"):
            if not getattr(self, name):
                raise ValueError(
                    f"{PREFIX}{name.upper()} is not set: give it, or a KEEPER_NETWORK on which "
                    "Ballast is deployed"
                )
        if symbols := [each for each in self.tokens if each != "all" and not is_address(each)]:
            raise ValueError(
                f"KEEPER_TOKENS: {', '.join(symbols)}: without KEEPER_NETWORK tokens are addresses"
            )
        if self.private_key and self.account:
            raise ValueError("KEEPER_ACCOUNT and KEEPER_PRIVATE_KEY are set: allowed is one")
        return self

    @property
    def watched(self) -> tuple[str, ...] | None:
        """Addresses of the tokens; None for all of the factory's."""
        return None if "all" in self.tokens else self._named

    @property
    def trusted(self) -> frozenset[str] | None:
        """Tokens whose oracles tell what coins are worth; None for all that are watched."""
        return frozenset(self._named) if "all" in self.tokens else None

    @property
    def _named(self) -> tuple[str, ...]:
        return tuple(to_checksum_address(each) for each in self.tokens if each != "all")

    @property
    def depth(self) -> int:
        """Blocks that make a transaction final."""
        return self.confirmations or 2

    @property
    def most(self) -> int:
        """The highest fee for a gas, wei."""
        return int(self.max_gas_price * GWEI)

    @property
    def budget(self) -> int:
        """What ending emergencies of one token may lose in a day, wei."""
        return int(self.loss_budget * ETHER)


def load(**given: Any) -> Settings:
    """The settings; what is `given` goes before the environment. Raises SettingsError."""
    given = {name: value for name, value in given.items() if value is not None}
    unknown = [name for name in os.environ if name.startswith(PREFIX) and not _is_known(name)]
    if unknown:
        known = ", ".join(PREFIX + field.upper() for field in Settings.model_fields)
        raise SettingsError(f"{unknown[0]} is not a setting; allowed: {known}")
    name = given.get("network") or os.environ.get("KEEPER_NETWORK", "")
    try:
        return Settings(**given | (_from_network(name, given) if name else {}))
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(each) for each in error.errors())) from None


def _is_known(variable: str) -> bool:
    if KUBERNETES.search(variable) or "://" in os.environ[variable] and variable.endswith("_PORT"):
        return True
    return variable.removeprefix(PREFIX).lower() in Settings.model_fields


def _from_network(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the environment leaves open, from a network's file and record. Raises FileError."""
    from scripts._deploy.record import Record
    from scripts._files import load_network

    network, record = load_network(name), Record.load(name)
    coins = network.coins
    asked = _list(given.get("tokens") or os.environ.get("KEEPER_TOKENS") or [])
    venue = _venue(given.get("venue") or os.environ.get("KEEPER_VENUE", ""), record, asked)
    if venue is None:
        return {}
    found: dict[str, Callable[[], Any]] = {
        "chain_id": lambda: network.chain_id,
        "rpc": lambda: [network.url] if network.url else [],
        "keeper": lambda: record.ours("Keeper", venue),
        "lens": lambda: record.ours("Lens", venue),
        "native": lambda: network.coin("WETH"),
        "coins": lambda: list(coins.values()),
        "tiers": lambda: sorted({pool.fee for pool in network.pools}) or list(TIERS),
        "confirmations": lambda: network.confirmations,
    }
    filled = {
        field: value()
        for field, value in found.items()
        if field not in given and PREFIX + field.upper() not in os.environ
    }
    known = [symbol for symbol in record.tokens if record.venue(symbol) == venue]
    if list(asked) in ([], ["all"]):
        asked = [*asked, *known]
    tokens = [each if each == "all" or is_address(each) else record.token(each) for each in asked]
    return filled | {"tokens": tokens, "venue": venue}


def _venue(told: str, record: "Record", asked: Sequence[str]) -> VenueName | None:
    """Where the tokens live that it is to watch; None where it is told something strange.

    Raises SettingsError if that is more than one venue.
    """
    named = {record.venue(symbol) for symbol in asked if symbol in record.tokens}
    there = [venue for venue in VENUES if (venue in named if named else record.has(venue))]
    if told and not named - {told}:
        return next((venue for venue in VENUES if venue == told), None)
    if told or len(there) > 1:
        raise SettingsError(
            f"KEEPER_VENUE {f'is {told}' if told else 'is not set'}, and the tokens of "
            f"{record.network} live on {' and '.join(there)}: a keeper watches those of one venue; "
            f"allowed: {', '.join(there)}, with tokens that live there"
        )
    return there[0] if there else VENUES[0]


def _explain(error: Any) -> str:
    """A complaint of pydantic's as: variable, value, and what is allowed."""
    said = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return said
    name = PREFIX + str(error["loc"][0]).upper()
    value = error["input"]
    if name in SECRETS:
        value = _masked(value)
    return f"{name}: {value!r}: {said[:1].lower()}{said[1:]}"


def _masked(url: Any) -> str:
    """Of a URL scheme and host: paths, queries and names in it are keys, mostly."""
    parts = urlsplit(str(url))
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}/…" if host else "…"


def accounts_folder() -> Path:
    """Where Ape keeps its accounts."""
    return Path(os.environ.get("APE_DATA_FOLDER") or Path.home() / ".ape") / "accounts"
