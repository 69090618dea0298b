"""The rows of an extract with their types: what each column holds is checked cell by cell.

The table `typed` has a row for each row of the extract (of a wide extract: each row and month), with `_row`, `_month`
(a number that counts months), `_area`, each column under its name in the configuration (`count` holds the figures of
a wide extract), and `_raw_` before the name: the text of a cell that has no value.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cpa_xl.catalogue import ColumnType, Shape, Source, SourceColumn
from cpa_xl.cellfaults import (
    COUNT,
    DATE,
    DATE_CELL,
    FIRST_YEAR,
    FLAGS,
    LAST_YEAR,
    TIME,
    AreaNames,
    CellFault,
    check_text,
    is_financial_year,
    plain,
)
from cpa_xl.errors import CellError
from cpa_xl.faults import Findings
from cpa_xl.layout import ExtractFile, Layout
from cpa_xl.periods import Month
from cpa_xl.staging import Staging, number_of, quoted
from cpa_xl.wording import FEWEST, counted, first_few

MOST_SHIFTED = 20  # columns to either side in which cells that stand under the wrong heading are looked for
MOST_LOOKED_AT = 2000  # bad cells of a column that are looked at one by one
FIGURE = SourceColumn(header="figure", type=ColumnType.COUNT)  # the cells of a wide extract

_GROUPED = ("D1", "K3", "K4")  # listed once for each text, not for each row


@dataclass(frozen=True)
class _BadCell:
    row: int
    name: str
    text: str | None
    times: int = 1  # how many rows hold this text in this column


@dataclass(frozen=True)
class Reader:
    """What is known of an extract's columns, for reading one file."""

    source: Source
    layout: Layout
    areas: AreaNames | None

    def column(self, name: str) -> SourceColumn:
        """The column of a name as it is in memory (`m` and a position: a month of a wide extract)."""
        return self.source.columns.get(name, FIGURE)

    def check(self, name: str, text: str | None) -> CellFault | None:
        """What is wrong with a cell."""
        return check_text(text, self.column(name), self.areas)

    def month_columns(self) -> Sequence[str]:
        """The names of the months' columns in memory, in their order in the file."""
        return [f"m{place}" for place in self.layout.months]


def make_typed(staging: Staging, reader: Reader, findings: Findings) -> frozenset[str]:
    """Make the table `typed` out of `raw`; cells that are not what they must be become NULL.

    Gives the columns that were refused as a whole, whose cells need no faults of their own.
    """
    refused = set[str]()
    cells, joins = ["raw._row AS _row"], []
    for name, column in reader.source.columns.items():
        text = f"raw.{quoted(name)}"
        value = _typed_cell(column, text)
        if value is None:
            table = quoted(f"map_{name}")
            if not _make_map(staging, name, table, reader, findings):
                refused.add(name)
            joins.append(f"LEFT JOIN {table} ON {table}.text = {text}")
            value = f"{table}.value"
        cells += [f"{value} AS {quoted(name)}", f"{text} AS {quoted(f'_raw_{name}')}"]
    rows, names = "raw", list(reader.source.columns)
    if reader.source.shape is Shape.WIDE:
        rows, names = _unpivoted(staging, reader), [*names, "count"]
        cells += ["raw._month AS _month", "raw._place AS _place", "raw._text AS _raw_count"]
        cells += [f"{_typed_cell(FIGURE, 'raw._text')} AS count"]
    statement = (
        "CREATE OR REPLACE TEMP TABLE typed AS SELECT _row, {place}, {month} AS _month, {area} AS _area, {kept}"
        " FROM (SELECT {cells} FROM {rows} {joins})"
    )
    day = quoted(reader.source.month) if reader.source.month else ""
    staging.run(
        statement, cells=", ".join(cells), rows=rows, joins=" ".join(joins),
        place="_place" if reader.source.shape is Shape.WIDE else "NULL AS _place",
        month=f"year({day}) * 12 + month({day}) - 1" if day else "_month",
        area=quoted(reader.source.area) if reader.source.area else "NULL::VARCHAR",
        kept=", ".join(f"{quoted(name)}, {_kept_text(name)}" for name in names),
    )  # fmt: skip
    staging.run("DROP TABLE raw")
    return frozenset(refused)


def _kept_text(name: str) -> str:
    """SQL that keeps a cell's text only where the cell has no value: nearly never, and memory is short."""
    value, text = quoted(name), quoted(f"_raw_{name}")
    return f"CASE WHEN {value} IS NULL THEN {text} END AS {text}"


