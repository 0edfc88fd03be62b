"""The oracle's truth table, in any order of answers, ages and outages: it gives the exact quotient
of its feeds, or the first reason why not.

Each run has an oracle of its own, of any decimals and bounds that its constructor accepts, with
either feed or both, behind a sequencer or not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition

from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import MAX, SCALE

from .campaign import SKIPPED, Machine, run, step
from .lab import Lab
from .mock_venue import NOON, OWNER

NOBODY = "0x" + "00" * 20
LEAST_PRICE = 10**9  # that an oracle may give, as the constructor has it
MOST_ANSWER = 2**255 - 1
POST = "post(int256)"
SET_ANSWER = "set_answer(int256)"
SET_UPDATED_AT = "set_updated_at(uint256)"
SET_STARTED_AT = "set_started_at(uint256)"
SET_FAILING = "set_failing(bool)"


@dataclass(frozen=True)
class Leg:
    """A feed's decimals, and what its answers are held to."""

    decimals: int
    heartbeat: int
    floor: int
    ceiling: int


@dataclass(frozen=True)
class Config:
    """An oracle: decimals of its tokens, a leg for each feed that it has, and its grace period."""

    collateral: int
    debt: int
    legs: dict[str, Leg]
    grace: int  # of its sequencer, 0 where there is none


@dataclass
class Round:
    """What a feed says."""

    answer: int
    started_at: int
    updated_at: int
    failing: bool = False


