"""The commands of the menu CPA in LibreOffice Calc, by name.

A command gets the open document and shows its result. The extension builds the menu, the toolbar and the dispatch
addresses (`cpaxl:explain`) from `COMMANDS`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from cpa_xl import __version__
from cpa_xl.errors import Refusal
from cpa_xl.functions.explain import explain, function_text
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.libreoffice.cells import Recorded
from cpa_xl.libreoffice.document import Document, OfficeServices, check_document, refresh_document, unnoticed
from cpa_xl.wording import counted

BOX_WIDTH, BOX_HEIGHT = 75, 36  # characters and lines of a message box on a screen of 768 pixels


@dataclass(frozen=True)
class Session:
    """What a command works with.

    document: the open spreadsheet (com.sun.star.sheet.XSpreadsheetDocument). host: what LibreOffice lends. tell: shows
    a message. recorded: calls something and returns the calls of cell functions it caused.
    """

    document: Document
    host: OfficeServices
    tell: Callable[[str], None]
    recorded: Callable[[Callable[[], object]], Recorded]


@dataclass(frozen=True)
class Command:
    """An entry of the menu."""

    title: str
    help: str
    run: Callable[[Session], None]


def refresh(session: Session) -> None:
    """Bring the tables of the document up to date from its extracts, and show what changed or why nothing did."""
    _told(session, refresh_document)


def check(session: Session) -> None:
    """Check the extracts of the document, and show what a refresh would change."""
    _told(session, check_document)


def _told(session: Session, act: Callable[[Document, OfficeServices], str]) -> None:
    try:
        session.tell(act(session.document, session.host))
    except Refusal as refusal:
        session.tell(str(refusal))


def explain_cell(session: Session) -> None:
    """Tell what the cell functions of the selected cell saw, and why they answered as they did."""
    cell = _selected_cell(session.document)
    if cell is None:
        session.tell("Select one cell.")
        return
    if cell.getType().value != "FORMULA":  # a constant has no tokens to be set again
        session.tell(f"{_address(cell)}: it has no formula.")
        return
    calls = session.recorded(lambda: _calculate_again(cell, session.document))
    formula = cell.getPropertyValue("FormulaLocal")
    if not calls:
        called = [name for name in FUNCTIONS if f"{name}(" in formula.upper()]
        what = f"{called[0]} was not called: the formula did not need it." if called else "it has no CPA function."
        session.tell(f"{_address(cell)}: {what}")
        return
    texts = [explain(name, given) for name, given in calls]
    session.tell("\n\n".join([f"{_address(cell)}  {formula}", *texts]))


def _selected_cell(document: Document) -> Any:
    """The selected cell; the first one of an array formula; None where more or something else is selected."""
    selected = document.getCurrentSelection()
    if not hasattr(selected, "getRangeAddress"):
        return None
    place = selected.getRangeAddress()
    if (place.StartRow, place.StartColumn) != (place.EndRow, place.EndColumn):
        return None
    return selected.getCellByPosition(0, 0)


def _address(cell: Any) -> str:
    return str(cell.AbsoluteName).replace("$", "")


def _calculate_again(cell: Any, document: Document) -> None:
    """Recalculate a cell from its formula, so that nothing else changes."""
    with unnoticed(document):
        if cell.getArrayFormula():
            sheet = cell.getSpreadsheet()
            cursor = sheet.createCursorByRange(cell)
            cursor.collapseToCurrentArray()
            cursor.setArrayTokens(cursor.getArrayTokens())
        else:
            cell.setTokens(cell.getTokens())
        cell.getError()


def fitting(text: str) -> str:
    """A text as a message box can show it: one that is taller than the screen hides its own button."""
    lines = text.splitlines()
    heights = accumulate(max(1, math.ceil(len(line) / BOX_WIDTH)) for line in lines)
    shown = [line for line, height in zip(lines, heights, strict=True) if height <= BOX_HEIGHT]
    if len(shown) == len(lines):
        return text
    left = counted(len(lines) - len(shown), "more line")
    return "\n".join([*shown, "", f"and {left}; cpa_xl on the command line shows everything."])


def help_on_functions(session: Session) -> None:
    """Tell about the functions of the selected cell, or name all."""
    cell = _selected_cell(session.document)
    formula = "" if cell is None else cell.getPropertyValue("FormulaLocal").upper()
    wanted = [function for name, function in FUNCTIONS.items() if f"{name}(" in formula]
    if wanted:
        session.tell("\n\n".join(map(function_text, wanted)))
        return
    session.tell(
        f"{', '.join(sorted(FUNCTIONS))}.\n\n"
        "Select a cell with one of them for its arguments; the function wizard (Ctrl+F2) has them under Add-in."
    )


def about(session: Session) -> None:
    """Tell what this is."""
    session.tell(
        f"cpa_xl {__version__}: a Critical Performance Areas scorecard that computes itself.\n"
        f"{len(FUNCTIONS)} functions. MIT licence."
    )


COMMANDS = {
    "refresh": Command("Refresh", "Bring the data tables up to date", refresh),
    "check": Command("Check extracts", "Check the extracts and say what would change", check),
    "explain": Command("Explain this cell", "What the functions of the cell saw, and why they answered", explain_cell),
    "help": Command("Function help", "The functions and their arguments", help_on_functions),
    "about": Command("About", "Version and licence", about),
}
