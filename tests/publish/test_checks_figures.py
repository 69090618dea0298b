"""The figures, letters and comments of the demo's scorecard, one of them wrong each time."""

import csv
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cpa_xl.cli.main import main
from cpa_xl.errors import Level
from cpa_xl.measures.figures import rounded
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.publish.checks.findings import Finding
from cpa_xl.scorecard.recompute import StoredFigures
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.releasing import FindingTuple, checked, configuration, news, place, typed

AGAIN = "recalculate the workbook (cpa_xl calculate), or put back the formula that was typed over"
REWRITE = "type the figure that holds now, or put back the formula of the comment"


@pytest.fixture(scope="module")
def book(demo: Path) -> ClosedWorkbook:
    return ClosedWorkbook.open(demo)


def after(root: Path, book: ClosedWorkbook, cell: str, value: str | float | None) -> list[FindingTuple]:
    """What is found after something was typed into a cell."""
    return news(root, book, typed(book, cell, value))


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
    assert found[0][3].startswith("shows A, and R follows (10.8% against a target of 11.8%: worse by 1.0 points, ")
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
    found = news(root, book, changed)
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


def test_a_comment_may_state_what_the_drafted_one_states(root: Path, book: ClosedWorkbook) -> None:
    text = "Robbery fell by 6,405 to a rate of 16.5% less; burglary is down 453 (-0.8%), against a target of -4%"
    assert after(root, book, place(book, "4a", "Comments"), text) == []


@pytest.mark.parametrize("text", ["▲ better", "better", "▬ no change", "▲ worse"])
def test_a_direction_typed_over(root: Path, book: ClosedWorkbook, text: str) -> None:
    """The satisfaction of 12 months fell against the quarter before, and more is better."""
    cell = place(book, "1", "Direction")
    (finding,) = after(root, book, cell, text)
    assert finding[:3] == ("T5", Level.STOP, cell)
    assert finding[3].startswith(f"says {text!r}, and the figure is worse by 0.00")


def test_a_series_that_is_not_the_sum_of_its_parts(root: Path, book: ClosedWorkbook) -> None:
    cells, row = book.cells("Monthly"), 10
    head = {cell.value: at[1] for at, cell in cells.items() if at[0] == 4}
    parts = [cells[row, head[name]].value for name in ("Residential burglary", "Robbery", "Motor vehicle crime")]
    whole = sum(value for value in parts if isinstance(value, float))
    found = after(root, book, "Monthly!E10", whole + 7)
    message = (
        f"SAC offences is {whole + 7:,.0f} for Jul-06, and Residential burglary, Robbery, Motor vehicle crime add up "
        f"to {whole:,.0f}: refresh the workbook from its extracts"
    )
    assert ("T3", Level.STOP, "Monthly!E10", message) in found
    message = (
        f"SAC offences is {whole + 7:,.0f} for Jul-06, and the areas add up to {whole:,.0f}: refresh the workbook "
        "from its extracts"
    )
    assert ("T3", Level.STOP, "Monthly!E10", message) in found


def test_parts_that_are_more_than_their_measure(root: Path, book: ClosedWorkbook) -> None:
    """10: cocaine and heroin are parts of Class A; the counts of Class A are halved."""
    cells, table = book.cells("Monthly"), book.tables["Monthly"]
    column = next(at[1] for at, cell in cells.items() if cell.value == "Class A trafficking SDs")
    changed = book
    for row in range(table.last_row - 11, table.last_row + 1):
        changed = changed.with_cell("Monthly", row, column, 100)
    found = [one for one in news(root, book, changed) if one[0] == "T3"]
    assert found == [
        ("T3", Level.STOP, "measure 10", "measure 10 has 100 a month, and its parts 10-cocaine, 10-heroin add up to "
         "200: correct what the series count (measures.yaml), then refresh"),
    ]  # fmt: skip


def test_many_counts_that_do_not_add_up_are_counted(root: Path, book: ClosedWorkbook) -> None:
    changed = book
    for row in range(5, 13):
        changed = changed.with_cell("Monthly", row, 5, 1)
    found = [one for one in news(root, book, changed) if one[2].startswith("Monthly")]
    assert [one[2] for one in found].count("Monthly") == 2  # against its parts, against the areas
    assert found[5] == (
        "T3",
        Level.STOP,
        "Monthly",
        "3 more counts that do not add up: refresh the workbook from its extracts",
    )


