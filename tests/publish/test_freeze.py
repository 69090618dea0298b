"""Freezing: what goes is listed, what is shown stays, everything else is the workbook's own, byte for byte."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import xlsxwriter

from cpa_xl.commands.calculate import calculate
from cpa_xl.config.model import Formulas, Publish
from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.ooxml.package import PartChange, compare, validate
from cpa_xl.publish.freeze.freeze import Frozen, freeze
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.publishable import BOOKS, GIVEN_AWAY, LEFT_OUT, arrays, hidden, macros, named, ruled
from tests.support.recalculated import changes, recalculated_all

DAY = dt.date(2009, 1, 31)  # serial number 39844
CALCULATOR = EmbeddedCalculator(FUNCTIONS)

_TYPES, _LINKS, _MAIN = "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/workbook.xml"
CHANGED: Mapping[str, set[str]] = {  # beside parts that are removed
    "macros": {_TYPES, "_rels/.rels", _LINKS, _MAIN, "xl/drawings/vmlDrawing1.vml", "xl/worksheets/sheet1.xml"},
    "hidden": {_TYPES, _LINKS, _MAIN, "docProps/app.xml", "xl/charts/chart1.xml", "xl/sharedStrings.xml"}
    | {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"},
    "linked": {_TYPES, _LINKS, _MAIN, "xl/worksheets/sheet2.xml"},
    "named": {_MAIN, "docProps/app.xml", "xl/worksheets/sheet1.xml"},
    "arrays": {_MAIN, "xl/tables/table1.xml", "xl/worksheets/sheet1.xml"},
    "ruled": {_MAIN, "xl/worksheets/sheet1.xml"},
    "openpyxl_made": {_MAIN, "docProps/core.xml", "xl/comments/comment1.xml", "xl/worksheets/sheet1.xml"}
    | {"xl/worksheets/_rels/sheet1.xml.rels"},
    "libreoffice_saved": {_TYPES, _LINKS, _MAIN, "_rels/.rels", "xl/worksheets/sheet1.xml"},
    "threaded": {_TYPES, _LINKS, _MAIN, "xl/drawings/vmlDrawing1.vml", "xl/sharedStrings.xml"}
    | {"xl/worksheets/sheet2.xml", "xl/worksheets/_rels/sheet2.xml.rels"},
    "connected": {_TYPES, _LINKS, _MAIN, "xl/tables/table1.xml"},
}


def frozen(workbook: ClosedWorkbook, setting: Publish | None = None) -> Frozen:
    """The workbook frozen on the day of these tests."""
    return freeze(workbook, setting or Publish(), CALCULATOR, DAY)


@dataclass(frozen=True)
class Shelf:
    """The workbooks of all makers and their frozen copies, each made when it is first asked for."""

    folder: Path
    _books: dict[str, ClosedWorkbook] = field(default_factory=dict)
    _copies: dict[str, Frozen] = field(default_factory=dict)

    def __getitem__(self, name: str) -> ClosedWorkbook:
        if name not in self._books:
            path = BOOKS[name](self.folder)
            if name == "openpyxl_made":
                calculate(path)
            self._books[name] = ClosedWorkbook.open(path)
        return self._books[name]

    def copy(self, name: str) -> Frozen:
        """A workbook, frozen."""
        if name not in self._copies:
            self._copies[name] = frozen(self[name])
        return self._copies[name]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The workbooks of all makers."""
    return Shelf(tmp_path_factory.mktemp("publishable"))


@pytest.mark.parametrize("name", BOOKS)
def test_what_goes_is_listed(name: str, books: Shelf) -> None:
    assert {str(one) for one in books.copy(name).removed} == LEFT_OUT[name]


@pytest.mark.parametrize("name", BOOKS)
def test_everything_else_is_the_same_byte_for_byte(name: str, books: Shelf) -> None:
    differences = compare(books[name].package, books.copy(name).workbook.package)
    assert {one.name for one in differences if one.kind is PartChange.CHANGED} == CHANGED[name]
    assert {one.name for one in differences if one.kind is PartChange.ADDED} == set()
    assert validate(books.copy(name).workbook.package) == ()


@pytest.mark.parametrize("name", BOOKS)
def test_nothing_is_given_away(name: str, books: Shelf) -> None:
    package = books.copy(name).workbook.package
    found = [(part, said) for part in package.names for said in GIVEN_AWAY if said in package.part(part)]
    assert found == []
    assert package.content_type(package.workbook_part).endswith("spreadsheetml.sheet.main+xml")


@pytest.mark.parametrize("name", BOOKS)
def test_every_cell_shows_what_it_showed(name: str, books: Shelf) -> None:
    copy = books.copy(name).workbook
    for sheet in copy.sheet_names:
        before = books[name].cells(sheet)
        for place, cell in copy.cells(sheet).items():
            assert cell.value == before[place].value, (sheet, place)


