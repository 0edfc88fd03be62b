"""Where the difference between an ideal token and an actual one went.

The token's life is lived again in the exact model, each time with one more cost switched on. What
each switch takes from the return is that cost, so the costs sum up to the whole difference, and
what the model cannot explain is left over as the remainder.
"""

from dataclasses import astuple, dataclass, replace

from scripts._model.fixed_point import MAX
from scripts._model.revert import Revert
from scripts._model.token import Token
from scripts._stories import Life, Move

PERSON = "person"


@dataclass(frozen=True)
class Costs:
    """Fractions of the money put in; a negative cost is a gain."""

    mint_redeem_fees: float
    management_fee: float
    funding: float
    rebalancing: float  # premiums, and what stopping at the band's edge makes different
    swap: float  # the pool's fee and price impact, on the way in and out
    remainder: float

    @property
    def total(self) -> float:
        """All of them: ideal return less actual return."""
        return sum(astuple(self))


def ideal(points: list[float], multiple: float) -> float:
    """Return of a token that is at `multiple` at every point of the path, before costs."""
    worth = 1.0
    for before, after in zip(points, points[1:], strict=False):
        worth *= 1 + multiple * (after / before - 1)
    return worth - 1


def margin(points: list[float], multiple: float) -> float:
    """Return of a margin position opened once and left alone; it cannot lose more than all."""
    return max(-1.0, multiple * (points[-1] / points[0] - 1))


def attribute(life: Life, points: list[float], multiple: float) -> Costs:
    """Split ideal return less actual return into its causes."""
    rules = life.start.rules
    no_fees = replace(rules, mint_fee=0, redeem_fee=0)
    bare = replace(no_fees, management_fee=0)

    perfect = ideal(points, multiple)
    rebalanced = _live(life, replace(life.start, rules=bare), free=True)
    funded = _live(life, replace(life.start, rules=bare))
    managed = _live(life, replace(life.start, rules=no_fees))
    full = _live(life, life.start)
    in_kind = _return(life.moves[0], life.moves[-1], rules.long)
    return Costs(
        mint_redeem_fees=managed - full,
        management_fee=funded - managed,
        funding=rebalanced - funded,
        rebalancing=perfect - rebalanced,
        swap=in_kind - life.actual,
        remainder=full - in_kind,
    )


def _live(life: Life, start: Token, free: bool = False) -> float:
    """Return in kind, at the oracle's price, of the same moves from `start` on.

    With `free` the venue charges no interest.
    """
    token = start.copy()
    if free:
        token.position.market.free()
    entry = leave = life.moves[0]
    for move in life.moves:
        token.at(now=move.time, price=move.price)
        if move.kind == "mint":
            minted = token.mint(PERSON, move.shares)
            entry = replace(move, collateral=minted.collateral, debt=minted.debt)
        elif move.kind == "redeem":
            redeemed = token.redeem(PERSON, move.shares)
            leave = replace(move, collateral=redeemed.collateral, debt=redeemed.debt)
        else:
            _fill(token, move)
    return _return(entry, leave, start.rules.long)


def _fill(token: Token, move: Move) -> None:
    """All that is open. A little more or less leverage can mean that nothing is."""
    try:
        if move.levering:
            token.fill_lever(MAX)
        else:
            token.fill_delever(MAX)
    except Revert as fault:
        if not fault.reason.startswith("fill: not open"):
            raise


def _return(entry: Move, leave: Move, long: bool) -> float:
    return leave.worth(long) / entry.worth(long) - 1
