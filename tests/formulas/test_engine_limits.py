"""The functions and signs that the calculator is trusted with, one by one, through the calculator itself.

Expected values: "reference" cases are examples of Microsoft's own function pages (support.microsoft.com, one page a
function); the others were worked out on paper from the small sheet below, by the rules on those pages.
"""

import math

import pytest

from cpa_xl.errors import CellError
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.formulas.engine_limits import CHECKED_FORMATS, CHECKED_FUNCTIONS, CHECKED_SIGNS, EngineLimits, value_limit
from cpa_xl.formulas.references import Resolver, read_tokens
from tests.support.books import Book, Value

SHEET: list[list[Value]] = [
    ["Area", "Offences", "Month", "Note", "Rate"],
    ["Camden", 10.0, 39753.0, "x", 0.1],  # 1 November 2008
    ["Barnet", 20.0, 39783.0, None, 0.25],  # 1 December 2008
    ["camden", 30.0, 39814.0, "", 0.5],  # 1 January 2009
    ["Brent", 40.0, 39814.0, True, None],
    ["Ealing", None, 39845.0, 5.0, -0.2],  # 1 February 2009
]
NA, NO_VALUE, DIV0, NUM, REF, CALC = "#N/A", "#VALUE!", "#DIV/0!", "#NUM!", "#REF!", "#CALC!"

REFERENCE = [
    ("IFERROR(210/35,0)", 6.0),
    ("MATCH(39,{25,38,40,41},1)", 2.0),
    ("MATCH(41,{25,38,40,41},0)", 4.0),
    ("MATCH(40,{25,38,40,41},-1)", NA),
    ("SUM(5,15,TRUE)", 21.0),
    ("AVERAGE(10,7,9,27,2)", 11.0),
    ("LARGE({3,5,3,5,4,4,2,4,6,7},3)", 5.0),
    ("LARGE({3,5,3,5,4,4,2,4,6,7},7)", 4.0),
    ("SMALL({3,4,5,2,3,4,6,4,7},4)", 4.0),
    ("SMALL({1,4,8,3,7,12,54,8,23},2)", 3.0),
    ("MEDIAN({1,2,3,4,5})", 3.0),
    ("MEDIAN({1,2,3,4,5,6})", 3.5),
    ("ROUND(2.15,1)", 2.2),
    ("ROUND(2.149,1)", 2.1),
    ("ROUND(-1.475,2)", -1.48),
    ("ROUND(21.5,-1)", 20.0),
    ("ROUND(626.3,-3)", 1000.0),
    ("ROUND(1.98,-1)", 0.0),
    ("ROUND(-50.55,-2)", -100.0),
    ("ROUNDUP(3.2,0)", 4.0),
    ("ROUNDUP(76.9,0)", 77.0),
    ("ROUNDUP(3.14159,3)", 3.142),
    ("ROUNDUP(-3.14159,1)", -3.2),
    ("ROUNDUP(31415.92654,-2)", 31500.0),
    ("ROUNDDOWN(3.2,0)", 3.0),
    ("ROUNDDOWN(76.9,0)", 76.0),
    ("ROUNDDOWN(3.14159,3)", 3.141),
    ("ROUNDDOWN(-3.14159,1)", -3.1),
    ("ROUNDDOWN(31415.92654,-2)", 31400.0),
    ("TRUNC(8.9)", 8.0),
    ("TRUNC(-8.9)", -8.0),
    ("TRUNC(0.45)", 0.0),
    ("INT(8.9)", 8.0),
    ("INT(-8.9)", -9.0),
    ("MOD(3,2)", 1.0),
    ("MOD(-3,2)", 1.0),
    ("MOD(3,-2)", -1.0),
    ("MOD(-3,-2)", -1.0),
    ("SIGN(10)", 1.0),
    ("SIGN(4-4)", 0.0),
    ("SIGN(-0.00001)", -1.0),
    ("ABS(-2)", 2.0),
    ("SQRT(16)", 4.0),
    ("SQRT(-16)", NUM),
    ("DATE(2008,1,2)", 39449.0),
    ("DATE(108,1,2)", 39449.0),
    ("DATE(2008,14,2)", 39846.0),
    ("DATE(2008,-3,2)", 39327.0),
    ("DATE(2008,1,35)", 39482.0),
    ("DATE(2008,1,-15)", 39432.0),
    ("EDATE(40558,1)", 40589.0),  # 15 January 2011
    ("EDATE(40558,-1)", 40527.0),
    ("EDATE(40558,2)", 40617.0),
    ("EOMONTH(40544,1)", 40602.0),  # 1 January 2011
    ("EOMONTH(40544,-3)", 40482.0),
    ('LEFT("Sale Price",4)', "Sale"),
    ('LEFT("Sweden")', "S"),
    ('RIGHT("Sale Price",5)', "Price"),
    ('RIGHT("Stock Number")', "r"),
    ('MID("Fluid Flow",1,5)', "Fluid"),
    ('MID("Fluid Flow",7,20)', "Flow"),
    ('MID("Fluid Flow",20,5)', ""),
    ('LEN("Phoenix, AZ")', 11.0),
    ('LEN("")', 0.0),
    ('LEN("     One   ")', 11.0),
    ('FIND("M","Miriam McGovern")', 1.0),
    ('FIND("m","Miriam McGovern")', 6.0),
    ('FIND("M","Miriam McGovern",3)', 8.0),
    ('SEARCH("n","printer")', 4.0),
    ('SEARCH("base","database")', 5.0),
    ('SUBSTITUTE("Sales Data","Sales","Cost")', "Cost Data"),
    ('SUBSTITUTE("Quarter 1, 2008","1","2",1)', "Quarter 2, 2008"),
    ('SUBSTITUTE("Quarter 1, 2011","1","2",3)', "Quarter 1, 2012"),
    ('TRIM(" First Quarter Earnings ")', "First Quarter Earnings"),
    ('EXACT("word","word")', True),
    ('EXACT("Word","word")', False),
    ('EXACT("w ord","word")', False),
    ('REPT("*-",3)', "*-*-*-"),
    ('REPT("-",10)', "----------"),
    ("COLUMN(D10)", 4.0),
    ("ROW(C10)", 10.0),
    ("COLUMNS(C1:E4)", 3.0),
    ("COLUMNS({1,2,3;4,5,6})", 3.0),
    ("ROWS(C1:E4)", 4.0),
    ("ROWS({1,2,3;4,5,6})", 2.0),
]

