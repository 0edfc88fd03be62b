"""Twin of interfaces/IPosition.vyi: what a token asks of the venue that it lives on."""

from collections.abc import Callable
from typing import Protocol, Self


class Market(Protocol):
    """A clock in seconds, and a price: debt units per collateral unit, scaled by 1e36."""

    now: int
    price: int

    def free(self) -> None:
        """Charge no interest any more."""


class Position(Protocol):
    """Collateral held and debt owed, in raw units."""

    @property
    def market(self) -> Market:
        """Where it is."""

    def copy(self) -> Self:
        """Another position just like this one, on a market just like its own."""

    def snapshot(self) -> Callable[[], None]:
        """Remember the state, the market's too; the answer puts it back."""

    def balances(self) -> tuple[int, int]:
        """Collateral held (rounded down) and debt owed (rounded up), with interest to now."""

    def grain(self) -> int:
        """The most that one move may lose by rounding, in units of either token."""

    def accrue(self) -> tuple[int, int, int]:
        """Balances and grain, and the interest is written into the market."""

    def liquidity(self) -> int:
        """Debt tokens that the venue has left to lend."""

    def liquidation(self) -> tuple[int, int]:
        """The loan-to-value at which the venue liquidates, and the liquidator's bonus, in WAD."""

    def lever(self, collateral: int, debt: int) -> int:
        """Add collateral and borrow debt; returns the collateral that the caller had to bring."""

    def delever(self, debt: int, collateral: int) -> int:
        """Repay debt and take collateral; returns the debt that the caller had to bring."""
