"""Checks that everyone can read the tables: marked up, named, whole, titled (W1 to W6, W15), with notes (W9, W10).

The rules are those of the Analysis Function, "Releasing statistics in spreadsheets", and its checklist of the basics.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from cpa_xl.errors import CellError, Level
from cpa_xl.functions.measure_table import plain_heading
from cpa_xl.measures.figures import SHORTHAND
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.sheet import Value
from cpa_xl.publish.checks.context import Release, SheetView
from cpa_xl.publish.checks.findings import Finding, at, found, release_check
from cpa_xl.wording import FEWEST, first_few
from cpa_xl.workbook.closed import Table

GUIDED_NAME = re.compile(r"table_\d+[a-z]?")  # as gptables, the guidance's own tool, names a table after its sheet
IDLE_NAME = re.compile(r"(?:table|tabelle|tableau|tbl|list|data|sheet)[ _]?\d*", re.IGNORECASE)
TABLES_SAID = re.compile(r"\bworksheet contains (?:\w+) tables?\b", re.IGNORECASE)
EMPTY_SAID = re.compile(r"\b(?:empty|blank) cells?\b|\bcells? (?:is|are) (?:left )?(?:empty|blank)\b", re.IGNORECASE)
UNITS_SAID = re.compile(r"\bunits?\b", re.IGNORECASE)
NUMBER_AS_TEXT = re.compile(r"\s*[+-]?[£$€]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?\s?%?\s*")
TITLE_STYLE = re.compile(r"(?:.*\b)?(?:heading[ _](?:20_)?1|title)", re.IGNORECASE)  # however a program spells it

NOTE = re.compile(r"\[notes? (\d+(?:\s*,\s*\d+)*)\]", re.IGNORECASE)
DEFINED = re.compile(r"\s*\[?note (\d+)\]?\s*[:.]?\s*", re.IGNORECASE)
NOTES_SHEET = re.compile(r"\s*notes?\s*", re.IGNORECASE)
NOTE_NUMBER = re.compile(r"\s*(\d+)\s*[:.)]?\s*")  # how gptables numbers the notes of that sheet
SHORT = re.compile(r"\[[a-z]{1,4}\]")
_NUMBER = r"[+−–-]?\s?[£$€]?[\d,]*\.?\d+\s*(?:%|pp|k|m)?"
NUMBER_WITH_SHORT = re.compile(rf"\s*(?:{_NUMBER}\s*(?:\[[a-z]{{1,4}}\]\s*)+|(?:\[[a-z]{{1,4}}\]\s*)+{_NUMBER}\s*)")
NUMBER_WITH_NOTE = re.compile(rf"\s*{_NUMBER}\s*\[notes? [\d, ]+\]\s*", re.IGNORECASE)
HOLLOW = frozenset((".", "..", "...", "-", "--", "*", "**", ":"))  # stand-ins that mean something else in each release
RAISED = re.compile(rb'<(?:\w+:)?vertAlign\s+val="superscript"')
SYMBOL = re.compile(r"\w[)\]]?\s*([*†‡§¶¹²³⁴⁵])\s*$")


@release_check(
    "W1",
    "every data sheet's table is an Excel table with one row of headings, none blank or repeated",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="a table is not marked as a table with one row of headings, which screen readers need",
)
def check_headings(release: Release) -> Iterator[Finding]:
    """W1."""
    for view in release.views:
        for table in view.tables:
            yield from _headings(view, table)


@release_check(
    "W2",
    "the name of each table says what the table holds",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="the name of a table does not say what it holds",
)
def check_names(release: Release) -> Iterator[Finding]:
    """W2."""
    for view in release.views:
        for table in view.tables:
            yield from _named(view, table)


@release_check(
    "W3",
    "no cells are merged",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="cells are merged, which screen readers and programs read badly",
)
def check_merged(release: Release) -> Iterator[Finding]:
    """W3."""
    for view in release.views:
        yield from _merged(view)


@release_check(
    "W4",
    "no row or column of a table is blank, and empty cells are explained above it",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="a table has an empty row, column or cell that nothing explains",
)
def check_gaps(release: Release) -> Iterator[Finding]:
    """W4; the gaps in a column that publishing adds are intended."""
    added = release.spec.publish.marks if release.published else None
    for view in release.views:
        for table in view.tables:
            yield from _gaps(view, table, added)


@release_check(
    "W5",
    "a table begins in column A, with nothing below it and no other table on its sheet",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="a table does not begin in column A, or shares its sheet with something else",
)
def check_places(release: Release) -> Iterator[Finding]:
    """W5."""
    for view in release.views:
        for table in view.tables:
            yield from _place(view, table)


@release_check(
    "W6",
    "cell A1 holds a title in the style Heading 1, and column A says how many tables there are",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="a sheet has no title, or does not say how many tables it has",
)
def check_titles(release: Release) -> Iterator[Finding]:
    """W6."""
    for view in release.views:
        yield from _title(view)


@release_check(
    "W15",
    "numbers are numbers, dates are dates, decimals are alike in a column",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="numbers or dates are written as text, or are not alike in a column",
)
def check_columns(release: Release) -> Iterator[Finding]:
    """W15."""
    for view in release.views:
        for table in view.tables:
            yield from _columns(view, table)


@release_check(
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


@release_check(
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
            message = f"holds {view.texts[place]!r}, a number and shorthand: put the shorthand into a separate column"
            yield found("W10", at(view.name, *place), message)
        yield from _stand_ins(view)
        for place, text in view.texts.items():
            for mark in SHORT.finditer(text):
                first.setdefault(mark[0], at(view.name, *place))
    for short, where in first.items():
        if short not in SHORTHAND:
            known = ", ".join(SHORTHAND)
            yield found("W10", where, f"uses {short}, which is no shorthand of the guidance: use one of {known}")
        elif not any(_declares(view, short) for view in views):
            message = f"uses {short}, and no column A explains it: declare it on the sheet Notes"
            yield found("W10", where, message)


def _stand_ins(view: SheetView) -> Iterator[Finding]:
    """Cells of tables that hold a sign in the place of a figure, or a note beside one; the first of each kind."""
    said: set[str] = set()
    for (row, column), text in sorted(view.texts.items()):
        inside = any(
            table.first_body_row <= row <= table.last_body_row and table.first_col <= column <= table.last_col
            for table in view.tables
        )
        if inside and text.strip() in HOLLOW and text.strip() not in said:
            said.add(text.strip())
            message = f"holds {text.strip()!r} in the place of a figure: write what it means, such as [x] or [z]"
            yield found("W10", at(view.name, row, column), message)
        elif inside and NUMBER_WITH_NOTE.fullmatch(text) and "note" not in said:
            said.add("note")
            message = f"holds {text!r}, a number and a note: put the note into the heading, or into a separate column"
            yield found("W10", at(view.name, row, column), message)


def _headings(view: SheetView, table: Table) -> Iterator[Finding]:
    place = f"{view.name}, table {table.name}"
    if not (table.header_row and table.header_marked):
        yield found("W1", place, "has no row of headings: switch it on (Table Design, Header Row)")
    names = Counter(plain_heading(column.name) for column in table.columns)
    twice = [name for name, number in names.items() if number > 1]
    if twice or "" in names:
        what = "a heading is blank" if "" in names else f"the heading {twice[0]!r} occurs twice"
        yield found("W1", place, f"{what}: give every column a different heading")


def _named(view: SheetView, table: Table) -> Iterator[Finding]:
    place = f"{view.name}, table {table.name}"
    if IDLE_NAME.fullmatch(table.name) and not GUIDED_NAME.fullmatch(table.name):
        message = "its name does not say what it holds: give it one that does (Table Design, Table Name)"
        yield found("W2", place, message)


def _merged(view: SheetView) -> Iterator[Finding]:
    merged = view.frame.find("mergeCells")
    refs = [one.attributes["ref"] for one in merged.all("mergeCell")] if merged is not None else []
    if refs:
        message = f"merged cells {first_few(refs, FEWEST)}: a screen reader loses its place in them; unmerge them"
        yield found("W3", view.name, message)


def _place(view: SheetView, table: Table) -> Iterator[Finding]:
    place = f"{view.name}, table {table.name}"
    if table.first_col != 1:
        start = cell_name(table.first_row, table.first_col)
        yield found("W5", place, f"begins in {start}: move it to column A, where readers and programs look for it")
    if table != view.tables[0]:
        yield found("W5", place, f"shares its sheet with {view.tables[0].name}: move it to a separate sheet")
    below = [at_ for at_ in view.filled if at_[0] > table.last_row and table == view.tables[-1]]
    if below:
        first = cell_name(*min(below))
        message = f"there is something below the table, in {first}: move it above the table, or to the notes"
        yield found("W5", place, message)


def _title(view: SheetView) -> Iterator[Finding]:
    title, look = view.texts.get((1, 1), ""), view.look(1, 1)
    if not title.strip():
        yield found("W6", f"{view.name}!A1", "is empty: begin the sheet with a title that says what it shows")
    elif look is None or not TITLE_STYLE.fullmatch(look.name):
        name = look.name if look is not None else ""
        message = f"the title {title!r} has the style {name or 'Normal'!r}: give it the cell style Heading 1"
        yield found("W6", f"{view.name}!A1", message)
    if view.tables and not TABLES_SAID.search(view.above(view.tables[0].first_row)):
        message = 'column A does not say how many tables there are: write "This worksheet contains one table." in A2'
        yield found("W6", view.name, message)


def _rows(view: SheetView, table: Table) -> range:
    """The rows of a body; of the blank ones at its end the first alone, for a table may reach to the sheet's end."""
    last = max((row for row, _ in view.filled if row <= table.last_body_row), default=0)
    return range(table.first_body_row, min(table.last_body_row, max(last + 1, table.first_body_row)) + 1)


