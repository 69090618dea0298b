"""Finds the columns of an extract by their headings, never by position.

In: the first rows of a file and its source. Out: a `Layout`, or faults of the headings (F5, F6, K1, V2).
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from cpa_xl.config.model import Shape, Source, SourceColumn
from cpa_xl.errors import CellError
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.files.readers import TITLE_LINES, TextFile, TopRow
from cpa_xl.extracts.files.sheets import JsonLinesFile, ParquetFile, SheetFile
from cpa_xl.measures.periods import Month
from cpa_xl.wording import TO_CHOOSE_FROM, counted, first_few, several

ExtractFile = TextFile | SheetFile | ParquetFile | JsonLinesFile

_MONTH_HEADING = re.compile(r"[0-9]{6}")
_SERIAL = re.compile(r"[34][0-9]{4}(\.0)?")  # 1982 to 2036
_DAY_FIRST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_TWO_YEARS = re.compile(r"((?:19|20)[0-9]{2})[-/]([0-9]{2})")
ASKED = "asked_for"  # the name of a column that a command asks for beside those of the source
_ENDS = " \t.,:;*'\"()[]#_-"


@dataclass(frozen=True)
class Layout:
    """The heading row, and the position (from 0) of each column of the source and of each month.

    `joined` has the headings of columns that a second file brings.
    """

    head: TopRow
    delimiter: str
    columns: Mapping[str, int]
    months: Mapping[int, Month]
    joined: Mapping[str, str] = field(default_factory=dict)

    @property
    def positions(self) -> Mapping[str, int]:
        """The position of each column by its name in memory; the name of a month's column is m and its position."""
        return {**self.columns, **{f"m{at}": at for at in self.months}}

    @property
    def width(self) -> int:
        """The number of columns, up to the last one with a heading."""
        return max(place + 1 for place, cell in enumerate(self.head.cells) if cell.strip())

    def heading(self, name: str) -> str:
        """The heading of a column."""
        return self.joined[name] if name in self.joined else self.head.cells[self.positions[name]].strip()


@dataclass(frozen=True)
class _Match:
    """The headings of a source that one row of the file has; `wholly` if it has all."""

    head: TopRow
    delimiter: str
    found: Mapping[str, tuple[int, ...]]
    months: Mapping[int, Month]
    wholly: bool


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """A heading for comparison: without case, spaces, invisible characters, and punctuation at its ends."""
    letters = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(letter for letter in letters if unicodedata.category(letter) != "Cf")
    return "".join(visible.strip(_ENDS).split())


def recognises(source: Source, file: ExtractFile) -> bool:
    """Whether one of the first rows of the file has every heading of the source."""
    return any(match.wholly for match in _matches(source, file))


def has_most(source: Source, file: ExtractFile) -> bool:
    """Whether one of the first rows of the file has every heading of the source, or more than half of them."""
    return any(match.wholly or 2 * len(match.found) > len(source.columns) for match in _matches(source, file))


def find_layout(source: Source, file: ExtractFile, findings: Findings) -> Layout | None:
    """The layout of a file; None, with faults of its headings (F5, F6, K1, V2), if they are not in order."""
    matches, match = list[_Match](), None
    for one in _matches(source, file):
        matches.append(one)
        if one.wholly:
            match = one
            break
    if match is None:
        _explain(source, matches, findings)
        return None
    _refuse_shifted_file(file, match, findings)
    _refuse_doubled(source, file, match, findings)
    if source.shape is Shape.WIDE:
        _refuse_odd_months(source, match, findings)
    if findings.codes():
        return None
    columns = {name: places[0] for name, places in match.found.items()}
    return Layout(match.head, match.delimiter, columns, match.months)


def _matches(source: Source, file: ExtractFile) -> Iterable[_Match]:
    for delimiter, rows in file.tops():
        for row in rows:
            if row.rows_to_here <= TITLE_LINES + 1:
                yield _match(source, row, delimiter)


def _match(source: Source, row: TopRow, delimiter: str) -> _Match:
    headings = [normal(cell) for cell in row.cells]
    found = {}
    for name, column in source.columns.items():
        if places := _places(column, headings):
            found[name] = places
    months: Mapping[int, Month] = {}
    if source.shape is Shape.WIDE:
        taken = {place for places in found.values() for place in places}
        free = {at: cell.strip() for at, cell in enumerate(row.cells) if at not in taken and cell.strip()}
        months = _plain_months(free) if source.months == "yyyymm" else _any_months(free)
    wholly = len(found) == len(source.columns) and (bool(months) or source.shape is not Shape.WIDE)
    return _Match(row, delimiter, found, months, wholly)


