"""The functions of the cells for whole tables and comments: golden values, and what they say of bad ranges."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from cpa_xl.errors import CellError, EmptyDenominator, MissingData, WrongArgument
from cpa_xl.functions.index import CPA_AREAS, CPA_COMMENT, CPA_SCORECARD, CPA_STALE
from cpa_xl.functions.registry import ResultTable
from cpa_xl.measures.figures import rounded
from tests.support.golden import golden_rows
from tests.support.recorded_crime import crime_rows

Rows = list[list[object]]
Tables = Callable[[str], Rows]


# --- the scorecard of January 2009 -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables(demo: Path) -> Tables:
    """A table of the demo's workbook, with its heading row, as Table[#All] gives it."""
    book = openpyxl.load_workbook(demo, data_only=True)

    def table(name: str) -> Rows:
        (sheet,) = (sheet for sheet in book if name in sheet.tables)
        left, top, right, bottom = range_boundaries(sheet.tables[name].ref)
        return [list(row) for row in sheet.iter_rows(top, bottom, left, right, values_only=True)]

    return table


@pytest.fixture(scope="module")
def ranges(tables: Tables) -> tuple[object, ...]:
    """The ranges and the month that CPA_SCORECARD takes, and CPA_COMMENT behind the measure's id."""
    named = [tables(name) for name in ("Measures", "Monthly", "Targets", "Satisfaction", "Confidence")]
    return (*named[:2], "2009-01", *named[2:])


def test_every_row_of_the_printed_scorecard_in_one_call(golden: Path, ranges: tuple[object, ...]) -> None:
    """Figures at the precision of the print (three decimals of a fraction, one or none of a count), and the letters."""
    printed = golden_rows(golden, "scorecard_jan_2009.csv")
    heads, *rows = cast(ResultTable, CPA_SCORECARD(*ranges))
    assert heads == [
        "Id", "Measure", "Period", "Target", "Actual", "RAG", "Better than target by", "Printed target",
        "Latest data", "Reason",
    ]  # fmt: skip
    assert len(rows) == len(printed) == 18
    for row, expected in zip(rows, printed, strict=True):
        measure, _, period, target, actual, letter, *_ = row
        assert (measure, letter) == (expected["id"], expected["rag"] or "–")
        for figure, text in ((target, expected["target"]), (actual, expected["actual"])):
            decimals = len(text.partition(".")[2])
            assert figure == "–" if not text else str(rounded(cast(float, figure), decimals)) == text, measure
        if expected["as_of"]:
            as_of = dt.date.fromisoformat(f"{expected['as_of']}-01")
            assert period == (f"RY to {as_of:%b-%y}" if expected["basis"] == "RY" else "Apr-Jan 2008/09")


def test_the_scorecard_prints_and_says_why(ranges: tuple[object, ...]) -> None:
    found = {str(row[0]): row for row in cast(ResultTable, CPA_SCORECARD(*ranges))}
    assert found["2"][7:9] == ["Reduce gap to 3.8pp", "4.8pp"]
    assert found["4a"][6] == pytest.approx(0.03488, abs=1e-5)
    assert found["4a"][7:] == ["-4%", "-7.5%", "-7.5% against a target of -4.0%: better by 3.5 points"]
    assert found["6a"][7:] == ["Baseline year", "-2.7%", "baseline year"]
    assert found["CT"][2:] == ["", "–", "–", "–", "–", "", "", "milestones: reported in words"]


def test_every_month_agrees_with_the_formulas_of_the_workbook(tables: Tables, ranges: tuple[object, ...]) -> None:
    """The table Trend holds the same figures, each made of CPA_RATE, CPA_CHANGE and the like over single columns."""
    heads, *months = tables("Trend")
    compared = 0
    for month in months:
        shown = dict(zip(heads, month, strict=True))
        for row in cast(ResultTable, CPA_SCORECARD(*ranges[:2], shown["Month"], *ranges[3:]))[1:]:
            native = shown.get(f"{str(row[0]).replace('-', ' ')} figure")
            if isinstance(native, float | int):
                assert row[4] == pytest.approx(native, abs=1e-12), (row[0], shown["Month"])
                compared += 1
    assert compared == 13 * 16


def sentence(comment: object, start: str) -> str:
    """The sentence of a comment that begins so."""
    (found,) = (one for one in re.split(r"(?<=\.) (?=[A-Z])", str(comment)) if one.startswith(start))
    return found


