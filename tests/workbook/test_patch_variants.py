"""Ways to write a workbook: each takes rows, constants and results like the plain one, and nothing else changes."""

import codecs
import datetime
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

from cpa_xl.ooxml.package import Package, compare, validate
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import handmade
from tests.support.handmade import prefixed

Parts = dict[str, str | bytes]
DATA, BOARD, TABLE = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/tables/table1.xml"
BOOK, TYPES = "xl/workbook.xml", "[Content_Types].xml"
MONTHS = [datetime.date(2009, month, 1) for month in range(1, 6)]
ROWS = [*zip(MONTHS, (6, "é–😀 <&>", None, True, 1.5), strict=True)]
COMPATIBLE = "http://schemas.openxmlformats.org/markup-compatibility/2006"
STRICT = {
    handmade.MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    handmade.LINKS: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
NAMES = '<definedName name="counts">Data!$B$2:$B$4</definedName><definedName name="as_of">Board!$A$1</definedName>'


def plain() -> Parts:
    """The workbook that every variant writes in another way."""
    below = '<row r="9" spans="1:2"><c r="A9" t="str"><v>below</v></c><c r="B9"><f>SUM(B2:B4)</f><v>18</v></c></row>'
    after = '<conditionalFormatting sqref="B2:B4"><cfRule type="dataBar" priority="1"/></conditionalFormatting>'
    return handmade.parts(data=handmade.sheet(handmade.ROWS + below, after=after), book=handmade.workbook(NAMES))


def each(change: Callable[[str], str], *parts: str) -> Callable[[Parts], Parts]:
    """A change of these parts, or of all."""
    return lambda given: {
        name: change(text) if isinstance(text, str) and name in (parts or given) else text
        for name, text in given.items()
    }


def encoded(codec: str, mark: bytes, said: str) -> Callable[[Parts], Parts]:
    def change(text: str) -> bytes:
        declared = f'<?xml version="1.0" encoding="{said}"?>' + re.sub(r"^<\?xml[^>]*\?>\s*", "", text)
        return mark + declared.encode(codec)

    return lambda given: {name: change(text) for name, text in given.items() if isinstance(text, str)}


def strict(text: str) -> str:
    for old, new in STRICT.items():
        text = text.replace(old, new)
    return text


def marked(text: str) -> str:
    """With what Excel adds for its later versions, in the sheet and around it."""
    head = f'xmlns:mc="{COMPATIBLE}" mc:Ignorable="x14ac xr" xmlns:x14ac="urn:x14ac" xmlns:xr="urn:xr" xr:uid="{{0}}">'
    text = text.replace("><dimension", f" {head}<dimension", 1).replace("<row ", '<row x14ac:dyDescent="0.25" ')
    return text.replace(
        "</worksheet>", '<extLst><ext uri="{1}" xmlns:new="urn:new"><new:a b="c"/></ext></extLst></worksheet>'
    )


def renamed(given: Parts) -> Parts:
    """Parts whose names are written otherwise than the links and types say them."""
    return {
        name.replace("worksheets/sheet", "Worksheets/SHEET").replace("tables", "Tables"): text
        for name, text in given.items()
    }


def absolute(given: Parts) -> Parts:
    changed = dict(given)
    changed["_rels/.rels"] = handmade.links(("rId1", "officeDocument", "/xl/workbook.xml"))
    changed["xl/_rels/workbook.xml.rels"] = handmade.links(
        ("rId1", "worksheet", "/xl/worksheets/sheet1.xml"),
        ("rId2", "worksheet", "/xl/charts/../worksheets/sheet2.xml"),
        ("rId3", "styles", "/xl/styles.xml"),
    )
    changed["xl/worksheets/_rels/sheet1.xml.rels"] = handmade.links(("rId1", "table", "/xl/tables/table1.xml"))
    return changed


def alternate(text: str) -> str:
    path = '<x15ac:absPath xmlns:x15ac="urn:x15ac" url="C:\\"/>'
    choice = f'<mc:AlternateContent xmlns:mc="{COMPATIBLE}"><mc:Choice Requires="x15">{path}</mc:Choice>'
    return text.replace("<sheets>", f"{choice}</mc:AlternateContent><sheets>", 1)


def apart(text: str) -> str:
    """One element a line, indented, with comments and instructions between them."""
    return (
        text.replace("><", ">\r\n  <")
        .replace("<row", "<!-- <row r='1'> --><?a <c?><row")
        .replace("<v>5</v>", "<v><![CDATA[5]]></v>")
    )


VARIANTS: Mapping[str, Callable[[Parts], Parts]] = {
    "a prefix in sheets and tables": each(prefixed, DATA, BOARD, TABLE),
    "a prefix in the workbook part": each(lambda text: prefixed(text).replace("x:r:", "r:"), BOOK),
    "no r= on rows": each(lambda text: re.sub(r'(<row) r="[1-4]"', r"\1", text), DATA),
    "no r= on cells": each(lambda text: re.sub(r'(<c) r="[A-D]\d"', r"\1", text), DATA),
    "no r= at all": each(lambda text: re.sub(r'(<(?:row|c)) r="[A-D]?[1-4]"', r"\1", text), DATA),
    "strict Open XML": each(strict),
    "UTF-8 with a mark": encoded("utf-8", codecs.BOM_UTF8, "UTF-8"),
    "UTF-16 with a mark": encoded("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16"),
    "UTF-16, big end first": encoded("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16"),
    "UTF-16 without a mark": encoded("utf-16-le", b"", "UTF-16"),
    "Latin-1": encoded("latin-1", b"", "ISO-8859-1"),
    "absolute targets": absolute,
    "targets with backslashes": each(
        lambda text: text.replace("worksheets/", "worksheets\\"), "xl/_rels/workbook.xml.rels"
    ),
    "names in another case": renamed,
    "marks of later versions": each(marked, DATA, BOARD),
    "alternate content in the workbook part": each(alternate, BOOK),
    "an extension list in the table": each(
        lambda text: text.replace("</table>", '<extLst><ext uri="{2}"/></extLst></table>'), TABLE
    ),
    "apostrophes for quotes": each(lambda text: text.replace('"', "'").replace("'1.0'", '"1.0"'), DATA, TABLE, BOARD),
    "one element a line": each(apart, DATA),
    "spaces inside tags": each(lambda text: re.sub(r'(<(?:row|c)) r="([A-E]?\d)"', "\\1\n\tr = '\\2' ", text), DATA),
    "long forms of empty elements": each(
        lambda text: re.sub(r"<(dimension|cfRule)([^>]*)/>", r"<\1\2></\1>", text), DATA
    ),
    "no dimension": each(lambda text: re.sub(r"<dimension[^>]*/>", "", text), DATA, BOARD),
    "character references": each(
        lambda text: text.replace("below", "&#98;el&#x6f;w").replace("Count</t>", "&#67;ount</t>"), DATA
    ),
    "types spelt out": each(lambda text: re.sub(r'(<c r="\w+")(>| s="\d">)<v>', r'\1 t="n"\2<v>', text), DATA, BOARD),
}


def changed(book: ClosedWorkbook) -> ClosedWorkbook:
    """All that a refresh does to a workbook."""
    book = book.with_rows("Facts", ("Month", "Count"), ROWS).with_cell("Board", 1, 1, datetime.date(2009, 5, 1))
    book = book.with_values({("Board", 1, 2): 7.5, ("Data", 9, 2): "text", ("Data", 3, 3): None})
    return book.with_full_calculation(wanted=True)


def shown(book: ClosedWorkbook) -> object:
    """What a reader sees of a workbook."""
    cells = {name: dict(book.cells(name)) for name in book.sheet_names}
    return cells, dict(book.names), {name: table.ref for name, table in book.tables.items()}, book.date1904


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_takes_what_the_plain_workbook_takes(name: str, tmp_path: Path) -> None:
    expected = changed(ClosedWorkbook.open(handmade.write(tmp_path / "plain.xlsx", plain())))
    path = handmade.write(tmp_path / "variant.xlsx", VARIANTS[name](plain()))
    before = ClosedWorkbook.open(path)
    assert validate(before.package) == ()
    after = changed(before)
    after.save(tmp_path / "after.xlsx")
    again = ClosedWorkbook.open(tmp_path / "after.xlsx")
    assert shown(again) == shown(expected)
    assert validate(again.package) == ()
    parts = {difference.name.casefold() for difference in compare(path, tmp_path / "after.xlsx")}
    assert parts == {DATA, BOARD, TABLE, BOOK}
    assert all(again.package.encoding(part) == before.package.encoding(part) for part in before.package.names)
    assert compare(changed(again).package, again.package) == ()


BEYOND_OPENPYXL = {  # it finds parts by the very names that links say, and reads no strict workbook
    *("names in another case", "targets with backslashes", "absolute targets", "strict Open XML"),
}


@pytest.mark.filterwarnings("ignore:Unknown extension is not supported:UserWarning")
@pytest.mark.parametrize("name", [name for name in VARIANTS if name not in BEYOND_OPENPYXL])
def test_openpyxl_reads_what_was_written(name: str, tmp_path: Path) -> None:
    changed(ClosedWorkbook.open(handmade.write(tmp_path / "b.xlsx", VARIANTS[name](plain())))).save(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = book["Data"]
    assert [row[1].value for row in sheet["A2:B6"]] == [values[1] for values in ROWS]
    assert [row[0].value.date() for row in sheet["A2:A6"]] == MONTHS
    assert (sheet["C6"].value, sheet["A9"].value, sheet["B9"].value) == (f"={handmade.FORMULA}", "below", "=SUM(B2:B6)")
    assert sheet.tables["Facts"].ref == "A1:C6"
    assert book.defined_names["counts"].attr_text == "Data!$B$2:$B$6"
    assert book["Board"]["A1"].value == datetime.datetime(2009, 5, 1)


def test_what_cannot_be_said_in_latin_is_a_reference(tmp_path: Path) -> None:
    parts = VARIANTS["Latin-1"](plain())
    book = changed(ClosedWorkbook.open(handmade.write(tmp_path / "b.xlsx", parts)))
    assert "<t>é&#8211;&#128512; &lt;&amp;&gt;</t>".encode("latin-1") in book.package.part(DATA)


def test_extensions_and_alternate_content_stay_byte_for_byte(tmp_path: Path) -> None:
    parts = VARIANTS["marks of later versions"](VARIANTS["alternate content in the workbook part"](plain()))
    book = changed(ClosedWorkbook.open(handmade.write(tmp_path / "b.xlsx", parts)))
    before, after = str(parts[DATA]), book.package.part(DATA).decode()
    begin, end = before.index("<dimension"), before.index("<extLst>")
    assert after.startswith(before[:begin])
    assert after.endswith(before[end:])
    assert after.count("x14ac:dyDescent") == before.count("x14ac:dyDescent")
    assert str(parts[BOOK])[: str(parts[BOOK]).index("<sheets>")] in book.package.part(BOOK).decode()


# Members of the zip file.


def rezipped(path: Path, *, method: int, comment: bytes = b"", folders: bool = False) -> Path:
    """The plain workbook with its members stored in another way."""
    with zipfile.ZipFile(path, "w", method) as file:
        file.comment = comment
        if folders:
            file.writestr("xl/", b"")
        for name, text in plain().items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, method)
    return path


STORED: list[tuple[int, bytes, bool]] = [
    (zipfile.ZIP_STORED, b"", False),
    (zipfile.ZIP_DEFLATED, b"made by a script", False),
    (zipfile.ZIP_DEFLATED, b"", True),
]


@pytest.mark.parametrize(("method", "comment", "folders"), STORED)
def test_members_may_be_stored_in_other_ways(method: int, comment: bytes, *, folders: bool, tmp_path: Path) -> None:
    path = rezipped(tmp_path / "book.xlsx", method=method, comment=comment, folders=folders)
    changed(ClosedWorkbook.open(path)).save(tmp_path / "after.xlsx")
    expected = changed(ClosedWorkbook.open(handmade.write(tmp_path / "plain.xlsx", plain())))
    assert shown(ClosedWorkbook.open(tmp_path / "after.xlsx")) == shown(expected)
    assert validate(Package.read(tmp_path / "after.xlsx")) == ()


# Dates that count from 1904, and dates written as text.


def test_dates_are_written_in_the_calendar_of_the_workbook(tmp_path: Path) -> None:
    parts = plain()
    parts[BOOK] = handmade.workbook(NAMES, properties='<workbookPr date1904="1"/>')
    book = changed(ClosedWorkbook.open(handmade.write(tmp_path / "b.xlsx", parts)))
    book.save(tmp_path / "a.xlsx")
    assert [book.cells("Data")[row, 1].value for row in (2, 6)] == [38352, 38472]  # 1,462 days fewer than from 1900
    theirs = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [row[0].value.date() for row in theirs["Data"]["A2:A6"]] == MONTHS
    assert theirs["Board"]["A1"].value == datetime.datetime(2009, 5, 1)


def test_a_date_written_as_text_is_the_same_date(tmp_path: Path) -> None:
    """Strict workbooks may hold 2009-01-01 instead of 39814; such a row is left as it is written."""
    parts = each(
        lambda text: text.replace('<c r="A2" s="1"><v>39814</v>', '<c r="A2" s="1" t="d"><v>2009-01-01</v>'), DATA
    )(plain())
    book = ClosedWorkbook.open(handmade.write(tmp_path / "b.xlsx", parts))
    same = [*zip(MONTHS[:3], (5, 6, 7), strict=True)]
    assert book.with_rows("Facts", ("Month", "Count"), same) is book
    assert book.with_rows("Facts", ("Month", "Count"), [(MONTHS[1], 5), *same[1:]]).cells("Data")[2, 1].value == 39845
