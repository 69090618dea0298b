"""Calculate: updates the values of formulas in a closed workbook. Explain: says why a cell shows its value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.formulas.calculator import EmbeddedCalculator, Kept
from cpa_xl.formulas.graph import CalculableWorkbook, CellValue, Place
from cpa_xl.formulas.kept import WithoutValues, not_calculated, pivots_of, places_of, with_kept
from cpa_xl.functions.explain import Given, explain
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import CellFunction
from cpa_xl.libreoffice.recalculate import calculate_in_office
from cpa_xl.libreoffice.soffice import Office
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.package import compare
from cpa_xl.workbook.closed import ClosedWorkbook, refuse_if_open, replace

Call = tuple[str, tuple[object, ...]]


@dataclass(frozen=True)
class Calculated:
    """What a calculation did: how many cells it covered, how many stay the same, new values, cells that keep theirs."""

    workbook: Path
    cells: int
    same: int
    values: Mapping[Place, CellValue]
    kept: tuple[Kept, ...]
    written: bool


def calculate(path: Path, office: Office | None = None, *, dry_run: bool = False) -> Calculated:
    """Calculate the closed workbook at `path`: in LibreOffice every formula, without it those that have no value yet.

    Cells that a refresh could not calculate count as such. Writes only values, and the list of those cells. Raises
    `Refusal` for a workbook that is open or cannot be read; then, as in a dry run, nothing changes.
    """
    refuse_if_open(path)
    before = ClosedWorkbook.open(path)
    listed = not_calculated(before)
    pivots = pivots_of(listed)
    if office is None:
        book = WithoutValues(before, places_of(listed)) if listed else before
        calculation = EmbeddedCalculator(FUNCTIONS).calculate(book, book)
        cells, same = len(calculation.values) + len(calculation.kept), 0
    else:
        outcome = calculate_in_office(before, office, places_of(listed))
        calculation, cells, same = outcome.calculation, outcome.cells, outcome.same
    after = before.with_values(calculation.values).finished() if calculation.values else before
    if listed:
        still = [cell for cell in calculation.kept if places_of([cell]) <= places_of(listed)]
        after = with_kept(after, [*still, *pivots]).with_full_calculation(bool(still or pivots))
    written = bool(compare(before.package, after.package)) and not dry_run
    if written:
        replace(after, path)
    return Calculated(path, cells, same, calculation.values, (*calculation.kept, *pivots), written)


def explain_cell(workbook: CalculableWorkbook, sheet: str, row: int, column: int) -> str:
    """The calls of cell functions that a cell makes, each with arguments, answer and reason, the innermost first.

    The embedded calculator calculates only this cell, from what the others show. The workbook does not change.
    """
    cell, name = workbook.cells(sheet).get((row, column)), f"{sheet}!{cell_name(row, column)}"
    if cell is None or cell.formula is None:
        return f"{name}: there is no formula in it."
    calls: list[Call] = []
    recording = {each: _recording(each, function, calls) for each, function in FUNCTIONS.items()}
    EmbeddedCalculator(recording).calculate_cell(workbook, (sheet, row, column))
    if not calls:
        called = [each for each in FUNCTIONS if f"{each}(" in cell.formula.upper()]
        what = f"{called[0]} was not called: the formula did not need it." if called else "it has no CPA function."
        return f"{name}: {what}"
    texts = [explain(each, [Given(value) for value in values]) for each, values in calls]
    return "\n\n".join([f"{name}  ={cell.formula}", *texts])


def _recording(name: str, function: CellFunction, calls: list[Call]) -> Callable[..., object]:
    def call(*values: object) -> object:
        if (name, values) not in calls:  # the engine may ask twice
            calls.append((name, values))
        return function(*values)

    return call
