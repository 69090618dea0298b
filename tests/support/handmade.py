"""Small workbooks written by hand, for the tests of what real files may look like."""

import datetime
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cpa_xl.ooxml.package import compare, validate
from cpa_xl.workbook.closed import ClosedWorkbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# Months and numbers in A2:B4 under headers, a calculated column C, and E2 beside the table.
ROWS = (
    '<row r="1" spans="1:5"><c r="A1" t="inlineStr"><is><t>Month</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>Count</t></is></c><c r="C1" t="inlineStr"><is><t>Double</t></is></c></row>'
    '<row r="2" spans="1:5"><c r="A2" s="1"><v>39814</v></c><c r="B2"><v>5</v></c>'
    '<c r="C2" s="2"><f>Facts[[#This Row],[Count]]*2</f><v>10</v></c><c r="E2"><v>7</v></c></row>'
    '<row r="3" spans="1:5"><c r="A3" s="1"><v>39845</v></c><c r="B3"><v>6</v></c>'
    '<c r="C3" s="2"><f>Facts[[#This Row],[Count]]*2</f><v>12</v></c></row>'
    '<row r="4" spans="1:5"><c r="A4" s="1"><v>39873</v></c><c r="B4"><v>7</v></c>'
    '<c r="C4" s="2"><f>Facts[[#This Row],[Count]]*2</f><v>14</v></c></row>'
)
JAN, FEB, MAR, APR, MAY = (datetime.date(2009, month, 1) for month in range(1, 6))
MORE = ((FEB, 6), (MAR, 7), (APR, 8), (MAY, 9), (JAN, 1))
FORMULA = "Facts[[#This Row],[Count]]*2"


def sheet(rows: str = ROWS, *, dimension: str = "A1:E4", after: str = "", tables: int = 1) -> str:
    """A worksheet part; `after` is between the cells and the list of tables."""
    listing = f'<tableParts count="{tables}"><tablePart r:id="rId1"/></tableParts>' if tables else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}" xmlns:r="{LINKS}">'
        f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData>{after}{listing}</worksheet>'
    )


def table(ref: str = "A1:C4", *, inside: str = "", more: str = "", formula: str = FORMULA) -> str:
    """A table part: Month, Count, Double (calculated). `inside` is in its filter, `more` among its attributes."""
    return (
        f'<table xmlns="{MAIN}" id="1" name="Facts" displayName="Facts" ref="{ref}"{more}>'
        f'<autoFilter ref="{ref}">{inside}</autoFilter><tableColumns count="3"><tableColumn id="1" name="Month"/>'
        '<tableColumn id="2" name="Count"/><tableColumn id="3" name="Double">'
        f"<calculatedColumnFormula>{formula}</calculatedColumnFormula></tableColumn></tableColumns></table>"
    )


def links(*entries: tuple[str, str, str]) -> str:
    """A part of links: (id, kind, target)."""
    listed = "".join(f'<Relationship Id="{i}" Type="{LINKS}/{kind}" Target="{to}"/>' for i, kind, to in entries)
    return f'<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def content_types(*entries: tuple[str, str]) -> str:
    """The content types of the parts named, besides links and plain XML."""
    listed = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in entries)
    return (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )


def workbook(names: str = "", *, properties: str = "", calculation: str = "") -> str:
    """The main part: sheets Data and Board."""
    defined = f"<definedNames>{names}</definedNames>" if names else ""
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{properties}<sheets><sheet name="Data" sheetId="1" r:id="rId1"/>'
        f'<sheet name="Board" sheetId="2" r:id="rId2"/></sheets>{defined}{calculation}</workbook>'
    )


