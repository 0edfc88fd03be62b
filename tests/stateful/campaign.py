"""How a machine is run: many short runs, every rule counted, and none that never succeeded.

    class Purse(Machine):
        laws = (inv_t1, ...)

        @step(amount=AMOUNT)
        def pay(self, amount): ...         # returns SKIPPED where it could not do what it is for

    def test_...():
        run(Purse, "purse")

A law is a function called `inv_<id>` with its statement as its docstring.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from functools import wraps
from time import monotonic
from typing import Any, ClassVar

from hypothesis import Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.invariants import identity
from tests.record import record

from .lab import Lab

EXAMPLES = 9  # of a run
STEPS = 50  # of an example
SKIPPED = "skipped"


def step(**strategies: Any) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """A rule that is counted whenever it does what it is for."""

    def decorate(act: Callable[..., str | None]) -> Callable[..., None]:
        @rule(**strategies)
        @wraps(act)
        def run_it(machine: "Machine", **drawn: Any) -> None:
            if act(machine, **drawn) is not SKIPPED:
                machine.happened[act.__name__] += 1

        return run_it

    return decorate


class Machine(RuleBasedStateMachine):
    """A machine on a chain that is put back after each example."""

    lab: ClassVar[Lab]
    happened: ClassVar[Counter[str]]  # rules and other events, over all examples
    laws: ClassVar[tuple[Callable[..., None], ...]] = ()
    events: ClassVar[frozenset[str]] = frozenset()  # that every run must see besides its rules

    def __init__(self) -> None:
        super().__init__()
        self.mark = self.lab.chain.snapshot()

    def teardown(self) -> None:
        self.lab.chain.revert(self.mark)


def run(machine: type[Machine], name: str, **world: Any) -> None:
    """Run `machine`, whose class attributes are `world`, and fail if a rule never succeeded."""
    before, began = machine.lab.calls, monotonic()
    happened = play(machine, range(runs(quick=3)), **world)

    assert (rules_of(machine) | machine.events) - set(+happened) == set(), "never happened"
    keep(name, machine.lab.calls - before, machine, ids(machine.laws), began)


def runs(quick: int) -> int:
    """Runs of a campaign: `quick` in that profile, in any other for MACHINE_EXAMPLES examples."""
    if settings().derandomize:
        return quick
    return -(-int(os.environ.get("MACHINE_EXAMPLES", "1000")) // EXAMPLES)


def play(machine: type[RuleBasedStateMachine], numbers: range, **world: Any) -> Counter[str]:
    """Let a machine run once for each number, and tell what happened.

    From its tenth example on Hypothesis mostly varies those that it has seen: so, short runs. Their
    numbers are their seeds where the profile is the quick one. Nothing is kept for another time.
    """
    profile = settings()
    happened: Counter[str] = Counter()
    for number in numbers:
        made = type(machine.__name__, (machine,), {"happened": happened, **world})
        run_state_machine_as_test(
            seed(number)(made) if profile.derandomize else made,
            settings=settings(
                profile,
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                phases=(Phase.generate, Phase.shrink),
                database=None,
            ),
        )
    return happened


def rules_of(machine: type[RuleBasedStateMachine]) -> set[str]:
    """Names of all rules of a machine."""
    return {rule.function.__name__ for rule in machine.setup_state().rules}


def ids(laws: Iterable[Callable[..., None]]) -> set[str]:
    """The ids of invariants, from the names of the functions: `inv_m2` holds I-M2."""
    return {identity(law.__name__) for law in laws}


def keep(
    name: str, calls: int, machine: type[RuleBasedStateMachine], laws: set[str], began: float
) -> None:
    """Record the figures of a campaign: `calls` that changed something, ids of `laws` held."""
    record(
        "machine",
        name,
        calls=calls,
        rules=len(rules_of(machine)),
        invariants=sorted(laws),
        seconds=round(monotonic() - began, 1),
    )
