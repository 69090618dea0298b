"""Facts: monthly counts by series and area, each with the extract that it comes from; of all series, or of one source.

`read_facts` finds, reads and checks every file, and counts every series of the configuration.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cpa_xl.config.model import (
    Catalogue,
    ColumnType,
    Shape,
    Source,
    SourceColumn,
)
from cpa_xl.errors import Level, Refusal
from cpa_xl.extracts.counts import area_of, sum_of
from cpa_xl.extracts.faults import ExtractsRefused, Fault, Findings
from cpa_xl.extracts.figures.neighbours import MonthlyCounts, check_bounds
from cpa_xl.extracts.files.columns import ASKED, Layout, normal
from cpa_xl.extracts.files.find import Folder, choose_files
from cpa_xl.extracts.files.staging import Staging, month_of, more_memory, sql_name
from cpa_xl.extracts.reading import Asked, Extract, FactValue, Place, SourceReading
from cpa_xl.extracts.rows import counted_rows
from cpa_xl.measures.periods import Month
from cpa_xl.wording import first_few

if TYPE_CHECKING:
    import pandas as pd


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
    `faults` the warnings and notes (`read_facts` raises the faults that stop). `medians` names the series that cannot
    be added up: their figure without an area is that of all places together. `lacking` has, by series, the listed
    texts that its condition names and no file holds.
    """

    counts: Mapping[str, MonthlyCounts]
    extracts: tuple[Extract, ...]
    faults: tuple[Fault, ...] = ()
    origins: Mapping[str, SeriesOrigin] = field(default_factory=dict)
    unknown: Mapping[str, frozenset[Month]] = field(default_factory=dict)
    medians: frozenset[str] = frozenset()
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def monthly(self, series: str) -> Mapping[Month, float]:
        """The count of each month, all areas together, in order of month; not of a month with an unknown figure."""
        totals: dict[Month, float] = {}
        for (month, area), number in self.counts[series].items():
            if area is None or series not in self.medians:
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
    accepted: Mapping[str, str] = MappingProxyType({}),
) -> Facts:
    """The monthly facts of a folder of extracts, after all checks.

    `as_of` is the scorecard's month: later months are left out, and every source must reach it (minus its lag).
    `known` gives for a source the last month that the workbook already has. `sources` limits what is read. `progress`
    is called after each source with its title, the number of sources done and the number of all. `accepted` has the
    stops that somebody accepts (see `Findings`).

    Raises ExtractsRefused with every fault that stops, Refusal if the folder does not exist.
    """
    asked = Asked(catalogue, as_of, known, progress, accepted=accepted)
    return read_and_look(asked, folder, sources)[0]


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
    lacking: dict[str, tuple[str, ...]] = {}
    asked = replace(asked, wanted=wanted)
    with Folder(folder) as there, Staging() as staging:
        files, faults = choose_files(catalogue.sources, wanted, there, by_headings=by_headings)
        found += faults
        for done, name in enumerate(wanted, start=1):
            if name in files:
                reading = SourceReading(asked, name, there)
                with _enough_memory():
                    reading.read(files[name], staging)
                extracts += reading.extracts
                counts |= reading.counts
                unknown |= reading.unknown
                seen |= reading.looked
                lacking |= reading.lacking
                found += reading.faults
            if asked.progress:
                asked.progress(catalogue.sources[name].title, done, len(wanted))
    if stops := [fault for fault in found if fault.level is Level.STOP]:
        raise ExtractsRefused(stops)
    names = [name for name in catalogue.series if all(part in counts for part in catalogue.parts(name))]
    unknown = {name: frozenset().union(*(unknown[part] for part in catalogue.parts(name))) for name in names}
    counts = {name: _added_up(catalogue, name, counts) for name in names}
    origins = {name: _origin(catalogue, name, extracts) for name in counts}
    for name, origin in origins.items():
        findings = Findings(first_few(origin.files, 2, "file"))
        check_bounds(catalogue.series[name], counts[name], findings)
        found += findings.listed()
    if stops := [fault for fault in found if fault.level is Level.STOP]:
        raise ExtractsRefused(stops)
    medians = frozenset(name for name in counts if catalogue.series[name].median)
    facts = Facts(
        MappingProxyType(counts), tuple(extracts), tuple(found), MappingProxyType(origins), MappingProxyType(unknown),
        medians, MappingProxyType(lacking),
    )  # fmt: skip
    return facts, seen


