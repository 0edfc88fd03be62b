"""What became of each token's fills: who has failed is left alone for a while, and losses add up.

A quote is what a token says in a call, and it may do something else in a block. So whoever fails
time and again is tried ever more seldom. In memory only: a keeper that starts has no grudge.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from scripts._keeper.look import View
from scripts._keeper.send import Outcome
from scripts._model import daily_schedule

MOST = 10  # the longest rest is 2^10 blocks


@dataclass
class Memory:
    """By token: `failures` in a row, the block `until` which it rests, and wei lost on this day."""

    failures: dict[str, int] = field(default_factory=dict)
    until: dict[str, int] = field(default_factory=dict)
    losses: dict[str, int] = field(default_factory=dict)
    day: int = 0

    def note(self, outcomes: Sequence[Outcome], view: View) -> None:
        """What is final: a token rests for 2^n blocks after n fills in a row that did not pay."""
        if self.day != daily_schedule.opened(view.time):
            self.day = daily_schedule.opened(view.time)
            self.losses.clear()
        for outcome in outcomes:
            fill = outcome.sent.fill
            if fill is None or outcome.status == "replaced":
                continue
            token = fill.ask.token
            if fill.emergency:
                self.losses[token] = self.losses.get(token, 0) + outcome.loss
            if outcome.has_paid:
                self.failures.pop(token, None)
                continue
            self.failures[token] = self.failures.get(token, 0) + 1
            self.until[token] = view.number + 2 ** min(self.failures[token], MOST)

    def resting(self, view: View, mined: Sequence[Outcome]) -> frozenset[str]:
        """Tokens to be left alone in this block; `mined` may not be final yet."""
        tired = {token for token, until in self.until.items() if view.number < until}
        failed = {o.sent.fill.ask.token for o in mined if o.sent.fill and not o.has_paid}
        return frozenset(tired | failed)

    def lost(self, mined: Sequence[Outcome]) -> dict[str, int]:
        """Wei that emergencies have cost on this day, by token; `mined` may not be final yet."""
        losses = dict(self.losses)
        for outcome in mined:
            fill = outcome.sent.fill
            if fill and fill.emergency:
                losses[fill.ask.token] = losses.get(fill.ask.token, 0) + outcome.loss
        return losses
