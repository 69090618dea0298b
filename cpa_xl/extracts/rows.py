"""The rows of an extract with types: each cell becomes a value, or a fault that says what is wrong with its text.

In: the table `raw` (text). Out: the table `typed`, with one row for each row of the extract (of a wide extract: each
row and month). Its columns are `_row`, `_month` (a month number), `_area`, and each column under its name in the
configuration (`count` has the figures of a wide extract). `_raw_` and the name is a column with the text of each cell
that has no value.

`check_text`, `check_count` and `check_date` explain what is wrong with one cell. `check_cells` reports all such cells,
and rows whose cells are under the wrong headings.
"""

import datetime as dt
import difflib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from cpa_xl.config.model import AreaList, ColumnType, Shape, Source, SourceColumn
from cpa_xl.errors import CellError
from cpa_xl.extracts.columns import ExtractFile, Layout
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.readers import Staging, month_number, sql_name
from cpa_xl.measures.periods import WHAT_WOULD_DO, Month, read_year
from cpa_xl.wording import FEWEST, counted, first_few

FIRST_YEAR, LAST_YEAR = 1990, 2100
FLAGS: Mapping[str, bool] = {
    "y": True, "yes": True, "true": True, "t": True, "1": True,
    "n": False, "no": False, "false": False, "f": False, "0": False,
}  # fmt: skip
COUNT = "[0-9]{1,15}"  # a spreadsheet rounds numbers with more digits
DATE = {
    "dd/mm/yyyy": ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", "%d/%m/%Y"),
    "mm/dd/yyyy": ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", "%m/%d/%Y"),
    "yyyy-mm-dd": ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d"),
}
DATE_CELL = "[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00"  # a date of a sheet arrives in this form, with one meaning only
TIME = "(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?)?"
# Letters of other alphabets that look like Latin ones, capital and small.
_LOOK_ALIKE = dict(
    zip(
        "АВЕЅІЈКМНОРСТХУаеѕіјорсхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
        "ABESIJKMHOPCTXYaesijopcxyABEZHIKMNOPTYXo",
        strict=True,
    )
)
_MISSING = re.compile(r"[-–—.]+|n/?a|n[.]a[.]|nil|null|none|nan|[x*?c]|\[[xc]\]", re.IGNORECASE)
_EXCEL_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)", re.IGNORECASE)
_DIGITS_IN_DISGUISE = str.maketrans({"O": "0", "o": "0", "О": "0", "о": "0", "l": "1", "I": "1", "|": "1"})
_FINANCIAL_YEAR = re.compile(r"(?:FY ?)?((?:19|20)[0-9]{2})[-/](?:20)?([0-9]{2})")

MOST_SHIFTED = 20  # columns to either side in which the search looks for the right heading of shifted cells
MOST_LOOKED_AT = 2000  # bad cells of a column that are checked one by one
FIGURE = SourceColumn(header="figure", type=ColumnType.COUNT)  # the cells of a wide extract
_GROUPED = ("D1", "K3", "K4")  # reported once for each text, not for each row


