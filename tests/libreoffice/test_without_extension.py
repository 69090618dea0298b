"""The demo's workbook in LibreOffice, without any add-in: it shows what the file holds; what it saves is refreshed."""

import csv
import shutil
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from cpa_xl.cli.main import main
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.package import Package, validate
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.programs import convert

pytestmark = pytest.mark.office


@pytest.fixture(scope="module")
def converted(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scorecard as LibreOffice writes it: a CSV of its first sheet, a PDF of all and a workbook, in one folder."""
    folder = tmp_path_factory.mktemp("converted")
    for kind in ("csv:Text - txt - csv (StarCalc):44,34,76,1", "pdf", "xlsx:Calc MS Excel 2007 XML"):
        convert(kind, folder, demo)
    return folder


def test_the_scorecard_converts_without_an_error(converted: Path) -> None:
    assert (converted / "cpa_scorecard.pdf").read_bytes().startswith(b"%PDF")


def test_libreoffice_shows_what_the_file_holds(converted: Path, demo: Path) -> None:
    """Text cells of the printed columns, one by one; no cell shows an error."""
    with (converted / "cpa_scorecard.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert not [cell for row in rows for cell in row if cell.startswith(("#", "Err:"))]
    sheet = openpyxl.load_workbook(demo, data_only=True)["Scorecard"]
    compared = 0
    for row in range(6, sheet.max_row + 1):
        for column in range(1, 9):
            value = sheet.cell(row, column).value
            if isinstance(value, str):
                compared += 1
                assert rows[row - 1][column - 1] == value, (row, column)
    assert compared > 100


def test_a_workbook_that_libreoffice_saved_is_refreshed(converted: Path, demo: Path, tmp_path: Path) -> None:
    """Its tables do not say any more which columns are calculated. Figures come out as in the workbook of Excel."""
    results: list[tuple[ClosedWorkbook, str]] = []
    for book in (converted / demo.name, demo):
        copy = Path(shutil.copy(book, tmp_path / f"{len(results)}.xlsx"))
        options = ["--extracts", str(demo.parent / "extracts"), "--as-of", "2008-11"]
        done = CliRunner().invoke(main, ["refresh", str(copy), *options], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert validate(Package.read(copy)) == ()
        results.append((ClosedWorkbook.open(copy), done.output))
    (saved, said), (ours, _) = results
    compared = 0
    for sheet in ours.sheet_names:
        for (row, column), cell in ours.cells(sheet).items():
            if cell.formula is None:
                continue
            compared += 1
            there = saved.cells(sheet)[row, column]
            if isinstance(cell.value, float):
                assert there.value == pytest.approx(cell.value), (sheet, row, column)
            elif str(there.value) != str(cell.value):  # of two it knew a part by no value, so they are kept and named
                assert f"{sheet}!{cell_name(row, column)}" in said
    assert compared > 1_000
