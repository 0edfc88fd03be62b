"""How volatility and trend decide what becomes of a token: a dot a path, the closed form drawn in.

For a token that is at its target all the time and costs nothing,

    NAV / (S_T / S_0)^L = exp(-L (L - 1) sigma^2 T / 2)
"""

import altair as alt
import numpy as np
from numpy.typing import NDArray

from scripts._paper.closed import beta_slippage
from scripts._paper.figures import lost
from scripts._paper.told import Numbers, Outcomes
from scripts._report.layers import of, over
from scripts._report.lines import CEILING, FLOOR, log_money, ticks
from scripts._report.style import INK, colour_of, named
from scripts._report.thin import rows, spread

DOTS = 1_500
CURVE = 60  # points

Points = dict[str, Numbers]


def by_volatility(many: Outcomes) -> alt.LayerChart:
    """What a path did to the token beside its trend, against its volatility."""
    beside = -lost(many)
    at = _drawn(beside)
    sigmas = _between(many.volatility[at])
    return _scatter(
        many,
        {"x": many.volatility[at], "y": beside[at]},
        {"x": sigmas, "y": -beta_slippage(many.target, sigmas, many.years)},
        alt.X(
            "x:Q",
            scale=alt.Scale(zero=False),
            axis=alt.Axis(title="realised volatility, a year", format=".0%", tickCount=6),
        ),
        alt.Y("y:Q", axis=alt.Axis(title="log of NAV less leverage × trend", format=".2~f")),
        [
            alt.Tooltip("x:Q", title="volatility", format=".0%"),
            alt.Tooltip("y:Q", title="log beside trend", format=".3f"),
        ],
        _caption(many, "beside trend, against volatility"),
    )


def by_trend(many: Outcomes) -> alt.LayerChart:
    """What 1,000 dollars became, against where the price went; the curve is at the median
    volatility.
    """
    worth = np.clip(1000 * many.nav, FLOOR, CEILING)
    at = _drawn(many.trend)
    trends = _between(many.trend[at])
    middle = float(np.median(many.volatility))
    form = 1000 * np.exp(many.target * trends - beta_slippage(many.target, middle, many.years))
    shown = (form >= worth[at].min()) & (form <= worth[at].max())
    price = np.exp(many.trend[at])
    scale, axis = log_money(worth[at])
    return _scatter(
        many,
        {"x": price, "y": worth[at]},
        {"x": np.exp(trends[shown]), "y": form[shown]},
        alt.X(
            "x:Q",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(
                title="price at the end ÷ price at the start (log scale)",
                format="~g",
                values=ticks(float(price.min()), float(price.max())),
            ),
        ),
        alt.Y("y:Q", scale=scale, axis=axis),
        [
            alt.Tooltip("x:Q", title="price, of the start", format=".0%"),
            alt.Tooltip("y:Q", title="1,000 dollars became", format=",.0f"),
        ],
        _caption(many, "against the price", f" at a volatility of {middle:.0%}"),
    )


def _scatter(
    many: Outcomes,
    dots: Points,
    curve: Points,
    x: alt.X,
    y: alt.Y,
    shown: list[alt.Tooltip],
    told: str,
) -> alt.LayerChart:
    points = (
        of(rows(dots))
        .mark_circle(color=colour_of(many.token), size=14, opacity=0.45)
        .encode(x, y, tooltip=shown)
    )
    line = (
        of(rows(curve))
        .mark_line(color=INK, strokeWidth=2, strokeDash=[6, 3], clip=True)
        .encode(x, y, tooltip=shown)
    )
    return over(points, line, told=told)


def _drawn(needed: Numbers) -> NDArray[np.int64]:
    """Rows of the dots: of those that have the number, evenly spread."""
    there = np.flatnonzero(np.isfinite(needed))
    return there[spread(len(there), DOTS)]


def _between(values: Numbers) -> Numbers:
    if not len(values):
        return values
    return np.linspace(values.min(), values.max(), CURVE)


def _caption(many: Outcomes, what: str, where: str = "") -> str:
    return f"{named(many.issuer)} {many.token}: outcome {what}; dashed: closed form{where}"