def _gaps(view: SheetView, table: Table, added: str | None) -> Iterator[Finding]:
    """Blank rows and columns; empty cells that nothing above the table explains."""
    rows = _rows(view, table)
    columns = [table.first_col + at for at, column in enumerate(table.columns) if column.name != added]
    empty = {(row, column) for row in rows for column in columns} - view.filled.keys()
    blank_rows = [row for row in rows if all((row, column) in empty for column in columns)]
    place = f"{view.name}, table {table.name}"
    if len(rows) == 1 and blank_rows:
        return  # a table without rows keeps one that is empty
    if blank_rows:
        some = first_few([str(row) for row in blank_rows], FEWEST)
        yield found("W4", place, f"blank row {some}: a reader takes it for the end of the table; delete it")
    blank = [
        table.columns[column - table.first_col].name for column in columns if {(row, column) for row in rows} <= empty
    ]
    texts = view.above(table.first_row)
    blank = [
        name for name in blank if not (EMPTY_SAID.search(texts) and f"column {name}".casefold() in texts.casefold())
    ]
    if blank:
        yield found(
            "W4", place, f"column {first_few(blank, FEWEST)} holds nothing: leave it out, or write why it is there"
        )
    left = sorted(one for one in empty if one[0] not in blank_rows)
    if left and not EMPTY_SAID.search(texts):
        some = first_few([cell_name(*one) for one in left], FEWEST)
        message = f'empty cells ({some}): say above the table what "empty cells" mean, or write [x] or [z] in them'
        yield found("W4", place, message)


