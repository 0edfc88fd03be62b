"""Work on all cores, or on a Dask cluster: the same jobs, the same results, in the same order."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

J = TypeVar("J")
R = TypeVar("R")


@contextmanager
def workers(scheduler: str | None = None) -> Iterator[Executor]:
    """Processes of this machine, one a core; or those of the cluster whose scheduler is named.

    A cluster's workers must run in a folder of this project, at the same commit. Raises OSError
    where no scheduler answers.
    """
    if scheduler is None:
        # not forked: a process that has been forked from one with threads may hang
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            yield pool
        return
    from distributed import Client

    with Client(scheduler, timeout="10s") as client:
        yield client.get_executor()


def spread(pool: Executor, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
    """`work` on each job, results in the order of the jobs."""
    futures = [pool.submit(work, job) for job in jobs]
    for future in futures:
        yield future.result()
