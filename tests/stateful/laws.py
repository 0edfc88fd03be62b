"""Invariants of one step, by their ids. Each is a function of what was before and after it.

C and D are the position's collateral and debt, B its borrow shares on the venue, S the supply with
the management fee to now. Both states of a step are of the same second, but where time passes.

Morpho counts debt in borrow shares, about a million to the unit, and rounds each call against the
borrower by less than one of them. So where debt may not rise, B - 1 takes the place of B.

Aave counts both sides in scaled units, which may be worth more than a unit, and rounds to whole
ones. That costs holders nothing: whoever acts brings the grain G more and takes G less. So what is
stated for holders is stated without it, and what others may gain or overpay, with it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from typing import TypeAlias

from scripts._model.fixed_point import SCALE, WAD, mul_div_down
from scripts._model.token import Filled

from .world import ACTORS, COINS, HOLDERS, State


class Kind(Enum):
    """What a step was."""

    MINT = auto()
    REDEEM = auto()
    LEVER = auto()
    DELEVER = auto()
    SETTLE = auto()
    SHARES = auto()  # transfers and approvals between actors
    GIFT = auto()  # to the position or the token
    PAYOUT = auto()  # from the treasury
    TRADE = auto()  # on the pool
    VENUE = auto()  # what the venue and its lenders do
    WORLD = auto()  # time and prices
    SWITCH = auto()
    REFUSAL = auto()


DUST = 1_000  # units: of fewer, rounding decides
KEEP_NOTHING = {"token", "router", "keeper"}
FILLS = {Kind.LEVER, Kind.DELEVER}
IN_KIND = {Kind.MINT, Kind.REDEEM}


@dataclass(frozen=True)
class Promise:
    """`holder` has at least so much more of `what` afterwards: coins, ether too, or shares."""

    holder: str
    what: str
    more: int


@dataclass(frozen=True)
class Step:
    """A step from one state to the next; what its caller was promised; and its fill, if it is one,
    which may reach a `gearing` in WAD.
    """

    kind: Kind
    before: State
    after: State
    gearing: int = 0
    filled: Filled | None = None
    promises: tuple[Promise, ...] = ()


def owed(state: State, rounding: int = 0) -> Fraction:
    """The debt behind the borrow shares but for `rounding` of those the venue rounds for itself."""
    shares = max(0, state.borrow_shares - rounding * state.spare)
    return shares * Fraction(*state.borrowed)


def worth(state: State, collateral: int) -> Fraction:
    """Collateral in debt units, exactly."""
    return Fraction(collateral * state.price, SCALE)


def coarse(state: State) -> Fraction:
    """The venue's grain of both coins, in debt units."""
    return state.grain * (1 + worth(state, 1))


def wealth(state: State, of: Collection[str] | None = None) -> Fraction:
    """All that the players have together, in debt units; shares are worth their part of NAV.

    At the venue's price; where NAV is below zero they are worth nothing, as nobody must pay.
    """
    nav = max(Fraction(0), worth(state, state.collateral) - state.debt)
    players = state.players if of is None else of
    coins = {coin: sum(state.coin(player, coin) for player in players) for coin in COINS}
    shares = sum(state.shares(player) for player in players if player in HOLDERS)
    return worth(state, coins["collateral"]) + coins["debt"] + nav * shares / state.supply


def luck(step: Step) -> Fraction:
    """What lay about in the position, in debt units: it is for whoever comes first."""
    before, after = step.before, step.after
    found = {coin: before.coin("position", coin) - after.coin("position", coin) for coin in COINS}
    return worth(before, max(0, found["collateral"])) + max(0, found["debt"])


def allowed(step: Step) -> Fraction:
    """The premium of a fill on what is traded, and two units of debt."""
    fill = step.filled
    if fill is None:
        return Fraction(0)
    traded = worth(step.before, fill.collateral) if fill.levering else Fraction(fill.debt)
    return max(0, fill.premium) * traded / WAD + 2


def is_healthy(state: State) -> bool:
    """Whether the debt is within the venue's limit, which Aave knows best."""
    if "venue.health" in state.answers:
        return state.words("venue.health")[-1] >= WAD
    lltv, _ = state.words("position.liquidation()")
    value = mul_div_down(state.collateral, state.price, SCALE)
    return mul_div_down(value, lltv, WAD) >= state.debt


