"""Facts: monthly counts by series and area, each with the extract that it comes from.

`read_facts` finds, reads and checks every file, and counts every series of the configuration.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import Absent, Cadence, Catalogue, ColumnType, SeriesSpec, Shape, Source
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
    span_of,
)
from cpa_xl.extracts.columns import ExtractFile, Layout, normal
from cpa_xl.extracts.faults import Fault, Findings
from cpa_xl.extracts.find import Extract, ExtractsRefused, choose_files, load_extract, title_note
from cpa_xl.extracts.readers import Staging, month_of, sql_name
from cpa_xl.extracts.rows import AreaNames, ExtractReader, check_cells, make_typed
from cpa_xl.measures.periods import Month
from cpa_xl.wording import TO_CHOOSE_FROM, first_few

if TYPE_CHECKING:
    import pandas as pd

Look = Callable[[Source, Staging], None]

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
    warnings and notes (`read_facts` raises the faults that stop).
    """

    counts: Mapping[str, MonthlyCounts]
    extracts: tuple[Extract, ...]
    faults: tuple[Fault, ...] = ()
    origins: Mapping[str, SeriesOrigin] = field(default_factory=dict)

    def monthly(self, series: str) -> Mapping[Month, int]:
        """The count of each month, all areas together, in order of month."""
        totals: Counter[Month] = Counter()
        for (month, _), number in self.counts[series].items():
            totals[month] += number
        return {month: totals[month] for month in sorted(totals)}

    def areas(self, series: str) -> Mapping[str, Mapping[Month, int]]:
        """For each area, in order of name, the count of each month; empty if the series has no areas."""
        found: dict[str, dict[Month, int]] = {}
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
    counts: dict[str, MonthlyCounts] = {}
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
    return Facts(MappingProxyType(counts), tuple(extracts), tuple(found), MappingProxyType(origins))


def _read_source(
    catalogue: Catalogue,
    name: str,
    files: Sequence[ExtractFile],
    *,
    as_of: Month | None,
    known: Month | None,
    look: Look | None,
) -> tuple[list[Extract], dict[str, MonthlyCounts], list[Fault]]:
    """The extracts, counts and faults of a source; where many files bring its months, they are put together."""
    extracts: list[Extract] = []
    counts: dict[str, dict[tuple[Month, str | None], int]] = {}
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
        span = MonthSpan(sorted(brought), 3 if catalogue.sources[name].cadence is Cadence.QUARTERLY else 1)
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

    def read(self, staging: Staging) -> tuple[Extract | None, Mapping[str, MonthlyCounts]]:
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
        self._check_counts(counts, span)
        each = "count(DISTINCT _row)" if self.source.shape is Shape.WIDE else "count(*)"
        [(rows,)] = staging.rows("SELECT {each} FROM typed", each=each)
        last = min(span.last, self.as_of) if self.as_of else span.last
        note = title_note(self.file, layout)
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
        codes = findings.codes()
        if "V2" not in codes:
            if self.source.many:
                check_gaps(self.source, span, findings)
            else:
                check_months(self.source, span, self.as_of, findings)
            check_name(self.source, span, None if self.source.many else self.known, findings)
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

    def _count(self, staging: Staging, span: MonthSpan) -> dict[str, dict[tuple[Month, str | None], int]]:
        """Count every series of the source in one query; of events, a month or area without rows counts 0."""
        if not self.series:
            return {}
        counted = ", ".join(_counted(self.source, series) for series in self.series.values())
        query = "SELECT _month, _area, {counted} FROM typed WHERE _month IS NOT NULL GROUP BY ALL ORDER BY ALL"
        found: dict[str, dict[tuple[Month, str | None], int]] = {name: {} for name in self.series}
        if self.source.shape is Shape.RECORDS or self.source.absent is Absent.ZERO:
            empty = {(month, area): 0 for month in span.months for area in self._places(staging)}
            found = {name: dict(empty) for name in self.series}
        for number, area, *values in staging.rows(query, counted=counted):
            place = month_of(number), None if area in self.source.elsewhere else area
            for name, value in zip(self.series, values, strict=True):
                if value is not None:
                    found[name][place] = found[name].get(place, 0) + value
        return found

    def _places(self, staging: Staging) -> list[str | None]:
        """Where rows may count: the areas of the list, or those that the rows name; None for what is no area."""
        if self.areas is not None:
            return [*sorted(self.areas.areas.members), *([None] if self.source.elsewhere else [])]
        return [area for (area,) in staging.rows("SELECT DISTINCT _area FROM typed ORDER BY 1")] or [None]

    def _within(self, counts: MonthlyCounts, span: MonthSpan) -> MonthlyCounts:
        """The counts up to the as-of month."""
        if self.as_of is None or span.last <= self.as_of:
            return MappingProxyType(dict(counts))
        return MappingProxyType({place: number for place, number in counts.items() if place[0] <= self.as_of})

    def _check_counts(self, counts: Mapping[str, MonthlyCounts], span: MonthSpan) -> None:
        if self.as_of and span.last > self.as_of:
            later = f"{(self.as_of + 1).label} to {span.last.label}" if span.last - self.as_of > 1 else span.last.label
            message = f"the file goes on after the as-of month {self.as_of.label}: {later} is left out"
            self.findings.add("P2", message, level=Level.NOTE)
        if self.source.cadence is Cadence.MONTHLY:
            for name, found in counts.items():
                check_last_month(self.series[name].title, found, self.findings)
                check_unusual_months(self.series[name].title, found, self.findings)


