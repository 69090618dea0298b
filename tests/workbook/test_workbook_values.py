"""New rows for a table as they are written: values, and the forms that real files take."""

import datetime
import re
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cpa_xl.errors import Refusal
from cpa_xl.workbook.closed import Cell, ClosedWorkbook, cell_error
from tests.support import handmade
from tests.support.handmade import FEB, JAN, MORE, filled, opened, part, prefixed, row

DATA = "xl/worksheets/sheet1.xml"


# Values.


def test_values_are_written_as_excel_keeps_them(tmp_path: Path) -> None:
    values = [
        (None, ""),
        (True, '<c r="B3" t="b"><v>1</v></c>'),
        (2.5, '<c r="B4"><v>2.5</v></c>'),
        (1e-7, '<c r="B5"><v>1E-07</v></c>'),
        (10**14, '<c r="B6"><v>100000000000000</v></c>'),
        (Decimal("0.1"), '<c r="B7"><v>0.1</v></c>'),
        ("a<b&c", '<c r="B8" t="inlineStr"><is><t>a&lt;b&amp;c</t></is></c>'),
        (" a", '<c r="B9" t="inlineStr"><is><t xml:space="preserve"> a</t></is></c>'),
        ("=1+1", '<c r="B10" t="inlineStr"><is><t>=1+1</t></is></c>'),
        (
            "a\x07_x0041_\r",
            '<c r="B11" t="inlineStr"><is><t xml:space="preserve">a_x0007__x005F_x0041__x000D_</t></is></c>',
        ),
        (datetime.datetime(2009, 1, 31, 18), '<c r="B12"><v>39844.75</v></c>'),
        (datetime.date(1900, 2, 28), '<c r="B13"><v>59</v></c>'),
        (cell_error("#N/A"), '<c r="B14" t="e"><v>#N/A</v></c>'),
        ("", '<c r="B15" t="inlineStr"><is><t></t></is></c>'),
    ]
    changed = filled(opened(tmp_path), [(JAN, value) for value, _ in values])
    for number, (_, text) in enumerate(values, 2):
        assert f'</c>{text}<c r="C{number}" s="2">' in row(changed, number)


def test_text_that_the_workbook_has_already_is_shared(tmp_path: Path) -> None:
    path = tmp_path / "shared.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("Data")
    page.add_table(0, 0, 2, 0, {"name": "Facts", "columns": [{"header": "Area"}], "data": [["Brent"], ["Camden"]]})
    page.write_rich_string(0, 3, "Ba", book.add_format({"bold": True}), "rnet")
    book.close()
    opened_book = ClosedWorkbook.open(path)
    changed = opened_book.with_rows("Facts", ["Area"], [["Camden"], ["Barnet"], ["Brent"]])
    text = part(changed, DATA)
    assert '<c r="A2" t="s"><v>2</v></c>' in text
    assert '<c r="A3" t="inlineStr"><is><t>Barnet</t></is></c>' in text  # the shared one is formatted
    assert [changed.cells("Data")[number, 1].value for number in (2, 3, 4)] == ["Camden", "Barnet", "Brent"]


UNWRITABLE = {
    "long": ("x" * 32_768, "the text has 32,768 characters, and a cell holds 32,767"),
    "not a number": (float("nan"), "nan is not a number that a cell can hold; leave the cell empty instead"),
    "digits": (2**53 + 1, "9007199254740993 has more digits than a number in a cell; give it as text"),
    "list": ([1], "a cell cannot hold a list; it holds numbers, text, dates, true or false"),
    "too early": (datetime.date(1899, 12, 31), "1899-12-31 is before the workbook's calendar begins"),
}


@pytest.mark.parametrize("case", UNWRITABLE)
def test_what_no_cell_holds_is_refused_by_row_and_column(case: str, tmp_path: Path) -> None:
    value, message = UNWRITABLE[case]
    with pytest.raises(Refusal) as refusal:
        opened(tmp_path).with_rows("Facts", ("Month", "Count"), [(JAN, 1), (FEB, value)])
    assert str(refusal.value) == f"row 2 for table Facts, column 'Count': {message}"


