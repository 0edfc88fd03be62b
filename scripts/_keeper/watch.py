"""One block after the other: look, quote, confirm, send. Five requests at the most, to one node.

    look      always, and all that a quiet block takes
    quote     where a lane is open that could pay: several sizes on each pool
    confirm   where one pays: the same again on what is about to be mined, with its gas
    send      one request for each fill and node

A token that was never seen takes one more, and so does every hundredth block, in which the facts of
all are asked for again; with a private node every open lane takes one to that.

A block in which something fails is lost, and the next one begins from the chain.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from threading import Event
from typing import Any

from scripts._keeper import decide
from scripts._keeper.chain import COMPARE, Chain, NoNode, WrongChain
from scripts._keeper.decide import Fill, Limits, Offer, Pass, Quote
from scripts._keeper.look import Lookout, View
from scripts._keeper.remember import Memory
from scripts._keeper.report import Metrics
from scripts._keeper.send import Desk, Outcome, Sent, Unsent
from scripts._keeper.settings import Settings
from scripts._lens import Fault, Lane
from scripts._model import daily_schedule

SOONER = 4  # parts of a block's time after which a block that did not come is asked for again


@dataclass(frozen=True)
class Step:
    """What was done in one block. `fills` would have been sent in a dry run too."""

    view: View
    fills: list[Fill]
    passes: list[Pass]
    sent: list[Sent]
    unsent: list[Unsent]
    outcomes: list[Outcome]
    requests: int
    seconds: float  # that it took to decide: looking and quoting


@dataclass
class Keeper:
    """Watches tokens and fills their auctions. `desk` without an account never sends."""

    lookout: Lookout
    desk: Desk
    limits: Limits
    native: str
    block_seconds: float
    broadcast: bool = False
    metrics: Metrics = field(default_factory=Metrics)
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("ballast.keeper"))
    memory: Memory = field(default_factory=Memory)
    seen: str = ""  # hash of the last block

    @property
    def chain(self) -> Chain:
        return self.lookout.chain

    @property
    def sends(self) -> bool:
        """Whether it sends what it decides, or only says it."""
        return self.broadcast and self.desk.account is not None

    @property
    def requests(self) -> int:
        """Made so far, to all nodes."""
        private = self.desk.private
        return self.chain.requests + (private.requests if private else 0)

    def step(self) -> Step | None:
        """Do what there is to do in the newest block; None if there is none since the last.

        Raises NoNode.
        """
        before, began = self.requests, time.perf_counter()
        if not self.seen:  # the first node may be behind the others
            self.chain.compare()
        view = self.lookout.look(self.desk.open)
        if view.hash == self.seen:
            return None
        if view.number % COMPARE == 0:
            self.chain.compare()
        outcomes = self.desk.follow(view)
        self.memory.note(outcomes, view)
        if self.sends and any(state.lane for state in view.states):
            view = self.desk.hear(view)
        fills, passes = self._decide(view)
        seconds = time.perf_counter() - began
        sent: list[Sent] = []
        unsent: list[Unsent] = []
        if fills and self.sends:
            sent, unsent = self.desk.send(fills, view)
        self.seen = view.hash
        requests = self.requests - before
        step = Step(view, fills, passes, sent, unsent, outcomes, requests, seconds)
        self._tell(step)
        return step

    def run(self, stop: Event, on_step: Callable[[Step], None] = lambda step: None) -> None:
        """Step through blocks until `stop` is set. Raises WrongChain, and survives all else."""
        late, day = 0, 0
        while not stop.is_set():
            began = time.monotonic()
            try:
                step = self.step()
                if step and day != daily_schedule.opened(step.view.time):
                    day = daily_schedule.opened(step.view.time)
                    self.foretell(step.view)
            except WrongChain:
                raise
            except NoNode as error:
                self.log.error("lost a block", extra={"fault": str(error)})
                step = None
            except Exception:  # a keeper that stops is worse than one that lost a block
                self.log.exception("lost a block")
                step = None
            if step:
                on_step(step)
            # A block that is late may be a node that stands still.
            late = 0 if step else late + 1
            if late and late % (2 * SOONER) == 0:
                self.chain.compare()
            wait = self.block_seconds / (1 if step else SOONER)
            stop.wait(max(0.0, began + wait - time.monotonic()))

    def foretell(self, view: View) -> None:
        """Log the forecasts."""
        for each in self.forecasts(view):
            self.log.info("forecast", extra=each)

    def forecasts(self, view: View) -> list[dict[str, Any]]:
        """For each token outside its band, when its lane opens and when it will pay."""
        trusted = [state for state in view.states if self.limits.trusts(state.token)]
        units = decide.worth(trusted, self.lookout.facts, self.native)
        found = []
        for state in view.states:
            facts = self.lookout.facts.get(state.token)
            if facts is None or not state.price:
                continue
            levering = state.leverage < facts.rules.target
            unit = units.get(facts.debt if levering else facts.collateral)
            if unit is None:
                continue
            tier = min(self.limits.tiers)
            forecast = decide.outlook(state, facts, view.time, unit, tier, view.costs)
            if forecast:
                named = {"token": state.token, "symbol": facts.symbol}
                found.append(named | asdict(forecast) | {"lane": forecast.lane.name.lower()})
        return found

    # Parts

    def _decide(self, view: View) -> tuple[list[Fill], list[Pass]]:
        soon = view.time + max(1, round(self.block_seconds))
        facts = self.lookout.facts
        mined = self.desk.mined(view)
        limits = replace(
            self.limits,
            losses=self.memory.lost(mined),
            resting=self.memory.resting(view, mined),
        )
        offers, passes = decide.offers(
            view.states, facts, view.costs, limits, self.native, soon, view.number
        )
        offers, busy = self._free(offers, view)
        passes += busy
        if not offers:
            return [], passes
        asks = [ask for offer in offers for ask in decide.asks(offer, self.limits.tiers)]
        quotes = _by_token(self.desk.quote(asks))
        chosen: dict[str, Fill] = {}
        for offer in offers:
            known = quotes[offer.state.token]
            found = decide.choose(offer, known, view.costs, limits, view.time)
            if isinstance(found, Fill):
                chosen[offer.state.token] = found
            else:
                passes.append(found)
        best, same = decide.apart(chosen.values())
        passes += same
        by_token = {offer.state.token: offer for offer in offers}
        fills, failed = self._confirm(
            [(by_token[f.ask.token], f, quotes[f.ask.token]) for f in best], view, limits
        )
        return fills, passes + failed

    def _confirm(
        self, chosen: list[tuple[Offer, Fill, list[Quote]]], view: View, limits: Limits
    ) -> tuple[list[Fill], list[Pass]]:
        """Quote what was chosen once more, on what is about to be mined, and sizes around it."""
        if not chosen:
            return [], []
        asks = []
        for _, fill, quotes in chosen:
            asks += [fill.ask, *decide.refine(quotes)]
        again = _by_token(self.desk.confirm(asks, view))
        fills: list[Fill] = []
        passes: list[Pass] = []
        for offer, fill, _ in chosen:
            known = again[fill.ask.token]
            found = decide.choose(offer, known, view.costs, limits, view.time)
            if isinstance(found, Fill):
                fills.append(found)
            else:
                passes.append(found)
        return fills, passes

    def _free(self, offers: list[Offer], view: View) -> tuple[list[Offer], list[Pass]]:
        """Those whose pair no transaction under way is about to change."""
        under_way = self.desk.under_way(view)
        if not under_way:
            return offers, []
        unknown = any(not sent.hash for sent in under_way)
        pairs = {sent.fill.pair for sent in under_way if sent.fill}
        free = [offer for offer in offers if not unknown and offer.pair not in pairs]
        busy = [offer for offer in offers if unknown or offer.pair in pairs]
        reason = decide.Reason.SAME_PAIR
        return free, [Pass(o.state.token, o.facts.symbol, reason) for o in busy]

    def _tell(self, step: Step) -> None:
        """Log and count one block."""
        view, metrics, log = step.view, self.metrics, self.log
        metrics.beat = time.monotonic()
        metrics.blocks.inc()
        metrics.head.set(view.number)
        metrics.time.set(view.time)
        metrics.tokens.set(len(view.states))
        metrics.faulty.set(sum(1 for state in view.states if state.faults != Fault(0)))
        for lane in (Lane.SCHEDULED, Lane.EMERGENCY):
            opened = sum(1 for state in view.states if state.lane == lane)
            metrics.lanes.labels(lane.name.lower()).set(opened)
        if view.wallet:
            metrics.wallet.set(view.wallet.balance)
        metrics.requests.set(self.requests)
        metrics.lag.set(self.chain.lag)
        metrics.seconds.observe(step.seconds)

        for passed in step.passes:
            metrics.decisions.labels(passed.reason.name.lower()).inc()
            log.debug("pass", extra=asdict(passed) | {"block": view.number})
        for fill in step.fills:
            metrics.decisions.labels("fill").inc()
            log.info("fill", extra=_facts(fill) | {"block": view.number, "dry": not self.sends})
        for sent in step.sent:
            metrics.sent.inc()
            log.info(
                "sent",
                extra={"hash": sent.hash, "nonce": sent.nonce, "max_fee": sent.max_fee}
                | ({"token": sent.fill.ask.token} if sent.fill else {}),
            )
        for unsent in step.unsent:
            log.error("not sent", extra={"fault": unsent.reason, "token": unsent.fill.ask.token})
        for outcome in step.outcomes:
            self._settle(outcome)
        level = logging.INFO if step.fills or step.passes or step.outcomes else logging.DEBUG
        log.log(
            level,
            "block",
            extra={
                "block": view.number,
                "block_time": view.time,
                "tokens": len(view.states),
                "open": sum(1 for state in view.states if state.lane),
                "fills": len(step.fills),
                "requests": step.requests,
                "milliseconds": round(step.seconds * 1_000, 1),
            },
        )

    def _settle(self, outcome: Outcome) -> None:
        metrics = self.metrics
        metrics.outcomes.labels(outcome.status).inc()
        metrics.spent.inc(outcome.cost)
        fill = outcome.sent.fill
        if fill:
            metrics.profit.inc(int(outcome.profit * fill.unit))
        self.log.info(
            outcome.status,
            extra={
                "hash": outcome.sent.hash,
                "token": fill.ask.token if fill else None,
                "coin": fill.coin if fill else None,
                "profit": outcome.profit,
                "cost_wei": outcome.cost,
            },
        )


def build(settings: Settings, account: Any = None, log: logging.Logger | None = None) -> Keeper:
    """A keeper by its settings. `account` signs; without it nothing is ever sent."""
    metrics = Metrics()
    log = log or logging.getLogger("ballast.keeper")

    def note(node: str, fault: str) -> None:
        metrics.errors.labels(node).inc()
        log.warning("node " + fault.split(":")[0], extra={"node": node, "fault": fault})

    def reach(urls: tuple[str, ...]) -> Chain:
        return Chain(
            urls, settings.chain_id, settings.timeout, settings.max_lag, settings.batch, note
        )

    assert settings.keeper and settings.lens and settings.native, "checked by the settings"
    chain = reach(settings.rpc)
    each = len(settings.tiers) * len(decide.PARTS)
    return Keeper(
        lookout=Lookout(
            chain,
            settings.lens,
            settings.watched,
            account.address if account else None,
            settings.most,
            settings.page,
        ),
        desk=Desk(
            chain,
            settings.keeper,
            account,
            reach((settings.private_rpc,)) if settings.private_rpc else None,
            settings.patience,
            settings.depth,
        ),
        limits=Limits(
            tiers=settings.tiers,
            budget=settings.budget,
            coins=frozenset(settings.coins),
            trusted=settings.trusted,
            tokens=max(1, (settings.batch - 2) // each),
        ),
        native=settings.native,
        block_seconds=settings.block_seconds,
        broadcast=settings.broadcast,
        metrics=metrics,
        log=log,
    )


def _by_token(quotes: list[Quote]) -> dict[str, list[Quote]]:
    found: dict[str, list[Quote]] = {}
    for quote in quotes:
        found.setdefault(quote.ask.token, []).append(quote)
    return found


def _facts(fill: Fill) -> dict[str, Any]:
    """Of a fill, what is of interest in a log."""
    return {
        "token": fill.ask.token,
        "symbol": fill.symbol,
        "emergency": fill.emergency,
        "tier": fill.ask.tier,
        "max_in": fill.ask.max_in,
        "coin": fill.coin,
        "profit": fill.profit,
        "min_profit": fill.min_profit,
        "gain_wei": fill.gain,
        "gas_limit": fill.gas_limit,
        "max_fee": fill.max_fee,
    }