WORKED = [
    ('IF(B2>5,"more","less")', "more"),
    ('IF(B2>50,"more")', False),
    ("IF(D3,1,2)", 2.0),
    ("IF(B2,D3,1)", 0.0),
    ('IF("x",1,2)', NO_VALUE),
    ("IF(1/0,1,2)", DIV0),
    ("IF(TRUE,1,1/0)", 1.0),
    ("IF(1,,5)", 0.0),
    ('IF(B6="","blank",B6)', "blank"),
    ('IFERROR(1/0,"none")', "none"),
    ("IFERROR(NA(),D3)", 0.0),
    ("IFNA(NA(),7)", 7.0),
    ("IFNA(1/0,7)", DIV0),
    ("IFNA(3,7)", 3.0),
    ('IFS(B2>50,"a",B2>5,"b")', "b"),
    ("IFS(FALSE,1)", NA),
    ('SWITCH(B2,5,"a",10,"b","c")', "b"),
    ('SWITCH(99,5,"a",10,"b","c")', "c"),
    ('SWITCH(99,5,"a")', NA),
    ("AND(B2>5,B3>5)", True),
    ("AND(TRUE,0)", False),
    ("AND(TRUE,NA())", NA),
    ("AND(A2:A3)", NO_VALUE),
    ("OR(B2>15,B3>15)", True),
    ("OR(FALSE,0)", False),
    ("OR(1/0,TRUE)", DIV0),
    ("NOT(B2>15)", True),
    ("NOT(D3)", True),
    ("TRUE()", True),
    ("FALSE()", False),
    ("INDEX(A2:C6,2,2)", 20.0),
    ("INDEX(A2:A6,3)", "camden"),
    ("SUM(INDEX(A2:C6,0,2))", 100.0),
    ("INDEX(A2:C6,9,1)", REF),
    ("INDEX(A1:E1,4)", "Note"),
    ("INDEX(B2:B6,5)", 0.0),
    ("INDEX({1,2;3,4},2,1)", 3.0),
    ('MATCH("CAMDEN",A2:A6,0)', 1.0),
    ('MATCH("b*",A2:A6,0)', 2.0),
    ('MATCH("b?ent",A2:A6,0)', 4.0),
    ("MATCH(25,B2:B5)", 2.0),
    ('MATCH("zz",A2:A6,0)', NA),
    ("MATCH(39814,C2:C6,0)", 3.0),
    ("MATCH(5,B2:B5,1)", NA),
    ('MATCH("Note",A1:E1,0)', 4.0),
    ('MATCH("a~*",{"ab","a*"},0)', 2.0),
    ("MATCH(D3,B2:B6,0)", NA),
    ('XMATCH("brent",A2:A6)', 4.0),
    ('XLOOKUP("barnet",A2:A6,B2:B6)', 20.0),
    ('XLOOKUP("none",A2:A6,B2:B6)', NA),
    ('XLOOKUP("none",A2:A6,B2:B6,"no")', "no"),
    ("XLOOKUP(39814,C2:C6,A2:A6)", "camden"),
    ("XLOOKUP(39814,C2:C6,A2:A6,,0,-1)", "Brent"),
    ("XLOOKUP(39800,C2:C6,A2:A6,,-1)", "Barnet"),
    ("XLOOKUP(39800,C2:C6,B2:B6,,1)", 30.0),
    ('XLOOKUP("b*",A2:A6,B2:B6,,2)', 20.0),
    ('XLOOKUP("b*",A2:A6,B2:B6,"none",0)', "none"),
    ('XLOOKUP("Ealing",A2:A6,B2:B6)', 0.0),
    ('XLOOKUP("Note",A1:E1,A2:E2)', "x"),
    ('XLOOKUP("brent",A2:A6,B2:B5)', NO_VALUE),
    ('VLOOKUP("barnet",A2:C6,2,FALSE)', 20.0),
    ('VLOOKUP("zz",A2:C6,2,FALSE)', NA),
    ("VLOOKUP(25,B2:C5,2)", 39783.0),
    ('VLOOKUP("barnet",A2:C6,4,FALSE)', REF),
    ('VLOOKUP("E*",A2:C6,3,0)', 39845.0),
    ('HLOOKUP("note",A1:E6,2,FALSE)', "x"),
    ('CHOOSE(2,"1st","2nd")', "2nd"),
    ('CHOOSE(3,"a","b")', NO_VALUE),
    ("SUM(CHOOSE(2,A2:A6,B2:B6))", 100.0),
    ("SUM(B2:B6)", 100.0),
    ("SUM(D2:D6)", 5.0),
    ('SUM("5",15,TRUE)', 21.0),
    ("SUM(B2:B3,B5)", 70.0),
    ('SUM("x")', NO_VALUE),
    ("SUM(B:B)", 100.0),
    ("SUM(2:2)", 39763.1),
    ('SUMIF(A2:A6,"camden",B2:B6)', 40.0),
    ('SUMIF(B2:B6,">15")', 90.0),
    ('SUMIFS(B2:B6,A2:A6,"camden")', 40.0),
    ('SUMIFS(B2:B6,C2:C6,">="&DATE(2008,12,1),C2:C6,"<="&DATE(2009,1,1))', 90.0),
    ('SUMIFS(B2:B6,A2:A6,"<>Camden")', 60.0),
    ('SUMIFS(B2:B6,A2:A6,"b*")', 60.0),
    ('SUMIFS(B2:B6,A2:A6,"none")', 0.0),
    ("SUMIFS(B2:B6,C2:C6,C4)", 70.0),
    ('SUMIFS(B2:B6,D2:D6,"")', 50.0),
    ('SUMIFS(B2:B6,D2:D6,"=")', 20.0),
    ('SUMIFS(B2:B6,D2:D6,"<>")', 80.0),
    ('SUMIFS(B2:B6,E2:E6,"<0.3")', 30.0),
    ('SUMIFS(B:B,A:A,"brent")', 40.0),
    ('COUNTIF(A2:A6,"camden")', 2.0),
    ('COUNTIF(B2:B6,">"&B2)', 3.0),
    ('COUNTIFS(B2:B6,">=20",C2:C6,C4)', 2.0),
    ('COUNTIFS(D2:D6,"")', 2.0),
    ('COUNTIFS(A2:A6,"?a*")', 4.0),
    ('COUNTIFS(B2:B6,"<>20")', 4.0),
    ("COUNTIFS(D2:D6,TRUE)", 1.0),
    ('COUNTIFS(D2:D6,"<>")', 4.0),
    ("COUNTIFS(E2:E6,0.25)", 1.0),
    ('COUNTIFS(B2:B6,"10")', 1.0),
    ('COUNTIFS(A2:A6,">brent")', 3.0),
    ("COUNTBLANK(D2:D6)", 2.0),
    ("SUMPRODUCT(B2:B5,E2:E5)", 21.0),
    ('SUMPRODUCT((A2:A6="camden")*B2:B6)', 40.0),
    ("SUMPRODUCT(--(C2:C6=DATE(2009,1,1)))", 2.0),
    ("SUMPRODUCT(B2:B5,E2:E6)", NO_VALUE),
    ('SUMPRODUCT((A2:A5="camden")*1,B2:B5)', 40.0),
    ('SUMPRODUCT((A2:A6="camden")*D2:D6)', NO_VALUE),
    ('MAXIFS(B2:B6,A2:A6,"camden")', 30.0),
    ('MAXIFS(B2:B6,A2:A6,"zz")', 0.0),
    ('MINIFS(B2:B6,A2:A6,"camden")', 10.0),
    ('MINIFS(E2:E6,E2:E6,">0")', 0.1),
    ("AVERAGE(B2:B6)", 25.0),
    ("AVERAGE(D2:D6)", 5.0),
    ("AVERAGE(A2:A6)", DIV0),
    ('AVERAGEIF(A2:A6,"camden",B2:B6)', 20.0),
    ('AVERAGEIFS(B2:B6,A2:A6,"camden")', 20.0),
    ('AVERAGEIFS(B2:B6,A2:A6,"zz")', DIV0),
    ("COUNT(B2:B6)", 4.0),
    ("COUNT(D2:D6)", 1.0),
    ("COUNTA(D2:D6)", 4.0),
    ("COUNTA(B2:B6)", 4.0),
    ("MIN(B2:B6)", 10.0),
    ("MIN(A2:A6)", 0.0),
    ("MIN(E2:E6,3)", -0.2),
    ("MAX(C2:C6)", 39845.0),
    ("MAX(D2:D6)", 5.0),
    ("MAX(NA(),1)", NA),
    ("PRODUCT(B2:B3)", 200.0),
    ("LARGE(B2:B6,5)", NUM),
    ("SMALL(B2:B6,0)", NUM),
    ("RANK(B3,B2:B6)", 3.0),
    ("RANK(B3,B2:B6,1)", 2.0),
    ("RANK(C3,C2:C6)", 4.0),
    ("RANK(99,B2:B6)", NA),
    ("ROUND(1.005,2)", 1.01),
    ("ROUND(2.675,2)", 2.68),
    ("ROUND(-0.0365,3)", -0.037),
    ("ROUNDUP(2.3*100,0)", 230.0),
    ("ROUNDDOWN(0.29*100,0)", 29.0),
    ("ABS(A2)", NO_VALUE),
    ("INT((0.1+0.7)*10)", 7.0),  # the binary fraction just below 8, as in Excel
    ("MOD(3,0)", DIV0),
    ("YEAR(C2)", 2008.0),
    ("YEAR(A2)", NO_VALUE),
    ("MONTH(39813.9)", 12.0),
    ("DAY(39813)", 31.0),
    ("DAY(60)", 29.0),  # 29 February 1900, which Excel has
    ("DAY(-1)", NUM),
    ("EDATE(DATE(2009,1,31),1)", 39872.0),
    ("EDATE(39814,-12)", 39448.0),
    ("EOMONTH(39814,0)", 39844.0),
    ('LEFT("x",-1)', NO_VALUE),
    ("LEFT(B2,1)", "1"),
    ('MID("x",0,1)', NO_VALUE),
    ("LEN(D3)", 0.0),
    ('FIND("z","abc")', NO_VALUE),
    ('SEARCH("A?e","xxabe")', 3.0),
    ('SEARCH("z","abc")', NO_VALUE),
    ('SUBSTITUTE("abc","B","x")', "abc"),
    ('TRIM(" a   b ")', "a b"),
    ('CONCATENATE("a",B2," ",TRUE)', "a10 TRUE"),
    ('CONCAT(A2:A3,"-",B2)', "CamdenBarnet-10"),
    ('TEXTJOIN(", ",TRUE,A2:A3,D3,D4,"z")', "Camden, Barnet, z"),
    ('TEXTJOIN("-",FALSE,A2,D3,"z")', "Camden--z"),
    ('REPT("x",2.9)', "xx"),
    ('REPT("x",-1)', NO_VALUE),
    ("ISBLANK(D3)", True),
    ("ISBLANK(D4)", False),
    ("ISNUMBER(B2)", True),
    ("ISNUMBER(B6)", False),
    ("ISNUMBER(D5)", False),
    ("ISERROR(1/0)", True),
    ("ISERROR(B2)", False),
    ("ISERR(NA())", False),
    ("ISERR(1/0)", True),
    ("ISNA(NA())", True),
    ("ISNA(1/0)", False),
    ("ISTEXT(A2)", True),
    ("ISTEXT(D4)", True),
    ("ISLOGICAL(D5)", True),
    ("ISLOGICAL(B2)", False),
    ("N(B2)", 10.0),
    ("N(A2)", 0.0),
    ("N(TRUE)", 1.0),
    ("N(NA())", NA),
    ("NA()", NA),
    ("LET(x,5,SUM(x,1))", 6.0),
    ("_xlfn.LET(_xlpm.a,B2,_xlpm.b,_xlpm.a*2,_xlpm.a+_xlpm.b)", 30.0),
    ("INDEX(_xlfn._xlws.SORT(B2:B5,1,-1),1)", 40.0),
    ("INDEX(SORT(A2:A6),2)", "Brent"),
    ("ROW()", 50.0),
    ("COLUMN()", 20.0),
    ('A2&" "&B2', "Camden 10"),
    ('"a"&D3', "a"),
    ('E2&""', "0.1"),
    ('-E3&"%"', "-0.25%"),
    ("A2=A4", True),
    ("A2<>A3", True),
    ("D3=0", True),
    ('D3=""', True),
    ('"1"=1', False),
    ('"a">99999', True),
    ("B2>=10", True),
    ("B2<B3", True),
    ("B3<=B2", False),
    ("50%*B2", 5.0),
    ("-2*-2", 4.0),
    ("B2/0", DIV0),
    ('"2"+1', 3.0),
    ('"x"+1', NO_VALUE),
    ("D3+1", 1.0),
    ("TRUE+1", 2.0),
    ("(B2+B3)*2-1", 59.0),
    ("SUM({1,2;3,4})", 10.0),
    ('OR(A2={"camden","x"})', True),
]

