"""Drawdown: how far below its highest so far a token is."""

from collections.abc import Sequence

import altair as alt

from scripts._paper.figures import drawdown
from scripts._paper.told import Track
from scripts._report.amounts import ours
from scripts._report.lines import Line, lines
from scripts._report.section import Figure, Section, percent
from scripts._report.style import MARGIN, PRICE, colour_of, named


def chart(track: Track) -> alt.LayerChart:
    """The token's, the asset's and the margin position's."""
    return lines(
        track.times,
        [
            Line(track.token, -drawdown(track.nav), colour_of(track.token), width=1.8),
            Line("1x", -drawdown(track.price), PRICE),
            Line("margin position", -drawdown(track.margin), MARGIN, [6, 3]),
        ],
        alt.Axis(title="below the highest so far", format=".0%"),
        alt.Scale(domainMax=0),
        ".1%",
        caption(track),
    )


def caption(track: Track) -> str:
    """What the chart is of."""
    return f"{named(track.issuer)} {track.token}: drawdown of the token, 1x and a margin position"


def section(tracks: Sequence[Track]) -> Section:
    """The deepest of each of our tokens."""
    sentences = []
    for track in ours(tracks):
        below = drawdown(track.nav)
        deepest = float(below.max())
        whoever = f"Whoever bought {named(track.issuer)} {track.token} at the worst moment"
        if deepest < 1:
            sentences.append(
                f"{whoever} was down {percent(deepest, sign=False)} at the lowest: from there the "
                f"token has to become {1 / (1 - deepest):,.1f} times as much to make up for it."
            )
        else:
            sentences.append(f"{whoever} lost everything.")
    figures = [Figure(caption(track), chart(track)) for track in ours(tracks)]
    return Section("drawdown", "Drawdown", sentences, figures)
