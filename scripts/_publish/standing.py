"""What stands on a network and is ours, with constructor arguments that its address proves.

All of it was made by CREATE2, a position by its token: an address is a hash of creation code and
arguments. So the record is not believed: what does not hash to its address is not of these sources.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import click
from ape import project
from eth_abi import decode, encode
from eth_typing import HexAddress
from eth_utils import keccak, to_canonical_address, to_checksum_address
from web3.types import Nonce
from web3.utils.address import get_create_address

from scripts._deploy.build import Build, abi_type, source
from scripts._deploy.record import Deployed, Record

BLUEPRINT = " blueprint"  # the ends of names in the record
POSITION = " position"


@dataclass(frozen=True)
class Standing:
    """A contract of ours at its address."""

    name: str  # in the record: "Factory", "LeveragedToken blueprint", "ETHBULL position"
    address: str
    source: str  # the contract's name
    arguments: bytes  # of its constructor, ABI-encoded; of a blueprint none


def standing(record: Record) -> Iterator[Standing]:
    """Every contract of ours in a record.

    Raises click.ClickException for the first that these sources do not make.
    """
    for name, deployed in record.contracts.items():
        if any(project.contracts_folder.rglob(f"{deployed.source}.vy")):
            yield _proved(record, name, deployed)


def _proved(record: Record, name: str, deployed: Deployed) -> Standing:
    arguments = bytes.fromhex(deployed.encoded.removeprefix("0x"))
    made = Build(source(deployed.source), [], arguments, name.endswith(BLUEPRINT))
    if name in record.tokens:
        address = _of_token(made, record.ours("Factory", record.venue(name)))
    elif name.endswith(POSITION):
        # The first that its token creates: contracts count from 1.
        token = HexAddress(to_checksum_address(record.token(name.removesuffix(POSITION))))
        address = get_create_address(token, Nonce(1))
    else:
        address = made.address
    if address != deployed.address:
        raise click.ClickException(
            f"{name} at {deployed.address} is not made from these sources, but from those of "
            f"commit {deployed.commit} by {deployed.compiler}: check that out"
        )
    return Standing(name, deployed.address, deployed.source, arguments)


def _of_token(made: Build, factory: str) -> str:
    """Where the factory puts a token: the salt is the hash of what `create` was asked for."""
    constructor = next(entry for entry in made.source.abi if entry["type"] == "constructor")
    types = [abi_type(entry) for entry in constructor["inputs"]]
    *asked, _, venue = decode(types, made.encoded)
    market = venue[32:]  # after the address of the venue
    salt = keccak(encode([*types[:-2], "bytes"], [*asked, market]))
    packed = b"\xff" + to_canonical_address(factory) + salt + keccak(made.constructor)
    return to_checksum_address(keccak(packed)[12:])
