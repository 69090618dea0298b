"""Facts: monthly counts by series and area, each with the extract that it comes from.

`read_facts` finds, reads and checks every file, and counts every series of the configuration.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import ROWS, Absent, Cadence, Catalogue, ColumnType, SeriesSpec, Shape, Source
from cpa_xl.errors import Level, Refusal
from cpa_xl.extracts.checks import (
    MonthlyCounts,
    MonthSpan,
    check_areas,
    check_brought,
    check_categories,
    check_files,
    check_gaps,
    check_grid,
    check_jumps,
    check_keys,
    check_last_month,
    check_months,
    check_name,
    check_pairs,
    check_provisional,
    check_spikes,
    check_sums,
    check_unusual_months,
    check_weeks,
    check_years,
    span_of,
)
from cpa_xl.extracts.columns import ExtractFile, Layout, normal
from cpa_xl.extracts.faults import Fault, Findings
from cpa_xl.extracts.find import Extract, ExtractsRefused, choose_files, load_extract, title_note
from cpa_xl.extracts.readers import Staging, month_number, month_of, sql_name
from cpa_xl.extracts.rows import AreaNames, ExtractReader, check_cells, make_typed
from cpa_xl.measures.periods import Month, WeekRule, months_of_week, whole_months
from cpa_xl.wording import TO_CHOOSE_FROM, all_or_few, first_few

if TYPE_CHECKING:
    import pandas as pd

Look = Callable[[Source, Staging], None]
Place = tuple[Month, str | None]
PlaceCounts = Mapping[Place, float | None]  # None: rows are there, and their figure is unknown

# Faults of cells: if a file has one of them, sums of its rows have no meaning.
_CELL_CODES = frozenset({"F2", "F5", "F6", "V1", "V2", "V4", "D1", "K3", "K4"})


@dataclass(frozen=True)
class SeriesOrigin:
    """Where a series comes from: its title, sources and files, and the first month that may still change."""

    title: str
    sources: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    provisional_from: Month | None = None


@dataclass(frozen=True)
class Facts:
    """The counts of each series by month and area (area None: the series has no areas).

    A missing month is unknown; a count of 0 means that there were none. `extracts` lists the files read, `faults` the
    warnings and notes (`read_facts` raises the faults that stop). `unknown` gives for a series the months in which
    some place has no known figure, so that the total has none. `medians` names the series that cannot be added up:
    their figure without an area is that of all places together.
    """

    counts: Mapping[str, MonthlyCounts]
    extracts: tuple[Extract, ...]
    faults: tuple[Fault, ...] = ()
    origins: Mapping[str, SeriesOrigin] = field(default_factory=dict)
    unknown: Mapping[str, frozenset[Month]] = field(default_factory=dict)
    medians: frozenset[str] = frozenset()

    def monthly(self, series: str) -> Mapping[Month, float]:
        """The count of each month, all areas together, in order of month; without months that lack a place's figure."""
        totals: defaultdict[Month, float] = defaultdict(int)
        for (month, area), number in self.counts[series].items():
            if area is None or series not in self.medians:
                totals[month] += number
        unknown = self.unknown.get(series, frozenset())
        return {month: totals[month] for month in sorted(totals) if month not in unknown}

    def areas(self, series: str) -> Mapping[str, Mapping[Month, float]]:
        """For each area, in order of name, the count of each month; empty if the series has no areas."""
        found: dict[str, dict[Month, float]] = {}
        for (month, area), number in sorted(self.counts[series].items(), key=_in_order):
            if area is not None:
                found.setdefault(area, {})[month] = number
        return {area: found[area] for area in sorted(found)}

    def frame(self) -> "pd.DataFrame":
        """A pandas table of all counts: series, title, area, month (a Timestamp), value, provisional, source, file."""
        import pandas as pd  # noqa: PLC0415  # takes 0.3 s, and only scripts need it

        rows = []
        for name, counts in self.counts.items():
            origin = self.origins.get(name, SeriesOrigin(name))
            sources, files, since = ", ".join(origin.sources), ", ".join(origin.files), origin.provisional_from
            for (month, area), value in counts.items():
                provisional = since is not None and month >= since
                rows.append(
                    (name, origin.title, area, pd.Timestamp(month.first_day), value, provisional, sources, files)
                )
        columns = ["series", "title", "area", "month", "value", "provisional", "source", "file"]
        return pd.DataFrame(rows, columns=columns)


