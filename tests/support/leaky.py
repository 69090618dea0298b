"""Workbooks written by hand that each hide one thing that a published copy must not give away, for its tests.

What must not leave says S3CRET somewhere: in an attribute, a name, a picture's remark, a path.
"""

from collections.abc import Mapping

from tests.support.handmade import MAIN, PACKAGE, SHEET
from tests.support.leak import Leak, listed
from tests.support.leaky_drawings import DRAWN
from tests.support.partsmaker import BOARD, MAIN_PART, OFFICE, Maker


def _printer(made: Maker) -> None:
    made.on_board('<pageSetup paperSize="8" orientation="landscape" r:id="rId7"/>')
    made.add("xl/printerSettings/printerSettings1.bin", b"\\\\S3CRET\\print", f"{SHEET}.printerSettings")
    made.link(BOARD, "rId7", "printerSettings", "../printerSettings/printerSettings1.bin")


def _scenarios(made: Maker) -> None:
    cells = '<inputCells r="A1" val="1"/>'
    made.on_board(f'<scenarios><scenario name="low" user="S3CRET" comment="by S3CRET">{cells}</scenario></scenarios>')


def _web_publishing(made: Maker) -> None:
    item = '<webPublishItem id="1" divId="a" sourceType="sheet" destinationFile="S:\\S3CRET\\a.htm"/>'
    made.on_board(f'<webPublishItems count="1">{item}</webPublishItems>')
    objects = '<webPublishObject id="1" divId="b" destinationFile="S:\\S3CRET\\b.htm"/>'
    made.swap(MAIN_PART, "</workbook>", f'<webPublishObjects count="1">{objects}</webPublishObjects></workbook>')


def _passwords(made: Maker) -> None:
    hashed = 'algorithmName="SHA-512" hashValue="S3CRET==" saltValue="S3CRET" spinCount="100000"'
    of_book = 'workbookAlgorithmName="SHA-512" workbookHashValue="S3CRET==" workbookSaltValue="S3CRET"'
    of_book += ' workbookSpinCount="100000" revisionsPassword="S3CRET" lockStructure="1"'
    made.swap(MAIN_PART, "<sheets>", f"<workbookProtection {of_book}/><sheets>")
    typed = f'<protectedRange name="typed" sqref="D1" securityDescriptor="O:S3CRET" {hashed}/>'
    made.on_board(f'<sheetProtection sheet="1" {hashed}/><protectedRanges>{typed}</protectedRanges>')


def _header(made: Maker) -> None:
    made.on_board("<headerFooter><oddFooter>&amp;L&amp;Z&amp;F&amp;RPage &amp;P</oddFooter></headerFooter>")


def _hidden_names(made: Maker) -> None:
    made.names(
        '<definedName name="kept">Board!$A$1</definedName>',
        '<definedName name="solver_S3CRET" hidden="1">"S3CRET"</definedName>',
        '<definedName name="used_S3CRET" hidden="1">Board!$A$1</definedName>',
    )
    made.swap(BOARD, "<f>SUM(Facts[Count])</f>", "<f>SUM(Facts[Count])+0*used_S3CRET</f>")


def _said_of_names(made: Maker) -> None:
    more = 'comment="S3CRET" description="S3CRET" help="S3CRET" statusBar="S3CRET" customMenu="S3CRET"'
    made.names(f'<definedName name="kept" {more}>Board!$A$1</definedName>')


def _absolute_path(made: Maker) -> None:
    path = f'<x15ac:absPath xmlns:x15ac="{OFFICE}/spreadsheetml/2010/11/ac" url="C:\\S3CRET\\"/>'
    made.swap(MAIN_PART, "<sheets>", f"{path}<sheets>")


