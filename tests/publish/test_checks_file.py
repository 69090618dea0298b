"""What the demo's file must be like to be published: one thing wrong with it each time, and the message about it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cpa_xl.errors import Level
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.releasing import FindingTuple, news, rebuilt, typed

Break = Callable[[ClosedWorkbook], ClosedWorkbook]
WORKBOOK, STYLES, CORE = "xl/workbook.xml", "xl/styles.xml", "docProps/core.xml"
NAME = "cpa_scorecard.xlsx"


@pytest.fixture(scope="module")
def book(demo: Path) -> ClosedWorkbook:
    """The demo's workbook with a few of its many rows by borough, which would take long to look at each time."""
    book = ClosedWorkbook.open(demo)
    columns = [column.name for column in book.tables["Areas"].columns]
    rows = [[cell.value for (at, _), cell in sorted(book.cells("Areas").items()) if at == row] for row in (5, 6)]
    return book.with_rows("Areas", columns, rows)


def in_part(part: str, old: str, new: str) -> Break:
    """A part changed."""
    return lambda book: rebuilt(book, part, old, new)


def in_sheet(sheet: str, old: str, new: str) -> Break:
    """The part of a sheet changed."""
    return lambda book: rebuilt(book, book.part_of(sheet), old, new)


def in_table(name: str, old: str, new: str) -> Break:
    """The part of a table changed."""

    def change(book: ClosedWorkbook) -> ClosedWorkbook:
        parts = [part for part in book.package.names if part.startswith("xl/tables/")]
        part = next(part for part in parts if f'displayName="{name}"'.encode() in book.package.text(part))
        return rebuilt(book, part, old, new)

    return change


def cell(where: str, value: str | float | None) -> Break:
    """A cell typed over."""
    return lambda book: typed(book, where, value)


def after_rows(sheet: str, element: str) -> Break:
    """An element put in behind the cells of a sheet."""
    return in_sheet(sheet, "</sheetData>", f"</sheetData>{element}")


def all_of(*changes: Break) -> Break:
    """One change after another."""

    def change(book: ClosedWorkbook) -> ClosedWorkbook:
        for one in changes:
            book = one(book)
        return book

    return change


def other_file(book: ClosedWorkbook) -> ClosedWorkbook:
    return ClosedWorkbook(book.package.with_part("xl/externalLinks/externalLink1.xml", b"<externalLink/>"))


def without_style(book: ClosedWorkbook) -> ClosedWorkbook:
    return rebuilt(book, book.part_of("Milestones"), r'<c r="A1" s="\d+"', '<c r="A1"')


