"""Sums, rates and changes give the figures of the open data and of the printed scorecard."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData
from cpa_xl.measures import rates
from cpa_xl.measures.periods import Basis, Month, Period, Series
from tests.support.recorded_crime import crime_rows

JAN_09 = Month(2009, 1)
RY = Period.of(JAN_09, Basis.RY)

BURGLARY = ("Burglary in a Dwelling",)
ROBBERY = ("Personal Property", "Business Property")
MOTOR_VEHICLE = ("Theft/Taking Of Motor Vehicle", "Theft From Motor Vehicle")


@pytest.fixture(scope="module")
def offences(golden: Path) -> Callable[..., Series]:
    """Offences by month and borough of the open data's minor categories."""
    header, rows = crime_rows(golden)

    def series(categories: tuple[str, ...], borough: str = "") -> Series:
        pairs = [
            (float(count), Month.read(month))
            for area, _, minor, *counts in rows
            if minor in categories and borough in ("", area)
            for month, count in zip(header[3:], counts, strict=True)
        ]
        return Series.of([count for count, _ in pairs], [month for _, month in pairs])

    return series


@pytest.mark.parametrize(
    ("categories", "totals"),
    # golden/vectors.md: RY to Dec-08, Jan-09, Mar-09, Dec-09, Jan-10, and Apr-Jan 2008/09
    [
        (BURGLARY, (58620, 58956, 59176, 62160, 61069, 48848)),
        (ROBBERY, (32964, 32644, 32554, 32715, 32658, 27043)),
        (MOTOR_VEHICLE, (112159, 110401, 107599, 99310, 98113, 91111)),
        ((*BURGLARY, *ROBBERY, *MOTOR_VEHICLE), (203743, 202001, 199329, 194185, 191840, 167002)),
    ],
)
def test_totals_of_the_open_data(
    offences: Callable[..., Series], categories: tuple[str, ...], totals: tuple[int, ...]
) -> None:
    series = offences(categories)
    ends = [Month(2008, 12), JAN_09, Month(2009, 3), Month(2009, 12), Month(2010, 1)]
    rolling = tuple(rates.total(series, Period.of(end, Basis.RY)) for end in ends)
    assert (*rolling, rates.total(series, Period.of(JAN_09, Basis.YTD))) == totals


@pytest.mark.parametrize(
    ("categories", "percent", "volume"),
    # golden/vectors.md: RY to Jan-10 on RY to Jan-09; volumes from the totals there
    [
        (BURGLARY, 3.58, 2113),
        (MOTOR_VEHICLE, -11.13, 98113 - 110401),
        ((*BURGLARY, *ROBBERY, *MOTOR_VEHICLE), -5.03, 191840 - 202001),
    ],
)
def test_changes_of_the_open_data(
    offences: Callable[..., Series], categories: tuple[str, ...], percent: float, volume: int
) -> None:
    series, period = offences(categories), Period.of(Month(2010, 1), Basis.RY)
    assert round(100 * rates.change(series, period), 2) == percent
    assert rates.change_volume(series, period) == volume


@pytest.mark.parametrize(("borough", "robberies"), [("Hackney", 1114), ("Westminster", 1800)])
def test_boroughs_of_the_open_data(offences: Callable[..., Series], borough: str, robberies: int) -> None:
    assert rates.total(offences(ROBBERY, borough), RY) == robberies  # golden/vectors.md


def monthly(*values: float, end: Month = JAN_09) -> Series:
    return Series.of(values, [end - n for n in reversed(range(len(values)))])


def spread(total: float) -> list[float]:
    """A total over twelve months, evenly."""
    return [total / 12] * 12


@pytest.mark.parametrize(
    ("before", "fewer", "change"),
    # domain page, section 3: volumes printed in the comment on measure 4a, and the bases they imply
    [(59409, 453, -0.0076), (38818, 6405, -0.165), (120911, 9552, -0.079), (219138, 16410, -0.0749)],
)
def test_changes_of_the_printed_scorecard(before: int, fewer: int, change: float) -> None:
    series = monthly(*spread(before), *spread(before - fewer))
    assert rates.change(series, RY) == pytest.approx(change, abs=0.00005)
    assert rates.change_volume(series, RY) == pytest.approx(-fewer)


