"""Faults that make Excel offer to repair a workbook: reads all parts again, apart from the code that writes them."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from xml.parsers import expat

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.a1 import cell_name, cell_position
from cpa_xl.ooxml.sheet import Position, SharedString, Sheet, decoded, read_strings
from cpa_xl.ooxml.tables import Table, read_table
from cpa_xl.ooxml.xml import Element, check_well_formed


class Link(Protocol):
    """A link from one part to another."""

    @property
    def id(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def external(self) -> bool: ...
    def is_a(self, kind: str) -> bool:
        """Whether the link's type ends in that word."""


class Parts(Protocol):
    """What this module needs of a workbook's parts."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def workbook_part(self) -> str: ...
    def __contains__(self, name: str) -> bool: ...
    def text(self, name: str) -> bytes:
        """An XML part in UTF-8."""

    def root(self, name: str) -> Element:
        """The root of an XML part."""

    def content_type(self, name: str) -> str:
        """The content type of a part."""

    def stated_parts(self) -> tuple[str, ...]:
        """The parts that the content types name one by one."""

    def unseen_rows(self, name: str) -> tuple[int, int]:
        """The first and the last row that the text of a sheet leaves out."""

    def links(self, source: str) -> tuple[Link, ...]:
        """The links of a part."""


@dataclass
class _SheetReading:
    """What one pass over a sheet's cells collects."""

    wanted: frozenset[Position]  # cells whose text is needed
    faults: list[str] = field(default_factory=list)
    formulas: set[Position] = field(default_factory=set)
    kinds: dict[Position, str] = field(default_factory=dict)
    texts: dict[Position, str] = field(default_factory=dict)
    place: Position = (0, 0)
    masters: set[str] = field(default_factory=set)
    inside: bool = False  # within sheetData
    reading: bool = False  # within <v> or <t> of a wanted cell

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """A start tag."""
        name = name.rpartition(":")[2]
        if name == "sheetData":
            self.inside = True
        elif not self.inside:
            return
        elif name == "c":
            self._cell(attributes)
        elif name == "row":
            self._row(int(attributes.get("r", self.place[0] + 1)))
        elif name == "f":
            self._formula(attributes)
        else:
            self.reading = name in ("v", "t") and self.place in self.wanted

    def _row(self, number: int) -> None:
        if number <= self.place[0]:
            self.faults.append(f"row {number} comes after row {self.place[0]}")
        self.place = (number, 0)

    def _cell(self, attributes: dict[str, str]) -> None:
        place = (self.place[0], self.place[1] + 1)
        if "r" in attributes:
            place = cell_position(attributes["r"])
            if place[0] != self.place[0] or place[1] <= self.place[1]:
                self.faults.append(f"cell {cell_name(*place)} in row {self.place[0]} is out of order")
        self.place = place
        if place in self.wanted:
            self.kinds[place] = attributes.get("t", "n")

    def _formula(self, attributes: dict[str, str]) -> None:
        self.formulas.add(self.place)
        if attributes.get("t") == "shared":
            number = attributes.get("si", "")
            if "ref" in attributes:
                self.masters.add(number)
            elif number not in self.masters:
                self.faults.append(f"cell {cell_name(*self.place)} shares formula {number}, which nothing defines")

    def finish(self, name: str) -> None:
        """An end tag."""
        self.reading = False
        self.inside = self.inside and name.rpartition(":")[2] != "sheetData"

    def add_text(self, text: str) -> None:
        """Text between tags."""
        if self.reading:
            self.texts[self.place] = self.texts.get(self.place, "") + text

    def shown(self, place: Position, strings: Sequence[str]) -> str:
        """The text that a wanted cell shows."""
        text = self.texts.get(place, "")
        if self.kinds.get(place) != "s":
            return decoded(text)
        return strings[int(text)] if text.isdigit() and int(text) < len(strings) else ""


def _read_sheet(text: bytes, wanted: frozenset[Position]) -> _SheetReading:
    reading = _SheetReading(wanted)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.finish
    parser.CharacterDataHandler = reading.add_text
    parser.Parse(text, True)
    return reading


def find_faults(parts: Parts) -> tuple[str, ...]:
    """One sentence for each fault of a workbook's parts; none for a sound workbook."""
    try:
        ill_formed = tuple(_form_faults(parts))
        return ill_formed or (*_type_faults(parts), *_link_faults(parts), *_workbook_faults(parts))
    except (Refusal, KeyError, ValueError) as error:
        return (f"it cannot be read: {error}",)


def _form_faults(parts: Parts) -> Iterator[str]:
    for name in parts.names:
        if name.casefold().endswith((".xml", ".rels")):
            try:
                check_well_formed(parts.text(name))
            except Refusal as error:
                yield f"part {name}: {error}"


def _type_faults(parts: Parts) -> Iterator[str]:
    for name in parts.names:
        if name.lstrip("/") != "[Content_Types].xml" and not parts.content_type(name):
            yield f"part {name} has no content type"
    for name in parts.stated_parts():
        if name not in parts:
            yield f"the content types name a part {name}, which is not there"


