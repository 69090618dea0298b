"""Sentences for those who work on a book: gone from a copy with their links, unless a formula stands on them."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import NamedStyle

from cpa_xl.publish.freeze.strip_metadata import strip_instructions
from cpa_xl.publish.freeze.work import Stripping
from cpa_xl.workbook.closed import ClosedWorkbook


@pytest.fixture
def book(tmp_path: Path) -> ClosedWorkbook:
    """A sheet with sentences of the style Instruction: alone, with links, read by a formula, and computed."""
    path, made = tmp_path / "book.xlsx", openpyxl.Workbook()
    made.add_named_style(NamedStyle("Instruction"))
    sheet = made.create_sheet("Front", 0)
    for cell, text in {
        "A1": "Title",
        "A2": "Pick a month",
        "A3": "See Sheet",
        "A4": "Read by A6",
        "A5": "See there",
    }.items():
        sheet[cell] = text
    sheet["A6"], sheet["A7"] = "=A4", "=1+1"
    for cell in ("A2", "A3", "A4", "A7"):
        sheet[cell].style = "Instruction"
    sheet["A3"].hyperlink = "#Sheet!A1"
    sheet["A3"].style = "Instruction"  # a link brings its own
    sheet["A5"].hyperlink = "#Sheet!A1"
    made.save(path)
    return ClosedWorkbook.open(path)


def test_instructions_go_and_what_stands_on_them_stays(book: ClosedWorkbook, tmp_path: Path) -> None:
    work = Stripping(book.package)
    strip_instructions(work, "instruction")
    assert [str(one) for one in work.removed] == ["sentence for editors of the workbook: Front (2)"]
    work.package.save(tmp_path / "copy.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "copy.xlsx")["Front"]
    texts = {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert texts == {"A1": "Title", "A4": "Read by A6", "A5": "See there", "A6": "=A4", "A7": "=1+1"}
    assert (sheet["A3"].hyperlink, sheet["A5"].hyperlink.target) == (None, "#Sheet!A1")


def test_the_last_link_takes_the_list_of_links_with_it(book: ClosedWorkbook, tmp_path: Path) -> None:
    made = openpyxl.load_workbook(book.path)
    made["Front"]["A5"].hyperlink = None
    made.save(tmp_path / "one.xlsx")
    work = Stripping(ClosedWorkbook.open(tmp_path / "one.xlsx").package)
    strip_instructions(work, "Instruction")
    assert b"hyperlink" not in work.package.text("xl/worksheets/sheet1.xml")


def test_without_the_style_nothing_is_touched(book: ClosedWorkbook) -> None:
    work = Stripping(book.package)
    strip_instructions(work, "Anleitung")
    assert (work.package, work.removed) == (book.package, ())
