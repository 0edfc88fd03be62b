"""T-C4: have a contract built by the compiler's second, experimental back end.

Dozens of its faults were mended after 0.4.3, a lock that was not released among them; Vyper's own
policy leaves it out of what counts as a security fault. No source, setting or script here asks for
it, and no module comes in by two paths, which 0.4.3 takes for two modules with a state each.
"""

import re
from pathlib import PurePosixPath

import pytest

from tests.attack.sources import DEPLOYABLE, SOURCES, modules_of, understood
from tests.evm import build
from tests.record import record

SETTINGS = ("ape-config.yaml", "pyproject.toml", "Makefile")


@pytest.mark.parametrize("path", DEPLOYABLE)
def test_c4_contract_is_built_by_the_default_back_end(path):
    settings = understood(path).settings

    assert not settings.experimental_codegen


def test_c4_nothing_asks_for_the_experimental_one():
    texts = [*SOURCES.values(), *((build.ROOT / name).read_text() for name in SETTINGS)]
    texts += [path.read_text() for path in (build.ROOT / "scripts").rglob("*.py")]

    assert not [text for text in texts if re.search(r"venom|experimental.codegen", text, re.I)]
    record("attack", "c4", threat="T-C4", gain=0, unit="experimental builds", bound=0)


@pytest.mark.parametrize("path", DEPLOYABLE)
def test_c4_module_comes_in_by_one_path(path):
    modules = modules_of(path)
    stems = [PurePosixPath(at).stem for at in modules]

    assert len(stems) == len(set(stems))
