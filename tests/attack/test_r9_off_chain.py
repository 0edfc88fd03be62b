"""T-R9: get in where no contract is looking: a package, a script's float, a key, a wrong chain.

Every package that is installed is locked with a hash, and npm runs none of their scripts. What is
computed about money is computed in integers, which the model proves by importing nothing else.
Scripts hold no key but those that everyone knows, take accounts from Ape by the name that they are
told, and without being told otherwise speak to a chain of their own. The protocols
under test are what their authors published: the same source, compiler and settings, or none.
"""

import ast
import json
import re
import shutil
from dataclasses import replace

import pytest
from eth_utils import keccak

from scripts import _thirdparty
from tests.evm import build
from tests.record import record

ROOT = build.ROOT
SCRIPTS = sorted((ROOT / "scripts").rglob("*.py"))
MODEL = sorted((ROOT / "scripts" / "_model").glob("*.py"))
HASHES = re.compile(r"--hash=sha256:[0-9a-f]{64}")
# What looks like a key and is none, by script: an account that is named, the topic of an event.
NO_KEYS = {
    "_command.py": {"accounts.load"},
    "_keeper/send.py": {"0x" + keccak(text="Transfer(address,address,uint256)").hex()},
}
PROJECTS = (_thirdparty.MORPHO, _thirdparty.AAVE_NOW)
KEY = re.compile(r"\b(?:0x)?[0-9a-f]{64}\b|mnemonic|add_account|accounts\.load", re.I)


def test_r9_every_python_package_is_locked_by_hash():
    text = (ROOT / "requirements.txt").read_text()
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^#.*\n", "", text))

    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[a-z0-9_.\[\]-]+==[^ ]+", entry, re.I), entry[:80]
        assert HASHES.search(entry), entry[:80]
    assert "--require-hashes" in (ROOT / "Makefile").read_text()
    record("attack", "r9", threat="T-R9", gain=0, unit="packages without a hash", bound=0)


def test_r9_every_npm_package_is_locked_and_runs_nothing():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    loose = [name for name, package in packages.items() if name and not package.get("link")]

    assert len(loose) > 5
    assert all(packages[name]["integrity"].startswith("sha512-") for name in loose)
    assert "npm ci --ignore-scripts" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("path", MODEL, ids=lambda path: path.stem)
def test_r9_model_of_the_money_knows_no_float(path):
    tree = ast.parse(path.read_text())

    for node in ast.walk(tree):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)), path
        assert not (isinstance(node, ast.Name) and node.id in ("float", "Decimal")), path


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_r9_script_holds_no_key(path):
    text = path.read_text()
    found = {match.lower() for match in KEY.findall(text)}

    assert found <= NO_KEYS.get(path.relative_to(ROOT / "scripts").as_posix(), set())


def test_r9_scripts_speak_to_a_chain_of_their_own_unless_told():
    settings = (ROOT / "ape-config.yaml").read_text()

    assert re.search(r"(?m)^default_ecosystem: ethereum$", settings)
    assert re.search(r"(?m)^  default_network: local$", settings)
    assert not re.search(r"https?://|wss?://|\$\{?\w*KEY", settings)


def test_r9_other_compiler_for_the_venue_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(_thirdparty, "CACHE", tmp_path)

    for project in PROJECTS:
        with pytest.raises(_thirdparty.MissingPackageError, match="not 0.8.18"):
            _thirdparty._compiled(replace(project, version="0.8.18"))


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.title)
def test_r9_other_source_of_the_venue_is_not_taken_from_the_cache(monkeypatch, tmp_path, project):
    """A source, setting or compiler that was changed has another key, and is not what lies there
    under the old one."""
    folders = tmp_path / "node_modules"
    for need in project.needs:
        shutil.copytree(_thirdparty.NODE_MODULES / need, folders / need)
    monkeypatch.setattr(_thirdparty, "NODE_MODULES", folders)
    monkeypatch.setattr(_thirdparty, "CACHE", tmp_path)
    made: list[str] = []

    def compiled(asked):
        made.append(asked.key)
        return {name: {"made": len(made)} for name in asked.sources}

    monkeypatch.setattr(_thirdparty, "_compile", compiled)

    first, again = _thirdparty._compiled(project), _thirdparty._compiled(project)
    source = project.root / next(iter(project.sources.values()))
    source.write_text(source.read_text() + " ")
    of_source = _thirdparty._compiled(project)
    of_settings = _thirdparty._compiled(replace(project, settings={}))
    of_compiler = _thirdparty._compiled(replace(project, version="0.8.18"))

    assert first == again
    assert len(made) == len(set(made)) == 4
    for other in (of_source, of_settings, of_compiler):
        assert first != other
