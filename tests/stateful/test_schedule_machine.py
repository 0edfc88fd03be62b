"""The auctions' clock and parcel, held against fractions: what is open when, for how much, and what
the fills of a day cost.

Tokens that differ in band, window and curve, on a venue that never rounds. Nothing here uses the
model: collateral, debt and price are asked of the chain, and the rest is worked out from them.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import SCALE, WAD
from scripts._model.rule_book import MAX_BAND, MAX_PREMIUM

from .campaign import SKIPPED, Machine, run, step
from .lab import Lab
from .mock_venue import ACTORS, DUST, ENDLESS, MODES, OWNER, PAIRS, World, open_token

CLOSED, SCHEDULED, EMERGENCY = range(3)
OPENING = 2 * 60  # seconds after midnight
RULES: dict[str, dict[str, int]] = {
    "usual": {},
    "wide": {"band": WAD // 10, "window": 3 * 60 * 60, "ramp": 3 * 60 * 60},
    "all day": {
        "band": WAD // 200,
        "window": DAY,
        "ramp": DAY,
        "premium_start": -MAX_PREMIUM,
        "premium_end": MAX_PREMIUM,
    },
    "one price": {"window": 60, "ramp": 1, "premium_start": 0, "premium_end": 0},
}
assert all(rules.get("band", 0) <= MAX_BAND for rules in RULES.values())
SET_PRICE = "set_price(uint256)"
MINT = "mint(uint256,uint256,uint256,address,address)"
REDEEM = "redeem(uint256,uint256,uint256,address,address)"
FILL_LEVER = "fill_lever(uint256,uint256,address)"
FILL_DELEVER = "fill_delever(uint256,uint256,address)"
SLACK = 20  # units of debt that rounding may take off a size, besides two of collateral

ACTOR = st.sampled_from(ACTORS)
ALL = "all"
SIZE = st.one_of(st.just(ALL), st.builds(Fraction, st.integers(1, 999), st.just(1_000)))
LIMIT = st.sampled_from(["lowest", "lowest", "highest", "highest", "emergency"])
BEYOND = st.one_of(st.integers(-3, 3), st.integers(1, 1_000), st.integers(1, 200_000))
WAIT = st.one_of(st.integers(1, 60), st.integers(1, DAY), st.integers(1, 90 * DAY))


@dataclass(frozen=True)
class Auction:
    """What the token says is open."""

    lane: int
    levering: bool
    premium: int
    brings: int
    takes: int

    @property
    def debt(self) -> int:
        return self.takes if self.levering else self.brings


@dataclass
class Day:
    """The scheduled fills from one 00:02:00 to the next."""

    parcel: int = 0  # what was open to the first of them, in debt
    left: Fraction = Fraction(0)  # of it, and no more than reached the edge after any of them
    filled: int = 0
    fills: int = 0
    cost: Fraction = Fraction(0)  # to holders, in debt
    done: bool = False  # all that was open has been filled
    nearly: bool = False  # or all but so little that it may have been all


@dataclass(frozen=True)
class Fill:
    """One that succeeded: leverage and price before it, and its legs."""

    auction: Auction
    geared: Fraction  # the gearing that it heads for
    collateral: tuple[int, int]  # before and after
    debt: tuple[int, int]
    price: int

    @property
    def legs(self) -> tuple[int, int]:
        """Collateral and debt that changed hands."""
        (c, c_after), (d, d_after) = self.collateral, self.debt
        return abs(c_after - c), abs(d_after - d)

    @property
    def cost(self) -> Fraction:
        """What holders lose, in debt."""
        (c, c_after), (d, d_after) = self.collateral, self.debt
        return Fraction((c - c_after) * self.price, SCALE) - (d - d_after)


def inv_a1(machine: "ScheduleMachine") -> None:
    """I-A1: the scheduled premium rises in a line from start to end, and stays there.

    start + min(elapsed, ramp) * (end - start) / ramp, rounded down
    """
    auction, rules = machine.auction, machine.rules_
    if auction.lane == SCHEDULED:
        rise = rules.premium_end - rules.premium_start
        risen = Fraction(min(machine.elapsed, rules.ramp) * rise, rules.ramp)
        assert 0 <= rules.premium_start + risen - auction.premium < 1


def inv_a2(fill: Fill) -> None:
    """I-A2: no fill goes past the edge that it heads for.

    lever  V' <= G * E'              delever  V' >= G * (E' - 2)
    """
    value = Fraction(fill.collateral[1] * fill.price, SCALE)
    equity = value - fill.debt[1]
    if fill.auction.levering:
        assert value <= fill.geared * equity
    else:
        assert value >= fill.geared * (equity - 2)


def inv_a4(fill: Fill) -> None:
    """I-A4: a fill costs holders its premium on what is traded, and two units of debt."""
    collateral, debt = fill.legs
    traded = Fraction(collateral * fill.price, SCALE) if fill.auction.levering else Fraction(debt)
    assert fill.cost <= max(0, fill.auction.premium) * traded / WAD + 2


def inv_a4_of_a_day(day: Day, premium: int) -> None:
    """I-A4: all scheduled fills of a day cost the last premium on the day's parcel at the most."""
    assert day.cost <= Fraction(max(0, premium) * day.parcel, WAD) + 2 * day.fills


