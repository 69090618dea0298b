"""Refresh: brings the data tables of a workbook up to date from extracts, and recalculates what depends on them.

Everything is read and checked first; then the new file is written beside the old one and moved into its place, and
the old one is kept as a backup. Whatever is refused, the workbook is as it was. Nothing that people type is written,
but for the as-of month where it is asked for.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.a1 import cell_name
from cpa_xl.audit import Stamp, refresh_entry
from cpa_xl.calculator import Calculation, Calculator, Kept
from cpa_xl.catalogue import Catalogue, TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.facts import Facts, read_facts
from cpa_xl.faults import Fault, Level
from cpa_xl.insertion import COUNTS_FROM_1904
from cpa_xl.package import PartDifference, compare
from cpa_xl.periods import Month
from cpa_xl.scorecard import NOTHING, read_scorecard
from cpa_xl.tables import Row, headings, read_rows, rows
from cpa_xl.workbook import ClosedWorkbook, refuse_if_open, replace

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class TableChange:
    """A table, and how many rows it had and has."""

    table: str
    before: int
    after: int


@dataclass(frozen=True)
class Outcome:
    """What a refresh did, or would do (`written` false: a dry run, or nothing to change)."""

    workbook: Path
    backup: Path | None
    written: bool
    as_of: Month
    facts: Facts
    tables: tuple[TableChange, ...]
    parts: tuple[PartDifference, ...]
    calculated: int
    kept: tuple[Kept, ...]
    notes: tuple[str, ...]


def specification(catalogue: Catalogue, workbook: ClosedWorkbook, path: Path) -> tuple[str, WorkbookSpec]:
    """The entry of workbooks.yaml whose tables this workbook has; `Refusal` where none or several fit."""
    present = {name.casefold() for name in workbook.tables}
    missing = {
        name: [table for table in spec.tables if table.casefold() not in present]
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


def refresh(
    path: Path,
    catalogue: Catalogue,
    extracts: Path,
    calculator: Calculator,
    *,
    as_of: Month | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    stamp: Stamp | None = None,
) -> Outcome:
    """Refresh the closed workbook at `path` from the folder `extracts`.

    `as_of` sets the as-of month; without it the month that the workbook states is kept. `stamp` says when and who, for
    the log. A dry run does all but the last step. Raises `Refusal` (bad extracts, a workbook that is open or cannot be
    patched safely, a configuration that does not fit), and then nothing has been changed.
    """
    tell = progress or _silent
    refuse_if_open(path)
    tell("Reading the workbook", 0, 0)
    before = ClosedWorkbook.open(path)
    if before.date1904:  # nothing says which numbers of a workbook are dates
        raise Refusal(f"{path}: {COUNTS_FROM_1904}")
    _, spec = specification(catalogue, before, path)
    month = as_of or stated_month(before, spec)
    facts = read_facts(
        catalogue, extracts, as_of=month, known=known_months(before, spec), progress=progress,
        sources=needed_sources(catalogue, spec),
    )  # fmt: skip
    tell("Writing the tables", 0, 0)
    patched = _with_tables(before, catalogue, spec, facts)
    patched = _with_month(patched, spec, month)
    tell("Calculating", 0, 0)
    calculation = calculator.calculate(before, patched)
    after = _with_results(patched, calculation).finished()
    entry = refresh_entry(stamp or Stamp.now(), month, facts, len(calculation.values), len(calculation.kept))
    if compare(before.package, after.package):  # a log of what changed nothing would itself be a change
        after = _with_entry(after, catalogue, spec, entry)
    parts = compare(before.package, after.package)
    backup = _move_into_place(after, path) if parts and not dry_run else None
    return Outcome(
        workbook=path,
        backup=backup,
        written=bool(parts) and not dry_run,
        as_of=month,
        facts=facts,
        tables=_changes(before, after, spec),
        parts=parts,
        calculated=len(calculation.values),
        kept=calculation.kept,
        notes=_notes(catalogue, spec, facts, calculation, after),
    )


def _notes(
    catalogue: Catalogue, spec: WorkbookSpec, facts: Facts, calculation: Calculation, after: ClosedWorkbook
) -> tuple[str, ...]:
    """What was noticed: in the extracts, about the targets, and why cells show errors."""
    targets, errors = _target_notes(after, spec, catalogue), _error_notes(calculation, after)
    return (*_fault_notes(facts.faults), *targets, *errors)


def stated_month(workbook: ClosedWorkbook, spec: WorkbookSpec) -> Month:
    """The as-of month that the workbook's named cell states; `Refusal` where it states none."""
    sheet, row, column = workbook.named_cell(spec.as_of)
    cell = workbook.cells(sheet).get((row, column))
    value = None if cell is None else cell.value
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


