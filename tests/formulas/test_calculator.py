"""Calculating a workbook without Excel: what is calculated, what is left alone, and what is said about it.

Expected numbers are sums small enough to do in one's head.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from cpa_xl.errors import CellError, EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.formulas.calculator import Calculation, EmbeddedCalculator, Kept
from cpa_xl.workbook.closed import Cell, ClosedWorkbook, cell_error
from tests.support.books import Book, Value

Function = Callable[..., object]


def calculate(before: Book, after: Book | None = None, /, **functions: Function) -> Calculation:
    return EmbeddedCalculator(functions).calculate(before, before if after is None else after)


def values(calculation: Calculation) -> dict[str, object]:
    """New values by "Sheet!row,col", errors as their code."""
    return {
        f"{sheet}!{row},{col}": value.code if isinstance(value, CellError) else value
        for (sheet, row, col), value in calculation.values.items()
    }


def kept(calculation: Calculation) -> dict[str, str]:
    return {f"{one.sheet}!{one.cell}": one.reason for one in calculation.kept}


def one_formula(formula: str, value: Value = None, *rows: list[Value]) -> Book:
    """Rows of constants from A1 on, and a formula in F1."""
    return Book.of({"S": rows or [[1.0, 2.0], [3.0, 4.0]]}).with_formula("S", 1, 6, formula, value=value)


# Trust


def test_a_template_without_values_is_calculated_where_both_engines_agree() -> None:
    book = one_formula("SUM(A1:B2)").with_formula("S", 2, 6, "F1*2").with_formula("S", 3, 6, 'A1=1&""')
    book = book.with_formula("S", 4, 6, "0.1+0.2=0.3").with_formula("S", 5, 6, "VDB(2400,300,10,0,1)")
    calculation = calculate(book)
    assert values(calculation) == {"S!1,6": 10.0, "S!2,6": 20.0, "S!3,6": False}
    differing = "the calculator gets False, and the second one True"
    unknown = "the calculator does not know one of its functions or names"
    assert calculation.kept == (
        Kept("S", "F4", "0.1+0.2=0.3", differing, "False", "True"),
        Kept("S", "F5", "VDB(2400,300,10,0,1)", unknown, "", "480"),  # 2400 * 2/10, Microsoft's page of VDB
    )
    assert str(calculation.kept[0]) == f"S!F4 (=0.1+0.2=0.3): {differing}"


@pytest.mark.parametrize("left_by_writer", [None, "", 0.0])
def test_what_a_library_leaves_in_formulas_it_writes_is_no_value(left_by_writer: Value) -> None:
    book = one_formula("SUM(A1:B2)", left_by_writer).with_formula("S", 2, 6, "F1*2", value=left_by_writer)
    assert values(calculate(book)) == {"S!1,6": 10.0, "S!2,6": 20.0}


def test_a_cell_whose_value_is_reproduced_gets_a_new_one() -> None:
    before = one_formula("STDEV(A1:A2)", 1.4142135623730951)  # of 1 and 3: the root of 2
    after = before.with_value("S", 2, 1, 5.0)  # of 1 and 5: the root of 8
    assert values(calculate(before, after)) == {"S!1,6": pytest.approx(8**0.5)}


def test_a_value_that_is_not_reproduced_is_kept_and_named() -> None:
    before = one_formula("SUM(A1:B2)", 11.0)
    calculation = calculate(before, before.with_value("S", 1, 1, 2.0))
    assert values(calculation) == {}
    assert kept(calculation) == {"S!F1": "the calculator gets 10 where the workbook has 11"}


@pytest.mark.parametrize(
    ("formula", "shown", "reason"),
    [
        ('A1&"é"', "1É", "the calculator gets '1é' where the workbook has '1É'"),
        ("A1=1", False, "the calculator gets True where the workbook has False"),
        ("A1/0", MissingData(""), "the calculator gets #DIV/0! where the workbook has #N/A"),
        ("A1/3", 0.33333, "the calculator gets 0.333333333333333 where the workbook has 0.33333"),
        ("A1=1", 1.0, "the calculator gets True where the workbook has 1"),
    ],
)
def test_text_truth_errors_and_numbers_must_all_be_reproduced(formula: str, shown: Value, reason: str) -> None:
    before = one_formula(formula, shown)
    assert kept(calculate(before, before.with_value("S", 1, 1, 9.0))) == {"S!F1": reason}


def test_the_last_digits_of_a_number_are_forgiven() -> None:
    before = one_formula("A1/3", 0.33333333333)
    assert values(calculate(before, before.with_value("S", 1, 1, 6.0))) == {"S!1,6": 2.0}
    nought = one_formula("1.1-1-A1", 0.0, [0.1])  # Excel shows 0, the engine a rest of 8E-17
    assert values(calculate(nought, nought.with_value("S", 1, 1, 0.05))) == {"S!1,6": pytest.approx(0.05)}


def test_each_cell_is_judged_on_the_values_that_the_workbook_shows() -> None:
    """F1 cannot be reproduced; F2, which reads it, is reproduced from the value that F1 shows."""
    before = one_formula("SUM(A1:A2)", 100.0).with_formula("S", 2, 6, "F1*B1", value=200.0)
    calculation = calculate(before, before.with_value("S", 1, 2, 3.0))
    assert (values(calculation), calculation.kept) == ({"S!2,6": 300.0}, ())


def test_cells_that_read_a_kept_cell_keep_their_value_too() -> None:
    before = (
        one_formula("SUM(A1:A2)", 100.0)
        .with_formula("S", 2, 6, "F1*B1", value=200.0)
        .with_formula("S", 3, 6, 'IFERROR(F2,"none")', value=200.0)
        .with_formula("S", 4, 6, "SUM(B1:B2)", value=6.0)
    )
    calculation = calculate(before, before.with_value("S", 1, 1, 2.0).with_value("S", 1, 2, 3.0))
    assert values(calculation) == {"S!4,6": 7.0}
    assert kept(calculation) == {
        "S!F1": "the calculator gets 4 where the workbook has 100",
        "S!F2": "it depends on S!F1, which keeps its value",
        "S!F3": "it depends on S!F1, which keeps its value",
    }


def test_what_nothing_new_reaches_is_left_alone_even_when_it_looks_wrong() -> None:
    before = one_formula("SUM(A1:A2)", 999.0).with_formula("S", 2, 6, "SUM(B1:B2)", value=6.0)
    calculation = calculate(before, before.with_value("S", 1, 2, 3.0))
    assert (values(calculation), calculation.kept) == ({"S!2,6": 7.0}, ())


def test_nothing_changed_nothing_calculated() -> None:
    book = one_formula("SUM(A1:A2)", 4.0)
    assert calculate(book) == Calculation({}, (), {})


def test_a_formula_that_was_rewritten_is_calculated() -> None:
    before = one_formula("SUM(A1:A2)", 4.0)
    calculation = calculate(before, before.with_formula("S", 1, 6, "SUM(B1:B2)", value=4.0))
    assert values(calculation) == {"S!1,6": 6.0}


def test_a_blank_that_becomes_an_empty_text_is_a_change() -> None:
    before = one_formula("COUNTA(C1)", 0.0).with_formula("S", 9, 9, "1+1", value=2.0)
    assert values(calculate(before, before.with_value("S", 1, 3, ""))) == {"S!1,6": 1.0}


def test_dates_counted_from_1904_are_told_by_the_second_engine() -> None:
    book = one_formula("YEAR(A1)").with_formula("S", 2, 6, "A1+B2")
    calculation = calculate(Book(book.sheets, date1904=True))
    assert values(calculation) == {"S!2,6": 5.0}
    assert {(one.cell, one.second) for one in calculation.kept} == {("F1", "1904")}


def test_a_value_that_only_one_engine_gets_is_kept_even_where_the_old_one_was_reproduced() -> None:
    before = one_formula('A1&" a month"', "1 a month")
    calculation = calculate(before, before.with_value("S", 1, 1, 0.1 + 0.2))
    reason = "the calculator gets '0.30000000000000004 a month', and the second one '0.3 a month'"
    assert kept(calculation) == {"S!F1": reason}


# New rows of calculated columns


def test_new_rows_are_trusted_like_the_rows_that_were_there() -> None:
    before = one_formula("STDEV(A1:B1)", 0.7071067811865476)
    after = before.with_formula("S", 2, 6, "STDEV(A2:B2)")
    assert values(calculate(before, after)) == {"S!2,6": pytest.approx(0.5**0.5)}


def test_new_rows_are_not_trusted_where_a_row_that_was_there_is_not_reproduced() -> None:
    before = one_formula("A1*2", 3.0)
    after = before.with_formula("S", 2, 6, "A2*2")
    assert kept(calculate(before, after)) == {
        "S!F2": "the same formula in S!F1: the calculator gets 2 where the workbook has 3"
    }


def test_a_table_that_grows_takes_its_formulas_along() -> None:
    facts: list[list[Value]] = [["Area", "Off [n]"], ["Brent", 1.0], ["Camden", 2.0]]
    before = (
        Book.of({"Facts": facts, "S": [[None]]})
        .with_table("Facts", "Facts", "A1:B3")
        .with_formula("S", 1, 1, "SUM(Facts[Off '[n']])", value=3.0)
        .with_formula("S", 2, 1, "COUNTA(Facts[Area])", value=2.0)
        .with_formula("S", 3, 1, "COUNTA(Facts[#Headers])", value=2.0)
    )
    after = before.with_value("Facts", 4, 1, "Ealing").with_value("Facts", 4, 2, 4.0)
    after = after.with_table("Facts", "Facts", "A1:B4")
    assert values(calculate(before, after)) == {"S!1,1": 7.0, "S!2,1": 3.0}
    assert values(calculate(after.with_value("S", 1, 1, 7.0).with_value("S", 2, 1, 3.0), before)) == {
        "S!1,1": 3.0,
        "S!2,1": 2.0,
    }


# Cells that change by themselves


@pytest.mark.parametrize("formula", ["RAND()", "NOW()+A1"])
def test_cells_that_change_each_time_are_kept_with_what_reads_them(formula: str) -> None:
    before = one_formula(formula, 0.5).with_formula("S", 2, 6, "F1*2", value=1.0)
    name = formula.partition("(")[0]
    assert kept(calculate(before)) == {
        "S!F1": f"{name} gives another value each time",
        "S!F2": "it depends on S!F1, which keeps its value",
    }


def test_a_cell_that_finds_its_cells_is_calculated_after_every_change() -> None:
    before = one_formula('INDIRECT("A"&B1)', 3.0).with_formula("S", 2, 6, "F1*B2", value=12.0)
    same = calculate(before, before.with_value("S", 2, 2, 5.0))
    assert (values(same), same.kept) == ({"S!1,6": 3.0, "S!2,6": 15.0}, ())
    other = calculate(before, before.with_value("S", 2, 1, 5.0))
    assert (values(other), other.kept) == ({"S!1,6": 5.0, "S!2,6": 20.0}, ())
    assert calculate(before, before).values == {}


def test_a_cell_that_finds_its_cells_is_kept_only_where_it_may_read_a_kept_one() -> None:
    before = one_formula("OFFSET(F2,B1-2,0)", 5.0).with_formula("S", 2, 6, "A1+A2", value=5.0)
    before = before.with_formula("S", 3, 6, "OFFSET(B1,1,0)+A1", value=5.0)
    calculation = calculate(before, before.with_value("S", 1, 1, 9.0))
    assert values(calculation) == {"S!3,6": 13.0}
    assert set(kept(calculation)) == {"S!F1", "S!F2"}


def test_a_cell_that_finds_its_cells_is_kept_when_any_other_cell_is() -> None:
    before = one_formula("OFFSET(F2,0,0)", 5.0).with_formula("S", 2, 6, "A1+A2", value=5.0)
    calculation = calculate(before, before.with_value("S", 1, 1, 9.0))
    assert set(kept(calculation)) == {"S!F1", "S!F2"}


def test_a_range_that_is_worked_out_is_calculated() -> None:
    before = one_formula("SUM(A1:INDEX(A1:A2,2))", 4.0)
    assert values(calculate(before, before.with_value("S", 1, 1, 2.0))) == {"S!1,6": 5.0}


# Empty texts


def test_an_empty_text_that_stays_empty_is_left_alone() -> None:
    book = (
        one_formula('IF(A1>0,"",STDEV(A1:A2))', "")
        .with_formula("S", 2, 6, 'F1&"!"', value="!")
        .with_formula("S", 3, 6, "SUM(B1:B2)", value=6.0)
    )
    calculation = calculate(book, book.with_value("S", 1, 2, 3.0))
    assert (values(calculation), calculation.kept) == ({"S!3,6": 7.0}, ())


def test_an_empty_text_that_was_never_calculated_wakes_what_reads_it() -> None:
    book = one_formula("A1+A2", "").with_formula("S", 2, 6, "F1*2", value=6.0)
    calculation = calculate(book)
    assert values(calculation) == {"S!1,6": 4.0}
    assert kept(calculation) == {"S!F2": "the calculator gets #VALUE! where the workbook has 6"}


def test_an_empty_text_that_would_not_stay_empty_is_kept_where_the_engines_differ() -> None:
    book = one_formula("0.1+0.2=0.3", "").with_formula("S", 2, 6, "SUM(B1:B2)", value=6.0)
    assert kept(calculate(book)) == {"S!F1": "the calculator gets False, and the second one True"}


# Circles


def test_circles_end_and_are_named() -> None:
    book = one_formula("F2+1").with_formula("S", 2, 6, "F1+1").with_formula("S", 3, 6, "F2+A1")
    book = book.with_formula("S", 4, 6, "F4")
    reason = "it is part of a circle of formulas, or reads one"
    calculation = calculate(book)
    assert values(calculation) == {}
    assert kept(calculation) == dict.fromkeys(["S!F1", "S!F2", "S!F3", "S!F4"], reason)


# Array formulas


def spread(*_cells: object) -> list[list[object]]:
    return [[1.0, "a"], [True, Impossible("no such number")]]


def test_an_array_formula_fills_its_cells() -> None:
    book = one_formula("A1").with_formula("S", 5, 1, "CPA_SPREAD(A1)", array="A5:B6")
    for row, col in [(5, 2), (6, 1), (6, 2)]:
        book = book.with_value("S", row, col, 0.0)  # as XlsxWriter fills them
    book = book.with_formula("S", 5, 6, "B5&A6")
    found = values(calculate(book, CPA_SPREAD=spread))
    assert found == {"S!1,6": 1.0, "S!5,1": 1.0, "S!5,2": "a", "S!5,6": "aTRUE", "S!6,1": True, "S!6,2": "#NUM!"}


def test_an_array_formula_is_believed_only_when_all_its_cells_are_reproduced() -> None:
    before = one_formula("A1*1", 1.0).with_formula("S", 5, 1, "A1:A2*2", value=2.0, array="A5:A6")
    right, wrong = before.with_value("S", 6, 1, 6.0), before.with_value("S", 6, 1, 5.0)
    new = calculate(right, right.with_value("S", 1, 1, 4.0))
    assert values(new) == {"S!1,6": 4.0, "S!5,1": 8.0, "S!6,1": 6.0}
    assert kept(calculate(wrong, wrong.with_value("S", 1, 1, 4.0))) == {
        "S!A5": "the calculator does not get the values that the workbook has"
    }


def test_an_array_formula_that_would_fill_other_cells_is_kept() -> None:
    book = one_formula("A1").with_formula("S", 5, 1, "CPA_SPREAD(A1)", array="A5:A6")
    reason = "it fills 2 by 2 cells now, and the workbook has 2 by 1"
    assert kept(calculate(book, CPA_SPREAD=spread)) == {"S!A5": reason}


def test_a_plain_formula_shows_the_first_of_many_answers() -> None:
    book = one_formula("CPA_SPREAD(A1)").with_formula("S", 1, 7, "INDEX(CPA_SPREAD(A1),1,2)")
    book = book.with_formula("S", 2, 6, "A1").with_formula("S", 3, 6, "CPA_ROW()")
    found = values(calculate(book, CPA_SPREAD=spread, CPA_ROW=lambda: [7.0, 8.0]))
    assert found == {"S!1,6": 1.0, "S!1,7": "a", "S!2,6": 1.0, "S!3,6": 7.0}


def test_a_plain_formula_with_many_values_is_left_to_excel() -> None:
    book = one_formula("A1:A2*2")
    assert kept(calculate(book)) == {"S!F1": "it fills 2 by 1 cells now, and the workbook has 1 by 1"}


# Cell functions


class Recorder:
    """A cell function that notes what it is given."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def __call__(self, *cells: object) -> float:
        self.calls.append(cells)
        return 1.0


