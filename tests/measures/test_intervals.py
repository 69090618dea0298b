"""Intervals against published tables."""

import math

import pytest

from cpa_xl.errors import EmptyDenominator, Impossible, WrongArgument
from cpa_xl.measures.intervals import IntervalKind, byar, gap_interval, interval, wilson, z_of


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Newcombe, Statistics in Medicine 1998, 17, 857-872, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson(part: float, whole: float, low: float, high: float) -> None:
    found = wilson(part, whole)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.00005)
    other = wilson(whole - part, whole)  # the other part has the mirrored interval
    assert (1 - other.high, 1 - other.low) == pytest.approx((found.low, found.high))


def test_wilson_ends_at_none_and_all() -> None:
    assert wilson(0, 20).low == 0
    assert wilson(20, 20).high == 1


def test_wilson_at_another_level() -> None:
    found = wilson(100, 10000)  # PHEindicatormethods, wilson_lower and wilson_upper of 100 in 10,000, per cent
    assert (100 * found.low, 100 * found.high) == pytest.approx((0.8229336148148417, 1.2146982255114647))
    # the same package's example for 99.8 %: the two ends solve (p - x/n)² = z² p (1 - p) / n
    wide = wilson(65, 100, 0.998)
    for end in (wide.low, wide.high):
        assert (end - 0.65) ** 2 == pytest.approx(z_of(0.998) ** 2 * end * (1 - end) / 100)


def at_most(count: int, mean: float) -> float:
    """The chance of so many events or fewer, of a Poisson distribution."""
    return math.fsum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(count + 1))


def test_byar() -> None:
    assert byar(100).low == pytest.approx(81.36210549052788)  # PHEindicatormethods, byars_lower of 100


@pytest.mark.parametrize("level", [0.9, 0.95, 0.998])
@pytest.mark.parametrize("count", [10, 50, 100, 200])
def test_byar_is_near_the_exact_limits(count: int, level: float) -> None:
    """Exact limits leave half of what the level leaves out to either side: Byar's do so within a seventh."""
    found = byar(count, level)
    beyond = (1 - level) / 2
    assert 1 - at_most(count - 1, found.low) == pytest.approx(beyond, rel=0.15)
    assert at_most(count, found.high) == pytest.approx(beyond, rel=0.15)


def test_byar_of_few_events() -> None:
    assert byar(0).low == 0
    assert byar(0).high == pytest.approx(3.689, abs=0.1)  # exact: 3.689 (Garwood 1936)
    assert byar(1, 0.998).low == 0  # the formula would give less


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [  # Newcombe, Statistics in Medicine 1998, 17, 873-890, table II, method 10
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0000),
    ],
)
def test_gaps(counts: tuple[float, float, float, float], low: float, high: float) -> None:
    found = gap_interval(*counts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.00005)


def test_gap_in_satisfaction() -> None:
    year, quarter = gap_interval(7930, 10000, 3725, 5000), gap_interval(1982.5, 2500, 931.25, 1250)
    assert (year.low, year.high) == pytest.approx((0.034, 0.063), abs=0.0005)  # golden/vectors.md
    # the page has 0.020 to 0.077; worked out by hand from the formula, 0.0195 to 0.0773
    assert (quarter.low, quarter.high) == pytest.approx((0.0195, 0.0773), abs=0.00005)


def test_a_design_effect_makes_fewer_of_those_asked() -> None:
    assert gap_interval(7928, 10000, 3724, 5000, design_effect=4) == gap_interval(1982, 2500, 931, 1250)
    wide, narrow = gap_interval(56, 70, 48, 80, 0.99), gap_interval(56, 70, 48, 80, 0.9)
    assert wide.low < narrow.low < 0.2 < narrow.high < wide.high


def test_kinds() -> None:
    assert interval(81, 263) == wilson(81, 263)
    assert interval(100, None, IntervalKind.COUNT) == byar(100)
    per_thousand = interval(100, 5, IntervalKind.COUNT, 0.9)
    assert (per_thousand.low * 5, per_thousand.high * 5) == pytest.approx((byar(100, 0.9).low, byar(100, 0.9).high))


def test_standard_deviations_of_a_level() -> None:
    # table of the normal distribution
    assert [z_of(level) for level in (0.9, 0.95, 0.998)] == pytest.approx([1.644854, 1.959964, 3.090232], abs=1e-6)
    assert z_of(1 - 2**-53) > 8  # the largest float below 1
    assert z_of(1e-100) == 0


@pytest.mark.parametrize(
    ("level", "message"),
    [
        (95, "level 95: a percentage is written as a fraction: 0.95 for 95%"),
        (1, "a level of 1 will not do: write a fraction between 0 and 1, such as 0.95"),
        (0, "a level of 0 will not do: write a fraction between 0 and 1, such as 0.95"),
        (-1, "a level of -1 will not do: write a fraction between 0 and 1, such as 0.95"),
    ],
)
def test_levels(level: float, message: str) -> None:
    with pytest.raises(WrongArgument) as refused:
        byar(10, level)
    assert str(refused.value) == message


def test_what_has_no_interval() -> None:
    with pytest.raises(Impossible, match=r"^the interval: 3 of 2 is more than all$"):
        wilson(3, 2)
    with pytest.raises(EmptyDenominator, match=r"^the interval: nothing to divide by, the denominator is 0$"):
        wilson(0, 0)
    with pytest.raises(Impossible, match=r"^the interval: -1 is a count below zero$"):
        byar(-1)
    with pytest.raises(
        WrongArgument, match=r"^a proportion needs its n: write the number asked, or count as the kind$"
    ):
        interval(1, None)
    with pytest.raises(Impossible, match=r"^a count per n needs an n above 0, not 0$"):
        interval(1, 0, IntervalKind.COUNT)
    with pytest.raises(WrongArgument, match=r"^a design effect of 0 will not do: no design tells more"):
        gap_interval(1, 2, 1, 2, design_effect=0)
    with pytest.raises(Impossible, match=r"^group 2: 3 of 2 is more than all$"):
        gap_interval(1, 2, 3, 2)
