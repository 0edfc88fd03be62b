"""What a deployer may choose, to survive a crash with a keeper who is later: tried in the model.

Much depends on where leverage happens to be when the worst comes, so every token is tried from many
moments on, at its target in each of them.

A lower target is further from liquidation. The more the venue lends against collateral (LLTV), the
later it liquidates, but the smaller is its bonus too: the emergency lane then pays less at the same
leverage, and a keeper comes later, unless the lane begins with what the keeper needs. The lower the
emergency leverage, the earlier the lane opens.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from scripts._life.in_model import InModel, made
from scripts._life.walk import Life, walk
from scripts._model.fixed_point import WAD
from scripts._model.revert import Revert
from scripts._model.rule_book import Rules, usual_emergency
from scripts._prices.bars import POINTS, Bar

TARGETS = (2 * WAD, 5 * WAD // 2, 3 * WAD)
LLTVS = tuple(tenths * WAD // 1000 for tenths in (860, 915, 945))  # of those that Morpho has
ENOUGH = 15 * WAD // 10_000  # emergency premium to begin with, above what a keeper needs
MOST_LATE = 3 * POINTS  # quarters of a bar: no need to ask beyond


class Choice(NamedTuple):
    """Rules, and how late a keeper may be, so that it and any that is faster prevent liquidation.

    `late` is quarters of a bar, and None where nothing prevents it; `refused` is the rule book's
    reason not to have such a token. `prompt` is its life from the first bar on, with a keeper who
    is not late.
    """

    rules: Rules
    lltv: int
    refused: str = ""
    late: int | None = None
    prompt: Life | None = None

    def report(self) -> dict[str, Any]:
        """The figures, ready for JSON."""
        told: dict[str, Any] = {
            "token": "BULL" if self.rules.long else "BEAR",
            "target": self.rules.target / WAD,
            "lltv": self.lltv / WAD,
            "emergency": self.rules.emergency / WAD,
            "emergency_premium": self.rules.emergency_premium / WAD,
        }
        if self.prompt is None:
            return told | {"refused": self.refused}
        life = self.prompt.report()
        told["bars_late"] = None if self.late is None else self.late / POINTS
        return told | {name: life[name] for name in ("max_leverage", "premium", "nav")}


def tails(bars: list[Bar], number: int) -> list[list[Bar]]:
    """The bars from each of `number` moments on, evenly spread; the first has all of them."""
    step = -(-len(bars) // number)
    return [bars[first:] for first in range(0, len(bars) - 1, step)]


def liquidated(starts: list[list[Bar]], rules: Rules, lltv: int, delay: float) -> int:
    """How many tokens are liquidated, of one for each start, at its target there."""
    return sum(bool(walk(made(rules, lltv, bars[0]), bars, delay).liquidations) for bars in starts)


def choices(starts: list[list[Bar]]) -> Iterator[tuple[Choice, Choice, Choice]]:
    """For every token, target and LLTV: the usual rules, an earlier lane, and one that pays more.

    The lane opens at the usual emergency leverage; halfway to it; there, and pays ENOUGH at once.
    """
    for long in (True, False):
        for target in TARGETS:
            usual = Rules(long=long, target=target, emergency=usual_emergency(target, long))
            sooner = replace(usual, emergency=(target + usual.emergency) // 2)
            dearer = replace(sooner, emergency_premium=ENOUGH)
            for lltv in LLTVS:
                one, two, three = (choose(starts, it, lltv) for it in (usual, sooner, dearer))
                yield one, two, three


def choose(starts: list[list[Bar]], rules: Rules, lltv: int, most_late: int = MOST_LATE) -> Choice:
    """How late the keeper may be, up to `most_late` quarters of a bar, whatever the start."""
    try:
        token = made(rules, lltv, starts[0][0]).token
    except Revert as refusal:
        return Choice(rules, lltv, refusal.reason)
    prompt = walk(InModel(token), starts[0], 0)
    late = None
    for quarters in range(most_late + 1):
        if any(liquidated([bars], rules, lltv, quarters / POINTS) for bars in starts):
            break
        late = quarters
    return Choice(rules, lltv, late=late, prompt=prompt)


def verdict(choice: Choice, step: int, most_late: int = MOST_LATE) -> str:
    """Plainly: at what delay the venue would liquidate, with bars of `step` seconds."""
    if choice.late is None:
        return "the venue liquidates even with a keeper who is in time"
    latest = _late(choice.late, step) if choice.late else "who is in time"
    survives = f"no liquidation with a keeper {latest}"
    if choice.late == most_late:
        return f"{survives}, and nobody asked beyond"
    return f"{survives}; with one {_late(choice.late + 1, step)} the venue liquidates"


def _late(quarters: int, step: int) -> str:
    bars = f"{quarters / POINTS:g} bar{'' if quarters == POINTS else 's'}"
    return f"{bars} late ({quarters * step / POINTS / 60:g} minutes)"
