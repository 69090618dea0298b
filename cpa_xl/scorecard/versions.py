"""Two versions of a workbook, and what differs between them: rows by their keys, cells, tables, sheets and names.

Values are those of the cells; months and days are `DateText`. The methods `plain` give values for JSON.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property

from cpa_xl.config.model import SheetSpec, TableRows, TableSpec, WorkbookSpec
from cpa_xl.errors import CellError
from cpa_xl.measures.periods import SERIAL_ZERO, Month
from cpa_xl.ooxml.a1 import bounds, single_area
from cpa_xl.ooxml.sheet import EMPTY, Cell, Position, Value, value_at
from cpa_xl.scorecard.rows import MONTH_FIELDS, Row, read_comment_facts, read_scorecard
from cpa_xl.workbook.closed import Table, Workbook

Key = tuple[str, ...]
# The headings whose cells name a row, in tables without facts; and the headings of their months.
KEYS: Mapping[TableRows, Key] = {
    TableRows.MEASURES: ("Id",),
    TableRows.REGISTER: ("Id", "Year", "Status"),
    TableRows.PROPOSALS: ("Id",),
    TableRows.MILESTONES: ("Id", "Month"),
    TableRows.EXTRACTS: ("Source",),
    TableRows.LOG: ("When",),
}
MONTH_HEADINGS = ("Month", "First month", "Last month", "Provisional from")
FIRST_DAY, LAST_DAY = 18_264, 73_415  # serial numbers of 1950 and of 2101: what lies between is a date
DAYS_TO_1904 = 1_462


class DateText(str):
    """A month ("2009-01") or a day ("2009-01-31") that a cell holds as a number."""

    __slots__ = ()


class What(StrEnum):
    """What happened to a row, a sheet, a table or a name."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """A changed cell of a row, by its field or heading; `typed_over`: a constant is now in place of a formula."""

    field: str
    before: Value
    after: Value
    typed_over: bool = False


@dataclass(frozen=True)
class RowDifference:
    """A new, gone or changed row; `before` and `after` hold all its cells by field or heading."""

    what: What
    key: Key
    changes: tuple[Change, ...]
    before: Mapping[str, Value]
    after: Mapping[str, Value]

    def plain(self, keys: Key) -> dict[str, object]:
        """The row for JSON, its key under the names `keys`."""
        head: dict[str, object] = {"what": self.what.value, "key": dict(zip(keys, self.key, strict=False))}
        if self.what is not What.CHANGED:
            cells = self.after if self.what is What.ADDED else self.before
            return head | {"cells": {field: _plain(value) for field, value in cells.items()}}
        return head | {
            "changes": {
                change.field: _pair(change.before, change.after) | ({"typed_over": True} if change.typed_over else {})
                for change in self.changes
            }
        }


@dataclass(frozen=True)
class RowsDifference:
    """A table, or a sheet read row by row: its number of rows before and after, and the rows that differ.

    `fields` are the columns that the configuration names; for a table, all its headings.
    """

    name: str
    keys: Key
    fields: Key
    before: int
    after: int
    rows: tuple[RowDifference, ...]
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()

    def of(self, what: What) -> tuple[RowDifference, ...]:
        """The new, the gone or the changed rows."""
        return tuple(row for row in self.rows if row.what is what)

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.rows or self.columns_added or self.columns_removed)

    def plain(self) -> dict[str, object]:
        """The table for JSON."""
        return {
            "name": self.name,
            "rows_before": self.before,
            "rows_after": self.after,
            "columns_added": list(self.columns_added),
            "columns_removed": list(self.columns_removed),
            "rows": [row.plain(self.keys) for row in self.rows],
        }


class CellKind(StrEnum):
    """How a cell differs: constants; the text of a formula; a formula typed over, or put in; a result."""

    TYPED = "typed"
    FORMULA = "formula changed"
    LOST = "formula lost"
    NEW = "formula new"
    RESULT = "result"


@dataclass(frozen=True)
class CellDifference:
    """A cell that differs. `cell` is its place after, or before where it is gone; `label` says what it is."""

    kind: CellKind
    sheet: str
    cell: str
    label: Key
    before: Value
    after: Value
    formula_before: str | None = None
    formula_after: str | None = None

    def plain(self) -> dict[str, object]:
        """The cell for JSON; formulas begin with "="."""
        result: dict[str, object] = {"sheet": self.sheet, "cell": self.cell, "label": list(self.label)}
        result |= {"what": self.kind.value} | _pair(self.before, self.after)
        if self.formula_before is not None or self.formula_after is not None:
            result["formula_before"] = None if self.formula_before is None else f"={self.formula_before}"
            result["formula_after"] = None if self.formula_after is None else f"={self.formula_after}"
        return result


@dataclass(frozen=True)
class PieceDifference:
    """A sheet, a table, a name or the calendar; `before` and `after` hold a table's sheet or a name's meaning."""

    kind: str
    name: str
    what: What
    before: str | None = None
    after: str | None = None

    def plain(self) -> dict[str, object]:
        """The piece for JSON."""
        return {"kind": self.kind, "name": self.name, "what": self.what.value, **_pair(self.before, self.after)}


@dataclass(frozen=True)
class Differences:
    """All differences of two workbooks; `scorecard` and `facts` are None where they could not be read."""

    scorecard: RowsDifference | None
    facts: RowsDifference | None
    cells: tuple[CellDifference, ...]
    tables: tuple[RowsDifference, ...]
    pieces: tuple[PieceDifference, ...]
    notes: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        rows = (part for part in (self.scorecard, self.facts, *self.tables) if part is not None)
        return bool(self.cells or self.pieces) or any(part.any for part in rows)

    def of(self, *kinds: CellKind) -> tuple[CellDifference, ...]:
        """The cells with a difference of one of these kinds."""
        return tuple(cell for cell in self.cells if cell.kind in kinds)

    @property
    def typed(self) -> tuple[CellDifference, ...]:
        """Constants that differ, without those in tables that a refresh writes."""
        return self.of(CellKind.TYPED)

    @property
    def formulas(self) -> tuple[CellDifference, ...]:
        """Formulas that are new, changed, or typed over."""
        return self.of(CellKind.FORMULA, CellKind.LOST, CellKind.NEW)

    @property
    def results(self) -> tuple[CellDifference, ...]:
        """Results of formulas that differ, without those in rows of scorecard, facts and tables."""
        return self.of(CellKind.RESULT)

    def plain(self) -> dict[str, object]:
        """All differences for JSON: exact values, months as "2009-01", errors as their codes, empty cells as null."""
        return {
            "same": not self.any,
            "scorecard": None if self.scorecard is None else self.scorecard.plain(),
            "facts": None if self.facts is None else self.facts.plain(),
            "typed": [cell.plain() for cell in self.typed],
            "formulas": [cell.plain() for cell in self.formulas],
            "results": [cell.plain() for cell in self.results],
            "tables": [table.plain() for table in self.tables if table.any],
            "pieces": [piece.plain() for piece in self.pieces],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Record:
    """A row of a sheet or a table: its number, its cells and their columns by field or heading."""

    row: int
    cells: Mapping[str, Cell]
    columns: Mapping[str, int]


# By key, and by the number of rows above with the same key.
Records = Mapping[tuple[Key, int], Record]


@dataclass(frozen=True)
class Listing:
    """A sheet that is read row by row; `titles` are its headings by field."""

    sheet: str
    keys: Key
    titles: Mapping[str, str]
    records: Records

    @cached_property
    def places(self) -> Mapping[Position, tuple[tuple[Key, int], str]]:
        """For every cell of its rows, the row's key and the heading."""
        return {
            (record.row, column): (key, self.titles.get(name, name))
            for key, record in self.records.items()
            for name, column in record.columns.items()
        }


