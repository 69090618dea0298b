"""Cells that a refresh could not calculate: told by every command, never published, forgotten once calculated."""

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from cpa_xl.cli.main import main
from cpa_xl.commands.calculate import calculate
from cpa_xl.config.load import load
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.formulas.kept import NotCalculatedError, not_calculated, with_kept
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.libreoffice.soffice import Office
from cpa_xl.publish.pdf import write_pdf
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import small

# Functions of a macro, of another add-in, and of a program that Excel asks: nothing here can calculate them.
KINDS = {
    "a macro": "=MyMacro(SUM(Monthly[Robbery]))",
    "another add-in": '=IF(ACME_TREND(Monthly[Robbery])>0,"up","down")',
    "a cell function inside one": "=ACME_FORMAT(CPA_SUM(Monthly[Robbery],Monthly[Month],as_of))",
    "a real-time feed": '=RTD("feed",,SUM(Monthly[Burglary]))',
    "a what-if over the table": "=ACME.GOAL(MAX(Monthly[Robbery])-MIN(Monthly[Robbery]))",
}


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def outdated(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The small workbook after a refresh that could not calculate Scorecard!E4, which still shows 7."""
    book = small.force(tmp_path)
    small.workbook(book, beside=request.param)
    assert run("refresh", book).exit_code == 0
    return book


@pytest.fixture
def macro(tmp_path: Path) -> Path:
    """The same for one kind."""
    book = small.force(tmp_path)
    small.workbook(book, beside=KINDS["a macro"])
    assert run("refresh", book).exit_code == 0
    return book


def run(command: str, book: Path, *options: object) -> Result:
    """A command on the small workbook, whatever comes of it."""
    arguments = [command, str(book), "--config", str(book.parent / "config"), *map(str, options)]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def listed(book: Path) -> list[str]:
    return [f"{cell.sheet}!{cell.cell}" for cell in not_calculated(ClosedWorkbook.open(book))]


def changed(book: Path, part: str, change: Callable[[str], str]) -> None:
    """The file with one part changed, as another program writes it."""
    with zipfile.ZipFile(book) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    text = parts[part].decode()
    assert change(text) != text
    with zipfile.ZipFile(book, "w") as file:
        for name, data in (parts | {part: change(text).encode()}).items():
            file.writestr(name, data)


def without(pattern: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, "", text)


WORKBOOK, CARD = "xl/workbook.xml", "xl/worksheets/sheet1.xml"


def test_a1_it_is_never_published(outdated: Path) -> None:
    """A value from before the refresh: refused, with the cell, what it shows, why, and what helps."""
    done = run("publish", outdated)
    assert done.exit_code == 1
    assert "is not published: cells show values from before the last refresh; open the workbook in Excel" in done.stderr
    assert re.search(r"^  Scorecard!E4: shows 7 from before the last refresh \(=.*\): \S", done.stderr, re.MULTILINE)
    assert not list(outdated.parent.glob("*published*"))


def test_a1_check_release_names_it_once(outdated: Path) -> None:
    done = run("check", outdated, "--release")
    assert done.exit_code == 1
    lines = [line for line in done.stdout.splitlines() if "Scorecard!E4: shows 7 from before" in line]
    assert len(lines) == 1
    assert lines[0].startswith("stop: ")
    assert "(T11)" in lines[0]
    assert "and save it there" in lines[0]


@pytest.mark.parametrize("out", ["page.html", "page.pdf"])
def test_a1_it_is_never_printed(macro: Path, out: str) -> None:
    """The page and the PDF of a working workbook go round as well."""
    if out.endswith(".html"):
        done = run("page", macro, "--out", macro.parent / out)
        assert done.exit_code == 1
        assert "is not printed: cells show values from before the last refresh" in done.stderr
        assert "Scorecard!E4: shows 7" in done.stderr
    else:
        with pytest.raises(NotCalculatedError, match="is not printed"):
            write_pdf(macro, macro.parent / out, load(macro.parent / "config"), Office(macro, (25, 2)))
    assert not (macro.parent / out).exists()


def test_a1_show_names_it(outdated: Path) -> None:
    said = "1 cell shows its value from before the last refresh; open the workbook in Excel"
    assert said in run("show", outdated).stdout
    assert said in run("show", outdated, "--json").stderr
    assert said not in run("show", outdated, "--json").stdout


def test_a1_it_stays_named_over_further_refreshes(outdated: Path) -> None:
    """The second refresh changes no data; the cell is as wrong as before."""
    before = outdated.read_bytes()
    printed = run("refresh", outdated).stdout
    assert "Scorecard!E4" in printed
    assert "is up to date; nothing was changed" in printed
    assert outdated.read_bytes() == before
    assert listed(outdated) == ["Scorecard!E4"]


def test_a1_the_remedy_names_the_add_in_only_where_it_is_needed(tmp_path: Path) -> None:
    book = small.force(tmp_path)
    small.workbook(book, beside=KINDS["a cell function inside one"])
    assert "open the workbook in Excel with the add-in, which calculates it" in run("refresh", book).stdout
    small.workbook(book, beside=KINDS["a macro"])
    assert "open the workbook in Excel, which calculates it" in run("refresh", book).stdout


def test_a1_a_cell_that_shows_another_value_was_calculated(macro: Path) -> None:
    changed(macro, CARD, lambda text: text.replace("<v>7</v>", "<v>8</v>"))
    assert listed(macro) == []
    assert "from before the last refresh" not in run("show", macro).stdout
    assert "T11" not in run("check", macro, "--release").stdout


def test_a1_a_cell_without_formula_is_the_analyst_s_own(macro: Path) -> None:
    changed(macro, CARD, without(r"<f>MyMacro.*?</f>"))
    assert listed(macro) == []


def test_a1_excel_calculates_everything_and_saves(macro: Path) -> None:
    """Excel takes the request to calculate out of the file; the value may well be the same."""
    changed(macro, WORKBOOK, without(' fullCalcOnLoad="1"'))
    assert listed(macro) == []


@pytest.mark.parametrize(
    "change",
    [
        without(r' comment="[^"]*"| fullCalcOnLoad="1"'),  # exceljs, which also says that it is Excel
        without(r"<calcPr[^>]*/>"),  # SheetJS
        lambda text: re.sub(r"<calcPr[^>]*/>", '<calcPr iterate="false"/>', text),  # LibreOffice 25.2
        lambda text: re.sub(r"<calcPr[^>]*/>", '<calcPr calcId="191029" calcMode="manual"/>', text),
    ],
)
def test_a1_a_program_that_does_not_calculate_is_no_proof(macro: Path, change: Callable[[str], str]) -> None:
    changed(macro, WORKBOOK, change)
    assert listed(macro) == ["Scorecard!E4"]
    assert run("publish", macro).exit_code == 1


def test_a1_a_name_follows_its_cell(macro: Path) -> None:
    """As Excel writes it after somebody has put two rows in above."""
    changed(macro, WORKBOOK, lambda text: text.replace("Scorecard'!$E$4", "Scorecard'!$E$6"))
    changed(macro, CARD, lambda text: text.replace('<row r="4"', '<row r="6"').replace('"E4"', '"E6"'))
    assert listed(macro) == ["Scorecard!E6"]


def test_a1_what_could_be_calculated_meanwhile_is(tmp_path: Path) -> None:
    """A value that no engine reproduces keeps a cell out of the first refresh; the next one works it out afresh."""
    book = small.force(tmp_path)
    small.workbook(book, beside="=SUM(Monthly[Robbery])+1")
    assert "Scorecard!E4: the calculator gets" in run("refresh", book).stdout
    assert listed(book) == ["Scorecard!E4"]
    assert run("refresh", book).exit_code == 0
    assert listed(book) == []
    total = sum(small.count(borough, "Robbery", month) for borough in range(3) for month in range(24))
    assert ClosedWorkbook.open(book).cells("Scorecard")[4, 5].value == total + 1
    assert b"_cpa_xl_kept" not in ClosedWorkbook.open(book).package.part(WORKBOOK)


EACH_KIND: dict[str, str | float | bool | None] = {  # a formula, and what it shows; all but the last few read Monthly
    "SUM(Monthly[Robbery])*(TODAY()>0)": 7,
    'SUMIFS(Monthly[Robbery],Monthly[Month],"<="&NOW())': 7,
    "SUM(Monthly[Robbery])+RAND()/1000": 7,  # breaks ties in a rank
    "IF(RANDBETWEEN(1,2)>0,MAX(Monthly[Month]))": 7,
    "[1]Other!$B$2+SUM(Monthly[Robbery])": 7,
    "SUM(Monthly[Robbery])/'[1]Other'!residents": 7,
    "MyMacro(SUM(Monthly[Robbery]))": 7,
    "MyMacro(MAX(Monthly[Robbery]))": "",
    "MyMacro(MIN(Monthly[Robbery]))": True,
    "IFERROR(MyMacro(SUM(Monthly[Robbery])),0)": 0,
    "COUNT(MyMacro(SUM(Monthly[Robbery])))": 0,
    "book.xlsm!MyMacro(SUM(Monthly[Robbery]))": 7,
    "macro_name": 7,
    'CUBEVALUE("model","[Measures].[x]",SUM(Monthly[Robbery]))': 7,
    'IFERROR(CUBEVALUE("model","[Measures].[x]"),0)': 0,
    'WEBSERVICE("https://example.org/?x="&SUM(Monthly[Robbery]))': "7",
    "_xlfn.LAMBDA(_xlpm.x,SUM(_xlpm.x))(Monthly[Robbery])": 7,
    "SUM(_xlfn.BYROW(Monthly[[Robbery]:[Burglary]],_xlfn.LAMBDA(_xlpm.r,SUM(_xlpm.r))))": 7,
    "twice(SUM(Monthly[Robbery]))": 7,
    "LARGE(Data:Own!$B$2:$B$3,1)": 7,
    'GETPIVOTDATA("Robbery",$A$1)+SUM(Monthly[Robbery])': 7,
    'IFERROR(GETPIVOTDATA("Robbery",$A$1),0)': 0,
    'RTD("feed",,SUM(Monthly[Burglary]))': 7,
    "STOCKHISTORY($A$1,MAX(Monthly[Month]))": 7,
    "_xlfn._xlws.PY(0,1,Monthly[Robbery])": 7,
    'INFO("numfile")+SUM(Monthly[Robbery])': 7,
    'CELL("format",Monthly[Month])': "D3",
    "old_macro+SUM(Monthly[Robbery])": 7,
    "_xlfn.SINGLE(Monthly[Robbery])": 7,
    "SUM(Data!$B$2#)": 7,
    "SUM(moving)": 7,
    "AREAS((Monthly[Robbery],Monthly[Burglary]))*SUM(Monthly[Robbery])": 7,
    "SUM(Monthly[Robbery]) .. 1": 7,  # of a newer program: nothing here reads it
    "TABLE(D1,)": 7,  # a what-if table, as its first cell is read
    "MyMacro()": 7,  # a macro may read any cell
    'MyMacro("Robbery")': 7,
    "TODAY()": 7,
    "$B$99+1": 7,  # a circle with the next
}
NAMES = {"macro_name": "MyMacro(SUM(Monthly[Robbery]))", "old_macro": 'EVALUATE("1")', "moving": "Data!B2"}
CIRCLE = ("$B$98+SUM(Monthly[Robbery])", 7)
PIVOT = {
    "xl/pivotTables/pivotTable1.xml": '<pivotTableDefinition name="P1" cacheId="1"><location ref="F1:G2"/>',
    "xl/pivotCache/pivotCacheDefinition1.xml": '<pivotCacheDefinition recordCount="1"><cacheSource type="worksheet">'
    '<worksheetSource name="Monthly"/></cacheSource>',
}


def with_own_sheet(path: Path, formulas: Mapping[str, object], cells: Mapping[str, object] | None = None) -> Path:
    """The small workbook with a sheet Own: formulas with what they show from B1 down, each read in column C."""
    with xlsxwriter.Workbook(str(path)) as file:
        card, data, own = (file.add_worksheet(name) for name in ("Scorecard", "Data", "Own"))
        date = file.add_format({"num_format": "mmm-yy"})
        card.write_datetime("B1", dt.datetime(2009, 1, 1), date)
        file.define_name("as_of", "=Scorecard!$B$1")
        for name, text in NAMES.items():
            file.define_name(name, f"={text}")
        card.write_row("A3", ["Id", "Target", "Actual", "RAG", "Comment"])
        card.write("A4", "1")
        columns = [{"header": name} for name in ("Month", "Robbery", "Burglary")]
        data.add_table("A1:C2", {"name": "Monthly", "columns": columns})
        data.write_blank("A2", None, date)
        for row, (formula, value) in enumerate(formulas.items()):
            own.write_formula(row, 1, f"={formula}", None, value)
            own.write_formula(row, 2, f'=B{row + 1}&"!"', None, f"{value}!")
        for cell, value in (cells or {}).items():
            own.write(cell, value)
    return path


def test_a1_one_cell_of_each_kind_is_refused_and_named(tmp_path: Path) -> None:
    """What the engines cannot do keeps its value, and so does what reads it: each is named by every command."""
    small.force(tmp_path)
    filler = {f"0+{number}": number for number in range(98 - len(EACH_KIND))}
    formulas = {**dict(list(EACH_KIND.items())[:-1]), **filler, "$B$99+1": 7, CIRCLE[0]: CIRCLE[1]}
    book = with_own_sheet(tmp_path / "small.xlsx", formulas)
    changed(book, "xl/worksheets/sheet3.xml", lambda text: text.replace(
        "<f>TABLE(D1,)</f>", '<f t="dataTable" ref="B34:B34" dt2D="0" dtr="0" r1="D1"/>'))  # fmt: skip
    asked = [row for row, formula in enumerate(formulas, 1) if formula not in filler]
    expected = [f"Own!{column}{row}" for row in asked for column in "BC"]
    assert run("refresh", book).exit_code == 0
    for _ in range(2):
        assert listed(book) == expected
        printed = {command: run(command, book, *options) for command, options in (
            ("publish", []), ("check", ["--release"]), ("show", []), ("refresh", []))}  # fmt: skip
        assert [printed[command].exit_code for command in ("publish", "check")] == [1, 1]
        assert not list(tmp_path.glob("*published*"))
        for command, done in printed.items():
            said = done.stdout + done.stderr
            assert [place for place in expected if not re.search(rf"{place}\b", said)] == [], command
            assert "open the workbook in Excel" in said
        saved = openpyxl.load_workbook(book)
        saved.save(book)  # another program, which calculates nothing


def with_pivot(path: Path) -> Path:
    """A pivot table over Monthly at Own!F1:G2, which shows 303, and a cell that reads it."""
    with_own_sheet(path, {"G2*2": 606}, {"F1": "Sum of Robbery", "G2": 303})
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    main, kind = (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "application/vnd.openxmlformats-officedocument.spreadsheetml",
    )
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name).decode() for name in file.namelist()}
    for name, text in PIVOT.items():
        root = text.partition(" ")[0][1:]
        parts[name] = text.replace(" ", f' xmlns="{main}" ', 1) + f"</{root}>"
        told = root.replace("Definition", "") if "Table" in root else root
        override = f'<Override PartName="/{name}" ContentType="{kind}.{told}+xml"/>'
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace("</Types>", f"{override}</Types>")
    for source, linked, target in (
        ("xl/worksheets/_rels/sheet3.xml.rels", "pivotTable", "../pivotTables/pivotTable1.xml"),
        (
            "xl/pivotTables/_rels/pivotTable1.xml.rels",
            "pivotCacheDefinition",
            "../pivotCache/pivotCacheDefinition1.xml",
        ),
    ):
        link = f'<Relationship Id="rId1" Type="{links}/{linked}" Target="{target}"/>'
        parts[source] = f'<Relationships xmlns="{package}/relationships">{link}</Relationships>'
    with zipfile.ZipFile(path, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return path


def test_a1_a_pivot_table_counts_when_excel_opens_it(tmp_path: Path) -> None:
    small.force(tmp_path)
    book = with_pivot(tmp_path / "small.xlsx")
    named = "Own!F1:G2: the pivot table P1 counts the rows of Monthly when Excel opens it"
    for _ in range(2):
        assert named in run("refresh", book).stdout
        assert named in run("show", book).stdout
        refused = run("publish", book)
        assert refused.exit_code == 1
        assert (
            "and save it there:\n  Own!F1:G2: shows figures from before the last refresh: the pivot" in refused.stderr
        )
        assert named in CliRunner().invoke(main, ["calculate", str(book)], catch_exceptions=False).output
        assert listed(book) == ["Own!F1:G2"]
    saved = tmp_path / "saved.xlsx"
    saved.write_bytes(book.read_bytes())
    changed(saved, WORKBOOK, without(r' comment="[^"]*"'))  # exceljs
    assert listed(saved) == ["Own!F1:G2"]
    changed(saved, "xl/worksheets/sheet3.xml", lambda text: text.replace("<v>303</v>", "<v>9000</v>"))
    assert listed(saved) == []
    changed(book, WORKBOOK, without(' fullCalcOnLoad="1"'))  # Excel, whose new count is the old one
    assert listed(book) == []


def with_totals(path: Path, *, beside: str = "=Monthly[[#Totals],[Robbery]]*2", **columns: object) -> Path:
    """The small workbook with a totals row under its table, as Excel switches it on, and a cell that reads it."""
    book = small.workbook(path, beside=beside)
    with xlsxwriter.Workbook(str(book)) as file:
        card, data = file.add_worksheet("Scorecard"), file.add_worksheet("Data")
        date = file.add_format({"num_format": "mmm-yy"})
        card.write_datetime("B1", dt.datetime(2009, 1, 1), date)
        file.define_name("as_of", "=Scorecard!$B$1")
        card.write_row("A3", ["Id", "Target", "Actual", "RAG", "Comment"])
        card.write("A4", "1")
        card.write_formula("E4", beside, None, 606)
        functions = [{"header": name, **columns} for name in ("Month", "Robbery", "Burglary")]
        functions[0] = {"header": "Month", "total_string": "Total"}
        data.add_table("A1:C3", {"name": "Monthly", "columns": functions, "total_row": True})
        data.write_blank("A2", None, date)
        for column in "BC":
            data.write_number(f"{column}2", 303)
    return path


TOTALS: dict[str, tuple[int, Callable[[list[int]], float]]] = {  # what Excel offers, and the number for SUBTOTAL
    "sum": (109, sum),
    "average": (101, lambda counts: sum(counts) / len(counts)),
    "count_nums": (102, len),
    "count": (103, len),
    "max": (104, max),
    "min": (105, min),
}
ROBBERIES = [sum(small.count(borough, "Robbery", month) for borough in range(3)) for month in range(24)]


@pytest.mark.parametrize("function", TOTALS)
def test_a15_a_totals_row_follows_its_table(tmp_path: Path, function: str) -> None:
    """The totals row moves down with the months, and so does its function; the cell that reads it follows."""
    small.force(tmp_path)
    one = {"sum": 303, "average": 303, "count_nums": 1, "count": 1, "max": 303, "min": 303}[function]
    book = with_totals(tmp_path / "small.xlsx", total_function=function, total_value=one)
    ClosedWorkbook.open(book).with_values({("Scorecard", 4, 5): 2.0 * one}).save(book)
    printed = run("refresh", book).stdout
    assert "could not be calculated" not in printed
    cells = ClosedWorkbook.open(book).cells("Data")
    number, expected = TOTALS[function]
    assert cells[26, 2].formula == f"SUBTOTAL({number},[Robbery])"
    assert cells[26, 2].value == pytest.approx(expected(ROBBERIES))
    assert ClosedWorkbook.open(book).cells("Scorecard")[4, 5].value == pytest.approx(2 * expected(ROBBERIES))
    assert "SUBTOTAL" not in run("check", book, "--release").stdout


def test_a15_a_total_over_hidden_rows_is_left_and_named(tmp_path: Path) -> None:
    """Excel leaves hidden rows out of 109; which rows of the new months would be hidden nobody knows."""
    small.force(tmp_path)
    book = with_totals(tmp_path / "small.xlsx", total_function="sum", total_value=303)
    changed(book, "xl/worksheets/sheet2.xml", lambda text: text.replace('<row r="2"', '<row r="2" hidden="1"'))
    printed = run("refresh", book).stdout
    assert "Scorecard!E4" in printed
    assert "Data!B26" in printed
    assert listed(book) == ["Scorecard!E4", "Data!B26", "Data!C26"]
    assert run("publish", book).exit_code == 1


def test_a15_subtotals_leave_each_other_out(tmp_path: Path) -> None:
    """A subtotal over cells of which one is a subtotal is no plain sum."""
    book = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(book)) as file:
        sheet = file.add_worksheet()
        for row, value in enumerate([1, 2, 4]):
            sheet.write(row, 0, value)
        sheet.write_formula("A4", "=SUBTOTAL(9,A1:A3)", None, "")
        sheet.write_formula("A5", "=SUBTOTAL(9,A1:A4)", None, "")
        sheet.write_formula("B1", "=SUBTOTAL( 101 , A1:A2, A3)", None, "")
    assert calculate(book).kept == ()
    cells = ClosedWorkbook.open(book).cells("Sheet1")
    assert cells[4, 1].value == 7
    assert cells[5, 1].value == 7  # never 14
    assert cells[1, 2].value == pytest.approx(7 / 3)


def test_a15_verify_knows_a_total_of_another_time(tmp_path: Path) -> None:
    """A1's copy: a subtotal that kept 303 under a column that adds up to 2,923."""
    book = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(book)) as file:
        sheet = file.add_worksheet()
        for row, value in enumerate([1000, 923, 1000]):
            sheet.write(row, 0, value)
        sheet.write_formula("A4", "=SUBTOTAL(109,A1:A3)", None, 303)
    found = EmbeddedCalculator(FUNCTIONS).contradictions(ClosedWorkbook.open(book)).certain
    assert list(found) == [("Sheet1", 4, 1)]
    assert "2923" in found["Sheet1", 4, 1]


