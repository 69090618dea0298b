"""Months, the periods of a scorecard, and monthly values over them.

`Month.read` takes what cells, files and people hold, and refuses what could mean two months. A period has a total only
if every month of it has a value.
"""

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from numbers import Real
from operator import attrgetter
from types import MappingProxyType
from typing import overload

from cpa_xl.errors import MissingData, WrongArgument
from cpa_xl.wording import FEWEST, Word, first_few, quoted

FIRST_YEAR, LAST_YEAR = 1950, 2100
CENTURY_TURNS_AT = 50  # two-digit years below are 20xx, others 19xx
SERIAL_ZERO = dt.date(1899, 12, 30)  # day 0 of Excel's 1900 date system, for every day from March 1900 on
FIRST_SERIAL = (dt.date(FIRST_YEAR, 1, 1) - SERIAL_ZERO).days
LAST_SERIAL = (dt.date(LAST_YEAR, 12, 31) - SERIAL_ZERO).days
NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SHORT = tuple(name[:3] for name in NAMES)
WHAT_WOULD_DO = 'write a month such as 2009-01 or "Jan-09", or a date'

_NUMBER_OF_NAME = {
    **{name.lower(): number for number, name in enumerate(NAMES, 1)},
    **{name.lower(): number for number, name in enumerate(SHORT, 1)},
    "sept": 9,
}
_Y4, _M, _D, _NAME = r"(?P<y>[0-9]{4})", r"(?P<m>[0-9]{1,2})", r"(?P<d>[0-9]{1,2})", r"(?P<name>[a-z]+)\.?"
_Y = r"(?P<y>[0-9]{4}|[0-9]{2})"
_ONE_WAY = tuple(
    re.compile(form)
    for form in (
        r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})?",  # 200901, 20090131
        rf"{_Y4}-{_M}(?:-{_D})?",  # 2009-01, 2009-01-31
        rf"{_Y4}([/.]){_M}(?:\2{_D})?",  # 2009/01, 2009/01/31
        rf"{_M}[-/.]{_Y4}",  # 01/2009
        rf"{_NAME}(?:[-/' ]+| ?, ?){_Y}",  # Jan-09, January 2009
        rf"{_Y4}[-/ ]{_NAME}",  # 2009 Jan
        rf"{_D}(?:st|nd|rd|th)?[-/ ]{_NAME}(?:[-/' ]| ?, ?){_Y}",  # 31-Jan-09
        rf"{_NAME} {_D}(?:st|nd|rd|th)?,? {_Y4}",  # January 31, 2009
    )
)
_YEAR = re.compile(r"(?:mid[- ]?)?(?P<year>[0-9]{4})(?:[.]0)?", re.IGNORECASE)
_DAY_OR_MONTH_FIRST = re.compile(rf"(?P<a>[0-9]{{1,2}})([-/.])(?P<b>[0-9]{{1,2}})\2{_Y}")
_FINANCIAL_YEAR = re.compile(r"(?:fy ?)?(?P<a>[0-9]{4})[-/](?:[0-9]{2})?(?P<b>[0-9]{1,2})")
_TIME_OF_DAY = re.compile(r"(?<=[0-9])[ t]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?z?$")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """One calendar month."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and dt.MINYEAR <= self.year <= dt.MAXYEAR):
            raise WrongArgument(f"there is no month {self.month} of the year {self.year}")

    @classmethod
    def read(cls, value: object) -> "Month":
        """The month that a value means, if it can mean one month only.

        Takes a Month, a date or datetime, an Excel serial number (1900 system, years 1950 to 2100, with or
        without a time of day), a number or text yyyymm, and text such as "Jan-09", "January 2009", "2009-01",
        "2009-01-31" or "31/01/2009". 2008-09 is a month (September 2008), 2008/09 is a financial year.

        Raises WrongArgument for anything else, and for text with two meanings ("01/02/2009", "2008/09").
        """
        if isinstance(value, Month):
            return value
        if type(value) is float:  # as spreadsheets hold dates
            return _read_number(value)
        if isinstance(value, dt.date) and isinstance(value.year, int):  # pandas' NaT is a date of year nan
            return _plausible(value.year, value.month, str(value))
        if not isinstance(value, bool) and isinstance(value, Real | Decimal):
            return _read_number(float(value))
        if isinstance(value, str):
            return _read_text(value)
        raise WrongArgument(f"{quoted(value)} is not a month: {WHAT_WOULD_DO}")

    @property
    def first_day(self) -> dt.date:
        """The first day of the month."""
        return dt.date(self.year, self.month, 1)

    @property
    def last_day(self) -> dt.date:
        """The last day of the month."""
        return (self + 1).first_day - dt.timedelta(days=1)

    @property
    def serial(self) -> int:
        """Excel's number for the first day (1900 system; right from March 1900 on)."""
        return (self.first_day - SERIAL_ZERO).days

    @property
    def label(self) -> str:
        """The month as the scorecard writes it: "Jan-09"."""
        return f"{SHORT[self.month - 1]}-{self.year % 100:02d}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def __add__(self, months: int) -> "Month":
        return _month(self.year * 12 + self.month - 1 + months)

    def __hash__(self) -> int:
        return self.year * 12 + self.month

    @overload
    def __sub__(self, other: int) -> "Month": ...
    @overload
    def __sub__(self, other: "Month") -> int: ...
    def __sub__(self, other: "int | Month") -> "int | Month":
        if isinstance(other, Month):
            return (self.year - other.year) * 12 + self.month - other.month
        return self + -other


