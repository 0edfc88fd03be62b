"""The headline of the report as one PNG file: a column a token, in three rows.

What it became, how it was rebalanced, and what many paths make of it; where there are none, what
each day cost. It is to be read at a width of 900 points.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import altair as alt
import vl_convert

from scripts._paper.told import Outcomes, Track
from scripts._report import costs, leverage, scatter, worth
from scripts._report.amounts import ours
from scripts._report.many import time
from scripts._report.section import Chart, percent
from scripts._report.style import levered, named, themed

WIDTH, HEIGHT = 350, 200  # of a chart
SCALE = 2
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
    path: Path, tracks: Sequence[Track], outcomes: Sequence[Outcomes] = (), source: str = ""
) -> None:
    """Draw our tokens. Rows that there is nothing to draw in are left out. `source` is of prices.

    Raises ValueError where all are.
    """
    drawn = [row for row in [*_of_tracks(tracks), _last(tracks, outcomes)] if row]
    if not drawn:
        raise ValueError("picture: expected tracks or outcomes")
    whole = alt.VConcatChart(
        vconcat=[alt.HConcatChart(hconcat=row, spacing=28, resolve=APART) for row in drawn],
        spacing=22,
        resolve=APART,
        title=_title(tracks, source),
    ).properties(padding=14)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(vl_convert.vegalite_to_png(themed(whole), scale=SCALE))


def _of_tracks(tracks: Sequence[Track]) -> list[list[Chart]]:
    own = ours(tracks)
    return [
        [
            _titled(worth.chart(track), f"1,000 dollars in {track.token}, {levered(track.target)}")
            for track in own
        ],
        [
            _titled(leverage.chart(track), f"Leverage of {track.token}, its band shaded")
            for track in own
        ],
    ]


def _last(tracks: Sequence[Track], outcomes: Sequence[Outcomes]) -> list[Chart]:
    if outcomes:
        return [
            _titled(
                scatter.by_trend(many),
                f"{many.token} on {len(many.nav):,} made-up {_lengths(many)}; dashed: closed form",
            )
            for many in ours(outcomes)
        ]
    return [
        _titled(costs.chart(track), f"What each {costs.per(track)} cost {track.token}")
        for track in ours(tracks)
        if track.costs
    ]


def _lengths(many: Outcomes) -> str:
    length = time(many.years)
    return "years" if length == "a year" else f"paths of {length}"


def _titled(chart: Chart, title: str) -> Chart:
    return chart.properties(width=WIDTH, height=HEIGHT, title=alt.Title(title, frame="group"))


def _title(tracks: Sequence[Track], source: str) -> alt.Title:
    """Whose tokens, when, and how the price moved."""
    if not tracks:
        return alt.Title("")
    first = ours(tracks)[0]
    begin, end = (datetime.fromtimestamp(int(at), UTC) for at in first.times[[0, -1]])
    moved = percent(float(first.price[-1] / first.price[0]) - 1)
    return alt.Title(
        f"{named(first.issuer)}, {begin:%Y-%m-%d} to {end:%Y-%m-%d}: the asset {moved}",
        subtitle=f"Prices: {source}" if source else alt.Undefined,
        anchor="start",
        fontSize=15,
        offset=12,
    )
