"""What the page shows, read from a workbook: the printed rows and tables, the trend pictures, and HTML elements.

The standard library writes the elements, so that every text is escaped.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from xml.etree.ElementTree import Element, tostring

from cpa_xl.config.model import TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.measures.figures import Style, plain_number
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.sheet import Value
from cpa_xl.scorecard.rows import Breaks, Trend, TrendPoint, cell_number, of_measure, read_trends
from cpa_xl.scorecard.tables import read_rows
from cpa_xl.scorecard.versions import Listing, Record, Version
from cpa_xl.workbook.closed import ClosedWorkbook

MISSING = "[x]"
SYNTHETIC = "SYNTHETIC"  # how sample data name themselves, in cells and in extracts
WARNING = "Computed from SYNTHETIC sample data: not real police figures."
TITLE = "Scorecard"  # of a sheet that states none

CellsByHeading = Mapping[str, Value]

Child = Element | str | None

# No page may hold them (control characters except tab and line feed); a cell can, as _x000B_ and the like.
_CONTROLS = {code: None for code in range(32) if code not in (9, 10)}

WIDTH, HEIGHT, EDGE = 132, 36, 4  # units of the picture; EDGE keeps dots inside it
DOT, LAST_DOT = 2.2, 3.2
COUNTED = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
           "Thirteen")  # fmt: skip


@dataclass(frozen=True)
class PageRow:
    """A row of the scorecard as its cells print it: texts by field or heading; with its trend and its measure's row."""

    texts: Mapping[str, str]
    target: float | None
    trend: Trend
    about: CellsByHeading

    def text(self, field: str) -> str:
        """A cell as text; an error as its code, a cell that is empty or not there as ''."""
        return self.texts.get(field, "")

    @property
    def number(self) -> str:
        """What the row is called: its number as printed, or its id."""
        return self.text("No.") or self.text("id")

    @property
    def group(self) -> str:
        """The critical performance area of the row."""
        return cell_text(self.about.get("CPA"))

    @property
    def provisional(self) -> bool:
        """Whether the last month of its trend that has a figure is provisional."""
        known = [point for point in self.trend if point.value is not None]
        return bool(known) and known[-1].provisional

    def figure(self, value: float | None) -> str:
        """A figure of its trend as the scorecard prints it, plain where no style fits it; "[x]" where there is none."""
        if value is None:
            return MISSING
        try:
            return Style.read(self.about.get("Actual style")).text(value)
        except CellError:
            return plain_number(value)