# As Excel stores them: dynamic array formulas of one cell.
ARRAYS = [
    ('SUM(_xlfn._xlws.FILTER(B2:B6,A2:A6="camden"))', 40.0),
    ("COUNTA(FILTER(A2:C6,B2:B6>15))", 9.0),
    ('SUM(FILTER(B2:B6,(A2:A6="camden")*(B2:B6>15)))', 30.0),
    ('FILTER(B2:B6,A2:A6="zz","none")', "none"),
    ('FILTER(B2:B6,A2:A6="zz")', CALC),
    ('SUM(IF(A2:A6="camden",B2:B6))', 40.0),
    ('MIN(IF(A2:A6="camden",B2:B6))', 10.0),
    ("SUM(IFERROR(B2:B6/E2:E6,1000))", 1240.0),  # 100, 80, 60, 1000 for 40/0, and 0/-0.2
    ("SUM(B2:B6*2)", 200.0),
    ('INDEX(B2:B6,MATCH(1,(A2:A6="camden")*(B2:B6=30),0))', 30.0),
    ('XLOOKUP(1,(A2:A6="camden")*(B2:B6=30),C2:C6)', 39814.0),
]

# As Excel prints them: halves away from zero, judged on 15 digits; English month names.
FORMATS = [
    ("0%", 0.125, "13%"),
    ("0%", 0.785, "79%"),
    ("0.0%", 0.778, "77.8%"),
    ("0.0%", -0.0365, "-3.7%"),
    ("0.0%", 0.0785, "7.9%"),
    ("0.0%", 0.9995, "100.0%"),
    ("0.0%", 1.005, "100.5%"),
    ("0.00%", 0.12345, "12.35%"),
    ("0", 2.5, "3"),
    ("0", -2.5, "-3"),
    ("0.0", 31.45, "31.5"),
    ("0.0", 2.25, "2.3"),
    ("0.0", 1.35, "1.4"),
    ("0.00", 1.005, "1.01"),
    ("0.000", 0.0625, "0.063"),
    ("00", 5.0, "05"),
    ("#,##0", 1234567.5, "1,234,568"),
    ("#,##0", -1234.0, "-1,234"),
    ("#,##0", 999.5, "1,000"),
    ("#,##0.0", 1234.56, "1,234.6"),
    ("#,##0.00", 12345.678, "12,345.68"),
    ("@", 7.0, "7"),
    ("mmm-yy", 39814.0, "Jan-09"),
    ("mmm yy", 39814.0, "Jan 09"),
    ("mmm yyyy", 39814.0, "Jan 2009"),
    ("mmmm yyyy", 39814.0, "January 2009"),
    ("d mmm yyyy", 39815.0, "2 Jan 2009"),
    ("d mmmm yyyy", 39815.0, "2 January 2009"),
    ("dd/mm/yyyy", 39815.0, "02/01/2009"),
    ("yyyy-mm-dd", 39815.0, "2009-01-02"),
    ("yyyy-mm", 39814.0, "2009-01"),
    ("yyyy", 39814.0, "2009"),
    ("yy", 39814.0, "09"),
    ("mmmm", 39814.0, "January"),
    ("mmm", 39814.0, "Jan"),
    ("ddd", 39814.0, "Thu"),
]
CASES = [*REFERENCE, *WORKED, *((f'TEXT({number:.15g},"{form}")', shown) for form, number, shown in FORMATS)]


