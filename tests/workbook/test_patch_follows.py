"""What refers to a table's body follows its end, in every part that may; what only looks like it stays."""

import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from cpa_xl.ooxml.package import compare, validate
from cpa_xl.workbook.closed import Cell, ClosedWorkbook
from tests.support import handmade
from tests.support.handmade import opened_parts, part

DATA, BOARD, TABLE, CHART = (
    *("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/tables/table1.xml"),
    "xl/charts/chart1.xml",
)
COLUMNS = ("Month", "Count")
MONTHS = [datetime.date(2009, month, 1) for month in range(1, 7)]


def filled(book: ClosedWorkbook, count: int) -> ClosedWorkbook:
    """The workbook with this many months (it has three); sound, and the same after a second time."""
    rows = [(month, place) for place, month in enumerate(MONTHS[:count], 1)]
    result = book.with_rows("Facts", COLUMNS, rows)
    assert validate(result.package) == ()
    assert compare(result.package, result.with_rows("Facts", COLUMNS, rows).package) == ()
    return result


LENGTHS = pytest.mark.parametrize("count", [1, 2, 5])
EXTENSIONS = (
    f'<extLst><ext xmlns:x14="{handmade.X14}" xmlns:xm="{handmade.XM}"><x14:conditionalFormattings>'
    '<x14:conditionalFormatting><x14:cfRule type="dataBar" id="{{1}}"><x14:dataBar><x14:cfvo type="formula">'
    "<xm:f>MAX($B$2:$B${0})</xm:f></x14:cfvo></x14:dataBar></x14:cfRule><xm:sqref>B2:B{0}</xm:sqref>"
    '</x14:conditionalFormatting></x14:conditionalFormattings><x14:dataValidations count="1">'
    '<x14:dataValidation type="list"><x14:formula1><xm:f>Data!$A$2:$A${0}</xm:f></x14:formula1>'
    "<xm:sqref>B2:B{0} E9</xm:sqref></x14:dataValidation></x14:dataValidations><x14:sparklineGroups>"
    "<x14:sparklineGroup><xm:f>Data!A2:A{0}</xm:f><x14:sparklines><x14:sparkline><xm:f>Data!B2:B{0}</xm:f><xm:sqref>E4</xm:sqref>"
    "</x14:sparkline></x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext></extLst>"
)
FRAME = (
    '<protectedRanges><protectedRange sqref="A2:B{0}" name="figures"/></protectedRanges>'
    '<conditionalFormatting sqref="B2:B{0} E2:E3"><cfRule type="cellIs" priority="1"><formula>AVERAGE($B$2:$B${0})'
    '</formula></cfRule></conditionalFormatting><dataValidations count="2">'
    '<dataValidation type="custom" sqref="A2:A{0}"><formula1>COUNTIF($A$2:$A${0},A2)=1</formula1></dataValidation>'
    '<dataValidation sqref="F2:F9"/></dataValidations>'
)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ("B2:B3 B4", "B2:B3 B4:B6"),
        ("B4 B2:B3", "B4:B6 B2:B3"),
        ("A2:B2 A3:B3 A4:B4", "A2:B2 A3:B3 A4:B6"),
        ("A2:B3 B4 D9", "A2:B3 B4:B6 D9"),
        ("B4", "B4"),  # a format of the last month alone
        ("B2 B4", "B2 B4"),
        ("D2:D3 B4", "D2:D3 B4"),
    ],
)
def test_a12_a_format_in_pieces_grows(pieces: str, expected: str, tmp_path: Path) -> None:
    """A table of rows 2 to 4 gets rows 2 to 6; Excel writes one format over cells that were copied in pieces."""
    rule = '<conditionalFormatting sqref="{}"><cfRule type="duplicateValues" priority="1"/></conditionalFormatting>'
    sheet = handmade.sheet(after=rule.format(pieces))
    text = part(filled(opened_parts(tmp_path, handmade.parts(data=sheet)), 5), DATA)
    assert rule.format(expected) in text


