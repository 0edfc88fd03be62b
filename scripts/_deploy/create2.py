"""The same address on every chain: CREATE2 through the proxy that everyone uses.

https://github.com/Arachnid/deterministic-deployment-proxy takes 32 bytes of salt and creation
code, and nothing else. So an address tells the code: all that went into it is hashed into it.
"""

import click
from eth_utils import keccak, to_checksum_address
from web3 import Web3

PROXY = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
SALT = bytes(32)

# ERC-5202: a blueprint is these three bytes and the creation code, and the code that returns it.
BLUEPRINT = bytes.fromhex("fe7100")
MAX_BLUEPRINT = 0x6000  # EIP-170


def address_of(creation: bytes) -> str:
    """Where `creation`, constructor arguments included, ends up."""
    packed = b"\xff" + bytes.fromhex(PROXY[2:]) + SALT + keccak(creation)
    return to_checksum_address(keccak(packed)[12:])


def blueprint(creation: bytes) -> bytes:
    """The code that deploys `creation` as a blueprint: PUSH2 size, RETURNDATASIZE, CODECOPY …"""
    code = BLUEPRINT + creation
    if len(code) > MAX_BLUEPRINT:
        raise ValueError(f"a blueprint of {len(code)} bytes; allowed: {MAX_BLUEPRINT}")
    return b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("3d81600a3d39f3") + code


def call(creation: bytes) -> bytes:
    """What the proxy is sent."""
    return SALT + creation


def require_proxy(web3: Web3) -> None:
    """Raise click.ClickException, with what to do, where the proxy is missing."""
    if not web3.eth.get_code(web3.to_checksum_address(PROXY)):
        raise click.ClickException(
            f"this chain has no deterministic deployment proxy at {PROXY}: send 0.01 ether to "
            "0x3fAB184622Dc19b6109349B94811493BF45362A0 and broadcast the signed transaction of "
            "https://github.com/Arachnid/deterministic-deployment-proxy, which anyone may; or "
            "start anvil without --disable-default-create2-deployer"
        )
