"""Explains why a cell of a workbook, in a file or open in Excel, shows its value."""

from collections.abc import Callable

from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.formulas.graph import CalculableWorkbook
from cpa_xl.functions.explain import Given, explain
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import CellFunction
from cpa_xl.ooxml.a1 import cell_name

Call = tuple[str, tuple[object, ...]]


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
