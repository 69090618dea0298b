"""History: the monthly figures of a workbook as its refreshes knew them, so that an extract may hold only what is new.

A file beside the workbook, `NAME.history.parquet`, has a row for every figure that is new or changed: the number of
the refresh, series, month, area, value, when it became known, the extract with its SHA-256, and how the series was
counted. Rows are only added. An empty value says that a figure is known no more; NaN, without an area, that the month
has no total, because a figure in it is marked as missing.

The workbook's tables hold the latest figures too. A refresh writes them first and this file last, and each may be
put back from a copy. So the two may differ. `read_history` compares them month by month. Where the tables hold a
month as this file has it, now or before, the file rules: it is as new, or newer. Where the file has never held that
month so, the tables rule: they are newer (the last refresh ended before it wrote the file) or somebody typed in them.
Without the file, the tables are the history.
"""

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from typing import NamedTuple

from cpa_xl.config.model import Catalogue, SeriesSpec, TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.extracts.facts import Facts
from cpa_xl.extracts.files.staging import Staging
from cpa_xl.extracts.revisions import UNKNOWN, Merged, brought, months_listed, same, states, total
from cpa_xl.measures.periods import Month, read_year
from cpa_xl.ooxml.package import write_whole
from cpa_xl.ooxml.sheet import Value
from cpa_xl.scorecard.tables import Stamp, read_rows
from cpa_xl.wording import TO_CHOOSE_FROM, first_few
from cpa_xl.workbook.closed import ReadableWorkbook

COLUMNS: Mapping[str, str] = {
    "refresh": "INTEGER",
    "series": "VARCHAR",
    "month": "DATE",
    "area": "VARCHAR",
    "value": "DOUBLE",
    "known_on": "TIMESTAMP",
    "extract": "VARCHAR",
    "sha256": "VARCHAR",
    "definition": "VARCHAR",
}
ENDING = ".history.parquet"

Areas = dict[str | None, float]  # the figures of a month by area; None: what is in no area
Figures = Mapping[str, Mapping[Month, Areas]]  # by series
Files = Mapping[tuple[str, Month], tuple[str, str, str]]
"""The extracts that brought a month of a series, their SHA-256, and how the series was counted."""


class Version(NamedTuple):
    """A month of a series as it was known from a day on, by which extract; both None for what the tables alone say."""

    known_on: dt.datetime | None
    extract: str | None
    areas: Areas


class HistoryRow(NamedTuple):
    """A figure that became known, or (value None) is known no more; `definition` says how the series was counted then.

    Extract, SHA-256 and definition are "" for a figure that comes from the tables.
    """

    refresh: int
    series: str
    month: Month
    area: str | None
    value: float | None
    known_on: dt.datetime
    extract: str = ""
    sha256: str = ""
    definition: str = ""


@dataclass(frozen=True)
class TableMonth:
    """A month of a series as the workbook's tables hold it: its areas, and its total.

    The total is UNKNOWN where the row of the month has none, and None where no table has such a row. A median does not
    add its areas up.
    """

    areas: Mapping[str, float]
    total: float | None
    series: SeriesSpec

    def figures(self) -> Areas:
        """The areas, and under None what the total has beyond them; of a median, the total."""
        found: Areas = {}
        found.update(self.areas)
        if self.total is not None and self.series.median:
            found[None] = self.total
        elif self.total is not None and not (self.areas and same(self.total, sum(self.areas.values()))):
            found[None] = whole(self.total - sum(self.areas.values()))
        return found

    def same_as(self, known: Areas) -> bool:
        """Whether these are the figures of another statement of the month, as far as the tables hold them."""
        if self.total is not None and not same(self.total, total(known, self.series)):
            return False
        named = {area: number for area, number in known.items() if area is not None}
        return not self.areas or (
            named.keys() == self.areas.keys() and all(same(named[area], self.areas[area]) for area in named)
        )


