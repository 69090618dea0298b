"""The texts of cells: which value each means in a column of its type, or what is wrong with it and what would do.

`check_text` explains any cell. `AreaNames` reads the names of areas. The patterns here are also those of the SQL that
turns whole columns into values (see `cpa_xl.extracts.rows`), so the two cannot disagree.
"""

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache

from cpa_xl.config.model import AreaList, ColumnType, SourceColumn
from cpa_xl.errors import CellError
from cpa_xl.measures.periods import WHAT_WOULD_DO, Month, read_year
from cpa_xl.wording import TO_CHOOSE_FROM, first_few

OTHERS = "*"  # among the places that count elsewhere: every place that is not on the list of areas
FIRST_YEAR, LAST_YEAR = 1990, 2100
FLAGS: Mapping[str, bool] = {
    "y": True, "yes": True, "true": True, "t": True, "1": True,
    "n": False, "no": False, "false": False, "f": False, "0": False,
}  # fmt: skip
ZEROS = "[.]0+$"  # some systems write 12.0 for 12
COUNT = "[0-9]{1,15}(?:[.]0+)?"  # a spreadsheet rounds numbers with more digits
DECIMAL = "(?:[0-9]{1,15}(?:[.][0-9]{1,20})?|[.][0-9]{1,20})"  # 0.1 + 0.2 has 17 decimals
_POUNDS = "(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:[.][0-9]{1,4})?"
MONEY = f"(?:£ ?)?{_POUNDS}"
DATE = {
    "dd/mm/yyyy": ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", "%d/%m/%Y"),
    "mm/dd/yyyy": ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", "%m/%d/%Y"),
    "yyyy-mm-dd": ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d"),
}
TIME = "(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
DATE_CELL = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{TIME}"  # a date of a sheet arrives in this form, with one meaning only
# How durations are written, and the seconds of each of their parts or of one unit.
DURATION: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "hh:mm:ss": ("[0-9]{1,5}:[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,6})?", (3600, 60, 1)),
    "hh:mm": ("[0-9]{1,5}:[0-5][0-9]", (3600, 60)),
    "mm:ss": ("[0-9]{1,7}:[0-5][0-9](?:[.][0-9]{1,6})?", (60, 1)),
    "seconds": (DECIMAL, (1,)),
    "minutes": (DECIMAL, (60,)),
    "hours": (DECIMAL, (3600,)),
}
# A duration of a sheet arrives as a time on a day of 1899 or 1900, or as in ISO 8601. Two numbers of days share a text.
STORED_DURATION = f"(?:1899-12-31|1900-(?:(?:0[13-9]|1[0-2])-[0-9]{{2}}|02-(?:[01][0-9]|2[0-7]))){TIME}"
ISO_DURATION = "PT([0-9]+)H([0-9]+)M([0-9]+(?:[.][0-9]+)?)S"
# Letters of other alphabets that look like Latin ones, capital and small.
_LOOK_ALIKE = dict(
    zip(
        "АВЕЅІЈКМНОРСТХУаеѕіјорсхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
        "ABESIJKMHOPCTXYaesijopcxyABEZHIKMNOPTYXo",
        strict=True,
    )
)
_MISSING = re.compile(r"[-–—.]+|n/?a|n[.]a[.]|nil|null|none|nan|[x*?c]|\[[xc]\]", re.IGNORECASE)
_NEGATIVE = re.compile(r"[-−–] ?£? ?[0-9][0-9.,:]*|£ ?-[0-9][0-9.,]*|\(£? ?[0-9][0-9.,]*\)|[0-9][0-9.,]* ?[-−–]")
_DATE_NUMBER = r"[0-9]{5}(?:\.[0-9]+)?"
_EXCEL_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)", re.IGNORECASE)
_DIGITS_IN_DISGUISE = str.maketrans({"O": "0", "o": "0", "О": "0", "о": "0", "l": "1", "I": "1", "|": "1"})
_FINANCIAL_YEAR = re.compile(r"(?:FY ?)?((?:19|20)?[0-9]{2})[-/_\u2013](?:19|20)?([0-9]{2})", re.IGNORECASE)
_QUARTER = re.compile(r"(?:Q|quarter|qtr)? ?([1-4])(?:[.]0)?", re.IGNORECASE)


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
        """The area under its name in the workbook; None if it is not on the list.

        A place beside the list keeps its name where every such place counts elsewhere (`OTHERS`).
        """
        name = folded(text)
        if OTHERS in self.elsewhere and name not in self._subtotals:
            return self._known.get(name, text)
        return self._known.get(name)

    def check(self, text: str) -> CellFault | None:
        """What is wrong with the name of an area: a sum of areas (K3), or not on the list (K4); None if nothing is."""
        name = folded(text)
        if name in self._known or (OTHERS in self.elsewhere and name not in self._subtotals):
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