def read_facts(
    catalogue: Catalogue,
    folder: Path,
    *,
    as_of: Month | None = None,
    known: Mapping[str, Month] = MappingProxyType({}),
    progress: Callable[[str, int, int], None] | None = None,
    sources: Collection[str] | None = None,
    look: Look | None = None,
) -> Facts:
    """The monthly facts of a folder of extracts, after all checks.

    `as_of` is the scorecard's month: later months are left out, and every source must reach it (minus its lag).
    `known` gives for a source the last month that the workbook already has. `sources` limits what is read. `progress`
    is called after each source with its title, the number of sources done and the number of all. `look` is called for
    each file without a fault, with its source and the staging that holds its table `typed`.

    Raises ExtractsRefused with every fault that stops, Refusal if the folder does not exist.
    """
    wanted = [name for name in catalogue.sources if sources is None or name in sources]
    files, faults = choose_files(catalogue.sources, wanted, folder)
    found = list(faults)
    counts: dict[str, PlaceCounts] = {}
    extracts: list[Extract] = []
    for done, name in enumerate(wanted, start=1):
        if name in files:
            read, part, noticed = _read_source(
                catalogue, name, files[name], as_of=as_of, known=known.get(name), look=look
            )
            counts |= part
            extracts += read
            found += noticed
        if progress:
            progress(catalogue.sources[name].title, done, len(wanted))
    if stops := [fault for fault in found if fault.level is Level.STOP]:
        raise ExtractsRefused(stops)
    counts = {
        name: _added_up(catalogue, name, counts) for name in catalogue.series if _has_parts(catalogue, name, counts)
    }
    origins = {name: _origin(catalogue, name, extracts) for name in counts}
    return Facts(
        MappingProxyType({name: _known(places) for name, places in counts.items()}),
        tuple(extracts),
        tuple(found),
        MappingProxyType(origins),
        MappingProxyType({name: _unknown_months(places) for name, places in counts.items()}),
        frozenset(name for name in counts if catalogue.series[name].median),
    )


def _known(places: PlaceCounts) -> MonthlyCounts:
    return MappingProxyType({place: number for place, number in places.items() if number is not None})


def _unknown_months(places: PlaceCounts) -> frozenset[Month]:
    return frozenset(month for (month, _), number in places.items() if number is None)


def _read_source(
    catalogue: Catalogue,
    name: str,
    files: Sequence[ExtractFile],
    *,
    as_of: Month | None,
    known: Month | None,
    look: Look | None,
) -> tuple[list[Extract], dict[str, PlaceCounts], list[Fault]]:
    """The extracts, counts and faults of a source; where many files bring its months, they are put together."""
    extracts: list[Extract] = []
    counts: dict[str, dict[Place, float | None]] = {}
    found: list[Fault] = []
    brought: dict[Month, str] = {}
    for file in files:
        one = _Reading(catalogue, name, file, as_of, known)
        with Staging() as staging:
            extract, part = one.read(staging)
            if extract and look:
                look(one.source, staging)
        extracts += [extract] if extract else []
        if one.source.many:
            check_brought(brought, one.months, one.findings)
        found += one.findings.listed()
        for series, values in part.items():
            counts.setdefault(series, {}).update(values)
    if catalogue.sources[name].many and brought:
        together = Findings(f"{len(files)} files of {name}" if len(files) > 1 else files[0].name)
        span = MonthSpan(sorted(brought), catalogue.sources[name].cadence.step)
        if catalogue.sources[name].cadence is Cadence.YEARLY:
            check_years(span, as_of, known, together)
        else:
            check_files(catalogue.sources[name], span, as_of, known, together)
        found += together.listed()
    return extracts, {series: MappingProxyType(values) for series, values in counts.items()}, found