def shown(cell: object) -> object:
    if isinstance(cell, list):
        return [[shown(item) for item in row] for row in cell]
    return cell.code if isinstance(cell, CellError) else cell


def recorded(call: str, *rows: list[Value]) -> list[object]:
    recorder = Recorder()
    calculate(one_formula(call, None, *rows), CPA_SHOW=recorder)
    return [shown(cell) for cell in recorder.calls[0]]


CELLS: list[list[Value]] = [[1.0, None, "txt", True], [39814.0, "", cell_error("#N/A"), cell_error("#NAME?")]]


@pytest.mark.parametrize(
    ("call", "cells"),
    [
        ("CPA_SHOW(A1,B1,C1,D1)", [1.0, None, "txt", True]),
        ("CPA_SHOW(A2,B2,C2,D2)", [39814.0, "", "#N/A", "#NAME?"]),
        ("CPA_SHOW(A1:D2)", [[[1.0, None, "txt", True], [39814.0, "", "#N/A", "#NAME?"]]]),
        ("CPA_SHOW(Z9,Z8:Z9)", [None, [[None], [None]]]),
        ("CPA_SHOW(A1,,C1)", [1.0, None, "txt"]),
        ("CPA_SHOW(,A1)", [None, 1.0]),
        ("CPA_SHOW( , A1 , )", [None, 1.0, None]),
        ("CPA_SHOW()", []),
        ('CPA_SHOW(-2,"a,)",TRUE,{1,2})', [-2.0, "a,)", True, [[1.0, 2.0]]]),
        ("CPA_SHOW(DATE(2009,1,1),(A1),IF(A1=1,A2,0))", [39814.0, 1.0, 39814.0]),
        ("CPA_SHOW(SUM(A1,A2),1/0)", [39815.0, "#DIV/0!"]),
        ("[1]!CPA_SHOW(A1)", [1.0]),
        ("_xll.CPA_SHOW(A1)", [1.0]),
        ("_xldudf_CPA_SHOW(A1)", [1.0]),
        ("cpa_show(A1)", [1.0]),
    ],
)
def test_what_a_cell_function_is_given(call: str, cells: list[object]) -> None:
    assert recorded(call, *CELLS) == cells


