"""The functions of the cells: `CPA_RAG(0.778, 0.789)` is "A" in a cell and in Python alike.

Every host takes them from `FUNCTIONS`. To add one, write it here under `@cell_function`, its arguments
annotated with how they are read. How cells, blanks, errors and ranges are treated is said in `cpa_xl.cells`.
"Import functions" of xlwings takes them from this module.
Rates, changes and gaps are fractions. `values`, `months` and the like are ranges of one size, in any order;
values of one month are added together, and every month of the period must be there.
"""

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from cpa_xl import outlook, rates, targets
from cpa_xl.cells import CellFunction, Range, Reads, Takes, anything, check_same_size, number, read_needed, registrar
from cpa_xl.figures import Style
from cpa_xl.periods import Basis, Month, Period, Series
from cpa_xl.targets import AmberBasis, Better, GapAs, Letter, Rule

_functions: dict[str, CellFunction] = {}
FUNCTIONS: Mapping[str, CellFunction] = MappingProxyType(_functions)
cell_function = registrar(_functions)

PERIODS, RATES, TARGETS, OUTLOOK = "Periods and text", "Sums and rates", "Targets", "Outlook"


def asked_for(cell: object) -> float | None:
    """A target as a cell holds it: a number, or the dash that CPA_TARGET gives where there is none."""
    return None if cell == Letter.NONE else number(cell)


Numbers = Range[float | None]
Months = Range[Month | None]

Values = Annotated[Numbers, Reads("counts, one a month or one a month and area", number, Takes.RANGE)]
Numerators = Annotated[Numbers, Reads("counts of the part, such as detections", number, Takes.RANGE)]
Denominators = Annotated[Numbers, Reads("counts of the whole, such as offences", number, Takes.RANGE)]
MonthCells = Annotated[Months, Reads("the month of each value", Month.read, Takes.RANGE)]
History = Annotated[Numbers, Reads("the figure of each past month", number, Takes.RANGE)]
AsOf = Annotated[Month, Reads("a date in the last month of the period", Month.read)]
BasisCell = Annotated[Basis, Reads("RY, YTD, FY, MONTH or QUARTER", Basis.read)]
Numerator1 = Annotated[float, Reads("count of the part in the first group", number)]
Denominator1 = Annotated[float, Reads("count of the first group", number)]
Numerator2 = Annotated[float, Reads("count of the part in the second group", number)]
Denominator2 = Annotated[float, Reads("count of the second group", number)]
Figure = Annotated[float | None, Reads("the figure to print; nothing is printed for a blank", number, blank=True)]
StyleCell = Annotated[
    Style,
    Reads(
        "percent, points, change, number, average, movement or movement_points, with a digit for the decimals",
        Style.read,
    ),
]
RuleCell = Annotated[Rule, Reads("how the target is stated: " + ", ".join(Rule), Rule.read)]
Amount = Annotated[float | None, Reads("what the rule asks for; a change or points as a fraction", number, blank=True)]
Baseline = Annotated[float | None, Reads("the figure the rule starts from, where it does", number, blank=True)]
Actual = Annotated[float, Reads("the figure reached", number)]
JudgedActual = Annotated[object, Reads("the figure reached", anything, blank=True)]
Target = Annotated[float, Reads("the figure asked for", number)]
JudgedTarget = Annotated[float | None, Reads("the figure asked for; blank or – for no target", asked_for, blank=True)]
BetterCell = Annotated[Better, Reads("higher or lower", Better.read)]
StatedAs = Annotated[GapAs, Reads("difference, or relative to the target's size", GapAs.read)]
Amber = Annotated[float, Reads("how far below target is still amber, a fraction", number)]
AmberBasisCell = Annotated[AmberBasis, Reads("amber is relative to the target's size, or points", AmberBasis.read)]
NumeratorYtd = Annotated[float, Reads("count of the part, this financial year so far", number)]
DenominatorYtd = Annotated[float, Reads("count of the whole, this financial year so far", number)]
DenominatorLeft = Annotated[float, Reads("count of the whole expected in the months left", number)]
TotalYtd = Annotated[float, Reads("count of this financial year so far", number)]
TargetYear = Annotated[float, Reads("count asked for in the whole year", number)]
MonthsLeft = Annotated[float, Reads("months left of the year, 1 to 12", number)]
BaseYear = Annotated[float, Reads("count of the whole of last year", number)]
BaseLeft = Annotated[float, Reads("last year's count of the months that are left this year", number)]
TargetChange = Annotated[float, Reads("change asked for, a fraction", number)]
TargetRate = Annotated[float, Reads("rate asked for in the whole year, a fraction", number)]
Required = Annotated[float, Reads("what each month left must reach", number)]


def _series(values: Numbers, months: Months) -> Series:
    check_same_size(values, months)
    return Series.of(values.cells, months.cells)


def _both(numerators: Numbers, denominators: Numbers, months: Months) -> tuple[Series, Series]:
    check_same_size(numerators, denominators, months)
    return _series(numerators, months), _series(denominators, months)


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
    return rates.total(_series(values, months), Period.of(as_of, basis))


@cell_function(RATES, "number")
def CPA_MONTHLY_AVERAGE(values: Values, months: MonthCells, as_of: AsOf, basis: BasisCell = Basis.RY) -> float:
    """Give the mean per month of a period."""
    return rates.monthly_average(_series(values, months), Period.of(as_of, basis))


