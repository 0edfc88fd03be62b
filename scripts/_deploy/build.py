"""A contract ready to be created: its code, and the arguments of its constructor."""

import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from ape import project
from eth_abi import decode, encode
from eth_utils import to_checksum_address

from scripts import _thirdparty
from scripts._deploy.create2 import address_of, blueprint
from scripts._files.reading import ROOT


@dataclass(frozen=True)
class Source:
    """A compiled contract, of ours or of a package that the devnet is made of."""

    name: str
    abi: list[dict[str, Any]]
    creation: bytes
    compiler: str


@dataclass(frozen=True)
class Build:
    """A contract with the arguments of its constructor."""

    source: Source
    arguments: list[Any]
    encoded: bytes
    is_blueprint: bool = False

    @property
    def constructor(self) -> bytes:
        """Creation code and arguments."""
        return self.source.creation + self.encoded

    @property
    def creation(self) -> bytes:
        """What makes the code that is to stand there."""
        return blueprint(self.source.creation) if self.is_blueprint else self.constructor

    @property
    def address(self) -> str:
        """Where it goes, and went if it is there already."""
        return address_of(self.creation)


@cache
def source(name: str) -> Source:
    """The contract called `name`. Raises KeyError for one that there is not."""
    if name in _thirdparty.NAMES:
        made = _thirdparty.artifact(name)
        return Source(name, made.abi, _creation(made), "as its authors compiled")
    container = getattr(project, name)
    contract = container.contract_type
    evm = project.config.get_config("vyper").evm_version
    return Source(
        name,
        [entry.model_dump(mode="json", by_alias=True) for entry in contract.abi],
        bytes(contract.get_deployment_bytecode()),
        f"vyper {version('vyper')}, {evm}",
    )


def _creation(made: _thirdparty.Artifact) -> bytes:
    """The code of a package's contract; libraries that it calls are where `deploy` puts them."""
    if not made.links:
        return bytes.fromhex(made.bytecode[2:])
    folder, _, _ = made.name.rpartition("/")
    libraries = {name: address_of(source(f"{folder}/{name}").creation) for name in made.links}
    linked = _thirdparty.linked(made.name, libraries).contract_type
    return bytes(linked.get_deployment_bytecode() or b"")


def build(name: str, *arguments: Any) -> Build:
    """`name` with constructor arguments: addresses as text, structs as tuples."""
    made = source(name)
    types = _kinds(made)
    if len(types) != len(arguments):
        raise TypeError(f"{name} takes {len(types)} arguments, not {len(arguments)}")
    return Build(made, [plain(each) for each in arguments], encode(types, arguments))


def declared(name: str) -> Build:
    """`name` as a blueprint."""
    return Build(source(name), [], b"", is_blueprint=True)


def again(name: str, encoded: bytes) -> Build:
    """`name` with arguments that are encoded already."""
    made = source(name)
    kinds = _kinds(made)
    return Build(made, [plain(each) for each in decode(kinds, encoded)], encoded)


def _kinds(made: Source) -> list[str]:
    """The types of the constructor's arguments."""
    constructors = [entry for entry in made.abi if entry["type"] == "constructor"]
    return [abi_type(each) for entry in constructors for each in entry["inputs"]]


def abi_type(entry: dict[str, Any]) -> str:
    """An ABI entry's type as eth-abi reads it, tuples spelled out."""
    kind = entry["type"]
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(abi_type(part) for part in entry["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


def plain(value: Any) -> Any:
    """A constructor argument as JSON has it."""
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, str) and value.startswith("0x") and len(value) == 42:
        return to_checksum_address(value)
    return value


@cache
def commit() -> str:
    """What is checked out, "-dirty" if a contract or a script is not as committed."""

    def git(*args: str) -> str:
        return subprocess.run(
            ["git", *args], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.strip()

    try:
        dirty = git("status", "--porcelain", "--", "contracts", "scripts/_deploy")
        return git("rev-parse", "HEAD") + ("-dirty" if dirty else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
