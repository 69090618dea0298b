"""Cell formats of the house style, and how a sheet with a table is laid out."""

import math
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from cpa_xl.config.model import Catalogue, WorkbookSpec
from workbooks.house import (
    A3,
    A4,
    AVERAGE_FORMAT,
    COUNT_FORMAT,
    DAY_FORMAT,
    EDGE,
    EDGE_OF_TYPED,
    FONT,
    HEIGHT_OF_TITLE,
    INKS,
    LETTERS,
    MONEY_FORMAT,
    MONTH_FORMAT,
    MOVE_FORMAT,
    PENCE_FORMAT,
    RATE_FORMAT,
    SIZE,
    SIZE_OF_LETTER,
    SIZE_OF_TITLE,
    STYLE_OF_KIND,
    WIDEST_ON_A3,
    WIDEST_ON_A4,
)

DEFAULT: Mapping[str, object] = {"font_name": FONT, "font_size": SIZE, "font_scheme": "none"}
TABLE_ROW = 3  # of the headings, zero-based: below title and note
POINTS_OF_LINE = 13.2  # the height of a line of text
LETTERS_IN_A_DIGIT = 1.12  # widths are counted in digits; text takes less


@dataclass(frozen=True)
class Book:
    """What the sheets are made from: the catalogue, the workbook's entry in it, and the formats."""

    file: xlsxwriter.Workbook
    catalogue: Catalogue
    spec: WorkbookSpec
    formats: Mapping[str, Format]


def formats(file: xlsxwriter.Workbook) -> dict[str, Format]:
    """Every cell format, by name; "typed" begins those for typed cells, "instruction" what no reader of a copy gets."""
    base: dict[str, object] = {**DEFAULT, "valign": "top"}
    flush: dict[str, object] = {"text_wrap": False, "align": "right", "indent": 1}
    wrap, right = {**base, "text_wrap": True}, {**base, **flush}
    line = {**wrap, "border": 1, "border_color": EDGE}
    number = {**line, **flush}
    typed = {**wrap, **_ink("typed"), "border": 4, "border_color": EDGE_OF_TYPED}  # a dashed edge beside the colour
    styles: dict[str, dict[str, object]] = {
        "title": {**base, **_ink("title"), "font_size": SIZE_OF_TITLE, "bold": True},
        "heading": {**base, **_ink("title"), "bold": True, "font_size": 12},
        "plain": base,
        "general": base,
        "wrap": wrap,
        "note": {**base, **_ink("note")},
        "instruction": {**base, **_ink("instruction")},
        "instruction wrap": {**wrap, **_ink("instruction")},
        "instruction heading": {**base, **_ink("instruction"), "bold": True, "font_size": 12},
        "instruction link": {**base, **_ink("link"), "underline": 1},
        "instruction typed": {**wrap, **_ink("typed"), "bold": True, "border": 4, "border_color": EDGE_OF_TYPED},
        "warning": {**base, **_ink("warning"), "bold": True},
        "link": {**base, **_ink("link"), "underline": 1},
        "head": {**line, **_ink("head"), "bold": True, "valign": "vcenter"},
        "group": {**base, **_ink("group"), "bold": True, "border": 1, "border_color": EDGE},
        "cell": line,
        "figure": {**number, "bold": True},
        "letter": {**line, "bold": True, "align": "center", "valign": "vcenter", "font_size": SIZE_OF_LETTER},
        "count cell": {**number, "num_format": COUNT_FORMAT},
        "change cell": {**number, "num_format": MOVE_FORMAT},
        "letter cell": {**line, "bold": True, "align": "center"},
        "as rate": {"num_format": RATE_FORMAT},  # laid over by a condition
        "month": {**base, "num_format": MONTH_FORMAT, "align": "left"},
        "number": {**right, "num_format": COUNT_FORMAT},
        "fraction": {**right, "num_format": RATE_FORMAT},
        "amount": {**right, "num_format": f"[<=1]{RATE_FORMAT};{COUNT_FORMAT}"},
        "typed": typed,
        "typed_month": {**typed, "num_format": MONTH_FORMAT, "align": "left", "bold": True},
        "typed_day": {**typed, "num_format": DAY_FORMAT, "align": "left"},
        "typed_fraction": {**typed, **flush, "num_format": RATE_FORMAT},
        "typed_number": {**typed, **flush, "num_format": COUNT_FORMAT},
        "typed_text": {**typed, "num_format": "@"},  # a year such as 2008/09 is no date
    }
    for letter in LETTERS:
        styles[letter] = _ink(letter)
        styles[f"key {letter}"] = {**styles["letter"], **_ink(letter)}
    for number_format in {style[2] for style in STYLE_OF_KIND.values()} | {AVERAGE_FORMAT, MONEY_FORMAT, PENCE_FORMAT}:
        styles[number_format] = {**(wrap if number_format == "@" else right), "num_format": number_format}
    return {name: file.add_format(style) for name, style in styles.items()}


