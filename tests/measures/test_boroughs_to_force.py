"""From areas to the force, against the worked example on open data and sums by hand."""

from collections.abc import Mapping

import pytest

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.measures.boroughs import Family, ImprovementBounds, area_target, count_change, force_target
from tests.support.robbery import Borough


@pytest.fixture(scope="module")
def changes(robbery: Mapping[str, Borough]) -> list[float]:
    """The change of the rate asked of each borough: floor 2 %, cap 8 %, next rank up, 3 years."""
    rates = [[robbery[peer].rate for peer in one.family] for one in robbery.values()]
    families = [Family.of(one.rate, peers) for one, peers in zip(robbery.values(), rates, strict=True)]
    return [area_target(family, bounds=ImprovementBounds(0.02, 0.08)).change for family in families]


def test_the_force_in_the_worked_example(robbery: Mapping[str, Borough], changes: list[float]) -> None:
    found = force_target([one.robberies for one in robbery.values()], changes)
    # golden/vectors.md
    assert found.plain == pytest.approx(-0.0401, abs=0.00005)
    assert found.weighted == pytest.approx(-0.0404, abs=0.00005)
    assert found.count == pytest.approx(32644 * (1 + found.weighted))


def test_residents_grow_in_the_worked_example(robbery: Mapping[str, Borough], changes: list[float]) -> None:
    residents = sum(one.residents for one in robbery.values()), sum(one.residents_2009 for one in robbery.values())
    assert count_change(0, *residents) == pytest.approx(0.0167, abs=0.00005)  # golden/vectors.md
    counts = [
        count_change(change, one.residents, one.residents_2009)
        for change, one in zip(changes, robbery.values(), strict=True)
    ]
    found = force_target([one.robberies for one in robbery.values()], counts)
    assert found.weighted == pytest.approx(-0.0235, abs=0.00005)  # golden/vectors.md


def test_the_force_by_hand() -> None:
    found = force_target([100, 300], [-0.1, 0.02])
    assert (found.weighted, found.plain, found.count) == pytest.approx((-0.01, -0.04, 396))


def test_what_cannot_be() -> None:
    with pytest.raises(MissingData, match=r"^there is no area$"):
        force_target([], [])
    with pytest.raises(WrongArgument, match=r"^1 areas with offences and 2 with a change: give both for each$"):
        force_target([1], [0, 0])
    with pytest.raises(EmptyDenominator, match=r"^the areas have no offences to weigh their changes by$"):
        force_target([0], [0.1])
    with pytest.raises(Impossible, match=r"^-1 offences is a count below zero$"):
        force_target([2, -1], [0, 0])
    with pytest.raises(WrongArgument, match=r"^a change of -4: a percentage is written as a fraction: -0\.04 for -4%$"):
        force_target([2], [-4])
    with pytest.raises(WrongArgument, match=r"^a change of -4: a percentage"):
        count_change(-4, 1, 1)
    with pytest.raises(EmptyDenominator, match=r"^residents_now is 0: no growth can be measured from it$"):
        count_change(-0.04, 0, 1)
    with pytest.raises(Impossible, match=r"^residents -1 and 5 hold a count below zero$"):
        count_change(-0.04, -1, 5)
