"""A workbook in a closed file: its tables and cells, and new versions of it.

`ReadableWorkbook` and `Workbook` say what display, refresh and calculation need of any workbook. `ClosedWorkbook` is a
file on disk. It never changes and reads each part on demand; its `with_` methods return a changed one. Only `save` and
`replace` write.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

from cpa_xl.errors import CellError, Refusal
from cpa_xl.ooxml.a1 import MAX_ROW, bounds, cell_name
from cpa_xl.ooxml.cells import (
    ValueWriter,
    assembled_row,
    cell_style,
    new_row,
    plain_value,
    result_edits,
    same_value,
    with_rows_put,
)
from cpa_xl.ooxml.charts import CHART_TYPES, formulas, with_caches
from cpa_xl.ooxml.package import Package, compare, is_open_in_excel, refuse_if_open, write_whole
from cpa_xl.ooxml.sheet import Cell, Position, Sheet, Span, Value, cell_error, value_at
from cpa_xl.ooxml.tables import Column, Table, filtered_columns, has_leftovers, resized, same_heading
from cpa_xl.ooxml.xml import Edit, Element, splice
from cpa_xl.ooxml.zip import Packed
from cpa_xl.wording import first_few
from cpa_xl.workbook.reader import ReadWorkbook, SheetEntry, TableEntry
from cpa_xl.workbook.table_move import (
    PIVOT_CACHE,
    Move,
    changed_formulas,
    followed_sheet,
    followed_texts,
    full_calculation,
    marks,
    stale_pivot,
    with_controls_following,
    without_calculation_chain,
)
from cpa_xl.workbook.table_rows import (
    Mark,
    array_ranges,
    box,
    checked_rows,
    column_plans,
    loses_formulas,
    overlap,
    overtyped,
    read_body,
    refuse_columns,
    refuse_kind,
    refuse_lost_attachments,
    refuse_obstacles,
    with_found_formulas,
    without_shared_formulas,
)
from cpa_xl.workbook.table_writer import BodyRows, BodyWriter

__all__ = [
    "Cell",
    "ClosedWorkbook",
    "Column",
    "ReadableWorkbook",
    "Table",
    "Workbook",
    "cell_error",
    "is_open_in_excel",
    "refuse_if_open",
    "replace",
]


class ReadableWorkbook(Protocol):
    """A workbook, closed or open, that is only read."""

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """The worksheets in the order of their tabs."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name."""

    @property
    def names(self) -> Mapping[str, str]:
        """What the names of the whole workbook refer to, without "="."""

    @property
    def date1904(self) -> bool:
        """Whether serial numbers count days from 1904 instead of 1900."""

    def cells(self, sheet: str) -> Mapping[Position, Cell]:
        """The cells that exist, by (row, column) counted from 1."""

    def named_cell(self, name: str) -> tuple[str, int, int]:
        """Sheet, row and column of the one cell that a name refers to."""


class Workbook(ReadableWorkbook, Protocol):
    """A workbook that is filled and calculated; its `with_` methods return a changed one."""

    def with_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> "Workbook":
        """The workbook with these rows in a table."""

    def with_cell(self, sheet: str, row: int, col: int, value: object) -> "Workbook":
        """The workbook with a constant in a cell."""

    def with_values(self, values: Mapping[tuple[str, int, int], object]) -> "Workbook":
        """The workbook with new results in formula cells."""

    def with_full_calculation(self, wanted: bool) -> "Workbook":
        """The workbook that asks a program to calculate everything on opening, or no longer."""

    def save(self, path: Path) -> None:
        """Write the workbook."""


