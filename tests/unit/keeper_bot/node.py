"""A node that knows nothing but a Lens, a keeper and an account, and counts what it is asked."""

import json
import threading
from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eth_abi import decode, encode
from eth_utils import keccak, to_checksum_address

from scripts._keeper.decide import Ask, Quote
from scripts._keeper.send import SELECTOR
from scripts._lens import FACTS, STATE, Facts, State, facts_call, page_call, states_call

LENS, KEEPER = (to_checksum_address(f"0x{digit * 40}") for digit in "34")
PAGE, STATES, SOME_FACTS = (call[:4] for call in (page_call(0, 1), states_call([]), facts_call([])))
CHAIN_ID = 31_337


@dataclass
class Node:
    """Use it as a context. `sent` are the raw transactions that it was given.

    `page` is how many tokens it can tell of in one call; more is more gas than it grants.
    """

    states: list[State]
    facts: list[Facts]
    quote: Callable[[Ask], Quote] = lambda ask: Quote(ask, None, fault="no pool")
    number: int = 100
    time: int = 0
    base_fee: int = 10**9
    hostile: frozenset[str] = frozenset()  # tokens whose facts take all the gas there is
    page: int = 256
    balance: int = 10**18
    nonce: int = 0
    requests: int = 0
    sent: list[str] = field(default_factory=list)
    reverts: bool = False  # whatever was sent, in the block in which it came
    mined: dict[str, str] = field(default_factory=dict)  # hash to block number
    says: Any = None  # instead of a hash, when sent to
    encoded: dict[bytes, str] = field(default_factory=dict)  # what Lens has told already

    def __enter__(self) -> "Node":
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                node.requests += 1
                calls = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                body = json.dumps([node.answer(call) for call in calls]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, call: dict[str, Any]) -> dict[str, Any]:
        """To one call of a batch."""
        found = getattr(self, call["method"])(*call["params"])
        key = "error" if isinstance(found, dict) and "message" in found else "result"
        return {"jsonrpc": "2.0", "id": call["id"], key: found}

    # Methods

    def eth_chainId(self) -> str:
        return hex(CHAIN_ID)

    def eth_blockNumber(self) -> str:
        return hex(self.number)

    def eth_getBlockByNumber(self, tag: str, whole: bool) -> dict[str, Any]:
        number = hex(self.number)
        return {"number": number, "hash": number, "timestamp": hex(self.time)}

    def eth_feeHistory(self, count: str, newest: str, percentiles: list[int]) -> dict[str, Any]:
        return {"baseFeePerGas": [hex(self.base_fee)] * 2}

    def eth_maxPriorityFeePerGas(self) -> str:
        return hex(10**8)

    def eth_getBalance(self, address: str, tag: str) -> str:
        return hex(self.balance)

    def eth_getTransactionCount(self, address: str, tag: str) -> str:
        return hex(self.nonce)

    def eth_getTransactionReceipt(self, hash_: str) -> dict[str, Any] | None:
        if hash_ not in self.mined:
            return None
        receipt = {"status": "0x0", "blockNumber": self.mined[hash_], "logs": []}
        return receipt | {"gasUsed": hex(150_000), "effectiveGasPrice": hex(self.base_fee)}

    def eth_estimateGas(self, call: dict[str, str], tag: str) -> Any:
        return hex(250_000)

    def eth_sendRawTransaction(self, raw: str) -> Any:
        self.sent.append(raw)
        if self.reverts:
            self.mined["0x" + keccak(hexstr=raw).hex()] = hex(self.number + 1)
            self.nonce += 1
        return self.says or "0x" + "0" * 64

    def eth_call(self, call: dict[str, str], tag: str) -> Any:
        data = bytes.fromhex(call["data"][2:])
        selector, arguments = data[:4], data[4:]
        if selector == SELECTOR:
            kinds = ["address", "uint24", "uint256", "uint256", "address"]
            token, tier, max_in, *_ = decode(kinds, arguments)
            quote = self.quote(Ask(to_checksum_address(token), tier, max_in))
            if quote.profit is None:
                return {"code": 3, "message": f"execution reverted: {quote.fault}"}
            return "0x" + quote.profit.to_bytes(32).hex()
        assert call["to"] == LENS
        if selector == PAGE:
            start, count = decode(["uint256", "uint256"], arguments)
            if min(count, len(self.states)) > self.page:
                return {"code": -32000, "message": "out of gas"}
            if data not in self.encoded:
                states = self.states[start:][:count]
                self.encoded[data] = _encoded(STATE, [astuple(each) for each in states])
            return self.encoded[data]
        (tokens,) = decode(["address[]"], arguments)
        if selector == SOME_FACTS and {each.lower() for each in self.hostile} & set(tokens):
            return {"code": -32000, "message": "out of gas"}
        kind, known = (STATE, self.states) if selector == STATES else (FACTS, self.facts)
        by_address = {each.token.lower(): each for each in known}
        return _encoded(kind, [astuple(by_address[token]) for token in tokens])


def _encoded(kind: str, rows: list[Any]) -> str:
    return "0x" + encode([f"{kind}[]"], [rows]).hex()
