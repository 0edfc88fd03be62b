"""Bars of ETH from a file, and the walk through them that hurts a token most.

The file is CSV with the columns `timestamp_utc,open,high,low,close` and any others, or what Binance
publishes at SOURCE, which has no header; gzipped, zipped or neither.
"""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple, TextIO

from scripts._devnet import ETH_BOUNDS, USD

SOURCE = "https://data.binance.vision/data/spot/monthly/klines/ETHUSDT/5m/ETHUSDT-5m-2020-03.zip"
COLUMNS = ("timestamp_utc", "open", "high", "low", "close")
POINTS = 4  # of a bar


class Bar(NamedTuple):
    """Prices of ETH in the feed's decimals, from `time`, in seconds since 1970, on."""

    time: int
    open: int
    high: int
    low: int
    close: int


def read_bars(path: Path, start: datetime, end: datetime) -> list[Bar]:
    """The bars of a file from `start` up to `end`.

    Raises ValueError with the line and what was expected there, where the file is another.
    """
    found = []
    for line, row in _rows(path):
        bar = _bar(row, f"{path}, line {line}")
        if start.timestamp() <= bar.time < end.timestamp():
            found.append((line, bar))
    if len(found) < 2:
        raise ValueError(
            f"{path}: expected bars from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
        )
    step = found[1][1].time - found[0][1].time
    for (_, before), (line, bar) in pairwise(found):
        if step <= 0 or bar.time != before.time + step:
            raise ValueError(f"{path}, line {line}: expected bars that follow in equal steps")
    return [bar for _, bar in found]


def path_of(bars: list[Bar], long: bool) -> list[tuple[int, int]]:
    """Times and prices of all points, each bar's in the order that is adverse to the token.

    long     open, high, low, close
    short    open, low, high, close
    """
    quarter = (bars[1].time - bars[0].time) // POINTS
    points = []
    for bar in bars:
        extremes = (bar.high, bar.low) if long else (bar.low, bar.high)
        for number, answer in enumerate((bar.open, *extremes, bar.close)):
            points.append((bar.time + number * quarter, answer))
    return points


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and five fields of each line that has a bar."""
    with _open(path) as file:
        reader = csv.reader(file)
        first = next(reader, [])
        if first and first[0].isdigit():
            places = list(range(len(COLUMNS)))
            lines = chain([first], reader)
        else:
            missing = [name for name in COLUMNS if name not in first]
            if missing:
                raise ValueError(f"{path}, line 1: expected a column {missing[0]}")
            places = [first.index(name) for name in COLUMNS]
            lines = chain(reader)
        for row in lines:
            if len(row) <= max(places):
                raise ValueError(f"{path}, line {reader.line_num}: expected all columns")
            yield reader.line_num, [row[place] for place in places]


def _open(path: Path) -> TextIO:
    if path.suffix == ".zip":
        archive = zipfile.ZipFile(path)
        return io.TextIOWrapper(archive.open(archive.namelist()[0]), encoding="utf8")
    return gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf8")


def _bar(row: list[str], where: str) -> Bar:
    prices = [_price(text, where) for text in row[1:]]
    bar = Bar(_time(row[0], where), *prices)
    if bar.low != min(prices) or bar.high != max(prices):
        raise ValueError(f"{where}: expected no price outside of low and high")
    return bar


def _time(text: str, where: str) -> int:
    """Of ISO 8601, or of what has passed since 1970 in milli- or microseconds."""
    if text.isdigit():
        return int(text[:10])
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        fault = f"{where}: expected a time like 2020-03-12T00:00:00Z, not {text!r}"
        raise ValueError(fault) from None
    return int(time.replace(tzinfo=time.tzinfo or UTC).timestamp())


def _price(text: str, where: str) -> int:
    lowest, highest = ETH_BOUNDS
    try:
        price = int(Decimal(text) * USD)
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError(f"{where}: expected a price, not {text!r}") from None
    if not lowest <= price <= highest:
        raise ValueError(f"{where}: expected {lowest // USD} to {highest // USD:,} dollars")
    return price
