"""Files of prices, as exchanges and users would have them."""

import gzip
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from scripts._prices.bars import USD, Bar

PACKED = ("csv", "csv.gz", "zip")


def pack(path: Path, text: str) -> Path:
    """`text` at `path`, gzipped or zipped where its name ends so."""
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("prices.csv", text)
    else:
        path.write_text(text, encoding="utf8")
    return path


def iso(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%SZ}"


def dollars(price: int) -> str:
    return f"{Decimal(price) / USD:f}"


def lines(rows: Sequence[Sequence[object]]) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


def _prices(bar: Bar) -> list[str]:
    return [dollars(price) for price in bar[1:]]


def binance(bars: Sequence[Bar], unit: int = 10**3) -> str:
    more = ("7.5", "1583971499999", "1455", "12", "3", "580", "0")
    return lines([(bar.time * unit, *_prices(bar), *more) for bar in bars])


def binance_with_names(bars: Sequence[Bar]) -> str:
    return (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
        "taker_buy_volume,taker_buy_quote_volume,ignore\n" + binance(bars)
    )


def kraken(bars: Sequence[Bar]) -> str:
    return lines([(bar.time, *_prices(bar), "7.5", "12") for bar in bars])


def in_seconds(bars: Sequence[Bar]) -> str:
    return lines([("time", "open", "high", "low", "close")]) + lines(
        [(bar.time, *_prices(bar)) for bar in bars]
    )


def in_another_order(bars: Sequence[Bar]) -> str:
    return lines([("Close", "LOW", " Date ", "symbol", "High", "Open")]) + lines(
        [
            (_prices(bar)[3], _prices(bar)[2], iso(bar.time), "ETH", *reversed(_prices(bar)[:2]))
            for bar in bars
        ]
    )


FORMATS = {
    "binance": binance,
    "binance in µs": lambda bars: binance(bars, 10**6),
    "binance with names": binance_with_names,
    "kraken": kraken,
    "in seconds": in_seconds,
    "in another order": in_another_order,
}


def parquet(path: Path, bars: Sequence[Bar], time: pa.DataType, price: pa.DataType) -> Path:
    """A Parquet file whose columns have these types."""
    columns = {"timestamp": pa.array([_in(bar.time, time) for bar in bars], time)}
    for place, name in enumerate(Bar._fields[1:], 1):
        texts = [dollars(bar[place]) for bar in bars]
        columns[name] = pa.array([_as(text, price) for text in texts], price)
    pq.write_table(pa.table(columns), path)
    return path


def _in(time: int, kind: pa.DataType) -> object:
    if pa.types.is_string(kind):
        return iso(time)
    moment = datetime.fromtimestamp(time, UTC)
    if pa.types.is_timestamp(kind):
        return moment if kind.tz else moment.replace(tzinfo=None)
    return moment.date() if pa.types.is_date(kind) else time


def _as(text: str, kind: pa.DataType) -> object:
    if pa.types.is_floating(kind):
        return float(text)
    return Decimal(text) if pa.types.is_decimal(kind) else text
