"""Long series made short enough to draw, with their extremes left in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts._paper.told import Numbers

ROWS = 700  # of a chart with lines
DIGITS = 6

Row = dict[str, Any]


def kept(series: Sequence[Numbers], most: int = ROWS) -> NDArray[np.int64]:
    """The rows to draw, at most so many: of each stretch those where one of the series is lowest or
    highest, and the first and the last of all.

    What is not a number is never an extreme.
    """
    count = len(series[0])
    if count <= most:
        return np.arange(count)
    stretches = max(1, (most - 2) // (2 * len(series)))
    edges = np.linspace(0, count, stretches + 1).astype(int)
    found = {0, count - 1}
    for one in series:
        low, high = np.where(np.isnan(one), np.inf, one), np.where(np.isnan(one), -np.inf, one)
        for start, end in zip(edges, edges[1:], strict=False):
            found |= {start + int(low[start:end].argmin()), start + int(high[start:end].argmax())}
    return np.array(sorted(found))


def spread(count: int, most: int) -> NDArray[np.int64]:
    """At most so many of `count`, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))


def rows(columns: Mapping[str, Any]) -> list[Row]:
    """Columns as rows, with digits that nobody sees rounded off.

    What is infinite or not a number is None, which charts leave out.
    """
    lists = [[_plain(value) for value in column] for column in columns.values()]
    return [dict(zip(columns, values, strict=True)) for values in zip(*lists, strict=True)]


def moments(times: Sequence[int] | NDArray[np.int64]) -> dict[str, list[Any]]:
    """Columns of time: `t` for the axis, in milliseconds, and `when` to be read."""
    stamps = [datetime.fromtimestamp(int(time), UTC) for time in times]
    return {
        "t": [int(time) * 1000 for time in times],
        "when": [f"{stamp:%Y-%m-%d %H:%M} UTC" for stamp in stamps],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, str | int) or value is None:
        return value
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
