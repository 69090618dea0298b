"""The parts of a worksheet that was not there before, and of the table on it; nothing is read here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cpa_xl.a1 import cell_name, range_name
from cpa_xl.cellxml import ValueWriter, encoded

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PLAIN = ValueWriter("", {})
_NARROWEST, _WIDEST = 11, 40  # columns, in digits of the usual font


@dataclass(frozen=True)
class Vocabulary:
    """The namespaces that a workbook is written in: those of its elements, and of its relationships."""

    main: str
    relationships: str

    def link_type(self, kind: str) -> str:
        """The type of a relationship: worksheet, table."""
        return f"{self.relationships}/{kind}"


@dataclass(frozen=True)
class NewTable:
    """A table from column A on: its headings in the row `top`, and `rows` rows under them.

    `number` is the identity that no other table of the workbook has; `months` are the headings over dates.
    """

    name: str
    number: int
    headings: Sequence[str]
    months: Collection[str] = ()
    top: int = 1
    rows: int = 1

    @property
    def ref(self) -> str:
        """The range: headings and rows."""
        return range_name(self.top, 1, self.top + self.rows, len(self.headings))


def table_part(table: NewTable, words: Vocabulary) -> bytes:
    """The part that describes a table."""
    name, ref = _quoted(table.name), table.ref
    columns = "".join(
        f'<tableColumn id="{number}" name="{_quoted(heading)}"/>' for number, heading in enumerate(table.headings, 1)
    )
    return (
        f'{DECLARATION}<table xmlns="{words.main}" id="{table.number}" name="{name}" displayName="{name}" ref="{ref}"'
        f' totalsRowShown="0"><autoFilter ref="{ref}"/><tableColumns count="{len(table.headings)}">{columns}'
        '</tableColumns><tableStyleInfo name="TableStyleMedium2" showFirstColumn="0" showLastColumn="0"'
        ' showRowStripes="1" showColumnStripes="0"/></table>'
    ).encode()


def table_sheet(table: NewTable, words: Vocabulary, month_style: int, link: str) -> bytes:
    """The sheet of a table; `link` is the identity of the relationship to the table's part."""
    style = f' s="{month_style}"'
    heads = "".join(_cell(1, column, heading) for column, heading in enumerate(table.headings, 1))
    blanks = "".join(
        _cell(2, column, None, style) for column, heading in enumerate(table.headings, 1) if heading in table.months
    )
    widths = {column: len(heading) + 4 for column, heading in enumerate(table.headings, 1)}
    rows = f'<row r="1">{heads}</row>' + (f'<row r="2">{blanks}</row>' if blanks else "")
    tables = f'<tableParts count="1"><tablePart r:id="{link}"/></tableParts>'
    return _sheet(words, table.ref, widths, rows, tables)


def cell_sheet(cells: Mapping[tuple[int, int], object], words: Vocabulary, month_style: int, month: str) -> bytes:
    """A sheet of a few cells by (row, column); the cell named `month` has the style of months, also while empty."""
    rows: dict[int, list[str]] = {}
    for (row, column), value in sorted(cells.items()):
        style = f' s="{month_style}"' if cell_name(row, column) == month else ""
        rows.setdefault(row, []).append(_cell(row, column, value, style))
    body = "".join(f'<row r="{row}">{"".join(written)}</row>' for row, written in rows.items())
    ref = range_name(1, 1, max(row for row, _ in cells), max(column for _, column in cells))
    return _sheet(words, ref, {1: _WIDEST // 2, 2: _NARROWEST}, body, "")


def _cell(row: int, column: int, value: object, style: str = "") -> str:
    return _PLAIN.cell(cell_name(row, column), style, value)


def _sheet(words: Vocabulary, ref: str, widths: Mapping[int, int], rows: str, tables: str) -> bytes:
    columns = "".join(
        f'<col min="{column}" max="{column}" width="{max(_NARROWEST, min(width, _WIDEST))}" customWidth="1"/>'
        for column, width in widths.items()
    )
    return (
        f'{DECLARATION}<worksheet xmlns="{words.main}" xmlns:r="{words.relationships}"><dimension ref="{ref}"/>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{rows}</sheetData>{tables}</worksheet>'
    ).encode()


def links_part(links: Sequence[tuple[str, str, str]]) -> bytes:
    """A part of relationships: identity, type and target of each."""
    written = "".join(f'<Relationship Id="{id_}" Type="{kind}" Target="{target}"/>' for id_, kind, target in links)
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{DECLARATION}<Relationships xmlns="{space}">{written}</Relationships>'.encode()


def _quoted(text: str) -> str:
    """Text as it stands in an attribute that Excel reads with _xHHHH_: line ends are written so too."""
    plain = encoded(text).replace('"', "&quot;")
    return plain.replace("\n", "_x000a_").replace("\t", "_x0009_")
