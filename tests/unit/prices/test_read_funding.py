"""Rates of funding from a file, or the fault with where."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scripts._prices.read import PriceFileError, read_funding
from tests.unit.prices import files

DATA = Path(__file__).parents[4] / "shared/data"
RATES = [(1_583_971_200, 0.0001), (1_584_000_000, -0.00075), (1_584_014_400, 2e-05)]

TEXT = """timestamp_utc,funding_rate_8h
2020-03-12T00:00:00Z,0.0001
2020-03-12T08:00:00Z,-0.00075
2020-03-12T12:00:00Z,2e-05
"""
BINANCE = """calc_time,funding_interval_hours,last_funding_rate
1583971200000,8,0.00010000
1584000000003,8,-0.00075000
1584014400000,4,0.00002000
"""


@pytest.fixture
def file(tmp_path):
    """`file(text)` is the path of a file that has it."""

    def _file(text, name="funding.csv"):
        return files.pack(tmp_path / name, text)

    return _file


@pytest.mark.parametrize("kind", files.PACKED)
@pytest.mark.parametrize("text", [TEXT, TEXT.replace("funding_rate_8h", "paid"), BINANCE])
def test_read_recognises_the_format(file, text, kind):
    assert read_funding(file(text, f"funding.{kind}")) == RATES


def test_read_takes_parquet(tmp_path):
    times, rates = zip(*RATES, strict=True)
    path = tmp_path / "funding.parquet"
    pq.write_table(pa.table({"rate": rates, "time": pa.array(times, pa.timestamp("s"))}), path)

    assert read_funding(path) == RATES


@pytest.mark.parametrize(
    ("found", "instead", "fault"),
    [
        ("timestamp_utc", "hour", ", line 1: expected a column timestamp or "),
        ("_8h", "_8h,a_rate_too", ", line 1: expected one column of rates, not funding_rate_8h, "),
        ("funding_rate_8h", "unix", ", line 1: expected one column of rates, not none"),
        ("0.0001", "abc", ", line 2, column funding_rate_8h: expected a rate like 0.0001, not 'ab"),
        ("0.0001", "", ", line 2, column funding_rate_8h: expected a rate like 0.0001, not ''"),
        ("0.0001", "nan", ", line 2, column funding_rate_8h: expected a rate like 0.0001, not 'na"),
        ("0.0001", "-1.5", ", line 2, column funding_rate_8h: expected a rate like 0.0001, not '-"),
        ("0.0001", "1,2", ", line 2: expected 2 columns, not 3"),
        ("T08", "T00", ", line 3, column timestamp_utc: expected a time after 2020-03-12 00:00:00"),
        ("2020-03-12T08:00:00Z", "8", ", line 3, column timestamp_utc: expected a time like "),
        (TEXT, "", ": expected prices, not an empty file"),
        (TEXT.partition("\n")[2], "", ": expected rates of funding, not 0"),
        (TEXT.partition("\n")[0], "1583971200,0.1", ", line 1: expected the names of columns"),
    ],
)
def test_read_of_another_file_says_where(file, found, instead, fault):
    assert found in TEXT
    path = file(TEXT.replace(found, instead, 1))

    with pytest.raises(PriceFileError) as error:
        read_funding(path)

    assert str(error.value).startswith(f"{path}{fault}")


def test_read_takes_real_rates():
    path = DATA / "ethusdt_perp_funding_8h.csv"
    if not path.exists():
        pytest.skip(f"{path} is not there: real rates are not part of this project")

    rates = read_funding(path)

    assert len(rates) == 7_089
    assert rates[0] == (1_574_841_600, 0.0001)
