"""Each mutant against the tests that are likeliest to notice it, until one does.

One process collects the tests and forks for each mutant. The child compiles the mutant and, if that
gives bytecode not met before, runs the tests on a chain of its own with the mutant on it: first
those that noticed others nearby, then those of the contract, then those of what is built on it. A
mutant is killed when a test fails or does not end. A module that has a harness is tried in that
first, which compiles in a tenth of the time.
"""

import gc
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import click
import pytest
import yaml
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings

from tests.evm import build
from tests.mutation.bench import Bench
from tests.mutation.forks import in_forks
from tests.mutation.mutants import Mutant, mutants, mutated_files

RESULT = build.ROOT / "out" / "proof" / "mutants.json"
CACHE = build.ROOT / ".cache" / "mutants"
SURVIVORS = Path(__file__).with_name("survivors.yaml")
PATIENCE = 120  # seconds for one mutant
SLOW = 0.2  # seconds for one test
HOT = 10  # tests that are tried first, for having noticed others nearby
NEWS = 30  # seconds between words about how far it is
GOAL = 0.95  # killed, of those that are valid

# Where a module without a harness is compiled first.
HOME = {
    "share_ledger": "LeveragedToken",
    "typed_permit": "LeveragedToken",
    "two_step_owner": "LeveragedToken",
    "flash_swap": "Keeper",
}
# Tests that notice a change of a contract, the likeliest first; each also has what says which
# functions there are. The state machines are not among them: they take long, and what only they
# notice lacks a test that says what is wrong.
INTERFACE = "test_abi.py"
NOTICED_BY = {
    "AavePosition": ["unit/aave_position", INTERFACE],
    "ChainlinkOracle": ["unit/chainlink_oracle", INTERFACE],
    "Factory": ["unit/factory", INTERFACE, "unit/leveraged_token"],
    "Keeper": ["unit/keeper", INTERFACE],
    "Lens": ["unit/lens", INTERFACE],
    "LeveragedToken": [
        "unit/leveraged_token",
        INTERFACE,
        "unit/factory",
        "unit/keeper",
        "unit/router",
    ],
    "MorphoPosition": ["unit/morpho_position", INTERFACE, "unit/leveraged_token"],
    "NavFeed": ["unit/nav_feed", INTERFACE],
    "Router": ["unit/router", INTERFACE],
}


class Plan(NamedTuple):
    """What to compile with a mutant in it, and the tests to run then: folders and files."""

    contracts: list[str]
    folders: list[str]


class Trial(NamedTuple):
    """What became of a mutant: its bytecode, unless it does not compile, and what killed it."""

    code: str | None
    killer: str | None = None


@dataclass
class Tally:
    """The mutants of one file, or of all."""

    valid: int = 0
    killed: int = 0
    explained: int = 0
    unexplained: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)  # explained, yet no survivor
    seconds: float = 0


def plans(path: str) -> list[Plan]:
    """How to try the mutants of a source: quickly, and, for those that survive, thoroughly."""
    stem = PurePosixPath(path).stem
    if stem in NOTICED_BY:
        return [Plan([stem], NOTICED_BY[stem])]
    built_on = [
        name for name in NOTICED_BY if path in build.needs(build.path_of(name), build.sources())
    ]
    noticed = list(dict.fromkeys(at for name in built_on for at in NOTICED_BY[name]))
    if stem in HOME:
        rest = [name for name in built_on if name != HOME[stem]]
        first = Plan([HOME[stem]], NOTICED_BY[HOME[stem]])
        return [first, Plan(rest, noticed)] if rest else [first]
    harness = "".join(map(str.capitalize, stem.split("_"))) + "Harness"
    return [Plan([harness], [f"unit/{stem}"]), Plan(built_on, noticed)]


