"""What to fill: from what Lens says, what things cost and what the real pool quotes. Pure.

    offers    which auctions are open and could pay, by the exact model, the dearest first
    asks      what to quote of each: `keeper.fill`, of several sizes, on each pool
    refine    sizes around the best quote, where the profit may be higher still
    choose    the best that was quoted, if it pays for its gas; in an emergency, within a budget
    apart     of those on one pair the best
    forecast  when a token's lane opens, when it will pay, and how much it will take then
    outlook   the same, for a premium that pays

Amounts are raw token units, costs and gains are wei of the chain's coin, premiums are WAD, times
are seconds of the chain's clock, fee tiers are millionths. A fill pays in one of the pair's two
coins; what that is worth in wei is reckoned at the oracles of tokens that are trusted. No pool is
believed but by what `keeper.fill` would really earn on it, and the profit that is insisted on pays
the gas limit at the highest fee: what is mined either earns or reverts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from fractions import Fraction

from scripts._lens import Facts, Lane, State
from scripts._model import daily_schedule
from scripts._model.fixed_point import SCALE, WAD
from scripts._model.revert import Revert
from scripts._model.rule_book import Rules
from scripts._model.token import Lane as ModelLane
from scripts._model.token import Token
from scripts._model.venue import Account, Market, Position

NAME = "token"  # what the model calls the position's account
# Virtual shares and assets of Morpho's market, less the virtual asset: with so many assets more
# than shares, a share is an asset.
EVEN = 10**6 - 1

# How far a pool is ever from the oracle: beyond it, a lane that cannot pay is not even quoted.
APART = 2 * WAD // 100
MILLIONTH = WAD // 10**6
# Of what a lane offers, the parts that are quoted.
PARTS = [Fraction(n, 384) for n in (1, 4, 16, 48, 96, 192, 288, 384)]

FILL_GAS = 180_000  # of a fill, until it is estimated: less than any takes
ROOM = Fraction(5, 4)  # gas limit over the estimate
MOST_GAS = 1_500_000  # a fill that wants more is not one of a token that means well


class Reason(StrEnum):
    """Why nothing is done about an open lane."""

    UNKNOWN_COIN = "a coin of its pair has no price in the chain's coin, or is not among yours"
    TOO_SMALL = "what is open cannot pay for its gas"
    NOT_QUOTED = "others are worth more in this block"
    POOL = "no pool pays for it at this premium"
    GAS = "the profit does not pay for the gas"
    DEAR = "gas costs more than the highest price allowed"
    BUDGET = "the emergency would cost more than the budget"
    HEAVY = "it takes more gas than a token that means well"
    FAILED = "its last fills did not pay: it is left alone for a while"
    SAME_PAIR = "another fill of the same pair is under way"


@dataclass(frozen=True)
class Costs:
    """What a transaction costs in this block: wei per gas, and wei for its bytes.

    `base` is the next block's base fee, `tip` what is added to it, `most` the highest that may ever
    be paid for a gas, `data` what a rollup charges for publishing.
    """

    base: int
    tip: int
    most: int
    data: int = 0

    def of(self, gas: int) -> int:
        """Wei that `gas` will cost in the next block."""
        return gas * (self.base + self.tip) + self.data


@dataclass(frozen=True)
class Limits:
    """What the operator allows: pools to swap on, wei to lose in an emergency, coins to touch.

    No coins means any. Only `trusted` tokens, None being all, price coins and may lose the budget,
    each of them once a day: `losses` are what they have lost of it. `resting` are left alone.
    """

    tiers: tuple[int, ...]
    budget: int = 0
    coins: frozenset[str] = frozenset()
    tokens: int = 16  # that are quoted in one block, at most
    trusted: frozenset[str] | None = None
    losses: Mapping[str, int] = field(default_factory=dict)
    resting: frozenset[str] = frozenset()

    def trusts(self, token: str) -> bool:
        """Whether its oracle is believed."""
        return self.trusted is None or token in self.trusted

    def allowance(self, token: str) -> int:
        """Wei that ending its emergency may lose."""
        return max(0, self.budget - self.losses.get(token, 0)) if self.trusts(token) else 0


@dataclass(frozen=True)
class Offer:
    """An open lane: `unit` is wei for a raw unit of `coin`, in which the fill pays."""

    state: State
    facts: Facts
    coin: str
    unit: Fraction
    most: Fraction  # wei that it could earn, if a pool were as far off as a pool ever is

    @property
    def emergency(self) -> bool:
        return self.state.lane == Lane.EMERGENCY

    @property
    def pair(self) -> frozenset[str]:
        return frozenset((self.facts.collateral, self.facts.debt))


@dataclass(frozen=True)
class Ask:
    """One `keeper.fill` to be quoted."""

    token: str
    tier: int
    max_in: int


@dataclass(frozen=True)
class Quote:
    """What an ask would earn, raw units of the offer's coin; None if it reverts, for `fault`."""

    ask: Ask
    profit: int | None
    gas: int = FILL_GAS  # estimated, without room
    fault: str = ""


