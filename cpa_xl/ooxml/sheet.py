"""A worksheet part: finds the bytes of its rows and cells, and reads what a cell holds.

A sheet can have hundreds of megabytes. Regular expressions scan its bytes, which are known to be well-formed XML, and
only as far as a caller asks. The places of the rows of a long sheet take little memory.
"""

import datetime
import math
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from operator import lt
from typing import TypeVar, overload

from cpa_xl.errors import CellError, error_shown
from cpa_xl.measures.periods import SERIAL_ZERO
from cpa_xl.ooxml.a1 import MAX_COLUMN, MAX_ROW, bounds, cell_name, column_number, range_name, translate
from cpa_xl.ooxml.xml import (
    TAG_REST,
    Edit,
    Element,
    attributes,
    check_well_formed,
    parse,
    set_attribute,
    splice,
    unescape,
    without_asides,
)

Value = None | bool | float | str | CellError
Position = tuple[int, int]  # row, column, counted from 1
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile(rb"""(?:^|\s)r\s*=\s*["']\s*([A-Za-z]{1,3})\d""")
_ROWS_REMEMBERED = 1_000
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Span:
    """A row or a cell in the part: its number (row, or column), its bytes, and the end of its start tag."""

    number: int
    start: int
    inner: int
    outer: int
    end: int


