"""Prices, and rates of funding, from the files that exchanges and users have.

Recognised by themselves, gzipped, zipped or neither, or Parquet:

Binance kline    12 columns without names: the time a bar opens, its four prices, and more
Kraken OHLCVT    7 columns without names: the time, four prices, volume, trades
any other        columns in any order that are named, in capitals or not: one of TIMES, and
                 open, high, low, close

Times are ISO 8601 (UTC if no zone is given), or seconds, milli- or microseconds since 1970.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from scripts._prices.bars import BOUNDS, USD, Bar, Gap, Prices
from scripts._prices.table import PriceFileError, Table, open_table

__all__ = ["PriceFileError", "read_funding", "read_prices"]

TIMES = ("timestamp", "time", "date", "datetime", "timestamp_utc", "open_time", "unix")
FUNDING_TIMES = (*TIMES, "calc_time", "funding_time", "fundingtime")
PRICES = ("open", "high", "low", "close")
BINANCE = (
    *("open_time", *PRICES, "volume", "close_time", "quote_volume", "count"),
    *("taker_buy_volume", "taker_buy_quote_volume", "ignore"),
)
KRAKEN = ("time", *PRICES, "volume", "trades")
NAMELESS = {len(names): names for names in (BINANCE, KRAKEN)}
LONG = 40  # what is shown of a field

# Since 1970, from 2001 to 2286: digits of seconds, and of their smaller units.
DIGITS = 10
UNITS = (DIGITS, DIGITS + 3, DIGITS + 6, DIGITS + 9)
TIME = "a time like 2020-03-12T00:00:00Z, or in seconds, ms or µs since 1970"


def read_prices(
    path: Path | str,
    start: datetime | None = None,
    end: datetime | None = None,
    bounds: tuple[int, int] = BOUNDS,
) -> Prices:
    """The bars of a file from `start` up to `end`, or all; naive times are UTC.

    Prices are exact to a USD-th of a dollar. The step is the difference between bars that is the
    most frequent in the file. Bars that are missing inside of what was asked for are gaps, also
    where the file begins later or ends earlier.

    Raises PriceFileError with the line, the column and what was expected there, where the file is
    another: also where bars go back in time, repeat, or are no multiple of the step apart, where a
    price is outside of `bounds`, or of the bar's low and high.
    """
    path = Path(path)
    with open_table(path, NAMELESS) as table:
        columns = [_find(table, TIMES), *(_find(table, [name]) for name in PRICES)]
        time_name, *names = (table.names[column] for column in columns)
        rows, bars = [], []
        for row, (time, *texts) in table.rows(columns):
            prices = [
                _price(table, row, name, text, bounds)
                for name, text in zip(names, texts, strict=True)
            ]
            bar = Bar(_time(table, row, time_name, time), *prices)
            if not (bar.low <= bar.open <= bar.high and bar.low <= bar.close <= bar.high):
                raise _outside(table, row, names, bar)
            rows.append(row)
            bars.append(bar)
        if len(bars) < 2:
            raise table.fault(0, "", f"bars, not {len(bars)}")
        times = [bar.time for bar in bars]
        step = _step(times)
        _check_times(table, time_name, rows, times, step)
    return _selected(path, bars, step, _seconds(start), _seconds(end))


def read_funding(path: Path | str) -> list[tuple[int, float]]:
    """Times, in order, and the rate that is paid for the period that ends there, as a fraction.

    The file has a column of FUNDING_TIMES, and one whose name has the word rate in it, or just one
    other. Raises PriceFileError as `read_prices` does.
    """
    with open_table(Path(path), {}) as table:
        columns = [_find(table, FUNDING_TIMES), _find_rate(table)]
        time_name, rate_name = (table.names[column] for column in columns)
        rows, found = [], []
        for row, (time, rate) in table.rows(columns):
            rows.append(row)
            found.append((_time(table, row, time_name, time), _rate(table, row, rate_name, rate)))
        if not found:
            raise table.fault(0, "", "rates of funding, not 0")
        _check_times(table, time_name, rows, [time for time, _ in found], 1)
    return found


# Columns


def _plain(name: str) -> str:
    return name.lower().replace(" ", "_")


def _find(table: Table, wanted: Sequence[str]) -> int:
    """The place of the first of these columns that the table has."""
    plain = [_plain(name) for name in table.names]
    for name in wanted:
        if plain.count(name) == 1:
            return plain.index(name)
        if name in plain:
            raise table.fault(table.names_in, name, "to find it once")
    expected = f"a column {' or '.join(wanted)}, not only {_listed(table.names)}"
    raise table.fault(table.names_in, "", expected)


def _find_rate(table: Table) -> int:
    others = [name for name in table.names if _plain(name) not in FUNDING_TIMES]
    rates = [name for name in others if "rate" in name.lower()] or others
    if len(rates) != 1:
        expected = f"one column of rates, not {_listed(rates) or 'none'}"
        raise table.fault(table.names_in, "", expected)
    return table.names.index(rates[0])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name[:LONG] for name in names)


# Fields


def _time(table: Table, row: int, column: str, text: str | None) -> int:
    """In seconds since 1970; what is less than a second is cut."""
    try:
        time = _parsed(text or "")
    except (ArithmeticError, ValueError):
        time = 0
    if not 10 ** (DIGITS - 1) <= time < 10**DIGITS:
        raise table.fault(row, column, f"{TIME}, not {_said(text)}")
    return time


def _parsed(text: str) -> int:
    text = text.strip()
    if not text.isdigit():
        try:
            return int(_utc(datetime.fromisoformat(text)).timestamp())
        except ValueError:
            number = Decimal(text)  # 1583971200.0
            text = f"{int(number)}" if 0 < number < 10 ** max(UNITS) else ""
    return int(text[:DIGITS]) if len(text) in UNITS else 0


def _price(table: Table, row: int, column: str, text: str | None, bounds: tuple[int, int]) -> int:
    lowest, highest = bounds
    try:
        price = Decimal(text or "") * USD
        sane = lowest <= price <= highest
    except ArithmeticError:
        raise table.fault(row, column, f"a price, not {_said(text)}") from None
    if not sane:
        expected = f"{_dollars(lowest)} to {_dollars(highest)} dollars, not {_said(text)}"
        raise table.fault(row, column, expected)
    return round(price)


def _rate(table: Table, row: int, column: str, text: str | None) -> float:
    try:
        rate = float(text or "")
    except ValueError:
        rate = 1.0
    if not -1 < rate < 1:
        raise table.fault(row, column, f"a rate like 0.0001, not {_said(text)}")
    return rate


def _outside(table: Table, row: int, names: Sequence[str], bar: Bar) -> PriceFileError:
    """The error of a bar whose open or close is not between its low and high."""
    _, high, low, _ = names
    if bar.high < max(bar.open, bar.close):
        return table.fault(row, high, f"the bar's highest price, not {_dollars(bar.high)}")
    return table.fault(row, low, f"the bar's lowest price, not {_dollars(bar.low)}")


def _said(text: str | None) -> str:
    return "nothing" if text is None else repr(text[:LONG])


def _dollars(price: int) -> str:
    return f"{Decimal(price) / USD:,f}"


# Times


def _step(times: Iterable[int]) -> int:
    """The most frequent difference, and of several the smallest."""
    counts = Counter(after - before for before, after in pairwise(times) if after > before)
    return min(counts, key=lambda apart: (-counts[apart], apart), default=1)


def _check_times(
    table: Table, column: str, rows: Sequence[int], times: Sequence[int], step: int
) -> None:
    for row, (before, time) in zip(rows[1:], pairwise(times), strict=True):
        if time <= before:
            expected = f"a time after {_moment(before)}, not {_moment(time)}"
            raise table.fault(row, column, expected)
        if (time - before) % step:
            expected = f"a multiple of {step} seconds after {_moment(before)}, not {_moment(time)}"
            raise table.fault(row, column, expected)


def _selected(path: Path, bars: list[Bar], step: int, start: int | None, end: int | None) -> Prices:
    """The bars from `start` up to `end`, and what of them is missing."""
    chosen = [
        bar
        for bar in bars
        if (start is None or bar.time >= start) and (end is None or bar.time < end)
    ]
    if not chosen:
        wanted = [f"from {_moment(start)}"] if start is not None else []
        wanted += [f"before {_moment(end)}"] if end is not None else []
        has = f"from {_moment(bars[0].time)} to {_moment(bars[-1].time)}"
        raise PriceFileError(f"{path}: expected bars {' and '.join(wanted)}, not only {has}")
    times = [bar.time for bar in chosen]
    early = 0 if start is None else (times[0] - start) // step
    late = 0 if end is None else (end - 1 - times[-1]) // step
    # The bars that would come before and after all that was asked for.
    ends = times[0] - (early + 1) * step, times[-1] + (late + 1) * step
    gaps = [
        Gap(before, (time - before) // step - 1)
        for before, time in pairwise([ends[0], *times, ends[1]])
        if time - before > step
    ]
    return Prices(chosen, step, gaps, path.name)


def _seconds(time: datetime | None) -> int | None:
    return None if time is None else int(_utc(time).timestamp())


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _moment(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S}"
