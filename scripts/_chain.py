"""How transactions are sent on the devnet, by whoever they are."""

from typing import Any

from ape.api import AccountAPI
from ape.contracts import ContractContainer, ContractInstance

GAS = 12_000_000  # for every transaction: dearer than any, so that nothing is estimated


def paid_by(account: AccountAPI, value: int = 0) -> dict[str, Any]:
    """What Ape wants to know of a transaction beside the call itself."""
    return {"sender": account, "value": value, "gas_limit": GAS}


def deploy(source: ContractContainer, deployer: AccountAPI, *args: Any) -> ContractInstance:
    """Deploy a contract."""
    return source.deploy(*args, **paid_by(deployer))