def test_functions_call_functions() -> None:
    book = one_formula("CPA_TWICE(CPA_TWICE(A2))+CPA_TWICE(1)")
    assert values(calculate(book, CPA_TWICE=lambda x: 2 * x)) == {"S!1,6": 14.0}


@pytest.mark.parametrize(
    ("error", "code"),
    [(MissingData, "#N/A"), (WrongArgument, "#VALUE!"), (Impossible, "#NUM!"), (EmptyDenominator, "#DIV/0!")],
)
def test_an_error_that_a_function_raises_is_the_cells_error_and_its_reason_is_kept(
    error: type[CellError], code: str
) -> None:
    def fails(_cell: object) -> float:
        raise error("Jan-09 is not there")

    calculation = calculate(one_formula("CPA_FAIL(A1)"), CPA_FAIL=fails)
    assert values(calculation) == {"S!1,6": code}
    assert calculation.reasons == {("S", 1, 6): "Jan-09 is not there"}


def fails_for(cell: object) -> object:
    if isinstance(cell, CellError):
        raise cell
    raise MissingData(f"nothing for {cell}")


def test_the_reason_of_an_error_travels_to_the_cells_that_show_it() -> None:
    book = (
        one_formula("CPA_FAIL(A1)")
        .with_formula("S", 2, 6, "F1*2")
        .with_formula("S", 3, 6, "SUM(F2:F2,A1)")
        .with_formula("S", 4, 6, 'IFNA(F1,"none")')
        .with_formula("S", 5, 6, "CPA_FAIL(F1)")
        .with_formula("S", 6, 6, "CPA_FAIL(CPA_FAIL(A2))")
        .with_formula("S", 7, 6, "NA()")
    )
    calculation = calculate(book, CPA_FAIL=fails_for)
    assert values(calculation)["S!4,6"] == "none"
    assert calculation.reasons == {
        ("S", 1, 6): "nothing for 1.0",
        ("S", 2, 6): "S!F1: nothing for 1.0",
        ("S", 3, 6): "S!F1: nothing for 1.0",
        ("S", 5, 6): "S!F1: nothing for 1.0",
        ("S", 6, 6): "nothing for 3.0",
    }


