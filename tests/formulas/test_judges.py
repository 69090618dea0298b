"""Two judges for every native formula: what both come to counts, all else is kept and named."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from cpa_xl.formulas.calculator import EmbeddedCalculator, Kept
from cpa_xl.formulas.graph import CellValue, FormulaBook
from cpa_xl.formulas.second_judge import SecondJudge
from cpa_xl.measures.figures import REWORKED, same
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.workbook.closed import cell_error
from tests.support.books import Book, Value
from tests.support.judged import cell, shown

pytestmark = pytest.mark.slow  # the second engine takes half a second to start

CORPUS = yaml.safe_load((Path(__file__).parent / "corpus.yaml").read_text(encoding="utf-8"))
AS_OF = 39814.0  # January 2009
COLUMN = 20  # of the formulas, far from all data
LEAST_CALCULATED = 0.9


def corpus_book() -> Book:
    sheets = {name: [[cell(value) for value in row] for row in rows] for name, rows in CORPUS["sheets"].items()}
    book = Book.of({**sheets, "F": []}, {"as_of": "M!$H$1"}).with_table("Monthly", "M", "A1:F25")
    book = book.with_table("Offences", "P", "A1:I4")
    return book.with_value("M", 1, 8, AS_OF)


@pytest.fixture(scope="module")
def corpus() -> list[tuple[list[str], object, Kept | None]]:
    """Each case of the corpus with what the calculator gives, or with the cell that it leaves alone."""
    book, places = corpus_book(), []
    for number, (sheet, formula, *_, mark) in enumerate([[*case, ""] if len(case) == 4 else case for case in CASES]):
        row = 50 + number
        array = cell_name(row, COLUMN) if mark == "array" else None
        book = book.with_formula(sheet, row, COLUMN, formula, array=array)
        places.append((sheet, row, COLUMN))
    calculation = EmbeddedCalculator({}).calculate(book, book)
    kept = {(one.sheet, one.cell): one for one in calculation.kept}
    return [
        (case, calculation.values.get(place), kept.get((place[0], cell_name(*place[1:]))))
        for case, place in zip(CASES, places, strict=True)
    ]


CASES = CORPUS["cases"]


def test_no_formula_of_the_corpus_comes_out_wrong(corpus: list[tuple[list[str], object, Kept | None]]) -> None:
    assert len(CASES) >= 1_000
    wrong = [
        (case[1], shown(value), case[2])
        for case, value, kept in corpus
        if kept is None and not same(value, cell(case[2]), REWORKED)
    ]
    assert wrong == []


def test_most_of_the_corpus_is_calculated(corpus: list[tuple[list[str], object, Kept | None]]) -> None:
    left = [(case[1], kept.reason) for case, _, kept in corpus if kept is not None]
    assert len(left) <= (1 - LEAST_CALCULATED) * len(CASES), left


# Kinds of wrong figures, each by its number. Expected values: support.microsoft.com, the page of each function named;
# the counts are recorded robberies of the Metropolitan Police, September 2008 to January 2009.

ROBBERY: list[list[Value]] = [
    ["Month", "Robbery"],
    [39692.0, 2448.0],  # September 2008
    [39722.0, 2792.0],
    [39753.0, 2638.0],
    [39783.0, 2478.0],
    [39814.0, 2710.0],  # January 2009
]
NOVEMBER = 39753.0
NA = cell_error("#N/A")


def robbery(formulas: Mapping[str, Value], as_of: float = AS_OF) -> Book:
    """The table Monthly, as_of in Score!A1, and formulas with the values that they show, from Score!B1 down."""
    book = Book.of({"Monthly": ROBBERY, "Score": [[as_of]]}, {"as_of": "Score!$A$1"})
    book = book.with_table("Monthly", "Monthly", "A1:B6")
    for row, (formula, value) in enumerate(formulas.items(), 1):
        book = book.with_formula("Score", row, 2, formula, value=value)
    return book


def after_november(formulas: Mapping[str, Value]) -> dict[str, object]:
    """What formulas that show January's values give when the as-of month becomes November; "kept" for the others."""
    before = robbery(formulas)
    return outcomes(before, before.with_value("Score", 1, 1, NOVEMBER), list(formulas))


