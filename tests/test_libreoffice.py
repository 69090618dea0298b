"""The demo's workbook in LibreOffice, without any add-in: it opens, converts, and shows the values that it holds."""

import csv
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest


@pytest.fixture(scope="module")
def converted(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scorecard as LibreOffice writes it: a CSV of its first sheet, and a PDF of all, in one folder."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed; the workbook could not be opened in it")
    folder = tmp_path_factory.mktemp("converted")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    for kind in ("csv:Text - txt - csv (StarCalc):44,34,76,1", "pdf"):
        command = [program, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(demo)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)  # noqa: S603  # soffice
        assert done.returncode == 0, done.stderr
        assert "Error" not in done.stdout + done.stderr
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
