"""A copy goes out: frozen, looked at, with its page and its PDF; by the command, and by the button of the ribbon."""

import json
import re
import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from click.testing import CliRunner

from cpa_xl import ribbon
from cpa_xl.cli import main
from cpa_xl.errors import Refusal
from cpa_xl.workbook import ClosedWorkbook
from tests.calc import Calc, require_calc
from tests.calcengine import open_book

NAME = "cpa_scorecard 2009-01 published"
# The letters of the printed scorecard of January 2009, top to bottom.
LETTERS = "ARAGRG–G–GGGGGGG––"


def letters(path: Path) -> str:
    cells = ClosedWorkbook.open(path).cells("Scorecard")
    column = (cells.get((row, 4)) for row in range(6, 40))
    return "".join(str(cell.value) for cell in column if cell and cell.value in ("G", "A", "R", "–"))


def test_the_command_writes_all_four_files(demo: Path, tmp_path: Path) -> None:
    require_calc()  # for the PDF
    command = ["publish", str(demo), "--out", str(tmp_path), "--page", "--pdf"]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{NAME}{end}" for end in (".html", ".json", ".pdf", ".xlsx")
    ]
    assert letters(tmp_path / f"{NAME}.xlsx")[: len(LETTERS)] == LETTERS
    assert (tmp_path / f"{NAME}.pdf").read_bytes().startswith(b"%PDF")
    said = json.loads((tmp_path / f"{NAME}.json").read_text(encoding="utf-8"))
    assert (said["as_of"], said["checked"]) == ("2009-01", True)
    verified = CliRunner().invoke(main, ["verify", str(tmp_path / f"{NAME}.xlsx")], catch_exceptions=False)
    assert verified.exit_code == 0, verified.output


def overtype(book: Path, path: Path) -> None:
    """A copy in which the letter of 4b, which is red, is typed over: its formula is gone."""
    with ZipFile(book) as old, ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                typed = re.sub(rb'(<c r="D14"[^>]*>)<f>[^<]*</f><v>R</v>', rb"\1<v>G</v>", data)
                assert typed != data
                data = typed
            new.writestr(name, data)


def test_an_overtyped_letter_stops_the_copy(demo: Path, tmp_path: Path) -> None:
    path = tmp_path / demo.name
    overtype(demo, path)
    result = CliRunner().invoke(main, ["publish", str(path)], catch_exceptions=False)
    assert result.exit_code == 1
    assert f"{path} is not published:\n  T2 Scorecard!D14: " in result.output
    assert [one.name for one in tmp_path.iterdir()] == [demo.name]


def test_the_button_publishes_the_open_workbook(calc: Calc, demo: Path, tmp_path: Path) -> None:
    """Through xlwings, with Calc as the spreadsheet: the copy lies beside the workbook, which stays open."""
    shutil.copyfile(demo, tmp_path / demo.name)
    opened = open_book(calc.desktop, tmp_path / demo.name)
    try:
        said = ribbon.freeze(opened)
        with pytest.raises(Refusal, match="is there already"):
            ribbon.freeze(opened)
    finally:
        opened.close()
    assert said.startswith(f"Written: {NAME}.xlsx\nWritten: {NAME}.json\nWritten: {NAME}.html\n")
    assert "\nLeft out: " in said
    assert letters(tmp_path / f"{NAME}.xlsx")[: len(LETTERS)] == LETTERS


def test_a_sheet_says_what_changed_since_the_last_copy(demo: Path, tmp_path: Path) -> None:
    path = tmp_path / demo.name
    shutil.copyfile(demo, path)
    (tmp_path / "extracts").symlink_to(demo.parent / "extracts")
    runs = [
        ["refresh", str(path), "--as-of", "2008-12"],
        ["publish", str(path)],
        ["refresh", str(path), "--as-of", "2009-01"],
        ["publish", str(path), "--since", str(tmp_path / "cpa_scorecard 2008-12 published.xlsx")],
    ]
    for run in runs:
        result = CliRunner().invoke(main, run, catch_exceptions=False)
        assert result.exit_code == 0, result.output
    copy = ClosedWorkbook.open(tmp_path / f"{NAME}.xlsx")
    assert copy.sheet_names[-2:] == ("What changed", "About this copy")
    cells = copy.cells("What changed")
    rows = [[cell.value for at, cell in sorted(cells.items()) if at[0] == row] for row in range(4, 40)]
    assert rows[0] == ["What", "Which", "Before", "Now", "Mark"]
    # The printed figures of January 2009 are the later ones.
    assert ["figure", "5", "-14.4%", "-15.0%"] in rows
    assert ["figure", "6a", "-2.6%", "-2.7%"] in rows
    verified = CliRunner().invoke(main, ["verify", str(copy.path)], catch_exceptions=False)
    assert verified.exit_code == 0, verified.output
