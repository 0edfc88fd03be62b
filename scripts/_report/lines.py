"""Lines over time that can be hovered: one rule stands at the nearest row and tells all of them."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from zlib import crc32

import altair as alt
import numpy as np
from numpy.typing import NDArray

from scripts._paper.told import Numbers
from scripts._report.layers import of, over
from scripts._report.style import INK, SOLID
from scripts._report.thin import kept, moments, rows

CLOCK: dict[str, Any] = {"type": "utc"}
FLOOR, CEILING = 1.0, 1e6  # dollars: what a logarithmic axis shows of 1,000 at most
WIDE = 6  # times that the highest is the lowest, from which an axis is logarithmic


class Line(NamedTuple):
    """A series, how it is called and how it is drawn."""

    label: str
    values: Numbers
    colour: str
    dash: Sequence[int] = SOLID
    width: float = 1.4
    ends: bool = False  # where it comes to nothing, instead of going on along the edge


def lines(
    times: NDArray[np.int64],
    drawn: Sequence[Line],
    axis: alt.Axis,
    scale: alt.Scale,
    form: str,
    told: str,
) -> alt.LayerChart:
    """The lines over one axis. `form` writes a value in the tooltip, `told` says what is seen.

    Column `s0` has the values of the first line, and so on; a line that `ends` is drawn from `e0`.
    """
    at = kept([line.values for line in drawn])
    columns = moments(times[at])
    columns |= {f"s{n}": list(line.values[at]) for n, line in enumerate(drawn)}
    keys: list[Any] = [f"{'e' if line.ends else 's'}{n}" for n, line in enumerate(drawn)]
    columns |= {
        key: list(_to_the_end(line.values[at]))
        for key, line in zip(keys, drawn, strict=True)
        if line.ends
    }
    values = rows(columns)
    base = of(values).encode(alt.X("t:T", title=None, scale=alt.Scale(**CLOCK)))

    def ranged(values: list[Any]) -> alt.Scale:
        return alt.Scale(domain=keys, range=values)

    labels = {key: line.label for key, line in zip(keys, drawn, strict=True)}
    legend = (
        None
        if len(drawn) == 1
        else alt.Legend(
            title=None,
            orient="top",
            symbolType="stroke",
            symbolSize=300,
            labelExpr=f"({json.dumps(labels)})[datum.label]",
        )
    )
    many = (
        base.transform_fold(keys[::-1], as_=["key", "value"])  # the first is drawn last: on top
        .mark_line(clip=True)
        .encode(
            alt.Y("value:Q", axis=axis, scale=scale),
            alt.Color("key:O", scale=ranged([line.colour for line in drawn]), legend=legend),
            alt.StrokeDash(
                "key:O", scale=ranged([list(line.dash) for line in drawn]), legend=legend
            ),
            alt.StrokeWidth("key:O", scale=ranged([line.width for line in drawn]), legend=legend),
        )
    )
    shown = [alt.Tooltip("when:N", title="time")]
    shown += [alt.Tooltip(f"s{n}:Q", title=line.label, format=form) for n, line in enumerate(drawn)]
    near = alt.selection_point(
        # Altair makes one of all that have one name or none, and each chart is to have its own.
        name=f"near{crc32(json.dumps(values).encode())}",
        nearest=True,
        on="pointerover",
        clear="pointerout",
        fields=["t"],
        empty=False,
    )
    rule = (
        base.mark_rule(color=INK)
        .encode(opacity=alt.when(near).then(alt.value(0.4)).otherwise(alt.value(0)), tooltip=shown)
        .add_params(near)
    )
    return over(many, rule, told=told)


def money(times: NDArray[np.int64], drawn: Sequence[Line], told: str) -> alt.LayerChart:
    """What 1,000 dollars became, by lines of what 1 became.

    The axis is logarithmic where worths are far apart: an equal distance is then an equal part.
    What is worth less than a dollar is drawn at one. A line whose worth comes to nothing falls to
    the lower edge and ends there.
    """
    drawn = [
        line._replace(values=1000 * line.values, ends=bool(np.any(line.values <= 0)))
        for line in drawn
    ]
    everything = [line.values[np.isfinite(line.values)] for line in drawn]
    alive = [values for values in everything if values.min() > 0]
    lowest = min(float(values.min()) for values in alive or everything)
    highest = max(float(values.max()) for values in everything)
    low, high = (min(max(worth, FLOOR), CEILING) for worth in (lowest, highest))
    if high < WIDE * low:
        axis = alt.Axis(title="worth of 1,000 dollars", format=",.0f")
        return lines(times, drawn, axis, alt.Scale(zero=False), ",.2f", told)
    scale, axis = log_money(np.array([low * 0.95, high * 1.05]))
    return lines(times, drawn, axis, scale, ",.2f", told)


def log_money(worths: Numbers) -> tuple[alt.Scale, alt.Axis]:
    """For worths of 1,000 dollars that are far apart."""
    low, high = float(worths.min()), float(worths.max())
    scale = alt.Scale(type="log", domain=[low, high], clamp=True, nice=False)
    title = "worth of 1,000 dollars (log scale)"
    labels = f"datum.value <= {FLOOR:g} ? '≤ {FLOOR:g}' : format(datum.value, ',~f')"
    return scale, alt.Axis(title=title, labelExpr=labels, values=ticks(low, high))


def _to_the_end(values: Numbers) -> Numbers:
    """Not a number after the first that is nothing."""
    gone = values <= 0
    ended: Numbers = np.where(np.cumsum(gone) - gone > 0, np.nan, values)
    return ended


def ticks(low: float, high: float) -> list[float]:
    """Round numbers for a logarithmic axis: 1, 2, 5 of each ten, or tens where they are many."""
    steps = (1, 2, 5) if high < 300 * low else (1,)
    tens = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    found = [step * 10.0**ten for ten in tens for step in steps]
    return [tick for tick in found if low <= tick <= high]
