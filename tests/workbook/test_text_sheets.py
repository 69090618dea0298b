"""Sheets of text put into workbooks of all sorts: in front and behind, in the workbook's own styles, printable."""

import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles import Font, NamedStyle

from cpa_xl.errors import Refusal
from cpa_xl.measures.figures import SHORTHAND
from cpa_xl.ooxml.insert import with_properties
from cpa_xl.publish.cover import used_shorthand, with_cover
from cpa_xl.publish.statement import ABOUT
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.text_sheets import CONTENTS, COVER
from tests.support.statements import STATEMENT


def written(tmp_path: Path, workbook: ClosedWorkbook) -> Path:
    """The workbook with cover, contents and statement, saved."""
    path = tmp_path / "copy.xlsx"
    with_cover(workbook, STATEMENT).save(path)
    return path


def test_what_counts_sheets_follows_those_in_front(tmp_path: Path) -> None:
    """Print areas belong to sheets by their number; the sheet that opens is the cover, and no other is selected."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("First", "Second", "It's third"):
            book.add_worksheet(name).write(0, 0, f"{name} title")
        second = book.get_worksheet_by_name("Second")
        assert second is not None
        second.print_area(0, 0, 4, 4)
        second.activate()
        book.define_name("Second!local", "=Second!$A$1")
        second.set_first_sheet()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Second!$A$1:$A$4"})
        book.add_chartsheet("Chart").set_chart(chart)
    made = openpyxl.load_workbook(written(tmp_path, ClosedWorkbook.open(path)))
    assert made.sheetnames == [COVER, CONTENTS, "First", "Second", "It's third", "Chart", ABOUT]
    assert made.active is made[COVER]
    assert [sheet.title for sheet in made.worksheets if sheet.sheet_view.tabSelected] == [COVER]
    assert made["Second"].print_area == "'Second'!$A$1:$E$5"
    assert list(made["Second"].defined_names) == ["local"]
    assert made.views[0].firstSheet in (0, None)
    assert made[CONTENTS]["A6"].hyperlink.location == "'It''s third'!A1"
    assert [made[CONTENTS][f"{column}7"].value for column in "AB"] == ["Chart", "A chart"]


def test_the_cover_says_what_shorthand_means_that_is_used(tmp_path: Path) -> None:
    path, book = tmp_path / "book.xlsx", openpyxl.Workbook()
    sheet = book.create_sheet("Counts", 0)
    for cell, text in {
        "A1": "[z]",
        "B1": "Not applicable.",
        "B2": "[c]",
        "B3": "[p] Deaths",
        "A4": "Marks: [r] revised",
        "B4": "offence[s] [ss] [low] 3[u]",
    }.items():
        sheet[cell] = text
    book.save(path)
    workbook = ClosedWorkbook.open(path)
    assert used_shorthand(workbook) == ("[c]", "[low]", "[p]", "[u]")
    made = openpyxl.load_workbook(written(tmp_path, workbook))[COVER]
    said = {row[0].value: row[1].value for row in made.iter_rows()}
    assert (said["Letters"], said["[p]"]) == ("2 green, 1 without a letter", SHORTHAND["[p]"].means)
    assert "[z]" not in said


def test_titles_are_in_the_workbooks_own_heading_style(tmp_path: Path) -> None:
    path, book = tmp_path / "book.xlsx", openpyxl.Workbook()
    sheet = book.create_sheet("Front", 0)
    book.add_named_style(NamedStyle("Heading 1", Font(name="Verdana", sz=20), builtinId=16))
    sheet["A1"].style = "Heading 1"
    book.save(path)
    made = openpyxl.load_workbook(written(tmp_path, ClosedWorkbook.open(path)))
    assert [made[name]["A1"].style for name in (COVER, CONTENTS, ABOUT)] == ["Heading 1"] * 3
    assert made[ABOUT]["A3"].style == "Heading 2"
    assert made.named_styles.count("Heading 1") == 1
    assert made[COVER]["B3"].font.name == "Arial"
    assert made[COVER]["B3"].alignment.wrap_text


def test_sheets_are_printed_one_page_wide(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    openpyxl.Workbook().save(path)
    made = openpyxl.load_workbook(written(tmp_path, ClosedWorkbook.open(path)))
    for name in (COVER, CONTENTS, ABOUT):
        page, fitted = made[name].page_setup, made[name].sheet_properties.pageSetUpPr
        assert fitted is not None
        assert (fitted.fitToPage, page.paperSize, page.fitToHeight) == (True, 9, 0)
    # Each page of a table repeats its headings.
    assert [made[name].print_title_rows for name in (COVER, CONTENTS, ABOUT)] == [None, "$3:$3", None]


def test_a_cover_of_the_workbooks_own_stays(tmp_path: Path) -> None:
    path, book = tmp_path / "book.xlsx", openpyxl.Workbook()
    book.create_sheet("cover", 0)["A1"] = "Ours"
    book.save(path)
    made = openpyxl.load_workbook(written(tmp_path, ClosedWorkbook.open(path)))
    assert made.sheetnames == [CONTENTS, "cover", "Sheet", ABOUT]
    assert made["cover"]["A1"].value == "Ours"


def test_a_statement_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path, book = tmp_path / "book.xlsx", openpyxl.Workbook()
    book.create_sheet("about THIS copy")
    book.save(path)
    with pytest.raises(Refusal, match=r"has a sheet 'About this copy' already; publish the working workbook, or"):
        with_cover(ClosedWorkbook.open(path), STATEMENT)


def test_title_and_language_are_stated_whatever_was_there(tmp_path: Path) -> None:
    """With properties, with a language of its own, with none inside, and without the part."""
    path, bare, empty, foreign = (tmp_path / f"{name}.xlsx" for name in ("book", "bare", "empty", "foreign"))
    book = openpyxl.Workbook()
    book.properties.title = "Old"
    book.save(path)
    book.properties.language = "cy"
    book.save(foreign)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(bare, "w") as without, zipfile.ZipFile(empty, "w") as hollow:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                head = content[: content.index(b">", content.index(b"coreProperties")) + 1]
                hollow.writestr(name, head[:-1] + b"/>")
                continue
            hollow.writestr(name, content)
            if name == "_rels/.rels":
                start = content.index(b"<Relationship ", content.index(b"core-properties") - 120)
                content = content[:start] + content[content.index(b"/>", start) + 2 :]
            if name == "[Content_Types].xml":
                start = content.index(b'<Override PartName="/docProps/core.xml"')
                content = content[:start] + content[content.index(b"/>", start) + 2 :]
            without.writestr(name, content)
    for one, language in ((path, "en-GB"), (bare, "en-GB"), (empty, "en-GB"), (foreign, "cy")):
        out = tmp_path / f"{one.stem} out.xlsx"
        with_properties(ClosedWorkbook.open(one).package, "Roads & rails").save(out)
        stated = openpyxl.load_workbook(out).properties
        assert (one.stem, stated.title, stated.language) == (one.stem, "Roads & rails", language)


def test_a_workbook_without_formats_gets_plain_sheets(tmp_path: Path) -> None:
    path, bare = tmp_path / "book.xlsx", tmp_path / "bare.xlsx"
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(bare, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(
                name, content if name != "xl/styles.xml" else content[: content.index(b"<fonts")] + b"</styleSheet>"
            )
    made = with_cover(ClosedWorkbook.open(bare), STATEMENT)
    assert made.sheet_names == (COVER, CONTENTS, "Sheet", ABOUT)
    assert b's="0"' in made.package.text(made.part_of(COVER))
