"""Single cells of a closed workbook: constants put in, results renewed, and the file put in place of the old one."""

import datetime
import os
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from cpa_xl.errors import EmptyDenominator, Refusal
from cpa_xl.ooxml.package import Package, compare, validate
from cpa_xl.workbook.closed import Cell, ClosedWorkbook, is_open_in_excel, refuse_if_open, replace
from tests.support import handmade
from tests.support.handmade import opened, part

DATA, BOARD, BOOK = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/workbook.xml"
FEBRUARY = datetime.date(2009, 2, 1)


def board(rows: str, *, dimension: str = "A1:B1", after: str = "") -> str:
    return (
        f'<worksheet xmlns="{handmade.MAIN}"><dimension ref="{dimension}"/>'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


# Constants.


def test_a_constant_takes_the_style_of_its_cell(tmp_path: Path) -> None:
    book = opened(tmp_path)
    changed = book.with_cell("Board", 1, 1, FEBRUARY)
    assert part(changed, BOARD) == part(book, BOARD).replace("39814", "39845")
    assert [difference.name for difference in compare(book.package, changed.package)] == [BOARD]


def test_the_same_constant_changes_nothing(tmp_path: Path) -> None:
    book = opened(tmp_path)
    assert book.with_cell("board", 1, 1, datetime.date(2009, 1, 1)) is book
    assert book.with_cell("Data", 2, 5, 7) is book
    assert book.with_cell("Data", 2, 5, True) is not book


def test_cells_and_rows_are_made_where_there_are_none(tmp_path: Path) -> None:
    rows = '<row r="2" spans="1:2"><c r="B2"><v>1</v></c></row><row r="4" s="2" customFormat="1"/>'
    book = opened(tmp_path, board=board(rows, dimension="B2:B2"))
    changed = book.with_cell("Board", 2, 1, "a").with_cell("Board", 2, 4, 1.5).with_cell("Board", 3, 2, False)
    changed = changed.with_cell("Board", 4, 2, 9)
    assert part(changed, BOARD) == board(
        '<row r="2"><c r="A2" t="inlineStr"><is><t>a</t></is></c><c r="B2"><v>1</v></c><c r="D2"><v>1.5</v></c></row>'
        '<row r="3"><c r="B3" t="b"><v>0</v></c></row>'
        '<row r="4" s="2" customFormat="1"><c r="B4" s="2"><v>9</v></c></row>',
        dimension="A2:D4",
    )
    assert validate(changed.package) == ()


def test_a_sheet_without_cells_takes_one(tmp_path: Path) -> None:
    text = f'<x:worksheet xmlns:x="{handmade.MAIN}"><x:sheetData/></x:worksheet>'
    changed = opened(tmp_path, board=text).with_cell("Board", 3, 2, 1)
    assert part(changed, BOARD) == text.replace(
        "<x:sheetData/>", '<x:sheetData><x:row r="3"><x:c r="B3"><x:v>1</x:v></x:c></x:row></x:sheetData>'
    )


def test_a_cell_can_be_emptied(tmp_path: Path) -> None:
    changed = opened(tmp_path).with_cell("Board", 1, 1, None)
    assert '<row r="1"><c r="A1" s="1"/><c r="B1">' in part(changed, BOARD)


def test_cells_without_places_keep_theirs(tmp_path: Path) -> None:
    rows = '<row><c><v>1</v></c></row><row><c r="B2"><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c></row>'
    changed = opened(tmp_path, board=board(rows)).with_cell("Board", 2, 1, 9)
    expected = {(1, 1): 1, (2, 1): 9, (2, 2): 2, (2, 3): 3, (3, 1): 4}
    assert {place: cell.value for place, cell in changed.cells("Board").items()} == expected


PROTECTED = {
    "formula": ((1, 2), "holds the formula =SUM(Facts[Count]); only constants are replaced"),
    "array": ((3, 1), "is filled by an array formula; only constants are replaced"),
    "merged": ((4, 2), "is covered by the merged cell A4; write there"),
    "text": ((9, 9), "the text has 40,000 characters, and a cell holds 32,767"),
}


@pytest.mark.parametrize("case", PROTECTED)
def test_what_is_no_constant_is_refused_by_name(case: str, tmp_path: Path) -> None:
    rows = '<row r="1"><c r="B1"><f>SUM(Facts[Count])</f><v>18</v></c></row>'
    rows += '<row r="2"><c r="A2"><f t="array" ref="A2:A3">ROW(A1:A2)</f><v>1</v></c></row>'
    merged = '<mergeCells><mergeCell ref="A4:B5"/></mergeCells>'
    book = opened(tmp_path, board=board(rows, after=merged))
    (row, column), message = PROTECTED[case]
    with pytest.raises(Refusal) as refusal:
        book.with_cell("Board", row, column, "x" * 40_000)
    name = f"{'ABCDEFGHI'[column - 1]}{row}"
    assert str(refusal.value).startswith(f"{tmp_path / 'book.xlsx'}, cell {name} on sheet Board")
    assert str(refusal.value).endswith(message)
    assert book.with_cell("Board", 4, 1, 1).cells("Board")[4, 1].value == 1


def test_headers_are_never_written(tmp_path: Path) -> None:
    with pytest.raises(
        Refusal, match=r"cell B1 on sheet Data is a header of table Facts, and headers are never written$"
    ):
        opened(tmp_path).with_cell("Data", 1, 2, "Number")


# Results of formulas.


def test_only_the_value_and_its_kind_change(tmp_path: Path) -> None:
    book = opened(tmp_path)
    results: dict[object, str] = {
        36: '<c r="B1"><f>SUM(Facts[Count])</f><v>36</v></c>',
        0.1: '<c r="B1"><f>SUM(Facts[Count])</f><v>0.1</v></c>',
        True: '<c r="B1" t="b"><f>SUM(Facts[Count])</f><v>1</v></c>',
        "G & –": '<c r="B1" t="str"><f>SUM(Facts[Count])</f><v>G &amp; –</v></c>',
        " x": '<c r="B1" t="str"><f>SUM(Facts[Count])</f><v xml:space="preserve"> x</v></c>',
        EmptyDenominator("no offences"): '<c r="B1" t="e"><f>SUM(Facts[Count])</f><v>#DIV/0!</v></c>',
        None: '<c r="B1"><f>SUM(Facts[Count])</f></c>',
        FEBRUARY: '<c r="B1"><f>SUM(Facts[Count])</f><v>39845</v></c>',
    }
    for value, cell in results.items():
        changed = book.with_values({("Board", 1, 2): value})
        assert part(changed, BOARD) == part(book, BOARD).replace(
            '<c r="B1"><f>SUM(Facts[Count])</f><v>18</v></c>', cell
        )
        assert compare(changed.package, changed.with_values({("Board", 1, 2): value}).package) == ()
        again = changed.with_values({("Board", 1, 2): 18})
        assert part(again, BOARD) == part(book, BOARD)


def test_a_result_that_stays_leaves_its_bytes_alone(tmp_path: Path) -> None:
    text = handmade.BOARD.replace("<v>18</v>", "<v>1.8E1</v>")
    book = opened(tmp_path, board=text)
    assert book.with_values({("Board", 1, 2): 18, ("Data", 2, 3): 10.0}) is book


def test_results_of_several_sheets_at_once(tmp_path: Path) -> None:
    changed = opened(tmp_path).with_values({("Board", 1, 2): 1, ("Data", 4, 3): 2, ("data", 2, 3): 3})
    assert changed.cells("Board")[1, 2].value == 1
    assert [changed.cells("Data")[row, 3].value for row in (2, 3, 4)] == [3, 12, 2]


def test_cells_that_an_array_fills_take_results_and_keep_marks(tmp_path: Path) -> None:
    rows = '<row r="2"><c r="A2" cm="1"><f t="array" ref="A2:B3">F()</f><v>1</v></c><c r="B2" s="2"/></row>'
    rows += '<row r="3"><c r="A3"><v>3</v></c><c r="B3" t="s"><v>0</v></c></row>'
    content = handmade.with_part(
        handmade.parts(board=board(rows)),
        "xl/sharedStrings.xml",
        f'<sst xmlns="{handmade.MAIN}"><si><t>old</t></si></sst>',
        f"{handmade.SHEET}.sharedStrings+xml",
        "sharedStrings",
    )
    book = ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", content))
    changed = book.with_values(
        {("Board", 2, 1): "a", ("Board", 2, 2): "b", ("Board", 3, 1): True, ("Board", 3, 2): "old"}
    )
    assert part(changed, BOARD) == board(
        '<row r="2"><c r="A2" cm="1" t="str"><f t="array" ref="A2:B3">F()</f><v>a</v></c>'
        '<c r="B2" s="2" t="str"><v>b</v></c></row>'
        '<row r="3"><c r="A3" t="b"><v>1</v></c><c r="B3" t="s"><v>0</v></c></row>'
    )


def test_shared_formulas_keep_their_form(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><f t="shared" ref="A1:B1" si="0">C1</f></c><c r="B1"><f t="shared" si="0"/></c></row>'
    changed = opened(tmp_path, board=board(rows)).with_values({("Board", 1, 1): 1, ("Board", 1, 2): "x"})
    assert part(changed, BOARD) == board(
        '<row r="1"><c r="A1"><f t="shared" ref="A1:B1" si="0">C1</f><v>1</v></c>'
        '<c r="B1" t="str"><f t="shared" si="0"/><v>x</v></c></row>'
    )


@pytest.mark.parametrize("place", [(1, 1), (9, 9)])
def test_a_constant_takes_no_result(place: tuple[int, int], tmp_path: Path) -> None:
    name = {1: "A1", 9: "I9"}[place[0]]
    with pytest.raises(Refusal, match=rf"cell {name} on sheet Board holds no formula, so no result belongs there$"):
        opened(tmp_path).with_values({("Board", *place): 1})


def test_a_result_that_is_no_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"cell B1 on sheet Board: inf is not a number that a cell can hold"):
        opened(tmp_path).with_values({("Board", 1, 2): float("inf")})


def test_openpyxl_reads_the_results(tmp_path: Path) -> None:
    opened(tmp_path).with_values({("Board", 1, 2): "A", ("Data", 2, 3): 0.25}).save(tmp_path / "out.xlsx")
    values = openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True)
    assert (values["Board"]["B1"].value, values["Data"]["C2"].value) == ("A", 0.25)
    formulas = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert formulas["Board"]["B1"].value == "=SUM(Facts[Count])"


