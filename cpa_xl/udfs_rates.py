"""The functions of the cells for periods, text, sums and rates."""

from typing import Annotated

from cpa_xl import intervals, rates
from cpa_xl.arguments import (
    PERIODS,
    RATES,
    AsOf,
    BasisCell,
    Denominator1,
    Denominator2,
    Denominators,
    LevelCell,
    MonthCells,
    Numerator1,
    Numerator2,
    Numerators,
    Values,
    both_series,
    cell_function,
    series_of,
)
from cpa_xl.cells import Reads, Table, number
from cpa_xl.figures import Style
from cpa_xl.intervals import IntervalKind
from cpa_xl.periods import Basis, Period

Figure = Annotated[float | None, Reads("the figure to print; nothing is printed for a blank", number, blank=True)]
StyleCell = Annotated[
    Style,
    Reads(
        "percent, points, change, number, average, movement or movement_points, with a digit for the decimals",
        Style.read,
    ),
]
DesignEffect = Annotated[float, Reads("how much less the numbers asked tell than a random sample's, 1 or more", number)]
Counted = Annotated[float, Reads("the count that the interval is for", number)]
Whole = Annotated[
    float | None,
    Reads("what it is a part of; for a count what it is divided by, or blank", number, blank=True),
]
KindCell = Annotated[
    IntervalKind, Reads("proportion (Wilson's interval of x in n), or count (Byar's of x, per n)", IntervalKind.read)
]


@cell_function(PERIODS, "text such as RY to Jan-09")
def CPA_PERIOD(as_of: AsOf, basis: BasisCell = Basis.RY) -> str:
    """Name a period as the scorecard does: RY to Jan-09, Apr-Jan 2008/09, Oct-Dec 2008."""
    return Period.of(as_of, basis).label


@cell_function(PERIODS, "text such as 77.8%, -7.5%, 6,405 or down 0.8%")
def CPA_TEXT(value: Figure, style: StyleCell) -> str:
    """Print a figure as the scorecard does, rounded half away from zero."""
    return "" if value is None else style.text(value)


@cell_function(RATES, "number")
def CPA_SUM(values: Values, months: MonthCells, as_of: AsOf, basis: BasisCell = Basis.RY) -> float:
    """Add up the values of a period."""
    return rates.total(series_of(values, months), Period.of(as_of, basis))


@cell_function(RATES, "number")
def CPA_MONTHLY_AVERAGE(values: Values, months: MonthCells, as_of: AsOf, basis: BasisCell = Basis.RY) -> float:
    """Give the mean per month of a period."""
    return rates.monthly_average(series_of(values, months), Period.of(as_of, basis))


@cell_function(RATES, "fraction from 0 to 1")
def CPA_RATE(
    numerators: Numerators,
    denominators: Denominators,
    months: MonthCells,
    as_of: AsOf,
    basis: BasisCell = Basis.RY,
) -> float:
    """Divide the sum of the numerators of a period by the sum of its denominators."""
    return rates.rate(*both_series(numerators, denominators, months), Period.of(as_of, basis))


@cell_function(RATES, "fraction: -0.075 for 7.5 % fewer")
def CPA_CHANGE(values: Values, months: MonthCells, as_of: AsOf, basis: BasisCell = Basis.RY) -> float:
    """Compare the total of a period with that of the same months a year earlier, as a fraction of it."""
    return rates.change(series_of(values, months), Period.of(as_of, basis))


@cell_function(RATES, "number: -453 for 453 fewer")
def CPA_CHANGE_VOLUME(values: Values, months: MonthCells, as_of: AsOf, basis: BasisCell = Basis.RY) -> float:
    """Subtract the total of the same months a year earlier from the total of a period."""
    return rates.change_volume(series_of(values, months), Period.of(as_of, basis))


@cell_function(RATES, "points, as a fraction: 0.005 for half a point more")
def CPA_RATE_CHANGE(
    numerators: Numerators,
    denominators: Denominators,
    months: MonthCells,
    as_of: AsOf,
    basis: BasisCell = Basis.RY,
) -> float:
    """Subtract the rate of the same months a year earlier from the rate of a period."""
    return rates.rate_change(*both_series(numerators, denominators, months), Period.of(as_of, basis))


@cell_function(RATES, "points, as a fraction: 0.048 where the first group is 4.8 points above")
def CPA_GROUP_GAP(n1: Numerator1, d1: Denominator1, n2: Numerator2, d2: Denominator2) -> float:
    """Subtract a second group's rate from a first group's."""
    return rates.group_gap(n1, d1, n2, d2)


@cell_function(RATES, "low and high end of the gap, fractions")
def CPA_GROUP_GAP_INTERVAL(
    n1: Numerator1,
    d1: Denominator1,
    n2: Numerator2,
    d2: Denominator2,
    level: LevelCell = intervals.LEVEL,
    design_effect: DesignEffect = 1.0,
) -> Table:
    """Give the interval that holds the gap between two groups' rates (Newcombe's)."""
    found = intervals.gap_interval(n1, d1, n2, d2, level, design_effect=design_effect)
    return [[found.low, found.high]]


@cell_function(RATES, "low and high end: fractions for a proportion, else counts or counts per n")
def CPA_INTERVAL(
    x: Counted, n: Whole, kind: KindCell = IntervalKind.PROPORTION, level: LevelCell = intervals.LEVEL
) -> Table:
    """Give the interval within which chance alone may have moved a proportion (Wilson's) or a count (Byar's)."""
    found = intervals.interval(x, n, kind, level)
    return [[found.low, found.high]]