@dataclass(frozen=True)
class History:
    """What is known before a refresh: by series, the months with their areas.

    `path` is the file beside the workbook, `content` its bytes and `rows` what it holds. `overruled` has the months, by
    series, in which the tables differ from it and rule, `older` those in which it rules.
    """

    path: Path
    content: bytes
    rows: tuple[HistoryRow, ...]
    known: Figures
    overruled: Mapping[str, Sequence[Month]] = field(default_factory=dict)
    older: Mapping[str, Sequence[Month]] = field(default_factory=dict)

    def versions(self, on: dt.date | None = None) -> dict[str, dict[Month, list[Version]]]:
        """By series and month, the versions that were known at the end of a day; without a day, all of them.

        A month of which nothing is known any more is left out. What the tables alone know has no day.
        """
        rows = [row for row in self.rows if on is None or row.known_on.date() <= on]
        found: dict[str, dict[Month, list[Version]]] = {}
        for (series, month), versions in _versions(rows).items():
            if versions[-1].areas:
                found.setdefault(series, {})[month] = versions
        if on is None:
            for series, months in self.known.items():
                for month, areas in months.items():
                    held = found.setdefault(series, {}).setdefault(month, [])
                    if not held or any(_changes({"": {month: held[-1].areas}}, {"": {month: areas}})):
                        held.append(Version(None, None, areas))
        return {series: dict(sorted(months.items())) for series, months in found.items()}

    def notes(self, catalogue: Catalogue, merged: Merged) -> tuple[str, ...]:
        """Notes on months that no extract brings: the tables rule, or the series is counted in another way now."""
        origins = _origins(catalogue, merged.facts)
        told = []
        before = {row.series: row.definition for row in self.rows if row.definition}
        for name in merged.facts.counts:
            stay = sorted(month for month in states(merged.facts, name) if (name, month) not in origins)
            now = definition(catalogue, name)
            if stay and before.get(name, now) != now:
                told.append(
                    f"{catalogue.series[name].title} is counted in another way now: {now}, and before {before[name]};"
                    f" {_listed(catalogue, name, stay)} stay as they were counted before. Refresh once from extracts"
                    " that have these months"
                )
        typed = "the tables count. Correct them if somebody typed in them by mistake"
        unsaved = "that file counts. The workbook was not saved after a refresh, or is a copy"
        for differing, differ, counts in (
            (self.overruled, "differ from", typed),
            (self.older, "are older than", unsaved),
        ):
            for name, months in differing.items():
                if alone := [month for month in months if (name, month) not in origins]:
                    told.append(
                        f"{catalogue.series[name].title}: the workbook's tables {differ} {self.path.name} in"
                        f" {_listed(catalogue, name, alone)}, which no extract brings: {counts}"
                    )
        return tuple(told)

    def keep(self, catalogue: Catalogue, merged: Merged, stamp: Stamp) -> bool:
        """Add to the file what is new or changed; whether anything is. Raises Refusal."""
        content = self.grown(catalogue, merged, stamp)
        if content is not None:
            write_whole(self.path, [content])
        return content is not None

    def grown(self, catalogue: Catalogue, merged: Merged, stamp: Stamp) -> bytes | None:
        """The bytes of the file with what is new or changed below its rows; None where nothing is. Raises Refusal.

        What only the tables knew comes first, as a refresh of its own, so that its revision is seen as one.
        """
        alone = _bytes_of(self.path) == self.content  # nobody else has refreshed meanwhile
        held = self.rows if alone else read_rows_of(self.path)
        origins = _origins(catalogue, merged.facts)
        steps: list[tuple[Figures, Files]] = [(self.known, {})] if alone else []
        wanted = {series: dict(months) for series, months in (self.known if alone else as_known(held)).items()}
        for series in merged.facts.counts:
            for month, areas in states(merged.facts, series).items():
                if (series, month) in origins or (alone and month not in self.known.get(series, {})):
                    wanted.setdefault(series, {})[month] = areas
        for series, month in merged.gone:
            wanted.setdefault(series, {})[month] = {}
        steps.append((wanted, origins))
        rows, now = list(held), as_known(held)
        when = stamp.when.replace(tzinfo=None, second=0, microsecond=0)
        for figures, files in steps:
            number = rows[-1].refresh + 1 if rows else 1
            added = [
                HistoryRow(number, series, month, area, value, when, *files.get((series, month), ("", "", "")))
                for series, month, area, value in _changes(now, figures)
            ]
            rows += added
            for row in added:
                _apply(now.setdefault(row.series, {}).setdefault(row.month, {}), row)
        return written(rows) if len(rows) > len(held) else None


def store_of(workbook: Path) -> Path:
    """The file that keeps the history of a workbook."""
    return workbook.with_name(workbook.stem + ENDING)


