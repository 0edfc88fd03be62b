# pragma version 0.4.3
"""
@title   Typed permit
@notice  Approval by signature (https://eips.ethereum.org/EIPS/eip-2612) under a domain that can be
         read (https://eips.ethereum.org/EIPS/eip-5267).
@dev     The domain separator is computed once and again only if the chain id has changed.
"""
from . import share_ledger

uses: share_ledger

DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
PERMIT_TYPE: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
VERSION: constant(String[1]) = "1"
# half of the curve's order: a signature with a larger s is a copy of another
MAX_S: constant(bytes32) = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

NAME_HASH: immutable(bytes32)
CHAIN_ID: immutable(uint256)
SEPARATOR: immutable(bytes32)

nonces: HashMap[address, uint256]


@deploy
def __init__(name: String[64]):
    NAME_HASH = keccak256(name)
    CHAIN_ID = chain.id
    SEPARATOR = keccak256(
        abi_encode(DOMAIN_TYPE, keccak256(name), keccak256(VERSION), chain.id, self)
    )


@view
@internal
def _separator() -> bytes32:
    if chain.id == CHAIN_ID:
        return SEPARATOR
    return keccak256(abi_encode(DOMAIN_TYPE, NAME_HASH, keccak256(VERSION), chain.id, self))


@internal
def _permit(
    owner: address,
    spender: address,
    amount: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    assert block.timestamp <= deadline, "permit: deadline has passed"
    nonce: uint256 = self.nonces[owner]
    message: bytes32 = keccak256(abi_encode(PERMIT_TYPE, owner, spender, amount, nonce, deadline))
    digest: bytes32 = keccak256(concat(b"\x19\x01", self._separator(), message))
    assert convert(s, uint256) <= convert(MAX_S, uint256), "permit: signature is malleable"
    signer: address = ecrecover(digest, v, r, s)
    assert signer != empty(address), "permit: signature is invalid"
    assert signer == owner, "permit: signer is not the owner"

    self.nonces[owner] = nonce + 1
    share_ledger._approve(owner, spender, amount)
