"""Facts: monthly counts by series and area, each with the extract that it comes from.

`read_facts` finds, reads and checks every file, and counts every series of the configuration.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import (
    Absent,
    Cadence,
    Catalogue,
    ColumnType,
    Overlap,
    Repeated,
    SeriesSpec,
    Shape,
    Source,
)
from cpa_xl.errors import Level
from cpa_xl.extracts.checks import (
    MonthlyCounts,
    MonthSpan,
    check_areas,
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
    check_unknown,
    check_unusual_months,
    months_brought,
    note_overlap,
    span_of,
)
from cpa_xl.extracts.columns import ExtractFile, Layout
from cpa_xl.extracts.faults import ExtractsRefused, Fault, Findings
from cpa_xl.extracts.find import Folder, Found, choose_files, files_that_fit
from cpa_xl.extracts.prepare import check_totals, prepare, title_note
from cpa_xl.extracts.readers import Staging, month_of, sql_name
from cpa_xl.extracts.rows import ExtractReader, check_cells, make_typed
from cpa_xl.extracts.values import AreaNames, folded
from cpa_xl.measures.periods import Month

if TYPE_CHECKING:
    import pandas as pd

FactValue = str | float | None
Place = tuple[Month, str | None, FactValue]  # month, area, and what was asked for
Look = Callable[[Source, Layout, Staging], Mapping[Place, float | None]]

# Faults of cells: if a file has one of them, sums of its rows have no meaning.
_CELL_CODES = frozenset({"F2", "F5", "F6", "V1", "V2", "V4", "D1", "K3", "K4"})


@dataclass(frozen=True)
class Extract:
    """A file that is read: its source and SHA-256, its rows and months, and the text around its rows (`note`)."""

    source: str
    title: str
    file: str
    sha256: str
    rows: int
    first: Month
    last: Month
    note: str = ""


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

    A missing month is unknown; a count of 0 means that there were none. `unknown` names the months of a series in which
    a figure of some area is marked as missing, so that the areas have no total. `extracts` lists the files read,
    `faults` the warnings and notes (`read_facts` raises the faults that stop).
    """

    counts: Mapping[str, MonthlyCounts]
    extracts: tuple[Extract, ...]
    faults: tuple[Fault, ...] = ()
    origins: Mapping[str, SeriesOrigin] = field(default_factory=dict)
    unknown: Mapping[str, frozenset[Month]] = field(default_factory=dict)

    def monthly(self, series: str) -> Mapping[Month, float]:
        """The count of each month, all areas together, in order of month; not of a month with an unknown figure."""
        totals: dict[Month, float] = {}
        for (month, _), number in self.counts[series].items():
            totals[month] = totals.get(month, 0) + number
        return {month: totals[month] for month in sorted(totals) if month not in self.unknown.get(series, ())}

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
) -> Facts:
    """The monthly facts of a folder of extracts, after all checks.

    `as_of` is the scorecard's month: later months are left out, and every source must reach it (minus its lag).
    `known` gives for a source the last month that the workbook already has. `sources` limits what is read. `progress`
    is called after each source with its title, the number of sources done and the number of all.

    Raises ExtractsRefused with every fault that stops, Refusal if the folder does not exist.
    """
    asked = Asked(catalogue, as_of, known, progress)
    return read_and_look(asked, folder, sources)[0]


@dataclass(frozen=True)
class Asked:
    """What is asked of a folder of extracts: see `read_facts`.

    `look` is called for each file without a fault, with its source, its layout, and the staging that holds its table
    `typed`.
    """

    catalogue: Catalogue
    as_of: Month | None = None
    known: Mapping[str, Month] = field(default_factory=dict)
    progress: Callable[[str, int, int], None] | None = None
    look: Look | None = None


