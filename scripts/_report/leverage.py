"""Leverage over time: the band shaded, rebalances and liquidations marked."""

from collections.abc import Sequence

import altair as alt
import numpy as np

from scripts._paper.told import Rebalance, Track
from scripts._report.amounts import amounts, ours
from scripts._report.layers import of, over
from scripts._report.lines import CLOCK, Line, lines
from scripts._report.section import Figure, Section
from scripts._report.style import INK, colour_of, levered, named
from scripts._report.thin import moments, rows, spread

MARKS = 800  # that are drawn of scheduled rebalances, and as many of emergencies
HIGH = 3.0  # times the target: leverage beyond is drawn there
SHAPES = {"scheduled": "circle", "emergency": "cross", "liquidation": "diamond"}


def chart(track: Track) -> alt.LayerChart:
    """One token's leverage with its sign."""
    colour = colour_of(track.token)
    edges = [*track.band, *track.leverage[np.isfinite(track.leverage)]]
    edges += [rebalance.before for rebalance in track.rebalances if np.isfinite(rebalance.before)]
    limit = abs(track.target) * HIGH
    low, high = max(min(edges), -limit), min(max(edges), limit)
    room = 0.05 * (high - low)
    scale = alt.Scale(domain=[low - room, high + room], clamp=True, zero=False, nice=False)
    axis = alt.Axis(title="leverage", format="+.2~f")
    line = Line(f"leverage of {track.token}", track.leverage, colour, width=1)
    above = lines(track.times, [line], axis, scale, "+.3f", caption(track))
    band = (
        of([{"low": min(track.band), "high": max(track.band)}])
        .mark_rect(color=colour, opacity=0.15)
        .encode(alt.Y("low:Q", scale=scale), alt.Y2("high:Q"))
    )
    return over(band, above, *_marks(track, scale), told=caption(track))


def caption(track: Track) -> str:
    """What the chart is of."""
    low, high = (levered(edge) for edge in track.band)
    return (
        f"{named(track.issuer)} {track.token}: leverage, with the band from {low} to {high} shaded"
    )


def section(tracks: Sequence[Track]) -> Section:
    """How often each of our tokens was rebalanced, and the highest leverage."""
    sentences = []
    for track in ours(tracks):
        told = amounts(track)
        befores = [abs(rebalance.before) for rebalance in track.rebalances]
        highest = max(track.max_leverage, *befores, float(np.nanmax(np.abs(track.leverage))))
        reached = "had nothing left" if np.isinf(highest) else f"never went beyond {highest:.2f}x"
        liquidated = f", and was liquidated {told.liquidations:,} times" * bool(told.liquidations)
        sentences.append(
            f"{track.token} was rebalanced {told.scheduled:,} times on schedule and "
            f"{told.emergencies:,} times in an emergency; its leverage {reached}{liquidated}."
        )
    sentences.append("A token outside of its shaded band is brought back at the next rebalance.")
    figures = [Figure(caption(track), chart(track)) for track in ours(tracks)]
    return Section("leverage", "Leverage and rebalances", sentences, figures)


def _marks(track: Track, scale: alt.Scale) -> list[alt.Chart]:
    """What happened, each where leverage stood before it."""
    scheduled = [rebalance for rebalance in track.rebalances if not rebalance.emergency]
    emergencies = [rebalance for rebalance in track.rebalances if rebalance.emergency]
    happened = [
        *(_mark("scheduled", one) for one in _largest(scheduled)),
        *(_mark("emergency", one) for one in _largest(emergencies)),
        *(_liquidation(track, time) for time in track.liquidations[:MARKS]),
    ]
    if not happened:
        return []
    kinds = [kind for kind in SHAPES if any(mark[1] == kind for mark in happened)]
    times, named_kinds, befores, afters, paid = zip(*happened, strict=True)
    columns = moments(times) | {
        "kind": list(named_kinds),
        "before": list(befores),
        "after": list(afters),
        "paid": list(paid),
    }
    marks = (
        of(rows(columns))
        .mark_point(filled=True, opacity=0.85)
        .encode(
            alt.X("t:T", scale=alt.Scale(**CLOCK)),
            alt.Y("before:Q", scale=scale),
            alt.Shape(
                "kind:N",
                scale=alt.Scale(domain=kinds, range=[SHAPES[kind] for kind in kinds]),
                legend=alt.Legend(title=None, orient="top", symbolFillColor=INK),
            ),
            color=alt.value(INK),
            size=alt.condition("datum.kind == 'scheduled'", alt.value(14), alt.value(70)),
            tooltip=[
                alt.Tooltip("kind:N", title="rebalance"),
                alt.Tooltip("when:N", title="time"),
                alt.Tooltip("before:Q", title="leverage before", format="+.3f"),
                alt.Tooltip("after:Q", title="leverage after", format="+.3f"),
                alt.Tooltip("paid:Q", title="paid, of NAV", format=".4%"),
            ],
        )
    )
    return [marks]


def _largest(rebalances: list[Rebalance]) -> list[Rebalance]:
    """Those that are drawn: evenly spread, and the one that went furthest."""
    chosen = [rebalances[at] for at in spread(len(rebalances), MARKS)] if rebalances else []
    if len(chosen) < len(rebalances):
        chosen.append(max(rebalances, key=lambda one: abs(one.before - one.after)))
    return chosen


def _mark(kind: str, one: Rebalance) -> tuple[int, str, float, float, float]:
    return one.time, kind, one.before, one.after, one.paid


def _liquidation(track: Track, time: int) -> tuple[int, str, float, float, float]:
    at = min(int(np.searchsorted(track.times, time)), len(track.times) - 1)
    before = float(track.leverage[max(at - 1, 0)])
    return time, "liquidation", before, float(track.leverage[at]), np.nan
