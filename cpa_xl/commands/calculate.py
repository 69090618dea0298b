"""Calculate: updates the values of formulas in a closed workbook, and changes nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.formulas.calculator import EmbeddedCalculator, Kept
from cpa_xl.formulas.graph import CellValue, Place
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.libreoffice.recalculate import calculate_in_office
from cpa_xl.libreoffice.soffice import Office
from cpa_xl.ooxml.package import compare
from cpa_xl.workbook.closed import ClosedWorkbook, refuse_if_open, replace


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
    """Calculate the closed workbook at `path`: in LibreOffice every formula, without it the formulas without a value.

    Writes only values. Raises `Refusal` for a workbook that is open or cannot be read; then, as in a dry run, nothing
    changes.
    """
    refuse_if_open(path)
    before = ClosedWorkbook.open(path)
    if office is None:
        calculation = EmbeddedCalculator(FUNCTIONS).calculate(before, before)
        cells, same = len(calculation.values) + len(calculation.kept), 0
    else:
        outcome = calculate_in_office(before, office)
        calculation, cells, same = outcome.calculation, outcome.cells, outcome.same
    after = before.with_values(calculation.values).finished() if calculation.values else before
    written = bool(compare(before.package, after.package)) and not dry_run
    if written:
        replace(after, path)
    return Calculated(path, cells, same, calculation.values, calculation.kept, written)
