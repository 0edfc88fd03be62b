"""All that a block says, in one request: tokens, fees, the wallet, what became of what was sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_abi.exceptions import DecodingError

from scripts import _lens
from scripts._calldata import calldata
from scripts._keeper.chain import Call, Chain, NoNode, Refusal, WrongChain
from scripts._keeper.decide import Costs
from scripts._lens import Facts, Fault, State

# Rollups of the OP stack charge for a transaction's bytes what this contract says. On other chains
# there is no such charge, or it is part of the estimated gas.
OP_STACK = frozenset({10, 130, 8453, 84532, 11155420})
OP_STACK_FEES = "0x420000000000000000000000000000000000000F"
FORGET = 100  # blocks after which facts are asked for again, whether they could be read or not
GROW = 100  # blocks after which a page that was halved is doubled again
# As many bytes as a signed fill has, and none of them compressible.
FILL_BYTES = bytes(n * 167 % 251 for n in range(300))


@dataclass(frozen=True)
class Wallet:
    """The account: wei, and its transaction count in the block and with those not yet mined."""

    balance: int
    nonce: int
    pending: int


@dataclass(frozen=True)
class View:
    """One block. `receipts` are those of the transactions asked for that are mined."""

    number: int
    hash: str
    time: int
    costs: Costs
    states: list[State]
    wallet: Wallet | None
    receipts: dict[str, dict[str, Any]]


@dataclass
class Lookout:
    """Sees blocks. `tokens` are the addresses to watch, None for all of the factory's.

    `account` is whose wallet is looked at, `most` the highest fee per gas to pay. `page` is how
    many tokens are asked for in one call: where a node does not grant so much gas, it halves, and
    doubles again after a while. Facts have a page of their own.
    """

    chain: Chain
    lens: str
    tokens: Sequence[str] | None
    account: str | None
    most: int
    page: int = 250
    facts: dict[str, Facts] = field(default_factory=dict)
    strange: set[str] = field(default_factory=set)  # whose facts could not be read
    old: set[str] = field(default_factory=set)  # whose facts may be others by now
    count: int = 0  # the most tokens seen: how many pages there are
    largest: int = field(init=False)  # page
    some: int = field(init=False)  # tokens whose facts are asked for in one call
    good: int = 0  # blocks since the page was halved

    def __post_init__(self) -> None:
        self.largest = self.some = self.page

    def look(self, hashes: Iterable[str] = ()) -> View:
        """The newest block. Raises NoNode; what a node cannot answer now is asked again later."""
        hashes = list(hashes)
        calls: list[Call] = [
            ("eth_getBlockByNumber", ["latest", False]),
            ("eth_feeHistory", ["0x1", "latest", []]),
            ("eth_maxPriorityFeePerGas", []),
        ]
        if self.account:
            calls += [
                ("eth_getBalance", [self.account, "latest"]),
                ("eth_getTransactionCount", [self.account, "latest"]),
                ("eth_getTransactionCount", [self.account, "pending"]),
            ]
        calls += [("eth_getTransactionReceipt", [each]) for each in hashes]
        if self.chain.chain_id in OP_STACK:
            calls.append(_call(OP_STACK_FEES, _l1_fee_call()))
        pages = self._pages()
        calls += [_call(self.lens, page) for page in pages]
        found = self.chain.ask(calls, whole=True)
        try:
            return self._view(found, hashes)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            self.chain.distrust(f"talks nonsense: {type(error).__name__}")
            raise NoNode(f"nonsense from the node: {type(error).__name__}") from error

    # Parts

    def _view(self, found: list[Any], hashes: list[str]) -> View:
        answers = iter(found)
        block, fees, tip = _kept(answers, 3)
        wallet = None
        if self.account:
            wallet = Wallet(*(int(each, 16) for each in _kept(answers, 3)))
        receipts = {each: receipt for each in hashes if (receipt := _kept(answers, 1)[0])}
        data = int(_kept(answers, 1)[0], 16) if self.chain.chain_id in OP_STACK else 0
        states = self._states(list(answers))
        while self.tokens is None and len(states) > self.count and not len(states) % self.page:
            self.count = len(states)  # more than ever, and full pages: there may be more
            more = _call(self.lens, _lens.page_call(self.count, self.page))
            states += self._states(self.chain.ask([more], whole=True))
        self.count = max(self.count, len(states))
        if int(block["number"], 16) % FORGET == 0:
            self.strange.clear()
            self.old.update(self.facts)
        self._grow()
        self._learn(states)
        base = int(fees["baseFeePerGas"][-1], 16)
        return View(
            number=int(block["number"], 16),
            hash=block["hash"],
            time=int(block["timestamp"], 16),
            costs=Costs(base, int(tip, 16), self.most, data),
            states=states,
            wallet=wallet,
            receipts=receipts,
        )

    def _pages(self) -> list[bytes]:
        if self.tokens is None:  # one token more than there are: a new one is seen
            starts = range(0, self.count + 1, self.page)
            return [_lens.page_call(start, self.page) for start in starts]
        starts = range(0, len(self.tokens), self.page)
        return [_lens.states_call(self.tokens[start:][: self.page]) for start in starts]

    def _states(self, pages: list[Any]) -> list[State]:
        if any(isinstance(page, Refusal) for page in pages) and self.page > 1:
            self.page, self.good = max(1, self.page // 2), 0
            raise NoNode(
                f"Lens {self.lens} was not answered; from now on {self.page} tokens a call"
            )
        try:
            found = [_lens.decode_states(bytes.fromhex(page[2:])) for page in _kept(iter(pages))]
        except DecodingError as error:
            self.chain.distrust("does not answer as Lens does")
            raise NoNode(f"what is at {self.lens} does not answer as Lens does") from error
        return [state for some in found for state in some]

    def _grow(self) -> None:
        self.good += 1
        if self.page < self.largest and self.good >= GROW:
            self.page, self.good = min(2 * self.page, self.largest), 0

    def _learn(self, states: list[State]) -> None:
        """Ask for the facts of tokens that were not seen before, and now and then of all.

        Of most tokens they never change, but Aave may come to liquidate sooner, or for more.

        Anyone may create a token whose coins burn all the gas that they are given. So no block is
        lost over facts: where a page takes too much they are asked for in halves in the next block,
        and a token that takes too much alone is left alone for a while.
        """
        known = self.facts.keys() - self.old | self.strange
        new = [state.token for state in states if state.token not in known]
        if not new:
            self.some = self.largest
            return
        groups = [new[start:][: self.some] for start in range(0, len(new), self.some)]
        try:
            answers = self.chain.ask(
                [_call(self.lens, _lens.facts_call(group)) for group in groups], whole=True
            )
        except WrongChain:
            raise
        except NoNode:
            return
        unread = False
        for group, answer in zip(groups, answers, strict=True):
            try:
                found = _lens.decode_facts(bytes.fromhex(answer[2:]))
            except (DecodingError, TypeError, ValueError):  # a refusal, or nonsense
                unread = True
                if len(group) == 1:
                    self.strange.update(group)
                continue
            self.old.difference_update(group)
            for facts in found:
                if facts.faults & ~Fault.COIN:
                    self.strange.add(facts.token)
                else:
                    self.facts[facts.token] = facts
        if unread:
            self.some = max(1, self.some // 2)


def _call(to: str, data: bytes) -> Call:
    return "eth_call", [{"to": to, "data": "0x" + data.hex()}, "latest"]


def _l1_fee_call() -> bytes:
    return calldata("getL1Fee(bytes)", FILL_BYTES)


def _kept(answers: Any, count: int | None = None) -> list[Any]:
    """The next `count` answers, or all; raises NoNode where one of them was refused."""
    found = list(answers) if count is None else [next(answers) for _ in range(count)]
    for answer in found:
        if isinstance(answer, Refusal):
            raise NoNode(f"the node refused: {answer.message}")
    return found
