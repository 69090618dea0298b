"""Cells of LibreOffice Calc as cell functions take them, and their answers as Calc takes them.

Calc hands an add-in values, never references: a blank cell would be 0, and a range with an error in it would not be
handed over at all. So references in formulas are wrapped in a function of ours that takes ranges
(`calcformulas`); it hands on a text that stands for the range, and the range is read here: blanks stay blank,
errors keep their code, whole columns end where the sheet does, TRUE is TRUE.
"""

import struct
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from cpa_xl.cells import CellFunction
from cpa_xl.errors import CellError, EmptyDenominator, Impossible, MissingData, WrongArgument

CODES = {
    "#NUM!": 503,
    "#VALUE!": 519,
    "#NULL!": 521,
    "#REF!": 524,
    "#NAME?": 525,
    "#DIV/0!": 532,
    "#N/A": 32767,
}  # Calc's numbers of the errors that Excel has too
_TEXTS = {number: code for code, number in CODES.items()}
_OWN_CODE = "Err:"  # what Calc shows for an error that Excel does not have
_KINDS = {kind.code: kind for kind in (MissingData, WrongArgument, Impossible, EmptyDenominator)}
_NO_NUMBER = 0x7FF8 << 48  # the bits of a quiet NaN; Calc reads the error from the lowest 32

STANDS_FOR = "\ue000cpa_xl:"  # begins the text that stands for a range
MOST_WAITING = 100_000  # texts that stand for ranges and have not been asked for; Calc nests no call so deep
FULL_COLUMN, FULL_ROW = 1_048_576, 16_384

Range = Any  # com.sun.star.table.XCellRange; objects of LibreOffice carry no types
Cells = list[list[object]]


def error_of(number: int) -> CellError:
    """The error that Calc counts as `number`, without words of its own."""
    code = _TEXTS.get(number, f"{_OWN_CODE}{number}")
    error = _KINDS.get(code, CellError)()
    error.code = code
    return error


def number_of(error: CellError) -> int:
    """Calc's number of an error."""
    if error.code.startswith(_OWN_CODE):
        return int(error.code.removeprefix(_OWN_CODE))
    return CODES.get(error.code, CODES["#VALUE!"])


def as_nan(error: CellError) -> float:
    """An error as Calc takes it for a number: a NaN with the error's number in its lowest bits."""
    (nan,) = struct.unpack("<d", struct.pack("<Q", _NO_NUMBER | number_of(error)))
    return float(nan)


def _from_value(value: object) -> object:
    """A value as Calc hands it over, or a NaN of an array as the error that it stands for."""
    if isinstance(value, float) and value != value:
        (bits,) = struct.unpack("<Q", struct.pack("<d", value))
        return error_of(bits & 0xFFFFFFFF or CODES["#NUM!"])
    return value


class Waiting:
    """Ranges that a formula has named and the function around it has not yet asked for."""

    def __init__(self) -> None:
        self._ranges: OrderedDict[str, Range] = OrderedDict()
        self._count = 0

    def put(self, cells: Range) -> str:
        """A text that stands for the range until the function around it is called."""
        self._count += 1
        text = f"{STANDS_FOR}{self._count}"
        self._ranges[text] = cells
        if len(self._ranges) > MOST_WAITING:  # of calls that never came, for an error beside the range
            self._ranges.popitem(last=False)
        return text

    def take(self, text: str) -> Range:
        """The range that a text stands for; None where it has been taken."""
        return self._ranges.pop(text, None)


def call(function: CellFunction, given: Sequence[object], waiting: Waiting) -> object:
    """The answer of a cell function to arguments as Calc hands them over.

    Numbers and texts as they are, errors as NaN, tables as tuples of rows. Never raises a CellError.
    """
    try:
        return _to_calc(function(*arguments(given, waiting)))
    except CellError as error:
        return as_nan(error)


def arguments(given: Sequence[object], waiting: Waiting) -> list[object]:
    """Arguments as cell functions take them."""
    heights: list[tuple[int, Cells]] = []
    read = []
    for value in given:
        if isinstance(value, str) and value.startswith(STANDS_FOR):
            cells = waiting.take(value)
            rows = read_range(cells, heights) if cells is not None else [[error_of(CODES["#REF!"])]]
            read.append(rows[0][0] if len(rows) == len(rows[0]) == 1 else rows)
        elif isinstance(value, tuple):
            read.append([[_from_value(cell) for cell in row] for row in value])
        else:
            read.append(_from_value(value))
    _pad(heights)
    return read


def _to_calc(answer: object) -> object:
    if isinstance(answer, list):
        return tuple(tuple(as_nan(cell) if isinstance(cell, CellError) else cell for cell in row) for row in answer)
    return answer


def read_range(cells: Range, heights: list[tuple[int, Cells]]) -> Cells:
    """The cells of a range; where it is cut to the used part of its sheet, its rows and its height go to `heights`."""
    place = cells.getRangeAddress()
    rows, columns = place.EndRow - place.StartRow + 1, place.EndColumn - place.StartColumn + 1
    cut = _used_part(cells, place) if rows >= FULL_COLUMN or columns >= FULL_ROW else cells
    found = [list(row) for row in cut.getDataArray()]
    _tell_apart(cut, found)
    if cut is not cells:
        heights.append((rows, found))
    return found


def _used_part(cells: Range, place: Any) -> Range:
    sheet = cells.getSpreadsheet()
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    end = cursor.getRangeAddress()
    last_row = max(place.StartRow, min(place.EndRow, end.EndRow))
    last_column = max(place.StartColumn, min(place.EndColumn, end.EndColumn))
    return sheet.getCellRangeByPosition(place.StartColumn, place.StartRow, last_column, last_row)


def _pad(heights: Sequence[tuple[int, Cells]]) -> None:
    """Ranges of one height stay of one height, though their sheets end in different rows."""
    for height, rows in heights:
        tallest = max(len(others) for other_height, others in heights if other_height == height)
        rows.extend([None] * len(rows[0]) for _ in range(tallest - len(rows)))


def _tell_apart(cells: Range, rows: Cells) -> None:
    """Put errors and booleans in the place of what Calc gives for them: nothing, and 1 or 0."""
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value is None:
                values[column] = error_of(cells.getCellByPosition(column, row).getError())
            elif value == 1.0 or value == 0.0:
                values[column] = _maybe_boolean(cells.getCellByPosition(column, row), value)


def _maybe_boolean(cell: Any, value: object) -> object:
    """A 1 or 0 that is shown as a word is a boolean; Calc has no other mark for the result of a formula."""
    shown = cell.getString()
    return bool(value) if shown.isalpha() else value


CallFunction = Callable[[CellFunction, Sequence[object], Waiting], object]
