"""Projections of the year's end, against the open data and sums done by hand."""

import math
from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path

import pytest

from benchmarks.projection import LEFT, MEANS, simulated
from cpa_xl.errors import Impossible, MissingData, WrongArgument
from cpa_xl.measures.intervals import Interval
from cpa_xl.measures.outlook import ForecastMethod, Projection, dispersion_of, project
from cpa_xl.measures.periods import Month, Series
from cpa_xl.measures.targets import Better
from tests.support.recorded_crime import crime_rows

CRIMES = {
    "burglary": ("Burglary in a Dwelling",),
    "robbery": ("Personal Property", "Business Property"),
    "vehicle": ("Theft/Taking Of Motor Vehicle", "Theft From Motor Vehicle"),
}
JAN_2010 = Month(2010, 1)


@pytest.fixture(scope="module")
def open_data(golden: Path) -> Mapping[tuple[str, str], Series]:
    """Recorded crime by crime and borough, and of all boroughs ("all"), from January 2008 to December 2016."""
    header, rows = crime_rows(golden)
    months = [Month.read(int(name)) for name in header[3:]]
    found = {}
    for crime, categories in CRIMES.items():
        of_crime = [row for row in rows if row[2] in categories]
        for area in ("all", *{row[0] for row in rows}):
            some = [row for row in of_crime if area in ("all", row[0])]
            values = [float(count) for row in some for count in row[3:]]
            found[crime, area] = Series.of(values, months * len(some))
    return found


def of(values: list[float | None], start: Month) -> Series:
    return Series.of(values, [start + n for n in range(len(values))])


def year_total(series: Series, april: Month) -> float:
    return math.fsum(value or 0 for n in range(12) for value in series.rows[april + n])


@pytest.mark.parametrize(
    ("crime", "ratio", "line"),
    # Errors of 2009/10 as seen in January 2010, in per cent. A study of the open data has the range over the
    # crimes (ratio -2.4 to +0.9, line -2.7 to 0.0); those of each crime were worked out apart.
    [("burglary", 0.9, 0.0), ("robbery", -2.4, -2.7), ("vehicle", -1.7, -0.1)],
)
def test_back_test_of_the_point(
    open_data: Mapping[tuple[str, str], Series], crime: str, ratio: float, line: float
) -> None:
    series = open_data[crime, "all"]
    actual = year_total(series, Month(2009, 4))
    seasonal = project(series, JAN_2010)
    assert seasonal.method is ForecastMethod.SEASONAL
    assert 100 * (seasonal.point / actual - 1) == pytest.approx(ratio, abs=0.05)
    this_year_only = Series({month: held for month, held in series.rows.items() if month >= Month(2009, 4)})
    straight = project(this_year_only, JAN_2010)
    assert straight.method is ForecastMethod.STRAIGHT
    assert 100 * (straight.point / actual - 1) == pytest.approx(line, abs=0.05)


@pytest.mark.parametrize(("months", "least", "most"), [(2, 0.9, 0.97), (6, 0.82, 0.97), (10, 0.93, 0.97)])
def test_back_test_of_the_interval(
    open_data: Mapping[tuple[str, str], Series], months: int, least: float, most: float
) -> None:
    """How many of the boroughs' years, 2010/11 to 2015/16, an interval for 95 % held."""
    held = []
    for (_, area), series in open_data.items():
        if area == "all":
            continue
        for year in range(2010, 2016):
            ends = project(series, Month(year, 4) + (months - 1)).interval()
            held.append(ends.low <= year_total(series, Month(year, 4)) <= ends.high)
    assert len(held) == 3 * 32 * 6
    assert least < sum(held) / len(held) < most


def test_the_sum_by_hand() -> None:
    """100 a month last year but 200 in March; 90 a month so far: 900 + 90 x (300 / 1000) x 10."""
    series = of([*[100.0] * 11, 200.0, *[90.0] * 10], Month(2008, 4))
    found = project(series, JAN_2010)
    assert found.so_far == 900
    assert found.point == pytest.approx(900 + 300 * 0.9)
    assert found.dispersion == 1  # every month moved like its year; the counts are Poisson's at least
    # The level of the year, as two normal variables know it: last year with its step, and the months so far.
    by_chance = 1 / 900.5 + 1 / 1000.5
    beyond = math.log(900.5 / 1000.5) ** 2 - by_chance
    weights = 30 / 0.15**4, by_chance**-2
    step = (weights[0] * 0.15**2 + weights[1] * beyond) / sum(weights)
    assert step == pytest.approx(0.0118, abs=0.00005)
    share = 1000.25 / 1300.5
    known = 1 / (1300.5 + step * 1300.5**2), share**2 / (share * 1300.5)  # precisions
    level = (known[0] * 1300.5 + known[1] * 900 / share) / sum(known)
    assert level == pytest.approx(1179.8, abs=0.05)  # 1,300 last year, 1,170 by the months so far
    left = (1 - share) * level
    variance = left + (1 - share) ** 2 / sum(known) + level**2 * share * (1 - share) / 1300.5
    assert found.left == pytest.approx(left)
    assert found.spread == pytest.approx(math.sqrt(variance))
    ends = found.interval()
    # a negative binomial count of 272 with a standard deviation of 23, by its chances with the gamma function
    size = left**2 / (variance - left)
    chances = [
        math.exp(
            math.lgamma(k + size)
            - math.lgamma(size)
            - math.lgamma(k + 1)
            + size * math.log(size / (size + left))
            + k * math.log(left / (size + left))
        )
        for k in range(600)
    ]
    below = list(accumulate(chances))
    assert below[-1] == pytest.approx(1)
    assert below[int(ends.low) - 901] < 0.025 <= below[int(ends.low) - 900]
    assert below[int(ends.high) - 901] < 0.975 <= below[int(ends.high) - 900]
    assert (
        found.words
        == "last year's seasons at this year's level; months vary 1.0 times as much as chance alone would have it"
    )


