"""Workbooks that a refresh must not change: the message names the cell and what would do, and every byte stays."""

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from cpa_xl.cli.main import main
from tests.support import features, handmade, small

Parts = dict[str, str | bytes]
Change = Callable[[Parts], Parts]
DATA, TABLE, BOOK = "xl/worksheets/sheet2.xml", "xl/tables/table1.xml", "xl/workbook.xml"
BODY = '<row r="2" spans="1:3"><c r="A2" s="1"/></row>'  # the table is A1:C2, and takes 24 months
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The small workbook with its extract and its configuration beside it."""
    return small.force(tmp_path)


def parts_of(path: Path) -> Parts:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def replaced(part: str, old: str, new: str) -> Change:
    def change(parts: Parts) -> Parts:
        text = parts[part]
        assert isinstance(text, str)
        assert text.count(old) == 1, text
        return {**parts, part: text.replace(old, new)}

    return change


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(book: Path, command: str = "refresh") -> str:
    """What the command says; it must end with an exit code of its own, and leave every file as it was."""
    before = files(book.parent)
    arguments = [command, str(book), "--config", str(book.parent / "config")]
    if command == "attach":
        arguments += ["--out", str(book.parent / "copy.xlsx"), "--as-of", "2009-01"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert files(book.parent) == before
    return " ".join(result.stderr.split())


def test_the_workbook_as_it_is_takes_the_rows(book: Path) -> None:
    """Otherwise the refusals below would prove nothing."""
    arguments = ["refresh", str(book), "--config", str(book.parent / "config")]
    assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 0


# What is already where the rows go.

AFTER = "</sheetData>"
IN_TABLE = "table Monthly on sheet Data"
ARRAYS = {
    "an array formula over several cells": '<c r="B2"><f t="array" ref="B2:B4">ROW(A1:A3)</f><v>1</v></c>',
    "a formula that spills (its master carries a mark)": (
        '<c r="B2" cm="1"><f t="array" ref="B2:B4">_xlfn.SEQUENCE(3)</f><v>1</v></c>'
    ),
    "a data table": '<c r="B2"><f t="dataTable" ref="B2:B4" dt2D="0" dtr="0" r1="E1"/><v>1</v></c>',
}
OBSTACLES: dict[str, tuple[Change, str]] = {
    "content below the table": (
        replaced(DATA, BODY, BODY + '<row r="20"><c r="C20" t="str"><v>Source: own records</v></c></row>'),
        f"{IN_TABLE} needs the cells down to row 25, and C20 below it is not empty; move what is there",
    ),
    "a spilled formula from above the table's end": (
        replaced(DATA, BODY, '<row r="2"><c r="A2" s="1"/></row><row r="9"><c r="B9"><f t="array" ref="B9:B11">'
                 "ROW(A1:A3)</f><v>1</v></c></row>"),
        f"{IN_TABLE} needs the cells down to row 25, and B9 below it is not empty; move what is there",
    ),
    "merged cells in the body": (
        replaced(DATA, AFTER, AFTER + '<mergeCells count="1"><mergeCell ref="A2:B2"/></mergeCells>'),
        f"{IN_TABLE}: cells A2:B2 are merged where its rows go; unmerge them in Excel",
    ),
    "merged cells under the table": (
        replaced(DATA, AFTER, AFTER + '<mergeCells count="1"><mergeCell ref="C25:D26"/></mergeCells>'),
        f"{IN_TABLE}: cells C25:D26 are merged where its rows go; unmerge them in Excel",
    ),
    "a formula typed into the body": (
        replaced(DATA, BODY, BODY.replace("</row>", '<c r="B2"><f>40+2</f><v>42</v></c></row>')),
        "table Monthly: B2 in column 'Robbery' holds a formula, and the column is not a calculated one; let Excel fill "
        "the formula down the whole column, or type a value instead",
    ),
    "a table of a query": (
        replaced(TABLE, 'totalsRowShown="0"', 'tableType="queryTable" totalsRowShown="0"'),
        "table Monthly is filled by a connection (queryTable), which would overwrite new rows",
    ),
    "a table without headers": (
        lambda parts: replaced("xl/sharedStrings.xml", "<t>Robbery</t>", "<t>120</t>")(
            replaced(TABLE, 'totalsRowShown="0"', 'headerRowCount="0" totalsRowShown="0"')(parts)
        ),
        "table Monthly shows no header row; switch it on in Excel (Table Design, Header Row)",
    ),
    "a header of another name": (
        replaced(TABLE, 'name="Robbery"', 'name="Robberies"'),
        "table Monthly: nothing fills its columns Robberies, and it has no columns Robbery to fill; it has Month,"
        " Robberies, Burglary. Change the headings of the table, or give the configuration that fits this workbook"
        " (--config)",
    ),
    "a column that the table calculates": (
        replaced(TABLE, '<tableColumn id="3" name="Burglary"/>', '<tableColumn id="3" name="Burglary">'
                 "<calculatedColumnFormula>B2*2</calculatedColumnFormula></tableColumn>"),
        "table Monthly: it has no columns Burglary to fill; it has Month, Robbery. Change the headings of the table, or"
        " give the configuration that fits this workbook (--config)",
    ),
    "rows out of order": (
        replaced(DATA, BODY, '<row r="30"><c r="E30"><v>1</v></c></row>' + BODY),
        "the rows of sheet Data are not in order; open it in Excel and save it once",
    ),
    "a comment on a row that moves": (
        lambda parts: with_comment(parts, "B9"),
        f"{IN_TABLE}: B9 has a comment where rows are added or removed; remove the comment",
    ),
    "a link on a row that moves": (
        replaced(DATA, AFTER, AFTER + '<hyperlinks><hyperlink ref="A7" location="Scorecard!A1"/></hyperlinks>'),
        f"{IN_TABLE}: A7 has a link where rows are added or removed; remove the link",
    ),
    "dates that count from 1904": (
        replaced(BOOK, "<workbookPr ", '<workbookPr date1904="1" '),
        "it counts its dates from 1904, and the functions count from 1900; switch that off in Excel (File, Options, "
        "Advanced, Use 1904 date system) and correct its dates",
    ),
    "a document type": (
        replaced(DATA, "<worksheet ", '<!DOCTYPE a [<!ENTITY b "b">]><worksheet '),
        "part xl/worksheets/sheet2.xml: no sheet can be read from it (it has a document type (<!DOCTYPE>), which "
        "no workbook has)",
    ),
    "a part that is no XML": (
        replaced(DATA, "</sheetData>", "</sheetDate>"),
        "part xl/worksheets/sheet2.xml: no sheet can be read from it (not well-formed XML: mismatched tag",
    ),
    "a signature": (
        replaced("_rels/.rels", "</Relationships>", f'<Relationship Id="rId9" Type="{handmade.PACKAGE}/relationships/'
                 'digital-signature/origin" Target="_xmlsignatures/origin.sigs"/></Relationships>'),
        "is digitally signed, and any change breaks the signature; remove the signature in Excel (File, Info), and "
        "sign again afterwards",
    ),
    **{
        what: (
            replaced(DATA, BODY, f'<row r="2"><c r="A2" s="1"/>{cell}</row>'),
            f"{IN_TABLE}: B2 holds an array formula or a data table that fills B2:B4, where the table's rows go; "
            "move it",
        )
        for what, cell in ARRAYS.items()
    },
}  # fmt: skip


def with_comment(parts: Parts, cell: str) -> Parts:
    """A comment on a cell of the sheet Data."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
    listed = f'<commentList><comment ref="{cell}" authorId="0"/></commentList>'
    links = "xl/worksheets/_rels/sheet2.xml.rels"
    override = f'<Override PartName="/xl/comments1.xml" ContentType="{kind}"/></Types>'
    link = f'<Relationship Id="rId8" Type="{handmade.LINKS}/comments" Target="../comments1.xml"/></Relationships>'
    parts = replaced("[Content_Types].xml", "</Types>", override)(parts)
    return replaced(links, "</Relationships>", link)(parts) | {
        "xl/comments1.xml": f'<comments xmlns="{handmade.MAIN}">{listed}</comments>'
    }


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_would_be_damaged_is_named(case: str, book: Path) -> None:
    change, message = OBSTACLES[case]
    handmade.write(book, change(parts_of(book)))
    assert message in refused(book)


