"""T-W2: whatever a venue's rounding, holders lose nothing by a call of another.

The real token, made by the real Factory, on a venue that is exact, that counts as Morpho does, or
as Aave did and does. After every step chain and model are alike, bit for bit, and the laws hold.

A venue that counts by an index rounds what it is given by less than `slip` of its units, and what
it reports by less than `slip` of an amount of one. Where a unit is worth more than an amount of one
the position says so, by its grain, and whoever acts pays it: the laws hold to the last unit that
the venue tells, and beneath what it tells but for what that hides of the shares that come or go.
Where it is worth less there is no grain, and a law allows for the unit: a millionth of an amount,
for debt on Morpho.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition

from scripts._model.daily_schedule import DAY, opened
from scripts._model.fixed_point import SCALE, WAD, mul_div_up
from scripts._model.leverage_math import gearing
from scripts._model.premium_curve import liquidation_leverage, near_liquidation
from scripts._model.token import Auction, Filled, Lane, Minted, Redeemed, Token

from .campaign import SKIPPED, Machine, run, step
from .lab import Lab
from .mock_venue import (
    ACTORS,
    ENDLESS,
    LOCKED_AT,
    MODES,
    OWNER,
    PAIRS,
    RAY,
    TREASURY,
    Mode,
    World,
    open_token,
    position_of,
)
from .world import told, words

HOLDERS = (*ACTORS, TREASURY, LOCKED_AT)
MILLION = 10**6
MINT = "mint(uint256,uint256,uint256,address,address)"
REDEEM = "redeem(uint256,uint256,uint256,address,address)"
FILL_LEVER = "fill_lever(uint256,uint256,address)"
FILL_DELEVER = "fill_delever(uint256,uint256,address)"
NO_PRICE = "settable oracle: no price"

ACTOR = st.sampled_from(ACTORS)
SIZE = st.one_of(
    st.integers(1, 100),
    st.integers(1, 10**12),
    st.builds(Fraction, st.integers(1, 1_000), st.sampled_from([10**3, 10**6])),
)
WAIT = st.one_of(st.integers(1, 60), st.integers(1, DAY), st.integers(1, 90 * DAY))
AROUND = st.one_of(st.integers(-2, 2), st.integers(-200_000, 200_000))  # millionths
BEYOND = st.one_of(st.integers(1, 1_000), st.integers(1, 300_000))
LIMIT = st.sampled_from(["lowest", "target", "highest", "emergency", "near", "liquidation"])
TERMS = st.sampled_from([1_000, 1_000, 950, 850, 780])  # thousandths of the usual limit


@dataclass(frozen=True)
class State:
    """The position as the venue reports it and as it truly is, shares, and what a unit is worth."""

    collateral: int
    debt: int
    true_collateral: Fraction
    true_debt: Fraction
    supply: int  # with the management fee to now
    issued: int  # without it
    balances: dict[str, int]
    price: int
    healthy: bool
    unit_collateral: Fraction
    unit_debt: Fraction
    grain: int

    @property
    def told(self) -> tuple[Fraction, Fraction]:
        """Collateral and debt in the venue's words."""
        return Fraction(self.collateral), Fraction(self.debt)

    @property
    def true(self) -> tuple[Fraction, Fraction]:
        """Collateral and debt as they are."""
        return self.true_collateral, self.true_debt

    def nav(self, factor: Fraction = Fraction(1)) -> Fraction:
        return worth(self.true, self.price * factor)


def worth(books: tuple[Fraction, Fraction], price: Fraction | int) -> Fraction:
    """NAV in debt units."""
    return books[0] * price / SCALE - books[1]


Done = Minted | Redeemed | Filled
Books = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Step:
    """A call that succeeded: `collateral` and `debt` came into the position or, negative, left."""

    before: State
    after: State
    done: Done
    caller: str
    mode: Mode
    token: Token

    @property
    def collateral(self) -> int:
        inward = isinstance(self.done, Minted) or getattr(self.done, "levering", False)
        return self.done.collateral if inward else -self.done.collateral

    @property
    def debt(self) -> int:
        return self.done.debt if self.collateral >= 0 and not self.is_out else -self.done.debt

    @property
    def is_out(self) -> bool:
        return isinstance(self.done, Redeemed) or not getattr(self.done, "levering", True)

    def slack(self, written: int = 1, read: Fraction = Fraction(1)) -> tuple[Fraction, Fraction]:
        """What rounding may take of collateral, and add of debt, in amounts: who bears it aside."""
        mode, units = self.mode, (self.after.unit_collateral, self.after.unit_debt)
        rounds = mode.collateral_moves and units[0] != 1, mode.debt_moves and units[1] != 1
        return (
            (written * units[0] + read) * mode.slip * rounds[0],
            (written * units[1] + read) * mode.slip * rounds[1],
        )

    def uncovered(self, written: int = 1, read: int = 0) -> tuple[Fraction, Fraction]:
        """What of it no grain covers."""
        if self.before.grain > 0:
            return Fraction(0), Fraction(0)
        return self.slack(written, Fraction(read))

    def books(self) -> Iterator[tuple[Books, Books, Books]]:
        """Collateral and debt before and after, and what a law has to allow for in each.

        Beneath what the venue tells, that is what it hides of the shares that come or go. What it
        tells is exact, or covered by the grain, or told of nothing.
        """
        before, after = self.before, self.after
        moved = Fraction(abs(after.supply - before.supply), before.supply)
        hidden = self.slack(0, moved)
        written = self.uncovered()
        yield before.true, after.true, (hidden[0] + written[0], hidden[1] + written[1])
        if not any(written):
            yield before.told, after.told, written


