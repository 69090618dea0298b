"""What the release checks look at: the release as a whole, and each row of its scorecard."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from cpa_xl.catalogue import Catalogue, Measure, WorkbookSpec
from cpa_xl.departures import left_out
from cpa_xl.errors import CellError, Refusal
from cpa_xl.findings import at
from cpa_xl.sheetviews import SheetView, sheet_views
from cpa_xl.sheetxml import EMPTY, Cell, Position, Value, value_at
from cpa_xl.sincelast import Comparison
from cpa_xl.storedfigures import StoredFigures
from cpa_xl.versions import Listing, Record, Version
from cpa_xl.workbook import ClosedWorkbook


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


def scorecard_rows(figures: StoredFigures, listing: Listing) -> Iterator[ScorecardRow]:
    """The rows that show a measure of the configuration, top to bottom."""
    for (key, _), record in listing.records.items():
        measure = figures.catalogue.measures.get(key[0])
        if measure is not None:
            yield ScorecardRow(figures, measure, listing.sheet, record)


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
