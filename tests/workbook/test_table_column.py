"""A new column at the right of a table: what changes in the file, and what is in its way."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.worksheet import Worksheet

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.package import compare, validate
from cpa_xl.workbook.closed import Cell, ClosedWorkbook
from cpa_xl.workbook.table_column import NewColumn, obstacle, with_column
from tests.support.handmade import opened, opened_parts, part, parts, prefixed, sheet, table
from tests.support.recalculated import changes, recalculated_all

Change = Callable[[xlsxwriter.Workbook, Worksheet], object]
TAKEN = "the cells beside it are taken: "
MARKS = NewColumn(
    "Marks", {6: "[p] Robbery", 8: "[r] Burglary & theft <all>"}, "Column Marks: empty cells say nothing."
)


def written(path: Path, change: Change | None = None, *, above: str = "One table.") -> ClosedWorkbook:
    """A table B5:D9 with a totals row, months in front, counts with a separator, percentages at the right."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        month, count = book.add_format({"num_format": "mmm-yy"}), book.add_format({"num_format": "#,##0", "border": 1})
        sheet.write_column("A1", ["Counts", above])
        columns = [
            {"header": "Month", "format": month, "total_string": "Total"},
            {"header": "Robbery", "format": count, "total_function": "sum", "total_value": 33},
            {"header": "Burglary", "format": count},
        ]
        rows = [[39_448 + 31 * at, 10 + at, 20 + at] for at in range(3)]
        sheet.add_table("B5:D9", {"name": "Monthly", "columns": columns, "data": rows, "total_row": True})
        sheet.set_column(3, 6, 9.5)
        if change is not None:
            change(book, sheet)
    return ClosedWorkbook.open(path)


def test_the_table_has_a_column_more(tmp_path: Path) -> None:
    book = written(tmp_path / "book.xlsx")
    after = with_column(book, book.tables["Monthly"], MARKS)
    table, cells = after.tables["Monthly"], after.cells("Data")
    assert (table.ref, [column.name for column in table.columns][-2:]) == ("B5:E9", ["Burglary", "Marks"])
    shown = [cells.get((row, 5), Cell(None)).value for row in range(5, 10)]
    assert shown == ["Marks", "[p] Robbery", None, "[r] Burglary & theft <all>", None]
    assert cells[4, 1].value == "Column Marks: empty cells say nothing."
    assert {place: cell for place, cell in cells.items() if place[1] != 5 and place != (4, 1)} == book.cells("Data")
    changed = {one.name for one in compare(book.package, after.package)}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/tables/table1.xml", "xl/styles.xml"}


@pytest.mark.office
def test_other_programs_read_it(tmp_path: Path) -> None:
    book = written(tmp_path / "book.xlsx")
    path = tmp_path / "after.xlsx"
    after = with_column(book, book.tables["Monthly"], MARKS)
    after.save(path)
    read = openpyxl.load_workbook(path)["Data"]
    table = read.tables["Monthly"]
    assert (table.ref, table.autoFilter.ref) == ("B5:E9", "B5:E8")
    assert [column.id for column in table.tableColumns] == [1, 2, 3, 4]
    assert [column.name for column in table.tableColumns] == [read.cell(5, at).value for at in range(2, 6)]
    assert read.dimensions == "A1:E9"
    before = openpyxl.load_workbook(tmp_path / "book.xlsx")["Data"].column_dimensions
    assert [read.column_dimensions[name].width for name in "DEF"] == [before["D"].width, 29, before["D"].width]
    cell, beside = read["E6"], read["D6"]
    assert (cell.number_format, cell.alignment.wrap_text, cell.alignment.horizontal) == ("General", True, "left")
    assert (cell.border.left.style, beside.number_format) == (beside.border.left.style, "#,##0")
    assert read["E5"].style_id == read["D5"].style_id
    both = recalculated_all([path, tmp_path / "book.xlsx"], tmp_path)
    assert changes(after, both[path]) == changes(book, both[tmp_path / "book.xlsx"])  # it reads no total of XlsxWriter
    assert both[path].tables["Monthly"].ref == "B5:E9"


def test_what_covered_the_table_covers_the_column(tmp_path: Path) -> None:
    def named(book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.print_area("A1:D9")
        for name, place in {"Whole": "$B$5:$D$9", "Body": "$B$6:$D$8", "Part": "$B$6:$C$8", "One": "$D$6:$D$8"}.items():
            book.define_name(name, f"=Data!{place}")

    book = written(tmp_path / "book.xlsx", named)
    after = with_column(book, book.tables["Monthly"], MARKS)
    places = {"Whole": "$B$5:$E$9", "Body": "$B$6:$E$8", "Part": "$B$6:$C$8", "One": "$D$6:$D$8"}
    assert after.names == {name: f"Data!{place}" for name, place in places.items()}
    assert b"Data!$A$1:$E$9" in after.package.text("xl/workbook.xml")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda _, sheet: sheet.write("E7", "a note"), TAKEN + "E7"),
        (lambda _, sheet: sheet.write_formula("E9", "=SUM(C6:C8)"), TAKEN + "E9"),
        (lambda _, sheet: sheet.add_table("E4:F6", {"name": "Other"}), TAKEN + "table Other (E4:F6)"),
        (lambda _, sheet: sheet.merge_range("E8:F8", None), TAKEN + "merged cells E8:F8"),
        (lambda book, sheet: sheet.insert_chart("E3", chart(book)), TAKEN + "a drawing (from E3)"),
        (lambda _, sheet: sheet.write_array_formula("G7", "=C6", None, 1), None),
        (lambda _, sheet: sheet.write("E10", "below"), None),
    ],
)  # fmt: skip
def test_what_stands_in_the_way(tmp_path: Path, change: Change, why: str | None) -> None:
    book = written(tmp_path / "book.xlsx", change)
    table = book.tables["Monthly"]
    assert obstacle(book, table, "Marks") == why
    if why is not None:
        with pytest.raises(Refusal) as refusal:
            with_column(book, table, MARKS)
        assert str(refusal.value) == f"table Monthly on sheet Data cannot get the column 'Marks': {why}"


