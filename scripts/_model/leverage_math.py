"""Twin of modules/leverage_math.vy: gearing, how much brings a position to it, and at what price.

`collateral` and `debt` are raw token units, `price` is debt units per collateral unit scaled by
1e36, leverage, gearing and premium are WAD. Derivations: README; V is the value of the collateral
in debt units, NAV = V - debt, gearing = V / NAV.
"""

from scripts._model.fixed_point import MAX, SCALE, WAD, mul_div_down, mul_div_up

NOTHING_LEFT = MAX  # the leverage of a position with NAV <= 0


def gearing(leverage: int, long: bool) -> int:
    """V / NAV of a token with `leverage`: as much if long, one more if short."""
    return leverage if long else leverage + WAD


def leverage(collateral: int, debt: int, price: int, long: bool) -> int:
    """Leverage without sign, rounded down; NOTHING_LEFT when NAV is zero or less."""
    value = mul_div_down(collateral, price, SCALE)
    if value <= debt:
        return NOTHING_LEFT
    geared = value * WAD // (value - debt)
    return geared if long else geared - WAD


def assets(collateral: int, debt: int, price: int, long: bool) -> int:
    """NAV in raw units of the quote asset (debt if long, collateral if short), rounded down."""
    if long:
        return max(0, mul_div_down(collateral, price, SCALE) - debt)
    return max(0, collateral - mul_div_up(debt, SCALE, price))


def most_lever(collateral: int, debt: int, price: int, gearing: int, premium: int) -> int:
    """The most debt a taker may take, so that gearing rises to `gearing` and not past it."""
    value = mul_div_down(collateral, price, SCALE)
    gap = (gearing - WAD) * value - gearing * debt  # G * NAV - V
    if gap <= 0:
        return 0
    return gap * (WAD + premium) // (WAD * WAD + gearing * premium)


def most_delever(collateral: int, debt: int, price: int, gearing: int, premium: int) -> int:
    """The most debt a taker may bring, so that gearing falls to `gearing` and not past it.

    Zero where the premium would take more than all that is left.
    """
    value = mul_div_up(collateral, price, SCALE)
    nav = value - debt
    if nav <= 0 or nav * (WAD + premium) <= value * premium:
        return 0
    gap = gearing * debt - (gearing - WAD) * value - 2 * gearing  # V - G * (NAV + 2)
    if gap <= 0:
        return 0
    return gap * WAD // (WAD * (WAD + premium) - gearing * premium)


def lever_price(price: int, premium: int) -> int:
    """Debt that a taker gets for one collateral, rounded down; scaled by 1e36."""
    return mul_div_down(price, WAD + premium, WAD)


def delever_price(price: int, premium: int) -> int:
    """Debt that a taker pays for one collateral, rounded up; scaled by 1e36."""
    return mul_div_up(price, WAD, WAD + premium)


def lever_legs(max_collateral: int, most_debt: int, deal_price: int) -> tuple[int, int]:
    """Collateral that the taker brings (rounded up) and debt that it takes (rounded down)."""
    debt = most_debt
    collateral = mul_div_up(debt, SCALE, deal_price)
    if max_collateral < collateral:
        debt = mul_div_down(max_collateral, deal_price, SCALE)
        collateral = mul_div_up(debt, SCALE, deal_price)
    return collateral, debt


def delever_legs(max_debt: int, most_debt: int, deal_price: int) -> tuple[int, int]:
    """Debt that the taker brings (rounded up) and collateral that it takes (rounded down)."""
    collateral = mul_div_down(min(max_debt, most_debt), SCALE, deal_price)
    return mul_div_up(collateral, deal_price, SCALE), collateral
