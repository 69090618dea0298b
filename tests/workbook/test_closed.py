"""A closed workbook read: tables, names and cells as openpyxl reads them too, and the forms that real files take."""

import codecs
import datetime
import os
import re
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, from_excel

from cpa_xl.errors import CellError, EmptyDenominator, MissingData, Refusal
from cpa_xl.workbook.closed import Cell, ClosedWorkbook, Column, Table, Workbook, cell_error
from tests.support import handmade
from tests.support.handmade import opened, prefixed

FACTS = Table("Facts", "Data", 1, 1, 4, 3, (Column("Month"), Column("Count"), Column("Double", handmade.FORMULA)))


def test_a_workbook_is_its_sheets_tables_and_names(tmp_path: Path) -> None:
    names = (
        '<definedName name="as_of">Board!$A$1</definedName><definedName name="local" localSheetId="0">Data!$A$1'
        "</definedName>"
    )
    book: Workbook = opened(tmp_path, book=handmade.workbook(names))
    assert book.sheet_names == ("Data", "Board")
    assert dict(book.tables) == {"Facts": FACTS}
    assert dict(book.names) == {"as_of": "Board!$A$1"}
    assert book.named_cell("AS_OF") == ("Board", 1, 1)
    assert not book.date1904


def test_cells_are_values_and_formulas(tmp_path: Path) -> None:
    cells = opened(tmp_path).cells("Data")
    assert cells[1, 2] == Cell("Count")
    assert cells[2, 1] == Cell(39814.0)
    assert cells[2, 3] == Cell(10.0, handmade.FORMULA)
    assert (2, 4) not in cells
    assert cells[2, 5] == Cell(7.0)


def test_every_kind_of_value_is_read(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="e"><v>#DIV/0!</v></c><c r="C1" t="e"><v>#REF!</v></c>'
        '<c r="D1" t="str"><f>""</f><v></v></c><c r="E1" s="1"/><c r="F1" t="d"><v>2009-01-31T12:00:00</v></c>'
        '<c r="G1" t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r><rPh><t>x</t></rPh></is></c>'
        '<c r="H1"><v>1.5E-3</v></c><c r="I1" t="e"><v>#N/A</v></c>'
        '<c r="J1" t="str"><f>1</f><v>_x0041__x005F_x0041_&#10;&amp;</v></c></row>'
    )
    cells = opened(tmp_path, data=handmade.sheet(rows, tables=0)).cells("data")
    values = [cells[1, column].value for column in range(1, 11)]
    assert values[0] is True
    assert isinstance(values[1], EmptyDenominator)
    assert type(values[2]) is CellError
    assert values[2].code == "#REF!"
    assert values[3:8] == ["", None, 39844.5, "a b", 0.0015]
    assert isinstance(values[8], MissingData)
    assert values[9] == "A_x0041_\n&"


def test_codes_make_errors_of_their_kind() -> None:
    assert isinstance(cell_error("#N/A"), MissingData)
    assert cell_error("#SPILL!").code == "#SPILL!"
    assert CellError.code == "#VALUE!"  # the class keeps its own
    assert str(cell_error("#NAME?")) == "the workbook shows #NAME?"


def test_shared_formulas_read_as_they_stand_in_each_cell(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:B3" si="0">$D1+E$2+SUM(F:F)+"A1"+Facts[A1]+LOG10(C1)</f></c>'
        '<c r="B1"><f t="shared" si="0"/></c></row><row r="3"><c r="A3"><f t="shared" si="0"/></c></row>'
    )
    cells = opened(tmp_path, data=handmade.sheet(rows, tables=0)).cells("Data")
    assert cells[1, 2].formula == '$D1+F$2+SUM(G:G)+"A1"+Facts[A1]+LOG10(D1)'
    assert cells[3, 1].formula == '$D3+E$2+SUM(F:F)+"A1"+Facts[A1]+LOG10(C3)'