def test_comments_state_the_facts_of_the_printed_ones(golden: Path, ranges: tuple[object, ...]) -> None:
    facts = {(row["measure"], row["fact"]): row for row in golden_rows(golden, "comment_facts_jan_2009.csv")}

    def percent(measure: str, fact: str, decimals: int = 1) -> str:
        return f"{rounded(abs(float(facts[measure, fact]['value'])), decimals, 100)}"

    def volume(measure: str, fact: str) -> str:
        return facts[measure, fact]["how"].split()[0]

    comments = {measure: CPA_COMMENT(measure, *ranges) for measure in ("1", "2", "3", "4a", "4b", "5", "6c", "7", "9a")}
    quarters = ("Apr-Jun 2008", "Jul-Sep 2008", "Oct-Dec 2008")
    first, second, third = (percent("1", quarter) for quarter in quarters)
    assert sentence(comments["1"], "Each") == (
        f"Each quarter in 2008/09 has been below target level, at {first}% [Apr - Jun], {second}% [Jul - Sep] and"
        f" {third}% [Oct - Dec]."
    )
    first, second, third = (percent("2", quarter) for quarter in quarters)
    assert sentence(comments["2"], "Quarters") == (
        f"Quarters of 2008/09 range from {first}pp to {second}pp (one of three on target): {first}pp [Apr - Jun],"
        f" {second}pp [Jul - Sep] and {third}pp [Oct - Dec]."
    )
    assert sentence(comments["3"], "Data") == (
        f"Data for 12 months to Sep-08 is up {percent('3', 'change on the year to Jun-08')}pp on the year to Jun-08"
        " [53.7%]."
    )
    names = ("residential burglary", "robbery", "motor vehicle crime")
    falls = [f"{name} down {percent('4a', f'{name} change')}% ({volume('4a', f'{name} change')})" for name in names]
    assert sentence(comments["4a"], "Residential") == (
        f"R{falls[0][1:]}, {falls[1]} and {falls[2]} over the RY to Jan-09."
    )
    assert sentence(comments["4b"], "Performance") == (
        f"Performance in February and March 2009 would now need to be around"
        f" {percent('4b', 'rate needed in Feb and Mar 2009', 0)}% for this target to be met (a rate that has not been"
        " achieved in any previous month, at best 13.7%)."
    )
    rates = [f"{name} {percent('4b', f'{name} SD rate')}%" for name in names]
    assert sentence(comments["4b"], "Rates") == (f"Rates over the RY to Jan-09: {rates[0]}, {rates[1]} and {rates[2]}.")
    deaths = f"{percent('5', 'road deaths change')}% ({volume('5', 'road deaths change')})"
    assert comments["5"] == (
        "Data from Jan-08 onwards is provisional (late submissions may increase KSIs). Target is being achieved over"
        " both the rolling year and the YTD (Apr-Jan 2008/09: -15.4%)."
        f" Road deaths down {deaths} over the RY to Jan-09."
    )
    assert f"MSV and AWI {percent('6c', 'MSV and AWI SD rate')}%" in str(comments["6c"])
    assert f"serious sexual offences {percent('6c', 'serious sexual offences SD rate')}%." in str(comments["6c"])
    assert comments["7"] == (
        "Target is being achieved over both the rolling year and the YTD"
        f" (Apr-Jan 2008/09: {percent('7', 'Apr-Jan 2008/09')}%)."
    )
    assert f"YTD (Apr-Jan 2008/09: {facts['9a', 'Apr-Jan 2008/09']['value']})." in str(comments["9a"])


def test_a_column_of_ids_gives_a_column_of_comments(ranges: tuple[object, ...]) -> None:
    (many,) = zip(
        *cast(ResultTable, CPA_COMMENT([["6b"], ["8"], ["CT"], ["none"], ["10-heroin"]], *ranges)), strict=True
    )
    assert many[0] == (
        "Target is being achieved over both the rolling year and the YTD (Apr-Jan 2008/09: -24.6%)."
        " Excludes CS gas and pepper spray."
    )
    assert str(many[1]).endswith("Proxy measure for serious youth violence.")
    assert many[2] == ""
    assert isinstance(many[3], MissingData)
    assert str(many[3]) == 'measures has no measure "none"'
    assert many[4] == (
        "The number was 60 in both Dec-08 and Jan-09. Target is being achieved over both the rolling year and the YTD"
        " (Apr-Jan 2008/09: 59). This target is met for 2008/09 whatever February and March 2009 may bring. Up from a"
        " monthly average of 44 in 2007/08."  # 590 of the 564 a year that 47 a month come to
    )