def test_monthly_averages_of_the_printed_scorecard() -> None:
    # domain page, section 3: 9a has 378 disruptions in the rolling year (31.5) and 301 since April (30.1)
    series = monthly(38, 39, *[30.1] * 10)
    assert rates.monthly_average(series, RY) == pytest.approx(31.5)
    assert rates.monthly_average(series, Period.of(JAN_09, Basis.YTD)) == pytest.approx(30.1)


def test_quarterly_values_are_averaged_over_their_months() -> None:
    series = Series.of([30, 60, 90, 120], [Month(2008, 3) + 3 * n for n in range(4)])
    assert rates.monthly_average(series, Period.of(Month(2008, 12), Basis.RY)) == 25


def test_a_rate_is_a_rate_of_sums() -> None:
    # domain page, section 3: the component rates of 4b, weighted by volume, make 10.79 %
    detections = monthly(0.144 * 58956, 0.176 * 32413, 0.069 * 111359)
    offences = monthly(58956, 32413, 111359)
    quarter = Period.of(JAN_09, Basis.QUARTER)
    assert rates.rate(detections, offences, quarter) == pytest.approx(0.1079, abs=0.00005)
    assert sum((0.144, 0.176, 0.069)) / 3 == pytest.approx(0.1297, abs=0.00005)  # what a mean of rates would say


def test_a_rate_changes_in_points() -> None:
    # measure 3: 54.2 % in the year to Sep-08; 53.7 % a year earlier is made up for the test
    agree = monthly(*[53.7] * 12, *[54.2] * 12)
    asked = monthly(*[100.0] * 24)
    assert rates.rate_change(agree, asked, RY) == pytest.approx(0.005)


def test_a_gap_between_two_groups() -> None:
    # golden/vectors.md: 79.3 % of 10,000 against 74.5 % of 5,000
    assert rates.group_gap(7930, 10000, 3725, 5000) == pytest.approx(0.048)
    assert rates.group_gap(3725, 5000, 7930, 10000) == pytest.approx(-0.048)


def test_equal_totals_give_no_change() -> None:
    assert rates.change(monthly(*[7.0] * 24), RY) == 0


def test_missing_months_stop_every_figure() -> None:
    with pytest.raises(MissingData, match=r"^no value for Feb-07, Mar-07, Apr-07 and 9 more months of RY to Jan-08$"):
        rates.change(monthly(*[1.0] * 12), RY)
    with pytest.raises(MissingData, match=r"^no value for Feb-08 of RY to Jan-09$"):
        rates.rate(monthly(*[1.0] * 12), monthly(*[1.0] * 11), RY)


def test_counts_below_zero_are_impossible() -> None:
    with pytest.raises(Impossible, match=r"^RY to Jan-09 holds a count below zero \(-2\)$"):
        rates.total(monthly(*[5.0] * 11, -2), RY)
    with pytest.raises(Impossible, match=r"^group 2: -1 of 5 holds a count below zero$"):
        rates.group_gap(1, 2, -1, 5)
    with pytest.raises(Impossible, match=r"^group 1: 0 of -5 holds a count below zero$"):
        rates.group_gap(0, -5, 1, 5)


def test_a_count_below_zero_is_not_hidden_by_another_area() -> None:
    series = Series.of([10, -2], [JAN_09, JAN_09])
    with pytest.raises(Impossible, match=r"^Jan-09 holds a count below zero \(-2\)$"):
        rates.total(series, Period.of(JAN_09, Basis.MONTH))


def test_more_than_all_is_impossible() -> None:
    with pytest.raises(Impossible, match=r"^RY to Jan-09: 24 of 12 is more than all$"):
        rates.rate(monthly(*[2.0] * 12), monthly(*[1.0] * 12), RY)


def test_nothing_divides_by_zero() -> None:
    with pytest.raises(EmptyDenominator, match=r"^RY to Jan-09: nothing to divide by, the denominator is 0$"):
        rates.rate(monthly(*[0.0] * 12), monthly(*[0.0] * 12), RY)
    with pytest.raises(
        EmptyDenominator, match=r"^RY to Jan-08 has a total of 0, and no change can be measured from it$"
    ):
        rates.change(monthly(*[0.0] * 12, *[1.0] * 12), RY)
    with pytest.raises(EmptyDenominator, match=r"^group 1: nothing to divide by, the denominator is 0$"):
        rates.group_gap(0, 0, 1, 2)
