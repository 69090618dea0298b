"""Workbooks written by hand that each hide one thing that a published copy must not give away, for its tests.

What must not leave says S3CRET somewhere: in an attribute, a name, a picture's remark, a path.
"""

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.handmade import LINKS, MAIN, PACKAGE, SHEET, X14, XM, parts

Content = dict[str, str]
OFFICE = "http://schemas.microsoft.com/office"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
ART = "http://schemas.openxmlformats.org/drawingml/2006/main"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
COMPATIBLE = "http://schemas.openxmlformats.org/markup-compatibility/2006"
BOARD, MAIN_PART = "xl/worksheets/sheet2.xml", "xl/workbook.xml"
SECRET = b"S3CRET"


@dataclass(frozen=True)
class Leak:
    """A way to hide something: how the parts of a sound workbook come to have it, and what has to be listed.

    `kept` says what the part named must still say; `secret` is what must not be in any part.
    """

    make: Callable[["Maker"], None]
    listed: frozenset[str]
    kept: tuple[tuple[str, str], ...] = ()
    secret: bytes = SECRET


class Maker:
    """Parts of a workbook to which others are added."""

    def __init__(self) -> None:
        self.content: dict[str, str | bytes] = parts()

    def swap(self, part: str, before: str, after: str) -> None:
        """Put a text in the place of another, once."""
        text = self.content[part]
        assert isinstance(text, str)
        assert before in text, (part, before)
        self.content[part] = text.replace(before, after, 1)

    def add(self, name: str, text: str | bytes, kind: str) -> None:
        """A part with its content type."""
        self.content[name] = text
        self.swap("[Content_Types].xml", "</Types>", f'<Override PartName="/{name}" ContentType="{kind}"/></Types>')

    def link(self, source: str, identity: str, kind: str, target: str, *, external: bool = False) -> None:
        """A link from a part, or ("") from the package; `kind` is the whole type, or the last word of one."""
        folder, _, base = source.rpartition("/")
        name = f"{folder}/_rels/{base}.rels".lstrip("/")
        mode = ' TargetMode="External"' if external else ""
        kind = kind if ":" in kind else f"{LINKS}/{kind}"
        entry = f'<Relationship Id="{identity}" Type="{kind}" Target="{target}"{mode}/>'
        if name in self.content:
            self.swap(name, "</Relationships>", entry + "</Relationships>")
        else:
            self.content[name] = f'<Relationships xmlns="{PACKAGE}/relationships">{entry}</Relationships>'

    def on_board(self, text: str) -> None:
        """Elements behind the cells of the sheet Board."""
        self.swap(BOARD, "</worksheet>", f"{text}</worksheet>")
        if "xmlns:r=" not in str(self.content[BOARD]):
            self.swap(BOARD, "<worksheet ", f'<worksheet xmlns:r="{LINKS}" ')

    def names(self, *entries: str) -> None:
        """Defined names."""
        self.swap(MAIN_PART, "</sheets>", f"</sheets><definedNames>{''.join(entries)}</definedNames>")

    def hidden_sheet(self) -> None:
        """A third sheet, hidden, called S3CRET, with the numbers 3 and 4."""
        said = '<c r="B1" t="inlineStr"><is><t>14 Elm Road</t></is></c>'
        rows = f'<row r="1"><c r="A1"><v>3</v></c>{said}</row><row r="2"><c r="A2"><v>4</v></c></row>'
        text = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        self.add("xl/worksheets/sheet3.xml", text, f"{SHEET}.worksheet+xml")
        self.link(MAIN_PART, "rId33", "worksheet", "worksheets/sheet3.xml")
        self.swap(MAIN_PART, "</sheets>", '<sheet name="S3CRET" sheetId="33" state="hidden" r:id="rId33"/></sheets>')

    def drawing(self, anchors: str) -> None:
        """A drawing on Board."""
        spaces = f'xmlns:xdr="{DRAWING}" xmlns:a="{ART}" xmlns:r="{LINKS}"'
        self.add(
            "xl/drawings/drawing1.xml",
            f"<xdr:wsDr {spaces}>{anchors}</xdr:wsDr>",
            "application/vnd.openxmlformats-officedocument.drawing+xml",
        )
        self.link(BOARD, "rId50", "drawing", "../drawings/drawing1.xml")
        self.on_board('<drawing r:id="rId50"/>')

    def chart(self, series: str, after: str = "") -> None:
        """A chart on Board; `after` stands behind the chart itself."""
        frame = (
            '<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="Chart 1"/>'
            "<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x='0' y='0'/><a:ext cx='0' cy='0'/>"
            f'</xdr:xfrm><a:graphic><a:graphicData uri="{CHART}"><c:chart xmlns:c="{CHART}" r:id="rId1"/>'
            "</a:graphicData></a:graphic></xdr:graphicFrame>"
        )
        self.drawing(_anchor(frame))
        self.link("xl/drawings/drawing1.xml", "rId1", "chart", "../charts/chart1.xml")
        axes = "".join(
            f'<c:{kind}><c:axId val="{one}"/><c:scaling/><c:delete val="0"/><c:axPos val="{side}"/>'
            f'<c:crossAx val="{other}"/></c:{kind}>'
            for kind, one, other, side in (("catAx", 1, 2, "b"), ("valAx", 2, 1, "l"))
        )
        text = (
            f'<c:chartSpace xmlns:c="{CHART}" xmlns:a="{ART}" xmlns:r="{LINKS}"><c:chart><c:plotArea><c:layout/>'
            f'<c:lineChart><c:grouping val="standard"/><c:ser><c:idx val="0"/><c:order val="0"/>{series}</c:ser>'
            f'<c:axId val="1"/><c:axId val="2"/></c:lineChart>{axes}</c:plotArea><c:plotVisOnly val="1"/></c:chart>'
            f"{after}</c:chartSpace>"
        )
        self.add("xl/charts/chart1.xml", text, "application/vnd.openxmlformats-officedocument.drawingml.chart+xml")


