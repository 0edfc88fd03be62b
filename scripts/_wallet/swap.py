"""The swap inside of a mint or a redemption, and what it costs against the market.

The router swaps once, whatever is paid or received: a mint sells debt for collateral and a
redemption collateral for debt. It tells what a person pays or gets in all; the position's own legs
tell the rest:

                 in the debt asset               in the collateral asset
    mint         debt sold      = total + D      collateral bought = C - total
    redeem       debt bought    = total + D      collateral sold   = C - total
"""

from dataclasses import dataclass
from decimal import Decimal

from scripts._model.fixed_point import SCALE
from scripts._wallet.amounts import EXACT

MILLION = 10**6  # of a pool's fee
Q192 = 2**192


@dataclass(frozen=True)
class Swap:
    """What goes through the pool, in raw units; `fee` is the pool's, in millionths."""

    minting: bool
    collateral: int
    debt: int
    fee: int

    @property
    def price(self) -> Decimal:
        """Debt for one collateral, fee included; raw for raw, not scaled."""
        return EXACT.divide(Decimal(self.debt), Decimal(self.collateral))

    @property
    def fee_paid(self) -> int:
        """The pool's fee, in raw units of what is sold: debt in a mint."""
        sold = self.debt if self.minting else self.collateral
        return -(-sold * self.fee // MILLION)

    def loss(self, price: int) -> Decimal:
        """What the swap loses against a market at `price`, in parts of what is sold.

        `price` is debt for one collateral, scaled by 1e36. Negative: it wins.
        """
        kept = EXACT.divide(Decimal(self.collateral * price), Decimal(self.debt * SCALE))
        return 1 - kept if self.minting else 1 - EXACT.divide(Decimal(1), kept)

    def impact(self, mid: int) -> Decimal:
        """How much worse than `mid`, the pool's price before it, it is beside the fee."""
        return 1 - EXACT.divide(1 - self.loss(mid), 1 - Decimal(self.fee) / MILLION)


def swap_of(
    minting: bool, in_debt: bool, collateral: int, debt: int, total: int, fee: int
) -> Swap | None:
    """The swap of a mint or redemption of those legs for which a person pays or gets `total`.

    None where there is nothing to swap.
    """
    swap = (
        Swap(minting, collateral, total + debt, fee)
        if in_debt
        else Swap(minting, collateral - total, debt, fee)
    )
    return swap if swap.collateral > 0 and swap.debt > 0 else None


def mid_price(root_x96: int, collateral_first: bool) -> int:
    """A pool's price before a swap, debt for collateral raw for raw, scaled by 1e36.

    `root_x96` is the pool's square root of the price of token0 in token1, times 2**96.
    """
    price = root_x96**2 * SCALE // Q192 if collateral_first else SCALE * Q192 // root_x96**2
    return max(price, 1)  # no price is nothing