# Calculation on opening.

CALCULATION = {
    "": '<calcPr fullCalcOnLoad="1"/>',
    '<calcPr calcId="191029"/>': '<calcPr calcId="191029" fullCalcOnLoad="1"/>',
    '<calcPr fullCalcOnLoad="0" calcId="1"/>': '<calcPr fullCalcOnLoad="1" calcId="1"/>',
    '<calcPr fullCalcOnLoad="1"/>': '<calcPr fullCalcOnLoad="1"/>',
}


@pytest.mark.parametrize("before", CALCULATION)
def test_full_calculation_is_asked_for(before: str, tmp_path: Path) -> None:
    names = '<definedName name="x">Board!$A$1</definedName>'
    book = opened(tmp_path, book=handmade.workbook(names, calculation=before))
    changed = book.with_full_calculation(True)
    assert part(changed, BOOK) == handmade.workbook(names, calculation=CALCULATION[before])
    assert changed.with_full_calculation(True) is changed


def test_full_calculation_is_called_off(tmp_path: Path) -> None:
    book = opened(tmp_path, book=handmade.workbook(calculation='<calcPr calcId="1" fullCalcOnLoad="1"/>'))
    changed = book.with_full_calculation(False)
    assert part(changed, BOOK) == handmade.workbook(calculation='<calcPr calcId="1"/>')
    assert changed.with_full_calculation(False) is changed


