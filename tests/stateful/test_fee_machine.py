"""Fees, held against exact arithmetic: whoever settles when, holders are charged what was written.

Tokens that differ in their fees, on a venue that never rounds, at a price that never moves: so all
that changes is shares. Nothing here uses the model; what a fee should be is worked out to sixty
digits.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import ClassVar

from eth_utils import keccak
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition

from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import WAD
from scripts._model.rule_book import MAX_FEE, MAX_MANAGEMENT_FEE, Rules

from .campaign import SKIPPED, Machine, run, step
from .lab import ACCOUNTS, Lab
from .mock_venue import (
    ACTORS,
    COINS,
    DUST,
    ENDLESS,
    LOCKED_AT,
    MODES,
    OWNER,
    PAIRS,
    TREASURY,
    World,
    open_token,
)
from .node import Answer, words_of

FEES = {
    "usual": {},
    "none": {"mint_fee": 0, "redeem_fee": 0, "management_fee": 0},
    "faintest": {"mint_fee": 1, "redeem_fee": 1, "management_fee": 1},
    "highest": {"mint_fee": MAX_FEE, "redeem_fee": MAX_FEE, "management_fee": MAX_MANAGEMENT_FEE},
}
TREASURIES = (TREASURY, *ACCOUNTS[-2:])
OWNERS = (*ACTORS, *TREASURIES)
HOLDERS = (*OWNERS, LOCKED_AT)
ACCRUED = keccak(text="FeeAccrued(address,uint256)")
MINT = "mint(uint256,uint256,uint256,address,address)"
REDEEM = "redeem(uint256,uint256,uint256,address,address)"
BALANCE = "balanceOf(address)"

ONE = 10**60  # what exact arithmetic is scaled by
PRECISION = 10**33  # of the contract's exponential
MOST = 10  # the exponent at which what is due is cut off
YEAR = 365 * DAY
FORGETTABLE = 2**106  # a supply that may be left alone for a century

ACTOR = st.sampled_from(ACTORS)
ANYONE = st.sampled_from(OWNERS)
SIZE = st.one_of(st.integers(1, 100), st.integers(1, 10**12), st.integers(1, 10**24))
WAIT = st.one_of(st.integers(0, 60), st.integers(1, DAY), st.integers(1, 90 * DAY))
WAITS = st.lists(WAIT, min_size=1, max_size=8)


@lru_cache(2**16)
def growth(rate: int, elapsed: int) -> int:
    """e**(rate * elapsed / DAY), scaled by ONE, for `rate` WAD a day."""
    with localcontext() as context:
        context.prec = 80
        exponent = min(Decimal(rate * elapsed) / (WAD * DAY), Decimal(MOST))
        return int(exponent.exp() * ONE)


@dataclass(frozen=True)
class Books:
    """What the chain says of shares, of the position, and of who receives fees."""

    now: int
    supply: int
    balances: dict[str, int]
    settled_at: int
    treasury: str
    legs: tuple[int, ...]  # collateral and debt


@dataclass(frozen=True)
class Entry:
    """A call that succeeded: what it settled, and shares that it minted or, negative, redeemed."""

    before: Books
    after: Books
    rules: Rules
    accrued: int
    holder: str
    shares: int = 0  # of the holder
    fee: int = 0  # of mint or redemption, besides
    legs: tuple[int, int] = (0, 0)  # what C and D rose or, negative, fell by

    @property
    def gross(self) -> int:
        return self.shares + self.fee if self.shares > 0 else -self.shares

    @property
    def elapsed(self) -> int:
        return self.before.now - self.before.settled_at


def inv_f1(entry: Entry) -> None:
    """I-F1: a fee is its part of the gross, rounded up: by less than one share.

    f * gross <= fee < f * gross + 1
    """
    charged = entry.rules.mint_fee if entry.shares > 0 else entry.rules.redeem_fee
    if entry.shares:
        assert charged * entry.gross <= WAD * entry.fee < charged * entry.gross + WAD


def inv_f2(entry: Entry) -> None:
    """I-F2: what is settled lies between simple and compound interest, and is the latter, cut.

    S * x - 1 < fee <= S * (e**x - 1)       S * (e**x - 1) - 1 < fee        x = rate * elapsed
    """
    supply, rate = entry.before.supply, entry.rules.management_fee
    grown = growth(rate, entry.elapsed)
    digits = supply * grown // PRECISION
    due = supply * (grown - ONE)
    simple = supply * ONE * min(rate * entry.elapsed, MOST * WAD * DAY) // (WAD * DAY)
    assert entry.accrued * ONE <= due + supply
    assert (entry.accrued + 1) * ONE + digits > max(due, simple)


def inv_f3(whole: int, parts: list[int], supply: int, grown: int) -> None:
    """I-F3: settled in parts, a fee loses what each part rounds off, and that part's own growth."""
    lost = whole - sum(parts)
    digits = supply * grown // PRECISION
    assert -digits <= lost * ONE <= len(parts) * grown + digits


