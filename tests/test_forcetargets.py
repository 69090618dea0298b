"""From areas to the force, against the worked example on open data and sums by hand."""

from collections.abc import Mapping, Sequence

import pytest

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.forcetargets import (
    Ambition,
    Answer,
    AreaImprovement,
    challenge,
    compatibility,
    count_change,
    force_target,
    monthly_profile,
    scaled,
)
from cpa_xl.localities import Bounds, Family, area_target
from tests.robbery import Borough

THREE = [AreaImprovement("A", 100, 0.02), AreaImprovement("B", 200, 0.04), AreaImprovement("C", 100, 0.01)]


@pytest.fixture(scope="module")
def changes(robbery: Mapping[str, Borough]) -> list[float]:
    """The change of the rate asked of each borough: floor 2 %, cap 8 %, next rank up, 3 years."""
    rates = [[robbery[peer].rate for peer in one.family] for one in robbery.values()]
    families = [Family.of(one.rate, peers) for one, peers in zip(robbery.values(), rates, strict=True)]
    return [area_target(family, bounds=Bounds(0.02, 0.08)).change for family in families]


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


RECORD = [0.01, 0.02, 0.03, 0.04, 0.05, -0.02, 0.03, 0.02, 0.01, 0.05, 0.08]  # PERCENTILE.INC of 0.9 is 0.05
PAST = "nine years in ten brought {}.0% or less: "


@pytest.mark.parametrize(
    ("bid", "model", "past", "answer"),
    [
        (0.01, 0.04, (), Answer(Ambition.UNDER, 0.04, "the model asks 4.0%: under-ambitious, raise to 4.0%")),
        (0.03, 0.04, (), Answer(Ambition.IN_LINE, 0.03, "the model asks 4.0%: in line")),
        (0.05, 0.04, (), Answer(Ambition.IN_LINE, 0.05, "the model asks 4.0%: in line")),
        (0.06, 0.04, (), Answer(Ambition.OVER, 0.04, "the model asks 4.0%: over-ambitious, lower to 4.0%")),
        (0.055, 0.05, RECORD, Answer(Ambition.OVER, 0.05, PAST.format(5) + "over-ambitious, lower to 5.0%")),
        (0.05, 0.08, RECORD, Answer(Ambition.IN_LINE, 0.05, "the model asks 8.0%: in line")),
        (0.03, 0.08, RECORD, Answer(Ambition.UNDER, 0.05, "the model asks 8.0%: under-ambitious, raise to 5.0%")),
        (0.03, 0.02, [0.01], Answer(Ambition.OVER, 0.01, PAST.format(1) + "over-ambitious, lower to 1.0%")),
        (0.0, 0.04, [-0.02, -0.01], Answer(Ambition.IN_LINE, 0.0, "the model asks 4.0%: in line")),
    ],
)
def test_bids(bid: float, model: float, past: Sequence[float], answer: Answer) -> None:
    found = challenge(bid, model, past)
    assert found.ambition is answer.ambition
    assert found.proposed == pytest.approx(answer.proposed)
    assert found.reason == f"{100 * bid:.1f}% a year where {answer.reason}"


def test_areas_and_the_corporate_target() -> None:
    """100 x 2 % + 200 x 4 % + 100 x 1 % are 11 in 400."""
    short = compatibility(THREE, 0.03)
    assert short.together == pytest.approx(0.0275)
    assert (short.missing, short.missing_count) == pytest.approx((0.0025, 1))
    assert short.least_ambitious == ("C", "A")
    assert not short.met
    assert compatibility(THREE, 0.0275).met
    assert compatibility(THREE, 0.02).least_ambitious == ()


def test_scaling_by_one_factor() -> None:
    """Twice as much is 22 in 400; with B at its cap of 5 %, 10 of the 16 needed, 3 f has to be 6."""
    assert scaled(THREE, 0.055, Bounds()) == pytest.approx((0.04, 0.08, 0.02))
    assert scaled(THREE, 0.04, Bounds(0, 0.05)) == pytest.approx((0.04, 0.05, 0.02))
    assert scaled(THREE, 0.02, Bounds(0, 0.05)) == (0.02, 0.04, 0.01)  # reached already
    # D is lifted to the floor, 2 of the 16 that are needed: the other 14 are 14/11 of what the three agreed to
    rising = [*THREE, AreaImprovement("D", 400, -0.01)]
    expected = (0.02 * 14 / 11, 0.04 * 14 / 11, 0.01 * 14 / 11, 0.005)
    assert scaled(rising, 0.02, Bounds(0.005, 0.08)) == pytest.approx(expected)


def test_scaling_within_a_cap_may_not_do() -> None:
    with pytest.raises(Impossible, match=r"^within a cap of 0\.05 the areas reach 0\.05 a year, not 0\.06$"):
        scaled(THREE, 0.06, Bounds(0, 0.05))
    with pytest.raises(Impossible, match=r"^within a cap of 0\.05 the areas reach 0 a year, not 0\.01$"):
        scaled([AreaImprovement("A", 100, 0.0)], 0.01, Bounds(0, 0.05))


def test_a_target_by_month() -> None:
    assert monthly_profile(90, [10.0, 30.0, 60.0]) == pytest.approx((9, 27, 54))
    with pytest.raises(EmptyDenominator, match=r"^last year's months hold nothing to spread a target by$"):
        monthly_profile(90, [0.0, 0.0])
    with pytest.raises(Impossible, match=r"^last year holds a count below zero \(-1\)$"):
        monthly_profile(90, [-1.0, 2.0])


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
    with pytest.raises(WrongArgument, match=r"^bid 4: a percentage is written as a fraction: 0\.04 for 4%$"):
        challenge(4, 0.04)