def inv_a5(fill: Fill) -> None:
    """I-A5: the taker pays rounded up, gets rounded down, and neither is nothing."""
    collateral, debt = fill.legs
    worth = Fraction(collateral * fill.price, SCALE)
    better = 1 + Fraction(fill.auction.premium, WAD)
    assert collateral > 0 and debt > 0
    if fill.auction.levering:
        assert worth * better >= debt
    else:
        assert debt * better >= worth


def inv_a6(whole: Fill, parts: list[Fill]) -> None:
    """I-A6: in parts a taker pays no less for what it takes, but for the unit rounded up."""
    of = (lambda fill: fill.legs) if whole.auction.levering else (lambda fill: fill.legs[::-1])
    brought, taken = of(whole)
    assert sum(of(part)[0] for part in parts) * taken >= (brought - 1) * sum(
        of(part)[1] for part in parts
    )


def inv_a8(machine: "ScheduleMachine") -> None:
    """I-A8: from 00:02:00 UTC for the window, outside the band, the scheduled lane is open for what
    would reach the band's edge, or for what is left of the day's parcel if that is less; of which
    no fill leaves more than what reaches the edge after it.
    """
    auction, day, rules = machine.auction, machine.day, machine.rules_
    outside = machine.leverage < rules.lowest or machine.leverage > rules.highest
    may_be_open = machine.elapsed < rules.window and outside and not day.done
    if auction.lane == SCHEDULED:
        assert may_be_open
        assert auction.levering == (machine.leverage < rules.lowest)
    if not may_be_open or auction.lane == EMERGENCY:
        return
    most = machine.due()
    if day.fills:
        most = min(most, day.left)
    slack = machine.slack * (1 + day.fills)
    assert auction.debt <= max(Fraction(0), most)
    assert auction.debt > most - slack or day.nearly


def inv_a9(machine: "ScheduleMachine") -> None:
    """I-A9: at the trigger and beyond something is open, which delevers; below, no emergency.

    Unless it is for less than rounding takes off: of a position of dust.
    """
    urgent = machine.leverage >= machine.rules_.emergency
    assert machine.auction.lane != EMERGENCY or (urgent and not machine.auction.levering)
    assert not urgent or machine.auction.lane != CLOSED or machine.excess() <= machine.slack


def inv_s6(machine: "ScheduleMachine", legs: tuple[int, int]) -> None:
    """I-S6: what a fill returns is what the venue's own words change by."""
    assert machine.legs == legs


