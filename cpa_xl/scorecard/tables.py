"""The rows of a workbook's data tables: lays out facts and catalogue under the tables' headings.

This module has both headings and rows of each kind of table, so the template and the refresh cannot disagree. Months
are dates (their first day), missing counts are None. `refresh_entry` makes the row that a refresh adds to the log:
who refreshed it, when, from which files, with which result.
"""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cpa_xl.config.model import Catalogue, FigureKind, Measure, Source, StatedTarget, TableRows, TableSpec
from cpa_xl.extracts.facts import Facts
from cpa_xl.measures.figures import Style
from cpa_xl.measures.periods import Month
from cpa_xl.measures.targets import Rule
from cpa_xl.ooxml.sheet import Value
from cpa_xl.workbook.closed import ReadableWorkbook

if TYPE_CHECKING:
    from cpa_xl.extracts.facts import Facts  # it loads much that a reader of tables does not need

TableRow = tuple[object, ...]
HEADINGS: Mapping[TableRows, tuple[str, ...]] = {
    TableRows.MEASURES: (
        "Id", "Objective", "CPA", "Measure", "SPI", "Unit", "Better", "Basis", "Source", "Lag", "Actual style",
        "Target style", "Target text", "Proxy for", "Exclusions", "Provisional from", "Caveats", "Numerator",
        "Denominator", "Other numerator", "Other denominator", "Components", "Provisional note",
    ),
    TableRows.REGISTER: (
        "Id", "Year", "Status", "Rule", "Amount", "Baseline", "Baseline period", "Definition", "Performance",
        "Rationale",
    ),
    TableRows.PROPOSALS: (
        "Id", "Objective", "CPA", "Measure", "Proposed", "Performance then", "Rationale", "Agreed", "What became of it",
    ),
    TableRows.MILESTONES: ("Id", "Month", "Strand"),
    TableRows.EXTRACTS: ("Source", "Title", "File", "SHA256", "Rows", "First month", "Last month", "Note"),
    TableRows.LOG: ("When", "Who", "As of", "Extracts", "Records", "Cells calculated", "Cells kept", "Noticed"),
}  # fmt: skip


@dataclass(frozen=True)
class Stamp:
    """The time of a refresh, to the minute, and its user."""

    when: dt.datetime
    who: str

    @classmethod
    def now(cls) -> Stamp:
        """The present minute, and the user of this machine."""
        try:
            who = getpass.getuser()
        except (KeyError, OSError, ImportError):  # platforms differ in what they raise for a user without a name
            who = "unknown"
        return cls(dt.datetime.now().astimezone(), who)


def headings(catalogue: Catalogue, table: TableSpec) -> tuple[str, ...]:
    """The headings of a table's columns, without the workbook's own calculated columns."""
    if not table.rows.holds_facts:
        return (*HEADINGS[table.rows], *(more_of_measures(catalogue) if table.rows is TableRows.MEASURES else ()))
    keys = tuple(key for key in (table.key, table.area) if key is not None)
    return (*keys, *(catalogue.series[name].title for name in table.series))


def more_of_measures(catalogue: Catalogue) -> tuple[str, ...]:
    """Headings of the table of measures that only some measures need."""
    rated = any(
        measure.figure is not None and measure.figure.per is not None for measure in catalogue.measures.values()
    )
    return ("Per",) if rated else ()


def rows_of_table(catalogue: Catalogue, table: TableSpec, facts: Facts) -> Iterator[TableRow]:
    """The rows of a table, with columns in the order of `headings`; sorted, so that the same facts give the same rows.

    A log has no rows here: each refresh adds one (see `refresh_entry`).
    """
    makers: Mapping[TableRows, Callable[[], Iterator[TableRow]]] = {
        TableRows.MONTHS: lambda: _totals(table, facts),
        TableRows.QUARTERS: lambda: _totals(table, facts),
        TableRows.AREAS: lambda: _areas(table, facts),
        TableRows.YEARS: lambda: _years(table, facts),
        TableRows.MEASURES: lambda: _measures(catalogue),
        TableRows.REGISTER: lambda: _register(catalogue),
        TableRows.PROPOSALS: lambda: _proposals(catalogue),
        TableRows.MILESTONES: lambda: _milestones(catalogue, facts),
        TableRows.EXTRACTS: lambda: _extracts(facts),
        TableRows.LOG: lambda: iter(()),
    }
    return makers[table.rows]()


