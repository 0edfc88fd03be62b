"""Band × schedule × cost: which rules cost least, as a map for each cost and token."""

from collections.abc import Sequence
from math import exp, isfinite

import altair as alt

from scripts._paper.told import Cell
from scripts._report.layers import of, over
from scripts._report.section import Figure, Section, dollars, log, percent
from scripts._report.style import highest
from scripts._report.thin import rows

BLACK, WHITE = "#1f2932", "#fffffe"  # by day and by night: cells are as bright in both
GONE = "#b8c0c8"  # of rules that lose everything
STEP = 38  # height of a row
DARK = 0.7  # of the scale, from where on words are white


def charts(cells: Sequence[Cell]) -> list[Figure]:
    """A map for each cost and token. A token's share a scale of colours, in which rules that lose
    everything have no part. The least is framed.
    """
    drags: dict[str, list[float]] = {}
    groups: dict[tuple[str, float], list[Cell]] = {}
    for cell in cells:
        if isfinite(cell.drag):
            drags.setdefault(cell.token, []).append(cell.drag)
        groups.setdefault((cell.token, cell.cost), []).append(cell)
    found = []
    for (token, cost), group in sorted(groups.items(), key=lambda item: _place(item[0])):
        scale = drags.get(token, [0.0])
        told = _caption(token, cost)
        found.append(Figure(told, _map(group, min(scale), max(scale), told)))
    return found


def section(cells: Sequence[Cell]) -> Section:
    """The best rules of each token, at the lowest and at the highest cost."""
    sentences = [_where(cells)]
    for token in dict.fromkeys(cell.token for cell in cells):
        own = [cell for cell in cells if cell.token == token]
        costs = sorted({cell.cost for cell in own})
        found = [
            _best([cell for cell in own if cell.cost == cost])
            for cost in dict.fromkeys((costs[0], costs[-1]))
        ]
        sentences.append(f"{token}: {'; '.join(found)}.")
    finite = [cell.drag for cell in cells if isfinite(cell.drag)]
    sentences.append(
        "The number in a cell is the drag a year, a log: how far the token's log return stays "
        "behind its leverage times the asset's. Darker loses more; the least of each map is "
        "framed. Rules that rebalance less let leverage drift further from its target."
    )
    if finite:
        least = min(finite)
        sentences.append(
            f"A drag of {log(least, 2)} makes {dollars(exp(-least))} of 1,000 dollars in a year at "
            "whose end the price is where it began."
        )
    return Section("rules", "Band, schedule and cost", sentences, charts(cells))


def _where(cells: Sequence[Cell]) -> str:
    paths = cells[0].paths
    if paths == 1:
        return (
            "All rules live through the prices of this report: what is best on them need not be "
            "so on others."
        )
    return (
        f"All rules live through the same {paths:,} made-up paths, and each number is the median "
        "of these: on a single path luck decides."
    )


def _best(cells: list[Cell]) -> str:
    """Of one token, at one cost."""
    where = f"where trading costs {percent(cells[0].cost, 2, sign=False)}"
    best = min(cells, key=lambda cell: cell.drag)
    if not isfinite(best.drag):
        return f"{where}, all rules lose everything"
    band = f"{100 * best.band:.4g} %"
    return (
        f"{where}, {best.schedule} with a band of {band} loses least, {log(best.drag, 2)} a year, "
        f"and its leverage reaches {highest(best.max_leverage)}"
    )


def _map(cells: list[Cell], low: float, high: float, told: str) -> alt.LayerChart:
    least = min(cell.drag for cell in cells)
    values = rows(
        {
            "band": [f"{100 * cell.band:.4g} %" for cell in cells],
            "schedule": [cell.schedule for cell in cells],
            "drag": [cell.drag for cell in cells],
            "told": [log(cell.drag, 2) if isfinite(cell.drag) else "all" for cell in cells],
            "left": [1000 * exp(-cell.drag) for cell in cells],
            "rebalances": [cell.rebalances for cell in cells],
            "highest": [highest(cell.max_leverage) for cell in cells],
            "least": [int(cell.drag == least and isfinite(least)) for cell in cells],
        }
    )
    bands = [f"{100 * band:.4g} %" for band in sorted({cell.band for cell in cells})]
    schedules = list(dict.fromkeys(cell.schedule for cell in cells))
    base = of(values).encode(
        alt.X("band:N", sort=bands, axis=alt.Axis(title="band", labelAngle=0)),
        alt.Y("schedule:N", sort=schedules, axis=alt.Axis(title=None)),
        tooltip=[
            alt.Tooltip("band:N", title="band"),
            alt.Tooltip("schedule:N", title="schedule"),
            alt.Tooltip("told:N", title="drag a year (log)"),
            alt.Tooltip("left:Q", title="1,000 dollars, had the price not moved", format=",.0f"),
            alt.Tooltip("rebalances:Q", title="rebalances a year", format=",.1f"),
            alt.Tooltip("highest:N", title="highest leverage"),
        ],
    )
    shade = alt.Color(
        "drag:Q",
        scale=alt.Scale(scheme="oranges", domain=[low, high]),
        legend=alt.Legend(
            title="drag a year (log)", orient="top", format=".2~f", gradientLength=160, tickCount=3
        ),
    )
    alive, gone = "isValid(datum.drag)", "!isValid(datum.drag)"
    squares = base.transform_filter(alive).mark_rect().encode(shade)
    lost = base.transform_filter(gone).mark_rect(color=GONE)
    frame = base.transform_filter("datum.least == 1").mark_rect(
        fillOpacity=0, stroke=BLACK, strokeWidth=2.5
    )
    dark = f"isValid(datum.drag) && datum.drag > {low + DARK * (high - low)!r}"
    words = base.mark_text(fontSize=11).encode(
        text=alt.Text("told:N"),
        color=alt.condition(dark, alt.value(WHITE), alt.value(BLACK)),
    )
    return over(squares, lost, frame, words, told=told, height=STEP * len(schedules))


def _caption(token: str, cost: float) -> str:
    return (
        f"{token}: drag a year where trading costs {percent(cost, 2, sign=False)} of what is traded"
    )


def _place(key: tuple[str, float]) -> tuple[float, bool, str]:
    """By cost, then BULL before BEAR."""
    token, cost = key
    return cost, not token.endswith("BULL"), token