def inv_m2(step: Step) -> None:
    """I-M2: per share, neither mint nor redeem takes collateral away or adds debt.

    C' * S >= C * S'             D(B' - 1) * S <= D * S'
    """
    if step.kind not in IN_KIND:
        return
    before, after = step.before, step.after
    assert after.collateral * before.supply >= before.collateral * after.supply
    assert owed(after, 1) * before.supply <= before.debt * after.supply


def inv_m3(step: Step) -> None:
    """I-M3: whatever the true price, neither mint nor redeem lowers NAV per share."""
    if step.kind not in IN_KIND:
        return
    before, after = step.before, step.after
    for factor in (Fraction(0), Fraction(1, 7), Fraction(1), Fraction(3), Fraction(10**9)):
        nav = worth(before, before.collateral) * factor - before.debt
        nav_after = worth(after, after.collateral) * factor - owed(after, 1)
        assert nav_after * before.supply >= nav * after.supply


def inv_m4(step: Step) -> None:
    """I-M4: mint and redemption leave leverage as it is, but for a rounding that lowers it.

    0 <= D * C' - D(B' - 1) * C      D(B') * C' - D' * C < (C + D) * (1 + 2 * G)
    """
    if step.kind not in IN_KIND:
        return
    before, after = step.before, step.after
    assert owed(after, 1) * before.collateral <= before.debt * after.collateral
    lowered = owed(before) * after.collateral - after.debt * before.collateral
    assert lowered < max(1, before.collateral + before.debt) * (1 + 2 * before.grain)


def inv_m10(step: Step) -> None:
    """I-M10: the seed shares stay where they are."""
    assert 0 < step.before.shares("locked") == step.after.shares("locked") <= step.after.supply


def inv_a2(step: Step) -> None:
    """I-A2: no fill goes past the edge that it heads for, but for what its taker overpays.

    lever  V' <= gearing * E'        delever  V' >= gearing * (E' - 2 - 2 * G * (1 + P))
    """
    overpaid = 2 + 2 * coarse(step.before)
    value = worth(step.after, step.after.collateral)
    if step.kind is Kind.LEVER:
        assert value * WAD <= step.gearing * (value - owed(step.after, 1))
    if step.kind is Kind.DELEVER:
        assert value * WAD >= step.gearing * (value - step.after.debt - overpaid)


def inv_a3(step: Step) -> None:
    """I-A3: every fill moves leverage toward target, but for what its taker overpays: a unit, and
    on a coarse venue 2 * G of either coin.

    lever  (V' - 1) / E' > V / E     delever  V' / E' < V / E

    Where hardly anything is left, such a unit is all there is.
    """
    if step.kind not in FILLS:
        return
    before, after = step.before, step.after
    value = worth(before, before.collateral)
    nav = value - owed(before)
    if before.collateral < DUST or value < DUST:
        return
    if step.kind is Kind.LEVER:
        overpaid = 2 * before.grain  # of either coin
        value_after = worth(after, after.collateral - 1 - overpaid)
        nav_after = value_after - owed(after) - overpaid
        assert value_after * nav > value * nav_after > 0
    else:
        value_after = worth(after, after.collateral)
        nav_after = value_after - owed(after, 1)
        assert 0 <= value_after * nav < value * nav_after


def inv_a4(step: Step) -> None:
    """I-A4: a fill costs holders its premium on what is traded, and two units of debt."""
    if step.kind not in FILLS:
        return
    before, after = step.before, step.after
    nav = worth(before, before.collateral) - owed(before)
    nav_after = worth(after, after.collateral) - owed(after, 1)
    assert nav - nav_after <= allowed(step)


def inv_a7(step: Step) -> None:
    """I-A7: a fill leaves all shares as they are, and the fee's clock."""
    if step.kind not in FILLS:
        return
    for question in ("token.totalSupply()", "token.settled_at()"):
        assert step.before.words(question) == step.after.words(question)
    for holder in HOLDERS:
        assert step.before.shares(holder) == step.after.shares(holder)


def inv_a10(step: Step) -> None:
    """I-A10: levering leaves the venue's limit some way off, delevering comes no nearer to it."""
    before, after = step.before, step.after
    if step.kind is Kind.LEVER:
        assert is_healthy(after)
    if step.kind is Kind.DELEVER:
        assert owed(after, 1) * before.collateral <= before.debt * after.collateral


def inv_s1(step: Step) -> None:
    """I-S1: coins move from purse to purse, and none comes or goes."""
    for coin in COINS:
        before, after = (
            sum(state.coin(holder, coin) for holder in state.purses)
            for state in (step.before, step.after)
        )
        assert before == after


