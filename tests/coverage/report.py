"""`python -m tests.coverage.report`: run the unit tests, and tell what they did not reach.

Percentages are of all lines and branches, the exceptions included. Fails if something is missing
without a reason in exceptions.yaml, if a reason there is out of date, or if a test fails.

The contracts that are run carry marks, and are larger and take more gas for it: contracts may be
of any size, and the test of the gas of creation is left out.
"""

import json
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
import yaml
from pyrevm import EVM

from tests.coverage import marks
from tests.coverage.places import NAMES, Place, places
from tests.evm import build, engine
from tests.evm.engine import Chain, Done

EXCEPTIONS = Path(__file__).with_name("exceptions.yaml")
REPORT = Path("out/proof/coverage.json")
TESTS = ("tests/unit", "-q", "-k", "not million_gas", "-p", "no:ape_test", "-p", "tests.evm.plugin")

# WETH pays ether out with 2,300 gas, less than a mark costs: here it gives 65,535 more.
STIPEND = bytes.fromhex("6108fc829081150290")  # iszero(value) * 2300
AMPLE = bytes.fromhex("61ffff829081150190")  # iszero(value) + 65535


class Missing(NamedTuple):
    """A side of a place that was not reached, as a line of the report and of exceptions.yaml."""

    file: str
    code: str
    never: str


def run() -> set[tuple[Place, int]]:
    """What the unit tests reach. Exits where one fails."""
    evms: list[EVM] = []

    def evm(*args: Any, **options: Any) -> EVM:
        evms.append(EVM(*args, **options))
        return evms[-1]

    create = Chain.create

    def generous(self: Chain, sender: str, code: bytes, value: int = 0) -> tuple[str, Done]:
        return create(self, sender, code.replace(STIPEND, AMPLE), value)

    with TemporaryDirectory() as folder, marks.installed(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "CACHE", Path(folder))
        patch.setattr(engine, "EVM", evm)
        patch.setattr(engine, "code_size", 2**20)
        patch.setattr(Chain, "create", generous)
        code = pytest.main([*TESTS])
    if code:
        sys.exit(code)
    return marks.reached({account for one in evms for account in one.db_accounts})


def missing(at: Place, side: int) -> Missing:
    return Missing(at.path, at.code, NAMES[at.kind, side])


def figures(all_places: Iterable[Place], reached: Collection[tuple[Place, int]]) -> dict[str, int]:
    """How many lines and branches there are, and how many of them are reached."""
    lines: dict[tuple[str, int], bool] = {}
    branches: list[bool] = []
    for at in all_places:
        sides = [(at, side) in reached for side in at.sides]
        if at.is_branch:
            branches += sides
        else:
            key = at.path, at.line
            lines[key] = lines.get(key, True) and all(sides)
    return {
        "lines": len(lines),
        "lines_reached": sum(lines.values()),
        "branches": len(branches),
        "branches_reached": sum(branches),
    }


def percent(part: int, whole: int) -> float:
    """Rounded down to two decimals: 100 is all."""
    return part * 10_000 // whole / 100 if whole else 100.0


def main() -> int:
    reached = run()
    by_file: dict[str, list[Place]] = {}
    for at in sorted(places()):
        by_file.setdefault(at.path, []).append(at)
    files = {path: figures(some, reached) for path, some in by_file.items()}
    total = figures(places(), reached)
    explained = {
        Missing(entry["file"], entry["code"], entry["never"])
        for entry in yaml.safe_load(EXCEPTIONS.read_text(encoding="utf8"))
    }
    gaps = sorted((at, side) for at in places() for side in at.sides if (at, side) not in reached)
    known = [missing(*gap) in explained for gap in gaps]

    print(f"\n{'':30}{'lines':>12}{'branches':>16}")
    for path, count in {**files, "all": total}.items():
        print(
            f"{path:30}{count['lines_reached']:6}/{count['lines']:<6}"
            f"{count['branches_reached']:8}/{count['branches']}"
        )
    for (at, side), why in zip(gaps, known, strict=True):
        mark = "explained" if why else "MISSING"
        print(f"{mark}: {at.path}:{at.line} never {NAMES[at.kind, side]}: {at.code}")
    stale = sorted(explained - {missing(*gap) for gap in gaps})
    for entry in stale:
        print(f"OUT OF DATE: {entry.file} never {entry.never}: {entry.code}")

    report = {
        "lines": percent(total["lines_reached"], total["lines"]),
        "branches": percent(total["branches_reached"], total["branches"]),
        "missing": len(gaps) - sum(known),
        "explained": sum(known),
        "total": total,
        "files": files,
    }
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf8")
    print(
        f"{report['lines']} % of lines, {report['branches']} % of branches; "
        f"{report['missing']} missing, {report['explained']} explained"
    )
    return int(bool(report["missing"] or stale))


if __name__ == "__main__":
    sys.exit(main())
