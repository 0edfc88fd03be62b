"""From a decision to a transaction that is mined, or to nothing.

Nonces are the chain's: the next one is always the account's count in the newest block, so that a
gap closes by itself. A transaction that is not mined is replaced after some blocks by whatever is
right then, at the same nonce, for at least an eighth more. What is remembered of what was sent only
tells when to replace it and by how much more: without it, after a restart, the wait begins anew and
a node that says "underpriced" is offered more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eth_abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils import function_signature_to_4byte_selector

from scripts._keeper.chain import Call, Chain, Refusal
from scripts._keeper.decide import Ask, Fill, Quote
from scripts._keeper.look import View

SELECTOR = function_signature_to_4byte_selector("fill(address,uint24,uint256,uint256,address)")
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
NOBODY = "0x000000000000000000000000000000000000dEaD"  # fills in a dry run without an account

TRIES = 12  # times that more is offered for one replacement


def bumped(fee: int) -> int:
    """The least that replaces `fee`: an eighth more. Nodes want a tenth."""
    return fee + fee // 8 + 1


@dataclass
class Sent:
    """A transaction under way: of `fill`, at `nonce`, since block `number`. For logs and fees."""

    hash: str
    nonce: int
    fill: Fill | None  # None: not one that this process has sent
    number: int
    max_fee: int = 0
    tip: int = 0


@dataclass(frozen=True)
class Unsent:
    """Why a fill was not sent."""

    fill: Fill
    reason: str
    unfunded: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a transaction. `profit` is in raw units of the fill's coin, `cost` wei."""

    sent: Sent
    status: str  # confirmed, reverted, replaced
    profit: int = 0
    cost: int = 0


def calldata(ask: Ask, min_profit: int, receiver: str) -> str:
    """Of `keeper.fill`."""
    kinds = ["address", "uint24", "uint256", "uint256", "address"]
    values = [ask.token, ask.tier, ask.max_in, min_profit, receiver]
    return "0x" + (SELECTOR + encode(kinds, values)).hex()