def test_a_table_below_is_named(book: Path) -> None:
    with xlsxwriter.Workbook(str(book)) as file:
        card, data = file.add_worksheet("Scorecard"), file.add_worksheet("Data")
        card.write_datetime("B1", dt.datetime(2009, 1, 1), file.add_format({"num_format": "mmm-yy"}))
        file.define_name("as_of", "=Scorecard!$B$1")
        heads = [{"header": name} for name in ("Month", "Robbery", "Burglary")]
        data.add_table("A1:C2", {"name": "Monthly", "columns": heads})
        data.add_table("B20:C22", {"name": "Other"})
    message = "table Monthly on sheet Data would grow into table Other (B20:C22); move one of them"
    assert message in refused(book)


# Files of other kinds: neither refreshed nor attached to.

KINDS = {
    "an encrypted workbook": (
        OLE + "EncryptedPackage".encode("utf-16-le"),
        "small.xlsx is encrypted; open it in Excel, remove the password and save it again",
    ),
    "a workbook of the old kind": (
        OLE + "Workbook".encode("utf-16-le"),
        "small.xlsx is a workbook of the old .xls kind; save it in Excel as .xlsx or .xlsm",
    ),
    "a text file": (
        b"Month;Robbery\n",
        "small.xlsx is not a workbook: an .xlsx or .xlsm file is a zip file, and this is not",
    ),
    "an empty file": (b"", "small.xlsx is not a workbook: an .xlsx or .xlsm file is a zip file, and this is not"),
}


