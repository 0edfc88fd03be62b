"""What a token cost its holders: each day's costs stacked, and their sums, which explain the whole
difference between the leverage times the asset's log return and the token's.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import exp, inf, isinf

import altair as alt

from scripts._paper.figures import add
from scripts._paper.told import Costs, Track
from scripts._report.amounts import by_token, due, gained, ours
from scripts._report.layers import of, over
from scripts._report.section import Figure, Section, Table, dollars, log
from scripts._report.style import COSTS, INK, PAPER, levered, named

LONG = 120  # days from which bars are of weeks
WEEK = 7
UNSEEN = 5e-5  # of a remainder: half of the last digit that the table shows


def bars(track: Track) -> list[tuple[int, Costs]]:
    """Beginning and costs of each bar: of days, or of weeks where there are many."""
    size = WEEK if len(track.days) > LONG else 1
    return [
        (track.days[at], add(track.costs[at : at + size])) for at in range(0, len(track.days), size)
    ]


def per(track: Track) -> str:
    """What a bar is of."""
    return "week" if len(track.days) > LONG else "day"


def chart(track: Track) -> alt.LayerChart:
    """Bars upward are what was lost, downward what was gained; a diamond is the sum."""
    days = WEEK if len(track.days) > LONG else 1
    values, sums = [], []
    for time, costs in bars(track):
        span = {"from": time * 1000, "to": (time + days * 86_400) * 1000}
        span["middle"] = (span["from"] + span["to"]) // 2
        day = f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}"
        total = round(costs.total, 7)
        sums.append(span | {"day": day, "total": total})
        up = down = 0.0
        for name, cost in zip(COSTS, costs, strict=True):
            base = up if cost > 0 else down
            part = {"day": day, "name": name, "cost": round(cost, 7), "total": total}
            part |= {"base": round(base, 7), "top": round(base + cost, 7)}
            values.append(span | part)
            up, down = up + max(cost, 0), down + min(cost, 0)
    one = per(track)
    axis = alt.Axis(title=f"cost a {one} (log of NAV)", format=".2~f")
    shades = alt.Scale(domain=list(COSTS), range=list(COSTS.values()))
    clock = alt.Scale(type="utc")
    stacked = (
        of(values)
        .mark_rect()
        .encode(
            alt.X("from:T", title=None, scale=clock),
            alt.X2("to:T"),
            alt.Y("base:Q", axis=axis),
            alt.Y2("top:Q"),
            alt.Color(
                "name:N",
                scale=shades,
                sort=list(COSTS),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=[
                alt.Tooltip("day:N", title=f"{one} from"),
                alt.Tooltip("name:N", title="cost"),
                alt.Tooltip("cost:Q", title="lost (−: gained)", format=".4f"),
                alt.Tooltip("total:Q", title="all costs", format=".4f"),
            ],
        )
    )
    ticks = (
        of(sums)
        .mark_point(shape="diamond", filled=True, fill=PAPER, stroke=INK, size=36, strokeWidth=1.2)
        .encode(alt.X("middle:T", scale=clock), alt.Y("total:Q", axis=axis))
    )
    return over(stacked, ticks, told=caption(track))


def caption(track: Track) -> str:
    """What the chart is of."""
    whose = f"{named(track.issuer)} {track.token}"
    return f"{whose}: what each {per(track)} cost, by cause; a diamond is the sum"


def section(tracks: Sequence[Track]) -> Section | None:
    """None where no track has costs."""
    told = [track for track in tracks if track.costs]
    if not told:
        return None
    sentences = [_told(track) for track in ours(told)]
    sentences.append(
        "Beta slippage is what the path itself takes from a token that is rebalanced, even where "
        "nothing is charged; in a trend it gives instead, and is negative. All are logs: they sum "
        "up over days, and are exactly what lies between leverage times the asset's log return and "
        "the token's. A log of 0.693 is half of what was there."
    )
    if any(track.liquidations for track in ours(told)):
        sentences.append("Premium includes what a liquidator took.")
    figures = [Figure(caption(track), chart(track)) for track in ours(told)]
    tables = [_table(token, group) for token, group in by_token(told).items()]
    return Section("costs", "What it cost", sentences, figures, tables)


def _told(track: Track) -> str:
    costs = add(track.costs)
    name, largest = max(zip(COSTS, costs, strict=True), key=lambda pair: pair[1])
    whose = f"{named(track.issuer)} {track.token}"
    became = (
        f"At {levered(track.target)} the asset's log return, 1,000 dollars would have become "
        f"{dollars(exp(due(track)))} in {len(track.days):,} days."
    )
    if isinf(gained(track)):
        return f"{became} Nothing is left of them in {whose}."
    gave = [
        f"{name} gave {log(-cost)}" for name, cost in zip(COSTS, costs, strict=True) if cost < 0
    ]
    return (
        f"{became} In {whose} they became {dollars(exp(gained(track)))}. What lies between is "
        f"cost, {log(costs.total)} in logs: {name} was the largest, {log(largest)}"
        f"{''.join(f'; {gift}' for gift in gave)}."
    )


def _table(token: str, group: list[Track]) -> Table:
    """A column an issuer, from what was due to what was gained."""
    columns = [_column(track) for track in group]
    heads = [f"{levered(group[0].target)} the asset's log return"]
    heads += [f"− {name}" for name in COSTS]
    heads += ["= log return of NAV", "all costs"]
    if any(abs(column[-1]) >= UNSEEN for column in columns):
        heads += ["not explained"]
    rows = [
        (head, *(log(column[at], 4, sign=True) for column in columns))
        for at, head in enumerate(heads)
    ]
    issuers = tuple(named(track.issuer) for track in group)
    return Table(f"{token}: all costs", ("logs of NAV", *issuers), rows)


def _column(track: Track) -> list[float]:
    costs = add(track.costs)
    total = due(track) - gained(track)
    if isinf(total):  # on the day that took all there is no log of what is left
        return [due(track), *costs._replace(beta_slippage=inf), gained(track), total, 0.0]
    return [due(track), *costs, gained(track), total, total - costs.total]
