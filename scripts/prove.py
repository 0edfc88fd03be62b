"""The long campaign: every proof there is, side by side on two cores, and one report of it."""

import json
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
OUT = Path("out/proof")
REPORT = Path("out/proof.json")
QUICK, LONG = OUT / "quick", OUT / "long"  # what tests have recorded in either profile
AAVE = ("aave", "aave-3.6")  # venues where the attackers run once more

PYTEST = (sys.executable, "-m", "pytest", "-p", "no:ape_test", "-p", "tests.evm.plugin", "-q")
APE = (sys.executable, str(Path(sys.executable).with_name("ape")))
TICK = 1  # seconds between looks at what runs
NEWS = 60  # seconds between words about it

# Examples of each machine in its long profile: enough of each, and a million calls in all.
MACHINES = {
    "test_token_machine": 1000,
    "test_system_machine": 400,
    "test_router_machine": 300,
    "test_keeper_machine": 300,
    "test_mock_venue_machine": 3000,
    "test_fee_machine": 2500,
    "test_oracle_machine": 2500,
    "test_schedule_machine": 1500,
    "test_share_machine": 1500,
}

# What we hold ourselves to.
GOALS = {
    "tests": 600,
    "state_machines": 8,
    "invariants": 45,
    "calls": 1_000_000,
}
MUTANTS = 0.95  # killed, of all that are valid


@dataclass
class Part:
    """One command of the campaign; with `wide` it uses both cores itself."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    wide: bool = False

    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    seconds: float = 0.0

    @property
    def log(self) -> Path:
        return OUT / "log" / f"{self.name.replace(' ', '-')}.txt"

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.started = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **self.env},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def is_over(self) -> bool:
        assert self.process is not None
        self.seconds = time.monotonic() - self.started
        return self.process.poll() is not None

    @property
    def failed(self) -> bool:
        return self.process is None or self.process.returncode != 0

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf8", errors="replace").strip().splitlines()
        return lines[-1].strip()[:100] if lines else ""


def parts(prices: str | None) -> list[Part]:
    """All of the campaign, the longest first."""
    crash = Part("crash", (*APE, "run", "crash", "--prices", str(prices)))
    module = (sys.executable, "-m")
    return [
        Part("builds", (*module, "tests.builds")),
        *(
            Part(
                path.stem.removeprefix("test_").replace("_", " "),
                (*PYTEST, str(path)),
                {
                    "PROOF": str(LONG),
                    "HYPOTHESIS_PROFILE": "thorough",
                    "MACHINE_EXAMPLES": str(MACHINES[path.stem]),
                },
            )
            for path in sorted(Path("tests/stateful").glob("test_*_machine.py"))
        ),
        Part("coverage", (*module, "tests.coverage.report")),
        Part("tests", (*PYTEST, f"--junitxml={OUT}/tests.xml"), {"PROOF": str(QUICK)}),
        *(
            Part(
                f"attackers on {venue}",
                (*PYTEST, "--venue", venue, f"--junitxml={OUT}/{venue}.xml"),
                {"PROOF": str(OUT / venue)},
            )
            for venue in AAVE
        ),
        Part(
            "tests on a node",
            (*APE, "test", "-m", "anvil", "-q", f"--junitxml={OUT}/node.xml"),
            {"PROOF": str(OUT / "node")},
        ),
        *([crash] if prices else []),
        Part("mutants", (*module, "tests.mutation.campaign"), wide=True),
    ]


def run(todo: Iterable[Part], workers: int) -> None:
    """Run all, so many at once, and say how it goes."""
    waiting, running = list(todo), list[Part]()
    spoke = time.monotonic()
    while waiting or running:
        room = workers - sum(workers if part.wide else 1 for part in running)
        while waiting and room >= (workers if waiting[0].wide else 1):
            part = waiting.pop(0)
            part.start()
            running.append(part)
            room -= workers if part.wide else 1
        time.sleep(TICK)
        for part in [part for part in running if part.is_over()]:
            running.remove(part)
            mark = click.style("failed", fg="red") if part.failed else "done"
            click.echo(f"  {part.name:22} {mark:6} {part.seconds:6.0f} s   {part.last_words()}")
        if running and time.monotonic() - spoke > NEWS:
            spoke = time.monotonic()
            names = ", ".join(f"{part.name} ({part.seconds:.0f} s)" for part in running)
            click.secho(f"  … {names}; {len(waiting)} to come", dim=True)


def recorded(folder: Path, kind: str) -> list[dict[str, Any]]:
    """What tests have recorded of a kind."""
    return [json.loads(path.read_text()) for path in sorted((folder / kind).glob("*.json"))]


def passed(report: Path) -> int:
    """Tests that passed, by pytest's own report."""
    if not report.is_file():
        return 0
    suite = next(ET.parse(report).iter("testsuite")).attrib
    return int(suite["tests"]) - sum(int(suite[key]) for key in ("failures", "errors", "skipped"))


