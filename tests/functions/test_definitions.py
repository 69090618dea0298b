"""The cell functions: golden values, and what they make of blanks, errors and ranges."""

import csv
import datetime as dt
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from cpa_xl.errors import CellError, EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.functions import index, registry
from cpa_xl.functions.index import (
    CPA_CHANGE,
    CPA_CHANGE_VOLUME,
    CPA_FEASIBLE,
    CPA_GROUP_GAP,
    CPA_MONTH_VALUE,
    CPA_MONTHLY_AVERAGE,
    CPA_PERIOD,
    CPA_RAG,
    CPA_RAG_WHY,
    CPA_RATE,
    CPA_RATE_CHANGE,
    CPA_RATE_PER,
    CPA_RATE_PER_WHY,
    CPA_RATIO,
    CPA_REQUIRED_CHANGE,
    CPA_REQUIRED_COUNT,
    CPA_REQUIRED_RATE,
    CPA_SUM,
    CPA_TARGET,
    CPA_TARGET_GAP,
    CPA_TEXT,
    FUNCTIONS,
)
from cpa_xl.functions.registry import Answer, CellFunction, ResultTable, Takes, registrar
from cpa_xl.measures.periods import Month
from tests.support.programs import python_prints
from tests.support.recorded_crime import crime_rows

Rows = list[list[object]]


def shown(answer: Answer) -> object:
    """An answer with the codes of its errors in place of the errors."""
    if not isinstance(answer, list):
        return answer
    return [[cell.code if isinstance(cell, CellError) else cell for cell in row] for row in answer]


def column(*cells: object) -> Rows:
    return [[cell] for cell in cells]


def months(first: str, count: int) -> Rows:
    """A column of serial numbers of the first days of months."""
    return column(*(float((Month.read(first) + n).serial) for n in range(count)))


