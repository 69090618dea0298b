"""Tables with a heading row, as the functions for whole tables read them: measures, targets and counts.

A row of the table of measures says what is counted (headings of the tables of counts), how the figure is made from it,
and what its target is. Headings may have any order and any case. Other columns may be there too, even with errors.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from cpa_xl.errors import CellError, MissingData, WrongArgument
from cpa_xl.functions.registry import Range, is_blank, number
from cpa_xl.measures import rates
from cpa_xl.measures.boroughs import PER
from cpa_xl.measures.figures import Style
from cpa_xl.measures.periods import Basis, Month, Period, Series, YearlyValues, read_year
from cpa_xl.measures.targets import AMBER, NO_TARGET, AmberBasis, Better, Letter, Rule, Unit, Verdict, judge, target
from cpa_xl.wording import TO_CHOOSE_FROM, first_few, quoted

AMBER_CHANGE = 0.02  # the amber band of a percentage change, in points
MONTH_HEADINGS = ("Month", "Quarter ending")
YEAR_HEADING = "Year"

T = TypeVar("T")


def plain_heading(cell: object) -> str:
    """A heading without regard to case and spacing."""
    return " ".join(str(cell).split()).casefold()


@dataclass(frozen=True, slots=True)
class Headed:
    """The cells of a range below its heading row, by heading."""

    name: str
    headings: tuple[str, ...]
    places: Mapping[str, tuple[int, ...]]
    rows: tuple[tuple[object, ...], ...]

    @classmethod
    def of(cls, cells: Range[object]) -> "Headed":
        """A range whose first row holds the headings."""
        rows = [cells.cells[start : start + cells.columns] for start in range(0, len(cells.cells), cells.columns)]
        headings = tuple("" if is_blank(cell) else " ".join(str(cell).split()) for cell in rows[0])
        places: dict[str, tuple[int, ...]] = {}
        for place, heading in enumerate(headings):
            places[plain_heading(heading)] = (*places.get(plain_heading(heading), ()), place)
        return cls(cells.name, headings, places, tuple(rows[1:]))

    def place(self, heading: str) -> int | None:
        """The column with this heading; None if there is none, WrongArgument if there are several."""
        places = self.places.get(plain_heading(heading), ())
        if len(places) > 1:
            raise WrongArgument(f"{self.name} has the heading {quoted(heading)} {len(places)} times")
        return places[0] if places else None

    def cell(self, row: int, heading: str) -> object:
        """A cell; None if it is blank or the column is missing. Raises the error that the cell holds."""
        place = self.place(heading)
        return None if place is None else _held(self.rows[row][place])

    def column(self, heading: str, reader: Callable[[object], T]) -> list[T | None]:
        """A column read cell by cell, blanks as None; empty if the column is missing.

        Raises WrongArgument, with heading and row, for a cell that `reader` refuses, and the error that a cell holds.
        """
        place, found = self.place(heading), list[T | None]()
        if place is None:
            return found
        for row, cells in enumerate(self.rows):
            cell = _held(cells[place])
            try:
                found.append(None if cell is None else reader(cell))
            except WrongArgument as wrong:
                raise WrongArgument(f"{self.name}, {quoted(heading)}, row {row + 2}: {wrong}") from None
        return found

    @property
    def named(self) -> str:
        """Its headings, as a message lists them."""
        return first_few([heading for heading in self.headings if heading], TO_CHOOSE_FROM)


def _held(cell: object) -> object:
    if isinstance(cell, CellError):
        raise cell.with_traceback(None)
    return None if is_blank(cell) else cell


@dataclass(frozen=True)
class CountTables:
    """Counts by month (or quarter) under their headings, in one table or several."""

    tables: tuple[Headed, ...]
    _read: dict[str, Series] = field(default_factory=dict)

    @classmethod
    def of(cls, ranges: Sequence[Range[object] | None]) -> "CountTables":
        """The counts in these ranges; None and a single blank cell are left out."""
        return cls(tuple(Headed.of(cells) for cells in ranges if cells is not None and not omitted(cells)))

    def series(self, heading: str) -> Series:
        """The counts under a heading; their months are under Month or Quarter ending, or else in the first column.

        Raises WrongArgument if no table has the heading.
        """
        plain = plain_heading(heading)
        if plain not in self._read:
            table = self._holding(heading)
            months = next((name for name in MONTH_HEADINGS if table.place(name) is not None), table.headings[0])
            self._read[plain] = Series.of(table.column(heading, number), table.column(months, Month.read))
        return self._read[plain]

    def yearly(self, heading: str) -> YearlyValues:
        """The values under a heading by year; their years are under Year, or else in the first column.

        Raises WrongArgument if no table has the heading.
        """
        table = self._holding(heading)
        years = YEAR_HEADING if table.place(YEAR_HEADING) is not None else table.headings[0]
        return YearlyValues.of(table.column(heading, number), table.column(years, read_year))

    def _holding(self, heading: str) -> Headed:
        """The first table with a heading."""
        table = next((table for table in self.tables if table.place(heading) is not None), None)
        if table is None:
            headings = "; ".join(f"{table.name} has {table.named}" for table in self.tables) or "no counts were given"
            raise WrongArgument(f"no column is headed {quoted(heading)}: {headings}")
        return table


def omitted(cells: Range[object]) -> bool:
    """Whether an optional range is left out: it then arrives as a single blank cell."""
    return len(cells.cells) == 1 and is_blank(cells.cells[0])


STYLES = {
    Unit.PERCENT: "percent", Unit.POINTS: "points", Unit.CHANGE: "change", Unit.COUNT: "average", Unit.TOTAL: "number",
    Unit.RATIO: "average", Unit.MEAN: "average", Unit.MEDIAN: "average",
    Unit.RATE_PER: "average",
}  # fmt: skip
_OF_ONE: Mapping[Unit, Callable[[Series, Period], float]] = {
    Unit.CHANGE: rates.change,
    Unit.COUNT: rates.monthly_average,
    Unit.TOTAL: rates.total,
    Unit.MEDIAN: rates.month_value,
}
_OF_TWO: Mapping[Unit, Callable[[Series, Series, Period], float]] = {
    Unit.PERCENT: rates.rate,
    Unit.RATIO: rates.ratio,
    Unit.MEAN: rates.ratio,
}
NEEDED = ("Id", "Measure", "Unit", "Better", "Basis", "Lag", "Numerator", "Denominator")
NEEDED_OF_TARGETS = ("Rule", "Amount", "Baseline", "Amber", "Amber basis")


@dataclass(frozen=True, slots=True)
class Asked:
    """The target of a measure and its amber band; `year` is its financial year (None: any)."""

    rule: Rule | None
    target: float | None
    amber: float
    amber_basis: AmberBasis
    year: str | None


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure. `counted` are the headings of its counts: numerator and denominator, for a gap of both groups."""

    id: str
    title: str
    unit: Unit
    better: Better
    basis: Basis
    lag: int
    counted: tuple[str, ...]
    asked: Asked
    actual_style: Style | None
    target_style: Style | None
    target_text: str
    per: float = PER

    def figure(self, counts: CountTables, period: Period) -> float:
        """Its figure over a period, calculated as its unit says. Raises the errors of `cpa_xl.measures.rates`."""
        if self.unit is Unit.RATE_PER:
            counted, residents = self.counted
            return rates.rate_per(counts.series(counted), counts.yearly(residents), period, self.per)
        first, *others = (counts.series(heading) for heading in self.counted)
        if self.unit in _OF_TWO:
            return _OF_TWO[self.unit](first, others[0], period)
        if self.unit is Unit.POINTS:
            return rates.group_gap(*(rates.total(series, period) for series in (first, *others)))
        return _OF_ONE[self.unit](first, period)

    def last_month(self, counts: CountTables, as_of: Month) -> Month:
        """The last month up to `as_of` for which all its counts have a value; MissingData if there is none."""
        monthly = self.counted[:1] if self.unit is Unit.RATE_PER else self.counted
        found = [counts.series(heading).rows for heading in monthly]
        months = [month for month, held in found[0].items() if month <= as_of and None not in held]
        complete = [month for month in months if all(None not in rows.get(month, (None,)) for rows in found)]
        if not complete:
            raise MissingData(f"{', '.join(monthly)}: no counts up to {as_of.label}")
        return max(complete)

    def printed(self, value: float | None, style: Style | None) -> str:
        """A figure in a style, or else in the style of the unit; '' for no figure."""
        if value is None:
            return ""
        return (style or Style.read(STYLES[self.unit])).text(value)

    @property
    def printed_target(self) -> str:
        """The target as the scorecard prints it."""
        if self.asked.rule is Rule.BASELINE_YEAR:
            return "Baseline year"
        if self.asked.target is None or self.unit is Unit.MILESTONE:
            return ""
        return self.target_text.replace("{target}", self.printed(self.asked.target, self.target_style))


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """The result of a measure: its own as-of month and period, its figure, and its letter with the reason."""

    as_of: Month
    period: Period
    actual: float
    verdict: Verdict

    @property
    def judged(self) -> bool:
        """Whether it has a letter."""
        return self.verdict.letter is not Letter.NONE


