"""Our contracts, compiled from the sources as they are, or with some of them replaced.

`overlay` and `optimize` are what mutants and other builds set before anything is compiled: sources
by their path below `contracts/`, and the compiler's optimisation level. What was compiled once is
kept in .cache/vyper, by the content of all that goes into it.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from vyper.compiler import CompilerData
from vyper.compiler.input_bundle import JSONInputBundle
from vyper.compiler.output import build_abi_output
from vyper.compiler.settings import OptimizationLevel, Settings

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "contracts"
CACHE = ROOT / ".cache" / "vyper"
EVM_VERSION = "cancun"  # as ape-config.yaml has it
IMPORT = re.compile(r"^(?:from (\.*)([\w.]*) )?import (\w+)", re.MULTILINE)

overlay: dict[str, str] = {}
optimize = "gas"  # or "codesize", "none"


@dataclass(frozen=True)
class Build:
    """A compiled contract: ABI, and creation and runtime bytecode as 0x-prefixed hex."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    runtime: str


@cache
def sources() -> dict[str, str]:
    """All sources by their path below `contracts/`."""
    return {
        path.relative_to(CONTRACTS).as_posix(): path.read_text(encoding="utf8")
        for path in sorted(CONTRACTS.rglob("*.vy*"))
    }


@cache
def path_of(name: str) -> str:
    """Where the contract called `name` is. Raises KeyError where there is none."""
    found = [path for path in sources() if PurePosixPath(path).name == f"{name}.vy"]
    if not found:
        raise KeyError(f"there is no contract called {name}")
    return found[0]


def needs(path: str, given: Mapping[str, str]) -> set[str]:
    """`path` and every source that it imports, directly or not."""
    found: set[str] = set()
    queue = [path]
    while queue:
        at = queue.pop()
        if at not in found:
            found.add(at)
            queue += _imports(at, given)
    return found


def compiled(name: str) -> Build:
    """The contract called `name`, as `overlay` and `optimize` have it."""
    return _compiled(path_of(name), tuple(sorted(overlay.items())), optimize)


def compile_source(name: str, source: str) -> Build:
    """A contract that stands on its own, such as an attacker in a test."""
    return _build(name, f"{name}.vy", {f"{name}.vy": source}, optimize)


def compiler_data(path: str, given: Mapping[str, str], level: str, **more: Any) -> CompilerData:
    """The compiler's view of the contract at `path`, in sources that are `given`."""
    bundle = JSONInputBundle(
        {PurePosixPath("contracts", at): {"content": text} for at, text in given.items()},
        search_paths=[PurePosixPath(".")],
    )
    settings = Settings(
        evm_version=EVM_VERSION, optimize=OptimizationLevel.from_string(level), **more
    )
    main = bundle.load_file(PurePosixPath("contracts", path))
    return CompilerData(main, input_bundle=bundle, settings=settings)


@cache
def _compiled(path: str, changes: tuple[tuple[str, str], ...], level: str) -> Build:
    given = sources() | dict(changes)
    given = {at: given[at] for at in sorted(needs(path, given))}
    key = sha256(json.dumps([path, level, EVM_VERSION, given]).encode()).hexdigest()[:24]
    kept = CACHE / f"{key}.json"
    if kept.is_file():
        return Build(**json.loads(kept.read_text(encoding="utf8")))
    build = _build(PurePosixPath(path).stem, path, given, level)
    if not changes:  # a mutant is met once
        CACHE.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(asdict(build)), encoding="utf8")
        draft.replace(kept)
    return build


def _build(name: str, path: str, given: Mapping[str, str], level: str) -> Build:
    data = compiler_data(path, given, level)
    code, runtime = (f"0x{part.hex()}" for part in (data.bytecode, data.bytecode_runtime))
    return Build(name, build_abi_output(data), code, runtime)


def _imports(path: str, given: Mapping[str, str]) -> Iterator[str]:
    """The sources that the one at `path` names; a package's own and the compiler's are not ours."""
    for dots, package, name in IMPORT.findall(given[path]):
        if not dots:
            continue
        folder = PurePosixPath(path).parent
        for _ in dots[1:]:
            folder = folder.parent
        for suffix in (".vy", ".vyi"):
            at = folder.joinpath(*filter(None, package.split(".")), name + suffix).as_posix()
            if at in given:
                yield at
