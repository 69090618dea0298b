"""The numbers by which Excel hands errors to other programs: SCODEs, 0x800A0000 and the number that CVErr takes.

A cell that shows #N/A reaches Python as the integer -2146826246; numbers reach it as floats, so that no integer of this
size is ever a count.
"""

from typing import TypeGuard

from cpa_xl.errors import CellError, error_shown

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


def error_of(scode: int) -> CellError:
    """The error that Excel means; one that has no name here is #UNKNOWN!."""
    code = code_of(scode)
    return error_shown(code, f"a cell among the arguments shows {code}")


def scode_of(error: CellError) -> int:
    """The number by which Excel knows an error; #VALUE! for one that it does not."""
    return _BASE + NUMBERS.get(error.code, NUMBERS["#VALUE!"])


def code_of(scode: int) -> str:
    """How a cell shows an error, such as #N/A."""
    return _CODES.get(scode, "#UNKNOWN!")
