"""What changed since the last published copy: figures, letters, targets, definitions, and revised past months.

`change_rows` gives rows for a sheet under `HEADINGS`, `change_lines` lines for a terminal. A past month with a
different count is marked [r], as the Analysis Function's guidance on symbols asks. A new month is no revision, and
neither is a count that either copy suppresses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from cpa_xl.commands.diff import diff
from cpa_xl.config.model import TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.measures.figures import plain_number
from cpa_xl.measures.periods import Month
from cpa_xl.measures.suppression import CONFIDENTIAL
from cpa_xl.ooxml.sheet import Value
from cpa_xl.publish.freeze.sheets import left_out
from cpa_xl.scorecard.rows import stated_month
from cpa_xl.scorecard.versions import Change, Differences, Key, RowDifference, RowsDifference, Version, What
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.text_sheets import CHANGED, CONTENTS

REVISED = "[r]"
HEADINGS = ("What", "Which", "Before", "Now", "Mark")


class Topic(StrEnum):
    """What a change is about."""

    FIGURE = "figure"
    LETTER = "letter"
    TARGET = "target"
    PERIOD = "period"
    DEFINITION = "definition"
    REVISION = "past month revised"
    MONTH = "month"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Since:
    """One change: `which` is the measure, or table, row and heading; `before` and `now` are as printed.

    Of a count, `table`, `key` and `heading` say where it is; of a column that came or went, `table` and `heading`.
    """

    kind: Topic
    which: str
    before: str
    now: str
    table: str = ""
    key: Key = ()
    heading: str = ""

    @property
    def count(self) -> str:
        """Row and heading of a count: "Jun-08, Camden, Robbery"."""
        return ", ".join((_label(self.key[0]), *self.key[1:], self.heading))

    @property
    def mark(self) -> str:
        """[r] for a past month revised, else nothing."""
        return REVISED if self.kind is Topic.REVISION else ""

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """Its cells under `HEADINGS`."""
        return self.kind.value, self.which, self.before, self.now, self.mark


# The scorecard's fields that are compared, by topic; figures and targets as they are printed.
FIELDS: Mapping[str, Topic] = MappingProxyType({
    "rag": Topic.LETTER, "latest": Topic.FIGURE, "target_text": Topic.TARGET, "period": Topic.PERIOD,
    "measure": Topic.DEFINITION, "unit": Topic.DEFINITION, "better": Topic.DEFINITION, "basis": Topic.DEFINITION,
})  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """What changed in a workbook since the copy published last; that copy's file, and the month that it is as of."""

    file: str
    month: str
    changes: tuple[Since, ...]


def comparison(now: ClosedWorkbook, published: ClosedWorkbook, spec: WorkbookSpec) -> Comparison:
    """A workbook compared with its last published copy. Raises `Refusal` as `since_last` does, and without a month."""
    changes = since_last(now, published, spec)
    return Comparison(published.path.name, stated_month(published, spec).label, changes)


def since_last(now: ClosedWorkbook, published: ClosedWorkbook, spec: WorkbookSpec) -> tuple[Since, ...]:
    """What changed in a workbook since its last published copy, the scorecard's rows first.

    Raises `Refusal` for a file that cannot be read, and for one that is no copy of this workbook.
    """
    found = diff(published, now, spec)
    _refuse_strange(found, now, published, spec)
    tables = (change for table in found.tables for change in _table(table, spec, _typed_columns(now, table.name)))
    return (*_scorecard(found), *tables, *_whole_tables(now, published, spec))


def _refuse_strange(found: Differences, now: ClosedWorkbook, published: ClosedWorkbook, spec: WorkbookSpec) -> None:
    """Refuse files without a scorecard or table in common: an empty comparison would look like no change."""
    why = "" if found.tables else f"it has none of the tables of {now.path.name}"
    if found.scorecard is None and spec.scorecard is not None and spec.scorecard.sheet in now.sheet_names:
        try:
            Version(published, spec).scorecard()
        except Refusal as refusal:
            why = str(refusal)
    if why:
        raise Refusal(
            f"{published.path.name} cannot be compared: {why}; name the copy that was published last (--since), or"
            " compare with none (publish --no-since)"
        )


def _whole_tables(now: ClosedWorkbook, published: ClosedWorkbook, spec: WorkbookSpec) -> Iterator[Since]:
    """The tables that only one of the two has, except on sheets that publishing removes or adds."""
    before, after = (
        {
            name.casefold(): name
            for name, table in book.tables.items()
            if table.sheet not in (CONTENTS, CHANGED, *left_out(book, spec.publish))
            and _rows_of(spec, name) is not TableRows.LOG
        }
        for book in (published, now)
    )
    for name in (name for known, name in after.items() if known not in before):
        yield Since(Topic.TABLE, name, "", "new", name)
    for name in (name for known, name in before.items() if known not in after):
        yield Since(Topic.TABLE, name, "was there", "gone", name)


