"""That mutants are what they are taken for, that reasons are about the sources as they are, and
that tests notice a few mutants. All mutants: `python -m tests.mutation.campaign`.
"""

import json
import subprocess
import sys

import pytest

from tests.evm import build
from tests.evm.build import compiler_data, needs, path_of, sources
from tests.mutation.bench import Bench
from tests.mutation.campaign import in_forks, plans, reasons
from tests.mutation.mutants import candidates, mutants, mutated_files

FEW = 5
SAMPLED = ["modules/leverage_math.vy", "oracles/", "venues/", "LeveragedToken.vy"]


def bytecode_of(name, changes):
    """By the ordinary compiler, without metadata; None for what it refuses."""
    given = sources() | changes
    path = path_of(name)
    data = compiler_data(path, {at: given[at] for at in needs(path, given)}, "gas")
    data.no_bytecode_metadata = True
    return f"0x{data.bytecode.hex()}"


def outcome(make, *args):
    try:
        return make(*args)
    except Exception as fault:
        return type(fault)


@pytest.mark.parametrize("path", ["modules/premium_curve.vy", "oracles/ChainlinkOracle.vy"])
def test_a_bench_compiles_mutants_as_the_compiler_does(path):
    """Some of each kind: refused, and not; in the contract itself, and in a module of it."""
    name = plans(path)[0].contracts[0]
    bench = Bench(name, path)
    few = sorted(mutants(path), key=lambda mutant: mutant.digest)[: 2 * FEW]

    made = dict(in_forks(few, lambda mutant: outcome(lambda: bench.build(mutant).bytecode), 1, 60))

    codes = {mutant: outcome(bytecode_of, name, {path: mutant.source}) for mutant in few}
    assert {mutant.told: made[mutant] for mutant in few if isinstance(codes[mutant], str)} == {
        mutant.told: code for mutant, code in codes.items() if isinstance(code, str)
    }
    assert all(not isinstance(made[m], str) for m in few if not isinstance(codes[m], str))
    assert len({code for code in codes.values() if isinstance(code, str)}) > 1


def test_every_source_has_mutants_and_tests_to_notice_them():
    for path in mutated_files():
        assert candidates(path)
        for plan in plans(path):
            assert all(path in needs(path_of(name), sources()) for name in plan.contracts)
            assert all((build.ROOT / "tests" / at).exists() for at in plan.folders)


def test_each_reason_is_about_a_mutant_that_there_is():
    there = {
        (path, mutant.function, mutant.change)
        for path in mutated_files()
        for mutant in candidates(path)
    }

    assert reasons().keys() - there == set()
    assert all(len(reason.split()) > 3 for reason in reasons().values())


def test_a_few_mutants_are_noticed(tmp_path):
    result = tmp_path / "mutants.json"
    command = [sys.executable, "-m", "tests.mutation.campaign", "--workers", "1"]
    files = [part for path in SAMPLED for part in ("--files", path)]

    ran = subprocess.run(
        [*command, *files, "--sample", str(FEW), "--result", result],
        cwd=build.ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(result.read_text(encoding="utf8"))
    assert found["valid"] >= FEW
    assert found["killed"] + found["explained"] == found["valid"]
