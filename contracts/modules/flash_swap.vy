# pragma version 0.4.3
"""
@title   Flash swap
@notice  A Uniswap v3 swap that pays out before it is paid, and the guard of its callback.
@dev     The contract's `uniswapV3SwapCallback` must begin with `_guard`. The pool's
         address is computed, so that nothing but a pool can be waited for; a pool calls back
         nobody but the caller of its `swap`, with the data it was given.
"""
from ..interfaces.external import IUniswapV3Pool

POOL_CODE_HASH: constant(bytes32) = (
    0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54
)
ADDRESS: constant(uint256) = 2**160 - 1  # the bits of an address
# One inside of the prices that a pool can have: no limit.
LOWEST_ROOT: constant(uint160) = 4_295_128_740
HIGHEST_ROOT: constant(uint160) = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341

UNISWAP: immutable(address)

# The pool that is to call back.
expected: transient (address)


@deploy
def __init__(uniswap_factory: address):
    UNISWAP = uniswap_factory


@view
@internal
def _pool(a: address, b: address, fee: uint24) -> address:
    """
    @notice The pool of two tokens, in any order, at a fee tier in millionths.

        pool = keccak256(0xff . factory . keccak256(token0, token1, fee) . code hash)[12:]
    """
    salt: bytes32 = keccak256(abi_encode(a, b, fee))
    if convert(b, uint256) < convert(a, uint256):
        salt = keccak256(abi_encode(b, a, fee))
    digest: bytes32 = keccak256(concat(b"\xff", convert(UNISWAP, bytes20), salt, POOL_CODE_HASH))
    pool: address = convert(convert(digest, uint256) & ADDRESS, address)
    assert pool.is_contract, "swap: unknown pool"
    return pool


@internal
def _swap(
    pool: address,
    sold: address,
    bought: address,
    amount: int256,
    recipient: address,
    data: Bytes[512],
) -> (uint256, uint256):
    """
    @notice Swap exactly `amount`: of `sold` if positive, of `bought` if negative.
    @return What the pool was owed and what was received from it.
    """
    self.expected = pool
    first_in: bool = convert(sold, uint256) < convert(bought, uint256)
    amount0: int256 = 0
    amount1: int256 = 0
    amount0, amount1 = extcall IUniswapV3Pool(pool).swap(
        recipient, first_in, amount, LOWEST_ROOT if first_in else HIGHEST_ROOT, data
    )
    return self._legs(amount, amount0, amount1)


@internal
def _guard():
    """
    @notice Let the one call pass that is expected.
    """
    assert msg.sender == self.expected, "swap: caller is not the pool"
    self.expected = empty(address)


@view
@internal
def _legs(amount: int256, amount0: int256, amount1: int256) -> (uint256, uint256):
    """
    @return What the pool is owed and what was received from it, in a swap of exactly `amount`.
    """
    # a pool that runs dry swaps less than it was asked to
    assert amount0 == amount or amount1 == amount, "swap: pool is too shallow"
    return convert(max(amount0, amount1), uint256), convert(-min(amount0, amount1), uint256)
