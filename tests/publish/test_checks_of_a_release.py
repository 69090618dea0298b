"""The checks of a release as a whole: codes, a seeded month, the copy that goes out, the last one that did."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from cpa_xl.errors import Level
from cpa_xl.formulas.calculator import Kept
from cpa_xl.formulas.kept import with_kept
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.publish.checks.findings import Finding
from cpa_xl.publish.checks.run import checks, finding_lines
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.commands import run
from tests.support.releasing import checked, news, place, rebuilt, typed

NAME = "cpa_scorecard.xlsx"


@pytest.fixture(scope="module")
def book(demo: Path) -> ClosedWorkbook:
    return ClosedWorkbook.open(demo)


def codes(findings: Sequence[Finding], level: Level = Level.STOP) -> list[tuple[str, str]]:
    return [(one.code, one.place) for one in findings if one.level is level]


def test_every_code_is_tested(root: Path) -> None:
    """Each code is an expected one in the tests of what is found."""
    tests = ("test_checks_figures.py", "test_checks_file.py", "test_checks_of_a_release.py", "test_sign_off.py")
    text = "".join(path.read_text(encoding="utf-8") for name in tests for path in (root / "tests").rglob(name))
    assert set(re.findall(r'\("([TW]\d+)", (?:Level|level)', text)) == set(checks())


def test_nothing_stops_the_demo_or_needs_a_look(root: Path, book: ClosedWorkbook) -> None:
    message = "the approver has not signed: type the name here, and the date into the cell on its right"
    assert checked(root, book) == (Finding("T10", Level.WARN, "Sign-off!B8", message),)


def test_a1_a_cell_that_was_not_calculated(root: Path, book: ClosedWorkbook) -> None:
    """A refresh that could not calculate a letter has put the cell on the workbook's list."""
    letter = place(book, "4b", "RAG")
    sheet, _, cell = letter.partition("!")
    formula = next(one.formula for at, one in book.cells(sheet).items() if cell_name(*at) == cell) or ""
    changed = with_kept(book, [Kept(sheet, cell, formula, "no engine knows it")]).with_full_calculation(True)
    assert news(root, book, changed) == [
        ("T11", Level.STOP, letter, f"shows 'R' from before the last refresh (={formula}): no engine knows it: open the"
         " workbook in Excel with the add-in, which calculates it, and save it there, or run cpa_xl calculate --with"
         " libreoffice"),
    ]  # fmt: skip


@pytest.mark.parametrize("number", [7.0, "7", "7.", "Note 7", "[note 7]"])
def test_c12_notes_may_be_numbered_as_gptables_does(root: Path, book: ClosedWorkbook, number: str | float) -> None:
    """gptables 1.2: a sheet Notes with the numbers in its first column, and [note 7] where they belong."""
    used = book.with_cell("Notes", 90, 3, "see [note 7]")
    assert [found[0] for found in news(root, book, used)] == ["W9"]
    assert news(root, book, used.with_cell("Notes", 91, 1, number)) == []


def test_c12_a_name_that_gptables_gives(root: Path, book: ClosedWorkbook) -> None:
    part = next(name for name in book.package.names if b'displayName="Milestones"' in book.package.part(name))

    def named(name: str) -> ClosedWorkbook:
        return rebuilt(book, part, 'name="Milestones" displayName="Milestones"', f'name="{name}" displayName="{name}"')

    assert "W2" not in [found[0] for found in news(root, book, named("table_1"))]
    assert "W2" not in [found[0] for found in news(root, book, named("table_12a"))]
    assert "W2" in [found[0] for found in news(root, book, named("Table1"))]


def test_a_seeded_month(root: Path, book: ClosedWorkbook) -> None:
    """A comment left from last month, a month of the past that is another one now, a letter typed over."""
    comment, letter = place(book, "4a", "Comments"), place(book, "4b", "RAG")
    stale = "Res. burglary is down 0.9% (453), robbery is down 16.5% (6,405 offences)"
    changed = typed(typed(book, comment, stale), letter, "G").with_cell("Confidence", 14, 3, 481)
    found = checked(root, changed, published=book)
    assert ("T4", comment) in codes(found)
    assert ("T2", letter) in codes(found)
    assert ("T8", "Confidence") in codes(found, Level.NOTE)


def test_a_month_revised_since_the_last_copy(root: Path, book: ClosedWorkbook) -> None:
    was = book.cells("Monthly")[20, 14].value
    assert isinstance(was, float)
    changed = book.with_cell("Monthly", 20, 14, was + 3)
    heading = next(cell.value for at, cell in book.cells("Monthly").items() if at == (4, 14))
    noted = "1 count of past months was revised: publish marks them [r] in a column Marks; tell readers why"
    assert ("T8", Level.NOTE, "Monthly", noted) in news(root, book, changed, published=book)
    changed = changed.with_cell("Monthly", 20, 30, "taken")
    found = news(root, book, changed, published=book)
    message = (
        f"May-07, {heading} was {was:,.0f} in the last published copy and is {was + 3:,.0f}: mark the row [r] in a "
        "separate column, and tell readers why"
    )
    assert ("T8", Level.WARN, "Monthly!N20", message) in found
    counted = f"changed since the last published copy, {NAME}: 1 count of a past month revised"
    assert ("T8", Level.NOTE, NAME, counted) in found
    marked = typed(changed, place_of_rate(book, 20), "[r]")
    assert [one for one in news(root, book, marked, published=book) if one[:2] == ("T8", Level.WARN)] == []


