"""Going back on the chain that tests share leaves nothing behind."""

import pytest
from ape import chain, networks, project
from ape.exceptions import ContractLogicError

REVERT = "0x5f5ffd"


def test_code_that_was_changed_is_what_it_was_after_going_back(devnet):
    with chain.isolate():
        networks.provider.set_code(devnet.usdc.address, REVERT)
        with pytest.raises(ContractLogicError):
            devnet.usdc.decimals()

    assert devnet.usdc.decimals() == 6


def test_going_back_leaves_room_for_what_was_made_and_changed(devnet):
    made = []
    for _ in range(2):
        with chain.isolate():
            coin = devnet.roles.stranger.deploy(project.TestToken, "Coin", "COIN", 18)
            assert coin.decimals() == 18
            networks.provider.set_code(coin.address, REVERT)
            made.append(coin.address)

    assert made[0] == made[1]