def test_a_straight_line_says_so() -> None:
    found = project(of([90.0] * 10, Month(2009, 4)), JAN_2010)
    assert found.method is ForecastMethod.STRAIGHT
    assert found.point == pytest.approx(1080)
    assert found.words.startswith("as in the months so far; ")
    gap = project(of([*[100.0] * 5, None, *[100.0] * 6, *[90.0] * 10], Month(2008, 4)), JAN_2010)
    assert gap.method is ForecastMethod.STRAIGHT
    assert gap.point == pytest.approx(1080)
    nothing_then = project(of([*[0.0] * 11, 5.0, *[90.0] * 10], Month(2008, 4)), JAN_2010)
    assert nothing_then.method is ForecastMethod.STRAIGHT


def test_the_dispersion_by_hand() -> None:
    """Two years of 100 a month and of 140 and 60 by turns: χ² of the 2 x 12 table is 6 (6.667 + 10) = 100 on 11."""
    by_turns = of([*[100.0] * 12, *[140.0, 60.0] * 6], Month(2008, 4))
    assert dispersion_of(by_turns, Month(2010, 3)) == pytest.approx(100 / 11)
    # the same in halves: quarters of 420, 420, 180, 180 beside 300 have a χ² of 4 (120 / 2)² (1 / 360 + 1 / 240) = 100
    # on 3 degrees: months that drift together vary more than each by itself
    in_halves = of([*[100.0] * 12, *[140.0] * 6, *[60.0] * 6], Month(2008, 4))
    assert dispersion_of(in_halves, Month(2010, 3)) == pytest.approx(100 / 3)


def test_the_dispersion_of_one_year_is_that_about_its_mean() -> None:
    values: list[float | None] = [90.0, 110.0, 60.0, 140.0, 100.0, 100.0]
    assert dispersion_of(of(values, Month(2009, 4)), Month(2009, 9)) == pytest.approx(3400 / 5 / 100)
    assert dispersion_of(of([0.0] * 6, Month(2009, 4)), Month(2009, 9)) == 1


def test_months_after_the_as_of_month_do_not_count() -> None:
    whole = [*[100.0] * 11, 200.0, *[90.0] * 10]
    assert project(of([*whole, 5000.0], Month(2008, 4)), JAN_2010) == project(of([*whole], Month(2008, 4)), JAN_2010)


def test_too_few_months_have_a_point_but_no_interval() -> None:
    found = project(of([90.0] * 5, Month(2009, 4)), Month(2009, 8))
    assert found.point == pytest.approx(1080)
    assert found.words == "as in the months so far; too few months to tell how much they vary"
    message = r"^too few months to tell how much they vary: the history needs 6 months or more$"
    with pytest.raises(MissingData, match=message):
        found.interval()
    with pytest.raises(MissingData, match=message):
        found.chance(1000, Better.LOWER)
    assert found.chance(400, Better.HIGHER) == 1  # met already


def test_a_whole_year_is_no_forecast() -> None:
    found = project(of([90.0] * 12, Month(2009, 4)), Month(2010, 3))
    assert (found.point, found.method, found.words) == (1080, ForecastMethod.COMPLETE, "the year is complete")
    assert found.interval() == Interval(1080, 1080)
    assert [found.chance(target, Better.LOWER) for target in (1079, 1080, 1081)] == [0, 1, 1]
    assert [found.chance(target, Better.HIGHER) for target in (1079, 1080, 1081)] == [1, 1, 0]


def test_the_chance_of_a_target() -> None:
    """Large counts by the normal distribution: 0.9772 below two standard deviations; skewness 1/50 moves it little."""
    found = Projection(20_000, 10_000, ForecastMethod.SEASONAL, 1.0, 200.0)
    assert found.chance(20_000, Better.LOWER) == pytest.approx(0.5, abs=0.003)
    assert found.chance(20_400, Better.LOWER) == pytest.approx(0.9772, abs=0.001)
    assert found.chance(20_400, Better.HIGHER) == pytest.approx(0.0228, abs=0.001)
    assert found.chance(9_999, Better.LOWER) == 0  # passed already
    assert found.chance(10_000, Better.HIGHER) == 1