def outcomes(
    before: Book, after: Book, formulas: Sequence[str], sheet: str = "Score", column: int = 2
) -> dict[str, object]:
    calculation = EmbeddedCalculator({}).calculate(before, after)
    named = {one.cell: one for one in calculation.kept}
    found: dict[str, object] = {}
    for row, formula in enumerate(formulas, 1):
        if (sheet, row, column) in calculation.values:
            found[formula] = shown(calculation.values[sheet, row, column])
        else:
            assert named[cell_name(row, column)].reason
            found[formula] = "kept"
    return found


def right_or_kept(rows: list[list[Value]], expected: Mapping[str, object]) -> set[str]:
    """The formulas without a value that are calculated: each has the value expected of it. The others are named."""
    book = Book.of({"S": rows})
    for row, formula in enumerate(expected, 1):
        book = book.with_formula("S", row, 20, formula)
    found = outcomes(book, book, list(expected), "S", 20)
    calculated = {formula for formula, value in found.items() if value != "kept"}
    wrong = {
        formula: found[formula]
        for formula in calculated
        if not same(cell(found[formula]), cell(expected[formula]), REWORKED)
    }
    assert wrong == {}
    return calculated


def test_a2_a_date_in_figures_is_read_day_first() -> None:
    """01/11/2008 is the first of November in the United Kingdom; both engines read the 11th of January."""
    ask = "SUMIFS(Monthly[Robbery],Monthly[Month],{})"
    formulas: dict[str, tuple[Value, object]] = {
        ask.format('TEXT(as_of,"dd/mm/yyyy")'): (2710.0, 2638.0),
        ask.format('TEXT(as_of,"d/m/yyyy")'): (2710.0, 2638.0),
        ask.format('TEXT(as_of,"dd-mm-yy")'): (2710.0, 2638.0),
        ask.format('">="&TEXT(as_of,"dd/mm/yyyy")'): (2710.0, 2638.0 + 2478 + 2710),
        ask.format('"<"&TEXT(as_of,"dd/mm/yyyy")'): (10356.0, 2448.0 + 2792),
        'COUNTIF(Monthly[Month],">"&TEXT(as_of,"d/m/yy"))': (0.0, 2.0),
        'AVERAGEIFS(Monthly[Robbery],Monthly[Month],">="&TEXT(as_of,"dd/mm/yyyy"))': (2710.0, 7826 / 3),
    }
    assert after_november({formula: old for formula, (old, _) in formulas.items()}) == {
        formula: pytest.approx(new) for formula, (_, new) in formulas.items()
    }


def test_a2_what_means_another_day_elsewhere_is_named() -> None:
    """The first engine reads these month first whatever is done: Excel in the United Kingdom has 1 February."""
    rows: list[list[Value]] = [["01/02/2009", 39845.0], ["text", "13/02/2009"]]
    expected = {
        '"01/02/2009"+0': 39845.0,
        "A1*1": 39845.0,
        "B2-0": 39857.0,
        'DATEVALUE("01/02/2009")': 39845.0,
        "MONTH(A1)": 2.0,
        "COUNTIF(B1:B2,A1)": 1.0,
        'IF(A1="01/02/2009",1,2)': 1.0,  # a comparison of texts: no date is read
        '"to "&TEXT(B1,"dd/mm/yyyy")': "to 01/02/2009",
    }
    calculated = right_or_kept(rows, expected)
    assert {'IF(A1="01/02/2009",1,2)', '"to "&TEXT(B1,"dd/mm/yyyy")', 'DATEVALUE("01/02/2009")'} <= calculated
    assert not calculated & {'"01/02/2009"+0', "A1*1", "B2-0"}


def test_a2_a_criterion_that_is_a_month_in_words_is_named() -> None:
    """Jan-09 is January 2009 to one Excel and 9 January of this year to another."""
    formula = 'SUMIFS(Monthly[Robbery],Monthly[Month],TEXT(as_of,"mmm-yy"))'
    assert after_november({formula: 0.0}) == {formula: "kept"}


