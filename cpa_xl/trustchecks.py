"""Whether figures and letters of a scorecard follow from the counts that its workbook holds."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from cpa_xl.catalogue import CommentFact, Measure
from cpa_xl.commentary import facts_of, stale
from cpa_xl.errors import CellError
from cpa_xl.findings import Finding, at, found
from cpa_xl.measurerows import MeasureRow, Standing, Unit
from cpa_xl.sheetxml import Value
from cpa_xl.storedfigures import StoredFigures
from cpa_xl.targets import Letter
from cpa_xl.versions import Listing, Record

AGAIN = "calculate the workbook anew (cpa_xl calculate), or put back the formula that was typed over"
SAME = 1e-9  # relative: figures nearer than that differ by the order in which they were added up
WORDS = {Letter.GREEN: "Green", Letter.AMBER: "Amber", Letter.RED: "Red", Letter.NONE: "No letter"}


@dataclass(frozen=True)
class ScorecardRow:
    """A row of the scorecard, with the measure that it shows."""

    measure: Measure
    sheet: str
    record: Record

    def value(self, field: str) -> Value:
        """What its cell shows; None where it has no such cell."""
        cell = self.record.cells.get(field)
        return None if cell is None else cell.value

    def text(self, field: str) -> str:
        """The same as text, an error as its code."""
        value = self.value(field)
        return value.code if isinstance(value, CellError) else "" if value is None else str(value)

    def place(self, field: str) -> str:
        """Where its cell is."""
        return at(self.sheet, self.record.row, self.record.columns.get(field, 1))


def scorecard_rows(figures: StoredFigures, listing: Listing) -> Iterator[ScorecardRow]:
    """The rows that show a measure of the configuration, top to bottom."""
    for (key, _), record in listing.records.items():
        measure = figures.catalogue.measures.get(key[0])
        if measure is not None:
            yield ScorecardRow(measure, listing.sheet, record)


def check_figures(figures: StoredFigures, row: ScorecardRow) -> Iterator[Finding]:
    """T1, T2: the headline figure, target and letter of a row."""
    if row.measure.figure is None:
        return
    try:
        stated, stands = figures.row(row.measure.id), figures.standing(row.measure.id)
    except CellError as error:
        yield found(
            "T1", row.place("latest"), f"shows {row.text('latest')!r}, and no figure can be worked out: {error}"
        )
        return
    yield from _figure(row, stated, stands)
    yield from _target(row, stated)
    yield from _letter(row, stands)


def _figure(row: ScorecardRow, stated: MeasureRow, stands: Standing) -> Iterator[Finding]:
    printed, shown = stated.printed(stands.actual, stated.actual_style), row.text("latest")
    if shown != printed:
        yield found("T1", row.place("latest"), f"prints {shown!r}, the stored counts give {printed!r}: {AGAIN}")
    elif "actual" in row.record.cells and not same_number(row.value("actual"), stands.actual):
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
    if shown == letter and "status" in row.record.cells and not status.startswith(WORDS[letter]):
        message = f"says {status!r} beside the letter {letter}, which is {WORDS[letter]!r}: {AGAIN}"
        yield found("T2", row.place("status"), message)


def check_facts(figures: StoredFigures, listing: Listing) -> Iterator[Finding]:
    """T1 of the comment facts: value, words as printed, and the period they are for."""
    facts = {
        (measure.id, fact.title): (measure, fact)
        for measure in figures.catalogue.measures.values()
        for fact in measure.facts
    }
    for (key, _), record in listing.records.items():
        if key in facts:
            yield from _fact(
                figures, *facts[key[0], key[1]], ScorecardRow(facts[key[0], key[1]][0], listing.sheet, record)
            )


def _fact(figures: StoredFigures, measure: Measure, fact: CommentFact, row: ScorecardRow) -> Iterator[Finding]:
    try:
        value = figures.fact(measure, fact)
    except CellError as error:
        if not isinstance(row.value("value"), CellError):
            yield found(
                "T1", row.place("value"), f"holds {row.text('value')}, and no figure can be worked out: {error}"
            )
        return
    shown, printed = row.value("value"), row.text("text")
    if value is None or isinstance(value, str):
        if row.text("value") != (value or ""):
            yield found(
                "T1", row.place("value"), f"says {row.text('value')!r}, the stored counts give {value or ''!r}: {AGAIN}"
            )
    elif not same_number(shown, value):
        yield found(
            "T1", row.place("value"), f"holds {row.text('value')}, the stored counts give {value:.15g}: {AGAIN}"
        )
    elif wrong := stale(printed, facts_of([value])):
        yield found("T1", row.place("text"), f"{wrong[0].words}: {AGAIN}")


def same_number(shown: Value, value: float) -> bool:
    """Whether a cell holds a number, but for what another order of adding up leaves."""
    if isinstance(shown, bool) or not isinstance(shown, int | float):
        return False
    return math.isclose(shown, value, rel_tol=SAME, abs_tol=1e-15)
