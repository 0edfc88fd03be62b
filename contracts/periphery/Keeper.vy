# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Keeper
@license MIT
@notice  Fills a token's auction with a Uniswap v3 flash swap: no capital, the profit goes out.
@dev     The pool pays what the taker brings straight to the position, the fill pays here, and from
         that the pool is paid. No more is bought than the fill takes, since the rest would stay in
         the position. Anyone may call; `eth_call` tells the profit before.
@custom:invariants
    1. It holds nothing between transactions, but for what strangers leave, and approves nobody.
    2. Its callback obeys only the pool that it computed, once, during its own swap.
@custom:kill  none: there is no owner and no switch
"""
from ethereum.ercs import IERC20
from ..interfaces import IFactory
from ..interfaces import ILeveragedToken
from ..modules import flash_swap

initializes: flash_swap


# What the callback must know.
struct Deal:
    token: ILeveragedToken
    levering: bool
    brings: uint256
    coin: IERC20  # what the fill pays in
    min_profit: uint256


FACTORY: public(immutable(IFactory))

# Of the fill that is under way.
profit: transient (uint256)


@deploy
def __init__(factory: IFactory, uniswap_factory: address):
    """
    @param factory         Whose tokens are filled.
    @param uniswap_factory Uniswap v3, whose pools are swapped on.
    """
    flash_swap.__init__(uniswap_factory)
    FACTORY = factory


@external
def fill(
    token: ILeveragedToken, fee: uint24, max_in: uint256, min_profit: uint256, receiver: address
) -> uint256:
    """
    @notice Fill what is open, in the direction in which it is.
    @param token      Leveraged token.
    @param fee        Fee tier of the Uniswap pool, in millionths.
    @param max_in     The most to bring: collateral below target, debt above it.
    @param min_profit The least to earn, in the other of the two, in which the fill pays.
    @param receiver   Of the profit.
    @return Profit.
    """
    assert staticcall FACTORY.is_token(token.address), "keeper: unknown token"
    auction: ILeveragedToken.Auction = staticcall token.auction()
    levering: bool = auction.levering
    brings: uint256 = auction.brings
    if max_in < brings:
        # No more than a fill of `max_in` takes: rounding may leave some of it.
        takes: uint256 = 0
        if levering:
            brings, takes = staticcall token.preview_fill_lever(max_in)
        else:
            brings, takes = staticcall token.preview_fill_delever(max_in)
    assert brings > 0, "keeper: nothing to fill"

    position: address = empty(address)
    collateral: address = empty(address)
    debt: address = empty(address)
    position, collateral, debt = staticcall token.parts()
    sold: address = debt if levering else collateral
    bought: address = collateral if levering else debt
    deal: Deal = Deal(
        token=token, levering=levering, brings=brings, coin=IERC20(sold), min_profit=min_profit
    )
    pool: address = flash_swap._pool(sold, bought, fee)
    amount: int256 = -convert(brings, int256)
    flash_swap._swap(pool, sold, bought, amount, position, abi_encode(deal))
    profit: uint256 = self.profit
    moved: bool = extcall IERC20(sold).transfer(receiver, profit, default_return_value=True)
    # nobody looks at the receiver's balance after this
    assert moved, "keeper: transfer failed"
    return profit


@reentrant
@external
def uniswapV3SwapCallback(amount0: int256, amount1: int256, data: Bytes[512]):
    """
    @notice For the pool that is being swapped on: it has paid and wants to be paid.
    """
    flash_swap._guard()
    deal: Deal = abi_decode(data, Deal)
    owed: uint256 = 0
    received: uint256 = 0
    owed, received = flash_swap._legs(-convert(deal.brings, int256), amount0, amount1)

    brought: uint256 = 0
    taken: uint256 = 0
    if deal.levering:
        brought, taken = extcall deal.token.fill_lever(deal.brings, 0, self)
    else:
        brought, taken = extcall deal.token.fill_delever(deal.brings, 0, self)
    assert taken >= owed + deal.min_profit, "keeper: profit below minimum"
    self.profit = taken - owed
    extcall deal.coin.transfer(msg.sender, owed, default_return_value=True)
