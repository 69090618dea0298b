"""Writes the body of a table: takes rows as they come, many at a time, and compresses long ones at once.

Rows that already hold the new values keep their bytes. `plain_cells` and `plain_column` read rows in the form that
most files have, fast and only to compare them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.a1 import cell_name, column_letters, column_number
from cpa_xl.ooxml.cells import (
    ValueWriter,
    assembled_row,
    cell_style,
    formula_element,
    new_row,
    plain_value,
    row_tag,
    same_value,
    stated_cell,
    with_rows_put,
)
from cpa_xl.ooxml.sheet import Sheet, Span, Value, decoded, shared_text
from cpa_xl.ooxml.tables import Table
from cpa_xl.ooxml.xml import Encoding, PieceCheck, from_utf8, set_attribute, splice, unescape
from cpa_xl.ooxml.zip import Packed, Packer
from cpa_xl.workbook.table_rows import Body, ColumnPlan, Mark, box, cells_in_box

_REST = (
    rb'(?: s="(\d+)")?(?: t="(s|n|inlineStr)")?'
    rb'(?: ?/>|>(?:<v>([0-9.eE+-]+)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)</c>)'
)
_CELL = re.compile(rb'<c r="([A-Z]{1,3})\d+"' + _REST)  # anything else in a row adds a further "<"
_NAMES = re.compile(rb'<c r="([A-Z]{1,3})\d')
_BARE = re.compile(rb'<row(?: r="\d+")?(?: spans="[^"]*")?(?: x14ac:dyDescent="[^"]*")?>')
_TOGETHER = 200  # rows that one step writes
_SHORT = 2**16  # bytes of rows kept uncompressed; rows after them are compressed as they come
_Row = Sequence[object]


class _Columns(dict[bytes, int]):
    """The numbers of columns by their letters."""

    def __missing__(self, letters: bytes) -> int:
        self[letters] = number = column_number(letters.decode())
        return number


_COLUMNS = _Columns()


class PlainCell(NamedTuple):
    """A number, a text or nothing: style, type, <v> and inline text as written, b"" where missing."""

    style: bytes
    kind: bytes
    value: bytes
    text: bytes


@dataclass(frozen=True)
class BodyRows:
    """The bytes of a table's body.

    begin, end: its first and last rows. middle: the rows between them, compressed, in the encoding of the part, and
    known to be well-formed; None where `begin` and `end` hold all. middle_rows: the first and the last row in `middle`.
    """

    count: int
    begin: bytes
    end: bytes = b""
    middle: Packed | None = None
    middle_rows: tuple[int, int] = (0, -1)

    def put(self, sheet: Sheet, old: Table, new: Table, *, show_rows: bool) -> tuple[Sheet, int]:
        """The sheet with all rows but the middle, and the byte where the middle belongs.

        show_rows: rows may be hidden by a filter that is cleared.
        """
        below = _below(sheet, old, new, show_rows=show_rows)
        first, last = old.first_body_row, max(old.last_row, new.last_row)
        changed = with_rows_put(sheet, first, last, self.begin + self.end + below)
        if changed is not sheet:
            changed = changed.with_dimension(old.first_col, old.last_col)
        return changed, changed.data.index(self.end, changed.body_start)


@dataclass
class _Gathered:
    """The rows so far: the first ones plain, later ones compressed, the last of them held back."""

    encoding: Encoding
    begin: list[bytes] = field(default_factory=list)
    size: int = 0
    end: bytes = b""
    end_row: int = 0
    middle_row: int = 0
    packer: Packer = field(default_factory=Packer)
    check: PieceCheck = field(default_factory=PieceCheck)

    def add(self, first: int, text: bytes, *, as_it_is: bool) -> None:
        """Add rows from this number on; `as_it_is`: they must not go to the middle."""
        if as_it_is or self.size < _SHORT:
            self.begin.append(text)
            self.size += len(text)
        elif text:
            if self.end:
                self.check.add(self.end)
                self.packer.add(from_utf8(self.end, Encoding(self.encoding.codec, b"")))
            self.middle_row = self.middle_row or first
            self.end, self.end_row = text, first

    def block(self, count: int) -> BodyRows:
        """All rows."""
        middle = self.packer.finished()
        if not middle.size:
            return BodyRows(count, b"".join(self.begin), self.end)
        return BodyRows(count, b"".join(self.begin), self.end, middle, (self.middle_row, self.end_row - 1))


@dataclass(frozen=True)
class BodyWriter:
    """Writes new rows for the table in `body`; `encoding` is that of its sheet's part."""

    body: Body
    plans: tuple[ColumnPlan, ...]
    writer: ValueWriter
    strings: Sequence[str] = field(repr=False)
    encoding: Encoding
    show_rows: bool = False  # rows may be hidden by a filter that is cleared
    marks: Sequence[Mark] = ()  # in the rows that are there

    def block(self, rows: Iterable[_Row]) -> BodyRows:
        """The bytes of these rows. Raises Refusal that names row and column of a value that no cell can hold."""
        gathered, rest = _Gathered(self.encoding), iter(rows)
        first = number = self.body.table.first_body_row
        last_row = self.body.sheet.rows[-1].number if self.body.sheet.rows else 0
        as_it_is = self._formulas_beside()
        while chunk := list(islice(rest, min(_TOGETHER, last_row - number + 1) if number <= last_row else _TOGETHER)):
            ends = self._ends(number, chunk)
            made = self._made_rows(number, len(chunk), ends) if number > last_row or self._plain else [""] * len(chunk)
            text = "".join(made).encode()
            if number <= last_row and not (self._plain and self._is_there(number, len(chunk), text)):
                lines = zip(chunk, zip(*ends, strict=True) if ends else chunk, made, strict=True)
                text = b"".join([self._body_row(at, *line) for at, line in enumerate(lines, number)])
                self._refuse_marks(number, len(chunk), text)
            gathered.add(number, text, as_it_is=as_it_is and number <= last_row)
            number += len(chunk)
        return gathered.block(number - first)

    def _refuse_marks(self, first: int, count: int, text: bytes) -> None:
        """Raise Refusal where a comment or a link belongs to one of these rows, and the row gets other values."""
        sheet, table = self.body.sheet, self.body.table
        for mark in self.marks:
            for number in range(max(first, mark.cells[0]), min(first + count - 1, mark.cells[2]) + 1):
                row = sheet.rows.get(number)
                if number <= table.last_body_row and row and sheet.data[row.start : row.end] not in text:
                    raise mark.refusal(table, f", and row {number} gets other values")

    def _formulas_beside(self) -> bool:
        """Whether there are formulas beside the rows; other parts may refer to each of them by its cell."""
        sheet, table = self.body.sheet, self.body.table
        return any(
            not table.first_col <= cell.number <= table.last_col and sheet.formula_span(cell) is not None
            for row in sheet.formula_rows
            for cell in (sheet.cells_in(row) if row.number >= table.first_body_row else ())
        )

    def _ends(self, first: int, rows: Sequence[_Row]) -> list[list[str]]:
        """For each column with given values, the ends of its cells (after the style); "" where there is no cell."""
        columns = list(zip(*rows, strict=True))
        ends = []
        for plan in self._given:
            try:
                column = self.writer.ends(columns[plan.source])
            except ValueError:
                self._refuse(plan, first, columns[plan.source])
                raise
            ends.append([end or "/>" for end in column] if plan.style and "" in column else column)
        return ends

    def _refuse(self, plan: ColumnPlan, first: int, values: Sequence[object]) -> None:
        table = self.body.table
        for number, value in enumerate(values, first - table.first_body_row + 1):
            try:
                self.writer.end(value)
            except ValueError as error:
                column = table.columns[plan.number - table.first_col].name
                raise Refusal(f"row {number} for table {table.name}, column {column!r}: {error}") from error

    def _made_rows(self, first: int, count: int, ends: Sequence[Sequence[str]]) -> list[str]:
        """The rows for a sheet that has none there: one pattern, filled in; "" for a row without any cell."""
        numbers = range(first, first + count)
        prefix, by_plan = self.writer.prefix, dict(zip(self._given, ends, strict=True))
        pattern = [f'<{prefix}row r="%d"{self._height}>']
        filling: list[Sequence[object]] = [numbers]
        for plan in self.plans:
            column = by_plan.get(plan)
            begin = self._begins[plan.number]
            if column is None:
                pattern.append("%s")
                filling.append([self._calculated(plan, number) for number in numbers])
            elif "" in column:
                pattern.append("%s")
                filling.append([end and begin % number + end for number, end in zip(numbers, column, strict=True)])
            else:
                pattern.append(begin + "%s")
                filling += (numbers, column)
        pattern.append(f"</{prefix}row>")
        rows = list(map("".join(pattern).__mod__, zip(*filling, strict=True)))
        if len(filling) == len(self.plans) + 1:  # all cells may be missing, so a whole row may be
            return ["" if row.endswith(f'"></{prefix}row>') else row for row in rows]
        return rows

    @cached_property
    def _begins(self) -> dict[int, str]:
        """For each column, the start of its cells up to the style, with %d for the row."""
        return {
            plan.number: f'<{self.writer.prefix}c r="{column_letters(plan.number)}%d"{plan.style.replace("%", "%%")}'
            for plan in self.plans
        }

    @cached_property
    def _height(self) -> str:
        return _height(self.body.sheet, self.body.table).decode().replace("%", "%%")

    @cached_property
    def _given(self) -> tuple[ColumnPlan, ...]:
        """The columns with given values."""
        return tuple(plan for plan in self.plans if not plan.formula)

    @cached_property
    def _plain(self) -> bool:
        """Whether rows hold only values, and no hidden row must be shown again."""
        return len(self._given) == len(self.plans) and not self.show_rows

    def _is_there(self, first: int, count: int, text: bytes) -> bool:
        """Whether the sheet has exactly these bytes for the rows."""
        rows = self.body.sheet.rows
        begin, end = rows.get(first), rows.get(first + count - 1)
        inside = first + count - 1 <= self.body.table.last_body_row
        return inside and begin is not None and end is not None and self.body.sheet.data[begin.start : end.end] == text

    def _is_other(self, row: Span, values: _Row) -> bool:
        """Whether the first cell already shows that a row holds other values, and only in the table's columns."""
        first = None if self.show_rows else first_cell(self.body.sheet, row)
        plan = next((plan for plan in self._given if first and plan.number == first[0]), None)
        if first is None or plan is None:
            return False
        same = shows(first[1], values[plan.source], self.strings, date1904=self.writer.date1904)
        return not same and holds_only(self.body.sheet, row, self._letters)

    @cached_property
    def _letters(self) -> frozenset[bytes]:
        return _letters(self.body.table)

    def _plain_row(self, row: Span, values: _Row, made: bytes) -> bytes | None:
        """A row that the sheet has; None where it is not plain, or needs a closer look."""
        sheet, table = self.body.sheet, self.body.table
        if made and self._is_other(row, values):
            return self._with_own_tag(row, made)
        cells = plain_cells(sheet, row)
        if not made or cells is None or min(cells, default=0) < table.first_col or max(cells) > table.last_col:
            return None
        date1904, strings = self.writer.date1904, self.strings
        for plan in self._given:
            if not shows(cells.get(plan.number), values[plan.source], strings, date1904=date1904):
                return self._with_own_tag(row, made)
        styles = [cells[plan.number].style if plan.number in cells else b"" for plan in self._given]
        return sheet.data[row.start : row.end] if styles == self._styles else None

    def _with_own_tag(self, row: Span, made: bytes) -> bytes:
        """A new row with the attributes of the sheet's row."""
        sheet, inner = self.body.sheet, made.index(b">") + 1
        return made if made[:inner] == sheet.data[row.start : row.inner] else row_tag(sheet, row) + made[inner:]

    @cached_property
    def _styles(self) -> list[bytes]:
        return [plan.style.removeprefix(' s="').removesuffix('"').encode() for plan in self._given]

    def _body_row(self, number: int, values: _Row, ends: Sequence[str], made: str) -> bytes:
        """One row, which the sheet may have already; `made`: its bytes where the sheet has none."""
        sheet, table = self.body.sheet, self.body.table
        row = sheet.rows.get(number)
        if self._plain and row is not None and number <= table.last_body_row:
            plain = self._plain_row(row, values, made.encode())
            if plain is not None:
                return plain
        other = row is not None and number <= table.last_body_row and self._is_other(row, values)
        present = [] if other else _present(sheet, number)
        texts = {
            plan.number: (self._begins[plan.number] % number + end if end else "").encode()
            for plan, end in zip(self._given, ends, strict=True)
        }
        old = {cell.number: cell for cell in present if table.first_col <= cell.number <= table.last_col}
        if number > table.last_body_row:
            old = {}
        same = bool(old) and all(
            self._same(old.get(plan.number), texts[plan.number], values[plan.source]) for plan in self._given
        )
        kept = old if same else {}
        cells = b"".join([self._cell(plan, number, texts.get(plan.number), kept) for plan in self.plans])
        return _row(sheet, table, number, present, cells, show=self.show_rows)

    def _same(self, cell: Span | None, text: bytes, value: object) -> bool:
        """Whether a cell shows the value already, in any form."""
        sheet = self.body.sheet
        if cell is None:
            return value is None
        if sheet.data[cell.start : cell.end] == text:
            return True
        date1904 = self.writer.date1904
        shown = sheet.value(cell, self.strings, date1904=date1904)
        return same_value(shown, plain_value(value, date1904=date1904))

    def _cell(self, plan: ColumnPlan, number: int, text: bytes | None, old: Mapping[int, Span]) -> bytes:
        """One cell; `old` holds the cells of a row with unchanged values, which keep their bytes and results."""
        sheet, cell = self.body.sheet, old.get(plan.number)
        if cell is not None and cell_style(sheet, cell, number, plan.number) == plan.style:
            formula = self.body.formulas.get(plan.number, {}).get(number)
            if text is not None or (
                formula and sheet.expanded(formula, (number, plan.number)) == plan.formula_in(number)
            ):
                return stated_cell(sheet, cell, number)
        return text if text is not None else self._calculated(plan, number).encode()

    def _calculated(self, plan: ColumnPlan, number: int) -> str:
        prefix = self.writer.prefix
        extra = f' t="array" ref="{cell_name(number, plan.number)}"' if plan.array else ""
        formula = formula_element(plan.formula_in(number), prefix, extra)
        return f"{self._begins[plan.number] % number}{plan.cell_extra}>{formula}</{prefix}c>"