def chart(book: xlsxwriter.Workbook) -> Chart:
    made = book.add_chart({"type": "line"})
    assert made is not None
    made.add_series({"values": "=Data!$C$6:$C$8"})
    return made


def test_tables_that_take_no_column(tmp_path: Path) -> None:
    book = written(tmp_path / "book.xlsx")
    assert obstacle(book, book.tables["Monthly"], "robbery") == "it has a column 'robbery' already"
    path = tmp_path / "other.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("Data")
        sheet.add_table("A1:B3", {"name": "Bare", "header_row": False})
        sheet.add_table("XFC6:XFD8", {"name": "Last"})
    other = ClosedWorkbook.open(path)
    assert obstacle(other, other.tables["Bare"], "Marks") == "it shows no row of headings"
    assert obstacle(other, other.tables["Last"], "Marks") == "it ends in the last column of the sheet"


def test_where_the_sentence_goes(tmp_path: Path) -> None:
    """Into the empty row above; where that is taken, behind what column A says; never over a formula or a title."""
    taken = written(tmp_path / "taken.xlsx", lambda _, sheet: sheet.write("C4", "Offences"))
    after = with_column(taken, taken.tables["Monthly"], MARKS)
    assert after.cells("Data")[2, 1].value == "One table. Column Marks: empty cells say nothing."
    assert (4, 1) not in after.cells("Data")

    def high(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write("C4", "Offences")
        sheet.write_formula("A2", '="One table"', None, "One table")

    formula = written(tmp_path / "formula.xlsx", high)
    after = with_column(formula, formula.tables["Monthly"], MARKS)
    assert {place: cell.value for place, cell in after.cells("Data").items() if place[1] == 1} == {
        (1, 1): "Counts", (2, 1): "One table",
    }  # fmt: skip
    assert after.tables["Monthly"].ref == "B5:E9"


@pytest.mark.parametrize("spelled", [str, prefixed])
def test_files_of_other_makers(tmp_path: Path, spelled: Callable[[str], str]) -> None:
    """No widths, no title above, elements with a prefix; a cell further right stays where it is."""
    book = opened(tmp_path, data=spelled(sheet()), facts=spelled(table()))
    after = with_column(book, book.tables["Facts"], NewColumn("Marks", {3: "[p]"}, "not told"))
    assert validate(after.package) == ()
    assert after.tables["Facts"].ref == "A1:D4"
    cells = after.cells("Data")
    assert [cells.get((row, 4), Cell(None)).value for row in range(1, 5)] == ["Marks", None, "[p]", None]
    assert {place: cell for place, cell in cells.items() if place[1] != 4} == book.cells("Data")
    read = openpyxl.load_workbook(io.BytesIO(b"".join(after.package.checked())))
    assert read["Data"].tables["Facts"].ref == "A1:D4"


def test_the_column_is_in_sight_where_all_at_the_right_are_hidden(tmp_path: Path) -> None:
    book = written(tmp_path / "book.xlsx", lambda _, sheet: sheet.set_column(4, 16_383, None, None, {"hidden": True}))
    after = with_column(book, book.tables["Monthly"], MARKS)
    cols = re.findall(r"<col [^>]*>", part(after, "xl/worksheets/sheet1.xml"))[-2:]
    assert [re.findall(r'(?:min|max|hidden)="\d+"', col) for col in cols] == [
        ['min="5"', 'max="5"'], ['min="6"', 'max="16384"', 'hidden="1"'],
    ]  # fmt: skip


def test_a_workbook_without_formats(tmp_path: Path) -> None:
    content = {name: text for name, text in parts().items() if name != "xl/styles.xml"}
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        content[name] = re.sub(r"<(?:Override|Relationship) [^>]*styles[^>]*/>", "", str(content[name]))
    content["xl/worksheets/sheet1.xml"] = re.sub(r' s="\d"', "", str(content["xl/worksheets/sheet1.xml"]))
    book = opened_parts(tmp_path, content)
    after = with_column(book, book.tables["Facts"], NewColumn("Marks", {3: "[p]"}))
    assert validate(after.package) == ()
    assert after.cells("Data")[3, 4].value == "[p]"
    assert {one.name for one in compare(book.package, after.package)} == {
        "xl/worksheets/sheet1.xml", "xl/tables/table1.xml",
    }  # fmt: skip
