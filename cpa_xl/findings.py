"""What a check of a scorecard finds before it leaves the house: a code, a level, a place, and a message.

`CODES` holds every code there is: W for what the published file must be like (the Analysis Function's guidance on
releasing statistics in spreadsheets), T for what makes its figures trustworthy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cpa_xl.a1 import cell_name
from cpa_xl.faults import Level


@dataclass(frozen=True, slots=True)
class Check:
    """What is checked under a code, and what it means where it fails."""

    about: str
    level: Level


_STOP, _WARN, _NOTE = Level.STOP, Level.WARN, Level.NOTE
CODES: Mapping[str, Check] = MappingProxyType({
    "T1": Check("every printed figure follows from the counts that the workbook holds", _STOP),
    "T2": Check("every letter follows from figure, target and band", _STOP),
    "T4": Check("every figure in a comment is a computed one", _STOP),
    "T5": Check("words of direction agree with the figures", _STOP),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found: `place` is a cell (Scorecard!D13), a sheet, a part, or the workbook.

    The message says what is wrong, what was there and what would do.
    """

    code: str
    level: Level
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message} ({self.code})"


def found(code: str, place: str, message: str, level: Level | None = None) -> Finding:
    """A finding, on the level of its code unless another is given."""
    return Finding(code, level or CODES[code].level, place, message)


def at(sheet: str, row: int, column: int) -> str:
    """A cell as findings name it: Scorecard!D13."""
    return f"{sheet}!{cell_name(row, column)}"
