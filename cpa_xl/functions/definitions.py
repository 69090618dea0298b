"""The cell functions that answer for single figures: periods, rates, targets, outlook, variation and areas.

Each joins arguments from cells to one function of `cpa_xl.measures`; formulas and their sources are there. The first
paragraph of a docstring is the help text that Excel, LibreOffice and `docs/functions.md` show.

Charts take one figure a month, in order, in one row or one column; a blank between two figures is a missing month.
They take months, never rolling years (`cpa_xl.measures.control_charts` says why).
"""

import math
from collections.abc import Callable, Sequence
from typing import Annotated

from cpa_xl.errors import CellError, MissingData, WrongArgument
from cpa_xl.functions.registry import (
    AREAS,
    OUTLOOK,
    PERIODS,
    RATES,
    TARGETS,
    VARIATION,
    Actual,
    AsOf,
    BasisCell,
    BetterCell,
    Denominator1,
    Denominator2,
    Denominators,
    JudgedTarget,
    LevelCell,
    MonthCells,
    Numbers,
    Numerator1,
    Numerator2,
    Numerators,
    Range,
    Reads,
    ResultTable,
    Single,
    Takes,
    TargetCell,
    Values,
    anything,
    asked_for,
    both_series,
    cell_function,
    check_same_size,
    number,
    read_needed,
    series_of,
    yearly_of,
)
from cpa_xl.measures import boroughs, control_charts, intervals, outlook, rates, targets
from cpa_xl.measures import outlook as projection
from cpa_xl.measures.boroughs import NEXT_RANK, PER, YEARS, AimRule, Family, ImprovementBounds
from cpa_xl.measures.control_charts import Chart, ChartPoint, FunnelKind, FunnelPoint, Preset, funnel
from cpa_xl.measures.figures import Style
from cpa_xl.measures.intervals import IntervalKind
from cpa_xl.measures.periods import Basis, Period, read_year
from cpa_xl.measures.targets import AmberBasis, Better, GapAs, Letter, Rule, Unit
from cpa_xl.wording import quoted

FigureCell = Annotated[float | None, Reads("the figure to print; nothing is printed for a blank", number, blank=True)]
StyleCell = Annotated[
    Style,
    Reads(
        "percent, points, change, number, average, money, movement or movement_points, with a digit for the decimals",
        Style.read,
    ),
]
DesignEffect = Annotated[float, Reads("design effect of the survey: 1 for a simple random sample, or more", number)]
Counted = Annotated[float, Reads("the count that the interval is for", number)]
Whole = Annotated[
    float | None,
    Reads("what x is a part of; for a count what divides it, or left out", number, omitted=True),
]
KindCell = Annotated[
    IntervalKind,
    Reads("proportion (Wilson's of x in n), or count (of x, alone or per n)", IntervalKind.read),
]

Dividends = Annotated[Numbers, Reads("what is divided, such as minutes lost or the sum of waits", number, Takes.RANGE)]
Divisors = Annotated[
    Numbers, Reads("what it is divided by, such as officers or the number of waits", number, Takes.RANGE)
]

MonthsOwn = Annotated[Numbers, Reads("one value a month, such as each month's own median", number, Takes.RANGE)]
Per = Annotated[float, Reads("per how many residents", number)]
Populations = Annotated[Numbers, Reads("residents, one a year or one a year and area", number, Takes.RANGE)]
YearCells = Annotated[Range[int | None], Reads("the year of each population", read_year, Takes.RANGE)]
History = Annotated[Numbers, Reads("the figure of each past month", number, Takes.RANGE)]

RuleCell = Annotated[Rule, Reads("how the target is stated: " + ", ".join(Rule), Rule.read)]
Amount = Annotated[float | None, Reads("what the rule asks for; a change or points as a fraction", number, blank=True)]
Baseline = Annotated[float | None, Reads("the figure the rule starts from, where it does", number, blank=True)]
JudgedActual = Annotated[object, Reads("the figure reached", anything, blank=True)]
StatedAs = Annotated[GapAs, Reads("difference, or relative to the target's size", GapAs.read)]
Amber = Annotated[float, Reads("how far below target is still amber, a fraction", number)]
AmberBasisCell = Annotated[AmberBasis, Reads("amber is relative to the target's size, or points", AmberBasis.read)]
UnitCell = Annotated[Unit | None, Reads("what the figure is, for the words: " + ", ".join(Unit), Unit.read, blank=True)]
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
YearTarget = Annotated[float | None, Reads("count asked for in the whole year; blank or – for none", asked_for)]
Required = Annotated[float, Reads("what each month left must reach", number)]