def test_a7_a_difference_below_zero_is_calculated(tmp_path: Path) -> None:
    """A date in a criterion makes no date of the result; there is nothing to refuse."""
    book = small.force(tmp_path)
    formula = '=SUM(Monthly[Robbery])-2*SUMIFS(Monthly[Robbery],Monthly[Month],">="&EDATE(as_of,-12))'
    small.workbook(book, beside=formula)
    ClosedWorkbook.open(book).with_values({("Scorecard", 4, 5): 0.0}).save(book)  # right for a table without rows
    assert "could not be calculated" not in run("refresh", book).stdout
    # Jan-09 less twelve months is Jan-08: the last 13 of the 24 months.
    assert ClosedWorkbook.open(book).cells("Scorecard")[4, 5].value == sum(ROBBERIES) - 2 * sum(ROBBERIES[-13:]) < 0


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=RAND()", []),
        ("=RANDBETWEEN(1,6)+RAND()", []),
        ("=TODAY()-2", ["Scorecard!E4"]),
        ("=NOW()*RAND()", ["Scorecard!E4"]),
    ],
)
def test_a1_chance_is_never_of_another_time_and_the_day_is(tmp_path: Path, formula: str, expected: list[str]) -> None:
    book = small.force(tmp_path)
    small.workbook(book, beside=formula)
    assert "Scorecard!E4" in run("refresh", book).stdout
    assert listed(book) == expected


def test_a1_many_cells_share_names(macro: Path) -> None:
    book = ClosedWorkbook.open(macro)
    one = not_calculated(book)[0]
    many = [type(one)("Data", f"{column}{row}", "x", "why") for column in "BC" for row in range(2, 402)]
    with_many = with_kept(book, many)
    assert with_many.package.part(WORKBOOK).count(b"_cpa_xl_kept.") == 2
    assert with_kept(with_many, many) is with_many
    assert with_kept(with_many, ()).package.part(WORKBOOK).count(b"_cpa_xl_kept.") == 0
