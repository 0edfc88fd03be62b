# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Router
@license MIT
@notice  Mint and redeem leveraged tokens with one asset: collateral, debt or native ether.
@dev     Each is one Uniswap v3 flash swap around the position's own move:

                 paid in the debt asset            paid in the collateral asset
         mint    buy all collateral, pay back      sell the debt to come,
                 with the debt and the caller's    the caller adds the rest
         redeem  sell all collateral,              buy all debt, pay back
                 keep what exceeds the debt        with the collateral, keep the rest

         The pool pays first, straight to the position where it can; the token then uses what lies
         there, and the venue pays the pool. A mint always sells debt for collateral and a
         redemption collateral for debt.
         Only the caller's tokens and shares are ever spent. What strangers leave here stays.
@custom:invariants
    1. It holds nothing between transactions, but for what strangers leave, and approves nobody.
    2. It takes tokens and shares from nobody but the caller, and never more than it was told.
    3. Its callback obeys only the pool that it computed, once, during its own swap.
@custom:kill  none: there is no owner and no switch
"""
from ethereum.ercs import IERC20
from ..interfaces import IFactory
from ..interfaces import ILeveragedToken
from ..interfaces import IPosition
from ..interfaces.external import IErc20Permit
from ..interfaces.external import IQuoterV2
from ..interfaces.external import IUniswapV3Pool
from ..interfaces.external import IWeth
from ..modules import fixed_point as fp
from ..modules import flash_swap

initializes: flash_swap


# The caller's EIP-2612 signature for this contract to spend `amount`; zero: there is none.
struct Permit:
    amount: uint256
    deadline: uint256
    v: uint8
    r: bytes32
    s: bytes32


# What is to happen. It travels with the swap, through the pool, to the callback.
struct Deal:
    token: ILeveragedToken
    position: address
    minting: bool
    asset: IERC20  # what the caller pays or gets: one of the position's two tokens
    other: IERC20  # the other of the two
    in_debt: bool  # asset is the debt; otherwise it is the collateral
    native: bool  # asset comes and goes as ether
    fee: uint24  # of the pool, in millionths
    shares: uint256
    collateral: uint256
    debt: uint256
    max_in: uint256
    receiver: address


NATIVE: public(constant(address)) = 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE
# Shares whose cost is measured: many, so that rounding is nothing beside it.
MANY: constant(uint256) = 10**24

FACTORY: public(immutable(IFactory))
QUOTER: public(immutable(IQuoterV2))
WETH: public(immutable(IWeth))

# Whose tokens and shares are spent: this does not travel.
caller: transient (address)


@deploy
def __init__(factory: IFactory, uniswap_factory: address, quoter: IQuoterV2, weth: IWeth):
    """
    @param factory         Whose tokens are dealt in.
    @param uniswap_factory Uniswap v3, whose pools are swapped on.
    @param quoter          Uniswap's QuoterV2; sizes are taken from it, never safety.
    @param weth            Wrapped ether.
    """
    flash_swap.__init__(uniswap_factory)
    FACTORY = factory
    QUOTER = quoter
    WETH = weth


@payable
@reentrant
@external
def __default__():
    """
    @notice Ether that is unwrapped here.
    """
    assert msg.sender == WETH.address, "router: only weth may pay"


@payable
@external
def mint(
    token: ILeveragedToken,
    asset: address,
    fee: uint24,
    shares: uint256,
    max_in: uint256,
    receiver: address,
    deadline: uint256,
    permit: Permit = empty(Permit),
) -> uint256:
    """
    @notice Pay `asset` and receive exactly `shares`.
    @param token    Leveraged token.
    @param asset    Its collateral or its debt, or `NATIVE` where that is wrapped ether.
    @param fee      Fee tier of the Uniswap pool, in millionths.
    @param shares   Shares for `receiver`.
    @param max_in   The most to pay. Of ether at least so much must come along; the rest goes back.
    @param receiver Of the shares.
    @param deadline Last timestamp at which this may happen.
    @param permit   Lets this contract take `asset`. No harm if someone has used it before.
    @return What was paid.
    """
    self._check_deadline(deadline)
    deal: Deal = self._deal(token, asset, fee, True)
    self._check_value(deal.native, max_in)
    self._permit(deal.asset, permit)
    deal.shares = shares
    deal.max_in = max_in
    deal.receiver = receiver
    deal.collateral, deal.debt = staticcall token.preview_mint(shares)
    paid: uint256 = self._swap(deal)
    self._refund(deal.native, paid)
    return paid


@payable
@external
def mint_exact_in(
    token: ILeveragedToken,
    asset: address,
    fee: uint24,
    amount_in: uint256,
    min_shares: uint256,
    receiver: address,
    deadline: uint256,
    permit: Permit = empty(Permit),
) -> (uint256, uint256):
    """
    @notice Pay at most `amount_in` of `asset` and receive as many shares as it buys.
    @dev    What is left of it, a part of the swap's price impact, is not taken.
    @param min_shares The least to receive. The others are those of `mint`.
    @return Shares received and what was paid.
    """
    self._check_deadline(deadline)
    deal: Deal = self._deal(token, asset, fee, True)
    self._check_value(deal.native, amount_in)
    self._permit(deal.asset, permit)
    deal.shares = self._affordable(deal, amount_in)
    assert deal.shares >= min_shares, "router: shares below min"
    deal.max_in = amount_in
    deal.receiver = receiver
    deal.collateral, deal.debt = staticcall token.preview_mint(deal.shares)
    paid: uint256 = self._swap(deal)
    self._refund(deal.native, paid)
    return deal.shares, paid


@external
def redeem(
    token: ILeveragedToken,
    asset: address,
    fee: uint24,
    shares: uint256,
    min_out: uint256,
    receiver: address,
    deadline: uint256,
    permit: Permit = empty(Permit),
) -> uint256:
    """
    @notice Give up exactly `shares` and get `asset`.
    @param token    Leveraged token, whose shares the caller has approved to this contract.
    @param asset    Its collateral or its debt, or `NATIVE` where that is wrapped ether.
    @param fee      Fee tier of the Uniswap pool, in millionths.
    @param shares   Shares of the caller.
    @param min_out  The least to get.
    @param receiver Of `asset`.
    @param deadline Last timestamp at which this may happen.
    @param permit   Lets this contract take the shares. No harm if someone has used it before.
    @return What was paid out.
    """
    assert receiver != empty(address), "router: receiver is zero"
    self._check_deadline(deadline)
    deal: Deal = self._deal(token, asset, fee, False)
    self._permit(IERC20(token.address), permit)
    deal.shares = shares
    deal.debt, deal.collateral = staticcall token.preview_redeem(shares)
    paid: uint256 = self._swap(deal)
    assert paid >= min_out, "router: amount below min"

    if deal.native:
        extcall WETH.withdraw(paid)
        send(receiver, paid, gas=msg.gas)
    else:
        moved: bool = extcall deal.asset.transfer(receiver, paid, default_return_value=True)
        # nobody looks at the receiver's balance after this
        assert moved, "router: transfer failed"
    return paid


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
    owed, received = flash_swap._legs(self._specified(deal), amount0, amount1)
    self._move(deal, msg.sender, owed, received)


@external
def quote_mint(token: ILeveragedToken, asset: address, fee: uint24, shares: uint256) -> uint256:
    """
    @notice For `eth_call`: what `mint` would take now.
    """
    deal: Deal = self._deal(token, asset, fee, True)
    deal.collateral, deal.debt = staticcall token.preview_mint(shares)
    return self._quote(deal)


@external
def quote_mint_exact_in(
    token: ILeveragedToken, asset: address, fee: uint24, amount_in: uint256
) -> uint256:
    """
    @notice For `eth_call`: the shares that `mint_exact_in` would bring now.
    """
    return self._affordable(self._deal(token, asset, fee, True), amount_in)


@external
def quote_redeem(token: ILeveragedToken, asset: address, fee: uint24, shares: uint256) -> uint256:
    """
    @notice For `eth_call`: what `redeem` would pay out now.
    """
    deal: Deal = self._deal(token, asset, fee, False)
    deal.debt, deal.collateral = staticcall token.preview_redeem(shares)
    return self._quote(deal)


@view
@internal
def _check_deadline(deadline: uint256):
    assert block.timestamp <= deadline, "router: deadline has passed"


@view
@internal
def _deal(token: ILeveragedToken, asset: address, fee: uint24, minting: bool) -> Deal:
    assert staticcall FACTORY.is_token(token.address), "router: unknown token"
    deal: Deal = empty(Deal)
    deal.token = token
    collateral: address = empty(address)
    debt: address = empty(address)
    deal.position, collateral, debt = staticcall token.parts()
    deal.minting = minting
    deal.native = asset == NATIVE
    deal.asset = IERC20(WETH.address if deal.native else asset)
    deal.in_debt = deal.asset.address == debt
    assert deal.in_debt or deal.asset.address == collateral, "router: unknown asset"
    deal.other = IERC20(collateral if deal.in_debt else debt)
    deal.fee = fee
    return deal


@internal
def _permit(token: IERC20, permit: Permit):
    if permit.amount == 0:
        return
    # Anyone may have used it before us. Then the allowance is there, and there is no need to fail.
    if permit.amount > staticcall token.allowance(msg.sender, self):
        extcall IErc20Permit(token.address).permit(
            msg.sender, self, permit.amount, permit.deadline, permit.v, permit.r, permit.s
        )


@payable
@internal
def _check_value(native: bool, max_in: uint256):
    if native:
        assert max_in <= msg.value, "router: value below max"
    else:
        assert msg.value == 0, "router: unexpected ether"


@payable
@internal
def _refund(native: bool, paid: uint256):
    if native and paid < msg.value:
        send(msg.sender, msg.value - paid, gas=msg.gas)


@internal
def _swap(deal: Deal) -> uint256:
    """
    @notice Swap as `_specified` has it; `_move` happens within.
    @return What the caller has paid, or what is left here for the receiver.
    """
    self.caller = msg.sender
    amount: int256 = self._specified(deal)
    if amount == 0:
        self._move(deal, self, 0, 0)
        return self._amount(deal, 0, 0)
    sold: address = deal.asset.address
    bought: address = deal.other.address
    recipient: address = deal.position
    if deal.minting != deal.in_debt:
        sold = deal.other.address
        bought = deal.asset.address
        if deal.in_debt:
            recipient = self  # a redemption: it is more than the debt
    pool: address = flash_swap._pool(sold, bought, deal.fee)
    owed: uint256 = 0
    received: uint256 = 0
    owed, received = flash_swap._swap(pool, sold, bought, amount, recipient, abi_encode(deal))
    return self._amount(deal, owed, received)


@internal
def _quote(deal: Deal) -> uint256:
    """
    @return What `_swap` would.
    """
    owed: uint256 = 0
    received: uint256 = 0
    owed, received = self._quote_legs(deal)
    return self._amount(deal, owed, received)


@internal
def _quote_legs(deal: Deal) -> (uint256, uint256):
    """
    @return What the pool would be owed, and what would be received from it.
    """
    amount: int256 = self._specified(deal)
    if amount == 0:
        return 0, 0
    order: IQuoterV2.Order = IQuoterV2.Order(
        token_in=deal.asset.address,
        token_out=deal.other.address,
        amount=convert(abs(amount), uint256),
        fee=deal.fee,
        sqrt_price_limit_x96=0,
    )
    if deal.minting != deal.in_debt:
        order.token_in = deal.other.address
        order.token_out = deal.asset.address
    if amount > 0:
        return order.amount, (extcall QUOTER.quoteExactInputSingle(order))[0]
    return (extcall QUOTER.quoteExactOutputSingle(order))[0], order.amount


@view
@internal
def _specified(deal: Deal) -> int256:
    """
    @notice The amount that the swap is asked for: sold if positive, bought if negative.

                 in the debt asset    in the collateral asset
        mint     buy collateral       sell debt
        redeem   sell collateral      buy debt
    """
    amount: int256 = convert(deal.collateral if deal.in_debt else deal.debt, int256)
    return -amount if deal.minting == deal.in_debt else amount


@view
@internal
def _amount(deal: Deal, owed: uint256, received: uint256) -> uint256:
    """
    @notice What the caller pays in a mint or gets in a redemption.

        mint      (collateral + owed) - (debt + received)
        redeem    (collateral + received) - (debt + owed)

        in asset: of the other token, what one side brings the other takes.
    """
    more: uint256 = deal.collateral + (owed if deal.minting else received)
    less: uint256 = deal.debt + (received if deal.minting else owed)
    assert more >= less, "router: shares are worth nothing"
    return more - less


@internal
def _move(deal: Deal, pool: address, owed: uint256, received: uint256):
    """
    @notice Move the position and pay the pool. Without a swap `pool` is this contract.
    """
    amount: uint256 = self._amount(deal, owed, received)
    if deal.minting:
        assert amount <= deal.max_in, "router: amount above max"
        payee: address = pool if deal.in_debt else deal.position
        if deal.native:
            extcall WETH.deposit(value=amount)
            extcall deal.asset.transfer(payee, amount, default_return_value=True)
        else:
            extcall deal.asset.transferFrom(self.caller, payee, amount, default_return_value=True)
        extcall deal.token.mint(deal.shares, deal.collateral, deal.debt, deal.receiver, pool)
    elif deal.in_debt:
        extcall deal.asset.transfer(deal.position, deal.debt, default_return_value=True)
        extcall deal.token.redeem(deal.shares, deal.debt, deal.collateral, pool, self.caller)
    else:
        extcall deal.token.redeem(deal.shares, deal.debt, deal.collateral, self, self.caller)
        extcall deal.asset.transfer(pool, owed, default_return_value=True)


@internal
def _affordable(deal_: Deal, amount_in: uint256) -> uint256:
    """
    @notice Shares that cost about `amount_in` and not more.
    @dev    The cost of s shares is convex in s and zero at zero, so shares in proportion to what
            more of them cost are affordable:

                          amount_in - slack
            shares = s * ------------------- ,   s: what amount_in buys at the pool's price, free of
                               cost(s)              impact and fee

            The slack covers what is rounded up: a unit of either token and the venue's grain, which
            even no shares at all would cost, a share, swap steps.
    """
    deal: Deal = deal_
    deal.collateral, deal.debt = staticcall deal.token.preview_mint(MANY)
    if deal.in_debt:
        deal.collateral = self._at_spot(deal, deal.collateral)
    else:
        deal.debt = self._at_spot(deal, deal.debt)
    many: uint256 = max(self._amount(deal, 0, 0), 1)
    shares: uint256 = fp._mul_div_down(amount_in, MANY, many)

    deal.collateral, deal.debt = staticcall deal.token.preview_mint(shares)
    owed: uint256 = 0
    received: uint256 = 0
    owed, received = self._quote_legs(deal)
    cost: uint256 = self._amount(deal, owed, received)
    if cost <= amount_in:
        return shares
    # asset for a unit of the other token, on average
    price: uint256 = 0
    if owed > 0 and received > 0:
        price = owed // received if deal.in_debt else received // owed
    grain: uint256 = staticcall IPosition(deal.position).grain()
    slack: uint256 = (2 + grain) * (price + 2) + cost // shares + amount_in // 10**9
    return fp._mul_div_down(shares, amount_in - min(slack, amount_in), cost)


@view
@internal
def _at_spot(deal: Deal, amount: uint256) -> uint256:
    """
    @notice `amount` of the other token in asset at the pool's price of this moment, without a fee.

                                root        2
        amount1  =  amount0 * ( ----- )
                                2**96
    """
    pool: address = flash_swap._pool(deal.asset.address, deal.other.address, deal.fee)
    root: uint256 = convert((staticcall IUniswapV3Pool(pool).slot0()).sqrt_price_x96, uint256)
    if convert(deal.other.address, uint256) < convert(deal.asset.address, uint256):
        return (amount * root >> 96) * root >> 96
    return ((amount << 96) // root << 96) // root