class _Reading:
    """One file of a source, read, checked and counted."""

    def __init__(
        self, catalogue: Catalogue, name: str, file: ExtractFile, as_of: Month | None, known: Month | None
    ) -> None:
        self.name, self.file, self.as_of, self.known = name, file, as_of, known
        self.source: Source = catalogue.sources[name]
        listed = self.source.areas
        self.areas = AreaNames(listed, catalogue.areas[listed], self.source.elsewhere) if listed else None
        self.months: Sequence[Month] = ()
        self.series = {key: series for key, series in catalogue.series.items() if series.source == name}
        self.findings = Findings(file.name)

    def read(self, staging: Staging) -> tuple[Extract | None, Mapping[str, PlaceCounts]]:
        layout = load_extract(staging, self.source, self.file, self.findings)
        if layout is None:
            return None, {}
        reader = ExtractReader(self.source, layout, self.areas)
        refused = make_typed(staging, reader, self.findings)
        check_cells(staging, reader, self.file, refused, self.findings)
        span = self._check_rows(staging, reader, layout)
        if span is None or self.findings.codes():
            return None, {}
        self.months = span.months
        counts = {name: self._within(found, span) for name, found in self._count(staging, span).items()}
        self._check_counts({name: _known(places) for name, places in counts.items()}, span)
        each = "count(DISTINCT _row)" if self.source.shape is Shape.WIDE else "count(*)"
        [(rows,)] = staging.rows("SELECT {each} FROM typed", each=each)
        last = min(span.last, self.as_of) if self.as_of else span.last
        note = title_note(self.file, layout)
        if self.source.weeks is not None:
            note = "; ".join(filter(None, (note, self.source.weeks.words)))
        extract = Extract(self.name, self.source.title, self.file.name, self.file.sha256, rows, span.first, last, note)
        return extract, counts

    def _check_rows(self, staging: Staging, reader: ExtractReader, layout: Layout) -> MonthSpan | None:
        """Run the checks between rows; after faults of cells, only those that such faults cannot cause."""
        findings = self.findings
        shifted = "F6" in findings.codes()
        if not shifted:
            check_keys(staging, self.source, layout, findings)
            check_pairs(staging, self.source, layout, findings)
        span = span_of(staging, reader, findings)
        if span is None or shifted:
            return None
        if self.source.cadence is Cadence.WEEKLY and (span := self._weekly_span(staging, reader)) is None:
            return None
        codes = findings.codes()
        if "V2" not in codes:
            self._check_span(span)
        absent = self.source.absent is Absent.ZERO
        if not codes & {"K3", "K4"} and not (absent and self.source.many):
            check_areas(staging, reader, findings)
        if not codes & _CELL_CODES:
            if "K1" not in codes and self.source.shape is not Shape.RECORDS:
                if not absent:
                    check_grid(staging, self.source, findings)
                check_sums(staging, reader, findings)
            check_jumps(staging, reader, findings)
            if self.source.shape is Shape.WIDE and "V3" not in findings.codes():
                check_spikes(staging, reader, findings)
            check_categories(staging, reader, self.series, findings)
        check_provisional(self.source, span, findings)
        return span

    def _weekly_span(self, staging: Staging, reader: ExtractReader) -> MonthSpan | None:
        """The months that a weekly source has in full; the view `counted` holds the rows of their weeks."""
        days, rule = check_weeks(staging, reader, self.findings), self.source.weeks
        if not days or rule is None:
            return None
        months = whole_months(days[0], days[-1], rule)
        if not months:
            message = f"no month is complete: its weeks begin on {days[0]} to {days[-1]}"
            self.findings.add("K2", message, "Ask for an extract with more weeks.")
            return None
        cut = {month for day in (days[0], days[-1]) for month in months_of_week(day, rule)}.difference(months)
        for month in sorted(cut):
            if self.as_of is None or month <= self.as_of:
                message = f"{month.label} is left out, because some of its weeks are not in the file"
                self.findings.add("P2", f"{message} ({rule.words})", level=Level.NOTE)
        weeks = [
            (day, month_number(month), part)
            for day in days
            for month, part in months_of_week(day, rule).items()
            if month in months
        ]
        make = (
            "CREATE OR REPLACE TEMP TABLE weeks AS SELECT unnest(?::DATE[]) AS day, unnest(?::BIGINT[]) AS _month,"
            " unnest(?::BIGINT[]) AS _days"
        )
        staging.run(make, [list(one) for one in zip(*weeks, strict=True)])
        view = (
            "CREATE OR REPLACE TEMP VIEW counted AS SELECT typed.* EXCLUDE (_month), weeks._month, weeks._days"
            " FROM typed JOIN weeks ON typed.{day} - {before} = weeks.day"
        )
        before = "6" if self.source.week_date == "last_day" else "0"
        staging.run(view, day=sql_name(self.source.month or ""), before=before)
        return MonthSpan(months, 1)

    def _check_span(self, span: MonthSpan) -> None:
        """Run the checks of the months (or years) of a file."""
        if self.source.cadence is Cadence.YEARLY:
            if not self.source.many:
                check_years(span, self.as_of, self.known, self.findings)
            return
        if self.source.many:
            check_gaps(self.source, span, self.findings)
        else:
            check_months(self.source, span, self.as_of, self.findings)
        check_name(self.source, span, None if self.source.many else self.known, self.findings)

    def _count(self, staging: Staging, span: MonthSpan) -> dict[str, dict[Place, float | None]]:
        """Count every series of the source in one query; of events, a month or area without rows counts 0.

        Rows whose figure is unknown make their place unknown: None.
        """
        if not self.series:
            return {}
        counted = ", ".join(_counted(self.source, series) for series in self.series.values())
        query = "SELECT _month, _area, {counted} FROM {rows} WHERE _month IS NOT NULL GROUP BY ALL ORDER BY ALL"
        found: dict[str, dict[Place, float | None]] = {name: {} for name in self.series}
        if self.source.shape is Shape.RECORDS or self.source.absent is Absent.ZERO:
            empty: dict[Place, float | None] = {
                (month, area): 0 for month in span.months for area in self._places(staging)
            }
            found = {name: {} if series.median else dict(empty) for name, series in self.series.items()}
        self._count_medians(staging, found)
        self._say_what_lacks(staging)
        for number, area, *values in staging.rows(query, counted=counted, rows=_rows(self.source)):
            place = month_of(number), None if area in self.source.elsewhere else area
            for (name, series), value, unknown in zip(self.series.items(), values[::2], values[1::2], strict=True):
                if series.median and place[1] is None:
                    continue  # counted with all others
                before = found[name].get(place, 0)  # places elsewhere share one place
                if unknown or before is None:
                    found[name][place] = None
                elif value is not None:
                    found[name][place] = before + value
        return found

    def _say_what_lacks(self, staging: Staging) -> None:
        """Note how many records lack a figure that series count, add up or take the middle of (V1)."""
        columns: defaultdict[str, list[str]] = defaultdict(list)
        if self.source.shape is Shape.RECORDS:
            for series in self.series.values():
                named = {series.count, series.sum, series.median} - {None, ROWS}
                for column in named:
                    columns[column or ""].append(series.title)
        for column, titles in columns.items():
            query = "SELECT count(*) - count({name}), count(*) FROM typed"
            [(lacking, rows)] = staging.rows(query, name=sql_name(column))
            if lacking:
                have, them = ("has", "it") if lacking == 1 else ("have", "them")
                message = f"{lacking:,} of {rows:,} rows {have} no value in '{self.source.columns[column].header}'"
                leave = "leaves" if len(titles) == 1 else "leave"
                self.findings.add("V1", f"{message}; {all_or_few(titles)} {leave} {them} out", level=Level.NOTE)

    def _count_medians(self, staging: Staging, found: Mapping[str, dict[Place, float | None]]) -> None:
        """The medians of all places together: those of the areas say nothing about them."""
        medians = {name: series for name, series in self.series.items() if series.median}
        if not medians:
            return
        counted = ", ".join(_counted(self.source, series) for series in medians.values())
        query = "SELECT _month, {counted} FROM typed WHERE _month IS NOT NULL GROUP BY ALL ORDER BY ALL"
        for number, *values in staging.rows(query, counted=counted):
            for name, value in zip(medians, values[::2], strict=True):
                if value is not None:
                    found[name][month_of(number), None] = value

    def _places(self, staging: Staging) -> list[str | None]:
        """Where rows may count: the areas of the list, or those that the rows name; None for what is no area."""
        if self.areas is not None:
            return [*sorted(self.areas.areas.members), *([None] if self.source.elsewhere else [])]
        return [area for (area,) in staging.rows("SELECT DISTINCT _area FROM typed ORDER BY 1")] or [None]

    def _within(self, counts: PlaceCounts, span: MonthSpan) -> PlaceCounts:
        """The counts up to the as-of month."""
        if self.as_of is None or span.last <= self.as_of:
            return MappingProxyType(dict(counts))
        return MappingProxyType({place: number for place, number in counts.items() if place[0] <= self.as_of})

    def _check_counts(self, counts: Mapping[str, MonthlyCounts], span: MonthSpan) -> None:
        if self.as_of and span.last > self.as_of and self.source.cadence is not Cadence.YEARLY:
            later = f"{(self.as_of + 1).label} to {span.last.label}" if span.last - self.as_of > 1 else span.last.label
            message = f"the file goes on after the as-of month {self.as_of.label}: {later} is left out"
            self.findings.add("P2", message, level=Level.NOTE)
        if self.source.cadence.counted is Cadence.MONTHLY:
            for name, found in counts.items():
                title, places = self.series[name].title, found
                if self.series[name].median:
                    places = {place: number for place, number in found.items() if place[1] is None}
                else:
                    check_last_month(title, places, self.findings)
                check_unusual_months(title, places, self.findings)


