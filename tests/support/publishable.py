"""Workbooks of several makers with all that a published copy must not have, for the tests of freezing.

What each holds is written out here; `LEFT_OUT` says what has to be listed for it.
"""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment

from cpa_xl.excel.vba_project import Module, ModuleKind, vba_project
from cpa_xl.libreoffice.recalculate import ALWAYS_CALCULATE
from tests.support.handmade import LINKS, MAIN, PACKAGE, SHEET, links, parts, with_part, write
from tests.support.programs import missing

Book = xlsxwriter.Workbook
_CUSTOM_UI = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_THREADS = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"


def _rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A file with other parts."""
    with zipfile.ZipFile(path) as file:
        content = {name: file.read(name) for name in file.namelist()}
    change(content)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in content.items():
            file.writestr(name, data)
    return path


def macros(folder: Path) -> Path:
    """XlsxWriter: a macro workbook with a button, a function of its own in a cell, and buttons of the ribbon."""
    path = folder / "macros.xlsm"
    code = Module("Module1", "Function Twice(x)\r\nTwice = 2 * x\r\nEnd Function\r\n")
    project = vba_project("Macros", (1, 0), [Module("ThisWorkbook", "", ModuleKind.WORKBOOK), code])
    with Book(path) as book:
        sheet = book.add_worksheet("Board")
        sheet.write_row("A1", ["Twice", 21])
        sheet.write_formula("C1", "=Twice(B1)", None, 42)
        sheet.write_formula("D1", '=IF(B1>20,CPA_RAG(0.778,0.789),"")', None, "A")
        sheet.write_formula("E1", "=B1*2", None, 42)
        sheet.insert_button("B3", {"macro": "Twice", "caption": "Go"})
        book.add_vba_project(io.BytesIO(project), is_stream=True)

    def ribbon(content: dict[str, bytes]) -> None:
        link = f'<Relationship Id="rIdUi" Type="{_CUSTOM_UI}" Target="customUI/customUI14.xml"/>'.encode()
        content["_rels/.rels"] = content["_rels/.rels"].replace(b"</Relationships>", link + b"</Relationships>")
        content["customUI/customUI14.xml"] = b'<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"/>'

    return _rewritten(path, ribbon)


def hidden(folder: Path) -> Path:
    """XlsxWriter: hidden sheets that formulas, a chart, sparklines, a list and a format read."""
    path = folder / "hidden.xlsx"
    with Book(path) as book:
        board, lists, secret = (book.add_worksheet(name) for name in ("Board", "Lists", "Secret"))
        lists.write_column("A1", ["red", "amber", "green"])
        lists.write_column("B1", [3, 1, 4, 1, 5])
        lists.write("C1", 3)
        lists.write("D1", "Jane Smith, 14 Elm Road")
        secret.write("A1", "informant 7")
        lists.hide()
        secret.very_hidden()
        board.write_formula("A1", "=SUM(Lists!B1:B5)", None, 14)
        board.write_formula("A2", "=A1+1", None, 15)
        board.write_formula("A4", '=HYPERLINK("#Secret!A1","more")', None, "more")
        board.write("A3", "red")
        board.write_column("A5", [2, 3, 4])
        board.data_validation("A3", {"validate": "list", "source": "=Lists!$A$1:$A$3"})
        bold = book.add_format({"bold": True})
        board.conditional_format("A5:A7", {"type": "formula", "criteria": "=A5>=Lists!$C$1", "format": bold})
        board.add_sparkline("B1", {"range": "Lists!B1:B5"})
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Lists!$B$1:$B$5", "categories": "=Lists!$A$1:$A$3", "name": "=Lists!$A$1"})
        board.insert_chart("D1", chart)
        board.write_url("A9", "internal:Secret!A1", string="the rest")
        board.write_url("A10", "internal:Board!A1", string="up")
        book.define_name("limit", "=Lists!$C$1")
    return path


def linked(folder: Path) -> Path:
    """By hand: a link to the add-in and one to another workbook, with what that one showed kept."""
    board = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>0.778</v></c><c r="B1"><v>0.789</v></c>'
        '<c r="C1" t="str"><f>[1]!CPA_RAG(A1,B1)</f><v>A</v></c>'
        '<c r="D1"><f>\'[2]Old year\'!$B$2+1</f><v>9</v></c><c r="E1"><f>A1+B1</f><v>1.567</v></c>'
        '<c r="F1" t="str"><f>_xll.CPA_RAG(A1,B1)</f><v>A</v></c>'
        '<c r="G1" t="str"><f>_xldudf_CPA_RAG(A1,B1)</f><v>A</v></c></row></sheetData></worksheet>'
    )
    references = (
        '<externalReferences><externalReference r:id="rIdA"/><externalReference r:id="rIdB"/></externalReferences>'
    )
    name = "<definedNames><definedName name=\"last_year\">'[2]Old year'!$B$2</definedName></definedNames>"
    book = parts()["xl/workbook.xml"]
    assert isinstance(book, str)
    content = parts(board=board, book=book.replace("</sheets>", f"</sheets>{references}{name}"))
    kept = '<sheetData sheetId="0"><row r="2"><cell r="B2"><v>8</v></cell></row></sheetData>'
    for number, (target, inside) in enumerate(
        (
            ("file:///C:/Users/jane/cpa_xl.xlam", ""),
            ("file:///S:/secret/2007.xlsx", f"<sheetDataSet>{kept}</sheetDataSet>"),
        ),
        1,
    ):
        part = f"xl/externalLinks/externalLink{number}.xml"
        names = '<sheetNames><sheetName val="Old year"/></sheetNames>'
        text = (
            f'<externalLink xmlns="{MAIN}" xmlns:r="{LINKS}"><externalBook r:id="rId1">{names}{inside}</externalBook>'
            "</externalLink>"
        )
        content = with_part(content, part, text, f"{SHEET}.externalLink+xml", "externalLink")
        outer = f'<Relationship Id="rId1" Type="{LINKS}/externalLinkPath" Target="{target}" TargetMode="External"/>'
        content[f"xl/externalLinks/_rels/externalLink{number}.xml.rels"] = (
            f'<Relationships xmlns="{PACKAGE}/relationships">{outer}</Relationships>'
        )
    rels = content["xl/_rels/workbook.xml.rels"]
    assert isinstance(rels, str)
    ids = [piece.split('"')[0] for piece in rels.split('Id="')[1:] if "externalLink" in piece]
    main = content["xl/workbook.xml"]
    assert isinstance(main, str)
    content["xl/workbook.xml"] = main.replace("rIdA", ids[0]).replace("rIdB", ids[1])
    return write(folder / "linked.xlsx", content)


def named(folder: Path) -> Path:
    """XlsxWriter: names that mean calls of the functions, one through another, and a macro's range."""
    path = folder / "named.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Board")
        sheet.write_row("A1", [0.778, 0.789])
        book.define_name("letter", "=CPA_RAG(Board!$A$1,Board!$B$1)")
        book.define_name("shown", "=letter")
        book.define_name("actual", "=Board!$A$1")
        book.define_name("Board!day", "=TODAY()")
        sheet.write_formula("C1", "=letter", None, "A")
        sheet.write_formula("C2", '=shown&"!"', None, "A!")
        sheet.write_formula("C3", "=actual*2", None, 1.556)
    return path


