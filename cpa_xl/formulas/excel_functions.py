"""Functions of Excel in Python, for what the embedded engine leaves out: many values at once, criteria, look-ups.

The engine calls them in place of its own where its own value does not count (`Engine.put_formula`, careful). They are
written after Microsoft's page of each function (support.microsoft.com). Dates in figures are read day first, as Excel
reads them in the United Kingdom. Arguments are floats, bools, texts, None, CellError, or rows of these.
"""

import calendar
import datetime
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cpa_xl.errors import CellError, CpaXlError, EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.measures.figures import rounded

Scalar = None | bool | float | str | CellError
_FIRST_DAY = datetime.date(1899, 12, 30)  # serial 0 of all dates after February 1900
_LAST_SERIAL = 2_958_465  # 31 December 9999
_MARCH_1900 = 61
_MONTHS = [name.casefold() for name in calendar.month_name]
_NUMBER = re.compile(r"([-+]?)\s*(\d{1,3}(?:,\d{3})+|\d+)?(\.\d*)?(e[-+]?\d+)?\s*(%?)", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_IN_WORDS = re.compile(r"(?:(\d{1,2})[- ])?([a-z]{3,9})[- ](\d{4}|(?<=\d[- ][a-z]{3}[- ])\d{2})", re.IGNORECASE)
_CRITERION = re.compile(r"(<=|>=|<>|[<>=])?(.*)", re.DOTALL)
_FORMAT_PIECES = re.compile(r'"([^"]*)"|\\(.)|(d+|m+|y+)|([-/ ,.:]|[^dmyhs#0?%a-z])', re.IGNORECASE)


class NotDoneError(CpaXlError):
    """The function does not do this here, although Excel does; the message says what."""


def number(value: Scalar) -> float:
    """A value as arithmetic takes it; a text as Excel reads it when it is typed."""
    if isinstance(value, CellError):
        raise value
    if isinstance(value, str):
        found = number_in(value)
        if found is None:
            raise WrongArgument(f"{value!r} is no number")
        return found
    return 0.0 if value is None else float(value)


def number_in(text: str) -> float | None:
    """The number or date that a text means; None for any other text."""
    text = text.strip()
    match = _NUMBER.fullmatch(text)
    if match is not None and (match[2] or (match[3] or "") > "."):
        found = float(f"{match[1]}{(match[2] or '0').replace(',', '')}{match[3] or ''}{match[4] or ''}")
        return found / 100 if match[5] else found
    return _date_in(text)


def _date_in(text: str) -> float | None:
    try:
        if match := _ISO.fullmatch(text):
            return serial(int(match[1]), int(match[2]), int(match[3]))
        if match := _DAY_FIRST.fullmatch(text):
            return serial(_year(match[3]), int(match[2]), int(match[1]))
        if match := _IN_WORDS.fullmatch(text):
            months = [at for at, name in enumerate(_MONTHS) if at and match[2].casefold() in (name, name[:3])]
            return serial(_year(match[3]), months[0], int(match[1] or 1)) if months else None
    except ValueError:
        return None
    return None


def _year(digits: str) -> int:
    """A year of four digits, or of two: 30 is 1930."""
    return int(digits) + (0 if len(digits) == 4 else 2000 if int(digits) < 30 else 1900)


def serial(year: int, month: int, day: int) -> float:
    """The number of a date after February 1900. Raises ValueError where there is no such day."""
    found = (datetime.date(year, month, day) - _FIRST_DAY).days
    if found < _MARCH_1900:
        raise ValueError("before March 1900")
    return float(found)


def _date(value: Scalar) -> datetime.date:
    days = math.floor(number(value))
    if not _MARCH_1900 <= days <= _LAST_SERIAL:
        raise NotDoneError("a date before March 1900 is not done here")
    return _FIRST_DAY + datetime.timedelta(days=days)


def _truly(value: Scalar) -> Scalar:
    """A date for EDATE and EOMONTH, which take no TRUE."""
    if isinstance(value, bool):
        raise WrongArgument("TRUE is no date")
    return value


def _months_later(value: Scalar, months: Scalar) -> tuple[int, int, int]:
    day = _date(_truly(value))
    count = day.year * 12 + day.month - 1 + math.trunc(number(_truly(months)))
    return count // 12, count % 12 + 1, day.day


def edate(value: Scalar, months: Scalar) -> float:
    """The same day some months later, or that month's last."""
    year, month, day = _months_later(value, months)
    return _serial(year, month, min(day, _last_day(year, month)))


def eomonth(value: Scalar, months: Scalar) -> float:
    """The last day of the month some months later."""
    year, month, _ = _months_later(value, months)
    return _serial(year, month, _last_day(year, month))


def _last_day(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1] if 1 <= year <= 9999 else 1


def _serial(year: int, month: int, day: int) -> float:
    try:
        return serial(year, month, day)
    except ValueError:
        raise NotDoneError("a date before March 1900 is not done here") from None


def _on(year: Scalar, month: Scalar, day: Scalar) -> float:
    """DATE; months and days beyond the last go on into the next year or month."""
    number_of_year = math.trunc(number(year))
    months = number_of_year * 12 + math.trunc(number(month)) - 1
    if not 1901 <= number_of_year <= 9999:
        raise NotDoneError("a year that is not done here")
    try:
        return serial(months // 12, months % 12 + 1, 1) + math.trunc(number(day)) - 1
    except ValueError:
        raise NotDoneError("a date before March 1900 is not done here") from None


def weekday(value: Scalar, kind: Scalar = 1.0) -> float:
    """The day of the week: 1 for Sunday (kind 1) or for Monday (kind 2), 0 for Monday (kind 3)."""
    day = _date(value).weekday()
    match number(kind):
        case 1.0:
            return float((day + 1) % 7 + 1)
        case 2.0:
            return float(day + 1)
        case 3.0:
            return float(day)
    raise NotDoneError("this kind of week is not done here")


def text_of(value: Scalar) -> str:
    """A value as text, as & joins it."""
    if isinstance(value, CellError):
        raise value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | int):
        shown = f"{value:.15g}"
        if "e" in shown:
            raise NotDoneError("a number this large or small is not written here")
        return shown
    return value or ""


def _date_text(value: Scalar, form: Scalar) -> str:
    """TEXT with a format of days, months and years; any other format is not done here."""
    day, out = _date(value), []
    form = text_of(form)
    at = 0
    while at < len(form):
        match = _FORMAT_PIECES.match(form, at)
        if match is None:
            raise NotDoneError(f"the format {form!r} is not done here")
        at = match.end()
        letters = (match[3] or "").casefold()
        out.append(_part_of(day, letters) if letters else match[1] or match[2] or match[4] or "")
    return "".join(out)


def _part_of(day: datetime.date, letters: str) -> str:
    month, week = calendar.month_name[day.month], calendar.day_name[day.weekday()]
    parts = {"d": str(day.day), "dd": f"{day.day:02}", "ddd": week[:3], "dddd": week}
    parts |= {"m": str(day.month), "mm": f"{day.month:02}", "mmm": month[:3], "mmmm": month}
    parts |= {"yy": f"{day.year % 100:02}", "yyyy": f"{day.year}"}
    if letters not in parts:
        raise NotDoneError(f"{letters} in a format is not done here")
    return parts[letters]


def _half_away(value: Scalar, digits: Scalar) -> float:
    return float(rounded(number(value), math.trunc(number(digits))))


def _mod(value: Scalar, divisor: Scalar) -> float:
    one, other = number(value), number(divisor)
    if other == 0:
        raise EmptyDenominator("the divisor is 0")
    return one - other * math.floor(one / other)


def _root(value: Scalar) -> float:
    found = number(value)
    if found < 0:
        raise Impossible("no root of a negative number")
    return math.sqrt(found)


def _left(value: Scalar, count: Scalar = 1.0) -> str:
    return text_of(value)[: _count(count)]


def _right(value: Scalar, count: Scalar = 1.0) -> str:
    return text_of(value)[-_count(count) :] if _count(count) else ""


def _mid(value: Scalar, start: Scalar, count: Scalar) -> str:
    first = _count(start)
    if first < 1:
        raise WrongArgument("there is no sign before the first")
    return text_of(value)[first - 1 : first - 1 + _count(count)]


def _count(value: Scalar) -> int:
    found = math.trunc(number(value))
    if found < 0:
        raise WrongArgument("a negative number of signs")
    return found


def _search(wanted: Scalar, text: Scalar, start: Scalar = 1.0) -> float:
    found = re.compile(pattern(text_of(wanted)), re.IGNORECASE | re.DOTALL).search(text_of(text), _count(start) - 1)
    if found is None:
        raise WrongArgument("not in the text")
    return found.start() + 1.0


def _find(wanted: Scalar, text: Scalar, start: Scalar = 1.0) -> float:
    at = text_of(text).find(text_of(wanted), _count(start) - 1)
    if at < 0:
        raise WrongArgument("not in the text")
    return at + 1.0


def pattern(text: str) -> str:
    """A text with Excel's wildcards ? and * (and ~ before one that stands for itself) as a regular expression."""
    signs = {"*": ".*", "?": "."}
    pieces = re.findall(r"~[*?~]|.", text, re.DOTALL)
    return "".join(signs.get(piece) or re.escape(piece.removeprefix("~") or "~") for piece in pieces)


_SINGLE: dict[str, Callable[..., Scalar]] = {
    "ABS": lambda value: abs(number(value)),
    "INT": lambda value: float(math.floor(number(value))),
    "SIGN": lambda value: float((number(value) > 0) - (number(value) < 0)),
    "SQRT": _root,
    "MOD": _mod,
    "ROUND": _half_away,
    "YEAR": lambda value: float(_date(value).year),
    "MONTH": lambda value: float(_date(value).month),
    "DAY": lambda value: float(_date(value).day),
    "WEEKDAY": weekday,
    "DATE": _on,
    "EDATE": edate,
    "EOMONTH": eomonth,
    "VALUE": number,
    "DATEVALUE": lambda value: float(math.floor(number(value))),
    "TEXT": _date_text,
    "LEN": lambda value: float(len(text_of(value))),
    "LEFT": _left,
    "RIGHT": _right,
    "MID": _mid,
    "TRIM": lambda value: " ".join(piece for piece in text_of(value).split(" ") if piece),
    "UPPER": lambda value: text_of(value).upper(),
    "LOWER": lambda value: text_of(value).lower(),
    "EXACT": lambda one, other: text_of(one) == text_of(other),
    "SEARCH": _search,
    "FIND": _find,
    "ISNUMBER": lambda value: isinstance(value, float) and not isinstance(value, bool),
    "ISTEXT": lambda value: isinstance(value, str),
    "ISBLANK": lambda value: value is None,
    "ISERROR": lambda value: isinstance(value, CellError),
    "ISNA": lambda value: isinstance(value, CellError) and value.code == "#N/A",
    "ISERR": lambda value: isinstance(value, CellError) and value.code != "#N/A",
}


def lifted(function: Callable[..., Scalar]) -> Callable[..., object]:
    """A function of single values that gives rows of answers for rows of values."""

    def call(*given: object) -> object:
        sizes = [(len(one), len(one[0])) for one in given if isinstance(one, list)]
        if not sizes:
            return _answer(function, given)
        rows, columns = (max(size[at] for size in sizes) for at in (0, 1))
        return [[_answer(function, [_item(one, row, column) for one in given]) for column in range(columns)]
                for row in range(rows)]  # fmt: skip

    return call


def _answer(function: Callable[..., Scalar], given: Sequence[object]) -> Scalar:
    try:
        return function(*given)
    except CellError as error:
        return error


def _item(given: object, row: int, column: int) -> object:
    """The value for one place; one row or column goes for all."""
    if not isinstance(given, list):
        return given
    height, width = len(given), len(given[0])
    if (height > 1 and row >= height) or (width > 1 and column >= width):
        return MissingData("no value for this place")
    return given[row if height > 1 else 0][column if width > 1 else 0]


@dataclass(frozen=True)
class Criterion:
    """A criterion of SUMIFS and its kin: a sign and what it compares with."""

    sign: str
    wanted: Scalar

    @classmethod
    def of(cls, value: Scalar) -> "Criterion":
        """What a text such as ">=17%" or "<>x" asks; a blank asks for 0."""
        if not isinstance(value, str):
            return cls("=", 0.0 if value is None else value)
        match = _CRITERION.fullmatch(value)
        sign, rest = (match[1], match[2]) if match else (None, value)
        if rest == "":
            return cls(sign or "", None)
        if rest.casefold() in ("true", "false"):
            return cls(sign or "=", rest.casefold() == "true")
        found = number_in(rest)
        return cls(sign or "=", rest if found is None else found)

    def takes(self, value: Scalar) -> bool:
        """Whether a cell meets it."""
        if self.wanted is None:
            return self._blank(value)
        if self.sign in ("=", "<>"):
            return self._equal(value) == (self.sign == "=")
        if isinstance(value, CellError) or isinstance(self.wanted, CellError) or value is None:
            return False
        if isinstance(value, str) != isinstance(self.wanted, str) or isinstance(value, bool) != isinstance(
            self.wanted, bool
        ):
            return False
        one, other = (part.casefold() if isinstance(part, str) else float(part or 0) for part in (value, self.wanted))
        low = one < other  # type: ignore[operator]  # both are texts or both are numbers
        return {"<": low, "<=": low or one == other, ">": not low and one != other, ">=": not low}[self.sign]

    def _blank(self, value: Scalar) -> bool:
        match self.sign:
            case "":
                return value in (None, "") and not isinstance(value, bool | CellError)
            case "=":
                return value is None
            case "<>":
                return value is not None
        return False

    def _equal(self, value: Scalar) -> bool:
        wanted = self.wanted
        if isinstance(wanted, CellError) or isinstance(value, CellError):
            return isinstance(wanted, CellError) and isinstance(value, CellError) and wanted.code == value.code
        if isinstance(wanted, bool) or isinstance(value, bool):
            return wanted is value
        if isinstance(wanted, str):
            return (
                isinstance(value, str) and re.fullmatch(pattern(wanted), value, re.IGNORECASE | re.DOTALL) is not None
            )
        if isinstance(value, str):
            return number_in(value) == wanted
        return value is not None and value == wanted


def _met(ranges: Sequence[object], criteria: Sequence[Scalar]) -> Iterator[tuple[int, int]]:
    """The places in which every range meets its criterion."""
    blocks = [_rows(one) for one in ranges]
    if len({(len(block), len(block[0])) for block in blocks}) != 1:
        raise WrongArgument("ranges of different sizes")
    asked = [Criterion.of(one) for one in criteria]
    for row in range(len(blocks[0])):
        for column in range(len(blocks[0][0])):
            if all(one.takes(block[row][column]) for one, block in zip(asked, blocks, strict=True)):
                yield row, column


def _rows(value: object) -> list[list[Scalar]]:
    return value if isinstance(value, list) else [[value]]  # type: ignore[list-item]  # a scalar


def _counted(ranges: Sequence[object], criteria: Sequence[Scalar]) -> float:
    return float(sum(1 for _ in _met(ranges, criteria)))


def _numbers(values: object, ranges: Sequence[object], criteria: Sequence[Scalar]) -> list[float]:
    block = _rows(values)
    if (len(block), len(block[0])) != (len(_rows(ranges[0])), len(_rows(ranges[0])[0])):
        raise WrongArgument("ranges of different sizes")
    found = [block[row][column] for row, column in _met(ranges, criteria)]
    for value in found:
        if isinstance(value, CellError):
            raise value
    return [value for value in found if isinstance(value, float) and not isinstance(value, bool)]


def _summed(values: object, ranges: Sequence[object], criteria: Sequence[Scalar]) -> float:
    return math.fsum(_numbers(values, ranges, criteria))


def _averaged(values: object, ranges: Sequence[object], criteria: Sequence[Scalar]) -> float:
    found = _numbers(values, ranges, criteria)
    if not found:
        raise EmptyDenominator("no number meets the criteria")
    return math.fsum(found) / len(found)


def _highest(values: object, ranges: Sequence[object], criteria: Sequence[Scalar]) -> float:
    return max(_numbers(values, ranges, criteria), default=0.0)


def _lowest(values: object, ranges: Sequence[object], criteria: Sequence[Scalar]) -> float:
    return min(_numbers(values, ranges, criteria), default=0.0)


def _of_many(work: Callable[..., float]) -> Callable[..., object]:
    """SUMIFS and its kin: (values, range, criterion, range, criterion ...)."""

    def call(values: object, *pairs: object) -> object:
        return lifted(lambda *criteria: work(values, pairs[::2], criteria))(*pairs[1::2])

    return call


def _of_one(work: Callable[..., float]) -> Callable[..., object]:
    """SUMIF and AVERAGEIF: (range, criterion, values)."""

    def call(cells: object, criterion: object, values: object = None) -> object:
        return lifted(lambda one: work(cells if values is None else values, [cells], [one]))(criterion)

    return call


def countifs(*pairs: object) -> object:
    """COUNTIFS and COUNTIF: (range, criterion, range, criterion ...)."""
    return lifted(lambda *criteria: _counted(pairs[::2], criteria))(*pairs[1::2])


def _nth(values: object, place: Scalar, *, largest: bool, errors: bool = False) -> float:
    found = []
    for value in (value for row in _rows(values) for value in row):
        if isinstance(value, CellError) and not errors:
            raise value
        if isinstance(value, float) and not isinstance(value, bool):
            found.append(value)
    at = math.ceil(number(place))
    if not 1 <= at <= len(found):
        raise Impossible("there are not so many numbers")
    return sorted(found, reverse=largest)[at - 1]


def aggregate(kind: object, option: object, values: object, place: object = None) -> object:
    """AGGREGATE 14 (LARGE) and 15 (SMALL); the options 2, 3, 6 and 7 pass errors over. No other kind is done here."""
    if kind not in (14.0, 15.0) or not isinstance(option, float):
        raise NotDoneError("this kind is not done here")
    passing = option in (2.0, 3.0, 6.0, 7.0)
    return lifted(lambda one: _nth(values, one, largest=kind == 14.0, errors=passing))(place)


def vlookup(wanted: object, cells: object, column: object, near: object = True) -> object:
    """VLOOKUP of the exact value, with wildcards in a text; the next smaller value is not done here."""
    if near not in (False, 0.0):
        raise NotDoneError("the next smaller value is not looked for here")
    rows = _rows(cells)
    line = [row[0] for row in rows]

    def look(one: Scalar, at: Scalar) -> Scalar:
        place = _count(at)
        if not 1 <= place <= len(rows[0]):
            raise WrongArgument("no such column")
        found = _looked_up(one, line, range(len(line)), 2.0 if isinstance(one, str) else 0.0)
        if found is None:
            raise MissingData("not found")
        return rows[found][place - 1]

    return lifted(look)(wanted, column)


def lookup(wanted: object, cells: object, answers: object = None) -> object:
    """LOOKUP of a number: the last that is not larger, among numbers in order; errors are passed over."""
    line, found = _line(cells), _line(cells if answers is None else answers)
    numbers = [(value, at) for at, value in enumerate(line) if isinstance(value, float) and not isinstance(value, bool)]
    if len(line) != len(found) or any(one[0] > other[0] for one, other in pairwise(numbers)):
        raise NotDoneError("a look-up among values without order is not done here")

    def look(one: Scalar) -> Scalar:
        if not isinstance(one, float):
            raise NotDoneError("a look-up of a text is not done here")
        places = [at for value, at in numbers if value <= one]
        if not places:
            raise MissingData("all are larger")
        return found[places[-1]]

    return lifted(look)(wanted)


def _line(values: object) -> list[Scalar]:
    rows = _rows(values)
    if len(rows) > 1 and len(rows[0]) > 1:
        raise NotDoneError("a look-up in many rows and columns is not done here")
    return [value for row in rows for value in row]


def xlookup(  # noqa: PLR0917 - cells name no arguments
    wanted: object, cells: object, answers: object, missing: object = None, how: object = 0.0, order: object = 1.0
) -> object:
    """XLOOKUP in one row or column: the exact value, or (`how` -1, 1) the next smaller or larger, or (2) wildcards."""
    if isinstance(wanted, list):
        return lifted(lambda one: _first_of(xlookup(one, cells, answers, missing, how, order)))(wanted)
    look, rows = _rows(cells), _rows(answers)
    line = [value for row in look for value in row]
    if len(look) > 1 and len(look[0]) > 1:
        raise WrongArgument("look-ups work in one row or column")
    places = range(len(line)) if (order or 1.0) == 1.0 else range(len(line) - 1, -1, -1)
    found = _looked_up(wanted, line, places, how or 0.0)
    if found is None:
        if missing is None:
            raise MissingData("not found")
        return missing
    if len(look) > 1 or len(rows) == len(line):
        return rows[found] if len(rows[found]) > 1 else rows[found][0]
    return [[row[found]] for row in rows] if len(rows) > 1 else rows[0][found]


def _first_of(found: object) -> Scalar:
    while isinstance(found, list):
        found = found[0]
    return found  # type: ignore[return-value]  # a value of a cell


def _looked_up(wanted: object, line: Sequence[Scalar], places: Sequence[int], how: object) -> int | None:
    if isinstance(wanted, CellError):
        raise wanted
    if how == 2.0 and isinstance(wanted, str):
        match = re.compile(pattern(wanted), re.IGNORECASE | re.DOTALL)
        return next((at for at in places if isinstance(value := line[at], str) and match.fullmatch(value)), None)
    same = next((at for at in places if _plainly_equal(wanted, line[at])), None)
    if same is not None or how == 0.0:
        return same
    if not isinstance(wanted, float):
        raise NotDoneError("the next text is not looked for here")
    near = [at for at in places if isinstance(value := line[at], float) and (value < wanted) == (how == -1.0)]
    best = max if how == -1.0 else min
    return best(near, key=lambda at: number(line[at]), default=None)


def _plainly_equal(one: object, other: Scalar) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return type(one) is type(other) and one == other and one is not None


FUNCTIONS: dict[str, Callable[..., object]] = {
    **{name: lifted(function) for name, function in _SINGLE.items()},
    "SUMIFS": _of_many(_summed),
    "AVERAGEIFS": _of_many(_averaged),
    "MAXIFS": _of_many(_highest),
    "MINIFS": _of_many(_lowest),
    "SUMIF": _of_one(_summed),
    "AVERAGEIF": _of_one(_averaged),
    "COUNTIF": countifs,
    "COUNTIFS": countifs,
    "LARGE": lambda values, place: lifted(lambda one: _nth(values, one, largest=True))(place),
    "SMALL": lambda values, place: lifted(lambda one: _nth(values, one, largest=False))(place),
    "AGGREGATE": aggregate,
    "XLOOKUP": xlookup,
    "VLOOKUP": vlookup,
    "LOOKUP": lookup,
}
"""By Excel's name."""