def inv_f3_of_a_life(machine: "FeeMachine") -> None:
    """I-F3: nor does it matter how often the fee is settled between mints and redemptions.

    What shares would be with nothing ever rounded, less what they are, is a share a settlement.
    """
    lost = machine.exact - machine.books.supply * ONE
    assert -ONE < lost <= machine.rounded


def inv_f4(entry: Entry) -> None:
    """I-F4: no time, no fee; the clock stays while a fee is nothing, and is else at now."""
    before, after = entry.before, entry.after
    assert entry.elapsed > 0 or entry.accrued == 0
    assert after.settled_at == (before.now if entry.accrued > 0 else before.settled_at)
    assert before.settled_at <= after.settled_at <= after.now


def inv_f5(entry: Entry) -> None:
    """I-F5: fees are those of the treasury when they fell due, and nobody else gains or loses."""
    expected = dict(entry.before.balances)
    expected[entry.before.treasury] += entry.accrued + entry.fee
    if entry.holder:
        expected[entry.holder] += entry.shares
    assert entry.after.balances == expected


def inv_f6(entry: Entry) -> None:
    """I-F6: fees are new shares and touch nothing else; none is above its bound."""
    before, after = entry.before, entry.after
    assert after.supply == before.supply + entry.accrued + entry.shares + entry.fee
    assert after.legs == tuple(a + b for a, b in zip(before.legs, entry.legs, strict=True))
    assert entry.fee <= entry.gross // 100 + 1
    most = growth(WAD // 1000, entry.elapsed) - ONE
    assert entry.accrued * ONE <= before.supply * (most + 1)


def inv_f7(entry: Entry) -> None:
    """I-F7: mint and redemption count the fee that is due.

    mint    in = C * gross / S, up          out = D * gross / S, down
    redeem  in = D * net / S, up            out = C * net / S, down
    """
    supply = entry.before.supply + entry.accrued
    exact = [whole * abs(entry.shares + entry.fee) for whole in entry.before.legs]
    moved = [abs(leg) for leg in entry.legs]
    bring, take = (0, 1) if entry.shares > 0 else (1, 0)
    assert exact[bring] <= moved[bring] * supply < exact[bring] + supply
    assert moved[take] * supply <= exact[take] < (moved[take] + 1) * supply


def inv_f7_of_views(before: list[Answer], after: list[Answer]) -> None:
    """I-F7: what a view says is the same before and after the fee is settled."""
    assert before == after


def inv_s4(entry: Entry) -> None:
    """I-S4: shares add up to the supply."""
    assert sum(entry.after.balances.values()) == entry.after.supply


OF_AN_ENTRY: tuple[Callable[[Entry], None], ...] = (
    inv_f1,
    inv_f2,
    inv_f4,
    inv_f5,
    inv_f6,
    inv_f7,
    inv_s4,
)


class FeeMachine(Machine):
    """One of the tokens, actors who hold shares, and treasuries that come and go."""

    laws = (*OF_AN_ENTRY, inv_f3, inv_f3_of_a_life, inv_f7_of_views)
    events = frozenset({*FEES, "a fee", "no fee yet"})
    worlds: ClassVar[dict[str, World]]

    @initialize(fees=st.sampled_from(sorted(FEES)))
    def begin(self, fees: str) -> None:
        self.happened[fees] += 1
        self.world = self.worlds[fees]
        self.token = self.world.token
        self.rules_ = self.world.model.rules
        self.lab.warp(self.world.model.now)
        self.books = self.read(TREASURY)
        self.exact, self.rounded = self.books.supply * ONE, 0  # scaled by ONE

    def read(self, treasury: str) -> Books:
        word, token = self.lab.word, self.token
        legs = self.lab.ask(self.world.position, "balances()")
        assert isinstance(legs, tuple)
        return Books(
            self.lab.now,
            word(token, "totalSupply()"),
            {holder: word(token, BALANCE, holder) for holder in HOLDERS},
            word(token, "settled_at()"),
            treasury,
            legs,
        )

    def do(self, sender: str, signature: str, *args: int | str, holder: str = "") -> Entry:
        """A call that may move shares of `holder`, held to the laws."""
        before = self.books
        logs = self.lab.send(sender, self.token, signature, *args)
        treasury = str(args[0]) if signature.startswith("set_treasury") else before.treasury
        settled = [words_of(log.data)[0] for log in logs if log.topics[0] == ACCRUED]
        self.books = self.read(treasury)
        entry = Entry(before, self.books, self.rules_, sum(settled), holder)
        if signature == MINT:
            shares, fee, collateral, debt = words_of(logs[-1].data)
            entry = replace(entry, shares=shares, fee=fee, legs=(collateral, debt))
        elif signature == REDEEM:
            shares, fee, debt, collateral = words_of(logs[-1].data)
            entry = replace(entry, shares=-shares, fee=fee, legs=(-collateral, -debt))
        for law in OF_AN_ENTRY:
            law(entry)
        self.age(entry)
        return entry

    def is_dust(self) -> bool:
        """Of what centuries of fees and redemptions leave, the venue may let nothing more go."""
        return min(self.books.legs) < DUST

    def age(self, entry: Entry) -> None:
        """What shares would be, and what roundings may have taken of that."""
        if entry.accrued:
            grown = growth(self.rules_.management_fee, entry.elapsed)
            digits = entry.before.supply * grown // PRECISION
            self.exact = self.exact * grown // ONE
            self.rounded = self.rounded * grown // ONE + ONE + digits
        self.exact += (entry.shares + entry.fee) * ONE
        inv_f3_of_a_life(self)
        if self.rules_.management_fee:
            self.happened["a fee" if entry.accrued else "no fee yet"] += 1

    def wait(self, seconds: int) -> None:
        self.lab.warp(self.lab.now + seconds)
        self.books = replace(self.books, now=self.lab.now)

    @step(caller=ACTOR, waits=WAITS)
    def settle(self, caller: str, waits: list[int]) -> None:
        for seconds in waits:
            self.wait(seconds)
            self.do(caller, "settle()")

    @step(caller=ACTOR, wait=WAIT, times=st.integers(1, 4))
    def settle_again_at_once(self, caller: str, wait: int, times: int) -> None:
        self.wait(wait)
        self.do(caller, "settle()")
        for _ in range(times):
            assert self.do(caller, "settle()").accrued == 0

    @step(caller=ACTOR, waits=WAITS)
    def settle_at_once_or_in_parts(self, caller: str, waits: list[int]) -> None:
        mark, start, life = self.lab.chain.snapshot(), self.books, (self.exact, self.rounded)
        self.wait(sum(waits))
        whole = self.do(caller, "settle()")
        self.lab.chain.revert(mark)
        self.books, (self.exact, self.rounded) = start, life

        parts = []
        for seconds in waits:
            self.wait(seconds)
            parts.append(self.do(caller, "settle()").accrued)

        grown = growth(self.rules_.management_fee, whole.elapsed)
        inv_f3(whole.accrued, parts, start.supply, grown)

    @precondition(lambda self: self.books.supply < FORGETTABLE)
    @step(caller=ACTOR, years=st.integers(1, 100))
    def be_forgotten(self, caller: str, years: int) -> None:
        self.wait(years * YEAR)
        self.do(caller, "settle()")

    @step(minter=ACTOR, waits=WAITS, size=SIZE)
    def mint(self, minter: str, waits: list[int], size: int) -> str | None:
        minted: str | None = SKIPPED
        for seconds in waits:
            self.wait(seconds)
            most = self.lab.word(self.token, "maxMint(address)", minter)
            if size <= most and not self.is_dust():
                self.do(minter, MINT, size, ENDLESS, 0, minter, minter, holder=minter)
                minted = None
        return minted

    @step(owner=ANYONE, waits=WAITS, size=SIZE)
    def redeem(self, owner: str, waits: list[int], size: int) -> str | None:
        if self.books.balances[owner] == 0:
            return SKIPPED
        for seconds in waits:
            self.wait(seconds)
            shares = min(size, self.books.balances[owner])
            if shares > 0 and not self.is_dust():
                self.do(owner, REDEEM, shares, ENDLESS, 0, owner, owner, holder=owner)
        return None

    @step(owner=ANYONE, wait=WAIT)
    def redeem_everything(self, owner: str, wait: int) -> str | None:
        balance = self.books.balances[owner]
        if balance == 0 or self.is_dust():
            return SKIPPED
        self.wait(wait)
        self.do(owner, REDEEM, balance, ENDLESS, 0, owner, owner, holder=owner)
        return None

    @step(names=st.lists(st.tuples(WAIT, st.sampled_from(TREASURIES)), min_size=1, max_size=4))
    def name_the_treasury(self, names: list[tuple[int, str]]) -> None:
        for wait, treasury in names:
            self.wait(wait)
            self.do(OWNER, "set_treasury(address)", treasury)

    @step(caller=ACTOR, wait=WAIT, size=SIZE)
    def look_before_and_after(self, caller: str, wait: int, size: int) -> None:
        self.wait(wait)
        before = self.views(size)
        self.do(caller, "settle()")
        inv_f7_of_views(before, self.views(size))

    def views(self, size: int) -> list[Answer]:
        ask, token = self.lab.ask, self.token
        sized = ("preview_mint", "preview_redeem", "convertToAssets", "convertToShares")
        return [
            *(ask(token, f"{view}(uint256)", size) for view in sized),
            ask(token, "maxMint(address)", ACTORS[0]),
            ask(token, "totalAssets()"),
        ]


def test_any_order_of_calls_charges_the_exact_fees():
    lab = Lab()
    worlds = {
        name: open_token(lab, MODES["exact"], PAIRS["18/6"], **fees) for name, fees in FEES.items()
    }
    for world in worlds.values():
        for treasury in TREASURIES:
            lab.send(OWNER, world.debt, "mint(address,uint256)", treasury, COINS)
            lab.send(treasury, world.debt, "approve(address,uint256)", world.token, ENDLESS)
    machine = type("OnThisLab", (FeeMachine,), {"lab": lab})

    run(machine, "fees", worlds=worlds)
