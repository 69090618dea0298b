"""The template: made from the configuration as it stands, laid out for one page, without a value of its own."""

import re
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from cpa_xl.configuration import load
from cpa_xl.package import Package, compare, validate
from cpa_xl.udfs import FUNCTIONS
from workbooks.make_scorecard import make

NAME = "cpa_scorecard"


@pytest.fixture(scope="module")
def template(root: Path) -> Workbook:
    return openpyxl.load_workbook(root / f"workbooks/{NAME}.xlsx")


def formulas(book: Workbook) -> list[tuple[str, str, str]]:
    """Sheet, cell and text of every formula."""
    return [
        (sheet.title, cell.coordinate, str(cell.value))
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


def test_the_template_is_made_from_the_configuration_as_it_stands(root: Path, tmp_path: Path) -> None:
    """Otherwise: python run.py workbooks.make_scorecard."""
    catalogue = load(root / "config")
    made = tmp_path / f"{NAME}.xlsx"
    make(made, catalogue, catalogue.workbooks[NAME])
    assert compare(root / f"workbooks/{NAME}.xlsx", made) == ()
    assert validate(Package.read(made)) == ()


def test_no_formula_has_a_value_yet(root: Path, template: Workbook) -> None:
    values = openpyxl.load_workbook(root / f"workbooks/{NAME}.xlsx", data_only=True)
    found = formulas(template)
    assert len(found) > 400
    for sheet, cell, _ in found:
        assert values[sheet][cell].value in (None, ""), (sheet, cell)


def test_formulas_keep_within_what_excel_takes(template: Workbook) -> None:
    """Excel's published limits: 8,192 characters a formula, 255 a text in it."""
    for sheet, cell, text in formulas(template):
        assert len(text) <= 8_192, (sheet, cell)
        assert all(len(piece) <= 255 for piece in re.findall(r'"((?:[^"]|"")*)"', text)), (sheet, cell)


def test_formulas_call_only_functions_that_there_are(template: Workbook) -> None:
    called = {name for _, _, text in formulas(template) for name in re.findall(r"CPA_[A-Z_]+", text)}
    assert called <= set(FUNCTIONS)
    assert {"CPA_RATE", "CPA_RAG", "CPA_CHANGE", "CPA_MONTHLY_AVERAGE", "CPA_GROUP_GAP", "CPA_REQUIRED_RATE"} <= called


def test_a_table_a_sheet_from_column_a_with_plain_headings(template: Workbook) -> None:
    names = set()
    for sheet in template:
        for table in sheet.tables.values():
            names.add(table.name)
            assert len(sheet.tables) == 1
            assert table.ref.startswith("A4:")
            assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ]*", column.name) for column in table.tableColumns)
    assert {"Monthly", "Areas", "Measures", "Targets", "Extracts"} <= names


def test_the_scorecard_prints_on_one_landscape_page(template: Workbook) -> None:
    sheet = template["Scorecard"]
    assert sheet.page_setup.orientation == "landscape"
    assert {sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight} <= {None, 1}  # one is what files leave out
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert re.fullmatch(r"'Scorecard'!\$A\$1:\$J\$\d+", str(sheet.print_area))


def test_the_as_of_month_stands_in_one_named_cell(template: Workbook) -> None:
    assert template.defined_names["as_of"].attr_text == "Scorecard!$B$2"
    assert str(template["Scorecard"]["B2"].value).startswith("2009-01-01")


def test_a_chart_and_a_sparkline_for_every_measure_with_a_figure(root: Path) -> None:
    package = Package.read(root / f"workbooks/{NAME}.xlsx")
    measures = [measure for measure in load(root / "config").measures.values() if measure.figure is not None]
    assert len([name for name in package.names if name.startswith("xl/charts/chart")]) == len(measures) == 16
    assert package.part("xl/worksheets/sheet1.xml").count(b"<x14:sparkline>") == 16
    drawing = package.part("xl/drawings/drawing1.xml").decode()
    for measure in measures:
        assert f'descr="{measure.id} {measure.title}'.replace("'", "&apos;").split("&")[0] in drawing


def test_every_letter_has_colour_and_words(template: Workbook) -> None:
    sheet = template["Scorecard"]
    letters = {rule.formula[0] for rules in sheet.conditional_formatting for rule in rules.rules}
    assert letters == {'"G"', '"A"', '"R"', '"–"'}
    assert all(word in str(sheet["E7"].value) for word in ("Green", "Amber", "Red", "No letter"))


def test_nothing_is_hidden(template: Workbook) -> None:
    for sheet in template:
        assert sheet.sheet_state == "visible"
        assert not any(dimension.hidden for dimension in sheet.row_dimensions.values())
        assert not any(dimension.hidden for dimension in sheet.column_dimensions.values())
