"""Attach and detach from the command line: what is added, what is refused, and that nothing else is touched."""

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from cpa_xl.cli.main import main
from cpa_xl.commands.attach import attach, detach
from cpa_xl.commands.refresh import refresh
from cpa_xl.config.load import load
from cpa_xl.config.model import Catalogue, TableRows
from cpa_xl.errors import Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.insert import MARK
from cpa_xl.ooxml.package import Package, PartChange, compare, validate
from cpa_xl.scorecard.tables import headings, read_rows
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import features, handmade, small
from tests.support.judging import parts_of
from workbooks.data_sheets import form_of

LISTS = ["[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/workbook.xml"]
OWN = [
    *("xl/tables/table1.xml", "xl/worksheets/_rels/sheet3.xml.rels"),
    *("xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"),
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A user's own workbook, with the small force's configuration and extract beside it."""
    small.configuration(tmp_path / "config")
    small.extract(tmp_path / "extracts")
    return features.write("names", tmp_path / "mine")


@pytest.fixture
def catalogue(book: Path) -> Catalogue:
    return load(book.parent / "config")


def run(command: str, book: Path, *options: object) -> Result:
    config = () if command == "detach" else ("--config", str(book.parent / "config"))
    return CliRunner().invoke(main, [command, str(book), *config, *map(str, options)], catch_exceptions=False)


def done(command: str, book: Path, *options: object) -> str:
    result = run(command, book, *options)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refused(command: str, book: Path, *options: object) -> str:
    """The message of a refusal that has written nothing at all."""
    before = {path: path.read_bytes() for path in book.parent.rglob("*") if path.is_file()}
    result = run(command, book, *options)
    assert result.exit_code == 1, result.stdout
    assert result.stdout == ""
    assert {path: path.read_bytes() for path in book.parent.rglob("*") if path.is_file()} == before
    return result.stderr


def attached(book: Path) -> Path:
    done("attach", book, "--as-of", "2009-01")
    return book.with_name("mine (attached).xlsx")


def changed(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """A part of the file with the first place that holds `old` changed; saved as other programs would."""
    package = Package.read(path)
    text = package.part(part)
    assert old in text
    package.with_part(part, text.replace(old, new, 1)).save(path)
    return path


def test_attach_adds_and_says_what(book: Path) -> None:
    before = book.read_bytes()
    printed = done("attach", book, "--as-of", "2009-01")
    copy = book.with_name("mine (attached).xlsx")
    assert printed.splitlines() == [
        "Added: the sheets CPA data, Monthly with the tables Monthly",
        f"Parts changed: {', '.join(LISTS)}",
        f"Parts added: {', '.join(OWN)}",
        f"Written: {copy}",
        f'Next: cpa_xl refresh "{copy}" --extracts DIR',
    ]
    assert book.read_bytes() == before
    assert [(part.name, part.kind) for part in compare(book, copy) if part.kind is not PartChange.ADDED] == [
        (name, PartChange.CHANGED) for name in LISTS
    ]


def test_others_read_what_was_added(book: Path) -> None:
    """openpyxl finds sheets, table, headings, name and formats where attach says they are."""
    there = openpyxl.load_workbook(attached(book))
    assert there.sheetnames == ["Figures", "CPA data", "Monthly"]
    table = there["Monthly"].tables["Monthly"]
    assert (table.ref, table.column_names) == ("A1:C2", ["Month", "Robbery", "Burglary"])
    assert [cell.value for cell in there["Monthly"][1]] == ["Month", "Robbery", "Burglary"]
    assert there["Monthly"]["A2"].number_format == there["CPA data"]["B1"].number_format == "mmm-yy"
    assert there["Monthly"]["B2"].number_format == "General"
    assert there.defined_names["as_of"].attr_text == "'CPA data'!$B$1"
    assert there["CPA data"]["B1"].value == dt.datetime(2009, 1, 1)
    assert [there["CPA data"][cell].value for cell in ("A1", "A4")] == ["As of", "Monthly"]


def test_refresh_serves_the_copy_like_ours(book: Path) -> None:
    copy = attached(book)
    before = parts_of(copy)
    printed = done("refresh", copy)
    assert "Monthly: 0 rows before, 24 now" in printed
    assert "As of Jan-09: 0 cells calculated" in printed
    after = parts_of(copy)
    assert {name for name in after if after[name] != before[name]} == {OWN[0], OWN[3]}
    rows = list(openpyxl.load_workbook(copy)["Monthly"].iter_rows(min_row=2, values_only=True))
    assert [str(row[0])[:7] for row in rows] == [str(month) for month in small.months()]
    for at, row in enumerate(rows):
        assert row[1:] == tuple(sum(small.count(i, kind, at) for i in range(3)) for kind in ("Robbery", "Burglary"))
    assert {cell.number_format for cell in openpyxl.load_workbook(copy)["Monthly"]["A"][1:]} == {"mmm-yy"}
    assert "is up to date; nothing was changed" in done("refresh", copy)


def test_formulas_of_the_team_use_the_tables(book: Path) -> None:
    """A formula typed after attaching is calculated by the refresh."""
    formula = b'<c r="E1"><f>SUM(counts)*half</f><v>600.5</v></c>'
    copy = changed(
        attached(book), "xl/worksheets/sheet1.xml", formula, b'<c r="E1"><f>SUM(Monthly[Robbery])</f><v>0</v></c>'
    )
    assert "As of Jan-09: 1 cells calculated" in done("refresh", copy)
    total = sum(small.count(i, "Robbery", at) for i in range(3) for at in range(24))
    assert ClosedWorkbook.open(copy).cells("Figures")[1, 5].value == total
    assert f"{copy} refers to what would be taken out: Figures!E1 (=SUM(Monthly[Robbery])); delete that" in refused(
        "detach", copy
    )


@pytest.mark.slow
def test_detach_gives_the_original_back(book: Path) -> None:
    copy = attached(book)
    done("refresh", copy)
    before = copy.read_bytes()
    printed = done("detach", copy)
    assert printed.splitlines() == [
        "Taken out: the sheets CPA data, Monthly with the tables Monthly",
        f"Parts changed: {', '.join(LISTS)}",
        f"Parts removed: {', '.join(OWN)}",
        f"Written: {book.with_name('mine (detached).xlsx')}",
    ]
    assert copy.read_bytes() == before
    assert compare(book, book.with_name("mine (detached).xlsx")) == ()


def test_the_as_of_month_may_come_later(book: Path) -> None:
    assert "--extracts DIR --as-of YYYY-MM" in done("attach", book)
    copy = book.with_name("mine (attached).xlsx")
    assert "the as-of cell (as_of, sheet 'CPA data') holds None" in refused("refresh", copy)
    assert "As of Jan-09" in done("refresh", copy, "--as-of", "2009-01")
    done("detach", copy)
    assert compare(book, book.with_name("mine (detached).xlsx")) == ()


def test_a_copy_of_an_earlier_time_is_kept(book: Path) -> None:
    copy = attached(book)
    done("refresh", copy)
    earlier = copy.read_bytes()
    backup = copy.with_name("mine (attached).backup.xlsx")
    backup.unlink()
    assert f"Written: {copy}; the file that was there is kept in {backup}" in done("attach", book)
    assert backup.read_bytes() == earlier


def test_the_scorecard_of_the_configuration_need_not_be_there(book: Path) -> None:
    copy = attached(book)
    assert "note" not in done("refresh", copy)
    assert "no sheet 'Scorecard' in the workbook; its sheets are Figures, CPA data, Monthly" in run("show", copy).stderr


def test_a_sheet_that_only_bears_the_scorecards_name(book: Path) -> None:
    with xlsxwriter.Workbook(str(book)) as file:
        file.add_worksheet("Scorecard").write("A1", "of our own")
    printed = done("refresh", attached(book))
    assert "note: targets were not compared with the configuration: sheet 'Scorecard': no heading 'Id'" in printed
    assert "Monthly: 0 rows before, 24 now" in printed


def test_what_excel_was_asked_to_calculate_stays_so(book: Path) -> None:
    """XlsxWriter asks for a calculation on opening; a refresh that calculated nothing leaves that alone."""
    copy = attached(book)
    done("refresh", copy)
    assert b'fullCalcOnLoad="1"' in Package.read(copy).part("xl/workbook.xml")


@pytest.mark.parametrize(
    "calculation", [b"", b"<calcPr/>", b'<calcPr calcId="1"></calcPr>', b'<calcPr calcId="1" x="%s"/>']
)
def test_what_a_refresh_asks_excel_to_calculate_goes_with_the_tables(book: Path, calculation: bytes) -> None:
    """RAND is never believed: the workbook is marked to calculate on opening as long as the tables are in it."""
    calculation = calculation.replace(b"%s", b"x" * 300)  # no comment has room for it
    changed(book, "xl/workbook.xml", b'<calcPr calcId="124519" fullCalcOnLoad="1"/>', calculation)
    changed(book, "xl/worksheets/sheet1.xml", b"SUM(counts)*half", b"RAND()")
    copy = attached(book)
    assert "Figures!E1: RAND gives another value each time" in done("refresh", copy)
    assert b'fullCalcOnLoad="1"' in Package.read(copy).part("xl/workbook.xml")
    done("detach", copy)
    left = [part.name for part in compare(book, book.with_name("mine (detached).xlsx"))]
    assert left == (["xl/workbook.xml"] if b"xxx" in calculation else [])


TAKEN: list[tuple[Callable[[xlsxwriter.Workbook], object], str]] = [
    (lambda file: file.add_worksheet("monthly"), "the sheet Monthly cannot be added, there is one of that name"),
    (lambda file: file.add_worksheet("CPA data"), "the sheet CPA data cannot be added, there is one of that name"),
    (lambda file: file.add_chartsheet("Monthly"), "the sheet Monthly cannot be added, there is one of that name"),
    (lambda file: file.define_name("AS_OF", "=0.5"),
     "the as-of name as_of cannot be added, that name is taken (=0.5); rename one: there in Excel (Formulas, Name"
     " Manager), or here in workbooks.yaml"),
    (lambda file: file.define_name("Front!as_of", "=Front!$A$1"), "that name is taken (=Front!$A$1)"),
    (lambda file: file.define_name("monthly", "=1"), "the table Monthly cannot be added, that name is taken (=1)"),
    (lambda file: file.worksheets()[0].add_table("A1:B3", {"name": "as_of"}),
     "the as-of name as_of cannot be added, that name is taken (a table on sheet Front)"),
    (lambda file: file.worksheets()[0].add_table("A1:B3", {"name": "MONTHLY"}),
     "has the tables of small already; refresh it as it is"),
]  # fmt: skip


@pytest.mark.parametrize(("take", "said"), TAKEN, ids=[str(at) for at in range(len(TAKEN))])
def test_names_that_are_taken(book: Path, take: Callable[[xlsxwriter.Workbook], object], said: str) -> None:
    with xlsxwriter.Workbook(str(book)) as file:
        file.add_worksheet("Front")
        take(file)
    message = refused("attach", book)
    assert str(book) in message
    assert said in message


UNSUITABLE = [
    ("xl/workbook.xml", b"<bookViews>", b'<workbookProtection lockStructure="1"/><bookViews>',
     "the structure of the workbook is protected; remove the protection in Excel (Review, Protect Workbook)"),
    ("xl/workbook.xml", b"<workbookPr ", b'<workbookPr date1904="true" ',
     "it counts its dates from 1904, and the functions count from 1900"),
    ("xl/_rels/workbook.xml.rels", b"</Relationships>",
     b'<Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/revisionHeaders"'
     b' Target="styles.xml"/></Relationships>',
     "it is shared, and a shared workbook cannot hold tables; stop sharing it"),
    ("xl/styles.xml", b'<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>',
     b"", "lists no cell formats, so its new sheets could not show months"),
    ("_rels/.rels", b"</Relationships>",
     b'<Relationship Id="r9" Type="http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"'
     b' Target="xl/styles.xml"/></Relationships>', "is digitally signed, and any change breaks the signature"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "said"), UNSUITABLE, ids=[case[3][:20] for case in UNSUITABLE])
def test_workbooks_that_take_no_sheets(book: Path, part: str, old: bytes, new: bytes, said: str) -> None:
    message = refused("attach", changed(book, part, old, new))
    assert str(book) in message
    assert said in message


def test_files_that_are_open_or_in_the_way(book: Path) -> None:
    other = book.with_name("other.xlsx")
    other.write_bytes(b"somebody's")
    assert f"{other} exists already; name a new file" in refused("attach", book, "--out", other)
    assert f"{book} exists already" in refused("attach", book, "--out", book)
    assert "other.xlsm must end in .xlsx" in refused("attach", book, "--out", book.with_name("other.xlsm"))
    book.with_name("~$mine.xlsx").write_bytes(b"lock")
    assert "mine.xlsx is open in Excel; save and close it there first" in refused("attach", book)
    book.with_name("~$mine.xlsx").unlink()
    copy = attached(book)
    book.with_name("~$mine (attached).xlsx").write_bytes(b"lock")
    for command, path in (("attach", book), ("detach", copy)):
        assert "mine (attached).xlsx is open in Excel" in refused(command, path)
    book.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    assert f"{book} is encrypted; open it in Excel, remove the password" in refused("attach", book)


def test_which_entry_of_the_configuration(book: Path) -> None:
    path = book.parent / "config/workbooks.yaml"
    text = path.read_text(encoding="utf-8")
    assert "workbooks.yaml has no entry 'large'; it has small" in refused("attach", book, "--as", "large")
    again = text.removeprefix("workbooks:\n").replace("small:", "other:").replace("Monthly:", "Weekly:")
    path.write_text(text + again, encoding="utf-8")
    assert "workbooks.yaml has 2 entries (small, other); say which one with --as" in refused("attach", book)
    assert "with the tables Weekly" in done("attach", book, "--as", "other")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Monthly:", "AB12:", "Excel accepts no table or name 'AB12'; change it"),
        ("Monthly:", "Per month:", "Excel accepts no table or name 'Per month'; change it"),
        ("as_of: as_of", "as_of: R1C1", "Excel accepts no table or name 'R1C1'; change it"),
        (
            "title: Burglary",
            "title: MONTH",
            "table Monthly would have two columns 'Month'; give one series another",
        ),
    ],
)
def test_a_configuration_that_makes_no_table(book: Path, old: str, new: str, said: str) -> None:
    for path in (book.parent / "config").iterdir():
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert said in refused("attach", book)


def test_long_names_of_tables_that_need_one_sheet(book: Path) -> None:
    path = book.parent / "config/workbooks.yaml"
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "Monthly:" in line)
    tables = [line.replace("Monthly", "M" * 31 + end) for end in ("a", "b")]
    path.write_text(text.replace(line, "\n".join(tables)), encoding="utf-8")
    assert "workbooks.yaml: small: two tables need a sheet of the same name; rename one of them" in refused(
        "attach", book
    )


def test_only_what_was_attached_is_detached(book: Path) -> None:
    assert f"{book} has no sheets to take out: no name in it says '{MARK}'" in refused("detach", book)
    own = small.workbook(book.with_name("ours.xlsx"))
    assert "has no sheets to take out" in refused("detach", own)


MENTIONS = [
    ("xl/worksheets/sheet1.xml", b"SUM(counts)*half", b"SUM(monthly[Robbery])", "Figures!E1 (=SUM(monthly[Robbery]))"),
    ("xl/worksheets/sheet1.xml", b"SUM(counts)*half", b"'cpa data'!B1", "Figures!E1 (='cpa data'!B1)"),
    ("xl/worksheets/sheet1.xml", b"SUM(counts)*half", b"SUM(Monthly!A:A)", "Figures!E1 (=SUM(Monthly!A:A))"),
    ("xl/worksheets/sheet1.xml", b"SUM(counts)*half", b"SUM('Figures:CPA data'!A1)", "('Figures:CPA data'!A1)"),
    ("xl/worksheets/sheet1.xml", b"SUM(counts)*half", b"MONTH(as_of)", "Figures!E1 (=MONTH(as_of))"),
    ("xl/worksheets/sheet1.xml", b"</sheetData>",
     b'</sheetData><conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>A1&gt;as_of'
     b"</formula></cfRule></conditionalFormatting>", "sheet Figures (A1>as_of)"),
    ("xl/workbook.xml", b">0.5<", b">COUNT(Monthly[])<", "the name half (=COUNT(Monthly[]))"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "said"), MENTIONS, ids=[case[3][:30] for case in MENTIONS])
def test_a_workbook_that_still_uses_the_tables(book: Path, part: str, old: bytes, new: bytes, said: str) -> None:
    message = refused("detach", changed(attached(book), part, old, new))
    assert "refers to what would be taken out" in message
    assert said in message
    assert "delete that in Excel first, or turn it into values (copy, paste values)" in message


HARMLESS = [b'LEN("Monthly!A1 as_of")', b"SUM(MyMonthly!A1)", b"as_of_old+Monthly2", b"Facts[Monthly]", b"[2]X!as_of"]


@pytest.mark.parametrize("formula", HARMLESS)
def test_formulas_that_only_look_like_it(book: Path, formula: bytes) -> None:
    copy = changed(attached(book), "xl/worksheets/sheet1.xml", b"SUM(counts)*half", formula)
    done("detach", copy)


def test_a_chart_over_the_tables_is_named(book: Path) -> None:
    features.write("chart_line", book.with_suffix(""))
    copy = changed(attached(book), "xl/charts/chart1.xml", b"Figures!$B$2:$B$13", b"Monthly!$B$2:$B$25")
    assert "xl/charts/chart1.xml (Monthly!$B$2:$B$25)" in refused("detach", copy)


def test_what_a_user_put_on_the_added_sheets_is_not_thrown_away(book: Path) -> None:
    copy = attached(book)
    for sheet, row, column, cell in (("Monthly", 5, 7, "G5"), ("CPA data", 2, 1, "A2"), ("Monthly", 3, 1, "A3")):
        noted = copy.with_name("noted.xlsx")
        ClosedWorkbook.open(copy).with_cell(sheet, row, column, "a note").save(noted)
        said = f"cell {cell} on sheet {sheet} holds something that attach did not put there; move it to another sheet"
        assert said in refused("detach", noted)
    ClosedWorkbook.open(copy).with_cell("CPA data", 4, 1, "Weekly").save(noted)
    assert "sheet CPA data, A4: there is no table Weekly any more" in refused("detach", noted)
    lead = b'<Relationship Id="rId2" Type="http://x/drawing" Target="../worksheets/sheet1.xml"/></Relationships>'
    changed(copy, "xl/worksheets/_rels/sheet3.xml.rels", b"</Relationships>", lead)
    assert "sheet Monthly has something that attach did not add (drawing); move it" in refused("detach", copy)


def test_a_table_of_theirs_on_an_added_sheet_is_not_thrown_away(book: Path) -> None:
    """A table that a user makes in Excel, beside ours."""
    package = Package.read(attached(book))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/table"
    theirs = (
        b'<table xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" id="99" name="Theirs" '
        b'displayName="Theirs" ref="H1:H2"><tableColumns count="1"><tableColumn id="1" name="Weekly"/></tableColumns>'
        b"</table>"
    )
    links, types = "xl/worksheets/_rels/sheet3.xml.rels", "[Content_Types].xml"
    entry = f'<Relationship Id="rId9" Type="{link}" Target="../tables/theirs.xml"/></Relationships>'.encode()
    override = f'<Override PartName="/xl/tables/theirs.xml" ContentType="{kind}"/></Types>'.encode()
    parts: dict[str, bytes] = {name: package.part(name) for name in package.names} | {"xl/tables/theirs.xml": theirs}
    parts[links] = parts[links].replace(b"</Relationships>", entry)
    parts[types] = parts[types].replace(b"</Types>", override)
    handmade.write(package.path, parts)
    assert (
        "the table Theirs is on sheet Monthly, which would be taken out; move it to another sheet in Excel first"
        in refused("detach", package.path)
    )


def test_a_workbook_that_takes_no_more_formats(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    formats = Package.read(book).part("xl/styles.xml").partition(b"<cellXfs")[2].partition(b"</cellXfs>")[0]
    number = formats.count(b"<xf ")
    monkeypatch.setattr("cpa_xl.ooxml.insert.MOST_FORMATS", number)
    message = f"{book} has {number} cell formats, and Excel takes no more; delete unused styles"
    assert message in refused("attach", book)


@pytest.mark.parametrize("sheets", [1, 2])
def test_a17_new_parts_have_the_names_that_everybody_gives(book: Path, sheets: int) -> None:
    """xlsx-populate 1.21 reads the sheet in place N from sheetN.xml; exceljs 4.4 goes by such names too."""
    if sheets == 2:  # one of them with a table, and with a name in other letters
        with xlsxwriter.Workbook(str(book)) as file:
            file.add_worksheet("Figures")
            file.add_worksheet("More").add_table("A1:A2")
        with zipfile.ZipFile(book) as file:
            parts = {name: file.read(name).replace(b"sheet2.xml", b"Sheet2.xml") for name in file.namelist()}
        handmade.write(book, {name.replace("sheet2.xml", "Sheet2.xml"): data for name, data in parts.items()})
    package = Package.read(attached(book))
    links = {link.id: link.target for link in package.relationships(package.workbook_part)}
    listing = package.root(package.workbook_part).find("sheets")
    assert listing is not None
    named = [links[entry.attribute("id") or ""].casefold() for entry in listing.all("sheet")]
    assert named == [f"xl/worksheets/sheet{number}.xml" for number in range(1, sheets + 3)]
    tables = [name for name in package.names if package.content_type(name).endswith(".table+xml")]
    assert tables == [f"xl/tables/table{number}.xml" for number in range(1, sheets + 1)]


def resaved(copy: Path) -> Path:
    """As after a save in Excel: other part names, our sheets in front, names and views that count sheets."""
    package = Package.read(copy)
    part, entry = "xl/workbook.xml", re.compile(rb'<sheet name="CPA data"[^>]*>')
    text = package.part(part)
    ours = entry.search(text)
    assert ours is not None
    text = text.replace(ours[0], b"").replace(b"<sheets>", b"<sheets>" + ours[0])
    text = text.replace(b'localSheetId="0"', b'localSheetId="1"', 1)
    printed = (
        b'<definedName name="_xlnm.Print_Area" localSheetId="0">\'CPA data\'!$A$1:$B$9</definedName></definedNames>'
    )
    text = text.replace(b"</definedNames>", printed).replace(b"<workbookView ", b'<workbookView activeTab="1" ')
    package = package.with_part(part, text)
    for old, new in (("sheet2", "sheet9"), ("sheet3", "sheet8")):
        for folder, end in (("", ".xml"), ("_rels/", ".xml.rels")):
            name = f"xl/worksheets/{folder}{old}{end}"
            if name in package:
                moved = package.part(name)
                package = package.without_part(name).with_part(name.replace(old, new), moved)
        for where in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
            text = package.part(where).replace(f"worksheets/{old}".encode(), f"worksheets/{new}".encode())
            package = package.with_part(where, text)
    package.save(copy)
    return copy


def test_after_a_save_in_excel_the_sheets_go_cleanly(book: Path) -> None:
    """Bytes cannot be given back then; but whatever counts sheets is right, and no part or link is left over."""
    features.write("names", book.with_suffix(""))
    copy = resaved(attached(book))
    assert openpyxl.load_workbook(copy).sheetnames == ["CPA data", "Figures", "Monthly"]
    done("detach", copy)
    left = book.with_name("mine (detached).xlsx")
    assert validate(Package.read(left)) == ()
    there = openpyxl.load_workbook(left)
    assert there.sheetnames == ["Figures"]
    assert sorted(there.defined_names) == ["counts", "half"]
    assert list(there["Figures"].defined_names) == ["rates"]
    assert there.active is there["Figures"]
    assert parts_of(left).keys() == parts_of(book).keys()
    assert b'activeTab="0"' in Package.read(left).part("xl/workbook.xml")


def test_a_visible_sheet_must_be_left(book: Path) -> None:
    copy = changed(attached(book), "xl/workbook.xml", b'<sheet name="Figures"', b'<sheet state="hidden" name="Figures"')
    assert "would be left without a visible sheet; show another sheet in Excel first" in refused("detach", copy)


def test_a_calculated_column_of_the_team_goes_with_its_table(book: Path) -> None:
    """The calculation chain may name its cells; it goes, and Excel makes a new one."""
    copy = attached(book)
    chain = (
        b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="C2" i="3"/></calcChain>'
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    changed(copy, "xl/worksheets/sheet3.xml", b'<row r="2"><c r="A2" s="1"/>',
            b'<row r="2"><c r="A2" s="1"/><c r="C2"><f>1+1</f><v>2</v></c>')  # fmt: skip
    package = Package.read(copy).with_part("xl/calcChain.xml", chain)
    for part, old, new in (
        ("[Content_Types].xml", "</Types>", f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'),
        ("xl/_rels/workbook.xml.rels", "</Relationships>",
         '<Relationship Id="c" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"'
         ' Target="calcChain.xml"/></Relationships>'),
    ):  # fmt: skip
        package = package.with_part(part, package.part(part).replace(old.encode(), new.encode()))
    package.save(copy)
    done("detach", copy)
    left = Package.read(book.with_name("mine (detached).xlsx"))
    assert "xl/calcChain.xml" not in left
    assert validate(left) == ()


def test_new_identities_are_unused(book: Path) -> None:
    features.write("tables_on_two_sheets", book.with_suffix(""))
    changed(book, "xl/workbook.xml", b'sheetId="2"', b'sheetId="65534"')
    there = ClosedWorkbook.open(attached(book))
    ids = re.findall(rb'sheetId="(\d+)"', there.package.part("xl/workbook.xml"))
    assert ids == [b"1", b"65534", b"2", b"3"]
    tables = [name for name in there.package.names if "tables/" in name]
    numbers = [there.package.root(name).attributes["id"] for name in tables]
    assert len(set(numbers)) == len(numbers) == 4
    links = re.findall(rb' Id="(\w+)"', there.package.part("xl/_rels/workbook.xml.rels"))
    assert len(set(links)) == len(links)


def test_the_configuration_that_comes_with_it(root: Path, tmp_path: Path) -> None:
    """All its tables, on a workbook with everything on it; the columns of dates are those of the template."""
    catalogue, book = load(root / "config"), features.write("macros", tmp_path / "ours")
    outcome = attach(book, catalogue, as_of=Month(2009, 1))
    spec = catalogue.workbooks["cpa_scorecard"]
    assert outcome.tables == tuple(spec.tables)
    there = openpyxl.load_workbook(outcome.workbook)
    for name, table in spec.tables.items():
        heads = headings(catalogue, table)
        assert tuple(cell.value for cell in there[name][1]) == heads
        months = {head for head in heads if form_of(table, head) == "month"}
        dated = [number for number in range(1, len(heads) + 1) if there[name].cell(2, number).number_format == "mmm-yy"]
        assert {heads[number - 1] for number in dated} == months
        assert bool(months) is (table.rows not in (TableRows.REGISTER, TableRows.PROPOSALS))
    back = detach(outcome.workbook)
    assert compare(book, back.workbook) == ()
    assert Package.read(outcome.workbook).part("xl/vbaProject.bin") == features.MACROS


def test_an_attached_workbook_holds_what_ours_holds(demo: Path, root: Path, tmp_path: Path) -> None:
    """The same extracts in the template and in a user's own workbook: the same rows in every table."""
    catalogue, book = load(root / "config"), features.write("macros_with_button", tmp_path / "mine")
    copy = attach(book, catalogue, as_of=Month(2009, 1)).workbook
    refresh(copy, catalogue, demo.parent / "extracts", EmbeddedCalculator(FUNCTIONS))
    ours, theirs = ClosedWorkbook.open(demo), ClosedWorkbook.open(copy)
    for name, table in catalogue.workbooks["cpa_scorecard"].tables.items():
        heads = headings(catalogue, table)
        here, there = (
            [{head: value for head, value in row.items() if head in heads and value is not None} for row in rows]
            for rows in (read_rows(ours, name), read_rows(theirs, name))
        )
        assert there
        if table.rows is not TableRows.LOG:  # which says when and by whom
            assert there == here, name
    assert compare(book, detach(copy).workbook) == ()


def test_refusals_are_the_librarys_own(book: Path, catalogue: Catalogue) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        attach(book.with_name("none.xlsx"), catalogue)