def known_months(workbook: ClosedWorkbook, spec: WorkbookSpec) -> Mapping[str, Month]:
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


def _with_tables(workbook: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec, facts: Facts) -> ClosedWorkbook:
    for name, table in spec.tables.items():
        if table.rows is not TableRows.LOG:
            workbook = workbook.with_rows(name, headings(catalogue, table), rows(catalogue, table, facts))
    return workbook


def _with_entry(workbook: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec, entry: Row) -> ClosedWorkbook:
    """The entry added below those that the workbook's log holds, where it has a log."""
    for name, table in spec.tables.items():
        if table.rows is TableRows.LOG:
            heads = headings(catalogue, table)
            held = [tuple(row.get(head) for head in heads) for row in read_rows(workbook, name)]
            workbook = workbook.with_rows(name, heads, [*held, entry])
    return workbook


def _with_month(workbook: ClosedWorkbook, spec: WorkbookSpec, month: Month) -> ClosedWorkbook:
    """The as-of cell set, unless it states that month already (as any of its days)."""
    try:
        if stated_month(workbook, spec) == month:
            return workbook
    except Refusal:  # it is empty, or states no month: now it does
        pass
    sheet, row, column = workbook.named_cell(spec.as_of)
    return workbook.with_cell(sheet, row, column, month.first_day)


def _with_results(workbook: ClosedWorkbook, calculation: Calculation) -> ClosedWorkbook:
    """The new values, and whether Excel is to calculate; what it was asked stays where nothing had to be calculated."""
    if not calculation.values and not calculation.kept:
        return workbook
    return workbook.with_values(calculation.values).with_full_calculation(bool(calculation.kept))


def _move_into_place(workbook: ClosedWorkbook, path: Path) -> Path:
    backup = path.with_name(f"{path.stem}.backup{path.suffix}")
    replace(workbook, path, backup)
    return backup


def _changes(before: ClosedWorkbook, after: ClosedWorkbook, spec: WorkbookSpec) -> tuple[TableChange, ...]:
    return tuple(
        TableChange(name, sum(1 for _ in read_rows(before, name)), sum(1 for _ in read_rows(after, name)))
        for name in spec.tables
    )


def _fault_notes(faults: tuple[Fault, ...]) -> list[str]:
    return [str(fault) for fault in faults if fault.level is not Level.STOP]


def _target_notes(workbook: ClosedWorkbook, spec: WorkbookSpec, catalogue: Catalogue) -> list[str]:
    """Where the target in the workbook is not the one that the configuration says was agreed.

    A workbook that the tables were attached to has no scorecard of ours, or another sheet of that name.
    """
    if spec.scorecard is None or spec.scorecard.sheet not in workbook.sheet_names:
        return []
    try:
        scorecard = read_scorecard(workbook, spec)
    except Refusal as error:
        return [f"targets were not compared with the configuration: {error}"]
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
                else isinstance(there, float) and abs(there - wanted) < 1e-9
            )
            if not same and not isinstance(there, CellError):
                notes.append(
                    f"{measure.id}: the workbook's target is {there!r}, the agreed target of the configuration"
                    f" {wanted!r}; change the one that is wrong (sheet Targets, or measures.yaml)"
                )
    return notes


def _error_notes(calculation: Calculation, workbook: ClosedWorkbook) -> list[str]:
    """The reasons of the errors that cells show now: each once, with the cells where it arose and how many follow.

    Cells whose formula gives #N/A on purpose, as charts need it, are left out.
    """
    arose: dict[tuple[str, str], list[str]] = {}
    follow: Counter[tuple[str, str]] = Counter()
    names = {f"{sheet}!{cell_name(row, column)}" for sheet, row, column in calculation.reasons}
    for place, reason in calculation.reasons.items():
        value = calculation.values.get(place)
        if not isinstance(value, CellError) or _is_meant(workbook, place):
            continue
        origin, _, why = reason.partition(": ")
        if origin in names:  # the error comes from that cell
            follow[value.code, why] += 1
        else:
            arose.setdefault((value.code, reason), []).append(f"{place[0]}!{cell_name(*place[1:])}")
    notes = []
    for (code, why), cells in arose.items():
        more = follow[code, why]
        them = "it" if len(cells) == 1 else "them"
        build = f", and 1 cell that builds on {them}," if more == 1 else f", and {more} cells that build on {them},"
        shows = "shows" if len(cells) + more == 1 else "show"
        notes.append(f"{', '.join(cells)}{build if more else ''} {shows} {code}: {why}")
    return notes


def _is_meant(workbook: ClosedWorkbook, place: tuple[str, int, int]) -> bool:
    cell = workbook.cells(place[0]).get(place[1:])
    return cell is not None and cell.formula is not None and "NA()" in cell.formula


def _silent(_what: str, _done: int, _of: int) -> None:
    return None
