"""Sources of the configuration: layouts that they use, files of codes, and what must hold within each."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.kinds import Kind
from cpa_xl.config.model import (
    Cadence,
    Catalogue,
    ColumnType,
    Figures,
    Lookup,
    Repeated,
    Shape,
    Source,
    SourceColumn,
    SourceLayout,
)
from cpa_xl.errors import CpaXlError
from cpa_xl.measures.periods import WeekRule

_PERIODS = (ColumnType.DATE, ColumnType.MONTH, ColumnType.YEAR)
_DURATIONS = ("hh:mm:ss", "mm:ss", "hh:mm", "seconds", "minutes", "hours")
_KINDS: Mapping[ColumnType, Kind] = {
    ColumnType.TEXT: Kind.TEXT, ColumnType.AREA: Kind.TEXT, ColumnType.FLAG: Kind.FLAG, ColumnType.DATE: Kind.DATE,
    ColumnType.MONTH: Kind.DATE, ColumnType.YEAR: Kind.DATE, ColumnType.COUNT: Kind.NUMBER,
    ColumnType.DECIMAL: Kind.NUMBER, ColumnType.MONEY: Kind.NUMBER,
    ColumnType.DURATION: Kind.NUMBER, ColumnType.FINANCIAL_YEAR: Kind.NUMBER,
    ColumnType.QUARTER: Kind.NUMBER,
}  # fmt: skip


def kinds_of(source: Source) -> Mapping[str, Kind]:
    """What the values of each column are in a condition."""
    return {name: _KINDS[column.type] for name, column in source.every_column.items()}


def source_faults(source: Source, catalogue: Catalogue) -> Iterator[str]:
    """What is wrong with a source, one sentence each."""
    columns = source.every_column
    fields = {"month": source.month, "quarter": source.quarter, "area": source.area, "split": source.split}
    named = [(field, column) for field, column in fields.items() if column is not None]
    named += [("keys", key) for key in source.keys]
    named += [("totals", column) for column in source.totals]
    named += [("at_most", column) for pair in source.at_most for column in pair]
    for field, column in named:
        if column not in columns:
            yield f"{field}: {column!r} is not one of its columns ({', '.join(columns)})"
    yield from _heading_faults(source)
    yield from _area_column_faults(source, catalogue)
    for name, spec in columns.items():
        yield from (f"columns > {name} > {fault}" for fault in _column_faults(spec))
    yield from _period_faults(source)
    yield from _row_faults(source)
    yield from _cadence_faults(source)
    yield from _files_faults(source)
    yield from _database_faults(source)
    if source.rows is not None:
        try:
            read_condition(source.rows, columns, dict.fromkeys(columns, Kind.TEXT))
        except CpaXlError as error:
            yield f"rows: {error} (rows are chosen by the texts of their cells)"


def _area_column_faults(source: Source, catalogue: Catalogue) -> Iterator[str]:
    area = source.every_column.get(source.area or "")
    if area is not None and area.type is not ColumnType.AREA and (source.areas or area.type is not ColumnType.TEXT):
        yield f"area: column {source.area!r} has type {area.type}; it must have type area"
    if area is not None and source.areas is None and area.type is ColumnType.AREA:
        yield "area and areas go together: the column, and the list of areas it may name"
    if source.areas is not None and source.area is None:
        yield "area and areas go together: the column, and the list of areas it may name"
    if source.elsewhere and source.area is None:
        yield "elsewhere: names places that are no area, so area must name the column"
    if source.areas is not None and source.areas not in catalogue.areas:
        yield f"areas: {source.areas!r} is not in areas.yaml ({', '.join(catalogue.areas)})"


def _period_faults(source: Source) -> Iterator[str]:
    wide = source.shape is Shape.WIDE
    if wide and (source.months is None or source.month is not None):
        yield "shape wide needs months: yyyymm, or months: any, and no month column"
    if not wide and source.month is None:
        yield f"shape {source.shape} needs month: the column that says when a row counts"
    month, quarter = source.every_column.get(source.month or ""), source.every_column.get(source.quarter or "")
    if quarter is not None:
        if quarter.type is not ColumnType.QUARTER:
            yield f"quarter: column {source.quarter!r} has type {quarter.type}; it must have type quarter"
        if month is not None and month.type is not ColumnType.FINANCIAL_YEAR:
            yield f"month: beside quarter, column {source.month!r} must have type financial_year, not {month.type}"
        if source.cadence is not Cadence.QUARTERLY:
            yield f"quarter: goes with cadence: quarterly, not {source.cadence}"
    elif month is not None and month.type not in _PERIODS:
        yield f"month: column {source.month!r} has type {month.type}; it must have type date or month"
    if not wide and source.figure != Figures():
        yield "figure: describes the figures of shape wide; columns describe their own"


def _row_faults(source: Source) -> Iterator[str]:
    """Rows that would count nowhere, and a name that the figures of a wide extract have."""
    month = source.every_column.get(source.month or "")
    if month is not None and month.optional:
        yield (
            f"month: column {source.month!r} is optional, and a row without a month counts nowhere;"
            f" leave such rows out with rows: {source.month} is not null"
        )
    quarter = source.every_column.get(source.quarter or "")
    if quarter is not None and quarter.optional:
        yield (
            f"quarter: column {source.quarter!r} is optional, and a row without a quarter counts nowhere;"
            f" leave such rows out with rows: {source.quarter} is not null"
        )
    if source.shape is Shape.WIDE and "count" in source.every_column:
        yield "columns > count: the figures of shape wide have this name; give the column another"


def _cadence_faults(source: Source) -> Iterator[str]:
    """What sources that are not monthly need."""
    yearly = source.cadence is Cadence.YEARLY
    yield from _week_faults(source)
    if yearly and source.shape is not Shape.COUNTS:
        yield f"cadence: yearly goes with shape counts, not {source.shape}"
    column = source.every_column.get(source.month or "")
    if yearly and column is not None and column.type is not ColumnType.YEAR:
        yield f"month: column {source.month!r} has type {column.type}; a yearly source needs type year"
    if not yearly and column is not None and column.type is ColumnType.YEAR:
        yield f"month: column {source.month!r} has type year; that goes with cadence: yearly"


def _week_faults(source: Source) -> Iterator[str]:
    """A weekly source states the month of a week in two months, and which day of the week its dates are."""
    weekly = source.cadence is Cadence.WEEKLY
    asked = {"weeks": (source.weeks, [*WeekRule]), "week_date": (source.week_date, ["first_day", "last_day"])}
    for field, (given, words) in asked.items():
        if weekly and given is None:
            yield f"{field}: missing; a weekly source needs it: {', '.join(words)}"
        elif not weekly and given is not None:
            yield f"{field}: goes with cadence: weekly, not {source.cadence}"
    if weekly and source.many:
        yield "many: a weekly source is one file with all weeks, because a month may need those of two files"
    if weekly and source.shape is not Shape.COUNTS:
        yield f"cadence: weekly goes with shape counts, not {source.shape}"
    column = source.every_column.get(source.month or "")
    if weekly and column is not None and column.type is not ColumnType.DATE:
        yield f"month: column {source.month!r} has type {column.type}; a weekly source needs the date of each week"


def _files_faults(source: Source) -> Iterator[str]:
    if not source.many:
        yield from (f"{field}: goes with many: true" for field in _set(source, ("overlap", "split", "split_name")))
        if source.sheet is not None and set("*?[") & set(source.sheet):
            yield f"sheet: {source.sheet!r} may fit several sheets; that goes with many: true"
    if source.split_name is not None:
        yield from (f"split_name: {fault}" for fault in _pattern_faults(source.split_name))
    if source.repeated is not Repeated.REFUSE and not source.keys:
        yield f"repeated: {source.repeated} needs keys: the columns that are the same in repeated rows"
    if source.totals and source.shape is Shape.RECORDS:
        yield "totals: rows of events have no figures to add up; name the last line with trailer"
    yield from _joined_faults(source)


_OF_FILES = ("sheet", "encoding", "many", "trailer", "footer", "totals", "joined", "month_in_name", "months")


_OF_DATABASES = ("table", "query", "password", "engine")


def _set(source: Source, fields: Iterable[str]) -> Iterator[str]:
    """The fields that a source sets."""
    return (field for field in fields if getattr(source, field) != Source.model_fields[field].default)


def _database_faults(source: Source) -> Iterator[str]:
    if source.url is None:
        if not source.files:
            yield "files: name the file, or give the url of a database"
        yield from (f"{field}: goes with url: the address of the database" for field in _set(source, _OF_DATABASES))
        return
    if source.files:
        yield "files: a source is files or the url of a database, not both"
    if (source.table is None) == (source.query is None):
        yield "url: say what is read there, with table or with query"
    if source.shape is Shape.WIDE:
        yield "shape: a table of a database has a row for each month: records or counts"
    yield from (f"{field}: is for files, and this source is a database" for field in _set(source, _OF_FILES))
    if not source.url.startswith("env:"):
        yield from _address_faults(source.url)
    if source.query is not None:
        yield from _query_faults(source.query)


def _address_faults(url: str) -> Iterator[str]:
    try:
        password = urlsplit(url).password
    except ValueError:
        yield "url: cannot be read; write postgresql+psycopg://NAME@HOST/DATABASE"
        return
    if password is not None:
        yield "url: holds a password; leave it out, and write password: env:NAME or keyring:SERVICE"


def _query_faults(query: str) -> Iterator[str]:
    words = re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", " ", query, flags=re.DOTALL).strip()
    if not re.match(r"(?i)(select|with)\b", words) or ";" in words:
        yield "query: write one select, without a semicolon; the transaction reads only"


def _joined_faults(source: Source) -> Iterator[str]:
    joined = source.joined
    if joined is None:
        return
    if joined.by not in source.columns:
        yield f"joined > by: {joined.by!r} is not one of its columns ({', '.join(source.columns)})"
    for name in sorted(set(joined.columns) & set(source.columns)):
        yield f"joined > columns > {name}: the source has a column of this name; give this one another"


def _column_faults(column: SourceColumn) -> Iterator[str]:
    if column.pattern is not None:
        if column.type not in (ColumnType.AREA, ColumnType.TEXT):
            yield f"pattern: goes with type text or area, not {column.type}"
        yield from (f"pattern: {fault}" for fault in _pattern_faults(column.pattern))
    if column.codes and column.type not in (ColumnType.AREA, ColumnType.TEXT):
        yield f"codes: goes with type text or area, not {column.type}"
    if column.lookup is not None and column.type not in (ColumnType.AREA, ColumnType.TEXT):
        yield f"lookup: goes with type text or area, not {column.type}"
    if column.max is not None and not column.type.is_number:
        yield f"max: goes with numbers, not with type {column.type}"
    if column.negative and column.type is ColumnType.DURATION:
        yield "negative: a duration is never below zero"
    if column.negative and not column.type.is_number:
        yield f"negative: goes with numbers, not with type {column.type}"
    given = "format" in column.model_fields_set
    if given and (column.format in _DURATIONS) != (column.type is ColumnType.DURATION):
        yield f"format: {column.format} does not go with type {column.type}"


def _pattern_faults(pattern: str) -> Iterator[str]:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        yield f"{pattern!r} is no regular expression: {error}"
        return
    if groups != 1:
        yield f"{pattern!r} has {groups} groups; it must have one, in brackets"


def _heading_faults(source: Source) -> Iterator[str]:
    headings = Counter(
        heading.strip().casefold() for column in source.columns.values() for heading in (column.header, *column.aliases)
    )
    for heading, times in headings.items():
        if times > 1:
            yield f"columns: the heading {heading!r} is given to {times} columns; a heading belongs to one"


def with_layout(
    file: str, entry: str, fields: Any, layouts: Callable[[], Mapping[str, SourceLayout]], faults: list[str]
) -> Any:
    """The fields of a source that uses a layout of the library: those of the layout, with what differs in their place.

    Columns differ one by one, and a column field by field; null takes a field or column out.
    """
    if not isinstance(fields, dict) or "use" not in fields:
        return fields
    library = layouts()
    if fields["use"] not in library:
        faults.append(f"{file}: sources > {entry} > use: {fields['use']!r} is no layout; there is {', '.join(library)}")
        return None
    base = library[fields["use"]].source.model_dump(mode="json", exclude_unset=True)
    return _merged(base, {field: value for field, value in fields.items() if field != "use"})


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for field, value in changes.items():
        if value is None:
            merged.pop(field, None)
        elif field in ("columns", "joined", "figure") or (
            isinstance(value, dict) and "header" in merged.get(field, {})
        ):
            merged[field] = _merged(merged.get(field) or {}, value) if isinstance(value, dict) else value
        else:
            merged[field] = value
    return merged


def with_lookups(
    sources: Mapping[str, Source], folder: Path, digest: Callable[[bytes], None], faults: list[str]
) -> Mapping[str, Source]:
    """The sources with the codes that their lookup files give."""
    found = {}
    for name, source in sources.items():
        changed: dict[str, Any] = {}

        def with_codes(columns: Mapping[str, SourceColumn], place: str) -> dict[str, SourceColumn]:
            read = dict(columns)
            for column, spec in columns.items():
                if spec.lookup is not None:
                    codes = _codes(folder, spec.lookup, digest, f"{place} > columns > {column} > lookup", faults)
                    read[column] = spec.model_copy(update={"codes": {**codes, **spec.codes}})
            return read

        place = f"sources.yaml: sources > {name}"
        changed["columns"] = with_codes(source.columns, place)
        if source.joined is not None:
            joined = with_codes(source.joined.columns, f"{place} > joined")
            changed["joined"] = source.joined.model_copy(update={"columns": joined})
        found[name] = source.model_copy(update=changed)
    return found


def _codes(
    folder: Path, lookup: Lookup, digest: Callable[[bytes], None], place: str, faults: list[str]
) -> dict[str, str]:
    """The words of a lookup file by code; nothing, with a fault, if it cannot be read."""
    path = folder / lookup.file
    if not path.is_file():
        faults.append(f"{place}: {lookup.file} is not in {folder}; put it there")
        return {}
    content = path.read_bytes()
    digest(content)
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    except UnicodeDecodeError as error:
        faults.append(f"{place}: {lookup.file}: byte {error.start + 1} is not UTF-8; save the file as CSV UTF-8")
        return {}
    headings = list(rows[0]) if rows else []
    if lacking := [heading for heading in (lookup.key, lookup.value) if heading not in headings]:
        there = ", ".join(headings) or "nothing"
        faults.append(f"{place}: {lookup.file} has no column {lacking[0]!r}; it has {there}")
        return {}
    codes: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        code, word = (row[lookup.key] or "").strip(), (row[lookup.value] or "").strip()
        if code and word and codes.setdefault(code, word) != word:
            faults.append(f"{place}: {lookup.file}, row {number}: {code!r} is {word!r}, and {codes[code]!r} before")
    return codes
