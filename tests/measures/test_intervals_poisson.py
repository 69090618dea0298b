"""Poisson limits against published tables, the whole counts of the distribution itself, and SciPy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpa_xl.measures.intervals import chance_of, lower_limit, upper_limit


@pytest.mark.parametrize(
    ("count", "low_95", "high_95", "low_998", "high_998"),
    [  # FunnelPlotR, test-poisson_limits.R: the exact interval of a count, divided by the count
        (15, 0.5596924, 1.649348, 0.3862650, 2.082907),
        (20, 0.6108260, 1.544419, 0.4479107, 1.902094),
        (30, 0.6746958, 1.427562, 0.5289724, 1.702771),
    ],
)
def test_exact_intervals(count: int, low_95: float, high_95: float, low_998: float, high_998: float) -> None:
    """A mean at the lower end of a count's interval has that count as its upper limit, and the other way round."""
    for ends, tail in (((low_95, high_95), 0.025), ((low_998, high_998), 0.001)):
        assert upper_limit(count * ends[0], tail) == pytest.approx(count, rel=2e-6)
        assert lower_limit(count * ends[1], tail) == pytest.approx(count, rel=2e-6)


@pytest.mark.parametrize(
    ("count", "upper_of", "lower_of"),
    [  # PHStatsMethods, testdata_funnel_ratio_outputs.csv: events expected where a count is the 99.8 % limit
        (1, 0.001000547, 9.233410143),
        (4, 0.42855244, 14.79414916),
        (10, 2.960519925, 24.13397235),
        (22, 10.28814709, 40.70015252),
        (100, 71.92139974, 134.9243187),
        (716, 636.1521174, 802.60414),
    ],
)
def test_funnel_limits_of_public_health(count: int, upper_of: float, lower_of: float) -> None:
    assert upper_limit(upper_of, 0.001) == pytest.approx(count, rel=1e-4)
    assert lower_limit(lower_of, 0.001) == pytest.approx(count, rel=1e-4)


@pytest.mark.parametrize(
    ("count", "mean", "chance"),
    [  # scipy.special.gammainc(count, mean), SciPy 1.17.1
        (0.5, 0.1, 0.34527915398142),
        (1, 0.05, 0.048770575499286),
        (1, 3, 0.95021293163214),
        (2.5, 9, 0.99705359541212),
        (7, 7, 0.5502889441513),
        (10, 3.2, 0.0017618878681846),
        (30, 60, 0.99999312373503),
        (146, 120, 0.011705736393922),
        (1000, 1000, 0.50420524418022),
        (9000, 9200, 0.98197111910523),
    ],
)
def test_chances(count: float, mean: float, chance: float) -> None:
    assert chance_of(count, mean) == pytest.approx(chance, rel=1e-9)


@pytest.mark.parametrize(
    ("mean", "lower_95", "upper_95", "lower_998", "upper_998"),
    [  # scipy.optimize.brentq over scipy.special.gammainc in its first argument, SciPy 1.17.1
        (0.01, 0.00000000, 0.81457304, 0.00000000, 1.44511742),
        (0.5, 0.00000000, 2.71569089, 0.00000000, 4.24952244),
        (1, 0.00000000, 3.82047120, 0.00000000, 5.72229175),
        (2.5, 0.00000000, 6.49285847, 0.00000000, 9.09576631),
        (4.5625, 0.44045670, 9.66030166, 0.00000000, 12.91570667),
        (8, 2.49585889, 14.46825281, 0.44252448, 18.52696129),
        (20, 11.24765809, 29.70632374, 7.24241344, 35.65028671),
        (77.7, 60.41592585, 95.93298194, 51.44737747, 106.81295174),
        (400, 360.78242169, 440.16507183, 339.14611971, 463.70573463),
        (2736.62, 2634.06560676, 2840.12159596, 2575.89611036, 2900.19402774),
        (9999, 9802.98857515, 10195.95859141, 9690.92214133, 10309.92778403),
        (10001, 9804.96897535, 10197.97819121, 9692.89123851, 10311.95868684),
        (35000, 34633.29874236, 35367.64841447, 34422.79805702, 35580.05181110),
        (1000000, 998040.00975101, 1001960.93740206, 996910.69311256, 1003092.15673348),
    ],
)
def test_limits(mean: float, lower_95: float, upper_95: float, lower_998: float, upper_998: float) -> None:
    found = (
        lower_limit(mean, 0.025),
        upper_limit(mean, 0.025),
        lower_limit(mean, 0.001),
        upper_limit(mean, 0.001),
    )
    assert found == pytest.approx((lower_95, upper_95, lower_998, upper_998), abs=1e-6)


def test_nothing_is_expected() -> None:
    assert (lower_limit(0, 0.025), upper_limit(0, 0.025)) == (0, 0)


@given(st.floats(0.001, 200), st.sampled_from([0.025, 0.001]))
def test_no_tail_holds_more_than_its_chance(mean: float, tail: float) -> None:
    """Whole counts beyond a limit, added up one by one, and one more would be too many."""
    chances = [math.exp(count * math.log(mean) - mean - math.lgamma(count + 1)) for count in range(600)]
    lowest, highest = math.ceil(lower_limit(mean, tail)), math.floor(upper_limit(mean, tail))
    assert math.fsum(chances[:lowest]) <= tail * (1 + 1e-9)
    assert math.fsum(chances[: lowest + 1]) > tail * (1 - 1e-9)
    assert math.fsum(chances[highest + 1 :]) <= tail * (1 + 1e-9)
    assert math.fsum(chances[highest:]) > tail * (1 - 1e-9)
