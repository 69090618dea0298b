"""The template: made from the configuration as it stands, laid out for one page, without a value of its own."""

import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from cpa_xl.config.load import load
from cpa_xl.config.model import KnownBreak
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.package import Package, compare, validate
from workbooks.make_scorecard import make
from workbooks.style import TABLE_ROW

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
            assert table.ref.startswith("A14:" if table.name == "Accepted" else "A4:")  # below the signatures
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
    assert len(measures) == 16
    assert len([name for name in package.names if name.startswith("xl/charts/chart")]) == 16 + 1  # and the boroughs'
    assert 'descr="The picked measure' in package.part("xl/drawings/drawing2.xml").decode()
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


def test_the_document_says_what_it_is_and_in_which_language(root: Path, template: Workbook) -> None:
    assert template.properties.title == "Critical Performance Areas scorecard"
    assert template.properties.language == "en-GB"
    for sheet in template:
        assert sheet["A1"].value, sheet.title
        assert sheet["A1"].style == "Heading 1"


def test_every_sheet_prints_in_landscape_without_cutting(template: Workbook) -> None:
    """One page wide (two for the most columns), or at a stated scale; headings on every page."""
    for sheet in template:
        assert sheet.page_setup.orientation == "landscape", sheet.title
        assert sheet.oddFooter is not None
        assert sheet.oddFooter.right.text == "Page &P of &N"
        fitted = sheet.sheet_properties.pageSetUpPr is not None and sheet.sheet_properties.pageSetUpPr.fitToPage
        assert fitted or (sheet.title, sheet.page_setup.scale) == ("Trends", 72)
        for table in (one for one in sheet.tables.values() if one.name != "Accepted"):
            assert sheet.print_title_rows == "$4:$4", sheet.title
            assert sheet.freeze_panes == "B5"
            wide = {"Trend": 2, "Measures": 2}.get(table.name, 1)
            assert sheet.page_setup.fitToWidth in ({None, 1} if wide == 1 else {wide}), sheet.title


def test_text_wraps_in_the_registers(template: Workbook) -> None:
    for sheet in (template[name] for name in ("Measures", "Target register", "Proposed targets", "Extracts")):
        for head, cell in zip(sheet[4], sheet[5], strict=True):
            assert cell.alignment.wrap_text or cell.number_format != "General", (sheet.title, head.value)
            assert head.alignment.wrap_text


def test_no_text_is_small_or_in_another_font(template: Workbook) -> None:
    for sheet in template:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            assert (cell.font.name, cell.font.sz >= 10) == ("Arial", True), (sheet.title, cell.coordinate)


def validations(sheet: Worksheet) -> dict[str, DataValidation]:
    """The validation of each cell that has one."""
    return {
        cell.coordinate: validation
        for validation in sheet.data_validations.dataValidation
        for area in validation.sqref.ranges
        for row in sheet[area.coord if ":" in area.coord else f"{area.coord}:{area.coord}"]
        for cell in row
    }


def test_typed_cells_say_so_by_style_hint_and_message(template: Workbook) -> None:
    """As-of month, comments, targets, picked measure, signatures: each of the style Typed, with a hint, none else."""
    wanted = {"Scorecard": 1 + 18, "Targets": 18 * 6, "Boroughs": 1, "Sign-off": 3 * 2 + 6}
    for sheet in template:
        found = validations(sheet)
        typed = {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.style == "Typed"}
        assert typed == set(found), sheet.title
        assert len(found) == wanted.get(sheet.title, 0), sheet.title
        for cell, validation in found.items():
            assert validation.promptTitle, (sheet.title, cell)
            assert validation.prompt
            assert validation.type is None or (validation.errorTitle and validation.error)
    key = next(cell for row in template["Scorecard"].iter_rows() for cell in row if cell.value == "Typed")
    assert (key.style, key.fill.fgColor.rgb) == ("Instruction", template["Scorecard"]["B2"].fill.fgColor.rgb)


