"""Work on all cores, or on a Dask cluster: the same jobs, the same results, in the same order."""

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import click

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 10  # seconds

J = TypeVar("J")
R = TypeVar("R")


@contextmanager
def workers(scheduler: str | None = None) -> Iterator[Executor]:
    """Processes of this machine, one a core; or those of the cluster whose scheduler is named.

    A cluster's workers must run in a folder of this project, at the same commit. Raises
    click.BadParameter where no scheduler answers, or it has no workers.
    """
    if scheduler is None:
        # not forked: a process that has been forked from one with threads may hang
        with _importable(), ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            yield pool
        return
    from distributed import Client

    with ExitStack() as stack:
        try:
            client = stack.enter_context(Client(scheduler, timeout=PATIENCE))
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError) as fault:
            raise click.BadParameter(str(fault), param_hint="--scheduler") from None
        yield client.get_executor()


@contextmanager
def _importable() -> Iterator[None]:
    """Processes that are started import this project from where this one has it.

    They look where this one would look, and Ape forgets the folder once a script is loaded.
    """
    sys.path.append(str(ROOT))
    try:
        yield
    finally:
        sys.path.remove(str(ROOT))


def spread(pool: Executor, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
    """`work` on each job, results in the order of the jobs."""
    futures = [pool.submit(work, job) for job in jobs]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:  # what has not begun, where one has failed
            future.cancel()
