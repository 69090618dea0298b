"""Readers of extracts that are no text: sheets of workbooks, Parquet files, and JSON lines.

Each gives the same as `readers.TextFile`: first rows, and the table `raw` with every cell as text.

fastexcel reads sheets (.xlsx, .xlsm, .xlsb, .xls, .ods), and nanoarrow turns its Arrow data into Python's text.
fastexcel 0.21 gives an empty cell for an error such as #N/A, for a formula whose result was not saved, and for a time
in an .ods file. So the sheet's own XML is asked for those (.xlsx, .xlsm, .ods), and they arrive as what they are.
"""

import json
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree  # expat refuses what could grow without end (billion laughs)
from xml.parsers import expat

from cpa_xl.errors import Level
from cpa_xl.extracts.faults import Fault, FileRefused
from cpa_xl.extracts.files.readers import SAMPLE, TITLE_LINES, Loaded, Said, TopRow, digest_of
from cpa_xl.extracts.files.staging import Staging, sql_name, sql_text, trimmed
from cpa_xl.wording import counted, several

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
PARQUET = (".parquet",)
JSON_LINES = (".jsonl", ".ndjson")
MOST_CELLS = 50_000_000  # the reader needs memory for every cell up to the farthest one
UNSAVED = "a formula without a saved result"
# Errors of a damaged or encrypted archive beside the reader's own; which one depends on the damage.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]+)"')
_ERROR = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*?\bt="e")[^>]*?\br="([A-Z]{1,3})([0-9]+)"[^>]*>(?:(?!</(?:\w+:)?c>).)*?'
                    rb"<(?:\w+:)?v>([^<]*)<", re.DOTALL)  # fmt: skip
_UNSAVED = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]+)"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*'
                      rb"</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>\s*)?</(?:\w+:)?c>")  # fmt: skip
_WITH_VALUE = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})[0-9]+"(?:[^>/]|/(?!>))*>')
_HIDDEN = re.compile(rb'<(?:\w+:)?row\s[^>]*?\bhidden="(?:1|true)"')
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINKED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ODS_MARKS = (b'value-type="time"', b'value-type="error"', b'table:visibility="filter"', b'table:visibility="collapse"')
_CHUNK = 1 << 20

Columns = list[list[str | None]]


@dataclass
class _Marked:
    """What the reader of a sheet does not give: texts of single cells by row and column from 1, and hidden rows.

    `first` is the first column with a value; the reader leaves out those before it.
    """

    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: int = 0
    first: int = 1


class _TableInMemory:
    """Columns of texts of the same length: the cells of a sheet, row 1 first."""

    name: str

    def __init__(self) -> None:
        self._held: Columns | None = None

    def _read(self) -> Columns:
        raise NotImplementedError

    @property
    def _columns(self) -> Columns:
        if self._held is None:
            self._held = self._read()
        return self._held

    @property
    def _height(self) -> int:
        return len(self._columns[0]) if self._columns else 0

    def tops(self) -> Iterator[tuple[str, Sequence[TopRow]]]:
        """The first rows; there is no delimiter."""
        rows = []
        for at in range(min(2 * TITLE_LINES, self._height)):
            cells = tuple(column[at] or "" for column in self._columns)
            if any(cells):
                rows.append(TopRow(at + 1, cells, at + 1, at + 1))
        yield "", rows

    def load(self, staging: Staging, head: TopRow, _delimiter: str, columns: Mapping[str, int]) -> Loaded:
        """Make the table `raw`: `_row`, and each of `columns` (name to position) as text without blank ends."""
        rows = range(head.row + 1, self._height + 1)
        lists = ", ".join(f"unnest(?::VARCHAR[]) AS {sql_name(name)}" for name in columns)  # side by side
        cells = ", ".join(f"{trimmed(sql_name(name))} AS {sql_name(name)}" for name in columns)
        values = [list(rows), *(self._columns[at][head.row :] for at in columns.values())]
        make = (
            "CREATE OR REPLACE TEMP TABLE raw AS SELECT _row, {cells}"
            " FROM (SELECT unnest(?::BIGINT[]) AS _row, {lists})"
        )
        staging.run(make, values, cells=cells, lists=lists)
        staging.run("DELETE FROM raw WHERE coalesce({cells}) IS NULL", cells=", ".join(map(sql_name, columns)))
        [(last,)] = staging.rows("SELECT coalesce(max(_row), 0) FROM raw")
        return Loaded(last, self._height)

    def cells_of(self, rows: Collection[int], _delimiter: str) -> Mapping[int, tuple[str, ...]]:
        """The cells of some rows."""
        return {row: tuple(column[row - 1] or "" for column in self._columns) for row in rows}


