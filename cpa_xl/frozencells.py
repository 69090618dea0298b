"""Formulas of a sheet's cells that become the values they show; every other byte stays."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cpa_xl.markup import Edit, set_attribute
from cpa_xl.sheetxml import Position, Sheet
from cpa_xl.spans import Span
from cpa_xl.standing import Why
from cpa_xl.tablerows import unshared

Verdict = Callable[[Position, str], Why | None]  # of the formula in a cell: why it cannot stand


@dataclass(frozen=True)
class FrozenCells:
    """A sheet, and the cells whose formula became its value, each with why."""

    sheet: Sheet
    places: dict[Position, Why]

    @property
    def counts(self) -> Counter[Why]:
        """How many formulas went for which reason."""
        return Counter(self.places.values())


def frozen_cells(sheet: Sheet, verdict: Verdict) -> FrozenCells:
    """The sheet in which formulas that cannot stand are their values."""
    places: dict[Position, Why] = {}
    going: set[bytes] = set()  # shared formulas
    staying: set[bytes] = set()
    for cell, place in _formula_cells(sheet):
        formula = sheet.formula(cell)
        if formula is None:
            continue
        text = "TABLE()" if formula.kind == b"dataTable" else sheet.expanded(formula, place)
        why = Why.OUTSIDE if formula.kind == b"dataTable" else verdict(place, text)
        if why is not None:
            places[place] = why
        if formula.kind == b"shared":
            (staying if why is None else going).add(formula.attributes[b"si"])
    if not places:
        return FrozenCells(sheet, places)
    if going & staying:
        sheet = sheet.with_edits(list(unshared(sheet, going & staying)))
    return FrozenCells(sheet.with_edits(list(_edits(sheet, places))), places)


def _formula_cells(sheet: Sheet) -> Iterator[tuple[Span, Position]]:
    for row in sheet.formula_rows:
        for cell in sheet.cells_in(row):
            if sheet.formula_span(cell) is not None:
                yield cell, (row.number, cell.number)


def _edits(sheet: Sheet, places: dict[Position, Why]) -> Iterator[Edit]:
    for cell, place in _formula_cells(sheet):
        span = sheet.formula_span(cell)
        if place in places and span is not None:
            yield Edit(span.start, span.end, b"")
            yield from set_attribute(sheet.data, cell.start, "cm", None)  # marks a formula that spills