def inv_m1(step: Step) -> None:
    """I-M1: what is minted brings and takes its part of the position; what is redeemed, too.

    mint    in - g - 1 < C * gross / S <= in - g       out + g <= D * gross / S < out + g + 1
    redeem  in - g - 1 < D * net / S <= in - g         out + g <= C * net / S < out + g + 1

    g is the grain; but nothing less than nothing is taken, and no more debt repaid than there is.
    """
    before, done = step.before, step.done
    if isinstance(done, Minted):
        gross = done.shares + done.fee
        brings, takes = (done.collateral, before.collateral), (done.debt, before.debt)
        all_of_it = False
    elif isinstance(done, Redeemed):
        gross = done.shares - done.fee
        brings, takes = (done.debt, before.debt), (done.collateral, before.collateral)
        all_of_it = done.debt == before.debt
    else:
        return
    fair, given = brings[0] - before.grain, takes[0] + before.grain
    assert (fair - 1) * before.supply < brings[1] * gross
    assert brings[1] * gross <= fair * before.supply or all_of_it
    assert takes[1] * gross < (given + 1) * before.supply
    assert given * before.supply <= takes[1] * gross or takes[0] == 0


def inv_m2(step: Step) -> None:
    """I-M2: per share, neither mint nor redeem takes collateral away or adds debt."""
    if isinstance(step.done, Filled):
        return
    s, s2 = step.before.supply, step.after.supply
    for (held, owed), (held2, owed2), (collateral, debt) in step.books():
        assert held2 * s >= held * s2 - collateral * s
        assert owed2 * s <= owed * s2 + debt * s


def inv_m3(step: Step) -> None:
    """I-M3: whatever the true price, neither mint nor redeem lowers NAV per share."""
    if isinstance(step.done, Filled):
        return
    s, s2 = step.before.supply, step.after.supply
    for before, after, (collateral, debt) in step.books():
        for factor in (Fraction(0), Fraction(1, 7), Fraction(1), Fraction(10**6)):
            price = step.after.price * factor
            lost = worth(before, price) * s2 - worth(after, price) * s
            assert lost <= (collateral * price / SCALE + debt) * s


def inv_m4(step: Step) -> None:
    """I-M4: mint and redeem leave leverage as it is, but for a rounding that lowers it."""
    before = step.before
    if isinstance(step.done, Filled):
        return
    lowered = before.debt * step.collateral - step.debt * before.collateral
    assert 0 <= lowered < max(1, (before.collateral + before.debt) * (1 + before.grain))


def inv_m8(step: Step) -> None:
    """I-M8: no shares for nothing."""
    if isinstance(step.done, Minted):
        assert step.done.collateral >= 1


def inv_m10(step: Step) -> None:
    """I-M10: the seed shares stay where they are."""
    assert 0 < step.before.balances[LOCKED_AT] == step.after.balances[LOCKED_AT]


def inv_m12(step: Step) -> None:
    """I-M12: nobody's shares change but the caller's and the treasury's."""
    for holder in HOLDERS:
        if holder not in (step.caller, TREASURY):
            assert step.before.balances.get(holder, 0) == step.after.balances.get(holder, 0)


def inv_f1(step: Step) -> None:
    """I-F1: a fee is its part of the gross, rounded up: by less than one share.

    f * gross <= fee < f * gross + 1
    """
    rules, done = step.token.rules, step.done
    if isinstance(done, Minted):
        charged, gross = rules.mint_fee, done.shares + done.fee
    elif isinstance(done, Redeemed):
        charged, gross = rules.redeem_fee, done.shares
    else:
        return
    assert charged * gross <= WAD * done.fee < charged * gross + WAD


def legs_after(step: Step) -> tuple[int, int]:
    return step.before.collateral + step.collateral, step.before.debt + step.debt


def inv_a2(step: Step) -> None:
    """I-A2: no fill goes past the edge that it heads for, but for the grain that a taker pays.

    lever  V' <= G * E'              delever  V' >= G * (E' - 2 - g * P - g)
    """
    if not isinstance(step.done, Filled):
        return
    rules, fill = step.token.rules, step.done
    edge = rules.lowest if fill.levering else rules.highest
    geared = gearing(rules.target if fill.lane is Lane.EMERGENCY else edge, rules.long)
    collateral, debt = legs_after(step)
    value = collateral * step.before.price
    if fill.levering:
        assert value * WAD <= geared * (value - debt * SCALE)
    else:
        overpaid = 2 * SCALE + step.before.grain * (step.before.price + SCALE)
        assert value * WAD >= geared * (value - debt * SCALE - overpaid)


