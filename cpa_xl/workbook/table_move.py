"""When a table gets a new end: updates all that refers to its cells.

These are fixed references to its body, formats and validations that cover it, ranges of controls, and pivot tables.
The calculation chain goes; Excel makes a new one. Comments and links belong to one row, so `marks` only lists them.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from cpa_xl.ooxml.a1 import MAX_ROW, A1Reference, Corner, bounds, range_name, rewrite_areas, translate
from cpa_xl.ooxml.package import CONTENT_TYPES, Package, relationships_part
from cpa_xl.ooxml.sheet import Sheet
from cpa_xl.ooxml.tables import Table
from cpa_xl.ooxml.xml import Edit, Element, escape, set_attribute, splice, unescape
from cpa_xl.workbook.table_rows import Mark, unshared

_OF_PIECE = ("sqref", "priority", "uid", "xr:uid")  # what differs between pieces of one format
_COVERING = ("conditionalFormatting", "dataValidation", "protectedRange", "ignoredError")
_CONTROL_RANGES = ("fmlaRange", "fmlaLink", "fmlaGroup", "fmlaTxbx", "listFillRange", "linkedCell")
_PRINTED = "_xlnm.Print_Area"
_FORMULAS = ("formula", "formula1", "formula2", "f")  # elements outside the cells that hold a formula
_IN_DRAWING = re.compile(rb"<x:(Fmla\w+)>([^<]*)</x:\1>")  # old drawings are not always XML
PIVOT_CACHE = "pivotCacheDefinition+xml"
_BEFORE_CALCULATION = (  # elements before <calcPr> in a workbook part, in the order of the schema
    *("fileVersion", "fileSharing", "workbookPr", "AlternateContent", "revisionPtr", "absPath", "workbookProtection"),
    *("bookViews", "sheets", "functionGroups", "externalReferences", "definedNames"),
)


@dataclass(frozen=True)
class Move:
    """A table before and after. References to its whole body, with or without header and totals, get its new end."""

    old: Table
    new: Table

    def new_rows(self, top: int, bottom: int) -> tuple[int, int]:
        """The new first and last row of the rows top..bottom, if these are the table's body or totals row."""
        old, new = self.old, self.new
        if old.totals_row and bottom == old.last_row:
            return (new.last_row if top == bottom else top), new.last_row
        return top, new.last_body_row if bottom == old.last_body_row else bottom

    def formula(self, text: str, home: str) -> str:
        """The formula of a cell on sheet `home`, with moved references to the body."""
        return rewrite_areas(text, lambda area: self._area(area, home))

    def _area(self, area: A1Reference, home: str) -> A1Reference | None:
        old = self.old
        if (home if area.sheet is None else area.sheet).casefold() != old.sheet.casefold():
            return None
        top, left, bottom, right = area.bounds
        if left < old.first_col or right > old.last_col or area.first.row is None:
            return None
        totals = old.totals_row and top == bottom == old.last_row
        whole = area.last is not None and top in (old.first_row, old.first_body_row)
        if not totals and not (whole and bottom in (old.last_row, old.last_body_row)):
            return None
        new_top, new_bottom = self.new_rows(top, bottom)

        def placed(corner: Corner) -> Corner:
            return replace(corner, row=new_bottom if corner.row == bottom else new_top)

        if area.last is not None and top == bottom and not totals:  # a body with one row, written as a range
            return replace(area, last=placed(area.last))
        return replace(area, first=placed(area.first), last=area.last and placed(area.last))

    def printed(self, text: str, home: str) -> str:
        """The print areas; those that cover the body to its end get its new end, however wide they are."""

        def followed(area: A1Reference) -> A1Reference | str | None:
            here = (home if area.sheet is None else area.sheet).casefold() == self.old.sheet.casefold()
            if not here or area.first.row is None or area.last is None or area.last.row is None:
                return None
            _, _, bottom, _ = bounds(self._range(str(area)))
            upper = area.first.row > area.last.row  # the corners may come in the other order
            moved = replace(area.first if upper else area.last, row=bottom)
            return replace(area, first=moved) if upper else replace(area, last=moved)

        return rewrite_areas(text, followed)

    def ranges(self, text: str, beside: Collection[tuple[int, int]] = ()) -> str:
        """The ranges of a format or a validation; those that cover the body to its end get its new end.

        A range of the last row alone counts where another of the same format ends in the row above it; `beside` are
        the first and last columns of such ranges in other elements.
        """
        boxes = [_bounds(part) for part in text.split()]
        above = {(box[1], box[3]) for box in boxes if box is not None and box[2] == self.old.last_body_row - 1}
        above |= set(beside)
        return " ".join(self._range(part, above) for part in text.split())

    def _range(self, text: str, above: Collection[tuple[int, int]] = ()) -> str:
        """`above`: the first and last columns of ranges of the same format that end above the body's last row."""
        old = self.old
        box = _bounds(text)
        if box is None:
            return text
        top, left, bottom, right = box
        if right < old.first_col or left > old.last_col or bottom < old.last_body_row or top > old.last_row:
            return text
        one_row = top == bottom and old.first_body_row != old.last_body_row
        continued = bottom == old.last_body_row and any(left <= end and right >= start for start, end in above)
        if one_row and not continued and not (old.totals_row and bottom == old.last_row):
            return text
        new_top, new_bottom = self.new_rows(top, bottom)
        if bottom > old.last_row:  # the range has room below the table, which may grow into it
            new_bottom = max(bottom, self.new.last_row)
        if (new_top, new_bottom) == (top, bottom):
            return text
        return range_name(new_top, left, max(new_top, new_bottom), right)