def _typed_cell(column: SourceColumn, text: str) -> str | None:
    """SQL for the value of a cell; None for what is looked up by its text."""
    match column.type:
        case ColumnType.TEXT if not column.values:
            return text
        case ColumnType.COUNT:
            number = f"CASE WHEN regexp_full_match({text}, '{COUNT}') THEN TRY_CAST({text} AS BIGINT) END"
            return number if column.max is None else f"CASE WHEN ({number}) <= {column.max} THEN ({number}) END"
        case ColumnType.DATE:
            pattern, template = DATE[column.format]
            written = _in_range(f"try_strptime(regexp_extract({text}, '{pattern}'), '{template}')")
            stored = _in_range(f"try_strptime({text}[:10], '%Y-%m-%d')")
            return (
                f"CASE WHEN regexp_full_match({text}, '{pattern}{TIME}') THEN {written}"
                f" WHEN regexp_full_match({text}, '{DATE_CELL}') THEN {stored} END"
            )
        case _:
            return None


def _in_range(day: str) -> str:
    return f"CASE WHEN year({day}) BETWEEN {FIRST_YEAR} AND {LAST_YEAR} THEN CAST({day} AS DATE) END"


def _make_map(staging: Staging, name: str, table: str, reader: Reader, findings: Findings) -> bool:
    """A table from each text of a column to its value (month, flag, area, listed text); False where it is refused."""
    column = reader.column(name)
    query = "SELECT DISTINCT {name} FROM raw WHERE {name} IS NOT NULL"
    texts = [text for (text,) in staging.rows(query, name=quoted(name))]
    sql_type, read = _value_of(column, reader)
    years = column.type is ColumnType.MONTH and len(texts) > 1 and all(map(is_financial_year, texts))
    if years:
        message = f"the column holds financial years ('{min(texts)}' to '{max(texts)}'), not months"
        findings.add("V2", message, "Give a month in each row: 2008-04.", column=reader.layout.heading(name))
    found = {text: value for text in texts if not years and (value := read(text)) is not None}
    make = "CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest(?::VARCHAR[]) AS text, unnest(?::{type}[]) AS value"
    staging.run(make, [list(found), list(found.values())], table=table, type=sql_type)
    return not years


def _value_of(column: SourceColumn, reader: Reader) -> tuple[str, Callable[[str], object]]:
    """The SQL type of a column that is looked up, and what reads its texts."""
    match column.type:
        case ColumnType.MONTH:
            return "DATE", _first_day
        case ColumnType.FLAG:
            return "BOOLEAN", lambda text: FLAGS.get(text.casefold())
        case ColumnType.AREA if reader.areas is not None:
            return "VARCHAR", reader.areas.read
        case _:
            known = {plain(value): value for value in column.values}
            return "VARCHAR", lambda text: known.get(plain(text))


def _first_day(text: str) -> date | None:
    try:
        month = Month.read(text)
    except CellError:
        return None
    return month.first_day if FIRST_YEAR <= month.year <= LAST_YEAR else None


def _unpivoted(staging: Staging, reader: Reader) -> str:
    """SQL for the rows of a wide extract: one for each row and month, with the text of the figure."""
    months = reader.layout.months
    make = "CREATE OR REPLACE TEMP TABLE months AS SELECT unnest(?::VARCHAR[]) AS _place, unnest(?::BIGINT[]) AS _month"
    staging.run(make, [list(reader.month_columns()), [number_of(month) for month in months.values()]])
    columns = ", ".join(map(quoted, reader.month_columns()))
    unpivot = f"(FROM raw UNPIVOT INCLUDE NULLS (_text FOR _place IN ({columns})))"
    return f"(FROM {unpivot} JOIN months USING (_place)) AS raw"


def check_cells(
    staging: Staging, reader: Reader, file: ExtractFile, refused: frozenset[str], findings: Findings
) -> None:
    """Every cell that is not what its column holds (V1, V2, V4, D1, K3, K4), and rows whose cells are shifted (F6)."""
    bad: list[_BadCell] = []
    unseen: Counter[str] = Counter()
    for name in reader.source.columns:
        if name in refused:
            continue
        cells, more = _bad_cells(staging, name, reader.column(name).optional)
        bad += cells
        unseen[name] += more
    if reader.source.shape is Shape.WIDE:
        bad += _bad_figures(staging, unseen)
    if not bad:
        return
    shifted = _shifted_rows(reader, file, bad)
    _report_shifts(reader, shifted, bad, findings)
    left = [cell for cell in bad if cell.row not in shifted]
    for name in dict.fromkeys(cell.name for cell in left):
        _report_cells(reader, [cell for cell in left if cell.name == name], unseen[name], findings)


