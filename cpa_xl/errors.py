"""Every error that this package raises on purpose, and the numbers by which Excel knows the errors of cells.

A `Refusal` is for people: cpa_xl cannot use a file or a configuration, or cannot carry out a command. A `CellError` is
a result: the error that a cell shows, with its reason. `CpaXlError` is the base of both.

Excel hands an error to other programs as an integer (SCODE): 0x800A0000 plus the number that VBA's CVErr takes. A cell
that shows #N/A reaches Python as -2146826246. Numbers reach it as floats, so no such integer is a count.
"""

from enum import StrEnum
from typing import TypeGuard

_BASE = 0x800A0000 - (1 << 32)
_FIRST, _LAST = _BASE + 2000, _BASE + 2300  # Excel's errors; the newest has the number 2050
NUMBERS = {
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
_CODES = {_BASE + number: code for code, number in NUMBERS.items()}


class CpaXlError(Exception):
    """Base of every error that this package raises on purpose."""


class Refusal(CpaXlError):
    """cpa_xl cannot do something; the message says what, where, what was there and what would do."""


class CellError(CpaXlError):
    """A result that is an Excel error instead of a value: its `code`, and as message the reason."""

    code = "#VALUE!"


class MissingData(CellError):
    """#N/A: a month, a figure or a group that the answer needs is missing."""

    code = "#N/A"


class WrongArgument(CellError):
    """#VALUE!: an argument has no meaning here, or has two."""

    code = "#VALUE!"


class Impossible(CellError):
    """#NUM!: the arithmetic has no answer (more successes than trials, a negative count)."""

    code = "#NUM!"


class EmptyDenominator(CellError):
    """#DIV/0!: the denominator is 0."""

    code = "#DIV/0!"


_KINDS = {kind.code: kind for kind in (MissingData, WrongArgument, Impossible, EmptyDenominator)}


class Level(StrEnum):
    """How serious a fault is: cpa_xl changes nothing (stop), a person should check (warn), or should know (note)."""

    STOP = "stop"
    WARN = "warn"
    NOTE = "note"


def error_shown(code: str, reason: str = "") -> CellError:
    """The error that a cell shows as `code`, in its own class if there is one (#NAME? has none)."""
    error = _KINDS.get(code, CellError)(reason)
    error.code = code
    return error


def in_words(error: Exception) -> str:
    """The message for a caught error. A fault of cpa_xl itself goes into a file, and the message names the file."""
    if isinstance(error, CpaXlError):
        return str(error)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    import tempfile  # noqa: PLC0415  # only a fault of our own needs it, and every cell function waits for this module
    import traceback  # noqa: PLC0415  # as above
    from pathlib import Path  # noqa: PLC0415  # as above

    report = Path(tempfile.mkstemp(prefix="cpa_xl-", suffix=".txt")[1])
    report.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return f"cpa_xl failed because of a fault of its own; send {report} to the people who look after it"


def is_error(cell: object) -> TypeGuard[int]:
    """Whether a cell, as Excel hands it over, shows an error."""
    return type(cell) is int and _FIRST <= cell <= _LAST


def excel_error(scode: int) -> CellError:
    """The error that an SCODE means; #UNKNOWN! for a number that `NUMBERS` does not have."""
    code = code_of(scode)
    return error_shown(code, f"a cell among the arguments shows {code}")


def scode_of(error: CellError) -> int:
    """The SCODE of an error; the SCODE of #VALUE! for an error that Excel does not know."""
    return _BASE + NUMBERS.get(error.code, NUMBERS["#VALUE!"])


def code_of(scode: int) -> str:
    """What a cell shows for an SCODE, such as #N/A."""
    return _CODES.get(scode, "#UNKNOWN!")
