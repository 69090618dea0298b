"""Stops of extracts that somebody answers for: a row of the table Accepted takes one, with its figures, by name."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from cpa_xl.cli.main import main
from cpa_xl.commands.plan import make_plan
from cpa_xl.config.load import load
from cpa_xl.measures.periods import Month
from cpa_xl.scorecard.sign_off import ACCEPTED_HEADS
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.commands.test_history import FEB, JAN, bring, held, refreshed, refused, usual
from tests.support import small

pytestmark = pytest.mark.slow  # each test refreshes a workbook several times

REASON, WHO, DAY = "the file of January lacked a division", "Jo Park", "2 March 2009"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The small workbook with a table Accepted, refreshed for January."""
    book = small.force(tmp_path)
    small.workbook(book, accepted=ACCEPTED_HEADS)
    refreshed(book)
    return book


def lower(part: float) -> Callable[[str, str, Month], int]:
    """Robbery of the last year, a part of what was known."""

    def figure(borough: str, category: str, month: Month) -> int:
        number = usual(borough, category, month)
        return int(number * part) if category == "Robbery" and month > JAN - 12 else number

    return figure


def named(message: str) -> str:
    """The text by which a refusal names its one finding that may be accepted."""
    [found] = re.finditer(r"^  [A-Z]\d, ([A-Z]\d-[0-9a-f]{8}): ", message, re.MULTILINE)
    return found[1]


def accept(book: Path, text: str, *, reason: str = REASON, who: str = WHO, row: int = 2) -> None:
    """Type a row of the table Accepted."""
    workbook = ClosedWorkbook.open(book)
    for column, value in enumerate((text.partition("-")[0], "", text, reason, who, DAY), start=1):
        workbook = workbook.with_cell("Sign-off", row, column, value or None)
    workbook.save(book)


def lost(book: Path) -> None:
    """Extracts that end before what is known; the lag lets them."""
    path = book.parent / "config" / "sources.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "    lag: 2\n", encoding="utf-8")
    bring(book, FEB, FEB)
    refreshed(book, FEB)
    bring(book, small.FIRST, JAN)


def revised(book: Path) -> None:
    bring(book, small.FIRST, JAN, lower(0.85))


@pytest.mark.parametrize(
    ("prepare", "code"), [(revised, "R1"), (lost, "R2")], ids=["a revised year", "a month that goes"]
)
def test_a_stop_is_accepted_by_name(book: Path, prepare: Callable[[Path], None], code: str) -> None:
    prepare(book)
    message = refused(book)
    text = named(message)
    assert text.startswith(f"{code}-")
    assert (
        "\nWhat you answer for you can accept: in the workbook's table Accepted, a row with its code, this text, a"
        f" reason and your name.\n  {code}, {text}: "
    ) in message
    accept(book, text)
    notes = [note for note in refreshed(book).notes if f"({code})" in note]
    assert [note.endswith(f" It is accepted by {WHO} on {DAY}: {REASON}.") for note in notes] == [True]
    assert not any(f"({code})" in note for note in refreshed(book).notes)


def test_the_plan_of_the_buttons_takes_it_too(book: Path) -> None:
    """Excel and LibreOffice carry out the plan of `make_plan`."""
    revised(book)
    accept(book, named(refused(book)))
    plan = make_plan(ClosedWorkbook.open(book), book, load(book.parent / "config"), book.parent / "extracts")
    assert [note.partition(" It is ")[2] for note in plan.notes] == [f"accepted by {WHO} on {DAY}: {REASON}."]
    arguments = ["plan", str(book), "--config", str(book.parent / "config")]
    answer = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert answer.exit_code == 0
    assert f"accepted by {WHO} on {DAY}" in answer.output


def test_it_holds_for_these_figures_only(book: Path) -> None:
    revised(book)
    first = named(refused(book))
    accept(book, first)
    bring(book, small.FIRST, JAN, lower(0.80))
    second = named(refused(book))
    assert second != first
    accept(book, second, row=3)
    refreshed(book)
    assert held(book)[JAN, None] == sum(lower(0.80)(borough, "Robbery", JAN) for borough in small.BOROUGHS)


def test_areas_that_move_under_the_same_total_are_other_figures(book: Path) -> None:
    """The message has totals; what is accepted is every figure that differs."""
    revised(book)
    first = named(refused(book))
    figure = lower(0.85)
    shift = {"Barnet": 1, "Camden": -1}
    bring(book, small.FIRST, JAN, lambda borough, category, month: figure(borough, category, month)
          + (shift.get(borough, 0) if category == "Robbery" and month == JAN else 0))  # fmt: skip
    assert named(refused(book)) != first


@pytest.mark.parametrize(
    ("reason", "who", "lacks"),
    [("", WHO, "reason"), (REASON, "", "name in Who"), ("", "", "reason and no name in Who")],
)
def test_a_row_without_reason_or_name_accepts_nothing(book: Path, reason: str, who: str, lacks: str) -> None:
    revised(book)
    text = named(refused(book))
    accept(book, text, reason=reason, who=who)
    assert named(refused(book)) == text
    outcome = refreshed(book, accept_revisions=True)
    assert outcome.notes[0] == f"Sign-off!A2: the row accepts no finding of extracts: it has no {lacks}"


@pytest.mark.parametrize("text", ["R1-00000000", "R1", "all", "R2-12345678", "Robbery is revised"])
def test_another_text_accepts_nothing(book: Path, text: str) -> None:
    revised(book)
    accept(book, text)
    assert "(R1)" in refused(book)


def test_cells_that_cannot_be_read_cannot_be_accepted(book: Path) -> None:
    """Acceptance is for what judges figures; a cell that is no number has no figure to accept."""

    def figure(borough: str, category: str, month: Month) -> int | str:
        return "n/a" if month == JAN else usual(borough, category, month)

    bring(book, small.FIRST, JAN, figure)
    message = refused(book)
    assert "(V1)" in message
    assert "table Accepted" not in message
