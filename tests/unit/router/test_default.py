"""Ether: only what the router itself unwraps."""

import ape
import pytest

from scripts._devnet import WAD

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


def test_ether_from_anyone_reverts(router, minter, keeper_account):
    for sender in (minter, keeper_account):
        with ape.reverts("router: only weth may pay"):
            sender.transfer(router, WAD)


def test_ether_from_weth_passes(router, weth, minter, networks):
    networks.provider.web3.eth.call({"from": weth.address, "to": router.address, "value": WAD})


def test_unknown_function_reverts(router, minter):
    with ape.reverts("router: only weth may pay"):
        minter.transfer(router, 0, data="0x12345678")
