"""Notes and shorthand of a published workbook: known, used, and explained (W9, W10)."""

import re
from collections.abc import Iterator, Sequence

from cpa_xl.checkcontext import Release
from cpa_xl.errors import Level
from cpa_xl.findings import Finding, at, check, found
from cpa_xl.sheetviews import SheetView
from cpa_xl.shorthand import SHORTHAND

NOTE = re.compile(r"\[notes? (\d+(?:\s*,\s*\d+)*)\]", re.IGNORECASE)
DEFINED = re.compile(r"\s*\[?note (\d+)\]?\s*[:.]?\s*", re.IGNORECASE)
SHORT = re.compile(r"\[[a-z]{1,4}\]")
_NUMBER = r"[+−–-]?\s?[£$€]?[\d,]*\.?\d+\s*(?:%|pp|k|m)?"
NUMBER_WITH_SHORT = re.compile(rf"\s*(?:{_NUMBER}\s*(?:\[[a-z]{{1,4}}\]\s*)+|(?:\[[a-z]{{1,4}}\]\s*)+{_NUMBER}\s*)")
RAISED = re.compile(rb'<(?:\w+:)?vertAlign\s+val="superscript"')
SYMBOL = re.compile(r"\w[)\]]?\s*([*†‡§¶¹²³⁴⁵])\s*$")


@check(
    "W9",
    "every [note 1] is defined and every note is used; no superscripts or symbols",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="a note is not explained or not used, or a symbol is used instead of a note",
)
def check_notes(release: Release) -> Iterator[Finding]:
    """W9."""
    views = release.views
    used, defined = _notes(views)
    for number in sorted(used.keys() - defined.keys(), key=int):
        message = f"refers to note {number}, which no sheet explains: add it to the notes, or take the mark away"
        yield found("W9", used[number], message)
    for number in sorted(defined.keys() - used.keys(), key=int):
        yield found("W9", defined[number], f"note {number} is used nowhere: mark [note {number}] where it belongs")
    for view in views:
        yield from _symbols(view)
    for package in {id(view.workbook.package): view.workbook.package for view in views}.values():
        if any(RAISED.search(package.text(name)) for name in package.names if name.endswith("sharedStrings.xml")):
            message = "some text is partly in superscript: write [note 1] in its place"
            yield found("W9", package.path.name, message)


def _notes(views: Sequence[SheetView]) -> tuple[dict[str, str], dict[str, str]]:
    """Where each note is used first, and where it is defined, by its number."""
    used: dict[str, str] = {}
    defined: dict[str, str] = {}
    for view in views:
        for place, text in view.texts.items():
            if place[1] == 1 and (stated := DEFINED.fullmatch(text)):
                defined.setdefault(stated[1], at(view.name, *place))
                continue
            for mark in NOTE.finditer(text):
                for number in re.split(r"\s*,\s*", mark[1]):
                    used.setdefault(number, at(view.name, *place))
    return used, defined


def _symbols(view: SheetView) -> Iterator[Finding]:
    """Superscripts, and headings or labels that end with a symbol."""
    raised = [look for look in view.used if look.raised]
    if raised:
        place = next(iter(view.places_of(raised[0])), (1, 1))
        yield found("W9", at(view.name, *place), "is written in superscript: write [note 1] in its place")
    headings = {table.first_row for table in view.tables}
    for (row, column), text in view.texts.items():
        if (row in headings or column == 1) and (symbol := SYMBOL.search(text)):
            message = f"{text!r} ends with {symbol[1]}: write [note 1] in its place, and the note on the sheet Notes"
            yield found("W9", at(view.name, row, column), message)


@check(
    "W10",
    "shorthand is known, explained, and never in a cell with a number",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="shorthand is not explained, or is in a cell with a number",
)
def check_shorthand(release: Release) -> Iterator[Finding]:
    """W10."""
    views = release.views
    first: dict[str, str] = {}
    for view in views:
        mixed = [place for place, text in view.texts.items() if NUMBER_WITH_SHORT.fullmatch(text)]
        if mixed:
            place = min(mixed)
            message = f"holds {view.texts[place]!r}, a number and shorthand: put the shorthand into a column of its own"
            yield found("W10", at(view.name, *place), message)
        for place, text in view.texts.items():
            for mark in SHORT.finditer(text):
                first.setdefault(mark[0], at(view.name, *place))
    for short, where in first.items():
        if short not in SHORTHAND:
            known = ", ".join(SHORTHAND)
            yield found("W10", where, f"uses {short}, which is no shorthand of the guidance: use one of {known}")
        elif not any(_declares(view, short) for view in views):
            message = f"uses {short}, and nothing in a column A says what it means: declare it on the sheet Notes"
            yield found("W10", where, message)


def _declares(view: SheetView, mark: str) -> bool:
    """Whether a row whose first cell holds the mark, or that cell alone, explains it."""
    for (row, column), text in view.texts.items():
        if column == 1 and mark in text:
            said = f"{text} {view.texts.get((row, 2), '')}".casefold()
            if SHORTHAND[mark].word in said:
                return True
    return False
