"""The sheets of a closed workbook as the checks of a release look at them: cells, styles, tables, drawings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from cpa_xl.bookstyles import BookStyles, Look
from cpa_xl.markup import Element
from cpa_xl.sheetxml import Cell, Position, Sheet
from cpa_xl.workbook import ClosedWorkbook, Table


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


def sheet_views(workbook: ClosedWorkbook) -> tuple[SheetView, ...]:
    """The worksheets of a workbook in the order of their tabs."""
    package, styles = workbook.package, BookStyles(workbook.package)
    listing = package.root(package.workbook_part).find("sheets")
    states = {
        entry.attributes["name"]: entry.attributes.get("state", "visible")
        for entry in (listing.all("sheet") if listing is not None else ())
    }
    return tuple(SheetView(workbook, styles, name, states[name]) for name in workbook.sheet_names)
