"""What a workbook's trend table holds of a measure: its figure month by month, and which months are provisional.

Columns are found by their headings, "4b figure", "4b target" and "4b provisional", in a table of months.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cpa_xl.catalogue import TableRows, WorkbookSpec
from cpa_xl.errors import CellError
from cpa_xl.periods import Month
from cpa_xl.sheetxml import Value
from cpa_xl.tables import read_rows
from cpa_xl.workbook import Readable

_FIGURE, _PROVISIONAL = " figure", " provisional"


def heading(measure: str, name: str) -> str:
    """The heading of a measure's column in the trend table, plain enough for structured references."""
    return f"{measure.replace('-', ' ')} {name}"


def provisional_heading(figure: str) -> str:
    """The heading of the column that says which months of the figures under another heading are provisional."""
    return f"{figure.removesuffix(_FIGURE)}{_PROVISIONAL}" if figure.endswith(_FIGURE) else ""


@dataclass(frozen=True)
class Point:
    """A month of a measure: its figure, None where the table shows none; `judged` where a target holds for it."""

    month: Month
    value: float | None
    provisional: bool
    judged: bool


Trend = tuple[Point, ...]


def read_trends(workbook: Readable, spec: WorkbookSpec) -> Mapping[str, Trend]:
    """The trends by the measure's part of the heading ("10 cocaine"), months in order; none without such a table."""
    found: dict[str, list[Point]] = {}
    for name, table in spec.tables.items():
        if table.rows is TableRows.MONTHS and table.key is not None and name in workbook.tables:
            for row in read_rows(workbook, name):
                for measure, point in _points(row, table.key):
                    found.setdefault(measure, []).append(point)
    return {measure: tuple(sorted(points, key=lambda point: point.month)) for measure, points in found.items()}


def of_measure(trends: Mapping[str, Trend], measure: str) -> Trend:
    """The trend of the measure with this id; () where the table has none."""
    return trends.get(heading(measure, "").strip(), ())


def _points(row: Mapping[str, Value], key: str) -> Iterator[tuple[str, Point]]:
    try:
        month = Month.read(row.get(key))
    except CellError:
        return  # a row of totals, or one that somebody began
    for head in row:
        measure = head.removesuffix(" figure")
        if measure != head:
            provisional, target = (number(row.get(f"{measure} {name}")) for name in ("provisional", "target"))
            yield measure, Point(month, number(row[head]), provisional is not None, target is not None)


def number(value: Value) -> float | None:
    """A cell's number; None for text, errors and empty cells."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