def _ink(name: str) -> dict[str, object]:
    """The colours of a cell; white paper is left without a fill."""
    ink = INKS[name]
    return {"font_color": ink.text, **({} if ink.ground == INKS["plain"].ground else {"bg_color": ink.ground})}


def formula(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """A formula without a value: only a calculator may give it one."""
    sheet.write_formula(row, column, f"={text}", style, "")


def colour_letters(book: Book, sheet: Worksheet, column: int, first: int, last: int) -> None:
    """Colour beside letter and word: the letter decides."""
    for letter in LETTERS:
        rule = {"type": "cell", "criteria": "==", "value": f'"{letter}"', "format": book.formats[letter]}
        sheet.conditional_format(first, column, last, column, rule)


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a wrapped cell of so many characters."""
    return max(1, len(textwrap.wrap(text, max(1, int(width * LETTERS_IN_A_DIGIT)))))


def data_sheet(book: Book, name: str, title: str, note: str, instruction: str = "") -> Worksheet:
    """A sheet with a title, a sentence that says what it holds, and room for one table from row 4 on."""
    sheet = book.file.add_worksheet(name)
    dress(book, sheet, title, note, instruction)
    return sheet


def entitle(book: Book, sheet: Worksheet, title: str, *notes: str, instruction: str = "") -> None:
    """The title, a line for each note below it, and one for editors."""
    sheet.write(0, 0, title, book.formats["title"])
    sheet.set_row(0, HEIGHT_OF_TITLE)
    for row, note in enumerate(notes, start=1):
        sheet.write(row, 0, note, book.formats["note"])
    if instruction:
        sheet.write(len(notes) + 1, 0, instruction, book.formats["instruction"])


def dress(book: Book, sheet: Worksheet, title: str, note: str, instruction: str = "") -> None:
    """Title and note above the headings in row 4, which stay in sight and are printed on every page."""
    entitle(book, sheet, title, f"This worksheet contains one table. {note}", instruction=instruction)
    sheet.freeze_panes(TABLE_ROW + 1, 1)
    sheet.repeat_rows(TABLE_ROW)


def paper(sheet: Worksheet, width: float = 0) -> None:
    """Landscape, one page wide, of a size on which so many characters in a line can be read; wider ones on several."""
    across = math.ceil(width / WIDEST_ON_A3) or 1
    sheet.set_landscape()
    sheet.set_paper(A3 if width > WIDEST_ON_A4 else A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(across, 0)
    if across > 1:
        sheet.repeat_columns(0)
    sheet.set_footer(f'&L&"{FONT}"&F, &A&R&"{FONT}"Page &P of &N')


def headed(book: Book, heads: Iterable[str]) -> list[dict[str, object]]:
    """The columns of a table, headed in the house style."""
    return [{"header": head, "header_format": book.formats["head"]} for head in heads]


def set_widths(sheet: Worksheet, widths: Mapping[str, float]) -> None:
    """Column widths by heading, from column A on; the headings' row as high as they need; the paper to fit."""
    for position, width in enumerate(widths.values()):
        sheet.set_column(position, position, width)
    # Bold text, and the arrow of the filter, take about three characters.
    sheet.set_row(TABLE_ROW, 4 + POINTS_OF_LINE * max(lines_of(head, width - 3) for head, width in widths.items()))
    paper(sheet, sum(widths.values()))


def add_table(sheet: Worksheet, name: str, rows: int, columns: list[dict[str, object]]) -> None:
    """A table of so many rows below its headings."""
    options = {"name": name, "style": "Table Style Light 1", "columns": columns}
    sheet.add_table(TABLE_ROW, 0, TABLE_ROW + rows, len(columns) - 1, options)
