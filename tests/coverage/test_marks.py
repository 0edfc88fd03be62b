"""Marks say what was reached, on either side, and nothing else."""

from eth_abi import decode, encode
from eth_utils import keccak

from scripts._model.streaming_fee import shares
from tests.coverage import marks
from tests.coverage.places import NAMES
from tests.evm import build
from tests.evm.engine import Chain

MODULE = "modules/streaming_fee.vy"
WAD = 10**18
DAY = 86_400


def test_marks_tell_which_sides_of_a_fee_were_reached():
    with marks.installed():
        data = build.compiler_data("mocks/StreamingFeeHarness.vy", build.sources(), "gas")
        code = data.bytecode
    chain = Chain()
    harness, _ = chain.create("0x" + "01" * 20, code)

    def reached() -> set[tuple[str, str]]:
        found = marks.reached(chain.evm.db_accounts)
        return {(at.code, NAMES[at.kind, side]) for at, side in found if at.path == MODULE}

    def ask(*args: int) -> int:
        selector = keccak(text="shares(uint256,uint256,uint256)")[:4]
        (answer,) = decode(
            ["uint256"], chain.call(harness, selector + encode(["uint256"] * 3, args))
        )
        assert answer == shares(*args)
        return answer

    nothing = reached()
    ask(WAD, 0, DAY)
    little = reached()
    ask(WAD, WAD, 8 * DAY)
    much = reached()

    assert nothing == set()
    assert ("y <= ONE", "true") in little
    assert ("halvings += 1", "reached") in much - little
    assert ("y <= ONE", "false") in much - little
    assert ("for _: uint256 in range(4):", "ended by itself") not in little
    assert ("for _: uint256 in range(halvings, bound=4):", "ended by itself") in little
    assert ("for _: uint256 in range(halvings, bound=4):", "entered") in much - little
    assert ("for n: uint256 in range(1, 36):", "ended by itself") not in much