@pytest.mark.parametrize("command", ["refresh", "attach", "show"])
@pytest.mark.parametrize("case", KINDS)
def test_a_file_of_another_kind_is_named(case: str, command: str, book: Path) -> None:
    content, message = KINDS[case]
    book.write_bytes(content)
    assert message in refused(book, command)


@pytest.mark.parametrize("command", ["refresh", "attach"])
def test_a_torn_workbook_is_named(command: str, book: Path) -> None:
    book.write_bytes(book.read_bytes()[:-400])
    assert "small.xlsx is not a workbook: an .xlsx or .xlsm file is a zip file, and this is not" in refused(
        book, command
    )


@pytest.mark.parametrize("command", ["refresh", "attach"])
def test_a_binary_workbook_is_named(command: str, book: Path) -> None:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    binary = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    handmade.write(book, replaced("[Content_Types].xml", kind, binary)(parts_of(book)))
    assert "small.xlsx is a binary workbook (.xlsb); save it in Excel as .xlsx or .xlsm" in refused(book, command)


def test_a_signed_workbook_is_not_attached_to_either(book: Path) -> None:
    change, message = OBSTACLES["a signature"]
    handmade.write(book, change(parts_of(features.write("plain", book.with_name("plain")))))
    assert message in refused(book, "attach")


@pytest.mark.parametrize("command", ["refresh", "attach"])
@pytest.mark.parametrize(("lock", "program"), [("~$small.xlsx", "Excel"), (".~lock.small.xlsx#", "LibreOffice")])
def test_an_open_workbook_is_named(lock: str, program: str, command: str, book: Path) -> None:
    book.with_name(lock).write_bytes(b"\x07Analyst")
    assert f"small.xlsx is open in {program}; save and close it there first" in refused(book, command)
