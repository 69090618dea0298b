"""A workbook as a calculation sees it: cells, formulas resolved, what fills what, what reads what."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Protocol

from cpa_xl.a1 import MAX_COLUMN, bounds
from cpa_xl.dependencies import CellValue, Dependencies, Place, cells_of
from cpa_xl.errors import CellError
from cpa_xl.references import Area, Formula, Places, Resolver
from cpa_xl.trust import finds_its_cells
from cpa_xl.workbook import Cell

MOST_CELLS = 5_000_000  # in one range; a list of as many takes Python about 200 MB


class Readable(Places, Protocol):
    """What a calculation needs of a workbook."""

    @property
    def date1904(self) -> bool: ...
    def cells(self, sheet: str) -> Mapping[tuple[int, int], Cell]: ...


class FormulaBook:
    """A workbook with its formulas resolved. Reads all its cells at once; raises what reading them raises.

    `added` names the functions that a spreadsheet has only with our add-in.
    """

    def __init__(self, workbook: Readable, added: Collection[str] = ()) -> None:
        self.added = frozenset(added)
        self.date1904 = workbook.date1904
        self.sheets = {sheet: workbook.cells(sheet) for sheet in workbook.sheet_names}
        resolver = Resolver(workbook)
        self.formulas: dict[Place, Formula] = {}
        self.fills: dict[Place, Area] = {}
        self.texts: dict[Place, str] = {}
        for sheet, cells in self.sheets.items():
            for (row, col), cell in cells.items():
                if cell.formula is not None:
                    place = (sheet, row, col)
                    self.texts[place] = cell.formula
                    self.formulas[place] = resolver.resolve(cell.formula, sheet, row, col)
                    if cell.array is not None:
                        self.fills[place] = Area(sheet, *bounds(cell.array))

    @cached_property
    def filled(self) -> frozenset[Place]:
        """Cells whose value comes from an array formula in another cell."""
        return frozenset(cell for place, area in self.fills.items() for cell in cells_of(area) if cell != place)

    @cached_property
    def dependencies(self) -> Dependencies:
        reads = {place: formula.areas.values() for place, formula in self.formulas.items()}
        return Dependencies(reads, self.fills)

    @cached_property
    def untouched(self) -> bool:
        """Whether no formula was ever calculated: libraries that write workbooks leave 0, an empty text or nothing."""
        left = ((type(None), None), (str, ""), (float, 0.0))
        shown = (self.value(place) for place in self.formulas)
        return all((type(value), value) in left for value in shown)

    @cached_property
    def kin(self) -> Mapping[tuple[str, int, str], list[Place]]:
        """Formula cells that show a value, by sheet, column and kind of formula."""
        found: dict[tuple[str, int, str], list[Place]] = defaultdict(list)
        for place, formula in self.formulas.items():
            if self.shows(place):
                found[place[0], place[2], formula.kinship].append(place)
        return found

    @cached_property
    def _ends(self) -> Mapping[str, tuple[int, int]]:
        """By sheet, the last row and the last column with a cell."""
        return {
            sheet: (max((row for row, _ in cells), default=0), max((col for _, col in cells), default=0))
            for sheet, cells in self.sheets.items()
        }

    def reads_too_much(self, formula: Formula) -> bool:
        """Whether a range (whole columns, a stray cell at the end) reaches over too many cells to be handed over."""
        for area in formula.areas.values():
            rows, columns = area.size
            last_row, last_col = self._ends[area.sheet]
            if min(rows, last_row) * min(columns, last_col) > MOST_CELLS:
                return True
        return False

    def cell(self, place: Place) -> Cell | None:
        return self.sheets.get(place[0], {}).get(place[1:])

    def value(self, place: Place) -> CellValue:
        cell = self.cell(place)
        return None if cell is None else cell.value

    @cached_property
    def nameless(self) -> frozenset[Place]:
        """Cells that show #NAME? because a spreadsheet without the add-in recalculated them, or cells they read."""
        showing = {place for place in self.formulas if _is_nameless(self.value(place))}
        calling = {place for place in showing if self.formulas[place].functions & self.added}
        return frozenset(calling | (showing & self.dependencies.reached(calling).keys()))

    def shows(self, place: Place) -> bool:
        """Whether a formula cell has a value to compare with; an empty text may mean that it was never calculated."""
        return not self.untouched and self.value(place) not in (None, "") and place not in self.nameless

    def block(self, place: Place) -> list[list[CellValue]]:
        """The values that a formula cell shows: its own, and those of the cells that it fills."""
        area = self.fills.get(place)
        if area is None:
            return [[self.value(place)]]
        columns = range(area.first_col, area.last_col + 1)
        return [
            [self.value((area.sheet, row, col)) for col in columns] for row in range(area.first_row, area.last_row + 1)
        ]

    def columns_read(self, places: Iterable[Place]) -> dict[str, set[int]]:
        """By sheet, the columns that formulas read; the engine needs no others."""
        formulas = [self.formulas[place] for place in places]
        anything = any(finds_its_cells(formula) for formula in formulas)
        spans: dict[str, set[tuple[int, int]]] = {
            sheet: {(1, MAX_COLUMN)} if anything else set() for sheet in self.sheets
        }
        for formula in formulas:
            for area in formula.areas.values():
                spans[area.sheet].add((area.first_col, area.last_col))
        return {
            sheet: {col for _, col in self.sheets[sheet] if any(first <= col <= last for first, last in found)}
            for sheet, found in spans.items()
            if found
        }


def _is_nameless(value: CellValue) -> bool:
    return isinstance(value, CellError) and value.code == "#NAME?"
