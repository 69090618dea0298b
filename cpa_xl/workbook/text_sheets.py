"""Adds sheets of text to a workbook: cover, contents, notes, what changed; with titles, links and print settings.

Their cell formats go behind those that the workbook has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.cells import encoded
from cpa_xl.ooxml.insert import (
    DECLARATION,
    MOST_FORMATS,
    NewTable,
    Vocabulary,
    new_sheet_part,
    prefix_of,
    styles_part,
    unused_table_number,
    vocabulary,
    with_new_sheet,
    with_print_titles,
    with_sheet_in_front,
    with_sheet_on_top,
)
from cpa_xl.ooxml.package import Package
from cpa_xl.ooxml.xml import Edit, Element, escape, set_attribute, splice
from cpa_xl.workbook.closed import ClosedWorkbook

_FONT = "Arial"
_INK, _LINK = "FF1F3864", "FF0B4F9E"
_HEADINGS = {1: 16, 2: 17}  # Excel's ids of its own styles Heading 1 and 2 (ECMA-376 part 1, 18.8.7)
COVER, CONTENTS, NOTES, CHANGED = "Cover", "Contents", "Notes", "What changed"  # names of such sheets
_A4 = 9


class TextStyle(StrEnum):
    """The kinds of text that a cell can hold."""

    TITLE = "title"
    HEADING = "heading"
    PLAIN = "plain"
    WRAPPED = "wrapped"
    LINK = "link"


# The elements of each font, by its place among the added fonts.
_FONTS: Sequence[tuple[tuple[TextStyle, ...], str]] = (
    ((TextStyle.PLAIN, TextStyle.WRAPPED), '<{p}sz val="11"/><{p}color rgb="FF000000"/>'),
    ((TextStyle.TITLE,), f'<{{p}}b/><{{p}}sz val="16"/><{{p}}color rgb="{_INK}"/>'),
    ((TextStyle.HEADING,), f'<{{p}}b/><{{p}}sz val="12"/><{{p}}color rgb="{_INK}"/>'),
    ((TextStyle.LINK,), f'<{{p}}u/><{{p}}sz val="11"/><{{p}}color rgb="{_LINK}"/>'),
)


@dataclass(frozen=True)
class TextSheet:
    """A sheet of text: `rows` from the first one, its title, and `widths` of the columns, in digits of the usual font.

    `headings` holds the numbers of rows that are headings, `links` the sheets that rows lead to, by row number. With a
    `table`, the row `top` holds its headings, which each printed page repeats, and all rows below belong to it.
    """

    name: str
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    headings: frozenset[int] = frozenset()
    links: Mapping[int, str] = field(default_factory=dict)
    table: str = ""
    top: int = 0


def with_text_styles(package: Package) -> tuple[Package, dict[TextStyle, int]]:
    """The workbook with a cell format for each kind of text, and the numbers of these formats.

    Titles and headings use the workbook's named styles Heading 1 and 2; a workbook without them gets them. A workbook
    without a list of formats, or without room in it, stays as it is, and all numbers are 0.
    """
    part = styles_part(package)
    root = None if part is None else package.root(part)
    lists = {name: root.find(name) for name in ("fonts", "cellStyleXfs", "cellXfs", "cellStyles")} if root else {}
    fonts, masters, formats, names = (lists.get(name) for name in ("fonts", "cellStyleXfs", "cellXfs", "cellStyles"))
    if part is None or fonts is None or masters is None or formats is None or names is None:
        return package, dict.fromkeys(TextStyle, 0)
    first = len(formats.children)
    if first + len(TextStyle) > MOST_FORMATS:
        return package, dict.fromkeys(TextStyle, 0)
    text = package.text(part)
    prefix = prefix_of(text, fonts).decode()
    font_of = {kind: len(fonts.children) + at for at, (kinds, _) in enumerate(_FONTS) for kind in kinds}
    added: dict[str, list[str]] = {"fonts": [_font(prefix, inner) for _, inner in _FONTS]}
    parents = {TextStyle.TITLE: _heading(1, masters, names), TextStyle.HEADING: _heading(2, masters, names)}
    made = [kind for kind in parents if parents[kind] is None]
    for place, kind in enumerate(made, start=len(masters.children)):
        level = 1 if kind is TextStyle.TITLE else 2
        parents[kind] = place
        added.setdefault("cellStyleXfs", []).append(_format(prefix, font_of[kind], None, wrap=False))
        style = f'<{prefix}cellStyle name="Heading {level}" xfId="{place}" builtinId="{_HEADINGS[level]}"/>'
        added.setdefault("cellStyles", []).append(style)
    added["cellXfs"] = [
        _format(prefix, font_of[kind], parents.get(kind) or 0, wrap=kind is TextStyle.WRAPPED) for kind in TextStyle
    ]
    edits = [edit for name, xml in added.items() if (one := lists[name]) for edit in _appended(text, one, xml)]
    return package.with_text(part, splice(text, edits)), {kind: first + at for at, kind in enumerate(TextStyle)}


def with_text_sheets(
    workbook: ClosedWorkbook, sheets: Sequence[TextSheet], front: Sequence[TextSheet] = ()
) -> ClosedWorkbook:
    """The workbook with these sheets behind all others, but those in `front` before all others, in that order."""
    package, styles = with_text_styles(workbook.package)
    for sheet in (*sheets, *front):
        package = _with(package, sheet, styles)
    for sheet in reversed(front):
        package = with_sheet_in_front(package, sheet.name)
    return ClosedWorkbook(with_sheet_on_top(package, front[0].name) if front else package)


def _font(prefix: str, inner: str) -> str:
    return (
        f'<{prefix}font>{inner.format(p=prefix)}<{prefix}name val="{_FONT}"/><{prefix}family val="2"/></{prefix}font>'
    )


def _heading(level: int, masters: Element, names: Element) -> int | None:
    """The workbook's named style for headings of that level: its number among the named styles."""
    for one in names.all("cellStyle"):
        given = one.attributes
        known = (
            given.get("builtinId") == str(_HEADINGS[level]) or given.get("name", "").casefold() == f"heading {level}"
        )
        place = given.get("xfId", "")
        if known and place.isdecimal() and int(place) < len(masters.children):
            return int(place)
    return None


