"""Monthly counts by series and area, each with the extract that it came from."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import Absent, Cadence, Catalogue, SeriesSpec, Shape, Source
from cpa_xl.errors import Level
from cpa_xl.extracts.checks import (
    Span,
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
from cpa_xl.extracts.columns import ExtractFile, Layout
from cpa_xl.extracts.faults import Fault, Findings
from cpa_xl.extracts.find import Extract, ExtractsRefused, choose_files, load_extract, title_note
from cpa_xl.extracts.readers import Staging, month_of, quoted
from cpa_xl.extracts.rows import AreaNames, Reader, check_cells, make_typed
from cpa_xl.measures.periods import Month

if TYPE_CHECKING:
    import pandas as pd

MonthlyCounts = Mapping[tuple[Month, str | None], int]
Look = Callable[[Source, Staging], None]

# Faults of cells: where a file has them, what its rows add up to says nothing.
_CELL_CODES = frozenset({"F2", "F5", "F6", "V1", "V2", "V4", "D1", "K3", "K4"})


@dataclass(frozen=True)
class Origin:
    """Where a series comes from: its title, its sources and their files, and the first month that may still change."""

    title: str
    sources: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    provisional_from: Month | None = None


@dataclass(frozen=True)
class Facts:
    """What was counted: `counts` gives for each series the number in each month and area (None: no areas).

    A month that is not there is not known; a month and area that are there with 0 had none. `extracts` says what was
    read, `faults` what was noticed (warnings and notes: what stops is raised instead).
    """

    counts: Mapping[str, MonthlyCounts]
    extracts: tuple[Extract, ...]
    faults: tuple[Fault, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def monthly(self, series: str) -> Mapping[Month, int]:
        """The number in each month, all areas together, in order of month."""
        totals: Counter[Month] = Counter()
        for (month, _), number in self.counts[series].items():
            totals[month] += number
        return {month: totals[month] for month in sorted(totals)}

    def areas(self, series: str) -> Mapping[str, Mapping[Month, int]]:
        """For each area, in order of name, the number in each month; empty where the series has no areas."""
        found: dict[str, dict[Month, int]] = {}
        for (month, area), number in sorted(self.counts[series].items(), key=_in_order):
            if area is not None:
                found.setdefault(area, {})[month] = number
        return {area: found[area] for area in sorted(found)}

    def frame(self) -> "pd.DataFrame":
        """A table for people who script: series, title, area, month (a Timestamp), value, provisional, source, file."""
        import pandas as pd  # noqa: PLC0415  # takes 0.3 s, which only those who want the table should wait for

        rows = []
        for name, counts in self.counts.items():
            origin = self.origins.get(name, Origin(name))
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
    """The monthly facts of a folder of extracts, everything in them checked.

    `as_of` is the scorecard's month: later months are left out, and every source must reach it (less its lag);
    `known` gives for a source the last month that the workbook already holds; `sources` limits what is read;
    `progress` is called after each source with its title, how many are done, of how many; `look` for each file whose
    rows are sound, with its source and the staging that holds its table `typed`. Raises ExtractsRefused
    with every fault that stops, Refusal where there is no such folder.
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
        span = Span(sorted(brought), 3 if catalogue.sources[name].cadence is Cadence.QUARTERLY else 1)
        check_files(catalogue.sources[name], span, as_of, known, together)
        found += together.listed()
    return extracts, {series: MappingProxyType(values) for series, values in counts.items()}, found


class _Reading:
    """One file of a source read: checked, then counted."""

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
        reader = Reader(self.source, layout, self.areas)
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

    def _check_rows(self, staging: Staging, reader: Reader, layout: Layout) -> Span | None:
        """What must hold between rows; where cells are wrong, only what does not follow from that."""
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

    def _count(self, staging: Staging, span: Span) -> dict[str, dict[tuple[Month, str | None], int]]:
        """Every series of the source, counted in one go; no row in a month that others have means zero."""
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

    def _within(self, counts: MonthlyCounts, span: Span) -> MonthlyCounts:
        """The counts up to the as-of month."""
        if self.as_of is None or span.last <= self.as_of:
            return MappingProxyType(dict(counts))
        return MappingProxyType({place: number for place, number in counts.items() if place[0] <= self.as_of})

    def _check_counts(self, counts: Mapping[str, MonthlyCounts], span: Span) -> None:
        if self.as_of and span.last > self.as_of:
            later = f"{(self.as_of + 1).label} to {span.last.label}" if span.last - self.as_of > 1 else span.last.label
            message = f"the file goes on after the as-of month {self.as_of.label}: {later} is left out"
            self.findings.add("P2", message, level=Level.NOTE)
        if self.source.cadence is Cadence.MONTHLY:
            for name, found in counts.items():
                check_last_month(self.series[name].title, found, self.findings)
                check_unusual_months(self.series[name].title, found, self.findings)


def _counted(source: Source, series: SeriesSpec) -> str:
    """SQL for what a series counts."""
    condition = read_condition(series.where, source.columns).sql("duckdb") if series.where else "TRUE"
    if series.sum is None:
        return f"count(CASE WHEN {condition} THEN 1 END)"
    return f"sum(CASE WHEN {condition} THEN {quoted(series.sum)} END)::BIGINT"


def _has_parts(catalogue: Catalogue, name: str, counts: Mapping[str, MonthlyCounts]) -> bool:
    return all(part in counts for part in catalogue.parts(name))


def _added_up(catalogue: Catalogue, name: str, counts: Mapping[str, MonthlyCounts]) -> MonthlyCounts:
    """A series that adds others up: by area where each of them has areas, in the months that each of them has.

    What counts in no area (None) counts in the sum too, also where only some of them have it.
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


def _origin(catalogue: Catalogue, name: str, extracts: Iterable[Extract]) -> Origin:
    names = list(dict.fromkeys(catalogue.series[part].source or "" for part in catalogue.parts(name)))
    files = [extract.file for extract in extracts if extract.source in names]
    since = [month for source in names if (month := catalogue.sources[source].provisional_from)]
    return Origin(catalogue.series[name].title, tuple(names), tuple(files), min(since, default=None))
