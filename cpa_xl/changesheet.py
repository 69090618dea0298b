"""The sheet `What changed` of a published copy: what is other than in the copy published last; written, and read."""

from dataclasses import dataclass

from cpa_xl.cover import ONE_TABLE
from cpa_xl.errors import Refusal
from cpa_xl.sincelast import HEADINGS, Comparison, rows
from cpa_xl.textsheets import CHANGED, TextSheet, with_text_sheets
from cpa_xl.workbook import ClosedWorkbook

TABLE = "Changes"
EMPTY = "Empty cells: it is new (column Before), it is gone (column Now), no past month was revised (column Mark)."
_WIDTHS = (18, 44, 34, 34, 8)
_TITLE = "What changed since "


@dataclass(frozen=True)
class Told:
    """What the sheet says: its title, the sentence under it, its rows under `HEADINGS`; none where nothing changed."""

    title: str
    sentence: str
    rows: tuple[tuple[str, ...], ...]


def with_changes(copy: ClosedWorkbook, last: Comparison) -> ClosedWorkbook:
    """The copy with the sheet, behind all others. Raises `Refusal` where it has one of that name."""
    if CHANGED.casefold() in map(str.casefold, copy.sheet_names):
        raise Refusal(f"{copy.path} has a sheet {CHANGED!r} already; rename that sheet")
    found = list(rows(last.changes))
    some = "[r] marks a past month that was revised." if any(row[-1] for row in found) else "No past month was revised."
    said = some if found else "Nothing changed."
    sentence = f"This copy is compared with {last.file}. {said}"
    title = f"{_TITLE}{last.month}"
    if not found:
        return with_text_sheets(copy, [TextSheet(CHANGED, [(title,), (sentence,)], _WIDTHS)])
    above = [(title,), (f"{ONE_TABLE}{sentence}",), (EMPTY,)]
    sheet = TextSheet(CHANGED, [*above, HEADINGS, *found], _WIDTHS, table=TABLE, top=len(above) + 1)
    return with_text_sheets(copy, [sheet])


def told_changes(copy: ClosedWorkbook) -> Told | None:
    """What the sheet of a published copy says; None of a workbook that has no such sheet."""
    if CHANGED not in copy.sheet_names:
        return None
    cells = {place: str(cell.value) for place, cell in copy.cells(CHANGED).items() if cell.value is not None}
    title, sentence = cells.get((1, 1), ""), cells.get((2, 1), "").removeprefix(ONE_TABLE)
    if not title.startswith(_TITLE):  # somebody's own
        return None
    listed = [
        tuple(cells.get((row, table.first_col + at), "") for at in range(len(HEADINGS)))
        for table in copy.tables.values()
        if table.sheet == CHANGED and tuple(column.name for column in table.columns) == HEADINGS
        for row in range(table.first_body_row, table.last_body_row + 1)
    ]
    return Told(title, sentence, tuple(listed))
