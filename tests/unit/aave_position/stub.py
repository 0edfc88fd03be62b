"""A contract in a token's place: it makes its position, has a treasury, and does as it is told."""

from functools import cache
from typing import Any

from ape import compilers, project
from ape.api import AccountAPI
from ape.contracts import ContractContainer, ContractInstance
from eth_abi import encode

from tests.first_child import first_child

SOURCE = """
# pragma version 0.4.3

treasury: public(address)


@external
def make(blueprint: address, arguments: Bytes[256]) -> address:
    return create_from_blueprint(blueprint, arguments, raw_args=True)


@external
def act(to: address, data: Bytes[1024]):
    raw_call(to, data)


@external
def set_treasury(treasury: address):
    self.treasury = treasury
"""
ARGUMENTS = ["address", "address", "address", "uint8"]


@cache
def _compiled() -> ContractContainer:
    return compilers.compile_source("vyper", SOURCE, contractName="Stub")


def send_stub(sender: AccountAPI) -> ContractInstance:
    return sender.deploy(_compiled())


class Stub:
    """The stub, whoever sends its transactions, and the position that it has made."""

    position: ContractInstance

    def __init__(self, contract: ContractInstance, sender: AccountAPI) -> None:
        self.contract, self.sender = contract, sender

    @staticmethod
    def arguments(pool: Any, collateral: Any, debt: Any, category: int) -> bytes:
        """What a position is told, encoded."""
        return encode(ARGUMENTS, [str(pool), str(collateral), str(debt), category])

    def make(self, blueprint: str, pool: Any, collateral: Any, debt: Any, category: int) -> None:
        given = self.arguments(pool, collateral, debt, category)
        self.contract.make(blueprint, given, sender=self.sender)
        self.position = project.AavePosition.at(first_child(self.contract))

    def act(self, method: Any, *args: Any) -> Any:
        """Have it call `method` of a contract."""
        data = method.encode_input(*args)
        return self.contract.act(method.contract, data, sender=self.sender)