def _bad_cells(staging: Staging, name: str, optional: bool) -> tuple[list[_BadCell], int]:
    """The first cells of a column that have no value though they must, and how many more there are."""
    query = (
        "SELECT _row, text, count(*) OVER (PARTITION BY text), count(*) OVER ()"
        " FROM (SELECT DISTINCT _row, {raw} AS text FROM typed"
        " WHERE {value} IS NULL AND ({raw} IS NOT NULL OR {required})) ORDER BY _row LIMIT {most}"
    )
    rows = staging.rows(
        query, raw=quoted(f"_raw_{name}"), value=quoted(name), required=str(not optional), most=str(MOST_LOOKED_AT)
    )
    return [_BadCell(row, name, text, times) for row, text, times, _ in rows], (rows[0][3] - len(rows) if rows else 0)


def _bad_figures(staging: Staging, unseen: Counter[str]) -> list[_BadCell]:
    query = (
        "SELECT _row, _place, _raw_count, count(*) OVER () FROM typed WHERE count IS NULL"
        " ORDER BY _row, CAST(_place[2:] AS INTEGER) LIMIT {most}"
    )
    rows = staging.rows(query, most=str(10 * MOST_LOOKED_AT))
    if rows:
        unseen[rows[0][1]] += rows[0][3] - len(rows)
    return [_BadCell(row, place, text) for row, place, text, _ in rows]


def _report_cells(reader: Reader, cells: Sequence[_BadCell], unseen: int, findings: Findings) -> None:
    """The faults of one column; a name that is not known is reported once, with the number of its rows."""
    heading = reader.layout.heading(cells[0].name)
    seen = Counter(cell.text for cell in cells)
    grouped: set[str | None] = set()
    code = ""
    for cell in cells:
        fault = reader.check(cell.name, cell.text)
        if fault is None or cell.text in grouped:
            continue
        code = fault.code
        if code in _GROUPED:
            grouped.add(cell.text)
            unseen -= cell.times - seen[cell.text] if cell.times > seen[cell.text] else 0
            if cell.times > 1:
                fault = replace(fault, message=f"{fault.message}; it stands in {cell.times:,} rows")
        findings.add(code, fault.message, fault.remedy, row=cell.row, column=heading, was=cell.text)
    if code and unseen > 0:
        findings.add_unlisted(code, unseen)


def _shifted_rows(reader: Reader, file: ExtractFile, bad: Sequence[_BadCell]) -> Mapping[int, int]:
    """Of the rows with bad cells those that would be right so many columns further on (left is below zero)."""
    rows = list(dict.fromkeys(cell.row for cell in bad))[:MOST_LOOKED_AT]
    steps = sorted((step for step in range(-MOST_SHIFTED, MOST_SHIFTED + 1) if step), key=abs)
    shifted = {}
    for row, cells in file.cells_of(set(rows), reader.layout.delimiter).items():
        step = next((step for step in steps if _fits(reader, cells, step)), None)
        if step is not None:
            shifted[row] = step
    return shifted


def _fits(reader: Reader, cells: Sequence[str], step: int) -> bool:
    """Whether every cell is right for the heading so many columns before it; at least two must say so."""
    agreeing = 0
    for name, place in reader.layout.positions.items():
        column, at = reader.column(name), place + step
        if not 0 <= at < len(cells) or (column.type is ColumnType.TEXT and not column.values):
            continue
        text = cells[at].strip() or None
        if text is None and column.optional:
            continue
        if reader.check(name, text) is not None:
            return False
        agreeing += 1
    return agreeing >= 2


def _report_shifts(reader: Reader, shifted: Mapping[int, int], bad: Sequence[_BadCell], findings: Findings) -> None:
    by_step: defaultdict[int, list[int]] = defaultdict(list)
    for row, step in sorted(shifted.items()):
        by_step[step].append(row)
    for step, rows in by_step.items():
        first = next(cell for cell in bad if cell.row == rows[0])
        stands = f"'{first.text}' stands" if first.text else "nothing stands"
        moved = f"{counted(abs(step), 'column')} {'left' if step < 0 else 'right'}"
        example = f"{stands} under {reader.layout.heading(first.name)}"
        message = f"the cells stand {moved} of their headings ({example})"
        if len(rows) > 1:
            message += f"; so it is in {len(rows):,} rows: {first_few([*map(str, rows)], FEWEST)}"
        remedy = "Put the cells back under their headings, or ask for the extract again."
        findings.add("F6", message, remedy, row=rows[0], was=first.text)
