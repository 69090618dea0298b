"""References in formulas, resolved: structured references, defined names, function prefixes.

The forms of structured references are those of Microsoft's page "Using structured references with Excel tables" and of
the files that Excel writes (`Table[[#This Row],[Column]]` for `[@Column]`).
"""

import pytest

from cpa_xl.formulas.references import CellBlock, Formula, FormulaTextError, Resolver, function_name, read_tokens
from tests.support.books import Book

# Facts: headers in row 1 of the sheet "My Data", body in rows 2 to 4, totals in row 5, columns B to E.
BOOK = (
    Book.of(
        {
            "Scorecard": [[None]],
            "My Data": [
                [None, "Month", "Rate of [x]", "It's #1", "Plain"],
                [None, 39753.0, 1.0, 2.0, 3.0],
                [None, 39783.0, 1.0, 2.0, 3.0],
                [None, 39814.0, 1.0, 2.0, 3.0],
                [None, "Total", 3.0, 6.0, 9.0],
            ],
            "Bare": [["Head"], [1.0]],
        },
        names={
            "as_of": "Scorecard!$C$2",
            "Rates": "'My Data'!$C$2:$C$4",
            "Whole": "'My Data'!$B:$B",
            "amber": "0.05",
            "letters": '{"G","A","R"}',
            "latest": "MAX(Rates)+amber",
            "table_sum": "SUM(Facts[Plain])",
            "moving": "Scorecard!C2",
            "mixed": "Scorecard!$C2",
            "loop": "pool+1",
            "pool": "loop+1",
            "lost": "Scorecard!#REF!",
        },
    )
    .with_table("Facts", "My Data", "B1:E5", totals_row=True)
    .with_table("Bare", "Bare", "A1:A2")
)


def resolved(formula: str, sheet: str = "Scorecard", row: int = 3, col: int = 7) -> Formula:
    return Resolver(BOOK).resolve(formula, sheet, row, col)


STRUCTURED = [
    ("Facts[Plain]", "'My Data'!E2:E4"),
    ("facts[PLAIN]", "'My Data'!E2:E4"),
    ("Facts", "'My Data'!B2:E4"),
    ("Facts[]", "'My Data'!B2:E4"),
    ("Facts[#Data]", "'My Data'!B2:E4"),
    ("Facts[#All]", "'My Data'!B1:E5"),
    ("Facts[#Headers]", "'My Data'!B1:E1"),
    ("Facts[#Totals]", "'My Data'!B5:E5"),
    ("Facts[[#Totals],[Plain]]", "'My Data'!E5"),
    ("Facts[[#Headers],[Plain]]", "'My Data'!E1"),
    ("Facts[[#All],[Plain]]", "'My Data'!E1:E5"),
    ("Facts[[#Headers],[#Data],[Plain]]", "'My Data'!E1:E4"),
    ("Facts[[#Data],[#Totals]]", "'My Data'!B2:E5"),
    ("Facts[[Month]:[It''s '#1]]", "'My Data'!B2:D4"),
    ("Facts[[Plain]:[Month]]", "'My Data'!B2:E4"),
    ("Facts[[#Headers],[Month]:[Plain]]", "'My Data'!B1:E1"),
    ("Facts[[ #Headers ] , [Month] : [Plain] ]", "'My Data'!B1:E1"),
    ("Facts[Rate of '[x']]", "'My Data'!C2:C4"),
    ("Facts[[#All],[Rate of '[x']]]", "'My Data'!C1:C5"),
    ("Facts[It''s '#1]", "'My Data'!D2:D4"),
    ("Facts[Month]:Facts[It''s '#1]", "'My Data'!B2:D4"),
    ("Bare", "'Bare'!A2"),
    ("Bare[#All]", "'Bare'!A1:A2"),
]


