"""What the release checks look at: the release, the rows of its scorecard, and the sheets of a closed workbook."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from cpa_xl.config.model import Catalogue, Measure, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.ooxml.sheet import EMPTY, Cell, Position, Sheet, Value, value_at
from cpa_xl.ooxml.styles import BookStyles, Look
from cpa_xl.ooxml.xml import Element
from cpa_xl.publish.annotate.since_last import Comparison
from cpa_xl.publish.checks.findings import at
from cpa_xl.publish.freeze.sheets import left_out
from cpa_xl.scorecard.recompute import StoredFigures
from cpa_xl.scorecard.versions import Listing, Record, Version
from cpa_xl.workbook.closed import ClosedWorkbook, Table


@dataclass(frozen=True)
class SheetView:
    """A sheet: `state` is visible, hidden or veryHidden."""

    workbook: ClosedWorkbook
    styles: BookStyles
    name: str
    state: str

    @cached_property
    def part(self) -> str:
        """The part that holds it."""
        return self.workbook.part_of(self.name)

    @cached_property
    def sheet(self) -> Sheet:
        """Its part, scanned."""
        return Sheet(self.workbook.package.text(self.part))

    @property
    def frame(self) -> Element:
        """What its part holds beside the cells."""
        return self.sheet.frame

    @property
    def cells(self) -> Mapping[Position, Cell]:
        """Its cells."""
        return self.workbook.cells(self.name)

    @cached_property
    def texts(self) -> Mapping[Position, str]:
        """Its cells that hold text."""
        return {place: cell.value for place, cell in self.cells.items() if isinstance(cell.value, str) and cell.value}

    @cached_property
    def filled(self) -> Mapping[Position, Cell]:
        """Its cells that show something."""
        return {place: cell for place, cell in self.cells.items() if cell.value not in (None, "")}

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Its tables, top to bottom."""
        found = (table for table in self.workbook.tables.values() if table.sheet == self.name)
        return tuple(sorted(found, key=lambda table: (table.first_row, table.first_col)))

    def above(self, row: int) -> str:
        """The text of column A above a row."""
        return " ".join(text for (at, column), text in sorted(self.texts.items()) if column == 1 and at < row)

    @cached_property
    def _styled(self) -> Mapping[Position, bytes]:
        """The numbers of the styles of its cells, read in one go."""
        sheet = self.sheet
        return {
            (row.number, cell.number): sheet.cell_attributes(cell).get(b"s", b"0")
            for row in sheet.rows
            for cell in sheet.cells_in(row)
        }

    def look(self, row: int, column: int) -> Look | None:
        """How a cell looks; None where there is no such cell."""
        number = self._styled.get((row, column))
        return None if number is None else self._look(number)

    def _look(self, number: bytes) -> Look | None:
        looks = self.styles.looks
        return looks[int(number)] if number.isdigit() and int(number) < len(looks) else None

    @cached_property
    def used(self) -> frozenset[Look]:
        """The looks that its cells have."""
        looks = (self._look(number) for number in set(self._styled.values()))
        return frozenset(look for look in looks if look is not None)

    def places_of(self, look: Look) -> Iterator[Position]:
        """The cells that show something and look so."""
        return (place for place in self.filled if self.look(*place) == look)

    @property
    def links(self) -> list[Element]:
        """The links of its cells."""
        listing = self.frame.find("hyperlinks")
        return [] if listing is None else listing.all("hyperlink")

    @property
    def linked(self) -> list[str]:
        """The cells and ranges that are links."""
        return [link.attributes["ref"] for link in self.links]

    @property
    def table_parts(self) -> list[str]:
        """The parts of its tables."""
        return [link.target for link in self.workbook.package.relationships(self.part) if link.is_a("table")]

    def drawings(self) -> Iterator[Element]:
        """The roots of its drawings."""
        for link in self.workbook.package.relationships(self.part):
            if link.is_a("drawing") and link.target in self.workbook.package:
                yield self.workbook.package.root(link.target)