def whole_number(cell: object) -> int:
    """A cell as a whole number; WrongArgument for anything else."""
    value = number(cell)
    if value != int(value):
        raise WrongArgument(f"{value:.15g} is not a whole number")
    return int(value)


def yes_or_no(cell: object) -> bool:
    """A cell as TRUE or FALSE, which some hosts pass as 1 and 0; WrongArgument for anything else."""
    if cell in (True, False):
        return bool(cell)
    raise WrongArgument(f"{quoted(cell)} will not do: write TRUE or FALSE")


AnyScale = Annotated[
    bool, Reads("TRUE where figure and target are right although one is a fraction and the other is not", yes_or_no)
]
MonthlyValues = Annotated[
    Numbers, Reads("a figure a month, in order, in one row or column; never rolling years", number, Takes.RANGE)
]
AreaCounts = Annotated[Numbers, Reads("the count of each area, in one row or column", number, Takes.RANGE)]
AreaSizes = Annotated[Numbers, Reads("residents, or another size, of each area", number, Takes.RANGE)]
BaselinePoints = Annotated[
    int | None, Reads("how many of the first figures the limits are made of; all where left out", whole_number)
]
Screen = Annotated[bool, Reads("TRUE to leave outlying moving ranges out", yes_or_no)]
BetterIfAny = Annotated[Better | None, Reads("higher or lower; left out where neither way is better", Better.read)]
PresetCell = Annotated[Preset, Reads(f"whose rules: {', '.join(Preset)}", Preset.read)]
Overdispersed = Annotated[bool, Reads("TRUE where areas differ for more reasons than chance", yes_or_no)]
FunnelKindCell = Annotated[
    FunnelKind | None,
    Reads(
        "proportion where counts are a part of denominators, rate where not; left out, it follows from the figures",
        FunnelKind.read,
    ),
]

Offences = Annotated[float, Reads("offences in the area, of a year", number)]
Residents = Annotated[float, Reads("residents of the area (mid-year estimate)", number)]
Ranked = Annotated[float, Reads("the area's figure", number)]
Peers = Annotated[
    Numbers, Reads("the figures of the areas to compare with, with or without its own", number, Takes.RANGE)
]
Rate = Annotated[float, Reads("the area's victimisation rate", number)]
PeerRates = Annotated[
    Numbers, Reads("the rates of the areas of its family, with or without its own", number, Takes.RANGE)
]
AimCell = Annotated[
    AimRule | None, Reads('next_rank (without one), family_mean, best_quartile, or such as "rank 3"', AimRule.read)
]
Years = Annotated[float, Reads("number of years in which to reach it", number)]
Floor = Annotated[float, Reads("least improvement to ask for in a year, a fraction", number)]
Cap = Annotated[float, Reads("most improvement to ask for in a year, a fraction", number)]
RateChange = Annotated[float, Reads("change of the rate, a fraction: -0.04 for 4 % less", number)]
ResidentsNow = Annotated[float, Reads("residents that the rate was measured with", number)]
ResidentsThen = Annotated[float, Reads("residents in the year the target is for", number)]
OffencesByArea = Annotated[Numbers, Reads("offences of each area", number, Takes.RANGE)]
AnnualChanges = Annotated[Numbers, Reads("the change asked of each area, a fraction", number, Takes.RANGE)]


@cell_function(PERIODS, "text such as RY to Jan-09")
def CPA_PERIOD(as_of: AsOf, basis: BasisCell = Basis.RY) -> str:
    """Name a period as the scorecard does: RY to Jan-09, Apr-Jan 2008/09, Oct-Dec 2008."""
    return Period.of(as_of, basis).label


@cell_function(PERIODS, "text such as 77.8%, -7.5%, 6,405, £1,234 or down 0.8%")
def CPA_TEXT(value: FigureCell, style: StyleCell) -> str:
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


