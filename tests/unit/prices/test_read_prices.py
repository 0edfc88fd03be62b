"""From whatever file of prices, its bars come out exactly, or an error that says where."""

import gzip
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._prices.bars import BOUNDS, USD, Bar, Gap
from scripts._prices.read import PriceFileError, read_prices
from tests.unit.prices import files

DATA = Path(__file__).parents[4] / "shared/data"
START = datetime(2020, 3, 12, tzinfo=UTC)
BEGIN = int(START.timestamp())
STEP = 300
BARS = [
    Bar(BEGIN, 194 * USD, 195_50000000, 193 * USD, 194_25000000),
    Bar(BEGIN + STEP, 194_25000000, 194_25000000, 190 * USD, 191 * USD),
    Bar(BEGIN + 2 * STEP, 191 * USD, 191_00000001, 190_99999999, 191 * USD),
    Bar(BEGIN + 3 * STEP, 191 * USD, 192 * USD, 191 * USD, 192 * USD),
]
# What BARS are, as one may write them.
TEXT = """timestamp_utc,open,high,low,close,volume
2020-03-12T00:00:00Z,194,195.5,193,194.25,7
2020-03-12T00:05:00,194.25,194.25,190,191,7
2020-03-12 02:10:00+02:00,191,191.00000001,190.99999999,191,7

2020-03-12 00:15,191,192,191.0,1.92E+2,7
"""


@pytest.fixture
def file(tmp_path):
    """`file(text)` is the path of a file that has it."""

    def _file(text, name="prices.csv"):
        return files.pack(tmp_path / name, text)

    return _file


def at(number):
    """When bar `number` begins."""
    return START + number * timedelta(seconds=STEP)


# Formats


@pytest.mark.parametrize("kind", files.PACKED)
@pytest.mark.parametrize("form", files.FORMATS)
def test_read_recognises_the_format(file, form, kind):
    prices = read_prices(file(files.FORMATS[form](BARS), f"prices.{kind}"))

    assert prices.bars == BARS
    assert (prices.step, prices.gaps, prices.source) == (STEP, [], f"prices.{kind}")


@pytest.mark.parametrize("change", [str, lambda text: "\ufeff" + text.replace("\n", "\r\n")])
def test_read_takes_times_and_numbers_as_people_write_them(file, change):
    assert read_prices(file(change(TEXT))).bars == BARS


@pytest.mark.parametrize(
    "time", ["timestamp", "time", "date", "datetime", "timestamp_utc", "open_time", "unix"]
)
def test_read_knows_names_of_the_time(file, time):
    assert read_prices(file(TEXT.replace("timestamp_utc", time.upper()))).bars == BARS


@pytest.mark.parametrize("unit", ["", "000", "000000", "000000000", ".0"])
def test_read_recognises_the_unit_of_time(file, unit):
    text = files.in_seconds(BARS)
    for bar in BARS:
        text = text.replace(str(bar.time), f"{bar.time}{unit}")

    assert read_prices(file(text)).bars == BARS


@pytest.mark.parametrize(
    "time",
    [
        pa.timestamp("s"),
        pa.timestamp("ms", "UTC"),
        pa.timestamp("us"),
        pa.timestamp("ns", "Europe/Berlin"),
        pa.int64(),
        pa.float64(),
        pa.string(),
    ],
    ids=str,
)
@pytest.mark.parametrize("price", [pa.float64(), pa.decimal128(18, 8), pa.string()], ids=str)
def test_read_takes_types_of_parquet(tmp_path, time, price):
    assert read_prices(files.parquet(tmp_path / "p.parquet", BARS, time, price)).bars == BARS


def test_read_takes_the_digits_that_a_short_float_needs(tmp_path):
    bars = [Bar(bar.time, *[196805000000] * 4) for bar in BARS]
    path = files.parquet(tmp_path / "p.parquet", bars, pa.int64(), pa.float32())

    assert read_prices(path).bars == bars


def test_read_takes_dates_of_parquet(tmp_path):
    bars = [bar._replace(time=BEGIN + 86_400 * day) for day, bar in enumerate(BARS)]
    path = files.parquet(tmp_path / "p.parquet", bars, pa.date32(), pa.float64())

    prices = read_prices(path)

    assert (prices.bars, prices.step) == (bars, 86_400)


