"""The rows of an extract with types: each cell becomes a value, or a fault that says what is wrong with its text.

In: the table `raw` (text). Out: the view `typed`, with one row for each row of the extract (of a wide extract: each
row and month). Its columns are `_row`, `_month` (a month number), `_area`, and each column under its name in the
configuration (`count` has the figures of a wide extract). `_raw_` and the name is a column with the text of each cell
that has no value; `_mark_` and the name says of a column with marks for missing whether the cell is one.

The view `weighed` has the same rows with `_times`, the number of rows of the extract that each is. After one pass (see
`files.one_pass`) it is short, for equal rows are one; then no row has a `_row`, and what asks for one fails.

`check_cells` reports all cells without a value that must have one, and rows whose cells are under the wrong headings.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from cpa_xl.config.model import Blank, Cadence, ColumnType, Shape, Source, SourceColumn
from cpa_xl.errors import CellError
from cpa_xl.extracts.faults import EXAMPLES, Findings
from cpa_xl.extracts.files.columns import ExtractFile, Layout
from cpa_xl.extracts.files.staging import Staging, month_number, sql_name
from cpa_xl.extracts.values import (
    COUNT,
    DATE,
    DATE_CELL,
    DURATION,
    FIRST_YEAR,
    FLAGS,
    ISO_DURATION,
    LAST_YEAR,
    OTHERS,
    STORED_DURATION,
    TIME,
    ZEROS,
    AreaNames,
    CellFault,
    check_text,
    day_of,
    duration_form,
    first_year_of,
    folded,
    is_missing,
    part_of,
    quarter_of,
    signed,
    word_of,
)
from cpa_xl.measures.periods import Month, months_of_week, read_year
from cpa_xl.wording import FEWEST, counted, first_few

MOST_SHIFTED = 20  # columns to either side in which the search looks for the right heading of shifted cells
MOST_LOOKED_AT = 2000  # bad cells of a column that are checked one by one
_GROUPED = ("D1", "K3", "K4")  # reported once for each text, not for each row


@dataclass(frozen=True)
class _BadCell:
    row: int
    name: str
    text: str | None
    times: int = 1  # how many rows hold this text in this column


@dataclass(frozen=True)
class ExtractReader:
    """Source, layout and areas of one file: everything that reading its cells needs."""

    source: Source
    layout: Layout
    areas: AreaNames | None

    def column(self, name: str) -> SourceColumn:
        """The column with a name in memory; `m` and a position is a month of a wide extract."""
        return self.source.every_column.get(name) or self.figure

    @cached_property
    def figure(self) -> SourceColumn:
        """What the cells of a wide extract hold, as a column."""
        figure = self.source.figure
        return SourceColumn(
            header="figure", type=figure.type, max=figure.max, negative=figure.negative, missing=figure.missing,
            optional=figure.blank is not Blank.REFUSE,
        )  # fmt: skip

    def check(self, name: str, text: str | None) -> CellFault | None:
        """What is wrong with a cell; None if nothing is."""
        return check_text(text, self.column(name), self.areas)

    def takes(self, name: str, text: str | None) -> bool:
        """Whether there is nothing to say about a cell: it is right, and no mark of an unknown value."""
        return self.check(name, text) is None and not (text is not None and is_missing(text, self.column(name)))

    def value(self, name: str, text: str) -> object:
        """The value of a cell that is no figure, as `typed` has it; None if it has none."""
        column = self.column(name)
        part = part_of(text, column.pattern) if column.pattern else text
        word = word_of(part, column) if part is not None and column.codes else part
        if word is None or column.type is ColumnType.DATE:
            form = column.format if column.format in DATE else "yyyy-mm-dd"
            return None if word is None else day_of(word, form) or day_of(word, "yyyy-mm-dd")
        return _value_of(column, self)[1](word)

    def figure_of(self, name: str, text: str | None) -> float | None:
        """The figure in a cell; None if it has none."""
        column = self.column(name).model_copy(update={"max": None})  # that is the most of one row, not of a total
        if text is None or is_missing(text, column) or check_text(text, column) is not None:
            return None
        with Staging() as staging:
            cell = typed_cell(column, "text") or "NULL"
            [(figure,)] = staging.rows("SELECT {cell} FROM (SELECT ? AS text)", [text], cell=cell)
        found: float | None = figure
        return found

    def month_columns(self) -> Sequence[str]:
        """The names of the months' columns in memory, in the order of the file."""
        return [f"m{place}" for place in self.layout.months]


