"""Creation bytecode and ABI of the protocols that Ballast stands on.

Uniswap v3, WETH9 and Aave v3 as it began (3.0) come compiled in their npm packages. Morpho Blue and
today's Aave (3.6) come as source: they are compiled once with npm's solc, of a version that takes
them, and kept in `.cache/`. Today's Aave is for tests alone.
`python -m scripts._thirdparty` fills that cache with what the devnet is made of.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ape.contracts import ContractContainer

ROOT = Path(__file__).resolve().parent.parent
NODE_MODULES = ROOT / "node_modules"
CACHE = ROOT / ".cache" / "thirdparty"


@dataclass(frozen=True)
class Project:
    """What is compiled here: a package, what of it, and the settings of its own repository."""

    title: str
    solc: str  # npm's package of the compiler
    version: str  # of that
    package: str
    sources: dict[str, str]  # by the contract's name
    settings: dict[str, Any]
    needs: tuple[str, ...]  # folders of source, below node_modules
    seconds: int  # that it takes

    @property
    def root(self) -> Path:
        """The package."""
        return NODE_MODULES / self.package

    @property
    def key(self) -> str:
        """Of the cache: all that the outcome depends on."""
        digest = hashlib.sha256(f"{self.version} {self.sources} {self.settings}".encode())
        for path in sorted(p for need in self.needs for p in (NODE_MODULES / need).rglob("*.sol")):
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]


MORPHO = Project(
    "Morpho Blue",
    "solc",
    "0.8.19",
    "@morpho-org/morpho-blue",
    {"Morpho": "src/Morpho.sol"},
    {
        "viaIR": True,
        "optimizer": {"enabled": True, "runs": 999_999},
        "evmVersion": "paris",
        "metadata": {"bytecodeHash": "none"},
    },
    ("@morpho-org/morpho-blue/src",),
    15,
)
AAVE_SOURCES = "src/contracts"
AAVE_NOW = Project(
    "Aave v3.6",
    "solc-0.8.27",  # the first that takes `require(condition, Error())`, of which Aave is full
    "0.8.27",
    "@aave-dao/aave-v3-origin",
    {
        f"aave-3.6/{PurePosixPath(path).name}": f"{AAVE_SOURCES}/{path}.sol"
        for path in (
            "instances/PoolInstance",
            "instances/PoolConfiguratorInstance",
            "instances/ATokenInstance",
            "instances/VariableDebtTokenInstance",
            "helpers/AaveProtocolDataProvider",
            "misc/DefaultReserveInterestRateStrategyV2",
            "protocol/libraries/logic/BorrowLogic",
            "protocol/libraries/logic/ConfiguratorLogic",
            "protocol/libraries/logic/FlashLoanLogic",
            "protocol/libraries/logic/LiquidationLogic",
            "protocol/libraries/logic/PoolLogic",
            "protocol/libraries/logic/SupplyLogic",
            "rewards/RewardsController",
            "rewards/transfer-strategies/PullRewardsTransferStrategy",
        )
    },
    {
        "optimizer": {"enabled": True, "runs": 200},
        "evmVersion": "shanghai",
        "metadata": {"bytecodeHash": "none"},
        "remappings": ["openzeppelin-contracts/contracts/=openzeppelin-contracts/"],
    },
    ("@aave-dao/aave-v3-origin/src", "openzeppelin-contracts/utils"),
    15,
)

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
    **{
        f"aave/{PurePosixPath(path).name}": f"@aave/core-v3/artifacts/contracts/{path}.sol"
        for path in (
            "misc/AaveOracle",
            "misc/AaveProtocolDataProvider",
            "protocol/configuration/ACLManager",
            "protocol/configuration/PoolAddressesProvider",
            "protocol/configuration/PriceOracleSentinel",
            "protocol/libraries/logic/BorrowLogic",
            "protocol/libraries/logic/BridgeLogic",
            "protocol/libraries/logic/ConfiguratorLogic",
            "protocol/libraries/logic/EModeLogic",
            "protocol/libraries/logic/FlashLoanLogic",
            "protocol/libraries/logic/LiquidationLogic",
            "protocol/libraries/logic/PoolLogic",
            "protocol/libraries/logic/SupplyLogic",
            "protocol/pool/DefaultReserveInterestRateStrategy",
            "protocol/pool/Pool",
            "protocol/pool/PoolConfigurator",
            "protocol/tokenization/AToken",
            "protocol/tokenization/StableDebtToken",
            "protocol/tokenization/VariableDebtToken",
        )
    },
}
NAMES = ("Morpho", *COMPILED)


class MissingPackageError(RuntimeError):
    """An npm package is not installed, or is another version than the one wanted."""


@dataclass(frozen=True)
class Artifact:
    """A compiled contract: ABI, and creation and runtime bytecode as 0x-prefixed hex.

    `links` are the bytes of the creation bytecode where the address of a library belongs, by the
    library's name.
    """

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    runtime: str
    links: dict[str, list[int]]


@cache
def artifact(name: str) -> Artifact:
    """The compiled contract called `name`, one of NAMES or of what AAVE_NOW is compiled for.

    Raises MissingPackageError if its npm package is not there, KeyError for another name.
    """
    for project in (MORPHO, AAVE_NOW):
        if name in project.sources:
            return _made(name, _compiled(project)[name])
    path = NODE_MODULES / COMPILED[name]
    if path.suffix == ".sol":
        path = path / f"{path.stem}.json"
    return _made(name, json.loads(_read(path)))


@cache
def container(name: str) -> "ContractContainer":
    """The same as an Ape container: `container("Morpho").deploy(owner, sender=account)`."""
    return _container(artifact(name))


def linked(name: str, libraries: Mapping[str, str]) -> "ContractContainer":
    """The same for a contract that calls libraries, whose addresses are given by name."""
    made = artifact(name)
    code = made.bytecode
    for library, places in made.links.items():
        for place in places:
            start = 2 + 2 * place
            address = libraries[library].removeprefix("0x").lower()
            code = code[:start] + address + code[start + len(address) :]
    return _container(replace(made, bytecode=code))


def _container(made: Artifact) -> "ContractContainer":
    from ape.contracts import ContractContainer
    from ethpm_types import ContractType

    kind: dict[str, Any] = {"contractName": made.name, "abi": made.abi}
    if "$" not in made.bytecode:
        kind["deploymentBytecode"] = {"bytecode": made.bytecode}
    if "$" not in made.runtime:
        kind["runtimeBytecode"] = {"bytecode": made.runtime}
    return ContractContainer(ContractType.model_validate(kind))


def _made(name: str, compiled: dict[str, Any]) -> Artifact:
    """From what hardhat or solc writes."""
    code, runtime = compiled["bytecode"], compiled["deployedBytecode"]
    links = compiled.get("linkReferences", {})
    places = {
        library: [place["start"] for place in found]
        for libraries in links.values()
        for library, found in libraries.items()
    }
    return Artifact(name, compiled["abi"], code, runtime, places)


def _read(path: Path) -> str:
    if not path.is_file():
        raise MissingPackageError(f"{path.relative_to(ROOT)} is missing: run `npm ci`")
    return path.read_text(encoding="utf8")


def _compiled(project: Project) -> dict[str, dict[str, Any]]:
    """Contracts by name, from the cache or from the compiler."""
    path = CACHE / f"{project.title.lower().replace(' ', '-')}-{project.key}.json"
    if not path.is_file():
        _store(path, _compile(project))
    found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf8"))
    return found


def _compile(project: Project) -> dict[str, dict[str, Any]]:
    solc = NODE_MODULES / project.solc
    version = json.loads(_read(solc / "package.json"))["version"]
    if version != project.version:
        raise MissingPackageError(f"npm solc is {version}, not {project.version}: run `npm ci`")
    outputs = ["abi", "evm.bytecode", "evm.deployedBytecode.object"]
    sources = project.sources.values()
    request = {
        "language": "Solidity",
        "sources": {at: {"content": _read(project.root / at)} for at in sources},
        "settings": {
            **project.settings,
            "outputSelection": {at: {PurePosixPath(at).stem: outputs} for at in sources},
        },
    }
    print(
        f"Compiling {project.title} with solc {version}: once, about {project.seconds} s …",
        file=sys.stderr,
    )
    # Files, not pipes: solc.js loses what does not fit into one buffer of a pipe.
    with tempfile.TemporaryFile("w+") as stdin, tempfile.TemporaryFile("w+") as stdout:
        stdin.write(json.dumps(request))
        stdin.seek(0)
        folders = ["--base-path", str(project.root), "--include-path", str(NODE_MODULES)]
        subprocess.run(
            ["node", str(solc / "solc.js"), "--standard-json", *folders],
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
    made = {}
    for name, at in project.sources.items():
        contract = output["contracts"][at][PurePosixPath(at).stem]
        made[name] = {
            "abi": contract["abi"],
            "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
            "deployedBytecode": "0x" + contract["evm"]["deployedBytecode"]["object"],
            "linkReferences": contract["evm"]["bytecode"]["linkReferences"],
        }
    return made


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
