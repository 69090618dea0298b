"""What hangs on the cells of a sheet when a table gets new rows: areas printed, comments, links, controls, drawings."""

import datetime
from pathlib import Path

import pytest

from cpa_xl.errors import Refusal
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import handmade
from tests.support.handmade import opened_parts

DATA, BOOK, LINKS_OF_DATA = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/worksheets/_rels/sheet1.xml.rels"
COMPATIBLE = "http://schemas.openxmlformats.org/markup-compatibility/2006"
JAN, FEB, MAR, APR = (datetime.date(2009, month, 1) for month in range(1, 5))
SAME = ((JAN, 5), (FEB, 6), (MAR, 7))
MORE = (*SAME, (APR, 8))
OTHER = ((JAN, 5), (FEB, 60), (MAR, 7))


def linked(content: dict[str, str | bytes], name: str, text: str, kind: str, link: str) -> dict[str, str | bytes]:
    """The parts with one more, to which the sheet Data has a link."""
    types = str(content["[Content_Types].xml"])
    links = str(content[LINKS_OF_DATA])
    entry = f'<Relationship Id="rId7{len(content)}" Type="{handmade.LINKS}/{link}" Target="/{name}"/>'
    override = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
    return {
        **content,
        "[Content_Types].xml": types.replace("</Types>", override),
        LINKS_OF_DATA: links.replace("</Relationships>", entry + "</Relationships>"),
        name: text,
    }


def filled(book: ClosedWorkbook, rows: tuple[tuple[datetime.date, int], ...] = MORE) -> ClosedWorkbook:
    return handmade.filled(book, rows)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Data!$A$1:$C$4", "Data!$A$1:$C$5"),
        ("Data!$A$1:$H$4", "Data!$A$1:$H$5"),  # wider than the table
        ("Data!$A$1:$B$4,Data!$E$1:$F$4", "Data!$A$1:$B$5,Data!$E$1:$F$4"),  # the second is beside it
        ("Data!$A$1:$H$20", "Data!$A$1:$H$20"),  # has room already
        ("Data!$A$1:$H$3", "Data!$A$1:$H$3"),  # a part of the rows, by choice
        ("Board!$A$1:$H$4", "Board!$A$1:$H$4"),
        ("Data!$A:$H", "Data!$A:$H"),
    ],
)
def test_areas_printed_follow_however_wide(before: str, after: str, tmp_path: Path) -> None:
    def names(area: str) -> str:
        return handmade.workbook(f'<definedName name="_xlnm.Print_Area" localSheetId="0">{area}</definedName>')

    changed = filled(opened_parts(tmp_path, handmade.parts(book=names(before))))
    assert changed.package.part(BOOK).decode() == names(after)


def test_other_names_wider_than_the_table_stay(tmp_path: Path) -> None:
    names = handmade.workbook('<definedName name="wide">Data!$A$1:$H$4</definedName>')
    assert filled(opened_parts(tmp_path, handmade.parts(book=names))).package.part(BOOK).decode() == names


def with_comment(cell: str) -> dict[str, str | bytes]:
    text = (
        f'<comments xmlns="{handmade.MAIN}"><authors><author>A</author></authors><commentList>'
        f'<comment ref="{cell}" authorId="0"><text><t>checked</t></text></comment></commentList></comments>'
    )
    return linked(handmade.parts(), "xl/comments1.xml", text, f"{handmade.SHEET}.comments+xml", "comments")


def with_link(cell: str) -> dict[str, str | bytes]:
    after = f'<hyperlinks><hyperlink ref="{cell}" location="Board!A1"/></hyperlinks>'
    return handmade.parts(data=handmade.sheet(after=after))


@pytest.mark.parametrize(("kind", "content"), [("comment", with_comment), ("link", with_link)])
def test_comments_and_links_keep_to_their_row(kind: str, content: object, tmp_path: Path) -> None:
    assert callable(content)
    book = opened_parts(tmp_path, content("B3"))
    assert filled(book, SAME) is book
    assert filled(book, MORE).tables["Facts"].last_row == 5  # row 3 stays as it is
    with pytest.raises(Refusal) as refusal:
        filled(book, OTHER)
    assert str(refusal.value) == (
        f"table Facts on sheet Data: B3 has a {kind}, and row 3 gets other values; remove the {kind}"
    )
    with pytest.raises(Refusal) as refusal:
        filled(book, SAME[:1])
    assert str(refusal.value) == (
        f"table Facts on sheet Data: B3 has a {kind} where rows are added or removed; remove the {kind}"
    )
    with pytest.raises(Refusal, match=rf": B5 has a {kind} where rows are added or removed; remove the {kind}$"):
        filled(opened_parts(tmp_path, content("B5")), MORE)
    for beside in ("B1", "E3", "B6"):
        assert filled(opened_parts(tmp_path, content(beside)), (*OTHER, (APR, 8))).tables["Facts"].last_row == 5