@dataclass(frozen=True)
class Fill:
    """A `keeper.fill` to be sent, at no more than `max_fee` wei per gas.

    `gain` is wei after gas as expected in the next block; less than 0 only in an emergency, and
    never less than what is allowed to be lost. `unit`, `allowance`, `most` and `data` are what
    `min_profit` follows from: see `at`.
    """

    ask: Ask
    symbol: str
    coin: str
    pair: frozenset[str]
    emergency: bool
    profit: int
    gain: int
    gas_limit: int
    unit: Fraction
    allowance: int
    most: int
    data: int
    max_fee: int = 0
    tip: int = 0
    min_profit: int = 0

    def at(self, max_fee: int, tip: int) -> "Fill | None":
        """The same for another fee; None if it is higher than allowed, or than what it earns.

        The profit that is insisted on pays for all of the gas limit at `max_fee`.
        """
        due = self.gas_limit * max_fee + self.data - self.allowance
        min_profit = max(0, -int(-due // self.unit))
        if max_fee > self.most or min_profit > self.profit:
            return None
        return replace(self, max_fee=max_fee, tip=min(tip, max_fee), min_profit=min_profit)


@dataclass(frozen=True)
class Pass:
    """An open lane that is left alone in this block."""

    token: str
    symbol: str
    reason: Reason
    fault: str = ""


@dataclass(frozen=True)
class Forecast:
    """A lane to come, if the price stays: when it opens, and when it pays `premium` or more.

    `pays_at` is 0 if its window ends before. `brings` is what a taker can bring then.
    """

    lane: Lane
    levering: bool
    opens_at: int
    pays_at: int
    premium: int
    brings: int


# What is open


def offers(
    states: Sequence[State],
    facts: Mapping[str, Facts],
    costs: Costs,
    limits: Limits,
    native: str,
    soon: int,
    turn: int = 0,
) -> tuple[list[Offer], list[Pass]]:
    """Open lanes that could pay, the best first and emergencies before all; and the others.

    `native` is the wrapped coin of the chain and `soon` the time of the next block. Tokens that are
    trusted go before all that are not: anyone may create a thousand that look better. Where more
    are open than can be quoted, half of the places are for the best, and the other half for the
    rest, who take turns by the number of the block; who is not trusted has what these leave.
    """
    found: list[Offer] = []
    passes: list[Pass] = []
    opened = [
        state
        for state in states
        if state.lane and state.brings > 0 and state.price > 0 and state.token in facts
    ]
    if not opened:
        return found, passes
    units = worth((each for each in states if limits.trusts(each.token)), facts, native)
    for state in opened:
        known = facts[state.token]
        if state.token in limits.resting:
            passes.append(Pass(state.token, known.symbol, Reason.FAILED))
            continue
        coin = known.debt if state.levering else known.collateral
        unit = units.get(coin)
        strange = limits.coins and not {known.collateral, known.debt} <= limits.coins
        if unit is None or strange:
            passes.append(Pass(state.token, known.symbol, Reason.UNKNOWN_COIN))
            continue
        offer = Offer(state, known, coin, unit, _most(state, known, unit, limits, soon))
        if _allowance(offer, limits) or offer.most > costs.of(FILL_GAS):
            found.append(offer)
        else:
            passes.append(Pass(state.token, known.symbol, Reason.TOO_SMALL))
    found.sort(key=lambda o: (not limits.trusts(o.state.token), not o.emergency, -o.most))
    if len(found) > limits.tokens:
        trusted = sum(limits.trusts(offer.state.token) for offer in found)
        fixed = limits.tokens - limits.tokens // 2
        others: list[Offer] = []
        if trusted < limits.tokens:
            fixed = max(fixed, trusted)
        else:
            found, others = found[:trusted], found[trusted:]
        places = limits.tokens - fixed
        best, rest = found[:fixed], found[fixed:]
        start = turn * places % max(1, len(rest))
        rest = rest[start:] + rest[:start]
        found, left = best + rest[:places], rest[places:] + others
        passes += [Pass(o.state.token, o.facts.symbol, Reason.NOT_QUOTED) for o in left]
    return found, passes


def worth(states: Iterable[State], facts: Mapping[str, Facts], native: str) -> dict[str, Fraction]:
    """Wei for a raw unit of each coin that the tokens' oracles connect with `native`.

    `states` are of tokens that are trusted; of each pair the one that comes first is believed.
    """
    edges: dict[tuple[str, str], int] = {}
    for state in states:
        if state.price and (known := facts.get(state.token)):
            edges.setdefault((known.collateral, known.debt), state.price)
    units = {native: Fraction(1)}
    grown = True
    while grown:
        grown = False
        for (collateral, debt), price in edges.items():
            if collateral in units and debt not in units:
                units[debt] = units[collateral] * SCALE / price
            elif debt in units and collateral not in units:
                units[collateral] = units[debt] * price / SCALE
            else:
                continue
            grown = True
    return units


# What is quoted


def asks(offer: Offer, tiers: Iterable[int]) -> list[Ask]:
    """Several sizes of `offer` on each pool, the whole among them."""
    brings = offer.state.brings
    sizes = sorted({max(1, int(brings * part)) for part in PARTS})
    return [Ask(offer.state.token, tier, size) for tier in tiers for size in sizes]


def refine(quotes: Sequence[Quote]) -> list[Ask]:
    """Sizes around the best quote at which its pool may earn more than at any of those quoted.

    Profit is concave in size, so the best size lies between the neighbours of the best quote: about
    at the top of the parabola through the three, or halfway to one of them.
    """
    best = _best(quotes)
    if best is None:
        return []
    size, tier = best.ask.max_in, best.ask.tier
    profits = {quote.ask.max_in: quote.profit or 0 for quote in quotes if quote.ask.tier == tier}
    ordered = sorted(profits | {0: 0})
    profits[0] = 0
    place = ordered.index(size)
    below = ordered[place - 1]
    if place + 1 == len(ordered):
        sizes = {(below + size) // 2}
    else:
        above = ordered[place + 1]
        sizes = {(below + size) // 2, (size + above) // 2}
        points = [(each, profits[each]) for each in (below, size, above)]
        sizes.add(min(max(_top(*points), below), above))
    return [Ask(best.ask.token, tier, each) for each in sorted(sizes - {0} - set(profits))]


# What is done


def choose(
    offer: Offer, quotes: Sequence[Quote], costs: Costs, limits: Limits, now: int
) -> Fill | Pass:
    """The quote that gains most after gas, as a fill; or why there is none.

    A fill that would lose is made only in an emergency, only if it ends it, and only within
    what is left of the token's budget. It loses gas and nothing else.
    """

    def fail(reason: Reason, fault: str = "") -> Pass:
        return Pass(offer.state.token, offer.facts.symbol, reason, fault)

    paying = [q for q in quotes if q.profit is not None and q.gas <= MOST_GAS]
    if not paying:
        if heavy := next((q for q in quotes if q.gas > MOST_GAS), None):
            return fail(Reason.HEAVY, heavy.fault)
        return fail(Reason.POOL, next((q.fault for q in quotes if q.fault), ""))
    if costs.base + costs.tip > costs.most:
        return fail(Reason.DEAR)
    best = max(paying, key=lambda quote: gain(offer, quote, costs))
    if fill := bind(offer, best, costs):
        return fill
    allowance = _allowance(offer, limits)
    if not allowance:
        spent = offer.emergency and limits.budget and limits.trusts(offer.state.token)
        return fail(Reason.BUDGET if spent else Reason.GAS)
    ending = [quote for quote in paying if ends(offer, quote.ask.max_in, now)]
    if ending:
        best = max(ending, key=lambda quote: gain(offer, quote, costs))
        if fill := bind(offer, best, costs, allowance):
            return fill
    return fail(Reason.BUDGET)


def gain(offer: Offer, quote: Quote, costs: Costs) -> int:
    """Wei that a quote earns after the gas of the next block, rounded down."""
    return int((quote.profit or 0) * offer.unit // 1) - costs.of(quote.gas)


def bind(offer: Offer, quote: Quote, costs: Costs, allowance: int = 0) -> Fill | None:
    """A quote as a fill that loses no more than `allowance` wei whatever happens, or None.

    `max_fee` is twice the next base fee and the tip, or less where the profit or the operator
    does not allow so much.
    """
    profit = quote.profit or 0
    gas_limit = int(quote.gas * ROOM)
    affordable = (int(profit * offer.unit // 1) + allowance - costs.data) // gas_limit
    max_fee = min(2 * costs.base + costs.tip, costs.most, affordable)
    if max_fee < costs.base + costs.tip:
        return None
    fill = Fill(
        ask=quote.ask,
        symbol=offer.facts.symbol,
        coin=offer.coin,
        pair=offer.pair,
        emergency=offer.emergency,
        profit=profit,
        gain=gain(offer, quote, costs),
        gas_limit=gas_limit,
        unit=offer.unit,
        allowance=allowance,
        most=costs.most,
        data=costs.data,
    )
    return fill.at(max_fee, costs.tip)


def apart(fills: Iterable[Fill]) -> tuple[list[Fill], list[Pass]]:
    """Of fills on the same pair only the best, since each moves the pool for the others."""
    taken: set[frozenset[str]] = set()
    kept: list[Fill] = []
    passes: list[Pass] = []
    for fill in sorted(fills, key=lambda fill: (not fill.emergency, -fill.gain)):
        if fill.pair in taken:
            passes.append(Pass(fill.ask.token, fill.symbol, Reason.SAME_PAIR))
        else:
            taken.add(fill.pair)
            kept.append(fill)
    return kept, passes


# What the model says


@dataclass
class _Venue(Market):
    """A market whose liquidators get what Lens says: only Morpho's follows from the LTV."""

    bonus: int = 0

    def liquidation_bonus(self) -> int:
        """In WAD."""
        return self.bonus


def twin(state: State, facts: Facts, now: int) -> Token:
    """The model of a token as Lens tells of it at `now`.

    Interest stands still in it, and nothing of the day's parcel is used: later than `now`, it is
    the token's future as far as it can be known.
    """
    rules = Rules(**{field.name: getattr(facts.rules, field.name) for field in fields(Rules)})
    shares = max(state.debt, 1)
    market = _Venue(
        lltv=facts.lltv,
        bonus=facts.bonus,
        price=state.venue_price or state.price,
        now=now,
        total_supply_assets=shares + EVEN + state.liquidity,
        total_supply_shares=shares,
        total_borrow_assets=shares + EVEN,
        total_borrow_shares=shares,
        accounts={NAME: Account(borrow_shares=state.debt, collateral=state.collateral)},
    )
    return Token(
        rules,
        Position(market, NAME),
        price=state.price,
        cap=state.cap,
        paused=state.paused,
        settled_at=now,
        supply=state.supply,
    )


def ends(offer: Offer, max_in: int, now: int) -> bool:
    """Whether a fill of `max_in` at `now` brings an emergency's leverage below its trigger."""
    token = twin(offer.state, offer.facts, now)
    try:
        token.fill_delever(max_in)
        return not token.is_emergency()
    except Revert:
        return False


def forecast(state: State, facts: Facts, now: int, premium: int) -> Forecast | None:
    """When `premium` or more will be paid, if the price stays; None if no lane will open."""
    if not state.price or not state.collateral:
        return None
    token = twin(state, facts, now)
    rules = token.rules
    try:
        leverage = token.leverage()
        if token.is_emergency():
            auction = token.auction()
            pays = now if auction.premium >= premium else 0
            return _forecast(auction.lane, now, pays, token)
        if rules.lowest <= leverage <= rules.highest:
            return None
        opened = daily_schedule.opened(now)
        if now - opened >= rules.window:
            opened += daily_schedule.DAY
        span = rules.premium_end - rules.premium_start
        wait = 0
        if premium > rules.premium_start:
            if premium > rules.premium_end:
                return _forecast(ModelLane.SCHEDULED, max(now, opened), 0, token)
            wait = -(-(premium - rules.premium_start) * rules.ramp // span)
        pays = max(now, opened + wait)
        if pays - opened >= rules.window:
            pays = 0
        return _forecast(ModelLane.SCHEDULED, max(now, opened), pays, token)
    except Revert:
        return None


def outlook(
    state: State, facts: Facts, now: int, unit: Fraction, tier: int, costs: Costs
) -> Forecast | None:
    """The forecast for the premium at which a fill of all that will be open pays.

    It pays the pool's fee and the gas, on a pool at the oracle's price; how deep that is, only a
    quote tells. `unit` is wei for a raw unit of what the fill will pay in.
    """
    fee = tier * MILLIONTH
    first = forecast(state, facts, now, fee)
    if first is None:
        return None
    value = _value(first.brings, first.levering, state.price, unit)
    gas = -int(-costs.of(FILL_GAS) * WAD // value) if value else 0
    return forecast(state, facts, now, fee + gas)


# Parts


def _forecast(lane: int, opens: int, pays: int, token: Token) -> Forecast | None:
    auction = token.at(now=pays or opens).auction()
    if auction.brings == 0:
        return None
    levering = auction.levering
    return Forecast(Lane(lane), levering, opens, pays, auction.premium, auction.brings)


def _most(state: State, facts: Facts, unit: Fraction, limits: Limits, soon: int) -> Fraction:
    """Wei that an open lane could earn in the next block, if a pool were APART from the oracle."""
    premium = state.premium
    if state.lane == Lane.SCHEDULED:
        rules = facts.rules
        elapsed = min(soon - daily_schedule.opened(soon), rules.ramp)
        rise = elapsed * (rules.premium_end - rules.premium_start) // rules.ramp
        premium = max(premium, rules.premium_start + rise)
    edge = premium + APART - min(limits.tiers) * MILLIONTH
    return _value(state.brings, state.levering, state.price, unit) * edge / WAD


def _value(brings: int, levering: bool, price: int, unit: Fraction) -> Fraction:
    """Wei that `brings` is worth at the oracle; `unit` is of the coin that the fill pays in."""
    return brings * unit * (Fraction(price, SCALE) if levering else Fraction(SCALE, price))


def _allowance(offer: Offer, limits: Limits) -> int:
    return limits.allowance(offer.state.token) if offer.emergency else 0


def _top(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    """Where the parabola through three points, the middle one the highest, has its top.

    top = b + ((c - b)^2 (f(b) - f(a)) - (b - a)^2 (f(b) - f(c)))
              / 2 ((c - b) (f(b) - f(a)) + (b - a) (f(b) - f(c)))
    """
    left, right = b[0] - a[0], c[0] - b[0]
    up, down = b[1] - a[1], b[1] - c[1]
    if right * up + left * down <= 0:
        return b[0]
    return b[0] + (right * right * up - left * left * down) // (2 * (right * up + left * down))


def _best(quotes: Iterable[Quote]) -> Quote | None:
    paying = [quote for quote in quotes if quote.profit is not None]
    return max(paying, key=lambda quote: (quote.profit or 0, -quote.ask.max_in), default=None)