def _properties(made: Maker) -> None:
    kind = "application/vnd.openxmlformats-officedocument.extended-properties+xml"
    space = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
    vector = (
        '<vt:vector size="1" baseType="variant"><vt:variant><vt:lpwstr>S3CRET.docx</vt:lpwstr></vt:variant></vt:vector>'
    )
    made.add(
        "docProps/app.xml",
        f'<Properties xmlns="{space}" xmlns:vt="{kinds}"><Template>C:\\S3CRET.xltx</Template><Manager>S3CRET</Manager>'
        f"<Company>S3CRET</Company><HyperlinkBase>S:\\S3CRET</HyperlinkBase><HLinks>{vector}</HLinks>"
        "<Application>Microsoft Excel</Application></Properties>",
        kind,
    )
    made.link("", "rId60", "extended-properties", "docProps/app.xml")
    core = f"{PACKAGE}/metadata/core-properties"
    made.add(
        "docProps/core.xml",
        f'<cp:coreProperties xmlns:cp="{core}" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Board</dc:title>'
        "<dc:description>S3CRET says</dc:description><cp:contentStatus>S3CRET</cp:contentStatus>"
        "<cp:category>S3CRET</cp:category><dc:identifier>S3CRET</dc:identifier><cp:version>S3CRET</cp:version>"
        "</cp:coreProperties>",
        "application/vnd.openxmlformats-package.core-properties+xml",
    )
    made.link("", "rId61", f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")


def _orphan(made: Maker) -> None:
    made.add(
        "xl/worksheets/sheet9.xml", f'<worksheet xmlns="{MAIN}"><!-- S3CRET --></worksheet>', f"{SHEET}.worksheet+xml"
    )
    made.content["xl/backup.dat"] = b"S3CRET"


def _unknown(made: Maker) -> None:
    made.add("xl/vendor/state.xml", "<state>S3CRET</state>", "application/xml")
    made.link(MAIN_PART, "rId70", "http://vendor.example/relationships/S3CRETstate", "vendor/state.xml")
    made.add("vendor/root.bin", b"S3CRET", "application/octet-stream")
    made.link("", "rId71", "http://vendor.example/relationships/root", "vendor/root.bin")
    made.add("xl/vendor/sheet.bin", b"S3CRET", "application/octet-stream")
    made.link(BOARD, "rId72", "http://vendor.example/relationships/sheet", "../vendor/sheet.bin")


def _python(made: Maker) -> None:
    made.add(
        "xl/python.xml",
        "<python><initialization><code>S3CRET</code></initialization></python>",
        "application/vnd.ms-excel.python+xml",
    )
    made.link(MAIN_PART, "rId73", f"{OFFICE}/2023/09/relationships/Python", "python.xml")
    made.swap(BOARD, "<f>SUM(Facts[Count])</f>", "<f>_xlfn._xlws.PY(0,1,A1)</f>")


def _rich_data(made: Maker) -> None:
    kind = "application/vnd.ms-excel"
    for number, (name, link) in enumerate(
        (("rdrichvalue", "rdRichValue"), ("rdRichValueWebImage", "richValueRel")), 80
    ):
        made.add(f"xl/richData/{name}.xml", "<rvData><rv><v>S3CRET</v></rv></rvData>", f"{kind}.{name}+xml")
        made.link(MAIN_PART, f"rId{number}", f"{OFFICE}/2017/06/relationships/{link}", f"richData/{name}.xml")
    made.add(
        "xl/metadata.xml",
        f'<metadata xmlns="{MAIN}"><metadataTypes count="1"><metadataType name="XLRICHVALUE"/></metadataTypes>'
        '<futureMetadata name="XLRICHVALUE" count="1"><bk/></futureMetadata>'
        '<valueMetadata count="1"><bk><rc t="1" v="0"/></bk></valueMetadata></metadata>',
        f"{SHEET}.sheetMetadata+xml",
    )
    made.link(MAIN_PART, "rId89", "sheetMetadata", "metadata.xml")
    made.swap(BOARD, '<c r="A1" s="1">', '<c r="A1" s="1" vm="1">')


def _maps(made: Maker) -> None:
    made.add("xl/xmlMaps.xml", f'<MapInfo xmlns="{MAIN}" SelectionNamespaces="S3CRET"/>', "application/xml")
    made.link(MAIN_PART, "rId90", "xmlMaps", "xmlMaps.xml")
    cells = (
        f'<singleXmlCells xmlns="{MAIN}"><singleXmlCell id="1" r="A1" connectionId="1"><xmlCellPr id="1">'
        '<xmlPr mapId="1" xpath="/S3CRET" xmlDataType="string"/></xmlCellPr></singleXmlCell></singleXmlCells>'
    )
    made.add("xl/tables/tableSingleCells1.xml", cells, f"{SHEET}.tableSingleCells+xml")
    made.link(BOARD, "rId91", "tableSingleCells", "../tables/tableSingleCells1.xml")
    made.swap("xl/tables/table1.xml", 'name="Facts"', 'name="Facts" tableType="xml"')
    of_map = '<xmlColumnPr mapId="1" xpath="/S3CRET" xmlDataType="int"/>'
    column = f'<tableColumn id="2" uniqueName="S3CRET" name="Count">{of_map}</tableColumn>'
    made.swap("xl/tables/table1.xml", '<tableColumn id="2" name="Count"/>', column)


def _remarks(made: Maker) -> None:
    made.swap(MAIN_PART, "<sheets>", "<!-- made by S3CRET --><sheets>")
    made.swap(BOARD, "<sheetData>", "<!-- S3CRET --><sheetData>")
    made.swap(BOARD, '<row r="1">', '<row r="1"><!-- S3CRET --><?note S3CRET?>')


def _location(made: Maker) -> None:
    inside = '<hyperlink ref="A1" location="[S:\\S3CRET\\Book.xlsx]Sheet1!A1" display="S3CRET"/>'
    made.on_board(f'<hyperlinks>{inside}<hyperlink ref="B1" location="Data!A1" display="data"/></hyperlinks>')


def _hyperlink_formula(made: Maker) -> None:
    made.swap(
        BOARD,
        "</row>",
        '<c r="C1" t="str"><f>HYPERLINK("\\\\S3CRET\\x.docx","notes")</f><v>notes</v></c>'
        '<c r="D1" t="str"><f>HYPERLINK("https://www.example.org/","site")</f><v>site</v></c>'
        '<c r="E1" t="str"><f>HYPERLINK("#Board!A1","up")</f><v>up</v></c></row>',
    )


LEAKS: Mapping[str, Leak] = {
    "printer": Leak(
        _printer,
        listed("settings of a printer: Board"),
        ((BOARD, '<pageSetup paperSize="8" orientation="landscape"/>'),),
    ),
    "scenarios": Leak(_scenarios, listed("scenario: Board")),
    "web publishing": Leak(
        _web_publishing,
        listed("place where a web page was saved: Board", "place where a web page was saved: workbook"),
    ),
    "passwords": Leak(
        _passwords,
        listed("password of a protection: Board (2)", "password of a protection: workbook"),
        ((BOARD, '<sheetProtection sheet="1"/>'), (MAIN_PART, 'lockStructure="1"')),
    ),
    "header": Leak(
        _header, listed("folder in a header or footer: Board"), ((BOARD, "&amp;L&amp;F&amp;RPage &amp;P"),), b"&amp;Z"
    ),
    "hidden names": Leak(
        _hidden_names,
        listed("formula that reads what is left out: Board", "hidden name: solver_S3CRET", "hidden name: used_S3CRET"),
        ((MAIN_PART, 'name="kept"'),),
    ),
    "said of names": Leak(
        _said_of_names, listed("remark on a name: kept"), ((MAIN_PART, '<definedName name="kept">'),)
    ),
    "absolute path": Leak(_absolute_path, listed("folder of the workbook: workbook")),
    "properties": Leak(
        _properties,
        listed(
            *(
                f"property: {name}"
                for name in (
                    "Template",
                    "Manager",
                    "Company",
                    "HyperlinkBase",
                    "HLinks",
                    "description",
                    "contentStatus",
                    "category",
                    "identifier",
                    "version",
                )
            )
        ),
    ),
    "orphan": Leak(
        _orphan,
        listed("part that nothing leads to: xl/worksheets/sheet9.xml", "part that nothing leads to: xl/backup.dat"),
    ),
    "unknown": Leak(
        _unknown,
        listed(
            "part of an unknown kind: xl/vendor/state.xml",
            "part of an unknown kind: vendor/root.bin",
            "part of an unknown kind: Board",
        ),
    ),
    "python": Leak(
        _python, listed("program in Python: xl/python.xml", "formula that older programs do not know: Board")
    ),
    "rich data": Leak(
        _rich_data,
        listed(
            "data behind a cell: Board",
            "data behind cells: xl/richData/rdrichvalue.xml",
            "data behind cells: xl/richData/rdRichValueWebImage.xml",
            "data behind cells: xl/metadata.xml",
        ),
    ),
    "maps": Leak(_maps, listed("map of XML data: xl/xmlMaps.xml", "map of XML data: Board", "map of XML data: Facts")),
    "remarks": Leak(
        _remarks, listed("remark in the file: xl/workbook.xml", "remark in the file: xl/worksheets/sheet2.xml (3)")
    ),
    "location": Leak(
        _location, listed("link to a file or to what is left out: Board"), ((BOARD, 'location="Data!A1"'),)
    ),
    "hyperlink formula": Leak(
        _hyperlink_formula,
        listed("formula that links to a file: Board"),
        ((BOARD, 'HYPERLINK("https://www.example.org/","site")'), (BOARD, 'HYPERLINK("#Board!A1","up")')),
    ),
    **DRAWN,
}
