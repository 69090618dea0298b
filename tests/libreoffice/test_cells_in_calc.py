"""The cell functions in a real LibreOffice Calc: what they are given there, and what they answer."""

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from cpa_xl.errors import CellError
from cpa_xl.functions.examples import BLOCKS, EXAMPLES, MONTHLY, Example, ExampleRange, ExampleValue
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.ooxml.a1 import column_letters
from tests.support.calc import Book, Calc

DATA = {heading: [row[place] for row in MONTHLY.rows] for place, heading in enumerate(MONTHLY.headings)}
MONTHS, BURGLARIES = DATA[MONTHLY.headings[0]], DATA["burglary"]


def given(argument: ExampleRange | ExampleValue) -> object:
    """An argument of an example as Python takes it."""
    if not isinstance(argument, ExampleRange):
        return argument
    block = argument.block
    if not argument.heading:
        return [[*block.headings], *([*row] for row in block.rows)]
    place = block.headings.index(argument.heading)
    return [[row[place]] for row in block.rows[: argument.rows or None]]


def answer(example: Example) -> list[list[object]]:
    """What Python says, as rows; errors as their codes."""
    try:
        found = FUNCTIONS[example.function](*map(given, example.arguments))
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
    for block in BLOCKS:
        for row, cells in enumerate((block.headings, *block.rows), 1):
            for column, cell in enumerate(cells, block.column):
                if cell != "":
                    sheet.cell(row, column, cell)


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
    for example in EXAMPLES:
        rows = answer(example)
        area = f"A1:{column_letters(len(rows[0]))}{len(rows)}"
        call = replace(example, row=0).formula
        book.create_sheet(example.function)["A1"] = ArrayFormula(area, f"={call}")
    checks = {
        "check_sum": 'CPA_SUM(Data!B2:B26,Data!A2:A26,200901)=SUMIFS(Data!B2:B26,Data!A2:A26,">=200802",Data!A2:A26,'
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
    for month, burglary in zip(MONTHS, BURGLARIES, strict=True):
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
    assert {example.function for example in EXAMPLES} == FUNCTIONS.keys()


def test_functions_give_their_answers_on_loading(calc: Calc, workbook: Path) -> None:
    with calc.document(workbook) as book:
        for row, example in enumerate(EXAMPLES, 1):
            found = book.shown(f"A{row}")
            if isinstance(example.answer, float):
                assert found == pytest.approx(example.answer, abs=example.tolerance), example
            else:
                assert found == example.answer, example
        for example in EXAMPLES:
            for row, cells in enumerate(answer(example), 1):
                for column, wanted in enumerate(cells, 1):
                    address = f"{example.function}.{column_letters(column)}{row}"
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
    book.column("A1", [200901, 200902, "=NA()", 1, "=1/0", "=10^1000", '="x"*1', "=NONSENSE()"])
    sums = [f'CPA_SUM(A{row}:A{row + 1};A1:A2;200902;"MONTH")' for row in (2, 4, 6, 7, 8)]
    assert book.answers([*sums, "CPA_RAG(A5;1)", "CPA_RAG(1;A5:A6)", "CPA_RAG(1/0;1)", "CPA_RAG(1;NA())"]) == [
        "#N/A", "#DIV/0!", "#NUM!", "#VALUE!", "#NAME?", "#DIV/0!", "#DIV/0!", "#DIV/0!", "#N/A",
    ]  # fmt: skip


def test_whole_columns_end_where_the_sheet_does(book: Book) -> None:
    book.column("A1", [*MONTHS])
    book.column("B1", [*BURGLARIES])
    book.document.Sheets.insertNewByName("Longer", 1)
    book.put("Longer.C40", "a sheet that ends further down")
    for row, month in enumerate(MONTHS, 1):
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
         "CPA_RAG(A1:A3!A3:B3;0.5)", 'CPA_RAG(CPA_GROUP_GAP(1;2;1;4);CPA_TARGET("gap";A1))',
         "LET(t;A1;CPA_RAG(t;0.5))", "CPA_RAG(1;XLOOKUP(0.4;A1:A3;A2:A4))", "CPA_RAG(1;XLOOKUP(9;A1:A3;A2:A4;2))",
         "CPA_RAG(1;IFS(A2>0;A1;A1>0;A2))", "CPA_RAG(1;SWITCH(3;A1;A3;A2))", "CPA_RAG(1;IF(A2;A1;A2))"]
    ) == ["G", "G", "R", "G", "A", "R", "–", "–", "–", "–", "–", "–", "done once in 2 months: best 0.6",
          "done once in 2 months: best 0.6", "G", "R", "R", "–", "R", "–", "–", "–"]  # fmt: skip