def test_what_typed_cells_take(template: Workbook) -> None:
    targets = validations(template["Targets"])
    assert (targets["C5"].type, targets["C5"].formula1, targets["C5"].formula2) == ("decimal", "-1", "1")
    assert targets["C5"].error == "This target is a percentage: write 78.9% (or 0.789), not 78.9."
    counted = next(row for row in range(5, 23) if template["Targets"][f"A{row}"].value == "9a")
    assert targets[f"C{counted}"].error == "Type a number from 0 on, such as 350."
    assert template["Targets"]["C5"].number_format == "0.0%"
    assert template["Targets"][f"C{counted}"].number_format == "#,##0"
    assert "points_on_baseline" in str(targets["B5"].formula1)
    pick = validations(template["Boroughs"])["A4"]
    assert (pick.type, pick.formula1) == ("list", "borough_measures")
    assert template.defined_names["borough_measure"].attr_text == "Boroughs!$A$4"
    offered = [cell.value for (cell,) in template["Borough measures"]["A5:A15"]]
    assert template.defined_names["borough_measures"].attr_text == "'Borough measures'!$A$5:$A$15"
    assert template["Boroughs"]["A4"].value == offered[0] == "4a Serious acquisitive crime"


def test_what_each_chart_draws(root: Path, template: Workbook) -> None:
    """Months, then provisional months where there are any, the rolling year, the target: each from its own column."""
    package, catalogue = Package.read(root / f"workbooks/{NAME}.xlsx"), load(root / "config")
    heads = {get_column_letter(at): str(cell.value) for at, cell in enumerate(template["Trend data"][4], start=1)}
    measures = [measure for measure in catalogue.measures.values() if measure.figure is not None]
    for number, measure in enumerate(measures, start=1):
        text = package.part(f"xl/charts/chart{number}.xml").decode()
        columns = re.findall(r"<c:val><c:numRef><c:f>'Trend data'!\$([A-Z]+)\$5:", text)
        drawn = [heads[column].removeprefix(measure.id.replace("-", " ")) for column in columns]
        line = " average" if measure.unit == "change" else " figure"
        provisional = [" provisional"] if measure.id == "5" else []
        assert sorted(drawn) == sorted([" month", *provisional, line, " target"]), measure.id
        assert text.count("<c:valAx>") == 1  # one axis for all
        counted = measure.unit in ("change", "count")
        assert f'<c:numFmt formatCode="{"#,##0" if counted else "0.0%"}"' in text
        assert re.search(r"<c:title><c:tx><c:strRef><c:f>Scorecard!\$[A-Z]+\$\d+</c:f>", text)
        assert ("<a:pattFill" in text) == bool(provisional)
        assert text.count('<a:prstDash val="dash"/>') == 1
        sizes = {int(size) for size in re.findall(r'sz="(\d+)"', text)}
        assert min(sizes) >= 1_000, measure.id


def test_every_sheet_is_listed_in_the_notes(template: Workbook) -> None:
    links = {cell.value: cell.hyperlink.location for (cell,) in template["Notes"]["A1:A60"] if cell.hyperlink}
    assert links == {sheet.title: f"'{sheet.title}'!A1" for sheet in template if sheet.title != "Notes"}


@pytest.mark.slow  # it makes a template
def test_b13_a_known_break_is_drawn_in_the_charts(root: Path, tmp_path: Path) -> None:
    """In those of the measures whose figures count the series: a mark at the month, its legend month and reason."""
    catalogue = load(root / "config")
    known = KnownBreak(month=Month(2008, 7), reason="counted once a vehicle")
    broken = catalogue.series["sac"].model_copy(update={"known_breaks": (known,)})
    changed = replace(catalogue, series={**catalogue.series, "sac": broken})
    make(tmp_path / "broken.xlsx", changed, changed.workbooks[NAME])
    package = Package.read(tmp_path / "broken.xlsx")
    charts = [package.text(name) for name in package.names if name.startswith("xl/charts/chart")]
    marked = [chart for chart in charts if b"<c:v>Jul-08: counted once a vehicle</c:v>" in chart]
    assert len(marked) == 2  # 4a and 4b
    assert all(chart.count(b"<c:errBars>") == 1 for chart in marked)
    sheet = openpyxl.load_workbook(tmp_path / "broken.xlsx")["Trend data"]
    (heads,) = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=TABLE_ROW + 1, max_row=TABLE_ROW + 1))
    assert [head for head in map(str, heads) if "break" in head] == ["4a break 1", "4b break 1"]
    formula = str(sheet.cell(TABLE_ROW + 2, heads.index("4a break 1") + 1).value)
    assert "[Month]]=DATE(2008,7,1)" in formula
