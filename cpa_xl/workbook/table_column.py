"""Adds a column of texts at the right of a table in a closed file, or says what is in its way.

Cells, table, widths and print areas change; the rest stays byte for byte.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.a1 import MAX_COLUMN, A1Reference, Corner, bounds, cell_name, range_name, rewrite_areas
from cpa_xl.ooxml.cells import ValueWriter, assembled_row, cell_style, new_row, with_rows_put
from cpa_xl.ooxml.insert import prefix_of, with_text_format
from cpa_xl.ooxml.package import Package
from cpa_xl.ooxml.sheet import Sheet
from cpa_xl.ooxml.xml import Edit, Element, escape, set_attribute, splice
from cpa_xl.workbook.closed import ClosedWorkbook, Table
from cpa_xl.workbook.table_rows import Box, array_ranges, overlap

_PRINTED = "_xlnm.Print_Area"
_WIDEST, _ROOM = 44, 3  # widest column, in digits (longer texts wrap), and room at its sides


@dataclass(frozen=True)
class NewColumn:
    """A heading, the texts by row of the sheet, and a sentence for readers above the table."""

    heading: str
    texts: Mapping[int, str]
    sentence: str = ""

    @property
    def width(self) -> int:
        """The width of the column, in digits."""
        longest = max(map(len, (self.heading, *self.texts.values())))
        return min(longest, _WIDEST) + _ROOM


def obstacle(workbook: ClosedWorkbook, table: Table, heading: str) -> str | None:
    """Why a table cannot get another column with that heading; None where it can."""
    if any(column.name.casefold() == heading.casefold() for column in table.columns):
        return f"it has a column {heading!r} already"
    kind = workbook.package.root(_part(workbook, table)).attributes.get("tableType", "worksheet")
    if kind != "worksheet" or not table.header_row:
        return "it shows no row of headings" if kind == "worksheet" else f"it is filled by a connection ({kind})"
    if table.last_col == MAX_COLUMN:
        return "it ends in the last column of the sheet"
    if not Sheet(workbook.package.text(workbook.part_of(table.sheet))).rows.in_order:
        return "the rows of its sheet are not in order"
    place = (table.first_row, table.last_col + 1, table.last_row, table.last_col + 1)
    taken = next(iter(_taken(workbook, table, place)), None)
    return None if taken is None else f"the cells beside it are taken: {taken}"


def _taken(workbook: ClosedWorkbook, table: Table, place: Box) -> Iterator[str]:
    """What these cells of a table's sheet hold."""
    for other in workbook.tables.values():
        if other.sheet == table.sheet and overlap(_whole(other), place):
            yield f"table {other.name} ({other.ref})"
    cells = workbook.cells(table.sheet)
    for row in range(place[0], place[2] + 1):
        cell = cells.get((row, place[1]))
        if cell is not None and (cell.value not in (None, "") or cell.formula is not None):
            yield cell_name(row, place[1])
    sheet = Sheet(workbook.package.text(workbook.part_of(table.sheet)))
    for (row, column), filled, _ in array_ranges(sheet):
        if overlap(filled, place):
            yield f"{cell_name(row, column)} fills them"
    for merged in (one for one in sheet.frame.walk() if one.name == "mergeCell"):
        if overlap(bounds(merged.attributes["ref"]), place):
            yield f"merged cells {merged.attributes['ref']}"
    yield from _covered(workbook.package, workbook.part_of(table.sheet), place)


def _covered(package: Package, part: str, place: Box) -> Iterator[str]:
    """Pivot tables and drawings over these cells of a sheet."""
    for link in package.relationships(part):
        if link.external or link.target not in package:
            continue
        for element in package.root(link.target).walk() if link.is_a("pivotTable") or link.is_a("drawing") else ():
            if element.name == "location" and overlap(bounds(element.attributes["ref"]), place):
                yield f"a pivot table ({element.attributes['ref']})"
            elif element.name == "twoCellAnchor" and overlap(_anchored(element), place):
                yield f"a drawing (from {cell_name(*_anchored(element)[:2])})"


def _anchored(anchor: Element) -> Box:
    """The cells that a drawing covers, wholly or in part."""
    places = [
        int(one.text) + 1
        for corner in (anchor.find("from"), anchor.find("to"))
        for one in ((corner.find("row"), corner.find("col")) if corner else ())
        if one is not None
    ]
    top, left, bottom, right = places
    return top, left, bottom, right