class Workbook:
    """A workbook of extracts. Raises FileRefused (F2, F4) if it is empty or unreadable."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        import fastexcel  # noqa: PLC0415  # takes long, and only extracts that are spreadsheets need it

        self.path, self.name = path, name or path.name
        if not path.stat().st_size:
            raise _refused(self.name, "F2", "the file is empty", "Ask for the extract again.")
        self.sha256 = digest_of(path)
        with path.open("rb") as handle:
            start = handle.read(64)
        if start.isascii() and b"\0" not in start and not start.startswith(b"PK"):
            what = "a web page" if b"<" in start else "text"
            remedy = "Open it in Excel and save it as .xlsx." if b"<" in start else "Rename it to .csv."
            raise _refused(self.name, "F4", f"this is {what} under the name of a workbook", remedy)
        try:
            self._marked = _marks_of(path, self.name)
            self._reader = fastexcel.read_excel(path)
        except (fastexcel.FastExcelError, *_UNREADABLE) as error:
            raise _unreadable(self.name, error) from None

    @property
    def sheets(self) -> Sequence[str]:
        """The names of its sheets, in order."""
        return self._reader.sheet_names

    def sheet(self, name: str, *, alone: bool = True) -> "SheetFile":
        """One sheet; `alone` says that messages need not name it."""
        return SheetFile(self, name, self.name if alone else f"{self.name}, sheet {name}")

    def lacks(self, sheet: str) -> FileRefused:
        """The refusal of a workbook without a sheet of this name, or none that fits a pattern."""
        there = ", ".join(f"'{name}'" for name in self.sheets)
        remedy = "Give the sheet that name, or change `sheet` in sources.yaml."
        return _refused(self.name, "F5", f"there is no sheet '{sheet}'; there is {there}", remedy)

    def has_several(self, sheets: Sequence[str]) -> FileRefused:
        """The refusal of a workbook with several sheets that could be the one to be read."""
        remedy = "Name the one to be read as `sheet` in sources.yaml, or all of them by a pattern with `many: true`."
        named = several([f"'{name}'" for name in sheets])
        message = f"{len(sheets)} sheets have the headings: {named}"
        return _refused(self.name, "F5", message, remedy)

    def columns(self, sheet: str) -> Columns:
        """The cells of a sheet as columns of texts."""
        import fastexcel  # noqa: PLC0415  # as above
        import nanoarrow  # noqa: PLC0415  # the same

        try:
            loaded = self._reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        except (fastexcel.FastExcelError, *_UNREADABLE) as error:
            raise _unreadable(self.name, error) from None
        columns = [column.to_pylist() for column in nanoarrow.Array(loaded).iter_children()] if loaded.width else []
        marked = self.marked(sheet)
        for (row, column), text in marked.cells.items():
            if marked.first <= column < marked.first + len(columns) and row <= len(columns[0]):
                columns[column - marked.first][row - 1] = text
        return columns

    def marked(self, sheet: str) -> _Marked:
        """The cells that the reader leaves empty though they are not, and the hidden rows."""
        return self._marked.get(sheet, _Marked())


class SheetFile(_TableInMemory):
    """A sheet of a workbook."""

    def __init__(self, workbook: Workbook, sheet: str, name: str) -> None:
        super().__init__()
        self._workbook, self.sheet, self.name = workbook, sheet, name
        self.path, self.sha256 = workbook.path, workbook.sha256

    def _read(self) -> Columns:
        return self._workbook.columns(self.sheet)

    @property
    def notes(self) -> tuple[str, ...]:
        """What its extract should say: hidden rows count."""
        hidden = self._workbook.marked(self.sheet).hidden
        return (f"{counted(hidden, 'hidden row')} counted too",) if hidden else ()


class JsonLinesFile(_TableInMemory):
    """A file with a JSON object a line; its keys are the headings. Raises FileRefused (F2, F4)."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, name: str | None = None) -> None:
        super().__init__()
        self.path, self.name, self.sha256 = path, name or path.name, digest_of(path)
        if not path.stat().st_size:
            raise _refused(self.name, "F2", "the file is empty", "Ask for the extract again.")
        self._read_lines()

    def _read(self) -> Columns:
        return self._lines

    def _read_lines(self) -> None:
        """Read every line; row 1 has the headings, so that a line's row is its number and one more."""
        found: dict[str, list[str | None]] = {}
        height = 1
        try:
            with self.path.open(encoding="utf-8-sig") as lines:
                for height, line in enumerate(lines, start=2):
                    for key, value in self._objects(line, height - 1):
                        column = found.setdefault(key, [key])
                        column += [None] * (height - 1 - len(column))
                        column.append(value)
        except UnicodeDecodeError:
            raise _refused(self.name, "F4", "the file is not UTF-8, as JSON is", "Ask for the extract again.") from None
        self._lines = [column + [None] * (height - len(column)) for column in found.values()]

    def _objects(self, line: str, number: int) -> Iterable[tuple[str, str | None]]:
        if not line.strip():
            return ()
        try:
            pairs = json.loads(line, object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=str)
        except ValueError as error:
            message = f"line {number} is not JSON: {error}"
            raise _refused(self.name, "F4", message, "Ask for the extract again, with one object a line.") from None
        if not isinstance(pairs, _Pairs):
            remedy = "Ask for the extract again, with one object a line."
            raise _refused(self.name, "F4", f"line {number} holds no object: {line.strip()[:60]}", remedy)
        keys = [key for key, _ in pairs.items]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            message = f"line {number} has the key '{twice[0]}' twice"
            raise _refused(self.name, "F4", message, "Ask for the extract again, with each key once.")
        return [(key, _json_text(value)) for key, value in pairs.items]


