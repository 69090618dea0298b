"""Refresh of the document that is open in LibreOffice Calc.

The project's own Python reads and checks the extracts and returns a plan (`commands.plan.as_json`). This module writes
the plan's rows into the open document, inside LibreOffice. One undo reverses the whole refresh; a failure half way does
the same. It needs only the standard library and the objects that LibreOffice passes in.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from cpa_xl.errors import Refusal
from cpa_xl.libreoffice.soffice import Ran
from cpa_xl.wording import counted

UNDO_TITLE = "CPA: refresh"
EXCEL_FILTER = "Calc MS Excel 2007 XML"
_CONTENTS = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: numbers, dates, text, formulas

Document = Any  # objects of LibreOffice carry no types


class Run(Protocol):
    """Runs `python -m cpa_xl` with arguments."""

    def __call__(self, arguments: Sequence[str], /) -> Ran: ...


@dataclass(frozen=True)
class OfficeServices:
    """What LibreOffice and its machine lend: commands of the project's Python, and two kinds of UNO values."""

    run: Run
    property_of: Callable[[str, object], object]  # a PropertyValue by name and value
    enum_of: Callable[[str, str], object]  # an enum's value by type and name


@dataclass(frozen=True)
class TableBody:
    """The body of a table in the document: its sheet, places counted from 0, and its headings."""

    name: str
    sheet: Any
    column: int
    row: int
    count: int
    headings: tuple[str, ...]

    def cells(self, first: int, last: int, top: int = 0, count: int | None = None) -> Any:
        """The range of some of the body's columns (first to last) and rows."""
        height = self.count if count is None else count
        rows = self.row + top, self.row + top + height - 1
        return self.sheet.getCellRangeByPosition(self.column + first, rows[0], self.column + last, rows[1])

    def all(self) -> Any:
        """The range of the whole body."""
        return self.cells(0, len(self.headings) - 1)


def check_document(document: Document, host: OfficeServices) -> str:
    """Check the extracts of the open document and say what a refresh would change; changes nothing."""
    plan = read_plan(document, host)
    blocks = _blocks(document, plan["tables"])
    changing = [table for table in plan["tables"] if _differs(blocks[table["name"]], table)]
    named = [f"{table['name']} ({counted(len(table['rows']), 'row')})" for table in changing]
    would = f"A refresh would change {', '.join(named)}." if named else "The tables are up to date."
    return "\n".join([f"The extracts are good: {plan['records']:,} records.", would, *_noticed(plan)])


def refresh_document(document: Document, host: OfficeServices) -> str:
    """Bring the tables of the open document up to date from its extracts; returns a message.

    Raises `Refusal`, and then the document is unchanged.
    """
    plan = read_plan(document, host)
    changed = write_plan(document, host, plan)
    _keep_history(plan)
    if not changed:
        return "\n".join([f"Everything is up to date ({plan['as_of']['label']}).", *_noticed(plan)])
    done = f"Refreshed to {plan['as_of']['label']} from {plan['records']:,} records: {', '.join(changed)}."
    return "\n".join([done, "Undo (Ctrl+Z) takes all of it back.", *_noticed(plan)])


def read_plan(document: Document, host: OfficeServices) -> Mapping[str, Any]:
    """What a refresh would write, worked out by the project's own Python from a copy of the current document."""
    path = _path(document)
    with tempfile.TemporaryDirectory(prefix="cpa_xl-") as folder:
        copy = Path(folder) / f"{path.stem}.xlsx"
        document.storeToURL(copy.as_uri(), (host.property_of("FilterName", EXCEL_FILTER),))
        own = path.parent / "config"  # a team's own measures; without it those that come with cpa_xl
        options = ["--config", str(own)] if own.is_dir() else []
        extracts = str(path.parent / "extracts")
        ran = host.run(["plan", str(copy), "--extracts", extracts, "--copy-of", str(path), *options])
        if ran.exit_code:
            raise Refusal(ran.errors.strip().replace(str(copy), str(path)) or "cpa_xl gave no answer")
        plan: dict[str, Any] = json.loads(ran.output)
        if plan["history"]:
            grown = Path(plan["history"]["grown"])
            plan["history"]["content"] = grown.read_bytes()
    return plan


def _keep_history(plan: Mapping[str, Any]) -> None:
    """Put the history with what is new in the place of the old one; a note where that fails, as for a closed file."""
    if not plan["history"]:
        return
    kept = Path(plan["history"]["kept"])
    beside = kept.with_name(f".{kept.name}.tmp")
    try:
        try:
            beside.write_bytes(plan["history"]["content"])
            beside.replace(kept)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        plan["notes"].append(
            f"the history was not kept: {kept.name} cannot be written ({error.strerror or error}). The next refresh"
            " goes on from the workbook's tables"
        )


