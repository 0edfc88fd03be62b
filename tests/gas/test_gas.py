"""Gas is performance, and deterministic: any change is seen, and has to be committed."""

import json

import pytest

from scripts._gas import measure
from scripts.gas import GOALS, SNAPSHOT, flat


@pytest.fixture(scope="module")
def gas():
    return measure()


def test_gas_is_what_the_snapshot_says(gas):
    assert flat(gas) == flat(json.loads(SNAPSHOT.read_text()))


@pytest.mark.parametrize("name", GOALS)
def test_gas_reaches_its_goal(gas, name):
    assert gas[name] <= GOALS[name]
