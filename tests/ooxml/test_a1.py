"""References in formulas: told from text, names and table columns, and translated as openpyxl translates them."""

import pytest
from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries

from cpa_xl.ooxml.a1 import (
    A1Reference,
    bounds,
    cell_name,
    cell_position,
    column_letters,
    column_number,
    has_relative_rows,
    range_name,
    rewrite_areas,
    single_area,
    translate,
)


def test_columns_are_numbered_as_openpyxl_numbers_them() -> None:
    for number in (1, 26, 27, 52, 702, 703, 16_384):
        assert column_letters(number) == get_column_letter(number)
        assert column_number(column_letters(number).lower()) == column_index_from_string(get_column_letter(number))


@pytest.mark.parametrize("text", ["B2:C9", "$B$2", "B$2:$C9"])
def test_ranges_are_bounded_as_openpyxl_bounds_them(text: str) -> None:
    left, top, right, bottom = range_boundaries(text)
    assert bounds(text) == (top, left, bottom, right)


def test_whole_columns_rows_and_turned_ranges_have_bounds() -> None:
    assert bounds("B:C") == (1, 2, 1_048_576, 3)
    assert bounds("$2:9") == (2, 1, 9, 16_384)
    assert bounds("C9:B2") == (2, 2, 9, 3)
    assert range_name(2, 2, 9, 3) == "B2:C9"
    assert range_name(2, 2, 2, 2) == cell_name(2, 2) == "B2"
    assert cell_position("$C$2") == (2, 3)


@pytest.mark.parametrize("text", ["", "1A", "A0", "ABCD1", "XFE1", "A1048577", "A-1", "Facts"])
def test_what_is_no_range_has_no_bounds(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a cell|beyond the sheet's edge"):
        bounds(text)


FORMULAS = (
    "A1+$B2*C$3/$D$4",
    "SUM(A1:B2,C:D,3:4,$E:$F,$5:$6)",
    "'My sheet'!A1+Sheet2!B2:C3&\"A1\"",
    "'It''s'!A1",
    "LOG10(A1)+ATAN2(B1,C1)",
    'IF(A1="A1:B2",B1,"say ""A1"" ")',
    "Facts[[#This Row],[A1]]+Facts[B2]+A1",
    "TRUE+x_A1+my.A1+CPA_RAG(A1,B1)",
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_formulas_are_translated_as_openpyxl_translates_them(formula: str) -> None:
    expected = Translator(f"={formula}", origin="F5").translate_formula("H9")
    assert translate(formula, 4, 2) == expected[1:]


def test_what_openpyxl_leaves_is_translated_too() -> None:
    assert translate("SUM(A1:INDEX(B:B,3))", 1, 0) == "SUM(A2:INDEX(B:B,3))"
    assert translate("[1]Data!A1+'[2]My data'!$A1", 1, 0) == "[1]Data!A2+'[2]My data'!$A2"
    assert translate("SUM(A1#)+Facts['[A1']]", 1, 0) == "SUM(A2#)+Facts['[A1']]"
    assert translate("[1]!CPA_RAG(A1)", 1, 0) == "[1]!CPA_RAG(A2)"


def test_references_that_leave_the_sheet_become_errors() -> None:
    assert translate("A1+B2", -1, 0) == "#REF!+B1"
    assert translate("SUM(XFD1:XFD2)+$A$1", 0, 1) == "SUM(#REF!)+$A$1"


def test_relative_rows_are_told_from_fixed_ones() -> None:
    assert has_relative_rows("A$1+B2")
    assert not has_relative_rows('A$1+$B:$B+Facts[A1]&"A1"')


def test_a_single_area_is_told_from_anything_else() -> None:
    area = single_area("'My sheet'!$B$2:$C$9")
    assert area is not None
    assert (area.sheet, area.bounds) == ("My sheet", (2, 2, 9, 3))
    assert single_area("A1+B2") is None
    assert single_area("Facts") is None
    assert single_area("XFE1") is None


def test_rewritten_references_keep_their_sheet_as_written() -> None:
    def first_row(area: A1Reference) -> A1Reference:
        return A1Reference(area.sheet, area.first)

    assert rewrite_areas("'Data'!A1:B2+C3", first_row) == "'Data'!A1+C3"