@pytest.mark.parametrize(
    ("cell", "text", "message"),
    [
        ("Scorecard!I13", "RY to Dec-08", f"says 'RY to Dec-08', and the figure is for 'RY to Jan-09': {AGAIN}"),
        ("Comment facts!E5", "Apr-Jun 2007", f"says 'Apr-Jun 2007', and the fact is for 'Apr-Jun 2008': {AGAIN}"),
        ("Scorecard!A3", "(RY to Dec-08)", f"speaks of 'RY to Dec-08', and the as-of month is Jan-09: {AGAIN}"),
        ("Scorecard!J16", "Data from Jan-08 onwards is provisional. Deaths are down 11.5% (26) over the RY to Dec-08",
         f"speaks of 'RY to Dec-08', and the data end in Jan-09: {REWRITE}"),
        ("Scorecard!J11", "Data for 12 months to Aug-08 is as before",
         f"speaks of '12 months to Aug-08', and the data end in Sep-08: {REWRITE}"),
        ("Scorecard!J22", "Target is being achieved (Apr-Dec 2008/09: 72.0%)",
         f"speaks of 'Apr-Dec 2008/09', and the year to date is Apr-Jan 2008/09: {REWRITE}"),
    ],
)  # fmt: skip
def test_a_period_of_another_month(root: Path, book: ClosedWorkbook, cell: str, text: str, message: str) -> None:
    assert after(root, book, cell, text) == [("T6", Level.STOP, cell, message)]


def test_an_earlier_period_to_compare_with(root: Path, book: ClosedWorkbook) -> None:
    text = "Down 7.5% on the year to Jan-08; it was the same in the RY to Jan-09"
    assert after(root, book, place(book, "4a", "Comments"), text) == []


def test_the_heading_of_another_year(root: Path, book: ClosedWorkbook) -> None:
    """The configuration knows the column by its heading, so a look-alike stands beside it."""
    assert after(root, book, "Scorecard!A4", "2007/08 target") == [
        ("T6", Level.WARN, "Scorecard!A4",
         "is the heading of targets for 2007/08, and the as-of month lies in 2008/09: change one of them"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "what"),
    [("4b", "a proxy for "), ("6b", "without CS gas"), ("5", "provisional from Jan-08")],
)
def test_a_note_that_is_missing(root: Path, book: ClosedWorkbook, measure: str, what: str) -> None:
    cell = place(book, measure, "Comments")
    changed = typed(typed(book, place(book, measure, "Measure"), "Short title"), cell, "Much is being done")
    (finding,) = news(root, book, changed)
    assert finding[:3] == ("T7", Level.WARN, cell)
    assert finding[3].startswith(f"the figure of measure {measure} is {what}")
    assert finding[3].endswith(", and neither title nor comment says so: add it to the comment")


def test_a_baseline_year_that_nobody_speaks_of(root: Path, book: ClosedWorkbook) -> None:
    cell = place(book, "6a", "Comments")
    changed = typed(typed(book, place(book, "6a", "2008/09 target"), ""), cell, "Variation shown")
    message = "the figure of measure 6a is in its baseline year, and neither title nor comment says so"
    assert ("T7", Level.WARN, cell, f"{message}: add it to the comment") in news(root, book, changed)


@pytest.mark.parametrize(("measure", "word", "level"), [("2", "red", Level.STOP), ("1", "amber", Level.WARN)])
def test_no_comment(root: Path, book: ClosedWorkbook, measure: str, word: str, level: Level) -> None:
    cell = place(book, measure, "Comments")
    assert after(root, book, cell, "") == [
        ("T9", level, cell, f"measure {measure} is {word} and has no comment: say why, and what is being done")
    ]


def test_a_scorecard_that_cannot_be_read(root: Path, book: ClosedWorkbook) -> None:
    found = after(root, book, "Scorecard!D5", "Colour")
    assert [one[:3] for one in found if one[0] == "T1"] == [("T1", Level.STOP, "cpa_scorecard.xlsx")]
    assert found[0][3].startswith("its figures cannot be recalculated, so none was checked: sheet 'Scorecard': no ")


def test_a_month_of_the_charts_typed_over(root: Path, book: ClosedWorkbook) -> None:
    """The last month of 4a's rolling change, in the sheet that the charts draw."""
    cells, table = book.cells("Trend data"), book.tables["Trend"]
    column = next(at[1] for at, cell in cells.items() if cell.value == "4a figure")
    cell = f"Trend data!{cell_name(table.last_row, column)}"
    (finding,) = after(root, book, cell, -0.07)
    assert finding[:3] == ("T1", Level.STOP, cell)
    assert finding[3].startswith("holds -0.07, the stored counts give -0.0748")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("B", 1.0, "Barnet: 1 is shown, the stored counts give "),
        ("C", 1.0, "Barnet: 1 is shown, the stored counts give "),
        ("D", 0.5, "Barnet: 0.5 is shown, the stored counts give "),
        ("E", "–", "Barnet: – is shown, and "),
    ],
)
def test_a_borough_typed_over(root: Path, book: ClosedWorkbook, column: str, value: str | float, said: str) -> None:
    row = next(at[0] for at, cell in book.cells("Boroughs").items() if at[1] == 1 and cell.value == "Barnet")
    cell = f"Boroughs!{column}{row}"
    (finding,) = after(root, book, cell, value)
    assert finding[:3] == ("T2" if column == "E" else "T1", Level.STOP, cell)
    assert finding[3].startswith(said)
    assert finding[3].endswith(AGAIN)


