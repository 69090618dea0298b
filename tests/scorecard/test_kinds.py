"""Measures of every kind of number, from their extracts to the row of the scorecard and to the published copy.

`tests/support/kinds.py` says what the extracts hold. Every expected figure is worked out beside its test on paper.
"""

import re
import shutil
from pathlib import Path

import pytest

import cpa_xl
from cpa_xl.config.load import load
from cpa_xl.measures.periods import Month
from cpa_xl.publish.checks.run import check_release
from cpa_xl.scorecard.history import store_of
from cpa_xl.scorecard.rows import Row, read_comment_facts, read_scorecard
from cpa_xl.scorecard.tables import read_rows
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import kinds
from tests.support.releasing import place, typed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The refreshed scorecard; its configuration and extracts lie beside it."""
    path = kinds.force(tmp_path_factory.mktemp("kinds"))
    outcome = cpa_xl.refresh(path, config=path.parent / "config", as_of="2009-01")
    assert not [note for note in outcome.notes if "#" in note]
    return path


@pytest.fixture(scope="module")
def rows(book: Path) -> dict[str, Row]:
    """The rows of the scorecard by their ids."""
    spec = load(book.parent / "config").workbooks["kinds"]
    return {row.text("id"): row for row in read_scorecard(cpa_xl.open_workbook(book), spec)}


@pytest.mark.parametrize(
    ("measure", "actual", "printed"),
    [
        # Eleven months with 3 of 5 timed calls in 10 seconds, and one with 2: 35 of 60.
        ("1", 35 / 60, ("58.3%", "62.0%", "R",
         "58.3% against a target of 62.0%: worse by 3.7 points, 5.9% of the target, beyond the amber band of 5%")),
        # Eleven months of 5 + 10 + 30 + 8 + 20 = 73 seconds, and one of 75, over 60 timed calls.
        ("2", (11 * 73 + 75) / 60, ("14.6", "15.0 seconds", "G", "14.63 against a target of 15: better by 0.3667")),
        # 6 calls and 5 officers a month, April to January; the target is half of 2.4.
        ("3", 1.2, ("1.20", "1.20", "G", "1.2 against a target of 1.2: on target")),
        # 1,000.10 + 1,999.90 + 4,000 + 250.50 pounds a month.
        ("4", 87_006.0, ("£87,006", "£90,000", "A",
         "87,006 against a target of 90,000: worse by 2,994, 3.3% of the target, within the amber band of 5%")),
        # Ten months of 6 calls.
        ("5", 60.0, ("60", "Baseline year", "–", "no target")),
        # The middle one of 5, 8, 12, 20 and 30 seconds, which the last month has.
        ("6", 12.0, ("12.0", "10.0", "R",
         "12 against a target of 10: worse by 2, 20.0% of the target, beyond the amber band of 5%")),
        # 72 calls among 1,250 + 2,350 residents of 2008: there are none of 2009, and those of 2010 are too late.
        ("7", 20.0, ("20.0", "20.0", "G",
         "20 against a target of 20: on target; 72 in RY to Jan-09 among 3,600 residents of 2008")),
        # 20 a day over the 366 days from February 2008 to January 2009, by month.
        ("8", 610.0, ("610.0", "610.0", "G", "610 against a target of 610: on target")),
    ],
)  # fmt: skip
def test_a_measure_of_each_kind_has_its_figure_and_its_letter(
    rows: dict[str, Row], measure: str, actual: float, printed: tuple[str, ...]
) -> None:
    row = rows[measure]
    assert row.cells["actual"] == pytest.approx(actual)
    assert tuple(row.text(field) for field in ("latest", "target_text", "rag", "reason")) == printed


def test_comments_name_facts_of_each_kind(book: Path, rows: dict[str, Row]) -> None:
    spec = load(book.parent / "config").workbooks["kinds"]
    facts = read_comment_facts(cpa_xl.open_workbook(book), spec)
    assert [(fact.text("measure"), fact.cells["value"], fact.text("text")) for fact in facts] == [
        ("2", pytest.approx((73 + 73 + 75) / 15), "14.7"),  # November to January
        ("4", 7250.5, "£7,251"),
        ("6", 10.0, "10.0"),  # of December
        ("7", pytest.approx(6 / 3.6), "1.7"),  # 6 calls among 3,600 residents
        ("7", pytest.approx(1.2), "1.2"),
    ]
    assert {name: rows[name].text("comment") for name in ("2", "4", "6", "7")} == {
        "2": "14.7 seconds in three months.",
        "4": "£7,251 in Jan-09.",
        "6": "It was 10.0 the month before: one long wait does not move it.",
        "7": "1.7 in Jan-09, 1.2 for each officer.",
    }


def test_the_published_copy_agrees_with_its_statement(book: Path, tmp_path: Path) -> None:
    config = book.parent / "config"
    made = cpa_xl.publish(book, tmp_path, config=config)
    assert cpa_xl.verify(made.workbook, config=config).agrees


@pytest.mark.parametrize("store", [True, False], ids=["with the store", "from the workbook alone"])
def test_an_extract_of_the_last_month_alone_leaves_every_figure(
    book: Path, rows: dict[str, Row], tmp_path: Path, store: bool
) -> None:
    """The median of the force, 10, is no sum of those of the areas, 10 and 14, and the population is that of 2008."""
    shutil.copytree(book.parent, tmp_path / "again")
    again = tmp_path / "again" / book.name
    if not store:
        store_of(again).unlink()
    for name, last in {
        "calls_2009-01.csv": ",2009-01-",
        "staff_2009-01.csv": "2009-01,",
        "population.csv": "-2008,",
    }.items():
        path = again.parent / "extracts" / name
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([head, *(line for line in lines if last in line)]) + "\n", encoding="utf-8")
    outcome = cpa_xl.refresh(again, config=again.parent / "config", as_of="2009-01")
    assert "population.csv: Residents begins in 2008; 2006 and 2007 stay as they were known (R3)." in [
        note.removeprefix("note: ") for note in outcome.notes
    ]
    spec = load(again.parent / "config").workbooks["kinds"]
    opened = cpa_xl.open_workbook(again)
    assert {row.text("id"): row.cells["actual"] for row in read_scorecard(opened, spec)} == {
        name: row.cells["actual"] for name, row in rows.items()
    }
    before = [row["Median seconds"] for row in read_rows(cpa_xl.open_workbook(book), "Monthly")]
    assert [row["Median seconds"] for row in read_rows(opened, "Monthly")] == before == [*[10.0] * 23, 12.0]
    assert [row["Residents"] for row in read_rows(opened, "Population")] == [3800.0, 4000.0, 3600.0]


def test_a_revised_median_is_told_by_itself(book: Path, tmp_path: Path) -> None:
    """December's times in the force become 5, 10, 11, 20 and 30 seconds."""
    shutil.copytree(book.parent, tmp_path / "again")
    again = tmp_path / "again" / book.name
    path = again.parent / "extracts/calls_2009-01.csv"
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    changed = [line.replace(",00:08,", ",00:11,") if ",2008-12-" in line else line for line in lines]
    path.write_text("\n".join([head, *changed]) + "\n", encoding="utf-8")
    outcome = cpa_xl.refresh(again, config=again.parent / "config", as_of="2009-01")
    assert [note.removeprefix("note: ") for note in outcome.notes if "Median" in note and "(R1)" in note] == [
        "calls_2009-01.csv: Median seconds is revised in 1 of the 24 months known before: Dec-08 from 10 to 11 (+10.0%)"
        " (R1)."
    ]


