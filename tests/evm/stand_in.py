"""The part of Ape's interface that scripts/_devnet.py and the tests use, over the engine.

`install` puts it where `from ape import networks` and its like find it. Names, arguments and what
comes back are Ape's; errors are Ape's own classes, so that `ape.reverts` works as always.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple

import ape
import ape.contracts as ape_contracts
from ape.exceptions import ContractLogicError, ProviderError
from eth_abi import decode, encode
from eth_account import Account as Keys
from eth_utils import keccak, to_checksum_address
from ethpm_types import ContractType
from ethpm_types.abi import MethodABI
from hexbytes import HexBytes
from web3.exceptions import ContractLogicError as Web3LogicError

from tests.evm import build
from tests.evm.engine import GAS, NOBODY, Chain, Done, Log, Reverted

PURSE = 10**6 * 10**18  # wei of each account
ACCOUNTS = 10
REVERTED = 3  # JSON-RPC's code for it

engine: Chain  # the one chain there is


# Addresses


class Address:
    """Whatever has an address: compares and prints as that."""

    address: str

    def __str__(self) -> str:
        return self.address

    def __eq__(self, other: object) -> bool:
        return str(other).lower() == self.address.lower()

    def __hash__(self) -> int:
        return hash(self.address.lower())

    @property
    def balance(self) -> int:
        return engine.balance(self.address)


class Account(Address):
    """A test account."""

    def __init__(self, number: int) -> None:
        self.private_key = keccak(text=f"account {number}").hex()
        self.address = Keys.from_key(self.private_key).address
        self.nonce = 0  # transactions sent

    def deploy(self, container: "Container", *args: Any, **options: Any) -> "Contract":
        return container.deploy(*args, sender=self, **options)

    def transfer(self, receiver: Any, value: int = 0, **options: Any) -> "Receipt":
        return _send(self, str(receiver), b"", value)


# What a call takes and gives


@cache
def _named(names: tuple[str, ...]) -> Any:
    return namedtuple("Answer", names, rename=True)


def _type(part: dict[str, Any]) -> str:
    kind = part["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(_type, part['components']))}){kind.removeprefix('tuple')}"


def _given(part: dict[str, Any], value: Any) -> Any:
    """An argument as the codec wants it."""
    kind = part["type"]
    if kind.endswith("]"):
        return [_given(part | {"type": kind[: kind.rindex("[")]}, item) for item in value]
    if kind == "tuple":
        fields = part["components"]
        if isinstance(value, dict):
            value = [value[field["name"]] for field in fields]
        return tuple(_given(field, item) for field, item in zip(fields, value, strict=True))
    if kind == "address":
        return str(value)
    if kind.startswith("bytes"):
        return bytes(HexBytes(value))
    if kind != "string" and kind != "bool":
        return int(value)
    return value


def _taken(part: dict[str, Any], value: Any) -> Any:
    """An answer as Ape has it."""
    kind = part["type"]
    if kind.endswith("]"):
        return [_taken(part | {"type": kind[: kind.rindex("[")]}, item) for item in value]
    if kind == "tuple":
        fields = part["components"]
        values = [_taken(field, item) for field, item in zip(fields, value, strict=True)]
        return _named(tuple(field["name"] for field in fields))._make(values)
    if kind == "address":
        return to_checksum_address(value)
    if kind.startswith("bytes"):
        return HexBytes(value)
    return value


class Form:
    """One form of a function: with as many arguments as it has inputs."""

    def __init__(self, abi: dict[str, Any]) -> None:
        self.abi = abi
        self.inputs, self.outputs = abi["inputs"], abi.get("outputs", [])
        self.types = [_type(part) for part in self.inputs]
        self.output_types = [_type(part) for part in self.outputs]
        self.selector = keccak(text=f"{abi['name']}({','.join(self.types)})")[:4]
        self.is_view = abi["stateMutability"] in ("view", "pure")

    def calldata(self, args: Sequence[Any]) -> bytes:
        given = [_given(part, arg) for part, arg in zip(self.inputs, args, strict=True)]
        return self.selector + encode(self.types, given)

    def answer(self, output: bytes) -> Any:
        if not self.outputs:
            return None
        values = decode(self.output_types, output)
        taken = [_taken(part, value) for part, value in zip(self.outputs, values, strict=True)]
        if len(taken) == 1:
            return taken[0]
        return _named(tuple(part["name"] for part in self.outputs))._make(taken)


class Event:
    """One event of a contract."""

    def __init__(self, abi: dict[str, Any]) -> None:
        self.name = abi["name"]
        self.inputs = abi["inputs"]
        self.topic = keccak(text=f"{self.name}({','.join(map(_type, self.inputs))})")

    def arguments(self, log: Log) -> dict[str, Any]:
        topics = iter(log.topics[1:])
        loose = [part for part in self.inputs if not part["indexed"]]
        data = iter(decode([_type(part) for part in loose], log.data))
        said = {}
        for part in self.inputs:
            value = decode([part["type"]], next(topics))[0] if part["indexed"] else next(data)
            said[part["name"]] = _taken(part, value)
        return said


class Happened:
    """An event that happened; its arguments are attributes too."""

    def __init__(self, contract: str, event: Event, log: Log) -> None:
        self.contract_address = contract
        self.event_name = event.name
        self.event_arguments = event.arguments(log)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["event_arguments"][name]
        except KeyError:
            raise AttributeError(name) from None


class Receipt:
    """What a transaction leaves."""

    total_fees_paid = 0  # gas costs nothing here

    def __init__(self, done: Done, value: Any = None, contract_address: str | None = None) -> None:
        self.return_value = value
        self.logs = done.logs
        self.gas_used = done.gas_used
        self.timestamp = engine.timestamp
        self.block_number = engine.number
        self.contract_address = contract_address

    @property
    def events(self) -> list[Happened]:
        """Of all contracts that are known."""
        found = []
        for log in self.logs:
            kind = known.get(to_checksum_address(log.address))
            event = kind.events.get(log.topics[0]) if kind else None
            if event:
                found.append(Happened(to_checksum_address(log.address), event, log))
        return found

    def decode_logs(self, *events: "Source") -> list[Happened]:
        return [log for event in events for log in event.from_receipt(self)]


# Contracts


class Container:
    """A kind of contract: what Ape's `project.Name` is."""

    def __init__(self, name: str, abi: list[dict[str, Any]], code: str, runtime: str) -> None:
        self.name, self.abi = name, abi
        self.code, self.runtime = bytes.fromhex(code[2:]), runtime
        self.forms: dict[str, list[Form]] = {}
        self.events: dict[bytes, Event] = {}
        self.inputs: list[dict[str, Any]] = []
        for entry in abi:
            if entry["type"] == "function":
                self.forms.setdefault(entry["name"], []).append(Form(entry))
            elif entry["type"] == "event":
                event = Event(entry)
                self.events[event.topic] = event
            elif entry["type"] == "constructor":
                self.inputs = entry["inputs"]

    @cached_property
    def contract_type(self) -> ContractType:
        return ContractType.model_validate(
            {
                "contractName": self.name,
                "abi": self.abi,
                "deploymentBytecode": {"bytecode": "0x" + self.code.hex()},
                "runtimeBytecode": {"bytecode": self.runtime},
            }
        )

    def creation(self, *args: Any) -> bytes:
        given = [_given(part, arg) for part, arg in zip(self.inputs, args, strict=True)]
        return self.code + encode([_type(part) for part in self.inputs], given)

    def deploy(self, *args: Any, sender: Account, value: int = 0, **options: Any) -> "Contract":
        with _translated():
            address, done = engine.create(sender.address, self.creation(*args), value)
        sender.nonce += 1
        made = self.at(address)
        made.creation_metadata = Creation(Receipt(done))
        return made

    def declare(self, sender: Account, **options: Any) -> Receipt:
        """As a blueprint (ERC-5202)."""
        body = b"\xfe\x71\x00" + self.code
        #   PUSH2 size DUP1 PUSH1 10 RETURNDATASIZE CODECOPY RETURNDATASIZE RETURN
        prefix = b"\x61" + len(body).to_bytes(2, "big") + bytes.fromhex("3d81600a3d39f3")
        address, done = engine.create(sender.address, prefix + body)
        sender.nonce += 1
        return Receipt(done, contract_address=address)

    def at(self, address: Any) -> "Contract":
        return Contract(to_checksum_address(str(address)), self)

    @property
    def constructor(self) -> "Constructor":
        return Constructor(self)


