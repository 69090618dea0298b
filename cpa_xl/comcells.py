"""Cells as Excel hands them over through COM (pywin32), and answers in the form that Excel takes.

Excel gives a range as a tuple of rows and a single cell as its value: numbers as floats, dates as serial numbers or
as times, blanks as None, and errors as integers (SCODEs, 0x800A0000 and the number that CVErr takes). Python's own
integers reach Excel as VT_I4, so no number among the answers may be one.

pywin32 has no way to give such an error back: `VARIANT(VT_ERROR, n)` arrives as "argument missing" whatever n is
(`PythonOleArgHelper::MakeObjToVariant`). So there are two conventions, `Errors`, one for each kind of wrapper.
"""

import datetime as dt
import math
from collections.abc import Sequence
from enum import Enum
from importlib import import_module
from itertools import chain

from cpa_xl.cells import CellFunction
from cpa_xl.errors import CellError, EmptyDenominator, Impossible, MissingData, WrongArgument

_BASE = -0x80000000 + 0x000A0000  # FACILITY_CONTROL; the xlCVError number is added
_LAST = _BASE + 2300  # Excel's own numbers are 2000 to 2222; no cell of ours holds a whole number near these
ERROR_NUMBERS = {
    "#NULL!": 2000,
    "#DIV/0!": 2007,
    "#VALUE!": 2015,
    "#REF!": 2023,
    "#NAME?": 2029,
    "#NUM!": 2036,
    "#N/A": 2042,
    "#GETTING_DATA": 2043,
    "#SPILL!": 2045,
    "#CONNECT!": 2046,
    "#BLOCKED!": 2047,
    "#UNKNOWN!": 2048,
    "#FIELD!": 2049,
    "#CALC!": 2050,
}
_CODES = {_BASE + number: code for code, number in ERROR_NUMBERS.items()}
_KINDS = {kind.code: kind for kind in (MissingData, WrongArgument, Impossible, EmptyDenominator)}
_LONGEST = 32_767  # characters of text in a cell
_DAY_0 = dt.date(1899, 12, 30)


class Errors(Enum):
    """How an error is given back.

    NUMBER: the SCODE as an integer, which VBA receives as a Long and nothing else does (numbers are Doubles). The
    wrapper turns every Long of the answer into an error: `CVErr(answer And &HFFFF&)`.
    VARIANT: an error that passes through wrappers which hand on what they get. The cell shows an error, never text or
    a number, but Excel is not told which one.
    """

    NUMBER = "number"
    VARIANT = "variant"

    def shown(self, error: CellError) -> object:
        """An error in the form that a wrapper takes; those that Excel has no number for are #VALUE!."""
        scode = _BASE + ERROR_NUMBERS.get(error.code, ERROR_NUMBERS["#VALUE!"])
        if self is Errors.NUMBER:
            return scode
        return import_module("win32com.client").VARIANT(import_module("pythoncom").VT_ERROR, scode)


def cell_error(scode: int) -> CellError:
    """The error that an integer of Excel's stands for."""
    code = _CODES.get(scode, "#UNKNOWN!")
    error = _KINDS.get(code, CellError)(f"a cell among the arguments shows {code}")
    error.code = code
    return error


def cells(value: object) -> object:
    """What Excel gave as an argument, with its errors as `CellError`: a cell, or rows of cells."""
    if not isinstance(value, tuple | list):
        return _cell(value)
    rows = value if value and isinstance(value[0], tuple | list) else (value,)
    if int not in set(map(type, chain.from_iterable(rows))):  # the one pass over all cells has to be quick
        return rows
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(cell: object) -> object:
    return cell_error(cell) if type(cell) is int and _BASE < cell < _LAST else cell


def answered(function: CellFunction, given: Sequence[object], errors: Errors) -> list[list[object]]:
    """The answer to arguments as Excel gave them: rows, lists all through (pywin32 takes a tuple for several results).

    The caller makes one cell of a single row and column, and a flat list of a single row; Excel takes both.
    """
    try:
        answer: object = function(*map(cells, given))
    except CellError as error:
        return [[errors.shown(error)]]
    rows = answer if isinstance(answer, list) else [[answer]]
    return [[_shown(cell, errors) for cell in row] for row in rows]


def _shown(cell: object, errors: Errors) -> object:
    """A cell of an answer: numbers as floats, dates as serial numbers, blanks as empty text."""
    if isinstance(cell, CellError):
        return errors.shown(cell)
    if isinstance(cell, str):
        return cell[:_LONGEST]
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, dt.date):
        return _serial(cell)
    number = float(cell)  # type: ignore[arg-type]
    return number if math.isfinite(number) else errors.shown(Impossible("the answer is no number"))


def _serial(day: dt.date) -> float:
    whole = float((dt.date(day.year, day.month, day.day) - _DAY_0).days)
    if not isinstance(day, dt.datetime):
        return whole
    return whole + (day.hour * 3600 + day.minute * 60 + day.second) / 86_400