@cell_function(RATES, "number, such as 2.4 a head")
def CPA_RATIO(
    dividends: Dividends,
    divisors: Divisors,
    months: MonthCells,
    as_of: AsOf,
    basis: BasisCell = Basis.RY,
) -> float:
    """Divide the sum of one series over a period by the sum of another, of which it is no part: 2.4 a head, a mean.

    With sums of values over their numbers it is the mean of the values in the period. #DIV/0! where the second sum is
    0, #NUM! for a divisor below zero, #N/A for a month without a value.
    """
    return rates.ratio(*both_series(dividends, divisors, months), Period.of(as_of, basis))


@cell_function(RATES, "number")
def CPA_MONTH_VALUE(values: MonthsOwn, months: MonthCells, as_of: AsOf) -> float:
    """Give the one value of a month, such as a median, which cannot be added up.

    #N/A for a month without a value, #VALUE! for one with several.
    """
    return rates.month_value(series_of(values, months), Period.of(as_of, Basis.MONTH))


@cell_function(RATES, "number for every 1,000 residents")
def CPA_RATE_PER(
    values: Values,
    months: MonthCells,
    populations: Populations,
    years: YearCells,
    as_of: AsOf,
    basis: BasisCell = Basis.RY,
    per: Per = PER,
) -> float:
    """Give the count of a period for every 1,000 residents, those of the latest year up to the period's end.

    Populations of one year are added up. #N/A where no year up to that of the last month has a population, #DIV/0! for
    one of 0. A period of less than a year is not scaled up.
    """
    return rates.rate_per(series_of(values, months), yearly_of(populations, years), Period.of(as_of, basis), per)


@cell_function(RATES, "a sentence with count, residents and their year")
def CPA_RATE_PER_WHY(
    values: Values,
    months: MonthCells,
    populations: Populations,
    years: YearCells,
    as_of: AsOf,
    basis: BasisCell = Basis.RY,
    per: Per = PER,  # noqa: ARG001  # the arguments of CPA_RATE_PER
) -> str:
    """Say what CPA_RATE_PER divides: the count, and the residents with the year that they are of."""
    return rates.why_rate_per(series_of(values, months), yearly_of(populations, years), Period.of(as_of, basis))


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
) -> ResultTable:
    """Give the interval that holds the gap between two groups' rates (Newcombe's)."""
    found = intervals.gap_interval(n1, d1, n2, d2, level, design_effect=design_effect)
    return [[found.low, found.high]]


@cell_function(RATES, "low and high end: fractions for a proportion, else counts or counts per n")
def CPA_INTERVAL(
    x: Counted, n: Whole, kind: KindCell = IntervalKind.PROPORTION, level: LevelCell = intervals.LEVEL
) -> ResultTable:
    """Give the interval within which chance may have moved a proportion (Wilson's) or a count (from 10 on Byar's)."""
    found = intervals.interval(x, n, kind, level)
    return [[found.low, found.high]]


@cell_function(TARGETS, "the target, or – where the rule asks for none")
def CPA_TARGET(rule: RuleCell, amount: Amount, baseline: Baseline = None) -> float | str:
    """Work out the target that a rule asks for."""
    asked = targets.target(rule, amount, baseline)
    return Letter.NONE.value if asked is None else asked


@cell_function(TARGETS, "number, positive where better than target")
def CPA_TARGET_GAP(
    actual: Actual,
    target: TargetCell,
    better: BetterCell = Better.HIGHER,
    stated_as: StatedAs = GapAs.DIFFERENCE,
    any_scale: AnyScale = False,
) -> float:
    """Measure how much better than its target a figure is."""
    if not any_scale:
        targets.refuse_other_scale(actual, target)
    return targets.gap(actual, target, better, stated_as)


@cell_function(TARGETS, "G, A, R, or – where there is no target")
def CPA_RAG(
    actual: JudgedActual,
    target: JudgedTarget = None,
    better: BetterCell = Better.HIGHER,
    amber: Amber = targets.AMBER,
    basis: AmberBasisCell = AmberBasis.RELATIVE,
    any_scale: AnyScale = False,
) -> str:
    """Give the letter of a figure: on target or better, marginally below, well below."""
    if target is None:  # whatever the figure is: that of a milestone may be a sentence
        return Letter.NONE
    figure = _beside(actual, target, any_scale=any_scale)
    return targets.letter(figure, target, better, amber, basis)


