"""The figures, letters and comments of the demo's scorecard, one of them wrong each time."""

from pathlib import Path

import pytest
from releasing import checked, place, typed

from cpa_xl.faults import Level
from cpa_xl.findings import Finding
from cpa_xl.workbook import ClosedWorkbook

AGAIN = "calculate the workbook anew (cpa_xl calculate), or put back the formula that was typed over"
REWRITE = "type the figure that holds now, or put back the formula of the comment"


@pytest.fixture(scope="module")
def book(demo: Path) -> ClosedWorkbook:
    return ClosedWorkbook.open(demo)


def new(root: Path, book: ClosedWorkbook, changed: ClosedWorkbook) -> list[tuple[str, Level, str, str]]:
    """What the checks find after a change and did not find before it."""
    before = checked(root, book)
    return [(one.code, one.level, one.place, one.message) for one in checked(root, changed) if one not in before]


def after(root: Path, book: ClosedWorkbook, cell: str, value: str | float | None) -> list[tuple[str, Level, str, str]]:
    """The same after something was typed into a cell."""
    return new(root, book, typed(book, cell, value))


def test_nothing_stops_the_demo(root: Path, book: ClosedWorkbook) -> None:
    assert [finding for finding in checked(root, book) if finding.level is Level.STOP] == []


def test_a_finding_in_words() -> None:
    finding = Finding("T2", Level.STOP, "Scorecard!D13", "shows A, and G follows")
    assert str(finding) == "Scorecard!D13: shows A, and G follows (T2)"


def test_a_figure_typed_over(root: Path, book: ClosedWorkbook) -> None:
    cell = place(book, "4a", "Latest data")
    assert after(root, book, cell, "-7.6%") == [
        ("T1", Level.STOP, cell, f"prints '-7.6%', the stored counts give '-7.5%': {AGAIN}")
    ]


def test_a_working_typed_over(root: Path, book: ClosedWorkbook) -> None:
    cell = place(book, "4b", "Actual")
    (finding,) = after(root, book, cell, 0.1081)
    assert finding[:3] == ("T1", Level.STOP, cell)
    assert finding[3].startswith("holds 0.1081, the stored counts give 0.10")


def test_a_target_typed_over(root: Path, book: ClosedWorkbook) -> None:
    cell = place(book, "7", "2008/09 target")
    assert after(root, book, cell, "65%") == [
        ("T1", Level.STOP, cell, f"prints '65%', the sheet Targets asks for '67%': {AGAIN}")
    ]


def test_a_letter_typed_over(root: Path, book: ClosedWorkbook) -> None:
    cell = place(book, "4b", "RAG")
    found = after(root, book, cell, "A")
    assert [one[:3] for one in found] == [("T2", Level.STOP, cell)]
    assert found[0][3].startswith("shows A, and R follows (0.1079 against a target of 0.118: worse by ")
    assert found[0][3].endswith(f"beyond the amber band of 5%): {AGAIN}")


def test_a_status_typed_over(root: Path, book: ClosedWorkbook) -> None:
    cell = place(book, "4b", "Status")
    assert after(root, book, cell, "Green ▲ on target or better") == [
        ("T2", Level.STOP, cell, f"says 'Green ▲ on target or better' beside the letter R, which is 'Red': {AGAIN}")
    ]


def test_a_fact_typed_over(root: Path, book: ClosedWorkbook) -> None:
    cell = place(book, "9a", "Value", "Comment facts")
    assert after(root, book, cell, 30.5) == [
        ("T1", Level.STOP, cell, f"holds 30.5, the stored counts give 30.1: {AGAIN}")
    ]
    cell = place(book, "9a", "As printed", "Comment facts")
    assert after(root, book, cell, "30.2") == [
        ("T1", Level.STOP, cell, f'"30.2" matches no computed figure (nearest: 30.1): {AGAIN}')
    ]


def test_a_count_that_goes_makes_its_figures_impossible(root: Path, book: ClosedWorkbook) -> None:
    sheet, table = "Monthly", book.tables["Monthly"]
    changed = typed(book, f"{sheet}!B{table.last_row}", None)
    found = new(root, book, changed)
    assert ("T1", place(book, "4a", "Value", "Comment facts")) in {(one[0], one[2]) for one in found}


def test_a_stale_comment(root: Path, book: ClosedWorkbook) -> None:
    """The seeded month's comment after the figures moved on: 0.8 % where the counts give 0.7 %."""
    cell = place(book, "4a", "Comments")
    text = "Res. burglary is down 0.7% (453), robbery is up 16.5% (6,405 offences) after 190 raids"
    assert after(root, book, cell, text) == [
        ("T4", Level.STOP, cell, '"down 0.7%" matches no computed figure (nearest: Residential burglary change: '
         f"down 0.8%): {REWRITE}"),
        ("T5", Level.STOP, cell, f'"up 16.5%" says the wrong direction (it is Robbery change: down 16.5%): {REWRITE}'),
        ("T4", Level.WARN, cell, '"190" matches no computed figure: say where it comes from, and have it checked'),
    ]  # fmt: skip
