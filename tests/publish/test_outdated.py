"""Cells that a refresh could not calculate: told by every command, never published, forgotten once calculated."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cpa_xl.cli.main import main
from cpa_xl.formulas.kept import not_calculated, with_kept
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import small

# Functions of a macro, of another add-in, and of a program that Excel asks: nothing here can calculate them.
KINDS = {
    "a macro": "=MyMacro(SUM(Monthly[Robbery]))",
    "another add-in": '=IF(ACME_TREND(Monthly[Robbery])>0,"up","down")',
    "a cell function inside one": "=ACME_FORMAT(CPA_SUM(Monthly[Robbery],Monthly[Month],as_of))",
    "a real-time feed": '=RTD("feed",,SUM(Monthly[Burglary]))',
    "a what-if over the table": "=ACME.GOAL(MAX(Monthly[Robbery])-MIN(Monthly[Robbery]))",
}


@pytest.fixture(params=KINDS.values(), ids=KINDS.keys())
def outdated(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The small workbook after a refresh that could not calculate Scorecard!E4, which still shows 7."""
    book = small.force(tmp_path)
    small.workbook(book, beside=request.param)
    assert run("refresh", book).exit_code == 0
    return book


@pytest.fixture
def macro(tmp_path: Path) -> Path:
    """The same for one kind."""
    book = small.force(tmp_path)
    small.workbook(book, beside=KINDS["a macro"])
    assert run("refresh", book).exit_code == 0
    return book


def run(command: str, book: Path, *options: object) -> Result:
    """A command on the small workbook, whatever comes of it."""
    arguments = [command, str(book), "--config", str(book.parent / "config"), *map(str, options)]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def listed(book: Path) -> list[str]:
    return [f"{cell.sheet}!{cell.cell}" for cell in not_calculated(ClosedWorkbook.open(book))]


def changed(book: Path, part: str, change: Callable[[str], str]) -> None:
    """The file with one part changed, as another program writes it."""
    with zipfile.ZipFile(book) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    text = parts[part].decode()
    assert change(text) != text
    with zipfile.ZipFile(book, "w") as file:
        for name, data in (parts | {part: change(text).encode()}).items():
            file.writestr(name, data)


def without(pattern: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, "", text)


WORKBOOK, CARD = "xl/workbook.xml", "xl/worksheets/sheet1.xml"


def test_a1_it_is_never_published(outdated: Path) -> None:
    """A value from before the refresh: refused, with the cell, what it shows, why, and what helps."""
    done = run("publish", outdated)
    assert done.exit_code == 1
    assert "is not published: cells show values from before the last refresh; open the workbook in Excel" in done.stderr
    assert re.search(r"^  Scorecard!E4: shows 7 from before the last refresh \(=.*\): \S", done.stderr, re.MULTILINE)
    assert not list(outdated.parent.glob("*published*"))


def test_a1_check_release_names_it_once(outdated: Path) -> None:
    done = run("check", outdated, "--release")
    assert done.exit_code == 1
    lines = [line for line in done.stdout.splitlines() if "Scorecard!E4: shows 7 from before" in line]
    assert len(lines) == 1
    assert lines[0].startswith("stop: ")
    assert "(T11)" in lines[0]
    assert "and save it there" in lines[0]


def test_a1_show_names_it(outdated: Path) -> None:
    said = "1 cell shows its value from before the last refresh; open the workbook in Excel"
    assert said in run("show", outdated).stdout
    assert said in run("show", outdated, "--json").stderr
    assert said not in run("show", outdated, "--json").stdout


def test_a1_it_stays_named_over_further_refreshes(outdated: Path) -> None:
    """The second refresh changes no data; the cell is as wrong as before."""
    before = outdated.read_bytes()
    printed = run("refresh", outdated).stdout
    assert "Scorecard!E4" in printed
    assert "is up to date; nothing was changed" in printed
    assert outdated.read_bytes() == before
    assert listed(outdated) == ["Scorecard!E4"]


