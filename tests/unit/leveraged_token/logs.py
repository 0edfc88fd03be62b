"""Events as tests compare them."""

from typing import Any

from ape.api import ReceiptAPI
from ape.contracts import ContractInstance


def emitted(receipt: ReceiptAPI, contract: ContractInstance) -> list[tuple[str, dict[str, Any]]]:
    """Name and fields of every event of `contract`, in order."""
    return [
        (log.event_name, dict(log.event_arguments))
        for log in receipt.events
        if log.contract_address == contract.address
    ]


def transferred(sender: Any, receiver: Any, value: int) -> tuple[str, dict[str, Any]]:
    """The event of a share transfer, as `emitted` gives it."""
    fields = {"sender": str(sender), "receiver": str(receiver), "value": value}
    return "Transfer", fields
