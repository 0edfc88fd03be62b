"""An approval that is signed instead of sent (EIP-2612), so that one transaction is enough."""

from typing import Any

import click
from ape.api import AccountAPI
from eth_abi import encode
from eth_abi.exceptions import DecodingError
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from scripts._wallet.coins import Coin
from scripts._wallet.node import Node, Reverted
from scripts._wallet.trade import Permit

DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
FIELDS = {
    "owner": "address",
    "spender": "address",
    "value": "uint256",
    "nonce": "uint256",
    "deadline": "uint256",
}


def domain_of(coin: Coin, node: Node, chain_id: int) -> dict[str, Any]:
    """The domain in which `coin` reads signatures. Raises click.ClickException without one."""
    try:
        separator = node.ask(coin.erc20, "DOMAIN_SEPARATOR()", (), "bytes32")
        name = node.ask(coin.erc20, "name()", (), "string")
    except (Reverted, DecodingError):
        raise _unsigned(coin) from None
    for version in _versions(coin, node):
        named = (keccak(text=DOMAIN), keccak(text=name), keccak(text=version))
        kinds = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
        if keccak(encode(kinds, [*named, chain_id, coin.erc20])) == separator:
            return {
                "name": name,
                "version": version,
                "chainId": chain_id,
                "verifyingContract": coin.erc20,
            }
    raise _unsigned(coin)


def sign(
    coin: Coin,
    domain: dict[str, Any],
    node: Node,
    account: AccountAPI,
    spender: str,
    amount: int,
    deadline: int,
) -> Permit:
    """`account` lets `spender` take `amount` until `deadline`; Ape asks before it signs."""
    message = {
        "owner": account.address,
        "spender": spender,
        "value": amount,
        "nonce": node.ask(coin.erc20, "nonces(address)", [account.address], "uint256"),
        "deadline": deadline,
    }
    kinds = {"Permit": [{"name": name, "type": kind} for name, kind in FIELDS.items()]}
    signed = account.sign_message(encode_typed_data(domain, kinds, message))
    if signed is None:
        raise click.ClickException("not signed: nothing was sent")
    return Permit(amount, deadline, signed.v, bytes(signed.r), bytes(signed.s))


def _versions(coin: Coin, node: Node) -> list[str]:
    """What the domain may have for a version: what the coin says, or what most have."""
    try:
        return [node.ask(coin.erc20, "version()", (), "string")]
    except (Reverted, DecodingError):
        return ["1", "2"]


def _unsigned(coin: Coin) -> click.ClickException:
    return click.ClickException(
        f"{coin.symbol} takes no signed approvals: leave out --permit, which sends one instead"
    )
