"""The registry of cell functions, and the one way in which every host calls them.

A cell is a number, text, a boolean, a date or its serial number, a blank (None, "" or NaN), or an error: a `CellError`,
or Excel's integer for one. A range is a list of rows. `CellFunction` does for every function what none must do itself:
it puts arguments in place, measures ranges, passes errors on, answers for one cell or for many, reads cells and tidies
the answer.

To add a function, write it in `definitions` (whole tables: `whole_tables`) under `@cell_function`, and annotate each
argument with how it is read. A function that is annotated to return `ResultTable` spills over as many cells as it
needs. Arguments that several functions share are at the end of this module.
"""

import datetime as dt
import functools
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import chain
from numbers import Real
from types import MappingProxyType
from typing import Annotated, Generic, TypeVar, get_type_hints

from cpa_xl.errors import CellError, MissingData, WrongArgument, excel_error, is_error
from cpa_xl.measures.periods import Basis, Month, Series, YearlyValues
from cpa_xl.measures.targets import Better, Letter
from cpa_xl.wording import counted, quoted

LARGEST = 1e15  # a cell holds 15 digits, so no larger count is exact
SMALLEST = 1e-100  # anything nearer to zero counts as zero, so that no quotient of two cells is infinite
ROWS = {list, tuple}  # the types in which hosts pass rows
CELLS = {*ROWS, float, int, str, bool, type(None)}  # what hosts pass; a script may have arrays of numpy and pandas
_NOTHING = ("NAType", "NaTType")  # what pandas puts where nothing is
T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
Single = float | str
ResultTable = list[list[Single | CellError]]  # rows of one length
Answer = Single | ResultTable

PERIODS, RATES, TARGETS, OUTLOOK = "Periods and text", "Sums and rates", "Targets", "Outlook"
VARIATION = "Variation"
AREAS = "Areas"
TABLES = "Tables and comments"


@dataclass(frozen=True, slots=True)
class Range(Generic[T_co]):
    """The cells of a range, row by row, and the name of its argument."""

    name: str
    rows: int
    columns: int
    cells: tuple[T_co, ...]

    @property
    def size(self) -> str:
        """Rows and columns, such as "12 x 1"."""
        return f"{self.rows} x {self.columns}"

    def at(self, row: int, column: int) -> T_co:
        """The cell at a place; a single row or column answers for every row or column."""
        return self.cells[(row if self.rows > 1 else 0) * self.columns + (column if self.columns > 1 else 0)]

    def read(self, reader: Callable[[T_co], T]) -> "Range[T | None]":
        """The same range with its cells read and its blanks None; `reader` refuses blanks."""
        try:
            return Range(self.name, self.rows, self.columns, tuple(map(reader, self.cells)))
        except WrongArgument:
            return self._read_one_by_one(reader)

    def _read_one_by_one(self, reader: Callable[[T_co], T]) -> "Range[T | None]":
        """The slow way: skip blanks, and name the first cell that the reader refuses."""
        found: list[T | None] = []
        for place, cell in enumerate(self.cells):
            try:
                found.append(None if is_blank(cell) else reader(cell))
            except WrongArgument as wrong:
                row, column = divmod(place, self.columns)
                raise WrongArgument(f"{self.name}, row {row + 1}, column {column + 1}: {wrong}") from None
        return Range(self.name, self.rows, self.columns, tuple(found))

    def shaped(self, answers: Sequence[Single | CellError]) -> ResultTable:
        """One answer for each cell, in the rows and columns of the range."""
        return [list(answers[start : start + self.columns]) for start in range(0, len(answers), self.columns)]


