"""Freezing, piece by piece: what is refused, and parts that few workbooks have."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from cpa_xl.commands.calculate import calculate
from cpa_xl.config.model import Publish
from cpa_xl.errors import Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.ooxml.package import Package, validate
from cpa_xl.ooxml.xml import parse
from cpa_xl.publish.cover import with_cover
from cpa_xl.publish.freeze.freeze import Frozen, freeze
from cpa_xl.publish.freeze.portable import Portability, Reason
from cpa_xl.publish.statement import ABOUT
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.handmade import LINKS, MAIN, links, parts, write
from tests.support.publishable import BOOKS

CALCULATOR = EmbeddedCalculator(FUNCTIONS)
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
MAKER = Callable[[xlsxwriter.Workbook], None]


def frozen(path: Path, setting: Publish | None = None) -> Frozen:
    """The workbook at a path, frozen on 31 January 2009."""
    return freeze(ClosedWorkbook.open(path), setting or Publish(), CALCULATOR, dt.date(2009, 1, 31))


def made(folder: Path, make: MAKER) -> Path:
    """A workbook of XlsxWriter."""
    path = folder / "made.xlsx"
    with xlsxwriter.Workbook(path) as book:
        make(book)
    return path


def _all_stand(_: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("SUM(A1:A3)*2", None),
        ('IF(A1="CPA_RAG(",1,2)', None),
        ("1+CPA_RAG(A1,B1)", Reason.CELL_FUNCTION),
        ("[1]!CPA_RAG(A1,B1)", Reason.CELL_FUNCTION),
        ("'C:\\cpa_xl.xlam'!CPA_RAG(A1)", Reason.CELL_FUNCTION),
        ("_xll.CPA_RAG(A1)", Reason.CELL_FUNCTION),
        ("_xldudf_CPA_RAG(A1)", Reason.CELL_FUNCTION),
        ("cpa_rag(A1)", Reason.CELL_FUNCTION),
        ("letter", Reason.CELL_FUNCTION),
        ("deep&1", Reason.CELL_FUNCTION),
        ("[2]Sheet1!A1", Reason.OUTSIDE),
        ("'[2]Old year'!$A$1:B2", Reason.OUTSIDE),
        ("[2]!rate", Reason.OUTSIDE),
        ('GETPIVOTDATA("n",A1)', Reason.OUTSIDE),
        ("Module1.Twice(A1)", Reason.MACRO),
        ("IF(NOW()>1,RAND(),1)", Reason.RESTLESS),
        ('CELL("filename")', Reason.RESTLESS),
        ("_xlfn.XLOOKUP(1,A1:A3,B1:B3)", Reason.NEWER),
        ("AGGREGATE(9,6,A1:A3)", Reason.NEWER),
        ("SUMIFS(Areas,Areas[Borough],1)", Reason.DIFFERENT),
        ("SUBTOTAL(109,[Count])", Reason.DIFFERENT),
        ("1+§", Reason.UNREADABLE),
    ],
)
def test_which_formulas_stand(formula: str, why: Reason | None) -> None:
    """The ways in which Excel writes calls of add-ins, links and newer functions: [MS-XLSX] 2.2.2, ECMA-376 18.17."""
    names = {"letter": ["CPA_RAG(1,2)"], "deep": ["letter"], "circle": ["circle"]}
    assert Portability(names, ["Areas"], _all_stand).reason(formula) is why


# Formulas for which LibreOffice 25.2, asked to calculate, shows another value than Excel: trials over A6 to A9, and
# what the sources say: ECMA-376 part 1, 18.17.7 (each function), OpenDocument 1.3 part 4, 4.11 and 6.2 (conversions).
DISPUTED = [
    "SUMIFS(A1:A3,B1:B3,1)",
    'COUNTIF(A1:A3,"*")',
    'COUNTIFS(A1:A3,"<>a")',
    "INT(0.57*100)",
    'TEXT(A1,"mmm-yy")',
    "YEAR(A1)",
    'SUMPRODUCT((A1:A3="x"),B1:B3)',
    '(1=1)&""',
    "A1&B1",
    "MROUND(6.05,0.1)",
    "SUM(OFFSET(A9,0,0,-12,1))",
    'SUM(INDIRECT("A1:A3"))',
    '"1,234"*1',
    '-"5"',
    "0^0",
    "VLOOKUP(1,A1:B3,2)",
    "VDB(1,2,3,4,5)",
    "ROUNDDOWN(2.3*100,0)",
    'SEARCH("a*",A1)',
    "CEILING(A1,0.1)",
    "WEEKNUM(A1)",
    'VALUE("1 Jan 2009")',
    "SUM(A1:INDEX(A1:A9,3))",
]


@pytest.mark.parametrize("formula", DISPUTED)
def test_a9_what_programs_calculate_otherwise_becomes_a_value(formula: str) -> None:
    portability = Portability({}, [], _all_stand)
    assert portability.reason(formula) is Reason.DIFFERENT
    assert portability.of_rule(formula) is None  # a rule has no value that could take its place


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(A1:A3)*2-B1/4",
        "IF(A1>=0.05,A1,NA())",
        "INDEX(Data!C1:C9,MATCH(A1,Data!A1:A9,0))",
        'IF(COUNT(A1:A3)=3,AVERAGE(A1:A3),"")',
        "-A1%",
        "SUBTOTAL(109,A1:A3)",
        'HYPERLINK("https://www.example.org/2009","site")',
    ],
)
def test_a9_what_programs_agree_on_stays(formula: str) -> None:
    assert Portability({}, [], _all_stand).reason(formula) is None


def test_a9_what_programs_make_numbers_of_becomes_a_value(tmp_path: Path) -> None:
    """TRUE in a sum is nothing in Excel and 1 in LibreOffice; texts in arithmetic are numbers in one of them alone."""
    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx")) as book:
        sheet = book.add_worksheet("Board")
        sheet.write_row("A1", [1, True, "1,234", 4, 2])
        formulas = {"A3": ("=SUM(A1:B1)", 1), "A4": ("=C1*2", 2468), "A5": ("=SUM(C1:D1)", 4), "A6": ("=D1+E1", 6)}
        for cell, (formula, value) in formulas.items():
            sheet.write_formula(cell, formula, None, value)
    saved = ClosedWorkbook.open(tmp_path / "book.xlsx").with_full_calculation(False)  # as Excel saves it
    saved.save(tmp_path / "book.xlsx")
    done = frozen(tmp_path / "book.xlsx")
    cells = done.workbook.cells("Board")
    assert {row: cells[row, 1].formula for row in (3, 4, 5, 6)} == {3: None, 4: None, 5: "SUM(C1:D1)", 6: "D1+E1"}
    assert [cells[row, 1].value for row in (3, 4, 5, 6)] == [1, 2468, 4, 6]
    assert [str(one) for one in done.removed] == ["formula that programs read differently: Board (2)"]


def test_no_formula_stands_where_values_are_wanted() -> None:
    portability = Portability({}, [], _all_stand, values=True)
    assert portability.reason("SUM(A1)") is Reason.ANY_FORMULA
    assert portability.of_rule("SUM(A1)") is None
    assert Portability({}, [], lambda text: "Secret" in text).reason("Secret!A1") is Reason.GONE


@pytest.mark.parametrize(
    ("inside", "kind", "said"),
    [
        (
            '<oleObjects><oleObject progId="Excel.Sheet.12" shapeId="1" r:id="rId1"/></oleObjects>',
            "oleObject",
            "object",
        ),
        ('<controls><control shapeId="1" r:id="rId1"/></controls>', "control", "ActiveX control"),
    ],
)
def test_what_carries_data_of_its_own_is_refused(inside: str, kind: str, said: str, tmp_path: Path) -> None:
    content = parts(board=f'<worksheet xmlns="{MAIN}" xmlns:r="{LINKS}"><sheetData/>{inside}</worksheet>')
    content["xl/worksheets/_rels/sheet2.xml.rels"] = links(("rId1", kind, "../activeX/activeX1.xml"))
    content["xl/activeX/activeX1.xml"] = "<ocx/>"
    with pytest.raises(Refusal, match=rf"sheet Board holds an (embedded )?{said}, which carries data or programs"):
        frozen(write(tmp_path / "made.xlsx", content))


def test_sparklines_over_records_are_refused(tmp_path: Path) -> None:
    def make(book: xlsxwriter.Workbook) -> None:
        board, cases = book.add_worksheet("Board"), book.add_worksheet("Cases")
        cases.add_table("A1:B3", {"name": "Cases_", "columns": [{"header": "Age"}, {"header": "Loss"}]})
        board.add_sparkline("A1", {"range": "Cases!B2:B3"})

    with pytest.raises(Refusal, match=r"shows Cases!B2:B3, which is on Cases, a sheet of records; let the chart"):
        frozen(made(tmp_path, make), Publish(records=("Cases_",)))


def test_sparklines_that_are_worked_out_from_hidden_cells_are_refused(tmp_path: Path) -> None:
    def make(book: xlsxwriter.Workbook) -> None:
        board, other = book.add_worksheet("Board"), book.add_worksheet("Other")
        other.write_column("A1", [1, 2, 3])
        other.hide()
        book.define_name("last_three", "=OFFSET(Other!$A$1,0,0,3,1)")
        board.add_sparkline("A1", {"range": "last_three"})

    with pytest.raises(Refusal, match=r"shows Board!last_three, and its cells on a hidden sheet cannot be found"):
        frozen(made(tmp_path, make))


def test_charts_show_what_their_cells_show(tmp_path: Path) -> None:
    """A chart that another program left behind its cells is brought up to date; one that is not, stays as it is."""

    def make(book: xlsxwriter.Workbook) -> None:
        board = book.add_worksheet("Board")
        board.write_column("A1", [1, 2, 3])
        for _ in range(2):
            chart = book.add_chart({"type": "line"})
            chart.add_series({"values": "=Board!$A$1:$A$3"})
            board.insert_chart("C1", chart)

    path = made(tmp_path, make)
    book = ClosedWorkbook.open(path)
    text = book.package.text("xl/charts/chart1.xml")
    stale = book.package.with_text("xl/charts/chart1.xml", text.replace(b"<c:v>2</c:v>", b"<c:v>7</c:v>"))
    stale.save(path)
    copy = frozen(path).workbook
    assert copy.package.text("xl/charts/chart1.xml") == text
    assert not copy.package.differs("xl/charts/chart2.xml")


def test_links_of_charts_to_other_workbooks_become_their_values(tmp_path: Path) -> None:
    def make(book: xlsxwriter.Workbook) -> None:
        board = book.add_worksheet("Board")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "='[Old.xlsx]Data'!$A$1:$A$2", "values_data": [4, 5], "name": "Data"})
        chart.set_title({"name": "='[Old.xlsx]Data'!$B$1", "data": ["Of old"], "name_font": {"size": 9}})
        board.insert_chart("C1", chart)

    path = made(tmp_path, make)
    copy = frozen(path).workbook
    text = copy.package.text("xl/charts/chart1.xml").decode()
    assert "Old.xlsx" not in text
    assert "<a:t>Of old</a:t></a:r></a:p></c:rich></c:tx>" in text
    assert text.count('<a:defRPr sz="900"') == 2  # as before, and in the title's own text
    assert '<c:pt idx="0"><c:v>4</c:v></c:pt><c:pt idx="1"><c:v>5</c:v></c:pt></c:numLit>' in text
    assert validate(copy.package) == ()


def test_comments_lose_their_authors_and_nothing_else(tmp_path: Path) -> None:
    path = BOOKS["openpyxl_made"](tmp_path)
    calculate(path)
    done = frozen(path)
    root = parse(done.workbook.package.text("xl/comments/comment1.xml"))
    comments = [one for one in root.walk() if one.name == "comment"]
    texts = {one.attributes["ref"]: "".join(t.text for t in one.walk() if t.name == "t") for one in comments}
    assert texts == {"A2": "provisional", "A3": "Survey of 2008"}
    core = done.workbook.package.text("docProps/core.xml").decode()
    assert "A title that stays" in core
    assert "<dc:creator></dc:creator>" in core
    kept = [link.target for link in done.workbook.package.relationships("xl/worksheets/sheet1.xml") if link.external]
    assert kept == ["https://www.example.org/"]


def with_slicer(package: Package) -> Package:
    """The workbook with a slicer for its pivot table, drawn beside one of a table."""
    ns = f'xmlns="{X14}"'
    own = f'<x14:slicerList><x14:slicer r:id="rId8" xmlns:r="{LINKS}"/></x14:slicerList>'
    added = f'<drawing xmlns:r="{LINKS}" r:id="rId9"/><extLst><ext uri="a" xmlns:x14="{X14}">{own}</ext></extLst>'
    listed = f'<ext uri="b" xmlns:x14="{X14}"><x14:slicerCaches><x14:slicerCache r:id="rIdS"/></x14:slicerCaches></ext>'
    frame = '<xdr:twoCellAnchor><sle:slicer xmlns:sle="urn:slicer" name="{}"/></xdr:twoCellAnchor>'
    frames = frame.format("Month") + frame.format("Of a table")
    link = f'<Relationship Id="rIdS" Type="{LINKS}/slicerCache" Target="slicerCaches/slicerCache1.xml"/>'
    kinds = {
        "slicers/slicer1.xml": "application/vnd.ms-excel.slicer+xml",
        "slicerCaches/slicerCache1.xml": "application/vnd.ms-excel.slicerCache+xml",
        "drawings/drawing1.xml": "application/vnd.openxmlformats-officedocument.drawing+xml",
    }
    types = "".join(f'<Override PartName="/xl/{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    for part, before, more in (
        ("xl/worksheets/sheet2.xml", "</worksheet>", added),
        ("xl/_rels/workbook.xml.rels", "</Relationships>", link),
        ("xl/workbook.xml", "</workbook>", f"<extLst>{listed}</extLst>"),
        ("[Content_Types].xml", "</Types>", types),
    ):
        text = package.text(part).decode()
        package = package.with_text(part, text.replace(before, more + before).encode())
    own_links = links(
        ("rId1", "pivotTable", "../pivotTables/pivotTable1.xml"),
        ("rId8", "slicer", "../slicers/slicer1.xml"),
        ("rId9", "drawing", "../drawings/drawing1.xml"),
    )
    pivot = '<pivotTables><pivotTable tabId="2" name="P"/></pivotTables>'
    cache = f'<slicerCacheDefinition {ns} name="Slicer_Month">{pivot}</slicerCacheDefinition>'
    for part, content in {
        "xl/worksheets/_rels/sheet2.xml.rels": own_links,
        "xl/slicers/slicer1.xml": f'<slicers {ns}><slicer name="Month" cache="Slicer_Month"/></slicers>',
        "xl/slicerCaches/slicerCache1.xml": cache,
        "xl/drawings/drawing1.xml": f'<xdr:wsDr xmlns:xdr="{DRAWING}">{frames}</xdr:wsDr>',
    }.items():
        package = package.with_part(part, content.encode())
    return package


def test_slicers_of_pivot_tables_go_with_them(tmp_path: Path) -> None:
    path = BOOKS["connected"](tmp_path)
    with_slicer(ClosedWorkbook.open(path).package).save(path)
    done = frozen(path)
    assert "slicer or timeline: Board" in map(str, done.removed)
    names = done.workbook.package.names
    assert not [name for name in names if "slicer" in name or "pivot" in name]
    drawn = done.workbook.package.text("xl/drawings/drawing1.xml").decode()
    assert ("Of a table" in drawn, "Month" in drawn) == (True, False)
    for part in ("xl/workbook.xml", "xl/worksheets/sheet2.xml"):
        assert "slicer" not in done.workbook.package.text(part).decode()


def test_a_second_cover_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path, lambda book: book.add_worksheet(ABOUT))
    with pytest.raises(Refusal, match=r"has a sheet 'About this copy' already; publish the working workbook, or"):
        with_cover(ClosedWorkbook.open(path), {})


def test_what_cells_show_is_compared_with_what_they_come_to(tmp_path: Path) -> None:
    def make(book: xlsxwriter.Workbook) -> None:
        board = book.add_worksheet("Board")
        board.write_row("A1", [0.778, 0.789])
        board.write_formula("C1", "=CPA_RAG(A1,B1)", None, "A")
        board.write_formula("D1", "=CPA_RAG(A1,B1)", None, "G")
        board.write_formula("E1", "=A1+B1", None, 1.567)
        board.write_formula("F1", "=TODAY()", None, 39000)
        board.write_formula("G1", "=D1&1", None, "G1")

    found = CALCULATOR.contradicted(ClosedWorkbook.open(made(tmp_path, make)))
    assert dict(found) == {("Board", 1, 4): "the calculator gets 'A' where the workbook has 'G'"}
