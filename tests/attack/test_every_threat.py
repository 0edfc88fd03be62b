"""Each threat of threats.yaml has an attacker here, in a file of its own that tells its gain."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from tests.evm import build

FOLDER = Path(__file__).parent
LISTED = yaml.safe_load((FOLDER / "threats.yaml").read_text(encoding="utf8"))
HERE, ONE_VENUE, LATER = LISTED["here"], LISTED["of one venue"], LISTED["later"]
TABLE = build.ROOT.parent / "shared" / "threats.md"  # what the list was taken from, if at hand
APART = {"test_every_threat.py", "test_sandwich.py"}  # of no single threat


def attackers_in(path: Path) -> list[str]:
    """The test functions of a file, as pytest collects them."""
    tree = ast.parse(path.read_text(encoding="utf8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name for name in functions if name.startswith("test_")]


@pytest.mark.parametrize("threat", HERE)
def test_every_threat_has_an_attacker(threat):
    name = threat.lower()
    files = list(FOLDER.glob(f"test_{name}_*.py"))

    assert len(files) == 1
    assert attackers_in(files[0])
    assert all(test.startswith(f"test_{name}_") for test in attackers_in(files[0]))
    text = files[0].read_text(encoding="utf8")
    assert text.startswith(f'"""T-{threat}: ')
    assert re.search(rf'report\(\s*"{name}"|"attack", "{name}"', text)


def test_every_attacker_has_a_threat():
    """No file is of a threat that is not listed, or of one that does not exist yet."""
    known = {threat.lower() for threat in HERE}
    files = {path.name for path in FOLDER.glob("test_*.py")} - APART

    assert files
    assert {name.split("_")[1] for name in files} <= known


def test_every_attacker_but_those_of_one_venue_is_of_all():
    """None of them names a market of Morpho; `--venue` says where its token lives."""
    files = [path for path in FOLDER.glob("test_*.py") if path.name not in APART]
    shared = [path for path in files if path.name.split("_")[1].upper() not in ONE_VENUE]

    assert ONE_VENUE.keys() <= HERE.keys()
    assert len(shared) == len(HERE) - len(ONE_VENUE)
    for path in shared:
        assert not re.search(
            r"devnet\.(long|short|morpho)\b|project\.MorphoPosition|morpho_position",
            path.read_text(encoding="utf8"),
        ), path


def test_every_threat_of_later_waits_for_a_contract_that_is_not_there():
    """Once it is, its threats belong to the others."""
    assert {Path(path).stem for path in build.sources()}.isdisjoint(LATER)


@pytest.mark.skipif(not TABLE.is_file(), reason="the table of threats is not at hand")
def test_every_threat_of_the_table_is_listed():
    rows = re.findall(r"^\| T-([A-Z]\d+) \|", TABLE.read_text(encoding="utf8"), re.M)
    later = [threat for threats in LATER.values() for threat in threats]

    assert len(rows) > 60
    assert sorted(rows) == sorted([*HERE, *later])
