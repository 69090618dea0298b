"""The demo's workbook with one thing wrong, as after a user types over a cell or changes a part."""

import re
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from cpa_xl.config.load import load
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import Level
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.publish.annotate.since_last import comparison
from cpa_xl.publish.checks.findings import Finding
from cpa_xl.publish.checks.run import check_release
from cpa_xl.publish.claims.checks import register
from cpa_xl.workbook.closed import ClosedWorkbook

register()  # as the commands do


def rebuilt(book: ClosedWorkbook, part: str, old: str, new: str) -> ClosedWorkbook:
    """A part with the first match of a pattern replaced."""
    text, count = re.subn(old, lambda _: new, book.package.text(part).decode(), count=1, flags=re.DOTALL)
    assert count == 1, (part, old)
    return ClosedWorkbook(book.package.with_text(part, text.encode()))


def typed(book: ClosedWorkbook, cell: str, value: str | float | None) -> ClosedWorkbook:
    """A cell (Sheet!A1) that exists, overtyped, whatever it holds: a formula in it is gone."""
    sheet, _, name = cell.rpartition("!")
    part = book.part_of(sheet)
    content = "" if value is None else f"<v>{value}</v>"
    kind = ""
    if isinstance(value, str):
        kind, content = ' t="inlineStr"', f'<is><t xml:space="preserve">{escape(value)}</t></is>'
    text = book.package.text(part).decode()
    found = re.search(rf'<c r="{name}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', text, flags=re.DOTALL)
    assert found, cell
    new = f'<c r="{name}"{found[1] or ""}{kind}>{content}</c>'
    return rebuilt(book, part, re.escape(found[0]), new)


def place(book: ClosedWorkbook, measure: str, heading: str, sheet: str = "Scorecard", nth: int = 0) -> str:
    """The cell under a heading in the (first) row of a measure."""
    cells = book.cells(sheet)
    columns = {str(cell.value): at[1] for at, cell in sorted(cells.items(), reverse=True)}
    rows = [at[0] for at, cell in sorted(cells.items()) if cell.value == measure and at[1] == columns["Id"]]
    return f"{sheet}!{cell_name(rows[nth], columns[heading])}"


@cache
def configuration(root: Path) -> Catalogue:
    """The configuration that comes with cpa_xl."""
    return load(root / "config")


def checked(
    root: Path,
    book: ClosedWorkbook,
    frozen: ClosedWorkbook | None = None,
    published: ClosedWorkbook | None = None,
) -> tuple[Finding, ...]:
    """What the checks of a release find in a workbook of the demo."""
    catalogue = configuration(root)
    spec = catalogue.workbooks["cpa_scorecard"]
    last = None if published is None else comparison(frozen or book, published, spec)
    return check_release(book, frozen, catalogue, spec, last)


BEFORE: list[tuple[ClosedWorkbook, frozenset[Finding]]] = []  # what is found in workbooks as they were
FindingTuple = tuple[str, Level, str, str]


def news(root: Path, book: ClosedWorkbook, changed: ClosedWorkbook, **more: ClosedWorkbook) -> list[FindingTuple]:
    """What is found in a changed workbook, and was not before: code, level, place, message."""
    before = next((findings for one, findings in BEFORE if one is book), None)
    if before is None:
        before = frozenset(checked(root, book))
        BEFORE.append((book, before))
    every = checked(root, changed, **more)
    return [(one.code, one.level, one.place, one.message) for one in every if one not in before]