@dataclass(frozen=True, slots=True)
class CellFault:
    """A fault of one cell: its code, what is wrong, and what would do."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True)
class AreaNames:
    """The names and spellings of a list of areas, and the names of rows that add areas up."""

    name: str
    areas: AreaList
    elsewhere: tuple[str, ...] = ()  # places that are no area of the list; they count in the total alone

    @cached_property
    def _known(self) -> Mapping[str, str]:
        spellings = {folded(member): member for member in self.areas.members}
        for member, aliases in self.areas.members.items():
            spellings |= {folded(alias): member for alias in aliases}
        return spellings | {folded(place): place for place in self.elsewhere}

    @cached_property
    def _subtotals(self) -> frozenset[str]:
        return frozenset(map(folded, self.areas.subtotals))

    def read(self, text: str) -> str | None:
        """The area under its name in the workbook; None if it is not on the list."""
        return self._known.get(folded(text))

    def check(self, text: str) -> CellFault | None:
        """What is wrong with the name of an area: a sum of areas (K3), or not on the list (K4); None if nothing is."""
        name = folded(text)
        if name in self._known:
            return None
        if name in self._subtotals:
            message = f"'{text}' adds up areas that have rows of their own, so they would count twice"
            return CellFault("K3", message, "Leave the row out.")
        return self._unknown(text)

    def _unknown(self, text: str) -> CellFault:
        latin = "".join(_LOOK_ALIKE.get(letter, letter) for letter in text)
        if latin != text and (member := self.read(latin)):
            wrong = next(letter for letter in text if letter in _LOOK_ALIKE)
            message = f"'{text}' is written with {_named(wrong)}, which looks like {_LOOK_ALIKE[wrong]}"
            return CellFault("K4", message, f"Type it again: {member}.")
        message = f"'{text}' is not in the list of areas {self.name} ({self.areas.title})"
        if close := difflib.get_close_matches(folded(text), self._known, n=1, cutoff=0.75):
            member = self._known[close[0]]
            return CellFault("K4", message, f"Is it {member}? Correct it, or add this spelling to areas.yaml.")
        return CellFault("K4", message, "Correct it, or add the area to areas.yaml.")


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
        return self.source.columns.get(name, FIGURE)

    def check(self, name: str, text: str | None) -> CellFault | None:
        """What is wrong with a cell; None if nothing is."""
        return check_text(text, self.column(name), self.areas)

    def month_columns(self) -> Sequence[str]:
        """The names of the months' columns in memory, in the order of the file."""
        return [f"m{place}" for place in self.layout.months]


def check_text(text: str | None, column: SourceColumn, areas: "AreaNames | None" = None) -> CellFault | None:
    """What is wrong with the text of a cell (None: empty) in a column of any type; None if nothing is."""
    if text is None:
        return None if column.optional else empty(column)
    fault: CellFault | None = None
    if column.pattern:
        part = part_of(text, column.pattern)
        if part is None:
            message = f"'{text}' does not fit the pattern {column.pattern}, which says which part of it counts"
            return CellFault("D1", message, "Correct the cell, or the column's pattern in sources.yaml.")
        text = part
    match column.type:
        case ColumnType.COUNT:
            fault = check_count(text, column.max)
        case ColumnType.DATE:
            fault = check_date(text, column.format)
        case ColumnType.MONTH | ColumnType.YEAR:
            fault = (_check_month if column.type is ColumnType.MONTH else _check_year)(text)
        case ColumnType.FLAG:
            fault = _check_flag(text)
        case ColumnType.AREA if areas is not None:
            fault = areas.check(text)
        case ColumnType.TEXT if column.values:
            fault = _check_listed(text, column.values)
    return fault


def part_of(text: str, pattern: str) -> str | None:
    """The part of a text that a column's pattern picks with its group; None where the text does not fit."""
    found = re.fullmatch(pattern, text)
    return None if found is None or found[1] is None else found[1].strip() or None


def empty(column: SourceColumn) -> CellFault:
    """The fault of an empty cell in a column that is not optional."""
    if column.type is ColumnType.COUNT:
        return CellFault("V1", "the cell is empty", "Write the number: a blank is missing, never zero.")
    return CellFault("V1", "the cell is empty", "Fill it in, or say in sources.yaml that the column is optional.")


def check_count(text: str, most: int | None = None) -> CellFault | None:
    """What is wrong with the text of a count, which must be digits only and at most `most`; None if nothing is."""
    if re.fullmatch(COUNT, text):
        if most is not None and int(text) > most:
            return CellFault("V4", f"{text} is above {most}, the largest number allowed", "Correct the number.")
        return None
    tests = (_no_figure, _percentage, _below_zero, _fraction, _letters_for_digits, _other_number)
    return next((fault for test in tests if (fault := test(text))), None) or CellFault(
        "V1", f"'{text}' is not a number", "Write digits only."
    )


def _no_figure(text: str) -> CellFault | None:
    if _EXCEL_ERROR.fullmatch(text):
        return CellFault("V1", f"'{text}' is an Excel error", "Correct the formula where the file was made.")
    if _MISSING.fullmatch(text):
        remedy = "Write the number: 0 if there was none; an unknown figure cannot be counted."
        return CellFault("V1", f"'{text}' marks a missing figure, and is not a number", remedy)
    return None


def _percentage(text: str) -> CellFault | None:
    if re.fullmatch(r"[-+]?[0-9.,]+ ?%", text):
        return CellFault("V1", f"'{text}' is a percentage, not a count", "Write the number of cases in digits.")
    return None