@dataclass(frozen=True)
class ScorecardRow:
    """A row of the scorecard, with the measure that it shows and the figures worked out for the workbook."""

    figures: StoredFigures
    measure: Measure
    sheet: str
    record: Record

    def value(self, field: str) -> Value:
        """What its cell shows; None where it has no such cell."""
        return value_at(self.record.cells, field)

    def text(self, field: str) -> str:
        """The same as text, an error as its code."""
        value = self.value(field)
        return value.code if isinstance(value, CellError) else "" if value is None else str(value)

    def in_copy(self, cells: Mapping[Position, Cell]) -> "ScorecardRow":
        """The same row in a copy, whose sheet has these cells."""
        record = self.record
        held = {field: cells.get((record.row, column), EMPTY) for field, column in record.columns.items()}
        return replace(self, record=replace(record, cells=held))

    def place(self, field: str) -> str:
        """Where its cell is."""
        return at(self.sheet, self.record.row, self.record.columns.get(field, 1))


@dataclass(frozen=True)
class Release:
    """A workbook that is to be published; what needs work is worked out when a check first asks for it.

    `working` is the workbook with its formulas, `frozen` the copy for readers (None: no copy exists yet), `last` what
    changed since the last published copy (None: there is none, or it is not compared).
    """

    working: ClosedWorkbook
    frozen: ClosedWorkbook | None
    catalogue: Catalogue
    spec: WorkbookSpec
    last: Comparison | None = None

    @property
    def copy(self) -> ClosedWorkbook:
        """The copy for readers, or the working copy where there is none yet."""
        return self.frozen or self.working

    @property
    def published(self) -> bool:
        """Whether there is a copy for readers."""
        return self.frozen is not None

    @cached_property
    def views(self) -> tuple[SheetView, ...]:
        """The sheets of the copy that readers get."""
        leaving = left_out(self.copy, self.spec.publish)
        return tuple(view for view in sheet_views(self.copy) if view.name not in leaving)

    @cached_property
    def figures(self) -> StoredFigures:
        """The figures of the working copy, worked out from the counts that it holds."""
        return StoredFigures(self.working, self.catalogue, self.spec)

    @property
    def lacks_scorecard(self) -> bool:
        """Whether the workbook has no sheet for the scorecard that its configuration describes."""
        return self.spec.scorecard is not None and self.spec.scorecard.sheet not in self.working.sheet_names

    @cached_property
    def unreadable(self) -> str:
        """Why the figures cannot be worked out; "" where they can."""
        version = Version(self.working, self.spec)
        try:
            _ = self.figures.counts, self.figures.as_of, version.scorecard(), version.facts()
        except (Refusal, CellError) as error:
            return str(error)
        return ""

    @property
    def readable(self) -> bool:
        """Whether the figures can be checked at all."""
        return not self.lacks_scorecard and not self.unreadable

    @cached_property
    def scorecard(self) -> Listing | None:
        """The rows of the scorecard; None where there is none, or it cannot be read."""
        try:
            return Version(self.working, self.spec).scorecard()
        except Refusal:  # a check of the figures reports it
            return None

    @property
    def rows(self) -> Iterator[ScorecardRow]:
        """The rows of the scorecard that show a measure."""
        if self.scorecard is not None:
            yield from scorecard_rows(self.figures, self.scorecard)

    @property
    def printed_rows(self) -> Iterator[tuple[ScorecardRow, ScorecardRow]]:
        """Each row of the working copy, and the same row in the copy for readers."""
        if self.scorecard is not None and self.scorecard.sheet in self.copy.sheet_names:
            cells = self.copy.cells(self.scorecard.sheet)
            yield from ((row, row.in_copy(cells)) for row in self.rows)


def sheet_views(workbook: ClosedWorkbook) -> tuple[SheetView, ...]:
    """The worksheets of a workbook in the order of their tabs."""
    package, styles = workbook.package, BookStyles(workbook.package)
    listing = package.root(package.workbook_part).find("sheets")
    states = {
        entry.attributes["name"]: entry.attributes.get("state", "visible")
        for entry in (listing.all("sheet") if listing is not None else ())
    }
    return tuple(SheetView(workbook, styles, name, states[name]) for name in workbook.sheet_names)


def scorecard_rows(figures: StoredFigures, listing: Listing) -> Iterator[ScorecardRow]:
    """The rows that show a measure of the configuration, top to bottom."""
    for (key, _), record in listing.records.items():
        measure = figures.catalogue.measures.get(key[0])
        if measure is not None:
            yield ScorecardRow(figures, measure, listing.sheet, record)