def arrays(folder: Path) -> Path:
    """XlsxWriter: array formulas, a spill, and a table with calculated columns and a total."""
    path = folder / "arrays.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Board")
        sheet.write_column("A1", [0.1, 0.2, 0.9])
        sheet.write_formula("K1", "=COUNTIFS(Letters,0.9)", None, 1)
        sheet.write_array_formula("B1:B3", "{=A1:A3*2}", None, 0.2)
        sheet.write_column("B2", [0.4, 1.8])
        sheet.write_array_formula("C1:C3", "{=CPA_RAG(A1:A3,0.5)}", None, "R")
        sheet.write_column("C2", ["R", "G"])
        sheet.write_dynamic_array_formula("D1:D3", "=CPA_RAG(A1:A3,0.5)", None, "R")
        sheet.write_column("D2", ["R", "G"])
        sheet.write_dynamic_array_formula("E1:E2", "=_xlfn.UNIQUE(C1:C3)", None, "R")
        sheet.write("E2", "G")
        columns = [
            {"header": "Actual"},
            {"header": "Letter", "formula": "=CPA_RAG([@Actual],0.5)"},
            {"header": "Half", "formula": "=[@Actual]/2"},
        ]
        sheet.add_table("G1:I3", {"name": "Letters", "columns": columns, "data": [[0.9], [0.1]]})
        for row, (letter, half) in enumerate((("G", 0.45), ("R", 0.05)), 2):
            sheet.write_formula(f"H{row}", "=CPA_RAG(Letters[[#This Row],[Actual]],0.5)", None, letter)
            sheet.write_formula(f"I{row}", "=Letters[[#This Row],[Actual]]/2", None, half)
    return path


