"""Reading a chain over several nodes, of which some may be dead, slow, behind or elsewhere.

Each request is one JSON-RPC batch to one node. It also asks for the chain id and the newest block:
a node on another chain is refused for good, one that is behind the others is passed over, and one
that fails or hangs rests for a while. Nothing is remembered that the chain does not have.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from requests.exceptions import RequestException
from web3 import HTTPProvider
from web3.types import RPCEndpoint

Call = tuple[str, list[Any]]

REST = 30.0  # seconds that a node is left alone after a failure
COMPARE = 5  # blocks after which the other nodes are asked again how far they are


class NoNode(Exception):
    """No node has answered as it should."""


class WrongChain(NoNode):
    """All nodes are on another chain: no use in trying again."""


@dataclass(frozen=True)
class Refusal:
    """A call that the node understood and refused: a revert, mostly."""

    message: str
    data: str = ""


@dataclass
class Node:
    """One RPC endpoint, and what is known of it."""

    url: str
    provider: HTTPProvider
    refused: str = ""  # for good, and why
    rests_until: float = 0.0  # monotonic seconds
    head: int = -1  # the newest block it told of

    @property
    def name(self) -> str:
        """Its host: paths of RPC URLs are secrets, mostly."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


@dataclass
class Chain:
    """Nodes of the chain `chain_id`, in order of preference.

    `timeout` is in seconds, `max_lag` in blocks, `most` in calls a request. `on_fault` is told the
    node's name and what is wrong with it.
    """

    urls: Sequence[str]
    chain_id: int
    timeout: float = 4.0
    max_lag: int = 3
    most: int = 200
    on_fault: Callable[[str, str], None] = lambda node, fault: None
    requests: int = 0
    nodes: list[Node] = field(init=False)

    def __post_init__(self) -> None:
        kwargs = {"timeout": self.timeout}
        self.nodes = [
            Node(url, HTTPProvider(url, request_kwargs=kwargs, exception_retry_configuration=None))
            for url in self.urls
        ]

    @property
    def lag(self) -> int:
        """Blocks that the node in use is behind the best of the others; 0 when none is ahead."""
        heads = [node.head for node in self._usable()]
        return max(heads) - heads[0] if heads else 0

    def ask(self, calls: Sequence[Call]) -> list[Any]:
        """The answers to `calls`, all of one node: results, or a Refusal in their place.

        Raises WrongChain when every node is on another chain, NoNode when none is of use now.
        """
        behind: list[tuple[Node, list[Any]]] = []
        for node in self._usable():
            answers = self._try(node, calls)
            if answers is None:
                continue
            best = max(other.head for other in self._usable())
            if node.head + self.max_lag >= best:
                return answers
            self._rest(node, f"is {best - node.head} blocks behind")
            behind.append((node, answers))
        if behind:  # whoever was ahead is gone: the best of the rest is the chain now
            node, answers = max(behind, key=lambda found: found[0].head)
            for other in self.nodes:
                other.head = min(other.head, node.head)
            node.rests_until = 0.0
            return answers
        if all(node.refused for node in self.nodes):
            raise WrongChain("; ".join(f"{node.name} {node.refused}" for node in self.nodes))
        raise NoNode("no answer from " + ", ".join(node.name for node in self._usable()))

    def compare(self) -> None:
        """Ask every node that is not in use how far it is, so that lagging is seen."""
        for node in self._usable()[1:]:
            if node.rests_until <= time.monotonic():
                self._try(node, [])

    def send(self, raw: str) -> str | Refusal:
        """Give a signed transaction to the first node that takes it: its hash, or the refusal."""
        return self.ask([("eth_sendRawTransaction", [raw])])[0]

    # Nodes

    def _usable(self) -> list[Node]:
        """Those that are not refused for good; who rests comes last, who rests longest last."""
        now = time.monotonic()
        return sorted(
            (node for node in self.nodes if not node.refused),
            key=lambda node: max(0.0, node.rests_until - now),
        )

    def _rest(self, node: Node, fault: str) -> None:
        node.rests_until = time.monotonic() + REST
        self.on_fault(node.name, fault)

    def _try(self, node: Node, calls: Sequence[Call]) -> list[Any] | None:
        """The answers of `node`, or None if it is of no use now."""
        try:
            answers = self._request(node, [("eth_chainId", []), ("eth_blockNumber", []), *calls])
            chain_id, head = int(answers[0], 16), int(answers[1], 16)
        except (RequestException, ValueError, TypeError, KeyError) as error:
            node.head = -1
            self._rest(node, f"failed: {type(error).__name__}")
            return None
        if chain_id != self.chain_id:
            node.refused = f"is on chain {chain_id}, not on {self.chain_id}"
            self.on_fault(node.name, node.refused)
            return None
        node.head = head
        return answers[2:]

    def _request(self, node: Node, calls: Sequence[Call]) -> list[Any]:
        answers: list[Any] = []
        for start in range(0, len(calls), self.most):
            self.requests += 1
            some = [(RPCEndpoint(method), params) for method, params in calls[start:][: self.most]]
            found = node.provider.make_batch_request(some)
            if not isinstance(found, list) or len(found) != len(some):
                raise ValueError("not an answer to a batch")
            answers += [_answer(response) for response in found]
        return answers


def _answer(response: Any) -> Any:
    error = response.get("error")
    if error is None:
        return response["result"]
    if isinstance(error, str):
        return Refusal(error)
    data = error.get("data")
    return Refusal(str(error.get("message", "")), data if isinstance(data, str) else "")
