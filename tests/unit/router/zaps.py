"""A way into a token and out of it, tokens of a coin of one's own, and Uniswap pools.

Of pools: new ones, and what each says of a swap.
"""

from dataclasses import dataclass
from math import isqrt

from ape import compilers, project
from ape.api import AccountAPI
from ape.contracts import ContractInstance

from scripts._aave import AaveMarket
from scripts._devnet import (
    CAP,
    ENDLESS,
    GAS,
    LONG_LLTV,
    LONG_RATE,
    POOL_FEE,
    RULES,
    TOKENS,
    USDC,
    Ballast,
    Devnet,
    Market,
    open_market,
    use_market,
)
from scripts._thirdparty import container

NATIVE = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
TICK_SPACING = {500: 10, 3_000: 60, 10_000: 200}
OUTERMOST = 887_272

# A coin that pays nothing to someone, and then answers False rather than reverting.
REFUSING = """
# pragma version 0.4.3
decimals: public(constant(uint8)) = 18
balanceOf: public(HashMap[address, uint256])
refused: address

@external
def mint(receiver: address, amount: uint256):
    self.balanceOf[receiver] += amount

@external
def refuse(receiver: address):
    self.refused = receiver

@external
def approve(spender: address, amount: uint256) -> bool:
    return True

@external
def transfer(receiver: address, amount: uint256) -> bool:
    return self._move(msg.sender, receiver, amount)

@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    return self._move(owner, receiver, amount)

@internal
def _move(owner: address, receiver: address, amount: uint256) -> bool:
    if receiver == self.refused:
        return False
    self.balanceOf[owner] -= amount
    self.balanceOf[receiver] += amount
    return True
"""


@dataclass(frozen=True)
class Zap:
    """A token and the asset that one enters and leaves it with."""

    token: ContractInstance
    collateral: ContractInstance
    debt: ContractInstance
    asset: str
    in_debt: bool
    native: bool

    @property
    def way(self) -> tuple:
        """The first three arguments of every function."""
        return self.token, self.asset, POOL_FEE

    @property
    def coin(self) -> ContractInstance:
        """What is paid, unless as ether."""
        return self.debt if self.in_debt else self.collateral


def refusing_coin(maker: AccountAPI, refused: AccountAPI) -> ContractInstance:
    """A coin that answers False to whoever sends it to `refused`."""
    coin = maker.deploy(compilers.compile_source("vyper", REFUSING, contractName="Refusing"))
    coin.refuse(refused, sender=maker)
    return coin


def list_coin(
    devnet: Devnet,
    ballast: Ballast,
    minter: AccountAPI,
    coin: ContractInstance,
    market: Market | AaveMarket | None = None,
) -> ContractInstance:
    """A 3x long token of a `coin` that is worth 2,000 USDC; the minter has approved the router.

    It lives on `market`, or on one of Morpho that is opened for it.
    """
    roles, deployer = devnet.roles, devnet.roles.deployer
    one = 10 ** coin.decimals()
    for account in (roles.lender, roles.borrower, deployer, minter):
        coin.mint(account, 10**9 * one, sender=account)
    pair = coin, devnet.usdc
    if market is None:
        oracle = deployer.deploy(project.SettableOracle, 2_000 * USDC * 10**36 // one)
        market = open_market(deployer, devnet.morpho, pair, (oracle, oracle), LONG_RATE, LONG_LLTV)
        use_market(roles, devnet.morpho, market, one // 2_000, USDC)
    open_pool(devnet, pair, (10**6 * one, 2 * 10**9 * USDC), POOL_FEE)

    coin.approve(ballast.factory, one, sender=deployer)
    rules = RULES | TOKENS["ETHBULL"][1]
    names = ("3x Long Coin", "COINBULL")
    people = roles.treasury, deployer
    terms = (rules, market.fill_oracle, *people, CAP, market.arguments, one)
    receipt = ballast.factory.create(*names, *terms, sender=deployer)
    token = project.LeveragedToken.at(receipt.return_value)
    for spent in (coin, token):
        spent.approve(ballast.router, ENDLESS, sender=minter)
    return token


def open_pool(
    devnet: Devnet,
    coins: tuple[ContractInstance, ContractInstance],
    amounts: tuple[int, int],
    fee: int,
    spacings: int | None = None,
) -> ContractInstance:
    """
    A new pool, with the lender's `amounts` of two `coins`, which set its price.

    The liquidity lies over the whole range, or over `spacings` tick spacings each way.
    """
    lender, manager = devnet.roles.lender, devnet.position_manager
    sides = zip(coins, amounts, strict=True)
    (coin0, amount0), (coin1, amount1) = sorted(sides, key=lambda side: side[0].address.lower())
    for coin in (coin0, coin1):
        coin.approve(manager, ENDLESS, sender=lender, gas_limit=GAS)
    root = isqrt(amount1 * 2**192 // amount0)
    pair = (coin0.address, coin1.address)
    manager.createAndInitializePoolIfNecessary(*pair, fee, root, sender=lender, gas_limit=GAS)
    pool = container("UniswapV3Pool").at(devnet.uniswap_factory.getPool(*pair, fee))
    spacing = TICK_SPACING[fee]
    lowest, highest = -(OUTERMOST // spacing), OUTERMOST // spacing
    if spacings is not None:
        here = pool.slot0().tick // spacing
        lowest, highest = here - spacings, here + spacings
    ticks = lowest * spacing, highest * spacing
    order = (*pair, fee, *ticks, amount0, amount1, 0, 0, lender, ENDLESS)
    manager.mint(order, sender=lender, gas_limit=GAS)
    return pool


def price_of(devnet: Devnet, sold: str, bought: str, amount: int, fee: int) -> int:
    """What the pool wants of `sold` for `amount` of `bought`."""
    order = (sold, bought, amount, fee, 0)
    return devnet.quoter.quoteExactOutputSingle.call(order)[0]


def proceeds_of(devnet: Devnet, sold: str, bought: str, amount: int, fee: int) -> int:
    """What the pool gives of `bought` for `amount` of `sold`."""
    order = (sold, bought, amount, fee, 0)
    return devnet.quoter.quoteExactInputSingle.call(order)[0]


def move_pool(devnet: Devnet, trader: AccountAPI, sold: ContractInstance, amount: int) -> None:
    """`trader` sells `amount` of one of WETH and USDC for the other."""
    bought = devnet.usdc if sold.address == devnet.weth.address else devnet.weth
    sold.approve(devnet.swap_router, ENDLESS, sender=trader)
    order = (sold, bought, devnet.pool.fee(), trader, ENDLESS, amount, 0, 0)
    devnet.swap_router.exactInputSingle(order, sender=trader)