def test_a_function_that_breaks_down_leaves_the_cell_as_it_is() -> None:
    def broken(cell: object) -> float:
        return len(str(cell)) / len([])

    calculation = calculate(one_formula("IFERROR(CPA_BROKEN(A1),0)"), CPA_BROKEN=broken)
    assert kept(calculation) == {"S!F1": "CPA_BROKEN failed with ZeroDivisionError: division by zero"}


def test_an_answer_that_is_no_number_is_num() -> None:
    book = one_formula("CPA_ENDLESS()").with_formula("S", 2, 6, "CPA_BLANK()")
    found = values(calculate(book, CPA_ENDLESS=lambda: float("inf"), CPA_BLANK=lambda: None))
    assert found == {"S!1,6": "#NUM!", "S!2,6": 0.0}


def test_a_function_that_is_not_there_is_named() -> None:
    before = one_formula("CPA_GONE(A1)", cell_error("#NAME?"))
    calculation = calculate(before, before.with_value("S", 1, 1, 2.0))
    assert kept(calculation) == {"S!F1": "the calculators do not know CPA_GONE"}


# Names, sheets, cells far apart


def test_names_and_sheets_in_any_case_and_with_quotes() -> None:
    book = Book.of(
        {"It's data": [[1.0, 2.0]], "S": [[None]]},
        names={
            "as_of": "'It''s data'!$A$1",
            "both": "'It''s data'!$A$1:$B$1",
            "amber": "0.05",
            "top": "MAX(both)+amber",
        },
    )
    book = book.with_formula("S", 1, 1, "AS_OF+SUM(Both)+top+'IT''S DATA'!B1")
    assert values(calculate(book)) == {"S!1,1": pytest.approx(1 + 3 + 2.05 + 2)}


