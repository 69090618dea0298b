"""How far chance alone may move a figure: intervals for proportions, counts and gaps, and limits of Poisson counts.

The intervals are those of public health indicators in England: Wilson's score interval for a proportion (Wilson 1927;
method 3 of Newcombe, Statistics in Medicine 1998, 17, 857-872); for a count the exact one below 10 and Byar's from 10
on (Breslow and Day 1987; Association of Public Health Observatories, Technical Briefing 3, 2008; Fingertips technical
guidance); and Newcombe's hybrid of two Wilson intervals for a gap (method 10, ibid. 873-890). Proportions, gaps and
levels are fractions.

The limits are the counts that a Poisson count with a given mean reaches with a given chance. For whole counts the
chance of `count` or more is the regularised incomplete gamma function P(count, mean). The function also takes counts
between whole numbers, so the limits have no steps. It is the chi-square distribution under another name: the mean
with chance t is half the chi-square quantile t with 2 * count degrees of freedom, as tables of exact intervals use it.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from cpa_xl.errors import Impossible, WrongArgument
from cpa_xl.measures.figures import as_fraction, same_figure
from cpa_xl.measures.rates import group_gap, proportion
from cpa_xl.wording import Word

LEVEL = 0.95
BYAR_FROM = 10  # Byar's formula is close from here on; below, the exact interval is given

MANY = 1e4  # for this mean or more, the series by powers of the mean is right to six decimals of a count
FEW = 1.0  # below this mean, that series is useless even as a first guess
CLOSE = 1e-11
LEAST_COUNT = 1e-12


class IntervalKind(Word):
    """What an interval is for: a part of a whole, or a count of events (alone or per unit)."""

    PROPORTION = "proportion"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Interval:
    """The two ends of an interval."""

    low: float
    high: float


def z_of(level: float) -> float:
    """The z for which mean ± z standard deviations hold the fraction `level` of a normal distribution.

    Raises WrongArgument unless the level lies between 0 and 1.
    """
    if level > 1:
        raise WrongArgument(f"level {level:.15g}: {as_fraction(level)}")
    if not 0 < level < 1:
        raise WrongArgument(f"a level of {level:.15g} will not do: write a fraction between 0 and 1, such as 0.95")
    return -NormalDist().inv_cdf((1 - level) / 2)  # the tail keeps its digits if a level is nearly 1


def wilson(part: float, whole: float, level: float = LEVEL) -> Interval:
    """Wilson's interval for `part` of `whole`: (2x + z² ± z √(z² + 4x(1 - x/n))) / (2(n + z²)).

    `part` and `whole` need not be whole numbers: a design effect divides both. Raises the errors of `rates.proportion`
    and `z_of`.
    """
    z = z_of(level)
    share = proportion(part, whole, "the interval")
    middle, reach = 2 * part + z * z, z * math.sqrt(z * z + 4 * part * (1 - share))
    both = 2 * (whole + z * z)
    return Interval(
        max(0.0, (middle - reach) / both) if part else 0.0, min(1.0, (middle + reach) / both) if part < whole else 1.0
    )


def byar(count: float, level: float = LEVEL) -> Interval:
    """Byar's interval for a count O: from O (1 - 1/(9O) - z/(3√O))³ to the same with O + 1 and + z.

    For fewer than about five events and a high level the formula gives a lower end below 0; the interval then starts
    at 0. Raises Impossible for a count below zero.
    """
    z = z_of(level)
    _refuse_negative(count)
    return Interval(max(0.0, _byar_end(count, -z)) if count else 0.0, _byar_end(count + 1, z))


def _byar_end(count: float, z: float) -> float:
    root = 1 - 1 / (9 * count) + z / (3 * math.sqrt(count))
    return float(count * root**3)


def exact(count: float, level: float = LEVEL) -> Interval:
    """The exact Poisson interval of a count: the means for which it is as far out as the level allows.

    The low end is half the chi-square quantile (1 - level)/2 with 2 * count degrees of freedom, the high end half the
    quantile (1 + level)/2 with 2 * count + 2 (Garwood, Biometrika 1936, 28, 437-442). Raises Impossible for a count
    below zero.
    """
    z_of(level)
    _refuse_negative(count)
    tail = (1 - level) / 2
    return Interval(_mean_with(count, tail) if count else 0.0, _mean_with(count + 1, 1 - tail))


def count_interval(count: float, level: float = LEVEL) -> Interval:
    """The interval of a count as public health indicators in England have it: exact below 10, Byar's from 10 on."""
    return exact(count, level) if count < BYAR_FROM else byar(count, level)


def _refuse_negative(count: float) -> None:
    if count < 0:
        raise Impossible(f"the interval: {count:.15g} is a count below zero")


def _refuse_parts(name: str, value: float) -> None:
    """Raise WrongArgument for a number of events that is not whole, as weighted answers are."""
    if not same_figure(value, round(value)):
        raise WrongArgument(
            f"{name} is {value:.15g}, and events are counted in whole numbers: give the number counted, without weights"
        )


def interval(x: float, n: float | None, kind: IntervalKind = IntervalKind.PROPORTION, level: float = LEVEL) -> Interval:
    """The interval of a proportion x / n, of a count x (without `n`), or of a count per n (a rate).

    Raises WrongArgument for a proportion without `n` and for events that are not whole, Impossible for an `n` of 0 or
    less.
    """
    _refuse_parts("x", x)
    if kind is IntervalKind.PROPORTION:
        if n is None:
            raise WrongArgument("a proportion needs its n: write the number asked, or count as the kind")
        _refuse_parts("n", n)
        return wilson(x, n, level)
    found = count_interval(x, level)
    if n is None:
        return found
    if n <= 0:
        raise Impossible(f"a count per n needs an n above 0, not {n:.15g}")
    return Interval(found.low / n, found.high / n)