def _bounds(text: str) -> tuple[int, int, int, int] | None:
    """The rows and columns of a range; None for a text that is none."""
    try:
        return bounds(text)
    except ValueError:
        return None


def followed_sheet(sheet: Sheet, name: str, move: Move) -> Sheet:
    """The sheet whose formulas, formats, validations and sparklines follow the table."""
    edits, groups = changed_formulas(sheet, name, move)
    if groups:
        return followed_sheet(sheet.with_edits(list(unshared(sheet, groups))), name, move)
    return sheet.with_edits([*edits, *_frame_edits(sheet, name, move)])


def changed_formulas(sheet: Sheet, name: str, move: Move) -> tuple[list[Edit], set[bytes]]:
    """Edits of formulas in cells, and the numbers of shared formulas with a member that would change."""
    edits: list[Edit] = []
    groups: set[bytes] = set()
    if name.casefold() != move.old.sheet.casefold() and not _mentions(sheet, move.old.sheet):
        return edits, groups
    ends = {b"%d" % move.old.last_row, b"%d" % move.old.last_body_row}  # each reference that follows names one of them
    find, shared = sheet.data.find, bool(sheet.shared_masters)
    for row in sheet.formula_rows:
        if not shared and all(find(end, row.inner, row.outer) < 0 for end in ends):
            continue
        for cell in sheet.cells_in(row):
            formula, span = sheet.formula(cell), sheet.formula_span(cell)
            if formula is None or span is None or formula.kind == b"dataTable":
                continue
            text = sheet.expanded(formula, (row.number, cell.number))
            followed = move.formula(text, name)
            if followed == text:
                continue
            if formula.kind == b"shared":
                groups.add(formula.attributes[b"si"])
            else:
                edits.append(Edit(span.inner, span.outer, escape(followed)))
    return edits, groups


def attribute_edits(data: bytes, element: Element, move: Move, above: Collection[tuple[int, int]] = ()) -> list[Edit]:
    """Edits that make an element's sqref follow; `above` as `Move.ranges` has it."""
    followed = move.ranges(element.attributes["sqref"], above)
    return [] if followed == element.attributes["sqref"] else set_attribute(data, element.start, "sqref", followed)