def test_arrays_and_data_tables_say_what_they_fill(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:A2">TRANSPOSE(C1:D1)</f><v>1</v></c>'
        '<c r="B1"><f t="dataTable" ref="B1:B2" r1="E1" r2="E2"/><v>3</v></c></row>'
        '<row r="2"><c r="A2"><v>2</v></c></row>'
    )
    cells = opened(tmp_path, data=handmade.sheet(rows, tables=0)).cells("Data")
    assert cells[1, 1] == Cell(1.0, "TRANSPOSE(C1:D1)", "A1:A2")
    assert cells[2, 1] == Cell(2.0)
    assert cells[1, 2] == Cell(3.0, "TABLE(E1,E2)", "B1:B2")


def test_a_workbook_of_xlsxwriter_reads_as_openpyxl_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "written.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("A sheet's name")
    texts = ["plain", " spaces ", "<&>\"'", "two\nlines", "_x0041_", "é–😀", "tab\there", "\x07bell", "=1+1"]
    for row, text in enumerate(texts):
        page.write_string(row, 0, text)
    page.write_rich_string(20, 0, "a", book.add_format({"bold": True}), "b", "c")
    page.write_formula(0, 1, "=A1&A2", None, "text")
    page.write_number(1, 1, 0.1 + 0.2)
    page.write_boolean(2, 1, False)  # XlsxWriter's own way
    book.close()
    ours = ClosedWorkbook.open(path).cells("A sheet's name")
    theirs = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    assert {place: cell.value for place, cell in ours.items()} == {
        (cell.row, cell.column): "\x07bell" if cell.value == "_x0007_bell" else cell.value  # which openpyxl leaves
        for row in theirs.iter_rows()
        for cell in row
        if cell.value is not None
    }
    assert [ours[row, 1].value for row in range(1, len(texts) + 1)] == texts
    assert ours[1, 2].formula == "A1&A2"


@pytest.mark.skipif("CPA_XL_OPEN_DATA" not in os.environ, reason="CPA_XL_OPEN_DATA names no folder of open data")
def test_a_published_workbook_reads_as_openpyxl_reads_it() -> None:
    """A file that Excel saved and the London Datastore published; too large to keep here."""
    path = Path(os.environ["CPA_XL_OPEN_DATA"]) / "met-police-recorded-offences-rates-borough_1999-2017.xlsx"
    ours, theirs = ClosedWorkbook.open(path), openpyxl.load_workbook(path, data_only=True)
    assert list(ours.sheet_names) == theirs.sheetnames
    for name in ours.sheet_names:
        cells = {
            place: cell.value.code if isinstance(cell.value, CellError) else cell.value
            for place, cell in ours.cells(name).items()
            if cell.value is not None
        }
        assert cells == {
            (cell.row, cell.column): cell.value
            for row in theirs[name].iter_rows()
            for cell in row
            if cell.value is not None
        }


# Forms that real files take.


