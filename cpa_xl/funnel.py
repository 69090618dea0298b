"""Which areas differ from the rest by more than chance: funnel limits for counts of different sizes.

Every area is expected to have the rate of all together. Exact limits hold a Poisson count with a chance of
95 % or 99.8 %, the same tail on either side (Fingertips technical guidance, control limits of funnel plots).
They are for events that are few beside the denominator, such as offences beside residents.

Where areas differ for more reasons than chance, exact limits flag nearly all of them. Over-dispersed limits
allow for that: the variance tau^2 between areas (DerSimonian and Laird, Control Clin Trials 7, 1986) of
log ratios, from z-scores winsorised at 10 % (Spiegelhalter and others, JRSS A 175(1), 2012), widens them: no area
is flagged that the exact limits would not flag.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from cpa_xl import poisson
from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument

TAIL_95, TAIL_998 = 0.025, 0.001
WINSORISED = 0.1
LEAST_COUNT = 0.5  # stands for a count of 0, which has no logarithm
LEAST_AREAS = 2


class Flag(StrEnum):
    """Where an area lies."""

    NONE = ""
    ABOVE_95 = "above 95%"
    BELOW_95 = "below 95%"
    ABOVE_998 = "above 99.8%"
    BELOW_998 = "below 99.8%"


@dataclass(frozen=True, slots=True)
class Area:
    """The count expected of an area, its limits as counts, and where its own count lies."""

    expected: float
    lower_95: float
    upper_95: float
    lower_998: float
    upper_998: float
    flag: Flag


def funnel(
    counts: Sequence[float | None], denominators: Sequence[float | None], overdispersed: bool = False
) -> tuple[Area | None, ...]:
    """The limits and flag of each area; None where count and denominator are both missing.

    Over-dispersed limits are the exact ones where areas differ no more than chance lets them.

    Raises MissingData where one of the two is missing or there are fewer than two areas, Impossible for
    counts below zero, EmptyDenominator where an area or all of them have nothing to divide by.
    """
    if len(counts) != len(denominators):
        raise WrongArgument(f"{len(counts)} counts beside {len(denominators)} denominators: give as many of each")
    areas = [_checked(place, *both) for place, both in enumerate(zip(counts, denominators, strict=True), 1)]
    known = [area for area in areas if area is not None]
    if len(known) < LEAST_AREAS:
        raise MissingData(f"a funnel compares {LEAST_AREAS} areas or more, not {len(known)}")
    total = math.fsum(denominator for _, denominator in known)
    if not total:
        raise EmptyDenominator("nothing to divide by, the denominators add up to 0")
    rate = math.fsum(count for count, _ in known) / total
    variance = between_areas([(count, rate * denominator) for count, denominator in known]) if overdispersed else 0.0
    return tuple(None if area is None else _area(area[0], rate * area[1], variance) for area in areas)


def _checked(place: int, count: float | None, denominator: float | None) -> tuple[float, float] | None:
    """Count and denominator of an area, or None where neither is there."""
    if count is None and denominator is None:
        return None
    if count is None or denominator is None:
        raise MissingData(f"area {place} has no {'count' if count is None else 'denominator'}")
    if count < 0 or denominator < 0:
        raise Impossible(f"area {place}: {count:.15g} of {denominator:.15g} holds a count below zero")
    if count and not denominator:
        raise EmptyDenominator(f"area {place}: {count:.15g} of nothing, the denominator is 0")
    return count, denominator


def between_areas(areas: Sequence[tuple[float, float]]) -> float:
    """The variance tau^2 of the areas' log ratios beyond chance, from (count, expected) pairs; 0 or more.

    max(0, (n phi - (n - 1)) / (sum w - sum w^2 / sum w)), where w is an area's expected count, phi the mean
    square of n z-scores sqrt(w) ln(count / w), those below the 10 % and above the 90 % point moved there.
    Areas of which nothing is expected are left out.
    """
    pairs = [(max(count, LEAST_COUNT), expected) for count, expected in areas if expected > 0]
    scores = [math.sqrt(expected) * math.log(count / expected) for count, expected in pairs]
    weights = [expected for _, expected in pairs]
    if len(pairs) < LEAST_AREAS:
        return 0.0
    low, high = _quantile(scores, WINSORISED), _quantile(scores, 1 - WINSORISED)
    squares = math.fsum(min(max(score, low), high) ** 2 for score in scores)
    spread = math.fsum(weights) - math.fsum(weight**2 for weight in weights) / math.fsum(weights)
    return max(0.0, (squares - (len(pairs) - 1)) / spread)


def _quantile(values: Sequence[float], part: float) -> float:
    """The value at that part of the sorted values, in a straight line between neighbours (R's type 7)."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    before = min(int(place), len(ordered) - 2)
    return ordered[before] + (place - before) * (ordered[before + 1] - ordered[before])


def _area(count: float, expected: float, variance: float) -> Area:
    lower_95, upper_95 = _limits(expected, variance, TAIL_95)
    lower_998, upper_998 = _limits(expected, variance, TAIL_998)
    flag = Flag.NONE
    if count > upper_95:
        flag = Flag.ABOVE_998 if count > upper_998 else Flag.ABOVE_95
    elif count < lower_95:
        flag = Flag.BELOW_998 if count < lower_998 else Flag.BELOW_95
    return Area(expected, lower_95, upper_95, lower_998, upper_998, flag)


def _limits(expected: float, variance: float, tail: float) -> tuple[float, float]:
    """Lower and upper limit of a count: exact, or where there is a variance between areas, wider ones on the log scale.

    Where few are expected a count of 0 lies below every limit on the log scale, however likely it is: the
    exact limit holds there.
    """
    lower, upper = poisson.lower_limit(expected, tail), poisson.upper_limit(expected, tail)
    if not variance or not expected:
        return lower, upper
    width = NormalDist().inv_cdf(1 - tail) * math.sqrt(1 / expected + variance)
    return min(lower, expected * math.exp(-width)), max(upper, expected * math.exp(width))