numbers_or_text = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=6),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.lists(st.tuples(numbers_or_text, numbers_or_text), max_size=5), min_size=1, max_size=3))
@pytest.mark.slow
def test_whatever_is_written_is_read_again(steps: list[list[tuple[object, object]]], tmp_path: Path) -> None:
    """Rows of any length and kind, one refresh after the other: sound, the same when repeated, and read as written."""
    rows = handmade.ROWS + '<row r="12"><c r="A12"><v>1</v></c></row>'
    book = opened(tmp_path, data=handmade.sheet(rows))
    for step in steps:
        book = filled(book, step)
        cells = book.cells("Data")
        for number, values in enumerate(step, 2):
            shown = [cells[number, column].value if (number, column) in cells else None for column in (1, 2)]
            assert shown == list(values)
            assert cells[number, 3].formula == handmade.FORMULA
        assert [place for place in cells if place[0] > len(step) + 1 and place[1] < 4 and place[0] > 2] == [(12, 1)]


# Forms that real files take.


def test_a_prefix_is_kept(tmp_path: Path) -> None:
    book = opened(tmp_path, data=prefixed(handmade.sheet()), facts=prefixed(handmade.table()))
    changed = filled(book)
    assert f'<x:c r="C6" s="2"><x:f>{handmade.FORMULA}</x:f></x:c></x:row></x:sheetData>' in part(changed, DATA)
    assert [changed.cells("Data")[number, 2].value for number in range(2, 7)] == [6, 7, 8, 9, 1]


def test_an_encoding_is_kept(tmp_path: Path) -> None:
    text = handmade.sheet().replace('"UTF-8"', '"UTF-16"')
    changed = filled(opened(tmp_path, data=text.encode("utf-16")), [(JAN, "é–😀"), *MORE])
    assert "é–😀" in changed.package.part(DATA).decode("utf-16")
    latin = handmade.sheet().replace("UTF-8", "ISO-8859-1").encode("latin-1")
    changed = filled(opened(tmp_path, data=latin), [(JAN, "é–"), *MORE])
    assert "<t>é&#8211;</t>" in changed.package.part(DATA).decode("latin-1")
    assert changed.cells("Data")[2, 2].value == "é–"


def test_rows_and_cells_without_places_keep_theirs(tmp_path: Path) -> None:
    rows = handmade.ROWS + '<row><c t="str"><v>below</v></c></row><row><c><v>9</v></c></row>'
    text = re.sub(r' r="[A-D]?\d"', "", handmade.sheet(rows))
    book = opened(tmp_path, data=text)
    assert book.cells("Data")[6, 1] == Cell(9.0)
    changed = filled(book, [(JAN, 5)])
    assert changed.cells("Data")[5, 1] == Cell("below")
    assert changed.cells("Data")[6, 1] == Cell(9.0)
    assert changed.cells("Data")[2, 5] == Cell(7.0)


def test_a_body_whose_rows_are_not_there_is_written(tmp_path: Path) -> None:
    header = handmade.ROWS[: handmade.ROWS.index('<row r="2"')]
    columns = '<cols><col min="1" max="1" style="1"/></cols><sheetData>'
    text = handmade.sheet(header, dimension="A1:C1").replace("<sheetData>", columns)
    changed = filled(opened(tmp_path, data=text, facts=handmade.table("A1:C2")))
    assert row(changed, 3) == (
        '<row r="3"><c r="A3" s="1"><v>39873</v></c><c r="B3"><v>7</v></c>'
        f'<c r="C3"><f>{handmade.FORMULA}</f></c></row>'
    )
    assert '<dimension ref="A1:C6"/>' in part(changed, DATA)


def test_a_height_that_a_user_set_goes_for_new_rows(tmp_path: Path) -> None:
    rows = handmade.ROWS.replace('<row r="2"', '<row r="2" ht="30" customHeight="1"')
    changed = filled(opened(tmp_path, data=handmade.sheet(rows)))
    assert row(changed, 6).startswith('<row r="6" ht="30" customHeight="1"><c')