def _path(document: Document) -> Path:
    parts = urlsplit(document.URL)
    if parts.scheme != "file":
        raise Refusal(
            "This document has no place on disk yet, and its extracts are looked for in the folder extracts beside it:"
            " save it first."
        )
    return Path(url2pathname(parts.path))


def write_plan(document: Document, host: OfficeServices, plan: Mapping[str, Any]) -> list[str]:
    """Write a plan's rows into the document, all or nothing; returns the changes as texts, none if nothing changed."""
    blocks = _blocks(document, [*plan["tables"], *plan["log"]])
    month = _month_cell(document, plan["as_of"]["name"])
    with _one_change(document):
        done = [_filled(document, host, blocks[table["name"]], table) for table in plan["tables"]]
        if plan["set_month"]:
            month.setValue(plan["as_of"]["serial"])
            done.append(f"as-of month set to {plan['as_of']['label']}")
        changed = [words for words in done if words]
        if changed:  # a log of what changed nothing would itself be a change
            for table in plan["log"]:
                _filled(document, host, blocks[table["name"]], table)
    calculate_anew(document)
    return changed


def calculate_anew(document: Document) -> None:
    """Calculate every cell, whether Calc takes it for changed or not.

    After undoing or repeating a step that put rows in or took them out, LibreOffice 25.2 leaves cells with what MATCH
    had found before.
    """
    with unnoticed(document):
        document.calculateAll()


@contextmanager
def unnoticed(document: Document) -> Iterator[None]:
    """What happens meanwhile is no step to undo and no change to save."""
    modified, undo = document.isModified(), document.getUndoManager()
    undo.lock()
    try:
        yield
    finally:
        undo.unlock()
        if not modified and document.isModified():
            forget_charts(document)
            document.setModified(False)


def forget_charts(document: Document) -> None:
    """Reset the modified flag if only charts changed: each calculation of their cells modifies them."""
    if document.isModified():
        for sheet in document.Sheets:
            charts = sheet.Charts
            for name in charts.ElementNames:
                chart = charts.getByName(name).EmbeddedObject
                if chart is not None and chart.isModified():
                    chart.setModified(False)


@contextmanager
def _one_change(document: Document) -> Iterator[None]:
    """All that is done inside is one step for undo, is not calculated half way, and is taken back if it fails."""
    undo, automatic = document.getUndoManager(), document.isAutomaticCalculationEnabled()
    document.lockControllers()
    document.enableAutomaticCalculation(False)
    undo.enterUndoContext(UNDO_TITLE)
    try:
        yield
    except BaseException:
        undo.leaveUndoContext()
        if undo.isUndoPossible() and undo.getCurrentUndoActionTitle() == UNDO_TITLE:
            undo.undo()
            calculate_anew(document)
        raise
    else:
        undo.leaveUndoContext()
    finally:
        document.enableAutomaticCalculation(automatic)
        document.unlockControllers()


def _blocks(document: Document, tables: Sequence[Mapping[str, Any]]) -> dict[str, TableBody]:
    """The tables of the document by name; `Refusal` before anything is changed where one cannot be filled."""
    ranges = {name.casefold(): name for name in document.DatabaseRanges.ElementNames}
    blocks = {}
    for table in tables:
        name = ranges.get(table["name"].casefold())
        if name is None:
            raise Refusal(
                f"no table {table['name']} in the document; its tables are {', '.join(sorted(ranges.values()))}"
            )
        block = _block(document, name)
        missing = [heading for heading in table["columns"] if heading not in block.headings]
        if missing:
            raise Refusal(
                f"table {name} has no column {', '.join(missing)}; its columns are {', '.join(block.headings)}"
            )
        if block.sheet.isProtected():
            raise Refusal(f"sheet {block.sheet.getName()!r} is protected: remove the protection (Tools, Protect Sheet)")
        blocks[table["name"]] = block
    return blocks


def _block(document: Document, name: str) -> TableBody:
    areas, sheets = document.DatabaseRanges, document.Sheets
    area = areas.getByName(name)
    place = area.getDataArea()
    sheet = sheets.getByIndex(place.Sheet)
    head = sheet.getCellRangeByPosition(place.StartColumn, place.StartRow, place.EndColumn, place.StartRow)
    (headings,) = head.getDataArray()
    totals = 1 if area.TotalsRow else 0
    return TableBody(
        name, sheet, place.StartColumn, place.StartRow + 1, place.EndRow - place.StartRow - totals,
        tuple(str(heading) for heading in headings),
    )  # fmt: skip