def calculated(formula: str, array: str | None = None) -> object:
    """What the calculator puts into T50 beside the small sheet; errors by code."""
    book = Book.of({"D": SHEET}).with_formula("D", 50, 20, formula, array=array)
    calculation = EmbeddedCalculator({}).calculate(book, book)
    assert calculation.kept == ()
    value = calculation.values["D", 50, 20]
    return value.code if isinstance(value, CellError) else value


@pytest.mark.parametrize(("formula", "expected"), CASES, ids=[formula for formula, _ in CASES])
def test_known_result(formula: str, expected: object) -> None:
    found = calculated(formula)
    if isinstance(expected, float) and isinstance(found, float):
        assert math.isclose(found, expected, rel_tol=1e-14)
    else:
        assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(("formula", "expected"), ARRAYS, ids=[formula for formula, _ in ARRAYS])
def test_known_result_of_an_array_formula(formula: str, expected: object) -> None:
    assert calculated(formula, array="T50") == expected


def test_every_trusted_function_sign_and_format_has_a_known_result() -> None:
    resolver = Resolver(Book.of({"D": SHEET}))
    formulas = [resolver.resolve(formula, "D", 50, 20) for formula, _ in [*CASES, *ARRAYS]]
    assert frozenset().union(*(formula.functions for formula in formulas)) >= CHECKED_FUNCTIONS
    pieces = {token.text for formula, _ in CASES for token in read_tokens(formula)}
    assert pieces >= CHECKED_SIGNS
    assert {form for form, _, _ in FORMATS} == CHECKED_FORMATS