class Constructor:
    def __init__(self, container: Container) -> None:
        self.container = container

    def serialize_transaction(self, *args: Any) -> "Unsent":
        return Unsent(HexBytes(self.container.creation(*args)))


class Unsent:
    def __init__(self, data: HexBytes) -> None:
        self.data = data


class Creation(NamedTuple):
    receipt: Receipt


class Contract(Address):
    """A contract at an address: what Ape's ContractInstance is."""

    creation_metadata: Creation

    def __init__(self, address: str, kind: Container) -> None:
        self.address = address
        self.kind = kind
        known[address] = kind

    @property
    def contract_type(self) -> ContractType:
        return self.kind.contract_type

    def __getattr__(self, name: str) -> Any:
        kind = self.__dict__["kind"]
        if name in kind.forms:
            found: Any = Method(self, kind.forms[name])
        else:
            events = [event for event in kind.events.values() if event.name == name]
            if not events:
                raise AttributeError(f"{kind.name} has no {name}")
            found = Source(self, events[0])
        self.__dict__[name] = found
        return found


class Method:
    """A function of a contract, in all its forms."""

    def __init__(self, contract: Contract, forms: list[Form]) -> None:
        self.contract = contract
        self.forms = {len(form.inputs): form for form in forms}
        self.name = forms[0].abi["name"]
        self.is_view = forms[0].is_view

    @property
    def abis(self) -> list[MethodABI]:
        return [abi for abi in self.contract.contract_type.methods if abi.name == self.name]

    def __call__(self, *args: Any, sender: Any = None, value: int = 0, **options: Any) -> Any:
        if self.is_view:
            return self.call(*args, sender=sender)
        form = self._form(args)
        receipt = _send(sender, self.contract.address, form.calldata(args), value)
        receipt.return_value = form.answer(receipt.return_value)
        return receipt

    def call(self, *args: Any, sender: Any = None, value: int = 0, **options: Any) -> Any:
        form = self._form(args)
        who = str(sender) if sender is not None else NOBODY
        with _translated():
            output = engine.call(self.contract.address, form.calldata(args), who, value)
        return form.answer(output)

    def encode_input(self, *args: Any) -> HexBytes:
        return HexBytes(self._form(args).calldata(args))

    def _form(self, args: Sequence[Any]) -> Form:
        return self.forms[len(args)]


