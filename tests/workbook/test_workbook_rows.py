"""New rows for a table: everything that must move with them, and everything that must stay."""

import itertools
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.package import compare
from cpa_xl.workbook.closed import Cell, ClosedWorkbook
from tests.support import handmade
from tests.support.handmade import APR, FEB, JAN, MAR, MAY, MORE, filled, opened, part, row

DATA, TABLE = "xl/worksheets/sheet1.xml", "xl/tables/table1.xml"
BOARD = "xl/worksheets/sheet2.xml"
SAME = ((JAN, 5), (FEB, 6), (MAR, 7))


# The same rows change nothing; other rows change the sheet and the table alone.


def test_the_same_rows_change_nothing(tmp_path: Path) -> None:
    book = opened(tmp_path)
    assert filled(book, SAME) is book


def test_more_rows_change_the_sheet_and_the_table_alone(tmp_path: Path) -> None:
    book = opened(tmp_path)
    changed = filled(book)
    assert [difference.name for difference in compare(book.package, changed.package)] == [TABLE, DATA]
    assert part(changed, TABLE) == part(book, TABLE).replace("A1:C4", "A1:C6")
    before, after = part(book, DATA), part(changed, DATA)
    assert after[: after.index('<row r="2"')] == before[: before.index('<row r="2"')].replace("A1:E4", "A1:E6")
    assert after[after.index("</sheetData>") :] == before[before.index("</sheetData>") :]


def test_rows_are_written_with_the_style_of_the_first_row(tmp_path: Path) -> None:
    assert row(filled(opened(tmp_path)), 6) == (
        '<row r="6"><c r="A6" s="1"><v>39814</v></c><c r="B6"><v>1</v></c>'
        f'<c r="C6" s="2"><f>{handmade.FORMULA}</f></c></row>'
    )


def test_fewer_rows_leave_nothing_behind(tmp_path: Path) -> None:
    changed = filled(opened(tmp_path), [(MAY, 3)])
    assert row(changed, 3) == row(changed, 4) == ""
    assert 'ref="A1:C2"' in part(changed, TABLE)
    assert '<dimension ref="A1:E2"/>' in part(changed, DATA)


def test_cells_beside_the_table_stay(tmp_path: Path) -> None:
    rows = handmade.ROWS.replace('<c r="B4">', '<c r="B4">').replace("</row>", '<c r="G9"/></row>', 0)
    beside = rows.replace("<v>14</v></c></row>", '<v>14</v></c><c r="D4" t="b"><v>1</v></c></row>')
    changed = filled(opened(tmp_path, data=handmade.sheet(beside)), [(MAY, 3)])
    assert '<c r="E2"><v>7</v></c></row>' in row(changed, 2)
    assert row(changed, 4) == '<row r="4"><c r="D4" t="b"><v>1</v></c></row>'


def test_an_empty_table_keeps_one_empty_row(tmp_path: Path) -> None:
    changed = filled(opened(tmp_path), [])
    assert changed.tables["Facts"].last_row == 2
    assert row(changed, 2).startswith(
        f'<row r="2"><c r="A2" s="1"/><c r="C2" s="2"><f>{handmade.FORMULA}</f></c><c r="E2"'
    )
    assert filled(changed).tables["Facts"].last_row == 6


def test_rows_whose_values_stay_keep_their_results(tmp_path: Path) -> None:
    book = opened(tmp_path)
    changed = filled(book, (*SAME[:2], (MAR, 70), (APR, 8)))
    cells = changed.cells("Data")
    assert [cells[number, 3].value for number in (2, 3, 4, 5)] == [10, 12, None, None]
    assert row(changed, 3) == row(book, 3)
    assert row(changed, 4) == row(book, 4).replace(' spans="1:5"', "").replace("<v>7<", "<v>70<").replace(
        "<v>14</v>", ""
    )


