"""Twin of modules/streaming_fee.vy: a fee that does not depend on how often it is settled."""

from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import WAD

ONE = 10**36
MOST = 10 * ONE  # an unsettled exponent above this is cut off


def shares(supply: int, rate: int, elapsed: int) -> int:
    """New shares for `elapsed` seconds at `rate` WAD a day: supply * (e**x - 1), rounded down."""
    exponent = min(rate * WAD * elapsed // DAY, MOST)
    return supply * (exp(exponent) - ONE) // ONE


def exp(x: int) -> int:
    """e**x, both scaled by 1e36, for 0 <= x <= MOST.

    Halve x until it is at most one, sum the Taylor series, square as often as halved.
    """
    y = x
    halvings = 0
    while y > ONE:
        y //= 2
        halvings += 1

    total = term = ONE
    n = 1
    while term := term * y // (n * ONE):
        total += term
        n += 1

    for _ in range(halvings):
        total = total * total // ONE
    return total
