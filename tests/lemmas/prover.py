"""A lemma is one function, read three ways: as a theorem, as its wrong-way twin, and as a sum.

The body of a lemma computes as the contract does, with `floor`, `ceil`, `min`, `max` and `pick`,
each of which has a name, and says what is `given` and what must `hold`.

    prove    with z3's unbounded integers: nothing is given under which a goal does not hold
    refute   the same with one named operation turned the wrong way: z3 finds a counterexample
    compute  with Python's integers: what the counterexample comes to, and what the model says

Parameters are unsigned unless annotated `Signed`. A divisor is positive and a dividend is not
negative: the contract reverts otherwise. `step` is a hint to the solver, and proved like a goal,
from what was said before it.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import z3  # type: ignore[import-untyped]

TIMEOUT = 10_000  # milliseconds a query

Number = Any  # of z3, or of Python
Signed = Any  # annotates a parameter that may be negative


@dataclass(frozen=True)
class Lemma:
    """A theorem about `formulas`, and the operations in it each of which matters.

    `claims` are ids of threats and invariants, or what is promised in a few words. `pins` fix some
    numbers, by twin, while its counterexample is sought: there need be only one.
    """

    name: str
    claims: str
    formulas: tuple[str, ...]
    twins: tuple[str, ...]
    body: Callable[..., None]
    pins: dict[str, dict[str, int]]

    @property
    def signs(self) -> dict[str, bool]:
        """The parameters, and whether each may be negative."""
        parameters = list(inspect.signature(self.body).parameters.values())[1:]
        return {each.name: each.annotation is Signed for each in parameters}


class Work:
    """What a body is run with. Facts are what is known at a point of it, goals what must hold."""

    def __init__(self, wrong: str = "") -> None:
        self.wrong = wrong
        self.turned = False
        self.facts: list[Any] = []
        self.goals: list[Any] = []

    def given(self, *conditions: Any) -> None:
        """Suppose so."""
        self.facts += conditions

    def hold(self, *conditions: Any) -> None:
        """It follows that."""
        self.goals += conditions

    def floor(self, name: str, x: Number, y: Number) -> Number:
        """x / y, rounded down."""
        return self._quotient(name, x, y, up=self._is_wrong(name))

    def ceil(self, name: str, x: Number, y: Number) -> Number:
        """x / y, rounded up."""
        return self._quotient(name, x, y, up=not self._is_wrong(name))

    def min(self, name: str, x: Number, y: Number) -> Number:
        """The smaller of the two."""
        return self.either(x > y if self._is_wrong(name) else x <= y, x, y)

    def max(self, name: str, x: Number, y: Number) -> Number:
        """The larger of the two."""
        return self.either(x < y if self._is_wrong(name) else x >= y, x, y)

    def pick(self, name: str, right: Any, wrong: Any) -> Any:
        """`right`, for which a careless hand might write `wrong`."""
        return wrong if self._is_wrong(name) else right

    def step(self, condition: Any, *since: Any) -> None:
        """A hint: this is so, because of `since` alone if that is told."""

    def model(self, result: Any, function: Callable[..., Any], *args: Any) -> None:
        """The function of scripts/_model that computes `result`."""

    def name(self, name: str, x: Number) -> Number:
        """x. Also a hint: what it is made of does not matter to the steps that are told `since`."""
        return x

    def either(self, condition: Any, x: Number, y: Number) -> Number:
        """x if so, otherwise y."""
        raise NotImplementedError

    def _quotient(self, name: str, x: Number, y: Number, up: bool) -> Number:
        raise NotImplementedError

    def _is_wrong(self, name: str) -> bool:
        self.turned |= name == self.wrong
        return name == self.wrong


class Theorem(Work):
    """With z3's numbers. Quotients are variables, described by what rounding promises."""

    def __init__(self, wrong: str = "") -> None:
        super().__init__(wrong)
        self.steps: list[tuple[list[Any], Any]] = []
        self.names = 0

    def step(self, condition: Any, *since: Any) -> None:
        if self.wrong:
            return
        strangers = [each for each in since if not self._is_known(each)]
        assert not strangers, f"not known: {strangers}"
        self.steps.append((list(since) or list(self.facts), condition))
        self.facts.append(condition)

    def _fresh(self, name: str) -> Number:
        self.names += 1
        return z3.Int(f"{name} #{self.names}")

    def _is_known(self, condition: Any) -> bool:
        if not z3.is_expr(condition):  # of constants
            return bool(condition)
        return any(z3.is_expr(fact) and condition.eq(fact) for fact in self.facts)

    def either(self, condition: Any, x: Number, y: Number) -> Number:
        chosen = z3.If(condition, x, y)
        if z3.is_bool(chosen):
            return chosen
        return self.name("either", chosen)  # choices inside of products are hard

    def name(self, name: str, x: Number) -> Number:
        named = self._fresh(name)
        self.given(named == x)
        return named

    def _quotient(self, name: str, x: Number, y: Number, up: bool) -> Number:
        q = self._fresh(name)
        self.given(y > 0, x >= 0, q >= 0)
        # of integers: less than the next is at most one below it
        self.given(*((q * y >= x, q * y <= x + y - 1) if up else (q * y <= x, q * y >= x - y + 1)))
        return q