@dataclass(frozen=True)
class PageRows:
    """A workbook as the page sees it. Raises Refusal where the configuration names no scorecard for it."""

    workbook: ClosedWorkbook
    spec: WorkbookSpec
    breaks: Breaks = field(default_factory=dict)

    @cached_property
    def listing(self) -> Listing:
        """The scorecard's rows with all their cells."""
        card = self.spec.scorecard
        if card is not None and card.sheet not in self.workbook.sheet_names:
            raise Refusal(
                f"{self.workbook.path} has no sheet {card.sheet}, and the page shows the scorecard alone; leave the"
                " page out, or name the scorecard's sheet under scorecard: in workbooks.yaml"
            )
        found = Version(self.workbook, self.spec).scorecard()
        if found is None:
            raise Refusal(
                "workbooks.yaml names no scorecard for this workbook; add scorecard: with its sheet and columns"
            )
        return found

    @cached_property
    def lines(self) -> tuple[PageRow, ...]:
        """The rows, top to bottom."""
        trends = read_trends(self.workbook, self.spec, self.breaks)
        measures = {cell_text(row.get("Id")): row for row in self.table(TableRows.MEASURES)}
        return tuple(self._line(record, trends, measures) for record in self.listing.records.values())

    def _line(self, record: Record, trends: Mapping[str, Trend], measures: Mapping[str, CellsByHeading]) -> PageRow:
        texts = {name: cell_text(cell.value) for name, cell in record.cells.items()}
        target = cell_number(record.cells["target"].value) if "target" in record.cells else None
        return PageRow(texts, target, of_measure(trends, texts["id"]), measures.get(texts["id"], {}))

    def heading(self, field: str) -> str:
        """The heading over a field, as the sheet has it."""
        headings = self.spec.scorecard.columns if self.spec.scorecard else {}
        return headings.get(field, field)

    def table(self, kind: TableRows) -> tuple[CellsByHeading, ...]:
        """The rows of the workbook's table of that kind; none where it has no such table."""
        tables = self.workbook.tables  # a published copy has no log
        names = [name for name, table in self.spec.tables.items() if table.rows is kind and name in tables]
        return tuple(row for name in names for row in read_rows(self.workbook, name))

    @cached_property
    def above(self) -> tuple[str, ...]:
        """The texts above the headings in the sheet's first column, without the row of the as-of month."""
        cells = self.workbook.cells(self.listing.sheet)
        first = min((record.row for record in self.listing.records.values()), default=1)
        headings = (row for row, column in sorted(cells) if cells[row, column].value == self.heading("measure"))
        top = next(headings, first)  # a scorecard need not name its measures
        sheet, as_of, _ = self.workbook.named_cell(self.spec.as_of)
        left_out = as_of if sheet == self.listing.sheet else 0
        rows = (row for row in range(1, min(first, top)) if row != left_out)
        return tuple(
            cell.value for row in rows if (cell := cells.get((row, 1))) and isinstance(cell.value, str) and cell.value
        )

    @property
    def title(self) -> str:
        """The sheet's title: its first text."""
        return self.above[0] if self.above else TITLE

    @cached_property
    def synthetic(self) -> bool:
        """Whether the workbook says, above its scorecard or of an extract, that its data are synthetic."""
        notes = [cell_text(row.get("Note")) for row in self.table(TableRows.EXTRACTS)]
        return any(SYNTHETIC in text for text in (*self.above, *notes))

    @property
    def remarks(self) -> Iterator[tuple[str, bool]]:
        """The sentences under the title, and whether each is a warning; first the warning of synthetic data."""
        below = self.above[1:]
        if self.synthetic and not any(SYNTHETIC in text for text in below):
            yield WARNING, True
        for text in sorted(below, key=lambda text: SYNTHETIC not in text):
            yield text, SYNTHETIC in text


def cell_text(value: Value) -> str:
    """A cell as text: an error as its code, whole numbers with separators."""
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:.15g}"
    return "" if value is None else str(value)


def month(value: Value) -> str:
    """A cell that holds a month as "Jan-09"; as it is where it holds something else."""
    try:
        return Month.read(value).label
    except CellError:
        return cell_text(value)


def tag(name: str, /, *children: Child, **attributes: str) -> Element:
    """An element with its content in order; None is left out.

    Attributes are written as Python can: class_ for class, aria_label for aria-label.
    """
    element = Element(name, {key.rstrip("_").replace("_", "-"): _clean(value) for key, value in attributes.items()})
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            element.append(child)
            last = child
        elif child is not None and last is None:
            element.text = (element.text or "") + _clean(child)
        elif child is not None and last is not None:
            last.tail = (last.tail or "") + _clean(child)
    return element


def page_html(root: Element) -> str:
    """The page as HTML, with its doctype."""
    return "<!DOCTYPE html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def listed(items: Iterable[Child], **attributes: str) -> Element:
    """A list of items."""
    return tag("ul", *(tag("li", item) for item in items), **attributes)


