"""The same function on many things, each in a fork of this process."""

import os
import pickle
import select
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_forks(
    tasks: Iterable[Task], do: Callable[[Task], Result], workers: int, seconds: int
) -> Iterator[tuple[Task, Result | None]]:
    """Each task with what `do` answers, in order; None if that takes `seconds` of processor."""
    begun: deque[tuple[Task, int, int]] = deque()
    try:
        for task in tasks:
            while len(busy := _busy(begun)) == workers:
                select.select(busy, [], [])
            begun.append((task, *_begin(task, do, seconds)))
            while begun and begun[0][2] not in _busy(begun):
                yield _answer(*begun.popleft())
        while begun:
            yield _answer(*begun.popleft())
    finally:
        for _, child, pipe in begun:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(pipe)


def _busy(begun: Iterable[tuple[Task, int, int]]) -> list[int]:
    """The pipes of those that have not answered yet."""
    pipes = [pipe for _, _, pipe in begun]
    answered, _, _ = select.select(pipes, [], [], 0)
    return [pipe for pipe in pipes if pipe not in answered]


def _begin(task: Task, do: Callable[[Task], Result], seconds: int) -> tuple[int, int]:
    sys.stdout.flush()
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return child, read
    try:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # which ends the process
        signal.setitimer(signal.ITIMER_PROF, seconds)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, sys.stdout.fileno())
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(do(task), pipe)
        os._exit(0)
    finally:
        os._exit(1)  # `do` failed: what it raised is on stderr


def _answer(task: Task, child: int, pipe: int) -> tuple[Task, Result | None]:
    with os.fdopen(pipe, "rb") as file:
        said = file.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF:
        return task, None
    if status:
        raise ChildProcessError(f"a fork failed on {task}")
    return task, pickle.loads(said)
