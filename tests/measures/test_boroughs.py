"""Targets of areas, against the worked example on open data and published rules."""

from collections.abc import Mapping

import pytest

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.measures.boroughs import (
    Aim,
    AimRule,
    Course,
    Family,
    ImprovementBounds,
    ImprovementSource,
    after,
    area_target,
    aspiration,
    victimisation,
    yearly_improvement,
)
from cpa_xl.measures.targets import Better
from tests.support.robbery import Borough

HIGHER, LOWER = Better.HIGHER, Better.LOWER
FIVE = Family(4.0, (1.0, 2.0, 3.0, 5.0))


def family(robbery: Mapping[str, Borough], name: str) -> Family:
    return Family.of(robbery[name].rate, [robbery[peer].rate for peer in robbery[name].family])


def test_victimisation(robbery: Mapping[str, Borough]) -> None:
    force = sum(one.robberies for one in robbery.values()), sum(one.residents for one in robbery.values())
    assert force[0] == 32644  # golden/vectors.md, and the two rates below
    assert victimisation(*force) == pytest.approx(4.18, abs=0.005)
    assert victimisation(robbery["Lambeth"].robberies, robbery["Lambeth"].residents) == pytest.approx(7.31, abs=0.005)
    assert victimisation(5, 2000, 100_000) == 250


@pytest.mark.parametrize(
    ("name", "figures", "rank", "flag"),
    [  # golden/vectors.md: floor 2 %, cap 8 %, next rank up, 3 years, geometric; rate, aspiration, model, asked
        ("Lambeth", (7.31, 5.82, 0.073, 0.073), 7, ImprovementSource.MODEL),
        ("Barnet", (2.43, 1.65, 0.121, 0.08), 4, ImprovementSource.CAP),
        ("Croydon", (4.05, 3.86, 0.015, 0.02), 8, ImprovementSource.FLOOR),
    ],
)
def test_the_worked_example(
    robbery: Mapping[str, Borough], name: str, figures: tuple[float, ...], rank: int, flag: ImprovementSource
) -> None:
    like = family(robbery, name)
    target = area_target(like, bounds=ImprovementBounds(0.02, 0.08))
    model = yearly_improvement(like.rate, target.aspiration, 3)
    assert (like.rate, target.aspiration) == pytest.approx(figures[:2], abs=0.005)
    assert (model, target.improvement) == pytest.approx(figures[2:], abs=0.0005)
    assert target.change == -target.improvement
    assert (like.rank, like.size, target.flag) == (rank, 8, flag)


def test_the_count_of_the_worked_example(robbery: Mapping[str, Borough]) -> None:
    target = area_target(family(robbery, "Lambeth"), bounds=ImprovementBounds(0.02, 0.08))
    assert round(robbery["Lambeth"].robberies * (1 + target.change)) == 1959  # golden/vectors.md


def test_ranks() -> None:
    assert [Family(one, (1.0, 2.0, 2.0, 5.0)).rank for one in (0.5, 1.0, 1.5, 2.0, 5.0, 6.0)] == [1, 1, 2, 2, 4, 5]
    assert [Family(one, (1.0, 2.0, 5.0), HIGHER).rank for one in (6.0, 5.0, 1.5)] == [1, 1, 3]
    assert Family(0.1 + 0.2, (0.3,)).rank == 1  # binary fractions are not exact


def test_the_area_may_stand_among_its_peers_or_not() -> None:
    assert Family.of(4.0, [1.0, 2.0, 3.0, None, 5.0]) == FIVE
    assert Family.of(4.0, [1.0, 2.0, 3.0, 4.0, 5.0]) == FIVE
    assert Family.of(4.0, [4.0, 4.0]).others == (4.0,)
    assert Family.of(4.0, [4.0]).others == ()
    with pytest.raises(MissingData, match=r"^there is no rate among the peers to compare with$"):
        Family.of(4.0, [None])


@pytest.mark.parametrize(
    ("rule", "lower", "higher"),
    [
        (AimRule(Aim.NEXT_RANK), 3.0, 5.0),
        (AimRule(Aim.FAMILY_MEAN), 3.0, None),
        (AimRule(Aim.BEST_QUARTILE), 2.0, None),  # QUARTILE.INC({1,2,3,4,5},1) is 2, and 4 for the third
        (AimRule(Aim.RANK, 1), 1.0, 5.0),
        (AimRule(Aim.RANK, 4), None, None),
    ],
)
def test_aims(rule: AimRule, lower: float | None, higher: float | None) -> None:
    assert aspiration(FIVE, rule) == lower
    assert aspiration(Family(FIVE.rate, FIVE.others, HIGHER), rule) == higher


def test_the_quartile_lies_between_ranks() -> None:
    # QUARTILE.INC({1,2,4,8},1) is 1.75, QUARTILE.INC({1,2,4,8},3) is 5
    assert aspiration(Family(8.0, (1.0, 2.0, 4.0)), AimRule(Aim.BEST_QUARTILE)) == 1.75
    assert aspiration(Family(1.0, (2.0, 4.0, 8.0), HIGHER), AimRule(Aim.BEST_QUARTILE)) == 5
    assert aspiration(Family(1.0, ()), AimRule(Aim.BEST_QUARTILE)) is None


