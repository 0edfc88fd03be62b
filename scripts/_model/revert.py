"""What a call that fails leaves behind: a reason, and everything as it was."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar


class Revert(Exception):
    """The call would revert on chain with `reason`, which is empty where the chain gives none."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Machine(Protocol):
    """Has a state that can be put back."""

    def snapshot(self) -> Callable[[], None]:
        """Remember the state; the answer puts it back."""


M = TypeVar("M", bound=Machine)
P = ParamSpec("P")
R = TypeVar("R")


def check(condition: bool, reason: str) -> None:
    """Raise Revert with `reason` unless `condition`."""
    if not condition:
        raise Revert(reason)


def atomic(action: Callable[Concatenate[M, P], R]) -> Callable[Concatenate[M, P], R]:
    """Make a method all or nothing: where it raises, the state is what it was before."""

    @wraps(action)
    def call(machine: M, /, *args: P.args, **kwargs: P.kwargs) -> R:
        undo = machine.snapshot()
        try:
            return action(machine, *args, **kwargs)
        except BaseException:
            undo()
            raise

    return call