def test_the_printed_comments_hold_against_the_workbook_and_not_a_month_later(
    golden: Path, tables: Tables, ranges: tuple[object, ...]
) -> None:
    seed = golden / "documents" / "scorecard_jan_2009.txt"
    rows = [line.split("\t") for line in seed.read_text(encoding="utf-8").splitlines()]
    comments: Rows = [[row[5]] for row in rows if len(row) == 6 and row[0] and row[5]]
    facts = tables("CommentFacts")
    assert CPA_STALE(comments, facts) == [[""] for _ in comments]
    gone = [[cell for cell in row if cell not in ("down 0.8%", "453", -453)] for row in facts[1:] if row[0] != "4a"]
    gone += [["4a", -0.0071, -421, "down 16.5%", "6,405", "down 7.9%", "9,552"]]
    padded = [[*row, *[None] * (8 - len(row))] for row in gone]
    (burglary,) = (text for (text,) in comments if str(text).startswith("Res. burglary"))
    assert CPA_STALE(burglary, padded) == (
        '"down 0.8%" matches no computed figure (nearest: down 0.7%); "453" matches no computed figure (nearest: 421)'
    )


# --- small ranges ----------------------------------------------------------------------------------------------------

BASE: Mapping[str, object] = {
    "Id": "1", "Measure": "Arrests", "Unit": "percent", "Better": "higher", "Basis": "RY", "Lag": 0,
    "Numerator": "Arrests", "Denominator": "Offences", "Rule": "absolute", "Amount": 0.5, "Baseline": None,
    "Amber": None, "Amber basis": None,
}  # fmt: skip


def measures(**changed: object) -> Rows:
    """A range of one measure; an underscore stands for a blank in a heading, and None for the whole takes it away."""
    row = {**BASE, **{name.replace("_", " "): value for name, value in changed.items()}}
    return [list(row), list(row.values())]


def monthly(
    arrests: Callable[[int], object] = lambda n: 40.0 + n % 2, offences: Callable[[int], object] = lambda _: 100.0
) -> Rows:
    """Counts from February 2007 to January 2009 (n from 0 to 23)."""
    months = [dt.date(2007 + (n + 1) // 12, (n + 1) % 12 + 1, 1) for n in range(24)]
    return [["Month", "Arrests", "Offences"], *([month, arrests(n), offences(n)] for n, month in enumerate(months))]


def line(*arguments: object) -> Sequence[object]:
    """The one row below the headings."""
    _, row = cast(ResultTable, CPA_SCORECARD(*arguments))
    return row


def test_headings_may_stand_in_any_order_and_case() -> None:
    straight = measures()
    turned = [
        [str(cell).upper() if row == 0 else cell for cell in reversed(cells)] for row, cells in enumerate(straight)
    ]
    counts = [list(reversed(row)) for row in monthly()]
    expected = line(measures(), monthly(), "2009-01")
    assert line(turned, counts, "2009-01") == expected
    assert expected[3:6] == [0.5, 0.405, "R"]


def test_targets_may_stand_apart() -> None:
    apart: Rows = [
        ["Id", "Rule", "Amount", "Baseline", "Amber", "Amber basis", "Year"],
        ["1", "points_on_baseline", 0.01, 0.4, None, None, "2008/09"],
    ]
    bare = [
        [cell for head, cell in zip(measures()[0], row, strict=True) if head not in apart[0][1:]] for row in measures()
    ]
    assert line(bare, monthly(), "2009-01", apart)[3:6] == [pytest.approx(0.41), 0.405, "A"]
    apart[1][6] = "2009/10"
    assert line(bare, monthly(), "2009-01", apart)[5:] == [
        "–", pytest.approx(-0.005), "41.0%", "40.5%", "the target is for 2009/10, and the data end in Jan-09",
    ]  # fmt: skip
    apart.append(apart[1])
    assert (
        line(bare, monthly(), "2009-01", apart)[9] == "targets has 2 rows for measure 1: give one row for each measure"
    )
    apart[1:] = [["2", None, None, None, None, None, None]]
    assert line(bare, monthly(), "2009-01", apart)[3:] == ["–", 0.405, "–", "–", "", "40.5%", "no target"]


@pytest.mark.parametrize(
    ("changed", "last", "letter", "reason"),
    [
        ({}, 23, "R", None),
        ({}, 22, "–", "data too old: they end in Dec-08, at most 0 months before the as-of month are allowed"),
        ({"Lag": 1}, 22, "R", None),
        ({"Amount": 0.42}, 23, "A", None),
        ({"Amount": 0.42, "Amber": 0.01}, 23, "R", None),
        ({"Amount": 0.42, "Amber": 0.02, "Amber_basis": "points"}, 23, "A", None),
        ({"Better": "lower"}, 23, "G", None),
        ({"Rule": "increase", "Baseline": 0.405, "Amount": None}, 23, "A", None),
        ({"Rule": "none"}, 23, "–", "no target"),
        ({"Rule": "baseline_year"}, 23, "–", "baseline year"),
        ({"Year": "2007/08"}, 23, "–", "the target is for 2007/08, and the data end in Jan-09"),
        # a change is amber within 2 points, unless the measure says otherwise
        ({"Unit": "change", "Rule": "change", "Amount": 0.015}, 23, "A", None),
        ({"Unit": "change", "Rule": "change", "Amount": 0.025}, 23, "R", None),
    ],
)
def test_letters(changed: Mapping[str, object], last: int, letter: str, reason: str | None) -> None:
    row = line(measures(**changed), monthly(lambda n: 40.0 + n % 2 if n <= last else None), "2009-01")
    assert row[5] == letter
    if reason is not None:
        assert row[9] == reason


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"Unit": "pints"}, WrongArgument,
         'measure 1, Unit: "pints" will not do: write one of percent, points, change, count, total, ratio, mean, '
         "median, rate_per, milestone"),
        ({"Unit": None}, MissingData, "measure 1: Unit is blank"),
        ({"Denominator": None}, MissingData, "measure 1: Denominator is blank, and a figure in percent needs it"),
        ({"Unit": "points"}, MissingData, "measure 1: Other numerator is blank, and a figure in points needs it"),
        ({"Numerator": "Arests"}, WrongArgument,
         'no column is headed "Arests": monthly has Month, Arrests, Offences'),
        ({"Amount": "half"}, WrongArgument, 'measure 1, Amount: "half" is text, not a number'),
        ({"Amount": None}, MissingData, "a target by the rule absolute needs its amount"),
        ({"Amount": MissingData("not yet agreed")}, MissingData, "not yet agreed"),
        ({"Measure": MissingData("")}, MissingData, None),
    ],
)  # fmt: skip
def test_an_error_stays_in_its_row(changed: Mapping[str, object], error: type[CellError], message: str | None) -> None:
    good, bad = measures(Id="2"), measures(**changed)
    if len(bad[0]) != len(good[0]):
        good = measures(**{"Id": "2", **{name: None for name in changed if name not in BASE}})
    _, row, other = cast(ResultTable, CPA_SCORECARD([*bad, good[1]], monthly(), "2009-01"))
    assert other[3:6] == [0.5, 0.405, "R"]
    if message is None:
        assert row[1] == "#N/A"
        return
    assert all(isinstance(cell, error) for cell in row[2:9])
    assert row[9] == message


