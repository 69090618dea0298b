"""Whether figures by month behind the charts, and by borough, follow from the counts that the workbook holds (T1, T2).

The sheet by borough is found by the name of the cell in which its measure is picked, its rows below the heading of the
areas: figure, year before, change, letter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cpa_xl import rates
from cpa_xl.catalogue import TableRows, TableSpec
from cpa_xl.cells import number
from cpa_xl.errors import CellError
from cpa_xl.findings import Finding, at, finds, found
from cpa_xl.measurerows import Headed, MeasureRow
from cpa_xl.periods import Month, Period, Series
from cpa_xl.samefigure import REWORKED, same
from cpa_xl.scorecard import PICK, PICKS
from cpa_xl.sheetxml import Value, value_at
from cpa_xl.storedfigures import StoredFigures, cells_of
from cpa_xl.targets import Letter, judge
from cpa_xl.trustchecks import AGAIN
from cpa_xl.workbook import Table


@finds("T1", on=StoredFigures)
def check_trend(figures: StoredFigures) -> Iterator[Finding]:
    """T1 of the rolling figures by month: the columns "4a figure" and so on of a table of months without series."""
    for name, spec in figures.spec.tables.items():
        table = figures.workbook.tables.get(name)
        if table is None or spec.rows is not TableRows.MONTHS or spec.series:
            continue
        headed = Headed.of(cells_of(figures.workbook, table))
        for measure in figures.catalogue.measures.values():
            place = headed.place(f"{measure.id.replace('-', ' ')} figure")
            if measure.figure is not None and place is not None:
                for row, message in _months(figures, figures.row(measure.id), headed, place):
                    yield found("T1", at(table.sheet, table.first_body_row + row, table.first_col + place), message)


def _months(figures: StoredFigures, stated: MeasureRow, headed: Headed, place: int) -> Iterator[tuple[int, str]]:
    """The rows of a column that hold another figure than the counts give; the first column holds the months."""
    for row, cells in enumerate(headed.rows):
        try:
            last = stated.last_month(figures.counts, Month.read(cells[0]))
            value = stated.figure(figures.counts, Period.of(last, stated.basis))
        except CellError:  # no month, or none of its counts: a gap in the chart
            continue
        if not same(cells[place], value, REWORKED):
            yield row, f"holds {_text(cells[place])}, the stored counts give {value:.15g}: {AGAIN}"


@dataclass(frozen=True)
class _Picked:
    """What the sheet by borough shows: a rate, or the change of a count; judged where `letters`."""

    stated: MeasureRow
    period: Period
    numerator: str
    denominator: str | None
    letters: bool


@finds("T1", "T2", on=StoredFigures)
def check_boroughs(figures: StoredFigures) -> Iterator[Finding]:
    """T1, T2 of the sheet by borough; nothing where the workbook has none."""
    names = {name.casefold() for name in figures.workbook.names}
    tables = figures.spec.tables.items()
    areas = next(((name, spec) for name, spec in tables if spec.rows is TableRows.AREAS), None)
    if PICK not in names or PICKS not in figures.workbook.tables or areas is None:
        return
    table, spec = figures.workbook.tables.get(areas[0]), areas[1]
    sheet, row, column = figures.workbook.named_cell(PICK)
    cells = figures.workbook.cells(sheet)
    picked = _picked(figures, value_at(cells, (row, column)))
    first = next((at_[0] for at_, cell in sorted(cells.items()) if at_[0] > row and cell.value == spec.area), None)
    if table is None or picked is None or first is None:
        return
    series = _series(figures, table, spec, [picked.numerator, *([picked.denominator] if picked.denominator else [])])
    for line in range(first + 1, max(at_[0] for at_ in cells) + 1):
        area = value_at(cells, (line, column))
        if isinstance(area, str) and area in series:
            shown = [value_at(cells, (line, column + offset)) for offset in range(1, 5)]
            for offset, code, message in _borough(picked, series[area], shown):
                yield found(code, at(sheet, line, column + offset), f"{area}: {message}")


def _picked(figures: StoredFigures, pick: Value) -> _Picked | None:
    """The row of the table of picks; None where the cell names none of them."""
    headed = Headed.of(cells_of(figures.workbook, figures.workbook.tables[PICKS]))
    row = next((place for place in range(len(headed.rows)) if headed.cell(place, "Pick") == pick), None)
    if row is None:
        return None
    measure, denominator = str(headed.cell(row, "Id")), headed.cell(row, "Denominator")
    try:
        stated, stands = figures.row(measure), figures.standing(measure)
    except CellError:  # told by the check of the measure's figure
        return None
    letters = headed.cell(row, "Judged") == "yes" and stands.judged
    below = None if denominator is None else str(denominator)
    return _Picked(stated, stands.period, str(headed.cell(row, "Numerator")), below, letters)


def _series(
    figures: StoredFigures, table: Table, spec: TableSpec, headings: Sequence[str]
) -> Mapping[str, tuple[Series, ...]]:
    """The counts under some headings, by area."""
    headed = Headed.of(cells_of(figures.workbook, table))
    months = headed.column(spec.key or "", Month.read)
    columns = [headed.column(heading, number) for heading in headings]
    rows: dict[str, list[int]] = {}
    for row, area in enumerate(headed.column(spec.area or "", str)):
        if area is not None:
            rows.setdefault(area, []).append(row)
    return {
        area: tuple(Series.of([column[row] for row in held], [months[row] for row in held]) for column in columns)
        for area, held in rows.items()
    }


def _borough(picked: _Picked, series: Sequence[Series], shown: Sequence[Value]) -> Iterator[tuple[int, str, str]]:
    """What is wrong in a row: how many columns on, the code, and the message."""
    try:
        now, before = (_level(series, period) for period in (picked.period, picked.period.previous))
    except CellError:  # a month that is not there: the row shows a dash
        return
    moved = now - before if picked.denominator else now / before - 1 if before else None
    for offset, value in enumerate((now, before, moved), start=1):
        if value is not None and not same(shown[offset - 1], value, REWORKED):
            message = f"{_text(shown[offset - 1])} is shown, the stored counts give {value:.15g}: {AGAIN}"
            yield offset, "T1", message
    actual, asked = now if picked.denominator else moved, picked.stated.asked
    letter = Letter.NONE
    if picked.letters and actual is not None:
        letter = judge(actual, asked.target, picked.stated.better, asked.amber, asked.amber_basis).letter
    if shown[3] != letter:
        yield 4, "T2", f"{_text(shown[3])} is shown, and {letter} follows: {AGAIN}"


def _level(series: Sequence[Series], period: Period) -> float:
    """A rate where there is something to divide by, else the count."""
    return rates.rate(series[0], series[1], period) if len(series) > 1 else rates.total(series[0], period)


def _text(value: object) -> str:
    if isinstance(value, CellError):
        return value.code
    return "nothing" if value in (None, "") else f"{value:.15g}" if isinstance(value, float) else str(value)
