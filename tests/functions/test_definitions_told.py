"""Figures that were wrong without a word, one kind a test, with values from the methods' own sources."""

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from cpa_xl.errors import CellError, Impossible, MissingData, WrongArgument
from cpa_xl.functions.index import (
    CPA_ASSURANCE,
    CPA_FUNNEL,
    CPA_GROUP_GAP_INTERVAL,
    CPA_INTERVAL,
    CPA_RAG,
    CPA_RAG_WHY,
    CPA_SPC,
    CPA_SUM,
    CPA_TARGET_GAP,
    CPA_VARIATION,
    CPA_XMR,
)

Call = Callable[[], object]


def flat(answer: object) -> list[object]:
    assert isinstance(answer, list)
    return [cell for row in answer for cell in row]


# C1


@pytest.mark.parametrize(
    ("actual", "target", "which", "value"),
    [
        (77.8, 0.789, "actual", "0.778 for 77.8%"),
        (0.778, 78.9, "target", "0.789 for 78.9%"),
        (54.2, 0.6, "actual", "0.542 for 54.2%"),
        (-7.5, -0.04, "actual", "-0.075 for -7.5%"),
        (0.1, 10, "target", "0.1 for 10%"),
        (1.6, 0.5, "actual", "0.016 for 1.6%"),
    ],
)
def test_c1_a_percentage_beside_a_fraction_is_refused(actual: float, target: float, which: str, value: str) -> None:
    months = [actual + step for step in (0.0, 0.001) * 6]
    calls: list[Call] = [
        lambda: CPA_RAG(actual, target),
        lambda: CPA_RAG(actual, target, "lower"),
        lambda: CPA_RAG_WHY(actual, target, unit="percent"),
        lambda: CPA_TARGET_GAP(actual, target),
        lambda: CPA_ASSURANCE(months, target),
    ]
    for call in calls:
        with pytest.raises(WrongArgument) as refusal:
            call()
        assert f"are of different scale, {which} looks like a percentage" in str(refusal.value)
        assert "where both are right, write TRUE for any_scale" in str(refusal.value)
    with pytest.raises(WrongArgument, match=value):
        CPA_RAG(actual, target)


@pytest.mark.parametrize(
    ("actual", "target"),
    [(77.8, 78.9), (0.778, 0.789), (2, 1), (6405, 6500), (1.2, 0.9), (-0.165, -0.04), (31.5, 29.17)],
)
def test_c1_figures_of_one_scale_are_judged(actual: float, target: float) -> None:
    assert CPA_RAG(actual, target, "lower") in ("G", "A", "R")
    assert CPA_TARGET_GAP(actual, target) == pytest.approx(actual - target)


def test_c1_the_switch_is_for_those_who_know() -> None:
    """2.5 offences a month against a mean of 0.8: both are right."""
    assert CPA_RAG(2.5, 0.8, "lower", "", "", True) == CPA_RAG(2.5, 0.8, "lower", any_scale=True) == "R"
    assert str(CPA_RAG_WHY(2.5, 0.8, "lower", any_scale=True)).startswith("2.5 against a target of 0.8")
    assert CPA_TARGET_GAP(2.5, 0.8, "lower", "", True) == pytest.approx(-1.7)
    assert str(CPA_ASSURANCE([2.5, 2.6] * 6, 0.8, "lower", "", True)).startswith("fails")


# C2: exact intervals of Poisson counts, from tables of Garwood, Biometrika 1936, as the Fingertips technical guidance
# uses them below 10 (chi-square quantiles of scipy 1.17: chi2.ppf(0.025, 2x)/2 and chi2.ppf(0.975, 2x + 2)/2).
EXACT = {
    0: (0.0, 3.6889), 1: (0.0253, 5.5716), 2: (0.2422, 7.2247), 3: (0.6187, 8.7673), 4: (1.0899, 10.2416),
    5: (1.6235, 11.6683), 6: (2.2019, 13.0595), 7: (2.8144, 14.4227), 8: (3.4538, 15.7632), 9: (4.1154, 17.0848),
}  # fmt: skip


@pytest.mark.parametrize("count", EXACT)
def test_c2_counts_below_10_have_the_exact_interval(count: int) -> None:
    assert flat(CPA_INTERVAL(count, None, "count")) == pytest.approx(EXACT[count], abs=0.00005)
    per = [end / 4 for end in EXACT[count]]
    assert flat(CPA_INTERVAL(count, 4, "count")) == pytest.approx(per, abs=0.00002)


