"""A published copy in a LibreOffice without the add-in, which calculates everything anew: nothing changes."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cpa_xl.cli.main import main
from cpa_xl.errors import CellError
from cpa_xl.libreoffice.recalculate import ALWAYS_CALCULATE
from cpa_xl.libreoffice.soffice import find_office
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.cells import same_value
from cpa_xl.ooxml.sheet import Cell, Value
from cpa_xl.workbook.closed import ClosedWorkbook

ROUNDING = 1e-12  # relative: LibreOffice adds up in another order than whoever calculated before


def recalculated_all(paths: list[Path], folder: Path) -> dict[Path, ClosedWorkbook]:
    """The workbooks as a LibreOffice without the add-in saves them after calculating every formula."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed; nothing could be calculated by it")
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


@pytest.fixture(scope="module")
def published(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's workbook, published by the command."""
    out = tmp_path_factory.mktemp("published")
    result = CliRunner().invoke(main, ["publish", str(demo), "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return out / "cpa_scorecard 2009-01 published.xlsx"


def test_the_published_demo_stays_the_same_without_the_addin(demo: Path, published: Path, tmp_path: Path) -> None:
    copy = ClosedWorkbook.open(published)
    after = recalculated(published, tmp_path)
    assert changes(copy, after) == []
    values = [cell.value for sheet in after.sheet_names for cell in after.cells(sheet).values()]
    assert not [value for value in values if isinstance(value, CellError) and value.code == "#NAME?"]
    assert len(values) > 20_000


def test_the_working_demo_does_not_stay_the_same(demo: Path, tmp_path: Path) -> None:
    """The proof that the comparison sees something."""
    assert len(changes(ClosedWorkbook.open(demo), recalculated(demo, tmp_path))) > 900
