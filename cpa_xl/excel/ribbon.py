"""What the buttons on Excel's ribbon do.

`HANDLERS` maps each button's action to a function `def action(book) -> str`. It takes the open workbook (xlwings'
`Book`) and returns the message to show, or "". `excel.buttons` defines how the buttons look.
"""

import html
import platform
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Collection
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from cpa_xl import __version__
from cpa_xl.errors import Refusal, in_words
from cpa_xl.excel.buttons import ADD_IN, BUTTONS
from cpa_xl.functions.examples import EXAMPLES
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import CellFunction

if TYPE_CHECKING:
    import xlwings

    from cpa_xl.config.model import Catalogue

Com = Any  # an object of Excel's own

_LONGEST_MESSAGE = 1000  # characters: a message box shows about 1,024
_EXCEL_LINKS = 1  # xlExcelLinks, and xlLinkTypeExcelLinks
_NO_NAME = -2146826259  # #NAME? as it comes from Excel


def press(action: str, workbook: object, add_in_version: str) -> str:
    """Do what a button asks for: called by the add-in through xlwings' server.

    Args:
        action: a key of BUTTONS.
        workbook: Excel's Workbook object, or None where none is open.
        add_in_version: of the add-in that calls.

    Returns what to say, at most 1,000 characters; nothing where there is nothing to say.
    """
    said, note = _said(action, workbook), ""
    if add_in_version != __version__:
        note = f"\n\nThe add-in is version {add_in_version}, the package {__version__}: run  cpa_xl addin install"
    room = _LONGEST_MESSAGE - len(note)
    return (said if len(said) <= room else said[: room - 4] + " ...") + note


def _said(action: str, workbook: object) -> str:
    try:
        button = BUTTONS.get(action)
        if button is None:
            raise Refusal(f"this version of cpa_xl has no button {action}")
        if workbook is None and button.needs_workbook:
            raise Refusal("open a workbook first")
        return HANDLERS[action](None if workbook is None else _book(workbook))
    except Exception as error:
        return in_words(error)


def _book(workbook: object) -> "xlwings.Book":
    """Excel's object as xlwings wraps it, in the way of xlwings' own `import_udfs`."""
    import xlwings  # noqa: PLC0415  # 0.3 s that only Excel has to wait for

    windows: Any = xlwings._xlwindows  # type: ignore[attr-defined]  # it is there on Windows only
    return xlwings.Book(impl=windows.Book(xl=workbook))


def refresh(book: "xlwings.Book") -> str:
    """Bring the data tables up to date from the folder extracts beside the workbook."""
    return _refreshed(book, dry_run=False)


def check(book: "xlwings.Book") -> str:
    """Say what a refresh would do."""
    return _refreshed(book, dry_run=True)


def _refreshed(book: "xlwings.Book", *, dry_run: bool) -> str:
    from cpa_xl.excel import refresh as excel  # noqa: PLC0415  # half a second that only these two buttons wait for

    place = _place(book, "its extracts are looked for in the folder extracts beside it")
    catalogue = _catalogue(place)
    with excel.in_status_bar(book.app) as progress:
        outcome = excel.refresh(book, catalogue, place.parent / "extracts", dry_run=dry_run, progress=progress)
    return outcome.words


def _place(book: "xlwings.Book", why: str) -> Path:
    """The file of the open workbook. Raises `Refusal` where it has none on this computer; `why` says what needs it."""
    from xlwings import XlwingsError  # noqa: PLC0415  # as above

    try:
        name = str(book.fullname)
    except XlwingsError:  # an address that OneDrive keeps in no folder that xlwings knows
        name = "://"
    if "://" in name:
        raise Refusal(
            f"this workbook is kept online, and its folder on this computer is not known; {why}: save it into a folder"
            " of this computer (File, Save a Copy), open it from there, and press again"
        )
    if not Path(name).is_absolute():
        raise Refusal(f"save the workbook first: {why}")
    return Path(name)


