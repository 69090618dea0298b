"""The refresh of an open workbook, live: `excel.refresh` through xlwings, with LibreOffice Calc as the spreadsheet."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlwings

from cpa_xl.commands.plan import TablePlan
from cpa_xl.commands.refresh import Outcome
from cpa_xl.commands.refresh import refresh as refresh_closed
from cpa_xl.config.load import load
from cpa_xl.errors import CellError, Refusal
from cpa_xl.excel import refresh as excel
from cpa_xl.excel import ribbon
from cpa_xl.excel.open_workbook import OpenWorkbook, entered, table_write
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.measures.periods import Month
from cpa_xl.scorecard.history import read_rows_of
from cpa_xl.scorecard.tables import Stamp
from cpa_xl.workbook.closed import ClosedWorkbook, ReadableWorkbook
from tests.support import calcengine, small
from tests.support.calc import Calc
from tests.support.calcengine import open_book
from tests.support.officeprocess import uno_module

STAMP = Stamp(dt.datetime(2009, 2, 3, 4, 5, tzinfo=dt.UTC), "analyst")
JANUARY = Month(2009, 1)
Open = Callable[[Path], xlwings.Book]
Template = tuple[xlwings.Book, Mapping[object, object]]


@pytest.fixture(scope="module")
def desktop(calc: Calc) -> Any:
    """LibreOffice, with the cell functions."""
    return calc.desktop


@pytest.fixture
def opened(desktop: Any) -> Iterator[Open]:
    """Opens a file; what was opened is closed again."""
    books: list[xlwings.Book] = []

    def open_it(path: Path) -> xlwings.Book:
        books.append(open_book(desktop, path))
        return books[-1]

    yield open_it
    for book in books:
        book.close()


@pytest.fixture
def book(tmp_path: Path, opened: Open) -> xlwings.Book:
    """The small workbook, open; its configuration and extract lie beside it."""
    return opened(small.force(tmp_path))


def refresh(book: xlwings.Book, **options: Any) -> excel.LiveOutcome:
    folder = Path(book.fullname).parent
    return excel.refresh(book, load(folder / "config"), folder / "extracts", stamp=STAMP, **options)


def code(value: object) -> object:
    """A value, an error as its code, an empty text as nothing."""
    if isinstance(value, CellError):
        return value.code
    return None if value == "" else value


def everything(book: xlwings.Book) -> Mapping[object, object]:
    """All that a refresh might change: cells, tables, formats of the cells below them, and the program's state."""
    workbook = OpenWorkbook(book)
    app = book.app
    cells: dict[object, object] = {
        (sheet, *place): (code(cell.value), cell.formula)
        for sheet in workbook.sheet_names
        for place, cell in workbook.cells(sheet).items()
    }
    formats: dict[object, object] = {
        ("format", table.sheet, row, column): book.sheets[table.sheet].range((row, column)).number_format
        for table in workbook.tables.values()
        for row in (table.first_row + 1, table.last_row, table.last_row + 1, table.last_row + 4)
        for column in range(table.first_col, min(table.last_col, table.first_col + 2) + 1)
    }
    tables: dict[object, object] = dict(workbook.tables.items())
    return {**cells, **formats, **tables, "state": (app.calculation, app.screen_updating, app.enable_events)}


def differences(before: Mapping[object, object], after: Mapping[object, object]) -> dict[object, Any]:
    """What is not as it was: before and after."""
    places = {*before, *after}
    return {one: (before.get(one), after.get(one)) for one in places if before.get(one) != after.get(one)}


# --- the same as on a closed file ---------------------------------------------------------------------------------


def rows(workbook: ReadableWorkbook, name: str, columns: tuple[str, ...]) -> list[tuple[object, ...]]:
    """A table's rows, in some of its columns."""
    table, cells = workbook.tables[name], workbook.cells(workbook.tables[name].sheet)
    places = [number for number, one in enumerate(table.columns, table.first_col) if one.name in columns]
    return [
        tuple(code(cells[row, place].value) if (row, place) in cells else None for place in places)
        for row in range(table.first_body_row, table.last_body_row + 1)
    ]


@dataclass(frozen=True)
class Filled:
    """The scorecard's template, filled twice: as a closed file, and open in the spreadsheet."""

    closed: ClosedWorkbook
    expected: Outcome
    book: xlwings.Book
    outcome: excel.LiveOutcome
    before: Mapping[object, object]