def _columns(view: SheetView, table: Table) -> Iterator[Finding]:
    """W15: numbers and months that are text, and decimals that change within a column."""
    rows = _rows(view, table)
    for offset, heading in enumerate(table.columns):
        column = table.first_col + offset
        places = [(row, column) for row in rows]
        numbers = [one for one in places if one in view.filled and isinstance(view.filled[one].value, float)]
        texts = {one: text for one in places if (text := view.texts.get(one)) is not None}
        wrong = [one for one, text in texts.items() if NUMBER_AS_TEXT.fullmatch(text)] if numbers else []
        if wrong:
            message = f"holds the text {texts[wrong[0]]!r} in a column of numbers ({heading.name}): type the number"
            yield found("W15", at(view.name, *wrong[0]), message)
        if texts and all(_is_month(text) for text in texts.values()):
            first, text = min(texts.items())
            message = f"holds the month {text!r} as text ({heading.name}): type the first day of the month"
            yield found("W15", at(view.name, *first), message)
        formats = {one: look.format for one in numbers if (look := view.look(*one)) is not None}
        counted = Counter(formats.values()).most_common()
        if len(counted) > 1 and not UNITS_SAID.search(view.above(table.first_row)):
            usual, odd = counted[0][0], counted[-1][0]
            first = next(one for one, shown in formats.items() if shown == odd)
            message = (
                f"is shown as {odd}, the column {heading.name} as {usual}: give it the format of the column, or say "
                "above the table that units differ"
            )
            yield found("W15", at(view.name, *first), message)


def _is_month(text: str) -> bool:
    """Whether a text is a month and nothing else: Jan-09, 2009-01."""
    if not re.fullmatch(r"[A-Za-z]{3,9}[- ]\d{2,4}|\d{4}-\d\d", text.strip()):
        return False
    try:
        Month.read(text)
    except CellError:
        return False
    return True


def _note_number(value: Value) -> str:
    """The number in a cell of the sheet of notes, as a number or a text; "" where there is none."""
    if isinstance(value, float) and value == int(value) and value > 0:
        return f"{value:.0f}"
    stated = NOTE_NUMBER.fullmatch(value) if isinstance(value, str) else None
    return stated[1] if stated else ""


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
    for view in (view for view in views if NOTES_SHEET.fullmatch(view.name)):
        for place, cell in view.filled.items():
            if place[1] == 1 and (number := _note_number(cell.value)) in used:
                defined.setdefault(number, at(view.name, *place))
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


def _declares(view: SheetView, mark: str) -> bool:
    """Whether a row whose first cell holds the mark, or that cell alone, explains it."""
    for (row, column), text in view.texts.items():
        if column == 1 and mark in text:
            lower = f"{text} {view.texts.get((row, 2), '')}".casefold()
            if SHORTHAND[mark].word in lower:
                return True
    return False