@dataclass
class Comparison:
    """What a body computed, and what the model did."""

    ours: Any
    models: Any


class Sum(Work):
    """With Python's integers."""

    def __init__(self, wrong: str = "") -> None:
        super().__init__(wrong)
        self.comparisons: list[Comparison] = []

    def model(self, result: Any, function: Callable[..., Any], *args: Any) -> None:
        self.comparisons.append(Comparison(result, function(*args)))

    def either(self, condition: Any, x: Number, y: Number) -> Number:
        return x if condition else y

    def _quotient(self, name: str, x: Number, y: Number, up: bool) -> Number:
        self.given(y > 0, x >= 0)
        return -(-x // y) if up else x // y


@dataclass
class Book:
    """Lemmas in the order in which they are written."""

    lemmas: list[Lemma] = field(default_factory=list)

    def __call__(
        self,
        claims: str,
        of: str,
        twins: str,
        pins: dict[str, dict[str, int]] | None = None,
        **pinned: int,
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Enter a lemma: the ids it `claims`, the formulas it is `of`, its wrong-way `twins`.

        What is `pinned` holds for all twins, `pins` for the one of that name.
        """

        def enter(body: Callable[..., None]) -> Callable[..., None]:
            names = tuple(twins.split())
            each = {name: pinned | (pins or {}).get(name, {}) for name in names}
            self.lemmas.append(Lemma(body.__name__, claims, tuple(of.split()), names, body, each))
            return body

        return enter


def prove(lemma: Lemma) -> Iterator[tuple[str, z3.CheckSatResult]]:
    """Each step and goal of `lemma`, and z3's answer to its negation: unsat is a proof."""
    work = Theorem()
    lemma.body(work, *_variables(lemma, work))
    for facts, condition in [*work.steps, *((work.facts, goal) for goal in work.goals)]:
        solver = _solver(z3.SimpleSolver())
        solver.add(*facts, z3.Not(condition))
        yield str(condition), solver.check()


def refute(lemma: Lemma, twin: str) -> dict[str, int] | None:
    """Numbers for which `lemma` fails once `twin` is turned the wrong way; None if not found."""
    work = Theorem(wrong=twin)
    variables = _variables(lemma, work)
    lemma.body(work, *variables)
    pins = [z3.Int(name) == value for name, value in lemma.pins[twin].items()]
    # the second also searches in bits, which is slow to start and finds what the first may not
    for solver in (_solver(z3.SimpleSolver(), TIMEOUT // 10), _solver(z3.Solver())):
        solver.add(*work.facts, *pins, z3.Not(z3.And(*work.goals)))
        if solver.check() == z3.sat:
            model = solver.model()
            values = {each: model.eval(each, model_completion=True) for each in variables}
            return {str(each): value.as_long() for each, value in values.items()}
    return None


def compute(lemma: Lemma, numbers: dict[str, int], wrong: str = "") -> Sum:
    """The body of `lemma` for these numbers, with `wrong` turned the wrong way if told."""
    work = Sum(wrong)
    lemma.body(work, **numbers)
    return work


def _variables(lemma: Lemma, work: Theorem) -> list[Any]:
    variables = {name: z3.Int(name) for name in lemma.signs}
    work.given(*(each >= 0 for name, each in variables.items() if not lemma.signs[name]))
    return list(variables.values())


def _solver(solver: z3.Solver, timeout: int = TIMEOUT) -> z3.Solver:
    solver.set("timeout", timeout)
    return solver