class RowSpans(Sequence[Span]):
    """The rows of a sheet in the order of the file; `get` finds one by its number."""

    def __init__(self) -> None:
        self._numbers, self._starts, self._inners, self._outers, self._ends = (array("q") for _ in range(5))

    def add(self, number: int, start: int, inner: int, outer: int, end: int) -> None:
        """Add a row; only before the first look-up."""
        self._numbers.append(number)
        self._starts.append(start)
        self._inners.append(inner)
        self._outers.append(outer)
        self._ends.append(end)

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> Span: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Span]: ...
    def __getitem__(self, place: int | slice) -> Span | Sequence[Span]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return Span(*(each[place] for each in (self._numbers, self._starts, self._inners, self._outers, self._ends)))

    def __iter__(self) -> Iterator[Span]:
        return map(Span, self._numbers, self._starts, self._inners, self._outers, self._ends)

    @cached_property
    def in_order(self) -> bool:
        """Whether the numbers ascend and none comes twice; some programs write other orders."""
        return all(map(lt, self._numbers, islice(self._numbers, 1, None)))

    @cached_property
    def _places(self) -> dict[int, int]:
        return {number: place for place, number in enumerate(self._numbers)}

    def get(self, number: int) -> Span | None:
        """The row with that number; the last one where there are several."""
        if not self.in_order:
            return self[self._places[number]] if number in self._places else None
        place = bisect_left(self._numbers, number)
        return self[place] if place < len(self) and self._numbers[place] == number else None

    def extent(self, first: int, last: int) -> tuple[int, int] | None:
        """The first and last byte of the rows first to last in an ordered sheet; None where there are none."""
        begin, end = bisect_left(self._numbers, first), bisect_left(self._numbers, last + 1)
        return (self._starts[begin], self._ends[end - 1]) if begin < end else None

    def between(self, first: int, last: int) -> Iterator[Span]:
        """The rows first to last, in the order of the file."""
        if not self.in_order:
            return (row for row in self if first <= row.number <= last)
        begin, end = bisect_left(self._numbers, first), bisect_left(self._numbers, last + 1)
        return (self[place] for place in range(begin, end))


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and the formula behind it.

    formula: without "=", shared formulas expanded, None for a constant. array: the range that the formula
    fills (array formulas, spilled formulas, data tables); only its first cell has the formula.
    Dates are serial numbers of the workbook's own calendar (see `date1904`).
    """

    value: Value
    formula: str | None = None
    array: str | None = None


EMPTY = Cell(None)


@dataclass(frozen=True)
class FormulaText:
    """The <f> of a cell: its attributes and text (empty for members of a shared formula)."""

    attributes: dict[bytes, bytes]
    text: str

    @property
    def kind(self) -> bytes:
        """normal, shared, array or dataTable."""
        return self.attributes.get(b"t", b"normal")


@dataclass(frozen=True)
class _Patterns:
    row: re.Pattern[bytes]
    cell: re.Pattern[bytes]
    formula: re.Pattern[bytes]
    value: re.Pattern[bytes]
    text: re.Pattern[bytes]
    aside: re.Pattern[bytes]
    item: re.Pattern[bytes]


class Sheet:
    """The bytes of one worksheet part (UTF-8), scanned on demand. Raises Malformed when they are not XML.

    checked: the caller knows that they are.
    """

    def __init__(self, data: bytes, *, checked: bool = False) -> None:
        if not checked:
            check_well_formed(data)
        self.data = data
        self._structure = without_asides(data)
        found = re.search(rb"<((?:[\w.-]+:)?)sheetData(?=[\s/>])" + TAG_REST + rb">", self._structure)
        if found is None:
            raise ValueError("no sheetData")
        self.prefix: bytes = found[1]
        self._patterns = _patterns(self.prefix)
        self._formula_tag = b"<%sf" % self.prefix
        self._tag_start, self.body_start = found.span()
        self._cells_of: dict[int, tuple[Span, ...]] = {}
        self.body_end = self.body_start
        self.end = self.body_start
        if not found[0].endswith(b"/>"):
            self.body_end = self._structure.index(b"</" + self.prefix + b"sheetData", self.body_start)
            self.end = self._structure.index(b">", self.body_end) + 1

    @property
    def has_asides(self) -> bool:
        """Whether XML comments and the like may lie between the cells."""
        return self._structure is not self.data

    @cached_property
    def frame(self) -> Element:
        """The part's elements outside the cells; offsets are those of `data`."""
        root = parse(self.data[: self.body_start] + self.data[self.body_end :])
        shift = self.body_end - self.body_start
        for element in root.walk():
            element.start += shift if element.start >= self.body_start else 0
            element.inner += shift if element.inner > self.body_start else 0
            element.outer += shift if element.outer >= self.body_start else 0
            element.end += shift if element.end >= self.body_start else 0
        return root

    @cached_property
    def rows(self) -> RowSpans:
        """The rows in the order of the file."""
        rows, number, end = RowSpans(), 0, self.body_start
        find, begins, closing = self._structure.find, self._patterns.row.search, b"</%srow" % self.prefix
        while match := begins(self._structure, end, self.body_end):
            stated = match[2] or attributes(match[1]).get(b"r")
            number = int(stated) if stated else number + 1
            if not 1 <= number <= MAX_ROW:
                raise ValueError(f"it has a row {number}, and sheets have rows 1 to {MAX_ROW:,}")
            start, inner = match.span()
            outer = end = inner
            if not match[1].endswith(b"/"):
                outer = find(closing, inner)
                end = find(b">", outer) + 1
            rows.add(number, start, inner, outer, end)
        return rows

    def cells_in(self, row: Span) -> Iterator[Span]:
        """The cells of a row in the order of the file; `number` is the column."""
        column = 0
        for match in self._patterns.cell.finditer(self._structure, row.inner, row.outer):
            stated = _PLACE.search(match[1])
            column = column_number(stated[1].decode()) if stated else column + 1
            yield _span(column, match)

    @cached_property
    def formula_rows(self) -> RowSpans:
        """The rows that may hold formulas; no other row does."""
        found, find, tag = RowSpans(), self._structure.find, self._formula_tag
        if find(tag, self.body_start, self.body_end) >= 0:
            for row in self.rows:
                if find(tag, row.inner, row.outer) >= 0:
                    found.add(row.number, row.start, row.inner, row.outer, row.end)
        return found

    def cell_at(self, row: int, column: int) -> Span | None:
        """The cell in that place; None where the part has none."""
        span = self.rows.get(row)
        return None if span is None else next((cell for cell in self.cells_of(span) if cell.number == column), None)

    def cells_of(self, row: Span) -> Sequence[Span]:
        """As `cells_in`, for a row that is asked for again: the last rows are remembered."""
        known = self._cells_of.get(row.start)
        if known is None:
            if len(self._cells_of) >= _ROWS_REMEMBERED:
                self._cells_of.clear()
            known = self._cells_of[row.start] = tuple(self.cells_in(row))
        return known

    def cell_attributes(self, cell: Span) -> dict[bytes, bytes]:
        """The attributes of a row's or cell's start tag."""
        return attributes(self.data[cell.start : cell.inner])

    def formula_span(self, cell: Span) -> Span | None:
        """The bytes of a cell's <f>."""
        match = self._patterns.formula.search(self._structure, cell.inner, cell.outer)
        return None if match is None else _span(0, match)

    def value_span(self, cell: Span) -> Span | None:
        """The bytes of a cell's <v>."""
        match = self._patterns.value.search(self._structure, cell.inner, cell.outer)
        return None if match is None else _span(0, match)

    def formula(self, cell: Span) -> FormulaText | None:
        """The <f> of a cell as written; members of shared formulas are not expanded."""
        span = self.formula_span(cell)
        if span is None:
            return None
        return FormulaText(self.cell_attributes(span), unescape(self.data[span.inner : span.outer]))

    def value(self, cell: Span, strings: Sequence[str], *, date1904: bool = False) -> Value:
        """What a cell shows."""
        attributes = self.cell_attributes(cell)
        kind = attributes.get(b"t", b"n")
        if not attributes.get(b"s", b"0").strip().isdigit():  # a program that shows the cell looks the style up
            raise ValueError(f"{attributes[b's'].decode()!r} is not the number of a style")
        if kind == b"inlineStr":
            return self._joined_text(cell.inner, cell.outer)
        span = self.value_span(cell)
        raw = b"" if span is None else self.data[span.inner : span.outer]
        if kind == b"str" and span is not None:
            return decoded(unescape(raw))
        text = unescape(raw).strip()
        if not text:
            return None
        if kind == b"s":
            return shared_text(strings, text)
        return _typed(kind, text, date1904=date1904)

    def _joined_text(self, start: int, end: int) -> str:
        return joined_text(self.data[start:end], self.prefix)

    def cells(self, strings: Sequence[str], *, date1904: bool = False) -> dict[Position, Cell]:
        """Every cell that the part has."""
        masters = self.shared_masters
        result: dict[Position, Cell] = {}
        for row in self.rows:
            for span in self.cells_in(row):
                place = (row.number, span.number)
                if span.number > MAX_COLUMN:
                    raise ValueError(f"{cell_name(*place)} lies beyond the sheet's edge")
                try:
                    value, formula = self.value(span, strings, date1904=date1904), self.formula(span)
                    result[place] = Cell(value) if formula is None else _formula_cell(value, formula, place, masters)
                except ValueError as error:
                    raise ValueError(f"{cell_name(*place)}: {error}") from error
        return result

    @cached_property
    def shared_masters(self) -> dict[bytes, tuple[Position, str]]:
        """Shared formulas by their number: the master's cell, and its text."""
        masters = {}
        if self._structure.find(b"shared", self.body_start, self.body_end) >= 0:
            for row in self.formula_rows:
                for span in self.cells_in(row):
                    formula = self.formula(span)
                    if formula is not None and formula.kind == b"shared" and formula.text:
                        masters[formula.attributes.get(b"si", b"")] = ((row.number, span.number), formula.text)
        return masters

    @cached_property
    def has_arrays(self) -> bool:
        """Whether the sheet may hold an array formula or a data table."""
        found = (self._structure.find(kind, self.body_start, self.body_end) for kind in (b"array", b"dataTable"))
        return max(found) >= 0

    def expanded(self, formula: FormulaText, place: Position) -> str:
        """The text of a formula in its place, also of a member of a shared formula."""
        return _expanded(formula, place, self.shared_masters)

    def column_style(self, column: int) -> bytes | None:
        """The style that a column gives to cells that do not exist yet."""
        columns = self.frame.find("cols")
        for element in columns.all("col") if columns else ():
            if int(element.attributes["min"]) <= column <= int(element.attributes["max"]):
                return element.attributes.get("style", "").encode() or None
        return None

    def with_body(self, body: bytes) -> "Sheet":
        """The sheet with these rows; the same object when nothing changes."""
        if len(body) == self.body_end - self.body_start and self.data.startswith(body, self.body_start):
            return self
        if self.end == self.body_start:  # <sheetData/>
            tag = self.data[self._tag_start : self.body_start - 2].rstrip() + b">"
            body = tag + body + b"</" + self.prefix + b"sheetData>"
            return Sheet(splice(self.data, [Edit(self._tag_start, self.end, body)]))
        return Sheet(splice(self.data, [Edit(self.body_start, self.body_end, body)]))

    def with_edits(self, edits: Sequence[Edit]) -> "Sheet":
        """The sheet with these edits; the same object when nothing changes."""
        data = splice(self.data, edits) if edits else self.data
        return self if data == self.data else Sheet(data)

    def with_dimension(self, first_column: int, last_column: int) -> "Sheet":
        """The sheet whose <dimension>, if it has one, covers these columns and ends at the last row."""
        dimension = self.frame.find("dimension")
        if dimension is None:
            return self
        try:
            stated = bounds(dimension.attributes.get("ref", "A1"))
        except ValueError:  # programs look for the cells themselves then
            return self
        first = next((row.number for row in self.rows if row.outer > row.inner), 1)
        last = next((row.number for row in reversed(self.rows) if row.outer > row.inner), 1)
        wanted = (first, min(stated[1], first_column), last, max(stated[3], last_column))
        if wanted == stated:
            return self
        return self.with_edits(set_attribute(self.data, dimension.start, "ref", range_name(*wanted)))