def ruled(folder: Path) -> Path:
    """XlsxWriter: formats and checks of typed cells that call the functions or the day."""
    path = folder / "ruled.xlsx"
    with Book(path) as book:
        sheet = book.add_worksheet("Board")
        sheet.write_column("A1", [0.1, 0.48, 0.9])
        sheet.write_column("B1", [39000, 39900, 60000])
        red, bold = book.add_format({"font_color": "red"}), book.add_format({"bold": True})
        sheet.conditional_format("A1:A3", {"type": "formula", "criteria": '=CPA_RAG(A1,0.5)="R"', "format": red})
        sheet.conditional_format(
            "A1:A3", {"type": "cell", "criteria": ">", "value": '=CPA_TARGET("absolute",0.4)', "format": bold}
        )
        sheet.conditional_format("B1:B3", {"type": "formula", "criteria": "=B1<TODAY()", "format": red})
        sheet.conditional_format("B1:B3", {"type": "cell", "criteria": "==", "value": 39000, "format": bold})
        sheet.conditional_format(
            "A1:A3", {"type": "3_color_scale", "mid_type": "formula", "mid_value": '=CPA_TARGET("absolute",0.4)'}
        )
        sheet.data_validation("D1", {"validate": "custom", "value": '=CPA_RAG(D1,0.5)="G"'})
        sheet.data_validation("D2", {"validate": "decimal", "criteria": ">", "value": 0})
        sheet.data_validation("D3", {"validate": "any", "input_title": "Type here", "input_message": "and refresh"})
        sheet.data_validation("D4", {"validate": "date", "criteria": "<=", "value": "=TODAY()"})
    return path


def openpyxl_made(folder: Path) -> Path:
    """openpyxl: comments, people in the properties, a link to a file, and no value for any formula until calculated."""
    path = folder / "openpyxl_made.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Board"
    for row, value in enumerate((0.778, 0.789), 1):
        sheet.cell(row, 1, value)
    sheet["B1"] = "=CPA_RAG(A1,A2)"
    sheet["B2"] = "=SUM(A1:A2)"
    for place, text in {
        "A1": "[Internal] the superintendent is not to see this",
        "A2": "Jane Smith:\nprovisional",
        "A3": "Survey of 2008",
    }.items():
        sheet[place].comment = Comment(text, "Jane Smith")
    sheet["A4"] = "notes"
    sheet["A4"].hyperlink = "file:///C:/Users/jane/notes.docx"
    sheet["A5"].hyperlink = "https://www.example.org/"
    book.properties.creator = "Jane Smith"
    book.properties.lastModifiedBy = "Jane Smith"
    book.properties.title = "A title that stays"
    book.save(path)
    return path