def never(formula: str, *, array: bool = False) -> list[str]:
    resolved = Resolver(Book.of({"D": SHEET})).resolve(formula, "D", 50, 20)
    return list(EngineLimits([]).doubts(resolved, array=array).never)


def test_filter_in_a_plain_formula_is_left_to_excel() -> None:
    assert never('SUM(FILTER(B2:B6,A2:A6="camden"))') == ["=" + MANY_CELLS]


def unchecked(formula: str) -> list[str]:
    resolved = Resolver(Book.of({"D": SHEET})).resolve(formula, "D", 50, 20)
    return list(EngineLimits(["CPA_X"]).doubts(resolved, array=False).unchecked)


MANY_OF_ONE = " is given many values where it takes one"
MANY_CELLS = " is given many cells in a formula that is not an array formula"
MANY_RESULTS = "the formula yields many values and is not an array formula: Excel picks one of them"

# Each formula here was seen to come out wrong without a word in formualizer 0.13.
SILENTLY_WRONG = [
    ("B2:B5*2", ["*" + MANY_CELLS, MANY_RESULTS]),
    ("A2:A5", [MANY_RESULTS]),
    ("SUM((B2:B6>15)*B2:B6)", [">" + MANY_CELLS, "*" + MANY_CELLS]),
    ("SUMPRODUCT(--(MONTH(C2:C6)=1))", ["MONTH" + MANY_OF_ONE]),
    ("SUMPRODUCT(LEN(A2:A6))", ["LEN" + MANY_OF_ONE]),
    ('SUM(SUMIFS(B2:B6,A2:A6,{"camden","brent"}))', ["SUMIFS" + MANY_OF_ONE]),
    ('SUM(COUNTIFS(A2:A6,{"camden","brent"}))', ["COUNTIFS" + MANY_OF_ONE]),
    ("SUM(LARGE(B2:B6,{1,2}))", ["LARGE" + MANY_OF_ONE]),
    ('SUMIFS(B2:B5,A2:A6,"x")', ["SUMIFS is given ranges of different sizes"]),
    ('TEXT(B2,"0.0;(0.0)")', ['TEXT with a format in sections ("0.0;(0.0)") is not done as Excel does it']),
    ("AGGREGATE(14,6,B2:B6,1)", ["the calculator does not do AGGREGATE as Excel does"]),
    ("SUBTOTAL(9,B2:B6)", ["the calculator does not do SUBTOTAL as Excel does"]),
    ("INDEX(B2:C6,0,1)", [MANY_RESULTS]),
    ("LET(x,B2:B6,SUM(x))", ["LET names many values in a formula that is not an array formula"]),
    ("SUM(B2#)", ["# (a spilled range) cannot be followed"]),
]


