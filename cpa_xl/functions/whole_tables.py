"""The cell functions for whole tables (all measures, all areas) and for comments.

Each table begins with a row of headings. A row without a result shows its error in place of its figures, and the other
rows keep theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cpa_xl.errors import CellError, EmptyDenominator, WrongArgument
from cpa_xl.functions import comment
from cpa_xl.functions.measure_table import CountTables, MeasureTable, id_text, measure_result
from cpa_xl.functions.registry import (
    TABLES,
    AsOf,
    BasisCell,
    BetterCell,
    MonthCells,
    Numbers,
    Numerators,
    Range,
    Reads,
    ResultTable,
    Single,
    Takes,
    anything,
    cell_function,
    check_same_size,
    is_blank,
    number,
)
from cpa_xl.measures import numbers_in_text, rates
from cpa_xl.measures.periods import Basis, Month, Period, Series
from cpa_xl.measures.targets import Better, Letter, Unit, gap
from cpa_xl.wording import quoted

SCORECARD = (
    "Id", "Measure", "Period", "Target", "Actual", "RAG", "Better than target by", "Printed target", "Latest data",
    "Reason",
)  # fmt: skip
NONE = Letter.NONE.value
ResultRow = list[Single | CellError]

CellRange = Range[object]


def typed(cell: object) -> str:
    """A cell as text; WrongArgument for anything else."""
    if not isinstance(cell, str):
        raise WrongArgument(f"{quoted(cell)} is not text")
    return cell


def named(cell: object) -> str:
    """A cell as a name, which may be text or a number; WrongArgument for a blank."""
    if is_blank(cell):
        raise WrongArgument("a blank is not a name")
    return id_text(cell)


def whole(about: str) -> Reads:
    """An argument that is a range with its heading row; the function itself reads it, errors included."""
    return Reads(about, anything, Takes.RANGE, errors=True)


AreaCells = Annotated[Range[str | None], Reads("the area of each value", named, Takes.RANGE)]
PerArea = Annotated[
    Numbers, Reads("counts of the whole, such as offences; blank to count instead of rating", number, Takes.RANGE)
]
Measures = Annotated[CellRange, whole("measures with their heading row, such as Measures[#All]")]
Monthly = Annotated[CellRange, whole("counts by month with their heading row, such as Monthly[#All]")]
Targets = Annotated[CellRange | None, whole("targets with their heading row, if the table of measures has none")]
Quarterly = Annotated[CellRange | None, whole("more counts with their heading row, such as a survey's by quarter")]
Other = Annotated[CellRange | None, whole("yet more counts with their heading row")]
Population = Annotated[CellRange | None, whole("residents by year with their heading row, for rates per 1,000")]
MeasureId = Annotated[str, Reads("the id of a measure", named)]
Comment = Annotated[str | None, Reads("a typed comment", typed, blank=True)]
FactCells = Annotated[
    CellRange, whole("computed figures: numbers (rates, changes and gaps as fractions), or texts that print them")
]
MoreFacts = Annotated[CellRange | None, whole("more computed figures, such as the scorecard's own column")]


@dataclass(frozen=True, slots=True)
class AreaData:
    """The counts of one area; without denominators, the counts themselves are the figure."""

    name: str
    numerators: Series
    denominators: Series | None


def scorecard(measures: MeasureTable, counts: CountTables, as_of: Month) -> ResultTable:
    """The headings of `SCORECARD`, then one row for each measure, in the given order.

    Target, actual and the difference between them are numbers (rates, changes and gaps are fractions), or – for none.
    Printed target and latest data are the same figures as text. The reason explains the letter or the error.
    """
    table: ResultTable = [list(SCORECARD)]
    for row, name in measures.ids():
        try:
            table.append([name, measures.title(row), *_measure(measures, row, counts, as_of)])
        except CellError as error:
            table.append([name, measures.title(row), *_failed(error, len(SCORECARD) - 3), str(error) or error.code])
    return table


def _measure(measures: MeasureTable, row: int, counts: CountTables, as_of: Month) -> ResultRow:
    measure = measures.measure(row)
    if measure.unit is Unit.MILESTONE:
        return ["", NONE, NONE, NONE, NONE, "", "", "milestones: reported in words"]
    result = measure_result(measure, counts, as_of)
    asked = measure.asked.target
    return [
        result.period.label,
        NONE if asked is None else asked,
        result.actual,
        result.verdict.letter,
        NONE if asked is None else gap(result.actual, asked, measure.better),
        measure.printed_target,
        measure.printed(result.actual, measure.actual_style),
        result.verdict.reason,
    ]


def _failed(error: CellError, cells: int) -> ResultRow:
    return [error.with_traceback(None) for _ in range(cells)]


def area_table(found: Sequence[AreaData], period: Period, better: Better) -> ResultTable:
    """Headings, then one row for each area: its figure, the figure a year earlier, the change, its rank (1 is best).

    With denominators the figure is the rate, and the change is in points. Without, it is the total, and the change is
    a fraction of the earlier total. Areas with the same figure share a rank. An area without a figure shows its error
    as its rank.
    """
    rated = any(area.denominators is not None for area in found)
    now = [_figure(area, period) for area in found]
    sign = 1 if better is Better.HIGHER else -1
    figures = [figure for figure in now if isinstance(figure, float)]
    table: ResultTable = [
        ["Area", period.label, period.previous.label, "Change in points" if rated else "Change", "Rank"],
    ]
    for area, figure in zip(found, now, strict=True):
        before = _figure(area, period.previous)
        rank = figure if isinstance(figure, CellError) else float(1 + sum(sign * (one - figure) > 0 for one in figures))
        table.append([area.name, figure, before, _change(figure, before, rated=rated), rank])
    return table


def _figure(area: AreaData, period: Period) -> float | CellError:
    try:
        if area.denominators is None:
            return rates.total(area.numerators, period)
        return rates.rate(area.numerators, area.denominators, period)
    except CellError as error:
        return error.with_traceback(None)


def _change(now: float | CellError, before: float | CellError, *, rated: bool) -> float | CellError:
    if isinstance(now, CellError):
        return now
    if isinstance(before, CellError):
        return before
    if not rated and before == 0:
        return EmptyDenominator("a year earlier the total was 0, and no change can be measured from it")
    return now - before if rated else (now - before) / before


@cell_function(TABLES, "table: headings, then a row an area: figure, a year earlier, change, rank")
def CPA_AREAS(
    areas: AreaCells,
    months: MonthCells,
    numerators: Numerators,
    denominators: PerArea,
    as_of: AsOf,
    basis: BasisCell = Basis.RY,
    better: BetterCell = Better.HIGHER,
) -> ResultTable:
    """Rate (or count) every area over a period and a year earlier, with change and rank, in order of appearance."""
    counted = denominators.cells == (None,)
    check_same_size(areas, months, numerators, *(() if counted else (denominators,)))
    places: dict[str, list[int]] = {}
    for place, area in enumerate(areas.cells):
        if area is not None:
            places.setdefault(area, []).append(place)
        elif numerators.cells[place] is not None:
            raise WrongArgument(f"areas, cell {place + 1} is blank beside {numerators.cells[place]:.15g}")
    if not places:
        raise WrongArgument("areas holds no area")

    found = []
    for area, where in places.items():
        when = [months.cells[place] for place in where]
        both = [
            Series.of([values.cells[place] for place in where], when)
            for values in ((numerators,) if counted else (numerators, denominators))
        ]
        found.append(AreaData(area, both[0], None if counted else both[1]))
    return area_table(found, Period.of(as_of, basis), better)


@cell_function(TABLES, "table: headings, then a row a measure: period, target, actual, letter, both as printed, reason")
def CPA_SCORECARD(
    measures: Measures,
    monthly: Monthly,
    as_of: AsOf,
    targets: Targets = None,
    quarterly: Quarterly = None,
    other: Other = None,
    population: Population = None,
) -> ResultTable:
    """Work out the whole scorecard from measures and monthly counts, found by their headings."""
    counts = CountTables.of((monthly, quarterly, other, population))
    return scorecard(MeasureTable.of(measures, targets), counts, as_of)


@cell_function(TABLES, "the drafted comment of a measure")
def CPA_COMMENT(
    measure: MeasureId,
    measures: Measures,
    monthly: Monthly,
    as_of: AsOf,
    targets: Targets = None,
    quarterly: Quarterly = None,
    other: Other = None,
    population: Population = None,
) -> str:
    """Draft the comment of a measure with the facts that the scorecard's comments state, each figure computed."""
    table = MeasureTable.of(measures, targets)
    counts = CountTables.of((monthly, quarterly, other, population))
    row = table.row_of(measure)
    read = table.measure(row)
    remarks = comment.Remarks.of(table.measures, row)
    if not read.counted:
        return ""
    return comment.draft(comment.Subject(read, counts, measure_result(read, counts, as_of), remarks))


@cell_function(TABLES, "a list of the figures that no fact supports; empty where all hold")
def CPA_STALE(text: Comment, facts: FactCells, more: MoreFacts = None) -> str:
    """Check the figures of a typed comment against computed facts, at the precision that they show."""
    if text is None:
        return ""
    cells = facts.cells if more is None else (*facts.cells, *more.cells)
    return "; ".join(finding.words for finding in numbers_in_text.stale(text, numbers_in_text.facts_of(cells)))