@dataclass
class Desk:
    """Quotes fills, and sends them if it has an `account`.

    `private` sends where only block builders listen; without it the nodes that are read from do.
    `patience` is how many blocks a transaction is waited for, `depth` how many make it final.
    """

    chain: Chain
    keeper: str
    account: LocalAccount | None = None
    private: Chain | None = None
    patience: int = 3
    depth: int = 2
    last: str = "pending"  # the block that is confirmed on
    sent: dict[int, Sent] = field(default_factory=dict)  # by nonce, the last one
    open: dict[str, Sent] = field(default_factory=dict)  # by hash, until it is final

    @property
    def address(self) -> str:
        return self.account.address if self.account else NOBODY

    # Quotes

    def quote(self, asks: Sequence[Ask], block: str = "latest", gas: bool = False) -> list[Quote]:
        """What each of `asks` would really earn in `block`, in one request; with its gas if told.

        Raises NoNode.
        """
        calls: list[Call] = []
        for ask in asks:
            data = calldata(ask, 0, self.address)
            call = {"from": self.address, "to": self.keeper, "data": data}
            calls.append(("eth_call", [call, block]))
            if gas:
                calls.append(("eth_estimateGas", [call, block]))
        answers = iter(self.chain.ask(calls)) if calls else iter(())
        quotes = []
        for ask in asks:
            quote = _quote(ask, next(answers))
            if gas:
                used = next(answers)
                if isinstance(used, Refusal):
                    quote = replace(quote, profit=None, fault=quote.fault or used.message)
                else:
                    quote = replace(quote, gas=int(used, 16))
            quotes.append(quote)
        return quotes

    def confirm(self, asks: Sequence[Ask]) -> list[Quote]:
        """Quote once more, on what is about to be mined; where nodes do not tell, on the newest.

        Raises NoNode.
        """
        quotes = self.quote(asks, self.last, gas=True)
        if self.last == "pending" and all(q.fault and "revert" not in q.fault for q in quotes):
            self.last = "latest"
            quotes = self.quote(asks, self.last, gas=True)
        return quotes

    # Sending

    def under_way(self, view: View) -> list[Sent]:
        """What may still be mined: sent less than `patience` blocks ago.

        Of one that another process has sent with this account, only the nonce is known.
        """
        wallet = view.wallet
        if wallet is None:
            return []
        for nonce in [n for n, sent in self.sent.items() if not sent.hash and n < wallet.nonce]:
            del self.sent[nonce]
        for nonce in range(wallet.nonce, wallet.pending):
            self.sent.setdefault(nonce, Sent("", nonce, None, view.number))
        for sent in self.sent.values():  # a reorganised chain may be shorter
            sent.number = min(sent.number, view.number)
        return [
            sent
            for nonce, sent in self.sent.items()
            if nonce >= wallet.nonce and view.number - sent.number < self.patience
        ]

    def send(self, fills: Sequence[Fill], view: View) -> tuple[list[Sent], list[Unsent]]:
        """Sign and send `fills`, each at the first nonce that is free or stuck. Raises NoNode."""
        assert self.account and view.wallet, "no account to send from"
        done: list[Sent] = []
        left: list[Unsent] = []
        funds = view.wallet.balance - view.costs.data
        taken = {sent.nonce for sent in self.under_way(view)}
        nonce = view.wallet.nonce
        for fill in fills:
            while nonce in taken:
                nonce += 1
            found = self._offer(fill, nonce, funds, view)
            if isinstance(found, Unsent):
                left.append(found)
                continue
            taken.add(nonce)
            self.sent[nonce] = self.open[found.hash] = found
            done.append(found)
            funds -= fill.gas_limit * found.max_fee
        return done, left

    def _offer(self, fill: Fill, nonce: int, funds: int, view: View) -> Sent | Unsent:
        """Send one fill, for as much more as it takes to replace what is at `nonce`."""
        assert self.account
        before = self.sent.get(nonce)
        fees = fill.max_fee, fill.tip
        if before:
            fees = max(fees[0], bumped(before.max_fee)), max(fees[1], bumped(before.tip))
        for _ in range(TRIES):
            priced = fill.at(*fees)
            if priced is None:
                return Unsent(fill, "what is under way cannot be outbid by what this earns")
            need = priced.gas_limit * priced.max_fee
            if need > funds:
                reason = f"{self.address} has {funds} wei and needs {need}: fund it"
                return Unsent(fill, reason, unfunded=True)
            signed = self.account.sign_transaction(self._transaction(priced, nonce))
            answer = (self.private or self.chain).send(signed.raw_transaction.to_0x_hex())
            if not isinstance(answer, Refusal) or _is_known(answer):
                return Sent(signed.hash.to_0x_hex(), nonce, priced, view.number, *fees)
            if "underpriced" not in answer.message.lower():
                unfunded = "insufficient funds" in answer.message.lower()
                return Unsent(fill, answer.message, unfunded)
            fees = bumped(fees[0]), bumped(fees[1])
        return Unsent(fill, f"still underpriced after {TRIES} tries")

    def _transaction(self, fill: Fill, nonce: int) -> dict[str, Any]:
        return {
            "chainId": self.chain.chain_id,
            "nonce": nonce,
            "to": self.keeper,
            "value": 0,
            "data": calldata(fill.ask, fill.min_profit, self.address),
            "gas": fill.gas_limit,
            "maxFeePerGas": fill.max_fee,
            "maxPriorityFeePerGas": fill.tip,
            "type": 2,
        }

    # What became of it

    def follow(self, view: View) -> list[Outcome]:
        """What is final of all that was sent: mined `depth` blocks deep, or replaced."""
        outcomes = []
        for sent in list(self.open.values()):
            receipt = view.receipts.get(sent.hash)
            if receipt is None:
                gone = view.wallet is not None and view.wallet.nonce > sent.nonce
                if gone and view.number - sent.number > self.depth:
                    outcomes.append(Outcome(self._close(sent), "replaced"))
                continue
            if view.number - int(receipt["blockNumber"], 16) < self.depth:
                continue
            outcomes.append(_outcome(self._close(sent), receipt, self.address))
        return outcomes

    def _close(self, sent: Sent) -> Sent:
        del self.open[sent.hash]
        if self.sent.get(sent.nonce) is sent:
            del self.sent[sent.nonce]
        return sent


def _is_known(answer: Refusal) -> bool:
    """Whether the node refuses a transaction because it has that very one."""
    said = answer.message.lower()
    return "already known" in said or "already imported" in said


def _quote(ask: Ask, answer: Any) -> Quote:
    if isinstance(answer, Refusal):
        return Quote(ask, None, fault=answer.message)
    if len(answer) != 66:  # not a word: there is no keeper at that address
        return Quote(ask, None, fault="what is at the keeper's address is not a keeper")
    return Quote(ask, int(answer, 16))


def _outcome(sent: Sent, receipt: dict[str, Any], receiver: str) -> Outcome:
    cost = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    cost += int(receipt.get("l1Fee") or "0x0", 16)
    if int(receipt["status"], 16) == 0:
        return Outcome(sent, "reverted", 0, cost)
    profit = sum(
        int(log["data"], 16)
        for log in receipt["logs"]
        if sent.fill
        and log["address"].lower() == sent.fill.coin.lower()
        and log["topics"][0] == TRANSFER
        and int(log["topics"][2], 16) == int(receiver, 16)
    )
    return Outcome(sent, "confirmed", profit, cost)