@pytest.fixture(scope="module")
def filled(desktop: Any, root: Path, sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """From the same extracts. The open one is not to be changed."""
    catalogue, folder = load(root / "config"), tmp_path_factory.mktemp("filled")
    closed, live = folder / "closed.xlsx", folder / "live.xlsx"
    for path in (closed, live):
        shutil.copy(root / "workbooks" / "cpa_scorecard.xlsx", path)
    calculator = EmbeddedCalculator(FUNCTIONS)
    expected = refresh_closed(closed, catalogue, sample_folder, calculator, as_of=JANUARY, stamp=STAMP)
    book = open_book(desktop, live)
    before = everything(book)
    outcome = excel.refresh(book, catalogue, sample_folder, as_of=JANUARY, stamp=STAMP)
    yield Filled(ClosedWorkbook.open(closed), expected, book, outcome, before)
    book.close()


def test_the_template_is_filled_as_a_closed_file_is(filled: Filled) -> None:
    """Every table that a refresh fills, row by row."""
    assert filled.outcome.written
    assert [(one.table, one.before, one.after) for one in filled.outcome.tables] == [
        (one.table, one.before, one.after) for one in filled.expected.tables
    ]
    assert set(filled.outcome.notes) <= set(filled.expected.notes)
    there, wanted = OpenWorkbook(filled.book), filled.closed
    compared = 0
    for name in (one.table for one in filled.expected.tables):
        columns = wanted.tables[name].columns
        plain = tuple(one.name for one in columns if one.formula is None and not one.name.startswith("Cells "))
        assert there.tables[name].ref == wanted.tables[name].ref, name
        assert rows(there, name, plain) == rows(wanted, name, plain), name
        compared += len(rows(wanted, name, plain))
        calculated = [one.name for one in there.tables[name].columns if one.formula is not None]
        assert calculated == [one.name for one in columns if one.formula is not None], name
    assert compared > 1_300
    assert everything(filled.book)["state"] == filled.before["state"] == ("automatic", True, True)


def test_a_second_refresh_finds_nothing_to_do(filled: Filled, root: Path, sample_folder: Path) -> None:
    again = excel.refresh(filled.book, load(root / "config"), sample_folder, as_of=JANUARY, stamp=STAMP)
    assert (again.written, again.changed) == (False, ())
    assert len(rows(OpenWorkbook(filled.book), "RefreshLog", ("When",))) == 1


@pytest.mark.parametrize("sheet", ["Scorecard", "Boroughs", "Comment facts", "Targets", "Monthly", "Trend data"])
def test_the_spreadsheet_comes_to_the_same_scorecard(filled: Filled, sheet: str) -> None:
    """Each formula, calculated by LibreOffice, and by the embedded calculator for the closed file."""
    there, wanted = OpenWorkbook(filled.book).cells(sheet), filled.closed.cells(sheet)
    formulas = [place for place, cell in wanted.items() if cell.formula is not None]
    assert len(formulas) >= 18
    for place in formulas:
        value, expected = code(there[place].value), code(wanted[place].value)
        assert there[place].formula is not None, place
        assert value == (pytest.approx(expected) if isinstance(expected, float) else expected), place


def test_new_rows_look_like_the_first(book: xlwings.Book) -> None:
    refresh(book)
    months = book.sheets["Data"].range("A2:A25")
    assert months.number_format is not None  # the same in all
    assert months.number_format.casefold() == "mmm-yy"
    workbook = OpenWorkbook(book)
    assert workbook.tables["Monthly"].ref == "A1:C25"
    # Each month's robberies in three boroughs, see small.count.
    assert rows(workbook, "Monthly", ("Month", "Robbery"))[0] == (39114.0, sum(100 + 10 * one for one in range(3)))


def test_more_rows_than_there_shall_be_are_taken_away(book: xlwings.Book) -> None:
    refresh(book)
    sheet = book.sheets["Data"]
    sheet.range("A26:C28").value = [[39845.0 + 30 * step, 1.0, 2.0] for step in range(3)]
    sheet.tables["Monthly"].resize(sheet.range("A1:C28"))
    outcome = refresh(book)
    assert [(one.before, one.after) for one in outcome.tables] == [(27, 24)]
    workbook = OpenWorkbook(book)
    assert workbook.tables["Monthly"].ref == "A1:C25"
    assert max(row for row, _ in workbook.cells("Data")) == 25


def test_the_month_is_set_where_it_is_asked_for(book: xlwings.Book) -> None:
    refresh(book)
    outcome = refresh(book, as_of=Month(2008, 12))
    assert outcome.changed[-1] == "cell B1 on sheet Scorecard"
    assert OpenWorkbook(book).cells("Scorecard")[1, 2].value == 39783.0  # 1 December 2008
    assert not refresh(book).written


def test_a_number_typed_over_comes_back(book: xlwings.Book) -> None:
    refresh(book)
    before = everything(book)
    book.sheets["Data"].range("B3").value = 1.0
    assert refresh(book).changed == ("table Monthly on sheet Data",)
    assert differences(before, everything(book)) == {}


def test_a_dry_run_changes_nothing(book: xlwings.Book) -> None:
    before = everything(book)
    outcome = refresh(book, dry_run=True)
    assert (outcome.written, outcome.changed) == (False, ("table Monthly on sheet Data",))
    assert [(one.before, one.after) for one in outcome.tables] == [(0, 24)]
    assert differences(before, everything(book)) == {}


def test_an_extract_of_one_month_leaves_the_others_and_the_history_is_kept(book: xlwings.Book) -> None:
    folder = Path(book.fullname).parent
    store = folder / "small.history.parquet"
    refresh(book, dry_run=True)
    assert not store.exists()
    refresh(book)
    before = {place: cell.value for place, cell in OpenWorkbook(book).cells("Data").items()}
    (folder / "extracts/crime_2009-01.csv").unlink()
    head, *rest = (text.split(",")[:3] for text in small.lines())
    lines = [",".join(cells) for cells in ([*head[:2], "200902"], *rest)]
    small.extract(folder / "extracts", lines, name="crime_2009-02.csv")
    outcome = refresh(book, as_of=Month(2009, 2))
    assert outcome.notes[0].startswith("crime_2009-02.csv: Recorded crime begins in Feb-09; Feb-07 to Jan-09 stay")
    after = {place: cell.value for place, cell in OpenWorkbook(book).cells("Data").items()}
    assert {place: after[place] for place in before} == before
    assert max(row for row, _ in after) == 26
    assert {row.refresh for row in read_rows_of(store)} == {1, 2}


@pytest.fixture
def totalled(book: xlwings.Book) -> xlwings.Book:
    """The small workbook, its table with a row of totals."""
    sheet = book.sheets["Data"]
    sheet.range("A3").value = "Total"
    sheet.range("B3").formula = "=SUBTOTAL(109;Monthly[Robbery])"
    table = sheet.tables["Monthly"]
    table.resize(sheet.range("A1:C3"))
    table.impl.database.TotalsRow = True
    return book


def test_a_table_with_totals_keeps_them_below_its_rows(totalled: xlwings.Book) -> None:
    refresh(totalled)
    cells = OpenWorkbook(totalled).cells("Data")
    assert OpenWorkbook(totalled).tables["Monthly"].ref == "A1:C26"
    assert cells[26, 1].value == "Total"
    assert cells[26, 2].value == sum(cells[row, 2].value for row in range(2, 26))  # type: ignore[misc]  # numbers all


@pytest.mark.parametrize("member", ["resize", "raw_value"])
def test_totals_stay_where_they_are_when_rows_are_refused(
    totalled: xlwings.Book, monkeypatch: pytest.MonkeyPatch, member: str
) -> None:
    before = everything(totalled)
    refuse_once(monkeypatch, member, 1)
    with pytest.raises(Refusal, match="busy"):
        refresh(totalled)
    assert differences(before, everything(totalled)) == {}


# --- everything or nothing ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def template(desktop: Any, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The scorecard's template, open and calculated, and all that it holds: to be left so."""
    path = Path(
        shutil.copy(root / "workbooks" / "cpa_scorecard.xlsx", tmp_path_factory.mktemp("template") / "live.xlsx")
    )
    book = open_book(desktop, path)
    book.impl.document.calculateAll()  # it opens with the values of the file
    book.app.calculation = "manual"  # which is restored too
    yield book, everything(book)
    book.close()


@pytest.mark.parametrize(("member", "at"), [("formula", 2), ("resize", 7), ("raw_value", 9)])
def test_a_failure_in_the_middle_leaves_the_book_as_it_was(
    template: Template, filled: Filled, root: Path, monkeypatch: pytest.MonkeyPatch, *, member: str, at: int
) -> None:
    """The spreadsheet refuses one of many changes; those before it are taken back. The extracts are read already."""
    book, before = template
    monkeypatch.setattr("cpa_xl.commands.plan.read_facts", lambda *_, **__: filled.outcome.facts)
    refuse_once(monkeypatch, member, at)
    message = r"^live\.xlsx: table \w+ on sheet [\w ]+ could not be written \(busy\); it is as it was$"
    with pytest.raises(Refusal, match=message):
        excel.refresh(book, load(root / "config"), Path("unread"), as_of=JANUARY, stamp=STAMP)
    book.impl.document.calculateAll()
    assert differences(before, everything(book)) == {}


def refuse_once(monkeypatch: pytest.MonkeyPatch, member: str, at: int) -> None:
    """Let the spreadsheet say that it is busy, at the call of that number."""
    calls = count(1)
    kind: Any = calcengine.Table if member == "resize" else calcengine.Range
    original: Any = getattr(kind, member)
    change = original if member == "resize" else original.fset

    def busy(self: object, value: object) -> None:
        if next(calls) == at:
            message = "busy"
            raise RuntimeError(message)
        change(self, value)

    monkeypatch.setattr(kind, member, busy if member == "resize" else property(original.fget, busy))


def test_a_failure_while_rows_are_taken_away(book: xlwings.Book, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh(book)
    sheet = book.sheets["Data"]
    sheet.range("A26:C28").value = [[39845.0, 1.0, 2.0], [None, "x", "'007"], [39900.0, 3.0, None]]
    sheet.tables["Monthly"].resize(sheet.range("A1:C28"))
    before = everything(book)
    refuse_once(monkeypatch, "raw_value", 1)
    with pytest.raises(Refusal, match="busy"):
        refresh(book)
    assert differences(before, everything(book)) == {}


def test_what_the_spreadsheet_makes_of_a_value_is_noticed(book: xlwings.Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Excel might, with automatic corrections or macros that listen."""
    before = everything(book)
    written = calcengine._written
    monkeypatch.setattr(calcengine, "_written", lambda value: 331.0 if value == 330.0 else written(value))
    with pytest.raises(Refusal, match=r"^table Monthly on sheet Data: B2 holds 331\.0 after 330\.0 was written$"):
        refresh(book)
    monkeypatch.undo()
    assert differences(before, everything(book)) == {}


def test_a_table_that_did_not_grow_is_noticed(book: xlwings.Book, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(book)
    monkeypatch.setattr(calcengine.Table, "resize", lambda _self, _area: None)
    with pytest.raises(Refusal, match=r"^table Monthly on sheet Data is A1:C2 and not A1:C25 after it was resized$"):
        refresh(book)
    monkeypatch.undo()
    assert differences(before, everything(book)) == {}


def test_a_value_that_no_cell_holds_is_named(book: xlwings.Book) -> None:
    rows = ((dt.date(2009, 1, 1), 1, 2), (dt.date(2009, 2, 1), 3, float("inf")))
    plan = TablePlan("Monthly", ("Month", "Robbery", "Burglary"), lambda: iter(rows))
    message = (
        r"^small\.xlsx, cell C3 on sheet Data: inf is not a number that a cell can hold; leave the cell empty instead$"
    )
    with pytest.raises(Refusal, match=message):
        table_write(OpenWorkbook(book), plan)


def test_what_cannot_be_put_back_is_said(book: xlwings.Book, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: object, _area: object) -> None:
        message = "gone"
        raise RuntimeError(message)

    monkeypatch.setattr(calcengine.Table, "resize", broken)
    message = (
        r"^small\.xlsx: table Monthly on sheet Data could not be written \(gone\), and table Monthly on sheet Data "
        r"not be put back \(gone\); close the workbook without saving$"
    )
    with pytest.raises(Refusal, match=message):
        refresh(book)


# --- what is refused before anything is written -------------------------------------------------------------------


def refused(book: xlwings.Book, **options: Any) -> str:
    """The message of a refresh that must be refused, and must have changed nothing."""
    before = everything(book)
    with pytest.raises(Refusal) as caught:
        refresh(book, **options)
    assert differences(before, everything(book)) == {}
    return str(caught.value)


def test_a_protected_sheet_is_refused(book: xlwings.Book) -> None:
    native(book, "Data").protect("secret")
    assert refused(book) == (
        "table Monthly on sheet Data cannot be written: sheet Data is protected; "
        "unprotect it (Review, Unprotect Sheet) and refresh again"
    )


def test_a_locked_cell_of_the_month_is_refused_and_an_unlocked_one_written(book: xlwings.Book) -> None:
    refresh(book)
    cell = book.sheets["Scorecard"].range("B1").impl.cells
    native(book, "Scorecard").protect("")
    assert refused(book, as_of=Month(2008, 12)) == (
        "cell B1 on sheet Scorecard cannot be written: sheet Scorecard is protected; "
        "unprotect it (Review, Unprotect Sheet) and refresh again"
    )
    native(book, "Scorecard").unprotect("")
    protection = cell.CellProtection
    protection.IsLocked = False
    cell.CellProtection = protection
    native(book, "Scorecard").protect("")
    assert refresh(book, as_of=Month(2008, 12)).written


def test_a_filtered_table_is_refused(book: xlwings.Book) -> None:
    refresh(book)
    table = book.sheets["Data"].tables["Monthly"].impl.database
    descriptor = table.getFilterDescriptor()
    field = uno_module().createUnoStruct("com.sun.star.sheet.TableFilterField")
    field.IsNumeric, field.NumericValue, field.Field = True, 330.0, 1
    descriptor.setFilterFields((field,))
    book.sheets["Data"].range("B3").value = 1.0  # so that there is something to write
    assert refused(book) == (
        "table Monthly on sheet Data is filtered; show all its rows (Data, Clear) and refresh again"
    )


def test_what_stands_below_a_table_is_not_written_over(book: xlwings.Book) -> None:
    book.sheets["Data"].range("B9").value = "typed by hand"
    assert refused(book) == (
        "table Monthly on sheet Data needs the cells down to row 25, and B9 below it is not empty; move what is there"
    )
    book.sheets["Data"].range("B9").clear_contents()
    book.sheets["Data"].range("E9").value = "beside it"
    assert refresh(book).written


def test_merged_cells_below_a_table_are_refused(book: xlwings.Book) -> None:
    book.sheets["Data"].range("B9:C9").impl.cells.merge(True)  # UNO knows no names of arguments
    assert refused(book) == "table Monthly on sheet Data: cells are merged where its rows go; unmerge them in Excel"


def test_a_table_below_another_is_refused(tmp_path: Path, opened: Open) -> None:
    path = small.force(tmp_path)
    book = opened(path)
    ranges = book.impl.document.DatabaseRanges
    ranges.addNewByName("Notes", book.sheets["Data"].range("B9:C10").api.address)
    assert refused(book) == ("table Monthly on sheet Data would grow into table Notes (B9:C10); move one of them")


def test_a_formula_in_a_column_of_values_is_refused(book: xlwings.Book) -> None:
    refresh(book)
    book.sheets["Data"].range("B3").formula = "=1+1"
    assert refused(book) == (
        "table Monthly: B3 in column 'Robbery' holds a formula, and the column is not a calculated one; "
        "let Excel fill the formula down the whole column, or type a value instead"
    )


def test_a_month_that_a_formula_gives_is_refused(book: xlwings.Book) -> None:
    refresh(book)
    book.sheets["Scorecard"].range("B1").formula = "=39814"
    assert refused(book, as_of=Month(2008, 12)) == (
        "cell B1 on sheet Scorecard holds the formula =39814; only constants are replaced"
    )


def test_bad_extracts_are_refused_as_for_a_closed_file(book: xlwings.Book) -> None:
    text = small.lines()
    small.extract(Path(book.fullname).parent / "extracts", [*text, text[1]])
    assert "crime_2009-01.csv" in refused(book)


def native(book: xlwings.Book, sheet: str) -> Any:
    return book.sheets[sheet].impl.sheet


# --- how an open book is read and typed into ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("Burglary", "Burglary"),
        ("Kensington and Chelsea", "Kensington and Chelsea"),
        ("007", "'007"), ("1/2", "'1/2"), ("Jan-09", "'Jan-09"), ("4a", "'4a"), ("50%", "'50%"), ("1e5", "'1e5"),
        ("=1+1", "'=1+1"), ("+44", "'+44"), ("-", "'-"), ("@x", "'@x"), ("#N/A", "'#N/A"), ("'quoted'", "''quoted'"),
        ("TRUE", "'TRUE"), ("false", "'false"), ("true story", "true story"), (" x", "' x"),
        (None, ""), (True, True), (1.5, 1.5),
    ],
)  # fmt: skip
def test_text_is_typed_so_that_it_stays_text(value: Any, typed: object) -> None:
    assert entered(value) == typed


class Sheets(list[Any]):
    """A list that is also asked by name."""

    def __getitem__(self, key: Any) -> Any:
        return next(sheet for sheet in self if sheet.name == key)


def read(value: object, formula: str = "", *, date1904: bool = False) -> object:
    """What `OpenWorkbook` makes of the one cell of a book, given as Excel gives it."""
    used = SimpleNamespace(raw_value=value, formula=formula, row=1, column=1)
    sheet = SimpleNamespace(name="Sheet", used_range=used)
    book: Any = SimpleNamespace(sheets=Sheets([sheet]), api=SimpleNamespace(Date1904=date1904), name="book.xlsx")
    cell = OpenWorkbook(book).cells("sheet").get((1, 1))
    return None if cell is None else code(cell.value)


def test_cells_are_read_as_excel_gives_them() -> None:
    noon = dt.datetime(2009, 1, 31, 12, tzinfo=dt.UTC)
    assert read(noon) == 39844.5
    assert read(noon, date1904=True) == 39844.5 - 1462
    assert read(Decimal("12.5")) == 12.5  # a currency format
    assert read(-2146826246) == "#N/A"
    assert read(-2146826243) == "#SPILL!"
    assert read(True, "TRUE") is True
    assert read(None) is None
    assert read("") is None
    assert read("=text", "=text") == "=text"


def test_names_that_are_no_cell_are_refused(book: xlwings.Book) -> None:
    workbook = OpenWorkbook(book)
    assert workbook.named_cell("AS_OF") == ("Scorecard", 1, 2)
    with pytest.raises(Refusal, match=r"^small\.xlsx has no name 'month'; it has as_of\. Define it in Excel"):
        workbook.named_cell("month")
    with pytest.raises(Refusal, match=r"^small\.xlsx has no sheet 'Facts'; it has Scorecard, Data$"):
        workbook.cells("Facts")
    address = uno_module().createUnoStruct("com.sun.star.table.CellAddress")
    book.impl.document.NamedRanges.addNewByName("wide", "$Data.$A$1:$B$2", address, 0)
    with pytest.raises(Refusal, match=r"the name 'wide' refers to Data!\$A\$1:\$B\$2, and a single cell is needed$"):
        OpenWorkbook(book).named_cell("wide")


# --- the buttons --------------------------------------------------------------------------------------------------


def test_the_buttons_say_what_they_do(book: xlwings.Book, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(book.fullname).parent
    monkeypatch.setattr("cpa_xl.config.load.shipped", folder.joinpath)
    records = "6 records"  # three boroughs, two categories each
    would = f"The extracts are good: {records}. A refresh would change table Monthly on sheet Data."
    assert ribbon.check(book) == would
    assert ribbon.refresh(book) == (
        f"Refreshed to Jan-09 from {records}: table Monthly on sheet Data. Not saved yet. "
        "Undo cannot take this back; closing the workbook without saving does."
    )
    assert ribbon.check(book) == ribbon.refresh(book) == f"Everything is up to date (Jan-09, {records})."
    card = book.sheets["Scorecard"]
    card.range("B4").value = -0.05
    assert ribbon.check(book).splitlines() == [
        f"Everything is up to date (Jan-09, {records}).",
        "",
        "Noticed:",
        "• 1: the workbook's target is -0.05, the agreed target of the configuration -0.04; change the one that is "
        "wrong (sheet Targets, or measures.yaml)",
    ]


def test_the_status_bar_says_what_goes_on_and_that_undo_ends(
    book: xlwings.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first cell is written; after it, also where nothing was, the bar is the spreadsheet's own again."""
    monkeypatch.setattr("cpa_xl.config.load.shipped", Path(book.fullname).parent.joinpath)
    said = book.impl.app.said
    ribbon.refresh(book)
    assert said == [
        "CPA: Reading the workbook",
        "CPA: Recorded crime (1 of 1)",
        "CPA: Writing the tables. Undo cannot take this back; closing the workbook without saving does.",
        False,
    ]
    native(book, "Data").protect("secret")
    book.sheets["Scorecard"].range("B1").value = 39783.0
    with pytest.raises(Refusal, match="protected"):
        ribbon.refresh(book)
    assert said[-2:] == ["CPA: Recorded crime (1 of 1)", False]


def test_a_book_without_a_place_has_no_extracts_beside_it() -> None:
    book: Any = SimpleNamespace(fullname="Book1")
    with pytest.raises(Refusal, match=r"^save the workbook first: its extracts are looked for in the folder extracts"):
        ribbon.refresh(book)