def test_read_cuts_what_is_less_than_a_second(tmp_path):
    path = tmp_path / "p.parquet"
    files.parquet(path, BARS, pa.timestamp("ms"), pa.float64())
    late = [datetime.fromtimestamp(bar.time + 0.003, UTC) for bar in BARS]
    pq.write_table(pq.read_table(path).set_column(0, "time", pa.array(late)), path)

    assert read_prices(path).bars == BARS


def test_read_rounds_what_a_feed_cannot_tell(file):
    text = TEXT.replace(",194,", ",193.999999996,")

    assert read_prices(file(text)).bars == BARS


def test_read_takes_other_bounds(file):
    text = files.in_seconds([bar._replace(low=1) for bar in BARS])

    assert read_prices(file(text), bounds=(1, BOUNDS[1])).bars[0].low == 1


@st.composite
def series(draw):
    """Bars of any length and price, less than half of them before a gap; and the gaps."""
    step = draw(st.sampled_from([60, 300, 1800, 14_400, 86_400]))
    missing = draw(st.lists(st.integers(1, 1_000), max_size=5))
    apart = draw(st.permutations([*missing, *[0] * (len(missing) + draw(st.integers(1, 9)))]))
    times = [draw(st.integers(10**9, 3 * 10**9))]
    for number in apart:
        times.append(times[-1] + (number + 1) * step)
    price = st.integers(*BOUNDS)
    bars = []
    for time in times:
        low, *between, high = sorted(draw(st.lists(price, min_size=4, max_size=4)))
        opened, closed = draw(st.permutations(between))
        bars.append(Bar(time, opened, high, low, closed))
    gaps = [Gap(time, number) for time, number in zip(times, apart, strict=False) if number]
    return bars, step, gaps


@given(
    made=series(), form=st.sampled_from(sorted(files.FORMATS)), kind=st.sampled_from(files.PACKED)
)
def test_read_gives_the_bars_that_were_written(tmp_path_factory, made, form, kind):
    bars, step, gaps = made
    path = files.pack(tmp_path_factory.mktemp("prices") / f"p.{kind}", files.FORMATS[form](bars))

    assert read_prices(path)[:3] == (bars, step, gaps)


@given(
    made=series(),
    time=st.sampled_from([pa.timestamp("ms"), pa.int64(), pa.string()]),
    price=st.sampled_from([pa.float64(), pa.decimal128(18, 8)]),
)
def test_read_gives_the_bars_that_parquet_has(tmp_path_factory, made, time, price):
    bars, step, gaps = made
    path = files.parquet(tmp_path_factory.mktemp("prices") / "p.parquet", bars, time, price)

    assert read_prices(path)[:3] == (bars, step, gaps)


# What is asked for, and what is missing


def test_read_gives_those_from_start_up_to_end(file):
    path = file(TEXT)

    assert read_prices(path, at(1), at(3)).bars == BARS[1:3]
    assert read_prices(path, at(1)).bars == BARS[1:]
    assert read_prices(path, end=at(1)).bars == BARS[:1]


def test_read_takes_a_naive_time_as_utc(file):
    path = file(TEXT)
    there = at(1).astimezone(timezone(timedelta(hours=5)))

    assert read_prices(path, at(1).replace(tzinfo=None)).bars == BARS[1:]
    assert read_prices(path, there).bars == BARS[1:]


def test_read_knows_the_step_where_one_bar_is_asked_for(file):
    assert read_prices(file(TEXT), at(1), at(2)).step == STEP


def test_read_reports_what_is_missing(file):
    bars = [BARS[0], BARS[1], BARS[3], BARS[3]._replace(time=BEGIN + 9 * STEP)]
    prices = read_prices(file(files.kraken(bars)))

    assert prices.bars == bars
    assert prices.gaps == [Gap(BEGIN + STEP, 1), Gap(BEGIN + 3 * STEP, 5)]


