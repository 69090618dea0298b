"""Checks that readers learn what changed since the last copy, and which counts are provisional (T7, T8, W16)."""

from collections.abc import Iterator, Sequence

from cpa_xl.config.model import WorkbookSpec
from cpa_xl.errors import Level
from cpa_xl.publish.annotate.marks import PROVISIONAL, marked_tables
from cpa_xl.publish.annotate.since_last import REVISED, Since, Topic
from cpa_xl.publish.checks.context import Release
from cpa_xl.publish.checks.findings import Finding, at, finds, found, release_check
from cpa_xl.scorecard.versions import Record, Version, table_keys
from cpa_xl.workbook.closed import ClosedWorkbook, Table
from cpa_xl.workbook.table_column import obstacle

LISTED = 5  # revisions of a table that are listed one by one
_NOUNS = {  # where the kind's own word, with an s for more than one, is no noun that can be counted
    Topic.REVISION: ("count of a past month revised", "counts of past months revised"),
    Topic.MONTH: ("month of a table new or gone", "months of tables new or gone"),
    Topic.TABLE: ("table new or gone", "tables new or gone"),
}


@release_check(
    "T8",
    "changes since the last published copy are known, and revised months are marked [r]",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="counts of past months differ from those of the last published copy",
)
@release_check(
    "W16",
    "tables and their columns are the same as in the last published copy",
    on=Release,
    level=Level.NOTE,
    for_readers="tables or their columns differ from those of the last published copy",
)
def check_since(release: Release) -> Iterator[Finding]:
    """T8, W16 of the columns: revised months without their mark, and a count of the other changes.

    `copy` is the copy to be published; where none is made yet, a revision that publishing will mark is only a note.
    Counts that the copy suppresses are neither named nor counted, because the copy lists the findings.
    """
    now, copy, last, spec = release.working, release.frozen, release.last, release.spec
    if last is None:
        return
    changes = last.changes
    for name in dict.fromkeys(change.table for change in changes if change.kind is Topic.REVISION):
        revised = [change for change in changes if change.kind is Topic.REVISION and change.table == name]
        yield from _revisions(now, copy, spec, revised)
    for change in changes:
        table = f"the table {change.which}" if change.kind is Topic.TABLE else ""
        what = change.which if change.kind is Topic.DEFINITION and change.heading else table
        if what:
            was = "is new" if change.now == "new" else "is gone"
            yield found("W16", change.table, f"{what} {was} since the last published copy: say so in the notes")
    counted = [_number(kind, number) for kind in Topic if (number := sum(one.kind is kind for one in changes))]
    if counted:
        listed = ", ".join(counted)
        message = f"changed since the last published copy, {last.file}: {listed}"
        readers = f"changed since the copy published before: {listed}"
        yield found("T8", now.path.name, message, Level.NOTE, readers=readers)


def _revisions(
    now: ClosedWorkbook, copy: ClosedWorkbook | None, spec: WorkbookSpec, revised: Sequence[Since]
) -> Iterator[Finding]:
    """Of one table: the revisions that readers will not see marked, one by one; the others counted."""
    version = Version(copy or now, spec)
    table = version.table(revised[0].table)
    if table is None:
        return
    keys = _keys(version, table)
    records = {key: record for (key, _), record in version.table_records(table, keys).items()}
    known = [(one, records[one.key]) for one in revised if one.key in records and _shown(records[one.key], one)]
    bare = [(one, record) for one, record in known if not _marked(record)]
    heading = spec.publish.marks
    if bare and copy is None and heading is not None and obstacle(now, table, heading) is None:
        message = f"{_counts(len(bare))} revised: publish marks them {REVISED} in a column {heading}; tell readers why"
        yield found("T8", table.sheet, message, Level.NOTE)
        return
    for change, record in bare[:LISTED]:
        place = at(table.sheet, record.row, record.columns.get(change.heading, table.first_col))
        message = (
            f"{change.count} was {change.before} in the last published copy and is {change.now}: "
            f"mark the row {REVISED} in a separate column, and tell readers why"
        )
        yield found("T8", place, message)
    if len(bare) > LISTED:
        yield found(
            "T8", table.sheet, f"{len(bare) - LISTED:,} more counts of past months were revised: mark them {REVISED}"
        )
    if copy is not None and len(known) > len(bare):
        message = f"{_counts(len(known) - len(bare))} revised and marked {REVISED}: tell readers why"
        yield found("T8", table.sheet, message, Level.NOTE)


def _number(kind: Topic, number: int) -> str:
    """How many changes of a kind: 1 figure, 2 figures."""
    one, more = _NOUNS.get(kind, (kind.value, f"{kind.value}s"))
    return f"{number:,} {one if number == 1 else more}"


def _counts(number: int) -> str:
    return f"{number:,} {'count' if number == 1 else 'counts'} of past months {'was' if number == 1 else 'were'}"


def _shown(record: Record, change: Since) -> bool:
    """Whether the copy shows the count itself and not shorthand such as [c]."""
    cell = record.cells.get(change.heading)
    return cell is None or not isinstance(cell.value, str)


def _keys(version: Version, table: Table) -> tuple[str, ...]:
    spec = version.spec.tables[table.name] if version.spec is not None else None
    headings = [column.name for column in table.columns]
    return table_keys(spec, headings) if spec is not None else tuple(headings[:1])


def _marked(record: Record) -> bool:
    """Whether a cell of the row holds the mark [r]."""
    return any(isinstance(cell.value, str) and REVISED in cell.value for cell in record.cells.values())


@finds("T7", on=Release)
def check_marked(release: Release) -> Iterator[Finding]:
    """T7: provisional counts that readers will not see marked, because their table takes no further column."""
    working, copy, catalogue, spec = release.working, release.frozen, release.catalogue, release.spec
    heading, seen = spec.publish.marks, copy or working
    for marked in marked_tables(seen, catalogue, spec, ()) if heading is not None else ():
        cells, table = seen.cells(marked.table.sheet), Version(working, spec).table(marked.table.name)
        noted = {row for (row, _), cell in cells.items() if isinstance(cell.value, str) and PROVISIONAL in cell.value}
        bare = marked.texts.keys() - noted
        why = None if table is None or heading is None else obstacle(working, table, heading)
        if not bare or (copy is None and why is None):
            continue
        message = (
            f"{len(bare):,} rows hold provisional counts, and the copy gets no column {heading} to mark them "
            f"{PROVISIONAL}: {why or 'the result of a formula that reads its cells would change'}; make room at the "
            f"right of the table {marked.table.name}, or say under publish: what marks: shall be (null for none)"
        )
        yield found("T7", marked.table.sheet, message)
