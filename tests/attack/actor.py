"""A contract that an attacker sends: a list of calls in one transaction, and another list in the
middle of them, whenever anybody calls it back: Aave, which wants an answer, by a name."""

from functools import cache
from typing import Any

from ape import compilers
from ape.api import AccountAPI
from ape.contracts import ContractContainer, ContractInstance

SOURCE = """
# pragma version 0.4.3

struct Call:
    to: address
    data: Bytes[1024]

inner: DynArray[Call, 8]
back: public(uint256)  # times that it was called back
refused: public(uint256)  # calls of `inner` that did not go through


@external
def plan(inner: DynArray[Call, 8]):
    self.inner = inner


@external
def run(calls: DynArray[Call, 24]) -> DynArray[Bytes[512], 24]:
    answers: DynArray[Bytes[512], 24] = []
    for call: Call in calls:
        answers.append(raw_call(call.to, call.data, max_outsize=512))
    return answers


@external
@payable
def __default__():
    self._called_back()


@external
def executeOperation(
    asset: address, amount: uint256, premium: uint256, initiator: address, params: Bytes[32]
) -> bool:
    self._called_back()
    return True


@internal
def _called_back():
    self.back += 1
    for call: Call in self.inner:
        if not raw_call(call.to, call.data, revert_on_failure=False):
            self.refused += 1
"""

Call = tuple[Any, bytes]


def call(method: Any, *args: Any) -> Call:
    """One entry of the lists: `method` of a contract with these arguments."""
    return method.contract, bytes(method.encode_input(*args))


@cache
def _compiled() -> ContractContainer:
    return compilers.compile_source("vyper", SOURCE, contractName="Actor")


def send_actor(attacker: AccountAPI) -> ContractInstance:
    return attacker.deploy(_compiled())