@dataclass(frozen=True)
class Version:
    """A workbook and its entry of workbooks.yaml, if it has one."""

    workbook: Workbook
    spec: WorkbookSpec | None

    @cached_property
    def _months(self) -> frozenset[str]:
        """The headings, fields and names of cells that hold months."""
        if self.spec is None:
            return frozenset()
        found = {*MONTH_FIELDS, *MONTH_HEADINGS, self.spec.as_of}
        found |= {table.key for table in self.spec.tables.values() if table.key is not None}
        if self.spec.scorecard is not None:
            found |= {heading for name, heading in self.spec.scorecard.columns.items() if name in MONTH_FIELDS}
        return frozenset(found)

    def shown(self, value: Value, heading: str) -> Value:
        """The value of a cell under this heading; months and days as text."""
        if heading not in self._months or isinstance(value, bool) or not isinstance(value, int | float):
            return value
        serial = value + DAYS_TO_1904 * self.workbook.date1904
        if not FIRST_DAY <= serial < LAST_DAY or serial != int(serial):
            return value
        day = SERIAL_ZERO + timedelta(days=int(serial))
        return DateText(Month(day.year, day.month) if day.day == 1 else day.isoformat())

    def scorecard(self) -> Listing | None:
        """The rows of the scorecard; None where the configuration names none. Raises `Refusal` as reading them does."""
        return self._listing(self.spec.scorecard if self.spec else None, ("id",), read_scorecard)

    def facts(self) -> Listing | None:
        """The rows of the comment facts; None where the configuration names none. Raises `Refusal` likewise."""
        return self._listing(self.spec.facts if self.spec else None, ("measure", "fact"), read_comment_facts)

    def _listing(
        self, sheet: SheetSpec | None, keys: Key, read: Callable[[Workbook, WorkbookSpec], tuple[Row, ...]]
    ) -> Listing | None:
        if sheet is None or self.spec is None:
            return None
        rows, cells = read(self.workbook, self.spec), self.workbook.cells(sheet.sheet)
        columns = _columns(cells, sheet, rows[0].row) if rows else {}
        records = _numbered(
            (
                tuple(_text(row.cells.get(name)) for name in keys),
                Record(row.row, {name: cells.get((row.row, at), EMPTY) for name, at in columns.items()}, columns),
            )
            for row in rows
        )
        titles = {name: heading for name, heading in sheet.columns.items() if name in columns}
        return Listing(sheet.sheet, keys, titles, records)

    def table(self, name: str) -> Table | None:
        """The table with that name, in any case of letters."""
        return next((one for known, one in self.workbook.tables.items() if known.casefold() == name.casefold()), None)

    def table_records(self, table: Table, keys: Key) -> Records:
        """The rows of a table by key, without empty rows."""
        cells = self.workbook.cells(table.sheet)
        columns = {column.name: table.first_col + place for place, column in enumerate(table.columns)}
        plain = [columns[column.name] for column in table.columns if column.formula is None]

        def rows() -> Iterator[tuple[Key, Record]]:
            for row in range(table.first_body_row, table.last_body_row + 1):
                if any(value_at(cells, (row, at)) not in (None, "") for at in plain):
                    found = {name: cells.get((row, at), EMPTY) for name, at in columns.items()}
                    yield tuple(_text(self.shown(found[key].value, key)) for key in keys), Record(row, found, columns)

        return _numbered(rows())

    def shown_cells(self, record: Record) -> dict[str, Value]:
        """The values of a row by field or heading."""
        return {name: self.shown(cell.value, name) for name, cell in record.cells.items()}

    def rows(self, sheet: str, without: Iterable[Table]) -> dict[int, dict[int, Cell]]:
        """The non-empty cells of a sheet by row and column, without the bodies of the given tables."""
        tables = [table for table in without if table.sheet == sheet]
        rows: dict[int, dict[int, Cell]] = {}
        for place, cell in self.workbook.cells(sheet).items():
            if (cell.value is not None or cell.formula is not None) and not any(_in(table, place) for table in tables):
                rows.setdefault(place[0], {})[place[1]] = cell
        return rows

    def filled(self, sheet: str) -> frozenset[Position]:
        """The cells of a sheet whose value comes from an array formula in another cell."""
        found: set[Position] = set()
        for place, cell in self.workbook.cells(sheet).items():
            if cell.array:
                top, left, bottom, right = bounds(cell.array)
                every = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
                found.update(other for other in every if other != place)
        return frozenset(found)

    def label(self, sheet: str, place: Position, listing: Listing | None) -> Key:
        """The name of a cell, or the key of its row and its heading; () where it has neither."""
        if (sheet, *place) in self._named:
            return (self._named[sheet, *place],)
        if listing is not None and place in listing.places:
            (key, _), heading = listing.places[place]
            return (*key, heading)
        for table in self.workbook.tables.values():
            if table.sheet == sheet and _in(table, place):
                first = self.workbook.cells(sheet).get((place[0], table.first_col), EMPTY).value
                return tuple(text for text in (_text(first), table.columns[place[1] - table.first_col].name) if text)
        return ()

    @cached_property
    def _named(self) -> Mapping[tuple[str, int, int], str]:
        areas = {name: single_area(text) for name, text in self.workbook.names.items()}
        return {
            (area.sheet, *area.bounds[:2]): name
            for name, area in areas.items()
            if area is not None and area.sheet is not None and area.bounds[:2] == area.bounds[2:]
        }


