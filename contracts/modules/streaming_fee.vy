# pragma version 0.4.3
"""
@title   Streaming fee
@notice  A fee that grows continuously, so that it does not matter how often it is settled.
@dev     e**a * e**b = e**(a + b) holds here to 36 digits, far below one share wei.
"""
from . import daily_schedule
from . import fixed_point as fp

ONE: constant(uint256) = 10**36
# An unsettled exponent above this is cut off: at 0.03 % a day that takes 91 years of no mint and
# no redemption. So `_shares` cannot overflow, and lock anybody in, for any supply below 2**121.
MOST: constant(uint256) = 10 * ONE


@pure
@internal
def _shares(supply: uint256, rate: uint256, elapsed: uint256) -> uint256:
    """
    @notice New shares for `elapsed` seconds at `rate` WAD a day, rounded down.

        shares  =  supply * (e**(rate * elapsed / DAY) - 1)
    """
    exponent: uint256 = min(rate * fp.WAD * elapsed // daily_schedule.DAY, MOST)
    return supply * (self._exp(exponent) - ONE) // ONE


@pure
@internal
def _exp(x: uint256) -> uint256:
    """
    @notice e**x, both scaled by 1e36, for x <= 10e36.
    @dev    e**x = (e**(x / 2**k))**(2**k), with the inner one by its Taylor series.
    """
    y: uint256 = x
    halvings: uint256 = 0
    for _: uint256 in range(4):
        if y <= ONE:
            break
        y //= 2
        halvings += 1

    total: uint256 = ONE
    term: uint256 = ONE
    for n: uint256 in range(1, 36):
        term = term * y // (n * ONE)
        if term == 0:
            break
        total += term

    for _: uint256 in range(halvings, bound=4):
        total = total * total // ONE
    return total