def _below_zero(text: str) -> CellFault | None:
    if re.fullmatch(r"[-−–] ?[0-9][0-9.,]*|\([0-9][0-9.,]*\)", text):
        return CellFault(
            "V4", f"'{text}' is below zero", "A count cannot be negative; correct it where the file was made."
        )
    return None


def _fraction(text: str) -> CellFault | None:
    if re.fullmatch(r"[0-9]*\.[0-9]+", text) and not re.fullmatch(r"[0-9]{1,3}\.[0-9]{3}\.[0-9]{3}", text):
        remedy = "Counts are whole: is it a rate, a mean or a percentage?"
        return CellFault("V4", f"'{text}' is not a whole number", remedy)
    return None


def _letters_for_digits(text: str) -> CellFault | None:
    digits = text.translate(_DIGITS_IN_DISGUISE)
    if digits != text and re.fullmatch(r"[0-9,]+", digits) and re.search("[0-9]", text):
        wrong = next(letter for letter in text if letter.translate(_DIGITS_IN_DISGUISE) != letter)
        remedy = f"Write digits only: {digits.replace(',', '')}, if that is what is meant."
        return CellFault("V1", f"'{text}' is not a number: it holds the letter {_named(wrong)}", remedy)
    return None


def _other_number(text: str) -> CellFault | None:
    if re.fullmatch(r"[0-9]{1,3}(?:([,.'   ])[0-9]{3})(?:\1[0-9]{3})*", text):
        digits = re.sub("[^0-9]", "", text)
        return CellFault("V1", f"'{text}' is text with a thousands separator", f"Write digits only: {digits}.")
    if re.fullmatch(r"[0-9.]+[eE][-+]?[0-9]+", text):
        remedy = "Write every digit; a spreadsheet shortened it."
        return CellFault("V1", f"'{text}' is in scientific notation, and digits may be lost", remedy)
    if re.fullmatch(r"[0-9]{16,}", text):
        return CellFault("V1", f"'{text}' has {len(text)} digits, too many for a count", "Is it a reference number?")
    if text.isdecimal():
        return CellFault("V1", f"'{text}' is written with digits of another alphabet", "Write the digits 0 to 9.")
    return None


def check_date(text: str, form: str) -> CellFault | None:
    """What is wrong with the text of a date in the form `form`, with or without a time of day; None if nothing is."""
    if re.fullmatch(DATE_CELL, text):
        form = "yyyy-mm-dd"
    remedy = f"Write the date {form}."
    if not re.fullmatch(DATE[form][0] + TIME, text):
        return CellFault("V2", f"'{text}' {_what_date(text, form)}", remedy)
    day = _day(text, form)
    if day is not None:
        return _far_off(text, day.year)
    other = {"dd/mm/yyyy": "mm/dd/yyyy", "mm/dd/yyyy": "dd/mm/yyyy"}.get(form)
    if other and _day(text, other):
        message = f"'{text}' is not a day if read {form}, but is one if read {other}"
        remedy = f"Ask for the extract with dates {form}, or change `format` in sources.yaml."
        return CellFault("V2", message, remedy)
    return CellFault("V2", f"'{text}' is not a day of the calendar", remedy)


def _day(text: str, form: str) -> dt.date | None:
    """The day of a text in this form; None if it is not a day."""
    pattern, template = DATE[form]
    found = re.match(pattern, text)
    try:
        return dt.datetime.strptime(found[0], template).date() if found else None
    except ValueError:
        return None


def _what_date(text: str, form: str) -> str:
    if re.fullmatch(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}", text):
        return "has a year of two digits"
    if re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", text):
        return "is a date number of a spreadsheet, not a date"
    return f"is not a date written {form}"


def _far_off(text: str, year: int) -> CellFault | None:
    if FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return CellFault("V2", f"'{text}' is in the year {year}, outside {FIRST_YEAR} to {LAST_YEAR}", "Correct the year.")


def _check_month(text: str) -> CellFault | None:
    try:
        return _far_off(text, Month.read(text).year)
    except CellError as error:
        message = str(error).replace(f": {WHAT_WOULD_DO}", "").replace('"', "'")
        return CellFault("V2", message, f"{WHAT_WOULD_DO[0].upper()}{WHAT_WOULD_DO[1:]}.")


