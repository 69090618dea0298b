"""The cell functions in a real LibreOffice Calc: what they are given there, and what they answer."""

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from cpa_xl.cells import CellFunction
from cpa_xl.errors import CellError
from cpa_xl.examples import DATA, EXAMPLES, Column, Example
from cpa_xl.udfs import FUNCTIONS
from tests.calc import Book, Calc

_MONTH, _BURGLARY, _ROBBERY, _ALL = (Column(name) for name in DATA)

# Calls of functions that have no example with an answer of its own; Calc must say what Python says.
CALLS: dict[str, tuple[Column | float | str, ...]] = {
    "CPA_VICTIMISATION": (5867.0, 250000.0),
    "CPA_RANK": (5043.0, _BURGLARY, "lower"),
    "CPA_BOROUGH_TARGET": (5867.0, _BURGLARY),
    "CPA_COUNT_CHANGE": (-0.1, 1000.0, 1100.0),
    "CPA_FORCE_TARGET": (_BURGLARY, _ROBBERY),
    "CPA_XMR": (_BURGLARY,),
    "CPA_SPC": (_BURGLARY, "lower"),
    "CPA_VARIATION": (_BURGLARY, "lower"),
    "CPA_ASSURANCE": (_BURGLARY, 5000.0, "lower"),
    "CPA_FUNNEL": (_ROBBERY, _ALL),
    "CPA_GROUP_GAP_INTERVAL": (7930.0, 10000.0, 3725.0, 5000.0),
    "CPA_INTERVAL": (10.0, 100.0),
    "CPA_AREAS": (_MONTH, _MONTH, _ROBBERY, _ALL, "Jan-10"),
    "CPA_SCORECARD": (_MONTH, _BURGLARY, "Jan-10"),
    "CPA_COMMENT": ("robbery", _MONTH, _BURGLARY, "Jan-10"),
    "CPA_STALE": ("Robbery fell to 2,780.", _ROBBERY),
    "CPA_PROJECTION": (_BURGLARY, _MONTH, "Jan-10"),
}


def answer(function: CellFunction, arguments: Sequence[object]) -> list[list[object]]:
    """What Python says, as rows; errors as their codes."""
    try:
        found = function(*(one.cells if isinstance(one, Column) else one for one in arguments))
    except CellError as error:
        return [[error.code]]
    rows = found if isinstance(found, list) else [[found]]
    return [[cell.code if isinstance(cell, CellError) else cell for cell in row] for row in rows]


def same(found: object, wanted: object) -> bool:
    """Whether two cells hold the same, as far as calculating in doubles goes."""
    if isinstance(found, float) and isinstance(wanted, float):
        return math.isclose(found, wanted, rel_tol=1e-12, abs_tol=1e-12)
    return found == wanted or (found is None and wanted == "")


