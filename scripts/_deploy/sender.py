"""Who sends: an account with a key, or on a copy of the network anyone at all."""

from collections.abc import Callable
from typing import Any, Protocol

from ape import networks
from ape.api import AccountAPI
from eth_utils import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.types import RPCEndpoint

NOBODY = "0x" + "00" * 20
RICH = 10**24  # wei, so that a rehearsal shows the cost even to who cannot pay it


class Sender(Protocol):
    """Sends transactions as one address."""

    address: str

    def send(
        self, web3: Web3, transaction: dict[str, Any], note: Callable[[str], None]
    ) -> HexBytes:
        """Send, after `note` was given the hash, and return the hash."""


class Signer:
    """One of Ape's accounts."""

    def __init__(self, account: AccountAPI) -> None:
        self.account = account
        self.address: str = account.address

    def send(
        self, web3: Web3, transaction: dict[str, Any], note: Callable[[str], None]
    ) -> HexBytes:
        signed = self.account.sign_transaction(networks.ethereum.create_transaction(**transaction))
        if signed is None:
            raise RuntimeError(f"{self.account} did not sign")
        raw = signed.serialize_transaction()
        note(HexBytes(keccak(raw)).to_0x_hex())
        return web3.eth.send_raw_transaction(raw)


class Actor:
    """Anyone, on a copy of the network."""

    def __init__(self, web3: Web3, address: str) -> None:
        self.address = address
        for method, more in (
            ("anvil_impersonateAccount", []),
            ("anvil_setBalance", [hex(RICH)]),
        ):
            web3.provider.make_request(RPCEndpoint(method), [address, *more])

    def send(
        self, web3: Web3, transaction: dict[str, Any], note: Callable[[str], None]
    ) -> HexBytes:
        wanted = {key: transaction[key] for key in ("to", "data", "value", "gas", "nonce")}
        return web3.eth.send_transaction({**wanted, "from": self.address})  # type: ignore[typeddict-item]


class Nobody:
    """Reads, and cannot send."""

    address = NOBODY

    def send(
        self, web3: Web3, transaction: dict[str, Any], note: Callable[[str], None]
    ) -> HexBytes:
        raise RuntimeError("nothing can be sent from here")