def inv_a3(step: Step) -> None:
    """I-A3: every fill moves leverage toward target, but for a unit and the grain it overpays."""
    if not isinstance(step.done, Filled):
        return
    collateral, debt = legs_after(step)
    price, grain = step.before.price, step.before.grain
    value, value_after = step.before.collateral * price, collateral * price
    nav, nav_after = value - step.before.debt * SCALE, value_after - debt * SCALE
    if step.done.levering:
        overpaid = (1 + grain) * price
        assert (value_after - overpaid) * nav > value * (nav_after - overpaid - grain * SCALE) > 0
    else:
        assert 0 <= value_after * nav < value * nav_after


def inv_a4(step: Step) -> None:
    """I-A4: a fill costs holders its premium on what is traded, and nothing else."""
    fill, price = step.done, step.before.price
    if not isinstance(fill, Filled):
        return
    worths = Fraction((fill.collateral - step.before.grain) * price, SCALE)
    notional = worths if fill.levering else Fraction(fill.debt - step.before.grain)
    for before, after, (collateral, debt) in step.books():
        lost = worth(before, price) - worth(after, price)
        allowed = collateral * price / SCALE + debt
        assert lost <= max(0, fill.premium) * notional / WAD + allowed


def inv_a5(step: Step) -> None:
    """I-A5: the taker's payment is rounded up, and is never nothing."""
    fill = step.done
    if not isinstance(fill, Filled):
        return
    worth = fill.collateral * step.before.price
    debt = fill.debt * SCALE
    assert fill.collateral > 0 and fill.debt > 0
    if fill.levering:
        assert worth * (WAD + fill.premium) >= debt * WAD
    else:
        assert debt * (WAD + fill.premium) >= worth * WAD


def inv_a7(step: Step) -> None:
    """I-A7: a fill leaves all shares as they are."""
    if isinstance(step.done, Filled):
        assert step.before.balances == step.after.balances


def inv_a9(step: Step) -> None:
    """I-A9: an emergency is a leverage at its trigger or beyond, and only ever delevers.

    The trigger is the rules' own, or sooner where the venue has come to liquidate sooner.
    """
    if isinstance(step.done, Filled) and step.done.lane is Lane.EMERGENCY:
        rules = step.token.rules
        lltv, _ = step.token.position.liquidation()
        trigger = min(rules.emergency, near_liquidation(lltv, rules.long))
        value = step.before.collateral * step.before.price // SCALE
        geared = gearing(trigger, rules.long)
        assert value * WAD >= geared * (value - step.before.debt)
        assert not step.done.levering


def inv_a10(step: Step) -> None:
    """I-A10: levering leaves the venue's limit some way off, delevering comes no nearer to it."""
    if not isinstance(step.done, Filled):
        return
    collateral, debt = legs_after(step)
    if step.done.levering:
        lltv, _ = step.token.position.liquidation()
        assert debt * SCALE * WAD < collateral * step.before.price * lltv
    else:
        for before, after, (_, more) in step.books():
            assert (after[1] - more) * before[0] <= before[1] * after[0]


def inv_s3(step: Step) -> None:
    """I-S3: what is healthy stays so, whatever anyone asks the token to do."""
    assert step.after.healthy or not step.before.healthy


def inv_s4(step: Step) -> None:
    """I-S4: shares add up to the supply."""
    assert sum(step.after.balances.values()) == step.after.issued


def inv_s6(step: Step) -> None:
    """I-S6: what the venue owes and is owed changed by what was paid, but for its rounding.

    That is within the grain, if there is one.
    """
    collateral, debt = step.slack(read=Fraction(0))
    if step.before.grain > 0:
        assert max(collateral, debt) <= step.before.grain
    before, after = step.before, step.after
    assert abs(after.true_collateral - before.true_collateral - step.collateral) <= collateral
    repaid_in_full = after.debt == 0
    if not repaid_in_full:
        assert abs(after.true_debt - before.true_debt - step.debt) <= debt


def gain(step: Step) -> Fraction:
    """What the caller wins in debt units, its shares worth their part of the true NAV."""
    before, after = step.before, step.after
    paid = Fraction(step.collateral * before.price, SCALE) - step.debt
    shares = after.balances.get(step.caller, 0) * max(Fraction(0), after.nav()) / after.supply
    held = before.balances.get(step.caller, 0) * max(Fraction(0), before.nav()) / before.supply
    return shares - held - paid


def inv_n1(step: Step) -> None:
    """I-N1: without a fill a caller wins nothing but what the venue rounds, and a unit of debt."""
    if not isinstance(step.done, Filled):
        collateral, debt = step.slack()
        assert gain(step) <= collateral * step.before.price / SCALE + debt