BOARD = (
    f'<worksheet xmlns="{MAIN}"><dimension ref="A1:B1"/><sheetData><row r="1"><c r="A1" s="1"><v>39814</v></c>'
    '<c r="B1"><f>SUM(Facts[Count])</f><v>18</v></c></row></sheetData></worksheet>'
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>'
    '<xf numFmtId="17"/><xf numFmtId="2"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def parts(**changed: str | bytes) -> dict[str, str | bytes]:
    """The parts of a sound workbook; `changed` by their short names: data, board, facts, book."""
    return {
        "[Content_Types].xml": content_types(
            ("/xl/workbook.xml", f"{SHEET}.sheet.main+xml"),
            ("/xl/worksheets/sheet1.xml", f"{SHEET}.worksheet+xml"),
            ("/xl/worksheets/sheet2.xml", f"{SHEET}.worksheet+xml"),
            ("/xl/tables/table1.xml", f"{SHEET}.table+xml"),
            ("/xl/styles.xml", f"{SHEET}.styles+xml"),
        ),
        "_rels/.rels": links(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": changed.get("book", workbook()),
        "xl/_rels/workbook.xml.rels": links(
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId2", "worksheet", "worksheets/sheet2.xml"),
            ("rId3", "styles", "styles.xml"),
        ),
        "xl/worksheets/sheet1.xml": changed.get("data", sheet()),
        "xl/worksheets/_rels/sheet1.xml.rels": links(("rId1", "table", "../tables/table1.xml")),
        "xl/worksheets/sheet2.xml": changed.get("board", BOARD),
        "xl/tables/table1.xml": changed.get("facts", table()),
        "xl/styles.xml": STYLES,
    }


def with_part(
    given: Mapping[str, str | bytes], name: str, content: str, kind: str, link: str
) -> dict[str, str | bytes]:
    """The parts with one more, linked from the workbook part as `link` (the last word of the link's type)."""
    result = dict(given)
    types, linked = result["[Content_Types].xml"], result["xl/_rels/workbook.xml.rels"]
    assert isinstance(types, str)
    assert isinstance(linked, str)
    override = f'<Override PartName="/{name}" ContentType="{kind}"/>'
    result["[Content_Types].xml"] = types.replace("</Types>", f"{override}</Types>")
    entry = f'<Relationship Id="rId9{len(result)}" Type="{LINKS}/{link}" Target="/{name}"/>'
    result["xl/_rels/workbook.xml.rels"] = linked.replace("</Relationships>", f"{entry}</Relationships>")
    result[name] = content
    return result


def write(path: Path, content: Mapping[str, str | bytes]) -> Path:
    """The workbook file of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in content.items():
            file.writestr(zipfile.ZipInfo(name, (2009, 1, 31, 12, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return path


def opened_parts(folder: Path, content: Mapping[str, str | bytes]) -> ClosedWorkbook:
    """The workbook of these parts, written into a folder and opened."""
    return ClosedWorkbook.open(write(folder / "book.xlsx", content))


def opened(folder: Path, **changed: str | bytes) -> ClosedWorkbook:
    """The sound workbook with parts `changed`, written and opened."""
    return opened_parts(folder, parts(**changed))


def filled(book: ClosedWorkbook, rows: Sequence[Sequence[object]] = MORE) -> ClosedWorkbook:
    """The workbook with these months and counts in its table; sound, and the same after a second time."""
    result = book.with_rows("Facts", ("Month", "Count"), rows)
    assert validate(result.package) == ()
    assert compare(result.package, result.with_rows("Facts", ("Month", "Count"), rows).package) == ()
    return result


def part(book: ClosedWorkbook, name: str) -> str:
    """A part as text."""
    return book.package.part(name).decode()


def prefixed(text: str) -> str:
    """A part with every element of its own namespace written with the prefix x:."""
    text = re.sub(r"<(/?)(?=[A-Za-z])", r"<\1x:", text.replace("xmlns=", "xmlns:x="))
    return text.replace("<x:?", "<?")


def row(book: ClosedWorkbook, number: int) -> str:
    """A row of the sheet Data as it is written."""
    found = re.search(rf'<row r="{number}"(?:[^>]*/>|.*?</row>)', part(book, "xl/worksheets/sheet1.xml"))
    return found[0] if found else ""