def read_history(path: Path, workbook: ReadableWorkbook, catalogue: Catalogue, spec: WorkbookSpec) -> History:
    """What is known of the series of the workbook at `path`. Raises Refusal for a file that is no history."""
    store = store_of(path)
    content, rows = _bytes_of(store), read_rows_of(store)
    tables = read_tables(workbook, catalogue, spec)
    versions = _versions(rows)
    known: dict[str, dict[Month, Areas]] = {}
    for (series, month), each in versions.items():
        if each[-1].areas:
            known.setdefault(series, {})[month] = each[-1].areas
    overruled: dict[str, list[Month]] = {}
    older: dict[str, list[Month]] = {}
    for series, months in tables.items():
        for month, found in months.items():
            held = versions.get((series, month), [])
            if any(found.same_as(version.areas) for version in held):
                if not found.same_as(held[-1].areas):
                    older.setdefault(series, []).append(month)
                continue
            figures = found.figures()
            if held:
                overruled.setdefault(series, []).append(month)
                if found.total is None and None in held[-1].areas:
                    figures[None] = held[-1].areas[None]
            known.setdefault(series, {})[month] = figures
    return History(store, content, rows, known, overruled, older)


def read_rows_of(store: Path) -> tuple[HistoryRow, ...]:
    """The rows of a history, in the order in which they were added; () where there is no file. Raises Refusal."""
    if not store.exists():
        return ()
    import duckdb  # noqa: PLC0415  # takes long, and only a history needs it

    try:
        with Staging() as staging:
            described = staging.rows("DESCRIBE SELECT * FROM read_parquet(?)", [str(store).replace("[", "[[]")])
            if (columns := {name: kind for name, kind, *_ in described}) != COLUMNS:
                raise _not_ours(store, f"it has the columns {', '.join(columns)}")
            found = staging.rows("SELECT * FROM read_parquet(?) ORDER BY refresh", [str(store).replace("[", "[[]")])
    except (duckdb.Error, OSError) as error:
        raise _not_ours(store, str(error).partition("\n")[0]) from None
    return tuple(
        HistoryRow(number, series, Month.read(month), area, None if value is None else whole(value), when, *origin)
        for number, series, month, area, value, when, *origin in found
    )


def _bytes_of(store: Path) -> bytes:
    try:
        return store.read_bytes()
    except OSError:  # there is none, or it cannot be read, which `read_rows_of` says
        return b""


def read_tables(
    workbook: ReadableWorkbook, catalogue: Catalogue, spec: WorkbookSpec
) -> Mapping[str, Mapping[Month, TableMonth]]:
    """The figures in the tables of facts, by series; without rows that name no month, and cells without a number.

    Where two tables hold the same figure, the first that workbooks.yaml names counts.
    """
    totals: dict[str, dict[Month, float]] = {}
    areas: dict[str, dict[Month, dict[str, float]]] = {}
    for series, month, area, number in _table_cells(workbook, catalogue, spec):
        if area is None:
            totals.setdefault(series, {}).setdefault(month, UNKNOWN if number is None else number)
        elif number is not None:
            areas.setdefault(series, {}).setdefault(month, {}).setdefault(area, number)
    found: dict[str, dict[Month, TableMonth]] = {}
    for series in {**totals, **areas}:
        there, by_area = totals.get(series, {}), areas.get(series, {})
        for month in sorted({*there, *by_area}):
            one = TableMonth(by_area.get(month, {}), there.get(month), catalogue.series[series])
            if one.areas or figure(one.total) is not None:
                found.setdefault(series, {})[month] = one
    return found


def _table_cells(
    workbook: ReadableWorkbook, catalogue: Catalogue, spec: WorkbookSpec
) -> Iterator[tuple[str, Month, str | None, float | None]]:
    """Every cell of a series in the tables of facts: its series, month, area (None: a total), and number."""
    for name, table in spec.tables.items():
        if not table.rows.holds_facts or not table.series:
            continue
        for row in read_rows(workbook, name):
            area = row.get(table.area) if table.area else None
            if table.area and not (isinstance(area, str) and area):
                continue
            month = _month(row.get(table.key or ""), of_year=table.rows is TableRows.YEARS)
            if month is None:
                continue
            for series in table.series:
                number = _number(row.get(catalogue.series[series].title))
                yield series, month, None if area is None else str(area), number


def _month(cell: Value, *, of_year: bool) -> Month | None:
    """The month of a row, of a year its January; None where the cell is neither."""
    try:
        return Month(read_year(cell), 1) if of_year else Month.read(cell)
    except CellError:
        return None


HistoryCell = str | float | None