def _counted(source: Source, series: SeriesSpec) -> str:
    """SQL for the figure of a series (NULL: no row belongs to it), and for whether it is unknown."""
    condition = read_condition(series.where, source.columns).sql("duckdb") if series.where else "TRUE"
    if series.median is not None:
        return f"median(CASE WHEN {condition} THEN {sql_name(series.median)} END), FALSE"
    if series.sum is None:
        counted = "1" if series.count == ROWS else sql_name(series.count or "")
        counts = f"count(CASE WHEN {condition} THEN {counted} END)"
        if source.weeks is WeekRule.BY_DAYS:
            counts = f"sum(CASE WHEN ({condition}) AND {counted} IS NOT NULL THEN _days ELSE 0 END) / 7"
        return f"{counts}, FALSE"
    figure = sql_name(series.sum)
    some = "bool_or"
    if source.shape is Shape.RECORDS:  # a record without a figure is left out, as it is from the number of values
        some = "bool_and"
    unknown = f"coalesce({some}(CASE WHEN {condition} THEN {figure} IS NULL END), FALSE)"
    whole = series.sum not in source.columns or source.columns[series.sum].type is ColumnType.COUNT
    figures = f"CASE WHEN {condition} THEN {figure} END"
    total = f"sum({figures})::BIGINT" if whole else f"fsum({figures})"  # fsum keeps what additions lose
    if source.weeks is WeekRule.BY_DAYS:
        total = f"fsum({figures} * _days) / 7"
    return f"{total}, {unknown}"


