"""The processes that benchmarks.workbook measures: each writes one file and imports no more than it needs for that.

Arguments: the contender's name, the number of rows, the workbook that is there, the file to write.
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, cycle, islice
from operator import truediv
from pathlib import Path

COLUMNS = (
    *("Month", "Recorded", "Borough", "Offence", "Source", "Status"),
    *("Number", "Offences", "Detections", "Share", "Rate", "Index"),
)
OURS, EDITOR, QUICKEST = "cpa_xl", "openpyxl", "rustpy-xlsxwriter, new file"
Row = tuple[date, date, str, str, str, str, int, int, int, float, float, float]
Rows = Iterator[Row]


def made_rows(number: int) -> Rows:
    """Rows of 2 dates, 4 texts of few distinct values, 3 integers and 3 fractions; no two rows are the same."""
    days = [date(2009, 1, 1) + timedelta(place) for place in range(1461)]
    texts = (("Borough", 33), ("Offence group", 41), ("Extract", 5), ("Status", 3))
    columns = (
        cycle(days),
        cycle(days[::-7]),
        *(cycle([f"{word} {place}" for place in range(1, size + 1)]) for word, size in texts),
        count(1),
        cycle(range(1009)),
        cycle(range(0, 10007, 3)),
        cycle([place / 1013 for place in range(1, 1013)]),
        map(truediv, count(1), cycle(range(3, 997))),
        cycle([place / 4 for place in range(499)]),
    )
    return islice(zip(*columns, strict=False), number)


def with_cpa_xl(source: Path, target: Path, rows: Rows) -> None:
    """Rows into the table of a copy, every other part byte for byte as it was."""
    from cpa_xl.workbook.closed import ClosedWorkbook  # noqa: PLC0415  # each process imports what it measures and no more

    ClosedWorkbook.open(source).with_rows("Facts", COLUMNS, rows).save(target)


def with_openpyxl(source: Path, target: Path, rows: Rows) -> None:
    """The same by reading the workbook whole and writing it whole."""
    import openpyxl  # noqa: PLC0415  # the same

    book = openpyxl.load_workbook(source, keep_vba=True)
    sheet = book["Data"]
    sheet.delete_rows(2, 10)
    for row in rows:
        sheet.append(row)
    sheet.tables["Facts"].ref = f"A1:L{sheet.max_row}"
    book.save(target)


def with_xlsxwriter(_: Path, target: Path, rows: Rows) -> None:
    """A new file, each row written to disk as it comes."""
    import xlsxwriter  # noqa: PLC0415  # the same

    book = xlsxwriter.Workbook(str(target), {"constant_memory": True, "default_date_format": "mmm-yy"})
    sheet = book.add_worksheet("Data")
    sheet.write_row(0, 0, COLUMNS)
    for number, row in enumerate(rows, 1):
        sheet.write_row(number, 0, row)
    book.close()


def with_rustpy(_: Path, target: Path, rows: Rows) -> None:
    """A new file by a library written in Rust, each row written as it comes."""
    write = importlib.import_module("rustpy_xlsxwriter").write_worksheet
    records = (dict(zip(COLUMNS, row, strict=True)) for row in rows)
    write(records, str(target), sheet_name="Data")


@dataclass(frozen=True)
class Contender:
    """Who writes, and what it needs to be installed."""

    write: Callable[[Path, Path, Rows], None]
    module: str
    ending: str

    @property
    def is_installed(self) -> bool:
        """Whether it can run here."""
        return importlib.util.find_spec(self.module) is not None


CONTENDERS = {
    OURS: Contender(with_cpa_xl, "cpa_xl", ".xlsm"),
    EDITOR: Contender(with_openpyxl, "openpyxl", ".xlsm"),
    "XlsxWriter, new file": Contender(with_xlsxwriter, "xlsxwriter", ".xlsx"),
    QUICKEST: Contender(with_rustpy, "rustpy_xlsxwriter", ".xlsx"),
}


def peak_memory() -> int:
    """The most memory that this process has held, in bytes.

    On Linux, getrusage counts what the parent held when it started this process; the status file does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024
    import resource  # noqa: PLC0415  # Windows has none

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Write one file, and print the peak memory that it took."""
    name, number, source, target = sys.argv[1:]
    CONTENDERS[name].write(Path(source), Path(target), made_rows(int(number)))
    print(peak_memory())


if __name__ == "__main__":
    main()
