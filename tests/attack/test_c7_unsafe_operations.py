"""T-C7: find arithmetic that wraps around, or a call whose failure nobody sees.

yETH lost 9 million dollars in November 2025 by unchecked arithmetic in a solver. What Vyper does
not check is listed here, with the number of times, and stands beside its proof in the source. There
are two raw calls, which only look: Lens at what may be hostile, a position at an Aave that may be
too old to answer. There is no delegate call, and nothing that can be destroyed.
"""

import re
from collections import Counter

import pytest
from vyper import ast as tree

from tests.attack.sources import DEPLOYABLE, SOURCES, all_modules, instructions
from tests.record import record

UNCHECKED = re.compile(r"unsafe_\w+|raw_\w+|send|selfdestruct|create_\w+")
LENS, AAVE = "periphery/Lens.vy", "venues/AavePosition.vy"
ALLOWED = {
    ("modules/share_ledger.vy", "unsafe_add"): 2,  # the sum of all balances is the supply
    ("modules/share_ledger.vy", "unsafe_sub"): 3,  # of what was seen to be no more
    ("oracles/ChainlinkOracle.vy", "unsafe_div"): 1,  # by an answer that is at least 1
    ("oracles/ChainlinkOracle.vy", "unsafe_mul"): 1,  # by a ceiling that was checked at creation
    ("periphery/Router.vy", "send"): 2,  # ether to whom it is owed: reverts where it fails
    ("Factory.vy", "create_from_blueprint"): 1,
    ("LeveragedToken.vy", "create_from_blueprint"): 1,
    (LENS, "raw_call"): 1,  # looks, with a bound on everything, and tells of each failure
    (AAVE, "raw_call"): 1,  # looks whether the venue knows a function, or is of an older version
}
CALL, STATICCALL = 0xF1, 0xFA
FORBIDDEN = {0xF2, 0xF4, 0xFF, 0x32}  # CALLCODE, DELEGATECALL, SELFDESTRUCT, ORIGIN


def test_c7_unchecked_operations_are_those_on_the_list():
    found = Counter(
        (path, name)
        for path, module in all_modules().items()
        for call in module.get_descendants(tree.Call)
        if UNCHECKED.fullmatch(name := getattr(call.func, "id", ""))
    )

    assert found == ALLOWED
    record("attack", "c7", threat="T-C7", gain=0, unit="unchecked operations more", bound=0)


def test_c7_failure_is_never_hushed():
    """But by Lens, which flags it, and by what asks for Aave's version; only a look can fail."""
    assert [
        path
        for path, text in SOURCES.items()
        if "revert_on_failure" in text and not path.startswith("mocks/")
    ] == [LENS, AAVE]
    for path, size, more in ((LENS, 160, {"gas"}), (AAVE, 32, set())):
        (call,) = (
            call
            for call in all_modules()[path].get_descendants(tree.Call)
            if getattr(call.func, "id", "") == "raw_call"
        )
        told = {word.arg: getattr(word.value, "value", None) for word in call.keywords}
        assert told.keys() == {"max_outsize", "is_static_call", "revert_on_failure"} | more
        assert (told["is_static_call"], told["max_outsize"]) == (True, size)


def test_c7_proof_stands_beside_every_unsafe_operation():
    for path, name in ALLOWED:
        if not name.startswith("unsafe_"):
            continue
        lines = SOURCES[path].splitlines()
        for number, line in enumerate(lines):
            if name in line:
                assert "#" in line or lines[number - 1].lstrip().startswith("#"), line


@pytest.mark.parametrize("path", DEPLOYABLE)
def test_c7_machine_code_gives_itself_to_nobody(path):
    used = set(instructions(path))

    assert used & {CALL, STATICCALL}
    assert FORBIDDEN.isdisjoint(used)
