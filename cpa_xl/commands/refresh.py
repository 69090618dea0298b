"""Refresh: updates the data tables of a workbook from extracts, and recalculates all that depends on them.

It reads and checks everything first. Then it writes the new file beside the old one, moves it into place, and keeps
the old one as a backup. A refusal leaves the workbook as it was. Refresh never writes cells that people type in,
except the as-of month when the caller gives one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cpa_xl.commands.plan import Plan, Progress, TableChange, TablePlan, log_plans, make_plan, silent
from cpa_xl.config.model import Catalogue, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.extracts.facts import Facts
from cpa_xl.formulas.calculator import Calculation, Calculator, HandedOn, Kept
from cpa_xl.formulas.kept import WithoutValues, moved, not_calculated, pivots_of, places_of, stale_pivots, with_kept
from cpa_xl.formulas.references import is_gap
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.insert import COUNTS_FROM_1904
from cpa_xl.ooxml.package import PartDifference, compare
from cpa_xl.scorecard.rows import target_notes
from cpa_xl.scorecard.tables import Stamp, read_rows
from cpa_xl.scorecard.versions import table_keys
from cpa_xl.workbook.closed import ClosedWorkbook, refuse_if_open
from cpa_xl.workbook.closed import replace as replace_file


@dataclass(frozen=True)
class Outcome:
    """What a refresh did, or would do (`written` is False: a dry run, or nothing to change).

    `history` is the file that keeps the figures, if any is new.
    """

    workbook: Path
    backup: Path | None
    history: Path | None
    written: bool
    as_of: Month
    facts: Facts
    tables: tuple[TableChange, ...]
    parts: tuple[PartDifference, ...]
    calculated: int
    kept: tuple[Kept, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()  # those of the notes that somebody should look into


def refresh(
    path: Path,
    catalogue: Catalogue,
    extracts: Path,
    calculator: Calculator,
    *,
    as_of: Month | None = None,
    dry_run: bool = False,
    accept_revisions: bool = False,
    progress: Progress | None = None,
    stamp: Stamp | None = None,
) -> Outcome:
    """Refresh the closed workbook at `path` from the folder `extracts`.

    `as_of` sets the as-of month; without it, the workbook keeps its own. `accept_revisions` takes extracts that revise
    a year by more than a tenth, or lack known figures. `stamp` has time and user for the log. A dry run does all but
    the last step. Raises `Refusal`, and then changes nothing, for bad extracts, a workbook that is open or cannot be
    patched safely, a history that cannot be read, and a configuration that does not fit.
    """
    tell = progress or silent
    tell("Reading the workbook", 0, 0)
    before = _read(path)
    stamp = stamp or Stamp.now()
    plan = make_plan(
        before, path, catalogue, extracts, as_of=as_of, accept_revisions=accept_revisions, progress=progress
    )
    tell("Writing the tables", 0, 0)
    patched = _carried_out(before, plan)
    tell("Calculating", 0, 0)
    calculation = _calculation(calculator, before, patched)
    after = with_kept(_with_results(patched, calculation).finished(), calculation.kept)
    if compare(before.package, after.package):  # a log entry would itself be a change
        counts = len(calculation.values), len(calculation.kept)
        after = _with_tables(after, log_plans(plan, after, stamp, *counts))
    parts = compare(before.package, after.package)
    tables = tuple(note for one in plan.tables for note in _table_notes(one, before, after, plan.spec))
    backup = _move_into_place(after, path) if parts and not dry_run else None
    history, unkept = (None, ()) if dry_run else plan.keep_history(stamp)
    return Outcome(
        workbook=path,
        backup=backup,
        history=history,
        written=bool(parts) and not dry_run,
        as_of=plan.as_of,
        facts=plan.facts,
        tables=_changes(before, after, plan.spec),
        parts=parts,
        calculated=len(calculation.values),
        kept=calculation.kept,
        notes=(
            *plan.notes,
            *unkept,
            *tables,
            *target_notes(after, plan.spec, catalogue),
            *error_notes(calculation, after),
        ),
        warnings=plan.warnings,
    )


def _read(path: Path) -> ClosedWorkbook:
    refuse_if_open(path)
    workbook = ClosedWorkbook.open(path)
    if workbook.date1904:  # nothing says which of its numbers are dates
        raise Refusal(f"{path}: {COUNTS_FROM_1904}")
    return workbook


def _calculation(calculator: Calculator, before: ClosedWorkbook, patched: ClosedWorkbook) -> Calculation:
    """The new values; cells that an earlier refresh could not calculate are tried again, as if they had no value.

    Such a cell that still has no answer keeps its first reason: the later ones follow from that.
    """
    listed = not_calculated(before)
    pivots = {(cell.sheet, cell.cell): cell for cell in (*pivots_of(listed), *stale_pivots(before, patched))}
    if not listed:
        calculation = calculator.calculate(before, patched)
        return replace(calculation, kept=(*calculation.kept, *pivots.values()))
    there = moved(listed, before, patched)
    books = (WithoutValues(book, places_of(cells)) for book, cells in ((before, listed), (patched, there)))
    calculation = calculator.calculate(*books)
    reasons = {(cell.sheet, cell.cell): cell.reason for cell in there}
    kept = (replace(cell, reason=reasons.get((cell.sheet, cell.cell), cell.reason)) for cell in calculation.kept)
    return replace(calculation, kept=(*kept, *pivots.values()))


def _carried_out(workbook: ClosedWorkbook, plan: Plan) -> ClosedWorkbook:
    """The workbook with filled tables, and the as-of month in its cell unless it is there already."""
    workbook = _with_tables(workbook, plan.tables)
    if not plan.set_month:
        return workbook
    sheet, row, column = workbook.named_cell(plan.as_of_name)
    return workbook.with_cell(sheet, row, column, plan.as_of.first_day)


def _with_tables(workbook: ClosedWorkbook, tables: Iterable[TablePlan]) -> ClosedWorkbook:
    for table in tables:
        workbook = workbook.with_rows(table.name, table.columns, table.rows)
    return workbook


def _with_results(workbook: ClosedWorkbook, calculation: Calculation) -> ClosedWorkbook:
    """The workbook with its new values; where cells keep old ones, Excel calculates on opening."""
    if not calculation.values and not calculation.kept:
        return workbook
    return workbook.with_values(calculation.values).with_full_calculation(bool(calculation.kept))


def _move_into_place(workbook: ClosedWorkbook, path: Path) -> Path:
    backup = path.with_name(f"{path.stem}.backup{path.suffix}")
    replace_file(workbook, path, backup)
    return backup


def _table_notes(
    planned: TablePlan, before: ClosedWorkbook, after: ClosedWorkbook, spec: WorkbookSpec
) -> Iterator[str]:
    """What the refresh puts right or takes away in a table, and whether its rows had another order."""
    yield from before.table_notes(planned.name, planned.columns)
    keys = table_keys(spec.tables[planned.name], planned.columns)
    old, new = (
        [tuple(row.get(key) for key in keys) for row in read_rows(book, planned.name)] for book in (before, after)
    )
    places = {key: place for place, key in enumerate(new)}
    order = [places[key] for key in old if key in places]
    if order != sorted(order):
        listed = ", ".join(keys)
        yield (
            f"table {planned.name}: its rows were in another order than that of {listed}, as after sorting it; the"
            " refresh puts them back, so a formula that takes a row by its number, such as"
            f" INDEX({planned.name}[{planned.columns[-1]}],1), reads another row now: sort it again, or look rows up"
        )


def _changes(before: ClosedWorkbook, after: ClosedWorkbook, spec: WorkbookSpec) -> tuple[TableChange, ...]:
    return tuple(
        TableChange(name, sum(1 for _ in read_rows(before, name)), sum(1 for _ in read_rows(after, name)))
        for name in spec.tables
    )


def error_notes(calculation: Calculation, workbook: ClosedWorkbook) -> list[str]:
    """The reasons of the errors that cells show: each once, with the cells where it begins and how many follow.

    Cells whose formula gives #N/A on purpose, as charts need it, are left out.
    """
    arose: dict[tuple[str, str], list[str]] = {}
    follow: Counter[tuple[str, str]] = Counter()
    for place, reason in calculation.reasons.items():
        value = calculation.values.get(place)
        cell = workbook.cells(place[0]).get(place[1:])
        if not isinstance(value, CellError) or is_gap(value, None if cell is None else cell.formula):
            continue
        if isinstance(reason, HandedOn):
            follow[value.code, reason.why] += 1
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