def test_values_written_differently_but_equal_stay_as_they_are(tmp_path: Path) -> None:
    rows = handmade.ROWS.replace("<v>5</v>", "<v>0.30000000000000004</v>").replace("<v>6</v>", "<v>6.0</v>")
    book = opened(tmp_path, data=handmade.sheet(rows))
    changed = book.with_rows("Facts", ("Count", "Month"), ((0.1 + 0.2, JAN), (6, FEB), (7, MAR)))
    assert '<c r="B2"><v>0.30000000000000004</v></c>' in row(changed, 2)
    assert '<c r="B3"><v>6.0</v></c>' in row(changed, 3)


# The table part.


def test_filters_and_sort_order_are_cleared_and_hidden_rows_shown(tmp_path: Path) -> None:
    inside = '<filterColumn colId="1"><filters><filter val="5"/></filters></filterColumn>'
    table = handmade.table(inside=inside).replace("</autoFilter>", '</autoFilter><sortState ref="A2:C4"/>')
    hidden = handmade.ROWS.replace('<row r="3"', '<row r="3" hidden="1"')
    changed = filled(opened(tmp_path, facts=table, data=handmade.sheet(hidden)), SAME)
    assert part(changed, TABLE) == handmade.table()
    assert "hidden" not in part(changed, DATA)


def test_the_mark_of_an_empty_table_goes(tmp_path: Path) -> None:
    book = opened(tmp_path, facts=handmade.table(more=' insertRow="1"'))
    assert part(filled(book, SAME), TABLE) == handmade.table()


def test_rows_hidden_by_hand_stay_hidden(tmp_path: Path) -> None:
    hidden = handmade.ROWS.replace('<row r="3"', '<row r="3" hidden="1"')
    changed = filled(opened(tmp_path, data=handmade.sheet(hidden)))
    assert row(changed, 3).startswith('<row r="3" hidden="1">')


def test_a_totals_row_moves_to_the_end(tmp_path: Path) -> None:
    totals = (
        '<row r="5" ht="20" customHeight="1"><c r="A5" t="str"><v>Total</v></c>'
        '<c r="B5" s="2"><f>SUBTOTAL(109,Facts[Count])</f><v>18</v></c><c r="E5"><v>1</v></c></row>'
    )
    table = handmade.table("A1:C5", more=' totalsRowCount="1"').replace(
        '<autoFilter ref="A1:C5"', '<autoFilter ref="A1:C4"'
    )
    board = handmade.BOARD.replace("SUM(Facts[Count])", "Data!B5+Data!$B$4+SUM(Data!B2:B5)")
    book = opened(tmp_path, data=handmade.sheet(handmade.ROWS + totals), facts=table, board=board)
    changed = filled(book)
    assert row(changed, 7) == (
        '<row r="7"><c r="A7" t="str"><v>Total</v></c>'
        '<c r="B7" s="2"><f>SUBTOTAL(109,Facts[Count])</f><v>18</v></c></row>'
    )
    assert row(changed, 5).startswith('<row r="5" ht="20" customHeight="1"><c r="A5" s="1"><v>39934</v></c>')
    assert row(changed, 5).endswith('<c r="E5"><v>1</v></c></row>')
    assert 'ref="A1:C7" totalsRowCount="1"><autoFilter ref="A1:C6">' in part(changed, TABLE)
    assert changed.cells("Board")[1, 2].formula == "Data!B7+Data!$B$4+SUM(Data!B2:B7)"
    back = filled(changed, [(JAN, 1)])
    assert row(back, 3).startswith('<row r="3"><c r="A3" t="str"><v>Total</v></c>')
    assert back.cells("Board")[1, 2].formula == "Data!B3+Data!$B$4+SUM(Data!B2:B3)"


# Calculated columns.


def test_formulas_with_places_are_translated(tmp_path: Path) -> None:
    rows = handmade.ROWS.replace(handmade.FORMULA, "B{}*$E$2")
    rows = rows.replace("B{}", "B2", 1).replace("B{}", "B3", 1).replace("B{}", "B4", 1)
    changed = filled(opened(tmp_path, data=handmade.sheet(rows), facts=handmade.table(formula="B3*$E$2")))
    assert [changed.cells("Data")[number, 3].formula for number in range(2, 7)] == [f"B{n}*$E$2" for n in range(2, 7)]