@pytest.mark.parametrize(("count", "level", "z"), [(65, 0.95, 1.959964), (1045, 0.95, 1.959964), (10, 0.998, 3.090232)])
def test_c2_counts_from_10_on_have_byar_s(count: int, level: float, z: float) -> None:
    """The counts of testByars.R of PHEindicatormethods, and its formulas (R/Byars.R)."""
    low = count * (1 - 1 / (9 * count) - z / (3 * count**0.5)) ** 3
    high = (count + 1) * (1 - 1 / (9 * (count + 1)) + z / (3 * (count + 1) ** 0.5)) ** 3
    assert flat(CPA_INTERVAL(count, None, "count", level)) == pytest.approx([low, high], rel=1e-6)


def test_c2_the_exact_interval_holds_as_it_says() -> None:
    """At its ends the count is as far out as the level allows: sums of Poisson chances, for other levels too."""
    for count in (1, 4, 9):
        for level in (0.9, 0.998):
            low, high = (float(str(end)) for end in flat(CPA_INTERVAL(count, None, "count", level)))
            tail = (1 - level) / 2
            above = 1 - sum(math.exp(-low) * low**k / math.factorial(k) for k in range(count))
            below = sum(math.exp(-high) * high**k / math.factorial(k) for k in range(count + 1))
            assert (above, below) == pytest.approx((tail, tail), rel=1e-6)


# C3

MONTHS = [dt.date(2008, month, 1) for month in range(1, 13)]
COUNTS = [float(10 + month) for month in range(12)]  # they add up to 186


@pytest.mark.parametrize(
    ("values", "months"),
    [
        (np.array(COUNTS), np.array(MONTHS)),
        (np.array(COUNTS).reshape(12, 1), np.array(MONTHS, dtype="datetime64[D]").reshape(12, 1)),
        (np.array(COUNTS, dtype="int64"), np.array(MONTHS, dtype="datetime64[ns]")),
        (pd.Series(COUNTS), pd.Series(pd.to_datetime(MONTHS))),
        (pd.Series([int(value) for value in COUNTS], dtype="Int64"), pd.to_datetime(MONTHS)),
        (pd.DataFrame({"n": COUNTS}), pd.DataFrame({"month": MONTHS})),
        (tuple(COUNTS), MONTHS),
    ],
)
def test_c3_arrays_and_columns_of_data_frames_are_ranges(values: object, months: object) -> None:
    assert CPA_SUM(values, months, np.datetime64("2008-12-01"), "RY") == 186
    assert CPA_SUM(values, months, pd.Timestamp("2008-12-15"), "RY") == 186


def test_c3_what_pandas_puts_where_nothing_is() -> None:
    gap = pd.Series([*COUNTS[:11], None], dtype="Int64")
    assert gap.isna().sum() == 1
    with pytest.raises(MissingData):
        CPA_SUM(gap, pd.Series(pd.to_datetime(MONTHS)), dt.date(2008, 12, 1), "RY")
    months = pd.Series([*pd.to_datetime(MONTHS[:11]), pd.NaT])
    with pytest.raises(WrongArgument, match="has no month beside it"):
        CPA_SUM(pd.Series(COUNTS), months, dt.date(2008, 12, 1), "RY")


@pytest.mark.parametrize("cell", [Decimal("sNaN"), Decimal("-sNaN42")])
def test_c3_a_signalling_nan_is_no_number(cell: Decimal) -> None:
    with pytest.raises(CellError, match="is not a number"):
        CPA_RAG(cell, 0.5)


def test_c3_a_quiet_nan_is_a_blank() -> None:
    with pytest.raises(MissingData, match="actual is blank"):
        CPA_RAG(Decimal("NaN"), 0.5)
    assert CPA_RAG(Decimal("0.5"), Decimal("0.5")) == "G"


MONTHS_BELOW: list[list[object]] = [[month] for month in MONTHS]
COUNTS_BELOW: list[list[object]] = [[count] for count in COUNTS]
COLUMN_OF_MONTHS: list[list[object]] = [["Month"], *MONTHS_BELOW, [None], [None]]
COLUMN_OF_COUNTS: list[list[object]] = [["Robbery"], *COUNTS_BELOW, [None], [None]]


def test_c3_whole_columns_begin_with_their_headings() -> None:
    assert CPA_SUM(COLUMN_OF_COUNTS, COLUMN_OF_MONTHS, dt.date(2008, 12, 1)) == 186
    two: list[list[object]] = [["Robbery", "Burglary"], *(row * 2 for row in COUNTS_BELOW)]
    both: list[list[object]] = [["Month", "Again"], *(row * 2 for row in MONTHS_BELOW)]
    assert CPA_SUM(two, both, dt.date(2008, 12, 1)) == 2 * 186