def sparkline(trend: Trend, target: float | None, words: str) -> Element | None:
    """The months as a line: provisional ones hollow dots, the last a larger dot, the target dashes where it holds.

    A missing month breaks the line. An upright line stands before a month from which on something else is counted. None
    where no month has a figure.
    """
    values = [point.value for point in trend if point.value is not None]
    if not values:
        return None
    if target is not None and any(point.judged for point in trend):
        values.append(target)
    low, high = min(values), max(values)
    size = (high - low) or 1.0

    def across(place: float) -> float:
        return EDGE + (WIDTH - 2 * EDGE) * place / max(len(trend) - 1, 1)

    def down(value: float) -> float:
        return HEIGHT / 2 if high == low else EDGE + (HEIGHT - 2 * EDGE) * (high - value) / size

    dashes = [] if target is None else _dashes(trend, across, down(target))
    places = [(across(place), down(point.value), point) for place, point in enumerate(trend) if point.value is not None]
    lines = [
        tag("polyline", class_="line", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in run))
        for run in _runs(trend, across, down)
    ]
    dots = [_dot(x, y, point, last=point is places[-1][2]) for x, y, point in places]
    picture = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "class_": "spark", "role": "img", "aria_label": words}
    upright = [
        tag("line", class_="break", x1=f"{x:.1f}", x2=f"{x:.1f}", y1="0", y2=str(HEIGHT))
        for x in (across(place - 0.5) for place, point in enumerate(trend) if point.otherwise)
    ]
    return tag("svg", *upright, *dashes, *lines, *(dot for dot in dots if dot is not None), **picture)


def trend_in_words(trend: Trend, figure: Callable[[float], str], target: str) -> str:
    """What the line shows: from and to, lowest and highest month, provisional and missing months, the target."""
    known: Sequence[tuple[TrendPoint, float]] = [(point, point.value) for point in trend if point.value is not None]
    if not known:
        return "no figures"
    (first, start), (last, end) = known[0], known[-1]
    (lowest, low), (highest, high) = (pick(known, key=lambda pair: pair[1]) for pick in (min, max))
    count = COUNTED[len(trend)] if len(trend) < len(COUNTED) else str(len(trend))
    sentences = [
        f"{count} months to {trend[-1].month.label}: from {figure(start)} in {first.month.label}"
        f" to {figure(end)} in {last.month.label}",
        f"lowest {figure(low)} in {lowest.month.label}, highest {figure(high)} in {highest.month.label}",
    ]
    provisional = [point.month.label for point in trend if point.provisional]
    if provisional:
        sentences.append(f"provisional from {provisional[0]}")
    if missing := [point.month.label for point in trend if point.value is None]:
        sentences.append(f"no figure for {', '.join(missing)}")
    sentences += [counted_otherwise(point) for point in trend if point.otherwise]
    if target and any(point.judged for point in trend):
        sentences.append(f"target {target}")
    return "; ".join(sentences) + "."


def counted_otherwise(point: TrendPoint) -> str:
    """Where a trend counts something else, and why."""
    return f"counted otherwise from {point.month.label}: {point.otherwise}"


def _clean(text: str) -> str:
    return text.translate(_CONTROLS)


def _runs(
    trend: Trend, across: Callable[[int], float], down: Callable[[float], float]
) -> list[list[tuple[float, float]]]:
    """The stretches of months without a gap, of two months or more."""
    runs = []
    for there, group in groupby(enumerate(trend), key=lambda pair: pair[1].value is not None):
        run = [(across(place), down(point.value)) for place, point in group if point.value is not None]
        if there and len(run) > 1:
            runs.append(run)
    return runs


def _dashes(trend: Trend, across: Callable[[int], float], height: float) -> list[Element]:
    judged = [place for place, point in enumerate(trend) if point.judged]
    if not judged:
        return []
    step = (across(1) - across(0)) / 2  # so that a target of one month is seen
    first, last = max(0.0, across(judged[0]) - step), min(float(WIDTH), across(judged[-1]) + step)
    ends = {"x1": f"{first:.1f}", "x2": f"{last:.1f}", "y1": f"{height:.1f}", "y2": f"{height:.1f}"}
    return [tag("line", class_="aim", **ends)]


def _dot(x: float, y: float, point: TrendPoint, *, last: bool) -> Element | None:
    if not (last or point.provisional):
        return None
    kind = ("hollow" if point.provisional else "dot") + (" last" if last else "")
    return tag("circle", class_=kind, cx=f"{x:.1f}", cy=f"{y:.1f}", r=str(LAST_DOT if last else DOT))