def plain_cells(sheet: Sheet, row: Span) -> Mapping[int, PlainCell] | None:
    """The cells of a row by column; None unless the row and all its cells are plain.

    A plain row states its number. It holds numbers, shared texts, inline texts without formatting, and empty cells. It
    has no prefixes, comments or formulas.
    """
    if sheet.prefix or not sheet.data.startswith(b'<row r="%d"' % row.number, row.start):
        return None
    found: list[tuple[bytes, ...]] = _CELL.findall(sheet.data, row.inner, row.outer)
    tags = sum(6 if kind == b"inlineStr" else 4 if value else 1 for _, _, kind, value, _ in found)
    if tags != sheet.data.count(b"<", row.inner, row.outer):
        return None
    cells = {_COLUMNS[cell[0]]: PlainCell._make(cell[1:]) for cell in found}
    return cells if len(cells) == len(found) else None


def plain_column(sheet: Sheet, column: int, strings: Sequence[str]) -> Mapping[int, Value] | None:
    """What the cells of a column show, by row; None unless all cells of these rows are plain."""
    begin, end, count = sheet.body_start, sheet.body_end, sheet.data.count
    named = count(b'<c r="', begin, end) == count(b"<c ", begin, end) + count(b"<c>", begin, end)
    if sheet.prefix or sheet.has_asides or not named:
        return None
    name = b'<c r="' + column_letters(column).encode()
    there = sum(1 for _ in re.compile(name + rb"\d").finditer(sheet.data, begin, end))
    found = {
        int(match[1]): _value(PlainCell._make(part or b"" for part in match.groups()[1:]), strings)
        for match in re.compile(name + rb'(\d+)"' + _REST).finditer(sheet.data, begin, end)
    }
    return found if len(found) == there else None


