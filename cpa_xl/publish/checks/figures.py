"""Checks of figures and letters against the counts in the workbook, and of sums (T1 to T3, T5, T6).

They cover the scorecard, the facts for comments, the charts' figures by month, and the sheet by borough. That sheet is
found by the name of the cell that picks its measure. Its rows are below the heading of the areas: figure, year before,
change, letter. Sums are the series of a total, boroughs and force, and measures within a measure.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cpa_xl.config.model import CommentFact, TableRows, TableSpec
from cpa_xl.errors import CellError, Level
from cpa_xl.formulas.kept import not_calculated, outdated, remedy
from cpa_xl.functions.measure_table import Headed, MeasureResult, MeasureRow
from cpa_xl.functions.registry import number
from cpa_xl.measures import rates
from cpa_xl.measures.figures import REWORKED, same, same_figure
from cpa_xl.measures.numbers_in_text import facts_of, stale
from cpa_xl.measures.periods import Basis, Month, Period, Series
from cpa_xl.measures.suppression import CONFIDENTIAL
from cpa_xl.measures.targets import LETTER_WORDS, Direction, Letter, Unit, direction_text, judge
from cpa_xl.ooxml.sheet import Value, value_at
from cpa_xl.publish.annotate.marks import STATUS, without_marks
from cpa_xl.publish.checks.context import Release, ScorecardRow
from cpa_xl.publish.checks.findings import Finding, at, finds, found, release_check
from cpa_xl.scorecard.recompute import StoredFigures, table_range
from cpa_xl.scorecard.rows import NOTHING, PICK, PICKS, target_notes
from cpa_xl.scorecard.versions import Version
from cpa_xl.workbook.closed import Table

ROLLING_YEAR = re.compile(r"\bRY to ([A-Z][a-z]{2}-\d\d)\b")
YEAR_OF_TARGETS = re.compile(r"(\d{4}/\d\d) target")
AGAIN = "recalculate the workbook (cpa_xl calculate), or put back the formula that was typed over"
DIRECTION = "Direction"  # the heading over how a figure moved
PRINTED = ("target_text", "rag", "status", "latest", "period", "comment")

LISTED = 5  # counts of a sheet that are listed one by one
REFRESH = "refresh the workbook from its extracts"

Sums = dict[tuple[Month, str], float]


@release_check(
    "T1",
    "every printed figure follows from the counts in the workbook",
    on=ScorecardRow,
    level=Level.STOP,
    for_readers="not every printed figure can be worked out again from the counts in the tables",
)
@release_check(
    "T2",
    "every letter follows from its figure, target and band",
    on=ScorecardRow,
    level=Level.STOP,
    for_readers="a letter does not follow from its figure and target",
)
@release_check(
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
        stated, result = figures.row(row.measure.id), figures.result(row.measure.id)
    except CellError as error:
        yield found(
            "T1", row.place("latest"), f"shows {row.text('latest')!r}, and no figure can be worked out: {error}"
        )
        return
    yield from _definition(figures, row, stated)
    yield from _figure(row, stated, result)
    yield from _target(row, stated)
    yield from _letter(row, result)
    yield from _period(row, result)
    yield from _direction(figures, row, stated, result)


@finds("T1", on=Release)
def check_copy(release: Release) -> Iterator[Finding]:
    """T1 of a published copy: each cell prints what the working copy prints, or is suppressed."""
    for row, there in release.printed_rows:
        yield from _copied(row, there)


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
        message = f"its figures cannot be recalculated, so none was checked: {release.unreadable}"
        yield found("T1", name, message)


@finds("T1", on=StoredFigures)
def check_trend(figures: StoredFigures) -> Iterator[Finding]:
    """T1 of the rolling figures by month: the columns "4a figure" and so on of a table of months without series."""
    for name, spec in figures.spec.tables.items():
        table = figures.workbook.tables.get(name)
        if table is None or spec.rows is not TableRows.MONTHS or spec.series:
            continue
        headed = Headed.of(table_range(figures.workbook, table))
        for measure in figures.catalogue.measures.values():
            place = headed.place(f"{measure.id.replace('-', ' ')} figure")
            if measure.figure is not None and place is not None:
                for row, message in _months(figures, figures.row(measure.id), headed, place):
                    yield found("T1", at(table.sheet, table.first_body_row + row, table.first_col + place), message)


@finds("T1", "T2", on=StoredFigures)
def check_boroughs(figures: StoredFigures) -> Iterator[Finding]:
    """T1, T2 of the sheet by borough; nothing where the workbook has none."""
    names = {name.casefold() for name in figures.workbook.names}
    tables = figures.spec.tables.items()
    areas = next(((name, spec) for name, spec in tables if spec.rows is TableRows.AREAS), None)
    if PICK not in names or PICKS not in figures.workbook.tables or areas is None:
        return
    table, spec = figures.workbook.tables.get(areas[0]), areas[1]
    sheet, row, column = figures.workbook.named_cell(PICK)
    cells = figures.workbook.cells(sheet)
    picked = _picked(figures, value_at(cells, (row, column)))
    first = next((at_[0] for at_, cell in sorted(cells.items()) if at_[0] > row and cell.value == spec.area), None)
    if table is None or picked is None or first is None:
        return
    series = _series(figures, table, spec, [picked.numerator, *([picked.denominator] if picked.denominator else [])])
    for line in range(first + 1, max(at_[0] for at_ in cells) + 1):
        area = value_at(cells, (line, column))
        if isinstance(area, str) and area in series:
            shown = [value_at(cells, (line, column + offset)) for offset in range(1, 5)]
            for offset, code, message in _borough(picked, series[area], shown):
                yield found(code, at(sheet, line, column + offset), f"{area}: {message}")


@release_check(
    "T3",
    "parts add up to their whole: series, boroughs, measures within a measure",
    on=StoredFigures,
    level=Level.STOP,
    for_readers="parts do not add up to their whole",
)
def check_components(figures: StoredFigures) -> Iterator[Finding]:
    """T3 of the stored counts."""
    sums: Sums = {}
    for name, spec in figures.spec.tables.items():
        table = figures.workbook.tables.get(name)
        if table is not None and spec.rows.holds_facts and spec.series:
            rows = _Rows(figures, table, spec)
            apart = (finding for series in spec.series for finding in rows.parts(series))
            yield from _capped(apart, table.sheet)
            if spec.rows is TableRows.AREAS:
                sums |= rows.by_month()
    yield from _force(figures, sums)
    yield from _within(figures)


@release_check(
    "T11",
    "every cell was calculated after the last refresh",
    on=Release,
    level=Level.STOP,
    for_readers="a cell shows a value from before the last refresh",
)
def check_calculated(release: Release) -> Iterator[Finding]:
    """T11: cells that a refresh could not calculate, and nothing has calculated since."""
    for cell in not_calculated(release.working):
        message = f"{outdated(release.working, cell)}: {remedy([cell])}"
        yield found("T11", f"{cell.sheet}!{cell.cell}", message)


def _definition(figures: StoredFigures, row: ScorecardRow, stated: MeasureRow) -> Iterator[Finding]:
    """Whether the workbook's table of measures counts what the configuration says."""
    measure = row.measure
    series = measure.figure.series if measure.figure is not None else ()
    wanted = (measure.unit, measure.better, measure.basis, *(figures.catalogue.series[name].title for name in series))
    configured = (stated.unit, stated.better, stated.basis, *stated.counted)
    if configured != wanted:
        said, asked = (", ".join(str(piece) for piece in pieces) for pieces in (configured, wanted))
        message = f"measure {measure.id} is {said} in the table of measures, and {asked} in the configuration: refresh"
        yield found("T1", row.place("measure"), message)


