"""T-C3: have a contract built by a compiler with a fault that is known.

Six advisories against Vyper up to 0.4.1 (CVE-2025-21607, 26622, 27104, 27105, and `concat` and
`slice` that drop side effects) are of code that looked right. A build that takes "the newest"
compiler, or any that fits, cannot say which faults it has. Here one version is named in every
source and locked by hash; built-ins that were at fault are not used with an effect inside (T-C2).
"""

import re

import vyper

from tests.evm import build
from tests.record import record

EXACT = "0.4.3"
LOCK = build.ROOT / "requirements.txt"


def test_c3_one_compiler_is_named_everywhere():
    named = {text.splitlines()[0] for text in build.sources().values()}
    asked = re.findall(r"^vyper.*$", (build.ROOT / "requirements.in").read_text(), re.M)

    assert named == {f"# pragma version {EXACT}"}
    assert asked == [f"vyper=={EXACT}"]
    assert vyper.__version__ == EXACT
    record("attack", "c3", threat="T-C3", gain=0, unit="other compilers", bound=0)


def test_c3_compiler_is_locked_by_its_hash():
    entry = re.search(rf"^vyper=={EXACT}.*\\\n((?: +--hash=.*\n)+)", LOCK.read_text(), re.M)

    assert entry
    assert re.fullmatch(r"(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", entry[1])


def test_c3_built_ins_that_were_at_fault_are_not_used():
    """`sqrt` rounded wrongly; a `for` over an iterator that acts evaluated it again and again."""
    for path, text in build.sources().items():
        assert not re.search(r"\b(?:sqrt|isqrt|slice|raw_revert)\(", text), path
        assert not re.search(r"for .* in (?:extcall|.*\._)", text), path
