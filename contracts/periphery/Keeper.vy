# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Keeper
@license MIT
@notice  Fills a token's auction with a Uniswap v3 flash swap: no capital, the profit goes out.
@dev     The pool pays what the taker brings straight to the position, the fill pays here, and from
         that the pool is paid. No more is bought than the fill takes, since the rest would stay in
         the position. Anyone may call; `eth_call` tells the profit before.
         Chainlink Automation: register an upkeep of one token and one direction, with an `Order` as
         its `checkData`. Whoever registers it chooses all of it, the receiver too, since who calls
         is a forwarder that nobody could take the profit out of. Anyone else may call
         `performUpkeep` with an order of their own: it does what `fill` does for them, with all of
         its checks.
@custom:invariants
    1. It holds nothing between transactions, but for what strangers leave, and approves nobody.
    2. Its callback obeys only the pool that it computed, once, during its own swap.
    3. An order is worth what it says at the moment that it is carried out, or nothing happens.
@custom:kill  none: there is no owner and no switch
"""
from ethereum.ercs import IERC20
from ..interfaces import IFactory
from ..interfaces import ILeveragedToken
from ..interfaces.external import IUniswapV3Pool
from ..modules import fixed_point as fp
from ..modules import flash_swap

initializes: flash_swap


# What the callback must know.
struct Deal:
    token: ILeveragedToken
    levering: bool
    brings: uint256
    coin: IERC20  # what the fill pays in
    min_profit: uint256


# What an upkeep is registered with, ABI-encoded: the arguments of `fill`, and the direction that
# they are meant for, since amounts of either direction are of the coins of that one.
struct Order:
    token: ILeveragedToken
    levering: bool
    fee: uint24
    max_in: uint256
    min_profit: uint256
    receiver: address


Q96: constant(uint256) = 2**96
MILLION: constant(uint256) = 10**6

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
    levering: bool = False
    brings: uint256 = 0
    takes: uint256 = 0
    levering, brings, takes = self._open(token, max_in)
    return self._fill(token, levering, brings, fee, min_profit, receiver)


@external
def performUpkeep(performData: Bytes[192]):
    """
    @notice Fill by an order that `checkUpkeep` has found worth it. Anyone may call.
    @dev    Nothing that was found then is relied on: the order is filled like any other.
    @param performData An encoded `Order`.
    """
    order: Order = abi_decode(performData, Order)
    assert order.receiver != empty(address), "keeper: receiver is zero"
    self._check(order.token)
    brings: uint256 = 0
    takes: uint256 = 0
    brings, takes = self._preview(order.token, order.levering, order.max_in)
    self._fill(order.token, order.levering, brings, order.fee, order.min_profit, order.receiver)


@view
@external
def checkUpkeep(checkData: Bytes[192]) -> (bool, Bytes[192]):
    """
    @notice Whether an order would be worth it if the swap did not move the pool's price.
    @dev    That is more than it will earn: what it earns is known once `performUpkeep` is
            simulated, as Automation does before it sends. While the token's oracle refuses, so does
            this.
    @param checkData An encoded `Order`.
    @return Whether to perform, and the order.
    """
    order: Order = abi_decode(checkData, Order)
    self._check(order.token)
    brings: uint256 = 0
    takes: uint256 = 0
    brings, takes = self._preview(order.token, order.levering, order.max_in)
    position: address = empty(address)
    sold: address = empty(address)
    bought: address = empty(address)
    position, sold, bought = self._way(order.token, order.levering)
    owed: uint256 = self._at_spot(sold, bought, order.fee, brings)
    return takes > 0 and takes >= owed + order.min_profit, checkData


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


@internal
def _fill(
    token: ILeveragedToken,
    levering: bool,
    brings: uint256,
    fee: uint24,
    min_profit: uint256,
    receiver: address,
) -> uint256:
    assert brings > 0, "keeper: nothing to fill"

    position: address = empty(address)
    sold: address = empty(address)
    bought: address = empty(address)
    position, sold, bought = self._way(token, levering)
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


@view
@internal
def _check(token: ILeveragedToken):
    assert staticcall FACTORY.is_token(token.address), "keeper: unknown token"


@view
@internal
def _open(token: ILeveragedToken, max_in: uint256) -> (bool, uint256, uint256):
    """
    @return Whether a fill levers, what it brings of at most `max_in`, and what it takes.
    """
    self._check(token)
    auction: ILeveragedToken.Auction = staticcall token.auction()
    brings: uint256 = auction.brings
    takes: uint256 = auction.takes
    if max_in < brings:
        brings, takes = self._preview(token, auction.levering, max_in)
    return auction.levering, brings, takes


@view
@internal
def _preview(token: ILeveragedToken, levering: bool, max_in: uint256) -> (uint256, uint256):
    """
    @return The same in a direction that is known; zeros if another is open.
    @dev    No more than a fill of `max_in` takes: rounding may leave some of it.
    """
    if levering:
        return staticcall token.preview_fill_lever(max_in)
    return staticcall token.preview_fill_delever(max_in)


@view
@internal
def _way(token: ILeveragedToken, levering: bool) -> (address, address, address):
    """
    @return The position, what the pool is paid in, and what it pays.
    """
    position: address = empty(address)
    collateral: address = empty(address)
    debt: address = empty(address)
    position, collateral, debt = staticcall token.parts()
    if levering:
        return position, debt, collateral
    return position, collateral, debt


@view
@internal
def _at_spot(sold: address, bought: address, fee: uint24, amount: uint256) -> uint256:
    """
    @return What `amount` of `bought` costs at the pool's price as it is, with its fee.

                                        1e6
        owed  =  amount * price * -----------          price = (root / 2**96)**2 of token0 in token1
                                   1e6 - fee
    """
    pool: IUniswapV3Pool = IUniswapV3Pool(flash_swap._pool(sold, bought, fee))
    root: uint256 = convert((staticcall pool.slot0()).sqrt_price_x96, uint256)
    owed: uint256 = 0
    if convert(bought, uint256) < convert(sold, uint256):
        owed = fp._mul_div_down(fp._mul_div_down(amount, root, Q96), root, Q96)
    else:
        owed = fp._mul_div_down(fp._mul_div_down(amount, Q96, root), Q96, root)
    return fp._mul_div_up(owed, MILLION, MILLION - convert(fee, uint256))