def inv_n2(step: Step) -> None:
    """I-N2: a taker wins its premium, and what the venue rounds."""
    fill = step.done
    if isinstance(fill, Filled):
        worth = Fraction(fill.collateral * step.before.price, SCALE)
        notional = worth if fill.levering else Fraction(fill.debt)
        collateral, debt = step.slack()
        rounding = collateral * step.before.price / SCALE + debt
        assert gain(step) <= max(0, fill.premium) * notional / WAD + 2 + rounding


def inv_m5(minted: Minted, redeemed: Redeemed, last: Step) -> None:
    """I-M5: out again in the same block, a share takes no more collateral and repays no less debt.

    out / net <= in / gross          repaid / net >= borrowed / gross, or all that is owed
    """
    collateral, debt = last.uncovered(written=2, read=2)
    gross, net = minted.shares + minted.fee, redeemed.shares - redeemed.fee
    assert redeemed.collateral * gross <= minted.collateral * net + collateral * gross
    all_of_it = last.after.debt == 0
    assert redeemed.debt * gross >= minted.debt * net - debt * gross or all_of_it


def inv_m6(before: State, whole: Minted, parts: list[Minted], last: Step) -> None:
    """I-M6: minting in parts is no cheaper.

    Each part rounds its fee up, so that the parts may be of more shares than the whole. These take
    their debt along, as they bring their collateral.
    """
    collateral, debt = last.uncovered(written=len(parts), read=len(parts))
    more = sum(part.shares + part.fee for part in parts) - whole.shares - whole.fee
    assert sum(part.collateral for part in parts) >= whole.collateral - collateral
    along = mul_div_up(before.debt, more, before.supply)
    assert sum(part.debt for part in parts) <= whole.debt + along + debt
    assert sum(part.fee for part in parts) >= whole.fee


def inv_m7(preview: tuple[int, int], result: tuple[int, ...], model: tuple[int, int]) -> None:
    """I-M7: a preview is what the call does in the same block, and what the model says."""
    assert preview == result == model


def inv_m9(reason: str) -> None:
    """I-M9: nothing is minted or redeemed for zero shares."""
    assert reason in ("mint: zero shares", "redeem: zero shares")


def inv_m11(machine: "VenueMachine", caller: str) -> None:
    """I-M11: of a healthy position every holder can redeem everything, with the oracle dead."""
    assert machine.lab.word(machine.world.token, "balanceOf(address)", caller) == 0


def inv_a11(machine: "VenueMachine", with_price: Any, without: Any) -> None:
    """I-A11: without a price there is no fill, and redemption is what it is with one."""
    assert with_price == without
    assert told(machine.token.auction) == NO_PRICE


def inv_s1(machine: "VenueMachine", coin: str) -> None:
    """I-S1: coins are neither made nor lost."""
    world, word = machine.world, machine.lab.word
    holders = (*ACTORS, TREASURY, OWNER, world.venue, world.position, world.token)
    balances = sum(word(coin, "balanceOf(address)", holder) for holder in holders)
    assert balances == word(coin, "totalSupply()")


def inv_s2(machine: "VenueMachine") -> None:
    """I-S2: the token keeps no coins, and the position none but gifts not yet used."""
    world, word, position = machine.world, machine.lab.word, machine.position
    loose = {world.collateral: position.loose_collateral, world.debt: position.loose_debt}
    for coin, amount in loose.items():
        assert word(coin, "balanceOf(address)", world.position) == amount
        assert word(coin, "balanceOf(address)", world.token) == 0


OF_A_STEP = (
    inv_m1,
    inv_m2,
    inv_m3,
    inv_m4,
    inv_m8,
    inv_m10,
    inv_m12,
    inv_f1,
    inv_a2,
    inv_a3,
    inv_a4,
    inv_a5,
    inv_a7,
    inv_a9,
    inv_a10,
    inv_s3,
    inv_s4,
    inv_s6,
    inv_n1,
    inv_n2,
)
LAWS = (*OF_A_STEP, inv_m5, inv_m6, inv_m7, inv_m9, inv_m11, inv_a11, inv_s1, inv_s2)