OF_A_FILL = (inv_a2, inv_a4, inv_a5)


class ScheduleMachine(Machine):
    """One of the tokens, whose price and clock are anyone's, and three takers."""

    laws = (*OF_A_FILL, inv_a1, inv_a4_of_a_day, inv_a6, inv_a8, inv_a9, inv_s6)
    events = frozenset(
        {
            *RULES,
            *PAIRS,
            "scheduled lever",
            "scheduled delever",
            "emergency delever",
            "open on the first second",
            "open on the last second",
            "used up",
        }
    )
    worlds: ClassVar[dict[tuple[str, str], World]]

    @initialize(rules=st.sampled_from(sorted(RULES)), pair=st.sampled_from(sorted(PAIRS)))
    def begin(self, rules: str, pair: str) -> None:
        self.world = self.worlds[rules, pair]
        self.happened[rules] += 1
        self.happened[pair] += 1
        self.rules_ = self.world.model.rules
        self.price = self.world.pair.price
        self.days: dict[int, Day] = {}
        self.lab.warp(self.world.model.now)
        self.look()

    # What is so

    @property
    def opened(self) -> int:
        """The latest 00:02:00 UTC."""
        return (self.lab.now - OPENING) // DAY * DAY + OPENING

    @property
    def elapsed(self) -> int:
        return self.lab.now - self.opened

    @property
    def day(self) -> Day:
        return self.days.setdefault(self.opened, Day())

    @property
    def leverage(self) -> int:
        """In WAD, rounded down as the token says that it is."""
        value = self.legs[0] * self.price // SCALE
        return value * WAD // (value - self.legs[1]) - self.offset

    @property
    def offset(self) -> int:
        """A gearing is one more than a leverage that is short."""
        return 0 if self.rules_.long else WAD

    @property
    def slack(self) -> Fraction:
        """What rounding may take off a size, in debt."""
        return SLACK + 2 * Fraction(self.price, SCALE)

    def edge(self, levering: bool) -> Fraction:
        """The gearing at the band's nearer edge."""
        leverage = self.rules_.lowest if levering else self.rules_.highest
        return Fraction(leverage + self.offset, WAD)

    def excess(self) -> Fraction:
        """Value that is too much for target leverage, in debt: V - G * E."""
        value = Fraction(self.legs[0] * self.price, SCALE)
        geared = Fraction(self.rules_.target + self.offset, WAD)
        return value - geared * (value - self.legs[1])

    def due(self) -> Fraction:
        """The debt leg that would reach the band's nearer edge now.

        lever    (G * E - V) / (1 + G * premium) * (1 + premium)
        delever  (V - G * E) / (1 + premium - G * premium)
        """
        rules, levering = self.rules_, self.leverage < self.rules_.lowest
        value = Fraction(self.legs[0] * self.price, SCALE)
        gap = self.edge(levering) * (value - self.legs[1]) - value
        rise = (rules.premium_end - rules.premium_start) * min(self.elapsed, rules.ramp)
        premium = Fraction(rules.premium_start + rise // rules.ramp, WAD)
        if levering:
            return gap / (1 + self.edge(True) * premium) * (1 + premium)
        return -gap / (1 + premium - self.edge(False) * premium)

    def look(self) -> None:
        """See what is open, and hold it to the laws."""
        legs = self.lab.ask(self.world.position, "balances()")
        said = self.lab.ask(self.world.token, "auction()")
        assert isinstance(legs, tuple) and isinstance(said, tuple)
        self.legs = legs[0], legs[1]
        lane, levering, premium, brings, takes = said
        signed = premium - 2**256 if premium >= 2**255 else premium
        self.auction = Auction(lane, bool(levering), signed, brings, takes)
        for law in (inv_a1, inv_a8, inv_a9):
            law(self)
        if lane == SCHEDULED:
            self.happened["open on the first second"] += self.elapsed == 0
            self.happened["open on the last second"] += self.elapsed == self.rules_.window - 1

    # How it is done

    def set_price(self, price: int) -> None:
        """A price, but none at which the venue would soon liquidate."""
        lltv = self.world.model.position.liquidation()[0]
        least = self.legs[1] * SCALE * WAD * 51 // (50 * lltv * self.legs[0]) + 1
        most = self.world.pair.price * 10**3
        self.price = max(least, min(price, most))
        for target in (self.world.oracle, self.world.venue):
            self.lab.send(OWNER, target, SET_PRICE, self.price)
        self.look()

    def steer(self, limit: str, beyond: int) -> None:
        """Let the price bring leverage to a limit, and `beyond` millionths of it further."""
        around = -beyond if limit == "lowest" else beyond
        geared = getattr(self.rules_, limit) * (10**6 + around) // 10**6 + self.offset
        self.set_price(self.legs[1] * geared // (geared - WAD) * SCALE // self.legs[0])

    def warp(self, now: int) -> None:
        self.lab.warp(now)
        self.look()

    def open_up(self, limit: str, beyond: int, elapsed: Fraction) -> None:
        """Come to a window, if it takes one, and to leverage that opens a lane."""
        if limit != "emergency" and (self.elapsed >= self.rules_.window or self.day.done):
            self.warp(self.opened + DAY + int(elapsed * self.rules_.window))
        self.steer(limit, beyond)

    def fill(self, taker: str, size: str | Fraction, most: int = 0) -> Fill | None:
        """Fill a part of what is open or of `most`, if that gives anything."""
        auction, legs = self.auction, self.legs
        if auction.lane == CLOSED or min(legs) < DUST:
            return None
        most = most or auction.brings
        request = ENDLESS if size == ALL else max(1, int(Fraction(size) * most))
        signature = FILL_LEVER if auction.levering else FILL_DELEVER
        preview = f"preview_{signature.split('(')[0]}(uint256)"
        said = self.lab.ask(self.world.token, preview, request)
        if said[1] == 0:
            return None
        day, debt = self.day, auction.debt
        was_due = self.due() if auction.lane == SCHEDULED else Fraction(0)
        edge = self.edge(auction.levering)
        if auction.lane == EMERGENCY:
            edge = Fraction(self.rules_.target + self.offset, WAD)
        result = self.lab.do(taker, self.world.token, signature, request, 0, taker)
        assert result == said
        sign = 1 if auction.levering else -1
        collateral, owed = result if auction.levering else result[::-1]
        if auction.lane == SCHEDULED:
            self.count(day, debt, owed, size == ALL, was_due)
        self.look()
        inv_s6(self, (legs[0] + sign * collateral, legs[1] + sign * owed))
        both = tuple(zip(legs, self.legs, strict=True))
        done = Fill(auction, edge, both[0], both[1], self.price)
        for law in OF_A_FILL:
            law(done)
        if auction.lane == SCHEDULED:
            day.cost += done.cost
            inv_a4_of_a_day(day, self.rules_.premium_end)
        lane = "scheduled" if auction.lane == SCHEDULED else "emergency"
        self.happened[f"{lane} {'' if auction.levering else 'de'}lever"] += 1
        return done

    def count(self, day: Day, open_: int, owed: int, whole: bool, due: Fraction) -> None:
        """A scheduled fill of `owed`, or of all, where `open_` was."""
        if not day.fills:
            # the parcel is what would reach the edge: at most this, and rounded down
            day.parcel, day.left = int(due), due
        day.left = min(day.left, due) - owed
        day.fills += 1
        day.filled += owed
        day.done = whole
        day.nearly |= owed > open_ - self.slack
        self.happened["used up"] += whole

    # Rules

    @step(
        taker=ACTOR,
        limit=LIMIT,
        beyond=BEYOND,
        elapsed=st.builds(Fraction, st.integers(0, 999), st.just(1_000)),
        fills=st.lists(st.tuples(SIZE, st.integers(0, 900)), min_size=1, max_size=6),
    )
    def fill_on_and_on(
        self,
        taker: str,
        limit: str,
        beyond: int,
        elapsed: Fraction,
        fills: list[tuple[str | Fraction, int]],
    ) -> str | None:
        self.open_up(limit, beyond, elapsed)
        filled = 0
        for size, pause in fills:
            filled += self.fill(taker, size) is not None
            self.warp(self.lab.now + pause)
        return None if filled else SKIPPED

    @step(
        taker=ACTOR,
        moves=st.lists(st.tuples(st.integers(-600, 600), SIZE), min_size=1, max_size=6),
    )
    def fill_what_moves(self, taker: str, moves: list[tuple[int, str | Fraction]]) -> str | None:
        """The price moves, up to 60 % at a time, and whatever is open then is filled."""
        filled = 0
        for move, size in moves:
            self.set_price(self.price * (1_000 + move) // 1_000)
            filled += self.fill(taker, size) is not None
        return None if filled else SKIPPED

    @step(
        taker=ACTOR,
        limit=LIMIT,
        beyond=BEYOND,
        sizes=st.lists(st.integers(1, 240), min_size=2, max_size=4),
    )
    def fill_at_once_or_in_parts(
        self, taker: str, limit: str, beyond: int, sizes: list[int]
    ) -> str | None:
        self.open_up(limit, beyond, Fraction(0))
        most, lane = self.auction.brings, self.auction.lane
        mark, days = self.lab.chain.snapshot(), {at: Day(**vars(d)) for at, d in self.days.items()}
        whole = self.fill(taker, Fraction(sum(sizes), 1_000), most)
        self.lab.chain.revert(mark)
        self.days = days
        self.look()
        parts = [self.fill(taker, Fraction(size, 1_000), most) for size in sizes]
        filled = [part for part in parts if part is not None and part.auction.lane == lane]
        if whole is None or not filled:
            return SKIPPED
        inv_a6(whole, filled)
        return None

    @step(waits=st.lists(WAIT, min_size=1, max_size=4))
    def wait(self, waits: list[int]) -> None:
        for seconds in waits:
            self.warp(self.lab.now + seconds)

    @step(
        edges=st.lists(st.sampled_from(["opening", "ramp", "window"]), min_size=1, max_size=4),
        limit=LIMIT,
        beyond=BEYOND,
    )
    def watch_the_edges(self, edges: list[str], limit: str, beyond: int) -> None:
        """A second before an edge of the next window, on it, and a second after."""
        after = {"opening": 0, "ramp": self.rules_.ramp, "window": self.rules_.window}
        self.steer(limit, beyond)
        for edge in edges:
            at = self.opened + DAY + after[edge]
            for now in (at - 1, at, at + 1):
                self.warp(now)

    @step(actor=ACTOR, size=st.integers(1, 1_000), times=st.integers(1, 3))
    def come_and_go(self, actor: str, size: int, times: int) -> None:
        """Shares are minted and redeemed, which leaves leverage as it is."""
        for _ in range(times):
            shares = size * WAD
            self.lab.send(actor, self.world.token, MINT, shares, ENDLESS, 0, actor, actor)
            self.look()
            shares = self.lab.word(self.world.token, "balanceOf(address)", actor) // 2
            self.lab.send(actor, self.world.token, REDEEM, shares, ENDLESS, 0, actor, actor)
            self.look()


def test_any_order_of_fills_keeps_to_the_clock_and_the_parcel():
    lab = Lab()
    worlds = {
        (name, pair): open_token(lab, MODES["exact"], PAIRS[pair], **rules)
        for name, rules in RULES.items()
        for pair in PAIRS
    }
    machine = type("OnThisLab", (ScheduleMachine,), {"lab": lab})

    run(machine, "schedule", worlds=worlds)
