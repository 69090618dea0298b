"""Comments as people write them: what is a figure, which way it went, for which months, and whether it is a comment.

The demo's scorecard of January 2009: burglary down 0.8 % (453), robbery 16.5 % (6,405), all 7.5 %; satisfaction 77.8 %
against 78.9 %; a gap of 4.8 pp against 3.8; detections 10.8 % against 11.8; arrests 70.3 % against 67.
"""

from pathlib import Path

import pytest

from cpa_xl.errors import Level
from cpa_xl.measures.numbers_in_text import Precision, TypedUnit, around, facts_of, figures_in, stale
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.releasing import news, place, typed

REWRITE = "type the figure that holds now, or put back the formula of the comment"
OTHERWISE = f"and the stored counts say otherwise: {REWRITE}"


@pytest.fixture(scope="module")
def book(demo: Path) -> ClosedWorkbook:
    return ClosedWorkbook.open(demo)


def found(root: Path, book: ClosedWorkbook, measure: str, text: str) -> list[tuple[str, Level, str]]:
    """What is found in this comment of a measure: code, level, message."""
    cell = place(book, measure, "Comments")
    return [(one[0], one[1], one[3]) for one in news(root, book, typed(book, cell, text)) if one[2] == cell]


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        ("4a", "Burglary improved by 0.8% (453 fewer); a 16.5% fall in robbery"),
        ("4a", "A 0.8% improvement in burglary; robbery −16.5%, or – 6,405"),
        ("4a", "In 2008/09, 2008-09 and 2008/2009, see paragraphs 9 - 11 and para. 12.3"),
        ("4a", "by 31 March, on 3 April 2009, 31/03/2009, the 1st of May, March 31st; Operation 5, priority 2"),
        ("4a", "Robbery has not increased: it is down 16.5% (6405), about 6,400"),
        ("4a", "Feb-07 to Jan-08 was higher; February 2008 to January 2009 is at -7.5%"),
        ("4a", "In the 12 months ending January 2009 down 7.5% on the year to Jan-08"),
        ("4a", "Robbery fell from 38,818 to 32,413 (minus 16.5 per cent)"),
        ("5", "Deaths: 200 against 226; provisional"),
        ("4a", "April-January 2008/09 was fine; so was April 2007 to March 2008"),
        ("3", "Confidence is 54.2%, compared with the year to March 2008 as well"),
        ("1", "77.8% is 1.1 percentage points below target. The target is not being met"),
        ("2", "The gap is 4.8 percentage points, 1.0pp from where it shall be"),
        ("7", "The target has been achieved. This target is met for 2008/09 whatever February and March may bring"),
        ("9a", "31.5 a month: 378 over the rolling year, 301 YTD, against 350 a year"),
        ("4b", "21,816 of 202,001 or so; the rates are 14.4, 17.6 and 6.9%"),
    ],
)
def test_what_holds(root: Path, book: ClosedWorkbook, measure: str, text: str) -> None:
    stops = [one for one in found(root, book, measure, text) if one[0] != "T7" and one[1] is Level.STOP]
    assert stops == []
    if "or so" not in text:
        assert [one for one in found(root, book, measure, text) if one[0] != "T7"] == []


@pytest.mark.parametrize(
    ("text", "said", "fact"),
    [
        ("Burglary worsened by 0.8%", "up 0.8%", "Residential burglary change: down 0.8%"),
        ("Burglary deteriorated by 0.8%", "up 0.8%", "Residential burglary change: down 0.8%"),
        ("A 0.8% deterioration in burglary", "up 0.8%", "Residential burglary change: down 0.8%"),
        ("Burglary rose by 0.8%", "up 0.8%", "Residential burglary change: down 0.8%"),
        ("Burglary is plus 0.8%", "up 0.8%", "Residential burglary change: down 0.8%"),
        ("Burglary is 0.8% above last year", "up 0.8%", "Residential burglary change: down 0.8%"),
        ("Burglary (+0.8%)", "+0.8%", "Residential burglary change: down 0.8%"),
        ("There were 453 extra burglaries", "up 453", "Residential burglary change in number: down 453"),
        ("SAC is 7.5% higher than last year", "up 7.5%", "latest figure: down 7.5%"),
    ],
)
def test_the_wrong_way(root: Path, book: ClosedWorkbook, text: str, said: str, fact: str) -> None:
    message = f'"{said}" says the wrong direction (it is {fact}): {REWRITE}'
    assert found(root, book, "4a", text) == [("T5", Level.STOP, message)]


def test_better_is_higher_for_some_measures(root: Path, book: ClosedWorkbook) -> None:
    """Confidence rose by half a point, which is an improvement."""
    assert found(root, book, "3", "Confidence improved by 0.5pp on the year to Jun-08") == []
    message = f'"down 0.5pp" says the wrong direction (it is Change on the quarter before: up 0.5pp): {REWRITE}'
    assert found(root, book, "3", "Confidence worsened by 0.5pp") == [("T5", Level.STOP, message)]


