"""Gives the functions of the cells to Excel through xlwings: decorators, conversion, help.

xlwings' "Import functions" and its Python server look functions up in a module by name, with what its decorators hung
on them. Both modules they are told to look in, `cpa_xl.stockudfs` and `cpa_xl.xludfs`, take their functions from here.
Arguments and answers pass xlwings unconverted: its converters cost more than the arithmetic, and make blanks of some
errors and numbers of others.
"""

import atexit
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

import xlwings

from cpa_xl.cells import CellFunction
from cpa_xl.comcells import Errors, answered

_LONGEST_HELP = 255  # characters that Excel shows of a description


class FromExcel:
    """An argument that came through xlwings, untouched: so a function knows that Excel calls, and no script."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


class RawCells:
    """xlwings' raw conversion both ways, with the mark `FromExcel` on what was read.

    Its own builds its stages anew for each value, which takes as long as the 36 rows of a typical call.
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


def _read(context: Any) -> None:
    context.value = FromExcel(context.value if context.range is None else context.range.raw_value)


def _leave(_context: Any) -> None:
    return None


def for_excel(
    functions: Mapping[str, CellFunction], scripted: Mapping[str, Any], errors: Errors, module: str
) -> dict[str, Callable[..., object]]:
    """The functions as xlwings looks them up in `module`: decorated on Windows; elsewhere its decorators do nothing.

    Called with arguments that came from Excel they answer as Excel takes it (`comcells.answered`); called by a
    script they are the function of that name in `scripted`, which raises `CellError`.
    """
    return {
        name: _decorated(_callable(function, scripted[name], errors, module), function)
        for name, function in functions.items()
    }


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
    """Optional arguments are None when Excel leaves them out: a blank, for which their default stands."""
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


def spare_hidden_excels() -> None:
    """Keep xlwings from ending, when this process ends, every Excel that has no window it can see."""
    windows = sys.modules.get("xlwings._xlwindows")
    if windows is not None:
        atexit.unregister(windows.cleanup)
