"""The rows of a table inside its sheet: what stands in the way of new ones, and the sheet with new ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cpa_xl.a1 import bounds, cell_name, has_relative_rows, translate
from cpa_xl.cellxml import (
    ValueWriter,
    assembled_row,
    cell_style,
    formula_element,
    new_row,
    plain_value,
    same_value,
    stated_cell,
    with_rows_put,
)
from cpa_xl.errors import Refusal
from cpa_xl.markup import Edit, set_attribute, splice
from cpa_xl.sheetxml import FormulaText, Position, Sheet, Span
from cpa_xl.tablexml import Table

Box = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass(frozen=True)
class ColumnPlan:
    """How the cells of one column are written.

    source: the place of its value in a row given, -1 for a calculated column. formula: as it reads in row `home`,
    "" for a column whose values are given.
    array: each cell holds an array formula of one cell. cell_extra: further attributes of calculated cells.
    """

    number: int
    style: str
    source: int = -1
    formula: str = ""
    home: int = 0
    relative: bool = False
    array: bool = False
    cell_extra: str = ""

    def formula_in(self, row: int) -> str:
        """The formula as it reads in a row."""
        return translate(self.formula, row - self.home, 0) if self.relative else self.formula


def box(table: Table, *, from_row: int | None = None, to_row: int | None = None) -> Box:
    """The body of a table with its totals row, or as far as said."""
    return (from_row or table.first_body_row, table.first_col, to_row or table.last_row, table.last_col)


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share a cell."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def cells_in_box(sheet: Sheet, where: Box, *, formulas: bool = False) -> Iterator[tuple[Position, Span]]:
    """The cells that stand in a box; with `formulas` only those of rows that may hold some."""
    for row in sheet.rows:
        if where[0] <= row.number <= where[2] and (not formulas or sheet.may_hold_formulas(row)):
            for cell in sheet.cells_in(row):
                if where[1] <= cell.number <= where[3]:
                    yield (row.number, cell.number), cell


def refuse_obstacles(sheet: Sheet, old: Table, new: Table, others: Sequence[Table]) -> None:
    """Raise Refusal, naming cell or table, when the new rows would damage what stands in their way."""
    both = box(old, to_row=max(old.last_row, new.last_row))
    place = f"table {old.name} on sheet {old.sheet}"
    for other in others:
        if other.name != old.name and overlap(box(other, from_row=other.first_row), both):
            raise Refusal(f"{place} would grow into table {other.name} ({other.ref}); move one of them")
    merged = sheet.frame.find("mergeCells")
    for element in merged.all("mergeCell") if merged else ():
        if overlap(bounds(element.attributes["ref"]), both):
            raise Refusal(
                f"{place}: cells {element.attributes['ref']} are merged where its rows go; unmerge them in Excel"
            )
    _refuse_content_below(sheet, old, new, place)
    _refuse_arrays(sheet, old, both, place)


def _refuse_content_below(sheet: Sheet, old: Table, new: Table, place: str) -> None:
    if new.last_row <= old.last_row:
        return
    for (row, column), cell in cells_in_box(sheet, box(old, from_row=old.last_row + 1, to_row=new.last_row)):
        if cell.outer > cell.inner:
            raise Refusal(
                f"{place} needs the cells down to row {new.last_row}, and {cell_name(row, column)} below it "
                "is not empty; move what stands there"
            )


def _refuse_arrays(sheet: Sheet, old: Table, both: Box, place: str) -> None:
    """An array formula may fill one cell of a calculated column; any larger one must not touch the block."""
    calculated = {old.first_col + index for index, column in enumerate(old.columns) if column.formula is not None}
    for position, ref, kind in array_ranges(sheet):
        if not overlap(ref, both):
            continue
        single = ref[:2] == ref[2:] and kind == b"array"
        if single and position[1] in calculated and position[0] <= old.last_body_row:
            continue
        raise Refusal(
            f"{place}: {cell_name(*position)} holds an array formula or a data table "
            f"that fills {cell_name(*ref[:2])}:{cell_name(*ref[2:])}, where the table's rows go; move it"
        )


def array_ranges(sheet: Sheet) -> Iterator[tuple[Position, Box, bytes]]:
    """Where array formulas and data tables stand, what they fill, and their kind."""
    for row in sheet.rows if sheet.has_arrays else ():
        for cell in sheet.cells_in(row):
            formula = sheet.formula(cell)
            if formula is not None and formula.kind in (b"array", b"dataTable"):
                place = (row.number, cell.number)
                yield (
                    place,
                    bounds(formula.attributes.get(b"ref", cell_name(*place).encode()).decode()),
                    formula.kind,
                )


def without_shared_formulas(sheet: Sheet, where: Box) -> Sheet:
    """The sheet in which no shared formula reaches into the box: its members become formulas of their own."""
    touched = set()
    for _, cell in cells_in_box(sheet, where) if sheet.shared_masters else ():
        formula = sheet.formula(cell)
        if formula is not None and formula.kind == b"shared":
            touched.add(formula.attributes[b"si"])
    return sheet.with_edits(list(unshared(sheet, touched)) if touched else [])


def unshared(sheet: Sheet, numbers: set[bytes]) -> Iterator[Edit]:
    """Edits that turn the members of these shared formulas into formulas of their own."""
    for row in sheet.rows:
        for cell in sheet.cells_in(row):
            formula = sheet.formula(cell)
            if formula is None or formula.kind != b"shared" or formula.attributes[b"si"] not in numbers:
                continue
            span = sheet.formula_span(cell)
            text = sheet.expanded(formula, (row.number, cell.number))
            if span is not None:
                yield Edit(span.start, span.end, ordinary(sheet, formula, text))


def ordinary(sheet: Sheet, formula: FormulaText, text: str) -> bytes:
    """An <f> of its own with this text, keeping attributes that say nothing about sharing."""
    kept = {name: value for name, value in formula.attributes.items() if name not in (b"t", b"si", b"ref")}
    kept.pop(b"xml:space", None)
    extra = "".join(f' {name.decode()}="{value.decode()}"' for name, value in kept.items())
    return formula_element(text, sheet.prefix.decode(), extra).encode()


@dataclass(frozen=True)
class Body:
    """A table's body as it stands in its sheet: its formulas by column and row."""

    sheet: Sheet
    table: Table
    formulas: Mapping[int, Mapping[int, FormulaText]]


