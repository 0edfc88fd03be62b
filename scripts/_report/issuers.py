"""Issuers side by side: every issuer's token of one name on the same prices."""

from collections.abc import Sequence

import altair as alt
import numpy as np
from numpy.typing import NDArray

from scripts._paper.told import Numbers, Track
from scripts._report.amounts import OURS, amounts, by_token
from scripts._report.lines import Line, money
from scripts._report.section import Figure, Section, dollars
from scripts._report.style import DASHES, OTHERS, SOLID, colour_of, levered, named


def chart(group: list[Track]) -> alt.LayerChart:
    """NAV of all of one token; ours is thick and has the token's colour."""
    times = np.unique(np.concatenate([track.times for track in group]))
    first = next((at for at, track in enumerate(group) if track.issuer == OURS), 0)
    ordered = [group[first], *group[:first], *group[first + 1 :]]
    drawn = []
    for number, track in enumerate(ordered):
        mine, other = number == 0, number % len(OTHERS) - 1
        drawn.append(
            Line(
                named(track.issuer),
                at_times(track.times, track.nav / track.nav[0], times),
                colour_of(track.token) if mine else OTHERS[other],
                SOLID if mine else DASHES[other],
                2.4 if mine else 1.4,
            )
        )
    return money(times, drawn, caption(group))


def caption(group: list[Track]) -> str:
    """What the chart is of."""
    return f"{group[0].token}, {levered(group[0].target)}: 1,000 dollars with each issuer"


def section(tracks: Sequence[Track]) -> Section | None:
    """None where no two issuers have the same token."""
    groups = {token: group for token, group in by_token(tracks).items() if len(group) > 1}
    if not groups:
        return None
    sentences = []
    for token, group in groups.items():
        sentences.append(_range(token, group))
    figures = [Figure(caption(group), chart(group)) for group in groups.values()]
    return Section("issuers", "Issuers side by side", sentences, figures)


def _range(token: str, group: list[Track]) -> str:
    left = [worth for track in group if (worth := amounts(track).worth) > 0]
    gone = [named(track.issuer) for track in group if not amounts(track).worth > 0]
    lost = f"nothing is left of them in {' and in '.join(gone)}"
    if not left:
        return f"1,000 dollars in {token}: {lost}."
    became = f"{dollars(min(left))} to {dollars(max(left))}, depending on nothing but the rules"
    return (
        f"On the same prices, 1,000 dollars in {token} became {became}" + f"; {lost}" * bool(gone)
    ) + "."


def at_times(own: NDArray[np.int64], values: Numbers, times: NDArray[np.int64]) -> Numbers:
    """The value that was last known at each time; not a number before the first."""
    at = np.searchsorted(own, times, side="right") - 1
    known: Numbers = np.where(at < 0, np.nan, values[np.maximum(at, 0)])
    return known
