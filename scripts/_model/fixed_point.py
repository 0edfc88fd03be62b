"""Twin of modules/fixed_point.vy: multiply, then divide, with the rounding in the name."""

from scripts._model.revert import check

WAD = 10**18
SCALE = 10**36  # of a price: debt units per collateral unit
MAX = 2**256 - 1


def mul_div_down(x: int, y: int, denominator: int) -> int:
    """x * y / denominator, rounded down. Raises Revert where the contract overflows."""
    check(x * y <= MAX, "")
    return x * y // denominator


def mul_div_up(x: int, y: int, denominator: int) -> int:
    """x * y / denominator, rounded up. Raises Revert where the contract overflows."""
    check(x * y <= MAX, "")
    return -(-x * y // denominator)
