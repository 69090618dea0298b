"""From the targets of areas to one for the force: residents and sums.

An improvement is above 0 where things get better, a change has its sign (`localities`). Offences stand for whatever
weighs an area: for detection or satisfaction rates these are the denominators, and changes are in points.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.figures import as_fraction


def count_change(rate_change: float, residents_now: float, residents_then: float) -> float:
    """The change of a count that a change of its rate comes to as residents grow: (1 + r) N1 / N0 - 1.

    `residents_now` are those that the rate was measured with, `residents_then` those of the year the target is for.
    Raises EmptyDenominator without residents now, Impossible for counts below zero, WrongArgument for a change
    that is no fraction.
    """
    if residents_now < 0 or residents_then < 0:
        raise Impossible(f"residents {residents_now:.15g} and {residents_then:.15g} hold a count below zero")
    if residents_now == 0:
        raise EmptyDenominator("residents_now is 0: no growth can be measured from it")
    _refuse_percentage(rate_change)
    return (1 + rate_change) * residents_then / residents_now - 1


def _refuse_percentage(change: float) -> None:
    if abs(change) > 1:
        raise WrongArgument(f"a change of {change:.15g}: {as_fraction(change)}")


@dataclass(frozen=True, slots=True)
class ForceTarget:
    """The change for the force: weighted by offences, as a plain mean of the areas', and the count it comes to."""

    weighted: float
    plain: float
    count: float


def force_target(offences: Sequence[float], changes: Sequence[float]) -> ForceTarget:
    """The targets of all areas together: Σ C c / Σ C, the mean of c, and Σ C (1 + c), the areas' counts added up.

    Raises MissingData without areas, EmptyDenominator without offences, Impossible for counts below zero,
    WrongArgument where one list is longer or a change is no fraction.
    """
    if len(offences) != len(changes):
        raise WrongArgument(f"{len(offences)} areas with offences and {len(changes)} with a change: give both for each")
    if not offences:
        raise MissingData("there is no area")
    if (least := min(offences)) < 0:
        raise Impossible(f"{least:.15g} offences is a count below zero")
    for change in changes:
        _refuse_percentage(change)
    total = math.fsum(offences)
    if total == 0:
        raise EmptyDenominator("the areas have no offences to weigh their changes by")
    moved = math.fsum(number * change for number, change in zip(offences, changes, strict=True))
    return ForceTarget(moved / total, math.fsum(changes) / len(changes), total + moved)