def _link_faults(parts: Parts) -> Iterator[str]:
    for name in parts.names:
        folder, base = posixpath.split(name.replace("\\", "/"))
        if not base.casefold().endswith(".rels") or posixpath.basename(folder).casefold() != "_rels":
            continue
        source = posixpath.join(posixpath.dirname(folder), base[: -len(".rels")])
        if source.strip("/") and source not in parts:
            yield f"part {name} holds links of a part that is not there"
            continue
        seen: set[str] = set()
        for link in parts.links(source.lstrip("/")):
            if link.id in seen:
                yield f"part {name} holds two links {link.id}"
            seen.add(link.id)
            if not link.external and link.target not in parts:
                yield f"part {name} leads to {link.target}, which is not there"


def _workbook_faults(parts: Parts) -> Iterator[str]:
    root = parts.root(parts.workbook_part)
    links = {link.id: link for link in parts.links(parts.workbook_part)}
    strings = [item.text for link in links.values() for item in _strings(parts, link)]
    names = {element.attributes.get("name", "").casefold() for element in root.walk() if element.name == "definedName"}
    tables: list[tuple[str, Table]] = []
    formulas: dict[str, tuple[set[Position], range]] = {}
    for element in root.walk():
        link = links.get(element.attribute("id") or "") if element.name == "sheet" else None
        if element.name == "sheet" and link is None:
            yield f"sheet {element.attributes['name']} has no part"
        if link is not None and link.is_a("worksheet"):
            here = list(_tables(parts, link.target, element.attributes["name"]))
            tables += here
            reading = _read_sheet(parts.text(link.target), _headers([table for _, table in here]))
            first, last = parts.unseen_rows(link.target)
            formulas[element.attributes.get("sheetId", "")] = reading.formulas, range(first, last + 1)
            yield from (f"part {link.target}: {fault}" for fault in reading.faults)
            yield from _table_faults([table for _, table in here], reading, strings)
            yield from _table_link_faults(parts, link.target)
    yield from _identity_faults(tables, names)
    for link in links.values():
        if link.is_a("calcChain"):
            yield from _chain_faults(parts.root(link.target), formulas)


def _strings(parts: Parts, link: Link) -> Iterator[SharedString]:
    if link.is_a("sharedStrings"):
        yield from read_strings(parts.text(link.target))


def _tables(parts: Parts, sheet_part: str, sheet: str) -> Iterator[tuple[str, Table]]:
    for link in parts.links(sheet_part):
        if link.is_a("table"):
            root = parts.root(link.target)
            yield root.attributes["id"], read_table(root, sheet)


def _headers(tables: Sequence[Table]) -> frozenset[Position]:
    return frozenset(
        (table.first_row, column)
        for table in tables
        if table.header_row
        for column in range(table.first_col, table.last_col + 1)
    )


def _table_faults(tables: Sequence[Table], reading: _SheetReading, strings: Sequence[str]) -> Iterator[str]:
    for place, table in enumerate(tables):
        if len(table.columns) != table.last_col - table.first_col + 1:
            yield f"table {table.name} has {len(table.columns)} columns in {table.ref}"
        if table.last_body_row < table.first_body_row:
            yield f"table {table.name} has no row in {table.ref}"
        for number, column in enumerate(table.columns if table.header_row else (), table.first_col):
            shown = reading.shown((table.first_row, number), strings)
            if shown != column.name:
                cell = cell_name(table.first_row, number)
                yield f"table {table.name}: header {cell} shows {shown!r} for column {column.name!r}"
        for other in tables[:place]:
            if max(table.first_row, other.first_row) <= min(table.last_row, other.last_row) and max(
                table.first_col, other.first_col
            ) <= min(table.last_col, other.last_col):
                yield f"tables {other.name} and {table.name} overlap"


def _table_link_faults(parts: Parts, sheet_part: str) -> Iterator[str]:
    """A sheet must list exactly the tables that it has links to."""
    stated = [e.attribute("id") for e in Sheet(parts.text(sheet_part)).frame.walk() if e.name == "tablePart"]
    linked = [link.id for link in parts.links(sheet_part) if link.is_a("table")]
    if sorted(linked) != sorted(identity or "" for identity in stated):
        yield f"part {sheet_part} lists {len(stated)} tables and has links to {len(linked)}"


def _identity_faults(tables: Sequence[tuple[str, Table]], names: set[str]) -> Iterator[str]:
    ids: set[str] = set()
    taken = set(names)
    for identity, table in tables:
        if identity in ids:
            yield f"table {table.name} has the number {identity}, which another table has"
        if table.name.casefold() in taken:
            yield f"table {table.name} has a name that is taken"
        ids.add(identity)
        taken.add(table.name.casefold())


def _chain_faults(root: Element, formulas: Mapping[str, tuple[set[Position], range]]) -> Iterator[str]:
    """`formulas`: for each sheet, the cells with formulas, and the rows that were not read."""
    sheet = ""
    for entry in root.children:
        sheet = entry.attributes.get("i", sheet)
        place = cell_position(entry.attributes["r"])
        seen, unseen = formulas.get(sheet, (set(), range(0)))
        if sheet in formulas and place not in seen and place[0] not in unseen:
            yield f"the calculation chain names {cell_name(*place)} on sheet {sheet}, which holds no formula"
