"""What the rules of the machine stand on: chain and model side by side, and what may be done."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import astuple
from functools import wraps
from time import monotonic
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
)

from scripts._devnet import CAP, ETH_HEARTBEAT, USDC_HEARTBEAT
from scripts._model import daily_schedule
from scripts._model.fixed_point import SCALE, WAD, mul_div_down, mul_div_up
from scripts._model.leverage_math import gearing
from scripts._model.premium_curve import liquidation_leverage
from scripts._model.revert import Revert
from scripts._model.token import MAX_CAP, Auction, Filled, Lane, Token

from .campaign import ids, keep, play, rules_of, runs
from .laws import DUST, LAWS, Kind, Law, Promise, Step
from .node import Call, Log, topic
from .questions import Size as Size
from .questions import part as part
from .venues import OnMorpho
from .world import ACTORS, PAUPER, Twin, World, told, words

MILLION = 10**6

MINTED = topic("Minted(address,address,uint256,uint256,uint256,uint256)")
REDEEMED = topic("Redeemed(address,address,address,uint256,uint256,uint256,uint256)")
FILLED = topic("Filled(address,address,uint256,bool,int256,uint256,uint256)")
FEE_ACCRUED = topic("FeeAccrued(address,uint256)")

SELDOM = 5  # of so many looks one asks everything


def pick(which: int, options: list[Any]) -> Any:
    """One of a list that is not empty, however long it is."""
    return options[which % len(options)]


def step(kind: Kind, **strategies: Any) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """A rule that is counted, after which chain and model are asked.

    What it does may turn out to be of another kind, which it then returns.
    """

    def decorate(act: Callable[..., Kind | None]) -> Callable[..., None]:
        @rule(**strategies)
        @wraps(act)
        def run(stage: "Stage", **drawn: Any) -> None:
            stage.forget()
            done = act(stage, **drawn) or kind
            stage.look(done)
            if done is kind:
                stage.happened[act.__name__] += 1

        return run

    return decorate


class Stage(RuleBasedStateMachine):
    """One token among three actors, who have all the coins that they need."""

    world: ClassVar[World]
    happened: ClassVar[Counter[str]]  # rules, events and reasons, over all examples
    laws: ClassVar[tuple[Law, ...]] = LAWS

    def __init__(self) -> None:
        super().__init__()
        self.mark = self.world.node.snapshot()
        self.looks = 0
        self.model: Twin = self.world.model.copy()
        self.token = self.model.token
        self.rules_ = self.token.rules
        self.position = self.token.position
        self.market = self.position.market
        self.venue = self.world.venue
        self.forget()
        self.ask()
        self.look(Kind.WORLD)

    def teardown(self) -> None:
        self.world.node.revert(self.mark)

    def forget(self) -> None:
        """A new step: nothing has been done in it."""
        self.gearing = 0  # that its fill may reach
        self.filled: Filled | None = None
        self.promises: list[Promise] = []

    def ask(self) -> None:
        """Ask chain and model: everything at first, and then every few looks."""
        everything = self.looks % SELDOM == 0
        self.looks += 1
        asked = self.world.all if everything else self.world.often
        self.expected = self.world.in_model(self.model, asked)
        self.seen = self.world.on_chain(self.expected, asked)

    def look(self, kind: Kind) -> None:
        """Ask the chain and the model, and take stock of what may be done next."""
        before = self.seen
        self.ask()
        self.last = Step(kind, before, self.seen, self.gearing, self.filled, tuple(self.promises))

        self.healthy = self.venue.is_healthy(self.market)
        self.can_borrow = self.venue.can_borrow(self.market)
        self.borrow_shares = self.seen.borrow_shares
        self.collateral, self.debt = self.position.balances()
        self.supply = self.expected.supply
        self.holders = [actor for actor in ACTORS if self.token.balance(actor) > 0]
        auction = told(self.token.auction)
        self.auction = auction if isinstance(auction, Auction) else Auction()
        self.can_lever = self.auction.levering
        self.can_delever = self.auction.lane != Lane.CLOSED and not self.auction.levering
        self.can_mint = min(self.token.max_mint(), self.affordable()) if self.can_borrow else 0

    # What must always hold

    @invariant()
    def chain_and_model_are_alike(self) -> None:
        expected, seen = self.expected.answers, self.seen.answers
        different = {q: (seen[q], expected[q]) for q in seen if seen[q] != expected[q]}
        assert different == {}, "chain, model"

    @invariant()
    def laws_hold(self) -> None:
        for law in self.laws:
            law(self.last)

    # What may be done

    def room(self) -> int:
        """Shares up to the cap, unless minting is paused."""
        return 0 if self.token.paused else max(0, self.token.cap - self.supply)

    def affordable(self) -> int:
        """Shares that every actor has the collateral for."""
        purse = min(self.model.coins[actor, "collateral"] for actor in ACTORS)
        return purse * self.supply // max(1, self.collateral) * 9 // 10

    def loan(self, debt: int) -> int:
        """The fewest shares whose minting borrows at least `debt`; zero if nothing is owed."""
        wanted = debt + self.position.grain()
        return mul_div_up(wanted, self.supply, self.debt) if self.debt > 0 else 0

    def least_request(self) -> int:
        """The least that a taker must bring to get anything."""
        deal = self.token.offer().price  # debt for a unit of collateral, scaled by 1e36
        grain = self.position.grain()
        takes = (grain + 1, SCALE, deal) if self.can_lever else (grain + 1, deal, SCALE)
        return mul_div_up(*takes) + grain

    def lacks_collateral(self) -> bool:
        """Whether the pauper cannot mint all that can be minted."""
        collateral, _ = self.token.preview_mint(self.can_mint)
        return collateral > self.position.loose_collateral

    def lacks_debt(self) -> bool:
        """Whether the pauper cannot redeem its shares."""
        debt, _ = self.token.preview_redeem(self.token.balance(PAUPER))
        return debt > self.position.loose_debt

    def poverty(self, coin: str) -> str:
        """How `coin` says that there is not enough: WETH9 is of few words."""
        return "transfer: balance too low" if self.world.coin_names[coin] == "usdc" else ""

    def dust(self) -> bool:
        """Whether so few units are left that rounding decides about health."""
        value = mul_div_down(self.collateral, self.market.price, SCALE)
        return min(self.collateral, value, self.debt) < DUST

    def is_crumb(self, taken: int) -> bool:
        """Whether the venue may round to nothing what is `taken` from it, and so refuse it."""
        return 0 < taken <= self.position.grain()

    def is_far_from_healthy(self) -> bool:
        """Whether a unit of either coin, or the venue's grain, does not heal the position."""
        value = mul_div_down(self.collateral, self.market.price, SCALE)
        most = mul_div_down(value, self.market.lltv, WAD)
        unit = mul_div_up(1, self.market.price, SCALE)
        units = 2 * (1 + self.position.grain())
        return not self.healthy and self.debt - most > units * unit + DUST

    def is_beyond_help(self) -> bool:
        """Whether no fill heals the position.

        Where the emergency premium would take more than all there is, that lane is closed; the
        scheduled one may have too little left for the day. The venue's liquidators may still act.
        """
        return not self.healthy and self.auction.lane is Lane.SCHEDULED

    def too_little_is_left(
        self, sender: str, call: Call, model: Callable[[Token], object], excused: bool = False
    ) -> bool:
        """Whether `call` is refused, as only the rounding of the last few units excuses."""
        refused = isinstance(told(lambda: model(self.token.copy())), str)
        if refused:
            assert excused or self.dust()
            self.refuses(sender, call, lambda: model(self.token))
        return refused

    # Time and price

    def opening(self, elapsed: int) -> int:
        """Now, if the scheduled lane may be open; or `elapsed` seconds after the next opening."""
        now = self.token.now
        if now - daily_schedule.opened(now) < self.rules_.window:
            return now
        return self.token.next_rebalance() + elapsed

    def answer_at(self, limit: str, around: int) -> int:
        """The feed's answer that brings leverage to a limit, and `around` millionths further.

        Where nothing is owed no price brings it anywhere.
        """
        if self.debt == 0 or self.collateral == 0:
            return self.model.answer
        if limit == "ruin":
            return self.model.answer_for(self.debt * (MILLION - around) // MILLION)
        limits = {
            "lowest": self.rules_.lowest,
            "target": self.rules_.target,
            "highest": self.rules_.highest,
            "emergency": self.rules_.emergency,
            "liquidation": liquidation_leverage(self.market.lltv, self.rules_.long),
        }
        geared = gearing(limits[limit] * (MILLION + around) // MILLION, self.rules_.long)
        return self.model.answer_for(self.debt * geared // (geared - WAD))

    def news(self, now: int, answer: int) -> None:
        """It is `now`, and ether costs `answer`."""
        if now > self.token.now:
            self.world.node.set_time(now)
        self.send("owner", self.call("eth feed", "post(int256)", answer))
        if now - self.model.refreshed_at > USDC_HEARTBEAT - ETH_HEARTBEAT:
            self.send("owner", self.call("usdc feed", "refresh()"))
            self.model.refreshed_at = now
        self.token.at(now=now)
        self.model.answer, self.model.updated_at = answer, now
        self.model.look()

    def silence(self, now: int) -> None:
        """It is `now`, and the feeds have not answered since."""
        self.token.at(now=now)
        self.model.look()
        self.world.node.set_time(now)
        self.world.node.mine()

    # What comes before an act

    def come_to(self, now: int, answer: int) -> None:
        """News that an act follows on."""
        self.news(now, answer)
        self.look_on(Kind.WORLD)

    def make_way(self) -> None:
        """Lift whatever keeps anyone from minting or levering."""
        if self.token.paused or self.position.liquidity() == 0 or self.room() == 0:
            self.lift_all()
            self.look_on(Kind.SWITCH)
        if not self.can_borrow:
            self.come_to(self.token.now, self.answer_at("target", 0))

    def seek_levering(self, elapsed: int, beyond: int) -> None:
        """Unless levering is open: come to a price and a time at which it should be."""
        if not self.can_lever:
            self.come_to(self.opening(elapsed), self.answer_at("lowest", -beyond))

    def seek_delevering(self, limit: str, elapsed: int, beyond: int) -> None:
        """Unless delevering is open: come to a price, or also a time, at which it should be."""
        if not self.can_delever:
            now = self.opening(elapsed) if limit == "highest" else self.token.now
            self.come_to(now, self.answer_at(limit, beyond))

    def go_stale(self) -> None:
        """Hear no news for so long that the fill oracle refuses."""
        self.silence(self.token.now + ETH_HEARTBEAT + 1)
        self.look_on(Kind.WORLD)

    def fall_ill(self, limit: str, beyond: int) -> None:
        """Unless it is already: come to a price at which the position is beyond a limit."""
        if self.healthy:
            self.come_to(self.token.now, self.answer_at(limit, beyond))

    def be_wiped_out(self, liquidator: str, beyond: int) -> None:
        """Lose all collateral to a liquidator, if there is less than the debt."""
        self.come_to(self.token.now, self.answer_at("ruin", beyond))
        if not self.healthy and self.venue.wipe_out(self, liquidator):
            self.happened["bad debt"] += 1
            self.look_on(Kind.VENUE)

    def look_on(self, kind: Kind) -> None:
        """Look and compare, in the middle of a step."""
        self.look(kind)
        self.chain_and_model_are_alike()
        self.laws_hold()
        self.forget()

    # Doing it in both

    def call(self, target: str, signature: str, *args: Any) -> Call:
        """A call with names for addresses."""
        return self.world.call(target, signature, *args)

    def send(self, sender: str, call: Call, value: int = 0) -> list[Log]:
        """A transaction that succeeds, and its logs."""
        return self.world.node.send(call, self.world.address[sender], value)

    def promise(self, holder: str, what: str, more: int) -> None:
        """The caller was told that `holder` would have so much more (see `Promise`)."""
        self.promises.append(Promise(holder, what, more))

    def tries(self, sender: str, call: Call, act: Callable[[], Any]) -> Any:
        """Do it in both, or have both refuse it; what it returns, or the reason."""
        done = told(act)
        if isinstance(done, str):
            self.refuses_for(done, sender, call)
        else:
            self.send(sender, call)
        return done

    def pay_in(self, coin: str, amount: int, payer: str, loose: int) -> None:
        """Coins through the position to the venue: those that lay there `loose` go first.

        What the venue did not want has stayed there.
        """
        pulled = max(0, amount - loose)
        self.model.pay(coin, pulled, payer, "position")
        stayed = self.model.purse("position", coin)
        self.model.pay(coin, loose + pulled - stayed, "position", "venue")

    def pay_out(self, coin: str, amount: int, receiver: str) -> None:
        """Coins straight from the venue."""
        self.model.pay(coin, amount, "venue", receiver)

    def set_paused(self, paused: bool) -> None:
        self.token.paused = paused
        self.send("owner", self.call("token", "set_paused(bool)", paused))

    def set_cap(self, cap: int) -> None:
        self.token.cap = cap
        self.send("owner", self.call("token", "set_cap(uint256)", cap))

    def lift_all(self) -> None:
        """No pause, no near cap, and as much to borrow as in the beginning."""
        self.set_paused(False)
        self.set_cap(min(MAX_CAP, self.supply + CAP))
        self.leave_liquidity(self.world.model.token.position.liquidity())

    def leave_liquidity(self, wanted: int) -> None:
        """The lender withdraws or adds until the venue has `wanted` left to lend."""
        self.venue.leave(self, wanted)

    # Comparing

    def saw(self, logs: list[Log], event: str, expected: Any) -> None:
        """One event, which says what the model says."""
        facts = words(astuple(expected))
        assert [log.words[-len(facts) :] for log in logs if log.event == event] == [facts]

    def saw_fill(self, logs: list[Log], filled: Filled) -> None:
        """The event of a fill; which one is counted."""
        self.saw(logs, FILLED, filled)
        self.gearing, self.filled = self.model.edge(filled), filled
        self.happened[f"{filled.lane.name.lower()} {'' if filled.levering else 'de'}lever"] += 1

    def refuses(self, sender: str, call: Call, model: Callable[[], object], value: int = 0) -> None:
        """The chain refuses `call` for the reason for which the model does."""
        with pytest.raises(Revert) as refusal:
            model()
        self.refuses_for(refusal.value.reason, sender, call, value)

    def refuses_for(self, reason: str, sender: str, call: Call, value: int = 0) -> None:
        """The chain refuses `call` for `reason`."""
        assert self.world.node.fault(call, self.world.address[sender], value) == reason
        self.happened[reason] += 1


def run(machine: type[Stage], world: World, numbers: range) -> Counter[str]:
    """Let a machine run in a world once for each number, and tell what happened."""
    return play(machine, numbers, world=world)


def turns(quick: int, world: World) -> int:
    """Runs of a campaign. Aave takes longer: twice, or an eighth as often, is enough there."""
    if isinstance(world.venue, OnMorpho):
        return runs(quick)
    return 2 if settings().derandomize else -(-runs(quick) // 8)


def campaign(
    machine: type[Stage],
    world: World,
    name: str,
    quick: int,
    often: Collection[str] = (),
    rare: Collection[str] = (),
    more_laws: Collection[str] = (),
) -> None:
    """Run a machine, so many runs in the quick profile, and record its figures.

    Every rule must happen and all that does `often`; in the thorough profile what is `rare`, too.
    `more_laws` are ids that its rules hold.
    """
    made, began = world.node.transactions, monotonic()

    happened = run(machine, world, range(turns(quick, world)))

    expected = {*rules_of(machine), *often, *(() if settings().derandomize else rare)}
    assert expected - set(+happened) == set(), "never happened"
    laws = ids(machine.laws) | set(more_laws)
    keep(name, world.node.transactions - made, machine, laws, began)