def test_formulas_with_places_need_a_row_that_shows_them(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        filled(opened(tmp_path, facts=handmade.table(formula="B9*2")))
    assert str(refusal.value) == (
        "table Facts: calculated column 'Double', =B9*2, names cells by their place, and no row has that formula, "
        "so other rows cannot be filled; write it with column names, as in [@[x]]"
    )


def test_shared_formulas_become_formulas_of_their_own(tmp_path: Path) -> None:
    rows = handmade.ROWS.replace(f"<f>{handmade.FORMULA}</f>", '<f t="shared" si="0"/>')
    rows = rows.replace('<f t="shared" si="0"/>', '<f t="shared" ref="C2:C4" si="0">B2*2</f>', 1)
    rows = rows.replace("<v>14</v></c>", '<v>14</v></c><c r="F4"><f t="shared" si="0"/><v>0</v></c>')
    book = opened(tmp_path, data=handmade.sheet(rows), facts=handmade.table(formula="B2*2"))
    assert book.cells("Data")[4, 6] == Cell(0.0, "E4*2")
    changed = filled(book)
    assert [changed.cells("Data")[number, 3].formula for number in range(2, 7)] == [f"B{n}*2" for n in range(2, 7)]
    assert changed.cells("Data")[4, 6] == Cell(0.0, "E4*2")
    assert "shared" not in part(changed, DATA)


def test_formulas_of_one_cell_that_may_spill_keep_their_mark(tmp_path: Path) -> None:
    rows = handmade.ROWS
    for number in (2, 3, 4):
        rows = rows.replace(
            f'<c r="C{number}" s="2"><f>', f'<c r="C{number}" s="2" cm="1"><f t="array" ref="C{number}">'
        )
    changed = filled(opened(tmp_path, data=handmade.sheet(rows)))
    expected = f'<c r="C6" s="2" cm="1"><f t="array" ref="C6">{handmade.FORMULA}</f></c>'
    assert expected in row(changed, 6)


# What follows the table.


def test_fixed_references_to_the_whole_body_follow(tmp_path: Path) -> None:
    texts = {
        "Data!$B$2:$B$4": "Data!$B$2:$B$6",
        "SUM(Data!B2:B4)/SUM('Data'!$A$2:$C$4)": "SUM(Data!B2:B6)/SUM('Data'!$A$2:$C$6)",
        "INDEX(Data!$A$1:$C$4,2,2)": "INDEX(Data!$A$1:$C$6,2,2)",
        "Data!$B$2:$B$3": "Data!$B$2:$B$3",  # part of the body
        "Data!$B$2:$B$1000": "Data!$B$2:$B$1000",  # room left below
        "Data!$B$4": "Data!$B$4",
        "SUM(B2:B4)": "SUM(B2:B4)",  # of another sheet
        '"Data!$B$2:$B$4"&amp;COUNT(Data!B:B)': '"Data!$B$2:$B$4"&COUNT(Data!B:B)',
        "Data!$B$2:$E$4": "Data!$B$2:$E$4",  # wider than the table
        "SUM(Facts[Count])": "SUM(Facts[Count])",
    }
    cells = "".join(f'<c r="{chr(65 + place)}1"><f>{text}</f></c>' for place, text in enumerate(texts))
    board = f'<worksheet xmlns="{handmade.MAIN}"><sheetData><row r="1">{cells}</row></sheetData></worksheet>'
    names = '<definedName name="counts">Data!$B$2:$B$4</definedName><definedName name="one">Data!$B$4</definedName>'
    changed = filled(opened(tmp_path, board=board, book=handmade.workbook(names)))
    assert [cell.formula for cell in changed.cells("Board").values()] == list(texts.values())
    assert dict(changed.names) == {"counts": "Data!$B$2:$B$6", "one": "Data!$B$4"}


def test_formulas_beside_the_table_follow_too_and_shared_ones_are_told_apart(tmp_path: Path) -> None:
    rows = handmade.ROWS.replace(
        '<c r="E2"><v>7</v></c>', '<c r="E2"><f t="shared" ref="E2:E3" si="0">SUM(B2:B4)</f><v>18</v></c>'
    ).replace("<v>12</v></c>", '<v>12</v></c><c r="E3"><f t="shared" si="0"/><v>13</v></c>')
    cells = filled(opened(tmp_path, data=handmade.sheet(rows))).cells("Data")
    assert cells[2, 5] == Cell(18.0, "SUM(B2:B6)")
    assert cells[3, 5] == Cell(13.0, "SUM(B3:B5)")


def test_formats_validations_and_sparklines_follow(tmp_path: Path) -> None:
    x14 = (
        f'<extLst><ext xmlns:x14="{handmade.X14}" xmlns:xm="{handmade.XM}"><x14:conditionalFormattings>'
        "<x14:conditionalFormatting><x14:cfRule><xm:f>Data!$B$2:$B$4</xm:f></x14:cfRule><xm:sqref>C2:C4</xm:sqref>"
        "</x14:conditionalFormatting></x14:conditionalFormattings><x14:sparklineGroups><x14:sparklines>"
        "<x14:sparkline><xm:f>Data!B2:B4</xm:f><xm:sqref>E4</xm:sqref></x14:sparkline></x14:sparklines>"
        "</x14:sparklineGroups></ext></extLst>"
    )
    after = (
        '<conditionalFormatting sqref="A2:B4 E2:E4"><cfRule type="expression"><formula>SUM($B$2:$B$4)&gt;1</formula>'
        '</cfRule></conditionalFormatting><conditionalFormatting sqref="B3"><cfRule type="uniqueValues"/>'
        '</conditionalFormatting><dataValidations><dataValidation sqref="B2:B4"><formula1>Data!$A$2:$A$4</formula1>'
        '</dataValidation><dataValidation sqref="B1:B100"/></dataValidations>'
        '<ignoredErrors><ignoredError sqref="B2:B4"/></ignoredErrors>'
    )
    sheet = handmade.sheet(after=after).replace("</worksheet>", f"{x14}</worksheet>")
    changed = part(filled(opened(tmp_path, data=sheet)), DATA)
    after = after.replace("A2:B4 E2", "A2:B6 E2").replace("$B$4", "$B$6").replace("$A$4", "$A$6")
    assert after.replace('"B2:B4"', '"B2:B6"') in changed
    assert x14.replace("$B$4", "$B$6").replace("C2:C4", "C2:C6").replace("B2:B4", "B2:B6") in changed


CHAIN = f'<calcChain xmlns="{handmade.MAIN}"><c r="C2" i="1"/><c r="C3"/><c r="C4"/><c r="B1" i="2"/></calcChain>'


def chained() -> dict[str, str | bytes]:
    kind = f"{handmade.SHEET}.calcChain+xml"
    return handmade.with_part(handmade.parts(), "xl/calcChain.xml", CHAIN, kind, "calcChain")


def test_the_calculation_chain_goes_when_formulas_go(tmp_path: Path) -> None:
    book = ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", chained()))
    changed = filled(book, [(JAN, 5)])
    assert "xl/calcChain.xml" not in changed.package
    assert "calcChain" not in part(changed, "[Content_Types].xml") + part(changed, "xl/_rels/workbook.xml.rels")
    assert part(changed, "[Content_Types].xml") == handmade.parts()["[Content_Types].xml"]


@pytest.mark.parametrize(("column", "goes"), [("B", True), ("C", False)])
def test_the_calculation_chain_goes_when_a_total_moves_off_a_cell(column: str, *, goes: bool, tmp_path: Path) -> None:
    """In column C, which is calculated, the cell gets a formula of the body."""
    totals = f'<row r="5"><c r="{column}5"><f>SUBTOTAL(109,Facts[Double])</f><v>36</v></c></row>'
    content = chained()
    content[DATA] = handmade.sheet(handmade.ROWS + totals)
    content[TABLE] = handmade.table("A1:C5", more=' totalsRowCount="1"')
    book = ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", content))
    assert ("xl/calcChain.xml" not in filled(book).package) is goes


def test_the_calculation_chain_stays_when_formulas_come(tmp_path: Path) -> None:
    book = ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", chained()))
    assert part(filled(book), "xl/calcChain.xml") == CHAIN


PIVOTS = {
    '<worksheetSource name="facts"/>': '<worksheetSource name="facts"/>',
    '<worksheetSource ref="A1:C4" sheet="Data"/>': '<worksheetSource ref="A1:C6" sheet="Data"/>',
    '<worksheetSource ref="B2:B3" sheet="Data"/>': '<worksheetSource ref="B2:B3" sheet="Data"/>',
}


@pytest.mark.parametrize("source", PIVOTS)
def test_pivot_tables_over_the_table_are_refreshed_on_opening(source: str, tmp_path: Path) -> None:
    text = f'<pivotCacheDefinition xmlns="{handmade.MAIN}"><cacheSource type="worksheet">{source}</cacheSource>'
    content = handmade.with_part(
        handmade.parts(),
        "xl/pivot.xml",
        f"{text}</pivotCacheDefinition>",
        f"{handmade.SHEET}.pivotCacheDefinition+xml",
        "p",
    )
    book = ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", content))
    changed = part(filled(book), "xl/pivot.xml")
    assert changed == f"{text}</pivotCacheDefinition>".replace('main">', 'main" refreshOnLoad="1">', 1).replace(
        source, PIVOTS[source]
    )
    assert filled(book, SAME) is book


def test_pivot_tables_over_other_cells_stay(tmp_path: Path) -> None:
    text = f'<pivotCacheDefinition xmlns="{handmade.MAIN}"><cacheSource type="worksheet"><worksheetSource ref="A1:C4" '
    text += 'sheet="Board"/></cacheSource></pivotCacheDefinition>'
    kind = f"{handmade.SHEET}.pivotCacheDefinition+xml"
    content = handmade.with_part(handmade.parts(), "xl/pivot.xml", text, kind, "p")
    book = ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", content))
    assert part(filled(book), "xl/pivot.xml") == text


# The refusal names what is in the way.

OBSTACLES = {
    "content below": (
        {"data": handmade.sheet(handmade.ROWS + '<row r="6"><c r="B6"><v>1</v></c></row>')},
        "table Facts on sheet Data needs the cells down to row 6, and B6 below it is not empty; move what is there",
    ),
    "merged": (
        {"data": handmade.sheet(after='<mergeCells><mergeCell ref="C6:D6"/></mergeCells>')},
        "table Facts on sheet Data: cells C6:D6 are merged where its rows go; unmerge them in Excel",
    ),
    "array": (
        {
            "data": handmade.sheet(
                handmade.ROWS.replace('<c r="E2"><v>7</v></c>', "").replace(
                    '<c r="B2"><v>5</v></c>', '<c r="B2"><f t="array" ref="B2:B4">ROW(A1:A3)</f><v>5</v></c>'
                )
            )
        },
        "table Facts on sheet Data: B2 holds an array formula or a data table that fills B2:B4, where the table's rows "
        "go; move it",
    ),
    "data table": (
        {
            "data": handmade.sheet(
                handmade.ROWS.replace('<c r="E2"><v>7</v></c>', "")
                + '<row r="5"><c r="A5"><f t="dataTable" ref="A5:B5" r1="E1"/></c></row>'
            )
        },
        "table Facts on sheet Data needs the cells down to row 6, and A5 below it is not empty; move what is there",
    ),
    "formula typed over": (
        {"data": handmade.sheet(handmade.ROWS.replace('<c r="B3"><v>6</v>', '<c r="B3"><f>3+3</f><v>6</v>'))},
        "table Facts: B3 in column 'Count' holds a formula, and the column is not a calculated one; let Excel fill the "
        "formula down the whole column, or type a value instead",
    ),
    "query": (
        {"facts": handmade.table(more=' tableType="queryTable"')},
        "table Facts is filled by a connection (queryTable), which would overwrite new rows",
    ),
    "no header": (
        {
            "facts": handmade.table(more=' headerRowCount="0"'),
            "data": handmade.sheet(handmade.ROWS.replace("Month<", "Oct-08<")),
        },
        "table Facts shows no header row; switch it on in Excel (Table Design, Header Row)",
    ),
}


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_would_be_damaged_is_refused_by_name(case: str, tmp_path: Path) -> None:
    changed, message = OBSTACLES[case]
    with pytest.raises(Refusal) as refusal:
        opened(tmp_path, **changed).with_rows("Facts", ("Month", "Count"), MORE)
    assert str(refusal.value) == message


def test_rows_out_of_order_are_refused(tmp_path: Path) -> None:
    rows = '<row r="9"><c r="E9"><v>1</v></c></row>' + handmade.ROWS
    book = opened(tmp_path, data=handmade.sheet(rows))
    message = r"book\.xlsx: the rows of sheet Data are not in order; open it in Excel and save it once$"
    with pytest.raises(Refusal, match=message):
        filled(book)
    with pytest.raises(Refusal, match=message):
        book.with_cell("Data", 9, 5, 2)


def test_empty_cells_below_are_no_obstacle(tmp_path: Path) -> None:
    rows = handmade.ROWS + '<row r="6"><c r="B6" s="2"/></row>'
    assert row(filled(opened(tmp_path, data=handmade.sheet(rows))), 6).count("<c ") == 3


def test_a_table_below_is_refused_by_name(tmp_path: Path) -> None:
    below = '<row r="6"><c r="B6" t="str"><v>Other</v></c></row>'
    content = handmade.parts(
        data=handmade.sheet(handmade.ROWS + below).replace("</tableParts>", '<tablePart r:id="rId2"/></tableParts>')
    )
    content["xl/worksheets/_rels/sheet1.xml.rels"] = handmade.links(
        ("rId1", "table", "../tables/table1.xml"), ("rId2", "table", "../tables/table2.xml")
    )
    content["xl/tables/table2.xml"] = (
        f'<table xmlns="{handmade.MAIN}" id="2" name="Other" displayName="Other" ref="B6:B7"><tableColumns count="1">'
        '<tableColumn id="1" name="Other"/></tableColumns></table>'
    )
    book = ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", content))
    with pytest.raises(Refusal) as refusal:
        book.with_rows("Facts", ("Month", "Count"), MORE)
    assert str(refusal.value) == ("table Facts on sheet Data would grow into table Other (B6:B7); move one of them")
    assert filled(book, MORE[:4]).tables["Facts"].last_row == 5


def test_columns_must_be_those_of_the_table(tmp_path: Path) -> None:
    book = opened(tmp_path)
    with pytest.raises(Refusal) as refusal:
        book.with_rows("Facts", ("Month", "Counts", "Double"), [])
    assert str(refusal.value) == (
        "table Facts: nothing fills its columns Count, and it has no columns Counts, Double to fill; it has Month,"
        " Count. Change the headings of the table, or give the configuration that fits this workbook (--config)"
    )
    with pytest.raises(Refusal, match=r"^table Facts: it has no columns Month to fill; it has Month, Count\. "):
        book.with_rows("Facts", ("Month", "Count", "Month"), [])
    with pytest.raises(Refusal, match=r"row 2 for table Facts has 3 values for 2 columns$"):
        book.with_rows("Facts", ("Month", "Count"), [(JAN, 1), (JAN, 2, 3)])
    with pytest.raises(Refusal, match=r"has no table 'Fact'; it has Facts$"):
        book.with_rows("Fact", ("Month", "Count"), [])


@pytest.mark.slow
def test_a_sheet_has_an_end(tmp_path: Path) -> None:
    rows = itertools.repeat((None, 1), 1_048_576)
    with pytest.raises(Refusal, match=r"^table Facts would end in row 1,048,577, and a sheet has 1,048,576$"):
        opened(tmp_path).with_rows("Facts", ("Month", "Count"), rows)


# A workbook of XlsxWriter, with all of it at once; openpyxl reads the result.


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "written.xlsx"
    book = xlsxwriter.Workbook(str(path))
    data, board = book.add_worksheet("Monthly data"), book.add_worksheet("Board")
    month = book.add_format({"num_format": "mmm-yy"})
    columns = [
        {"header": "Month", "format": month, "total_string": "Total"},
        {"header": "Count", "total_function": "sum"},
        {"header": "Share", "formula": "=Facts[[#This Row],[Count]]/SUM(Facts[Count])"},
    ]
    rows = [[39814 + 31 * place, place + 1, 0] for place in range(4)]
    data.add_table(2, 1, 7, 3, {"name": "Facts", "total_row": True, "columns": columns, "data": rows})
    data.write("G4", "beside")
    data.conditional_format("C4:C7", {"type": "data_bar", "data_bar_2010": True})
    board.write_formula("A1", "=SUM('Monthly data'!$C$4:$C$7)", None, 10)
    board.add_sparkline("B1", {"range": "'Monthly data'!$C$4:$C$7"})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "='Monthly data'!$B$4:$B$7", "values": "='Monthly data'!$C$4:$C$7"})
    board.insert_chart("D1", chart)
    book.define_name("counts", "='Monthly data'!$C$4:$C$7")
    book.close()
    return path