def test_read_reports_what_is_missing_at_the_ends(file):
    path = file(TEXT)

    assert read_prices(path, at(-2), at(9)).gaps == [
        Gap(BEGIN - 3 * STEP, 2),
        Gap(BEGIN + 3 * STEP, 5),
    ]
    assert read_prices(path, at(-2.5), at(4.5)).gaps == [
        Gap(BEGIN - 3 * STEP, 2),
        Gap(BEGIN + 3 * STEP, 1),
    ]
    assert read_prices(path, at(-0.5), at(4)).gaps == []


def test_read_reports_a_gap_that_the_window_begins_in(file):
    path = file(files.kraken([*BARS[:2], BARS[3]._replace(time=BEGIN + 9 * STEP)]))

    assert read_prices(path, at(6)).gaps == [Gap(BEGIN + 5 * STEP, 3)]


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        (at(4), None, "from 2020-03-12 00:20:00"),
        (None, at(0), "before 2020-03-12 00:00:00"),
        (at(5), at(9), "from 2020-03-12 00:25:00 and before 2020-03-12 00:45:00"),
    ],
)
def test_read_of_what_is_not_there_says_what_is(file, start, end, wanted):
    has = "from 2020-03-12 00:00:00 to 2020-03-12 00:15:00"

    with pytest.raises(PriceFileError) as error:
        read_prices(path := file(TEXT), start, end)

    assert str(error.value) == f"{path}: expected bars {wanted}, not only {has}"


# Faults

FAULTS = [
    # found, instead, where, expected
    (",low,", ",lowest,", "line 1", "a column low, not only timestamp_utc, open, high, lowest, "),
    ("timestamp_utc", "hour", "line 1", "a column timestamp or time or date or datetime or "),
    ("volume", "Open", "line 1, column open", "to find it once"),
    (",194.25,7", ",194.25", "line 2", "6 columns, not 5"),
    (",194.25,7", ",194.25,7,8", "line 2", "6 columns, not 7"),
    ("195.5", "abc", "line 2, column high", "a price, not 'abc'"),
    ("195.5", "", "line 2, column high", "a price, not ''"),
    ("195.5", "nan", "line 2, column high", "a price, not 'nan'"),
    ("195.5", "1e9999999", "line 2, column high", "a price, not '1e9999999'"),
    ("195.5", "x" * 99, "line 2, column high", f"a price, not '{'x' * 40}'"),
    ("195.5", "inf", "line 2, column high", "1 to 1,000,000 dollars, not 'inf'"),
    (",193,", ",0.99999999,", "line 2, column low", "1 to 1,000,000 dollars, not '0.99999999'"),
    (",193,", ",-193,", "line 2, column low", "1 to 1,000,000 dollars, not '-193'"),
    ("195.5", "1000000.01", "line 2, column high", "1 to 1,000,000 dollars, not '1000000.01'"),
    (",193,", ",194.1,", "line 2, column low", "the bar's lowest price, not 194.1"),
    ("195.5", "194.1", "line 2, column high", "the bar's highest price, not 194.1"),
    ("00:05:00", "00:00:00", "line 3, column timestamp_utc", "a time after 2020-03-12 00:00:00, "),
    ("12T00:05", "11T00:05", "line 3, column timestamp_utc", "a time after 2020-03-12 00:00:00, "),
    ("12 00:15", "12 00:14", "line 6, column timestamp_utc", "a multiple of 300 seconds after "),
    ("2020-03-12T00:05:00", "noon", "line 3, column timestamp_utc", "a time like 2020-"),
    ("2020-03-12T00:05:00", "", "line 3, column timestamp_utc", "a time like 2020-"),
    ("2020-03-12T00:05:00", "20200312", "line 3, column timestamp_utc", "a time like 2020-"),
    ("2020-03-12T00:05:00", "15839715000", "line 3, column timestamp_utc", "a time like 2020-"),
    ("2020-03-12T00:05:00", "-1583971500", "line 3, column timestamp_utc", "a time like 2020-"),
    ("2020-03-12T00:05:00", "1e99999999", "line 3, column timestamp_utc", "a time like 2020-"),
    ("2020-03-12T00:05:00", "²" * 10, "line 3, column timestamp_utc", "a time like 2020-"),
    ("2020-03-12T00:05:00", "1970-01-01", "line 3, column timestamp_utc", "a time like 2020-"),
]


