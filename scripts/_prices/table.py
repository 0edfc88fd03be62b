"""The rows of a file as text, whatever the file is: CSV, gzipped or zipped or neither, or Parquet.

Whoever reads meets one kind of error. It names the file, the line (of Parquet the row), the column
and what was expected there.
"""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Fields = Sequence[str | None]  # of a row; None: Parquet has nothing there

ENCRYPTED = 1  # a bit of what an archive says about a file in it

# What a file that is broken, or is none, makes the libraries raise.
BROKEN = (
    OSError,
    EOFError,
    UnicodeError,
    csv.Error,
    zlib.error,
    zipfile.BadZipFile,
    NotImplementedError,  # a way of packing that Python does not know
    pa.ArrowException,
)


class PriceFileError(ValueError):
    """A file is not what was expected: which file, where in it, what was expected."""


class Table:
    """A file's columns, by name, and its rows. `unit` is what its rows are counted in."""

    unit = "line"

    def __init__(self, path: Path, names: Sequence[str], names_in: int = 0) -> None:
        self.path, self.names = path, [name.strip() for name in names]
        self.names_in = names_in  # this row, or in none

    def rows(self, columns: Sequence[int]) -> Iterator[tuple[int, Fields]]:
        """Number and these fields of each row. Raises PriceFileError where one has too few."""
        raise NotImplementedError

    def fault(self, row: int, column: str, expected: str) -> PriceFileError:
        """The error to raise: what was expected in a row, or in its column."""
        where = [str(self.path)]
        if row:
            where.append(f"{self.unit} {row}")
        if column:
            where.append(f"column {column}")
        return PriceFileError(f"{', '.join(where)}: expected {expected}")


class Csv(Table):
    """Lines of CSV. The first has the names, unless it is `nameless`: then it is a row too."""

    def __init__(self, path: Path, file: TextIO, nameless: Mapping[int, Sequence[str]]) -> None:
        self._reader = csv.reader(file)
        self._first: list[str] = next(filter(None, self._reader), [])
        if not self._first:
            raise PriceFileError(f"{path}: expected prices, not an empty file")
        has_names = not self._first[0].strip().isdigit()
        names = self._first if has_names else nameless.get(len(self._first), ())
        super().__init__(path, names, self._reader.line_num)
        if not names:
            widths = "".join(f", or {width} columns" for width in sorted(nameless))
            raise self.fault(self.names_in, "", f"the names of columns{widths}")
        self._nameless = not has_names

    def rows(self, columns: Sequence[int]) -> Iterator[tuple[int, Fields]]:
        width = len(self.names)
        if self._nameless:
            yield self.names_in, [self._first[column] for column in columns]
        for row in self._reader:
            if len(row) == width:
                yield self._reader.line_num, [row[column] for column in columns]
            elif row:
                raise self.fault(self._reader.line_num, "", f"{width} columns, not {len(row)}")


class Parquet(Table):
    """Rows of Parquet, the first of which is number 1."""

    unit = "row"

    def __init__(self, path: Path, file: pq.ParquetFile) -> None:
        self._file = file
        super().__init__(path, file.schema_arrow.names)

    def rows(self, columns: Sequence[int]) -> Iterator[tuple[int, Fields]]:
        names = [self._file.schema_arrow.names[column] for column in columns]
        number = 1
        for batch in self._file.iter_batches(columns=names):
            for name in names:
                if pa.types.is_nested(kind := batch.column(name).type):
                    raise self.fault(number, name, f"one value, not {kind}")
            texts = [_texts(batch.column(name)).to_pylist() for name in names]
            yield from enumerate(zip(*texts, strict=True), number)
            number += batch.num_rows


@contextmanager
def open_table(path: Path, nameless: Mapping[int, Sequence[str]]) -> Iterator[Table]:
    """A file, to be read in the block. `nameless`: by their number, the columns of files that do
    not name them.

    Raises PriceFileError, also in place of what the block meets in a broken file.
    """
    try:
        if path.suffix.lower() == ".parquet":
            with pq.ParquetFile(path) as parquet:
                yield Parquet(path, parquet)
        else:
            with _opened(path) as file:
                yield Csv(path, file, nameless)
    except BROKEN as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        kind = "Parquet" if path.suffix.lower() == ".parquet" else "CSV"
        raise PriceFileError(f"{path}: expected a file of {kind}: {reason}") from None


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    if path.suffix.lower() == ".gz":
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(_only(path, archive)) as packed:
            yield io.TextIOWrapper(packed, encoding="utf-8-sig", newline="")
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file


def _only(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(files) != 1:
        raise PriceFileError(f"{path}: expected one file in the archive, not {len(files)}")
    if files[0].flag_bits & ENCRYPTED:
        raise PriceFileError(f"{path}: expected an archive without a password")
    return files[0]


def _texts(column: pa.Array) -> pa.Array:
    """As CSV would have them: times in seconds since 1970, numbers with the digits they need."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        seconds = pc.cast(column, pa.timestamp("s", getattr(column.type, "tz", None)), safe=False)
        column = pc.cast(seconds, pa.int64())
    return pc.cast(column, pa.string())