class _Pairs:
    """The keys and values of a JSON object, repeated keys and all."""

    def __init__(self, items: list[tuple[str, Any]]) -> None:
        self.items = items


def _json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, default=lambda pairs: dict(pairs.items))


class ParquetFile:
    """A Parquet file, which DuckDB reads. Raises FileRefused (F4); row 1 has the headings."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, name: str | None = None) -> None:
        import duckdb  # noqa: PLC0415  # as in `Staging`

        self.path, self.name, self.sha256 = path, name or path.name, digest_of(path)
        self._at = [str(path).replace("[", "[[]")]
        try:
            with Staging() as staging:
                described = staging.rows("DESCRIBE SELECT * FROM read_parquet(?)", self._at)
                [(rows,)] = staging.rows("SELECT count(*) FROM read_parquet(?)", self._at)
        except duckdb.Error as error:
            message = f"this cannot be read as a Parquet file ({str(error).splitlines()[0]})"
            raise _refused(self.name, "F4", message, "Ask for the extract again.") from None
        self._headings = [str(row[0]) for row in described]
        self._rows: int = rows

    def tops(self) -> Iterator[tuple[str, Sequence[TopRow]]]:
        """The headings and the first rows; there is no delimiter."""
        rows = [TopRow(1, tuple(self._headings), 1, 1)]
        for row, cells in self.cells_of(range(2, 2 * TITLE_LINES), "").items():
            rows.append(TopRow(row, cells, row, row))
        yield "", rows

    @property
    def said(self) -> Said:
        """What is known of its texts: nothing, and so any blank may be at their ends."""
        return Said(
            self.sha256, self._rows + 1, mixed_line_ends=False, quotes=False, odd_ends=True, spaced_quotes=False
        )

    def rows(self, _head: TopRow, _delimiter: str) -> str:
        """SQL for its rows; the cells are texts, c0 the first."""
        cells = ", ".join(f"{sql_name(name)}::VARCHAR AS c{at}" for at, name in enumerate(self._headings))
        query = "(SELECT {cells} FROM read_parquet({path}))"
        return query.format(cells=cells, path=sql_text(self._at[0]))

    def sample(self, _after: int, _delimiter: str) -> Sequence[Sequence[str]]:
        """The cells of the first rows."""
        with Staging() as staging:
            found = staging.rows("FROM {rows} LIMIT {most}", rows=self.rows(TopRow(1, (), 1, 1), ""), most=str(SAMPLE))
        return [[cell or "" for cell in row] for row in found]

    def end(self) -> tuple[str, int]:
        """No text comes last, and no empty lines."""
        return "", 0

    def blank_lines(self, _after: int) -> int:
        """The number of empty lines."""
        return 0

    def load(self, staging: Staging, _head: TopRow, _delimiter: str, columns: Mapping[str, int]) -> Loaded:
        """Make the table `raw`: `_row`, and each of `columns` (name to position) as text without blank ends."""
        cells = ", ".join(
            f"{trimmed(f'{sql_name(self._headings[at])}::VARCHAR')} AS {sql_name(name)}" for name, at in columns.items()
        )
        make = (
            "CREATE OR REPLACE TEMP TABLE raw AS SELECT file_row_number + 2 AS _row, {cells}"
            " FROM read_parquet(?, file_row_number = true)"
        )
        staging.run(make, self._at, cells=cells)
        return Loaded(self._rows + 1, self._rows + 1)

    def cells_of(self, rows: Collection[int], _delimiter: str) -> Mapping[int, tuple[str, ...]]:
        """The cells of some rows."""
        cells = ", ".join(f"{sql_name(heading)}::VARCHAR" for heading in self._headings)
        query = (
            "SELECT file_row_number + 2, {cells} FROM read_parquet(?, file_row_number = true)"
            " WHERE list_contains(?::BIGINT[], file_row_number + 2) ORDER BY 1"
        )
        with Staging() as staging:
            found = staging.rows(query, [*self._at, list(rows)], cells=cells)
        return {row: tuple(cell or "" for cell in values) for row, *values in found}


def _refused(file: str, code: str, message: str, remedy: str) -> FileRefused:
    return FileRefused(Fault(code, Level.STOP, file, message, remedy=remedy))


def _unreadable(file: str, error: Exception) -> FileRefused:
    reason = str(error).splitlines()[0]
    message = f"this cannot be opened as a workbook ({reason}); it may be damaged or protected by a password"
    return _refused(file, "F4", message, "Open it in Excel and save it again, without a password.")


def _marks_of(path: Path, name: str) -> Mapping[str, _Marked]:
    """What the reader would leave out, by sheet; refuses a sheet that reaches too far."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        for part in names:
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part):
                _refuse_stray_cells(archive.read(part), name)
        if "xl/workbook.xml" in names:
            found = _sheet_parts(archive)
            return {sheet: _sheet_marks(archive.read(part)) for sheet, part in found.items() if part in names}
        if "content.xml" in names and _has_ods_marks(archive):
            return _ods_marks(archive)
    return {}