def data_sheet(book: openpyxl.Workbook) -> None:
    """The sheet that the examples read."""
    sheet = book.create_sheet("Data")
    sheet.append([*DATA])
    for row in zip(*DATA.values(), strict=True):
        sheet.append(row)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook as Excel would hand it over: every example, every call, and checks written in the sheet."""
    book = openpyxl.Workbook()
    sheet = book["Sheet"]
    for row, example in enumerate(EXAMPLES, 1):
        sheet.cell(row, 1, f"={example.formula}")
    for row, stored in enumerate(("[1]!CPA_RAG", "_xll.CPA_RAG", "_xludf.CPA_RAG", "_xldudf_CPA_RAG", "cpa_rag"), 1):
        sheet.cell(row, 2, f"={stored}(0.778,0.789)")
    data_sheet(book)
    for name, arguments in CALLS.items():
        rows = answer(FUNCTIONS[name], arguments)
        target = book.create_sheet(name)
        area = f"A1:{openpyxl.utils.get_column_letter(len(rows[0]))}{len(rows)}"
        call = Example(name, arguments, "", "").formula
        target["A1"] = ArrayFormula(area, f"={call}")
    checks = {
        "check_sum": "CPA_SUM(Data!B2:B26,Data!A2:A26,200901)=SUMIFS(Data!B2:B26,Data!A2:A26,\">=200802\",Data!A2:A26,"
        '"<=200901")',
        "check_rate": "ABS(CPA_RATE(Data!C2:C26,Data!D2:D26,Data!A2:A26,200901)-SUMIFS(Data!C2:C26,Data!A2:A26,"
        '">=200802",Data!A2:A26,"<=200901")/SUMIFS(Data!D2:D26,Data!A2:A26,">=200802",Data!A2:A26,"<=200901"))<1E-15',
        "check_average": 'CPA_MONTHLY_AVERAGE(Data!B2:B26,Data!A2:A26,200812,"FY")=AVERAGEIFS(Data!B2:B26,'
        'Data!A2:A26,">=200804",Data!A2:A26,"<=200903")',
        "check_letters": 'AND(CPA_RAG(0.5,0.5)=IF(0.5>=0.5,"G","R"),CPA_RAG(0.48,0.5)=IF(0.48>=0.5*0.95,"A","R"))',
        "check_gap": "ABS(CPA_GROUP_GAP(7930,10000,3725,5000)-(7930/10000-3725/5000))<1E-15",
        "check_missing": "ISNA(CPA_SUM(Data!B2:B26,Data!A2:A26,201006))",
        "check_wrong": "ERROR.TYPE(CPA_RAG(1,2,3))=3",
        "check_empty": "ERROR.TYPE(CPA_GROUP_GAP(1,0,1,1))=2",
        "check_impossible": "ERROR.TYPE(CPA_GROUP_GAP(2,1,1,1))=6",
        "check_nested": 'CPA_TEXT(CPA_RATE(Data!C2:C26,Data!D2:D26,Data!A2:A26,"Jan-09"),"percent")="16.2%"',
        "check_columns": "CPA_SUM(Figures[Burglary],Figures[Month],as_of)=58956",
    }
    table = book.create_sheet("Table")
    table.append(["Month", "Burglary"])
    for month, burglary in zip(DATA["month"], DATA["burglary"], strict=True):
        table.append([month, burglary])
    table.add_table(Table(displayName="Figures", ref="A1:B26"))
    book.defined_names["as_of"] = DefinedName("as_of", attr_text="Data!$A$14")
    for row, (name, formula) in enumerate(checks.items(), 1):
        sheet.cell(row, 4, f"={formula}")
        book.defined_names[name] = DefinedName(name, attr_text=f"Sheet!$D${row}")
    path = tmp_path_factory.mktemp("books") / "functions.xlsx"
    book.save(path)
    return path


def test_every_function_is_called() -> None:
    assert {example.function for example in EXAMPLES} | CALLS.keys() == FUNCTIONS.keys()


def test_functions_give_their_answers_on_loading(calc: Calc, workbook: Path) -> None:
    with calc.document(workbook) as book:
        for row, example in enumerate(EXAMPLES, 1):
            found = book.shown(f"A{row}")
            if isinstance(example.answer, float):
                assert found == pytest.approx(example.answer, abs=example.tolerance), example
            else:
                assert found == example.answer, example
        for name, arguments in CALLS.items():
            for row, cells in enumerate(answer(FUNCTIONS[name], arguments), 1):
                for column, wanted in enumerate(cells, 1):
                    address = f"{name}.{openpyxl.utils.get_column_letter(column)}{row}"
                    assert same(book.shown(address), wanted), address
        assert [book.shown(f"B{row}") for row in range(1, 6)] == ["A"] * 5
        assert not book.document.isModified()


def test_checks_in_the_sheet_are_all_true(calc: Calc, workbook: Path) -> None:
    with calc.document(workbook) as book:
        names = [name for name in book.document.NamedRanges.ElementNames if name.startswith("check_")]
        assert len(names) == 11
        for name in names:
            cell = book.document.NamedRanges.getByName(name).getReferredCells()
            assert cell.getDataArray() == ((1.0,),), name
            assert "CPA_" in cell.getCellByPosition(0, 0).getFormula()


@pytest.fixture
def book(calc: Calc) -> Iterator[Book]:
    with calc.document() as opened:
        yield opened


def test_a_blank_cell_is_missing_and_a_zero_is_zero(book: Book) -> None:
    book.column("A1", [None, 0, '=""'])
    calls = [f"CPA_RAG(0.5;{cell})" for cell in ("A1", "A2", "A3", "A1:A1")]
    assert book.answers([*calls, "CPA_TARGET_GAP(A1;1)", "CPA_TARGET_GAP(A2;1)", "CPA_TARGET_GAP(A3;1)"]) == [
        "–", "G", "–", "–", "#N/A", -1.0, "#N/A",
    ]  # fmt: skip


def test_an_error_among_the_arguments_comes_out(book: Book) -> None:
    book.column("A1", [200901, 200902, "=NA()", 1, "=1/0", "=SQRT(-1)", '=VALUE("x")', "=NONSENSE()"])
    sums = [f"CPA_SUM(A{row}:A{row + 1};A1:A2;200902;\"MONTH\")" for row in (2, 4, 6, 7, 8)]
    assert book.answers([*sums, "CPA_RAG(A5;1)", "CPA_RAG(1;A5:A6)", "CPA_RAG(1/0;1)", "CPA_RAG(1;NA())"]) == [
        "#N/A", "#DIV/0!", "#NUM!", "#VALUE!", "#NAME?", "#DIV/0!", "#DIV/0!", "#DIV/0!", "#N/A",
    ]  # fmt: skip


def test_whole_columns_end_where_the_sheet_does(book: Book) -> None:
    book.column("A1", [*DATA["month"]])
    book.column("B1", [*DATA["burglary"]])
    book.document.Sheets.insertNewByName("Longer", 1)
    book.put("Longer.C40", "a sheet that ends further down")
    for row, month in enumerate(DATA["month"], 1):
        book.put(f"Longer.A{row}", month)
    start = time.monotonic()
    assert book.answers(["CPA_SUM(B:B;A:A;200901)", "CPA_SUM($A.B:B;$Longer.A:A;200901)".replace("$A.", "")]) == [
        58956.0,
        58956.0,
    ]
    assert time.monotonic() - start < 30, "a million rows were read"


def test_booleans_and_text_are_no_numbers_and_dates_are_months(book: Book) -> None:
    book.column("A1", [True, "=1>0", "x", 39844, "=DATE(2009;1;31)", "5"])
    assert book.answers(
        ["CPA_RAG(A1;1)", "CPA_RAG(A2;1)", "CPA_RAG(TRUE();1)", "CPA_RAG(A3;1)", "CPA_PERIOD(A4)", "CPA_PERIOD(A5)",
         "CPA_PERIOD(DATE(2009;1;31))", 'CPA_RAG("5";1)', "CPA_RAG(A6;1)", "CPA_SUM(A1:A2;A4:A5;A4)"]
    ) == ["#VALUE!"] * 4 + ["RY to Jan-09"] * 3 + ["#VALUE!"] * 3  # fmt: skip


def test_every_kind_of_argument_does(book: Book) -> None:
    """Expressions, arrays, references that functions give, names, arguments left out at the end and between."""
    book.column("A1", [0.4, None, 0.6])
    book.document.NamedRanges.addNewByName("reached", "$Sheet1.$A$1", book.range("A1").CellAddress, 0)
    book.document.NamedRanges.addNewByName("half", "0.5", book.range("A1").CellAddress, 0)
    assert book.answers(
        ["CPA_RAG(A1*2;0.5)", "CPA_RAG(A1+A3;1)", "CPA_RAG(reached;half)", "CPA_RAG(0.5;0.4;;;)",
         'CPA_RAG(0.48;0.5;;;"points")', 'CPA_RAG(0.48;0.5;;0.01;"points")', "CPA_RAG(1;INDEX(A1:A3;2))",
         "CPA_RAG(1;OFFSET(A1;1;0))", 'CPA_RAG(1;INDIRECT("A2"))', "CPA_RAG(1;IF(A1>0;A2;9))", "CPA_RAG(1;(A2))",
         "CPA_RAG(1;CHOOSE(2;A1;A2))", 'CPA_FEASIBLE(0.5;{0.4;0.6})', "CPA_FEASIBLE(0.5;A1:A3)",
         "CPA_FEASIBLE(0.5;A1:A3*1)", "CPA_RAG(A1:A3 A3:B3;0.5)", 'CPA_RAG(CPA_GROUP_GAP(1;2;1;4);CPA_TARGET("gap";A1))',
         "LET(t;A1;CPA_RAG(t;0.5))"]
    ) == ["G", "G", "R", "G", "A", "R", "–", "–", "–", "–", "–", "–", "done once in 2 months: best 0.6",
          "#N/A", "done once in 3 months: best 0.6", "G", "R", "R"]  # fmt: skip