def first_cell(sheet: Sheet, row: Span) -> tuple[int, PlainCell] | None:
    """The column of a row's first cell, and the cell; None unless it is plain."""
    found = None if sheet.prefix else _CELL.match(sheet.data, row.inner, row.outer)
    return None if found is None else (_COLUMNS[found[1]], PlainCell._make(part or b"" for part in found.groups()[1:]))


def holds_only(sheet: Sheet, row: Span, columns: frozenset[bytes]) -> bool:
    """Whether a row states only its number, and has no cells outside these columns (their letters)."""
    if sheet.prefix or _BARE.fullmatch(sheet.data, row.start, row.inner) is None:
        return False
    names = _NAMES.findall(sheet.data, row.inner, row.outer)
    return len(names) == sheet.data.count(b"<c", row.inner, row.outer) and columns.issuperset(names)


def shows(cell: PlainCell | None, value: object, strings: Sequence[str], *, date1904: bool) -> bool:
    """Whether a cell shows this value already; a cell can hold the value."""
    if cell is None:
        return value is None
    if cell.kind == b"s":
        return isinstance(value, str) and int(cell.value) < len(strings) and strings[int(cell.value)] == value
    if cell.kind == b"inlineStr":
        return isinstance(value, str) and decoded(unescape(cell.text)) == value
    if not cell.value or value is None:
        return not cell.value and value is None
    if type(value) is float or type(value) is int:
        return float(cell.value) == value
    return not isinstance(value, str) and same_value(float(cell.value), plain_value(value, date1904=date1904))


