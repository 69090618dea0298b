"""Tables worked out in one go: the scorecard of all measures, and the figures of all areas. Each begins with headings.

A row that cannot be worked out shows its error where its figures would stand; the other rows stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cpa_xl import rates
from cpa_xl.cells import Single, Table
from cpa_xl.errors import CellError, EmptyDenominator
from cpa_xl.measurerows import Counts, MeasureTable, standing
from cpa_xl.periods import Month, Period, Series
from cpa_xl.targets import Better, Letter, Unit, gap

SCORECARD = (
    "Id", "Measure", "Period", "Target", "Actual", "RAG", "Better than target by", "Printed target", "Latest data",
    "Reason",
)  # fmt: skip
NONE = Letter.NONE.value

Cells = list[Single | CellError]


def scorecard(measures: MeasureTable, counts: Counts, as_of: Month) -> Table:
    """The headings of `SCORECARD` and one row a measure, in the order given.

    Target, actual and the distance between them are numbers (rates, changes and gaps fractions), – where there are
    none; printed target and latest data are the same as text; the reason says why the letter, or the error.
    """
    table: Table = [list(SCORECARD)]
    for row, name in measures.ids():
        try:
            table.append([name, measures.title(row), *_measure(measures, row, counts, as_of)])
        except CellError as error:
            table.append([name, measures.title(row), *_failed(error, len(SCORECARD) - 3), str(error) or error.code])
    return table


def _measure(measures: MeasureTable, row: int, counts: Counts, as_of: Month) -> Cells:
    measure = measures.measure(row)
    if measure.unit is Unit.MILESTONE:
        return ["", NONE, NONE, NONE, NONE, "", "", "milestones: reported in words"]
    stands = standing(measure, counts, as_of)
    asked = measure.asked.target
    return [
        stands.period.label,
        NONE if asked is None else asked,
        stands.actual,
        stands.verdict.letter,
        NONE if asked is None else gap(stands.actual, asked, measure.better),
        measure.printed_target,
        measure.printed(stands.actual, measure.actual_style),
        stands.verdict.reason,
    ]


def _failed(error: CellError, cells: int) -> Cells:
    return [error.with_traceback(None) for _ in range(cells)]


@dataclass(frozen=True, slots=True)
class Area:
    """The counts of one area; no denominators where the counts themselves are the figure."""

    name: str
    numerators: Series
    denominators: Series | None


def areas(found: Sequence[Area], period: Period, better: Better) -> Table:
    """Headings and one row an area: its figure, the one a year earlier, the change, its rank (1 is best).

    The figure is the rate where there are denominators, and the change then in points; else the total, and the
    change a fraction of the earlier one. Areas with the same figure share a rank; one without a figure has none.
    """
    rated = any(area.denominators is not None for area in found)
    now = [_figure(area, period) for area in found]
    sign = 1 if better is Better.HIGHER else -1
    figures = [figure for figure in now if isinstance(figure, float)]
    table: Table = [
        ["Area", period.label, period.previous.label, "Change in points" if rated else "Change", "Rank"],
    ]
    for area, figure in zip(found, now, strict=True):
        before = _figure(area, period.previous)
        rank = figure if isinstance(figure, CellError) else float(1 + sum(sign * (one - figure) > 0 for one in figures))
        table.append([area.name, figure, before, _change(figure, before, rated=rated), rank])
    return table


def _figure(area: Area, period: Period) -> float | CellError:
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
