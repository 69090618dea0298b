"""Columns that hold one formula in every row count as calculated, also where the table does not say so."""

import datetime
from pathlib import Path

import pytest

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.package import compare, validate
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import handmade

DATA, TABLE = "xl/worksheets/sheet1.xml", "xl/tables/table1.xml"
SAYS = f"<calculatedColumnFormula>{handmade.FORMULA}</calculatedColumnFormula>"
UNMARKED = handmade.table().replace(SAYS, "")
MONTHS = [datetime.date(2009, month, 1) for month in range(1, 6)]
MORE = [(month, number) for number, month in enumerate(MONTHS, 7)]


def opened(tmp_path: Path, rows: str = handmade.ROWS) -> ClosedWorkbook:
    """The workbook as LibreOffice leaves it: the table does not say that the column Double is calculated."""
    parts = handmade.parts(data=handmade.sheet(rows), facts=UNMARKED)
    return handmade.opened_parts(tmp_path, parts)


def filled(book: ClosedWorkbook, columns: tuple[str, ...] = ("Month", "Count")) -> ClosedWorkbook:
    result = book.with_rows("Facts", columns, MORE)
    assert validate(result.package) == ()
    assert result.with_rows("Facts", columns, MORE) is result
    return result


def each(*formulas: str) -> str:
    """The rows with these formulas in C2, C3 and C4; "" for a typed value."""
    rows = handmade.ROWS
    for formula in formulas:
        rows = rows.replace(f"<f>{handmade.FORMULA}</f>", f'<f aca="false">{formula}</f>' if formula else "", 1)
    return rows


def formulas(book: ClosedWorkbook) -> list[str | None]:
    return [book.cells("Data")[row, 3].formula for row in range(2, 7)]


def test_a_formula_with_names_of_columns(tmp_path: Path) -> None:
    book = opened(tmp_path)
    changed = filled(book)
    assert formulas(changed) == [handmade.FORMULA] * 5
    assert [difference.name for difference in compare(book.package, changed.package)] == [TABLE, DATA]
    assert "calculatedColumnFormula" not in changed.package.part(TABLE).decode()


def test_a_formula_with_places_is_translated(tmp_path: Path) -> None:
    changed = filled(opened(tmp_path, each("B2*$E$2", "B3*$E$2", "B4*$E$2")))
    assert formulas(changed) == [f"B{row}*$E$2" for row in range(2, 7)]


def test_a_shared_formula_is_one_formula(tmp_path: Path) -> None:
    rows = each("B2*2", "", "").replace("<f aca", '<f t="shared" ref="C2:C4" si="0" aca')
    for row in (3, 4):
        rows = rows.replace(f'<c r="C{row}" s="2">', f'<c r="C{row}" s="2"><f t="shared" si="0"/>')
    changed = filled(opened(tmp_path, rows))
    assert formulas(changed) == [f"B{row}*2" for row in range(2, 7)]


def test_a_formula_that_names_the_body_by_its_place_follows(tmp_path: Path) -> None:
    changed = filled(opened(tmp_path, each(*[f"B{row}/SUM($B$2:$B$4)" for row in (2, 3, 4)])))
    assert formulas(changed) == [f"B{row}/SUM($B$2:$B$6)" for row in range(2, 7)]


def test_one_row_is_enough(tmp_path: Path) -> None:
    """A template that LibreOffice saved has one empty row, and the formula in it."""
    first = handmade.ROWS[: handmade.ROWS.index('<row r="3"')]
    parts = handmade.parts(data=handmade.sheet(first), facts=UNMARKED.replace("A1:C4", "A1:C2"))
    changed = filled(ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", parts)))
    assert formulas(changed) == [handmade.FORMULA] * 5


LEAD = "table Facts: no values are given for column 'Double', and it is not a calculated one: "
TAIL = "; let Excel fill one formula down the whole column"
UNLIKE = {
    ("B2*2", "B3*2", "B4*3"): "C4 holds =B4*3, where C2 copied there would read =B4*2",
    ("B2*2", "B2*2", "B2*2"): "C3 holds =B2*2, where C2 copied there would read =B3*2",
    ("$B$2", "$B$2", ""): "C4 holds no formula, where C2 copied there would read =$B$2",
    ("", "B3*2", "B4*2"): "C2 holds no formula, where C3 copied there would read =B2*2",
}


@pytest.mark.parametrize("case", UNLIKE)
def test_formulas_that_differ_are_refused_by_cell(case: tuple[str, str, str], tmp_path: Path) -> None:
    book = opened(tmp_path, each(*case))
    before = book.path.read_bytes()
    with pytest.raises(Refusal) as refusal:
        book.with_rows("Facts", ("Month", "Count"), MORE)
    assert str(refusal.value) == LEAD + UNLIKE[case] + TAIL
    assert book.path.read_bytes() == before


def test_a_column_without_any_formula_is_missing(tmp_path: Path) -> None:
    with pytest.raises(
        Refusal, match=r"^table Facts: nothing fills its columns Double; it has Month, Count, Double\. "
    ):
        opened(tmp_path, each("", "", "")).with_rows("Facts", ("Month", "Count"), MORE)


def test_a_column_whose_values_are_given_is_none(tmp_path: Path) -> None:
    """A user typed formulas where the refresh writes: it does not overwrite them."""
    with pytest.raises(Refusal, match=r"^table Facts: C2 in column 'Double' holds a formula, and the column is not a"):
        opened(tmp_path).with_rows("Facts", ("Month", "Count", "Double"), [(*row, 1) for row in MORE])


def test_a_data_table_is_no_formula_of_a_column(tmp_path: Path) -> None:
    rows = each("", "", "").replace('<c r="C2" s="2">', '<c r="C2" s="2"><f t="dataTable" ref="C2:C4" r1="E2"/>')
    with pytest.raises(
        Refusal, match=r"^table Facts: nothing fills its columns Double; it has Month, Count, Double\. "
    ):
        opened(tmp_path, rows).with_rows("Facts", ("Month", "Count"), MORE)