@cell_function(RATES, "fraction from 0 to 1")
def CPA_RATE(
    numerators: Numerators,
    denominators: Denominators,
    months: MonthCells,
    as_of: AsOf,
    basis: BasisCell = Basis.RY,
) -> float:
    """Divide the sum of the numerators of a period by the sum of its denominators."""
    return rates.rate(*_both(numerators, denominators, months), Period.of(as_of, basis))


@cell_function(RATES, "fraction: -0.075 for 7.5 % fewer")
def CPA_CHANGE(values: Values, months: MonthCells, as_of: AsOf, basis: BasisCell = Basis.RY) -> float:
    """Compare the total of a period with that of the same months a year earlier, as a fraction of it."""
    return rates.change(_series(values, months), Period.of(as_of, basis))


@cell_function(RATES, "number: -453 for 453 fewer")
def CPA_CHANGE_VOLUME(values: Values, months: MonthCells, as_of: AsOf, basis: BasisCell = Basis.RY) -> float:
    """Subtract the total of the same months a year earlier from the total of a period."""
    return rates.change_volume(_series(values, months), Period.of(as_of, basis))


@cell_function(RATES, "points, as a fraction: 0.005 for half a point more")
def CPA_RATE_CHANGE(
    numerators: Numerators,
    denominators: Denominators,
    months: MonthCells,
    as_of: AsOf,
    basis: BasisCell = Basis.RY,
) -> float:
    """Subtract the rate of the same months a year earlier from the rate of a period."""
    return rates.rate_change(*_both(numerators, denominators, months), Period.of(as_of, basis))


@cell_function(RATES, "points, as a fraction: 0.048 where the first group is 4.8 points above")
def CPA_GROUP_GAP(n1: Numerator1, d1: Denominator1, n2: Numerator2, d2: Denominator2) -> float:
    """Subtract a second group's rate from a first group's."""
    return rates.group_gap(n1, d1, n2, d2)


@cell_function(TARGETS, "the target, or – where the rule asks for none")
def CPA_TARGET(rule: RuleCell, amount: Amount, baseline: Baseline = None) -> float | str:
    """Work out the target that a rule asks for."""
    asked = targets.target(rule, amount, baseline)
    return Letter.NONE.value if asked is None else asked


@cell_function(TARGETS, "number, positive where better than target")
def CPA_TARGET_GAP(
    actual: Actual,
    target: Target,
    better: BetterCell = Better.HIGHER,
    stated_as: StatedAs = GapAs.DIFFERENCE,
) -> float:
    """Measure how much better than its target a figure is."""
    return targets.gap(actual, target, better, stated_as)


def _verdict(actual: object, target: float | None, better: Better, amber: float, basis: AmberBasis) -> targets.Verdict:
    """Without a target there is no letter, whatever stands for the figure: a milestone's may be a sentence."""
    if target is None:
        return targets.NO_TARGET
    return targets.judge(read_needed("actual", actual, number), target, better, amber, basis)


@cell_function(TARGETS, "G, A, R, or – where there is no target")
def CPA_RAG(
    actual: JudgedActual,
    target: JudgedTarget = None,
    better: BetterCell = Better.HIGHER,
    amber: Amber = targets.AMBER,
    basis: AmberBasisCell = AmberBasis.RELATIVE,
) -> str:
    """Give the letter of a figure: on target or better, marginally below, well below."""
    return _verdict(actual, target, better, amber, basis).letter


@cell_function(TARGETS, "a sentence with figure, target, difference and amber band")
def CPA_RAG_WHY(
    actual: JudgedActual,
    target: JudgedTarget = None,
    better: BetterCell = Better.HIGHER,
    amber: Amber = targets.AMBER,
    basis: AmberBasisCell = AmberBasis.RELATIVE,
) -> str:
    """Say why CPA_RAG gives its letter."""
    return _verdict(actual, target, better, amber, basis).reason


@cell_function(OUTLOOK, "fraction; below 0 or above 1 where the year is decided")
def CPA_REQUIRED_RATE(
    numerator_ytd: NumeratorYtd,
    denominator_ytd: DenominatorYtd,
    denominator_left: DenominatorLeft,
    target: TargetRate,
) -> float:
    """Find the rate the months left must reach for the financial year to end on target."""
    return outlook.required_rate(numerator_ytd, denominator_ytd, denominator_left, target)


@cell_function(OUTLOOK, "number a month; 0 or less where the year is decided")
def CPA_REQUIRED_COUNT(total_ytd: TotalYtd, target_year: TargetYear, months_left: MonthsLeft) -> float:
    """Find the count each month left must bring for the financial year to end on target."""
    return outlook.required_count(total_ytd, target_year, months_left)


@cell_function(OUTLOOK, "fraction; below -1 where the target is out of reach")
def CPA_REQUIRED_CHANGE(
    total_ytd: TotalYtd, base_year: BaseYear, base_left: BaseLeft, target_change: TargetChange
) -> float:
    """Find the change on last year's same months that the months left must bring for the year's change."""
    return outlook.required_change(total_ytd, base_year, base_left, target_change)


@cell_function(OUTLOOK, "secured, done k times in n months, never done, or impossible, with the best month")
def CPA_FEASIBLE(required: Required, history: History, better: BetterCell = Better.HIGHER) -> str:
    """Say whether any past month reached what each month left must reach."""
    return outlook.feasible(required, history.cells, better).words


if "xlwings" in sys.modules:  # its server imports this module for Excel; no other host has to wait for xlwings
    from cpa_xl import xlfunctions
    from cpa_xl.comcells import Errors

    globals().update(xlfunctions.for_excel(FUNCTIONS, globals(), Errors.VARIANT, __name__))
