"""Sparklines of a workbook as shapes over their cells, for programs that do not print sparklines.

Only lines are drawn, with the dot of the last point: other kinds of sparklines stay as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from cpa_xl.a1 import cell_position, single_area
from cpa_xl.figures import plain
from cpa_xl.insertion import vocabulary, with_links, with_typed_part
from cpa_xl.markup import Edit, Element, escape, splice
from cpa_xl.newsheet import links_part
from cpa_xl.package import Package, relationships_part
from cpa_xl.sheetxml import Value
from cpa_xl.workbook import ClosedWorkbook

DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
SHEET_SPACE = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
DRAWING_SPACE = "http://schemas.openxmlformats.org/drawingml/2006/main"
LINK = "rIdSparklines"
PIXEL, POINT = 9_525, 12_700  # in the units of drawings
DIGIT, PADDING = 7, 5  # pixels of a digit of the usual font, and around the digits of a column
NARROW, LOW = 8.43, 15.0  # of columns in digits and rows in points, where the sheet does not say
EDGE = 4 * PIXEL  # between shape and cell
TALLEST = 30 * POINT  # in a high row the line stays as flat as in the others
DOT = 3 * PIXEL  # radius
INK = "1F3864"


@dataclass(frozen=True)
class Sparkline:
    """A line in a cell (row and column from 1) of the values of other cells; `last` colours the last dot, if any."""

    row: int
    column: int
    values: tuple[float | None, ...]
    ink: str
    last: str | None
    weight: float

    @property
    def known(self) -> Sequence[float]:
        """The values that are there."""
        return [value for value in self.values if value is not None]

    @property
    def words(self) -> str:
        """What it shows, for readers who do not see it."""
        known = self.known
        first, last, low, high = (plain(value) for value in (known[0], known[-1], min(known), max(known)))
        return f"Trend, {len(self.values)} values: from {first} to {last}, lowest {low}, highest {high}"


def with_drawn_sparklines(workbook: ClosedWorkbook, sheets: Sequence[str]) -> Package:
    """The workbook with the sparklines of these sheets as shapes; a sheet with parts of its own keeps what it has."""
    package = workbook.package
    for number, (sheet, part) in enumerate(_parts(package)):
        if sheet not in sheets or relationships_part(part) in package:
            continue
        root = package.root(part)
        groups = [
            one for one in root.walk() if one.name == "sparklineGroup" and one.attributes.get("type", "line") == "line"
        ]
        lines = [line for group in groups for line in _sparklines(workbook, group) if line.known]
        extensions = root.find("extLst")
        if not lines or extensions is None:
            continue
        words, name = vocabulary(package), f"xl/drawings/sparklines{number}.xml"
        package = with_typed_part(package, name, _drawing(lines, root), DRAWING_TYPE)
        package = with_links(package, part, links_part([(LINK, words.link_type("drawing"), f"/{name}")]))
        drawing = f'<drawing xmlns="{words.main}" xmlns:r="{words.relationships}" r:id="{LINK}"/>'.encode()
        gone = [Edit(group.start, group.end, b"") for group in groups]
        edits = [Edit(extensions.start, extensions.start, drawing), *gone]
        package = package.with_text(part, splice(package.text(part), edits))
    return package


def _parts(package: Package) -> Iterator[tuple[str, str]]:
    """The sheets by name, each with its part."""
    links = {link.id: link.target for link in package.relationships(package.workbook_part)}
    listing = package.root(package.workbook_part).find("sheets")
    for sheet in listing.all("sheet") if listing else ():
        yield sheet.attributes["name"], links[sheet.attribute("id") or ""]


def _sparklines(workbook: ClosedWorkbook, group: Element) -> Iterator[Sparkline]:
    last = _colour(group, "colorLast") if group.attributes.get("last") in ("1", "true") else None
    weight = float(group.attributes.get("lineWeight", "0.75"))
    for one in (element for element in group.walk() if element.name == "sparkline"):
        source, place = one.find("f"), one.find("sqref")
        area = single_area(source.text) if source else None
        if area is not None and area.sheet is not None and place is not None:
            cells, (top, left, bottom, right) = workbook.cells(area.sheet), area.bounds
            every = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
            values = tuple(_number(cells[at].value) if at in cells else None for at in every)
            yield Sparkline(*cell_position(place.text.strip()), values, _colour(group, "colorSeries"), last, weight)


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _colour(group: Element, name: str) -> str:
    """The colour as RRGGBB; the house's where it is one of the theme."""
    element = group.find(name)
    return (element.attributes.get("rgb", INK) if element else INK)[-6:]