class VenueMachine(Machine):
    """One token on one venue among three actors who have all the coins that they need."""

    laws = LAWS
    events = frozenset(
        {
            "SCHEDULED lever",
            "SCHEDULED delever",
            "EMERGENCY delever",
            "EMERGENCY sooner",
            *MODES,
            *PAIRS,
        }
    )
    worlds: ClassVar[dict[tuple[str, str], World]]

    @initialize(mode=st.sampled_from(sorted(MODES)), pair=st.sampled_from(sorted(PAIRS)))
    def begin(self, mode: str, pair: str) -> None:
        self.world = self.worlds[mode, pair]
        self.mode, self.pair = self.world.mode, self.world.pair
        self.token = self.world.model.copy()
        self.position = position_of(self.token)
        self.venue = self.position.market
        self.rules_ = self.token.rules
        self.usual_lltv = self.venue.lltv
        self.looked = 0
        self.lab.warp(self.venue.now)
        self.happened[mode] += 1
        self.happened[pair] += 1
        self.look()

    # Looking

    def state(self) -> State:
        token, venue = self.token, self.venue
        of_collateral, of_debt = venue.indices()
        return State(
            *venue.balances(),
            *venue.true(),
            token.true_supply(),
            token.supply,
            dict(token.balances),
            venue.price,
            venue.healthy(),
            Fraction(of_collateral, venue.one),
            Fraction(of_debt, venue.one),
            venue.grain(),
        )

    def look(self) -> None:
        """Chain and model are alike: what a step can have changed, and one view in turn."""
        lab, world, token, venue = self.lab, self.world, self.token, self.venue
        self.looked += 1
        assert lab.ask(world.position, "balances()") == venue.balances()
        assert lab.word(world.position, "grain()") == venue.grain()
        assert lab.ask(world.venue, "indices()") == venue.indices()
        assert lab.word(world.venue, "collateral_units()") == venue.collateral_units
        assert lab.word(world.venue, "debt_units()") == venue.debt_units
        assert lab.word(world.token, "totalSupply()") == token.supply
        for holder in HOLDERS:
            shares = lab.word(world.token, "balanceOf(address)", holder)
            assert shares == token.balance(holder)
        auction = told(token.auction)
        seen = lab.ask(world.token, "auction()")
        if isinstance(auction, Auction):
            assert seen == words((*vars(auction).values(),))
        else:
            assert seen == auction
        views = (
            ("leverage()", token.leverage),
            ("totalAssets()", token.total_assets),
            ("settled_at()", lambda: token.settled_at),
            ("next_rebalance()", token.next_rebalance),
            ("cap()", lambda: token.cap),
        )
        view, answer = views[self.looked % len(views)]
        assert lab.ask(world.token, view) == words(told(answer))
        if self.looked % 3 == 0:
            most = lab.word(world.token, "maxMint(address)", ACTORS[0])
            assert most == token.max_mint()
            assert lab.word(world.position, "liquidity()") == self.position.liquidity()
        if self.looked % 4 == 0:
            inv_s2(self)
        if self.looked % 8 == 0:
            inv_s1(self, (world.collateral, world.debt)[self.looked // 8 % 2])

    def acted(self, before: State, caller: str, done: Done) -> Step:
        """A call was made: look, and hold it to the laws."""
        last = Step(before, self.state(), done, caller, self.mode, self.token)
        for law in OF_A_STEP:
            law(last)
        return last

    # Doing it in both

    def mints(self, caller: str, shares: int) -> tuple[Minted, Step]:
        before = self.state()
        legs = self.token.preview_mint(shares)
        preview = self.lab.ask(self.world.token, "preview_mint(uint256)", shares)
        done = self.token.mint(caller, shares, *legs)
        result = self.lab.do(caller, self.world.token, MINT, shares, *legs, caller, caller)
        assert isinstance(preview, tuple)
        inv_m7((preview[0], preview[1]), result, (done.collateral, done.debt))
        return done, self.acted(before, caller, done)

    def redeems(self, caller: str, shares: int) -> tuple[Redeemed, Step]:
        before = self.state()
        legs = self.token.preview_redeem(shares)
        preview = self.lab.ask(self.world.token, "preview_redeem(uint256)", shares)
        done = self.token.redeem(caller, shares, *legs)
        result = self.lab.do(caller, self.world.token, REDEEM, shares, *legs, caller, caller)
        assert isinstance(preview, tuple)
        inv_m7((preview[0], preview[1]), result, (done.debt, done.collateral))
        return done, self.acted(before, caller, done)

    def sized(self, size: int | Fraction, most: int) -> int:
        """So many units, or such a part of `most`."""
        return max(1, min(size, most) if isinstance(size, int) else int(size * most))

    def set_price(self, price: int) -> None:
        price = min(max(price, self.pair.price // 10**4), self.pair.price * 10**4)
        self.token.at(price=price)
        self.token.fault = ""
        for target in (self.world.oracle, self.world.venue):
            self.lab.send(OWNER, target, "set_price(uint256)", price)

    def warp(self, now: int) -> None:
        self.token.at(now=now)
        self.lab.warp(now)

    def steer(self, limit: str, around: int) -> None:
        """Let the price bring leverage to a limit, and `around` millionths of it further."""
        collateral, debt = self.venue.balances()
        if collateral == 0 or debt == 0:
            return
        limits = {
            "lowest": self.rules_.lowest,
            "target": self.rules_.target,
            "highest": self.rules_.highest,
            "emergency": self.rules_.emergency,
            "near": near_liquidation(self.venue.lltv, self.rules_.long),
            "liquidation": liquidation_leverage(self.venue.lltv, self.rules_.long),
        }
        geared = gearing(limits[limit] * (MILLION + around) // MILLION, self.rules_.long)
        self.set_price(debt * geared // (geared - WAD) * SCALE // collateral)

    def heal(self) -> None:
        """Lift whatever stands in the way of a mint."""
        if self.token.paused:
            self.pause(False)
        if self.token.cap != 2**112:
            self.set_cap(2**112)
        if self.venue.lltv != self.usual_lltv:
            self.set_terms(1_000)
        if self.venue.cash < 10**29:
            self.lend(10**30)
        if self.token.fault or not self.comfortable():
            self.steer("target", 0)

    def comfortable(self) -> bool:
        """Whether rounding by a few units cannot make the position unhealthy."""
        collateral, debt = self.venue.balances()
        few = 10 + 10 * int(sum(self.slips()))
        value = max(0, collateral - few) * self.venue.price // SCALE * self.venue.lltv // WAD
        return debt + few <= value

    def slips(self) -> tuple[Fraction, Fraction]:
        of_collateral, of_debt = self.venue.indices()
        return Fraction(of_collateral, self.venue.one), Fraction(of_debt, self.venue.one)

    def most_shares(self) -> int:
        """As many as keep every amount far from any limit."""
        collateral, debt = self.venue.balances()
        room = 10**27 * self.token.true_supply() // max(1, collateral, debt)
        return max(1, min(self.token.max_mint(), room, 4 * self.token.true_supply()))

    def pause(self, paused: bool) -> None:
        self.token.paused = paused
        self.lab.send(OWNER, self.world.token, "set_paused(bool)", paused)

    def set_terms(self, thousandths: int) -> None:
        """Let the venue liquidate sooner than when the token was made, or as it did then."""
        self.venue.lltv = self.usual_lltv * thousandths // 1_000
        given = self.venue.lltv, self.venue.bonus
        self.lab.send(OWNER, self.world.venue, "set_terms(uint256,uint256)", *given)

    def set_cap(self, cap: int) -> None:
        self.token.cap = cap
        self.lab.send(OWNER, self.world.token, "set_cap(uint256)", cap)

    def lend(self, wanted: int) -> None:
        change = wanted - self.venue.cash
        if change > 0:
            self.lab.send(OWNER, self.world.debt, "mint(address,uint256)", self.world.venue, change)
        elif change < 0:
            self.lab.send(
                OWNER, self.world.venue, "pay_out(address,uint256)", self.world.debt, -change
            )
        self.venue.cash = wanted

    def alive(self) -> bool:
        collateral, _ = self.venue.balances()
        return collateral > 10**4

    # Shares

    @precondition(lambda self: self.alive())
    @step(caller=ACTOR, size=SIZE)
    def mint(self, caller: str, size: int | Fraction) -> str | None:
        self.heal()
        if not self.comfortable():
            return SKIPPED
        self.mints(caller, self.sized(size, self.most_shares()))
        self.look()
        return None

    @precondition(lambda self: any(map(self.token.balance, ACTORS)))
    @step(caller=ACTOR, size=SIZE, stale=st.booleans())
    def redeem(self, caller: str, size: int | Fraction, stale: bool) -> str | None:
        self.heal()
        balance = self.token.balance(caller)
        if not self.comfortable() or balance == 0:
            return SKIPPED
        self.redeems(caller, self.sized(size, balance))
        self.look()
        return None

    @step(caller=ACTOR)
    def redeem_everything_without_a_price(self, caller: str) -> str | None:
        self.heal()
        balance = self.token.balance(caller)
        if not self.comfortable() or balance == 0:
            return SKIPPED
        with_price = self.lab.ask(self.world.token, "preview_redeem(uint256)", balance)
        self.lab.send(OWNER, self.world.oracle, "set_price(uint256)", 0)
        self.token.fault = NO_PRICE
        done, _ = self.redeems(caller, balance)
        inv_a11(self, with_price, (done.debt, done.collateral))
        inv_m11(self, caller)
        refused = self.lab.fault(caller, self.world.token, FILL_DELEVER, ENDLESS, 0, caller)
        assert refused == NO_PRICE
        self.look()
        return None

    @precondition(lambda self: self.alive())
    @step(caller=ACTOR, size=SIZE, times=st.integers(1, 4))
    def go_in_and_out(self, caller: str, size: int | Fraction, times: int) -> str | None:
        self.heal()
        if not self.comfortable():
            return SKIPPED
        shares = self.sized(size, self.most_shares())
        for _ in range(times):
            minted, _ = self.mints(caller, shares)
            redeemed, last = self.redeems(caller, shares)
            inv_m5(minted, redeemed, last)
        self.look()
        return None

    @precondition(lambda self: self.alive())
    @step(caller=ACTOR, sizes=st.lists(SIZE, min_size=2, max_size=4))
    def mint_in_parts(self, caller: str, sizes: list[int | Fraction]) -> str | None:
        self.heal()
        if not self.comfortable():
            return SKIPPED
        shares = [self.sized(size, self.most_shares() // 4) for size in sizes]
        mark, undo = self.lab.chain.snapshot(), self.token.snapshot()
        whole, _ = self.mints(caller, sum(shares))
        self.lab.chain.revert(mark)
        undo()
        parts, before = [], self.state()
        for part in shares:
            done, last = self.mints(caller, part)
            parts.append(done)
        inv_m6(before, whole, parts, last)
        self.look()
        return None

    @step(caller=ACTOR)
    def settle(self, caller: str) -> None:
        self.token.settle()
        self.lab.send(caller, self.world.token, "settle()")
        self.look()

    @step(caller=ACTOR, receiver=ACTOR, size=SIZE)
    def transfer(self, caller: str, receiver: str, size: int | Fraction) -> None:
        balance = self.token.balance(caller)
        amount = min(balance, self.sized(size, balance))
        self.token.transfer(caller, receiver, amount)
        transfer = "transfer(address,uint256)"
        self.lab.send(caller, self.world.token, transfer, receiver, amount)
        self.look()

    @step(caller=ACTOR, more=st.integers(1, 10**30))
    def ask_in_vain(self, caller: str, more: int) -> None:
        self.heal()
        fault, token = self.lab.fault, self.world.token
        inv_m9(fault(caller, token, MINT, 0, ENDLESS, 0, caller, caller))
        inv_m9(fault(caller, token, REDEEM, 0, ENDLESS, 0, caller, caller))
        too_much = self.token.balance(caller) + more
        refused = fault(caller, token, REDEEM, too_much, ENDLESS, 0, caller, caller)
        assert refused == "redeem: shares above balance"
        if self.alive():
            collateral, debt = self.token.preview_mint(1_000)
            bounds = {
                "mint: collateral above max": (collateral - 1, debt),
                "mint: debt below min": (collateral, debt + 1),
            }
            for reason, limits in bounds.items():
                assert fault(caller, token, MINT, 1_000, *limits, caller, caller) == reason
        for move in ("lever", "delever"):
            reason = fault(
                caller, self.world.position, f"{move}(uint256,uint256,address)", 0, more, caller
            )
            assert reason == f"{move}: caller is not the token"

    # Fills

    @precondition(lambda self: self.alive())
    @step(
        caller=ACTOR,
        sizes=st.lists(SIZE, min_size=1, max_size=4),
        limit=st.sampled_from(["lowest", "highest", "emergency", "near"]),
        terms=TERMS,
        elapsed=st.integers(0, 7_199),
        beyond=BEYOND,
    )
    def fill(
        self,
        caller: str,
        sizes: list[int | Fraction],
        limit: str,
        terms: int,
        elapsed: int,
        beyond: int,
    ) -> str | None:
        self.heal()
        self.set_terms(terms)
        now = self.token.now
        if limit in ("lowest", "highest") and now - opened(now) >= self.rules_.window:
            self.warp(self.token.next_rebalance() + elapsed)
        self.steer(limit, -beyond if limit == "lowest" else beyond)
        filled = [self.fills(caller, size) for size in sizes]
        self.look()
        return None if any(filled) else SKIPPED

    def fills(self, caller: str, size: int | Fraction) -> bool:
        """Fill so much of what is open, if that gives anything and the venue lets it."""
        auction = told(self.token.auction)
        if not isinstance(auction, Auction) or auction.lane is Lane.CLOSED:
            return False
        before = self.state()
        act, signature = (
            (self.token.fill_lever, FILL_LEVER)
            if auction.levering
            else (self.token.fill_delever, FILL_DELEVER)
        )
        request = self.sized(size, auction.brings)
        if self.preview_fill(auction.levering, request)[1] == 0:
            request = auction.brings
        preview = self.preview_fill(auction.levering, request)
        done = told(lambda: act(request))
        if not isinstance(done, Filled):
            refused = self.lab.fault(caller, self.world.token, signature, request, 0, caller)
            assert refused == done
            return False
        result = self.lab.do(caller, self.world.token, signature, request, 0, caller)
        legs = done.collateral, done.debt
        inv_m7(preview, result, legs if done.levering else legs[::-1])
        self.acted(before, caller, done)
        self.happened[f"{done.lane.name} {'' if done.levering else 'de'}lever"] += 1
        if done.lane is Lane.EMERGENCY and self.sooner(before):
            self.happened["EMERGENCY sooner"] += 1
        return True

    def preview_fill(self, levering: bool, request: int) -> tuple[int, int]:
        """What the token says of a fill, in the words of chain and model alike."""
        name = "preview_fill_lever" if levering else "preview_fill_delever"
        said: tuple[int, int] = getattr(self.token, name)(request)
        assert self.lab.ask(self.world.token, f"{name}(uint256)", request) == said
        return said

    def sooner(self, before: State) -> bool:
        """Whether leverage was below the rules' own trigger."""
        value = before.collateral * before.price // SCALE
        return value * WAD < gearing(self.rules_.emergency, self.rules_.long) * (
            value - before.debt
        )

    # The world

    @step(seconds=WAIT)
    def wait(self, seconds: int) -> None:
        self.warp(self.token.now + seconds)
        self.look()

    @step(move=st.integers(-600, 600))
    def move_the_price(self, move: int) -> None:
        self.set_price(self.venue.price * (1_000 + move) // 1_000)
        self.look()

    @step(limit=LIMIT, around=AROUND, terms=TERMS)
    def move_the_price_to_a_limit(self, limit: str, around: int, terms: int) -> None:
        self.set_terms(terms)
        self.steer(limit, around)
        self.look()

    @step()
    def lose_the_price(self) -> None:
        self.lab.send(OWNER, self.world.oracle, "set_price(uint256)", 0)
        self.token.fault = NO_PRICE
        self.look()

    # Strangers and the venue

    @step(giver=ACTOR, size=SIZE, how=st.sampled_from(["supply", "repay", "collateral", "debt"]))
    def give(self, giver: str, size: int | Fraction, how: str) -> None:
        collateral, debt = position_of(self.world.model).balances()
        amount = self.sized(size, collateral if how in ("supply", "collateral") else debt)
        if how == "supply":
            self.venue.supply(amount)
            self.lab.send(giver, self.world.venue, "supply(uint256)", amount)
        elif how == "repay":
            self.venue.repay(amount)
            self.lab.send(giver, self.world.venue, "repay(uint256)", amount)
        else:
            coin = self.world.collateral if how == "collateral" else self.world.debt
            self.lab.send(giver, coin, "transfer(address,uint256)", self.world.position, amount)
            if how == "collateral":
                self.position.loose_collateral += amount
            else:
                self.position.loose_debt += amount
        self.look()

    @precondition(lambda self: self.alive())
    @step(liquidator=ACTOR, size=SIZE, beyond=BEYOND)
    def be_liquidated(self, liquidator: str, size: int | Fraction, beyond: int) -> str | None:
        if self.venue.healthy():
            self.steer("liquidation", beyond)
        _, owed = self.venue.balances()
        if self.venue.healthy() or owed == 0:
            return SKIPPED
        repaid = self.sized(size, owed)
        self.venue.liquidate(repaid)
        self.lab.send(liquidator, self.world.venue, "liquidate(uint256)", repaid)
        self.look()
        return None

    @precondition(lambda self: self.mode.debt_moves)
    @step(
        collateral=st.integers(0, 2 * 10**9),
        debt=st.integers(0, 2 * 10**9),
        rates=st.booleans(),
    )
    def charge(self, collateral: int, debt: int, rates: bool) -> None:
        """Let the indices jump, by up to three times what they are; or let them grow a while."""
        moves = self.mode.collateral_moves
        if rates:
            self.venue.accrue()
            self.venue.collateral_rate, self.venue.debt_rate = moves * collateral, debt
            given, signature = (moves * collateral, debt), "set_rates(uint256,uint256)"
        else:
            self.venue.accrue()
            of_collateral, of_debt = self.venue.indices()
            most = 10**6 * RAY
            of_debt = min(most, of_debt + of_debt * debt // 10**9)
            if moves:
                of_collateral = min(most, of_collateral + of_collateral * collateral // 10**9)
            self.venue.collateral_index, self.venue.debt_index = of_collateral, of_debt
            given, signature = (of_collateral, of_debt), "set_indices(uint256,uint256)"
        self.lab.send(OWNER, self.world.venue, signature, *given)
        self.look()

    @step(what=st.sampled_from(["pause", "cap", "liquidity"]), left=st.sampled_from([0, 1, 10**6]))
    def obstruct(self, what: str, left: int) -> None:
        """Let there be no minting, or only `left` of something."""
        if what == "pause":
            self.pause(True)
        elif what == "cap":
            self.set_cap(self.token.true_supply() + left)
        else:
            self.lend(left)
        caller = ACTORS[0]
        shares = self.token.max_mint() + 10**19
        with_model = told(lambda: self.token.mint(caller, shares))
        if isinstance(with_model, str):
            mint = self.lab.fault(
                caller, self.world.token, MINT, shares, ENDLESS, 0, caller, caller
            )
            assert mint == with_model
        self.look()


def test_any_order_of_calls_on_any_venue_leaves_chain_and_model_alike():
    lab = Lab()
    worlds = {
        (mode, pair): open_token(lab, MODES[mode], PAIRS[pair]) for mode in MODES for pair in PAIRS
    }
    machine = type("OnThisLab", (VenueMachine,), {"lab": lab})

    run(machine, "mock_venue", worlds=worlds)


def test_max_mint_with_next_to_no_debt_is_what_the_cap_leaves():
    """A view of ERC-4626 may not revert, and this one did, on a product beyond 256 bits.

    The venue's liquidity allows for liquidity * S / D shares. With a debt of one unit left, after a
    stranger's repayment or many a year of fees, that times a WAD can be any size. But what exceeds
    twice the cap's room says no more than twice the room does, since fees take 1 % at the most.
    """
    lab = Lab()
    world = open_token(lab, MODES["exact"], PAIRS["6/18"])
    caller = ACTORS[0]
    lab.send(OWNER, world.debt, "mint(address,uint256)", world.venue, 10**33)
    lab.send(caller, world.token, MINT, 10**32, ENDLESS, 0, caller, caller)
    owed = lab.do(OWNER, world.position, "accrue()")[1]

    lab.send(caller, world.venue, "repay(uint256)", owed - 1)

    assert lab.do(OWNER, world.position, "accrue()")[1] == 1
    room = lab.word(world.token, "cap()") - lab.word(world.token, "totalSupply()")
    assert lab.ask(world.token, "maxMint(address)", caller) == (room,)
