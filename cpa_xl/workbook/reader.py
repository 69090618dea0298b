"""Reads a workbook in a closed file: sheets, tables, names and cells, each part on demand."""

import dataclasses
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Self

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.a1 import MAX_ROW, single_area
from cpa_xl.ooxml.charts import Shown
from cpa_xl.ooxml.package import Package, Relationship
from cpa_xl.ooxml.sheet import Cell, Position, SharedString, Sheet, Value, read_sheet, read_strings
from cpa_xl.ooxml.tables import NamedAreas, Table, read_table, same_heading
from cpa_xl.ooxml.xml import REPAIR, Element, Malformed
from cpa_xl.ooxml.zip import Member
from cpa_xl.workbook.table_writer import plain_column

_MANY = 1_000  # from this many rows on, a column is read in one step


@dataclass(frozen=True)
class SheetEntry:
    """A worksheet: its tab's name and its part."""

    name: str
    part: str


@dataclass(frozen=True)
class TableEntry:
    """A table, its part, and the part of its sheet."""

    table: Table
    part: str
    sheet_part: str


class _ReadCells(NamedTuple):
    """The cells of a sheet's part, and what they were read with."""

    member: weakref.ref[Member]
    strings: tuple[str, ...]
    date1904: bool
    cells: Mapping[Position, Cell]


# A changed workbook shares the parts that did not change: their cells are read once, and kept for as long as a workbook
# holds the part, by the part's identity.
_READ: dict[int, _ReadCells] = {}


def _known_cells(member: Member, strings: tuple[str, ...], *, date1904: bool) -> Mapping[Position, Cell] | None:
    read = _READ.get(id(member))
    same = read is not None and read.member() is member and read.date1904 == date1904 and read.strings == strings
    return read.cells if read is not None and same else None


def _keep_cells(member: Member, strings: tuple[str, ...], cells: Mapping[Position, Cell], *, date1904: bool) -> None:
    key = id(member)
    gone = weakref.ref(member, lambda _: _READ.pop(key, None))
    _READ[key] = _ReadCells(gone, strings, date1904, cells)