def _whole(table: Table) -> Box:
    return table.first_row, table.first_col, table.last_row, table.last_col


def with_column(workbook: ClosedWorkbook, table: Table, column: NewColumn) -> ClosedWorkbook:
    """The workbook with a new last column in a table. Raises `Refusal` where `obstacle` names something."""
    why = obstacle(workbook, table, column.heading)
    if why is not None:
        raise Refusal(f"table {table.name} on sheet {table.sheet} cannot get the column {column.heading!r}: {why}")
    part = workbook.part_of(table.sheet)
    package, sheet = _filled(workbook, table, column)
    sheet = _widened(sheet, table.last_col + 1, column.width)
    package = package.with_text(part, sheet.data)
    package = _with_columns(package, _part(workbook, table), table, column.heading)
    return ClosedWorkbook(_with_names(package, table))


def _part(workbook: ClosedWorkbook, table: Table) -> str:
    """The part that describes a table."""
    for link in workbook.package.relationships(workbook.part_of(table.sheet)):
        if link.is_a("table"):
            attributes = workbook.package.root(link.target).attributes
            if table.name in (attributes.get("displayName"), attributes.get("name")):
                return link.target
    raise AssertionError("a table of the workbook has its part")


def _filled(workbook: ClosedWorkbook, table: Table, column: NewColumn) -> tuple[Package, Sheet]:
    """The package with the needed formats, and the sheet with the cells of the column."""
    package, sheet = workbook.package, Sheet(workbook.package.text(workbook.part_of(table.sheet)))
    writer, number = ValueWriter(sheet.prefix.decode(), {}), table.last_col + 1
    formats: dict[str, str] = {}
    rows = []
    for row in range(table.first_row, table.last_row + 1):
        span = sheet.rows.get(row)
        present = list(sheet.cells_in(span)) if span else []
        beside = next((cell for cell in present if cell.number == table.last_col), None)
        style, text = cell_style(sheet, beside, row, table.last_col), column.texts.get(row)
        if row == table.first_row:
            text = column.heading
        elif row <= table.last_body_row:
            if style not in formats:
                package, made = with_text_format(package, int(style.split('"')[1]) if style else 0)
                formats[style] = f' s="{made}"'
            style = formats[style]
        cell = writer.cell(cell_name(row, number), style, text).encode()
        rows.append(assembled_row(sheet, span, present, (number, number), cell) if span else new_row(sheet, row, cell))
    changed = with_rows_put(sheet, table.first_row, table.last_row, b"".join(rows))
    return package, _explained(workbook, changed.with_dimension(table.first_col, number), table, column.sentence)


def _explained(workbook: ClosedWorkbook, sheet: Sheet, table: Table, sentence: str) -> Sheet:
    """The sheet with the sentence in column A above the table: in the empty row there, or after its text."""
    place = _place_of_words(workbook, sheet, table) if sentence else None
    if place is None:
        return sheet
    row, text = place
    span = sheet.rows.get(row)
    present = list(sheet.cells_in(span)) if span else []
    first = next((cell for cell in present if cell.number == 1), None)
    above = sheet.cell_at(row - 1, 1) if first is None and row > 2 else None  # row 1 is the title
    style = cell_style(sheet, above, row - 1, 1) if above else cell_style(sheet, first, row, 1)
    words = f"{text} {sentence}" if text else sentence
    cell = ValueWriter(sheet.prefix.decode(), {}).cell(cell_name(row, 1), style, words).encode()
    made = assembled_row(sheet, span, present, (1, 1), cell) if span else new_row(sheet, row, cell)
    return with_rows_put(sheet, row, row, made)


def _place_of_words(workbook: ClosedWorkbook, sheet: Sheet, table: Table) -> tuple[int, str] | None:
    """The row above a table that has room for a sentence, and the text that it holds already."""
    cells = workbook.cells(table.sheet)
    merged = [bounds(one.attributes["ref"]) for one in sheet.frame.walk() if one.name == "mergeCell"]
    shown = {place[0] for place, cell in cells.items() if cell.value not in (None, "") or cell.formula is not None}

    def covered(row: int) -> bool:
        here = (row, 1, row, 1)
        others = (_whole(other) for other in workbook.tables.values() if other.sheet == table.sheet)
        return any(overlap(one, here) and one[:2] != (row, 1) for one in merged) or any(
            overlap(one, here) for one in others
        )

    row = table.first_row - 1
    if row > 1 and row not in shown and not covered(row):
        return row, ""
    for row in range(table.first_row - 1, 1, -1):
        cell = cells.get((row, 1))
        if cell is not None and cell.formula is None and isinstance(cell.value, str) and not covered(row):
            return row, cell.value
    return None


