"""What is tested in this process is what Ape deploys: the same bytecode, to the byte."""

import pytest
from ape import project

from tests.evm import build

NAMES = sorted(path.stem for path in build.CONTRACTS.rglob("[A-Z]*.vy"))


@pytest.mark.parametrize("name", NAMES)
def test_contract_is_compiled_alike(name):
    made = build.compiled(name)

    kind = getattr(project, name).contract_type

    assert kind.get_deployment_bytecode() == bytes.fromhex(made.bytecode[2:])
    assert kind.get_runtime_bytecode() == bytes.fromhex(made.runtime[2:])