def test_facts_are_counted_by_area(book: Path) -> None:
    facts = cpa_xl.read_facts(book.parent / "extracts", config=book.parent / "config")
    last = Month(2009, 1)
    assert {name: facts.counts[name][last, "South"] for name in ("calls", "timed", "in_time", "waited", "cash")} == {
        "calls": 3, "timed": 2, "in_time": 1, "waited": 28, "cash": 4250.5,
    }  # fmt: skip
    assert facts.monthly("waited")[last] == 75


def test_a_median_is_that_of_its_month_and_place(book: Path) -> None:
    """5, 8, 10, 20 and 30 in the force; 5, 10 and 30 in the north; 8 and 20 in the south."""
    facts = cpa_xl.read_facts(book.parent / "extracts", config=book.parent / "config")
    before = Month(2008, 12)
    assert [facts.counts["middle"][before, area] for area in ("North", "South")] == [10, 14]
    assert facts.monthly("middle")[before] == 10


@pytest.mark.parametrize(
    ("measure", "comment", "message"),
    [
        ("2", "The mean is now red.", "says 'The mean is now red', and the letter is G (14.63 against a target of 15"),
        ("3", "The ratio is 1.3.", '"1.3" matches no computed figure (nearest: latest figure: 1.2)'),
        ("4", "£87,006 was seized, £9,000 below target.", '"£9,000" matches no computed figure'),
        ("6", "The median rose to 13.0 seconds.", '"13.0" matches no computed figure (nearest: latest figure: 12.0)'),
        ("7", "The rate is 20.0 for 72 calls.", ""),
    ],
)
def test_a_comment_is_held_to_the_figures(book: Path, measure: str, comment: str, message: str) -> None:
    """Of the total of money too: 72 calls, 87,006 pounds, and 2,994 below target are computed, 9,000 is not."""
    catalogue = load(book.parent / "config")
    opened = ClosedWorkbook.open(book)
    changed = typed(opened, place(opened, measure, "Comments"), comment)
    spec = catalogue.workbooks["kinds"]
    before = {str(one) for one in check_release(opened, None, catalogue, spec, None)}
    found = [str(one) for one in check_release(changed, None, catalogue, spec, None) if str(one) not in before]
    assert [message in one for one in found] == ([True] if message else []), found


def test_a_figure_of_one_month_may_be_compared_with_the_month_before(book: Path, tmp_path: Path) -> None:
    """12 seconds after 10 in December, and 20 in January a year before: "risen" is right, "unchanged" is not."""
    shutil.copytree(book.parent, tmp_path / "again")
    again = tmp_path / "again" / book.name
    path = again.parent / "extracts/calls_2009-01.csv"
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    slower = [re.sub(",00:(08|10),", ",00:25,", line) if ",2008-01-" in line else line for line in lines]
    path.write_text("\n".join([head, *slower]) + "\n", encoding="utf-8")
    cpa_xl.refresh(again, config=again.parent / "config", as_of="2009-01")
    opened, catalogue = ClosedWorkbook.open(again), load(again.parent / "config")
    for comment, findings in {"The median has risen.": 0, "The median is unchanged.": 1}.items():
        changed = typed(opened, place(opened, "6", "Comments"), comment)
        found = check_release(changed, None, catalogue, catalogue.workbooks["kinds"], None)
        assert len([one for one in found if one.code == "T5"]) == findings, comment
