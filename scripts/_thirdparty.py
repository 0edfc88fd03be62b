"""Creation bytecode and ABI of the protocols that Ballast stands on.

Uniswap v3 and WETH9 come compiled in their npm packages. Morpho Blue comes as source: it is
compiled once with npm's solc and the settings of its own repository, which takes about 15 seconds,
and kept in `.cache/`. `python -m scripts._thirdparty` fills that cache.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ape.contracts import ContractContainer

ROOT = Path(__file__).resolve().parent.parent
NODE_MODULES = ROOT / "node_modules"
CACHE = ROOT / ".cache" / "thirdparty"

SOLC = NODE_MODULES / "solc"
SOLC_VERSION = "0.8.19"
MORPHO = NODE_MODULES / "@morpho-org" / "morpho-blue"
MORPHO_SETTINGS = {
    "viaIR": True,
    "optimizer": {"enabled": True, "runs": 999_999},
    "evmVersion": "paris",
    "metadata": {"bytecodeHash": "none"},
    "outputSelection": {
        "src/Morpho.sol": {
            "Morpho": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"],
        }
    },
}

# Where npm packages keep what their authors compiled.
COMPILED = {
    "WETH9": "canonical-weth/build/contracts/WETH9.json",
    "UniswapV3Factory": "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol",
    "UniswapV3Pool": "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol",
    "NonfungiblePositionManager": (
        "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol"
    ),
    "SwapRouter": "@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol",
    "QuoterV2": "@uniswap/v3-periphery/artifacts/contracts/lens/QuoterV2.sol",
}
NAMES = ("Morpho", *COMPILED)


class MissingPackageError(RuntimeError):
    """An npm package is not installed, or is another version than the one wanted."""


@dataclass(frozen=True)
class Artifact:
    """A compiled contract: ABI, and creation and runtime bytecode as 0x-prefixed hex."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    runtime: str


@cache
def artifact(name: str) -> Artifact:
    """The compiled contract called `name`, one of NAMES.

    Raises MissingPackageError if its npm package is not there, KeyError for another name.
    """
    if name == "Morpho":
        return _morpho()
    path = NODE_MODULES / COMPILED[name]
    if path.suffix == ".sol":
        path = path / f"{name}.json"
    compiled = json.loads(_read(path))
    return Artifact(name, compiled["abi"], compiled["bytecode"], compiled["deployedBytecode"])


@cache
def container(name: str) -> "ContractContainer":
    """The same as an Ape container: `container("Morpho").deploy(owner, sender=account)`."""
    from ape.contracts import ContractContainer
    from ethpm_types import ContractType

    compiled = artifact(name)
    return ContractContainer(
        ContractType.model_validate(
            {
                "contractName": name,
                "abi": compiled.abi,
                "deploymentBytecode": {"bytecode": compiled.bytecode},
                "runtimeBytecode": {"bytecode": compiled.runtime},
            }
        )
    )


def _read(path: Path) -> str:
    if not path.is_file():
        raise MissingPackageError(f"{path.relative_to(ROOT)} is missing: run `npm ci`")
    return path.read_text(encoding="utf8")


def _morpho() -> Artifact:
    """Morpho Blue from the cache, whose key is the compiler's whole input, or from the compiler."""
    source = json.dumps(_morpho_input(), sort_keys=True)
    key = hashlib.sha256(f"{SOLC_VERSION} {source}".encode()).hexdigest()[:16]
    path = CACHE / f"morpho-{key}.json"
    if not path.is_file():
        _store(path, _compile(source))
    cached = json.loads(path.read_text(encoding="utf8"))
    return Artifact("Morpho", cached["abi"], cached["bytecode"], cached["runtime"])


def _morpho_input() -> dict[str, Any]:
    """Morpho's sources and settings as solc's standard JSON input."""
    _read(MORPHO / "src" / "Morpho.sol")
    sources = {
        path.relative_to(MORPHO).as_posix(): {"content": path.read_text(encoding="utf8")}
        for path in sorted((MORPHO / "src").rglob("*.sol"))
        if "mocks" not in path.parts
    }
    return {"language": "Solidity", "sources": sources, "settings": MORPHO_SETTINGS}


def _compile(source: str) -> dict[str, Any]:
    version = json.loads(_read(SOLC / "package.json"))["version"]
    if version != SOLC_VERSION:
        raise MissingPackageError(f"npm solc is {version}, not {SOLC_VERSION}: run `npm ci`")

    print(f"Compiling Morpho Blue with solc {version}: once, about 15 s …", file=sys.stderr)
    # Files, not pipes: solc.js loses what does not fit into one buffer of a pipe.
    with tempfile.TemporaryFile("w+") as stdin, tempfile.TemporaryFile("w+") as stdout:
        stdin.write(source)
        stdin.seek(0)
        subprocess.run(
            ["node", str(SOLC / "solc.js"), "--standard-json"],
            stdin=stdin,
            stdout=stdout,
            check=True,
        )
        stdout.seek(0)
        answer = stdout.read()
    output = json.loads(answer[answer.index("{") :])  # a warning may stand before it
    errors = [e["formattedMessage"] for e in output.get("errors", []) if e["severity"] == "error"]
    if errors:
        raise RuntimeError("\n".join(errors))
    morpho = output["contracts"]["src/Morpho.sol"]["Morpho"]
    return {
        "abi": morpho["abi"],
        "bytecode": "0x" + morpho["evm"]["bytecode"]["object"],
        "runtime": "0x" + morpho["evm"]["deployedBytecode"]["object"],
    }


def _store(path: Path, content: dict[str, Any]) -> None:
    """Write in one step, so that nobody reads half a file and two writers do no harm."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(content), encoding="utf8")
    draft.replace(path)


def main() -> None:
    """Fill the cache; silent and quick when it is full."""
    for name in NAMES:
        artifact(name)


if __name__ == "__main__":
    try:
        main()
    except MissingPackageError as error:
        sys.exit(str(error))