class Campaign:
    """A pytest plugin that runs mutants where pytest would run tests."""

    def __init__(
        self, paths: Sequence[str], sample: int | None, workers: int, result: Path
    ) -> None:
        self.paths, self.sample, self.workers, self.result = paths, sample, workers, result
        self.tallies: dict[str, Tally] = {}
        self.items: list[pytest.Item] = []
        self.killers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.met: set[str] = set()
        self.seconds: dict[str, float | None] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = session.items
        gc.collect()
        gc.freeze()
        if not self.sample:
            self._check_that_all_pass()
        for path in self.paths:
            started = time.monotonic()
            tally = self.tallies[path] = self._mutate(path)
            tally.seconds = round(time.monotonic() - started, 1)
            click.echo(row(path, tally))
            self.result.parent.mkdir(parents=True, exist_ok=True)
            words = json.dumps(report(self.tallies), indent=2)
            self.result.write_text(words + "\n", encoding="utf8")
        return True

    def _check_that_all_pass(self) -> None:
        """A test that fails anyway, or only among others in this order, would kill anything.

        The order has no pattern: mutants see the tests in ever other ones.
        """
        folders = {at for path in self.paths for plan in plans(path) for at in plan.folders}
        items = self._items_of(sorted(folders))
        items.sort(key=lambda item: sha256(item.nodeid.encode()).digest())
        shares = [items[number :: self.workers] for number in range(self.workers)]
        for _, seconds in in_forks(shares, durations, self.workers, 10 * PATIENCE):
            self.seconds |= seconds or {}
        wrong = [item.nodeid for item in items if self.seconds.get(item.nodeid) is None]
        if wrong:
            raise click.ClickException(f"these fail or hang without a mutant: {wrong}")

    def _mutate(self, path: str) -> Tally:
        known = Known(path)
        left = None if self.sample is None else share_of(path, self.paths, self.sample)
        first, *more = plans(path)
        self.met = {unchanged(first.contracts[0], path)}
        trials: dict[Mutant, Trial] = {}
        for mutant, trial in self._tried(path, first, known):
            if trial.code and trial.code not in self.met:
                self.met.add(trial.code)
                trials[mutant] = trial
            if len(trials) == left:
                break
        for plan in more:
            survivors = [mutant for mutant, trial in trials.items() if not trial.killer]
            trials |= self._tried(path, plan, known, survivors)
        known.save()
        return judged(path, {mutant: trial.killer for mutant, trial in trials.items()})

    def _tried(
        self, path: str, plan: Plan, known: "Known", chosen: Sequence[Mutant] | None = None
    ) -> Iterator[tuple[Mutant, Trial]]:
        benches = [Bench(name, path) for name in plan.contracts]
        items = self._items_of(plan.folders)
        todo = known.promising() if chosen is None else chosen

        def attempt(mutant: Mutant) -> Trial:
            gc.disable()
            hot = [known.killers.get(mutant.digest, ""), *self._hot(mutant)]
            return self._trial(mutant, benches, likeliest_first(mutant, items, hot, self.seconds))

        spoke = time.monotonic()
        for done, (mutant, trial) in enumerate(
            in_forks(todo, attempt, self.workers, PATIENCE), start=1
        ):
            found = trial or Trial(mutant.digest, "takes too long")
            if chosen is None:
                known.codes[mutant.digest] = found.code
            if found.killer:
                known.killers[mutant.digest] = found.killer
                self.killers[mutant.function][found.killer] += 1
                self.killers[path][found.killer] += 1
            if time.monotonic() - spoke > NEWS:
                spoke = time.monotonic()
                click.echo(f"  {path}: {done} of {len(todo)}")
                known.save()
            yield mutant, found

    def _trial(self, mutant: Mutant, benches: list[Bench], items: list[pytest.Item]) -> Trial:
        builds = {}
        for bench in benches:
            try:
                builds[bench.name] = bench.build(mutant)
            except Exception:  # the compiler has no other word for what it cannot do
                return Trial(None)
        code = digest_of(builds[benches[0].name])
        if code in self.met:
            return Trial(code)
        others = build.compiled
        build.compiled = lambda name: builds.get(name) or others(name)
        return Trial(code, first_failure(items))

    def _hot(self, mutant: Mutant) -> list[str]:
        """Tests that noticed mutants of the function, and of the file."""
        return [
            name
            for place in (mutant.function, mutant.path)
            for name, _ in self.killers[place].most_common(HOT)
        ]

    def _items_of(self, folders: Sequence[str]) -> list[pytest.Item]:
        return [
            item
            for at in folders
            for item in self.items
            if item.nodeid.startswith((f"tests/{at}/", f"tests/{at}::"))
        ]


