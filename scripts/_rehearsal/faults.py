"""What goes wrong around a keeper, one function each, to be injected anywhere.

`Rpc` is whatever makes a JSON-RPC request to anvil: method and parameters to result. `Proxy` stands
between a keeper and a node, and is the node's bad days.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from eth_account import Account
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes

Rpc = Callable[[str, list[Any]], Any]
Hook = Callable[[list[str]], None]

TAGS = ("latest", "pending")


def caller(url: str) -> Rpc:
    """An Rpc by HTTP. It raises RuntimeError with the node's message."""
    session = requests.Session()

    def call(method: str, params: list[Any]) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        found = session.post(url, json=body, timeout=30).json()
        if "error" in found:
            raise RuntimeError(found["error"].get("message", "?"))
        return found["result"]

    return call


class Proxy:
    """A node in front of a node, well until told otherwise; use it as a context.

    dies, hangs, lies, lags     what it does from now on
    recovers                    all is well again
    before, after               hooks, told the methods of a request that arrives or was answered;
                                where one raises ConnectionError, the connection is cut
    on_raw                      hook, told each signed transaction before the node has it
    requests                    how many came
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.requests = 0
        self.before: Hook = lambda methods: None
        self.after: Hook = lambda methods: None
        self.on_raw: Callable[[str], None] = lambda raw: None
        self._dead = False
        self._released = threading.Event()
        self._released.set()
        self._chain_id: int | None = None
        self._behind = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.recovers()
        self._server.shutdown()
        self._server.server_close()

    def dies(self) -> None:
        """Every connection is cut."""
        self._dead = True

    def hangs(self) -> None:
        """Nothing is answered until it recovers."""
        self._released.clear()

    def lies(self, chain_id: int) -> None:
        """It says that it is on another chain."""
        self._chain_id = chain_id

    def lags(self, blocks: int) -> None:
        """It knows nothing of the newest `blocks` blocks."""
        self._behind = blocks

    def recovers(self) -> None:
        """All is well."""
        self._dead, self._chain_id, self._behind = False, None, 0
        self._released.set()

    # What it does with a request

    def _answer(self, body: bytes) -> bytes:
        asked = json.loads(body)
        calls = asked if isinstance(asked, list) else [asked]
        methods = [call["method"] for call in calls]
        self.before(methods)
        for call in calls:
            if call["method"] == "eth_sendRawTransaction":
                self.on_raw(call["params"][0])
        head = None
        if self._behind:
            head = hex(max(0, int(caller(self.target)("eth_blockNumber", []), 16) - self._behind))
            for call in calls:
                call["params"] = [head if each in TAGS else each for each in call["params"]]
        found = requests.post(self.target, json=asked, timeout=30).json()
        answers = found if isinstance(found, list) else [found]
        method = {call["id"]: call["method"] for call in calls}
        for answer in answers:
            if method.get(answer["id"]) == "eth_chainId" and self._chain_id is not None:
                answer["result"] = hex(self._chain_id)
            if method.get(answer["id"]) == "eth_blockNumber" and head is not None:
                answer["result"] = head
        self.after(methods)
        return json.dumps(found).encode()

    def _handler(proxy) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                proxy.requests += 1
                proxy._released.wait(60)
                if proxy._dead:
                    self.close_connection = True
                    return
                try:
                    answer = proxy._answer(body)
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except ConnectionError:
                    self.close_connection = True

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


# The chain


def reorg(rpc: Rpc, depth: int) -> None:
    """The newest `depth` blocks are replaced by as many empty ones."""
    rpc("anvil_reorg", [depth, []])


def gas_spike(rpc: Rpc, factor: int) -> int:
    """The next block's base fee is `factor` times what it would be. Returns it, in wei."""
    fee = factor * int(rpc("eth_feeHistory", ["0x1", "latest", []])["baseFeePerGas"][-1], 16)
    rpc("anvil_setNextBlockBaseFeePerGas", [hex(fee)])
    return fee


def calm_gas(rpc: Rpc, fee: int) -> None:
    """The next block's base fee is `fee` wei."""
    rpc("anvil_setNextBlockBaseFeePerGas", [hex(fee)])


