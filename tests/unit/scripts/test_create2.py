"""Addresses before anything is sent."""

import pytest
from vyper import compile_code
from web3.utils.address import get_create2_address

from scripts._deploy import create2

SOURCE = """
# pragma version 0.4.3
@external
def one() -> uint256:
    return 1
"""


def test_address_is_that_of_create2():
    creation = bytes(range(40))
    salt = "0x" + "00" * 32

    expected = get_create2_address(create2.PROXY, salt, "0x" + creation.hex())

    assert create2.address_of(creation) == expected
    assert create2.call(creation) == bytes(32) + creation


def test_blueprint_is_that_of_the_compiler():
    made = compile_code(SOURCE, output_formats=["bytecode", "blueprint_bytecode"])
    creation = bytes.fromhex(made["bytecode"][2:])

    assert create2.blueprint(creation) == bytes.fromhex(made["blueprint_bytecode"][2:])


def test_blueprint_that_no_chain_takes_is_refused():
    create2.blueprint(bytes(create2.MAX_BLUEPRINT - len(create2.BLUEPRINT)))

    with pytest.raises(ValueError, match="allowed: 24576"):
        create2.blueprint(bytes(create2.MAX_BLUEPRINT))
