"""The functions of the cells for whole tables and for comments."""

from typing import Annotated

from cpa_xl import commentary, sentences, wholetable
from cpa_xl.arguments import (
    TABLES,
    AsOf,
    BasisCell,
    BetterCell,
    MonthCells,
    Numbers,
    Numerators,
    cell_function,
)
from cpa_xl.cells import Range, Reads, Table, Takes, anything, check_same_size, is_blank, number
from cpa_xl.errors import WrongArgument
from cpa_xl.measurerows import Counts, MeasureTable, id_text, standing
from cpa_xl.periods import Basis, Period, Series
from cpa_xl.targets import Better
from cpa_xl.vocabulary import quoted

Cells = Range[object]


def typed(cell: object) -> str:
    """A cell as text; WrongArgument for anything else."""
    if not isinstance(cell, str):
        raise WrongArgument(f"{quoted(cell)} is not text")
    return cell


def named(cell: object) -> str:
    """A cell as a name: text, or the number that stands for it; WrongArgument for a blank."""
    if is_blank(cell):
        raise WrongArgument("a blank is no name")
    return id_text(cell)


def whole(about: str) -> Reads:
    """How a range with its heading row is read: by the function itself, errors and all."""
    return Reads(about, anything, Takes.RANGE, errors=True)


AreaCells = Annotated[Range[str | None], Reads("the area of each value", named, Takes.RANGE)]
PerArea = Annotated[
    Numbers, Reads("counts of the whole, such as offences; blank to count instead of rating", number, Takes.RANGE)
]
Measures = Annotated[Cells, whole("measures with their heading row, such as Measures[#All]")]
Monthly = Annotated[Cells, whole("counts by month with their heading row, such as Monthly[#All]")]
Targets = Annotated[Cells | None, whole("targets with their heading row, where the measures do not hold them")]
Quarterly = Annotated[Cells | None, whole("more counts with their heading row, such as a survey's by quarter")]
Other = Annotated[Cells | None, whole("yet more counts with their heading row")]
MeasureId = Annotated[str, Reads("the id of a measure", named)]
Comment = Annotated[str | None, Reads("a typed comment", typed, blank=True)]
FactCells = Annotated[
    Cells, whole("computed figures: numbers (rates, changes and gaps as fractions), or texts that print them")
]
MoreFacts = Annotated[Cells | None, whole("more computed figures, such as the scorecard's own column")]


@cell_function(TABLES, "table: headings, then a row an area: figure, a year earlier, change, rank")
def CPA_AREAS(
    areas: AreaCells,
    months: MonthCells,
    numerators: Numerators,
    denominators: PerArea,
    as_of: AsOf,
    basis: BasisCell = Basis.RY,
    better: BetterCell = Better.HIGHER,
) -> Table:
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
        found.append(wholetable.Area(area, both[0], None if counted else both[1]))
    return wholetable.areas(found, Period.of(as_of, basis), better)


@cell_function(TABLES, "table: headings, then a row a measure: period, target, actual, letter, both as printed, reason")
def CPA_SCORECARD(
    measures: Measures,
    monthly: Monthly,
    as_of: AsOf,
    targets: Targets = None,
    quarterly: Quarterly = None,
    other: Other = None,
) -> Table:
    """Work out the whole scorecard from measures and monthly counts, found by their headings."""
    counts = Counts.of((monthly, quarterly, other))
    return wholetable.scorecard(MeasureTable.of(measures, targets), counts, as_of)


@cell_function(TABLES, "the drafted comment of a measure")
def CPA_COMMENT(
    measure: MeasureId,
    measures: Measures,
    monthly: Monthly,
    as_of: AsOf,
    targets: Targets = None,
    quarterly: Quarterly = None,
    other: Other = None,
) -> str:
    """Draft the comment of a measure with the facts that the scorecard's comments state, each figure computed."""
    table, counts = MeasureTable.of(measures, targets), Counts.of((monthly, quarterly, other))
    row = table.row_of(measure)
    read = table.measure(row)
    remarks = sentences.Remarks.of(table.measures, row)
    if not read.counted:
        return ""
    return sentences.draft(sentences.Subject(read, counts, standing(read, counts, as_of), remarks))


@cell_function(TABLES, "the figures of the text that no fact bears out, in words; empty where all hold")
def CPA_STALE(text: Comment, facts: FactCells, more: MoreFacts = None) -> str:
    """Check the figures of a typed comment against computed facts, at the precision that they show."""
    if text is None:
        return ""
    cells = facts.cells if more is None else (*facts.cells, *more.cells)
    return "; ".join(finding.words for finding in commentary.stale(text, commentary.facts_of(cells)))
