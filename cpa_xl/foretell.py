"""Foretell: what publishing a workbook would come to, by the very same act, of which nothing is written."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ParamSpec

from cpa_xl.calculator import EmbeddedCalculator
from cpa_xl.catalogue import Catalogue, WorkbookSpec
from cpa_xl.errors import CpaXlError, Level, Refusal
from cpa_xl.findings import Finding
from cpa_xl.publish import last_copy, opened, prepare, refuse_present, stops, target_of
from cpa_xl.release import checked, steps
from cpa_xl.releasechecks import check_release
from cpa_xl.sincelast import comparison, lines
from cpa_xl.spec import specification
from cpa_xl.statement import statement_of
from cpa_xl.udfs import FUNCTIONS
from cpa_xl.workbook import ClosedWorkbook, refuse_if_open

P = ParamSpec("P")


@dataclass(frozen=True)
class Foretold:
    """What publishing would come to.

    `workbook` is the copy that the checks looked at, or the working book where none can be made. `refused` says why
    the act itself is refused, if it is, and `notes` what else to know. `since` is the copy that it is compared with,
    and `changes` are the lines of what is other now.
    """

    workbook: ClosedWorkbook
    findings: tuple[Finding, ...]
    refused: tuple[str, ...]
    notes: tuple[str, ...] = ()
    since: Path | None = None
    changes: tuple[str, ...] = ()

    @property
    def further(self) -> tuple[tuple[Level, str], ...]:
        """What is said beside the findings, with its level."""
        return *((Level.STOP, one) for one in self.refused), *((Level.NOTE, one) for one in self.notes)

    @property
    def stopped(self) -> bool:
        """Whether it would not be published."""
        return bool(self.refused or stops(self.findings))


def foretell(
    path: Path, catalogue: Catalogue, out: Path | None = None, *, since: Path | None = None, compare: bool = True
) -> Foretold:
    """What `release` would come to with the same arguments; nothing is written.

    What would be refused is told beside what the checks find: in the copy, or in the working book where no copy can
    be made.
    Raises `Refusal` for a file that is no workbook, or none that the configuration knows.
    """
    book = ClosedWorkbook.open(path)
    spec = specification(catalogue, book, path, reading=True)
    refused = _refusals(refuse_if_open, path)  # what was saved last is looked at all the same
    folder = out or path.parent
    if since is None and compare:
        with suppress(Refusal):  # which the act tells
            since = last_copy(path, catalogue, folder)
    last: ClosedWorkbook | None = None
    try:
        last = None if since is None else ClosedWorkbook.open(since)
        calculator, source = EmbeddedCalculator(FUNCTIONS), opened(path, catalogue)
        prepared = prepare(source, calculator, check=checked, steps=tuple(steps(last, calculator)))
    except CpaXlError as error:
        return _without_copy(Foretold(book, (), (*refused, str(error))), catalogue, spec, last)
    target = target_of(source, folder)
    if not stops(prepared.findings):
        refused += _refusals(prepared.files, target)
    there = (_refusals(refuse_present, file, force=False) for file in (target, statement_of(target)))
    notes = next(filter(None, there), ())
    return Foretold(prepared.covered.workbook, prepared.findings, refused, notes, since, tuple(prepared.changes))


def _refusals(act: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> tuple[str, ...]:
    """Why something cannot be done, if it cannot."""
    try:
        act(*args, **kwargs)
    except CpaXlError as error:
        return (str(error),)
    return ()


def _without_copy(told: Foretold, catalogue: Catalogue, spec: WorkbookSpec, last: ClosedWorkbook | None) -> Foretold:
    """With what the checks find in the working book, compared with the last copy where that can be."""
    if last is not None:
        with suppress(CpaXlError):  # which the act told
            known = comparison(told.workbook, last, spec)
            findings = check_release(told.workbook, None, catalogue, spec, known)
            return replace(told, findings=findings, since=last.path, changes=tuple(lines(known.changes)))
    with suppress(CpaXlError):  # as above
        return replace(told, findings=check_release(told.workbook, None, catalogue, spec))
    return told
