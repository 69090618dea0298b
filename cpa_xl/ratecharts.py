"""Limits for monthly rates whose denominators differ: the u and p charts, and Laney's u' and p'.

A u chart is for events in something (offences per 1,000 residents), a p chart for parts of a whole
(detections of offences). Both take it that months differ by chance alone; with thousands of events a month
they never do, and nearly every month would stand outside. Laney's charts (Quality Engineering 14(4), 2002)
measure by how much more neighbouring months differ, and widen the limits by that.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.rates import proportion
from cpa_xl.spc import D2
from cpa_xl.vocabulary import Word

SIGMAS = 3


class RateChart(Word):
    """The kind of chart."""

    U = "u"
    U_PRIME = "u_prime"
    P = "p"
    P_PRIME = "p_prime"

    @property
    def of_a_whole(self) -> bool:
        """Whether the numerator is part of the denominator."""
        return self in (RateChart.P, RateChart.P_PRIME)

    @property
    def laney(self) -> bool:
        """Whether the limits are widened by what neighbours differ beyond chance."""
        return self in (RateChart.U_PRIME, RateChart.P_PRIME)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """A month's rate, the rate of all months together, and the month's limits."""

    rate: float
    mean: float
    lower: float
    upper: float


def rate_limits(
    numerators: Sequence[float | None], denominators: Sequence[float | None], kind: RateChart
) -> tuple[RateLimits | None, ...]:
    """The limits of each month in order, 3 standard deviations from the mean rate; None for a missing month.

    No lower limit is below 0, and no upper one of a p chart above 1. Laney's factor is the mean moving range
    of the z-scores divided by 1.128; no moving range reaches over a missing month.

    Raises EmptyDenominator for a month with nothing to divide by, Impossible for counts below zero or, in a p
    chart, more than all, MissingData with no month, or for Laney's charts with no two next to each other.
    """
    if len(numerators) != len(denominators):
        raise WrongArgument(
            f"{len(numerators)} numerators beside {len(denominators)} denominators: give as many of each"
        )
    months = [
        None if part is None or whole is None else (part, whole)
        for part, whole in zip(numerators, denominators, strict=True)
    ]
    known = [month for month in months if month is not None]
    if not known:
        raise MissingData("no month has a numerator and a denominator")
    for place, month in enumerate(months, 1):
        if month is not None:
            _check(*month, kind, f"month {place}")
    mean = math.fsum(part for part, _ in known) / math.fsum(whole for _, whole in known)
    unit = math.sqrt(mean * (1 - mean) if kind.of_a_whole else mean)
    factor = _laney_factor(months, mean, unit) if kind.laney else 1.0
    most = 1.0 if kind.of_a_whole else math.inf
    limits: list[RateLimits | None] = []
    for month in months:
        if month is None:
            limits.append(None)
            continue
        part, whole = month
        width = SIGMAS * factor * unit / math.sqrt(whole)
        limits.append(RateLimits(part / whole, mean, max(0.0, mean - width), min(most, mean + width)))
    return tuple(limits)


def _check(part: float, whole: float, kind: RateChart, where: str) -> None:
    if kind.of_a_whole:
        proportion(part, whole, where)
    elif part < 0 or whole < 0:
        raise Impossible(f"{where}: {part:.15g} of {whole:.15g} holds a count below zero")
    elif whole == 0:
        raise EmptyDenominator(f"{where}: nothing to divide by, the denominator is 0")


def _laney_factor(months: Sequence[tuple[float, float] | None], mean: float, unit: float) -> float:
    """By how much more neighbouring months differ than by chance; 1 where every rate is 0 or every one 1."""
    scores = [None if month is None else _score(*month, mean, unit) for month in months]
    ranges = [abs(after - before) for before, after in pairwise(scores) if before is not None and after is not None]
    if not ranges:
        raise MissingData("no two months stand next to each other, and Laney's charts are made of neighbours")
    return math.fsum(ranges) / len(ranges) / D2 if unit else 1.0


def _score(part: float, whole: float, mean: float, unit: float) -> float:
    return (part / whole - mean) * math.sqrt(whole) / unit if unit else 0.0