def read_body(sheet: Sheet, table: Table) -> Body:
    """The body of a table. Raises Refusal where a column that is not calculated holds a formula."""
    formulas: dict[int, dict[int, FormulaText]] = {}
    for (row, column), cell in cells_in_box(sheet, box(table, to_row=table.last_body_row), formulas=True):
        formula = sheet.formula(cell)
        if formula is None:
            continue
        name, text = (
            table.columns[column - table.first_col].name,
            table.columns[column - table.first_col].formula,
        )
        if text is None:
            raise Refusal(
                f"table {table.name}: {cell_name(row, column)} in column {name!r} holds a formula, and the column "
                "is not a calculated one; let Excel fill the formula down the whole column, or type a value instead"
            )
        formulas.setdefault(column, {})[row] = formula
    return Body(sheet, table, formulas)


def column_plans(body: Body, given: Sequence[str]) -> tuple[ColumnPlan, ...]:
    """How each column's cells are written, every column taking the style of its first cell."""
    table, sheet = body.table, body.sheet
    first = table.first_body_row
    plans = []
    for number, column in enumerate(table.columns, table.first_col):
        style = cell_style(sheet, sheet.cell_at(first, number), first, number)
        if column.formula is None:
            plans.append(ColumnPlan(number, style, source=given.index(column.name)))
        else:
            plans.append(_calculated(body, number, style, column.formula))
    return tuple(plans)


def _calculated(body: Body, number: int, style: str, text: str) -> ColumnPlan:
    relative = has_relative_rows(text)
    for row, formula in body.formulas.get(number, {}).items():
        if relative and body.sheet.expanded(formula, (row, number)) != text:
            continue
        cell = body.sheet.cell_at(row, number)
        mark = body.sheet.cell_attributes(cell).get(b"cm", b"").decode() if cell else ""
        extra = f' cm="{mark}"' if mark else ""
        return ColumnPlan(number, style, -1, text, row, relative, formula.kind == b"array", extra)
    if relative:
        column = body.table.columns[number - body.table.first_col]
        raise Refusal(
            f"table {body.table.name}: calculated column {column.name!r}, ={text}, names cells by their place, and "
            "no row has that formula, so other rows cannot be filled; write it with column names, as in [@[x]]"
        )
    return ColumnPlan(number, style, -1, text)


