"""Going back on the chain that tests share leaves nothing behind."""

import pytest
from ape import networks, project
from ape.exceptions import ContractLogicError

from scripts._devnet import price, set_price, undone

REVERT = "0x5f5ffd"


def test_code_that_was_changed_is_what_it_was_after_going_back(devnet):
    with undone():
        networks.provider.set_code(devnet.usdc.address, REVERT)
        with pytest.raises(ContractLogicError):
            devnet.usdc.decimals()

    assert devnet.usdc.decimals() == 6


def test_going_back_leaves_room_for_what_was_made_and_changed(devnet):
    made = []
    for _ in range(2):
        with undone():
            coin = devnet.roles.stranger.deploy(project.TestToken, "Coin", "COIN", 18)
            assert coin.decimals() == 18
            networks.provider.set_code(coin.address, REVERT)
            made.append(coin.address)

    assert made[0] == made[1]


@pytest.mark.parametrize("fault", [AssertionError, pytest.fail.Exception])
def test_going_back_swallows_no_fault(devnet, fault):
    before = price(devnet)

    with pytest.raises(fault), undone():
        set_price(devnet, "4000")
        raise fault

    assert price(devnet) == before


def test_going_back_goes_step_by_step(devnet):
    before = price(devnet)

    with undone():
        set_price(devnet, "3000")
        for _ in range(2):
            with undone():
                set_price(devnet, "4000")
            assert price(devnet) == 3_000

    assert price(devnet) == before