@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl on data bars and sparklines
def test_a_written_workbook_takes_more_rows(written: Path, tmp_path: Path) -> None:
    rows = [(JAN, 4), (FEB, 5), (MAR, None), (APR, 6), (MAY, 1), (JAN, 2)]
    book = ClosedWorkbook.open(written).with_rows("Facts", ["Month", "Count"], rows)
    book.save(tmp_path / "out.xlsx")
    result = openpyxl.load_workbook(tmp_path / "out.xlsx")
    page = result["Monthly data"]
    assert page.tables["Facts"].ref == "B3:D10"
    assert page.tables["Facts"].autoFilter.ref == "B3:D9"
    values = [(cells[0].value.date(), cells[1].value) for cells in page["B4:C9"]]
    assert values == rows
    assert page["B4"].number_format == page["B9"].number_format == "mmm-yy"
    assert page["D9"].value == "=Facts[[#This Row],[Count]]/SUM(Facts[Count])"
    assert (page["B10"].value, page["C10"].value, page["G4"].value) == ("Total", "=SUBTOTAL(109,[Count])", "beside")
    assert [str(area.sqref) for area in page.conditional_formatting] == ["C4:C9"]
    assert result["Board"]["A1"].value == "=SUM('Monthly data'!$C$4:$C$9)"
    assert result.defined_names["counts"].attr_text == "'Monthly data'!$C$4:$C$9"
    assert "<xm:f>'Monthly data'!C4:C9</xm:f><xm:sqref>B1</xm:sqref>" in part(book, BOARD)
    again = ClosedWorkbook.open(tmp_path / "out.xlsx")
    assert again.with_rows("Facts", ["Month", "Count"], rows).finished().package is again.package


def test_charts_show_the_new_values(written: Path, tmp_path: Path) -> None:
    book = ClosedWorkbook.open(written).with_rows(
        "Facts", ["Month", "Count"], [(JAN, 4), (FEB, 5.5), (MAR, None), (APR, 6)]
    )
    book.save(tmp_path / "out.xlsx")
    names = [difference.name for difference in compare(written, tmp_path / "out.xlsx")]
    assert names == ["xl/charts/chart1.xml", DATA]
    text = part(ClosedWorkbook.open(tmp_path / "out.xlsx"), "xl/charts/chart1.xml")
    assert (
        "<c:f>'Monthly data'!$C$4:$C$7</c:f><c:numCache><c:formatCode>General</c:formatCode><c:ptCount val=\"4\"/>"
        '<c:pt idx="0"><c:v>4</c:v></c:pt><c:pt idx="1"><c:v>5.5</c:v></c:pt><c:pt idx="3"><c:v>6</c:v></c:pt>'
        "</c:numCache>"
    ) in text
