"""What a deployer may choose, to survive a crash with a keeper who is later: tried in the model.

A lower target is further from liquidation. The more the venue lends against collateral (LLTV), the
later it liquidates, but the smaller is its bonus too: the emergency lane then pays less at the same
leverage, and a keeper comes later, unless the lane begins with what the keeper needs. The lower the
emergency leverage, the earlier the lane opens.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from scripts._bars import POINTS, Bar
from scripts._crash import Life, walk
from scripts._crash_in_model import InModel, made
from scripts._model.fixed_point import WAD
from scripts._model.revert import Revert
from scripts._model.rule_book import Rules, usual_emergency

TARGETS = (2 * WAD, 5 * WAD // 2, 3 * WAD)
LLTVS = tuple(tenths * WAD // 1000 for tenths in (770, 860, 915, 945))  # of those that Morpho has
ENOUGH = 15 * WAD // 10_000  # emergency premium to begin with, above what a keeper needs
MOST_LATE = 6 * POINTS  # quarters of a bar: no need to ask beyond


class Choice(NamedTuple):
    """Rules, and how late a keeper may be, so that it and any that is faster prevent liquidation.

    `late` is quarters of a bar, and None where nothing prevents it; `refused` is the rule book's
    reason not to have such a token. `prompt` is its life with a keeper who is not late.
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


def choices(bars: list[Bar]) -> Iterator[tuple[Choice, Choice, Choice]]:
    """For every token, target and LLTV: the usual rules, an earlier lane, a lane that pays more.

    The usual emergency leverage, halfway to it, and the usual one where the premium is ENOUGH.
    """
    for long in (True, False):
        for target in TARGETS:
            usual = Rules(long=long, target=target, emergency=usual_emergency(target, long))
            sooner = replace(usual, emergency=(target + usual.emergency) // 2)
            dearer = replace(usual, emergency_premium=ENOUGH)
            for lltv in LLTVS:
                yield (
                    choose(bars, usual, lltv),
                    choose(bars, sooner, lltv),
                    choose(bars, dearer, lltv),
                )


def choose(bars: list[Bar], rules: Rules, lltv: int) -> Choice:
    """How late the keeper may be, up to MOST_LATE quarters of a bar, with these rules."""
    try:
        token = made(rules, lltv, bars[0]).token
    except Revert as refusal:
        return Choice(rules, lltv, refusal.reason)
    lives = list[Life]()
    while len(lives) <= MOST_LATE:
        lives.append(walk(InModel(token.copy()), bars, len(lives) / POINTS))
        if lives[-1].liquidations:
            break
    survived = sum(not life.liquidations for life in lives)
    return Choice(rules, lltv, "", survived - 1 if survived else None, lives[0])


def verdict(choice: Choice, step: int) -> str:
    """Plainly: at what delay the venue would liquidate, with bars of `step` seconds."""
    name = f"{'BULL +' if choice.rules.long else 'BEAR −'}{choice.rules.target / WAD:g}x"
    if choice.late is None:
        return f"{name}: the venue liquidates even with a keeper who is in time."
    survives = f"{name}: no liquidation with a keeper up to {_late(choice.late, step)}"
    if choice.late == MOST_LATE:
        return f"{survives}, and nobody asked beyond."
    return f"{survives}; at {_late(choice.late + 1, step)} the venue liquidates."


def _late(quarters: int, step: int) -> str:
    bars = f"{quarters / POINTS:g} bar{'' if quarters == POINTS else 's'}"
    return f"{bars} ({quarters * step / POINTS / 60:g} minutes) late"