def measure_result(measure: MeasureRow, counts: CountTables, as_of: Month) -> MeasureResult:
    """The latest figure of a measure, and its letter with the reason; without a letter, the reason says why.

    Raises MissingData if its counts have no month up to `as_of`, and the errors of `MeasureRow.figure` and `judge`.
    """
    last = measure.last_month(counts, as_of)
    period = Period.of(last, measure.basis)
    actual = measure.figure(counts, period)
    asked, year = measure.asked, Period.of(last, Basis.FY).label
    if asked.rule is Rule.BASELINE_YEAR:
        verdict = Verdict(Letter.NONE, "baseline year")
    elif asked.target is None or asked.rule is None:
        verdict = NO_TARGET
    elif as_of - last > measure.lag:
        verdict = Verdict(
            Letter.NONE,
            f"data too old: they end in {last.label}, at most {measure.lag} months before the as-of month are allowed",
        )
    elif asked.year not in (None, year):
        verdict = Verdict(Letter.NONE, f"the target is for {asked.year}, and the data end in {last.label}")
    else:
        verdict = judge(
            actual, asked.target, measure.better, asked.amber, asked.amber_basis,
            strict=asked.rule.strict, unit=measure.unit,
        )  # fmt: skip
    if measure.unit is Unit.RATE_PER:
        counted, residents = measure.counted
        why = rates.why_rate_per(counts.series(counted), counts.yearly(residents), period)
        verdict = Verdict(verdict.letter, f"{verdict.reason}; {why}")
    return MeasureResult(last, period, actual, verdict)


