"""Who may call back: the pool that is being swapped on, once. Nobody else, and never again."""

import ape
import pytest
from ape import compilers, networks, project
from eth_abi import encode

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD, now
from tests.unit.router.zaps import NATIVE

SHARES = 100 * WAD

# Stands in a pool's place: it wants 1,000 USDC for whatever is bought, and calls back for it twice.
GREEDY_POOL = """
# pragma version 0.4.3
interface Caller:
    def uniswapV3SwapCallback(amount0: int256, amount1: int256, data: Bytes[512]): nonpayable

@external
def swap(
    recipient: address, zero_for_one: bool, amount: int256, limit: uint160, data: Bytes[512]
) -> (int256, int256):
    amounts: int256[2] = [amount, 1_000 * 10**6]
    if zero_for_one:
        amounts = [1_000 * 10**6, amount]
    for _: uint256 in range(2):
        extcall Caller(msg.sender).uniswapV3SwapCallback(amounts[0], amounts[1], data)
    return amounts[0], amounts[1]
"""

# Everything there is before the first test: a fixture that comes late makes Ape build all anew.
pytestmark = pytest.mark.usefixtures("tokens")


@pytest.fixture
def deal(bull, payer, stranger, weth, usdc):
    """What the callback would be told in a mint for the stranger, at the payer's cost."""
    collateral, debt = bull.preview_mint(SHARES)
    addresses = (bull.address, bull.position())
    coins = (usdc.address, weth.address)
    kinds = "address,address,bool,address,address,bool,bool,uint24,"
    kinds += "uint256,uint256,uint256,uint256,address"
    amounts = (SHARES, collateral, debt, ENDLESS)
    fields = (*addresses, True, *coins, True, False, POOL_FEE, *amounts, stranger.address)
    return encode(kinds.split(","), fields)


@pytest.mark.parametrize(
    "who", ["stranger", "payer", "pool", "token", pytest.param("router", marks=pytest.mark.anvil)]
)
def test_callback_outside_of_a_swap_reverts(router, devnet, bull, payer, stranger, usdc, deal, who):
    caller = {
        "stranger": stranger,
        "payer": payer,
        "pool": devnet.pool,
        "token": bull,
        "router": router,
    }[who].address
    purse = usdc.balanceOf(payer)
    data = router.uniswapV3SwapCallback.encode_input(150 * USDC, -1, deal)

    with pytest.raises(Exception, match="swap: caller is not the pool"):
        networks.provider.web3.eth.call({"from": caller, "to": router.address, "data": data})
    assert usdc.balanceOf(payer) == purse


def test_callback_without_data_reverts(router, stranger):
    with ape.reverts("swap: caller is not the pool"):
        router.uniswapV3SwapCallback.call(1, -1, b"", sender=stranger, skip_trace=True)


def test_swap_of_a_stranger_for_the_router_calls_back_the_stranger(
    router, devnet, payer, usdc, weth, stranger, keeps_nothing
):
    """The pool calls whoever swaps: with the router as recipient, it is merely given tokens."""
    purse = usdc.balanceOf(payer), weth.balanceOf(payer)
    trader = devnet.roles.arbitrageur
    order = (weth, usdc, POOL_FEE, router, ENDLESS, WAD, 0, 0)

    devnet.swap_router.exactInputSingle(order, sender=trader)

    assert usdc.balanceOf(router) > 0
    assert (usdc.balanceOf(payer), weth.balanceOf(payer)) == purse
    keeps_nothing()


@pytest.mark.parametrize("calls", [1, 2])
def test_callback_a_second_time_reverts(
    router, devnet, bull, payer, usdc, weth, calls, keeps_nothing
):
    source = GREEDY_POOL.replace("range(2)", f"range({calls})")
    greedy = compilers.compile_source("vyper", source, contractName="GreedyPool")
    code = greedy.contract_type.runtime_bytecode.bytecode
    networks.provider.set_code(devnet.pool.address, code)
    collateral, _ = bull.preview_mint(SHARES)
    weth.transfer(bull.position(), calls * collateral, sender=payer)
    keeps_nothing()
    order = (bull, usdc, POOL_FEE, SHARES, 2_000 * USDC, payer, now())

    if calls == 1:
        assert router.mint.call(*order, sender=payer) > 0
    else:
        with ape.reverts("swap: caller is not the pool"):
            router.mint.call(*order, sender=payer, skip_trace=True)


@pytest.fixture
def hostile(router, minter, usdc, list_coin, stranger):
    """A token of a hostile coin, which tries every door of the router in each transfer."""
    coin = minter.deploy(project.HostileToken)
    token = list_coin(coin)
    usdc.approve(router, ENDLESS, sender=minter)
    way = (token, usdc, POOL_FEE, SHARES)
    doors = [
        router.uniswapV3SwapCallback.encode_input(1, -1, b""),
        router.mint.encode_input(*way, ENDLESS, stranger, ENDLESS),
        router.mint_exact_in.encode_input(*way, 0, stranger, ENDLESS),
        router.redeem.encode_input(*way, 0, stranger, ENDLESS),
        router.quote_mint.encode_input(*way),
        router.quote_mint_exact_in.encode_input(*way),
        router.quote_redeem.encode_input(*way),
    ]
    coin.arm(router, doors, sender=minter)
    return token, coin, len(doors)


@pytest.mark.parametrize("in_debt", [False, True])
def test_hostile_coin_in_the_middle_of_a_mint_is_refused(router, minter, usdc, hostile, in_debt):
    token, coin, doors = hostile
    asset = usdc if in_debt else coin

    router.mint(token, asset, POOL_FEE, SHARES, 2**128, minter, now(), sender=minter)

    assert token.balanceOf(minter) == SHARES
    assert coin.tried() >= 2 * doors  # from the pool and to the venue, at least
    assert coin.entered() == 0


@pytest.mark.parametrize("in_debt", [False, True])
def test_hostile_coin_in_the_middle_of_a_redemption_is_refused(
    router, minter, usdc, hostile, in_debt
):
    token, coin, doors = hostile
    router.mint(token, usdc, POOL_FEE, SHARES, 2**128, minter, now(), sender=minter)
    tried = coin.tried()
    asset = usdc if in_debt else coin

    router.redeem(token, asset, POOL_FEE, SHARES, 0, minter, now(), sender=minter)

    assert token.balanceOf(minter) == 0
    assert coin.tried() >= tried + doors
    assert coin.entered() == 0


def test_receiver_that_takes_no_ether_makes_a_redemption_revert(router, bull, payer):
    """The router itself is such a receiver: it takes ether from nobody but WETH."""
    router.mint(bull, NATIVE, POOL_FEE, SHARES, WAD, payer, now(), sender=payer, value=WAD)

    with ape.reverts():
        router.redeem.call(
            bull, NATIVE, POOL_FEE, SHARES, 0, router, now(), sender=payer, skip_trace=True
        )
