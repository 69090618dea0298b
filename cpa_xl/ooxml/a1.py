"""Cells and ranges in A1 notation: reads, writes and moves them inside formulas. Nothing is calculated here."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384

# The pieces of a formula that matter for references. The first alternative that fits wins.
_SHEET = r"(?:'(?:[^']|'')*'|(?:\[\d+\])?[^\W\d][\w.]*(?::[^\W\d][\w.]*)?)!"
_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}"
_COLUMNS = r"\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}"
_ROWS = r"\$?[1-9]\d{0,6}:\$?[1-9]\d{0,6}"
_TOKEN = re.compile(
    rf"""(?P<text>"(?:[^"]|"")*")
    |(?P<sheet>{_SHEET})?(?P<area>{_CELL}:{_CELL}|{_COLUMNS}|{_ROWS}|{_CELL})(?![\w.(\[!$?\\])
    |(?P<brackets>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])
    |(?P<word>{_SHEET}|[\w.$?\\]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_CORNER = re.compile(r"(?:(\$?)([A-Za-z]{1,3}))?(?:(\$?)([1-9]\d{0,6}))?")
_PLAIN_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")


@dataclass(frozen=True)
class Corner:
    """One corner of an area; row or column is None in whole columns or rows."""

    row: int | None
    column: int | None
    row_fixed: bool = False
    column_fixed: bool = False

    def __str__(self) -> str:
        column = "" if self.column is None else ("$" if self.column_fixed else "") + column_letters(self.column)
        return column + ("" if self.row is None else ("$" if self.row_fixed else "") + str(self.row))

    def moved(self, rows: int, columns: int) -> "Corner | None":
        """The corner after its formula is copied that far; None beyond the sheet's edge."""
        row = self.row if self.row is None or self.row_fixed else self.row + rows
        column = self.column if self.column is None or self.column_fixed else self.column + columns
        if not (row is None or 1 <= row <= MAX_ROW) or not (column is None or 1 <= column <= MAX_COLUMN):
            return None
        return replace(self, row=row, column=column)


@dataclass(frozen=True)
class A1Reference:
    """A cell (`last` is None) or a range in a formula; `sheet` is the name before the "!", or None.

    Its text is the reference without the sheet.
    """

    sheet: str | None
    first: Corner
    last: Corner | None = None

    def __str__(self) -> str:
        return str(self.first) if self.last is None else f"{self.first}:{self.last}"

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """First row, first column, last row, last column."""
        corners = (self.first, self.last or self.first)
        rows = [corner.row for corner in corners if corner.row is not None] or [1, MAX_ROW]
        columns = [corner.column for corner in corners if corner.column is not None] or [1, MAX_COLUMN]
        return min(rows), min(columns), max(rows), max(columns)


@cache
def column_letters(column: int) -> str:
    """1 is "A", 27 is "AA"."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@cache
def column_number(letters: str) -> int:
    """The number of a column: "A" is 1, "AA" is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def cell_name(row: int, column: int) -> str:
    """(2, 3) is "C2"."""
    return f"{column_letters(column)}{row}"


def cell_position(name: str) -> tuple[int, int]:
    """Row and column of "C2" or "$C$2". Raises ValueError."""
    match = _PLAIN_CELL.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is not a cell")
    return int(match[2]), column_number(match[1])


def range_name(first_row: int, first_column: int, last_row: int, last_column: int) -> str:
    """The range as the files write it: "B2:C9", or "B2" for a single cell."""
    first, last = cell_name(first_row, first_column), cell_name(last_row, last_column)
    return first if first == last else f"{first}:{last}"


def bounds(text: str) -> tuple[int, int, int, int]:
    """First row, first column, last row, last column of "B2:C9", "$B$2", "B:C", "2:9". Raises ValueError."""
    return _area(None, text).bounds


@lru_cache(maxsize=16_384)
def _corner(text: str) -> Corner:
    match = _CORNER.fullmatch(text)
    if match is None or not text:
        raise ValueError(f"{text!r} is not a cell, column or row")
    row = int(match[4]) if match[4] else None
    column = column_number(match[2]) if match[2] else None
    if (column or 1) > MAX_COLUMN or (row or 1) > MAX_ROW:
        raise ValueError(f"{text!r} lies beyond the sheet's edge")
    return Corner(row, column, bool(match[3]), bool(match[1]))


def _area(sheet: str | None, text: str) -> A1Reference:
    first, _, last = text.partition(":")
    if sheet is not None:
        sheet = sheet[:-1]
        sheet = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
    return A1Reference(sheet, _corner(first), _corner(last) if last else None)


def rewrite_areas(formula: str, change: Callable[[A1Reference], A1Reference | str | None]) -> str:
    """The formula after `change` has seen each A1 reference and returned another area of the same sheet, or a text.

    None keeps a reference as it is written. Text in quotes, structured references and names stay.
    """

    def one(match: re.Match[str]) -> str:
        if match["area"] is None:
            return match[0]
        try:
            area = _area(match["sheet"], match["area"])
        except ValueError:
            return match[0]
        changed = change(area)
        if changed is None or changed == area:
            return match[0]
        if isinstance(changed, str):
            return changed
        return (match["sheet"] or "") + str(changed)  # the sheet stays as it was written

    return _TOKEN.sub(one, formula)


def single_area(text: str) -> A1Reference | None:
    """The cell or range that the text names; None when the text is anything else."""
    match = _TOKEN.fullmatch(text.strip())
    if match is None or match["area"] is None:
        return None
    try:
        return _area(match["sheet"], match["area"])
    except ValueError:
        return None


def translate(formula: str, rows: int, columns: int) -> str:
    """The text of a copy of the formula, `rows` further down and `columns` further right."""

    def moved(area: A1Reference) -> A1Reference | str:
        first = area.first.moved(rows, columns)
        last = area.last.moved(rows, columns) if area.last else None
        if first is None or (area.last is not None and last is None):
            return "#REF!"
        return replace(area, first=first, last=last)

    return rewrite_areas(formula, moved) if rows or columns else formula


def has_relative_rows(formula: str) -> bool:
    """Whether a copy of the formula in another row reads differently."""
    return translate(formula, 1, 0) != formula