def gap_interval(
    part_1: float, whole_1: float, part_2: float, whole_2: float, level: float = LEVEL, *, design_effect: float = 1
) -> Interval:
    """Newcombe's interval for the first group's proportion minus the second's.

    From the gap d it reaches down √((p1 - l1)² + (u2 - p2)²) and up √((u1 - p1)² + (p2 - l2)²), with the ends l and u
    of Wilson's intervals. Answers of a survey that is not a simple random sample tell less: the design effect divides
    their numbers. Raises the errors of `rates.group_gap`, and WrongArgument for a design effect below 1.
    """
    if design_effect < 1:
        raise WrongArgument(
            f"a design effect of {design_effect:.15g} will not do: no design tells more than a simple random sample of"
            " the same size is taken to tell; write 1 for that, or more"
        )
    gap = group_gap(part_1, whole_1, part_2, whole_2)
    first = wilson(part_1 / design_effect, whole_1 / design_effect, level)
    second = wilson(part_2 / design_effect, whole_2 / design_effect, level)
    p1, p2 = part_1 / whole_1, part_2 / whole_2
    return Interval(
        gap - math.hypot(p1 - first.low, second.high - p2), gap + math.hypot(first.high - p1, p2 - second.low)
    )


def upper_limit(mean: float, tail: float) -> float:
    """The count that a Poisson count with this mean reaches or exceeds with chance `tail` (below 0.5)."""
    return _count_with(mean, tail) if mean > 0 else 0.0


def lower_limit(mean: float, tail: float) -> float:
    """The count that a Poisson count with this mean does not exceed with chance `tail`; 0 if no event is likelier."""
    return max(0.0, _count_with(mean, 1 - tail) - 1) if mean > 0 else 0.0


def chance_of(count: float, mean: float) -> float:
    """The chance of `count` events or more, P(count, mean), for a count and a mean above 0."""
    scale = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    if mean < count + 1:
        return scale * _power_series(count, mean)
    return 1 - scale * count * _continued_fraction(count, mean)


def _power_series(count: float, mean: float) -> float:
    """1 + mean/(count+1) + mean^2/((count+1)(count+2)) + ... (Abramowitz and Stegun 6.5.29)."""
    term = total = 1.0
    while term > total * CLOSE / 1e6:
        count += 1
        term *= mean / count
        total += term
    return total


def _continued_fraction(count: float, mean: float) -> float:
    """1/(mean+1-count - 1(1-count)/(mean+3-count - ...)) (Abramowitz and Stegun 6.5.31, even part).

    Evaluated from the front, with the ratio of two growing products kept near 1 (modified Lentz).
    """
    partial = mean + 1 - count
    ratio = 1 / partial
    value, front, step = ratio, math.inf, 0
    while True:
        step += 1
        numerator = step * (count - step)
        partial += 2
        ratio = 1 / (partial + numerator * ratio)
        front = partial + numerator / front
        value *= front * ratio
        if abs(front * ratio - 1) < CLOSE / 1000:
            return value


def _count_with(mean: float, chance: float) -> float:
    """The count, whole or not, for which `chance_of` equals `chance`."""
    if mean < FEW:
        return _between(mean, chance, LEAST_COUNT, 1.0)
    guess = _by_powers(mean, NormalDist().inv_cdf(1 - chance))
    if mean >= MANY:
        return guess
    return _between(mean, chance, max(LEAST_COUNT, guess - 1), guess + 1)


def _by_powers(mean: float, z: float) -> float:
    """The count by powers of the square root of the mean (Giles, ACM TOMS 42(1), 2016, Algorithm 955)."""
    root = math.sqrt(mean)
    third = (-z / 36 - z**3 / 72) / root
    fourth = (-8 / 405 + 7 * z**2 / 810 + z**4 / 270) / mean
    return mean + z * root + 1 / 3 + z**2 / 6 + third + fourth


def _mean_with(count: float, chance: float) -> float:
    """The mean for which `count` or more has this chance; the chance grows with the mean."""
    low, high = 0.0, max(1.0, 2 * count)
    while chance_of(count, high) < chance:
        low, high = high, 2 * high
    while high - low > CLOSE * high and high > LEAST_COUNT**2:
        middle = (low + high) / 2
        low, high = (low, middle) if chance_of(count, middle) > chance else (middle, high)
    return (low + high) / 2


def _between(mean: float, chance: float, low: float, high: float) -> float:
    """The count between `low` and `high`, by regula falsi in the Illinois form; both move out if they must."""
    while low > LEAST_COUNT and chance_of(low, mean) < chance:
        low = max(LEAST_COUNT, low - (high - low))
    while chance_of(high, mean) > chance:
        high += high - low
    above, below = chance_of(low, mean) - chance, chance_of(high, mean) - chance
    moved = 0
    while high - low > CLOSE * high:
        middle = low + (high - low) * above / (above - below)
        error = chance_of(middle, mean) - chance
        if abs(error) < CLOSE * chance:
            return middle
        if error > 0:
            low, above = middle, error
            below = below / 2 if moved > 0 else below
            moved = 1
        else:
            high, below = middle, error
            above = above / 2 if moved < 0 else above
            moved = -1
    return (low + high) / 2
