"""Reads one source: finds what its files bring, checks them, counts every series, and puts the files together."""

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import (
    ROWS,
    Absent,
    Cadence,
    Catalogue,
    Overlap,
    Repeated,
    SeriesSpec,
    Shape,
    Source,
)
from cpa_xl.errors import Level
from cpa_xl.extracts.checks import (
    Categories,
    categories_of,
    check_answers,
    check_areas,
    check_date_forms,
    check_grid,
    check_keys,
    check_other_places,
    check_pairs,
    check_shares,
    check_sums,
    check_unknown,
)
from cpa_xl.extracts.counts import absent_is_none, area_of, counting
from cpa_xl.extracts.faults import Fault, Findings
from cpa_xl.extracts.figures.expected import check_all_rows, check_unusual_months
from cpa_xl.extracts.figures.neighbours import (
    MonthlyCounts,
    check_blanks,
    check_jumps,
    check_last_month,
    check_places_without_anything,
    check_silent_places,
    check_spikes,
    check_tail,
    figures_by_area,
)
from cpa_xl.extracts.figures.patterns import check_patterns
from cpa_xl.extracts.files.columns import ExtractFile, Layout, find_layout
from cpa_xl.extracts.files.find import Folder, Found, files_that_fit
from cpa_xl.extracts.files.one_pass import Doubt, OnePass, equal_keys_between_files
from cpa_xl.extracts.files.readers import TextFile
from cpa_xl.extracts.files.sheets import ParquetFile
from cpa_xl.extracts.files.staging import Staging, month_of, sql_name
from cpa_xl.extracts.months import (
    MonthSpan,
    check_files,
    check_gaps,
    check_months,
    check_name,
    check_provisional,
    check_split_name,
    check_years,
    months_brought,
    note_overlap,
    span_of,
    weekly_span,
)
from cpa_xl.extracts.prepare import Prepared, check_totals, prepare, prepare_at_once, title_note
from cpa_xl.extracts.rows import ExtractReader, check_cells, counted_rows, make_typed, make_weighed, typed_cell
from cpa_xl.extracts.values import TIME, AreaNames
from cpa_xl.measures.periods import Month
from cpa_xl.wording import all_or_few

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
class Asked:
    """What is asked of a folder of extracts: see `read_facts`. `wanted` names the sources, in order.

    `look` is called for each file without a fault, with its source, its layout, and the staging that holds its views
    `typed` and `weighed`; `columns` names those that it needs. `careful` reads every file row by row. `aside` is called
    with the name of each file that one pass could not judge, and why. `accepted` has the stops that somebody accepts
    (see `Findings`).
    """

    catalogue: Catalogue
    as_of: Month | None = None
    known: Mapping[str, Month] = field(default_factory=dict)
    progress: Callable[[str, int, int], None] | None = None
    wanted: Sequence[str] = ()
    look: Look | None = None
    accepted: Mapping[str, str] = field(default_factory=dict)
    columns: frozenset[str] = frozenset()
    careful: bool = False
    aside: Callable[[str, str], None] | None = None


def faults_of_files(asked: Asked, name: str, folder: Folder, files: Sequence[ExtractFile]) -> list[Fault]:
    """The faults, warnings and notes of opened files if they were the files of a source."""
    reading = SourceReading(asked, name, folder)
    with Staging() as staging:
        reading.read(files, staging)
    return reading.faults


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