def test_nobody_knows_what_is_better() -> None:
    facts = facts_of([-0.008])
    assert stale("improved by 0.8%", facts) == stale("worsened by 0.8%", facts) == ()
    (wrong,) = stale("worsened by 0.8%", facts, better=-1)
    assert wrong.words == '"up 0.8%" says the wrong direction (it is down 0.8%)'


def test_further_facts_bear_out_and_do_not_hint() -> None:
    total = facts_of([378.0])
    assert stale("378 over the year", (), further=total) == ()
    assert [one.nearest for one in stale("379 over the year", (), further=total)] == [None]
    assert len(stale("up 378 over the year", (), further=total)) == 1  # that they are a rise nothing bears out


@pytest.mark.parametrize(
    ("text", "what"),
    [("1 in 5 robberies", "1 in 5"), ("2 out of 3 in Lambeth", "2 out of 3"), ("62 in every 100", "62 in every 100")],
)
def test_one_in_five(root: Path, book: ClosedWorkbook, text: str, what: str) -> None:
    message = f'"{what}" matches no computed figure: say where it comes from, and have it checked'
    assert found(root, book, "4a", text) == [("T4", Level.WARN, message)]


def test_one_in_five_is_a_share() -> None:
    (figure,) = figures_in("about 1 in 5 of them")
    assert (int(figure.size), figure.unit, figure.precision, figure.share) == (
        20,
        TypedUnit.PERCENT,
        Precision.ABOUT,
        True,
    )
    assert stale("1 in 5 of them", facts_of([0.204])) == ()
    assert [one.text for one in figures_in("5 in 2 wards, 12 in 2008, 3 in 4.5")] == ["5", "2", "12", "3", "4.5"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Down 0.8% (453); we have 37 more officers on the street.", "we have 37 more officers on"),
        ("Down 0.8% (453) and 37 officers", "and 37 officers"),
        ("37", "37"),
        ("There is more. Of 37, all left", "Of 37"),
    ],
)
def test_the_words_around_a_figure(text: str, words: str) -> None:
    figure = next(one for one in figures_in(text) if one.text == "37")
    assert around(text, figure) == words


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("In the year to December 2008 SAC fell", "year to December 2008"),
        ("12 months ending Dec-08 were good", "12 months ending Dec-08"),
        ("In the rolling year to 31 December 2008", "rolling year to 31 December 2008"),
        ("YTD to Dec-08 it fell", "YTD to Dec-08"),
    ],
)
def test_months_however_they_are_written(root: Path, book: ClosedWorkbook, text: str, spoken: str) -> None:
    message = f"speaks of {spoken!r}, and the data end in Jan-09: {REWRITE}"
    assert found(root, book, "4a", text) == [("T6", Level.STOP, message)]


@pytest.mark.parametrize("spoken", ["Mar-08 to Feb-09", "January 2008 to December 2008", "Jan-08 - Dec-08"])
def test_twelve_months_that_are_not_the_rolling_year(root: Path, book: ClosedWorkbook, spoken: str) -> None:
    message = f"speaks of {spoken!r}, and the rolling year is Feb-08 to Jan-09: {REWRITE}"
    assert found(root, book, "4a", f"{spoken} was good") == [("T6", Level.STOP, message)]


def test_a_year_to_date_in_words(root: Path, book: ClosedWorkbook) -> None:
    message = f"speaks of 'April to December 2008/09', and the year to date is Apr-Jan 2008/09: {REWRITE}"
    assert found(root, book, "4a", "April to December 2008/09 was good") == [("T6", Level.STOP, message)]


@pytest.mark.parametrize(
    ("measure", "text", "claim"),
    [
        ("1", "The target is met.", "target is met"),
        ("4b", "Our target is being met", "target is being met"),
        ("7", "The target has not been achieved", "target has not been achieved"),
        ("7", "The target was missed over the rolling year", "target was missed over the rolling year"),
        ("1", "Each quarter has been above target", "Each quarter has been above target"),
        ("2", "Each quarter has been below target", "Each quarter has been below target"),
        ("1", "Each quarter met the target", "Each quarter met the target"),
    ],
)
def test_claims_of_the_target(root: Path, book: ClosedWorkbook, measure: str, text: str, claim: str) -> None:
    assert ("T5", Level.STOP, f"says {claim!r}, {OTHERWISE}") in found(root, book, measure, text)


@pytest.mark.parametrize("text", ["TBC", " - ", "–", "n/a", "To follow.", "see above", "tbc...", "xxx"])
def test_what_is_no_comment(root: Path, book: ClosedWorkbook, text: str) -> None:
    message = f"measure 2 is red and has no comment but {text.strip()!r}: say why, and what is being done"
    assert ("T9", Level.STOP, message) in found(root, book, "2", text)


def test_words_that_are_a_comment(root: Path, book: ClosedWorkbook) -> None:
    assert found(root, book, "2", "To be discussed on 3 April") == []