def _below(sheet: Sheet, old: Table, new: Table, *, show_rows: bool) -> bytes:
    """The totals row in its new place, and what is left of rows that the table gives up."""
    pieces, letters = [], _letters(old)
    for number in range(new.last_body_row + 1, max(old.last_row, new.last_row) + 1):
        cells = b""
        if new.totals_row and number == new.last_row:
            for (_, column), cell in cells_in_box(sheet, box(old, from_row=old.last_row)):
                raw = sheet.data[cell.start : cell.end]
                cells += splice(raw, set_attribute(raw, 0, "r", cell_name(number, column)))
        row = sheet.rows.get(number)
        if cells or row is None or show_rows or not holds_only(sheet, row, letters):  # else nothing of the row is left
            pieces.append(_row(sheet, old, number, _present(sheet, number), cells, show=show_rows))
    return b"".join(pieces)


def _letters(table: Table) -> frozenset[bytes]:
    """The letters of a table's columns."""
    return frozenset(column_letters(number).encode() for number in range(table.first_col, table.last_col + 1))


def _row(sheet: Sheet, table: Table, number: int, present: Sequence[Span], cells: bytes, *, show: bool) -> bytes:
    """A row with new cells in the table's columns; `show`: the row must not stay hidden by the table's filter."""
    row = sheet.rows.get(number)
    if row is None:
        return new_row(sheet, number, cells, _height(sheet, table))
    written = assembled_row(sheet, row, present, (table.first_col, table.last_col), cells)
    if show and written and number <= table.last_row:
        written = splice(written, set_attribute(written, 0, "hidden", None))
    return written


def _height(sheet: Sheet, table: Table) -> bytes:
    """The height of the first body row, where a user has set one."""
    row = sheet.rows.get(table.first_body_row)
    attributes = sheet.cell_attributes(row) if row else {}
    if b"ht" in attributes and attributes.get(b"customHeight") in (b"1", b"true"):
        return b' ht="%s" customHeight="1"' % attributes[b"ht"]
    return b""


def _present(sheet: Sheet, number: int) -> list[Span]:
    row = sheet.rows.get(number)
    return list(sheet.cells_in(row)) if row else []


def _value(cell: PlainCell, strings: Sequence[str]) -> Value:
    if cell.kind == b"s":
        return shared_text(strings, cell.value.decode())
    if cell.kind == b"inlineStr":
        return decoded(unescape(cell.text))
    return float(cell.value) if cell.value else None