def read_and_look(
    asked: Asked, folder: Path, sources: Collection[str] | None = None, *, by_headings: bool = False
) -> tuple[Facts, Mapping[Place, float | None]]:
    """As `read_facts`, and what `look` saw in the files, put together; `by_headings` as in `choose_files`."""
    catalogue = asked.catalogue
    wanted = [name for name in catalogue.sources if sources is None or name in sources]
    found: list[Fault] = []
    counts: dict[str, MonthlyCounts] = {}
    unknown: dict[str, frozenset[Month]] = {}
    extracts: list[Extract] = []
    seen: dict[Place, float | None] = {}
    with Folder(folder) as there:
        files, faults = choose_files(catalogue.sources, wanted, there, by_headings=by_headings)
        found += faults
        for done, name in enumerate(wanted, start=1):
            if name in files:
                reading = _SourceReading(asked, name, there)
                reading.read(files[name])
                extracts += reading.extracts
                counts |= reading.counts
                unknown |= reading.unknown
                seen |= reading.looked
                found += reading.faults
            if asked.progress:
                asked.progress(catalogue.sources[name].title, done, len(wanted))
    if stops := [fault for fault in found if fault.level is Level.STOP]:
        raise ExtractsRefused(stops)
    names = [name for name in catalogue.series if all(part in counts for part in catalogue.parts(name))]
    unknown = {name: frozenset().union(*(unknown[part] for part in catalogue.parts(name))) for name in names}
    counts = {name: _added_up(catalogue, name, counts) for name in names}
    origins = {name: _origin(catalogue, name, extracts) for name in counts}
    facts = Facts(
        MappingProxyType(counts), tuple(extracts), tuple(found), MappingProxyType(origins), MappingProxyType(unknown)
    )
    return facts, seen


@dataclass
class _FileRead:
    """What one file of a source brings: its months, each with the value of the `split` column, counts and more."""

    extract: Extract
    brought: frozenset[tuple[Month, str | None]]
    counts: Mapping[str, MonthlyCounts]
    unknown: Mapping[str, frozenset[Month]]
    looked: Mapping[Place, float | None]

    @property
    def months(self) -> list[Month]:
        return sorted({month for month, _ in self.brought})

    def only(self, months: Collection[Month]) -> "_FileRead":
        """The same with some of its months."""
        return _FileRead(
            self.extract,
            frozenset(pair for pair in self.brought if pair[0] in months),
            {name: {at: one for at, one in values.items() if at[0] in months} for name, values in self.counts.items()},
            {name: found & frozenset(months) for name, found in self.unknown.items()},
            {place: value for place, value in self.looked.items() if place[0] in months},
        )


class _SourceReading:
    """The files of one source, read and put together."""

    def __init__(self, asked: Asked, name: str, folder: Folder) -> None:
        self.asked, self.name, self.folder = asked, name, folder
        self.source = asked.catalogue.sources[name]
        self.faults: list[Fault] = []
        self.extracts: list[Extract] = []
        self.counts: dict[str, MonthlyCounts] = {}
        self.unknown: dict[str, frozenset[Month]] = {}
        self.looked: dict[Place, float | None] = {}

    def read(self, files: Sequence[ExtractFile]) -> None:
        """Read the files, each by itself, and put together what they bring."""
        reads: list[_FileRead] = []
        joined = self.source.joined
        seconds = [] if joined is None else files_that_fit(
            self.folder, (joined.files,) if isinstance(joined.files, str) else joined.files
        )  # fmt: skip
        with Staging() as staging:
            for file in files:
                one = _Reading(self.asked, self.name, file, seconds)
                read = one.read(staging)
                self.faults += one.findings.listed()
                reads += [read] if read else []
        if self.source.many:
            reads = self._without_overlaps(reads)
            self._check_together(reads, files)
        self.extracts = [read.extract for read in reads]
        self._put_together(reads)

    def _without_overlaps(self, reads: Sequence[_FileRead]) -> list[_FileRead]:
        """Of files that bring the same month, leave it to the later one where the source says so; else a fault (F3).

        The later file is the one whose last month is later.
        """
        ordered = sorted(reads, key=lambda read: read.months[-1], reverse=True)
        owners: dict[tuple[Month, str | None], _FileRead] = {}
        kept: dict[str, _FileRead] = {}
        for read in ordered:
            findings = Findings(read.extract.file)
            taken = {pair for pair in read.brought if pair in owners}
            months = {month for month, _ in taken}
            for pair in read.brought:
                owners.setdefault(pair, read)
            if not months:
                kept[read.extract.file] = read
                continue
            others = {owner.extract.file: owner for pair in taken if (owner := owners[pair])}
            for other in others.values():
                shared = sorted({month for month, value in taken if owners[month, value] is other})
                later = self.source.overlap is Overlap.LATER and other.months[-1] > read.months[-1]
                apart = all(pair in taken for pair in read.brought if pair[0] in months)
                note_overlap(other.extract.file, shared, findings, taken_from_there=later and apart)
            self.faults += findings.listed()
            kept[read.extract.file] = read.only({month for month in read.months if month not in months})
        return [kept[read.extract.file] for read in reads]

    def _check_together(self, reads: Sequence[_FileRead], files: Sequence[ExtractFile]) -> None:
        months = sorted({month for read in reads for month in read.months})
        if months:
            together = Findings(f"{len(files)} files of {self.name}" if len(files) > 1 else files[0].name)
            span = MonthSpan(months, 3 if self.source.cadence is Cadence.QUARTERLY else 1)
            check_files(self.source, span, self.asked.as_of, self.asked.known.get(self.name), together)
            self.faults += together.listed()

    def _put_together(self, reads: Sequence[_FileRead]) -> None:
        counts: dict[str, dict[tuple[Month, str | None], float]] = {}
        unknown: dict[str, set[Month]] = {}
        for read in reads:
            for series, values in read.counts.items():
                added = counts.setdefault(series, {})
                for place, number in values.items():
                    added[place] = added.get(place, 0) + number
                unknown.setdefault(series, set()).update(read.unknown[series])
            for at, value in read.looked.items():
                before = self.looked.get(at, 0)
                self.looked[at] = None if value is None or before is None else before + value
        if _absent_is_none(self.source):
            for series, added in counts.items():
                areas = {area for _, area in added}
                known = {month for month, _ in added} - unknown[series]
                added |= {(month, area): 0 for month in known for area in areas if (month, area) not in added}
        self.counts = {series: MappingProxyType(added) for series, added in counts.items()}
        self.unknown = {series: frozenset(months) for series, months in unknown.items()}


