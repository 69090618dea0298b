"""What readers see of a sheet beside its cells' values, told so that it is the same when a file was saved again.

Programs write number formats, hidden rows and comments in their own ways; here each is brought to one way.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cpa_xl.a1 import cell_position
from cpa_xl.bookstyles import BookStyles
from cpa_xl.markup import Element
from cpa_xl.sheetxml import Position, Sheet
from cpa_xl.stripping import Stripping, Tab
from cpa_xl.workbook import ClosedWorkbook

_ESCAPED = re.compile(r'\\(.)|"([^"]*)"|_(.)|\*(.)|\[\$-[^\]]*\]', re.DOTALL)
_NAMED = re.compile(r"\[\$([^\]-]+)(?:-[^\]]*)?\]")  # a currency, with or without its language
_ON = ("1", "true")
_HIDDEN = ("hidden", "veryHidden")


@dataclass(frozen=True)
class Appearance:
    """A sheet: how its numbers are written, by their cells; what is hidden; and its comments, by their cells."""

    formats: Mapping[Position, str]
    hidden: tuple[str, ...]
    comments: Mapping[Position, str]


def appearances(workbook: ClosedWorkbook) -> dict[str, Appearance]:
    """How the worksheets look."""
    written = [_plain(look.format) for look in BookStyles(workbook.package).looks]
    work = Stripping(workbook.package)
    return {tab.name: _of_sheet(work, workbook, tab, written) for tab in work.worksheets()}


def _of_sheet(work: Stripping, workbook: ClosedWorkbook, tab: Tab, written: list[str]) -> Appearance:
    sheet, cells = Sheet(work.package.text(tab.part)), workbook.cells(tab.name)
    formats: dict[Position, str] = {}
    hidden = [tab.state] if tab.state in _HIDDEN else []
    hidden += sorted(_hidden_columns(sheet.frame))
    for row in sheet.rows:
        found = [cell for cell in sheet.cells_in(row) if (row.number, cell.number) in cells]
        if b"hidden" in sheet.data[row.start : row.inner] and _is_hidden(sheet, row.start, row.inner):
            hidden.append(f"row {row.number}")
        for cell in found:
            if isinstance(cells[row.number, cell.number].value, float):
                style = int(sheet.cell_attributes(cell).get(b"s", b"0"))
                formats[row.number, cell.number] = written[style] if style < len(written) else ""
    return Appearance(formats, tuple(hidden), dict(_comments(work, tab)))


def _is_hidden(sheet: Sheet, start: int, end: int) -> bool:
    return re.search(rb"""\shidden\s*=\s*["'](?:1|true)["']""", sheet.data[start:end]) is not None


def _hidden_columns(frame: Element) -> Iterator[str]:
    for listing in frame.all("cols"):
        for one in listing.all("col"):
            if one.attributes.get("hidden", "0") in _ON:
                yield from (f"column {at}" for at in range(int(one.attributes["min"]), int(one.attributes["max"]) + 1))


def _comments(work: Stripping, tab: Tab) -> Iterator[tuple[Position, str]]:
    for link in work.package.relationships(tab.part):
        if link.is_a("comments") and link.target in work.package:
            for comment in work.package.root(link.target).walk():
                if comment.name == "comment":
                    said = "".join(one.text for one in comment.walk() if one.name == "t")
                    yield cell_position(comment.attributes["ref"]), " ".join(said.split())


def _plain(code: str) -> str:
    """A number format without the ways in which programs write the same: quotes, backslashes, languages, letters."""
    if code.isdigit() and len(code) > 1:
        from openpyxl.styles.numbers import BUILTIN_FORMATS  # noqa: PLC0415  # openpyxl takes long

        code = BUILTIN_FORMATS.get(int(code), code)
    code = _NAMED.sub(lambda match: match[1], code)
    code = _ESCAPED.sub(lambda match: match[1] or match[2] or "", code)
    return code.removesuffix(";@").casefold().removeprefix("general") or ""