@pytest.mark.parametrize("kind", files.PACKED)
@pytest.mark.parametrize(("found", "instead", "where", "expected"), FAULTS)
def test_read_of_another_file_says_where(file, found, instead, where, expected, kind):
    assert found in TEXT
    path = file(TEXT.replace(found, instead, 1), f"prices.{kind}")

    with pytest.raises(PriceFileError) as error:
        read_prices(path)

    assert str(error.value).startswith(f"{path}, {where}: expected {expected}")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ": expected prices, not an empty file"),
        ("\n\n", ": expected prices, not an empty file"),
        ("time,open,high,low,close\n", ": expected bars, not 0"),
        ("time,open,high,low,close\n1583971200,1,1,1,1\n", ": expected bars, not 1"),
        (
            "1583971200,194,195,193,194,7\n",
            ", line 1: expected the names of columns, or 7 columns, or 12 columns",
        ),
        ("1583971200,1,1,1,1,7,12\n1583971500,1,1", ", line 2: expected 7 columns, not 3"),
        ("1583971200,1,1,1,x,7,12\n", ", line 1, column close: expected a price, not 'x'"),
        ("x,1,1,1,1,7,12\n", ", line 1: expected a column timestamp or "),
        (f"time,open,high,low,close\n{'9' * 200_000}", ": expected a file of CSV: field larger "),
    ],
    ids=range(9),
)
def test_read_of_no_prices_says_so(file, text, fault):
    path = file(text)

    with pytest.raises(PriceFileError) as error:
        read_prices(path)

    assert str(error.value).startswith(f"{path}{fault}")


GZIP = gzip.compress(TEXT.encode(), mtime=0)
BROKEN = {
    "there is none.csv": None,
    "there is none.parquet": None,
    "latin.csv": TEXT.replace("volume", "größe").encode("latin1"),
    "plain.csv.gz": TEXT.encode(),
    "cut.csv.gz": GZIP[:-20],
    "broken.csv.gz": GZIP[:12] + b"\xff" * 40,
    "plain.zip": TEXT.encode(),
    "cut.zip": b"PK\x03\x04",
    "plain.parquet": TEXT.encode(),
    "cut.parquet": b"PAR1" + b"\xff" * 40 + b"PAR1",
    "empty.parquet": b"",
}


@pytest.mark.parametrize("name", BROKEN)
def test_read_of_a_broken_file_says_which(tmp_path, name):
    path, data = tmp_path / name, BROKEN[name]
    if data is not None:
        path.write_bytes(data)
    kind = "Parquet" if path.suffix == ".parquet" else "CSV"

    with pytest.raises(PriceFileError) as error:
        read_prices(path)

    assert str(error.value).startswith(f"{path}: expected a file of {kind}: ")


def test_read_of_a_folder_says_so(tmp_path):
    with pytest.raises(PriceFileError, match="expected a file of CSV: Is a directory"):
        read_prices(tmp_path)


@pytest.mark.parametrize("names", [(), ("a.csv", "b.csv")])
def test_read_of_an_archive_of_many_says_so(tmp_path, names):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.mkdir("folder")
        for name in names:
            archive.writestr(name, TEXT)

    with pytest.raises(PriceFileError, match=f"one file in the archive, not {len(names)}"):
        read_prices(tmp_path / "p.zip")


@pytest.mark.parametrize(
    ("byte", "value", "fault"),
    [
        (8, 1, "expected an archive without a password"),
        (10, 99, "expected a file of CSV: That compression method is not supported"),
    ],
    ids=["password", "method"],
)
def test_read_of_an_archive_that_cannot_be_opened_says_so(file, byte, value, fault):
    path = file(TEXT, "p.zip")
    archive = bytearray(path.read_bytes())
    archive[archive.index(b"PK\x01\x02") + byte] = value  # in what it says about its file
    path.write_bytes(archive)

    with pytest.raises(PriceFileError, match=fault):
        read_prices(path)


@given(data=st.data(), kind=st.sampled_from([*files.PACKED, "parquet"]))
def test_read_of_damaged_bytes_raises_nothing_else(tmp_path_factory, data, kind):
    path = tmp_path_factory.mktemp("prices") / f"p.{kind}"
    if kind == "parquet":
        files.parquet(path, BARS, pa.timestamp("ms"), pa.float64())
    else:
        files.pack(path, TEXT)
    whole = path.read_bytes()
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 3)) if damaged else 0):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)

    try:
        read_prices(path)
    except PriceFileError as error:
        assert str(error).startswith(str(path))


