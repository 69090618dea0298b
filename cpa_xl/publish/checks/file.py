"""Checks of the published file: hidden content, extras, links, errors, colours and type (W7, W8, W11 to W14)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from cpa_xl.errors import CellError, Level
from cpa_xl.formulas.references import is_gap
from cpa_xl.measures.targets import Letter
from cpa_xl.ooxml.a1 import bounds, cell_name
from cpa_xl.ooxml.sheet import EMPTY
from cpa_xl.ooxml.styles import BookStyles, Look, contrast
from cpa_xl.ooxml.xml import Element
from cpa_xl.publish.checks.context import Release, ScorecardRow, SheetView
from cpa_xl.publish.checks.findings import Finding, at, finds, found, release_check
from cpa_xl.wording import FEWEST, first_few
from cpa_xl.workbook.closed import ClosedWorkbook

HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\b(?:hidden=["'](?:1|true)|ht=["']0(?:\.0*)?)["']""")
NARROWEST = 0.5  # digits: a narrower column is invisible
INVISIBLE = re.compile(r";{2,3}")  # a number format that shows nothing, or texts alone
FROZEN_SAID = re.compile(r"\bfr(?:ee|o)z|\bstays? in (?:sight|view)\b", re.IGNORECASE)
PRINT_CODE = re.compile(r'&"[^"]*"|&\[\w+\]|&K(?:[0-9A-F]{6}|\d\d[+-]\d{3})|&\d+|&[A-Za-z+-]')
IDLE_IN_PRINT = re.compile(r"\b(?:page|of|and|sheet)\b|[^A-Za-z]", re.IGNORECASE)
ADDRESS = re.compile(r"(?:https?://|www\.|mailto:)\S+|click here|here|link|more", re.IGNORECASE)
OWN_FUNCTION = re.compile(r"\bCPA_[A-Z_]+\(", re.IGNORECASE)
OTHER_FILE = re.compile(r"\[\d+\]|\[[^\[\]]+\.(?:xl\w+|ods|csv)\]|'file:", re.IGNORECASE)
NOTES = re.compile(r"\bnotes?\b", re.IGNORECASE)
COVER = re.compile(r"\b(?:cover|about|contents|introduction)\b", re.IGNORECASE)

LEAST_CONTRAST = 4.5  # WCAG 2.1, success criterion 1.4.3
SMALLEST = 10.0  # points
UNDERLINED = "is underlined, which readers take for a link: use bold"
SANS_SERIF = ("arial", "calibri", "verdana", "tahoma", "helvetica", "segoe ui", "aptos", "aptos narrow", "open sans",
              "liberation sans", "dejavu sans", "noto sans", "trebuchet ms", "gill sans mt", "carlito")  # fmt: skip


@release_check(
    "W7",
    "no sheet, row or column is hidden, no sheet is blank, names of sheets are clean",
    on=Release,
    level=Level.STOP,
    for_readers="something is hidden or blank",
)
def check_hidden(release: Release) -> Iterator[Finding]:
    """W7."""
    views = release.views
    for view in views:
        if view.state != "visible":
            yield found("W7", view.name, f"the sheet is {view.state}: show it, or leave it out of the copy")
        if view.name != view.name.strip():
            yield found("W7", view.name, f"the name {view.name!r} begins or ends with a space: rename the sheet")
        if not view.filled and not any(True for _ in view.drawings()):
            yield found("W7", view.name, "the sheet is blank: delete it")
        columns = view.frame.find("cols")
        hidden = [one for one in (columns.all("col") if columns is not None else ()) if _hidden(one)]
        if hidden:
            first = cell_name(1, int(hidden[0].attributes["min"])).rstrip("1")
            yield found("W7", view.name, f"column {first} is hidden: show it, or leave it out of the copy")
        if HIDDEN_ROW.search(view.sheet.data):
            row = next(row for row in view.sheet.rows if HIDDEN_ROW.match(view.sheet.data, row.start))
            yield found("W7", view.name, f"row {row.number} is hidden: show it, or leave it out of the copy")
        for look in view.used:
            if INVISIBLE.fullmatch(look.format) and (places := sorted(view.places_of(look))):
                message = f"the number format {look.format} hides what is there: show it, or leave it out of the copy"
                yield found("W7", at(view.name, *places[0]), message)


