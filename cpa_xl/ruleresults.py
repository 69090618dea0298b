"""What formulas outside the cells (formats, checks of what is typed) come to, cell by cell."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cpa_xl.a1 import single_area
from cpa_xl.calculator import Calculator
from cpa_xl.cellxml import number_text
from cpa_xl.dependencies import CellValue, Place
from cpa_xl.errors import CellError
from cpa_xl.references import FormulaTextError, Kind, Resolver, Token, function_name, read_tokens
from cpa_xl.sheetxml import Cell, Position
from cpa_xl.workbook import ClosedWorkbook, Table

_DESK = "Rules of cpa_xl"  # the sheet on which rules are worked out; no file ever has it
_FIXED = re.compile(r"\$[A-Z]{1,3}\$\d+", re.IGNORECASE)


@dataclass(frozen=True)
class _WithDesk:
    """A workbook with a sheet more, as a calculation sees it."""

    workbook: ClosedWorkbook
    formulas: tuple[str, ...]

    @property
    def sheet_names(self) -> tuple[str, ...]:
        return (*self.workbook.sheet_names, _DESK)

    @property
    def tables(self) -> Mapping[str, Table]:
        return self.workbook.tables

    @property
    def names(self) -> Mapping[str, str]:
        return self.workbook.names

    @property
    def date1904(self) -> bool:
        return self.workbook.date1904

    def cells(self, sheet: str) -> Mapping[Position, Cell]:
        if sheet != _DESK:
            return self.workbook.cells(sheet)
        return {(row, 1): Cell(None, formula) for row, formula in enumerate(self.formulas, 1)}


@dataclass(frozen=True)
class RuleResults:
    """Works out rules of a workbook; `calculator` knows the cell functions."""

    workbook: ClosedWorkbook
    calculator: Calculator

    @cached_property
    def _resolver(self) -> Resolver:
        return Resolver(self.workbook)

    def of(self, formulas: Sequence[tuple[str, Place]]) -> list[CellValue] | None:
        """What formulas come to in their cells; None where one of them cannot be worked out."""
        texts = []
        for formula, place in formulas:
            resolved = self._resolver.resolve(formula, *place)
            if resolved.doubts:
                return None
            texts.append(resolved.text)
        before, after = _WithDesk(self.workbook, ()), _WithDesk(self.workbook, tuple(texts))
        values = self.calculator.calculate(before, after).values
        places = [(_DESK, row, 1) for row in range(1, len(texts) + 1)]
        return [values[place] for place in places] if all(place in values for place in places) else None


@dataclass(frozen=True)
class Settled:
    """Puts fixed values into rules, so that they say the same for ever: the day, and single cells that leave."""

    workbook: ClosedWorkbook
    today: float  # serial number of the day
    gone: Callable[[str], bool]

    def text(self, formula: str) -> str:
        """The formula with the day in the place of TODAY(), and the values of single cells that are left out."""
        try:
            tokens = list(read_tokens(formula))
        except FormulaTextError:
            return formula
        said: list[str] = []
        skip = False
        for at, token in enumerate(tokens):
            if skip:
                skip = False
            elif self._is_today(token) and at + 1 < len(tokens) and tokens[at + 1].text == ")":
                said.append(number_text(self.today))
                skip = True
            else:
                said.append(self._value(token) or token.text)
        return "".join(said)

    @staticmethod
    def _is_today(token: Token) -> bool:
        return token.kind is Kind.CALL and function_name(token.text.removesuffix("(")) in ("TODAY", "NOW")

    def _value(self, token: Token) -> str | None:
        """The value of a single cell that is left out, as a formula writes it."""
        if token.kind is Kind.NAME:
            named = next(
                (text for name, text in self.workbook.names.items() if name.casefold() == token.text.casefold()), ""
            )
            return self._value(Token(Kind.AREA, named)) if named else None
        if token.kind is not Kind.AREA or not self.gone(token.text):
            return None
        area = single_area(token.text)
        sheets = {name.casefold(): name for name in self.workbook.sheet_names}
        sheet = sheets.get((area.sheet or "").casefold()) if area else None
        if area is None or sheet is None or not _FIXED.fullmatch(token.text.rpartition("!")[2]):
            return None
        cell = self.workbook.cells(sheet).get(area.bounds[:2])
        return None if cell is None else _written(cell.value)


def _written(value: CellValue) -> str | None:
    if value is None or isinstance(value, CellError):
        return None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return number_text(value)