@pytest.mark.parametrize(
    ("values", "months"),
    [
        ([["1,234"], *COLUMN_OF_COUNTS[1:13]], [[dt.date(2007, 12, 1)], *COLUMN_OF_MONTHS[1:13]]),  # a figure as text
        (COLUMN_OF_COUNTS[:13], [[dt.date(2007, 12, 1)], *COLUMN_OF_MONTHS[1:13]]),
        ([[10.0], *COLUMN_OF_COUNTS[1:13]], COLUMN_OF_MONTHS[:13]),
        ([["Robbery"], ["n/a"], *COLUMN_OF_COUNTS[2:13]], COLUMN_OF_MONTHS[:13]),
    ],
)
def test_c3_a_text_beside_a_figure_is_no_heading(values: object, months: object) -> None:
    with pytest.raises(WrongArgument):
        CPA_SUM(values, months, dt.date(2008, 12, 1))


def test_c3_a_text_alone_may_be_a_figure() -> None:
    with pytest.raises(WrongArgument, match="row 1, column 1"):
        CPA_XMR(COLUMN_OF_COUNTS[:13])


# C6

RARE = "too few events for this chart"


@pytest.mark.parametrize(
    ("values", "mean"),
    [
        ([0, 1] * 12, "0.5"),
        ([3, 2, 4] * 8, "3.0"),
        ([0, 0, 0, 6] * 6, "1.5"),
        ([4, 5] * 12, "4.5"),
        ([0] * 23 + [9], "0.4"),
    ],
)
def test_c6_a_chart_of_rare_events_says_what_is_made_for_them(values: list[float], mean: str) -> None:
    said = f"{RARE} ({mean} a month), which then finds signals where nothing changed: chart the time between events, or"
    assert said in str(CPA_VARIATION(values, "lower"))
    assert said in str(CPA_ASSURANCE(values, 3, "lower"))
    signals = [cell for cell in flat(CPA_SPC([*values, 40, 41], "lower")) if cell]
    if float(mean) < 3:
        assert signals
        assert all(RARE in str(cell) for cell in signals)


@pytest.mark.parametrize("values", [[30, 34] * 12, [0.5, 0.6] * 12, [5, 6] * 12, [-1, 2] * 12])
def test_c6_other_figures_are_not_doubted(values: list[float]) -> None:
    """Counts of 5 or more a month, rates, and changes."""
    assert RARE not in str(CPA_VARIATION(values, "lower"))
    assert not any(RARE in str(cell) for cell in flat(CPA_SPC(values, "lower")))


# C7


@pytest.mark.parametrize("effect", [0.5, 0.99, 0, -1])
def test_c7_a_design_effect_below_1_is_refused(effect: float) -> None:
    with pytest.raises(WrongArgument, match="write 1 for that, or more"):
        CPA_GROUP_GAP_INTERVAL(56, 70, 48, 80, 0.95, effect)


@pytest.mark.parametrize(
    ("x", "n", "kind"), [(2.5, 10, "proportion"), (2, 10.5, "proportion"), (2.5, None, "count"), (0.1, 3, "count")]
)
def test_c7_parts_of_events_are_refused(x: float, n: float | None, kind: str) -> None:
    with pytest.raises(WrongArgument, match="events are counted in whole numbers"):
        CPA_INTERVAL(x, n, kind)


def test_c7_a_whole_number_after_arithmetic_is_whole() -> None:
    assert CPA_INTERVAL(0.3 * 10, 10) == CPA_INTERVAL(3, 10)
    assert CPA_INTERVAL(12, 7.25, "count") != CPA_INTERVAL(12, 7, "count")  # residents in thousands


# C8: z = (0.819 - 0.806129) / sqrt(0.806129 (1 - 0.806129) / 10000) = 3.256, beyond 3.090 (99.8 %).


def test_c8_proportions_have_their_own_limits() -> None:
    first, second = (row for row in [*_rows(CPA_FUNNEL([[8190], [806000]], [[10000], [1000000]]))])
    assert first[5:] == ["above 99.8%", "Wilson"]
    assert second[5:] == ["", "Wilson"]
    share = 814190 / 1010000
    spread = math.sqrt(10000 * share * (1 - share))
    expected = 10000 * share
    limits = [expected + z * spread for z in (-1.959964, 1.959964, -3.090232, 3.090232)]
    assert first[:5] == pytest.approx([expected, *limits], abs=0.01)