@pytest.mark.parametrize(("formula", "doubts"), SILENTLY_WRONG, ids=[formula for formula, _ in SILENTLY_WRONG])
def test_what_comes_out_wrong_is_never_believed(formula: str, doubts: list[str]) -> None:
    assert never(formula) == doubts


def test_lambda_and_its_family_are_never_believed() -> None:
    said = never("BYROW(B2:C6,LAMBDA(r,SUM(r)))")
    assert "the calculator does not do BYROW as Excel does" in said
    assert "the calculator does not do LAMBDA as Excel does" in said


@pytest.mark.parametrize("formula", ["B2:B5*2", "SUM((B2:B6>15)*B2:B6)", 'SUM(IF(A2:A6="camden",B2:B6))'])
def test_array_formulas_may_work_on_many_cells(formula: str) -> None:
    assert never(formula, array=True) == []


def test_array_formulas_may_not_give_many_values_to_a_function_of_one() -> None:
    assert never("SUM(LEN(A2:A6))", array=True) == ["LEN" + MANY_OF_ONE]


def test_what_was_not_checked_is_named() -> None:
    assert unchecked("CPA_X(B2)+STDEV(B2:B6)") == ["STDEV has not been checked"]
    assert unchecked("B2^2") == ["the sign ^ has not been checked"]
    assert unchecked('TEXT(B2,"0.0E+00")') == ['TEXT with the format "0.0E+00" has not been checked']
    assert unchecked("TEXT(B2,A2)") == ["TEXT with a format from a cell has not been checked"]
    assert unchecked("UPPER(A2)") == ["UPPER has not been checked"]  # formualizer leaves é as it is


