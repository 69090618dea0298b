"""Which changes of a workbook's cells make its formulas come to something else."""

from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

from cpa_xl.calculator import Calculator
from cpa_xl.dependencies import Place
from cpa_xl.formulabook import FormulaBook
from cpa_xl.samefigure import same
from cpa_xl.workbook import ClosedWorkbook

Name = TypeVar("Name", bound=Hashable)


def disturbing(
    before: ClosedWorkbook, after: ClosedWorkbook, cells: Mapping[Name, Collection[Place]], calculator: Calculator
) -> frozenset[Name]:
    """The names of those changed cells that a formula reads which comes to something else, or nobody knows to what."""
    book = FormulaBook(after)
    reached = {name: book.dependencies.reached(places).keys() for name, places in cells.items()}
    if not any(reached.values()):
        return frozenset()
    values = calculator.calculate(before, after).values
    settled = {place for place, value in values.items() if same(value, book.value(place))}
    return frozenset(name for name, places in reached.items() if places - settled)
