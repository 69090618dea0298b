"""What a refresh will write into a workbook, worked out before anything is written.

The same plan serves a closed file and a workbook that is open in a spreadsheet: only who carries it out differs.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from cpa_xl.audit import Stamp, refresh_entry
from cpa_xl.catalogue import Catalogue, TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.facts import Facts, read_facts
from cpa_xl.faults import Level
from cpa_xl.periods import SERIAL_ZERO, Month
from cpa_xl.samefigure import REWORKED, same_figure
from cpa_xl.scorecard import NOTHING, read_scorecard
from cpa_xl.sheetxml import value_at
from cpa_xl.tables import Row, headings, read_rows, rows
from cpa_xl.workbook import Readable

Progress = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _of: int) -> None:
    """The progress that nobody is told of."""


@dataclass(frozen=True)
class TableChange:
    """A table, and how many rows it had and has."""

    table: str
    before: int
    after: int


@dataclass(frozen=True)
class TablePlan:
    """The rows that a table shall hold, under these of its columns; the table's other columns are its own formulas."""

    name: str
    columns: tuple[str, ...]
    make: Callable[[], Iterator[Row]]

    @property
    def rows(self) -> Iterator[Row]:
        """The rows, made anew each time, so that a long table need not be held."""
        return self.make()


@dataclass(frozen=True)
class Plan:
    """What a refresh will write: the tables, and the as-of month into its named cell.

    `set_month` is false where that cell states the month already.
    """

    as_of: Month
    as_of_name: str
    set_month: bool
    tables: tuple[TablePlan, ...]
    facts: Facts
    spec: WorkbookSpec
    catalogue: Catalogue

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noticed in the extracts and does not stop a refresh."""
        return tuple(str(fault) for fault in self.facts.faults if fault.level is not Level.STOP)


def make_plan(
    workbook: Readable,
    path: Path,
    catalogue: Catalogue,
    extracts: Path,
    *,
    as_of: Month | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Read and check the extracts for a workbook; `path` names it in messages.

    `as_of` sets the as-of month; without it the month that the workbook states is kept. Raises `Refusal` for bad
    extracts and for a workbook that does not fit the configuration.
    """
    _, spec = specification(catalogue, workbook, path)
    month = as_of or stated_month(workbook, spec)
    facts = read_facts(
        catalogue, extracts, as_of=month, known=known_months(workbook, spec), progress=progress,
        sources=needed_sources(catalogue, spec),
    )  # fmt: skip
    tables = tuple(
        TablePlan(name, headings(catalogue, table), partial(rows, catalogue, table, facts))
        for name, table in spec.tables.items()
        if table.rows is not TableRows.LOG
    )
    return Plan(month, spec.as_of, not _states(workbook, spec, month), tables, facts, spec, catalogue)


def log_plans(
    plan: Plan, workbook: Readable, stamp: Stamp, calculated: int | None = None, kept: int | None = None
) -> tuple[TablePlan, ...]:
    """The workbook's log, where it has one, with an entry for this refresh below those that it holds."""
    entry = refresh_entry(stamp, plan.as_of, plan.facts, calculated, kept)
    found = []
    for name, table in plan.spec.tables.items():
        if table.rows is TableRows.LOG:
            heads = headings(plan.catalogue, table)
            held = [tuple(row.get(head) for head in heads) for row in read_rows(workbook, name)]
            found.append(TablePlan(name, heads, partial(iter, (*held, entry))))
    return tuple(found)


def specification(
    catalogue: Catalogue, workbook: Readable, path: Path, *, reading: bool = False
) -> tuple[str, WorkbookSpec]:
    """The entry of workbooks.yaml whose tables this workbook has; `Refusal` where none or several fit.

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
        return fitting[0], catalogue.workbooks[fitting[0]]
    if fitting:
        raise Refusal(f"{path} fits {len(fitting)} entries of workbooks.yaml ({', '.join(fitting)}); keep one")
    wanted = "; ".join(f"{name} needs {', '.join(tables)}" for name, tables in missing.items())
    there = ", ".join(workbook.tables) or "none"
    raise Refusal(f"{path} has no tables to refresh that workbooks.yaml knows: {wanted}; its tables are {there}")


def stated_month(workbook: Readable, spec: WorkbookSpec) -> Month:
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


def known_months(workbook: Readable, spec: WorkbookSpec) -> Mapping[str, Month]:
    """For each source the last month that the workbook already holds, as its table of extracts says."""
    known: dict[str, Month] = {}
    for name, table in spec.tables.items():
        if table.rows is not TableRows.EXTRACTS:
            continue
        for row in read_rows(workbook, name):
            source, last = row.get("Source"), row.get("Last month")
            if isinstance(source, str) and isinstance(last, int | float):
                known[source] = Month.read(last)
    return known


def _states(workbook: Readable, spec: WorkbookSpec, month: Month) -> bool:
    """Whether the as-of cell states that month already, as any of its days."""
    try:
        return stated_month(workbook, spec) == month
    except Refusal:  # it is empty, or states no month
        return False


def target_notes(workbook: Readable, spec: WorkbookSpec, catalogue: Catalogue) -> tuple[str, ...]:
    """Where the target in the workbook is not the one that the configuration says was agreed.

    A workbook that the tables were attached to has no scorecard of ours, or another sheet of that name.
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
            notes.append(f"row {row.row}: {row.text('id')} is not a measure of the configuration")
        elif agreed is not None:
            wanted, there = agreed.value, row.cells.get("target")
            same = (
                there in (None, "", NOTHING)
                if wanted is None
                else isinstance(there, float) and same_figure(there, wanted, REWORKED)
            )
            if not same and not isinstance(there, CellError):
                notes.append(
                    f"{measure.id}: the workbook's target is {there!r}, the agreed target of the configuration"
                    f" {wanted!r}; change the one that is wrong (sheet Targets, or measures.yaml)"
                )
    return tuple(notes)


def as_json(plan: Plan, log: Iterable[TablePlan]) -> str:
    """A plan for a host that runs another Python: months are serial numbers, blanks are null.

    `as_of`: the named cell, the month's serial number and label; `set_month`: whether to put it there. `tables` and
    `log`: names, columns and rows. `notes`: what was noticed. `records`: how many rows were read.
    """
    return json.dumps(
        {
            "as_of": {
                "name": plan.as_of_name,
                "serial": plan.as_of.serial,
                "label": plan.as_of.label,
            },
            "set_month": plan.set_month,
            "tables": [_table_json(table) for table in plan.tables],
            "log": [_table_json(table) for table in log],
            "notes": plan.notes,
            "records": sum(extract.rows for extract in plan.facts.extracts),
        },
        ensure_ascii=False,
        default=_cell_json,
    )


def _table_json(table: TablePlan) -> dict[str, object]:
    return {"name": table.name, "columns": table.columns, "rows": list(table.rows)}


def _cell_json(value: object) -> int:
    if isinstance(value, date):
        return (value - SERIAL_ZERO).days
    raise TypeError(f"no cell holds a {type(value).__name__}")
