"""Band × schedule × cost: which rules cost least, as a map for each token and cost."""

from collections.abc import Sequence

import altair as alt

from scripts._paper.told import Cell
from scripts._report.layers import of, over
from scripts._report.section import Figure, Section, percent
from scripts._report.thin import rows

BLACK = "#1f2932"  # by day and by night: cells are as bright in both
STEP = 38  # height of a row


def charts(cells: Sequence[Cell]) -> list[Figure]:
    """A map for each token and cost. A token's share a scale of colours; the least is framed."""
    drags: dict[str, list[float]] = {}

    groups: dict[tuple[str, float], list[Cell]] = {}
    for cell in cells:
        drags.setdefault(cell.token, []).append(cell.drag)
        groups.setdefault((cell.token, cell.cost), []).append(cell)
    return [
        Figure(
            _caption(token, cost), _map(token, cost, group, min(drags[token]), max(drags[token]))
        )
        for (token, cost), group in sorted(groups.items(), key=lambda item: _place(item[0]))
    ]


def section(cells: Sequence[Cell]) -> Section:
    """The best rules of each token, at the lowest and at the highest cost."""
    sentences = []
    for token in dict.fromkeys(cell.token for cell in cells):
        own = [cell for cell in cells if cell.token == token]
        costs = sorted({cell.cost for cell in own})
        found = []
        for cost in dict.fromkeys((costs[0], costs[-1])):
            best = min((cell for cell in own if cell.cost == cost), key=lambda cell: cell.drag)
            found.append(
                f"where trading costs {percent(cost, 2, sign=False)}, {best.schedule} with a band "
                f"of {percent(best.band, sign=False)} loses least, "
                f"{percent(best.drag, sign=False)} a year"
            )
        sentences.append(f"{token}: {'; '.join(found)}.")
    sentences.append(
        "Darker loses more. The number in a cell is the drag a year: how far the token's log "
        "return stays behind its leverage times the asset's; the least of each map is framed."
    )
    return Section("rules", "Band, schedule and cost", sentences, charts(cells))


def _map(token: str, cost: float, cells: list[Cell], low: float, high: float) -> alt.LayerChart:
    least = min(cell.drag for cell in cells)
    values = rows(
        {
            "band": [f"{100 * cell.band:.4g} %" for cell in cells],
            "schedule": [cell.schedule for cell in cells],
            "drag": [cell.drag for cell in cells],
            "rebalances": [cell.rebalances for cell in cells],
            "highest": [cell.max_leverage for cell in cells],
            "least": [int(cell.drag == least) for cell in cells],
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
            alt.Tooltip("drag:Q", title="drag a year (log)", format=".2%"),
            alt.Tooltip("rebalances:Q", title="rebalances a year", format=",.1f"),
            alt.Tooltip("highest:Q", title="highest leverage", format=".2f"),
        ],
    )
    shade = alt.Color(
        "drag:Q",
        scale=alt.Scale(scheme="oranges", domain=[low, high]),
        legend=alt.Legend(
            title="drag a year (log)", orient="top", format=".0~%", gradientLength=160, tickCount=3
        ),
    )
    middle = low + 0.6 * (high - low)
    squares = base.mark_rect().encode(shade)
    frame = base.transform_filter("datum.least == 1").mark_rect(
        fillOpacity=0, stroke=BLACK, strokeWidth=2.5
    )
    words = base.mark_text(fontSize=11).encode(
        text=alt.Text("drag:Q", format=".1%"),
        color=alt.condition(f"datum.drag > {middle!r}", alt.value("#fffffe"), alt.value(BLACK)),
    )
    height = STEP * len(schedules)
    return over(squares, frame, words, told=_caption(token, cost), height=height)


def _caption(token: str, cost: float) -> str:
    return (
        f"{token}: drag a year where trading costs {percent(cost, 2, sign=False)} of what is traded"
    )


def _place(key: tuple[str, float]) -> tuple[bool, str, float]:
    """BULL before BEAR, then by cost."""
    token, cost = key
    return not token.endswith("BULL"), token, cost
