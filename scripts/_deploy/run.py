"""One run of a deployment: what stands is left alone, what is missing is sent, all is noted.

A contract stands if the code at its address is what its constructor makes; an address is known
before anything is sent. Before a transaction leaves, its hash is in the record, so that whoever
comes back after an interruption waits for it instead of sending another.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import click
from eth_utils import to_checksum_address
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import ContractLogicError, TransactionNotFound, Web3RPCError
from web3.types import TxReceipt

from scripts._deploy.build import Build, build, commit, declared, source
from scripts._deploy.bytecode import code_at, is_made_of
from scripts._deploy.create2 import PROXY, call, require_proxy
from scripts._deploy.record import Deployed, Pending, Record
from scripts._deploy.sender import NOBODY, Sender

PATIENCE = 10 * 60  # seconds to wait for a transaction
PAUSE = 0.02  # seconds between looks, at first; they become rarer
LONGEST_PAUSE = 4
NOTED = ("deploy ", "create ")  # what makes a contract, by the start of its name
MARGIN = 12  # tenths of the estimated gas that are allowed
FEE_GAS = 60_000  # and on top what a fee takes that accrues between the estimate and the block


@dataclass(frozen=True)
class Sent:
    """A transaction that was mined."""

    name: str
    to: str
    hash: str
    block: int
    gas: int
    created: str = ""  # address


def _silent(sent: Sent) -> None: ...


@dataclass
class Run:
    """A chain, an account that pays, and the record."""

    web3: Web3
    sender: Sender
    record: Record
    confirmations: int = 0
    told: Callable[[Sent], None] = _silent
    sent: list[Sent] = field(default_factory=list)
    stood: dict[str, str] = field(default_factory=dict)  # addresses, by name, of what was there
    terms: list[str] = field(default_factory=list)  # what it takes and gives, for before the yes

    def begin(self) -> None:
        """See that the record is of this chain, and wait for what an earlier run has sent.

        Raises click.ClickException.
        """
        require_proxy(self.web3)
        self._identify()
        self._settle()

    # Contracts

    def deploy(self, name: str, what: str, *arguments: Any) -> str:
        """Have the contract `what` under a name; its address."""
        return self._stand(name, build(what, *arguments))

    def declare(self, name: str) -> str:
        """Have the blueprint of a contract; its address."""
        return self._stand(f"{name} blueprint", declared(name))

    def at(self, what: str, address: str) -> Contract:
        """The contract `what` at an address, to read from."""
        return self.web3.eth.contract(to_checksum_address(address), abi=source(what).abi)

    def call(self, name: str, contract: Contract, function: str, *arguments: Any) -> Sent:
        """Send a call. Whether it is needed is for who asks to know."""
        data = contract.encode_abi(function, args=list(arguments))
        sent = self.send(name, contract.address, HexBytes(data))
        self.record.pending = None
        self.record.save()
        return sent

    # Transactions

    def send(self, name: str, to: str, data: bytes, created: str = "") -> Sent:
        """Send, and wait for the network's confirmations. Raises click.ClickException.

        The record keeps it as pending until its outcome is noted.
        """
        transaction = self._prepare(name, to, data)

        def note(known: str) -> None:
            self.record.pending = Pending(name, known)
            self.record.save()

        try:
            identity = self.sender.send(self.web3, transaction, note)
        except Web3RPCError as error:
            raise click.ClickException(f"{name} was refused by the node: {error}") from None
        receipt = self._wait(name, identity)
        mined = Sent(
            name,
            to,
            identity.to_0x_hex(),
            receipt["blockNumber"],
            receipt["gasUsed"],
            created,
        )
        self.sent.append(mined)
        self.told(mined)
        return mined

    def _stand(self, name: str, wanted: Build) -> str:
        address = wanted.address
        mined = None
        if self.code_at(address):
            self.stands(name, address)
        else:
            mined = self.send(f"deploy {name}", PROXY, call(wanted.creation), created=address)
        if not is_made_of(self.web3, address, wanted, PROXY):
            raise click.ClickException(f"{name} at {address} has another code than it should")

        self.note(name, address, wanted, mined or self.settled(f"deploy {name}"))
        return address

    def stands(self, name: str, address: str) -> None:
        """It was there before this run."""
        if address not in (sent.created for sent in self.sent):
            self.stood[name] = address

    def note(self, name: str, address: str, wanted: Build, sent: Sent | None) -> None:
        """What stands now, in the record; what is known of it already is kept."""
        known = self.record.contracts.get(name)
        if sent or known is None or known.address != address:
            self.record.contracts[name] = Deployed(
                address=address,
                source=wanted.source.name,
                arguments=wanted.arguments,
                encoded="0x" + wanted.encoded.hex(),
                commit=commit(),
                compiler=wanted.source.compiler,
                transaction=sent.hash if sent else None,
                block=sent.block if sent else None,
            )
        pending = self.record.pending
        if sent and pending and pending.hash == sent.hash:
            self.record.pending = None
        self.record.save()

    def code_at(self, address: str) -> bytes:
        """What stands at an address."""
        return code_at(self.web3, address)

    def _prepare(self, name: str, to: str, data: bytes) -> dict[str, Any]:
        eth = self.web3.eth
        sender = to_checksum_address(self.sender.address)
        nonce = eth.get_transaction_count(sender, "latest")
        waiting = eth.get_transaction_count(sender, "pending") - nonce
        if waiting > 0:
            raise click.ClickException(
                f"{sender} has {waiting} transactions on their way: wait for them, or replace them"
            )
        receiver = to_checksum_address(to)
        try:
            gas = eth.estimate_gas({"from": sender, "to": receiver, "data": HexBytes(data)})
        except (ContractLogicError, Web3RPCError) as error:
            raise click.ClickException(f"{name} would fail: {reason(error)}") from None
        tip = eth.max_priority_fee
        base = eth.get_block("latest").get("baseFeePerGas", 0)
        return {
            "type": 2,
            "chainId": eth.chain_id,
            "nonce": nonce,
            "to": receiver,
            "data": HexBytes(data),
            "value": 0,
            "gas": allowed(gas),
            "maxFeePerGas": 2 * base + tip,
            "maxPriorityFeePerGas": tip,
        }

    # What was sent

    def settled(self, name: str) -> Sent | None:
        """The transaction that an earlier run has sent as `name` and could not note down."""
        pending = self.record.pending
        if pending is None or pending.name != name:
            return None
        receipt = self.web3.eth.get_transaction_receipt(HexBytes(pending.hash))
        to, block = str(receipt["to"]), receipt["blockNumber"]
        return Sent(name, to, pending.hash, block, receipt["gasUsed"])

    def _wait(self, name: str, identity: HexBytes) -> TxReceipt:
        """The receipt of a transaction once it is as deep as it must be."""
        end, pause = time.monotonic() + PATIENCE, PAUSE
        while time.monotonic() < end:
            try:
                receipt = self.web3.eth.get_transaction_receipt(identity)
            except TransactionNotFound:
                receipt = None
            if receipt:
                if receipt["status"] == 0:
                    self.record.pending = None
                    self.record.save()
                    raise click.ClickException(f"{name} failed in {identity.to_0x_hex()}")
                depth = self.web3.eth.block_number - receipt["blockNumber"] + 1
                if depth >= self.confirmations:
                    return receipt
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        raise click.ClickException(
            f"{name} is not mined after {PATIENCE // 60} minutes, in {identity.to_0x_hex()}: it is "
            "noted, so run the same again"
        )

    def _settle(self) -> None:
        """Wait for what an earlier run has sent. What never left is forgotten.

        What makes a contract stays pending until it is noted.
        """
        pending = self.record.pending
        if pending is None:
            return
        identity = HexBytes(pending.hash)
        try:
            self.web3.eth.get_transaction(identity)
        except TransactionNotFound:
            self.record.pending = None
        else:
            self._wait(pending.name, identity)
            if not pending.name.startswith(NOTED):
                self.record.pending = None

    def _identify(self) -> None:
        """The record is of this chain, or of none. A local chain that is gone is forgotten."""
        record = self.record
        genesis = HexBytes(self.web3.eth.get_block(0)["hash"]).to_0x_hex()
        chain_id = self.web3.eth.chain_id
        if record.genesis not in ("", genesis) or record.chain_id not in (0, chain_id):
            if record.network != "local":
                raise click.ClickException(
                    f"the record of {record.network} is of another chain, with genesis "
                    f"{record.genesis}: move it away, or let BALLAST_DEPLOYMENTS name a folder"
                )
            fresh = Record(record.network, record.path)
            record.contracts, record.tokens = fresh.contracts, fresh.tokens
            record.sandbox, record.pending, record.deployer = {}, None, ""
        record.chain_id, record.genesis = chain_id, genesis
        if self.sender.address != NOBODY:
            record.deployer = record.deployer or self.sender.address


def allowed(estimate: int) -> int:
    """Gas for a transaction that was estimated at so much."""
    return estimate * MARGIN // 10 + FEE_GAS


def reason(error: Exception) -> str:
    """What the chain says, without web3's words around it."""
    text = str(getattr(error, "message", None) or error)
    return text.removeprefix("execution reverted: ")