def test_an_error_in_a_column_of_counts_is_that_of_its_measures() -> None:
    counts = [[*row, EmptyDenominator("no offences") if n else "Rate"] for n, row in enumerate(monthly())]
    assert line(measures(), counts, "2009-01")[5] == "R"
    counts[3][1] = EmptyDenominator("no arrests")
    row = line(measures(), counts, "2009-01")
    assert isinstance(row[4], EmptyDenominator)
    assert row[9] == "no arrests"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((measures()[1:], monthly(), "2009-01"),
         'measures has no heading "Id", "Measure", "Unit", "Better", "Basis", "Lag", "Numerator", "Denominator": give'
         " the range with its heading row; its first row holds 1, Arrests, percent, higher, RY, 0, Arrests, Offences,"
         " absolute, 0.5"),
        (([[*measures()[0], "id"], [*measures()[1], "1"]], monthly(), "2009-01"),
         'measures has the heading "Id" 2 times'),
        ((measures(), [*monthly(), ["Total", 1.0, 2.0]], "2009-01"), None),
        ((measures(), monthly(), "2009-01", [["Id", "Rule"], ["1", "absolute"]]),
         'targets has no heading "Amount", "Baseline", "Amber", "Amber basis": give the range with its heading row;'
         " its first row holds Id, Rule"),
    ],
)  # fmt: skip
def test_ranges_that_are_no_such_tables(arguments: tuple[object, ...], message: str | None) -> None:
    if message is None:
        what_would_do = 'write a month such as 2009-01 or "Jan-09", or a date'
        assert line(*arguments)[9] == f'monthly, "Month", row 26: "Total" is not a month: {what_would_do}'
        return
    with pytest.raises(WrongArgument, match=re.escape(message) + "$"):
        CPA_SCORECARD(*arguments)


def test_no_counts_at_all() -> None:
    assert line(measures(), None, "2009-01")[9] == 'no column is headed "Arrests": no counts were given'
    row = line(measures(), monthly(lambda _: None), "2009-01")
    assert row[9] == "Arrests, Offences: no counts up to Jan-09"


# --- comments --------------------------------------------------------------------------------------------------------


