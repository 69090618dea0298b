"""The scorecard as a tagged PDF with its title, printed by LibreOffice; only sheets for circulation are printed.

Without a screen LibreOffice prints sparklines as dots, so the printed copy has shapes in their place. Only sparklines
of the kind line are drawn, with a dot for the last point, hollow dots for provisional months, and an upright line where
something else is counted from a month on.
"""

import json
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from math import hypot
from pathlib import Path

from cpa_xl.config.model import Catalogue, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.kept import refuse_outdated
from cpa_xl.formulas.references import Mentions
from cpa_xl.libreoffice.soffice import Office
from cpa_xl.measures.figures import plain_number
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.a1 import A1Reference, cell_position, single_area
from cpa_xl.ooxml.insert import links_part, vocabulary, with_links, with_sheet_on_top, with_typed_part
from cpa_xl.ooxml.package import Package, relationships_part, write_whole
from cpa_xl.ooxml.xml import Edit, Element, escape, set_attribute, splice
from cpa_xl.publish.freeze.strip_drawings import strip_drawings
from cpa_xl.publish.freeze.strip_parts import strip_headers, strip_hyperlinks
from cpa_xl.publish.freeze.work import Stripping
from cpa_xl.publish.page_rows import counted_otherwise
from cpa_xl.scorecard.rows import (
    FIGURE,
    Trend,
    cell_number,
    known_breaks,
    provisional_heading,
    read_trends,
    specification,
)
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.text_sheets import CHANGED, CONTENTS

DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
SHEET_SPACE = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
DRAWING_SPACE = "http://schemas.openxmlformats.org/drawingml/2006/main"
LINK = "rIdSparklines"
PIXEL, POINT = 9_525, 12_700  # in the units of drawings
DIGIT, PADDING = 7, 5  # pixels of a digit of the usual font, and around the digits of a column
NARROW, LOW = 8.43, 15.0  # of columns in digits and rows in points, where the sheet does not say
EDGE = 4 * PIXEL  # between shape and cell
TALLEST = 30 * POINT  # in a high row the line stays as flat as in the others
DOT, SMALL_DOT = 3 * PIXEL, 2 * PIXEL  # radius of the last dot, of the others
DASHES = 6  # of an upright line
INK = "1F3864"

_PRINT_AREA = "_xlnm.Print_Area"
HIDDEN = ("hidden", "veryHidden")
# PDF/UA is the standard of PDF that screen readers can read; it implies tags and the document's title in the window.
OPTIONS = {"UseTaggedPDF": "true", "PDFUACompliance": "true"}
FILTER = (
    f"pdf:calc_pdf_Export:{json.dumps({name: {'type': 'boolean', 'value': value} for name, value in OPTIONS.items()})}"
)
IN_BRITISH_ENGLISH = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
 <item oor:path="/org.openoffice.Setup/L10N">
  <prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>en-GB</value></prop>
 </item>
