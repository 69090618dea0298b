"""The checks before a scorecard leaves the house: of the working copy's figures, and of the file that is published."""

from collections.abc import Iterator, Sequence

from cpa_xl.areachecks import check_boroughs, check_trend
from cpa_xl.bookstyles import BookStyles
from cpa_xl.catalogue import Catalogue, WorkbookSpec
from cpa_xl.claimchecks import check_spoken
from cpa_xl.commentchecks import check_claims, check_comment, check_words
from cpa_xl.componentchecks import check_components
from cpa_xl.departures import left_out
from cpa_xl.errors import CellError, Level, Refusal
from cpa_xl.filechecks import check_document, check_extras, check_hidden, check_safety
from cpa_xl.findings import Finding, found
from cpa_xl.layoutchecks import check_layout
from cpa_xl.markchecks import check_notes, check_shorthand
from cpa_xl.revisionchecks import check_marked, check_since
from cpa_xl.sheetviews import sheet_views
from cpa_xl.signchecks import check_signed, with_acceptances
from cpa_xl.sincelast import Comparison
from cpa_xl.spec import target_notes
from cpa_xl.storedfigures import StoredFigures
from cpa_xl.stylechecks import check_conditional, check_letter, check_styles
from cpa_xl.trustchecks import check_copy, check_facts, check_figures, check_headlines, scorecard_rows
from cpa_xl.versions import Version
from cpa_xl.workbook import ClosedWorkbook


def check_release(
    working: ClosedWorkbook,
    frozen: ClosedWorkbook | None,
    catalogue: Catalogue,
    spec: WorkbookSpec,
    last: Comparison | None = None,
) -> tuple[Finding, ...]:
    """Everything that speaks against publishing a scorecard, or that a publisher should know.

    `working` is the workbook with its formulas, `frozen` the copy that is to be published (None: not made yet, and
    the working copy is looked at in its place), `last` what changed in it since the one published last. What the
    working copy's table Accepted accepts is a note.
    """
    every = (
        *_trust(StoredFigures(working, catalogue, spec)),
        *_file(working, frozen, catalogue, spec),
        *check_marked(working, frozen, catalogue, spec),
        *(() if last is None else check_since(working, frozen, last, spec)),
    )
    return (*with_acceptances(every, working), *check_signed(working, spec))


def _trust(figures: StoredFigures) -> Iterator[Finding]:
    """T1 to T7, T9: the scorecard against the stored counts."""
    workbook, version = figures.workbook, Version(figures.workbook, figures.spec)
    if figures.spec.scorecard is not None and figures.spec.scorecard.sheet not in workbook.sheet_names:
        message = f"has no sheet {figures.spec.scorecard.sheet}, so that no figure and no letter was checked"
        yield found("T1", workbook.path.name, message, Level.WARN)
        return
    try:
        _ = figures.counts, figures.as_of  # read here first, so that what cannot be read is told once
        scorecard, facts = version.scorecard(), version.facts()
    except (Refusal, CellError) as error:
        message = f"its figures cannot be worked out anew, so none was checked: {error}"
        yield found("T1", figures.workbook.path.name, message)
        return
    for row in scorecard_rows(figures, scorecard) if scorecard is not None else ():
        yield from check_figures(figures, row)
        yield from check_comment(figures, row)
        yield from check_claims(figures, row)
        yield from check_spoken(figures, row)
        yield from check_words(figures, row)
    for note in target_notes(figures.workbook, figures.spec, figures.catalogue):
        yield found("T1", figures.workbook.path.name, note, Level.WARN)
    if facts is not None:
        yield from check_facts(figures, facts)
    if scorecard is not None:
        yield from check_headlines(figures, scorecard)
    for check in (check_components, check_trend, check_boroughs):
        try:
            yield from check(figures)
        except CellError as error:
            message = f"not all of its figures can be worked out anew: {error}"
            yield found("T1", figures.workbook.path.name, message)


def _file(
    working: ClosedWorkbook, frozen: ClosedWorkbook | None, catalogue: Catalogue, spec: WorkbookSpec
) -> Iterator[Finding]:
    """W1 to W15 of the copy that is to be published, or of the working copy where there is none yet."""
    copy, published = frozen or working, frozen is not None
    leaving = left_out(copy, spec.publish)
    views = [view for view in sheet_views(copy) if view.name not in leaving]
    yield from check_hidden(views)
    yield from check_extras(views)
    yield from check_document(copy, views, published=published)
    printed = "" if spec.scorecard is None else spec.scorecard.sheet
    yield from check_safety(copy, views, working, printed, published=published)
    yield from check_notes(views)
    yield from check_shorthand(views)
    yield from _printed(StoredFigures(working, catalogue, spec), copy)
    yield from check_conditional(BookStyles(copy.package), copy.path.name)
    for view in views:
        yield from check_layout(view, spec.publish.marks if published else None)
        yield from check_styles(view)


def _printed(figures: StoredFigures, copy: ClosedWorkbook) -> Iterator[Finding]:
    """T1, W11: what the copy prints, cell by cell of the working copy's scorecard."""
    try:
        listing = Version(figures.workbook, figures.spec).scorecard()
    except Refusal:  # told by the checks of the figures
        return
    if listing is None:
        return
    if listing.sheet not in copy.sheet_names:
        yield found("W11", copy.path.name, f"the copy has no sheet {listing.sheet}: publish it with its scorecard")
        return
    cells = copy.cells(listing.sheet)
    for row in scorecard_rows(figures, listing):
        there = row.in_copy(cells)
        yield from check_letter(there)
        yield from check_copy(row, there)


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
