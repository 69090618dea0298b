"""Whether readers are told what changed since the last published copy."""

from collections.abc import Iterator

from cpa_xl.catalogue import WorkbookSpec
from cpa_xl.errors import Refusal
from cpa_xl.faults import Level
from cpa_xl.findings import Finding, at, found
from cpa_xl.sincelast import REVISED, Kind, Since, since_last
from cpa_xl.suppression import CONFIDENTIAL
from cpa_xl.versions import Record, Version, table_keys
from cpa_xl.workbook import ClosedWorkbook, Table

LISTED = 5  # revisions of a table that are told one by one


def check_since(
    now: ClosedWorkbook, published: ClosedWorkbook, spec: WorkbookSpec, copy: ClosedWorkbook | None = None
) -> Iterator[Finding]:
    """T8, T16 of the columns: revised months without their mark, and what else changed, counted.

    Nothing is said of counts that the copy for readers suppresses: it lists what is found here.
    """
    try:
        changes = [change for change in since_last(now, published, spec) if not _is_suppressed(change, copy, spec)]
    except Refusal as refusal:
        yield found("T8", published.path.name, f"cannot be compared with the last published copy: {refusal}")
        return
    version = Version(now, spec)
    for name in dict.fromkeys(change.table for change in changes if change.kind is Kind.REVISION):
        revised = [change for change in changes if change.kind is Kind.REVISION and change.table == name]
        table = version.table(name)
        if table is not None:
            yield from _revisions(version, table, revised)
    for change in changes:
        if change.kind is Kind.DEFINITION and ", column " in change.which:
            was = "is new" if change.now == "new" else "is gone"
            yield found("W16", change.table, f"{change.which} {was} since the last published copy: say so in the notes")
    counted = [f"{kind} {number:,}" for kind in Kind if (number := sum(one.kind is kind for one in changes))]
    if counted:
        message = f"changed since the last published copy, {published.path.name}: {', '.join(counted)}"
        yield found("T8", now.path.name, message, Level.NOTE)


def _is_suppressed(change: Since, copy: ClosedWorkbook | None, spec: WorkbookSpec) -> bool:
    if copy is None or change.kind is not Kind.REVISION:
        return False
    version = Version(copy, spec)
    table = version.table(change.table)
    records = {} if table is None else version.table_records(table, _keys(version, table))
    record = records.get((change.key, 0))
    return (
        record is not None and change.heading in record.cells and (record.cells[change.heading].value == CONFIDENTIAL)
    )


def _revisions(version: Version, table: Table, revised: list[Since]) -> Iterator[Finding]:
    keys = _keys(version, table)
    records = {key: record for (key, _), record in version.table_records(table, keys).items()}
    bare = [(one, records[one.key]) for one in revised if one.key in records and not _marked(records[one.key])]
    for change, record in bare[:LISTED]:
        place = at(table.sheet, record.row, record.columns.get(change.heading, table.first_col))
        message = (
            f"{change.which.partition(', ')[2]} was {change.before} in the last published copy and is {change.now}: "
            f"mark the row {REVISED} in a column of its own, and tell readers why"
        )
        yield found("T8", place, message)
    if len(bare) > LISTED:
        yield found(
            "T8", table.sheet, f"{len(bare) - LISTED:,} more counts of past months were revised: mark them {REVISED}"
        )


def _keys(version: Version, table: Table) -> tuple[str, ...]:
    spec = version.spec.tables[table.name] if version.spec is not None else None
    headings = [column.name for column in table.columns]
    return table_keys(spec, headings) if spec is not None else tuple(headings[:1])


def _marked(record: Record) -> bool:
    """Whether a cell of the row holds the mark [r]."""
    return any(isinstance(cell.value, str) and REVISED in cell.value for cell in record.cells.values())