def test_answers_of_many_cells_fill_an_array_formula(book: Book) -> None:
    """Text in them equals text, errors are errors, and the functions of Calc can count and look them up."""
    book.column("A1", [0.5, 0.7, None, "=NA()"])
    book.range("B1:B4").setArrayFormula("=CPA_RAG(A1:A4;0.6)")
    book.range("C1:F1").setArrayFormula("=CPA_XMR(A1:A2)")
    book.settle()
    assert [book.shown(f"B{row}") for row in range(1, 5)] == ["R", "G", "#N/A", "#N/A"]
    assert book.answers(
        ['COUNTIF(B1:B4;"R")', 'MATCH("G";B1:B4;0)', 'B1="R"', 'SUMPRODUCT((CPA_RAG(A1:A2;0.6)="R")*1)',
         "INDEX(CPA_XMR(A1:A2);1;1)=C1", "ISNA(B3)"]
    ) == [1.0, 2.0, 1.0, 1.0, 1.0, 1.0]  # fmt: skip


def test_a_cell_of_an_answer_is_picked_out(book: Book) -> None:
    """Text that INDEX picks equals text, and numbers are numbers; whole columns are left to Calc."""
    book.column("A1", [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 30])
    places = [(row, column) for row in (1, 13, 14) for column in (1, 2, 3)]
    wanted = FUNCTIONS["CPA_SPC"]([[float(1 + place % 2)] for place in range(12)] + [[30.0]])
    assert isinstance(wanted, list)
    inside = [(row, column) for row, column in places if row <= len(wanted) and column <= len(wanted[0])]
    cells = [wanted[row - 1][column - 1] for row, column in inside]
    assert any(isinstance(cell, str) and cell for cell in cells)
    calls = [f"INDEX(CPA_SPC(A1:A13);{row};{column})" for row, column in inside]
    written = [f'"{cell}"' if isinstance(cell, str) else f"{cell!r}" for cell in cells]
    found = book.answers([f"{call}={text}" for call, text in zip(calls, written, strict=True)])
    assert found == [1.0] * len(cells)
    book.settle()
    assert book.answers(["SUM(INDEX(CPA_XMR(A1:A13);1;0))=SUM(CPA_XMR(A1:A13))"]) == [1.0]


def test_formulas_are_seen_to_after_every_change(book: Book) -> None:
    """No command is given here; what is typed, filled down, undone and done again is right by itself."""
    book.column("A1", [0.5, None, 0.7])
    book.put("B1", "=CPA_RAG(A1;A2)")
    book.wait_for("B1", "–")
    book.put("A2", 0.6)
    book.wait_for("B1", "R")
    book.put("A1", "=1/0")
    book.wait_for("B1", "#DIV/0!")
    book.type("$C$1", "=CPA_RAG(A3,A4)")
    book.wait_for("C1", "–")
    book.do("GoToCell", ToPoint="$C$1:$C$3")
    book.do("FillDown")
    book.wait_for("C3", "–")
    book.put("A5", 0.9)
    book.wait_for("C2", "#N/A")
    book.do("Undo")  # the fill; setting a cell from outside leaves nothing to undo here
    book.do("Undo")
    book.do("Redo")
    book.do("Redo")
    book.wait_for("C1", "–")


def test_a_name_that_stands_for_a_call_and_one_that_comes_later(book: Book) -> None:
    book.put("A1", 0.5)
    names, here = book.document.NamedRanges, book.range("A1").CellAddress
    names.addNewByName("letter", "CPA_RAG($Sheet1.$A$1;$Sheet1.$A$2)", here, 0)
    book.put("B1", "=letter")
    book.wait_for("B1", "–")
    book.put("B2", "=CPA_RAG(0.5;aim)")
    book.wait_for("B2", "#NAME?")
    names.addNewByName("aim", "$Sheet1.$A$2", here, 0)
    book.put("B2", "=CPA_RAG(0.5;aim)")
    book.wait_for("B2", "–")


def test_protected_sheets_are_seen_to(book: Book) -> None:
    book.put("B1", "=CPA_RAG(0.5;A2)")
    book.document.Sheets.getByIndex(0).protect("")
    book.settle()
    assert book.shown("B1") == "–"


def test_what_is_put_into_formulas_is_no_step_and_no_change(book: Book) -> None:
    book.put("A1", 0.5)
    book.put("B1", "=CPA_RAG(A1;A2)")
    steps = book.document.getUndoManager().getAllUndoActionTitles()
    book.document.setModified(False)
    book.settle()
    assert book.range("B1").FormulaLocal.replace(",", ";") == "=CPA_RAG((A1);(A2))"
    assert not book.document.isModified()
    assert book.document.getUndoManager().getAllUndoActionTitles() == steps


def test_a_saved_workbook_has_the_functions_by_their_own_names(book: Book, tmp_path: Path) -> None:
    book.put("A1", 0.5)
    book.put("B1", '=CPA_TEXT(CPA_GROUP_GAP(A1;1;0.25;1);"points1")')
    book.range("C1:C2").setArrayFormula("=CPA_RAG(A1:A2;0.6)")
    book.settle()
    path = tmp_path / "saved.xlsx"
    book.document.storeToURL(path.as_uri(), (book.calc.value("FilterName", "Calc MS Excel 2007 XML"),))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert str(sheet["B1"].value).replace(" ", "") == '=CPA_TEXT(CPA_GROUP_GAP((A1),1,0.25,1),"points1")'
    assert sheet["C1"].value.text.replace(" ", "") == "=(CPA_RAG((A1:A2),0.6))"
    values = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    assert [values["B1"].value, values["C1"].value, values["C2"].value] == [book.shown("B1"), "R", "#N/A"]
    with book.calc.document(path) as again:
        assert [again.shown("B1"), again.shown("C1")] == [book.shown("B1"), "R"]