class Known:
    """What earlier campaigns found mutants of one source to compile to, and what killed them.

    Kept in .cache/mutants: what compiles to nothing new is not tried again, and what killed a
    mutant is tried first.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        contract = plans(path)[0].contracts[0]
        given = {
            at: build.sources()[at] for at in build.needs(build.path_of(contract), build.sources())
        }
        key = json.dumps([given, version("vyper"), version("universalmutator")], sort_keys=True)
        self.file = (
            CACHE / f"{PurePosixPath(path).stem}-{sha256(key.encode()).hexdigest()[:16]}.json"
        )
        self.codes: dict[str, str | None] = {}
        self.killers: dict[str, str] = {}
        if self.file.is_file():
            self.codes, self.killers = json.loads(self.file.read_text(encoding="utf8"))

    def promising(self) -> list[Mutant]:
        """Mutants that may compile, and to something new, in an order that has no pattern."""
        found: dict[str, Mutant] = {}
        for mutant in sorted(mutants(self.path), key=lambda mutant: mutant.digest):
            code = self.codes.get(mutant.digest, mutant.digest)
            if code:
                found.setdefault(code, mutant)
        return list(found.values())

    def save(self) -> None:
        CACHE.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps([self.codes, self.killers]), encoding="utf8")


def digest_of(made: build.Build) -> str:
    return sha256(made.bytecode.encode()).hexdigest()


def unchanged(name: str, path: str) -> str:
    """What the contract compiles to without a mutant."""
    ((_, code),) = in_forks([name], lambda name: digest_of(Bench(name, path).build()), 1, PATIENCE)
    assert code
    return code


def likeliest_first(
    mutant: Mutant, items: Iterable[pytest.Item], hot: Iterable[str], seconds: Mapping[str, Any]
) -> list[pytest.Item]:
    """Tests with the `hot` ones first, then those that have the function's name; slow ones last."""
    order: dict[str, int] = {}
    for name in hot:
        order.setdefault(name, len(order))
    word = mutant.function.split()[-1].strip("_")

    def unlikeliness(item: pytest.Item) -> tuple[int, bool, bool]:
        slow = (seconds.get(item.nodeid) or 0) > SLOW
        return order.get(item.nodeid, len(order)), word not in item.nodeid, slow

    return sorted(items, key=unlikeliness)