def test_a_comment_on_the_totals_is_refused_when_they_move(tmp_path: Path) -> None:
    total = '<row r="5"><c r="A5" t="inlineStr"><is><t>Total</t></is></c></row>'
    content = with_comment("A5")
    content[DATA] = handmade.sheet(handmade.ROWS + total)
    content["xl/tables/table1.xml"] = handmade.table("A1:C5", more=' totalsRowCount="1"').replace(
        'autoFilter ref="A1:C5"', 'autoFilter ref="A1:C4"'
    )
    book = opened_parts(tmp_path, content)
    assert filled(book, OTHER).tables["Facts"].last_row == 5
    with pytest.raises(Refusal, match=r": A5 has a comment where rows are added or removed"):
        filled(book, MORE)


def test_lists_of_controls_follow(tmp_path: Path) -> None:
    space = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    control = f'<formControlPr xmlns="{space}" objectType="Drop" fmlaLink="$E$2" fmlaRange="$A$2:$A$4" val="0"/>'
    drawing = (
        '<xml xmlns:x="urn:schemas-microsoft-com:office:excel"><x:ClientData ObjectType="Drop">'
        "<x:FmlaRange>$A$2:$A$4</x:FmlaRange><x:FmlaLink>$E$2</x:FmlaLink><br></x:ClientData></xml>"
    )
    content = linked(
        handmade.parts(),
        "xl/ctrlProps/ctrlProp1.xml",
        control,
        "application/vnd.ms-excel.controlproperties+xml",
        "ctrlProp",
    )
    content = linked(
        content,
        "xl/drawings/vmlDrawing1.vml",
        drawing,
        "application/vnd.openxmlformats-officedocument.vmlDrawing",
        "vmlDrawing",
    )
    changed = filled(opened_parts(tmp_path, content)).package
    assert changed.part("xl/ctrlProps/ctrlProp1.xml").decode() == control.replace("$A$4", "$A$5")
    assert changed.part("xl/drawings/vmlDrawing1.vml").decode() == drawing.replace("$A$4", "$A$5")


def test_alternate_content_stays_and_its_ranges_follow(tmp_path: Path) -> None:
    after = (
        f'<mc:AlternateContent xmlns:mc="{COMPATIBLE}"><mc:Choice Requires="x14" xmlns:x14="{handmade.X14}">'
        '<controls><mc:AlternateContent><mc:Choice Requires="x14"><control shapeId="1025" name="Drop 1">'
        '<controlPr defaultSize="0" listFillRange="Data!$A$2:$A$4" linkedCell="Board!$B$1"/></control></mc:Choice>'
        "</mc:AlternateContent></controls></mc:Choice><mc:Fallback/></mc:AlternateContent>"
    )
    book = opened_parts(tmp_path, handmade.parts(data=handmade.sheet(after=after)))
    text = filled(book).package.part(DATA).decode()
    assert text[text.index("</sheetData>") :] == (
        "</sheetData>" + after.replace("$A$4", "$A$5") + '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>'
        "</worksheet>"
    )
    assert filled(book, SAME) is book


def test_alternate_content_around_a_drawing_of_another_part_stays(tmp_path: Path) -> None:
    book = handmade.workbook(
        properties=f'<mc:AlternateContent xmlns:mc="{COMPATIBLE}"><mc:Choice Requires="x15"><x15ac:absPath '
        'xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac" url="C:\\Scorecard\\"/></mc:Choice>'
        "</mc:AlternateContent>"
    )
    changed = filled(opened_parts(tmp_path, handmade.parts(book=book))).with_full_calculation(wanted=True)
    assert changed.package.part(BOOK).decode() == book.replace("</sheets>", '</sheets><calcPr fullCalcOnLoad="1"/>')
