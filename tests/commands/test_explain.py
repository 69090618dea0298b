"""Why a cell shows what it shows: from a file, and from a workbook that is open."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from xlsxwriter import Workbook

from cpa_xl.cli.main import main
from cpa_xl.commands.calculate import explain_cell
from cpa_xl.errors import Refusal
from cpa_xl.excel import ribbon
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.calc import Calc
from tests.support.calcengine import open_book

# Victim satisfaction on the printed scorecard of January 2009: 77.8 % against 78.9 %, amber. The sample's figure has
# more digits than the printed one.
LETTER = """\
Scorecard!D7  =IF($Z7="yes",CPA_RAG($X7,$V7,$P7,INDEX(Targets[Amber],$N7),INDEX(Targets[Amber basis],$N7)),"–")

CPA_RAG: Give the letter of a figure: on target or better, marginally below, well below.

actual: 0.777986358801076
target: 0.789
better: "higher"
amber: 0.05
basis: "relative"

Result: "A"
Why: 0.778 against a target of 0.789: worse by 0.01101, 1.4% of the target, within the amber band of 5%"""


def explained(workbook: Path, cell: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["explain", str(workbook), cell], catch_exceptions=False)
    return result.exit_code, result.output


def test_a_letter_of_the_scorecard(demo: Path) -> None:
    assert explained(demo, "Scorecard!D7") == (0, LETTER + "\n")
    assert explained(demo, "'Scorecard'!$D$7") == (0, LETTER + "\n")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> ClosedWorkbook:
    path = tmp_path_factory.mktemp("explain") / "book.xlsx"
    made = Workbook(path)
    sheet = made.add_worksheet("Sheet1")
    for row, month in enumerate((39753, 39783), 1):
        sheet.write_number(f"A{row}", month)
        sheet.write_number(f"B{row}", 50 * row)
    for cell, formula, value in (
        ("D1", '=CPA_SUM(B1:B2,A1:A2,39814,"QUARTER")', "#N/A"),
        ("D2", '=CPA_TEXT(CPA_SUM(B1:B2,A1:A2,39783,"MONTH")/1000,"percent")', "10.0%"),
        ("D3", '=IF(TRUE,1,CPA_SUM(B1:B2,A1:A2,39814))', 1),
        ("D4", "=SUM(B1:B2)", 150),
    ):  # fmt: skip
        sheet.write_formula(cell, formula, None, value)
    made.close()
    return ClosedWorkbook.open(path)


def test_an_error_has_its_reason(book: ClosedWorkbook) -> None:
    assert explain_cell(book, "Sheet1", 1, 4).splitlines() == [
        'Sheet1!D1  =CPA_SUM(B1:B2,A1:A2,39814,"QUARTER")',
        "",
        "CPA_SUM: Add up the values of a period.",
        "",
        "values: 2 x 1 cells, from 50 to 100",
        "months: 2 x 1 cells, from Nov-08 (39753) to Dec-08 (39783)",
        "as_of: Jan-09 (39814)",
        'basis: "QUARTER"',
        "",
        "Result: #N/A",
        "Why: no value for Jan-09 of Nov 2008-Jan 2009",
    ]


def test_nested_calls_are_told_from_the_inside(book: ClosedWorkbook) -> None:
    said = explain_cell(book, "Sheet1", 2, 4)
    assert said.index("CPA_SUM: ") < said.index("Result: 100\n") < said.index("CPA_TEXT: ")
    assert said.endswith('value: 0.1\nstyle: "percent"\n\nResult: "10.0%"')


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (3, "Sheet1!D3: CPA_SUM was not called: the formula did not need it."),
        (4, "Sheet1!D4: it has no CPA function."),
        (5, "Sheet1!D5: there is no formula in it."),
    ],
)
def test_a_cell_without_a_call(book: ClosedWorkbook, row: int, said: str) -> None:
    assert explain_cell(book, "Sheet1", row, 4) == said


def test_a_cell_that_is_none(demo: Path) -> None:
    code, said = explained(demo, "Score!D7")
    assert code == 1
    assert said.startswith("Score!D7: write sheet and cell, such as Scorecard!D7; the sheets are Scorecard, Trends, ")
    assert explained(demo, "Scorecard!seven") == (1, "Scorecard!seven: 'seven' is not a cell; write one such as D7\n")


def test_the_button_needs_a_cell() -> None:
    """Where a chart is selected, xlwings gives nothing."""
    book: Any = SimpleNamespace(app=SimpleNamespace(selection=None))
    with pytest.raises(Refusal, match=r"^select one cell$"):
        ribbon.explain(book)


def test_the_button_explains_the_selected_cell(calc: Calc, tmp_path: Path) -> None:
    """Through xlwings, with Calc as the spreadsheet; one argument, since Calc writes ";" where Excel writes ","."""
    made = Workbook(tmp_path / "book.xlsx")
    sheet = made.add_worksheet("Sheet1")
    sheet.write_number("A1", 0.778)
    sheet.write_formula("B1", "=CPA_RAG(A1)", None, "–")
    made.close()
    opened = open_book(calc.desktop, tmp_path / "book.xlsx")
    try:
        document = opened.impl.document
        document.CurrentController.select(document.Sheets.getByName("Sheet1").getCellRangeByName("B1"))
        said = ribbon.explain(opened)
    finally:
        opened.close()
    assert said.startswith("Sheet1!B1  =CPA_RAG(")
    assert "\nactual: 0.778\ntarget: left out\n" in said
    assert said.endswith('Result: "–"\nWhy: no target')