def _beside(actual: object, target: float, *, any_scale: bool) -> float:
    """The figure in a cell, of the same scale as its target."""
    figure = read_needed("actual", actual, number)
    if not any_scale:
        targets.refuse_other_scale(figure, target)
    return figure


@cell_function(TARGETS, "a sentence with figure, target, difference and amber band")
def CPA_RAG_WHY(
    actual: JudgedActual,
    target: JudgedTarget = None,
    better: BetterCell = Better.HIGHER,
    amber: Amber = targets.AMBER,
    basis: AmberBasisCell = AmberBasis.RELATIVE,
    unit: UnitCell = None,
    any_scale: AnyScale = False,
) -> str:
    """Say why CPA_RAG gives its letter."""
    if target is None:
        return targets.NO_TARGET.reason
    figure = _beside(actual, target, any_scale=any_scale)
    return targets.judge(figure, target, better, amber, basis, unit=unit).reason


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


@cell_function(OUTLOOK, "the year's total, its low and high end, the chance of the target or –, and how it was found")
def CPA_PROJECTION(
    values: Values,
    months: MonthCells,
    as_of: AsOf,
    level: LevelCell = intervals.LEVEL,
    target: YearTarget = None,
    better: BetterCell = Better.HIGHER,
) -> ResultTable:
    """Project the count of the financial year, with an interval and the chance of meeting a target.

    If the history is too short to tell how much months vary, interval and chance are #N/A.
    """
    found = projection.project(series_of(values, months), as_of)
    ends = [_or_missing(lambda: found.interval(level).low), _or_missing(lambda: found.interval(level).high)]
    chance = Letter.NONE.value if target is None else _or_missing(lambda: found.chance(target, better))
    return [[found.point, *ends, chance, found.words]]


def _or_missing(compute: Callable[[], float]) -> Single | CellError:
    try:
        return compute()
    except MissingData as missing:
        return missing.with_traceback(None)


def _in_line(values: Range[float | None]) -> Sequence[float | None]:
    """The cells of one row or one column; WrongArgument for more, which have no order of months or areas."""
    if values.rows > 1 and values.columns > 1:
        raise WrongArgument(f"{values.name} is {values.size} cells: give one row or one column")
    return values.cells


@cell_function(VARIATION, "mean, mean moving range, lower and upper limit, in four cells of a row")
def CPA_XMR(values: MonthlyValues, baseline_points: BaselinePoints = None, screen: Screen = False) -> ResultTable:
    """Work out the natural limits of a monthly figure."""
    limits = control_charts.xmr(_in_line(values), baseline_points, screen)
    return [[limits.mean, limits.mean_moving_range, limits.lower, limits.upper]]


@cell_function(VARIATION, "a text for each month: outside, trend, two of three or shift, and what it means; or nothing")
def CPA_SPC(values: MonthlyValues, better: BetterIfAny = None, preset: PresetCell = Preset.HOUSE) -> ResultTable:
    """Find the months that differ from the others by more than months usually do."""
    found = _chart(values, preset)
    return values.shaped([_signal(point, better, found.rare_events) for point in found.points])


def _chart(values: Numbers, preset: Preset) -> Chart:
    return control_charts.chart(_in_line(values), preset.rules)


def _signal(point: ChartPoint, better: Better | None, rare_events: str) -> str:
    if point.direction is None:
        return point.signal
    said = point.signal if better is None else f"{point.signal}: {_meaning(point, better)}"
    return f"{said}; {rare_events}" if rare_events else said


def _meaning(point: ChartPoint, better: Better | None) -> str:
    word = point.variation(better)
    return word if point.direction is None else f"{word} ({point.direction})"


@cell_function(VARIATION, "common cause, improvement, concern or neutral, with its direction and what to know")
def CPA_VARIATION(values: MonthlyValues, better: BetterIfAny = None, preset: PresetCell = Preset.HOUSE) -> str:
    """Say what the latest month is: like the others, better, or worse."""
    found = _chart(values, preset)
    return "; ".join([_meaning(found.latest, better), *found.caveats])