def _widened(sheet: Sheet, column: int, width: int) -> Sheet:
    """The sheet whose column has that width and is visible; the columns beside it keep what they shared with it."""
    listing, tag = sheet.frame.find("cols"), f"<{sheet.prefix.decode()}col"
    own = f'{tag} min="{column}" max="{column}" width="{width}" customWidth="1"/>'.encode()
    if listing is None:
        body = sheet.frame.find("sheetData")
        place = body.start if body else 0
        name = b"%scols" % sheet.prefix
        return sheet.with_edits([Edit(place, place, b"<%s>%s</%s>" % (name, own, name))])
    behind = listing.outer
    for element in listing.all("col"):
        first, last = int(element.attributes["min"]), int(element.attributes["max"])
        if first <= column <= last:
            raw = sheet.data[element.start : element.end]
            pieces = [_span(raw, first, column - 1), own, _span(raw, column + 1, last)]
            return sheet.with_edits([Edit(element.start, element.end, b"".join(pieces))])
        if first > column:
            behind = element.start
            break
    return sheet.with_edits([Edit(behind, behind, own)])


def _span(raw: bytes, first: int, last: int) -> bytes:
    """A <col> for other columns; b"" where there are none."""
    if first > last:
        return b""
    raw = splice(raw, set_attribute(raw, 0, "min", str(first)))
    return splice(raw, set_attribute(raw, 0, "max", str(last)))


def _with_columns(package: Package, part: str, table: Table, heading: str) -> Package:
    """The table's part with a wider range and a new column."""
    root, text = package.root(part), package.text(part)
    listing = root.find("tableColumns")
    if listing is None:
        raise AssertionError("a table has columns")
    wider = range_name(table.first_row, table.first_col, table.last_row, table.last_col + 1)
    filtered = root.find("autoFilter")
    number = max(int(one.attributes["id"]) for one in listing.all("tableColumn")) + 1
    child = b'<%stableColumn id="%d" name="%s"/>' % (prefix_of(text, root), number, escape(heading, quotes=True))
    edits = [
        *set_attribute(text, root.start, "ref", wider),
        *set_attribute(text, listing.start, "count", str(len(table.columns) + 1)),
        Edit(listing.outer, listing.outer, child),
    ]
    if filtered is not None:
        covered = range_name(table.first_row, table.first_col, table.last_body_row, table.last_col + 1)
        edits += set_attribute(text, filtered.start, "ref", covered)
    return package.with_text(part, splice(text, edits))


def _with_names(package: Package, table: Table) -> Package:
    """The package with wider print areas that end with the table, and wider names of exactly the table."""
    part = package.workbook_part
    root = package.root(part)
    tabs = [one.attributes["name"] for listing in root.all("sheets") for one in listing.all("sheet")]
    edits = []
    for name in (one for listing in root.all("definedNames") for one in listing.all("definedName")):
        local = int(name.attributes.get("localSheetId", "-1"))
        home = tabs[local] if 0 <= local < len(tabs) else ""
        printed = name.attributes["name"] == _PRINTED
        changed = rewrite_areas(name.text, partial(_wider, table=table, home=home, printed=printed))
        if changed != name.text:
            edits.append(Edit(name.inner, name.outer, escape(changed)))
    return package.with_text(part, splice(package.text(part), edits)) if edits else package


def _wider(area: A1Reference, *, table: Table, home: str, printed: bool) -> A1Reference | None:
    """The area with the new column, where it covers the table to its right end."""
    if area.last is None or (area.sheet or home).casefold() != table.sheet.casefold():
        return None
    top, left, bottom, right = area.bounds
    covers = top <= table.first_row and left <= table.first_col and bottom >= table.last_row
    exact = left == table.first_col and (top, bottom) in (
        (table.first_row, table.last_row),
        (table.first_body_row, table.last_body_row),
    )
    if right != table.last_col or not (covers if printed else exact):
        return None

    def moved(corner: Corner) -> Corner:
        return replace(corner, column=right + 1) if corner.column == right else corner

    if area.first.column == area.last.column:
        return replace(area, last=replace(area.last, column=right + 1))
    return replace(area, first=moved(area.first), last=moved(area.last))
