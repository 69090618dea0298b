"""XmR charts against published charts and the limits of open data worked out elsewhere."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpa_xl.errors import MissingData, WrongArgument
from cpa_xl.measures.control_charts import (
    Assurance,
    Limits,
    Preset,
    Rules,
    Signal,
    SignalDirection,
    Variation,
    assurance,
    chart,
    xmr,
)
from cpa_xl.measures.targets import Better
from tests.support.recorded_crime import BURGLARY, MONTHS_2008_2009, ROBBERY, VEHICLES, by_month

HIGHER, LOWER = Better.HIGHER, Better.LOWER
VIGNETTE = [1.0, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flow rates of ten batches
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
# Wheeler, Understanding Variation, figures 6.7 and 6.9: trade deficits, the last half of 1988 and the first of 1989
DEFICITS_1988 = [10.5, 11.2, 9.2, 10.1, 10.4, 10.5]
DEFICITS_1989 = [8.7, 8.7, 7.0, 6.8, 9.6, 9.0]


def signals(values: Sequence[float | None], rules: Rules | None = None) -> list[str]:
    return [point.signal.value for point in chart(values, rules or Rules()).points]


@pytest.mark.parametrize(("screen", "lower", "upper"), [(False, -3.06, 6.95), (True, -0.72, 4.60)])
def test_limits_of_the_published_vignette(screen: bool, lower: float, upper: float) -> None:
    # NHSRplotthedots, vignette "Deviations from Excel defaults"
    limits = xmr(VIGNETTE, screen=screen)
    assert limits.mean == pytest.approx(1.944, abs=0.0005)
    assert (limits.lower, limits.upper) == pytest.approx((lower, upper), abs=0.005)


def test_limits_of_the_published_flow_rates() -> None:
    limits = xmr(FLOW)  # the handbook takes 3/1.128 where 2.66 is usual: 55.8041 and 45.8159
    assert limits.mean == pytest.approx(50.81)
    assert limits.mean_moving_range == pytest.approx(1.8778, abs=0.00005)
    assert (limits.lower, limits.upper) == pytest.approx((45.8159, 55.8041), abs=0.001)


def test_a_baseline_judges_what_comes_after() -> None:
    judged = chart([*DEFICITS_1988, *DEFICITS_1989], Rules(), baseline_points=6)
    assert judged.limits.mean_moving_range == pytest.approx(0.8)  # 0.7, 2.0, 0.9, 0.3 and 0.1
    assert (judged.limits.lower, judged.limits.upper) == pytest.approx((8.189, 12.445), abs=0.0005)
    outside = [place for place, point in enumerate(judged.points) if point.signal is Signal.OUTSIDE]
    assert outside == [8, 9]  # March and April 1989
    assert judged.limits.points == 6


@pytest.mark.parametrize(
    ("category", "printed", "outside"),
    [  # golden/vectors.md: mean, mean moving range, lower and upper limit
        (BURGLARY, (5032.5, 395.52, 3980.41, 6084.59), ["200901"]),
        (ROBBERY, (2736.62, 171.91, 2279.34, 3193.91), []),
        (VEHICLES, (8811.21, 399.78, 7747.79, 9874.63), ["200801", "200902", "200912"]),
        (BURGLARY | ROBBERY | VEHICLES, (16580.33, 777.48, 14512.24, 18648.43), ["200801"]),
    ],
)
def test_limits_of_recorded_crime(
    golden: Path, category: set[str], printed: tuple[float, ...], outside: list[str]
) -> None:
    months = chart(by_month(golden, category), Rules())
    limits = months.limits
    found = (limits.mean, limits.mean_moving_range, limits.lower, limits.upper)
    assert found == pytest.approx(printed, abs=0.0051)  # some decimals of the table are cut
    marked = [month for month, point in zip(MONTHS_2008_2009, months.points, strict=True) if point.signal == "outside"]
    assert marked == outside


def test_screening_leaves_equal_values_alone() -> None:
    assert xmr([5.0, 5, 5], screen=True) == Limits(5, 0, 3)


def test_no_moving_range_reaches_over_a_gap() -> None:
    limits = xmr([None, 1.0, 3, None, 11, 13, None])
    assert limits == Limits(7, 2, 4)


def test_limits_need_neighbours() -> None:
    message = r"^no two neighbouring months both have a value, and limits need differences between them$"
    for values in ([], [1.0], [1.0, None, 2], [None, None]):
        with pytest.raises(MissingData, match=message):
            xmr(values)


@pytest.mark.parametrize("points", [1, 4, -1])
def test_a_baseline_is_a_part_of_the_values(points: int) -> None:
    with pytest.raises(WrongArgument) as refused:
        xmr([1.0, 2, None, 3], points)
    assert str(refused.value) == f"baseline_points is {points}: write a whole number from 2 to the 3 values"


def around(values: Sequence[float | None]) -> list[float | None]:
    """Values behind a long stretch of -10 and 10, which keeps the mean near 0 and the limits far away."""
    return [*([-10.0, 10] * 30), *values]


@pytest.mark.parametrize(
    ("sides", "expected"),
    [  # NHSRplotthedots, test-ptd_calculate_point_type.R, ptd_seven_point_one_side_mean and ptd_part_of_seven_trend
        ([1, 1, 1, 1, 1, 1], 0),
        ([1, 1, 1, 1, 1, 1, -1], 0),
        ([1, 1, 1, 1, 1, 1, 1, 1, -1], 8),
        ([-1, -1, -1, -1, -1, -1, -1, -1, 1], 8),
        ([1, 1, 1, 0, 1, 1, 1], 0),  # a point on the mean breaks the run
    ],
)
def test_shift(sides: list[int], expected: int) -> None:
    values = [float(side) for side in (-2, *sides, -2)] if sides[0] > 0 else [float(side) for side in (2, *sides, 2)]
    rest = -sum(values)
    values = [*values, rest / 2 + 30, rest / 2 - 30]  # so that the mean is 0 and the limits are wide
    found = signals(values, Rules(trend=99))
    assert found.count("shift") == expected
    assert found[1 : 1 + expected] == ["shift"] * expected


@pytest.mark.parametrize(
    ("values", "trend", "marked"),
    [  # same file, ptd_seven_point_trend
        ([1, 2, 3, 4, 5, 6], 7, []),
        ([1, 2, 3, 3, 4, 5, 6], 7, []),
        ([1, 2, 3, 4, 5, 6, 7], 7, [0, 1, 2, 3, 4, 5, 6]),
        ([2, 1, 2, 3, 4, 5, 6, 7, 3], 7, [1, 2, 3, 4, 5, 6, 7]),
        ([7, 6, 5, 4, 3, 2, 1], 7, [0, 1, 2, 3, 4, 5, 6]),
        ([1, 2, 3, 4, 5, 6], 6, [0, 1, 2, 3, 4, 5]),  # as the NHS Excel tool: issue 195 of the same project
        ([1, 2, 3, 4, 5], 6, []),
        ([1, 2, 3, None, 4, 5, 6], 6, []),
    ],
)
def test_trend(values: list[float | None], trend: int, marked: list[int]) -> None:
    sign = -1 if values[0] == 7 else 1
    high, low = 60.0 * sign, -60.0 * sign  # they make the limits wide, and are no part of the trend
    found = signals([high, low, high, *values, low, high, low], Rules(shift=99, trend=trend))
    assert [place - 3 for place, signal in enumerate(found) if signal == "trend"] == marked


def test_a_month_of_two_trends_is_named_by_the_earlier() -> None:
    # the example of issue 200 of NHSRplotthedots: a rise to 7 and a fall from it
    points = chart([0.0, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1], Rules(trend=7)).points
    assert [point.direction for point in points if point.signal is Signal.TREND] == [
        *[SignalDirection.RISING] * 6,
        *[SignalDirection.FALLING] * 6,
    ]
    assert [points[0].signal, points[7].signal] == [Signal.OUTSIDE] * 2  # the mean is 3.5, the limits 0.84 and 6.16
    wide = chart([60.0, -60, 60, 0, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1, 60], Rules(trend=7)).points
    assert [point.direction for point in wide[3:-1]] == [*[SignalDirection.RISING] * 8, *[SignalDirection.FALLING] * 6]


@pytest.mark.parametrize(
    ("near", "marked"),
    [  # same file, ptd_two_in_three and ptd_part_of_two_in_three
        ([1, 0, 1], [0, 2]),
        ([0, 1, 1], [1, 2]),
        ([1, 1, 0], [0, 1]),
        ([0, 0, 1, 0, 1, 0, 0], [2, 4]),
        ([1, 0, 0, 1], []),
        ([1, 0, 0, 1, 1], [3, 4]),
    ],
)
@pytest.mark.parametrize("side", [1, -1])
def test_two_of_three(near: list[int], marked: list[int], side: int) -> None:
    # the 60 values before give a mean near 0, a mean moving range near 20 and near limits at about 37
    values = around([side * (40.0 if beyond else 2.0) for beyond in near])
    found = chart(values, Rules(shift=99, trend=99)).points
    assert [place - 60 for place, point in enumerate(found) if point.signal is Signal.TWO_OF_THREE] == marked
    assert {point.direction for point in found if point.direction} <= {
        SignalDirection.HIGH if side > 0 else SignalDirection.LOW
    }


def test_two_of_three_are_on_one_side_of_the_mean() -> None:
    assert "two of three" not in signals(around([40, -2, 40]), Rules(shift=99))
    assert "two of three" not in signals([*around([40]), None, 40], Rules(shift=99))


def test_two_of_three_counts_what_is_outside() -> None:
    # issue 194 of NHSRplotthedots: a point beyond three standard deviations is beyond two as well
    assert signals(around([5, 90, 45]))[-3:] == ["", "outside", "two of three"]


def test_one_rule_a_month() -> None:
    """A rise to beyond the limits: outside goes before trend, and trend before shift."""
    found = signals(around([1, 2, 3, 4, 5, 6, 7, 8, 90]))[-10:]
    assert found == ["", *["trend"] * 8, "outside"]
    assert signals(around([1, 2, 1, 2, 3, 4, 5, 6, 7, 7]))[-10:] == ["shift", "shift", *["trend"] * 7, "shift"]


def test_a_point_on_a_limit_is_not_outside() -> None:
    baseline = [0.0, 1, 0, 1]  # a mean of 0.5 and a mean moving range of 1
    found = chart([*baseline, 3.16, 3.1601], Rules(), baseline_points=4).points
    assert [point.signal.value for point in found[-2:]] == ["two of three", "outside"]


def test_gaps_are_stated_and_blanks_around_are_not() -> None:
    found = chart([None, 11.0, 12, None, 11, 12, None, None], Rules())
    assert [point.signal.value for point in found.points] == ["", "", "", "missing", "", "", "", ""]
    assert found.missing == 1
    assert found.latest.value == 12
    assert found.caveats == ("trial limits of 4 points", "1 month missing")
    assert chart([11.0, 12] * 6, Rules()).caveats == ()
    assert chart([11.0, None, None, *[11, 12] * 6], Rules()).caveats == ("2 months missing",)


def test_a_gap_breaks_a_shift() -> None:
    shift: list[float | None] = [6.0, 6.1, 6, 6.1, 6, 6.1, 6]
    assert signals(around(shift))[-7:] == ["shift"] * 7
    assert signals(around([]) + shift[:4] + [None] + shift[4:])[-8:] == ["", "", "", "", "missing", "", "", ""]


@pytest.mark.parametrize(
    ("last", "better", "direction", "variation"),
    [
        ([90.0], HIGHER, SignalDirection.HIGH, Variation.IMPROVEMENT),
        ([90.0], LOWER, SignalDirection.HIGH, Variation.CONCERN),
        ([-90.0], HIGHER, SignalDirection.LOW, Variation.CONCERN),
        ([-90.0], LOWER, SignalDirection.LOW, Variation.IMPROVEMENT),
        ([90.0], None, SignalDirection.HIGH, Variation.NEUTRAL),
        ([2.0], HIGHER, None, Variation.COMMON_CAUSE),
        # pull request 180 of NHSRplotthedots: a trend is judged by its way, not by its side of the mean
        ([9.0, 8, 7, 6, 5, 4], LOWER, SignalDirection.FALLING, Variation.IMPROVEMENT),
        ([9.0, 8, 7, 6, 5, 4], HIGHER, SignalDirection.FALLING, Variation.CONCERN),
    ],
)
def test_what_the_latest_month_means(
    last: list[float], better: Better | None, direction: SignalDirection | None, variation: Variation
) -> None:
    latest = chart(around(last), Rules()).latest
    assert (latest.direction, latest.variation(better)) == (direction, variation)


def test_presets() -> None:
    # the R package screens and takes 7 points for a trend, the Excel tool neither
    assert Preset.read("house").rules == Rules(7, 6, screen=False)
    assert Preset.read("nhs-excel").rules == Rules(7, 6, screen=False)
    assert Preset.read("NHS-R").rules == Rules(7, 7, screen=True, outside_is_near=False, later_trend=True)
    with pytest.raises(WrongArgument, match=r'^"nhs" will not do: write one of house, nhs_excel, nhs_r$'):
        Preset.read("nhs")


@pytest.mark.parametrize(
    ("target", "higher", "lower"),
    [  # NHSRplotthedots, test-ptd_calculate_assurance_type.R: the target above, within and below the limits
        (20, Assurance.FAILS, Assurance.PASSES),
        (12.66, Assurance.HIT_AND_MISS, Assurance.HIT_AND_MISS),
        (10, Assurance.HIT_AND_MISS, Assurance.HIT_AND_MISS),
        (7.34, Assurance.HIT_AND_MISS, Assurance.HIT_AND_MISS),
        (5, Assurance.PASSES, Assurance.FAILS),
    ],
)
def test_assurance(target: float, higher: Assurance, lower: Assurance) -> None:
    limits = Limits(10, 1, 24)
    assert (assurance(limits, target, HIGHER), assurance(limits, target, LOWER)) == (higher, lower)


def test_rolling_years_of_a_stable_process_show_signals() -> None:
    """Why charts are for months: 6 % against 94 % have a point outside, by simulation."""
    outside = {"months": 0, "years": 0}
    for seed in range(300):
        months = NormalDist(1000, 30).samples(35, seed=seed)
        years = [sum(months[end - 12 : end]) for end in range(12, 36)]
        outside["months"] += "outside" in signals(months[-24:])
        outside["years"] += "outside" in signals(years)
    assert outside["months"] < 0.12 * 300
    assert outside["years"] > 0.85 * 300


VALUES = st.lists(st.none() | st.integers(-1000, 1000).map(float), min_size=3, max_size=40).filter(
    lambda values: any(one is not None and other is not None for one, other in pairwise(values))
)


@given(VALUES, st.integers(1, 50), st.integers(-1000, 1000))
def test_signals_do_not_depend_on_the_unit(values: list[float | None], factor: int, offset: int) -> None:
    other = [None if value is None else value * factor * 2 for value in values]
    assert signals(other) == signals(values)
    assert signals([None if value is None else value + offset * 2.0 for value in values]) == signals(values)


@given(VALUES)
def test_signals_turned_over_point_the_other_way(values: list[float | None]) -> None:
    turned = chart([None if value is None else -value for value in values], Rules()).points
    opposite = {
        SignalDirection.HIGH: SignalDirection.LOW,
        SignalDirection.LOW: SignalDirection.HIGH,
        SignalDirection.RISING: SignalDirection.FALLING,
        SignalDirection.FALLING: SignalDirection.RISING,
        None: None,
    }
    for point, over in zip(chart(values, Rules()).points, turned, strict=True):
        assert (point.signal, opposite[point.direction]) == (over.signal, over.direction)
