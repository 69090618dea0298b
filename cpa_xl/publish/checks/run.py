"""Runs the release checks over a workbook and its copy for readers, and lists the checks.

Every module of this folder is imported, so a new module with checks needs no entry here. The check of English claims
is optional: the commands add it with `claims.checks.register`.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules

from cpa_xl.config.model import Catalogue, WorkbookSpec
from cpa_xl.errors import CellError, Level
from cpa_xl.publish import checks as folder
from cpa_xl.publish.annotate.since_last import Comparison
from cpa_xl.publish.checks.context import Release, ScorecardRow
from cpa_xl.publish.checks.findings import Check, Finding, found, functions, registered
from cpa_xl.publish.checks.signatures import with_acceptances
from cpa_xl.scorecard.recompute import StoredFigures
from cpa_xl.workbook.closed import ClosedWorkbook


def import_checks() -> None:
    """Import every module of the folder, so that its checks are registered."""
    for module in iter_modules(folder.__path__):
        import_module(f"{folder.__name__}.{module.name}")


import_checks()


def checks() -> Mapping[str, Check]:
    """Every check by its code, W before T: the table from which documents are made."""
    return registered()


def check_release(
    working: ClosedWorkbook,
    frozen: ClosedWorkbook | None,
    catalogue: Catalogue,
    spec: WorkbookSpec,
    last: Comparison | None = None,
) -> tuple[Finding, ...]:
    """Everything that speaks against publishing a scorecard, or that a publisher should know.

    `working` is the workbook with its formulas, `frozen` the copy that is to be published (None: no copy exists yet,
    and the checks look at the working copy instead), `last` what changed since the last published copy. A finding
    that the working copy's table Accepted accepts becomes a note.

    Order: the scorecard row by row, then the other figures, then the release as a whole, each by code (T before W);
    last what the table Accepted accepts in vain.
    """
    release = Release(working, frozen, catalogue, spec, last)
    return tuple(with_acceptances(_found(release), working))


def _found(release: Release) -> Iterator[Finding]:
    if release.readable:
        by_row = functions(ScorecardRow)
        for row in release.rows:
            for of_row in by_row:
                yield from of_row(row)
        for of_figures in functions(StoredFigures):
            try:
                yield from of_figures(release.figures)
            except CellError as error:
                message = f"not all of its figures can be recalculated: {error}"
                yield found("T1", release.working.path.name, message)
    for of_release in functions(Release):
        yield from of_release(release)


def finding_lines(findings: Sequence[Finding], further: Sequence[tuple[Level, str]] = ()) -> Iterator[str]:
    """The findings for a terminal: what stops a release first; how many of each level last.

    `further` is what is said beside them, before those of its level.
    """
    every = [*further, *((finding.level, str(finding)) for finding in findings)]
    for level in Level:
        yield from (f"{level}: {said}" for one, said in every if one is level)
    stops, warnings, notes = (sum(one is level for one, _ in every) for level in Level)
    verdict = "Not to be published yet" if stops else "No check stops it from being published"
    yield f"{verdict}: {stops} to be put right, {warnings} to be looked at, {notes} to be known"