def inv_s2(step: Step) -> None:
    """I-S2: only gifts leave coins in our contracts, and none but the position's is ever used.

    Aave rounds to the nearest: of all debt that there is, rounded up, it may leave a unit.
    """
    if step.kind is Kind.GIFT:
        return
    left = {"collateral": 0, "debt": step.before.grain > 0 and step.after.borrow_shares == 0}
    for coin in COINS:
        for ours in KEEP_NOTHING.intersection(step.after.purses):
            assert step.before.coin(ours, coin) == step.after.coin(ours, coin)
        kept = step.before.coin("position", coin) + left[coin]
        assert kept >= step.after.coin("position", coin)


def inv_s3(step: Step) -> None:
    """I-S3: a position within the venue's limit is within it after every call of ours."""
    if step.kind in FILLS | IN_KIND | {Kind.SETTLE} and is_healthy(step.before):
        assert is_healthy(step.after)


def inv_s4(step: Step) -> None:
    """I-S4: shares add up to the supply, which only mint, redeem and the fee change."""
    (supply,) = step.after.words("token.totalSupply()")
    assert sum(map(step.after.shares, HOLDERS)) == supply
    if step.kind not in IN_KIND | {Kind.SETTLE}:
        assert step.before.words("token.totalSupply()") == (supply,)


def inv_s5(step: Step) -> None:
    """I-S5: nobody may move what the position and the token have."""
    for question, answer in step.after.answers.items():
        if question.startswith(("venue.trusts", "collateral.allow", "debt.allow")):
            assert answer == (0,)


def inv_n1(step: Step) -> None:
    """I-N1: at one price the players together win nothing, but for a unit of debt by rounding.

    What a venue of coarse books gives by rounding, its other users give.
    """
    if step.kind in IN_KIND | {Kind.SETTLE, Kind.SHARES, Kind.GIFT, Kind.TRADE}:
        won = wealth(step.after) - wealth(step.before)
        assert won <= luck(step) + 1 + coarse(step.before)


def inv_n2(step: Step) -> None:
    """I-N2: with a fill, nobody gains more than its premium."""
    if step.kind in FILLS:
        won = wealth(step.after) - wealth(step.before)
        assert won <= luck(step) + allowed(step) + coarse(step.before)


def inv_n5(step: Step) -> None:
    """I-N5: a liquidator gains the venue's bonus at most, and only beyond its limit."""
    before, after = step.before, step.after
    seized = before.collateral - after.collateral
    if step.kind is not Kind.VENUE or seized == 0:
        return
    assert not is_healthy(before)
    coins = {
        coin: sum(after.coin(actor, coin) - before.coin(actor, coin) for actor in ACTORS)
        for coin in COINS
    }
    _, bonus = before.words("position.liquidation()")
    assert abs(coins["collateral"] - seized) <= before.grain
    # Aave rounds what is seized, and what is repaid for all of it
    seized, paid = coins["collateral"] - before.grain, before.grain - coins["debt"]
    assert worth(before, seized) * WAD <= paid * (WAD + bonus)


def inv_n6(step: Step) -> None:
    """I-N6: whatever happens in front of a call, its bounds hold."""
    for promise in step.promises:
        before, after = (
            state.holding(promise.holder, promise.what) for state in (step.before, step.after)
        )
        assert after - before >= promise.more


def inv_x1(step: Step) -> None:
    """I-X1: what is refused changes nothing."""
    if step.kind is Kind.REFUSAL:
        before, after = step.before, step.after
        asked_twice = before.answers.keys() & after.answers.keys()
        changed = {q for q in asked_twice if before.answers[q] != after.answers[q]}
        assert changed == set()
        assert (before.supply, before.borrowed) == (after.supply, after.borrowed)


Law: TypeAlias = Callable[[Step], None]

LAWS: tuple[Law, ...] = (
    inv_m2,
    inv_m3,
    inv_m4,
    inv_m10,
    inv_s1,
    inv_s2,
    inv_s3,
    inv_s4,
    inv_s5,
    inv_n1,
    inv_n6,
    inv_x1,
)
FILL_LAWS: tuple[Law, ...] = (inv_a2, inv_a3, inv_a4, inv_a7, inv_a10, inv_n2)
LIQUIDATION_LAWS: tuple[Law, ...] = (inv_n5,)
