"""The sheet `About this copy`: cover, contents and statement of a published copy, the last of its sheets."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from types import MappingProxyType

from cpa_xl.a1 import cell_name
from cpa_xl.cellxml import encoded
from cpa_xl.errors import Refusal
from cpa_xl.insertion import vocabulary, with_sheet, with_typed_part
from cpa_xl.markup import escape
from cpa_xl.newsheet import DECLARATION
from cpa_xl.package import Package
from cpa_xl.sheetxml import Position
from cpa_xl.statement import ABOUT, seal
from cpa_xl.workbook import ClosedWorkbook

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_WIDTHS = (26, 100)  # of the two columns, in digits of the usual font
_HEADINGS = frozenset(("Contents", "Statement", "Extracts", "Checks", "Left out, or made values"))


def about_rows(said: Mapping[str, object], sheets: Sequence[str]) -> list[tuple[str, str]]:
    """The rows of the sheet: what each line is, and what it says."""
    made, source = _mapping(said["made"]), _mapping(said["source"])
    rows = [
        (str(said["title"]), ""),
        ("This worksheet says what this copy is and what it was made from.", ""),
        ("Period", str(said["period"])),
        ("What this is", str(said["what"])),
        ("Contact", str(said["contact"] or "not stated")),
        ("Contents", ""),
        *((sheet, "") for sheet in sheets),
        ("Statement", ""),
        ("Made", f"{made['when']} by {made['who']} with {made['with']}"),
        *_signed(said),
        ("From", f"{source['file']}, SHA-256 {source['sha256']}"),
        ("Configuration", f"SHA-256 {_mapping(said['configuration'])['sha256']}"),
        ("Extracts", ""),
    ]
    rows += [(str(one.get("File", "")), _extract(one)) for one in _list(said["extracts"])]
    rows.append(("Checks", "" if said["checks"] else "nothing found" if said["checked"] else "none were made"))
    rows += [(f"{one['level']}: {one['code']}", f"{one['place']}: {one['message']}") for one in _list(said["checks"])]
    rows.append(("Left out, or made values", "" if said["removed"] else "nothing"))
    rows += [(str(one["kind"]), str(one["count"])) for one in _list(said["removed"])]
    rows.append(("Statement's SHA-256", seal(said)))
    return rows


def _signed(said: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Who answers for the figures; statements of earlier versions say nothing of that."""
    signed = list(_list(said.get("signed")))
    for one in signed:
        but = f"; does not count: {one['does not count']}" if one["does not count"] else ""
        yield str(one["role"]).capitalize(), f"{one['who']}, {one['date'] or 'without a date'}{but}"
    if "signed" in said and not any(one["role"] == "approver" for one in signed):
        yield "Approver", "nobody has signed"


def _extract(extract: Mapping[str, object]) -> str:
    months = " to ".join(str(extract[key]) for key in ("First month", "Last month") if key in extract)
    said = [str(extract.get("Title", "")), months, f"{extract.get('Rows', 'no')} rows"]
    return ", ".join([one for one in said if one] + [f"SHA-256 {extract.get('SHA256', 'not known')}"])


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Iterator[Mapping[str, object]]:
    return (one for one in (value if isinstance(value, list) else []) if isinstance(one, dict))


def about_cells(said: Mapping[str, object], sheets: Sequence[str]) -> dict[Position, str]:
    """What the cells of the sheet say."""
    return {
        (row, column): text
        for row, pair in enumerate(about_rows(said, sheets), 1)
        for column, text in enumerate(pair, 1)
        if text
    }


def with_cover(workbook: ClosedWorkbook, said: Mapping[str, object]) -> ClosedWorkbook:
    """The workbook with the sheet, behind all others. Raises `Refusal` where it takes none."""
    package = workbook.package
    if ABOUT.casefold() in map(str.casefold, workbook.sheet_names):
        raise Refusal(f"{package.path} has a sheet {ABOUT!r} already; publish the working book, or rename that sheet")
    said_rows = about_rows(said, workbook.sheet_names)
    sizes = {number: 11 for number, (name, text) in enumerate(said_rows, 1) if _heads(name, text)} | {1: 14}
    first = next(number for number, (name, _) in enumerate(said_rows, 1) if name == "Contents") + 1
    links = dict(enumerate(workbook.sheet_names, first))
    return with_text_sheet(workbook, ABOUT, said_rows, widths=_WIDTHS, sizes=sizes, links=links)


def _heads(name: str, text: str) -> bool:
    return name in _HEADINGS and (not text or name in ("Checks", "Left out, or made values"))


def with_text_sheet(
    workbook: ClosedWorkbook,
    name: str,
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[int],
    sizes: Mapping[int, int],
    links: Mapping[int, str] = MappingProxyType({}),
) -> ClosedWorkbook:
    """The workbook with a sheet of texts behind all others.

    `widths` are those of the columns, in digits; `sizes` the letters of rows that are headings, and `links` the sheets
    that rows lead to, both by the row's number.
    """
    package = workbook.package
    part = _unused(package)
    sheet = _sheet(package, rows, widths, sizes, links)
    return ClosedWorkbook(with_sheet(with_typed_part(package, part, sheet, _SHEET), name, part))


def _unused(package: Package) -> str:
    taken = {name.casefold() for name in (*package.names, *package.stated_parts())}
    folder = posixpath.join(posixpath.dirname(package.workbook_part), "worksheets")
    return next(name for number in count(1) if (name := f"{folder}/about{number}.xml").casefold() not in taken)


def _sheet(
    package: Package,
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    sizes: Mapping[int, int],
    links: Mapping[int, str],
) -> bytes:
    words, body, places = vocabulary(package), [], []
    for number, texts in enumerate(rows, 1):
        size = sizes.get(number, 0)
        cells = [_cell(number, column, text, size=size) for column, text in enumerate(texts, 1) if text]
        body.append(f'<row r="{number}">{"".join(cells)}</row>')
    for number, sheet in links.items():
        place = escape("'{}'!A1".format(sheet.replace("'", "''")), quotes=True).decode()
        shown = escape(sheet, quotes=True).decode()
        places.append(f'<hyperlink ref="A{number}" location="{place}" display="{shown}"/>')
    columns = "".join(
        f'<col min="{column}" max="{column}" width="{width}" customWidth="1"/>'
        for column, width in enumerate(widths, 1)
    )
    return (
        f'{DECLARATION}<worksheet xmlns="{words.main}" xmlns:r="{words.relationships}">'
        f'<dimension ref="A1:{cell_name(len(rows), len(widths))}"/>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{"".join(body)}</sheetData>'
        f"{'<hyperlinks>' + ''.join(places) + '</hyperlinks>' if places else ''}</worksheet>"
    ).encode()


def _cell(row: int, column: int, text: str, *, size: int = 0) -> str:
    """A cell of text; headings carry their own bold letters, so that the list of formats stays as it is."""
    place, letters = cell_name(row, column), f'<t xml:space="preserve">{encoded(text)}</t>'
    if size:
        letters = f'<r><rPr><b/><sz val="{size}"/><rFont val="Arial"/></rPr>{letters}</r>'
    return f'<c r="{place}" t="inlineStr"><is>{letters}</is></c>'