def test_a3_percentages_and_dates_in_words_in_criteria() -> None:
    rows: list[list[Value]] = [[0.17, 39783.0], [0.169, 39784.0], [0.5, None], ["17%", 39753.0]]
    expected = {
        'COUNTIF(A1:A4,">=17%")': 2.0,
        'COUNTIF(A1:A3,"17%")': 1.0,
        'COUNTIF(A1:A3,"<17.0%")': 1.0,
        'SUMIF(A1:A3,">16.95%",A1:A3)': 0.67,
        'COUNTIF(B1:B4,"1 Dec 2008")': 1.0,
        'COUNTIF(B1:B4,"1 December 2008")': 1.0,
        'COUNTIF(B1:B4,">=1-Dec-2008")': 2.0,
        'COUNTIFS(B1:B4,"<2 Dec 2008",A1:A4,">10%")': 1.0,
    }
    assert right_or_kept(rows, expected) >= {*list(expected)[:4], 'COUNTIF(B1:B4,"1 Dec 2008")'}


def test_a5_money_in_a_text_is_named() -> None:
    """Excel in the United Kingdom reads £5 as 5; both engines get no number."""
    rows: list[list[Value]] = [[5.0, "£5", "1,2", "5-"], [1234.0, "1,234", "x", None]]
    expected = {
        'VALUE("£5")': 5.0,
        "B1*2": 10.0,
        '"5-"+0': -5.0,
        "D1+0": -5.0,
        "C1+0": 12.0,
        'COUNTIF(A1:A2,"£5")': 1.0,
        'SUMIFS(A1:A2,A1:A2,">£10")': 1234.0,
        "COUNTIF(A1:A2,B1)": 1.0,
        'B1&"!"': "£5!",
        "B2+0": 1234.0,
        'COUNTIF(A1:A2,"1,234")': 1.0,
        "C2+0": "#VALUE!",
    }
    assert right_or_kept(rows, expected) == {'B1&"!"', "C2+0", 'COUNTIF(A1:A2,"1,234")'}


def test_a4_an_error_among_the_cells_of_a_total_is_the_total() -> None:
    rows: list[list[Value]] = [["Hackney", NA], ["Haringey", 2.0], ["Brent", 3.0], ["Brent", cell_error("#DIV/0!")]]
    expected = {
        'SUMIFS(B1:B1,A1:A1,"H*")': "#N/A",
        'SUMIFS(B1:B4,A1:A4,"H*")': "#N/A",
        'SUMIF(A1:A4,"Hackney",B1:B4)': "#N/A",
        'AVERAGEIF(A1:A4,"H*",B1:B4)': "#N/A",
        'AVERAGEIFS(B1:B4,A1:A4,"Brent")': "#DIV/0!",
        'SUMIFS(B1:B4,A1:A4,"Haringey")': 2.0,
        'SUMIFS(B1:B4,A1:A4,"Brent",B1:B4,">2")': 3.0,
    }
    assert right_or_kept(rows, expected) == set(expected)


def test_a5_cells_without_a_value_get_excels_or_none() -> None:
    rows: list[list[Value]] = [[0.5], [0.75], [1.0], ["1,234"], ["31 January 2009"]]
    expected = {
        "SUMPRODUCT((A1:A3>=0.75),A1:A3)": 0.0,  # truth values count as 0
        "SUMPRODUCT(--(A1:A3>=0.75),A1:A3)": 1.75,
        'EDATE("2009-01-31",1)': 39872.0,
        'EOMONTH("31 January 2009",1)': 39872.0,
        '"1,234"*1': 1234.0,
        "A4+0": 1234.0,
        'VALUE("1,234")': 1234.0,
        'MONTH("31 January 2009")': 1.0,
        "YEAR(A5)": 2009.0,
        'DAY("31 January 2009")': 31.0,
        '"12%"+0': 0.12,
    }
    assert right_or_kept(rows, expected) >= {
        "SUMPRODUCT(--(A1:A3>=0.75),A1:A3)",
        'EDATE("2009-01-31",1)',
        'MONTH("31 January 2009")',
        "YEAR(A5)",
    }


