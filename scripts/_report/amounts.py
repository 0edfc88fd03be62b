"""What a track amounts to, in figures, and whose tracks are looked at closely."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from scripts._paper.figures import drawdown
from scripts._paper.told import Track

OURS = "Ballast"


class Amounts(NamedTuple):
    """Of one track. Returns and the drawdown are fractions, `drag` is a log.

    `drag` is the target times the log return of the price less that of NAV: all costs together.
    It is infinite where nothing is left.
    """

    worth: float  # what 1 became
    ideal: float
    margin: float
    once: float  # 1x: the price itself
    drag: float
    drawdown: float
    scheduled: int
    emergencies: int
    liquidations: int


class _Issued(Protocol):
    issuer: str
    token: str


Issued = TypeVar("Issued", bound=_Issued)


def amounts(track: Track) -> Amounts:
    """The figures of one track."""
    emergencies = sum(rebalance.emergency for rebalance in track.rebalances)
    return Amounts(
        worth=float(track.nav[-1]),
        ideal=float(track.ideal[-1]),
        margin=float(track.margin[-1]),
        once=float(track.price[-1] / track.price[0]),
        drag=due(track) - gained(track),
        drawdown=float(drawdown(track.nav).max()),
        scheduled=len(track.rebalances) - emergencies,
        emergencies=emergencies,
        liquidations=len(track.liquidations),
    )


def due(track: Track) -> float:
    """The target times the log return of the price."""
    return track.target * float(np.log(track.price[-1] / track.price[0]))


def gained(track: Track) -> float:
    """The log return of NAV; minus infinity where nothing is left."""
    first, last = float(track.nav[0]), float(track.nav[-1])
    return float(np.log(last / first)) if last > 0 else -np.inf


def ours(issued: Sequence[Issued]) -> list[Issued]:
    """Those of Ballast; where there are none, of the issuer that comes first."""
    issuers = [one.issuer for one in issued]
    chosen = OURS if OURS in issuers else issuers[:1] and issuers[0]
    return [one for one in issued if one.issuer == chosen]


def by_token(issued: Sequence[Issued]) -> dict[str, list[Issued]]:
    """Grouped by token, in order of appearance."""
    groups: dict[str, list[Issued]] = {}
    for one in issued:
        groups.setdefault(one.token, []).append(one)
    return groups
