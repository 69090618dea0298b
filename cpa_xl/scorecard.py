"""The scorecard as it stands in a workbook: rows found by the headings that the configuration names.

Reads what the cells hold; computes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cpa_xl.catalogue import Sheet, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.periods import Month
from cpa_xl.sheetxml import Cell, Value, value_at
from cpa_xl.workbook import Readable

HEADING_ROWS = 20  # how far down the headings are looked for

MONTH_FIELDS = ("as_of",)
NUMBER_FIELDS = ("target", "actual", "value")
PICK, PICKS = "borough_measure", "BoroughMeasures"  # the named cell with the measure, the table of what it offers
NOTHING = "–"  # what a cell of figures shows where there is none, so that it is not taken for an empty one


@dataclass(frozen=True)
class Row:
    """A row of the sheet: its place (1-based) and its cells by field name."""

    row: int
    cells: Mapping[str, Value]

    def text(self, field: str) -> str:
        """A cell as text; an error as its code, an empty cell as ''."""
        value = self.cells.get(field)
        if isinstance(value, CellError):
            return value.code
        return "" if value is None else str(value)

    def plain(self) -> dict[str, object]:
        """The cells as values for JSON: numbers, text, months as "2009-01", errors as their codes, empty as None."""
        return {field: _plain(field, value) for field, value in self.cells.items()}


def read_scorecard(workbook: Readable, spec: WorkbookSpec) -> tuple[Row, ...]:
    """The scorecard's rows that carry an id, top to bottom; `Refusal` where the sheet or a heading is missing."""
    if spec.scorecard is None:
        raise Refusal("workbooks.yaml names no scorecard for this workbook; add scorecard: with its sheet and columns")
    return tuple(_rows(workbook, spec.scorecard, "id"))


def read_comment_facts(workbook: Readable, spec: WorkbookSpec) -> tuple[Row, ...]:
    """The rows of the sheet of comment facts; none where the workbook has no such sheet."""
    return () if spec.facts is None else tuple(_rows(workbook, spec.facts, "measure"))


def _rows(workbook: Readable, sheet: Sheet, key: str) -> Iterator[Row]:
    if sheet.sheet not in workbook.sheet_names:
        raise Refusal(f"no sheet {sheet.sheet!r} in the workbook; its sheets are {', '.join(workbook.sheet_names)}")
    cells = workbook.cells(sheet.sheet)
    heading_row, columns = _headings(cells, sheet)
    last = max((row for row, _ in cells), default=0)
    for row in range(heading_row + 1, last + 1):
        found = {field: value_at(cells, (row, column)) for field, column in columns.items()}
        if found[key] not in (None, ""):
            yield Row(row, found)


def _headings(cells: Mapping[tuple[int, int], Cell], sheet: Sheet) -> tuple[int, dict[str, int]]:
    best: tuple[int, dict[str, int]] = (0, {})
    for row in range(1, HEADING_ROWS + 1):
        texts = {str(value_at(cells, (row, column))): column for at, column in sorted(cells) if at == row}
        found = {field: texts[heading] for field, heading in sheet.columns.items() if heading in texts}
        if len(found) > len(best[1]):
            best = (row, found)
    missing = [heading for field, heading in sheet.columns.items() if field not in best[1]]
    if missing:
        raise Refusal(
            f"sheet {sheet.sheet!r}: no heading {', '.join(repr(heading) for heading in missing)} in its first"
            f" {HEADING_ROWS} rows; put it back, or change workbooks.yaml to the heading that stands there"
        )
    return best


def _plain(field: str, value: Value) -> object:
    if isinstance(value, CellError):
        return value.code
    if value == "" or (field in NUMBER_FIELDS and value == NOTHING):
        return None
    if field in MONTH_FIELDS and isinstance(value, int | float):
        try:
            return str(Month.read(value))
        except CellError:  # a spreadsheet without the functions left something else there
            return value
    return value
