# pragma version 0.4.3
"""
@title   Leverage arithmetic
@notice  How geared a position is, how much brings it to a gearing, and what a taker pays for it.
@dev     V = C * P / 1e36      value of the collateral, in debt units
         NAV = V - D
         g = V / NAV           gearing; leverage = g (long), g - 1 (short)
         Fill sizes are counted in debt: what a taker takes when levering, brings when delevering.
"""
from . import fixed_point as fp


@pure
@internal
def _gearing(leverage: uint256, long: bool) -> uint256:
    # g = leverage        long
    # g = leverage + 1    short
    return leverage if long else leverage + fp.WAD


@pure
@internal
def _leverage(collateral: uint256, debt: uint256, price: uint256, long: bool) -> uint256:
    """
    @notice Leverage without sign, in WAD, rounded down; all ones when nothing is left (NAV <= 0).

                      V
        leverage = -------  ( - 1  short)
                    V - D
    """
    value: uint256 = fp._mul_div_down(collateral, price, fp.SCALE)
    if value <= debt:
        return max_value(uint256)
    gearing: uint256 = value * fp.WAD // (value - debt)
    return gearing if long else gearing - fp.WAD


@pure
@internal
def _assets(collateral: uint256, debt: uint256, price: uint256, long: bool) -> uint256:
    """
    @notice NAV in the quote asset, rounded down; zero when nothing is left.

        assets  =  C * P / 1e36 - D     long, in debt units
        assets  =  C - D * 1e36 / P     short, in collateral units
    """
    if long:
        value: uint256 = fp._mul_div_down(collateral, price, fp.SCALE)
        return value - min(value, debt)
    return collateral - min(collateral, fp._mul_div_up(debt, fp.SCALE, price))


@pure
@internal
def _most_lever(
    collateral: uint256, debt: uint256, price: uint256, gearing: uint256, premium: int256
) -> uint256:
    """
    @notice The most debt a taker may take, so that gearing rises to `gearing` and not past it.
    @dev    Rounded down, from a value rounded down: the true gap is never smaller.

                G * NAV - V
        v  =  ---------------  brought in collateral,   most = v * (1 + premium)
               1 + G * premium
    """
    value: uint256 = fp._mul_div_down(collateral, price, fp.SCALE)

    # (G - 1) * V - G * D  =  G * NAV - V
    reach: uint256 = (gearing - fp.WAD) * value
    owed: uint256 = gearing * debt
    if reach <= owed:
        return 0
    one: int256 = convert(fp.WAD, int256)
    divisor: uint256 = convert(one * one + convert(gearing, int256) * premium, uint256)
    return (reach - owed) * convert(one + premium, uint256) // divisor


@pure
@internal
def _most_delever(
    collateral: uint256, debt: uint256, price: uint256, gearing: uint256, premium: int256
) -> uint256:
    """
    @notice The most debt a taker may bring, so that gearing falls to `gearing` and not past it.
    @dev    Rounded down, from a value rounded up, and for a NAV two units larger: so much can the
            taker's payment be rounded up. None where the premium would take more than all:
            after the fill NAV' = (NAV * (1 + premium) - premium * V) / (1 + premium - G * premium).

                    V - G * NAV
        x  =  --------------------------
               1 + premium - G * premium
    """
    value: uint256 = fp._mul_div_up(collateral, price, fp.SCALE)
    if value <= debt:
        return 0
    one: int256 = convert(fp.WAD, int256)
    nav: int256 = convert(value - debt, int256)
    if nav * (one + premium) <= convert(value, int256) * premium:
        return 0

    owed: uint256 = gearing * debt
    # G * D - (G - 1) * V - 2 * G  =  V - G * (NAV + 2)
    reach: uint256 = (gearing - fp.WAD) * value + 2 * gearing
    if owed <= reach:
        return 0
    divisor: uint256 = convert(one * (one + premium) - convert(gearing, int256) * premium, uint256)
    return (owed - reach) * fp.WAD // divisor


@pure
@internal
def _lever_price(price: uint256, premium: int256) -> uint256:
    # debt that a taker gets for one collateral, rounded down
    one: int256 = convert(fp.WAD, int256)
    return fp._mul_div_down(price, convert(one + premium, uint256), fp.WAD)


@pure
@internal
def _delever_price(price: uint256, premium: int256) -> uint256:
    # debt that a taker pays for one collateral, rounded up
    one: int256 = convert(fp.WAD, int256)
    return fp._mul_div_up(price, fp.WAD, convert(one + premium, uint256))


@pure
@internal
def _lever_legs(
    max_collateral: uint256, most_debt: uint256, deal_price: uint256
) -> (uint256, uint256):
    """
    @return Collateral that the taker brings (rounded up, at most `max_collateral`) and debt that
            it takes (rounded down, at most `most_debt`).
    """
    debt: uint256 = most_debt
    # collateral that `most_debt` costs; a smaller offer gets less
    collateral: uint256 = fp._mul_div_up(debt, fp.SCALE, deal_price)
    if max_collateral < collateral:
        debt = fp._mul_div_down(max_collateral, deal_price, fp.SCALE)
        collateral = fp._mul_div_up(debt, fp.SCALE, deal_price)
    return collateral, debt


@pure
@internal
def _delever_legs(max_debt: uint256, most_debt: uint256, deal_price: uint256) -> (uint256, uint256):
    """
    @return Debt that the taker brings (rounded up, at most the smaller of the two) and collateral
            that it takes (rounded down).
    """
    collateral: uint256 = fp._mul_div_down(min(max_debt, most_debt), fp.SCALE, deal_price)
    return fp._mul_div_up(collateral, deal_price, fp.SCALE), collateral
