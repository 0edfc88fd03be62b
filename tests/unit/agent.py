"""A contract that calls what it is told to: `msg.sender` is then not who signed the transaction."""

from functools import cache
from typing import Any

from ape import compilers
from ape.api import AccountAPI, ReceiptAPI
from ape.contracts import ContractContainer, ContractInstance

SOURCE = """
# pragma version 0.4.3

@external
@payable
def act(to: address, data: Bytes[1024]):
    raw_call(to, data, value=msg.value)
"""
PURSE = """

@external
@payable
def __default__():
    pass
"""


@cache
def _compiled(source: str) -> ContractContainer:
    return compilers.compile_source("vyper", source, contractName="Agent")


def send_agent(signer: AccountAPI, takes_ether: bool = True) -> ContractInstance:
    return signer.deploy(_compiled(SOURCE + PURSE if takes_ether else SOURCE))


def through(
    agent: ContractInstance, signer: AccountAPI, method: Any, *args: Any, value: int = 0
) -> ReceiptAPI:
    """Make the agent call `method` of a contract."""
    data = method.encode_input(*args)
    return agent.act(method.contract, data, value=value, sender=signer)


def try_through(agent: ContractInstance, signer: AccountAPI, method: Any, *args: Any) -> None:
    """The same, but nothing of it stays. Raises if it reverts."""
    agent.act.call(method.contract, method.encode_input(*args), sender=signer, skip_trace=True)
