"""Describes a file as it would be read: its headings, columns, months, areas, categories, totals, and what stops it.

For people who have an extract and want to know what it is, without any configuration. Nothing is guessed in silence:
a column's type is the first that nearly all of its cells fit, and the cells that do not fit are listed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cpa_xl.config.model import AreaList, Catalogue, ColumnType, Source, SourceColumn
from cpa_xl.errors import CellError, Level
from cpa_xl.extracts.faults import FileRefused
from cpa_xl.extracts.files.columns import ExtractFile, normal, recognises
from cpa_xl.extracts.files.find import ARCHIVES, Folder, Found, fits, open_file
from cpa_xl.extracts.files.readers import TopRow
from cpa_xl.extracts.files.sheets import JsonLinesFile, ParquetFile, SheetFile
from cpa_xl.extracts.files.staging import Staging, sql_name
from cpa_xl.extracts.reading import Asked, faults_of_files
from cpa_xl.extracts.values import AreaNames, check_text, day_of, is_mark
from cpa_xl.measures.periods import Month

NEARLY_ALL = 0.95  # of the filled cells of a column fit its type
MOST_TEXTS = 5000  # different texts of a column that are looked at
LISTED = 50  # categories that are listed with their counts; a column with more has none
_TOTAL = re.compile(
    r"(?i)(?:grand |sub-?)?totals?\b.*|all (?:areas|boroughs|forces|offences|crimes?|wards)\b.*|.*\btotal"
)
_DATES = ("yyyy-mm-dd", "dd/mm/yyyy", "mm/dd/yyyy")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

Plain = Mapping[str, object]


@dataclass(frozen=True)
class Column:
    """A column of a file: heading, type, how many cells are filled and blank, its texts with counts, what does not fit.

    `marks` are texts that may mean a missing value; `least` and `most` are the ends of its numbers, dates or months.
    """

    heading: str
    type: ColumnType
    format: str | None
    filled: int
    blank: int
    different: int
    values: Mapping[str, int]
    odd: Mapping[str, int]
    marks: Mapping[str, int]
    least: str | None = None
    most: str | None = None
    areas: str | None = None

    def plain(self) -> Plain:
        """As JSON takes it; what is empty is left out."""
        every = {
            "heading": self.heading, "type": str(self.type), "format": self.format, "areas": self.areas,
            "filled": self.filled, "blank": self.blank, "different": self.different, "least": self.least,
            "most": self.most, "values": dict(self.values), "odd": dict(self.odd), "marks": dict(self.marks),
        }  # fmt: skip
        return {key: value for key, value in every.items() if value not in (None, {})}


@dataclass(frozen=True)
class AreasNamed:
    """The areas that a column names: of which list, how many of its members, and texts that are none, with counts."""

    column: str
    areas: str
    named: int
    members: int
    beside: Mapping[str, int]


@dataclass(frozen=True)
class Taken:
    """A source or layout whose headings the file has: whether its name fits too, what stops it, and notes."""

    source: str
    library: bool
    by_name: bool
    stops: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Description:
    """What one file, sheet or member of an archive is; `fault` says why it cannot be read at all."""

    file: str
    kind: str
    fault: str | None = None
    title: str = ""
    heading_row: int | None = None
    rows: int = 0
    columns: tuple[Column, ...] = ()
    month_headings: tuple[str, ...] = ()
    months: tuple[Month, ...] = ()
    areas: AreasNamed | None = None
    totals: tuple[tuple[int, str, str], ...] = ()
    notes: tuple[str, ...] = ()
    taken_for: tuple[Taken, ...] = ()

    @property
    def missing_months(self) -> tuple[Month, ...]:
        """The months between the first and the last that the file does not have, unless it has quarters."""
        if not self.months:
            return ()
        first, last = self.months[0], self.months[-1]
        steps = {later - month for month, later in zip(self.months, self.months[1:], strict=False)}
        step = 3 if steps and all(step % 3 == 0 for step in steps) else 1
        return tuple(first + n for n in range(0, last - first, step) if first + n not in self.months)

    def plain(self) -> Plain:
        """As JSON takes it."""
        if self.fault:
            return {"file": self.file, "kind": self.kind, "fault": self.fault}
        return {
            "file": self.file, "kind": self.kind, "title": self.title, "heading_row": self.heading_row,
            "rows": self.rows, "columns": [column.plain() for column in self.columns],
            "month_headings": list(self.month_headings),
            "months": {
                "first": str(self.months[0]), "last": str(self.months[-1]), "number": len(self.months),
                "missing": [str(month) for month in self.missing_months],
            } if self.months else None,
            "areas": {**vars(self.areas), "beside": dict(self.areas.beside)} if self.areas else None,
            "totals": [{"row": row, "column": column, "text": text} for row, column, text in self.totals],
            "notes": list(self.notes),
            "taken_for": [
                {"source": one.source, "library": one.library, "name_fits": one.by_name, "stops": list(one.stops),
                 "notes": list(one.notes)}
                for one in self.taken_for
            ],
        }  # fmt: skip


def describe(catalogue: Catalogue, library: Mapping[str, Source], path: Path) -> Iterator[Description]:
    """What a file is: one description, or one of each sheet of a workbook and of each member of an archive.

    `library` has the layouts beside the catalogue's own sources. Raises Refusal if the folder of the file is not there.
    """
    with Folder(path.parent) as folder:
        found = [one for one in folder.files() if path.name in (one.name, one.archive)]
        members = [one for one in found if one.archive] if path.suffix.casefold() in ARCHIVES else found
        for fault in folder.faults:
            yield Description(fault.file, "archive", str(fault))
        for one in members:
            yield from _Known(catalogue, library, folder).describe(one)


@dataclass(frozen=True)
class _Known:
    """The catalogue with the layouts of the library as further sources, and the folder of the files."""

    catalogue: Catalogue
    library: Mapping[str, Source]
    folder: Folder

    @property
    def sources(self) -> Mapping[str, Source]:
        return {**self.library, **self.catalogue.sources}

    def describe(self, found: Found) -> Iterator[Description]:
        try:
            files = open_file(found)
        except FileRefused as refused:
            yield Description(found.name, found.suffix.lstrip(".").upper() or "file", str(refused.fault))
            return
        for file in files:
            fitting = [name for name, source in self.sources.items() if recognises(source, file)]
            description = _of_table(self.catalogue.areas, file, [self.sources[name] for name in fitting])
            yield replace(description, taken_for=tuple(self._taken(name, found, file) for name in fitting))

    def _taken(self, name: str, found: Found, file: ExtractFile) -> Taken:
        """What stops a file that has the headings of a source."""
        source = self.sources[name]
        of_library = name not in self.catalogue.sources
        if source.areas is not None and source.areas not in self.catalogue.areas:
            stop = f"its areas are those of {source.areas}, which areas.yaml does not have"
            return Taken(name, of_library, fits(found, source), (stop,), ())
        asked = Asked(replace(self.catalogue, sources=self.sources))
        faults = faults_of_files(asked, name, self.folder, [file])
        stops = tuple(str(fault) for fault in faults if fault.level is Level.STOP)
        notes = tuple(str(fault) for fault in faults if fault.level is not Level.STOP)
        return Taken(name, of_library, fits(found, source), stops, notes)


def _of_table(lists: Mapping[str, AreaList], file: ExtractFile, sources: Sequence[Source]) -> Description:
    delimiter, head, above = _heading_row(file, sources)
    kind = _kind(file, delimiter)
    if head is None:
        return Description(file.name, kind, "there is no row with two headings or more in its first rows")
    headings = [(at, cell.strip()) for at, cell in enumerate(head.cells) if cell.strip()]
    with Staging() as staging:
        try:
            file.load(staging, head, delimiter, {f"c{at}": at for at, _ in headings})
        except FileRefused as refused:
            return Description(file.name, kind, str(refused.fault))
        [(rows,)] = staging.rows("SELECT count(*) FROM raw")
        dated = {at: month for at, heading in headings if (month := _month(heading))}
        columns = [_column(staging, f"c{at}", heading, rows, lists) for at, heading in headings if at not in dated]
        totals = tuple(_totals(staging, [(at, heading) for at, heading in headings if at not in dated]))
    months = sorted({*dated.values(), *_months_of(columns)})
    return Description(
        file.name, kind, None, "; ".join(above), head.row, rows, tuple(columns),
        tuple(heading for at, heading in headings if at in dated), tuple(months), _areas(columns, lists), totals,
        tuple(file.notes),
    )  # fmt: skip


def _kind(file: ExtractFile, delimiter: str) -> str:
    if isinstance(file, SheetFile):
        return f"sheet {file.sheet} of a workbook"
    if isinstance(file, ParquetFile | JsonLinesFile):
        return "Parquet" if isinstance(file, ParquetFile) else "JSON lines"
    encoding = next((note.removeprefix("read as ") for note in file.notes if note.startswith("read as ")), "UTF-8")
    return f"text in {encoding}, cells separated by {_SEPARATORS.get(delimiter, repr(delimiter))}"


def _heading_row(file: ExtractFile, sources: Sequence[Source]) -> tuple[str, TopRow | None, list[str]]:
    """The delimiter, the heading row and the lines above it: a row that a source recognises, or the first full row."""
    best: tuple[int, str, TopRow | None, list[str]] = (0, "", None, [])
    wanted = {normal(column.header) for source in sources for column in source.columns.values()}
    for delimiter, rows in file.tops():
        widths = [sum(1 for cell in row.cells if cell.strip()) for row in rows]
        widest = max(widths, default=0)
        known = [len(wanted & {normal(cell) for cell in row.cells}) for row in rows]
        full = (at for at, width in enumerate(widths) if width >= 2 and 2 * width > widest and _are_headings(rows[at]))
        at = known.index(max(known)) if any(known) else next(full, None)
        if at is not None and widest > best[0]:
            above = [", ".join(cell.strip() for cell in row.cells if cell.strip()) for row in rows[:at]]
            best = widest, delimiter, rows[at], [text for text in above if text]
    return best[1], best[2], best[3]


def _are_headings(row: TopRow) -> bool:
    """Whether most of the cells of a row are words or months, not figures."""
    cells = [cell.strip() for cell in row.cells if cell.strip()]
    words = sum(1 for cell in cells if re.search(r"[^\W\d_]", cell) or _month(cell))
    return 2 * words > len(cells)


def _month(text: str) -> Month | None:
    try:
        return Month.read(text)
    except CellError:
        return None


def _column(staging: Staging, name: str, heading: str, rows: int, lists: Mapping[str, AreaList]) -> Column:
    query = "SELECT {name}, count(*) FROM raw WHERE {name} IS NOT NULL GROUP BY ALL ORDER BY 2 DESC, 1 LIMIT {most}"
    texts: dict[str, int] = dict(staging.rows(query, name=sql_name(name), most=str(MOST_TEXTS)))
    [(filled, different)] = staging.rows("SELECT count({name}), count(DISTINCT {name}) FROM raw", name=sql_name(name))
    found = _typed(heading, texts, lists)
    values = texts if different <= LISTED else {}
    return Column(
        heading, found.column.type, found.form, filled, rows - filled, different, values, found.odd, found.marks,
        *found.range, found.areas,
    )  # fmt: skip


@dataclass(frozen=True)
class _Typed:
    column: SourceColumn
    odd: Mapping[str, int]
    marks: Mapping[str, int]
    range: tuple[str | None, str | None] = (None, None)
    form: str | None = None
    areas: str | None = None


def _typed(heading: str, texts: Mapping[str, int], lists: Mapping[str, AreaList]) -> _Typed:
    """The first type that nearly all cells of a column fit."""
    for name, areas in lists.items():
        names = AreaNames(name, areas)
        known = sum(number for text, number in texts.items() if names.read(text))
        if 2 * known > sum(texts.values()):
            odd = {text: number for text, number in texts.items() if not names.read(text)}
            column = SourceColumn(header=heading, type=ColumnType.AREA)
            return _Typed(column, _first(odd), {}, areas=name)
    text_column = SourceColumn(header=heading, type=ColumnType.TEXT)
    for column in _candidates(heading):
        plain = {text: number for text, number in texts.items() if not is_mark(text)}
        good = {text for text in plain if check_text(text, column) is None}
        fitting = sum(plain[text] for text in good)
        if plain and fitting >= NEARLY_ALL * sum(plain.values()):
            odd = {text: number for text, number in plain.items() if text not in good}
            marks = {text: number for text, number in texts.items() if is_mark(text)}
            if column.negative and [text for text in good if text.startswith("-")] == ["-1"]:
                marks["-1"] = texts["-1"]
            form = column.format if column.type in (ColumnType.DATE, ColumnType.DURATION) else None
            return _Typed(column, _first(odd), _first(marks), _range(column, good), form)
    return _Typed(text_column, {}, _first({text: number for text, number in texts.items() if is_mark(text)}))


def _candidates(heading: str) -> Iterator[SourceColumn]:
    """The types to try, the narrowest first."""
    if "quarter" in heading.casefold():
        yield SourceColumn(header=heading, type=ColumnType.QUARTER)
    yield SourceColumn(header=heading, type=ColumnType.FINANCIAL_YEAR)
    for form in _DATES:
        yield SourceColumn.model_validate({"header": heading, "type": ColumnType.DATE, "format": form})
    yield SourceColumn(header=heading, type=ColumnType.COUNT, negative=True)
    yield SourceColumn(header=heading, type=ColumnType.DECIMAL, negative=True)
    yield SourceColumn(header=heading, type=ColumnType.MONEY, negative=True)
    yield SourceColumn(header=heading, type=ColumnType.DURATION, format="hh:mm:ss")
    yield SourceColumn(header=heading, type=ColumnType.MONTH)
    yield SourceColumn(header=heading, type=ColumnType.FLAG)


def _range(column: SourceColumn, texts: Iterable[str]) -> tuple[str | None, str | None]:
    if column.type is ColumnType.DATE:
        days = sorted(day for text in texts if (day := day_of(text, column.format) or day_of(text, "yyyy-mm-dd")))
        return str(days[0]), str(days[-1])
    if column.type is ColumnType.MONTH:
        months = sorted(month for text in texts if (month := _month(text)))
        return str(months[0]), str(months[-1])
    if column.type in (ColumnType.COUNT, ColumnType.DECIMAL):
        numbers = sorted(texts, key=float)
        return numbers[0], numbers[-1]
    return None, None


def _first(texts: Mapping[str, int]) -> Mapping[str, int]:
    return dict(list(texts.items())[:LISTED])


def _months_of(columns: Iterable[Column]) -> Iterator[Month]:
    """The months of the first column of dates or months, as far as its texts are at hand."""
    for column in columns:
        if column.type in (ColumnType.DATE, ColumnType.MONTH) and column.least and column.most:
            first, last = Month.read(column.least[:7]), Month.read(column.most[:7])
            known = {month for text in column.values if (month := _month_of(column, text))}
            every = column.different <= len(column.values)
            yield from known if every else (first + n for n in range(last - first + 1))
            return


def _month_of(column: Column, text: str) -> Month | None:
    if column.type is ColumnType.MONTH:
        return _month(text)
    day = day_of(text, column.format or "yyyy-mm-dd") or day_of(text, "yyyy-mm-dd")
    return None if day is None else Month(day.year, day.month)


def _areas(columns: Iterable[Column], lists: Mapping[str, AreaList]) -> AreasNamed | None:
    """The areas of the first column that names some."""
    for one in columns:
        if one.areas is not None:
            named = one.different - len(one.odd)
            return AreasNamed(one.heading, one.areas, named, len(lists[one.areas].members), one.odd)
    return None


def _totals(staging: Staging, headings: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    """Rows that seem to add others up: row, column, text."""
    for at, heading in headings:
        query = "SELECT min(_row), {name} FROM raw WHERE {name} IS NOT NULL GROUP BY ALL ORDER BY 1 LIMIT {most}"
        for row, text in staging.rows(query, name=sql_name(f"c{at}"), most=str(MOST_TEXTS)):
            if _TOTAL.fullmatch(text):
                yield row, heading, text