def test_a6_what_libreoffice_gets_wrong_the_two_judges_do_not() -> None:
    rows: list[list[Value]] = [[1.0, 10.0, "x", None], ["1", 20.0, "y", True]]
    expected = {
        "SUMIFS(B1:B2,A1:A2,1)": 30.0,
        'COUNTIF(C1:D2,"*")': 2.0,
        "INT(0.57*100)": 56.0,
        'TEXT(D1,"mmm-yy")': "Jan-00",
        "YEAR(D1)": 1900.0,
        'SUMPRODUCT((C1:C2="x"),B1:B2)': 0.0,
        '(1=1)&""': "TRUE",
        "MROUND(6.05,0.1)": 6.0,
    }
    assert right_or_kept(rows, expected) == set(expected) - {'SUMPRODUCT((C1:C2="x"),B1:B2)'}


def test_a7_a_negative_figure_beside_a_date_is_calculated() -> None:
    formulas: dict[str, Value] = {
        '1-SUM(Monthly[Robbery])/SUMIFS(Monthly[Robbery],Monthly[Month],">="&EDATE(as_of,-2))': 1 - 13066 / 7826,
        "SUMIFS(Monthly[Robbery],Monthly[Month],as_of)-SUMIFS(Monthly[Robbery],Monthly[Month],EDATE(as_of,-1))": 232.0,
        "EOMONTH(as_of,-1)-as_of": -1.0,
        "DATE(2008,1,1)-as_of": -366.0,
    }
    new = [0.0, 2638.0 - 2792, -1.0, 39448.0 - 39753]  # from September on: all five months
    assert list(after_november(formulas).values()) == [pytest.approx(value) for value in new]


def test_a8_a_result_that_is_no_number_keeps_one_cell_and_stops_nothing() -> None:
    formula = "BINOM.DIST(0,100,A1,TRUE)"
    before = Book.of({"S": [[0.5]]}).with_formula("S", 1, 2, formula, value=0.5**100)
    before = before.with_formula("S", 2, 2, "A1*2", value=1.0).with_formula("S", 3, 2, "B1+1", value=1.0)
    found = outcomes(before, before.with_value("S", 1, 1, 0.0), [formula, "A1*2", "B1+1"], "S")
    assert found == {formula: "kept", "A1*2": 0.0, "B1+1": "kept"}


def test_a13_counting_rows_reads_no_cell() -> None:
    """ROWS(B$1:B1) stands in B1 itself, and no circle comes of it."""
    ask = "SUMIFS(Monthly[Robbery],Monthly[Month],EDATE(as_of,1-{}))"
    shown_in_january = [2710.0, 2478.0, 2638.0]
    for count in ("ROWS(B$1:B{0})", "ROW(B{0})", "ROWS(B$1:$B{0})", "ROW()", "(COLUMNS($B$1:B1)+ROW(B{0})-1)"):
        before = robbery({})
        for row, value in enumerate(shown_in_january, 1):
            before = before.with_formula("Score", row, 2, ask.format(count.format(row)), value=value)
        calculation = EmbeddedCalculator({}).calculate(before, before.with_value("Score", 1, 1, NOVEMBER))
        assert (list(calculation.values.values()), calculation.kept) == ([2638.0, 2792.0, 2448.0], ())


def test_a14_a_table_named_alone_is_its_rows_without_the_heading() -> None:
    rows: list[list[Value]] = [["k", "v"], ["x", 10.0], ["y", 20.0], ["z", 30.0]]
    expected = {
        "ROWS(T)": 3.0,
        "COUNTA(T)": 6.0,
        "INDEX(T,1,2)": 10.0,
        'MATCH("y",INDEX(T,0,1),0)': 2.0,
        "SUM(T)": 60.0,
    }
    expected |= {'INDEX(T,2,MATCH("v",T[#Headers],0))': 20.0, "COLUMNS(T)": 2.0, "SUM(INDEX(T,0,2))": 60.0}
    book = Book.of({"S": rows}).with_table("T", "S", "A1:B4")
    for row, formula in enumerate(expected, 1):
        book = book.with_formula("S", row, 9, formula)
    assert outcomes(book, book, list(expected), "S", 9) == expected


