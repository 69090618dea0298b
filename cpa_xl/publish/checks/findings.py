"""Findings of the release checks, and the register of the checks.

A check is one function with the decorator `check`: code, level, the sentence for analysts, the sentence for readers.
Codes that begin with W are about the published file (the Analysis Function's guidance on releasing statistics in
spreadsheets). Codes that begin with T are about its figures. `finds` registers another function for existing codes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from cpa_xl.errors import Level
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.scorecard.sign_off import ACCEPTED, Acceptance

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Check:
    """A code: what is checked, how serious a failure is, whether a person may accept it, what it says to readers."""

    code: str
    about: str
    level: Level
    acceptable: bool
    for_readers: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found: `place` is a cell (Scorecard!D13), a sheet, a part, or the workbook.

    The message says what is wrong, what was there and what would do. `quote` holds the words of the cell: a person who
    accepts the finding accepts these words only. `accepted` is set where a person did. `readers` is the sentence for
    readers of the copy, "" where it does not concern them, None where the code's own sentence is enough.
    """

    code: str
    level: Level
    place: str
    message: str
    quote: str = field(default="", compare=False)
    accepted: Acceptance | None = field(default=None, compare=False)
    readers: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.place}: {self.said} ({self.code})"

    @property
    def said(self) -> str:
        """The message, and where the finding may be accepted, as what."""
        if not self.quote or self.accepted is not None or self.level is Level.NOTE:
            return self.message
        return f'{self.message}; or accept it, with a reason: table {ACCEPTED}, text "{self.quote}"'


def found(
    code: str, place: str, message: str, level: Level | None = None, quote: str = "", *, readers: str | None = None
) -> Finding:
    """A finding, on the level of its code unless another is given."""
    return Finding(code, level or _CHECKS[code].level, place, message, quote, readers=readers)


def at(sheet: str, row: int, column: int) -> str:
    """A cell as findings name it: Scorecard!D13."""
    return f"{sheet}!{cell_name(row, column)}"


_CHECKS: dict[str, Check] = {}
_FUNCTIONS: dict[Callable[..., Iterator[Finding]], tuple[type, tuple[str, ...]]] = {}


def release_check(
    code: str, about: str, *, on: type[S], level: Level, for_readers: str, acceptable: bool = False
) -> Callable[[Callable[[S], Iterator[Finding]]], Callable[[S], Iterator[Finding]]]:
    """Register a code and the function that finds it; a function with several codes has several such decorators.

    `on` is what the function looks at, its one argument: a row of the scorecard, the stored figures, or the release.
    `about` says to analysts what must hold; `for_readers` says what is wrong where it does not. Raises `ValueError`
    for a code that exists already.
    """
    if code in _CHECKS:
        raise ValueError(f"the code {code} belongs to a check already: register the function with finds({code!r})")
    _CHECKS[code] = Check(code, about, level, acceptable, for_readers)
    return finds(code, on=on)


def finds(*codes: str, on: type[S]) -> Callable[[Callable[[S], Iterator[Finding]]], Callable[[S], Iterator[Finding]]]:
    """Register a function that finds codes which other functions define."""

    def register(function: Callable[[S], Iterator[Finding]]) -> Callable[[S], Iterator[Finding]]:
        _, before = _FUNCTIONS.get(function, (on, ()))
        _FUNCTIONS[function] = (on, tuple(dict.fromkeys((*before, *codes))))
        return function

    return register


def registered() -> Mapping[str, Check]:
    """The checks of the imported modules by code, W before T, each by number."""
    return dict(sorted(_CHECKS.items(), key=lambda item: (item[0][0] != "W", _number(item[0]))))


def functions(on: type[S]) -> list[Callable[[S], Iterator[Finding]]]:
    """The registered functions for subjects of a type, in the order of each function's lowest code (T before W)."""
    chosen = {function: codes for function, (subject, codes) in _FUNCTIONS.items() if subject is on}
    return sorted(chosen, key=lambda function: min((code[0], _number(code)) for code in chosen[function]))


def _number(code: str) -> int:
    return int(code[1:])
