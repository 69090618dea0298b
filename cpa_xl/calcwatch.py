"""Looks after the formulas of a document in LibreOffice Calc: when it is opened, and after each change.

What is put into formulas is said in `calcformulas`; it leaves no trace in the list of undoable steps, and a document
that was as saved stays so.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from cpa_xl.calcformulas import Codes, Dresser, Token

FORMULA_CELLS = 16  # com.sun.star.sheet.CellFlags.FORMULA
SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"
Document = Any  # objects of LibreOffice carry no types
MakeToken = Callable[[int, Any], Any]


def is_spreadsheet(document: Document) -> bool:
    """Whether a document has sheets; others are no business of ours."""
    return document is not None and hasattr(document, "supportsService") and document.supportsService(SPREADSHEET)


def dress(document: Document, functions: Collection[str], make_token: MakeToken) -> int:
    """Bring every formula with a cell function in order; how many were not."""
    dresser: Dresser | None = None
    changed = 0
    with _unnoticed(document):
        for sheet in document.Sheets:
            for cells in list(_cells_with_functions(sheet)):
                dresser = dresser or _dresser(document, functions)
                changed += _dress_cells(cells, dresser, make_token)
    return changed


@contextmanager
def _unnoticed(document: Document) -> Iterator[None]:
    """What happens meanwhile is no step to undo and no change to save."""
    modified, undo = document.isModified(), document.getUndoManager()
    undo.lock()
    try:
        yield
    finally:
        undo.unlock()
        if not modified and document.isModified():
            document.setModified(False)


def _cells_with_functions(sheet: Any) -> Iterator[Any]:
    """Cells with a formula that calls one of the functions, array formulas as the range that they fill."""
    for place in sheet.queryContentCells(FORMULA_CELLS).getRangeAddresses():
        block = sheet.getCellRangeByPosition(place.StartColumn, place.StartRow, place.EndColumn, place.EndRow)
        for row, formulas in enumerate(block.getFormulaArray()):
            for column, formula in enumerate(formulas):
                if "CPA_" not in formula and "cpa_" not in formula:
                    continue
                cell = block.getCellByPosition(column, row)
                if not cell.getArrayFormula():
                    yield cell
                    continue
                cursor = sheet.createCursorByRange(cell)
                cursor.collapseToCurrentArray()
                filled = cursor.getRangeAddress()
                here = cell.getCellAddress()
                if (filled.StartRow, filled.StartColumn) == (here.Row, here.Column):
                    yield sheet.getCellRangeByPosition(
                        filled.StartColumn, filled.StartRow, filled.EndColumn, filled.EndRow
                    )


def _dress_cells(cells: Any, dresser: Dresser, make_token: MakeToken) -> bool:
    array = not hasattr(cells, "getCellAddress")
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
    places = [document] if token.Sheet < 0 else [document.Sheets.getByIndex(token.Sheet)]
    for place in places:
        for named in place.NamedRanges:
            if named.TokenIndex == token.Index:
                return tuple(named.getTokens())
    return None
