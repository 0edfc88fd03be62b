# pragma version 0.4.3
"""
@title   Fixed point
@notice  Multiply, then divide, with the direction of rounding in the name.
@dev     Products must fit 256 bits: the callers bound what they pass (amounts below 2**128, prices
         checked at creation). Vyper reverts on overflow.
"""

WAD: constant(uint256) = 10**18
SCALE: constant(uint256) = 10**36  # of a price: debt units per collateral unit


@pure
@internal
def _mul_div_down(x: uint256, y: uint256, denominator: uint256) -> uint256:
    return x * y // denominator


@pure
@internal
def _mul_div_up(x: uint256, y: uint256, denominator: uint256) -> uint256:
    # one more where something is left; nothing is added to the product, which may be the largest
    product: uint256 = x * y
    quotient: uint256 = product // denominator
    return quotient + convert(product % denominator > 0, uint256)