def _differs(block: TableBody, table: Mapping[str, Any]) -> bool:
    places = [block.headings.index(heading) for heading in table["columns"]]
    body = block.all()
    held = [[row[place] for place in places] for row in body.getDataArray()]
    return held != _plain(table["rows"])


def _plain(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """Rows as LibreOffice gives them back: blanks are empty text, numbers are floats."""
    return [
        ["" if cell is None else float(cell) if isinstance(cell, int | float) else str(cell) for cell in row]
        for row in rows
    ]


def _filled(document: Document, host: OfficeServices, block: TableBody, table: Mapping[str, Any]) -> str:
    """Fill a table with its rows; returns the change as text, or nothing where the rows are the same."""
    if not _differs(block, table):
        return ""
    before, rows = block.count, _plain(table["rows"]) or [["" for _ in table["columns"]]]
    block = _resized(document, host, block, len(rows))
    body = block.all()
    body.getRows().IsVisible = True  # rows that an old filter hid
    old = [*range(min(before, len(rows)) - 1), len(rows) - 1] if before > 1 else [0]
    for first, last, columns in _runs(block, table["columns"]):
        cells = tuple(tuple(row[place] for place in columns) for row in rows)
        area = block.cells(first, last)
        _fill_blanks(area, cells, old)
        area.setDataArray(cells)
    _fill_formulas(host, block, table["columns"])
    return f"{block.name} ({counted(before, 'row')}, now {len(rows):,})" if before != len(rows) else block.name


def _fill_blanks(area: Any, cells: Sequence[Sequence[object]], old: Sequence[int]) -> None:
    """Change one by one what was blank, or is to be, in rows that were there before.

    Undoing `setDataArray` restores what cells held, but leaves new values where they held nothing; doing it again
    leaves old values where they get nothing.
    """
    held = area.getDataArray()
    for row in old:
        for column, (was, value) in enumerate(zip(held[row], cells[row], strict=True)):
            if (was == "") == (value == ""):
                continue
            cell = area.getCellByPosition(column, row)
            if value == "":
                cell.clearContents(_CONTENTS)
            else:
                cell.setString(value) if isinstance(value, str) else cell.setValue(value)


def _resized(document: Document, host: OfficeServices, block: TableBody, count: int) -> TableBody:
    """Rows put in, or taken out, above the last row of the body: what names the whole body then follows by itself."""
    if count > block.count:
        new = block.cells(0, len(block.headings) - 1, max(block.count - 1, 1), count - block.count)
        block.sheet.insertCells(new.getRangeAddress(), host.enum_of("com.sun.star.sheet.CellInsertMode", "DOWN"))
    elif count < block.count:
        gone = block.cells(0, len(block.headings) - 1, count - 1, block.count - count)
        block.sheet.removeRange(gone.getRangeAddress(), host.enum_of("com.sun.star.sheet.CellDeleteMode", "UP"))
    grown = TableBody(block.name, block.sheet, block.column, block.row, count, block.headings)
    areas = document.DatabaseRanges
    area = areas.getByName(block.name)
    place = area.getDataArea()
    last = block.row + count - 1 + (1 if area.TotalsRow else 0)
    if place.EndRow != last:  # a body of one row has nothing above its last row
        place.EndRow = last
        area.setDataArea(place)
    return grown


def _runs(block: TableBody, columns: Sequence[str]) -> Iterator[tuple[int, int, list[int]]]:
    """Neighbouring columns of the table that the plan fills: the first, the last, and their places in the plan."""
    filled = [columns.index(heading) if heading in columns else None for heading in block.headings]
    start = 0
    while start < len(filled):
        if filled[start] is None:
            start += 1
            continue
        end = start
        while end + 1 < len(filled) and filled[end + 1] is not None:
            end += 1
        yield start, end, [place for place in filled[start : end + 1] if place is not None]
        start = end + 1


def _fill_formulas(host: OfficeServices, block: TableBody, columns: Sequence[str]) -> None:
    """The table's own formulas, copied down from their first row."""
    for place, heading in enumerate(block.headings):
        if heading not in columns and block.count > 1:
            column = block.cells(place, place)
            column.fillAuto(host.enum_of("com.sun.star.sheet.FillDirection", "TO_BOTTOM"), 1)


def _month_cell(document: Document, name: str) -> Any:
    names = document.NamedRanges
    if name not in names.ElementNames:
        raise Refusal(f"no name {name} in the document for the cell of the as-of month")
    named = names.getByName(name)
    cells = named.getReferredCells()
    return cells.getCellByPosition(0, 0)


def _noticed(plan: Mapping[str, Any]) -> list[str]:
    return ["", "Noticed:", *(f"• {note}" for note in plan["notes"])] if plan["notes"] else []
