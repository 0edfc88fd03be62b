"""An anvil with the chain id of another network, whose blocks come when they are told to."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import requests
from eth_abi import decode
from eth_utils import to_checksum_address, to_hex

from scripts._anvil import anvil
from scripts._calldata import calldata

BLOCK = 12  # seconds
GAS = 3_000_000
GWEI = 10**9
DEAR = hex(10_000 * GWEI)
TIP = hex(3 * GWEI)
BASE_FEE = 2 * GWEI  # of every block, unless told


class Node:
    """JSON-RPC, with contracts as addresses and functions by their signatures."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def ask(self, method: str, *params: Any) -> Any:
        """The result of a request. Raises RuntimeError with the node's message."""
        return self.batch([(method, list(params))])[0]

    def batch(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """The results of several. Raises RuntimeError with the first message."""
        body = [
            {"jsonrpc": "2.0", "id": i, "method": method, "params": params}
            for i, (method, params) in enumerate(calls)
        ]
        answers = self.session.post(self.url, json=body, timeout=60).json()
        for answer in answers:
            if "error" in answer:
                raise RuntimeError(answer["error"].get("message", "?"))
        return [answer["result"] for answer in sorted(answers, key=lambda each: each["id"])]

    def call(self, order: dict[str, str]) -> bytes:
        """What a call returns that is not sent. Raises RuntimeError if it reverts."""
        return bytes.fromhex(self.ask("eth_call", order, "latest")[2:])

    def read(self, to: str, signature: str, returns: Sequence[str], *args: Any) -> Any:
        """What a view returns: one value, or a tuple. Raises RuntimeError if it reverts."""
        found = decode(returns, self.call({"to": to, "data": to_hex(calldata(signature, *args))}))
        return found[0] if len(found) == 1 else found

    def send(
        self, sender: str, to: str, signature: str, *args: Any, value: int = 0, gas: int = GAS
    ) -> str:
        """The hash of a transaction that waits for the next block."""
        order = transaction(sender, to, signature, *args, value=value)
        return self.ask("eth_sendTransaction", order | {"gas": hex(gas)})

    def do(self, order: dict[str, str]) -> dict[str, Any]:
        """The receipt of a transaction that is mined at once. Raises RuntimeError if it failed."""
        found = self.ask("eth_sendTransactionSync", order)
        if found["status"] != "0x1":
            raise RuntimeError(f"{found['transactionHash']} failed")
        return found

    @property
    def time(self) -> int:
        """Of the newest block."""
        return int(self.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    @property
    def height(self) -> int:
        return int(self.ask("eth_blockNumber"), 16)

    def ether(self, holder: str) -> int:
        """Wei of an address."""
        return int(self.ask("eth_getBalance", holder, "latest"), 16)

    def waiting(self) -> int:
        """Transactions that the next block would take."""
        return int(self.ask("txpool_status")["pending"], 16)

    def mine(self, at: int, fee: int = BASE_FEE) -> None:
        """A block at `at`, seconds since 1970, with all that waits and pays `fee` wei per gas."""
        self.batch(
            [
                ("evm_setNextBlockTimestamp", [at]),
                ("anvil_setNextBlockBaseFeePerGas", [hex(fee)]),
                ("evm_mine", []),
            ]
        )

    def by_hand(self) -> None:
        """From now on blocks come only from `mine`."""
        self.ask("evm_setAutomine", False)


def transaction(sender: str, to: str, signature: str, *args: Any, value: int = 0) -> dict[str, str]:
    """A call by `sender` that pays any fee, as JSON-RPC wants it."""
    return {
        "from": sender,
        "to": to,
        "data": to_hex(calldata(signature, *args)),
        "value": hex(value),
        "gas": hex(GAS),
        "maxFeePerGas": DEAR,
        "maxPriorityFeePerGas": TIP,
    }


@contextmanager
def fresh(chain_id: int, start: int) -> Iterator[Node]:
    """A new chain, in which it is `start`. Raises click.ClickException if it does not come."""
    with anvil("--chain-id", str(chain_id), "--timestamp", str(start)) as url:
        yield Node(url)


def address(word: str) -> str:
    """The address in a topic."""
    return to_checksum_address("0x" + word[-40:])