def _check_year(text: str) -> CellFault | None:
    try:
        return _far_off(text, read_year(text))
    except CellError:
        return CellFault("V2", f"'{text}' is not a year", "Write a year such as 2008.")


def is_financial_year(text: str) -> bool:
    """Whether a text may be a financial year: 2008-09, 2008/09, 1999-00, FY 2008/09."""
    found = _FINANCIAL_YEAR.fullmatch(text.strip())
    return found is not None and (int(found[1]) + 1) % 100 == int(found[2])


def _check_flag(text: str) -> CellFault | None:
    if text.casefold() in FLAGS:
        return None
    return CellFault("V1", f"'{text}' is neither yes nor no", "Write Y or N.")


def _check_listed(text: str, known: Sequence[str]) -> CellFault | None:
    """The fault of a category that the configuration does not list: perhaps renamed, perhaps new."""
    if folded(text) in {folded(value) for value in known}:
        return None
    message = f"'{text}' is not one of {', '.join(known)}"
    remedy = "Correct it, or add it to the values in sources.yaml and to the conditions that should count it."
    if close := difflib.get_close_matches(folded(text), {folded(value): value for value in known}, n=1):
        likely = next(value for value in known if folded(value) == close[0])
        remedy = f"Is it '{likely}'? {remedy}"
    return CellFault("D1", message, remedy)


def folded(text: str) -> str:
    """A name for comparison: without case and invisible characters, and with single spaces only."""
    letters = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Cf").split())


def _named(letter: str) -> str:
    """A letter, with its Unicode name if it is not ASCII."""
    name = unicodedata.name(letter, "")
    return letter if letter.isascii() else f"{letter} ({name.title()}, U+{ord(letter):04X})"


def make_typed(staging: Staging, reader: ExtractReader, findings: Findings) -> frozenset[str]:
    """Make the table `typed` from `raw`; a cell with a wrong text becomes NULL.

    Returns the columns that are refused as a whole: their cells need no faults of their own.
    """
    refused = set[str]()
    cells, joins = ["raw._row AS _row"], []
    for name, column in reader.source.columns.items():
        text = f"raw.{sql_name(name)}"
        value = _typed_cell(column, text)
        if value is None:
            table = sql_name(f"map_{name}")
            if not _make_map(staging, name, table, reader, findings):
                refused.add(name)
            joins.append(f"LEFT JOIN {table} ON {table}.text = {text}")
            value = f"{table}.value"
        cells += [f"{value} AS {sql_name(name)}", f"{text} AS {sql_name(f'_raw_{name}')}"]
    rows, names = "raw", list(reader.source.columns)
    if reader.source.shape is Shape.WIDE:
        rows, names = _unpivoted(staging, reader), [*names, "count"]
        cells += ["raw._month AS _month", "raw._place AS _place", "raw._text AS _raw_count"]
        cells += [f"{_typed_cell(FIGURE, 'raw._text')} AS count"]
    statement = (
        "CREATE OR REPLACE TEMP TABLE typed AS SELECT _row, {place}, {month} AS _month, {area} AS _area, {kept}"
        " FROM (SELECT {cells} FROM {rows} {joins})"
    )
    day = sql_name(reader.source.month) if reader.source.month else ""
    staging.run(
        statement, cells=", ".join(cells), rows=rows, joins=" ".join(joins),
        place="_place" if reader.source.shape is Shape.WIDE else "NULL AS _place",
        month=f"year({day}) * 12 + month({day}) - 1" if day else "_month",
        area=sql_name(reader.source.area) if reader.source.area else "NULL::VARCHAR",
        kept=", ".join(f"{sql_name(name)}, {_kept_text(name)}" for name in names),
    )  # fmt: skip
    staging.run("DROP TABLE raw")
    return frozenset(refused)


def _kept_text(name: str) -> str:
    """SQL that keeps a cell's text only if the cell has no value, which is rare and saves memory."""
    value, text = sql_name(name), sql_name(f"_raw_{name}")
    return f"CASE WHEN {value} IS NULL THEN {text} END AS {text}"