@contextmanager
def _enough_memory() -> Iterator[None]:
    """Refuse extracts whose tables do not fit into memory."""
    import duckdb  # noqa: PLC0415  # takes long, and only reading extracts needs it

    try:
        yield
    except duckdb.OutOfMemoryException:
        raise more_memory() from None


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


def facts_of_source(
    catalogue: Catalogue, folder: Path, name: str, by: str | None = None, *, by_headings: bool = False
) -> FactTable:
    """One source, by month and area and, where it is asked for, by a column: its heading, or its name.

    Rows of records are counted; figures of other shapes are added up, and None where one of them is unknown. Groups
    without a row are not listed. Any column of the file may be asked for. `by_headings` takes files by their headings
    where none has the source's name. Raises Refusal where there is no such source, ExtractsRefused with every fault
    that stops.
    """
    if name not in catalogue.sources:
        raise Refusal(f"--source {name}: there is no such source; there is {', '.join(catalogue.sources)}")
    source = catalogue.sources[name]
    value = "sum(_times), 0"
    if source.shape is not Shape.RECORDS:
        figure = _figure(source, name)
        value = f"{sum_of(source, figure, sql_name(figure))}, count(*) - count({sql_name(figure)})"
    column = None if by is None else _column(source, by)
    if by is not None and column == ASKED:
        asked = SourceColumn(header=by, type=ColumnType.TEXT, optional=True)
        source = source.model_copy(update={"columns": {**source.columns, ASKED: asked}})
        catalogue = replace(catalogue, sources={**catalogue.sources, name: source})
    query = "SELECT _month, _area, {by}, {value} FROM {rows} WHERE _month IS NOT NULL GROUP BY ALL"

    own: dict[str, str] = {}  # the heading of the column in the files

    def look(source: Source, layout: Layout, staging: Staging) -> Mapping[Place, float | None]:
        if column is not None:
            own.setdefault(normal(layout.heading(column)), layout.heading(column))
        counted: dict[Place, float | None] = {}
        asked = "NULL" if column is None else _as_text(source, column)
        rows = counted_rows(source)
        for number, area, group, found, unknown in staging.rows(query, by=asked, value=value, rows=rows):
            place = month_of(number), area_of(catalogue, source, area), group
            before = counted.get(place, 0)
            counted[place] = None if unknown or found is None or before is None else before + found
        return counted

    wanted = Asked(catalogue, look=look, columns=frozenset(filter(None, [column])))
    facts, counted = read_and_look(wanted, folder, [name], by_headings=by_headings)
    headings = ("month", "area", *([own.get(normal(by), by)] if by else []), "value")
    rows = [(str(month), area, *([group] if by else []), number) for (month, area, group), number in counted.items()]
    return FactTable(headings, tuple(sorted(rows, key=_row_order)), facts)


def _as_text(source: Source, column: str) -> str:
    """SQL for the text of a value: a month as its first day, a flag as true or false."""
    return (
        f"{sql_name(column)}::{'DATE' if source.every_column[column].type is ColumnType.DATE else 'VARCHAR'}::VARCHAR"
    )


def _row_order(row: tuple[FactValue, ...]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell) for cell in row[:-1])


def _column(source: Source, by: str) -> str:
    """The column that a heading or a name means; `ASKED` for one that the source does not name."""
    for key, column in source.every_column.items():
        if normal(by) in {normal(key), normal(column.header), *map(normal, column.aliases)}:
            return key
    return ASKED


def _figure(source: Source, name: str) -> str:
    """The column of figures to add up."""
    if source.shape is Shape.WIDE:
        return "count"
    figures = [key for key, column in source.every_column.items() if column.type.is_number]
    if len(figures) != 1:
        raise Refusal(f"--source {name}: it has {len(figures)} columns of counts, and facts adds up one")
    return figures[0]


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