def comment(changed: Mapping[str, object], counts: Rows | None = None) -> object:
    return CPA_COMMENT("1", measures(**changed), counts or monthly(), "2009-01")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        # 405 of 1,000 so far (ten months), 200 expected: (0.5 x 1,200 - 405) / 200 = 0.975
        ({"Facts": "needed"}, "Performance in February and March 2009 would now need to be around 98% for this target"
         " to be met (a rate that has not been achieved in any previous month, at best 41.0%)."),
        ({"Facts": "needed", "Amount": 0.6}, "This target can no longer be met in 2008/09."),
        # (0.4055 x 1,200 - 405) / 200 = 0.408: every second month has 0.41
        ({"Facts": "needed", "Amount": 0.4055}, "Performance in February and March 2009 would now need to be around 41%"
         " for this target to be met (a rate achieved in 12 of 24 months, at best 41.0%)."),
        ({"Facts": "needed", "Amount": 0.4}, ""),
        ({"Facts": "needed; Last month", "Rule": "none"}, "The rate rose from 40.0% in Dec-08 to 41.0% in Jan-09."),
        # 405 so far, 360 asked for in the year
        ({"Facts": "needed", "Unit": "count", "Rule": "monthly_average", "Amount": 360},
         "This target is met for 2008/09 whatever February and March 2009 may bring."),
        ({"Facts": "needed", "Unit": "points", "Rule": "gap", "Amount": 0.01, "Other_numerator": "Offences",
          "Other_denominator": "Offences"}, ""),
        ({"Facts": "last month; year before; quarters", "Unit": "points", "Other_numerator": "Offences",
          "Other_denominator": "Offences", "Rule": None},
         "Quarters of 2008/09 range from -59.7pp to -59.3pp: -59.7pp [Apr - Jun], -59.3pp [Jul - Sep] and -59.7pp"
         " [Oct - Dec]."),
        ({"Facts": "previous", "Unit": "count", "Rule": None},
         "Data for 12 months to Jan-09 is unchanged on the year to Dec-08 [40.5]."),
        ({"Facts": "previous", "Basis": "YTD"}, ""),
        ({"Facts": "year before"}, ""),
        # as asked for, on the last binary digit: 405 / 1,000 and 0.135 x 3
        ({"Facts": "achieved", "Amount": 0.135 * 3},
         "Target is being achieved over both the rolling year and the YTD (Apr-Jan 2008/09: 40.5%)."),
        ({"Facts": "achieved", "Rule": "increase", "Baseline": 0.405},
         "Target is being missed over both the rolling year and the YTD (Apr-Jan 2008/09: 40.5%)."),
        ({"Facts": "previous"}, "Data for 12 months to Jan-09 is unchanged on the year to Dec-08 [40.5%]."),
        ({"Facts": "achieved", "Amount": 0.45},
         "Target is being missed over both the rolling year and the YTD (Apr-Jan 2008/09: 40.5%)."),
        # 42 a month asked, 405 so far: (504 - 405) / 2 = 49.5
        ({"Facts": "needed", "Unit": "count", "Rule": "monthly_average", "Amount": 504}, "Performance in February and"
         " March 2009 would now need to be around 49.5 a month for this target to be met (a number that has not been"
         " achieved in any previous month, at best 41.0 a month)."),
        # a fifth less than 486 is 388.8, below the 405 so far
        ({"Facts": "needed", "Unit": "change", "Rule": "change", "Amount": -0.2, "Better": "lower"},
         "This target can no longer be met in 2008/09."),
        # 486 x 0.95 = 461.7, less 405 leaves 56.7 for two months that had 81: -30 %
        ({"Facts": "needed", "Unit": "change", "Rule": "change", "Amount": -0.05, "Better": "lower"}, "Performance in"
         " February and March 2009 would now need to be around -30% for this target to be met (a change that has not"
         " been achieved in any previous month, at best 0.0%)."),
        ({"Facts": "components", "Components": "of all = Arrests / Offences; Offences"},
         "Offences unchanged (0) over the RY to Jan-09. Rates over the RY to Jan-09: of all 40.5%."),
        ({"Facts": "components", "Components": "Offences", "Unit": "count", "Basis": "YTD", "Rule": None},
         "Monthly averages in Apr-Jan 2008/09: offences 100.0."),
        ({"Facts": "provisional", "Provisional_from": dt.date(2008, 12, 1)},
         "Data from Dec-08 onwards is provisional."),
        ({"Facts": "provisional", "Provisional_from": "2009-02"}, ""),
        ({"Facts": "notes", "Rule": "baseline_year", "Proxy_for": "OBTJ rate", "Exclusions": "Cautions"},
         "2008/09 will create a baseline for future years. Proxy measure for OBTJ rate. Excludes cautions."),
    ],
)  # fmt: skip
def test_sentences(changed: Mapping[str, object], expected: str) -> None:
    assert comment(changed) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        # 40 and 41 in turn; offences are 100
        ({"Unit": "total", "Actual_style": "money"},
         "The figure rose from £40 in Dec-08 to £41 in Jan-09."
         " Data for 12 months to Jan-09 is unchanged on the year to Dec-08 [£486]."),
        ({"Unit": "ratio", "Amount": 0.45, "Actual_style": "average3"},
         "The figure rose from 0.400 in Dec-08 to 0.410 in Jan-09."
         " Data for 12 months to Jan-09 is unchanged on the year to Dec-08 [0.405]."
         " Target is being missed over both the rolling year and the YTD (Apr-Jan 2008/09: 0.405)."),
        ({"Unit": "median", "Basis": "MONTH"}, "The figure rose from 40.0 in Dec-08 to 41.0 in Jan-09."),
    ],
)  # fmt: skip
def test_comments_on_numbers_compare_only_what_can_be_compared(changed: Mapping[str, object], expected: str) -> None:
    """A total of ten months says nothing about a target for twelve, and medians have no longer period."""
    assert comment(changed) == expected