def test_a18_everyday_shapes_are_calculated() -> None:
    rows: list[list[Value]] = [[39783.0, 10.0], [39814.0, 20.0], [39845.0, 30.0], [39873.0, None]]
    book = Book.of({"S": rows}).with_formula("S", 1, 4, "B1:B3*2", array="D1:D3")
    expected = {
        "SUM(D1#)": 120.0,
        "SUM(_xlfn.ANCHORARRAY(D1))": 120.0,
        "_xlfn.LET(_xlpm.x,B1:B3,SUM(_xlpm.x))": 60.0,
        "SUMPRODUCT((YEAR(A1:A4)=2009)*B1:B4)": 50.0,
        "SUMPRODUCT((MONTH(A1:A4)=1)*B1:B4)": 20.0,
        "SUM(INDEX(B1:B4,2):INDEX(B1:B4,3))": 50.0,
        "AGGREGATE(9,6,B1:B4)": 60.0,
        "AGGREGATE(14,6,B1:B4,2)": 20.0,
        'TEXT(-2,"+0;-0;0")': "-2",
        'TEXT(0.034,"+0.0%;-0.0%;0.0%")': "+3.4%",
        "SUM(OFFSET(B4,0,0,-3,1))": 50.0,
        "SUBTOTAL(109,B1:B4)": 60.0,
        "SUM(Jan:Mar!A1)": 6.0,
    }
    months = Book.of({name: [[float(number)]] for number, name in enumerate(["Jan", "Feb", "Mar"], 1)})
    book = replace(book, sheets=dict(book.sheets) | dict(months.sheets))
    for row, formula in enumerate(expected, 1):
        book = book.with_formula("S", row, 9, formula, array=f"I{row}" if "LET" in formula else None)
    assert outcomes(book, book, list(expected), "S", 9) == expected


def test_a15_subtotal_of_hidden_rows_is_named() -> None:
    book = Book.of({"S": [[1.0], [2.0], [3.0]]}).with_formula("S", 1, 3, "SUBTOTAL(109,A1:A3)")
    book = book.with_formula("S", 2, 3, "SUBTOTAL(9,A1:A2)")
    hidden = replace(book, hidden={"S": {3}})
    assert outcomes(hidden, hidden, ["SUBTOTAL(109,A1:A3)", "SUBTOTAL(9,A1:A2)"], "S", 3) == {
        "SUBTOTAL(109,A1:A3)": "kept",
        "SUBTOTAL(9,A1:A2)": 3.0,
    }


@pytest.mark.parametrize("name", ["sheet1", "SHEET1", "Sheet1", "sHEET1"])
def test_a19_a_sheet_of_the_engines_own_name(name: str) -> None:
    book = Book.of(
        {"Front": [[1.0]], name: [[None, None, 80.0], [None, None, 20.0], [None, None, 60.0], [None, None, 40.0]]}
    )
    for row, formula in enumerate((f"SUM({name}!C1:C4)", f"MAX('{name}'!C:C)", f"COUNT({name}!C1:C4)+A1"), 1):
        book = book.with_formula("Front", row, 2, formula)
    for _ in range(3):
        calculation = EmbeddedCalculator({}).calculate(book, book)
        assert (list(calculation.values.values()), calculation.kept) == ([200.0, 80.0, 5.0], ())


def test_a20_blanks_truth_values_and_errors_as_arguments() -> None:
    rows: list[list[Value]] = [[5.0, None, True], [1.0, 2.0, "TRUE"], [3.0, 4.0, NA]]
    expected = {
        'COUNTIF(A1:A3,">="&B1)': 0.0,
        "COUNTIF(A1:A3,B1)": 0.0,
        'COUNTIFS(J:J,"<>a")': 1_048_576.0,
        "COUNTIF(C2:C3,C3)": 1.0,
        "XLOOKUP(4,A1:A3,A1:A3,,-1)": 3.0,
        "XLOOKUP(2,A1:A3,A1:A3,,1)": 3.0,
        "SUMPRODUCT(A1,A2:A3)": "#VALUE!",
        'AND("TRUE")': True,
        'IF("tRue",1,2)': 1.0,
        "EOMONTH(C1,1)": "#VALUE!",
        "EDATE(C1,1)": "#VALUE!",
    }
    assert right_or_kept(rows, expected) >= {
        'COUNTIF(A1:A3,">="&B1)',
        "COUNTIF(C2:C3,C3)",
        "XLOOKUP(4,A1:A3,A1:A3,,-1)",
    }


