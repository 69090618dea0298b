"""Sums, averages, rates and changes of monthly counts over a period.

Every figure is made from sums: a rate is the sum of its numerators over the sum of its denominators, never a mean of
rates. Rates, changes and gaps are fractions. Every function over a period raises MissingData if the period lacks a
month, and Impossible for a count below zero or a part that exceeds its whole.
"""

import math

from cpa_xl.errors import EmptyDenominator, Impossible, WrongArgument
from cpa_xl.measures.boroughs import PER, victimisation
from cpa_xl.measures.periods import Period, Series, YearlyValues


def total(series: Series, period: Period) -> float:
    """The sum of the counts of a period."""
    values = series.within(period)
    if values and (least := min(values)) < 0:
        raise Impossible(f"{period.label} holds a count below zero ({least:.15g})")
    return math.fsum(values)


def monthly_average(series: Series, period: Period) -> float:
    """The total of a period divided by the number of its months."""
    return total(series, period) / len(period.months)


def proportion(numerator: float, denominator: float, of_what: str) -> float:
    """A part as a fraction (0 to 1) of its whole; `of_what` names the figure in messages.

    Raises EmptyDenominator for a denominator of 0, Impossible for a negative count or a part above its whole.
    """
    if numerator < 0 or denominator < 0:
        raise Impossible(f"{of_what}: {numerator:.15g} of {denominator:.15g} holds a count below zero")
    if denominator == 0:
        raise EmptyDenominator(f"{of_what}: nothing to divide by, the denominator is 0")
    if numerator > denominator:
        raise Impossible(f"{of_what}: {numerator:.15g} of {denominator:.15g} is more than all")
    return numerator / denominator


def rate(numerators: Series, denominators: Series, period: Period) -> float:
    """The sum of the numerators divided by the sum of the denominators, a fraction."""
    return proportion(total(numerators, period), total(denominators, period), period.label)


def ratio(numerators: Series, denominators: Series, period: Period) -> float:
    """The sum of the numerators divided by the sum of the denominators: any number, such as 2.4 a head.

    With the sum and the number of values it is their mean: the sum over the period divided by the number of values in
    it, never a mean of monthly means. Sums of values may be below zero (days early), denominators may not. Raises
    EmptyDenominator for a denominator of 0.
    """
    above, below = numerators.total(period), total(denominators, period)
    if below == 0:
        raise EmptyDenominator(f"{period.label}: nothing to divide by, the denominator is 0")
    return above / below


def month_value(series: Series, period: Period) -> float:
    """The one value of a month: a median, say, which no other month's can be added to.

    Raises WrongArgument for a period of several months and for a month with several values, MissingData for a month
    without a value.
    """
    if len(period.months) > 1:
        raise WrongArgument(
            f"{period.label} has {len(period.months)} months, and medians cannot be added up: use MONTH"
        )
    values = series.within(period)
    if len(values) > 1:
        raise WrongArgument(
            f"{period.label} has {len(values)} values, and medians cannot be added up: give one a month"
        )
    return values[0]


def rate_per(counts: Series, residents: YearlyValues, period: Period, per: float = PER) -> float:
    """The count of a period for every `per` residents, not scaled up to a year: a crude rate, per * count / residents.

    The residents are those of the latest year that is not after the year in which the period ends (APHO, Technical
    Briefing 3, 2008: observed events over the population at risk). Raises EmptyDenominator without residents, and
    WrongArgument unless `per` is above 0.
    """
    return victimisation(total(counts, period), residents.latest(period.end)[1], per)


def why_rate_per(counts: Series, residents: YearlyValues, period: Period) -> str:
    """What `rate_per` divides, and the residents of which year it divides by."""
    year, number = residents.latest(period.end)
    return f"{total(counts, period):,.15g} in {period.label} among {number:,.15g} residents of {year}"


def change_volume(series: Series, period: Period) -> float:
    """The total minus the total of the same months a year earlier."""
    return total(series, period) - total(series, period.previous)


def change(series: Series, period: Period) -> float:
    """The change on the same months a year earlier, as a fraction of their total.

    Raises EmptyDenominator if that total is 0: no percentage describes growth from 0.
    """
    before = total(series, period.previous)
    now = total(series, period)
    if before == 0:
        raise EmptyDenominator(f"{period.previous.label} has a total of 0, and no change can be measured from it")
    return (now - before) / before


def rate_change(numerators: Series, denominators: Series, period: Period) -> float:
    """The rate minus the rate of the same months a year earlier: points, as a fraction (0.01 for one point)."""
    return rate(numerators, denominators, period) - rate(numerators, denominators, period.previous)


def group_gap(numerator_1: float, denominator_1: float, numerator_2: float, denominator_2: float) -> float:
    """The rate of a first group minus the rate of a second: points, as a fraction."""
    return proportion(numerator_1, denominator_1, "group 1") - proportion(numerator_2, denominator_2, "group 2")
