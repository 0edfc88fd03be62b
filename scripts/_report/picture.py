"""The main charts of the report as one PNG file."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap

import altair as alt
import vl_convert

from scripts._paper.told import Cell, Outcomes, Track
from scripts._report import costs, drawdown, heat, issuers, leverage, many, worth
from scripts._report.amounts import by_token, ours
from scripts._report.section import Chart
from scripts._report.style import themed

WIDTH = 460  # of a chart
LETTERS = 68  # of a title's line
SCALE = 1.5
# Each chart has its own legend.
APART = alt.Resolve(
    scale=alt.ScaleResolveMap(
        color="independent",
        strokeDash="independent",
        strokeWidth="independent",
        shape="independent",
    )
)


def picture(
    path: Path, tracks: Sequence[Track], outcomes: Sequence[Outcomes], cells: Sequence[Cell]
) -> None:
    """Draw a column a token. Rows whose list is empty are left out.

    Raises ValueError where all are.
    """
    drawn = [row for row in [*_of_tracks(tracks), *_of_outcomes(outcomes)] if row]
    maps = [figure.chart for figure in heat.charts(cells)] if cells else []
    drawn += [maps[at : at + 2] for at in range(0, len(maps), 2)]
    if not drawn:
        raise ValueError("picture: expected tracks, outcomes or cells")
    whole = alt.VConcatChart(
        vconcat=[_row(row) for row in drawn], spacing=28, resolve=APART
    ).properties(padding=16)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(vl_convert.vegalite_to_png(themed(whole), scale=SCALE))


def _of_tracks(tracks: Sequence[Track]) -> list[list[Chart]]:
    own = ours(tracks)
    return [
        [worth.chart(track) for track in own],
        [leverage.chart(track) for track in own],
        [drawdown.chart(track) for track in own],
        [costs.chart(track) for track in own if track.costs],
        [issuers.chart(group) for group in by_token(tracks).values() if len(group) > 1],
    ]


def _of_outcomes(outcomes: Sequence[Outcomes]) -> list[list[Chart]]:
    columns = [many.charts(one) for one in ours(outcomes)]
    return [list(row) for row in zip(*columns, strict=True)]


def _row(charts: Sequence[Chart]) -> alt.HConcatChart:
    titled = [
        chart.properties(width=WIDTH, title=alt.Title(wrap(str(chart.description), LETTERS)))
        for chart in charts
    ]
    return alt.HConcatChart(hconcat=titled, spacing=36, resolve=APART)