def first_failure(items: Sequence[pytest.Item]) -> str:
    """The first of some tests to fail, if any."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        reports = runtestprotocol(item, log=False, nextitem=following)
        if any(report.failed for report in reports):
            return item.nodeid
    return ""


def durations(items: Sequence[pytest.Item]) -> dict[str, float | None]:
    """How long each test takes; None for one that fails."""
    found: dict[str, float | None] = {}
    for item, following in zip(items, [*items[1:], None], strict=True):
        reports = runtestprotocol(item, log=False, nextitem=following)
        passed = all(report.passed for report in reports)
        found[item.nodeid] = sum(report.duration for report in reports) if passed else None
    return found


@cache
def reasons() -> dict[tuple[str, str, str], str]:
    """Why a change in a function of a file is equivalent or harmless, from survivors.yaml."""
    listed = yaml.safe_load(SURVIVORS.read_text(encoding="utf8")) or []
    return {
        (entry["file"], entry["function"], f"{entry['line']} -> {becomes}"): entry["reason"]
        for entry in listed
        for becomes in entry["becomes"]
    }


def judged(path: str, killers: dict[Mutant, str | None]) -> Tally:
    tally = Tally(valid=len(killers))
    unused = {key: reason for key, reason in reasons().items() if key[0] == path}
    for mutant, killer in killers.items():
        key = path, mutant.function, mutant.change
        if killer:
            tally.killed += 1
        elif key in reasons():
            tally.explained += 1
            unused.pop(key, None)
        else:
            tally.unexplained.append(mutant.told)
    tally.stale = [" ".join(key) for key in unused]
    return tally


def faults(found: dict[str, Any], sample: int | None) -> list[str]:
    """What is wrong with a report; of a sample, only what may be said of it."""
    wrong = [f"no test notices, and no reason is given: {told}" for told in found["unexplained"]]
    if sample is None:
        wrong += [f"a reason is given, but none survives: {told}" for told in found["stale"]]
        if found["killed"] < GOAL * found["valid"]:
            wrong.append(f"fewer than {GOAL:.0%} are killed")
    return wrong


def share_of(path: str, paths: Iterable[str], sample: int) -> int:
    """How many of a sample from `paths` are from one of them; at least one."""
    sizes = {at: len(build.sources()[at]) for at in paths}
    return max(1, round(sample * sizes[path] / sum(sizes.values())))


def row(name: str, tally: Tally) -> str:
    left = len(tally.unexplained)
    return (
        f"{name:30}{tally.valid:7}{tally.killed:8}{tally.explained:10}{left:12}"
        f"{tally.seconds:8.0f} s"
    )


def report(tallies: dict[str, Tally]) -> dict[str, Any]:
    """What out/proof/mutants.json says."""
    every = list(tallies.values())
    return {
        "valid": sum(tally.valid for tally in every),
        "killed": sum(tally.killed for tally in every),
        "explained": sum(tally.explained for tally in every),
        "unexplained": [told for tally in every for told in tally.unexplained],
        "stale": [told for tally in every for told in tally.stale],
        "by_file": {path: asdict(tally) for path, tally in tallies.items()},
    }


@click.command()
@click.option("--files", multiple=True, help="only sources whose path begins so; repeatable")
@click.option("--sample", type=click.IntRange(1), help="only about so many mutants")
@click.option("--workers", default=os.cpu_count(), show_default=True, help="forks at a time")
@click.option("--result", default=RESULT, type=click.Path(path_type=Path), help="where JSON goes")
def cli(files: tuple[str, ...], sample: int | None, workers: int, result: Path) -> None:
    """Mutate the contracts and see whether the tests notice. Fails if a survivor is unexplained."""
    paths = [path for path in mutated_files() if path.startswith(files or "")]
    paths.sort(key=lambda path: len(build.sources()[path]))
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"
    settings.register_profile(
        "mutation",
        max_examples=25,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # one failure is enough, however large
    )
    click.echo(f"{'':30}{'valid':>7}{'killed':>8}{'explained':>10}{'unexplained':>12}{'time':>10}")
    campaign = Campaign(paths, sample, workers, result)
    plugins = ["-p", "no:ape_test", "-p", "tests.evm.plugin", "-p", "no:cacheprovider"]
    quiet = ["-qq", "-s", "--tb=native", "--no-header", "--no-summary"]
    folders = sorted({at for path in paths for plan in plans(path) for at in plan.folders})
    tests = [f"tests/{at}" for at in folders]
    status = pytest.main([*plugins, *quiet, *tests], plugins=[campaign])
    if len(campaign.tallies) < len(paths):
        raise click.ClickException(f"pytest stopped: {status!r}")
    found = report(campaign.tallies)
    every = Tally(found["valid"], found["killed"], found["explained"], found["unexplained"])
    every.seconds = sum(tally.seconds for tally in campaign.tallies.values())
    click.echo(row("all", every))
    wrong = faults(found, sample)
    click.echo("\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    cli()
