"""How charts look: colours, dashes, sizes, and the words for issuers and tokens."""

from math import isfinite
from typing import Any

import altair as alt

TOKENS = {"BULL": "#0a7d4f", "BEAR": "#c0392b", "HEDGE": "#2c5f9e"}
ANOTHER = "#2c5f9e"

# Others than the token itself. Each differs from the next in colour and in dash.
PRICE = "#7b8794"
IDEAL = "#4b5563"
MARGIN = "#d9730d"
INK = "#1f2933"
PAPER = "#ffffff"
OTHERS = ("#4b5563", "#9a6b1f", "#6d5a8c", "#3f7d8c", "#a0628b", "#7a8a3a", "#7b8794")
DASHES = ([8, 2], [5, 3], [2, 2], [8, 3, 2, 3], [4, 2], [10, 4], [1, 2])
SOLID: list[int] = [1, 0]

COSTS = {
    "funding": "#2c5f9e",
    "management": "#9aa5b1",
    "premium": "#c98a1b",
    "beta slippage": "#6d5a8c",
}

HEIGHT = 240

CONFIG: dict[str, Any] = {
    "font": "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif",
    "background": PAPER,
    "view": {"stroke": None},
    "axis": {
        "gridColor": "#e4e7eb",
        "domainColor": "#9aa5b1",
        "tickColor": "#9aa5b1",
        "labelColor": INK,
        "titleColor": INK,
        "titleFontWeight": "normal",
        "labelFontSize": 11,
        "titleFontSize": 12,
        "labelOverlap": "greedy",
        "labelSeparation": 8,
    },
    "legend": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelLimit": 240,
        "symbolStrokeWidth": 2,
    },
    "title": {"color": INK, "anchor": "start", "fontSize": 13, "subtitleColor": INK},
}


def colour_of(token: str) -> str:
    """The token's own colour, by the end of its name."""
    return next((colour for name, colour in TOKENS.items() if token.endswith(name)), ANOTHER)


def named(issuer: str) -> str:
    """An issuer as it is written on the page."""
    words = issuer.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def levered(leverage: float) -> str:
    """`+3x` or `−1.5x`."""
    return f"{leverage:+.4g}x".replace("-", "−")


def highest(leverage: float) -> str:
    """Without sign, `4.38x`; of a token that has had nothing left, `no end`."""
    return f"{leverage:.2f}x" if isfinite(leverage) else "no end"


def themed(chart: alt.TopLevelMixin, columns: Any = 4) -> dict[str, Any]:
    """The chart as Vega-Lite, with this look and so many columns in a legend."""
    spec: dict[str, Any] = chart.to_dict()
    spec["config"] = CONFIG | {"legend": CONFIG["legend"] | {"columns": columns}}
    return spec
