"""Recomputes the figures of a scorecard from the counts in the workbook's own tables.

Measures and their comment facts come from the configuration, targets from the workbook, where people type them.
Nothing here reads what the cells of the scorecard show.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from cpa_xl.config.model import Catalogue, CommentFact, FigureKind, FigureSpec, Measure, TableRows, WorkbookSpec
from cpa_xl.errors import CellError, EmptyDenominator, MissingData
from cpa_xl.functions import comment
from cpa_xl.functions.measure_table import CountTables, MeasureResult, MeasureRow, MeasureTable, measure_result
from cpa_xl.functions.registry import Range
from cpa_xl.measures import outlook, rates
from cpa_xl.measures.boroughs import PER
from cpa_xl.measures.numbers_in_text import Computed, Fact, facts_of
from cpa_xl.measures.periods import Basis, Month, Period, Series
from cpa_xl.measures.targets import Unit
from cpa_xl.scorecard.rows import NOTHING, stated_month
from cpa_xl.workbook.closed import ClosedWorkbook, Table

TARGETS = "Targets"  # the table of agreed targets, where it is apart from the measures


@dataclass(frozen=True)
class StoredFigures:
    """Figures from the tables of a workbook. Its methods raise the `CellError` that a cell would show."""

    workbook: ClosedWorkbook
    catalogue: Catalogue
    spec: WorkbookSpec

    @cached_property
    def as_of(self) -> Month:
        """The as-of month of the workbook; `Refusal` where it states none."""
        return stated_month(self.workbook, self.spec)

    @cached_property
    def counts(self) -> CountTables:
        """The counts by month and by quarter, and what a table has by year."""
        wanted = (TableRows.MONTHS, TableRows.QUARTERS, TableRows.YEARS)
        return CountTables.of([
            table_range(self.workbook, self.workbook.tables[name])
            for name, table in self.spec.tables.items()
            if table.rows in wanted and table.series and name in self.workbook.tables
        ])  # fmt: skip

    @cached_property
    def _table(self) -> MeasureTable:
        name = next((name for name, table in self.spec.tables.items() if table.rows is TableRows.MEASURES), "")
        if name not in self.workbook.tables:
            raise MissingData("the workbook has no table of measures")
        targets = self.workbook.tables.get(TARGETS)
        apart = None if targets is None else table_range(self.workbook, targets)
        return MeasureTable.of(table_range(self.workbook, self.workbook.tables[name]), apart)

    def row(self, measure: str) -> MeasureRow:
        """A measure from the workbook's tables, with its target."""
        return self._table.measure(self._table.row_of(measure))

    def result(self, measure: str) -> MeasureResult:
        """Its latest figure with its period, and the letter with the reason."""
        return measure_result(self.row(measure), self.counts, self.as_of)

    def figure(self, figure: FigureSpec, period: Period) -> float:
        """The value of a figure of the configuration over a period: a fraction or a number."""
        titles = [self.catalogue.series[name].title for name in figure.series]
        if figure.kind is FigureKind.RATE_PER:
            counted, residents = titles
            return rates.rate_per(self.counts.series(counted), self.counts.yearly(residents), period, figure.per or PER)
        first, *others = map(self.counts.series, titles)
        if figure.kind in _OF_TWO:
            return _OF_TWO[figure.kind](first, others[0], period)
        if figure.kind in _OF_ONE:
            return _OF_ONE[figure.kind](first, period)
        if figure.kind is FigureKind.GAP:
            return rates.group_gap(*(rates.total(series, period) for series in (first, *others)))
        raise MissingData(f"a figure of the kind {figure.kind} is made of other figures")

    def period(self, measure: Measure, fact: CommentFact) -> Period:
        """The period of a comment fact, counted from the last month with data of the measure."""
        last = self.result(measure.id).as_of
        if fact.quarter:
            start = Period.of(last, Basis.FY).start
            return Period.of(start + (3 * fact.quarter - 1), Basis.QUARTER)
        back = 0 if fact.kind is FigureKind.RATE_MOVEMENT else fact.back
        return Period.of(last - back, fact.basis or measure.basis or Basis.RY)

    def fact(self, measure: Measure, fact: CommentFact) -> float | str | None:
        """The value of a comment fact: a number, or a text for whether the measure ever reached a rate.

        None for a quarter that has not ended; a dash for a fact that a finished year no longer needs.
        """
        period = self.period(measure, fact)
        if fact.quarter and period.end > self.result(measure.id).as_of:
            return None
        match fact.kind:
            case FigureKind.RATE_MOVEMENT:
                rate = FigureSpec(kind=FigureKind.RATE, numerator=fact.numerator, denominator=fact.denominator)
                before = Period.of(period.end - fact.back, period.basis)
                return self.figure(rate, period) - self.figure(rate, before)
            case FigureKind.REQUIRED_RATE:
                return self._required(measure, fact, Period.of(period.end, Basis.YTD))
            case FigureKind.FEASIBLE:
                idle = self.fact(measure, _built_on(measure, fact)) == NOTHING
                return NOTHING if idle else self._feasible(measure, fact).words
        return self.figure(fact, period)

    def _required(self, measure: Measure, fact: CommentFact, ytd: Period) -> float | str:
        so_far, offences = (
            rates.total(self.counts.series(self.catalogue.series[name].title), ytd) for name in fact.series
        )
        target, expected = self.row(measure.id).asked.target, self._of(measure, fact)
        if expected == 0:
            return NOTHING
        if target is None:
            raise MissingData(f"measure {measure.id} has no target")
        return outlook.required_rate(so_far, offences, expected, target)

    def _of(self, measure: Measure, fact: CommentFact) -> float:
        """The number behind a fact."""
        value = self.fact(measure, _built_on(measure, fact))
        if not isinstance(value, float):
            raise MissingData(f"measure {measure.id}: {fact.title} builds on a fact that is not a number")
        return value

    def _feasible(self, measure: Measure, fact: CommentFact) -> outlook.Feasibility:
        history = list(self._history(fact))
        return outlook.feasible(self._of(measure, fact), history, self.row(measure.id).better)

    def _history(self, fact: CommentFact) -> Iterator[float]:
        rate = FigureSpec(kind=FigureKind.RATE, numerator=fact.numerator, denominator=fact.denominator)
        for month in self.counts.series(self.catalogue.series[fact.numerator].title).rows:
            try:
                yield self.figure(rate, Period.of(month, Basis.MONTH))
            except CellError:  # nothing to divide by in that month
                continue

    def known(self, measure: Measure) -> tuple[Fact, ...]:
        """Every figure that a comment of the measure may state: from its facts, headline, target and drafts."""
        facts: list[Fact] = []
        for fact in measure.facts:
            try:
                value = self.fact(measure, fact)
                if fact.kind is FigureKind.FEASIBLE:
                    value = self._feasible(measure, fact).best
            except CellError:  # the check of the fact's own cell reports it
                continue
            facts += facts_of([value], fact.title)
        row, result = self.row(measure.id), self.result(measure.id)
        facts.append(Computed(result.actual, "latest figure"))
        if row.asked.target is not None:
            facts.append(Computed(row.asked.target, "target"))
        return (*facts, *facts_of([self._draft(row, result)], "drafted comment"))

    def further(self, measure: Measure) -> tuple[Fact, ...]:
        """Further figures from the counts that a comment may state.

        These are the totals behind headline and facts, over the headline's period, the period before and the year to
        date; the distance from the target; and the target of a year.
        """
        row, result = self.row(measure.id), self.result(measure.id)
        ytd = Period.of(result.as_of, Basis.YTD)
        facts: list[Fact] = []
        behind = (self.catalogue.series[name].title for fact in measure.facts for name in fact.series)
        medians = self.catalogue.medians
        for name in dict.fromkeys((*row.counted, *behind)):
            for period in dict.fromkeys((result.period, result.period.previous, ytd, ytd.previous)):
                if name in medians and len(period.months) > 1:
                    continue
                try:
                    facts.append(Computed(rates.total(self.counts.series(name), period), f"{name}, {period.label}"))
                except CellError:  # months that the workbook does not hold
                    continue
        if (target := row.asked.target) is not None:
            facts += facts_of([abs(result.actual - target)], "distance from the target")
            if row.unit is Unit.COUNT:
                facts.append(Computed(12 * target, "target for the year"))
        return tuple(facts)

    def _draft(self, row: MeasureRow, result: MeasureResult) -> str:
        remarks = comment.Remarks.of(self._table.measures, self._table.row_of(row.id))
        return comment.draft(comment.Subject(row, self.counts, result, remarks))


