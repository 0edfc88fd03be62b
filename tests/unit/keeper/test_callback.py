"""Who may call back: the pool that is being swapped on, once. Nobody else, and never again."""

import pytest
from ape import networks
from eth_abi import encode

from scripts._devnet import USDC

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


@pytest.mark.parametrize(
    "who", ["stranger", "pool", "token", pytest.param("keeper", marks=pytest.mark.anvil)]
)
def test_callback_outside_of_a_swap_reverts(
    devnet, keeper, bull, usdc, minter, stranger, who, keeps_nothing
):
    usdc.transfer(keeper, 1_000 * USDC, sender=minter)
    keeps_nothing()
    caller = {"stranger": stranger, "pool": devnet.pool, "token": bull, "keeper": keeper}[who]
    kinds = ["address", "bool", "uint256", "address", "uint256"]
    deal = encode(kinds, [bull.address, True, 1, usdc.address, 0])
    data = keeper.uniswapV3SwapCallback.encode_input(100 * USDC, -1, deal)

    with pytest.raises(Exception, match="swap: caller is not the pool"):
        networks.provider.web3.eth.call(
            {"from": caller.address, "to": keeper.address, "data": data}
        )
