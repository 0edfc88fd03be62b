"""Questions to a node about one block, and what may come after it.

Everything that a preview says is read at the same block. A revert is raised as `Reverted`, with the
contract's reason and what to do about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
from ape.api import ProviderAPI
from eth_abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils import function_signature_to_4byte_selector, to_hex
from requests import RequestException

from scripts._calldata import calldata
from scripts._wallet.faults import explain

ERROR = function_signature_to_4byte_selector("Error(string)")
UNKNOWN_METHOD = -32601


class Reverted(click.ClickException):
    """A contract says no. `reason` is what it says, empty if it says nothing."""

    def __init__(self, reason: str, what: str = "") -> None:
        self.reason = reason
        super().__init__(f"{what}: {explain(reason)}" if what else explain(reason))


@dataclass(frozen=True)
class Call:
    """A transaction that is not sent yet. `value` is in wei."""

    to: str
    data: bytes
    value: int = 0


@dataclass(frozen=True)
class Outcome:
    """What a call returned, and the gas that it used."""

    returned: bytes
    gas: int


class Node:
    """What a node says of the block that was the newest when this was made."""

    def __init__(self, provider: ProviderAPI) -> None:
        self._request = provider.web3.provider.make_request
        block = self._ask("eth_getBlockByNumber", "latest", False)
        self.block = int(block["number"], 16)
        self.time = int(block["timestamp"], 16)

    def call(self, to: str, data: bytes, sender: str | None = None, value: int = 0) -> bytes:
        """What `to` returns to `data`. Raises Reverted."""
        return bytes.fromhex(
            self._ask("eth_call", _raw(Call(to, data, value), sender), hex(self.block))[2:]
        )

    def ask(self, to: str, signature: str, arguments: Sequence[Any], returns: str) -> Any:
        """One value, or a tuple of several, of a view such as "balanceOf(address)".

        `returns` names their types, with a space between two.
        """
        values = decode(returns.split(), self.call(to, calldata(signature, *arguments)))
        return values[0] if len(values) == 1 else values

    def ether(self, owner: str) -> int:
        """The ether of an account, in wei."""
        return int(self._ask("eth_getBalance", owner, hex(self.block)), 16)

    def has_code(self, address: str) -> bool:
        """Whether a contract lies there."""
        return self._ask("eth_getCode", address, hex(self.block)) not in ("0x", "0x0")

    def gas_price(self) -> int:
        """What a unit of gas costs now, in wei."""
        return int(self._ask("eth_gasPrice"), 16)

    def estimate(self, call: Call, sender: str) -> int:
        """The gas that `call` needs. Raises Reverted if it would revert."""
        return int(self._ask("eth_estimateGas", _raw(call, sender)), 16)

    def simulate(self, calls: list[Call], sender: str) -> list[Outcome] | None:
        """All of them one after another, as the next block would have them.

        None where the node does not know `eth_simulateV1`. Raises Reverted for the first that
        would revert.
        """
        blocks = [
            {
                "blockOverrides": {"time": hex(self.time + 1)},
                "calls": [_raw(call, sender) for call in calls],
            }
        ]
        try:
            (block,) = self._ask("eth_simulateV1", {"blockStateCalls": blocks}, hex(self.block))
        except _Unknown:
            return None
        outcomes = []
        for result in block["calls"]:
            returned = bytes.fromhex(result.get("returnData", "0x")[2:])
            if int(result["status"], 16) != 1:
                # some nodes have the reason here, some there
                data = result.get("error", {}).get("data") or "0x"
                raise Reverted(reason_of(returned) or reason_of(bytes.fromhex(data[2:])))
            outcomes.append(Outcome(returned, int(result["gasUsed"], 16)))
        return outcomes

    def _ask(self, method: str, *parameters: Any) -> Any:
        try:
            reply = self._request(method, list(parameters))
        except RequestException as silence:
            raise click.ClickException(
                f"the node gave no answer to {method} ({type(silence).__name__}): run it again, or "
                "set another URL"
            ) from None
        if "error" not in reply:
            return reply["result"]
        error: Any = reply["error"]
        message, data = str(error.get("message", error)), error.get("data")
        if error.get("code") == UNKNOWN_METHOD:
            raise _Unknown(method)
        if isinstance(data, str) and data.startswith("0x"):
            raise Reverted(reason_of(bytes.fromhex(data[2:])))
        if "revert" in message:
            raise Reverted(message.partition("execution reverted: ")[2])
        raise click.ClickException(f"the node refuses {method}: {message}")


class _Unknown(click.ClickException):
    """The node does not know a method."""

    def __init__(self, method: str) -> None:
        super().__init__(f"the node does not know {method}: set another URL")


def reason_of(data: bytes) -> str:
    """The reason that a revert's data gives; empty if there is none."""
    if data[:4] != ERROR:
        return ""
    try:
        return decode(["string"], data[4:])[0]
    except DecodingError:
        return ""


def _raw(call: Call, sender: str | None) -> dict[str, str]:
    """As a node wants it."""
    raw = {"to": call.to, "data": to_hex(call.data), "value": hex(call.value)}
    return raw | ({"from": sender} if sender else {})
