"""Workbooks made part by part, for tests: a sound one to which parts, links, drawings and charts are added."""

from tests.support.handmade import LINKS, MAIN, PACKAGE, SHEET, parts

Content = dict[str, str]
OFFICE = "http://schemas.microsoft.com/office"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
ART = "http://schemas.openxmlformats.org/drawingml/2006/main"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
COMPATIBLE = "http://schemas.openxmlformats.org/markup-compatibility/2006"
BOARD, MAIN_PART = "xl/worksheets/sheet2.xml", "xl/workbook.xml"


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
        """A chart on Board; `after` follows the chart itself."""
        frame = (
            '<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="Chart 1"/>'
            "<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x='0' y='0'/><a:ext cx='0' cy='0'/>"
            f'</xdr:xfrm><a:graphic><a:graphicData uri="{CHART}"><c:chart xmlns:c="{CHART}" r:id="rId1"/>'
            "</a:graphicData></a:graphic></xdr:graphicFrame>"
        )
        self.drawing(anchor(frame))
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


def anchor(inside: str) -> str:
    corners = "".join(
        f"<xdr:{end}><xdr:col>{at}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{at}</xdr:row><xdr:rowOff>0</xdr:rowOff>"
        f"</xdr:{end}>"
        for end, at in (("from", 5), ("to", 9))
    )
    return f"<xdr:twoCellAnchor>{corners}{inside}<xdr:clientData/></xdr:twoCellAnchor>"


def picture(properties: str, blip: str) -> str:
    return anchor(
        f'<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" {properties}/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>{blip}'
        '<a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr><a:prstGeom prst="rect"/></xdr:spPr></xdr:pic>'
    )
