"""Whether parts add up to their whole: the series of a total, boroughs to the force, measures within a measure."""

import math
from collections.abc import Iterator

from cpa_xl.catalogue import TableRows, TableSpec
from cpa_xl.errors import CellError, Level
from cpa_xl.findings import Finding, at, check, found
from cpa_xl.periods import Month
from cpa_xl.samefigure import REWORKED, same, same_figure
from cpa_xl.sheetxml import Value, value_at
from cpa_xl.storedfigures import StoredFigures
from cpa_xl.workbook import Table

LISTED = 5  # counts of a sheet that are told one by one
REFRESH = "refresh the workbook from its extracts"

Sums = dict[tuple[Month, str], float]


@check(
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
                    f"{title} is {whole:,.15g} for {self.label(row)}, and {', '.join(parts)} come to "
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
    """Months in which the boroughs do not come to the force."""
    for name, spec in figures.spec.tables.items():
        table = figures.workbook.tables.get(name)
        if table is not None and spec.rows is TableRows.MONTHS and spec.series:
            yield from _capped(_months_apart(_Rows(figures, table, spec), sums), table.sheet)


def _months_apart(rows: _Rows, sums: Sums) -> Iterator[Finding]:
    for row, month in rows.months():
        for title in rows.titles:
            force, there = rows.value(row, title), sums.get((month, title))
            if isinstance(force, float) and there is not None and not same_figure(force, there, REWORKED):
                message = f"{title} is {force:,.15g} for {month.label}, and the areas come to {there:,.15g}: {REFRESH}"
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
            whole, *parts = (figures.standing(name).actual for name in (parent, *names))
        except CellError:  # told by the check of its figure
            continue
        together = math.fsum(parts)
        if together > whole and not same_figure(together, whole, REWORKED):
            message = (
                f"measure {parent} has {whole:,.15g} a month, and its parts {', '.join(names)} come to "
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