# The file put in place of the old one.


@pytest.fixture
def live(tmp_path: Path) -> Path:
    path = tmp_path / "scorecard.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Board").write("A1", 1)
    book.close()
    return path


def test_the_old_file_is_kept_beside(live: Path) -> None:
    before = live.read_bytes()
    backup = live.with_name("scorecard.backup.xlsx")
    replace(ClosedWorkbook.open(live).with_cell("Board", 1, 1, 2), live, backup)
    assert backup.read_bytes() == before
    assert ClosedWorkbook.open(live).cells("Board")[1, 1] == Cell(2.0)
    assert sorted(path.name for path in live.parent.iterdir()) == ["scorecard.backup.xlsx", "scorecard.xlsx"]


def test_the_rights_of_the_file_stay(live: Path) -> None:
    live.chmod(0o640)
    replace(ClosedWorkbook.open(live).with_cell("Board", 1, 1, 2), live)
    assert live.stat().st_mode & 0o777 == 0o640


def test_a_file_open_in_excel_is_refused(live: Path) -> None:
    book = ClosedWorkbook.open(live).with_cell("Board", 1, 1, 2)
    before = live.read_bytes()
    assert not is_open_in_excel(live)
    refuse_if_open(live)
    live.with_name("~$scorecard.xlsx").write_bytes(b"owner")
    assert is_open_in_excel(live)
    with pytest.raises(Refusal) as refusal:
        replace(book, live, live.with_name("backup.xlsx"))
    assert str(refusal.value) == (
        f"{live} is open in Excel; save and close it there first (if it is not open there, Excel left the file "
        "~$scorecard.xlsx behind when it last stopped: delete that)"
    )
    assert live.read_bytes() == before
    assert not live.with_name("backup.xlsx").exists()