def test_a1_the_remedy_names_the_add_in_only_where_it_is_needed(tmp_path: Path) -> None:
    book = small.force(tmp_path)
    small.workbook(book, beside=KINDS["a cell function inside one"])
    assert "open the workbook in Excel with the add-in, which calculates it" in run("refresh", book).stdout
    small.workbook(book, beside=KINDS["a macro"])
    assert "open the workbook in Excel, which calculates it" in run("refresh", book).stdout


def test_a1_a_cell_that_shows_another_value_was_calculated(macro: Path) -> None:
    changed(macro, CARD, lambda text: text.replace("<v>7</v>", "<v>8</v>"))
    assert listed(macro) == []
    assert "from before the last refresh" not in run("show", macro).stdout
    assert "T11" not in run("check", macro, "--release").stdout


def test_a1_a_cell_without_formula_is_the_analyst_s_own(macro: Path) -> None:
    changed(macro, CARD, without(r"<f>MyMacro.*?</f>"))
    assert listed(macro) == []


def test_a1_excel_calculates_everything_and_saves(macro: Path) -> None:
    """Excel takes the request to calculate out of the file; the value may well be the same."""
    changed(macro, WORKBOOK, without(' fullCalcOnLoad="1"'))
    assert listed(macro) == []


@pytest.mark.parametrize(
    "change",
    [
        without(r' comment="[^"]*"| fullCalcOnLoad="1"'),  # exceljs, which also says that it is Excel
        without(r"<calcPr[^>]*/>"),  # SheetJS
        lambda text: re.sub(r"<calcPr[^>]*/>", '<calcPr iterate="false"/>', text),  # LibreOffice 25.2
        lambda text: re.sub(r"<calcPr[^>]*/>", '<calcPr calcId="191029" calcMode="manual"/>', text),
    ],
)
def test_a1_a_program_that_does_not_calculate_is_no_proof(macro: Path, change: Callable[[str], str]) -> None:
    changed(macro, WORKBOOK, change)
    assert listed(macro) == ["Scorecard!E4"]
    assert run("publish", macro).exit_code == 1


def test_a1_a_name_follows_its_cell(macro: Path) -> None:
    """As Excel writes it after somebody has put two rows in above."""
    changed(macro, WORKBOOK, lambda text: text.replace("Scorecard'!$E$4", "Scorecard'!$E$6"))
    changed(macro, CARD, lambda text: text.replace('<row r="4"', '<row r="6"').replace('"E4"', '"E6"'))
    assert listed(macro) == ["Scorecard!E6"]


def test_a1_what_could_be_calculated_meanwhile_is(tmp_path: Path) -> None:
    """A value that no engine reproduces keeps a cell out of the first refresh; the next one works it out afresh."""
    book = small.force(tmp_path)
    small.workbook(book, beside="=SUM(Monthly[Robbery])+1")
    assert "Scorecard!E4: the calculator gets" in run("refresh", book).stdout
    assert listed(book) == ["Scorecard!E4"]
    assert run("refresh", book).exit_code == 0
    assert listed(book) == []
    total = sum(small.count(borough, "Robbery", month) for borough in range(3) for month in range(24))
    assert ClosedWorkbook.open(book).cells("Scorecard")[4, 5].value == total + 1
    assert b"_cpa_xl_kept" not in ClosedWorkbook.open(book).package.part(WORKBOOK)


def test_a1_many_cells_share_names(macro: Path) -> None:
    book = ClosedWorkbook.open(macro)
    one = not_calculated(book)[0]
    many = [type(one)("Data", f"{column}{row}", "x", "why") for column in "BC" for row in range(2, 402)]
    with_many = with_kept(book, many)
    assert with_many.package.part(WORKBOOK).count(b"_cpa_xl_kept.") == 2
    assert with_kept(with_many, many) is with_many
    assert with_kept(with_many, ()).package.part(WORKBOOK).count(b"_cpa_xl_kept.") == 0