def _figure(row: ScorecardRow, stated: MeasureRow, result: MeasureResult) -> Iterator[Finding]:
    printed, shown = stated.printed(result.actual, stated.actual_style), row.text("latest")
    if shown != printed:
        yield found("T1", row.place("latest"), f"prints {shown!r}, the stored counts give {printed!r}: {AGAIN}")
    elif "actual" in row.record.cells and not same(row.value("actual"), result.actual, REWORKED):
        message = f"holds {row.text('actual')}, the stored counts give {result.actual:.15g}: {AGAIN}"
        yield found("T1", row.place("actual"), message)


def _target(row: ScorecardRow, stated: MeasureRow) -> Iterator[Finding]:
    shown, printed = row.text("target_text"), stated.printed_target
    if stated.unit is not Unit.MILESTONE and shown != printed:
        yield found(
            "T1", row.place("target_text"), f"prints {shown!r}, the sheet Targets asks for {printed!r}: {AGAIN}"
        )


def _letter(row: ScorecardRow, result: MeasureResult) -> Iterator[Finding]:
    letter, reason = result.verdict.letter, result.verdict.reason
    shown = row.text("rag")
    if shown != letter and shown in [*Letter]:
        yield found("T2", row.place("rag"), f"shows {shown}, and {letter} follows ({reason}): {AGAIN}")
    status = row.text("status")
    word = LETTER_WORDS[letter].word.capitalize()
    if shown == letter and "status" in row.record.cells and not status.startswith(word):
        message = f"says {status!r} beside the letter {letter}, which is {word!r}: {AGAIN}"
        yield found("T2", row.place("status"), message)