def test_a12_pieces_in_elements_of_their_own_grow(tmp_path: Path) -> None:
    """Excel splits a format into several where a cell is copied; the formula moves with its cell."""
    rule = (
        '<conditionalFormatting sqref="{}"><cfRule type="expression" priority="{}"><formula>{}</formula></cfRule>'
        "</conditionalFormatting>"
    )
    same, other = rule.format("B2:B3", 1, "B2&gt;A1"), rule.format("A2:A3", 3, "A2&gt;9")
    after = same + rule.format("B4", 2, "B4&gt;A3") + other + rule.format("A4", 4, "A4&gt;8")
    text = part(filled(opened_parts(tmp_path, handmade.parts(data=handmade.sheet(after=after))), 5), DATA)
    assert same + rule.format("B4:B6", 2, "B4&gt;A3") + other + rule.format("A4", 4, "A4&gt;8") in text


@LENGTHS
def test_formats_validations_and_extensions_follow(count: int, tmp_path: Path) -> None:
    sheet = handmade.sheet(after=FRAME.format(4)).replace("</worksheet>", EXTENSIONS.format(4) + "</worksheet>")
    text = part(filled(opened_parts(tmp_path, handmade.parts(data=sheet)), count), DATA)
    tables = '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>'
    expected = FRAME.format(count + 1) + tables + EXTENSIONS.format(count + 1)
    if count == 1:  # a range of one cell is written as a cell, but in formulas
        for column in "AB":
            for before, after in (('"', '"'), (">", "<"), ('"', " E"), (">", " E")):
                expected = expected.replace(f"{before}{column}2:{column}2{after}", f"{before}{column}2{after}")
    assert text[text.index("</sheetData>") :] == f"</sheetData>{expected}</worksheet>"


# Charts.

SPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:c15="http://schemas.microsoft.com/office/drawing/2012/chart"'
)
SERIES = (
    "<c:tx><c:strRef><c:f>Data!$B$1</c:f></c:strRef></c:tx><c:cat><c:numRef><c:f>Data!$A$2:$A${0}</c:f></c:numRef></c:cat>"
    "<c:val><c:numRef><c:f>Data!$B$2:$B${0}</c:f></c:numRef></c:val><c:extLst><c15:fullRef><c15:sqref>Data!$B$2:$B${0}"
    "</c15:sqref></c15:fullRef></c:extLst><c:val><c:numRef><c:f>Data!$B$2:$B$3</c:f></c:numRef></c:val>"
    "<c:val><c:numRef><c:f>Board!$B$2:$B$4</c:f></c:numRef></c:val>"
)


@LENGTHS
def test_references_of_charts_follow(count: int, tmp_path: Path) -> None:
    """A series over part of the body stays, and so does one over the same cells of another sheet."""
    content = handmade.with_part(
        handmade.parts(),
        CHART,
        f"<c:chartSpace {SPACES}>{SERIES.format(4)}</c:chartSpace>",
        "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
        "chart",
    )
    book = filled(opened_parts(tmp_path, content), count).finished()
    assert part(book, CHART) == f"<c:chartSpace {SPACES}>{SERIES.format(count + 1)}</c:chartSpace>"


def test_references_of_newer_charts_follow(tmp_path: Path) -> None:
    space = 'xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex"'
    inside = (
        '<cx:strDim type="cat"><cx:f>Data!$A$2:$A${0}</cx:f></cx:strDim><cx:numDim><cx:f dir="row">_xlchart.v1.0</cx:f>'
    )
    text = f"<cx:chartSpace {space}>{inside}</cx:numDim></cx:chartSpace>"
    names = '<definedName name="_xlchart.v1.0" hidden="1">Data!$B$2:$B$4</definedName>'
    kind = "application/vnd.ms-office.chartex+xml"
    content = handmade.with_part(handmade.parts(book=handmade.workbook(names)), CHART, text.format(4), kind, "chartEx")
    book = filled(opened_parts(tmp_path, content), 5).finished()
    assert part(book, CHART) == text.format(6)
    assert book.names["_xlchart.v1.0"] == "Data!$B$2:$B$6"


# Names, formulas that spill, results of array formulas.


def test_names_of_one_sheet_and_of_filters_follow(tmp_path: Path) -> None:
    names = (
        '<definedName name="counts" localSheetId="1">Data!$B$2:$B${0}</definedName>'
        '<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">Data!$A$1:$C${0}</definedName>'
        '<definedName name="rolling">OFFSET(Data!$B$2,0,0,ROWS(Data!$B$2:$B${0}),1)</definedName>'
        '<definedName name="_xlnm.Print_Titles" localSheetId="0">Data!$1:$1</definedName>'
    )
    book = filled(opened_parts(tmp_path, handmade.parts(book=handmade.workbook(names.format(4)))), 5)
    assert part(book, "xl/workbook.xml") == handmade.workbook(names.format(6))


