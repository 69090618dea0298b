"""Shorthand in a published copy: [p] for provisional counts, [r] for revised ones.

A table of counts gets a column of its own for the shorthand, and a sentence above it that explains it. On the scorecard
the shorthand follows the words of the status. It is never in a cell with a number, as the Analysis Function's guidance
on symbols asks. The sources in the configuration say what is provisional; the last published copy shows what was
revised.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cpa_xl.config.model import Catalogue, Measure, TableSpec, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.calculator import Calculator, changes_results
from cpa_xl.formulas.graph import Place
from cpa_xl.functions.measure_table import MeasureResult
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.sheet import Position, Sheet, value_at
from cpa_xl.publish.annotate.since_last import REVISED, Since, Topic
from cpa_xl.publish.freeze.formulas import frozen_cells
from cpa_xl.publish.freeze.portable import Reason
from cpa_xl.scorecard.recompute import StoredFigures
from cpa_xl.scorecard.versions import Key, Record, Version, table_keys
from cpa_xl.workbook.closed import ClosedWorkbook, Table
from cpa_xl.workbook.table_column import NewColumn, obstacle, with_column
from cpa_xl.workbook.table_move import without_calculation_chain

PROVISIONAL = "[p]"
STATUS = "status"  # the field of the scorecard
_MARKS = re.compile(r"(?: \[[pr]\])+$")

Revised = Collection[tuple[str, Key, str]]
"""Counts by table, key of the row, and heading."""


@dataclass(frozen=True)
class Marked:
    """A table of counts, and the shorthand of its rows by the row's number; rows without any are left out."""

    table: Table
    texts: Mapping[int, str]


def without_marks(status: str) -> str:
    """The words of a status as the working workbook has them."""
    return _MARKS.sub("", status)


def provisional_since(catalogue: Catalogue, measure: Measure) -> Month | None:
    """The first month of the measure's own counts that may still change."""
    series = measure.figure.series if measure.figure is not None else ()
    every = (catalogue.source_of(part) for name in series for part in catalogue.parts(name))
    return min((source.provisional_from for source in every if source.provisional_from is not None), default=None)


def with_row_marks(
    copy: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec, changes: Sequence[Since], calculator: Calculator
) -> ClosedWorkbook:
    """The copy whose scorecard says which figures rest on provisional counts, and on counts revised since the last one.

    Rows without a text as status, and those whose status another cell would show otherwise, stay as they are.
    """
    sheet = "" if spec.scorecard is None else spec.scorecard.sheet
    texts = dict(_texts(copy, catalogue, spec, changes))
    marked = _with_texts(copy, sheet, texts)
    unfit = changes_results(copy, marked, {place: [(sheet, *place)] for place in texts}, calculator) if texts else ()
    if not unfit:
        return marked
    return _with_texts(copy, sheet, {place: text for place, text in texts.items() if place not in unfit})


def sentence(heading: str) -> str:
    """The sentence above a table with such a column."""
    return (
        f"Column {heading}: {PROVISIONAL} provisional, {REVISED} revised since the copy published last, for the columns"
        " named, or for all; empty cells: nothing to mark."
    )


def with_marks(
    copy: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec, changes: Sequence[Since], calculator: Calculator
) -> ClosedWorkbook:
    """The copy whose tables of counts mark provisional counts and (by `changes`) revised ones in a column of their own.

    The scorecard marks its rows behind the words of the status. A table stays the same where the place of the column is
    taken, or where the column would change the result of a formula; the checks of the release report that.
    """
    heading = spec.publish.marks
    if heading is None:
        return copy
    marked = list(marked_tables(copy, catalogue, spec, revised_counts(changes)))
    unfit = _disturbing(copy, [one.table for one in marked], heading, calculator)
    for one in marked:
        if one.table.name not in unfit and obstacle(copy, one.table, heading) is None:
            copy = with_column(copy, one.table, NewColumn(heading, one.texts, sentence(heading)))
    return with_row_marks(copy, catalogue, spec, changes, calculator)


def revised_counts(changes: Sequence[Since]) -> Revised:
    """The counts of past months that differ from the last published copy."""
    return {(change.table, change.key, change.heading) for change in changes if change.kind is Topic.REVISION}


def marked_tables(copy: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec, revised: Revised) -> Iterator[Marked]:
    """The tables of counts that a workbook has, with the shorthand of their rows."""
    version = Version(copy, spec)
    for name, rows in spec.tables.items():
        table = version.table(name)
        if table is None or not (rows.rows.holds_facts and rows.series):
            continue
        since = provisional_from(catalogue, rows)
        keys = table_keys(rows, [column.name for column in table.columns])
        texts = {
            record.row: text
            for (key, _), record in version.table_records(table, keys).items()
            if (text := _text(record, since, _month(version, record, rows), _headings(revised, table, key)))
        }
        yield Marked(table, texts)


