"""What can go wrong, catchable by kind and by one base class.

A `Refusal` is for people: a file, a configuration, a command that cannot be served. A `CellError` is a result: the
error that a cell shows, with the reason kept for whoever asks.

The numbers by which Excel hands errors to other programs: SCODEs, 0x800A0000 and the number that CVErr takes.

A cell that shows #N/A reaches Python as the integer -2146826246; numbers reach it as floats, so that no integer of this
size is ever a count.
"""

from enum import StrEnum
from typing import TypeGuard


class CpaXlError(Exception):
    """Base of every error this package raises on purpose."""


class Refusal(CpaXlError):
    """Something cannot be done; the message says what, where, what was there and what would do."""


class CellError(CpaXlError):
    """A result that is no number: an Excel error (`code`) and the reason in words."""

    code = "#VALUE!"


class MissingData(CellError):
    """#N/A: a month, a figure or a group that the answer needs is not there."""

    code = "#N/A"


class WrongArgument(CellError):
    """#VALUE!: an argument that means nothing here, or has two meanings."""

    code = "#VALUE!"


class Impossible(CellError):
    """#NUM!: mathematics that has no answer (more successes than trials, a negative count)."""

    code = "#NUM!"


class EmptyDenominator(CellError):
    """#DIV/0!: nothing to divide by."""

    code = "#DIV/0!"


_KINDS = {kind.code: kind for kind in (MissingData, WrongArgument, Impossible, EmptyDenominator)}


def error_shown(code: str, reason: str = "") -> CellError:
    """The error that a cell shows as `code`, of its own class where it has one (#NAME? has none)."""
    error = _KINDS.get(code, CellError)(reason)
    error.code = code
    return error


class Level(StrEnum):
    """What a fault means: nothing is changed; somebody should look; somebody should know."""

    STOP = "stop"
    WARN = "warn"
    NOTE = "note"


def in_words(error: Exception) -> str:
    """What to say about an error that is being handled; one that nobody foresaw is written down, and the file named."""
    if isinstance(error, CpaXlError):
        return str(error)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    import tempfile  # noqa: PLC0415  # only a fault of ours needs them, and every cell function waits for this module
    import traceback  # noqa: PLC0415  # as above
    from pathlib import Path  # noqa: PLC0415  # as above

    report = Path(tempfile.mkstemp(prefix="cpa_xl-", suffix=".txt")[1])
    report.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return f"cpa_xl failed in a way that it should not; send {report} to whoever looks after it"


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


def is_error(cell: object) -> TypeGuard[int]:
    """Whether a cell, as Excel handed it over, shows an error."""
    return type(cell) is int and _FIRST <= cell <= _LAST


def excel_error(scode: int) -> CellError:
    """The error that Excel means; one that has no name here is #UNKNOWN!."""
    code = code_of(scode)
    return error_shown(code, f"a cell among the arguments shows {code}")


def scode_of(error: CellError) -> int:
    """The number by which Excel knows an error; #VALUE! for one that it does not."""
    return _BASE + NUMBERS.get(error.code, NUMBERS["#VALUE!"])


def code_of(scode: int) -> str:
    """How a cell shows an error, such as #N/A."""
    return _CODES.get(scode, "#UNKNOWN!")
