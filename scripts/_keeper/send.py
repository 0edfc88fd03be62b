"""From a decision to a transaction that is mined, or to nothing.

Nonces are the chain's: the next one is always the account's count in the newest block, so that a
gap closes by itself. A transaction that is not mined is replaced after some blocks by whatever is
right then, at the same nonce, for at least an eighth more. A pair is filled at one nonce at a time:
if it moves to a lower one, an empty transaction takes its old place. What is remembered of what was
sent only tells when to replace it and by how much more: without it, after a restart, the wait
begins anew and a node that says "underpriced" is offered more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eth_abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils import function_signature_to_4byte_selector

from scripts._keeper.chain import Call, Chain, NoNode, Refusal, WrongChain
from scripts._keeper.decide import FILL_GAS, MOST_GAS, Ask, Fill, Quote
from scripts._keeper.look import View

SELECTOR = function_signature_to_4byte_selector("fill(address,uint24,uint256,uint256,address)")
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
NOBODY = "0x000000000000000000000000000000000000dEaD"  # fills in a dry run without an account

EMPTY_GAS = 60_000  # limit of a transaction that does nothing: rollups may want more than 21,000
TRIES = 12  # times that more is offered for one replacement


def bumped(fee: int) -> int:
    """The least that replaces `fee`: an eighth more. Nodes want a tenth."""
    return fee + fee // 8 + 1


@dataclass
class Sent:
    """A transaction under way: of `fill`, at `nonce`, since block `number`. For logs and fees."""

    hash: str  # "": not one that this process has sent
    nonce: int
    fill: Fill | None  # None: that, or one that does nothing
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

    @property
    def loss(self) -> int:
        """Wei; 0 if it has gained."""
        fill = self.sent.fill
        return max(0, self.cost - int(self.profit * fill.unit // 1)) if fill else self.cost

    @property
    def has_paid(self) -> bool:
        """Whether it has done what it was sent for, and lost no more than it was allowed to."""
        fill = self.sent.fill
        return self.status == "confirmed" and fill is not None and self.loss <= fill.allowance


def calldata(ask: Ask, min_profit: int, receiver: str) -> str:
    """Of `keeper.fill`."""
    kinds = ["address", "uint24", "uint256", "uint256", "address"]
    values = [ask.token, ask.tier, ask.max_in, min_profit, receiver]
    return "0x" + (SELECTOR + encode(kinds, values)).hex()


@dataclass
class Desk:
    """Quotes fills, and sends them if it has an `account`.

    `private` sends where only block builders listen; without it all nodes that are read from do.
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

    def quote(
        self,
        asks: Sequence[Ask],
        block: str = "latest",
        gas: bool = False,
        price: dict[str, str] | None = None,
    ) -> list[Quote]:
        """What each of `asks` would really earn in `block`, in one request; with its gas if told.

        `price` are fields of the calls that say what is paid for gas. Raises NoNode.
        """
        calls: list[Call] = []
        for ask in asks:
            data = calldata(ask, 0, self.address)
            call = {"from": self.address, "to": self.keeper, "data": data} | (price or {})
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
                    bound = int((price or {}).get("gas", "0x0"), 16)
                    if bound == MOST_GAS and "gas" in used.message.lower():
                        quote = replace(quote, gas=MOST_GAS + 1)  # at least
                else:
                    quote = replace(quote, gas=int(used, 16))
            quotes.append(quote)
        if block == "latest" and quotes and all(_is_strange(quote.fault) for quote in quotes):
            self.chain.distrust(f"refused: {quotes[0].fault}")  # the next may know better
        return quotes

    def confirm(self, asks: Sequence[Ask], view: View) -> list[Quote]:
        """Quote once more, on what is about to be mined; where nodes do not tell, on the newest.

        Gas has its price in it, as in the transaction: an oracle that sees no gas price knows that
        it is only asked, and may say what it likes. Raises NoNode.
        """
        price = self._price(view)
        quotes = self.quote(asks, self.last, True, price)
        if self.last == "pending" and all(_is_strange(quote.fault) for quote in quotes):
            self.last = "latest"
            quotes = self.quote(asks, self.last, True, price)
        return quotes

    def _price(self, view: View) -> dict[str, str]:
        """What a call says of gas: none of it where the account could not pay for a fill."""
        if view.wallet is None:
            return {}
        max_fee = 2 * view.costs.base + view.costs.tip
        gas = min(MOST_GAS, (view.wallet.balance - view.costs.data) // max(1, max_fee))
        if gas < FILL_GAS:
            return {}
        tip = hex(view.costs.tip)
        return {"gas": hex(gas), "maxFeePerGas": hex(max_fee), "maxPriorityFeePerGas": tip}

    # Sending

    def hear(self, view: View) -> View:
        """The same block, with what waits at the private node: those that are read do not see it.

        Without it each keeper of an account would outbid the others' transactions in every block.
        """
        if not (self.private and view.wallet):
            return view
        try:
            (count,) = self.private.ask(
                [("eth_getTransactionCount", [self.address, "pending"])], whole=True
            )
            pending = max(view.wallet.pending, int(count, 16))
        except WrongChain:
            raise
        except (NoNode, TypeError, ValueError):
            return view
        return replace(view, wallet=replace(view.wallet, pending=pending))

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
        """Sign and send `fills`, each at the first nonce that is free or stuck.

        Pairs that have a stuck transaction go first, in the order of their nonces. Raises NoNode,
        if nothing was sent.
        """
        assert self.account and view.wallet, "no account to send from"
        done: list[Sent] = []
        left: list[Unsent] = []
        funds = view.wallet.balance - view.costs.data
        nonce = view.wallet.nonce
        taken = {sent.nonce for sent in self.under_way(view)}
        stuck = {
            sent.fill.pair: sent
            for sent in self.sent.values()
            if sent.fill and sent.nonce >= nonce and sent.nonce not in taken
        }
        moved: list[Sent] = []
        for fill in sorted(fills, key=lambda each: _place(stuck.get(each.pair))):
            while nonce in taken:
                nonce += 1
            before = stuck.get(fill.pair)
            try:
                found = self._offer(fill, nonce, funds, view)
            except NoNode as error:
                if not done:
                    raise
                found = Unsent(fill, str(error))
            if isinstance(found, Unsent):
                left.append(found)
                continue
            taken.add(nonce)
            self.sent[nonce] = self.open[found.hash] = found
            done.append(found)
            funds -= fill.gas_limit * found.max_fee
            if before and before.nonce != nonce:
                moved.append(before)
        for before in moved:
            if before.nonce not in taken and (empty := self._cancel(before, funds, view)):
                self.sent[empty.nonce] = self.open[empty.hash] = empty
                done.append(empty)
                funds -= EMPTY_GAS * empty.max_fee
        return done, left

    def _offer(self, fill: Fill, nonce: int, funds: int, view: View) -> Sent | Unsent:
        """Send one fill, for as much more as it takes to replace what is at `nonce`."""
        assert self.account
        before = self.sent.get(nonce)
        fees = fill.max_fee, fill.tip
        if before:
            fees = max(fees[0], bumped(before.max_fee)), max(fees[1], bumped(before.tip))
        least = max(view.costs.base + view.costs.tip, bumped(before.max_fee) if before else 0)
        if least <= funds // fill.gas_limit < fees[0]:
            fees = funds // fill.gas_limit, fees[1]
        for _ in range(TRIES):
            priced = fill.at(*fees)
            if priced is None:
                return Unsent(fill, "what is under way cannot be outbid by what this earns")
            need = priced.gas_limit * priced.max_fee
            if need > funds:
                reason = f"{self.address} has {funds} wei and needs {need}: fund it"
                return Unsent(fill, reason, unfunded=True)
            data = calldata(priced.ask, priced.min_profit, self.address)
            hash_, answer = self._sign(self.keeper, data, nonce, priced.gas_limit, *fees)
            if answer is None:
                return Sent(hash_, nonce, priced, view.number, *fees)
            if "underpriced" not in answer.message.lower():
                unfunded = "insufficient funds" in answer.message.lower()
                return Unsent(fill, answer.message, unfunded)
            fees = bumped(fees[0]), bumped(fees[1])
        return Unsent(fill, f"still underpriced after {TRIES} tries")

    def _cancel(self, before: Sent, funds: int, view: View) -> Sent | None:
        """Put a transaction that does nothing in the place of one whose fill has moved."""
        fees = bumped(before.max_fee), bumped(before.tip)
        if EMPTY_GAS * fees[0] > funds:
            return None
        try:
            hash_, answer = self._sign(self.address, "0x", before.nonce, EMPTY_GAS, *fees)
        except NoNode:
            return None
        return None if answer else Sent(hash_, before.nonce, None, view.number, *fees)

    def _sign(
        self, to: str, data: str, nonce: int, gas: int, max_fee: int, tip: int
    ) -> tuple[str, Refusal | None]:
        """Sign a transaction and send it: its hash, and the refusal if it was refused."""
        assert self.account
        transaction: dict[str, Any] = {
            "chainId": self.chain.chain_id,
            "nonce": nonce,
            "to": to,
            "value": 0,
            "data": data,
            "gas": gas,
            "maxFeePerGas": max_fee,
            "maxPriorityFeePerGas": min(tip, max_fee),
            "type": 2,
        }
        signed = self.account.sign_transaction(transaction)
        answer = (self.private or self.chain).send(signed.raw_transaction.to_0x_hex())
        if isinstance(answer, Refusal) and not _is_known(answer):
            return signed.hash.to_0x_hex(), answer
        return signed.hash.to_0x_hex(), None

    # What became of it

    def mined(self, view: View) -> list[Outcome]:
        """What is mined of all that was sent and is not final: a reorganisation may undo it."""
        found = ((sent, view.receipts.get(sent.hash)) for sent in self.open.values())
        return [_outcome(sent, receipt, self.address) for sent, receipt in found if receipt]

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


def _is_strange(fault: str) -> bool:
    """Whether a fault is none of a fill: a node may not know the block that was named."""
    return bool(fault) and not any(word in fault.lower() for word in ("revert", "gas", "funds"))


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


def _place(sent: Sent | None) -> tuple[bool, int]:
    """Where in a queue: by nonce, and those who have none last."""
    return sent is None, sent.nonce if sent else 0