def _read(name: str, default: Any) -> Any:
    path = OUT / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else default


def summary() -> dict[str, Any]:
    """The report, from what the parts have left in out/proof."""
    machines = recorded(LONG, "machine")
    mutants = _read("mutants", {})
    coverage = _read("coverage", {})
    swaps = {figures["name"]: figures["gain"] for figures in recorded(QUICK, "sandwich")}
    return {
        "tests": passed(OUT / "tests.xml") + passed(OUT / "node.xml"),
        "tests_again": {venue: passed(OUT / f"{venue}.xml") for venue in AAVE},
        "state_machines": len({machine["name"].split()[0] for machine in machines}),
        "invariants": len(recorded(QUICK, "invariant")),
        "calls": sum(machine["calls"] for machine in machines),
        "attacks": len(recorded(QUICK, "attack")),
        "attacks_again": {venue: len(recorded(OUT / venue, "attack")) for venue in AAVE},
        "lemmas": len(recorded(QUICK, "lemma")),
        "mutants": {key: mutants.get(key, 0) for key in ("valid", "killed", "explained")},
        "coverage": {
            key: coverage.get(key, 0) for key in ("lines", "branches", "missing", "explained")
        },
        "builds": _read("builds", {}),
        "crash": _read("crash", []),
        "sandwich": swaps,
    }


def misses(report: dict[str, Any]) -> list[str]:
    """Goals that are not reached."""
    found = [
        f"{key}: {report[key]:,} of {goal:,}" for key, goal in GOALS.items() if report[key] < goal
    ]
    mutants = report["mutants"]
    survivors = mutants["valid"] - mutants["killed"]
    if mutants["valid"] == 0 or mutants["killed"] < MUTANTS * mutants["valid"]:
        found.append(f"mutants: {mutants['killed']} killed of {mutants['valid']}")
    if survivors > mutants["explained"]:
        found.append(f"mutants: {survivors - mutants['explained']} survive without a reason")
    if not report["coverage"]["lines"] or report["coverage"]["missing"]:
        found.append(f"coverage: {report['coverage']['missing']} places missing without a reason")
    if not report["crash"]:
        found.append("crash: left out; give PRICES=file, see ape run crash --help")
    found += [
        f"crash: {row['token']} is liquidated at a delay of {row['delay_bars']} bars"
        for row in report["crash"]
        if row["delay_bars"] <= 1 and row["liquidations"]
    ]
    return found


@click.command()
@click.option("--prices", type=click.Path(exists=True), help="Bars for the crash (CSV).")
@click.option("--workers", default=2, show_default=True, help="Commands at once.")
@click.option("--only", multiple=True, help="Run only the parts of this name.")
def cli(prices: str | None, workers: int, only: tuple[str, ...]) -> None:
    """The long campaign: machines, mutants, coverage, builds, tests, the crash.

    Takes about an hour on two cores. Each part leaves its own log in out/proof/log and its
    figures in out/proof; all together are in out/proof.json. Fails if a part does or a goal is
    missed.
    """
    started = time.monotonic()
    todo = [part for part in parts(prices) if not only or part.name in only]
    if not only:
        shutil.rmtree(OUT, ignore_errors=True)
    click.secho(f"{len(todo)} parts, {workers} at once; logs are in {OUT}/log", dim=True)
    run(todo, workers)

    report = {**summary(), "seconds": round(time.monotonic() - started)}
    REPORT.write_text(json.dumps(report, indent=2) + "\n")
    click.echo(json.dumps({key: report[key] for key in report if key != "crash"}, indent=2))
    broken = [f"{part.name} failed: see {part.log}" for part in todo if part.failed]
    for line in broken + misses(report):
        click.secho(line, fg="red")
    click.echo(f"\n{report['seconds'] // 60} minutes. The report is in {REPORT}.")
    sys.exit(bool(broken or misses(report)))
