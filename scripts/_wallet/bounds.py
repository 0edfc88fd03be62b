"""How much worse than previewed a transaction may turn out before it reverts."""

BPS = 10_000  # basis points in one


def at_most(amount: int, slippage: int) -> int:
    """The most to pay where `amount` is expected; `slippage` in basis points, rounded up."""
    return -(-amount * (BPS + slippage) // BPS)


def at_least(amount: int, slippage: int) -> int:
    """The least to receive where `amount` is expected; `slippage` in basis points, rounded down."""
    return amount * (BPS - slippage) // BPS