@lru_cache(maxsize=4096)
def _month(months: int) -> Month:
    """The month that lies `months` months after January of the year 0; always the same object, for quick comparison."""
    year, month = divmod(months, 12)
    return Month(year, month + 1)


def _plausible(year: int, month: int, text: str) -> Month:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise WrongArgument(
            f"{quoted(text)} is in the year {year}, outside {FIRST_YEAR} to {LAST_YEAR}: {WHAT_WOULD_DO}"
        )
    return _month(year * 12 + month - 1)


@lru_cache(maxsize=4096)
def _read_number(number: float) -> Month:
    """A month from a serial number or from yyyymm; the two ranges do not overlap."""
    if FIRST_SERIAL <= number < LAST_SERIAL + 1:
        day = SERIAL_ZERO + dt.timedelta(days=math.floor(number))
        return _month(day.year * 12 + day.month - 1)
    if math.isfinite(number) and number == math.floor(number):
        year, month = divmod(int(number), 100)
        if FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12:
            return _month(year * 12 + month - 1)
    raise WrongArgument(
        f"{number:.15g} is neither a date number of the years {FIRST_YEAR} to {LAST_YEAR} "
        f"nor a month written yyyymm: {WHAT_WOULD_DO}"
    )


@lru_cache(maxsize=4096)
def _read_text(text: str) -> Month:
    plain = " ".join(text.replace("–", "-").replace("’", "'").split()).lower()
    plain = _TIME_OF_DAY.sub("", plain)
    if not plain:
        raise WrongArgument(f"there is no month in empty text: {WHAT_WOULD_DO}")
    _refuse_financial_year(plain, text)
    if found := _DAY_OR_MONTH_FIRST.fullmatch(plain):
        return _read_day_and_month(found, text)
    for form in _ONE_WAY:
        if found := form.fullmatch(plain):
            return _read_parts(found.groupdict(), text)
    raise WrongArgument(f"{quoted(text)} is not a month: {WHAT_WOULD_DO}")


def _refuse_financial_year(plain: str, text: str) -> None:
    """Refuse a financial year: 2008/09, 2008/9, FY 2008-09, 2008/2009. 2008-09 is September 2008, as in ISO dates."""
    found = _FINANCIAL_YEAR.fullmatch(plain)
    if not found or (int(found["a"]) + 1 - int(found["b"])) % (10 if len(found["b"]) == 1 else 100):
        return
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}", plain):
        return
    raise WrongArgument(f"{quoted(text)} is a financial year, not a month: {WHAT_WOULD_DO}")


def _read_day_and_month(found: re.Match[str], text: str) -> Month:
    """A date that starts with two small numbers; accepted unless the two orders give two months."""
    year = _full_year(found["y"])
    first, second = int(found["a"]), int(found["b"])
    months = {month for day, month in ((first, second), (second, first)) if _is_day(year, month, day)}
    if not months:
        raise WrongArgument(f"{quoted(text)} is not a day of any month: {WHAT_WOULD_DO}")
    if len(months) > 1:
        either = " or ".join(NAMES[month - 1] for month in sorted(months))
        raise WrongArgument(f"{quoted(text)} could be {either} {year}: {WHAT_WOULD_DO}")
    return _plausible(year, months.pop(), text)


def _read_parts(parts: Mapping[str, str | None], text: str) -> Month:
    name, day = parts.get("name"), parts.get("d")
    month = _NUMBER_OF_NAME.get(name, 0) if name else int(parts.get("m") or 0)
    year = _full_year(parts["y"] or "")
    if not _is_day(year, month, int(day or 1)):
        raise WrongArgument(f"{quoted(text)} is not a month: {WHAT_WOULD_DO}")
    return _plausible(year, month, text)


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year < CENTURY_TURNS_AT else 1900)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


class Basis(Word):
    """Which months, up to the as-of month, a figure covers."""

    RY = "RY"
    YTD = "YTD"
    FY = "FY"
    MONTH = "MONTH"
    QUARTER = "QUARTER"