def _plain_months(headings: Mapping[int, str]) -> Mapping[int, Month]:
    """The headings written yyyymm, by position."""
    return {
        at: month
        for at, heading in headings.items()
        if _MONTH_HEADING.fullmatch(normal(heading)) and (month := _month(normal(heading)))
    }


def _any_months(headings: Mapping[int, str]) -> Mapping[int, Month]:
    """The headings that are months in any writing with one meaning, by position.

    First days such as 01/02/2024 have two meanings one by one; together they have one, as all are first days only if
    read one way. 2010-11 beside 2011-12 are financial years.
    """
    if _are_financial_years(headings.values()):
        return {}
    months = {at: month for at, heading in headings.items() if (month := _month(heading))}
    dates = {at: found for at, heading in headings.items() if (found := _DAY_FIRST.fullmatch(heading))}
    firsts = [position for position in (1, 3) if {int(found[position]) for found in dates.values()} == {1}]
    if len(dates) > 1 and len(firsts) == 1:
        other = 4 - firsts[0]
        months |= {at: month for at, found in dates.items() if (month := _month(f"{found[other]}/{_year(found[4])}"))}
    return months


def _year(digits: str) -> str:
    return digits if len(digits) == 4 else f"20{digits}"


def _are_financial_years(headings: Iterable[str]) -> bool:
    """Whether headings are financial years: two or more of them, and each ends in the year after its first."""
    found = [years for heading in headings if (years := _TWO_YEARS.fullmatch(heading))]
    return len(found) > 1 and all((int(years[1]) + 1) % 100 == int(years[2]) for years in found)


def _places(column: SourceColumn, headings: Sequence[str]) -> tuple[int, ...]:
    """The positions of a column; its other headings count only if its own is missing."""
    for names in ((column.header,), column.aliases):
        wanted = {normal(name) for name in names}
        if places := tuple(at for at, heading in enumerate(headings) if heading in wanted):
            return places
    return ()


def _month(text: str) -> Month | None:
    try:
        return Month.read(text)
    except CellError:
        return None


def _explain(source: Source, matches: Sequence[_Match], findings: Findings) -> None:
    """Report why no row is the heading row."""
    for upper, lower in pairwise(matches):
        both = set(upper.found) | set(lower.found)
        if upper.delimiter == lower.delimiter and upper.found and lower.found and len(both) == len(source.columns):
            where = f"the headings are on two rows ({upper.head.row} and {lower.head.row})"
            findings.add("F5", where, "Put every heading on one row, without merged cells.", row=upper.head.row)
            return
    best = max(matches, key=lambda match: (len(match.found), len(match.months)), default=None)
    if best is None or not best.found:
        held = _listed(matches[0].head.cells) if matches else ""
        first = f"; the first row holds {held}" if held else ""
        wanted = _listed(column.header for column in source.columns.values())
        remedy = f"It must hold {wanted}; or other headings that sources.yaml names."
        findings.add("F5", f"no heading row in the first {TITLE_LINES + 1} rows{first}", remedy)
        return
    for name, column in source.columns.items():
        if name not in best.found:
            _explain_missing(name, column, best, findings)
    if len(best.found) == len(source.columns):
        taken = {place for places in best.found.values() for place in places}
        others = [cell for place, cell in enumerate(best.head.cells) if place not in taken]
        message = f"no column is headed with a month; beside its other columns there is {_listed(others)}"
        if _are_financial_years(cell.strip() for cell in others):
            message = f"the columns are headed with financial years, not months: {_listed(others)}"
        elif source.months == "any" and (day := next(filter(_DAY_FIRST.fullmatch, map(str.strip, others)), None)):
            message = f"'{day}' may be one month or another: which number is the day?"
        elif serial := next((cell.strip() for cell in others if _SERIAL.fullmatch(cell.strip())), None):
            message = f"no column is headed with a month: '{serial}' is a date number of a spreadsheet"
        findings.add("F5", message, _how_to_head(source), row=best.head.row)