@dataclass(frozen=True)
class BodyWriter:
    """Writes the rows of a table that stands in `body` and will end as `new` does."""

    body: Body
    new: Table
    plans: tuple[ColumnPlan, ...]
    writer: ValueWriter
    strings: Sequence[str] = field(repr=False)
    show_rows: bool = False  # rows may be hidden by a filter that is cleared

    def sheet_with(self, rows: Sequence[Sequence[object]]) -> Sheet:
        """The sheet with these rows in the table. Raises Refusal naming row and column of what no cell can hold."""
        sheet, old, new = self.body.sheet, self.body.table, self.new
        first, last = old.first_body_row, max(old.last_row, new.last_row)
        pieces = [self._body_row(number, values) for number, values in enumerate(rows, first)]
        if new.totals_row:
            pieces.append(self._row(new.last_row, self._present(new.last_row), self._totals()))
        pieces += [self._row(number, self._present(number), b"") for number in range(new.last_row + 1, last + 1)]
        changed = with_rows_put(sheet, first, last, b"".join(pieces))
        return sheet if changed is sheet else changed.with_dimension(old.first_col, old.last_col)

    def _present(self, number: int) -> list[Span]:
        row = self.body.sheet.row_index.get(number)
        return list(self.body.sheet.cells_in(row)) if row else []

    def _row(self, number: int, present: Sequence[Span], cells: bytes) -> bytes:
        sheet = self.body.sheet
        row = sheet.row_index.get(number)
        if row is None:
            return new_row(sheet, number, cells, self._height)
        written = assembled_row(sheet, row, present, (self.new.first_col, self.new.last_col), cells)
        if self.show_rows and written and number <= self.body.table.last_row:
            written = splice(written, set_attribute(written, 0, "hidden", None))
        return written

    @cached_property
    def _height(self) -> bytes:
        """The height of the first body row, where somebody set one."""
        row = self.body.sheet.row_index.get(self.body.table.first_body_row)
        said = self.body.sheet.cell_attributes(row) if row else {}
        if b"ht" in said and said.get(b"customHeight") in (b"1", b"true"):
            return b' ht="%s" customHeight="1"' % said[b"ht"]
        return b""

    def _body_row(self, number: int, values: Sequence[object]) -> bytes:
        present = self._present(number)
        first, last = self.new.first_col, self.new.last_col
        old = {cell.number: cell for cell in present if first <= cell.number <= last}
        if number > self.body.table.last_body_row:
            old = {}
        texts = {plan.number: self._constant(plan, number, values[plan.source]) for plan in self._given}
        same = bool(old) and all(
            self._same(old.get(plan.number), texts[plan.number], values[plan.source]) for plan in self._given
        )
        kept = old if same else {}
        cells = b"".join([self._cell(plan, number, texts.get(plan.number), kept) for plan in self.plans])
        return self._row(number, present, cells)

    @cached_property
    def _given(self) -> tuple[ColumnPlan, ...]:
        """The columns whose values are given."""
        return tuple(plan for plan in self.plans if not plan.formula)

    def _constant(self, plan: ColumnPlan, number: int, value: object) -> bytes:
        try:
            return self.writer.cell(cell_name(number, plan.number), plan.style, value).encode()
        except ValueError as error:
            column = self.new.columns[plan.number - self.new.first_col].name
            place = f"row {number - self.new.first_body_row + 1} for table {self.new.name}, column {column!r}"
            raise Refusal(f"{place}: {error}") from error

    def _same(self, cell: Span | None, text: bytes, value: object) -> bool:
        """Whether a cell shows the value already, however it is written."""
        sheet = self.body.sheet
        if cell is None:
            return value is None
        if sheet.data[cell.start : cell.end] == text:
            return True
        date1904 = self.writer.date1904
        shown = sheet.value(cell, self.strings, date1904=date1904)
        return same_value(shown, plain_value(value, date1904=date1904))

    def _cell(self, plan: ColumnPlan, number: int, text: bytes | None, old: Mapping[int, Span]) -> bytes:
        """One cell; `old` holds the cells of a row whose values stay, which keep their bytes and results."""
        sheet, cell = self.body.sheet, old.get(plan.number)
        if cell is not None and cell_style(sheet, cell, number, plan.number) == plan.style:
            formula = self.body.formulas.get(plan.number, {}).get(number)
            if text is not None or (
                formula and sheet.expanded(formula, (number, plan.number)) == plan.formula_in(number)
            ):
                return stated_cell(sheet, cell, number)
        return text if text is not None else self._calculated(plan, number)

    def _calculated(self, plan: ColumnPlan, number: int) -> bytes:
        name, prefix = cell_name(number, plan.number), self.writer.prefix
        extra = f' t="array" ref="{name}"' if plan.array else ""
        formula = formula_element(plan.formula_in(number), prefix, extra)
        return f'<{prefix}c r="{name}"{plan.style}{plan.cell_extra}>{formula}</{prefix}c>'.encode()

    def _totals(self) -> bytes:
        sheet, old = self.body.sheet, self.body.table
        pieces = []
        for (_, column), cell in cells_in_box(sheet, box(old, from_row=old.last_row)):
            raw = sheet.data[cell.start : cell.end]
            pieces.append(splice(raw, set_attribute(raw, 0, "r", cell_name(self.new.last_row, column))))
        return b"".join(pieces)