def _format(prefix: str, font: int, parent: int | None, *, wrap: bool) -> str:
    goes_back = "" if parent is None else f' xfId="{parent}"'
    wrapped = ' wrapText="1"' if wrap else ""
    return (
        f'<{prefix}xf numFmtId="0" fontId="{font}" fillId="0" borderId="0"{goes_back} applyFont="1" applyAlignment="1">'
        f'<{prefix}alignment vertical="top"{wrapped}/></{prefix}xf>'
    )


def _appended(text: bytes, listing: Element, xml: Sequence[str]) -> list[Edit]:
    """Edits that append elements to a list and update its count."""
    edits = [Edit(listing.outer, listing.outer, "".join(xml).encode())]
    if listing.attributes.get("count", "").isdecimal():
        edits += set_attribute(text, listing.start, "count", str(len(listing.children) + len(xml)))
    return edits


def _with(package: Package, sheet: TextSheet, styles: Mapping[TextStyle, int]) -> Package:
    part, table = new_sheet_part(package), None
    if sheet.table:
        headings, rows = sheet.rows[sheet.top - 1], len(sheet.rows) - sheet.top
        table = NewTable(sheet.table, unused_table_number(package), headings, top=sheet.top, rows=rows)
    data = _part(sheet, vocabulary(package), styles, table)
    package = with_new_sheet(package, sheet.name, part, data, table)
    return package if table is None else with_print_titles(package, sheet.top)


def _part(sheet: TextSheet, words: Vocabulary, styles: Mapping[TextStyle, int], table: NewTable | None) -> bytes:
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


def _kind(sheet: TextSheet, row: int, column: int) -> TextStyle:
    """The kind of a cell's text: a text alone in its row runs on to the right; texts side by side wrap."""
    if row == 1:
        return TextStyle.TITLE
    if row in sheet.headings or row == sheet.top:
        return TextStyle.HEADING
    if column == 0 and row in sheet.links:
        return TextStyle.LINK
    alone = not any(sheet.rows[row - 1][1:])
    return TextStyle.PLAIN if alone and not (sheet.top and row > sheet.top) else TextStyle.WRAPPED


def _cell(row: int, column: int, text: str, style: int) -> str:
    letters = f'<t xml:space="preserve">{encoded(text)}</t>'
    return f'<c r="{cell_name(row, column)}" s="{style}" t="inlineStr"><is>{letters}</is></c>'


def _links(links: Mapping[int, str]) -> str:
    made = []
    for number, sheet in links.items():
        place = escape("'{}'!A1".format(sheet.replace("'", "''")), quotes=True).decode()
        shown = escape(sheet, quotes=True).decode()
        made.append(f'<hyperlink ref="A{number}" location="{place}" display="{shown}"/>')
    return f"<hyperlinks>{''.join(made)}</hyperlinks>" if made else ""