@dataclass(frozen=True)
class Quote:
    """A price, and the answers that it was made of: 1 of a leg without a feed."""

    base: int
    quote: int
    price: int


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """All that the constructor accepts."""
    decimals, heartbeats = st.integers(0, 18), st.sampled_from([1, 60, 3_600, DAY, MAX])
    collateral, debt = draw(decimals), draw(decimals)
    which = draw(st.sampled_from([("base", "quote"), ("base",), ("quote",)]))
    of = {leg: draw(decimals) if leg in which else 0 for leg in ("base", "quote")}
    scale = 10 ** (36 + debt + of["quote"] - collateral - of["base"])

    legs, floor = {}, 1
    if "base" in which:
        lowest = -(-LEAST_PRICE // scale)
        ceiling = draw(st.integers(lowest, min(MAX // scale, MOST_ANSWER)))
        floor = draw(st.integers(lowest, ceiling))
        legs["base"] = Leg(of["base"], draw(heartbeats), floor, ceiling)
    if "quote" in which:
        ceiling = draw(st.integers(1, min(floor * scale // LEAST_PRICE, MOST_ANSWER)))
        lowest = draw(st.integers(1, ceiling))
        legs["quote"] = Leg(of["quote"], draw(heartbeats), lowest, ceiling)
    return Config(collateral, debt, legs, draw(st.sampled_from([0, 1, 60, 3_600])))


FeedFault: TypeAlias = Callable[[Leg, Round, int], bool]
SequencerFault: TypeAlias = Callable[[int, Round, int], bool]

# Why a feed's round is refused at a time, in the order in which it is asked.
FEED_FAULTS: dict[str, FeedFault] = {
    "feed: told to fail": lambda leg, at, now: at.failing,
    "oracle: answer is not positive": lambda leg, at, now: at.answer <= 0,
    "oracle: answer below floor": lambda leg, at, now: at.answer < leg.floor,
    "oracle: answer above ceiling": lambda leg, at, now: at.answer > leg.ceiling,
    "oracle: round is incomplete": lambda leg, at, now: at.updated_at == 0,
    "oracle: answer from the future": lambda leg, at, now: at.updated_at > now,
    "oracle: price is stale": lambda leg, at, now: now > at.updated_at + leg.heartbeat,
}
# The same for a sequencer's, by its grace period.
SEQUENCER_FAULTS: dict[str, SequencerFault] = {
    "feed: told to fail": lambda grace, at, now: at.failing,
    "oracle: sequencer is down": lambda grace, at, now: at.answer != 0,
    "oracle: sequencer not started": lambda grace, at, now: at.started_at == 0,
    "oracle: sequencer in grace": lambda grace, at, now: now <= at.started_at + grace,
}

# Answers by a bound and what is added, within the bounds, or any at all.
ANSWER = st.one_of(
    st.tuples(st.sampled_from(["floor", "ceiling", "zero"]), st.integers(-1, 1)),
    st.builds(Fraction, st.integers(0, 1_000), st.just(1_000)),
    st.integers(-(2**255), MOST_ANSWER),
)
Answer: TypeAlias = tuple[str, int] | Fraction | int
WAIT = st.one_of(st.integers(1, 60), st.integers(1, DAY), st.integers(1, 90 * DAY))
BY = st.integers(-1, 1)
LEG = st.sampled_from(["base", "quote"])
WELL = st.builds(Fraction, st.integers(0, 10**6), st.just(10**6))


def worth(config: Config, answers: dict[str, int]) -> Fraction:
    """A raw unit of collateral in raw units of debt, scaled by 1e36."""
    value = {
        leg: Fraction(answer, 10 ** config.legs[leg].decimals) for leg, answer in answers.items()
    }
    whole = value.get("base", Fraction(1)) / value.get("quote", Fraction(1))
    return whole * SCALE * 10**config.debt / 10**config.collateral


def inv_o1(machine: "OracleMachine", price: tuple[int, ...] | str) -> None:
    """I-O1: the oracle gives the feeds' exact quotient, rounded down, or what is wrong first."""
    reason = machine.refusal()
    answers = {leg: machine.rounds[leg].answer for leg in machine.config.legs}
    assert price == (reason or (int(worth(machine.config, answers)),))


def inv_o2(before: Quote, after: Quote) -> None:
    """I-O2: the price rises with the base feed, and falls with the quote feed."""
    if before.base <= after.base and before.quote >= after.quote:
        assert before.price <= after.price
    if before.base >= after.base and before.quote <= after.quote:
        assert before.price >= after.price


class OracleMachine(Machine):
    """An oracle whose feeds say anything."""

    laws = (inv_o1, inv_o2)
    events = frozenset({*FEED_FAULTS, *SEQUENCER_FAULTS, "a price", "a price on the last second"})

    @initialize(config=configs())
    def begin(self, config: Config) -> None:
        deploy = self.lab.deploy
        self.config = config
        self.quotes: list[Quote] = []
        self.lab.warp(NOON)
        self.rounds = {leg: Round(at.floor, NOON, NOON) for leg, at in config.legs.items()}
        self.feeds = {
            leg: deploy("Feed", at.decimals, leg, at.floor) for leg, at in config.legs.items()
        }
        if config.grace:
            self.rounds["sequencer"] = Round(0, NOON, NOON)
            self.feeds["sequencer"] = deploy("Feed", 0, "sequencer", 0)
        rules: list[Any] = [
            (self.feeds[leg], at.heartbeat, at.floor, at.ceiling)
            if (at := config.legs.get(leg))
            else (NOBODY, 0, 0, 0)
            for leg in ("base", "quote")
        ]
        coins = (deploy("TestToken", "", "", each) for each in (config.collateral, config.debt))
        sequencer = self.feeds.get("sequencer", NOBODY)
        self.oracle = deploy("ChainlinkOracle", *coins, *rules, sequencer, config.grace)
        self.look()

    def refusal(self) -> str:
        """The first fault there is, if any."""
        now, config = self.lab.now, self.config
        if config.grace:
            for reason, is_so in SEQUENCER_FAULTS.items():
                if is_so(config.grace, self.rounds["sequencer"], now):
                    return reason
        for leg, rules in config.legs.items():
            for reason, is_wrong in FEED_FAULTS.items():
                if is_wrong(rules, self.rounds[leg], now):
                    return reason
        return ""

    def look(self) -> None:
        price = self.lab.ask(self.oracle, "price()")
        inv_o1(self, price)
        if isinstance(price, str):
            self.happened[price] += 1
            return
        self.happened["a price"] += 1
        legs, now = self.config.legs, self.lab.now
        if any(now == self.rounds[leg].updated_at + legs[leg].heartbeat for leg in legs):
            self.happened["a price on the last second"] += 1
        answers = (self.rounds[leg].answer if leg in legs else 1 for leg in ("base", "quote"))
        quote = Quote(*answers, *price)
        for earlier in self.quotes[-3:]:
            inv_o2(earlier, quote)
        self.quotes.append(quote)

    def tell(self, feed: str, signature: str, value: int) -> None:
        self.lab.send(OWNER, self.feeds[feed], signature, value)
        self.look()

    def any_leg(self, leg: str) -> str:
        """That leg, or the only one."""
        return leg if leg in self.config.legs else next(iter(self.config.legs))

    def answer_of(self, leg: str, answer: Answer) -> int:
        rules = self.config.legs[leg]
        if isinstance(answer, tuple):
            edge, by = answer
            at = {"floor": rules.floor, "ceiling": rules.ceiling, "zero": 0}[edge]
            return min(at + by, MOST_ANSWER)
        if isinstance(answer, Fraction):
            return rules.floor + int((rules.ceiling - rules.floor) * answer)
        return answer

    # Feeds

    @step(leg=LEG, answers=st.lists(ANSWER, min_size=1, max_size=8))
    def answer(self, leg: str, answers: list[Answer]) -> None:
        leg = self.any_leg(leg)
        for answer in answers:
            self.rounds[leg].answer = self.answer_of(leg, answer)
            self.tell(leg, SET_ANSWER, self.rounds[leg].answer)

    @step(answers=st.lists(st.tuples(LEG, WELL), min_size=1, max_size=8))
    def answer_well(self, answers: list[tuple[str, Fraction]]) -> None:
        """New rounds within the bounds."""
        for leg, part in answers:
            leg, now = self.any_leg(leg), self.lab.now
            round_ = self.rounds[leg]
            round_.answer = self.answer_of(leg, part)
            round_.started_at = round_.updated_at = now
            self.tell(leg, POST, round_.answer)

    @step(
        leg=LEG,
        ages=st.lists(
            st.tuples(st.sampled_from(["now", "heartbeat", "heartbeat", "never"]), BY),
            min_size=1,
            max_size=6,
        ),
    )
    def age(self, leg: str, ages: list[tuple[str, int]]) -> None:
        """The newest round was answered a second before, at or after an edge of what is allowed."""
        leg, now = self.any_leg(leg), self.lab.now
        for age, by in ages:
            at = {"now": now, "heartbeat": now - self.config.legs[leg].heartbeat, "never": 0}[age]
            self.rounds[leg].updated_at = max(0, at + by)
            self.tell(leg, SET_UPDATED_AT, self.rounds[leg].updated_at)

    @step(which=st.sampled_from(["base", "quote", "sequencer"]), times=st.integers(1, 4))
    def fail(self, which: str, times: int) -> None:
        """A feed breaks down, and may come back."""
        feed = which if which in self.feeds else self.any_leg(which)
        for _ in range(times):
            self.rounds[feed].failing = not self.rounds[feed].failing
            self.tell(feed, SET_FAILING, self.rounds[feed].failing)

    # The sequencer

    @precondition(lambda self: "sequencer" in self.feeds)
    @step(status=st.lists(st.integers(0, 1) | st.integers(-1, 2**200), min_size=1, max_size=3))
    def go_down_or_up(self, status: list[int]) -> None:
        for each in status:
            self.rounds["sequencer"].answer = each
            self.rounds["sequencer"].started_at = self.lab.now
            self.tell("sequencer", POST, each)

    @precondition(lambda self: "sequencer" in self.feeds)
    @step(
        starts=st.lists(
            st.tuples(st.sampled_from(["never", "grace", "grace", "now"]), BY),
            min_size=1,
            max_size=6,
        )
    )
    def be_up_since(self, starts: list[tuple[str, int]]) -> None:
        """It has been up for a second less than an edge, as long as that, or a second more."""
        now = self.lab.now
        self.rounds["sequencer"].answer = 0
        self.tell("sequencer", SET_ANSWER, 0)
        for start, by in starts:
            at = {"never": 0, "grace": now - self.config.grace, "now": now}[start]
            self.rounds["sequencer"].started_at = max(0, at + by)
            self.tell("sequencer", SET_STARTED_AT, self.rounds["sequencer"].started_at)

    # Time, and all being well

    @step(waits=st.lists(WAIT, min_size=1, max_size=4))
    def wait(self, waits: list[int]) -> None:
        for seconds in waits:
            self.lab.warp(self.lab.now + seconds)
            self.look()

    @step(feed=st.sampled_from(["base", "quote", "sequencer"]), by=BY)
    def wait_for_an_edge(self, feed: str, by: int) -> str | None:
        """To the last second of a heartbeat or of the grace period, or next to it."""
        if feed not in self.feeds:
            return SKIPPED
        if feed == "sequencer":
            edge = self.rounds[feed].started_at + self.config.grace + by
        else:
            edge = self.rounds[feed].updated_at + self.config.legs[feed].heartbeat + by
        if not self.lab.now <= edge <= self.lab.now + 90 * DAY:
            return SKIPPED
        self.lab.warp(edge)
        self.look()
        return None

    @step(base=WELL, quote=WELL)
    def be_well(self, base: Fraction, quote: Fraction) -> None:
        """Whatever was wrong is over: there is a price."""
        now = self.lab.now
        for feed, round_ in self.rounds.items():
            if round_.failing:
                round_.failing = False
                self.tell(feed, SET_FAILING, False)
        if "sequencer" in self.rounds:
            since = now - self.config.grace - 1
            self.rounds["sequencer"] = Round(0, since, now)
            self.lab.send(OWNER, self.feeds["sequencer"], POST, 0)
            self.lab.send(OWNER, self.feeds["sequencer"], SET_STARTED_AT, since)
        for leg in self.config.legs:
            answer = self.answer_of(leg, base if leg == "base" else quote)
            self.rounds[leg] = Round(answer, now, now)
            self.lab.send(OWNER, self.feeds[leg], POST, answer)
        self.look()
        assert self.refusal() == ""


def test_any_order_of_faults_gives_the_exact_price_or_the_right_reason():
    machine = type("OnThisLab", (OracleMachine,), {"lab": Lab()})

    run(machine, "oracle")
