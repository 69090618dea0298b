"""The column Marks of a published copy, and the marks on its scorecard: what is provisional, what was revised."""

import csv
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from cpa_xl.cli.main import main
from cpa_xl.commands.diff import diff
from cpa_xl.config.load import load
from cpa_xl.config.model import WorkbookSpec
from cpa_xl.errors import Level
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.a1 import cell_position
from cpa_xl.publish.annotate import since_last as since_last_module
from cpa_xl.publish.annotate.marks import sentence, with_row_marks
from cpa_xl.publish.annotate.since_last import Topic, change_rows, comparison, since_last
from cpa_xl.publish.checks.context import Release
from cpa_xl.publish.checks.findings import Finding
from cpa_xl.publish.checks.revisions import check_since
from cpa_xl.publish.page import page
from cpa_xl.publish.pipeline import release
from cpa_xl.scorecard.tables import read_rows
from cpa_xl.scorecard.versions import Differences
from cpa_xl.workbook.closed import Cell, ClosedWorkbook
from tests.support import small
from tests.support.releasing import checked, configuration, place, rebuilt, typed

NAME = "cpa_scorecard 2009-01 published.xlsx"
# The printed scorecard of January 2009, measure 5: "Data from Jan-08 onwards is provisional".
PROVISIONAL = [str(Month(2008, 1) + step) for step in range(13)]