def libreoffice_saved(folder: Path) -> Path:
    """LibreOffice: a workbook of XlsxWriter with a hidden sheet, the day and chance, as LibreOffice calculated it."""
    program = shutil.which("soffice")
    if program is None:
        missing("LibreOffice (soffice) is not installed; no workbook could be saved by it")
    source = folder / "source" / "libreoffice_saved.xlsx"
    source.parent.mkdir()
    with Book(source) as book:
        board, other = book.add_worksheet("Board"), book.add_worksheet("Other")
        other.write("A1", 5)
        other.hide()
        for row, formula in enumerate(("TODAY()", "RAND()", "Other!A1*2", "1+1", "YEAR(NOW())", "OFFSET(A4,0,0)+3")):
            board.write_formula(row, 0, f"={formula}")
    settings = folder / "profile/user/registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(ALWAYS_CALCULATE, encoding="utf-8")
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), str(source)]
    subprocess.run(command, capture_output=True, timeout=300, check=True)  # noqa: S603  # soffice
    return folder / "libreoffice_saved.xlsx"


def threaded(folder: Path) -> Path:
    """By hand: shared formulas, a calculation chain, threads of comments, persons, texts that no cell shows."""
    rows = (
        '<row r="1"><c r="A1"><v>0.9</v></c>'
        '<c r="B1" t="str"><f t="shared" si="0" ref="B1:B3">CPA_RAG(A1,0.5)</f><v>G</v></c>'
        '<c r="C1"><f t="shared" si="1" ref="C1:C3">A1*2</f><v>1.8</v></c><c r="D1" t="s"><v>1</v></c></row>'
        '<row r="2"><c r="A2"><v>0.1</v></c><c r="B2" t="str"><f t="shared" si="0"/><v>R</v></c>'
        '<c r="C2"><f t="shared" si="1"/><v>0.2</v></c></row>'
        '<row r="3"><c r="A3"><v>0.48</v></c><c r="B3" t="str"><f t="shared" si="0"/><v>A</v></c>'
        '<c r="C3"><f t="shared" si="1"/><v>0.96</v></c></row>'
    )
    board = (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{LINKS}"><sheetData>{rows}</sheetData><legacyDrawing r:id="rId3"/>'
        "</worksheet>"
    )
    user, absolute = (
        '<fileSharing userName="Jane Smith"/>',
        "http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac",
    )
    folder_said = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="x15">'
        f'<x15ac:absPath xmlns:x15ac="{absolute}" url="C:\\Users\\jane\\"/></mc:Choice></mc:AlternateContent>'
    )
    book = parts()["xl/workbook.xml"]
    assert isinstance(book, str)
    content = parts(board=board, book=book.replace("<sheets>", f"{user}{folder_said}<sheets>"))
    strings = (
        f'<sst xmlns="{MAIN}" count="1" uniqueCount="2"><si><t>Suspect: John Doe</t></si><si><t>in order</t></si></sst>'
    )
    content = with_part(content, "xl/sharedStrings.xml", strings, f"{SHEET}.sharedStrings+xml", "sharedStrings")
    chain = f'<calcChain xmlns="{MAIN}"><c r="B1" i="2"/><c r="B2" i="2"/><c r="C1" i="2"/></calcChain>'
    content = with_part(content, "xl/calcChain.xml", chain, f"{SHEET}.calcChain+xml", "calcChain")
    people = f'<personList xmlns="{_THREADS}"><person displayName="Jane Smith" id="{{1}}"/></personList>'
    content = with_part(content, "xl/persons/person.xml", people, "application/vnd.ms-excel.person+xml", "person")
    content["xl/worksheets/_rels/sheet2.xml.rels"] = links(
        ("rId1", "comments", "../comments1.xml"),
        ("rId2", "threadedComment", "../threadedComments/threadedComment1.xml"),
        ("rId3", "vmlDrawing", "../drawings/vmlDrawing1.vml"),
    )
    said = "<text><t>[Threaded comment]</t></text>"
    content["xl/comments1.xml"] = (
        f'<comments xmlns="{MAIN}"><authors><author>tc={{A}}</author></authors><commentList>'
        f'<comment ref="A1" authorId="0">{said}</comment></commentList></comments>'
    )
    content["xl/threadedComments/threadedComment1.xml"] = (
        f'<ThreadedComments xmlns="{_THREADS}"><threadedComment ref="A1" personId="{{1}}" id="{{A}}">'
        "<text>who told you?</text></threadedComment></ThreadedComments>"
    )
    content["xl/drawings/vmlDrawing1.vml"] = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        '<v:shape id="s1"><x:ClientData ObjectType="Note"><x:Row>0</x:Row><x:Column>0</x:Column></x:ClientData>'
        "</v:shape></xml>"
    )
    types = content["[Content_Types].xml"]
    assert isinstance(types, str)
    more = (
        f'<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
        f'<Override PartName="/xl/comments1.xml" ContentType="{SHEET}.comments+xml"/><Override'
        ' PartName="/xl/threadedComments/threadedComment1.xml"'
        ' ContentType="application/vnd.ms-excel.threadedcomments+xml"/>'
    )
    content["[Content_Types].xml"] = types.replace("</Types>", f"{more}</Types>")
    return write(folder / "threaded.xlsx", content)