def place_of_rate(book: ClosedWorkbook, row: int) -> str:
    """A cell of the table Monthly that is calculated, so that a mark in it stands for a column of marks."""
    column = book.tables["Monthly"].columns[-1]
    assert column.formula is not None
    last = chr(ord("A") + len(book.tables["Monthly"].columns) - 27)
    return f"Monthly!A{last}{row}"


def test_many_revisions_are_counted(root: Path, book: ClosedWorkbook) -> None:
    changed = book.with_cell("Monthly", 20, 30, "taken")
    for row in range(20, 28):
        changed = changed.with_cell("Monthly", row, 14, 1)
    found = [one[2:] for one in news(root, book, changed, published=book) if one[:2] == ("T8", Level.WARN)]
    assert found[5:] == [("Monthly", "3 more counts of past months were revised: mark them [r]")]
    later = f"changed since the last published copy, {NAME}: 8 counts of past months revised"
    assert ("T8", Level.NOTE, NAME, later) in news(root, book, changed, published=book)


def test_a_column_that_is_new(root: Path, book: ClosedWorkbook) -> None:
    part = next(name for name in book.package.names if b'displayName="Confidence"' in book.package.part(name))
    before = rebuilt(book, part, 'name="Police do a good job"', 'name="Good job"')
    assert ("W16", Level.NOTE, "Confidence", "Confidence, column Police do a good job is new since the last published "
            "copy: say so in the notes") in news(root, book, book, published=before)  # fmt: skip
    assert ("W16", Level.NOTE, "Confidence", "Confidence, column Good job is gone since the last published copy: "
            "say so in the notes") in news(root, book, book, published=before)  # fmt: skip


def test_decimals_that_change_within_a_column(root: Path, book: ClosedWorkbook) -> None:
    percent = re.search(rb'<c r="X13" s="(\d+)"', book.package.part(book.part_of("Scorecard")))
    assert percent
    changed = rebuilt(book, book.part_of("Monthly"), r'<c r="B10" s="\d+"', f'<c r="B10" s="{percent[1].decode()}"')
    assert news(root, book, changed) == [
        ("W15", Level.WARN, "Monthly!B10", "is shown as 0.0%, the column Residential burglary as #,##0: give it the "
         "format of the column, or say above the table that units differ"),
    ]  # fmt: skip


def test_a_copy_that_still_needs_cpa_xl(root: Path, book: ClosedWorkbook) -> None:
    found = news(root, book, book, frozen=book)
    assert ("W13", Level.WARN, NAME, "has no sheet with the cover: add one") in found
    scorecard = next(one for one in found if one[2].startswith("Scorecard!"))
    assert scorecard[:2] == ("W14", Level.STOP)
    assert scorecard[3].endswith("more: formulas that need cpa_xl: freeze the copy")


def test_a_copy_that_prints_something_else(root: Path, book: ClosedWorkbook) -> None:
    cell = place(book, "5", "Latest data")
    found = news(root, book, book, frozen=typed(book, cell, "-14.9%"))
    message = "prints '-14.9%' where the working copy has '-15.0%': freeze it again"
    assert ("T1", Level.STOP, cell, message) in found


def test_a_copy_without_its_scorecard(root: Path, book: ClosedWorkbook) -> None:
    copy = rebuilt(book, "xl/workbook.xml", '<sheet name="Scorecard"', '<sheet name="Sheet1"')
    message = "the copy has no sheet Scorecard: publish it with its scorecard"
    assert ("W11", Level.STOP, NAME, message) in news(root, book, book, frozen=copy)


def test_a_workbook_of_ones_own(root: Path, book: ClosedWorkbook) -> None:
    """Tables attached to a workbook whose scorecard is another sheet: its figures cannot be told from other cells."""
    own = rebuilt(book, "xl/workbook.xml", '<sheet name="Scorecard"', '<sheet name="Sheet1"')
    message = "has no sheet Scorecard, so that no figure and no letter was checked"
    assert ("T1", Level.WARN, NAME, message) in news(root, book, own)


def test_macros_stay_at_home(root: Path, book: ClosedWorkbook) -> None:
    macros = ClosedWorkbook(book.package.with_part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"))
    assert news(root, book, macros) == []
    assert ("W14", Level.STOP, NAME, "holds macros: save it as .xlsx") in news(root, book, book, frozen=macros)


def test_findings_as_lines() -> None:
    findings = [Finding("T10", Level.NOTE, "a.xlsx", "unsigned"), Finding("T2", Level.STOP, "S!A1", "shows A")]
    assert list(finding_lines(findings)) == [
        "stop: S!A1: shows A (T2)",
        "note: a.xlsx: unsigned (T10)",
        "Not to be published yet: 1 to be put right, 0 to be looked at, 1 to be known",
    ]


def test_the_command(demo: Path, book: ClosedWorkbook, tmp_path: Path) -> None:
    result = run("check", demo, "--release")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == (
        "No check stops it from being published: 0 to be put right, 1 to be looked at, 0 to be known"
    )
    changed = tmp_path / NAME
    shutil.copyfile(demo, changed)
    typed(book, place(book, "4b", "RAG"), "G").save(changed)
    result = run("check", changed, "--release", "--since", demo)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == [
        f"Compared with: {demo}",
        "letter: 4b Serious acquisitive crime brought to justice (SD rate as proxy) [SPI 6.2]: R -> G",
    ]
    assert "Not to be published yet: 1 to be put right" in result.stdout


def test_the_command_needs_a_workbook() -> None:
    result = run("check", "--release")
    assert result.exit_code == 1
    assert result.stderr == "check --release needs the workbook to publish: cpa_xl check WORKBOOK --release\n"
