"""How far the market is from a position's liquidation."""

from decimal import Decimal

from scripts._model.fixed_point import SCALE, WAD
from scripts._wallet.amounts import EXACT


def to_liquidation(
    collateral: int, debt: int, venue_price: int, lltv: int, long: bool
) -> Decimal | None:
    """The move of what the token is about at which the venue may liquidate, in parts of its price.

                              debt
        part  =  -------------------------        of its price at which the collateral is too little
                  collateral * price * lltv

    Long: part - 1. Short, where the debt is what the token is about: 1 / part - 1. So it is
    negative for a long token and positive for a short one, of the other sign past it, and None
    where no move can liquidate: nothing is owed. `venue_price` is debt for one collateral at the
    venue's own oracle, scaled by 1e36; `lltv` is WAD. Raises ValueError where only debt is left.
    """
    if debt == 0:
        return None
    if collateral == 0 or venue_price == 0:
        raise ValueError("no collateral is left")
    part = EXACT.divide(Decimal(debt * SCALE * WAD), Decimal(collateral * venue_price * lltv))
    return part - 1 if long else EXACT.divide(Decimal(1), part) - 1
