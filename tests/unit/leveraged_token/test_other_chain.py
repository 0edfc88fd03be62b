"""The same code and immutables where the chain id is another: what a split of the chain leaves."""

from eth_abi import encode
from eth_utils import keccak

from tests.evm import stand_in
from tests.evm.engine import Chain

DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


def test_domain_separator_on_another_chain_is_of_that_chain(bull):
    there = Chain(chain_id=1)
    there.set_code(bull.address, stand_in.engine.code(bull.address))

    separator = there.call(bull.address, keccak(text="DOMAIN_SEPARATOR()")[:4])

    words = keccak(text=DOMAIN), keccak(text="3x Long Ether"), keccak(text="1"), 1, bull.address
    types = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
    assert separator == keccak(encode(types, words))
    assert separator != bull.DOMAIN_SEPARATOR()