@dataclass(frozen=True, slots=True)
class Period:
    """The months from `start` to `end`, both included, and the basis that chooses them."""

    start: Month
    end: Month
    basis: Basis

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise WrongArgument(f"a period cannot end in {self.end.label}, before it starts in {self.start.label}")

    @classmethod
    def of(cls, as_of: Month, basis: Basis, year_start: int = 4) -> "Period":
        """The period of a basis for the month `as_of`.

        RY: the 12 months to as_of. YTD: from the start of the financial year to as_of. FY: the whole
        financial year that contains as_of. MONTH: as_of. QUARTER: the three months to as_of. `year_start` is
        the number of the month in which financial years start. Raises WrongArgument unless it is 1 to 12.
        """
        if not 1 <= year_start <= 12:
            raise WrongArgument(f"a financial year cannot start in month {year_start}: write 1 to 12")
        year_begins = as_of - (as_of.month - year_start) % 12
        match basis:
            case Basis.RY:
                return cls(as_of - 11, as_of, basis)
            case Basis.YTD:
                return cls(year_begins, as_of, basis)
            case Basis.FY:
                return cls(year_begins, year_begins + 11, basis)
            case Basis.MONTH:
                return cls(as_of, as_of, basis)
            case Basis.QUARTER:
                return cls(as_of - 2, as_of, basis)

    @property
    def months(self) -> tuple[Month, ...]:
        """Every month of the period, first to last."""
        return tuple(self.start + n for n in range(self.end - self.start + 1))

    @property
    def previous(self) -> "Period":
        """The same months a year earlier."""
        return Period(self.start - 12, self.end - 12, self.basis)

    @property
    def label(self) -> str:
        """As on the scorecard: "RY to Jan-09", "Apr-Jan 2008/09", "2008/09", "Jan-09", "Oct-Dec 2008"."""
        match self.basis:
            case Basis.RY:
                return f"RY to {self.end.label}"
            case Basis.FY:
                return self._year_label
            case Basis.YTD:
                return f"{self._span} {self._year_label}"
            case Basis.MONTH:
                return self.end.label
            case Basis.QUARTER if self.start.year == self.end.year:
                return f"{self._span} {self.end.year}"
            case Basis.QUARTER:
                first, last = self.start, self.end
                return f"{SHORT[first.month - 1]} {first.year}-{SHORT[last.month - 1]} {last.year}"

    @property
    def _span(self) -> str:
        first, last = SHORT[self.start.month - 1], SHORT[self.end.month - 1]
        return first if self.start == self.end else f"{first}-{last}"

    @property
    def _year_label(self) -> str:
        year = self.start.year
        return str(year) if self.start.month == 1 else f"{year}/{(year + 1) % 100:02d}"


_YEAR_AND_MONTH = attrgetter("year", "month")


@dataclass(frozen=True, slots=True)
class Series:
    """Values by month, one or more a month (boroughs); values of one month are added up.

    `rows` holds the values of each month as they came, in order of month. A blank value is None and makes its month
    missing. A series is quarterly if it has two months or more, all whole quarters apart; each month is then the last
    of the quarter that its value covers.
    """

    rows: Mapping[Month, tuple[float | None, ...]]

    @classmethod
    def of(cls, values: Sequence[float | None], months: Sequence[Month | None]) -> "Series":
        """A series from two lists of the same length; a pair of blanks (None) is ignored.

        Raises WrongArgument if the lengths differ or a value has no month.
        """
        if len(values) != len(months):
            raise WrongArgument(f"{len(values)} values beside {len(months)} months: give as many of each")
        rows: dict[Month, list[float | None]] = {}
        for place, (value, month) in enumerate(zip(values, months, strict=True), 1):
            if month is None:
                if value is not None:
                    raise WrongArgument(f"value {place} ({value:.15g}) has no month beside it")
            elif (held := rows.get(month)) is None:
                rows[month] = [value]
            else:
                held.append(value)
        return cls(MappingProxyType({month: tuple(rows[month]) for month in sorted(rows, key=_YEAR_AND_MONTH)}))

    @property
    def quarterly(self) -> bool:
        """Whether each month holds the value of the quarter that it ends."""
        first, *others = self.rows or (None,)
        return bool(others) and all((month - first) % 3 == 0 for month in others if first is not None)

    def within(self, period: Period) -> tuple[float, ...]:
        """Every value of the period, in order of month.

        Raises MissingData, with the first missing months, unless every month (of a quarterly series: every quarter)
        has a value without a blank. Raises WrongArgument if the period is not made of a quarterly series' quarters.
        """
        needed = self._quarter_ends(period) if self.quarterly else period.months
        found = [self.rows.get(month, (None,)) for month in needed]
        missing = [month for month, held in zip(needed, found, strict=True) if None in held]
        if missing:
            raise MissingData(f"no value for {_some(missing)} of {period.label}")
        return tuple(value for held in found for value in held if value is not None)

    def total(self, period: Period) -> float:
        """The sum of the period's values. Raises the errors of `within`."""
        return math.fsum(self.within(period))

    def _quarter_ends(self, period: Period) -> tuple[Month, ...]:
        some_end = next(iter(self.rows))
        length = period.end - period.start + 1
        if (period.end - some_end) % 3 or length % 3:
            ends = ", ".join(SHORT[number] for number in range((some_end.month - 1) % 3, 12, 3))
            raise WrongArgument(
                f"{period.label} is not made of whole quarters of these quarterly values, which end in {ends}"
            )
        return period.months[2::3]