PEOPLE: Rows = [["Year", "People"], [2007.0, 1000.0], [2008.0, 1215.0], [2010.0, 5.0]]


@pytest.mark.parametrize(
    ("changed", "figures", "reason"),
    [
        # 12 months of 40 and 41 in turn: 486; 405 since April
        ({"Unit": "total", "Amount": 500}, (500, 486, "A", "500", "486"),
         "486 against a target of 500: worse by 14, 2.8% of the target, within the amber band of 5%"),
        ({"Unit": "mean", "Amount": 0.4, "Actual_style": "average2"}, (0.4, 0.405, "G", "0.4", "0.41"),
         "0.405 against a target of 0.4: better by 0.005"),
        ({"Unit": "median", "Basis": "MONTH", "Amount": 41}, (41, 41, "G", "41.0", "41.0"),
         "41 against a target of 41: on target"),
        # 486 among 1,215 residents of 2008, the latest year not after 2009
        ({"Unit": "rate_per", "Denominator": "People", "Amount": 400}, (400, 400, "G", "400.0", "400.0"),
         "400 against a target of 400: on target; 486 in RY to Jan-09 among 1,215 residents of 2008"),
        ({"Unit": "rate_per", "Denominator": "People", "Per": 100, "Basis": "YTD", "Amount": 30},
         (30, 100 * 405 / 1215, "G", "30.0", "33.3"),
         "33.33 against a target of 30: better by 3.333; 405 in Apr-Jan 2008/09 among 1,215 residents of 2008"),
    ],
)  # fmt: skip
def test_figures_that_are_numbers(
    changed: Mapping[str, object], figures: tuple[float, float, str, str, str], reason: str
) -> None:
    row = line(measures(**changed), monthly(), "2009-01", None, None, None, PEOPLE)
    target, actual, letter, asked, printed = figures
    assert row[3:6] == [target, pytest.approx(actual), letter]
    assert row[7:] == [asked, printed, reason]


def test_a_median_of_a_year_is_an_error() -> None:
    row = line(measures(Unit="median"), monthly(), "2009-01")
    assert row[9] == "RY to Jan-09 has 12 months, and medians cannot be added up: use MONTH"


def test_the_financial_year_before() -> None:
    head, *rows = monthly()
    lead: Rows = [[dt.date(2006, month, 1), 40.0, 100.0] for month in range(4, 13)] + [
        [dt.date(2007, 1, 1), 41.0, 100.0]
    ]
    changed = {"Facts": "year before", "Unit": "count", "Rule": None}
    assert comment(changed, [head, *lead, *rows]) == "Unchanged from a monthly average of 40.5 in 2007/08."
    more = monthly(lambda n: 40.0 + n % 2 + (n > 13))[1:]
    assert comment(changed, [head, *lead, *more]) == "Up from a monthly average of 40.5 in 2007/08."


@pytest.mark.parametrize(
    ("better", "expected"),
    [
        ("higher", "achieved over the rolling year but missed over the YTD"),
        ("lower", "missed over the rolling year but achieved over the YTD"),
    ],
)
def test_a_rolling_year_may_flatter(better: str, expected: str) -> None:
    """February and March 2008 had 60 and 60, the ten months since 40 and 41: 43.8% and 40.5%."""
    counts = monthly(lambda n: 60.0 if n in (12, 13) else 40.0 + n % 2)
    changed = {"Amount": 0.42, "Better": better, "Facts": "achieved; previous", "Unit": "percent"}
    assert comment(changed, counts) == (
        f"Target is being {expected} (Apr-Jan 2008/09: 40.5%)."
        " Data for 12 months to Jan-09 is unchanged on the year to Dec-08 [43.8%]."
    )
    a_month_before = CPA_COMMENT("1", measures(Facts="previous", Unit="count", Rule=None), counts, "2008-02")
    assert a_month_before == "Data for 12 months to Feb-08 is up 1.7 on the year to Jan-08 [40.5]."


