"""What changed since the last published copy: the demo of January against itself a month earlier, and a revised one."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from cpa_xl.config.model import WorkbookSpec
from cpa_xl.errors import Refusal
from cpa_xl.publish.annotate.since_last import HEADINGS, Since, Topic, change_lines, change_rows, comparison, since_last
from cpa_xl.publish.checks.context import Release
from cpa_xl.publish.checks.revisions import check_since
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.releasing import configuration, place, rebuilt, typed


@pytest.fixture(scope="module")
def book(demo: Path) -> ClosedWorkbook:
    return ClosedWorkbook.open(demo)


@pytest.fixture(scope="module")
def earlier(december: Path) -> ClosedWorkbook:
    """The copy of the month before."""
    return ClosedWorkbook.open(december)


@pytest.fixture
def spec(root: Path) -> WorkbookSpec:
    return configuration(root).workbooks["cpa_scorecard"]


def test_nothing(book: ClosedWorkbook, spec: WorkbookSpec) -> None:
    assert since_last(book, book, spec) == ()
    assert list(change_lines(())) == ["Nothing changed since the last published copy"]


def test_another_workbook_is_not_compared(book: ClosedWorkbook, spec: WorkbookSpec, tmp_path: Path) -> None:
    """As if nothing had changed."""
    other = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(other)
    hint = r"; name the copy that was published last \(--since\), or compare with none \(publish --no-since\)$"
    with pytest.raises(Refusal, match=rf"^other\.xlsx cannot be compared: no sheet 'Scorecard' in .* Sheet{hint}"):
        since_last(book, ClosedWorkbook.open(other), spec)
    tables = spec.model_copy(update={"scorecard": None})
    why = r"it has none of the tables of cpa_scorecard\.xlsx"
    with pytest.raises(Refusal, match=rf"^other\.xlsx cannot be compared: {why}{hint}"):
        since_last(book, ClosedWorkbook.open(other), tables)


def test_a_month_later(book: ClosedWorkbook, earlier: ClosedWorkbook, spec: WorkbookSpec) -> None:
    """The figures of January are those of the printed scorecard; a month that is new is no revision."""
    changes = since_last(book, earlier, spec)
    figures = {change.which.split()[0]: change.now for change in changes if change.kind is Topic.FIGURE}
    assert (figures["5"], figures["7"], figures["9a"]) == ("-15.0%", "70.3%", "31.5")
    assert [
        change.row[1:4] for change in changes if change.kind is Topic.PERIOD
    ] == [  # in one line where they moved alike
        ("11 measures: 4a, 4b, 5, 6a, 6b, 6c, 7, 9a, 10, 10-cocaine, 10-heroin", "RY to Dec-08", "RY to Jan-09"),
        ("2 measures: 8, 9b", "Apr-Dec 2008/09", "Apr-Jan 2008/09"),
    ]
    assert [change.which for change in changes if change.kind is Topic.MONTH] == ["Monthly, Jan-09", "Areas, Jan-09"]
    assert {change.kind for change in changes} == {Topic.FIGURE, Topic.PERIOD, Topic.MONTH}
    back = since_last(earlier, book, spec)
    assert [(change.before, change.now) for change in back if change.kind is Topic.MONTH] == [("was there", "gone")] * 2


def test_a_past_month_revised(book: ClosedWorkbook, spec: WorkbookSpec) -> None:
    (change,) = since_last(book.with_cell("Confidence", 14, 3, 481), book, spec)
    assert change.row == ("past month revised", "Confidence, Jun-08, Police do a good job", "480", "481", "[r]")
    assert (change.table, change.key, change.heading) == ("Confidence", ("2008-06",), "Police do a good job")
    assert list(change_lines((change,))) == [
        "past month revised: Confidence, Jun-08, Police do a good job: 480 -> 481 [r]",
    ]
    assert list(change_rows((change,))) == [change.row]
    assert len(change.row) == len(HEADINGS)


def test_a_borough_revised(book: ClosedWorkbook, spec: WorkbookSpec) -> None:
    (change,) = since_last(book.with_cell("Areas", 6, 3, 1), book, spec)
    assert change.which.startswith("Areas, Feb-06, Barnet, Residential burglary")


def test_a_count_that_was_not_published_is_no_revision(book: ClosedWorkbook, spec: WorkbookSpec) -> None:
    """Suppressed in the copy, or not there yet."""
    suppressed = typed(book, "Areas!C6", "[c]")
    assert since_last(book, suppressed, spec) == ()
    assert since_last(suppressed, book, spec) == ()


def test_letters_targets_and_definitions(book: ClosedWorkbook, spec: WorkbookSpec) -> None:
    now = typed(typed(book, place(book, "4b", "RAG"), "A"), place(book, "4b", "2008/09 target"), "11.0%")
    title = "4b Serious acquisitive crime brought to justice (SD rate as proxy) [SPI 6.2]"
    assert since_last(now, book, spec) == (
        Since(Topic.TARGET, title, "11.8%", "11.0%"),
        Since(Topic.LETTER, title, "R", "A"),
    )
    now = typed(typed(book, place(book, "7", "Numerator", "Measures"), "Robbery"), "Target register!E6", 0.8)
    assert since_last(now, book, spec) == (
        Since(Topic.DEFINITION, "Measures, 7, Numerator", "DV offences with arrest", "Robbery", "Measures"),
        Since(Topic.TARGET, "TargetRegister, 1, 2008/09, agreed, Amount", "0.789", "0.8", "TargetRegister"),
    )


def test_tables_that_came_and_went(root: Path, book: ClosedWorkbook, spec: WorkbookSpec, tmp_path: Path) -> None:
    """In whatever case names are written; what publishing leaves out, or puts in, is no change of the workbook."""
    loaded = openpyxl.load_workbook(book.path)
    del loaded["Milestones"].tables["Milestones"]
    made = (("Wards", "Wards", "A1:B2"), ("Contents", "Contents", "A1:B2"), ("Refresh log", "Logged", "X1:Y2"))
    for sheet, name, area in made:
        to = loaded[sheet] if sheet in loaded.sheetnames else loaded.create_sheet(sheet)
        for row in to[area]:
            for cell in row:
                cell.value = f"{name} {cell.coordinate}"
        to.add_table(Table(displayName=name, ref=area))
    table = loaded["Areas"].tables.pop("Areas")
    table.displayName = table.name = "AREAS"
    loaded["Areas"].add_table(table)
    loaded.save(tmp_path / "after.xlsx")
    after = ClosedWorkbook.open(tmp_path / "after.xlsx")
    assert {"Wards", "Contents", "Logged", "AREAS"} <= after.tables.keys()
    changes = [change for change in since_last(after, book, spec) if change.kind is Topic.TABLE]
    assert [change.row for change in changes] == [
        ("table", "Wards", "", "new", ""), ("table", "Milestones", "was there", "gone", ""),
    ]  # fmt: skip
    assert list(change_lines(changes)) == ["table: Wards: new", "table: Milestones: was there -> gone"]
    release = Release(after, None, configuration(root), spec, comparison(after, book, spec))
    told = [str(one) for one in check_since(release) if one.code == "W16"]
    assert told == [
        "Wards: the table Wards is new since the last published copy: say so in the notes (W16)",
        "Milestones: the table Milestones is gone since the last published copy: say so in the notes (W16)",
    ]
    back = [change.row[1:4] for change in since_last(book, after, spec) if change.kind is Topic.TABLE]
    assert back == [("Milestones", "", "new"), ("Wards", "was there", "gone")]


def test_rows_and_columns_that_came(book: ClosedWorkbook, spec: WorkbookSpec) -> None:
    before = typed(book, place(book, "9b", "Id"), "9x")
    changes = since_last(book, before, spec)
    assert Since(
        Topic.DEFINITION, "9b Cases with assets restrained or cash seized (monthly average)", "", "new row"
    ) in (changes)
    assert Since(
        Topic.DEFINITION, "9x Cases with assets restrained or cash seized (monthly average)", "row gone", ""
    ) in changes  # fmt: skip
    part = next(name for name in book.package.names if b'displayName="Confidence"' in book.package.part(name))
    before = rebuilt(book, part, 'name="Police do a good job"', 'name="Good job"')
    changes = since_last(book, before, spec)
    assert changes[0] == Since(
        Topic.DEFINITION, "Confidence, column Police do a good job", "", "new", "Confidence", (), "Police do a good job"
    )  # fmt: skip