@pytest.mark.parametrize(
    ("value", "functions", "doubt"),
    [
        ("0.30000000000000004", [], "a number of more than 15 digits became text"),
        ("up 100000000000000000000", [], "a number of more than 15 digits became text"),
        ("0.333333333333333", [], None),
        ("100000000 of 2000000000", [], None),
        ("0.0%", ["TEXT"], "TEXT gave zero, and Excel would show the sign of a small negative number"),
        ("of 0", ["TEXT"], "TEXT gave zero, and Excel would show the sign of a small negative number"),
        ("10.0%", ["TEXT"], None),
        ("0.0%", ["CPA_TEXT"], None),
        (-92.0, ["EDATE"], "the result may be a date before 1900"),
        (-92.0, ["SUM"], None),
        (39814.0, ["EDATE"], None),
        (True, ["EDATE"], None),
    ],
)
def test_values_that_may_be_wrong(value: object, functions: list[str], doubt: str | None) -> None:
    assert value_limit(value, functions) == doubt


def test_text_of_dates_alone_never_loses_a_sign() -> None:
    zero = "TEXT gave zero, and Excel would show the sign of a small negative number"
    assert value_limit("Dec-08; at most 0 months", ["TEXT"], '"mmm-yy")&"; at most "&A1') is None
    assert value_limit("Dec-08; 0.0%", ["TEXT"], 'TEXT(A1,"mmm-yy")&"; "&TEXT(A2,"0.0%")') == zero
    assert value_limit("0.0%", ["TEXT"], "TEXT(A1,A2)") == zero