def _catalogue(place: Path) -> "Catalogue":
    """The configuration in the folder config beside the workbook; without one that which comes with cpa_xl."""
    from cpa_xl.config import load  # noqa: PLC0415  # as above

    own = place.parent / "config"
    return load.load(own if own.is_dir() else load.shipped("config"))


def explain(book: "xlwings.Book") -> str:
    """Say what the functions of the selected cell were given, and why they answered as they did."""
    from cpa_xl.commands.calculate import explain_cell  # noqa: PLC0415  # as above
    from cpa_xl.excel.open_workbook import OpenWorkbook  # noqa: PLC0415  # as above

    cell = book.app.selection
    if cell is None:
        raise Refusal("select one cell")
    return explain_cell(OpenWorkbook(book), cell.sheet.name, cell.row, cell.column)


def freeze(book: "xlwings.Book") -> str:
    """Publish the workbook as it is now, saved or not, beside its file; with the page for browsers."""
    from cpa_xl.publish.claims.checks import register as register_claims  # noqa: PLC0415  # as above
    from cpa_xl.publish.pipeline import OVERWRITE, release  # noqa: PLC0415  # as above
    from cpa_xl.publish.statement import ABOUT  # noqa: PLC0415  # as above
    from cpa_xl.workbook.text_sheets import CHANGED  # noqa: PLC0415  # as above

    place = _place(book, "the copy for circulation goes beside it")
    with TemporaryDirectory(prefix="cpa_xl-", ignore_cleanup_errors=True) as folder:  # a virus scanner may hold it
        copy = Path(folder) / place.name
        book.api.SaveCopyAs(str(copy))
        try:
            register_claims()
            done = release(copy, _catalogue(place), place.parent, with_page=True)
        except Refusal as refusal:  # speaks of the copy, and of the command
            message = str(refusal).replace(str(copy), place.name)
            raise Refusal(message.replace(OVERWRITE, "move it or delete it, and press again")) from refusal
    lines = [f"Written: {path.name}" for path in done.files]
    lines += [f"{one.level}: {one.code} {one.place}: {one.said}" for one in done.findings]
    if done.since is not None:
        changes = f"{len(done.changes):,} changes, listed on its sheet {CHANGED}" if done.changes else "nothing changed"
        lines.append(f"Compared with {done.since.name}: {changes}.")
    kinds = len({one.kind for one in done.removed})
    return "\n".join([*lines, f"Left out: {kinds} kinds of things, listed on the copy's sheet {ABOUT}."])


def about(book: "xlwings.Book | None") -> str:
    """Versions and places, for a request for help."""
    excel = f"Excel {book.app.version}" if book is not None else "Excel"
    return "\n".join(
        [
            f"cpa_xl {__version__}, {len(FUNCTIONS)} functions",
            f"Package: {files('cpa_xl')}",
            f"Python {platform.python_version()}, xlwings {version('xlwings')}: {sys.executable}",
            f"{excel}, {platform.platform()}",
        ]
    )


def function_help(book: "xlwings.Book | None") -> str:
    """Open a page with every function, the one in the active cell first."""
    formula = ""
    if book is not None and book.app.selection is not None:
        formula = str(book.app.selection[0, 0].formula)
    first = [name for name in FUNCTIONS if f"{name}(" in formula.upper()]
    page = Path(tempfile.gettempdir()) / "cpa_xl functions.html"
    page.write_text(help_page(first), encoding="utf-8")
    if not webbrowser.open(page.as_uri()):
        return f"The page is written; open it: {page}"
    return ""


def help_page(first: Collection[str]) -> str:
    """The functions as a page of HTML, those named first before the others."""
    ordered = sorted(FUNCTIONS.values(), key=lambda function: function.name not in first)
    return "\n".join(
        [
            '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>CPA functions</title>',
            "<style>body{font:15px/1.4 Segoe UI,sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
            "td{vertical-align:top;padding:0 1em .2em 0}code{font-weight:bold}</style>",
            f"<h1>CPA functions</h1><p>cpa_xl {__version__}. Arguments in brackets can be left out.</p>",
            *(_described(function) for function in ordered),
            "</html>\n",
        ]
    )


