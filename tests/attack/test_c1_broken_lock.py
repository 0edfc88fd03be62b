"""T-C1: walk through a lock that the compiler broke.

Vyper 0.2.15 to 0.3.0 gave functions that named one lock a slot each: Curve's pools lost about 61
million dollars in July 2023. Here every door of a contract shares one key, in transient storage,
and the machine code of each contract that has such doors is seen to read and to write it.
"""

from pathlib import PurePosixPath

import pytest

from tests.attack.sources import DEPLOYABLE, SOURCES, instructions, understood
from tests.evm import build
from tests.record import record

WITHOUT_STATE = "oracles/ChainlinkOracle.vy"  # nothing that a lock could guard: views alone
LOOKING = {WITHOUT_STATE, "oracles/NavFeed.vy", "periphery/Lens.vy"}  # nobody turns their key
KEY = "$.nonreentrant_key"
SSTORE, TLOAD, TSTORE = 0x55, 0x5C, 0x5D
CALL, DELEGATECALL = 0xF1, 0xF4


@pytest.mark.parametrize("path", DEPLOYABLE)
def test_c1_lock_is_one_key_in_transient_storage(path):
    layout = understood(path).storage_layout
    keys = [part for part in layout if KEY in layout[part]]

    if path == WITHOUT_STATE:
        assert keys == []
    else:
        assert keys == ["transient_storage_layout"]
        key = layout["transient_storage_layout"][KEY]
        assert (key["slot"], key["n_slots"]) == (0, 1)


@pytest.mark.parametrize("path", DEPLOYABLE)
def test_c1_machine_code_turns_the_key(path):
    used = set(instructions(path))

    assert {TLOAD, TSTORE} <= used or path in LOOKING
    record("attack", "c1", threat="T-C1", gain=0, unit="contracts without a lock", bound=0)


@pytest.mark.parametrize("path", sorted(LOOKING))
def test_c1_contract_without_a_lock_changes_nothing(path):
    """So that there is nothing to come back into: no storage, and no call but to look."""
    layout = understood(path).storage_layout
    built = build.compiled(PurePosixPath(path).stem)
    kinds = {part["stateMutability"] for part in built.abi if part["type"] == "function"}

    assert "storage_layout" not in layout
    assert "extcall" not in SOURCES[path]
    assert {CALL, DELEGATECALL, SSTORE, TSTORE}.isdisjoint(instructions(path))
    assert kinds == {"view"}