def _rows(answer: object) -> list[list[object]]:
    assert isinstance(answer, list)
    return answer


def test_c8_the_same_as_the_r_package() -> None:
    """PHEindicatormethods, the example of phe_funnel_significance: the flags worked out from its formula, in Python.

    sigma_adjustment solves the quadratic of Wilson's score; so here: |x - n p| against z sqrt(n p (1 - p)).
    """
    counts, sizes = [10232, 12321, 15123, 13213], [15232, 16123, 17932, 18475]
    share = sum(counts) / sum(sizes)
    scores = [(x - n * share) / math.sqrt(n * share * (1 - share)) for x, n in zip(counts, sizes, strict=True)]
    flags = ["above 99.8%" if z > 3.09 else "below 99.8%" if z < -3.09 else "" for z in scores]
    assert [row[5] for row in _rows(CPA_FUNNEL(counts, sizes, False, "proportion"))] == flags


@pytest.mark.parametrize(
    ("counts", "sizes", "kind", "limits"),
    [
        ([5, 9, 7], [1000, 1200, 900], "", "Poisson"),  # offences beside residents
        ([85, 92], [1.0, 1.1], "", "Poisson"),  # residents in thousands
        ([50, 60], [100, 110], "", "Wilson"),
        ([50, 60], [100, 110], "rate", "Poisson"),
        ([5, 9], [1000, 1200], "proportion", "Wilson"),
    ],
)
def test_c8_the_answer_says_whose_limits(counts: list[float], sizes: list[float], kind: str, limits: str) -> None:
    assert {row[6] for row in _rows(CPA_FUNNEL(counts, sizes, False, kind))} == {limits}


def test_c8_limits_of_parts_stay_within_the_whole() -> None:
    rows = _rows(CPA_FUNNEL([4, 499], [4, 500], True, "proportion"))
    for row, whole in zip(rows, (4, 500), strict=True):
        assert all(0 <= float(str(limit)) <= whole for limit in row[1:5])
    with pytest.raises(Impossible, match="area 2: 11 of 10 is no part of a whole; write rate for kind"):
        CPA_FUNNEL([5, 11], [10, 10], False, "proportion")


# C9: the R package NHSRplotthedots, R/ptd_calculate_point_type.R, read in 2026.


def test_c9_the_r_preset_leaves_outside_points_out_of_two_of_three() -> None:
    values = [*[10, 12] * 10, 20, 16.5]
    assert str(CPA_VARIATION(values, "lower", "house")).startswith("concern (high)")
    assert str(CPA_VARIATION(values, "lower", "nhs_r")).startswith("common cause")
    assert flat(CPA_SPC(values, "lower", "nhs_r"))[-2:] == ["outside: concern (high)", ""]


def test_c9_two_points_between_still_count() -> None:
    """Limits of 11 ± 6.4: 16 and 16.2 are beyond two thirds of the way, and within."""
    values = [*[10, 12] * 15, 16, 16.2]
    assert flat(CPA_SPC(values, "lower", "nhs_r"))[-1] == "two of three: concern (high)"


def test_c9_a_point_of_two_trends_is_named_by_the_later() -> None:
    """Seven rise from 15 to 21, which is the first of the seven that fall; before them it goes up and down."""
    rise_and_fall = [*[10, 30] * 8, *range(15, 22), *range(20, 14, -1)]
    house, package = (flat(CPA_SPC(rise_and_fall, "higher", preset)) for preset in ("house", "nhs_r"))
    assert house[22] == "trend: improvement (rising)"
    assert package[22] == "trend: concern (falling)"
    assert (house[21], house[23]) == (package[21], package[23]) == (house[22], package[22])


# C10


@pytest.mark.parametrize("blank", ["", [[None]], [[""]], [None], float("nan")])
def test_c10_a_blank_that_is_given_is_missing(blank: object) -> None:
    with pytest.raises(MissingData, match=r"^n is blank"):
        CPA_INTERVAL(10, blank, "count")
    with pytest.raises(MissingData, match=r"^n is blank"):
        CPA_INTERVAL(10, blank)


def test_c10_left_out_altogether_is_the_count_s_own() -> None:
    assert flat(CPA_INTERVAL(10, None, "count")) == pytest.approx([4.787, 18.391], abs=0.001)
    assert CPA_INTERVAL(10, kind="count", n=None) == CPA_INTERVAL(10, None, "count")