def area_of(source: Source, area: str | None) -> str | None:
    """The area in which a row counts; None for a place that is no area."""
    return None if area is None or folded(area) in {folded(place) for place in source.elsewhere} else area


def _absent_is_none(source: Source) -> bool:
    """Whether a place without a row counts 0 in a month that the source brings."""
    return source.shape is Shape.RECORDS or source.absent is Absent.ZERO


class _Reading:
    """One file of a source, read, checked and counted."""

    def __init__(self, asked: Asked, name: str, file: ExtractFile, seconds: Sequence[Found]) -> None:
        self.name, self.file, self.look, self.seconds = name, file, asked.look, seconds
        self.as_of, self.known = asked.as_of, asked.known.get(name)
        catalogue = asked.catalogue
        self.source: Source = catalogue.sources[name]
        listed = self.source.areas
        self.areas = AreaNames(listed, catalogue.areas[listed], self.source.elsewhere) if listed else None
        self.series = {key: series for key, series in catalogue.series.items() if series.source == name}
        self.findings = Findings(file.name)

    def read(self, staging: Staging) -> _FileRead | None:
        """What the file brings; None, with faults, if something stops it."""
        prepared = prepare(staging, self.source, self.file, self.seconds, self.findings)
        if prepared is None:
            return None
        layout = prepared.layout
        reader = ExtractReader(self.source, layout, self.areas)
        refused = make_typed(staging, reader, self.findings)
        check_cells(staging, reader, self.file, refused, self.findings)
        check_totals(staging, reader, prepared, self.findings)
        span = self._check_rows(staging, reader, layout)
        if span is None or self.findings.codes():
            return None
        counts, unknown = self._count(staging, span)
        within = {name: self._within(found, span) for name, found in counts.items()}
        self._check_counts(within, span)
        each = "count(DISTINCT _row)" if self.source.shape is Shape.WIDE else "count(*)"
        [(rows,)] = staging.rows("SELECT {each} FROM typed", each=each)
        last = min(span.last, self.as_of) if self.as_of else span.last
        note = title_note(self.file, prepared)
        extract = Extract(self.name, self.source.title, self.file.name, self.file.sha256, rows, span.first, last, note)
        brought = frozenset(months_brought(staging, self.source, self.file.name, span))
        looked = self.look(self.source, layout, staging) if self.look else {}
        return _FileRead(extract, brought, within, unknown, looked)

    def _check_rows(self, staging: Staging, reader: ExtractReader, layout: Layout) -> MonthSpan | None:
        """Run the checks between rows; after faults of cells, only those that such faults cannot cause."""
        findings = self.findings
        shifted = "F6" in findings.codes()
        if not shifted:
            if self.source.repeated is Repeated.REFUSE:
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
        check_unknown(staging, reader, findings)
        if not codes & {"K3", "K4"} and not (self.source.absent is Absent.ZERO and self.source.many):
            check_areas(staging, reader, findings)
        if not codes & _CELL_CODES:
            self._check_figures(staging, reader, twice="K1" in codes)
        check_provisional(self.source, span, findings)
        return span

    def _check_figures(self, staging: Staging, reader: ExtractReader, *, twice: bool) -> None:
        """Run the checks that compare figures; with keys `twice`, sums have no meaning."""
        if not twice and self.source.shape is not Shape.RECORDS:
            if self.source.absent is Absent.REFUSE:
                check_grid(staging, self.source, self.findings)
            check_sums(staging, reader, self.findings)
        check_jumps(staging, reader, self.findings)
        if self.source.shape is Shape.WIDE and "V3" not in self.findings.codes():
            check_spikes(staging, reader, self.findings)
        check_categories(staging, reader, self.series, self.findings)

    def _count(
        self, staging: Staging, span: MonthSpan
    ) -> tuple[dict[str, dict[tuple[Month, str | None], float]], dict[str, frozenset[Month]]]:
        """Count every series of the source in one query; of events, a month or area without rows counts 0.

        A month and area with an unknown figure is left out; the second answer names such months of each series.
        """
        if not self.series:
            return {}, {}
        counted = ", ".join(_counted(self.source, series) for series in self.series.values())
        query = "SELECT _month, _area, {counted} FROM typed WHERE _month IS NOT NULL GROUP BY ALL ORDER BY ALL"
        found: dict[str, dict[tuple[Month, str | None], float]] = {name: {} for name in self.series}
        unknown: dict[str, set[tuple[Month, str | None]]] = {name: set() for name in self.series}
        if _absent_is_none(self.source):
            empty = {(month, area): 0 for month in span.months for area in self._places(staging)}
            found = {name: dict(empty) for name in self.series}
        for number, area, *values in staging.rows(query, counted=counted):
            place = month_of(number), area_of(self.source, area)
            for name, value, lacking in zip(self.series, values[::2], values[1::2], strict=True):
                if lacking:
                    unknown[name].add(place)
                elif value is not None:
                    found[name][place] = found[name].get(place, 0) + value
        for name, places in unknown.items():
            for place in places:
                found[name].pop(place, None)
        return found, {name: frozenset(month for month, _ in places) for name, places in unknown.items()}

    def _places(self, staging: Staging) -> list[str | None]:
        """Where rows may count: the areas of the list, or those that the rows name; None for what is no area."""
        if self.areas is not None:
            return [*sorted(self.areas.areas.members), *([None] if self.source.elsewhere else [])]
        areas = (area for (area,) in staging.rows("SELECT DISTINCT _area FROM typed ORDER BY 1"))
        return list(dict.fromkeys(area_of(self.source, area) for area in areas)) or [None]

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
    """The SQL expressions that count a series, and the rows whose figure is unknown."""
    condition = read_condition(series.where, source.every_column).sql("duckdb") if series.where else "TRUE"
    if series.sum is None:
        return f"count(CASE WHEN {condition} THEN 1 END), 0"
    figure = sql_name(series.sum)
    unknown = f"count(CASE WHEN ({condition}) AND {figure} IS NULL THEN 1 END)"
    return f"{sum_of(source, series.sum, f'CASE WHEN {condition} THEN {figure} END')}, {unknown}"


def sum_of(source: Source, name: str, figure: str) -> str:
    """SQL for the sum of a column: whole for counts, without the noise of binary fractions for other figures."""
    column = source.every_column.get(name)
    kind = source.figure.type if column is None else column.type
    return f"sum({figure})::BIGINT" if kind is ColumnType.COUNT else f"round(sum({figure}), 6)"


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
    totals: dict[tuple[Month, str | None], float] = {}
    for (month, _), number in counts.items():
        totals[month, None] = totals.get((month, None), 0) + number
    return totals


def _place_in_order(place: tuple[Month, str | None]) -> tuple[Month, str]:
    return place[0], place[1] or ""


def _in_order(item: tuple[tuple[Month, str | None], float]) -> tuple[Month, str]:
    return _place_in_order(item[0])


def _origin(catalogue: Catalogue, name: str, extracts: Iterable[Extract]) -> SeriesOrigin:
    names = list(dict.fromkeys(catalogue.series[part].source or "" for part in catalogue.parts(name)))
    files = [extract.file for extract in extracts if extract.source in names]
    since = [month for source in names if (month := catalogue.sources[source].provisional_from)]
    return SeriesOrigin(catalogue.series[name].title, tuple(names), tuple(files), min(since, default=None))