def test_a_cell_is_explained(book: Book) -> None:
    book.column("A1", [0.778, 0.789, None, 200901, 5, 0])
    book.put("B1", '=IF(A1>0;CPA_RAG(A1;CPA_TARGET("gap";A2));"")')
    book.put("B2", '=CPA_SUM(A5:A6;A4:A5;A4;"MONTH")')
    book.put("B3", "=CPA_RAG(A1;A3)")
    book.put("B4", '=IF(A1<0;CPA_RAG(A1;A2);"")')
    book.put("B5", "=A1")
    book.settle()
    book.document.setModified(False)
    told = {}
    for row in range(1, 6):
        book.document.CurrentController.select(book.range(f"B{row}"))
        told[row] = book.command("explain").splitlines()
    assert told[1][0].startswith("Sheet1.B1  =IF(A1>0")
    assert 'rule: "gap"' in told[1]
    assert "amount: 0.789 (Sheet1.A2)" in told[1]
    assert "actual: 0.778 (Sheet1.A1)" in told[1]
    assert "target: 0.789" in told[1]
    assert 'better: left out, which means "higher"' in told[1]
    assert told[1][-2:] == [
        'Result: "A"',
        "Why: 0.778 against a target of 0.789: worse by 0.011, 1.4% of the target, within the amber band of 5%",
    ]
    assert "values: 2 x 1 cells, from 5 to 0 (Sheet1.A5:A6)" in told[2]
    assert "as_of: Jan-09 (200901) (Sheet1.A4)" in told[2]
    assert told[2][-2] == "Result: #VALUE!"
    assert told[2][-1].startswith("Why: months, row 2, column 1: 5 is neither a date number of the years 1950 to 2100")
    assert told[3][-2:] == ['Result: "–"', "Why: no target"]
    assert "target: blank (Sheet1.A3)" in told[3]
    assert told[4] == ["Sheet1.B4: CPA_RAG was not called: the formula did not need it."]
    assert told[5] == ["Sheet1.B5: it has no CPA function."]
    for row, holds in ((1, 0.778), (3, None)):
        book.document.CurrentController.select(book.range(f"A{row}"))
        assert book.command("explain") == f"Sheet1.A{row}: it has no formula."
        assert book.shown(f"A{row}") == holds
        assert not book.range(f"A{row}").getTokens()
    assert not book.document.isModified()


def test_only_the_cell_itself_is_explained(book: Book) -> None:
    """What depends on it is calculated again as well, and is not told; a cell of an array formula is its formula."""
    book.column("A1", [0.5, 0.7])
    book.put("B1", "=CPA_TARGET_GAP(A1;A2)")
    book.put("C1", '=CPA_TEXT(B1;"points1")')
    book.range("D1:D2").setArrayFormula("=CPA_RAG(A1:A2;0.6)")
    book.settle()
    book.document.CurrentController.select(book.range("B1"))
    assert book.command("explain").count("CPA_") == 2  # the formula and the call
    book.document.CurrentController.select(book.range("D2"))
    told = book.command("explain").splitlines()
    assert "actual: 2 x 1 cells, from 0.5 to 0.7 (Sheet1.A1:A2)" in told
    assert told[-1] == 'Result: 2 x 1 cells, from "R" to "G"'
    assert [book.shown("D1"), book.shown("D2")] == ["R", "G"]
    assert book.range("D2").getArrayFormula()


def test_the_other_commands_tell_something(book: Book, tmp_path: Path) -> None:
    book.put("A1", "=CPA_RAG(1;1)")
    book.document.CurrentController.select(book.range("A1"))
    assert book.command("help").startswith("CPA_RAG(actual, [target], [better], [amber], [basis], [any_scale])\n")
    book.document.CurrentController.select(book.range("B1"))
    assert book.command("help").count("CPA_") >= len(FUNCTIONS)
    assert f"{len(FUNCTIONS)} functions" in book.command("about")
    book.document.CurrentController.select(book.range("A1:B2"))
    assert book.command("explain") == "Select one cell."


def test_functions_stand_in_calcs_own_list(calc: Calc) -> None:
    listed = calc.service("com.sun.star.sheet.FunctionDescriptions")
    found = {listed.getByIndex(place)[2].Value: listed.getByIndex(place) for place in range(listed.Count)}
    for name, function in FUNCTIONS.items():
        properties = {one.Name: one.Value for one in found[name]}
        assert properties["Description"].startswith(function.help)
        assert [one.Name for one in properties["Arguments"]] == [one.name for one in function.arguments]
        assert [one.Description for one in properties["Arguments"]] == [one.help for one in function.arguments]
