"""Whether figures and letters of a scorecard follow from the counts that its workbook holds."""

import re
from collections.abc import Iterator

from cpa_xl.catalogue import CommentFact
from cpa_xl.checkcontext import Release, ScorecardRow
from cpa_xl.commentary import facts_of, stale
from cpa_xl.errors import CellError, Level
from cpa_xl.findings import Finding, at, check, finds, found
from cpa_xl.measurerows import MeasureRow, Standing
from cpa_xl.periods import Basis, Month, Period
from cpa_xl.rowmarks import STATUS, without_marks
from cpa_xl.samefigure import REWORKED, same
from cpa_xl.scorecard import NOTHING
from cpa_xl.spec import target_notes
from cpa_xl.storedfigures import StoredFigures
from cpa_xl.suppression import CONFIDENTIAL
from cpa_xl.targets import LETTER_WORDS, Direction, Letter, Unit, direction_text
from cpa_xl.versions import Version

ROLLING_YEAR = re.compile(r"\bRY to ([A-Z][a-z]{2}-\d\d)\b")
YEAR_OF_TARGETS = re.compile(r"(\d{4}/\d\d) target")
AGAIN = "calculate the workbook anew (cpa_xl calculate), or put back the formula that was typed over"
DIRECTION = "Direction"  # the heading over how a figure moved
PRINTED = ("target_text", "rag", "status", "latest", "period", "comment")


@check(
    "T1",
    "every printed figure follows from the counts in the workbook",
    on=ScorecardRow,
    level=Level.STOP,
    for_readers="not every printed figure can be worked out again from the counts in the tables",
)
@check(
    "T2",
    "every letter follows from its figure, target and band",
    on=ScorecardRow,
    level=Level.STOP,
    for_readers="a letter does not follow from its figure and target",
)
@check(
    "T6",
    "every period that is named is the period of its figures",
    on=ScorecardRow,
    level=Level.STOP,
    acceptable=True,
    for_readers="a period is named that is not the period of the figures",
)
@finds("T5", on=ScorecardRow)
def check_figures(row: ScorecardRow) -> Iterator[Finding]:
    """T1, T2, T6: the headline figure, target and letter of a row, and the period that it is for."""
    figures = row.figures
    if row.measure.figure is None:
        return
    try:
        stated, stands = figures.row(row.measure.id), figures.standing(row.measure.id)
    except CellError as error:
        yield found(
            "T1", row.place("latest"), f"shows {row.text('latest')!r}, and no figure can be worked out: {error}"
        )
        return
    yield from _definition(figures, row, stated)
    yield from _figure(row, stated, stands)
    yield from _target(row, stated)
    yield from _letter(row, stands)
    yield from _period(row, stands)
    yield from _direction(figures, row, stated, stands)


def _definition(figures: StoredFigures, row: ScorecardRow, stated: MeasureRow) -> Iterator[Finding]:
    """Whether the workbook's table of measures counts what the configuration says."""
    measure = row.measure
    series = measure.figure.series if measure.figure is not None else ()
    wanted = (measure.unit, measure.better, measure.basis, *(figures.catalogue.series[name].title for name in series))
    there = (stated.unit, stated.better, stated.basis, *stated.counted)
    if there != wanted:
        said, asked = (", ".join(str(piece) for piece in pieces) for pieces in (there, wanted))
        message = f"measure {measure.id} is {said} in the table of measures, and {asked} in the configuration: refresh"
        yield found("T1", row.place("measure"), message)


def _figure(row: ScorecardRow, stated: MeasureRow, stands: Standing) -> Iterator[Finding]:
    printed, shown = stated.printed(stands.actual, stated.actual_style), row.text("latest")
    if shown != printed:
        yield found("T1", row.place("latest"), f"prints {shown!r}, the stored counts give {printed!r}: {AGAIN}")
    elif "actual" in row.record.cells and not same(row.value("actual"), stands.actual, REWORKED):
        message = f"holds {row.text('actual')}, the stored counts give {stands.actual:.15g}: {AGAIN}"
        yield found("T1", row.place("actual"), message)


def _target(row: ScorecardRow, stated: MeasureRow) -> Iterator[Finding]:
    shown, printed = row.text("target_text"), stated.printed_target
    if stated.unit is not Unit.MILESTONE and shown != printed:
        yield found(
            "T1", row.place("target_text"), f"prints {shown!r}, the sheet Targets asks for {printed!r}: {AGAIN}"
        )


def _letter(row: ScorecardRow, stands: Standing) -> Iterator[Finding]:
    letter, reason = stands.verdict.letter, stands.verdict.reason
    shown = row.text("rag")
    if shown != letter and shown in [*Letter]:
        yield found("T2", row.place("rag"), f"shows {shown}, and {letter} follows ({reason}): {AGAIN}")
    status = row.text("status")
    word = LETTER_WORDS[letter].word.capitalize()
    if shown == letter and "status" in row.record.cells and not status.startswith(word):
        message = f"says {status!r} beside the letter {letter}, which is {word!r}: {AGAIN}"
        yield found("T2", row.place("status"), message)


def _period(row: ScorecardRow, stands: Standing) -> Iterator[Finding]:
    shown, period = row.text("period"), stands.period.label
    if shown != period:
        yield found("T6", row.place("period"), f"says {shown!r}, and the figure is for {period!r}: {AGAIN}")