@release_check(
    "W8",
    "no filters, headers, footers or text boxes; pictures described, frozen panes explained",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="there is a filter, header, footer or text box, or a picture or frozen pane that is not described",
)
def check_extras(release: Release) -> Iterator[Finding]:
    """W8: what readers of a screen cannot find, or cannot see past."""
    views = release.views
    explained = any(FROZEN_SAID.search(text) for view in views for text in view.texts.values())
    frozen = [view.name for view in views if any(map(_is_frozen, _all(view.frame, "sheetViews", "sheetView", "pane")))]
    if frozen and not explained:
        message = (
            f"panes are frozen{_on_others(frozen)}, and nothing says so: unfreeze them, or explain it in the notes"
        )
        yield found("W8", frozen[0], message)
    for view in views:
        roots = [view.frame, *(view.workbook.package.root(part) for part in view.table_parts)]
        for root in roots:
            if any(one.children for one in _all(root, "autoFilter", "filterColumn")):
                yield found("W8", view.name, "a filter hides rows: clear it (Data, Clear)")
        for name in ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"):
            for element in _all(view.frame, "headerFooter", name):
                if printed := " ".join(IDLE_IN_PRINT.sub(" ", PRINT_CODE.sub(" ", element.text)).split()):
                    kind = "header" if name.endswith("Header") else "footer"
                    message = f"the page {kind} holds text ({printed[:30]}) that no screen shows: write it into a cell"
                    yield found("W8", view.name, message)
        if view.frame.find("picture") is not None:
            message = (
                "there is a picture behind the cells, which makes them hard to read: delete it (Delete Background)"
            )
            yield found("W8", view.name, message)
        for root in view.drawings():
            yield from _drawn(view, root)


@release_check(
    "W13",
    "title and language are stated, the first sheet opens on A1, there is a cover and a sheet of notes",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="the file lacks a title, a language or a sheet that readers expect, or does not open on its first cell",
)
def check_properties(release: Release) -> Iterator[Finding]:
    """W13."""
    workbook, views, published = release.copy, release.views, release.published
    package = workbook.package
    properties = next((name for name in package.names if name.casefold().endswith("docprops/core.xml")), None)
    stated = {one.name: one.text.strip() for one in package.root(properties).walk()} if properties else {}
    for name, what in (("title", "title"), ("language", "language")):
        if not stated.get(name):
            message = f"the document states no {what}: fill it in (File, Info, Properties)"
            yield found("W13", workbook.path.name, message)
    active = next(
        (one.attributes.get("activeTab", "0") for one in package.root(package.workbook_part).walk()
         if one.name == "workbookView"), "0",
    )  # fmt: skip
    if active != "0":
        yield found("W13", workbook.path.name, "does not open on its first sheet: save it with that sheet in front")
    if views and (cell := _active_cell(views[0])) != "A1":
        yield found("W13", views[0].name, f"opens on the cell {cell}: save it with A1 selected")
    wanted = [("notes", NOTES)] + ([("cover", COVER)] if published else [])
    for what, pattern in wanted:
        if not any(pattern.search(view.name) for view in views):
            yield found("W13", workbook.path.name, f"has no sheet with the {what}: add one")


@release_check(
    "W14",
    "no macros, links to other files, errors, or formulas that need cpa_xl; links have words",
    on=Release,
    level=Level.STOP,
    for_readers="a link, a formula or another part of the file does not work for readers",
)
def check_safety(release: Release) -> Iterator[Finding]:
    """W14: a published copy also has no macros and no formulas that need cpa_xl.

    A typed #N/A counts as an intended gap, except on the sheet that is `printed`.
    """
    workbook, views, published = release.copy, release.views, release.published
    printed = "" if release.spec.scorecard is None else release.spec.scorecard.sheet
    parts = [name.casefold() for name in workbook.package.names]
    kinds = {"externallinks/": "links to other files: break them (Data, Edit Links)",
             "connections.xml": "connections to data: remove them (Data, Queries & Connections)"}  # fmt: skip
    if published:
        kinds["vbaproject.bin"] = "macros: save it as .xlsx"
    for ending, what in kinds.items():
        if any(ending in name and "_rels" not in name for name in parts):
            yield found("W14", workbook.path.name, f"holds {what}")
    for name, text in workbook.names.items():
        if OTHER_FILE.search(text):
            yield found("W14", workbook.path.name, f"the name {name} refers to another file, {text}: delete the name")
    for view in views:
        yield from _cells(view, published=published)
        yield from _errors(view, release.working, printed=view.name == printed)
        yield from _links(view)


