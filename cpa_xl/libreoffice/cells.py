"""Arguments of cell functions as LibreOffice Calc passes them, and answers as Calc takes them.

Calc passes values to an add-in, not references: a blank cell arrives as 0, and a range that holds an error does not
arrive at all. So `libreoffice.formulas` wraps each reference in a function that takes ranges. That function passes on a
text in place of the range, and this module reads the range itself. Blanks stay blank, errors keep their code, TRUE
stays TRUE, and a whole column ends with the used part of the sheet.
"""

import math
import struct
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cpa_xl.errors import CellError, error_shown
from cpa_xl.functions.explain import Given
from cpa_xl.functions.registry import CellFunction

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
_NO_NUMBER = 0x7FF8 << 48  # the bits of a quiet NaN; Calc reads the error from the lowest 32

STANDS_FOR = "\ue000cpa_xl"  # begins the text that represents a range
MOST_WAITING = 100_000  # Calc nests no calls so deep, and no answer has so many cells
FULL_COLUMN, FULL_ROW = 1_048_576, 16_384
FORMULA_CELLS = 16  # com.sun.star.sheet.CellFlags.FORMULA
BOOLEAN_FORMAT, FORMATS_OF_A_LANGUAGE = 99, 10_000  # each language numbers its standard formats from such a multiple

CalcRange = Any  # com.sun.star.table.XCellRange; objects of LibreOffice carry no types
DataArray = list[list[object]]
Recorded = list[tuple[str, list[Given]]]  # names and arguments of calls, in the order they came


def calc_error(number: int) -> CellError:
    """The error with this number in Calc, with its standard text."""
    return error_shown(_TEXTS.get(number, f"{_OWN_CODE}{number}"))


def calc_error_number(error: CellError) -> int:
    """Calc's number of an error."""
    if error.code.startswith(_OWN_CODE):
        return int(error.code.removeprefix(_OWN_CODE))
    return CODES.get(error.code, CODES["#VALUE!"])


def as_nan(error: CellError) -> float:
    """An error as Calc takes it for a number: a NaN with the error's number in its lowest bits."""
    (nan,) = struct.unpack("<d", struct.pack("<Q", _NO_NUMBER | calc_error_number(error)))
    return float(nan)


def _from_value(value: object) -> object:
    """A value from Calc; a NaN in an array becomes the error that it encodes."""
    if isinstance(value, float) and math.isnan(value):
        (bits,) = struct.unpack("<Q", struct.pack("<d", value))
        return calc_error(bits & 0xFFFFFFFF or CODES["#NUM!"])
    return value


@dataclass(frozen=True)
class Array:
    """An answer of many cells and the UNO type of its rows.

    Calc returns texts of a mixed array in a form that equals nothing, not even itself. In an array formula Calc can ask
    a function for each cell, so there the rows are numbers that `take_part` looks up.
    """

    kind: str
    rows: tuple[tuple[float | str, ...], ...]


class Waiting:
    """What a function has passed to the function around it, which has not been called yet."""

    def __init__(self) -> None:
        self._things: OrderedDict[float, Any] = OrderedDict()
        self._count = 0

    def put(self, thing: Any) -> int:
        """Keep a thing; the number to take it by."""
        self._count += 1
        self._things[self._count] = thing
        if len(self._things) > MOST_WAITING:  # of calls that never came, for an error beside the range
            self._things.popitem(last=False)
        return self._count

    def take(self, number: float) -> Any:
        """The thing, which is then forgotten; None where it is not there."""
        return self._things.pop(number, None)

    def put_range(self, cells: CalcRange, *, array: bool = False) -> str:
        """A text that represents a range as an argument, in an array formula or elsewhere."""
        return f"{STANDS_FOR}{'a' if array else ''}:{self.put(cells)}"

    def take_range(self, text: str) -> CalcRange:
        """The range that a text represents."""
        return self.take(int(text.rpartition(":")[2]))

    @staticmethod
    def put_boolean(value: float) -> str:
        """A text that represents TRUE or FALSE as an argument."""
        return f"{STANDS_FOR}b:{int(value)}"

    def take_part(self, number: float) -> object:
        """What one cell of an answer holds."""
        part = self.take(number)
        return as_nan(calc_error(CODES["#VALUE!"])) if part is None else part