def _drawing(lines: Sequence[Sparkline], sheet: Element) -> bytes:
    anchors = "".join(_anchor(number, line, sheet) for number, line in enumerate(lines, start=2))
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<xdr:wsDr xmlns:xdr="{SHEET_SPACE}" xmlns:a="{DRAWING_SPACE}">{anchors}</xdr:wsDr>'
    ).encode()


def _anchor(number: int, line: Sparkline, sheet: Element) -> str:
    """A shape of the size of its cell, at its upper edge."""
    wide = int(_width(sheet, line.column) * DIGIT + PADDING) * PIXEL - 2 * EDGE
    high = min(int(_height(sheet, line.row) * POINT), TALLEST) - 2 * EDGE
    corner = (
        f"<xdr:from><xdr:col>{line.column - 1}</xdr:col><xdr:colOff>{EDGE}</xdr:colOff>"
        f"<xdr:row>{line.row - 1}</xdr:row><xdr:rowOff>{EDGE}</xdr:rowOff></xdr:from>"
    )
    words = escape(line.words, quotes=True).decode()
    ink = f'<a:solidFill><a:srgbClr val="{line.ink}"/></a:solidFill>'
    fill = f'<a:solidFill><a:srgbClr val="{line.last or line.ink}"/></a:solidFill>'
    return (
        f'<xdr:oneCellAnchor>{corner}<xdr:ext cx="{wide}" cy="{high}"/><xdr:sp macro="" textlink=""><xdr:nvSpPr>'
        f'<xdr:cNvPr id="{number}" name="Trend {number - 1}" descr="{words}"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr>'
        f'<a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        "<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/>"
        f'<a:cxnLst/><a:rect l="0" t="0" r="r" b="b"/><a:pathLst>{_paths(line, wide, high)}</a:pathLst>'
        f"</a:custGeom>{fill}"
        f'<a:ln w="{int(line.weight * POINT)}" cap="rnd">{ink}<a:round/></a:ln></xdr:spPr></xdr:sp><xdr:clientData/>'
        "</xdr:oneCellAnchor>"
    )


def _width(sheet: Element, column: int) -> float:
    """The width of a column, in digits."""
    listing, format_ = sheet.find("cols"), sheet.find("sheetFormatPr")
    for col in listing.all("col") if listing else ():
        if int(col.attributes["min"]) <= column <= int(col.attributes["max"]) and "width" in col.attributes:
            return float(col.attributes["width"])
    return float(format_.attributes.get("defaultColWidth", NARROW)) if format_ else NARROW


def _height(sheet: Element, row: int) -> float:
    """The height of a row, in points."""
    listing, format_ = sheet.find("sheetData"), sheet.find("sheetFormatPr")
    for one in listing.all("row") if listing else ():
        if one.attributes.get("r") == str(row) and "ht" in one.attributes:
            return float(one.attributes["ht"])
    return float(format_.attributes.get("defaultRowHeight", LOW)) if format_ else LOW


def _paths(line: Sparkline, wide: int, high: int) -> str:
    """The line, broken where a value is missing, and the dot of the last value, within the shape."""
    low, top = min(line.known), max(line.known)
    inset = DOT * 1.5
    step = (wide - 2 * inset) / max(len(line.values) - 1, 1)

    def at(place: int, value: float) -> tuple[int, int]:
        part = 0.5 if top == low else (top - value) / (top - low)
        return int(inset + place * step), int(inset + part * (high - 2 * inset))

    points = [None if value is None else at(place, value) for place, value in enumerate(line.values)]
    runs = [[point for point in run if point] for there, run in groupby(points, key=bool) if there]
    drawn = "".join(_strokes(run) for run in runs)
    paths = f'<a:path w="{wide}" h="{high}" fill="none">{drawn}</a:path>'
    if line.last is not None:
        x, y = runs[-1][-1]
        paths += (
            f'<a:path w="{wide}" h="{high}" stroke="0"><a:moveTo><a:pt x="{x - DOT}" y="{y}"/></a:moveTo>'
            f'<a:arcTo wR="{DOT}" hR="{DOT}" stAng="10800000" swAng="21600000"/><a:close/></a:path>'
        )
    return paths


def _strokes(run: Sequence[tuple[int, int]]) -> str:
    (x, y), *others = run
    lines = "".join(f'<a:lnTo><a:pt x="{x}" y="{y}"/></a:lnTo>' for x, y in others)
    return f'<a:moveTo><a:pt x="{x}" y="{y}"/></a:moveTo>{lines}'
