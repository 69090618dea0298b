"""Calls of the cell functions from Excel: decorators for xlwings, arguments in, answers out.

xlwings looks functions up by name in a module, and reads what its decorators attached to them. `excel.udfs` and
`excel.server` are such modules; both take their functions from `for_excel`. Arguments and answers bypass the converters
of xlwings: these cost more time than the arithmetic, and turn some errors into blanks or numbers.

Answers have the form that pywin32 passes to Excel through COM. pywin32 sends an integer as VT_I4 and a tuple as several
results, so numbers are floats and rows are lists. It cannot send an error: `VARIANT(VT_ERROR, n)` arrives as "argument
missing" for every n (`PythonOleArgHelper::MakeObjToVariant`). `Errors` lists the two ways around this.
`functions.registry` recognises the errors that Excel sends.
"""

import atexit
import datetime as dt
import inspect
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from importlib import import_module
from typing import Any

import xlwings

from cpa_xl.errors import CellError, Impossible, scode_of
from cpa_xl.functions.registry import CellFunction
from cpa_xl.measures.periods import SERIAL_ZERO

_LONGEST = 32_767  # characters of text in a cell

_LONGEST_HELP = 255  # characters that Excel shows of a description


class Errors(Enum):
    """How an error is returned.

    NUMBER: the SCODE as an integer. VBA receives it as a Long, and no other value is one (numbers are Doubles). The
    wrapper makes an error of every Long in the answer: `CVErr(answer And &HFFFF&)`.
    VARIANT: an error that passes through wrappers without conversion. The cell shows an error, never text or a number,
    but not which one.
    """

    NUMBER = "number"
    VARIANT = "variant"

    def shown(self, error: CellError) -> object:
        """An error in the form that a wrapper takes."""
        scode = scode_of(error)
        if self is Errors.NUMBER:
            return scode
        return import_module("win32com.client").VARIANT(import_module("pythoncom").VT_ERROR, scode)


class FromExcel:
    """An argument that came through xlwings, untouched: so a function knows that Excel calls, and no script."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


class RawCells:
    """xlwings' raw conversion both ways, with the mark `FromExcel` on what was read.

    xlwings' own rebuilds its stages for each value, which takes as long as the 36 rows of a typical call.
    """

    @staticmethod
    def reader(_options: Mapping[str, object]) -> Callable[[Any], None]:
        """What reads an argument: a value, or a Range object that the stock wrappers hand over."""
        return _read

    @classmethod
    def router(cls, *_answer: object) -> "type[RawCells]":
        """Who writes an answer, whatever it is."""
        return cls

    @staticmethod
    def writer(_options: Mapping[str, object]) -> Callable[[Any], None]:
        """What writes an answer: nothing, it is as Excel takes it."""
        return _leave


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


def for_excel(
    functions: Mapping[str, CellFunction], scripted: Mapping[str, Any], errors: Errors, module: str
) -> dict[str, Callable[..., object]]:
    """The functions as xlwings looks them up in `module`: decorated on Windows; elsewhere its decorators do nothing.

    Called with arguments that came from Excel they answer as Excel takes it (`answered`); called by a
    script they are the function of that name in `scripted`, which raises `CellError`.
    """
    return {
        name: _decorated(_callable(function, scripted[name], errors, module), function)
        for name, function in functions.items()
    }


def spare_hidden_excels() -> None:
    """Keep xlwings from ending, when this process ends, every Excel that has no window it can see."""
    windows = sys.modules.get("xlwings._xlwindows")
    if windows is not None:
        atexit.unregister(windows.cleanup)


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


def _read(context: Any) -> None:
    context.value = FromExcel(context.value if context.range is None else context.range.raw_value)


def _leave(_context: Any) -> None:
    return None


def _callable(
    function: CellFunction, scripted: Callable[..., object], errors: Errors, module: str
) -> Callable[..., object]:
    def excel_function(*given: object, **named: object) -> object:
        if not any(type(one) is FromExcel for one in given):
            return scripted(*given, **named)
        return answered(function, [one.value if type(one) is FromExcel else one for one in given], errors)

    excel_function.__name__ = excel_function.__qualname__ = function.name
    excel_function.__module__ = module
    excel_function.__doc__ = f"{function.help} Result: {function.result}."[:_LONGEST_HELP]
    excel_function.__annotations__ = {}  # xlwings would take them for its own
    excel_function.__signature__ = _signature(function)  # type: ignore[attr-defined]  # what xlwings reads
    return excel_function


def _signature(function: CellFunction) -> inspect.Signature:
    """Optional arguments are None when Excel leaves them out; a blank takes the default."""
    return inspect.Signature(
        [
            inspect.Parameter(
                argument.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=None if argument.optional else inspect.Parameter.empty,
            )
            for argument in function.arguments
        ]
    )


def _decorated(plain: Callable[..., object], function: CellFunction) -> Callable[..., object]:
    result: Callable[..., object] = xlwings.ret(RawCells, ndim=2)(plain)
    for argument in function.arguments:
        result = xlwings.arg(argument.name, RawCells, ndim=2, doc=argument.help[:_LONGEST_HELP])(result)
    return xlwings.func(category=function.category, volatile=False)(result)  # last: the others would reset it