def _period(row: ScorecardRow, result: MeasureResult) -> Iterator[Finding]:
    shown, period = row.text("period"), result.period.label
    if shown != period:
        yield found("T6", row.place("period"), f"says {shown!r}, and the figure is for {period!r}: {AGAIN}")


def _direction(
    figures: StoredFigures, row: ScorecardRow, stated: MeasureRow, result: MeasureResult
) -> Iterator[Finding]:
    """T5 of the column that says how a figure moved since the month, of a survey the quarter, before."""
    shown = row.text(DIRECTION)
    if shown in ("", NOTHING) or isinstance(row.value(DIRECTION), CellError):
        return
    back = 3 if figures.counts.series(stated.counted[0]).quarterly else 1
    try:
        moved = result.actual - stated.figure(figures.counts, Period.of(result.as_of - back, stated.basis))
    except CellError:  # no month before, and nothing to say
        return
    if shown != direction_text(moved, stated.better):
        word = Direction.of(moved, stated.better)
        yield found(
            "T5", row.place(DIRECTION), f"says {shown!r}, and the figure is {word} by {abs(moved):.3g}: {AGAIN}"
        )


def _copied(row: ScorecardRow, there: ScorecardRow) -> Iterator[Finding]:
    for field in PRINTED:
        shown, wanted = there.text(field), row.text(field)
        if field == STATUS:
            shown, wanted = without_marks(shown), without_marks(wanted)
        if shown != wanted and not shown.startswith(CONFIDENTIAL):
            message = f"prints {there.text(field)!r} where the working copy has {row.text(field)!r}: freeze it again"
            yield found("T1", there.place(field), message)


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


def _months(figures: StoredFigures, stated: MeasureRow, headed: Headed, place: int) -> Iterator[tuple[int, str]]:
    """The rows of a column that hold another figure than the counts give; the first column holds the months."""
    for row, cells in enumerate(headed.rows):
        try:
            last = stated.last_month(figures.counts, Month.read(cells[0]))
            value = stated.figure(figures.counts, Period.of(last, stated.basis))
        except CellError:  # no month, or none of its counts: a gap in the chart
            continue
        if not same(cells[place], value, REWORKED):
            yield row, f"holds {_text(cells[place])}, the stored counts give {value:.15g}: {AGAIN}"


@dataclass(frozen=True)
class _Picked:
    """What the sheet by borough shows: a rate, or the change of a count; judged where `letters`."""

    stated: MeasureRow
    period: Period
    numerator: str
    denominator: str | None
    letters: bool