@pytest.mark.parametrize(
    ("value", "formula"),
    [
        (-0.015, 'D11-E11/SUMIFS(B2:B25,A2:A25,">="&EDATE(as_of,-24))'),
        (-15.0, 'SUM(B2:B13)-SUMIFS(B2:B25,A2:A25,">="&EDATE(as_of,-24))'),
        (-15.0, "B1 - XLOOKUP( EDATE (as_of,-12),A2:A25,B2:B25)"),
        (-0.5, "EDATE(as_of,-24)*0-0.5"),
        (-92.0, "as_of-EDATE(as_of,3)"),
        (-3.0, 'IFERROR(INDEX(B2:B25,MATCH(EOMONTH(as_of,-1)+1,A2:A25,0)),0)-MAX(B2:B25)&""'),
        (-1.0, 'A1-CPA_RATE(B2:B9,C2:C9,D2:D9,EDATE(as_of,-(3)),IF(E1=")","RY",E1))'),
    ],
)
def test_a7_a_negative_number_is_no_date(value: float, formula: str) -> None:
    """What SUMIFS, a look-up or a cell function makes of a date is a figure, and so is a difference between dates."""
    assert value_limit(value, ["EDATE", "EOMONTH", "SUMIFS", "IF"], formula) is None


@pytest.mark.parametrize("formula", ["CPA_RATE(A1)+EDATE(B1,-20)", "edate (B1,-20)", "IF(A1,EDATE(B1,-20),0)"])
def test_a_date_before_1900_is_doubted(formula: str) -> None:
    assert value_limit(-92.0, ["EDATE", "CPA_RATE"], formula) == "the result may be a date before 1900"
