"""What the page for circulation says, read from a workbook: the scorecard's rows as printed, and its tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from cpa_xl.catalogue import TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.figures import Style, plain
from cpa_xl.periods import Month
from cpa_xl.sheetxml import Value
from cpa_xl.tables import read_rows
from cpa_xl.trend import Trend, number, of_measure, read_trends
from cpa_xl.versions import Listing, Record, Version
from cpa_xl.workbook import ClosedWorkbook

MISSING = "[x]"
SYNTHETIC = "SYNTHETIC"  # how sample data name themselves, in cells and in extracts
WARNING = "Computed from SYNTHETIC sample data: not real police figures."
TITLE = "Scorecard"  # of a sheet that states none

Row = Mapping[str, Value]


@dataclass(frozen=True)
class Line:
    """A row of the scorecard as its cells print it: texts by field or heading; with its trend and its measure's row."""

    texts: Mapping[str, str]
    target: float | None
    trend: Trend
    about: Row

    def text(self, field: str) -> str:
        """A cell as text; an error as its code, a cell that is empty or not there as ''."""
        return self.texts.get(field, "")

    @property
    def number(self) -> str:
        """What the row is called: its number as printed, or its id."""
        return self.text("No.") or self.text("id")

    @property
    def group(self) -> str:
        """The critical performance area that it stands under."""
        return shown(self.about.get("CPA"))

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
            return plain(value)


@dataclass(frozen=True)
class PageRows:
    """A workbook as the page sees it. Raises Refusal where the configuration names no scorecard for it."""

    workbook: ClosedWorkbook
    spec: WorkbookSpec

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
    def lines(self) -> tuple[Line, ...]:
        """The rows, top to bottom."""
        trends = read_trends(self.workbook, self.spec)
        measures = {shown(row.get("Id")): row for row in self.table(TableRows.MEASURES)}
        return tuple(self._line(record, trends, measures) for record in self.listing.records.values())

    def _line(self, record: Record, trends: Mapping[str, Trend], measures: Mapping[str, Row]) -> Line:
        texts = {name: shown(cell.value) for name, cell in record.cells.items()}
        target = number(record.cells["target"].value) if "target" in record.cells else None
        return Line(texts, target, of_measure(trends, texts["id"]), measures.get(texts["id"], {}))

    def heading(self, field: str) -> str:
        """The heading over a field, as the sheet has it."""
        headings = self.spec.scorecard.columns if self.spec.scorecard else {}
        return headings.get(field, field)

    def table(self, kind: TableRows) -> tuple[Row, ...]:
        """The rows of the workbook's table of that kind; none where it has no such table."""
        there = self.workbook.tables  # a published copy has no log
        names = [name for name, table in self.spec.tables.items() if table.rows is kind and name in there]
        return tuple(row for name in names for row in read_rows(self.workbook, name))

    @cached_property
    def above(self) -> tuple[str, ...]:
        """The texts above the headings in the sheet's first column, but for the row of the as-of month."""
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
        notes = [shown(row.get("Note")) for row in self.table(TableRows.EXTRACTS)]
        return any(SYNTHETIC in text for text in (*self.above, *notes))

    @property
    def remarks(self) -> Iterator[tuple[str, bool]]:
        """The sentences under the title, and whether each is a warning; first the warning of synthetic data."""
        below = self.above[1:]
        if self.synthetic and not any(SYNTHETIC in text for text in below):
            yield WARNING, True
        for text in sorted(below, key=lambda text: SYNTHETIC not in text):
            yield text, SYNTHETIC in text


def shown(value: Value) -> str:
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
        return shown(value)
