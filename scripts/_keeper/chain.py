"""Reading a chain over several nodes, of which some may be dead, slow, behind or elsewhere.

Each request is one JSON-RPC batch to one node. It also asks for the chain id and the newest block:
a node on another chain is refused for good, one that is behind the others is passed over, and one
that fails, hangs, talks nonsense or refuses what any node must answer rests for a while. Nothing is
remembered that the chain does not have.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from web3 import HTTPProvider
from web3.types import RPCEndpoint

Call = tuple[str, list[Any]]

REST = 30.0  # seconds that a node is left alone after a failure
BUSY = (429, -32005)  # codes of errors: too many requests, limit exceeded
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
    code: int = 0

    @property
    def is_busy(self) -> bool:
        """Whether it is no answer to the call: the node has had enough of us for now."""
        said = self.message.lower()
        return self.code in BUSY or "too many requests" in said or "rate limit" in said

    @property
    def is_too_much(self) -> bool:
        """Whether the call takes more gas or time than the node grants.

        Of a call that reverts for no other reason, as those of Lens.
        """
        said = self.message.lower()
        return any(word in said for word in ("gas", "revert", "timeout", "timed out"))


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
    used: Node | None = None  # that has answered last

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

    def ask(self, calls: Sequence[Call], whole: bool = False) -> list[Any]:
        """The answers to `calls`, all of one node: results, or a Refusal in their place.

        A node that is busy is passed over. If `whole`, so is one that refuses any of them: none may
        be refused but for taking too much gas.

        Raises WrongChain when every node is on another chain, NoNode when none is of use now.
        """
        behind: list[tuple[Node, list[Any]]] = []
        for node in self._usable():
            answers = self._try(node, calls)
            if answers is None:
                continue
            if refusal := _unfit(calls, answers, whole):
                self._rest(node, f"refused: {refusal.message}")
                continue
            best = max(other.head for other in self._usable())
            if node.head + self.max_lag >= best:
                self.used = node
                return answers
            self._rest(node, f"is {best - node.head} blocks behind")
            behind.append((node, answers))
        if behind:  # whoever was ahead is gone: the best of the rest is the chain now
            node, answers = max(behind, key=lambda found: found[0].head)
            for other in self.nodes:
                other.head = min(other.head, node.head)
            node.rests_until = 0.0
            self.used = node
            return answers
        raise self._none()

    def distrust(self, fault: str) -> None:
        """The node that was asked last has answered nonsense: it rests."""
        if self.used:
            self._rest(self.used, fault)

    def compare(self) -> None:
        """Ask every node that is not in use how far it is, so that lagging is seen."""
        for node in self._usable()[1:]:
            if node.rests_until <= time.monotonic():
                self._try(node, [])

    def send(self, raw: str) -> str | Refusal:
        """Give a signed transaction to every node: its hash if one takes it, or a refusal.

        A node may take it and tell nobody. Who rests is given it only where nobody else answers.
        Raises NoNode, WrongChain.
        """
        answers: list[str | Refusal] = []
        for node in self._usable():
            if answers and node.rests_until > time.monotonic():
                break
            found = self._try(node, [("eth_sendRawTransaction", [raw])])
            if found is None:
                continue
            (answer,) = found
            if isinstance(answer, Refusal) and answer.is_busy:
                self._rest(node, f"refused: {answer.message}")
            else:
                answers.append(answer)
        if not answers:
            raise self._none()
        return next((each for each in answers if not isinstance(each, Refusal)), answers[0])

    # Nodes

    def _none(self) -> NoNode:
        if all(node.refused for node in self.nodes):
            return WrongChain("; ".join(f"{node.name} {node.refused}" for node in self.nodes))
        return NoNode("no answer from " + ", ".join(node.name for node in self._usable()))

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
        except (
            Exception
        ) as error:  # it may answer anything; URLs are secrets: only the kind is told
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
    """Raises whatever there is to raise where it is no answer of JSON-RPC."""
    error = response.get("error")
    if error is None:
        return response["result"]
    if isinstance(error, str):
        return Refusal(error)
    data, code = error.get("data"), error.get("code")
    return Refusal(
        str(error.get("message", "")),
        data if isinstance(data, str) else "",
        code if isinstance(code, int) else 0,
    )


def _unfit(calls: Sequence[Call], answers: Sequence[Any], whole: bool) -> Refusal | None:
    """Of answers that are not fit for use, the refusal that says so."""
    for (method, _), answer in zip(calls, answers, strict=True):
        if not isinstance(answer, Refusal):
            continue
        if answer.is_busy or whole and not (method == "eth_call" and answer.is_too_much):
            return answer
    return None
