"""What can be called from outside is what tests/abi.yaml lists, to the last function and event.

A door that a change opens by mistake, such as one that comes with a module, fails here. After a
change that is meant: `python -m tests.test_abi > tests/abi.yaml`.
"""

from pathlib import Path

import pytest
import yaml

from tests.evm import build

LISTED = Path(__file__).with_name("abi.yaml")
NAMES = sorted(
    path.stem for path in build.CONTRACTS.rglob("[A-Z]*.vy") if path.parent.name != "mocks"
)


def entries(name: str) -> list[str]:
    """`mutability name(types)` of each function and event of a contract."""
    found = [
        f"{part.get('stateMutability', part['type'])} {part.get('name', part['type'])}"
        f"({', '.join(each['type'] for each in part.get('inputs', []))})"
        for part in build.compiled(name).abi
        if part["type"] != "constructor"
    ]
    return sorted(found)


@pytest.mark.parametrize("name", NAMES)
def test_abi_is_as_listed(name):
    """I-X2: no function, view or event but those that are written down."""
    assert entries(name) == yaml.safe_load(LISTED.read_text())[name]


def test_list_names_every_contract():
    """I-X2: and no other."""
    assert sorted(yaml.safe_load(LISTED.read_text())) == NAMES


if __name__ == "__main__":
    print(yaml.safe_dump({name: entries(name) for name in NAMES}, width=100), end="")
