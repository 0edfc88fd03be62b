"""Where the work is done does not matter: here, in processes of this machine, or on a cluster."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from distributed import LocalCluster

from scripts._paper import pool
from scripts._paper.issuer import Charges
from scripts._paper.many import Entry, Plan, jobs, live
from scripts._paper.pool import ROOT, spread, workers
from scripts._prices.make import MARKETS
from tests.unit.paper.lived import ISSUERS

JOBS = [
    job
    for seed in range(5)
    for job in jobs(Plan(MARKETS["gbm"], seed, 4, 30), [Entry(ISSUERS["ballast"], True)], Charges())
]
NOBODY = "tcp://127.0.0.1:9"


def found(executor):
    return [list(one.nav) for (one,) in spread(executor, live, JOBS)]


@pytest.fixture(scope="module")
def expected():
    return [list(live(job)[0].nav) for job in JOBS]


def test_processes_of_this_machine_find_the_same_in_the_same_order(expected):
    with workers() as executor:
        assert found(executor) == expected


def test_cluster_finds_the_same_in_the_same_order(expected):
    options = {"dashboard_address": None, "processes": False, "threads_per_worker": 1}
    with (
        LocalCluster(n_workers=2, **options) as cluster,
        workers(cluster.scheduler_address) as executor,
    ):
        assert found(executor) == expected


@pytest.mark.parametrize("address", [NOBODY, "nowhere", "odd://127.0.0.1:9", ":"])
def test_scheduler_that_does_not_answer_is_told_of(address, monkeypatch):
    monkeypatch.setattr(pool, "PATIENCE", 1)

    with pytest.raises(click.BadParameter) as error, workers(address):
        pass

    assert error.value.param_hint == "--scheduler"


def test_cluster_without_workers_is_told_of(monkeypatch):
    monkeypatch.setattr(pool, "PATIENCE", 1)
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        pytest.raises(click.BadParameter, match="(?i)workers"),
        workers(cluster.scheduler_address),
    ):
        pass


def test_processes_find_this_project_where_a_script_is_run_from_elsewhere(tmp_path):
    """As Ape does, which takes its folder off the path once a script is loaded."""
    script = tmp_path / "elsewhere.py"
    script.write_text(
        "import sys\n"
        f"sys.path.append({str(ROOT)!r})\n"
        "from scripts._paper.pool import spread, workers\n"
        "from scripts._paper.track import reach_of\n"
        "sys.path.pop()\n"
        "if __name__ == '__main__':\n"
        "    with workers() as pool:\n"
        "        print(*spread(pool, reach_of, [4, 8]))\n"
    )

    ran = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )

    assert ran.stdout.split() == ["1", "2"], ran.stderr


def test_workers_need_no_ape():
    code = "import scripts._paper.study, sys; assert not {'ape', 'web3', 'altair'} & {*sys.modules}"

    subprocess.run([sys.executable, "-c", code], cwd=Path(ROOT), check=True)
