"""`python -m tests.builds`: the suite on every build, test by test.

Unit tests of contracts, attackers and the quick machines run on bytecode of each level of
optimisation, on a chain that lets contracts be of any size: without optimisation the token's
creation code is too large for a blueprint. Every test must pass on all of them, and every call in
it be answered alike: what it returned, the reason of its revert, its events. Gas is not compared,
and not tested.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.builds import DEPLOYED, LEVELS

OUT = Path("out/proof")
SUITE = ("tests/unit", "tests/attack", "tests/stateful")
# Of Python alone: no bytecode is run there.
OTHERS = ("keeper_bot", "paper", "prices", "rehearsal", "report", "wallet")
PYTEST = (
    *(sys.executable, "-m", "pytest", "-q", "-p", "no:ape_test"),
    *("-p", "tests.builds.plugin", "-p", "tests.evm.plugin"),
    # one version of Aave is enough for its attackers
    *("-k", "not million_gas and not (attack and 3.6)"),
)

# Tests whose calls differ by nature, by a part of their names. They must pass all the same.
UNLIKE = {
    "permit": "what is signed names the token's address, which depends on its code",
    "domain_separator": "it is a hash of the token's address",
    "gas": "how far a call gets with little gas depends on what the code takes",
}

# Of each test: outcome, calls, hash of their transcript.
Outcomes = dict[str, tuple[str, int, str]]


def run(level: str) -> Outcomes:
    """The suite on one build; its own words go to a log."""
    transcripts, log = OUT / f"builds-{level}.json", OUT / "log" / f"builds-{level}.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    transcripts.unlink(missing_ok=True)
    with log.open("wb") as words:
        subprocess.run(
            [*PYTEST, *SUITE, *(f"--ignore=tests/unit/{name}" for name in OTHERS)],
            env={
                **os.environ,
                "BUILD": level,
                "TRANSCRIPTS": str(transcripts),
                "PYTHONHASHSEED": "0",  # sets are walked in the same order
            },
            stdout=words,
            stderr=subprocess.STDOUT,
        )
    outcomes = json.loads(transcripts.read_text(encoding="utf8"))
    transcripts.unlink()
    return {name: tuple(outcome) for name, outcome in outcomes.items()}


def is_unlike(name: str) -> bool:
    return any(part in name for part in UNLIKE)


def faults(outcomes: Mapping[str, Outcomes]) -> list[str]:
    """What is not as it must be."""
    found = []
    deployed = outcomes[DEPLOYED]
    for level, tests in outcomes.items():
        found += [
            f"{level}: {name}: {tests[name][0]}" for name in tests if tests[name][0] != "passed"
        ]
        found += [f"{level}: {name}: only there" for name in tests.keys() - deployed.keys()]
        found += [f"{level}: {name}: only not there" for name in deployed.keys() - tests.keys()]
        found += [
            f"{level}: {name}: calls are answered otherwise"
            for name in tests.keys() & deployed.keys()
            if not is_unlike(name) and tests[name][1:] != deployed[name][1:]
        ]
    return sorted(found)


def main() -> int:
    outcomes: dict[str, Outcomes] = {}
    for level in LEVELS:
        started = time.monotonic()
        outcomes[level] = run(level)
        print(
            f"{level:10}{len(outcomes[level]):6} tests {time.monotonic() - started:6.0f} s",
            flush=True,
        )
    found = faults(outcomes)
    alike = [name for name in outcomes[DEPLOYED] if not is_unlike(name)]
    report: dict[str, Any] = {
        level: sum(outcome == "passed" for outcome, *_ in tests.values())
        for level, tests in outcomes.items()
    }
    report["alike"] = {
        "tests": len(alike),
        "calls": sum(outcomes[DEPLOYED][name][1] for name in alike),
        "different": sum("otherwise" in fault for fault in found),
    }
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "builds.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf8")
    for fault in found:
        print(fault)
    print(json.dumps(report))
    return int(bool(found))
