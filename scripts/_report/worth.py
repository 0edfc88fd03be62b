"""What became of 1,000 dollars: every issuer's tokens in figures, and ours against 1x, a margin
position and the ideal.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import altair as alt
import numpy as np

from scripts._paper.told import Numbers, Track
from scripts._report.amounts import amounts, by_token, ours
from scripts._report.lines import Line, money
from scripts._report.section import Figure, Section, Table, dollars, log, percent
from scripts._report.style import IDEAL, MARGIN, PRICE, colour_of, levered, named

HEADS = (
    "issuer",
    "1,000 dollars became",
    "return",
    "ideal",
    "margin position",
    "1x",
    "drag (log)",
    "worst drawdown",
    "rebalances (off schedule)",
    "liquidations",
)


def chart(track: Track) -> alt.LayerChart:
    """The token against all that one could have held instead."""
    return money(
        track.times,
        [
            Line(track.token, track.nav / track.nav[0], colour_of(track.token), width=2.2),
            Line("1x", track.price / track.price[0], PRICE),
            Line("margin position", track.margin, MARGIN, [6, 3]),
            Line("ideal", track.ideal, IDEAL, [2, 2]),
        ],
        caption(track),
    )


def caption(track: Track) -> str:
    """What the chart is of."""
    return (
        f"{named(track.issuer)} {track.token}, {levered(track.target)}: "
        "1,000 dollars in the token, in the asset (1x), in a margin position and in the ideal token"
    )


def became(tracks: Sequence[Track]) -> Section:
    """Tables of all tokens, and who did best and worst."""
    groups = by_token(tracks)
    sentences = [_compared(token, group) for token, group in groups.items()]
    sentences.append(
        "Ideal is a token at its target at every day's rebalance, free of cost. The margin "
        "position is opened once and left alone, pays nothing, and is gone when it is worth "
        "nothing. 1x is the asset itself. Drag is how far the log return stayed behind the "
        "leverage times that of the asset: all costs together."
    )
    tables = [
        Table(
            f"{token}, {levered(group[0].target)}",
            HEADS,
            [_figures(track) for track in group],
        )
        for token, group in groups.items()
    ]
    return Section("became", "What became of 1,000 dollars", sentences, tables=tables)


def against(tracks: Sequence[Track]) -> Section:
    """Our tokens over time."""
    sentences = []
    for track in ours(tracks):
        told = amounts(track)
        sentences.append(
            f"1,000 dollars in {named(track.issuer)} {track.token} became {dollars(told.worth)}: "
            f"{_beyond(told.worth, told.ideal)} the ideal token's {_left(track, track.ideal)} and "
            f"{_beyond(told.worth, told.margin)} the margin position's "
            f"{_left(track, track.margin)}."
        )
    figures = [Figure(caption(track), chart(track)) for track in ours(tracks)]
    return Section("nav", "Against 1x, margin and the ideal", sentences, figures)


def _left(track: Track, worths: Numbers) -> str:
    """What there is at the end, or when all was gone."""
    gone = np.flatnonzero(worths <= 0)
    if not gone.size:
        return dollars(float(worths[-1]))
    day = datetime.fromtimestamp(int(track.times[gone[0]]), UTC)
    return f"0 (gone on {day:%Y-%m-%d})"


def _compared(token: str, group: list[Track]) -> str:
    ranked = sorted(group, key=lambda track: amounts(track).worth)
    worst, best = ranked[0], ranked[-1]
    asset = f"the asset itself returned {percent(amounts(best).once - 1)}"
    did = f"1,000 dollars became {dollars(amounts(best).worth)}"
    if len(group) == 1:
        return f"{token} of {named(best.issuer)}: {did}, while {asset}."
    return (
        f"{token}: {named(best.issuer)} did best, where {did}, and {named(worst.issuer)} worst, "
        f"with {dollars(amounts(worst).worth)}, while {asset}."
    )


def _beyond(worth: float, other: float) -> str:
    """As it stands before the other's worth."""
    if dollars(worth) == dollars(other):
        return "equal to"
    return "more than" if worth > other else "less than"


def _figures(track: Track) -> tuple[str, ...]:
    told = amounts(track)
    return (
        named(track.issuer),
        dollars(told.worth),
        percent(told.worth - 1),
        percent(told.ideal - 1),
        percent(told.margin - 1),
        percent(told.once - 1),
        log(told.drag),
        percent(-told.drawdown, sign=False),
        f"{told.scheduled + told.emergencies:,} ({told.emergencies:,})",
        f"{told.liquidations:,}",
    )