def _counted(source: Source, series: SeriesSpec) -> str:
    """The SQL expression that counts a series."""
    condition = read_condition(series.where, source.columns).sql("duckdb") if series.where else "TRUE"
    if series.sum is None:
        return f"count(CASE WHEN {condition} THEN 1 END)"
    return f"sum(CASE WHEN {condition} THEN {sql_name(series.sum)} END)::BIGINT"


def _has_parts(catalogue: Catalogue, name: str, counts: Mapping[str, MonthlyCounts]) -> bool:
    return all(part in counts for part in catalogue.parts(name))


def _added_up(catalogue: Catalogue, name: str, counts: Mapping[str, MonthlyCounts]) -> MonthlyCounts:
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
        {place: sum(part.get(place, 0) for part in parts) for place in sorted(shared, key=_place_in_order)}
    )


def _without_areas(counts: MonthlyCounts) -> MonthlyCounts:
    totals: Counter[tuple[Month, str | None]] = Counter()
    for (month, _), number in counts.items():
        totals[month, None] += number
    return totals


def _place_in_order(place: tuple[Month, str | None]) -> tuple[Month, str]:
    return place[0], place[1] or ""


def _in_order(item: tuple[tuple[Month, str | None], int]) -> tuple[Month, str]:
    return _place_in_order(item[0])


def _origin(catalogue: Catalogue, name: str, extracts: Iterable[Extract]) -> SeriesOrigin:
    names = list(dict.fromkeys(catalogue.series[part].source or "" for part in catalogue.parts(name)))
    files = [extract.file for extract in extracts if extract.source in names]
    since = [month for source in names if (month := catalogue.sources[source].provisional_from)]
    return SeriesOrigin(catalogue.series[name].title, tuple(names), tuple(files), min(since, default=None))


FactValue = str | int | None


@dataclass(frozen=True)
class FactTable:
    """Monthly facts as rows under headings: month (yyyy-mm), area (None: no area), what was asked for, value."""

    headings: tuple[str, ...]
    rows: tuple[tuple[FactValue, ...], ...]
    facts: Facts


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
    query = "SELECT _month, _area, {by}, {value} FROM typed WHERE _month IS NOT NULL GROUP BY ALL"
    value = "count(*)" if source.shape is Shape.RECORDS else f"sum({sql_name(_figure(source, name))})::BIGINT"

    def look(_source: Source, staging: Staging) -> None:
        asked = "NULL" if column is None else f"{sql_name(column)}::VARCHAR"
        for number, area, group, found in staging.rows(query, by=asked, value=value):
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