def run(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def publish(book: Path, out: Path, *more: object) -> ClosedWorkbook:
    run("publish", book, "--out", out, *more)
    return ClosedWorkbook.open(out / NAME)


@pytest.fixture(scope="module")
def first(released: Path) -> ClosedWorkbook:
    """The demo's workbook, published."""
    return ClosedWorkbook.open(released)


@pytest.fixture(scope="module")
def revised(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo refreshed from an extract with seven more robberies of personal property in Camden in June 2008."""
    folder = tmp_path_factory.mktemp("revised")
    shutil.copytree(demo.parent / "extracts", folder / "extracts")
    book = Path(shutil.copyfile(demo, folder / demo.name))
    path = folder / "extracts/recorded_crime_2009-01.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    at = rows[1].index("200806")
    row = next(row for row in rows if row[:3] == ["Camden", "Robbery", "Personal Property"])
    row[at] = str(int(row[at]) + 7)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    run("refresh", book, "--extracts", folder / "extracts")
    return book


@pytest.fixture(scope="module")
def told(revised: Path, first: ClosedWorkbook, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The revised one, published: the copy, and what the command says."""
    out = tmp_path_factory.mktemp("second")
    return out / NAME, run("publish", revised, "--out", out, "--since", first.path)


@pytest.fixture(scope="module")
def second(told: tuple[Path, str]) -> ClosedWorkbook:
    return ClosedWorkbook.open(told[0])


def marks(book: ClosedWorkbook, table: str, *keys: str) -> dict[tuple[str, ...], str]:
    """The marks of a table by month (and area); rows without any left out."""
    return {
        (str(Month.read(row["Month"])), *(str(row[key]) for key in keys)): str(row["Marks"])
        for row in read_rows(book, table)
        if row.get("Marks")
    }


def statuses(book: ClosedWorkbook) -> Mapping[str, str]:
    """The marks behind the status by measure."""
    cells = book.cells("Scorecard")
    column = next(place[1] for place, cell in cells.items() if cell.value == "Status")
    ids = next(place[1] for place, cell in cells.items() if cell.value == "Id")
    shown = {
        str(cells[row, ids].value): str(cells[row, column].value).partition("[")[1:] for row, at in cells if at == ids
    }
    return {name: "".join(marks) for name, marks in shown.items() if marks[0]}


def test_provisional_casualties_and_nothing_else(first: ClosedWorkbook, demo: Path) -> None:
    assert marks(first, "Monthly") == {(month,): "[p] KSI casualties, Road deaths" for month in PROVISIONAL}
    boroughs = {str(row["Borough"]) for row in read_rows(first, "Areas")}
    assert len(boroughs) == 32
    expected = {(month, borough): "[p] KSI casualties" for month in PROVISIONAL for borough in boroughs}
    assert marks(first, "Areas", "Borough") == expected
    for name in ("Satisfaction", "Confidence"):
        assert first.tables[name].columns[-1].name == "Marks"
        assert not [row for row in read_rows(first, name) if row.get("Marks")]
    assert not [name for name, table in ClosedWorkbook.open(demo).tables.items() if table.columns[-1].name == "Marks"]
    assert statuses(first) == {"5": "[p]"}


def test_an_empty_cell_and_the_shorthand_are_explained_above(first: ClosedWorkbook) -> None:
    for name in ("Monthly", "Satisfaction", "Confidence", "Areas"):
        assert first.cells(first.tables[name].sheet)[3, 1].value == sentence("Marks") == (
            "Column Marks: [p] provisional, [r] revised since the copy published last, for the columns named, or for "
            "all; empty cells: nothing to mark."
        )  # fmt: skip


def test_a_revised_count_and_nothing_else(first: ClosedWorkbook, second: ClosedWorkbook) -> None:
    """In the row of June 2008 (of Camden) robbery, and with it all serious acquisitive crime."""
    road = "[p] KSI casualties"
    june = {("2008-06",): f"{road}, Road deaths; [r] Robbery, SAC offences"}
    assert marks(second, "Monthly") == marks(first, "Monthly") | june
    camden = {("2008-06", "Camden"): f"{road}; [r] Robbery, SAC offences"}
    assert marks(second, "Areas", "Borough") == marks(first, "Areas", "Borough") | camden
    assert not [row for name in ("Satisfaction", "Confidence") for row in read_rows(second, name) if row.get("Marks")]
    assert statuses(second) == {"4a": "[r]", "4b": "[r]", "5": "[p]"}


def test_a_revision_is_marked_once(
    first: ClosedWorkbook, second: ClosedWorkbook, revised: Path, tmp_path: Path
) -> None:
    third = publish(revised, tmp_path, "--since", second.path)
    assert marks(third, "Monthly") == marks(first, "Monthly")
    assert marks(third, "Areas", "Borough") == marks(first, "Areas", "Borough")
    assert statuses(third) == {"5": "[p]"}


def test_where_no_copy_is_made_it_is_said_that_revisions_will_be_marked(
    root: Path, revised: Path, first: ClosedWorkbook
) -> None:
    said = [str(one) for one in checked(root, ClosedWorkbook.open(revised), published=first)]
    assert (
        "Monthly: 2 counts of past months were revised: publish marks them [r] in a column Marks; tell readers why (T8)"
        in said
    )
    assert not [one for one in said if "W16" in one]


def test_the_copy_says_that_they_are_marked(revised: Path, first: ClosedWorkbook, told: tuple[Path, str]) -> None:
    """And before it is published the check says the same, line by line."""
    foretold = run("check", revised, "--release", "--since", first.path)
    copy, said = told
    lines = [line for line in said.splitlines() if not line.startswith(("Left out: ", "Written: "))]
    assert sorted(foretold.splitlines()) == sorted(lines)
    assert "note: Areas: 2 counts of past months were revised and marked [r]: tell readers why (T8)" in said
    assert not [line for line in said.splitlines() if "Marks" in line or "W4" in line or "W10" in line or "W16" in line]
    assert "agrees with its statement" in run("verify", copy)


def test_marks_are_no_change_of_definition(
    demo: Path, root: Path, first: ClosedWorkbook, second: ClosedWorkbook
) -> None:
    spec = configuration(root).workbooks["cpa_scorecard"]
    working = ClosedWorkbook.open(demo)
    assert since_last(working, first, spec) == since_last(first, working, spec) == ()
    changes = since_last(second, first, spec)
    assert Topic.DEFINITION not in {change.kind for change in changes}
    assert "Marks" not in {change.heading for change in changes}
    rows = next(table for table in diff(first, second, spec).tables if table.name == "Monthly")
    assert [change.field for row in rows.rows for change in row.changes] == [
        "Robbery", "SAC offences", "SAC SDs rate", "Marks"
    ]  # fmt: skip


def test_the_copy_is_compared_once_and_for_all(
    revised: Path, root: Path, first: ClosedWorkbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it gets its marks, cover and sheet; compared again as readers have it, nothing else comes out."""
    compared: list[str] = []

    def counted(before: ClosedWorkbook, after: ClosedWorkbook, spec: WorkbookSpec) -> Differences:
        compared.append(before.path.name)
        return diff(before, after, spec)

    monkeypatch.setattr(since_last_module, "diff", counted)
    done = release(revised, configuration(root), tmp_path, since=first.path)
    assert compared == [NAME]
    copy = ClosedWorkbook.open(done.workbook)
    changes = since_last(copy, first, configuration(root).workbooks["cpa_scorecard"])
    assert done.changes == tuple(since_last_module.change_lines(changes))
    listed = [
        tuple(str(row[heading] or "") for heading in since_last_module.HEADINGS) for row in read_rows(copy, "Changes")
    ]
    assert listed == list(change_rows(changes))
    number = {text: float(text.replace(",", "")) for row in listed if row[-1] for text in row[2:4]}
    counts = [row for row in listed if row[-1] == "[r]" and not row[1].endswith(" rate")]
    assert {which: number[now] - number[was] for _, which, was, now, _ in counts} == {
        f"{where}, {what}": 7 for where in ("Monthly, Jun-08", "Areas, Jun-08, Camden")
        for what in ("Robbery", "SAC offences")
    }  # fmt: skip


def test_marks_are_no_fault_of_a_published_copy(root: Path, second: ClosedWorkbook) -> None:
    assert not [one for one in checked(root, second) if "Marks" in one.message]


def test_the_page_marks_the_figures(root: Path, second: ClosedWorkbook) -> None:
    """Beside the latest figure, each explained; the status keeps its words."""
    text = page(second, configuration(root).workbooks["cpa_scorecard"])
    figures = re.findall(r"<strong>([^<]*)</strong>((?: <abbr [^>]*>[^<]*</abbr>)+)", text)
    said = [(figure, re.findall(r">(\[\w\])<", marks)) for figure, marks in figures]
    assert said == [("-7.5%", ["[r]"]), ("10.8%", ["[r]"]), ("-15.0%", ["[p]"])]
    assert "on target or better [" not in text
    assert "<dt>[r]</dt><dd>Revised: the figure of a past month is another one than in the copy" in text


def test_a_count_that_is_not_shown_is_not_told(root: Path, demo: Path) -> None:
    """It was published before, is another one now, and is suppressed in the copy that goes out."""
    before, spec = ClosedWorkbook.open(demo), configuration(root).workbooks["cpa_scorecard"]
    now = before.with_cell("Areas", 6, 3, 4)
    told = [
        one.message for one in check_since(Release(now, now, configuration(root), spec, comparison(now, before, spec)))
    ]
    assert any("is 4: mark the row [r]" in message for message in told)
    copy = typed(now, "Areas!C6", "[c]")
    quiet = [
        one.message
        for one in check_since(Release(now, copy, configuration(root), spec, comparison(copy, before, spec)))
    ]
    assert told[-1] == "changed since the last published copy, cpa_scorecard.xlsx: 1 count of a past month revised"
    assert quiet == []  # not counted either: the sheet What changed has no such row


def test_a_status_becomes_text_unless_a_formula_would_show_it(root: Path, demo: Path) -> None:
    """The sheet Boroughs reads the status too, but shows the one of another measure."""
    book, catalogue = ClosedWorkbook.open(demo), configuration(root)
    spec, calculator = catalogue.workbooks["cpa_scorecard"], EmbeddedCalculator(FUNCTIONS)
    sheet, _, name = place(book, "5", "Status").rpartition("!")
    where = cell_position(name)
    assert book.cells(sheet)[where].formula is not None
    after = with_row_marks(book, catalogue, spec, (), calculator)
    changed = {at: cell for at, cell in after.cells(sheet).items() if cell != book.cells(sheet)[at]}
    assert changed == {where: Cell(f"{book.cells(sheet)[where].value} [p]")}
    long = len(str(book.cells(sheet)[where].value))
    formula = f'<c r="J30"><f>LEN({name})</f><v>{long}</v></c>'
    read = rebuilt(book, book.part_of(sheet), r'<c r="J30"[^>]*?(?:/>|>.*?</c>)', formula)
    assert with_row_marks(read, catalogue, spec, (), calculator) == read


# A workbook of a user's own: three boroughs, two series of one source, and a scorecard that only its makers know.

CARD = ("    scorecard:", "      sheet:", "      columns:")


def own(folder: Path, change: Mapping[str, object] | None = None, *, publish: str = "") -> Path:
    """The small workbook with things beside its table (cell by content), filled; provisional from November 2008."""
    small.configuration(folder / "config")
    small.extract(folder / "extracts")
    sources, workbooks = folder / "config/sources.yaml", folder / "config/workbooks.yaml"
    sources.write_text(sources.read_text() + "    provisional_from: 2008-11\n", encoding="utf-8")
    told = "".join(line for line in small.WORKBOOKS.lstrip().splitlines(keepends=True) if not line.startswith(CARD))
    workbooks.write_text(told + publish, encoding="utf-8")
    path = folder / "small.xlsx"
    with xlsxwriter.Workbook(path) as file:
        card, data = file.add_worksheet("Scorecard"), file.add_worksheet("Data")
        date = file.add_format({"num_format": "mmm-yy"})
        card.write_number("B1", 39_814, date)
        file.define_name("as_of", "=Scorecard!$B$1")
        card.write_row("A3", ["Id", "Target", "Actual", "RAG"])
        card.write_row("A4", ["1", -0.04])
        card.write_formula("C4", "=CPA_CHANGE(Monthly[Robbery],Monthly[Month],as_of)", None, "")
        card.write_formula("D4", '=CPA_RAG(C4,B4,"lower",0.02,"points")', None, "")
        columns = [{"header": name} for name in ("Month", "Robbery", "Burglary")]
        data.add_table("A4:C5", {"name": "Monthly", "columns": columns})
        data.write_blank("A5", None, date)
        for place, content in (change or {}).items():
            (card if place.startswith("F") else data).write(place, content)
    run("refresh", path, "--config", folder / "config", "--extracts", folder / "extracts")
    return path


def released(path: Path) -> tuple[ClosedWorkbook, list[Finding]]:
    """Its published copy, and what the checks say of marks."""
    done = release(path, load(path.parent / "config"), path.parent / "out")
    return ClosedWorkbook.open(done.files[0]), [one for one in done.findings if "[p]" in one.message]


def test_a_workbook_of_ones_own(tmp_path: Path) -> None:
    """All counts of three months are provisional: the symbol stands alone."""
    copy, told = released(own(tmp_path))
    assert copy.tables["Monthly"].ref == "A4:D28"
    assert marks(copy, "Monthly") == dict.fromkeys((("2008-11",), ("2008-12",), ("2009-01",)), "[p]")
    assert copy.cells("Data")[3, 1].value == sentence("Marks")
    assert told == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"D9": "seen by A."}, "the cells beside it are taken: D9"),
        ({"F9": "=COUNTA(Monthly[#All])"}, "the result of a formula that reads its cells would change"),
        ({"F9": "=COUNTA(Data!A10:Z10)"}, "the result of a formula that reads its cells would change"),
    ],
)
def test_a_table_that_takes_no_column(tmp_path: Path, change: Mapping[str, object], why: str) -> None:
    """It goes out as it is, and a warning says so."""
    copy, told = released(own(tmp_path, change))
    assert [column.name for column in copy.tables["Monthly"].columns] == ["Month", "Robbery", "Burglary"]
    message = (
        f"3 rows hold provisional counts, and the copy gets no column Marks to mark them [p]: {why}; make room at the "
        "right of the table Monthly, or say under publish: what marks: shall be (null for none)"
    )
    assert told == [Finding("T7", Level.WARN, "Data", message)]


def test_formulas_that_texts_beside_the_counts_do_not_touch(tmp_path: Path) -> None:
    copy, told = released(own(tmp_path, {"F9": "=SUM(Data!A10:Z10)", "F10": "=INDEX(Monthly,2,2)"}))
    assert (copy.tables["Monthly"].columns[-1].name, told) == ("Marks", [])


@pytest.mark.parametrize(("setting", "heading"), [("null", "Burglary"), ("Shorthand", "Shorthand")])
def test_the_setting(tmp_path: Path, setting: str, heading: str) -> None:
    copy, told = released(own(tmp_path, publish=f"    publish: {{marks: {setting}}}\n"))
    assert (copy.tables["Monthly"].columns[-1].name, told) == (heading, [])