@release_check(
    "W11",
    "letters are G, A, R or – with a reason, and colours have contrast",
    on=Release,
    level=Level.STOP,
    for_readers="a letter or a colour is hard to read",
)
def check_letters(release: Release) -> Iterator[Finding]:
    """W11 of the letters of the scorecard that readers get."""
    if release.scorecard is not None and release.scorecard.sheet not in release.copy.sheet_names:
        message = f"the copy has no sheet {release.scorecard.sheet}: publish it with its scorecard"
        yield found("W11", release.copy.path.name, message)
    for _, printed in release.printed_rows:
        yield from _letter(printed)


@release_check(
    "W12",
    "text is sans serif, 10 points or more, level, not in italics or underlined",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="some text is hard to read: small, slanted, underlined or not in plain letters",
)
@finds("W11", on=Release)
def check_styles(release: Release) -> Iterator[Finding]:
    """W11 of colours, W12 of type."""
    for view in release.views:
        yield from _styles(view)


@finds("W11", on=Release)
def check_conditional(release: Release) -> Iterator[Finding]:
    """W11 of colours that depend on a condition."""
    styles, name = BookStyles(release.copy.package), release.copy.path.name
    for colour, ground in styles.conditional():
        if contrast(colour, ground) < LEAST_CONTRAST:
            yield found("W11", f"{name}, conditional formats", _contrast(colour, ground), Level.WARN)


def _hidden(column: Element) -> bool:
    given = column.attributes
    return given.get("hidden", "0") in ("1", "true") or float(given.get("width", NARROWEST)) < NARROWEST


def _on_others(sheets: Sequence[str]) -> str:
    """The other sheets of a finding: " (and on 3 more sheets)"."""
    more = len(sheets) - 1
    return f" (and on {more} more sheet{'s' if more > 1 else ''})" if more else ""


def _is_frozen(pane: Element) -> bool:
    return pane.attributes.get("state", "") in ("frozen", "frozenSplit")


def _drawn(view: SheetView, root: Element) -> Iterator[Finding]:
    bare: list[str] = []
    for element in root.walk():
        if element.name in ("pic", "graphicFrame"):
            stated = next((one.attributes for one in element.walk() if one.name == "cNvPr"), {})
            if not stated.get("descr", "").strip():
                bare.append(stated.get("name") or "a picture")
        elif element.name == "sp" and (words := _words(element)):
            yield found("W8", view.name, f"a text box says {words[:40]!r}: write it into a cell")
    if bare:
        message = f"no alternative text for {first_few(bare, FEWEST)}: say in a sentence what it shows (Edit Alt Text)"
        yield found("W8", view.name, message)


def _words(shape: Element) -> str:
    return " ".join(one.text for one in shape.walk() if one.name == "t" and one.text.strip())


def _all(root: Element, *names: str) -> list[Element]:
    """The elements that a path of names leads to."""
    reached = [root]
    for name in names:
        reached = [child for one in reached for child in one.all(name)]
    return reached


def _active_cell(view: SheetView) -> str:
    """The cell that is selected when the sheet is opened; the first one below frozen panes counts as A1."""
    for sheet in _all(view.frame, "sheetViews", "sheetView"):
        pane = sheet.find("pane")
        active = pane.attributes.get("activePane", "topLeft") if pane is not None else "topLeft"
        for selection in sheet.all("selection"):
            if selection.attributes.get("pane", "topLeft") == active:
                cell = selection.attributes.get("activeCell", "A1")
                return "A1" if pane is not None and cell == pane.attributes.get("topLeftCell") else cell
    return "A1"


def _cells(view: SheetView, *, published: bool) -> Iterator[Finding]:
    wrong: dict[str, list[str]] = {}
    for place, cell in view.cells.items():
        formula = cell.formula or ""
        if published and OWN_FUNCTION.search(formula):
            wrong.setdefault("formulas that need cpa_xl: freeze the copy", []).append(cell_name(*place))
        if ("[" in formula or "file:" in formula) and OTHER_FILE.search(formula):
            wrong.setdefault("formulas over other files: put values in their place", []).append(cell_name(*place))
    for message, cells in wrong.items():
        yield found("W14", f"{view.name}!{cells[0]}", f"{first_few(cells, FEWEST)}: {message}")