def test_there_are_only_so_many_ranks() -> None:
    with pytest.raises(WrongArgument, match=r"^there is no rank 6 in a family of 5$"):
        aspiration(FIVE, AimRule(Aim.RANK, 6))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("next_rank", AimRule(Aim.NEXT_RANK)),
        ("Family mean", AimRule(Aim.FAMILY_MEAN)),
        ("best-quartile", AimRule(Aim.BEST_QUARTILE)),
        ("rank 3", AimRule(Aim.RANK, 3)),
        ("Rank_12", AimRule(Aim.RANK, 12)),
    ],
)
def test_rules_are_read(text: str, rule: AimRule) -> None:
    assert AimRule.read(text) == rule


@pytest.mark.parametrize("text", ["rank", "rank 0", "next", 3])
def test_what_is_no_rule(text: object) -> None:
    with pytest.raises(WrongArgument) as refused:
        AimRule.read(text)
    shown = f'"{text}"' if isinstance(text, str) else text
    assert str(refused.value) == (
        f'{shown} is not a rule: write next_rank, family_mean, best_quartile, or a rank such as "rank 3"'
    )


@pytest.mark.parametrize("course", Course)
@pytest.mark.parametrize(("rate", "aimed", "better"), [(8.0, 1.0, LOWER), (0.2, 0.35, HIGHER), (4.0, 5.0, LOWER)])
def test_courses_arrive(course: Course, rate: float, aimed: float, better: Better) -> None:
    improvement = yearly_improvement(rate, aimed, 3, better, course)
    assert (improvement > 0) == (better is HIGHER or aimed < rate)
    assert after(rate, improvement, 3, better, course) == pytest.approx(aimed)
    assert after(rate, improvement, 0, better, course) == rate


def test_courses_by_hand() -> None:
    assert yearly_improvement(8, 1, 3) == pytest.approx(0.5)  # 8, 4, 2, 1
    assert yearly_improvement(8, 2, 3, course=Course.LINEAR) == pytest.approx(0.25)  # 8, 6, 4, 2
    assert yearly_improvement(0.1, 0.16, 3, HIGHER, Course.POINTS) == pytest.approx(0.02)
    assert [after(8, 0.5, year) for year in (1, 2, 3)] == [4, 2, 1]
    assert yearly_improvement(0, 0.1, 2, HIGHER, Course.POINTS) == pytest.approx(0.05)


def test_an_area_that_is_there_already_improves_by_the_floor() -> None:
    best = area_target(Family(1.0, (2.0, 3.0)), bounds=ImprovementBounds(0.1, 0.2))
    assert best.aspiration == pytest.approx(0.729)
    assert (best.improvement, best.flag) == (0.1, ImprovementSource.FLOOR)
    highest = area_target(Family(0.5, (0.4,), HIGHER), years=2, bounds=ImprovementBounds(0.1, 0.2))
    assert highest.aspiration == pytest.approx(0.605)
    assert highest.change == 0.1
    assert area_target(Family(0.0, (2.0,)), bounds=ImprovementBounds(0.1, 0.2)).aspiration == 0


def test_without_bounds_the_model_decides() -> None:
    target = area_target(Family(8.0, (1.0,)))
    assert (target.aspiration, target.flag) == (1, ImprovementSource.MODEL)
    assert target.improvement == pytest.approx(0.5)


def test_what_cannot_be() -> None:
    with pytest.raises(EmptyDenominator, match=r"^there are no residents to divide by$"):
        victimisation(1, 0)
    with pytest.raises(Impossible, match=r"^-1 offences among 5 residents holds a count below zero$"):
        victimisation(-1, 5)
    with pytest.raises(WrongArgument, match=r"^per 0 residents will not do: write 1000, or another number above 0$"):
        victimisation(1, 5, 0)
    with pytest.raises(WrongArgument, match=r"^a rate of -1: a rate is not below 0$"):
        yearly_improvement(1, -1, 3)
    with pytest.raises(WrongArgument, match=r"^a rate of -2: a rate is not below 0$"):
        area_target(Family(1.0, (-2.0,)))
    with pytest.raises(EmptyDenominator, match=r"^the rate is 0: no improvement can be measured as a part of it$"):
        yearly_improvement(0, 1, 3, HIGHER)


@pytest.mark.parametrize("years", [0.5, -3, 51])
def test_years(years: float) -> None:
    with pytest.raises(WrongArgument) as refused:
        area_target(FIVE, years=years)
    assert str(refused.value) == f"{years} years will not do: write a number from 1 to 50"


@pytest.mark.parametrize(
    ("floor", "cap", "message"),
    [
        (2, 8, "floor 2: a percentage is written as a fraction: 0.02 for 2%"),
        (0.02, 8, "cap 8: a percentage is written as a fraction: 0.08 for 8%"),
        (-0.02, 0.08, "a floor of -0.02 is below 0: an improvement is written above 0"),
        (0.08, 0.02, "the floor 0.08 is above the cap 0.02"),
    ],
)
def test_bounds(floor: float, cap: float, message: str) -> None:
    with pytest.raises(WrongArgument) as refused:
        ImprovementBounds(floor, cap)
    assert str(refused.value) == message
