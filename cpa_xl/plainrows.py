"""Rows of a sheet in the form that most files have, read in one step each: what they hold is compared, no more."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cpa_xl.a1 import column_letters, column_number
from cpa_xl.cellxml import plain_value, same_value
from cpa_xl.markup import unescape
from cpa_xl.sheetxml import Sheet, Value, decoded, shared_text
from cpa_xl.spans import Span

_REST = (
    rb'(?: s="(\d+)")?(?: t="(s|n|inlineStr)")?'
    rb'(?: ?/>|>(?:<v>([0-9.eE+-]+)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)</c>)'
)
_CELL = re.compile(rb'<c r="([A-Z]{1,3})\d+"' + _REST)  # whatever else stands in a row brings a "<" more than these
_NAMES = re.compile(rb'<c r="([A-Z]{1,3})\d')
_BARE = re.compile(rb'<row(?: r="\d+")?(?: spans="[^"]*")?(?: x14ac:dyDescent="[^"]*")?>')


class _Columns(dict[bytes, int]):
    """The numbers of columns by their letters as they are written."""

    def __missing__(self, letters: bytes) -> int:
        self[letters] = number = column_number(letters.decode())
        return number


_COLUMNS = _Columns()


class PlainCell(NamedTuple):
    """A number, a text or nothing: style, type, <v> and the inline text as they are written, b"" where missing."""

    style: bytes
    kind: bytes
    value: bytes
    text: bytes


def plain_cells(sheet: Sheet, row: Span) -> Mapping[int, PlainCell] | None:
    """The cells of a row by column; None where the row or one of them is written in another way, or holds more.

    A row is plain when it states its number and holds numbers, shared and inline texts without formatting, and empty
    cells, without prefixes, comments and formulas.
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
    """What the cells of a column show, by row; None where they or others are written in another way, or hold more."""
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


def _value(cell: PlainCell, strings: Sequence[str]) -> Value:
    if cell.kind == b"s":
        return shared_text(strings, cell.value.decode())
    if cell.kind == b"inlineStr":
        return decoded(unescape(cell.text))
    return float(cell.value) if cell.value else None


def first_cell(sheet: Sheet, row: Span) -> tuple[int, PlainCell] | None:
    """The column of a row's first cell, and the cell; None where it is written in another way, or holds more."""
    found = None if sheet.prefix else _CELL.match(sheet.data, row.inner, row.outer)
    return None if found is None else (_COLUMNS[found[1]], PlainCell._make(part or b"" for part in found.groups()[1:]))


def holds_only(sheet: Sheet, row: Span, columns: frozenset[bytes]) -> bool:
    """Whether a row says nothing but its number, and all its cells stand in these columns (their letters)."""
    if sheet.prefix or _BARE.fullmatch(sheet.data, row.start, row.inner) is None:
        return False
    names = _NAMES.findall(sheet.data, row.inner, row.outer)
    return len(names) == sheet.data.count(b"<c", row.inner, row.outer) and columns.issuperset(names)


def shows(cell: PlainCell | None, value: object, strings: Sequence[str], *, date1904: bool) -> bool:
    """Whether a cell shows this value already, which is one that a cell can hold."""
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
