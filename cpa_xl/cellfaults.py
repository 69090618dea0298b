"""What is wrong with the text of one cell of an extract, in words: numbers, dates, months, flags, names of areas."""

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cpa_xl.catalogue import AreaList, ColumnType, SourceColumn
from cpa_xl.errors import CellError
from cpa_xl.periods import WHAT_WOULD_DO, Month

FIRST_YEAR, LAST_YEAR = 1990, 2100
FLAGS: Mapping[str, bool] = {
    "y": True, "yes": True, "true": True, "t": True, "1": True,
    "n": False, "no": False, "false": False, "f": False, "0": False,
}  # fmt: skip
COUNT = "[0-9]{1,15}"  # any more digits and a spreadsheet has rounded them
DATE = {
    "dd/mm/yyyy": ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", "%d/%m/%Y"),
    "mm/dd/yyyy": ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", "%m/%d/%Y"),
    "yyyy-mm-dd": ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d"),
}
DATE_CELL = "[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00"  # how a date of a sheet comes: it can be read one way only
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


@dataclass(frozen=True, slots=True)
class CellFault:
    """A code, what is wrong, and what would do."""

    code: str
    message: str
    remedy: str


def check_text(text: str | None, column: SourceColumn, areas: "AreaNames | None" = None) -> CellFault | None:
    """What is wrong with a cell of a column of text, dates, months, flags or areas; None where nothing is."""
    if text is None:
        return None if column.optional else empty(column)
    fault: CellFault | None = None
    match column.type:
        case ColumnType.COUNT:
            fault = check_count(text, column.max)
        case ColumnType.DATE:
            fault = check_date(text, column.format)
        case ColumnType.MONTH:
            fault = _check_month(text)
        case ColumnType.FLAG:
            fault = _check_flag(text)
        case ColumnType.AREA if areas is not None:
            fault = areas.check(text)
        case ColumnType.TEXT if column.values:
            fault = _check_listed(text, column.values)
    return fault


def empty(column: SourceColumn) -> CellFault:
    """The fault of an empty cell where there must be something."""
    if column.type is ColumnType.COUNT:
        return CellFault("V1", "the cell is empty", "Write the number: a blank is missing, never zero.")
    return CellFault("V1", "the cell is empty", "Fill it in, or say in sources.yaml that the column is optional.")


def check_count(text: str, most: int | None = None) -> CellFault | None:
    """What is wrong with the text of a count: digits only, and no more than `most`."""
    if re.fullmatch(COUNT, text):
        if most is not None and int(text) > most:
            return CellFault("V4", f"{text} is above {most}, the most that it can be", "Correct the number.")
        return None
    tests = (_no_figure, _percentage, _below_zero, _fraction, _letters_for_digits, _other_number)
    return next((fault for test in tests if (fault := test(text))), None) or CellFault(
        "V1", f"'{text}' is not a number", "Write digits only."
    )


def _no_figure(text: str) -> CellFault | None:
    if _EXCEL_ERROR.fullmatch(text):
        return CellFault("V1", f"'{text}' is an Excel error", "Correct the formula where the file was made.")
    if _MISSING.fullmatch(text):
        remedy = "Write the number: 0 where there was none; what is not known cannot be counted."
        return CellFault("V1", f"'{text}' stands for a figure that is not there", remedy)
    return None


def _percentage(text: str) -> CellFault | None:
    if re.fullmatch(r"[-+]?[0-9.,]+ ?%", text):
        return CellFault("V1", f"'{text}' is a percentage, not a count", "Write the number of cases in digits.")
    return None