@dataclass(frozen=True)
class SharedString:
    """An entry of the workbook's shared strings; `plain` when it holds only text, without formatting."""

    text: str
    plain: bool


def cell_error(code: str) -> CellError:
    """The error that a cell of a workbook shows as `code`."""
    return error_shown(code, f"the workbook shows {code}")


def value_at(cells: Mapping[P, Cell], place: P) -> Value:
    """What a cell shows; None where the cell does not exist."""
    return cells.get(place, EMPTY).value


def read_sheet(data: bytes) -> Sheet:
    """A worksheet whose frame and rows can be read. Raises Malformed; ValueError where it is not a worksheet."""
    sheet = Sheet(data)
    root, rows = sheet.frame, sheet.rows
    if root.name != "worksheet":
        raise ValueError(f"it is a <{root.name}> of {len(rows)} rows")
    return sheet


def shared_text(strings: Sequence[str], number: str) -> str:
    """The text with that number among the workbook's shared strings. Raises ValueError."""
    if not number.isdigit() or int(number) >= len(strings):
        raise ValueError(f"it shows the shared text {number}, and the workbook has {len(strings):,} of them")
    return strings[int(number)]


def joined_text(data: bytes, prefix: bytes) -> str:
    """The text of a shared or inline string: all its runs, without phonetic hints."""
    patterns = _patterns(prefix)
    structure = without_asides(data)
    hints = [match.span() for match in patterns.aside.finditer(structure)]
    pieces = [
        unescape(data[match.start(2) : match.end(2)])
        for match in patterns.text.finditer(structure)
        if match[2] is not None and not any(start < match.start() < end for start, end in hints)
    ]
    return decoded("".join(pieces))