def test_a_rate_by_borough(root: Path, demo: Path, tmp_path: Path) -> None:
    """Another pick, its boroughs calculated anew: all of it holds."""
    path = Path(shutil.copyfile(demo, tmp_path / "picked.xlsx"))
    book = ClosedWorkbook.open(path)
    offered = (str(cell.value) for at, cell in book.cells("Borough measures").items() if at[1] == 1)
    pick = next(name for name in offered if name.startswith("4b"))
    formulas = [at for at, cell in book.cells("Boroughs").items() if cell.formula is not None]
    unknown = dict.fromkeys((("Boroughs", *at) for at in formulas), None)
    book.with_cell("Boroughs", 4, 1, pick).with_values(unknown).save(path)
    result = CliRunner().invoke(main, ["calculate", str(path)], catch_exceptions=False)
    assert result.exit_code == 0
    assert [one for one in checked(root, ClosedWorkbook.open(path)) if one.level is Level.STOP] == []


@pytest.mark.parametrize(
    ("measure", "text", "claim"),
    [
        ("7", "Target is being missed over both the rolling year and the YTD (Apr-Jan 2008/09: 72.0%)",
         "Target is being missed over both the rolling year"),
        ("1", "Each quarter in 2008/09 has met the target, at 77.4% [Apr - Jun], 75.9% and 78.2% [Oct - Dec]",
         "Each quarter in 2008/09 has met the target"),
    ],
)  # fmt: skip
def test_a_claim_that_does_not_hold(root: Path, book: ClosedWorkbook, measure: str, text: str, claim: str) -> None:
    cell = place(book, measure, "Comments")
    message = f"says {claim!r}, and the stored counts say otherwise: {REWRITE}"
    assert after(root, book, cell, text) == [("T5", Level.STOP, cell, message)]


def test_a_rate_that_was_achieved_before(root: Path, book: ClosedWorkbook) -> None:
    """A month of 4b in which every offence was detected: "never achieved" is gone with it."""
    head = {cell.value: at[1] for at, cell in book.cells("Monthly").items() if at[0] == 4}
    offences = book.cells("Monthly")[30, head["SAC offences"]].value
    changed = book.with_cell("Monthly", 30, head["SAC SDs"], offences)
    cell = place(book, "4b", "Comments")
    message = f"says 'not been achieved in any previous month', and the stored counts say otherwise: {REWRITE}"
    assert ("T5", Level.STOP, cell, message) in news(root, book, changed)


def test_a_measure_defined_otherwise(root: Path, book: ClosedWorkbook) -> None:
    cell = place(book, "7", "Measure")
    changed = typed(book, place(book, "7", "Basis", "Measures"), "YTD")
    message = (
        "measure 7 is percent, higher, YTD, DV offences with arrest, DV offences in the table of measures, and "
        "percent, higher, RY, DV offences with arrest, DV offences in the configuration: refresh"
    )
    assert ("T1", Level.STOP, cell, message) in news(root, book, changed)


def test_a_target_that_was_not_agreed(root: Path, book: ClosedWorkbook) -> None:
    message = (
        "7: the workbook's target is 0.6, the agreed target of the configuration 0.67; change the one that is wrong "
        "(sheet Targets, or measures.yaml)"
    )
    changed = typed(book, place(book, "7", "Target"), 0.6)
    assert ("T1", Level.WARN, "cpa_scorecard.xlsx", message) in news(root, book, changed)


def test_the_figures_worked_out_anew_are_those_that_were_printed(
    root: Path, book: ClosedWorkbook, golden: Path
) -> None:
    """The scorecard of January 2009, as it was printed: figures to the digits it shows, and every letter."""
    catalogue = configuration(root)
    figures = StoredFigures(book, catalogue, catalogue.workbooks["cpa_scorecard"])
    with (golden / "scorecard_jan_2009.csv").open(encoding="utf-8", newline="") as file:
        printed = [row for row in csv.DictReader(file) if row["actual"]]
    assert len(printed) == 16
    for row in printed:
        result = figures.result(row["id"])
        assert float(rounded(result.actual, len(row["actual"].partition(".")[2]))) == float(row["actual"])
        assert result.verdict.letter == (row["rag"] or "–")
        assert str(result.as_of) == row["as_of"]


def test_the_facts_worked_out_anew(root: Path, book: ClosedWorkbook) -> None:
    """Facts of the printed comments: volumes of 4a, what 4b needs, quarters of 2, the average of 10 a year before."""
    catalogue = configuration(root)
    figures = StoredFigures(book, catalogue, catalogue.workbooks["cpa_scorecard"])

    def fact(measure: str, name: str) -> float | str | None:
        found = catalogue.measures[measure]
        return figures.fact(found, next(one for one in found.facts if one.id == name))

    assert [fact("4a", f"{name}_volume") for name in ("burglary", "robbery", "motor_vehicle")] == [-453, -6405, -9552]
    needed = fact("4b", "required")
    assert isinstance(needed, float)
    assert round(needed, 2) == 0.19
    assert str(fact("4b", "feasible")).startswith("never done: best of 36 months")
    gaps = [fact("2", name) for name in ("q1", "q2", "q3")]
    assert [round(gap, 3) for gap in gaps if isinstance(gap, float)] == [0.031, 0.063, 0.041]
    assert fact("2", "q4") is None
    assert fact("5", "deaths_volume") == -26