def followed_attributes(data: bytes, root: Element, move: Move, home: str) -> Iterator[Edit]:
    """Edits that make the ranges of controls follow; `home` is their sheet."""
    for element in root.walk():
        for name in _CONTROL_RANGES:
            text = element.attributes.get(name, "")
            followed = move.formula(text, home)
            if followed != text:
                yield from set_attribute(data, element.start, name, followed)


def text_edits(element: Element, text: str) -> list[Edit]:
    """Edits that give an element this text; none when it has it."""
    return [] if text == element.text else [Edit(element.inner, element.outer, escape(text))]


def followed_texts(root: Element, names: tuple[str, ...], move: Move, home: str) -> list[Edit]:
    """Edits of the formulas in elements with these names; `home` is their sheet, or ""."""
    edits = []
    for element in root.walk():
        if element.name in names and not element.children:
            printed = element.attributes.get("name") == _PRINTED
            follow = move.printed if printed else move.formula
            edits += text_edits(element, follow(element.text, home))
    return edits


def marks(package: Package, sheet_part: str, frame: Element) -> Iterator[Mark]:
    """The comments and links of a sheet."""
    listing = frame.find("hyperlinks")
    for element in listing.all("hyperlink") if listing else ():
        yield Mark("link", bounds(element.attributes["ref"]))
    for link in package.relationships(sheet_part):
        if link.is_a("comments") and link.target in package:
            for element in package.root(link.target).walk():
                if element.name == "comment":
                    yield Mark("comment", bounds(element.attributes["ref"]))


def with_controls_following(package: Package, sheet_part: str, sheet: str, move: Move) -> Package:
    """The package in which lists and links of this sheet's controls follow the table's body."""
    for link in package.relationships(sheet_part):
        if link.target not in package:
            continue
        if link.is_a("ctrlProp"):
            text, root = package.text(link.target), package.root(link.target)
            package = package.with_text(link.target, splice(text, followed_attributes(text, root, move, sheet)))
        elif link.is_a("vmlDrawing"):
            text = package.text(link.target)
            edits = [
                Edit(*found.span(2), escape(move.formula(unescape(found[2]), sheet)))
                for found in _IN_DRAWING.finditer(text)
                if move.formula(unescape(found[2]), sheet) != unescape(found[2])
            ]
            package = package.with_text(link.target, splice(text, edits))
    return package


def full_calculation(text: bytes, root: Element, *, wanted: bool) -> bytes:
    """The workbook part that asks for a full calculation on opening, or no longer."""
    properties = root.find("calcPr")
    if properties is not None:
        is_so = properties.attributes.get("fullCalcOnLoad", "0") in ("1", "true")
        edits = set_attribute(text, properties.start, "fullCalcOnLoad", "1" if wanted else None)
        return text if is_so == wanted else splice(text, edits)
    if not wanted:
        return text
    before = [child for child in root.children if child.name in _BEFORE_CALCULATION]
    place = before[-1].end if before else root.inner
    tag = text[root.start + 1 : root.inner].split()[0].rstrip(b">")
    prefix = tag.rpartition(b":")[0] + b":" if b":" in tag else b""
    return splice(text, [Edit(place, place, b'<%scalcPr fullCalcOnLoad="1"/>' % prefix)])


def without_calculation_chain(package: Package) -> Package:
    """The package without its calculation chain: the part, its link and its content type. Excel makes a new one."""
    workbook = package.workbook_part
    for link in package.relationships(workbook):
        if link.is_a("calcChain") and link.target in package:
            links, types = relationships_part(workbook), CONTENT_TYPES
            package = _without_element(package, links, "Id", link.id)
            package = _without_element(package, types, "PartName", link.target)
            package = package.without_part(link.target)
    return package