def call(function: CellFunction, given: Sequence[object], waiting: Waiting, recorded: Recorded | None = None) -> object:
    """The answer of a cell function to arguments from Calc: a number, a text, or an array of them.

    Errors are NaN; no CellError is raised. With `recorded`, the call is added to it.
    """
    array = any(isinstance(value, str) and value.startswith(STANDS_FOR + "a") for value in given)
    sources: list[str] | None = None if recorded is None else []
    read = arguments(given, waiting, sources)
    if recorded is not None and sources is not None:
        recorded.append((function.name, [Given(*each) for each in zip(read, sources, strict=True)]))
    try:
        answer = function(*read)
    except CellError as error:
        return as_nan(error)
    if not isinstance(answer, list):
        return float(waiting.put(answer)) if array else answer
    rows = tuple(tuple(as_nan(cell) if isinstance(cell, CellError) else cell for cell in row) for row in answer)
    if array:
        return Array("[][]double", tuple(tuple(float(waiting.put(cell)) for cell in row) for row in rows))
    only_text = all(isinstance(cell, str) for row in rows for cell in row)
    return Array("[][]string" if only_text else "[][]any", rows)


def arguments(given: Sequence[object], waiting: Waiting, sources: list[str] | None = None) -> list[object]:
    """Arguments as cell functions take them; where each came from ("Data.B2:B13") goes to `sources`."""
    cut: list[tuple[int, DataArray]] = []
    read: list[object] = []
    for value in given:
        source = ""
        if isinstance(value, str) and value.startswith(STANDS_FOR):
            if value.startswith(f"{STANDS_FOR}b"):
                read.append(value.endswith("1"))
            else:
                cells = waiting.take_range(value)
                read.append(_from_range(cells, cut))
                source = "" if sources is None else str(cells.AbsoluteName).replace("$", "")
        elif isinstance(value, tuple):
            read.append([[_from_value(cell) for cell in row] for row in value])
        else:
            read.append(_from_value(value))
        if sources is not None:
            sources.append(source)
    _pad(cut)
    return read


def _from_range(cells: CalcRange, cut: list[tuple[int, DataArray]]) -> object:
    rows = read_range(cells, cut)
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows


def read_range(cells: CalcRange, cut: list[tuple[int, DataArray]]) -> DataArray:
    """The cells of a range; where it is cut to the used part of its sheet, its height and rows go to `cut`."""
    place = cells.getRangeAddress()
    rows, columns = place.EndRow - place.StartRow + 1, place.EndColumn - place.StartColumn + 1
    whole = rows >= FULL_COLUMN or columns >= FULL_ROW
    used = _used_part(cells, place) if whole else cells
    found = [list(row) for row in used.getDataArray()]
    _tell_apart(used, found)
    if whole:
        cut.append((rows, found))
    return found


def _used_part(cells: CalcRange, place: Any) -> CalcRange:
    sheet = cells.getSpreadsheet()
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    end = cursor.getRangeAddress()
    last_row = max(place.StartRow, min(place.EndRow, end.EndRow))
    last_column = max(place.StartColumn, min(place.EndColumn, end.EndColumn))
    return sheet.getCellRangeByPosition(place.StartColumn, place.StartRow, last_column, last_row)


def _pad(cut: Sequence[tuple[int, DataArray]]) -> None:
    """Ranges of one height stay of one height, though their sheets end in different rows."""
    for height, rows in cut:
        tallest = max(len(others) for other_height, others in cut if other_height == height)
        rows.extend([None] * len(rows[0]) for _ in range(tallest - len(rows)))


def _tell_apart(cells: CalcRange, rows: DataArray) -> None:
    """Put errors and booleans in the place of what Calc gives for them: nothing, and 1 or 0."""
    booleans: bool | None = None
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value is None:
                cell = cells.getCellByPosition(column, row)
                values[column] = calc_error(cell.getError())
            elif value in (0.0, 1.0):
                booleans = _may_hold_booleans(cells) if booleans is None else booleans
                if booleans and _is_boolean(cells.getCellByPosition(column, row).NumberFormat):
                    values[column] = bool(value)


def _may_hold_booleans(cells: CalcRange) -> bool:
    """False where all cells are constants of one format, which is not that of booleans; asking each takes its time."""
    common = cells.NumberFormat
    if common is None or _is_boolean(common):
        return True
    formulas = cells.queryContentCells(FORMULA_CELLS)
    return bool(formulas.getCount())


def _is_boolean(number_format: int) -> bool:
    """Whether numbers are shown as TRUE and FALSE, which is Calc's one mark of a boolean."""
    return number_format % FORMATS_OF_A_LANGUAGE == BOOLEAN_FORMAT