@pytest.mark.parametrize(("formula", "area"), STRUCTURED)
def test_structured_references(formula: str, area: str) -> None:
    assert resolved(formula).text == area
    assert resolved(formula).doubts == ()
    assert [one.a1 for one in resolved(formula).areas.values()] == [area]


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("Facts[[#This Row],[Plain]]", "'My Data'!E3"),
        ("Facts[[#This Row],Plain]", "'My Data'!E3"),  # as XlsxWriter writes [@Plain]
        ("Facts[@Plain]", "'My Data'!E3"),
        ("Facts[@[Rate of '[x']]]", "'My Data'!C3"),
        ("Facts[[#This Row],[Month]:[Plain]]", "'My Data'!B3:E3"),
        ("Facts[@[Month]:[Plain]]", "'My Data'!B3:E3"),
        ("Facts[@]", "'My Data'!B3:E3"),
        ("[@Plain]*2", "'My Data'!E3*2"),
        ("[Plain]", "'My Data'!E2:E4"),
        ("B3+$C$3", "'My Data'!B3+'My Data'!C3"),
    ],
)
def test_this_row(formula: str, text: str) -> None:
    inside = resolved(formula, "My Data", 3, 5)
    assert (inside.text, inside.doubts) == (text, ())


@pytest.mark.parametrize(
    ("formula", "doubt"),
    [
        (
            "SUM(Facts[Rape])",
            "Facts[Rape]: the table Facts has no column 'Rape'; it has Month, Rate of [x], It's #1, Plain",
        ),
        ("Facts[[#This Row],[Plain]]", "Facts[[#This Row],[Plain]]: the formula is in no row of the table Facts"),
        ("Bare[#Totals]", "Bare[#Totals]: the table Bare has no #Totals"),
        ("Lost[Plain]", "Lost[Plain] is in no table of this workbook"),
        ("[@Plain]", "[@Plain] is in no table of this workbook"),
        ("Nowhere!A1", "Nowhere!A1 is in another workbook, in several sheets or in a sheet that is not there"),
        ("[1]Sheet1!A1", "[1]Sheet1!A1 is in another workbook, in several sheets or in a sheet that is not there"),
        (
            "INDEX(Scorecard:Bare!A1,1)",
            "Scorecard:Bare!A1 is in another workbook, in several sheets or in a sheet that is not there",
        ),
        ("unknown+1", "the name unknown is not defined in the workbook"),
        ("Scorecard!local", "the name Scorecard!local is not defined in the workbook"),
        ("[1]!far", "the name [1]!far is not defined in the workbook"),
        ("moving", "a defined name refers to Scorecard!C2, which moves with the cell that uses it"),
        ("mixed", "a defined name refers to Scorecard!$C2, which moves with the cell that uses it"),
        ("loop", "the name loop refers to itself"),
        ("A1+~B2", "the formula cannot be read from character 4 on: ~B2"),
        ("A1:Bare!B2", "a range runs from one sheet to another"),
        ("@CPA_RAG(A1)", "@ before CPA_RAG: one value out of many"),
        ("_xlfn.SINGLE(CPA_RAG(A1))", "@ before CPA_RAG: one value out of many"),
        ("@A5:A9", "@ finds no cell of 'Scorecard'!A5:A9 in this row or column"),
    ],
)
def test_what_cannot_be_resolved_is_said(formula: str, doubt: str) -> None:
    assert doubt in resolved(formula).doubts


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("as_of", "'Scorecard'!C2"),
        ("AS_OF+1", "'Scorecard'!C2+1"),
        ("SUM(Rates)", "SUM('My Data'!C2:C4)"),
        ("SUM(Whole)", "SUM('My Data'!B:B)"),
        ("1-amber", "1-0.05"),
        ("INDEX(letters,2)", 'INDEX(({"G","A","R"}),2)'),
        ("-latest", "-(MAX('My Data'!C2:C4)+0.05)"),
        ("table_sum", "(SUM('My Data'!E2:E4))"),
        ("[0]!as_of", "'Scorecard'!C2"),
        ("lost", "Scorecard!#REF!"),
        ("@Rates", "'My Data'!C3"),
        ("TRUE", "TRUE"),
        ("LET(_xlpm.a,A1,_xlpm.a+as_of)", "LET(_xlpm.a,'Scorecard'!A1,_xlpm.a+'Scorecard'!C2)"),
    ],
)
def test_defined_names(formula: str, text: str) -> None:
    assert (resolved(formula).text, resolved(formula).doubts) == (text, ())


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("A1", "'Scorecard'!A1"),
        ("$B$9:a2", "'Scorecard'!A2:B9"),
        ("'my data'!A1", "'My Data'!A1"),
        ("bare!A:C", "'Bare'!A:C"),
        ("$3:5", "'Scorecard'!3:5"),
        ("A1:Scorecard!B2", "'Scorecard'!A1:B2"),
        ("A1:B2 B1:C3", "'Scorecard'!A1:B2 'Scorecard'!B1:C3"),
        ("LOG10(A1)", "LOG10('Scorecard'!A1)"),
        ('"A1"&A1', "\"A1\"&'Scorecard'!A1"),
        ("1.5E+3+A1", "1.5E+3+'Scorecard'!A1"),
        ("A1>=B1", "'Scorecard'!A1>='Scorecard'!B1"),
        ("@A1:A9", "'Scorecard'!A3"),
        ("@A1:Z1", "'Scorecard'!G1"),
        ("_xlfn.SINGLE(A1:A9)*2", "('Scorecard'!A3)*2"),
        ("IF(A1=#N/A,1,#REF!)", "IF('Scorecard'!A1=#N/A,1,#REF!)"),
    ],
)
def test_a1_references(formula: str, text: str) -> None:
    assert (resolved(formula).text, resolved(formula).doubts) == (text, ())