class SourceReading:
    """The files of one source, read and put together."""

    def __init__(self, asked: Asked, name: str, folder: Folder) -> None:
        self.asked, self.name, self.folder = asked, name, folder
        self.source = asked.catalogue.sources[name]
        self.faults: list[Fault] = []
        self.extracts: list[Extract] = []
        self.counts: dict[str, MonthlyCounts] = {}
        self.unknown: dict[str, frozenset[Month]] = {}
        self.looked: dict[Place, float | None] = {}
        self.lacking: dict[str, tuple[str, ...]] = {}

    def read(self, files: Sequence[ExtractFile], staging: Staging) -> None:
        """Read the files, each by itself, and put together what they bring. Nothing stays in `staging`.

        Each is read at once where that decides everything. If rows of two files may have the same key, all are read
        again row by row.
        """
        try:
            reads, reader, categories = self._read_each(files, staging, self.asked)
        except Doubt as doubt:
            if self.asked.aside:
                self.asked.aside(self.name, str(doubt))
            reads, reader, categories = self._read_each(files, staging, replace(self.asked, careful=True))
        if self.source.many:
            reads = self._without_overlaps(reads)
        self.extracts = [read.extract for read in reads]
        self._put_together(reads)
        if reads and reader is not None:
            series = {name: one for name, one in self.asked.catalogue.series.items() if one.source == self.name}
            self.lacking = categories.lacking(reader, series)
        if self.source.many and reads and reader is not None:
            self._check_together(reads, files, reader, categories)

    def _read_each(
        self, files: Sequence[ExtractFile], staging: Staging, asked: Asked
    ) -> tuple[list[_FileRead], ExtractReader | None, Categories]:
        """What each file brings, the reader of one of them, and the texts in all. Raises Doubt."""
        reads: list[_FileRead] = []
        faults: list[Fault] = []
        joined = self.source.joined
        seconds = [] if joined is None else files_that_fit(
            self.folder, (joined.files,) if isinstance(joined.files, str) else joined.files
        )  # fmt: skip
        categories = Categories()
        reader: ExtractReader | None = None
        try:
            last = self.source.repeated is Repeated.LAST  # the later file is read first, and its rows count
            for file in reversed(files) if last else files:
                one = _Reading(asked, self.name, file, seconds, categories)
                one.tell = self._progress(file)
                read = one.read(staging)
                faults += one.findings.listed()
                reader = one.reader or reader
                reads += [read] if read else []
            if equal_keys_between_files(staging):
                raise Doubt("rows of two files may have the same key")
        finally:
            staging.clear()
        self.faults += faults
        return reads, reader, categories

    def _progress(self, file: ExtractFile) -> Callable[[float], None]:
        """Tells how many bytes of a file are read, if it takes long enough to be told."""
        tell, wanted = self.asked.progress, self.asked.wanted or (self.name,)
        if tell is None or not isinstance(file, TextFile | ParquetFile):
            return lambda _: None
        size = file.path.stat().st_size / 1e6
        done, of = wanted.index(self.name), len(wanted)
        return lambda part: tell(f"{self.source.title}: {part * size:,.0f} of {size:,.0f} MB", done, of)

    def _without_overlaps(self, reads: Sequence[_FileRead]) -> list[_FileRead]:
        """Of files that bring the same month, leave it to the later one where the source says so; else a fault (F3).

        The later file is the one whose last month is later. Files come back in the order of their names.
        """
        if self.source.overlap is Overlap.ADD:
            return sorted(reads, key=lambda read: read.extract.file)
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
                note_overlap(self.source, other.extract.file, shared, findings, later=later, apart=apart)
            self.faults += findings.listed()
            kept[read.extract.file] = read.only({month for month in read.months if month not in months})
        return [kept[name] for name in sorted(kept)]

    def _check_together(
        self, reads: Sequence[_FileRead], files: Sequence[ExtractFile], reader: ExtractReader, categories: Categories
    ) -> None:
        """Run the checks that need the months of all files; `reader` is that of any of them."""
        file = f"{len(files)} files of {self.name}" if len(files) > 1 else files[0].name
        together = Findings(file, self.asked.accepted)
        months = sorted({month for read in reads for month in read.months})
        span, known = MonthSpan(months, self.source.cadence.step), self.asked.known.get(self.name)
        if self.source.cadence is Cadence.YEARLY:
            check_years(span, self.asked.as_of, known, together)
        else:
            check_files(self.source, span, self.asked.as_of, known, together)
        if reader.areas is not None:
            found: dict[str, dict[Month, float]] = {}
            for counts in self.counts.values():
                for (month, area), number in counts.items():
                    if area is not None:
                        figures = found.setdefault(area, {})
                        figures[month] = figures.get(month, 0) + abs(number)
            check_silent_places(found, reader.areas.areas.members, self.asked.as_of, together, known)
            check_places_without_anything(found, reader.areas.areas.members, self.asked.as_of, together)
        series = {name: one for name, one in self.asked.catalogue.series.items() if one.source == self.name}
        categories.check(reader, series, together)
        categories.check_vanished(reader, series, self.asked.as_of, known, together)
        check_shares(self.source, series, self.counts, together)
        self.faults += together.listed()

    def _put_together(self, reads: Sequence[_FileRead]) -> None:
        counts: dict[str, dict[tuple[Month, str | None], float]] = {}
        unknown: dict[str, set[Month]] = {}
        for read in reads:
            for series, values in read.counts.items():
                if series not in counts:
                    counts[series] = dict(values)
                else:
                    added = counts[series]
                    for place, number in values.items():
                        added[place] = added.get(place, 0) + number
                unknown.setdefault(series, set()).update(read.unknown[series])
            for at, value in read.looked.items():
                before = self.looked.get(at, 0)
                self.looked[at] = None if value is None or before is None else before + value
        if absent_is_none(self.source):
            medians = {name for name, series in self.asked.catalogue.series.items() if series.median}
            for series, added in counts.items():
                if series in medians:
                    continue
                areas = {area for _, area in added}
                known = {month for month, _ in added} - unknown[series]
                if len(added) == len(known) * len(areas) and not unknown[series]:
                    continue
                added |= {(month, area): 0 for month in known for area in areas if (month, area) not in added}
        self.counts = {series: MappingProxyType(added) for series, added in counts.items()}
        self.unknown = {series: frozenset(months) for series, months in unknown.items()}