MILESTONES = "Milestones, table Milestones"
ONE_TABLE = "This worksheet contains one table."
BODY = [f"Milestones!{column}{row}" for row in range(5, 15) for column in "ABC"]
BROKEN: dict[str, tuple[Break, FindingTuple]] = {
    "no headings": (
        in_table("CommentFacts", "totalsRowShown", 'headerRowCount="0" totalsRowShown'),
        ("W1", Level.WARN, "Comment facts, table CommentFacts",
         "has no row of headings: switch it on (Table Design, Header Row)"),
    ),
    "a heading twice": (
        in_table("CommentFacts", 'name="Basis"', 'name="id"'),
        ("W1", Level.WARN, "Comment facts, table CommentFacts",
         "the heading 'id' occurs twice: give every column a different heading"),
    ),
    "a heading of spaces": (
        in_table("CommentFacts", 'name="Basis"', 'name=" "'),
        ("W1", Level.WARN, "Comment facts, table CommentFacts",
         "a heading is blank: give every column a different heading"),
    ),
    "a name that says nothing": (
        in_table("CommentFacts", 'name="CommentFacts" displayName="CommentFacts"',
                 'name="Table14" displayName="Table14"'),
        ("W2", Level.WARN, "Comment facts, table Table14",
         "its name does not say what it holds: give it one that does (Table Design, Table Name)"),
    ),
    "merged cells": (
        after_rows("Milestones", '<mergeCells count="1"><mergeCell ref="A6:B6"/></mergeCells>'),
        ("W3", Level.WARN, "Milestones", "merged cells A6:B6: a screen reader loses its place in them; unmerge them"),
    ),
    "a blank row": (
        all_of(*(cell(f"Milestones!{column}7", None) for column in "ABC")),
        ("W4", Level.WARN, MILESTONES, "blank row 7: a reader takes it for the end of the table; delete it"),
    ),
    "a table to the sheet's end": (
        in_table("Milestones", r'ref="A4:C14"', 'ref="A4:C1048576"'),
        ("W4", Level.WARN, MILESTONES, "blank row 15: a reader takes it for the end of the table; delete it"),
    ),
    "a blank column": (
        all_of(*(cell(one, None) for one in BODY if one.startswith("Milestones!C"))),
        ("W4", Level.WARN, MILESTONES, "column Strand holds nothing: leave it out, or write why it is there"),
    ),
    "an empty cell": (
        cell("Milestones!C6", None),
        ("W4", Level.WARN, MILESTONES, 'empty cells (C6): say above the table what "empty cells" mean, or write [x] '
         "or [z] in them"),
    ),
    "a table in column B": (
        in_table("CommentFacts", r'ref="A4:H(\d+)"', 'ref="B4:I32"'),
        ("W5", Level.WARN, "Comment facts, table CommentFacts",
         "begins in B4: move it to column A, where readers and programs look for it"),
    ),
    "something below": (
        lambda book: book.with_cell("Milestones", 40, 2, "checked"),
        ("W5", Level.WARN, MILESTONES,
         "there is something below the table, in B40: move it above the table, or to the notes"),
    ),
    "no title": (
        cell("Milestones!A1", None),
        ("W6", Level.WARN, "Milestones!A1", "is empty: begin the sheet with a title that says what it shows"),
    ),
    "a title like other text": (
        without_style,
        ("W6", Level.WARN, "Milestones!A1",
         "the title 'Milestones' has the style 'Normal': give it the cell style Heading 1"),
    ),
    "no word of tables": (
        cell("Milestones!A2", "Empty cells: none."),
        ("W6", Level.WARN, "Milestones",
         f'column A does not say how many tables there are: write "{ONE_TABLE}" in A2'),
    ),
    "a hidden sheet": (
        in_part(WORKBOOK, '<sheet name="Milestones"', '<sheet state="veryHidden" name="Milestones"'),
        ("W7", Level.STOP, "Milestones", "the sheet is veryHidden: show it, or leave it out of the copy"),
    ),
    "a sheet's name": (
        in_part(WORKBOOK, '<sheet name="Milestones"', '<sheet name="Milestones "'),
        ("W7", Level.STOP, "Milestones ", "the name 'Milestones ' begins or ends with a space: rename the sheet"),
    ),
    "a blank sheet": (
        all_of(*(cell(f"Milestones!{one}", None) for one in ("A1", "A2", "A3", "A4", "B4", "C4")),
               *(cell(one, None) for one in BODY)),
        ("W7", Level.STOP, "Milestones", "the sheet is blank: delete it"),
    ),
    "a hidden column": (
        in_sheet("Milestones", '<col min="2"', '<col hidden="1" min="2"'),
        ("W7", Level.STOP, "Milestones", "column B is hidden: show it, or leave it out of the copy"),
    ),
    "a column of no width": (
        in_sheet("Milestones", r'<col min="2" max="2" width="[^"]*"', '<col min="2" max="2" width="0.00"'),
        ("W7", Level.STOP, "Milestones", "column B is hidden: show it, or leave it out of the copy"),
    ),
    "a hidden row, as others write it": (
        in_sheet("Milestones", '<row r="6"', "<row hidden='true' r=\"6\""),
        ("W7", Level.STOP, "Milestones", "row 6 is hidden: show it, or leave it out of the copy"),
    ),
    "a row of no height": (
        in_sheet("Milestones", '<row r="6"', '<row ht="0" customHeight="1" r="6"'),
        ("W7", Level.STOP, "Milestones", "row 6 is hidden: show it, or leave it out of the copy"),
    ),
    "a format that shows nothing": (
        lambda book: rebuilt(book, "xl/styles.xml", 'formatCode="mmm-yy"', 'formatCode=";;;"'),
        ("W7", Level.STOP, "Monthly!A5",
         "the number format ;;; hides what is there: show it, or leave it out of the copy"),
    ),
    "a hidden row": (
        in_sheet("Milestones", '<row r="6"', '<row hidden="1" r="6"'),
        ("W7", Level.STOP, "Milestones", "row 6 is hidden: show it, or leave it out of the copy"),
    ),
    "a row without height": (
        in_sheet("Milestones", '<row r="6"', '<row ht="0" customHeight="1" r="6"'),
        ("W7", Level.STOP, "Milestones", "row 6 is hidden: show it, or leave it out of the copy"),
    ),
    "a column without width": (
        in_sheet("Milestones", r'<col min="2" max="2" width="[^"]*"', '<col min="2" max="2" width="0.1"'),
        ("W7", Level.STOP, "Milestones", "column B is hidden: show it, or leave it out of the copy"),
    ),
        "a filter": (
        in_table("Milestones", r'<autoFilter ref="[^"]*"/>',
                 '<autoFilter ref="A4:C14"><filterColumn colId="0"><filters/></filterColumn></autoFilter>'),
        ("W8", Level.WARN, "Milestones", "a filter hides rows: clear it (Data, Clear)"),
    ),
    "a footer that speaks": (
        in_sheet("Milestones", r"<oddFooter>.*?</oddFooter>",
                 '<oddFooter>&amp;"Arial"&amp;10Page &amp;P Provisional figures</oddFooter>'),
        ("W8", Level.WARN, "Milestones",
         "the page footer holds text (Provisional figures) that no screen shows: write it into a cell"),
    ),
    "a picture without words": (
        in_part("xl/drawings/drawing1.xml", r' descr="[^"]*"', ""),
        ("W8", Level.WARN, "Trends",
         "no alternative text for Chart 1: say in a sentence what it shows (Edit Alt Text)"),
    ),
    "a text box": (
        in_part("xl/drawings/drawing1.xml", "</xdr:wsDr>",
                "<xdr:oneCellAnchor><xdr:sp><xdr:txBody><a:p><a:r><a:t>Much better</a:t></a:r></a:p></xdr:txBody>"
                "</xdr:sp></xdr:oneCellAnchor></xdr:wsDr>"),
        ("W8", Level.WARN, "Trends", "a text box says 'Much better': write it into a cell"),
    ),
    "a note that is not there": (
        cell("Milestones!C6", "Pursue [note 3]"),
        ("W9", Level.WARN, "Milestones!C6",
         "refers to note 3, which no sheet explains: add it to the notes, or take the mark away"),
    ),
    "a note that nobody needs": (
        lambda book: book.with_cell("Notes", 60, 1, "note 4"),
        ("W9", Level.WARN, "Notes!A60", "note 4 is used nowhere: mark [note 4] where it belongs"),
    ),
    "a superscript": (
        in_part(STYLES, '<font><b/><sz val="16"/>', '<font><b/><vertAlign val="superscript"/><sz val="16"/>'),
        ("W9", Level.WARN, "Scorecard!A1", "is written in superscript: write [note 1] in its place"),
    ),
    "a superscript within a text": (
        in_part("xl/sharedStrings.xml", "</si></sst>",
                '</si><si><r><t>9</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></si></sst>'),
        ("W9", Level.WARN, NAME, "some text is partly in superscript: write [note 1] in its place"),
    ),
    "a symbol": (
        cell("Milestones!A6", "CT*"),
        ("W9", Level.WARN, "Milestones!A6",
         "'CT*' ends with *: write [note 1] in its place, and the note on the sheet Notes"),
    ),
    "unknown shorthand": (
        cell("Milestones!C6", "Pursue [q]"),
        ("W10", Level.WARN, "Milestones!C6",
         "uses [q], which is no shorthand of the guidance: use one of [b], [c], [e], [er], [f], [low], [ns], [s], "
         "[ss], [sss], [p], [r], [u], [x], [z]"),
    ),
    "shorthand that nobody explains": (
        cell("Milestones!C6", "[f]"),
        ("W10", Level.WARN, "Milestones!C6",
         "uses [f], and no column A explains it: declare it on the sheet Notes"),
    ),
    "a number with shorthand": (
        cell("Monthly!B10", "4,231 [p]"),
        ("W10", Level.WARN, "Monthly!B10",
         "holds '4,231 [p]', a number and shorthand: put the shorthand into a separate column"),
    ),
    "shorthand before a number": (
        cell("Monthly!B10", "[p] −4.2pp"),
        ("W10", Level.WARN, "Monthly!B10",
         "holds '[p] −4.2pp', a number and shorthand: put the shorthand into a separate column"),
    ),
    "c11 a sign in the place of a figure": (
        cell("Monthly!B10", ".."),
        ("W10", Level.WARN, "Monthly!B10",
         "holds '..' in the place of a figure: write what it means, such as [x] or [z]"),
    ),
    "c11 a star in the place of a figure": (
        cell("Monthly!C12", "*"),
        ("W10", Level.WARN, "Monthly!C12",
         "holds '*' in the place of a figure: write what it means, such as [x] or [z]"),
    ),
    "c11 a note beside a number": (
        cell("Monthly!B10", "3 [note 1]"),
        ("W10", Level.WARN, "Monthly!B10",
         "holds '3 [note 1]', a number and a note: put the note into the heading, or into a separate column"),
    ),
    "c11 a picture behind the cells": (
        after_rows("Milestones", '<picture r:id="rId1"/>'),
        ("W8", Level.WARN, "Milestones",
         "there is a picture behind the cells, which makes them hard to read: delete it (Delete Background)"),
    ),
    "a look-alike letter": (
        cell("Scorecard!D13", "\u0410"),
        ("W11", Level.STOP, "Scorecard!D13",
         "holds '\u0410' (CYRILLIC CAPITAL LETTER A), and a letter is G, A, R or –: type one of these, or put back "
         "its formula"),
    ),
    "no letter and no reason": (
        cell("Scorecard!E18", ""),
        ("W11", Level.STOP, "Scorecard!E18",
         "nothing beside the letter – explains it: put back the formula of the status"),
    ),
    "pale text": (
        in_part(STYLES, r'<font><sz val="10"/><color rgb="FF595959"/>', '<font><sz val="10"/><color rgb="FFAAAAAA"/>'),
        ("W11", Level.WARN, "Comment facts!A2",
         "#AAAAAA on #FFFFFF has a contrast of 2.3 to 1: choose colours with 4.5 or more"),
    ),
    "a pale letter": (
        in_part(STYLES, '<dxf><font><color rgb="FFFFFFFF"/></font><fill><patternFill><bgColor rgb="FF00796B"/>',
                '<dxf><font><color rgb="FFFFFFFF"/></font><fill><patternFill><bgColor rgb="FF92D050"/>'),
        ("W11", Level.WARN, f"{NAME}, conditional formats",
         "#FFFFFF on #92D050 has a contrast of 1.8 to 1: choose colours with 4.5 or more"),
    ),
    "a serif": (
        in_part(STYLES, r'(?<=<sz val="16"/><color rgb="FF1F3864"/>)<name val="Arial"/>',
                '<name val="Times New Roman"/>'),
        ("W12", Level.WARN, "Milestones!A1", "is written in Times New Roman: use a sans serif, such as Arial"),
    ),
    "small print": (
        in_part(STYLES, r'<font><sz val="10"/><color rgb="FF595959"/>', '<font><sz val="8"/><color rgb="FF595959"/>'),
        ("W12", Level.WARN, "Milestones!A2", "is written in 8 points: use 10 or more"),
    ),
    "italics": (
        in_part(STYLES, r'<font><sz val="10"/><color rgb="FF595959"/>',
                '<font><i/><sz val="10"/><color rgb="FF595959"/>'),
        ("W12", Level.WARN, "Milestones!A2", "is in italics: use bold to emphasise a word"),
    ),
    "underlined text": (
        in_part(STYLES, r'<font><sz val="10"/><color rgb="FF595959"/>',
                '<font><u/><sz val="10"/><color rgb="FF595959"/>'),
        ("W12", Level.WARN, "Milestones!A2", "is underlined, which readers take for a link: use bold"),
    ),
    "a document without a language": (
        in_part(CORE, "<dc:language>en-GB</dc:language>", ""),
        ("W13", Level.WARN, NAME, "the document states no language: fill it in (File, Info, Properties)"),
    ),
    "a document without a title": (
        in_part(CORE, r"<dc:title>[^<]*</dc:title>", "<dc:title/>"),
        ("W13", Level.WARN, NAME, "the document states no title: fill it in (File, Info, Properties)"),
    ),
    "another sheet in front": (
        in_part(WORKBOOK, "<workbookView ", '<workbookView activeTab="3" '),
        ("W13", Level.WARN, NAME, "does not open on its first sheet: save it with that sheet in front"),
    ),
    "another cell": (
        in_sheet("Scorecard", '<selection pane="bottomRight"/>',
                 '<selection pane="bottomRight" activeCell="J13" sqref="J13"/>'),
        ("W13", Level.WARN, "Scorecard", "opens on the cell J13: save it with A1 selected"),
    ),
    "no notes": (
        in_part(WORKBOOK, '<sheet name="Notes"', '<sheet name="Remarks"'),
        ("W13", Level.WARN, NAME, "has no sheet with the notes: add one"),
    ),
    "a link to another file": (
        other_file, ("W14", Level.STOP, NAME, "holds links to other files: break them (Data, Edit Links)"),
    ),
    "a name in another file": (
        in_part(WORKBOOK, "</definedNames>", '<definedName name="old">[1]Sheet1!$A$1</definedName></definedNames>'),
        ("W14", Level.STOP, NAME, "the name old refers to another file, [1]Sheet1!$A$1: delete the name"),
    ),
    "an error": (
        in_sheet("Scorecard", r'<c r="G13"( s="\d+")?[^>]*>.*?</c>', '<c r="G13" t="e"><v>#REF!</v></c>'),
        ("W14", Level.STOP, "Scorecard!G13", "G13: the error #REF!: correct the cells that it depends on"),
    ),
    "an error that is not printed": (
        in_sheet("Notes", r'<c r="A3"( s="\d+")?[^>]*>.*?</c>', '<c r="A3" t="e"><v>#REF!</v></c>'),
        ("W14", Level.STOP, "Notes!A3", "A3: the error #REF!: correct the cells that it depends on"),
    ),
    "a formula over a file of another kind": (
        in_sheet("Notes", r'<c r="A3"( s="\d+")?[^>]*>.*?</c>',
                 "<c r=\"A3\"><f>'C:\\old\\[last.ods]Sheet1'!A1</f><v>1</v></c>"),
        ("W14", Level.STOP, "Notes!A3", "A3: formulas over other files: put values in their place"),
    ),
    "a formula over another file": (
        in_sheet("Notes", r'<c r="A3"( s="\d+")?[^>]*>.*?</c>', '<c r="A3"><f>[1]Sheet1!A1</f><v>1</v></c>'),
        ("W14", Level.STOP, "Notes!A3", "A3: formulas over other files: put values in their place"),
    ),
    "a link without words": (
        cell("Notes!A26", "click here"),
        ("W14", Level.STOP, "Notes!A26", "the link says 'click here': write where it leads"),
    ),
    "a number that is text": (
        cell("Monthly!B10", "4,231"),
        ("W15", Level.WARN, "Monthly!B10",
         "holds the text '4,231' in a column of numbers (Residential burglary): type the number"),
    ),
    "months that are text": (
        all_of(*(cell(one, "Jan-09") for one in BODY if one.startswith("Milestones!B"))),
        ("W15", Level.WARN, "Milestones!B5",
         "holds the month 'Jan-09' as text (Month): type the first day of the month"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_with_a_file(root: Path, book: ClosedWorkbook, what: str) -> None:
    change, expected = BROKEN[what]
    found = news(root, book, change(book))
    same = [one for one in found if one[0] == expected[0]]
    assert expected in same, same


def test_a_blank_column_that_is_explained_above(root: Path, book: ClosedWorkbook) -> None:
    blank = all_of(*(cell(one, None) for one in BODY if one.startswith("Milestones!C")))(book)
    told = typed(blank, "Milestones!A2", "This worksheet contains one table. Column Strand: empty cells are none.")
    assert news(root, book, told) == []
    other = typed(blank, "Milestones!A2", "This worksheet contains one table. Column Month: empty cells are none.")
    message = "column Strand holds nothing: leave it out, or write why it is there"
    assert news(root, book, other) == [("W4", Level.WARN, MILESTONES, message)]
