"""What is asked of the chain and of the model, and how much of something a rule takes."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from .node import Call, survey

# Of what is possible: so many units, or such a fraction.
Size: TypeAlias = int | Fraction


def part(size: Size, most: int) -> int:
    """So much of `most`, and at least one."""
    return max(1, min(size, most) if isinstance(size, int) else int(size * most))


@dataclass(frozen=True)
class Question:
    """Something to ask the chain, and what the model has to say about it.

    What follows from the answers to other questions, or never changes, is asked `seldom`.
    """

    call: Call
    model: Callable[[Any], Any]
    seldom: bool = False


class Questionnaire:
    """Questions by their labels, and the one call that asks them all."""

    def __init__(self, questions: dict[str, Question]) -> None:
        self.questions = questions
        self.survey = survey([question.call for question in questions.values()])