class WeekRule(Word):
    """The month in which a week counts, if it lies in two; by days, each gets its part of the seven."""

    BY_LAST_DAY = "by_last_day"
    BY_FIRST_DAY = "by_first_day"
    BY_DAYS = "by_days"

    @property
    def words(self) -> str:
        """The rule as a note states it."""
        if self is WeekRule.BY_DAYS:
            return "a week in two months counts in each by its days"
        return f"a week counts in the month of its {'last' if self is WeekRule.BY_LAST_DAY else 'first'} day"


def months_of_week(first: dt.date, rule: WeekRule) -> Mapping[Month, int]:
    """The months in which the week that begins on `first` counts, each with its number of days, seven in all."""
    days = [first + dt.timedelta(days=n) for n in range(7)]
    decisive = {WeekRule.BY_LAST_DAY: days[-1], WeekRule.BY_FIRST_DAY: days[0]}.get(rule)
    found: dict[Month, int] = {}
    for day in days:
        month = Month.read(day if decisive is None else decisive)
        found[month] = found.get(month, 0) + 1
    return MappingProxyType(found)


def whole_months(first: dt.date, last: dt.date, rule: WeekRule) -> tuple[Month, ...]:
    """The months of which every week is there, where weeks begin every seven days from `first` to `last`."""
    week = dt.timedelta(days=7)
    cut = {*months_of_week(first - week, rule), *months_of_week(last + week, rule)}
    found: dict[Month, None] = {}
    day = first
    while day <= last:
        found |= dict.fromkeys(months_of_week(day, rule))
        day += week
    return tuple(month for month in found if month not in cut)


@dataclass(frozen=True, slots=True)
class YearlyValues:
    """Values by calendar year, such as residents at its middle; values of one year (boroughs) are added up.

    A blank value is None.
    """

    rows: Mapping[int, tuple[float | None, ...]]

    @classmethod
    def of(cls, values: Sequence[float | None], years: Sequence[int | None]) -> "YearlyValues":
        """Values from two lists of the same length; a pair of blanks (None) is ignored.

        Raises WrongArgument if the lengths differ or a value has no year.
        """
        if len(values) != len(years):
            raise WrongArgument(f"{len(values)} values beside {len(years)} years: give as many of each")
        rows: dict[int, list[float | None]] = {}
        for place, (value, year) in enumerate(zip(values, years, strict=True), 1):
            if year is not None:
                rows.setdefault(year, []).append(value)
            elif value is not None:
                raise WrongArgument(f"value {place} ({value:.15g}) has no year beside it")
        return cls(MappingProxyType({year: tuple(rows[year]) for year in sorted(rows)}))

    def latest(self, month: Month) -> tuple[int, float]:
        """The latest year that is not after the year of `month` and has a value, and the sum of its values.

        Raises MissingData if there is none, and if the year has blanks beside values: their sum would be too small.
        """
        years = [year for year, held in self.rows.items() if any(value is not None for value in held)]
        there = [year for year in years if year <= month.year]
        if not there:
            first = f"; the first year with one is {years[0]}" if years else ""
            raise MissingData(f"no value for {month.year} or a year before{first}")
        held = self.rows[there[-1]]
        if None in held:
            raise MissingData(f"{held.count(None)} of the {len(held)} values of {there[-1]} are blank")
        return there[-1], math.fsum(value for value in held if value is not None)


def read_year(value: object) -> int:
    """The calendar year that a value means: 2008, "2008", "mid-2008", or a date.

    Raises WrongArgument for anything else, and for a year outside 1950 to 2100.
    """
    if isinstance(value, str) and (found := _YEAR.fullmatch(value.strip())):
        value = int(found["year"])
    elif isinstance(value, dt.date) and isinstance(value.year, int):
        value = value.year
    if not isinstance(value, bool) and isinstance(value, Real | Decimal):
        year = float(value)
        if year == math.floor(year) and FIRST_YEAR <= year <= LAST_YEAR:
            return int(year)
    raise WrongArgument(f"{quoted(value)} is not a year of {FIRST_YEAR} to {LAST_YEAR}: write a year such as 2008")


def _some(months: Sequence[Month]) -> str:
    return first_few([month.label for month in months], FEWEST, "month")
