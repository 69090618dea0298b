"""The sheet `What changed` of a published copy: what is other than in the copy published last."""

from cpa_xl.cover import CHANGED
from cpa_xl.errors import Refusal
from cpa_xl.sincelast import HEADINGS, Comparison, rows
from cpa_xl.textsheets import TextSheet, with_text_sheets
from cpa_xl.workbook import ClosedWorkbook

TABLE = "Changes"
EMPTY = "Empty cells: it is new (column Before), it is gone (column Now), no past month was revised (column Mark)."
_WIDTHS = (18, 44, 34, 34, 8)


def with_changes(copy: ClosedWorkbook, last: Comparison) -> ClosedWorkbook:
    """The copy with the sheet, behind all others. Raises `Refusal` where it has one of that name."""
    if CHANGED.casefold() in map(str.casefold, copy.sheet_names):
        raise Refusal(f"{copy.path} has a sheet {CHANGED!r} already; rename that sheet")
    found = list(rows(last.changes))
    contains = "This worksheet contains one table. " if found else ""
    said = "[r] marks a past month that was revised." if found else "Nothing changed."
    texts = [
        ("What changed since the last copy",),
        (f"{contains}It compares this copy with {last.file}. {said}",),
    ]
    if not found:
        return with_text_sheets(copy, [TextSheet(CHANGED, texts, _WIDTHS)])
    texts.append((EMPTY,))
    rows_ = [*texts, HEADINGS, *found]
    return with_text_sheets(copy, [TextSheet(CHANGED, rows_, _WIDTHS, table=TABLE, top=len(texts) + 1)])