def connected(folder: Path) -> Path:
    """By hand: a table that a query fills, its connection, and a pivot table's rows on a sheet of their own."""
    facts = parts()["xl/tables/table1.xml"]
    assert isinstance(facts, str)
    facts = facts.replace('name="Facts"', 'name="Facts" tableType="queryTable" connectionId="1"', 1)
    facts = facts.replace('id="1" name="Month"', 'id="1" name="Month" queryTableFieldId="1"')
    content = with_part(
        parts(facts=facts),
        "xl/connections.xml",
        f'<connections xmlns="{MAIN}"><connection id="1" name="Custody" type="1">'
        '<dbPr connection="SERVER=custody;UID=jane"/></connection></connections>',
        f"{SHEET}.connections+xml",
        "connections",
    )
    cache = (
        f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{LINKS}" r:id="rId1" refreshedBy="Jane Smith" recordCount="2">'
        '<cacheSource type="worksheet"><worksheetSource name="Facts"/></cacheSource><cacheFields count="2">'
        '<cacheField name="Month"><sharedItems count="1"><s v="Jan"/></sharedItems></cacheField>'
        '<cacheField name="Officer"><sharedItems count="1"><s v="PC 1234"/></sharedItems></cacheField></cacheFields>'
        "</pivotCacheDefinition>"
    )
    content = with_part(
        content,
        "xl/pivotCache/pivotCacheDefinition1.xml",
        cache,
        f"{SHEET}.pivotCacheDefinition+xml",
        "pivotCacheDefinition",
    )
    content["xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels"] = links(
        ("rId1", "pivotCacheRecords", "pivotCacheRecords1.xml")
    )
    content["xl/pivotCache/pivotCacheRecords1.xml"] = (
        f'<pivotCacheRecords xmlns="{MAIN}" count="1"><r><x v="0"/><s v="PC 1234"/></r></pivotCacheRecords>'
    )
    content["xl/pivotTables/pivotTable1.xml"] = (
        f'<pivotTableDefinition xmlns="{MAIN}" name="P" cacheId="1"><location ref="A3:B4" firstHeaderRow="1"'
        ' firstDataRow="1" firstDataCol="1"/><pivotFields count="2"><pivotField axis="axisRow"><items count="1">'
        '<item x="0"/></items></pivotField><pivotField/></pivotFields></pivotTableDefinition>'
    )
    content["xl/pivotTables/_rels/pivotTable1.xml.rels"] = links(
        ("rId1", "pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml")
    )
    content["xl/worksheets/_rels/sheet2.xml.rels"] = links(("rId1", "pivotTable", "../pivotTables/pivotTable1.xml"))
    content["xl/tables/_rels/table1.xml.rels"] = links(("rId1", "queryTable", "../queryTables/queryTable1.xml"))
    content["xl/queryTables/queryTable1.xml"] = f'<queryTable xmlns="{MAIN}" name="Custody" connectionId="1"/>'
    rels, main, types = (
        content[name] for name in ("xl/_rels/workbook.xml.rels", "xl/workbook.xml", "[Content_Types].xml")
    )
    assert isinstance(rels, str)
    assert isinstance(main, str)
    assert isinstance(types, str)
    own = next(piece.split('"')[0] for piece in rels.split('Id="')[1:] if "pivotCacheDefinition" in piece)
    caches = f'<pivotCaches><pivotCache cacheId="1" r:id="{own}"/></pivotCaches>'
    content["xl/workbook.xml"] = main.replace("</workbook>", f"{caches}</workbook>")
    overrides = "".join(
        f'<Override PartName="/xl/{name}" ContentType="{SHEET}.{kind}+xml"/>'
        for name, kind in (
            ("pivotCache/pivotCacheRecords1.xml", "pivotCacheRecords"),
            ("pivotTables/pivotTable1.xml", "pivotTable"),
            ("queryTables/queryTable1.xml", "queryTable"),
        )
    )
    content["[Content_Types].xml"] = types.replace("</Types>", f"{overrides}</Types>")
    return write(folder / "connected.xlsx", content)