@dataclass(frozen=True)
class ClosedWorkbook(ReadWorkbook):
    """A workbook in a closed .xlsx or .xlsm file."""

    def with_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> "ClosedWorkbook":
        """The workbook with these rows in a table; `columns` are header names in the order of the rows' values.

        `columns` names each column that is not calculated, and no other. Values: None, bool, numbers, str, dates
        (written as serial numbers). The same rows again change nothing. A table without rows keeps one empty row.
        Raises Refusal, which names table and cell, for rows that cannot be written or would damage something.
        """
        entry = self._entry_to_fill(table, columns)
        old = entry.table
        refuse_kind(old, self.package.root(entry.part).attributes.get("tableType", "worksheet"))
        refuse_columns(old, columns)
        self._refuse_disorder(entry.sheet_part, old.sheet)
        self._refuse_obstacles(entry, old)
        given = checked_rows(old, columns, rows)
        if self._formulas_name_its_end(entry):  # the rows hold them, so the new end comes first
            listed = list(given)
            new = self._resized(entry, len(listed))
            moved = self._followed(Move(old, new))
            entry = moved._entry_to_fill(table, columns)
            block = moved._block(entry, columns, listed)
        else:
            block = self._block(entry, columns, given)
            new = self._resized(entry, block.count)
            moved = self._followed(Move(old, new))
        return moved._with_block(entry, new, block)

    def table_notes(self, table: str, columns: Sequence[str]) -> tuple[str, ...]:
        """What `with_rows` puts right or takes away in a table without refusing it: sentences for its user."""
        entry = self._entry_to_fill(table, columns)
        found, sheet = entry.table, self._sheet(entry.sheet_part)
        return tuple(
            f"table {found.name}: {note}"
            for note in (
                *_heading_notes(found, self.cells(found.sheet)),
                *_filter_notes(found, self.package.root(entry.part)),
                *self._overtyped(found, sheet, columns),
            )
        )

    def _overtyped(self, table: Table, sheet: Sheet, columns: Sequence[str]) -> Iterator[str]:
        if all(column.formula is None for column in table.columns):
            return
        body = read_body(sheet, table)
        by_column: dict[str, list[str]] = {}
        for place, formula, column in overtyped(body, column_plans(body, columns)):
            value = self.cells(table.sheet)[place].value
            shown = f"={formula}" if formula is not None else shown_value(value)
            by_column.setdefault(column, []).append(f"{table.sheet}!{cell_name(*place)} ({shown})")
        for column, cells in by_column.items():
            yield (
                f"the refresh puts the formula of column {column} back where something else was typed over it:"
                f" {first_few(cells)}; a figure of your own needs a column that is not calculated"
            )

    def _entry_to_fill(self, table: str, columns: Sequence[str]) -> TableEntry:
        """The table with its calculated columns, also those that only their cells reveal."""
        entry = self._table(table)
        found = with_found_formulas(self._sheet(entry.sheet_part), entry.table, columns)
        return dataclasses.replace(entry, table=found)

    def _refuse_obstacles(self, entry: TableEntry, new: Table) -> None:
        beside = [other.table for other in self._table_entries.values() if other.sheet_part == entry.sheet_part]
        refuse_obstacles(self._sheet(entry.sheet_part), entry.table, new, beside)

    def _resized(self, entry: TableEntry, count: int) -> Table:
        """The table with that many rows. Raises Refusal for content in their way."""
        old = entry.table
        new = dataclasses.replace(old, last_row=old.first_body_row + count - 1 + old.totals_row)
        if new != old:
            self._refuse_obstacles(entry, new)
            refuse_lost_attachments(old, new, self._marks(entry))
        return new

    def _marks(self, entry: TableEntry) -> tuple[Mark, ...]:
        """The comments and links of cells in the table's columns, below its header."""
        columns = box(entry.table, to_row=MAX_ROW)
        found = marks(self.package, entry.sheet_part, self._sheet(entry.sheet_part).frame)
        return tuple(mark for mark in found if overlap(mark.cells, columns))

    def _formulas_name_its_end(self, entry: TableEntry) -> bool:
        """Whether formulas of the table, or in its first row or below, refer to its body by cells."""
        old, sheet = entry.table, self._sheet(entry.sheet_part)
        longer = Move(old, dataclasses.replace(old, last_row=old.last_row + 1))
        if any(longer.formula(column.formula or "", old.sheet) != (column.formula or "") for column in old.columns):
            return True
        first = next((row.start for row in sheet.rows.between(old.first_body_row, MAX_ROW)), sheet.body_end)
        edits, shared = changed_formulas(sheet, old.sheet, longer)
        return bool(shared) or any(edit.start >= first for edit in edits)

    def _block(self, entry: TableEntry, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> BodyRows:
        """The rows as bytes for the table."""
        sheet = without_shared_formulas(self._sheet(entry.sheet_part), box(entry.table))
        body = read_body(sheet, entry.table)
        plans, encoding = column_plans(body, columns), self.package.encoding(entry.sheet_part)
        cleared, found = has_leftovers(self.package.root(entry.part)), self._marks(entry)
        writer = BodyWriter(body, plans, self._writer(sheet), self._strings, encoding, cleared, found)
        return writer.block(rows)

    def _with_block(self, entry: TableEntry, new: Table, block: BodyRows) -> "ClosedWorkbook":
        """The workbook with the rows in the table; all references to them have followed already."""
        old, root, sheet = entry.table, self.package.root(entry.part), self._sheet(entry.sheet_part)
        new = dataclasses.replace(new, columns=old.columns)
        cleared = has_leftovers(root) or not old.header_marked
        base = without_shared_formulas(sheet, box(old))
        changed, place = block.put(base, old, new, show_rows=cleared)
        if block.middle is None:
            result = self._with_sheet(entry.sheet_part, changed)
        else:
            result = self._with_long_sheet(entry.sheet_part, (changed, place), block.middle, block.middle_rows)
        if result is self and new == old and not cleared:
            return self
        if new != old or cleared:
            result = result._with_text(entry.part, resized(self.package.text(entry.part), root, new))
        if loses_formulas(base, old, new):
            result = result._with_package(without_calculation_chain(result.package))
        return result._with_stale_pivots(old, new)

    def _followed(self, move: Move) -> "ClosedWorkbook":
        """The workbook in which all references to the table's body follow its new end."""
        result = self
        if move.new == move.old:
            return self
        for sheet in self._entries:
            result = result._with_sheet(sheet.part, followed_sheet(self._sheet(sheet.part), sheet.name, move))
            controls = with_controls_following(result.package, sheet.part, sheet.name, move)
            result = result._with_package(controls)
        result = result._with_followed(self.package.workbook_part, ("definedName",), move)
        for name in self._parts_of(CHART_TYPES):
            result = result._with_followed(name, ("f", "sqref"), move)
        for entry in self._table_entries.values():
            names = ("calculatedColumnFormula", "totalsRowFormula")
            result = result._with_followed(entry.part, names, move, entry.table.sheet)
        return result

    def _with_followed(self, part: str, names: tuple[str, ...], move: Move, home: str = "") -> "ClosedWorkbook":
        edits = followed_texts(self.package.root(part), names, move, home)
        return self._with_text(part, splice(self.package.text(part), edits)) if edits else self

    def _parts_of(self, types: tuple[str, ...]) -> list[str]:
        return [name for name in self.package.names if self.package.content_type(name).endswith(types)]

    def _with_stale_pivots(self, old: Table, new: Table) -> "ClosedWorkbook":
        """The workbook that refreshes pivot tables over this table on opening."""
        result = self
        for name in self._parts_of((PIVOT_CACHE,)):
            text = stale_pivot(self.package.text(name), self.package.root(name), old, new)
            result = result._with_text(name, text)
        return result

    def with_cell(self, sheet: str, row: int, col: int, value: object) -> "ClosedWorkbook":
        """The workbook with a constant in a cell, in the cell's own style; the same value again changes nothing.

        Raises Refusal for a cell with a formula, in an array, under a merged cell, or in the header of a table; and
        for a value that no cell can hold.
        """
        entry = self._entry(sheet)
        part = self._sheet(entry.part)
        place = f"{self.path}, cell {cell_name(row, col)} on sheet {entry.name}"
        cell = part.cell_at(row, col)
        self._refuse_disorder(entry.part, entry.name)
        self._refuse_cell(part, entry, (row, col), place)
        try:
            plain = plain_value(value, date1904=self.date1904)
            written = self._writer(part).cell(cell_name(row, col), cell_style(part, cell, row, col), value).encode()
        except ValueError as error:
            raise Refusal(f"{place}: {error}") from error
        if cell is not None and same_value(part.value(cell, self._strings, date1904=self.date1904), plain):
            return self
        if cell is not None:
            return self._with_sheet(entry.part, part.with_edits([Edit(cell.start, cell.end, written)]))
        span = part.rows.get(row)
        rows = (
            assembled_row(part, span, part.cells_in(span), (col, col), written) if span else new_row(part, row, written)
        )
        return self._with_sheet(entry.part, with_rows_put(part, row, row, rows).with_dimension(col, col))

    def _refuse_disorder(self, part: str, name: str) -> None:
        if not self._sheet(part).rows.in_order:
            raise Refusal(f"{self.path}: the rows of sheet {name} are not in order; open it in Excel and save it once")

    def _refuse_cell(self, sheet: Sheet, entry: SheetEntry, position: Position, place: str) -> None:
        here = (*position, *position)
        cell = sheet.cell_at(*position)
        formula = sheet.formula(cell) if cell else None
        if formula is not None:
            raise Refusal(
                f"{place} holds the formula ={sheet.expanded(formula, position)}; only constants are replaced"
            )
        if any(overlap(ref, here) for _, ref, _ in array_ranges(sheet)):
            raise Refusal(f"{place} is filled by an array formula; only constants are replaced")
        merged = sheet.frame.find("mergeCells")
        for ref in (bounds(element.attributes["ref"]) for element in (merged.all("mergeCell") if merged else ())):
            if overlap(ref, here) and position != ref[:2]:
                raise Refusal(f"{place} is covered by the merged cell {cell_name(*ref[:2])}; write there")
        for table in self.tables.values():
            header = box(table, from_row=table.first_row, to_row=table.first_row)
            if table.sheet == entry.name and table.header_row and overlap(header, here):
                raise Refusal(f"{place} is a header of table {table.name}, and headers are never written")

    def with_values(self, values: Mapping[tuple[str, int, int], object]) -> "ClosedWorkbook":
        """The workbook with new results, by (sheet, row, column): None, bool, numbers, str, CellError, dates.

        An equal result keeps its bytes. Raises Refusal for a cell without a formula.
        """
        by_sheet: dict[SheetEntry, dict[int, dict[int, object]]] = {}
        for (sheet, row, col), value in values.items():
            by_sheet.setdefault(self._entry(sheet), {}).setdefault(row, {})[col] = value
        result = self
        for entry, wanted in by_sheet.items():
            result = result._with_results(entry, wanted)
        return result

    def _with_results(self, entry: SheetEntry, wanted: Mapping[int, Mapping[int, object]]) -> "ClosedWorkbook":
        sheet = self._sheet(entry.part)
        edits: list[Edit] = []
        for row, results in wanted.items():
            span = sheet.rows.get(row)
            cells = {cell.number: cell for cell in sheet.cells_in(span)} if span else {}
            for column, value in results.items():
                place = f"{self.path}, cell {cell_name(row, column)} on sheet {entry.name}"
                edits += self._result_edits(sheet, cells.get(column), (row, column), value, place)
        return self._with_sheet(entry.part, sheet.with_edits(edits))

    def _result_edits(
        self, sheet: Sheet, cell: Span | None, position: Position, value: object, place: str
    ) -> list[Edit]:
        if cell is None or (sheet.formula_span(cell) is None and not _filled_by_array(sheet, position)):
            raise Refusal(f"{place} holds no formula, so no result belongs there")
        try:
            result = plain_value(value, date1904=self.date1904)
        except ValueError as error:
            raise Refusal(f"{place}: {error}") from error
        if same_value(sheet.value(cell, self._strings, date1904=self.date1904), result):
            return []
        return result_edits(sheet, cell, *self._writer(sheet).result(result))

    def with_full_calculation(self, wanted: bool) -> "ClosedWorkbook":
        """The workbook that asks Excel to calculate every formula on opening, or no longer."""
        part = self.package.workbook_part
        return self._with_text(part, full_calculation(self.package.text(part), self._root, wanted=wanted))

    def finished(self) -> "ClosedWorkbook":
        """The workbook ready to save: charts keep the values that their cells show."""
        changed = {entry.name for entry in self._entries if self.package.differs(entry.part)}
        if not changed:
            return self
        before = ClosedWorkbook(self.package.original, _texts=self._texts)
        result = self
        for name in self._parts_of(CHART_TYPES):
            if name in before.package:
                text, root = self.package.text(name), self.package.root(name)
                earlier = formulas(before.package.root(name) if self.package.differs(name) else root)
                if len(earlier) != len(formulas(root)):  # the chart lost references; that step has updated it
                    continue
                reached = partial(self._named_areas.may_reach, sheets=changed)
                text = with_caches(text, root, earlier, before.shown, self.shown, reached=reached)
                result = result._with_text(name, text)
        return result

    def save(self, path: Path) -> None:
        """Write the workbook all or nothing: check it, write it beside its place, move it there. Raises Refusal."""
        self.finished().package.save(path)

    @cached_property
    def _plain_strings(self) -> dict[str, int]:
        """The numbers of unformatted texts among the shared strings."""
        places = {item.text: place for place, item in reversed(list(enumerate(self._common_strings))) if item.plain}
        return dict(places)

    def _writer(self, sheet: Sheet) -> ValueWriter:
        return ValueWriter(sheet.prefix.decode(), self._plain_strings, self.date1904)

    def _with_package(self, package: Package) -> "ClosedWorkbook":
        if package is self.package:
            return self
        return ClosedWorkbook(package, dict(self._sheets), dict(self._cells), self._texts)

    def _with_text(self, part: str, text: bytes) -> "ClosedWorkbook":
        return self._with_package(self.package.with_text(part, text))

    def _with_sheet(self, part: str, sheet: Sheet) -> "ClosedWorkbook":
        if sheet is self._sheets.get(part):
            return self
        result = self._with_text(part, sheet.data)
        if result is not self:
            result._sheets[part] = sheet
            result._cells.pop(part, None)
        return result

    def _with_long_sheet(
        self, part: str, outline: tuple[Sheet, int], middle: Packed, rows: tuple[int, int]
    ) -> "ClosedWorkbook":
        """The workbook with packed rows in the outline of a sheet; the sheet is scanned again only on demand."""
        sheet, place = outline
        result = self._with_package(self.package.with_long_text(part, (sheet.data, place), middle, rows))
        if result is not self:
            result._sheets.pop(part, None)
            result._cells.pop(part, None)
        return result


def _heading_notes(table: Table, cells: Mapping[Position, Cell]) -> Iterator[str]:
    if not table.header_marked:
        yield (
            "its part says that it has no header row, and its first row holds the headings, as programs that are not"
            " Excel leave it (exceljs does); the refresh takes the first row as header row, and says so in the file"
        )
    for number, column in enumerate(table.columns, table.first_col) if table.header_row else ():
        value = value_at(cells, (table.first_row, number))
        if not same_heading(value, column.name):
            yield (
                f"the heading in {table.sheet}!{cell_name(table.first_row, number)} reads {shown_value(value)}, and the"
                f" table calls this column {column.name!r}, which the refresh goes by; type that name into the cell"
            )


def _filter_notes(table: Table, root: Element) -> Iterator[str]:
    names = [table.columns[place].name for place in filtered_columns(root) if place < len(table.columns)]
    if names:
        yield f"it was filtered by {', '.join(names)}; the refresh shows all rows: set the filter again"


def shown_value(value: Value) -> str:
    """A value as a message names it."""
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float) else "nothing" if value in (None, "") else repr(value)


def _filled_by_array(sheet: Sheet, position: Position) -> bool:
    return any(overlap(ref, (*position, *position)) for _, ref, _ in array_ranges(sheet))


def replace(workbook: ClosedWorkbook, path: Path, backup: Path | None = None) -> None:
    """Replace the file at `path` with this workbook; keep the old file as `backup` if one is named.

    Raises Refusal, and changes nothing, when the file is open in Excel, has changed since it was read, or cannot be
    written, or when it would be damaged.
    """
    refuse_if_open(path)
    pieces = workbook.finished().package.checked()
    if path.exists() and path == workbook.path and compare(path, workbook.package.original):
        raise Refusal(f"{path} has changed since it was read; start again")
    if backup is not None and path.exists():
        write_whole(backup, (path.read_bytes(),))
    write_whole(path, pieces)
