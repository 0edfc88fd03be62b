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
from collections.abc import Callable
from functools import wraps
from time import perf_counter
from typing import Any, ClassVar

from hypothesis import Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.record import record

from .lab import Lab

# From its tenth example on Hypothesis mostly varies those that it has seen: so, short runs.
EXAMPLES = 9  # of a run
SKIPPED = "skipped"


def step(**strategies: Any) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """A rule that is counted whenever it does what it is for."""

    def decorate(act: Callable[..., str | None]) -> Callable[..., None]:
        @rule(**strategies)
        @wraps(act)
        def run_it(machine: "Machine", **drawn: Any) -> None:
            if act(machine, **drawn) is not SKIPPED:
                machine.happened[act.__name__] += 1

        run_it.is_step = True
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


def run(machine: type[Machine], name: str, steps: int = 50, quick: int = 27, **world: Any) -> None:
    """Run `machine`, whose class attributes are `world`, and fail if a rule never succeeded.

    `quick` is how many examples the quick profile has; any other has MACHINE_EXAMPLES.
    """
    profile = settings()
    examples = quick if profile.derandomize else int(os.environ.get("MACHINE_EXAMPLES", "1000"))
    happened: Counter[str] = Counter()
    before, began = machine.lab.calls, perf_counter()

    for number in range(-(-examples // EXAMPLES)):
        one = type("Run", (machine,), {"happened": happened, **world})
        run_state_machine_as_test(
            seed(number)(one) if profile.derandomize else one,
            settings=settings(
                profile,
                max_examples=EXAMPLES,
                stateful_step_count=steps,
                phases=(Phase.generate, Phase.shrink),
                database=None,
            ),
        )

    rules = {part for part in dir(machine) if hasattr(getattr(machine, part), "is_step")}
    assert (rules | machine.events) - set(+happened) == set(), "never happened"
    calls, seconds = machine.lab.calls - before, perf_counter() - began
    ids = sorted({identity(law) for law in machine.laws})
    record("machine", name, calls=calls, rules=len(rules), invariants=ids, seconds=round(seconds))
    if os.environ.get("MACHINE_FIGURES"):
        print(f"\n{name}: {calls} calls, {calls / seconds:.0f} a second, {len(ids)} laws")
        print(dict(happened))


def identity(law: Callable[..., None]) -> str:
    """`inv_m2_…` is I-M2."""
    return f"I-{law.__name__.split('_')[1].upper()}"
