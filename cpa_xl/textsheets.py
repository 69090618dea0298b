"""Sheets of text that are put into a workbook: cover, contents, statement, what changed; titled, linked, printable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cpa_xl.a1 import cell_name
from cpa_xl.cellxml import encoded
from cpa_xl.insertion import (
    unused_part,
    unused_table_number,
    vocabulary,
    with_new_sheet,
    with_print_titles,
    with_sheet_in_front,
    with_sheet_on_top,
)
from cpa_xl.markup import escape
from cpa_xl.newsheet import DECLARATION, NewTable, Vocabulary
from cpa_xl.package import Package
from cpa_xl.textstyles import Text, with_text_styles
from cpa_xl.workbook import ClosedWorkbook

COVER, CONTENTS, NOTES, CHANGED = "Cover", "Contents", "Notes", "What changed"  # names of such sheets
_STEM = "text"  # how the names of added parts begin
_A4 = 9


@dataclass(frozen=True)
class TextSheet:
    """A sheet of text. `rows` from the first on, its title; `widths` of the columns, in digits of the usual font.

    `headings` are the rows that are headings, and `links` the sheets that rows lead to, by number of the row. Where
    `table` is named, the row `top` holds the headings of that table, repeated on every page that is printed, and all
    rows below are its own.
    """

    name: str
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    headings: frozenset[int] = frozenset()
    links: Mapping[int, str] = field(default_factory=dict)
    table: str = ""
    top: int = 0


def with_text_sheets(
    workbook: ClosedWorkbook, sheets: Sequence[TextSheet], front: Sequence[TextSheet] = ()
) -> ClosedWorkbook:
    """The workbook with those sheets behind all others, and with the sheets `front` before them, in their order."""
    package, styles = with_text_styles(workbook.package)
    for sheet in (*sheets, *front):
        package = _with(package, sheet, styles)
    for sheet in reversed(front):
        package = with_sheet_in_front(package, sheet.name)
    return ClosedWorkbook(with_sheet_on_top(package, front[0].name) if front else package)


def _with(package: Package, sheet: TextSheet, styles: Mapping[Text, int]) -> Package:
    part, table = unused_part(package, "worksheets", _STEM), None
    if sheet.table:
        headings, rows = sheet.rows[sheet.top - 1], len(sheet.rows) - sheet.top
        table = NewTable(sheet.table, unused_table_number(package), headings, top=sheet.top, rows=rows)
    data = _part(sheet, vocabulary(package), styles, table)
    package = with_new_sheet(package, sheet.name, part, data, table)
    return package if table is None else with_print_titles(package, sheet.top)


def _part(sheet: TextSheet, words: Vocabulary, styles: Mapping[Text, int], table: NewTable | None) -> bytes:
    body = []
    for number, texts in enumerate(sheet.rows, 1):
        kinds = [_kind(sheet, number, column) for column in range(len(texts))]
        cells = [
            _cell(number, column, text, styles[kind])
            for column, (text, kind) in enumerate(zip(texts, kinds, strict=True), 1)
            if text
        ]
        body.append(f'<row r="{number}">{"".join(cells)}</row>')
    columns = "".join(
        f'<col min="{column}" max="{column}" width="{width}" customWidth="1"/>'
        for column, width in enumerate(sheet.widths, 1)
    )
    parts = '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>' if table is not None else ""
    return (
        f'{DECLARATION}<worksheet xmlns="{words.main}" xmlns:r="{words.relationships}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{cell_name(len(sheet.rows), len(sheet.widths))}"/>'
        '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{"".join(body)}</sheetData>'
        f"{_links(sheet.links)}"
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        f'<pageSetup paperSize="{_A4}" orientation="landscape" fitToWidth="1" fitToHeight="0"/>{parts}</worksheet>'
    ).encode()


def _kind(sheet: TextSheet, row: int, column: int) -> Text:
    """Lines that stand alone run on to the right; beside others, text wraps."""
    if row == 1:
        return Text.TITLE
    if row in sheet.headings or row == sheet.top:
        return Text.HEADING
    if column == 0 and row in sheet.links:
        return Text.LINK
    alone = not any(sheet.rows[row - 1][1:])
    return Text.PLAIN if alone and not (sheet.top and row > sheet.top) else Text.WRAPPED


def _links(links: Mapping[int, str]) -> str:
    made = []
    for number, sheet in links.items():
        place = escape("'{}'!A1".format(sheet.replace("'", "''")), quotes=True).decode()
        shown = escape(sheet, quotes=True).decode()
        made.append(f'<hyperlink ref="A{number}" location="{place}" display="{shown}"/>')
    return f"<hyperlinks>{''.join(made)}</hyperlinks>" if made else ""


def _cell(row: int, column: int, text: str, style: int) -> str:
    letters = f'<t xml:space="preserve">{encoded(text)}</t>'
    return f'<c r="{cell_name(row, column)}" s="{style}" t="inlineStr"><is>{letters}</is></c>'
