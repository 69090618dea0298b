"""The functions of the cells for targets, letters and what the months left must bring."""

from collections.abc import Callable
from typing import Annotated

from cpa_xl import intervals, outlook, projection, targets
from cpa_xl.arguments import (
    OUTLOOK,
    TARGETS,
    Actual,
    AsOf,
    BetterCell,
    JudgedTarget,
    LevelCell,
    MonthCells,
    Numbers,
    Target,
    Values,
    asked_for,
    cell_function,
    series_of,
)
from cpa_xl.cells import Reads, Single, Table, Takes, anything, number, read_needed
from cpa_xl.errors import CellError, MissingData
from cpa_xl.targets import AmberBasis, Better, GapAs, Letter, Rule, Unit

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


@cell_function(TARGETS, "G, A, R, or – where there is no target")
def CPA_RAG(
    actual: JudgedActual,
    target: JudgedTarget = None,
    better: BetterCell = Better.HIGHER,
    amber: Amber = targets.AMBER,
    basis: AmberBasisCell = AmberBasis.RELATIVE,
) -> str:
    """Give the letter of a figure: on target or better, marginally below, well below."""
    if target is None:  # whatever stands for the figure: a milestone's may be a sentence
        return Letter.NONE
    return targets.letter(read_needed("actual", actual, number), target, better, amber, basis)


@cell_function(TARGETS, "a sentence with figure, target, difference and amber band")
def CPA_RAG_WHY(
    actual: JudgedActual,
    target: JudgedTarget = None,
    better: BetterCell = Better.HIGHER,
    amber: Amber = targets.AMBER,
    basis: AmberBasisCell = AmberBasis.RELATIVE,
    unit: UnitCell = None,
) -> str:
    """Say why CPA_RAG gives its letter."""
    if target is None:
        return targets.NO_TARGET.reason
    return targets.judge(read_needed("actual", actual, number), target, better, amber, basis, unit=unit).reason


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
) -> Table:
    """Project the count of the financial year, with an interval and the chance of meeting a target.

    Where the history is too short to tell how much months vary, the point stands and the rest is #N/A.
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
