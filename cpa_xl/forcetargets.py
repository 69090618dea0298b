"""From the targets of areas to one for the force: bids, residents, sums, and whether they reach what was promised.

An improvement is above 0 where things get better, a change has its sign (`localities`). Offences stand for whatever
weighs an area: for detection or satisfaction rates these are the denominators, and changes are in points.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.figures import Kind, Style, as_fraction, plain
from cpa_xl.localities import Bounds
from cpa_xl.targets import NOISE

TOLERANCE = 0.01  # a bid so near to the model is in line with it
STEPS = 200  # halvings of the range of a factor, more than a float can tell apart

_percent = Style(Kind.PERCENT, 1).text


class Ambition(StrEnum):
    """What to answer a bid."""

    UNDER = "under-ambitious"
    IN_LINE = "in line"
    OVER = "over-ambitious"


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer a bid, the improvement to propose instead, and why."""

    ambition: Ambition
    proposed: float
    reason: str


def challenge(bid: float, model: float, past: Sequence[float] = (), tolerance: float = TOLERANCE) -> Answer:
    """Compare the improvement a year that an area offers with the model's and with its own past.

    Over-ambitious: more than `tolerance` above the model, or more than the area's own record, the 90th percentile
    of the improvements of its past years (`past`, none: no record). Under-ambitious: more than `tolerance` below
    the model, or below the record where that is less. Raises WrongArgument for improvements that are no fractions.
    """
    for name, value in (("bid", bid), ("model", model), ("tolerance", tolerance)):
        if abs(value) > 1:
            raise WrongArgument(f"{name} {value:.15g}: {as_fraction(value)}")
    record = _record(past)
    fair = model if record is None else min(model, max(record, 0.0))
    asks = f"{_percent(bid)} a year where the model asks {_percent(model)}"
    if bid > model + tolerance + NOISE:
        return Answer(Ambition.OVER, fair, f"{asks}: {Ambition.OVER}, lower to {_percent(fair)}")
    if record is not None and bid > max(record, 0.0) + NOISE:
        said = f"{_percent(bid)} a year where nine years in ten brought {_percent(record)} or less"
        return Answer(Ambition.OVER, fair, f"{said}: {Ambition.OVER}, lower to {_percent(fair)}")
    if bid < fair - tolerance - NOISE:
        return Answer(Ambition.UNDER, fair, f"{asks}: {Ambition.UNDER}, raise to {_percent(fair)}")
    return Answer(Ambition.IN_LINE, bid, f"{asks}: {Ambition.IN_LINE}")


def _record(past: Sequence[float]) -> float | None:
    if len(past) < 2:
        return past[0] if past else None
    return statistics.quantiles(past, n=10, method="inclusive")[-1]


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


@dataclass(frozen=True, slots=True)
class AreaImprovement:
    """An area's weight and the improvement a year that it agreed to."""

    area: str
    offences: float
    improvement: float


@dataclass(frozen=True, slots=True)
class Compatibility:
    """Whether the areas' improvements add up to the corporate one.

    `missing` is the improvement still to be found (0 where it is met), `missing_count` the offences that it is, and
    `least_ambitious` the areas below the corporate improvement, the least ambitious first.
    """

    together: float
    missing: float
    missing_count: float
    least_ambitious: tuple[str, ...]

    @property
    def met(self) -> bool:
        """Whether nothing is missing."""
        return self.missing == 0


def compatibility(areas: Sequence[AreaImprovement], corporate: float) -> Compatibility:
    """Compare the weighted improvement of all areas with the corporate target. Raises as `force_target`."""
    together = _together(areas, [area.improvement for area in areas])
    missing = corporate - together
    if missing <= NOISE:
        return Compatibility(together, 0, 0, ())
    total = math.fsum(area.offences for area in areas)
    below = sorted((area for area in areas if area.improvement < corporate), key=lambda area: area.improvement)
    return Compatibility(together, missing, missing * total, tuple(area.area for area in below))


def scaled(areas: Sequence[AreaImprovement], corporate: float, bounds: Bounds) -> tuple[float, ...]:
    """The improvements, all made larger by one factor, within bounds, until they reach the corporate one.

    As they are where they reach it already. Raises Impossible, with the most there can be, where the bounds keep
    them below it; else as `force_target`.
    """
    agreed = [area.improvement for area in areas]
    if _together(areas, agreed) >= corporate - NOISE:
        return tuple(agreed)
    positive = [one for one in agreed if one > 0]
    low, high = 1.0, max(1.0, bounds.cap / min(positive)) if positive else 1.0
    most = _together(areas, _times(agreed, high, bounds))
    if most < corporate - NOISE:
        raise Impossible(f"within a cap of {plain(bounds.cap)} the areas reach {plain(most)} a year, not {corporate:g}")
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _together(areas, _times(agreed, middle, bounds)) < corporate:
            low = middle
        else:
            high = middle
    return tuple(_times(agreed, high, bounds))


def _together(areas: Sequence[AreaImprovement], improvements: Sequence[float]) -> float:
    return force_target([area.offences for area in areas], improvements).weighted


def _times(improvements: Sequence[float], factor: float, bounds: Bounds) -> list[float]:
    return [bounds.kept(one * factor)[0] for one in improvements]


def monthly_profile(target: float, last_year: Sequence[float]) -> tuple[float, ...]:
    """A year's target spread over the months as last year's count was.

    Raises EmptyDenominator where last year's months hold nothing, Impossible for a count below zero.
    """
    if not last_year or (total := math.fsum(last_year)) == 0:
        raise EmptyDenominator("last year's months hold nothing to spread a target by")
    if min(last_year) < 0:
        raise Impossible(f"last year holds a count below zero ({min(last_year):.15g})")
    return tuple(target * month / total for month in last_year)
