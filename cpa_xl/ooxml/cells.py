"""Cells as bytes: writes values, results of formulas, and the rows that hold them."""

import datetime
import math
import numbers
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from cpa_xl.errors import CellError
from cpa_xl.ooxml.a1 import MAX_ROW, cell_name
from cpa_xl.ooxml.sheet import Sheet, Span, Value, date_serial
from cpa_xl.ooxml.xml import Edit, attributes, escape, set_attribute, splice

_EXACT = 10**15  # integers below it are written digit by digit
LONGEST_TEXT = 32_767  # UTF-16 units: what a cell of Excel holds
_TO_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_REMEMBERED = 50_000  # texts and dates written once and used again
_SAYS_NOTHING = {b"r", b"spans", b"ht", b"dyDescent"}  # attributes that a row without cells does not need


class _Remembered(dict[object, str]):
    """Keeps what was made of a value for the next time."""

    def __init__(self, make: Callable[[object], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: object) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[value] = made = self._make(value)
        return made


@dataclass(frozen=True)
class ValueWriter:
    """Writes values for one sheet, with its XML prefix, the workbook's shared strings and its calendar.

    The end of a cell is all that follows its style, from the type attribute on; "" where a cell holds nothing.
    """

    prefix: str
    strings: Mapping[str, int] = field(repr=False)
    date1904: bool = False

    def end(self, value: object) -> str:
        """The end of a cell that holds this value. Raises ValueError, which says why a cell cannot hold it."""
        kind, content = self._text(value) if isinstance(value, str) else self.result(value)
        return self._end(kind, content) if content else ""

    def ends(self, values: Sequence[object]) -> list[str]:
        """The ends of cells that hold these values; fast where all values have one of the usual types."""
        kinds = set(map(type, values))
        if kinds <= {str, datetime.date}:
            return list(map(self._known.__getitem__, values))
        if kinds == {float}:
            return self._fractions(values)
        if kinds == {int} and max(map(abs, values)) < _EXACT:  # type: ignore[arg-type]  # each is an int
            return list(map(self._number.__mod__, values))
        return [self.end(value) for value in values]

    def _fractions(self, values: Sequence[object]) -> list[str]:
        """`ends` for floats: what `number_text` gives, without a call for each."""
        begin, _, end = self._number.partition("%d")
        return [
            self.end(value)
            if "e" in text or "n" in text or text == "-0.0"
            else f"{begin}{text[:-2]}{end}"
            if text[-2:] == ".0"
            else f"{begin}{text}{end}"
            for value, text in zip(values, map(repr, values), strict=True)
        ]

    @cached_property
    def _known(self) -> _Remembered:
        return _Remembered(self.end)

    @cached_property
    def _number(self) -> str:
        return self._end("", f"<{self.prefix}v>%d</{self.prefix}v>")

    def _end(self, kind: str, content: str) -> str:
        kind = f' t="{kind}"' if kind else ""
        return f"{kind}>{content}</{self.prefix}c>"

    def result(self, value: object) -> tuple[str, str]:
        """The type attribute and the <v> of a formula's result; ("", "") for None. Raises ValueError."""
        plain = plain_value(value, date1904=self.date1904)
        if plain is None:
            return "", ""
        if isinstance(plain, str):
            space = ' xml:space="preserve"' if plain != plain.strip() else ""
            return "str", f"<{self.prefix}v{space}>{encoded(plain)}</{self.prefix}v>"
        kind, text = "", ""
        if isinstance(plain, bool):
            kind, text = "b", str(int(plain))
        elif isinstance(plain, CellError):
            kind, text = "e", escape(plain.code).decode()
        else:
            text = number_text(plain)
        return kind, f"<{self.prefix}v>{text}</{self.prefix}v>"

    def _text(self, value: str) -> tuple[str, str]:
        if value in self.strings:
            return "s", f"<{self.prefix}v>{self.strings[value]}</{self.prefix}v>"
        plain_value(value)
        space = ' xml:space="preserve"' if value != value.strip() else ""
        p = self.prefix
        return "inlineStr", f"<{p}is><{p}t{space}>{encoded(value)}</{p}t></{p}is>"

    def cell(self, name: str, style: str, value: object) -> str:
        """A whole cell with a constant; "" where there is neither value nor style."""
        end = self.end(value) or ("/>" if style else "")
        return f'<{self.prefix}c r="{name}"{style}{end}' if end else ""


def plain_value(value: object, *, date1904: bool = False) -> Value:
    """A value as a cell holds it: dates as serial numbers, every number a float. Raises ValueError with the reason."""
    if value is None or isinstance(value, bool | CellError):
        return value
    if isinstance(value, str):
        if len(value.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_TEXT:
            raise ValueError(f"the text has {len(value):,} characters, and a cell holds {LONGEST_TEXT:,}")
        return value
    if isinstance(value, datetime.date):
        return float(date_serial(value, date1904=date1904))
    if not isinstance(value, numbers.Real | Decimal):
        raise ValueError(f"a cell cannot hold a {type(value).__name__}; it holds numbers, text, dates, true or false")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a number that a cell can hold; leave the cell empty instead")
    if isinstance(value, numbers.Integral) and int(number) != int(value):
        raise ValueError(f"{value} has more digits than a number in a cell; give it as text")
    return number


def same_value(one: Value, other: Value) -> bool:
    """Whether a cell shows the same: 1 and TRUE differ; errors are equal if their codes are."""
    if isinstance(one, CellError) or isinstance(other, CellError):
        return isinstance(one, CellError) and isinstance(other, CellError) and one.code == other.code
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def encoded(text: str) -> str:
    """Text for <t> or <v>: what XML forbids, and what looks like an escape, becomes _xHHHH_."""
    return escape(_TO_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)).decode()


def number_text(value: float) -> str:
    """A finite number as cells write it: the shortest text that reads back as the same number."""
    return repr(float(value)).upper().removesuffix(".0") if value else "0"


def formula_element(text: str, prefix: str, extra: str = "") -> str:
    """An <f> with this text; `extra` holds further attributes, ready to write."""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<{prefix}f{extra}{space}>{escape(text).decode()}</{prefix}f>"


def result_edits(sheet: Sheet, cell: Span, kind: str, content: str) -> list[Edit]:
    """Edits that give a formula cell another result: only t= and <v> change."""
    old = sheet.cell_attributes(cell).get(b"t", b"n").decode()
    edits = [] if (kind or "n") == old else set_attribute(sheet.data, cell.start, "t", kind or None)
    value, formula = sheet.value_span(cell), sheet.formula_span(cell)
    if value is not None:
        return [*edits, Edit(value.start, value.end, content.encode())]
    if cell.inner == cell.end and content:  # a cell that an array fills, without a value so far
        tag = splice(sheet.data[cell.start : cell.inner], _shifted(edits, -cell.start))[:-2].rstrip()
        whole = b"%s>%s</%sc>" % (tag, content.encode(), sheet.prefix)
        return [Edit(cell.start, cell.end, whole)]
    begin = formula.end if formula else cell.inner
    end = cell.outer if old == "inlineStr" else begin  # an inline result is in <is>, which goes
    return [*edits, Edit(begin, end, content.encode())]


def _shifted(edits: Iterable[Edit], by: int) -> list[Edit]:
    return [Edit(edit.start + by, edit.end + by, edit.new) for edit in edits]


def assembled_row(sheet: Sheet, row: Span, present: Iterable[Span], columns: tuple[int, int], cells: bytes) -> bytes:
    """A row whose cells in these columns (first, last) are now `cells`; b"" when nothing is left.

    present: the cells that the row has. Those beside the columns and the row's own attributes stay.
    """
    before, after = [], []
    for cell in present:
        if cell.number < columns[0]:
            before.append(stated_cell(sheet, cell, row.number))
        elif cell.number > columns[1]:
            after.append(stated_cell(sheet, cell, row.number))
    content = b"".join((*before, cells, *after))
    if content == sheet.data[row.inner : row.outer] and b"r" in sheet.cell_attributes(row):
        return sheet.data[row.start : row.end]
    tag = row_tag(sheet, row)
    if content:
        return b"%s%s</%srow>" % (tag, content, sheet.prefix)
    stated = {name.rpartition(b":")[2] for name in attributes(tag)}
    return tag[:-1] + b"/>" if stated - _SAYS_NOTHING else b""


def new_row(sheet: Sheet, number: int, cells: bytes, extra: bytes = b"") -> bytes:
    """A new row; `extra` holds attributes, ready to write."""
    return b'<%srow r="%d"%s>%s</%srow>' % (sheet.prefix, number, extra, cells, sheet.prefix) if cells else b""


def row_tag(sheet: Sheet, row: Span) -> bytes:
    """A row's start tag for changed cells: with its number, without `spans`."""
    tag = sheet.data[row.start : row.inner]
    if row.inner == row.end:
        tag = tag[:-2].rstrip() + b">"
    tag = splice(tag, set_attribute(tag, 0, "spans", None))
    return splice(tag, set_attribute(tag, 0, "r", str(row.number)))


def stated_cell(sheet: Sheet, cell: Span, row: int) -> bytes:
    """The bytes of a cell; a cell without a name gets one."""
    raw = sheet.data[cell.start : cell.end]
    if b"r" in sheet.cell_attributes(cell):
        return raw
    return splice(raw, set_attribute(raw, 0, "r", cell_name(row, cell.number)))


def with_rows_put(sheet: Sheet, first: int, last: int, rows: bytes) -> Sheet:
    """The sheet with `rows` in place of the rows first..last; the row after them gets its number."""
    later = next(sheet.rows.between(last + 1, MAX_ROW), None)
    behind = later.start if later else sheet.body_end
    begin, end = sheet.rows.extent(first, last) or (behind, behind)
    rest = sheet.data[end : sheet.body_end]
    if later is not None and b"r" not in attributes(sheet.data[later.start : later.inner]):
        named = set_attribute(sheet.data, later.start, "r", str(later.number))
        rest = splice(rest, _shifted(named, -end))
    return sheet.with_body(sheet.data[sheet.body_start : begin] + rows + rest)


def default_style(sheet: Sheet, row: int, column: int) -> str:
    """The style attribute of a cell that does not exist yet: the row's, else the column's."""
    span = sheet.rows.get(row)
    if span is not None:
        tag = sheet.cell_attributes(span)
        if tag.get(b"customFormat") in (b"1", b"true") and b"s" in tag:
            return f' s="{tag[b"s"].decode()}"'
    style = sheet.column_style(column)
    return f' s="{style.decode()}"' if style and style != b"0" else ""


def cell_style(sheet: Sheet, cell: Span | None, row: int, column: int) -> str:
    """The style attribute of a cell, ready to write (" s=..." or ""); for a missing cell, that of its place."""
    if cell is None:
        return default_style(sheet, row, column)
    style = sheet.cell_attributes(cell).get(b"s")
    return f' s="{style.decode()}"' if style and style != b"0" else ""
