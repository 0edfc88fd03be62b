"""`BUILD=none pytest -p tests.builds.plugin`: tests on one build, and a transcript of each.

To be named before `tests.evm.plugin`, which starts a chain. What came of each test is written to
the file that TRANSCRIPTS names: {test: [outcome, calls, hash]}.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builds import CODE_SIZE
from tests.builds.transcript import Transcript, recorded
from tests.evm import build, engine

build.optimize = os.environ["BUILD"]
engine.code_size = CODE_SIZE

transcript = Transcript()
shared: dict[bytes, bytes] = {}  # names of what stands for all tests
outcomes: dict[str, list] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """What a file's tests create is gone after it, and so are its names."""
    transcript.clear()
    with recorded(transcript):
        done = yield
    if not shared:
        shared.update(transcript.names)
    if nextitem and nextitem.path != item.path:
        transcript.forget(shared)
    return done


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    outcome = outcomes.setdefault(report.nodeid, ["passed", 0, ""])
    if report.outcome != "passed":
        outcome[0] = report.outcome
    outcome[1:] = [transcript.calls, transcript.hash.hexdigest()]


def pytest_sessionfinish() -> None:
    Path(os.environ["TRANSCRIPTS"]).write_text(json.dumps(outcomes), encoding="utf8")
