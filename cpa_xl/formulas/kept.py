"""The cells that a refresh could not calculate: their list travels with the workbook until something calculates them.

Each is a hidden name that refers to the cell: every program that saves workbooks keeps names, and a name follows its
cell when rows are inserted. The name ends in a digest of the value that the cell had; the name's comment says why.

A pivot table over a table with new rows is on the list too, as an area without a formula: it counts them when a program
opens the workbook.

A cell leaves the list when it has no formula any more, when it shows another value (not none), when a calculation of
this package covers it, or when Excel calculated the whole workbook and saved it. Excel then takes the request to
calculate out of the file, and it keeps the comments of names, which programs that only pretend to be Excel lose.
LibreOffice is no proof: it takes the request out too, and shows the old values.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.calculator import Kept
from cpa_xl.formulas.graph import CellValue, Place, WorkbookView
from cpa_xl.ooxml.a1 import A1Reference, Corner, bounds, cell_name, range_name, single_area
from cpa_xl.ooxml.insert import KEPT_NAME, with_hidden_names
from cpa_xl.ooxml.package import Package
from cpa_xl.ooxml.sheet import Position
from cpa_xl.ooxml.xml import Element
from cpa_xl.workbook.closed import Cell, ClosedWorkbook, ReadableWorkbook, Table, shown_value
from cpa_xl.workbook.table_move import PIVOT_CACHE, reads_table

_COMMENT = "cpa_xl could not calculate this cell: "
_LONGEST_COMMENT = 255
_SINGLE = 500  # cells with a name each; more than these share a name where they are neighbours with the same reason
_UNKNOWN = "the program that saved the workbook last took the reason away"
_CHANCE = re.compile(r"RAND\w*(?:, RAND\w*)* gives another value each time")
_PIVOT = "the pivot table "  # begins the reasons of pivot tables
_YES = ("1", "true")
_OFFICE = "LibreOffice "  # begins the reasons of cells that LibreOffice did not calculate


@dataclass(frozen=True)
class _Listed:
    """A name of the list: the cells that it refers to, the digest of their values, why they were not calculated."""

    sheet: str
    box: tuple[int, int, int, int]
    digest: str
    reason: str | None

    def positions(self) -> list[Position]:
        top, left, bottom, right = self.box
        return [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]


def not_calculated(workbook: ClosedWorkbook) -> tuple[Kept, ...]:
    """The cells that still show the value from before a refresh, although what they read has changed."""
    listed = list(_listed(workbook))
    if not listed or _calculated_by_excel(workbook.package, listed):
        return ()
    found: dict[Place, Kept] = {}
    for one in listed:
        cells = workbook.cells(one.sheet)
        places = one.positions()
        shown = [_value(cells.get(place)) for place in places]
        calculated = any((cell := cells.get(place)) and cell.formula is not None for place in places)
        pivot = not calculated and (len(places) > 1 if one.reason is None else one.reason.startswith(_PIVOT))
        empty = shown == [None]  # as openpyxl saves a formula: that is no other value
        if (len(places) == 1 or pivot) and not empty and _digest(shown) != one.digest:
            continue
        if pivot:
            found[one.sheet, *one.box[:2]] = Kept(one.sheet, range_name(*one.box), "", one.reason or _UNKNOWN)
            continue
        for row, column in places:
            cell = cells.get((row, column))
            if cell is not None and cell.formula is not None:
                reason = one.reason or _UNKNOWN
                found[one.sheet, row, column] = Kept(one.sheet, cell_name(row, column), cell.formula, reason)
    order = {sheet: number for number, sheet in enumerate(workbook.sheet_names)}
    return tuple(found[place] for place in sorted(found, key=lambda place: (order[place[0]], *place[1:])))


def with_kept(workbook: ClosedWorkbook, kept: Iterable[Kept]) -> ClosedWorkbook:
    """The workbook with these cells on its list, and no others; the same list again changes nothing.

    A cell that shows a number drawn by chance, and what reads only such cells, is as good as any: it is left out.
    """
    names = []
    for number, (sheet, box, reason) in enumerate(_boxes(_without_chance(kept)), 1):
        cells = workbook.cells(sheet)
        one = _Listed(sheet, box, "", reason)
        digest = _digest([_value(cells.get(place)) for place in one.positions()])
        names.append((f"{KEPT_NAME}{number}.{digest}", _comment(reason), _reference(sheet, box)))
    package = with_hidden_names(workbook.package, KEPT_NAME, names)
    return workbook if package is workbook.package else ClosedWorkbook(package)


def stale_pivots(before: ClosedWorkbook, after: ClosedWorkbook) -> Iterator[Kept]:
    """The pivot tables over tables whose rows changed: they show what they counted before."""
    package = after.package
    if not any(package.content_type(part).endswith(PIVOT_CACHE) for part in package.names):
        return
    changed = [table for name, table in after.tables.items() if _rows(before, name) != _rows(after, name)]
    for sheet in after.sheet_names if changed else ():
        for link in package.relationships(after.part_of(sheet)):
            if not link.is_a("pivotTable") or link.target not in package:
                continue
            caches = [one.target for one in package.relationships(link.target) if one.is_a("pivotCacheDefinition")]
            sources = [one for part in caches for one in package.root(part).walk() if one.name == "worksheetSource"]
            root = package.root(link.target)
            area = root.find("location")
            read = [table.name for table in changed if any(reads_table(source, table) for source in sources)]
            if area is not None and read:
                reason = f"{_PIVOT}{root.attributes.get('name', '')} counts the rows of {read[0]} when Excel opens it"
                yield Kept(sheet, area.attributes["ref"], "", reason)


def remedy(cells: Sequence[Kept]) -> str:
    """What gives these cells their values."""
    own = any("CPA_" in cell.formula.upper() for cell in cells)
    excel = f"open the workbook in Excel{' with the add-in' if own else ''}, which calculates it, and save it there"
    if any(cell.reason.startswith((_OFFICE, _PIVOT)) for cell in cells):
        return excel
    return f"{excel}, or run cpa_xl calculate --with libreoffice"


def outdated(workbook: ReadableWorkbook, cell: Kept) -> str:
    """What is wrong with such a cell: "shows 303 from before the last refresh (=SUBTOTAL(...)): ..."."""
    if not cell.formula:
        return f"shows figures from before the last refresh: {cell.reason}"
    value = _value(workbook.cells(cell.sheet).get(bounds(cell.cell)[:2]))
    return f"shows {shown_value(value)} from before the last refresh (={cell.formula}): {cell.reason}"


class NotCalculatedError(Refusal):
    """Cells of the workbook show values from before a refresh, although what they read has changed."""


def refuse_outdated(workbook: ClosedWorkbook, act: str) -> None:
    """Raise NotCalculatedError where such cells would be published or printed (`act`); it names each of them."""
    kept = not_calculated(workbook)
    if kept:
        listed = [f"  {cell.sheet}!{cell.cell}: {outdated(workbook, cell)}" for cell in kept]
        said = f"{workbook.path} is not {act}: cells show values from before the last refresh; {remedy(kept)}:"
        raise NotCalculatedError("\n".join([said, *listed]))


def pivots_of(cells: Iterable[Kept]) -> tuple[Kept, ...]:
    """The pivot tables among these: no calculation of this package does them."""
    return tuple(cell for cell in cells if not cell.formula)


def places_of(cells: Iterable[Kept]) -> frozenset[Place]:
    """Where these cells are."""
    return frozenset((cell.sheet, *bounds(cell.cell)[:2]) for cell in cells)


def moved(cells: Iterable[Kept], before: ReadableWorkbook, after: ReadableWorkbook) -> tuple[Kept, ...]:
    """These cells where they are after a refresh, which moves the totals rows of tables and nothing else."""
    totals = {
        (table.sheet, table.last_row): (table, after.tables[name])
        for name, table in before.tables.items()
        if table.totals_row and name in after.tables
    }

    def there(cell: Kept) -> Kept:
        row, column = bounds(cell.cell)[:2]
        tables: tuple[Table, Table] | None = totals.get((cell.sheet, row))
        if tables is None or not tables[0].first_col <= column <= tables[0].last_col:
            return cell
        return replace(cell, cell=cell_name(tables[1].last_row, column))

    return tuple(map(there, cells))


@dataclass(frozen=True)
class WithoutValues(WorkbookView):
    """A workbook in which some formula cells show nothing: a calculation works them out like new ones."""

    places: Collection[Place]

    def cells(self, sheet: str) -> Mapping[Position, Cell]:
        cells = self.workbook.cells(sheet)
        blank = {
            (row, column): Cell(None, cell.formula, cell.array)
            for name, row, column in self.places
            if name == sheet and (cell := cells.get((row, column))) is not None and cell.formula is not None
        }
        return {**cells, **blank} if blank else cells


def _rows(workbook: ClosedWorkbook, name: str) -> dict[Position, CellValue] | None:
    """What the cells of a table show; None where the workbook has no such table."""
    table = workbook.tables.get(name)
    if table is None:
        return None
    cells = workbook.cells(table.sheet)
    rows = range(table.first_row, table.last_row + 1)
    columns = range(table.first_col, table.last_col + 1)
    return {(row, column): _value(cells.get((row, column))) for row in rows for column in columns}


def _listed(workbook: ClosedWorkbook) -> Iterator[_Listed]:
    root = workbook.package.root(workbook.package.workbook_part)
    sheets = {name.casefold(): name for name in workbook.sheet_names}
    for element in _names(root):
        area = single_area(element.text.strip())
        sheet = sheets.get((area.sheet or "").casefold()) if area else None
        if area is None or sheet is None:  # the cell was deleted
            continue
        comment = element.attributes.get("comment", "")
        reason = comment.removeprefix(_COMMENT) if comment.startswith(_COMMENT) else None
        yield _Listed(sheet, area.bounds, element.attributes["name"].rpartition(".")[2].casefold(), reason)


def _names(root: Element) -> Iterator[Element]:
    for listing in root.all("definedNames"):
        for element in listing.all("definedName"):
            if element.attributes["name"].casefold().startswith(KEPT_NAME):
                yield element


def _calculated_by_excel(package: Package, listed: Sequence[_Listed]) -> bool:
    """Whether Excel calculated every formula and saved the workbook since the list was made."""
    properties = package.root(package.workbook_part).find("calcPr")
    if properties is None or any(one.reason is None for one in listed):
        return False
    stated = properties.attributes
    whole = (
        "calcId" in stated
        and stated.get("fullCalcOnLoad", "0") not in _YES
        and stated.get("calcMode", "auto") != "manual"
        and stated.get("calcCompleted", "1") in _YES
    )
    return whole and "Microsoft Excel" in _programs(package)


def _programs(package: Package) -> list[str]:
    """The programs that say they saved the workbook."""
    return [
        one.text.strip()
        for link in package.relationships("")
        if link.is_a("extended-properties") and link.target in package
        for one in package.root(link.target).all("Application")
    ]


def _boxes(kept: Sequence[Kept]) -> Iterator[tuple[str, tuple[int, int, int, int], str]]:
    """The cells as boxes of one cell each; where they are many, neighbours in a column share one."""
    areas = [(cell.sheet, bounds(cell.cell), cell.reason) for cell in kept]
    many = [one for one in areas if one[1][:2] == one[1][2:]] if len(areas) > _SINGLE else []
    yield from (one for one in areas if not many or one[1][:2] != one[1][2:])
    placed = [((sheet, *box[:2]), reason) for sheet, box, reason in many]
    in_columns = sorted(placed, key=lambda one: (one[0][0], one[0][2], one[0][1]))
    runs = groupby(enumerate(in_columns), lambda one: (one[1][0][0], one[1][0][2], one[1][1], one[1][0][1] - one[0]))
    for (sheet, column, reason, _), run in runs:
        rows = [place[1] for _, (place, _) in run]
        yield sheet, (rows[0], column, rows[-1], column), reason


def _without_chance(kept: Iterable[Kept]) -> list[Kept]:
    cells = list(kept)
    drawn = {f"{cell.sheet}!{cell.cell}" for cell in cells if _CHANCE.fullmatch(cell.reason)}
    behind = {f"it depends on {place}, which keeps its value" for place in drawn}
    return [cell for cell in cells if not _CHANCE.fullmatch(cell.reason) and cell.reason not in behind]


def _comment(reason: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in _COMMENT + reason)
    return plain[:_LONGEST_COMMENT].strip()


def _reference(sheet: str, box: tuple[int, int, int, int]) -> str:
    first, last = (Corner(*at, row_fixed=True, column_fixed=True) for at in (box[:2], box[2:]))
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!{A1Reference(None, first, None if first == last else last)}"


def _value(cell: Cell | None) -> CellValue:
    return None if cell is None else cell.value


def _digest(values: Iterable[CellValue]) -> str:
    """A short digest of what cells show."""
    shown = ((type(value).__name__, value.code if isinstance(value, CellError) else value) for value in values)
    return hashlib.sha256(repr(list(shown)).encode()).hexdigest()[:12]