def read_strings(data: bytes) -> Iterator[SharedString]:
    """The entries of a shared-strings part (UTF-8, well-formed) in order."""
    check_well_formed(data)
    structure = without_asides(data)
    found = re.search(rb"<((?:[\w.-]+:)?)sst(?=[\s/>])", structure)
    prefix: bytes = found[1] if found else b""
    single = re.compile(rb"\s*<" + re.escape(prefix) + rb"t(?=[\s/>])" + TAG_REST + rb">[^<]*(?:</[^>]*>)?\s*")
    for match in _patterns(prefix).item.finditer(structure):
        content = data[match.start(2) : match.end(2)] if match[2] is not None else b""
        yield SharedString(joined_text(content, prefix), plain=single.fullmatch(content) is not None)


def decoded(text: str) -> str:
    """The text with each _xHHHH_ read as its character."""
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # two halves become one character


def date_serial(moment: datetime.date, *, date1904: bool = False) -> float:
    """The serial number of a date. Raises ValueError before the calendar begins (1900, or 1904)."""
    day = moment.toordinal() - SERIAL_ZERO.toordinal()
    if date1904:
        day -= 1462
    elif day < 61:
        day -= 1  # Excel counts a 29 February 1900 that never was
    if day < (0 if date1904 else 1):
        raise ValueError(f"{moment.isoformat()} is before the workbook's calendar begins")
    if isinstance(moment, datetime.datetime):
        since = moment - datetime.datetime.combine(moment.date(), datetime.time(), moment.tzinfo)
        return day + since / datetime.timedelta(days=1)
    return day


