"""Reads the scorecard, its comment facts and trends from a workbook, and finds its entry of workbooks.yaml.

All functions read what cells hold and compute nothing. They find columns by the headings that the configuration
names; those of the trend table are "4b figure", "4b target" and "4b provisional".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cpa_xl.config.model import Catalogue, KnownBreak, SheetSpec, TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.measures.figures import REWORKED, same_figure
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.sheet import Cell, Value, value_at
from cpa_xl.scorecard.tables import read_rows
from cpa_xl.workbook.closed import ReadableWorkbook

HEADING_ROWS = 20  # how far down the headings are looked for
MONTH_FIELDS = ("as_of",)
NUMBER_FIELDS = ("target", "actual", "value")
PICK, PICKS = "borough_measure", "BoroughMeasures"  # the named cell that picks a measure, and the table of its choices
NOTHING = "–"  # what a cell shows instead of a figure, so that it does not look forgotten
FIGURE, _PROVISIONAL = " figure", " provisional"


@dataclass(frozen=True)
class Row:
    """A row of the sheet: its place (1-based) and its cells by field name."""

    row: int
    cells: Mapping[str, Value]

    def text(self, field: str) -> str:
        """A cell as text: an error as its code, an empty cell as ''."""
        value = self.cells.get(field)
        if isinstance(value, CellError):
            return value.code
        return "" if value is None else str(value)

    def plain(self) -> dict[str, object]:
        """The cells as values for JSON: numbers, text, months as "2009-01", errors as their codes, empty as None."""
        return {field: _plain(field, value) for field, value in self.cells.items()}


@dataclass(frozen=True)
class TrendPoint:
    """A month of a measure: its figure, or None where the table shows none; `judged`: a target applies to it.

    `otherwise`: why the figure counts something else from this month on; "" where it does not.
    """

    month: Month
    value: float | None
    provisional: bool
    judged: bool
    otherwise: str = ""


Breaks = Mapping[str, Sequence[KnownBreak]]
"""The known breaks by the measure's part of the heading ("10 cocaine")."""
Trend = tuple[TrendPoint, ...]


def read_scorecard(workbook: ReadableWorkbook, spec: WorkbookSpec) -> tuple[Row, ...]:
    """The scorecard's rows that have an id, from the top; `Refusal` where the sheet or a heading is missing."""
    if spec.scorecard is None:
        raise Refusal("workbooks.yaml names no scorecard for this workbook; add scorecard: with its sheet and columns")
    return tuple(_rows(workbook, spec.scorecard, "id"))


def read_comment_facts(workbook: ReadableWorkbook, spec: WorkbookSpec) -> tuple[Row, ...]:
    """The rows of the sheet of comment facts; none where the workbook has no such sheet."""
    return () if spec.facts is None else tuple(_rows(workbook, spec.facts, "measure"))


def heading(measure: str, name: str) -> str:
    """The heading of a measure's column in the trend table, without characters that need an escape."""
    return f"{measure.replace('-', ' ')} {name}"


def provisional_heading(figure: str) -> str:
    """The heading of the column that marks the provisional months of another column."""
    return f"{figure.removesuffix(FIGURE)}{_PROVISIONAL}" if figure.endswith(FIGURE) else ""


def known_breaks(catalogue: Catalogue) -> Breaks:
    """The known breaks of the series that measures count. In a sum of series they may cancel out: it states its own."""
    every = (one for one in catalogue.measures.values() if one.figure is not None)
    return {
        heading(measure.id, "").strip(): sorted(
            {one.month: one for name in measure.figure.series for one in catalogue.series[name].known_breaks}.values(),
            key=lambda one: one.month,
        )
        for measure in every
        if measure.figure is not None
    }


def read_trends(workbook: ReadableWorkbook, spec: WorkbookSpec, breaks: Breaks | None = None) -> Mapping[str, Trend]:
    """The trends by the measure's part of the heading ("10 cocaine"), months in order; {} without a trend table."""
    found: dict[str, list[TrendPoint]] = {}
    for name, table in spec.tables.items():
        if table.rows is TableRows.MONTHS and table.key is not None and name in workbook.tables:
            for row in read_rows(workbook, name):
                for measure, point in _points(row, table.key):
                    found.setdefault(measure, []).append(point)
    return {
        measure: _broken(sorted(points, key=lambda point: point.month), (breaks or {}).get(measure, ()))
        for measure, points in found.items()
    }


def _broken(points: Sequence[TrendPoint], breaks: Sequence[KnownBreak]) -> Trend:
    """The points, with the reason at the first of each break that comes between two of them."""
    reasons: dict[int, str] = {}
    for one in breaks:
        place = next((place for place, point in enumerate(points) if point.month >= one.month), 0)
        if place:
            reasons[place] = one.reason
    return tuple(replace(point, otherwise=reasons.get(place, "")) for place, point in enumerate(points))


def of_measure(trends: Mapping[str, Trend], measure: str) -> Trend:
    """The trend of a measure; () where the table has none."""
    return trends.get(heading(measure, "").strip(), ())


