"""Workbooks made of plain values, for tests that need no file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cpa_xl.errors import CellError
from cpa_xl.ooxml.a1 import bounds
from cpa_xl.workbook.closed import Cell, Column, Table

Value = None | bool | float | str | CellError
Position = tuple[int, int]


@dataclass(frozen=True)
class Book:
    """A workbook in memory; `with_` methods return a changed one."""

    sheets: Mapping[str, Mapping[Position, Cell]]
    tables: Mapping[str, Table] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    date1904: bool = False
    own_names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    hidden: Mapping[str, Collection[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, sheets: Mapping[str, Sequence[Sequence[Value]]], names: Mapping[str, str] | None = None) -> "Book":
        """A workbook of constants, rows from A1 on; None is a cell that does not exist."""
        return cls({sheet: _cells(rows) for sheet, rows in sheets.items()}, names=names or {})

    @property
    def sheet_names(self) -> tuple[str, ...]:
        return tuple(self.sheets)

    def hidden_rows(self, sheet: str) -> Collection[int]:
        return self.hidden.get(sheet, ())

    def cells(self, sheet: str) -> Mapping[Position, Cell]:
        return self.sheets[sheet]

    def with_cell(self, sheet: str, row: int, col: int, cell: Cell) -> "Book":
        return replace(self, sheets={**self.sheets, sheet: {**self.sheets[sheet], (row, col): cell}})

    def with_value(self, sheet: str, row: int, col: int, value: Value) -> "Book":
        formula = self.sheets[sheet].get((row, col), Cell(None)).formula
        return self.with_cell(sheet, row, col, Cell(value, formula))

    def with_formula(
        self, sheet: str, row: int, col: int, formula: str, *, value: Value = None, array: str | None = None
    ) -> "Book":
        return self.with_cell(sheet, row, col, Cell(value, formula, array))

    def with_table(self, name: str, sheet: str, ref: str, *, totals_row: bool = False) -> "Book":
        """A table over cells that are there, its headers taken from its first row."""
        first_row, first_col, last_row, last_col = bounds(ref)
        headers = [self.sheets[sheet][first_row, col].value for col in range(first_col, last_col + 1)]
        columns = tuple(Column(str(header)) for header in headers)
        table = Table(name, sheet, first_row, first_col, last_row, last_col, columns, totals_row)
        return replace(self, tables={**self.tables, name: table})


def _cells(rows: Sequence[Sequence[Value]]) -> dict[Position, Cell]:
    return {
        (row, col): Cell(value)
        for row, values in enumerate(rows, start=1)
        for col, value in enumerate(values, start=1)
        if value is not None
    }