def history_rows(
    history: History,
    catalogue: Catalogue,
    *,
    month: Month | None = None,
    series: str | None = None,
    on: dt.date | None = None,
) -> tuple[tuple[str, ...], list[tuple[HistoryCell, ...]]]:
    """Headings and rows of what is known, or was known at the end of a day.

    Without month and series: each series with its latest month, and the number of refreshes that revised it. With a
    month: each series in it. With a series, by name or title: each of its months. With both: each version of the
    month, whole (area None) and in the areas that changed. Raises Refusal for an unknown series, and for a day where
    there is no file that says what was known.
    """
    if on is not None and not history.rows:
        raise Refusal(
            f"--as-known-on needs the history {history.path.name} beside the workbook, and there is none; without it,"
            " the tables say what is known now"
        )
    versions = history.versions(on)
    names = [name for name in catalogue.series if name in versions]
    if series is not None:
        names = [_series(catalogue, names, series)]
    if month is None and series is None:
        return _LATEST, [_latest(catalogue.series[name], versions[name]) for name in names]
    if month is None:
        return _MONTHS, [
            (str(at), *_one(catalogue.series[names[0]], found)) for at, found in versions[names[0]].items()
        ]
    there = {name: versions[name][month] for name in names if month in versions[name]}
    if series is None:
        return _SERIES, [
            (catalogue.series[name].title, *_one(catalogue.series[name], found)) for name, found in there.items()
        ]
    return _VERSIONS, [row for name, found in there.items() for row in _every(catalogue.series[name], found)]


_EACH = ("figure", "known on", "extract", "first figure", "revised")
_LATEST = ("series", "first month", "latest month", "figure", "known on", "extract", "revised")
_MONTHS, _SERIES = ("month", *_EACH), ("series", *_EACH)
_VERSIONS = ("known on", "extract", "area", "figure")


def _latest(series: SeriesSpec, months: Mapping[Month, Sequence[Version]]) -> tuple[HistoryCell, ...]:
    first, last = min(months), max(months)
    version = months[last][-1]
    revised = {again.known_on for found in months.values() for again in found[1:]}
    return (
        series.title,
        str(first),
        str(last),
        figure(total(version.areas, series)),
        _day(version),
        version.extract,
        len(revised),
    )


def _one(series: SeriesSpec, found: Sequence[Version]) -> tuple[HistoryCell, ...]:
    now, first = (figure(total(version.areas, series)) for version in (found[-1], found[0]))
    return (now, _day(found[-1]), found[-1].extract, first, len(found) - 1)


def _every(series: SeriesSpec, found: Sequence[Version]) -> Iterator[tuple[HistoryCell, ...]]:
    before: Mapping[str | None, float] = {}
    for version in found:
        yield _day(version), version.extract, None, figure(total(version.areas, series))
        for area in sorted({area for area in (*before, *version.areas) if area is not None}):
            if version.areas.get(area) != before.get(area):
                yield _day(version), version.extract, area, version.areas.get(area)
        before = version.areas


def _day(version: Version) -> str | None:
    return None if version.known_on is None else version.known_on.date().isoformat()


def _series(catalogue: Catalogue, names: Sequence[str], asked: str) -> str:
    """The series that a name, a title or another name in comments means."""
    for name in names:
        one = catalogue.series[name]
        if asked.casefold() in {name.casefold(), one.title.casefold(), *(other.casefold() for other in one.also)}:
            return name
    there = first_few([catalogue.series[name].title for name in names], TO_CHOOSE_FROM)
    raise Refusal(f"--series {asked}: nothing is known of such a series; there is {there or 'none yet'}")


def as_known(rows: Iterable[HistoryRow], on: dt.date | None = None) -> dict[str, dict[Month, Areas]]:
    """The figures by series and month as they were known at the end of a day, or are known now if none is given.

    A month of which nothing is known is left out.
    """
    known: dict[str, dict[Month, Areas]] = {}
    for row in rows:
        if on is None or row.known_on.date() <= on:
            months = known.setdefault(row.series, {})
            _apply(months.setdefault(row.month, {}), row)
    return {series: {month: areas for month, areas in months.items() if areas} for series, months in known.items()}