def test_constants_reach_the_engine_as_they_are() -> None:
    texts: list[Value] = ["=1+1", "2009-01-01", "1/2", "TRUE", "'x", "#DIV/0!", " "]
    book = Book.of({"S": [texts]}).with_formula("S", 2, 1, 'TEXTJOIN("|",FALSE,A1:G1)')
    assert values(calculate(book)) == {"S!2,1": "=1+1|2009-01-01|1/2|TRUE|'x|#DIV/0!| "}


@pytest.mark.slow
def test_cells_at_the_far_ends_of_a_sheet() -> None:
    far = Book.of({"D": [[1.0]], "S": [[None]]}).with_cell("D", 1_048_576, 1, Cell(2.0))
    far = far.with_cell("D", 1, 16_384, Cell(4.0)).with_formula("S", 1, 1, "SUM(D!A:A)+SUM(D!1:1)")
    assert values(calculate(far)) == {"S!1,1": 8.0}
    whole = far.with_formula("S", 1, 1, "SUM(D!A:XFD)")
    assert kept(calculate(whole)) == {"S!A1": "it reads a range of more than 5,000,000 cells"}


# Real files


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A small scorecard as XlsxWriter writes it: a table, a name, formulas without values."""
    path = tmp_path / "scorecard.xlsx"
    with xlsxwriter.Workbook(path) as file:
        facts = file.add_worksheet("Monthly facts")
        columns = [{"header": "Month"}, {"header": "SDs (n)"}, {"header": "Offences"}]
        columns.append({"header": "Rate", "formula": "=[@[SDs (n)]]/[@Offences]"})
        rows = [[39753.0, 1.0, 10.0], [39783.0, 2.0, 10.0], [39814.0, 6.0, 10.0]]
        facts.add_table("A1:D4", {"name": "Monthly", "columns": columns, "data": rows})
        for row in range(1, 4):  # XlsxWriter writes 0 unless it gets the formula's value
            facts.write_formula(row, 3, "=Monthly[[#This Row],[SDs (n)]]/Monthly[[#This Row],[Offences]]", None, "")
        card = file.add_worksheet("Card")
        card.write("A1", 39814.0)
        file.define_name("as_of", "=Card!$A$1")
        card.write_formula("A2", "=CPA_TOTAL(Monthly[SDs (n)],Monthly[Month],as_of)", None, "")
        card.write_formula("A3", '=IF(A2>5,"more than five","five or fewer")', None, "")
        card.write_formula("A4", "=XLOOKUP(as_of,Monthly[Month],Monthly[Rate])", None, "")
        card.write_formula("A5", '=TEXT(A4,"0.0%")&" in "&TEXT(as_of,"mmm-yy")', None, "")
        card.write_dynamic_array_formula("B2:B4", "=Monthly[SDs (n)]*2")
    return path


def total(counts: list[list[float]], months: list[list[float]], as_of: float) -> float:
    return sum(count for (count,), (month,) in zip(counts, months, strict=True) if month <= as_of)


def test_a_template_in_a_file(written: Path, tmp_path: Path) -> None:
    template = ClosedWorkbook.open(written)
    calculator = EmbeddedCalculator({"CPA_TOTAL": total})
    calculation = calculator.calculate(template, template)
    assert calculation.kept == ()
    assert values(calculation) == {
        "Monthly facts!2,4": 0.1,
        "Monthly facts!3,4": 0.2,
        "Monthly facts!4,4": 0.6,
        "Card!2,1": 9.0,
        "Card!2,2": 2.0,
        "Card!3,1": "more than five",
        "Card!3,2": 4.0,
        "Card!4,1": 0.6,
        "Card!4,2": 12.0,
        "Card!5,1": "60.0% in Jan-09",
    }

    filled = template.with_values(calculation.values)
    filled.save(tmp_path / "filled.xlsx")
    before = ClosedWorkbook.open(tmp_path / "filled.xlsx")
    assert calculator.calculate(before, before) == Calculation({}, (), {})
    again = calculator.calculate(before, before.with_cell("Card", 1, 1, 39783.0))
    assert again.kept == ()
    assert values(again) == {
        "Card!2,1": 3.0,
        "Card!3,1": "five or fewer",
        "Card!4,1": 0.2,
        "Card!5,1": "20.0% in Dec-08",
    }


def test_new_rows_in_a_file(written: Path) -> None:
    template = ClosedWorkbook.open(written)
    calculator = EmbeddedCalculator({"CPA_TOTAL": total})
    before = template.with_values(calculator.calculate(template, template).values)
    rows = [(39814.0, 1.0, 4.0), (39845.0, 3.0, 4.0), (39873.0, 4.0, 4.0)]
    after = before.with_rows("Monthly", ["Month", "SDs (n)", "Offences"], rows).with_cell("Card", 1, 1, 39845.0)
    calculation = calculator.calculate(before, after)
    assert calculation.kept == ()
    found = values(calculation)
    assert [found[f"Monthly facts!{row},4"] for row in (2, 3, 4)] == [0.25, 0.75, 1.0]
    assert [found[f"Card!{row},1"] for row in (2, 3, 4, 5)] == [4.0, "five or fewer", 0.75, "75.0% in Feb-09"]
    assert [found[f"Card!{row},2"] for row in (2, 3, 4)] == [2.0, 6.0, 8.0]