def _below_zero(text: str) -> CellFault | None:
    if re.fullmatch(r"[-−–] ?[0-9][0-9.,]*|\([0-9][0-9.,]*\)", text):
        return CellFault("V4", f"'{text}' is below zero", "A count cannot be; correct it where the file was made.")
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
    """What is wrong with the text of a date that is to be written as `form` says (a time of day may follow)."""
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
        message = f"'{text}' is no day when read {form}; read {other} it is"
        remedy = f"Ask for the extract with dates {form}, or change `format` in sources.yaml."
        return CellFault("V2", message, remedy)
    return CellFault("V2", f"'{text}' is no day of the calendar", remedy)


def _day(text: str, form: str) -> dt.date | None:
    """The day of a text that looks like a date of this form."""
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


def is_financial_year(text: str) -> bool:
    """Whether a text can be a financial year: 2008-09, 2008/09, 1999-00, FY 2008/09."""
    found = _FINANCIAL_YEAR.fullmatch(text.strip())
    return found is not None and (int(found[1]) + 1) % 100 == int(found[2])


def _check_flag(text: str) -> CellFault | None:
    if text.casefold() in FLAGS:
        return None
    return CellFault("V1", f"'{text}' is neither yes nor no", "Write Y or N.")


def _check_listed(text: str, known: Sequence[str]) -> CellFault | None:
    """A category that the configuration does not know: perhaps renamed, perhaps new."""
    if plain(text) in {plain(value) for value in known}:
        return None
    message = f"'{text}' is not one of {', '.join(known)}"
    remedy = "Correct it, or add it to the values in sources.yaml and to the conditions that should count it."
    if close := difflib.get_close_matches(plain(text), {plain(value): value for value in known}, n=1):
        likely = next(value for value in known if plain(value) == close[0])
        remedy = f"Is it '{likely}'? {remedy}"
    return CellFault("D1", message, remedy)


def plain(text: str) -> str:
    """A name as it is compared: without case, invisible marks, and spaces of any other kind or number than one."""
    letters = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Cf").split())


def _named(letter: str) -> str:
    """A letter, with the name of its alphabet where it is not a Latin one."""
    name = unicodedata.name(letter, "")
    return letter if letter.isascii() else f"{letter} ({name.title()}, U+{ord(letter):04X})"


@dataclass(frozen=True)
class AreaNames:
    """The names and other spellings of the areas of a list, and of rows that add areas up."""

    name: str
    areas: AreaList

    @cached_property
    def _known(self) -> Mapping[str, str]:
        spellings = {plain(member): member for member in self.areas.members}
        for member, aliases in self.areas.members.items():
            spellings |= {plain(alias): member for alias in aliases}
        return spellings

    @cached_property
    def _subtotals(self) -> frozenset[str]:
        return frozenset(map(plain, self.areas.subtotals))

    def read(self, text: str) -> str | None:
        """The area as the workbook names it, or None."""
        return self._known.get(plain(text))

    def check(self, text: str) -> CellFault | None:
        """What is wrong with the name of an area: a sum of areas (K3), or not on the list (K4)."""
        name = plain(text)
        if name in self._known:
            return None
        if name in self._subtotals:
            message = f"'{text}' adds up areas that have rows of their own, which would be counted twice"
            return CellFault("K3", message, "Leave the row out.")
        return self._unknown(text)

    def _unknown(self, text: str) -> CellFault:
        latin = "".join(_LOOK_ALIKE.get(letter, letter) for letter in text)
        if latin != text and (member := self.read(latin)):
            wrong = next(letter for letter in text if letter in _LOOK_ALIKE)
            message = f"'{text}' is written with {_named(wrong)}, which looks like {_LOOK_ALIKE[wrong]}"
            return CellFault("K4", message, f"Type it again: {member}.")
        message = f"'{text}' is not in the list of areas {self.name} ({self.areas.title})"
        if close := difflib.get_close_matches(plain(text), self._known, n=1, cutoff=0.75):
            member = self._known[close[0]]
            return CellFault("K4", message, f"Is it {member}? Correct it, or add this spelling to areas.yaml.")
        return CellFault("K4", message, "Correct it, or add the area to areas.yaml.")