def check_text(text: str | None, column: SourceColumn, areas: "AreaNames | None" = None) -> CellFault | None:
    """What is wrong with the text of a cell (None: empty) in a column of any type; None if nothing is."""
    if text is None:
        return None if column.optional else empty(column)
    if is_missing(text, column):
        return None
    part = part_of(text, column.pattern) if column.pattern else text
    if part is None:
        message = f"'{text}' does not fit the pattern {column.pattern}, which says which part of it counts"
        return CellFault("D1", message, "Correct the cell, or the column's pattern in sources.yaml.")
    word = word_of(part, column) if column.codes else part
    if word is None:
        message = f"'{text}' is not one of the codes {first_few(list(column.codes), TO_CHOOSE_FROM)}"
        return CellFault("D1", message, "Correct it, or add the code in sources.yaml.")
    return _CHECKS[column.type](word, column, areas)


def is_missing(text: str, column: SourceColumn) -> bool:
    """Whether the text of a cell is one of the column's marks for an unknown value; -1.0 is the mark -1."""
    if column.type.is_number:
        text = re.sub(ZEROS, "", text)
    return any(text.casefold() == mark.casefold() for mark in column.missing)


def is_mark(text: str) -> bool:
    """Whether a text is one of the usual marks for a missing value: -, .., n/a, *, [x]."""
    return _MISSING.fullmatch(text) is not None


def word_of(text: str, column: SourceColumn) -> str | None:
    """The word for a code; None if the column's list does not have it. 1.0 is the code 1."""
    return column.codes.get(text) or column.codes.get(re.sub(ZEROS, "", text))


def first_year_of(text: str) -> int | None:
    """The year in which a financial year begins: 2023/24, 2023-24, 2023/2024, FY 23-24, 2023_24; None if it is none."""
    found = _FINANCIAL_YEAR.fullmatch(text.strip())
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        return None
    return int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])


def quarter_of(text: str) -> int | None:
    """The number of a quarter: 1, Q1, Quarter 1; None if it is none."""
    found = _QUARTER.fullmatch(text.strip())
    return None if found is None else int(found[1])


def part_of(text: str, pattern: str) -> str | None:
    """The part of a text that a column's pattern picks with its group; None where the text does not fit."""
    found = re.fullmatch(pattern, text)
    return None if found is None or found[1] is None else found[1].strip() or None


def empty(column: SourceColumn) -> CellFault:
    """The fault of an empty cell in a column that is not optional."""
    if column.type.is_number:
        return CellFault("V1", "the cell is empty", "Write the number: a blank is missing, never zero.")
    return CellFault("V1", "the cell is empty", "Fill it in, or say in sources.yaml that the column is optional.")


def check_count(text: str, most: int | None = None, *, negative: bool = False) -> CellFault | None:
    """What is wrong with the text of a count; None if nothing is.

    It must be digits only and at most `most`; with `negative`, it may be below zero.
    """
    if re.fullmatch(f"-?{COUNT}" if negative else COUNT, text):
        return _above(text, most)
    below = _other_minus if negative else _below_zero
    tests = (_no_figure, _percentage, below, _fraction, _letters_for_digits, _other_number)
    return next((fault for test in tests if (fault := test(text))), None) or CellFault(
        "V1", f"'{text}' is not a number", "Write digits only."
    )


def _above(text: str, most: int | None) -> CellFault | None:
    if most is None or Decimal(re.sub("[£, ]", "", text)) <= most:
        return None
    return CellFault("V4", f"{text} is above {most}, the largest number allowed", "Correct the number.")


def _check_figure(text: str, column: SourceColumn) -> CellFault | None:
    """What is wrong with the text of a decimal, an amount of money or a duration; None if nothing is."""
    if column.type is ColumnType.DURATION:
        return _check_duration(text, column)
    money = column.type is ColumnType.MONEY
    if re.fullmatch(signed(column), text):
        return _above(text, column.max)
    for test in (_no_figure, _percentage, _other_minus if column.negative else _below_zero, _letters_for_digits):
        if fault := test(text):
            return fault
    if money:
        return CellFault("V1", f"'{text}' is not an amount in pounds", "Write 1234.50, £1234.50 or £1,234.50.")
    return _other_number(text) or CellFault("V1", f"'{text}' is not a number", "Write digits and a decimal point.")


def _check_duration(text: str, column: SourceColumn) -> CellFault | None:
    form = duration_form(column)
    if not re.fullmatch(f"{DURATION[form][0]}|{STORED_DURATION}|{ISO_DURATION}", text):
        fault = _no_figure(text) or _below_zero(text)
        return fault or CellFault("V1", f"'{text}' is not a duration in {form}", f"Write it in {form}.")
    if column.max is not None and seconds_of(text, form) > column.max:
        return CellFault("V4", f"{text} is above {column.max} seconds, the most allowed", "Correct the time.")
    return None


def seconds_of(text: str, form: str) -> float:
    """The seconds of a duration in this form, or as a sheet stores it."""
    pattern, units = DURATION[form]
    if re.fullmatch(pattern, text):
        return sum(unit * float(part) for unit, part in zip(units, text.split(":"), strict=True))
    if found := re.fullmatch(ISO_DURATION, text):
        return 3600 * int(found[1]) + 60 * int(found[2]) + float(found[3])
    moment = dt.datetime.fromisoformat(text)
    base = dt.datetime(1899, 12, 31) if moment < dt.datetime(1900, 3, 1) else dt.datetime(1899, 12, 30)
    return (moment - base).total_seconds()