def _typed_columns(workbook: ClosedWorkbook, name: str) -> frozenset[str]:
    """The headings of a table whose cells are no formulas: what is calculated follows from them."""
    columns = next(table.columns for known, table in workbook.tables.items() if known.casefold() == name.casefold())
    return frozenset(column.name for column in columns if column.formula is None)


def _scorecard(found: Differences) -> Iterator[Since]:
    moved: dict[tuple[str, str], list[tuple[str, str]]] = {}  # measures by their periods before and now
    for row in found.scorecard.rows if found.scorecard is not None else ():
        cells = row.before if row.what is What.REMOVED else row.after
        name = f"{row.key[0]} {_text(cells.get('measure'))}".strip()
        if row.what is not What.CHANGED:
            come = row.what is What.ADDED
            yield Since(Topic.DEFINITION, name, *(("", "new row") if come else ("row gone", "")))
            continue
        for change in row.changes:
            kind = FIELDS.get(change.field)
            if kind is Topic.PERIOD:
                moved.setdefault((_text(change.before), _text(change.after)), []).append((row.key[0], name))
            elif kind is not None:
                word = f", {change.field}" if kind is Topic.DEFINITION else ""
                yield Since(kind, f"{name}{word}", _text(change.before), _text(change.after))
    for (before, now), measures in moved.items():  # a new month moves nearly all of them the same way
        several = f"{len(measures)} measures: {', '.join(each for each, _ in measures)}"
        yield Since(Topic.PERIOD, measures[0][1] if len(measures) == 1 else several, before, now)


def _table(table: RowsDifference, spec: WorkbookSpec, typed: frozenset[str]) -> Iterator[Since]:
    rows = next(one for known, one in spec.tables.items() if known.casefold() == table.name.casefold())
    for columns, words in ((table.columns_added, ("", "new")), (table.columns_removed, ("was there", "gone"))):
        for heading in columns:
            if heading != spec.publish.marks:  # shorthand about the counts: no count, and only published copies have it
                yield Since(Topic.DEFINITION, f"{table.name}, column {heading}", *words, table.name, (), heading)
    if rows.rows.holds_facts and rows.series:
        yield from _counts(table, typed - set(table.keys))
    elif rows.rows in (TableRows.MEASURES, TableRows.REGISTER):
        kind = Topic.TARGET if rows.rows is TableRows.REGISTER else Topic.DEFINITION
        yield from _entries(table, kind)


def _rows_of(spec: WorkbookSpec, name: str) -> TableRows | None:
    """What the rows of a table are; None of one that the configuration does not know."""
    return next((one.rows for known, one in spec.tables.items() if known.casefold() == name.casefold()), None)


def _counts(table: RowsDifference, typed: frozenset[str]) -> Iterator[Since]:
    """New months in one line; months that are gone, and every past count that differs, in a line each."""
    for what, before, now in ((What.ADDED, "", "new"), (What.REMOVED, "was there", "gone")):
        months = sorted({row.key[0] for row in table.of(what)})
        for month in months:
            yield Since(Topic.MONTH, f"{table.name}, {_label(month)}", before, now, table.name, (month,))
    for row in table.of(What.CHANGED):
        for change in row.changes:
            detail = (
                isinstance(change.before, float) and change.after != CONFIDENTIAL
            )  # else nothing is, or was, published
            if change.field in typed and detail:
                yield _revision(table.name, row, change)


def _revision(table: str, row: RowDifference, change: Change) -> Since:
    which = f"{table}, {', '.join((_label(row.key[0]), *row.key[1:]))}, {change.field}"
    return Since(Topic.REVISION, which, _text(change.before), _text(change.after), table, row.key, change.field)


def _entries(table: RowsDifference, kind: Topic) -> Iterator[Since]:
    for row in table.rows:
        name = f"{table.name}, {', '.join(part for part in row.key if part)}"
        if row.what is What.CHANGED:
            for change in row.changes:
                yield Since(kind, f"{name}, {change.field}", _text(change.before), _text(change.after), table.name)
        else:
            words = ("", "new") if row.what is What.ADDED else ("was there", "gone")
            yield Since(kind, name, *words, table.name)


def _text(value: Value) -> str:
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, float):
        return plain_number(value)
    return "" if value is None else str(value)


def _label(month: str) -> str:
    """Dec-08 for 2008-12; other text as it is."""
    year, _, number = month.partition("-")
    return Month(int(year), int(number)).label if year.isdigit() and number.isdigit() else month


def change_rows(changes: Sequence[Since]) -> Iterator[tuple[str, ...]]:
    """The changes as the rows of a sheet, under `HEADINGS`."""
    yield from (change.row for change in changes)


def change_lines(changes: Sequence[Since]) -> Iterator[str]:
    """The changes for a terminal, one a line; one line where nothing changed."""
    if not changes:
        yield "Nothing changed since the last published copy"
    for change in changes:
        moved = " -> ".join(piece for piece in (change.before, change.now) if piece)
        yield f"{change.kind}: {change.which}: {moved}{' ' if change.mark else ''}{change.mark}"