@pytest.mark.parametrize(
    ("column", "values", "fault"),
    [
        ("high", [196, None], ", row 2, column high: expected a price, not nothing"),
        ("high", ["196", "abc"], ", row 2, column high: expected a price, not 'abc'"),
        ("high", [196.0, float("nan")], ", row 2, column high: expected a price, not 'nan'"),
        ("high", [True, False], ", row 1, column high: expected a price, not 'true'"),
        ("high", [[196], [196]], ", row 1, column high: expected one value, not list<"),
        ("low", [193, 195], ", row 2, column low: expected the bar's lowest price, not 195"),
        ("time", [BEGIN, None], ", row 2, column time: expected a time like "),
        ("time", [BEGIN, BEGIN], ", row 2, column time: expected a time after 2020-03-12 00:00:00"),
        ("time", [datetime(1900, 1, 1)] * 2, ", row 1, column time: expected a time like "),
        ("close", None, ": expected a column close, not only time, open, high, low"),
    ],
)
def test_read_of_other_parquet_says_where(tmp_path, column, values, fault):
    columns = {
        "time": [BEGIN, BEGIN + STEP],
        "open": [194, 194],
        "high": [196, 196],
        "low": [193, 193],
        "close": [194, 194],
    }
    columns = {**columns, column: values} if values else columns
    if not values:
        del columns[column]
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table(columns), path)

    with pytest.raises(PriceFileError) as error:
        read_prices(path)

    assert str(error.value).startswith(f"{path}{fault}")


def test_read_of_much_parquet_counts_its_rows(tmp_path):
    prices = {name: [194] * 70_000 for name in ("open", "high", "low")}
    times = range(BEGIN, BEGIN + 70_000 * STEP, STEP)
    table = {"time": times, **prices, "close": [194] * 69_999 + [195]}
    pq.write_table(pa.table(table), tmp_path / "p.parquet")

    with pytest.raises(PriceFileError, match="row 70000, column high"):
        read_prices(tmp_path / "p.parquet")


# Real prices, which are not part of this project

CENT = (USD // 10_000, BOUNDS[1])  # the token that fell most was at less than a cent


@pytest.mark.parametrize(
    ("name", "bounds", "step", "count", "gaps"),
    [
        ("ethusdt_spot_30m_2019-08_2021-11.csv.gz", BOUNDS, 1_800, 40_422, None),
        ("ethusdt_spot_5m_2020-02_2020-03.csv.gz", BOUNDS, 300, 14_523, [70, 25]),
        ("ethusdt_spot_1m_2021-04_2021-07.csv.gz", BOUNDS, 60, 143_203, [150, 284]),
        ("ethperp_daily_2019-07_2022-08.csv", BOUNDS, 86_400, 1_121, []),
        ("ethbull_daily.csv", BOUNDS, 86_400, 310, []),
        ("ethbear_daily.csv", CENT, 86_400, 310, []),
        ("ethhedge_daily.csv", BOUNDS, 86_400, 174, []),
    ],
)
def test_read_takes_real_prices(name, bounds, step, count, gaps):
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not there: real prices are not part of this project")

    prices = read_prices(DATA / name, bounds=bounds)

    missing = [gap.missing for gap in prices.gaps]
    assert (prices.step, len(prices.bars)) == (step, count)
    assert missing == gaps if gaps is not None else sum(missing) == 95


def test_read_finds_the_crash_of_march_2020():
    path = DATA / "ethusdt_spot_5m_2020-02_2020-03.csv.gz"
    if not path.exists():
        pytest.skip(f"{path} is not there: real prices are not part of this project")

    day = read_prices(path, START, START + timedelta(days=1))

    found = [day.bars[0].open, min(bar.low for bar in day.bars), day.bars[-1].close]
    assert [Decimal(price) / USD for price in found] == [
        Decimal("194.61"),
        Decimal("101.20"),
        Decimal("107.82"),
    ]
    assert (len(day.bars), day.gaps) == (288, [])
