"""The places of rows, and columns read in one step: the same as cell by cell."""

from pathlib import Path

import pytest

from cpa_xl.ooxml.sheet import RowSpans, Sheet, Span
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.table_writer import plain_column
from tests.support import handmade


def rows(*numbers: int) -> RowSpans:
    """Rows of ten bytes each, three of them the start tag."""
    made = RowSpans()
    for place, number in enumerate(numbers):
        made.add(number, 10 * place, 10 * place + 3, 10 * place + 7, 10 * place + 10)
    return made


def test_rows_are_found_by_number() -> None:
    made = rows(2, 3, 7, 9)
    assert made.in_order
    assert made[2] == made.get(7) == Span(7, 20, 23, 27, 30)
    assert made.get(4) is made.get(10) is None
    assert [row.number for row in made.between(3, 8)] == [3, 7]
    assert [row.number for row in made[1:]] == [3, 7, 9]
    assert (made.extent(3, 8), made.extent(4, 6), made.extent(1, 99)) == ((10, 30), None, (0, 40))
    assert list(made) == [made[place] for place in range(4)]
    assert list(rows()) == []
    assert rows().in_order


def test_rows_out_of_order_are_found_too() -> None:
    made = rows(5, 2, 2)
    assert not made.in_order
    assert made.get(5) == made[0]
    assert made.get(2) == made[2]
    assert made.get(3) is None
    assert [row.start for row in made.between(2, 4)] == [10, 20]


VALUES: list[object] = [1, 2.5, -1e-7, "text", "a & b", " padded ", None, 10**14]
COUNT = 1_500


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> ClosedWorkbook:
    """The workbook with a long table."""
    book = ClosedWorkbook.open(handmade.write(tmp_path_factory.mktemp("long") / "book.xlsx", handmade.parts()))
    given = [(place, VALUES[place % len(VALUES)]) for place in range(COUNT)]
    return book.with_rows("Facts", ("Month", "Count"), given)


@pytest.mark.parametrize("column", [1, 2, 5])
def test_a_column_read_in_one_go_is_the_column(column: int, long: ClosedWorkbook) -> None:
    data = long.package.text("xl/worksheets/sheet1.xml")
    one_by_one = {row: cell.value for (row, at), cell in long.cells("Data").items() if at == column}
    assert plain_column(Sheet(data), column, ()) == one_by_one
    assert len(one_by_one) >= (1 if column == 5 else COUNT * 7 // 8)


ODD = {
    "formulas": (3, b"", b""),
    "a comment": (1, b"<sheetData>", b"<sheetData><!-- a -->"),
    "a cell without its name": (1, b'<c r="E2">', b"<c>"),
    "a cell that is true": (1, b'<c r="A2" s="1"><v>0</v>', b'<c r="A2" s="1" t="b"><v>0</v>'),
}


@pytest.mark.parametrize("case", ODD)
def test_a_column_in_another_form_is_read_cell_by_cell(case: str, long: ClosedWorkbook) -> None:
    column, old, new = ODD[case]
    data = long.package.text("xl/worksheets/sheet1.xml")
    assert old in data
    assert plain_column(Sheet(data.replace(old, new, 1)), column, ()) is None


def test_a_chart_over_a_long_column_shows_it(tmp_path: Path) -> None:
    space = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    cache = '<c:numCache><c:ptCount val="0"/></c:numCache>'
    text = f"<c:chart {space}><c:numRef><c:f>Data!$B$2:$B$4</c:f>{cache}</c:numRef></c:chart>"
    kind = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
    content = handmade.with_part(handmade.parts(), "xl/charts/chart1.xml", text, kind, "chart")
    book = ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", content))
    book = book.with_rows("Facts", ("Month", "Count"), [(place, place) for place in range(COUNT)]).finished()
    points = "".join(f'<c:pt idx="{place}"><c:v>{place}</c:v></c:pt>' for place in range(COUNT))
    assert book.package.part("xl/charts/chart1.xml").decode() == (
        f"<c:chart {space}><c:numRef><c:f>Data!$B$2:$B${COUNT + 1}</c:f><c:numCache>"
        f'<c:ptCount val="{COUNT}"/>{points}</c:numCache></c:numRef></c:chart>'
    )
