"""Plans a refresh: what it will write into a workbook, before it writes anything.

A closed file and an open workbook have the same plan; only the program that carries it out differs.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from cpa_xl.config.model import Catalogue, TableRows, WorkbookSpec
from cpa_xl.errors import Level, Refusal
from cpa_xl.extracts.facts import Facts, read_facts
from cpa_xl.extracts.revisions import Merged, with_known
from cpa_xl.measures.periods import SERIAL_ZERO, Month
from cpa_xl.scorecard.history import History, read_history
from cpa_xl.scorecard.rows import known_months, needed_sources, specification, stated_month
from cpa_xl.scorecard.sign_off import accepted_of_extracts
from cpa_xl.scorecard.tables import Stamp, TableRow, headings, read_rows, refresh_entry, rows_of_table
from cpa_xl.workbook.closed import ReadableWorkbook
from cpa_xl.workbook.table_rows import refuse_headless

Progress = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _of: int) -> None:
    """Progress that goes nowhere."""


@dataclass(frozen=True)
class TableChange:
    """A table, with its number of rows before and after."""

    table: str
    before: int
    after: int


@dataclass(frozen=True)
class TablePlan:
    """The new rows of a table, for these of its columns; its other columns hold formulas of its own."""

    name: str
    columns: tuple[str, ...]
    make: Callable[[], Iterator[TableRow]]

    @property
    def rows(self) -> Iterator[TableRow]:
        """The rows, made again for each call, so that a long table takes no memory."""
        return self.make()


@dataclass(frozen=True)
class Plan:
    """What a refresh will write: the tables, and the as-of month into its named cell.

    `set_month` is False where that cell states the month already. `merged` has the facts of the extracts with what
    was known before, which is in `history`; `useless` names rows of the table Accepted that accept nothing.
    """

    as_of: Month
    as_of_name: str
    set_month: bool
    tables: tuple[TablePlan, ...]
    merged: Merged
    history: History
    spec: WorkbookSpec
    catalogue: Catalogue
    useless: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """What the tables will hold, and the extracts read."""
        return self.merged.facts

    @property
    def notes(self) -> tuple[str, ...]:
        """Findings in the extracts that do not stop a refresh: warnings before notes."""
        notes = (str(fault) for fault in self.facts.faults if fault.level is Level.NOTE)
        return (*self.useless, *self.warnings, *notes, *self.history.notes(self.catalogue, self.merged))

    @property
    def warnings(self) -> tuple[str, ...]:
        """Findings in the extracts that somebody should look into."""
        return tuple(str(fault) for fault in self.facts.faults if fault.level is Level.WARN)

    def keep_history(self, stamp: Stamp) -> tuple[Path | None, tuple[str, ...]]:
        """Write what is new into the history, once the workbook is written: the file, None where nothing is new.

        Where that fails it is a note: the workbook is good, and its tables hold what the history lacks.
        """
        try:
            return (self.history.path if self.history.keep(self.catalogue, self.merged, stamp) else None), ()
        except Refusal as refusal:
            return None, (f"the history was not kept: {refusal}. The next refresh goes on from the workbook's tables",)


def make_plan(
    workbook: ReadableWorkbook,
    path: Path,
    catalogue: Catalogue,
    extracts: Path,
    *,
    as_of: Month | None = None,
    progress: Progress | None = None,
    accept_revisions: bool = False,
    copy_of: Path | None = None,
) -> Plan:
    """Read and check the extracts for a workbook; `path` names it in messages.

    `as_of` sets the as-of month; without it, the workbook keeps its own. Months that the extracts do not bring are
    taken from what is known; `accept_revisions` takes large revisions, and lets known figures go. Raises `Refusal` for
    bad extracts, for a workbook that does not fit the configuration, and for a history that cannot be read. `copy_of`
    is the document that the workbook is a copy of, which has the history beside it.
    """
    spec = specification(catalogue, workbook, path)
    for name in spec.tables:
        refuse_headless(workbook.tables[name])
    month = as_of or stated_month(workbook, spec)
    history = read_history(copy_of or path, workbook, catalogue, spec)
    accepted, useless = accepted_of_extracts(workbook)
    facts = read_facts(
        catalogue, extracts, as_of=month, known=known_months(workbook, spec), progress=progress,
        sources=needed_sources(catalogue, spec), accepted=accepted,
    )  # fmt: skip
    merged = with_known(
        catalogue, facts, history.known, as_of=month, accept_revisions=accept_revisions, accepted=accepted
    )
    tables = tuple(
        TablePlan(name, headings(catalogue, table), partial(rows_of_table, catalogue, table, merged.facts))
        for name, table in spec.tables.items()
        if table.rows is not TableRows.LOG
    )
    return Plan(
        month, spec.as_of, not _states(workbook, spec, month), tables, merged, history, spec, catalogue, useless
    )


def log_plans(
    plan: Plan, workbook: ReadableWorkbook, stamp: Stamp, calculated: int | None = None, kept: int | None = None
) -> tuple[TablePlan, ...]:
    """Plans for the workbook's log, if it has one: its entries, with one for this refresh below them."""
    entry = refresh_entry(stamp, plan.as_of, plan.facts, calculated, kept)
    found = []
    for name, table in plan.spec.tables.items():
        if table.rows is TableRows.LOG:
            heads = headings(plan.catalogue, table)
            held = [tuple(row.get(head) for head in heads) for row in read_rows(workbook, name)]
            found.append(TablePlan(name, heads, partial(iter, (*held, entry))))
    return tuple(found)


def _states(workbook: ReadableWorkbook, spec: WorkbookSpec, month: Month) -> bool:
    """Whether the as-of cell holds a day of that month already."""
    try:
        return stated_month(workbook, spec) == month
    except Refusal:  # it is empty, or states no month
        return False


def as_json(plan: Plan, log: Iterable[TablePlan], grown: Path | None = None) -> str:
    """The plan as JSON for a host with another Python: months are serial numbers, blanks are null.

    `as_of`: the named cell, the month's serial number and label; `set_month`: whether to write it. `tables` and `log`:
    names, columns and rows. `notes`: findings in the extracts. `records`: the number of rows read. `history`: the file
    `grown`, which takes the place of `kept` once the tables are written; null where nothing is new.
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
            "history": None if grown is None else {"grown": str(grown), "kept": str(plan.history.path)},
        },
        ensure_ascii=False,
        default=_cell_json,
    )


def _table_json(table: TablePlan) -> dict[str, object]:
    return {"name": table.name, "columns": table.columns, "rows": list(table.rows)}


def _cell_json(value: object) -> int:
    if isinstance(value, date):
        return (value - SERIAL_ZERO).days
    raise TypeError(f"a cell cannot hold a {type(value).__name__}")
