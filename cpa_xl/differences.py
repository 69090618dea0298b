"""What differs between two workbooks, as values: rows by their keys, cells, tables, sheets and names.

Values are those of the cells; months and days are `DateText`. `plain` makes them ready for JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cpa_xl.errors import CellError
from cpa_xl.sheetxml import Value

Key = tuple[str, ...]


class DateText(str):
    """A month ("2009-01") or a day ("2009-01-31") that a cell holds as a number."""

    __slots__ = ()


class What(StrEnum):
    """What became of a row, a sheet, a table or a name."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """A cell of a row, by its field or heading; `typed_over`: a formula stood there before, a constant now."""

    field: str
    before: Value
    after: Value
    typed_over: bool = False


@dataclass(frozen=True)
class RowDifference:
    """A row that came, went or changed; `before` and `after` hold all its cells by field or heading."""

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
    """A table, or a sheet read row by row: how many rows it had and has, and those that differ.

    `fields` are the columns that the configuration knows; those of a table are all its headings.
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
        """The rows that came, went or changed."""
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
    """A cell that differs; `cell` is its place after, or before where it is there no more; `label` says what it is."""

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
    """A sheet, a table, a name or the calendar; `before` and `after` say where a table stands, what a name means."""

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
    """Everything that differs between two workbooks; `scorecard` and `facts` are None where they could not be read."""

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
        """The cells that differ in one of these ways."""
        return tuple(cell for cell in self.cells if cell.kind in kinds)

    @property
    def typed(self) -> tuple[CellDifference, ...]:
        """Constants that differ, but for those of the tables that a refresh writes."""
        return self.of(CellKind.TYPED)

    @property
    def formulas(self) -> tuple[CellDifference, ...]:
        """Formulas that changed, were typed over, or came."""
        return self.of(CellKind.FORMULA, CellKind.LOST, CellKind.NEW)

    @property
    def results(self) -> tuple[CellDifference, ...]:
        """Results of formulas that differ, but for those of the rows of scorecard, facts and tables."""
        return self.of(CellKind.RESULT)

    def plain(self) -> dict[str, object]:
        """Everything, for JSON: exact values, months as "2009-01", errors as their codes, empty cells as null."""
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


def _pair(before: Value, after: Value) -> dict[str, object]:
    return {"before": _plain(before), "after": _plain(after)}


def _plain(value: Value) -> object:
    return value.code if isinstance(value, CellError) else value