def read_rows(workbook: ReadableWorkbook, table: str) -> Iterator[dict[str, Value]]:
    """The rows of a workbook's table, each by heading; a row of empty cells and formulas does not count."""
    spec = workbook.tables[table]
    cells = workbook.cells(spec.sheet)
    for row in range(spec.first_body_row, spec.last_body_row + 1):
        found = {
            column.name: cell
            for position, column in enumerate(spec.columns)
            if (cell := cells.get((row, spec.first_col + position))) is not None
        }
        if any(cell.formula is None and cell.value not in (None, "") for cell in found.values()):
            yield {name: cell.value for name, cell in found.items()}


def refresh_entry(stamp: Stamp, as_of: Month, facts: Facts, calculated: int | None, kept: int | None) -> TableRow:
    """The row that a refresh adds to the log, under the headings of `tables.HEADINGS`.

    The numbers of cells are None where a spreadsheet calculates.
    """
    return (
        stamp.when.strftime("%Y-%m-%d %H:%M"),
        stamp.who,
        as_of.first_day,
        ", ".join(f"{extract.file} {extract.sha256[:12]}" for extract in facts.extracts),
        sum(extract.rows for extract in facts.extracts),
        calculated,
        kept,
        len(facts.faults),
    )


def _totals(table: TableSpec, facts: Facts) -> Iterator[TableRow]:
    totals = [facts.monthly(name) for name in table.series]
    known = totals or [facts.monthly(name) for name in facts.counts]  # no series: the months alone
    months = sorted({month for total in known for month in total})
    for month in months[-table.last :] if table.last else months:
        yield (month.first_day, *(total.get(month) for total in totals))


def _areas(table: TableSpec, facts: Facts) -> Iterator[TableRow]:
    yield from ((month.first_day, *cells) for month, cells in _by_area(table, facts))


def _by_area(table: TableSpec, facts: Facts) -> Iterator[tuple[Month, TableRow]]:
    counts = [facts.counts[name] for name in table.series]
    keys = {(month, area) for count in counts for month, area in count if area is not None}
    for month, area in sorted(keys):
        yield month, (area, *(count.get((month, area)) for count in counts))


def _years(table: TableSpec, facts: Facts) -> Iterator[TableRow]:
    """One row a year, or a year and area; the facts of a year are those of its January."""
    if table.area is not None:
        yield from ((month.year, *cells) for month, cells in _by_area(table, facts))
        return
    totals = [facts.monthly(name) for name in table.series]
    years = sorted({month for total in totals for month in total})
    for year in years[-table.last :] if table.last else years:
        yield (year.year, *(total.get(year) for total in totals))


def _measures(catalogue: Catalogue) -> Iterator[TableRow]:
    for measure in catalogue.measures.values():
        sources = _sources(catalogue, measure)
        provisional = [source.provisional_from for source in sources if source.provisional_from is not None]
        yield (
            measure.id,
            measure.objective,
            measure.cpa,
            measure.title,
            ", ".join(measure.spi) or None,
            measure.unit,
            _text(measure.better),
            _text(measure.basis),
            "; ".join(source.title for source in sources) or None,
            max((source.lag for source in sources), default=None),
            measure.print.actual if measure.print else None,
            measure.print.target if measure.print else None,
            measure.target_text,
            measure.proxy_for,
            ", ".join(measure.exclusions) or None,
            _first_day(min(provisional, default=None)),
            " ".join(measure.caveats) or None,
            *_counted(catalogue, measure),
            "; ".join(_components(catalogue, measure)) or None,
            " ".join(source.provisional_note for source in sources if source.provisional_note) or None,
            *(measure.figure and measure.figure.per for _ in more_of_measures(catalogue)),
        )


def _sources(catalogue: Catalogue, measure: Measure) -> list[Source]:
    if measure.figure is None:
        return []
    names = {
        catalogue.series[part].source: None for series in measure.figure.series for part in catalogue.parts(series)
    }
    return [catalogue.sources[name] for name in names if name is not None]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _first_day(month: Month | None) -> date | None:
    return None if month is None else month.first_day


def _counted(catalogue: Catalogue, measure: Measure) -> tuple[str | None, ...]:
    """The headings of a figure's series: numerator, denominator, and of a gap those of the other group."""
    figure = measure.figure
    if figure is None:
        return (None,) * 4
    names = (figure.numerator, figure.denominator, figure.other_numerator, figure.other_denominator)
    return tuple(None if name is None else catalogue.series[name].title for name in names)


