"""The sheet `What changed` of a published copy: what is other than in the copy published last."""

from cpa_xl.catalogue import WorkbookSpec
from cpa_xl.cover import with_text_sheet
from cpa_xl.errors import Refusal
from cpa_xl.sincelast import HEADINGS, rows, since_last
from cpa_xl.workbook import ClosedWorkbook

CHANGED = "What changed"
_WIDTHS = (18, 44, 34, 34, 8)


def with_changes(copy: ClosedWorkbook, last: ClosedWorkbook, spec: WorkbookSpec) -> ClosedWorkbook:
    """The copy with the sheet, behind all others. Raises `Refusal` where it has one of that name."""
    if CHANGED.casefold() in map(str.casefold, copy.sheet_names):
        raise Refusal(f"{copy.path} has a sheet {CHANGED!r} already; rename that sheet")
    found = list(rows(since_last(copy, last, spec)))
    texts = [
        ("What changed since the last copy",),
        (f"This worksheet compares this copy with {last.path.name}. [r] marks a past month that was revised.",),
        *([HEADINGS, *found] if found else [("Nothing changed.",)]),
    ]
    return with_text_sheet(copy, CHANGED, texts, widths=_WIDTHS, sizes={1: 14, 3: 11} if found else {1: 14})
