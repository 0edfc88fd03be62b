"""Whether the code at an address is what our sources make, immutables filled in.

The constructor is run again, in a call that nobody sends. Its code differs from what stands there
only in what depends on a contract's own address, and those words are known.
"""

from collections.abc import Iterable
from typing import Any

from eth_abi import encode
from eth_utils import keccak, to_checksum_address
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import ContractLogicError, Web3RPCError

from scripts._deploy.build import Build, Source
from scripts._deploy.create2 import BLUEPRINT

CHAIN_AND_CONTRACT = "uint256 chainId,address verifyingContract"


def code_at(web3: Web3, address: str) -> bytes:
    """What stands at an address."""
    return bytes(web3.eth.get_code(to_checksum_address(address)))


def is_made_of(
    web3: Web3, address: str, wanted: Build, creator: str, own: Iterable[str] = ()
) -> bool:
    """Whether `wanted`, created by `creator`, is what stands at an address.

    `own` are addresses of what it created itself.
    """
    found = code_at(web3, address)
    if wanted.is_blueprint:
        return found == BLUEPRINT + wanted.source.creation
    made = _simulated(web3, wanted.creation, creator)
    if len(found) != len(made):
        return False
    words = [bytes.fromhex(each[2:]) for each in (address, *own)]
    if any(entry.get("name") == "DOMAIN_SEPARATOR" for entry in wanted.source.abi):
        words.append(_separator(web3, address, wanted.source))
    return _without(found, found, words) == _without(made, found, words)


def _simulated(web3: Web3, creation: bytes, creator: str) -> bytes:
    """The code that `creation` returns to `creator`; empty if it reverts."""
    call: Any = {"from": to_checksum_address(creator), "data": HexBytes(creation)}
    try:
        return bytes(web3.eth.call(call))
    except (ContractLogicError, Web3RPCError):
        return b""


def _separator(web3: Web3, address: str, source: Source) -> bytes:
    """The domain separator (EIP-712) of a contract with permits; one without a name is Morpho."""
    kinds, facts = ["uint256", "address"], [web3.eth.chain_id, address]
    domain = CHAIN_AND_CONTRACT
    if any(entry.get("name") == "name" for entry in source.abi):
        token = web3.eth.contract(to_checksum_address(address), abi=source.abi)
        name = token.functions.name().call()
        kinds = ["bytes32", "bytes32", *kinds]
        facts = [keccak(text=name), keccak(text="1"), *facts]
        domain = f"string name,string version,{domain}"
    return keccak(encode(["bytes32", *kinds], [keccak(text=f"EIP712Domain({domain})"), *facts]))


def _without(code: bytes, pattern: bytes, words: Iterable[bytes]) -> bytes:
    """`code` with zeros wherever `pattern` has one of `words`."""
    blank = bytearray(code)
    for word in words:
        start = pattern.find(word)
        while start >= 0:
            blank[start : start + len(word)] = bytes(len(word))
            start = pattern.find(word, start + 1)
    return bytes(blank)
