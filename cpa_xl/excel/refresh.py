"""Refresh of a workbook that is open in Excel.

The plan is the one for a closed file (`commands.plan`); this module carries it out through xlwings. It checks
everything before it writes the first cell. It fills and resizes tables in place, lets Excel calculate, and saves
nothing. When a step fails, it writes the old contents back.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import xlwings

from cpa_xl.commands.plan import Plan, Progress, TableChange, log_plans, make_plan, silent
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import CpaXlError, Refusal
from cpa_xl.excel.open_workbook import OpenWorkbook, TableWrite, cell_write, table_write
from cpa_xl.extracts.facts import Facts
from cpa_xl.measures.periods import Month
from cpa_xl.scorecard.rows import target_notes
from cpa_xl.scorecard.tables import Stamp, read_rows

# Whatever is written from outside empties Excel's list of what can be undone.
NO_UNDO = "Undo cannot take this back; closing the workbook without saving does."


@dataclass(frozen=True)
class LiveOutcome:
    """What a refresh of an open workbook did, or would do (`written` false: a dry run, or nothing to change)."""

    book: str
    written: bool
    as_of: Month
    facts: Facts
    tables: tuple[TableChange, ...]
    changed: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def words(self) -> str:
        """What was done, or would be done, and what was noticed."""
        records = f"{sum(extract.rows for extract in self.facts.extracts):,} records"
        if not self.changed:
            message = f"Everything is up to date ({self.as_of.label}, {records})."
        elif self.written:
            message = (
                f"Refreshed to {self.as_of.label} from {records}: {', '.join(self.changed)}. Not saved yet. {NO_UNDO}"
            )
        else:
            message = f"The extracts are good: {records}. A refresh would change {', '.join(self.changed)}."
        return "\n".join([message, *(["", "Noticed:"] if self.notes else []), *(f"• {note}" for note in self.notes)])


class BookChange(Protocol):
    """A change of an open workbook that can be undone."""

    @property
    def what(self) -> str:
        """What is changed, for a message."""

    def refuse(self, workbook: OpenWorkbook) -> None:
        """Raise Refusal when it cannot be done safely."""

    def do(self) -> None:
        """Change it."""

    def undo(self) -> None:
        """Make it as it was, however far `do` came."""


def refresh(
    book: xlwings.Book,
    catalogue: Catalogue,
    extracts: Path,
    *,
    as_of: Month | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    stamp: Stamp | None = None,
) -> LiveOutcome:
    """Refresh an open workbook from the folder `extracts`; it is not saved.

    `as_of` sets the as-of month; without it the workbook keeps its own. A dry run does all but the last step. Raises
    `Refusal` for bad extracts, for a workbook that does not fit the configuration or cannot be written safely, and when
    the spreadsheet refuses. The workbook is then unchanged.
    """
    tell = progress or silent
    tell("Reading the workbook", 0, 0)
    before = OpenWorkbook(book)
    plan = make_plan(before, Path(book.fullname), catalogue, extracts, as_of=as_of, progress=progress)
    stamp = stamp or Stamp.now()
    steps = _steps(before, plan, stamp)
    for step in steps:
        step.refuse(before)
    if steps and not dry_run:
        tell(f"Writing the tables. {NO_UNDO}", 0, 0)
        _carry_out(book, steps)
    _, unkept = (None, ()) if dry_run else plan.keep_history(stamp)
    tables = [step for step in steps if isinstance(step, TableWrite)]
    after = OpenWorkbook(book)
    return LiveOutcome(
        book=book.name,
        written=bool(steps) and not dry_run,
        as_of=plan.as_of,
        facts=plan.facts,
        tables=tuple(_change(before, name, tables) for name in plan.spec.tables),
        changed=tuple(step.what for step in steps),
        notes=(*plan.notes, *unkept, *target_notes(after, plan.spec, catalogue)),
    )


def _steps(workbook: OpenWorkbook, plan: Plan, stamp: Stamp) -> list[BookChange]:
    """What differs from the plan; nothing at all, and no entry in the log, where nothing does."""
    steps: list[BookChange] = [step for table in plan.tables if (step := table_write(workbook, table)) is not None]
    if plan.set_month:
        steps.append(cell_write(workbook, plan.as_of_name, plan.as_of.first_day))
    if steps:
        logs = log_plans(plan, workbook, stamp, None, None)
        steps += [step for table in logs if (step := table_write(workbook, table)) is not None]
    return steps


def _change(workbook: OpenWorkbook, name: str, steps: Sequence[TableWrite]) -> TableChange:
    held = sum(1 for _ in read_rows(workbook, name))
    written = next((len(step.rows) for step in steps if step.old.name.casefold() == name.casefold()), held)
    return TableChange(name, held, written)


def _carry_out(book: xlwings.Book, steps: Sequence[BookChange]) -> None:
    """All the steps or, where one fails, none. Raises Refusal then."""
    with _at_rest(book.app):
        done: list[BookChange] = []
        try:
            for step in steps:
                done.append(step)
                step.do()
        except BaseException as error:
            _take_back(book, done, error)
            if isinstance(error, CpaXlError) or not isinstance(error, Exception):
                raise
            raise Refusal(f"{book.name}: {done[-1].what} could not be written ({error}); it is as it was") from error
    book.app.calculate()


def _take_back(book: xlwings.Book, done: Sequence[BookChange], error: BaseException) -> None:
    for step in reversed(done):
        try:
            step.undo()
        except Exception as second:  # whatever the spreadsheet says, the rest is to be put back too
            raise Refusal(
                f"{book.name}: {done[-1].what} could not be written ({error}), and {step.what} not be put back "
                f"({second}); close the workbook without saving"
            ) from error


@contextmanager
def in_status_bar(app: xlwings.App) -> Iterator[Progress]:
    """Show progress in the status bar, and give the bar back to the spreadsheet afterwards."""

    def tell(what: str, done: int, of: int) -> None:
        app.status_bar = f"CPA: {what} ({done} of {of})" if of else f"CPA: {what}"

    try:
        yield tell
    finally:
        app.status_bar = False


@contextmanager
def _at_rest(app: xlwings.App) -> Iterator[None]:
    """Switch off calculation, drawing and event macros during a change, and restore them afterwards."""
    held = app.calculation, app.screen_updating, app.enable_events
    try:
        app.screen_updating, app.enable_events, app.calculation = False, False, "manual"
        yield
    finally:
        app.calculation, app.screen_updating, app.enable_events = held
