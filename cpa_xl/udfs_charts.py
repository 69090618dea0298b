"""The functions of the cells for variation: which months and which areas are like the others.

The months of a chart stand in one row or one column, in order, a figure a month; a blank between two of them
is a missing month. They are months and never rolling years (`cpa_xl.spc` says why).
"""

from collections.abc import Sequence
from typing import Annotated

from cpa_xl import spc
from cpa_xl.arguments import VARIATION, BetterCell, JudgedTarget, Numbers, cell_function
from cpa_xl.cells import Range, Reads, Single, Table, Takes, check_same_size, number
from cpa_xl.errors import CellError, WrongArgument
from cpa_xl.funnel import Area, funnel
from cpa_xl.spc import Chart, Point, Preset
from cpa_xl.targets import Better, Letter
from cpa_xl.vocabulary import quoted


def whole_number(cell: object) -> int:
    """A cell as a whole number."""
    value = number(cell)
    if value != int(value):
        raise WrongArgument(f"{value:.15g} is not a whole number")
    return int(value)


def yes_or_no(cell: object) -> bool:
    """A cell as TRUE or FALSE; 1 and 0, as some hosts pass them, are the same."""
    if cell in (True, False):
        return bool(cell)
    raise WrongArgument(f"{quoted(cell)} will not do: write TRUE or FALSE")


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


def _in_line(values: Range[float | None]) -> Sequence[float | None]:
    """The cells of one row or one column; anything else has no order of months or areas."""
    if values.rows > 1 and values.columns > 1:
        raise WrongArgument(f"{values.name} is {values.size} cells: give one row or one column")
    return values.cells


def _chart(values: Numbers, preset: Preset) -> Chart:
    return spc.chart(_in_line(values), preset.rules)


@cell_function(VARIATION, "mean, mean moving range, lower and upper limit, in four cells of a row")
def CPA_XMR(values: MonthlyValues, baseline_points: BaselinePoints = None, screen: Screen = False) -> Table:
    """Work out the natural limits of a monthly figure."""
    limits = spc.xmr(_in_line(values), baseline_points, screen)
    return [[limits.mean, limits.mean_moving_range, limits.lower, limits.upper]]


@cell_function(VARIATION, "a text for each month: outside, trend, two of three or shift, and what it means; or nothing")
def CPA_SPC(values: MonthlyValues, better: BetterIfAny = None, preset: PresetCell = Preset.HOUSE) -> Table:
    """Find the months that differ from the others by more than months usually do."""
    return values.shaped([_signal(point, better) for point in _chart(values, preset).points])


def _signal(point: Point, better: Better | None) -> str:
    if point.direction is None or better is None:
        return point.signal
    return f"{point.signal}: {_meaning(point, better)}"


def _meaning(point: Point, better: Better | None) -> str:
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
) -> str:
    """Say whether months will meet a target if nothing changes."""
    if target is None:
        return Letter.NONE
    found = _chart(values, preset)
    return "; ".join([spc.assurance(found.limits, target, better), *found.caveats])


@cell_function(VARIATION, "a row for each area: expected count, limits at 95 % (low, high) and 99.8 %, flag")
def CPA_FUNNEL(counts: AreaCounts, denominators: AreaSizes, overdispersed: Overdispersed = False) -> Table:
    """Find the areas whose rate differs from that of all together by more than chance."""
    check_same_size(counts, denominators)
    return [_row(area) for area in funnel(_in_line(counts), _in_line(denominators), overdispersed)]


def _row(area: Area | None) -> list[Single | CellError]:
    if area is None:
        return [""] * 6
    return [area.expected, area.lower_95, area.upper_95, area.lower_998, area.upper_998, area.flag]