METADATA = (
    f'<metadata xmlns="{handmade.MAIN}"><metadataTypes count="1"><metadataType name="XLDAPR"/></metadataTypes>'
    '<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>'
)


def test_a_formula_that_spills_elsewhere_keeps_its_mark(tmp_path: Path) -> None:
    """Its reference follows; what it fills is for Excel to say, and the mark and its part stay as they are."""
    formula = '<f t="array" ref="D1:D3" ca="1">_xlfn._xlws.SORT(Data!$B$2:$B${0})</f>'
    rows = (
        f'<row r="1"><c r="D1" cm="1">{formula}<v>5</v></c></row><row r="2"><c r="D2"><v>6</v></c></row>'
        '<row r="3"><c r="D3"><v>7</v></c></row>'
    )
    board = f'<worksheet xmlns="{handmade.MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    content = handmade.with_part(
        handmade.parts(board=board.format(4)),
        "xl/metadata.xml",
        METADATA,
        f"{handmade.SHEET}.sheetMetadata+xml",
        "sheetMetadata",
    )
    book = filled(opened_parts(tmp_path, content), 5)
    assert part(book, BOARD) == board.format(6)
    assert part(book, "xl/metadata.xml") == METADATA
    assert part(book.with_values({("Board", 1, 4): 1}), BOARD) == board.format(6).replace("<v>5</v>", "<v>1</v>")


def test_shared_and_array_formulas_elsewhere_follow(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:B1" si="0">SUM(Data!$B$2:$B$4)+A9</f><v>1</v></c>'
        '<c r="B1"><f t="shared" si="0"/><v>2</v></c><c r="C1"><f t="array" ref="C1">MAX(Data!B2:B4*2)</f><v>14</v></c>'
        '<c r="D1"><f t="shared" ref="D1:E1" si="1">A9*2</f><v>0</v></c>'
        '<c r="E1"><f t="shared" si="1"/><v>0</v></c></row>'
    )
    board = f'<worksheet xmlns="{handmade.MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    book = filled(opened_parts(tmp_path, handmade.parts(board=board)), 5)
    assert [cell.formula for cell in book.cells("Board").values()] == [
        *("SUM(Data!$B$2:$B$6)+A9", "SUM(Data!$B$2:$B$6)+B9", "MAX(Data!B2:B6*2)", "A9*2", "B9*2"),
    ]
    assert book.cells("Board")[1, 3] == Cell(14.0, "MAX(Data!B2:B6*2)", "C1")
    assert '<f t="shared" si="1"/>' in part(book, BOARD)  # nothing in it changes, so it stays shared


# Text.

TEXTS = [
    *("=1+1", "+44 20 7230 1212", "-", "@mention", "'quoted", "_x0041_", "_x005F_x0041_", " two "),
    *("a\tb\nc", "\x07", "\ufffe"),
]


def test_text_of_any_kind_stays_text(tmp_path: Path) -> None:
    texts = [*TEXTS, "x" * 32_767, "😀" * 16_383, "123", "1E5", "TRUE", "#N/A", "2009-01-01"]
    book = opened_parts(tmp_path, handmade.parts())
    changed = book.with_rows("Facts", COLUMNS, [(MONTHS[0], text) for text in texts])
    changed.save(tmp_path / "out.xlsx")
    again = ClosedWorkbook.open(tmp_path / "out.xlsx")
    assert [again.cells("Data")[row, 2] for row in range(2, len(texts) + 2)] == [Cell(text) for text in texts]
    assert again.with_rows("Facts", COLUMNS, [(MONTHS[0], text) for text in texts]) is again
    for place, text in enumerate(TEXTS):
        one = again.with_cell("Board", 1, 1, text)
        assert one.cells("Board")[1, 1] == Cell(text), place


def test_openpyxl_reads_the_same_text(tmp_path: Path) -> None:
    texts = [text for text in TEXTS if not text.startswith("=")]  # those it takes for formulas
    book = opened_parts(tmp_path, handmade.parts())
    book.with_rows("Facts", COLUMNS, [(MONTHS[0], text) for text in texts]).save(tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["Data"]
    assert [unescape(str(row[0].value)) for row in sheet.iter_rows(2, len(texts) + 1, 2, 2)] == texts