def test_c5_small_counts_are_counts() -> None:
    """Three events expected: Poisson chances from tables, e^-3 = 0.0498, up to 3: 0.6472, up to 6: 0.9665."""
    found = Projection(10, 7, ForecastMethod.SEASONAL, 1.0, math.sqrt(3))
    assert found.chance(7, Better.LOWER) == pytest.approx(0.0498, abs=0.00005)
    assert found.chance(10, Better.LOWER) == pytest.approx(0.6472, abs=0.00005)
    assert found.chance(13, Better.LOWER) == pytest.approx(0.9665, abs=0.00005)
    assert found.chance(11, Better.HIGHER) == pytest.approx(1 - 0.6472, abs=0.00005)
    assert found.chance(10.7, Better.LOWER) == found.chance(10, Better.LOWER)
    assert found.interval() == Interval(7, 7 + 7)  # up to 7: 0.9881, up to 6: less than 0.975
    # negative binomial with mean 4 and variance 8: size 4, success 1/2; chance of none 1/16, of one 4/32
    spread = Projection(4, 0, ForecastMethod.SEASONAL, 2.0, math.sqrt(8))
    assert spread.chance(0, Better.LOWER) == pytest.approx(1 / 16)
    assert spread.chance(1, Better.LOWER) == pytest.approx(1 / 16 + 1 / 8)


@pytest.mark.slow
@pytest.mark.parametrize("mean", MEANS)
def test_c5_coverage_and_calibration_of_steady_counts(mean: float) -> None:
    """Nine, six, three months and one left: what `benchmarks.projection` measures, with fewer runs.

    Before: at 1 a month and nine months left 10 % above the high end, none below, and a chance of 0.975 came true in
    137 of 183.
    """
    for left in LEFT:
        row = simulated(mean, left, 250)
        assert row.coverage >= 0.94, row
        assert row.above <= 0.04, row
        assert row.below <= 0.04, row
        number, said, met = row.likely
        assert met >= said - 0.1 - 1 / number**0.5, row
        number, said, met = row.unlikely
        assert met <= said + 0.1 + 1 / number**0.5, row


@pytest.mark.parametrize("mean", [1, 3, 10])
def test_c5_a_low_first_quarter_leans_on_the_years_before(mean: float) -> None:
    """No event in three months where each had `mean`: the year is expected well above nothing, and below the last."""
    months = [Month(2007, 4) + month for month in range(27)]
    found = project(Series.of([*[float(mean)] * 24, 0.0, 0.0, 0.0], months), Month(2009, 6))
    ends = found.interval()
    assert 0 <= ends.low <= found.point <= ends.high
    assert 0.3 * 12 * mean < found.point < 12 * mean
    assert found.chance(12 * mean, Better.LOWER) > 0.85
    assert found.chance(2 * mean, Better.LOWER) < 0.25


def test_c5_many_events_are_projected_by_their_ratio() -> None:
    """100 a month and 90 since: nothing was wrong there, and 1,170 it stays; half of it with 50 so far and then."""
    assert project(of([*[100.0] * 12, *[90.0] * 10], Month(2008, 4)), JAN_2010).point == pytest.approx(900 + 180)
    few = project(of([*[5.0] * 12, *[4.0] * 10], Month(2008, 4)), JAN_2010)
    assert few.left is not None
    ratio = 10 * 40 / 50
    assert few.point == pytest.approx(40 + 0.4 * ratio + 0.6 * few.left)  # 40 of FEW_EVENTS


def test_the_interval_starts_at_what_is_counted_already() -> None:
    assert Projection(12, 10, ForecastMethod.SEASONAL, 1.0, 5.0).interval().low == 10


def test_a_year_without_an_event_yet_has_a_spread() -> None:
    found = project(of([*[1.0, 0.0] * 6, 0.0], Month(2008, 4)), Month(2009, 4))
    assert 0 < found.point < 6  # 6 last year
    assert found.interval().high > 1


def test_quarters() -> None:
    months = [Month(2007, 6) + 3 * n for n in range(11)]
    found = project(Series.of([100.0, 100, 100, 200, 100, 100, 100, 200, 90, 90, 90], months), Month(2009, 12))
    assert found.point == pytest.approx(270 + 180)
    assert found.dispersion == 1
    with pytest.raises(WrongArgument, match="is not made of whole quarters"):
        project(Series.of([100.0, 100.0], months[:2]), Month(2007, 10))


def test_what_cannot_be_projected() -> None:
    with pytest.raises(MissingData, match=r"^no value for Apr-09 of Apr-May 2009/10$"):
        project(of([1.0], Month(2009, 5)), Month(2009, 5))
    with pytest.raises(Impossible, match=r"^Mar-09 holds a count below zero \(-1\)$"):
        project(of([-1.0, 1.0], Month(2009, 3)), Month(2009, 4))
