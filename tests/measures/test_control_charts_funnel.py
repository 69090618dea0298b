"""Funnel limits of the boroughs, against SciPy and NumPy on the open data.

Expected values are worked out outside the project: exact limits by scipy.optimize.brentq over scipy.special.gammainc
(SciPy 1.17.1), the variance between areas by numpy.quantile and sums of arrays.
"""

from pathlib import Path

import pytest

from cpa_xl.errors import CellError, EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.measures.control_charts import FunnelFlag, FunnelKind, FunnelPoint, between_areas, funnel
from tests.support.recorded_crime import MURDER, ROBBERY, by_borough, residents


def boroughs(golden: Path, category: set[str], overdispersed: bool = False) -> dict[str, FunnelPoint]:
    counts, people = by_borough(golden, category), residents(golden)
    found = funnel(list(counts.values()), [people[name] for name in counts], overdispersed)
    return {name: area for name, area in zip(counts, found, strict=True) if area is not None}


def limits(area: FunnelPoint) -> tuple[float, ...]:
    return area.expected, area.lower_95, area.upper_95, area.lower_998, area.upper_998


@pytest.mark.parametrize(
    ("name", "expected", "flag"),
    [
        ("Lambeth", (5.4085644, 0.9065195, 10.8823588, 0, 14.3586730), "above 95%"),  # 14 murders
        ("Southwark", (5.1812231, 0.7780493, 10.5571244, 0, 13.9759666), "above 95%"),  # 13
        ("Hackney", (4.3219916, 0.3145548, 9.3065253, 0, 12.4952868), "above 95%"),  # 10
        ("Newham", (5.1719634, 0.7728640, 10.5438314, 0, 13.9603052), ""),  # 7
        ("Richmond upon Thames", (3.4219422, 0, 7.9509880, 0, 10.8712417), ""),  # none, and none is not rare
    ],
)
def test_few_events(golden: Path, name: str, expected: tuple[float, ...], flag: str) -> None:
    area = boroughs(golden, MURDER)[name]
    assert limits(area) == pytest.approx(expected, abs=1e-6)
    assert area.flag == flag


def test_flags_are_the_rare_counts(golden: Path) -> None:
    # scipy.stats.poisson: four boroughs have a tail of 2.5 % or less, none of 0.1 % or less
    flagged = {name: area.flag for name, area in boroughs(golden, MURDER).items() if area.flag}
    assert flagged == {
        "Bromley": FunnelFlag.BELOW_95,
        "Hackney": FunnelFlag.ABOVE_95,
        "Lambeth": FunnelFlag.ABOVE_95,
        "Southwark": FunnelFlag.ABOVE_95,
    }


def test_many_events_flag_nearly_everyone(golden: Path) -> None:
    areas = boroughs(golden, ROBBERY)
    flags = [area.flag for area in areas.values()]
    assert [flags.count(flag) for flag in (FunnelFlag.ABOVE_998, FunnelFlag.BELOW_998, FunnelFlag.BELOW_95)] == [
        13,
        13,
        2,
    ]
    assert limits(areas["Hackney"]) == pytest.approx(
        (966.3499533, 905.4009434, 1028.2462572, 871.2277651, 1064.3228168), abs=1e-6
    )


def test_overdispersed_limits(golden: Path) -> None:
    areas = boroughs(golden, ROBBERY, overdispersed=True)
    assert limits(areas["Richmond upon Thames"]) == pytest.approx(
        (765.1087812, 341.6737126, 1713.3054886, 214.6396049, 2727.3226076), abs=1e-6
    )
    assert {name for name, area in areas.items() if area.flag} == {
        "Bexley",
        "Havering",
        "Kingston upon Thames",
        "Richmond upon Thames",
        "Sutton",
    }
    assert {area.flag for area in areas.values()} == {FunnelFlag.NONE, FunnelFlag.BELOW_95}


