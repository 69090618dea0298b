"""A workbook as an extract: one sheet, every cell as text, with the rows of the sheet.

fastexcel reads the sheet and hands its cells over as Arrow, which nanoarrow turns into Python's own text.
"""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from cpa_xl.errors import Level
from cpa_xl.faults import Fault, FileRefused
from cpa_xl.staging import Staging, quoted, trimmed
from cpa_xl.textfile import TITLE_LINES, Loaded, TopRow

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
MOST_CELLS = 50_000_000  # a stray cell far away makes the reader take memory for every cell up to it

# What a damaged or encrypted archive raises beside the reader's own error, depending on where the damage is.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?r="([A-Z]{1,3})([0-9]+)"')


class SheetFile:
    """A sheet of a workbook; `FileRefused` (F4, F5) where the workbook cannot be read or has no such sheet."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        self.path = path
        self.name = path.name
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        self._columns = self._read(sheet)

    def tops(self) -> Iterator[tuple[str, Sequence[TopRow]]]:
        """The first rows of the sheet; there is no delimiter."""
        rows = []
        for at in range(min(2 * TITLE_LINES, self._height)):
            cells = tuple(column[at] or "" for column in self._columns)
            if any(cells):
                rows.append(TopRow(at + 1, cells, at + 1, at + 1))
        yield "", rows

    def load(self, staging: Staging, head: TopRow, _delimiter: str, columns: Mapping[str, int]) -> Loaded:
        """Make the table `raw`: `_row`, and each of `columns` (name to position) as text without blank ends."""
        rows = range(head.row + 1, self._height + 1)
        lists = ", ".join(f"unnest(?::VARCHAR[]) AS {quoted(name)}" for name in columns)  # side by side
        cells = ", ".join(f"{trimmed(quoted(name))} AS {quoted(name)}" for name in columns)
        values = [list(rows), *(self._columns[at][head.row :] for at in columns.values())]
        make = (
            "CREATE OR REPLACE TEMP TABLE raw AS SELECT _row, {cells}"
            " FROM (SELECT unnest(?::BIGINT[]) AS _row, {lists})"
        )
        staging.run(make, values, cells=cells, lists=lists)
        staging.run("DELETE FROM raw WHERE coalesce({cells}) IS NULL", cells=", ".join(map(quoted, columns)))
        [(last,)] = staging.rows("SELECT coalesce(max(_row), 0) FROM raw")
        return Loaded(last, self._height)

    def cells_of(self, rows: Collection[int], _delimiter: str) -> Mapping[int, tuple[str, ...]]:
        """The cells of some rows of the sheet."""
        return {row: tuple(column[row - 1] or "" for column in self._columns) for row in rows}

    @property
    def _height(self) -> int:
        return len(self._columns[0]) if self._columns else 0

    def _read(self, sheet: str | None) -> list[list[str | None]]:
        import fastexcel  # noqa: PLC0415  # takes long, and only extracts that are spreadsheets need it
        import nanoarrow  # noqa: PLC0415  # the same

        if not self.path.stat().st_size:
            raise self._refused("F2", "the file is empty", "Ask for the extract again.")
        try:
            _refuse_stray_cells(self.path)
            reader = fastexcel.read_excel(self.path)
            if sheet is not None and sheet not in reader.sheet_names:
                there = ", ".join(f"'{name}'" for name in reader.sheet_names)
                remedy = "Give the sheet that name, or change `sheet` in sources.yaml."
                raise self._refused("F5", f"there is no sheet '{sheet}'; there is {there}", remedy)
            loaded = reader.load_sheet(sheet or 0, header_row=None, skip_rows=0, dtypes="string")
        except (fastexcel.FastExcelError, *_UNREADABLE) as error:
            reason = str(error).splitlines()[0]
            message = f"this cannot be opened as a workbook ({reason}); it may be damaged or protected by a password"
            raise self._refused("F4", message, "Open it in Excel and save it again, without a password.") from None
        # Errors such as #N/A come as empty cells.
        return [column.to_pylist() for column in nanoarrow.Array(loaded).iter_children()] if loaded.width else []

    def _refused(self, code: str, message: str, remedy: str) -> FileRefused:
        return FileRefused(Fault(code, Level.STOP, self.name, message, remedy=remedy))


def _refuse_stray_cells(path: Path) -> None:
    """Refuse a workbook with a cell so far out that reading it would exhaust the memory."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part):
                cells = [(_number(letters), int(row)) for letters, row in _CELL.findall(archive.read(part))]
                width, height = (max(axis) for axis in zip(*cells, strict=True)) if cells else (0, 0)
                if width * height > MOST_CELLS:
                    message = f"a sheet reaches to row {height:,} and column {width:,}"
                    remedy = "Delete the rows and columns beyond the data, and save it again."
                    raise FileRefused(Fault("F4", Level.STOP, path.name, message, remedy=remedy))


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
