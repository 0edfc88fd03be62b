"""Sources for an explorer, as Etherscan's API takes them: one for all its chains.

ape-etherscan talks to it. Its own `publish_contract` takes a contract's arguments from the first
transaction that the explorer lists for it; of a contract that another one created, there is none.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import click
from ape import project
from ape_etherscan.client import ContractClient
from ape_etherscan.exceptions import EtherscanResponseError
from ape_etherscan.types import EtherscanInstance
from ape_etherscan.utils import ETHERSCAN_API_KEY_NAME
from requests.exceptions import RequestException

from scripts._files.reading import ROOT
from scripts._publish.standing import Standing

API = "https://api.etherscan.io/v2/api"
KEY = ETHERSCAN_API_KEY_NAME  # environment variable
COMPILER = f"vyper:{version('vyper')}"
MIT = 3  # in https://etherscan.io/contract-license-types
ALREADY = "already verified"
VERIFIED = "verified"


@dataclass(frozen=True)
class Submission:
    """What is sent for one contract."""

    standing: Standing
    path: str  # of its source, "contracts/Factory.vy"
    standard_json: dict[str, Any]  # the compiler's input: sources and settings

    @property
    def name(self) -> str:
        """What the explorer calls the contract to be compiled."""
        return f"{self.path}:{self.standing.source}"


class _Client(ContractClient):
    """Etherscan's manual now spells `constructorArguments` as everyone does; ape-etherscan not."""

    def _post(self, json_dict: dict | None = None, headers: dict[str, str] | None = None) -> Any:
        sent = dict(json_dict or {})
        if "constructorArguements" in sent:
            sent["constructorArguments"] = sent["constructorArguements"]
        return super()._post(json_dict=sent, headers=headers)


def submission(standing: Standing) -> Submission:
    """What an explorer needs to make the code of a contract again."""
    return Submission(standing, *_input_of(standing.source))


@cache
def _input_of(name: str) -> tuple[str, dict[str, Any]]:
    """The path of a contract's source, and all that the compiler needs for it."""
    file = next(project.contracts_folder.rglob(f"{name}.vy"))
    path = file.relative_to(ROOT).as_posix()
    evm = project.config.get_config("vyper").evm_version
    command = [sys.executable, "-m", "vyper", "-f", "solc_json", "--evm-version", evm, "-p", "."]
    # Run where the sources are: what it writes has their paths in it.
    done = subprocess.run([*command, path], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(f"{path} does not compile: {done.stderr.strip()}")
    made = json.loads(done.stdout)
    return path, {part: made[part] for part in ("language", "sources", "settings")}


def url(chain_id: int) -> str:
    """Where the sources of a chain's contracts are sent."""
    return f"{API}?chainid={chain_id}"


def require_key() -> None:
    """Raise click.ClickException if the environment has no key."""
    if not os.environ.get(KEY):
        raise click.ClickException(
            f"the environment has no {KEY}: set it to one of https://etherscan.io/apidashboard"
        )


def submit(chain_id: int, wanted: Submission) -> str | None:
    """Send it; the ticket to ask for its verdict with, None if it is verified already.

    Raises click.ClickException if it is refused. While connected to a network.
    """
    try:
        return _client(chain_id, wanted.standing.address).verify_source_code(
            wanted.standard_json,
            COMPILER,
            contract_name=wanted.name,
            optimization_used=True,
            constructor_arguments=wanted.standing.arguments.hex(),
            evm_version=wanted.standard_json["settings"]["evmVersion"],
            license_type=MIT,
            language="vyper",
        )
    except EtherscanResponseError as refusal:
        if ALREADY in str(refusal).lower():
            return None
        raise click.ClickException(str(refusal)) from None
    except RequestException as error:
        raise click.ClickException(f"{API} does not answer: {error}") from None


def verdict(chain_id: int, wanted: Submission, ticket: str) -> str | None:
    """None while it is being looked at, then VERIFIED or what is wrong."""
    try:
        answer = _client(chain_id, wanted.standing.address).check_verify_status(ticket)
    except RequestException:
        return None  # asked again
    except EtherscanResponseError as error:  # a page instead of an answer, mostly
        answer = str(error) if ALREADY in str(error).lower() else "Pending"
    if "pending" in answer.lower() or "in progress" in answer.lower():
        return None
    verified = answer.startswith("Pass") or ALREADY in answer.lower()
    return VERIFIED if verified else answer


def _client(chain_id: int, address: str) -> _Client:
    return _Client(EtherscanInstance("ethereum", str(chain_id), API, url(chain_id)), address)
