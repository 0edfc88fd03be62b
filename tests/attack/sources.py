"""Our contracts as the compiler reads them, for what can be seen in the source alone."""

from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

import cbor2
from vyper import ast as tree
from vyper.compiler import CompilerData

from tests.evm import build

SOURCES = build.sources()
OURS = [path for path in SOURCES if path.endswith(".vy") and not path.startswith("mocks/")]
PUSH1, PUSH32 = 0x60, 0x7F
DEPLOYABLE = [path for path in OURS if PurePosixPath(path).stem[0].isupper()]


@cache
def understood(path: str) -> CompilerData:
    """The compiler's view of a contract."""
    return build.compiler_data(path, SOURCES, build.optimize)


@cache
def modules_of(path: str) -> dict[str, tree.Module]:
    """The contract at `path` and all modules that it is made of, by their paths."""
    found: dict[str, tree.Module] = {}
    queue = [understood(path).annotated_vyper_module]
    while queue:
        module = queue.pop()
        at = module.path.removeprefix("contracts/")
        if at not in found:
            found[at] = module
            infos = module._metadata["type"].imported_modules.values()
            queue += [info.module_node for info in infos]
    return found


def all_modules() -> dict[str, tree.Module]:
    """Each source that contracts are made of, once."""
    found: dict[str, tree.Module] = {}
    for path in DEPLOYABLE:
        found |= modules_of(path)
    return found


def instructions(path: str) -> Iterator[int]:
    """The machine code's operations, without the numbers that they push and the tables behind.

    How long the tables are is in the last words of the creation code, as the compiler leaves it.
    """
    built = build.compiled(PurePosixPath(path).stem)
    creation, code = (bytes.fromhex(text[2:]) for text in (built.bytecode, built.runtime))
    length = int.from_bytes(creation[-2:], "big")
    _, size, tables, *_ = cbor2.loads(creation[-length:-2])
    assert size == len(code)
    at = 0
    while at < size - sum(tables):
        yield code[at]
        at += 1 + (code[at] - PUSH1 + 1 if PUSH1 <= code[at] <= PUSH32 else 0)
