"""Seven days, block by block: prices move, people come and go, keepers fill, things go wrong."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from scripts._keeper.decide import Reason
from scripts._lens import Fault as Unread
from scripts._model.daily_schedule import DAY, opened
from scripts._model.fixed_point import WAD
from scripts._rehearsal.bad_days import NIGHTS
from scripts._rehearsal.books import FILLED
from scripts._rehearsal.keepers import Hand
from scripts._rehearsal.node import BASE_FEE, BLOCK, Node
from scripts._rehearsal.path import path
from scripts._rehearsal.town import Town

MINUTE = 60
LATE = 118, 121  # minutes after opening between which what is open still has been missed
NOTHING = 2**256 - 1  # leverage when nothing is left


@dataclass
class Week:
    """`report` is told of each day that has passed."""

    node: Node
    town: Town
    hands: Sequence[Hand]
    inspector: Hand  # never sends
    chain_id: int
    network: str
    start: int
    report: Callable[[str], None]

    fee: int = BASE_FEE  # of the next blocks
    is_silent: bool = False  # the feed is
    is_censored: bool = False  # the keepers are
    races: int = 0  # of a rival with a keeper
    dropped: int = 0  # transactions of keepers that were never mined
    idle: set[str] = field(default_factory=set)  # faults that met nothing to go wrong
    highest: dict[str, float] = field(default_factory=dict)
    missed: int = 0  # fills that paid and were not made, when the lane closed
    injected: Counter[str] = field(default_factory=Counter)
    survived: Counter[str] = field(default_factory=Counter)
    blocks: int = 0
    going_on: dict[str, AbstractContextManager[None]] = field(default_factory=dict)
    reorged: set[int] = field(default_factory=set)  # nights on which it has happened
    filled: set[int] = field(default_factory=set)  # nights on which there was something to fill
    judged: set[int] = field(default_factory=set)  # nights of which it is known how they ended

    @property
    def first(self) -> Hand:
        return self.hands[0]

    @property
    def second(self) -> Hand:
        return self.hands[1]

    def live(self) -> None:
        """All of it."""
        for since, price in path(self.town.price):
            self._until(self.start + since)
            if not self.is_silent:
                self.town.post(price)
            _, minute = self._night(self.start + since)
            # whoever trades while it is judged moves the pool: then nothing pays for a moment
            if not self.going_on and not LATE[0] <= minute < LATE[1]:
                self.town.somebody()
            self._block(self.start + since)
        self._until(self.start + since + BLOCK)

    def _until(self, end: int) -> None:
        """Blocks in which something can happen: something waits, or a lane is open."""
        while True:
            now = self.node.time
            if self.node.waiting():
                step = BLOCK
            elif self.town.is_open():
                step = MINUTE
            else:
                return
            if now + step >= end:
                return
            self.town.arbitrage()
            self._block(now + step)

    def _block(self, at: int) -> None:
        """One block, after which everyone looks."""
        night, minute = self._night(at)
        self._begin_and_end(night, minute)
        if self.is_censored:
            self._drop()
        self.node.mine(at, self.fee)
        self.blocks += 1
        self._look()
        for hand in self.hands if self.blocks % 2 else reversed(self.hands):
            hand.step()
        if minute < LATE[0] and self._has_filled():
            self.filled.add(night)
            if NIGHTS[night].reorg and night not in self.reorged:
                self._reorg(night)
        if LATE[0] <= minute < LATE[1] and night not in self.judged:
            self._judge(night)
        if self.town.liquidate():
            self.node.mine(at + 1, self.fee)

    def _look(self) -> None:
        for state in self.town.look():
            symbol = self.town.symbols[state.token.lower()]
            if not state.faults & Unread.PRICE:
                leverage = state.leverage / WAD if state.leverage != NOTHING else float("inf")
                self.highest[symbol] = max(self.highest.get(symbol, 0.0), leverage)

    # Nights

    def _night(self, at: int) -> tuple[int, float]:
        """Which night it is, and how many minutes ago its lane has opened."""
        since = opened(at)
        night = max(0, (since - self.start) // DAY)
        return min(night, len(NIGHTS) - 1), (at - since) / MINUTE

    def _begin_and_end(self, night: int, minute: float) -> None:
        for fault in NIGHTS[night].faults:
            if fault.name in self.going_on:
                if minute >= fault.ends:
                    self.going_on.pop(fault.name).__exit__(None, None, None)
            elif fault.begins <= minute < fault.ends and not self.injected[fault.name]:
                self.injected[fault.name] += 1
                bad = fault.bring(self)
                bad.__enter__()
                self.going_on[fault.name] = bad

    def _has_filled(self) -> bool:
        """Whether anyone has filled in the newest block."""
        query = {"fromBlock": "latest", "address": list(self.town.tokens.values())}
        return self.node.ask("eth_getLogs", query | {"topics": [FILLED]}) != []

    def _reorg(self, night: int) -> None:
        """The newest blocks are replaced by empty ones."""
        self.reorged.add(night)
        self.injected["reorg"] += 1
        self.node.ask("anvil_reorg", NIGHTS[night].reorg, [])

    def _drop(self) -> None:
        """What the keepers have sent is lost."""
        ours = {hand.address.lower() for hand in self.hands}
        for sender, sent in self.node.ask("txpool_content")["pending"].items():
            if sender.lower() in ours:
                for each in sent.values():
                    self.node.ask("anvil_dropTransaction", each["hash"])
                    self.dropped += 1

    def _judge(self, night: int) -> None:
        """The lane is about to close: was anything missed, and are both keepers well?"""
        self.judged.add(night)
        step = self.inspector.step()
        missed = [fill.symbol for fill in step.fills] if step else []
        passes = step.passes if step else []
        missed += [each.symbol for each in passes if each.reason is Reason.SAME_PAIR]
        self.missed += len(missed)
        well = night in self.filled and not missed and all(hand.since == 0 for hand in self.hands)
        happened = [fault.name for fault in NIGHTS[night].faults if self.injected[fault.name]]
        happened += ["reorg"] if night in self.reorged else []
        for name in happened:
            self.survived[name] += well and name not in self.idle
        left = "missed " + ", ".join(missed) if missed else ""
        ended = left or ("filled" if night in self.filled else "nothing to fill")
        price, went_wrong = self.town.price, ", ".join(happened)
        self.report(f"  night {night + 1}  ETH {price:8.2f}  {went_wrong:34}  {ended}")
