"""The house rules, as far as a machine can hold them."""

import ast
import re
from pathlib import Path

import pytest
from ape import project

from scripts.prove import AAVE
from tests.attack.venues import BUILD
from tests.invariants import STATED, held
from tests.record import record

ROOT = Path(__file__).parents[1]
CONTRACTS = ROOT / "contracts"
SOURCES = sorted(CONTRACTS.rglob("*.vy"))
INTERFACES = sorted(CONTRACTS.rglob("*.vyi"))
DEPLOYABLE = [path for path in SOURCES if path.stem[0].isupper()]
MODULES = [path for path in SOURCES if path.stem[0].islower()]
OURS = [path for path in DEPLOYABLE if "mocks" not in path.parts]

MAX_RUNTIME = 24_576  # EIP-170
BLUEPRINT_PREAMBLE = 12  # ERC-5202 header and the code that returns it

REASON = re.compile(r'assert\b[^"#]*?"([^"]*)"', re.S)
PAGES = sorted(ROOT.glob("*.md"))
LINK = re.compile(r"\[([^\]]*)\]\(([^)#]+)\)")
# Folders of caches, and what makes a folder a package.
UNLISTED = re.compile(r"\.|__")
# Tests may raise a reason in any of Python's quotes, or in a table of them.
TESTS = "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("*.py")))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def reasons(path: Path) -> list[str]:
    return REASON.findall(path.read_text())


ALL_REASONS = [(name(path), reason) for path in OURS + MODULES for reason in reasons(path)]


@pytest.mark.parametrize("path", SOURCES + INTERFACES, ids=name)
def test_source_names_the_exact_compiler(path):
    assert path.read_text().startswith("# pragma version 0.4.3\n")


@pytest.mark.parametrize("path", DEPLOYABLE, ids=name)
def test_deployable_locks_every_door(path):
    assert "\n# pragma nonreentrancy on\n" in path.read_text()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_module_has_no_door(path):
    text = path.read_text()

    assert "@external" not in text
    assert ": public(" not in text


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_capital_letter_means_deployable(path):
    assert (path in DEPLOYABLE) == ("modules" not in path.parts)


@pytest.mark.parametrize("path", OURS, ids=name)
def test_deployable_states_its_invariants_and_its_switch(path):
    docstring = path.read_text().split('"""')[1]

    for tag in ("@title", "@notice", "@custom:invariants", "@custom:kill"):
        assert tag in docstring


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_assertion_gives_a_reason(path):
    bare = [
        line for line in path.read_text().splitlines() if re.match(r"\s+(assert|raise)\b", line)
    ]

    assert len(bare) == len(reasons(path)), "an assert without a reason"


@pytest.mark.parametrize(("path", "reason"), ALL_REASONS)
def test_reason_names_scope_and_fault(path, reason):
    assert re.fullmatch(r"[a-z0-9_]+: [^A-Z]+", reason)
    assert len(reason.encode()) <= 32


def test_reason_is_unique():
    """But what their port asks of all venues, of which a token has one, each says in its words."""
    said: dict[str, list[str]] = {}
    for place, reason in ALL_REASONS:
        said.setdefault(reason, []).append(place)
    doubled = {reason: places for reason, places in said.items() if len(places) > 1}
    ports = {"lever: caller is not the token", "delever: caller is not the token"}

    assert doubled.keys() <= ports
    for places in doubled.values():
        assert len(set(places)) == len(places)
        assert all(place.startswith("contracts/venues/") for place in places)


@pytest.mark.parametrize(("path", "reason"), ALL_REASONS)
def test_reason_is_raised_by_a_test(path, reason):
    assert f'"{reason}"' in TESTS


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_line_fits(path):
    assert max(len(line) for line in path.read_text().splitlines()) <= 100


@pytest.mark.parametrize("path", OURS, ids=name)
def test_contract_fits_a_chain(path):
    container = getattr(project, path.stem).contract_type

    assert len(container.runtime_bytecode.bytecode) // 2 - 1 <= MAX_RUNTIME
    assert len(container.deployment_bytecode.bytecode) // 2 - 1 + BLUEPRINT_PREAMBLE <= MAX_RUNTIME


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_experimental_codegen_is_not_asked_for(path):
    assert not re.search(r"venom|experimental", path.read_text())


def test_computing_module_has_a_twin():
    twins = {path.stem for path in (ROOT / "scripts/_model").glob("*.py")}
    computing = {path.stem for path in MODULES if "@pure" in path.read_text()}

    assert computing - twins == set()


@pytest.mark.parametrize("path", sorted((ROOT / "scripts/_model").glob("*.py")), ids=name)
def test_model_needs_no_chain(path):
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) or ""
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    assert not {module for module in imported if module.split(".")[0] in {"ape", "web3"}}


@pytest.mark.parametrize("folder", ["scripts", "tests"])
def test_nothing_is_isolated_by_ape(folder):
    """What is raised there is swallowed: an assert could not fail. `undone` does the same right."""
    isolated = {
        name(path)
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bchain\.isolate\(", path.read_text(encoding="utf8"))
    }

    assert isolated == set()


@pytest.mark.parametrize("identity", STATED)
def test_invariant_is_held(identity):
    holders = held().get(identity)

    assert holders, "no law, no lemma and no test"
    record("invariant", identity, statement=STATED[identity], holders=sorted(holders))


def test_law_is_of_an_invariant_that_is_stated():
    assert set(held()) <= set(STATED)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_link_leads_somewhere(page):
    """A link whose text is the name of a test leads to the file of that test."""
    for text, target in LINK.findall(page.read_text()):
        if "://" in target:
            continue
        path = page.parent / target
        assert path.exists(), target
        if match := re.fullmatch(r"`(test_\w+|inv_\w+)`", text):
            assert f"def {match[1]}(" in path.read_text(), match[1]


def test_attackers_run_on_every_venue_wherever_they_run():
    """On the first without a word; on the others by `make test` and by `make prove`."""
    others = list(BUILD)[1:]
    asked = re.findall(r'"\$\$here --venue ([\w.-]+)"', (ROOT / "Makefile").read_text())

    assert asked == others == list(AAVE)


def test_readme_tree_is_the_real_tree():
    """What the tree names exists; a folder that it opens, it lists whole."""
    block = (ROOT / "README.md").read_text().split("<!-- tree -->\n```\n")[1].split("```")[0]
    named: dict[Path, set[str]] = {}
    path: list[str] = []
    for line in block.splitlines():
        match = re.match(r"([│├└─ ]*)([\w.]+)/?(?: |$)", line)
        assert match, line
        path = [*path[: len(match[1]) // 4], match[2]]
        named.setdefault(ROOT.joinpath(*path[:-1]), set()).add(match[2])

    for folder, names in named.items():
        real = {entry.name for entry in folder.iterdir() if not UNLISTED.match(entry.name)}
        assert names <= real if folder == ROOT else names == real, folder