BOOKS: Mapping[str, Callable[[Path], Path]] = {
    maker.__name__: maker
    for maker in (
        *(macros, hidden, linked, named, arrays, ruled, openpyxl_made, libreoffice_saved, threaded, connected),
    )
}


LEFT_OUT: Mapping[str, set[str]] = {
    "macros": {
        "formula that calls a macro or another add-in: Board",
        "formula of cpa_xl: Board",
        "macros: xl/vbaProject.bin",
        "buttons of the ribbon: customUI/customUI14.xml",
        "macro behind a button: Board",
    },
    "hidden": {
        "formula that reads what is left out: Board (2)",
        "conditional format made fixed: Board",
        "check or list of a typed cell: Board",
        "name: limit",
        "reference of a chart to cells that are left out: xl/charts/chart1.xml (3)",
        "hidden sheet, except the cells that sparklines show: Lists",
        "very hidden sheet: Secret",
        "link to a file or to what is left out: Board",
        "text that no cell shows: common texts (4)",
    },
    "linked": {
        "formula of cpa_xl: Board (3)",
        "formula that reads another workbook or program: Board",
        "name: last_year",
        "link to another workbook or an add-in: file:///C:/Users/jane/cpa_xl.xlam",
        "link to another workbook or an add-in: file:///S:/secret/2007.xlsx",
    },
    "named": {"formula of cpa_xl: Board (2)", "name: day", "name: letter", "name: shown"},
    "arrays": {
        "formula of cpa_xl: Board (4)",
        "formula that older programs do not know: Board",
        "formula that programs read differently: Board",
        "formula for new rows of a table: Letters (2)",
    },
    "ruled": {"conditional format made fixed: Board (4)", "check or list of a typed cell: Board (2)"},
    "openpyxl_made": {
        "formula of cpa_xl: Board",
        "link to a file or to what is left out: Board",
        "internal comment: Board",
        "author of comments: Board",
        "property: creator",
        "property: lastModifiedBy",
    },
    "libreoffice_saved": {
        "formula that programs read differently: Board",
        "formula that changes by itself: Board (3)",
        "formula that reads what is left out: Board",
        "hidden sheet: Other",
        "custom properties: docProps/custom.xml",
    },
    "threaded": {
        "formula of cpa_xl: Board (3)",
        "persons who commented: xl/persons/person.xml",
        "user of the workbook: workbook",
        "folder of the workbook: workbook",
        "threads of comments: Board",
        "comment of a thread: Board",
        "text that no cell shows: common texts",
    },
    "connected": {
        "connections to data: xl/connections.xml",
        "query: Facts",
        "pivot table, made plain cells: Board",
    },
}


GIVEN_AWAY = (  # texts that no part of any copy may hold
    *(b"CPA_", b"vbaProject", b"customUI", b"externalLink", b"jane", b"Jane Smith", b"[Internal]", b"Elm Road"),
    *(b"informant", b"John Doe", b"PC 1234", b"custody", b"veryHidden", b"who told you", b"fullCalcOnLoad"),
)