</oor:items>
"""  # a profile's settings: the language that the PDF states


@dataclass(frozen=True)
class Sparkline:
    """A line in a cell (row and column from 1) of the values of other cells; `last` colours the last dot, if any.

    `provisional` are the places of values that may still change, `since` the first month of them. `broken` are the
    places from which on something else is counted, each with the words that say so.
    """

    row: int
    column: int
    values: tuple[float | None, ...]
    ink: str
    last: str | None
    weight: float
    provisional: frozenset[int] = frozenset()
    since: str = ""
    broken: Mapping[int, str] = field(default_factory=dict)

    @property
    def known(self) -> Sequence[float]:
        """The values that are there."""
        return [value for value in self.values if value is not None]

    @property
    def words(self) -> str:
        """What it shows, for readers who do not see it."""
        known = self.known
        first, last, low, high = (plain_number(value) for value in (known[0], known[-1], min(known), max(known)))
        since = f", provisional from {self.since}" if self.provisional else ""
        otherwise = "".join(f"; {words}" for words in self.broken.values())
        return (
            f"Trend, {len(self.values)} values: from {first} to {last}, lowest {low}, highest {high}{since}{otherwise}"
        )


def with_drawn_sparklines(
    workbook: ClosedWorkbook, sheets: Sequence[str], trends: Mapping[str, Trend] | None = None
) -> Package:
    """The workbook with the sparklines of these sheets as shapes; a sheet that already has drawings stays the same.

    trends: those of measures, with their breaks.
    """
    package = workbook.package
    for at, (sheet, part) in enumerate(_parts(package)):
        if sheet not in sheets or relationships_part(part) in package:
            continue
        root = package.root(part)
        groups = [
            one for one in root.walk() if one.name == "sparklineGroup" and one.attributes.get("type", "line") == "line"
        ]
        lines = [line for group in groups for line in _sparklines(workbook, group, trends or {}) if line.known]
        extensions = root.find("extLst")
        if not lines or extensions is None:
            continue
        words, name = vocabulary(package), f"xl/drawings/sparklines{at}.xml"
        package = with_typed_part(package, name, _drawing(lines, root), DRAWING_TYPE)
        package = with_links(package, part, links_part([(LINK, words.link_type("drawing"), f"/{name}")]))
        drawing = f'<drawing xmlns="{words.main}" xmlns:r="{words.relationships}" r:id="{LINK}"/>'.encode()
        gone = [Edit(group.start, group.end, b"") for group in groups]
        edits = [Edit(extensions.start, extensions.start, drawing), *gone]
        package = package.with_text(part, splice(package.text(part), edits))
    return package


def write_pdf(workbook_path: Path, out: Path, catalogue: Catalogue, office: Office) -> None:
    """Print the sheets of a workbook that are circulated. Raises `Refusal` as `make_pdf` and reading it do."""
    workbook = ClosedWorkbook.open(workbook_path)
    refuse_outdated(workbook, "printed")
    spec = specification(catalogue, workbook, workbook_path, reading=True)
    trends = read_trends(workbook, spec, known_breaks(catalogue))
    make_pdf(workbook_path, out, office, circulated(workbook, spec), trends)


def circulated(workbook: ClosedWorkbook, spec: WorkbookSpec) -> tuple[str, ...]:
    """The sheets that are printed: the scorecard, contents, what changed, and those in sight that hold no table."""
    data = {table.sheet for table in workbook.tables.values()}
    wanted = {CONTENTS, CHANGED} | ({spec.scorecard.sheet} if spec.scorecard else set())
    return tuple(name for name in _in_sight(workbook.package) if name in wanted or name not in data)


def make_pdf(
    workbook_path: Path, out: Path, office: Office, sheets: Sequence[str], trends: Mapping[str, Trend] | None = None
) -> None:
    """Print these sheets of a workbook into the file `out`, each as its own page settings ask for.

    Raises `Refusal` where no sheet is left, where LibreOffice does not print, or where `out` cannot be written.
    """
    workbook = ClosedWorkbook.open(workbook_path)
    write_whole(out, [pdf(workbook, office, sheets, trends)])


def pdf(
    workbook: ClosedWorkbook, office: Office, sheets: Sequence[str], trends: Mapping[str, Trend] | None = None
) -> bytes:
    """The sheets of a workbook as PDF. Raises `Refusal` as `make_pdf` does."""
    package = with_drawn_sparklines(workbook, sheets, trends)
    with tempfile.TemporaryDirectory(prefix="cpa_xl-") as folder:
        source, target = Path(folder, workbook.path.name).with_suffix(".xlsx"), Path(folder, "out")
        _with_only(package, sheets, workbook.path).save(source)
        settings = Path(folder, "profile/user/registrymodifications.xcu")
        settings.parent.mkdir(parents=True)
        settings.write_text(IN_BRITISH_ENGLISH, encoding="utf-8")
        output = office.run(["--convert-to", FILTER, "--outdir", str(target), str(source)], Path(folder, "profile"))
        printed = target / f"{source.stem}.pdf"
        if not printed.exists():
            why = " ".join(output.split()) or "it gave no reason"
            raise Refusal(f"LibreOffice ({office.program}) did not print {workbook.path}: {why}")
        return printed.read_bytes()


def _parts(package: Package) -> Iterator[tuple[str, str]]:
    """The sheets by name, each with its part."""
    links = {link.id: link.target for link in package.relationships(package.workbook_part)}
    listing = package.root(package.workbook_part).find("sheets")
    for sheet in listing.all("sheet") if listing else ():
        yield sheet.attributes["name"], links[sheet.attribute("id") or ""]


def _sparklines(workbook: ClosedWorkbook, group: Element, trends: Mapping[str, Trend]) -> Iterator[Sparkline]:
    last = _colour(group, "colorLast") if group.attributes.get("last") in ("1", "true") else None
    weight = float(group.attributes.get("lineWeight", "0.75"))
    for one in (element for element in group.walk() if element.name == "sparkline"):
        source, place = one.find("f"), one.find("sqref")
        area = single_area(source.text) if source else None
        if area is not None and area.sheet is not None and place is not None:
            cells, (top, left, bottom, right) = workbook.cells(area.sheet), area.bounds
            every = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
            values = tuple(cell_number(cells[at].value) if at in cells else None for at in every)
            ink, marked = _colour(group, "colorSeries"), dict(_provisional(workbook, area))
            since = marked[min(marked)] if marked else ""
            where = cell_position(place.text.strip())
            broken = dict(_broken(workbook, area, trends))
            yield Sparkline(*where, values, ink, last, weight, frozenset(marked), since, broken)


def _broken(workbook: ClosedWorkbook, area: A1Reference, trends: Mapping[str, Trend]) -> Iterator[tuple[int, str]]:
    """The places of a column of a trend table from which on something else is counted, each with the words for it."""
    top, column, bottom, right = area.bounds
    for table in workbook.tables.values():
        inside = table.first_body_row <= top and bottom <= table.last_body_row and column == right
        if area.sheet != table.sheet or not inside or not table.first_col <= column <= table.last_col:
            continue
        trend = trends.get(table.columns[column - table.first_col].name.removesuffix(FIGURE), ())
        words = {point.month.label: counted_otherwise(point) for point in trend if point.otherwise}
        cells = workbook.cells(table.sheet)
        for place, row in enumerate(range(top, bottom + 1)):
            month = _month(cells[row, table.first_col].value if (row, table.first_col) in cells else None)
            if month in words:
                yield place, words[month]


def _provisional(workbook: ClosedWorkbook, area: A1Reference) -> Iterator[tuple[int, str]]:
    """The places of provisional figures in a column of a trend table, each with its month; "" where it has none."""
    top, column, bottom, right = area.bounds
    for table in workbook.tables.values():
        inside = table.first_body_row <= top and bottom <= table.last_body_row and column == right
        if area.sheet != table.sheet or not inside or not table.first_col <= column <= table.last_col:
            continue
        names = [one.name for one in table.columns]
        wanted = provisional_heading(names[column - table.first_col])
        if wanted in names:
            cells, beside = workbook.cells(table.sheet), table.first_col + names.index(wanted)
            for place, row in enumerate(range(top, bottom + 1)):
                if (row, beside) in cells and cell_number(cells[row, beside].value) is not None:
                    yield place, _month(cells[row, table.first_col].value if (row, table.first_col) in cells else None)


def _month(value: object) -> str:
    try:
        return Month.read(value).label
    except CellError:
        return ""


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
    """The line, broken where a value is missing, the dots of provisional values, and that of the last, in the shape."""
    low, top = min(line.known), max(line.known)
    inset = DOT * 1.5
    step = (wide - 2 * inset) / max(len(line.values) - 1, 1)

    def at(place: int, value: float) -> tuple[int, int]:
        part = 0.5 if top == low else (top - value) / (top - low)
        return int(inset + place * step), int(inset + part * (high - 2 * inset))

    end = max(place for place, value in enumerate(line.values) if value is not None)
    points = [
        None if value is None else _Dot(*at(place, value), _radius(line, place, end))
        for place, value in enumerate(line.values)
    ]
    runs = [[point for point in run if point] for there, run in groupby(points, key=bool) if there]
    drawn = "".join(_strokes(run) for run in runs)
    drawn += "".join(_upright(int(inset + (place - 0.5) * step), high) for place in line.broken)
    drawn += "".join(_circle(dot, dot.radius) for run in runs for dot in run if dot.radius)
    paths = f'<a:path w="{wide}" h="{high}" fill="none">{drawn}</a:path>'
    if line.last is not None and end not in line.provisional:
        paths += f'<a:path w="{wide}" h="{high}" stroke="0">{_circle(runs[-1][-1], DOT)}</a:path>'
    return paths


@dataclass(frozen=True, slots=True)
class _Dot:
    """A point of the line; `radius` of its hollow dot, 0 where it has none."""

    x: int
    y: int
    radius: int


def _radius(line: Sparkline, place: int, end: int) -> int:
    if place not in line.provisional:
        return 0
    return DOT if place == end and line.last is not None else SMALL_DOT


def _circle(dot: _Dot, radius: int) -> str:
    return (
        f'<a:moveTo><a:pt x="{dot.x - radius}" y="{dot.y}"/></a:moveTo>'
        f'<a:arcTo wR="{radius}" hR="{radius}" stAng="10800000" swAng="21600000"/><a:close/>'
    )


def _upright(across: int, high: int) -> str:
    """A dashed upright line."""
    dash = high // (2 * DASHES)
    starts = range(0, high - dash + 1, 2 * dash)
    return "".join(
        f'<a:moveTo><a:pt x="{across}" y="{y}"/></a:moveTo><a:lnTo><a:pt x="{across}" y="{y + dash}"/></a:lnTo>'
        for y in starts
    )


def _strokes(run: Sequence[_Dot]) -> str:
    """The line through these points, from the edge of a hollow dot to the edge of the next."""
    drawn, at = "", (0, 0)
    if len(run) == 1:
        return f'<a:moveTo><a:pt x="{run[0].x}" y="{run[0].y}"/></a:moveTo>'
    for here, there in pairwise(run):
        length = hypot(there.x - here.x, there.y - here.y)
        if length <= here.radius + there.radius:
            continue
        start, end = (_between(here, there, part / length) for part in (here.radius, length - there.radius))
        if not drawn or start != at:
            drawn += f'<a:moveTo><a:pt x="{start[0]}" y="{start[1]}"/></a:moveTo>'
        drawn += f'<a:lnTo><a:pt x="{end[0]}" y="{end[1]}"/></a:lnTo>'
        at = end
    return drawn


def _between(here: _Dot, there: _Dot, part: float) -> tuple[int, int]:
    """The point at this fraction of the way from one point to the other."""
    return round(here.x + part * (there.x - here.x)), round(here.y + part * (there.y - here.y))


def _sheets(package: Package) -> list[Element]:
    listing = package.root(package.workbook_part).find("sheets")
    return listing.all("sheet") if listing else []


def _in_sight(package: Package) -> list[str]:
    sheets = _sheets(package)
    return [sheet.attributes["name"] for sheet in sheets if sheet.attributes.get("state") not in HIDDEN]


def _with_only(package: Package, sheets: Sequence[str], path: Path) -> Package:
    """The workbook with all other sheets hidden and without print areas: LibreOffice prints hidden areas too."""
    if not set(sheets) & set(_in_sight(package)):
        raise Refusal(
            f"{path}: none of the sheets {', '.join(sheets) or '(none)'} is in sight, so that there is nothing to print"
        )
    part = package.workbook_part
    text = package.text(part)
    others = (sheet for sheet in _sheets(package) if sheet.attributes["name"] not in sheets)
    edits = [edit for sheet in others for edit in set_attribute(text, sheet.start, "state", "hidden")]
    hidden = {str(at) for at, sheet in enumerate(_sheets(package)) if sheet.attributes["name"] not in sheets}
    names = package.root(part).find("definedNames")
    edits += [
        Edit(name.start, name.end, b"")
        for name in (names.all("definedName") if names is not None else ())
        if name.attributes["name"] == _PRINT_AREA and name.attributes.get("localSheetId") in hidden
    ]
    first = next(name for name in _in_sight(package) if name in sheets)
    return _without_places(with_sheet_on_top(package.with_text(part, splice(text, edits)), first), sheets)


def _without_places(package: Package, sheets: Sequence[str]) -> Package:
    """The workbook without links to unprinted sheets or files, and without folders in headers and footers.

    LibreOffice replaces each folder with the one in which it prints, which names the user. The contents keep the sheets
    that are printed.
    """
    work = Stripping(package)
    others = {tab.name for tab in work.tabs()} - set(sheets)
    work.package = _with_contents(work.package, others)
    gone = Mentions(others or {"\0"}, {"\0"}).within
    for tab in work.worksheets():
        strip_hyperlinks(work, tab, gone)
        strip_headers(work, tab)
    strip_drawings(work, gone)
    return work.package


def _with_contents(package: Package, others: Collection[str]) -> Package:
    """The workbook whose contents, where it has any, hide the rows that name these sheets."""
    workbook = ClosedWorkbook(package)
    if CONTENTS not in workbook.sheet_names:
        return package
    part, cells = workbook.part_of(CONTENTS), workbook.cells(CONTENTS)
    named = {str(row) for (row, column), cell in cells.items() if column == 1 and cell.value in others}
    rows = [one for one in package.root(part).walk() if one.name == "row" and one.attributes.get("r") in named]
    text = package.text(part)
    edits = [edit for row in rows for edit in set_attribute(text, row.start, "hidden", "1")]
    return package.with_text(part, splice(text, edits))
