"""Every lemma is proved, every wrong-way twin of it is refuted, and no formula goes without one."""

import re
from pathlib import Path

import pytest
import z3  # type: ignore[import-untyped]

from tests.record import record

from .lemmas import LEMMAS
from .prover import compute, prove, refute

CONTRACTS = Path(__file__).parents[2] / "contracts"
SOURCES = sorted(path for path in CONTRACTS.rglob("*.vy") if "mocks" not in path.parts)
TWINS = [(lemma, twin) for lemma in LEMMAS for twin in lemma.twins]

TALK = re.compile(r'""".*?"""|#[^\n]*', re.S)
FUNCTION = re.compile(r"^def (\w+)\((.*?)(?=^@|\Z)", re.S | re.M)
ROUNDS_OR_CLAMPS = re.compile(r"_mul_div_up|_mul_div_down|//|unsafe_div|%|\bmin\(|\bmax\(")


def functions(path: Path) -> dict[str, str]:
    """The bodies of a contract's functions, without what is said about them, by `file.function`."""
    return {
        f"{path.stem}.{name}": body
        for name, body in FUNCTION.findall(TALK.sub("", path.read_text()))
    }


FUNCTIONS = {name: body for path in SOURCES for name, body in functions(path).items()}
FORMULAS = [name for name, body in FUNCTIONS.items() if ROUNDS_OR_CLAMPS.search(body)]


@pytest.mark.parametrize("lemma", LEMMAS, ids=lambda lemma: lemma.name)
def test_lemma_holds(lemma):
    answers = dict(prove(lemma))

    assert answers
    assert {statement: answer for statement, answer in answers.items() if answer != z3.unsat} == {}
    record("lemma", lemma.name, claims=lemma.claims, statements=len(answers))


@pytest.mark.parametrize(
    ("lemma", "twin"), TWINS, ids=[f"{lemma.name}-{twin}" for lemma, twin in TWINS]
)
def test_wrong_way_twin_is_refuted(lemma, twin):
    """z3 finds where it fails. There, in plain integers, the contract's way holds and the twin's
    does not; so what is given can be met, and the contract's way is what the model computes."""
    numbers = refute(lemma, twin)

    assert numbers is not None, "no counterexample found"
    wrong, right = compute(lemma, numbers, wrong=twin), compute(lemma, numbers)
    assert wrong.turned
    assert all(wrong.facts) and not all(wrong.goals)
    assert all(right.facts) and all(right.goals)
    assert all(each.ours == each.models for each in right.comparisons)


@pytest.mark.parametrize("formula", FORMULAS)
def test_formula_has_a_lemma(formula):
    assert any(formula in lemma.formulas for lemma in LEMMAS)


@pytest.mark.parametrize("lemma", LEMMAS, ids=lambda lemma: lemma.name)
def test_lemma_names_what_exists_and_says_why(lemma):
    assert set(lemma.formulas) <= set(FUNCTIONS)
    assert lemma.twins and lemma.body.__doc__


def test_lemma_is_entered_once():
    assert len({lemma.name for lemma in LEMMAS}) == len(LEMMAS)