@dataclass(frozen=True)
class ReadWorkbook:
    """The reading half of a workbook in a closed .xlsx or .xlsm file."""

    package: Package
    _sheets: dict[str, Sheet] = field(default_factory=dict, repr=False, compare=False)  # scanned so far
    _cells: dict[str, Mapping[Position, Cell]] = field(default_factory=dict, repr=False, compare=False)
    _texts: dict[str, tuple[SharedString, ...]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a file. Raises Refusal that names the file and its fault."""
        workbook = cls(Package.read(path))
        if not workbook.sheet_names:
            raise Refusal(f"{path} has no worksheet")
        return workbook

    @property
    def path(self) -> Path:
        """The file that the workbook was read from."""
        return self.package.path

    @cached_property
    def _root(self) -> Element:
        return self.package.root(self.package.workbook_part)

    def _links(self, kind: str) -> Iterator[Relationship]:
        for link in self.package.relationships(self.package.workbook_part):
            if link.is_a(kind):
                yield link

    @cached_property
    def _entries(self) -> tuple[SheetEntry, ...]:
        parts = {link.id: link.target for link in self._links("worksheet")}
        listing = self._root.find("sheets")
        self._refuse_unlinked(listing.all("sheet") if listing else ())
        return tuple(
            SheetEntry(element.attributes["name"], parts[identity])
            for element in (listing.all("sheet") if listing else ())
            if (identity := element.attribute("id") or "") in parts
        )

    def _refuse_unlinked(self, sheets: Iterable[Element]) -> None:
        known = {link.id for link in self.package.relationships(self.package.workbook_part)}
        for sheet in sheets:
            if (sheet.attribute("id") or "") not in known:
                raise Refusal(f"{self.path}: no link leads to the sheet {sheet.attributes['name']}; {REPAIR}")

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """The worksheets in the order of their tabs, without chart and macro sheets."""
        return tuple(entry.name for entry in self._entries)

    @cached_property
    def date1904(self) -> bool:
        """Whether serial numbers count days from 1904 instead of 1900."""
        properties = self._root.find("workbookPr")
        return properties is not None and properties.attributes.get("date1904", "0") in ("1", "true")

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What the names of the whole workbook refer to, without "="; without the names of single sheets."""
        return MappingProxyType(
            {
                element.attributes["name"]: element.text.strip()
                for element in self._defined_names
                if "localSheetId" not in element.attributes
            }
        )

    @cached_property
    def own_names(self) -> Mapping[tuple[str, str], str]:
        """What the names of single sheets refer to, by sheet and name."""
        listing = self._root.find("sheets")
        tabs = [element.attributes["name"] for element in (listing.all("sheet") if listing else ())]
        found = {}
        for element in self._defined_names:
            local = int(element.attributes.get("localSheetId", "-1"))
            if 0 <= local < len(tabs) and tabs[local] in self.sheet_names:
                found[tabs[local], element.attributes["name"]] = element.text.strip()
        return MappingProxyType(found)

    @cached_property
    def _defined_names(self) -> tuple[Element, ...]:
        listing = self._root.find("definedNames")
        return tuple(listing.all("definedName")) if listing else ()

    @cached_property
    def _named_areas(self) -> NamedAreas:
        """The meaning of names and tables, of the whole workbook and of single sheets."""
        listing = self._root.find("sheets")
        tabs = [element.attributes["name"].casefold() for element in (listing.all("sheet") if listing else ())]
        names = {}
        for element in self._defined_names:
            local = int(element.attributes.get("localSheetId", "-1"))
            sheet = tabs[local] if 0 <= local < len(tabs) else ""
            names[sheet, element.attributes["name"].casefold()] = element.text.strip()
        return NamedAreas(names, {name.casefold(): table for name, table in self.tables.items()})

    @cached_property
    def _table_entries(self) -> dict[str, TableEntry]:
        entries = {}
        for sheet in self._entries:
            for link in self.package.relationships(sheet.part):
                if link.is_a("table"):
                    entry = self._table_entry(link.target, sheet)
                    entries[entry.table.name] = entry
        return entries

    def _table_entry(self, part: str, sheet: SheetEntry) -> TableEntry:
        root = self.package.root(part)
        try:
            return TableEntry(self._with_header(read_table(root, sheet.name), sheet), part, sheet.part)
        except (KeyError, ValueError) as error:
            raise Refusal(f"{self.path}, part {part}: no table can be read from it ({error})") from error

    def _with_header(self, table: Table, sheet: SheetEntry) -> Table:
        """The table with its header row, also where a program took the mark of it away."""
        if table.header_row:
            return table
        found = self._sheet(sheet.part)
        cells = [found.cell_at(table.first_row, table.first_col + place) for place in range(len(table.columns))]
        shown = [None if cell is None else found.value(cell, self._strings) for cell in cells]
        held = all(same_heading(value, column.name) for value, column in zip(shown, table.columns, strict=True))
        return dataclasses.replace(table, header_row=True, header_marked=False) if held and shown else table

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name."""
        return MappingProxyType({name: entry.table for name, entry in self._table_entries.items()})

    @property
    def _common_strings(self) -> tuple[SharedString, ...]:
        """The strings that cells of all sheets share; no change touches them."""
        for link in self._links("sharedStrings"):
            if link.target in self.package:
                if link.target not in self._texts:
                    self._texts[link.target] = tuple(read_strings(self.package.text(link.target)))
                return self._texts[link.target]
        return ()

    @cached_property
    def _strings(self) -> tuple[str, ...]:
        return tuple(item.text for item in self._common_strings)

    def _table(self, name: str) -> TableEntry:
        for known, entry in self._table_entries.items():
            if known.casefold() == name.casefold():
                return entry
        raise Refusal(f"{self.path} has no table {name!r}; it has {_listed(self.tables)}")

    def _entry(self, sheet: str) -> SheetEntry:
        for entry in self._entries:
            if entry.name.casefold() == sheet.casefold():
                return entry
        raise Refusal(f"{self.path} has no sheet {sheet!r}; it has {_listed(self.sheet_names)}")

    def _sheet(self, part: str) -> Sheet:
        if part not in self._sheets:
            text = self.package.text(part)
            try:
                self._sheets[part] = read_sheet(text)
            except (Malformed, ValueError) as error:
                raise Refusal(f"{self.path}, part {part}: no sheet can be read from it ({error})") from error
        return self._sheets[part]

    def part_of(self, sheet: str) -> str:
        """The part that holds a sheet. Raises Refusal when there is no such sheet."""
        return self._entry(sheet).part

    def cells(self, sheet: str) -> Mapping[Position, Cell]:
        """The cells that exist, by (row, column). Raises Refusal when the sheet is missing or unreadable."""
        part = self._entry(sheet).part
        if part not in self._cells:
            member, strings = self.package.member(part), self._strings
            cells = _known_cells(member, strings, date1904=self.date1904)
            if cells is None:
                try:
                    cells = MappingProxyType(self._sheet(part).cells(strings, date1904=self.date1904))
                except ValueError as error:
                    raise Refusal(f"{self.path}, sheet {sheet}: a cell cannot be read ({error}); {REPAIR}") from error
                _keep_cells(member, strings, cells, date1904=self.date1904)
            self._cells[part] = cells
        return self._cells[part]

    def hidden_rows(self, sheet: str) -> Collection[int]:
        """The rows of a sheet that are hidden, by hand or by a filter."""
        part = self._sheet(self._entry(sheet).part)
        defaults = part.frame.find("sheetFormatPr")
        if defaults is not None and defaults.attributes.get("zeroHeight", "0") in ("1", "true"):
            return range(1, MAX_ROW + 1)
        hidden = (b"1", b"true")
        return frozenset(row.number for row in part.rows if part.cell_attributes(row).get(b"hidden") in hidden)

    def shown(self, reference: str) -> Shown | None:
        """What the cells of a chart's reference show, area by area and row by row; missing sheets show nothing."""
        areas = self._named_areas.areas(reference)
        if areas is None:
            return None
        count, points = 0, {}
        for area in areas:
            if (area.sheet or "").casefold() in map(str.casefold, self.sheet_names):
                top, left, bottom, right = area.bounds
                wide = right - left + 1
                for (row, column), value in self._values_in(area.sheet or "", area.bounds):
                    points[count + (row - top) * wide + column - left] = value
                count += (bottom - top + 1) * wide
        return Shown(count, points)

    def _values_in(self, sheet: str, box: tuple[int, int, int, int]) -> Iterator[tuple[Position, Value]]:
        """What the cells of a sheet show, from row and column to row and column.

        The sheet is known to be well-formed.
        """
        name, (top, left, bottom, right) = self._entry(sheet).part, box
        part = self._sheets.get(name) or self._sheets.setdefault(name, Sheet(self.package.text(name), checked=True))
        plain = plain_column(part, left, self._strings) if left == right and bottom - top >= _MANY else None
        if plain is not None:
            yield from (((row, left), value) for row, value in plain.items() if top <= row <= bottom)
            return
        for row in part.rows.between(top, bottom):
            cells = part.cells_of(row) if bottom - top < _MANY else part.cells_in(row)  # a chart asks for rows again
            for cell in cells:
                if left <= cell.number <= right:
                    yield (row.number, cell.number), part.value(cell, self._strings, date1904=self.date1904)

    def named_cell(self, name: str) -> tuple[str, int, int]:
        """Sheet, row and column of the one cell that a name refers to.

        Raises Refusal when the name is missing, or refers to anything but one cell.
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