def make_typed(staging: Staging, reader: ExtractReader, findings: Findings) -> frozenset[str]:
    """Make the views `typed` and `weighed` from the table `raw`; a cell with a wrong text becomes NULL.

    Returns the columns that are refused as a whole: their cells need no faults of their own.
    """
    values, joins, refused = _values(staging, "raw", reader, findings, (ColumnType.DATE,))
    cells = ["raw._row AS _row"]
    for name, column in reader.source.every_column.items():
        cells += _cells_of(name, column, f"raw.{sql_name(name)}", values[name])
    rows, names = "raw", list(reader.source.every_column)
    if reader.source.shape is Shape.WIDE:
        rows, names = _unpivoted(staging, reader), [*names, "count"]
        cells += ["raw._month AS _month", "raw._place AS _place"]
        value = typed_cell(reader.figure, "raw._text") or ""
        if reader.source.figure.blank is Blank.ZERO:
            value = f"CASE WHEN raw._text IS NULL THEN 0 ELSE {value} END"
        cells += [*_cells_of("count", reader.figure, "raw._text", value), "raw._text IS NULL AS _blank"]
    statement = (
        "CREATE OR REPLACE TEMP TABLE cells AS SELECT _row, {place}, {month} AS _month, {area} AS _area, {kept}"
        " FROM (SELECT {cells} FROM {rows} {joins})"
    )
    staging.run(
        statement, cells=", ".join(cells), rows=rows, joins=joins, month=_month_of_row(reader.source),
        place="_place, _blank" if reader.source.shape is Shape.WIDE else "NULL AS _place", area=_area_of_row(reader),
        kept=", ".join(f"{sql_name(name)}, {_kept_text(name, reader.column(name))}" for name in names),
    )  # fmt: skip
    staging.run("DROP TABLE raw")
    staging.run("CREATE OR REPLACE TEMP VIEW typed AS FROM cells")
    staging.run("CREATE OR REPLACE TEMP VIEW weighed AS SELECT *, 1 AS _times FROM cells")
    return refused


def make_weighed(staging: Staging, reader: ExtractReader, findings: Findings) -> bool:
    """Make the same views from `together`, texts with the number of rows that have them.

    False if a cell has no value but must have one.
    """
    own = [kind for kind in _CELLS if kind is not ColumnType.TEXT]
    values, joins, refused = _values(staging, "together", reader, findings, own)
    cells, names, bad = ["_times"], list[str](), ["FALSE"]
    for name, column in reader.source.every_column.items():
        text = f"together.{sql_name(name)}"
        value, _, *mark = _cells_of(name, column, text, values[name])
        cells += [value, *mark]
        names += [sql_name(name), *([_mark(name)] if mark else [])]
        marked = f" AND NOT {_mark(name)}" if mark else ""
        bad.append(
            f"({sql_name(name)} IS NULL{marked}" + (f" AND {_raw(name)} IS NOT NULL)" if column.optional else ")")
        )
        cells += [f"{text} AS {_raw(name)}"] if column.optional else []
    statement = (
        "CREATE OR REPLACE TEMP TABLE cells AS SELECT _times, NULL AS _place, {month} AS _month, {area} AS _area,"
        " {names}, {bad} AS _bad FROM (SELECT {cells} FROM together {joins})"
    )
    staging.run(
        statement, cells=", ".join(cells), joins=joins, month=_month_of_row(reader.source), area=_area_of_row(reader),
        names=", ".join(names), bad=" OR ".join(bad),
    )  # fmt: skip
    one_by_one = "CREATE OR REPLACE TEMP VIEW typed AS SELECT cells.* EXCLUDE (_times) FROM cells, range(_times)"
    staging.run(one_by_one)
    staging.run("CREATE OR REPLACE TEMP VIEW weighed AS FROM cells")
    return not refused and not staging.rows("SELECT 1 FROM cells WHERE _bad LIMIT 1")