def test_letters_beyond_the_last_column_are_a_name() -> None:
    assert resolved("ZZZ1").doubts == ("the name ZZZ1 is not defined in the workbook",)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("[1]!CPA_RAG", "CPA_RAG"),
        ("'C:\\add-ins\\[cpa_xl.xlam]'!CPA_RAG", "CPA_RAG"),
        ("cpa_xl.xlam!cpa_rag", "CPA_RAG"),
        ("_xll.CPA_RAG", "CPA_RAG"),
        ("_xldudf_CPA_RAG", "CPA_RAG"),
        ("_xludf.CPA_RAG", "CPA_RAG"),
        ("_xlfn.XLOOKUP", "XLOOKUP"),
        ("_xlfn._xlws.SORT", "SORT"),
        ("sum", "SUM"),
    ],
)
def test_function_names_lose_what_stands_before_them(written: str, name: str) -> None:
    assert function_name(written) == name
    formula = resolved(f"{written}(A1)")
    assert (formula.text, formula.functions) == (f"{name}('Scorecard'!A1)", frozenset([name]))


@pytest.mark.parametrize(
    "formula", ["A1:INDEX(B1:B3,2)", "INDEX(B1:B3,2):A1", "SUM((A1):B3)", "LET(x,B1,SUM(A1:x))", "SUM(A1:(B3))"]
)
def test_ranges_that_are_worked_out_while_calculating(formula: str) -> None:
    assert resolved(formula).computed


@pytest.mark.parametrize("formula", ["SUM(A1:B3)", "Facts[Month]:Facts[Plain]", "SUM(A:A)", "as_of:B9"])
def test_ranges_that_stand_there(formula: str) -> None:
    assert not resolved(formula).computed


def test_a_formula_has_the_same_pattern_and_kin_wherever_it_stands() -> None:
    here, there = resolved("SUM(A1:A3)*B2"), resolved("SUM(C5:C7) * as_of")
    assert here.pattern == "SUM(A1:A3)*A1"
    assert here.kinship == there.kinship == "SUM(_)*_"
    assert resolved("SUM(A1:A3)*2").kinship != here.kinship


def test_tokens_are_the_whole_formula() -> None:
    formula = "IF( 'It''s'!$A$1 >= Facts[[#This Row],[It''s '#1]] , \"a \"\"b\"\"\" , {1,2;3,4} ) & x%"
    assert "".join(token.text for token in read_tokens(formula)) == formula


def test_text_that_is_no_formula_is_refused() -> None:
    with pytest.raises(FormulaTextError, match=r"^the formula cannot be read from character 3 on: \?\?$"):
        list(read_tokens("1+??"))


def test_an_area_knows_its_size_and_what_it_holds() -> None:
    area = CellBlock("It's", 2, 3, 4, 3)
    assert (area.a1, area.size, area.one_cell) == ("'It''s'!C2:C4", (3, 1), False)
    assert area.holds("It's", 4, 3)
    assert not area.holds("It's", 5, 3)
    assert not area.holds("Its", 4, 3)
