"""Repair links: calls of the cell functions in an open book that point at an add-in elsewhere, or at none.

Excel stores the path of the add-in with each call unless the add-in lies where it looks for them, so a workbook from
another desk shows #NAME?, or calls `'C:\\...\\cpa_xl.xlam'!CPA_RAG(...)`. Entered anew without the path, a call finds
the add-in that is loaded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cpa_xl.a1 import cell_name
from cpa_xl.errors import CellError
from cpa_xl.livetables import refuse_protected
from cpa_xl.openbook import OpenWorkbook
from cpa_xl.sheetxml import Cell, Position

if TYPE_CHECKING:
    import xlwings

_PATH = re.compile(r"(?:'(?:[^']|'')*cpa_xl\.xlam'|cpa_xl\.xlam|\[\d+\])!(?=CPA_)", re.IGNORECASE)
_CALL = re.compile(r"(?<![\w.])CPA_[A-Z_]+\(", re.IGNORECASE)
_TEXT = re.compile(r'("(?:[^"]|"")*")')


@dataclass(frozen=True)
class Entry:
    """A formula entered anew."""

    book: "xlwings.Book"
    sheet: str
    place: Position
    formula: str
    held: str

    @property
    def what(self) -> str:
        """What is changed, in words."""
        return f"cell {cell_name(*self.place)} on sheet {self.sheet}"

    def refuse(self, _workbook: OpenWorkbook) -> None:
        """Raise Refusal on a protected sheet."""
        refuse_protected(self.book.sheets[self.sheet], f"{self.what} cannot be entered anew")

    def do(self) -> None:
        """Enter the formula without a path."""
        self._enter(self.formula)

    def undo(self) -> None:
        """Enter the formula as it was."""
        self._enter(self.held)

    def _enter(self, formula: str) -> None:
        cell = self.book.sheets[self.sheet].range(self.place)
        if spills(cell):
            cell.formula2 = f"={formula}"  # `formula` would put @ before what gives several cells
        else:
            cell.formula = f"={formula}"


def spills(cell: "xlwings.Range") -> bool:
    """Whether formulas spill here. Asked by reading: where it cannot be written, xlwings would try for ever."""
    try:
        return cell.formula2 is not None
    except (AttributeError, NotImplementedError):
        return False


def entries(workbook: OpenWorkbook) -> Iterator[Entry]:
    """The formulas to be entered anew: those with a path to the add-in, and those that call it and show #NAME?."""
    for sheet in workbook.sheet_names:
        for place, cell in workbook.cells(sheet).items():
            if cell.formula is not None and cell.array is None:
                formula = without_path(cell.formula)
                if formula != cell.formula or (_shows_no_name(cell) and _CALL.search(formula)):
                    yield Entry(workbook.book, sheet, place, formula, cell.formula)


def without_path(formula: str) -> str:
    """A formula whose calls of the cell functions name no add-in; text in quotes stays as it is."""
    return "".join(part if place % 2 else _PATH.sub("", part) for place, part in enumerate(_TEXT.split(formula)))


def _shows_no_name(cell: Cell) -> bool:
    return isinstance(cell.value, CellError) and cell.value.code == "#NAME?"