def _anchor(inside: str) -> str:
    corners = "".join(
        f"<xdr:{end}><xdr:col>{at}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{at}</xdr:row><xdr:rowOff>0</xdr:rowOff>"
        f"</xdr:{end}>"
        for end, at in (("from", 5), ("to", 9))
    )
    return f"<xdr:twoCellAnchor>{corners}{inside}<xdr:clientData/></xdr:twoCellAnchor>"


def _picture(properties: str, blip: str) -> str:
    return _anchor(
        f'<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" {properties}/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>{blip}'
        '<a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr><a:prstGeom prst="rect"/></xdr:spPr></xdr:pic>'
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG_LOOK = (
    _chunk(b"IHDR", struct.pack(">2I5B", 1, 1, 8, 0, 0, 0, 0)),
    _chunk(b"IDAT", zlib.compress(b"\0\x7f")),
    _chunk(b"IEND", b""),
)
PNG_PLAIN = b"\x89PNG\r\n\x1a\n" + b"".join(PNG_LOOK)


def png() -> bytes:
    """One grey point, with a remark, a place in XMP and the moment."""
    said = _chunk(b"tEXt", b"Author\0S3CRET") + _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x>S3CRET</x>")
    exif = _chunk(b"eXIf", b"MM\0*S3CRET")
    return PNG_PLAIN[:8] + PNG_LOOK[0] + said + exif + PNG_LOOK[1] + PNG_LOOK[2] + b"S3CRET behind the end"


def jpeg(*, remarks: bool) -> bytes:
    """The frame of a picture; with `remarks` also where it was taken (Exif), and by whom (Photoshop, a remark)."""

    def segment(kind: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data

    said = (
        segment(0xE1, b"Exif\0\0MM\0*S3CRET")
        + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>S3CRET</x>")
        + segment(0xED, b"Photoshop 3.0\0S3CRET")
        + segment(0xFE, b"by S3CRET")
    )
    look = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + (said if remarks else b"") + segment(0xDB, b"\0" + bytes(64))
    scan = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
    behind = b"S3CRET behind the end" if remarks else b""
    return b"\xff\xd8" + look + scan + segment(0xC4, b"\xff\xd9") + scan + b"\xff\xd9" + behind


def gif(*, remarks: bool) -> bytes:
    """One point; with `remarks` also one of a person, and one of a program (XMP)."""
    said = b"\x21\xfe\x06S3CRET\0" + b"\x21\xff\x0bXMP DataXMP\x06S3CRET\0"
    look = b"GIF89a\1\0\1\0\x80\0\0" + bytes(6) + b"\x21\xf9\4\0\0\0\0\0"
    end = SECRET if remarks else b""
    return look + (said if remarks else b"") + b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0\x3b" + end


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


def _pictures(made: Maker) -> None:
    blips = ('<a:blip r:embed="rId1"/>', '<a:blip r:embed="rId2" r:link="rId3"/>')
    first = _picture('name="Picture 1" descr="C:\\Users\\S3CRET\\face.png" title="S3CRET.jpg"', blips[0])
    second = _picture('name="S:\\S3CRET\\logo.jpg" descr="The logo of the force"', blips[1])
    made.drawing(first + second)
    drawing = "xl/drawings/drawing1.xml"
    made.link(drawing, "rId1", "image", "../media/image1.png")
    made.link(drawing, "rId2", "image", "../media/image2.jpeg")
    made.link(drawing, "rId3", "image", "file:///S:/S3CRET/logo.jpg", external=True)
    made.add("xl/media/image1.png", png(), "image/png")
    made.add("xl/media/image2.jpeg", jpeg(remarks=True), "image/jpeg")


def _camera(made: Maker) -> None:
    made.hidden_sheet()
    a14 = f"{OFFICE}/drawing/2010/main"
    camera = (
        f'<a:ext uri="{{84589F7E-364E-4C9E-8A38-B11213B215E9}}"><a14:cameraTool xmlns:a14="{a14}"'
        ' cellRange="S3CRET!$A$1:$A$2" spid="_x0000_s1"/></a:ext>'
    )
    picture = _picture('name="Picture 1" descr="Figures"', '<a:blip r:embed="rId1"/>')
    made.drawing(picture.replace("<xdr:cNvPicPr/>", f"<xdr:cNvPicPr><a:extLst>{camera}</a:extLst></xdr:cNvPicPr>"))
    made.link("xl/drawings/drawing1.xml", "rId1", "image", "../media/image1.png")
    made.add("xl/media/image1.png", PNG_PLAIN, "image/png")


def _shape_links(made: Maker) -> None:
    made.hidden_sheet()
    shapes = "".join(
        f'<xdr:sp macro="[0]!S3CRET" textlink="{said}"><xdr:nvSpPr><xdr:cNvPr id="{number}" name="Box {number}">'
        f'<a:hlinkClick r:id="rId{number}"/></xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/></xdr:sp>'
        for number, said in ((2, "S3CRET!$A$1"), (3, "[1]S3CRET!$A$1"), (4, "Board!$A$1"))
    )
    group = '<xdr:nvGrpSpPr><xdr:cNvPr id="9" name="G"/><xdr:cNvGrpSpPr/></xdr:nvGrpSpPr><xdr:grpSpPr/>'
    made.drawing(_anchor(f"<xdr:grpSp>{group}{shapes}</xdr:grpSp>"))
    drawing = "xl/drawings/drawing1.xml"
    made.link(drawing, "rId2", "hyperlink", "#S3CRET!A1")
    made.link(drawing, "rId3", "hyperlink", "file:///S:/S3CRET/x.xlsx", external=True)
    made.link(drawing, "rId4", "hyperlink", "https://www.example.org/", external=True)


def _form_control(made: Maker) -> None:
    made.hidden_sheet()
    control = (
        f'<mc:AlternateContent xmlns:mc="{COMPATIBLE}"><mc:Choice Requires="x14"><controls><mc:AlternateContent>'
        '<mc:Choice Requires="x14"><control shapeId="1025" r:id="rId40" name="Drop Down 1"><controlPr defaultSize="0"'
        ' macro="[0]!S3CRET" linkedCell="S3CRET!$A$1" listFillRange="S3CRET!$A$1:$A$2"/></control>'
        "</mc:Choice></mc:AlternateContent></controls></mc:Choice></mc:AlternateContent>"
    )
    made.on_board(control + '<legacyDrawing r:id="rId41"/>')
    made.add(
        "xl/ctrlProps/ctrlProp1.xml",
        f'<formControlPr xmlns="{X14}" objectType="Drop" fmlaLink="S3CRET!$A$1" fmlaRange="S3CRET!$A$1:$A$2" sel="1"/>',
        "application/vnd.ms-excel.controlproperties+xml",
    )
    made.link(BOARD, "rId40", "ctrlProp", "../ctrlProps/ctrlProp1.xml")
    shape = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"'
        ' xmlns:o="urn:schemas-microsoft-com:office:office">'
        '<v:shape id="s1" href="file:///S:/S3CRET" alt="pick"><v:imagedata o:relid="rId1" o:title="S3CRET face"'
        ' o:href="S3CRET"/>'
        '<x:ClientData ObjectType="Drop"><x:FmlaMacro>[0]!S3CRET</x:FmlaMacro><x:FmlaLink>S3CRET!$A$1</x:FmlaLink>'
        "<x:FmlaRange>S3CRET!$A$1:$A$2</x:FmlaRange><x:FmlaPict>S3CRET!$A$1</x:FmlaPict></x:ClientData></v:shape></xml>"
    )
    made.add("xl/drawings/vmlDrawing1.vml", shape, "application/vnd.openxmlformats-officedocument.vmlDrawing")
    made.link(BOARD, "rId41", "vmlDrawing", "../drawings/vmlDrawing1.vml")


_C15 = f"{OFFICE}/drawing/2012/chart"
_VALUES = (
    '<c:val><c:numRef><c:f>Data!$B$2:$B$4</c:f><c:numCache><c:ptCount val="3"/><c:pt idx="0"><c:v>5</c:v></c:pt>'
    '<c:pt idx="1"><c:v>6</c:v></c:pt><c:pt idx="2"><c:v>7</c:v></c:pt></c:numCache></c:numRef></c:val>'
)


def labelled(made: Maker) -> None:
    """A chart whose labels stand in cells of a hidden sheet."""
    made.hidden_sheet()
    cache = '<c15:dlblRangeCache><c:ptCount val="1"/><c:pt idx="0"><c:v>S3CRET</c:v></c:pt></c15:dlblRangeCache>'
    made.chart(
        f'{_VALUES}<c:extLst><c:ext uri="{{02D57815-91ED-43cb-92C2-25804820EDAC}}" xmlns:c15="{_C15}">'
        f"<c15:datalabelsRange><c15:f>S3CRET!$A$1:$A$2</c15:f>{cache}</c15:datalabelsRange></c:ext></c:extLst>"
    )


def outer_picture(made: Maker) -> None:
    """A picture that the file does not hold."""
    made.drawing(_picture('name="Picture 1"', '<a:blip r:link="rId1"/>'))
    made.link("xl/drawings/drawing1.xml", "rId1", "image", "file:///S:/S3CRET.png", external=True)


def web_add_in(made: Maker) -> None:
    """A web add-in drawn on a sheet: [MS-OWEXML] 2.1."""
    space = f"{OFFICE}/webextensions/webextension/2010/11"
    frame = f'<a:graphicData uri="{space}"><we:webextensionref xmlns:we="{space}" r:id="rId1"/></a:graphicData>'
    made.drawing(_anchor(f'<xdr:graphicFrame macro=""><a:graphic>{frame}</a:graphic></xdr:graphicFrame>'))
    kind = f"{OFFICE}/2011/relationships/webextension"
    made.link("xl/drawings/drawing1.xml", "rId1", kind, "../we/webextension1.xml")
    made.add("xl/we/webextension1.xml", "<a>S3CRET</a>", "application/vnd.ms-office.webextension+xml")


def on_records(made: Maker) -> None:
    """A chart of the rows of a table."""
    made.chart(_VALUES)


def _hidden_shapes(made: Maker) -> None:
    """Shapes that the selection pane hides, alone and in a group."""

    def shape(number: int, said: str, more: str = "") -> str:
        text = f"<xdr:txBody><a:bodyPr/><a:p><a:r><a:t>{said}</a:t></a:r></a:p></xdr:txBody>"
        stated = (
            f'<xdr:nvSpPr><xdr:cNvPr id="{number}" name="Box {number}"{more}/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr>'
        )
        return f'<xdr:sp macro="" textlink="">{stated}<xdr:spPr/>{text}</xdr:sp>'

    group = '<xdr:nvGrpSpPr><xdr:cNvPr id="9" name="G"/><xdr:cNvGrpSpPr/></xdr:nvGrpSpPr><xdr:grpSpPr/>'
    inside = shape(3, "stays") + shape(4, "S3CRET", ' hidden="1"')
    made.drawing(_anchor(shape(2, "S3CRET", ' hidden="1"')) + _anchor(f"<xdr:grpSp>{group}{inside}</xdr:grpSp>"))


def _filtered_line(made: Maker) -> None:
    """A line that the filter of a chart hides, with its values."""
    made.hidden_sheet()
    made.chart(_VALUES)
    cells = "<c15:formulaRef><c15:sqref>S3CRET!$A$1:$A$2</c15:sqref></c15:formulaRef>"
    filtered = (
        f'<c:extLst><c:ext uri="{{A}}" xmlns:c15="{_C15}"><c15:filteredLineSeries><c15:ser><c:idx val="1"/><c:order'
        f' val="1"/><c:val><c:numRef><c:extLst><c:ext uri="{{02D57815-91ED-43cb-92C2-25804820EDAC}}">{cells}</c:ext>'
        '</c:extLst><c:numCache><c:ptCount val="1"/><c:pt idx="0"><c:v>3</c:v></c:pt></c:numCache></c:numRef></c:val>'
        "</c15:ser></c15:filteredLineSeries></c:ext></c:extLst>"
    )
    axes = '<c:axId val="1"/><c:axId val="2"/>'
    made.swap("xl/charts/chart1.xml", f"{axes}</c:lineChart>", f"{axes}{filtered}</c:lineChart>")


def _chart_shapes(made: Maker) -> None:
    values = "<c:val><c:numRef><c:f>Data!$B$2:$B$4</c:f></c:numRef></c:val>"
    made.chart(values, '<c:userShapes r:id="rId2"/>')
    kind = "application/vnd.openxmlformats-officedocument.drawingml.chartshapes+xml"
    shapes = (
        f'<c:userShapes xmlns:c="{CHART}" xmlns:a="{ART}" xmlns:r="{LINKS}"><cdr:relSizeAnchor'
        ' xmlns:cdr="http://schemas.openxmlformats.org/drawingml/2006/chartDrawing"><cdr:from><cdr:x>0</cdr:x><cdr:y>0'
        "</cdr:y></cdr:from><cdr:to><cdr:x>1</cdr:x><cdr:y>1</cdr:y></cdr:to>"
        '<cdr:sp macro="S3CRET" textlink="[1]S3CRET!A1"><cdr:nvSpPr><cdr:cNvPr id="2" name="Box"><a:hlinkClick'
        ' r:id="rId1"/>'
        "</cdr:cNvPr><cdr:cNvSpPr/></cdr:nvSpPr><cdr:spPr/></cdr:sp></cdr:relSizeAnchor></c:userShapes>"
    )
    made.add("xl/drawings/drawing2.xml", shapes, kind)
    made.link("xl/charts/chart1.xml", "rId2", "chartUserShapes", "../drawings/drawing2.xml")
    made.link("xl/drawings/drawing2.xml", "rId1", "hyperlink", "file:///S:/S3CRET/x.xlsx", external=True)


def _extension(made: Maker) -> None:
    """What Excel keeps in extensions that name cells: [MS-XLSX] 2.3.1 (web extensions), and unknown ones."""
    made.hidden_sheet()
    x15 = f"{OFFICE}/spreadsheetml/2010/11/main"
    web = (
        f'<ext uri="{{7E03D99C-DC04-49d9-9315-930204A7B6E9}}" xmlns:x15="{x15}"><x15:webExtensions><x15:webExtension'
        f' appRef="a"><xm:f xmlns:xm="{XM}">S3CRET!$A$1</xm:f></x15:webExtension></x15:webExtensions></ext>'
    )
    made.on_board(f"<extLst>{web}</extLst>")


def _sparkline_dates(made: Maker) -> None:
    """Sparklines whose cells stay, and whose dates stand on a sheet that does not."""
    made.hidden_sheet()
    group = (
        f'<ext uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}" xmlns:x14="{X14}"><x14:sparklineGroups xmlns:xm="{XM}">'
        '<x14:sparklineGroup dateAxis="1"><xm:f>S3CRET!$A$1:$A$2</xm:f><x14:sparklines><x14:sparkline>'
        "<xm:f>Data!B2:B4</xm:f><xm:sqref>D1</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup>"
        "</x14:sparklineGroups></ext>"
    )
    made.on_board(f"<extLst>{group}</extLst>")


def _table_slicer(made: Maker) -> None:
    """A slicer of a table that stands on a hidden sheet: [MS-XLSX] 2.6.76 (tableSlicerCache)."""
    made.swap(MAIN_PART, '<sheet name="Data"', '<sheet name="Data" state="hidden"')
    x15 = f"{OFFICE}/spreadsheetml/2010/11/main"
    cache = (
        f'<slicerCacheDefinition xmlns="{X14}" name="Slicer_S3CRET" sourceName="Month"><extLst><x:ext xmlns:x="{MAIN}"'
        f' uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}"><x15:tableSlicerCache xmlns:x15="{x15}" tableId="1"'
        ' column="1"/></x:ext></extLst></slicerCacheDefinition>'
    )
    made.add("xl/slicerCaches/slicerCache1.xml", cache, "application/vnd.ms-excel.slicerCache+xml")
    made.link(MAIN_PART, "rId45", f"{OFFICE}/2007/relationships/slicerCache", "slicerCaches/slicerCache1.xml")
    caches = f'<x15:slicerCaches xmlns:x14="{X14}"><x14:slicerCache r:id="rId45"/></x15:slicerCaches>'
    listed = f'<extLst><ext uri="{{46BE6895-7355-4a93-B00E-2C351335B9C9}}" xmlns:x15="{x15}">{caches}</ext></extLst>'
    made.swap(MAIN_PART, "</workbook>", f"{listed}</workbook>")
    slicer = f'<slicers xmlns="{X14}"><slicer name="S3CRET" cache="Slicer_S3CRET" rowHeight="1"/></slicers>'
    made.add("xl/slicers/slicer1.xml", slicer, "application/vnd.ms-excel.slicer+xml")
    made.link(BOARD, "rId46", f"{OFFICE}/2007/relationships/slicer", "../slicers/slicer1.xml")
    own = f'<x14:slicerList xmlns:x14="{X14}"><x14:slicer r:id="rId46"/></x14:slicerList>'
    made.on_board(f'<extLst><ext uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}">{own}</ext></extLst>')
    made.drawing(_anchor('<xdr:graphicFrame><sle:slicer xmlns:sle="urn:slicer" name="S3CRET"/></xdr:graphicFrame>'))


def _listed(*texts: str) -> frozenset[str]:
    return frozenset(texts)


HIDDEN = "hidden sheet: S3CRET"
LEAKS: Mapping[str, Leak] = {
    "printer": Leak(
        _printer,
        _listed("settings of a printer: Board"),
        ((BOARD, '<pageSetup paperSize="8" orientation="landscape"/>'),),
    ),
    "scenarios": Leak(_scenarios, _listed("scenario: Board")),
    "web publishing": Leak(
        _web_publishing,
        _listed("place where a web page was saved: Board", "place where a web page was saved: workbook"),
    ),
    "passwords": Leak(
        _passwords,
        _listed("password of a protection: Board (2)", "password of a protection: workbook"),
        ((BOARD, '<sheetProtection sheet="1"/>'), (MAIN_PART, 'lockStructure="1"')),
    ),
    "header": Leak(
        _header, _listed("folder in a header or footer: Board"), ((BOARD, "&amp;L&amp;F&amp;RPage &amp;P"),), b"&amp;Z"
    ),
    "hidden names": Leak(
        _hidden_names,
        _listed("formula that reads what is left out: Board", "hidden name: solver_S3CRET", "hidden name: used_S3CRET"),
        ((MAIN_PART, 'name="kept"'),),
    ),
    "said of names": Leak(
        _said_of_names, _listed("remark on a name: kept"), ((MAIN_PART, '<definedName name="kept">'),)
    ),
    "absolute path": Leak(_absolute_path, _listed("folder of the workbook: workbook")),
    "properties": Leak(
        _properties,
        _listed(
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
        _listed("part that nothing leads to: xl/worksheets/sheet9.xml", "part that nothing leads to: xl/backup.dat"),
    ),
    "unknown": Leak(
        _unknown,
        _listed(
            "part of an unknown kind: xl/vendor/state.xml",
            "part of an unknown kind: vendor/root.bin",
            "part of an unknown kind: Board",
        ),
    ),
    "python": Leak(
        _python, _listed("program in Python: xl/python.xml", "formula that older programs do not know: Board")
    ),
    "rich data": Leak(
        _rich_data,
        _listed(
            "data behind a cell: Board",
            "data behind cells: xl/richData/rdrichvalue.xml",
            "data behind cells: xl/richData/rdRichValueWebImage.xml",
            "data behind cells: xl/metadata.xml",
        ),
    ),
    "maps": Leak(_maps, _listed("map of XML data: xl/xmlMaps.xml", "map of XML data: Board", "map of XML data: Facts")),
    "remarks": Leak(
        _remarks, _listed("remark in the file: xl/workbook.xml", "remark in the file: xl/worksheets/sheet2.xml (3)")
    ),
    "location": Leak(
        _location, _listed("link to a file or to what is left out: Board"), ((BOARD, 'location="Data!A1"'),)
    ),
    "hyperlink formula": Leak(
        _hyperlink_formula,
        _listed("formula that links to a file: Board"),
        ((BOARD, 'HYPERLINK("https://www.example.org/","site")'), (BOARD, 'HYPERLINK("#Board!A1","up")')),
    ),
    "pictures": Leak(
        _pictures,
        _listed(
            "file name of a picture: Board (3)",
            "link to a file or to what is left out: Board",
            "remarks in a picture: xl/media/image1.png",
            "remarks in a picture: xl/media/image2.jpeg",
        ),
        (("xl/drawings/drawing1.xml", "The logo of the force"),),
    ),
    "camera": Leak(_camera, _listed(HIDDEN, "cells behind a picture: Board")),
    "shape links": Leak(
        _shape_links,
        _listed(HIDDEN, "macro behind a button: Board (3)", "link to a file or to what is left out: Board (2)"),
        (
            ("xl/drawings/drawing1.xml", 'textlink="Board!$A$1"'),
            ("xl/drawings/_rels/drawing1.xml.rels", "https://www.example.org/"),
        ),
    ),
    "form control": Leak(
        _form_control,
        _listed(
            HIDDEN,
            "macro behind a button: Board (2)",
            "cells behind a control: Board",
            "file name of a picture: Board (2)",
        ),
    ),
    "hidden shapes": Leak(
        _hidden_shapes,
        _listed("hidden shape: Board (2)"),
        (("xl/drawings/drawing1.xml", "<a:t>stays</a:t>"),),
    ),
    "table slicer": Leak(
        _table_slicer,
        _listed(
            "formula that reads what is left out: Board",
            "formula for new rows of a table: Facts",
            "hidden sheet: Data",
            "slicer or timeline: Board",
        ),
    ),
    "filtered line": Leak(
        _filtered_line,
        _listed(HIDDEN, "reference of a chart to cells that are left out: xl/charts/chart1.xml"),
        (("xl/charts/chart1.xml", "<c:f>Data!$B$2:$B$4</c:f>"),),
    ),
    "chart shapes": Leak(
        _chart_shapes, _listed("macro behind a button: Board", "link to a file or to what is left out: Board")
    ),
    "extension": Leak(_extension, _listed(HIDDEN, "extension that names what is left out: Board")),
    "sparkline dates": Leak(
        _sparkline_dates, _listed("hidden sheet, but for the cells that sparklines show: S3CRET"), secret=b"Elm Road"
    ),
}