def _components(catalogue: Catalogue, measure: Measure) -> Iterator[str]:
    """The headings of other series whose rate or change over the measure's period its comment states."""
    for fact in measure.facts:
        own_period = not (fact.basis or fact.back or fact.quarter)
        other = measure.figure is not None and fact.numerator != measure.figure.numerator
        if own_period and other and fact.kind in (FigureKind.RATE, FigureKind.CHANGE):
            yield " / ".join(catalogue.series[name].title for name in fact.series)


def _register(catalogue: Catalogue) -> Iterator[TableRow]:
    for measure in catalogue.measures.values():
        for entry in measure.targets:
            yield (
                measure.id,
                entry.year,
                entry.status,
                _text(entry.rule) or "none",
                entry.amount,
                entry.baseline,
                entry.baseline_period,
                entry.definition,
                entry.performance,
                entry.rationale,
            )


def _proposals(catalogue: Catalogue) -> Iterator[TableRow]:
    for measure in catalogue.measures.values():
        proposed = next((entry for entry in measure.targets if entry.status == "proposed"), None)
        yield (
            measure.id,
            measure.objective,
            measure.cpa,
            measure.title,
            _asked(proposed, measure),
            proposed.performance if proposed else None,
            proposed.rationale if proposed else None,
            _asked(measure.agreed, measure),
            _outcome(proposed, measure.agreed),
        )


def _asked(entry: StatedTarget | None, measure: Measure) -> str | None:
    """A target as text, with figures as the scorecard prints them."""
    if entry is None or entry.rule is None:
        return "not stated"
    if entry.rule in (Rule.BASELINE_YEAR, Rule.MILESTONE, Rule.INCREASE):
        words = {Rule.BASELINE_YEAR: "baseline year", Rule.MILESTONE: "milestones", Rule.INCREASE: "an increase"}
        return words[entry.rule]
    if entry.rule is Rule.MONTHLY_AVERAGE:
        return f"{Style.read('number').text(entry.amount or 0)} a year"
    if entry.rule is Rule.ABSOLUTE and measure.number and measure.print is not None:
        return Style.read(measure.print.target).text(entry.amount or 0)
    points = entry.rule in (Rule.GAP, Rule.POINTS_ON_BASELINE)
    style = "points" if points else "percent" if entry.rule is Rule.ABSOLUTE else "change"
    text = Style.read(style).text(entry.amount or 0)
    on = {
        Rule.POINTS_ON_BASELINE: " on the baseline",
        Rule.UPLIFT: " on end of year",
        Rule.CHANGE: " on the year before",
    }
    return f"{text}{on.get(entry.rule, '')}"


def _outcome(proposed: StatedTarget | None, agreed: StatedTarget | None) -> str:
    """What became of a proposal."""
    if proposed is None or proposed.rule is None:
        return "no proposal" if agreed is None or agreed.value is None else "target set later"
    if agreed is None or agreed.rule is None:
        return "not agreed"
    if agreed.rule is Rule.BASELINE_YEAR:
        return "withdrawn: baseline year"
    if (proposed.rule, proposed.amount) == (agreed.rule, agreed.amount):
        same = proposed.definition == agreed.definition
        return "agreed as proposed" if same else "agreed, on another definition"
    if proposed.rule is agreed.rule:
        return "agreed at another level"
    return (
        "agreed in another form"
        if proposed.definition == agreed.definition
        else "agreed in another form and definition"
    )


def _milestones(catalogue: Catalogue, facts: Facts) -> Iterator[TableRow]:
    last = max((extract.last for extract in facts.extracts), default=None)
    for measure in catalogue.measures.values():
        if measure.rotation is None or last is None:
            continue
        strands = measure.rotation.strands
        for step in range(max(last - measure.rotation.first + 1, 0)):
            yield (measure.id, (measure.rotation.first + step).first_day, strands[step % len(strands)])


def _extracts(facts: Facts) -> Iterator[TableRow]:
    for extract in sorted(facts.extracts, key=lambda extract: extract.source):
        yield (
            extract.source,
            extract.title,
            extract.file,
            extract.sha256,
            extract.rows,
            extract.first.first_day,
            extract.last.first_day,
            extract.note or None,
        )