def test_overdispersed_limits_flag_nothing_that_chance_allows(golden: Path) -> None:
    # scipy.stats.poisson: no murder in Richmond, where 3.42 are expected, has a chance of 3.3 %
    exact, wide = boroughs(golden, MURDER), boroughs(golden, MURDER, overdispersed=True)
    assert wide["Richmond upon Thames"].flag is FunnelFlag.NONE
    assert wide["Richmond upon Thames"].lower_95 == 0
    assert wide["Richmond upon Thames"].upper_95 == pytest.approx(16.6567166, abs=1e-6)
    assert {name for name, area in wide.items() if area.flag} == {"Bromley"}
    for name, area in wide.items():
        assert area.lower_95 <= exact[name].lower_95 <= exact[name].upper_95 <= area.upper_95


@pytest.mark.parametrize(("category", "variance"), [(ROBBERY, 0.1678726940557754), (MURDER, 0.3597704329219339)])
def test_variance_between_boroughs(golden: Path, category: set[str], variance: float) -> None:
    """Two boroughs had no murder: half a one stands in their logarithm."""
    counts = by_borough(golden, category)
    expected = boroughs(golden, category)
    assert between_areas([(counts[name], area.expected) for name, area in expected.items()]) == pytest.approx(variance)


def test_variance_of_the_example_of_funnelplotr() -> None:
    # test-OD_adjust_func.R gives the data; the value is numpy's, with scores moved to the 10 % points, not dropped
    counts, expected = [100, 150, 180, 80, 120, 225], [108, 112, 165, 95, 100, 220]
    assert between_areas(list(zip(counts, expected, strict=True))) == pytest.approx(0.012118491459176522)


def test_no_more_than_chance() -> None:
    even = funnel([10, 11, 9], [100, 100, 100], overdispersed=True)
    assert even == funnel([10, 11, 9], [100, 100, 100])
    assert between_areas([(3, 2), (5, 0)]) == 0


def test_an_area_far_out() -> None:
    high, low, *_ = funnel([60, 0, *[20] * 20], [100] * 22, kind=FunnelKind.RATE)
    assert (high and high.flag, low and low.flag) == (FunnelFlag.ABOVE_998, FunnelFlag.BELOW_998)


def test_an_area_where_nothing_can_happen() -> None:
    empty, other, blank = funnel([0, 5, None], [0, 10, None], kind=FunnelKind.RATE)
    assert empty == FunnelPoint(0, 0, 0, 0, 0, FunnelFlag.NONE, "Poisson")
    assert (other.expected if other else None, blank) == (5, None)
    assert funnel([0, 4, 6], [0, 10, 10], overdispersed=True, kind=FunnelKind.RATE)[0] == empty
    part = funnel([0, 5, None], [0, 10, None], kind=FunnelKind.PROPORTION)[0]
    assert part == FunnelPoint(0, 0, 0, 0, 0, FunnelFlag.NONE, "Wilson")


@pytest.mark.parametrize(
    ("counts", "denominators", "error", "message"),
    [
        ([1, 2], [1], WrongArgument, "2 counts beside 1 denominators: give as many of each"),
        ([1, None], [1, 2], MissingData, "area 2 has no count"),
        ([1, 2], [None, 2], MissingData, "area 1 has no denominator"),
        ([1, None], [1, None], MissingData, "a funnel compares 2 areas or more, not 1"),
        ([1, -2], [1, 2], Impossible, "area 2: -2 of 2 holds a count below zero"),
        ([1, 2], [1, 0], EmptyDenominator, "area 2: 2 of nothing, the denominator is 0"),
        ([0, 0], [0, 0], EmptyDenominator, "nothing to divide by, the denominators add up to 0"),
    ],
)
def test_what_a_funnel_refuses(
    counts: list[float | None], denominators: list[float | None], error: type[CellError], message: str
) -> None:
    with pytest.raises(error) as refused:
        funnel(counts, denominators)
    assert str(refused.value) == message