def _values(
    staging: Staging, rows: str, reader: ExtractReader, findings: Findings, each_text: Collection[ColumnType]
) -> tuple[Mapping[str, str], str, frozenset[str]]:
    """SQL for the value of each column of `rows`, and for what must be joined; the columns that are refused.

    Of types in `each_text`, each different text becomes a value once: this takes long, and many cells are the same.
    """
    values = {
        name: typed_cell(column, f"{rows}.{sql_name(name)}") for name, column in reader.source.every_column.items()
    }
    mapped = [name for name, value in values.items() if value is None]
    texts = _different_texts(staging, rows, mapped)
    refused = frozenset(name for name in mapped if not _make_map(staging, name, texts[name], reader, findings))
    once = [name for name in values if reader.column(name).type in each_text and name not in mapped]
    for name in once:
        _map_texts(staging, rows, name, reader.column(name))
    joins = [f"LEFT JOIN {_map(name)} ON {_map(name)}.text = {rows}.{sql_name(name)}" for name in [*mapped, *once]]
    found = {name: f"{_map(name)}.value" if value is None or name in once else value for name, value in values.items()}
    return found, " ".join(joins), refused


def _different_texts(staging: Staging, rows: str, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The different texts of some columns."""
    if not names:
        return {}
    lists = ", ".join(f"list(DISTINCT {sql_name(name)}) FILTER (WHERE {sql_name(name)} IS NOT NULL)" for name in names)
    [found] = staging.rows("SELECT {lists} FROM {rows}", lists=lists, rows=rows)
    return {name: texts or [] for name, texts in zip(names, found, strict=True)}


def _map(name: str) -> str:
    return sql_name(f"map_{name}")


def _area_of_row(reader: ExtractReader) -> str:
    return sql_name(reader.source.area) if reader.source.area else "NULL::VARCHAR"


def _month_of_row(source: Source) -> str:
    """SQL for the number of a row's month; of a quarter, its last month."""
    if source.month is None:
        return "_month"
    first = sql_name(source.month)
    if source.quarter is not None:
        return f"{first} * 12 + 2 + 3 * {sql_name(source.quarter)}"
    return f"year({first}) * 12 + month({first}) - 1"


def _cells_of(name: str, column: SourceColumn, text: str, value: str) -> list[str]:
    """SQL for the value and the text of a cell; where the column has marks for missing, whether it is one."""
    cells = [f"{text} AS {sql_name(f'_raw_{name}')}"]
    if not column.missing:
        return [f"{value} AS {sql_name(name)}", *cells]
    marks = ", ".join(_sql_text(mark.casefold()) for mark in column.missing)
    shown = f"regexp_replace({text}, '{ZEROS}', '')" if column.type.is_number else text
    marked = f"coalesce(lower({shown}) IN ({marks}), FALSE)"
    return [f"CASE WHEN NOT {marked} THEN {value} END AS {sql_name(name)}", *cells, f"{marked} AS {_mark(name)}"]


def _raw(name: str) -> str:
    return sql_name(f"_raw_{name}")


def _mark(name: str) -> str:
    return sql_name(f"_mark_{name}")


def _sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _kept_text(name: str, column: SourceColumn) -> str:
    """SQL that keeps a cell's text only if the cell has no value, which is rare and saves memory."""
    value, text = sql_name(name), sql_name(f"_raw_{name}")
    kept = f"CASE WHEN {value} IS NULL THEN {text} END AS {text}"
    return f"{kept}, {_mark(name)}" if column.missing else kept


def typed_cell(column: SourceColumn, text: str) -> str | None:
    """SQL for the value of a cell; None for columns whose values come from a table of texts."""
    if column.pattern or column.codes or (column.type is ColumnType.TEXT and column.values):
        return None
    make = _CELLS.get(column.type)
    return make(column, text) if make else None


def _count(column: SourceColumn, text: str) -> str:
    form = f"-?{COUNT}" if column.negative else COUNT
    return _at_most(column, form, text, f"TRY_CAST(split_part({text}, '.', 1) AS BIGINT)")


def _decimal(column: SourceColumn, text: str) -> str:
    return _at_most(column, signed(column), text, f"TRY_CAST({text} AS DOUBLE)")


def _money(column: SourceColumn, text: str) -> str:
    plain = f"TRY_CAST(regexp_replace({text}, '[£, ()-]', '', 'g') AS DOUBLE)"
    below = f"CASE WHEN regexp_matches({text}, '[-(]') THEN -1 ELSE 1 END"
    return _at_most(column, signed(column), text, f"{plain} * {below}")


def _date(column: SourceColumn, text: str) -> str:
    pattern, template = DATE[column.format if column.format in DATE else "yyyy-mm-dd"]
    written = _in_range(f"try_strptime(regexp_extract({text}, '{pattern}'), '{template}')")
    stored = _in_range(f"try_strptime({text}[:10], '%Y-%m-%d')")
    return (
        f"CASE WHEN regexp_full_match({text}, '{pattern}{TIME}') THEN {written}"
        f" WHEN regexp_full_match({text}, '{DATE_CELL}') THEN {stored} END"
    )


def _at_most(column: SourceColumn, pattern: str, text: str, number: str) -> str:
    """SQL for a number whose text fits a pattern, and which is not above the column's largest."""
    value = f"CASE WHEN regexp_full_match({text}, '{pattern}') THEN {number} END"
    return value if column.max is None else f"CASE WHEN ({value}) <= {column.max} THEN ({value}) END"


def _duration(column: SourceColumn, text: str) -> str:
    """SQL for a duration in seconds."""
    pattern, units = DURATION[duration_form(column)]
    parts = " + ".join(
        f"{seconds} * TRY_CAST(split_part({text}, ':', {at}) AS DOUBLE)" for at, seconds in enumerate(units, start=1)
    )
    day = f"try_strptime({text}[:10], '%Y-%m-%d')"
    base = f"CASE WHEN {day} < DATE '1900-03-01' THEN DATE '1899-12-31' ELSE DATE '1899-12-30' END"
    clock = f"coalesce(epoch(TRY_CAST({text}[12:] AS TIME)), 0)"
    iso = " + ".join(
        f"{seconds} * TRY_CAST(regexp_extract({text}, '{ISO_DURATION}', {at}) AS DOUBLE)"
        for at, seconds in enumerate((3600, 60, 1), start=1)
    )
    stored = f"regexp_full_match({text}, '{STORED_DURATION}')"
    seconds = (
        f"CASE WHEN regexp_full_match({text}, '{pattern}') THEN {parts}"
        f" WHEN {stored} THEN 86400.0 * date_diff('day', {base}, {day}) + {clock}"
        f" WHEN regexp_full_match({text}, '{ISO_DURATION}') THEN {iso} END"
    )
    return seconds if column.max is None else f"CASE WHEN ({seconds}) <= {column.max} THEN ({seconds}) END"


# The types whose cells become values in SQL, cell by cell.
_CELLS: Mapping[ColumnType, Callable[[SourceColumn, str], str]] = {
    ColumnType.TEXT: lambda _, text: text,
    ColumnType.COUNT: _count,
    ColumnType.DECIMAL: _decimal,
    ColumnType.MONEY: _money,
    ColumnType.DURATION: _duration,
    ColumnType.DATE: _date,
}


def _in_range(day: str) -> str:
    return f"CASE WHEN year({day}) BETWEEN {FIRST_YEAR} AND {LAST_YEAR} THEN CAST({day} AS DATE) END"


def _map_texts(staging: Staging, rows: str, name: str, column: SourceColumn) -> None:
    """Make a table from each text of a column to its value."""
    make = (
        "CREATE OR REPLACE TEMP TABLE {table} AS SELECT text, {value} AS value"
        " FROM (SELECT DISTINCT {name} AS text FROM {rows} WHERE {name} IS NOT NULL)"
    )
    staging.run(make, rows=rows, table=_map(name), value=str(typed_cell(column, "text")), name=sql_name(name))


def _make_map(staging: Staging, name: str, texts: Sequence[str], reader: ExtractReader, findings: Findings) -> bool:
    """Make a table from each text of a column to its value (month, flag, area, listed text).

    False, with a fault, if the column is refused: it holds financial years.
    """
    column = reader.column(name)
    sql_type, whole = _value_of(column, reader)

    def read(text: str) -> object:
        part = part_of(text, column.pattern) if column.pattern else text
        word = word_of(part, column) if part is not None and column.codes else part
        return None if word is None else whole(word)

    years = (
        column.type is ColumnType.MONTH and len(texts) > 1 and all(first_year_of(text) is not None for text in texts)
    )
    if years:
        message = f"the column holds financial years ('{min(texts)}' to '{max(texts)}'), not months"
        findings.add("V2", message, "Give a month in each row: 2008-04.", column=reader.layout.heading(name))
    found = {text: value for text in texts if not years and (value := read(text)) is not None}
    make = "CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest(?::VARCHAR[]) AS text, unnest(?::{type}[]) AS value"
    staging.run(make, [list(found), list(found.values())], table=_map(name), type=sql_type)
    return not years


def _value_of(column: SourceColumn, reader: ExtractReader) -> tuple[str, Callable[[str], object]]:
    """The SQL type of a column whose values come from a table of texts, and the function that reads a text."""
    if column.type in _MAPPED:
        return _MAPPED[column.type]
    if column.type is ColumnType.AREA and reader.areas is not None:
        return "VARCHAR", reader.areas.read
    if column.values:
        known = {folded(value): value for value in column.values}
        return "VARCHAR", lambda text: known.get(folded(text))
    return "VARCHAR", lambda text: text


def _first_day(text: str) -> date | None:
    try:
        month = Month.read(text)
    except CellError:
        return None
    return month.first_day if FIRST_YEAR <= month.year <= LAST_YEAR else None


def _new_year(text: str) -> date | None:
    """The first day of a year: its facts are those of January."""
    try:
        year = read_year(text)
    except CellError:
        return None
    return date(year, 1, 1) if FIRST_YEAR <= year <= LAST_YEAR else None


_MAPPED: Mapping[ColumnType, tuple[str, Callable[[str], object]]] = {
    ColumnType.MONTH: ("DATE", _first_day),
    ColumnType.YEAR: ("DATE", _new_year),
    ColumnType.FLAG: ("BOOLEAN", lambda text: FLAGS.get(text.casefold())),
    ColumnType.FINANCIAL_YEAR: ("BIGINT", first_year_of),
    ColumnType.QUARTER: ("BIGINT", quarter_of),
}


def _unpivoted(staging: Staging, reader: ExtractReader) -> str:
    """SQL for the rows of a wide extract: one for each row and month, with the text of its figure."""
    months = reader.layout.months
    make = "CREATE OR REPLACE TEMP TABLE months AS SELECT unnest(?::VARCHAR[]) AS _place, unnest(?::BIGINT[]) AS _month"
    staging.run(make, [list(reader.month_columns()), [month_number(month) for month in months.values()]])
    columns = ", ".join(map(sql_name, reader.month_columns()))
    unpivot = f"(FROM raw UNPIVOT INCLUDE NULLS (_text FOR _place IN ({columns})))"
    return f"(FROM {unpivot} JOIN months USING (_place)) AS raw"


def counted_rows(source: Source) -> str:
    """The rows that count, weighed; of a weekly source `counted`, with the days of a week in a month."""
    return "counted" if source.cadence is Cadence.WEEKLY else "weighed"


def count_weeks(staging: Staging, source: Source, weeks: Sequence[date], months: Collection[Month]) -> None:
    """Make the view `counted`: each row of a weekly source once for each of these months in which its week counts.

    `weeks` are the first days of the weeks. The column `_days` is the number of a week's days in the month (seven
    unless weeks are split), `_month` its number.
    """
    rule = source.weeks
    parts = [
        (day, month_number(month), days)
        for day in weeks
        for month, days in (months_of_week(day, rule) if rule else {}).items()
        if month in months
    ]
    make = (
        "CREATE OR REPLACE TEMP TABLE weeks AS SELECT unnest(?::DATE[]) AS day, unnest(?::BIGINT[]) AS _month,"
        " unnest(?::BIGINT[]) AS _days"
    )
    staging.run(make, [[part[place] for part in parts] for place in range(3)])
    view = (
        "CREATE OR REPLACE TEMP VIEW counted AS SELECT weighed.* EXCLUDE (_month), weeks._month, weeks._days"
        " FROM weighed JOIN weeks ON weighed.{day} - {before} = weeks.day"
    )
    before = "6" if source.week_date == "last_day" else "0"
    staging.run(view, day=sql_name(source.month or ""), before=before)


def check_cells(
    staging: Staging, reader: ExtractReader, file: ExtractFile, refused: frozenset[str], findings: Findings
) -> None:
    """Report each cell that does not fit its column (V1, V2, V4, D1, K3, K4), and rows with shifted cells (F6)."""
    bad: list[_BadCell] = []
    unseen: Counter[str] = Counter()
    for name in reader.source.every_column:
        if name in refused:
            continue
        cells, more = _bad_cells(staging, name, reader.column(name))
        bad += cells
        unseen[name] += more
    if reader.source.shape is Shape.WIDE:
        bad += _bad_figures(staging, reader.figure, unseen)
    if not bad:
        return
    shifted = _shifted_rows(reader, file, bad)
    _report_shifts(reader, shifted, bad, findings)
    left = [cell for cell in bad if cell.row not in shifted]
    for name in dict.fromkeys(cell.name for cell in left):
        _report_cells(reader, [cell for cell in left if cell.name == name], unseen[name], findings)


def _bad_cells(staging: Staging, name: str, column: SourceColumn) -> tuple[list[_BadCell], int]:
    """The first cells of a column that lack a value but must have one, and the number of the rest."""
    query = (
        "SELECT _row, text, count(*) OVER (PARTITION BY text), count(*) OVER ()"
        " FROM (SELECT DISTINCT _row, {raw} AS text FROM typed"
        " WHERE {value} IS NULL AND NOT {marked} AND ({raw} IS NOT NULL OR {required})) ORDER BY _row LIMIT {most}"
    )
    rows = staging.rows(
        query, raw=sql_name(f"_raw_{name}"), value=sql_name(name), required=str(not column.optional),
        marked=_mark(name) if column.missing else "FALSE", most=str(MOST_LOOKED_AT),
    )  # fmt: skip
    return [_BadCell(row, name, text, times) for row, text, times, _ in rows], (rows[0][3] - len(rows) if rows else 0)


def _bad_figures(staging: Staging, figure: SourceColumn, unseen: Counter[str]) -> list[_BadCell]:
    query = (
        "SELECT _row, _place, _raw_count, count(*) OVER () FROM typed WHERE count IS NULL AND NOT {marked}"
        " AND (_raw_count IS NOT NULL OR {required}) ORDER BY _row, CAST(_place[2:] AS INTEGER) LIMIT {most}"
    )
    marked = _mark("count") if figure.missing else "FALSE"
    rows = staging.rows(query, most=str(10 * MOST_LOOKED_AT), marked=marked, required=str(not figure.optional))
    if rows:
        unseen[rows[0][1]] += rows[0][3] - len(rows)
    return [_BadCell(row, place, text) for row, place, text, _ in rows]


def _report_cells(reader: ExtractReader, cells: Sequence[_BadCell], unseen: int, findings: Findings) -> None:
    """Report the faults of one column; an unknown name, and a text in many rows, once with the number of its rows."""
    heading = reader.layout.heading(cells[0].name)
    if cells[0].name in reader.source.every_column:
        findings.count_apart(heading)
    seen = Counter(cell.text for cell in cells)
    grouped: set[str | None] = set()
    code = ""
    for cell in cells:
        fault = reader.check(cell.name, cell.text)
        if fault is None or cell.text in grouped:
            continue
        code = fault.code
        if code in _GROUPED or cell.times > EXAMPLES:
            grouped.add(cell.text)
            unseen -= cell.times - seen[cell.text] if cell.times > seen[cell.text] else 0
            if cell.times > 1:
                fault = replace(fault, message=f"{fault.message}; {cell.times:,} rows have it")
        findings.add(code, fault.message, fault.remedy, row=cell.row, column=heading, was=cell.text)
    if code and unseen > 0:
        findings.add_unlisted(code, unseen)


def _shifted_rows(reader: ExtractReader, file: ExtractFile, bad: Sequence[_BadCell]) -> Mapping[int, int]:
    """The rows with bad cells that would be right some columns further on, each with that number (negative: left)."""
    rows = list(dict.fromkeys(cell.row for cell in bad))[:MOST_LOOKED_AT]
    steps = sorted((step for step in range(-MOST_SHIFTED, MOST_SHIFTED + 1) if step), key=abs)
    shifted = {}
    for row, cells in file.cells_of(set(rows), reader.layout.delimiter).items():
        step = next((step for step in steps if _fits(reader, cells, step)), None)
        if step is not None:
            shifted[row] = step
    return shifted


def _fits(reader: ExtractReader, cells: Sequence[str], step: int) -> bool:
    """Whether every cell fits the heading `step` columns before it; at least two cells must decide it."""
    agreeing = 0
    for name, place in reader.layout.positions.items():
        column, at = reader.column(name), place + step
        if not 0 <= at < len(cells) or _takes_any_text(reader, column):
            continue
        text = cells[at].strip() or None
        if text is None and column.optional:
            continue
        if reader.check(name, text) is not None:
            return False
        agreeing += 1
    return agreeing >= 2


def _takes_any_text(reader: ExtractReader, column: SourceColumn) -> bool:
    """Whether any text fits a column, so that a text under it says nothing about its heading."""
    if column.type is ColumnType.AREA:
        return OTHERS in reader.source.elsewhere
    return column.type is ColumnType.TEXT and not (column.values or column.codes or column.pattern)


def _report_shifts(
    reader: ExtractReader, shifted: Mapping[int, int], bad: Sequence[_BadCell], findings: Findings
) -> None:
    by_step: defaultdict[int, list[int]] = defaultdict(list)
    for row, step in sorted(shifted.items()):
        by_step[step].append(row)
    for step, rows in by_step.items():
        first = next(cell for cell in bad if cell.row == rows[0])
        moved = f"{counted(abs(step), 'column')} {'left' if step < 0 else 'right'}"
        heading = reader.layout.heading(first.name)
        example = f"'{first.text}' is under {heading}" if first.text else f"the cell under {heading} is empty"
        message = f"the cells are {moved} of their headings ({example})"
        if len(rows) > 1:
            message += f"; {len(rows):,} rows have the same fault: {first_few([*map(str, rows)], FEWEST)}"
        remedy = "Put the cells back under their headings, or ask for the extract again."
        findings.add("F6", message, remedy, row=rows[0], was=first.text)
