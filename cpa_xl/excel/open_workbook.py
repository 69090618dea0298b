"""A workbook that is open in Excel: read and written through the objects of xlwings.

`OpenWorkbook` reads a sheet at a time and keeps the cells; after a change, make a new one. `TableWrite` and `CellWrite`
are the steps of a refresh: each is checked when it is made, carried out later, and can be undone at any point.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cpa_xl.commands.plan import TablePlan
from cpa_xl.errors import CellError, Refusal, code_of, is_error
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.cells import plain_value, same_value
from cpa_xl.ooxml.sheet import Cell, Position, Value, cell_error
from cpa_xl.ooxml.tables import Column, Table
from cpa_xl.workbook.table_rows import box, checked_rows, overlap, refuse_columns, refuse_kind

if TYPE_CHECKING:
    import xlwings

Grid = Sequence[Sequence[object]]

# Text that no spreadsheet takes for a number, a date, a formula or a truth value when it is typed.
_PLAIN_TEXT = re.compile(r"(?!(?:true|false)\Z)[^\W\d_][^\d#]*", re.IGNORECASE)

RowValues = tuple[Value, ...]


@dataclass(frozen=True)
class OpenWorkbook:
    """A reader of an open workbook (`workbook.Readable`)."""

    book: "xlwings.Book"
    _cells: dict[str, Mapping[Position, Cell]] = field(default_factory=dict, repr=False)

    @cached_property
    def sheet_names(self) -> tuple[str, ...]:
        """The worksheets in the order of their tabs."""
        return tuple(sheet.name for sheet in self.book.sheets)

    @cached_property
    def date1904(self) -> bool:
        """Whether serial numbers count days from 1904 instead of 1900."""
        return bool(self.book.api.Date1904)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What the names of the whole workbook refer to, without "="; names of one sheet are left out."""
        return {name.name: (name.refers_to or "").removeprefix("=") for name in self.book.names if "!" not in name.name}

    @cached_property
    def own_names(self) -> Mapping[tuple[str, str], str]:
        """What the names of single sheets refer to, by sheet and name."""
        found = {}
        for name in self.book.names:
            sheet, mark, own = name.name.rpartition("!")
            if mark:
                found[sheet.strip("'").replace("''", "'"), own] = (name.refers_to or "").removeprefix("=")
        return found

    def hidden_rows(self, sheet: str) -> Collection[int]:
        """The rows of a sheet that are hidden, by hand or by a filter."""
        used = self.book.sheets[sheet].used_range
        rows = range(used.row, used.row + used.shape[0])
        return frozenset(row for row in rows if self.book.sheets[sheet].range(f"{row}:{row}").api.Hidden)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name; a column with a formula in every row is calculated."""
        found = [self.table(sheet.name, table) for sheet in self.book.sheets for table in sheet.tables]
        return MappingProxyType({table.name: table for table in found})

    def table(self, sheet: str, table: "xlwings.main.Table") -> Table:
        """The place of a table on a sheet, and its columns."""
        area, header = table.range, table.header_row_range
        (rows, width), totals = area.shape, bool(table.show_totals)
        first = area.row + (header is not None)
        last = area.row + rows - 1
        cells = self.cells(sheet)
        body = range(first, last - totals + 1)
        heads = grid(header.raw_value)[0] if header is not None else [""] * width
        columns = []
        for number, head in enumerate(heads, area.column):
            formulas = [cell.formula for row in body if (cell := cells.get((row, number))) is not None]
            calculated = len(formulas) == len(body) and None not in formulas
            columns.append(Column(_heading(head), formulas[0] if calculated and formulas else None))
        right = area.column + width - 1
        return Table(table.name, sheet, area.row, area.column, last, right, tuple(columns), totals, header is not None)

    def cells(self, sheet: str) -> Mapping[Position, Cell]:
        """The cells that hold something, by (row, column) counted from 1. Raises Refusal for a missing sheet."""
        name = next((name for name in self.sheet_names if name.casefold() == sheet.casefold()), None)
        if name is None:
            raise Refusal(f"{self.book.name} has no sheet {sheet!r}; it has {', '.join(self.sheet_names)}")
        if name not in self._cells:
            used = self.book.sheets[name].used_range
            found: dict[Position, Cell] = {}
            lines = zip(grid(used.raw_value), grid(used.formula), strict=True)
            for row, (values, formulas) in enumerate(lines, used.row):
                for column, (value, formula) in enumerate(zip(values, formulas, strict=True), used.column):
                    cell = self._cell(value, formula)
                    if cell is not None:
                        found[row, column] = cell
            self._cells[name] = MappingProxyType(found)
        return self._cells[name]

    def _cell(self, value: object, formula: object) -> Cell | None:
        text = formula[1:] if isinstance(formula, str) and formula.startswith("=") and formula != value else None
        if text is None and value in (None, ""):
            return None
        return Cell(self._value(value), text)

    def _value(self, value: object) -> Value:
        """A value as the spreadsheet gives it, in the form of `Cell`: times as serial numbers, errors as errors."""
        if is_error(value):
            return cell_error(code_of(value))
        if isinstance(value, dt.datetime):
            value = value.replace(tzinfo=None)
        return plain_value(float(value) if isinstance(value, Decimal) else value, date1904=self.date1904)

    def named_cell(self, name: str) -> tuple[str, int, int]:
        """Sheet, row and column of the one cell that a name refers to.

        Raises Refusal when there is no such name, or when it refers to anything but one cell.
        """
        known = next((known for known in self.names if known.casefold() == name.casefold()), None)
        if known is None:
            raise Refusal(
                f"{self.book.name} has no name {name!r}; it has {', '.join(sorted(self.names)) or 'none'}. "
                "Define it in Excel under Formulas, Name Manager, for the whole workbook"
            )
        place: Any = None
        with suppress(Exception):  # each engine has its own error for a name that refers to no range
            place = self.book.names[known].refers_to_range
        if place is None or place.shape != (1, 1):
            text = self.names[known]
            raise Refusal(f"{self.book.name}: the name {name!r} refers to {text}, and a single cell is needed")
        return place.sheet.name, place.row, place.column


@dataclass(frozen=True)
class TableWrite:
    """A table of an open workbook that gets other rows.

    `rows` and `held` have a value for each column of the table, None in calculated ones. `formulas` are those of the
    calculated columns, cell by cell. `below` are the number formats of the cells under the table that it grows into, by
    column.
    """

    book: "xlwings.Book"
    old: Table
    rows: tuple[RowValues, ...]
    held: tuple[RowValues, ...]
    formulas: Mapping[Position, str]
    below: Mapping[int, str]

    @property
    def new(self) -> Table:
        """The table after the change."""
        last = self.old.first_body_row + len(self.rows) - 1 + self.old.totals_row
        return replace(self.old, last_row=last)

    @property
    def what(self) -> str:
        """What is changed, for a message."""
        return f"table {self.old.name} on sheet {self.old.sheet}"

    def refuse(self, workbook: OpenWorkbook) -> None:
        """Raise Refusal when the sheet is protected, rows are filtered, or something is in the way of new rows."""
        sheet, table = self.book.sheets[self.old.sheet], self._table
        refuse_protected(sheet, f"{self.what} cannot be written")
        native = table.api.AutoFilter
        if native is not None and native.FilterMode:
            raise Refusal(f"{self.what} is filtered; show all its rows (Data, Clear) and refresh again")
        both = box(self.old, to_row=max(self.old.last_row, self.new.last_row))
        others = [one for one in workbook.tables.values() if one.sheet == self.old.sheet and one.name != self.old.name]
        for other in others:
            if overlap(box(other, from_row=other.first_row), both):
                raise Refusal(f"{self.what} would grow into table {other.name} ({other.ref}); move one of them")
        self._refuse_content_below(workbook)
        if sheet.range(both[:2], both[2:]).merge_cells is not False:
            raise Refusal(f"{self.what}: cells are merged where its rows go; unmerge them in Excel")

    def _refuse_content_below(self, workbook: OpenWorkbook) -> None:
        last = self.new.last_row
        for row, column in sorted(workbook.cells(self.old.sheet)):
            if self.old.last_row < row <= last and self.old.first_col <= column <= self.old.last_col:
                raise Refusal(
                    f"{self.what} needs the cells down to row {last}, and {cell_name(row, column)} below it "
                    "is not empty; move what is there"
                )

    def do(self) -> None:
        """Put the rows into the table. Raises Refusal when the spreadsheet made something else of them."""
        sheet, first, last = self._sheet, self.new.first_body_row, self.new.last_body_row
        self._format({number: sheet.range((first, number)).number_format or "General" for number in self.below})
        self._put(self.new, self.rows)
        for number, column in enumerate(self.old.columns, self.old.first_col):
            if column.formula is not None:
                sheet.range((first, number), (last, number)).formula = f"={column.formula}"
        self._refuse_other_rows()

    def undo(self) -> None:
        """Put the old rows back, and the formulas as they were."""
        sheet = self._sheet
        self._put(self.old, self.held)
        for place, formula in self.formulas.items():
            sheet.range(place).formula = f"={formula}"
        self._format(self.below)

    def _format(self, formats: Mapping[int, str]) -> None:
        """The number formats of the cells that the table grows into, by column."""
        sheet = self._sheet
        for number, text in formats.items():
            sheet.range((self.old.last_row + 1, number), (self.new.last_row, number)).number_format = text

    def _put(self, wanted: Table, rows: Sequence[RowValues]) -> None:
        sheet, table = self._sheet, self._table
        now = table.range
        first, last = wanted.first_body_row, wanted.last_body_row
        if wanted.totals_row and table.show_totals:  # the spreadsheet keeps its content while it is hidden
            table.show_totals = False
        if last < (bottom := max(now.row + now.shape[0] - 1, self.new.last_row)):  # it may not have grown as asked
            sheet.range((last + 1, wanted.first_col), (bottom, wanted.last_col)).clear_contents()
        table.resize(sheet.range((wanted.first_row, wanted.first_col), (last, wanted.last_col)))
        for left, right in self._blocks():
            area = sheet.range((first, wanted.first_col + left), (last, wanted.first_col + right))
            area.value = [[entered(value) for value in row[left : right + 1]] for row in rows]
        if wanted.totals_row:
            table.show_totals = True

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """First and last of the columns beside each other whose values are given."""
        for calculated, members in groupby(enumerate(self.old.columns), key=lambda one: one[1].formula is not None):
            if not calculated:
                places = [place for place, _ in members]
                yield places[0], places[-1]

    def _refuse_other_rows(self) -> None:
        workbook = OpenWorkbook(self.book)
        table = workbook.table(self.old.sheet, self._table)
        if table.ref != self.new.ref:
            raise Refusal(f"{self.what} is {table.ref} and not {self.new.ref} after it was resized")
        for row, (line, wanted) in enumerate(zip(held_rows(workbook, table), self.rows, strict=True)):
            for place, (one, other) in enumerate(zip(line, wanted, strict=True)):
                if not same_value(one, other):
                    name = cell_name(table.first_body_row + row, table.first_col + place)
                    raise Refusal(f"{self.what}: {name} holds {one!r} after {other!r} was written")

    @property
    def _sheet(self) -> "xlwings.Sheet":
        return self.book.sheets[self.old.sheet]

    @property
    def _table(self) -> Any:
        return self._sheet.tables[self.old.name]


@dataclass(frozen=True)
class CellWrite:
    """A constant to be written into a cell of an open workbook."""

    book: "xlwings.Book"
    sheet: str
    place: Position
    value: Value
    held: Value

    @property
    def what(self) -> str:
        """What is changed, for a message."""
        return f"cell {cell_name(*self.place)} on sheet {self.sheet}"

    def refuse(self, workbook: OpenWorkbook) -> None:
        """Raise Refusal for a cell that is locked or holds a formula."""
        cell = workbook.cells(self.sheet).get(self.place)
        if cell is not None and cell.formula is not None:
            raise Refusal(f"{self.what} holds the formula ={cell.formula}; only constants are replaced")
        if self._cell.api.Locked:
            refuse_protected(self.book.sheets[self.sheet], f"{self.what} cannot be written")

    def do(self) -> None:
        """Put the value."""
        self._cell.value = entered(self.value)

    def undo(self) -> None:
        """Put the old value back."""
        self._cell.value = entered(self.held)

    @property
    def _cell(self) -> "xlwings.Range":
        return self.book.sheets[self.sheet].range(self.place)


def grid(value: object) -> Grid:
    """What a spreadsheet gives for a range, always in rows: it gives a single cell as its value."""
    if not isinstance(value, list | tuple):
        return [[value]]
    return value if value and isinstance(value[0], list | tuple) else [value]


def table_write(workbook: OpenWorkbook, plan: TablePlan) -> TableWrite | None:
    """What has to be written for a table to hold the planned rows; None where it holds them already.

    Raises Refusal for a table that is not as the plan needs it, and for a value that no cell can hold.
    """
    table = workbook.tables[next(name for name in workbook.tables if name.casefold() == plan.name.casefold())]
    refuse_kind(table, "worksheet")
    refuse_columns(table, plan.columns)
    rows, held = tuple(_planned(workbook, table, plan)), tuple(held_rows(workbook, table))
    same = len(rows) == len(held) and all(
        same_value(one, other)
        for line, old in zip(rows, held, strict=True)
        for one, other in zip(line, old, strict=True)
    )
    if same:
        return None
    write = TableWrite(workbook.book, table, rows, held, dict(_formulas(workbook, table)), {})
    return replace(write, below=dict(_formats_below(write)))


def cell_write(workbook: OpenWorkbook, name: str, day: dt.date) -> CellWrite:
    """A date put into the cell that a name refers to."""
    sheet, row, column = workbook.named_cell(name)
    held = workbook.cells(sheet).get((row, column))
    value = plain_value(day, date1904=workbook.date1904)
    return CellWrite(workbook.book, sheet, (row, column), value, None if held is None else held.value)


def held_rows(workbook: OpenWorkbook, table: Table) -> Iterator[RowValues]:
    """The values of a table's body, None in its calculated columns."""
    cells = workbook.cells(table.sheet)
    for row in range(table.first_body_row, table.last_body_row + 1):
        line: list[Value] = []
        for number, column in enumerate(table.columns, table.first_col):
            cell = cells.get((row, number)) if column.formula is None else None
            line.append(None if cell is None or cell.value == "" else cell.value)
        yield tuple(line)


