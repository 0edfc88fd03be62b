"""Leverage over time: the band shaded, rebalances and liquidations marked."""

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import numpy as np

from scripts._paper.told import Rebalance, Track
from scripts._report.amounts import amounts, ours
from scripts._report.layers import of, over
from scripts._report.lines import CLOCK, Line, lines
from scripts._report.section import Figure, Section, percent, times
from scripts._report.style import INK, colour_of, highest, levered, named
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
        .mark_rect(color=colour, opacity=0.25)
        .encode(alt.Y("low:Q", scale=scale), alt.Y2("high:Q"))
    )
    edge = high + room if track.target > 0 else low - room
    return over(band, above, *_marks(track, scale, edge), told=caption(track))


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
        most = max(track.max_leverage, *befores, float(np.nanmax(np.abs(track.leverage))))
        reached = (
            "at last it had nothing left"
            if np.isinf(most)
            else f"its leverage was never above {highest(most)}"
        )
        liquidated = f", and it was liquidated {times(told.liquidations)}" * bool(told.liquidations)
        sentences.append(
            f"{named(track.issuer)} {track.token} was rebalanced {times(told.scheduled)} on "
            f"schedule and {times(told.emergencies)} in an emergency; {reached}{liquidated}."
        )
    sentences.append(
        "A token outside of its shaded band is brought back at the next rebalance, if that pays "
        "for whoever does it."
    )
    figures = [Figure(caption(track), chart(track)) for track in ours(tracks)]
    return Section("leverage", "Leverage and rebalances", sentences, figures)


class _Mark(NamedTuple):
    """What happened, and at which leverage it is drawn; the rest is written already."""

    time: int
    kind: str
    at: float
    before: str
    after: str
    paid: str


def _marks(track: Track, scale: alt.Scale, edge: float) -> list[alt.Chart]:
    """Rebalances, each where leverage stood before it; liquidations at the edge, where it was
    higher than is drawn.
    """
    scheduled = [rebalance for rebalance in track.rebalances if not rebalance.emergency]
    emergencies = [rebalance for rebalance in track.rebalances if rebalance.emergency]
    happened = [
        *(_mark("scheduled", one) for one in _largest(scheduled)),
        *(_mark("emergency", one) for one in _largest(emergencies)),
        *(_liquidation(track, time, edge) for time in track.liquidations[:MARKS]),
    ]
    if not happened:
        return []
    kinds = [kind for kind in SHAPES if any(mark.kind == kind for mark in happened)]
    columns = dict(zip(_Mark._fields, map(list, zip(*happened, strict=True)), strict=True))
    base = of(rows(moments(columns.pop("time")) | columns)).encode(
        alt.X("t:T", scale=alt.Scale(**CLOCK)),
        tooltip=[
            alt.Tooltip("kind:N", title="what"),
            alt.Tooltip("when:N", title="time"),
            alt.Tooltip("before:N", title="leverage before"),
            alt.Tooltip("after:N", title="leverage after"),
            alt.Tooltip("paid:N", title="paid, of NAV"),
        ],
    )
    marks = base.mark_point(filled=True, opacity=0.85).encode(
        alt.Y("at:Q", scale=scale),
        alt.Shape(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=[SHAPES[kind] for kind in kinds]),
            legend=alt.Legend(title=None, orient="top", symbolFillColor=INK),
        ),
        color=alt.value(INK),
        size=alt.condition("datum.kind == 'scheduled'", alt.value(14), alt.value(70)),
    )
    if not track.liquidations:
        return [marks]
    rules = base.transform_filter("datum.kind == 'liquidation'").mark_rule(
        color=INK, strokeDash=[3, 3]
    )
    return [rules, marks]


def _largest(rebalances: list[Rebalance]) -> list[Rebalance]:
    """Those that are drawn: evenly spread, and the one that went furthest."""
    chosen = [rebalances[at] for at in spread(len(rebalances), MARKS)] if rebalances else []
    if len(chosen) < len(rebalances):
        chosen.append(max(rebalances, key=lambda one: abs(one.before - one.after)))
    return chosen


def _mark(kind: str, one: Rebalance) -> _Mark:
    return _Mark(
        one.time,
        kind,
        one.before,
        _written(one.before),
        _written(one.after),
        percent(one.paid, 3, sign=False),
    )


def _liquidation(track: Track, time: int, edge: float) -> _Mark:
    row = min(int(np.searchsorted(track.times, time)), len(track.times) - 1)
    after = float(track.leverage[row])
    return _Mark(time, "liquidation", edge, "above the venue's limit", _written(after), "—")


def _written(leverage: float) -> str:
    return f"{leverage:+.3f}x".replace("-", "−")
