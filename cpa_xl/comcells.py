"""Answers of the functions of the cells in the form that Excel takes through COM (pywin32).

pywin32 hands Python's integers on as VT_I4 and a tuple as several results, so no number among the answers is an
integer, and their rows are lists. It has no way to hand on an error: `VARIANT(VT_ERROR, n)` arrives as "argument
missing", whatever n is (`PythonOleArgHelper::MakeObjToVariant`). So there are two conventions, `Errors`, for two kinds
of wrapper. What Excel hands over needs no such care: `cpa_xl.cells` knows the errors among it.
"""

import datetime as dt
import math
from collections.abc import Sequence
from enum import Enum
from importlib import import_module

from cpa_xl.cells import CellFunction
from cpa_xl.errors import CellError, Impossible
from cpa_xl.excelerrors import scode_of
from cpa_xl.periods import SERIAL_ZERO

_LONGEST = 32_767  # characters of text in a cell


class Errors(Enum):
    """How an error is given back.

    NUMBER: the SCODE as an integer, which VBA receives as a Long and nothing else does (numbers are Doubles). The
    wrapper makes an error of every Long in the answer: `CVErr(answer And &HFFFF&)`.
    VARIANT: an error that passes through wrappers which hand on what they get. The cell shows an error, never text or
    a number, but Excel is not told which one.
    """

    NUMBER = "number"
    VARIANT = "variant"

    def shown(self, error: CellError) -> object:
        """An error in the form that a wrapper takes."""
        scode = scode_of(error)
        if self is Errors.NUMBER:
            return scode
        return import_module("win32com.client").VARIANT(import_module("pythoncom").VT_ERROR, scode)


def answered(function: CellFunction, given: Sequence[object], errors: Errors) -> list[list[object]]:
    """The answer to arguments as Excel gave them, as rows.

    xlwings' server makes one cell of a single row and column, and a flat list of a single row; Excel takes both.
    """
    try:
        answer: object = function(*given)
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
    number = float(cell)  # type: ignore[arg-type]  # nothing else is left than a number
    return number if math.isfinite(number) else errors.shown(Impossible("the answer is no number"))


def _serial(day: dt.date) -> float:
    whole = float((dt.date(day.year, day.month, day.day) - SERIAL_ZERO).days)
    if not isinstance(day, dt.datetime):
        return whole
    return whole + (day.hour * 3600 + day.minute * 60 + day.second) / 86_400