def cell_number(value: Value) -> float | None:
    """A cell's number; None for text, errors and empty cells."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def specification(
    catalogue: Catalogue, workbook: ReadableWorkbook, path: Path, *, reading: bool = False
) -> WorkbookSpec:
    """The entry of workbooks.yaml with the tables of this workbook; `Refusal` where none or several fit.

    For `reading` the log may be missing, as in published copies.
    """
    present = {name.casefold() for name in workbook.tables}
    missing = {
        name: [
            table
            for table, rows in spec.tables.items()
            if table.casefold() not in present and not (reading and rows.rows is TableRows.LOG)
        ]
        for name, spec in catalogue.workbooks.items()
    }
    fitting = [name for name, tables in missing.items() if not tables]
    if len(fitting) == 1:
        return catalogue.workbooks[fitting[0]]
    if fitting:
        raise Refusal(f"{path} fits {len(fitting)} entries of workbooks.yaml ({', '.join(fitting)}); keep one")
    wanted = "; ".join(f"{name} needs {', '.join(tables)}" for name, tables in missing.items())
    table_names = ", ".join(workbook.tables) or "none"
    raise Refusal(f"{path} has no tables to refresh that workbooks.yaml knows: {wanted}; its tables are {table_names}")


def stated_month(workbook: ReadableWorkbook, spec: WorkbookSpec) -> Month:
    """The as-of month that the workbook's named cell states; `Refusal` where it states none."""
    sheet, row, column = workbook.named_cell(spec.as_of)
    value = value_at(workbook.cells(sheet), (row, column))
    try:
        return Month.read(value)
    except CellError as error:
        raise Refusal(
            f"the as-of cell ({spec.as_of}, sheet {sheet!r}) holds {value!r}: {error}; or give --as-of"
        ) from None


def needed_sources(catalogue: Catalogue, spec: WorkbookSpec) -> frozenset[str]:
    """The sources that the series of a workbook's tables are counted from."""
    sources = {
        catalogue.series[part].source
        for table in spec.tables.values()
        for series in table.series
        for part in catalogue.parts(series)
    }
    return frozenset(source for source in sources if source is not None)


def known_months(workbook: ReadableWorkbook, spec: WorkbookSpec) -> Mapping[str, Month]:
    """For each source, the last month in the workbook, from its table of extracts."""
    known: dict[str, Month] = {}
    for name, table in spec.tables.items():
        if table.rows is not TableRows.EXTRACTS:
            continue
        for row in read_rows(workbook, name):
            source, last = row.get("Source"), row.get("Last month")
            if isinstance(source, str) and isinstance(last, int | float):
                known[source] = Month.read(last)
    return known


def target_notes(workbook: ReadableWorkbook, spec: WorkbookSpec, catalogue: Catalogue) -> tuple[str, ...]:
    """One note for each target in the workbook that differs from the agreed one in the configuration.

    A workbook with attached tables has no scorecard of ours, or another sheet with that name.
    """
    if spec.scorecard is None or spec.scorecard.sheet not in workbook.sheet_names:
        return ()
    try:
        scorecard = read_scorecard(workbook, spec)
    except Refusal as error:
        return (f"targets were not compared with the configuration: {error}",)
    notes = []
    for row in scorecard:
        measure = catalogue.measures.get(row.text("id"))
        agreed = None if measure is None else measure.agreed
        if measure is None:
            notes.append(f"row {row.row}: {_no_measure(row.cells.get('id'), row.text('id'), catalogue)}")
        elif agreed is not None:
            wanted, shown = agreed.value, row.cells.get("target")
            same = (
                shown in (None, "", NOTHING)
                if wanted is None
                else isinstance(shown, float) and same_figure(shown, wanted, REWORKED)
            )
            if not same and not isinstance(shown, CellError):
                notes.append(
                    f"{measure.id}: the workbook's target is {shown!r}, the agreed target of the configuration"
                    f" {wanted!r}; change the one that is wrong (sheet Targets, or measures.yaml)"
                )
    return tuple(notes)


def _no_measure(value: object, text: str, catalogue: Catalogue) -> str:
    """Why a row shows no measure; some programs make numbers of ids, which are texts."""
    plain = f"{value:.15g}" if isinstance(value, float) else text
    if isinstance(value, float) and plain in catalogue.measures:
        return (
            f"the id {plain} is a number, as some programs leave it (xlsx-populate does), and an id is a text: type"
            f" '{plain} with the apostrophe"
        )
    return f"{plain} is not a measure of the configuration"


def _plain(field: str, value: Value) -> object:
    if isinstance(value, CellError):
        return value.code
    if value == "" or (field in NUMBER_FIELDS and value == NOTHING):
        return None
    if field in MONTH_FIELDS and isinstance(value, int | float):
        try:
            return str(Month.read(value))
        except CellError:  # a spreadsheet without the functions left another value
            return value
    return value


def _rows(workbook: ReadableWorkbook, sheet: SheetSpec, key: str) -> Iterator[Row]:
    if sheet.sheet not in workbook.sheet_names:
        raise Refusal(f"no sheet {sheet.sheet!r} in the workbook; its sheets are {', '.join(workbook.sheet_names)}")
    cells = workbook.cells(sheet.sheet)
    heading_row, columns = _headings(cells, sheet)
    last = max((row for row, _ in cells), default=0)
    for row in range(heading_row + 1, last + 1):
        found = {field: value_at(cells, (row, column)) for field, column in columns.items()}
        if found[key] not in (None, ""):
            yield Row(row, found)


def _headings(cells: Mapping[tuple[int, int], Cell], sheet: SheetSpec) -> tuple[int, dict[str, int]]:
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
            f" {HEADING_ROWS} rows; put it back, or change workbooks.yaml to the heading that is there"
        )
    return best


def _points(row: Mapping[str, Value], key: str) -> Iterator[tuple[str, TrendPoint]]:
    try:
        month = Month.read(row.get(key))
    except CellError:
        return  # a row of totals, or an unfinished one
    for head in row:
        measure = head.removesuffix(" figure")
        if measure != head:
            provisional, target = (cell_number(row.get(f"{measure} {name}")) for name in ("provisional", "target"))
            yield measure, TrendPoint(month, cell_number(row[head]), provisional is not None, target is not None)
