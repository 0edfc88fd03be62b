"""What was lived through as CSV, a row a bar.

time, price              when the bar begins, UTC, and its close
nav, leverage            of a share at the close, in dollars; leverage is negative if short
collateral, debt         raw units
lane                     of each fill in the bar: scheduled or emergency
premium                  that they paid, in parts of NAV
keeper                   what the keeper was left with, in dollars, once it had paid the pool
seized                   what liquidations took, in parts of the collateral
model_nav, mismatch_wei  of the model, and the largest difference of any figure, in smallest units
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from math import prod
from pathlib import Path

from scripts._life.walk import MANY
from scripts._market import USDC
from scripts._model.fixed_point import WAD
from scripts._prices.bars import USD
from scripts._replay.live import Lived

COLUMNS = (
    *("token", "time", "price", "nav", "leverage", "collateral", "debt"),
    *("lane", "premium", "keeper", "seized", "model_nav", "mismatch_wei"),
)


def write_rows(path: Path, lives: Iterable[Lived]) -> None:
    """Write the file, one token after the other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for lived in lives:
            writer.writerows(_rows(lived))


def _rows(lived: Lived) -> Iterator[dict[str, object]]:
    earned = iter(lived.earned)
    sign = 1 if lived.life.rules.long else -1
    for pair in lived.bars:
        step = pair.chain
        yield {
            "token": lived.track.token,
            "time": f"{datetime.fromtimestamp(step.bar.time, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "price": _plain(step.bar.close, USD),
            "nav": _plain(step.nav, MANY * USDC),
            "leverage": _plain(sign * step.leverage, WAD),
            "collateral": step.collateral,
            "debt": step.debt,
            "lane": " ".join(fill.lane.name.lower() for fill in step.fills),
            "premium": sum(fill.paid for fill in step.fills) if step.fills else "",
            "keeper": round(sum(islice(earned, len(step.fills))), 6) if step.fills else "",
            "seized": 1 - prod(1 - it.seized for it in step.liquidations)
            if step.liquidations
            else "",
            "model_nav": _plain(pair.model.nav, MANY * USDC),
            "mismatch_wei": pair.mismatch,
        }


def _plain(amount: int, unit: int) -> str:
    return f"{(Decimal(amount) / unit).normalize():f}"
