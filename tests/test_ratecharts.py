"""Charts of rates against textbook examples, and Laney's against NumPy and the XmR chart."""

import calendar
from pathlib import Path

import pytest

from cpa_xl.errors import CellError, EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.ratecharts import RateChart, RateLimits, rate_limits
from cpa_xl.spc import xmr
from tests.recorded_crime import BURGLARY, ROBBERY, by_month

# Montgomery, Introduction to Statistical Quality Control: orange juice cans (30 samples of 50), shipping errors (20)
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
ERRORS = [2, 3, 8, 1, 1, 4, 1, 4, 5, 1, 8, 2, 4, 3, 4, 1, 8, 3, 7, 4]


def limits(parts: list[float], wholes: list[float], kind: RateChart) -> list[RateLimits]:
    return [month for month in rate_limits(parts, wholes, kind) if month is not None]


def test_textbook_p_chart() -> None:
    months = limits([float(count) for count in CANS], [50.0] * 30, RateChart.P)
    assert months[0].mean == pytest.approx(0.2313, abs=0.00005)
    assert (months[0].lower, months[0].upper) == pytest.approx((0.0524, 0.4102), abs=0.00005)
    outside = [place for place, month in enumerate(months, 1) if not month.lower <= month.rate <= month.upper]
    assert outside == [15, 23]


def test_textbook_u_chart() -> None:
    months = limits([float(count) for count in ERRORS], [50.0] * 20, RateChart.U)
    assert months[0].mean == pytest.approx(0.0740)
    assert months[0].upper == pytest.approx(0.1894, abs=0.00005)
    assert months[0].lower == 0  # -0.0414 by the formula


@pytest.mark.parametrize("kind", [RateChart.U_PRIME, RateChart.P_PRIME])
def test_with_equal_denominators_laney_is_the_xmr_chart(kind: RateChart) -> None:
    months = limits([float(count) for count in CANS], [50.0] * 30, kind)
    single = xmr([count / 50 for count in CANS])
    assert months[0].mean == pytest.approx(single.mean)
    # 2.66 is 3/1.128 rounded
    assert months[0].upper == pytest.approx(single.mean + 3 / 1.128 * single.mean_moving_range)
    assert months[0].lower == pytest.approx(max(0, single.mean - 3 / 1.128 * single.mean_moving_range))


def test_burglary_a_day(shared: Path) -> None:
    # numpy: mean 165.22572, factor 4.27368; a plain u chart has 18 of 24 months outside, u' January 2009 alone
    burglary = by_month(shared, BURGLARY)
    days = [float(calendar.monthrange(year, month)[1]) for year in (2008, 2009) for month in range(1, 13)]
    plain, laney = limits(burglary, days, RateChart.U), limits(burglary, days, RateChart.U_PRIME)
    assert (plain[0].lower, plain[0].upper) == pytest.approx((158.29977011, 172.15166629))
    assert (laney[0].lower, laney[0].upper) == pytest.approx((135.62640088, 194.82503551))
    assert (laney[1].lower, laney[1].upper) == pytest.approx((134.62275059, 195.82868579))
    assert sum(not month.lower <= month.rate <= month.upper for month in plain) == 18
    assert [place for place, month in enumerate(laney) if not month.lower <= month.rate <= month.upper] == [12]


def test_robberies_among_robberies_and_burglaries(shared: Path) -> None:
    # numpy: share 0.35224366, factor 2.80904129
    robbery, burglary = by_month(shared, ROBBERY), by_month(shared, BURGLARY)
    both = [one + other for one, other in zip(robbery, burglary, strict=True)]
    laney = limits(robbery, both, RateChart.P_PRIME)
    assert laney[0].mean == pytest.approx(0.35224365678)
    assert (laney[0].lower, laney[0].upper) == pytest.approx((0.3098689, 0.39461842))
    assert (laney[23].lower, laney[23].upper) == pytest.approx((0.30658612, 0.39790119))
    assert limits(robbery, both, RateChart.P)[0].lower == pytest.approx(0.3371585239)


def test_missing_months() -> None:
    found = rate_limits([10, None, 12, 14, 3], [100, 100, 100, 100, None], RateChart.U_PRIME)
    assert [month is None for month in found] == [False, True, False, False, True]
    # the one moving range is that of 12 and 14: 0.02 / sqrt(0.12 / 100) / 1.128 times 3 sqrt(0.12 / 100)
    january = found[0]
    assert january is not None
    assert (january.rate, january.mean) == (0.1, 0.12)
    assert (january.lower, january.upper) == pytest.approx((0.12 - 0.06 / 1.128, 0.12 + 0.06 / 1.128))


def test_limits_stay_where_rates_can_be() -> None:
    assert limits([9, 10, 10], [10, 10, 10], RateChart.P)[0].upper == 1
    assert limits([0, 0], [10, 10], RateChart.U_PRIME) == [RateLimits(0, 0, 0, 0)] * 2
    assert limits([10, 10], [10, 10], RateChart.P_PRIME) == [RateLimits(1, 1, 1, 1)] * 2


@pytest.mark.parametrize(
    ("parts", "wholes", "kind", "error", "message"),
    [
        ([1], [1, 2], "u", WrongArgument, "1 numerators beside 2 denominators: give as many of each"),
        ([1, None], [None, 2], "u", MissingData, "no month has a numerator and a denominator"),
        ([1, 2], [1, 0], "u", EmptyDenominator, "month 2: nothing to divide by, the denominator is 0"),
        ([1, -2], [1, 3], "u_prime", Impossible, "month 2: -2 of 3 holds a count below zero"),
        ([1, 4], [1, 3], "p", Impossible, "month 2: 4 of 3 is more than all"),
        ([1, 0], [1, 0], "p", EmptyDenominator, "month 2: nothing to divide by, the denominator is 0"),
        (
            [1, None, 1],
            [1, None, 3],
            "p_prime",
            MissingData,
            "no two months stand next to each other, and Laney's charts are made of neighbours",
        ),
    ],
)
def test_what_a_chart_of_rates_refuses(
    parts: list[float | None], wholes: list[float | None], kind: str, error: type[CellError], message: str
) -> None:
    with pytest.raises(error) as refused:
        rate_limits(parts, wholes, RateChart.read(kind))
    assert str(refused.value) == message
