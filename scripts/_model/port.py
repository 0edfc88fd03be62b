"""Twin of interfaces/IPosition.vyi: what a token asks of the venue that it lives on."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, Self, TypeVar

from scripts._model.revert import atomic


class Market(Protocol):
    """A clock in seconds, and a price: debt units per collateral unit, scaled by 1e36."""

    now: int
    price: int

    def copy(self) -> Self:
        """Another market just like this one."""

    def snapshot(self) -> Callable[[], None]:
        """Remember the state; the answer puts it back."""

    def free(self) -> None:
        """Charge no interest any more."""


M = TypeVar("M", bound=Market)


@dataclass
class Position(ABC, Generic[M]):
    """Collateral held and debt owed, in raw units: the account of one token, `name`, on `market`.

    `loose_collateral` and `loose_debt` are tokens that lie there: whoever acts next uses them up
    first.
    """

    market: M
    name: str
    loose_collateral: int = 0
    loose_debt: int = 0

    def copy(self) -> Self:
        """Another position just like this one, on a market just like its own."""
        return replace(self, market=self.market.copy())

    def snapshot(self) -> Callable[[], None]:
        """Remember the state, the market's too; the answer puts it back."""
        state = dict(vars(self))
        undo_market = self.market.snapshot()

        def undo() -> None:
            vars(self).update(state)
            undo_market()

        return undo

    @atomic
    def lever(self, collateral: int, debt: int) -> int:
        """Add collateral and borrow debt; returns the collateral that the caller had to bring."""
        pulled = max(0, collateral - self.loose_collateral)
        self.loose_collateral -= collateral - pulled
        self._supply(collateral)
        if debt > 0:
            self._borrow(debt)
        return pulled

    @atomic
    def delever(self, debt: int, collateral: int) -> int:
        """Repay debt and take collateral; returns the debt that the caller had to bring.

        What is more than the venue counts stays here.
        """
        pulled = max(0, debt - self.loose_debt)
        self.loose_debt -= debt - pulled
        if debt > 0:
            self.loose_debt += debt - self._repay(debt)
        if collateral > 0:
            self._withdraw(collateral)
        return pulled

    def accrue(self) -> tuple[int, int, int]:
        """Balances and grain, and the interest is written into the market."""
        return *self.balances(), self.grain()

    @abstractmethod
    def balances(self) -> tuple[int, int]:
        """Collateral held (rounded down) and debt owed (rounded up), with interest to now."""

    @abstractmethod
    def grain(self) -> int:
        """The most that one move may lose by rounding, in units of either token."""

    @abstractmethod
    def liquidity(self) -> int:
        """Debt tokens that the venue has left to lend."""

    @abstractmethod
    def liquidation(self) -> tuple[int, int]:
        """The loan-to-value at which the venue liquidates, and the liquidator's bonus, in WAD."""

    @abstractmethod
    def _supply(self, amount: int) -> None: ...

    @abstractmethod
    def _borrow(self, amount: int) -> None: ...

    @abstractmethod
    def _repay(self, amount: int) -> int:
        """What the venue takes of it: at most all that is owed."""

    @abstractmethod
    def _withdraw(self, amount: int) -> None: ...