def table_keys(spec: TableSpec, headings: Sequence[str]) -> Key:
    """The headings of a data table whose cells name its rows; the first heading where none do."""
    wanted = (spec.key, spec.area) if spec.rows.holds_facts else KEYS[spec.rows]
    return tuple(key for key in wanted if key is not None and key in headings) or tuple(headings[:1])


def _plain(value: Value) -> object:
    return value.code if isinstance(value, CellError) else value


def _pair(before: Value, after: Value) -> dict[str, object]:
    return {"before": _plain(before), "after": _plain(after)}


def _columns(cells: Mapping[Position, Cell], sheet: SheetSpec, first_row: int) -> dict[str, int]:
    """The columns of a sheet with headings: the known ones by field, all others by heading."""
    fields = {heading: name for name, heading in sheet.columns.items()}
    for row in range(first_row - 1, 0, -1):
        texts = {str(cells[at].value): at[1] for at in sorted(cells) if at[0] == row and cells[at].value is not None}
        if fields.keys() <= texts.keys():
            return {fields.get(text, text): column for text, column in texts.items()}
    return {}


def _numbered(rows: Iterable[tuple[Key, Record]]) -> Records:
    seen: Counter[Key] = Counter()
    result: dict[tuple[Key, int], Record] = {}
    for key, record in rows:
        result[key, seen[key]] = record
        seen[key] += 1
    return result


def _text(value: Value) -> str:
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def _in(table: Table, place: Position) -> bool:
    """Whether a cell of the table's sheet is in its body."""
    in_rows = table.first_body_row <= place[0] <= table.last_body_row
    return in_rows and table.first_col <= place[1] <= table.last_col