def provisional_from(catalogue: Catalogue, rows: TableSpec) -> Mapping[str, Month | None]:
    """The series of a table by their headings, each with the month from which its source is provisional."""
    found: dict[str, Month | None] = {}
    for name in rows.series:
        sources = (catalogue.source_of(part) for part in catalogue.parts(name))
        months = [source.provisional_from for source in sources if source.provisional_from is not None]
        found[catalogue.series[name].title] = min(months, default=None)
    return found


def _with_texts(copy: ClosedWorkbook, sheet: str, texts: Mapping[Position, str]) -> ClosedWorkbook:
    """The copy with these texts, also where a formula was."""
    if not texts:
        return copy
    part = copy.part_of(sheet)
    fixed = frozen_cells(
        Sheet(copy.package.text(part)), lambda place, _: Reason.ANY_FORMULA if place in texts else None
    )
    package = copy.package.with_text(part, fixed.sheet.data)
    copy = ClosedWorkbook(without_calculation_chain(package) if fixed.places else package)
    for place, text in texts.items():
        copy = copy.with_cell(sheet, *place, text)
    return copy


def _texts(
    copy: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec, changes: Sequence[Since]
) -> Iterator[tuple[Position, str]]:
    """The cells of the status that get shorthand, with their new text."""
    figures = StoredFigures(copy, catalogue, spec)
    try:
        listing = Version(copy, spec).scorecard()
        _ = figures.counts, figures.as_of
    except (Refusal, CellError):  # the checks of the figures report it
        return
    for (key, _), record in listing.records.items() if listing is not None else ():
        measure, status = catalogue.measures.get(key[0]), value_at(record.cells, STATUS)
        if measure is not None and isinstance(status, str) and status.strip():
            marks = " ".join(_marks(figures, measure, changes))
            if marks:
                yield (record.row, record.columns[STATUS]), f"{status} {marks}"


def _marks(figures: StoredFigures, measure: Measure, changes: Sequence[Since]) -> Iterator[str]:
    if measure.figure is None:
        return
    try:
        result = figures.result(measure.id)
    except CellError:  # the check of the figure reports it
        return
    since = provisional_since(figures.catalogue, measure)
    if since is not None and since <= result.period.end:
        yield PROVISIONAL
    counted = {figures.catalogue.series[name].title for name in measure.figure.series}
    months = {str(month) for month in _months(result, measure)}
    if any(
        change.kind is Topic.REVISION and change.heading in counted and len(change.key) == 1 and change.key[0] in months
        for change in changes
    ):
        yield REVISED


def _months(result: MeasureResult, measure: Measure) -> Iterator[Month]:
    """The months that a figure is worked out from."""
    yield from result.period.months
    if measure.unit == "change":
        yield from result.period.previous.months


def _headings(revised: Revised, table: Table, key: Key) -> frozenset[str]:
    return frozenset(heading for name, row, heading in revised if (name, row) == (table.name, key))


def _month(version: Version, record: Record, rows: TableSpec) -> Month | None:
    """The month that a row is for, of a quarter its last."""
    cell = record.cells.get(rows.key or "")
    try:
        return None if cell is None else Month.read(version.shown(cell.value, rows.key or ""))
    except CellError:  # an unfinished row
        return None


def _text(record: Record, since: Mapping[str, Month | None], month: Month | None, revised: Collection[str]) -> str:
    """The shorthand of a row, each symbol before the columns that it is for; alone where it is for all counts."""
    counts = [name for name in since if name in record.cells and isinstance(record.cells[name].value, float)]
    first = {name: since[name] for name in counts}
    early = [name for name in counts if month is not None and (start := first[name]) is not None and start <= month]
    return "; ".join(
        symbol if names == counts else f"{symbol} {', '.join(names)}"
        for symbol, names in ((PROVISIONAL, early), (REVISED, [name for name in counts if name in revised]))
        if names
    )


def _disturbing(copy: ClosedWorkbook, tables: Sequence[Table], heading: str, calculator: Calculator) -> frozenset[str]:
    """The tables in which another column would change the result of a formula, or might.

    Tested with a text in every row, so that the answer is the same in every month.
    """
    full = copy
    tried = [table for table in tables if obstacle(copy, table, heading) is None]
    for table in tried:
        rows = range(table.first_body_row, table.last_body_row + 1)
        full = with_column(full, table, NewColumn(heading, dict.fromkeys(rows, PROVISIONAL)))
    return changes_results(copy, full, {table.name: _new_cells(table) for table in tried}, calculator)


def _new_cells(table: Table) -> list[Place]:
    return [(table.sheet, row, table.last_col + 1) for row in range(table.first_row, table.last_row + 1)]
