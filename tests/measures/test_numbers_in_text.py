"""Figures in typed texts, and whether computed facts bear them out."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpa_xl.measures.numbers_in_text import (
    Fact,
    Mismatch,
    Precision,
    TypedFigure,
    TypedUnit,
    facts_of,
    figures_in,
    stale,
)
from tests.support.golden import golden_rows


def shown(text: str) -> list[str]:
    return [figure.words for figure in figures_in(text)]


# --- what is a figure -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "RY to Jan-09, Feb 2009, January 2009, 31 January 2009, Jan 09, to Jan 10.",
        "2008/09, 2008-09, FY 2007/8, Apr-Jan 2008/09, in 2007, by 31/01/2009 or 2009-01-31",
        "over 12 months, in 3 years, a 12-month figure, 10 to 12 weeks, the last 36 months",
        "See paragraphs 13 - 21 and 25 of covering report; para 9, section 4.2, appendix 1, table 3, [note 1], page 12",
        "Q1, quarter 3, SPI 1.1, [SPI 5.2], measure 4b, 10a, Tier 1, PSA 23, MPS2, COVID-19",
        "under 20 year olds, victims under 20s, aged 10-17, aged under 20, the 3rd of them, 24/7, at 10:30",
        "no digit at all",
        "",
    ],
)
def test_dates_periods_ages_and_references_are_no_figures(text: str) -> None:
    assert shown(text) == []


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("fell by over 6,000 to 32,413 (16.5% lower)", ["down 6,000", "32,413", "down 16.5%"]),
        ("up by 0.5% points; rose 5 per cent", ["up 0.5% points", "up 5 per cent"]),
        ("18 disruptions in May 2009", ["18"]),
        ("-7.5% against +3% and –4%", ["-7.5%", "+3%", "–4%"]),
        ("a reduction of 3%, a 12% increase, 26 fewer", ["down 3%", "up 12%", "down 26"]),
        ("up from 77.4% to 78.2%", ["77.4%", "78.2%"]),
        ("54.2%, up 0.5pp", ["54.2%", "up 0.5pp"]),
        ("the gap narrowed by 1.0 percentage points", ["down 1.0 percentage points"]),
        ("in 2008 there were 2,008 offences, in May 453 fewer", ["2,008", "down 453"]),
        ("£1.2m was seized", ["£1.2m"]),
        ("77.4%,75.9% and 78.2%.5% more", ["77.4%", "75.9%", "78.2%", "up .5%"]),
        ("14.4,17.6,6.9% in 1,234,567 of 1,2345", ["14.4", "17.6", "6.9%", "1,234,567", "1", "2345"]),
    ],
)
def test_figures_and_their_directions(text: str, figures: list[str]) -> None:
    assert shown(text) == figures


def test_a_figure_says_where_it_stands_and_how_precise_it_is() -> None:
    text = "needs around 19% (1.25m in all)"
    rate, amount = figures_in(text)
    assert [text[one.start : one.end] for one in (rate, amount)] == ["19%", "1.25m"]
    assert (rate.size, rate.decimals, rate.unit, rate.precision) == (Decimal(19), 0, TypedUnit.PERCENT, Precision.ABOUT)
    assert (amount.size, amount.decimals, amount.unit, amount.precision) == (
        Decimal(1_250_000),
        -4,
        TypedUnit.NUMBER,
        Precision.ROUNDED,
    )
    assert (amount.place, rate.place) == (Decimal(10_000), Decimal(1))


def test_the_unit_behind_a_list_holds_for_all_of_it() -> None:
    units = [figure.unit for figure in figures_in("rates are 14.4; 17.6 [robbery] and 6.9% respectively")]
    assert units == [TypedUnit.PERCENT] * 3
    assert [figure.unit for figure in figures_in("453 and 16.5%")] == [TypedUnit.NUMBER, TypedUnit.PERCENT]
    assert [figure.unit for figure in figures_in("3.1 - 6.3pp")] == [TypedUnit.POINTS, TypedUnit.POINTS]


@pytest.mark.parametrize("digits", ["9" * 5000, "9" * 20 + "." + "9" * 40, "1," + "000," * 50 + "000", "." * 3000])
def test_absurd_numbers_are_passed_over(digits: str) -> None:
    assert shown(f"down {digits}%") == []


# --- whether they hold ------------------------------------------------------------------------------------------------


def words(text: str, *facts: object) -> list[str]:
    return [finding.words for finding in stale(text, facts_of(facts))]


def test_the_figures_of_a_revised_month_are_found() -> None:
    text = "Res. burglary is down 0.8% (453), robbery is down 16.5% (6,405 offences)"
    assert words(text, -0.0076, -453, -0.165, -6405) == []
    assert words(text, -0.0071, -420, -0.165, -6405) == [
        '"down 0.8%" matches no computed figure (nearest: down 0.7%)',
        '"453" matches no computed figure (nearest: 420)',
    ]


def test_a_direction_must_be_the_facts_own() -> None:
    assert words("robbery is up 16.5%", -0.165) == ['"up 16.5%" says the wrong direction (it is down 16.5%)']
    assert words("robbery is up 16.5%", -0.165, "up 16.5%") == []
    assert words("up 16.5%", "down 16.5%") == ['"up 16.5%" says the wrong direction (it is down 16.5%)']
    assert words("16.5% fewer (6,405)", "16.5%", "6,405") == []  # a fact printed without a direction has none
    (finding,) = stale("-3%", facts_of([0.03]))
    assert finding.fault is Mismatch.WRONG_WAY


@pytest.mark.parametrize(
    ("text", "fact", "holds"),
    [
        ("78.2%", 0.78245, True),
        ("78.2%", 0.78250, False),  # rounds half away from zero
        ("78%", 0.78250, True),
        ("78.25%", "78.2%", False),  # printed with fewer digits than are claimed
        ("78%", "78.2%", True),
        ("4.8pp", 0.048, True),
        ("4.8pp", "4.8%", False),  # a rate is no gap
        ("77.8%", 77.8, False),  # a count is no percentage
        ("31.5", 31.5, True),
        ("around 19%", 0.1914, True),
        ("around 20%", 0.1914, True),
        ("around 20%", 0.171, False),
        ("about 6,400", 6405, True),
        ("over 6,000", 6405, True),
        ("over 6,000", 5990, False),
        ("more than 6,000", 7100, False),
        ("no more than 20%", 0.191, True),
        ("no more than 19%", 0.198, False),
        ("at least 19%", 0.191, True),
        ("up to 20%", 0.191, True),
        ("nearly 17,000", 16_410, True),
        ("nearly 16,000", 16_410, False),
        ("£1.2m", 1_230_000, True),
        ("£1.3m", 1_230_000, False),
    ],
)
def test_a_figure_holds_at_the_precision_it_shows(text: str, fact: object, holds: bool) -> None:
    assert (words(text, fact) == []) is holds


PIECES = ["down", "up by", "around", "over", " ", "0.8%", "(453)", "6,405", "-7.5%", "pp", "19", "Jan-09", "12 months",
          "paragraphs 9 - 11", "2008/09", ";", ", ", " and ", "£1.2m", "fewer", "%", "Q1", ".", "1.", ".5"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join))
@pytest.mark.slow
def test_a_text_bears_itself_out(text: str) -> None:
    found = figures_in(text)
    assert [text[one.start : one.end] for one in found] == [one.text for one in found]
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert stale(text, facts_of([text])) == ()


def test_nothing_near_is_no_hint() -> None:
    assert words("down 0.8% (453)", 6405.0, 0.5) == [
        '"down 0.8%" matches no computed figure',
        '"453" matches no computed figure',
    ]


def test_what_looks_alike_is_told_apart() -> None:
    (finding,) = words("78.3%", 0.7824)
    assert finding == '"78.3%" matches no computed figure (nearest: 78.2%)'
    (finding,) = words("down 0.0%", 0.0004)
    assert finding == '"down 0.0%" says the wrong direction (it is up 0.04%)'
    assert words("5 more", -0.0) == ['"up 5" matches no computed figure']


def test_a_finding_names_its_fact_and_its_place() -> None:
    text = "Robbery is down 16.4%"
    (finding,) = stale(text, facts_of([-0.165], "Robbery change"))
    assert finding.words == '"down 16.4%" matches no computed figure (nearest: Robbery change: down 16.5%)'
    assert text[finding.figure.start :] == "16.4%"
    assert finding.nearest is not None
    assert finding.nearest.name == "Robbery change"


def test_cells_without_a_figure_are_no_facts() -> None:
    assert facts_of([None, "", True, "RY to Jan-09", float("inf"), float("nan"), object()]) == ()


# --- the printed scorecard --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def comments(golden: Path) -> Mapping[str, str]:
    """The comments of the scorecard of January 2009, as printed, by measure."""
    seed = golden / "documents" / "scorecard_jan_2009.txt"
    rows = [line.split("\t") for line in seed.read_text(encoding="utf-8").splitlines()]
    return {row[0]: row[5] for row in rows if len(row) == 6 and row[0] and row[5]}


@pytest.fixture(scope="module")
def facts(golden: Path) -> Mapping[str, Sequence[Fact]]:
    """The golden figures by measure: target, actual, comment facts, the volumes noted beside them."""
    cells: dict[str, list[object]] = {}
    for row in golden_rows(golden, "scorecard_jan_2009.csv"):
        cells[row["id"]] = [float(row[name]) for name in ("target", "actual") if row[name]]
    for row in golden_rows(golden, "comment_facts_jan_2009.csv"):
        cells[row["measure"]] += [float(row["value"]), row["how"]]
        if row["how"] == "54.2 less 53.7":
            cells[row["measure"]].append(0.537)
    return {measure: facts_of(found) for measure, found in cells.items()}


def test_every_printed_comment_holds(comments: Mapping[str, str], facts: Mapping[str, Sequence[Fact]]) -> None:
    figures = {measure: shown(text) for measure, text in comments.items()}
    assert sum(map(len, figures.values())) == 24
    assert figures["4b"] == ["19%", "14.4%", "17.6%", "6.9%"]
    for measure, text in comments.items():
        assert [finding.words for finding in stale(text, facts[measure])] == [], measure


def changed(text: str, figure: TypedFigure) -> str:
    """The text with the last digit of a figure another one."""
    at = max(place for place in range(figure.start, figure.end) if text[place].isdigit())
    return f"{text[:at]}{(int(text[at]) - 2) % 10}{text[at + 1 :]}"


def test_every_figure_changed_in_a_printed_comment_is_found(
    comments: Mapping[str, str], facts: Mapping[str, Sequence[Fact]]
) -> None:
    for measure, text in comments.items():
        for figure in figures_in(text):
            findings = stale(changed(text, figure), facts[measure])
            assert [finding.figure.start for finding in findings] == [figure.start], (measure, figure.text)


def test_every_direction_turned_in_a_printed_comment_is_found(
    comments: Mapping[str, str], facts: Mapping[str, Sequence[Fact]]
) -> None:
    turned = comments["4a"].replace("down", "up")
    assert [finding.words for finding in stale(turned, facts["4a"])] == [
        '"up 0.8%" says the wrong direction (it is down 0.8%)',
        '"up 16.5%" says the wrong direction (it is down 16.5%)',
        '"up 7.9%" says the wrong direction (it is down 7.9%)',
    ]
    assert len(stale(comments["3"].replace("up by", "down by"), facts["3"])) == 1
    assert len(stale(comments["5"].replace("reduced", "increased"), facts["5"])) == 1