def _described(function: CellFunction) -> str:
    arguments = ", ".join(f"[{one.name}]" if one.optional else one.name for one in function.arguments)
    rows = "".join(
        f"<tr><td><code>{html.escape(one.name)}</code></td><td>{html.escape(one.help)}{_default(one.default)}</td></tr>"
        for one in function.arguments
    )
    examples = "".join(
        f"<p>Example: <code>={html.escape(one.formula)}</code> gives {html.escape(str(one.answer))}</p>"
        for one in EXAMPLES
        if one.function == function.name
    )
    return (
        f"<h2>{html.escape(function.name)}({html.escape(arguments)})</h2><p>{html.escape(function.help)}"
        f" Result: {html.escape(function.result)}.</p><table>{rows}</table>{examples}"
    )


def _default(value: object) -> str:
    return "" if value is None else f" (default {html.escape(str(value))})"


def repair_links(book: "xlwings.Book") -> str:
    """Point the workbook to the loaded add-in, and enter the formulas that show #NAME? again."""
    workbook = book.api
    add_in = str(book.app.api.Workbooks(ADD_IN).FullName)
    elsewhere = [link for link in workbook.LinkSources(_EXCEL_LINKS) or () if _is_ours(link, add_in)]
    for link in elsewhere:
        workbook.ChangeLink(link, add_in, _EXCEL_LINKS)
    entered, kept = 0, []
    for sheet in book.sheets:
        for cell in _nameless(sheet):
            if sheet.api.ProtectContents:
                kept.append(f"{sheet.name}!{cell.Address(False, False)}")
            else:
                _enter_anew(cell)
                entered += 1
    lines = []
    if elsewhere:
        lines.append(f"Pointed to {add_in}: {', '.join(map(str, elsewhere))}")
    if entered:
        lines.append(f"Entered again: {entered} formula{'s' if entered > 1 else ''} that showed #NAME?")
    if kept:
        lines.append(f"On protected sheets, unprotect them and press again: {', '.join(kept)}")
    return "\n".join(lines) or "Nothing to repair: no link to another add-in, and no CPA function shows #NAME?"


def _is_ours(link: object, add_in: str) -> bool:
    """Whether a link leads to an add-in of our name in another folder."""
    path = str(link).replace("/", "\\").casefold()
    return path.endswith(f"\\{ADD_IN.casefold()}") and path != add_in.casefold()


def _nameless(sheet: "xlwings.Sheet") -> "list[Com]":
    """The cells of a sheet that call a CPA function and show #NAME?, each array formula once."""
    used = sheet.api.UsedRange
    values, formulas = _rows(used.Value2), _rows(used.Formula)
    found = []
    for row, (shown, written) in enumerate(zip(values, formulas, strict=True), start=1):
        for column, (value, formula) in enumerate(zip(shown, written, strict=True), start=1):
            if value == _NO_NAME and type(value) is int and "CPA_" in str(formula).upper():
                cell = used.Cells(row, column)
                if not cell.HasArray or cell.Address() == cell.CurrentArray.Cells(1, 1).Address():
                    found.append(cell)
    return found


def _rows(values: object) -> tuple[tuple[object, ...], ...]:
    """What Excel gives for a range, as rows also where it is a single cell."""
    return values if isinstance(values, tuple) else ((values,),)


def _enter_anew(cell: Com) -> None:
    if cell.HasArray:
        cell.CurrentArray.FormulaArray = cell.FormulaArray
    elif hasattr(cell, "Formula2"):  # since Excel 2021; Formula would put an @ before what may spill
        cell.Formula2 = cell.Formula2
    else:
        cell.Formula = cell.Formula


HANDLERS: dict[str, Callable[[Any], str]] = {
    "refresh": refresh,
    "check": check,
    "explain": explain,
    "freeze": freeze,
    "repair_links": repair_links,
    "function_help": function_help,
    "about": about,
}