def _built_on(measure: Measure, fact: CommentFact) -> CommentFact:
    return next(one for one in measure.facts if one.id == fact.of)


def _expected_left(series: Series, ytd: Period) -> float:
    """The total of the year's remaining months, if they grow on last year's as the year to date did."""
    year, before = Period.of(ytd.end - 12, Basis.FY), rates.total(series, ytd.previous)
    if before == 0:
        raise EmptyDenominator(f"{ytd.previous.label} has a total of 0, and nothing can be expected from it")
    return (rates.total(series, year) - before) * rates.total(series, ytd) / before


def table_range(workbook: ClosedWorkbook, table: Table) -> Range[object]:
    """A table with its headings as a range."""
    cells = workbook.cells(table.sheet)
    headings = [column.name for column in table.columns]
    places = range(table.first_col, table.first_col + len(headings))
    body = [
        None if (cell := cells.get((row, column))) is None else cell.value
        for row in range(table.first_body_row, table.last_body_row + 1)
        for column in places
    ]
    return Range(table.name, 1 + len(body) // len(headings), len(headings), (*headings, *body))


_OF_ONE: Mapping[FigureKind, Callable[[Series, Period], float]] = {
    FigureKind.CHANGE: rates.change,
    FigureKind.CHANGE_VOLUME: rates.change_volume,
    FigureKind.MONTHLY_AVERAGE: rates.monthly_average,
    FigureKind.TOTAL: rates.total,
    FigureKind.MEDIAN: rates.month_value,
    FigureKind.EXPECTED_LEFT: _expected_left,
}
_OF_TWO: Mapping[FigureKind, Callable[[Series, Series, Period], float]] = {
    FigureKind.RATE: rates.rate,
    FigureKind.RATIO: rates.ratio,
    FigureKind.MEAN: rates.ratio,
}