def _refuse_stray_cells(xml: bytes, name: str) -> None:
    """Refuse a sheet with a cell so far out that reading it would exhaust memory."""
    width = height = 0
    for found in _CELL.finditer(xml):
        width, height = max(width, _number(found[1])), max(height, int(found[2]))
    if width * height > MOST_CELLS:
        message = f"a sheet reaches to row {height:,} and column {width:,}"
        raise _refused(name, "F4", message, "Delete the rows and columns beyond the data, and save it again.")


def _sheet_parts(archive: zipfile.ZipFile) -> Mapping[str, str]:
    """The part of each sheet, by the sheet's name."""
    with suppress(KeyError, ElementTree.ParseError):
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314  # as above
        targets = {link.get("Id"): str(link.get("Target")) for link in links}
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  # the same
        return {
            str(sheet.get("name")): _part(targets.get(sheet.get(_LINKED), "")) for sheet in book.iter(f"{_MAIN}sheet")
        }
    return {}


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _sheet_marks(xml: bytes) -> _Marked:
    marked = _Marked(hidden=len(_HIDDEN.findall(xml)))
    for found in _ERROR.finditer(xml):
        marked.cells[int(found[2]), _number(found[1])] = found[3].decode()
    for found in _UNSAVED.finditer(xml):
        marked.cells[int(found[2]), _number(found[1])] = UNSAVED
    if marked.cells:
        marked.first = min(_number(letters) for letters in set(_WITH_VALUE.findall(xml)))
    return marked


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _has_ods_marks(archive: zipfile.ZipFile) -> bool:
    """Whether the document has a time, an error or a hidden row at all: looking for their places takes long."""
    held = b""
    with archive.open("content.xml") as content:
        while chunk := content.read(_CHUNK):
            if any(mark in held + chunk for mark in _ODS_MARKS):
                return True
            held = chunk[-64:]
    return False


def _ods_marks(archive: zipfile.ZipFile) -> Mapping[str, _Marked]:
    walk = _OdsWalk()
    with archive.open("content.xml") as content:
        while chunk := content.read(_CHUNK):
            walk.feed(chunk)
    return walk.sheets


class _OdsWalk:
    """Goes through an OpenDocument sheet once, and keeps times, errors and hidden rows with their places."""

    def __init__(self) -> None:
        self.sheets: dict[str, _Marked] = {}
        self._sheet = _Marked()
        self._row = self._column = 0
        self._rows = self._cells = 1
        self._error = False
        self._text = ""
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._letters

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the document."""
        self._parser.Parse(chunk)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._sheet = self.sheets.setdefault(attributes.get("table:name", ""), _Marked(first=MOST_CELLS))
            self._row = 0
        elif name == "table:table-row":
            self._rows = int(attributes.get("table:number-rows-repeated", "1"))
            self._column = 0
            if attributes.get("table:visibility") in ("filter", "collapse") and self._rows < MOST_CELLS // 1000:
                self._sheet.hidden += self._rows
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cells = int(attributes.get("table:number-columns-repeated", "1"))
            self._error = attributes.get("calcext:value-type") == "error"
            self._text = ""
            if "office:value-type" in attributes:
                self._sheet.first = min(self._sheet.first, self._column + 1)
            if attributes.get("office:value-type") == "time":
                self._keep(attributes.get("office:time-value", ""))

    def _letters(self, text: str) -> None:
        if self._error:
            self._text += text

    def _end(self, name: str) -> None:
        if name in ("table:table-cell", "table:covered-table-cell"):
            if self._error:
                self._keep(self._text.strip() or "#VALUE!")
            self._error = False
            self._column += self._cells
        elif name == "table:table-row":
            self._row += self._rows

    def _keep(self, text: str) -> None:
        for row in range(self._row + 1, self._row + self._rows + 1):
            for column in range(self._column + 1, self._column + self._cells + 1):
                self._sheet.cells[row, column] = text