@cell_function(VARIATION, "passes, fails or hit and miss, with what to know; – where there is no target")
def CPA_ASSURANCE(
    values: MonthlyValues,
    target: JudgedTarget,
    better: BetterCell = Better.HIGHER,
    preset: PresetCell = Preset.HOUSE,
    any_scale: AnyScale = False,
) -> str:
    """Say whether months will meet a target if nothing changes."""
    if target is None:
        return Letter.NONE
    found = _chart(values, preset)
    if not any_scale:
        targets.refuse_other_scale(_typical(values), target)
    return "; ".join([control_charts.assurance(found.limits, target, better), *found.caveats])


def _typical(values: Numbers) -> float:
    """A figure of the size of these: the largest of whole numbers, which may be rare counts, else their mean."""
    known = [value for value in values.cells if value is not None]
    whole = all(value == int(value) for value in known)
    return max(known, key=abs) if whole else math.fsum(known) / len(known)


@cell_function(
    VARIATION, "a row for each area: expected count, limits at 95 % (low, high) and 99.8 %, flag, and whose limits"
)
def CPA_FUNNEL(
    counts: AreaCounts,
    denominators: AreaSizes,
    overdispersed: Overdispersed = False,
    kind: FunnelKindCell = None,
) -> ResultTable:
    """Find the areas whose rate differs from that of all together by more than chance."""
    check_same_size(counts, denominators)
    return [_row(area) for area in funnel(_in_line(counts), _in_line(denominators), overdispersed, kind)]


def _row(area: FunnelPoint | None) -> list[Single | CellError]:
    if area is None:
        return [""] * 7
    return [area.expected, area.lower_95, area.upper_95, area.lower_998, area.upper_998, area.flag, area.limits]


@cell_function(AREAS, "number per 1,000 residents, or per another number of them")
def CPA_VICTIMISATION(offences: Offences, residents: Residents, per: Per = float(PER)) -> float:
    """Divide offences by residents, per 1,000."""
    return boroughs.victimisation(offences, residents, per)


@cell_function(AREAS, "rank, 1 the best, and of how many")
def CPA_RANK(value: Ranked, peers: Peers, better: BetterCell = Better.HIGHER) -> ResultTable:
    """Rank an area among its peers; equal figures share the better rank."""
    family = Family.of(value, peers.cells, better)
    return [[family.rank, family.size]]


@cell_function(AREAS, "rate to reach, change a year as a fraction, and floor, cap or model")
def CPA_BOROUGH_TARGET(
    rate: Rate,
    peer_rates: PeerRates,
    rule: AimCell = None,
    years: Years = float(YEARS),
    floor: Floor = 0.0,
    cap: Cap = 1.0,
) -> ResultTable:
    """Find the rate an area should reach in its family (lower is better), and the change a year that leads there."""
    family = Family.of(rate, peer_rates.cells)
    target = boroughs.area_target(family, rule or NEXT_RANK, years, ImprovementBounds(floor, cap))
    return [[target.aspiration, target.change, target.flag]]


@cell_function(AREAS, "fraction: -0.0235 for 2.35 % fewer")
def CPA_COUNT_CHANGE(rate_change: RateChange, residents_now: ResidentsNow, residents_then: ResidentsThen) -> float:
    """Turn the change of a rate into the change of the count, as residents grow."""
    return boroughs.count_change(rate_change, residents_now, residents_then)


@cell_function(AREAS, "change weighted by offences, plain mean of the changes, and the count that the areas add up to")
def CPA_FORCE_TARGET(offences: OffencesByArea, annual_changes: AnnualChanges) -> ResultTable:
    """Add the targets of all areas up to the force's."""
    check_same_size(offences, annual_changes)
    counts: list[float] = []
    changes: list[float] = []
    for place, (count, change) in enumerate(zip(offences.cells, annual_changes.cells, strict=True), 1):
        if count is None and change is None:
            continue
        if count is None or change is None:
            raise MissingData(f"{'offences' if count is None else 'annual_changes'} is blank for area {place}")
        counts.append(count)
        changes.append(change)
    found = boroughs.force_target(counts, changes)
    return [[found.weighted, found.plain, found.count]]