class Source:
    """An event of a contract, as something to ask."""

    def __init__(self, contract: Contract, event: Event) -> None:
        self.contract, self.event = contract, event

    def from_receipt(self, receipt: Receipt) -> list[Happened]:
        return [
            Happened(self.contract.address, self.event, log)
            for log in receipt.logs
            if log.topics[0] == self.event.topic and log.address == self.contract.address
        ]


containers: dict[str, Container] = {}  # by creation code
known: dict[str, Container] = {}  # kinds by address, for reading logs


def _send(sender: Any, to: str, data: bytes, value: int) -> Receipt:
    with _translated():
        done = engine.send(str(sender), to, data, value)
    if isinstance(sender, Account):
        sender.nonce += 1
    return Receipt(done, value=done.output)


@contextmanager
def _translated() -> Iterator[None]:
    """A revert as Ape's error."""
    try:
        yield
    except Reverted as fault:
        raise ContractLogicError(fault.reason or None) from None


# The managers


class Eth:
    """`web3.eth`, as far as it goes."""

    def call(self, transaction: dict[str, Any], block: str = "latest") -> HexBytes:
        try:
            return HexBytes(_call(transaction))
        except Reverted as fault:
            raise Web3LogicError(_said(fault)) from None


class Web3:
    eth = Eth()

    @property
    def provider(self) -> "Web3":
        return self

    def make_batch_request(self, requests: list[tuple[str, list]]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        for method, params in requests:
            assert method == "eth_call"
            try:
                answers.append({"result": "0x" + _call(*params).hex()})
            except Reverted as fault:
                error = {"code": REVERTED, "data": "0x" + fault.data.hex()}
                answers.append({"error": error})
        return answers


def _call(
    transaction: dict[str, Any],
    block: str = "latest",
    changes: dict[str, Any] | None = None,
    header: dict[str, Any] | None = None,
) -> bytes:
    """`eth_call`, with the code of accounts replaced by `changes`, at the time of `header`."""
    data = bytes(HexBytes(transaction.get("data", b"")))
    sender = str(transaction.get("from", NOBODY))
    with engine.isolate():
        if header:
            engine.at(int(header["time"], 16))
        for address, change in (changes or {}).items():
            assert change.keys() == {"code"}
            engine.set_code(address, bytes(HexBytes(change["code"])))
        if "to" not in transaction:
            return engine.try_create(data, sender)
        gas = int(transaction.get("gas", hex(GAS)), 16)
        return engine.call(str(transaction["to"]), data, sender, transaction.get("value", 0), gas)


def _said(fault: Reverted) -> str:
    return f"execution reverted: {fault.reason}" if fault.reason else "execution reverted"


class Provider:
    """`networks.provider`."""

    web3 = Web3()
    base_fee = 0
    network = SimpleNamespace()  # on which things are only remembered

    @property
    def chain_id(self) -> int:
        return engine.chain_id

    def node(self) -> Any:
        """For state machines."""
        from tests.evm.node import ProcessNode

        return ProcessNode(engine)

    def make_request(self, method: str, params: Sequence[Any] = ()) -> Any:
        return REQUESTS[method](*params)

    def set_balance(self, address: Any, amount: int) -> None:
        engine.set_balance(str(address), amount)

    def set_code(self, address: Any, code: Any) -> None:
        engine.set_code(str(address), bytes(HexBytes(code)))

    def get_code(self, address: Any) -> HexBytes:
        return HexBytes(engine.code(str(address)))

    def set_timestamp(self, timestamp: int) -> None:
        assert timestamp >= engine.timestamp, "time does not run backwards"
        engine.next_timestamp = timestamp

    def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            engine.mine()


def _request_call(*params: Any) -> str:
    try:
        return "0x" + _call(*params).hex()
    except Reverted as fault:
        raise ProviderError(_said(fault)) from None


def _set_interval(seconds: int) -> None:
    engine.interval = seconds


REQUESTS: dict[str, Callable[..., Any]] = {
    "anvil_setBlockTimestampInterval": _set_interval,
    "anvil_removeBlockTimestampInterval": lambda: _set_interval(0),
    "eth_call": _request_call,
}


class Networks:
    provider = Provider()


class Block:
    @property
    def timestamp(self) -> int:
        return engine.timestamp


class Blocks:
    head = Block()

    @property
    def height(self) -> int:
        return engine.number


class ChainManager:
    """`chain`."""

    provider = Networks.provider
    blocks = Blocks()

    @property
    def chain_id(self) -> int:
        return engine.chain_id

    def snapshot(self) -> tuple:
        return engine.snapshot()

    def restore(self, snapshot: tuple) -> None:
        engine.revert(snapshot)

    def mine(self, blocks: int = 1, timestamp: int | None = None) -> None:
        if timestamp is not None:
            engine.next_timestamp = timestamp
        self.provider.mine(blocks)


class Accounts:
    """`accounts`, and `accounts.test_accounts`."""

    def __init__(self) -> None:
        self.test_accounts = [Account(number) for number in range(ACCOUNTS)]
        for account in self.test_accounts:
            engine.set_balance(account.address, PURSE)

    def __getitem__(self, number: int) -> Account:
        return self.test_accounts[number]


class Project:
    """`project`: its attributes are kinds of contracts."""

    path = build.CACHE  # what is noted as compiled there is not compiled for Ape
    contracts_folder = build.CONTRACTS

    def __getattr__(self, name: str) -> Container:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            made = build.compiled(name)
        except KeyError as fault:
            raise AttributeError(*fault.args) from None
        return container(made)

    def load_contracts(self, **options: Any) -> None:
        """They are compiled when they are asked for."""


def container(made: build.Build) -> Container:
    if made.bytecode not in containers:
        containers[made.bytecode] = Container(made.name, made.abi, made.bytecode, made.runtime)
    return containers[made.bytecode]


class Compilers:
    def compile_source(self, compiler: str, source: str, contractName: str) -> Container:
        return container(build.compile_source(contractName, source))


def install() -> None:
    """Start a chain, and let `ape` mean this one."""
    global engine
    engine = Chain()
    ape.networks = Networks()
    ape.chain = ChainManager()
    ape.accounts = Accounts()
    ape.project = Project()
    ape.compilers = Compilers()
    ape_contracts.ContractContainer = from_ape
    ape_contracts.ContractInstance = Contract


def from_ape(kind: ContractType) -> Container:
    """For what others have compiled: `ContractContainer(contract_type)`."""
    return Container(
        kind.name or "",
        [entry.model_dump(mode="json", by_alias=True) for entry in kind.abi],
        HexBytes(kind.get_deployment_bytecode() or b"").to_0x_hex(),
        HexBytes(kind.get_runtime_bytecode() or b"").to_0x_hex(),
    )
