"""Sums, averages, rates and changes of monthly counts over a period.

Every figure is made of sums: a rate is the sum of its numerators over the sum of its denominators, never
a mean of rates. Rates, changes and gaps are fractions. All raise MissingData where a month of the period is
not there, and Impossible for counts below zero or more successes than trials.
"""

import math

from cpa_xl.errors import EmptyDenominator, Impossible
from cpa_xl.measures.periods import Period, Series


def total(series: Series, period: Period) -> float:
    """The sum of the counts of a period."""
    values = series.within(period)
    if values and (least := min(values)) < 0:
        raise Impossible(f"{period.label} holds a count below zero ({least:.15g})")
    return math.fsum(values)


def monthly_average(series: Series, period: Period) -> float:
    """The total of a period divided by its months."""
    return total(series, period) / len(period.months)


def proportion(numerator: float, denominator: float, of_what: str) -> float:
    """One count as a fraction of another that includes it; `of_what` names it in messages.

    Raises EmptyDenominator where there is nothing to divide by, Impossible for negative counts or where the
    part is more than the whole.
    """
    if numerator < 0 or denominator < 0:
        raise Impossible(f"{of_what}: {numerator:.15g} of {denominator:.15g} holds a count below zero")
    if denominator == 0:
        raise EmptyDenominator(f"{of_what}: nothing to divide by, the denominator is 0")
    if numerator > denominator:
        raise Impossible(f"{of_what}: {numerator:.15g} of {denominator:.15g} is more than all")
    return numerator / denominator


def rate(numerators: Series, denominators: Series, period: Period) -> float:
    """The sum of the numerators over the sum of the denominators, as a fraction."""
    return proportion(total(numerators, period), total(denominators, period), period.label)


def change_volume(series: Series, period: Period) -> float:
    """The total less the total of the same months a year earlier."""
    return total(series, period) - total(series, period.previous)


def change(series: Series, period: Period) -> float:
    """The change on the same months a year earlier, as a fraction of that year's total.

    Raises EmptyDenominator where that total is zero: nothing grows from zero by a percentage.
    """
    before = total(series, period.previous)
    now = total(series, period)
    if before == 0:
        raise EmptyDenominator(f"{period.previous.label} has a total of 0, and no change can be measured from it")
    return (now - before) / before


def rate_change(numerators: Series, denominators: Series, period: Period) -> float:
    """The rate less the rate of the same months a year earlier: points, as a fraction."""
    return rate(numerators, denominators, period) - rate(numerators, denominators, period.previous)


def group_gap(numerator_1: float, denominator_1: float, numerator_2: float, denominator_2: float) -> float:
    """The rate of a first group less the rate of a second, as a fraction."""
    return proportion(numerator_1, denominator_1, "group 1") - proportion(numerator_2, denominator_2, "group 2")