def _typed_cell(column: SourceColumn, text: str) -> str | None:
    """SQL for the value of a cell; None for columns whose values come from a table of texts."""
    match column.type:
        case ColumnType.TEXT if not column.values and not column.pattern:
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


def _make_map(staging: Staging, name: str, table: str, reader: ExtractReader, findings: Findings) -> bool:
    """Make a table from each text of a column to its value (month, flag, area, listed text).

    False, with a fault, if the column is refused: it holds financial years.
    """
    column = reader.column(name)
    query = "SELECT DISTINCT {name} FROM raw WHERE {name} IS NOT NULL"
    texts = [text for (text,) in staging.rows(query, name=sql_name(name))]
    sql_type, whole = _value_of(column, reader)
    read = whole
    if pattern := column.pattern:

        def read(text: str) -> object:
            part = part_of(text, pattern)
            return None if part is None else whole(part)

    years = column.type is ColumnType.MONTH and len(texts) > 1 and all(map(is_financial_year, texts))
    if years:
        message = f"the column holds financial years ('{min(texts)}' to '{max(texts)}'), not months"
        findings.add("V2", message, "Give a month in each row: 2008-04.", column=reader.layout.heading(name))
    found = {text: value for text in texts if not years and (value := read(text)) is not None}
    make = "CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest(?::VARCHAR[]) AS text, unnest(?::{type}[]) AS value"
    staging.run(make, [list(found), list(found.values())], table=table, type=sql_type)
    return not years


def _value_of(column: SourceColumn, reader: ExtractReader) -> tuple[str, Callable[[str], object]]:
    """The SQL type of a column whose values come from a table of texts, and the function that reads a text."""
    match column.type:
        case ColumnType.MONTH:
            return "DATE", _first_day
        case ColumnType.YEAR:
            return "DATE", _new_year
        case ColumnType.FLAG:
            return "BOOLEAN", lambda text: FLAGS.get(text.casefold())
        case ColumnType.AREA if reader.areas is not None:
            return "VARCHAR", reader.areas.read
        case _ if column.values:
            known = {folded(value): value for value in column.values}
            return "VARCHAR", lambda text: known.get(folded(text))
        case _:
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


def _unpivoted(staging: Staging, reader: ExtractReader) -> str:
    """SQL for the rows of a wide extract: one for each row and month, with the text of its figure."""
    months = reader.layout.months
    make = "CREATE OR REPLACE TEMP TABLE months AS SELECT unnest(?::VARCHAR[]) AS _place, unnest(?::BIGINT[]) AS _month"
    staging.run(make, [list(reader.month_columns()), [month_number(month) for month in months.values()]])
    columns = ", ".join(map(sql_name, reader.month_columns()))
    unpivot = f"(FROM raw UNPIVOT INCLUDE NULLS (_text FOR _place IN ({columns})))"
    return f"(FROM {unpivot} JOIN months USING (_place)) AS raw"


def check_cells(
    staging: Staging, reader: ExtractReader, file: ExtractFile, refused: frozenset[str], findings: Findings
) -> None:
    """Report each cell that does not fit its column (V1, V2, V4, D1, K3, K4), and rows with shifted cells (F6)."""
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
    """The first cells of a column that lack a value but must have one, and the number of the rest."""
    query = (
        "SELECT _row, text, count(*) OVER (PARTITION BY text), count(*) OVER ()"
        " FROM (SELECT DISTINCT _row, {raw} AS text FROM typed"
        " WHERE {value} IS NULL AND ({raw} IS NOT NULL OR {required})) ORDER BY _row LIMIT {most}"
    )
    rows = staging.rows(
        query, raw=sql_name(f"_raw_{name}"), value=sql_name(name), required=str(not optional), most=str(MOST_LOOKED_AT)
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


def _report_cells(reader: ExtractReader, cells: Sequence[_BadCell], unseen: int, findings: Findings) -> None:
    """Report the faults of one column; an unknown name once, with the number of its rows."""
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
        if not 0 <= at < len(cells) or (column.type is ColumnType.TEXT and not column.values):
            continue
        text = cells[at].strip() or None
        if text is None and column.optional:
            continue
        if reader.check(name, text) is not None:
            return False
        agreeing += 1
    return agreeing >= 2


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