def test_a20_a_sheets_own_name_hides_the_workbooks() -> None:
    book = Book.of({"S": [[1.0, 10.0]], "T": [[2.0]]}, {"rate": "S!$A$1"})
    book = replace(book, own_names={("T", "Rate"): "S!$B$1"})
    book = book.with_formula("S", 1, 5, "rate").with_formula("T", 1, 5, "RATE*1").with_formula("T", 2, 5, "S!rate")
    calculation = EmbeddedCalculator({}).calculate(book, book)
    assert (list(calculation.values.values()), calculation.kept) == ([1.0, 10.0, 1.0], ())


@pytest.mark.parametrize("code", ["#BUSY!", "#PYTHON!", "#SPILL!", "#TIMEOUT!", "#WHATEVER"])
def test_an_error_that_an_engine_has_never_heard_of_is_an_error(code: str) -> None:
    """A newer program may write any code; a refresh goes on, and nothing becomes another error."""
    rows: list[list[Value]] = [[cell_error(code), 2.0]]
    expected = {"B1+1": 3.0, "IFERROR(A1,7)": 7.0, "ISERROR(A1)": True, "ISNA(A1)": False, "SUM(A1:B1)": code}
    assert right_or_kept(rows, expected) == set(expected) - {"SUM(A1:B1)"}


def test_a_unit_of_time_in_brackets_and_without_is_named() -> None:
    """Seen in ElapsedFormatTests.xlsx of Apache POI: 271433 twice; both engines give 53 for the second."""
    rows: list[list[Value]] = [[3.14159]]
    expected = {
        'TEXT(A1,"[s] ss")': "271433 271433",
        'TEXT(A1,"h [hh]:mm")': "75 75:23",
        'TEXT(A1,"[h]:mm:ss")': "75:23:53",
    }
    assert right_or_kept(rows, expected) == {'TEXT(A1,"[h]:mm:ss")'}


def test_a18_columns_with_commas_and_colons_in_their_names(corpus: list[tuple[list[str], object, Kept | None]]) -> None:
    """As in "Rate (per 1,000)", which the second engine takes for a list unless it has brackets of its own."""
    odd = [kept for case, _, kept in corpus if "Offences[" in case[1]]
    assert len(odd) == 18
    assert not any(odd)


def test_a21_rows_with_ordinary_arguments_prove_nothing_about_others() -> None:
    """YEAR is reproduced beside a number, and the new row holds a date as text."""
    before = Book.of({"S": [[39814.0], [39845.0]]}).with_formula("S", 1, 2, "YEAR(A1)", value=2009.0)
    for argument, expected in (("31/01/2009", 2009.0), ("31 January 2009", 2009.0), (NA, "#N/A"), (True, 1900.0)):
        after = before.with_value("S", 2, 1, argument).with_formula("S", 2, 2, "YEAR(A2)")
        found = EmbeddedCalculator({}).calculate(before, after).values.get(("S", 2, 2), "kept")
        assert shown(found) in (expected, "kept")


def test_arguments_of_cell_functions_are_judged_too() -> None:
    """A cell function gets what both engines come to, or its cell is named."""
    book = (
        Book.of({"S": [[0.1, 0.2]]})
        .with_formula("S", 1, 5, "CPA_ANSWER(A1+B1=0.3)")
        .with_formula("S", 2, 5, "CPA_ANSWER(A1+B1)*2")
    )
    calculation = EmbeddedCalculator({"CPA_ANSWER": lambda value: value}).calculate(book, book)
    assert calculation.values == {("S", 2, 5): pytest.approx(0.6)}
    assert calculation.kept == (
        Kept(
            "S",
            "E1",
            "CPA_ANSWER(A1+B1=0.3)",
            "the calculator gets False for A1+B1=0.3, and the second one True",
            "False",
            "True",
        ),
    )


def test_a_fault_of_the_resolver_would_show() -> None:
    """The second engine resolves tables and names by itself."""
    book = FormulaBook(robbery({"SUM(Monthly[Robbery])": None}))
    place = ("Score", 1, 2)
    wrong: list[list[CellValue]] = [[10_000.0]]
    assert SecondJudge(book, (), {}).doubts({place: wrong})[place].second == "13066"
