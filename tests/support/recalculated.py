"""A workbook as a LibreOffice without the add-in calculates and saves it, and which cells then show something else."""

import shutil
from pathlib import Path

from cpa_xl.libreoffice.recalculate import ALWAYS_CALCULATE
from cpa_xl.libreoffice.soffice import find_office
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.cells import same_value
from cpa_xl.ooxml.sheet import Cell, Value
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.programs import missing

ROUNDING = 1e-12  # relative: LibreOffice adds up in another order than the program before


def recalculated_all(paths: list[Path], folder: Path) -> dict[Path, ClosedWorkbook]:
    """The workbooks as a LibreOffice without the add-in saves them after calculating every formula."""
    if shutil.which("soffice") is None:
        missing("LibreOffice (soffice) is not installed; nothing could be calculated by it")
    settings = folder / "profile/user/registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(ALWAYS_CALCULATE, encoding="utf-8")
    out = folder / "recalculated"
    find_office().run(["--convert-to", "xlsx", "--outdir", str(out), *map(str, paths)], folder / "profile")
    return {path: ClosedWorkbook.open(out / path.name) for path in paths}


def recalculated(path: Path, folder: Path) -> ClosedWorkbook:
    """One workbook, as `recalculated_all`."""
    return recalculated_all([path], folder)[path]


def same(before: Value, after: Value) -> bool:
    """Whether a cell shows what it showed; an empty text and an empty cell look alike."""
    if isinstance(before, float) and isinstance(after, float):
        return abs(before - after) <= ROUNDING * max(abs(before), abs(after))
    return same_value(before, after) or {before, after} <= {None, ""}


def changes(before: ClosedWorkbook, after: ClosedWorkbook) -> list[str]:
    """The cells that show something else."""
    found = []
    for sheet in before.sheet_names:
        then, now = before.cells(sheet), after.cells(sheet)
        for place in then.keys() | now.keys():
            one, other = (cells.get(place, Cell(None)).value for cells in (then, now))
            if not same(one, other):
                found.append(f"{sheet}!{cell_name(*place)}: {one!r} {other!r}")
    return found