def _errors(view: SheetView, working: ClosedWorkbook, *, printed: bool) -> Iterator[Finding]:
    """Errors, except an #N/A that leaves a gap in a chart.

    Such an #N/A is asked for by a formula, is the stored value of such a formula, or replaces a suppressed figure.
    """
    formulas = working.cells(view.name) if view.name in working.sheet_names else {}
    wrong: dict[str, list[str]] = {}
    for place, cell in view.cells.items():
        if isinstance(cell.value, CellError):
            there = formulas.get(place, EMPTY)
            formula = there.formula if cell.formula is not None or not isinstance(there.value, float) else None
            if not is_gap(cell.value, formula) or (printed and formula is None):
                wrong.setdefault(cell.value.code, []).append(cell_name(*place))
    for code, cells in wrong.items():
        message = f"{first_few(cells, FEWEST)}: the error {code}: correct the cells that it depends on"
        yield found("W14", f"{view.name}!{cells[0]}", message)


def _links(view: SheetView) -> Iterator[Finding]:
    """Links without words, and links to a disk that readers cannot reach."""
    targets = {link.id: link.target for link in view.workbook.package.links(view.part)}
    for link in view.links:
        row, column, *_ = bounds(link.attributes["ref"])
        cell, words = cell_name(row, column), view.texts.get((row, column), "")
        if not words.strip() or ADDRESS.fullmatch(words.strip()):
            message = f"the link says {words.strip() or 'nothing'!r}: write where it leads"
            yield found("W14", f"{view.name}!{cell}", message)
        target = targets.get(link.attribute("id") or "", "")
        if re.match(r"file:|[A-Za-z]:\\|\\\\", target):
            yield found(
                "W14", f"{view.name}!{cell}", f"the link leads to {target}, which readers cannot open: remove it"
            )


def _letter(row: ScorecardRow) -> Iterator[Finding]:
    """W11 of a row of the scorecard: a letter that is none, and no letter without a reason."""
    letter, status = row.text("rag"), row.text("status").strip()
    if letter not in [*Letter]:
        names = ", ".join(unicodedata.name(character, "a control character") for character in letter) or "nothing"
        message = (
            f"holds {letter!r} ({names}), and a letter is G, A, R or –: type one of these, or put back its formula"
        )
        yield found("W11", row.place("rag"), message)
    elif not status and row.measure.figure is not None:
        message = f"nothing beside the letter {letter} explains it: put back the formula of the status"
        yield found("W11", row.place("status"), message)


def _is_in(place: tuple[int, int], boxes: Iterable[tuple[int, int, int, int]]) -> bool:
    return any(top <= place[0] <= bottom and left <= place[1] <= right for top, left, bottom, right in boxes)


def _styles(view: SheetView) -> Iterator[Finding]:
    """W11 of colours, W12 of type: one finding for each fault of a sheet, with the first cell that has it."""
    faults: dict[str, tuple[str, tuple[int, int]]] = {}
    boxes = [bounds(ref) for ref in view.linked]  # a link may cover several cells
    for look in view.used:
        for code, message in _faults(look):
            places = view.places_of(look)
            place = min((one for one in places if message != UNDERLINED or not _is_in(one, boxes)), default=None)
            if place is not None and (message not in faults or place < faults[message][1]):
                faults[message] = (code, place)
    for message, (code, place) in sorted(faults.items(), key=lambda item: item[1][1]):
        yield found(code, at(view.name, *place), message, Level.WARN)


def _faults(look: Look) -> Iterator[tuple[str, str]]:
    if look.contrast < LEAST_CONTRAST:
        yield "W11", _contrast(look.colour, look.ground)
    if look.font.casefold() not in SANS_SERIF:
        yield "W12", f"is written in {look.font}: use a sans serif, such as Arial"
    if look.size < SMALLEST:
        yield "W12", f"is written in {look.size:g} points: use {SMALLEST:g} or more"
    if look.italic:
        yield "W12", "is in italics: use bold to emphasise a word"
    if look.underlined:
        yield "W12", UNDERLINED
    if look.turned:
        yield "W12", "is turned: write it level"


def _contrast(colour: str, ground: str) -> str:
    ratio = contrast(colour, ground)
    return f"#{colour} on #{ground} has a contrast of {ratio:.1f} to 1: choose colours with {LEAST_CONTRAST} or more"