@cache
def _patterns(prefix: bytes) -> _Patterns:
    def element(name: bytes) -> re.Pattern[bytes]:
        tag = re.escape(prefix) + name
        content = rb"(?:(?<=/>)|(.*?)</" + tag + rb"\s*>)"
        return re.compile(rb"<" + tag + rb"(?=[\s/>])(" + TAG_REST + rb")>" + content, re.DOTALL)

    row = re.compile(rb"<" + re.escape(prefix) + rb'row(?=[\s/>])((?: r="(\d+)")?' + TAG_REST + rb")>")
    return _Patterns(row, *map(element, (b"c", b"f", b"v", b"t", b"rPh", b"si")))


def _span(number: int, match: re.Match[bytes]) -> Span:
    begin, end = match.span()
    inner, outer = match.span(2)
    return Span(number, begin, inner, outer, end) if inner >= 0 else Span(number, begin, end, end, end)


def _typed(kind: bytes, text: str, *, date1904: bool) -> Value:
    if kind == b"b":
        return text in ("1", "true")
    if kind == b"e":
        return cell_error(text)
    if kind == b"d":
        return date_serial(datetime.datetime.fromisoformat(text.removesuffix("Z")), date1904=date1904)
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text!r} is not a number that a cell can hold")
    return number


def _formula_cell(
    value: Value, formula: FormulaText, place: Position, masters: dict[bytes, tuple[Position, str]]
) -> Cell:
    array = _filled_range(formula) if formula.kind in (b"array", b"dataTable") else None
    if formula.kind == b"dataTable":
        inputs = (formula.attributes.get(name, b"").decode() for name in (b"r1", b"r2"))
        return Cell(value, f"TABLE({','.join(inputs)})", array)
    return Cell(value, _expanded(formula, place, masters), array)


def _filled_range(formula: FormulaText) -> str:
    """The cells that an array formula fills. Raises ValueError."""
    ref = formula.attributes.get(b"ref", b"").decode()
    top, left, bottom, right = bounds(ref)
    if (bottom - top + 1) * (right - left + 1) > MAX_ROW:  # more than a whole column, and no machine has room for it
        raise ValueError(f"its formula fills {ref}; let it fill no more than a column")
    return ref


def _expanded(formula: FormulaText, place: Position, masters: dict[bytes, tuple[Position, str]]) -> str:
    if formula.kind != b"shared" or formula.text:
        return formula.text
    number = formula.attributes.get(b"si", b"")
    if number not in masters:
        raise ValueError(f"it shares the formula {number.decode()!r}, which no cell holds")
    (row, column), text = masters[number]
    return translate(text, place[0] - row, place[1] - column)