def definition(catalogue: Catalogue, name: str) -> str:
    """How a series is counted, in words: "rows of offences where domestic"; of a sum, its parts."""
    series = catalogue.series[name]
    if series.of:
        return " + ".join(f"({definition(catalogue, part)})" for part in series.of)
    what = f"sum of {series.sum}" if series.sum else f"median of {series.median}" if series.median else series.count
    rows = catalogue.source_of(name).rows
    conditions = " and ".join(f"({one})" for one in (rows, series.where) if one)
    return f"{what} of {series.source}" + (f" where {conditions}" if conditions else "")


def whole(value: float) -> float:
    """A number without a fraction of 0: as a whole number, which a count is."""
    return int(value) if value == value // 1 else value


def figure(value: float | None) -> float | None:
    """A figure to show; None where it is UNKNOWN."""
    return None if value is None or isnan(value) else value


def _origins(catalogue: Catalogue, facts: Facts) -> Files:
    """Of each month of a series, the files that brought it; of a sum, those of all its parts."""
    months = brought(catalogue, facts)
    found: dict[tuple[str, Month], tuple[str, str, str]] = {}
    for name, counts in facts.counts.items():
        parts = [months.get(catalogue.series[part].source or "", {}) for part in catalogue.parts(name)]
        for month in {month for month, _ in counts}:
            extracts = [extract for part in parts for extract in part.get(month, ())]
            if extracts:
                files = dict.fromkeys((extract.file, extract.sha256) for extract in extracts)
                names, digests = (", ".join(pieces) for pieces in zip(*files, strict=True))
                found[name, month] = names, digests, definition(catalogue, name)
    return found


def _listed(catalogue: Catalogue, series: str, months: Sequence[Month]) -> str:
    return months_listed(months, catalogue.source_of(series).cadence.step)


def _number(value: Value) -> float | None:
    return whole(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _apply(areas: Areas, row: HistoryRow) -> None:
    if row.value is None:
        areas.pop(row.area, None)
    else:
        areas[row.area] = row.value


def _versions(rows: Iterable[HistoryRow]) -> dict[tuple[str, Month], list[Version]]:
    """Every version of a month of a series, one for each refresh that changed it."""
    versions: dict[tuple[str, Month], list[Version]] = {}
    reached: dict[tuple[str, Month], int] = {}
    for row in rows:
        place = row.series, row.month
        before = versions.setdefault(place, [])
        if reached.get(place) != row.refresh:
            reached[place] = row.refresh
            before.append(Version(row.known_on, row.extract or None, dict(before[-1].areas) if before else {}))
        _apply(before[-1].areas, row)
    return versions


def _changes(held: Figures, wanted: Figures) -> Iterator[tuple[str, Month, str | None, float | None]]:
    """What differs between the file and what is to be known, in order: series, month, area, value."""
    for series in sorted(wanted):
        for month, areas in sorted(wanted[series].items()):
            before = held.get(series, {}).get(month, {})
            for area in sorted({*before, *areas}, key=lambda area: area or ""):
                value, old = areas.get(area), before.get(area)
                if value is None or old is None or not same(value, old):
                    yield series, month, area, value


def written(rows: Sequence[HistoryRow]) -> bytes:
    """A history as the bytes of a Parquet file."""
    with tempfile.TemporaryDirectory(prefix="cpa_xl-", ignore_cleanup_errors=True) as folder, Staging() as staging:
        made, listed = Path(folder) / "history.parquet", Path(folder) / "rows.csv"
        # Values handed over one by one take DuckDB ten times as long.
        with listed.open("w", encoding="utf-8", newline="") as file:
            for row in rows:
                cells = (*row[:2], row.month.first_day, *row[3:])
                file.write(",".join(map(_csv, cells)) + "\n")
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
        staging.run(
            "CREATE TABLE history AS SELECT * FROM read_csv(?, columns = {{{kinds}}}, auto_detect = false,"
            " header = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', nullstr = '',"
            " allow_quoted_nulls = false, parallel = false, max_line_size = {longest})",
            [str(listed).replace("[", "[[]")],
            kinds=kinds,
            longest=str(listed.stat().st_size + 1),
        )
        place = str(made).replace("'", "''")
        staging.run("COPY history TO '{place}' (FORMAT parquet, COMPRESSION zstd)", place=place)
        return made.read_bytes()


def _csv(value: object) -> str:
    """A value as a field: texts in quotation marks, no value as nothing."""
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def _not_ours(store: Path, why: str) -> Refusal:
    return Refusal(
        f"{store.name} beside the workbook cannot be read as its history ({why}); nothing was changed. Put back a copy"
        " of it, or move it to another folder: the workbook's tables are the history then"
    )