def test_before_the_first_quarter_of_a_year_ends_there_is_none() -> None:
    counts = [*monthly()[:1], *monthly()[1:16]]  # to April 2008
    assert CPA_COMMENT("1", measures(Facts="quarters", Lag=9), counts, "2009-01") == ""
    counts = [*monthly()[:1], *monthly()[1:18]]  # to June 2008
    assert CPA_COMMENT("1", measures(Facts="quarters", Lag=9), counts, "2009-01") == (
        "Quarter of 2008/09: 40.3% [Apr - Jun]."
    )


def test_what_the_months_do_not_allow_is_left_out() -> None:
    short = monthly()[:1] + monthly()[13:]
    assert comment({"Facts": "needed; achieved"}, short) == (
        "Target is being missed over both the rolling year and the YTD (Apr-Jan 2008/09: 40.5%)."
    )
    with pytest.raises(MissingData, match="no value for Feb-08 of RY to Jan-09"):
        comment({}, monthly()[:1] + monthly()[14:])


def test_words_that_a_comment_does_not_know() -> None:
    with pytest.raises(
        WrongArgument, match='"weather" will not do: write one of provisional, quarters, previous, needed'
    ):
        comment({"Facts": "weather"})
    with pytest.raises(WrongArgument, match='no column is headed "Weather"'):
        comment({"Components": "Weather"})


@pytest.mark.parametrize(
    ("as_of", "months"),
    [("2008-09", "October 2008 to March 2009"), ("2008-12", "January to March 2009"), ("2009-02", "March 2009")],
)
def test_the_months_left_are_named(as_of: str, months: str) -> None:
    counts = [*monthly(lambda n: 40.0 + n % 2), [dt.date(2009, 2, 1), 40.0, 100.0], [dt.date(2009, 3, 1), 40.0, 100.0]]
    text = CPA_COMMENT("1", measures(Facts="needed", Amount=0.42), counts, as_of)
    assert f"Performance in {months} would" in str(text)
    assert CPA_COMMENT("1", measures(Facts="needed", Amount=0.42), counts, "2009-03") == ""


@pytest.mark.parametrize(
    ("satisfied", "better", "expected"),
    [
        ([70, 71, 72], "lower", "Each quarter in 2008/09 has been above target level, at 70.0% [Apr - Jun], 71.0%"
         " [Jul - Sep] and 72.0% [Oct - Dec]."),
        ([70, 71, 72], "higher", "Each quarter in 2008/09 has met the target, at 70.0% [Apr - Jun], 71.0% [Jul - Sep]"
         " and 72.0% [Oct - Dec]."),
        ([70, 40, 72], "higher", "Quarters of 2008/09 range from 40.0% to 72.0% (two of three on target): 70.0%"
         " [Apr - Jun], 40.0% [Jul - Sep] and 72.0% [Oct - Dec]."),
    ],
)  # fmt: skip
def test_quarters(satisfied: list[float], better: str, expected: str) -> None:
    ends = [dt.date(2008, month, 1) for month in (3, 6, 9, 12)]
    rows = [[end, float(count), 100.0] for end, count in zip(ends, [60, *satisfied], strict=True)]
    counts: Rows = [["Quarter ending", "Arrests", "Offences"], *rows]
    changed = {"Facts": "quarters", "Better": better, "Lag": 3}
    assert CPA_COMMENT("1", measures(**changed), None, "2009-01", None, counts) == expected


# --- areas -----------------------------------------------------------------------------------------------------------


def column(rows: Sequence[Sequence[object]], place: int) -> Rows:
    return [[row[place]] for row in rows]


def test_areas_of_the_open_data(golden: Path) -> None:
    """Robbery by borough, RY to Jan-09 and to Jan-10: golden/vectors.md, and a plain sum of the file's own cells."""
    header, rows = crime_rows(golden)
    robbery = [row for row in rows if row[2] in ("Personal Property", "Business Property")]
    long = [[row[0], float(month), float(n)] for row in robbery for month, n in zip(header[3:], row[3:], strict=True)]
    areas, when, counts = (column(long, place) for place in range(3))
    heads, *found = cast(ResultTable, CPA_AREAS(areas, when, counts, None, "2010-01", "RY", "lower"))
    assert heads == ["Area", "RY to Jan-10", "RY to Jan-09", "Change", "Rank"]
    assert [row[0] for row in found] == list(dict.fromkeys(row[0] for row in robbery))
    by_area = {row[0]: row for row in found}
    assert [by_area[name][2] for name in ("Hackney", "Westminster", "Richmond upon Thames")] == [1114, 1800, 223]
    assert (sum(cast(float, row[1]) for row in found), sum(cast(float, row[2]) for row in found)) == (32658, 32644)
    first, last = header.index("200902"), header.index("201001")
    hackney = sum(int(n) for row in robbery if row[0] == "Hackney" for n in row[first : last + 1])
    assert by_area["Hackney"][1] == hackney
    assert by_area["Hackney"][3] == pytest.approx(hackney / 1114 - 1)
    best = min(found, key=lambda row: cast(float, row[1]))
    assert [row[0] for row in found if row[4] == 1] == [best[0]]