def _rows(source: Source) -> str:
    """The table of the rows that count: of a weekly source, those of its whole months, with their days in each."""
    return "counted" if source.cadence is Cadence.WEEKLY else "typed"


def _has_parts(catalogue: Catalogue, name: str, counts: Mapping[str, PlaceCounts]) -> bool:
    return all(part in counts for part in catalogue.parts(name))


def _added_up(catalogue: Catalogue, name: str, counts: Mapping[str, PlaceCounts]) -> PlaceCounts:
    """The sum of other series: by area if all of them have areas, in the months that all of them have.

    What counts in no area (None) counts in the sum too, even if only some of them have it.
    """
    parts = [counts[part] for part in catalogue.parts(name)]
    if len(parts) == 1:
        return parts[0]
    if not all(any(area is not None for _, area in part) for part in parts):
        parts = [_without_areas(part) for part in parts]
    months = set.intersection(*({month for month, _ in part} for part in parts))
    shared = {place for place in set(parts[0]).intersection(*parts) if place[1] is not None}
    shared |= {(month, None) for month in months if any((month, None) in part for part in parts)}
    return MappingProxyType(
        {place: _sum(part.get(place, 0) for part in parts) for place in sorted(shared, key=_place_in_order)}
    )


def _sum(numbers: Iterable[float | None]) -> float | None:
    """The sum; None if one of them is unknown."""
    total: float = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def _without_areas(counts: PlaceCounts) -> PlaceCounts:
    months: defaultdict[Month, list[float | None]] = defaultdict(list)
    for (month, _), number in counts.items():
        months[month].append(number)
    return {(month, None): _sum(numbers) for month, numbers in months.items()}