VARIANTS = {
    "prefix": prefixed(handmade.sheet()).encode(),
    "byte order mark": codecs.BOM_UTF8 + handmade.sheet().encode(),
    "UTF-16": handmade.sheet().replace('"UTF-8"', '"UTF-16"').encode("utf-16"),
    "UTF-16 big end first": codecs.BOM_UTF16_BE + handmade.sheet().replace("UTF-8", "UTF-16").encode("utf-16-be"),
    "Latin": handmade.sheet().replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "no places": re.sub(r' r="[A-D]?\d"', "", handmade.sheet()).encode(),
    "strict": handmade.sheet().replace(handmade.MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main").encode(),
    "comments": handmade.sheet().replace("<v>5</v>", "<!-- <c r='Z9'> --><v><![CDATA[5]]></v>").encode(),
    "apostrophes": handmade.sheet().replace('r="B2"', "r='B2'").encode(),
    "one element a line": handmade.sheet().replace("><", ">\n<").encode(),
}
EXPECTED = {
    (2, 1): Cell(39814.0),
    (2, 2): Cell(5.0),
    (2, 3): Cell(10.0, handmade.FORMULA),
    (2, 5): Cell(7.0),
    (4, 2): Cell(7.0),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_cells_are_read_in_whatever_form(variant: str, tmp_path: Path) -> None:
    cells = opened(tmp_path, data=VARIANTS[variant]).cells("Data")
    assert {place: cells[place] for place in EXPECTED if place in cells} == EXPECTED
    assert len(cells) == 13


def test_links_may_be_absolute_and_names_differ_in_case(tmp_path: Path) -> None:
    content = handmade.parts()
    content["xl/_rels/workbook.xml.rels"] = handmade.links(
        ("rId1", "worksheet", "/XL/Worksheets/SHEET1.xml"),
        ("rId2", "worksheet", "/xl/worksheets/../worksheets/sheet2.xml"),
    )
    content["xl/worksheets/_rels/sheet1.xml.rels"] = handmade.links(("rId1", "table", "/xl/tables/Table1.xml"))
    book = ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", content))
    assert book.cells("Board")[1, 2] == Cell(18.0, "SUM(Facts[Count])")
    assert list(book.tables) == ["Facts"]


def test_workbooks_may_count_from_1904(tmp_path: Path) -> None:
    book = opened(tmp_path, book=handmade.workbook(properties='<workbookPr date1904="1"/>'))
    assert book.date1904
    changed = book.with_cell("Board", 1, 1, datetime.date(2009, 1, 1))
    assert changed.cells("Board")[1, 1].value == 38352  # 39814 counted from 1900, less 1462
    assert from_excel(38352, CALENDAR_MAC_1904) == datetime.datetime(2009, 1, 1)


# What cannot be served.


def test_a_missing_sheet_or_name_says_what_there_is(tmp_path: Path) -> None:
    book = opened(tmp_path, book=handmade.workbook('<definedName name="span">Data!$A$1:$B$2</definedName>'))
    path = tmp_path / "book.xlsx"
    with pytest.raises(Refusal) as refusal:
        book.cells("Figures")
    assert str(refusal.value) == f"{path} has no sheet 'Figures'; it has Board, Data"
    with pytest.raises(Refusal) as refusal:
        book.named_cell("as_of")
    assert str(refusal.value) == (
        f"{path} has no name 'as_of'; it has span. "
        "Define it in Excel under Formulas, Name Manager, for the whole workbook"
    )
    with pytest.raises(Refusal) as refusal:
        book.named_cell("span")
    assert str(refusal.value) == f"{path}: the name 'span' refers to Data!$A$1:$B$2, and a single cell is needed"


def test_a_name_may_lead_nowhere(tmp_path: Path) -> None:
    names = '<definedName name="gone">#REF!</definedName><definedName name="away">[1]Sheet1!$A$1</definedName>'
    book = opened(tmp_path, book=handmade.workbook(names))
    with pytest.raises(Refusal, match=r"the name 'gone' refers to #REF!, and a single cell is needed$"):
        book.named_cell("gone")
    with pytest.raises(Refusal, match=r"has no sheet '\[1\]Sheet1'; it has Board, Data$"):
        book.named_cell("away")


def test_a_sheet_that_is_no_sheet_is_refused_by_part(tmp_path: Path) -> None:
    book = opened(tmp_path, board="<worksheet/>")
    with pytest.raises(
        Refusal, match=r"part xl/worksheets/sheet2\.xml: no sheet can be read from it \(no sheetData\)$"
    ):
        book.cells("Board")
    broken = handmade.sheet('<row r="1"><c r="A1" t="s"><v>9</v></c></row>', tables=0)
    with pytest.raises(Refusal) as refusal:
        opened(tmp_path, board=broken).cells("Board")
    assert str(refusal.value).endswith(
        "sheet Board: a cell cannot be read (A1: it shows the shared text 9, and the workbook has 0 of them);"
        " open the workbook in Excel, let it be repaired, and save it"
    )


def test_a_workbook_without_worksheets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"book\.xlsx has no worksheet$"):
        opened(tmp_path, book=f'<workbook xmlns="{handmade.MAIN}"/>')


def test_a_table_that_is_no_table_is_refused_by_part(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"part xl/tables/table1\.xml: no table can be read from it"):
        _ = opened(tmp_path, facts="<table/>").tables
