"""Gas is performance, and deterministic: any change is seen, and has to be committed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.gas import GOALS, OUT, SNAPSHOT, flat


@pytest.fixture(scope="module")
def gas():
    """Measured on a chain of its own, since addresses are a part of what is paid for."""
    OUT.unlink(missing_ok=True)
    ape = Path(sys.executable).with_name("ape")
    subprocess.run([sys.executable, ape, "run", "gas"], capture_output=True, check=False)
    return json.loads(OUT.read_text())


def test_gas_is_what_the_snapshot_says(gas):
    assert flat(gas) == flat(json.loads(SNAPSHOT.read_text()))


@pytest.mark.parametrize("name", GOALS)
def test_gas_reaches_its_goal(gas, name):
    assert gas[name] <= GOALS[name]