def refuse_protected(sheet: "xlwings.Sheet", what: str) -> None:
    """Raise Refusal for a protected sheet."""
    if sheet.api.ProtectContents:
        raise Refusal(
            f"{what}: sheet {sheet.name} is protected; unprotect it (Review, Unprotect Sheet) and refresh again"
        )


def entered(value: Value) -> bool | float | str:
    """A value as it is typed: text behind an apostrophe where a spreadsheet would read something else from it."""
    if value is None:
        return ""
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, str) and not _PLAIN_TEXT.fullmatch(value):
        return f"'{value}"
    return value


def _heading(value: object) -> str:
    """A heading as text: Excel returns a typed number or date as a number or date."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _formats_below(write: TableWrite) -> Iterator[tuple[int, str]]:
    if write.new.last_row > write.old.last_row:
        sheet = write.book.sheets[write.old.sheet]
        for column in range(write.old.first_col, write.old.last_col + 1):
            text = sheet.range((write.old.last_row + 1, column), (write.new.last_row, column)).number_format
            yield column, text or "General"


def _planned(workbook: OpenWorkbook, table: Table, plan: TablePlan) -> Iterator[RowValues]:
    sources = [plan.columns.index(one.name) if one.formula is None else None for one in table.columns]
    for number, row in enumerate(checked_rows(table, plan.columns, plan.rows), table.first_body_row):
        line: list[Value] = []
        for column, source in enumerate(sources, table.first_col):
            try:
                value = None if source is None else plain_value(row[source], date1904=workbook.date1904)
            except ValueError as error:
                place = f"cell {cell_name(number, column)} on sheet {table.sheet}"
                raise Refusal(f"{workbook.book.name}, {place}: {error}") from error
            line.append(None if value == "" else value)
        yield tuple(line)


def _formulas(workbook: OpenWorkbook, table: Table) -> Iterator[tuple[Position, str]]:
    """The formulas of the body. Raises Refusal where a column that is not calculated holds one."""
    body = box(table, to_row=table.last_body_row)
    for place, cell in workbook.cells(table.sheet).items():
        if cell.formula is None or not overlap((*place, *place), body):
            continue
        column = table.columns[place[1] - table.first_col]
        if column.formula is None:
            raise Refusal(
                f"table {table.name}: {cell_name(*place)} in column {column.name!r} holds a formula, and the column "
                "is not a calculated one; let Excel fill the formula down the whole column, or type a value instead"
            )
        yield place, cell.formula