def _explain_missing(name: str, column: SourceColumn, best: _Match, findings: Findings) -> None:
    names = " or ".join(f"'{heading}'" for heading in (column.header, *column.aliases))
    message = f"no column is headed {names}; there is {_listed(best.head.cells)}"
    remedy = f"Head the column '{column.header}', or add its heading to the aliases of {name} in sources.yaml."
    if name == ASKED:
        remedy = "Ask for one of them."
    likely = {normal(cell): cell.strip() for cell in best.head.cells if cell.strip()}
    if close := difflib.get_close_matches(normal(column.header), likely, n=1, cutoff=0.75):
        remedy = f"Is it '{likely[close[0]]}'? {remedy}"
    findings.add("F5", message, remedy, row=best.head.row)


def _refuse_doubled(source: Source, file: ExtractFile, match: _Match, findings: Findings) -> None:
    for name, places in match.found.items():
        if len(places) > 1:
            heading = match.head.cells[places[0]].strip()
            at = several([str(place + 1) for place in places])
            message = f"{len(places)} columns are headed '{heading}' (columns {at})"
            remedy = "Leave one of them."
            if _grouped_above(file, match):
                message += ", and only a row of merged headings above tells which is which"
                remedy = "Put every heading on one row, each different, without merged cells."
            findings.add("F5", message, remedy, row=match.head.row, column=source.columns[name].header)
    seen: dict[Month, int] = {}
    for place, month in match.months.items():
        if month in seen:
            written = [match.head.cells[at].strip() for at in (seen[month], place)]
            headed = written[0] if written[0] == written[1] else f"{month.label}, '{written[0]}' and '{written[1]}'"
            message = f"two columns are headed {headed} (columns {seen[month] + 1} and {place + 1})"
            findings.add("K1", message, "Leave one of them.", row=match.head.row)
        seen[month] = place


def _grouped_above(file: ExtractFile, match: _Match) -> bool:
    """Whether the row above the headings has labels with blanks between them, as merged cells have."""
    rows = next(rows for delimiter, rows in file.tops() if delimiter == match.delimiter)
    above = next((row for row in rows if row.row == match.head.row - 1), None)
    if above is None:
        return False
    labels = sum(1 for cell in above.cells if cell.strip())
    return 2 <= labels <= len(above.cells) // 2


def _how_to_head(source: Source) -> str:
    if source.months == "yyyymm":
        return "Head each month's column yyyymm: 200901."
    return "Head each month's column with one month: 200901, 2009-01 or Jan-09."


def _refuse_odd_months(source: Source, match: _Match, findings: Findings) -> None:
    """Report headings that are months, or should be, but not in a writing that the source takes."""
    taken = {place for places in match.found.values() for place in places} | set(match.months)
    for place, cell in enumerate(match.head.cells):
        heading = normal(cell)
        if place in taken or not heading:
            continue
        if _MONTH_HEADING.fullmatch(heading):
            message = f"'{cell.strip()}' is not a month"
        elif _month(cell):
            message = f"'{cell.strip()}' is not written as the other months are"
        elif source.months == "any" and _DAY_FIRST.fullmatch(cell.strip()):
            message = f"'{cell.strip()}' may be one month or another: which number is the day?"
        else:
            continue
        findings.add("V2", message, _how_to_head(source), row=match.head.row, column=cell.strip(), was=cell)


def _refuse_shifted_file(file: ExtractFile, match: _Match, findings: Findings) -> None:
    """Report cells without a heading together with empty last columns: cells were deleted, and the rest moved left."""
    rows = next(rows for delimiter, rows in file.tops() if delimiter == match.delimiter)
    below = [row.cells for row in rows if row.row > match.head.row]
    filled = [any(at < len(cells) and cells[at].strip() for cells in below) for at in range(len(match.head.cells))]
    headed = [bool(cell.strip()) for cell in match.head.cells]
    empty_at_end = 0
    while headed and headed.pop() and not filled.pop():
        empty_at_end += 1
    unheaded = [at for at, cell in enumerate(match.head.cells) if not cell.strip() and at < len(filled) and filled[at]]
    if below and empty_at_end and unheaded:
        many = counted(empty_at_end, "column")
        message = (
            f"the cells are {many} left of their headings: the last {many} are empty below their headings, and"
            f" columns {unheaded[0] + 1} to {unheaded[-1] + 1} hold figures without a heading"
        )
        findings.add("F6", message, "Ask for the extract again: cells were deleted in it.", row=match.head.row)


def _listed(cells: Iterable[str]) -> str:
    return first_few([f"'{cell.strip()}'" for cell in cells if cell.strip()], TO_CHOOSE_FROM)
