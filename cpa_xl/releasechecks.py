"""The checks before a scorecard leaves the house: of the working copy's figures, and of the file that is published."""

from collections.abc import Iterator, Sequence

from cpa_xl.catalogue import Catalogue, WorkbookSpec
from cpa_xl.commentchecks import check_comment
from cpa_xl.errors import Refusal
from cpa_xl.faults import Level
from cpa_xl.findings import Finding, found
from cpa_xl.storedfigures import StoredFigures
from cpa_xl.trustchecks import check_facts, check_figures, scorecard_rows
from cpa_xl.versions import Version
from cpa_xl.workbook import ClosedWorkbook


def check_release(
    working: ClosedWorkbook, frozen: ClosedWorkbook | None, catalogue: Catalogue, spec: WorkbookSpec
) -> tuple[Finding, ...]:
    """Everything that speaks against publishing a scorecard, or that a publisher should know.

    `working` is the workbook with its formulas, `frozen` the copy that is to be published.
    """
    return (*_trust(working, catalogue, spec),)


def _trust(working: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec) -> Iterator[Finding]:
    figures, version = StoredFigures(working, catalogue, spec), Version(working, spec)
    try:
        scorecard, facts = version.scorecard(), version.facts()
    except Refusal as refusal:
        yield found("T1", str(working.path.name), f"the scorecard cannot be read, so nothing was checked: {refusal}")
        return
    for row in scorecard_rows(figures, scorecard) if scorecard is not None else ():
        yield from check_figures(figures, row)
        yield from check_comment(figures, row)
    if facts is not None:
        yield from check_facts(figures, facts)


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """The findings for a terminal: what stops a release first; how many of each level last."""
    for level in Level:
        yield from (f"{level}: {finding}" for finding in findings if finding.level is level)
    stops, warnings, notes = (sum(finding.level is level for finding in findings) for level in Level)
    verdict = "Not to be published yet" if stops else "Nothing stops it from being published"
    yield f"{verdict}: {stops} to be put right, {warnings} to be looked at, {notes} to be known"
