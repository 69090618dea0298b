"""The house style of the workbooks: fonts, colours, number formats, and how a sheet with a table is laid out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from cpa_xl.catalogue import Catalogue, Kind, WorkbookSpec

FONT = "Arial"
GREEN, AMBER, RED, GREY = "#1E7B34", "#FFBF00", "#B3261E", "#E7E6E6"
NAVY, INPUT = "#1F3864", "#FFF8DC"
BARS, PALE, ACCENT = "#9DB4D3", "#E3EAF4", "#C55A11"  # blue and orange: told apart by every reader
TABLE_ROW = 3  # of the headings, zero-based: title and note stand above
STYLE_OF_KIND: Mapping[Kind, tuple[str, str, str]] = {  # unit, style of CPA_TEXT, number format
    Kind.RATE: ("percent", "percent", "0.0%"),
    Kind.REQUIRED_RATE: ("percent", "percent0", "0.0%"),
    Kind.GAP: ("points", "points", "0.0%"),
    Kind.RATE_MOVEMENT: ("points", "movement_points", "0.0%"),
    Kind.CHANGE: ("change", "movement", "0.0%"),
    Kind.CHANGE_VOLUME: ("count", "number", "#,##0"),
    Kind.MONTHLY_AVERAGE: ("count", "average", "#,##0.0"),
    Kind.EXPECTED_LEFT: ("count", "number", "#,##0"),
    Kind.FEASIBLE: ("text", "", "@"),
}


@dataclass(frozen=True)
class Book:
    """What the sheets are made from: the catalogue, the workbook's entry in it, and the formats."""

    file: xlsxwriter.Workbook
    catalogue: Catalogue
    spec: WorkbookSpec
    formats: Mapping[str, Format]


def formats(file: xlsxwriter.Workbook) -> dict[str, Format]:
    """The house style: one place for fonts, colours and number formats."""
    base: dict[str, object] = {"font_name": FONT, "font_size": 10, "valign": "top"}
    line: dict[str, object] = {**base, "text_wrap": True, "border": 1, "border_color": "#BFBFBF"}
    styles: dict[str, dict[str, object]] = {
        "title": {**base, "font_size": 16, "bold": True, "font_color": NAVY},
        "plain": base,
        "note": {**base, "font_color": "#595959"},
        "warning": {**base, "bold": True, "font_color": RED},
        "head": {**line, "bold": True, "bg_color": NAVY, "font_color": "#FFFFFF", "valign": "vcenter"},
        "group": {**base, "bold": True, "bg_color": "#DCE6F1", "border": 1, "border_color": "#BFBFBF"},
        "cell": line,
        "figure": {**line, "bold": True, "align": "right", "indent": 1},
        "letter": {**line, "bold": True, "align": "center", "valign": "vcenter", "font_size": 12},
        "typed": {**line, "bg_color": INPUT},
        "typed_month": {
            **base,
            "num_format": "mmm-yy",
            "bg_color": INPUT,
            "border": 1,
            "align": "left",
            "bold": True,
        },
        "wrap": {**base, "text_wrap": True},
        "month": {**base, "num_format": "mmm-yy", "align": "left"},
        "number": {**base, "num_format": "#,##0"},
        "fraction": {**base, "num_format": "0.0%"},
        "amount": {**base, "num_format": "General", "bg_color": INPUT},
        "input": {**base, "bg_color": INPUT, "align": "left"},
        "typed_text": {**base, "bg_color": INPUT, "num_format": "@"},  # a year such as 2008/09 is no date
        "general": base,
        "centre": {**base, "bold": True, "align": "center"},
        "G": {"bg_color": GREEN, "font_color": "#FFFFFF"},
        "A": {"bg_color": AMBER, "font_color": "#000000"},
        "R": {"bg_color": RED, "font_color": "#FFFFFF"},
        "none": {"bg_color": GREY, "font_color": "#000000"},
    }
    made = {name: file.add_format(style) for name, style in styles.items()}
    for number_format in {style[2] for style in STYLE_OF_KIND.values()}:
        align = "left" if number_format == "@" else "right"
        made[number_format] = file.add_format({**base, "num_format": number_format, "align": align})
    return made


def formula(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """A formula without a value: only a calculator may give it one."""
    sheet.write_formula(row, column, f"={text}", style, "")


def data_sheet(book: Book, name: str, title: str, note: str) -> Worksheet:
    """A sheet with a title, a sentence that says what it holds, and room for one table from row 4 on."""
    sheet = book.file.add_worksheet(name)
    dress(book, sheet, title, note)
    return sheet


def dress(book: Book, sheet: Worksheet, title: str, note: str) -> None:
    """Title and note above the headings in row 4, which stay in sight; one landscape page wide."""
    sheet.write(0, 0, title, book.formats["title"])
    sheet.write(1, 0, f"This worksheet contains one table. {note}", book.formats["note"])
    sheet.freeze_panes(TABLE_ROW + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(TABLE_ROW)


def headed(book: Book, heads: Iterable[str]) -> list[dict[str, object]]:
    """The columns of a table, headed in the house style."""
    return [{"header": head, "header_format": book.formats["head"]} for head in heads]


def add_table(sheet: Worksheet, name: str, rows: int, columns: list[dict[str, object]]) -> None:
    """A table of so many rows below its headings."""
    options = {"name": name, "style": "Table Style Light 1", "columns": columns}
    sheet.add_table(TABLE_ROW, 0, TABLE_ROW + rows, len(columns) - 1, options)
