"""What is deployed on a network, in one file that is whole at any moment."""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from scripts._files.reading import record_path, short
from scripts._files.venue import POSITIONS, VENUES, VenueName, called


@dataclass(frozen=True)
class Deployed:
    """A contract, and all that is needed to make its code again."""

    address: str
    source: str  # the contract's name, of ours or of a package
    arguments: list[Any]  # of the constructor; structs as lists, addresses with checksum
    encoded: str  # the same as 0x-prefixed ABI encoding
    commit: str  # of this repository, "-dirty" if files were changed
    compiler: str  # "vyper 0.4.3, cancun"
    transaction: str | None = None  # None: it stood there before we came
    block: int | None = None


@dataclass(frozen=True)
class Pending:
    """A transaction that may be on its way."""

    name: str
    hash: str


@dataclass
class Record:
    """Everything on one network. `path` is None for a rehearsal, which leaves nothing behind."""

    network: str
    path: Path | None = None
    chain_id: int = 0
    genesis: str = ""  # hash of the chain's first block
    deployer: str = ""
    contracts: dict[str, Deployed] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  # addresses by symbol
    sandbox: dict[str, Any] = field(default_factory=dict)  # fields of a network file
    pending: Pending | None = None

    @classmethod
    def load(cls, network: str) -> "Record":
        """The record of a network: empty if there is none yet. Raises click.ClickException."""
        path = record_path(network)
        if not path.is_file():
            return cls(network, path)
        try:
            found = json.loads(path.read_text(encoding="utf8"))
            contracts = {name: Deployed(**facts) for name, facts in found.pop("contracts").items()}
            pending = found.pop("pending")
            return cls(
                path=path,
                contracts=contracts,
                pending=Pending(**pending) if pending else None,
                **found,
            )
        except (ValueError, TypeError, KeyError) as error:
            raise click.ClickException(
                f"{short(path)}: is not a record of a deployment ({error}); allowed: the file as "
                "`ape run deploy` wrote it, or none"
            ) from None

    def save(self) -> None:
        """Write in one step: whoever reads sees the old file or the new, and so does a crash."""
        if self.path is None:
            return
        facts = {key: value for key, value in asdict(self).items() if key != "path"}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with draft.open("w", encoding="utf8") as file:
            file.write(json.dumps(facts, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    @property
    def where(self) -> str:
        """Its file."""
        return short(self.path) if self.path else "nothing"

    def rehearsed(self) -> "Record":
        """A copy that is never written."""
        return replace(
            self,
            path=None,
            contracts=dict(self.contracts),
            tokens=dict(self.tokens),
            sandbox=dict(self.sandbox),
        )

    def address(self, name: str) -> str:
        """Of a contract, "Factory" for one. Raises click.ClickException if it is not there."""
        if name not in self.contracts:
            raise click.ClickException(
                f"{name} is not deployed on {self.network}: "
                f"ape run deploy --network {self.network} --broadcast"
            )
        return self.contracts[name].address

    def ours(self, contract: str, venue: VenueName) -> str:
        """Of the contract that serves a venue, the "Factory" for one.

        Raises click.ClickException if it is not there.
        """
        return self.address(called(contract, venue))

    def has(self, venue: VenueName) -> bool:
        """Whether Ballast is there for tokens of a venue."""
        return called("Factory", venue) in self.contracts

    def venues(self) -> list[VenueName]:
        """Those that Ballast is there for. Raises click.ClickException if there is none."""
        found = [venue for venue in VENUES if self.has(venue)]
        if not found:
            self.address("Factory")  # says how it gets there
        return found

    def venue(self, symbol: str) -> VenueName:
        """Where a token lives: its position says so."""
        position = self.contracts.get(f"{symbol} position")
        return next((v for v in VENUES if position and position.source == POSITIONS[v]), "morpho")

    def token(self, symbol: str) -> str:
        """The address of a token. Raises click.ClickException if it is not there."""
        if symbol not in self.tokens:
            raise click.ClickException(
                f"{symbol} is not on {self.network}, which has {', '.join(self.tokens) or 'none'}: "
                f"ape run create {symbol} --network {self.network} --broadcast"
            )
        return self.tokens[symbol]
