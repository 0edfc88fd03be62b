"""The size of a fill that earns the most, found with few questions.

What a fill earns against a pool is a concave function of its size: the premium earns in proportion,
and the pool gets dearer with every unit. It is zero for nothing. So of two sizes the better one
tells on which side of the other the best one lies.
"""

from collections.abc import Callable

GOLDEN = 0.6180339887498949  # of the two sizes that are compared one is known already
LEAP = 8  # a size that loses is followed by one so much smaller
LEAPS = 8  # below that a fill is not worth the gas, whatever it earns
QUESTIONS = 30
CLOSE = 50  # ends within a 50th of the size, where the top is flat
STEP = 1000  # the largest size is compared with one that is a thousandth smaller

Profit = Callable[[int], int | None]


def best_size(profit: Profit, most: int) -> tuple[int, int] | None:
    """Size up to `most` that earns the most, and what it earns; None where none earns anything.

    `profit(size)` is what a fill of `size` earns now, None where it would lose. It is asked at most
    QUESTIONS times, and twice where all that is open is best.
    """
    if most <= 0:
        return None
    answers: dict[int, int] = {}

    def ask(size: int) -> int:
        if size not in answers:
            earned = profit(size)
            answers[size] = -1 if earned is None else earned
        return answers[size]

    if ask(most) < 0 or ask(most - most // STEP - 1) > ask(most):
        _climb(ask, _foot(ask, most), answers)
    size = max(answers, key=lambda size: (answers[size], -size))
    return (size, answers[size]) if answers[size] > 0 else None


def _foot(ask: Callable[[int], int], most: int) -> int:
    """A size that the best one does not pass: a leap above the first that earns."""
    size = most
    while size * LEAP**LEAPS > most and ask(size // LEAP) < 0:
        size //= LEAP
    return size


def _climb(ask: Callable[[int], int], most: int, answers: dict[int, int]) -> None:
    """Golden-section search between 0 and `most`; of two sizes that lose the smaller is better."""
    low, high = 0, most
    left, right = _inner(low, high)
    while high - low > high // CLOSE and left < right and len(answers) < QUESTIONS:
        if ask(left) >= ask(right):
            high, right = right, left
            left = low + high - right
        else:
            low, left = left, right
            right = low + high - left
        if left >= right:  # rounding has brought them together
            left, right = _inner(low, high)


def _inner(low: int, high: int) -> tuple[int, int]:
    """The two sizes at the golden section between `low` and `high`."""
    span = int((high - low) * GOLDEN)
    return high - span, low + span