def _place_in_order(place: tuple[Month, str | None]) -> tuple[Month, str]:
    return place[0], place[1] or ""


def _in_order(item: tuple[Place, float]) -> tuple[Month, str]:
    return _place_in_order(item[0])


def _origin(catalogue: Catalogue, name: str, extracts: Iterable[Extract]) -> SeriesOrigin:
    names = list(dict.fromkeys(catalogue.series[part].source or "" for part in catalogue.parts(name)))
    files = [extract.file for extract in extracts if extract.source in names]
    since = [month for source in names if (month := catalogue.sources[source].provisional_from)]
    return SeriesOrigin(catalogue.series[name].title, tuple(names), tuple(files), min(since, default=None))


FactValue = str | float | None


@dataclass(frozen=True)
class FactTable:
    """Monthly facts as rows under headings: month (yyyy-mm), area (None: no area), what was asked for, value."""

    headings: tuple[str, ...]
    rows: tuple[tuple[FactValue, ...], ...]
    facts: Facts

    def plain(self) -> Iterator[Mapping[str, FactValue]]:
        """The rows by heading, for JSON."""
        return (dict(zip(self.headings, row, strict=True)) for row in self.rows)


def facts_by_series(catalogue: Catalogue, folder: Path) -> FactTable:
    """Every series of the configuration. Raises ExtractsRefused with every fault that stops."""
    facts = read_facts(catalogue, folder)
    rows = [
        (str(month), area, catalogue.series[name].title, number)
        for name, counts in facts.counts.items()
        for (month, area), number in counts.items()
    ]
    return FactTable(("month", "area", "series", "value"), tuple(sorted(rows, key=_row_order)), facts)


def facts_of_source(catalogue: Catalogue, folder: Path, name: str, by: str | None = None) -> FactTable:
    """One source, by month and area and, where it is asked for, by a column: its heading, or its name.

    Rows of records are counted; figures of other shapes are added up. Groups without a row are not listed. Raises
    Refusal where there is no such source or column, ExtractsRefused with every fault that stops.
    """
    if name not in catalogue.sources:
        raise Refusal(f"--source {name}: there is no such source; there is {', '.join(catalogue.sources)}")
    source = catalogue.sources[name]
    column = None if by is None else _column(source, name, by)
    counted: Counter[tuple[Month, str | None, FactValue]] = Counter()
    query = "SELECT _month, _area, {by}, {value} FROM {rows} WHERE _month IS NOT NULL GROUP BY ALL"
    value = "count(*)" if source.shape is Shape.RECORDS else f"sum({sql_name(_figure(source, name))})::BIGINT"
    if source.weeks is WeekRule.BY_DAYS:
        value = f"fsum({sql_name(_figure(source, name))} * _days) / 7"

    def look(_source: Source, staging: Staging) -> None:
        asked = "NULL" if column is None else f"{sql_name(column)}::VARCHAR"
        for number, area, group, found in staging.rows(query, by=asked, value=value, rows=_rows(source)):
            if found is not None:
                counted[month_of(number), None if area in source.elsewhere else area, group] += found

    facts = read_facts(catalogue, folder, sources=[name], look=look)
    headings = ("month", "area", *([source.columns[column].header] if column else []), "value")
    rows = [
        (str(month), area, *([group] if column else []), number) for (month, area, group), number in counted.items()
    ]
    return FactTable(headings, tuple(sorted(rows, key=_row_order)), facts)


def _row_order(row: tuple[FactValue, ...]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell) for cell in row[:-1])


def _column(source: Source, name: str, by: str) -> str:
    """The column that a heading or a name means."""
    for key, column in source.columns.items():
        if normal(by) in {normal(key), normal(column.header), *map(normal, column.aliases)}:
            return key
    there = first_few([f"'{column.header}'" for column in source.columns.values()], TO_CHOOSE_FROM)
    raise Refusal(f"--by {by}: {name} has no such column; it has {there}")


def _figure(source: Source, name: str) -> str:
    """The column of figures to add up."""
    if source.shape is Shape.WIDE:
        return "count"
    figures = [key for key, column in source.columns.items() if column.type is ColumnType.COUNT]
    if len(figures) != 1:
        raise Refusal(f"--source {name}: it has {len(figures)} columns of counts, and facts adds up one")
    return figures[0]