def _direction(figures: StoredFigures, row: ScorecardRow, stated: MeasureRow, stands: Standing) -> Iterator[Finding]:
    """T5 of the column that says how a figure moved since the month, of a survey the quarter, before."""
    shown = row.text(DIRECTION)
    if shown in ("", NOTHING) or isinstance(row.value(DIRECTION), CellError):
        return
    back = 3 if figures.counts.series(stated.counted[0]).quarterly else 1
    try:
        moved = stands.actual - stated.figure(figures.counts, Period.of(stands.as_of - back, stated.basis))
    except CellError:  # no month before, and nothing to say
        return
    if shown != direction_text(moved, stated.better):
        word = Direction.of(moved, stated.better)
        yield found(
            "T5", row.place(DIRECTION), f"says {shown!r}, and the figure is {word} by {abs(moved):.3g}: {AGAIN}"
        )


@finds("T1", on=Release)
def check_copy(release: Release) -> Iterator[Finding]:
    """T1 of a published copy: each cell prints what the working copy prints, or is suppressed."""
    for row, there in release.printed_rows:
        yield from _copied(row, there)


def _copied(row: ScorecardRow, there: ScorecardRow) -> Iterator[Finding]:
    for field in PRINTED:
        shown, wanted = there.text(field), row.text(field)
        if field == STATUS:
            shown, wanted = without_marks(shown), without_marks(wanted)
        if shown != wanted and not shown.startswith(CONFIDENTIAL):
            message = f"prints {there.text(field)!r} where the working copy has {row.text(field)!r}: freeze it anew"
            yield found("T1", there.place(field), message)


@finds("T1", "T6", on=StoredFigures)
def check_facts(figures: StoredFigures) -> Iterator[Finding]:
    """T1 of the comment facts: value, words as printed, and the period they are for."""
    listing = Version(figures.workbook, figures.spec).facts()
    if listing is None:
        return
    facts = {
        (measure.id, fact.title): (measure, fact)
        for measure in figures.catalogue.measures.values()
        for fact in measure.facts
    }
    for (key, _), record in listing.records.items():
        if (known := facts.get((key[0], key[1]))) is not None:
            yield from _fact(figures, known[1], ScorecardRow(figures, known[0], listing.sheet, record))


def _fact(figures: StoredFigures, fact: CommentFact, row: ScorecardRow) -> Iterator[Finding]:
    shown = row.text("value")
    try:
        value, period = figures.fact(row.measure, fact), figures.period(row.measure, fact).label
    except CellError as error:
        if not isinstance(row.value("value"), CellError):
            yield found("T1", row.place("value"), f"holds {shown}, and no figure can be worked out: {error}")
        return
    if row.text("period") != period:
        yield found("T6", row.place("period"), f"says {row.text('period')!r}, and the fact is for {period!r}: {AGAIN}")
    if value is None or isinstance(value, str):
        if shown != (value or ""):
            yield found("T1", row.place("value"), f"says {shown!r}, the stored counts give {value or ''!r}: {AGAIN}")
    elif not same(row.value("value"), value, REWORKED):
        yield found("T1", row.place("value"), f"holds {shown}, the stored counts give {value:.15g}: {AGAIN}")
    elif wrong := stale(row.text("text"), facts_of([value])):
        yield found("T1", row.place("text"), f"{wrong[0].words}: {AGAIN}")


@finds("T6", on=StoredFigures)
def check_headlines(figures: StoredFigures) -> Iterator[Finding]:
    """T6 above the scorecard's rows: the rolling year that a text names, the year of the targets."""
    listing = Version(figures.workbook, figures.spec).scorecard()
    if listing is None:
        return
    first = min((record.row for record in listing.records.values()), default=1)
    year = Period.of(figures.as_of, Basis.FY).label
    for (row, column), cell in sorted(figures.workbook.cells(listing.sheet).items()):
        if row >= first or not isinstance(cell.value, str):
            continue
        for spoken in ROLLING_YEAR.finditer(cell.value):
            if Month.read(spoken[1]) != figures.as_of:
                message = f"speaks of {spoken[0]!r}, and the as-of month is {figures.as_of.label}: {AGAIN}"
                yield found("T6", at(listing.sheet, row, column), message)
        if (stated := YEAR_OF_TARGETS.match(cell.value)) and stated[1] != year:
            message = (
                f"is the heading of targets for {stated[1]}, and the as-of month lies in {year}: change one of them"
            )
            yield found("T6", at(listing.sheet, row, column), message, Level.WARN)


@finds("T1", on=StoredFigures)
def check_targets(figures: StoredFigures) -> Iterator[Finding]:
    """T1 of the targets in the workbook: those that the configuration would set otherwise."""
    for note in target_notes(figures.workbook, figures.spec, figures.catalogue):
        yield found("T1", figures.workbook.path.name, note, Level.WARN)


@finds("T1", on=Release)
def check_readable(release: Release) -> Iterator[Finding]:
    """T1 where no figure can be checked."""
    name = release.working.path.name
    if release.lacks_scorecard and release.spec.scorecard is not None:
        message = f"has no sheet {release.spec.scorecard.sheet}, so that no figure and no letter was checked"
        yield found("T1", name, message, Level.WARN)
    elif release.unreadable:
        message = f"its figures cannot be worked out anew, so none was checked: {release.unreadable}"
        yield found("T1", name, message)
