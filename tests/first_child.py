"""Where a contract's first own creation lies: known before it is there, as of a position."""

from typing import Any

from eth_utils import keccak, to_checksum_address


def first_child(creator: Any) -> str:
    """The address of the first contract that a contract creates."""
    #   rlp([creator, 1])
    return to_checksum_address(keccak(b"\xd6\x94" + bytes.fromhex(str(creator)[2:]) + b"\x01")[12:])