YEARS = [dt.date(2007 + (n + 1) // 12, (n + 1) % 12 + 1, 1) for n in range(24)]


def areas_of(**counts: tuple[object, object]) -> tuple[Rows, Rows, Rows]:
    """Areas, months, counts: of each area so many a month in the first year and in the second."""
    long = [[area, month, both[n // 12]] for n, month in enumerate(YEARS) for area, both in counts.items()]
    return column(long, 0), column(long, 1), column(long, 2)


def test_rates_of_areas_change_in_points_and_share_ranks() -> None:
    areas, when, part = areas_of(Brent=(1.0, 2.0), Barnet=(2.0, 2.0), Bexley=(3.0, 1.0))
    whole = areas_of(Brent=(10.0, 10.0), Barnet=(10.0, 10.0), Bexley=(10.0, 10.0))[2]
    heads, *rows = cast(ResultTable, CPA_AREAS(areas, when, part, whole, "2009-01", "YTD"))
    assert heads == ["Area", "Apr-Jan 2008/09", "Apr-Jan 2007/08", "Change in points", "Rank"]
    assert rows == [
        ["Brent", 0.2, 0.1, 0.1, 1.0],
        ["Barnet", 0.2, 0.2, 0.0, 1.0],
        ["Bexley", 0.1, pytest.approx(0.3), pytest.approx(-0.2), 3.0],
    ]


def test_an_area_without_its_months_shows_so_and_has_no_rank() -> None:
    areas, when, counts = areas_of(Brent=(0.0, 2.0), Barnet=(2.0, None), Bexley=(None, 1.0))
    _, brent, barnet, bexley = cast(ResultTable, CPA_AREAS(areas, when, counts, "", "2009-01", None, "lower"))
    assert [brent[1], brent[2], brent[4]] == [24.0, 0.0, 2.0]
    assert isinstance(brent[3], EmptyDenominator)
    assert str(brent[3]) == "a year earlier the total was 0, and no change can be measured from it"
    assert [type(cell) for cell in barnet[1:]] == [MissingData, float, MissingData, MissingData]
    assert [type(cell) for cell in bexley[1:]] == [float, MissingData, MissingData, float]
    assert str(barnet[4]) == "no value for Feb-08, Mar-08, Apr-08 and 9 more months of RY to Jan-09"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([["Brent"], [None]], [["2009-01"], ["2009-01"]], [[1.0], [2.0]], None), "areas, cell 2 is blank beside 2"),
        (([[None]], [["2009-01"]], [[None]], None), "areas holds no area"),
        (([["Brent"]], [["2009-01"], ["2009-02"]], [[1.0]], None),
         "areas is 1 x 1 cells and months 2 x 1: give ranges of the same size"),
        (([["Brent"], ["Barnet"]], [["2009-01"], ["2009-01"]], [[1.0], [2.0]], [[1.0], [2.0], [3.0]]),
         "areas is 2 x 1 cells and denominators 3 x 1: give ranges of the same size"),
    ],
)  # fmt: skip
def test_ranges_that_do_not_fit(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(WrongArgument, match=f"^{re.escape(message)}$"):
        CPA_AREAS(*arguments, "2009-01")


# --- figures that no longer hold -------------------------------------------------------------------------------------


def test_stale_takes_cells_as_they_are() -> None:
    facts: Rows = [[0.108, "down 0.8%", MissingData("later")], [dt.date(2009, 1, 1), None, True]]
    assert CPA_STALE("10.8%, down 0.8%", facts) == ""
    assert CPA_STALE([["10.8%"], [""], ["10.7%"]], facts) == [
        [""], [""], ['"10.7%" matches no computed figure (nearest: 10.8%)'],
    ]  # fmt: skip
    assert CPA_STALE("10.8% against 11.8%", facts, [["11.8%"], [0.5]]) == ""
    assert CPA_STALE(None, facts) == ""
    with pytest.raises(WrongArgument, match=r"^text: 10.8 is not text$"):
        CPA_STALE(10.8, facts)