class Takes(Enum):
    """What an argument takes: one cell (for a range the function answers cell by cell), or a range as a whole."""

    SCALAR = "scalar"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Reads:
    """How an argument is read from cells.

    With `blank`, a blank has a meaning there (None). With `omitted`, only an argument that is left out has, and a
    blank that is given is missing. With `errors`, the function itself handles errors among a range's cells, so that one
    error does not spoil every answer.
    """

    help: str
    reader: Callable[[object], object]
    kind: Takes = Takes.SCALAR
    blank: bool = False
    omitted: bool = False
    errors: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument as hosts and help pages need it; `default` replaces an omitted or blank one."""

    name: str
    help: str
    kind: Takes
    optional: bool
    default: float | str | None
    reads: Reads

    @property
    def whole(self) -> bool:
        """Whether it takes a range as a whole."""
        return self.kind is Takes.RANGE

    def read(self, cell: object) -> object:
        """The value of a single cell; the default for a blank that is allowed. Raises the errors of `read_needed`."""
        if cell is None and self.reads.omitted:
            return self.default
        if is_blank(cell) and (self.optional or self.reads.blank):
            return self.default
        return read_needed(self.name, cell, self.reads.reader)


@dataclass(frozen=True, slots=True)
class CellFunction:
    """A cell function, called with its arguments in order, as a host holds them.

    Raises the `CellError` that the cell shows. The answer for many cells is a list of rows, which holds the error of a
    single place as a value. A function that `spills` answers with a table; where it does not take a range as a whole,
    it takes a single cell.
    """

    name: str
    category: str
    help: str
    arguments: tuple[Argument, ...]
    result: str
    compute: Callable[..., Single | ResultTable]
    spills: bool = False

    def __call__(self, *cells: object) -> Answer:
        ready: list[object] = []
        many: list[Range[object]] = []
        for argument, given in zip(self.arguments, self._in_places(cells), strict=True):
            cell = given if type(given) in CELLS else plain_cells(given)
            held = range_of(argument.name, cell) if argument.whole or type(cell) in ROWS else cell
            if isinstance(held, Range) and not argument.whole:
                if len(held.cells) == 1:
                    held = held.cells[0] if held.cells[0] is not None else ""  # a blank that is given
                else:
                    many.append(held)
            if not argument.reads.errors:
                _give_back_error(held.cells if argument.whole and isinstance(held, Range) else (held,))
            ready.append(held)
        if many and self.spills:
            raise WrongArgument(f"{many[0].name} is {many[0].size} cells: {self.name} takes a single cell there")
        rows, columns = _common_size(many)
        self._pass_over_headings(ready)
        for place, (argument, held) in enumerate(zip(self.arguments, ready, strict=True)):
            if argument.whole and isinstance(held, Range):
                ready[place] = held.read(argument.reads.reader)
        if not many:
            return self._at(ready, 0, 0)
        return [[self._try_at(ready, row, column) for column in range(columns)] for row in range(rows)]

    def _pass_over_headings(self, ready: list[object]) -> None:
        """Blank the first row of ranges where all that hold numbers or months begin with a text that is none.

        Whole columns (B:B beside A:A) begin with their headings. A single range that begins so is refused: nothing
        says whether its first text is a heading or a figure that is kept as text.
        """
        places = [place for place, argument in enumerate(self.arguments) if argument.whole]
        texts = {place: held for place in places if isinstance(held := ready[place], Range) and held.rows > 1}
        headed = {place for place, held in texts.items() if _is_heading(held, self.arguments[place].reads.reader)}
        others = texts.keys() - headed
        if len(headed) < 2 or any(type(texts[place].cells[0]) is not str for place in others):
            return
        for place in headed:
            held = texts[place]
            blanks = (None,) * held.columns
            ready[place] = Range(held.name, held.rows, held.columns, blanks + held.cells[held.columns :])

    def _in_places(self, cells: Sequence[object]) -> list[object]:
        """The given cells, and None for each argument left out at the end."""
        if len(cells) > len(self.arguments):
            takes = counted(len(self.arguments), "argument")
            raise WrongArgument(f"{self.name} takes {takes}, not {len(cells)}")
        left_out = self.arguments[len(cells) :]
        for argument in left_out:
            if not argument.optional:
                raise WrongArgument(f"{self.name} needs {argument.name}: {argument.help}")
        return [*cells, *(None for _ in left_out)]

    def _at(self, ready: Sequence[object], row: int, column: int) -> Answer:
        """The answer for one place: single cells are read; whole ranges stay as they are."""
        values: list[object] = []
        for argument, held in zip(self.arguments, ready, strict=True):
            if argument.whole:
                values.append(held)
                continue
            cell = held
            if isinstance(held, Range):
                cell = held.at(row, column)
                cell = "" if cell is None else cell  # a blank that is given
                _give_back_error((cell,))
            values.append(argument.read(cell))
        answer = self.compute(*values)
        if isinstance(answer, list):
            return [[cell if isinstance(cell, CellError) else _tidy(cell) for cell in line] for line in answer]
        return _tidy(answer)

    def _try_at(self, ready: Sequence[object], row: int, column: int) -> Single | CellError:
        try:
            answer = self._at(ready, row, column)
        except CellError as error:
            return error.with_traceback(None)
        if isinstance(answer, list):
            raise TypeError(f"{self.name} gives a table where it must give one answer for each cell")
        return answer


def _is_heading(held: Range[object], reader: Callable[[object], object]) -> bool:
    """Whether the first row of a range holds texts alone, none of which the reader takes."""
    first = held.cells[: held.columns]
    if any(type(cell) is not str or not cell for cell in first):
        return False
    for cell in first:
        try:
            reader(cell)
        except WrongArgument:
            continue
        return False
    return True


def plain_cells(given: object) -> object:
    """What numpy and pandas hold as cells: rows for an array, a series or a frame, None for their marks of nothing."""
    kind = getattr(getattr(given, "dtype", None), "kind", "")
    if kind == "M":  # dates: as a list they would be nanoseconds
        given = given.astype("datetime64[s]")  # type: ignore[attr-defined]  # only arrays and series have this kind
    if hasattr(given, "to_numpy") and not hasattr(given, "tolist"):  # a frame
        given = given.to_numpy()
    listed = getattr(given, "tolist", None)
    return _without_marks(listed()) if callable(listed) else given


def _without_marks(cells: object) -> object:
    if isinstance(cells, list):
        return [_without_marks(cell) for cell in cells]
    return None if type(cells).__name__ in _NOTHING else cells


def is_blank(cell: object) -> bool:
    """Whether a cell holds nothing: None, empty text, or the NaN of data frames."""
    if isinstance(cell, float):
        return math.isnan(cell)
    if isinstance(cell, Decimal):
        return cell.is_qnan()
    return cell is None or (isinstance(cell, str) and not cell)


def number(cell: object) -> float:
    """A cell as a number; WrongArgument for text (even "5"), booleans, dates, blanks and types that no cell holds."""
    if type(cell) is float and SMALLEST < abs(cell) <= LARGEST:  # nearly every cell
        return cell
    if isinstance(cell, bool):
        raise WrongArgument(f"{str(cell).upper()} is not a number")
    if is_blank(cell):
        raise WrongArgument("a blank is not a number")
    if isinstance(cell, Decimal) and cell.is_snan():
        raise WrongArgument(f"{cell} is not a number")
    if isinstance(cell, float | int | Real | Decimal):
        value = float(cell)
        if abs(value) > LARGEST:
            raise WrongArgument(f"{value:.15g} is beyond any count")
        return value if abs(value) > SMALLEST else 0.0
    if isinstance(cell, str):
        raise WrongArgument(f"{quoted(cell)} is text, not a number")
    if isinstance(cell, dt.date):
        raise WrongArgument(f"{cell} is a date, not a number")
    raise WrongArgument(f"a cell holds no {type(cell).__name__}")


def anything(cell: object) -> object:
    """A cell unchanged, for functions that read it themselves, and only if they need it."""
    return cell


def read_needed(name: str, cell: object, reader: Callable[[object], T]) -> T:
    """The value of a single cell that must not be blank; messages begin with the argument's name.

    Raises MissingData for a blank, WrongArgument for what `reader` refuses.
    """
    if is_blank(cell):
        raise MissingData(f"{name} is blank")
    try:
        return reader(cell)
    except WrongArgument as wrong:
        raise WrongArgument(f"{name}: {wrong}") from None


def range_of(name: str, value: object) -> Range[object]:
    """An argument as a range: a single cell, one row, or rows of the same length; WrongArgument for anything else."""
    if not isinstance(value, list | tuple):
        return Range(name, 1, 1, (value,))
    kinds = set(map(type, value))
    rows = value if kinds & ROWS else [value]
    if (not kinds <= ROWS and rows is value) or len(set(map(len, rows))) != 1:
        raise WrongArgument(f"{name} is not a range: its rows differ in length")
    cells = tuple(chain.from_iterable(rows))
    if not cells:
        raise WrongArgument(f"{name} is a range without cells")
    if not ROWS.isdisjoint(map(type, cells)):
        raise WrongArgument(f"{name} is not a range: a cell of it holds several")
    return Range(name, len(rows), len(cells) // len(rows), cells)


def check_same_size(*ranges: Range[object]) -> None:
    """WrongArgument unless all ranges have the same size; a row and a column of the same length have."""
    first = ranges[0]
    for other in ranges[1:]:
        lines = all(1 in (one.rows, one.columns) for one in (first, other))
        same = len(first.cells) == len(other.cells) if lines else first.size == other.size
        if not same:
            raise WrongArgument(
                f"{first.name} is {first.size} cells and {other.name} {other.size}: give ranges of the same size"
            )


def _give_back_error(cells: Sequence[object]) -> None:
    kinds = set(map(type, cells))
    if any(issubclass(kind, CellError) for kind in kinds):
        raise next(cell for cell in cells if isinstance(cell, CellError)).with_traceback(None)
    if int in kinds:
        for error in filter(is_error, cells):
            raise excel_error(error)


def _common_size(ranges: Sequence[Range[object]]) -> tuple[int, int]:
    """The rows and columns of the answer; only a single row or column stretches to the size of the others."""
    rows = max((one.rows for one in ranges), default=1)
    columns = max((one.columns for one in ranges), default=1)
    for one in ranges:
        if one.rows not in (1, rows) or one.columns not in (1, columns):
            raise WrongArgument(
                f"{one.name} is {one.size} cells beside others of {rows} x {columns}: "
                "give ranges of the same size, single rows or columns, or single cells"
            )
    return rows, columns


def _tidy(answer: Single) -> Single:
    """A plain text for a `Word`, and 0 for minus zero."""
    return str(answer) if isinstance(answer, str) else float(answer) + 0.0


def registrar(
    functions: dict[str, CellFunction],
) -> Callable[[str, str], Callable[[Callable[..., Single | ResultTable]], Callable[..., Answer]]]:
    """A decorator `(category, result)` that adds functions with annotated arguments to `functions`."""

    def cell_function(
        category: str, result: str
    ) -> Callable[[Callable[..., Single | ResultTable]], Callable[..., Answer]]:
        def enter(compute: Callable[..., Single | ResultTable]) -> Callable[..., Answer]:
            function = _described(compute, category, result)
            functions[function.name] = function

            @functools.wraps(compute)
            def plain_function(*cells: object, **named: object) -> Answer:
                return function(*_named_in_places(function, cells, named))

            return plain_function

        return enter

    return cell_function


def _described(compute: Callable[..., Single | ResultTable], category: str, result: str) -> CellFunction:
    hints = get_type_hints(compute, include_extras=True)
    arguments = []
    for name, parameter in inspect.signature(compute).parameters.items():
        (reads,) = (extra for extra in hints[name].__metadata__ if isinstance(extra, Reads))
        optional = parameter.default is not parameter.empty
        default = parameter.default if optional else None
        arguments.append(Argument(name, reads.help, reads.kind, optional, default, reads))
    help_text = " ".join((inspect.getdoc(compute) or "").split("\n\n")[0].split())
    return CellFunction(
        compute.__name__, category, help_text, tuple(arguments), result, compute, hints["return"] == ResultTable
    )


def _named_in_places(function: CellFunction, cells: Sequence[object], named: Mapping[str, object]) -> Sequence[object]:
    """The arguments given in order, followed by those that a script gives by name."""
    if not named:
        return cells
    places = {argument.name: place for place, argument in enumerate(function.arguments)}
    unknown = [name for name in named if places.get(name, -1) < len(cells)]
    if unknown:
        raise TypeError(f"{function.name} has no argument {unknown[0]}, or has it already")
    behind = function.arguments[len(cells) :]
    return [*cells, *(named.get(argument.name) for argument in behind)]


_functions: dict[str, CellFunction] = {}
FUNCTIONS: Mapping[str, CellFunction] = MappingProxyType(_functions)
cell_function = registrar(_functions)


def asked_for(cell: object) -> float | None:
    """The target in a cell: a number, or None for the dash that CPA_TARGET gives if there is no target."""
    return None if cell == Letter.NONE else number(cell)


Numbers = Range[float | None]
Months = Range[Month | None]
Values = Annotated[Numbers, Reads("counts, one a month or one a month and area", number, Takes.RANGE)]
Numerators = Annotated[Numbers, Reads("counts of the part, such as detections", number, Takes.RANGE)]
Denominators = Annotated[Numbers, Reads("counts of the whole, such as offences", number, Takes.RANGE)]
MonthCells = Annotated[Months, Reads("the month of each value", Month.read, Takes.RANGE)]
AsOf = Annotated[Month, Reads("a date in the last month of the period", Month.read)]
BasisCell = Annotated[Basis, Reads("RY, YTD, FY, MONTH or QUARTER", Basis.read)]
Numerator1 = Annotated[float, Reads("count of the part in the first group", number)]
Denominator1 = Annotated[float, Reads("count of the first group", number)]
Numerator2 = Annotated[float, Reads("count of the part in the second group", number)]
Denominator2 = Annotated[float, Reads("count of the second group", number)]
Actual = Annotated[float, Reads("the figure reached", number)]
TargetCell = Annotated[float, Reads("the figure asked for", number)]
JudgedTarget = Annotated[float | None, Reads("the figure asked for; blank or – for no target", asked_for, blank=True)]
LevelCell = Annotated[float, Reads("level of the interval, a fraction such as 0.95", number)]
BetterCell = Annotated[Better, Reads("higher or lower", Better.read)]


def series_of(values: Numbers, months: Months) -> Series:
    """Values by month; WrongArgument unless both ranges have the same size."""
    check_same_size(values, months)
    return Series.of(values.cells, months.cells)


def yearly_of(values: Numbers, years: Range[int | None]) -> YearlyValues:
    """Values by year; WrongArgument unless both ranges have the same size."""
    check_same_size(values, years)
    return YearlyValues.of(values.cells, years.cells)


def both_series(numerators: Numbers, denominators: Numbers, months: Months) -> tuple[Series, Series]:
    """Numerators and denominators by month; WrongArgument unless all three ranges have the same size."""
    check_same_size(numerators, denominators, months)
    return series_of(numerators, months), series_of(denominators, months)
