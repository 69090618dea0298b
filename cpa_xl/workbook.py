"""A workbook as named tables and cells, and one in a closed file.

`Workbook` is what refresh, calculation and display need of any workbook. `ClosedWorkbook` is a file on disk:
frozen, read part by part as asked, changed by methods that return another one. Only `save` writes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from cpa_xl.a1 import single_area
from cpa_xl.errors import Refusal
from cpa_xl.markup import Element, Malformed
from cpa_xl.package import Package, Relationship
from cpa_xl.sheetxml import Cell, Position, Sheet, cell_error, read_strings
from cpa_xl.tablexml import Column, Table, read_table

__all__ = ["Cell", "ClosedWorkbook", "Column", "Table", "Workbook", "cell_error"]


class Workbook(Protocol):
    """A workbook as those see it who fill, calculate and show it; `with_` methods return a changed one."""

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """The worksheets in the order of their tabs."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name."""

    @property
    def names(self) -> Mapping[str, str]:
        """What the names of the whole workbook refer to, without "="."""

    @property
    def date1904(self) -> bool:
        """Whether serial numbers count days from 1904 instead of 1900."""

    def cells(self, sheet: str) -> Mapping[Position, Cell]:
        """The cells that exist, by (row, column) counted from 1."""

    def named_cell(self, name: str) -> tuple[str, int, int]:
        """Sheet, row and column of the one cell that a name refers to."""

    def with_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> "Workbook":
        """The body of a table replaced."""

    def with_cell(self, sheet: str, row: int, col: int, value: object) -> "Workbook":
        """A constant put into a cell."""

    def with_values(self, values: Mapping[tuple[str, int, int], object]) -> "Workbook":
        """New results in formula cells."""

    def with_full_calculation(self, wanted: bool) -> "Workbook":
        """Whether everything is to be calculated when the workbook is opened."""

    def save(self, path: Path) -> None:
        """Write the workbook."""


@dataclass(frozen=True)
class _SheetEntry:
    """A worksheet: its tab's name, its part, and the number by which other parts know it."""

    name: str
    part: str
    sheet_id: str


@dataclass(frozen=True)
class _TableEntry:
    table: Table
    part: str
    sheet_part: str


@dataclass(frozen=True)
class ClosedWorkbook:
    """A workbook in a closed .xlsx or .xlsm file."""

    package: Package
    _sheets: dict[str, Sheet] = field(default_factory=dict, repr=False, compare=False)  # scanned so far
    _cells: dict[str, Mapping[Position, Cell]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def open(cls, path: Path) -> "ClosedWorkbook":
        """Read a file. Raises Refusal naming the file and what is wrong with it."""
        workbook = cls(Package.read(path))
        if not workbook.sheet_names:
            raise Refusal(f"{path} has no worksheet")
        return workbook

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self.package.path

    @cached_property
    def _root(self) -> Element:
        return self.package.root(self.package.workbook_part)

    def _links(self, kind: str) -> Iterator[Relationship]:
        for link in self.package.relationships(self.package.workbook_part):
            if link.is_a(kind):
                yield link

    @cached_property
    def _entries(self) -> tuple[_SheetEntry, ...]:
        parts = {link.id: link.target for link in self._links("worksheet")}
        listing = self._root.find("sheets")
        return tuple(
            _SheetEntry(element.attributes["name"], parts[identity], element.attributes.get("sheetId", ""))
            for element in (listing.all("sheet") if listing else ())
            if (identity := element.attribute("id") or "") in parts
        )

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """The worksheets in the order of their tabs (chart and macro sheets left out)."""
        return tuple(entry.name for entry in self._entries)

    @cached_property
    def date1904(self) -> bool:
        """Whether serial numbers count days from 1904 instead of 1900."""
        properties = self._root.find("workbookPr")
        return properties is not None and properties.attributes.get("date1904", "0") in ("1", "true")

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What the names of the whole workbook refer to, without "="; names of one sheet are left out."""
        return MappingProxyType(
            {
                element.attributes["name"]: element.text.strip()
                for element in self._defined_names
                if "localSheetId" not in element.attributes
            }
        )

    @cached_property
    def _defined_names(self) -> tuple[Element, ...]:
        listing = self._root.find("definedNames")
        return tuple(listing.all("definedName")) if listing else ()

    @cached_property
    def _table_entries(self) -> dict[str, _TableEntry]:
        entries = {}
        for sheet in self._entries:
            for link in self.package.relationships(sheet.part):
                if link.is_a("table"):
                    entry = self._table_entry(link.target, sheet)
                    entries[entry.table.name] = entry
        return entries

    def _table_entry(self, part: str, sheet: _SheetEntry) -> _TableEntry:
        try:
            return _TableEntry(read_table(self.package.root(part), sheet.name), part, sheet.part)
        except (KeyError, ValueError) as error:
            raise Refusal(f"{self.path}, part {part}: no table can be read from it ({error})") from error

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name."""
        return MappingProxyType({name: entry.table for name, entry in self._table_entries.items()})

    @cached_property
    def _strings(self) -> tuple[str, ...]:
        for link in self._links("sharedStrings"):
            if link.target in self.package:
                return tuple(item.text for item in read_strings(self.package.text(link.target)))
        return ()

    def _entry(self, sheet: str) -> _SheetEntry:
        for entry in self._entries:
            if entry.name.casefold() == sheet.casefold():
                return entry
        raise Refusal(f"{self.path} has no sheet {sheet!r}; it has {_listed(self.sheet_names)}")

    def _sheet(self, part: str) -> Sheet:
        if part not in self._sheets:
            try:
                self._sheets[part] = Sheet(self.package.text(part))
            except (Malformed, ValueError, KeyError) as error:
                raise Refusal(f"{self.path}, part {part}: no sheet can be read from it ({error})") from error
        return self._sheets[part]

    def cells(self, sheet: str) -> Mapping[Position, Cell]:
        """The cells that exist, by (row, column). Raises Refusal when the sheet is missing or unreadable."""
        part = self._entry(sheet).part
        if part not in self._cells:
            try:
                cells = self._sheet(part).cells(self._strings, date1904=self.date1904)
            except (ValueError, KeyError, IndexError) as error:
                raise Refusal(f"{self.path}, sheet {sheet}: a cell cannot be read ({error})") from error
            self._cells[part] = MappingProxyType(cells)
        return self._cells[part]

    def named_cell(self, name: str) -> tuple[str, int, int]:
        """Sheet, row and column of the one cell that a name refers to.

        Raises Refusal when there is no such name, or when it refers to anything but one cell.
        """
        text = next((text for known, text in self.names.items() if known.casefold() == name.casefold()), None)
        if text is None:
            raise Refusal(
                f"{self.path} has no name {name!r}; it has {_listed(self.names)}. "
                "Define it in Excel under Formulas, Name Manager, for the whole workbook"
            )
        area = single_area(text)
        top, left, bottom, right = area.bounds if area else (0, 0, 1, 1)
        if area is None or area.sheet is None or (top, left) != (bottom, right):
            raise Refusal(f"{self.path}: the name {name!r} refers to {text}, and a single cell is needed")
        return self._entry(area.sheet).name, top, left


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names, key=str.casefold)) or "none"