# --- golden values ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scorecard(golden: Path) -> Sequence[Mapping[str, str]]:
    with (golden / "scorecard_jan_2009.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_letters_of_the_printed_scorecard_one_by_one(scorecard: Sequence[Mapping[str, str]]) -> None:
    for row in scorecard:
        change = row["unit"] == "change"
        letter = CPA_RAG(
            float(row["actual"]) if row["actual"] else "",
            float(row["target"]) if row["target"] else "",
            row["better"],
            0.02 if change else None,
            "points" if change else None,
        )
        assert letter == (row["rag"] or "–"), row["id"]


def test_letters_of_the_printed_scorecard_in_one_call(scorecard: Sequence[Mapping[str, str]]) -> None:
    def cells(field: str) -> Rows:
        return [[float(row[field]) if row[field] else None] for row in scorecard]

    better = [[row["better"]] for row in scorecard]
    basis = [["points" if row["unit"] == "change" else ""] for row in scorecard]
    amber = [[0.02 if row["unit"] == "change" else ""] for row in scorecard]
    letters = CPA_RAG(cells("actual"), cells("target"), better, amber, basis)
    assert letters == [[row["rag"] or "–"] for row in scorecard]


CATEGORIES = {
    "burglary": ("Burglary in a Dwelling",),
    "robbery": ("Personal Property", "Business Property"),
    "motor vehicle": ("Theft/Taking Of Motor Vehicle", "Theft From Motor Vehicle"),
}
CATEGORIES["SAC"] = tuple(category for several in [*CATEGORIES.values()] for category in several)


@pytest.fixture(scope="module")
def open_data(golden: Path) -> Callable[[str], tuple[Rows, Rows]]:
    """Counts and months of a crime in the open data, as two ranges: a row for each borough, a column a month."""
    header, rows = crime_rows(golden)

    def ranges(crime: str) -> tuple[Rows, Rows]:
        counts: Rows = [[float(count) for count in row[3:]] for row in rows if row[2] in CATEGORIES[crime]]
        return counts, [[float(month) for month in header[3:]] for _ in counts]

    return ranges


@pytest.mark.parametrize(
    ("crime", "totals", "year_to_date"),
    # golden/vectors.md: RY to Dec-08, Jan-09, Mar-09, Dec-09, Jan-10; Apr-Jan 2008/09
    [
        ("burglary", [58620, 58956, 59176, 62160, 61069], 48848),
        ("robbery", [32964, 32644, 32554, 32715, 32658], 27043),
        ("motor vehicle", [112159, 110401, 107599, 99310, 98113], 91111),
        ("SAC", [203743, 202001, 199329, 194185, 191840], 167002),
    ],
)
def test_totals_of_the_open_data(
    open_data: Callable[[str], tuple[Rows, Rows]], crime: str, totals: list[float], year_to_date: float
) -> None:
    values, when = open_data(crime)
    assert CPA_SUM(values, when, ["Dec-08", "Jan-09", "Mar-09", "Dec-09", "Jan-10"]) == [totals]
    assert CPA_SUM(values, when, "2009-01", "ytd") == year_to_date
    assert CPA_MONTHLY_AVERAGE(values, when, 200901.0, "YTD") == pytest.approx(year_to_date / 10)


@pytest.mark.parametrize(
    ("crime", "printed", "volume"),
    # golden/vectors.md: RY to Jan-10 on RY to Jan-09
    [("burglary", "+3.58%", 2113), ("motor vehicle", "-11.13%", -12288), ("SAC", "-5.03%", -10161)],
)
def test_changes_of_the_open_data(
    open_data: Callable[[str], tuple[Rows, Rows]], crime: str, printed: str, volume: float
) -> None:
    values, when = open_data(crime)
    change = CPA_CHANGE(values, when, dt.date(2010, 1, 31))
    assert CPA_TEXT(change, "change2") == printed
    assert CPA_CHANGE_VOLUME(values, when, "Jan-10", "RY") == volume


def test_required_performance() -> None:
    assert CPA_TEXT(CPA_REQUIRED_RATE(17301, 167002, 33400, 0.118), "percent") == "19.0%"  # golden/vectors.md
    assert CPA_REQUIRED_COUNT(301, 350, 2) == 24.5  # golden/vectors.md
    assert CPA_REQUIRED_CHANGE(100, 120, 20, -0.1) == pytest.approx(8 / 20 - 1)
    assert CPA_FEASIBLE(0.19, column(0.1, "", 0.138, None)) == "never done: best of 2 months 0.138"
    assert CPA_FEASIBLE(-0.01, column(0.1, 0.138)) == "secured: -0.01 needed, which any month brings"
    assert CPA_FEASIBLE(column(0.12, 0.2), column(0.1, 0.138), "higher") == [
        ["done once in 2 months: best 0.138"],
        ["never done: best of 2 months 0.138"],
    ]


def test_rates_and_gaps() -> None:
    when = months("2007-02", 24)
    part, whole = column(*[10.0] * 12, *[12.0] * 12), column(*[100.0] * 24)
    assert CPA_RATE(part, whole, when, "Jan-09") == pytest.approx(0.12)
    assert CPA_RATE_CHANGE(part, whole, when, "Jan-09") == pytest.approx(0.02)
    assert CPA_GROUP_GAP(7930, 10000, 3725, 5000) == pytest.approx(0.048)  # golden/vectors.md


def test_ratios_and_means() -> None:
    """A mean is that of all values: 40 seconds in 2 calls and 20 in 8 are 6 a call, not the mean of 20 and 2.5."""
    assert CPA_RATIO(column(40, 20), column(2, 8), months("2008-12", 2), "Jan-09", "MONTH") == 2.5
    when = column("Dec-08", "Jan-09", "Feb-09")
    assert CPA_RATIO(column(40, 20, 0), column(2, 8, 0), when, "Feb-09", "QUARTER") == 6
    assert CPA_RATIO(column(-3), column(2), column("Jan-09"), "Jan-09", "MONTH") == -1.5  # three days early, in two
    assert CPA_TEXT(CPA_RATIO(column(12), column(5), column("Jan-09"), "Jan-09", "MONTH"), "average") == "2.4"
    for values, code in (((1, 0), "#DIV/0!"), ((1, ""), "#N/A"), ((1, -1), "#NUM!"), ((1, "x"), "#VALUE!")):
        with pytest.raises(CellError) as refused:
            CPA_RATIO(*(column(value) for value in values), column("Jan-09"), "Jan-09", "MONTH")
        assert refused.value.code == code


def test_the_value_of_a_month() -> None:
    when = column("Dec-08", "Jan-09", "Jan-09", "Feb-09")
    values = column(12.5, 10, 14, "")
    assert shown(CPA_MONTH_VALUE(values, when, column("Dec-08", "Jan-09", "Feb-09"))) == column(12.5, "#VALUE!", "#N/A")
    with pytest.raises(WrongArgument, match=r"^Jan-09 has 2 values, and medians cannot be added up: give one a month$"):
        CPA_MONTH_VALUE(values, when, "Jan-09")


# Robberies in the 32 boroughs in the year to January 2009 (golden/vectors.md), and their residents in mid-2008 and
# mid-2009 (golden/data/housing-density-borough.csv).
ROBBERIES, RESIDENTS = column(*[32644 / 12] * 12), column(7804732, 7935122)


def test_rates_per_residents() -> None:
    year = months("2008-02", 12)
    # the domain page, section 6: 4.18 for every 1,000 residents of mid-2008
    rate = CPA_RATE_PER(ROBBERIES, year, column(7804732), column(2008), "Jan-09")
    assert CPA_TEXT(rate, "average2") == "4.18"
    # the latest year that is not after 2009 is 2009
    assert CPA_RATE_PER(ROBBERIES, year, RESIDENTS, column(2008, 2009), "Jan-09") == pytest.approx(32644 / 7935.122)
    assert CPA_RATE_PER(ROBBERIES, year, RESIDENTS, column(2008, "mid-2010"), "Jan-09") == rate
    assert CPA_RATE_PER(ROBBERIES, year, column(7804732), column("2008"), "Jan-09", "RY", 100000) == 100 * rate


def test_a_rate_per_residents_says_of_which_year_they_are() -> None:
    call = (ROBBERIES, months("2008-02", 12), RESIDENTS, column(2008, 2010), "Jan-09")
    assert CPA_RATE_PER_WHY(*call) == "32,644 in RY to Jan-09 among 7,804,732 residents of 2008"


@pytest.mark.parametrize(
    ("residents", "years", "error", "message"),
    [
        ((1000, 2000), (2010, 2011), MissingData,
         "no value for 2009 or a year before; the first year with one is 2010"),
        (("", ""), (2007, 2008), MissingData, "no value for 2009 or a year before"),
        ((1000, ""), (2008, 2008), MissingData, "1 of the 2 values of 2008 are blank"),
        ((1000, 2000), (2008, ""), WrongArgument, "value 2 (2000) has no year beside it"),
        ((1000, 2000), (2008, 208), WrongArgument,
         "years, row 2, column 1: 208 is not a year of 1950 to 2100: write a year such as 2008"),
        ((0, 0), (2007, 2008), EmptyDenominator, "there are no residents to divide by"),
    ],
)  # fmt: skip
def test_a_population_without_the_year_is_an_error(
    residents: tuple[object, ...], years: tuple[object, ...], error: type[CellError], message: str
) -> None:
    with pytest.raises(error) as refused:
        CPA_RATE_PER(column(5), column("Jan-09"), column(*residents), column(*years), "Jan-09", "MONTH")
    assert str(refused.value) == message


def test_periods_and_text() -> None:
    assert CPA_PERIOD("Jan-09") == "RY to Jan-09"
    assert CPA_PERIOD(39814.0, "YTD") == "Apr-Jan 2008/09"
    assert CPA_PERIOD([["Dec-08", "Jan-09"]], [["quarter"], ["month"]]) == [
        ["Oct-Dec 2008", "Nov 2008-Jan 2009"],
        ["Dec-08", "Jan-09"],
    ]
    assert CPA_TEXT(column(0.778, "", None), "percent") == [["77.8%"], [""], [""]]


@pytest.mark.parametrize(
    ("rule", "amount", "baseline", "target"),
    [
        ("absolute", 0.789, None, 0.789),
        ("points_on_baseline", 0.01, 0.552, 0.562),
        ("monthly_average", 350.0, "", 350 / 12),
        ("baseline_year", None, None, "–"),
        ("milestone", "", "", "–"),
    ],
)
def test_targets(rule: str, amount: object, baseline: object, target: object) -> None:
    assert CPA_TARGET(rule, amount, baseline) == (pytest.approx(target) if isinstance(target, float) else target)


def test_a_rule_without_target_gives_no_letter() -> None:
    assert CPA_RAG(-0.027, CPA_TARGET("baseline_year", None)) == "–"
    assert CPA_RAG_WHY(-0.027, CPA_TARGET("baseline_year", None)) == "no target"


def test_target_gaps_are_positive_where_better() -> None:
    assert CPA_TARGET_GAP(0.048, 0.038, "lower") == pytest.approx(-0.01)
    assert CPA_TARGET_GAP(0.108, 0.118, None, "relative") == pytest.approx(-0.0847, abs=0.00005)
    assert str(CPA_TARGET_GAP(0.67, 0.67, "lower")) == "0.0"  # and no minus zero


def test_reasons() -> None:
    assert CPA_RAG_WHY(0.542, 0.562, amber=0.03) == (
        "0.542 against a target of 0.562: worse by 0.02, 3.6% of the target, beyond the amber band of 3%"
    )
    with pytest.raises(WrongArgument, match='unit: "rate" will not do: write one of percent, points, change, count'):
        CPA_RAG_WHY(0.542, 0.562, unit="rate")


# --- blanks, errors, wrong cells ----------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", [None, "", float("nan")])
def test_a_blank_is_missing_and_never_zero(blank: object) -> None:
    with pytest.raises(MissingData, match=r"^actual is blank$"):
        CPA_RAG(blank, 0.5)
    with pytest.raises(MissingData, match=r"^n1 is blank$"):
        CPA_GROUP_GAP(blank, 1, 1, 1)
    with pytest.raises(MissingData, match=r"^no value for Jan-09 of Jan-09$"):
        CPA_SUM(column(1, blank), column("Jan-09", "Jan-09"), "Jan-09", "MONTH")
    assert CPA_SUM(column(1, blank), column("Jan-09", blank), "Jan-09", "MONTH") == 1


@pytest.mark.parametrize("blank", [None, "", float("nan")])
def test_blank_optional_arguments_mean_the_default(blank: object) -> None:
    assert CPA_RAG(0.55, 0.56, blank, blank, blank) == CPA_RAG(0.55, 0.56, "higher", 0.05, "relative") == "A"
    assert CPA_PERIOD("Jan-09", blank) == "RY to Jan-09"


@pytest.mark.parametrize("actual", [0.5, None, "", "all milestones on course", True, dt.date(2009, 1, 1)])
def test_without_target_there_is_no_letter_whatever_the_figure(actual: object) -> None:
    assert CPA_RAG(actual) == CPA_RAG(actual, "") == CPA_RAG(actual, None) == "–"


def test_an_error_among_the_arguments_is_given_back() -> None:
    class DeletedError(CellError):
        """An error of the sheet's own."""

        code = "#REF!"

    error = DeletedError("a deleted row")
    calls: list[Callable[[], Answer]] = [
        lambda: CPA_RAG(error),
        lambda: CPA_RAG(0.5, 0.6, "sideways", error),
        lambda: CPA_RAG([[error]], 0.6),
        lambda: CPA_SUM(column("text", True), column(error, 1), "no month"),
        lambda: CPA_SUM(column(1, 2), column("Jan-09", "Feb-09"), error),
        lambda: CPA_FEASIBLE(0.5, column(0.1, None, error)),
    ]
    for call in calls:
        with pytest.raises(DeletedError) as given_back:
            call()
        assert given_back.value is error


@pytest.mark.parametrize(
    ("actual", "message"),
    [
        ("0.778", 'actual: "0.778" is text, not a number'),
        (" ", 'actual: " " is text, not a number'),
        ("\u0410", 'actual: "\u0410" is text, not a number'),
        (True, "actual: TRUE is not a number"),
        (dt.date(2009, 1, 31), "actual: 2009-01-31 is a date, not a number"),
        (float("inf"), "actual: inf is beyond any count"),
        (1e16, "actual: 1e+16 is beyond any count"),
        ({}, "actual: a cell holds no dict"),
    ],
)
def test_what_is_no_number(actual: object, message: str) -> None:
    for function in (CPA_RAG, CPA_TARGET_GAP):
        with pytest.raises(WrongArgument) as wrong:
            function(actual, 0.789)
        assert str(wrong.value) == message


@pytest.mark.parametrize("number", [1, 1.0, Decimal(1), 5e-324])
def test_numbers_of_every_kind(number: object) -> None:
    assert CPA_RAG(number, 0, "higher") == "G"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: CPA_RAG(1, 2, "up"), 'better: "up" will not do: write one of higher, lower'),
        (lambda: CPA_RAG(1, 2, "", 0.1, 5), "basis: 5 will not do: write one of relative, points"),
        (lambda: CPA_RAG(1, "n/a"), 'target: "n/a" is text, not a number'),
        (
            lambda: CPA_TARGET_GAP(1, 2, "", "ratio"),
            'stated_as: "ratio" will not do: write one of difference, relative',
        ),
        (
            lambda: CPA_PERIOD("01/02/2009"),
            'as_of: "01/02/2009" could be January or February 2009: write a month such as 2009-01 or "Jan-09", '
            "or a date",
        ),
        (
            lambda: CPA_SUM([[1, 2], [3, "x"]], [["Jan-09"] * 2] * 2, "Jan-09"),
            'values, row 2, column 2: "x" is text, not a number',
        ),
        (
            lambda: CPA_SUM(column(1, 2), column("Jan-09", "soon"), "Jan-09"),
            'months, row 2, column 1: "soon" is not a month: write a month such as 2009-01 or "Jan-09", or a date',
        ),
        (
            lambda: CPA_SUM(column(1, 2, 3), column("Jan-09"), "Jan-09"),
            "values is 3 x 1 cells and months 1 x 1: give ranges of the same size",
        ),
        (
            lambda: CPA_SUM([[1, 2, 3], [4, 5, 6]], [["Jan-09"] * 2] * 3, "Jan-09"),
            "values is 2 x 3 cells and months 3 x 2: give ranges of the same size",
        ),
        (
            lambda: CPA_RATE(column(1, 2), column(1, 2, 3), column(1, 2, 3), "Jan-09"),
            "months, row 1, column 1: 1 is neither a date number of the years 1950 to 2100 nor a month written yyyymm: "
            'write a month such as 2009-01 or "Jan-09", or a date',
        ),
        (
            lambda: CPA_RATE(column(1, 2), column(1, 2, 3), column("Jan-09", "Feb-09", ""), "Jan-09"),
            "numerators is 2 x 1 cells and denominators 3 x 1: give ranges of the same size",
        ),
        (lambda: CPA_SUM(column(1, 2), column("Jan-09", ""), "Jan-09"), "value 2 (2) has no month beside it"),
        (lambda: CPA_RAG([[1, 2], [3]], 1), "actual is not a range: its rows differ in length"),
        (lambda: CPA_RAG([[1], 2], 1), "actual is not a range: its rows differ in length"),
        (lambda: CPA_RAG([[[1]]], 1), "actual is not a range: a cell of it holds several"),
        (lambda: CPA_RAG([], 1), "actual is a range without cells"),
        (
            lambda: CPA_RAG(column(1, 2, 3), column(1, 2)),
            "target is 2 x 1 cells beside others of 3 x 1: "
            "give ranges of the same size, single rows or columns, or single cells",
        ),
        (lambda: CPA_TEXT(10.8, "percent"), "a percentage is written as a fraction: 0.108 for 10.8%; "
         "percent cannot print 10.8"),
        (lambda: CPA_SUM(1, 2), "CPA_SUM needs as_of: a date in the last month of the period"),
        (lambda: CPA_PERIOD("Jan-09", "RY", 4), "CPA_PERIOD takes 2 arguments, not 3"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(call: Callable[[], Answer], message: str) -> None:
    with pytest.raises(WrongArgument) as wrong:
        call()
    assert str(wrong.value) == message


def test_an_unknown_style_is_refused_with_the_list() -> None:
    with pytest.raises(WrongArgument, match=r'^style: "pct" is not a style: write one of percent, points, change, '):
        CPA_TEXT(0.5, "pct")


def test_impossible_mathematics() -> None:
    with pytest.raises(Impossible):
        CPA_GROUP_GAP(2, 1, 1, 2)
    with pytest.raises(EmptyDenominator):
        CPA_GROUP_GAP(0, 0, 1, 2)


# --- ranges -------------------------------------------------------------------------------------------------------


def test_one_cell_functions_answer_for_each_cell() -> None:
    answers = CPA_RAG(column(0.778, 0.9, None, "x", EmptyDenominator("of the sheet")), 0.789)
    assert shown(answers) == column("A", "G", "#N/A", "#VALUE!", "#DIV/0!")


def test_a_row_with_a_column_gives_a_table() -> None:
    assert CPA_RAG(((0.5,), (0.6,)), [[0.5, 0.6, ""]]) == [["G", "R", "–"], ["G", "G", "–"]]


def test_a_range_of_one_cell_is_that_cell() -> None:
    assert CPA_RAG([[0.778]], [0.789], (("higher",),)) == "A"


def test_rows_and_columns_of_one_length_stand_beside_each_other() -> None:
    when = [f"{month}-08" for month in ("Oct", "Nov", "Dec")]
    assert CPA_SUM(column(1, 2, 3), when, "Dec-08", "QUARTER") == 6


def test_quarterly_ranges() -> None:
    when = column("Mar-08", "Jun-08", "Sep-08", "Dec-08")
    assert CPA_RATE(column(1, 2, 3, 4), column(10, 10, 10, 10), when, "Dec-08") == 0.25
    assert shown(CPA_SUM(column(1, 2, 3, 4), when, column("Dec-08", "Nov-08", "Sep-08"))) == column(
        10, "#VALUE!", "#N/A"
    )


# --- the registry -------------------------------------------------------------------------------------------------


def test_every_host_finds_what_it_needs() -> None:
    assert set(FUNCTIONS) == {name for name in dir(index) if name.startswith("CPA_")}
    for name, function in FUNCTIONS.items():
        assert function.name == name
        assert function.help.endswith(".")
        assert function.result
        assert function.category
        for argument in function.arguments:
            assert re.fullmatch(r"[a-z][a-z_0-9]*", argument.name)
            assert argument.name not in {"end", "type", "as", "next", "date", "name", "optional"}  # words of VBA
            assert argument.help
        optional = [argument.optional for argument in function.arguments]
        assert optional == sorted(optional), "optional arguments stand last"


def test_signatures_are_those_of_the_plan(golden: Path) -> None:
    """The functions as they were planned; two names differ, since `as` is a word of Python and of VBA, and a
    target may be left out where there is none; whether a year meets its target depends on which way is better.
    Functions of whole tables take more behind, all of it optional, as do those that judge a figure (any_scale); the
    row of a measure is given by its id and the range that holds it."""
    table = re.findall(r"(CPA_[A-Z_]+)\(([^)]*)\)", (golden / "cell_functions.txt").read_text(encoding="utf-8"))
    planned = {name: listed for name, listed in table if "same" not in listed and name in FUNCTIONS}
    assert len(planned) >= 14
    for name, listed in planned.items():
        written = ", ".join(
            f"[{argument.name}]" if argument.optional else argument.name for argument in FUNCTIONS[name].arguments
        )
        if name in ("CPA_AREAS", "CPA_FUNNEL", "CPA_PROJECTION", "CPA_SCORECARD", "CPA_STALE"):
            assert written.startswith(f"{listed}, [")
            continue
        written = written.removesuffix(", [any_scale]")
        written = written.replace(
            "measure, measures, monthly, as_of, [targets], [quarterly], [other], [population]", listed
        )
        assert written.replace("[stated_as]", "[as]").replace("[target]", "target") == listed


def test_a_function_is_called_in_order_or_by_name() -> None:
    assert FUNCTIONS["CPA_RAG"](0.778, 0.789) == CPA_RAG(target=0.789, actual=0.778) == "A"
    assert type(FUNCTIONS["CPA_RAG"](0.778, 0.789)) is str
    with pytest.raises(TypeError, match=r"^CPA_RAG has no argument goal, or has it already$"):
        CPA_RAG(0.5, goal=0.6)
    with pytest.raises(TypeError, match=r"^CPA_RAG has no argument actual, or has it already$"):
        CPA_RAG(0.5, actual=0.6)


def test_arguments_say_what_they_take() -> None:
    values, when, as_of, basis = FUNCTIONS["CPA_SUM"].arguments
    assert [argument.kind for argument in (values, when, as_of, basis)] == [
        Takes.RANGE,
        Takes.RANGE,
        Takes.SCALAR,
        Takes.SCALAR,
    ]
    assert (basis.optional, f"{basis.default}") == (True, "RY")


def test_a_mistake_in_a_function_is_not_hidden() -> None:
    functions: dict[str, CellFunction] = {}

    @registrar(functions)("Test", "nothing")
    def CPA_BROKEN(actual: registry.Actual) -> float:
        """Fail."""
        return {0.5: 1.0}[actual]

    with pytest.raises(KeyError):
        CPA_BROKEN([[1], [2]])


def test_a_function_may_answer_with_a_table() -> None:
    """It spills, takes single cells only beside its ranges, and its table is tidied like a single answer."""
    functions: dict[str, CellFunction] = {}

    @registrar(functions)("Test", "each value and its share")
    def CPA_SHARES(values: registry.Values, whole: registry.Actual) -> ResultTable:
        """Give each value and its share."""
        return [[value or -0.0, MissingData("blank") if value is None else value / whole] for value in values.cells]

    assert functions["CPA_SHARES"].spills
    assert not FUNCTIONS["CPA_RAG"].spills
    first, second = cast(ResultTable, CPA_SHARES([[5.0], [None]], 20.0))
    assert first == [5.0, 0.25]
    assert str(second[0]) == "0.0"
    assert isinstance(second[1], MissingData)
    with pytest.raises(WrongArgument, match=r"^whole is 1 x 2 cells: CPA_SHARES takes a single cell there$"):
        CPA_SHARES([[5.0]], [[20.0, 30.0]])
    assert CPA_SHARES([[5.0]], [[20.0]]) == [[5.0, 0.25]]


def test_the_functions_use_the_standard_library_alone() -> None:
    code = "import sys; before = set(sys.modules); import cpa_xl.functions.index; print(*(set(sys.modules) - before))"
    foreign = {name.split(".")[0] for name in python_prints(code).split()} - sys.stdlib_module_names - {"cpa_xl"}
    assert foreign == set()
