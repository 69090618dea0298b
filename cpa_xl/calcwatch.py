"""Looks after the formulas of a document in LibreOffice Calc: when it is opened, and after each change.

What is put into formulas is said in `calcformulas`; it leaves no trace in the list of undoable steps, and a document
that was as saved stays so.

No call follows upon a call or a property of LibreOffice's objects: each object has a name of its own (`getData` after
`found = sheet.query()`). LibreOffice 25.2 frees an object that only its method still holds without letting go of
Python, and waits for ever where another thread waits for Python meanwhile.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cpa_xl.calcdocument import unnoticed
from cpa_xl.calcformulas import Codes, Dresser, Token

MOST_REMEMBERED = 100_000  # formulas
FORMULA_CELLS = 16  # com.sun.star.sheet.CellFlags.FORMULA
SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"
Document = Any  # objects of LibreOffice carry no types
MakeToken = Callable[[int, Any], Any]


def is_spreadsheet(document: Document) -> bool:
    """Whether a document has sheets; others are no business of ours."""
    return document is not None and hasattr(document, "supportsService") and document.supportsService(SPREADSHEET)


@dataclass
class InOrder:
    """Formulas of a document that need no second look, as long as it has the same names: most stay as they are."""

    names: tuple[str, ...] = ()
    formulas: set[str] = field(default_factory=set)

    def renew(self, names: tuple[str, ...]) -> None:
        """Forget all where names have come or gone: what was no reference may have become one."""
        if names != self.names or len(self.formulas) > MOST_REMEMBERED:
            self.names = names
            self.formulas.clear()


def dress(document: Document, functions: Collection[str], make_token: MakeToken, known: InOrder | None = None) -> int:
    """Bring every formula with a cell function in order, in cells and in names; how many were not."""
    known = known or InOrder()
    places = [document, *document.Sheets]
    known.renew(tuple(name for place in places for name in place.NamedRanges.ElementNames))
    changed = 0
    with unnoticed(document):
        found = [named for place in places for named in place.NamedRanges if _has_function(named.Content)]
        for sheet in document.Sheets:
            found += list(_cells_with_functions(sheet, known.formulas))
        if not found:
            return 0
        dresser = _dresser(document, functions)
        for one in found:
            if _dress_one(one, dresser, make_token):
                changed += 1
            elif hasattr(one, "getFormula"):
                known.formulas.add(one.getFormula())
    return changed


def _has_function(formula: str) -> bool:
    return "CPA_" in formula or "cpa_" in formula


def _cells_with_functions(sheet: Any, known: set[str]) -> Iterator[Any]:
    """Cells with an unknown formula that calls one of the functions, array formulas as the range that they fill."""
    filled = sheet.queryContentCells(FORMULA_CELLS)
    for place in filled.getRangeAddresses():
        block = sheet.getCellRangeByPosition(place.StartColumn, place.StartRow, place.EndColumn, place.EndRow)
        for row, formulas in enumerate(block.getFormulaArray()):
            for column, formula in enumerate(formulas):
                if formula in known or not _has_function(formula):
                    continue
                cell = block.getCellByPosition(column, row)
                if not cell.getArrayFormula():
                    yield cell
                    continue
                cursor = sheet.createCursorByRange(cell)
                cursor.collapseToCurrentArray()
                array = cursor.getRangeAddress()
                here = cell.getCellAddress()
                if (array.StartRow, array.StartColumn) == (here.Row, here.Column):
                    yield sheet.getCellRangeByPosition(array.StartColumn, array.StartRow, array.EndColumn, array.EndRow)


def _dress_one(cells: Any, dresser: Dresser, make_token: MakeToken) -> bool:
    """Bring a cell, the range of an array formula, or a name in order; whether it was not."""
    array = hasattr(cells, "getArrayTokens") and not hasattr(cells, "getCellAddress")
    given = cells.getArrayTokens() if array else cells.getTokens()
    read = [Token(each.OpCode, each.Data) for each in given]
    dressed = dresser.dressed(read, array=array)
    if dressed is None:
        return False
    originals = {id(token): original for token, original in zip(read, given, strict=True)}
    tokens = tuple(originals.get(id(token)) or make_token(token.code, token.data) for token in dressed)
    if array:
        cells.setArrayTokens(tokens)
    else:
        cells.setTokens(tokens)
    return True


def _dresser(document: Document, functions: Collection[str]) -> Dresser:
    names: dict[tuple[bool, int], bool] = {}
    codes = Codes.read(document.createInstance("com.sun.star.sheet.FormulaOpCodeMapper"))

    def is_range_name(token: Any) -> bool:
        """Whether a name stands for cells; asked again for names within names."""
        key = (token.Sheet < 0, token.Index)
        if key not in names:
            names[key] = False  # a name that stands for itself stands for nothing
            content = _content(document, token)
            names[key] = content is not None and dresser.is_cells([Token(one.OpCode, one.Data) for one in content])
        return names[key]

    dresser = Dresser(codes, functions, is_range_name)
    return dresser


def _content(document: Document, token: Any) -> Sequence[Any] | None:
    """The tokens of what a name stands for."""
    sheets = document.Sheets
    place = document if token.Sheet < 0 else sheets.getByIndex(token.Sheet)
    for named in place.NamedRanges:
        if named.TokenIndex == token.Index:
            return tuple(named.getTokens())
    return None