def stale_pivot(text: bytes, root: Element, old: Table, new: Table) -> bytes:
    """The part of a pivot cache: one that reads this table gets a mark to refresh it on opening.

    Where the cache names the table's range instead of its name, the range gets the table's new end.
    """
    edits = []
    for source in root.walk():
        if source.name == "worksheetSource" and reads_table(source, old):
            edits = set_attribute(text, root.start, "refreshOnLoad", "1")
            top, left, bottom, right = bounds(source.attributes.get("ref", old.ref))
            if "ref" in source.attributes and bottom in (old.last_row, old.last_body_row):
                last = new.last_row if bottom == old.last_row else new.last_body_row
                edits += set_attribute(text, source.start, "ref", range_name(top, left, last, right))
    return splice(text, edits)


def reads_table(source: Element, table: Table) -> bool:
    """Whether the source of a pivot cache is this table, by name or by its cells."""
    if source.attributes.get("name", "").casefold() == table.name.casefold():
        return True
    if source.attributes.get("sheet", "").casefold() != table.sheet.casefold() or "ref" not in source.attributes:
        return False
    top, left, bottom, right = bounds(source.attributes["ref"])
    return top <= table.last_row and bottom >= table.first_row and left <= table.last_col and right >= table.first_col


def _frame_edits(sheet: Sheet, name: str, move: Move) -> Iterator[Edit]:
    own = name.casefold() == move.old.sheet.casefold()
    pieces = _pieces(sheet.frame, move) if own else {}
    places = {child.start for line in sheet.frame.walk() if line.name == "sparkline" for child in line.all("sqref")}
    for element in sheet.frame.walk():
        if element.start in places:  # the cell of a sparkline stays
            continue
        if own and element.name in _COVERING and "sqref" in element.attributes:
            yield from attribute_edits(sheet.data, element, move, pieces.get(element.start, ()))
        elif own and element.name == "sqref":
            yield from text_edits(element, move.ranges(element.text))
        elif element.name in _FORMULAS and not element.children:
            yield from text_edits(element, move.formula(element.text, name))
    yield from followed_attributes(sheet.data, sheet.frame, move, name)


def _pieces(frame: Element, move: Move) -> dict[int, set[tuple[int, int]]]:
    """For formats whose rules another element has too, the columns in which that one ends above the last row.

    Excel splits a format in this way when its cells are copied or rows are inserted.
    """
    formats = [one for one in frame.walk() if one.name in ("conditionalFormatting", "dataValidation")]
    rules = {one.start: _rules(one) for one in formats if one.attributes.get("sqref", "").split()}
    ends: dict[tuple[object, ...], set[tuple[int, int]]] = {}
    for one in formats:
        for box in map(_bounds, one.attributes.get("sqref", "").split()):
            if box is not None and box[2] == move.old.last_body_row - 1:
                ends.setdefault(rules[one.start], set()).add((box[1], box[3]))
    return {start: ends.get(said, set()) for start, said in rules.items()}


def _rules(element: Element) -> tuple[object, ...]:
    """What the rules of a format or a validation say, as if all began in one row: equal for its pieces."""
    box = _bounds(element.attributes["sqref"].split()[0])
    rows = MAX_ROW // 2 - (box[0] if box else 1)
    return tuple(
        (
            *((name, value) for name, value in sorted(one.attributes.items()) if name not in _OF_PIECE),
            translate(one.text, rows, 0) if one.name in _FORMULAS and not one.children else one.name,
        )
        for one in element.walk()
    )


def _mentions(sheet: Sheet, name: str) -> bool:
    """Whether a sheet's formulas may name another sheet (written as formulas escape it)."""
    written = escape(name.replace("'", "''")).lower()
    return bool(sheet.formula_rows) and written in sheet.data[sheet.body_start : sheet.body_end].lower()


def _without_element(package: Package, part: str, attribute: str, value: str) -> Package:
    """The package without the elements of a part with this value (compared as names of parts)."""
    wanted = value.lstrip("/").casefold()
    edits = [
        Edit(element.start, element.end, b"")
        for element in package.root(part).children
        if element.attributes.get(attribute, "").lstrip("/").casefold() == wanted
    ]
    return package.with_text(part, splice(package.text(part), edits))
