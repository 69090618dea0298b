"""Things hidden in pictures, shapes, charts, sparklines and slicers of a workbook, for tests."""

from collections.abc import Mapping

from tests.support.handmade import LINKS, MAIN, X14, XM
from tests.support.leak import HIDDEN, Leak, listed
from tests.support.partsmaker import ART, BOARD, CHART, COMPATIBLE, MAIN_PART, OFFICE, Maker, anchor, picture
from tests.support.tinypictures import PNG_PLAIN, jpeg, png


def _pictures(made: Maker) -> None:
    blips = ('<a:blip r:embed="rId1"/>', '<a:blip r:embed="rId2" r:link="rId3"/>')
    first = picture('name="Picture 1" descr="C:\\Users\\S3CRET\\face.png" title="S3CRET.jpg"', blips[0])
    second = picture('name="S:\\S3CRET\\logo.jpg" descr="The logo of the force"', blips[1])
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
    shown = picture('name="Picture 1" descr="Figures"', '<a:blip r:embed="rId1"/>')
    made.drawing(shown.replace("<xdr:cNvPicPr/>", f"<xdr:cNvPicPr><a:extLst>{camera}</a:extLst></xdr:cNvPicPr>"))
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
    made.drawing(anchor(f"<xdr:grpSp>{group}{shapes}</xdr:grpSp>"))
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
    """A chart whose labels are in cells of a hidden sheet."""
    made.hidden_sheet()
    cache = '<c15:dlblRangeCache><c:ptCount val="1"/><c:pt idx="0"><c:v>S3CRET</c:v></c:pt></c15:dlblRangeCache>'
    made.chart(
        f'{_VALUES}<c:extLst><c:ext uri="{{02D57815-91ED-43cb-92C2-25804820EDAC}}" xmlns:c15="{_C15}">'
        f"<c15:datalabelsRange><c15:f>S3CRET!$A$1:$A$2</c15:f>{cache}</c15:datalabelsRange></c:ext></c:extLst>"
    )


def outer_picture(made: Maker) -> None:
    """A picture that the file does not hold."""
    made.drawing(picture('name="Picture 1"', '<a:blip r:link="rId1"/>'))
    made.link("xl/drawings/drawing1.xml", "rId1", "image", "file:///S:/S3CRET.png", external=True)


def web_add_in(made: Maker) -> None:
    """A web add-in drawn on a sheet: [MS-OWEXML] 2.1."""
    space = f"{OFFICE}/webextensions/webextension/2010/11"
    frame = f'<a:graphicData uri="{space}"><we:webextensionref xmlns:we="{space}" r:id="rId1"/></a:graphicData>'
    made.drawing(anchor(f'<xdr:graphicFrame macro=""><a:graphic>{frame}</a:graphic></xdr:graphicFrame>'))
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
    made.drawing(anchor(shape(2, "S3CRET", ' hidden="1"')) + anchor(f"<xdr:grpSp>{group}{inside}</xdr:grpSp>"))


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
    """Sparklines whose cells stay, and whose dates are on a sheet that does not."""
    made.hidden_sheet()
    group = (
        f'<ext uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}" xmlns:x14="{X14}"><x14:sparklineGroups xmlns:xm="{XM}">'
        '<x14:sparklineGroup dateAxis="1"><xm:f>S3CRET!$A$1:$A$2</xm:f><x14:sparklines><x14:sparkline>'
        "<xm:f>Data!B2:B4</xm:f><xm:sqref>D1</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup>"
        "</x14:sparklineGroups></ext>"
    )
    made.on_board(f"<extLst>{group}</extLst>")


def _table_slicer(made: Maker) -> None:
    """A slicer of a table on a hidden sheet: [MS-XLSX] 2.6.76 (tableSlicerCache)."""
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
    made.drawing(anchor('<xdr:graphicFrame><sle:slicer xmlns:sle="urn:slicer" name="S3CRET"/></xdr:graphicFrame>'))


DRAWN: Mapping[str, Leak] = {
    "pictures": Leak(
        _pictures,
        listed(
            "file name of a picture: Board (3)",
            "link to a file or to what is left out: Board",
            "remarks in a picture: xl/media/image1.png",
            "remarks in a picture: xl/media/image2.jpeg",
        ),
        (("xl/drawings/drawing1.xml", "The logo of the force"),),
    ),
    "camera": Leak(_camera, listed(HIDDEN, "cells behind a picture: Board")),
    "shape links": Leak(
        _shape_links,
        listed(HIDDEN, "macro behind a button: Board (3)", "link to a file or to what is left out: Board (2)"),
        (
            ("xl/drawings/drawing1.xml", 'textlink="Board!$A$1"'),
            ("xl/drawings/_rels/drawing1.xml.rels", "https://www.example.org/"),
        ),
    ),
    "form control": Leak(
        _form_control,
        listed(
            HIDDEN,
            "macro behind a button: Board (2)",
            "cells behind a control: Board",
            "file name of a picture: Board (2)",
        ),
    ),
    "hidden shapes": Leak(
        _hidden_shapes,
        listed("hidden shape: Board (2)"),
        (("xl/drawings/drawing1.xml", "<a:t>stays</a:t>"),),
    ),
    "table slicer": Leak(
        _table_slicer,
        listed(
            "formula that reads what is left out: Board",
            "formula for new rows of a table: Facts",
            "hidden sheet: Data",
            "slicer or timeline: Board",
        ),
    ),
    "filtered line": Leak(
        _filtered_line,
        listed(HIDDEN, "reference of a chart to cells that are left out: xl/charts/chart1.xml"),
        (("xl/charts/chart1.xml", "<c:f>Data!$B$2:$B$4</c:f>"),),
    ),
    "chart shapes": Leak(
        _chart_shapes, listed("macro behind a button: Board", "link to a file or to what is left out: Board")
    ),
    "extension": Leak(_extension, listed(HIDDEN, "extension that names what is left out: Board")),
    "sparkline dates": Leak(
        _sparkline_dates, listed("hidden sheet, except the cells that sparklines show: S3CRET"), secret=b"Elm Road"
    ),
}