class _Reading:
    """One file of a source, read, checked and counted."""

    def __init__(
        self, asked: Asked, name: str, file: ExtractFile, seconds: Sequence[Found], categories: Categories
    ) -> None:
        self.categories = categories
        self.reader: ExtractReader | None = None
        self.asked = asked
        self.tell: Callable[[float], None] = lambda _: None
        self.name, self.file, self.look, self.seconds = name, file, asked.look, seconds
        self.as_of, self.known = asked.as_of, asked.known.get(name)
        self.catalogue = catalogue = asked.catalogue
        self.source: Source = catalogue.sources[name]
        listed = self.source.areas
        self.areas = AreaNames(listed, catalogue.areas[listed], self.source.elsewhere) if listed else None
        self.series = {key: series for key, series in catalogue.series.items() if series.source == name}
        self.findings = Findings(file.name, asked.accepted)

    def read(self, staging: Staging) -> _FileRead | None:
        """What the file brings; None, with faults, if something stops it.

        One pass reads it, with equal rows together. Wherever that is in doubt, it is read once more row by row, and
        only that reading says what is wrong.
        """
        if not self.asked.careful:
            import duckdb  # noqa: PLC0415  # takes long, and only reading extracts needs it

            before = deepcopy(self.categories)
            try:
                with staging.threads(1):
                    return self._read_at_once(staging)
            except (duckdb.InterruptException, duckdb.OutOfMemoryException):
                raise
            except (Doubt, duckdb.Error) as doubt:
                if self.asked.aside:
                    self.asked.aside(self.file.name, str(doubt))
                self.findings = Findings(self.file.name, self.asked.accepted)
                self.categories.restore(before)
        prepared = prepare(staging, self.source, self.file, self.seconds, self.findings)
        if prepared is None:
            return None
        self.reader = reader = ExtractReader(self.source, prepared.layout, self.areas)
        refused = make_typed(staging, reader, self.findings)
        check_cells(staging, reader, self.file, refused, self.findings)
        check_totals(staging, reader, prepared, self.findings)
        return self._read_rows(staging, reader, prepared, at_once=False)

    def _read_at_once(self, staging: Staging) -> _FileRead:
        """What the file brings. Raises Doubt, or an error of the engine, where one pass does not decide everything."""
        if not isinstance(self.file, TextFile | ParquetFile) or any(series.median for series in self.series.values()):
            raise Doubt("it is a sheet, or a series is a median")
        layout = find_layout(self.source, self.file, self.findings)
        if layout is None:
            raise Doubt("its headings are not in order")
        whole = ExtractReader(self.source, layout, self.areas)
        one = OnePass(self.source, self.file, layout, self._counted_by(), whole.takes, typed_cell, TIME, self.tell)
        prepared = prepare_at_once(staging, one, self.findings)
        columns = {name: self.source.columns[name] for name in one.columns}
        self.reader = reader = replace(whole, source=self.source.model_copy(update={"columns": columns}))
        if not make_weighed(staging, reader, self.findings):
            raise Doubt("a cell is not what its column takes")
        read = self._read_rows(staging, reader, prepared, at_once=True)
        if read is None or self.findings.codes():
            raise Doubt("a fault stops it")
        one.keep_keys(staging)
        return read

    def _counted_by(self) -> frozenset[str]:
        """The columns on which the figures of the source depend."""
        every = self.source.every_column
        conditions = [series.where for series in self.series.values()] + [self.source.rows]
        named = [read_condition(text, every).columns for text in conditions if text]
        counted = [series.sum or series.count for series in self.series.values()]
        categories = categories_of(self.source, self.series)
        return self.asked.columns.union(
            *named, categories, (name for name in counted if name is not None and name in every)
        )

    def _read_rows(
        self, staging: Staging, reader: ExtractReader, prepared: Prepared, *, at_once: bool
    ) -> _FileRead | None:
        """What the rows of the file bring, which have their types; None, with faults, if something stops it."""
        check_split_name(self.source, self.findings)
        span = self._check_rows(staging, reader, prepared.layout, at_once=at_once)
        if span is None or self.findings.codes():
            return None
        counts, unknown = self._count(staging, span)
        within = {name: self._within(found, span) for name, found in counts.items()}
        self._check_counts(within, span)
        if self.source.shape is Shape.RECORDS and self.source.cadence is Cadence.MONTHLY:
            self._check_all_rows(staging)
        each = "count(DISTINCT _row)" if self.source.shape is Shape.WIDE else "sum(_times)"
        [(rows,)] = staging.rows("SELECT {each} FROM weighed", each=each)
        last = span.last
        if self.as_of:  # of quarters and years, the last one that is over
            last = max((month for month in span.months if month <= self.as_of), default=min(last, self.as_of))
        rule = self.source.weeks.words if self.source.weeks else ""
        note = "; ".join(filter(None, (title_note(self.file, prepared), rule)))
        extract = Extract(self.name, self.source.title, self.file.name, self.file.sha256, rows, span.first, last, note)
        brought = frozenset(months_brought(staging, self.source, self.file.name, span))
        looked = self.look(self.source, prepared.layout, staging) if self.look else {}
        return _FileRead(extract, brought, within, unknown, looked)

    def _check_all_rows(self, staging: Staging) -> None:
        """Compare the number of records of the last month with those before, where no series was said to be unusual."""
        if any(one.code in ("V5", "V6") for one in self.findings.listed()):
            return
        found = staging.rows("SELECT _month, sum(_times) FROM weighed WHERE _month IS NOT NULL GROUP BY 1 ORDER BY 1")
        rows = {month_of(number): records for number, records in found}
        rows = {month: records for month, records in rows.items() if self.as_of is None or month <= self.as_of}
        check_all_rows(self.source.title, rows, self.series.values(), self.findings)

    def _check_rows(
        self, staging: Staging, reader: ExtractReader, layout: Layout, *, at_once: bool
    ) -> MonthSpan | None:
        """Run the checks between rows; after faults of cells, only those that such faults cannot cause.

        What is read at once has no faults of cells, and its keys differ.
        """
        findings = self.findings
        if isinstance(self.file, TextFile) and self.file.ends_inside_a_line and self.source.trailer is None:
            message = "the file does not end with the end of a line, so its last row may be cut"
            findings.add("F2", message, "Look at its last row.", level=Level.NOTE)
        shifted = "F6" in findings.codes()
        if not shifted and not at_once:
            if self.source.repeated is Repeated.REFUSE:
                check_keys(staging, self.source, layout, findings)
            check_pairs(staging, self.source, layout, findings)
        span = span_of(staging, reader, findings)
        if span is None or shifted:
            return None
        if self.source.cadence is Cadence.WEEKLY:
            span = weekly_span(staging, reader, self.as_of, findings)
            if span is None:
                return None
        codes = findings.codes()
        if "V2" not in codes:
            self._check_span(span)
        check_unknown(staging, reader, findings)
        check_date_forms(staging, reader, findings)
        check_answers(staging, self.source, layout, findings)
        check_other_places(staging, reader, findings)
        if not codes & {"K3", "K4"} and not (self.source.absent is Absent.ZERO and self.source.many):
            check_areas(staging, reader, findings)
        if not codes & _CELL_CODES:
            self._check_figures(staging, reader, twice="K1" in codes)
        check_provisional(self.source, span, findings)
        return span

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

    def _check_figures(self, staging: Staging, reader: ExtractReader, *, twice: bool) -> None:
        """Run the checks that compare figures; with keys `twice`, sums have no meaning."""
        if not twice and self.source.shape is not Shape.RECORDS:
            if self.source.absent is Absent.REFUSE:
                check_grid(staging, self.source, self.findings)
            check_sums(staging, reader, self.findings)
        check_jumps(staging, reader, self.findings)
        if self.source.shape is Shape.WIDE and "V3" not in self.findings.codes():
            check_spikes(staging, reader, self.as_of, self.known, self.findings)
        if self.areas is not None and not self.source.many:
            found, members = figures_by_area(staging, reader), self.areas.areas.members
            check_silent_places(found, members, self.as_of, self.findings, self.known)
            check_places_without_anything(found, members, self.as_of, self.findings)
        if not twice:
            check_tail(staging, reader, self.as_of, self.findings)
        check_blanks(staging, reader, self.series, self.findings)
        self.categories.add(staging, reader, self.series)
        if not self.source.many:
            self.categories.check(reader, self.series, self.findings)
            self.categories.check_vanished(reader, self.series, self.as_of, self.known, self.findings)

    def _count(
        self, staging: Staging, span: MonthSpan
    ) -> tuple[dict[str, dict[tuple[Month, str | None], float]], dict[str, frozenset[Month]]]:
        """Count every series of the source in one query; of events, a month or area without rows counts 0.

        A month and area with an unknown figure is left out; the second answer names such months of each series.
        """
        if not self.series:
            return {}, {}
        counted = ", ".join(
            counting(self.source, series, self._values_counted(series)) for series in self.series.values()
        )
        query = "SELECT _month, _area, {counted} FROM {rows} WHERE _month IS NOT NULL GROUP BY ALL ORDER BY ALL"
        found: dict[str, dict[tuple[Month, str | None], float]] = {name: {} for name in self.series}
        unknown: dict[str, set[tuple[Month, str | None]]] = {name: set() for name in self.series}
        if absent_is_none(self.source):
            areas = self._places(staging)
            empty = {(month, area): 0 for month in span.months for area in areas}
            found = {name: {} if series.median else dict(empty) for name, series in self.series.items()}
        known = found if absent_is_none(self.source) else {}
        for number, area, *values in staging.rows(query, counted=counted, rows=counted_rows(self.source)):
            place = month_of(number), area_of(self.catalogue, self.source, area)
            for name, value, lacking in zip(self.series, values[::2], values[1::2], strict=True):
                if value == 0 and not lacking and name in known:
                    continue
                if lacking:
                    unknown[name].add(place)
                elif value is not None and not (self.series[name].median and place[1] is None):
                    found[name][place] = found[name].get(place, 0) + value
        for name, places in unknown.items():
            for place in places:
                found[name].pop(place, None)
        self._count_medians(staging, found)
        self._say_what_lacks(staging)
        return found, {name: frozenset(month for month, _ in places) for name, places in unknown.items()}

    def _values_counted(self, series: SeriesSpec) -> bool:
        """Whether another series counts the values that this one adds up, so that the two make a mean."""
        same = (one for one in self.series.values() if (one.count, one.where) == (series.sum, series.where))
        return series.sum is not None and any(same)

    def _count_medians(self, staging: Staging, found: Mapping[str, dict[tuple[Month, str | None], float]]) -> None:
        """The medians of all places together: those of the areas say nothing about them."""
        medians = {name: series for name, series in self.series.items() if series.median}
        if not medians:
            return
        counted = ", ".join(counting(self.source, series) for series in medians.values())
        query = "SELECT _month, {counted} FROM typed WHERE _month IS NOT NULL GROUP BY ALL ORDER BY ALL"
        for number, *values in staging.rows(query, counted=counted):
            for name, value in zip(medians, values[::2], strict=True):
                if value is not None:
                    found[name][month_of(number), None] = value

    def _say_what_lacks(self, staging: Staging) -> None:
        """Note how many records lack a figure that series count, add up or take the middle of (U1)."""
        columns: dict[str, list[SeriesSpec]] = {}
        for series in self.series.values() if self.source.shape is Shape.RECORDS else ():
            for column in {series.count, series.sum, series.median} - {None, ROWS}:
                columns.setdefault(column or "", []).append(series)
        for column, found in columns.items():
            query = "SELECT coalesce(sum(_times) FILTER (WHERE {name} IS NULL), 0), sum(_times) FROM weighed"
            [(lacking, rows)] = staging.rows(query, name=sql_name(column))
            if not lacking:
                continue
            have, them = ("has", "it") if lacking == 1 else ("have", "them")
            parts = [f"{lacking:,} of {rows:,} rows {have} no value in '{self.source.every_column[column].header}'"]
            unknown = [one.title for one in found if one.sum is not None and not self._values_counted(one)]
            if leaving := [one.title for one in found if one.title not in unknown]:
                parts.append(f"{all_or_few(leaving)} {'leaves' if len(leaving) == 1 else 'leave'} {them} out")
            if unknown:
                parts.append(f"the sum of {all_or_few(unknown)} is unknown in their months and areas")
            self.findings.add("U1", "; ".join(parts), level=Level.NOTE)

    def _places(self, staging: Staging) -> list[str | None]:
        """Where rows may count: the areas of the list, or those that the rows name; None for what is no area."""
        if self.areas is not None:
            return [*sorted(self.areas.areas.members), *([None] if self.source.elsewhere else [])]
        areas = (area for (area,) in staging.rows("SELECT DISTINCT _area FROM weighed ORDER BY 1"))
        return list(dict.fromkeys(area_of(self.catalogue, self.source, area) for area in areas)) or [None]

    def _within(self, counts: MonthlyCounts, span: MonthSpan) -> MonthlyCounts:
        """The counts up to the as-of month."""
        if self.as_of is None or span.last <= self.as_of:
            return MappingProxyType(dict(counts))
        return MappingProxyType({place: number for place, number in counts.items() if place[0] <= self.as_of})

    def _check_counts(self, counts: Mapping[str, MonthlyCounts], span: MonthSpan) -> None:
        if self.as_of and span.last > self.as_of and self.source.cadence is not Cadence.YEARLY:
            later = f"{(self.as_of + 1).label} to {span.last.label}" if span.last - self.as_of > 1 else span.last.label
            message = f"the file goes on after the as-of month {self.as_of.label}: {later} is left out"
            self.findings.add("P2", message, level=Level.NOTE)
        if self.source.cadence is Cadence.YEARLY:
            return
        new = None if self.known is None else {month for month in span.months if month > self.known} or {span.last}
        for name, found in counts.items():
            series, places = self.series[name], found
            if series.median:
                places = {place: number for place, number in found.items() if place[1] is None}
            monthly = self.source.cadence.counted is Cadence.MONTHLY and not series.median
            if not (monthly and check_last_month(series.title, places, self.findings)):
                check_unusual_months(series, places, self.findings, new)
        check_patterns(self.series, counts, self.findings)
        if not self.source.many:
            check_shares(self.source, self.series, counts, self.findings)