def test_a_file_open_in_libreoffice_is_refused(live: Path) -> None:
    live.with_name(".~lock.scorecard.xlsx#").write_text("owner")
    with pytest.raises(Refusal, match=r"scorecard\.xlsx is open in LibreOffice; save and close it there first$"):
        refuse_if_open(live)


def test_a_link_leads_to_the_file(live: Path) -> None:
    link = live.with_name("link.xlsx")
    link.symlink_to(live)
    replace(ClosedWorkbook.open(link).with_cell("Board", 1, 1, 2), link)
    assert link.is_symlink()
    assert ClosedWorkbook.open(live).cells("Board")[1, 1] == Cell(2.0)


def test_a_file_changed_since_is_refused(live: Path) -> None:
    book = ClosedWorkbook.open(live)
    replace(book.with_cell("Board", 1, 1, 2), live)
    with pytest.raises(Refusal, match=r"scorecard\.xlsx has changed since it was read; start again$"):
        replace(book.with_cell("Board", 1, 1, 3), live, live.with_name("backup.xlsx"))
    assert ClosedWorkbook.open(live).cells("Board")[1, 1] == Cell(2.0)
    assert not live.with_name("backup.xlsx").exists()


def test_a_write_that_fails_leaves_the_old_file(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = live.read_bytes()
    book = ClosedWorkbook.open(live).with_cell("Board", 1, 1, 2)

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(Refusal, match=r"scorecard\.xlsx cannot be written: No space left on device; what was there"):
        replace(book, live)
    assert live.read_bytes() == before
    assert [path.name for path in live.parent.iterdir()] == ["scorecard.xlsx"]


def test_nothing_changes_in_place(live: Path) -> None:
    """Every changed workbook is another one; the first still says what the file says."""
    book = ClosedWorkbook.open(live)
    book.with_cell("Board", 1, 1, 2).with_cell("Board", 5, 5, "x").with_full_calculation(False)
    assert book.cells("Board") == {(1, 1): Cell(1.0)}
    assert compare(book.package, Package.read(live)) == ()
