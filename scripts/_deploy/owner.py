"""What a token's owner may do: a call to send, or to print for a Safe or a timelock."""

import time
from dataclasses import dataclass
from typing import Any

import click
from eth_abi import encode
from eth_utils import is_address, keccak, to_checksum_address
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import ContractLogicError, Web3RPCError

from scripts._deploy.sender import NOBODY
from scripts._files.reading import WAD
from scripts._files.token import MAX_CAP

# Function, the type of its argument and an example; None where it takes none.
ACTIONS: dict[str, tuple[str, str | None]] = {
    "pause": ("set_paused", None),
    "unpause": ("set_paused", None),
    "cap": ("set_cap", "shares"),
    "treasury": ("set_treasury", "an address"),
    "transfer": ("transfer_ownership", "an address"),
    "accept": ("accept_ownership", None),
    "renounce": ("renounce_ownership", None),
}

# What OpenZeppelin's TimelockController is told, and asked.
OPERATION = ["address", "uint256", "bytes", "bytes32", "bytes32"]
SCHEDULE = f"schedule({','.join(OPERATION)},uint256)"
EXECUTE = f"execute({','.join(OPERATION)})"
MIN_DELAY = "getMinDelay()"


@dataclass(frozen=True)
class Action:
    """One call of an owner."""

    token: str
    function: str
    arguments: tuple[Any, ...]
    data: bytes
    caller: str  # who must send it
    means: str  # in words


def action(symbol: str, token: Contract, verb: str, value: str | None) -> Action:
    """The call that `verb` is. Raises click.ClickException for a value it does not take."""
    function, wants = ACTIONS[verb]
    if (wants is None) != (value is None):
        raise click.ClickException(
            f"{verb} takes {wants or 'no value'}, not {'nothing' if value is None else value}"
        )
    arguments: list[Any] = [_argument(verb, value)] if value is not None else []
    if function == "set_paused":
        arguments = [verb == "pause"]
    role = "pending_owner" if verb == "accept" else "owner"
    caller = token.functions[role]().call()
    if caller == NOBODY:
        raise click.ClickException(f"{symbol} has no {role}: nobody can {verb} it")
    return Action(
        token=token.address,
        function=function,
        arguments=tuple(arguments),
        data=bytes.fromhex(token.encode_abi(function, args=arguments)[2:]),
        caller=caller,
        means=f"{verb} {symbol}" + (f": {value}" if value else ""),
    )


def _argument(verb: str, value: str) -> int | str:
    if verb == "cap":
        if not value.isdecimal() or not 0 <= int(value) <= MAX_CAP:
            raise click.ClickException(f"cap {value}; allowed: 0 to {MAX_CAP} whole shares")
        return int(value) * WAD
    if not is_address(value) or int(value, 16) == 0:
        raise click.ClickException(f"{verb} {value}; allowed: an address, 0x and 40 hex digits")
    return to_checksum_address(value)


def for_safe(wanted: Action, chain_id: int) -> dict[str, Any]:
    """A batch for the Transaction Builder of a Safe."""
    return {
        "version": "1.0",
        "chainId": str(chain_id),
        "createdAt": int(time.time() * 1000),
        "meta": {
            "name": wanted.means,
            "description": "",
            "createdFromSafeAddress": wanted.caller,
        },
        "transactions": [
            {
                "to": wanted.token,
                "value": "0",
                "data": "0x" + wanted.data.hex(),
                "contractMethod": None,
                "contractInputsValues": None,
            }
        ],
    }


def for_timelock(wanted: Action, web3: Web3, salt: bytes) -> dict[str, Any]:
    """What to send to a TimelockController: first `schedule`, after the delay `execute`.

    Raises click.ClickException if the owner is not one.
    """
    call: Any = {"to": to_checksum_address(wanted.caller), "data": _selector(MIN_DELAY)}
    try:
        answer = bytes(web3.eth.call(call))
    except (ContractLogicError, Web3RPCError):
        answer = b""
    if len(answer) != 32:
        raise click.ClickException(
            f"{wanted.caller}, who must {wanted.means}, is no TimelockController; allowed: "
            "--print safe, or --account"
        )
    delay = int.from_bytes(answer, "big")
    operation = (wanted.token, 0, wanted.data, bytes(32), salt)
    schedule = encode([*OPERATION, "uint256"], [*operation, delay])
    execute = encode(OPERATION, operation)
    return {
        "means": wanted.means,
        "to": wanted.caller,
        "id": "0x" + keccak(execute).hex(),
        "delay": delay,
        "schedule": "0x" + (_selector(SCHEDULE) + schedule).hex(),
        "execute": "0x" + (_selector(EXECUTE) + execute).hex(),
    }


def _selector(signature: str) -> bytes:
    return keccak(text=signature)[:4]
