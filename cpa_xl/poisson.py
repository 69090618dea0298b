"""Limits of counts: the count that a Poisson distribution reaches or passes with a given chance.

For whole counts the chance of `count` or more, where `mean` are expected, is the regularised incomplete gamma
function P(count, mean); with it there are counts between the whole ones, and limits without steps. It is the
chi-square distribution by another name: the mean that has chance t is half its quantile t at 2 count degrees
of freedom, which is how the exact interval of a count is tabulated.
"""

import math
from statistics import NormalDist

MANY = 1e4  # from here on the series by powers of the mean is right to six decimals of a count
FEW = 1.0  # up to here that series is no use even as a first guess
CLOSE = 1e-11
LEAST_COUNT = 1e-12


def upper_limit(mean: float, tail: float) -> float:
    """The count that is reached or passed with chance `tail` (below 0.5) where `mean` are expected."""
    return _count_with(mean, tail) if mean > 0 else 0.0


def lower_limit(mean: float, tail: float) -> float:
    """The count that is not passed with chance `tail`; 0 where even no event at all is likelier than that."""
    return max(0.0, _count_with(mean, 1 - tail) - 1) if mean > 0 else 0.0


def chance_of(count: float, mean: float) -> float:
    """The chance of so many events or more, P(count, mean), for a count and a mean above 0."""
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

    Evaluated from the front, as the ratio of two sums of growing products kept near 1 (modified Lentz).
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
    """The count, not only a whole one, for which `chance_of` has that value."""
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


def _between(mean: float, chance: float, low: float, high: float) -> float:
    """The count between two others, by regula falsi in the Illinois form; the two move out where they must."""
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
