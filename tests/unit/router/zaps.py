"""A way into a token and out of it, and Uniswap pools: new ones, and what each says of a swap."""

from dataclasses import dataclass
from math import isqrt

from ape.api import AccountAPI
from ape.contracts import ContractInstance

from scripts._devnet import ENDLESS, GAS, POOL_FEE, Devnet
from scripts._thirdparty import container

NATIVE = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
TICK_SPACING = {500: 10, 3_000: 60, 10_000: 200}
OUTERMOST = 887_272


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