@contextmanager
def never_mined(rpc: Rpc) -> Iterator[None]:
    """No transaction is mined unless a block is asked for; afterwards all that wait are."""
    rpc("evm_setAutomine", [False])
    try:
        yield
    finally:
        rpc("evm_setAutomine", [True])
        rpc("evm_mine", [])


# The account


def nonce_gap(rpc: Rpc, key: str, chain_id: int, ahead: int = 1) -> str:
    """A transaction of the account waits `ahead` nonces past the next one. Returns its hash."""
    account = Account.from_key(key)
    nonce = int(rpc("eth_getTransactionCount", [account.address, "latest"]), 16) + ahead
    signed = account.sign_transaction(
        {
            "chainId": chain_id,
            "nonce": nonce,
            "to": account.address,
            "value": 0,
            "gas": 21_000,
            "maxFeePerGas": 100 * 10**9,
            "maxPriorityFeePerGas": 10**9,
            "type": 2,
        }
    )
    return rpc("eth_sendRawTransaction", [signed.raw_transaction.to_0x_hex()])


@contextmanager
def empty_wallet(rpc: Rpc, address: str) -> Iterator[None]:
    """The account has not one wei; afterwards it has what it had."""
    balance = rpc("eth_getBalance", [address, "latest"])
    rpc("anvil_setBalance", [address, "0x0"])
    try:
        yield
    finally:
        rpc("anvil_setBalance", [address, balance])


# The market. Contracts are Ape's, senders its accounts.


@contextmanager
def stale_feed(feed: Any, sender: Any, seconds: int) -> Iterator[None]:
    """The feed's answer is `seconds` old; afterwards it is fresh."""
    feed.set_updated_at(feed.latestRoundData()[3] - seconds, sender=sender)
    try:
        yield
    finally:
        feed.refresh(sender=sender)


@contextmanager
def drained_pool(manager: Any, identity: int, owner: Any, part: int = 10**6) -> Iterator[None]:
    """All but a `part`th of a liquidity position is taken out; afterwards it is put back."""
    limit = {"sender": owner, "gas_limit": 5_000_000}
    liquidity = manager.positions(identity)[7]
    taken = liquidity - liquidity // part
    receipt = manager.decreaseLiquidity((identity, taken, 0, 0, 2**255), **limit)
    amounts = receipt.return_value
    manager.collect((identity, owner.address, 2**128 - 1, 2**128 - 1), **limit)
    try:
        yield
    finally:
        manager.increaseLiquidity(
            (identity, *(each + 1 for each in amounts), 0, 0, 2**255), **limit
        )


# Others


def rival(rpc: Rpc, proxy: Proxy, sender: str, keeper: str) -> Callable[[], int]:
    """Whenever a transaction is sent through `proxy`, `sender` makes the same fill just before.

    `sender` is one of anvil's own accounts. Returns what counts the races that it has won.
    """
    won = 0

    def front_run(raw: str) -> None:
        nonlocal won
        sent = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
        data = bytes(sent["data"])
        data = data[:100] + (0).to_bytes(32, "big") + bytes(12) + bytes.fromhex(sender[2:])
        call = {"from": sender, "to": keeper, "data": "0x" + data.hex(), "gas": hex(2_000_000)}
        found = rpc("eth_sendTransaction", [call])
        wait_for(lambda: rpc("eth_getTransactionReceipt", [found]) is not None)
        won += int(rpc("eth_getTransactionReceipt", [found])["status"], 16)

    proxy.on_raw = front_run
    return lambda: won


def killed(process: Any, proxy: Proxy, method: str, answered: bool) -> threading.Event:
    """The process is killed, with no warning, at its next request of `method`.

    Before the node gets it, or when it is `answered` but the process does not know. The event is
    set when it is done.
    """
    done = threading.Event()

    def kill(methods: list[str]) -> None:
        if method in methods and not done.is_set():
            process.kill()
            process.wait()
            done.set()
            if not answered:
                raise ConnectionAbortedError("killed")

    if answered:
        proxy.after = kill
    else:
        proxy.before = kill
    return done


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Until `condition` holds. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it never came to be")
        time.sleep(0.05)
