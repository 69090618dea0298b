"""A workbook that is open in a spreadsheet, read through xlwings objects.

Cells are read a sheet at a time and kept; after a change a new `OpenWorkbook` reads anew. Nothing here writes.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cpa_xl.cellxml import plain_value
from cpa_xl.errors import Refusal
from cpa_xl.excelerrors import code_of, is_error
from cpa_xl.sheetxml import Cell, Position, Value, cell_error
from cpa_xl.tablexml import Column, Table

if TYPE_CHECKING:
    import xlwings

Grid = Sequence[Sequence[object]]


@dataclass(frozen=True)
class OpenWorkbook:
    """An open book as those see it who only look (`workbook.Readable`)."""

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
    def tables(self) -> Mapping[str, Table]:
        """The tables by name; a column with a formula in every row is calculated."""
        found = [self.table(sheet.name, table) for sheet in self.book.sheets for table in sheet.tables]
        return MappingProxyType({table.name: table for table in found})

    def table(self, sheet: str, table: "xlwings.main.Table") -> Table:
        """Where a table of a sheet stands, and its columns."""
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


def grid(value: object) -> Grid:
    """What a spreadsheet gives for a range, always in rows: it gives a single cell as its value."""
    if not isinstance(value, list | tuple):
        return [[value]]
    return value if value and isinstance(value[0], list | tuple) else [value]


def _heading(value: object) -> str:
    """A heading as text: Excel hands over a number or a date typed there as what it is."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
