"""The same calls are answered alike on every build. All tests on every build: `tests.builds`."""

from collections import Counter

import pytest

from tests.builds import DEPLOYED, LEVELS
from tests.builds.compare import faults
from tests.builds.sequence import played

SEED, STEPS = 1, 2_000


@pytest.fixture(scope="module")
def deployed():
    return played(DEPLOYED, SEED, STEPS)


def test_sequence_has_calls_of_all_kinds(deployed):
    kinds = Counter(line[2 : line.index("'", 2)] for line in deployed)

    assert all(kinds[kind] >= 30 for kind in ("send", "send reverts", "call", "call reverts"))


@pytest.mark.parametrize("level", [level for level in LEVELS if level != DEPLOYED])
def test_calls_are_answered_alike(deployed, level):
    lines = played(level, SEED, STEPS)

    assert [pair for pair in zip(lines, deployed, strict=True) if pair[0] != pair[1]] == []


def test_sequence_of_another_seed_is_answered_otherwise(deployed):
    assert played(DEPLOYED, SEED + 1, STEPS) != deployed


def test_faults_are_what_fails_or_is_answered_otherwise_or_is_not_there():
    deployed = {"test_a": ("passed", 3, "00"), "test_permit": ("passed", 1, "01")}
    other = {
        "none": {**deployed, "test_a": ("passed", 3, "ff"), "test_permit": ("failed", 1, "02")},
        "codesize": {"test_a": ("passed", 3, "00")},
    }

    assert faults({DEPLOYED: deployed}) == []
    assert faults({DEPLOYED: deployed, **other}) == [
        "codesize: test_permit: only not there",
        "none: test_a: calls are answered otherwise",
        "none: test_permit: failed",
    ]
