"""A table part: the name, place and columns of an Excel table, read and moved."""

from dataclasses import dataclass

from cpa_xl.a1 import bounds, range_name
from cpa_xl.markup import Edit, Element, set_attribute, splice
from cpa_xl.sheetxml import decoded


@dataclass(frozen=True)
class Column:
    """A column of a table; `formula` is its calculated-column formula as the file has it, without "="."""

    name: str
    formula: str | None = None


@dataclass(frozen=True)
class Table:
    """A named table and where it stands: rows and columns counted from 1, header and totals row included."""

    name: str
    sheet: str
    first_row: int
    first_col: int
    last_row: int
    last_col: int
    columns: tuple[Column, ...]
    totals_row: bool = False
    header_row: bool = True

    @property
    def first_body_row(self) -> int:
        """The first row under the header."""
        return self.first_row + self.header_row

    @property
    def last_body_row(self) -> int:
        """The last row above the totals."""
        return self.last_row - self.totals_row

    @property
    def ref(self) -> str:
        """The range of the whole table."""
        return range_name(self.first_row, self.first_col, self.last_row, self.last_col)


def read_table(root: Element, sheet: str) -> Table:
    """The table that a part describes. Raises ValueError or KeyError when it is none."""
    first_row, first_col, last_row, last_col = bounds(root.attributes["ref"])
    listing = root.find("tableColumns")
    return Table(
        name=root.attributes.get("displayName") or root.attributes["name"],
        sheet=sheet,
        first_row=first_row,
        first_col=first_col,
        last_row=last_row,
        last_col=last_col,
        columns=tuple(_column(element) for element in (listing.all("tableColumn") if listing else ())),
        totals_row=root.attributes.get("totalsRowCount", "0") != "0",
        header_row=root.attributes.get("headerRowCount", "1") != "0",
    )


def _column(element: Element) -> Column:
    formula = element.find("calculatedColumnFormula")
    return Column(decoded(element.attributes["name"]), formula.text if formula else None)


def has_leftovers(root: Element) -> bool:
    """Whether the table is filtered (rows may be hidden), or marked as having no row yet."""
    return "insertRow" in root.attributes or any(element.name == "filterColumn" for element in root.walk())


def resized(text: bytes, root: Element, table: Table) -> bytes:
    """The part for a table that ends elsewhere: filters, sort order and the mark of an empty table go."""
    edits = set_attribute(text, root.start, "ref", table.ref)
    for mark in ("insertRow", "insertRowShift"):
        edits += set_attribute(text, root.start, mark, None)
    for element in root.walk():
        if element.name == "autoFilter":
            last_row = table.last_body_row
            ref = range_name(table.first_row, table.first_col, last_row, table.last_col)
            edits += set_attribute(text, element.start, "ref", ref)
        if element.name in ("filterColumn", "sortState"):
            edits.append(Edit(element.start, element.end, b""))
    return splice(text, edits)