def duration_form(column: SourceColumn) -> str:
    """How the durations of a column are written; hh:mm:ss unless its `format` says otherwise."""
    return column.format if column.format in DURATION else "hh:mm:ss"


def signed(column: SourceColumn) -> str:
    """The pattern of a column's decimals or amounts, with a sign where numbers below zero are allowed."""
    if column.type is not ColumnType.MONEY:
        return f"-?{DECIMAL}" if column.negative else DECIMAL
    return rf"-?{MONEY}|(?:£ ?)?-{_POUNDS}|\({MONEY}\)" if column.negative else MONEY


def _check_form(text: str, found: int | None, what: str, example: str) -> CellFault | None:
    return None if found is not None else CellFault("V2", f"'{text}' is not {what}", f"Write it as {example}.")


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
    if re.fullmatch(_NEGATIVE, text):
        remedy = "A count cannot be negative; correct it where the file was made."
        return CellFault("V4", f"'{text}' is below zero", remedy)
    return None


def _other_minus(text: str) -> CellFault | None:
    """The fault of a number below zero, where the column allows them, that is written in another way."""
    if re.fullmatch(_NEGATIVE, text):
        digits = re.sub("[^0-9.]", "", text)
        return CellFault("V1", f"'{text}' is below zero, but not written with a hyphen", f"Write -{digits}.")
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
    if form not in DATE or re.fullmatch(DATE_CELL, text):
        form = "yyyy-mm-dd"
    remedy = f"Write the date {form}."
    if not re.fullmatch(DATE[form][0] + TIME, text):
        return CellFault("V2", f"'{text}' {_what_date(text, form)}", remedy)
    day = day_of(text, form)
    if day is not None:
        return _far_off(text, day.year)
    other = {"dd/mm/yyyy": "mm/dd/yyyy", "mm/dd/yyyy": "dd/mm/yyyy"}.get(form)
    if other and day_of(text, other):
        message = f"'{text}' is not a day if read {form}, but is one if read {other}"
        remedy = f"Ask for the extract with dates {form}, or change `format` in sources.yaml."
        return CellFault("V2", message, remedy)
    return CellFault("V2", f"'{text}' is not a day of the calendar", remedy)


def day_of(text: str, form: str) -> dt.date | None:
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
    if re.fullmatch(_DATE_NUMBER, text):
        return "is a date number of a spreadsheet, not a date"
    return f"is not a date written {form}"


def _far_off(text: str, year: int) -> CellFault | None:
    if FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return CellFault("V2", f"'{text}' is in the year {year}, outside {FIRST_YEAR} to {LAST_YEAR}", "Correct the year.")


def _check_month(text: str) -> CellFault | None:
    if re.fullmatch(_DATE_NUMBER, text):
        remedy = 'Write a month such as 2009-01 or "Jan-09", or format the column as dates where the file was made.'
        return CellFault("V2", f"'{text}' is a date number of a spreadsheet, not a month", remedy)
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


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """A name for comparison: without case and invisible characters, and with single spaces only."""
    letters = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Cf").split())


def _named(letter: str) -> str:
    """A letter, with its Unicode name if it is not ASCII."""
    name = unicodedata.name(letter, "")
    return letter if letter.isascii() else f"{letter} ({name.title()}, U+{ord(letter):04X})"


def _check_type(text: str, column: SourceColumn, areas: "AreaNames | None") -> CellFault | None:
    match column.type:
        case ColumnType.COUNT:
            return check_count(text, column.max, negative=column.negative)
        case ColumnType.AREA if areas is not None:
            return areas.check(text)
        case ColumnType.TEXT if column.values:
            return _check_listed(text, column.values)
    return None


_Check = Callable[[str, SourceColumn, "AreaNames | None"], CellFault | None]
_CHECKS: Mapping[ColumnType, _Check] = {
    ColumnType.TEXT: _check_type,
    ColumnType.AREA: _check_type,
    ColumnType.COUNT: _check_type,
    ColumnType.DECIMAL: lambda text, column, _: _check_figure(text, column),
    ColumnType.MONEY: lambda text, column, _: _check_figure(text, column),
    ColumnType.DURATION: lambda text, column, _: _check_figure(text, column),
    ColumnType.DATE: lambda text, column, _: check_date(text, column.format),
    ColumnType.MONTH: lambda text, _, __: _check_month(text),
    ColumnType.YEAR: lambda text, _, __: _check_year(text),
    ColumnType.FINANCIAL_YEAR: lambda text, _, __: _check_form(
        text, first_year_of(text), "a financial year", "2023/24"
    ),
    ColumnType.QUARTER: lambda text, _, __: _check_form(text, quarter_of(text), "a quarter", "1 to 4, or Q1 to Q4"),
    ColumnType.FLAG: lambda text, _, __: _check_flag(text),
}
