"""Rows of a sheet in the form that most files have, read in one step each: what they hold is compared, no more."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cpa_xl.a1 import column_number
from cpa_xl.cellxml import plain_value, same_value
from cpa_xl.markup import unescape
from cpa_xl.sheetxml import Sheet, decoded
from cpa_xl.spans import Span

_CELL = re.compile(  # whatever else stands in a row brings a "<" more than these
    rb'<c r="([A-Z]{1,3})\d+"(?: s="(\d+)")?(?: t="(s|n|inlineStr)")?'
    rb'(?: ?/>|>(?:<v>([0-9.eE+-]+)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)</c>)'
)
_CALCULATED = re.compile(
    rb'<c r="([A-Z]{1,3})\d+"(?: s="(\d+)")?(?: t="(?:n|str|b|e)")?(?: cm="(\d+)")?>'
    rb'<f(?: t="array" ref="[A-Z]{1,3}\d+")?>([^<]*)</f>(<v>[^<]*</v>|<v/>)?</c>'
)
_NAMES = re.compile(rb'<c r="([A-Z]{1,3})\d')
_BARE = re.compile(rb'<row(?: r="\d+")?(?: spans="[^"]*")?(?: x14ac:dyDescent="[^"]*")?>')


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
    found = _CELL.findall(sheet.data, row.inner, row.outer)
    tags = sum(6 if kind == b"inlineStr" else 4 if value else 1 for _, _, kind, value, _ in found)
    if tags != sheet.data.count(b"<", row.inner, row.outer):
        return None
    cells = {column_number(letters.decode()): PlainCell(*rest) for letters, *rest in found}
    return cells if len(cells) == len(found) else None


def shows(cell: PlainCell | None, value: object, strings: Sequence[str], *, date1904: bool) -> bool:
    """Whether a cell shows this value already, which is one that a cell can hold."""
    if cell is None:
        return value is None
    if cell.kind == b"s":
        return isinstance(value, str) and strings[int(cell.value)] == value
    if cell.kind == b"inlineStr":
        return isinstance(value, str) and decoded(unescape(cell.text)) == value
    if not cell.value or value is None:
        return not cell.value and value is None
    if type(value) is float or type(value) is int:
        return float(cell.value) == value
    return not isinstance(value, str) and same_value(float(cell.value), plain_value(value, date1904=date1904))