@dataclass(frozen=True)
class MeasureTable:
    """The rows of the table of measures, and of the table of targets if that is a separate one."""

    measures: Headed
    targets: Headed

    @classmethod
    def of(cls, measures: Range[object], targets: Range[object] | None) -> "MeasureTable":
        """The tables in two ranges. Raises WrongArgument, with the heading, if a needed heading is missing."""
        headed = Headed.of(measures)
        apart = headed if targets is None or omitted(targets) else Headed.of(targets)
        _check_headings(headed, NEEDED)
        _check_headings(apart, ("Id", *NEEDED_OF_TARGETS))
        return cls(headed, apart)

    def ids(self) -> Iterator[tuple[int, str]]:
        """The place (from 0) and id of each row that has an id."""
        for row in range(len(self.measures.rows)):
            if (cell := self.measures.cell(row, "Id")) is not None:
                yield row, id_text(cell)

    def row_of(self, wanted: str) -> int:
        """The place (from 0) of the measure with this id; MissingData if there is none."""
        found = next((row for row, name in self.ids() if plain_heading(name) == plain_heading(wanted)), None)
        if found is None:
            raise MissingData(f"{self.measures.name} has no measure {quoted(wanted)}")
        return found

    def title(self, row: int) -> str:
        """The title of a measure; if its cell holds an error, the error's code."""
        try:
            return str(self.measures.cell(row, "Measure") or "")
        except CellError as error:
            return error.code

    def measure(self, row: int) -> MeasureRow:
        """The measure in a row. Raises MissingData and WrongArgument, with the measure and the heading."""
        name = id_text(self.measures.cell(row, "Id"))
        unit = self._read(name, row, "Unit", Unit.read)
        if unit is None:
            raise MissingData(f"measure {name}: Unit is blank")
        return MeasureRow(
            name,
            self.title(row),
            unit,
            self._read(name, row, "Better", Better.read) or Better.HIGHER,
            self._read(name, row, "Basis", Basis.read) or Basis.RY,
            int(self._read(name, row, "Lag", number) or 0),
            self._counted(name, row, unit),
            self._asked(name, unit),
            self._read(name, row, "Actual style", Style.read),
            self._read(name, row, "Target style", Style.read),
            str(self.measures.cell(row, "Target text") or "{target}"),
            self._read(name, row, "Per", number) or PER,
        )

    def _read(self, name: str, row: int, heading: str, reader: Callable[[object], T]) -> T | None:
        return _read(self.measures, name, row, heading, reader)

    def _counted(self, name: str, row: int, unit: Unit) -> tuple[str, ...]:
        needed = {
            Unit.MILESTONE: (),
            **dict.fromkeys((Unit.PERCENT, Unit.RATIO, Unit.MEAN, Unit.RATE_PER), ("Numerator", "Denominator")),
            Unit.POINTS: ("Numerator", "Denominator", "Other numerator", "Other denominator"),
        }.get(unit, ("Numerator",))
        found = [self.measures.cell(row, heading) for heading in needed]
        for heading, cell in zip(needed, found, strict=True):
            if cell is None:
                raise MissingData(f"measure {name}: {heading} is blank, and a figure in {unit} needs it")
        return tuple(str(cell) for cell in found)

    def _asked(self, name: str, unit: Unit) -> Asked:
        rows = [
            row
            for row in range(len(self.targets.rows))
            if (cell := self.targets.cell(row, "Id")) is not None and id_text(cell) == name
        ]
        if len(rows) > 1:
            raise WrongArgument(
                f"{self.targets.name} has {len(rows)} rows for measure {name}: give one row for each measure"
            )
        amber, basis = (AMBER_CHANGE, AmberBasis.POINTS) if unit is Unit.CHANGE else (AMBER, AmberBasis.RELATIVE)
        if not rows:
            return Asked(None, None, amber, basis, None)
        (row,) = rows
        rule = _read(self.targets, name, row, "Rule", _rule)
        amount = _read(self.targets, name, row, "Amount", number)
        baseline = _read(self.targets, name, row, "Baseline", number)
        given = _read(self.targets, name, row, "Amber", number)
        year = self.targets.cell(row, "Year")
        return Asked(
            rule,
            None if rule is None else target(rule, amount, baseline),
            amber if given is None else given,
            _read(self.targets, name, row, "Amber basis", AmberBasis.read) or basis,
            None if year is None else id_text(year),
        )


def id_text(cell: object) -> str:
    """An id as text: "1" for the number 1.0 and for the text "1"."""
    return f"{cell:.15g}" if isinstance(cell, int | float) else str(cell).strip()


def _rule(cell: object) -> Rule | None:
    return None if plain_heading(cell) in ("none", "–") else Rule.read(cell)


def _read(table: Headed, name: str, row: int, heading: str, reader: Callable[[object], T]) -> T | None:
    cell = table.cell(row, heading)
    try:
        return None if cell is None else reader(cell)
    except WrongArgument as wrong:
        raise WrongArgument(f"measure {name}, {heading}: {wrong}") from None


def _check_headings(table: Headed, needed: Sequence[str]) -> None:
    missing = [heading for heading in needed if table.place(heading) is None]
    if missing:
        raise WrongArgument(
            f"{table.name} has no heading {', '.join(map(quoted, missing))}: give the range with its heading row; "
            f"its first row holds {table.named or 'nothing'}"
        )