@pytest.mark.office
def test_nothing_changes_in_a_libreoffice_without_the_addin(books: Shelf, tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.xlsx" for name in BOOKS}
    for name, path in paths.items():
        books.copy(name).workbook.save(path)
    after = recalculated_all(list(paths.values()), tmp_path)
    for name, path in paths.items():
        copy = ClosedWorkbook.open(path)
        assert changes(copy, after[path]) == [], name
        values = [cell.value for sheet in after[path].sheet_names for cell in after[path].cells(sheet).values()]
        assert values, name
        assert not [value for value in values if isinstance(value, CellError)], name


def test_formats_apply_where_they_did(tmp_path: Path) -> None:
    """0.1 is red and 0.48 amber against 0.5; above 0.4 are 0.48 and 0.9; 31 January 2009 is day 39844."""
    text = frozen(ClosedWorkbook.open(ruled(tmp_path))).workbook.package.text("xl/worksheets/sheet1.xml").decode()
    assert '<conditionalFormatting sqref="A1"><cfRule type="expression" dxfId="0" priority="1"><formula>TRUE<' in text
    assert (
        '<conditionalFormatting sqref="A2:A3"><cfRule type="expression" dxfId="1" priority="2"><formula>TRUE<' in text
    )
    assert "<formula>B1&lt;39844</formula>" in text
    assert '<cfvo type="num" val="0.4"/>' in text
    assert '<dataValidations count="2">' in text


def test_charts_keep_what_hidden_cells_showed_and_sparklines_their_cells(tmp_path: Path) -> None:
    copy = frozen(ClosedWorkbook.open(hidden(tmp_path))).workbook
    chart = copy.package.text("xl/charts/chart1.xml").decode()
    assert "<c:tx><c:v>red</c:v></c:tx>" in chart
    assert '<c:strLit><c:ptCount val="3"/><c:pt idx="0"><c:v>red</c:v></c:pt>' in chart
    assert "Lists" not in chart
    assert {place: cell.value for place, cell in copy.cells("Lists").items()} == {
        (row, 2): value for row, value in enumerate((3, 1, 4, 1, 5), 1)
    }
    assert copy.cells("Board")[2, 1].formula == "A1+1"


def test_own_formulas_can_go_too(tmp_path: Path) -> None:
    done = frozen(ClosedWorkbook.open(macros(tmp_path)), Publish(formulas=Formulas.VALUES))
    assert {cell.formula for cell in done.workbook.cells("Board").values()} == {None}
    assert "formula: Board" in map(str, done.removed)


def test_names_that_stay_and_formulas_on_them(tmp_path: Path) -> None:
    copy = frozen(ClosedWorkbook.open(named(tmp_path))).workbook
    assert copy.names == {"actual": "Board!$A$1"}
    assert copy.cells("Board")[3, 3].formula == "actual*2"


def test_native_arrays_stay(tmp_path: Path) -> None:
    cells = frozen(ClosedWorkbook.open(arrays(tmp_path))).workbook.cells("Board")
    assert cells[1, 2].array == "B1:B3"
    assert cells[1, 4].array is None
    assert [cells[row, 4].value for row in (1, 2, 3)] == ["R", "R", "G"]


def test_sheets_and_records_that_the_configuration_leaves_out(books: Shelf) -> None:
    done = frozen(books["arrays"], Publish(leave_out=()))
    assert done.workbook.sheet_names == ("Board",)
    records = frozen(books["threaded"], Publish(records=("facts",)))
    assert records.workbook.sheet_names == ("Board",)
    assert "sheet of records: Data" in map(str, records.removed)
    sheet = frozen(books["threaded"], Publish(leave_out=("data",)))
    assert "sheet that workbooks.yaml leaves out: Data" in map(str, sheet.removed)
    assert "xl/calcChain.xml" not in sheet.workbook.package  # it may name cells of the sheet


def test_what_the_configuration_names_must_be_there(books: Shelf) -> None:
    with pytest.raises(Refusal, match=r"has no table Offences, which publish: in workbooks.yaml names; it has Facts"):
        frozen(books["threaded"], Publish(records=("Offences",)))
    with pytest.raises(Refusal, match=r"has no sheet Log, which publish: in workbooks.yaml names; it has Data, Board"):
        frozen(books["threaded"], Publish(leave_out=("Log",)))


def test_a_last_visible_sheet_is_needed(books: Shelf) -> None:
    with pytest.raises(Refusal, match=r"would be left without a visible sheet"):
        frozen(books["ruled"], Publish(leave_out=("Board",)))


def test_workbooks_that_nobody_calculated_are_refused(tmp_path: Path) -> None:
    path = BOOKS["openpyxl_made"](tmp_path)
    with pytest.raises(Refusal, match=r"has formulas without a value: Board!B1, Board!B2; refresh or calculate it"):
        frozen(ClosedWorkbook.open(path))


def test_errors_are_refused(books: Shelf) -> None:
    nameless = books["named"].with_values({("Board", 1, 3): CellErrors.NAME})
    with pytest.raises(
        Refusal, match=r"shows errors: Board!C1 \(#NAME\?\); refresh it first \(#NAME\? is what a spread"
    ):
        frozen(nameless)


def test_figures_of_another_time_are_refused(books: Shelf) -> None:
    old = books["arrays"].with_cell("Board", 1, 1, 0.99)
    with pytest.raises(Refusal, match=r"shows figures of another time: Board!B1 \(the calculator does not get the"):
        frozen(old)


def test_own_formulas_that_another_program_doubts_become_values(tmp_path: Path) -> None:
    """VLOOKUP that comes near, in a list out of order: Excel halves the list, others look through it."""
    path = tmp_path / "doubted.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Board")
        for row, (name, value) in enumerate((("Apples", 50), ("Oranges", 20), ("Bananas", 60), ("Lemons", 40)), 1):
            sheet.write_row(row, 0, [name, value])
        sheet.write_formula("A7", '=VLOOKUP("Apples",A2:B5,2,TRUE)', None, 50)
    done = frozen(ClosedWorkbook.open(path))
    assert set(map(str, done.removed)) == {"formula that programs read differently: Board"}


def test_workbooks_that_only_ask_to_be_calculated_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "asking.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Board").write_formula("A1", "=SIN(PI()/4)")  # functions that the calculator does not judge
    with pytest.raises(Refusal, match=r"was never calculated: every formula shows 0 or nothing; refresh it, or"):
        frozen(ClosedWorkbook.open(path))


class CellErrors:
    """Errors as cells show them."""

    NAME = CellError("")
    NAME.code = "#NAME?"