def _picked(figures: StoredFigures, pick: Value) -> _Picked | None:
    """The row of the table of picks; None where the cell names none of them."""
    headed = Headed.of(table_range(figures.workbook, figures.workbook.tables[PICKS]))
    row = next((place for place in range(len(headed.rows)) if headed.cell(place, "Pick") == pick), None)
    if row is None:
        return None
    measure, denominator = str(headed.cell(row, "Id")), headed.cell(row, "Denominator")
    try:
        stated, result = figures.row(measure), figures.result(measure)
    except CellError:  # the check of the measure's figure reports it
        return None
    letters = headed.cell(row, "Judged") == "yes" and result.judged
    below = None if denominator is None else str(denominator)
    return _Picked(stated, result.period, str(headed.cell(row, "Numerator")), below, letters)


def _series(
    figures: StoredFigures, table: Table, spec: TableSpec, headings: Sequence[str]
) -> Mapping[str, tuple[Series, ...]]:
    """The counts under some headings, by area."""
    headed = Headed.of(table_range(figures.workbook, table))
    months = headed.column(spec.key or "", Month.read)
    columns = [headed.column(heading, number) for heading in headings]
    rows: dict[str, list[int]] = {}
    for row, area in enumerate(headed.column(spec.area or "", str)):
        if area is not None:
            rows.setdefault(area, []).append(row)
    return {
        area: tuple(Series.of([column[row] for row in held], [months[row] for row in held]) for column in columns)
        for area, held in rows.items()
    }


def _borough(picked: _Picked, series: Sequence[Series], shown: Sequence[Value]) -> Iterator[tuple[int, str, str]]:
    """What is wrong in a row: how many columns on, the code, and the message."""
    try:
        now, before = (_level(series, period) for period in (picked.period, picked.period.previous))
    except CellError:  # a month that is not there: the row shows a dash
        return
    moved = now - before if picked.denominator else now / before - 1 if before else None
    for offset, value in enumerate((now, before, moved), start=1):
        if value is not None and not same(shown[offset - 1], value, REWORKED):
            message = f"{_text(shown[offset - 1])} is shown, the stored counts give {value:.15g}: {AGAIN}"
            yield offset, "T1", message
    actual, asked = now if picked.denominator else moved, picked.stated.asked
    letter = Letter.NONE
    if picked.letters and actual is not None:
        letter = judge(actual, asked.target, picked.stated.better, asked.amber, asked.amber_basis).letter
    if shown[3] != letter:
        yield 4, "T2", f"{_text(shown[3])} is shown, and {letter} follows: {AGAIN}"


def _level(series: Sequence[Series], period: Period) -> float:
    """A rate where there is something to divide by, else the count."""
    return rates.rate(series[0], series[1], period) if len(series) > 1 else rates.total(series[0], period)


def _text(value: object) -> str:
    if isinstance(value, CellError):
        return value.code
    return "nothing" if value in (None, "") else f"{value:.15g}" if isinstance(value, float) else str(value)


class _Rows:
    """A table of counts, by the titles of its series."""

    def __init__(self, figures: StoredFigures, table: Table, spec: TableSpec) -> None:
        self.figures, self.table, self.spec = figures, table, spec
        self.columns = {column.name: table.first_col + place for place, column in enumerate(table.columns)}
        self.cells = figures.workbook.cells(table.sheet)

    def value(self, row: int, heading: str) -> Value:
        """What the row has under a heading; None also where the table has no such heading."""
        return value_at(self.cells, (row, self.columns.get(heading, 0)))

    def label(self, row: int) -> str:
        """What the row is: Dec-08, or Dec-08, Barnet."""
        keys = [key for key in (self.spec.key, self.spec.area) if key is not None and key in self.columns]
        return ", ".join(_label(self.value(row, key)) for key in keys)

    def parts(self, name: str) -> Iterator[Finding]:
        """The rows in which a series is not the sum of those that it adds up."""
        series = self.figures.catalogue.series
        title, parts = series[name].title, [series[part].title for part in series[name].of]
        if not parts or not {title, *parts} <= self.columns.keys():
            return
        for row in range(self.table.first_body_row, self.table.last_body_row + 1):
            whole, held = self.value(row, title), [self.value(row, part) for part in parts]
            numbers = [value for value in held if isinstance(value, float)]
            if isinstance(whole, float) and len(numbers) == len(held) and not same(whole, sum(numbers), REWORKED):
                message = (
                    f"{title} is {whole:,.15g} for {self.label(row)}, and {', '.join(parts)} add up to "
                    f"{sum(numbers):,.15g}: {REFRESH}"
                )
                yield found("T3", at(self.table.sheet, row, self.columns[title]), message)

    def months(self) -> Iterator[tuple[int, Month]]:
        """Its rows that state a month."""
        for row in range(self.table.first_body_row, self.table.last_body_row + 1):
            month = _month(self.value(row, self.spec.key or ""))
            if month is not None:
                yield row, month

    @property
    def titles(self) -> list[str]:
        """The headings of its series that it has."""
        titles = (self.figures.catalogue.series[name].title for name in self.spec.series)
        return [title for title in titles if title in self.columns]

    def by_month(self) -> dict[tuple[Month, str], float]:
        """The sum over the areas of each month, by the title of its series; months with a gap are left out."""
        held: dict[tuple[Month, str], list[float]] = {}
        gaps: set[tuple[Month, str]] = set()
        for row, month in self.months():
            for title in self.titles:
                value = self.value(row, title)
                if isinstance(value, float):
                    held.setdefault((month, title), []).append(value)
                else:
                    gaps.add((month, title))
        return {place: math.fsum(values) for place, values in held.items() if place not in gaps}


def _force(figures: StoredFigures, sums: Sums) -> Iterator[Finding]:
    """Months in which the boroughs do not add up to the force."""
    for name, spec in figures.spec.tables.items():
        table = figures.workbook.tables.get(name)
        if table is not None and spec.rows is TableRows.MONTHS and spec.series:
            yield from _capped(_months_apart(_Rows(figures, table, spec), sums), table.sheet)


def _months_apart(rows: _Rows, sums: Sums) -> Iterator[Finding]:
    catalogue = rows.figures.catalogue
    open_ended = {
        series.title
        for name, series in catalogue.series.items()
        if any(catalogue.sources[catalogue.series[part].source or ""].elsewhere for part in catalogue.parts(name))
    }  # what counts elsewhere is in the force and in no area
    for row, month in rows.months():
        for title in rows.titles:
            force, summed = rows.value(row, title), sums.get((month, title))
            if not isinstance(force, float) or summed is None or title in catalogue.medians:
                continue
            if title in open_ended and summed <= force:
                continue
            if not same_figure(force, summed, REWORKED):
                message = (
                    f"{title} is {force:,.15g} for {month.label}, and the areas add up to {summed:,.15g}: {REFRESH}"
                )
                yield found("T3", at(rows.table.sheet, row, rows.columns[title]), message)


def _capped(findings: Iterator[Finding], sheet: str) -> Iterator[Finding]:
    """The first of many findings of a sheet, and how many more there are."""
    every = list(findings)
    yield from every[:LISTED]
    if len(every) > LISTED:
        message = f"{len(every) - LISTED:,} more counts that do not add up: {REFRESH}"
        yield found("T3", sheet, message)


def _within(figures: StoredFigures) -> Iterator[Finding]:
    """Measures of counts that together are more than the measure that they are part of."""
    children: dict[str, list[str]] = {}
    for measure in figures.catalogue.measures.values():
        if measure.parent is not None and measure.unit == "count":
            children.setdefault(measure.parent, []).append(measure.id)
    for parent, names in children.items():
        try:
            whole, *parts = (figures.result(name).actual for name in (parent, *names))
        except CellError:  # the check of its figure reports it
            continue
        together = math.fsum(parts)
        if together > whole and not same_figure(together, whole, REWORKED):
            message = (
                f"measure {parent} has {whole:,.15g} a month, and its parts {', '.join(names)} add up to "
                f"{together:,.15g}: correct what the series count (measures.yaml), then refresh"
            )
            yield found("T3", f"measure {parent}", message)


def _month(value: Value) -> Month | None:
    try:
        return None if value is None else Month.read(value)
    except CellError:
        return None


def _label(value: Value) -> str:
    month = _month(value) if isinstance(value, float) else None
    return str(value) if month is None else month.label
